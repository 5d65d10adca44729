/* Whole parts of a dimension by an index vector: index_select, index_add, index_copy,
 * index_fill.
 *
 * Part i of a dimension is what select gives; a 0-d tensor counts as its own only part.
 * The kernels of advanced_index.h run over all parts at once, the dimension brought to
 * the front.  Source: TensorAdvancedIndexing.cpp. */
#include "core/kernel/advanced_index.h"
#include "core/pointwise.h"
#include "gather.h"

#include <inttypes.h>

/* ---- shared ---- */

static int64_t size_of(const Tensor *t, int d) {
    return t->ndim ? t->sizes[d] : 1;
}

/* self's part `at` of dim, whole; dim of a 0-d tensor is the tensor. */
static Tensor *part(Ctx *c, Tensor *t, int dim, int64_t at) {
    return t->ndim ? t_select(c, t, dim, at) : t;
}

/* What run_parts does: f with n parts of dim, of which at says which they are; it holds
 * their places in bytes afterwards. */
typedef struct PartsRun {
    Kernel f;
    const void *arg;
    int dim;
    int64_t n;
    int64_t *at;
} PartsRun;

/* t as an operand [n, rest ...], its dimension dim first; along it an indexed one
 * stands still. What has fewer dimensions broadcasts. */
static void add_parts(Iter *it, Tensor *t, int dim, bool indexed) {
    int64_t sizes[MAX_DIMS + 1], strides[MAX_DIMS + 1];
    int at = it->ndim;
    for (int d = t->ndim - 1; d >= 0; d--) {
        if (d == dim) continue;
        sizes[--at] = t->sizes[d];
        strides[at] = t->strides[d];
    }
    while (at > 0) sizes[--at] = 1;
    if (t->ndim && !indexed) {
        sizes[0] = t->sizes[dim];
        strides[0] = t->strides[dim];
    }
    iter_add(it, tensor_data(t), (DType)t->dtype, it->ndim, sizes, strides);
}

/* Part i of one of the tensors meets part at[i] of the other, which is `from` when the
 * kernel `picks`. */
static void run_parts(const PartsRun *p, Tensor *to, Tensor *from, bool picks) {
    const Tensor *indexed = picks ? from : to;
    uint64_t step = dtype_size((DType)indexed->dtype) *
                    (uint64_t)(indexed->ndim ? indexed->strides[p->dim] : 0);
    for (int64_t i = 0; i < p->n; i++) p->at[i] = (int64_t)((uint64_t)p->at[i] * step);
    int64_t sizes[MAX_DIMS + 1] = {p->n}, ones[MAX_DIMS + 1] = {p->n},
                             steps[MAX_DIMS + 1] = {1};
    int ndim = 1;
    for (int d = 0; d < to->ndim; d++) {
        if (d == p->dim) continue;
        sizes[ndim] = to->sizes[d];
        ones[ndim++] = 1;
    }
    Iter it;
    iter_begin(&it, ndim, sizes);
    add_parts(&it, to, p->dim, !picks);
    add_parts(&it, from, p->dim, picks);
    iter_add(&it, p->at, DT_int64, ndim, ones, steps);
    (picks ? iter_run_parallel : iter_run)(&it, p->f, (DType)to->dtype, p->arg);
}

/* ---- index_select ---- */

static bool index_vector(Ctx *c, const Tensor *index, Tensor **parts) {
    if (index->ndim > 1) {
        error_raise(c, IndexError, "index_select(): Index is supposed to be a vector");
        return false;
    }
    if (index->dtype != DT_int64 && index->dtype != DT_int32) {
        error_raise(c, RuntimeError,
                    "index_select(): Expected dtype int32 or int64 for index");
        return false;
    }
    *parts = tensor_make(c, DT_int64, index->ndim, index->sizes);
    if (*parts) tensor_copy(*parts, index);
    return *parts;
}

/* PyTorch has a loop of its own for the second dimension, and one for what is empty. */
static Value raise_bounds(Ctx *c, const Tensor *self, int dim, int64_t at) {
    bool empty = self->numel == 0 && self->ndim > 1;
    if (dim != 1 && !empty)
        return value_raise(c, IndexError, "index out of range in self");
    if (self->sizes[dim] == 0)
        return value_raise(c, RuntimeError,
                           "index_select(): self indexing axis dim should be positive");
    return value_raise(c, RuntimeError,
                       "INDICES element is out of DATA bounds, id=%" PRId64
                       " axis_dim=%" PRId64,
                       at, self->sizes[dim]);
}

/* The parts of a dimension that index [n] names, in its order. */
static Value index_select_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index;
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !index_vector(c, call_tensor(k, 2), &index)) return value_null();
    if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype)
        return value_raise(
            c, RuntimeError,
            "index_select(): self and result must have the same scalar type");
    Shape s = tensor_shape(self);
    if (s.ndim) s.dims[dim] = index->numel;
    if (!out_prepare(c, k, 0, (DType)self->dtype, s.ndim, s.dims)) return value_null();
    int64_t *at = tensor_data(index);
    for (int64_t i = 0; i < index->numel; i++)
        if (at[i] < 0 || at[i] >= size_of(self, dim))
            return raise_bounds(c, self, dim, at[i]);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, s.ndim, s.dims);
    if (!r) return value_null();
    /* The only part of what has no dimensions; an index may name it several times. */
    int64_t n = r->ndim ? index->numel : index->numel > 0;
    run_parts(&(PartsRun){kernel_index_get, NULL, dim, n, at}, r, self, true);
    return value_obj(r);
}
static void index_select_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0,
             t_index_add(c, zeros, saved_int(g, 1), saved_tensor(c, g, 2), g->grad));
}
static const OpDef op_index_select = {
    .schema = "index_select(Tensor self, int dim, Tensor index) -> Tensor",
    .doc = "The parts of a dimension that an index vector names.",
    .forms = OP_USUAL,
    .saves = "self.sizes dim index",
    .constants = "index",
    .forward = index_select_forward,
    .backward = index_select_backward,
};
static const OpDef op_index_select_name = {
    .schema = "index_select.dimname(Tensor self, Dimname dim, Tensor index) -> Tensor",
    .forms = OP_USUAL,
};
Tensor *t_index_select(Ctx *c, Tensor *self, int64_t dim, Tensor *index) {
    return op_tensor(c, &op_index_select,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index)});
}

/* ---- index_add ---- */

bool index_parts_check(Ctx *c, const char *name, const Tensor *self,
                       const Tensor *index, const Tensor *source, int dim) {
    DType d = (DType)index->dtype;
    int64_t there = source->ndim > dim ? source->sizes[dim] : 1;
    if (index->ndim > 1)
        error_raise(c, IndexError,
                    "%s_(): Index is supposed to be a vector, but got dim: %d with "
                    "type: %s and size: %s",
                    name, index->ndim, dtype_scalar_name(d), shape_text(c, index));
    else if (d != DT_int64 && d != DT_int32)
        error_raise(c, RuntimeError,
                    "%s_(): Expected dtype int32/int64 for index but got: %s", name,
                    dtype_scalar_name(d));
    else if (self->dtype != source->dtype)
        error_raise(c, RuntimeError,
                    "%s_(): self (%s) and source (%s) must have the same scalar type",
                    name, dtype_scalar_name((DType)self->dtype),
                    dtype_scalar_name((DType)source->dtype));
    else if (dim > 0 && dim >= source->ndim)
        error_raise(c, RuntimeError,
                    "%s_(): Indexing dim %d is out of bounds of the source tensor with "
                    "dim %d",
                    name, dim, source->ndim);
    else if (index->numel != there && source->ndim == 0)
        error_raise(c, IndexError,
                    "Dimension specified as %d but tensor has no dimensions", dim);
    else if (index->numel != there)
        error_raise(c, RuntimeError,
                    "%s_(): Number of indices (%" PRId64
                    ") should be equal to source.size(dim): (%" PRId64 "), for dim: %d",
                    name, index->numel, there, dim);
    return !ctx_failed(c);
}

bool index_slices_check(Ctx *c, const Tensor *self, const Tensor *source) {
    if (self->ndim <= 1 && source->ndim > 1)
        error_raise(c, RuntimeError,
                    "source.dim() (%d) must one or zero for given self.dim() (%d)",
                    source->ndim, self->ndim);
    else if (self->ndim > 1 && source->ndim == 0)
        error_raise(c, IndexError, "select() cannot be applied to a 0-dim tensor.");
    return !ctx_failed(c);
}

int64_t *index_in_parts(Ctx *c, const Tensor *self, const Tensor *index, int dim) {
    Tensor *parts = tensor_make(c, DT_int64, index->ndim, index->sizes);
    if (!parts) return NULL;
    tensor_copy(parts, index);
    int64_t *at = tensor_data(parts);
    for (int64_t i = 0; i < parts->numel; i++)
        if (at[i] < 0 || at[i] >= size_of(self, dim))
            return error_raise(c, IndexError, "index out of range in self");
    return at;
}

/* The places of index in self; NULL after raising, also where the parts of source do
 * not broadcast to those of self. */
static int64_t *places_to_add(Ctx *c, Tensor *self, const Tensor *index, Tensor *source,
                              int dim) {
    Tensor *from = part(c, source, dim, 0), *to = part(c, self, dim, 0);
    if (!from || !to) return NULL;
    Shape a = tensor_shape(to), b = tensor_shape(from), both;
    int64_t *at =
        shape_broadcast(c, &a, &b, &both) ? index_in_parts(c, self, index, dim) : NULL;
    if (!at || shape_equal(a.ndim, a.dims, both.ndim, both.dims)) return at;
    raise_output_shape(c, a.ndim, a.dims, both.ndim, both.dims);
    return NULL;
}

/* alpha as a number of dtype d. */
static Value factor_of(Ctx *c, const Call *k, DType d) {
    if (!scalar_fits(c, call_scalar(k, 4), d)) return value_null();
    Tensor *alpha = tensor_scalar(c, d, call_scalar(k, 4));
    return alpha ? tensor_item(c, alpha) : value_null();
}

/* Part i of source is added, times alpha, to part index[i] of self. */
static Value index_add_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *source = call_tensor(k, 3);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !index_parts_check(c, "index_add", self, index, source, dim) ||
        !index_slices_check(c, self, source) ||
        !out_dtype_check(c, k, 0, (DType)self->dtype) || !call_apart(c, k, source) ||
        !call_apart(c, k, index))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r) return value_null();
    tensor_copy(r, self);
    Value alpha = factor_of(c, k, (DType)self->dtype);
    if (value_is_null(alpha)) return value_null();
    if (index->numel == 0) return value_obj(r);
    PartsRun run = {kernel_index_accumulate, NULL, dim, index->numel, NULL};
    KernelNumbers factor = pointwise_number((DType)r->dtype, alpha);
    if (alpha.tag != VAL_INT || alpha.as.i != 1) {
        run.f = kernel_index_accumulate_scaled;
        run.arg = &factor;
    }
    run.at = places_to_add(c, r, index, source, dim);
    if (!run.at) return value_null();
    run_parts(&run, r, source, false);
    return value_obj(r);
}
/* The parts of the gradient that index names, as source's: a 0-d source takes the only
 * one. The saves are source, dim, index. */
static Tensor *source_gradient(Ctx *c, Grad *g) {
    Tensor *source = saved_tensor(c, g, 0);
    if (!source) return NULL;
    Tensor *index = saved_tensor(c, g, 2);
    if (source->ndim == 0) index = t_squeeze(c, index, 0);
    Tensor *t = t_index_select(c, g->grad, saved_int(g, 1), index);
    return source->ndim ? t_expand(c, t, source->ndim, source->sizes) : t;
}
static void index_add_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_maybe_multiply(c, source_gradient(c, g), saved_value(g, 3)));
}
static const OpDef op_index_add = {
    .schema = "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar "
              "alpha=1) -> Tensor",
    .doc = "self with the parts of source added to those that index names.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "source dim index alpha",
    .constants = "index",
    .forward = index_add_forward,
    .backward = index_add_backward,
    .example = "torch.index_add(m, 0, i, m)",
};
static const OpDef op_index_add_name = {
    .schema = "index_add.dimname(Tensor self, Dimname dim, Tensor index, Tensor "
              "source, *, Scalar alpha=1) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_index_add(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *source) {
    return op_tensor(c, &op_index_add,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                               arg_tensor(source), value_int(1)});
}

/* ---- index_copy ---- */

static bool part_in_bounds(Ctx *c, const char *prefix, int64_t at, const Tensor *self,
                           int dim) {
    if (at >= 0 && at < size_of(self, dim)) return true;
    error_raise(c, IndexError,
                "%sindex %" PRId64
                " is out of bounds for dimension %d with size %" PRId64,
                prefix, at, dim, size_of(self, dim));
    return false;
}

/* t's sizes without dim as C++ prints them: "2 3". */
static const char *slice_shape_text(Ctx *c, const Tensor *t, int dim) {
    Buf b;
    buf_init(&b, &c->mem);
    for (int d = 0, n = 0; d < t->ndim; d++)
        if (d != dim) buf_printf(&b, "%s%" PRId64, n++ ? " " : "", t->sizes[d]);
    return text_take(c, &b);
}

static bool same_slices(const Tensor *a, const Tensor *b, int dim) {
    int na = a->ndim ? a->ndim - 1 : 0, nb = b->ndim ? b->ndim - 1 : 0;
    if (na != nb) return false;
    for (int d = 0; d < a->ndim && d < b->ndim; d++)
        if (d != dim && a->sizes[d] != b->sizes[d]) return false;
    return true;
}

static bool index_copy_check(Ctx *c, const Tensor *self, const Tensor *index,
                             const Tensor *source, int dim) {
    if (index->ndim > 1)
        error_raise(c, IndexError,
                    "index_copy_(): Index should have dimension 1 or 0 (got %d)",
                    index->ndim);
    else if (source->ndim == 0 && index->numel != 1)
        error_raise(c, IndexError,
                    "index_copy_(): When source is scalar, index should have one "
                    "element (got %" PRId64 ")",
                    index->numel);
    else if (source->ndim != self->ndim && source->ndim && self->ndim)
        error_raise(
            c, IndexError,
            "index_copy_(): When source and destination are not scalars, their "
            "dimensionality must match. Source dimensionality (%d), destination "
            "dimensionality (%d)",
            source->ndim, self->ndim);
    else if (index->dtype != DT_int64)
        error_raise(c, RuntimeError,
                    "index_copy_(): Expected a long tensor for index, but got %s",
                    dtype_scalar_name((DType)index->dtype));
    else if (self->dtype != source->dtype)
        error_raise(c, RuntimeError,
                    "index_copy_(): self and source expected to have the same dtype, "
                    "but got (self) %s and (source) %s",
                    dtype_scalar_name((DType)self->dtype),
                    dtype_scalar_name((DType)source->dtype));
    else if (!same_slices(self, source, dim))
        error_raise(c, RuntimeError,
                    "index_copy_(): Source/destination tensor must have same slice "
                    "shapes. Destination slice shape: %s at dimension %d and source "
                    "slice shape: %s at dimension 0.",
                    slice_shape_text(c, self, dim), dim,
                    slice_shape_text(c, source, dim));
    else if (source->ndim && index->numel != source->sizes[dim])
        error_raise(c, IndexError,
                    "index_copy_(): Number of indices (%" PRId64
                    ") should be equal to source.size(dim) (%" PRId64 ")",
                    index->numel, source->sizes[dim]);
    return !ctx_failed(c);
}

/* Part i of source replaces part index[i] of self. */
static Value index_copy_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *source = call_tensor(k, 3);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !out_prepare(c, k, 0, (DType)self->dtype, self->ndim, self->sizes) ||
        (k->form == CALL_INPLACE && !self_overlap_check(c, self)) ||
        !call_apart(c, k, index) || !call_apart(c, k, source) ||
        !index_copy_check(c, self, index, source, dim))
        return value_null();
    Tensor *parts = tensor_make(c, DT_int64, index->ndim, index->sizes);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r || !parts) return value_null();
    tensor_copy(parts, index);
    tensor_copy(r, self);
    int64_t *at = tensor_data(parts);
    for (int64_t i = 0; i < parts->numel; i++)
        if (!part_in_bounds(c, "index_copy_(): ", at[i], self, dim))
            return value_null();
    run_parts(&(PartsRun){kernel_index_put, NULL, dim, parts->numel, at}, r, source,
              false);
    return value_obj(r);
}
static void index_copy_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_index_fill(c, g->grad, saved_int(g, 1), saved_tensor(c, g, 2),
                              value_int(0)));
    if (grad_wanted(g, 1)) grad_set(g, 1, source_gradient(c, g));
}
static const OpDef op_index_copy = {
    .schema = "index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
    .doc = "self with the parts that index names replaced by those of source.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "source dim index",
    .constants = "index",
    .forward = index_copy_forward,
    .backward = index_copy_backward,
    .example = "torch.index_copy(m, 0, i, m)",
};
static const OpDef op_index_copy_name = {
    .schema = "index_copy.dimname(Tensor self, Dimname dim, Tensor index, Tensor "
              "source) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};

/* ---- index_fill ---- */

/* False after raising: n parts of t, which is empty, have elements that its storage
 * does not hold. */
static bool parts_there(Ctx *c, Tensor *t, int dim, int64_t n) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) {
        sizes[i] = i == dim ? n : t->sizes[i];
        strides[i] = i == dim ? 0 : t->strides[i];
    }
    return t_as_strided(c, t, t->ndim, sizes, strides, 0);
}

/* The parts that index names are filled with one value. */
static Value index_fill_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *value = call_tensor(k, 3);
    if (value && value->ndim)
        return value_raise(c, RuntimeError,
                           "index_fill_ only supports a 0-dimensional value tensor, "
                           "but got tensor with %d dimension(s).",
                           value->ndim);
    if (index->dtype != DT_int64)
        return value_raise(c, IndexError,
                           "index_fill_(): Expected dtype int64 for index.");
    if (k->form == CALL_INPLACE)
        warn_expanded(c, self, "index_fill_", "tensor[mask] = scalar");
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    if (index->ndim > 1)
        return value_raise(c, RuntimeError, "Index has to be a vector/scalar");
    Tensor *parts = tensor_make(c, DT_int64, index->ndim, index->sizes);
    Tensor *r = k->form == CALL_NEW ? t_empty_like(c, self) : call_tensor(k, 0);
    if (!r || !scalar_fits(c, call_scalar(k, 3), (DType)r->dtype)) return value_null();
    Tensor *one = tensor_scalar(c, (DType)r->dtype, call_scalar(k, 3));
    if (!one || !parts) return value_null();
    if (self->numel == 0)
        return parts_there(c, self, dim, parts->numel) ? value_obj(r) : value_null();
    tensor_copy(parts, index);
    tensor_copy(r, self);
    int64_t *at = tensor_data(parts), size = size_of(self, dim), n = 0;
    for (; n < parts->numel && at[n] >= -size && at[n] < size; n++)
        if (at[n] < 0) at[n] += size;
    /* Those before one that is out of bounds are filled. */
    int64_t bad = n < parts->numel ? at[n] : 0;
    run_parts(&(PartsRun){kernel_index_put, NULL, dim, n, at}, r, one, false);
    return part_in_bounds(c, "", bad, self, dim) ? value_obj(r) : value_null();
}
static void index_fill_backward(Ctx *c, Grad *g) {
    int64_t dim = saved_int(g, 0);
    Tensor *index = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_index_fill(c, g->grad, dim, index, value_int(0)));
    if (g->n_inputs > 1 && grad_wanted(g, 1))
        grad_set(g, 1, t_sum(c, t_index_select(c, g->grad, dim, t_unique(c, index))));
}
static const OpDef op_index_fill_tensor = {
    .schema = "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) "
              "-> Tensor",
    .doc = "self with the parts that index names filled with a 0-d tensor's element.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .node = "IndexFillBackward1",
    .forward = index_fill_forward,
    .backward = index_fill_backward,
    .example = "torch.index_fill(m, 0, i, s)",
};
static const OpDef op_index_fill = {
    .schema = "index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) "
              "-> Tensor",
    .doc = "self with the parts that index names filled with a number.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .forward = index_fill_forward,
    .backward = index_fill_backward,
};
Tensor *t_index_fill(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Value number) {
    return op_tensor(
        c, &op_index_fill,
        (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index), number});
}
Tensor *t_index_fill_(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *value) {
    return value_tensor(
        op_call_inplace(c, &op_index_fill_tensor,
                        (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                                  arg_tensor(value)}));
}

static const OpDef op_index_fill_tensor_name = {
    .schema = "index_fill.Dimname_Tensor(Tensor self, Dimname dim, Tensor index, "
              "Tensor value) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
static const OpDef op_index_fill_name = {
    .schema = "index_fill.Dimname_Scalar(Tensor self, Dimname dim, Tensor index, "
              "Scalar value) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};

const OpDef *const index_parts_ops[] = {
    &op_index_select,
    &op_index_select_name,
    &op_index_add,
    &op_index_add_name,
    &op_index_copy,
    &op_index_copy_name,
    &op_index_fill_tensor,
    &op_index_fill_tensor_name,
    &op_index_fill,
    &op_index_fill_name,
    NULL,
};
