/* distance: p-norm distances between rows, and their derivatives, as PyTorch computes
 * them: the same order of sums, products fused with them where its build does so.
 *
 * Rows lie one after another, m elements each, of dtype d: float32 or float64.
 */
#ifndef CORE_KERNEL_DISTANCE_H
#define CORE_KERNEL_DISTANCE_H

#include "core/dtype.h"
#include "core/kernel/vecmath.h"

typedef struct DistanceRows {
    DType d;
    double p;  /* 0 counts differences, INFINITY takes the largest */
    int64_t m; /* elements of a row */
    const VecMath *math;
} DistanceRows;

/* out[i][j] = distance of row i of a (of n) and row j of b (of k): element by element.
 */
void kernel_cdist(const DistanceRows *s, const void *a, int64_t n, const void *b,
                  int64_t k, void *out);
/* grad_a[i] = the sum over j of grad[i][j] times the derivative of dist[i][j] by row i
 * of a. */
void kernel_cdist_backward(const DistanceRows *s, const void *a, int64_t n,
                           const void *b, int64_t k, const void *grad, const void *dist,
                           void *grad_a);
/* out = distances of each two of n rows, (0, 1), (0, 2) ... (1, 2) ...; sums in the
 * lanes of vectors of 32 bytes. */
void kernel_pdist(const DistanceRows *s, const void *x, int64_t n, void *out);
void kernel_pdist_backward(const DistanceRows *s, const void *x, int64_t n,
                           const void *grad, const void *dist, void *grad_x);

#endif
