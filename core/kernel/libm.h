/* libm: functions of mathematics with the same bits everywhere.
 *
 * They are the C library's functions whose last digits hang on how a compiler rounded
 * the library's own sums: where it fuses a product with the sum that takes it, as for
 * aarch64, other bits come out than where it does not, as for x86-64.  These here give
 * on every machine the bits of glibc 2.36 for x86-64, which are those that PyTorch
 * prints.  Functions that are missing here have the same bits in both builds wherever
 * the processor has a fused multiply-add, and are called from the C library.
 *
 * The names are the C library's behind libm_, an f at the end for floats.  They set no
 * errno, and of a nan only say that it is one.  The methods are those of Sun's fdlibm
 * unless a file says otherwise; the order of operations is part of the contract, and
 * the compiler must keep to it (-ffp-contract=off).
 *
 * tests/core/test_libm.c holds recorded digests to them; tests/libm/compare.c is for
 * comparing them with a C library at length.
 */
#ifndef CORE_KERNEL_LIBM_H
#define CORE_KERNEL_LIBM_H

#include <math.h>

double libm_erf(double x);
float libm_erff(float x);
double libm_erfc(double x);
float libm_erfcf(float x);

/* The logarithm of the size of gamma(x). */
double libm_lgamma(double x);
float libm_lgammaf(float x);

double libm_cbrt(double x);
double libm_exp2(double x);
double libm_hypot(double x, double y);

float libm_log1pf(float x);
float libm_expm1f(float x);
/* For those who are written for both types: the C library's. */
static inline double libm_log1p(double x) {
    return log1p(x);
}
static inline double libm_expm1(double x) {
    return expm1(x);
}
float libm_sinhf(float x);
float libm_coshf(float x);
float libm_tanhf(float x);
float libm_asinhf(float x);
double libm_acosh(double x);
float libm_acoshf(float x);
float libm_atanhf(float x);

float libm_tanf(float x);
float libm_asinf(float x);
float libm_acosf(float x);
float libm_atanf(float x);
float libm_atan2f(float y, float x);

#endif
