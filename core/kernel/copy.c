/* See copy.h.  A cast is one loop for each pair of dtypes: an outer switch over the
 * dtype written, an inner one over the dtype read. */
#include "copy.h"

#include "loops.h"

#include <string.h>

static inline int64_t int64_from_double(double f) {
    return f >= -0x1p63 && f < 0x1p63 ? (int64_t)f : INT64_MIN;
}

static inline int32_t int32_from_double(double f) {
    return f > -0x1p31 - 1 && f < 0x1p31 ? (int32_t)f : INT32_MIN;
}

/* How a float becomes an integer of each width. */
#define UINT8_FROM(x) ((uint8_t)int64_from_double(x))
#define INT8_FROM(x) ((int8_t)int32_from_double(x))
#define INT16_FROM(x) ((int16_t)int32_from_double(x))
#define HALF_FROM(x) half_from_float((float)(x))
#define BFLOAT16_FROM(x) bfloat16_from_float((float)(x))

#define CAST_LOOP(R, S, LOAD, CONVERT)                                                 \
    {                                                                                  \
        if (s[0] == STEP(R) && s[1] == STEP(S)) {                                      \
            R *r = (R *)p[0];                                                          \
            const S *x = (const S *)p[1];                                              \
            INDEPENDENT for (int64_t i = 0; i < n; i++) r[i] = CONVERT(LOAD(x[i]));    \
        } else {                                                                       \
            for (int64_t i = 0; i < n; i++)                                            \
                *(R *)(p[0] + i * s[0]) =                                              \
                    CONVERT(LOAD(*(const S *)(p[1] + i * s[1])));                      \
        }                                                                              \
    }

/* All sources of one result type R: INT converts integers and bool, FLOAT floats. */
#define CAST_TO(R, INT, FLOAT)                                                         \
    switch (from) {                                                                    \
    case DT_uint8: CAST_LOOP(R, uint8_t, AS_IS, INT) break;                            \
    case DT_int8: CAST_LOOP(R, int8_t, AS_IS, INT) break;                              \
    case DT_int16: CAST_LOOP(R, int16_t, AS_IS, INT) break;                            \
    case DT_int32: CAST_LOOP(R, int32_t, AS_IS, INT) break;                            \
    case DT_int64: CAST_LOOP(R, int64_t, AS_IS, INT) break;                            \
    case DT_bool: CAST_LOOP(R, bool, AS_IS, INT) break;                                \
    case DT_float16: CAST_LOOP(R, Half, half_to_float, FLOAT) break;                   \
    case DT_bfloat16: CAST_LOOP(R, BFloat16, bfloat16_to_float, FLOAT) break;          \
    case DT_float32: CAST_LOOP(R, float, AS_IS, FLOAT) break;                          \
    case DT_float64: CAST_LOOP(R, double, AS_IS, FLOAT) break; NO_OTHERS               \
    }

void kernel_cast(DType from, char *const *p, const int64_t *s, int64_t n,
                 const void *arg) {
    switch (*(const DType *)arg) {
    case DT_uint8: CAST_TO(uint8_t, (uint8_t), UINT8_FROM) break;
    case DT_int8: CAST_TO(int8_t, (int8_t), INT8_FROM) break;
    case DT_int16: CAST_TO(int16_t, (int16_t), INT16_FROM) break;
    case DT_int32: CAST_TO(int32_t, (int32_t), int32_from_double) break;
    case DT_int64: CAST_TO(int64_t, (int64_t), int64_from_double) break;
    case DT_float16: CAST_TO(Half, HALF_FROM, HALF_FROM) break;
    case DT_bfloat16: CAST_TO(BFloat16, BFLOAT16_FROM, BFLOAT16_FROM) break;
    case DT_float32: CAST_TO(float, (float), (float)) break;
    case DT_float64: CAST_TO(double, (double), (double)) break;
    case DT_bool: CAST_TO(bool, (bool), (bool)) break; NO_OTHERS
    }
}

void cast_element(DType to, void *r, DType from, const void *x) {
    static const int64_t still[2] = {0};
    char *const p[2] = {r, (char *)(uintptr_t)x};
    kernel_cast(from, p, still, 1, &to);
}

/* Elements of N bytes, moved as bytes, which keeps every bit and any type. */
/* Every second element, as strided windows see them, is a loop that compilers know. */
#define MOVE_LOOP(N)                                                                   \
    if (to_step == N && from_step == 2 * N)                                            \
        for (int64_t i = 0; i < n; i++) memcpy(to + i * N, from + i * 2 * N, N);       \
    else                                                                               \
        for (int64_t i = 0; i < n; i++)                                                \
            memcpy(to + i * to_step, from + i * from_step, N);

#define FILL_LOOP(S)                                                                   \
    {                                                                                  \
        S value;                                                                       \
        memcpy(&value, arg, sizeof value);                                             \
        if (s[0] == STEP(S))                                                           \
            for (int64_t i = 0; i < n; i++)                                            \
                memcpy(p[0] + i * STEP(S), &value, sizeof value);                      \
        else                                                                           \
            for (int64_t i = 0; i < n; i++)                                            \
                memcpy(p[0] + i * s[0], &value, sizeof value);                         \
    }

void kernel_fill(DType d, char *const *p, const int64_t *s, int64_t n,
                 const void *arg) {
    switch (dtype_size(d)) {
    case 1: FILL_LOOP(uint8_t) break;
    case 2: FILL_LOOP(uint16_t) break;
    case 4: FILL_LOOP(uint32_t) break;
    default: FILL_LOOP(uint64_t) break;
    }
}

void kernel_copy(DType d, char *const *p, const int64_t *s, int64_t n,
                 const void *arg) {
    (void)arg;
    int64_t size = (int64_t)dtype_size(d);
    if (s[0] == size && s[1] == size) {
        memmove(p[0], p[1], (size_t)(n * size));
        return;
    }
    if (s[1] == 0) {
        kernel_fill(d, p, s, n, p[1]);
        return;
    }
    char *to = p[0];
    const char *from = p[1];
    const int64_t to_step = s[0], from_step = s[1];
    switch (size) {
    case 1: MOVE_LOOP(1) break;
    case 2: MOVE_LOOP(2) break;
    case 4: MOVE_LOOP(4) break;
    default: MOVE_LOOP(8) break;
    }
}

/* ---- turned matrices ----
 *
 * In tiles, so that of each line of the cache that is touched all is used.  Elements of
 * 4 bytes go through registers, 4 by 4 at a time. */

enum { TILE = 16, SQUARE = 4 };

typedef float Four __attribute__((vector_size(16)));
typedef int32_t Places __attribute__((vector_size(16)));

#if defined(__clang__)
#define PICK(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PICK(a, b, i, j, k, l) __builtin_shuffle(a, b, (Places){i, j, k, l})
#endif

static inline void turn_square(char *r, int64_t r_step, const char *x, int64_t x_step) {
    Four in[SQUARE], out[SQUARE];
    for (int i = 0; i < SQUARE; i++) memcpy(&in[i], x + i * x_step, sizeof *in);
    Four even_low = PICK(in[0], in[2], 0, 4, 1, 5),
         odd_low = PICK(in[1], in[3], 0, 4, 1, 5);
    Four even_high = PICK(in[0], in[2], 2, 6, 3, 7),
         odd_high = PICK(in[1], in[3], 2, 6, 3, 7);
    out[0] = PICK(even_low, odd_low, 0, 4, 1, 5);
    out[1] = PICK(even_low, odd_low, 2, 6, 3, 7);
    out[2] = PICK(even_high, odd_high, 0, 4, 1, 5);
    out[3] = PICK(even_high, odd_high, 2, 6, 3, 7);
    for (int j = 0; j < SQUARE; j++) memcpy(r + j * r_step, &out[j], sizeof *out);
}

/* n by m elements of N bytes. */
#define TURN(N)                                                                        \
    for (int64_t j = 0; j < m; j++)                                                    \
        for (int64_t i = 0; i < n; i++)                                                \
            memcpy(r + j * r_step + i * N, x + i * x_step + j * N, N);

static void turn_elements(int64_t size, char *r, int64_t r_step, const char *x,
                          int64_t x_step, int64_t n, int64_t m) {
    switch (size) {
    case 1: TURN(1) break;
    case 2: TURN(2) break;
    case 4: TURN(4) break;
    default: TURN(8) break;
    }
}

/* At most TILE by TILE elements. */
static void turn_tile(int64_t size, char *r, int64_t r_step, const char *x,
                      int64_t x_step, int64_t n, int64_t m) {
    int64_t rows = size == sizeof(float) ? n / SQUARE * SQUARE : 0;
    int64_t cols = rows ? m / SQUARE * SQUARE : 0;
    for (int64_t j = 0; j < cols; j += SQUARE)
        for (int64_t i = 0; i < rows; i += SQUARE)
            turn_square(r + j * r_step + i * size, r_step, x + i * x_step + j * size,
                        x_step);
    if (rows < n)
        turn_elements(size, r + rows * size, r_step, x + rows * x_step, x_step,
                      n - rows, cols);
    if (cols < m)
        turn_elements(size, r + cols * r_step, r_step, x + cols * size, x_step, n,
                      m - cols);
}

typedef struct Turned {
    int64_t size, r_step, x_step, n, m, grain; /* grain: rows of x in a part */
    char *r;
    const char *x;
} Turned;

static void turn_part(const void *work, int64_t part) {
    const Turned *t = work;
    int64_t from = part * t->grain, end = from + t->grain;
    if (end > t->n) end = t->n;
    for (int64_t i = from; i < end; i += TILE)
        for (int64_t j = 0; j < t->m; j += TILE)
            turn_tile(t->size, t->r + j * t->r_step + i * t->size, t->r_step,
                      t->x + i * t->x_step + j * t->size, t->x_step,
                      end - i < TILE ? end - i : TILE,
                      t->m - j < TILE ? t->m - j : TILE);
}

void kernel_transpose(DType d, char *r, int64_t r_step, const char *x, int64_t x_step,
                      int64_t n, int64_t m) {
    Turned t = {(int64_t)dtype_size(d), r_step, x_step, n, m, n, r, x};
    if (n * m < PARALLEL_FROM) {
        turn_part(&t, 0);
        return;
    }
    t.grain = (PARALLEL_GRAIN / m / TILE + 1) * TILE;
    parallel_run(turn_part, &t, parallel_parts(n, t.grain));
}
