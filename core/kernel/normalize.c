/* Layers and groups, of normalize.h.  Sources: layer_norm_kernel.cpp,
 * group_norm_kernel.cpp; products and sums are fused where PyTorch's compiler fuses
 * them.  Layers widen bfloat16, groups round it at every step. */
#include "normalize.h"

#include "core/parallel.h"
#include "cpu.h"
#include "moments.h"

#include <math.h>
#include <stddef.h>

/* ---- rows, for layers and groups ---- */

/* A row's mean and 1 / sqrt(variance + eps). */
typedef struct RowScale {
    double mean, rstd;
} RowScale;

static RowScale row_scale(DType d, const void *x, int64_t at, int64_t n, double eps) {
    Moments m = kernel_moments(d, x, at, n);
    double variance = m.variance < 0 ? 0 : m.variance;
    return (RowScale){m.mean, moments_inverse_root(d, variance, eps)};
}

/* The gradient of x is a grad + b x + c: what depends on x through the moments. */
typedef struct Slope {
    double a, b, c;
} Slope;

/* From the row's mean and rstd and the sums of grad weight, with and without x. */
static Slope slope_of(DType in, double mean, double rstd, double with_x, double sum,
                      double n) {
    double share = number_rounded(in, 1 / n), b, c;
    b = moments_fma(in, sum, mean, -with_x);
    for (int i = 0; i < 3; i++) b = number_rounded(in, b * rstd);
    b = number_rounded(in, b * share);
    c = number_rounded(in, number_rounded(in, sum * rstd) * share);
    return (Slope){rstd, b, moments_fma(in, -b, mean, -c)};
}

/* ---- layers ---- */

/* One row, of the dtype d that l has. */
INLINE void layer_row(const LayerNorm *l, DType d, int64_t r, const void *x,
                      void *out) {
    const DType in = moments_dtype(d);
    int64_t at = r * l->n;
    RowScale m = row_scale(d, x, at, l->n, l->eps);
    double shift = number_rounded(d, -m.rstd * m.mean);
    for (int64_t i = 0; i < l->n; i++) {
        double v = moments_fma(in, number_load(d, x, at + i), m.rstd, shift);
        number_store(d, out, at + i,
                     moments_fma(in, v, number_load_or(d, l->weight, i, 1),
                                 number_load_or(d, l->bias, i, 0)));
    }
    number_store(d, l->mean, r, m.mean);
    number_store(d, l->rstd, r, m.rstd);
}

typedef struct LayerWork {
    const LayerNorm *l;
    const void *x;
    void *out;
    int64_t grain; /* rows of a part */
} LayerWork;

INLINE void layer_rows(const LayerWork *k, int64_t from, int64_t end) {
    for (int64_t r = from; r < end; r++) switch (k->l->d) {
        case DT_float32: layer_row(k->l, DT_float32, r, k->x, k->out); break;
        case DT_float64: layer_row(k->l, DT_float64, r, k->x, k->out); break;
        default: layer_row(k->l, DT_bfloat16, r, k->x, k->out); break;
        }
}
COMPILED_TWICE(void, rows, (const LayerWork *k, int64_t from, int64_t end),
               layer_rows(k, from, end);)

static void layer_part(const void *work, int64_t part) {
    const LayerWork *k = work;
    int64_t from = part * k->grain, end = from + k->grain;
    if (end > k->l->rows) end = k->l->rows;
    CHOSEN(rows)(k, from, end);
}

void kernel_layer_norm(const LayerNorm *l, const void *x, void *out) {
    LayerWork k = {.l = l, .x = x, .out = out};
    k.grain = l->n < PARALLEL_GRAIN ? PARALLEL_GRAIN / (l->n ? l->n : 1) : 1;
    parallel_run(layer_part, &k, parallel_parts(l->rows, k.grain));
}

static void layer_parameter_gradients(const LayerNorm *l, int64_t r, const void *x,
                                      const void *grad, BatchGrads out) {
    DType in = moments_dtype(l->d);
    double rstd = number_load(l->d, l->rstd, r), mean = number_load(l->d, l->mean, r);
    double shift = number_rounded(in, -rstd * mean);
    for (int64_t i = 0, at = r * l->n; i < l->n; i++) {
        double g = number_load(l->d, grad, at + i);
        double v = moments_fma(in, number_load(l->d, x, at + i), rstd, shift);
        if (out.weight)
            number_store(l->d, out.weight, i,
                         moments_fma(in, g, v, number_load(l->d, out.weight, i)));
        if (out.bias)
            number_store(l->d, out.bias, i, g + number_load(l->d, out.bias, i));
    }
}

static void layer_gradient(const LayerNorm *l, int64_t r, const void *x,
                           const void *grad, void *out) {
    DType in = moments_dtype(l->d);
    int64_t at = r * l->n;
    Products with_x = {
        .d = l->d, .a = grad, .b = x, .c = l->weight, .a_at = at, .b_at = at};
    Products sum = {.d = l->d, .a = grad, .b = l->weight, .a_at = at};
    Slope s = slope_of(in, number_load(l->d, l->mean, r), number_load(l->d, l->rstd, r),
                       number_rounded(l->d, kernel_sum_of_products(&with_x, l->n)),
                       number_rounded(l->d, kernel_sum_of_products(&sum, l->n)),
                       (double)l->n);
    for (int64_t i = 0; i < l->n; i++) {
        double g = number_rounded(in, s.a * number_load(l->d, grad, at + i));
        double more = number_load(l->d, x, at + i);
        g = number_rounded(in, g * number_load_or(l->d, l->weight, i, 1));
        number_store(l->d, out, at + i, moments_fma(in, s.b, more, g) + s.c);
    }
}

void kernel_layer_norm_backward(const LayerNorm *l, const void *x, const void *grad,
                                BatchGrads out) {
    for (int64_t r = 0; r < l->rows; r++) {
        if (out.weight || out.bias) layer_parameter_gradients(l, r, x, grad, out);
        if (out.x) layer_gradient(l, r, x, grad, out.x);
    }
}

/* ---- groups ---- */

/* Scales and shifts the channels of one group. */
static void group_out(const GroupNorm *g, int64_t group, const void *x, RowScale m,
                      void *out) {
    DType in = g->d;
    bool plain = !g->weight && !g->bias;
    int64_t first = group % g->groups * g->size;
    for (int64_t c = 0; c < g->size; c++) {
        double scale =
            number_rounded(in, m.rstd * number_load_or(g->d, g->weight, first + c, 1));
        double bias = number_load_or(g->d, g->bias, first + c, 0);
        double shift = number_rounded(in, number_rounded(in, -scale * m.mean) + bias);
        for (int64_t i = 0, at = (group * g->size + c) * g->inner; i < g->inner; i++) {
            double v = number_load(g->d, x, at + i);
            number_store(g->d, out, at + i,
                         plain ? number_rounded(in, v - m.mean) * m.rstd
                               : moments_fma(in, scale, v, shift));
        }
    }
}

void kernel_group_norm(const GroupNorm *g, const void *x, void *out) {
    int64_t n = g->size * g->inner;
    for (int64_t group = 0; group < g->n * g->groups; group++) {
        RowScale m = row_scale(g->d, x, group * n, n, g->eps);
        group_out(g, group, x, m, out);
        number_store(g->d, g->mean, group, m.mean);
        number_store(g->d, g->rstd, group, m.rstd);
    }
}

/* The sums over one channel of one sample of the gradients, and of these times x. */
typedef struct ChannelSums {
    double grad, dot;
} ChannelSums;

static ChannelSums group_channel_sums(const GroupNorm *g, int64_t at, const void *x,
                                      const void *grad) {
    Products dot = {.d = g->d, .a = grad, .b = x, .a_at = at, .b_at = at};
    Products sum = {.d = g->d, .a = grad, .a_at = at};
    return (ChannelSums){.grad = kernel_sum_rest_last(&sum, g->inner),
                         .dot = kernel_sum_rest_last(&dot, g->inner)};
}

static void group_gradient(const GroupNorm *g, int64_t group, const void *x,
                           const void *grad, void *out) {
    DType in = g->d;
    int64_t n = g->size * g->inner, first = group % g->groups * g->size;
    RestLast with_x = rest_last_begin(in, g->size, 16 / (int64_t)dtype_size(in));
    RestLast sum = with_x;
    for (int64_t c = 0; c < g->size; c++) {
        ChannelSums s = group_channel_sums(g, group * n + c * g->inner, x, grad);
        double weight = number_load_or(g->d, g->weight, first + c, 1);
        rest_last_add(&with_x, c, s.dot, weight);
        rest_last_add(&sum, c, s.grad, weight);
    }
    Slope s = slope_of(
        in, number_load(g->d, g->mean, group), number_load(g->d, g->rstd, group),
        rest_last_end(&with_x, g->size), rest_last_end(&sum, g->size), (double)n);
    for (int64_t i = 0; i < n; i++) {
        double weight = number_load_or(g->d, g->weight, first + i / g->inner, 1);
        double a = number_rounded(in, s.a * weight);
        double more = number_rounded(in, s.b * number_load(g->d, x, group * n + i));
        more = moments_fma(in, a, number_load(g->d, grad, group * n + i), more);
        number_store(g->d, out, group * n + i, more + s.c);
    }
}

/* Adds what one group of one sample gives to the gradients of the parameters. */
static void group_parameter_gradients(const GroupNorm *g, int64_t group, const void *x,
                                      const void *grad, BatchGrads out) {
    DType in = g->d;
    double mean = number_load(g->d, g->mean, group);
    double rstd = number_load(g->d, g->rstd, group);
    for (int64_t c = 0; c < g->size; c++) {
        int64_t channel = group % g->groups * g->size + c;
        ChannelSums s =
            group_channel_sums(g, (group * g->size + c) * g->inner, x, grad);
        double centred = moments_fma(in, -s.grad, mean, s.dot);
        if (out.weight)
            number_store(
                g->d, out.weight, channel,
                moments_fma(in, centred, rstd, number_load(g->d, out.weight, channel)));
        if (out.bias)
            number_store(g->d, out.bias, channel,
                         s.grad + number_load(g->d, out.bias, channel));
    }
}

void kernel_group_norm_backward(const GroupNorm *g, const void *x, const void *grad,
                                BatchGrads out) {
    for (int64_t group = 0; group < g->n * g->groups; group++) {
        if (out.x) group_gradient(g, group, x, grad, out.x);
        if (out.weight || out.bias) group_parameter_gradients(g, group, x, grad, out);
    }
}
