/* See indexing.h. */
#include "indexing.h"

#include "ops/ops.h"

#include <inttypes.h>

/* self after the ints, slices and Nones have been applied, and the index tensors for
 * what is left. */
typedef struct Sliced {
    Tensor *self;
    IndexItem item;        /* the one applied last */
    bool bare;             /* written without a tuple */
    int place;             /* of it within the key; what messages call a dimension */
    int dim;               /* the next dimension of `self` */
    Value index[MAX_DIMS]; /* tensors, or None for whole dimensions */
    int n_index;
} Sliced;

static bool is_mask(const Tensor *t) {
    return t->dtype == DT_bool || t->dtype == DT_uint8;
}

int index_tensor_dims(const Tensor *t) {
    return is_mask(t) ? t->ndim : 1;
}

/* The size of a dimension; 0 where there is none, as when the __index__ of an object in
 * a slice has changed the tensor. */
static int64_t size_of(const Tensor *t, int dim) {
    return dim >= 0 && dim < t->ndim ? t->sizes[dim] : 0;
}

static Tensor *select_one(Ctx *c, Tensor *self, int dim, int64_t index, int place) {
    if (ctx_failed(c)) return NULL;
    if (index == 0 && place == 0 && self->ndim == 0)
        return error_raise(
            c, IndexError,
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python "
            "or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a "
            "number");
    int64_t size = size_of(self, dim);
    if (index < -size || index >= size)
        return error_raise(c, IndexError,
                           "index %" PRId64
                           " is out of bounds for dimension %d with size "
                           "%" PRId64,
                           index, place, size);
    return t_select(c, self, dim, index);
}

/* A whole dimension within a tuple is left as it is; x[0:3] is always a slice. */
static Tensor *slice_one(Ctx *c, Tensor *self, int dim, const IndexItem *i, bool bare) {
    if (ctx_failed(c)) return NULL;
    if (i->step <= 0)
        return error_raise(c, ValueError, "step must be greater than zero");
    if (!bare && self->ndim && i->start == 0 && i->stop == size_of(self, dim) &&
        i->step == 1)
        return self;
    return t_slice(c, self, dim, i->start, i->stop, i->step);
}

static void record(Sliced *s, Tensor *t) {
    while (s->n_index < s->dim && s->n_index < MAX_DIMS)
        s->index[s->n_index++] = value_none();
    if (s->n_index < MAX_DIMS) s->index[s->n_index++] = arg_tensor(t);
}

/* A bool as an index: a new dimension with all or nothing. */
static void apply_bool(Ctx *c, Sliced *s, bool b) {
    s->self = t_unsqueeze(c, s->self, s->dim);
    int64_t n = b ? 1 : 0;
    Tensor *t = t_zeros(c, 1, &n, DT_int64);
    record(s, t);
    s->dim++;
}

static void apply_tensor(Ctx *c, Sliced *s, Tensor *t) {
    bool integral = dtype_is_integral((DType)t->dtype, true);
    if (t->ndim == 0 && integral) {
        Value v = element_load((DType)t->dtype, tensor_data(t));
        if (is_mask(t)) {
            apply_bool(c, s, v.tag == VAL_BOOL ? v.as.b : v.as.i != 0);
        } else {
            s->self = select_one(c, s->self, s->dim, v.as.i, s->place);
        }
        return;
    }
    record(s, t);
    s->dim += index_tensor_dims(t);
}

static void apply(Ctx *c, Sliced *s, int skipped) {
    const IndexItem *i = &s->item;
    switch (i->kind) {
    case INDEX_INT: s->self = select_one(c, s->self, s->dim, i->start, s->place); break;
    case INDEX_SLICE: s->self = slice_one(c, s->self, s->dim++, i, s->bare); break;
    case INDEX_NONE: s->self = t_unsqueeze(c, s->self, s->dim++); break;
    case INDEX_ELLIPSIS: s->dim += skipped; break;
    case INDEX_BOOL: apply_bool(c, s, i->start != 0); break;
    case INDEX_TENSOR: apply_tensor(c, s, i->tensor); break;
    }
}

static bool apply_all(Ctx *c, Tensor *self, const IndexKey *key, Sliced *s) {
    *s = (Sliced){.self = self, .bare = key->bare};
    if (key->dims > self->ndim) {
        error_raise(c, IndexError, "too many indices for tensor of dimension %d",
                    self->ndim);
        return false;
    }
    for (size_t i = 0; i < key->n && !ctx_failed(c); i++) {
        if (!key->item(c, key->from, i, &s->item)) return false;
        s->place = (int)i;
        apply(c, s, self->ndim - key->dims);
    }
    return !ctx_failed(c);
}

static Value index_list(Ctx *c, const Sliced *s) {
    return tuple_of(c, (size_t)s->n_index, s->index);
}

Tensor *tensor_getitem(Ctx *c, Tensor *self, const IndexKey *key) {
    if (ctx_failed(c)) return NULL;
    Sliced s;
    if (!apply_all(c, self, key, &s)) return NULL;
    if (s.n_index) return t_index(c, s.self, index_list(c, &s));
    return s.self == self ? t_alias(c, self) : s.self;
}

/* ---- assignment ---- */

/* value without its leading dimensions of size 1. */
static Tensor *strip_ones(Ctx *c, Tensor *value) {
    int lead = 0;
    while (lead < value->ndim && value->sizes[lead] == 1) lead++;
    if (lead == 0) return value;
    return t_view(c, value, value->ndim - lead, value->sizes + lead);
}

/* dst = value, broadcast as assignment does. */
static bool assign(Ctx *c, Tensor *dst, Tensor *value) {
    if (ctx_failed(c)) return false;
    if (tensor_same_sizes(dst, value)) return t_copy_(c, dst, value);
    if (value->ndim == 0) return t_fill_(c, dst, value);
    value = strip_ones(c, value);
    if (value && !tensor_same_sizes(dst, value))
        value = t_expand(c, value, dst->ndim, dst->sizes);
    return t_copy_(c, dst, value) != NULL;
}

/* A Python number takes self's dtype. */
static Tensor *as_value(Ctx *c, const Tensor *self, Tensor *value) {
    if (!value->wrapped_number) return value;
    Value v = element_load((DType)value->dtype, tensor_data(value));
    if (!scalar_fits(c, v, (DType)self->dtype)) return NULL;
    return tensor_scalar(c, (DType)self->dtype, v);
}

bool tensor_setitem(Ctx *c, Tensor *self, const IndexKey *key, Tensor *value) {
    if (ctx_failed(c)) return false;
    value = as_value(c, self, value);
    Sliced s;
    if (!value || !apply_all(c, self, key, &s)) return false;
    if (key->bare && s.item.kind == INDEX_BOOL)
        return !s.item.start || assign(c, s.self, value);
    if (!s.n_index) return assign(c, s.self, value);
    value = strip_ones(c, value);
    return t_index_put_(c, s.self, index_list(c, &s), value, false) != NULL;
}
