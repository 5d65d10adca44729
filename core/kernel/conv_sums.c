/* See conv_sums.h.  Source: oneDNN's convolutions and its product of few rows. */
#include "conv_sums.h"

#include "core/kernel/cpu.h"

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

enum { LANES = 16, TAPS = 4 };

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

/* The chains of so many j and channels, constants wherever this is used, stay in
 * registers. */
INLINE void channel_tile(const ChannelProducts *p, int64_t j, int64_t channel, int taps,
                         int lanes) {
    float sum[TAPS][LANES];
    float *c = p->c + j * p->channels + channel;
    for (int t = 0; t < taps; t++)
        for (int l = 0; l < lanes; l++) sum[t][l] = c[t * p->channels + l];
    for (int64_t row = 0; row < p->rows; row++) {
        const float *a = p->a + row * p->cols * p->channels + channel, *x[TAPS];
        for (int t = 0; t < taps; t++)
            x[t] = p->x + (p->seen[j + t] + row * p->width) * p->channels + channel;
        for (int64_t at = 0; at < p->cols * p->channels; at += p->channels)
            for (int t = 0; t < taps; t++)
                for (int l = 0; l < lanes; l++)
                    sum[t][l] = fmaf(a[at + l], x[t][at + l], sum[t][l]);
    }
    for (int t = 0; t < taps; t++)
        for (int l = 0; l < lanes; l++) c[t * p->channels + l] = sum[t][l];
}

INLINE void channel_tiles(const ChannelProducts *p, int64_t channel, int lanes) {
    int64_t j = 0;
    for (; j + TAPS <= p->n; j += TAPS) channel_tile(p, j, channel, TAPS, lanes);
    for (; j < p->n; j++) channel_tile(p, j, channel, 1, lanes);
}

INLINE void all_channels(const ChannelProducts *p) {
    int64_t i = 0;
    for (; i + LANES <= p->channels; i += LANES) channel_tiles(p, i, LANES);
    for (; i < p->channels; i++) channel_tiles(p, i, 1);
}
COMPILED_TWICE(void, channel_products, (const ChannelProducts *p), all_channels(p);)

void kernel_channel_products(const ChannelProducts *p) {
    CHOSEN(channel_products)(p);
}
