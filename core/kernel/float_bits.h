/* float_bits: what kernels with functions of their own need: the bits of floats
 * and doubles, and polynomials.
 */
#ifndef CORE_KERNEL_FLOAT_BITS_H
#define CORE_KERNEL_FLOAT_BITS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t to_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline uint64_t double_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The polynomial c[0] x^(n-1) + ... + c[n-1], products and sums rounded together. */
static inline float polynomial(float x, const float *c, int n) {
    float y = c[0];
    for (int i = 1; i < n; i++) y = fmaf(y, x, c[i]);
    return y;
}

#endif
