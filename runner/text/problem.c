/* See problem.h. */
#include "runner/text/problem.h"

#include <stdio.h>
#include <string.h>

/* Drops a character that the end of the room cut in two. */
static void mend_end(char *text) {
    size_t n = strlen(text), back = 0;
    while (back < n && back < 3 && ((unsigned char)text[n - 1 - back] & 0xC0) == 0x80)
        back++;
    uint32_t cp;
    size_t start = n - (back < n ? back + 1 : n);
    if (n && utf8_decode(text + start, n - start, &cp) == 0) text[start] = '\0';
}

bool problem_set(Problem *p, ProblemKind kind, const char *fmt, ...) {
    if (p->kind != PROBLEM_NONE) return false;
    p->kind = kind;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->message, sizeof p->message, fmt, ap);
    va_end(ap);
    mend_end(p->message);
    return false;
}

bool problem_at(Problem *p, const char *file, uint32_t line, uint32_t col) {
    if (p->file) return false;
    p->file = file;
    p->line = line;
    p->col = col;
    return false;
}

bool problem_hint(Problem *p, const char *fmt, ...) {
    if (p->hint[0]) return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->hint, sizeof p->hint, fmt, ap);
    va_end(ap);
    mend_end(p->hint);
    return false;
}

bool problem_io(Problem *p, const char *file, const char *what, int error) {
    problem_set(p, PROBLEM_IO, "%s: %s", what, strerror(error));
    return problem_at(p, file, 0, 0);
}
