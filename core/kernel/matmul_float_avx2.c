/* Products of floats with AVX2 and FMA. */
#include <immintrin.h>

#define T float
#define BYTES 32
#define TILE 6
#define PRODUCT matmul_float_avx2
#define FUSED(x, v, sum) _mm256_fmadd_ps(_mm256_set1_ps(x), v, sum)

#include "core/kernel/matmul_tiles.h"
