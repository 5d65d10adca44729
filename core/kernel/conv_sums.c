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

static float lane_product(const LaneProducts *p, const float *a, const float *x) {
    float lane[LANES] = {0};
    for (int64_t r = 0, i = 0; r < p->rows; r++)
        for (int64_t col = 0; col < p->cols; col++, i++)
            lane[i % LANES] = fmaf(a[i], x[r * p->width + col], lane[i % LANES]);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++) lane[l] += lane[l + half];
    return lane[0];
}

void kernel_lane_products(const LaneProducts *p) {
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = 0; j < p->n; j++)
            p->c[i * p->n + j] +=
                lane_product(p, p->a + i * p->a_step, p->x + p->seen[j]);
}
