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

#endif
