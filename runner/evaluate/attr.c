/* See attr.h. One function for each kind of object that has attributes of its own;
 * everything else has the methods of its type. */
#include "runner/evaluate/attr.h"

#include "runner/evaluate/eval.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/special_attrs.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/tensor_ops.h"
#include "runner/torch/tensor_site.h"
#include "runner/torch/torch_function.h"

/* A method hands on what it lacks to its function. */
static Value no_attribute(Ctx *c, Value v, const Str *name) {
    const Builtin *b = value_builtin(v);
    bool method = value_bound(v) || (b && builtin_seen_as(b) == &bound_type);
    return value_raise(c, AttributeError, "'%s' object has no attribute '%s'",
                       method ? "function" : type_name(v), name->data);
}

/* ---- descriptors ---- */

static Value get_property(Ctx *c, const Property *p, Value self) {
    if (!value_is_none(p->get)) return call_positional(c, p->get, &self, 1);
    return value_raise(c, AttributeError, "property%s of '%s' object has no getter",
                       property_shown_name(c, p), type_name(self));
}

static Value get_descriptor(Ctx *c, Value descriptor, Value self, Class *cls) {
    Interp *in = interp_of(c);
    Value fn = class_find(in, class_of(in, descriptor), special(in, NAME__get));
    if (value_is_null(fn)) return descriptor;
    Value args[2] = {value_is_null(self) ? value_none() : self, value_obj(cls)};
    return call_with_self(c, fn, descriptor, &(Args){args, 2, NULL, 0});
}

Value attr_bind(Ctx *c, Value attribute, Value self, Class *cls) {
    if (attribute.tag != VAL_OBJ) return attribute;
    bool bound = !value_is_null(self);
    const Builtin *b;
    switch (attribute.as.obj->type->kind) {
    case OBJ_OPERATOR:
        return bound && value_operator(attribute)->unbound
                   ? operator_make(c, value_operator(attribute)->set, self, false)
                   : attribute;
    case OBJ_FUNCTION: return bound ? bound_make(c, attribute, self) : attribute;
    case OBJ_BUILTIN:
        b = value_builtin(attribute);
        if (!bound || !b->owner) return attribute;
        return builtin_make(c, b->native, b->on_payload ? value_payload(self) : self,
                            NULL, false);
    case OBJ_PROPERTY:
        return bound ? get_property(c, (Property *)attribute.as.obj, self) : attribute;
    case OBJ_WRAPPED: {
        const Wrapped *w = (Wrapped *)attribute.as.obj;
        if (w->head.obj.type == &staticmethod_type) return w->function;
        b = value_builtin(w->function);
        if (b) return builtin_make(c, b->native, value_obj(cls), NULL, false);
        return attr_bind(c, w->function, value_obj(cls), cls);
    }
    case OBJ_INSTANCE: return get_descriptor(c, attribute, self, cls);
    default: return attribute;
    }
}

/* Whether attribute is an object whose class has the method of that name. */
static bool has_method(Ctx *c, Value attribute, SpecialName name) {
    if (!value_instance(attribute)) return false;
    Interp *in = interp_of(c);
    return !value_is_null(class_find(in, class_of(in, attribute), special(in, name)));
}

/* Whether the attribute goes before those of the instance: a property, or an object
 * whose class has __set__. */
static bool attr_is_data_descriptor(Ctx *c, Value attribute) {
    return value_is_kind(attribute, OBJ_PROPERTY) ||
           has_method(c, attribute, NAME__set);
}

/* ---- instances ---- */

Dict *object_attrs(Value v) {
    if (value_instance(v)) return value_instance(v)->attrs;
    return value_exception(v) ? value_exception(v)->base.attrs : NULL;
}

static Value own_value(Ctx *c, Value v, Str *name) {
    Dict *attrs = object_attrs(v);
    return attrs ? value_keep(c, dict_get_str(attrs, name)) : value_null();
}

/* What object.__getattribute__ finds; VAL_NULL without an error when nothing. */
static Value find_in_instance(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    Value of_class = class_find(in, cls, name);
    if (attr_is_data_descriptor(c, of_class)) return attr_bind(c, of_class, v, cls);
    Value own = own_value(c, v, name);
    if (!value_is_null(own)) return own;
    if (!value_is_null(of_class)) return value_keep(c, attr_bind(c, of_class, v, cls));
    return special_attr(c, v, name);
}

/* The payload's attributes, for subclasses of built-in types. */
static Value find_in_payload(Ctx *c, Value v, Str *name) {
    const Instance *i = value_instance(v);
    if (!i || value_is_null(i->payload)) return value_null();
    return attr_find(c, i->payload, name);
}

static Value ask_getattr(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    Error raised = error_set_aside(c); /* while one is pending nothing is found */
    Value fn = class_find(in, class_of(in, v), special(in, NAME__getattr));
    error_put_back(c, &raised);
    if (value_is_null(fn))
        return ctx_failed(c) ? value_null() : no_attribute(c, v, name);
    error_clear(c);
    Value arg = value_obj(name);
    return call_with_self(c, fn, v, &(Args){&arg, 1, NULL, 0});
}

Value instance_attr(Ctx *c, Value v, Str *name) {
    Value r = find_in_instance(c, v, name);
    if (value_is_null(r) && !ctx_failed(c)) r = find_in_payload(c, v, name);
    if (value_is_null(r) && !ctx_failed(c)) return no_attribute(c, v, name);
    return r;
}

static Value get_of_instance(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    Str *hook = special(in, NAME__getattribute);
    Value fn = class_find_own(in, class_of(in, v), hook);
    Value r, arg = value_obj(name);
    if (!value_is_null(fn))
        r = call_with_self(c, fn, v, &(Args){&arg, 1, NULL, 0});
    else {
        r = find_in_instance(c, v, name);
        if (value_is_null(r) && !ctx_failed(c)) r = find_in_payload(c, v, name);
    }
    if (!value_is_null(r) || (ctx_failed(c) && !error_is(c, AttributeError))) return r;
    return ask_getattr(c, v, name);
}

static Dict **attrs_place(Value v) {
    if (value_instance(v)) return &value_instance(v)->attrs;
    return &value_exception(v)->base.attrs;
}

/* Whether some class of v names the attribute in __slots__. */
static bool in_slots(Interp *in, const Class *cls, const Str *name) {
    for (size_t i = 0; i < cls->n_mro; i++) {
        Dict *attrs = cls->mro[i]->attrs;
        Value slots =
            attrs ? dict_get_str(attrs, special(in, NAME__slots)) : value_null();
        const Value *items = &slots;
        size_t n = value_str(slots) ? 1 : 0;
        if (n == 0) value_items(slots, &items, &n);
        for (size_t k = 0; k < n; k++)
            if (value_str(items[k]) && str_equals(name, value_str(items[k])->data))
                return true;
    }
    return false;
}

static bool set_own_value(Ctx *c, Value v, Str *name, Value x) {
    Interp *in = interp_of(c);
    const Class *cls = class_of(in, v);
    bool is_object = cls->def == type_def_object; /* has no attributes of its own */
    if (is_object || (cls->slots_only && !in_slots(in, cls, name))) {
        no_attribute(c, v, name);
        return false;
    }
    Dict **attrs = attrs_place(v);
    if (value_is_null(x)) {
        if (*attrs && dict_remove_str(c, *attrs, name)) return true;
        no_attribute(c, v, name);
        return false;
    }
    if (!*attrs) *attrs = dict_new(c);
    return *attrs && dict_set_str(c, *attrs, name, x);
}

static bool set_property(Ctx *c, const Property *p, Value self, Value x) {
    bool del = value_is_null(x);
    Value fn = del ? p->del : p->set;
    Value args[2] = {self, x};
    if (!value_is_none(fn))
        return !value_is_null(call_positional(c, fn, args, del ? 1 : 2));
    error_raise(c, AttributeError, "property%s of '%s' object has no %s",
                property_shown_name(c, p), type_name(self), del ? "deleter" : "setter");
    return false;
}

static bool set_by_descriptor(Ctx *c, Value descriptor, Value self, Value x) {
    Interp *in = interp_of(c);
    bool del = value_is_null(x);
    Value fn = class_find(in, class_of(in, descriptor),
                          special(in, del ? NAME__delete : NAME__set));
    Value args[2] = {self, x};
    if (value_is_null(fn)) {
        error_raise(c, AttributeError, "%s", del ? "__delete__" : "__set__");
        return false;
    }
    Args a = {args, del ? 1 : 2, NULL, 0};
    return !value_is_null(call_with_self(c, fn, descriptor, &a));
}

bool instance_set_attr(Ctx *c, Value v, Str *name, Value x) {
    Interp *in = interp_of(c);
    Value of_class = class_find(in, class_of(in, v), name);
    if (value_is_kind(of_class, OBJ_PROPERTY))
        return set_property(c, (Property *)of_class.as.obj, v, x);
    if (attr_is_data_descriptor(c, of_class))
        return set_by_descriptor(c, of_class, v, x);
    int special_set = special_attr_set(c, v, name, x);
    return special_set < 0 ? set_own_value(c, v, name, x) : special_set;
}

static bool set_of_instance(Ctx *c, Value v, Str *name, Value x) {
    Interp *in = interp_of(c);
    bool del = value_is_null(x);
    Str *hook = special(in, del ? NAME__delattr : NAME__setattr);
    Value fn = class_find_own(in, class_of(in, v), hook);
    if (value_is_null(fn)) return !ctx_failed(c) && instance_set_attr(c, v, name, x);
    Value args[2] = {value_obj(name), x};
    return !value_is_null(
        call_with_self(c, fn, v, &(Args){args, del ? 1 : 2, NULL, 0}));
}

/* ---- classes ---- */

static Value get_of_class(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    Class *cls = value_class(v);
    Value own = special_attr_of_class(c, cls, name);
    if (!value_is_null(own) || ctx_failed(c)) return own;
    Value r = class_find(in, cls, name);
    if (!value_is_null(r)) return value_keep(c, attr_bind(c, r, value_null(), cls));
    if (ctx_failed(c)) return value_null();
    Value of_type = class_find(in, class_named(in, "type", 4), name);
    if (!value_is_null(of_type)) return attr_bind(c, of_type, v, cls);
    if (ctx_failed(c)) return value_null();
    return value_raise(c, AttributeError, "type object '%s' has no attribute '%s'",
                       class_shown(cls), name->data);
}

static bool set_of_class(Ctx *c, Value v, Str *name, Value x) {
    Class *cls = value_class(v);
    if (cls->def) {
        error_raise(c, TypeError, "cannot set '%s' attribute of immutable type '%s'",
                    name->data, cls->qualname->data);
        return false;
    }
    classes_changed(interp_of(c));
    int special_set = special_attr_set(c, v, name, x);
    if (special_set >= 0) return special_set;
    if (!value_is_null(x)) return dict_set_str(c, cls->attrs, name, x);
    if (dict_remove_str(c, cls->attrs, name)) return true;
    error_raise(c, AttributeError, "type object '%s' has no attribute '%s'",
                class_shown(cls), name->data);
    return false;
}

/* ---- super() ---- */

static Value get_of_super(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    const Super *s = (Super *)v.as.obj;
    Value r = class_find_after(in, s->of, s->start, name);
    if (!value_is_null(r)) {
        bool of_class = value_class(s->self) == s->of;
        return value_keep(c, attr_bind(c, r, of_class ? value_null() : s->self, s->of));
    }
    if (ctx_failed(c)) return value_null();
    r = special_attr(c, v, name);
    if (!value_is_null(r) || ctx_failed(c)) return r;
    return value_raise(c, AttributeError, "'super' object has no attribute '%s'",
                       name->data);
}

/* ---- functions ---- */

static bool set_of_function(Ctx *c, Value v, Str *name, Value x) {
    Function *fn = value_function(v);
    int special_set = special_attr_set(c, v, name, x);
    if (special_set >= 0) return special_set;
    if (value_is_null(x)) {
        if (fn->attrs && dict_remove_str(c, fn->attrs, name)) return true;
        error_raise(c, AttributeError, "'function' object has no attribute '%s'",
                    name->data);
        return false;
    }
    if (!fn->attrs) fn->attrs = dict_new(c);
    return fn->attrs && dict_set_str(c, fn->attrs, name, x);
}

static Value get_of_function(Ctx *c, Value v, Str *name) {
    const Function *fn = value_function(v);
    Value own = fn->attrs ? dict_get_str(fn->attrs, name) : value_null();
    if (!value_is_null(own)) return value_keep(c, own);
    Value r = special_attr(c, v, name);
    return value_is_null(r) && !ctx_failed(c) ? no_attribute(c, v, name) : r;
}

static Value get_of_bound(Ctx *c, Value v, Str *name) {
    Value r = special_attr(c, v, name);
    if (!value_is_null(r) || ctx_failed(c)) return r;
    r = attr_find(c, value_bound(v)->function, name);
    if (!value_is_null(r) || ctx_failed(c)) return r;
    return no_attribute(c, v, name);
}

/* ---- everything else: methods of the type ---- */

static Value get_of_builtin_type(Ctx *c, Value v, Str *name) {
    const Native *n = type_method(v, name);
    if (n) return builtin_make(c, n, v, NULL, false);
    const TypeOps *ops = type_ops(v);
    Value r = ops->get_attr ? ops->get_attr(c, v, name) : value_null();
    if (!value_is_null(r) || ctx_failed(c)) return r;
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    r = cls ? class_find(in, cls, name) : value_null();
    if (!value_is_null(r)) return value_keep(c, attr_bind(c, r, v, cls));
    if (!ctx_failed(c)) r = special_attr(c, v, name);
    return value_is_null(r) && !ctx_failed(c) ? no_attribute(c, v, name) : r;
}

/* What the subclass of a tensor defines goes before the attributes of all tensors. */
static Value get_of_tensor(Ctx *c, Value v, Str *name) {
    Value r = tensor_subclass_find(value_tensor(v), name);
    if (value_is_null(r)) return get_of_builtin_type(c, v, name);
    return value_keep(c, attr_bind(c, r, v, class_of(interp_of(c), v)));
}

/* Whether v has an attribute of that name that is no method, whatever reading it says.
 */
static bool has_data_attribute(Ctx *c, Value v, Str *name) {
    const TypeOps *ops = type_ops(v);
    if (!ops->get_attr) return false;
    bool found = !value_is_null(ops->get_attr(c, v, name)) || ctx_failed(c);
    if (ctx_failed(c)) error_clear(c);
    return found;
}

static bool set_of_builtin_type(Ctx *c, Value v, Str *name, Value x) {
    (void)x;
    bool member = v.tag == VAL_OBJ && (v.as.obj->type->kind == OBJ_SLICE ||
                                       v.as.obj->type->kind == OBJ_RANGE);
    if (type_method(v, name))
        error_raise(c, AttributeError, "'%s' object attribute '%s' is read-only",
                    type_name(v), name->data);
    else if (!has_data_attribute(c, v, name))
        no_attribute(c, v, name);
    else if (member)
        error_raise(c, AttributeError, "readonly attribute");
    else
        error_raise(c, AttributeError, "attribute '%s' of '%s' objects is not writable",
                    name->data, type_name(v));
    return false;
}

/* The node of a Function is its ctx, which takes attributes of any name but these. */
static bool set_of_node(Ctx *c, Value v, Str *name, Value x) {
    static const char *const fixed[] = {"next_functions", "metadata", "requires_grad",
                                        "saved_tensors", "needs_input_grad"};
    Value ctx = function_node_ctx(value_node(v));
    if (value_is_null(ctx)) return set_of_builtin_type(c, v, name, x);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (!str_equals(name, fixed[i])) continue;
        error_raise(
            c, AttributeError,
            "attribute '%s' of 'torch._C._FunctionBase' objects is not writable",
            name->data);
        return false;
    }
    return attr_set(c, ctx, name, x);
}

/* ---- by kind ---- */

typedef Value (*GetFn)(Ctx *c, Value v, Str *name);
typedef bool (*SetFn)(Ctx *c, Value v, Str *name, Value x);

static const GetFn get_table[OBJ_KIND_COUNT] = {
    [OBJ_INSTANCE] = get_of_instance, [OBJ_EXCEPTION] = get_of_instance,
    [OBJ_CLASS] = get_of_class,       [OBJ_MODULE] = module_get_attr,
    [OBJ_SUPER] = get_of_super,       [OBJ_FUNCTION] = get_of_function,
    [OBJ_BOUND] = get_of_bound,       [OBJ_TENSOR] = get_of_tensor,
};
static const SetFn set_table[OBJ_KIND_COUNT] = {
    [OBJ_INSTANCE] = set_of_instance, [OBJ_EXCEPTION] = set_of_instance,
    [OBJ_CLASS] = set_of_class,       [OBJ_MODULE] = module_set_attr,
    [OBJ_FUNCTION] = set_of_function, [OBJ_TENSOR] = tensor_set_attr,
    [OBJ_NODE] = set_of_node,         [OBJ_GENERATOR_EXP] = generator_set_attr,
};

Value attr_get(Ctx *c, Value v, Str *name) {
    if (ctx_failed(c)) return value_null();
    GetFn get = v.tag == VAL_OBJ ? get_table[v.as.obj->type->kind] : NULL;
    return get ? get(c, v, name) : get_of_builtin_type(c, v, name);
}

Value value_get_attr(Ctx *c, Value v, Str *name) {
    return attr_get(c, v, name);
}

Value attr_find(Ctx *c, Value v, Str *name) {
    Value r = attr_get(c, v, name);
    if (value_is_null(r) && error_is(c, AttributeError)) error_clear(c);
    return r;
}

bool attr_set(Ctx *c, Value v, Str *name, Value x) {
    if (ctx_failed(c)) return false;
    SetFn set = v.tag == VAL_OBJ ? set_table[v.as.obj->type->kind] : NULL;
    return set ? set(c, v, name, x) : set_of_builtin_type(c, v, name, x);
}

Value attr_get_text(Ctx *c, Value v, const char *name) {
    Str *s = symbols_from(&interp_of(c)->symbols, name);
    return s ? attr_get(c, v, s) : value_null();
}

/* ---- call sites ---- */

/* An instance without __getattribute__ of its own, whose class has a function under
 * that name that its own attributes do not hide. p[0] the class, p[1] the function,
 * n the version for which that holds. */
static bool cached_function(Interp *in, Value v, Str *name, Cache *cache, Value *out) {
    const Instance *i = value_instance(v);
    if (!i) return false;
    if (cache->p[0] != i->cls || cache->n != in->class_version) {
        Value hook = class_find_own(in, i->cls, special(in, NAME__getattribute));
        Value fn = class_find(in, i->cls, name);
        if (!value_is_null(hook) || !value_function(fn)) return false;
        cache->p[0] = i->cls;
        cache->p[1] = fn.as.obj;
        cache->n = in->class_version;
    }
    if (i->attrs && !value_is_null(dict_get_str(i->attrs, name))) return false;
    *out = value_obj(cache->p[1]);
    return true;
}

/* p[0] the slots of the type, p[1] its method. */
static const Native *cached_native(Value v, Str *name, Cache *cache) {
    if (v.tag == VAL_OBJ && get_table[v.as.obj->type->kind]) return NULL;
    const TypeOps *ops = type_ops(v);
    if (cache->p[0] == ops && cache->n == 0) return cache->p[1];
    const Native *n = native_find(ops->methods, name);
    if (!n) return NULL;
    cache->p[0] = (void *)ops;
    cache->p[1] = (void *)n;
    cache->n = 0;
    return n;
}

Method attr_method(Ctx *c, Value v, Str *name, Cache *cache) {
    const Tensor *t = value_tensor(v);
    TensorName known;
    if (t && tensor_name(c, t, name, cache, &known)) {
        Value made = known.getter ? known.getter->get(c, (Tensor *)t) : value_null();
        return (Method){.native = known.native, .set = known.set, .function = made};
    }
    const Native *native = cached_native(v, name, cache);
    if (native) return (Method){.native = native, .function = value_null()};
    Value function;
    bool bound = cached_function(interp_of(c), v, name, cache, &function);
    if (!bound) function = attr_get(c, v, name);
    return (Method){.function = function, .bound = bound};
}

Value attr_get_cached(Ctx *c, Value v, Str *name, Cache *cache) {
    const Tensor *t = value_tensor(v);
    TensorName known;
    if (t && tensor_name(c, t, name, cache, &known) && known.getter)
        return value_keep(c, known.getter->get(c, (Tensor *)t));
    return attr_get(c, v, name);
}
