/* list_methods: the methods of list. */
#include "runner/values/sequences.h"

#include "runner/values/types.h"

static Value done(bool worked) {
    return worked ? value_none() : value_null();
}

static Value append(Ctx *c, Value self, const Args *args) {
    return done(list_push(c, value_list(self), args->pos[0]));
}

static bool empty(Ctx *c, List *l) {
    return l->n == 0 || list_splice(c, l, 0, l->n, NULL, 0);
}

static Value clear(Ctx *c, Value self, const Args *args) {
    (void)args;
    return done(empty(c, value_list(self)));
}

static Value copy(Ctx *c, Value self, const Args *args) {
    (void)args;
    return value_obj(value_to_list(c, self));
}

static Value count(Ctx *c, Value self, const Args *args) {
    int64_t n = sequence_count(c, self, args->pos[0]);
    return n < 0 ? value_null() : value_int(n);
}

/* A generator that reads the list it extends sees what has been added, as in Python. */
static bool extend_by_items(Ctx *c, List *l, Value iterable) {
    Value iterator = value_iterate(c, iterable);
    while (!value_is_null(iterator)) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        bool more = !value_is_null(item) && list_push(c, l, item);
        pool_drain(c, mark);
        if (!more) break;
    }
    return !ctx_failed(c);
}

bool list_extend(Ctx *c, List *l, Value iterable) {
    const Value *items;
    size_t n;
    if (!value_items(iterable, &items, &n)) return extend_by_items(c, l, iterable);
    if (value_list(iterable) != l) return list_splice(c, l, l->n, l->n, items, n);
    List *copied = value_to_list(c, iterable);
    return copied && list_splice(c, l, l->n, l->n, copied->items, copied->n);
}

static Value extend(Ctx *c, Value self, const Args *args) {
    return done(list_extend(c, value_list(self), args->pos[0]));
}

static Value index_of(Ctx *c, Value self, const Args *args) {
    int64_t from, to;
    if (!sequence_bounds(c, args, sequence_length(c, self), &from, &to))
        return value_null();
    int64_t at = sequence_find(c, self, args->pos[0], from, to);
    if (at >= 0) return value_int(at);
    Str *shown = at == -1 ? value_repr_str(c, args->pos[0]) : NULL;
    if (!shown) return value_null();
    return value_raise(c, ValueError, "%s is not in list", shown->data);
}

static Value insert(Ctx *c, Value self, const Args *args) {
    List *l = value_list(self);
    int64_t i;
    if (!value_to_index(c, args->pos[0], &i)) return value_null();
    int64_t n = (int64_t)l->n; /* now, for __index__ may have changed the list */
    if (i < 0) i += n;
    i = i < 0 ? 0 : i > n ? n : i;
    return done(list_insert(c, l, (size_t)i, args->pos[1]));
}

static Value pop(Ctx *c, Value self, const Args *args) {
    List *l = value_list(self);
    int64_t i = -1;
    if (!value_is_null(args->pos[0]) && !value_to_index(c, args->pos[0], &i))
        return value_null();
    int64_t n = (int64_t)l->n;
    if (n == 0) return value_raise(c, IndexError, "pop from empty list");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return value_raise(c, IndexError, "pop index out of range");
    Value item = value_share(c, l->items[i]);
    if (ctx_failed(c)) return value_null();
    bool gone = list_splice(c, l, (size_t)i, (size_t)i + 1, NULL, 0);
    return gone ? item : value_null();
}

static Value remove_item(Ctx *c, Value self, const Args *args) {
    List *l = value_list(self);
    int64_t at = sequence_find(c, self, args->pos[0], 0, INT64_MAX);
    if (at == -2) return value_null();
    if (at < 0 || (size_t)at >= l->n)
        return value_raise(c, ValueError, "list.remove(x): x not in list");
    return done(list_splice(c, l, (size_t)at, (size_t)at + 1, NULL, 0));
}

static Value reverse(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    List *l = value_list(self);
    for (size_t i = 0; i < l->n / 2; i++) {
        Value swapped = l->items[i];
        l->items[i] = l->items[l->n - 1 - i];
        l->items[l->n - 1 - i] = swapped;
    }
    return value_none();
}

static Value sort(Ctx *c, Value self, const Args *args) {
    Value key = value_is_null(args->pos[0]) ? value_none() : args->pos[0];
    int64_t reversed = 0;
    if (!value_is_null(args->pos[1]) && !value_to_index(c, args->pos[1], &reversed))
        return value_null();
    return done(list_sort(c, value_list(self), key, reversed != 0));
}

const Native list_methods[] = {
    {"list.append", "object /", append},
    {"list.clear", "", clear},
    {"list.copy", "", copy},
    {"list.count", "value /", count},
    {"list.extend", "iterable /", extend},
    {"list.index", "value start? stop? /", index_of},
    {"list.insert", "index object /", insert},
    {"list.pop", "index? /", pop},
    {"list.remove", "value /", remove_item},
    {"list.reverse", "", reverse},
    {"list.sort", "* key? reverse?", sort},
    {NULL, NULL, NULL},
};
