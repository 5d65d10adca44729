/* fused.h for every processor, and the choice between the two. */
#define ADD_SCALED add_scaled_baseline
#define ADDCMUL addcmul_baseline
#define LERP lerp_baseline
#define TANH_BACKWARD tanh_backward_baseline
#include "core/kernel/cpu.h"
#include "core/kernel/fused_body.h"

KERNEL(kernel_add_scaled) {
    BY_AVX2(add_scaled_baseline, add_scaled_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_addcmul) {
    BY_AVX2(addcmul_baseline, addcmul_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_lerp) {
    BY_AVX2(lerp_baseline, lerp_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_tanh_backward) {
    BY_AVX2(tanh_backward_baseline, tanh_backward_avx2)(d, p, s, n, arg);
}
