/* See moments.h.  Sources: moments_utils.h, functional_base.h, vec_reduce_all. */
#include "moments.h"

#include <math.h>

double moments_fma(DType in, double a, double b, double c) {
    if (in == DT_float64) return fma(a, b, c);
    return fmaf((float)a, (float)b, (float)c);
}

enum { LANES = 8, CHUNK = 16, DEPTH = 64 };

static int lanes_of(DType in) {
    return in == DT_float64 ? LANES / 2 : LANES;
}

/* ---- moments ---- */

/* The mean of n elements, and the sum of their squared distances from it. */
typedef struct Partial {
    int64_t n;
    double mean, square;
} Partial;

/* Joins b to a. */
static void join(DType in, Partial *a, const Partial *b) {
    int64_t n = a->n + b->n;
    double share = n ? number_rounded(in, (double)b->n / (double)n) : 0;
    double delta = number_rounded(in, b->mean - a->mean);
    double far = number_rounded(in, number_rounded(in, delta * delta) * share);
    double more = moments_fma(in, far, (double)a->n, b->square);
    a->mean = moments_fma(in, share, delta, a->mean);
    a->square = number_rounded(in, a->square + more);
    a->n = n;
}

/* Lane `lane` of `vectors` vectors from element `at` on. */
static Partial lane_of_chunk(DType d, const void *x, int64_t at, int64_t vectors,
                             int lane) {
    DType in = moments_dtype(d);
    Partial p = {.n = vectors};
    for (int64_t j = 0; j < vectors; j++) {
        double v = number_load(d, x, at + j * lanes_of(in) + lane);
        double delta = number_rounded(in, v - p.mean);
        double share = number_rounded(in, 1 / (double)(j + 1));
        p.mean = moments_fma(in, delta, share, p.mean);
        p.square = moments_fma(in, delta, number_rounded(in, v - p.mean), p.square);
    }
    return p;
}

static int ceil_log2(int64_t n) {
    int bits = 0;
    while ((int64_t)1 << bits < n) bits++;
    return bits;
}

/* Lane `lane` of all n / lanes vectors: chunks of vectors, joined as a binary counter
 * carries. */
static Partial lane_of_row(DType d, const void *x, int64_t at, int64_t vectors,
                           int lane) {
    DType in = moments_dtype(d);
    Partial stack[DEPTH] = {{0}};
    int64_t chunks = (vectors + CHUNK - 1) / CHUNK;
    int depth = ceil_log2(chunks);
    for (int64_t i = 0; i < chunks; i++) {
        int64_t left = vectors - i * CHUNK, first = i * CHUNK * lanes_of(in);
        Partial p = lane_of_chunk(d, x, at + first, left < CHUNK ? left : CHUNK, lane);
        join(in, &stack[0], &p);
        int64_t carry = i + 1;
        for (int j = 1; j < depth && !(carry & 1); j++, carry >>= 1) {
            join(in, &stack[j], &stack[j - 1]);
            stack[j - 1] = (Partial){0};
        }
    }
    for (int j = 1; j < depth; j++) join(in, &stack[0], &stack[j]);
    return stack[0];
}

Moments kernel_moments(DType d, const void *x, int64_t at, int64_t n) {
    DType in = moments_dtype(d);
    int lanes = lanes_of(in);
    int64_t vectors = n / lanes;
    Partial p = {0};
    for (int64_t i = at + vectors * lanes; i < at + n; i++) {
        double v = number_load(d, x, i), delta = number_rounded(in, v - p.mean);
        p.n++;
        p.mean = number_rounded(in, p.mean + number_rounded(in, delta / (double)p.n));
        p.square = moments_fma(in, delta, number_rounded(in, v - p.mean), p.square);
    }
    for (int lane = 0; lane < lanes && vectors; lane++) {
        Partial q = lane_of_row(d, x, at, vectors, lane);
        join(in, &p, &q);
    }
    return (Moments){p.mean, number_rounded(in, p.square / (double)n)};
}

/* ---- sums ---- */

/* sum plus term i, whose last product is fused with the sum; without a sum, the term.
 */
static double add_term(const Products *p, int64_t i, bool first, double sum) {
    DType in = moments_dtype(p->d);
    double a = number_load(p->d, p->a, p->a_at + i);
    if (!p->b) return first ? a : number_rounded(in, sum + a);
    if (p->shift != 0) a = number_rounded(in, a - p->shift);
    double b = number_load(p->d, p->b, p->b_at + i);
    if (p->c) {
        a = number_rounded(in, a * b);
        b = number_load(p->d, p->c, p->c_at + i);
    }
    return first ? number_rounded(in, a * b) : moments_fma(in, a, b, sum);
}

double kernel_sum_of_products(const Products *p, int64_t n) {
    DType in = moments_dtype(p->d);
    int64_t lanes = lanes_of(in);
    double sum[LANES] = {0};
    if (n < lanes) {
        double total = 0;
        for (int64_t i = 0; i < n; i++) {
            double term = add_term(p, i, true, 0);
            total = i ? number_rounded(in, total + term) : term;
        }
        return total;
    }
    for (int64_t i = 0; i < n; i++)
        sum[i % lanes] = add_term(p, i, i < lanes, sum[i % lanes]);
    for (int64_t half = lanes / 2; half > 0; half /= 2)
        for (int64_t i = 0; i < half; i++)
            sum[i] = number_rounded(in, sum[i] + sum[i + half]);
    return sum[0];
}
