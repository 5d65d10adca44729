/* See normalize.h.  Sources: Normalization.cpp, batch_norm_kernel.cpp,
 * layer_norm_kernel.cpp, group_norm_kernel.cpp; products and sums are fused where
 * PyTorch's compiler fuses them. */
#include "normalize.h"

#include "moments.h"

#include <math.h>
#include <stddef.h>

static double load_or(DType d, const void *p, int64_t i, double absent) {
    return p ? number_load(d, p, i) : absent;
}

/* ---- batches ---- */

static int64_t channel_at(const BatchNorm *b, int64_t n, int64_t channel) {
    return (n * b->channels + channel) * b->inner;
}

/* The mean of a channel, as it is stored, and the sum of squared distances from it. */
static Moments channel_moments(const BatchNorm *b, const void *x, int64_t channel) {
    DType in = moments_dtype(b->d);
    double sum = 0, square = 0;
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0; i < b->inner; i++)
            sum += number_load(b->d, x, channel_at(b, n, channel) + i);
    double mean = number_rounded(b->p, sum / (double)(b->n * b->inner));
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0; i < b->inner; i++) {
            double v = number_load(b->d, x, channel_at(b, n, channel) + i);
            double delta = number_rounded(in, v - mean);
            square += number_rounded(in, delta * delta);
        }
    return (Moments){mean, number_rounded(b->p, square)};
}

static void move_towards(DType p, void *running, int64_t i, double v, double momentum) {
    if (!running) return;
    double old = number_load(p, running, i);
    number_store(p, running, i, momentum * v + (1 - momentum) * old);
}

void kernel_batch_stats(const BatchNorm *b, const BatchStats *s, const void *x) {
    double count = (double)(b->n * b->inner);
    for (int64_t c = 0; c < b->channels; c++) {
        Moments m = channel_moments(b, x, c);
        double variance = number_rounded(b->p, m.variance / count);
        number_store(b->p, s->mean, c, m.mean);
        bool flat = variance == 0 && s->eps == 0;
        number_store(b->p, s->invstd, c, flat ? 0 : 1 / sqrt(variance + s->eps));
        double unbiased = number_rounded(b->p, m.variance / (count - 1));
        move_towards(b->p, s->running_mean, c, m.mean, s->momentum);
        move_towards(b->p, s->running_var, c, unbiased, s->momentum);
    }
}

/* 1 / sqrt(variance + eps), rounded at every step. */
static double inverse_root(DType in, double variance, double eps) {
    double sum = number_rounded(in, variance + number_rounded(in, eps));
    return number_rounded(in, 1 / number_rounded(in, sqrt(sum)));
}

void kernel_invstd(DType p, const void *variance, double eps, int64_t n, void *invstd) {
    for (int64_t i = 0; i < n; i++)
        number_store(p, invstd, i,
                     inverse_root(moments_dtype(p), number_load(p, variance, i), eps));
}

void kernel_batch_norm(const BatchNorm *b, const void *x, void *out) {
    DType in = moments_dtype(b->d);
    for (int64_t c = 0; c < b->channels; c++) {
        double mean = number_load(b->p, b->mean, c);
        double invstd = number_load(b->p, b->invstd, c);
        double scale = number_rounded(in, invstd * load_or(b->p, b->weight, c, 1));
        double shift = moments_fma(in, -mean, scale, load_or(b->p, b->bias, c, 0));
        for (int64_t n = 0; n < b->n; n++)
            for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++)
                number_store(
                    b->d, out, at + i,
                    moments_fma(in, number_load(b->d, x, at + i), scale, shift));
    }
}

/* The sums over a channel of the gradients, and of these times x - mean. */
typedef struct ChannelSums {
    double grad, dot;
} ChannelSums;

static ChannelSums channel_sums(const BatchNorm *b, const void *x, const void *grad,
                                int64_t c) {
    DType in = moments_dtype(b->d);
    double mean = number_load(b->p, b->mean, c);
    ChannelSums s = {0, 0};
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++) {
            double g = number_load(b->d, grad, at + i);
            double far = number_rounded(in, number_load(b->d, x, at + i) - mean);
            s.grad += g;
            s.dot += number_rounded(in, far * g);
        }
    return s;
}

/* The gradient of x in one channel; without sums, that of a constant mean. */
static void channel_gradient(const BatchNorm *b, const ChannelSums *s, int64_t c,
                             const void *x, const void *grad, void *out) {
    DType in = moments_dtype(b->d);
    double mean = number_load(b->p, b->mean, c);
    double invstd = number_load(b->p, b->invstd, c), count = (double)(b->n * b->inner);
    double weight = load_or(b->p, b->weight, c, 1), k = 0, grad_mean = 0;
    if (s) {
        k = number_rounded(in, number_rounded(in, s->dot) * invstd);
        k = number_rounded(in, number_rounded(in, k * invstd) / count);
        grad_mean = number_rounded(in, s->grad / count);
    }
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++) {
            double g = number_load(b->d, grad, at + i);
            double far = number_rounded(in, number_load(b->d, x, at + i) - mean);
            if (s) g = moments_fma(in, -far, k, number_rounded(in, g - grad_mean));
            number_store(b->d, out, at + i, number_rounded(in, g * invstd) * weight);
        }
}

void kernel_batch_norm_backward(const BatchNorm *b, bool train, const void *x,
                                const void *grad, BatchGrads out) {
    for (int64_t c = 0; c < b->channels; c++) {
        ChannelSums s = channel_sums(b, x, grad, c);
        if (out.x) channel_gradient(b, train ? &s : NULL, c, x, grad, out.x);
        if (out.weight)
            number_store(b->p, out.weight, c, s.dot * number_load(b->p, b->invstd, c));
        if (out.bias) number_store(b->p, out.bias, c, s.grad);
    }
}

/* ---- rows, for layers and groups ---- */

/* A row's mean and 1 / sqrt(variance + eps). */
typedef struct RowScale {
    double mean, rstd;
} RowScale;

static RowScale row_scale(DType d, const void *x, int64_t at, int64_t n, double eps) {
    Moments m = kernel_moments(d, x, at, n);
    double variance = m.variance < 0 ? 0 : m.variance;
    return (RowScale){m.mean, inverse_root(moments_dtype(d), variance, eps)};
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

void kernel_layer_norm(const LayerNorm *l, const void *x, void *out) {
    DType in = moments_dtype(l->d);
    for (int64_t r = 0; r < l->rows; r++) {
        int64_t at = r * l->n;
        RowScale m = row_scale(l->d, x, at, l->n, l->eps);
        double shift = number_rounded(in, -m.rstd * m.mean);
        for (int64_t i = 0; i < l->n; i++) {
            double v = moments_fma(in, number_load(l->d, x, at + i), m.rstd, shift);
            number_store(l->d, out, at + i,
                         moments_fma(in, v, load_or(l->d, l->weight, i, 1),
                                     load_or(l->d, l->bias, i, 0)));
        }
        number_store(l->d, l->mean, r, m.mean);
        number_store(l->d, l->rstd, r, m.rstd);
    }
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
                       kernel_sum_of_products(&with_x, l->n),
                       kernel_sum_of_products(&sum, l->n), (double)l->n);
    for (int64_t i = 0; i < l->n; i++) {
        double g = number_rounded(in, s.a * number_load(l->d, grad, at + i));
        double more = number_load(l->d, x, at + i);
        g = number_rounded(in, g * load_or(l->d, l->weight, i, 1));
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
    DType in = moments_dtype(g->d);
    bool plain = !g->weight && !g->bias;
    int64_t first = group % g->groups * g->size;
    for (int64_t c = 0; c < g->size; c++) {
        double scale =
            number_rounded(in, m.rstd * load_or(g->d, g->weight, first + c, 1));
        double bias = load_or(g->d, g->bias, first + c, 0);
        double shift = moments_fma(in, -scale, m.mean, bias);
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

/* The sums over one channel of one sample. */
static ChannelSums group_channel_sums(const GroupNorm *g, int64_t at, const void *x,
                                      const void *grad) {
    Products dot = {.d = g->d, .a = grad, .b = x, .a_at = at, .b_at = at};
    Products sum = {.d = g->d, .a = grad, .a_at = at};
    return (ChannelSums){.grad = kernel_sum_of_products(&sum, g->inner),
                         .dot = kernel_sum_of_products(&dot, g->inner)};
}

static void group_gradient(const GroupNorm *g, int64_t group, const void *x,
                           const void *grad, void *out) {
    DType in = moments_dtype(g->d);
    int64_t n = g->size * g->inner, first = group % g->groups * g->size;
    double with_x = 0, sum = 0;
    for (int64_t c = 0; c < g->size; c++) {
        ChannelSums s = group_channel_sums(g, group * n + c * g->inner, x, grad);
        double weight = load_or(g->d, g->weight, first + c, 1);
        with_x = moments_fma(in, s.dot, weight, with_x);
        sum = moments_fma(in, s.grad, weight, sum);
    }
    Slope s = slope_of(in, number_load(g->d, g->mean, group),
                       number_load(g->d, g->rstd, group), with_x, sum, (double)n);
    for (int64_t i = 0; i < n; i++) {
        double weight = load_or(g->d, g->weight, first + i / g->inner, 1);
        double a = number_rounded(in, s.a * weight);
        double more = moments_fma(in, s.b, number_load(g->d, x, group * n + i), s.c);
        number_store(g->d, out, group * n + i,
                     moments_fma(in, a, number_load(g->d, grad, group * n + i), more));
    }
}

/* Adds what one group of one sample gives to the gradients of the parameters. */
static void group_parameter_gradients(const GroupNorm *g, int64_t group, const void *x,
                                      const void *grad, BatchGrads out) {
    DType in = moments_dtype(g->d);
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
