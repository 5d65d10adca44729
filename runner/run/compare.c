/* See compare.h. */
#include "runner/run/compare.h"

#include <float.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

/* ---- masks ---- */

/* Marks every match of one pattern. A NUL in the text ends what the C library sees of
 * it, so the search goes on behind each. */
static bool mark_matches(const regex_t *regex, const char *text, size_t len,
                         char *marks) {
    bool matched = false;
    for (size_t at = 0; at <= len;) {
        regmatch_t match;
        int flags = at == 0 || text[at - 1] == '\n' ? 0 : REG_NOTBOL;
        if (regexec(regex, text + at, 1, &match, flags)) {
            at += strlen(text + at) + 1;
            continue;
        }
        size_t start = at + (size_t)match.rm_so,
               n = (size_t)(match.rm_eo - match.rm_so);
        memset(marks + start, 1, n);
        matched |= n > 0;
        at = start + (n ? n : 1);
    }
    return matched;
}

/* The text without its marked bytes. */
static bool cut_marked(Arena *a, const char *text, size_t len, const char *marks,
                       MaskedText *out) {
    uint32_t n = 0;
    for (size_t i = 0; i < len; i++) n += marks[i] && (i == 0 || !marks[i - 1]);
    char *left = arena_alloc(a, len + 1);
    *out = (MaskedText){.text = left, .cuts = arena_alloc(a, n * sizeof *out->cuts)};
    if (!left || !out->cuts) return false;
    for (size_t i = 0; i < len;) {
        const char *mark = memchr(marks + i, !marks[i], len - i);
        size_t run = mark ? (size_t)(mark - marks) - i : len - i;
        if (marks[i]) {
            out->cuts[out->n_cuts++] = (struct MaskCut){out->len, run};
        } else {
            memcpy(left + out->len, text + i, run);
            out->len += run;
        }
        i += run;
    }
    return true;
}

bool compare_mask(Arena *a, const CompareRule *rule, const char *text, size_t len,
                  MaskedText *out, CompareUse *use) {
    *out = (MaskedText){.text = text, .len = len};
    if (rule->n_masks == 0) return true;
    char *marks = arena_alloc(a, len + 1);
    for (uint32_t i = 0; marks && i < rule->n_masks; i++) {
        regex_t regex;
        if (regcomp(&regex, rule->masks[i].pattern, REG_EXTENDED | REG_NEWLINE)) {
            error_raise(a->ctx, MemoryError, "%s", "");
            return false;
        }
        if (mark_matches(&regex, text, len, marks)) use->masks |= UINT64_C(1) << i;
        regfree(&regex);
    }
    return marks && cut_marked(a, text, len, marks, out);
}

size_t compare_unmasked(const MaskedText *m, size_t at) {
    size_t before = 0;
    for (uint32_t i = 0; i < m->n_cuts && m->cuts[i].at <= at; i++)
        before += m->cuts[i].len;
    return at + before;
}

/* ---- tolerance ---- */

/* A walk over a text, token by token. */
typedef struct Walk {
    const char *start, *at, *end;
    int depth; /* of parentheses inside tensor(...), 0 outside */
} Walk;

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* A number with a point or an exponent, nan or inf; a sign belongs to it. NULL when
 * none is here, else its end. What is part of a name is no number. */
static const char *number_end(const Walk *w, double *value) {
    const char *s = w->at;
    if (s > w->start && is_ascii_word(s[-1])) return NULL;
    if (s < w->end && (*s == '-' || *s == '+')) s++;
    bool word =
        w->end - s >= 3 && (memcmp(s, "inf", 3) == 0 || memcmp(s, "nan", 3) == 0);
    if (s == w->end || !(is_digit(*s) || *s == '.' || word)) return NULL;
    char *stop;
    *value = strtod(w->at, &stop);
    if (stop == w->at || stop > w->end) return NULL;
    if (stop < w->end && is_ascii_word(*stop)) return NULL;
    bool is_float = word;
    for (; s < stop && *s != 'x'; s++) is_float |= *s == '.' || *s == 'e';
    return is_float ? stop : NULL;
}

static void skip_space(Walk *w) {
    while (w->depth && w->at < w->end && (*w->at == ' ' || *w->at == '\n')) w->at++;
}

/* Steps over one byte that was equal on both sides. */
static void step(Walk *w) {
    char ch = *w->at;
    bool opens =
        ch == '(' && w->at - w->start >= 6 && memcmp(w->at - 6, "tensor", 6) == 0;
    if (opens || (w->depth && ch == '('))
        w->depth++;
    else if (w->depth && ch == ')')
        w->depth--;
    w->at++;
}

/* The digits shown are decimal: the difference of two of them is off by some units in
 * the last place, which must not count. */
static bool is_near(const CompareRule *rule, double e, double a) {
    if (isnan(e) || isnan(a)) return isnan(e) && isnan(a);
    if (isinf(e) || isinf(a)) return e == a;
    double slack = 4 * DBL_EPSILON * fmax(fabs(e), fabs(a));
    return fabs(a - e) <= rule->atol + rule->rtol * fabs(e) + slack;
}

static bool compare_number(const CompareRule *rule, double e, double a, Comparison *c) {
    if (!is_near(rule, e, a)) return false;
    if (e == a || isnan(e)) return true;
    c->moved++;
    c->most = fmax(c->most, fabs(a - e));
    return true;
}

static Comparison compare_numbers(const CompareRule *rule, const MaskedText *expected,
                                  const MaskedText *actual, CompareUse *use) {
    Comparison c = {.equal = false};
    Walk e = {expected->text, expected->text, expected->text + expected->len, 0};
    Walk a = {actual->text, actual->text, actual->text + actual->len, 0};
    for (;;) {
        double x = 0, y = 0;
        skip_space(&e);
        skip_space(&a);
        const char *e_end = number_end(&e, &x), *a_end = number_end(&a, &y);
        c.expected_at = (size_t)(e.at - e.start);
        c.actual_at = (size_t)(a.at - a.start);
        if (e_end && a_end) {
            use->numbers++;
            if (!compare_number(rule, x, y, &c)) return c;
            e.at = e_end;
            a.at = a_end;
        } else if (e.at == e.end || a.at == a.end) {
            c.equal = e.at == e.end && a.at == a.end;
            return c;
        } else if (*e.at != *a.at) {
            return c;
        } else {
            step(&e);
            step(&a);
        }
    }
}

static Comparison compare_bytes(const MaskedText *expected, const MaskedText *actual) {
    size_t i = 0, n = expected->len < actual->len ? expected->len : actual->len;
    while (i < n && expected->text[i] == actual->text[i]) i++;
    bool equal = i == n && expected->len == actual->len;
    return (Comparison){.equal = equal, .expected_at = i, .actual_at = i};
}

Comparison compare_texts(const CompareRule *rule, const MaskedText *expected,
                         const MaskedText *actual, CompareUse *use) {
    if (rule->tolerant) return compare_numbers(rule, expected, actual, use);
    if (expected->len == actual->len &&
        memcmp(expected->text, actual->text, actual->len) == 0)
        return (Comparison){.equal = true};
    return compare_bytes(expected, actual);
}
