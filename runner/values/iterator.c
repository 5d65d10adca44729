/* See iterator.h. */
#include "runner/values/iterator.h"

#include "runner/values/dict_view.h"
#include "runner/values/range.h"
#include "runner/values/types.h"

/* ---- the object ---- */

void iterator_clear(Ctx *c, Obj *o) {
    Iterator *it = (Iterator *)o;
    value_set(c, &it->source, value_none());
    value_set(c, &it->extra, value_null());
}

void iterator_destroy(Ctx *c, Obj *o) {
    iterator_clear(c, o);
    obj_free_tracked(c, o, sizeof(Iterator));
}

Iterator *iterator_new(Ctx *c, const IteratorType *type, Value source) {
    Iterator *it = obj_new_tracked(c, &type->type, sizeof *it);
    if (it) it->source = value_retain(source);
    return pool_add(c, it);
}

Value iterator_finish(Ctx *c, Iterator *it) {
    value_set(c, &it->source, value_none());
    return value_null();
}

/* ---- list and tuple ---- */

static Value items_next(Ctx *c, Iterator *it) {
    const Value *items;
    size_t n;
    if (!value_items(it->source, &items, &n) || (size_t)it->at >= n)
        return iterator_finish(c, it);
    return value_share(c, items[it->at++]);
}

static Value items_previous(Ctx *c, Iterator *it) {
    const Value *items;
    size_t n;
    if (!value_items(it->source, &items, &n) || it->at <= 0 || (size_t)it->at > n)
        return iterator_finish(c, it);
    return value_share(c, items[--it->at]);
}

static const IteratorType list_iterator = ITERATOR_TYPE("list_iterator", items_next);
static const IteratorType tuple_iterator = ITERATOR_TYPE("tuple_iterator", items_next);
static const IteratorType list_reverse =
    ITERATOR_TYPE("list_reverseiterator", items_previous);
static const IteratorType tuple_reverse = ITERATOR_TYPE("reversed", items_previous);

Value list_iterate(Ctx *c, Value v) {
    return value_obj(iterator_new(c, &list_iterator, v));
}

Value tuple_iterate(Ctx *c, Value v) {
    return value_obj(iterator_new(c, &tuple_iterator, v));
}

static Value items_reversed(Ctx *c, Value v) {
    const Value *items;
    size_t n = 0;
    value_items(v, &items, &n);
    Iterator *it = iterator_new(c, value_list(v) ? &list_reverse : &tuple_reverse, v);
    if (it) it->at = (int64_t)n;
    return value_obj(it);
}

/* ---- str ---- */

static Value character(Ctx *c, const Str *s, int64_t at, int64_t n) {
    return value_obj(pool_add(c, str_new(c, s->data + at, (size_t)n)));
}

static Value str_next(Ctx *c, Iterator *it) {
    const Str *s = value_str(it->source);
    if ((size_t)it->at >= s->len) return iterator_finish(c, it);
    uint32_t cp;
    int n = utf8_decode(s->data + it->at, s->len - (size_t)it->at, &cp);
    it->at += n;
    return character(c, s, it->at - n, n);
}

static Value str_previous(Ctx *c, Iterator *it) {
    const Str *s = value_str(it->source);
    int64_t end = it->at;
    if (end <= 0) return iterator_finish(c, it);
    while (((unsigned char)s->data[--it->at] & 0xC0) == 0x80) continue;
    return character(c, s, it->at, end - it->at);
}

static const IteratorType ascii_iterator =
    ITERATOR_TYPE("str_ascii_iterator", str_next);
static const IteratorType str_iterator = ITERATOR_TYPE("str_iterator", str_next);
static const IteratorType str_reverse = ITERATOR_TYPE("reversed", str_previous);

Value str_iterate(Ctx *c, Value v) {
    const Str *s = value_str(v);
    bool ascii = s->len == s->chars;
    return value_obj(iterator_new(c, ascii ? &ascii_iterator : &str_iterator, v));
}

/* ---- reversed ---- */

Value value_reversed(Ctx *c, Value v) {
    if (ctx_failed(c)) return value_null();
    if (value_list(v) || value_tuple(v)) return items_reversed(c, v);
    if (value_range(v)) return range_reversed(c, v);
    if (value_is_kind(v, OBJ_DICT)) return dict_reversed(c, v);
    if (value_dict_view(v)) return dict_view_reversed(c, v);
    if (!value_str(v))
        return value_raise(c, TypeError, "'%s' object is not reversible", type_name(v));
    Iterator *it = iterator_new(c, &str_reverse, v);
    if (it) it->at = (int64_t)value_str(v)->len;
    return value_obj(it);
}

/* ---- protocol ---- */

static Value next(Ctx *c, Value v) {
    Iterator *it = value_iterator(v);
    if (value_is_none(it->source)) return value_null();
    return ((const IteratorType *)(const void *)it->head.obj.type)->next(c, it);
}

Value iterate_itself(Ctx *c, Value v) {
    (void)c;
    return v;
}

const TypeOps iterator_ops = {.iterate = iterate_itself, .next = next};
