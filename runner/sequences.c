/* sequences: what list and tuple answer to the questions of protocol.h. */
#include "runner/types.h"

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

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    bool alike = (value_list(a) && value_list(b)) || (value_tuple(a) && value_tuple(b));
    if (!alike) return (Value){.tag = VAL_NOT_IMPLEMENTED};
    if (!value_enter(c, " in comparison")) return value_null();
    Value r = compare_items(c, op, a, b);
    value_leave(c);
    return r;
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    const Value *items;
    size_t n = 0;
    value_items(v, &items, &n);
    return (int64_t)n;
}

const TypeOps list_ops = {
    .hash = hash_refused,
    .compare = compare,
    .repr = list_repr,
    .length = length,
};
const TypeOps tuple_ops = {
    .hash = tuple_hash,
    .compare = compare,
    .repr = tuple_repr,
    .length = length,
};
