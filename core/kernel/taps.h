/* taps: which places of one dimension make up the places of a resized one, and with
 * which weights; the tables that resample.h works on.
 *
 * Everything is rounded to the dtype computed in at every step, so that places and
 * weights are those of PyTorch (UpSample.h, UpSampleKernel.cpp).
 */
#ifndef CORE_KERNEL_TAPS_H
#define CORE_KERNEL_TAPS_H

#include "core/dtype.h"

/* A dimension that goes from one size to another. */
typedef struct Resize {
    DType d; /* computed in: float32, float64 or bfloat16 */
    int64_t from, to;
    bool align_corners; /* first and last places fall on each other */
    double scale;       /* to / from as the caller has given it; 0: by the sizes */
    bool plain;         /* nothing is fused, as in PyTorch's gradient of the cubic */
} Resize;

enum { TAPS_LINEAR = 2, TAPS_CUBIC = 4 }; /* places for each result place */

/* at[to]: the nearest place; exact: of the centers, where PyTorch's first version was
 * half a place off. */
void taps_nearest(const Resize *r, bool exact, int64_t *at);
/* at, weight [to][2]: the two neighbours. */
void taps_linear(const Resize *r, int64_t *at, double *weight);
/* at, weight [to][4]: the four neighbours, those beyond the border being its places. */
void taps_cubic(const Resize *r, int64_t *at, double *weight);
/* How many places an antialiasing filter of the width of 2 (linear) or 4 (cubic) places
 * spans; at, weight [to][that many], the rest -1. */
int64_t taps_span(const Resize *r, int width);
void taps_antialias(const Resize *r, int width, int64_t *at, double *weight);

#endif
