/* See instance_ops.h. */
#include "runner/evaluate/instance_ops.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/values/bigint.h"
#include "runner/values/types.h"

/* ---- special methods ---- */

bool special_call(Ctx *c, Value v, SpecialName name, const Value *args, size_t n,
                  Value *out) {
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    Value fn = class_find_own(in, cls, special(in, name));
    *out = value_null();
    if (value_is_null(fn)) return ctx_failed(c);
    Args a = {args, n, NULL, 0};
    if (value_function(fn))
        *out = call_with_self(c, fn, v, &a);
    else
        *out = call_value(c, attr_bind(c, fn, v, cls), &a);
    return true;
}

Value value_payload(Value v) {
    const Instance *i = value_instance(v);
    return i && !value_is_null(i->payload) ? i->payload : v;
}

/* v[key] for each key of keys. */
static Dict *items_at(Ctx *c, Value v, Value keys) {
    Dict *d = pool_add(c, dict_new(c));
    Value it = d ? value_keep(c, value_iterate(c, keys)) : value_null();
    while (!value_is_null(it) && !ctx_failed(c)) {
        Value key = value_next(c, it);
        if (value_is_null(key)) break;
        Value item = value_get_item(c, v, key);
        if (!value_is_null(item)) dict_set(c, d, key, item);
    }
    return ctx_failed(c) ? NULL : d;
}

Dict *mapping_dict(Ctx *c, Value v) {
    Dict *d = value_dict(value_payload(v));
    if (d || !value_instance(v)) return d;
    Str *name = symbols_from(&interp_of(c)->symbols, "keys");
    Value method = name ? attr_find(c, v, name) : value_null();
    if (value_is_null(method)) return NULL;
    Value keys = call_positional(c, method, NULL, 0);
    return value_is_null(keys) ? NULL : items_at(c, v, keys);
}

static bool has_payload(Value v) {
    return value_instance(v) && !value_is_null(value_instance(v)->payload);
}

static const char *instance_name(Value v) {
    if (value_exception(v)) return value_exception(v)->base.cls->name->data;
    return class_shown(value_instance(v)->cls);
}

/* ---- text ---- */

void object_repr(Ctx *c, Buf *out, Value v) {
    const Class *cls = class_of(interp_of(c), v);
    if (!cls) return;
    if (cls->module && !str_equals(cls->module, "builtins"))
        buf_printf(out, "<%s.%s object at 0x...>", cls->module->data,
                   cls->qualname->data);
    else
        buf_printf(out, "<%s object at 0x...>", cls->qualname->data);
}

/* Appends the str that a special method gave. */
static void add_str(Ctx *c, Buf *out, Value v, const char *method) {
    if (value_is_null(v)) return;
    const Str *s = value_str(value_payload(v));
    if (s)
        buf_add(out, s->data, s->len);
    else
        error_raise(c, TypeError, "%s returned non-string (type %s)", method,
                    type_name(v));
}

static void instance_repr(Ctx *c, Buf *out, Value v) {
    Value r;
    if (!value_enter(c, " while getting the repr of an object")) return;
    if (special_call(c, v, NAME__repr, NULL, 0, &r))
        add_str(c, out, r, "__repr__");
    else if (has_payload(v))
        value_repr(c, out, value_payload(v));
    else if (value_exception(v))
        exception_repr(c, out, v);
    else
        object_repr(c, out, v);
    value_leave(c);
}

static void instance_text(Ctx *c, Buf *out, Value v) {
    Value r;
    if (!value_enter(c, " while getting the str of an object")) return;
    if (special_call(c, v, NAME__str, NULL, 0, &r))
        add_str(c, out, r, "__str__");
    else if (value_exception(v))
        exception_text(c, out, v);
    else if (value_str(value_payload(v)))
        value_text(c, out, value_payload(v));
    else if (special_call(c, v, NAME__repr, NULL, 0, &r))
        add_str(c, out, r, "__str__");
    else
        instance_repr(c, out, v);
    value_leave(c);
}

static void instance_format(Ctx *c, Buf *out, Value v, const Str *spec) {
    Value r, arg = value_obj((Str *)spec);
    if (special_call(c, v, NAME__format, &arg, 1, &r)) {
        if (value_is_null(r) || value_str(value_payload(r)))
            add_str(c, out, r, "__format__");
        else
            error_raise(c, TypeError, "__format__ must return a str, not %s",
                        type_name(r));
    } else if (spec->len && has_payload(v) && type_ops(value_payload(v))->format) {
        value_format(c, out, value_payload(v), spec);
    } else if (spec->len == 0) {
        instance_text(c, out, v);
    } else {
        error_raise(c, TypeError, "unsupported format string passed to %s.__format__",
                    type_name(v));
    }
}

/* ---- hash, equality, order, truth ---- */

static bool instance_hash(Ctx *c, Value v, uint64_t *out) {
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    Value fn = class_find_own(in, cls, special(in, NAME__hash)), r;
    if (value_is_none(fn)) return hash_refused(c, v, out);
    if (special_call(c, v, NAME__hash, NULL, 0, &r)) {
        if (value_is_null(r)) return false;
        if (value_is_int(r)) return value_hash(c, r, out);
        error_raise(c, TypeError, "__hash__ method should return an integer");
        return false;
    }
    if (has_payload(v)) return value_hash(c, value_payload(v), out);
    uint64_t address = (uint64_t)(uintptr_t)v.as.obj;
    *out = address >> 4 | address << 60;
    return true;
}

static const SpecialName compare_names[] = {
    [COMPARE_LT] = NAME__lt, [COMPARE_LE] = NAME__le, [COMPARE_GT] = NAME__gt,
    [COMPARE_GE] = NAME__ge, [COMPARE_EQ] = NAME__eq, [COMPARE_NE] = NAME__ne,
};
static const CompareOp swapped[] = {
    [COMPARE_LT] = COMPARE_GT, [COMPARE_LE] = COMPARE_GE, [COMPARE_GT] = COMPARE_LT,
    [COMPARE_GE] = COMPARE_LE, [COMPARE_EQ] = COMPARE_EQ, [COMPARE_NE] = COMPARE_NE,
};

/* a's own method for op, or its payload's; __ne__ is the opposite of __eq__. */
static Value compare_left(Ctx *c, CompareOp op, Value a, Value b) {
    Value r;
    if (!value_is_object(a)) return value_not_implemented();
    if (special_call(c, a, compare_names[op], &b, 1, &r)) return r;
    if (op == COMPARE_NE && special_call(c, a, NAME__eq, &b, 1, &r)) {
        if (value_is_null(r) || value_is_not_implemented(r)) return r;
        int truth = value_truth(c, r);
        return truth < 0 ? value_null() : value_bool(!truth);
    }
    return value_not_implemented();
}

static bool is_proper_subclass(Ctx *c, Value b, Value a) {
    Interp *in = interp_of(c);
    const Class *cb = class_of(in, b), *ca = class_of(in, a);
    return cb && ca && cb != ca && class_derives(cb, ca);
}

static Value instance_compare(Ctx *c, CompareOp op, Value a, Value b) {
    bool right_first =
        value_is_object(a) && value_is_object(b) && is_proper_subclass(c, b, a);
    Value r = value_not_implemented();
    if (right_first) r = compare_left(c, swapped[op], b, a);
    if (value_is_not_implemented(r)) r = compare_left(c, op, a, b);
    if (value_is_not_implemented(r) && !right_first)
        r = compare_left(c, swapped[op], b, a);
    if (value_is_not_implemented(r) && (has_payload(a) || has_payload(b)))
        return value_try_compare(c, op, value_payload(a), value_payload(b));
    return r;
}

static int64_t instance_length(Ctx *c, Value v);

static int instance_truth(Ctx *c, Value v) {
    Value r;
    if (special_call(c, v, NAME__bool, NULL, 0, &r)) {
        if (value_is_null(r) || r.tag == VAL_BOOL)
            return value_is_null(r) ? -1 : r.as.b;
        error_raise(c, TypeError, "__bool__ should return bool, returned %s",
                    type_name(r));
        return -1;
    }
    Interp *in = interp_of(c);
    Value len = class_find_own(in, class_of(in, v), special(in, NAME__len));
    if (!value_is_null(len)) {
        int64_t n = instance_length(c, v);
        return n < 0 ? -1 : n > 0;
    }
    return has_payload(v) ? value_truth(c, value_payload(v)) : 1;
}

/* ---- containers ---- */

static int64_t instance_length(Ctx *c, Value v) {
    Value r;
    int64_t n = -1;
    if (special_call(c, v, NAME__len, NULL, 0, &r)) {
        if (value_is_null(r) || !value_to_index(c, r, &n)) return -1;
        if (n >= 0) return n;
        error_raise(c, ValueError, "__len__() should return >= 0");
        return -1;
    }
    if (has_payload(v)) return value_length(c, value_payload(v));
    error_raise(c, TypeError, "object of type '%s' has no len()", type_name(v));
    return -1;
}

static Value instance_get_item(Ctx *c, Value v, Value key) {
    Value r;
    if (special_call(c, v, NAME__getitem, &key, 1, &r)) return r;
    if (has_payload(v)) {
        Dict *d = value_dict(value_payload(v));
        if (d && value_is_null(dict_get(c, d, key)) && !ctx_failed(c) &&
            special_call(c, v, NAME__missing, &key, 1, &r))
            return r;
        return value_get_item(c, value_payload(v), key);
    }
    return value_raise(c, TypeError, "'%s' object is not subscriptable", type_name(v));
}

static bool instance_set_item(Ctx *c, Value v, Value key, Value value) {
    Value r, args[2] = {key, value};
    bool del = value_is_null(value);
    if (special_call(c, v, del ? NAME__delitem : NAME__setitem, args, del ? 1 : 2, &r))
        return !value_is_null(r);
    if (has_payload(v)) return value_set_item(c, value_payload(v), key, value);
    error_raise(c, TypeError, "'%s' object %s", type_name(v),
                del ? "doesn't support item deletion"
                    : "does not support item assignment");
    return false;
}

bool value_is_iterable(Ctx *c, Value v) {
    if (!value_is_object(v)) return type_ops(v)->iterate != NULL;
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    return !value_is_null(class_find_own(in, cls, special(in, NAME__iter))) ||
           !value_is_null(class_find_own(in, cls, special(in, NAME__getitem))) ||
           (has_payload(v) && type_ops(value_payload(v))->iterate);
}

bool value_is_iterator(Ctx *c, Value v) {
    if (!value_is_object(v)) return type_ops(v)->next != NULL;
    Interp *in = interp_of(c);
    Class *cls = class_of(in, v);
    return !value_is_null(class_find_own(in, cls, special(in, NAME__next)));
}

static Value instance_iterate(Ctx *c, Value v) {
    Value r;
    if (special_call(c, v, NAME__iter, NULL, 0, &r)) {
        if (value_is_null(r) || value_is_iterator(c, r)) return r;
        return value_raise(c, TypeError, "iter() returned non-iterator of type '%s'",
                           type_name(r));
    }
    if (has_payload(v)) return value_iterate(c, value_payload(v));
    if (value_is_iterable(c, v)) return item_iterator_make(c, v);
    return value_raise(c, TypeError, "'%s' object is not iterable", type_name(v));
}

static Value instance_next(Ctx *c, Value v) {
    Value r;
    if (!special_call(c, v, NAME__next, NULL, 0, &r))
        return value_raise(c, TypeError, "'%s' object is not an iterator",
                           type_name(v));
    if (value_is_null(r) && error_is(c, StopIteration)) error_clear(c);
    return r;
}

static int search(Ctx *c, Value v, Value item) {
    Value it = value_keep(c, value_iterate(c, v));
    int found = 0;
    while (found == 0 && !value_is_null(it)) {
        size_t mark = pool_mark(c);
        Value got = value_next(c, it);
        if (value_is_null(got)) break;
        found = value_equals(c, got, item);
        pool_drain(c, mark);
    }
    return ctx_failed(c) ? -1 : found;
}

static int instance_contains(Ctx *c, Value v, Value item) {
    Value r;
    if (special_call(c, v, NAME__contains, &item, 1, &r)) return value_truth(c, r);
    if (has_payload(v)) return value_contains(c, value_payload(v), item);
    if (value_is_iterable(c, v)) return search(c, v, item);
    error_raise(c, TypeError, "argument of type '%s' is not iterable", type_name(v));
    return -1;
}

/* ---- operators ---- */

static Value binary_left(Ctx *c, int name, Value a, Value b) {
    Value r;
    if (!value_is_object(a) || !special_call(c, a, (SpecialName)name, &b, 1, &r))
        return value_not_implemented();
    return r;
}

/* Whether b's class has its own reflected method, different from a's. */
static bool overrides(Ctx *c, Value b, Value a, int name) {
    Interp *in = interp_of(c);
    Str *s = special(in, (SpecialName)name);
    Value of_b = class_find(in, class_of(in, b), s);
    Value of_a = class_find(in, class_of(in, a), s);
    return !value_is_null(of_b) && !value_same(of_a, of_b);
}

static bool is_sequence(Value v) {
    return value_str(v) || value_list(v) || value_tuple(v);
}

static Value instance_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    int plain = NAME__add + (int)op, reflected = NAME__radd + (int)op;
    bool both = value_is_object(a) && value_is_object(b);
    bool right_first =
        both && is_proper_subclass(c, b, a) && overrides(c, b, a, reflected);
    bool same = both && class_of(interp_of(c), a) == class_of(interp_of(c), b);
    Value r = value_not_implemented();
    if (right_first) r = binary_left(c, reflected, b, a);
    if (value_is_not_implemented(r)) r = binary_left(c, plain, a, b);
    if (value_is_not_implemented(r) && !right_first && !same)
        r = binary_left(c, reflected, b, a);
    if (!value_is_not_implemented(r) || (!has_payload(a) && !has_payload(b))) return r;
    Value left = value_payload(a), right = value_payload(b);
    /* A sequence's own refusal names the built-in type. */
    return (op == BINARY_ADD && is_sequence(left)) ||
                   (op == BINARY_MUL && (is_sequence(left) || is_sequence(right)))
               ? value_binary(c, op, left, right)
               : value_try_binary(c, op, left, right);
}

static Value instance_inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    Value r;
    if (special_call(c, a, (SpecialName)(NAME__iadd + (int)op), &b, 1, &r)) return r;
    return value_not_implemented();
}

static Value instance_unary(Ctx *c, UnaryOp op, Value v) {
    static const SpecialName names[] = {[UNARY_NEG] = NAME__neg,
                                        [UNARY_POS] = NAME__pos,
                                        [UNARY_INVERT] = NAME__invert};
    Value r;
    if (special_call(c, v, names[op], NULL, 0, &r)) return r;
    if (has_payload(v) && type_ops(value_payload(v))->unary)
        return value_unary(c, op, value_payload(v));
    return value_raise(c, TypeError, "bad operand type for unary %s: '%s'",
                       unary_op_symbol(op), type_name(v));
}

static bool instance_is_index(Value v) {
    const Class *cls = ((Instance *)v.as.obj)->cls;
    for (size_t i = 0; i < cls->n_mro; i++) {
        const Dict *attrs = cls->mro[i]->def ? NULL : cls->mro[i]->attrs;
        if (attrs && !value_is_null(dict_get_text(attrs, "__index__"))) return true;
    }
    return has_payload(v) && value_is_int(value_payload(v));
}

static bool instance_to_index(Ctx *c, Value v, int64_t *out) {
    Value r;
    if (special_call(c, v, NAME__index, NULL, 0, &r))
        return !value_is_null(r) && value_to_index(c, r, out);
    if (has_payload(v) && value_is_int(value_payload(v)))
        return value_to_index(c, value_payload(v), out);
    error_raise(c, TypeError, "'%s' object cannot be interpreted as an integer",
                type_name(v));
    return false;
}

static bool instance_to_double(Ctx *c, Value v, double *out) {
    Value r;
    if (special_call(c, v, NAME__float, NULL, 0, &r))
        return !value_is_null(r) && value_to_double(c, r, out);
    if (has_payload(v) && type_ops(value_payload(v))->to_double)
        return value_to_double(c, value_payload(v), out);
    error_raise(c, TypeError, "must be real number, not %s", type_name(v));
    return false;
}

const TypeOps instance_ops = {
    .name = instance_name,
    .hash = instance_hash,
    .compare = instance_compare,
    .truth = instance_truth,
    .repr = instance_repr,
    .text = instance_text,
    .format = instance_format,
    .iterate = instance_iterate,
    .next = instance_next,
    .length = instance_length,
    .contains = instance_contains,
    .get_item = instance_get_item,
    .set_item = instance_set_item,
    .binary = instance_binary,
    .inplace = instance_inplace,
    .unary = instance_unary,
    .to_index = instance_to_index,
    .is_index = instance_is_index,
    .to_double = instance_to_double,
    .items = mapping_dict,
};
