/* random_normal_blocks of random.h.
 *
 * All n places are filled with uniform numbers; then every 16 of them become normal
 * numbers, place j together with place j + 8.  Where n is no multiple of 16, the last
 * 16 places are drawn and made anew.
 *
 * Source: logarithm, sine and cosine of float32 are those of S. Moshier's Cephes
 * library, products and sums fused as PyTorch's kernel for AVX2 has them.
 */
#include "random.h"

#include "cpu.h"
#include "float_bits.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.28318530717958647692

enum { BLOCK = 16, LANES = 8 };

/* x = 2^e m with sqrt(1/2) <= m < sqrt(2); log(m) by a polynomial in m - 1. x > 0. */
INLINE float log_of(float x) {
    static const float c[] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                              -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                              2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
    uint32_t bits = to_bits(x);
    float e = (float)((int32_t)(bits >> 23) - 126);
    float half_to_one = from_bits((bits & 0x7FFFFF) | 0x3F000000);
    bool small = half_to_one < 0.707106781186547524f;
    e -= small ? 1.0f : 0.0f;
    float m = (half_to_one - 1) + (small ? half_to_one : 0.0f);
    float square = m * m;
    float y = polynomial(m, c, 9) * m;
    y = fmaf(y, square, e * -2.12194440e-4f);
    y = fmaf(square, -0.5f, y);
    return fmaf(e, 0.693359375f, m + y); /* log(2) in two parts */
}

/* Sine and cosine of 0 <= x < 8192, by octants of the circle. */
INLINE void sine_cosine(float x, float *sine, float *cosine) {
    static const float cos_terms[] = {2.443315711809948e-5f, -1.388731625493765e-3f,
                                      4.166664568298827e-2f};
    static const float sin_terms[] = {-1.9515295891e-4f, 8.3321608736e-3f,
                                      -1.6666654611e-1f};
    int32_t octant = ((int32_t)(x * 1.27323954473516f) + 1) & ~1;
    float k = (float)octant;
    x = fmaf(k, -0.78515625f, x); /* pi / 4 in three parts */
    x = fmaf(k, -2.4187564849853515625e-4f, x);
    x = fmaf(k, -3.77489497744594108e-8f, x);
    float square = x * x;
    float c = polynomial(square, cos_terms, 3) * square;
    c = fmaf(c, square, square * -0.5f) + 1;
    float s = polynomial(square, sin_terms, 3) * square;
    s = fmaf(s, x, x);
    bool swap = octant & 2;
    float sin_size = swap ? c : s, cos_size = swap ? s : c;
    *sine = octant & 4 ? -sin_size : sin_size;
    *cosine = (octant + 2) & 4 ? -cos_size : cos_size;
}

INLINE void block_float(float *block, float mean, float deviation) {
    _Pragma("omp simd") for (int j = 0; j < LANES; j++) {
        float radius = sqrtf(-2 * log_of(1 - block[j]));
        float sine, cosine;
        sine_cosine((float)TWO_PI * block[j + LANES], &sine, &cosine);
        block[j] = fmaf(radius * cosine, deviation, mean);
        block[j + LANES] = fmaf(radius * sine, deviation, mean);
    }
}

/* fmaf gives the same bits everywhere, but without the instruction it is a slow call.
 */
COMPILED_TWICE(void, blocks_float,
               (float *data, int64_t n, float mean, float deviation),
               for (int64_t i = 0; i + BLOCK <= n; i += BLOCK)
                   block_float(data + i, mean, deviation);)

static void block_double(double *block, double mean, double deviation) {
    for (int j = 0; j < LANES; j++) {
        double radius = sqrt(-2 * log(1 - block[j]));
        double angle = TWO_PI * block[j + LANES];
        block[j] = fma(radius * cos(angle), deviation, mean);
        block[j + LANES] = fma(radius * sin(angle), deviation, mean);
    }
}

/* Half numbers are rounded when they are stored in a variable ... */
static void block_half(Half *block, float mean, float deviation) {
    mean = half_rounded(mean);
    deviation = half_rounded(deviation);
    for (int j = 0; j < LANES; j++) {
        float u = half_rounded(1 - half_to_float(block[j]));
        double turn = (double)half_to_float(block[j + LANES]);
        float radius = half_rounded(sqrtf(-2 * (float)log((double)u)));
        double angle = (double)half_rounded((float)(TWO_PI * turn));
        float x = radius * (float)cos(angle), y = radius * (float)sin(angle);
        block[j] = half_from_float(fmaf(x, deviation, mean));
        block[j + LANES] = half_from_float(fmaf(y, deviation, mean));
    }
}

/* ... and bfloat16 numbers after every operation. */
static void block_bfloat16(BFloat16 *block, float mean, float deviation) {
    mean = bfloat16_rounded(mean);
    deviation = bfloat16_rounded(deviation);
    for (int j = 0; j < LANES; j++) {
        float u = bfloat16_rounded(1 - bfloat16_to_float(block[j]));
        double turn = (double)bfloat16_to_float(block[j + LANES]);
        float radius =
            bfloat16_rounded(sqrtf(-2 * bfloat16_rounded((float)log((double)u))));
        double angle = (double)bfloat16_rounded((float)(TWO_PI * turn));
        float x = bfloat16_rounded(radius * bfloat16_rounded((float)cos(angle)));
        float y = bfloat16_rounded(radius * bfloat16_rounded((float)sin(angle)));
        block[j] = bfloat16_from_float(bfloat16_rounded(x * deviation) + mean);
        block[j + LANES] = bfloat16_from_float(bfloat16_rounded(y * deviation) + mean);
    }
}

/* Every 16 of n uniform numbers. */
static void make_blocks(DType d, char *data, int64_t n, const Draw *draw) {
    float mean = (float)draw->a, deviation = (float)draw->b;
    if (d == DT_float32) {
        float *floats = (float *)(void *)data;
        CHOSEN(blocks_float)(floats, n, mean, deviation);
        return;
    }
    int64_t step = BLOCK * (int64_t)dtype_size(d);
    for (; n >= BLOCK; n -= BLOCK, data += step) {
        void *block = data;
        if (d == DT_float64) block_double(block, draw->a, draw->b);
        if (d == DT_float16) block_half(block, mean, deviation);
        if (d == DT_bfloat16) block_bfloat16(block, mean, deviation);
    }
}

void random_normal_blocks(DType d, void *data, int64_t n, const Draw *draw) {
    int64_t item = (int64_t)dtype_size(d);
    const Draw uniform = {.random = draw->random, .b = 1};
    char *first = data, *last = first + (n - BLOCK) * item;
    random_uniform(d, &first, &item, n, &uniform);
    make_blocks(d, first, n, draw);
    if (n % BLOCK == 0) return;
    random_uniform(d, &last, &item, BLOCK, &uniform);
    make_blocks(d, last, BLOCK, draw);
}
