/* cbrt, exp2 and hypot; see libm.h. */
#include "libm.h"
#include "libm_exp2_table.h"
#include "libm_parts.h"

#include <math.h>
#include <stdbool.h>

/* ---- cbrt ---- */

/* A first root of a number in [0.5, 1), lowest term first. */
static const double first_root[] = {0.354895765043919860, 1.50819193781584896,
                                    -2.11499494167371287, 2.44693122563534430,
                                    -1.83469277483613086, 0.784932344976639262,
                                    -0.145263899385486377};

#define CBRT2 1.2599210498948731648
#define CBRT4 1.5874010519681994748
static const double cbrt_of_power[] = {1 / CBRT4, 1 / CBRT2, 1, CBRT2, CBRT4};

/* One step of Halley's method behind the polynomial. */
double libm_cbrt(double x) {
    int exponent;
    if (!(fabs(x) < INFINITY) || x == 0) return x;
    double m = frexp(fabs(x), &exponent);
    double u = horner(first_root, COUNT(first_root), m), u3 = u * u * u;
    double y = u * (u3 + 2 * m) / (2 * u3 + m) * cbrt_of_power[2 + exponent % 3];
    return copysign(ldexp(y, exponent / 3), x);
}

/* ---- exp2 ---- */

static const double exp2_terms[] = {0x1.62e42fefa39efp-1, 0x1.ebfbdff82c424p-3,
                                    0x1.c6b08d70cf4b5p-5, 0x1.3b2abd24650ccp-7,
                                    0x1.5d7e09b4e3a84p-10};

static double scaled_by(double m, int k) {
    return double_of(double_bits(m) + ((uint64_t)k << 52));
}

/* (1 + t) m 2^k for m in [1, 2), where that may be no normal number. */
static double scaled_carefully(double m, int k, double t) {
    if (k > 0) {
        double half = scaled_by(m, k - 1);
        return 2 * (half + half * t);
    }
    double scale = scaled_by(m, k + 1022), y = scale + scale * t;
    if (y < 1) { /* rounded to the place where the subnormal number ends */
        double rest = scale - y + scale * t, high = 1 + y;
        rest = 1 - high + y + rest;
        y = (high + rest) - 1;
    }
    return 0x1p-1022 * y;
}

/* Outside of [2^-54, 512). */
static bool is_extreme(double x) {
    return (double_bits(x) >> 52 & 0x7ff) - 969 >= 63;
}

/* 2^(i / 128) from a table, times 2^r of the rest by a polynomial. */
double libm_exp2(double x) {
    const double shift = 0x1.8p52 / 128;
    bool extreme = is_extreme(x);
    if (extreme) {
        if (fabs(x) < 1) return 1;
        if (!(x < 1024)) return x > 0 ? INFINITY : x;
        if (x <= -1075) return 0;
    }
    double shifted = x + shift, r = x - (shifted - shift), r2 = r * r;
    int i = (int)(int32_t)(uint32_t)double_bits(shifted);
    const double *root = exp2_table[i & 127], *c = exp2_terms;
    double t =
        root[1] + r * c[0] + r2 * (c[1] + r * c[2]) + r2 * r2 * (c[3] + r * c[4]);
    if (extreme) return scaled_carefully(root[0], i >> 7, t);
    double scale = scaled_by(root[0], i >> 7);
    return scale + scale * t;
}

/* ---- hypot ---- */

/* sqrt(a^2 + b^2), a >= b >= 0, squares in range, corrected by what the root lacks:
 * Borges, An Improved Algorithm for hypot(a, b), 2019. */
static double corrected_root(double a, double b) {
    double h = sqrt(a * a + b * b), delta, from_a, from_b;
    if (h <= 2 * b) {
        delta = h - b;
        from_a = a * (2 * delta - a);
        from_b = (delta - 2 * (a - b)) * delta;
    } else {
        delta = h - a;
        from_a = 2 * delta * (a - 2 * b);
        from_b = (4 * delta - b) * b + delta * delta;
    }
    return h - (from_a + from_b) / (2 * h);
}

double libm_hypot(double x, double y) {
    x = fabs(x), y = fabs(y);
    if (x == INFINITY || y == INFINITY) return INFINITY;
    if (x != x || y != y) return NAN;
    double a = x < y ? y : x, b = x < y ? x : y;
    if (b * 0x1p54 <= a) return a + b;
    if (a > 0x1p511) return corrected_root(a * 0x1p-600, b * 0x1p-600) / 0x1p-600;
    if (b < 0x1p-459) return corrected_root(a / 0x1p-600, b / 0x1p-600) * 0x1p-600;
    return corrected_root(a, b);
}
