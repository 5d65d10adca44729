/* Functions around the normal distribution; see special.h. */
#include "special.h"

#include "by_blocks.h"
#include "loops.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* e^(x^2) erfc(x); from 20 on by the asymptotic series (Abramowitz and Stegun 7.1.23).
 */
static double erfcx(const VecMath *m, double x) {
    if (x < 0) return 2 * m->exp.one(x * x) - erfcx(m, -x);
    if (x < 20) return m->exp.one(x * x) * m->erfc.one(x);
    double sum = 1, term = 1;
    for (int k = 0; k < 8; k++) {
        term *= -(2 * k + 1) / (2 * x * x);
        sum += term;
    }
    return sum / (x * sqrt(pi));
}

KERNEL(kernel_erfcx) {
    const VecMath *m = ((const SpecialArgs *)arg)->math;
    switch (d) {
        FULL_FLOATING(LOOP1, erfcx(m, (double)a))
        NO_OTHERS
    }
}

static double log_ndtr(const VecMath *m, double x) {
    double t = x * sqrt(0.5);
    if (x < -1) return m->log.one(erfcx(m, -t) / 2) - t * t;
    return m->log1p.one(-m->erfc.one(t) / 2);
}

KERNEL(kernel_log_ndtr) {
    const VecMath *m = ((const SpecialArgs *)arg)->math;
    switch (d) {
        FULL_FLOATING(LOOP1, log_ndtr(m, (double)a))
        NO_OTHERS
    }
}

/* A first guess (Abramowitz and Stegun 26.2.23), then Newton's method on the smaller of
 * the two tails. */
static double ndtri(const VecMath *m, double p) {
    if (!(p >= 0 && p <= 1)) return NAN;
    double tail = p < 0.5 ? p : 1 - p;
    if (tail == 0) return copysign(INFINITY, p - 0.5);
    if (tail == 0.5) return 0;
    double t = sqrt(-2 * m->log.one(tail));
    double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for (int i = 0; i < 4; i++) {
        double density = m->exp.one(-z * z / 2) / sqrt(2 * pi);
        z += (m->erfc.one(z * sqrt(0.5)) / 2 - tail) / density;
    }
    return p < 0.5 ? -z : z;
}

KERNEL(kernel_ndtri) {
    const VecMath *m = ((const SpecialArgs *)arg)->math;
    switch (d) {
        FULL_FLOATING(LOOP1, ndtri(m, (double)a))
        NO_OTHERS
    }
}

#define ENTR(a, log) (a != a ? a : a > 0 ? -a * log : a == 0 ? (T)0 : (T)-INFINITY)
C_KERNEL(kernel_entr, SpecialArgs,
         FULL_FLOATING(LOOP1, ENTR(a, MATH(log, a)))
             FLOAT16(LOOP1, ENTR(a, MATH(log, a)))
                 BFLOAT16(LOOP1, ENTR(a, bfloat16_rounded(MATH(log, a)))))
