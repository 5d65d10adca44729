/* See sum.h.  Dimensions are ordered and merged as PyTorch's TensorIterator does it for
 * reductions: those that are summed over come first, each kind by growing stride.  The
 * two first make a plane, which one of four ways sums.
 *
 * Compiled twice: for every processor, and, by sum_avx2.c, which defines SUM, for those
 * with AVX2. */
#include "core/kernel/sum.h"

#include "core/kernel/cpu.h"
#include "core/kernel/loops.h"
#include "core/kernel/number.h"
#include "core/parallel.h"

#include <string.h>

#ifndef SUM
#define SUM sum_baseline
#define CHOOSES
#endif
void SUM(DType d, SumShape shape, const void *x, void *out);

enum { LEVELS = 4, ROWS = 4, VECTOR = 32 };

static int ceil_log2(int64_t n) {
    int log = 1;
    while (((int64_t)1 << log) < n) log++;
    return log;
}

/* ---- chains ----
 *
 * A chain adds `size` vectors of W elements that lie `step` bytes apart, level by level
 * as a counter of base `full` carries: level 0 takes `full` vectors, level 1 the sums
 * of `full` such groups, which make a block, and so on.  Blocks do not hang on each
 * other: where there are many of them, several threads make their sums.
 *
 * name_rows: ROWS chains side by side, the starts of which are `next` bytes apart.
 * name_row: one sequence, dealt out to ROWS chains, whose sums are added in the end. */
enum { ROUND = 128, PART_BLOCKS = 8 };

/* The blocks of a round: where the first one begins, and where their sums go. */
typedef struct Blocks {
    const char *data;
    int64_t step, next, full, n;
    void *sums;
} Blocks;

#define CHAINS(name_rows, name_row, T, W)                                              \
    static const char *name_rows##_group(const char *data, int64_t step, int64_t next, \
                                         int64_t size, T sums[ROWS][W]) {              \
        for (int64_t i = 0; i < size; i++, data += step)                               \
            for (int k = 0; k < ROWS; k++) {                                           \
                const T *x = (const T *)(data + k * next);                             \
                for (int w = 0; w < W; w++) sums[k][w] += x[w];                        \
            }                                                                          \
        return data;                                                                   \
    }                                                                                  \
    static void name_rows##_carry(T from[ROWS][W], T to[ROWS][W]) {                    \
        for (int k = 0; k < ROWS; k++)                                                 \
            for (int w = 0; w < W; w++) to[k][w] += from[k][w];                        \
        memset(from, 0, sizeof(T[ROWS][W]));                                           \
    }                                                                                  \
    static void name_rows##_part(const void *work, int64_t part) {                     \
        const Blocks *b = work;                                                        \
        T(*sums)[ROWS][W] = b->sums, group[ROWS][W] = {{0}};                           \
        int64_t from = part * PART_BLOCKS, end = least(from + PART_BLOCKS, b->n);      \
        const char *data = b->data + from * b->full * b->full * b->step;               \
        memset(sums[from], 0, (size_t)(end - from) * sizeof *sums);                    \
        for (int64_t i = from * b->full; i < end * b->full; i++) {                     \
            data = name_rows##_group(data, b->step, b->next, b->full, group);          \
            name_rows##_carry(group, sums[i / b->full]);                               \
        }                                                                              \
    }                                                                                  \
    static void name_rows(const char *data, int64_t step, int64_t next, int64_t size,  \
                          T sums[ROWS][W]) {                                           \
        T level[LEVELS][ROWS][W], blocks[ROUND][ROWS][W];                              \
        int log = ceil_log2(size) / LEVELS, power = log < 4 ? 4 : log;                 \
        int64_t full = (int64_t)1 << power, n = size / (full * full);                  \
        memset(level, 0, sizeof level);                                                \
        for (int64_t i = 0; i < n; i++) {                                              \
            if (i % ROUND == 0) {                                                      \
                run_blocks(                                                            \
                    name_rows##_part, ROWS *W,                                         \
                    (Blocks){data, step, next, full, least(ROUND, n - i), blocks});    \
                data += least(ROUND, n - i) * full * full * step;                      \
            }                                                                          \
            name_rows##_carry(blocks[i % ROUND], level[2]);                            \
            if ((i + 1) % full == 0) name_rows##_carry(level[2], level[3]);            \
        }                                                                              \
        for (size -= n * full * full; size >= full; size -= full) {                    \
            data = name_rows##_group(data, step, next, full, level[0]);                \
            name_rows##_carry(level[0], level[1]);                                     \
        }                                                                              \
        name_rows##_group(data, step, next, size, level[0]);                           \
        memcpy(sums, level[0], sizeof level[0]);                                       \
        for (int l = 1; l < LEVELS; l++) name_rows##_carry(level[l], sums);            \
    }                                                                                  \
    static void name_row(const char *data, int64_t step, int64_t size, T *sum) {       \
        T sums[ROWS][W];                                                               \
        name_rows(data, step *ROWS, step, size / ROWS, sums);                          \
        for (int64_t i = size / ROWS * ROWS; i < size; i++) {                          \
            const T *x = (const T *)(data + i * step);                                 \
            for (int w = 0; w < W; w++) sums[0][w] += x[w];                            \
        }                                                                              \
        for (int k = 1; k < ROWS; k++)                                                 \
            for (int w = 0; w < W; w++) sums[0][w] += sums[k][w];                      \
        memcpy(sum, sums[0], sizeof sums[0]);                                          \
    }

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* A step of a chain adds `width` elements. */
static void run_blocks(ParallelPart *part, int64_t width, Blocks b) {
    int64_t parts = parallel_parts(b.n, PART_BLOCKS);
    if (b.n * b.full * b.full * width >= PARALLEL_FROM)
        parallel_run(part, &b, parts);
    else
        for (int64_t i = 0; i < parts; i++) part(&b, i);
}

CHAINS(float_rows, float_row, float, 1)
CHAINS(float8_rows, float8_row, float, 8)
CHAINS(double_rows, double_row, double, 1)
CHAINS(double4_rows, double4_row, double, 4)
CHAINS(int64_rows, int64_row, uint64_t, 1)
CHAINS(int64x4_rows, int64x4_row, uint64_t, 4)

/* ---- planes ---- */

/* Sums over the first dimension of a plane: out[j] += the sum over i < n of x[i, j],
 * j < m; strides in bytes. */
typedef struct Plane {
    const char *x;
    char *out;
    int64_t n, x_n;        /* summed over */
    int64_t m, x_m, out_m; /* not */
    DType stored;
} Plane;

#define ADD(T, at, value) *(T *)(p->out + (at)*p->out_m) += (value)
/* To a sum that is kept in a half type. */
#define ADD_ROUNDED(T, at, value) add_rounded(p, at, value)

static inline void add_rounded(const Plane *p, int64_t at, float value) {
    float *sum = (float *)(p->out + at * p->out_m);
    value = (float)number_rounded(p->stored, (double)value);
    *sum = (float)number_rounded(p->stored, (double)(*sum + value));
}

/* Rows that are contiguous: whole vectors, then what is left, then the vector's own
 * elements one after the other. */
#define ROW_PLANE(T, W, row, ADD)                                                      \
    for (int64_t j = 0; j < p->m; j++) {                                               \
        const T *x = (const T *)(p->x + j * p->x_m);                                   \
        T vector[W], sum = 0;                                                          \
        row((const char *)x, VECTOR, p->n / W, vector);                                \
        for (int64_t i = p->n / W * W; i < p->n; i++) sum += x[i];                     \
        for (int w = 0; w < W; w++) sum += vector[w];                                  \
        ADD(T, j, sum);                                                                \
    }

/* Columns that are neighbours: four vectors of them, one vector, single ones. */
#define COLUMN_PLANE(T, W, rows, row, single_row, ADD)                                 \
    {                                                                                  \
        int64_t j = 0;                                                                 \
        for (; j + ROWS * W <= p->m; j += ROWS * W) {                                  \
            T sums[ROWS][W];                                                           \
            rows(p->x + j * STEP(T), p->x_n, VECTOR, p->n, sums);                      \
            for (int k = 0; k < ROWS; k++)                                             \
                for (int w = 0; w < W; w++) ADD(T, j + k * W + w, sums[k][w]);         \
        }                                                                              \
        for (; j + W <= p->m; j += W) {                                                \
            T sum[W];                                                                  \
            row(p->x + j * STEP(T), p->x_n, p->n, sum);                                \
            for (int w = 0; w < W; w++) ADD(T, j + w, sum[w]);                         \
        }                                                                              \
        for (; j < p->m; j++) {                                                        \
            T sum;                                                                     \
            single_row(p->x + j * STEP(T), p->x_n, p->n, &sum);                        \
            ADD(T, j, sum);                                                            \
        }                                                                              \
    }

/* Anything else: four outputs at a time where they lie closer than what is summed. */
#define SINGLE_PLANE(T, rows, row, ADD)                                                \
    {                                                                                  \
        int64_t j = 0;                                                                 \
        bool by_rows = p->x_n < p->x_m;                                                \
        for (; !by_rows && j + ROWS <= p->m; j += ROWS) {                              \
            T sums[ROWS][1];                                                           \
            rows(p->x + j * p->x_m, p->x_n, p->x_m, p->n, sums);                       \
            for (int k = 0; k < ROWS; k++) ADD(T, j + k, sums[k][0]);                  \
        }                                                                              \
        for (; j < p->m; j++) {                                                        \
            T sum;                                                                     \
            row(p->x + j * p->x_m, p->x_n, p->n, &sum);                                \
            ADD(T, j, sum);                                                            \
        }                                                                              \
    }

#define SUM_PLANE(T, W, wide_rows, wide_row, rows, row, ADD)                           \
    if (p->x_n == STEP(T) && p->n >= W)                                                \
        ROW_PLANE(T, W, wide_row, ADD)                                                 \
    else if (p->x_m == STEP(T) && p->m >= W)                                           \
        COLUMN_PLANE(T, W, wide_rows, wide_row, row, ADD)                              \
    else                                                                               \
        SINGLE_PLANE(T, rows, row, ADD)

static void sum_plane(DType d, const Plane *p) {
    if (d == DT_float32 && p->stored == d) {
        SUM_PLANE(float, 8, float8_rows, float8_row, float_rows, float_row, ADD)
    } else if (d == DT_float32) {
        SUM_PLANE(float, 8, float8_rows, float8_row, float_rows, float_row, ADD_ROUNDED)
    } else if (d == DT_float64) {
        SUM_PLANE(double, 4, double4_rows, double4_row, double_rows, double_row, ADD)
    } else {
        assert(d == DT_int64);
        SUM_PLANE(uint64_t, 4, int64x4_rows, int64x4_row, int64_rows, int64_row, ADD)
    }
}

/* A plane whose outputs several threads share. Parts begin where the columns that are
 * summed together do. */
typedef struct PlaneWork {
    DType d;
    const Plane *p;
    int64_t grain; /* outputs of a part */
} PlaneWork;

static void plane_part(const void *work, int64_t part) {
    const PlaneWork *k = work;
    Plane p = *k->p;
    int64_t from = part * k->grain;
    p.x += from * p.x_m;
    p.out += from * p.out_m;
    p.m = least(k->grain, p.m - from);
    sum_plane(k->d, &p);
}

static void share_plane(DType d, const Plane *p) {
    enum { TOGETHER = ROWS * VECTOR }; /* a multiple of any number of columns */
    if (p->n * p->m < PARALLEL_FROM || p->m <= TOGETHER) {
        sum_plane(d, p);
        return;
    }
    int64_t groups = parallel_parts(PARALLEL_GRAIN, p->n * TOGETHER);
    const PlaneWork work = {d, p, groups * TOGETHER};
    parallel_run(plane_part, &work, parallel_parts(p->m, work.grain));
}

/* A plane along both of whose dimensions outputs move: nothing is summed. */
static void copy_plane(DType d, const Plane *p, int64_t out_n) {
    int64_t size = (int64_t)dtype_size(d);
    for (int64_t j = 0; j < p->m; j++)
        for (int64_t i = 0; i < p->n; i++) {
            Plane one = {p->x + i * p->x_n + j * p->x_m,
                         p->out + i * out_n + j * p->out_m,
                         1,
                         size,
                         1,
                         0,
                         0,
                         p->stored};
            sum_plane(d, &one);
        }
}

/* ---- dimensions ---- */

typedef struct Dim {
    int64_t size, x, out; /* strides in bytes; out 0: summed over */
} Dim;

/* 1 when a belongs behind b, -1 when before, 0 when it does not matter. */
static int compare_dims(const Dim *a, const Dim *b) {
    if ((a->out == 0) != (b->out == 0)) return b->out == 0 ? 1 : -1;
    const int64_t pairs[2][2] = {{a->out, b->out}, {a->x, b->x}};
    for (int i = 0; i < 2; i++) {
        if (pairs[i][0] == 0 || pairs[i][1] == 0) continue;
        if (pairs[i][0] != pairs[i][1]) return pairs[i][0] < pairs[i][1] ? -1 : 1;
        if (a->size > b->size) return 1;
    }
    return 0;
}

/* An insertion sort that leaves what is undecided, as TensorIterator's. */
static void order_dims(Dim *dims, int n) {
    for (int i = 1; i < n; i++) {
        int at = i;
        for (int j = i - 1; j >= 0; j--) {
            int side = compare_dims(&dims[j], &dims[at]);
            if (side < 0) break;
            if (side == 0) continue;
            Dim swap = dims[j];
            dims[j] = dims[at];
            dims[at] = swap;
            at = j;
        }
    }
}

static int merge_dims(Dim *dims, int n) {
    int last = 0;
    for (int i = 1; i < n; i++) {
        Dim *a = &dims[last], *b = &dims[i];
        bool joins = a->size == 1 || b->size == 1 ||
                     (a->size * a->x == b->x && a->size * a->out == b->out);
        if (joins && a->size == 1) {
            a->x = b->x;
            a->out = b->out;
        }
        if (joins)
            a->size *= b->size;
        else
            dims[++last] = *b;
    }
    return n ? last + 1 : 0;
}

/* The dimensions, innermost first; fewer than two are filled up. */
static int plan_dims(DType d, SumShape s, Dim *dims) {
    int64_t size = (int64_t)dtype_size(d), out = size;
    for (int i = 0; i < s.ndim; i++) {
        int from = s.ndim - 1 - i;
        dims[i] = (Dim){s.sizes[from], s.strides[from] * size, 0};
        if (s.reduced[from]) continue;
        dims[i].out = out;
        out *= s.sizes[from];
    }
    order_dims(dims, s.ndim);
    int n = merge_dims(dims, s.ndim);
    while (n < 2) dims[n++] = (Dim){1, 0, 0};
    return n;
}

static void run_plane(DType d, DType stored, const Dim *dims, const char *x,
                      char *out) {
    Dim a = dims[0], b = dims[1];
    if (a.out != 0 && b.out == 0) {
        a = dims[1];
        b = dims[0];
    }
    Plane p = {x, out, a.size, a.x, b.size, b.x, b.out, stored};
    if (a.out != 0)
        copy_plane(d, &p, a.out);
    else
        share_plane(d, &p);
}

void SUM(DType d, SumShape shape, const void *x, void *out) {
    Dim dims[ITER_DIMS + 2];
    int64_t index[ITER_DIMS + 2], outputs = 1, total = 1;
    for (int i = 0; i < shape.ndim; i++) {
        total *= shape.sizes[i];
        if (!shape.reduced[i]) outputs *= shape.sizes[i];
    }
    memset(out, 0, (size_t)outputs * dtype_size(d));
    if (total == 0) return;
    int n = plan_dims(d, shape, dims), i;
    for (i = 2; i < n; i++) index[i] = 0;
    const char *from = x;
    char *to = out;
    do {
        run_plane(d, shape.stored, dims, from, to);
        for (i = 2; i < n; i++) {
            from += dims[i].x;
            to += dims[i].out;
            if (++index[i] < dims[i].size) break;
            from -= dims[i].size * dims[i].x;
            to -= dims[i].size * dims[i].out;
            index[i] = 0;
        }
    } while (i < n);
}

#ifdef CHOOSES
void sum_avx2(DType d, SumShape shape, const void *x, void *out);

void kernel_sum(DType d, SumShape shape, const void *x, void *out) {
#if defined(__x86_64__)
    if (cpu_level() >= CPU_AVX2) {
        sum_avx2(d, shape, x, out);
        return;
    }
#endif
    sum_baseline(d, shape, x, out);
}
#endif
