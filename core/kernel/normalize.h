/* normalize: batch, layer and group normalization, on contiguous arrays.
 *
 * x is of a floating dtype d; statistics and parameters are arrays of dtype p, which is
 * d, or float32 beside bfloat16.  NULL stands for weights of 1 and biases of 0.
 */
#ifndef CORE_KERNEL_NORMALIZE_H
#define CORE_KERNEL_NORMALIZE_H

#include "core/dtype.h"

#include <stdbool.h>

/* ---- batches: x [n, channels, inner], statistics and parameters [channels] ---- */

typedef struct BatchNorm {
    DType d, p;
    DType s; /* of invstd: p, or what kernel_invstd writes */
    int64_t n, channels, inner;
    const void *weight, *bias;
    const void *mean, *invstd; /* invstd: 1 / sqrt(variance + eps) */
} BatchNorm;

/* mean, invstd and, where given, running statistics moved by momentum. */
typedef struct BatchStats {
    double eps, momentum;
    void *mean, *invstd, *running_mean, *running_var;
} BatchStats;
void kernel_batch_stats(const BatchNorm *b, const BatchStats *s, const void *x);
/* invstd [channels] from variances, of float32 beside bfloat16; in_double: rounded only
 * in the end, as gradients take it. */
void kernel_invstd(DType p, const void *variance, double eps, int64_t n, bool in_double,
                   void *invstd);
/* out = (x - mean) invstd weight + bias */
void kernel_batch_norm(const BatchNorm *b, const void *x, void *out);
/* The gradients, each unless NULL. train: mean and invstd depend on x. */
typedef struct BatchGrads {
    void *x, *weight, *bias;
} BatchGrads;
void kernel_batch_norm_backward(const BatchNorm *b, bool train, const void *x,
                                const void *grad, BatchGrads out);

/* ---- layers: x [rows, n], mean and rstd [rows], weight and bias [n] ---- */

typedef struct LayerNorm {
    DType d;
    int64_t rows, n;
    double eps;
    const void *weight, *bias;
    void *mean, *rstd;
} LayerNorm;
void kernel_layer_norm(const LayerNorm *l, const void *x, void *out);
void kernel_layer_norm_backward(const LayerNorm *l, const void *x, const void *grad,
                                BatchGrads out);

/* ---- groups: x [n, groups * size, inner], mean and rstd [n, groups] ---- */

typedef struct GroupNorm {
    DType d;
    int64_t n, groups, size, inner; /* size: channels of a group */
    double eps;
    const void *weight, *bias; /* [groups * size] */
    void *mean, *rstd;
} GroupNorm;
void kernel_group_norm(const GroupNorm *g, const void *x, void *out);
void kernel_group_norm_backward(const GroupNorm *g, const void *x, const void *grad,
                                BatchGrads out);

#endif
