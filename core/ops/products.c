/* Products of tensors other than matmul's: kron, cross, tensordot.
 * Sources: LinearAlgebra.cpp, Cross.cpp, Linear.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <inttypes.h>

/* The size of a dimension that may be counted from the end; -1 after raising. */
static int64_t size_at(Ctx *c, const Tensor *t, int64_t dim) {
    int d = shape_size_dim(c, dim, t->ndim);
    return d < 0 ? -1 : t->sizes[d];
}

/* ---- kron ---- */

/* self and other under 2 n dimensions: their product has, for each dimension, one of
 * self and one of other. */
typedef struct KronShapes {
    int n;
    int64_t self[MAX_DIMS], other[MAX_DIMS], result[MAX_DIMS];
} KronShapes;

static KronShapes kron_shapes(const Tensor *self, const Tensor *other) {
    KronShapes s = {.n = self->ndim > other->ndim ? self->ndim : other->ndim};
    int lead = s.n - self->ndim, other_lead = s.n - other->ndim;
    for (int i = 0; i < s.n; i++) {
        int64_t a = i < lead ? 1 : self->sizes[i - lead];
        int64_t b = i < other_lead ? 1 : other->sizes[i - other_lead];
        s.self[2 * i] = a;
        s.other[2 * i + 1] = b;
        s.self[2 * i + 1] = s.other[2 * i] = 1;
        s.result[i] = a * b;
    }
    return s;
}

static Value kron_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *other = call_tensor(k, 1);
    if (self->ndim > MAX_DIMS / 2 || other->ndim > MAX_DIMS / 2)
        return value_raise(c, RuntimeError, "kron of more than %d dimensions",
                           MAX_DIMS / 2);
    KronShapes s = kron_shapes(self, other);
    Tensor *a = t_unsafe_view(c, self, 2 * s.n, s.self);
    Tensor *r = t_mul(c, a, t_unsafe_view(c, other, 2 * s.n, s.other));
    if (!r) return value_null();
    if (k->form == CALL_OUT && !out_resize(c, k, 0, s.n, s.result)) return value_null();
    if (k->form == CALL_OUT && c->grad_enabled && tensor_requires_grad(r))
        return raise_out(c, &op_mul);
    if (k->form == CALL_OUT &&
        !cast_check(c, (DType)r->dtype, (DType)k->target[0]->dtype))
        return value_null();
    return value_obj(k->form == CALL_OUT ? t_reshape(c, r, s.n, s.result)
                                         : t_unsafe_view(c, r, s.n, s.result));
}
static const OpDef op_kron = {
    .schema = "kron(Tensor self, Tensor other) -> Tensor",
    .doc = "The Kronecker product: other, times each element of self in turn.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = kron_forward,
};

/* ---- cross ---- */

static bool cross_check(Ctx *c, const Tensor *self, const Tensor *other,
                        int64_t along) {
    if (self->ndim != other->ndim) {
        error_raise(c, RuntimeError,
                    "linalg.cross: inputs must have the same number of dimensions.");
        return false;
    }
    if (size_at(c, self, along) < 0) return false;
    int dim = shape_wrap_dim(c, along, self->ndim);
    if (self->sizes[dim] == 3 && other->sizes[dim] == 3) return true;
    error_raise(c, RuntimeError,
                "linalg.cross: inputs dimension %" PRId64
                " must have length 3. Got %" PRId64 " and %" PRId64,
                along, self->sizes[dim], other->sizes[dim]);
    return false;
}

/* Component i of the vectors along dim. */
static Tensor *component(Ctx *c, Tensor *t, int dim, int i) {
    return t_select(c, t, dim, i % 3);
}

/* r[i] = a[i + 1] b[i + 2] - a[i + 2] b[i + 1]; the first product of float32 and
 * float64 is rounded together with the difference, as PyTorch's build has it. */
static bool cross_components(Ctx *c, Tensor *r, Tensor *a, Tensor *b, int dim) {
    bool fused = r->dtype == DT_float32 || r->dtype == DT_float64;
    for (int i = 0; i < 3; i++) {
        Tensor *a1 = component(c, a, dim, i + 1), *b2 = component(c, b, dim, i + 2);
        Tensor *minus =
            t_mul(c, component(c, a, dim, i + 2), component(c, b, dim, i + 1));
        Tensor *to = component(c, r, dim, i);
        Tensor *from = fused ? t_addcmul(c, t_neg(c, minus), a1, b2)
                             : t_sub(c, t_mul(c, a1, b2), minus);
        if (!to || !from) return false;
        tensor_copy(to, from);
    }
    return true;
}

/* The cross products of the vectors of length 3 along dim, broadcast. */
static Value linalg_cross_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *other = call_tensor(k, 1);
    int64_t along = call_int(k, 2);
    DType d = (DType)self->dtype;
    Shape a = tensor_shape(self), b = tensor_shape(other), shape;
    if (!cross_check(c, self, other, along) || !shape_broadcast(c, &a, &b, &shape) ||
        !out_dtype_check(c, k, 0, d) ||
        dtype_refused(c, "cross", DTYPES_HALF | DTYPES_BOOL, d) ||
        !scalar_type_check(c, d, (DType)other->dtype))
        return value_null();
    int dim = shape_wrap_dim(c, along, self->ndim);
    Tensor *r = call_result(c, k, 0, d, shape.ndim, shape.dims);
    self = t_expand(c, self, shape.ndim, shape.dims);
    other = t_expand(c, other, shape.ndim, shape.dims);
    if (!r || !other) return value_null();
    return value_obj(cross_components(c, r, self, other, dim) ? r : NULL);
}

static Tensor *t_linalg_cross(Ctx *c, Tensor *self, Tensor *other, int64_t dim);

static void linalg_cross_backward(Ctx *c, Grad *g) {
    int64_t dim = saved_int(g, 2);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_linalg_cross(c, g->grad, saved_tensor(c, g, 0), dim));
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_linalg_cross(c, saved_tensor(c, g, 1), g->grad, dim));
}
static const OpDef op_linalg_cross = {
    .schema = "linalg_cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor",
    .doc = "The cross products of vectors of length 3 along a dimension.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_OUT_EXACT,
    .saves = "self?other other?self dim",
    .forward = linalg_cross_forward,
    .backward = linalg_cross_backward,
    .example = "torch.linalg.cross(v, v)",
};
static Tensor *t_linalg_cross(Ctx *c, Tensor *self, Tensor *other, int64_t dim) {
    return op_tensor(c, &op_linalg_cross,
                     (Value[]){arg_tensor(self), arg_tensor(other), value_int(dim)});
}

/* Without dim the first dimension of size 3 is taken. */
static Value cross_forward(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0);
    int64_t dim = 0;
    if (call_is_none(k, 2)) {
        while (dim < self->ndim && self->sizes[dim] != 3) dim++;
        if (dim == self->ndim)
            return value_raise(c, RuntimeError, "no dimension of size 3 in input");
    } else {
        dim = call_int(k, 2);
    }
    Value args[3] = {k->args[0], k->args[1], value_int(dim)};
    if (k->form == CALL_OUT)
        return op_call_out(c, &op_linalg_cross, args, k->target, 1);
    return op_call(c, &op_linalg_cross, args);
}
static const OpDef op_cross = {
    .schema = "cross(Tensor self, Tensor other, int? dim=None) -> Tensor",
    .doc = "The cross products of vectors of length 3 along a dimension.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = cross_forward,
    .example = "torch.cross(v, v)",
};

/* ---- tensordot ---- */

/* One operand: its dimensions that are contracted, the others, and their sizes. */
typedef struct Contracted {
    Tensor *t;
    int n, n_free;
    int64_t dims[MAX_DIMS]; /* as given, then counted from the front */
    int64_t free[MAX_DIMS], sizes[MAX_DIMS], free_size;
} Contracted;

static bool contracted_dims(Ctx *c, Contracted *a) {
    bool seen[MAX_DIMS];
    if (!dims_mark(c, a->t->ndim, a->n, a->dims, seen)) return false;
    for (int i = 0; i < a->n; i++)
        a->dims[i] = shape_wrap_dim(c, a->dims[i], a->t->ndim);
    a->free_size = 1;
    for (int d = 0; d < a->t->ndim; d++) {
        if (seen[d]) continue;
        a->free[a->n_free] = d;
        a->sizes[a->n_free++] = a->t->sizes[d];
        a->free_size *= a->t->sizes[d];
    }
    return true;
}

/* The number of products in each sum; dimensions that one side has once are summed on
 * the other side right away. -1 after raising. */
static int64_t contracted_size(Ctx *c, Contracted *a, Contracted *b) {
    const Tensor *first = a->t, *second = b->t;
    int64_t size = 1;
    for (int i = 0; i < a->n; i++) {
        int64_t m = size_at(c, first, a->dims[i]);
        int64_t n = m < 0 ? -1 : size_at(c, second, b->dims[i]);
        if (n < 0) return -1;
        if (n == 1)
            a->t = t_sum_dims(c, a->t, 1, &a->dims[i], true);
        else if (m == 1)
            b->t = t_sum_dims(c, b->t, 1, &b->dims[i], true);
        else if (m == n)
            size *= m;
        else
            error_raise(c, RuntimeError,
                        "contracted dimensions need to match, but first has size "
                        "%" PRId64 " in dim %" PRId64 " and second has size %" PRId64
                        " in dim %" PRId64,
                        m, a->dims[i], n, b->dims[i]);
        if (ctx_failed(c)) return -1;
    }
    return size;
}

/* As a matrix: the free dimensions first, or last. */
static Tensor *contracted_matrix(Ctx *c, const Contracted *a, int64_t size,
                                 bool free_first) {
    int64_t order[MAX_DIMS];
    int n = 0;
    for (int i = 0; free_first && i < a->n_free; i++) order[n++] = a->free[i];
    for (int i = 0; i < a->n; i++) order[n++] = a->dims[i];
    for (int i = 0; !free_first && i < a->n_free; i++) order[n++] = a->free[i];
    int64_t sizes[2] = {free_first ? a->free_size : size,
                        free_first ? size : a->free_size};
    return t_reshape(c, t_permute(c, a->t, n, order), 2, sizes);
}

static Tensor *contract(Ctx *c, Contracted *a, Contracted *b) {
    if (a->n != b->n)
        return error_raise(c, RuntimeError,
                           "both dimension lists should have same length");
    int64_t size = contracted_size(c, a, b);
    if (size < 0 || !contracted_dims(c, a) || !contracted_dims(c, b)) return NULL;
    if (a->n_free + b->n_free > MAX_DIMS)
        return error_raise(c, RuntimeError, "a result of more than %d dimensions",
                           MAX_DIMS);
    Tensor *m = t_mm(c, contracted_matrix(c, a, size, true),
                     contracted_matrix(c, b, size, false));
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < a->n_free; i++) sizes[i] = a->sizes[i];
    for (int i = 0; i < b->n_free; i++) sizes[a->n_free + i] = b->sizes[i];
    return t_reshape(c, m, a->n_free + b->n_free, sizes);
}

static Value tensordot_forward(Ctx *c, Call *k) {
    Contracted a = {.t = call_tensor(k, 0)}, b = {.t = call_tensor(k, 1)};
    a.n = call_ints(c, k, 2, a.dims, MAX_DIMS);
    b.n = call_ints(c, k, 3, b.dims, MAX_DIMS);
    if (a.n < 0 || b.n < 0) return value_null();
    Tensor *r = contract(c, &a, &b);
    if (r && k->form == CALL_OUT && r->dtype != k->target[0]->dtype)
        return value_raise(
            c, RuntimeError,
            "tensordot: Expected the output tensor to have dtype %s, but "
            "got an output tensor with dtype %s",
            dtype_scalar_name((DType)r->dtype),
            dtype_scalar_name((DType)k->target[0]->dtype));
    return k->form == CALL_OUT && r ? call_give(c, k, r) : value_obj(r);
}
const OpDef op_tensordot = {
    .schema = "tensordot(Tensor self, Tensor other, int[] dims_self, int[] dims_other) "
              "-> Tensor",
    .doc = "The sum of products over dimensions of self and as many of other.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_MISSING,
    .forward = tensordot_forward,
    .example = "torch.tensordot(m, m, 1)",
};

const OpDef *const products_ops[] = {
    &op_kron, &op_linalg_cross, &op_cross, &op_tensordot, NULL,
};
