/* slice: slice objects, and indices into sequences. */
#ifndef RUNNER_SLICE_H
#define RUNNER_SLICE_H

#include "runner/values/kinds.h"

typedef struct Slice {
    Obj obj;
    Value start, stop, step; /* None where nothing was written */
} Slice;

extern const ObjType slice_type;

static inline Slice *value_slice(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_SLICE) ? (Slice *)v.as.obj : NULL;
}
/* A slice of the pool. */
Value slice_new(Ctx *c, Value start, Value stop, Value step);

/* What a slice means in a sequence of some length: the items start, start + step, ...,
 * n of them. start lies in [0, length] for a positive step, in [-1, length - 1] for a
 * negative one. */
typedef struct SliceRange {
    int64_t start, stop, step, n;
} SliceRange;
/* Reads the numbers of s as they are written, which may run code of cells: what has a
 * length that may change asks for it afterwards, and has slice_fit make a range of
 * them. TypeError "slice indices must be integers or None or have an __index__ method",
 * ValueError "slice step cannot be zero". */
bool slice_read(Ctx *c, const Slice *s, SliceRange *out);
void slice_fit(SliceRange *r, int64_t length);
/* Both, for a length that stays. */
bool slice_resolve(Ctx *c, const Slice *s, int64_t length, SliceRange *out);

/* One bound as written in a slice, cut to 64 bits; None leaves *out as it is. */
bool slice_bound(Ctx *c, Value v, int64_t *out);
/* The start and end of methods such as s.find(x, start, end): absent (VAL_NULL) or None
 * leaves *start at 0 and *end at length; counted from the end when negative, then cut
 * to [0, ...] and [..., length]. */
bool slice_bounds(Ctx *c, Value start, Value end, int64_t length, int64_t *from,
                  int64_t *to);

/* Whether v can be a plain index: an int, or what has __index__. */
bool slice_is_index(Value v);
/* v as a number, in two steps as above. IndexError "cannot fit 'int' into an
 * index-sized integer" beyond 64 bits. */
bool slice_number(Ctx *c, Value v, int64_t *out);
/* The number *i as the index of an item, counted from the end when negative. IndexError
 * `missing` when there is none. */
bool slice_place(Ctx *c, int64_t *i, int64_t length, const char *missing);
/* Both, for a length that stays. */
bool slice_index(Ctx *c, Value v, int64_t length, const char *missing, int64_t *out);

#endif
