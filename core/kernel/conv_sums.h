/* conv_sums: sums of gradients of convolutions in the order of PyTorch's library for
 * them, where it is another than matmul.h's.  float32, contiguous.
 */
#ifndef CORE_KERNEL_CONV_SUMS_H
#define CORE_KERNEL_CONV_SUMS_H

#include "matmul.h"

/* x [n, channels, places] -> out [channels]. Rows of `row` places are summed up before
 * they are added; 0: everything is one chain. */
typedef struct ChannelPlaces {
    int64_t n, channels, places, row;
} ChannelPlaces;
void kernel_channel_sums(ChannelPlaces s, const float *x, float *out);

/* c[i, j] += the sum over k of a[i, k] b[k, j], fused, in 16 lanes that are folded. */
void kernel_lane_products(MatmulSize size, Matrix a, Matrix b, Matrix c);

#endif
