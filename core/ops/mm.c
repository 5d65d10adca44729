/* Products of two matrices, two vectors or one of each, and sums with them: mm, bmm,
 * mv, dot, outer; addmm, addmv, baddbmm.  matrix_product.h computes. Sources:
 * LinearAlgebra.cpp, Blas.cpp, derivatives.yaml. */
#include "dense.h"
#include "matrix_product.h"

#include <inttypes.h>

/* ---- shared ---- */

static bool raise_mat_shapes(Ctx *c, const Tensor *a, const Tensor *b) {
    error_raise(c, RuntimeError,
                "mat1 and mat2 shapes cannot be multiplied (%" PRId64 "x%" PRId64
                " and %" PRId64 "x%" PRId64 ")",
                a->sizes[0], a->sizes[1], b->sizes[0], b->sizes[1]);
    return false;
}

/* ---- mm ---- */

/* self [n, m], mat2 [m, p] -> [n, p]. */
static Value mm_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    if (a->ndim != 2) return value_raise(c, RuntimeError, "self must be a matrix");
    if (b->ndim != 2) return value_raise(c, RuntimeError, "mat2 must be a matrix");
    if (a->sizes[1] != b->sizes[0]) {
        raise_mat_shapes(c, a, b);
        return value_null();
    }
    int64_t sizes[2] = {a->sizes[0], b->sizes[1]};
    if (!out_prepare(c, k, 0, (DType)a->dtype, 2, sizes) ||
        !product_check(c, "addmm_impl_cpu_", a, b))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)a->dtype, 2, sizes);
    bool good = r && product_into(c, r, a, b, value_int(0), value_int(1));
    return good ? value_obj(r) : value_null();
}

/* Whether a saved matrix lay column by column. */
static bool column_major(const Grad *g, size_t geometry) {
    const Tuple *t = value_tuple(saved_value(g, geometry));
    const Tuple *sizes = value_tuple(t->items[0]), *strides = value_tuple(t->items[1]);
    return strides->items[0].as.i == 1 &&
           strides->items[1].as.i == sizes->items[0].as.i;
}

/* The gradients of a b, each computed in the layout of what it belongs to. */
static Tensor *left_gradient(Ctx *c, Tensor *grad, Tensor *b, bool by_column) {
    return by_column ? t_t(c, t_mm(c, b, t_t(c, grad))) : t_mm(c, grad, t_t(c, b));
}
static Tensor *right_gradient(Ctx *c, Tensor *grad, Tensor *a, bool by_column) {
    return by_column ? t_t(c, t_mm(c, t_t(c, grad), a)) : t_mm(c, t_t(c, a), grad);
}

static void mm_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 right_gradient(c, g->grad, saved_tensor(c, g, 0), column_major(g, 3)));
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 left_gradient(c, g->grad, saved_tensor(c, g, 1), column_major(g, 2)));
}
const OpDef op_mm = {
    .schema = "mm(Tensor self, Tensor mat2) -> Tensor",
    .doc = "The product of two matrices.",
    .forms = OP_USUAL,
    .traits = OP_OUT_EXACT,
    .saves = "self?mat2 mat2?self self.sym_geometry mat2.sym_geometry",
    .forward = mm_forward,
    .backward = mm_backward,
};
Tensor *t_mm(Ctx *c, Tensor *self, Tensor *mat2) {
    return op_tensor(c, &op_mm, (Value[]){arg_tensor(self), arg_tensor(mat2)});
}

/* ---- bmm ---- */

static bool bmm_check(Ctx *c, const Tensor *a, const Tensor *b) {
    if (a->ndim != 3) {
        error_raise(c, RuntimeError, "batch1 must be a 3D tensor");
        return false;
    }
    if (b->ndim != 3) {
        error_raise(c, RuntimeError, "batch2 must be a 3D tensor");
        return false;
    }
    if (a->sizes[0] != b->sizes[0] || a->sizes[2] != b->sizes[1]) {
        error_raise(c, RuntimeError,
                    "Expected size for first two dimensions of batch2 tensor to be: "
                    "[%" PRId64 ", %" PRId64 "] but got: [%" PRId64 ", %" PRId64 "].",
                    a->sizes[0], a->sizes[2], b->sizes[0], b->sizes[1]);
        return false;
    }
    return true;
}

/* self [b, n, m], mat2 [b, m, p] -> [b, n, p]. */
static Value bmm_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    if (!bmm_check(c, a, b)) return value_null();
    int64_t sizes[3] = {a->sizes[0], a->sizes[1], b->sizes[2]};
    if (!out_prepare(c, k, 0, (DType)b->dtype, 3, sizes) ||
        !product_check(c, "bmm", a, b))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)a->dtype, 3, sizes);
    bool good = r && product_batch_into(c, r, a, b, value_int(0), value_int(1));
    return good ? value_obj(r) : value_null();
}
static void bmm_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_bmm(c, t_transpose(c, saved_tensor(c, g, 0), 1, 2), g->grad));
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_bmm(c, g->grad, t_transpose(c, saved_tensor(c, g, 1), 1, 2)));
}
const OpDef op_bmm = {
    .schema = "bmm(Tensor self, Tensor mat2) -> Tensor",
    .doc = "The products of two batches of matrices.",
    .forms = OP_USUAL,
    .traits = OP_OUT_EXACT,
    .saves = "self?mat2 mat2?self",
    .forward = bmm_forward,
    .backward = bmm_backward,
    .example = "torch.bmm(m[None], m[None])",
};
Tensor *t_bmm(Ctx *c, Tensor *self, Tensor *mat2) {
    return op_tensor(c, &op_bmm, (Value[]){arg_tensor(self), arg_tensor(mat2)});
}

/* ---- mv ---- */

/* self: NULL for one that is yet to be made. */
static bool mv_check(Ctx *c, const Tensor *a, const Tensor *v, const Tensor *self) {
    int self_dims = self ? self->ndim : 1;
    if (a->ndim != 2 || v->ndim != 1 || self_dims > 1) {
        error_raise(c, RuntimeError,
                    "vector + matrix @ vector expected, got %d, %d, %d", self_dims,
                    a->ndim, v->ndim);
        return false;
    }
    if (a->sizes[1] != v->sizes[0]) {
        if (shape_size_dim(c, 0, self_dims) < 0) return false;
        error_raise(c, RuntimeError,
                    "size mismatch, got %" PRId64 ", %" PRId64 "x%" PRId64 ",%" PRId64,
                    self ? self->sizes[0] : a->sizes[0], a->sizes[0], a->sizes[1],
                    v->sizes[0]);
        return false;
    }
    return true;
}

/* self [n, m], vec [m] -> [n]. */
static Value mv_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *v = call_tensor(k, 1);
    if (shape_size_dim(c, 0, a->ndim) < 0 || !mv_check(c, a, v, NULL) ||
        !out_prepare(c, k, 0, (DType)v->dtype, 1, a->sizes) ||
        !product_check(c, "addmv_impl_cpu", a, v))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)a->dtype, 1, a->sizes);
    bool good = r && product_vector_into(c, r, a, v, value_int(0), value_int(1));
    return good ? value_obj(r) : value_null();
}
static void mv_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, t_outer(c, g->grad, saved_tensor(c, g, 0)));
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_mv(c, t_t(c, saved_tensor(c, g, 1)), g->grad));
}
const OpDef op_mv = {
    .schema = "mv(Tensor self, Tensor vec) -> Tensor",
    .doc = "A matrix times a vector.",
    .forms = OP_USUAL,
    .traits = OP_OUT_EXACT,
    .saves = "vec?self self?vec",
    .forward = mv_forward,
    .backward = mv_backward,
    .example = "torch.mv(m, v[:2])",
};
Tensor *t_mv(Ctx *c, Tensor *self, Tensor *vec) {
    return op_tensor(c, &op_mv, (Value[]){arg_tensor(self), arg_tensor(vec)});
}

/* ---- dot, vdot ---- */

static bool dot_check(Ctx *c, const Tensor *a, const Tensor *b) {
    if (a->ndim != 1 || b->ndim != 1) {
        error_raise(c, RuntimeError, "1D tensors expected, but got %dD and %dD tensors",
                    a->ndim, b->ndim);
        return false;
    }
    if (a->dtype != b->dtype) {
        error_raise(
            c, RuntimeError,
            "dot : expected both vectors to have same dtype, but found %s and %s",
            dtype_scalar_name((DType)a->dtype), dtype_scalar_name((DType)b->dtype));
        return false;
    }
    if (a->numel != b->numel) {
        error_raise(c, RuntimeError,
                    "inconsistent tensor size, expected tensor [%" PRId64
                    "] and src [%" PRId64
                    "] to have the same number of elements, but got %" PRId64
                    " and %" PRId64 " elements respectively",
                    a->numel, b->numel, a->numel, b->numel);
        return false;
    }
    return true;
}

static bool dot_prepare(Ctx *c, const Call *k, DType d) {
    if (k->form != CALL_OUT) return true;
    if (!out_resize(c, k, 0, 0, NULL)) return false;
    if ((DType)k->target[0]->dtype == d) return true;
    error_raise(c, RuntimeError, "result dtype %s does not match input dtype %s",
                dtype_scalar_name((DType)k->target[0]->dtype), dtype_scalar_name(d));
    return false;
}

/* self [n], tensor [n] -> []. */
static Value dot_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    if (!dot_prepare(c, k, (DType)a->dtype) || !dot_check(c, a, b) ||
        !product_check(c, "dot", a, b))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)a->dtype, 0, NULL);
    return r && product_dot(c, r, a, b) ? value_obj(r) : value_null();
}
static void dot_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, t_mul(c, g->grad, saved_tensor(c, g, 1)));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_mul(c, g->grad, saved_tensor(c, g, 0)));
}
const OpDef op_dot = {
    .schema = "dot(Tensor self, Tensor tensor) -> Tensor",
    .doc = "The sum of the products of two vectors.",
    .forms = OP_USUAL,
    .saves = "self?tensor tensor?self",
    .forward = dot_forward,
    .backward = dot_backward,
    .example = "torch.dot(v, v)",
};
const OpDef op_vdot = {
    .schema = "vdot(Tensor self, Tensor other) -> Tensor",
    .doc = "dot; the two differ for complex numbers only.",
    .forms = OP_USUAL,
    .saves = "self?other other?self",
    .forward = dot_forward,
    .backward = dot_backward,
    .example = "torch.vdot(v, v)",
};
Tensor *t_dot(Ctx *c, Tensor *self, Tensor *tensor) {
    return op_tensor(c, &op_dot, (Value[]){arg_tensor(self), arg_tensor(tensor)});
}

/* ---- outer ---- */

/* self [n], vec2 [m] -> [n, m]. */
static Value outer_forward(Ctx *c, Call *k) {
    for (int i = 0; i < 2; i++)
        if (call_tensor(k, i)->ndim != 1)
            return value_raise(c, RuntimeError,
                               "outer: Expected 1-D argument %s, but got %d-D",
                               i ? "vec2" : "self", call_tensor(k, i)->ndim);
    Tensor *self = call_tensor(k, 0);
    if (k->form != CALL_OUT) return value_obj(t_outer(c, self, call_tensor(k, 1)));
    int64_t column[2] = {self->sizes[0], 1};
    Value args[2] = {arg_tensor(t_reshape(c, self, 2, column)), k->args[1]};
    return op_call_out(c, &op_mul, args, k->target, k->n_targets);
}
static const OpDef op_outer = {
    .schema = "outer(Tensor self, Tensor vec2) -> Tensor",
    .doc = "The products of each element of one vector with each of another.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = outer_forward,
    .example = "torch.outer(v, v)",
};
static Value ger_forward(Ctx *c, Call *k) {
    if (k->form == CALL_OUT)
        warn(c, UserWarning,
             "torch.ger is deprecated and will be removed in a future PyTorch "
             "release. Use torch.outer instead.");
    return outer_forward(c, k);
}
static const OpDef op_ger = {
    .schema = "ger(Tensor self, Tensor vec2) -> Tensor",
    .doc = "Another name of outer.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = ger_forward,
    .example = "torch.ger(v, v)",
};
Tensor *t_outer(Ctx *c, Tensor *self, Tensor *vec2) {
    if (!self || !vec2) return NULL;
    int64_t column[2] = {self->sizes[0], 1};
    return t_mul(c, t_reshape(c, self, 2, column), vec2);
}

/* ---- addmm and relatives: beta self + alpha (product) ---- */

/* What computes r = beta r + alpha (product of a and b). */
typedef bool ProductInto(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta,
                         Value alpha);

static bool inplace_shape_check(Ctx *c, const Call *k, int ndim, const int64_t *sizes) {
    const Tensor *self = call_tensor(k, 0);
    if (k->form != CALL_INPLACE || shape_equal(self->ndim, self->sizes, ndim, sizes))
        return true;
    error_raise(c, RuntimeError,
                "Bad in-place call: input tensor size %s and output tensor size %s "
                "should match",
                shape_text(c, self), dims_text(c, ndim, sizes));
    return false;
}

static bool inplace_dtype_check(Ctx *c, const Call *k, const Tensor *result) {
    const Tensor *self = call_tensor(k, 0);
    if (k->form != CALL_INPLACE || self->dtype == result->dtype) return true;
    error_raise(c, RuntimeError,
                "Bad in-place call: input tensor dtype %s and output tensor dtype %s "
                "should match",
                dtype_type_name((DType)self->dtype),
                dtype_type_name((DType)result->dtype));
    return false;
}

/* beta self + alpha product, self broadcast to these sizes, from arguments self, a, b,
 * beta, alpha. */
static Value give_sum(Ctx *c, Call *k, ProductInto *into, int ndim,
                      const int64_t *sizes) {
    Tensor *a = call_tensor(k, 1), *b = call_tensor(k, 2);
    if (!inplace_shape_check(c, k, ndim, sizes)) return value_null();
    Tensor *r = call_result(c, k, 0, (DType)a->dtype, ndim, sizes);
    if (!r) return value_null();
    tensor_copy(r, call_tensor(k, 0));
    Value beta = call_scalar(k, 3), alpha = call_scalar(k, 4);
    DType held = into == product_into ? dense_dtype((DType)r->dtype) : (DType)r->dtype;
    /* A sum without products takes any factors. */
    bool any = r->numel == 0 || (b->numel == 0 && into != product_vector_into);
    if (!any && (!scalar_fits(c, beta, held) || !scalar_fits(c, alpha, held)))
        return value_null();
    bool good = into(c, r, a, b, beta, alpha);
    return good ? value_obj(r) : value_null();
}

/* self broadcasts to [n, p]; mat1 [n, m], mat2 [m, p] -> [n, p]. */
static Value addmm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *a = call_tensor(k, 1), *b = call_tensor(k, 2);
    if (self->dtype != b->dtype)
        return value_raise(c, RuntimeError, "self and mat2 must have the same dtype");
    if (a->dtype != b->dtype)
        return value_raise(c, RuntimeError, "mat1 and mat2 must have the same dtype");
    for (int i = 1; i < 3; i++)
        if (call_tensor(k, i)->ndim != 2)
            return value_raise(c, RuntimeError,
                               "mat%d must be a matrix, got %d-D tensor", i,
                               call_tensor(k, i)->ndim);
    if (a->sizes[1] != b->sizes[0]) {
        raise_mat_shapes(c, a, b);
        return value_null();
    }
    int64_t sizes[2] = {a->sizes[0], b->sizes[1]};
    if (!expand_check(c, self, 2, sizes) ||
        !out_prepare(c, k, 0, (DType)a->dtype, 2, sizes) ||
        !product_check(c, "addmm_impl_cpu_", a, b))
        return value_null();
    return give_sum(c, k, product_into, 2, sizes);
}
static void addmm_backward(Ctx *c, Grad *g) {
    Value beta = saved_value(g, 2), alpha = saved_value(g, 3);
    if (grad_wanted(g, 1)) {
        Tensor *t =
            left_gradient(c, g->grad, saved_tensor(c, g, 0), column_major(g, 4));
        grad_set(g, 1, t_maybe_multiply(c, t, alpha));
    }
    if (grad_wanted(g, 2)) {
        Tensor *t =
            right_gradient(c, g->grad, saved_tensor(c, g, 1), column_major(g, 5));
        grad_set(g, 2, t_maybe_multiply(c, t, alpha));
    }
    if (grad_wanted(g, 0)) grad_set(g, 0, t_maybe_multiply(c, g->grad, beta));
}
const OpDef op_addmm = {
    .schema = "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar "
              "alpha=1) -> Tensor",
    .doc = "beta self + alpha mat1 mat2.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "mat2?mat1 mat1?mat2 beta alpha mat1.sym_geometry mat2.sym_geometry",
    .forward = addmm_forward,
    .backward = addmm_backward,
};

static const OpDef op_addmm_factors = {
    .schema = "addmm.factors(Scalar beta, Tensor self, Scalar alpha, Tensor mat1, "
              "Tensor mat2) -> Tensor",
    .doc = "addmm with its factors before what they multiply.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addmm,
    .example = "torch.addmm(2, m, 3, m, m)",
};
static const OpDef op_addmm_factor = {
    .schema =
        "addmm.factor(Scalar beta, Tensor self, Tensor mat1, Tensor mat2) -> Tensor",
    .doc = "addmm with the factor of self before it.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addmm,
    .example = "torch.addmm(2, m, m, m)",
};
Tensor *t_addmm(Ctx *c, Tensor *self, Tensor *mat1, Tensor *mat2) {
    return op_tensor(c, &op_addmm,
                     (Value[]){arg_tensor(self), arg_tensor(mat1), arg_tensor(mat2),
                               value_int(1), value_int(1)});
}

/* self broadcasts to [n]; mat [n, m], vec [m] -> [n]. */
static Value addmv_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *a = call_tensor(k, 1), *v = call_tensor(k, 2);
    if (!mv_check(c, a, v, self)) return value_null();
    if (self->numel != 1 && self->numel != a->sizes[0])
        return value_raise(c, RuntimeError,
                           "size mismatch, got %" PRId64 ", %" PRId64 "x%" PRId64
                           ",%" PRId64,
                           self->numel, a->sizes[0], a->sizes[1], v->sizes[0]);
    if (!inplace_dtype_check(c, k, v) ||
        !out_prepare(c, k, 0, (DType)a->dtype, 1, a->sizes) ||
        !product_check(c, "addmv_impl_cpu", a, v))
        return value_null();
    return give_sum(c, k, product_vector_into, 1, a->sizes);
}
static void addmv_backward(Ctx *c, Grad *g) {
    Value beta = saved_value(g, 2), alpha = saved_value(g, 3);
    if (grad_wanted(g, 1))
        grad_set(
            g, 1,
            t_maybe_multiply(c, t_outer(c, g->grad, saved_tensor(c, g, 0)), alpha));
    if (grad_wanted(g, 0)) grad_set(g, 0, t_maybe_multiply(c, g->grad, beta));
    if (grad_wanted(g, 2))
        grad_set(g, 2,
                 t_maybe_multiply(c, t_mv(c, t_t(c, saved_tensor(c, g, 1)), g->grad),
                                  alpha));
}
static const OpDef op_addmv = {
    .schema = "addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar "
              "alpha=1) -> Tensor",
    .doc = "beta self + alpha mat vec.",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "vec?mat mat?vec beta alpha",
    .forward = addmv_forward,
    .backward = addmv_backward,
    .example = "torch.addmv(v[:2], m, v[:2])",
};

static const OpDef op_addmv_factors = {
    .schema = "addmv.factors(Scalar beta, Tensor self, Scalar alpha, Tensor mat, "
              "Tensor vec) -> Tensor",
    .doc = "addmv with its factors before what they multiply.",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addmv,
    .example = "torch.addmv(2, v[:2], 3, m, v[:2])",
};
static const OpDef op_addmv_factor = {
    .schema =
        "addmv.factor(Scalar beta, Tensor self, Tensor mat, Tensor vec) -> Tensor",
    .doc = "addmv with the factor of self before it.",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addmv,
    .example = "torch.addmv(2, v[:2], m, v[:2])",
};

/* self broadcasts to [b, n, p]; batch1 [b, n, m], batch2 [b, m, p] -> [b, n, p]. */
static Value baddbmm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *a = call_tensor(k, 1), *b = call_tensor(k, 2);
    int64_t sizes[3];
    for (int i = 0; i < 3; i++) {
        Tensor *t = i < 2 ? a : b;
        if (shape_size_dim(c, i, t->ndim) < 0) return value_null();
        sizes[i] = t->sizes[i];
    }
    if (!expand_check(c, self, 3, sizes) || !bmm_check(c, a, b) ||
        !inplace_dtype_check(c, k, b) ||
        !out_prepare(c, k, 0, (DType)b->dtype, 3, sizes) ||
        !product_check(c, "baddbmm", a, b))
        return value_null();
    return give_sum(c, k, product_batch_into, 3, sizes);
}
static void baddbmm_backward(Ctx *c, Grad *g) {
    Value beta = saved_value(g, 2), alpha = saved_value(g, 3);
    if (grad_wanted(g, 1)) {
        Tensor *b = t_transpose(c, saved_tensor(c, g, 0), 1, 2);
        grad_set(g, 1, t_maybe_multiply(c, t_bmm(c, g->grad, b), alpha));
    }
    if (grad_wanted(g, 2)) {
        Tensor *a = t_transpose(c, saved_tensor(c, g, 1), 1, 2);
        grad_set(g, 2, t_maybe_multiply(c, t_bmm(c, a, g->grad), alpha));
    }
    if (grad_wanted(g, 0)) grad_set(g, 0, t_maybe_multiply(c, g->grad, beta));
}
static const OpDef op_baddbmm = {
    .schema =
        "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar "
        "alpha=1) -> Tensor",
    .doc = "beta self + alpha times the products of two batches of matrices.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "batch2?batch1 batch1?batch2 beta alpha",
    .forward = baddbmm_forward,
    .backward = baddbmm_backward,
    .example = "torch.baddbmm(m[None], m[None], m[None])",
};

static const OpDef op_baddbmm_factors = {
    .schema = "baddbmm.factors(Scalar beta, Tensor self, Scalar alpha, Tensor batch1, "
              "Tensor batch2) -> Tensor",
    .doc = "baddbmm with its factors before what they multiply.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_baddbmm,
    .example = "torch.baddbmm(2, m[None], 3, m[None], m[None])",
};
static const OpDef op_baddbmm_factor = {
    .schema = "baddbmm.factor(Scalar beta, Tensor self, Tensor batch1, Tensor batch2) "
              "-> Tensor",
    .doc = "baddbmm with the factor of self before it.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_baddbmm,
    .example = "torch.baddbmm(2, m[None], m[None], m[None])",
};

const OpDef *const mm_ops[] = {
    &op_mm,
    &op_bmm,
    &op_mv,
    &op_dot,
    &op_vdot,
    &op_outer,
    &op_ger,
    &op_addmm_factors,
    &op_addmm_factor,
    &op_addmm,
    &op_addmv_factors,
    &op_addmv_factor,
    &op_addmv,
    &op_baddbmm_factors,
    &op_baddbmm_factor,
    &op_baddbmm,
    NULL,
};
