/* See moments.h.  Sources: moments_utils.h, functional_base.h, functional_bfloat16.h,
 * vec_reduce_all. */
#include "moments.h"

#include "cpu.h"

#include <math.h>

double moments_inverse_root(DType in, double variance, double eps) {
    double sum = number_rounded(in, variance + number_rounded(in, eps));
    return number_rounded(in, 1 / number_rounded(in, sqrt(sum)));
}

enum { VECTOR = 32, LANES = MOMENTS_LANES, CHUNK = 16, DEPTH = 64 };

INLINE int lanes_of(DType d) {
    return VECTOR / (int)dtype_size(d);
}

/* ---- moments ---- */

static int ceil_log2(int64_t n) {
    int bits = 0;
    while ((int64_t)1 << bits < n) bits++;
    return bits;
}

#define T float
#define R(name) name##_float
#include "moments_body.h"
#undef T
#undef R
#define T double
#define R(name) name##_double
#include "moments_body.h"
#undef T
#undef R

INLINE Moments any_moments(DType d, const void *x, int64_t at, int64_t n) {
    if (d == DT_float32) return moments_of_float(DT_float32, x, at, n);
    if (d == DT_float64) return moments_of_double(DT_float64, x, at, n);
    return moments_of_float(DT_bfloat16, x, at, n);
}
COMPILED_TWICE(Moments, moments, (DType d, const void *x, int64_t at, int64_t n),
               return any_moments(d, x, at, n);)

Moments kernel_moments(DType d, const void *x, int64_t at, int64_t n) {
    return CHOSEN(moments)(d, x, at, n);
}

/* ---- sums ---- */

INLINE double product(DType d, double a, double b) {
    return number_rounded(d, a * b);
}

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
