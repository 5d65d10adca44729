/* The tangent and the inverses of trigonometric functions, of floats; see libm.h. */
#include "libm.h"
#include "libm_parts.h"

#include <math.h>
#include <stdbool.h>

static const float pi = 0x1.921fb6p1f, pi_rest = -0x1.777a5cp-24f;
static const float half_pi = 0x1.921fb6p0f, half_pi_rest = -0x1.777a5cp-25f;
/* The same cut short, not rounded. */
static const float half_pi_cut = 0x1.921fb4p0f, half_pi_lost = 0x1.4442dp-24f;

/* x without its last 12 bits: what is left can be squared exactly. */
static inline float cut(float x) {
    return from_bits(to_bits(x) & 0xfffff000);
}

/* ---- tan ---- */

/* 2 / pi in digits of base 256, as many as floats need; before it, zeros. */
static const uint8_t two_over_pi[] = {
    0,    0,    0,    0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57,
    0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41};

static inline uint32_t four_digits(int first) {
    const uint8_t *digit = &two_over_pi[first];
    return (uint32_t)digit[0] << 24 | (uint32_t)digit[1] << 16 |
           (uint32_t)digit[2] << 8 | digit[3];
}

/* x less the nearest multiple n of pi/2; of n only whether it is odd counts. */
static double reduced(float x, bool *odd) {
    int n = ((int)((double)x * 0x1.45f306dc9c883p23) + 0x800000) >> 24;
    *odd = n & 1;
    return (double)x - n * 0x1.921fb54442d18p0;
}

/* The same for |x| >= 120, by Payne and Hanek: of x 2 / pi the 64 binary digits that
 * begin with the two of the quadrant. */
static double reduced_large(float x, bool *odd) {
    uint32_t bits = to_bits(x);
    int first = (int)(bits >> 26 & 15);
    uint32_t fraction = ((bits & 0x7fffff) | 0x800000) << (bits >> 23 & 7);
    uint64_t digits = (uint64_t)(fraction * four_digits(first)) << 32;
    digits += (uint64_t)fraction * four_digits(first + 4);
    digits += (uint64_t)fraction * four_digits(first + 8) >> 32;
    uint64_t n = (digits + (UINT64_C(1) << 61)) >> 62;
    double rest = (double)(int64_t)(digits - (n << 62)) * 0x1.921fb54442d18p-62;
    *odd = n & 1;
    return x < 0 ? -rest : rest;
}

static const double tan_odd[] = {
    1.33333333333201242699e-01, 2.18694882948595424599e-02,
    3.59207910759131235356e-03, 5.88041240820264096874e-04,
    7.81794442939557092300e-05, -1.85586374855275456654e-05};
static const double tan_even[] = {
    5.39682539762260521377e-02, 8.86323982359930005737e-03, 1.45620945432529025516e-03,
    2.46463134818469906812e-04, 7.14072491382608190305e-05, 2.59073051863633712884e-05};

/* -1 / (x + rest), w being their sum. */
static float negative_inverse(float w, float x, float rest) {
    float short_w = cut(w), lost = rest - (short_w - x);
    float inverse = -1 / w, short_inverse = cut(inverse);
    float lack = 1 + short_inverse * short_w;
    return short_inverse + inverse * (lack + short_inverse * lost);
}

/* tan(x + rest) within pi/4, or -1 / that. */
static float tan_near(float x, float rest, bool inverse) {
    float size = fabsf(x), sign = x < 0 ? -1 : 1;
    bool by_complement = size >= 0x1.59428p-1f; /* tan(pi/4 - x) */
    if (size < 0x1p-13f) return inverse ? -1 / x : x;
    if (by_complement) {
        x = (0.5f * half_pi_cut - size) + (0.5f * half_pi_lost - sign * rest);
        rest = 0;
        if (fabsf(x) < 0x1p-13f) return sign * (inverse ? -1 - 2 * x : 1 - 2 * x);
    }
    float z = x * x, w = z * z, cube = z * x;
    float r = hornerf(tan_odd, COUNT(tan_odd), w);
    float v = z * hornerf(tan_even, COUNT(tan_even), w);
    r = rest + z * (cube * (r + v) + rest);
    r += 0x1.555556p-2f * cube;
    w = x + r;
    if (by_complement) {
        float one = inverse ? -1 : 1;
        return sign * (one - 2 * (x - (w * w / (w + one) - r)));
    }
    return inverse ? negative_inverse(w, x, r) : w;
}

float libm_tanf(float x) {
    float size = fabsf(x);
    bool odd;
    if (size <= 0x1.921fb4p-1f) return tan_near(x, 0, false);
    if (!(size < INFINITY)) return NAN;
    double y = size < 120 ? reduced(x, &odd) : reduced_large(x, &odd);
    float high = (float)y;
    return tan_near(high, (float)(y - (double)high), odd);
}

/* ---- asin, acos ---- */

/* (asin(x) - x) / x^3, of x^2 */
static const double asin_terms[] = {1.666675248e-1, 7.495297643e-2, 4.547037598e-2,
                                    2.417951451e-2, 4.216630880e-2};

float libm_asinf(float x) {
    float size = fabsf(x);
    if (!(size <= 1)) return NAN;
    if (size == 1) return x * half_pi + x * half_pi_rest;
    if (size < 0x1p-27f) return x;
    float square = size < 0.5f ? x * x : (1 - size) * 0.5f;
    float p = square * hornerf(asin_terms, COUNT(asin_terms), square);
    if (size < 0.5f) return x + x * p;
    float s = sqrtf(square), y; /* pi/2 - 2 asin(s) */
    if (size >= 0x1.f33334p-1f) {
        y = half_pi - (2 * (s + s * p) - half_pi_rest);
    } else {
        float high = cut(s), low = (square - high * high) / (s + high);
        float small = 2 * s * p - (half_pi_rest - 2 * low);
        y = 0.5f * half_pi - (small - (0.5f * half_pi - 2 * high));
    }
    return copysignf(y, x);
}

/* The same as a quotient. */
static const double acos_terms[] = {
    1.66666666666666657415e-01, -3.25565818622400915405e-01,
    2.01212532134862925881e-01, -4.00555345006794114027e-02,
    7.91534994289814532176e-04, 3.47933107596021167570e-05};
static const double acos_over[] = {
    1, -2.40339491173441421878e+00, 2.02094576023350569471e+00,
    -6.88283971605453293030e-01, 7.70381505559019352791e-02};

float libm_acosf(float x) {
    const float twice_cut = 2 * half_pi_cut;
    float size = fabsf(x);
    if (!(size <= 1)) return NAN;
    if (size == 1) return x > 0 ? 0 : twice_cut + 2 * half_pi_lost;
    float square = size < 0.5f ? x * x : (1 - size) * 0.5f;
    float p = square * hornerf(acos_terms, COUNT(acos_terms), square) /
              hornerf(acos_over, COUNT(acos_over), square);
    if (size < 0.5f) return half_pi_cut - (x - (half_pi_lost - x * p));
    float s = sqrtf(square);
    if (x < 0) return twice_cut - 2 * (s + (p * s - half_pi_lost));
    float high = cut(s), low = (square - high * high) / (s + high);
    return 2 * (high + (p * s + low));
}

/* ---- atan ---- */

static const double atan_even[] = {
    3.33333333333329318027e-01, 1.42857142725034663711e-01, 9.09088713343650656196e-02,
    6.66107313738753120669e-02, 4.97687799461593236017e-02, 1.62858201153657823623e-02};
static const double atan_odd[] = {
    -1.99999999998764832476e-01, -1.11111104054623557880e-01,
    -7.69187620504482999495e-02, -5.83357013379057348645e-02,
    -3.65315727442169155270e-02};

/* x - atan(x) */
static inline float atan_bend(float x) {
    float z = x * x, w = z * z;
    float even = z * hornerf(atan_even, COUNT(atan_even), w);
    float odd = w * hornerf(atan_odd, COUNT(atan_odd), w);
    return x * (even + odd);
}

/* atan(at) + atan(x), of which the first is given in two parts. */
static inline float atan_added(float at, float rest, float x) {
    return at - ((atan_bend(x) - rest) - x);
}

float libm_atanf(float x) {
    float size = fabsf(x), y;
    if (!(size >= 0x1p-29f)) return x;
    if (size < 0.4375f) return x - atan_bend(x);
    if (size < 0.6875f)
        y = atan_added(0x1.dac67p-2f, 0x1.586ed2p-28f, (2 * size - 1) / (2 + size));
    else if (size < 1.1875f)
        y = atan_added(0.5f * half_pi_cut, 0.5f * half_pi_lost,
                       (size - 1) / (size + 1));
    else if (size < 2.4375f)
        y = atan_added(0x1.f730bcp-1f, 0x1.281f68p-25f,
                       (size - 1.5f) / (1 + 1.5f * size));
    else if (size < 0x1p25f)
        y = atan_added(half_pi_cut, half_pi_lost, -1 / size);
    else
        y = half_pi;
    return copysignf(y, x);
}

/* The angle of y > 0 and x, neither 0 nor both infinite. */
static float angle(float y, float x) {
    int ratio = (int)to_bits(y) - (int)to_bits(fabsf(x)), power = 1 << 23;
    float a;
    if (ratio >= 61 * power)
        a = half_pi + 0.5f * pi_rest;
    else if (x < 0 && ratio < -60 * power)
        a = 0;
    else
        a = libm_atanf(fabsf(y / x));
    return x < 0 ? pi - (a - pi_rest) : a;
}

float libm_atan2f(float y, float x) {
    float size = fabsf(y), a;
    if (x != x || y != y) return NAN;
    if (x == 1) return libm_atanf(y);
    if (y == 0)
        a = signbit(x) ? pi : 0;
    else if (x == 0)
        a = half_pi;
    else if (size == INFINITY && fabsf(x) == INFINITY)
        a = x > 0 ? 0.5f * half_pi : 3 * (0.5f * half_pi);
    else if (size == INFINITY)
        a = half_pi;
    else
        a = angle(size, x);
    return copysignf(a, y);
}
