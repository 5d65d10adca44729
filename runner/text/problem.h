/* problem: what keeps a file or a command from being used, and where.
 *
 * The first problem wins: problem_set on one that is set changes nothing.  Texts are
 * cut to the room they have, at a character.
 */
#ifndef RUNNER_PROBLEM_H
#define RUNNER_PROBLEM_H

#include "core/core.h"

/* In the order of their exit codes' weight, see cli.md: usage and bad files exit with
 * 2, what cannot be read or written with 4, bugs with 3. */
typedef enum ProblemKind {
    PROBLEM_NONE,
    PROBLEM_INPUT, /* the text of a file, or the command line, is wrong */
    PROBLEM_IO,    /* the system refused */
    PROBLEM_BUG    /* autocell itself went wrong */
} ProblemKind;

typedef struct Problem {
    ProblemKind kind;
    const char *file;   /* borrowed; NULL when it is about no file */
    uint32_t line, col; /* from 1, columns in characters; 0: the file as a whole */
    char message[256];
    char hint[256]; /* what to do next; "" when nothing is known */
} Problem;

/* Always false, for `return problem_set(...)`. */
bool problem_set(Problem *p, ProblemKind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds the place, or the hint, to a problem that was just set; false again. */
bool problem_at(Problem *p, const char *file, uint32_t line, uint32_t col);
bool problem_hint(Problem *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "cannot read: Permission denied", from an errno. */
bool problem_io(Problem *p, const char *file, const char *what, int error);

#endif
