/* Putting tensors together (cat, stack and friends) and taking them apart (split,
 * chunk, unbind and friends).  Sources: TensorShape.cpp, derivatives.yaml. */
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
    if (dim < 0) return value_null();
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

/* The sizes of tensor i of the list, as saved by "tensors.sizes"; ndim. */
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
    .saves = "dim tensors.sizes",
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

/* concat, concatenate: other names of cat. */
static Value concat_forward(Ctx *c, Call *k) {
    return op_call(c, &op_cat, k->args);
}
static const OpDef op_concat = {
    .schema = "concat(Tensor[] tensors, int dim=0) -> Tensor",
    .doc = "Another name of cat.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
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
    const Value *parts;
    size_t n;
    Value all = t_unbind(c, g->grad, saved_int(g, 0));
    if (!value_items(all, &parts, &n)) return;
    for (size_t i = 0; i < n && i < g->n_inputs; i++)
        if (grad_wanted(g, i)) grad_set(g, i, value_tensor(parts[i]));
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

/* ---- unbind, split ---- */

static Value parts_tuple(Ctx *c, size_t n) {
    return value_obj(pool_add(c, tuple_new(c, NULL, n, NULL)));
}

static Value unbind_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim == 0)
        return value_raise(c, IndexError,
                           "Dimension specified as %" PRId64
                           " but tensor has no dimensions",
                           call_int(k, 1));
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    Value parts = parts_tuple(c, (size_t)self->sizes[dim]);
    for (int64_t i = 0; !value_is_null(parts) && i < self->sizes[dim]; i++) {
        Tensor *t = t_select(c, self, dim, i);
        if (!t) return value_null();
        value_set(c, &value_tuple(parts)->items[i], arg_tensor(t));
    }
    return parts;
}

/* The gradients of all parts; zeros of the shape of part i where there is none. */
static Value whole_grads(Ctx *c, Grad *g) {
    Value list = parts_tuple(c, g->n);
    for (size_t i = 0; !value_is_null(list) && i < g->n; i++) {
        const OutputMeta *m = &g->node->outputs[i];
        Tensor *t =
            g->grads[i] ? g->grads[i] : t_zeros(c, m->ndim, m->sizes, (DType)m->dtype);
        if (!t) return value_null();
        value_set(c, &value_tuple(list)->items[i], arg_tensor(t));
    }
    return list;
}

static void unbind_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_stack(c, whole_grads(c, g), saved_int(g, 0)));
}
static const OpDef op_unbind = {
    .schema = "unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]",
    .doc = "The parts of self along a dimension, as a tuple of views.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "dim",
    .forward = unbind_forward,
    .backward = unbind_backward,
};
static const OpDef op_unbind_name = {
    .schema = "unbind.Dimname(Tensor(a -> *) self, Dimname dim) -> Tensor(a)[]",
    .forms = OP_FUNCTION | OP_METHOD,
};
Value t_unbind(Ctx *c, Tensor *self, int64_t dim) {
    return op_call(c, &op_unbind, (Value[]){arg_tensor(self), value_int(dim)});
}

/* Views of self from each start to the next along dim. */
static Value slices_at(Ctx *c, Tensor *self, int dim, const int64_t *lengths,
                       size_t n) {
    Value parts = parts_tuple(c, n);
    int64_t at = 0;
    for (size_t i = 0; !value_is_null(parts) && i < n; i++) {
        Tensor *t = t_slice(c, self, dim, at, at + lengths[i], 1);
        if (!t) return value_null();
        value_set(c, &value_tuple(parts)->items[i], arg_tensor(t));
        at += lengths[i];
    }
    return parts;
}

static void split_backward_at(Ctx *c, Grad *g, int64_t dim) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    grad_set(g, 0, t_cat(c, whole_grads(c, g), dim < 0 ? dim + n : dim));
}

static Value split_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t size = call_int(k, 1);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "split expects at least a 1-dimensional tensor");
    if (size < 0)
        return value_raise(
            c, RuntimeError,
            "split expects split_size be non-negative, but got split_size=%" PRId64,
            size);
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0) return value_null();
    int64_t extent = self->sizes[dim];
    if (size == 0 && extent != 0)
        return value_raise(c, RuntimeError,
                           "split_size can only be 0 if dimension size is 0, but got "
                           "dimension size of %" PRId64,
                           extent);
    int64_t n = size ? (extent + size - 1) / size : 1;
    if (n < 1) n = 1;
    int64_t *lengths = ctx_alloc(c, (size_t)n * sizeof *lengths);
    if (!lengths) return value_null();
    for (int64_t i = 0; i < n; i++)
        lengths[i] = i < n - 1 ? size : extent - size * (n - 1);
    Value parts = slices_at(c, self, dim, lengths, (size_t)n);
    ctx_free(c, lengths, (size_t)n * sizeof *lengths);
    return parts;
}
static void split_backward(Ctx *c, Grad *g) {
    split_backward_at(c, g, saved_int(g, 1));
}
static const OpDef op_split = {
    .schema =
        "split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[]",
    .doc = "Views of self of one size along a dimension, the last one smaller.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "self.sizes dim split_size",
    .forward = split_forward,
    .backward = split_backward,
};
Value t_split(Ctx *c, Tensor *self, int64_t size, int64_t dim) {
    return op_call(c, &op_split,
                   (Value[]){arg_tensor(self), value_int(size), value_int(dim)});
}

static Value split_sizes_fail(Ctx *c, const Tensor *self, int dim, Value sizes) {
    const Value *items;
    size_t n;
    Buf b;
    buf_init(&b, &c->mem);
    value_items(sizes, &items, &n);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%" PRId64, i ? ", " : "", items[i].as.i);
    error_raise(c, RuntimeError,
                "split_with_sizes expects split_sizes to sum exactly to %" PRId64
                " (input tensor's size at dimension %d), but got split_sizes=[%s]",
                self->sizes[dim], dim, buf_text(&b));
    buf_free(&b);
    return value_null();
}

static Value split_with_sizes_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    const Value *items;
    size_t n;
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "split expects at least a 1-dimensional tensor");
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0 || !value_items(k->args[1], &items, &n)) return value_null();
    int64_t total = 0, *lengths = ctx_alloc(c, n * sizeof *lengths);
    if (!lengths) return value_null();
    bool negative = false;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = items[i].as.i;
        negative |= lengths[i] < 0;
        total += lengths[i];
    }
    Value parts = value_null();
    if (negative)
        error_raise(c, RuntimeError,
                    "split_with_sizes expects split_sizes have only non-negative "
                    "entries, but got split_sizes=[...]");
    else if (total != self->sizes[dim])
        split_sizes_fail(c, self, dim, k->args[1]);
    else
        parts = slices_at(c, self, dim, lengths, n);
    ctx_free(c, lengths, n * sizeof *lengths);
    return parts;
}
static const OpDef op_split_with_sizes = {
    .schema = "split_with_sizes(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> "
              "Tensor(a)[]",
    .doc = "Views of self of the given sizes along a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "self.sizes dim split_sizes",
    .forward = split_with_sizes_forward,
    .backward = split_backward,
};
static Value split_list_forward(Ctx *c, Call *k) {
    return op_call(c, &op_split_with_sizes, k->args);
}
static const OpDef op_split_sizes = {
    .schema =
        "split.sizes(Tensor(a -> *) self, int[] split_size, int dim=0) -> Tensor(a)[]",
    .doc = "split_with_sizes under the name split.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = split_list_forward,
};

/* About `chunks` views of equal size. */
static Value chunk_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t chunks = call_int(k, 1);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "chunk expects at least a 1-dimensional tensor");
    if (chunks <= 0)
        return value_raise(c, RuntimeError,
                           "chunk expects `chunks` to be greater than 0, got: %" PRId64,
                           chunks);
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0) return value_null();
    int64_t extent = self->sizes[dim], size = (extent + chunks - 1) / chunks;
    if (size == 0 && extent == 0) {
        Value zeros = parts_tuple(c, (size_t)chunks);
        for (int64_t i = 0; !value_is_null(zeros) && i < chunks; i++)
            value_tuple(zeros)->items[i] = value_int(0);
        return op_call(c, &op_split_with_sizes,
                       (Value[]){k->args[0], zeros, k->args[2]});
    }
    return t_split(c, self, size, dim);
}
static const OpDef op_chunk = {
    .schema = "chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]",
    .doc = "About so many views of self of equal size along a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = chunk_forward,
};

const OpDef *const join_split_ops[] = {
    &op_cat,
    &op_cat_names,
    &op_concat,
    &op_concat_names,
    &op_concatenate,
    &op_concatenate_names,
    &op_stack,
    &op_unbind,
    &op_unbind_name,
    &op_split,
    &op_split_with_sizes,
    &op_split_sizes,
    &op_chunk,
    NULL,
};
