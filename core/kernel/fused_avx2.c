/* fused.h for processors with AVX2 and fused multiply-add; compiled with them. */
#define ADD_SCALED add_scaled_avx2
#define ADDCMUL addcmul_avx2
#define LERP lerp_avx2
#define TANH_BACKWARD tanh_backward_avx2
#include "core/kernel/fused_body.h"
