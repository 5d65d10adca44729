/* resample: arrays whose last dimensions are made of places of another array.
 *
 * x holds `planes` arrays of one to three dimensions, one after another.  For every
 * dimension a table says which places of x each place of the result is made of, and
 * with which weights; the weight of a combination is the product over the dimensions.
 * Padding and nearest neighbours have one place and no weights, linear interpolation
 * has two, cubic interpolation four, antialiasing as many as its filter spans.
 */
#ifndef CORE_KERNEL_RESAMPLE_H
#define CORE_KERNEL_RESAMPLE_H

#include "core/dtype.h"

enum { RESAMPLE_DIMS = 3 };

/* One dimension, from places of x to places of the result. */
typedef struct Taps {
    int64_t from, to;
    int64_t per_place;    /* rows of `at` and `weight`: so many for each result place */
    const int64_t *at;    /* [to][per_place]; -1: not used */
    const double *weight; /* [to][per_place], each exact in the dtype computed in */
} Taps;

/* Fewer than three dimensions: the first ones are of size 1 (taps_of_one). */
typedef struct Resample {
    int64_t planes;
    Taps dims[RESAMPLE_DIMS];
    DType rounding; /* of float32 after every step of a blend: bfloat16, or DT_none */
    bool in_order;  /* the first product is rounded, not the second */
    bool corners;   /* linear: weights are multiplied first, as for one channel */
    /* Of the last two dimensions: (grad weight) weight, without fused sums. */
    bool plain_gradient;
} Resample;

/* A dimension of size 1 that stays as it is. */
extern const Taps taps_of_one;

/* out = x at the one place of each dimension; any dtype. */
void kernel_pick(DType d, const Resample *r, const void *x, void *out);
/* out (zeros) += grad at the places it was picked from, in the order of grad; floats,
 * each sum rounded. */
void kernel_pick_backward(DType d, const Resample *r, const void *grad, void *out);

/* out = the weighted sum of x's places: within a row first, then over rows, then over
 * slices; float32 or float64. */
void kernel_blend(DType d, const Resample *r, const void *x, void *out);
/* out (zeros) += weight grad at each place that was blended, in the order of grad. */
void kernel_blend_backward(DType d, const Resample *r, const void *grad, void *out);

#endif
