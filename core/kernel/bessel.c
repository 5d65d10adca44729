/* Modified Bessel functions of the first kind; see special.h.  Their power series has
 * positive terms only and is summed up to 30; from there on the asymptotic series is
 * exact to the last bits (Abramowitz and Stegun 9.6.10, 9.7.1). */
#include "special.h"

#include "loops.h"

#include <math.h>

enum { SERIES_UP_TO = 30, MOST_TERMS = 200 };

/* I_order(x), 0 <= x <= 30. */
static double bessel_series(int order, double x) {
    double term = order ? x / 2 : 1, sum = term, square = x * x / 4;
    for (int k = 1; k < MOST_TERMS && term > 1e-17 * sum; k++) {
        term *= square / ((double)k * (k + order));
        sum += term;
    }
    return sum;
}

/* sqrt(2 pi x) e^-x I_order(x) of a large x. */
static double bessel_asymptotic(int order, double x) {
    double term = 1, sum = 1, mu = 4.0 * order;
    for (int k = 1; k < 2 * SERIES_UP_TO && fabs(term) > 1e-17; k++) {
        double odd = 2 * k - 1;
        term *= (odd * odd - mu) / (8 * x * k);
        sum += term;
    }
    return sum;
}

/* I_order(x), times e^-|x| when `scaled`; odd in x for order 1. */
static double bessel_i(const VecMath *m, int order, bool scaled, double x) {
    double size = fabs(x), r;
    if (size <= SERIES_UP_TO) {
        r = bessel_series(order, size);
        if (scaled) r *= m->exp.one(-size);
    } else {
        r = bessel_asymptotic(order, size);
        if (!scaled) r *= m->exp.one(size);
        r /= sqrt(2 * 3.14159265358979323846 * size);
    }
    return order && x < 0 ? -r : r;
}

#define BESSEL_KERNEL(name, order, scaled)                                             \
    KERNEL(kernel_##name) {                                                            \
        const VecMath *m = ((const SpecialArgs *)arg)->math;                           \
        switch (d) {                                                                   \
            FLOATING(LOOP1, bessel_i(m, order, scaled, (double)a))                     \
            NO_OTHERS                                                                  \
        }                                                                              \
    }
BESSEL_KERNEL(i0, 0, false)
BESSEL_KERNEL(i0e, 0, true)
BESSEL_KERNEL(i1, 1, false)
BESSEL_KERNEL(i1e, 1, true)
