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

/* Where the chain of an element begins, and where it ends. */
typedef enum MatmulStart {
    MATMUL_AT_C,    /* begins with what c holds */
    MATMUL_AT_ZERO, /* whatever c holds */
    MATMUL_ADDED /* begins with zero; the whole sum is added to c, and where there are
                    runs, the sum of each run */
} MatmulStart;

/* A product on one thread, of matrices that lie as it reads them best: the rows of a
 * side by side, and the columns of b and c, whose number is a multiple of 16. */
typedef struct MatmulLaid {
    MatmulSize size;
    Matrix a, b, c;
    bool fused; /* each product is rounded together with its sum */
    MatmulStart start;
    const int64_t *b_rows; /* where each row of b begins, instead of b.row */
    int64_t a_run, a_gap;  /* after each a_run columns of a, a_gap elements are skipped;
                              there are at most 256 columns then, but where sums are
                              added. 0: one run */
    const void *mask;      /* [n], of the size of c's elements: c changes where all bits
                              are set; NULL: everywhere */
} MatmulLaid;

/* Not bfloat16. */
void kernel_matmul_laid(DType d, const MatmulLaid *p);

#endif
