/* See reduce.h. */
#include "core/kernel/reduce.h"

#include "core/kernel/loops.h"

#include <math.h>
#include <string.h>

enum { LANES = 64, BLOCK = 4096, LEVELS = 64 };

/* ---- sums ---- */

/* The lanes that n elements fill, as a power of two; the others would only add zeros.
 */
static inline int lanes_for(int64_t n) {
    int lanes = 1;
    while (lanes < LANES && lanes < n) lanes *= 2;
    return lanes;
}

/* A sum in a fixed order: lanes within blocks, then blocks as a binary counter merges
 * them: level l holds the sum of 2^l blocks, and is complete when bit l of the number
 * of blocks is set. */
#define ORDERED_SUM(T, ZERO, x, n, result)                                             \
    {                                                                                  \
        T level[LEVELS];                                                               \
        uint64_t blocks = 0;                                                           \
        for (int64_t at = 0; at < (n); at += BLOCK) {                                  \
            T lane[LANES];                                                             \
            int64_t left = (n)-at < BLOCK ? (n)-at : BLOCK, i = 0;                     \
            int wide = lanes_for(left);                                                \
            for (int j = 0; j < wide; j++) lane[j] = ZERO;                             \
            for (; i + LANES <= left; i += LANES)                                      \
                for (int j = 0; j < LANES; j++) lane[j] += (x)[at + i + j];            \
            for (int j = 0; i + j < left; j++) lane[j] += (x)[at + i + j];             \
            for (int w = wide / 2; w > 0; w /= 2)                                      \
                for (int j = 0; j < w; j++) lane[j] += lane[j + w];                    \
            T sum = lane[0];                                                           \
            int l = 0;                                                                 \
            for (uint64_t b = blocks++; b & 1; b >>= 1) sum = level[l++] + sum;        \
            level[l] = sum;                                                            \
        }                                                                              \
        T total = ZERO;                                                                \
        for (int l = 0; l < LEVELS && blocks >> l; l++)                                \
            if (blocks >> l & 1) total = level[l] + total;                             \
        (result) = total;                                                              \
    }

void kernel_sum(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32:
            ORDERED_SUM(float, 0.0f, (const float *)x + r * n, n, ((float *)out)[r])
            break;
        case DT_float64:
            ORDERED_SUM(double, 0.0, (const double *)x + r * n, n, ((double *)out)[r])
            break;
        case DT_int64:
            ORDERED_SUM(uint64_t, 0, (const uint64_t *)x + r * n, n,
                        ((uint64_t *)out)[r])
            break;
            NO_OTHERS
        }
    }
}

enum { STRIP = 32 };

/* A function that does ORDERED_SUM for up to STRIP columns side by side: what is one
 * number there is a row of `width` of them here. */
#define STRIP_SUM(name, T)                                                             \
    static void name(const T *x, int64_t n, int64_t columns, int width, T *out) {      \
        T level[LEVELS][STRIP], lane[LANES][STRIP];                                    \
        uint64_t blocks = 0;                                                           \
        for (int64_t at = 0; at < n; at += BLOCK) {                                    \
            int64_t left = n - at < BLOCK ? n - at : BLOCK;                            \
            int wide = lanes_for(left), l = 0;                                         \
            memset(lane, 0, (size_t)wide * sizeof lane[0]);                            \
            for (int64_t i = 0; i < left; i++)                                         \
                for (int j = 0; j < width; j++)                                        \
                    lane[i % LANES][j] += x[(at + i) * columns + j];                   \
            for (int w = wide / 2; w > 0; w /= 2)                                      \
                for (int i = 0; i < w; i++)                                            \
                    for (int j = 0; j < width; j++) lane[i][j] += lane[i + w][j];      \
            for (uint64_t b = blocks++; b & 1; b >>= 1, l++)                           \
                for (int j = 0; j < width; j++) lane[0][j] = level[l][j] + lane[0][j]; \
            memcpy(level[l], lane[0], sizeof lane[0]);                                 \
        }                                                                              \
        for (int j = 0; j < width; j++) {                                              \
            out[j] = 0;                                                                \
            for (int l = 0; l < LEVELS && blocks >> l; l++)                            \
                if (blocks >> l & 1) out[j] = level[l][j] + out[j];                    \
        }                                                                              \
    }

STRIP_SUM(strip_sum_float, float)
STRIP_SUM(strip_sum_double, double)
STRIP_SUM(strip_sum_int64, uint64_t)

void kernel_sum_columns(DType d, const void *x, int64_t n, int64_t columns, void *out) {
    for (int64_t j = 0; j < columns; j += STRIP) {
        int width = columns - j < STRIP ? (int)(columns - j) : STRIP;
        switch (d) {
        case DT_float32:
            strip_sum_float((const float *)x + j, n, columns, width, (float *)out + j);
            break;
        case DT_float64:
            strip_sum_double((const double *)x + j, n, columns, width,
                             (double *)out + j);
            break;
        case DT_int64:
            strip_sum_int64((const uint64_t *)x + j, n, columns, width,
                            (uint64_t *)out + j);
            break;
            NO_OTHERS
        }
    }
}

#define ROW_PRODUCT(T)                                                                 \
    {                                                                                  \
        const T *row = (const T *)x + r * n;                                           \
        T product = 1;                                                                 \
        for (int64_t i = 0; i < n; i++) product *= row[i];                             \
        ((T *)out)[r] = product;                                                       \
    }

void kernel_prod(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: ROW_PRODUCT(float) break;
        case DT_float64: ROW_PRODUCT(double) break;
        case DT_int64: ROW_PRODUCT(uint64_t) break; NO_OTHERS
        }
    }
}

/* ---- extremes ---- */

/* Every dtype, with how its elements are compared: as what they are converted to. */
#define ANY_DTYPE(DO)                                                                  \
    case DT_bool: DO(bool, int, AS_IS) break;                                          \
    case DT_uint8: DO(uint8_t, int, AS_IS) break;                                      \
    case DT_int8: DO(int8_t, int, AS_IS) break;                                        \
    case DT_int16: DO(int16_t, int, AS_IS) break;                                      \
    case DT_int32: DO(int32_t, int32_t, AS_IS) break;                                  \
    case DT_int64: DO(int64_t, int64_t, AS_IS) break;                                  \
    case DT_float16: DO(Half, float, half_to_float) break;                             \
    case DT_bfloat16: DO(BFloat16, float, bfloat16_to_float) break;                    \
    case DT_float32: DO(float, float, AS_IS) break;                                    \
    case DT_float64:                                                                   \
        DO(double, double, AS_IS) break;

#define EXTREME(S, C, LOAD, BEATS)                                                     \
    {                                                                                  \
        const S *row = (const S *)x + r * n;                                           \
        int64_t best = 0;                                                              \
        C value = LOAD(row[0]);                                                        \
        for (int64_t i = 1; i < n && value == value; i++) {                            \
            C next = LOAD(row[i]);                                                     \
            if (next BEATS value || next != next) {                                    \
                best = i;                                                              \
                value = next;                                                          \
            }                                                                          \
        }                                                                              \
        if (out) ((S *)out)[r] = row[best];                                            \
        if (index) index[r] = best;                                                    \
    }
#define LARGEST(S, C, LOAD) EXTREME(S, C, LOAD, >)
#define SMALLEST(S, C, LOAD) EXTREME(S, C, LOAD, <)

enum { FEW = 16 };

/* The value alone, of many floats: FEW lanes, then their extreme; false where there is
 * nan. */
#define EXTREME_VALUE(name, T, BEATS)                                                  \
    static bool name(const T *x, int64_t n, T *out) {                                  \
        T lane[FEW], seen[FEW]; /* seen: the last nan, else a number */                \
        int64_t i = FEW;                                                               \
        memcpy(lane, x, sizeof lane);                                                  \
        memcpy(seen, x, sizeof seen);                                                  \
        for (; i + FEW <= n; i += FEW) INDEPENDENT for (int j = 0; j < FEW; j++) {     \
                T v = x[i + j];                                                        \
                seen[j] = v == v ? seen[j] : v;                                        \
                lane[j] = v BEATS lane[j] ? v : lane[j];                               \
            }                                                                          \
        T best = lane[0];                                                              \
        bool numbers = true;                                                           \
        for (; i < n; i++) {                                                           \
            numbers = numbers && x[i] == x[i];                                         \
            best = x[i] BEATS best ? x[i] : best;                                      \
        }                                                                              \
        for (int j = 0; j < FEW; j++) {                                                \
            numbers = numbers && seen[j] == seen[j];                                   \
            best = lane[j] BEATS best ? lane[j] : best;                                \
        }                                                                              \
        *out = best;                                                                   \
        return numbers;                                                                \
    }

EXTREME_VALUE(largest_float, float, >)
EXTREME_VALUE(largest_double, double, >)
EXTREME_VALUE(smallest_float, float, <)
EXTREME_VALUE(smallest_double, double, <)

/* Row r by the loops above; false where they cannot do it. */
static bool by_lanes(DType d, const void *x, int64_t r, int64_t n, void *out,
                     bool largest) {
    if (n < 2 * FEW) return false;
    if (d == DT_float32)
        return (largest ? largest_float : smallest_float)((const float *)x + r * n, n,
                                                          (float *)out + r);
    if (d == DT_float64)
        return (largest ? largest_double : smallest_double)((const double *)x + r * n,
                                                            n, (double *)out + r);
    return false;
}

void kernel_max(DType d, const void *x, int64_t rows, int64_t n, void *out,
                int64_t *index) {
    for (int64_t r = 0; r < rows; r++) {
        if (out && !index && by_lanes(d, x, r, n, out, true)) continue;
        switch (d) {
            ANY_DTYPE(LARGEST)
            NO_OTHERS
        }
    }
}

void kernel_min(DType d, const void *x, int64_t rows, int64_t n, void *out,
                int64_t *index) {
    for (int64_t r = 0; r < rows; r++) {
        if (out && !index && by_lanes(d, x, r, n, out, false)) continue;
        switch (d) {
            ANY_DTYPE(SMALLEST)
            NO_OTHERS
        }
    }
}

void kernel_any(const bool *x, int64_t rows, int64_t n, bool *out) {
    for (int64_t r = 0; r < rows; r++) {
        bool found = false;
        for (int64_t i = 0; i < n; i++) found |= x[r * n + i];
        out[r] = found;
    }
}

void kernel_all(const bool *x, int64_t rows, int64_t n, bool *out) {
    for (int64_t r = 0; r < rows; r++) {
        bool held = true;
        for (int64_t i = 0; i < n; i++) held &= x[r * n + i];
        out[r] = held;
    }
}

/* ---- moments ---- */

void kernel_moments(const double *x, int64_t rows, int64_t n, double *mean,
                    double *m2) {
    for (int64_t r = 0; r < rows; r++) {
        const double *row = x + r * n;
        double whole, squares = 0;
        ORDERED_SUM(double, 0.0, row, n, whole)
        mean[r] = whole / (double)n;
        for (int64_t i = 0; i < n; i++) {
            double distance = row[i] - mean[r];
            squares += distance * distance;
        }
        m2[r] = squares;
    }
}

/* ---- scans ---- */

#define SCAN(T, START, OP)                                                             \
    {                                                                                  \
        const T *row = (const T *)x + r * n;                                           \
        T *to = (T *)out + r * n;                                                      \
        T so_far = START;                                                              \
        for (int64_t i = 0; i < n; i++) to[i] = so_far = so_far OP row[i];             \
    }

void kernel_cumsum(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: SCAN(float, 0, +) break;
        case DT_float64: SCAN(double, 0, +) break;
        case DT_int64: SCAN(uint64_t, 0, +) break; NO_OTHERS
        }
    }
}

void kernel_cumprod(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: SCAN(float, 1, *) break;
        case DT_float64: SCAN(double, 1, *) break;
        case DT_int64: SCAN(uint64_t, 1, *) break; NO_OTHERS
        }
    }
}

#define RUNNING(S, C, LOAD, BEATS)                                                     \
    {                                                                                  \
        const S *row = (const S *)x + r * n;                                           \
        S *to = (S *)out + r * n;                                                      \
        int64_t best = 0;                                                              \
        for (int64_t i = 0; i < n; i++) {                                              \
            C value = LOAD(row[best]), next = LOAD(row[i]);                            \
            if (next != next || (value == value && next BEATS value)) best = i;        \
            to[i] = row[best];                                                         \
            index[r * n + i] = best;                                                   \
        }                                                                              \
    }
#define RUNNING_LARGEST(S, C, LOAD) RUNNING(S, C, LOAD, >=)
#define RUNNING_SMALLEST(S, C, LOAD) RUNNING(S, C, LOAD, <=)

void kernel_cummax(DType d, const void *x, int64_t rows, int64_t n, void *out,
                   int64_t *index) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
            ANY_DTYPE(RUNNING_LARGEST)
            NO_OTHERS
        }
    }
}

void kernel_cummin(DType d, const void *x, int64_t rows, int64_t n, void *out,
                   int64_t *index) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
            ANY_DTYPE(RUNNING_SMALLEST)
            NO_OTHERS
        }
    }
}
