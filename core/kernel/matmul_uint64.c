/* Products of integers of 64 bits. */
#define T uint64_t
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_uint64
#define FUSED(x, v, sum) ((sum) + (x) * (v))

#include "core/kernel/matmul_tiles.h"
