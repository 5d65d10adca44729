/* Elements in another order: flip, rot90, roll, triangles, repeat.
 * Sources: TensorTransformations.cpp, TriangularOps.cpp, TensorShape.cpp. */
#include "core/iter.h"
#include "core/kernel/copy.h"
#include "core/reduction.h"
#include "ops.h"

#include <inttypes.h>

/* ---- flip ---- */

/* r = self, read backwards along some dimensions. */
static void copy_reversed(Tensor *r, const Tensor *self, const bool *reverse) {
    DType d = (DType)self->dtype;
    int64_t strides[MAX_DIMS], start = 0;
    if (self->numel == 0) return;
    for (int i = 0; i < self->ndim; i++) {
        strides[i] = reverse[i] ? -self->strides[i] : self->strides[i];
        if (reverse[i]) start += (self->sizes[i] - 1) * self->strides[i];
    }
    Iter it;
    iter_begin(&it, r->ndim, r->sizes);
    iter_add(&it, tensor_data(r), d, r->ndim, r->sizes, r->strides);
    iter_add(&it, (char *)tensor_data(self) + start * (int64_t)dtype_size(d), d,
             self->ndim, self->sizes, strides);
    iter_run(&it, kernel_copy, d, NULL);
}

/* self with its elements in reverse order along dims. */
static Value flip_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    bool reverse[MAX_DIMS];
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0 || !dims_mark(c, self->ndim, n, dims, reverse)) return value_null();
    Tensor *r = t_empty_like(c, self);
    if (r) copy_reversed(r, self, reverse);
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

/* fliplr and flipud: flip along dimension 1 or 0. */
static Value flip_one(Ctx *c, Call *k, int64_t dim) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim <= dim)
        return value_raise(c, RuntimeError, "Input must be >= %d-d.", (int)dim + 1);
    return value_obj(t_flip(c, self, 1, &dim));
}
static Value fliplr_forward(Ctx *c, Call *k) {
    return flip_one(c, k, 1);
}
static const OpDef op_fliplr = {
    .schema = "fliplr(Tensor self) -> Tensor",
    .doc = "self with its columns in reverse order.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = fliplr_forward,
};
static Value flipud_forward(Ctx *c, Call *k) {
    return flip_one(c, k, 0);
}
static const OpDef op_flipud = {
    .schema = "flipud(Tensor self) -> Tensor",
    .doc = "self with its rows in reverse order.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = flipud_forward,
};

/* ---- rot90 ---- */

static bool rot90_check(Ctx *c, int ndim, int n, const int64_t *dims) {
    if (n != 2) {
        error_raise(c, RuntimeError,
                    "expected total rotation dims == 2, but got dims = %d", n);
        return false;
    }
    if (ndim < 2) {
        error_raise(c, RuntimeError,
                    "expected total dims >= 2, but got total dims = %d", ndim);
        return false;
    }
    uint64_t apart = (uint64_t)dims[0] - (uint64_t)dims[1];
    if (apart == 0 || apart == (uint64_t)ndim || -apart == (uint64_t)ndim) {
        error_raise(c, RuntimeError,
                    "expected rotation dims to be different, but got dim0 = %" PRId64
                    " and dim1 = %" PRId64,
                    dims[0], dims[1]);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (dims[i] >= -ndim && dims[i] < ndim) continue;
        error_raise(c, RuntimeError, "Rotation dim%d out of range, dim%d = %" PRId64, i,
                    i, dims[i]);
        return false;
    }
    return true;
}

/* A quarter turn is a flip and a transposition. */
static Value rot90_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 2, dims, MAX_DIMS);
    if (n < 0 || !rot90_check(c, self->ndim, n, dims)) return value_null();
    switch ((call_int(k, 1) % 4 + 4) % 4) {
    case 1:
        self = t_transpose(c, t_flip(c, self, 1, &dims[1]), dims[0], dims[1]);
        break;
    case 2: self = t_flip(c, self, 2, dims); break;
    case 3:
        self = t_transpose(c, t_flip(c, self, 1, &dims[0]), dims[0], dims[1]);
        break;
    default: self = t_clone_contiguous(c, self); break;
    }
    return value_obj(self);
}
static void rot90_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, g->node->cls->op->def,
                       (Value[]){arg_tensor(g->grad), value_int(-(saved_int(g, 0) % 4)),
                                 saved_value(g, 1)}));
}
static const OpDef op_rot90 = {
    .schema = "rot90(Tensor self, int k=1, int[] dims=[0, 1]) -> Tensor",
    .doc = "self turned k times by 90 degrees, from the first of dims to the second.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "k dims",
    .forward = rot90_forward,
    .backward = rot90_backward,
};

/* ---- roll ---- */

/* self with its parts along dim moved on by shift, the last ones to the front. */
static Tensor *rolled(Ctx *c, Tensor *self, int64_t shift, int64_t along) {
    if (self->numel == 0) return t_clone(c, self);
    int dim = shape_size_dim(c, along, self->ndim);
    if (dim < 0) return NULL;
    int64_t size = self->sizes[dim], start = (size - shift % size) % size;
    Tensor *tail = t_slice(c, self, dim, start, size, 1);
    return t_cat_pair(c, tail, t_slice(c, self, dim, 0, start, 1), dim);
}

/* Without dims the elements roll as one vector. */
static Tensor *rolled_flat(Ctx *c, Tensor *self, int64_t shift) {
    int64_t numel = self->numel;
    Tensor *t = t_view(c, t_contiguous(c, self), 1, &numel);
    t = t ? rolled(c, t, shift, 0) : NULL;
    return t_view(c, t, self->ndim, self->sizes);
}

static Value roll_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t shifts[MAX_DIMS], dims[MAX_DIMS];
    int n = call_ints(c, k, 1, shifts, MAX_DIMS);
    int n_dims = call_ints(c, k, 2, dims, MAX_DIMS);
    if (n < 0 || n_dims < 0) return value_null();
    if (n == 0) return value_raise(c, RuntimeError, "`shifts` required");
    if (n == 1 && n_dims == 0) return value_obj(rolled_flat(c, self, shifts[0]));
    if (n != n_dims)
        return value_raise(c, RuntimeError,
                           "shifts and dimensions must align. shifts: %d, dims:%d", n,
                           n_dims);
    for (int i = 0; self && i < n; i++) self = rolled(c, self, shifts[i], dims[i]);
    return value_obj(self);
}
static void roll_backward(Ctx *c, Grad *g) {
    int64_t shifts[MAX_DIMS], dims[MAX_DIMS], back[MAX_DIMS], along[MAX_DIMS];
    int n = saved_ints(g, 0, shifts, MAX_DIMS),
        n_dims = saved_ints(g, 1, dims, MAX_DIMS);
    for (int i = 0; i < n; i++) back[i] = (int64_t)(0 - (uint64_t)shifts[n - 1 - i]);
    for (int i = 0; i < n_dims; i++) along[i] = dims[n_dims - 1 - i];
    grad_set(g, 0,
             op_tensor(c, g->node->cls->op->def,
                       (Value[]){arg_tensor(g->grad), arg_ints(c, n, back),
                                 arg_ints(c, n_dims, along)}));
}
static const OpDef op_roll = {
    .schema = "roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor",
    .doc = "self with its elements moved on along dimensions, around the end.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "shifts dims",
    .forward = roll_forward,
    .backward = roll_backward,
};

/* ---- tril, triu ---- */

static bool in_triangle(bool lower, int64_t diagonal, int64_t row, int64_t col) {
    return lower ? col - row <= diagonal : col - row >= diagonal;
}

/* Zeros outside the triangle, written where the elements lie: some may be shared. */
static void clear_triangle(Tensor *t, bool lower, int64_t diagonal) {
    int64_t at[MAX_DIMS] = {0};
    for (int64_t n = t->numel; n > 0; n--) {
        if (!in_triangle(lower, diagonal, at[t->ndim - 2], at[t->ndim - 1]))
            element_store((DType)t->dtype, tensor_at(t, at), value_int(0));
        for (int i = t->ndim - 1; i >= 0 && ++at[i] == t->sizes[i]; i--) at[i] = 0;
    }
}

static Value triangle(Ctx *c, Call *k, bool lower) {
    Tensor *self = call_tensor(k, 0);
    int64_t diagonal = call_int(k, 1);
    DType d = (DType)self->dtype;
    if (!out_prepare(c, k, 0, d, self->ndim, self->sizes)) return value_null();
    if (self->numel == 0) return call_give(c, k, self);
    if (shape_size_dim(c, -2, self->ndim) < 0) return value_null();
    if (k->form == CALL_INPLACE &&
        shape_overlaps(self->ndim, self->sizes, self->strides)) {
        clear_triangle(self, lower, diagonal);
        return value_obj(self);
    }
    int64_t rows = self->sizes[self->ndim - 2], cols = self->sizes[self->ndim - 1];
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *whole = r ? tensor_make(c, d, self->ndim, self->sizes) : NULL;
    if (!whole) return value_null();
    tensor_copy(whole, self);
    char *p = tensor_data(whole);
    for (int64_t i = 0; i < whole->numel; i++) {
        int64_t row = i / cols % rows, col = i % cols;
        if (!in_triangle(lower, diagonal, row, col))
            element_store(d, p + i * (int64_t)dtype_size(d), value_int(0));
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
    .traits = OP_OUT_EXACT,
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
    .traits = OP_OUT_EXACT,
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
    for (int i = 0; i < n; i++) {
        int64_t size = i < lead ? 1 : self->sizes[i - lead];
        if (__builtin_mul_overflow(repeats[i], size, &sizes[i]))
            return value_raise(c, RuntimeError,
                               "maximum size for tensor at dimension %d is %" PRId64
                               " but size is %" PRId64,
                               i, sizes[i], size);
    }
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
        if (!shape_ndim_check(c, n_split + 2)) return;
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
    .saves = "self.sym_sizes repeats",
    .forward = repeat_forward,
    .backward = repeat_backward,
};
Tensor *t_repeat(Ctx *c, Tensor *self, int n, const int64_t *repeats) {
    return op_tensor(c, &op_repeat,
                     (Value[]){arg_tensor(self), arg_ints(c, n, repeats)});
}

const OpDef *const rearrange_ops[] = {
    &op_flip, &op_fliplr, &op_flipud, &op_rot90, &op_roll,
    &op_tril, &op_triu,   &op_repeat, NULL,
};
