/* histogram: what the histograms of one and of several dimensions share.
 *
 * self [m, n] holds m points of n dimensions; each has its edges, a vector. A bin holds
 * its left edge, the last one both.
 */
#ifndef CORE_OPS_HISTOGRAM_H
#define CORE_OPS_HISTOGRAM_H

#include "core/pointwise.h"

typedef struct Edges {
    int n;
    Tensor *of[MAX_DIMS];
    bool spaced; /* evenly */
} Edges;

/* Points whose kernel PyTorch has. */
enum { HISTOGRAM_REFUSED = ~(1 << DT_float32 | 1 << DT_float64) };

/* Whether the edges, and weight [m] or NULL, fit self; `points` and its weight are what
 * messages show. */
bool histogram_edges_check(Ctx *c, const Tensor *self, const Edges *e);
bool histogram_weight_check(Ctx *c, const Tensor *points, const Tensor *weight,
                            bool same_sizes);
bool histogram_bins_check(Ctx *c, int64_t bins, int dim);
/* Evenly spaced edges of self for these numbers of bins; over range, 2 n numbers, or
 * where that is None over the elements. False after raising. */
bool histogram_space(Ctx *c, Tensor *self, const int64_t *bins, Value range, Edges *e);
/* How many points, or how much of weight [m], fall into each bin [bins...]; each bin's
 * share of the whole by its size when `density`. */
Tensor *histogram_count(Ctx *c, Tensor *self, const Edges *e, Tensor *weight,
                        bool density);

#endif
