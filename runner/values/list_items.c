/* list_items: l[key], l[key] = value and del l[key]. */
#include "runner/values/sequences.h"

#include "runner/values/types.h"

static bool find_item(Ctx *c, const List *l, Value key, const char *missing,
                      int64_t *out) {
    if (slice_is_index(key))
        return slice_number(c, key, out) && slice_place(c, out, (int64_t)l->n, missing);
    return error_raise(c, TypeError, "list indices must be integers or slices, not %s",
                       type_name(key));
}

/* ---- reading ---- */

static Value get_slice(Ctx *c, const List *l, const Slice *s) {
    SliceRange r;
    if (!slice_read(c, s, &r)) return value_null();
    slice_fit(&r, (int64_t)l->n);
    List *cut = pool_add(c, list_new(c, (size_t)r.n));
    for (int64_t i = 0; cut && i < r.n; i++)
        if (!list_push(c, cut, l->items[r.start + i * r.step])) return value_null();
    return value_obj(cut);
}

Value list_get_item(Ctx *c, Value v, Value key) {
    const List *l = value_list(v);
    int64_t i;
    if (value_slice(key)) return get_slice(c, l, value_slice(key));
    if (!find_item(c, l, key, "list index out of range", &i)) return value_null();
    return value_share(c, l->items[i]);
}

/* ---- slices as targets ---- */

/* Sets items start, start + step, ... to the n items of `from`, which is another list.
 */
static bool set_stepped(Ctx *c, List *l, SliceRange r, const List *from) {
    if ((int64_t)from->n != r.n)
        return error_raise(
            c, ValueError,
            "attempt to assign sequence of size %zu to extended slice of "
            "size %lld",
            from->n, (long long)r.n);
    for (int64_t i = 0; i < r.n; i++)
        value_set(c, &l->items[r.start + i * r.step], from->items[i]);
    return true;
}

static bool set_slice(Ctx *c, List *l, const Slice *s, Value value) {
    SliceRange r;
    if (!slice_read(c, s, &r)) return false;
    if (!type_ops(value)->iterate)
        return error_raise(c, TypeError, "%s",
                           r.step == 1 ? "can only assign an iterable"
                                       : "must assign iterable to extended slice");
    /* A copy, for value may be l itself; and taking it may change l. */
    List *from = value_to_list(c, value);
    if (!from) return false;
    slice_fit(&r, (int64_t)l->n);
    if (r.step != 1) return set_stepped(c, l, r, from);
    int64_t stop = r.stop < r.start ? r.start : r.stop;
    return list_splice(c, l, (size_t)r.start, (size_t)stop, from->items, from->n);
}

/* Keeps the items that the slice leaves out. */
static bool delete_stepped(Ctx *c, List *l, SliceRange r) {
    if (r.step < 0) {
        r.start += (r.n - 1) * r.step;
        r.step = -r.step;
    }
    List *kept = pool_add(c, list_new(c, l->n));
    if (!kept) return false;
    for (int64_t i = 0; i < (int64_t)l->n; i++) {
        int64_t from = i - r.start;
        bool gone = from >= 0 && from % r.step == 0 && from / r.step < r.n;
        if (!gone && !list_push(c, kept, l->items[i])) return false;
    }
    return list_splice(c, l, 0, l->n, kept->items, kept->n);
}

static bool delete_slice(Ctx *c, List *l, const Slice *s) {
    SliceRange r;
    if (!slice_read(c, s, &r)) return false;
    slice_fit(&r, (int64_t)l->n);
    if (r.n == 0) return true;
    if (r.step != 1) return delete_stepped(c, l, r);
    return list_splice(c, l, (size_t)r.start, (size_t)r.stop, NULL, 0);
}

/* ---- writing ---- */

bool list_set_item(Ctx *c, Value v, Value key, Value value) {
    List *l = value_list(v);
    bool deletes = value_is_null(value);
    int64_t i;
    if (value_slice(key))
        return deletes ? delete_slice(c, l, value_slice(key))
                       : set_slice(c, l, value_slice(key), value);
    if (!find_item(c, l, key, "list assignment index out of range", &i)) return false;
    if (deletes) return list_splice(c, l, (size_t)i, (size_t)i + 1, NULL, 0);
    value_set(c, &l->items[i], value);
    return true;
}
