/* Putting tensors together: cat, stack, hstack and friends, block_diag.
 * Sources: TensorShape.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- cat ---- */

/* A 1-d tensor without elements is skipped, whatever the others look like. */
static bool is_skipped(const Tensor *t) {
    return t->ndim == 1 && t->sizes[0] == 0;
}

static bool cat_check(Ctx *c, const Call *k, size_t n, const Tensor **model,
                      DType *dtype) {
    *model = NULL;
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = call_list_tensor(k, 0, i);
        if (t->ndim == 0) {
            error_raise(
                c, RuntimeError,
                "zero-dimensional tensor (at position %zu) cannot be concatenated", i);
            return false;
        }
        *dtype = i ? dtype_promote(*dtype, (DType)t->dtype) : (DType)t->dtype;
        if (!*model && !is_skipped(t)) *model = t;
    }
    return true;
}

static bool cat_part_fits(Ctx *c, const Tensor *model, const Tensor *t, int dim,
                          size_t i) {
    if (t->ndim != model->ndim) {
        error_raise(c, RuntimeError,
                    "Tensors must have same number of dimensions: got %d and %d",
                    model->ndim, t->ndim);
        return false;
    }
    for (int d = 0; d < t->ndim; d++) {
        if (d == dim || t->sizes[d] == model->sizes[d]) continue;
        error_raise(
            c, RuntimeError,
            "Sizes of tensors must match except in dimension %d. Expected size %" PRId64
            " but got size %" PRId64 " for tensor number %zu in the list.",
            dim, model->sizes[d], t->sizes[d], i);
        return false;
    }
    return true;
}

static bool cat_out_holds(Ctx *c, const Call *k, DType dtype) {
    if (k->form != CALL_OUT || dtype_can_cast(dtype, (DType)k->target[0]->dtype))
        return true;
    error_raise(c, RuntimeError,
                "torch.cat(): input types can't be cast to the desired output type %s",
                dtype_scalar_name((DType)k->target[0]->dtype));
    return false;
}

/* Tensors [..., n_i, ...] that agree but for dimension dim -> [..., sum n_i, ...]. */
static Value cat_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    const Tensor *model;
    DType dtype = c->default_dtype;
    if (n == 0)
        return value_raise(c, RuntimeError,
                           "torch.cat(): expected a non-empty list of Tensors");
    if (!cat_check(c, k, n, &model, &dtype)) return value_null();
    const Tensor *first = call_list_tensor(k, 0, 0);
    int dim = shape_wrap_dim(c, call_int(k, 1), model ? model->ndim : first->ndim);
    if (dim < 0 || !cat_out_holds(c, k, dtype)) return value_null();
    Shape s = tensor_shape(model ? model : first);
    s.dims[dim] = 0;
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = call_list_tensor(k, 0, i);
        if (is_skipped(t)) continue;
        if (!cat_part_fits(c, model, t, dim, i)) return value_null();
        s.dims[dim] += t->sizes[dim];
    }
    Tensor *r = call_result(c, k, 0, dtype, s.ndim, s.dims);
    if (!r) return value_null();
    int64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        Tensor *t = call_list_tensor(k, 0, i);
        if (is_skipped(t)) continue;
        Tensor *part = tensor_alias(c, r, t->ndim, t->sizes, r->strides,
                                    r->offset + at * r->strides[dim]);
        if (!part) return value_null();
        tensor_copy(part, t);
        at += t->sizes[dim];
    }
    return value_obj(r);
}

/* The sizes of tensor i of the list, as saved by "tensors.shape"; ndim. */
static int list_sizes(const Grad *g, size_t entry, size_t i, int64_t *out) {
    const Tuple *all = value_tuple(saved_value(g, entry));
    const Tuple *one = value_tuple(all->items[i]);
    for (size_t d = 0; d < one->n; d++) out[d] = one->items[d].as.i;
    return (int)one->n;
}

static void cat_backward(Ctx *c, Grad *g) {
    int64_t at = 0, sizes[MAX_DIMS], dim = saved_int(g, 0);
    if (dim < 0) dim += g->grad->ndim;
    for (size_t i = 0; i < g->n_inputs; i++) {
        int ndim = list_sizes(g, 1, i, sizes);
        bool skipped = ndim == 1 && sizes[0] == 0;
        int64_t length = skipped ? 0 : sizes[dim];
        if (grad_wanted(g, i))
            grad_set(g, i,
                     skipped ? t_zeros(c, 1, sizes, (DType)g->grad->dtype)
                             : t_slice(c, g->grad, dim, at, at + length, 1));
        at += length;
    }
}

static const OpDef op_cat = {
    .schema = "cat(Tensor[] tensors, int dim=0) -> Tensor",
    .doc = "Tensors one after the other along a dimension.",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "dim tensors.shape",
    .forward = cat_forward,
    .backward = cat_backward,
};
static const OpDef op_cat_names = {
    .schema = "cat.names(Tensor[] tensors, Dimname dim) -> Tensor",
    .forms = OP_FUNCTION | OP_OUT,
};

Tensor *t_cat(Ctx *c, Value tensors, int64_t dim) {
    return op_tensor(c, &op_cat, (Value[]){tensors, value_int(dim)});
}
Tensor *t_cat_pair(Ctx *c, Tensor *a, Tensor *b, int64_t dim) {
    return t_cat(c, return_tuple(c, NULL, 2, (Tensor *[]){a, b}), dim);
}

/* cat along dim, into out= where there is one. */
static Value cat_into(Ctx *c, Call *k, Value list, int64_t dim) {
    if (ctx_failed(c)) return value_null();
    Value args[2] = {list, value_int(dim)};
    if (k->form == CALL_OUT) return op_call_out(c, &op_cat, args, k->target, 1);
    return op_call(c, &op_cat, args);
}

/* concat, concatenate: other names of cat. */
static Value concat_forward(Ctx *c, Call *k) {
    return cat_into(c, k, k->args[0], call_int(k, 1));
}
static const OpDef op_concat = {
    .schema = "concat(Tensor[] tensors, int dim=0) -> Tensor",
    .doc = "Another name of cat.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .out_name = "cat",
    .forward = concat_forward,
};
static const OpDef op_concat_names = {
    .schema = "concat.names(Tensor[] tensors, Dimname dim) -> Tensor",
    .forms = OP_FUNCTION | OP_OUT,
};
static const OpDef op_concatenate = {
    .schema = "concatenate(Tensor[] tensors, int dim=0) -> Tensor",
    .doc = "Another name of cat.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .out_name = "cat",
    .forward = concat_forward,
};
static const OpDef op_concatenate_names = {
    .schema = "concatenate.names(Tensor[] tensors, Dimname dim) -> Tensor",
    .forms = OP_FUNCTION | OP_OUT,
};

/* ---- stack ---- */

/* n tensors [...] -> [..., n, ...], the new dimension at dim. */
static Value stack_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    if (n == 0)
        return value_raise(c, RuntimeError, "stack expects a non-empty TensorList");
    const Tensor *first = call_list_tensor(k, 0, 0);
    DType dtype = (DType)first->dtype;
    int dim = shape_wrap_dim(c, call_int(k, 1), first->ndim + 1);
    if (dim < 0) return value_null();
    for (size_t i = 1; i < n; i++) {
        const Tensor *t = call_list_tensor(k, 0, i);
        if (!tensor_same_sizes(first, t))
            return value_raise(c, RuntimeError,
                               "stack expects each tensor to be equal size, but got %s "
                               "at entry 0 and %s at entry %zu",
                               shape_text(c, first), shape_text(c, t), i);
        dtype = dtype_promote(dtype, (DType)t->dtype);
    }
    if (!cat_out_holds(c, k, dtype)) return value_null();
    Shape s = {.ndim = first->ndim + 1};
    for (int d = 0; d < s.ndim; d++)
        s.dims[d] = d == dim ? (int64_t)n : first->sizes[d < dim ? d : d - 1];
    Tensor *r = call_result(c, k, 0, dtype, s.ndim, s.dims);
    for (size_t i = 0; r && i < n; i++) {
        Tensor *part = t_select(c, r, dim, (int64_t)i);
        if (!part) return value_null();
        tensor_copy(part, call_list_tensor(k, 0, i));
    }
    return value_obj(r);
}
static void stack_backward(Ctx *c, Grad *g) {
    for (size_t i = 0; i < g->n_inputs; i++)
        if (grad_wanted(g, i))
            grad_set(g, i, t_select(c, g->grad, saved_int(g, 0), (int64_t)i));
}
static const OpDef op_stack = {
    .schema = "stack(Tensor[] tensors, int dim=0) -> Tensor",
    .doc = "Tensors of one shape side by side in a new dimension.",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "dim",
    .forward = stack_forward,
    .backward = stack_backward,
};
Tensor *t_stack(Ctx *c, Value tensors, int64_t dim) {
    return op_tensor(c, &op_stack, (Value[]){tensors, value_int(dim)});
}

/* ---- hstack, vstack, dstack, column_stack ---- */

/* The tensors of the list, each with at least ndim dimensions. */
static Value list_at_least(Ctx *c, const Call *k, int ndim) {
    size_t n = call_list_len(k, 0);
    Value list = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++)
        if (!tensor_tuple_put(c, list, i,
                              t_atleast(c, call_list_tensor(k, 0, i), ndim)))
            return value_null();
    return list;
}

static bool some_tensors(Ctx *c, const Call *k) {
    if (call_list_len(k, 0)) return true;
    error_raise(c, RuntimeError, "%.*s expects a non-empty TensorList",
                k->op->schema.base_len, k->op->def->schema);
    return false;
}

/* Vectors one after the other, everything else side by side in columns. */
static Value hstack_list(Ctx *c, Call *k, Value list) {
    const Value *items;
    size_t n;
    if (!value_items(list, &items, &n)) return value_null();
    return cat_into(c, k, list, value_tensor(items[0])->ndim == 1 ? 0 : 1);
}
static Value hstack_forward(Ctx *c, Call *k) {
    if (!some_tensors(c, k)) return value_null();
    return hstack_list(c, k, list_at_least(c, k, 1));
}
static const OpDef op_hstack = {
    .schema = "hstack(Tensor[] tensors) -> Tensor",
    .doc = "Tensors side by side: vectors in one row, others by their columns.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = hstack_forward,
};

static Value vstack_forward(Ctx *c, Call *k) {
    if (!some_tensors(c, k)) return value_null();
    return cat_into(c, k, list_at_least(c, k, 2), 0);
}
static const OpDef op_vstack = {
    .schema = "vstack(Tensor[] tensors) -> Tensor",
    .doc = "Tensors on top of each other; a vector is a row.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = vstack_forward,
};
static const OpDef op_row_stack = {
    .schema = "row_stack(Tensor[] tensors) -> Tensor",
    .doc = "Another name of vstack.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_vstack,
};

static Value dstack_forward(Ctx *c, Call *k) {
    if (!some_tensors(c, k)) return value_null();
    return cat_into(c, k, list_at_least(c, k, 3), 2);
}
static const OpDef op_dstack = {
    .schema = "dstack(Tensor[] tensors) -> Tensor",
    .doc = "Tensors behind each other, along the third dimension.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = dstack_forward,
};

static Value column_stack_forward(Ctx *c, Call *k) {
    if (!some_tensors(c, k)) return value_null();
    size_t n = call_list_len(k, 0);
    Value list = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++) {
        Tensor *t = call_list_tensor(k, 0, i);
        if (t->ndim <= 1) t = t_reshape(c, t, 2, (int64_t[]){t->numel, 1});
        if (!tensor_tuple_put(c, list, i, t)) return value_null();
    }
    return hstack_list(c, k, list);
}
static const OpDef op_column_stack = {
    .schema = "column_stack(Tensor[] tensors) -> Tensor",
    .doc = "Tensors side by side; a vector is a column.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = column_stack_forward,
};

/* ---- block_diag ---- */

/* How many rows and columns a part of a block diagonal has: a vector is a row. */
static void block_size(int ndim, const int64_t *sizes, int64_t out[2]) {
    out[0] = ndim == 2 ? sizes[0] : 1;
    out[1] = ndim == 0 ? 1 : sizes[ndim - 1];
}

/* The result_type of the tensors of the list. */
static bool list_result_type(Ctx *c, const Call *k, DType *dtype) {
    size_t n = call_list_len(k, 0);
    Tensor **all = ctx_alloc(c, n * sizeof *all);
    if (!all) return false;
    for (size_t i = 0; i < n; i++) all[i] = call_list_tensor(k, 0, i);
    *dtype = result_type(c, (int)n, all);
    ctx_free(c, all, n * sizeof *all);
    return true;
}

static bool block_diag_plan(Ctx *c, const Call *k, DType *dtype, int64_t total[2]) {
    size_t n = call_list_len(k, 0);
    total[0] = total[1] = 0;
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = call_list_tensor(k, 0, i);
        int64_t block[2];
        if (t->ndim > 2) {
            error_raise(c, RuntimeError,
                        "torch.block_diag: Input tensors must have 2 or fewer "
                        "dimensions. Input %zu has %d dimensions",
                        i, t->ndim);
            return false;
        }
        block_size(t->ndim, t->sizes, block);
        total[0] += block[0];
        total[1] += block[1];
    }
    return list_result_type(c, k, dtype);
}

/* Zeros with the tensors, of up to 2 dimensions, along the diagonal. */
static Value block_diag_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    int64_t total[2], at[2] = {0, 0}, block[2];
    DType dtype;
    if (n == 0) return value_obj(t_zeros(c, 2, (int64_t[]){1, 0}, c->default_dtype));
    if (!block_diag_plan(c, k, &dtype, total)) return value_null();
    Tensor *r = t_zeros(c, 2, total, dtype);
    for (size_t i = 0; r && i < n; i++) {
        const Tensor *t = call_list_tensor(k, 0, i);
        block_size(t->ndim, t->sizes, block);
        tensor_copy(tensor_alias(c, r, 2, block, r->strides,
                                 at[0] * r->strides[0] + at[1] * r->strides[1]),
                    t);
        at[0] += block[0];
        at[1] += block[1];
    }
    return value_obj(ctx_failed(c) ? NULL : r);
}
static void block_diag_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS], at[2] = {0, 0}, block[2];
    for (size_t i = 0; i < g->n_inputs; i++) {
        int ndim = list_sizes(g, 0, i, sizes);
        bool empty = ndim == 1 && sizes[0] == 0;
        block_size(ndim, sizes, block);
        if (empty) {
            grad_set(g, i, t_zeros(c, 1, sizes, (DType)g->grad->dtype));
            continue;
        }
        Tensor *t = t_slice(c, g->grad, 0, at[0], at[0] + block[0], 1);
        t = t_slice(c, t, 1, at[1], at[1] + block[1], 1);
        for (int d = ndim; d < 2; d++) t = t_squeeze(c, t, -1);
        grad_set(g, i, t);
        at[0] += block[0];
        at[1] += block[1];
    }
}
static const OpDef op_block_diag = {
    .schema = "block_diag(Tensor[] tensors) -> Tensor",
    .doc = "Zeros with matrices along the diagonal; a vector is a row.",
    .forms = OP_FUNCTION,
    .saves = "tensors.shape",
    .forward = block_diag_forward,
    .backward = block_diag_backward,
    .example = "torch.block_diag(m, v)",
};

const OpDef *const join_ops[] = {
    &op_cat,         &op_cat_names,
    &op_concat,      &op_concat_names,
    &op_concatenate, &op_concatenate_names,
    &op_stack,       &op_hstack,
    &op_vstack,      &op_row_stack,
    &op_dstack,      &op_column_stack,
    &op_block_diag,  NULL,
};
