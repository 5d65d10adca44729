/* See grid_sample.h.  Source: GridSampler.h, GridSamplerKernel.cpp. */
#include "core/kernel/grid_sample.h"

#include <math.h>
#include <string.h>

/* Along one dimension, and in all: four by four, or two by two by two. */
enum { MOST_TAPS = 4, MOST_SEEN = 16 };

static int taps_of(GridMode m) {
    return m == GRID_NEAREST ? 1 : m == GRID_LINEAR ? 2 : MOST_TAPS;
}

/* The place as an index into n elements; -1 outside. */
static int64_t index_of(double place, int64_t n) {
    return place >= 0 && place < (double)n ? (int64_t)place : -1;
}

/* One function a type: the bodies are the same text, grid_sample_body.h. */
#define T float
#define FMA fmaf
#define NAME(verb) verb##_float
#include "core/kernel/grid_sample_body.h"
#define T double
#define FMA fma
#define NAME(verb) verb##_double
#include "core/kernel/grid_sample_body.h"

void kernel_grid_sample(DType d, const GridSample *s, const void *x, const void *grid,
                        void *out) {
    if (d == DT_float64)
        sample_double(s, x, grid, out);
    else
        sample_float(s, x, grid, out);
}

void kernel_grid_sample_backward(DType d, const GridSample *s, const void *grad,
                                 const void *x, const void *grid, void *x_grad,
                                 void *grid_grad) {
    if (d == DT_float64)
        sample_backward_double(s, grad, x, grid, x_grad, grid_grad);
    else
        sample_backward_float(s, grad, x, grid, x_grad, grid_grad);
}
