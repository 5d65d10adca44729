/* See reduce.h. */
#include "core/kernel/reduce.h"

#include "core/kernel/loops.h"

#include <math.h>
#include <string.h>

/* Rows that lie together are multiplied in four vectors of 32 bytes, which are then
 * multiplied with each other; what is left, and every other row, one by one. */
#define ROW_PRODUCT(T, W)                                                              \
    {                                                                                  \
        const T *row = (const T *)x + r * n;                                           \
        T lane[4][W], product = 1;                                                     \
        int64_t whole = together ? n - n % (4 * W) : 0, i = 0;                         \
        if (whole) memcpy(lane, row, sizeof lane);                                     \
        for (i = 4 * W; i < whole; i += 4 * W)                                         \
            for (int k = 0; k < 4; k++)                                                \
                for (int w = 0; w < W; w++) lane[k][w] *= row[i + k * W + w];          \
        for (int w = 0; whole && w < W; w++)                                           \
            lane[0][w] = (lane[0][w] * lane[1][w]) * (lane[2][w] * lane[3][w]);        \
        for (int w = 1; whole && w < W; w++) lane[0][0] *= lane[0][w];                 \
        if (whole) product = lane[0][0];                                               \
        for (i = whole; i < n; i++) product *= row[i];                                 \
        ((T *)out)[r] = product;                                                       \
    }

void kernel_prod(DType d, const void *x, int64_t rows, int64_t n, bool together,
                 void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: ROW_PRODUCT(float, 8) break;
        case DT_float64: ROW_PRODUCT(double, 4) break;
        case DT_int64: ROW_PRODUCT(uint64_t, 4) break; NO_OTHERS
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

/* ---- scans ---- */

/* A: what it is accumulated in; double for floats, as in PyTorch. */
#define SCAN(T, A, START, OP)                                                          \
    {                                                                                  \
        const T *row = (const T *)x + r * n;                                           \
        T *to = (T *)out + r * n;                                                      \
        A so_far = START;                                                              \
        for (int64_t i = 0; i < n; i++) to[i] = (T)(so_far = so_far OP row[i]);        \
    }

void kernel_cumsum(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: SCAN(float, double, 0, +) break;
        case DT_float64: SCAN(double, double, 0, +) break;
        case DT_int64: SCAN(uint64_t, uint64_t, 0, +) break; NO_OTHERS
        }
    }
}

void kernel_cumprod(DType d, const void *x, int64_t rows, int64_t n, void *out) {
    for (int64_t r = 0; r < rows; r++) {
        switch (d) {
        case DT_float32: SCAN(float, double, 1, *) break;
        case DT_float64: SCAN(double, double, 1, *) break;
        case DT_int64: SCAN(uint64_t, uint64_t, 1, *) break; NO_OTHERS
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
