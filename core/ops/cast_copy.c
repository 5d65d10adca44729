/* Copying, filling and changing dtype. */
#include "ops.h"

#include "core/device.h"
#include "core/inplace.h"
#include "core/pointwise.h"

/* ---- copy_ ---- */

/* self[i] = src[i], src broadcast to self and converted to its dtype.
 * src [...] -> self [...]; raises when src does not broadcast. Source: Copy.cpp. */
static bool copy_check(Ctx *c, const Tensor *self, const Tensor *src) {
    Shape a = tensor_shape(self), b = tensor_shape(src), both;
    if (!shape_broadcast(c, &a, &b, &both)) return false;
    if (shape_equal(a.ndim, a.dims, both.ndim, both.dims)) return true;
    raise_output_shape(c, a.ndim, a.dims, both.ndim, both.dims);
    return false;
}

static Value copy_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *src = call_tensor(k, 1);
    if (src == self) return value_obj(self);
    if (!self_overlap_check(c, self) || !tensors_whole(c, self, src) ||
        !copy_check(c, self, src))
        return value_null();
    if (src->storage == self->storage) src = t_clone(c, src); /* they may overlap */
    if (!src) return value_null();
    tensor_copy(self, src);
    return value_obj(self);
}

static void copy_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, t_zeros_like(c, g->grad));
    if (grad_wanted(g, 1)) grad_set(g, 1, g->grad);
}

static const OpDef op_copy_ = {
    .schema =
        "copy_(Tensor(a!) self, Tensor other, bool non_blocking=False) -> Tensor(a!)",
    .doc = "Copies src, broadcast and converted, into self.",
    .forms = OP_METHOD,
    .traits = OP_NUMBERS_AS_TENSORS | OP_FLOATING_TARGET,
    .node = "CopyBackwards",
    .long_node = "torch::autograd::CopyBackwards",
    .forward = copy_forward,
    .backward = copy_backward,
};

static const OpDef op_copy_async = {
    .schema = "copy_.async(Tensor self, Tensor other, bool async=False) -> Tensor",
    .doc = "copy_ as it once was called.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE | OP_HIDDEN | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_copy_,
};

Tensor *t_copy_(Ctx *c, Tensor *self, Tensor *src) {
    return op_tensor(c, &op_copy_,
                     (Value[]){arg_tensor(self), arg_tensor(src), value_bool(false)});
}

/* ---- clone ---- */

/* A copy with memory of its own; strides are kept when self is dense.
 * clone(x) = x. self [...] -> [...]. Source: TensorFactories.cpp. */
static Value clone_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Tensor *r = make_in_format(c, self, (DType)self->dtype, k->args[1]);
    if (r) tensor_copy(r, self);
    return value_obj(r);
}

static const OpDef op_clone = {
    .schema = "clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor",
    .doc = "A copy of self that is part of the graph.",
    .forms = OP_FUNCTION | OP_METHOD,
    .forward = clone_forward,
    .backward = gradient_passes,
};

Tensor *t_clone(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_clone, (Value[]){arg_tensor(self), value_none()});
}

Tensor *t_clone_contiguous(Ctx *c, Tensor *self) {
    Value format = {.tag = VAL_MEMORY_FORMAT, .as.format = FORMAT_CONTIGUOUS};
    return op_tensor(c, &op_clone, (Value[]){arg_tensor(self), format});
}

/* self, or a contiguous clone of it. Source: TensorProperties.cpp. */
static Value contiguous_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    MemoryFormat f = k->args[1].as.format;
    if (shape_in_format(f, self->ndim, self->sizes, self->strides))
        return value_obj(self);
    if (f == FORMAT_PRESERVE)
        return value_raise(
            c, RuntimeError,
            "preserve memory format is unsupported by the contiguous operator");
    return value_obj(op_tensor(c, &op_clone, (Value[]){arg_tensor(self), k->args[1]}));
}

static const OpDef op_contiguous = {
    .schema = "contiguous(Tensor(a) self, *, MemoryFormat "
              "memory_format=contiguous_format) -> Tensor(a)",
    .doc = "self when it is contiguous, else a contiguous clone.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = contiguous_forward,
};

Tensor *t_contiguous(Ctx *c, Tensor *self) {
    return !self || self->contiguous ? self : t_clone_contiguous(c, self);
}

/* ---- dtype ---- */

/* self converted to another dtype: floats to ints by truncation, ints wrapping.
 * Source: TensorConversions.cpp. */
static Value to_copy_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType dtype = call_dtype(k, 1, (DType)self->dtype);
    Tensor *r = make_in_format(c, self, dtype, k->args[6]);
    if (r) tensor_copy(r, self);
    return value_obj(r);
}

static void to_copy_backward(Ctx *c, Grad *g) {
    Edge e = node_edges(g->node)[0];
    grad_set(g, 0, t_to_dtype(c, g->grad, (DType)node_outputs(e.node)[e.nr].dtype));
}

static const OpDef op_to_copy = {
    .schema = "_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, "
              "Device? device=None, bool? pin_memory=None, bool non_blocking=False, "
              "MemoryFormat? memory_format=None) -> Tensor",
    .doc = "A copy of self in another dtype.",
    .forms = OP_INTERNAL,
    .forward = to_copy_forward,
    .backward = to_copy_backward,
};

Tensor *t_to_dtype(Ctx *c, Tensor *self, DType dtype) {
    if (!self || (DType)self->dtype == dtype) return self;
    Value none = value_none();
    return op_tensor(c, &op_to_copy,
                     (Value[]){arg_tensor(self), value_dtype(dtype), none, none, none,
                               value_bool(false), none});
}

/* Whether t lies in memory as the format asks, which is contiguous for all that has not
 * its channels last. */
static bool suits_format(const Tensor *t, Value format) {
    if (format.tag != VAL_MEMORY_FORMAT || format.as.format == FORMAT_PRESERVE)
        return true;
    MemoryFormat f = t->ndim == 5 ? FORMAT_CHANNELS_LAST_3D : FORMAT_CHANNELS_LAST;
    bool last = !t->contiguous && shape_in_format(f, t->ndim, t->sizes, t->strides);
    return format.as.format == (last ? f : FORMAT_CONTIGUOUS);
}

/* to.dtype / to.device / to.other, whose last argument is the memory format: self
 * itself when nothing changes, unless copy. */
static Value to_forward(Ctx *c, Call *k, DType dtype, bool copy) {
    Tensor *self = call_tensor(k, 0);
    Value none = value_none(), format = k->args[k->op->schema.n - 1];
    bool same = dtype == (DType)self->dtype;
    if (same && !copy && suits_format(self, format)) return value_obj(self);
    Value args[] = {arg_tensor(self),
                    same ? none : value_dtype(dtype),
                    none,
                    none,
                    none,
                    value_bool(false),
                    format};
    return op_call(c, &op_to_copy, args);
}

static Value to_dtype_forward(Ctx *c, Call *k) {
    return to_forward(c, k, call_dtype(k, 1, DT_float32), call_bool(k, 3));
}
static const OpDef op_to_dtype = {
    .schema = "to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, "
              "bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor(a)",
    .doc = "self converted to dtype; self itself when it already has it.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = to_dtype_forward,
};

static Value to_device_forward(Ctx *c, Call *k) {
    if (!device_check(c, k->args[1])) return value_null();
    DType now = (DType)call_tensor(k, 0)->dtype;
    return to_forward(c, k, call_dtype(k, 2, now), call_bool(k, 4));
}
static const OpDef op_to_device = {
    .schema = "to.device(Tensor(a) self, Device? device=None, ScalarType? dtype=None, "
              "bool non_blocking=False, bool copy=False, *, MemoryFormat? "
              "memory_format=None) -> Tensor(a)",
    .doc = "self on a device (always the CPU), converted to dtype.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = to_device_forward,
};

static Value to_other_forward(Ctx *c, Call *k) {
    return to_forward(c, k, (DType)call_tensor(k, 1)->dtype, call_bool(k, 3));
}
static const OpDef op_to_other = {
    .schema = "to.other(Tensor(a) self, Tensor tensor, bool non_blocking=False, bool "
              "copy=False, *, MemoryFormat? memory_format=None) -> Tensor(a)",
    .doc = "self converted to the dtype of other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = to_other_forward,
};

static Value type_as_forward(Ctx *c, Call *k) {
    return value_obj(t_to_dtype(c, call_tensor(k, 0), (DType)call_tensor(k, 1)->dtype));
}
static const OpDef op_type_as = {
    .schema = "type_as(Tensor self, Tensor other) -> Tensor",
    .doc = "self converted to the dtype of other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = type_as_forward,
};

/* ---- fill ---- */

/* Every element of self becomes value, which must fit the dtype.
 * RuntimeError "value cannot be converted to type int8_t without overflow". */
static Value fill_with(Ctx *c, Call *k, Tensor *t) {
    Tensor *value = call_tensor(k, 1);
    if (value && value->ndim != 0)
        return value_raise(c, RuntimeError,
                           "fill_ only supports 0-dimension value tensor but got "
                           "tensor with %d dimensions.",
                           value->ndim);
    Value v = call_scalar(k, 1);
    if (!t || !scalar_fits(c, v, (DType)t->dtype)) return value_null();
    tensor_copy(t, tensor_scalar(c, (DType)t->dtype, v));
    return value_obj(t);
}
static Value fill_forward(Ctx *c, Call *k) {
    return fill_with(c, k, call_tensor(k, 0));
}

static void fill_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, t_zeros_like(c, g->grad));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_sum(c, g->grad));
}

static const OpDef op_fill_scalar = {
    .schema = "fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!)",
    .doc = "Fills self with a number.",
    .forms = OP_METHOD | OP_FUNCTION,
    .node = "FillBackward2",
    .forward = fill_forward,
    .backward = fill_backward,
};
static const OpDef op_fill_tensor = {
    .schema = "fill_.Tensor(Tensor(a!) self, Tensor value) -> Tensor(a!)",
    .doc = "Fills self with the element of a 0-d tensor.",
    .forms = OP_METHOD | OP_FUNCTION,
    .node = "FillBackward3",
    .forward = fill_forward,
    .backward = fill_backward,
    .example = "m.fill_(s)",
};

Tensor *t_fill_(Ctx *c, Tensor *self, Tensor *value) {
    return op_tensor(c, &op_fill_tensor,
                     (Value[]){arg_tensor(self), arg_tensor(value)});
}

/* torch.fill: a filled copy. */
static Value fill_copy_forward(Ctx *c, Call *k) {
    return fill_with(c, k, t_empty_like(c, call_tensor(k, 0)));
}
static const OpDef op_fill_copy_scalar = {
    .schema = "fill.Scalar(Tensor self, Scalar value) -> Tensor",
    .doc = "A tensor like self filled with a number.",
    .forms = OP_FUNCTION,
    .node = "FillBackward0",
    .forward = fill_copy_forward,
    .backward = fill_backward,
};
static const OpDef op_fill_copy_tensor = {
    .schema = "fill.Tensor(Tensor self, Tensor value) -> Tensor",
    .doc = "A tensor like self filled with the element of a 0-d tensor.",
    .forms = OP_FUNCTION,
    .node = "FillBackward1",
    .forward = fill_copy_forward,
    .backward = fill_backward,
    .example = "torch.fill(m, s)",
};

static Value zero_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    tensor_copy(self, tensor_scalar(c, (DType)self->dtype, value_int(0)));
    return ctx_failed(c) ? value_null() : value_obj(self);
}

static void zero_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_zeros_like(c, g->grad));
}

static const OpDef op_zero_ = {
    .schema = "zero_(Tensor(a!) self) -> Tensor(a!)",
    .doc = "Fills self with zeros.",
    .forms = OP_METHOD | OP_FUNCTION,
    .forward = zero_forward,
    .backward = zero_backward,
};

Tensor *t_zero_(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_zero_, (Value[]){arg_tensor(self)});
}

/* Whether only the pool knows t, a whole tensor that was made for this call. */
static bool is_unshared(const Call *k, const Tensor *t) {
    if (t->obj.u.refs != 1 || t->storage->obj.u.refs != 1 || t->base) return false;
    if (!t->contiguous || t->wrapped_number || tensor_requires_grad(t)) return false;
    for (int i = 0; i < k->op->schema.n; i++)
        if (value_tensor(k->args[i]) == t) return false;
    return true;
}

Value call_give(Ctx *c, Call *k, Tensor *t) {
    if (ctx_failed(c)) return value_null();
    if (k->form == CALL_NEW && is_unshared(k, t)) return value_obj(k->result[0] = t);
    Tensor *r = call_result(c, k, 0, (DType)t->dtype, t->ndim, t->sizes);
    if (!r) return value_null();
    tensor_copy(r, t);
    return value_obj(r);
}

/* ---- resize_ ---- */

static Value resize_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    if (n < 0) return value_null();
    if (tensor_requires_grad(self))
        return value_raise(c, RuntimeError,
                           "cannot resize variables that require grad");
    Value format = k->args[2];
    if (!tensor_resize(c, self, n, sizes)) return value_null();
    if (format.tag != VAL_MEMORY_FORMAT) return value_obj(self);
    if (format.as.format == FORMAT_PRESERVE)
        return value_raise(c, RuntimeError, "Unsupported memory formatPreserve");
    int64_t strides[MAX_DIMS];
    if (!shape_format_strides(c, format.as.format, n, sizes, strides) ||
        !tensor_set_geometry(c, self, n, sizes, strides, self->offset))
        return value_null();
    return value_obj(self);
}
static const OpDef op_resize_ = {
    .schema = "resize_(Tensor(a!) self, SymInt[] size, *, MemoryFormat? "
              "memory_format=None) -> Tensor(a!)",
    .doc = "Gives self new sizes; the storage grows when it must.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE | OP_UNCOUNTED,
    .forward = resize_forward,
};

static Value resize_as_forward(Ctx *c, Call *k) {
    const Tensor *like = call_tensor(k, 1);
    Value args[3] = {k->args[0], arg_ints(c, like->ndim, like->sizes), k->args[2]};
    return op_call_inplace(c, &op_resize_, args);
}
static const OpDef op_resize_as_ = {
    .schema = "resize_as_(Tensor(a!) self, Tensor the_template, *, MemoryFormat? "
              "memory_format=None) -> Tensor(a!)",
    .doc = "Gives self the sizes of the_template, see resize_.",
    .forms = OP_METHOD | OP_FUNCTION,
    .traits = OP_COMPOSITE | OP_NOT_DIFFERENTIABLE,
    .forward = resize_as_forward,
    .example = "m.clone().resize_as_(v)",
};

const OpDef *const cast_copy_ops[] = {
    &op_copy_,
    &op_copy_async,
    &op_clone,
    &op_contiguous,
    &op_to_copy,
    &op_to_device,
    &op_to_dtype,
    &op_to_other,
    &op_type_as,
    &op_fill_tensor,
    &op_fill_scalar,
    &op_fill_copy_tensor,
    &op_fill_copy_scalar,
    &op_zero_,
    &op_resize_,
    &op_resize_as_,
    NULL,
};
