/* The different elements of a tensor: _unique2, unique_dim, unique_consecutive.
 *
 * self [...] -> the elements [u], for each element of self the index of its equal among
 * them [...], and how often each occurs [u].  Elements come sorted, or as a hash set
 * lists them (kernel/hash_order.h).  Equality is ==: nan is equal to nothing, not even
 * to itself.  torch.unique, written in the notation, gives those of the three that were
 * asked for.  Source: Unique.cpp. */
#include "core/kernel/copy.h"
#include "core/kernel/hash_order.h"
#include "core/kernel/sort.h"
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- shared ---- */

static Tensor *empty_indices(Ctx *c) {
    int64_t none = 0;
    return tensor_make(c, DT_int64, 1, &none);
}

/* The elements of x at indices at[0..n). */
static Tensor *gather_elements(Ctx *c, const Tensor *x, const int64_t *at, int64_t n) {
    DType d = (DType)x->dtype;
    int64_t size = (int64_t)dtype_size(d);
    Tensor *r = tensor_make(c, d, 1, &n);
    if (!r) return NULL;
    char *out = tensor_data(r);
    const char *from = tensor_data(x);
    for (int64_t i = 0; i < n; i++)
        cast_element(d, out + i * size, d, from + at[i] * size);
    return r;
}

/* ---- _unique2 ---- */

/* Scratch of one call: the set of elements, and for each element its node. */
typedef struct Collection {
    HashSet set;
    SortItem *items; /* keys of the elements; later the nodes in the order wanted */
    uint64_t *hash;
    int64_t *node; /* of each element */
    int64_t *rank; /* of each node */
    int64_t n;
} Collection;

static bool collection_open(Ctx *c, Collection *s, int64_t n) {
    size_t count = (size_t)n;
    *s = (Collection){.n = n};
    s->set.nodes = ctx_alloc(c, count * sizeof *s->set.nodes);
    s->set.buckets = ctx_alloc(c, (size_t)hash_buckets(n) * sizeof *s->set.buckets);
    s->items = ctx_alloc(c, 2 * count * sizeof *s->items);
    s->hash = ctx_alloc(c, count * sizeof *s->hash);
    s->node = ctx_alloc(c, count * sizeof *s->node);
    s->rank = ctx_alloc(c, count * sizeof *s->rank);
    return !ctx_failed(c);
}

static void collection_close(Ctx *c, Collection *s) {
    size_t count = (size_t)s->n;
    ctx_free(c, s->set.nodes, count * sizeof *s->set.nodes);
    ctx_free(c, s->set.buckets, (size_t)hash_buckets(s->n) * sizeof *s->set.buckets);
    ctx_free(c, s->items, 2 * count * sizeof *s->items);
    ctx_free(c, s->hash, count * sizeof *s->hash);
    ctx_free(c, s->node, count * sizeof *s->node);
    ctx_free(c, s->rank, count * sizeof *s->rank);
}

/* The insertion sort of GNU's library with a < that is false where nan takes part, as
 * PyTorch sorts up to 16 elements with nan among them. */
static void sort_with_nan(SortItem *items, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        SortItem moving = items[i];
        bool nan = moving.key == UINT64_MAX;
        int64_t j = i;
        if (!nan && moving.key < items[0].key && items[0].key != UINT64_MAX) {
            memmove(items + 1, items, (size_t)i * sizeof *items);
            j = 0;
        }
        for (; !nan && j > 0 && moving.key < items[j - 1].key &&
               items[j - 1].key != UINT64_MAX;
             j--)
            items[j] = items[j - 1];
        items[j] = moving;
    }
}

/* Collects x's elements; items[i] = (key, node) of what comes at place i, for as many
 * places as the set has. */
static void collect(Collection *s, DType d, const void *x, bool sorted) {
    bool any_nan = false;
    hash_elements(d, x, s->n, s->hash);
    sort_items_from(d, x, (int64_t)dtype_size(d), s->n, false, s->items);
    for (int64_t i = 0; i < s->n; i++) {
        bool nan = sort_key_is_nan(d, s->items[i].key);
        any_nan |= nan;
        s->node[i] = hash_insert(&s->set, s->hash[i], s->items[i].key, i, nan);
    }
    int64_t place = 0;
    for (int64_t node = s->n ? s->set.head : -1; node >= 0;
         node = s->set.nodes[node].next)
        s->items[place++] = (SortItem){s->set.nodes[node].key, node};
    if (sorted && any_nan)
        sort_with_nan(s->items, place);
    else if (sorted)
        sort_items(s->items, s->items + s->n, place);
    for (int64_t i = 0; i < place; i++) s->rank[s->items[i].index] = i;
}

/* inverse[i] = the place of element i; looking up nan finds nothing, which counts as
 * place 0. */
static void fill_inverse(const Collection *s, DType d, int64_t *inverse) {
    for (int64_t i = 0; i < s->n; i++) {
        bool nan = sort_key_is_nan(d, s->set.nodes[s->node[i]].key);
        inverse[i] = nan ? 0 : s->rank[s->node[i]];
    }
}

static void fill_counts(const Collection *s, DType d, int64_t *counts) {
    memset(counts, 0, (size_t)s->set.n * sizeof *counts);
    for (int64_t i = 0; i < s->n; i++)
        if (!sort_key_is_nan(d, s->set.nodes[s->node[i]].key))
            counts[s->rank[s->node[i]]]++;
}

static bool unique_results(Ctx *c, Collection *s, Tensor *x, bool inverse, bool counts,
                           Tensor **out) {
    DType d = (DType)x->dtype;
    for (int64_t i = 0; i < s->set.n; i++)
        s->rank[i] = s->set.nodes[s->items[i].index].first;
    out[0] = gather_elements(c, x, s->rank, s->set.n);
    for (int64_t i = 0; i < s->set.n; i++) s->rank[s->items[i].index] = i;
    out[1] = inverse ? tensor_make(c, DT_int64, x->ndim, x->sizes) : empty_indices(c);
    out[2] = counts ? tensor_make(c, DT_int64, 1, &s->set.n) : empty_indices(c);
    if (ctx_failed(c)) return false;
    if (inverse) fill_inverse(s, d, tensor_data(out[1]));
    if (counts) fill_counts(s, d, tensor_data(out[2]));
    return true;
}

/* The three results of all elements of self; `n` of them are given. */
static Value unique_all(Ctx *c, Tensor *self, bool sorted, bool inverse, bool counts,
                        size_t n) {
    DType d = (DType)self->dtype;
    Collection s;
    Tensor *out[3];
    if (dtype_refused(c, "unique", DTYPES_HALF, d)) return value_null();
    self = t_contiguous(c, self);
    if (!self) return value_null();
    bool good = collection_open(c, &s, self->numel);
    if (good) {
        collect(&s, d, tensor_data(self), sorted || d == DT_bool);
        good = unique_results(c, &s, self, inverse, counts, out);
    }
    collection_close(c, &s);
    return good ? return_tuple(c, NULL, n, out) : value_null();
}

static Value unique2_forward(Ctx *c, Call *k) {
    bool counts = call_bool(k, 3);
    return unique_all(c, call_tensor(k, 0), call_bool(k, 1), call_bool(k, 2) || counts,
                      counts, 3);
}
static const OpDef op_unique2 = {
    .schema = "_unique2(Tensor self, bool sorted=True, bool return_inverse=False, bool "
              "return_counts=False) -> (Tensor, Tensor, Tensor)",
    .doc = "The different elements, where each element is among them, how often each "
           "occurs.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .forward = unique2_forward,
    .backward = derivative_missing,
};

static Value unique_forward(Ctx *c, Call *k) {
    return unique_all(c, call_tensor(k, 0), call_bool(k, 1), call_bool(k, 2), false, 2);
}
static const OpDef op_unique = {
    .schema = "_unique(Tensor self, bool sorted=True, bool return_inverse=False) -> "
              "(Tensor, Tensor)",
    .doc = "The different elements, and where each element is among them.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .forward = unique_forward,
    .backward = derivative_missing,
};

Tensor *t_unique(Ctx *c, Tensor *self) {
    return value_tensor(first_result(
        op_call(c, &op_unique,
                (Value[]){arg_tensor(self), value_bool(false), value_bool(false)})));
}

/* ---- slices along a dimension ---- */

/* x [rows, n] contiguous; order[i].index = the row that comes at place i. Sorted by one
 * column after another, the first one last, equal ones keeping their order. */
static bool order_rows(Ctx *c, const Tensor *x, int64_t rows, int64_t n,
                       SortItem *order) {
    DType d = (DType)x->dtype;
    int64_t size = (int64_t)dtype_size(d);
    size_t bytes = 2 * (size_t)rows * sizeof *order;
    SortItem *keys = ctx_alloc(c, bytes);
    if (!keys) return false;
    for (int64_t column = n - 1; column >= 0; column--) {
        const char *first = (const char *)tensor_data(x) + column * size;
        sort_items_from(d, first, n * size, rows, false, keys);
        for (int64_t i = 0; i < rows; i++) order[i].key = keys[order[i].index].key;
        sort_items(order, keys + rows, rows);
    }
    ctx_free(c, keys, bytes);
    return true;
}

/* scratch: 2 n items. */
static bool rows_equal(const Tensor *x, int64_t a, int64_t b, int64_t n,
                       SortItem *scratch) {
    DType d = (DType)x->dtype;
    int64_t size = (int64_t)dtype_size(d);
    const char *data = tensor_data(x);
    sort_items_from(d, data + a * n * size, size, n, false, scratch);
    sort_items_from(d, data + b * n * size, size, n, false, scratch + n);
    for (int64_t i = 0; i < n; i++)
        if (scratch[i].key != scratch[n + i].key || sort_key_is_nan(d, scratch[i].key))
            return false;
    return true;
}

/* Runs of equal rows in this order: firsts[g] = the first row of run g, counts[g] its
 * length, inverse[row] = g. How many runs; -1 after raising. */
static int64_t group_rows(Ctx *c, const Tensor *x, int64_t rows, int64_t n,
                          const SortItem *order, int64_t *firsts, int64_t *counts,
                          int64_t *inverse) {
    int64_t group = -1;
    size_t bytes = 2 * (size_t)n * sizeof(SortItem);
    SortItem *scratch = ctx_alloc(c, bytes);
    if (!scratch) return -1;
    for (int64_t i = 0; i < rows; i++) {
        int64_t row = order[i].index;
        if (group < 0 || !rows_equal(x, firsts[group], row, n, scratch)) {
            firsts[++group] = row;
            counts[group] = 0;
        }
        counts[group]++;
        inverse[row] = group;
    }
    ctx_free(c, scratch, bytes);
    return group + 1;
}

/* Whether self can be cut along dim: no other dimension may be empty. */
static bool slices_check(Ctx *c, const Tensor *self, int dim) {
    int zeros = 0;
    for (int i = 0; i < self->ndim; i++) zeros += self->sizes[i] == 0;
    if (self->sizes[dim] == 0 && zeros == 1) return true;
    if (self->sizes[dim] != 0 && zeros == 0) return true;
    error_raise(c, RuntimeError,
                self->sizes[dim] == 0
                    ? "Number of zero sized dimensions is more than one, so unique "
                      "cannot be applied "
                    : "There are 0 sized dimensions, and they aren't selected, so "
                      "unique cannot be applied");
    return false;
}

/* The different slices of self along dim, sorted, or runs of equal ones. */
static Value unique_slices(Ctx *c, Tensor *self, int dim, bool sorted) {
    if (!slices_check(c, self, dim)) return value_null();
    int64_t rows = self->sizes[dim];
    Tensor *out[3] = {t_empty_like(c, self), empty_indices(c), empty_indices(c)};
    if (rows == 0) return return_tuple(c, NULL, 3, out);
    Tensor *x = t_contiguous(c, t_transpose(c, self, dim, 0));
    Tensor *firsts = tensor_make(c, DT_int64, 1, &rows);
    Tensor *inverse = tensor_make(c, DT_int64, 1, &rows);
    Tensor *counts = tensor_make(c, DT_int64, 1, &rows);
    size_t bytes = (size_t)rows * sizeof(SortItem);
    SortItem *order = ctx_failed(c) ? NULL : ctx_alloc(c, bytes);
    if (!order) return value_null();
    int64_t n = x->numel / rows, groups = -1;
    for (int64_t i = 0; i < rows; i++) order[i].index = i;
    if (!sorted || order_rows(c, x, rows, n, order))
        groups = group_rows(c, x, rows, n, order, tensor_data(firsts),
                            tensor_data(counts), tensor_data(inverse));
    ctx_free(c, order, bytes);
    if (groups < 0) return value_null();
    if (!tensor_set_geometry(c, firsts, 1, &groups, NULL, 0) ||
        !tensor_set_geometry(c, counts, 1, &groups, NULL, 0))
        return value_null();
    out[0] = t_transpose(c, t_index_select(c, x, 0, firsts), dim, 0);
    out[1] = inverse;
    out[2] = counts;
    return return_tuple(c, NULL, 3, out);
}

static Value unique_dim_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int dim = shape_size_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || dtype_refused(c, "unique_dim", DTYPES_HALF, (DType)self->dtype))
        return value_null();
    return unique_slices(c, self, dim, true);
}
static const OpDef op_unique_dim = {
    .schema = "unique_dim(Tensor self, int dim, bool sorted=True, bool "
              "return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, "
              "Tensor)",
    .doc = "The different slices along a dimension, where each slice is among them, "
           "how often each occurs.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .forward = unique_dim_forward,
    .backward = derivative_missing,
    .example = "torch.unique(m, dim=0)",
};

/* ---- unique_consecutive ---- */

/* Runs of equal elements: 1-d rows of one element each. */
static Value unique_runs(Ctx *c, Tensor *self, bool inverse, bool counts) {
    int64_t n = self->numel;
    Tensor *flat = t_reshape(c, self, 1, &n);
    if (n == 0 || !flat) {
        Tensor *out[3] = {flat ? t_empty_like(c, flat) : NULL, empty_indices(c),
                          empty_indices(c)};
        if (inverse) out[1] = tensor_make(c, DT_int64, self->ndim, self->sizes);
        return return_tuple(c, NULL, 3, out);
    }
    Value all = unique_slices(c, flat, 0, false);
    const Tuple *t = value_tuple(all);
    if (!t) return value_null();
    Tensor *out[3] = {value_tensor(t->items[0]), empty_indices(c), empty_indices(c)};
    if (inverse)
        out[1] = t_reshape(c, value_tensor(t->items[1]), self->ndim, self->sizes);
    if (counts) out[2] = value_tensor(t->items[2]);
    return return_tuple(c, NULL, 3, out);
}

static Value unique_consecutive_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    bool inverse = call_bool(k, 1), counts = call_bool(k, 2);
    DType d = (DType)self->dtype;
    /* One dimension has no slices but its elements. */
    bool whole = call_is_none(k, 3) || (self->ndim == 1 && call_int(k, 3) == 0);
    if (whole) {
        if (dtype_refused(c, "unique", DTYPES_HALF, d)) return value_null();
        return unique_runs(c, self, inverse, counts);
    }
    int dim = shape_size_dim(c, call_int(k, 3), self->ndim);
    if (dim < 0 || dtype_refused(c, "unique_dim", DTYPES_HALF, d)) return value_null();
    return unique_slices(c, self, dim, false);
}
static const OpDef op_unique_consecutive = {
    .schema = "unique_consecutive(Tensor self, bool return_inverse=False, bool "
              "return_counts=False, int? dim=None) -> (Tensor, Tensor, Tensor)",
    .doc = "The first of each run of equal elements, which run each element is in, how "
           "long each is.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .forward = unique_consecutive_forward,
    .backward = derivative_missing,
};

const OpDef *const unique_ops[] = {
    &op_unique2, &op_unique, &op_unique_dim, &op_unique_consecutive, NULL,
};
