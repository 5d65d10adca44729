/* cpu: which of the kernels that exist for several kinds of processor are to run.
 *
 * All give the same bits; wider vectors are faster.  AUTOCELL_CPU=baseline, avx2 or
 * avx512 in the environment limits the level.
 */
#ifndef CORE_KERNEL_CPU_H
#define CORE_KERNEL_CPU_H

#include <stdbool.h>

typedef enum CpuLevel {
    CPU_BASELINE, /* what every processor of the architecture has */
    CPU_AVX2,     /* AVX2 and fused multiply-add */
    CPU_AVX512    /* AVX-512 F, DQ, BW and VL, and the above */
} CpuLevel;

/* Looked up at the first call, and the same from then on. */
CpuLevel cpu_level(void);
/* For tests: no level above `most` from now on. */
void cpu_limit(CpuLevel most);
/* Whether the processor has a fused multiply-add, whatever the level. */
bool cpu_has_fma(void);

/* A function whose text is compiled into those that are made for one level or dtype. */
#define INLINE static inline __attribute__((always_inline))

/* COMPILED_TWICE(void, rows, (const Work *k, int64_t n), all_rows(k, n);) defines rows,
 * whose text calls INLINE functions, for every processor and for CPU_AVX2: CHOSEN(rows)
 * is the one to call.  BY_AVX2 is for what files of their own define for either. */
#if defined(__x86_64__)
#define COMPILED_TWICE(result, name, parameters, ...)                                  \
    static result name##_baseline parameters {                                         \
        __VA_ARGS__                                                                    \
    }                                                                                  \
    __attribute__((target("avx2,fma"))) static result name##_avx2 parameters {         \
        __VA_ARGS__                                                                    \
    }
#define BY_AVX2(baseline, avx2) (cpu_level() >= CPU_AVX2 ? (avx2) : (baseline))
#else
#define COMPILED_TWICE(result, name, parameters, ...)                                  \
    static result name##_baseline parameters {                                         \
        __VA_ARGS__                                                                    \
    }
#define BY_AVX2(baseline, avx2) (baseline)
#endif
#define CHOSEN(name) BY_AVX2(name##_baseline, name##_avx2)

#endif
