/* grid: what a window sees of an array as it slides, laid out for products of matrices.
 *
 * Of x [channels, in...] a grid holds what is seen from the positions in a patch, with
 * zeros for what lies outside of x.  Each element of the window sees the positions of a
 * row side by side, and the next row `width` places further, whatever the stride: for
 * that, places that no two positions see with the same element lie in different planes.
 * No place of x has two places in a grid.
 */
#ifndef CORE_KERNEL_GRID_H
#define CORE_KERNEL_GRID_H

#include "core/kernel/columns.h"

/* Positions of the window: of one depth, and whole rows unless there is one alone. */
typedef struct Patch {
    int64_t deep, row, rows, col, cols;
} Patch;

/* A dimension: plane f holds what the elements f, f + period, ... see, each of them
 * `step` places after the one before. */
typedef struct Planes {
    int64_t n, period, step, places;
} Planes;

typedef struct Grid {
    const Columns *s;
    int64_t rows, cols; /* of the largest patch */
    Planes dims[WINDOW_DIMS];
    int64_t plane, width, channel; /* elements of a plane, a row and a channel */
} Grid;

/* What is read of a grid may end so many elements after it. */
enum { GRID_SLACK = 16 };

Grid grid_of(const Columns *s, int64_t rows, int64_t cols);
/* n, filled up to whole vectors of any type. */
int64_t grid_vectors(int64_t n);
/* n or a few more: with rows that far apart a column uses all sets of a cache. */
int64_t grid_apart(int64_t n);

/* How many patches there are, and patch i of them in the order of positions. */
int64_t grid_patches(const Grid *g);
Patch grid_patch(const Grid *g, int64_t i);
/* Where element k of the window sees the first position of a patch. */
int64_t grid_offset(const Grid *g, int64_t k);

/* So many channels of x into a grid, and back. */
void grid_take(DType d, const Grid *g, const Patch *p, int64_t channels, const char *x,
               char *grid);
void grid_put(DType d, const Grid *g, const Patch *p, int64_t channels,
              const char *grid, char *x);

#endif
