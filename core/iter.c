/* See iter.h.  Dimensions are kept innermost first, so that aligning operands at the
 * last dimension is aligning them at index 0. */
#include "iter.h"

#include <string.h>

void iter_begin(Iter *it, int ndim, const int64_t *sizes) {
    it->n_operands = 0;
    it->ndim = ndim;
    for (int i = 0; i < ndim; i++) it->sizes[i] = sizes[ndim - 1 - i];
}

void iter_add(Iter *it, void *data, DType d, int ndim, const int64_t *sizes,
              const int64_t *strides) {
    int j = it->n_operands++;
    int64_t item = (int64_t)dtype_size(d);
    it->data[j] = data;
    for (int i = 0; i < it->ndim; i++) {
        int at = ndim - 1 - i;
        bool own = at >= 0 && sizes[at] != 1;
        /* Unsigned: what is empty may have strides of any size. */
        it->strides[i][j] = own ? (int64_t)((uint64_t)strides[at] * (uint64_t)item) : 0;
    }
}

void iter_add_scalar(Iter *it, void *data) {
    iter_add(it, data, DT_uint8, 0, NULL, NULL);
}

static void drop_ones(Iter *it) {
    int kept = 0;
    for (int i = 0; i < it->ndim; i++) {
        if (it->sizes[i] == 1) continue;
        it->sizes[kept] = it->sizes[i];
        if (kept != i) memcpy(it->strides[kept], it->strides[i], sizeof it->strides[i]);
        kept++;
    }
    it->ndim = kept;
}

/* Whether dimension a belongs inside dimension b: the first operand that moves along
 * both and differs decides. */
static bool belongs_inside(const Iter *it, int a, int b) {
    for (int j = 0; j < it->n_operands; j++) {
        int64_t sa = it->strides[a][j], sb = it->strides[b][j];
        if (sa == 0 || sb == 0 || sa == sb) continue;
        return (sa < 0 ? -sa : sa) < (sb < 0 ? -sb : sb);
    }
    return false;
}

static void swap_dims(Iter *it, int a, int b) {
    int64_t size = it->sizes[a], strides[ITER_OPERANDS];
    it->sizes[a] = it->sizes[b];
    it->sizes[b] = size;
    memcpy(strides, it->strides[a], sizeof strides);
    memcpy(it->strides[a], it->strides[b], sizeof strides);
    memcpy(it->strides[b], strides, sizeof strides);
}

static void order_dims(Iter *it) {
    for (int i = 1; i < it->ndim; i++)
        for (int j = i; j > 0 && belongs_inside(it, j, j - 1); j--)
            swap_dims(it, j, j - 1);
}

/* Dimension b continues dimension a in every operand. */
static bool continues(const Iter *it, int a, int b) {
    for (int j = 0; j < it->n_operands; j++)
        if (it->strides[b][j] != it->sizes[a] * it->strides[a][j]) return false;
    return true;
}

static void merge_dims(Iter *it) {
    int last = 0;
    for (int i = 1; i < it->ndim; i++) {
        if (continues(it, last, i)) {
            it->sizes[last] *= it->sizes[i];
            continue;
        }
        if (++last == i) continue;
        it->sizes[last] = it->sizes[i];
        memcpy(it->strides[last], it->strides[i], sizeof it->strides[i]);
    }
    it->ndim = last + 1;
}

bool iter_next(Iter *it, int first, int64_t *index) {
    for (int i = first; i < it->ndim; i++) {
        for (int j = 0; j < it->n_operands; j++) it->data[j] += it->strides[i][j];
        if (++index[i] < it->sizes[i]) return true;
        for (int j = 0; j < it->n_operands; j++)
            it->data[j] -= it->sizes[i] * it->strides[i][j];
        index[i] = 0;
    }
    return false;
}

bool iter_plan(Iter *it) {
    for (int i = 0; i < it->ndim; i++)
        if (it->sizes[i] == 0) return false;
    drop_ones(it);
    if (it->ndim > 1) {
        order_dims(it);
        merge_dims(it);
    }
    return true;
}

static void run_planned(Iter *it, Kernel f, DType d, const void *arg) {
    static const int64_t still[ITER_OPERANDS] = {0};
    if (it->ndim == 0) {
        f(d, it->data, still, 1, arg);
        return;
    }
    int64_t index[ITER_DIMS];
    for (int i = 1; i < it->ndim; i++) index[i] = 0;
    do f(d, it->data, it->strides[0], it->sizes[0], arg);
    while (iter_next(it, 1, index));
}

void iter_run(Iter *it, Kernel f, DType d, const void *arg) {
    if (iter_plan(it)) run_planned(it, f, d, arg);
}

/* ---- on several threads ---- */

/* The outermost dimension is cut into parts of `grain`. */
typedef struct Shared {
    const Iter *it;
    Kernel f;
    DType d;
    const void *arg;
    int64_t grain;
} Shared;

static void run_part(const void *work, int64_t part) {
    const Shared *s = work;
    Iter it = *s->it;
    int outer = it.ndim - 1;
    int64_t from = part * s->grain, left = it.sizes[outer] - from;
    for (int j = 0; j < it.n_operands; j++) it.data[j] += from * it.strides[outer][j];
    it.sizes[outer] = left < s->grain ? left : s->grain;
    run_planned(&it, s->f, s->d, s->arg);
}

/* A part of one contiguous dimension is made of whole blocks, since the grain is. */
void iter_run_parallel(Iter *it, Kernel f, DType d, const void *arg) {
    if (!iter_plan(it)) return;
    int64_t n = 1;
    for (int i = 0; i < it->ndim; i++) n *= it->sizes[i];
    int outer = it->ndim - 1;
    /* Where the result stands still its last element counts. */
    if (n < PARALLEL_FROM || it->strides[outer][0] == 0) {
        run_planned(it, f, d, arg);
        return;
    }
    int64_t inner = n / it->sizes[outer];
    int64_t grain = inner < PARALLEL_GRAIN ? PARALLEL_GRAIN / inner : 1;
    const Shared shared = {it, f, d, arg, grain};
    parallel_run(run_part, &shared, parallel_parts(it->sizes[outer], grain));
}
