/* random: tensors filled from distributions, bit for bit as PyTorch's CPU kernels.
 *
 * All but the last group are inner loops (iter.h): elements are drawn one after the
 * other, in the order in which the iterator walks, which is that of memory for one
 * operand.  `arg` points to a Draw.  Numbers are drawn in double and rounded to the
 * dtype of the result, unless a line says otherwise.
 *
 * Where PyTorch's kernels for AVX2 fuse a product and a sum, so does this file.
 */
#ifndef CORE_KERNEL_RANDOM_H
#define CORE_KERNEL_RANDOM_H

#include "core/iter.h"
#include "mt19937.h"

typedef struct Draw {
    Random *random;
    double a, b;    /* the distribution's parameters */
    int64_t from;   /* of integers */
    uint64_t range; /* 0: all of 2^64 */
    DType other;    /* of operand 1, where that may differ from the result's */
    bool *failed; /* set, and nothing more drawn, at an operand that is no parameter */
} Draw;

#define RANDOM_KERNEL(name)                                                            \
    void name(DType d, char *const *p, const int64_t *s, int64_t n, const void *arg)

/* [a, b), drawn in the result's own precision; floats. */
RANDOM_KERNEL(random_uniform);
/* Mean a, deviation b, from pairs of which one waits in the generator; floats. */
RANDOM_KERNEL(random_normal);
/* from, from + 1, ... of `range` numbers; all dtypes. */
RANDOM_KERNEL(random_integers);
/* As many whole numbers from 0 on as the dtype holds; all dtypes. */
RANDOM_KERNEL(random_whole);
/* 1 with probability a, else 0. */
RANDOM_KERNEL(random_bernoulli);
/* The same, operand 1 of dtype `other` being the probabilities. float64 ones take 53
 * bits of chance each, others 24. Fails where one is not within [0, 1]. */
RANDOM_KERNEL(random_bernoulli_each);
/* Rate a. */
RANDOM_KERNEL(random_exponential);
/* The number of trials up to the first success, each having probability a. */
RANDOM_KERNEL(random_geometric);
/* e to the power of a normal number of mean a and deviation b. */
RANDOM_KERNEL(random_log_normal);
/* Median a, scale b. */
RANDOM_KERNEL(random_cauchy);
/* 1 where operand 1, of the same dtype, is positive or nan; else in [a, b), drawn with
 * 53 bits of chance. */
RANDOM_KERNEL(random_slopes);
/* The rates are operand 1; both float32 or float64. Fails where one is negative. */
RANDOM_KERNEL(random_poisson);

/* n >= 16 contiguous normal numbers, made in blocks of 16; they leave the generator's
 * spare alone. float16 and bfloat16 round after every operation. (normal_blocks.c) */
void random_normal_blocks(DType d, void *data, int64_t n, const Draw *draw);
/* A permutation of 0 .. n-1 into contiguous elements. */
void random_permutation(Random *r, DType d, void *data, int64_t n);
/* n picks, with replacement, of index i with probability weights[i] / their sum; the
 * weights are floats of dtype d, `step` bytes apart.  `sums` is scratch, one a weight.
 */
typedef enum PicksError {
    PICKS_FINE,
    PICKS_NEGATIVE,   /* a weight is negative or nan */
    PICKS_NOT_FINITE, /* a weight is infinite */
    PICKS_NO_WEIGHT   /* they sum to 0 */
} PicksError;
PicksError random_picks(Random *r, DType d, const char *weights, int64_t step,
                        int64_t length, double *sums, int64_t *picks, int64_t n);

#endif
