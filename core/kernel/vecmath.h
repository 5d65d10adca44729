/* vecmath: the functions of mathematics, with the bits that PyTorch gets.
 *
 * They come from SLEEF, as PyTorch's do: the member with fused multiply-add of its
 * deterministic family, whose results are the same for one element as for eight or
 * sixteen at once.
 *
 * Where PyTorch calls the C library this does too: for some functions always, for
 * others (`blocks`) for what is left behind whole blocks of 64 bytes, and for elements
 * that do not lie side by side.  Where libsleef is missing, or the processor has no
 * fused multiply-add, there are no functions: others would give other bits, and nobody
 * would notice.
 *
 * libsleef is opened when a context first needs it: linked, it would cost every start
 * a quarter of a millisecond.
 */
#ifndef CORE_KERNEL_VECMATH_H
#define CORE_KERNEL_VECMATH_H

#include "core/kernel/libm.h"

#include <stdbool.h>

/* A function of whole vectors; what it really takes is known to those who call it. */
typedef void (*MathWide)(void);

typedef struct MathFunction {
    double (*one)(double); /* single elements */
    float (*one_float)(float);
    double (*block)(double); /* elements of whole blocks */
    float (*block_float)(float);
    MathWide wide, wide_float; /* whole vectors in blocks; NULL: element by element */
    int width;                 /* bytes of the vectors: 32 or 64 */
    bool blocks;               /* what is behind whole blocks counts as single */
} MathFunction;

typedef struct MathFunction2 {
    double (*one)(double, double);
    float (*one_float)(float, float);
    double (*block)(double, double);
    float (*block_float)(float, float);
    MathWide wide, wide_float;
    int width;
    bool blocks;
} MathFunction2;

/* X(member, the C library's for doubles and floats, SLEEF's name, its accuracy,
 * blocks); without a name of SLEEF's: always the C library's, or libm.h's in its place.
 */
#define VECMATH_ONE(X)                                                                 \
    X(acos, acos, libm_acosf, "acos", "u10", false)                                    \
    X(acosh, libm_acosh, libm_acoshf, NULL, NULL, false)                               \
    X(asin, asin, libm_asinf, "asin", "u10", false)                                    \
    X(asinh, asinh, libm_asinhf, NULL, NULL, false)                                    \
    X(atan, atan, libm_atanf, "atan", "u10", false)                                    \
    X(atanh, atanh, libm_atanhf, NULL, NULL, false)                                    \
    X(cos, cos, cosf, "cos", "u10", false)                                             \
    X(cosh, cosh, libm_coshf, "cosh", "u10", true)                                     \
    X(erf, libm_erf, libm_erff, "erf", "u10", false)                                   \
    X(erfc, libm_erfc, libm_erfcf, "erfc", "u15", false)                               \
    X(exp, exp, expf, "exp", "u10", false)                                             \
    X(exp2, libm_exp2, exp2f, NULL, NULL, false)                                       \
    X(expm1, expm1, libm_expm1f, "expm1", "u10", false)                                \
    X(lgamma, libm_lgamma, libm_lgammaf, "lgamma", "u10", false)                       \
    X(log, log, logf, "log", "u10", false)                                             \
    X(log10, log10, log10f, "log10", "u10", false)                                     \
    X(log1p, log1p, libm_log1pf, "log1p", "u10", false)                                \
    X(log2, log2, log2f, "log2", "u10", false)                                         \
    X(sigmoid_exp, exp, expf, "exp", "u10", true)                                      \
    X(sin, sin, sinf, "sin", "u10", false)                                             \
    X(sinh, sinh, libm_sinhf, "sinh", "u10", true)                                     \
    X(tan, tan, libm_tanf, "tan", "u10", false)                                        \
    X(tanh, tanh, libm_tanhf, "tanh", "u10", false)
#define VECMATH_TWO(X)                                                                 \
    X(atan2, atan2, libm_atan2f, "atan2", "u10", true)                                 \
    X(hypot, libm_hypot, hypotf, "hypot", "u05", true)                                 \
    X(pow, pow, powf, "pow", "u10", true)

typedef struct VecMath {
    void *library;
#define X(member, of_double, of_float, sleef, accuracy, by_blocks) MathFunction member;
    VECMATH_ONE(X)
#undef X
#define X(member, of_double, of_float, sleef, accuracy, by_blocks) MathFunction2 member;
    VECMATH_TWO(X)
#undef X
} VecMath;

enum { MATH_BLOCK = 64 }; /* bytes */

/* What a power by a number takes. */
typedef struct PowerArgs {
    const VecMath *math;
    double exponent;
} PowerArgs;

/* The C library's functions alone; `library` is NULL. */
extern const VecMath c_math;

/* Fills *v. False, with nothing to close, when libsleef is missing or lacks one, or the
 * processor has no fused multiply-add. What has been looked for in vain is not looked
 * for again: a process that runs cells could not. */
bool vecmath_open(VecMath *v);
void vecmath_close(VecMath *v);

#endif
