/* libm_parts: what the files of libm.h share.
 *
 * Tables are of doubles, for floats as well, whose coefficients are theirs rounded.
 * Lengths are constants where these are called, so that the loops unroll and the
 * coefficients become immediate.
 */
#ifndef CORE_KERNEL_LIBM_PARTS_H
#define CORE_KERNEL_LIBM_PARTS_H

#include "float_bits.h"

#define COUNT(table) (int)(sizeof table / sizeof *table)

/* c[0] + x c[1] + ... + x^(n-1) c[n-1] by Horner's rule. */
static inline double horner(const double *c, int n, double x) {
    double sum = c[n - 1];
    for (int i = n - 2; i >= 0; i--) sum = c[i] + x * sum;
    return sum;
}

static inline float hornerf(const double *c, int n, float x) {
    float sum = (float)c[n - 1];
    for (int i = n - 2; i >= 0; i--) sum = (float)c[i] + x * sum;
    return sum;
}

#endif
