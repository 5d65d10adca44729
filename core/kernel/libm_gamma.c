/* lgamma; see libm.h.
 *
 * Of positive numbers, polynomials about 1, 2 and the least value, to which log carries
 * what is below 8, and Stirling's series beyond.  Of negative ones the reflection
 * log(pi / |x sin(pi x)|) - lgamma(-x); but between -2 and where the zeros can no
 * longer be told from the integers, log(gamma(x) / gamma(z)) for the zero z beside x.
 */
#include "libm.h"
#include "libm_gamma_tables.h"
#include "libm_parts.h"

#include <math.h>

/* The argument of the least value that a positive number has. */
static const double least_at = 1.46163214496836224576e+00;
static const double e_and_rest[] = {M_E, 0x1.4d57ee2b1013ap-53};

/* ---- numbers of 64 binary digits ---- */

/* For x86-64 the product below is computed in registers that have so many. A number is
 * a sum of two, the first of which is it rounded to a double. */
typedef struct Wide {
    double high, low;
} Wide;

/* high + low, |low| < |high|, to 64 binary digits. */
static Wide wide(double high, double low) {
    double sum = high + low, rest = low - (sum - high);
    double power = double_of(double_bits(sum) & (uint64_t)0x7ff << 52);
    double shift = power * 0x1.8p-11; /* whose last digit is the last to stay */
    rest = (rest + shift) - shift;
    high = sum + rest;
    return (Wide){high, rest - (high - sum)};
}

static Wide wide_sum(double a, Wide b) {
    double sum = a + b.high, of_b = sum - a;
    double rest = (a - (sum - of_b)) + (b.high - of_b);
    return wide(sum, rest + b.low);
}

static Wide wide_product(Wide a, Wide b) {
    double product = a.high * b.high;
    double rest = fma(a.high, b.high, -product);
    return wide(product, rest + (a.high * b.low + a.low * b.high));
}

static Wide wide_quotient(double a, Wide b) {
    double quotient = a / b.high;
    double rest = fma(-quotient, b.high, a) - quotient * b.low;
    return wide(quotient, rest / b.high);
}

/* (1 + t / (x + x_rest)) (1 + t / (x + x_rest + 1)) ... - 1, n factors. */
static double product_less_one(double t, double x, double x_rest, int n) {
    Wide first = wide(x, x_rest), product = wide_quotient(t, first);
    for (int k = 1; k < n; k++) {
        Wide quotient = wide_quotient(t, wide_sum(k, first));
        Wide step = wide_product(quotient, wide_sum(1, product));
        product = wide_sum(product.high, (Wide){step.high, step.low + product.low});
    }
    return product.high;
}

#define T double
#define F(name) name
#define LOG1P log1p
#define HORNER horner
#define LEAST -1.21486290535849611461e-01      /* the least value */
#define LEAST_OVER -3.63867699703950536541e-18 /* that exceeds it by so much */
#define ABOUT_ZERO 0x1.ccccdp-1
#define SMALL 0x1p-70
#define LARGE 0x1p58
#define ZEROS 28 /* how far the zeros go */
#define TERMS 12
#define NEAR_ZEROS near_zeros
#define STEPS_UP(i) ((i) < 6 ? (7 - (i)) / 2 : 0)
#include "libm_gamma_body.h"
#undef T
#undef F
#undef LOG1P
#undef HORNER
#undef LEAST
#undef LEAST_OVER
#undef ABOUT_ZERO
#undef SMALL
#undef LARGE
#undef ZEROS
#undef TERMS
#undef NEAR_ZEROS
#undef STEPS_UP
#define T float
#define F(name) name##f
#define LOG1P libm_log1pf
#define HORNER hornerf
#define LEAST -0x1.f19b9ap-4f
#define LEAST_OVER 0x1.cc38a4p-28f
#define ABOUT_ZERO 0x1.cccccep-1f
#define SMALL 0x1p-30f
#define LARGE 0x1p26f
#define ZEROS 15
#define TERMS 3
#define NEAR_ZEROS near_zerosf
#define STEPS_UP(i) 0
#include "libm_gamma_body.h"
