/* See nll.h.  Sources: LossNLL.cpp, LossNLL2d.cpp. */
#include "nll.h"

#include "number.h"

#include <stddef.h>

/* What pair number at picks: where in x, and with which weight. */
typedef struct Pick {
    int64_t at; /* -1: nothing */
    double weight;
} Pick;

static Pick pick(DType d, const Nll *n, int64_t pair) {
    int64_t target = n->target[pair];
    if (target == n->ignore) return (Pick){-1, 0};
    int64_t at = (pair / n->inner * n->classes + target) * n->inner + pair % n->inner;
    return (Pick){at, n->weight ? number_load(d, n->weight, target) : 1};
}

void kernel_nll(DType d, const Nll *n, const void *x, void *out) {
    for (int64_t i = 0; i < n->batch * n->inner; i++) {
        Pick p = pick(d, n, i);
        number_store(d, out, i, p.at < 0 ? 0 : -number_load(d, x, p.at) * p.weight);
    }
}

/* ---- sums ---- */

/* Sums in levels: every 2^bits sums of one level are added up in the next. */
enum { LEVELS = 8, LEAST_BITS = 4 };
typedef struct Levels {
    double sum[LEVELS];
} Levels;

static int level_bits(int64_t n) {
    int bits = 0;
    while ((int64_t)1 << bits < n) bits++;
    return bits / LEVELS > LEAST_BITS ? bits / LEVELS : LEAST_BITS;
}

static void carry(DType d, Levels *s, int64_t i, int bits) {
    int64_t mask = ((int64_t)1 << bits) - 1;
    for (int j = 0; j + 1 < LEVELS && !(i & mask << (j * bits)); j++) {
        s->sum[j + 1] = number_rounded(d, s->sum[j + 1] + s->sum[j]);
        s->sum[j] = 0;
    }
}

static double total_of(DType d, const Levels *s) {
    double total = 0;
    for (int j = 0; j < LEVELS; j++) total = number_rounded(d, total + s->sum[j]);
    return total;
}

void kernel_nll_sum(DType d, const Nll *n, bool mean, const void *x, void *out,
                    void *total) {
    Levels losses = {{0}}, weights = {{0}};
    int64_t pairs = n->batch * n->inner, count = 0;
    int bits = level_bits(pairs);
    for (int64_t i = 0; i < pairs; i++) {
        Pick p = pick(d, n, i);
        if (p.at < 0) continue;
        double loss = number_rounded(d, number_load(d, x, p.at) * p.weight);
        losses.sum[0] = number_rounded(d, losses.sum[0] - loss);
        weights.sum[0] = number_rounded(d, weights.sum[0] + p.weight);
        carry(d, &losses, i, bits);
        carry(d, &weights, i, bits);
        count++;
    }
    double loss = total_of(d, &losses);
    double weight = n->weight ? total_of(d, &weights) : (double)count;
    number_store(d, total, 0, weight);
    number_store(d, out, 0, mean ? loss / number_rounded(d, weight) : loss);
}

/* ---- gradients ---- */

void kernel_nll_backward(DType d, const Nll *n, const void *grad, void *out) {
    for (int64_t i = 0; i < n->batch * n->inner; i++) {
        Pick p = pick(d, n, i);
        if (p.at >= 0) number_store(d, out, p.at, -p.weight * number_load(d, grad, i));
    }
}

void kernel_nll_sum_backward(DType d, const Nll *n, const void *grad, const void *total,
                             void *out) {
    double g = -number_load(d, grad, 0);
    if (total) g = number_rounded(d, g / number_load(d, total, 0));
    for (int64_t i = 0; i < n->batch * n->inner; i++) {
        Pick p = pick(d, n, i);
        if (p.at >= 0) number_store(d, out, p.at, g * p.weight);
    }
}
