/* See norms.h.  Sources: ReduceOpsKernel.cpp, ReduceOps.cpp (std_var_all_cpu),
 * SharedReduceOps.h. */
#include "norms.h"

#include "loops.h"

#include <math.h>

enum { EIGHT = 8, FOUR = 4 };

/* ---- norms ---- */

/* Squares of floats that lie together: eight lanes, then the lanes one after the other,
 * then what is left, of which four at a time are squared before they are added. */
static float lane_squares(const float *x, int64_t n) {
    float lane[EIGHT] = {0};
    int64_t i = 0;
    for (; i + EIGHT <= n; i += EIGHT)
        for (int j = 0; j < EIGHT; j++) lane[j] = fmaf(x[i + j], x[i + j], lane[j]);
    float sum = lane[0];
    for (int j = 1; j < EIGHT; j++) sum += lane[j];
    if (i + FOUR <= n)
        for (int64_t end = i + FOUR; i < end; i++) sum += x[i] * x[i];
    for (; i < n; i++) sum = fmaf(x[i], x[i], sum);
    return sum;
}

/* start: the sum before the first element; step: with the next element v. */
#define FOLD(T, start, step)                                                           \
    {                                                                                  \
        sum = start;                                                                   \
        for (int64_t i = 0; i < n; i++) {                                              \
            const T v = x[i];                                                          \
            sum = step;                                                                \
        }                                                                              \
    }

#define NORM(name, T, ABS, POW, FMA, SQRT)                                             \
    static T name(const T *x, int64_t n, double p) {                                   \
        T sum;                                                                         \
        const T power = (T)p;                                                          \
        if (p == 0)                                                                    \
            FOLD(T, 0, sum + (v == 0 ? 0 : 1))                                         \
        else if (p == 1)                                                               \
            FOLD(T, 0, sum + ABS(v))                                                   \
        else if (p == 2) {                                                             \
            FOLD(T, 0, FMA(v, v, sum))                                                 \
            return SQRT(sum);                                                          \
        } else if (p == INFINITY)                                                      \
            FOLD(T, 0, (v != v || ABS(v) > sum) && sum == sum ? ABS(v) : sum)          \
        else if (p == -INFINITY)                                                       \
            FOLD(T, (T)INFINITY,                                                       \
                 (v != v || ABS(v) < sum) && sum == sum ? ABS(v) : sum)                \
        else {                                                                         \
            FOLD(T, 0, sum + POW(ABS(v), power))                                       \
            return POW(sum, 1 / power);                                                \
        }                                                                              \
        return sum;                                                                    \
    }

NORM(norm_float, float, fabsf, powf, fmaf, sqrtf)
NORM(norm_double, double, fabs, pow, fma, sqrt)

/* In the half types every step is rounded, but for powers of float16. */
static float rounded(DType d, float v) {
    return d == DT_float16 ? half_rounded(v) : bfloat16_rounded(v);
}

static float norm_half(DType d, const float *x, int64_t n, double p) {
    float sum = 0, power = rounded(d, (float)p);
    if (p == 0 || isinf(p)) return norm_float(x, n, p);
    for (int64_t i = 0; i < n; i++) {
        float v = fabsf(x[i]);
        if (p == 2)
            v = rounded(d, v * v);
        else if (p != 1)
            v = d == DT_float16 ? powf(v, power) : rounded(d, powf(v, power));
        sum = rounded(d, sum + v);
    }
    if (p == 1) return sum;
    return p == 2 ? sqrtf(sum) : powf(sum, rounded(d, 1 / power));
}

void kernel_norm(DType d, const void *x, int64_t rows, int64_t n, double p,
                 bool together, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        const float *row = (const float *)x + r * n;
        if (d == DT_float64)
            ((double *)out)[r] = norm_double((const double *)x + r * n, n, p);
        else if (p == 2 && together && d != DT_float16)
            ((float *)out)[r] = sqrtf(lane_squares(row, n));
        else if (d != DT_float32)
            ((float *)out)[r] = norm_half(d, row, n, p);
        else
            ((float *)out)[r] = norm_float(row, n, p);
    }
}

/* ---- moments ---- */

/* A is the type it is computed in. */
#define WELFORD(T, A, FMA)                                                             \
    {                                                                                  \
        const T *row = (const T *)x + r * n;                                           \
        A m = 0, s = 0, count = 0;                                                     \
        for (int64_t i = 0; i < n; i++) {                                              \
            A distance = (A)row[i] - m;                                                \
            m += distance / ++count;                                                   \
            s = FMA(distance, (A)row[i] - m, s);                                       \
        }                                                                              \
        mean[r] = (double)m;                                                           \
        squares[r] = (double)s;                                                        \
    }

void kernel_welford(DType d, const void *x, int64_t rows, int64_t n, bool wide,
                    double *mean, double *squares) {
    for (int64_t r = 0; r < rows; r++) {
        if (d == DT_float64)
            WELFORD(double, double, fma)
        else if (wide)
            WELFORD(float, double, fma)
        else
            WELFORD(float, float, fmaf)
    }
}

double squared_distances(DType d, const void *x, int64_t n, double mean) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = d == DT_float64 ? ((const double *)x)[i] : ((const float *)x)[i];
        sum += (v - mean) * (v - mean);
    }
    return sum;
}
