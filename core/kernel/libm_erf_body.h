/* erf and erfc of the type T, for libm_erf.c. F(name) is the function of that type,
 * SUM the order in which its polynomials are summed, CUT(x) x without its lower bits.
 */

/* e^(-x^2 - 0.5625 + exponent): cut is x so short that its square is exact. */
static inline T F(bell)(T x, T cut, T exponent) {
    return F(exp)(-cut * cut - (T)0.5625) * F(exp)((cut - x) * (cut + x) + exponent);
}

T F(libm_erf)(T x) {
    T size = F(fabs)(x);
    if (!(size < 6)) return x != x ? x : F(copysign)(1, x);
    if (size < (T)0.84375) {
        T slope = (T)erf_slope;
        if (size < TINY) return (T)0.0625 * (16 * x + 16 * slope * x);
        if (size < (T)0x1p-28) return x + slope * x;
        return x + x * QUOTIENT(below_one, x * x);
    }
    T y;
    if (size < (T)1.25) {
        y = (T)erf_of_one + QUOTIENT(near_one, size - 1);
    } else {
        T s = 1 / (size * size);
        T fraction = size < FAR_OUT ? QUOTIENT(middle, s) : QUOTIENT(far_out, s);
        y = 1 - F(bell)(size, CUT(size), fraction) / size;
    }
    return F(copysign)(y, x);
}

T F(libm_erfc)(T x) {
    T size = F(fabs)(x);
    if (x != x) return x;
    if (size < (T)0.84375) {
        T rest = x * QUOTIENT(below_one, x * x);
        if (x < (T)0.25) return 1 - (x + rest);
        return (T)0.5 - (rest + (x - (T)0.5));
    }
    if (size < (T)1.25) {
        T fraction = QUOTIENT(near_one, size - 1);
        return x > 0 ? 1 - (T)erf_of_one - fraction : 1 + ((T)erf_of_one + fraction);
    }
    if (x < -6) return 2;
    if (x >= 28) return 0;
    T s = 1 / (size * size);
    T fraction = size < FAR_OUT_OF_ERFC ? QUOTIENT(middle, s) : QUOTIENT(far_out, s);
    T y = F(bell)(size, CUT_OF_ERFC(size), fraction) / size;
    return x > 0 ? y : 2 - y;
}
