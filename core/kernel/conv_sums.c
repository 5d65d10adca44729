/* See conv_sums.h.  Source: oneDNN's convolutions and its product of few rows. */
#include "conv_sums.h"

#include <math.h>

void kernel_channel_sums(ChannelPlaces s, const float *x, float *out) {
    for (int64_t c = 0; c < s.channels; c++) {
        float total = 0, row = 0;
        for (int64_t n = 0; n < s.n; n++)
            for (int64_t i = 0; i < s.places; i++) {
                row += x[(n * s.channels + c) * s.places + i];
                if (s.row == 0 || (i + 1) % s.row) continue;
                total += row;
                row = 0;
            }
        out[c] = s.row ? total : row;
    }
}

enum { LANES = 16 };

/* x and y: elements x_step and y_step apart. */
static float lane_product(const float *x, int64_t x_step, const float *y,
                          int64_t y_step, int64_t n) {
    float lane[LANES] = {0};
    for (int64_t i = 0; i < n; i++)
        lane[i % LANES] = fmaf(x[i * x_step], y[i * y_step], lane[i % LANES]);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

void kernel_lane_products(MatmulSize size, Matrix a, Matrix b, Matrix c) {
    const float *x = a.data, *y = b.data;
    float *out = c.data;
    for (int64_t i = 0; i < size.m; i++)
        for (int64_t j = 0; j < size.n; j++)
            out[i * c.row + j * c.col] +=
                lane_product(x + i * a.row, a.col, y + j * b.col, b.row, size.k);
}
