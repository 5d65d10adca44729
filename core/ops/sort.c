/* Elements in order: sort, argsort, msort, topk, kthvalue.
 *
 * Along one dimension of self [..., n, ...] -> values and indices [..., m, ...].  Equal
 * elements come in the order in which PyTorch's algorithms leave them (kernel/sort.h).
 * Sources: Sorting.cpp, SortingKernel.cpp, derivatives.yaml. */
#include "core/kernel/sort.h"
#include "core/kernel/copy.h"
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

static const char *const value_fields[] = {"values", "indices", NULL};

/* ---- rows ---- */

/* What is wanted of each row. */
typedef struct Picking {
    bool descending, stable, sorted;
    int64_t k;
    int64_t count; /* items that `arrange` brings to the front */
    void (*arrange)(SortItem *items, SortItem *scratch, int64_t n,
                    const struct Picking *p);
} Picking;

static void arrange_all(SortItem *items, SortItem *scratch, int64_t n,
                        const Picking *p) {
    if (p->stable)
        sort_items(items, scratch, n);
    else
        introsort_items(items, n, UINT64_MAX);
}

static void arrange_top(SortItem *items, SortItem *scratch, int64_t n,
                        const Picking *p) {
    (void)scratch;
    top_items(items, n, p->k, p->sorted);
}

static void arrange_kth(SortItem *items, SortItem *scratch, int64_t n,
                        const Picking *p) {
    (void)scratch;
    quickselect_item(items, n, p->k - 1);
    items[0] = items[p->k - 1];
}

/* values, at [rows, count] from x [rows, n], all contiguous. */
static bool pick_rows(Ctx *c, const Picking *p, const Tensor *x, int64_t rows,
                      int64_t n, char *values, int64_t *at) {
    DType d = (DType)x->dtype;
    int64_t size = (int64_t)dtype_size(d);
    SortItem *items = ctx_alloc(c, 2 * (size_t)n * sizeof *items);
    if (!items) return false;
    const char *row = tensor_data(x);
    for (int64_t r = 0; r < rows; r++, row += n * size) {
        sort_items_from(d, row, size, n, p->descending, items);
        p->arrange(items, items + n, n, p);
        for (int64_t i = 0; i < p->count; i++, values += size) {
            *at++ = items[i].index;
            cast_element(d, values, d, row + items[i].index * size);
        }
    }
    ctx_free(c, items, 2 * (size_t)n * sizeof *items);
    return true;
}

/* Fills the results, whose dimension dim has size p->count, from self. */
static bool pick(Ctx *c, Tensor *self, int dim, const Picking *p, Tensor *values,
                 Tensor *at) {
    if (ctx_failed(c)) return false;
    int64_t n = self->ndim ? self->sizes[dim] : 1;
    if (values->numel == 0) return true;
    Tensor *last = tensor_dim_last(c, values, dim),
           *at_last = tensor_dim_last(c, at, dim);
    Tensor *x = t_contiguous(c, tensor_dim_last(c, self, dim));
    if (!x || !last || !at_last) return false;
    Tensor *v = tensor_make(c, (DType)self->dtype, last->ndim, last->sizes);
    Tensor *i = v ? tensor_make(c, DT_int64, last->ndim, last->sizes) : NULL;
    if (!i || !pick_rows(c, p, x, self->numel / n, n, tensor_data(v), tensor_data(i)))
        return false;
    tensor_copy(last, v);
    tensor_copy(at_last, i);
    return true;
}

/* ---- sort ---- */

RETURN_KIND(sort, value_fields)

/* Saves: self.sizes, dim, indices. */
static void sort_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *index = saved_tensor(c, g, 2);
    if (!g->grad || !index) return;
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0, t_scatter_(c, zeros, saved_int(g, 1), index, g->grad));
}

/* self -> values, indices of the same shape. */
static Value sorted(Ctx *c, Call *k, bool stable, int64_t dim_arg, bool descending) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    int dim = shape_wrap_dim(c, dim_arg, self->ndim);
    if (dim < 0) return value_null();
    Tensor *values = call_result_like(c, k, 0, d, self);
    Tensor *at = values ? call_result_like(c, k, 1, DT_int64, self) : NULL;
    Picking p = {.descending = descending,
                 .stable = stable,
                 .count = self->ndim ? self->sizes[dim] : 1,
                 .arrange = arrange_all};
    if (!at || !pick(c, self, dim, &p, values, at)) return value_null();
    return return_tuple(c, &sort_kind, 2, (Tensor *[]){values, at});
}

static Value sort_stable_forward(Ctx *c, Call *k) {
    if (call_is_none(k, 1))
        return value_raise(c, RuntimeError,
                           "stable.has_value() INTERNAL ASSERT FAILED at "
                           "\"./aten/src/ATen/native/Sorting.cpp\":42, please report a "
                           "bug to PyTorch. "
                           "sort(): c10::optional<bool> for stable has to have value.");
    return sorted(c, k, call_bool(k, 1), call_int(k, 2), call_bool(k, 3));
}
static const OpDef op_sort_stable = {
    .schema = "sort.stable(Tensor self, *, bool? stable, int dim=-1, bool "
              "descending=False) -> (Tensor values, Tensor indices)",
    .doc = "The elements of a dimension in order and where they were; equal ones keep "
           "their order.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self.sizes dim result1",
    .node = "SortBackward1",
    .forward = sort_stable_forward,
    .backward = sort_backward,
};
static Value sort_forward(Ctx *c, Call *k) {
    return sorted(c, k, false, call_int(k, 1), call_bool(k, 2));
}
static const OpDef op_sort = {
    .schema = "sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, "
              "Tensor indices)",
    .doc = "The elements of a dimension in order and where they were.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self.sizes dim result1",
    .forward = sort_forward,
    .backward = sort_backward,
};
static const OpDef op_sort_name_stable = {
    .schema = "sort.dimname_stable(Tensor self, *, bool? stable, Dimname dim, bool "
              "descending=False) -> (Tensor values, Tensor indices)",
    .forms = OP_USUAL,
};
static const OpDef op_sort_name = {
    .schema =
        "sort.dimname(Tensor self, Dimname dim, bool descending=False) -> (Tensor "
        "values, Tensor indices)",
    .forms = OP_USUAL,
};

Value t_sort(Ctx *c, Tensor *self, int64_t dim, bool descending) {
    return op_call(c, &op_sort,
                   (Value[]){arg_tensor(self), value_int(dim), value_bool(descending)});
}

/* Result nr, 0 or 1, of the sort that was made. */
static Value sort_result(Value pair, int nr) {
    const Tuple *t = value_tuple(pair);
    return t ? t->items[nr] : value_null();
}

/* ---- argsort, msort ---- */

static Value argsort_stable_forward(Ctx *c, Call *k) {
    return sort_result(op_call(c, &op_sort_stable, k->args), 1);
}
static const OpDef op_argsort_stable = {
    .schema = "argsort.stable(Tensor self, *, bool stable, int dim=-1, bool "
              "descending=False) -> Tensor",
    .doc = "Where the elements of a dimension are, in order; equal ones keep theirs.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = argsort_stable_forward,
};
static Value argsort_forward(Ctx *c, Call *k) {
    return sort_result(op_call(c, &op_sort, k->args), 1);
}
static const OpDef op_argsort = {
    .schema = "argsort(Tensor self, int dim=-1, bool descending=False) -> Tensor",
    .doc = "Where the elements of a dimension are, in order.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = argsort_forward,
};
static const OpDef op_argsort_name = {
    .schema = "argsort.dimname(Tensor self, Dimname dim, bool descending=False) -> "
              "Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};

static Value msort_forward(Ctx *c, Call *k) {
    Value args[] = {k->args[0], value_int(0), value_bool(false)};
    if (k->form != CALL_OUT) return sort_result(op_call(c, &op_sort, args), 0);
    int64_t none = 0;
    Tensor *out[2] = {k->target[0], tensor_make(c, DT_int64, 1, &none)};
    return out[1] ? sort_result(op_call_out(c, &op_sort, args, out, 2), 0)
                  : value_null();
}
static const OpDef op_msort = {
    .schema = "msort(Tensor self) -> Tensor",
    .doc = "The elements of the first dimension in order.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = msort_forward,
};

/* ---- topk ---- */

RETURN_KIND(topk, value_fields)

static Value topk_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    int64_t count = call_int(k, 1);
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0) return value_null();
    Shape s = tensor_shape(self);
    if (count < 0 || count > (s.ndim ? s.dims[dim] : 1))
        return value_raise(c, RuntimeError, "selected index k out of range");
    if (s.ndim == 0)
        count = 1;
    else
        s.dims[dim] = count;
    Tensor *values = call_result(c, k, 0, d, s.ndim, s.dims);
    Tensor *at = values ? call_result(c, k, 1, DT_int64, s.ndim, s.dims) : NULL;
    if (!at || (s.ndim && dtype_refused(c, "topk_cpu", DTYPES_BOOL | DTYPES_HALF, d)))
        return value_null();
    Picking p = {.descending = call_bool(k, 3),
                 .sorted = call_bool(k, 4),
                 .k = count,
                 .count = count,
                 .arrange = arrange_top};
    if (!pick(c, self, dim, &p, values, at)) return value_null();
    return return_tuple(c, &topk_kind, 2, (Tensor *[]){values, at});
}
static const OpDef op_topk = {
    .schema = "topk(Tensor self, int k, int dim=-1, bool largest=True, bool "
              "sorted=True) -> (Tensor values, Tensor indices)",
    .doc = "The k largest or smallest elements of a dimension and where they were.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self.sizes dim result1",
    .forward = topk_forward,
    .backward = sort_backward,
};

/* ---- kthvalue ---- */

RETURN_KIND(kthvalue, value_fields)

/* Each out= is looked at when it is its turn. */
static bool kthvalue_prepare(Ctx *c, const Call *k, const Tensor *self, int dim) {
    const DType wanted[2] = {(DType)self->dtype, DT_int64};
    for (int i = 0; i < 2 && k->form == CALL_OUT; i++) {
        if ((DType)k->target[i]->dtype != wanted[i]) {
            error_raise(c, RuntimeError,
                        i ? "output indices must be of scalar type Long"
                          : "output values must be of same type as input");
            return false;
        }
        bool opened = k->target[i]->ndim == self->ndim - 1;
        if (!reduction_out_resize(c, k, i, self, dim, call_bool(k, 3), opened))
            return false;
    }
    return true;
}

static Value kthvalue_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    int64_t nth = call_int(k, 1), dim_arg = call_int(k, 2);
    int dim = shape_wrap_dim(c, dim_arg, self->ndim);
    Reduction r;
    if (dim < 0 || !nonzero_dim(c, "kthvalue", self, dim)) return value_null();
    if (nth < 1 || nth > (self->ndim ? self->sizes[dim] : 1))
        return value_raise(c, RuntimeError,
                           "kthvalue(): selected number k out of range for dimension "
                           "%d",
                           dim);
    if (!kthvalue_prepare(c, k, self, dim) ||
        !reduction_plan(c, self, 1, &dim_arg, call_bool(k, 3), &r))
        return value_null();
    Tensor *values = call_result(c, k, 0, d, r.shape.ndim, r.shape.dims);
    Tensor *at =
        values ? call_result(c, k, 1, DT_int64, r.shape.ndim, r.shape.dims) : NULL;
    if (!at ||
        (self->ndim && dtype_refused(c, "kthvalue_cpu", DTYPES_BOOL | DTYPES_HALF, d)))
        return value_null();
    Tensor *rows = reduction_rows(c, self, &r, d);
    Picking p = {.k = nth, .count = 1, .arrange = arrange_kth};
    if (!rows ||
        !pick_rows(c, &p, rows, r.rows, r.n, tensor_data(values), tensor_data(at)))
        return value_null();
    return return_tuple(c, &kthvalue_kind, 2, (Tensor *[]){values, at});
}
static const OpDef op_kthvalue = {
    .schema = "kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor "
              "values, Tensor indices)",
    .doc = "The k-th smallest element of a dimension and where it was.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self.sizes dim keepdim result1",
    .forward = kthvalue_forward,
    .backward = chosen_backward,
};
static const OpDef op_kthvalue_name = {
    .schema =
        "kthvalue.dimname(Tensor self, int k, Dimname dim, bool keepdim=False) -> "
        "(Tensor values, Tensor indices)",
    .forms = OP_USUAL,
};

const OpDef *const sort_ops[] = {
    &op_sort_stable,    &op_sort,     &op_sort_name_stable, &op_sort_name,
    &op_argsort_stable, &op_argsort,  &op_argsort_name,     &op_msort,
    &op_topk,           &op_kthvalue, &op_kthvalue_name,    NULL,
};
