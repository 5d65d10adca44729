/* Products of floats for every processor: fmaf gives the bits of the instruction, which
 * a compiler takes for it where all processors have it. */
#define T float
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_float
#define FUSED(x, v, sum) multiply_add(x, v, sum)

#include <math.h>

typedef float Lanes __attribute__((vector_size(16)));

static inline Lanes multiply_add(float x, Lanes v, Lanes sum) {
    for (unsigned j = 0; j < sizeof v / sizeof x; j++) sum[j] = fmaf(x, v[j], sum[j]);
    return sum;
}

#include "core/kernel/matmul_tiles.h"
