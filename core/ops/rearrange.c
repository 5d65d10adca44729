/* Elements in another order: flip, roll, triangles, repeat.
 * Sources: TensorTransformations.cpp, TriangularOps.cpp, TensorShape.cpp. */
#include "ops.h"

#include <inttypes.h>

/* ---- flip ---- */

/* self with its elements in reverse order along dims. */
static Value flip_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS], index[MAX_DIMS] = {0};
    bool reverse[MAX_DIMS] = {false};
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    for (int i = 0; i < n; i++) {
        int d = shape_wrap_dim(c, dims[i], self->ndim);
        if (d < 0) return value_null();
        if (reverse[d])
            return value_raise(c, RuntimeError,
                               "dim %d appears multiple times in the list of dims", d);
        reverse[d] = true;
    }
    Tensor *r = n < 0 ? NULL : t_empty_like(c, self);
    int64_t at[MAX_DIMS];
    for (int64_t done = 0; r && done < self->numel; done++) {
        for (int d = 0; d < self->ndim; d++)
            at[d] = reverse[d] ? self->sizes[d] - 1 - index[d] : index[d];
        DType t = (DType)self->dtype;
        element_store(t, tensor_at(r, at), element_load(t, tensor_at(self, index)));
        for (int d = self->ndim - 1; d >= 0 && ++index[d] == self->sizes[d]; d--)
            index[d] = 0;
    }
    return value_obj(r);
}
static void flip_backward(Ctx *c, Grad *g) {
    int64_t dims[MAX_DIMS];
    int n = saved_ints(g, 0, dims, MAX_DIMS);
    grad_set(g, 0, t_flip(c, g->grad, n, dims));
}
static const OpDef op_flip = {
    .schema = "flip(Tensor self, int[] dims) -> Tensor",
    .doc = "self with its elements in reverse order along dimensions.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "dims",
    .forward = flip_forward,
    .backward = flip_backward,
};
Tensor *t_flip(Ctx *c, Tensor *self, int n, const int64_t *dims) {
    return op_tensor(c, &op_flip, (Value[]){arg_tensor(self), arg_ints(c, n, dims)});
}

/* ---- tril, triu ---- */

static Value triangle(Ctx *c, Call *k, bool lower) {
    Tensor *self = call_tensor(k, 0);
    int64_t diagonal = call_int(k, 1);
    if (self->ndim == 0)
        return value_raise(c, IndexError,
                           "Dimension specified as -2 but tensor has no dimensions");
    if (self->ndim == 1)
        return value_raise(
            c, IndexError,
            "Dimension out of range (expected to be in range of [-1, 0], but "
            "got -2)");
    int64_t rows = self->sizes[self->ndim - 2], cols = self->sizes[self->ndim - 1];
    DType d = (DType)self->dtype;
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *whole = r ? tensor_make(c, d, self->ndim, self->sizes) : NULL;
    if (!whole) return value_null();
    tensor_copy(whole, self);
    char *p = tensor_data(whole);
    for (int64_t i = 0; i < whole->numel; i++) {
        int64_t row = i / cols % rows, col = i % cols;
        bool keep = lower ? col <= row + diagonal : col >= row + diagonal;
        if (!keep) element_store(d, p + i * (int64_t)dtype_size(d), value_int(0));
    }
    tensor_copy(r, whole);
    return value_obj(r);
}

static Value tril_forward(Ctx *c, Call *k) {
    return triangle(c, k, true);
}
static void tril_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_tril(c, g->grad, saved_int(g, 0)));
}
static const OpDef op_tril = {
    .schema = "tril(Tensor self, int diagonal=0) -> Tensor",
    .doc = "The lower triangles of matrices; zeros above a diagonal.",
    .forms = OP_USUAL_INPLACE,
    .saves = "diagonal",
    .forward = tril_forward,
    .backward = tril_backward,
};
Tensor *t_tril(Ctx *c, Tensor *self, int64_t diagonal) {
    return op_tensor(c, &op_tril, (Value[]){arg_tensor(self), value_int(diagonal)});
}
static Value triu_forward(Ctx *c, Call *k) {
    return triangle(c, k, false);
}
static void triu_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_triu(c, g->grad, saved_int(g, 0)));
}
static const OpDef op_triu = {
    .schema = "triu(Tensor self, int diagonal=0) -> Tensor",
    .doc = "The upper triangles of matrices; zeros below a diagonal.",
    .forms = OP_USUAL_INPLACE,
    .saves = "diagonal",
    .forward = triu_forward,
    .backward = triu_backward,
};
Tensor *t_triu(Ctx *c, Tensor *self, int64_t diagonal) {
    return op_tensor(c, &op_triu, (Value[]){arg_tensor(self), value_int(diagonal)});
}

/* ---- repeat ---- */

/* self [...] -> each dimension `repeats` times over; repeats may name dimensions in
 * front. */
static Value repeat_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t repeats[MAX_DIMS], sizes[MAX_DIMS], split[2 * MAX_DIMS];
    int n = call_ints(c, k, 1, repeats, MAX_DIMS);
    if (n < 0) return value_null();
    if (n < self->ndim)
        return value_raise(
            c, RuntimeError,
            "Number of dimensions of repeat dims can not be smaller than "
            "number of dimensions of tensor");
    int lead = n - self->ndim;
    for (int i = 0; i < n; i++)
        sizes[i] = repeats[i] * (i < lead ? 1 : self->sizes[i - lead]);
    Tensor *r = tensor_make(c, (DType)self->dtype, n, sizes);
    if (!r || r->numel == 0) return value_obj(r);
    /* Copy into each block: the index over blocks is an odometer over repeats. */
    int64_t block[MAX_DIMS] = {0};
    for (int i = 0; i < n; i++) split[i] = i < lead ? 1 : self->sizes[i - lead];
    int64_t blocks = shape_numel(n, repeats);
    for (int64_t b = 0; b < blocks; b++) {
        int64_t offset = r->offset;
        for (int i = 0; i < n; i++) offset += block[i] * split[i] * r->strides[i];
        Tensor *part = tensor_alias(c, r, n, split, r->strides, offset);
        if (!part) return value_null();
        tensor_copy(part, self);
        for (int i = n - 1; i >= 0 && ++block[i] == repeats[i]; i--) block[i] = 0;
    }
    return value_obj(r);
}
/* Sums over the copies: every dimension is split into (copies, size) and the copies are
 * added up. Source: repeat_backward. */
static void repeat_backward(Ctx *c, Grad *g) {
    int64_t repeats[MAX_DIMS], sizes[MAX_DIMS], split[MAX_DIMS], dims[MAX_DIMS];
    int n_sizes = saved_ints(g, 0, sizes, MAX_DIMS);
    int n = saved_ints(g, 1, repeats, MAX_DIMS), lead = n - n_sizes;
    Tensor *t = g->grad;
    for (int i = 0; i < n; i++)
        if (repeats[i] == 0) {
            grad_set(g, 0, t_zeros(c, n_sizes, sizes, (DType)t->dtype));
            return;
        }
    for (int i = 0; i < lead; i++) dims[i] = i;
    if (lead) t = t_sum_dims(c, t, lead, dims, false);
    int n_split = 0, n_dims = 0;
    for (int i = lead; i < n; i++) {
        if (n_split + 2 > MAX_DIMS) return;
        if (repeats[i] != 1) {
            dims[n_dims++] = n_split;
            split[n_split++] = repeats[i];
        }
        split[n_split++] = sizes[i - lead];
    }
    if (n_dims) t = t_sum_dims(c, t_reshape(c, t, n_split, split), n_dims, dims, false);
    grad_set(g, 0, t);
}
static const OpDef op_repeat = {
    .schema = "repeat(Tensor self, SymInt[] repeats) -> Tensor",
    .doc = "Copies of self side by side.",
    .forms = OP_METHOD,
    .saves = "self.sizes repeats",
    .forward = repeat_forward,
    .backward = repeat_backward,
};
Tensor *t_repeat(Ctx *c, Tensor *self, int n, const int64_t *repeats) {
    return op_tensor(c, &op_repeat,
                     (Value[]){arg_tensor(self), arg_ints(c, n, repeats)});
}

const OpDef *const rearrange_ops[] = {&op_flip, &op_tril, &op_triu, &op_repeat, NULL};
