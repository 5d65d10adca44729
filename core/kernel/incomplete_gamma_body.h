/* The text of incomplete_gamma.c's functions; included once for each type with T,
 * R(name) (the name for T), C(name) (the C library's function for T), L(name)
 * (libm.h's), EPSILON (half an ulp of 1), BIG (where the continued fraction is scaled)
 * and MOST_EXP (the largest number with an exp) defined. */

/* Lanczos' sum for gamma, times e^g. x > 0. */
static T R(lanczos)(T x) {
    const bool inverse = x > 1;
    const T y = inverse ? 1 / x : x;
    T above = 0, below = 0;
    for (int i = 0; i < LANCZOS_TERMS; i++) {
        const int at = inverse ? LANCZOS_TERMS - 1 - i : i;
        above = C(fma)(above, y, (T)lanczos_above[at]);
        below = C(fma)(below, y, (T)lanczos_below[at]);
    }
    return above / below;
}

/* x^a e^-x / gamma(a) */
static T R(factor)(T a, T x) {
    const T g = (T)6.024680040776729583740234375, e = (T)M_E;
    if (C(fabs)(a - x) > 0.4 * C(fabs)(a)) {
        const T power = C(fma)(a, C(log)(x), -x) - L(lgamma)(a);
        return power < -(T)MOST_EXP ? 0 : C(exp)(power);
    }
    const T whole = (T)(a + g - 0.5);
    const T r = C(sqrt)(whole / e) / R(lanczos)(a);
    if (a < 200 && x < 200) return r * (C(exp)(a - x) * C(pow)(x / whole, a));
    const T share = (T)(x - a - g + 0.5) / whole;
    const double rest = x * (0.5 - g) / whole;
    return (T)(r * exp(R(plus_product)(a, L(log1p)(share) - share, rest)));
}

/* The lower function by its power series (DLMF 8.11.4). */
static T R(lower_series)(T a, T x) {
    const T scale = R(factor)(a, x);
    T r = a, term = 1, sum = 1;
    if (scale == 0) return 0;
    for (int i = 0; i < MOST_STEPS; i++) {
        r += 1;
        term *= x / r;
        sum += term;
        if (term <= (T)EPSILON * sum) break;
    }
    return sum * scale / a;
}

/* The upper function where x is small, without cancellation (DLMF 8.7.3). */
static T R(upper_series)(T a, T x) {
    T power = 1, sum = 0;
    for (int n = 1; n < MOST_STEPS; n++) {
        power *= -x / (T)n;
        const T term = power / (a + (T)n);
        sum += term;
        if (C(fabs)(term) <= (T)EPSILON * C(fabs)(sum)) break;
    }
    const T log_x = C(log)(x);
    const T first = -L(expm1)(C(fma)(a, log_x, -L(lgamma)(1 + a)));
    return C(fma)(-C(exp)(C(fma)(a, log_x, -L(lgamma)(a))), sum, first);
}

/* The upper function by its continued fraction (DLMF 8.9.2). */
static T R(upper_fraction)(T a, T x) {
    const T scale = R(factor)(a, x);
    T y = 1 - a, z = x + y + 1, c = 0;
    T p2 = 1, q2 = x, p1 = x + 1, q1 = z * x, r = p1 / q1;
    if (scale == 0) return 0;
    for (int i = 0; i < MOST_STEPS; i++) {
        T change = 1;
        c += 1;
        y += 1;
        z += 2;
        const T yc = y * c;
        const T p = C(fma)(p1, z, -(p2 * yc)), q = C(fma)(q1, z, -(q2 * yc));
        if (q != 0) {
            const T next = p / q;
            change = C(fabs)((r - next) / next);
            r = next;
        }
        p2 = p1;
        p1 = p;
        q2 = q1;
        q1 = q;
        if (C(fabs)(p) > BIG) {
            p2 *= (T)1 / BIG;
            p1 *= (T)1 / BIG;
            q2 *= (T)1 / BIG;
            q1 *= (T)1 / BIG;
        }
        if (change <= (T)EPSILON) break;
    }
    return r * scale;
}

/* The coefficient of a^-k in Temme's expansion; so many powers of eta are known. */
static T R(temme_sum)(int k, T eta, T *powers, int *known) {
    T sum = (T)temme[k][0];
    for (int n = 1; n < TEMME_TERMS; n++) {
        for (; *known < n; ++*known) powers[*known + 1] = eta * powers[*known];
        const T term = (T)temme[k][n] * powers[n];
        sum += term;
        if (C(fabs)(term) < (T)EPSILON * C(fabs)(sum)) break;
    }
    return sum;
}

/* Either function where a is large and x near it (DLMF 8.12.3, 8.12.4). */
static T R(uniform_expansion)(T a, T x, bool upper) {
    const T share = (x - a) / a, sign = upper ? 1 : -1;
    T eta = 0, powers[TEMME_TERMS] = {1}, sum = 0, scale = 1, last = (T)INFINITY;
    int known = 0;
    if (x / a != 1) eta = C(sqrt)(-2 * (L(log1p)(share) - share));
    if (x / a < 1) eta = -eta;
    const T first = (T)0.5 * L(erfc)(sign * eta * C(sqrt)(a / 2));
    for (int k = 0; k < TEMME_TERMS; k++) {
        const T term = R(temme_sum)(k, eta, powers, &known) * scale;
        const T size = C(fabs)(term);
        if (size > last) break;
        sum += term;
        if (size < (T)EPSILON * C(fabs)(sum)) break;
        last = size;
        scale /= a;
    }
    const double decay = exp(-0.5 * a * eta * eta);
    return (T)(first + sign * decay * sum / C(sqrt)(2 * (T)(float)M_PI * a));
}

/* ---- which of them ---- */

static bool R(is_uniform)(T a, T x) {
    const T share = C(fabs)(x - a) / a;
    return (a > 20 && a < 200 && share < (T)0.3) ||
           (a > 200 && share < (T)4.5 / C(sqrt)(a));
}

static bool R(is_lower)(T a, T x) {
    if (x > 1.1) return x < a;
    return x <= 0.5 ? -0.4 / C(log)(x) < a : x * 1.1 < a;
}

/* The part of gamma(a) from 0 to x, or from x on when `upper`, where neither is at the
 * end of its range. */
static T R(upper_inside)(T a, T x) {
    if (R(is_uniform)(a, x)) return R(uniform_expansion)(a, x, true);
    if (R(is_lower)(a, x)) return (T)(1.0 - R(lower_series)(a, x));
    return x > 1.1 ? R(upper_fraction)(a, x) : R(upper_series)(a, x);
}

static T R(incomplete_gamma)(T a, T x, bool upper) {
    if (!(x >= 0) || !(a >= 0)) return (T)NAN;
    if (a == 0) return x > 0 ? !upper : (T)NAN;
    if (x == 0) return upper;
    if (isinf(a)) return isinf(x) ? (T)NAN : (T)upper;
    if (isinf(x)) return !upper;
    if (upper) return R(upper_inside)(a, x);
    if (R(is_uniform)(a, x)) return R(uniform_expansion)(a, x, false);
    if (x > 1 && x > a) return (T)(1.0 - R(upper_inside)(a, x));
    return R(lower_series)(a, x);
}
