/* dict_methods: what dict answers to the questions of protocol.h, and its methods. */
#include "runner/dict.h"
#include "runner/types.h"

static void release_entry(Ctx *c, DictEntry e) {
    value_release(c, e.key);
    value_release(c, e.value);
}

static DictEntry hold_entry(DictEntry e) {
    value_retain(e.key);
    value_retain(e.value);
    return e;
}

static void put_entries(Ctx *c, Buf *out, const Dict *d) {
    DictEntry e;
    bool first = true;
    for (size_t at = 0; !ctx_failed(c) && dict_next(d, &at, &e); first = false) {
        e = hold_entry(e);
        if (!first) buf_puts(out, ", ");
        value_repr(c, out, e.key);
        buf_puts(out, ": ");
        value_repr(c, out, e.value);
        release_entry(c, e);
    }
}

static void repr(Ctx *c, Buf *out, Value v) {
    ReprFrame frame;
    if (!repr_enter(c, out, &frame, v, "{...}")) return;
    buf_putc(out, '{');
    put_entries(c, out, value_dict(v));
    buf_putc(out, '}');
    repr_leave(c, &frame);
}

/* Whether `other` has an equal value under e's key: 1, 0, -1. */
static int has_entry(Ctx *c, Dict *other, DictEntry e) {
    Value found = value_retain(dict_get(c, other, e.key));
    int equal = ctx_failed(c) ? -1 : 0;
    if (!value_is_null(found)) equal = value_equals(c, e.value, found);
    value_release(c, found);
    return equal;
}

static int equal_dicts(Ctx *c, Dict *a, Dict *b) {
    if (a->used != b->used) return 0;
    int equal = 1;
    DictEntry e;
    for (size_t at = 0; equal == 1 && dict_next(a, &at, &e);) {
        e = hold_entry(e);
        equal = has_entry(c, b, e);
        release_entry(c, e);
    }
    return equal;
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    bool about_equality = op == COMPARE_EQ || op == COMPARE_NE;
    if (!value_dict(a) || !value_dict(b) || !about_equality)
        return (Value){.tag = VAL_NOT_IMPLEMENTED};
    if (!value_enter(c, " in comparison")) return value_null();
    int equal = equal_dicts(c, value_dict(a), value_dict(b));
    value_leave(c);
    return equal < 0 ? value_null() : value_bool(equal == (op == COMPARE_EQ));
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    return (int64_t)value_dict(v)->used;
}

static int contains(Ctx *c, Value v, Value key) {
    Value found = dict_get(c, value_dict(v), key);
    return ctx_failed(c) ? -1 : !value_is_null(found);
}

static Value get_item(Ctx *c, Value v, Value key) {
    Value found = dict_get(c, value_dict(v), key);
    return value_is_null(found) ? value_key_error(c, key) : found;
}

static bool set_item(Ctx *c, Value v, Value key, Value value) {
    if (!value_is_null(value)) return dict_set(c, value_dict(v), key, value);
    int removed = dict_remove(c, value_dict(v), key, NULL);
    if (removed == 0) value_key_error(c, key);
    return removed > 0;
}

const TypeOps dict_ops = {
    .hash = hash_refused,
    .compare = compare,
    .repr = repr,
    .length = length,
    .contains = contains,
    .get_item = get_item,
    .set_item = set_item,
};
