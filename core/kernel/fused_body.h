/* The text of fused.h's kernels; included with ADD_SCALED, ADDCMUL, LERP and
 * TANH_BACKWARD (their names) defined. */
#include "core/kernel/fused.h"
#include "core/kernel/loops.h"

#include <math.h>

/* a + b c with one rounding, for each of the two types; the half types are rounded from
 * float when stored. */
#define FUSED_FLOATING(LOOP, of_float, of_double)                                      \
    case DT_float32: LOOP(1, float, float, float, AS_IS, (float), of_float) break;     \
    case DT_float64: LOOP(1, double, double, double, AS_IS, (double), of_double) break;

KERNEL(ADD_SCALED) {
    const KernelNumbers *x = arg;
    double f = x->f[0];
    int64_t k = x->i[0];
    switch (d) {
        WRAPPING(LOOP2, a + (T)k * b)
        FUSED_FLOATING(LOOP2, fmaf(b, (T)f, a), fma(b, f, a))
        BOOLEAN(LOOP2, a || (k && b))
    case DT_float16:
        LOOP2(0, Half, Half, float, half_to_float, half_from_float,
              a + half_rounded((float)f * b))
        break;
    case DT_bfloat16:
        LOOP2(0, BFloat16, BFloat16, float, bfloat16_to_float, bfloat16_from_float,
              a + bfloat16_rounded((float)f * b))
        break;
        NO_OTHERS
    }
}

KERNEL(ADDCMUL) {
    const KernelNumbers *x = arg;
    double f = x->f[0];
    int64_t k = x->i[0];
    switch (d) {
        WRAPPING(LOOP3, a + (T)k * b * c)
        FUSED_FLOATING(LOOP3, fmaf((T)f * b, c, a), fma(f * b, c, a))
        HALF_FLOATING(LOOP3, a + (T)f * b * c)
        NO_OTHERS
    }
}

/* From the nearer end, so that weight 1 gives b exactly. */
KERNEL(LERP) {
    (void)arg;
    switch (d) {
        FUSED_FLOATING(LOOP3, c < 0.5f ? fmaf(c, b - a, a) : fmaf(-(b - a), 1 - c, b),
                       c < 0.5 ? fma(c, b - a, a) : fma(-(b - a), 1 - c, b))
        HALF_FLOATING(LOOP3, c < (T)0.5 ? a + c * (b - a) : b - (b - a) * (1 - c))
        NO_OTHERS
    }
}

KERNEL(TANH_BACKWARD) {
    (void)arg;
    switch (d) {
        FUSED_FLOATING(LOOP2, a * fmaf(-b, b, 1), a * fma(-b, b, 1))
        HALF_FLOATING(LOOP2, a * (1 - b * b))
        NO_OTHERS
    }
}
