/* What families of operators share beyond one another's operators; see ops.h. */
#include "ops.h"

#include <float.h>

double dtype_largest(DType d) {
    switch (d) {
    case DT_float16: return 65504;
    case DT_bfloat16: return 0x1.FEp127;
    case DT_float32: return (double)FLT_MAX;
    default: return DBL_MAX;
    }
}

void gradient_passes(Ctx *c, Grad *g) {
    (void)c;
    grad_set(g, 0, g->grad);
}

void derivative_missing(Ctx *c, Grad *g) {
    const Schema *s = &g->node->cls->op->schema;
    error_raise(c, NotImplementedError, "the derivative for '%.*s' is not implemented.",
                s->base_len, s->text);
}

bool scalar_type_check(Ctx *c, DType expected, DType found) {
    if (expected == found) return true;
    error_raise(c, RuntimeError, "expected scalar type %s but found %s",
                dtype_scalar_name(expected), dtype_scalar_name(found));
    return false;
}

bool found_dtype_check(Ctx *c, DType found, DType expected) {
    if (expected == found) return true;
    error_raise(c, RuntimeError, "Found dtype %s but expected %s",
                dtype_scalar_name(found), dtype_scalar_name(expected));
    return false;
}

bool cast_check(Ctx *c, DType from, DType to) {
    if (dtype_can_cast(from, to)) return true;
    error_raise(c, RuntimeError,
                "result type %s can't be cast to the desired output type %s",
                dtype_scalar_name(from), dtype_scalar_name(to));
    return false;
}

bool saved_check(Ctx *c, const Tensor *t, DType d, int ndim, const int64_t *sizes) {
    if ((DType)t->dtype == d && shape_equal(t->ndim, t->sizes, ndim, sizes))
        return true;
    error_raise(
        c, RuntimeError,
        "a gradient expected a saved tensor of dtype %s and shape %s, but found "
        "one of dtype %s and shape %s",
        dtype_scalar_name(d), dims_text(c, ndim, sizes),
        dtype_scalar_name((DType)t->dtype), shape_text(c, t));
    return false;
}

Tensor *t_add_some(Ctx *c, Tensor *a, Tensor *b) {
    return a && b ? t_add(c, a, b) : a ? a : b;
}

Value return_tuple(Ctx *c, const TupleKind *kind, size_t n, Tensor *const *tensors) {
    if (ctx_failed(c)) return value_null();
    Tuple *t = pool_add(c, tuple_new(c, kind, n, NULL));
    for (size_t i = 0; t && i < n; i++)
        value_set(c, &t->items[i], value_obj(tensors[i]));
    return value_obj(t);
}

Tensor *call_result_like(Ctx *c, Call *k, int nr, DType dtype, const Tensor *self) {
    int64_t strides[MAX_DIMS];
    Tensor *r = call_result(c, k, nr, dtype, self->ndim, self->sizes);
    if (!r || k->form != CALL_NEW) return r;
    dense_strides_like(self, strides);
    return tensor_set_geometry(c, r, r->ndim, r->sizes, strides, 0) ? r : NULL;
}

Tensor *tensor_dim_last(Ctx *c, Tensor *t, int dim) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    int n = 0;
    for (int i = 0; i < t->ndim; i++) {
        if (i == dim) continue;
        sizes[n] = t->sizes[i];
        strides[n++] = t->strides[i];
    }
    if (t->ndim) {
        sizes[n] = t->sizes[dim];
        strides[n++] = t->strides[dim];
    }
    return tensor_alias(c, t, n, sizes, strides, t->offset);
}
