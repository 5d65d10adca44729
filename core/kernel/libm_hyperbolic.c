/* Exponentials, logarithms and the hyperbolic functions made of them; see libm.h. */
#include "libm.h"
#include "libm_parts.h"

#include <math.h>
#include <stdbool.h>

/* log(2) in two parts; the product of the first with the exponent of a float is exact.
 */
static const float ln2_high = 0x1.62e3p-1f, ln2_low = 0x1.2fefa2p-17f;

/* Between these sinh and cosh are e^x / 2, which a float can hold, though not e^x. */
static const float half_exp_from = 0x1.62e3p6f, half_exp_to = 0x1.65a9f8p6f;

/* x times 2^k, a normal number like x. */
static float scaled(float x, int k) {
    return from_bits(to_bits(x) + ((uint32_t)k << 23));
}

/* ---- log1p ---- */

/* The even part of log((1 + s) / (1 - s)) / s - 2, of s^2. */
static const double log_terms[] = {6.666666666666735130e-01, 3.999999999940941908e-01,
                                   2.857142874366239149e-01, 2.222219843214978396e-01,
                                   1.818357216161805012e-01, 1.531383769920937332e-01,
                                   1.479819860511658591e-01};

/* f^2 / 2 less log(1 + f) - f, where log(2) k + rest will be added: rounding differs.
 */
static inline float log_bend(float f, float half_square) {
    float s = f / (2 + f), z = s * s;
    return s * (half_square + z * hornerf(log_terms, COUNT(log_terms), z));
}

/* log(1 + f) + log(2) k + rest, f being in (sqrt(1/2) - 1, sqrt(2) - 1). */
static float log_of_parts(float f, int k, float rest) {
    float half_square = 0.5f * f * f, high = (float)k * ln2_high;
    float low = (float)k * ln2_low + rest;
    if (f == 0) return k == 0 ? 0 : high + low;
    if (f < 0 && f > -0x1p-22f) {
        float r = half_square * (1 - 0x1.555556p-1f * f);
        return k == 0 ? f - r : high - ((r - low) - f);
    }
    float bend = log_bend(f, half_square);
    if (k == 0) return f - (half_square - bend);
    return high - ((half_square - (bend + low)) - f);
}

float libm_log1pf(float x) {
    if (!(x < INFINITY)) return x;
    if (x <= -1) return x == -1 ? -INFINITY : NAN;
    if (fabsf(x) < 0x1p-29f) return x - x * x * 0.5f;
    if (x > -0x1.2bec3ep-2f && x < 0x1.a827aep-2f) {
        float half_square = 0.5f * x * x;
        return x - (half_square - log_bend(x, half_square));
    }
    float u = 1 + x;
    int k = (int)(to_bits(u) >> 23) - 127;
    float rest = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    uint32_t fraction = to_bits(u) & 0x7fffff;
    bool halved = fraction >= 0x3504f7; /* sqrt(2) */
    k += halved;
    return log_of_parts(from_bits(fraction | (halved ? 0x3f000000 : 0x3f800000)) - 1, k,
                        rest);
}

/* ---- expm1 ---- */

/* 1 + ... : what x (e^x + 1) / (e^x - 1) is made of, of x^2 / 2. */
static const double exp_terms[] = {1,
                                   -3.33333333333331316428e-02,
                                   1.58730158725481460165e-03,
                                   -7.93650757867487942473e-05,
                                   4.00821782732936239552e-06,
                                   -2.01099218183624371326e-07};

/* 2^k (1 + x - e) - 1, k != 0 */
static float scaled_less_one(float x, float e, int k) {
    if (k == -1) return 0.5f * (x - e) - 0.5f;
    if (k == 1) return x < -0.25f ? -2 * (e - (x + 0.5f)) : 1 + 2 * (x - e);
    if (k < 0 || k > 56) return scaled(1 - (e - x), k) - 1;
    if (k < 23) return scaled((1 - scaled(1, -k)) - (e - x), k);
    return scaled((x - (e + scaled(1, -k))) + 1, k);
}

float libm_expm1f(float x) {
    float size = fabsf(x), rest = 0;
    int k = 0;
    if (x != x || size < 0x1p-25f) return x;
    if (x >= 0x1.62e43p6f) return INFINITY;
    if (x <= -0x1.2b7088p4f) return -1;
    if (size > 0x1.62e43p-2f) { /* log(2) / 2 */
        k = size < 0x1.0a2b24p0f ? (x > 0 ? 1 : -1)
                                 : (int)(0x1.715476p0f * x + (x > 0 ? 0.5f : -0.5f));
        float high = x - (float)k * ln2_high, low = (float)k * ln2_low;
        x = high - low;
        rest = (high - x) - low;
    }
    float half = 0.5f * x, square = x * half;
    float r = hornerf(exp_terms, COUNT(exp_terms), square);
    float t = 3 - r * half;
    float e = square * ((r - t) / (6 - x * t));
    if (k == 0) return x - (x * e - square);
    return scaled_less_one(x, (x * (e - rest) - rest) - square, k);
}

/* ---- hyperbolic functions ---- */

/* e^size / 2, size >= 22 */
static float half_exp(float size) {
    if (size < half_exp_from) return 0.5f * expf(size);
    if (size > half_exp_to) return INFINITY;
    float root = expf(0.5f * size);
    return 0.5f * root * root;
}

float libm_sinhf(float x) {
    float size = fabsf(x), y;
    if (!(size >= 0x1p-28f)) return x;
    if (size < 22) {
        float t = libm_expm1f(size);
        y = 0.5f * (size < 1 ? 2 * t - t * t / (t + 1) : t + t / (t + 1));
    } else {
        y = half_exp(size);
    }
    return copysignf(y, x);
}

float libm_coshf(float x) {
    float size = fabsf(x);
    if (x != x) return x;
    if (size < 0x1.62e43p-2f) { /* log(2) / 2 */
        float t = libm_expm1f(size), w = 1 + t;
        return size < 0x1p-55f ? 1 : 1 + (t * t) / (w + w);
    }
    if (size >= 22) return half_exp(size);
    float t = expf(size);
    return 0.5f * t + 0.5f / t;
}

float libm_tanhf(float x) {
    float size = fabsf(x), y = 1;
    if (x != x || x == 0) return x;
    if (size < 0x1p-55f) return x * (1 + x);
    if (size < 1) {
        float t = libm_expm1f(-2 * size);
        y = -t / (t + 2);
    } else if (size < 22) {
        y = 1 - 2 / (libm_expm1f(2 * size) + 2);
    }
    return copysignf(y, x);
}

/* ---- their inverses ---- */

float libm_asinhf(float x) {
    float size = fabsf(x), y;
    if (!(size >= 0x1p-15f && size < INFINITY)) return x;
    if (size > 0x1p15f)
        y = logf(size) + (float)M_LN2;
    else if (size > 2)
        y = logf(2 * size + 1 / (sqrtf(size * size + 1) + size));
    else
        y = libm_log1pf(size + size * size / (1 + sqrtf(1 + size * size)));
    return copysignf(y, x);
}

double libm_acosh(double x) {
    if (x >= 0x1p28) return log(x) + M_LN2;
    if (x > 2) return log(2 * x - 1 / (x + sqrt(x * x - 1)));
    double t = x - 1;
    return t < 0 ? (double)NAN : log1p(t + sqrt(2 * t + t * t));
}

float libm_acoshf(float x) {
    if (x >= 0x1p28f) return logf(x) + (float)M_LN2;
    if (x > 2) return logf(2 * x - 1 / (x + sqrtf(x * x - 1)));
    float t = x - 1;
    return t < 0 ? NAN : libm_log1pf(t + sqrtf(2 * t + t * t));
}

float libm_atanhf(float x) {
    float size = fabsf(x), t = size + size;
    if (size < 0x1p-28f) return x;
    if (size < 0.5f) return copysignf(0.5f * libm_log1pf(t + t * size / (1 - size)), x);
    return copysignf(0.5f * libm_log1pf(t / (1 - size)), x);
}
