/* What the order of elements gives: median, nanmedian, mode.
 *
 * Along one dimension of self [..., n, ...] -> values and indices [...] (the dimension
 * stays with size 1 when keepdim); without a dimension, over all elements -> [].
 * Sources: Sorting.cpp, ReduceOps.cpp, derivatives.yaml. */
#include "core/kernel/copy.h"
#include "core/kernel/sort.h"
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <math.h>

/* ---- rows ---- */

/* Chooses from n items the index of one; items is scratch space. */
typedef int64_t (*Choice)(SortItem *items, int64_t n);

static bool is_nan_key(const SortItem *item) {
    return item->key == UINT64_MAX;
}

/* The lower of the two middle elements. */
static int64_t choose_middle(SortItem *items, int64_t n) {
    return nth_index(items, n, (n - 1) / 2);
}

/* The first nan when there is one, else the lower of the two middle elements. */
static int64_t choose_median(SortItem *items, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (is_nan_key(&items[i])) return i;
    return choose_middle(items, n);
}

/* The median of what is not nan; nan is behind everything else in order. */
static int64_t choose_nanmedian(SortItem *items, int64_t n) {
    int64_t numbers = 0;
    for (int64_t i = 0; i < n; i++) numbers += !is_nan_key(&items[i]);
    return nth_index(items, n, numbers ? (numbers - 1) / 2 : 0);
}

/* The last of the elements that occur most often, the first of those as they are sorted
 * when keys beyond `last` are unequal to all. */
static int64_t most_frequent(SortItem *items, int64_t n, uint64_t last) {
    introsort_items(items, n, last);
    int64_t best = 0, most = 0, count = 0;
    for (int64_t i = 0; i < n; i++) {
        count++;
        bool equal = i + 1 < n && items[i].key == items[i + 1].key;
        if (equal && items[i].key <= last) continue;
        if (count > most) {
            most = count;
            best = items[i].index;
        }
        count = 0;
    }
    return best;
}

/* PyTorch compares with < and !=, as which nan is unlike anything. */
static int64_t choose_mode(SortItem *items, int64_t n) {
    return most_frequent(items, n, UINT64_MAX - 1);
}
static int64_t choose_integer_mode(SortItem *items, int64_t n) {
    return most_frequent(items, n, UINT64_MAX);
}

/* at[r] = the index that choice picks from row r of d elements. */
static bool choose_rows(Ctx *c, Choice choice, DType d, const char *rows,
                        int64_t n_rows, int64_t n, int64_t *at) {
    SortItem *items = ctx_alloc(c, (size_t)n * sizeof *items);
    if (!items) return false;
    /* The key of nan is that of the largest int64. */
    if (!dtype_is_floating(d))
        choice = choice == choose_mode ? choose_integer_mode : choose_middle;
    int64_t size = (int64_t)dtype_size(d);
    for (int64_t r = 0; r < n_rows; r++) {
        sort_items_from(d, rows + r * n * size, size, n, false, items);
        at[r] = choice(items, n);
    }
    ctx_free(c, items, (size_t)n * sizeof *items);
    return true;
}

/* out[r] = row r's element at[r] */
static void gather_rows(DType d, const char *rows, int64_t n_rows, int64_t n,
                        const int64_t *at, char *out) {
    size_t size = dtype_size(d);
    for (int64_t r = 0; r < n_rows; r++)
        cast_element(d, out + (size_t)r * size, d,
                     rows + (size_t)(r * n + at[r]) * size);
}

/* ---- forwards ---- */

static bool median_out_check(Ctx *c, const Call *k, const Tensor *self) {
    if (k->form != CALL_OUT) return true;
    const Tensor *values = k->target[0], *at = k->target[1];
    if (at->dtype != DT_int64)
        error_raise(c, RuntimeError,
                    "Expected tensor for argument #1 'indices' to have scalar type "
                    "Long; but got %s instead (while checking arguments for median)",
                    tensor_cpp_type(at));
    else if (values->dtype != self->dtype)
        error_raise(c, RuntimeError,
                    "Expected tensor for 'values' to have the same type as tensor for "
                    "argument #2 'self'; but type %s does not equal %s (while checking "
                    "arguments for median)",
                    tensor_cpp_type(values), tensor_cpp_type(self));
    return !ctx_failed(c);
}

static bool mode_out_check(Ctx *c, const Call *k, const Tensor *self) {
    const DType wanted[2] = {(DType)self->dtype, DT_int64};
    for (int i = 0; i < 2 && k->form == CALL_OUT; i++) {
        DType d = (DType)k->target[i]->dtype;
        if (d == wanted[i]) continue;
        error_raise(c, RuntimeError,
                    "expected scalar type '%s' but got '%s' for %s output",
                    dtype_scalar_name(wanted[i]), dtype_scalar_name(d),
                    i ? "indices" : "values");
        return false;
    }
    return true;
}

/* Values and indices along the dimension that argument 1 names, keepdim in 2. */
static Value along(Ctx *c, Call *k, const TupleKind *kind, const char *name,
                   unsigned refused, Choice choice) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    if (choice == choose_mode && !mode_out_check(c, k, self)) return value_null();
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    Reduction r;
    if (dim < 0 || !nonzero_dim(c, name, self, dim) ||
        !reduction_from_call(c, k, 1, call_bool(k, 2), &r) ||
        (choice != choose_mode && !median_out_check(c, k, self)))
        return value_null();
    for (int i = 0; i < 2 && choice == choose_mode; i++)
        if (!reduction_out_resize(c, k, i, self, dim, call_bool(k, 2), true))
            return value_null();
    Tensor *values = call_result(c, k, 0, d, r.shape.ndim, r.shape.dims);
    Tensor *at =
        values ? call_result(c, k, 1, DT_int64, r.shape.ndim, r.shape.dims) : NULL;
    if (!at || dtype_refused(c, "median_out", refused, d)) return value_null();
    Tensor *rows = reduction_rows(c, self, &r, d);
    if (!rows ||
        !choose_rows(c, choice, d, tensor_data(rows), r.rows, r.n, tensor_data(at)))
        return value_null();
    gather_rows(d, tensor_data(rows), r.rows, r.n, tensor_data(at),
                tensor_data(values));
    return return_tuple(c, kind, 2, (Tensor *[]){values, at});
}

/* One value of all elements; nan (made an integer where need be) when there are none.
 */
static Value of_all(Ctx *c, Call *k, Choice choice) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    Tensor *r = call_result(c, k, 0, d, 0, NULL);
    double nan = NAN;
    int64_t at;
    if (!r) return value_null();
    cast_element(d, tensor_data(r), DT_float64, &nan);
    if (self->numel == 0) return value_obj(r);
    if (dtype_refused(c, "median_cpu", DTYPES_BOOL | DTYPES_HALF, d))
        return value_null();
    self = t_contiguous(c, self);
    if (!self || !choose_rows(c, choice, d, tensor_data(self), 1, self->numel, &at))
        return value_null();
    gather_rows(d, tensor_data(self), 1, self->numel, &at, tensor_data(r));
    return value_obj(r);
}

/* ---- median, nanmedian ---- */

static const char *const value_fields[] = {"values", "indices", NULL};
RETURN_KIND(median, value_fields)
RETURN_KIND(nanmedian, value_fields)
RETURN_KIND(mode, value_fields)

static Value median_forward(Ctx *c, Call *k) {
    return of_all(c, k, choose_median);
}
static const OpDef op_median = {
    .schema = "median(Tensor self) -> Tensor",
    .doc = "The median of all elements, the lower one of two.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self result",
    .forward = median_forward,
    .backward = extreme_backward,
};
static Value median_dim_forward(Ctx *c, Call *k) {
    return along(c, k, &median_kind, "median", DTYPES_BOOL | DTYPES_HALF,
                 choose_median);
}
static const OpDef op_median_dim = {
    .schema = "median.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, "
              "Tensor indices)",
    .doc = "Medians of a dimension and where they are.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self.sizes dim keepdim result1",
    .node = "MedianBackward1",
    .forward = median_dim_forward,
    .backward = chosen_backward,
};
static const OpDef op_median_names = {
    .schema = "median.names_dim(Tensor self, Dimname dim, bool keepdim=False) -> "
              "(Tensor values, Tensor indices)",
    .forms = OP_USUAL,
};

static Value nanmedian_forward(Ctx *c, Call *k) {
    return of_all(c, k, choose_nanmedian);
}
static const OpDef op_nanmedian = {
    .schema = "nanmedian(Tensor self) -> Tensor",
    .doc = "The median of the elements that are not nan.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self result",
    .forward = nanmedian_forward,
    .backward = extreme_backward,
};
static Value nanmedian_dim_forward(Ctx *c, Call *k) {
    return along(c, k, &nanmedian_kind, "median", DTYPES_BOOL | DTYPES_HALF,
                 choose_nanmedian);
}
static const OpDef op_nanmedian_dim = {
    .schema = "nanmedian.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor "
              "values, Tensor indices)",
    .doc = "Medians of what is not nan along a dimension, and where they are.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self.sizes dim keepdim result1",
    .node = "NanmedianBackward1",
    .forward = nanmedian_dim_forward,
    .backward = chosen_backward,
};
static const OpDef op_nanmedian_names = {
    .schema = "nanmedian.names_dim(Tensor self, Dimname dim, bool keepdim=False) -> "
              "(Tensor values, Tensor indices)",
    .forms = OP_USUAL,
};

/* ---- mode ---- */

static Value mode_forward(Ctx *c, Call *k) {
    return along(c, k, &mode_kind, "mode", 0, choose_mode);
}
static const OpDef op_mode = {
    .schema = "mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, "
              "Tensor indices)",
    .doc = "The most frequent elements of a dimension and where one of them is.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self.sizes dim keepdim result1",
    .forward = mode_forward,
    .backward = chosen_backward,
};
static const OpDef op_mode_name = {
    .schema = "mode.dimname(Tensor self, Dimname dim, bool keepdim=False) -> (Tensor "
              "values, Tensor indices)",
    .forms = OP_USUAL,
};

const OpDef *const order_ops[] = {
    &op_median,    &op_median_dim,    &op_median_names,
    &op_nanmedian, &op_nanmedian_dim, &op_nanmedian_names,
    &op_mode,      &op_mode_name,     NULL,
};
