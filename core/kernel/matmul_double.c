/* Products of doubles for every processor: fma gives the bits of the instruction, which
 * a compiler takes for it where all processors have it. */
#define T double
#define BYTES 16
#define TILE 4
#define PRODUCT matmul_double
#define FUSED(x, v, sum) multiply_add(x, v, sum)

#include <math.h>

typedef double Lanes __attribute__((vector_size(16)));

static inline Lanes multiply_add(double x, Lanes v, Lanes sum) {
    for (unsigned j = 0; j < sizeof v / sizeof x; j++) sum[j] = fma(x, v[j], sum[j]);
    return sum;
}

#include "core/kernel/matmul_tiles.h"
