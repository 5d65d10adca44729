/* math_special: functions of the math module that CPython computes itself, or that it
 * asks more of than libm gives. They come out with CPython's bits.
 */
#ifndef RUNNER_MATH_SPECIAL_H
#define RUNNER_MATH_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>

/* nan where gamma has no value (0 is inf), inf where it overflows. */
double math_gamma(double x);
double math_lgamma(double x);

/* The length of a vector, which is overwritten; of none it is 0. */
double math_norm(double *x, size_t n);

/* A sum without rounding, kept as parts that do not overlap. */
enum { EXACT_SUM_PARTS = 64 };
typedef struct ExactSum {
    double parts[EXACT_SUM_PARTS];
    size_t n;
    double special;  /* of inf and nan */
    double infinite; /* of inf alone */
} ExactSum;
/* False when the sum overflows on the way. */
bool exact_sum_add(ExactSum *s, double x);
/* Correctly rounded; nan when the sum has both infinities. */
double exact_sum_total(const ExactSum *s);

#endif
