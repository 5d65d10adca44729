/* scatter_reduce and index_reduce: elements of a source put together with those of self
 * at the places that an index names.
 *
 * Both reduce by sum, prod, mean, amax or amin, and have one derivative: they differ in
 * how an index names places (Places), element by element along a dimension or whole
 * parts of it.  Sources: TensorAdvancedIndexing.cpp, FunctionsManual.cpp. */
#include "core/kernel/advanced_index.h"
#include "core/pointwise.h"
#include "gather.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef enum Reducing {
    REDUCE_SUM,
    REDUCE_PROD,
    REDUCE_MEAN,
    REDUCE_AMAX,
    REDUCE_AMIN,
    REDUCE_UNKNOWN
} Reducing;

static Reducing reducing(const char *name) {
    static const char *const names[] = {"sum", "prod", "mean", "amax", "amin"};
    for (int i = 0; i < REDUCE_UNKNOWN; i++)
        if (strcmp(name, names[i]) == 0) return (Reducing)i;
    return REDUCE_UNKNOWN;
}

/* The smallest and the largest value of d; infinities of floats. */
static Value extreme(DType d, bool low) {
    int bits = 8 * (int)dtype_size(d);
    if (dtype_is_floating(d)) return value_float(low ? -INFINITY : INFINITY);
    if (d == DT_bool) return value_bool(!low);
    if (d == DT_uint8) return value_int(low ? 0 : 255);
    int64_t high = (int64_t)(UINT64_MAX >> (65 - bits));
    return value_int(low ? -high - 1 : high);
}

/* What self starts from where it is not to take part. */
static Value neutral(Reducing r, DType d) {
    switch (r) {
    case REDUCE_PROD: return value_int(1);
    case REDUCE_AMAX: return extreme(d, true);
    case REDUCE_AMIN: return extreme(d, false);
    default: return value_int(0);
    }
}

/* How an index names places of a tensor along dim. */
typedef struct Places {
    Tensor *(*pick)(Ctx *c, Tensor *t, int64_t dim, Tensor *index);
    Tensor *(*add)(Ctx *c, Tensor *t, int64_t dim, Tensor *index, Tensor *source);
    Tensor *(*fill)(Ctx *c, Tensor *t, int64_t dim, Tensor *index, Value number);
} Places;

static const Places elements = {t_gather, t_scatter_add, t_scatter_value};
static const Places parts = {t_index_select, t_index_add, t_index_fill};

/* ---- mean ---- */

/* How many elements each place of a mean is made of, at least 1. */
static Tensor *counts(Ctx *c, const Places *at, Tensor *like, int64_t dim,
                      Tensor *index, Tensor *source, bool include_self) {
    Tensor *n = include_self ? t_ones_like(c, like) : t_zeros_like(c, like);
    n = at->add(c, n, dim, index, t_ones_like(c, source));
    return t_masked_fill_scalar_(c, n, t_eq_scalar(c, n, value_int(0)), value_int(1));
}

static Tensor *divided(Ctx *c, Tensor *sum, Tensor *n) {
    if (!sum || dtype_is_floating((DType)sum->dtype)) return t_div(c, sum, n);
    return t_div_mode(c, sum, n, "floor");
}

/* ---- the derivative ---- */

/* One backward; the saves are self, dim, index, source, reduce, include_self, result.
 */
typedef struct Into {
    const Places *at;
    const OpDef *def;
    Tensor *self, *index, *source, *result;
    Value reduce, include;
    int64_t dim;
} Into;

static Tensor *again(Ctx *c, const Into *i, Tensor *self, Tensor *source) {
    return op_tensor(c, i->def,
                     (Value[]){arg_tensor(self), value_int(i->dim),
                               arg_tensor(i->index), arg_tensor(source), i->reduce,
                               i->include});
}

static Tensor *without_zeros(Ctx *c, Tensor *t) {
    return t_masked_fill_scalar(c, t, t_eq_scalar(c, t, value_int(0)), value_int(1));
}

static bool any_above_one(Ctx *c, Tensor *t) {
    Tensor *most = t && t->numel ? t_amax(c, t_detach(c, t), 0, NULL, false) : NULL;
    return most && tensor_item(c, most).as.f > 1;
}

/* Where several zeros of source meet in one place the second derivative is missing. */
static Value undoubled_forward(Ctx *c, Call *k) {
    Tensor *t = call_tensor(k, 0);
    return value_obj(tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset));
}
static void undoubled_backward(Ctx *c, Grad *g) {
    const Str *name = value_str(saved_value(g, 0));
    error_raise(c, RuntimeError,
                "%s(): Double backward is unsupported for %s when >1 zeros in %s are "
                "scattered to the same position in self",
                name->data, str_equals(name, "scatter_reduce") ? "src" : "source",
                str_equals(name, "scatter_reduce") ? "src" : "source");
}
static const OpDef op_undoubled = {
    .schema = "_delayed_error(Tensor self, str name) -> Tensor",
    .doc = "self, whose derivative is an error.",
    .forms = OP_INTERNAL,
    .saves = "name",
    .node = "Error",
    .long_node = "torch::autograd::Error",
    .forward = undoubled_forward,
    .backward = undoubled_backward,
};
static Tensor *undoubled(Ctx *c, const Into *i, Tensor *t) {
    const char *name = i->at == &elements ? "scatter_reduce" : "index_reduce";
    Value text = value_obj(pool_add(c, str_from(c, name)));
    return op_tensor(c, &op_undoubled, (Value[]){arg_tensor(t), text});
}

/* The product of the others, also where elements are zero: a single zero at a place has
 * the product of the rest as its slope. */
static void prod_gradients(Ctx *c, Grad *g, const Into *i, Tensor **self_grad,
                           Tensor **source_grad) {
    Tensor *masked = without_zeros(c, i->self);
    *self_grad = t_div(c, t_mul(c, g->grad, again(c, i, masked, i->source)), masked);
    Tensor *zero = t_eq_scalar(c, i->source, value_int(0));
    Tensor *zeros = t_to_dtype(c, zero, (DType)i->self->dtype);
    zeros = i->at->add(c, t_zeros_like(c, i->self), i->dim, i->index, zeros);
    zeros = i->at->pick(c, zeros, i->dim, i->index);
    Tensor *single = t_logical_and(c, zero, t_eq_scalar(c, zeros, value_int(1)));
    Tensor *rest = t_masked_fill_scalar(c, i->source, single, value_int(1));
    rest =
        i->at->pick(c, t_mul(c, g->grad, again(c, i, i->self, rest)), i->dim, i->index);
    Tensor *whole = i->at->pick(c, t_mul(c, g->grad, i->result), i->dim, i->index);
    whole = t_div(c, whole, t_masked_fill_scalar(c, i->source, zero, value_int(1)));
    *source_grad = t_where(c, single, rest, whole);
    if (any_above_one(c, zeros)) *source_grad = undoubled(c, i, *source_grad);
}

static void mean_gradients(Ctx *c, Grad *g, const Into *i, Tensor **self_grad,
                           Tensor **source_grad) {
    Tensor *n = counts(c, i->at, g->grad, i->dim, i->index, i->source, i->include.as.b);
    *self_grad = t_div(c, g->grad, n);
    *source_grad = t_div(c, i->at->pick(c, g->grad, i->dim, i->index),
                         i->at->pick(c, n, i->dim, i->index));
}

/* The gradient is shared evenly by all elements that are the extreme one. */
static void extreme_gradients(Ctx *c, Grad *g, const Into *i, Tensor **self_grad,
                              Tensor **source_grad) {
    DType d = (DType)i->self->dtype;
    Tensor *value = i->at->pick(c, i->result, i->dim, i->index);
    Tensor *own = t_to_dtype(c, t_eq(c, i->self, i->result), d);
    Tensor *others = t_to_dtype(c, t_eq(c, i->source, value), d);
    Tensor *share = t_div(c, g->grad, i->at->add(c, own, i->dim, i->index, others));
    *self_grad = t_mul(c, own, share);
    *source_grad = t_mul(c, others, i->at->pick(c, share, i->dim, i->index));
}

static void into_backward(Ctx *c, Grad *g, const Places *at) {
    Into i = {.at = at, .def = g->node->cls->op->def, .dim = saved_int(g, 1)};
    i.self = saved_tensor(c, g, 0);
    i.index = saved_tensor(c, g, 2);
    i.source = saved_tensor(c, g, 3);
    i.result = saved_tensor(c, g, 6);
    i.reduce = saved_value(g, 4);
    i.include = saved_value(g, 5);
    if (!i.self || !i.index || !i.source || !i.result) return;
    Tensor *own = NULL, *others = NULL;
    switch (reducing(value_str(i.reduce)->data)) {
    case REDUCE_PROD: prod_gradients(c, g, &i, &own, &others); break;
    case REDUCE_MEAN: mean_gradients(c, g, &i, &own, &others); break;
    case REDUCE_AMAX:
    case REDUCE_AMIN: extreme_gradients(c, g, &i, &own, &others); break;
    default: own = g->grad; others = at->pick(c, g->grad, i.dim, i.index);
    }
    if (!i.include.as.b) own = at->fill(c, own, i.dim, i.index, value_int(0));
    if (grad_wanted(g, 0)) grad_set(g, 0, own);
    if (grad_wanted(g, 1)) grad_set(g, 1, others);
}

/* ---- the forward ---- */

static Kernel kernel_of(Reducing r) {
    switch (r) {
    case REDUCE_PROD: return kernel_index_multiply;
    case REDUCE_AMAX: return kernel_index_maximum;
    case REDUCE_AMIN: return kernel_index_minimum;
    default: return kernel_index_accumulate;
    }
}

/* Writes to r, which is self so far; index [...] of source's shape or smaller. */
static bool reduce_into(Ctx *c, Call *k, const Places *at, Tensor *r, int dim,
                        Tensor *index, Tensor *source) {
    Reducing how = reducing(call_string(k, 4));
    Tensor *names = call_tensor(k, 2);
    if (!call_bool(k, 5) && names->numel) {
        if (names->dtype != DT_int64) names = t_to_dtype(c, names, DT_int64);
        tensor_copy(r, at->fill(c, r, dim, names, neutral(how, (DType)r->dtype)));
    }
    if (ctx_failed(c) || !scatter_run(c, kernel_of(how), r, dim, index, source))
        return false;
    if (how != REDUCE_MEAN) return true;
    Tensor *n = counts(c, at, r, dim, names, call_tensor(k, 3), call_bool(k, 5));
    tensor_copy(r, divided(c, r, n));
    return !ctx_failed(c);
}

/* Element [i][j] of src is put together with [index[i][j]][j] of self for dim 0. */
static Value scatter_reduce_forward(Ctx *c, Call *k) {
    static const char key;
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *src = call_tensor(k, 3);
    DType d = (DType)self->dtype;
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !scatter_check(c, "scatter", self, index, src, dim) ||
        !out_dtype_check(c, k, 0, d) || !call_apart(c, k, index) ||
        !call_apart(c, k, src))
        return value_null();
    if (reducing(call_string(k, 4)) == REDUCE_UNKNOWN)
        return value_raise(
            c, RuntimeError,
            "reduce argument must be either sum, prod, mean, amax or amin.");
    if (reducing(call_string(k, 4)) == REDUCE_MEAN &&
        dtype_refused(c, "scatter_gather_tensor_cpu_reduce_mean", DTYPES_BOOL, d))
        return value_null();
    warn_once(c, &key, UserWarning,
              "scatter_reduce() is in beta and the API may change at any time.");
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    if (!r) return value_null();
    tensor_copy(r, self);
    return value_obj(reduce_into(c, k, &elements, r, dim, index, src) ? r : NULL);
}
static void scatter_reduce_backward(Ctx *c, Grad *g) {
    into_backward(c, g, &elements);
}
static const OpDef op_scatter_reduce = {
    .schema = "scatter_reduce.two(Tensor self, int dim, Tensor index, Tensor src, str "
              "reduce, *, bool include_self=True) -> Tensor",
    .doc = "self reduced with elements of src where index says along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "self dim index src reduce include_self result",
    .constants = "index",
    .forward = scatter_reduce_forward,
    .backward = scatter_reduce_backward,
    .example = "torch.scatter_reduce(m, 0, i[None], m, 'amax')",
};

/* index [n] along dim, for each element of source. */
static Tensor *index_of_parts(Ctx *c, Tensor *index, const Tensor *source, int dim) {
    int64_t ones[MAX_DIMS];
    index = t_to_dtype(c, index, DT_int64);
    if (!index || source->ndim == 0) return index;
    for (int d = 0; d < source->ndim; d++) ones[d] = d == dim ? index->numel : 1;
    return t_expand(c, t_reshape(c, index, source->ndim, ones), source->ndim,
                    source->sizes);
}

/* source seen with its slices expanded to those of self, as they broadcast. */
static Tensor *expand_slices(Ctx *c, Tensor *source, Tensor *self, int dim) {
    if (self->ndim <= 1) return source;
    Tensor *to = t_select(c, self, dim, 0), *slice = t_select(c, source, dim, 0);
    if (!to || !slice) return NULL;
    Shape a = tensor_shape(to), b = tensor_shape(slice), both;
    if (!shape_broadcast(c, &a, &b, &both)) return NULL;
    slice = t_expand(c, slice, to->ndim, to->sizes);
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int d = 0, from = 0; slice && d < self->ndim; d++) {
        sizes[d] = d == dim ? source->sizes[dim] : slice->sizes[from];
        strides[d] = d == dim ? source->strides[dim] : slice->strides[from];
        from += d != dim;
    }
    return slice ? tensor_alias(c, source, self->ndim, sizes, strides, source->offset)
                 : NULL;
}

/* Part i of source is put together with part index[i] of self. */
static Value index_reduce_forward(Ctx *c, Call *k) {
    static const char key;
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *source = call_tensor(k, 3);
    bool include = call_bool(k, 5);
    const char *name = include ? "index_func_" : "index_reduce_func_exclude_input_init";
    DType d = (DType)self->dtype;
    Reducing how = reducing(call_string(k, 4));
    if (how == REDUCE_SUM || how == REDUCE_UNKNOWN)
        return value_raise(c, RuntimeError,
                           "index_reduce(): Expected reduce to be one of prod, mean, "
                           "amax or amin but got %s.",
                           call_string(k, 4));
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !index_parts_check(c, "index_reduce", self, index, source, dim) ||
        !out_dtype_check(c, k, 0, d) || !call_apart(c, k, index) ||
        !call_apart(c, k, source))
        return value_null();
    warn_once(c, &key, UserWarning,
              "index_reduce() is in beta and the API may change at any time.");
    if (!index_slices_check(c, self, source)) return value_null();
    if ((!include || self->ndim <= 1) && dtype_refused(c, name, DTYPES_BOOL, d))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    if (!r) return value_null();
    tensor_copy(r, self);
    if (index->numel == 0) return value_obj(r);
    source = expand_slices(c, source, self, dim);
    Tensor *places = source ? index_of_parts(c, index, source, dim) : NULL;
    if (!places || !index_in_parts(c, self, index, dim)) return value_null();
    return value_obj(reduce_into(c, k, &parts, r, dim, places, source) ? r : NULL);
}
static void index_reduce_backward(Ctx *c, Grad *g) {
    into_backward(c, g, &parts);
}
static const OpDef op_index_reduce = {
    .schema = "index_reduce(Tensor self, int dim, Tensor index, Tensor source, str "
              "reduce, *, bool include_self=True) -> Tensor",
    .doc = "self reduced with the parts of source at those that index names.",
    .forms = OP_USUAL_INPLACE,
    .saves = "self dim index source reduce include_self result",
    .constants = "index",
    .forward = index_reduce_forward,
    .backward = index_reduce_backward,
    .example = "torch.index_reduce(m, 0, i, m, 'amax')",
};

const OpDef *const reduce_into_ops[] = {
    &op_scatter_reduce,
    &op_index_reduce,
    &op_undoubled,
    NULL,
};
