/* basic.h for every processor, and the choice between the two. */
#define ADD add_baseline
#define SUB sub_baseline
#define MUL mul_baseline
#define DIV div_baseline
#include "core/kernel/basic_body.h"
#include "core/kernel/cpu.h"

KERNEL(kernel_add) {
    BY_AVX2(add_baseline, add_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_sub) {
    BY_AVX2(sub_baseline, sub_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_mul) {
    BY_AVX2(mul_baseline, mul_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_div) {
    BY_AVX2(div_baseline, div_avx2)(d, p, s, n, arg);
}
