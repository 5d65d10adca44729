/* Products of doubles with AVX2 and FMA. */
#include <immintrin.h>

#define T double
#define BYTES 32
#define TILE 6
#define PRODUCT matmul_double_avx2
#define FUSED(x, v, sum) _mm256_fmadd_pd(_mm256_set1_pd(x), v, sum)

#include "core/kernel/matmul_tiles.h"
