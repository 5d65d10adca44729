/* See classify.h.  The first difference decides: whether an error came or went, then
 * what the tensor around it is like on both sides, then the words on its lines. */
#include "runner/run/classify.h"

#include "runner/run/tensor_diff.h"
#include "runner/text/diff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *failure_name(FailureClass kind) {
    static const char *const names[] = {
#define X(id, name, shown) name,
        FAILURE_CLASSES(X)
#undef X
    };
    return names[kind];
}

const char *failure_shown(FailureClass kind) {
    static const char *const names[] = {
#define X(id, name, shown) shown,
        FAILURE_CLASSES(X)
#undef X
    };
    return names[kind];
}

/* ---- errors ---- */

/* The line that names an exception, and how much of it is the type. */
typedef struct ErrorLine {
    const char *text; /* NULL when there is none */
    size_t at, type_len, len;
} ErrorLine;

static bool ends_with(const char *s, size_t n, const char *end) {
    size_t m = strlen(end);
    return n >= m && memcmp(s + n - m, end, m) == 0;
}

static bool is_error_type(const char *s, size_t n) {
    for (ErrorKind kind = BaseException; kind < ERROR_KIND_COUNT; kind++) {
        const char *name = error_kind_name(kind);
        if (strlen(name) == n && memcmp(name, s, n) == 0)
            return !ends_with(s, n, "Warning");
    }
    return ends_with(s, n, "Error") || ends_with(s, n, "Exception");
}

static ErrorLine find_error(const MaskedText *m) {
    ErrorLine found = {.text = NULL};
    const char *end = m->text + m->len;
    for (const char *s = m->text; s < end;) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        size_t len = nl ? (size_t)(nl - s) : (size_t)(end - s), n = 0;
        while (n < len && is_ascii_word(s[n])) n++;
        bool whole = n == len || (s[n] == ':' && n + 1 < len && s[n + 1] == ' ');
        if (n && whole && is_error_type(s, n))
            found = (ErrorLine){s, (size_t)(s - m->text), n, len};
        s = nl ? nl + 1 : end;
    }
    return found;
}

static bool judge_types(const ErrorLine *e, const ErrorLine *a, Difference *d) {
    if (e->type_len == a->type_len && memcmp(e->text, a->text, e->type_len) == 0)
        return false;
    d->kind = FAILURE_ERROR_TYPE;
    snprintf(d->note, sizeof d->note, "expected %.*s, got %.*s", (int)e->type_len,
             e->text, (int)a->type_len, a->text);
    return true;
}

static bool same_line(const ErrorLine *e, const ErrorLine *a) {
    return e->text && a->text && e->len == a->len &&
           memcmp(e->text, a->text, e->len) == 0;
}

/* True when the difference is one of errors. What looks like an error may be a line
 * that the cell prints itself: then it is there on both sides. */
static bool judge_errors(const Sides *s, Difference *d) {
    ErrorLine e = find_error(&s->expected), a = find_error(&s->actual);
    if (!s->raised && same_line(&e, &a)) return false;
    if (!s->raised) a.text = NULL;
    if (!e.text && !a.text) return false;
    if (!e.text || !a.text) {
        d->kind = e.text ? FAILURE_NO_ERROR : FAILURE_UNEXPECTED_ERROR;
        return true;
    }
    if (judge_types(&e, &a, d)) return true;
    d->kind = FAILURE_ERROR_MESSAGE;
    return s->comparison.expected_at >= e.at && s->comparison.actual_at >= a.at;
}

/* ---- tensors ---- */

/* The tensor that the first difference is in. */
static bool find_tensor(Arena *a, const MaskedText *m, size_t at, TensorText *t) {
    static const char word[] = "tensor(";
    enum { LEN = sizeof word - 1 };
    if (m->len < LEN) return false;
    size_t start = at < m->len - LEN ? at : m->len - LEN;
    while (start > 0 && memcmp(m->text + start, word, LEN) != 0) start--;
    return tensor_text_read(a, m->text + start, m->text + m->len, t) &&
           start + t->len >= at;
}

static bool judge_tensors(Arena *a, const Sides *s, Difference *d) {
    TensorText e, t;
    if (!find_tensor(a, &s->expected, s->comparison.expected_at, &e) ||
        !find_tensor(a, &s->actual, s->comparison.actual_at, &t))
        return false;
    Buf note;
    buf_init(&note, &a->ctx->mem);
    d->kind = tensor_diff(&e, &t, &note, &d->movement);
    snprintf(d->note, sizeof d->note, "%s", buf_text(&note));
    buf_free(&note);
    return true;
}

/* ---- other texts ---- */

/* True when lines were only added, or only left out. */
static bool judge_lines(Arena *a, const Sides *s, Difference *d) {
    Diff diff;
    bool adds = false, drops = false;
    bool done = diff_texts(&diff, &a->ctx->mem, s->expected.text, s->expected.len,
                           s->actual.text, s->actual.len);
    for (size_t i = 0; done && i < diff.n; i++) {
        adds |= diff.hunks[i].b_n > 0;
        drops |= diff.hunks[i].a_n > 0;
    }
    diff_free(&diff);
    d->kind = adds ? FAILURE_NEW_OUTPUT : FAILURE_MISSING_OUTPUT;
    return done && adds != drops;
}

static bool is_space(char ch) {
    return ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r';
}

static bool same_but_space(const MaskedText *e, const MaskedText *a) {
    size_t i = 0, k = 0;
    for (;;) {
        while (i < e->len && is_space(e->text[i])) i++;
        while (k < a->len && is_space(a->text[k])) k++;
        if (i == e->len || k == a->len) return i == e->len && k == a->len;
        if (e->text[i++] != a->text[k++]) return false;
    }
}

/* The word that the first difference is in, dots included. */
static const char *find_word(const MaskedText *m, size_t at, size_t *len) {
    size_t start = at, end = at;
    while (start > 0 &&
           (is_ascii_word(m->text[start - 1]) || m->text[start - 1] == '.'))
        start--;
    while (end < m->len && (is_ascii_word(m->text[end]) || m->text[end] == '.')) end++;
    *len = end - start;
    return m->text + start;
}

static bool is_dtype(const MaskedText *m, size_t at) {
    size_t len;
    const char *word = find_word(m, at, &len);
    return len > 6 && memcmp(word, "torch.", 6) == 0;
}

static bool is_node(const MaskedText *m, size_t at) {
    size_t len;
    const char *word = find_word(m, at, &len);
    for (size_t i = 0; i + 8 <= len; i++)
        if (memcmp(word + i, "Backward", 8) == 0) return true;
    return false;
}

/* Inside torch.Size([...]). */
static bool is_size(const MaskedText *m, size_t at) {
    for (size_t i = at; i >= 6 && m->text[i - 1] != '\n' && m->text[i - 1] != ')'; i--)
        if (memcmp(m->text + i - 6, "Size([", 6) == 0) return true;
    return false;
}

static bool both(const Sides *s, bool (*test)(const MaskedText *m, size_t at)) {
    return test(&s->expected, s->comparison.expected_at) &&
           test(&s->actual, s->comparison.actual_at);
}

/* The number that the word there is, a sign before it included. */
static bool read_number(const MaskedText *m, size_t at, double *number, int *len,
                        const char **text) {
    size_t n;
    const char *word = find_word(m, at, &n);
    if (word > m->text && (word[-1] == '-' || word[-1] == '+')) word--, n++;
    char *end;
    *number = strtod(word, &end);
    *text = word;
    *len = (int)n;
    return n > 0 && n < 64 && end == word + n;
}

/* Python's numbers are of double precision. */
static void note_numbers(Arena *arena, const Sides *s, Difference *d) {
    double from, to;
    const char *from_text, *to_text;
    int from_len, to_len;
    if (!read_number(&s->expected, s->comparison.expected_at, &from, &from_len,
                     &from_text) ||
        !read_number(&s->actual, s->comparison.actual_at, &to, &to_len, &to_text))
        return;
    Buf note;
    buf_init(&note, &arena->ctx->mem);
    buf_printf(&note, "%.*s to %.*s", from_len, from_text, to_len, to_text);
    if (isfinite(from) && isfinite(to)) {
        bool is_float = memchr(from_text, '.', (size_t)from_len) ||
                        memchr(to_text, '.', (size_t)to_len);
        buf_puts(&note, ", by ");
        tensor_diff_distance(&note, is_float ? "float64" : "int64", from, to);
    }
    snprintf(d->note, sizeof d->note, "%s", buf_text(&note));
    buf_free(&note);
}

static void judge_words(Arena *a, const Sides *s, Difference *d) {
    d->kind = FAILURE_VALUES;
    if (same_but_space(&s->expected, &s->actual)) {
        d->kind = FAILURE_FORMAT;
        snprintf(d->note, sizeof d->note, "only white space differs");
    } else if (both(s, is_size)) {
        d->kind = FAILURE_SHAPE;
    } else if (both(s, is_dtype)) {
        d->kind = FAILURE_DTYPE;
    } else if (both(s, is_node)) {
        d->kind = FAILURE_GRAD_FN;
    } else {
        note_numbers(a, s, d);
    }
}

/* ---- advice ---- */

/* The least tolerance of one digit that is enough, when all that differs is digits
 * that moved a little. */
static void advise(const Sides *s, Difference *d) {
    CompareRule rule = *s->rule;
    CompareUse use = {0, 0};
    rule.tolerant = true;
    rule.rtol = fmax(rule.rtol, 1e-2);
    rule.atol = fmax(rule.atol, 1e-2);
    Comparison near = compare_texts(&rule, &s->expected, &s->actual, &use);
    if (!near.equal || near.moved == 0) return;
    rule.rtol = s->rule->rtol;
    int exponent = (int)floor(log10(near.most));
    double unit = pow(10, exponent);
    int digit = (int)ceil(near.most / unit * (1 - 1e-9));
    if (digit == 10) exponent++, digit = 1;
    char atol[24];
    snprintf(atol, sizeof atol, "%de%d", digit, exponent);
    rule.atol = strtod(atol, NULL);
    if (!compare_texts(&rule, &s->expected, &s->actual, &use).equal) return;
    if (rule.rtol > 0)
        snprintf(d->advice, sizeof d->advice,
                 "would match with: compare: {rtol: %g, atol: %s}", rule.rtol, atol);
    else
        snprintf(d->advice, sizeof d->advice, "would match with: compare: {atol: %s}",
                 atol);
}

void classify(Arena *a, const Sides *s, Difference *d) {
    *d = (Difference){.kind = FAILURE_NONE};
    if (judge_errors(s, d) || judge_lines(a, s, d)) return;
    if (!judge_tensors(a, s, d)) judge_words(a, s, d);
    if (d->kind == FAILURE_VALUES) advise(s, d);
}
