/* Products of integers of 16 bits. */
#define T uint16_t
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_uint16
#define FUSED(x, v, sum) ((sum) + (x) * (v))

#include "core/kernel/matmul_tiles.h"
