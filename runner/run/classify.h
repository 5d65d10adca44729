/* classify: what kind of failure a difference is, and what can be said about it. */
#ifndef RUNNER_CLASSIFY_H
#define RUNNER_CLASSIFY_H

#include "runner/run/compare.h"
#include "runner/run/tensor_text.h"

/* X(id, name, what a report says). The names are part of the reports' format. */
#define FAILURE_CLASSES(X)                                                             \
    X(NONE, "", "")                                                                    \
    X(VALUES, "values", "values changed")                                              \
    X(SHAPE, "shape", "shape changed")                                                 \
    X(DTYPE, "dtype", "dtype changed")                                                 \
    X(GRAD_FN, "grad_fn", "grad_fn changed")                                           \
    X(FORMAT, "format", "format changed")                                              \
    X(MISSING_OUTPUT, "missing output", "missing output")                              \
    X(NEW_OUTPUT, "new output", "new output")                                          \
    X(ERROR_TYPE, "error type", "error type changed")                                  \
    X(ERROR_MESSAGE, "error message", "error message changed")                         \
    X(UNEXPECTED_ERROR, "unexpected error", "unexpected error")                        \
    X(NO_ERROR, "no error", "no error")                                                \
    X(TIMEOUT, "timeout", "timeout")                                                   \
    X(MEMORY, "memory", "memory limit")                                                \
    X(CRASH, "crash", "crash")                                                         \
    X(BLOCKED, "blocked", "blocked")                                                   \
    X(MISSING_EXPECTED, "missing expected", "missing expected")                        \
    X(CONFLICT, "conflict markers", "conflict markers")                                \
    X(BAD_CELL, "bad cell", "bad cell")                                                \
    X(UNEXPECTED_PASS, "unexpected pass", "unexpected pass")

typedef enum FailureClass {
#define X(id, name, shown) FAILURE_##id,
    FAILURE_CLASSES(X)
#undef X
        FAILURE_CLASS_COUNT
} FailureClass;

const char *failure_name(FailureClass kind);  /* "values" */
const char *failure_shown(FailureClass kind); /* "values changed" */

/* Two texts that differ, and where. */
typedef struct Sides {
    MaskedText expected, actual;
    bool raised; /* an exception ended the cell */
    Comparison comparison;
    const CompareRule *rule;
} Sides;

/* The elements of a tensor that are not as expected. */
typedef struct Movement {
    uint32_t moved, of; /* how many of how many; 0 of 0 where no tensor is compared */
    int ndim;           /* of `index`; 0 also where elements were left out: "..." */
    int64_t index[TENSOR_TEXT_DIMS]; /* of the first of those that moved furthest ... */
    char from[32], to[32];           /* ... its texts ... */
    double absolute, relative, ulps; /* ... and how far it moved; NAN: has no meaning */
} Movement;

typedef struct Difference {
    FailureClass kind;
    Movement movement;
    char note[320];   /* "2 of 6 elements moved, at most 1e-04 ..."; may be "" */
    char advice[128]; /* "would match with: compare: {atol: 1e-4}"; may be "" */
} Difference;

/* Judges sides that are not equal. Scratch comes from the arena; short memory makes
 * the judgement coarser (and leaves MemoryError pending). */
void classify(Arena *a, const Sides *s, Difference *d);

#endif
