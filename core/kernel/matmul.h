/* matmul: the one matrix product of the engine.
 *
 * c[i, j] = start[i, j] + sum over k of a[i, k] b[k, j].  Every element is one chain of
 * multiply-adds in the order of k, for floats and doubles with one rounding each (fma),
 * whatever the blocking, so that results do not depend on shapes, strides, vector width
 * or threads.  Strides count elements and may be anything, 0
 * included; c must not overlap a or b.
 */
#ifndef CORE_KERNEL_MATMUL_H
#define CORE_KERNEL_MATMUL_H

#include "core/dtype.h"

typedef struct Matrix {
    void *data;
    int64_t row, col; /* strides */
} Matrix;

typedef struct MatmulSize {
    int64_t m, n, k; /* a [m, k], b [k, n], c [m, n] */
} MatmulSize;

/* c holds the start of each sum (zeros for a plain product). Floats, doubles and
 * integers, which wrap; other dtypes are converted by the caller. */
void kernel_matmul(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c);

#endif
