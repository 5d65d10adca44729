/* See grid.h.  Place q of plane f is place q * stride + f * dilation of x, counted from
 * what the first position of the patch sees first. */
#include "grid.h"

#include "core/kernel/copy.h"

#include <string.h>

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t ceiling(int64_t n, int64_t step) {
    return n > 0 ? (n - 1) / step + 1 : 0;
}

static int64_t common_divisor(int64_t a, int64_t b) {
    return b ? common_divisor(b, a % b) : a;
}

int64_t grid_vectors(int64_t n) {
    return ceiling(n, GRID_SLACK) * GRID_SLACK;
}
int64_t grid_apart(int64_t n) {
    enum { LINE = 16 };
    return (ceiling(n, LINE) | 1) * LINE;
}

/* Elements of the window that are far apart see different places from a patch. */
static Planes planes_of(const Slide *s, int64_t positions) {
    bool apart = s->dilation / s->stride >= positions;
    int64_t period =
        apart ? s->kernel : s->stride / common_divisor(s->stride, s->dilation);
    Planes p = {least(period, s->kernel), period, period * s->dilation / s->stride, 0};
    p.places = positions + (s->kernel - 1) / period * p.step;
    return p;
}

Grid grid_of(const Columns *s, int64_t rows, int64_t cols) {
    Grid g = {.s = s, .rows = rows, .cols = cols};
    g.dims[0] = planes_of(&s->dims[0], 1);
    g.dims[1] = planes_of(&s->dims[1], rows);
    g.dims[2] = planes_of(&s->dims[2], cols);
    g.width = g.dims[2].places;
    g.plane = g.dims[0].places * g.dims[1].places * g.width;
    g.channel = grid_apart(g.dims[0].n * g.dims[1].n * g.dims[2].n * g.plane);
    return g;
}

int64_t grid_patches(const Grid *g) {
    const Slide *dims = g->s->dims;
    return dims[0].out * ceiling(dims[1].out, g->rows) * ceiling(dims[2].out, g->cols);
}

Patch grid_patch(const Grid *g, int64_t i) {
    const Slide *dims = g->s->dims;
    int64_t down = ceiling(dims[1].out, g->rows),
            across = ceiling(dims[2].out, g->cols);
    Patch p = {.deep = i / across / down,
               .row = i / across % down * g->rows,
               .col = i % across * g->cols};
    p.rows = least(g->rows, dims[1].out - p.row);
    p.cols = least(g->cols, dims[2].out - p.col);
    return p;
}

int64_t grid_offset(const Grid *g, int64_t k) {
    int64_t plane = 0, place = 0, element[WINDOW_DIMS];
    for (int d = WINDOW_DIMS - 1; d >= 0; k /= g->s->dims[d--].kernel)
        element[d] = k % g->s->dims[d].kernel;
    for (int d = 0; d < WINDOW_DIMS; d++) {
        const Planes *p = &g->dims[d];
        plane = plane * p->n + element[d] % p->period;
        place = place * p->places + element[d] / p->period * p->step;
    }
    return plane * g->plane + place;
}

/* ---- rows ---- */

/* Places [from, to) of a row of the grid hold places of x, from x on. */
typedef struct Row {
    char *grid, *x;
    int64_t from, to;
} Row;

typedef void (*RowAction)(DType d, const Grid *g, const Row *row);

typedef struct Walk {
    DType d;
    const Grid *g;
    int64_t first[WINDOW_DIMS]; /* place that element 0 sees in x */
    int64_t channels;
    RowAction act;
    char *x, *grid;
} Walk;

/* The row of planes f at places q, of which the last is 0, in every channel. */
static void walk_row(const Walk *w, const int64_t *f, const int64_t *q) {
    const Grid *g = w->g;
    const Slide *wide = &g->s->dims[2];
    const int64_t size = (int64_t)dtype_size(w->d);
    int64_t plane = 0, place = 0, x = 0, in = 0;
    bool seen = true;
    for (int d = 0; d < WINDOW_DIMS; d++) {
        const Slide *s = &g->s->dims[d];
        in = w->first[d] + q[d] * s->stride + f[d] * s->dilation;
        plane = plane * g->dims[d].n + f[d];
        place = place * g->dims[d].places + q[d];
        x = x * s->in + in;
        seen = seen && (d == WINDOW_DIMS - 1 || (in >= 0 && in < s->in));
    }
    Row r = {.from = least(ceiling(-in, wide->stride), g->width),
             .to = least(ceiling(wide->in - in, wide->stride), g->width)};
    if (!seen || r.to <= r.from) r.from = r.to = 0;
    r.x = w->x + (r.to ? x + r.from * wide->stride : 0) * size;
    r.grid = w->grid + (plane * g->plane + place) * size;
    for (int64_t c = 0; c < w->channels; c++) {
        w->act(w->d, g, &r);
        r.x += columns_in(g->s) * size;
        r.grid += g->channel * size;
    }
}

static void walk_rows(Walk *w, const Patch *p) {
    const Planes *deep = &w->g->dims[0], *high = &w->g->dims[1], *wide = &w->g->dims[2];
    const int64_t rows = high->places - w->g->rows + p->rows;
    const int64_t begin[WINDOW_DIMS] = {p->deep, p->row, p->col};
    for (int d = 0; d < WINDOW_DIMS; d++)
        w->first[d] = begin[d] * w->g->s->dims[d].stride - w->g->s->dims[d].pad;
    for (int64_t i = 0; i < deep->n * high->n * wide->n; i++) {
        const int64_t f[] = {i / wide->n / high->n, i / wide->n % high->n, i % wide->n};
        for (int64_t j = 0; j < deep->places * rows; j++)
            walk_row(w, f, (int64_t[]){j / rows, j % rows, 0});
    }
}

static void take_row(DType d, const Grid *g, const Row *r) {
    const int64_t size = (int64_t)dtype_size(d);
    const int64_t strides[] = {size, g->s->dims[2].stride * size};
    if (r->from > 0) memset(r->grid, 0, (size_t)(r->from * size));
    if (r->from < r->to)
        kernel_copy(d, (char *const[]){r->grid + r->from * size, r->x}, strides,
                    r->to - r->from, NULL);
    if (r->to < g->width)
        memset(r->grid + r->to * size, 0, (size_t)((g->width - r->to) * size));
}

static void put_row(DType d, const Grid *g, const Row *r) {
    const int64_t size = (int64_t)dtype_size(d);
    const int64_t strides[] = {g->s->dims[2].stride * size, size};
    if (r->from < r->to)
        kernel_copy(d, (char *const[]){r->x, r->grid + r->from * size}, strides,
                    r->to - r->from, NULL);
}

void grid_take(DType d, const Grid *g, const Patch *p, int64_t channels, const char *x,
               char *grid) {
    Walk w = {.d = d, .g = g, .channels = channels, .act = take_row};
    w.x = (char *)(uintptr_t)x;
    w.grid = grid;
    walk_rows(&w, p);
}

void grid_put(DType d, const Grid *g, const Patch *p, int64_t channels,
              const char *grid, char *x) {
    Walk w = {.d = d, .g = g, .channels = channels, .act = put_row};
    w.x = x;
    w.grid = (char *)(uintptr_t)grid;
    walk_rows(&w, p);
}
