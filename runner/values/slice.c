/* See slice.h. */
#include "runner/values/slice.h"

#include "runner/values/bigint.h"
#include "runner/values/types.h"

/* ---- the object ---- */

static void destroy(Ctx *c, Obj *o) {
    Slice *s = (Slice *)o;
    value_release(c, s->start);
    value_release(c, s->stop);
    value_release(c, s->step);
    obj_free(c, o, sizeof *s);
}
const ObjType slice_type = {"slice", OBJ_SLICE, destroy, NULL};

Value slice_new(Ctx *c, Value start, Value stop, Value step) {
    Slice *s = obj_new(c, &slice_type, sizeof *s);
    if (!s) return value_null();
    s->start = value_retain(start);
    s->stop = value_retain(stop);
    s->step = value_retain(step);
    return pool_value(c, value_obj(s));
}

/* ---- indices ---- */

bool slice_is_index(Value v) {
    const TypeOps *ops = type_ops(v);
    if (ops->is_index) return ops->is_index(v);
    return value_is_int(v) || ops->to_index;
}

bool slice_bound(Ctx *c, Value v, int64_t *out) {
    if (value_is_none(v)) return true;
    if (value_bigint(v)) {
        *out = bigint_sign(v) < 0 ? INT64_MIN : INT64_MAX;
        return true;
    }
    if (slice_is_index(v)) return value_to_index(c, v, out);
    return error_raise(c, TypeError,
                       "slice indices must be integers or None or have an __index__ "
                       "method");
}

static int64_t cut(int64_t i, int64_t length, int64_t least, int64_t most) {
    if (i < 0) i += length;
    return i < least ? least : i > most ? most : i;
}

bool slice_bounds(Ctx *c, Value start, Value end, int64_t length, int64_t *from,
                  int64_t *to) {
    *from = 0;
    *to = length;
    if (!value_is_null(start) && !slice_bound(c, start, from)) return false;
    if (!value_is_null(end) && !slice_bound(c, end, to)) return false;
    *from = cut(*from, length, 0, INT64_MAX);
    *to = cut(*to, length, 0, length);
    return true;
}

static int64_t count(int64_t start, int64_t stop, int64_t step) {
    if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
    return stop < start ? (start - stop - 1) / -step + 1 : 0;
}

bool slice_read(Ctx *c, const Slice *s, SliceRange *out) {
    int64_t step = 1;
    if (!slice_bound(c, s->step, &step)) return false;
    if (step == 0) return error_raise(c, ValueError, "slice step cannot be zero");
    if (step < -INT64_MAX) step = -INT64_MAX;
    *out = (SliceRange){.start = step < 0 ? INT64_MAX : 0,
                        .stop = step < 0 ? INT64_MIN : INT64_MAX,
                        .step = step};
    return slice_bound(c, s->start, &out->start) && slice_bound(c, s->stop, &out->stop);
}

void slice_fit(SliceRange *r, int64_t length) {
    int64_t least = r->step < 0 ? -1 : 0, most = r->step < 0 ? length - 1 : length;
    r->start = cut(r->start, length, least, most);
    r->stop = cut(r->stop, length, least, most);
    r->n = count(r->start, r->stop, r->step);
}

bool slice_resolve(Ctx *c, const Slice *s, int64_t length, SliceRange *out) {
    if (!slice_read(c, s, out)) return false;
    slice_fit(out, length);
    return true;
}

bool slice_number(Ctx *c, Value v, int64_t *out) {
    if (value_bigint(v))
        return error_raise(c, IndexError,
                           "cannot fit 'int' into an index-sized integer");
    return value_to_index(c, v, out);
}

bool slice_place(Ctx *c, int64_t *i, int64_t length, const char *missing) {
    if (*i < 0) *i += length;
    return (*i >= 0 && *i < length) || error_raise(c, IndexError, "%s", missing);
}

bool slice_index(Ctx *c, Value v, int64_t length, const char *missing, int64_t *out) {
    return slice_number(c, v, out) && slice_place(c, out, length, missing);
}

/* ---- protocol ---- */

static void repr(Ctx *c, Buf *out, Value v) {
    const Slice *s = value_slice(v);
    ReprFrame frame;
    if (!repr_enter(c, out, &frame, v, "slice(...)")) return;
    buf_puts(out, "slice(");
    value_repr(c, out, s->start);
    buf_puts(out, ", ");
    value_repr(c, out, s->stop);
    buf_puts(out, ", ");
    value_repr(c, out, s->step);
    buf_putc(out, ')');
    repr_leave(c, &frame);
}

static Value as_tuple(Ctx *c, const Slice *s) {
    Value items[] = {s->start, s->stop, s->step};
    return tuple_of(c, 3, items);
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    if (!value_slice(a) || !value_slice(b)) return value_not_implemented();
    Value x = as_tuple(c, value_slice(a)), y = as_tuple(c, value_slice(b));
    return ctx_failed(c) ? value_null() : value_compare(c, op, x, y);
}

static Value get_attr(Ctx *c, Value v, Str *name) {
    const Slice *s = value_slice(v);
    if (str_equals(name, "start")) return value_share(c, s->start);
    if (str_equals(name, "stop")) return value_share(c, s->stop);
    if (str_equals(name, "step")) return value_share(c, s->step);
    return value_null();
}

static Value indices(Ctx *c, Value self, const Args *args) {
    int64_t length;
    SliceRange r;
    if (!value_to_index(c, args->pos[0], &length)) return value_null();
    if (length < 0) return value_raise(c, ValueError, "length should not be negative");
    if (!slice_resolve(c, value_slice(self), length, &r)) return value_null();
    Value items[] = {value_int(r.start), value_int(r.stop), value_int(r.step)};
    return tuple_of(c, 3, items);
}

static const Native methods[] = {
    {"slice.indices", "length /", indices},
    {NULL, NULL, NULL},
};

const TypeOps slice_ops = {
    .hash = hash_refused,
    .compare = compare,
    .repr = repr,
    .get_attr = get_attr,
    .methods = methods,
};
