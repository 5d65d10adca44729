/* Products of doubles with AVX-512. */
#include <immintrin.h>

#define T double
#define BYTES 64
#define TILE 12
#define PRODUCT matmul_double_avx512
#define FUSED(x, v, sum) _mm512_fmadd_pd(_mm512_set1_pd(x), v, sum)

#include "core/kernel/matmul_tiles.h"
