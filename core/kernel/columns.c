/* See columns.h.  Both directions walk the columns row by row: a row is what one
 * element of the window sees at the positions along the last dimension. */
#include "core/kernel/columns.h"

#include "core/kernel/copy.h"
#include "core/kernel/pointwise.h"
#include "core/parallel.h"

#include <string.h>

const Slide slide_of_one = {1, 1, 1, 1, 0, 1};

int64_t columns_in(const Columns *s) {
    return s->dims[0].in * s->dims[1].in * s->dims[2].in;
}
int64_t columns_kernel(const Columns *s) {
    return s->dims[0].kernel * s->dims[1].kernel * s->dims[2].kernel;
}
int64_t columns_out(const Columns *s) {
    return s->dims[0].out * s->dims[1].out * s->dims[2].out;
}

/* The place in x that element k of the window sees at position o; may be outside. */
static int64_t seen(const Slide *s, int64_t k, int64_t o) {
    return o * s->stride - s->pad + k * s->dilation;
}

static bool within(const Slide *s, int64_t place) {
    return place >= 0 && place < s->in;
}

/* n / step, rounded up, within [0, most]. */
static int64_t steps(int64_t n, int64_t step, int64_t most) {
    int64_t whole = n > 0 ? (n - 1) / step + 1 : 0;
    return whole < most ? whole : most;
}

/* The positions [*from, *to) at which element k of the window sees x. */
static void visible(const Slide *s, int64_t k, int64_t *from, int64_t *to) {
    int64_t first = seen(s, k, 0);
    *from = steps(-first, s->stride, s->out);
    *to = steps(s->in - first, s->stride, s->out);
    if (*to < *from) *to = *from;
}

/* A row of the columns and what it sees: a part of one row of x. */
typedef struct Row {
    int64_t x;        /* place of the first element that is seen, from x's start */
    int64_t from, to; /* positions in the row of the columns that see x */
} Row;

typedef void (*RowAction)(DType d, const Row *row, int64_t step, int64_t n, char *x,
                          char *column);

/* Row i of element `window` of the window in channel c. `r` comes with what the element
 * sees along the last dimension, from the start of a row of x. */
static Row row_at(const Columns *s, int64_t c, const int64_t *window, int64_t i,
                  Row r) {
    int64_t o = s->dims[0].out == 1 ? 0 : i / s->dims[1].out; /* mostly */
    int64_t deep = seen(&s->dims[0], window[0], o);
    int64_t high = seen(&s->dims[1], window[1], i - o * s->dims[1].out);
    if (!within(&s->dims[0], deep) || !within(&s->dims[1], high)) return (Row){0, 0, 0};
    r.x += ((c * s->dims[0].in + deep) * s->dims[1].in + high) * s->dims[2].in;
    return r;
}

/* What runs over the rows of all channels, which several threads share. */
typedef struct Walk {
    DType d;
    const Columns *s;
    char *x, *columns;
    RowAction act;
} Walk;

static void walk_channel(const void *work, int64_t c) {
    const Walk *walk = work;
    const Columns *s = walk->s;
    const Slide *high = &s->dims[1], *wide = &s->dims[2];
    const int64_t size = (int64_t)dtype_size(walk->d);
    const int64_t elements = columns_kernel(s), rows = s->dims[0].out * high->out;
    char *columns = walk->columns + c * elements * columns_out(s) * size;
    int64_t w[WINDOW_DIMS];
    for (int64_t k = 0; k < elements; k++) {
        w[0] = k / (high->kernel * wide->kernel);
        w[1] = k / wide->kernel % high->kernel;
        w[2] = k % wide->kernel;
        Row part = {0, 0, 0};
        visible(wide, w[2], &part.from, &part.to);
        if (part.from < part.to) part.x = seen(wide, w[2], part.from);
        for (int64_t i = 0; i < rows; i++) {
            Row r = row_at(s, c, w, i, part);
            walk->act(walk->d, &r, wide->stride * size, wide->out, walk->x + r.x * size,
                      columns);
            columns += wide->out * size;
        }
    }
}

static void each_row(const Walk *walk) {
    const Columns *s = walk->s;
    if (s->channels * columns_kernel(s) * columns_out(s) >= PARALLEL_FROM)
        parallel_run(walk_channel, walk, s->channels);
    else
        for (int64_t c = 0; c < s->channels; c++) walk_channel(walk, c);
}

static void take_row(DType d, const Row *r, int64_t step, int64_t n, char *x,
                     char *column) {
    const int64_t size = (int64_t)dtype_size(d), strides[2] = {size, step};
    char *to = column + r->from * size;
    if (r->from > 0) memset(column, 0, (size_t)(r->from * size));
    if (r->to < n) memset(column + r->to * size, 0, (size_t)((n - r->to) * size));
    if (step == size)
        memcpy(to, x, (size_t)((r->to - r->from) * size));
    else
        kernel_copy(d, (char *const[2]){to, x}, strides, r->to - r->from, NULL);
}

static void add_row(DType d, const Row *r, int64_t step, int64_t n, char *x,
                    char *column) {
    (void)n;
    const int64_t size = (int64_t)dtype_size(d), strides[3] = {step, step, size};
    kernel_add(d, (char *const[3]){x, x, column + r->from * size}, strides,
               r->to - r->from, NULL);
}

void kernel_im2col(DType d, const Columns *s, const void *x, void *columns) {
    each_row(&(Walk){d, s, (char *)(uintptr_t)x, columns, take_row});
}

void kernel_col2im(DType d, const Columns *s, const void *columns, void *x) {
    each_row(&(Walk){d, s, x, (char *)(uintptr_t)columns, add_row});
}
