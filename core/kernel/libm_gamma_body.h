/* lgamma of the type T, for libm_gamma.c. F(name) is the function of that type. */

/* lgamma(1 + y) + y / 2, y being small. */
static inline T F(near_one)(T y) {
    return y * HORNER(about_one, COUNT(about_one), y) /
           HORNER(about_one_over, COUNT(about_one_over), y);
}

/* lgamma(2 - y) + y / 2 */
static inline T F(near_two)(T y) {
    T z = y * y;
    return y * HORNER(about_two_even, COUNT(about_two_even), z) +
           z * HORNER(about_two_odd, COUNT(about_two_odd), z);
}

/* lgamma at y from where it is least. */
static inline T F(near_least)(T y) {
    T z = y * y, w = z * y;
    T p2 = HORNER(about_least_2, COUNT(about_least_2), w);
    T p3 = HORNER(about_least_3, COUNT(about_least_3), w);
    T p4 = HORNER(about_least_4, COUNT(about_least_4), w);
    return LEAST + (z * p2 - (LEAST_OVER - w * (p3 + y * p4)));
}

/* 0 < x < 2 */
static inline T F(lgamma_below_two)(T x) {
    if (x < ABOUT_ZERO) { /* lgamma(1 + x) - log(x) */
        T r = -F(log)(x);
        if (x >= (T)0x1.76944p-1) return r + (F(near_two)(1 - x) - (T)0.5 * (1 - x));
        if (x >= (T)0x1.da661p-3) return r + F(near_least)(x - ((T)least_at - 1));
        return r + ((T)-0.5 * x + F(near_one)(x));
    }
    if (x >= (T)0x1.bb4c3p0) return F(near_two)(2 - x) - (T)0.5 * (2 - x);
    if (x >= (T)0x1.3b4c4p0) return F(near_least)(x - (T)least_at);
    return (T)-0.5 * (x - 1) + F(near_one)(x - 1);
}

/* 2 <= x < 8 */
static inline T F(lgamma_below_eight)(T x) {
    int whole = (int)x;
    T y = x - (T)whole, product = 1;
    T r = (T)0.5 * y + y * HORNER(above_two, COUNT(above_two), y) /
                           HORNER(above_two_over, COUNT(above_two_over), y);
    for (int k = whole - 1; k >= 2; k--) product *= y + (T)k;
    return whole > 2 ? r + F(log)(product) : r;
}

static inline T F(lgamma_positive)(T x) {
    if (x == 1 || x == 2) return 0;
    if (x < 2) return F(lgamma_below_two)(x);
    if (x < 8) return F(lgamma_below_eight)(x);
    if (x >= LARGE) return x * (F(log)(x) - 1);
    T log_x = F(log)(x), z = 1 / x;
    T w = (T)4.18938533204672725052e-01 +
          z * HORNER(beyond_eight, COUNT(beyond_eight), z * z);
    return (x - (T)0.5) * (log_x - 1) + w;
}

/* ---- negative numbers ---- */

/* The size of sin(pi x), x > 0. */
static T F(sine_of_half_turns)(T x) {
    const T pi = (T)M_PI;
    T y = x - F(floor)(x);
    if (y < (T)0.25) return F(sin)(pi * y);
    return y < (T)0.75 ? F(cos)(pi * ((T)0.5 - y)) : F(sin)(pi * (1 - y));
}

/* sin(pi x) and cos(pi x) for -0.25 <= x <= 0.5. */
static inline T F(near_sine)(T x) {
    const T pi = (T)M_PI;
    return x <= (T)0.25 ? F(sin)(pi * x) : F(cos)(pi * ((T)0.5 - x));
}
static inline T F(near_cosine)(T x) {
    const T pi = (T)M_PI;
    return x <= (T)0.25 ? F(cos)(pi * x) : F(sin)(pi * ((T)0.5 - x));
}

/* x and the zero beside it, in half i of the intervals between integers, from -2 down;
 * numbers that no T can hold in two parts. */
struct F(BesideZero) {
    int i;
    T x, integer; /* the one nearest to both */
    T zero, zero_rest;
    T difference; /* x - zero */
};

/* lgamma(x), x > -3, by the polynomial of its eighth. */
static T F(lgamma_by_eighths)(struct F(BesideZero) b) {
    int eighth = (int)F(floor)(-8 * b.x) - 16;
    T y = b.x - (T)(-33 - 2 * eighth) * (T)0.0625;
    int degree = NEAR_ZEROS[eighth].degree;
    T g = NEAR_ZEROS[eighth].c[degree];
    for (int k = degree - 1; k >= 0; k--) g = g * y + NEAR_ZEROS[eighth].c[k];
    return LOG1P(g * b.difference / (b.x - b.integer));
}

/* log(sin(pi zero) / sin(pi x)); log1p, unless its argument were near to -1. */
static T F(log_sine_ratio)(struct F(BesideZero) b) {
    T of_x = F(fabs)(b.integer - b.x);
    T of_zero = F(fabs)(b.integer - b.zero - b.zero_rest);
    if (of_zero < of_x * (T)0.5)
        return F(log)(F(near_sine)(of_zero) / F(near_sine)(of_x));
    T half = (b.i % 2 == 0 ? b.difference : -b.difference) * (T)0.5;
    T sine = F(near_sine)(half), cosine = F(near_cosine)(half);
    T cotangent = F(near_cosine)(of_x) / F(near_sine)(of_x);
    return LOG1P(2 * sine * (-sine + cosine * cotangent));
}

/* The sum over k of B(2k) / (2k (2k - 1)) (a^-(2k - 1) - b^-(2k - 1)), least first. */
static T F(stirling_difference)(T a, T b, T a_less_b) {
    T from_a = 1 / a, from_b = 1 / b;
    T step = from_a * from_a, other_step = from_b * from_b;
    T power = -a_less_b / (b * a), other = power * from_b * (from_b + from_a);
    T terms[TERMS], sum = 0;
    for (int k = 0; k < TERMS; k++) {
        terms[k] = power * (T)stirling[k];
        power = power * step + other;
        other *= other_step;
    }
    for (int k = TERMS - 1; k >= 0; k--) sum += terms[k];
    return sum;
}

/* log(gamma(1 - zero) / gamma(1 - x)) */
static T F(log_gamma_ratio)(struct F(BesideZero) b) {
    const T e = (T)e_and_rest[0], e_rest = (T)(e_and_rest[0] - e + e_and_rest[1]);
    T a = 1 - b.zero, a_rest = -b.zero + (1 - a) - b.zero_rest;
    T y = 1 - b.x, y_rest = -b.x + (1 - y), adjustment = 0;
    int steps = STEPS_UP(b.i);
    if (steps > 0) { /* to where Stirling's series is good enough */
        T n = (T)steps, up = a + n;
        a_rest = a - (up - n) + a_rest;
        a = up;
        up = y + n;
        y_rest = y - (up - n) + y_rest;
        y = up;
        adjustment = -LOG1P((T)product_less_one(b.difference, y - n, y_rest, steps));
    }
    T sum = b.difference * LOG1P((a - e - e_rest + a_rest) / e) +
            (y - (T)0.5 + y_rest) * LOG1P(b.difference / y) + adjustment;
    return sum + F(stirling_difference)(a, y, b.difference);
}

/* -ZEROS < x < -2, no integer */
static T F(lgamma_beside_zero)(T x) {
    int halves = (int)F(floor)(-2 * x), i = halves - 4;
    T zero = (T)zeros[i][0];
    struct F(BesideZero) b = {
        .i = i,
        .x = x,
        .integer = (T)(-(halves + 1) / 2),
        .zero = zero,
        .zero_rest = (T)(zeros[i][0] - zero + zeros[i][1]),
    };
    b.difference = x - b.zero - b.zero_rest;
    if (i < 2) return F(lgamma_by_eighths)(b);
    T ratio = F(log_sine_ratio)(b);
    return ratio + F(log_gamma_ratio)(b);
}

T F(libm_lgamma)(T x) {
    T size = F(fabs)(x);
    if (!(size < (T)INFINITY)) return x * x;
    if (size < SMALL) return -F(log)(size);
    if (x > 0) return F(lgamma_positive)(x);
    if (F(floor)(x) == x) return (T)INFINITY;
    if (x < -2 && x > -ZEROS) return F(lgamma_beside_zero)(x);
    T sine = F(sine_of_half_turns)(size);
    return F(log)((T)M_PI / F(fabs)(sine * x)) - F(lgamma_positive)(size);
}
