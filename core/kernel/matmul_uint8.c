/* Products of integers of 8 bits. */
#define T uint8_t
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_uint8
#define FUSED(x, v, sum) ((sum) + (x) * (v))

#include "core/kernel/matmul_tiles.h"
