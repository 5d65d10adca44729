/* See constructors.h. */
#include "runner/evaluate/constructors.h"

#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/values/complex.h"
#include "runner/values/number.h"
#include "runner/values/range.h"
#include "runner/values/set.h"
#include "runner/values/slice.h"

static Value bind(Interp *in, const Native *n, const Args *args) {
    return native_call(in->c, n, value_null(), args);
}

/* ---- object, type ---- */

Value object_make(Interp *in, Class *cls, const Args *args) {
    if (args->n + args->n_named)
        return value_raise(in->c, TypeError, "object() takes no arguments");
    return instance_make(in, cls);
}

static Value type_new(Interp *in, const Args *args) {
    Ctx *c = in->c;
    Str *name = value_str(args->pos[0]);
    const Tuple *bases = value_tuple(args->pos[1]);
    Dict *names = value_dict(args->pos[2]);
    if (!name || !bases || !names)
        return value_raise(c, TypeError,
                           "type.__new__() argument %d must be %s, not %s",
                           !name    ? 1
                           : !bases ? 2
                                    : 3,
                           !name    ? "str"
                           : !bases ? "tuple"
                                    : "dict",
                           type_name(args->pos[!name    ? 0
                                               : !bases ? 1
                                                        : 2]));
    ClassSpec spec = {.name = name,
                      .qualname = name,
                      .module = in->main->name,
                      .bases = bases->items,
                      .n_bases = bases->n,
                      .attrs = pool_add(c, dict_copy(c, names))};
    return spec.attrs ? value_obj(class_make(in, &spec)) : value_null();
}

Value type_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    if (args->n == 1 && args->n_named)
        return value_raise(in->c, TypeError, "type() takes no keyword arguments");
    if (args->n == 1) return value_keep(in->c, value_obj(class_of(in, args->pos[0])));
    if (args->n == 3) return type_new(in, args);
    return value_raise(in->c, TypeError, "type() takes 1 or 3 arguments");
}

/* ---- numbers ---- */

static Value bool_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (value_is_null(args->pos[0])) return value_bool(false);
    int truth = value_truth(c, args->pos[0]);
    return truth < 0 ? value_null() : value_bool(truth);
}
static const Native bool_native = {"bool", "x? /", bool_call};

Value bool_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &bool_native, args);
}

/* Whether a number or a text stands in an instance. */
static bool has_number(Value v) {
    Value payload = value_payload(v);
    return !value_same(payload, v) &&
           (value_str(payload) || type_ops(payload)->to_double);
}

/* int(v) of an instance: __int__, __index__ or __trunc__ of its class. */
static Value int_of_instance(Ctx *c, Value v) {
    Value r;
    if (special_call(c, v, NAME__int, NULL, 0, &r)) {
        if (value_is_null(r) || value_is_int(r)) return r;
        return value_raise(c, TypeError, "__int__ returned non-int (type %s)",
                           type_name(r));
    }
    if (special_call(c, v, NAME__index, NULL, 0, &r) ||
        special_call(c, v, NAME__trunc, NULL, 0, &r))
        return r;
    if (has_number(v)) return number_to_int(c, value_payload(v));
    return value_raise(c, TypeError,
                       "int() argument must be a string, a bytes-like object or a real "
                       "number, not '%s'",
                       type_name(v));
}

static Value float_of_instance(Ctx *c, Value v) {
    Value r;
    if (special_call(c, v, NAME__float, NULL, 0, &r)) {
        if (value_is_null(r) || r.tag == VAL_FLOAT) return r;
        return value_raise(c, TypeError, "%s.__float__ returned non-float (type %s)",
                           type_name(v), type_name(r));
    }
    if (special_call(c, v, NAME__index, NULL, 0, &r))
        return value_is_null(r) ? r : number_to_float(c, r);
    if (has_number(v)) return number_to_float(c, value_payload(v));
    return value_raise(c, TypeError,
                       "float() argument must be a string or a real number, not '%s'",
                       type_name(v));
}

static Value int_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (!value_is_null(args->pos[1])) {
        if (!value_is_null(v)) return number_to_int_base(c, v, args->pos[1]);
        return value_raise(c, TypeError, "int() missing string argument");
    }
    if (value_is_null(v)) return value_int(0);
    if (value_tensor(v)) v = tensor_item(c, value_tensor(v));
    if (value_is_null(v)) return v;
    return value_is_object(v) ? int_of_instance(c, v) : number_to_int(c, v);
}
static const Native int_native = {"int", "x? / base?", int_call};

Value int_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &int_native, args);
}

static Value float_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (value_is_null(v)) return value_float(0);
    return value_is_object(v) ? float_of_instance(c, v) : number_to_float(c, v);
}
static const Native float_native = {"float", "x? /", float_call};

Value float_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &float_native, args);
}

static Value complex_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0], r;
    if (value_is_null(args->pos[1]) && !value_is_null(v) &&
        special_call(c, v, NAME__complex, NULL, 0, &r)) {
        if (value_is_null(r) || value_complex(r)) return r;
        return value_raise(c, TypeError,
                           "%s.__complex__() must return a complex, not %s",
                           type_name(v), type_name(r));
    }
    return complex_from(c, value_payload(v), value_payload(args->pos[1]));
}
static const Native complex_native = {"complex", "real? imag?", complex_call};

Value complex_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &complex_native, args);
}

static Value str_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (value_is_null(args->pos[0])) return value_obj(pool_add(c, str_from(c, "")));
    return value_obj(value_text_str(c, args->pos[0]));
}
static const Native str_native = {"str", "object? encoding? errors?", str_call};

Value str_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &str_native, args);
}

/* ---- containers ---- */

static Value list_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (value_is_null(args->pos[0])) return value_obj(pool_add(c, list_new(c, 0)));
    return value_obj(value_to_list(c, args->pos[0]));
}
static const Native list_native = {"list", "iterable? /", list_call};

Value list_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &list_native, args);
}

static Value tuple_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (value_is_null(v)) return tuple_of(c, 0, NULL);
    if (value_tuple(v) && !value_tuple(v)->kind) return v;
    const List *l = value_to_list(c, v);
    return l ? tuple_of(c, l->n, l->items) : value_null();
}
static const Native tuple_native = {"tuple", "iterable? /", tuple_call};

Value tuple_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &tuple_native, args);
}

Value dict_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    Ctx *c = in->c;
    Dict *d = pool_add(c, dict_new(c));
    return d && dict_update(c, d, "dict", args) ? value_obj(d) : value_null();
}

static Value fill_set(Ctx *c, Value v, const ObjType *type) {
    return value_obj(value_is_null(v) ? set_new(c, type) : set_from(c, type, v));
}

static Value set_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    return fill_set(c, args->pos[0], &set_type);
}
static const Native set_native = {"set", "iterable? /", set_call};

Value set_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &set_native, args);
}

static Value frozenset_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    return fill_set(c, args->pos[0], &frozenset_type);
}
static const Native frozenset_native = {"frozenset", "iterable? /", frozenset_call};

Value frozenset_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &frozenset_native, args);
}

/* ---- range, slice: stop, or start and stop ---- */

static const Native range_native = {"range", "start stop? step? /", range_call};

Value range_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &range_native, args);
}

static Value slice_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value a = args->pos[0], b = args->pos[1], step = args->pos[2];
    if (value_is_null(step)) step = value_none();
    if (value_is_null(b)) return slice_new(c, value_none(), a, step);
    return slice_new(c, a, b, step);
}
static const Native slice_native = {"slice", "start stop? step? /", slice_call};

Value slice_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return bind(in, &slice_native, args);
}
