/* See reduction.h. */
#include "reduction.h"

#include "ops/ops.h"

#include <string.h>

/* PyTorch keeps a list of dims as the bits of a word. */
enum { MASKED_DIMS = 64 };

bool dims_mark(Ctx *c, int ndim, int n, const int64_t *dims, bool *marked) {
    for (int i = 0; i < ndim || i == 0; i++) marked[i] = false;
    for (int i = 0; i < n; i++) {
        int d = shape_wrap_dim(c, dims[i], ndim);
        if (d < 0) return false;
        if (marked[d]) {
            error_raise(c, RuntimeError,
                        "dim %d appears multiple times in the list of dims", d);
            return false;
        }
        marked[d] = true;
    }
    if (ndim <= MASKED_DIMS) return true;
    error_raise(c, RuntimeError, "only tensors with up to %d dims are supported",
                MASKED_DIMS);
    return false;
}

bool reduction_plan(Ctx *c, const Tensor *self, int n_dims, const int64_t *dims,
                    bool keepdim, Reduction *r) {
    r->rows = r->n = 1;
    r->shape.ndim = 0;
    for (int i = 0; i < self->ndim && n_dims == 0; i++) r->reduced[i] = true;
    if (n_dims && !dims_mark(c, self->ndim, n_dims, dims, r->reduced)) return false;
    for (int i = 0; i < self->ndim; i++) {
        if (r->reduced[i]) {
            r->n *= self->sizes[i];
            if (keepdim) r->shape.dims[r->shape.ndim++] = 1;
        } else {
            r->rows *= self->sizes[i];
            r->shape.dims[r->shape.ndim++] = self->sizes[i];
        }
    }
    return true;
}

bool reduction_dims_exist(Ctx *c, const Call *k, int i) {
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, i, dims, MAX_DIMS);
    for (int j = 0; j < n; j++)
        if (shape_wrap_dim(c, dims[j], call_tensor(k, 0)->ndim) < 0) return false;
    return n >= 0;
}

bool reduction_from_call(Ctx *c, const Call *k, int i, bool keepdim, Reduction *r) {
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, i, dims, MAX_DIMS);
    return n >= 0 && reduction_plan(c, call_tensor(k, 0), n, dims, keepdim, r);
}

bool reduction_in_place(const Tensor *self, const Reduction *r) {
    for (int i = 1; i < self->ndim; i++)
        if (r->reduced[i - 1] && !r->reduced[i]) return false;
    return self->contiguous;
}

Tensor *reduction_rows(Ctx *c, Tensor *self, const Reduction *r, DType d) {
    if (ctx_failed(c)) return NULL;
    if ((DType)self->dtype == d && reduction_in_place(self, r)) return self;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    int n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < self->ndim; i++) {
            if (r->reduced[i] != (pass == 1)) continue;
            sizes[n] = self->sizes[i];
            strides[n++] = self->strides[i];
        }
    Tensor *rows = tensor_alias(c, self, n, sizes, strides, self->offset);
    if (!rows || (rows->contiguous && (DType)rows->dtype == d)) return rows;
    Tensor *copy = tensor_make(c, d, n, sizes);
    if (copy) tensor_copy(copy, rows);
    return copy;
}

Tensor *reduction_restore(Ctx *c, Tensor *grad, int self_ndim, int n_dims,
                          const int64_t *dims, bool keepdim) {
    bool reduced[MAX_DIMS];
    if (keepdim || self_ndim == 0) return grad;
    if (n_dims == 0) return grad; /* a 0-d gradient expands to anything */
    if (!dims_mark(c, self_ndim, n_dims, dims, reduced)) return NULL;
    for (int i = 0; i < self_ndim; i++)
        if (reduced[i]) grad = t_unsqueeze(c, grad, i);
    return grad;
}

/* t's shape with a dimension of size 1 put in at dim. */
static Shape unsqueezed(const Tensor *t, int dim) {
    Shape s = tensor_shape(t);
    memmove(s.dims + dim + 1, s.dims + dim, (size_t)(s.ndim - dim) * sizeof *s.dims);
    s.dims[dim] = 1;
    s.ndim++;
    return s;
}

bool reduction_out_resize(Ctx *c, const Call *k, int nr, const Tensor *self, int dim,
                          bool keepdim, bool opened) {
    if (k->form != CALL_OUT || self->ndim == 0) return !ctx_failed(c);
    Tensor *out = k->target[nr];
    Shape to = tensor_shape(self);
    to.dims[dim] = 1;
    opened = opened && !keepdim && out->ndim >= dim && out->ndim < MAX_DIMS;
    Shape from = opened ? unsqueezed(out, dim) : tensor_shape(out);
    if (shape_equal(from.ndim, from.dims, to.ndim, to.dims)) return true;
    if (out->numel) warn_resized(c, from.ndim, from.dims, to.ndim, to.dims);
    if (ctx_failed(c)) return false;
    if (!keepdim) {
        to.ndim--;
        memmove(to.dims + dim, to.dims + dim + 1,
                (size_t)(to.ndim - dim) * sizeof *to.dims);
    }
    return tensor_resize(c, out, to.ndim, to.dims);
}
