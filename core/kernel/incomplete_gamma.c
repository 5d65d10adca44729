/* The incomplete gamma functions, divided by the whole; see special.h.  Below a + 1 by
 * the power series, above by the continued fraction (Abramowitz and Stegun 6.5.29,
 * 6.5.31), which is evaluated by Lentz's method. */
#include "special.h"

#include "loops.h"

#include <math.h>

enum { MOST_STEPS = 10000 };

/* x^a e^-x / gamma(a) */
static double gamma_factor(const VecMath *m, double a, double x) {
    return m->exp.one(a * m->log.one(x) - x - m->lgamma.one(a));
}

static double lower_series(const VecMath *m, double a, double x) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < MOST_STEPS && term > 1e-17 * sum; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * gamma_factor(m, a, x);
}

static double upper_fraction(const VecMath *m, double a, double x) {
    const double tiny = 1e-300;
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, r = d;
    for (int n = 1; n < MOST_STEPS; n++) {
        double step = n * (a - n);
        b += 2;
        d = step * d + b;
        if (fabs(d) < tiny) d = tiny;
        c = b + step / c;
        if (fabs(c) < tiny) c = tiny;
        d = 1 / d;
        r *= d * c;
        if (fabs(d * c - 1) < 1e-16) break;
    }
    return r * gamma_factor(m, a, x);
}

/* The part of gamma(a) from 0 to x, or from x on when `upper`. */
static double incomplete_gamma(const VecMath *m, double a, double x, bool upper) {
    if (!(x >= 0 && a >= 0)) return NAN;
    if (a == 0) return x > 0 ? !upper : NAN;
    if (x == 0) return upper;
    if (isinf(a)) return isinf(x) ? NAN : upper;
    if (isinf(x)) return !upper;
    if (x < a + 1) {
        double lower = lower_series(m, a, x);
        return upper ? 1 - lower : lower;
    }
    double rest = upper_fraction(m, a, x);
    return upper ? rest : 1 - rest;
}

KERNEL(kernel_igamma) {
    const VecMath *m = ((const SpecialArgs *)arg)->math;
    switch (d) {
        FLOATING(LOOP2, incomplete_gamma(m, (double)a, (double)b, false))
        NO_OTHERS
    }
}

KERNEL(kernel_igammac) {
    const VecMath *m = ((const SpecialArgs *)arg)->math;
    switch (d) {
        FLOATING(LOOP2, incomplete_gamma(m, (double)a, (double)b, true))
        NO_OTHERS
    }
}
