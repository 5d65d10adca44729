/* builtins_object: builtins about objects and their types. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/builtins.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/special_attrs.h"
#include "runner/evaluate/state.h"
#include "runner/values/sequences.h"

/* ---- attributes ---- */

static Str *attribute_name(Ctx *c, Value v) {
    const Str *s = value_str(v);
    if (s) return symbols_intern(&interp_of(c)->symbols, s->data, s->len);
    error_raise(c, TypeError, "attribute name must be string, not '%s'", type_name(v));
    return NULL;
}

static Value builtin_getattr(Ctx *c, Value self, const Args *args) {
    (void)self;
    Str *name = attribute_name(c, args->pos[1]);
    if (!name) return value_null();
    if (value_is_null(args->pos[2])) return attr_get(c, args->pos[0], name);
    Value v = attr_find(c, args->pos[0], name);
    return value_is_null(v) && !ctx_failed(c) ? args->pos[2] : v;
}

static Value builtin_setattr(Ctx *c, Value self, const Args *args) {
    (void)self;
    Str *name = attribute_name(c, args->pos[1]);
    if (!name || !attr_set(c, args->pos[0], name, args->pos[2])) return value_null();
    return value_none();
}

static Value builtin_delattr(Ctx *c, Value self, const Args *args) {
    (void)self;
    Str *name = attribute_name(c, args->pos[1]);
    if (!name || !attr_set(c, args->pos[0], name, value_null())) return value_null();
    return value_none();
}

static Value builtin_hasattr(Ctx *c, Value self, const Args *args) {
    (void)self;
    Str *name = attribute_name(c, args->pos[1]);
    if (!name) return value_null();
    Value v = attr_find(c, args->pos[0], name);
    return ctx_failed(c) ? value_null() : value_bool(!value_is_null(v));
}

/* ---- types ---- */

/* Whether cls, the class of v (VAL_NULL: of nothing), is among classinfo: a class, or a
 * tuple of these, nested at will. 1, 0, -1. */
static int among(Ctx *c, const Class *cls, Value v, Value classinfo,
                 const char *function) {
    const Class *wanted = value_class(classinfo);
    if (wanted) {
        bool (*holds)(const Class *, Value) = wanted->def ? wanted->def->holds : NULL;
        return class_derives(cls, wanted) || (holds && holds(wanted, v));
    }
    const Tuple *t = value_tuple(classinfo);
    int found = 0;
    if (t && !value_enter(c, " in __instancecheck__")) return -1;
    for (size_t i = 0; t && i < t->n && found == 0; i++)
        found = among(c, cls, v, t->items[i], function);
    if (t) {
        value_leave(c);
        return found;
    }
    error_raise(c, TypeError, "%s() arg 2 must be a %s", function,
                function[2] == 'i' ? "type, a tuple of types, or a union"
                                   : "class, a tuple of classes, or a union");
    return -1;
}

static Value builtin_isinstance(Ctx *c, Value self, const Args *args) {
    (void)self;
    const Class *cls = class_of(interp_of(c), args->pos[0]);
    int found = cls ? among(c, cls, args->pos[0], args->pos[1], "isinstance") : -1;
    return found < 0 ? value_null() : value_bool(found);
}

static Value builtin_issubclass(Ctx *c, Value self, const Args *args) {
    (void)self;
    const Class *cls = value_class(args->pos[0]);
    if (!cls) return value_raise(c, TypeError, "issubclass() arg 1 must be a class");
    int found = among(c, cls, value_null(), args->pos[1], "issubclass");
    return found < 0 ? value_null() : value_bool(found);
}

static Value builtin_callable(Ctx *c, Value self, const Args *args) {
    (void)self;
    return value_bool(value_is_callable(c, args->pos[0]));
}

/* ---- identity ---- */

static Value builtin_id(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (v.tag == VAL_OBJ) return value_int((int64_t)(uintptr_t)v.as.obj);
    uint64_t h = 0;
    if (!value_hash(c, v, &h)) return value_null();
    return value_int((int64_t)(h << 4 | (uint64_t)v.tag) & INT64_MAX);
}

static Value builtin_hash(Ctx *c, Value self, const Args *args) {
    (void)self;
    uint64_t h;
    return value_hash(c, args->pos[0], &h) ? value_int((int64_t)h) : value_null();
}

/* ---- vars, dir, globals, locals ---- */

static Value module_names(Ctx *c, const Module *m) {
    Dict *d = pool_add(c, dict_new(c));
    for (int32_t i = 0; d && i < m->made; i++) {
        if (value_is_null(m->slots[i].value)) continue;
        if (!dict_set_str(c, d, (Str *)m->table.names[i], m->slots[i].value))
            return value_null();
    }
    return value_obj(d);
}

static Value builtin_globals(Ctx *c, Value self, const Args *args) {
    (void)self, (void)args;
    return module_names(c, interp_of(c)->frame->module);
}

static Value frame_names(Ctx *c, const Frame *f) {
    if (f->names) return value_obj(f->names);
    if (!f->function) return module_names(c, f->module);
    Dict *d = pool_add(c, dict_new(c));
    for (int32_t i = 0; d && i < f->code->n_slots; i++) {
        Str *name = f->code->slot_names[i];
        if (!name || value_is_null(f->slots[i])) continue;
        if (!dict_set_str(c, d, name, f->slots[i])) return value_null();
    }
    for (int32_t i = 0; d && i < f->code->n_cells + f->code->n_free; i++) {
        Value v = frame_cell(f, i)->value;
        if (value_is_null(v)) continue;
        if (!dict_set_str(c, d, f->code->cell_names[i], v)) return value_null();
    }
    return value_obj(d);
}

static Value builtin_locals(Ctx *c, Value self, const Args *args) {
    (void)self, (void)args;
    return frame_names(c, interp_of(c)->frame);
}

static Value builtin_vars(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (value_is_null(v)) return frame_names(c, interp_of(c)->frame);
    if (value_module(v)) return module_names(c, value_module(v));
    Value d = attr_find(c, v, special(interp_of(c), NAME__dict));
    if (!value_is_null(d) || ctx_failed(c)) return d;
    return value_raise(c, TypeError, "vars() argument must have __dict__ attribute");
}

static bool add_keys(Ctx *c, Dict *into, const Dict *from) {
    DictEntry e;
    for (size_t at = 0; from && dict_next(from, &at, &e);)
        if (!dict_set(c, into, e.key, value_none())) return false;
    return true;
}

static bool add_text(Ctx *c, Dict *into, const char *text) {
    Str *name = pool_add(c, str_from(c, text));
    return name && dict_set(c, into, value_obj(name), value_none());
}

static Value sorted_names(Ctx *c, Value names) {
    List *l = value_is_null(names) ? NULL : value_to_list(c, names);
    return l && list_sort(c, l, value_none(), false) ? value_obj(l) : value_null();
}

/* What __dir__ of a cell's or prelude's class gives, sorted; VAL_NULL when it has none.
 */
static Value asked_names(Ctx *c, Value v) {
    Value given = value_null();
    if (!value_is_null(v)) special_call(c, v, NAME__dir, NULL, 0, &given);
    return sorted_names(c, given);
}

/* What a class adds to dir(): of a built-in one the names that prelude/_names.py has.
 */
static bool add_class_names(Ctx *c, Dict *into, const Class *cls) {
    if (!cls->def)
        return add_keys(c, into, cls->attrs) &&
               (cls->slots_only ||
                (add_text(c, into, "__dict__") && add_text(c, into, "__weakref__")));
    Value name = value_obj(cls->name);
    Value listed = module_call(c, "_names", "names_of", &(Args){&name, 1, NULL, 0});
    const List *l = value_list(listed);
    for (size_t i = 0; l && i < l->n; i++)
        if (!dict_set(c, into, l->items[i], value_none())) return false;
    return l;
}

/* The names of an object's own attributes and of those of its classes. */
static Value builtin_dir(Ctx *c, Value self, const Args *args) {
    (void)self;
    Interp *in = interp_of(c);
    Value v = args->pos[0];
    const Native *own =
        value_is_null(v) ? NULL : type_method(v, special(in, NAME__dir));
    Value asked =
        own ? sorted_names(c, native_call(c, own, v, &(Args){NULL, 0, NULL, 0}))
            : asked_names(c, v);
    if (!value_is_null(asked) || ctx_failed(c)) return asked;
    Dict *names = pool_add(c, dict_new(c));
    if (!names) return value_null();
    if (value_is_null(v)) {
        Value local = frame_names(c, in->frame);
        if (value_is_null(local) || !add_keys(c, names, value_dict(local)))
            return value_null();
    } else {
        const Class *cls = value_class(v) ? value_class(v) : class_of(in, v);
        if (!cls || !add_keys(c, names, object_attrs(v))) return value_null();
        for (size_t i = 0; i < cls->n_mro; i++)
            if (!add_class_names(c, names, cls->mro[i])) return value_null();
    }
    return sorted_names(c, value_obj(names));
}

const Native builtins_object[] = {
    {"getattr", "object name default? /", builtin_getattr},
    {"setattr", "obj name value /", builtin_setattr},
    {"delattr", "obj name /", builtin_delattr},
    {"hasattr", "obj name /", builtin_hasattr},
    {"isinstance", "obj class_or_tuple /", builtin_isinstance},
    {"issubclass", "cls class_or_tuple /", builtin_issubclass},
    {"callable", "obj /", builtin_callable},
    {"id", "obj /", builtin_id},
    {"hash", "obj /", builtin_hash},
    {"globals", "", builtin_globals},
    {"locals", "", builtin_locals},
    {"vars", "object? /", builtin_vars},
    {"dir", "object? /", builtin_dir},
    {NULL, NULL, NULL},
};
