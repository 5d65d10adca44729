/* Batches, of normalize.h.  Sources: Normalization.cpp, batch_norm_kernel.cpp.
 *
 * PyTorch adds up a channel in one of three ways, each with roundings of its own: see
 * Walk. */
#include "normalize.h"

#include "cpu.h"
#include "moments.h"

#include <math.h>
#include <stddef.h>

/* ---- sums over a channel ---- */

typedef enum Walk {
    WALK_PLANES, /* in double, plane by plane */
    WALK_BLOCKS, /* planes of bfloat16: lanes of float over whole blocks of a plane, and
                    one more sum for what is behind them */
    WALK_SAMPLES /* planes of one element: in the kernel's type, sample by sample */
} Walk;

enum { LANES = 8, BLOCK = 16 };

typedef struct ChannelWalk {
    Walk walk;
    DType in;       /* what is computed in; sums of planes are double */
    int64_t blocks; /* elements of a plane in whole blocks */
} ChannelWalk;

static ChannelWalk walk_of(const BatchNorm *b) {
    ChannelWalk w = {.in = moments_dtype(b->d)};
    bool wide = b->d == DT_bfloat16;
    w.walk = b->inner == 1 ? WALK_SAMPLES : wide ? WALK_BLOCKS : WALK_PLANES;
    w.blocks = w.walk == WALK_BLOCKS ? b->inner - b->inner % BLOCK : 0;
    return w;
}

static int64_t channel_at(const BatchNorm *b, int64_t n, int64_t channel) {
    return (n * b->channels + channel) * b->inner;
}

/* Sums under way: the lanes, and what is not of whole blocks. */
typedef struct ChannelSum {
    double lane[LANES + 1];
} ChannelSum;

static double *lane_of(const ChannelWalk *w, ChannelSum *s, int64_t i) {
    return &s->lane[i < w->blocks ? i % LANES : LANES];
}

static double channel_total(const ChannelWalk *w, const ChannelSum *s) {
    double lanes = s->lane[0];
    for (int i = 1; i < LANES; i++) lanes = number_rounded(w->in, lanes + s->lane[i]);
    return number_rounded(w->in, s->lane[LANES] + lanes);
}

/* ---- what goes through all elements: compiled for each dtype, with and without fused
 * multiply-add ---- */

/* WALK_PLANES: of a channel the mean, as it is stored, and the sum of squared distances
 * from it, of which a last odd double's is fused with the sum. */
INLINE Moments planes_of(const BatchNorm *b, DType d, const void *x, int64_t channel) {
    double sum = 0, square = 0, count = (double)(b->n * b->inner);
    int64_t fused = d == DT_float64 ? b->inner - b->inner % 2 : b->inner;
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, channel); i < b->inner; i++)
            sum += number_load(d, x, at + i);
    double mean = number_rounded(d, sum / count);
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, channel); i < b->inner; i++) {
            double far = number_rounded(d, number_load(d, x, at + i) - mean);
            square = i < fused ? square + number_rounded(d, far * far)
                               : fma(far, far, square);
        }
    return (Moments){mean, number_rounded(d, square)};
}

/* out = scale x + shift */
INLINE void scale_of(const BatchNorm *b, DType d, int64_t c, double scale, double shift,
                     const void *x, void *out) {
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++)
            number_store(
                d, out, at + i,
                moments_fma(moments_dtype(d), number_load(d, x, at + i), scale, shift));
}

INLINE Moments planes_any(const BatchNorm *b, const void *x, int64_t c) {
    return b->d == DT_float64 ? planes_of(b, DT_float64, x, c)
                              : planes_of(b, DT_float32, x, c);
}

INLINE void scale_any(const BatchNorm *b, int64_t c, double scale, double shift,
                      const void *x, void *out) {
    switch (b->d) {
    case DT_float32: scale_of(b, DT_float32, c, scale, shift, x, out); break;
    case DT_float64: scale_of(b, DT_float64, c, scale, shift, x, out); break;
    default: scale_of(b, DT_bfloat16, c, scale, shift, x, out); break;
    }
}

COMPILED_TWICE(Moments, planes, (const BatchNorm *b, const void *x, int64_t c),
               return planes_any(b, x, c);)
COMPILED_TWICE(void, scale,
               (const BatchNorm *b, int64_t c, double scale, double shift,
                const void *x, void *out),
               scale_any(b, c, scale, shift, x, out);)

/* ---- statistics ---- */

/* The mean of a channel, as it is stored, and the sum of squared distances from it. */
static Moments channel_moments(const BatchNorm *b, const void *x, int64_t channel) {
    ChannelWalk w = walk_of(b);
    if (w.walk == WALK_PLANES) return CHOSEN(planes)(b, x, channel);
    ChannelSum sum = {{0}}, square = {{0}};
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, channel); i < b->inner; i++) {
            double *lane = lane_of(&w, &sum, i);
            *lane = number_rounded(w.in, *lane + number_load(b->d, x, at + i));
        }
    double mean = channel_total(&w, &sum) / (double)(b->n * b->inner);
    double stored = number_rounded(b->p, number_rounded(w.in, mean));
    mean = w.walk == WALK_BLOCKS ? number_rounded(w.in, mean) : stored;
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, channel); i < b->inner; i++) {
            double far = number_rounded(w.in, number_load(b->d, x, at + i) - mean);
            double *lane = lane_of(&w, &square, i);
            *lane = moments_fma(w.in, far, far, *lane);
        }
    return (Moments){stored, number_rounded(b->p, channel_total(&w, &square))};
}

/* Moves a running statistic of dtype p towards v, whose share is computed in `in`. */
static void move_towards(DType p, void *running, int64_t i, double v, double momentum,
                         DType in) {
    if (!running) return;
    momentum = number_rounded(p, momentum);
    double keep = number_rounded(p, 1 - momentum);
    double old = number_rounded(p, keep * number_load(p, running, i));
    number_store(p, running, i, number_rounded(in, momentum * v) + old);
}

void kernel_batch_stats(const BatchNorm *b, const BatchStats *s, const void *x) {
    int64_t count = b->n * b->inner;
    DType wide = b->d == DT_bfloat16 ? DT_float32 : DT_float64;
    double all = number_rounded(b->p, (double)count);
    double but_one = number_rounded(b->p, (double)(count - 1));
    for (int64_t c = 0; c < b->channels; c++) {
        Moments m = channel_moments(b, x, c);
        double variance = number_rounded(b->p, m.variance / all);
        number_store(b->p, s->mean, c, m.mean);
        bool flat = variance == 0 && s->eps == 0;
        number_store(b->p, s->invstd, c, flat ? 0 : 1 / sqrt(variance + s->eps));
        double unbiased = number_rounded(b->p, m.variance / but_one);
        move_towards(b->p, s->running_mean, c, m.mean, s->momentum, b->p);
        move_towards(b->p, s->running_var, c, unbiased, s->momentum, wide);
    }
}

void kernel_invstd(DType p, const void *variance, double eps, int64_t n, bool in_double,
                   void *invstd) {
    DType in = moments_dtype(p);
    for (int64_t i = 0; i < n; i++) {
        double v = number_load(p, variance, i);
        number_store(in, invstd, i,
                     in_double ? 1 / sqrt(v + eps) : moments_inverse_root(in, v, eps));
    }
}

/* ---- forward ---- */

void kernel_batch_norm(const BatchNorm *b, const void *x, void *out) {
    DType in = moments_dtype(b->d);
    for (int64_t c = 0; c < b->channels; c++) {
        double mean = number_load(b->p, b->mean, c);
        double invstd = number_load(b->s, b->invstd, c);
        double scale =
            number_rounded(in, invstd * number_load_or(b->p, b->weight, c, 1));
        double shift =
            moments_fma(in, -mean, scale, number_load_or(b->p, b->bias, c, 0));
        CHOSEN(scale)(b, c, scale, shift, x, out);
    }
}

/* ---- backward ---- */

/* The sums over a channel of the gradients, and of these times x - mean. */
typedef struct ChannelSums {
    double grad, dot;
} ChannelSums;

/* In double, the sums of planes. */
static ChannelSums sums_of_planes(const BatchNorm *b, const void *x, const void *grad,
                                  int64_t c) {
    double mean = number_load(b->p, b->mean, c);
    ChannelSums s = {0, 0};
    for (int64_t n = 0; n < b->n; n++) {
        int64_t at = channel_at(b, n, c);
        Products sum = {.d = b->d, .a = grad, .a_at = at};
        Products dot = {
            .d = b->d, .a = x, .b = grad, .a_at = at, .b_at = at, .shift = mean};
        s.grad += kernel_sum_of_products(&sum, b->inner);
        s.dot += kernel_sum_of_products(&dot, b->inner);
    }
    return s;
}

static ChannelSums channel_sums(const BatchNorm *b, const void *x, const void *grad,
                                int64_t c) {
    ChannelWalk w = walk_of(b);
    if (w.walk == WALK_PLANES) return sums_of_planes(b, x, grad, c);
    double mean = number_load(b->p, b->mean, c);
    ChannelSum sum = {{0}}, dot = {{0}};
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++) {
            double g = number_load(b->d, grad, at + i);
            double far = number_rounded(w.in, number_load(b->d, x, at + i) - mean);
            double *lane = lane_of(&w, &sum, i);
            *lane = number_rounded(w.in, *lane + g);
            lane = lane_of(&w, &dot, i);
            *lane = moments_fma(w.in, far, g, *lane);
        }
    return (ChannelSums){channel_total(&w, &sum), channel_total(&w, &dot)};
}

/* Whether the product in the gradient of x is fused: not in the last channels, which
 * fill no vector, of samples of doubles. */
static bool fuses(const BatchNorm *b, int64_t c) {
    enum { DOUBLES = 4 };
    bool samples = b->d == DT_float64 && b->inner == 1;
    return !samples || c < b->channels - b->channels % DOUBLES;
}

/* The gradient of x in one channel; without sums, that of a constant mean. */
static void channel_gradient(const BatchNorm *b, const ChannelSums *s, int64_t c,
                             const void *x, const void *grad, void *out) {
    DType in = moments_dtype(b->d);
    double mean = number_load(b->p, b->mean, c);
    double invstd = number_load(b->s, b->invstd, c), count = (double)(b->n * b->inner);
    double weight = number_load_or(b->p, b->weight, c, 1), k = 0, grad_mean = 0;
    bool fused = fuses(b, c);
    if (s) {
        k = number_rounded(in, number_rounded(in, s->dot) * invstd);
        k = number_rounded(in, number_rounded(in, k * invstd) / count);
        grad_mean = number_rounded(in, s->grad / count);
    }
    for (int64_t n = 0; n < b->n; n++)
        for (int64_t i = 0, at = channel_at(b, n, c); i < b->inner; i++) {
            double g = number_load(b->d, grad, at + i);
            double far = number_rounded(in, number_load(b->d, x, at + i) - mean);
            if (s) g = number_rounded(in, g - grad_mean);
            if (s) g = fused ? moments_fma(in, -far, k, g) : g - far * k;
            number_store(b->d, out, at + i, number_rounded(in, g * invstd) * weight);
        }
}

void kernel_batch_norm_backward(const BatchNorm *b, bool train, const void *x,
                                const void *grad, BatchGrads out) {
    for (int64_t c = 0; c < b->channels; c++) {
        ChannelSums s = channel_sums(b, x, grad, c);
        if (out.x) channel_gradient(b, train ? &s : NULL, c, x, grad, out.x);
        if (out.weight)
            number_store(b->p, out.weight, c, s.dot * number_load(b->s, b->invstd, c));
        if (out.bias) number_store(b->p, out.bias, c, s.grad);
    }
}
