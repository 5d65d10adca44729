/* dict_methods: what dict answers to the questions of protocol.h, and its methods. */
#include "runner/values/dict.h"

#include "runner/values/dict_view.h"
#include "runner/values/types.h"

static void put_entries(Ctx *c, Buf *out, const Dict *d) {
    DictEntry e;
    bool first = true;
    for (size_t at = 0; !ctx_failed(c) && dict_next(d, &at, &e); first = false) {
        entry_hold(e);
        if (!first) buf_puts(out, ", ");
        value_repr(c, out, e.key);
        buf_puts(out, ": ");
        value_repr(c, out, e.value);
        entry_release(c, e);
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
        entry_hold(e);
        equal = has_entry(c, b, e);
        entry_release(c, e);
    }
    return equal;
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    bool about_equality = op == COMPARE_EQ || op == COMPARE_NE;
    if (!value_dict(a) || !value_dict(b) || !about_equality)
        return value_not_implemented();
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
    if (ctx_failed(c)) return value_null();
    return value_is_null(found) ? value_key_error(c, key) : value_share(c, found);
}

static bool set_item(Ctx *c, Value v, Value key, Value value) {
    if (!value_is_null(value)) return dict_set(c, value_dict(v), key, value);
    int removed = dict_remove(c, value_dict(v), key, NULL);
    if (removed == 0) value_key_error(c, key);
    return removed > 0;
}

/* ---- update ---- */

static bool raise_pair_length(Ctx *c, int64_t at, int64_t n) {
    return error_raise(c, ValueError,
                       "dictionary update sequence element #%lld has length %lld; 2 is "
                       "required",
                       (long long)at, (long long)n);
}

/* Sets the key and value that `element` consists of; `at` is its place, for messages.
 */
static bool set_pair(Ctx *c, Dict *d, Value element, int64_t at) {
    const Value *items;
    size_t n;
    if (!value_items(element, &items, &n)) {
        const List *l = value_to_list(c, element);
        if (!l && c->error.kind == TypeError) {
            error_clear(c);
            error_raise(c, TypeError,
                        "cannot convert dictionary update sequence element #%lld to a "
                        "sequence",
                        (long long)at);
        }
        if (!l) return false;
        items = l->items;
        n = l->n;
    }
    if (n != 2) return raise_pair_length(c, at, (int64_t)n);
    Value key = value_share(c, items[0]), value = value_share(c, items[1]);
    return !ctx_failed(c) && dict_set(c, d, key, value);
}

static bool update_from_pairs(Ctx *c, Dict *d, Value pairs) {
    Value iterator = value_iterate(c, pairs);
    for (int64_t at = 0; !value_is_null(iterator); at++) {
        size_t mark = pool_mark(c);
        Value element = value_next(c, iterator);
        bool more = !value_is_null(element) && set_pair(c, d, element, at);
        pool_drain(c, mark);
        if (!more) break;
    }
    return !ctx_failed(c);
}

/* d.update(other): a dict, what has keys(), or an iterable of pairs. */
static bool dict_update_from(Ctx *c, Dict *d, Value other) {
    Dict *items = value_dict(other);
    if (!items && type_ops(other)->items) items = type_ops(other)->items(c, other);
    if (items) return dict_merge(c, d, items);
    return !ctx_failed(c) && update_from_pairs(c, d, other);
}

bool dict_update(Ctx *c, Dict *d, const char *name, const Args *args) {
    if (args->n > 1)
        return error_raise(c, TypeError, "%s expected at most 1 argument, got %zu",
                           name, args->n);
    if (args->n == 1 && !dict_update_from(c, d, args->pos[0])) return false;
    for (size_t i = 0; i < args->n_named; i++) {
        Str *key = (Str *)(uintptr_t)args->named[i].name;
        if (!dict_set_str(c, d, key, args->named[i].value)) return false;
    }
    return true;
}

Value dict_from_keys(Ctx *c, Value iterable, Value value) {
    Dict *d = pool_add(c, dict_new(c));
    Value iterator = d ? value_iterate(c, iterable) : value_null();
    while (!value_is_null(iterator) && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value key = value_next(c, iterator);
        bool more = !value_is_null(key) && dict_set(c, d, key, value);
        pool_drain(c, mark);
        if (!more) break;
    }
    return ctx_failed(c) ? value_null() : value_obj(d);
}

/* ---- methods ---- */

static Value update(Ctx *c, Value self, const Args *args) {
    return dict_update(c, value_dict(self), "update", args) ? value_none()
                                                            : value_null();
}

static Value clear(Ctx *c, Value self, const Args *args) {
    (void)args;
    dict_clear(c, value_dict(self));
    return value_none();
}

static Value copy(Ctx *c, Value self, const Args *args) {
    (void)args;
    return value_obj(pool_add(c, dict_copy(c, value_dict(self))));
}

static Value from_keys(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value value = value_is_null(args->pos[1]) ? value_none() : args->pos[1];
    return dict_from_keys(c, args->pos[0], value);
}

static Value get(Ctx *c, Value self, const Args *args) {
    Value found = dict_get(c, value_dict(self), args->pos[0]);
    if (ctx_failed(c)) return value_null();
    if (!value_is_null(found)) return value_share(c, found);
    return value_is_null(args->pos[1]) ? value_none() : args->pos[1];
}

static Value set_default(Ctx *c, Value self, const Args *args) {
    Dict *d = value_dict(self);
    Value found = dict_get(c, d, args->pos[0]);
    if (ctx_failed(c)) return value_null();
    if (!value_is_null(found)) return value_share(c, found);
    Value value = value_is_null(args->pos[1]) ? value_none() : args->pos[1];
    return dict_set(c, d, args->pos[0], value) ? value : value_null();
}

static Value pop(Ctx *c, Value self, const Args *args) {
    Value value = value_null();
    Dict *d = value_dict(self);
    /* An empty dict does not even hash the key. */
    int removed = d->used ? dict_remove(c, d, args->pos[0], &value) : 0;
    if (removed) return value;
    if (!value_is_null(args->pos[1])) return args->pos[1];
    return value_key_error(c, args->pos[0]);
}

static Value pop_item(Ctx *c, Value self, const Args *args) {
    (void)args;
    Dict *d = value_dict(self);
    DictEntry e;
    size_t at = d->n;
    if (!dict_previous(d, &at, &e))
        return value_key_error_text(c, "popitem(): dictionary is empty");
    Value items[] = {e.key, e.value};
    Value pair = tuple_of(c, 2, items);
    if (!value_is_null(pair)) dict_remove(c, d, items[0], NULL);
    return ctx_failed(c) ? value_null() : pair;
}

static Value keys(Ctx *c, Value self, const Args *args) {
    (void)args;
    return dict_view_new(c, &dict_keys_type, self);
}
static Value values(Ctx *c, Value self, const Args *args) {
    (void)args;
    return dict_view_new(c, &dict_values_type, self);
}
static Value items(Ctx *c, Value self, const Args *args) {
    (void)args;
    return dict_view_new(c, &dict_items_type, self);
}

static const Native methods[] = {
    {"dict.clear", "", clear},
    {"dict.copy", "", copy},
    {"dict.fromkeys", "iterable value? /", from_keys},
    {"dict.get", "key default? /", get},
    {"dict.items", "", items},
    {"dict.keys", "", keys},
    {"dict.pop", "key default? /", pop},
    {"dict.popitem", "", pop_item},
    {"dict.setdefault", "key default? /", set_default},
    {"dict.update", NULL, update},
    {"dict.values", "", values},
    {NULL, NULL, NULL},
};

/* ---- a | b, a |= b ---- */

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    if (op != BINARY_OR || !value_dict(a) || !value_dict(b))
        return value_not_implemented();
    Dict *both = pool_add(c, dict_copy(c, value_dict(a)));
    return both && dict_merge(c, both, value_dict(b)) ? value_obj(both) : value_null();
}

static Value inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    if (op != BINARY_OR) return value_not_implemented();
    return dict_update_from(c, value_dict(a), b) ? a : value_null();
}

const TypeOps dict_ops = {
    .hash = hash_refused,
    .compare = compare,
    .repr = repr,
    .iterate = dict_iterate,
    .length = length,
    .contains = contains,
    .get_item = get_item,
    .set_item = set_item,
    .binary = binary,
    .inplace = inplace,
    .methods = methods,
};
