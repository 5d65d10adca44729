/* diff: where two texts differ, line by line.
 *
 * Myers' greedy algorithm ("An O(ND) difference algorithm and its variations", 1986)
 * between the first and the last differing line.  It looks at most DIFF_REACH edits
 * ahead, takes what it found, and starts again from there: the result is the shortest
 * script for texts that differ in up to DIFF_REACH lines, a valid one always, and the
 * time is bounded by lines x DIFF_REACH.
 */
#ifndef RUNNER_DIFF_H
#define RUNNER_DIFF_H

#include "core/core.h"

enum { DIFF_REACH = 256 };

/* One line with its newline, which the last may lack. */
typedef struct Line {
    const char *text;
    size_t len;
} Line;

typedef struct Lines {
    Line *items;
    size_t n, cap;
} Lines;

/* a_n lines of a, from line a on (counted from 0), stand where b has b_n lines. */
typedef struct Hunk {
    size_t a, a_n, b, b_n;
} Hunk;

/* Between two hunks, before the first and after the last the lines are the same. */
typedef struct Diff {
    Mem *mem;
    Lines a, b;
    Hunk *hunks;
    size_t n, cap;
} Diff;

/* Compares; the texts outlive d, which diff_free ends. False: out of memory. */
bool diff_texts(Diff *d, Mem *mem, const char *a, size_t a_len, const char *b,
                size_t b_len);
void diff_free(Diff *d);

#endif
