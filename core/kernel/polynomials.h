/* polynomials: families of orthogonal polynomials, element by element (see iter.h for
 * the type of kernels).
 */
#ifndef CORE_KERNEL_POLYNOMIALS_H
#define CORE_KERNEL_POLYNOMIALS_H

#include "core/kernel/pointwise.h"

#include <stdbool.h>

typedef enum PolynomialKind {
    CHEBYSHEV_T,
    CHEBYSHEV_U,
    CHEBYSHEV_V,
    CHEBYSHEV_W,
    HERMITE_H,
    HERMITE_HE,
    LAGUERRE_L,
    LEGENDRE_P
} PolynomialKind;

typedef struct PolynomialArgs {
    PolynomialKind kind;
    bool shifted; /* of Chebyshev's: in 2 a - 1 instead of a */
} PolynomialArgs;

/* Polynomial number b, cut to a whole number, of a; 0 where that is negative.  Floats
 * and doubles; `arg` points to a PolynomialArgs. */
KERNEL(kernel_polynomial);

#endif
