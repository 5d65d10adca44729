/* matmul: the one matrix product of the engine.
 *
 * c[i, j] = start[i, j] + sum over k of a[i, k] b[k, j].  Every element is one chain of
 * multiply-adds in the order of k, whatever the blocking, so that results do not depend
 * on strides, vector width or threads.  Each product and each sum is rounded, as the
 * reference BLAS has it; where m n k reaches 2^21 they are rounded together (fma),
 * which takes half the time.  Strides count elements and may be anything, 0 included; c
 * must not overlap a or b.
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

/* Multiply-adds from which on a product is large. */
enum { MATMUL_LARGE = 1 << 21 };

/* c holds the start of each sum (zeros for a plain product). Floats, doubles, integers,
 * which wrap, and bfloat16, slowly, whose a is of floats: it may hold a factor. */
void kernel_matmul(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c);
/* The same for a part of a product of `whole` size, which decides how it is rounded. */
void kernel_matmul_part(DType d, MatmulSize size, MatmulSize whole, Matrix a, Matrix b,
                        Matrix c);
/* The same, rounded as a large product is. */
void kernel_matmul_fused(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c);

#endif
