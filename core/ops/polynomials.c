/* Orthogonal polynomials: Chebyshev's, Hermite's, Laguerre's, Legendre's.
 *
 * x [...], n [...], broadcast -> [...]: polynomial number n of x, 0 where n is
 * negative; one of the two may be a number.  Integers and bool give the default float
 * dtype; float16 and bfloat16 are refused.  The results need no gradient. */
#include "core/kernel/polynomials.h"
#include "ops.h"
#include "special.h"

#define OVERLOAD(op, name, overload, operands, text)                                   \
    static const OpDef op = {                                                          \
        .schema = "special_" #name overload "(" operands ") -> Tensor",                \
        .doc = text,                                                                   \
        .forms = OP_SPECIAL | OP_OUT,                                                  \
        .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,                                \
        .forward = name##_forward,                                                     \
    };
#define POLYNOMIAL(name, kind, shifted, text)                                          \
    static Value name##_forward(Ctx *c, Call *k) {                                     \
        static const PolynomialArgs args = {kind, shifted};                            \
        return special_pair(c, k,                                                      \
                            &(PointwiseKernel){kernel_polynomial, #name "_cpu",        \
                                               DTYPES_HALF | DTYPES_BFLOAT16, &args}); \
    }                                                                                  \
    OVERLOAD(op_##name, name, "", "Tensor x, Tensor n", text)                          \
    OVERLOAD(op_##name##_of_number, name, ".x_scalar", "Scalar x, Tensor n", text)     \
    OVERLOAD(op_##name##_by_number, name, ".n_scalar", "Tensor x, Scalar n", text)

POLYNOMIAL(chebyshev_polynomial_t, CHEBYSHEV_T, false,
           "Chebyshev's polynomial of the first kind number n")
POLYNOMIAL(chebyshev_polynomial_u, CHEBYSHEV_U, false,
           "Chebyshev's polynomial of the second kind number n")
POLYNOMIAL(chebyshev_polynomial_v, CHEBYSHEV_V, false,
           "Chebyshev's polynomial of the third kind number n")
POLYNOMIAL(chebyshev_polynomial_w, CHEBYSHEV_W, false,
           "Chebyshev's polynomial of the fourth kind number n")
POLYNOMIAL(shifted_chebyshev_polynomial_t, CHEBYSHEV_T, true,
           "chebyshev_polynomial_t of 2 x - 1")
POLYNOMIAL(shifted_chebyshev_polynomial_u, CHEBYSHEV_U, true,
           "chebyshev_polynomial_u of 2 x - 1")
POLYNOMIAL(shifted_chebyshev_polynomial_v, CHEBYSHEV_V, true,
           "chebyshev_polynomial_v of 2 x - 1")
POLYNOMIAL(shifted_chebyshev_polynomial_w, CHEBYSHEV_W, true,
           "chebyshev_polynomial_w of 2 x - 1")
POLYNOMIAL(hermite_polynomial_h, HERMITE_H, false,
           "Hermite's polynomial number n of the physicists")
POLYNOMIAL(hermite_polynomial_he, HERMITE_HE, false,
           "Hermite's polynomial number n of probability theory")
POLYNOMIAL(laguerre_polynomial_l, LAGUERRE_L, false, "Laguerre's polynomial number n")
POLYNOMIAL(legendre_polynomial_p, LEGENDRE_P, false, "Legendre's polynomial number n")

#define LISTED(name) &op_##name, &op_##name##_of_number, &op_##name##_by_number
const OpDef *const polynomials_ops[] = {
    LISTED(chebyshev_polynomial_t),
    LISTED(chebyshev_polynomial_u),
    LISTED(chebyshev_polynomial_v),
    LISTED(chebyshev_polynomial_w),
    LISTED(shifted_chebyshev_polynomial_t),
    LISTED(shifted_chebyshev_polynomial_u),
    LISTED(shifted_chebyshev_polynomial_v),
    LISTED(shifted_chebyshev_polynomial_w),
    LISTED(hermite_polynomial_h),
    LISTED(hermite_polynomial_he),
    LISTED(laguerre_polynomial_l),
    LISTED(legendre_polynomial_p),
    NULL,
};
