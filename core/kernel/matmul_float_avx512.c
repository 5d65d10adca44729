/* Products of floats with AVX-512. */
#include <immintrin.h>

#define T float
#define BYTES 64
#define TILE 12
#define PRODUCT matmul_float_avx512
#define FUSED(x, v, sum) _mm512_fmadd_ps(_mm512_set1_ps(x), v, sum)

#include "core/kernel/matmul_tiles.h"
