/* See resample.h. */
#include "core/kernel/resample.h"

#include "core/kernel/loops.h"
#include "core/kernel/pointwise.h"

#include <math.h>
#include <string.h>

static const int64_t only_place = 0;
static const double whole = 1;
const Taps taps_of_one = {1, 1, 1, &only_place, &whole};

static int64_t from_size(const Resample *r) {
    return r->dims[0].from * r->dims[1].from * r->dims[2].from;
}

/* Elements of x from one place of dimension `dim` to the next. */
static int64_t step_of(const Resample *r, int dim) {
    int64_t n = 1;
    while (++dim < RESAMPLE_DIMS) n *= r->dims[dim].from;
    return n;
}

/* The first element of row (i, j) of plane p of the result's or x's side. */
static int64_t row_of(const Resample *r, int64_t p, int64_t i, int64_t j) {
    int64_t slice = p * r->dims[0].from + r->dims[0].at[i];
    return (slice * r->dims[1].from + r->dims[1].at[j]) * r->dims[2].from;
}

void kernel_pick(DType d, const Resample *r, const void *x, void *out) {
    const size_t size = dtype_size(d);
    const char *in = x;
    char *to = out;
    for (int64_t p = 0; p < r->planes; p++)
        for (int64_t i = 0; i < r->dims[0].to; i++)
            for (int64_t j = 0; j < r->dims[1].to; j++) {
                const char *row = in + row_of(r, p, i, j) * (int64_t)size;
                for (int64_t k = 0; k < r->dims[2].to; k++, to += size)
                    memcpy(to, row + r->dims[2].at[k] * (int64_t)size, size);
            }
}

/* One function a type: the bodies are the same text, resample_body.h. */
#define T float
#define WIDE double
#define R(x) (x)
#define FMA fmaf
#define NAME(verb) verb##_float
#include "core/kernel/resample_body.h"
#define T double
#define WIDE double
#define R(x) (x)
#define FMA fma
#define NAME(verb) verb##_double
#include "core/kernel/resample_body.h"
#define T float
#define WIDE float
#define R(x) bfloat16_rounded(x)
#define FMA(a, b, c) R(R((a) * (b)) + (c))
#define NAME(verb) verb##_bfloat16
#define BLEND_ONLY
#include "core/kernel/resample_body.h"

/* Every sum is rounded to d. */
static void spread_any(DType d, const Resample *r, const char *grad, char *out) {
    const int64_t size = (int64_t)dtype_size(d), still[3] = {0, 0, 0};
    for (int64_t p = 0; p < r->planes; p++)
        for (int64_t i = 0; i < r->dims[0].to; i++)
            for (int64_t j = 0; j < r->dims[1].to; j++)
                for (int64_t k = 0; k < r->dims[2].to; k++, grad += size) {
                    int64_t place = row_of(r, p, i, j) + r->dims[2].at[k];
                    char *to = out + place * size;
                    kernel_add(d, (char *const[3]){to, to, (char *)(uintptr_t)grad},
                               still, 1, NULL);
                }
}

void kernel_pick_backward(DType d, const Resample *r, const void *grad, void *out) {
    switch (d) {
    case DT_float64: spread_double(r, grad, out); break;
    case DT_float32: spread_float(r, grad, out); break;
    default: spread_any(d, r, grad, out);
    }
}

void kernel_blend(DType d, const Resample *r, const void *x, void *out) {
    if (d == DT_float64)
        blend_double(r, x, out);
    else if (r->rounding == DT_bfloat16)
        blend_bfloat16(r, x, out);
    else
        blend_float(r, x, out);
}

void kernel_blend_backward(DType d, const Resample *r, const void *grad, void *out) {
    if (d == DT_float64)
        spread_blend_double(r, grad, out);
    else if (r->rounding == DT_bfloat16)
        spread_blend_bfloat16(r, grad, out);
    else
        spread_blend_float(r, grad, out);
}
