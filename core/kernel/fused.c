/* fused.h for every processor, and the choice between the two. */
#define ADD_SCALED add_scaled_baseline
#define ADDCMUL addcmul_baseline
#define LERP lerp_baseline
#define TANH_BACKWARD tanh_backward_baseline
#include "core/kernel/cpu.h"
#include "core/kernel/fused_body.h"

#if defined(__x86_64__)
#define CHOOSE(baseline, avx2) (cpu_level() >= CPU_AVX2 ? (avx2) : (baseline))
#else
#define CHOOSE(baseline, avx2) (baseline)
#endif

KERNEL(kernel_add_scaled) {
    CHOOSE(add_scaled_baseline, add_scaled_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_addcmul) {
    CHOOSE(addcmul_baseline, addcmul_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_lerp) {
    CHOOSE(lerp_baseline, lerp_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_tanh_backward) {
    CHOOSE(tanh_backward_baseline, tanh_backward_avx2)(d, p, s, n, arg);
}
