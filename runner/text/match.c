/* See match.h.  Operators wait on a stack until those that bind closer are done, so
 * that the steps come out in the order they are evaluated, however deep the
 * parentheses. */
#include "runner/text/match.h"

#include <ctype.h>
#include <string.h>

/* Those that bind closer are greater. */
typedef enum StepKind {
    STEP_OPEN, /* a parenthesis, only while parsing */
    STEP_OR,
    STEP_AND,
    STEP_NOT,
    STEP_WORD
} StepKind;

struct MatchStep {
    StepKind kind;
    const char *word;
    size_t len;
};

typedef struct Reader {
    const char *text, *at;
    Match *match;
    MatchStep *waiting;
    size_t n_waiting;
    bool operand; /* a word has to come next */
    Problem *problem;
} Reader;

static bool refuse(const Reader *r, const char *what) {
    problem_set(r->problem, PROBLEM_INPUT, "-k: %s at character %zu of `%.80s`", what,
                (size_t)(r->at - r->text) + 1, r->text);
    return problem_hint(r->problem, "for example -k 'exp and not (backward or grad)'");
}

/* Moves the waiting operators that bind at least as closely into the steps. */
static void settle(Reader *r, StepKind kind) {
    while (r->n_waiting && r->waiting[r->n_waiting - 1].kind >= kind)
        r->match->steps[r->match->n++] = r->waiting[--r->n_waiting];
}

static bool take_operator(Reader *r, StepKind kind) {
    if (r->operand) return refuse(r, "a word is missing");
    settle(r, kind);
    r->waiting[r->n_waiting++] = (MatchStep){.kind = kind};
    r->operand = true;
    return true;
}

static bool take_prefix(Reader *r, StepKind kind) {
    if (!r->operand) return refuse(r, "`and` or `or` is missing");
    r->waiting[r->n_waiting++] = (MatchStep){.kind = kind};
    return true;
}

static bool take_close(Reader *r) {
    if (r->operand) return refuse(r, "a word is missing");
    settle(r, STEP_OR);
    if (!r->n_waiting) return refuse(r, "this parenthesis was never opened");
    r->n_waiting--;
    return true;
}

static bool take_word(Reader *r, const char *word, size_t len) {
    if (!r->operand) return refuse(r, "`and` or `or` is missing");
    r->match->steps[r->match->n++] = (MatchStep){STEP_WORD, word, len};
    r->operand = false;
    return true;
}

/* The same letters, in upper or lower case; a text that ends before n is another. */
static bool same_letters(const char *a, const char *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i])) return false;
    return true;
}

static bool is_word(const char *s, size_t len, const char *word) {
    return strlen(word) == len && same_letters(s, word, len);
}

static bool take_token(Reader *r) {
    const char *s = r->at;
    size_t len = *s == '(' || *s == ')' ? 1 : strcspn(s, "() \t\n");
    bool taken = *s == '('                ? take_prefix(r, STEP_OPEN)
                 : *s == ')'              ? take_close(r)
                 : is_word(s, len, "not") ? take_prefix(r, STEP_NOT)
                 : is_word(s, len, "and") ? take_operator(r, STEP_AND)
                 : is_word(s, len, "or")  ? take_operator(r, STEP_OR)
                                          : take_word(r, s, len);
    r->at += len;
    return taken;
}

bool match_parse(Arena *a, const char *text, Match *m, Problem *p) {
    size_t most = strlen(text) + 1;
    *m = (Match){.steps = arena_alloc(a, most * sizeof *m->steps),
                 .values = arena_alloc(a, most * sizeof *m->values)};
    Reader r = {.text = text,
                .at = text,
                .match = m,
                .waiting = arena_alloc(a, most * sizeof *m->steps),
                .operand = true,
                .problem = p};
    if (!m->steps || !m->values || !r.waiting) return false;
    for (;;) {
        r.at += strspn(r.at, " \t\n");
        if (!*r.at) break;
        if (!take_token(&r)) return false;
    }
    if (m->n == 0 && r.n_waiting == 0) return true;
    if (r.operand) return refuse(&r, "a word is missing");
    settle(&r, STEP_OR);
    return r.n_waiting == 0 || refuse(&r, "a parenthesis was not closed");
}

static bool holds(const char *name, const char *word, size_t len) {
    for (size_t left = strlen(name); left >= len; left--, name++)
        if (same_letters(name, word, len)) return true;
    return false;
}

bool match_test(const Match *m, const char *name) {
    bool *v = m->values;
    size_t n = 0; /* values not used up yet */
    for (size_t i = 0; i < m->n; i++) {
        const MatchStep *step = &m->steps[i];
        switch (step->kind) {
        case STEP_WORD: v[n++] = holds(name, step->word, step->len); break;
        case STEP_NOT: v[n - 1] = !v[n - 1]; break;
        case STEP_AND: n--, v[n - 1] &= v[n]; break;
        case STEP_OR: n--, v[n - 1] |= v[n]; break;
        case STEP_OPEN: break;
        }
    }
    return n == 0 || v[0];
}
