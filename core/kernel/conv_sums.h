/* conv_sums: sums of gradients of convolutions in the order of PyTorch's library for
 * them, where it is another than matmul.h's.  float32, contiguous.
 */
#ifndef CORE_KERNEL_CONV_SUMS_H
#define CORE_KERNEL_CONV_SUMS_H

#include <stdint.h>

/* x [n, channels, places] -> out [channels]. Rows of `row` places are summed up before
 * they are added; 0: everything is one chain. */
typedef struct ChannelPlaces {
    int64_t n, channels, places, row;
} ChannelPlaces;
void kernel_channel_sums(ChannelPlaces s, const float *x, float *out);

/* c[i, j] += the sum over places of a[i, place] x[seen[j] + place], fused, in 16 lanes
 * that are folded. The places are those of rows. */
typedef struct LaneProducts {
    int64_t m, n, rows, cols;
    const float *a;
    int64_t a_step; /* from i to i + 1; its rows of places are `cols` apart */
    const float *x;
    int64_t width; /* between rows of places in x */
    const int64_t *seen;
    float *c; /* [m, n] */
} LaneProducts;
void kernel_lane_products(const LaneProducts *p);

/* c[j, i] += the sum over places of a[place, i] x[seen[j] + place, i], fused, in one
 * chain from c on. The places are those of rows. */
typedef struct ChannelProducts {
    int64_t channels, n, rows, cols;
    const float *a; /* [rows, cols, channels] */
    const float *x; /* [places, channels] */
    int64_t width;  /* places between rows in x */
    const int64_t *seen;
    float *c; /* [n, channels] */
} ChannelProducts;
void kernel_channel_products(const ChannelProducts *p);

#endif
