/* sum.h for processors with AVX2; compiled with it. */
#define SUM sum_avx2
#include "core/kernel/sum.c"
