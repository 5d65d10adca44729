/* Indexing by tensors: index, index_put_ and what autograd builds on them.
 *
 * Masks become the positions of their true elements; the index tensors, broadcast
 * together, become one tensor of byte offsets into self.  Indexed dimensions that stand
 * side by side are replaced in place by the broadcast shape, others move to the front.
 * Source: TensorAdvancedIndexing.cpp. */
#include "core/iter.h"
#include "core/kernel/advanced_index.h"
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>

/* One index for each dimension of self; NULL: the whole dimension. */
typedef struct Plan {
    Tensor *index[MAX_DIMS];
    int n;
    Shape where; /* broadcast shape of the index tensors */
    Shape result;
    int64_t self_strides[MAX_DIMS]; /* of self along the result's dimensions */
    int64_t offset_strides[MAX_DIMS];
    Tensor *offsets; /* bytes, of shape `where` */
} Plan;

/* ---- masks ---- */

static bool is_mask(const Tensor *t) {
    return t->dtype == DT_bool || t->dtype == DT_uint8;
}

/* The positions of mask's true elements: one int64 vector for each dimension. */
static bool mask_positions(Ctx *c, const Tensor *mask, Tensor **out) {
    Tensor *columns = nonzero_columns(c, mask);
    if (!columns) return false;
    int64_t n = columns->sizes[1], step = 1;
    for (int d = 0; d < mask->ndim; d++)
        if (!(out[d] = tensor_alias(c, columns, 1, &n, &step, d * n))) return false;
    return true;
}

static bool mask_fits(Ctx *c, const Tensor *mask, const Tensor *self, int at, int nth) {
    for (int d = 0; d < mask->ndim; d++) {
        if (at + d < self->ndim && mask->sizes[d] == self->sizes[at + d]) continue;
        error_raise(
            c, IndexError,
            "The shape of the mask %s at index %d does not match the shape of the "
            "indexed tensor %s at index %d",
            shape_text(c, mask), d, shape_text(c, self), nth + d);
        return false;
    }
    return true;
}

/* ---- the plan ---- */

static bool take_indices(Ctx *c, const Tensor *self, Value list, Plan *plan) {
    const Value *items;
    size_t n;
    if (!value_items(list, &items, &n)) return false;
    for (size_t i = 0; i < n; i++) {
        Tensor *t = value_tensor(items[i]);
        int span = t && is_mask(t) ? t->ndim : 1;
        if (t && !dtype_is_integral((DType)t->dtype, true)) {
            error_raise(c, IndexError,
                        "tensors used as indices must be long, byte or bool tensors");
            return false;
        }
        if (plan->n + span > self->ndim) {
            error_raise(c, IndexError,
                        "too many indices for tensor of dimension %d (got %d)",
                        self->ndim, plan->n + span);
            return false;
        }
        if (t && is_mask(t)) {
            if (t->dtype == DT_uint8)
                warn(c, UserWarning,
                     "indexing with dtype torch.uint8 is now deprecated, please use a "
                     "dtype torch.bool instead.");
            if (!mask_fits(c, t, self, plan->n, plan->n) ||
                !mask_positions(c, t, plan->index + plan->n))
                return false;
            plan->n += span;
        } else {
            if (t && t->dtype != DT_int64) {
                error_raise(
                    c, IndexError,
                    "tensors used as indices must be long, byte or bool tensors");
                return false;
            }
            plan->index[plan->n++] = t;
        }
    }
    while (plan->n < self->ndim) plan->index[plan->n++] = NULL;
    return true;
}

static void raise_no_broadcast(Ctx *c, const Plan *plan) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b,
             "shape mismatch: indexing tensors could not be broadcast together with "
             "shapes ");
    bool first = true;
    for (int i = 0; i < plan->n; i++) {
        if (!plan->index[i]) continue;
        if (!first) buf_puts(&b, ", ");
        buf_dims(&b, plan->index[i]->ndim, plan->index[i]->sizes);
        first = false;
    }
    error_raise(c, IndexError, "%s", buf_text(&b));
    buf_free(&b);
}

static bool broadcast_indices(Ctx *c, Plan *plan) {
    for (int i = 0; i < plan->n; i++) {
        if (!plan->index[i]) continue;
        Shape s = tensor_shape(plan->index[i]);
        if (shape_broadcast(c, &plan->where, &s, &plan->where)) continue;
        error_clear(c);
        raise_no_broadcast(c, plan);
        return false;
    }
    return true;
}

/* Where the indexed dimensions' block goes: in place when they are side by side. */
static int block_position(const Plan *plan) {
    int first = -1, last = -1, count = 0;
    for (int i = 0; i < plan->n; i++) {
        if (!plan->index[i]) continue;
        if (first < 0) first = i;
        last = i;
        count++;
    }
    return count && last - first + 1 == count ? first : 0;
}

static void add_dim(Plan *plan, int64_t size, int64_t self_stride,
                    int64_t offset_stride) {
    int i = plan->result.ndim++;
    plan->result.dims[i] = size;
    plan->self_strides[i] = self_stride;
    plan->offset_strides[i] = offset_stride;
}

static bool result_geometry(Ctx *c, const Tensor *self, Plan *plan) {
    int64_t steps[MAX_DIMS];
    int block = block_position(plan), placed = 0, ndim = plan->where.ndim;
    for (int i = 0; i < self->ndim; i++) ndim += !plan->index[i];
    if (!shape_ndim_check(c, ndim)) return false;
    shape_contiguous_strides(plan->where.ndim, plan->where.dims, steps);
    for (int i = 0; i <= self->ndim; i++) {
        if (i == block || (i == self->ndim && !placed)) {
            for (int d = 0; d < plan->where.ndim && !placed; d++)
                add_dim(plan, plan->where.dims[d], 0, steps[d]);
            placed = 1;
        }
        if (i < self->ndim && !plan->index[i])
            add_dim(plan, self->sizes[i], self->strides[i], 0);
    }
    return true;
}

static bool in_bounds(int64_t at, int64_t size) {
    return -size <= at && at < size;
}

/* The first element in order with an index out of bounds, and the first of its indices;
 * the message counts index tensors, not dimensions. */
static void raise_out_of_bounds(Ctx *c, const Tensor *self, const Plan *plan) {
    for (int64_t e = 0; e < plan->offsets->numel; e++) {
        for (int i = 0, nth = -1; i < plan->n; i++) {
            if (!plan->index[i]) continue;
            int64_t at = ((const int64_t *)tensor_data(plan->index[i]))[e];
            nth++;
            if (in_bounds(at, self->sizes[i])) continue;
            error_raise(c, IndexError,
                        "index %" PRId64 " is out of bounds for dimension %d with size "
                        "%" PRId64,
                        at, nth, self->sizes[i]);
            return;
        }
    }
}

/* Adds the index tensor of one dimension, times its stride, to the offsets. False when
 * an index is out of bounds. */
static bool add_offsets(const Tensor *self, const Plan *plan, int dim) {
    const int64_t *from = tensor_data(plan->index[dim]);
    int64_t *to = tensor_data(plan->offsets), size = self->sizes[dim];
    int64_t step = self->strides[dim] * (int64_t)dtype_size((DType)self->dtype);
    for (int64_t i = 0; i < plan->offsets->numel; i++) {
        if (!in_bounds(from[i], size)) return false;
        to[i] += (from[i] < 0 ? from[i] + size : from[i]) * step;
    }
    return true;
}

/* Everything but the offsets. */
static bool make_plan(Ctx *c, const Tensor *self, Value list, Plan *plan) {
    *plan = (Plan){0};
    if (!take_indices(c, self, list, plan) || !broadcast_indices(c, plan)) return false;
    bool empty = false;
    for (int i = 0; i < plan->n; i++) empty |= plan->index[i] && !self->sizes[i];
    if (empty && shape_numel(plan->where.ndim, plan->where.dims)) {
        error_raise(c, IndexError, "index is out of bounds for dimension with size 0");
        return false;
    }
    return result_geometry(c, self, plan);
}

/* An int64 tensor of shape `where`, contiguous, with t's elements. */
static Tensor *widened(Ctx *c, const Tensor *t, const Shape *where) {
    Tensor *wide = tensor_make(c, DT_int64, where->ndim, where->dims);
    if (wide) tensor_copy(wide, t);
    return wide;
}

/* The offsets, and with them whether indices are in bounds: nobody asks where there is
 * no element to move. */
static bool locate(Ctx *c, const Tensor *self, Plan *plan) {
    plan->offsets = widened(c, tensor_scalar(c, DT_int64, value_int(0)), &plan->where);
    if (!shape_numel(plan->result.ndim, plan->result.dims)) return !ctx_failed(c);
    for (int i = 0; i < plan->n; i++)
        if (plan->index[i]) plan->index[i] = widened(c, plan->index[i], &plan->where);
    if (ctx_failed(c)) return false;
    for (int i = 0; i < plan->n; i++) {
        if (!plan->index[i] || add_offsets(self, plan, i)) continue;
        raise_out_of_bounds(c, self, plan);
        return false;
    }
    return true;
}

/* The operands of the kernels: self and offsets, seen through the result's shape. */
static void add_self(Iter *it, const Plan *plan, Tensor *self) {
    iter_add(it, tensor_data(self), (DType)self->dtype, plan->result.ndim,
             plan->result.dims, plan->self_strides);
}
static void add_offset_operand(Iter *it, const Plan *plan) {
    iter_add(it, tensor_data(plan->offsets), DT_int64, plan->result.ndim,
             plan->result.dims, plan->offset_strides);
}

/* ---- index ---- */

/* result[...] = self at the places that the index tensors name. */
static Value index_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Plan plan;
    if (!make_plan(c, self, k->args[1], &plan) || !locate(c, self, &plan))
        return value_null();
    Tensor *r =
        call_result(c, k, 0, (DType)self->dtype, plan.result.ndim, plan.result.dims);
    if (!r) return value_null();
    Iter it;
    iter_begin(&it, plan.result.ndim, plan.result.dims);
    iter_add(&it, tensor_data(r), (DType)r->dtype, r->ndim, r->sizes, r->strides);
    add_self(&it, &plan, self);
    add_offset_operand(&it, &plan);
    iter_run_parallel(&it, kernel_index_get, (DType)self->dtype, NULL);
    return value_obj(r);
}

static void index_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0, t_index_put_impl_(c, zeros, saved_list(c, g, 1), g->grad, true));
}

static const OpDef op_index = {
    .schema = "index.Tensor(Tensor self, Tensor?[] indices) -> Tensor",
    .doc = "The elements of self that index tensors or masks name.",
    .forms = OP_INTERNAL,
    .saves = "self.sizes indices",
    .forward = index_forward,
    .backward = index_backward,
};

Tensor *t_index(Ctx *c, Tensor *self, Value indices) {
    return op_tensor(c, &op_index, (Value[]){arg_tensor(self), indices});
}

/* ---- index_put_ ---- */

static bool check_values(Ctx *c, const Tensor *self, const Tensor *values,
                         const Plan *plan) {
    if (!shape_expands_to(values->ndim, values->sizes, plan->result.ndim,
                          plan->result.dims)) {
        error_raise(
            c, RuntimeError,
            "shape mismatch: value tensor of shape %s cannot be broadcast to indexing "
            "result of shape %s",
            shape_text(c, values), dims_text(c, plan->result.ndim, plan->result.dims));
        return false;
    }
    if (self->dtype != values->dtype) {
        error_raise(
            c, RuntimeError,
            "Index put requires the source and destination dtypes match, got %s "
            "for the destination and %s for the source.",
            dtype_scalar_name((DType)self->dtype),
            dtype_scalar_name((DType)values->dtype));
        return false;
    }
    return true;
}

/* The mask when one value goes to the places of a single one, and its first dimension;
 * else NULL. */
static Tensor *fill_mask(const Call *k, const Tensor *values, int *at) {
    Tensor *mask = NULL;
    if (values->numel != 1 || call_bool(k, 3)) return NULL;
    size_t n = call_list_len(k, 1);
    for (size_t i = 0; i < n; i++) {
        Tensor *t = call_list_tensor(k, 1, i);
        if (!t) continue;
        if (mask || !is_mask(t)) return NULL;
        mask = t;
        *at = (int)i;
    }
    return mask;
}

/* One value at the places of a single mask: PyTorch fills, whatever dtype it has. */
static Value fill(Ctx *c, Tensor *self, Tensor *mask, int at, const Tensor *values) {
    if (!mask_fits(c, mask, self, at, at)) return value_null();
    int64_t sizes[MAX_DIMS] = {0};
    for (int d = at; d < self->ndim; d++)
        sizes[d - at] = d - at < mask->ndim ? mask->sizes[d - at] : 1;
    mask = t_reshape(c, mask, self->ndim - at, sizes);
    Value v = element_load((DType)values->dtype, tensor_data(values));
    return value_obj(t_masked_fill_scalar_(c, self, mask, v));
}

static bool indices_apart(Ctx *c, const Call *k) {
    size_t n = call_list_len(k, 1);
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = call_list_tensor(k, 1, i);
        if (t && !call_apart(c, k, t)) return false;
    }
    return true;
}

/* self at the places the index tensors name = values, or += with accumulate. */
static Value index_put_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *values = call_tensor(k, 2);
    int at;
    warn_expanded(c, self, "index_put_", "tensor[indices] = tensor");
    Tensor *mask = fill_mask(k, values, &at);
    if (mask) return fill(c, self, mask, at, values);
    if (!call_apart(c, k, values) || !indices_apart(c, k)) return value_null();
    Plan plan;
    if (!make_plan(c, self, k->args[1], &plan) ||
        !check_values(c, self, values, &plan) || !locate(c, self, &plan))
        return value_null();
    if (values->storage == self->storage) values = t_clone(c, values);
    if (!values) return value_null();
    Iter it;
    iter_begin(&it, plan.result.ndim, plan.result.dims);
    add_self(&it, &plan, self);
    iter_add(&it, tensor_data(values), (DType)values->dtype, values->ndim,
             values->sizes, values->strides);
    add_offset_operand(&it, &plan);
    iter_run(&it, call_bool(k, 3) ? kernel_index_accumulate : kernel_index_put,
             (DType)self->dtype, NULL);
    return value_obj(self);
}

static void index_put_backward(Ctx *c, Grad *g) {
    Value indices = saved_list(c, g, 0);
    if (ctx_failed(c)) return;
    if (grad_wanted(g, 0)) {
        Tensor *t = g->grad;
        if (!saved_bool(g, 1)) {
            Tensor *zero = tensor_scalar(c, (DType)t->dtype, value_int(0));
            t = t_index_put(c, t, indices, zero, false);
        }
        grad_set(g, 0, t);
    }
    if (grad_wanted(g, 1)) grad_set(g, 1, t_index(c, g->grad, indices));
}

static const OpDef op_index_put_ = {
    .schema = "index_put_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool "
              "accumulate=False) -> Tensor(a!)",
    .doc = "Writes values to the elements that index tensors or masks name.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "indices accumulate",
    .node = "IndexPutBackward0",
    .forward = index_put_forward,
    .backward = index_put_backward,
    .example = "v.index_put_((i,), s)",
};
Tensor *t_index_put_(Ctx *c, Tensor *self, Value indices, Tensor *values,
                     bool accumulate) {
    return op_tensor(c, &op_index_put_,
                     (Value[]){arg_tensor(self), indices, arg_tensor(values),
                               value_bool(accumulate)});
}

static const OpDef op_index_put_impl_ = {
    .schema =
        "_index_put_impl_(Tensor(a!) self, Tensor?[] indices, Tensor values, bool "
        "accumulate=False, bool unsafe=False) -> Tensor(a!)",
    .doc = "index_put_ as the derivative of index uses it.",
    .forms = OP_FUNCTION,
    .saves = "indices accumulate",
    .node = "IndexPutImplBackward0",
    .forward = index_put_forward,
    .backward = index_put_backward,
    .example = "torch._index_put_impl_(v, (i,), s)",
};
Tensor *t_index_put_impl_(Ctx *c, Tensor *self, Value indices, Tensor *values,
                          bool accumulate) {
    return op_tensor(c, &op_index_put_impl_,
                     (Value[]){arg_tensor(self), indices, arg_tensor(values),
                               value_bool(accumulate), value_bool(true)});
}

static Value index_put_copy_forward(Ctx *c, Call *k) {
    Tensor *copy = t_clone(c, call_tensor(k, 0));
    Value args[4] = {arg_tensor(copy), k->args[1], k->args[2], k->args[3]};
    Call inner = {.op = k->op, .args = args};
    return ctx_failed(c) ? value_null() : index_put_forward(c, &inner);
}
static const OpDef op_index_put = {
    .schema = "index_put(Tensor self, Tensor?[] indices, Tensor values, bool "
              "accumulate=False) -> Tensor",
    .doc = "A copy of self with values written where index tensors or masks name.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "indices accumulate",
    .forward = index_put_copy_forward,
    .backward = index_put_backward,
    .example = "torch.index_put(v, (i,), s)",
};
Tensor *t_index_put(Ctx *c, Tensor *self, Value indices, Tensor *values,
                    bool accumulate) {
    return op_tensor(c, &op_index_put,
                     (Value[]){arg_tensor(self), indices, arg_tensor(values),
                               value_bool(accumulate)});
}

const OpDef *const index_ops[] = {
    &op_index, &op_index_put_, &op_index_put_impl_, &op_index_put, NULL,
};
