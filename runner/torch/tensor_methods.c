/* Methods of tensors that are not operators: what PyTorch writes in Python or by hand.
 * See tensor_ops.h. */
#include "runner/torch/tensor_ops.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/classes.h"
#include "runner/evaluate/constructors.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/tensor_data.h"
#include "runner/torch/torch_values.h"
#include "runner/values/number.h"
#include "runner/values/slice.h"

#include <inttypes.h>
#include <string.h>

#define METHOD(name) static Value method_##name(Ctx *c, Value self, const Args *a)
#define UNUSED (void)c, (void)self, (void)a

/* torch.name(self, ...) with the arguments that were given under their names: a method
 * that PyTorch writes in Python. */
static Value call_torch(Ctx *c, const char *name, Value self, const Args *a,
                        const char *const *names) {
    Interp *in = interp_of(c);
    Named named[NATIVE_MAX_PARAMS];
    Args all = {&self, 1, named, 0};
    for (size_t i = 0; i < a->n; i++) {
        if (value_is_null(a->pos[i])) continue;
        Str *key = symbols_intern(&in->symbols, names[i], strlen(names[i]));
        if (!key) return value_null();
        named[all.n_named++] = (Named){key, a->pos[i]};
    }
    return module_call(c, "torch", name, &all);
}

METHOD(unique) {
    static const char *const names[] = {"sorted", "return_inverse", "return_counts",
                                        "dim"};
    return call_torch(c, "unique", self, a, names);
}

METHOD(lu) {
    static const char *const names[] = {"pivot", "get_infos"};
    return call_torch(c, "lu", self, a, names);
}

METHOD(norm) {
    static const char *const names[] = {"p", "dim", "keepdim", "dtype"};
    return call_torch(c, "norm", self, a, names);
}

/* x.name(first, second) of the operator with the arguments of a function. */
static Value call_operator(Ctx *c, const char *name, Value self, Value first,
                           Value second) {
    const Value args[3] = {self, first, second};
    return operator_call_named(c, OP_FUNCTION, name, value_null(),
                               &(Args){.pos = args, .n = 3});
}

/* One size for all parts, or a list of sizes; a tensor counts as its number. */
METHOD(split) {
    Value size = a->pos[0], dim = value_is_null(a->pos[1]) ? value_int(0) : a->pos[1];
    const Tensor *t = value_tensor(size);
    if (t && t->numel == 1) size = tensor_item(c, t);
    bool whole = size.tag == VAL_INT || size.tag == VAL_BOOL;
    return call_operator(c, whole ? "split" : "split_with_sizes", self, size, dim);
}

METHOD(unflatten) {
    int some = value_truth(c, a->pos[1]);
    if (some == 0)
        return value_raise(c, RuntimeError, "unflatten: sizes must be non-empty");
    return some < 0 ? value_null()
                    : operator_call_named(c, OP_METHOD, "unflatten", self,
                                          &(Args){.pos = a->pos, .n = 2});
}

METHOD(unique_consecutive) {
    static const char *const names[] = {"return_inverse", "return_counts", "dim"};
    return call_torch(c, "unique_consecutive", self, a, names);
}

/* ---- autograd ---- */

METHOD(backward) {
    bool create = torch_byte_flag(c, a->pos[2]);
    bool keep = arg_given(a, 1) ? torch_byte_flag(c, a->pos[1]) : create;
    if (ctx_failed(c)) return value_null();
    return torch_backward(c, &self, &a->pos[0], a->pos[3], keep, create) ? value_none()
                                                                         : value_null();
}

METHOD(register_hook) {
    int64_t id;
    Tensor *t = value_tensor(self);
    if (!tensor_register_hook(c, t, a->pos[0], &id)) return value_null();
    return hook_handle(c, t->extra->hooks, id);
}

METHOD(retain_grad) {
    (void)a;
    return tensor_retain_grad(c, value_tensor(self)) ? value_none() : value_null();
}

METHOD(requires_grad_) {
    Tensor *t = value_tensor(self);
    bool on = arg_flag(c, a, 0, true);
    bool leaf = tensor_seems_leaf(t);
    if (!leaf && !on)
        return value_raise(
            c, RuntimeError,
            "you can only change requires_grad flags of leaf variables. If "
            "you want to use a computed variable in a subgraph that doesn't "
            "require differentiation use var_no_grad = var.detach().");
    if (!leaf) return self;
    return tensor_require_grad(
               c, t, on, "only Tensors of floating point dtype can require gradients")
               ? self
               : value_null();
}

METHOD(detach_) {
    (void)a;
    Tensor *t = value_tensor(self);
    /* In inference mode autograd is not asked. */
    if (c->inference || t->inference) return self;
    if (t->base)
        return value_raise(
            c, RuntimeError,
            "Can't detach views in-place. Use detach() instead. If you are "
            "using DistributedDataParallel (DDP) for training, and "
            "gradient_as_bucket_view is set as True, gradients are views of "
            "DDP buckets, and hence detach_() cannot be called on these "
            "gradients. To fix this error, please refer to the "
            "Optimizer.zero_grad() function in torch/optim/optimizer.py as the "
            "solution.");
    tensor_set_history(c, t, NULL, 0);
    t->requires_grad = false;
    return self;
}

/* A torch.storage.TypedStorage of all the memory that self and its views share. */
METHOD(storage) {
    (void)a;
    Tensor *t = value_tensor(self);
    int64_t n = (int64_t)(t->storage->nbytes / dtype_size((DType)t->dtype)), step = 1;
    Tensor *all = tensor_alias(c, t, 1, &n, &step, 0);
    if (!all || !tensor_own_version(c, all, 0)) return value_null();
    Value flat = value_obj(all);
    return module_call(c, "torch.storage", "TypedStorage", &(Args){&flat, 1, NULL, 0});
}

/* The memory of a TypedStorage as a tensor, NULL where v is none. */
static Tensor *storage_tensor(Ctx *c, Value v) {
    const Instance *i = value_instance(v);
    if (!i || !str_equals(i->cls->name, "TypedStorage")) return NULL;
    return value_tensor(attr_get_text(c, v, "_flat"));
}

static bool check_storage_dtype(Ctx *c, const Tensor *self, const Tensor *memory) {
    if (self->dtype == memory->dtype) return true;
    return error_raise(c, RuntimeError,
                       "Expected a Storage of type %s or an UntypedStorage, but got "
                       "type %s for argument 1 'storage'",
                       dtype_cpp_name((DType)self->dtype),
                       dtype_scalar_name((DType)memory->dtype));
}

/* The operator sets self to tensors; a storage is one that it lies flat in. */
METHOD(set_) {
    Value given[NATIVE_MAX_PARAMS];
    Args flat = *a;
    Tensor *memory = a->n ? storage_tensor(c, a->pos[0]) : NULL;
    if (memory && a->n <= NATIVE_MAX_PARAMS) {
        if (!check_storage_dtype(c, value_tensor(self), memory)) return value_null();
        for (size_t i = 0; i < a->n; i++) given[i] = a->pos[i];
        given[0] = value_obj(memory);
        flat.pos = given;
    }
    return operator_call_named(c, OP_METHOD, "set_", self, &flat);
}

/* An alias of self that is of another class; a Tensor itself stays as it is. */
METHOD(as_subclass) {
    Class *cls = value_class(a->pos[0]);
    if (!cls)
        return value_raise(c, TypeError, "cls must be a type (got %s)",
                           type_name(a->pos[0]));
    Class *base = tensor_class(interp_of(c));
    if (!base || !class_derives(cls, base)) return raise_no_subclass(c);
    return override_convert(c, self, cls);
}

METHOD(is_set_to) {
    (void)c;
    const Tensor *t = value_tensor(self), *other = value_tensor(a->pos[0]);
    return value_bool(t->storage == other->storage && t->offset == other->offset &&
                      tensor_same_sizes(t, other) &&
                      shape_equal(t->ndim, t->strides, other->ndim, other->strides));
}

METHOD(is_nonzero) {
    (void)a;
    int truth = value_truth(c, self);
    return truth < 0 ? value_null() : value_bool(truth);
}

METHOD(no) {
    UNUSED;
    return value_bool(false);
}
METHOD(self) {
    UNUSED;
    return self;
}

METHOD(is_inference) {
    UNUSED;
    return value_bool(value_tensor(self)->inference);
}
METHOD(_is_view) {
    UNUSED;
    return value_bool(value_tensor(self)->base != NULL);
}

/* ---- sizes ---- */

METHOD(dim) {
    UNUSED;
    return value_int(value_tensor(self)->ndim);
}
METHOD(numel) {
    UNUSED;
    return value_int(value_tensor(self)->numel);
}
METHOD(element_size) {
    UNUSED;
    return value_int((int64_t)dtype_size((DType)value_tensor(self)->dtype));
}
METHOD(storage_offset) {
    UNUSED;
    return value_int(value_tensor(self)->offset);
}
/* The address of the first element: good for telling tensors apart, nothing else. */
METHOD(data_ptr) {
    UNUSED;
    return value_int((int64_t)(intptr_t)tensor_data(value_tensor(self)));
}
METHOD(is_contiguous) {
    (void)c;
    const Tensor *t = value_tensor(self);
    Value f = a->pos[0];
    if (f.tag != VAL_MEMORY_FORMAT) return value_bool(t->contiguous);
    return value_bool(shape_in_format(f.as.format, t->ndim, t->sizes, t->strides));
}
METHOD(is_floating_point) {
    UNUSED;
    return value_bool(dtype_is_floating((DType)value_tensor(self)->dtype));
}
METHOD(is_signed) {
    UNUSED;
    int d = value_tensor(self)->dtype;
    return value_bool(d != DT_uint8 && d != DT_bool);
}
METHOD(is_same_size) {
    (void)c;
    return value_bool(tensor_same_sizes(value_tensor(self), value_tensor(a->pos[0])));
}

/* ---- to Python ---- */

METHOD(item) {
    (void)a;
    return tensor_item(c, value_tensor(self));
}

static Value to_list(Ctx *c, const Tensor *t, int dim, int64_t offset) {
    size_t size = dtype_size((DType)t->dtype);
    if (dim == t->ndim)
        return element_load((DType)t->dtype, t->storage->data + offset * (int64_t)size);
    List *l = pool_add(c, list_new(c, (size_t)t->sizes[dim]));
    for (int64_t i = 0; l && i < t->sizes[dim]; i++) {
        size_t mark = pool_mark(c);
        Value item = to_list(c, t, dim + 1, offset + i * t->strides[dim]);
        if (value_is_null(item) || !list_push(c, l, item)) return value_null();
        pool_drain(c, mark);
    }
    return value_obj(l);
}
METHOD(tolist) {
    (void)a;
    const Tensor *t = value_tensor(self);
    return to_list(c, t, 0, t->offset);
}
METHOD(numpy) {
    UNUSED;
    if (tensor_requires_grad(value_tensor(self)))
        return value_raise(c, RuntimeError,
                           "Can't call numpy() on Tensor that requires grad. Use "
                           "tensor.detach().numpy() instead.");
    return value_raise(
        c, RuntimeError,
        "numpy() is not available: autocell has no NumPy; use .tolist()");
}

/* v as an element of dtype d; false after raising. */
static bool as_element(Ctx *c, DType d, Value *v) {
    double f;
    bool number = v->tag == VAL_INT || v->tag == VAL_FLOAT || v->tag == VAL_BOOL;
    if (number || ctx_failed(c)) return number;
    if (!dtype_is_floating(d))
        return error_raise(c, TypeError,
                           "'%s' object cannot be interpreted as an integer",
                           type_name(*v));
    if (!value_is_kind(*v, OBJ_BIGINT))
        return error_raise(c, TypeError, "must be real number, not %s", type_name(*v));
    if (!value_to_double(c, *v, &f)) return false;
    *v = value_float(f);
    return true;
}

/* Calls fn on every element and stores what it gives. The memory may be another one
 * after each call. */
static bool apply_to(Ctx *c, Value fn, const Tensor *t, int dim, int64_t offset) {
    DType d = (DType)t->dtype;
    if (dim < t->ndim) {
        for (int64_t i = 0; i < t->sizes[dim]; i++)
            if (!apply_to(c, fn, t, dim + 1, offset + i * t->strides[dim]))
                return false;
        return true;
    }
    offset *= (int64_t)dtype_size(d);
    size_t mark = pool_mark(c);
    Value item = element_load(d, t->storage->data + offset);
    Value v = value_call(c, fn, &item, 1);
    bool number = as_element(c, d, &v);
    if (number) element_store(d, t->storage->data + offset, v);
    pool_drain(c, mark);
    return number;
}

METHOD(apply_) {
    Tensor *t = value_tensor(self);
    if (tensor_requires_grad(t))
        return value_raise(c, RuntimeError,
                           "Can't call apply_() on Variable that requires grad. Use "
                           "var.detach().apply_() instead.");
    /* Whatever fn does to self, this keeps its sizes and its storage. */
    const Tensor *view = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
    return view && apply_to(c, a->pos[0], view, 0, view->offset) ? self : value_null();
}

METHOD(reversed) {
    UNUSED;
    if (value_tensor(self)->ndim == 0) return self;
    Value first = value_int(0);
    Value dims = tuple_of(c, 1, &first);
    if (value_is_null(dims)) return dims;
    return operator_call_named(c, OP_METHOD, "flip", self, &(Args){&dims, 1, NULL, 0});
}

METHOD(deepcopy) {
    (void)a;
    Tensor *t = value_tensor(self);
    if (!tensor_is_leaf(c, t))
        return value_raise(c, RuntimeError,
                           "Only Tensors created explicitly by the user (graph leaves) "
                           "support the deepcopy protocol at the moment");
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    Value v =
        operator_call_named(c, OP_METHOD, "clone", self, &(Args){NULL, 0, NULL, 0});
    c->grad_enabled = was;
    Tensor *copy = value_tensor(v);
    if (!copy) return value_null();
    copy->requires_grad = t->requires_grad;
    const Instance *i = tensor_instance(t);
    return !i || tensor_set_class(c, copy, i->cls) ? v : value_null();
}

/* ---- dtype and device ---- */

/* x.to(dtype, memory_format=...), the format when it was given. */
static Value convert(Ctx *c, Value self, DType dtype, Value memory_format) {
    Interp *in = interp_of(c);
    Value d = value_dtype(dtype);
    Args all = {.pos = &d, .n = 1};
    Named format = {symbols_intern(&in->symbols, "memory_format", 13), memory_format};
    if (memory_format.tag == VAL_MEMORY_FORMAT) {
        all.named = &format;
        all.n_named = 1;
    }
    return format.name ? operator_call_named(c, OP_METHOD, "to", self, &all)
                       : value_null();
}
#define CONVERT(name, dtype)                                                           \
    METHOD(name) {                                                                     \
        return convert(c, self, dtype, a->pos[0]);                                     \
    }
CONVERT(float, DT_float32)
CONVERT(double, DT_float64)
CONVERT(half, DT_float16)
CONVERT(bfloat16, DT_bfloat16)
CONVERT(long, DT_int64)
CONVERT(int, DT_int32)
CONVERT(short, DT_int16)
CONVERT(char, DT_int8)
CONVERT(byte, DT_uint8)
CONVERT(to_bool, DT_bool)

METHOD(cuda) {
    (void)self, (void)a;
    return value_raise(c, AssertionError, "Torch not compiled with CUDA enabled");
}
METHOD(get_device) {
    UNUSED;
    return value_int(-1);
}

/* x.type(): its text; x.type(dtype or "torch.DoubleTensor"): converted. */
METHOD(type) {
    if (!arg_given(a, 0))
        return value_obj(
            pool_add(c, str_from(c, tensor_type_text(value_tensor(self)))));
    Value dtype = a->pos[0];
    if (dtype.tag != VAL_DTYPE && !value_str(dtype) && !value_class(dtype))
        return value_raise(c, TypeError, "dtype must be a type, str, or dtype object");
    DType d = dtype_from_value(c, dtype);
    return d == DT_none ? value_null() : convert(c, self, d, value_null());
}

/* ---- new data ---- */

METHOD(new_tensor) {
    Tensor *t = value_tensor(self);
    DType d = arg_given(a, 1) ? dtype_from_value(c, a->pos[1]) : (DType)t->dtype;
    if (d == DT_none) return value_null();
    if (value_tensor(a->pos[0])) tensor_warn_of_copy(c, "tensor.new_tensor");
    Tensor *r = tensor_from_data(c, a->pos[0], d);
    if (r && arg_flag(c, a, 3, false) &&
        !tensor_require_grad(
            c, r, true,
            "Only Tensors of floating point and complex dtype can require "
            "gradients"))
        return value_null();
    return value_obj(r);
}

/* ---- table ---- */

const Native tensor_methods[] = {
    {"Tensor.backward", "def gradient? retain_graph? create_graph? inputs?",
     method_backward},
    {"_TensorBase.item", "", method_item},
    {"Tensor.lu", "def pivot? get_infos?", method_lu},
    {"Tensor.norm", "def p? dim? keepdim? dtype?", method_norm},
    {"Tensor.split", "def split_size dim?", method_split},
    {"Tensor.unflatten", "def dim sizes", method_unflatten},
    {"Tensor.unique", "def sorted? return_inverse? return_counts? dim?", method_unique},
    {"Tensor.unique_consecutive", "def return_inverse? return_counts? dim?",
     method_unique_consecutive},
    {"_TensorBase.tolist", "", method_tolist},
    {"_TensorBase.apply_", "callable /", method_apply_},
    {"_TensorBase.has_names", "", method_no},
    {"Tensor.__reversed__", "", method_reversed},
    {"Tensor.__deepcopy__", "def memo", method_deepcopy},
    {"_TensorBase.numel", "", method_numel},
    {"_TensorBase.nelement", "", method_numel},
    {"_TensorBase.dim", "", method_dim},
    {"_TensorBase.ndimension", "", method_dim},
    {"Tensor.requires_grad_", "arg requires_grad:bool?", method_requires_grad_},
    {"_TensorBase.detach_", "", method_detach_},
    {"Tensor.register_hook", "def hook", method_register_hook},
    {"_TensorBase.retain_grad", "", method_retain_grad},
    {"Tensor.storage", "def", method_storage},
    {"_TensorBase.is_nonzero", "", method_is_nonzero},
    {"_TensorBase.is_pinned", "arg device?", method_no},
    {"Tensor.is_shared", "def", method_no},
    {"Tensor.share_memory_", "def", method_self},
    {"_TensorBase.is_inference", "", method_is_inference},
    {"_TensorBase._is_view", "", method__is_view},
    {"_TensorBase.element_size", "", method_element_size},
    {"_TensorBase.storage_offset", "", method_storage_offset},
    {"_TensorBase.data_ptr", "", method_data_ptr},
    {"Tensor.is_contiguous", "arg * memory_format:torch.memory_format?",
     method_is_contiguous},
    {"_TensorBase.is_floating_point", "", method_is_floating_point},
    {"_TensorBase.is_complex", "", method_no},
    {"_TensorBase.is_conj", "", method_no},
    {"_TensorBase.is_neg", "", method_no},
    {"_TensorBase.is_signed", "", method_is_signed},
    {"Tensor.is_same_size", "arg other:Tensor", method_is_same_size},
    {"_TensorBase.set_", NULL, method_set_},
    {"_TensorBase.as_subclass", "arg cls", method_as_subclass},
    {"_TensorBase.is_set_to", "arg tensor:Tensor", method_is_set_to},
    {"Tensor.numpy", "arg * force?", method_numpy},
    {"Tensor.float", "arg * memory_format:torch.memory_format?", method_float},
    {"Tensor.double", "arg * memory_format:torch.memory_format?", method_double},
    {"Tensor.half", "arg * memory_format:torch.memory_format?", method_half},
    {"Tensor.bfloat16", "arg * memory_format:torch.memory_format?", method_bfloat16},
    {"Tensor.long", "arg * memory_format:torch.memory_format?", method_long},
    {"Tensor.int", "arg * memory_format:torch.memory_format?", method_int},
    {"Tensor.short", "arg * memory_format:torch.memory_format?", method_short},
    {"Tensor.char", "arg * memory_format:torch.memory_format?", method_char},
    {"Tensor.byte", "arg * memory_format:torch.memory_format?", method_byte},
    {"Tensor.bool", "arg * memory_format:torch.memory_format?", method_to_bool},
    {"Tensor.cpu", "arg * memory_format:torch.memory_format?", method_self},
    {"Tensor.cuda",
     "arg device? non_blocking:bool? * memory_format:torch.memory_format?",
     method_cuda},
    {"_TensorBase.get_device", "", method_get_device},
    {"Tensor.type",
     "arg dtype? non_blocking:bool? * memory_format:torch.memory_format?", method_type},
    {"_TensorBase.new", NULL, torch_legacy_new},
    {"Tensor.new_tensor", "arg data * dtype:torch.dtype? device? requires_grad:bool?",
     method_new_tensor},
    {NULL, NULL, NULL},
};
