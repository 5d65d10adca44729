/* See sequences.h; also what list and tuple answer to the questions of protocol.h. */
#include "runner/values/sequences.h"

#include "runner/values/iterator.h"
#include "runner/values/types.h"

#include <string.h>

/* ---- repr ---- */

/* A list may shrink while its items are shown: each is held, and n looked up again. */
static void put_items(Ctx *c, Buf *out, Value v) {
    const Value *items;
    size_t n;
    for (size_t i = 0; value_items(v, &items, &n) && i < n && !ctx_failed(c); i++) {
        if (i) buf_puts(out, ", ");
        Value item = value_retain(items[i]);
        value_repr(c, out, item);
        value_release(c, item);
    }
}

static void list_repr(Ctx *c, Buf *out, Value v) {
    ReprFrame frame;
    if (!repr_enter(c, out, &frame, v, "[...]")) return;
    buf_putc(out, '[');
    put_items(c, out, v);
    buf_putc(out, ']');
    repr_leave(c, &frame);
}

static void put_fields(Ctx *c, Buf *out, const Tuple *t) {
    buf_printf(out, "%s(", t->kind->name);
    for (size_t i = 0; i < t->n; i++) {
        buf_printf(out, "%s\n%s=", i ? "," : "", t->kind->fields[i]);
        value_repr(c, out, t->items[i]);
    }
    buf_putc(out, ')');
}

static void put_plain_tuple(Ctx *c, Buf *out, Value v) {
    const Tuple *t = value_tuple(v);
    buf_puts(out, t->kind ? "torch.Size([" : "(");
    put_items(c, out, v);
    buf_puts(out, t->kind ? "])" : t->n == 1 ? ",)" : ")");
}

static void tuple_repr(Ctx *c, Buf *out, Value v) {
    ReprFrame frame;
    if (!repr_enter(c, out, &frame, v, "(...)")) return;
    const Tuple *t = value_tuple(v);
    if (t->kind && t->kind->fields)
        put_fields(c, out, t);
    else
        put_plain_tuple(c, out, v);
    repr_leave(c, &frame);
}

/* ---- hash: xxHash's way of joining the items' hashes, as CPython's ---- */

static bool join_hashes(Ctx *c, const Tuple *t, uint64_t *out) {
    const uint64_t prime1 = UINT64_C(11400714785074694791);
    const uint64_t prime2 = UINT64_C(14029467366897019727);
    const uint64_t prime5 = UINT64_C(2870177450012600261);
    uint64_t h = prime5;
    for (size_t i = 0; i < t->n; i++) {
        uint64_t lane;
        if (!value_hash(c, t->items[i], &lane)) return false;
        h += lane * prime2;
        h = (h << 31 | h >> 33) * prime1;
    }
    h += t->n ^ (prime5 ^ 3527539);
    *out = h == UINT64_MAX ? 1546275796 : h;
    return true;
}

static bool tuple_hash(Ctx *c, Value v, uint64_t *out) {
    if (!value_enter(c, "")) return false;
    bool hashed = join_hashes(c, value_tuple(v), out);
    value_leave(c);
    return hashed;
}

/* ---- order ---- */

/* The first place where a and b differ, or the end of the shorter; -1 on error. The
 * items there, held for the caller, if there are any. */
static int64_t first_difference(Ctx *c, Value a, Value b, Value differ[2]) {
    const Value *x, *y;
    size_t n, m, i = 0;
    for (; value_items(a, &x, &n) && value_items(b, &y, &m) && i < n && i < m; i++) {
        differ[0] = value_retain(x[i]);
        differ[1] = value_retain(y[i]);
        int equal = value_equals(c, differ[0], differ[1]);
        if (equal == 0) return (int64_t)i;
        value_release(c, differ[0]);
        value_release(c, differ[1]);
        differ[0] = differ[1] = value_null();
        if (equal < 0) return -1;
    }
    return (int64_t)i;
}

static Value compare_items(Ctx *c, CompareOp op, Value a, Value b) {
    const Value *x, *y;
    size_t n = 0, m = 0;
    value_items(a, &x, &n);
    value_items(b, &y, &m);
    if (n != m && op == COMPARE_EQ) return value_bool(false);
    if (n != m && op == COMPARE_NE) return value_bool(true);
    Value differ[2] = {{0}, {0}};
    if (first_difference(c, a, b, differ) < 0) return value_null();
    if (value_is_null(differ[0])) {
        value_items(a, &x, &n);
        value_items(b, &y, &m);
        return compare_answer(op, (n > m) - (n < m));
    }
    Value r;
    if (op == COMPARE_EQ || op == COMPARE_NE)
        r = value_bool(op == COMPARE_NE);
    else
        r = value_compare(c, op, differ[0], differ[1]);
    value_release(c, differ[0]);
    value_release(c, differ[1]);
    return r;
}

static Value sequence_compare(Ctx *c, CompareOp op, Value a, Value b) {
    bool alike = (value_list(a) && value_list(b)) || (value_tuple(a) && value_tuple(b));
    if (!alike) return value_not_implemented();
    if (!value_enter(c, " in comparison")) return value_null();
    Value r = compare_items(c, op, a, b);
    value_leave(c);
    return r;
}

/* ---- search ---- */

int64_t sequence_length(Ctx *c, Value sequence) {
    (void)c;
    const Value *items;
    size_t n = 0;
    value_items(sequence, &items, &n);
    return (int64_t)n;
}

/* Whether item i equals v: 1, 0, -1; -2 beyond the end. */
static int item_equals(Ctx *c, Value sequence, int64_t i, Value v) {
    const Value *items;
    size_t n;
    if (!value_items(sequence, &items, &n) || (size_t)i >= n) return -2;
    Value item = value_retain(items[i]);
    int equal = value_equals(c, item, v);
    value_release(c, item);
    return equal;
}

int64_t sequence_find(Ctx *c, Value sequence, Value v, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
        int equal = item_equals(c, sequence, i, v);
        if (equal == 1) return i;
        if (equal < 0) return equal == -1 ? -2 : -1;
    }
    return -1;
}

static int sequence_contains(Ctx *c, Value sequence, Value v) {
    int64_t at = sequence_find(c, sequence, v, 0, INT64_MAX);
    return at == -2 ? -1 : at >= 0;
}

int64_t sequence_count(Ctx *c, Value sequence, Value v) {
    int64_t found = 0;
    for (int64_t i = 0;; i++) {
        int equal = item_equals(c, sequence, i, v);
        if (equal == -2) return found;
        if (equal < 0) return -1;
        found += equal;
    }
}

bool sequence_bounds(Ctx *c, const Args *args, int64_t n, int64_t *from, int64_t *to) {
    for (size_t i = 1; i <= 2; i++)
        if (!value_is_null(args->pos[i]) && !slice_is_index(args->pos[i]))
            return error_raise(c, TypeError,
                               "slice indices must be integers or have an __index__ "
                               "method");
    return slice_bounds(c, args->pos[1], args->pos[2], n, from, to);
}

/* `times` as a factor of a sequence of n items, 0 when negative; `fits` false: it is no
 * factor. MemoryError for absurd products, OverflowError "cannot fit 'int' into an
 * index-sized integer"; false then. */
static bool sequence_factor(Ctx *c, Value times, size_t n, bool *fits, int64_t *out) {
    *fits = slice_is_index(times);
    *out = 0;
    if (!*fits) return true;
    if (value_is_kind(times, OBJ_BIGINT))
        return error_raise(c, OverflowError,
                           "cannot fit 'int' into an index-sized integer");
    if (!value_to_index(c, times, out)) return false;
    if (*out < 0) *out = 0;
    if (n > 0 && *out > SEQUENCE_MAX / (int64_t)n)
        return error_raise(c, MemoryError, "%s", "");
    return true;
}

/* ---- tuple ---- */

/* The kind of what is made of t by slicing, + and *: a torch.Size stays one. */
static const TupleKind *derived_kind(const Tuple *t) {
    return t->kind == &size_kind ? &size_kind : NULL;
}

static Value tuple_slice(Ctx *c, const Tuple *t, const Slice *s) {
    SliceRange r;
    if (!slice_resolve(c, s, (int64_t)t->n, &r)) return value_null();
    Tuple *cut = pool_add(c, tuple_new(c, derived_kind(t), (size_t)r.n, NULL));
    for (int64_t i = 0; cut && i < r.n; i++)
        cut->items[i] = value_retain(t->items[r.start + i * r.step]);
    return value_obj(cut);
}

static Value tuple_get_item(Ctx *c, Value v, Value key) {
    const Tuple *t = value_tuple(v);
    int64_t i;
    if (value_slice(key)) return tuple_slice(c, t, value_slice(key));
    if (!slice_is_index(key))
        return value_raise(c, TypeError,
                           "tuple indices must be integers or slices, not %s",
                           type_name(key));
    if (!slice_index(c, key, (int64_t)t->n, "tuple index out of range", &i))
        return value_null();
    return value_share(c, t->items[i]);
}

static Value tuple_concat(Ctx *c, const Tuple *a, const Tuple *b) {
    Tuple *sum = pool_add(c, tuple_new(c, derived_kind(a), a->n + b->n, NULL));
    for (size_t i = 0; sum && i < sum->n; i++)
        sum->items[i] = value_retain(i < a->n ? a->items[i] : b->items[i - a->n]);
    return value_obj(sum);
}

static Value tuple_repeat(Ctx *c, const Tuple *t, Value times) {
    bool fits;
    int64_t k;
    if (!sequence_factor(c, times, t->n, &fits, &k)) return value_null();
    if (!fits) return value_not_implemented();
    Tuple *product = pool_add(c, tuple_new(c, derived_kind(t), t->n * (size_t)k, NULL));
    for (size_t i = 0; product && i < product->n; i++)
        product->items[i] = value_retain(t->items[i % t->n]);
    return value_obj(product);
}

static Value tuple_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    const Tuple *t = value_tuple(a), *u = value_tuple(b);
    if (op == BINARY_ADD && t && u) return tuple_concat(c, t, u);
    if (op == BINARY_MUL) return t ? tuple_repeat(c, t, b) : tuple_repeat(c, u, a);
    return value_not_implemented();
}

static Value tuple_attr(Ctx *c, Value v, Str *name) {
    const Tuple *t = value_tuple(v);
    for (size_t i = 0; t->kind && t->kind->fields && i < t->n; i++)
        if (str_equals(name, t->kind->fields[i])) return value_share(c, t->items[i]);
    return value_null();
}

static Value tuple_count(Ctx *c, Value self, const Args *args) {
    int64_t n = sequence_count(c, self, args->pos[0]);
    return n < 0 ? value_null() : value_int(n);
}

static Value tuple_index(Ctx *c, Value self, const Args *args) {
    int64_t from, to;
    if (!sequence_bounds(c, args, sequence_length(c, self), &from, &to))
        return value_null();
    int64_t at = sequence_find(c, self, args->pos[0], from, to);
    if (at == -1) error_raise(c, ValueError, "tuple.index(x): x not in tuple");
    return at < 0 ? value_null() : value_int(at);
}

static Value size_numel(Ctx *c, Value self, const Args *args) {
    (void)args;
    (void)c;
    const Tuple *t = value_tuple(self);
    int64_t n = 1;
    for (size_t i = 0; i < t->n; i++)
        n = (int64_t)((uint64_t)n * (uint64_t)t->items[i].as.i);
    return value_int(n);
}

static const Native tuple_methods[] = {
    {"tuple.count", "value /", tuple_count},
    {"tuple.index", "value start? stop? /", tuple_index},
    {NULL, NULL, NULL},
};
static const Native size_methods[] = {
    {"tuple.count", "value /", tuple_count},
    {"tuple.index", "value start? stop? /", tuple_index},
    {"Size.numel", "", size_numel},
    {NULL, NULL, NULL},
};

/* ---- list ---- */

static Value list_concat(Ctx *c, const List *a, const List *b) {
    List *sum = pool_add(c, list_new(c, a->n + b->n));
    if (!sum || !list_splice(c, sum, 0, 0, a->items, a->n) ||
        !list_splice(c, sum, sum->n, sum->n, b->items, b->n))
        return value_null();
    return value_obj(sum);
}

static Value list_repeat(Ctx *c, const List *l, Value times) {
    bool fits;
    int64_t k;
    if (!sequence_factor(c, times, l->n, &fits, &k)) return value_null();
    if (!fits) return value_not_implemented();
    List *product = pool_add(c, list_new(c, l->n * (size_t)k));
    for (int64_t i = 0; product && i < k; i++)
        if (!list_splice(c, product, product->n, product->n, l->items, l->n))
            return value_null();
    return value_obj(product);
}

static Value list_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    const List *l = value_list(a), *m = value_list(b);
    if (op == BINARY_ADD && l && m) return list_concat(c, l, m);
    if (op == BINARY_MUL) return l ? list_repeat(c, l, b) : list_repeat(c, m, a);
    return value_not_implemented();
}

static Value list_inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    List *l = value_list(a);
    if (op == BINARY_ADD) return list_extend(c, l, b) ? a : value_null();
    if (op != BINARY_MUL) return value_not_implemented();
    Value product = list_repeat(c, l, b);
    const List *r = value_list(product);
    if (!r) return product;
    return list_splice(c, l, 0, l->n, r->items, r->n) ? a : value_null();
}

/* ---- the rows of the table of types ---- */

const TypeOps list_ops = {
    .hash = hash_refused,
    .compare = sequence_compare,
    .repr = list_repr,
    .iterate = list_iterate,
    .length = sequence_length,
    .contains = sequence_contains,
    .get_item = list_get_item,
    .set_item = list_set_item,
    .binary = list_binary,
    .inplace = list_inplace,
    .methods = list_methods,
};
const TypeOps tuple_ops = {
    .hash = tuple_hash,
    .compare = sequence_compare,
    .repr = tuple_repr,
    .iterate = tuple_iterate,
    .length = sequence_length,
    .contains = sequence_contains,
    .get_item = tuple_get_item,
    .get_attr = tuple_attr,
    .binary = tuple_binary,
    .methods = tuple_methods,
};
const TypeOps size_ops = {
    .hash = tuple_hash,
    .compare = sequence_compare,
    .repr = tuple_repr,
    .iterate = tuple_iterate,
    .length = sequence_length,
    .contains = sequence_contains,
    .get_item = tuple_get_item,
    .binary = tuple_binary,
    .methods = size_methods,
};
