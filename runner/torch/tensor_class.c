/* See tensor_class.h. */
#include "runner/torch/tensor_class.h"

#include "runner/evaluate/state.h"
#include "runner/torch/torch_values.h"

#include <string.h>

Class *tensor_class(Interp *in) {
    return class_named(in, "torch.Tensor", strlen("torch.Tensor"));
}

Value raise_no_subclass(Ctx *c) {
    return value_raise(
        c, RuntimeError,
        "Creating a Tensor subclass from a class that does not inherit "
        "from Tensor is not possible. Make sure your class inherits from "
        "Tensor.");
}

Instance *tensor_make_instance(Ctx *c, Tensor *t) {
    Interp *in = interp_of(c);
    TensorExtra *x = tensor_extra(c, t);
    if (!x || !value_is_null(x->attributes)) return x ? tensor_instance(t) : NULL;
    Class *cls = tensor_class(in);
    Value v = cls ? instance_make(in, cls) : value_null();
    value_set(c, &x->attributes, v);
    return value_instance(v);
}

bool tensor_class_is_parameter(const Class *cls) {
    for (size_t i = 0; i < cls->n_mro; i++) {
        const Class *k = cls->mro[i];
        if (k->module && str_equals(k->name, "Parameter") &&
            str_equals(k->module, "torch.nn.parameter"))
            return true;
    }
    return false;
}

bool tensor_set_class(Ctx *c, Tensor *t, Class *cls) {
    Instance *i = tensor_make_instance(c, t);
    if (!i) return false;
    Class *old = i->cls;
    i->cls = obj_retain(cls);
    obj_release(c, old);
    t->is_parameter = tensor_class_is_parameter(cls);
    return true;
}

Value tensor_subclass_find(const Tensor *t, Str *name) {
    const Instance *i = tensor_instance(t);
    for (size_t k = 0; i && k < i->cls->n_mro && !i->cls->mro[k]->def; k++) {
        const Dict *attrs = i->cls->mro[k]->attrs;
        Value v = attrs ? dict_get_str(attrs, name) : value_null();
        if (!value_is_null(v)) return v;
    }
    return value_null();
}

Value tensor_own_attribute(const Tensor *t, Str *name) {
    const Instance *i = tensor_instance(t);
    return i && i->attrs ? dict_get_str(i->attrs, name) : value_null();
}

bool tensor_set_own_attribute(Ctx *c, Tensor *t, Str *name, Value v) {
    if (value_is_null(v)) {
        Instance *i = tensor_instance(t);
        if (i && i->attrs && dict_remove_str(c, i->attrs, name)) return true;
        error_raise(c, AttributeError, "'%s' object has no attribute '%s'",
                    type_name(value_obj(t)), name->data);
        return false;
    }
    Instance *i = tensor_make_instance(c, t);
    if (!i) return false;
    if (!i->attrs) i->attrs = dict_new(c);
    return i->attrs && dict_set_str(c, i->attrs, name, v);
}

/* Tensor._make_subclass(cls, data, require_grad=False): a leaf of that class over
 * data's memory. */
static Value make_subclass(Ctx *c, Value self, const Args *a) {
    (void)self;
    Class *cls = value_class(a->pos[0]);
    Tensor *data = value_tensor(a->pos[1]);
    if (!cls)
        return value_raise(c, TypeError, "cls must be a type (got %s)",
                           type_name(a->pos[0]));
    if (cls->def || !class_derives(cls, tensor_class(interp_of(c))))
        return raise_no_subclass(c);
    if (!data)
        return value_raise(c, TypeError,
                           "_make_subclass(): argument 'data' (position 2) must be "
                           "Tensor, not %s",
                           type_name(a->pos[1]));
    Tensor *t =
        tensor_alias(c, data, data->ndim, data->sizes, data->strides, data->offset);
    bool on = !value_is_null(a->pos[2]) && value_truth(c, a->pos[2]) == 1;
    bool ok = t && !ctx_failed(c) && tensor_set_class(c, t, cls) &&
              tensor_require_grad(
                  c, t, on,
                  "Only Tensors of floating point and complex dtype can require "
                  "gradients");
    return ok ? value_obj(t) : value_null();
}

const Native tensor_statics[] = {
    {"Tensor._make_subclass", "cls data require_grad? /", make_subclass},
    {NULL, NULL, NULL},
};
