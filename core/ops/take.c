/* Elements picked by a tensor of indices: take, put and take_along_dim; and repeated:
 * repeat_interleave.
 *
 * take and put count the elements of self as if it were one vector; negative indices
 * count from its end.  Sources: TensorAdvancedIndexing.cpp, Repeat.cpp. */
#include "core/iter.h"
#include "core/kernel/advanced_index.h"
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>

/* ---- shared by take and put ---- */

/* The offset in bytes of element `at` of self, taken as a vector. */
static int64_t byte_offset(const Tensor *self, int64_t at) {
    int64_t offset = 0;
    for (int d = self->ndim - 1; d >= 0; d--) {
        offset += at % self->sizes[d] * self->strides[d];
        at /= self->sizes[d];
    }
    return offset * (int64_t)dtype_size((DType)self->dtype);
}

/* The bytes from self's first element to each that index names; contiguous, of the
 * shape of index. */
static Tensor *element_offsets(Ctx *c, const Tensor *self, const Tensor *index) {
    Tensor *r = tensor_make(c, DT_int64, index->ndim, index->sizes);
    if (!r) return NULL;
    tensor_copy(r, index);
    int64_t *at = tensor_data(r), n = self->numel;
    for (int64_t i = 0; i < r->numel; i++) {
        if (at[i] < -n || at[i] >= n)
            return error_raise(c, IndexError,
                               "out of range: tried to access index %" PRId64
                               " on a tensor of %" PRId64 " elements.",
                               at[i], n);
        at[i] = byte_offset(self, at[i] < 0 ? at[i] + n : at[i]);
    }
    return r;
}

static bool index_is_long(Ctx *c, const char *name, const Tensor *index) {
    if (index->dtype == DT_int64) return true;
    error_raise(c, RuntimeError, "%s(): Expected a long tensor for index, but got %s",
                name, dtype_scalar_name((DType)index->dtype));
    return false;
}

/* Runs f over operands self and other at the offsets, in the order that it asks for. */
static void run_at(Kernel f, DType d, Tensor *first, bool first_moves, Tensor *second,
                   const Tensor *offsets) {
    static const int64_t still[MAX_DIMS] = {0};
    Iter it;
    iter_begin(&it, offsets->ndim, offsets->sizes);
    iter_add(&it, tensor_data(first), d, offsets->ndim, offsets->sizes,
             first_moves ? first->strides : still);
    iter_add(&it, tensor_data(second), d, offsets->ndim, offsets->sizes,
             first_moves ? still : second->strides);
    iter_add(&it, tensor_data(offsets), DT_int64, offsets->ndim, offsets->sizes,
             offsets->strides);
    iter_run(&it, f, d, NULL);
}

/* ---- take ---- */

/* The elements of self, as a vector, that index names. index [...] -> [...]. */
static Value take_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    if (!index_is_long(c, "take", index)) return value_null();
    if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype)
        return value_raise(c, RuntimeError,
                           "take(): self and out expected to have the same dtype, but "
                           "got self.dtype = %s and out.dtype = %s",
                           dtype_scalar_name((DType)self->dtype),
                           dtype_scalar_name((DType)k->target[0]->dtype));
    if (self->numel == 0 && index->numel)
        return value_raise(c, IndexError, "take(): tried to take from an empty tensor");
    if (!call_apart(c, k, index) || !call_apart(c, k, self)) return value_null();
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, index->ndim, index->sizes);
    Tensor *offsets = r ? element_offsets(c, self, index) : NULL;
    if (!offsets) return value_null();
    run_at(kernel_index_get, (DType)self->dtype, r, true, self, offsets);
    return value_obj(r);
}
static void take_backward(Ctx *c, Grad *g) {
    Tensor *zeros = t_zeros_like(c, saved_tensor(c, g, 0));
    grad_set(g, 0, t_put_(c, zeros, saved_tensor(c, g, 1), g->grad, true));
}
static const OpDef op_take = {
    .schema = "take(Tensor self, Tensor index) -> Tensor",
    .doc = "The elements of self, as a vector, that index names.",
    .forms = OP_USUAL,
    .saves = "self index",
    .constants = "index",
    .forward = take_forward,
    .backward = take_backward,
};
static Tensor *t_take(Ctx *c, Tensor *self, Tensor *index) {
    return op_tensor(c, &op_take, (Value[]){arg_tensor(self), arg_tensor(index)});
}

/* ---- put ---- */

static bool put_check(Ctx *c, const Tensor *self, const Tensor *index,
                      const Tensor *source) {
    if (!index_is_long(c, "put_", index)) return false;
    if (self->dtype != source->dtype) {
        error_raise(c, RuntimeError,
                    "put_(): self and source expected to have the same dtype, but got "
                    "self.dtype = %s and source.dtype = %s",
                    dtype_scalar_name((DType)self->dtype),
                    dtype_scalar_name((DType)source->dtype));
        return false;
    }
    if (source->numel != index->numel) {
        error_raise(c, IndexError,
                    "put_(): Expected source and index to have the same number of "
                    "elements, but got source.numel() = %" PRId64
                    ", index.numel() = %" PRId64,
                    source->numel, index->numel);
        return false;
    }
    if (self->numel || index->numel == 0) return true;
    error_raise(c, IndexError, "put_(): Tried to put elements into an empty tensor");
    return false;
}

/* The elements of source written, or added, to those of self that index names. */
static Value put_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    Tensor *source = call_tensor(k, 2);
    if (!put_check(c, self, index, source)) return value_null();
    if (!call_apart(c, k, index) || !call_apart(c, k, source)) return value_null();
    DType d = (DType)self->dtype;
    Tensor *r = k->form == CALL_NEW ? k->result[0] = t_empty_like(c, self)
                                    : call_result(c, k, 0, d, self->ndim, self->sizes);
    if (!r) return value_null();
    tensor_copy(r, self);
    index = t_reshape(c, index, source->ndim, source->sizes);
    Tensor *offsets = index ? element_offsets(c, r, index) : NULL;
    if (!offsets) return value_null();
    run_at(call_bool(k, 3) ? kernel_index_accumulate : kernel_index_put, d, r, false,
           source, offsets);
    return value_obj(r);
}
static void put_backward(Ctx *c, Grad *g) {
    Tensor *index = saved_tensor(c, g, 0);
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 3, sizes, MAX_DIMS);
    if (!index) return;
    if (grad_wanted(g, 0)) {
        Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
        bool accumulate = saved_bool(g, 2);
        grad_set(g, 0, accumulate ? g->grad : t_put(c, g->grad, index, zeros, false));
    }
    Tensor *source = grad_wanted(g, 1) ? saved_tensor(c, g, 1) : NULL;
    if (source)
        grad_set(g, 1, t_reshape(c, t_take(c, g->grad, index), n, source->sizes));
}
static const OpDef op_put = {
    .schema = "put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> "
              "Tensor",
    .doc = "self, as a vector, with the elements that index names replaced.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "index source?source accumulate source.shape",
    .constants = "index",
    .forward = put_forward,
    .backward = put_backward,
    .example = "torch.put(m, i, v[:2])",
};
Tensor *t_put(Ctx *c, Tensor *self, Tensor *index, Tensor *source, bool accumulate) {
    return op_tensor(c, &op_put,
                     (Value[]){arg_tensor(self), arg_tensor(index), arg_tensor(source),
                               value_bool(accumulate)});
}
Tensor *t_put_(Ctx *c, Tensor *self, Tensor *index, Tensor *source, bool accumulate) {
    return value_tensor(
        op_call_inplace(c, &op_put,
                        (Value[]){arg_tensor(self), arg_tensor(index),
                                  arg_tensor(source), value_bool(accumulate)}));
}

/* ---- take_along_dim ---- */

/* t expanded so that its other dimensions match those of `other`; along dim it keeps
 * its own size. */
static Tensor *expand_beside(Ctx *c, Tensor *t, const Tensor *other, int dim) {
    Shape a = tensor_shape(t), b = tensor_shape(other), shape;
    b.dims[dim] = a.dims[dim];
    if (!shape_broadcast(c, &b, &a, &shape)) return NULL;
    return t_expand(c, t, shape.ndim, shape.dims);
}

static Value gather_into(Ctx *c, Call *k, Tensor *self, int64_t dim, Tensor *index) {
    if (ctx_failed(c)) return value_null();
    Value args[4] = {arg_tensor(self), value_int(dim), arg_tensor(index),
                     value_bool(false)};
    if (k->form == CALL_OUT) return op_call_out(c, &op_gather, args, k->target, 1);
    return op_call(c, &op_gather, args);
}

static Value take_along_dim_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *indices = call_tensor(k, 1);
    int64_t flat = -1;
    if (call_is_none(k, 2)) {
        self = t_view(c, self, 1, &flat);
        return gather_into(c, k, self, 0, t_view(c, indices, 1, &flat));
    }
    if (self->ndim != indices->ndim)
        return value_raise(c, RuntimeError,
                           "torch.take_along_dim(): input and indices should have the "
                           "same number of dimensions, but got %d dimensions for "
                           "input, and %d dimensions for indices",
                           self->ndim, indices->ndim);
    if (indices->dtype != DT_int64)
        return value_raise(
            c, RuntimeError,
            "torch.take_along_dim(): dtype of indices should be Long but got %s",
            dtype_scalar_name((DType)indices->dtype));
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0 || shape_size_dim(c, dim, self->ndim) < 0) return value_null();
    Tensor *index = expand_beside(c, indices, self, dim);
    return gather_into(c, k, expand_beside(c, self, indices, dim), dim, index);
}
static const OpDef op_take_along_dim = {
    .schema = "take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor",
    .doc = "Elements of self picked along a dimension by indices that broadcast.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = take_along_dim_forward,
    .example = "torch.take_along_dim(m, i[None])",
};

/* ---- repeat_interleave ---- */

/* How many indices a vector of counts makes, -1 after raising. */
static int64_t total_repeats(Ctx *c, const Tensor *repeats, Value output_size) {
    const int64_t *n = tensor_data(repeats);
    int64_t total = 0;
    bool negative = false, overflow = false;
    for (int64_t i = 0; i < repeats->numel; i++) {
        negative |= n[i] < 0;
        overflow |= __builtin_add_overflow(total, n[i], &total);
    }
    bool given = !value_is_none(output_size);
    int64_t size = given ? output_size.as.i : total;
    bool below = given && size < 0;
    if (given && !below && size != total)
        error_raise(c, RuntimeError, "allocated size does not match required size");
    else if (negative && !below)
        error_raise(c, RuntimeError, "repeats can not be negative");
    else if (overflow || below)
        error_raise(c, RuntimeError,
                    "Trying to create tensor with negative dimension %" PRId64
                    ": [%" PRId64 "]",
                    size, size);
    return ctx_failed(c) ? -1 : total;
}

/* [2, 0, 1] -> [0, 0, 2]: each index as often as its count says. */
static Value repeat_indices_forward(Ctx *c, Call *k) {
    Tensor *repeats = call_tensor(k, 0);
    if (dtype_refused(c, "repeat_interleave_cpu",
                      ~(unsigned)(1 << DT_int64 | 1 << DT_int32),
                      (DType)repeats->dtype))
        return value_null();
    if (repeats->ndim != 1)
        return value_raise(c, RuntimeError,
                           "repeat_interleave only accept 1D vector as repeat");
    Tensor *counts = tensor_make(c, DT_int64, 1, repeats->sizes);
    if (!counts) return value_null();
    tensor_copy(counts, repeats);
    int64_t total = repeats->numel ? total_repeats(c, counts, k->args[1]) : 0;
    Tensor *r = total < 0 ? NULL : tensor_make(c, DT_int64, 1, &total);
    if (!r) return value_null();
    const int64_t *n = tensor_data(counts);
    int64_t *to = tensor_data(r);
    for (int64_t i = 0; i < counts->numel; i++)
        for (int64_t j = 0; j < n[i]; j++) *to++ = i;
    return value_obj(t_to_dtype(c, r, (DType)repeats->dtype));
}
static const OpDef op_repeat_indices = {
    .schema = "repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> "
              "Tensor",
    .doc = "The indices of repeats, each as often as its element says.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = repeat_indices_forward,
    .example = "torch.repeat_interleave(i)",
};

/* Parts of self along dim, or its elements, each as often as repeats says. */
static Value repeat_parts(Ctx *c, Tensor *self, Tensor *repeats, Value along,
                          Value output_size) {
    int64_t flat = -1, dim = value_is_none(along) ? 0 : along.as.i;
    if (!repeats) return value_null();
    if (value_is_none(along)) self = t_flatten(c, self);
    if (repeats->ndim > 1)
        return value_raise(c, RuntimeError, "repeats must be 0-dim or 1-dim tensor");
    int at = self ? shape_size_dim(c, dim, self->ndim) : -1;
    if (at < 0) return value_null();
    int64_t size = self->sizes[at];
    if (repeats->numel == 1)
        repeats = t_expand(c, t_reshape(c, repeats, 1, &flat), 1, &size);
    else if (repeats->numel != size)
        return value_raise(c, RuntimeError,
                           "repeats must have the same size as input along dim");
    Tensor *index =
        op_tensor(c, &op_repeat_indices, (Value[]){arg_tensor(repeats), output_size});
    return value_obj(t_index_select(c, self, dim, index));
}
static Value repeat_interleave_forward(Ctx *c, Call *k) {
    return repeat_parts(c, call_tensor(k, 0), call_tensor(k, 1), k->args[2],
                        k->args[3]);
}
static const OpDef op_repeat_interleave = {
    .schema = "repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? "
              "dim=None, *, int? output_size=None) -> Tensor",
    .doc = "Elements of self, or parts of a dimension, each repeated.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = repeat_interleave_forward,
    .example = "torch.repeat_interleave(v[:2], i)",
};
static Value repeat_interleave_int_forward(Ctx *c, Call *k) {
    int64_t one = 1;
    Tensor *repeats = t_zeros(c, 1, &one, DT_int64);
    if (repeats) *(int64_t *)tensor_data(repeats) = call_int(k, 1);
    return repeat_parts(c, call_tensor(k, 0), repeats, k->args[2], k->args[3]);
}
static const OpDef op_repeat_interleave_int = {
    .schema = "repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, "
              "int? output_size=None) -> Tensor",
    .doc = "Elements of self, or parts of a dimension, each repeated equally often.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = repeat_interleave_int_forward,
};

const OpDef *const take_ops[] = {
    &op_take,
    &op_put,
    &op_take_along_dim,
    &op_repeat_interleave,
    &op_repeat_interleave_int,
    &op_repeat_indices,
    NULL,
};
