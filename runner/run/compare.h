/* compare: what a cell printed against what it should have printed.
 *
 * Exact bytes, unless the rule says otherwise.  Masks: what a pattern matches is cut
 * from both sides before anything else.  Tolerance: numbers with a point or an
 * exponent, nan and inf are compared as numbers, in their order; everything else (also
 * integers, brackets, names) must be equal, except that inside `tensor(...)` spaces
 * and line ends do not count, for they follow the digits.
 */
#ifndef RUNNER_COMPARE_H
#define RUNNER_COMPARE_H

#include "runner/read/cell.h"

/* A text with what the masks matched cut out. */
typedef struct MaskedText {
    const char *text; /* a NUL follows */
    size_t len;
    uint32_t n_cuts;
    struct MaskCut {
        size_t at;  /* offset in `text` */
        size_t len; /* bytes that were cut there */
    } * cuts;
} MaskedText;

/* What comparing under one or more rules has been good for. */
typedef struct CompareUse {
    uint32_t numbers; /* compared with a tolerance */
    uint64_t masks;   /* bit i: mask i matched somewhere */
} CompareUse;

typedef struct Comparison {
    bool equal;     /* as the rule sees it */
    uint32_t moved; /* numbers that are not the same, but within the tolerance */
    double most;    /* by how much at most */
    size_t expected_at,
        actual_at; /* the first difference, offsets in the masked texts */
} Comparison;

/* Cuts the rule's masks from the text; the result lies in the arena, or is the text
 * itself. False: memory is short. */
bool compare_mask(Arena *a, const CompareRule *rule, const char *text, size_t len,
                  MaskedText *out, CompareUse *use);
/* The offset, in the text as it was, of offset `at` in the masked text. */
size_t compare_unmasked(const MaskedText *m, size_t at);

Comparison compare_texts(const CompareRule *rule, const MaskedText *expected,
                         const MaskedText *actual, CompareUse *use);

#endif
