/* See moments.h.  Sources: moments_utils.h, functional_base.h, functional_bfloat16.h,
 * vec_reduce_all. */
#include "moments.h"

#include <math.h>

double moments_fma(DType in, double a, double b, double c) {
    if (in == DT_float64) return fma(a, b, c);
    if (in == DT_float32) return fmaf((float)a, (float)b, (float)c);
    return number_rounded(in, number_rounded(in, a * b) + c);
}

double moments_inverse_root(DType in, double variance, double eps) {
    double sum = number_rounded(in, variance + number_rounded(in, eps));
    return number_rounded(in, 1 / number_rounded(in, sqrt(sum)));
}

enum { VECTOR = 32, LANES = MOMENTS_LANES, CHUNK = 16, DEPTH = 64 };

static int lanes_of(DType d) {
    return VECTOR / (int)dtype_size(d);
}

/* ---- moments ---- */

/* The mean of n elements, and the sum of their squared distances from it. */
typedef struct Partial {
    int64_t n;
    double mean, square;
} Partial;

static double product(DType d, double a, double b) {
    return number_rounded(d, a * b);
}

/* Joins b to a. */
static void join(DType d, Partial *a, const Partial *b) {
    int64_t n = a->n + b->n;
    double whole = number_rounded(d, (double)n), part = number_rounded(d, (double)b->n);
    double share = n ? number_rounded(d, part / whole) : 0;
    double delta = number_rounded(d, b->mean - a->mean);
    double far = product(d, product(d, delta, delta), share);
    far = product(d, far, number_rounded(d, (double)a->n));
    a->mean = number_rounded(d, a->mean + product(d, share, delta));
    a->square = number_rounded(d, a->square + number_rounded(d, b->square + far));
    a->n = n;
}

/* Takes v in, by this share of its distance from the mean. */
static void take(DType d, Partial *p, double v, double delta, double step) {
    p->n++;
    p->mean = number_rounded(d, p->mean + step);
    double far = product(d, delta, number_rounded(d, v - p->mean));
    p->square = number_rounded(d, p->square + far);
}

/* Lane `lane` of `vectors` vectors from element `at` on. */
static Partial lane_of_chunk(DType d, const void *x, int64_t at, int64_t vectors,
                             int lane) {
    Partial p = {0};
    for (int64_t j = 0; j < vectors; j++) {
        double v = number_load(d, x, at + j * lanes_of(d) + lane);
        double delta = number_rounded(d, v - p.mean);
        double share = number_rounded(d, 1 / (double)(j + 1));
        take(d, &p, v, delta, product(d, delta, share));
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
    Partial stack[DEPTH] = {{0}};
    int64_t chunks = (vectors + CHUNK - 1) / CHUNK;
    int depth = ceil_log2(chunks);
    for (int64_t i = 0; i < chunks; i++) {
        int64_t left = vectors - i * CHUNK, first = i * CHUNK * lanes_of(d);
        Partial p = lane_of_chunk(d, x, at + first, left < CHUNK ? left : CHUNK, lane);
        join(d, &stack[0], &p);
        int64_t carry = i + 1;
        for (int j = 1; j < depth && !(carry & 1); j++, carry >>= 1) {
            join(d, &stack[j], &stack[j - 1]);
            stack[j - 1] = (Partial){0};
        }
    }
    for (int j = 1; j < depth; j++) join(d, &stack[0], &stack[j]);
    return stack[0];
}

Moments kernel_moments(DType d, const void *x, int64_t at, int64_t n) {
    int lanes = lanes_of(d);
    int64_t vectors = n / lanes;
    Partial p = {0};
    for (int64_t i = at + vectors * lanes; i < at + n; i++) {
        double v = number_load(d, x, i), delta = number_rounded(d, v - p.mean);
        take(d, &p, v, delta, number_rounded(d, delta / (double)(p.n + 1)));
    }
    for (int lane = 0; lane < lanes && vectors; lane++) {
        Partial q = lane_of_row(d, x, at, vectors, lane);
        join(d, &p, &q);
    }
    double variance = p.square / number_rounded(d, (double)n);
    return (Moments){p.mean, number_rounded(d, variance)};
}

/* ---- sums ---- */

/* sum plus term i, whose last product is fused with the sum; without a sum, the term.
 */
static double add_term(DType in, const Products *p, int64_t i, bool first, double sum) {
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

/* The sum of the first lanes, one after the other. */
static double lanes_in_turn(DType in, const double *lane, int64_t lanes) {
    double sum = lanes ? lane[0] : 0;
    for (int64_t i = 1; i < lanes; i++) sum = number_rounded(in, sum + lane[i]);
    return sum;
}

/* Adds lanes half, half + 1, ..., below lanes, to lanes 0, 1, ... */
static void fold(DType in, double *lane, int64_t lanes, int64_t half) {
    for (int64_t i = 0; i < LANES / 2 && half + i < lanes; i++)
        lane[i] = number_rounded(in, lane[i] + lane[half + i]);
}

/* Vectors of floats are folded, those of doubles, and what fills none, added in turn;
 * two vectors of floats come from one of bfloat16. */
double kernel_sum_of_products(const Products *p, int64_t n) {
    DType in = moments_dtype(p->d);
    int64_t lanes = lanes_of(p->d), widened = lanes_of(in);
    double lane[LANES] = {0};
    for (int64_t i = 0; i < n; i++)
        lane[i % lanes] = add_term(in, p, i, i < lanes, lane[i % lanes]);
    int64_t filled = n < lanes ? n : lanes;
    if (filled > widened) {
        fold(in, lane, filled, widened);
        filled = widened;
    }
    if (filled < widened || in == DT_float64) return lanes_in_turn(in, lane, filled);
    for (int64_t half = filled / 2; half > 0; half /= 2) fold(in, lane, half * 2, half);
    return lane[0];
}

RestLast rest_last_begin(DType d, int64_t n, int64_t together) {
    int64_t rest = n % lanes_of(d), whole = n - rest;
    return (RestLast){.d = d, .whole = whole, .fused = n - rest % together};
}

static double *rest_last_at(RestLast *s, int64_t i) {
    if (i < s->whole) return &s->lane[i % lanes_of(s->d)];
    if (i == s->whole) s->rest = lanes_in_turn(s->d, s->lane, lanes_of(s->d));
    return &s->rest;
}

void rest_last_add(RestLast *s, int64_t i, double a, double b) {
    double *sum = rest_last_at(s, i);
    if (i >= s->whole && i < s->fused)
        *sum = number_rounded(s->d, *sum + product(s->d, a, b));
    else
        *sum = moments_fma(s->d, a, b, *sum);
}

double rest_last_end(RestLast *s, int64_t n) {
    if (n == s->whole) rest_last_at(s, n);
    return s->rest;
}

double kernel_sum_rest_last(const Products *p, int64_t n) {
    RestLast s = rest_last_begin(p->d, n, 4);
    for (int64_t i = 0; i < n; i++)
        rest_last_add(&s, i, number_load(p->d, p->a, p->a_at + i),
                      number_load_or(p->d, p->b, p->b_at + i, 1));
    return rest_last_end(&s, n);
}
