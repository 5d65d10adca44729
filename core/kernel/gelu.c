/* gelu of float32 and bfloat16 as oneDNN has it, which PyTorch calls for contiguous
 * tensors.
 *
 * The error function is number 7.1.26 of Abramowitz and Stegun's handbook; exp is two
 * to a whole power times a polynomial of degree 5.  Its error stands out where the
 * normal distribution is small: gelu(-5) has two right digits.
 *
 * Source: oneDNN's eltwise injector, gelu_erf. */
#include "activation.h"

#include "cpu.h"
#include "float_bits.h"
#include "loops.h"

#include <math.h>

/* exp(x) for x <= 0; 0 where it would be below the smallest normal number. */
INLINE float exp_of(float x) {
    static const float c[] = {0x1.0f9f9cp-7F, 0x1.573a1ap-5F, 0x1.555a8p-3F,
                              0x1.fffdc6p-2F, 0x1.fffff6p-1F, 1};
    const float least = -0x1.5d58ap+6F, log2_e = 0x1.715476p+0F;
    bool vanishes = !(x >= least);
    if (vanishes) x = least;
    float n = floorf(x * log2_e + 0.5F);
    float rest = fmaf(-n, 0x1.62e43p-1F, x);
    float half_power = vanishes ? 0 : from_bits((uint32_t)((int32_t)n - 1 + 127) << 23);
    return polynomial(rest, c, 6) * half_power * 2;
}

/* erf(x), where decay is exp(-x x). */
INLINE float erf_of(float x, float decay) {
    static const float c[] = {1.061405429F, -1.453152027F, 1.421413741F, -0.284496736F,
                              0.254829592F};
    float t = 1 / fmaf(0.3275911F, fabsf(x), 1);
    return copysignf(1, x) * fmaf(-decay * t, polynomial(t, c, 5), 1);
}

INLINE float gelu(float a) {
    float x = a * (float)M_SQRT1_2, half = a * 0.5F;
    return fmaf(erf_of(x, exp_of(-(x * x))), half, half);
}

INLINE float gelu_slope(float a) {
    float x = a * (float)M_SQRT1_2;
    float decay = exp_of(-(x * x)), density = x * 0x1.20dd74p-1F * decay;
    return fmaf(erf_of(x, decay), 0.5F, density + 0.5F);
}

/* fmaf is a call where the processor is not known to have it. */
#define FLOAT_OR_BFLOAT16(LOOP, expr)                                                  \
    switch (d) {                                                                       \
        BFLOAT16(LOOP, expr)                                                           \
    default: LOOP(1, float, float, float, AS_IS, (float), expr)                        \
    }
COMPILED_TWICE(void, gelus, (DType d, char *const *p, const int64_t *s, int64_t n),
               FLOAT_OR_BFLOAT16(LOOP1, gelu(a)))
COMPILED_TWICE(void, slopes, (DType d, char *const *p, const int64_t *s, int64_t n),
               FLOAT_OR_BFLOAT16(LOOP2, a *gelu_slope(b)))

KERNEL(kernel_gelu_library) {
    (void)arg;
    CHOSEN(gelus)(d, p, s, n);
}

KERNEL(kernel_gelu_library_backward) {
    (void)arg;
    CHOSEN(slopes)(d, p, s, n);
}
