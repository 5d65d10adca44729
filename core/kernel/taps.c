/* See taps.h. */
#include "core/kernel/taps.h"

#include <math.h>

static double rounded(DType d, double x) {
    switch (d) {
    case DT_float32: return (double)(float)x;
    case DT_bfloat16: return (double)bfloat16_rounded((float)x);
    default: return x;
    }
}

/* a b + c, rounded once; twice for bfloat16 and where nothing is fused. */
static double fused(const Resize *r, double a, double b, double c) {
    if (r->d == DT_bfloat16 || r->plain) return rounded(r->d, rounded(r->d, a * b) + c);
    return r->d == DT_float32 ? (double)(float)(a * b + c) : fma(a, b, c);
}

static int64_t within(int64_t i, int64_t n) {
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* Places of the source for one place of the result. */
static double source_step(const Resize *r, bool align_corners) {
    if (align_corners)
        return r->to > 1 ? rounded(r->d, (double)(r->from - 1) / (double)(r->to - 1))
                         : 0;
    return rounded(r->d, r->scale > 0 ? 1 / r->scale : (double)r->from / (double)r->to);
}

/* Where place i of the result lies in the source; not rounded to float32 but where
 * nothing is fused. */
static double source_of(const Resize *r, double step, int64_t i) {
    if (r->plain)
        return r->align_corners ? rounded(r->d, step * (double)i)
                                : fused(r, step, (double)i + 0.5, -0.5);
    if (r->align_corners) return step * (double)i;
    return fma(step, (double)i + 0.5, -0.5);
}

void taps_nearest(const Resize *r, bool exact, int64_t *at) {
    double step = source_step(r, false);
    for (int64_t i = 0; i < r->to; i++) {
        double place = rounded(r->d, step * ((double)i + (exact ? 0.5 : 0)));
        at[i] = within((int64_t)floor(place), r->from);
    }
}

void taps_linear(const Resize *r, int64_t *at, double *weight) {
    double step = source_step(r, r->align_corners);
    for (int64_t i = 0; i < r->to; i++, at += 2, weight += 2) {
        double place = r->from == r->to ? (double)i : fmax(0, source_of(r, step, i));
        at[0] = within((int64_t)place, r->from);
        at[1] = r->from == r->to ? at[0] : within(at[0] + 1, r->from);
        double after = rounded(r->d, place - (double)at[0]);
        weight[1] = fmin(fmax(after, 0), 1);
        weight[0] = rounded(r->d, 1 - weight[1]);
    }
}

/* The cubic of Keys with the slope a, within distance 1 and between 1 and 2. */
static double cubic_near(const Resize *r, double x, double a) {
    double t = fused(r, rounded(r->d, a + 2), x, -rounded(r->d, a + 3));
    return rounded(r->d, rounded(r->d, rounded(r->d, t * x) * x) + 1);
}
static double cubic_far(const Resize *r, double x, double a) {
    double t = fused(r, a, x, -rounded(r->d, 5 * a));
    t = rounded(r->d, fused(r, t, x, rounded(r->d, 8 * a)) * x);
    return rounded(r->d, t - rounded(r->d, 4 * a));
}

void taps_cubic(const Resize *r, int64_t *at, double *weight) {
    const double a = -0.75;
    double step = source_step(r, r->align_corners);
    for (int64_t i = 0; i < r->to; i++, at += 4, weight += 4) {
        double place = r->from == r->to ? (double)i : source_of(r, step, i);
        double first = floor((double)(float)place); /* PyTorch's is floorf */
        double t = rounded(r->d, place - first);
        for (int k = 0; k < TAPS_CUBIC; k++)
            at[k] = within((int64_t)first - 1 + k, r->from);
        double rest = rounded(r->d, 1 - t);
        weight[0] = cubic_far(r, rounded(r->d, t + 1), a);
        weight[1] = cubic_near(r, t, a);
        weight[2] = cubic_near(r, rest, a);
        weight[3] = cubic_far(r, rounded(r->d, rest + 1), a);
    }
}

/* ---- antialiasing ---- */

/* Half of what the filter spans, which grows where the result is smaller. */
static double support_of(const Resize *r, int width) {
    double step = source_step(r, r->align_corners), half = width * 0.5;
    return step >= 1 ? rounded(r->d, half * step) : half;
}

int64_t taps_span(const Resize *r, int width) {
    double span = ceil(support_of(r, width)) * 2 + 1;
    return span < (double)r->from ? (int64_t)span : r->from;
}

/* Computed in double, then rounded. */
static double filter(DType d, int width, double x) {
    const double a = -0.5;
    x = fabs(x);
    if (width == TAPS_LINEAR) return x < 1 ? rounded(d, 1 - x) : 0;
    if (x < 1) return rounded(d, ((a + 2) * x - (a + 3)) * x * x + 1);
    return x < 2 ? rounded(d, (((x - 5) * x + 8) * x - 4) * a) : 0;
}

void taps_antialias(const Resize *r, int width, int64_t *at, double *weight) {
    const int64_t span = taps_span(r, width);
    double step = source_step(r, r->align_corners), support = support_of(r, width);
    double shrink = step >= 1 ? rounded(r->d, 1 / step) : 1;
    for (int64_t i = 0; i < r->to; i++, at += span, weight += span) {
        double center = rounded(r->d, step * ((double)i + 0.5)), total = 0;
        double first = fmax(0, rounded(r->d, center - support) + 0.5);
        int64_t begin = (int64_t)fmin(first, (double)r->from);
        double last = rounded(r->d, center + support) + 0.5;
        int64_t end = last < (double)r->from ? (int64_t)last : r->from;
        if (begin >= end) begin = within(end - 1, r->from);
        for (int64_t k = 0; k < span; k++) {
            bool used = begin + k < end || k == 0;
            double x = rounded(r->d, (double)(begin + k) - center) + 0.5;
            at[k] = used ? begin + k : -1;
            weight[k] = used ? filter(r->d, width, rounded(r->d, x * shrink)) : 0;
            total = rounded(r->d, total + weight[k]);
        }
        for (int64_t k = 0; total != 0 && k < span; k++)
            weight[k] = rounded(r->d, weight[k] / total);
    }
}
