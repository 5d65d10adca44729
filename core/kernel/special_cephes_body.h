/* The text of special_cephes.c's functions; included once for each type with T, R(name)
 * (the name for T), C(name) (the C library's function for T), L(name) (libm.h's), and
 * FEWER(table, fewer) (the coefficients for T and how many) defined. */

/* The polynomial c[0] x^(n - 1) + ... + c[n - 1]. */
static T R(polynomial)(T x, const double *c, int n) {
    T y = (T)c[0];
    for (int i = 1; i < n; i++) y = C(fma)(y, x, (T)c[i]);
    return y;
}

/* The sum of c[n - 1 - i] times Chebyshev's polynomial i of x / 2, the last one half.
 */
static T R(chebyshev)(T x, const double *c, int n) {
    T b0 = (T)c[0], b1 = 0, b2 = 0;
    for (int i = 1; i < n; i++) {
        b2 = b1;
        b1 = b0;
        b0 = C(fma)(x, b1, -b2) + (T)c[i];
    }
    return (T)0.5 * (b0 - b2);
}

/* ---- modified Bessel functions: e^-|x| I0(x), I0(x), e^-|x| I1(x), I1(x) ---- */

static T R(i0e)(T x) {
    x = C(fabs)(x);
    if (x <= 8) return R(chebyshev)(x / 2 - 2, SERIES(i0e_near));
    return (T)(R(chebyshev)(32 / x - 2, SERIES(i0e_far)) / sqrt(x));
}

static T R(i0)(T x) {
    x = C(fabs)(x);
    if (x <= 8) return C(exp)(x) * R(chebyshev)(x / 2 - 2, SERIES(i0e_near));
    return C(exp)(x) * R(chebyshev)(32 / x - 2, SERIES(i0e_far)) / C(sqrt)(x);
}

static T R(i1e)(T v) {
    T x = C(fabs)(v), y;
    if (x <= 8)
        y = R(chebyshev)(x / 2 - 2, FEWER(i1e_near)) * x;
    else
        y = R(chebyshev)(32 / x - 2, FEWER(i1e_far)) / C(sqrt)(x);
    return v < 0 ? -y : y;
}

static T R(i1)(T v) {
    T x = C(fabs)(v), y;
    if (x <= 8)
        y = C(exp)(x) * x * R(chebyshev)(x / 2 - 2, FEWER(i1e_near));
    else
        y = C(exp)(x) * R(chebyshev)(32 / x - 2, FEWER(i1e_far)) / C(sqrt)(x);
    return v < 0 ? -y : y;
}

/* ---- around the normal distribution ---- */

static T R(ndtri)(T share) {
    const T tail = (T)0.13533528323661269189; /* e^-2 */
    if (share == 0 || share == 1) return share == 0 ? (T)-INFINITY : (T)INFINITY;
    if (!(share > 0 && share < 1)) return (T)NAN;
    bool high = share > 1 - tail;
    T y = high ? 1 - share : share;
    if (y > tail) {
        y -= (T)0.5;
        T square = y * y;
        T more = square * R(polynomial)(square, SERIES(ndtri_p0)) /
                 R(polynomial)(square, SERIES(ndtri_q0));
        return C(fma)(y, more, y) * (T)2.50662827463100050242; /* sqrt(2 pi) */
    }
    T x = (T)sqrt(-2 * log(y)), z = 1 / x, x0 = (T)(x - log(x) / x);
    T above =
        x < 8 ? R(polynomial)(z, SERIES(ndtri_p1)) : R(polynomial)(z, SERIES(ndtri_p2));
    T below =
        x < 8 ? R(polynomial)(z, SERIES(ndtri_q1)) : R(polynomial)(z, SERIES(ndtri_q2));
    x = x0 - z * above / below;
    return high ? x : -x;
}

/* In double, as the coefficients are, but for what it begins with. */
static T R(erfcx_near)(T y) {
    int row = (int)y;
    if (row < 0 || row >= 100) return 1;
    double t = C(fma)(2, y, -(T)(2 * row + 1)), sum = erfcx_rows[row][0];
    for (int i = 1; i < 7; i++) sum = fma(sum, t, erfcx_rows[row][i]);
    return (T)sum;
}

static T R(erfcx)(T x) {
    const T share = (T)0.56418958354775628695; /* 1 / sqrt(pi) */
    T square = x * x;
    if (x != x) return x;
    if (x > 50) {
        if (x > (T)5e7) return share / x;
        double above = fma(square, square + 4.5, 2);
        double below = sizeof(T) == sizeof(double) ? fma(square, square + 5, 3.75)
                                                   : square * (square + 5) + 3.75;
        return (T)(share * above / (x * below));
    }
    if (x >= 0) return R(erfcx_near)(400 / (4 + x));
    if (x < -26.7) return (T)INFINITY;
    double most = 2 * exp(square);
    return (T)(x < -6.1 ? most : most - R(erfcx_near)(400 / (4 - x)));
}

static T R(log_ndtr)(T x) {
    T t = (T)(x * M_SQRT1_2);
    if (x < -1) return C(log)(R(erfcx)(-t) / 2) - t * t;
    return L(log1p)(-L(erfc)(t) / 2);
}

/* ---- digamma ---- */

/* x > 0 */
static T R(digamma_right)(T x) {
    T shifted = 0, y = 0;
    for (; x < 10; x++) shifted -= 1 / x;
    if (x == 10) return shifted + (T)2.25175258906672110764;
    if (x < (T)1e17) {
        T z = 1 / (x * x);
        y = z * R(polynomial)(z, SERIES(digamma_series));
    }
    return shifted + C(log)(x) - (T)0.5 / x - y;
}

static T R(digamma)(T x) {
    double whole;
    if (x == 0) return C(copysign)((T)INFINITY, -x);
    if (x > 0 || x != x) return x != x ? x : R(digamma_right)(x);
    if (x == C(trunc)(x)) return (T)NAN;
    double rest = modf((double)x, &whole);
    return R(digamma_right)(1 - x) - (T)(M_PI / tan(M_PI * rest));
}

#include "bessel_body.h"
