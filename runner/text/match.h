/* match: expressions over names, as `-k` takes them.
 *
 *     exp and not (backward or grad)
 *
 * A word is true of a name that holds it, in upper or lower case.  `not` binds closer
 * than `and`, `and` closer than `or`.  An empty expression is true of every name.
 */
#ifndef RUNNER_MATCH_H
#define RUNNER_MATCH_H

#include "runner/text/arena.h"
#include "runner/text/problem.h"

typedef struct MatchStep MatchStep;

typedef struct Match {
    MatchStep *steps; /* in the order they are evaluated */
    size_t n;
    bool *values; /* room for evaluating */
} Match;

/* Everything lies in the arena; `text` is kept. False with *p set, or with MemoryError
 * pending. */
bool match_parse(Arena *a, const char *text, Match *m, Problem *p);
bool match_test(const Match *m, const char *name);

#endif
