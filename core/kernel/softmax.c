/* See softmax.h.  Rows and columns are computed by the text of softmax_body.h, compiled
 * for every processor and for those with fused multiply-add; several threads share
 * them. Source: SoftMaxKernel.cpp. */
#include "softmax.h"

#include "core/parallel.h"
#include "cpu.h"
#include "pointwise.h"

#include <math.h>

/* x = f(x), where it lies. */
static void map(DType d, const MathFunction *f, void *x, int64_t n) {
    char *const p[] = {x, x};
    const int64_t size = (int64_t)dtype_size(d), strides[] = {size, size};
    kernel_map1(d, p, strides, n, f);
}

/* Columns that are computed together: whole vectors of every kind. */
enum { COLUMNS = 64 };

typedef struct Work {
    Softmax s;
    const void *x, *grad; /* grad: of a gradient, else NULL; then x is the result */
    void *out;
    int64_t blocks;       /* of columns: 1 for rows */
    int64_t units, grain; /* rows or blocks: all, and those of a part */
} Work;

#define T float
#define LANES 8
#define FMA fmaf
#define D DT_float32
#define BLOCK block_float
#define NARROW(v) bfloat16_rounded(v)
#define R(name) name##_float
#include "softmax_body.h"
#undef T
#undef LANES
#undef FMA
#undef D
#undef BLOCK
#undef NARROW
#undef R
#define T double
#define LANES 4
#define FMA fma
#define D DT_float64
#define BLOCK block
#define NARROW(v) (v)
#define R(name) name##_double
#include "softmax_body.h"

/* ---- parts ---- */

INLINE void run_units(const Work *k, int64_t from, int64_t end) {
    for (int64_t i = from; i < end; i++)
        if (k->s.d == DT_float32)
            part_float(k, i);
        else
            part_double(k, i);
}

COMPILED_TWICE(void, units, (const Work *k, int64_t from, int64_t end),
               run_units(k, from, end);)

static void units_part(const void *work, int64_t part) {
    const Work *k = work;
    int64_t from = part * k->grain, end = from + k->grain;
    if (end > k->units) end = k->units;
    CHOSEN(units)(k, from, end);
}

static void share(Work *k) {
    enum { GRAIN = PARALLEL_GRAIN / 4 }; /* an exponential is dear */
    const Softmax *s = &k->s;
    k->blocks = !s->columns ? 1 : (s->inner + COLUMNS - 1) / COLUMNS;
    k->units = s->outer * k->blocks;
    int64_t each = s->n * (s->inner < COLUMNS ? s->inner : COLUMNS);
    k->grain = each < GRAIN ? GRAIN / each : 1;
    if (s->outer * s->n * s->inner < PARALLEL_GRAIN) k->grain = k->units;
    parallel_run(units_part, k, parallel_parts(k->units, k->grain));
}

void kernel_softmax(const Softmax *s, const void *x, void *out) {
    share(&(Work){.s = *s, .x = x, .out = out});
}

void kernel_softmax_backward(const Softmax *s, const void *grad, const void *y,
                             void *out) {
    share(&(Work){.s = *s, .x = y, .grad = grad, .out = out});
}
