/* See special_attrs.h. */
#include "runner/evaluate/special_attrs.h"

#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"

/* NULL stands for None here: an attribute that exists but is empty. */
static Value str_or_none(Str *s) {
    return s ? value_obj(s) : value_none();
}

static Value fresh_str(Ctx *c, const char *text) {
    return value_obj(pool_add(c, str_from(c, text)));
}

const char *property_shown_name(Ctx *c, const Property *p) {
    const Function *fn = value_function(p->get);
    if (!fn) return "";
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, " '%s'", fn->name->data);
    return text_take(c, &b);
}

/* ---- by kind: VAL_NULL when the name is none of its ---- */

static Value of_instance(Ctx *c, Value v, SpecialName name) {
    Instance *i = (Instance *)v.as.obj;
    if (name == NAME__doc) return value_none();
    if (name != NAME__dict) return value_null();
    if (!i->attrs) i->attrs = dict_new(c);
    return value_obj(i->attrs);
}

static Value of_exception(Ctx *c, Value v, SpecialName name) {
    const Raised *e = value_exception(v);
    switch (name) {
    case NAME__cause: return e->cause;
    case NAME__context: return e->context;
    case NAME__traceback: return value_none();
    case NAME__suppress_context: return value_bool(e->suppress_context);
    default: return of_instance(c, v, name);
    }
}

static Value defaults_tuple(Ctx *c, const Function *fn) {
    if (!fn->n_defaults) return value_none();
    return tuple_of(c, fn->n_defaults, fn->values);
}

static Value of_function(Ctx *c, Value v, SpecialName name) {
    Function *fn = value_function(v);
    switch (name) {
    case NAME__name: return value_obj(fn->name);
    case NAME__qualname: return value_obj(fn->qualname);
    case NAME__doc: return fn->doc;
    case NAME__module: return value_obj(fn->module->name);
    case NAME__defaults: return defaults_tuple(c, fn);
    case NAME__dict:
        if (!fn->attrs) fn->attrs = dict_new(c);
        return value_obj(fn->attrs);
    default: return value_null();
    }
}

static Value of_builtin(Ctx *c, Value v, SpecialName name) {
    const Builtin *b = value_builtin(v);
    switch (name) {
    case NAME__name: return fresh_str(c, native_name(b->native));
    case NAME__qualname: return fresh_str(c, b->native->name);
    case NAME__self: return value_is_null(b->self) ? value_none() : b->self;
    case NAME__doc: return value_none();
    default: return value_null();
    }
}

static Value of_operator(Ctx *c, Value v, SpecialName name) {
    const Operator *o = value_operator(v);
    if (name == NAME__name || name == NAME__qualname) return fresh_str(c, o->set->name);
    return name == NAME__doc ? value_none() : value_null();
}

static Value of_bound(Ctx *c, Value v, SpecialName name) {
    (void)c;
    const BoundMethod *b = value_bound(v);
    if (name == NAME__self) return b->self;
    return name == NAME__func ? b->function : value_null();
}

static Value of_module(Ctx *c, Value v, SpecialName name) {
    (void)c;
    const Module *m = value_module(v);
    if (name == NAME__name) return value_obj(m->name);
    return name == NAME__doc ? value_none() : value_null();
}

static Value of_wrapped(Ctx *c, Value v, SpecialName name) {
    (void)c;
    const Wrapped *w = (Wrapped *)v.as.obj;
    return name == NAME__func || name == NAME__wrapped ? w->function : value_null();
}

typedef Value (*SpecialFn)(Ctx *c, Value v, SpecialName name);
static const SpecialFn by_kind[OBJ_KIND_COUNT] = {
    [OBJ_INSTANCE] = of_instance, [OBJ_EXCEPTION] = of_exception,
    [OBJ_FUNCTION] = of_function, [OBJ_BUILTIN] = of_builtin,
    [OBJ_OPERATOR] = of_operator, [OBJ_BOUND] = of_bound,
    [OBJ_MODULE] = of_module,     [OBJ_WRAPPED] = of_wrapped,
};

/* The special name that this interned str is; SPECIAL_COUNT when it is none. */
static SpecialName special_of(const Interp *in, const Str *name) {
    if (name->len < 5 || name->data[0] != '_' || name->data[1] != '_')
        return SPECIAL_COUNT;
    int i = 0;
    while (i < SPECIAL_COUNT && in->names[i] != name) i++;
    return (SpecialName)i;
}

static Value exception_args(Value v, const Str *name) {
    const Raised *e = value_exception(v);
    return e && str_equals(name, "args") ? e->args : value_null();
}

static Value property_part(Value v, const Str *name) {
    const Property *p = (Property *)v.as.obj;
    if (!value_is_kind(v, OBJ_PROPERTY)) return value_null();
    if (str_equals(name, "fget")) return p->get;
    if (str_equals(name, "fset")) return p->set;
    if (str_equals(name, "fdel")) return p->del;
    return str_equals(name, "__doc__") ? p->doc : value_null();
}

Value special_attr(Ctx *c, Value v, Str *name) {
    Interp *in = interp_of(c);
    Value r = exception_args(v, name);
    if (value_is_null(r)) r = property_part(v, name);
    if (!value_is_null(r)) return value_keep(c, r);
    SpecialName which = special_of(in, name);
    if (which == SPECIAL_COUNT) return value_null();
    if (which == NAME__class) return value_keep(c, value_obj(class_of(in, v)));
    SpecialFn fn = v.tag == VAL_OBJ ? by_kind[v.as.obj->type->kind] : NULL;
    return fn ? value_keep(c, fn(c, v, which)) : value_null();
}

/* ---- classes ---- */

static Value class_tuple(Ctx *c, Class *const *items, size_t n) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, n, NULL));
    for (size_t i = 0; t && i < n; i++) value_set(c, &t->items[i], value_obj(items[i]));
    return value_obj(t);
}

static Value class_dict(Ctx *c, Class *cls) {
    if (!cls->attrs) cls->attrs = dict_new(c);
    return value_obj(cls->attrs ? pool_add(c, dict_copy(c, cls->attrs)) : NULL);
}

static Value class_base(Class *cls) {
    Class *base = cls->n_bases ? cls->bases[0] : NULL;
    return base ? value_obj(base) : value_none();
}

static Value class_doc(Interp *in, Class *cls) {
    Value doc =
        cls->attrs ? dict_get_str(cls->attrs, special(in, NAME__doc)) : value_null();
    return value_is_null(doc) ? value_none() : doc;
}

Value special_attr_of_class(Ctx *c, Class *cls, Str *name) {
    Interp *in = interp_of(c);
    size_t n = cls->n_bases && cls->bases[0] ? cls->n_bases : 0;
    switch (special_of(in, name)) {
    case NAME__name: return value_obj(cls->name);
    case NAME__qualname: return value_obj(cls->qualname);
    case NAME__module: return str_or_none(cls->module);
    case NAME__doc: return class_doc(in, cls);
    case NAME__dict: return class_dict(c, cls);
    case NAME__bases: return class_tuple(c, cls->bases, n);
    case NAME__base: return class_base(cls);
    case NAME__mro: return class_tuple(c, cls->mro, cls->n_mro);
    case NAME__class: return value_keep(c, value_obj(class_of(in, value_obj(cls))));
    default: return value_null();
    }
}

/* ---- setting ---- */

static int set_str(Ctx *c, Str **place, Value x, const char *what) {
    Str *s = value_str(x);
    if (!s) {
        error_raise(c, TypeError, "%s must be set to a string object", what);
        return 0;
    }
    Str *old = *place;
    *place = obj_retain(s);
    obj_release(c, old);
    return 1;
}

static int set_of_function(Ctx *c, Function *fn, SpecialName name, Value x) {
    switch (name) {
    case NAME__name: return set_str(c, &fn->name, x, "__name__");
    case NAME__qualname: return set_str(c, &fn->qualname, x, "__qualname__");
    case NAME__doc: value_set(c, &fn->doc, x); return 1;
    default: return -1;
    }
}

static int set_of_class(Ctx *c, Class *cls, SpecialName name, Value x) {
    switch (name) {
    case NAME__name: return set_str(c, &cls->name, x, "__name__");
    case NAME__qualname: return set_str(c, &cls->qualname, x, "__qualname__");
    case NAME__module: return set_str(c, &cls->module, x, "__module__");
    default: return -1;
    }
}

static int set_class_of(Ctx *c, Instance *i, Value x) {
    Class *cls = value_class(x);
    if (!cls || cls->def) {
        error_raise(
            c, TypeError,
            "__class__ assignment only supported for mutable types or ModuleType "
            "subclasses");
        return 0;
    }
    Class *old = i->cls;
    i->cls = obj_retain(cls);
    obj_release(c, old);
    return 1;
}

static int set_attrs_of(Ctx *c, Instance *i, Value x) {
    Dict *d = value_dict(x);
    if (!d) {
        error_raise(c, TypeError, "__dict__ must be set to a dictionary, not a '%s'",
                    type_name(x));
        return 0;
    }
    Dict *old = i->attrs;
    i->attrs = obj_retain(d);
    obj_release(c, old);
    return 1;
}

static int set_of_exception(Ctx *c, Raised *e, Str *name, SpecialName which, Value x) {
    if (str_equals(name, "args")) {
        List *l = value_to_list(c, x);
        if (!l) return 0;
        Value args = tuple_of(c, l->n, l->items);
        if (value_is_null(args)) return 0;
        value_set(c, &e->args, args);
        return 1;
    }
    if (which == NAME__cause) value_set(c, &e->cause, x);
    if (which == NAME__cause) e->suppress_context = true;
    if (which == NAME__context) value_set(c, &e->context, x);
    return which == NAME__cause || which == NAME__context || which == NAME__traceback
               ? 1
               : -1;
}

int special_attr_set(Ctx *c, Value v, Str *name, Value x) {
    SpecialName which = special_of(interp_of(c), name);
    if (value_is_null(x)) return -1;
    if (value_exception(v))
        return set_of_exception(c, value_exception(v), name, which, x);
    if (which == SPECIAL_COUNT) return -1;
    if (value_function(v)) return set_of_function(c, value_function(v), which, x);
    if (value_class(v)) return set_of_class(c, value_class(v), which, x);
    if (which == NAME__class) return set_class_of(c, (Instance *)v.as.obj, x);
    if (which == NAME__dict) return set_attrs_of(c, (Instance *)v.as.obj, x);
    return -1;
}
