/* class_make: the class statement's work: resolution order, then __set_name__ and
 * __init_subclass__; and what calling a class does. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/classes.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_class.h"

#include <string.h>

/* ---- method resolution order (C3) ---- */

/* What is left to merge: the order of each base, then the bases themselves. */
typedef struct Sequence {
    Class **items;
    size_t n;
} Sequence;

static bool in_a_tail(const Sequence *all, size_t n, const Class *cls) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k < all[i].n; k++)
            if (all[i].items[k] == cls) return true;
    return false;
}

static Class *next_head(const Sequence *all, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (all[i].n && !in_a_tail(all, n, all[i].items[0])) return all[i].items[0];
    return NULL;
}

static void drop_head(Sequence *all, size_t n, const Class *cls) {
    for (size_t i = 0; i < n; i++)
        if (all[i].n && all[i].items[0] == cls) {
            all[i].items++;
            all[i].n--;
        }
}

static size_t items_left(const Sequence *all, size_t n) {
    size_t left = 0;
    for (size_t i = 0; i < n; i++) left += all[i].n;
    return left;
}

static void raise_no_order(Ctx *c, const Sequence *all, size_t n) {
    Buf names;
    buf_init(&names, &c->mem);
    const Sequence *bases = &all[n - 1];
    for (size_t i = 0; i < bases->n; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", bases->items[i]->name->data);
    error_raise(
        c, TypeError,
        "Cannot create a consistent method resolution\norder (MRO) for bases %s",
        buf_text(&names));
    buf_free(&names);
}

/* Appends the merge of all sequences to cls->mro, which has room. */
static bool merge(Ctx *c, Class *cls, Sequence *all, size_t n) {
    while (items_left(all, n) > 0) {
        Class *next = next_head(all, n);
        if (!next) {
            raise_no_order(c, all, n);
            return false;
        }
        cls->mro[cls->n_mro++] = obj_retain(next);
        drop_head(all, n, next);
    }
    return true;
}

static bool check_distinct(Ctx *c, const Class *cls) {
    for (size_t i = 0; i < cls->n_bases; i++)
        for (size_t k = 0; k < i; k++) {
            if (cls->bases[i] != cls->bases[k]) continue;
            error_raise(c, TypeError, "duplicate base class %s",
                        cls->bases[i]->name->data);
            return false;
        }
    return true;
}

static bool resolve_order(Ctx *c, Class *cls) {
    if (!check_distinct(c, cls)) return false;
    size_t n = cls->n_bases, room = 1 + n;
    for (size_t i = 0; i < n; i++) room += cls->bases[i]->n_mro;
    Class **order = ctx_alloc(c, room * sizeof *order);
    Sequence *all = ctx_alloc(c, (n + 1) * sizeof *all);
    bool ok = order && all;
    if (ok) {
        cls->mro = order;
        cls->mro[0] = cls;
        cls->n_mro = 1;
        for (size_t i = 0; i < n; i++)
            all[i] = (Sequence){cls->bases[i]->mro, cls->bases[i]->n_mro};
        all[n] = (Sequence){cls->bases, n};
        ok = merge(c, cls, all, n + 1);
        /* Shrunk to what is in use, so that n_mro is the size of the block. */
        Class **exact = ctx_resize(c, NULL, 0, cls->n_mro * sizeof *exact);
        if (exact) memcpy(exact, order, cls->n_mro * sizeof *exact);
        for (size_t i = 1; !exact && i < cls->n_mro; i++) obj_release(c, order[i]);
        cls->mro = exact;
        if (!exact) cls->n_mro = 0;
        ok = ok && exact;
    }
    ctx_free(c, order, room * sizeof *order);
    ctx_free(c, all, (n + 1) * sizeof *all);
    return ok;
}

/* ---- bases ---- */

/* Python calls the type of such a base as a metaclass, with name, bases and body: what
 * it says is that the type does not take them. */
static void refuse_base(Interp *in, Value v, const ClassSpec *spec) {
    Ctx *c = in->c;
    if (value_module(v))
        error_raise(c, TypeError, "module() takes at most 2 arguments (3 given)");
    else if (value_function(v))
        error_raise(c, TypeError, "function() argument 'code' must be code, not str");
    else if (value_is_none(v))
        error_raise(c, TypeError, "NoneType takes no arguments");
    else if (value_str(v))
        error_raise(c, TypeError, "str() argument 'encoding' must be str, not tuple");
    if (ctx_failed(c)) return;
    Value bases = tuple_of(c, spec->n_bases, spec->bases);
    Value args[3] = {value_obj(spec->name), bases, value_obj(spec->attrs)};
    Class *cls = class_of(in, v);
    if (cls) class_call(in, cls, &(Args){args, 3, NULL, 0});
    error_raise(c, TypeError, "a class cannot derive from '%s' objects", type_name(v));
}

static bool check_base(Interp *in, Value v, const ClassSpec *spec) {
    Ctx *c = in->c;
    const Class *base = value_class(v);
    if (!base) {
        refuse_base(in, v, spec);
        return false;
    }
    if (base->def && base->def->final) {
        error_raise(c, TypeError, "type '%s' is not an acceptable base type",
                    base->name->data);
        return false;
    }
    return true;
}

static bool take_bases(Interp *in, Class *cls, const ClassSpec *spec) {
    Ctx *c = in->c;
    size_t n = spec->n_bases ? spec->n_bases : 1;
    for (size_t i = 0; i < spec->n_bases; i++)
        if (!check_base(in, spec->bases[i], spec)) return false;
    cls->bases = ctx_alloc_zero(c, n * sizeof *cls->bases);
    if (!cls->bases) return false;
    cls->n_bases = n;
    if (spec->n_bases == 0)
        cls->bases[0] = obj_retain(class_named(in, "object", strlen("object")));
    for (size_t i = 0; i < spec->n_bases; i++)
        cls->bases[i] = obj_retain(value_class(spec->bases[i]));
    return cls->bases[0] != NULL;
}

/* The nearest built-in type other than object, which decides how instances are laid
 * out; two different ones do not go together. */
static bool inherit_layout(Ctx *c, Class *cls) {
    for (size_t i = 0; i < cls->n_bases; i++) {
        const Class *base = cls->bases[i];
        bool plain = !base->builtin || base->builtin == type_def_object;
        if (plain) continue;
        if (cls->builtin && cls->builtin != base->builtin) {
            error_raise(c, TypeError, "multiple bases have instance lay-out conflict");
            return false;
        }
        cls->builtin = base->builtin;
        if (!cls->error_kind) cls->error_kind = base->error_kind;
    }
    return true;
}

/* ---- __set_name__, __init_subclass__ ---- */

static bool set_names(Interp *in, Class *cls) {
    DictEntry e;
    for (size_t at = 0; dict_next(cls->attrs, &at, &e);) {
        if (!value_instance(e.value)) continue;
        Class *of = class_of(in, e.value);
        Value fn = class_find(in, of, special(in, NAME__set_name));
        if (value_is_null(fn)) continue;
        Value args[2] = {value_obj(cls), e.key};
        if (value_is_null(
                call_with_self(in->c, fn, e.value, &(Args){args, 2, NULL, 0})))
            return false;
    }
    return true;
}

static bool init_subclass(Interp *in, Class *cls, const Args *keywords) {
    Value fn = class_find_after(in, cls, cls, special(in, NAME__init_subclass));
    Args named = {NULL, 0, keywords ? keywords->named : NULL,
                  keywords ? keywords->n_named : 0};
    if (value_is_null(fn)) {
        if (named.n_named == 0) return true;
        error_raise(in->c, TypeError,
                    "%s.__init_subclass__() takes no keyword arguments",
                    cls->name->data);
        return false;
    }
    if (value_is_kind(fn, OBJ_WRAPPED)) fn = ((Wrapped *)fn.as.obj)->function;
    return !value_is_null(call_with_self(in->c, fn, value_obj(cls), &named));
}

/* A class with an __eq__ of its own and no __hash__ has unhashable instances. */
static bool mark_unhashable(Interp *in, Dict *attrs) {
    Str *eq = special(in, NAME__eq), *hash = special(in, NAME__hash);
    if (value_is_null(dict_get_str(attrs, eq))) return true;
    if (!value_is_null(dict_get_str(attrs, hash))) return true;
    return dict_set_str(in->c, attrs, hash, value_none());
}

/* With __slots__ in every class it derives from, a class limits its instances. */
static bool has_slots_only(Interp *in, const Class *cls) {
    Value slots = dict_get_str(cls->attrs, special(in, NAME__slots));
    bool only = !value_is_null(slots);
    for (size_t i = 0; i < cls->n_bases && only; i++)
        only = cls->bases[i]->slots_only || cls->bases[i]->def == type_def_object;
    return only;
}

Class *class_make(Interp *in, const ClassSpec *spec) {
    Ctx *c = in->c;
    Class *cls = pool_add(c, obj_new_tracked(c, &class_type, sizeof *cls));
    if (!cls) return NULL;
    cls->name = obj_retain(spec->name);
    cls->qualname = obj_retain(spec->qualname);
    Str *module = value_str(dict_get_str(spec->attrs, special(in, NAME__module)));
    cls->module = obj_retain(module ? module : spec->module);
    cls->attrs = obj_retain(spec->attrs);
    if (!mark_unhashable(in, cls->attrs) || !take_bases(in, cls, spec) ||
        !inherit_layout(c, cls) || !resolve_order(c, cls))
        return NULL;
    cls->slots_only = has_slots_only(in, cls);
    for (size_t i = 0; i < cls->n_bases && !cls->type_name; i++)
        cls->type_name = obj_retain(cls->bases[i]->type_name);
    classes_changed(in);
    overrides_class_made(in, cls);
    return set_names(in, cls) && init_subclass(in, cls, spec->keywords) ? cls : NULL;
}

/* ---- calling a class ---- */

Value instance_make(Interp *in, Class *cls) {
    if (cls->error_kind) return exception_new(in, cls, NULL, 0);
    Instance *i = obj_new_tracked(in->c, &instance_type, sizeof *i);
    if (!i) return value_null();
    i->cls = obj_retain(cls);
    return value_obj(pool_add(in->c, i));
}

/* object.__new__(cls, ...): the arguments are __init__'s business, unless there is no
 * __init__ to take them. */
Value object_new(Interp *in, Class *cls, const Args *args) {
    Value v = instance_make(in, cls);
    const TypeDef *def = cls->builtin;
    if (value_is_null(v) || !def) return v;
    Raised *e = value_exception(v);
    if (e) {
        value_set(
            in->c, &e->args,
            value_obj(pool_add(in->c, tuple_new(in->c, NULL, args->n, args->pos))));
        return value_is_null(e->args) ? value_null() : v;
    }
    if (!def->make || def == type_def_object) return v;
    bool filled_later = type_def_is_mutable(def);
    Value payload = def->make(in, cls, filled_later ? &(Args){NULL, 0, NULL, 0} : args);
    if (value_is_null(payload)) return payload;
    if (value_tensor(payload)) /* its class is a mark on it */
        return tensor_set_class(in->c, value_tensor(payload), cls) ? payload
                                                                   : value_null();
    value_set(in->c, &value_instance(v)->payload, payload);
    return v;
}

static Value call_new(Interp *in, Class *cls, Value fn, const Args *args) {
    if (value_is_kind(fn, OBJ_WRAPPED)) fn = ((Wrapped *)fn.as.obj)->function;
    return call_with_self(in->c, fn, value_obj(cls), args);
}

static Value check_none(Ctx *c, Value v) {
    if (value_is_null(v) || value_is_none(v)) return v;
    return value_raise(c, TypeError, "__init__() should return None, not '%s'",
                       type_name(v));
}

Value class_call(Interp *in, Class *cls, const Args *args) {
    Ctx *c = in->c;
    if (cls->def && cls->def != type_def_exception) {
        if (cls->def->make) return cls->def->make(in, cls, args);
        return value_raise(c, TypeError, "cannot create '%s' instances",
                           cls->def->name);
    }
    if (!cls->def && !cls->attrs && !cls->error_kind)
        return value_raise(c, TypeError, "cannot create '%s' instances",
                           cls->name->data); /* the type of a node, known by name */
    Value new = class_find_own(in, cls, special(in, NAME__new));
    Value init = class_find(in, cls, special(in, NAME__init));
    bool own_init = !value_is_null(class_find_own(in, cls, special(in, NAME__init)));
    if (ctx_failed(c)) return value_null();
    Value v =
        value_is_null(new) ? object_new(in, cls, args) : call_new(in, cls, new, args);
    if (value_is_null(v)) return v;
    if (!class_derives(class_of(in, v), cls)) return v;
    if (!own_init && value_is_null(new) && (!cls->builtin) && args->n + args->n_named)
        return value_raise(c, TypeError, "%s() takes no arguments", cls->name->data);
    if (own_init || (cls->builtin && !value_is_null(init))) {
        Value r = call_with_self(c, init, v, args);
        if (value_is_null(check_none(c, r))) return value_null();
    }
    return v;
}
