/* See random.h.  Sources: G. Box and M. Muller, "A note on the generation of random
 * normal deviates", 1958; W. Hoermann, "The transformed rejection method for generating
 * Poisson random variables", 1993. */
#include "random.h"

#include "copy.h"
#include "libm.h"
#include "pointwise.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

enum { CHUNK = 64 };

/* ---- numbers drawn in double ---- */

typedef double Sample(const Draw *d);

/* Draws n numbers into operand 0, whatever its dtype. */
static void fill(DType d, char *const *p, const int64_t *s, int64_t n, Sample *sample,
                 const void *arg) {
    double drawn[CHUNK];
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        for (int64_t j = 0; j < m; j++) drawn[j] = sample(arg);
        char *operands[2] = {p[0] + i * s[0], (char *)drawn};
        kernel_cast(DT_float64, operands, (int64_t[]){s[0], sizeof *drawn}, m, &d);
    }
}

/* Box and Muller: two uniform numbers give two normal ones. */
static double standard_normal(Random *r) {
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    double u = random_double(r), v = random_double(r);
    double radius = sqrt(-2 * log(1 - v)), angle = 2 * PI * u;
    r->spare = radius * sin(angle);
    r->has_spare = true;
    return radius * cos(angle);
}

static double normal(const Draw *d) {
    return fma(standard_normal(d->random), d->b, d->a);
}

static double bernoulli(const Draw *d) {
    return random_double(d->random) < d->a;
}

static double exponential(const Draw *d) {
    return -1 / d->a * log(1 - random_double(d->random));
}

static double geometric(const Draw *d) {
    return ceil(log(random_double(d->random)) / log(1 - d->a));
}

static double log_normal(const Draw *d) {
    return exp(normal(d));
}

static double cauchy(const Draw *d) {
    return fma(d->b, tan(PI * (random_double(d->random) - 0.5)), d->a);
}

#define DRAWN_IN_DOUBLE(name)                                                          \
    void random_##name(DType d, char *const *p, const int64_t *s, int64_t n,           \
                       const void *arg) {                                              \
        fill(d, p, s, n, name, arg);                                                   \
    }
DRAWN_IN_DOUBLE(normal)
DRAWN_IN_DOUBLE(bernoulli)
DRAWN_IN_DOUBLE(exponential)
DRAWN_IN_DOUBLE(geometric)
DRAWN_IN_DOUBLE(log_normal)
DRAWN_IN_DOUBLE(cauchy)

/* ---- slopes ---- */

void random_slopes(DType d, char *const *p, const int64_t *s, int64_t n,
                   const void *arg) {
    const Draw *draw = arg;
    const DType wide = DT_float64;
    double x[CHUNK];
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        char *in[2] = {(char *)x, p[1] + i * s[1]}, *out[2] = {p[0] + i * s[0], in[0]};
        kernel_cast(d, in, (int64_t[]){sizeof *x, s[1]}, m, &wide);
        for (int64_t j = 0; j < m; j++)
            x[j] = x[j] <= 0
                       ? random_double(draw->random) * (draw->b - draw->a) + draw->a
                       : 1;
        kernel_cast(wide, out, (int64_t[]){s[0], sizeof *x}, m, &d);
    }
}

/* ---- uniform numbers ---- */

#define UNIFORM(R, T, DRAW, ROUND, STORE)                                              \
    {                                                                                  \
        const T from = ROUND((T)draw->a), span = ROUND(ROUND((T)draw->b) - from);      \
        for (int64_t i = 0; i < n; i++) *(R *)(p[0] + i * s[0]) = STORE(DRAW);         \
        break;                                                                         \
    }
#define SAME(x) (x)
#define LOW_BITS(bits) ((float)(random_u32(r) & ((1 << (bits)) - 1)) / (1 << (bits)))

/* Many are drawn, then all are scaled. */
static void uniform_floats(char *const *p, const int64_t *s, int64_t n,
                           const Draw *draw) {
    enum { MANY = 512 };
    float drawn[MANY], from = (float)draw->a;
    const KernelNumbers span = {.f = {(double)((float)draw->b - from)}};
    for (int64_t i = 0; i < n; i += MANY) {
        int64_t m = n - i < MANY ? n - i : MANY;
        char *operands[3] = {p[0] + i * s[0], (char *)&from, (char *)drawn};
        random_floats(draw->random, drawn, m);
        kernel_add_scaled(DT_float32, operands, (int64_t[]){s[0], 0, sizeof *drawn}, m,
                          &span);
    }
}

void random_uniform(DType d, char *const *p, const int64_t *s, int64_t n,
                    const void *arg) {
    const Draw *draw = arg;
    Random *r = draw->random;
    switch (d) {
    case DT_float32: uniform_floats(p, s, n, draw); break;
    case DT_float64:
        UNIFORM(double, double, fma(random_double(r), span, from), SAME, SAME)
    case DT_float16:
        UNIFORM(Half, float, fmaf(LOW_BITS(11), span, from), half_rounded,
                half_from_float)
    case DT_bfloat16:
        UNIFORM(BFloat16, float, fmaf(LOW_BITS(8), span, from), bfloat16_rounded,
                bfloat16_from_float)
    default: break;
    }
}

/* ---- whole numbers ---- */

typedef int64_t WholeSample(Random *r, uint64_t range, int64_t from);

static int64_t word_below(Random *r, uint64_t range, int64_t from) {
    return (int64_t)(random_u32(r) % range + (uint64_t)from);
}
static int64_t long_below(Random *r, uint64_t range, int64_t from) {
    return (int64_t)(random_u64(r) % range + (uint64_t)from);
}
static int64_t any_long(Random *r, uint64_t range, int64_t from) {
    (void)range, (void)from;
    return (int64_t)random_u64(r);
}

static void fill_whole(DType d, char *const *p, const int64_t *s, int64_t n,
                       WholeSample *sample, Random *r, uint64_t range, int64_t from) {
    int64_t drawn[CHUNK];
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK;
        for (int64_t j = 0; j < m; j++) drawn[j] = sample(r, range, from);
        char *operands[2] = {p[0] + i * s[0], (char *)drawn};
        kernel_cast(DT_int64, operands, (int64_t[]){s[0], sizeof *drawn}, m, &d);
    }
}

static bool draws_longs(DType d) {
    return d == DT_int64 || d == DT_float64 || d == DT_float32 || d == DT_bfloat16;
}

void random_integers(DType d, char *const *p, const int64_t *s, int64_t n,
                     const void *arg) {
    const Draw *draw = arg;
    WholeSample *sample = draw->range == 0                      ? any_long
                          : draws_longs(d) && draw->range >> 32 ? long_below
                                                                : word_below;
    fill_whole(d, p, s, n, sample, draw->random, draw->range, draw->from);
}

void random_whole(DType d, char *const *p, const int64_t *s, int64_t n,
                  const void *arg) {
    static const uint64_t ranges[DTYPE_COUNT] = {
        [DT_uint8] = 256,
        [DT_int8] = 128,
        [DT_int16] = 1 << 15,
        [DT_int32] = UINT64_C(1) << 31,
        [DT_int64] = UINT64_C(1) << 63,
        [DT_float16] = (1 << 11) + 1,
        [DT_bfloat16] = (1 << 8) + 1,
        [DT_float32] = (1 << 24) + 1,
        [DT_float64] = (UINT64_C(1) << 53) + 1,
        [DT_bool] = 2,
    };
    const Draw *draw = arg;
    bool two = d == DT_int64 || d == DT_float64;
    fill_whole(d, p, s, n, two ? long_below : word_below, draw->random, ranges[d], 0);
}

void random_permutation(Random *r, DType d, void *data, int64_t n) {
    size_t item = dtype_size(d);
    char *at = data, kept[8];
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t m = n - i < CHUNK ? n - i : CHUNK, counted[CHUNK];
        for (int64_t j = 0; j < m; j++) counted[j] = i + j;
        char *operands[2] = {at + i * (int64_t)item, (char *)counted};
        kernel_cast(DT_int64, operands, (int64_t[]){(int64_t)item, 8}, m, &d);
    }
    for (int64_t i = 0; i + 1 < n; i++, at += item) {
        char *other = at + random_u32(r) % (uint64_t)(n - i) * item;
        memcpy(kept, at, item);
        memmove(at, other, item);
        memcpy(other, kept, item);
    }
}

/* ---- with an operand ---- */

void random_bernoulli_each(DType d, char *const *p, const int64_t *s, int64_t n,
                           const void *arg) {
    const Draw *draw = arg;
    Random *r = draw->random;
    for (int64_t i = 0; i < n && !*draw->failed; i++) {
        double chance;
        cast_element(DT_float64, &chance, draw->other, p[1] + i * s[1]);
        *draw->failed = !(chance >= 0 && chance <= 1);
        if (*draw->failed) return;
        bool one = draw->other == DT_float64 ? random_double(r) < chance
                                             : random_float(r) < (float)chance;
        cast_element(d, p[0] + i * s[0], DT_bool, &one);
    }
}

static double log_factorial(double k) {
    return libm_lgamma(k + 1);
}

/* By counting how many uniform numbers keep their product above e^-rate. */
static double poisson_small(Random *r, double rate) {
    double least = exp(-rate), product = random_double(r), k = 0;
    for (; product > least; k++) product *= random_double(r);
    return k;
}

static double poisson_large(Random *r, double rate) {
    double b = 0.931 + 2.53 * sqrt(rate), a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = random_double(r) - 0.5, v = random_double(r);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + rate + 0.43);
        if (us >= 0.07 && v <= vr) return k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <=
            -rate + k * log(rate) - log_factorial(k))
            return k;
    }
}

void random_poisson(DType d, char *const *p, const int64_t *s, int64_t n,
                    const void *arg) {
    const Draw *draw = arg;
    Random *r = draw->random;
    for (int64_t i = 0; i < n && !*draw->failed; i++) {
        double rate;
        cast_element(DT_float64, &rate, d, p[1] + i * s[1]);
        *draw->failed = !(rate >= 0);
        if (*draw->failed) return;
        double k = rate >= 10 ? poisson_large(r, rate)
                   : rate > 0 ? poisson_small(r, rate)
                              : 0;
        cast_element(d, p[0] + i * s[0], DT_float64, &k);
    }
}

/* Sums of float64 weights are kept in double, those of others in float. */
static double rounded(DType d, double x) {
    return d == DT_float64 ? x : (double)(float)x;
}

/* The first index whose running sum reaches x. */
static int64_t search(const double *sums, int64_t length, double x) {
    int64_t low = 0, high = length;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (sums[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

PicksError random_picks(Random *r, DType d, const char *weights, int64_t step,
                        int64_t length, double *sums, int64_t *picks, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < length; i++) {
        double weight;
        cast_element(DT_float64, &weight, d, weights + i * step);
        if (!(weight >= 0)) return PICKS_NEGATIVE;
        if (!isfinite(weight)) return PICKS_NOT_FINITE;
        sums[i] = sum = rounded(d, sum + weight);
    }
    if (!(sum > 0)) return PICKS_NO_WEIGHT;
    for (int64_t i = 0; i < length; i++) sums[i] = rounded(d, sums[i] / sum);
    sums[length - 1] = 1;
    for (int64_t i = 0; i < n; i++) picks[i] = search(sums, length, random_double(r));
    return PICKS_FINE;
}
