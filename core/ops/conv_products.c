/* See conv_products.h.
 *
 * Images are apart from each other, so several threads take one each; only a weight is
 * the sum over all of them, made in their order from the sums of each. */
#include "conv_products.h"

#include "core/kernel/conv_sums.h"
#include "core/kernel/matmul.h"
#include "core/kernel/pointwise.h"
#include "core/parallel.h"
#include "dense.h"

#include <string.h>

/* ---- sizes ---- */

/* Columns that stay in a processor's own cache from their making to their use. */
enum { STRIP_BYTES = 512 * 1024 };

static Columns columns_of(const Conv *v, int64_t channels, const int64_t *wide,
                          const int64_t *kernel, const int64_t *narrow) {
    Columns s = {channels, {slide_of_one, slide_of_one, slide_of_one}};
    for (int d = 0; d < v->dims; d++)
        s.dims[WINDOW_DIMS - v->dims + d] = (Slide){
            wide[d], narrow[d], kernel[d], v->stride[d], v->pad[d], v->dilation[d]};
    return s;
}

static double multiplications(const ConvProducts *p) {
    return (double)p->rows * (double)p->places * (double)p->depth;
}

bool conv_is_small(const ConvProducts *p) {
    return multiplications(p) < MATMUL_LARGE;
}

/* The scratch and the sums of a lane, in units of dense_scratch. */
enum { UNIT = sizeof(int64_t) };
static int64_t units_of(const ConvProducts *p, int64_t elements) {
    return (elements * (int64_t)dtype_size(p->d) + UNIT - 1) / UNIT;
}
static int64_t lane_scratch(const ConvProducts *p) {
    int64_t all = columns_all(&p->columns).to;
    bool whole = conv_is_small(p); /* the library's ways take all at once */
    return units_of(p, p->depth * (whole ? p->places : p->places / all * p->strip));
}
static int64_t lane_sums(const ConvProducts *p) {
    return units_of(p, p->rows * p->depth);
}

/* What a lane may take, so that several of them take little. */
enum { MOST_UNITS = 2 * STRIP_BYTES / UNIT };

/* More than one where it pays to wake other threads; how much memory a cell takes must
 * not hang on how many of these there are. */
static int64_t lanes_of(const ConvProducts *p) {
    enum { MOST = 8 };
    int64_t items = p->images * p->groups;
    if (multiplications(p) * (double)items < 4.0 * MATMUL_LARGE ||
        lane_scratch(p) > MOST_UNITS)
        return 1;
    return items < MOST ? items : MOST;
}

bool conv_products(Ctx *c, const Conv *v, Tensor *wide, Tensor *narrow, Tensor *weight,
                   ConvProducts *p) {
    *p = (ConvProducts){.d = (DType)weight->dtype,
                        .columns =
                            columns_of(v, wide->sizes[1] / v->groups, wide->sizes + 2,
                                       weight->sizes + 2, narrow->sizes + 2),
                        .images = wide->sizes[0],
                        .groups = v->groups,
                        .rows = narrow->sizes[1] / v->groups,
                        .wide = tensor_data(wide),
                        .narrow = tensor_data(narrow),
                        .weight = tensor_data(weight)};
    p->depth = p->columns.channels * columns_kernel(&p->columns);
    p->places = columns_out(&p->columns);
    int64_t all = columns_all(&p->columns).to;
    int64_t row = p->places / all * p->depth;
    p->strip = STRIP_BYTES / (1 + row * (int64_t)dtype_size(p->d)) + 1;
    if (p->strip > all) p->strip = all;
    p->lanes = lanes_of(p);
    p->scratch = dense_scratch(c, lane_scratch(p) * p->lanes, UNIT);
    return p->scratch;
}

static Matrix matrix(char *data, int64_t row, int64_t col) {
    return (Matrix){data, row, col};
}
static Matrix transposed(Matrix m) {
    return matrix(m.data, m.col, m.row);
}

/* ---- images and groups ---- */

/* Image and group number n, in the order of memory, with what belongs to a lane. */
typedef struct Item {
    char *wide, *narrow, *weight, *scratch, *sums;
} Item;

static Item item_at(const ConvProducts *p, int64_t n, int64_t lane) {
    const int64_t size = (int64_t)dtype_size(p->d);
    const int64_t wide = p->columns.channels * columns_in(&p->columns);
    const int64_t weights = p->rows * p->depth;
    return (Item){.wide = p->wide + n * wide * size,
                  .narrow = p->narrow + n * p->rows * p->places * size,
                  .weight = p->weight + n % p->groups * weights * size,
                  .scratch = p->scratch + lane * lane_scratch(p) * UNIT,
                  .sums = p->sums ? p->sums + lane * lane_sums(p) * UNIT : NULL};
}

typedef void (*ItemAction)(const ConvProducts *p, const Item *item);

/* Items from, from + step ... of each lane. */
typedef struct Lanes {
    const ConvProducts *p;
    ItemAction act;
    int64_t from, to;
} Lanes;

static void run_lane(const void *work, int64_t lane) {
    const Lanes *l = work;
    for (int64_t n = l->from + lane; n < l->to; n += l->p->lanes) {
        const Item item = item_at(l->p, n, lane);
        l->act(l->p, &item);
    }
}

static void each_item(const ConvProducts *p, ItemAction act) {
    parallel_run(run_lane, &(Lanes){p, act, 0, p->images * p->groups}, p->lanes);
}

/* Where each item adds to what those before it gave. */
static void each_item_in_order(const ConvProducts *p, ItemAction act) {
    for (int64_t n = 0; n < p->images * p->groups; n++) {
        const Item item = item_at(p, n, 0);
        act(p, &item);
    }
}

/* ---- the fastest way ---- */

/* The strip that begins at row `from`. */
static Strip strip_at(const ConvProducts *p, int64_t from) {
    int64_t all = columns_all(&p->columns).to;
    return (Strip){from, from + p->strip < all ? from + p->strip : all};
}

/* The positions of a strip on the narrow side. */
static Matrix narrow_part(const ConvProducts *p, const Item *item, Strip strip) {
    int64_t before = strip_out(&p->columns, (Strip){0, strip.from});
    return matrix(item->narrow + before * (int64_t)dtype_size(p->d), p->places, 1);
}

/* Any of the products below, in one go. */
static MatmulSize whole(const ConvProducts *p) {
    if (p->order == CONV_BY_COLUMNS) return (MatmulSize){MATMUL_LARGE, 1, 1};
    return (MatmulSize){p->rows, p->places, p->depth};
}

/* narrow += weight columns(wide) */
static void add_narrow(const ConvProducts *p, const Item *item) {
    for (int64_t i = 0; i < columns_all(&p->columns).to; i += p->strip) {
        Strip strip = strip_at(p, i);
        int64_t places = strip_out(&p->columns, strip);
        kernel_im2col(p->d, &p->columns, strip, item->wide, item->scratch);
        kernel_matmul_part(p->d, (MatmulSize){p->rows, places, p->depth}, whole(p),
                           matrix(item->weight, p->depth, 1),
                           matrix(item->scratch, places, 1),
                           narrow_part(p, item, strip));
    }
}

/* wide += what the columns weight^T narrow hold of it */
static void add_wide_strip(const ConvProducts *p, const Item *item, Strip strip) {
    int64_t places = strip_out(&p->columns, strip);
    memset(item->scratch, 0, (size_t)(p->depth * places) * dtype_size(p->d));
    kernel_matmul_part(p->d, (MatmulSize){p->depth, places, p->rows}, whole(p),
                       matrix(item->weight, 1, p->depth), narrow_part(p, item, strip),
                       matrix(item->scratch, places, 1));
    kernel_col2im(p->d, &p->columns, strip, item->scratch, item->wide);
}
static void add_wide(const ConvProducts *p, const Item *item) {
    int64_t last = (columns_all(&p->columns).to - 1) / p->strip * p->strip;
    for (int64_t i = last; i >= 0; i -= p->strip)
        add_wide_strip(p, item, strip_at(p, i));
}

/* sums = narrow columns(wide)^T */
static void sum_weight(const ConvProducts *p, const Item *item) {
    memset(item->sums, 0, (size_t)(p->rows * p->depth) * dtype_size(p->d));
    for (int64_t i = 0; i < columns_all(&p->columns).to; i += p->strip) {
        Strip strip = strip_at(p, i);
        int64_t places = strip_out(&p->columns, strip);
        kernel_im2col(p->d, &p->columns, strip, item->wide, item->scratch);
        kernel_matmul_part(p->d, (MatmulSize){p->rows, p->depth, places}, whole(p),
                           narrow_part(p, item, strip),
                           matrix(item->scratch, 1, places),
                           matrix(item->sums, p->depth, 1));
    }
}

static void add_sums(const ConvProducts *p, const Item *item) {
    const int64_t size = (int64_t)dtype_size(p->d), strides[] = {size, size, size};
    kernel_add(p->d, (char *const[]){item->weight, item->weight, item->sums}, strides,
               p->rows * p->depth, NULL);
}

/* weight += narrow columns(wide)^T, summed up for each image before it is added. */
static void add_weight(Ctx *c, ConvProducts *p) {
    const int64_t items = p->images * p->groups;
    if (lane_sums(p) > MOST_UNITS) p->lanes = 1;
    p->sums = dense_scratch(c, lane_sums(p) * p->lanes, UNIT);
    if (!p->sums) return;
    for (int64_t from = 0; from < items; from += p->lanes) {
        int64_t n = items - from < p->lanes ? items - from : p->lanes;
        parallel_run(run_lane, &(Lanes){p, sum_weight, from, from + n}, n);
        for (int64_t lane = 0; lane < n; lane++) {
            const Item item = item_at(p, from + lane, lane);
            add_sums(p, &item);
        }
    }
}

/* ---- the ways of PyTorch's library ---- */

bool conv_library_has_columns(const Conv *v, const ConvProducts *p) {
    enum { VECTOR = 16 };
    if (v->groups > 1)
        return (p->rows % VECTOR || p->columns.channels % VECTOR) &&
               (p->rows != 1 || p->columns.channels != 1);
    return columns_kernel(&p->columns) == 1 &&
           !shape_equal(v->dims, v->pad, v->dims, (int64_t[MAX_DIMS]){0});
}

/* Element i of the window in the weights, [rows, channels]. */
static Matrix weight_part(const ConvProducts *p, const Item *item, int64_t i) {
    return matrix(item->weight + i * (int64_t)dtype_size(p->d), p->depth,
                  columns_kernel(&p->columns));
}

static void library_narrow(const ConvProducts *p, const Item *item) {
    const Columns *s = &p->columns;
    Matrix columns = matrix(item->scratch, p->places, 1);
    for (int64_t i = 0; i < columns_kernel(s); i++) {
        kernel_window_take(p->d, s, columns_all(s), i, item->wide, item->scratch);
        kernel_matmul_fused(p->d, (MatmulSize){p->rows, p->places, s->channels},
                            weight_part(p, item, i), columns,
                            matrix(item->narrow, p->places, 1));
    }
}

static void library_wide(const ConvProducts *p, const Item *item) {
    const Columns *s = &p->columns;
    Matrix columns = matrix(item->scratch, p->places, 1);
    for (int64_t i = 0; i < columns_kernel(s); i++) {
        kernel_window_take(p->d, s, columns_all(s), i, item->wide, item->scratch);
        kernel_matmul_fused(p->d, (MatmulSize){s->channels, p->places, p->rows},
                            transposed(weight_part(p, item, i)),
                            matrix(item->narrow, p->places, 1), columns);
        kernel_window_put(p->d, s, columns_all(s), i, item->scratch, item->wide);
    }
}

static void library_weight(const ConvProducts *p, const Item *item) {
    const Columns *s = &p->columns;
    for (int64_t i = 0; i < columns_kernel(s); i++) {
        kernel_window_take(p->d, s, columns_all(s), i, item->wide, item->scratch);
        kernel_matmul_fused(p->d, (MatmulSize){p->rows, s->channels, p->places},
                            matrix(item->narrow, p->places, 1),
                            matrix(item->scratch, 1, p->places),
                            weight_part(p, item, i));
    }
}

/* Products of columns are made for one depth after the other. */
static Strip library_strip(const ConvProducts *p, int64_t depth) {
    int64_t rows = p->columns.dims[1].out;
    return (Strip){depth * rows, (depth + 1) * rows};
}

static void columns_wide(const ConvProducts *p, const Item *item) {
    for (int64_t i = 0; i < p->columns.dims[0].out; i++)
        add_wide_strip(p, item, library_strip(p, i));
}

static void columns_weight(const ConvProducts *p, const Item *item) {
    for (int64_t i = 0; i < p->columns.dims[0].out; i++) {
        Strip strip = library_strip(p, i);
        int64_t places = strip_out(&p->columns, strip);
        kernel_im2col(p->d, &p->columns, strip, item->wide, item->scratch);
        kernel_lane_products(
            (MatmulSize){p->rows, p->depth, places}, narrow_part(p, item, strip),
            matrix(item->scratch, 1, places), matrix(item->weight, p->depth, 1));
    }
}

/* ---- the products ---- */

void conv_narrow(const ConvProducts *p) {
    each_item(p, p->order == CONV_BY_WINDOW ? library_narrow : add_narrow);
}

void conv_wide(const ConvProducts *p) {
    switch (p->order) {
    case CONV_FASTEST: each_item(p, add_wide); break;
    case CONV_BY_WINDOW: each_item(p, library_wide); break;
    case CONV_BY_COLUMNS: each_item(p, columns_wide); break;
    }
}

void conv_weight(Ctx *c, ConvProducts *p) {
    switch (p->order) {
    case CONV_FASTEST: add_weight(c, p); break;
    case CONV_BY_WINDOW: each_item_in_order(p, library_weight); break;
    case CONV_BY_COLUMNS: each_item_in_order(p, columns_weight); break;
    }
}
