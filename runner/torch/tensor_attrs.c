/* Attributes of tensors: reading and setting them. See tensor_ops.h. */
#include "runner/torch/tensor_ops.h"

#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/torch_values.h"

#include <string.h>

/* ---- reading ---- */

static Value get_shape(Ctx *c, Tensor *t) {
    return value_obj(pool_add(c, size_new(c, t->ndim, t->sizes)));
}
static Value get_dtype(Ctx *c, Tensor *t) {
    (void)c;
    return value_dtype((DType)t->dtype);
}
static Value get_device(Ctx *c, Tensor *t) {
    (void)c, (void)t;
    return value_device(DEVICE_CPU, -1);
}
static Value get_layout(Ctx *c, Tensor *t) {
    (void)c, (void)t;
    return (Value){.tag = VAL_LAYOUT};
}
static Value get_ndim(Ctx *c, Tensor *t) {
    (void)c;
    return value_int(t->ndim);
}
static Value get_requires_grad(Ctx *c, Tensor *t) {
    (void)c;
    return value_bool(tensor_requires_grad(t));
}
static Value get_is_leaf(Ctx *c, Tensor *t) {
    bool leaf = tensor_is_leaf(c, t);
    return ctx_failed(c) ? value_null() : value_bool(leaf);
}
static Value get_grad_fn(Ctx *c, Tensor *t) {
    Node *n = tensor_grad_fn(c, t);
    if (ctx_failed(c)) return value_null();
    return n ? value_obj(n) : value_none();
}
static Value get_grad(Ctx *c, Tensor *t) {
    Tensor *grad = tensor_grad(t);
    if (!grad && !tensor_seems_leaf(t) && !t->retains_grad)
        warn(
            c, UserWarning,
            "The .grad attribute of a Tensor that is not a leaf Tensor is being "
            "accessed. "
            "Its .grad attribute won't be populated during autograd.backward(). If you "
            "indeed want the .grad field to be populated for a non-leaf Tensor, use "
            ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor "
            "by "
            "mistake, make sure you access the leaf Tensor instead. See "
            "github.com/pytorch/pytorch/pull/30531 for more informations.");
    if (ctx_failed(c)) return value_null();
    return grad ? value_obj(grad) : value_none();
}
/* Shares memory, but neither history nor version. */
static Value get_data(Ctx *c, Tensor *t) {
    Tensor *r = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
    Class *cls = override_class(c, t);
    if (!r || !tensor_own_version(c, r, 0)) return value_null();
    return !cls || tensor_set_class(c, r, cls) ? value_obj(r) : value_null();
}
static Value reversed_dims(Ctx *c, Tensor *t) {
    Value dims[MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) dims[i] = value_int(t->ndim - 1 - i);
    Value order = tuple_of(c, (size_t)t->ndim, dims);
    if (ctx_failed(c)) return order;
    return operator_call_named(c, OP_METHOD, "permute", value_obj(t),
                               &(Args){.pos = &order, .n = 1});
}
static Value get_T(Ctx *c, Tensor *t) {
    static const char warned;
    if (t->ndim != 2 && t->ndim != 0)
        warn_once(
            c, &warned, UserWarning,
            "The use of `x.T` on tensors of dimension other than 2 to reverse their "
            "shape is deprecated and it will throw an error in a future release. "
            "Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions "
            "of a tensor.");
    return ctx_failed(c) ? value_null() : reversed_dims(c, t);
}
static Value transpose_last(Ctx *c, Tensor *t, const char *name) {
    if (t->ndim == 0) return value_obj(t);
    if (t->ndim == 1)
        return value_raise(c, RuntimeError,
                           "tensor.%s is only supported on matrices or batches of "
                           "matrices. Got %d-D tensor.",
                           name, t->ndim);
    Value dims[2] = {value_int(-2), value_int(-1)};
    return operator_call_named(c, OP_METHOD, "transpose", value_obj(t),
                               &(Args){.pos = dims, .n = 2});
}
static Value get_mT(Ctx *c, Tensor *t) {
    return transpose_last(c, t, "mT");
}
static Value get_mH(Ctx *c, Tensor *t) {
    return transpose_last(c, t, "mH");
}
static Value get_H(Ctx *c, Tensor *t) {
    if (t->ndim != 2 && t->ndim != 0)
        return value_raise(
            c, RuntimeError,
            "tensor.H is only supported on matrices (2-D tensors). Got %d-D "
            "tensor.%s",
            t->ndim,
            t->ndim > 2 ? " For batches of matrices, consider using "
                          "tensor.mH"
                        : "");
    return transpose_last(c, t, "H");
}
static Value get_version(Ctx *c, Tensor *t) {
    if (t->unversioned)
        return value_raise(c, RuntimeError,
                           "Inference tensors do not track version counter.");
    return value_int(tensor_version(t));
}
static Value get_base(Ctx *c, Tensor *t) {
    (void)c;
    return t->base ? value_obj(t->base) : value_none();
}
static Value get_output_nr(Ctx *c, Tensor *t) {
    (void)c;
    return value_int(t->output_nr);
}
static Value get_retains_grad(Ctx *c, Tensor *t) {
    (void)c;
    return value_bool(t->retains_grad);
}
static Value get_false(Ctx *c, Tensor *t) {
    (void)c, (void)t;
    return value_bool(false);
}
static Value get_true(Ctx *c, Tensor *t) {
    (void)c, (void)t;
    return value_bool(true);
}
static Value get_name(Ctx *c, Tensor *t) {
    (void)c, (void)t;
    return value_none();
}
static Value get_names(Ctx *c, Tensor *t) {
    return tuple_of(c, (size_t)t->ndim, NULL);
}
static Value get_real(Ctx *c, Tensor *t) {
    (void)c;
    return value_obj(t);
}
static Value get_imag(Ctx *c, Tensor *t) {
    (void)t;
    return value_raise(c, RuntimeError,
                       "imag is not implemented for tensors with non-complex dtypes.");
}

/* An OrderedDict from ids to hooks; None as long as there was no hook. */
static Value get_backward_hooks(Ctx *c, Tensor *t) {
    const HookList *hooks = t->extra ? t->extra->hooks : NULL;
    if (!hooks) return value_none();
    List *pairs = pool_add(c, list_new(c, hooks->n));
    for (size_t i = 0; pairs && i < hooks->n; i++) {
        Value pair[2] = {value_int(hooks->items[i].id), hooks->items[i].fn};
        Value v = tuple_of(c, 2, pair);
        if (value_is_null(v) || !list_push(c, pairs, v)) return value_null();
    }
    if (!pairs) return value_null();
    Value arg = value_obj(pairs);
    return module_call(c, "collections", "OrderedDict", &(Args){&arg, 1, NULL, 0});
}
static Value get_volatile(Ctx *c, Tensor *t) {
    (void)t;
    warn(c, UserWarning, "volatile was removed (Variable.volatile is always False)");
    return ctx_failed(c) ? value_null() : value_bool(false);
}
static Value get_dict(Ctx *c, Tensor *t) {
    Instance *i = tensor_make_instance(c, t);
    if (i && !i->attrs) i->attrs = dict_new(c);
    return i && i->attrs ? value_obj(i->attrs) : value_null();
}

static const TensorGetter getters[] = {
    {"grad", get_grad},
    {"shape", get_shape},
    {"data", get_data},
    {"dtype", get_dtype},
    {"grad_fn", get_grad_fn},
    {"requires_grad", get_requires_grad},
    {"T", get_T},
    {"device", get_device},
    {"is_leaf", get_is_leaf},
    {"ndim", get_ndim},
    {"mT", get_mT},
    {"H", get_H},
    {"mH", get_mH},
    {"layout", get_layout},
    {"output_nr", get_output_nr},
    {"retains_grad", get_retains_grad},
    {"_version", get_version},
    {"_base", get_base},
    {"name", get_name},
    {"names", get_names},
    {"_backward_hooks", get_backward_hooks},
    {"volatile", get_volatile},
    {"__dict__", get_dict},
    {"real", get_real},
    {"imag", get_imag},
    {"is_cpu", get_true},
    {"is_cuda", get_false},
    {"is_mps", get_false},
    {"is_meta", get_false},
    {"is_mkldnn", get_false},
    {"is_nested", get_false},
    {"is_quantized", get_false},
    {"is_sparse", get_false},
    {"is_sparse_csr", get_false},
};
enum { GETTERS = sizeof getters / sizeof *getters };

const TensorGetter *tensor_getter(const Str *name) {
    for (size_t i = 0; i < GETTERS; i++)
        if (str_equals(name, getters[i].name)) return &getters[i];
    return NULL;
}

Value tensor_attr(Ctx *c, Value v, Str *name) {
    Tensor *t = value_tensor(v);
    const TensorGetter *getter = tensor_getter(name);
    if (getter) return getter->get(c, t);
    Value own = tensor_own_attribute(t, name);
    if (!value_is_null(own)) return own;
    const OverloadSet *set = tensor_overloads(c, name);
    return set ? operator_make(c, set, v, false) : value_null();
}

/* ---- setting ---- */

static bool set_requires_grad(Ctx *c, Tensor *t, Value v) {
    if (v.tag != VAL_BOOL) { /* or is deleted */
        error_raise(c, RuntimeError, "requires_grad must be a bool");
        return false;
    }
    if (!tensor_seems_leaf(t)) {
        const char *hint = " If you want to use a computed variable in a subgraph that "
                           "doesn't require "
                           "differentiation use var_no_grad = var.detach().";
        error_raise(c, RuntimeError,
                    "you can only change requires_grad flags of leaf variables.%s",
                    v.as.b ? "" : hint);
        return false;
    }
    return tensor_require_grad(c, t, v.as.b,
                               "only Tensors of floating point and complex dtype can "
                               "require gradients");
}

bool tensor_require_grad(Ctx *c, Tensor *t, bool on, const char *refusal) {
    if (on && !dtype_is_floating((DType)t->dtype)) {
        error_raise(c, RuntimeError, "%s", refusal);
        return false;
    }
    if (on && t->inference && !c->inference) {
        error_raise(
            c, RuntimeError,
            "Setting requires_grad=True on inference tensor outside InferenceMode "
            "is not allowed.");
        return false;
    }
    t->requires_grad = on;
    return true;
}

static bool set_grad(Ctx *c, Tensor *t, Value v) {
    if (value_is_null(v) || value_is_none(v)) {
        tensor_set_grad(c, t, NULL);
        return true;
    }
    Tensor *grad = value_tensor(v);
    const char *problem = NULL;
    if (!grad) {
        error_raise(
            c, TypeError,
            "assigned grad expected to be a Tensor or None but got grad of type%s",
            type_name(v));
        return false;
    }
    if (grad == t)
        problem = "can't assign Variable as its own grad";
    else if (grad->dtype != t->dtype)
        problem = NULL;
    else if (!tensor_same_sizes(grad, t))
        problem = "assigned grad has data of a different size";
    if (grad != t && grad->dtype != t->dtype)
        error_raise(c, RuntimeError, "assigned grad has data of a different type");
    else if (problem)
        error_raise(c, RuntimeError, "%s", problem);
    else
        tensor_set_grad(c, t, grad);
    return !ctx_failed(c);
}

static bool set_data(Ctx *c, Tensor *t, Value v) {
    if (value_is_null(v)) {
        error_raise(c, RuntimeError,
                    "Deleting tensor data is not allowed. Delete tensor "
                    "instead!");
        return false;
    }
    if (!value_tensor(v)) {
        error_raise(c, TypeError, "Variable data has to be a tensor, but got %s",
                    type_name(v));
        return false;
    }
    const Tensor *data = value_tensor(v);
    if (!dtype_is_floating((DType)data->dtype) &&
        (tensor_grad_fn(c, t) || tensor_requires_grad(t))) {
        error_raise(
            c, RuntimeError,
            "data set to a tensor that requires gradients must be floating point "
            "or complex dtype");
        return false;
    }
    return tensor_set_data(c, t, value_tensor(v));
}

/* x.T = ..., x.shape = ... */
static bool refuse_setting(Ctx *c, const Str *name) {
    error_raise(c, AttributeError,
                "attribute '%s' of 'torch._C._TensorBase' objects is not writable",
                name->data);
    return false;
}

/* x.__class__ = cls: what a lazy parameter does when it gets its shape. */
static bool set_class(Ctx *c, Tensor *t, Value v) {
    Class *cls = value_class(v);
    if (cls && cls->builtin && cls->builtin->key == &tensor_type)
        return tensor_set_class(c, t, cls);
    error_raise(c, TypeError,
                "__class__ assignment only supported for mutable types or ModuleType "
                "subclasses");
    return false;
}

bool tensor_set_attr(Ctx *c, Value self, Str *name, Value v) {
    Tensor *t = value_tensor(self);
    if (str_equals(name, "grad")) return set_grad(c, t, v);
    if (str_equals(name, "data")) return set_data(c, t, v);
    if (str_equals(name, "requires_grad")) return set_requires_grad(c, t, v);
    if (str_equals(name, "__class__")) return set_class(c, t, v);
    if (tensor_getter(name)) return refuse_setting(c, name);
    return tensor_set_own_attribute(c, t, name, v);
}
