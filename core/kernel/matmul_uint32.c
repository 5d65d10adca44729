/* Products of integers of 32 bits. */
#define T uint32_t
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_uint32
#define FUSED(x, v, sum) ((sum) + (x) * (v))

#include "core/kernel/matmul_tiles.h"
