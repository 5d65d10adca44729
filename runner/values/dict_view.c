/* See dict_view.h. */
#include "runner/values/dict_view.h"

#include "runner/values/iterator.h"
#include "runner/values/set.h"
#include "runner/values/types.h"

/* ---- the object ---- */

static void destroy(Ctx *c, Obj *o) {
    obj_release(c, ((DictView *)o)->dict);
    obj_free(c, o, sizeof(DictView));
}
const ObjType dict_keys_type = {"dict_keys", OBJ_DICT_VIEW, destroy, NULL};
const ObjType dict_values_type = {"dict_values", OBJ_DICT_VIEW, destroy, NULL};
const ObjType dict_items_type = {"dict_items", OBJ_DICT_VIEW, destroy, NULL};

Value dict_view_new(Ctx *c, const ObjType *type, Value dict) {
    DictView *view = obj_new(c, type, sizeof *view);
    if (view) view->dict = obj_retain(value_dict(dict));
    return value_obj(pool_add(c, view));
}

/* ---- iteration: over keys, values or items, either way ---- */

static Value pair(Ctx *c, DictEntry e) {
    Value items[] = {e.key, e.value};
    return tuple_of(c, 2, items);
}

static bool step(Ctx *c, Iterator *it, bool back, DictEntry *e) {
    const Dict *d = value_dict(it->source);
    if ((int64_t)d->used != it->end) {
        it->end = -1; /* it stays an error */
        return error_raise(c, RuntimeError, "dictionary changed size during iteration");
    }
    size_t at = (size_t)it->at;
    bool found = back ? dict_previous(d, &at, e) : dict_next(d, &at, e);
    it->at = (int64_t)at;
    if (!found) iterator_finish(c, it);
    return found;
}

static Value next_key(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, false, &e) ? value_share(c, e.key) : value_null();
}
static Value next_value(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, false, &e) ? value_share(c, e.value) : value_null();
}
static Value next_item(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, false, &e) ? pair(c, e) : value_null();
}
static Value previous_key(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, true, &e) ? value_share(c, e.key) : value_null();
}
static Value previous_value(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, true, &e) ? value_share(c, e.value) : value_null();
}
static Value previous_item(Ctx *c, Iterator *it) {
    DictEntry e;
    return step(c, it, true, &e) ? pair(c, e) : value_null();
}

static const IteratorType keys_forward = ITERATOR_TYPE("dict_keyiterator", next_key);
static const IteratorType values_forward =
    ITERATOR_TYPE("dict_valueiterator", next_value);
static const IteratorType items_forward = ITERATOR_TYPE("dict_itemiterator", next_item);
static const IteratorType keys_back =
    ITERATOR_TYPE("dict_reversekeyiterator", previous_key);
static const IteratorType values_back =
    ITERATOR_TYPE("dict_reversevalueiterator", previous_value);
static const IteratorType items_back =
    ITERATOR_TYPE("dict_reverseitemiterator", previous_item);

static Value walk(Ctx *c, const IteratorType *type, Dict *d, bool back) {
    Iterator *it = iterator_new(c, type, value_obj(d));
    if (!it) return value_null();
    it->end = (int64_t)d->used;
    it->at = back ? (int64_t)d->n : 0;
    return value_obj(it);
}

Value dict_iterate(Ctx *c, Value dict) {
    return walk(c, &keys_forward, value_dict(dict), false);
}

Value dict_reversed(Ctx *c, Value dict) {
    return walk(c, &keys_back, value_dict(dict), true);
}

static bool is_keys(const DictView *view) {
    return view->obj.type == &dict_keys_type;
}
static bool is_items(const DictView *view) {
    return view->obj.type == &dict_items_type;
}

static Value iterate(Ctx *c, Value v) {
    const DictView *view = value_dict_view(v);
    const IteratorType *type = is_keys(view)    ? &keys_forward
                               : is_items(view) ? &items_forward
                                                : &values_forward;
    return walk(c, type, view->dict, false);
}

Value dict_view_reversed(Ctx *c, Value v) {
    const DictView *view = value_dict_view(v);
    const IteratorType *type = is_keys(view)    ? &keys_back
                               : is_items(view) ? &items_back
                                                : &values_back;
    return walk(c, type, view->dict, true);
}

/* ---- text, size, membership ---- */

static void repr(Ctx *c, Buf *out, Value v) {
    ReprFrame frame;
    if (!repr_enter(c, out, &frame, v, "...")) return;
    size_t mark = pool_mark(c);
    List *items = value_to_list(c, v);
    buf_printf(out, "%s(", type_name(v));
    if (items) value_repr(c, out, value_obj(items));
    buf_putc(out, ')');
    pool_drain(c, mark);
    repr_leave(c, &frame);
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    return (int64_t)value_dict_view(v)->dict->used;
}

static int contains_item(Ctx *c, Dict *d, Value item) {
    const Tuple *t = value_tuple(item);
    if (!t || t->n != 2) return 0;
    Value found = value_retain(dict_get(c, d, t->items[0]));
    int equal = ctx_failed(c) ? -1 : 0;
    if (!value_is_null(found)) equal = value_equals(c, found, t->items[1]);
    value_release(c, found);
    return equal;
}

static int contains_value(Ctx *c, Dict *d, Value value) {
    DictEntry e;
    int equal = 0;
    size_t used = d->used;
    for (size_t at = 0; equal == 0 && dict_next(d, &at, &e);) {
        Value held = value_retain(e.value);
        equal = value_equals(c, held, value);
        value_release(c, held);
        if (equal == 0 && d->used != used) {
            error_raise(c, RuntimeError, "dictionary changed size during iteration");
            return -1;
        }
    }
    return equal;
}

static int contains(Ctx *c, Value v, Value item) {
    const DictView *view = value_dict_view(v);
    if (is_items(view)) return contains_item(c, view->dict, item);
    if (!is_keys(view)) return contains_value(c, view->dict, item);
    Value found = dict_get(c, view->dict, item);
    return ctx_failed(c) ? -1 : !value_is_null(found);
}

/* ---- keys and items as sets ---- */

static bool is_set_like(Value v) {
    const DictView *view = value_dict_view(v);
    return view ? is_keys(view) || is_items(view) : value_set_object(v) != NULL;
}

/* Whether every item of a is in b: 1, 0, -1. */
static int all_in(Ctx *c, Value a, Value b) {
    Value iterator = value_iterate(c, a);
    int inside = 1;
    while (inside == 1 && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        if (value_is_null(item)) break;
        inside = value_contains(c, b, item);
        pool_drain(c, mark);
    }
    return ctx_failed(c) ? -1 : inside;
}

static int holds(Ctx *c, CompareOp op, Value a, Value b) {
    int64_t n = value_length(c, a), m = value_length(c, b);
    switch (op) {
    case COMPARE_EQ: return n == m ? all_in(c, a, b) : 0;
    case COMPARE_LT: return n < m ? all_in(c, a, b) : 0;
    case COMPARE_LE: return n <= m ? all_in(c, a, b) : 0;
    case COMPARE_GT: return n > m ? all_in(c, b, a) : 0;
    default: return n >= m ? all_in(c, b, a) : 0;
    }
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    if (!is_set_like(a) || !is_set_like(b)) return value_not_implemented();
    if (!value_enter(c, " in comparison")) return value_null();
    bool negate = op == COMPARE_NE;
    int truth = holds(c, negate ? COMPARE_EQ : op, a, b);
    value_leave(c);
    return truth < 0 ? value_null() : value_bool(truth != negate);
}

/* set(v); a view of keys enters as its dict does. */
static Set *set_of(Ctx *c, Value v) {
    const DictView *view = value_dict_view(v);
    if (view && is_keys(view)) v = value_obj(view->dict);
    return set_from(c, &set_type, v);
}

/* CPython walks the smaller of two views, and leaves a larger set to walk itself. */
static Value intersection(Ctx *c, Value a, Value b) {
    if (!value_dict_view(a)) {
        Value swapped = a;
        a = b;
        b = swapped;
    }
    Set *other = value_set_object(b);
    bool is_set = other && !set_is_frozen(other);
    if (is_set && value_length(c, a) <= (int64_t)other->used)
        return value_obj(set_intersection(c, other, a));
    if (value_dict_view(b) && value_length(c, b) > value_length(c, a)) {
        Value swapped = a;
        a = b;
        b = swapped;
    }
    Set *both = set_new(c, &set_type);
    Value iterator = both ? value_iterate(c, b) : value_null();
    while (!value_is_null(iterator) && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        int inside = value_is_null(item) ? -1 : value_contains(c, a, item);
        if (inside > 0) set_add(c, both, item);
        pool_drain(c, mark);
        if (inside < 0) break;
    }
    return ctx_failed(c) ? value_null() : value_obj(both);
}

/* The items in one of two dicts alone; those of b enter first, as in CPython. */
static Value items_in_one(Ctx *c, Dict *a, Dict *b) {
    Dict *rest = pool_add(c, dict_copy(c, a));
    Set *s = rest ? set_new(c, &set_type) : NULL;
    DictEntry e;
    for (size_t at = 0; s && !ctx_failed(c) && dict_next(b, &at, &e);) {
        Value item = pair(c, e);
        if (ctx_failed(c)) break;
        int both = contains_item(c, rest, item);
        if (both > 0) dict_remove(c, rest, value_tuple(item)->items[0], NULL);
        if (both == 0) set_add(c, s, item);
    }
    Value left =
        rest ? dict_view_new(c, &dict_items_type, value_obj(rest)) : value_null();
    if (ctx_failed(c) || !set_update(c, s, left)) return value_null();
    return value_obj(s);
}

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    bool is_set_op =
        op == BINARY_OR || op == BINARY_AND || op == BINARY_SUB || op == BINARY_XOR;
    const DictView *view = value_dict_view(a) ? value_dict_view(a) : value_dict_view(b);
    if (!is_set_op || !is_set_like(value_obj((void *)(uintptr_t)view)))
        return value_not_implemented();
    if (op == BINARY_AND) return intersection(c, a, b);
    const DictView *x = value_dict_view(a), *y = value_dict_view(b);
    if (op == BINARY_XOR && x && y && is_items(x) && is_items(y))
        return items_in_one(c, x->dict, y->dict);
    Set *s = set_of(c, a);
    if (!s) return value_null();
    bool went = op == BINARY_OR    ? set_update(c, s, b)
                : op == BINARY_SUB ? set_difference_update(c, s, b)
                                   : set_symmetric_update(c, s, b);
    return went ? value_obj(s) : value_null();
}

static Value is_disjoint(Ctx *c, Value self, const Args *args) {
    Value iterator = value_iterate(c, args->pos[0]);
    bool disjoint = true;
    while (disjoint && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        if (value_is_null(item)) break;
        disjoint = value_contains(c, self, item) == 0;
        pool_drain(c, mark);
    }
    return ctx_failed(c) ? value_null() : value_bool(disjoint);
}

static Value as_ordered(Ctx *c, Value self, const Args *args) {
    (void)c, (void)self;
    DictView *view = value_dict_view(args->pos[0]);
    if (view) view->ordered = true;
    return args->pos[0];
}
const Native collections_natives[] = {
    {"ordered", "view /", as_ordered},
    {NULL, NULL, NULL},
};

/* ---- the rows of the table of types ---- */

static const char *view_name(Value v) {
    const DictView *view = value_dict_view(v);
    const char *name = view->obj.type->name;
    if (!view->ordered) return name;
    if (is_keys(view)) return "odict_keys";
    return view->obj.type == &dict_values_type ? "odict_values" : "odict_items";
}

static Value get_attr(Ctx *c, Value v, Str *name) {
    if (!str_equals(name, "mapping")) return value_null();
    return value_share(c, value_obj(value_dict_view(v)->dict));
}

static const Native methods[] = {
    {"dict_keys.isdisjoint", "other /", is_disjoint},
    {NULL, NULL, NULL},
};

const TypeOps dict_view_ops = {
    .name = view_name,
    .hash = hash_refused,
    .compare = compare,
    .repr = repr,
    .iterate = iterate,
    .length = length,
    .contains = contains,
    .get_attr = get_attr,
    .binary = binary,
    .methods = methods,
};
const TypeOps dict_values_ops = {
    .name = view_name,
    .repr = repr,
    .iterate = iterate,
    .length = length,
    .contains = contains,
    .get_attr = get_attr,
};
