/* See range.h. */
#include "runner/values/range.h"

#include "runner/values/bigint.h"
#include "runner/values/iterator.h"
#include "runner/values/slice.h"
#include "runner/values/types.h"

#include <inttypes.h>
#include <math.h>

/* ---- the object ---- */

static void destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(Range));
}
const ObjType range_type = {"range", OBJ_RANGE, destroy, NULL};

static uint64_t count(int64_t start, int64_t stop, int64_t step) {
    if (step > 0 ? start >= stop : start <= stop) return 0;
    uint64_t distance =
        step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
    uint64_t stride = step > 0 ? (uint64_t)step : UINT64_C(0) - (uint64_t)step;
    return (distance - 1) / stride + 1;
}

Value range_new(Ctx *c, int64_t start, int64_t stop, int64_t step) {
    if (step == 0) return value_raise(c, ValueError, "range() arg 3 must not be zero");
    Range *r = obj_new(c, &range_type, sizeof *r);
    if (!r) return value_null();
    r->start = start;
    r->stop = stop;
    r->step = step;
    r->n = count(start, stop, step);
    return pool_value(c, value_obj(r));
}

Value range_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    int64_t bounds[3] = {0, 0, 1};
    for (size_t i = 0; i < 3 && !value_is_null(args->pos[i]); i++)
        if (!value_to_index(c, args->pos[i], &bounds[i])) return value_null();
    if (value_is_null(args->pos[1])) return range_new(c, 0, bounds[0], 1);
    return range_new(c, bounds[0], bounds[1], bounds[2]);
}

/* ---- iteration ---- */

static Value range_next(Ctx *c, Iterator *it) {
    const Range *r = value_range(it->source);
    if ((uint64_t)it->at >= r->n) return iterator_finish(c, it);
    return value_int(range_item(r, (uint64_t)it->at++));
}

static Value range_previous(Ctx *c, Iterator *it) {
    const Range *r = value_range(it->source);
    if ((uint64_t)it->at >= r->n) return iterator_finish(c, it);
    return value_int(range_item(r, r->n - 1 - (uint64_t)it->at++));
}

static const IteratorType range_iterator = ITERATOR_TYPE("range_iterator", range_next);
static const IteratorType range_reverse =
    ITERATOR_TYPE("range_iterator", range_previous);

static Value iterate(Ctx *c, Value v) {
    return value_obj(iterator_new(c, &range_iterator, v));
}

Value range_reversed(Ctx *c, Value v) {
    return value_obj(iterator_new(c, &range_reverse, v));
}

/* ---- items ---- */

static int64_t length(Ctx *c, Value v) {
    const Range *r = value_range(v);
    if (r->n <= INT64_MAX) return (int64_t)r->n;
    error_raise(c, OverflowError, "Python int too large to convert to C ssize_t");
    return -1;
}

/* start + i * step, where i may lie one beyond either end. */
static bool edge(const Range *r, int64_t i, int64_t *out) {
    int64_t offset;
    return !__builtin_mul_overflow(i, r->step, &offset) &&
           !__builtin_add_overflow(r->start, offset, out);
}

static Value get_slice(Ctx *c, const Range *r, const Slice *s, int64_t n) {
    SliceRange cut;
    int64_t start, stop, step;
    if (!slice_resolve(c, s, n, &cut)) return value_null();
    if (!edge(r, cut.start, &start) || !edge(r, cut.stop, &stop) ||
        __builtin_mul_overflow(r->step, cut.step, &step))
        return value_raise(c, OverflowError,
                           "Python int too large to convert to C ssize_t");
    return range_new(c, start, stop, step);
}

static Value get_item(Ctx *c, Value v, Value key) {
    const Range *r = value_range(v);
    int64_t n = length(c, v), i;
    if (n < 0) return value_null();
    if (value_slice(key)) return get_slice(c, r, value_slice(key), n);
    if (!slice_is_index(key))
        return value_raise(c, TypeError,
                           "range indices must be integers or slices, not %s",
                           type_name(key));
    if (value_bigint(key))
        return value_raise(c, IndexError, "range object index out of range");
    if (!slice_index(c, key, n, "range object index out of range", &i))
        return value_null();
    return value_int(range_item(r, (uint64_t)i));
}

/* The place of i in r, or -1. */
static int64_t find(const Range *r, int64_t i) {
    bool inside =
        r->step > 0 ? i >= r->start && i < r->stop : i <= r->start && i > r->stop;
    if (!inside) return -1;
    uint64_t distance = r->step > 0 ? (uint64_t)i - (uint64_t)r->start
                                    : (uint64_t)r->start - (uint64_t)i;
    uint64_t stride = r->step > 0 ? (uint64_t)r->step : UINT64_C(0) - (uint64_t)r->step;
    return distance % stride ? -1 : (int64_t)(distance / stride);
}

/* Any value: -1 absent, -2 error. What is no number is compared item by item, for its
 * __eq__ may say anything. */
static int64_t find_value(Ctx *c, const Range *r, Value v) {
    if (v.tag == VAL_INT) return find(r, v.as.i);
    if (v.tag == VAL_BOOL) return find(r, v.as.b);
    if (v.tag == VAL_FLOAT) {
        bool whole = v.as.f == floor(v.as.f) && fabs(v.as.f) < 0x1p63;
        return whole ? find(r, (int64_t)v.as.f) : -1;
    }
    if (value_is_none(v) || value_str(v) || value_is_kind(v, OBJ_BIGINT)) return -1;
    for (uint64_t i = 0; i < r->n; i++) {
        int equal = value_equals(c, value_int(range_item(r, i)), v);
        if (equal) return equal < 0 ? -2 : (int64_t)i;
    }
    return -1;
}

static int contains(Ctx *c, Value v, Value item) {
    int64_t at = find_value(c, value_range(v), item);
    return at == -2 ? -1 : at >= 0;
}

/* ---- comparison, hash, text ---- */

static bool same_items(const Range *a, const Range *b) {
    if (a->n != b->n) return false;
    if (a->n == 0) return true;
    return a->start == b->start && (a->n == 1 || a->step == b->step);
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    if (!value_range(a) || !value_range(b)) return value_not_implemented();
    return equality_answer(op, same_items(value_range(a), value_range(b)));
}

static bool hash(Ctx *c, Value v, uint64_t *out) {
    const Range *r = value_range(v);
    Value items[] = {value_int((int64_t)r->n), value_none(), value_none()};
    if (r->n > 0) items[1] = value_int(r->start);
    if (r->n > 1) items[2] = value_int(r->step);
    size_t mark = pool_mark(c);
    Value t = tuple_of(c, 3, items);
    bool hashed = !value_is_null(t) && value_hash(c, t, out);
    pool_drain(c, mark);
    return hashed;
}

static void repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    const Range *r = value_range(v);
    buf_printf(out, "range(%" PRId64 ", %" PRId64, r->start, r->stop);
    if (r->step != 1) buf_printf(out, ", %" PRId64, r->step);
    buf_putc(out, ')');
}

/* ---- attributes and methods ---- */

static Value get_attr(Ctx *c, Value v, Str *name) {
    (void)c;
    const Range *r = value_range(v);
    if (str_equals(name, "start")) return value_int(r->start);
    if (str_equals(name, "stop")) return value_int(r->stop);
    if (str_equals(name, "step")) return value_int(r->step);
    return value_null();
}

static Value range_count(Ctx *c, Value self, const Args *args) {
    int64_t at = find_value(c, value_range(self), args->pos[0]);
    return at == -2 ? value_null() : value_int(at >= 0);
}

static Value range_index(Ctx *c, Value self, const Args *args) {
    Value item = args->pos[0];
    int64_t at = find_value(c, value_range(self), item);
    if (at >= 0) return value_int(at);
    if (at == -2) return value_null();
    if (!value_is_int(item))
        return value_raise(c, ValueError, "sequence.index(x): x not in sequence");
    Str *shown = value_repr_str(c, item);
    if (!shown) return value_null();
    return value_raise(c, ValueError, "%s is not in range", shown->data);
}

static const Native methods[] = {
    {"range.count", "value /", range_count},
    {"range.index", "value /", range_index},
    {NULL, NULL, NULL},
};

static int truth(Ctx *c, Value v) {
    (void)c;
    return value_range(v)->n != 0;
}

const TypeOps range_ops = {
    .hash = hash,
    .compare = compare,
    .truth = truth,
    .repr = repr,
    .iterate = iterate,
    .length = length,
    .contains = contains,
    .get_item = get_item,
    .get_attr = get_attr,
    .methods = methods,
};
