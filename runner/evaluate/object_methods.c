/* See object_methods.h. */
#include "runner/evaluate/object_methods.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/values/types.h"

/* ---- object ---- */

static Value object_init(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (args->n + args->n_named == 0) return value_none();
    return value_raise(c, TypeError,
                       "object.__init__() takes exactly one argument (the instance to "
                       "initialize)");
}

static Value object_new_native(Ctx *c, Value self, const Args *args) {
    Class *cls = value_class(self);
    if (!cls)
        return value_raise(c, TypeError,
                           "object.__new__(X): X is not a type object (%s)",
                           type_name(self));
    if (cls->def && cls->def != type_def_object && cls->def != type_def_exception)
        return value_raise(c, TypeError,
                           "object.__new__(%s) is not safe, use %s.__new__()",
                           cls->name->data, cls->name->data);
    if (!cls->builtin && args->n + args->n_named)
        return value_raise(c, TypeError,
                           "object.__new__() takes exactly one argument (the type to "
                           "instantiate)");
    return object_new(interp_of(c), cls, args);
}

static Value object_repr_native(Ctx *c, Value self, const Args *args) {
    (void)args;
    Buf b;
    buf_init(&b, &c->mem);
    if (value_exception(self))
        exception_repr(c, &b, self);
    else
        object_repr(c, &b, self);
    return value_obj(str_take(c, &b));
}

static Value object_str(Ctx *c, Value self, const Args *args) {
    (void)args;
    return value_obj(value_repr_str(c, self));
}

static Value object_eq(Ctx *c, Value self, const Args *args) {
    (void)c;
    return value_same(self, args->pos[0]) ? value_bool(true) : value_not_implemented();
}

static Value object_ne(Ctx *c, Value self, const Args *args) {
    int equal = value_equals(c, self, args->pos[0]);
    return equal < 0 ? value_null() : value_bool(!equal);
}

static Value object_hash(Ctx *c, Value self, const Args *args) {
    (void)c, (void)args;
    uintptr_t address = self.tag == VAL_OBJ ? (uintptr_t)self.as.obj : 0;
    return value_int((int64_t)(address >> 4));
}

static Str *name_argument(Ctx *c, Value v) {
    Str *s = value_str(v);
    if (s) return symbols_intern(&interp_of(c)->symbols, s->data, s->len);
    error_raise(c, TypeError, "attribute name must be string, not '%s'", type_name(v));
    return NULL;
}

static Value object_getattribute(Ctx *c, Value self, const Args *args) {
    Str *name = name_argument(c, args->pos[0]);
    if (!name) return value_null();
    return value_is_object(self) ? instance_attr(c, self, name)
                                 : attr_get(c, self, name);
}

static Value object_setattr(Ctx *c, Value self, const Args *args) {
    Str *name = name_argument(c, args->pos[0]);
    if (!name) return value_null();
    bool ok = value_is_object(self) ? instance_set_attr(c, self, name, args->pos[1])
                                    : attr_set(c, self, name, args->pos[1]);
    return ok ? value_none() : value_null();
}

static Value object_delattr(Ctx *c, Value self, const Args *args) {
    Str *name = name_argument(c, args->pos[0]);
    if (!name) return value_null();
    bool ok = value_is_object(self) ? instance_set_attr(c, self, name, value_null())
                                    : attr_set(c, self, name, value_null());
    return ok ? value_none() : value_null();
}

static Value object_format(Ctx *c, Value self, const Args *args) {
    const Str *spec = value_str(args->pos[0]);
    if (spec && spec->len == 0) return value_obj(value_text_str(c, self));
    return value_raise(c, TypeError,
                       "unsupported format string passed to %s.__format__",
                       type_name(self));
}

static Value object_init_subclass(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (args->n_named == 0) return value_none();
    const Class *cls = args->n ? value_class(args->pos[0]) : NULL;
    return value_raise(c, TypeError,
                       "%s.__init_subclass__() takes no keyword arguments",
                       cls ? cls->name->data : "object");
}

const Native object_methods[] = {
    {"object.__init__", NULL, object_init},
    {"object.__new__", NULL, object_new_native},
    {"object.__repr__", "", object_repr_native},
    {"object.__str__", "", object_str},
    {"object.__eq__", "value /", object_eq},
    {"object.__ne__", "value /", object_ne},
    {"object.__hash__", "", object_hash},
    {"object.__getattribute__", "name /", object_getattribute},
    {"object.__setattr__", "name value /", object_setattr},
    {"object.__delattr__", "name /", object_delattr},
    {"object.__format__", "format_spec /", object_format},
    {NULL, NULL, NULL},
};
const Native object_statics[] = {
    {"object.__init_subclass__", NULL, object_init_subclass},
    {NULL, NULL, NULL},
};

/* ---- type ---- */

static Value type_mro(Ctx *c, Value self, const Args *args) {
    (void)args;
    const Class *cls = value_class(self);
    List *l = pool_add(c, list_new(c, cls->n_mro));
    for (size_t i = 0; l && i < cls->n_mro; i++)
        if (!list_push(c, l, value_obj(cls->mro[i]))) return value_null();
    return value_obj(l);
}

const Native type_methods[] = {
    {"type.mro", "", type_mro},
    {NULL, NULL, NULL},
};

/* ---- exceptions ---- */

static Value exception_init(Ctx *c, Value self, const Args *args) {
    if (args->n_named)
        return value_raise(c, TypeError, "%s() takes no keyword arguments",
                           type_name(self));
    Value t = tuple_of(c, args->n, args->pos);
    if (value_is_null(t)) return t;
    value_set(c, &value_exception(self)->args, t);
    return value_none();
}

static Value exception_str(Ctx *c, Value self, const Args *args) {
    (void)args;
    Buf b;
    buf_init(&b, &c->mem);
    exception_text(c, &b, self);
    return value_obj(str_take(c, &b));
}

static Value exception_with_traceback(Ctx *c, Value self, const Args *args) {
    (void)c, (void)args;
    return self;
}

const Native exception_methods[] = {
    {"BaseException.__init__", NULL, exception_init},
    {"BaseException.__str__", "", exception_str},
    {"BaseException.__repr__", "", object_repr_native},
    {"BaseException.with_traceback", "tb /", exception_with_traceback},
    {NULL, NULL, NULL},
};

/* ---- dict.fromkeys ---- */

static Value dict_fromkeys(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = value_is_null(args->pos[1]) ? value_none() : args->pos[1];
    List *keys = value_to_list(c, args->pos[0]);
    Dict *d = keys ? pool_add(c, dict_new(c)) : NULL;
    for (size_t i = 0; d && i < keys->n; i++)
        if (!dict_set(c, d, keys->items[i], v)) return value_null();
    return value_obj(d);
}

const Native dict_statics[] = {
    {"dict.fromkeys", "iterable value? /", dict_fromkeys},
    {NULL, NULL, NULL},
};
