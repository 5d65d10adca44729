/* The text of polynomials.c's functions; included once for each type with T, R(name)
 * (the name for T), C(name) (the C library's function for T) and ACOS defined. */

/* ---- Chebyshev's ---- */

/* At an end of the interval: 1 (high) or -1. */
static T R(chebyshev_end)(PolynomialKind kind, int64_t n, bool high) {
    const T sign = high || n % 2 == 0 ? 1 : -1;
    switch (kind) {
    case CHEBYSHEV_U: return sign * (T)(n + 1);
    case CHEBYSHEV_V: return high ? 1 : sign * (T)odd_number(n);
    case CHEBYSHEV_W: return high ? (T)odd_number(n) : sign;
    default: return sign;
    }
}

/* Within it, for large n: by the angle whose cosine y is. */
static T R(chebyshev_angle)(PolynomialKind kind, int64_t n, T y, bool shifted) {
    const T angle = ACOS(y), half = angle / 2;
    const bool even = n % 2 == 0;
    switch (kind) {
    case CHEBYSHEV_U:
        if (C(sin)(angle) != 0) return C(sin)((T)(n + 1) * angle) / C(sin)(angle);
        return (T)(n + 1) * C(cos)((T)(n + 1) * angle) / y;
    case CHEBYSHEV_V:
        if (C(sin)(half) != 1) return C(cos)(((T)n + (T)0.5) * angle) / C(cos)(half);
        return even ? (T)odd_number(n) : -(T)odd_number(n);
    case CHEBYSHEV_W:
        if (C(cos)(half) != 1) return C(sin)(((T)n + (T)0.5) * angle) / C(sin)(half);
        if (!shifted && y > 0) return (T)odd_number(n);
        return even ? 1 : -1;
    default: return C(cos)((T)n * angle);
    }
}

/* Number n >= 2 of those that begin with 1 and q, each next one 2 y times the last less
 * the one before. */
static T R(chebyshev_sum)(int64_t n, T y, T q) {
    T p = 1;
    for (int64_t k = 2; k <= n && q == q; k++) {
        T next = C(fma)(y + y, q, -p);
        p = q;
        q = next;
    }
    return q;
}

static T R(chebyshev)(const PolynomialArgs *args, T x, int64_t n) {
    static const int by_angle[2][4] = {{6, 8, 8, 8}, {6, 6, 6, 4}}; /* beyond these n */
    const PolynomialKind kind = args->kind;
    const T y = args->shifted ? x + x - 1 : x;
    const T low = args->shifted ? 0 : -1;
    if (x == 1 || x == low) return R(chebyshev_end)(kind, n, x == 1);
    if (n > by_angle[args->shifted][kind] && C(fabs)(y) < 1)
        return R(chebyshev_angle)(kind, n, y, args->shifted);
    if (n == 0) return 1;
    T first = kind == CHEBYSHEV_T ? y : y + y;
    if (kind == CHEBYSHEV_V) first -= 1;
    if (kind == CHEBYSHEV_W) first += 1;
    return R(chebyshev_sum)(n, y, first);
}

/* ---- the others ---- */

static T R(hermite)(T slope, T x, int64_t n) {
    T p = 1, q = slope * x;
    if (n == 0) return p;
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = C(fma)(slope * x, q, -(slope * (T)k * p));
        p = q;
        q = next;
    }
    return q;
}

static T R(laguerre)(T x, int64_t n) {
    T p = 1, q = 1 - x;
    if (n == 0 || x == 0) return 1;
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = C(fma)((T)(k + k) + (1 - x), q, -((T)k * p)) / (T)(k + 1);
        p = q;
        q = next;
    }
    return q;
}

static T R(legendre)(T x, int64_t n) {
    T p = 1, q = x;
    if (C(fabs)(x) == 1) return x > 0 || n % 2 == 0 ? 1 : -1;
    if (n == 0) return 1;
    for (int64_t k = 1; k < n && q == q; k++) {
        T next = C(fma)((T)(k + k + 1) * x, q, -((T)k * p)) / (T)(k + 1);
        p = q;
        q = next;
    }
    return q;
}

static T R(polynomial)(T x, int64_t n, const PolynomialArgs *args) {
    if (n < 0) return 0;
    switch (args->kind) {
    case HERMITE_H: return R(hermite)(2, x, n);
    case HERMITE_HE: return R(hermite)(1, x, n);
    case LAGUERRE_L: return R(laguerre)(x, n);
    case LEGENDRE_P: return R(legendre)(x, n);
    default: return R(chebyshev)(args, x, n);
    }
}
