/* Differences and sums of sampled functions: diff, gradient, trapezoid and its running
 * form.
 *
 * All are composed of other operators step by step as PyTorch does it, since the graph
 * shows them.  Sources: ReduceOps.cpp, Integration.cpp. */
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <inttypes.h>

static const int64_t to_end = INT64_MAX;

static Tensor *part(Ctx *c, Tensor *t, int64_t dim, int64_t start, int64_t end) {
    return t_slice(c, t, dim, start, end, 1);
}

static Tensor *joined(Ctx *c, int64_t dim, size_t n, Tensor *const *parts) {
    return t_cat(c, return_tuple(c, NULL, n, parts), dim);
}

/* ---- diff ---- */

/* What is put before or behind self must have its shape but along dim. */
static bool diff_fits(Ctx *c, const Tensor *self, const Tensor *other, int64_t dim) {
    if (!other) return true;
    int along = shape_size_dim(c, dim, self->ndim);
    if (along < 0) return false;
    if (other->ndim != self->ndim) {
        error_raise(c, RuntimeError,
                    "diff expects prepend or append to be the same dimension as input");
        return false;
    }
    for (int i = 0; i < self->ndim; i++)
        if (i != along && other->sizes[i] != self->sizes[i]) {
            error_raise(c, RuntimeError,
                        "diff expects the shape of tensor to prepend or append to "
                        "match that of input except along the differencing dimension; "
                        "input.size(%d) = %" PRId64 ", but got tensor.size(%d) = "
                        "%" PRId64,
                        i, self->sizes[i], i, other->sizes[i]);
            return false;
        }
    return true;
}

static Tensor *t_diff(Ctx *c, Tensor *self, int64_t n, int64_t dim_arg) {
    if (!self) return NULL;
    if (n == 0) return t_copy_(c, t_zeros_like(c, self), self);
    int dim = shape_size_dim(c, dim_arg, self->ndim);
    if (dim < 0) return NULL;
    int64_t size = self->sizes[dim];
    for (int64_t i = 0; i < n && i < size; i++) {
        int64_t left = size - i - 1;
        Tensor *after = t_narrow(c, self, dim, 1, left);
        Tensor *before = t_narrow(c, self, dim, 0, left);
        if (!after) return NULL;
        self = after->dtype == DT_bool ? t_logical_xor(c, after, before)
                                       : t_sub(c, after, before);
    }
    return self;
}

static bool out_can_hold(Ctx *c, const Call *k, const Tensor *r) {
    return k->form != CALL_OUT || !r ||
           cast_check(c, (DType)r->dtype, (DType)k->target[0]->dtype);
}

static Value diff_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *parts[3];
    int64_t n = call_int(k, 1), dim = call_int(k, 2);
    Tensor *before = call_tensor(k, 3), *after = call_tensor(k, 4);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "diff expects input to be at least one-dimensional");
    if (!diff_fits(c, self, before, dim) || !diff_fits(c, self, after, dim))
        return value_null();
    size_t count = 0;
    if (before) parts[count++] = before;
    parts[count++] = self;
    if (after) parts[count++] = after;
    if (count > 1 && n != 0) self = joined(c, dim, count, parts);
    Tensor *r = t_diff(c, self, n, dim);
    return out_can_hold(c, k, r) ? value_obj(r) : value_null();
}
static const OpDef op_diff = {
    .schema = "diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? "
              "append=None) -> Tensor",
    .doc = "Differences of neighbours along a dimension, n times over.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = diff_forward,
};

/* ---- gradient ---- */

/* What is asked for; spacing is a number for each dim, or coordinates. */
typedef struct Sampling {
    Tensor *self;
    int64_t edge_order;
    int n_dims;
    int64_t dims[MAX_DIMS];
    Value numbers[MAX_DIMS];
    Tensor *coordinates[MAX_DIMS]; /* NULL: a number */
} Sampling;

/* Whether there is a distance for each dim; without a list of dims one is enough. */
static bool spacing_check(Ctx *c, const Sampling *s, size_t n_spacing, bool listed) {
    if (n_spacing == (size_t)s->n_dims || (n_spacing == 1 && !listed)) return true;
    if (listed)
        error_raise(c, RuntimeError,
                    "torch.gradient expected spacing to be unspecified, a scalar or "
                    "it's spacing and dim arguments to have the same length, but got a "
                    "spacing argument of length %zu and a dim argument of length %d.",
                    n_spacing, s->n_dims);
    else
        error_raise(c, RuntimeError,
                    "torch.gradient expected spacing to be unspecified, a scalar or a "
                    "list of length %d but got a list of length %zu",
                    s->n_dims, n_spacing);
    return false;
}

static bool gradient_check(Ctx *c, const Sampling *s, size_t n_spacing, bool listed) {
    bool seen[MAX_DIMS];
    if (s->self->dtype == DT_uint8) {
        error_raise(c, RuntimeError, "torch.gradient does not support uint8 input.");
        return false;
    }
    if (!spacing_check(c, s, n_spacing, listed)) return false;
    if (s->edge_order != 1 && s->edge_order != 2) {
        error_raise(c, RuntimeError,
                    "torch.gradient only supports edge_order=1 and edge_order=2.");
        return false;
    }
    if (!dims_mark(c, s->self->ndim, s->n_dims, s->dims, seen)) return false;
    for (int i = 0; i < s->n_dims; i++) {
        int dim = shape_size_dim(c, s->dims[i], s->self->ndim);
        if (dim < 0) return false;
        if (s->self->sizes[dim] > s->edge_order) continue;
        error_raise(c, RuntimeError,
                    "torch.gradient expected each dimension size to be at least "
                    "edge_order+1");
        return false;
    }
    return true;
}

/* The sum of three parts, each with its weight. */
static Tensor *weighted(Ctx *c, Tensor *const weights[3], Tensor *const parts[3]) {
    Tensor *sum =
        t_add(c, t_mul(c, weights[0], parts[0]), t_mul(c, weights[1], parts[1]));
    return t_add(c, sum, t_mul(c, weights[2], parts[2]));
}

static Tensor *difference(Ctx *c, Tensor *t, int64_t dim, int64_t a, int64_t a_end,
                          int64_t b, int64_t b_end) {
    return t_sub(c, part(c, t, dim, a, a_end), part(c, t, dim, b, b_end));
}

/* The second-order edge: the three samples from `start` on with these factors. */
static Tensor *even_edge(Ctx *c, Tensor *t, int64_t dim, int64_t start,
                         const Value factors[3]) {
    Tensor *sum = NULL;
    for (int i = 0; i < 3; i++) {
        int64_t end = start + i + 1 == 0 ? to_end : start + i + 1;
        Tensor *term = t_mul_scalar(c, part(c, t, dim, start + i, end), factors[i]);
        sum = i ? t_add(c, sum, term) : term;
    }
    return sum;
}

/* Samples at equal distances. */
static Tensor *even_gradient(Ctx *c, const Sampling *s, int dim, Value distance) {
    Tensor *t = s->self, *parts[3];
    Tensor *middle = t_div_scalar(c, difference(c, t, dim, 2, to_end, 0, -2), distance);
    if (s->edge_order == 1) {
        parts[0] = difference(c, t, dim, 1, 2, 0, 1);
        parts[2] = difference(c, t, dim, -1, to_end, -2, -1);
    } else {
        const Value first[3] = {value_float(-1.5), value_int(2), value_float(-0.5)};
        const Value last[3] = {value_float(0.5), value_int(-2), value_float(1.5)};
        parts[0] = even_edge(c, t, dim, 0, first);
        parts[2] = even_edge(c, t, dim, -3, last);
    }
    parts[0] = t_div_scalar(c, parts[0], distance);
    parts[1] = t_div_scalar(c, middle, value_int(2));
    parts[2] = t_div_scalar(c, parts[2], distance);
    return joined(c, dim, 3, parts);
}

/* Weights of three samples at distances x and y for the slope at the outer one. */
static void edge_weights(Ctx *c, Tensor *x, Tensor *y, Tensor *weights[3]) {
    Tensor *sum = t_add(c, x, y);
    Tensor *twice = t_add(c, t_mul_scalar(c, x, value_float(2)), y);
    weights[0] = t_div(c, t_neg(c, twice), t_mul(c, x, sum));
    weights[1] = t_div(c, sum, t_mul(c, x, y));
    weights[2] = t_div(c, t_neg(c, x), t_mul(c, y, sum));
}

static Tensor *uneven_middle(Ctx *c, Tensor *t, int dim, Tensor *steps) {
    int64_t shape[MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) shape[i] = i == dim ? -1 : 1;
    Tensor *x = t_reshape(c, part(c, steps, 0, 0, -1), t->ndim, shape);
    Tensor *y = t_reshape(c, part(c, steps, 0, 1, to_end), t->ndim, shape);
    Tensor *sum = t_add(c, x, y);
    Tensor *weights[3] = {
        t_div(c, t_neg(c, y), t_mul(c, x, sum)),
        t_div(c, t_sub(c, y, x), t_mul(c, x, y)),
        t_div(c, x, t_mul(c, y, sum)),
    };
    Tensor *parts[3] = {part(c, t, dim, 0, -2), part(c, t, dim, 1, -1),
                        part(c, t, dim, 2, to_end)};
    return weighted(c, weights, parts);
}

/* Samples at given coordinates. */
static Tensor *uneven_gradient(Ctx *c, const Sampling *s, int dim, Tensor *at) {
    if (at->ndim != 1)
        return error_raise(c, RuntimeError,
                           "torch.gradient expected each element of spacing to have "
                           "one dimension, but got an element with %d dimensions! ",
                           at->ndim);
    Tensor *t = s->self, *steps = t_diff(c, at, 1, 0), *parts[3], *weights[3];
    Tensor *first = t_select(c, steps, 0, 0), *last = t_select(c, steps, 0, -1);
    parts[1] = uneven_middle(c, t, dim, steps);
    if (s->edge_order == 1) {
        parts[0] = t_div(c, difference(c, t, dim, 1, 2, 0, 1), first);
        parts[2] = t_div(c, difference(c, t, dim, -1, to_end, -2, -1), last);
        return joined(c, dim, 3, parts);
    }
    edge_weights(c, first, t_select(c, steps, 0, 1), weights);
    Tensor *head[3] = {part(c, t, dim, 0, 1), part(c, t, dim, 1, 2),
                       part(c, t, dim, 2, 3)};
    parts[0] = weighted(c, weights, head);
    edge_weights(c, last, t_select(c, steps, 0, -2), weights);
    Tensor *tail_weights[3] = {t_neg(c, weights[2]), t_neg(c, weights[1]),
                               t_neg(c, weights[0])};
    Tensor *tail[3] = {part(c, t, dim, -3, -2), part(c, t, dim, -2, -1),
                       part(c, t, dim, -1, to_end)};
    parts[2] = weighted(c, tail_weights, tail);
    return joined(c, dim, 3, parts);
}

/* One tensor a dim. */
static Value gradients(Ctx *c, const Sampling *s, size_t n_spacing, bool listed) {
    if (!gradient_check(c, s, n_spacing, listed) ||
        (s->n_dims && !spacing_check(c, s, n_spacing, n_spacing != 1)))
        return value_null();
    Value all = tensor_tuple(c, (size_t)s->n_dims);
    for (int i = 0; i < s->n_dims; i++) {
        int dim = shape_wrap_dim(c, s->dims[i], s->self->ndim);
        Tensor *t = s->coordinates[i] ? uneven_gradient(c, s, dim, s->coordinates[i])
                                      : even_gradient(c, s, dim, s->numbers[i]);
        if (!tensor_tuple_put(c, all, (size_t)i, t)) return value_null();
    }
    return all;
}

/* Reads the dims, all of them for None; false after raising. */
static bool gradient_dims(Ctx *c, Call *k, Sampling *s) {
    s->n_dims = call_ints(c, k, 2, s->dims, MAX_DIMS);
    if (!call_is_none(k, 2)) return s->n_dims >= 0;
    s->n_dims = s->self->ndim;
    for (int d = 0; d < s->n_dims; d++) s->dims[d] = d;
    return true;
}

/* gradient(self, spacing a number or None, dim, edge_order) */
static Value gradient_number_forward(Ctx *c, Call *k) {
    Sampling s = {.self = call_tensor(k, 0), .edge_order = call_int(k, 3)};
    if (!gradient_dims(c, k, &s)) return value_null();
    for (int i = 0; i < s.n_dims; i++)
        s.numbers[i] = call_is_none(k, 1) ? value_float(1) : call_scalar(k, 1);
    return gradients(c, &s, (size_t)s.n_dims, true);
}
static Value gradient_dims_forward(Ctx *c, Call *k) {
    Value args[4] = {k->args[0], value_none(), k->args[1], k->args[2]};
    Call numbers = *k;
    numbers.args = args;
    return gradient_number_forward(c, &numbers);
}

/* gradient(self, spacing a list of numbers or tensors, dim, edge_order) */
static Value gradient_list_forward(Ctx *c, Call *k) {
    Sampling s = {.self = call_tensor(k, 0), .edge_order = call_int(k, 3)};
    const Value *items;
    size_t n = 0;
    if (!gradient_dims(c, k, &s) || !value_items(k->args[1], &items, &n))
        return value_null();
    for (size_t i = 0; i < n && i < MAX_DIMS; i++) {
        s.coordinates[i] = value_tensor(items[i]);
        s.numbers[i] = items[i];
    }
    return gradients(c, &s, n, !call_is_none(k, 2));
}

#define GRADIENT_ROW(var, text, function, call)                                        \
    static const OpDef var = {                                                         \
        .schema = text,                                                                \
        .doc = "Slopes along dimensions, from differences of neighbouring samples.",   \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = function,                                                           \
        .example = call,                                                               \
    }
GRADIENT_ROW(op_gradient_dims,
             "gradient.array(Tensor self, *, int[] dim, int edge_order=1) -> Tensor[]",
             gradient_dims_forward, "torch.gradient(m, dim=[0, 1])");
GRADIENT_ROW(op_gradient_number_dims,
             "gradient.scalararray(Tensor self, *, Scalar spacing, int[] dim, int "
             "edge_order=1) -> Tensor[]",
             gradient_number_forward, "torch.gradient(m, spacing=2, dim=[0, 1])");
GRADIENT_ROW(op_gradient_number,
             "gradient.scalarint(Tensor self, *, Scalar? spacing=None, int? dim=None, "
             "int edge_order=1) -> Tensor[]",
             gradient_number_forward, "torch.gradient(v)");
GRADIENT_ROW(
    op_gradient_numbers,
    "gradient.scalarrayint(Tensor self, *, Scalar[] spacing, int? dim=None, int "
    "edge_order=1) -> Tensor[]",
    gradient_list_forward, "torch.gradient(v, spacing=[2])");
GRADIENT_ROW(op_gradient_numbers_dims,
             "gradient.scalarrayarray(Tensor self, *, Scalar[] spacing, int[] dim, int "
             "edge_order=1) -> Tensor[]",
             gradient_list_forward, "torch.gradient(m, spacing=[2, 3], dim=[0, 1])");
GRADIENT_ROW(op_gradient_tensors,
             "gradient.tensorarrayint(Tensor self, *, Tensor[] spacing, int? dim=None, "
             "int edge_order=1) -> Tensor[]",
             gradient_list_forward, "torch.gradient(v, spacing=[torch.arange(3)])");
GRADIENT_ROW(op_gradient_tensors_dims,
             "gradient.tensorarray(Tensor self, *, Tensor[] spacing, int[] dim, int "
             "edge_order=1) -> Tensor[]",
             gradient_list_forward,
             "torch.gradient(m, spacing=[v[:2], v[:2]], dim=[0, 1])");

/* ---- trapezoid ---- */

static bool refuse_bool(Ctx *c, const char *name, const Tensor *y, const Tensor *x) {
    if (y->dtype != DT_bool && !(x && x->dtype == DT_bool)) return true;
    error_raise(c, RuntimeError,
                "%s: received a bool input for %s, but bool is not supported", name,
                x ? "`x` or `y`" : "`y`");
    return false;
}

/* x in the number of dimensions of y: along dim when it has one, else aligned at the
 * last. */
static Tensor *sample_points(Ctx *c, const char *name, Tensor *y, Tensor *x, int dim) {
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < y->ndim; i++) sizes[i] = 1;
    if (x->ndim == 1) {
        if (x->sizes[0] != y->sizes[dim])
            return error_raise(c, RuntimeError,
                               "%s: There must be one `x` value for each sample point",
                               name);
        sizes[dim] = x->sizes[0];
        return t_view(c, x, y->ndim, sizes);
    }
    if (x->ndim >= y->ndim) return x;
    for (int i = 0; i < x->ndim; i++) sizes[y->ndim - x->ndim + i] = x->sizes[i];
    return t_view(c, x, y->ndim, sizes);
}

static Tensor *neighbour_sums(Ctx *c, Tensor *y, int dim, Tensor *steps) {
    Tensor *sums = t_add(c, part(c, y, dim, 0, -1), part(c, y, dim, 1, to_end));
    return t_mul(c, sums, steps);
}

static Tensor *steps_between(Ctx *c, const char *name, Tensor *y, Tensor *x, int dim) {
    x = sample_points(c, name, y, x, dim);
    return t_sub(c, part(c, x, dim, 1, to_end), part(c, x, dim, 0, -1));
}

/* No samples: zeros without the dimension. */
static Tensor *no_samples(Ctx *c, const Tensor *y, int dim) {
    int64_t sizes[MAX_DIMS];
    int n = 0;
    for (int i = 0; i < y->ndim; i++)
        if (i != dim) sizes[n++] = y->sizes[i];
    return t_zeros(c, n, sizes, (DType)y->dtype);
}

static Value trapezoid_forward(Ctx *c, Call *k) {
    Tensor *y = call_tensor(k, 0), *x = call_tensor(k, 1);
    int dim = shape_wrap_dim(c, call_int(k, 2), y->ndim);
    int64_t along = dim;
    if (dim < 0 || shape_size_dim(c, dim, y->ndim) < 0) return value_null();
    if (y->sizes[dim] == 0) return value_obj(no_samples(c, y, dim));
    if (!refuse_bool(c, "trapezoid", y, x)) return value_null();
    Tensor *steps = steps_between(c, "trapezoid", y, x, dim);
    Tensor *sum = t_sum_dims(c, neighbour_sums(c, y, dim, steps), 1, &along, false);
    return value_obj(t_div_scalar(c, sum, value_float(2)));
}

static bool step_check(Ctx *c, const char *name, Value step) {
    if (step.tag != VAL_BOOL) return true;
    error_raise(c, RuntimeError, "%s: Currently, we only support dx as a real number.",
                name);
    return false;
}

static Value trapezoid_step_forward(Ctx *c, Call *k) {
    Tensor *y = call_tensor(k, 0);
    Value step = call_scalar(k, 1);
    int dim = shape_size_dim(c, call_int(k, 2), y->ndim);
    int64_t along = dim;
    if (dim < 0) return value_null();
    if (y->sizes[dim] == 0) return value_obj(no_samples(c, y, dim));
    if (!refuse_bool(c, "trapezoid", y, NULL) || !step_check(c, "trapezoid", step))
        return value_null();
    Tensor *ends = t_add(c, t_select(c, y, dim, 0), t_select(c, y, dim, -1));
    Tensor *sum = t_sum_dims(c, y, 1, &along, false);
    sum = t_sub(c, sum, t_mul_scalar(c, ends, value_float(0.5)));
    return value_obj(t_mul_scalar(c, sum, value_float(value_as_double(step))));
}

static Value running_trapezoid_forward(Ctx *c, Call *k) {
    Tensor *y = call_tensor(k, 0), *x = call_tensor(k, 1);
    int dim = shape_wrap_dim(c, call_int(k, 2), y->ndim);
    if (dim < 0 || !refuse_bool(c, "cumulative_trapezoid", y, x)) return value_null();
    if (!y->ndim && x->ndim == 1 && shape_size_dim(c, 0, 0) < 0) return value_null();
    Tensor *steps = y->ndim ? steps_between(c, "cumulative_trapezoid", y, x, dim) : x;
    Tensor *sums = t_cumsum(c, neighbour_sums(c, y, dim, steps), dim);
    return value_obj(t_div_scalar(c, sums, value_float(2)));
}
static Value running_trapezoid_step_forward(Ctx *c, Call *k) {
    Tensor *y = call_tensor(k, 0);
    Value step = call_scalar(k, 1);
    int64_t dim = call_int(k, 2);
    if (!refuse_bool(c, "cumulative_trapezoid", y, NULL) ||
        !step_check(c, "cumulative_trapezoid", step))
        return value_null();
    Tensor *sums = t_add(c, part(c, y, dim, 0, -1), part(c, y, dim, 1, to_end));
    sums = t_mul_scalar(c, sums, value_float(value_as_double(step) / 2));
    return value_obj(t_cumsum(c, sums, dim));
}

#define INTEGRAL_ROW(var, text, what, function)                                        \
    static const OpDef var = {                                                         \
        .schema = text,                                                                \
        .doc = what,                                                                   \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = function,                                                           \
    }
INTEGRAL_ROW(op_trapezoid, "trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
             "The integral of samples y at x, by trapezoids.", trapezoid_forward);
INTEGRAL_ROW(op_trapezoid_step,
             "trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
             "The integral of samples at equal distances, by trapezoids.",
             trapezoid_step_forward);
INTEGRAL_ROW(op_trapz, "trapz.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
             "trapezoid", trapezoid_forward);
INTEGRAL_ROW(op_trapz_step, "trapz.dx(Tensor y, *, float dx=1, int dim=-1) -> Tensor",
             "trapezoid", trapezoid_step_forward);
INTEGRAL_ROW(op_running_trapezoid,
             "cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
             "Running integrals of samples y at x, by trapezoids.",
             running_trapezoid_forward);
INTEGRAL_ROW(op_running_trapezoid_step,
             "cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
             "Running integrals of samples at equal distances, by trapezoids.",
             running_trapezoid_step_forward);

const OpDef *const integrate_ops[] = {
    &op_diff,
    &op_gradient_dims,
    &op_gradient_number_dims,
    &op_gradient_number,
    &op_gradient_numbers,
    &op_gradient_numbers_dims,
    &op_gradient_tensors,
    &op_gradient_tensors_dims,
    &op_trapezoid,
    &op_trapezoid_step,
    &op_trapz_step,
    &op_trapz,
    &op_running_trapezoid,
    &op_running_trapezoid_step,
    NULL,
};
