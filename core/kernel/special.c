/* See special.h.  The zeta function shifts its argument upwards until the asymptotic
 * series is exact to the last bits (Abramowitz and Stegun 23.2). */
#include "special.h"

#include "by_blocks.h"
#include "libm.h"
#include "loops.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---- derivatives of digamma ---- */

/* In the type of the element, with the C library's sine, and fused where PyTorch's
 * kernel is: next to a pole, digits and all come from what pi * x was rounded to. */
#define TRIGAMMA(T, NAME, F)                                                           \
    static T NAME(T x) {                                                               \
        T sign = 1, sum = 0;                                                           \
        if (x < (T)0.5) {                                                              \
            T s = sin##F((T)pi * x);                                                   \
            sign = -1;                                                                 \
            sum = -((T)pi * (T)pi) / (s * s);                                          \
            x = 1 - x;                                                                 \
        }                                                                              \
        for (int i = 0; i < 6; i++, x++) sum += 1 / (x * x);                           \
        T z = 1 / (x * x);                                                             \
        T inner = fma##F(-z, fma##F(-z, (T)1 / 42, (T)1 / 30), (T)1 / 6);              \
        return sign * (sum + fma##F(z, inner, 1 + 1 / (2 * x)) / x);                   \
    }
TRIGAMMA(float, trigamma_float, f)
TRIGAMMA(double, trigamma_double, )
#define TRIGAMMA_OF(a)                                                                 \
    _Generic((a), float : trigamma_float, double : trigamma_double)(a)

/* (2 j)! / B_2j */
static const double factors[] = {12,
                                 -720,
                                 30240,
                                 -1209600,
                                 47900160,
                                 -1.8924375803183791606e9,
                                 7.47242496e10,
                                 -2.950130727918164224e12,
                                 1.1646782814350067249e14,
                                 -4.5979787224074726105e15,
                                 1.8152105401943546773e17,
                                 -7.1661652561756670113e18};

/* Hurwitz's zeta function, the sum of 1 / (q + k)^s, s > 1, by Euler and Maclaurin; in
 * double, for bfloat16 in float. */
#define EPSILON (1.11022302462515654042E-16) /* 2^-53 */
#define ZETA(T, NAME, F)                                                               \
    static T NAME(T s, T q) {                                                          \
        if (s == 1) return (T)INFINITY;                                                \
        if (!(s > 1)) return (T)NAN;                                                   \
        if (q <= 0 && q == floor##F(q)) return (T)INFINITY;                            \
        if (q <= 0 && s != floor##F(s)) return (T)NAN;                                 \
        T sum = pow##F(q, -s), term = 0;                                               \
        for (int i = 0; i < 9 || q <= 9; i++) {                                        \
            term = pow##F(++q, -s);                                                    \
            sum += term;                                                               \
            if (fabs##F(term) < (T)EPSILON * fabs##F(sum)) return sum;                 \
        }                                                                              \
        sum += term * q / (s - 1);                                                     \
        sum -= (T)0.5 * term;                                                          \
        T rising = 1, k = 0;                                                           \
        for (int i = 0; i < 12; i++, k += 2) {                                         \
            rising *= s + k;                                                           \
            term /= q;                                                                 \
            T correction = rising * term / (T)factors[i];                              \
            sum += correction;                                                         \
            if (fabs##F(correction / sum) < (T)EPSILON) break;                         \
            rising *= s + k + 1;                                                       \
            term /= q;                                                                 \
        }                                                                              \
        return sum;                                                                    \
    }
ZETA(float, zeta_float, f)
ZETA(double, zeta, )

#define POLYGAMMA(n, zeta)                                                             \
    (T)((fmod(n, 2) == 0 ? -1 : 1) * exp(libm_lgamma((n) + 1)) * (zeta))

KERNEL(kernel_polygamma) {
    const SpecialArgs *x = arg;
    if (x->numbers[0] == 1) switch (d) {
            FLOATING(LOOP1, TRIGAMMA_OF(a))
            NO_OTHERS
        }
    else
        switch (d) {
            FULL_FLOATING(LOOP1,
                          POLYGAMMA(x->numbers[0], (T)zeta(x->numbers[0] + 1, a)))
            BFLOAT16(LOOP1,
                     POLYGAMMA(x->numbers[0], bfloat16_rounded(zeta_float(
                                                  (float)(x->numbers[0] + 1), a))))
            NO_OTHERS
        }
}

/* ---- others of one operand ---- */

/* G. L. Pavlis's erfinv, as MATLAB 2.0 had it: a quotient of polynomials, one for the
 * middle and one for the tails, and two of Newton's steps, all in the type of the
 * element, with the C library's functions, and fused where PyTorch's kernel is. */
#define ERFINV(T, NAME, F)                                                             \
    static T NAME(T y) {                                                               \
        T size = fabs##F(y), x;                                                        \
        if (!(size <= 1)) return (T)NAN;                                               \
        if (size == 1) return copysign##F((T)INFINITY, y);                             \
        if (size <= (T)0.7) {                                                          \
            T z = y * y;                                                               \
            T above = fma##F((T)-0.140543331, z, (T)0.914624893);                      \
            above = fma##F(fma##F(above, z, (T)-1.645349621), z, (T)0.886226899);      \
            T below = fma##F((T)0.012229801, z, (T)-0.329097515);                      \
            below = fma##F(fma##F(below, z, (T)1.442710462), z, (T)-2.118377725);      \
            x = y * above / fma##F(below, z, 1);                                       \
        } else {                                                                       \
            T z = sqrt##F(-log##F((1 - size) / 2));                                    \
            T above = fma##F((T)1.641345311, z, (T)3.429567803);                       \
            above = fma##F(fma##F(above, z, (T)-1.624906493), z, (T)-1.970840454);     \
            T below = fma##F(fma##F((T)1.637067800, z, (T)3.543889200), z, 1);         \
            x = copysign##F(above, y) / below;                                         \
        }                                                                              \
        const T slope = 2 / (T)sqrt(pi);                                               \
        for (int i = 0; i < 2; i++)                                                    \
            x = x - (libm_erf##F(x) - y) / (slope * exp##F(-x * x));                   \
        return x;                                                                      \
    }
ERFINV(float, erfinv_float, f)
ERFINV(double, erfinv_double, )
#define ERFINV_OF(a) _Generic((a), float : erfinv_float, double : erfinv_double)(a)

KERNEL(kernel_erfinv) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, ERFINV_OF(a))
        NO_OTHERS
    }
}

/* In bfloat16 every step is rounded. */
#define R(v) bfloat16_rounded(v)
C_KERNEL(kernel_sinc, SpecialArgs,
         FULL_FLOATING(LOOP1, a == 0 ? 1 : MATH(sin, (T)pi *a) / ((T)pi * a))
             BFLOAT16(LOOP1,
                      a == 0 ? 1
                             : R(MATH(sin, R(R((float)pi) * a))) / R(R((float)pi) * a)))

static inline double kept_within(double a, double low, double high) {
    return a < low ? low : a > high ? high : a;
}

#define KEPT(v) (T) kept_within(v, (T)f->numbers[0], 1 - (T)f->numbers[0])
BLOCK_KERNEL(kernel_logit, SpecialArgs, 2,
             FULL_FLOATING(LOOP1, MATH(log, KEPT(a) / (1 - KEPT(a))))
                 BFLOAT16(LOOP1, MATH(log, R(KEPT(a) / R(1 - KEPT(a))))))

KERNEL(kernel_nan_to_num) {
    const double *to = ((const SpecialArgs *)arg)->numbers;
    switch (d) {
        FLOATING(LOOP1, (T)(a != a              ? to[0]
                            : a == (T)INFINITY  ? to[1]
                            : a == -(T)INFINITY ? to[2]
                                                : (double)a))
        NO_OTHERS
    }
}

KERNEL(kernel_angle) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, a != a ? a : a < 0 ? (T)pi : 0)
        NO_OTHERS
    }
}

#define ENTR(a, log) (a != a ? a : a > 0 ? -a * log : a == 0 ? (T)0 : (T)-INFINITY)
C_KERNEL(kernel_entr, SpecialArgs,
         FULL_FLOATING(LOOP1, ENTR(a, MATH(log, a)))
             FLOAT16(LOOP1, ENTR(a, MATH(log, a)))
                 BFLOAT16(LOOP1, ENTR(a, bfloat16_rounded(MATH(log, a)))))

/* ---- two operands ---- */

/* a log, where b is its argument. */
#define X_TIMES(a, b, log) (b != b ? b : a == 0 ? 0 : a * log)
C_KERNEL(kernel_xlogy, SpecialArgs,
         FULL_FLOATING(LOOP2, X_TIMES(a, b, MATH(log, b)))
             FLOAT16(LOOP2, X_TIMES(a, b, MATH(log, b)))
                 BFLOAT16(LOOP2, X_TIMES(a, b, R(MATH(log, b)))))
C_KERNEL(kernel_xlog1py, SpecialArgs,
         FULL_FLOATING(LOOP2, X_TIMES(a, b, MATH(log1p, b)))
             FLOAT16(LOOP2, X_TIMES(a, b, MATH(log1p, b)))
                 BFLOAT16(LOOP2, X_TIMES(a, b, R(MATH(log1p, b)))))

#define LARGER(a, b) ((a) != (a) ? (a) : (b) != (b) || (a) < (b) ? (b) : (a))
#define GAP(a, b) (-(T)fabs((a) - (b)))
#define SAME_INFINITY(a, b) (isinf((double)(a)) && (a) == (b))
BLOCK_KERNEL(kernel_logaddexp, SpecialArgs, 3,
             FLOATING(LOOP2, SAME_INFINITY(a, b)
                                 ? a
                                 : LARGER(a, b) + MATH(log, 1 + MATH(exp, GAP(a, b)))))
BLOCK_KERNEL(kernel_logaddexp2, SpecialArgs, 3,
             FLOATING(LOOP2,
                      SAME_INFINITY(a, b)
                          ? a
                          : LARGER(a, b) + MATH(log2, 1 + MATH2(pow, 2, GAP(a, b)))))

KERNEL(kernel_zeta) {
    (void)arg;
    switch (d) {
        FULL_FLOATING(LOOP2, zeta(a, b))
        NO_OTHERS
    }
}

/* The next bfloat16 is the next pattern of its bits, as that of every float is. */
static BFloat16 next_bfloat16(BFloat16 from, BFloat16 to) {
    float a = bfloat16_to_float(from), b = bfloat16_to_float(to);
    if (a != a || b != b) return bfloat16_from_float(NAN);
    if (a == b) return to;
    if (a == 0) return (BFloat16){(uint16_t)(b > 0 ? 1 : 0x8001)};
    bool grows = (a < b) == (a > 0);
    return (BFloat16){(uint16_t)(from.bits + (grows ? 1 : -1))};
}

KERNEL(kernel_nextafter) {
    (void)arg;
    switch (d) {
    case DT_float32:
        LOOP2(0, float, float, float, AS_IS, AS_IS, nextafterf(a, b)) break;
    case DT_float64:
        LOOP2(0, double, double, double, AS_IS, AS_IS, nextafter(a, b))
        break;
    case DT_bfloat16:
        LOOP2(0, BFloat16, BFloat16, BFloat16, AS_IS, AS_IS, next_bfloat16(a, b))
        break;
        NO_OTHERS
    }
}
