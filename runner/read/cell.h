/* cell: what a cell file and a notebook.yaml hold, once read.
 *
 * Everything lies in the arena it was loaded into; texts are NUL-terminated UTF-8,
 * NULL when the key is absent.
 */
#ifndef RUNNER_CELL_H
#define RUNNER_CELL_H

#include "runner/language/parse.h"

/* A pattern (POSIX extended) whose matches do not count, and where it stands. */
typedef struct Mask {
    const char *pattern;
    uint32_t line, col;
} Mask;

enum { COMPARE_MAX_MASKS = 64 };

/* How output is compared. Zero is exact. */
typedef struct CompareRule {
    bool given;    /* the key `compare` is there */
    bool tolerant; /* rtol or atol is there, the other one is 0 */
    double rtol, atol;
    uint32_t n_masks;
    const Mask *masks;
    const char *file; /* where the key stands */
    uint32_t line, col;
} CompareRule;

typedef struct Limits {
    double timeout;      /* seconds, 0: none */
    uint64_t max_memory; /* bytes, 0: none */
} Limits;

typedef struct CellSource {
    const char *title, *text;
    const char *skip, *xfail; /* the reasons */
    CompareRule compare;
    Limits limits;
    const OpSource *ops;
    uint32_t n_ops;
} CellSource;

typedef struct NotebookConfig {
    const char *title, *text;
    uint64_t seed; /* a negative one modulo 2^64, as torch.manual_seed takes it */
    CompareRule compare;
    Limits limits;
} NotebookConfig;

#endif
