/* See pooling.h. */
#include "core/kernel/pooling.h"

#include "core/kernel/loops.h"
#include "core/kernel/pointwise.h"

#include <math.h>
#include <string.h>

/* The windows of one place of the result. */
typedef struct Block {
    const PoolWindow *d, *h, *w;
} Block;

static bool is_empty(const Block *b) {
    return b->d->begin >= b->d->end || b->h->begin >= b->h->end ||
           b->w->begin >= b->w->end;
}

/* One function a type: the bodies are the same text, pooling_body.h. */
#define T float
#define R(x) (x)
#define NAME(verb) verb##_float
#include "core/kernel/pooling_body.h"
#define T double
#define R(x) (x)
#define NAME(verb) verb##_double
#include "core/kernel/pooling_body.h"
#define T int64_t
#define R(x) (x)
#define NAME(verb) verb##_int64
#define FORWARD_MEANS_ONLY
#include "core/kernel/pooling_body.h"
#define T float
#define R(x) half_rounded(x)
#define NAME(verb) verb##_half
#define MEANS_ONLY
#include "core/kernel/pooling_body.h"
#define T float
#define R(x) bfloat16_rounded(x)
#define NAME(verb) verb##_bfloat16
#define MEANS_ONLY
#include "core/kernel/pooling_body.h"

void kernel_max_pool(DType d, const Pooling *p, const void *x, void *out,
                     int64_t *index) {
    if (d == DT_float64)
        max_pool_double(p, x, out, index);
    else
        max_pool_float(p, x, out, index);
}

/* The dtype whose function computes in d as p says. */
static DType computed_in(DType d, const Pooling *p) {
    return d == DT_float32 && p->rounding != DT_none ? p->rounding : d;
}

void kernel_avg_pool(DType d, const Pooling *p, const void *x, void *out) {
    switch (computed_in(d, p)) {
    case DT_float32: avg_pool_float(p, x, out); break;
    case DT_float64: avg_pool_double(p, x, out); break;
    case DT_int64: avg_pool_int64(p, x, out); break;
    case DT_float16: avg_pool_half(p, x, out); break;
    case DT_bfloat16:
        avg_pool_bfloat16(p, x, out);
        break;
        NO_OTHERS
    }
}

void kernel_avg_pool_backward(DType d, const Pooling *p, const void *grad, void *out) {
    switch (computed_in(d, p)) {
    case DT_float32: avg_spread_float(p, grad, out); break;
    case DT_float64: avg_spread_double(p, grad, out); break;
    case DT_float16: avg_spread_half(p, grad, out); break;
    case DT_bfloat16:
        avg_spread_bfloat16(p, grad, out);
        break;
        NO_OTHERS
    }
}

void kernel_unpool(DType d, int64_t planes, int64_t n, int64_t n_out,
                   const int64_t *index, const void *x, void *out) {
    const size_t size = dtype_size(d);
    const char *from = x;
    char *to = out;
    for (int64_t p = 0; p < planes; p++, index += n, to += n_out * (int64_t)size)
        for (int64_t i = 0; i < n; i++, from += size)
            memcpy(to + index[i] * (int64_t)size, from, size);
}

void kernel_unpool_add(DType d, int64_t planes, int64_t n, int64_t n_out,
                       const int64_t *index, const void *grad, void *out) {
    const int64_t size = (int64_t)dtype_size(d), still[3] = {0, 0, 0};
    char *from = (char *)(uintptr_t)grad, *to = out;
    for (int64_t p = 0; p < planes; p++, index += n, to += n_out * size)
        for (int64_t i = 0; i < n; i++, from += size) {
            if (index[i] < 0 || index[i] >= n_out) continue;
            char *place = to + index[i] * size;
            kernel_add(d, (char *const[3]){place, place, from}, still, 1, NULL);
        }
}
