/* Bessel's and Airy's functions for special_cephes.c; included behind
 * special_cephes_body.h, with the same macros. */

/* ---- J and Y ---- */

/* What J and Y beyond 5 are made of: the quotients of modulus and phase, in 25 / x^2,
 * and the angle. */
typedef struct R(Wave) {
    T p, q, angle;
} R(Wave);

static R(Wave) R(wave)(T x, int order) {
    const T z = order == 0 ? 25 / (x * x) : 5 / x * (5 / x);
    T pp, pq, qp, qq;
    if (order == 0) {
        pp = R(polynomial)(z, SERIES(order0_pp));
        pq = R(polynomial)(z, SERIES(order0_pq));
        qp = R(polynomial)(z, SERIES(order0_qp));
        qq = R(polynomial)(z, SERIES(order0_qq));
    } else {
        pp = R(polynomial)(z, SERIES(order1_pp));
        pq = R(polynomial)(z, SERIES(order1_pq));
        qp = R(polynomial)(z, SERIES(order1_qp));
        qq = R(polynomial)(z, SERIES(order1_qq));
    }
    const T turn = (T)(order == 0 ? 0.785398163397448309616 : 2.35619449019234492885);
    return (R(Wave)){pp / pq, 5 / x * (qp / qq), x - turn};
}

#define SQRT_2_PI (T)0.797884560802865355880 /* sqrt(2 / pi) */

static T R(wave_j)(T x, int order) {
    R(Wave) w = R(wave)(x, order);
    T rest = w.q * C(sin)(w.angle);
    return C(fma)(w.p, C(cos)(w.angle), -rest) * SQRT_2_PI / C(sqrt)(x);
}

static T R(wave_y)(T x, int order) {
    R(Wave) w = R(wave)(x, order);
    T rest = w.q * C(cos)(w.angle);
    return C(fma)(w.p, C(sin)(w.angle), rest) * SQRT_2_PI / C(sqrt)(x);
}

static T R(bessel_j0)(T x) {
    x = C(fabs)(x);
    if (!(x <= 5)) return R(wave_j)(x, 0);
    const T square = x * x;
    if (x < (T)0.00001) return 1 - square / 4;
    T zeros =
        (square - (T)5.78318596294678452118) * (square - (T)30.4712623436620863991);
    return zeros * R(polynomial)(square, SERIES(j0_rp)) /
           R(polynomial)(square, SERIES(j0_rq));
}

static T R(bessel_j1)(T v) {
    const T x = v < 0 ? -v : v, square = x * x; /* -0 stays */
    T y;
    if (x <= 5) {
        y = R(polynomial)(square, SERIES(j1_rp)) /
            R(polynomial)(square, SERIES(j1_rq)) * x;
        y = y * (square - (T)14.6819706421238932572) *
            (square - (T)49.2184563216946036703);
    } else {
        y = R(wave_j)(x, 1);
    }
    return v < 0 ? -y : y;
}

#define TWO_OVER_PI (T)0.636619772367581343076

/* -inf at 0, nan below. */
static T R(bessel_y0)(T x) {
    if (x <= 0) return x == 0 ? (T)-INFINITY : (T)NAN;
    if (!(x <= 5)) return R(wave_y)(x, 0);
    const T square = x * x;
    T y = R(polynomial)(square, SERIES(y0_yp)) / R(polynomial)(square, SERIES(y0_yq));
    return C(fma)(TWO_OVER_PI * C(log)(x), R(bessel_j0)(x), y);
}

static T R(bessel_y1)(T x) {
    if (x <= 0) return x == 0 ? (T)-INFINITY : (T)NAN;
    if (!(x <= 5)) return R(wave_y)(x, 1);
    const T square = x * x;
    T y = R(polynomial)(square, SERIES(y1_yp)) / R(polynomial)(square, SERIES(y1_yq));
    T rest = C(fma)(R(bessel_j1)(x), C(log)(x), -(1 / x));
    return C(fma)(TWO_OVER_PI, rest, x * y);
}

static T R(spherical_bessel_j0)(T x) {
    if (isinf(x)) return 0;
    if (!(C(fabs)(x) < (T)0.5)) return C(sin)(x) / x;
    const T divisors[] = {-(T)39916800, 362880, -5040, 120, -6, 1};
    const T square = x * x;
    T y = 1 / (T)6227020800.0;
    for (int i = 0; i < 6; i++) y = C(fma)(square, y, 1 / divisors[i]);
    return y;
}

/* ---- modified: I1, K0, K1 and e^x times the last two ---- */

static T R(modified_bessel_i1)(T v) {
    const T x = C(fabs)(v);
    T y;
    if (x <= 8)
        y = R(chebyshev)(x / 2 - 2, SERIES(i1e_near)) * x * C(exp)(x);
    else
        y = C(exp)(x) * R(chebyshev)(32 / x - 2, SERIES(i1e_far)) / C(sqrt)(x);
    return v < 0 ? -y : y;
}

/* For x up to 2. */
static T R(k0_small)(T x) {
    T y = R(chebyshev)(C(fma)(x, x, -2), SERIES(k0_near));
    return C(fma)(-C(log)((T)0.5 * x), R(i0)(x), y);
}
static T R(k1_small)(T x) {
    T y = R(chebyshev)(C(fma)(x, x, -2), SERIES(k1_near)) / x;
    return C(fma)(C(log)((T)0.5 * x), R(modified_bessel_i1)(x), y);
}

static T R(modified_bessel_k0)(T x) {
    if (x <= 0) return x == 0 ? (T)INFINITY : (T)NAN;
    if (!(x <= 2))
        return C(exp)(-x) * R(chebyshev)(8 / x - 2, SERIES(k0_far)) / C(sqrt)(x);
    /* In double, as log's argument is. */
    double y = R(chebyshev)(C(fma)(x, x, -2), SERIES(k0_near));
    return (T)fma(-log(0.5 * (double)x), R(i0)(x), y);
}
static T R(modified_bessel_k1)(T x) {
    if (x <= 0) return x == 0 ? (T)INFINITY : (T)NAN;
    if (x <= 2) return R(k1_small)(x);
    return C(exp)(-x) * R(chebyshev)(8 / x - 2, SERIES(k1_far)) / C(sqrt)(x);
}

static T R(scaled_modified_bessel_k0)(T x) {
    if (x <= 0) return x == 0 ? (T)INFINITY : (T)NAN;
    if (x <= 2) return R(k0_small)(x) * C(exp)(x);
    return R(chebyshev)(8 / x - 2, SERIES(k0_far)) / C(sqrt)(x);
}
static T R(scaled_modified_bessel_k1)(T x) {
    if (x <= 0) return x == 0 ? (T)INFINITY : (T)NAN;
    if (x <= 2) return R(k1_small)(x) * C(exp)(x);
    return R(chebyshev)(8 / x - 2, SERIES(k1_far)) / C(sqrt)(x);
}

/* ---- Airy's function ---- */

#define SQRT_PI_REST (T)0.564189583547756286948 /* 1 / sqrt(pi) */

static T R(airy_below)(T x) {
    const T cubed = -2 * x * C(sqrt)(-x) / 3, z = 1 / cubed, square = z * z;
    T afn = R(polynomial)(square, SERIES(airy_afn));
    T afd = R(polynomial)(square, SERIES(airy_afd));
    T agn = R(polynomial)(square, SERIES(airy_agn));
    T agd = R(polynomial)(square, SERIES(airy_agd));
    const T angle = cubed + (T)0.25 * (T)3.14159265358979323846;
    T rest = C(cos)(angle) * (z * agn / agd);
    T wave = C(fma)(C(sin)(angle), 1 + square * afn / afd, -rest);
    return SQRT_PI_REST / C(sqrt)(C(sqrt)(-x)) * wave;
}

static T R(airy_above)(T x) {
    const T zeta = 2 * x * C(sqrt)(x) / 3;
    T an = R(polynomial)(1 / zeta, SERIES(airy_an));
    T ad = R(polynomial)(1 / zeta, SERIES(airy_ad));
    return SQRT_PI_REST * (an / ad) / (2 * C(sqrt)(C(sqrt)(x)) * C(exp)(zeta));
}

/* The power series around 0. */
static T R(airy_near)(T x) {
    const T cube = x * x * x;
    const T epsilon = sizeof(T) == sizeof(float) ? (T)FLT_EPSILON : (T)DBL_EPSILON;
    T f = 1, g = x, m = 1, n = x, k = 1, step = 1;
    while (step > epsilon) {
        m = m * cube / (k + 1);
        n = n * cube / (k + 2);
        m /= k + 2;
        k += 3;
        n /= k;
        f += m;
        g += n;
        step = C(fabs)(m / f);
    }
    T rest = (T)0.258819403792806798405 * g;
    return C(fma)((T)0.355028053887817239260, f, -rest);
}

static T R(airy_ai)(T x) {
    if (isinf(x)) return (T)NAN;
    if (x > (T)103.892) return 0;
    if (x < (T)-2.09) return R(airy_below)(x);
    return x >= (T)2.09 ? R(airy_above)(x) : R(airy_near)(x);
}

#undef SQRT_2_PI
#undef TWO_OVER_PI
#undef SQRT_PI_REST
