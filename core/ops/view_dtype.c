/* view(dtype): the bytes of a tensor read as elements of another dtype.
 *
 * The result shares memory and version with self, but is no view of it to autograd.
 * Source: TensorConversions.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <stdio.h>

/* Sizes and strides of the result, counting its own elements. */
typedef struct Recast {
    const Tensor *self;
    DType from, to;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS], offset;
} Recast;

/* "self.<what> must be <rule> to view Float as Double (different element sizes), but
 * got n" */
static bool recast_fails(Ctx *c, const Recast *r, const char *what, int64_t rule,
                         int64_t n) {
    error_raise(c, RuntimeError,
                "self.%s must be %s%" PRId64
                " to view %s as %s (different element sizes), but got %" PRId64,
                what, rule == 1 ? "" : "divisible by ", rule,
                dtype_scalar_name(r->from), dtype_scalar_name(r->to), n);
    return false;
}

/* Elements become `ratio` smaller ones each. */
static bool recast_to_smaller(Ctx *c, Recast *r, int64_t ratio) {
    int last = r->self->ndim - 1;
    if (r->strides[last] != 1)
        return recast_fails(c, r, "stride(-1)", 1, r->strides[last]);
    for (int d = 0; d < last; d++) r->strides[d] *= ratio;
    r->sizes[last] *= ratio;
    r->offset *= ratio;
    return true;
}

/* Every `ratio` elements become a larger one. */
static bool recast_to_larger(Ctx *c, Recast *r, int64_t ratio) {
    int last = r->self->ndim - 1;
    char what[32];
    if (r->sizes[last] % ratio)
        return recast_fails(c, r, "size(-1)", ratio, r->sizes[last]);
    if (r->offset % ratio)
        return recast_fails(c, r, "storage_offset()", ratio, r->offset);
    if (r->strides[last] != 1)
        return recast_fails(c, r, "stride(-1)", 1, r->strides[last]);
    for (int d = 0; d < last; d++) {
        snprintf(what, sizeof what, "stride(%d)", d);
        if (r->strides[d] % ratio)
            return recast_fails(c, r, what, ratio, r->strides[d]);
        r->strides[d] /= ratio;
    }
    r->sizes[last] /= ratio;
    r->offset /= ratio;
    return true;
}

static bool recast(Ctx *c, Recast *r) {
    int64_t from = (int64_t)dtype_size(r->from), to = (int64_t)dtype_size(r->to);
    if (from == to) return true;
    if (r->self->ndim == 0) {
        error_raise(c, RuntimeError,
                    "self.dim() cannot be 0 to view %s as %s (different element sizes)",
                    dtype_scalar_name(r->from), dtype_scalar_name(r->to));
        return false;
    }
    return from > to ? recast_to_smaller(c, r, from / to)
                     : recast_to_larger(c, r, to / from);
}

/* Bytes that are neither 0 nor 1 are no bools: then t becomes a copy, without them. */
static Tensor *bools(Ctx *c, Tensor *t) {
    t->dtype = DT_uint8;
    Tensor *copy = tensor_make(c, DT_uint8, t->ndim, t->sizes);
    if (!copy) return NULL;
    tensor_copy(copy, t);
    const uint8_t *bytes = tensor_data(copy);
    bool clean = true;
    for (int64_t i = 0; i < copy->numel; i++) clean &= bytes[i] <= 1;
    t->dtype = clean ? DT_bool : DT_uint8;
    return clean ? t : t_to_dtype(c, t, DT_bool);
}

static Value view_dtype_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Recast r = {.self = self, .from = (DType)self->dtype, .offset = self->offset};
    r.to = call_dtype(k, 1, r.from);
    for (int d = 0; d < self->ndim; d++) {
        r.sizes[d] = self->sizes[d];
        r.strides[d] = self->strides[d];
    }
    if (!recast(c, &r)) return value_null();
    Tensor *t =
        tensor_alias(c, self, self->ndim, self->sizes, self->strides, self->offset);
    if (!t) return value_null();
    t->dtype = (int8_t)r.to;
    if (!tensor_set_geometry(c, t, t->ndim, r.sizes, r.strides, r.offset))
        return value_null();
    return value_obj(r.to == DT_bool && r.from != DT_bool ? bools(c, t) : t);
}
static const OpDef op_view_dtype = {
    .schema = "view.dtype(Tensor self, ScalarType dtype) -> Tensor",
    .doc = "The bytes of self as elements of another dtype; memory is shared.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = view_dtype_forward,
};

const OpDef *const view_dtype_ops[] = {&op_view_dtype, NULL};
