/* See cpu.h.  The C library has asked the processor already when the program begins;
 * asking again (`cpuid`) is slow where a hypervisor answers, so it is asked for its
 * notes. */
#include "core/kernel/cpu.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

/* CPU_FEATURE_ACTIVE of the library, which shifts into the sign of an int. */
static bool active(unsigned feature) {
    const struct cpuid_feature *leaf = __x86_get_cpuid_feature_leaf(feature / 128);
    return leaf->active_array[feature / 32 % 4] >> feature % 32 & 1;
}
#define ACTIVE(name) active(x86_cpu_##name)
#define HAS_AVX2 ACTIVE(AVX2)
#define HAS_FMA ACTIVE(FMA)
#define HAS_AVX512                                                                     \
    (ACTIVE(AVX512F) && ACTIVE(AVX512DQ) && ACTIVE(AVX512BW) && ACTIVE(AVX512VL))
#elif defined(__x86_64__)
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#define HAS_FMA __builtin_cpu_supports("fma")
#define HAS_AVX512                                                                     \
    (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&        \
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
#else
#define HAS_AVX2 false
#define HAS_FMA true
#define HAS_AVX512 false
#endif

bool cpu_has_fma(void) {
    return HAS_FMA;
}

static CpuLevel find_level(void) {
    const char *limit = getenv("AUTOCELL_CPU");
    if (!limit) limit = "";
    if (strcmp(limit, "baseline") == 0 || !HAS_AVX2 || !HAS_FMA) return CPU_BASELINE;
    if (strcmp(limit, "avx2") == 0 || !HAS_AVX512) return CPU_AVX2;
    return CPU_AVX512;
}

/* The level plus one, 0 before it is known; threads that race find the same. */
static _Atomic int known;

CpuLevel cpu_level(void) {
    if (!known) known = (int)find_level() + 1;
    return (CpuLevel)(known - 1);
}

void cpu_limit(CpuLevel most) {
    CpuLevel level = find_level();
    known = (int)(level < most ? level : most) + 1;
}
