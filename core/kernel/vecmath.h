/* vecmath: functions of mathematics that give the same bits on every machine.
 *
 * They are SLEEF's deterministic family (without fused multiply-add, so that every
 * processor rounds alike), each within one unit in the last place.  The C library's
 * own differ from machine to machine; they stand in where SLEEF's range ends, and for
 * everything when the library is not there.
 *
 * libsleef is opened when a context first needs it: linked, it would cost every start
 * a quarter of a millisecond.
 */
#ifndef CORE_KERNEL_VECMATH_H
#define CORE_KERNEL_VECMATH_H

#include <stdbool.h>

/* y = |x| <= limit ? one(x) : far(x) */
typedef struct MathFunction {
    double (*one)(double);
    double (*far)(double);
    double limit;
} MathFunction;

typedef struct MathFunction2 {
    double (*two)(double, double);
} MathFunction2;

/* X(name, SLEEF's symbol, limit up to which SLEEF is right) */
#define VECMATH_ONE(X)                                                                 \
    X(acos, "acosd1_u10", 1e300)                                                       \
    X(acosh, "acoshd1_u10", 1e150)                                                     \
    X(asin, "asind1_u10", 1e300)                                                       \
    X(asinh, "asinhd1_u10", 1e150)                                                     \
    X(atan, "atand1_u10", 1e300)                                                       \
    X(atanh, "atanhd1_u10", 1e300)                                                     \
    X(cos, "cosd1_u10", 1e300)                                                         \
    X(cosh, "coshd1_u10", 709)                                                         \
    X(erf, "erfd1_u10", 1e300)                                                         \
    X(erfc, "erfcd1_u15", 1e300)                                                       \
    X(exp, "expd1_u10", 1e300)                                                         \
    X(exp2, "exp2d1_u10", 1e300)                                                       \
    X(expm1, "expm1d1_u10", 1e300)                                                     \
    X(lgamma, "lgammad1_u10", 1e300)                                                   \
    X(log, "logd1_u10", 1e300)                                                         \
    X(log10, "log10d1_u10", 1e300)                                                     \
    X(log1p, "log1pd1_u10", 1e300)                                                     \
    X(log2, "log2d1_u10", 1e300)                                                       \
    X(sin, "sind1_u10", 1e300)                                                         \
    X(sinh, "sinhd1_u10", 709)                                                         \
    X(tan, "tand1_u10", 1e300)                                                         \
    X(tanh, "tanhd1_u10", 1e300)
#define VECMATH_TWO(X)                                                                 \
    X(atan2, "atan2d1_u10")                                                            \
    X(hypot, "hypotd1_u05")                                                            \
    X(pow, "powd1_u10")

typedef struct VecMath {
    void *library; /* NULL: libsleef was not found */
#define X(name, symbol, limit) MathFunction name;
    VECMATH_ONE(X)
#undef X
#define X(name, symbol) MathFunction2 name;
    VECMATH_TWO(X)
#undef X
} VecMath;

/* Fills *v; cannot fail. False when libsleef was not found. */
bool vecmath_open(VecMath *v);
void vecmath_close(VecMath *v);

static inline double math_one(const MathFunction *f, double x) {
    return x >= -f->limit && x <= f->limit ? f->one(x) : f->far(x);
}

#endif
