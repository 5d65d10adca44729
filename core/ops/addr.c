/* inner, and sums of a matrix and products: addr, addbmm.
 * Sources: LinearAlgebra.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>

/* ---- inner ---- */

/* self [..., n], other [..., n] -> [..., ...]; a 0-d operand just multiplies. */
static Value inner_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    if (a->ndim == 0 || b->ndim == 0) return value_obj(t_mul(c, a, b));
    if (a->sizes[a->ndim - 1] != b->sizes[b->ndim - 1])
        return value_raise(
            c, RuntimeError,
            "inner() the last dimension must match on both input tensors "
            "but got shapes %s and %s",
            shape_text(c, a), shape_text(c, b));
    int64_t last = -1;
    Value args[] = {k->args[0], k->args[1], arg_ints(c, 1, &last),
                    arg_ints(c, 1, &last)};
    if (ctx_failed(c)) return value_null();
    return k->form == CALL_OUT ? op_call_out(c, &op_tensordot, args, k->target, 1)
                               : op_call(c, &op_tensordot, args);
}
static const OpDef op_inner = {
    .schema = "inner(Tensor self, Tensor other) -> Tensor",
    .doc = "Sums of products along the last dimensions of both.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = inner_forward,
};

/* ---- addr, addbmm: beta self + alpha (product) ---- */

static bool addr_scalar_check(Ctx *c, DType d, Value v, const char *name) {
    if (v.tag == VAL_BOOL && d != DT_bool) {
        error_raise(c, RuntimeError, "Boolean %s only supported for Boolean results.",
                    name);
        return false;
    }
    if (dtype_is_floating(d) || v.tag != VAL_FLOAT) return scalar_fits(c, v, d);
    error_raise(c, RuntimeError,
                "For integral input tensors, argument %s must not be a floating point "
                "number.",
                name);
    return false;
}

static bool addr_shape_check(Ctx *c, const Call *k, const int64_t *sizes) {
    const Tensor *self = call_tensor(k, 0);
    for (int i = 1; i < 3; i++)
        if (call_tensor(k, i)->ndim != 1) {
            error_raise(c, RuntimeError,
                        "addr: Expected 1-D argument vec%d, but got %d-D", i,
                        call_tensor(k, i)->ndim);
            return false;
        }
    if (k->form != CALL_INPLACE) return expand_check(c, self, 2, sizes);
    if (self->ndim != 2) {
        error_raise(c, RuntimeError, "2D tensor expected, got %dD tensor for input",
                    self->ndim);
        return false;
    }
    if (shape_equal(2, sizes, 2, self->sizes)) return true;
    error_raise(c, RuntimeError, "size mismatch, input: %s, v1: %s, v2: %s",
                shape_text(c, self), shape_text(c, call_tensor(k, 1)),
                shape_text(c, call_tensor(k, 2)));
    return false;
}

/* Of bools: whether self (if beta) or the product (if alpha) is true. */
static Tensor *addr_bool(Ctx *c, Tensor *self, Tensor *product, bool beta, bool alpha) {
    if (!alpha) product = t_zeros_like(c, product);
    return beta ? t_logical_or(c, self, product) : product;
}

/* self broadcasts to [n, m]; vec1 [n], vec2 [m] -> [n, m]. */
static Value addr_forward(Ctx *c, Call *k) {
    Tensor *in[3] = {call_tensor(k, 0), call_tensor(k, 1), call_tensor(k, 2)};
    int64_t sizes[2] = {in[1]->numel, in[2]->numel}, column[2] = {in[1]->numel, 1};
    Value beta = call_scalar(k, 3), alpha = call_scalar(k, 4);
    DType d = result_type(c, 3, in);
    if (!addr_shape_check(c, k, sizes) ||
        (k->form == CALL_INPLACE && !self_overlap_check(c, in[0])) ||
        !addr_scalar_check(c, d, beta, "beta") ||
        !addr_scalar_check(c, d, alpha, "alpha"))
        return value_null();
    for (int i = 0; i < 3; i++) in[i] = t_to_dtype(c, in[i], d);
    Tensor *sum = t_reshape(c, in[1], 2, column);
    if (d == DT_bool) {
        Tensor *both = t_logical_and(c, sum, in[2]);
        sum = addr_bool(c, in[0], both, value_as_double(beta) != 0,
                        value_as_double(alpha) != 0);
    } else if ((d == DT_float32 || d == DT_float64) && value_as_double(beta) != 0) {
        AddrArgs args = {NULL, pointwise_number(d, beta).f[0],
                         pointwise_number(d, alpha).f[0]};
        Pointwise p = {.kernel = kernel_addr,
                       .arg = &args,
                       .compute = d,
                       .result = d,
                       .n = 3,
                       .in = {in[0], sum, in[2]}};
        return sum ? value_obj(pointwise(c, k, &p)) : value_null();
    } else {
        sum = t_mul(c, t_maybe_multiply(c, sum, alpha), in[2]);
        if (value_as_double(beta) != 0)
            sum = t_add(c, t_maybe_multiply(c, in[0], beta), sum);
    }
    return call_give(c, k, sum);
}
static void addr_backward(Ctx *c, Grad *g) {
    Value beta = saved_value(g, 2), alpha = saved_value(g, 3);
    if (grad_wanted(g, 0)) grad_set(g, 0, t_maybe_multiply(c, g->grad, beta));
    if (grad_wanted(g, 1)) {
        Tensor *t = t_mv(c, g->grad, saved_tensor(c, g, 1));
        grad_set(g, 1, t_maybe_multiply(c, t, alpha));
    }
    if (grad_wanted(g, 2)) {
        Tensor *t = t_mv(c, t_t(c, g->grad), saved_tensor(c, g, 0));
        grad_set(g, 2, t_maybe_multiply(c, t, alpha));
    }
}
static const OpDef op_addr = {
    .schema = "addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar "
              "alpha=1) -> Tensor",
    .doc =
        "beta self + alpha times the products of each element of one vector with each "
        "of another.",
    .forms = OP_USUAL_INPLACE,
    .saves = "vec1?vec2 vec2?vec1 beta alpha",
    .forward = addr_forward,
    .backward = addr_backward,
    .example = "torch.addr(m, v[:2], v[:2])",
};

static const OpDef op_addr_factors = {
    .schema = "addr.factors(Scalar beta, Tensor self, Scalar alpha, Tensor vec1, "
              "Tensor vec2) -> Tensor",
    .doc = "addr with its factors before what they multiply.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addr,
    .example = "torch.addr(2, m, 3, v[:2], v[:2])",
};
static const OpDef op_addr_factor = {
    .schema =
        "addr.factor(Scalar beta, Tensor self, Tensor vec1, Tensor vec2) -> Tensor",
    .doc = "addr with the factor of self before it.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addr,
    .example = "torch.addr(2, m, v[:2], v[:2])",
};

static bool addbmm_check(Ctx *c, const Tensor *a, const Tensor *b) {
    if (a->ndim != 3 || b->ndim != 3) {
        error_raise(c, RuntimeError, "batch%d must be a 3D tensor",
                    a->ndim != 3 ? 1 : 2);
        return false;
    }
    if (a->sizes[0] != b->sizes[0]) {
        error_raise(c, RuntimeError,
                    "batch1 and batch2 must have same number of batches, got %" PRId64
                    " and %" PRId64,
                    a->sizes[0], b->sizes[0]);
        return false;
    }
    if (a->sizes[2] == b->sizes[1]) return true;
    error_raise(c, RuntimeError,
                "Incompatible matrix sizes for bmm (%" PRId64 "x%" PRId64
                " and %" PRId64 "x%" PRId64 ")",
                a->sizes[1], a->sizes[2], b->sizes[1], b->sizes[2]);
    return false;
}

/* The size of dimension i; IndexError when there is none. */
static bool has_dim(Ctx *c, const Tensor *t, int i) {
    return shape_wrap_dim(c, i, t->ndim) >= 0;
}

/* self broadcasts to [n, p]; batch1 [b, n, m], batch2 [b, m, p] -> [n, p]. */
static Value addbmm_forward(Ctx *c, Call *k) {
    Tensor *sum = call_tensor(k, 0), *a = call_tensor(k, 1), *b = call_tensor(k, 2);
    Value beta = k->args[3], one = value_int(1);
    if (!has_dim(c, a, 1) || !has_dim(c, b, 2)) return value_null();
    int64_t sizes[2] = {a->sizes[1], b->sizes[2]};
    if (!expand_check(c, sum, 2, sizes) || !addbmm_check(c, a, b)) return value_null();
    if (k->form == CALL_OUT) sum = t_to_dtype(c, sum, (DType)k->target[0]->dtype);
    if (sum && a->sizes[0] == 0)
        sum = t_mul_scalar(c, t_expand(c, sum, 2, sizes), beta);
    for (int64_t i = 0; sum && i < a->sizes[0]; i++)
        sum = op_tensor(c, &op_addmm,
                        (Value[]){arg_tensor(sum), arg_tensor(t_select(c, a, 0, i)),
                                  arg_tensor(t_select(c, b, 0, i)), i ? one : beta,
                                  k->args[4]});
    return call_give(c, k, sum);
}
/* grad for each matrix of a batch of n. */
static Tensor *each_of(Ctx *c, Tensor *grad, int64_t n) {
    if (!grad) return NULL;
    int64_t sizes[3] = {n, grad->sizes[0], grad->sizes[1]};
    return t_expand(c, t_unsqueeze(c, grad, 0), 3, sizes);
}
static void addbmm_backward(Ctx *c, Grad *g) {
    Value beta = saved_value(g, 2), alpha = saved_value(g, 3);
    Tensor *a = saved_tensor(c, g, 0), *b = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1) && b) {
        Tensor *t = each_of(c, g->grad, b->sizes[0]);
        t = t_bmm(c, t, t_transpose(c, b, 1, 2));
        grad_set(g, 1, t_maybe_multiply(c, t, alpha));
    }
    if (grad_wanted(g, 2) && a) {
        Tensor *t = each_of(c, g->grad, a->sizes[0]);
        t = t_bmm(c, t_transpose(c, a, 1, 2), t);
        grad_set(g, 2, t_maybe_multiply(c, t, alpha));
    }
    if (grad_wanted(g, 0)) grad_set(g, 0, t_maybe_multiply(c, g->grad, beta));
}
static const OpDef op_addbmm = {
    .schema = "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, "
              "Scalar alpha=1) -> Tensor",
    .doc = "beta self + alpha times the sum of the products of a batch of matrices.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_QUIET,
    .saves = "batch1?batch2 batch2?batch1 beta alpha",
    .forward = addbmm_forward,
    .backward = addbmm_backward,
    .example = "torch.addbmm(m, m[None], m[None])",
};

static const OpDef op_addbmm_factors = {
    .schema = "addbmm.factors(Scalar beta, Tensor self, Scalar alpha, Tensor batch1, "
              "Tensor batch2) -> Tensor",
    .doc = "addbmm with its factors before what they multiply.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addbmm,
    .example = "torch.addbmm(2, m, 3, m[None], m[None])",
};
static const OpDef op_addbmm_factor = {
    .schema = "addbmm.factor(Scalar beta, Tensor self, Tensor batch1, Tensor batch2) "
              "-> Tensor",
    .doc = "addbmm with the factor of self before it.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addbmm,
    .example = "torch.addbmm(2, m, m[None], m[None])",
};

const OpDef *const addr_ops[] = {
    &op_inner,          &op_addr_factors,  &op_addr_factor, &op_addr,
    &op_addbmm_factors, &op_addbmm_factor, &op_addbmm,      NULL,
};
