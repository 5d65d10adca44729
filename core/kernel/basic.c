/* basic.h for every processor, and the choice between the two. */
#define ADD add_baseline
#define SUB sub_baseline
#define MUL mul_baseline
#define DIV div_baseline
#include "core/kernel/basic_body.h"
#include "core/kernel/cpu.h"

#if defined(__x86_64__)
#define CHOOSE(baseline, avx2) (cpu_level() >= CPU_AVX2 ? (avx2) : (baseline))
#else
#define CHOOSE(baseline, avx2) (baseline)
#endif

KERNEL(kernel_add) {
    CHOOSE(add_baseline, add_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_sub) {
    CHOOSE(sub_baseline, sub_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_mul) {
    CHOOSE(mul_baseline, mul_avx2)(d, p, s, n, arg);
}

KERNEL(kernel_div) {
    CHOOSE(div_baseline, div_avx2)(d, p, s, n, arg);
}
