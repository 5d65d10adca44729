/* Views: other sizes and strides over the same elements.
 *
 * A view's forward gives tensor_alias of self; the dispatcher makes it a view of self's
 * base.  Shapes and texts: TensorShape.cpp; derivatives: derivatives.yaml. */
#include "ops.h"

#include <inttypes.h>

/* ---- as_strided ---- */
/* ---- view, reshape ---- */

static void reshape_grad(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    grad_set(g, 0, t_reshape(c, g->grad, n, sizes));
}

/* The same elements in order under new sizes, one of which may be -1. RuntimeError
 * when the strides do not allow it without a copy. */
static Value view_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    if (n < 0 || !shape_infer(c, self->numel, n, sizes)) return value_null();
    if (!shape_view_strides(self->ndim, self->sizes, self->strides, n, sizes, strides))
        return value_raise(c, RuntimeError,
                           "view size is not compatible with input tensor's size and "
                           "stride (at least one dimension spans across two contiguous "
                           "subspaces). Use .reshape(...) instead.");
    return value_obj(tensor_alias(c, self, n, sizes, strides, self->offset));
}
static const OpDef op_view = {
    .schema = "view(Tensor(a) self, SymInt[] size) -> Tensor(a)",
    .doc = "The same elements under other sizes, without a copy.",
    .forms = OP_METHOD,
    .saves = "self.sym_sizes",
    .forward = view_forward,
    .backward = reshape_grad,
    .example = "m.view([4])",
};
Tensor *t_view(Ctx *c, Tensor *self, int n, const int64_t *sizes) {
    return op_tensor(c, &op_view, (Value[]){arg_tensor(self), arg_ints(c, n, sizes)});
}

static Value reshape_alias_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    if (n < 0 || call_ints(c, k, 2, strides, MAX_DIMS) < 0) return value_null();
    return value_obj(tensor_alias(c, self, n, sizes, strides, self->offset));
}
static const OpDef op_reshape_alias = {
    .schema =
        "_reshape_alias(Tensor(a) self, SymInt[] size, SymInt[] stride) -> Tensor(a)",
    .doc = "What reshape gives when no copy is needed.",
    .forms = OP_INTERNAL,
    .saves = "self.sym_sizes",
    .forward = reshape_alias_forward,
    .backward = reshape_grad,
};

/* Not a view to autograd: self is a temporary that nobody else sees. */
static const OpDef op_unsafe_view = {
    .schema = "_unsafe_view(Tensor self, SymInt[] size) -> Tensor",
    .doc = "Other sizes over a temporary's elements.",
    .forms = OP_INTERNAL,
    .saves = "self.sym_sizes",
    .forward = view_forward,
    .backward = reshape_grad,
};
Tensor *t_unsafe_view(Ctx *c, Tensor *self, int n, const int64_t *sizes) {
    return op_tensor(c, &op_unsafe_view,
                     (Value[]){arg_tensor(self), arg_ints(c, n, sizes)});
}

/* A view where the strides allow it, else a view of a contiguous clone. */
Tensor *t_reshape(Ctx *c, Tensor *self, int n, const int64_t *wanted) {
    if (!self || ctx_failed(c)) return NULL;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < n; i++) sizes[i] = wanted[i];
    if (!shape_infer(c, self->numel, n, sizes)) return NULL;
    if (shape_view_strides(self->ndim, self->sizes, self->strides, n, sizes, strides))
        return op_tensor(c, &op_reshape_alias,
                         (Value[]){arg_tensor(self), arg_ints(c, n, sizes),
                                   arg_ints(c, n, strides)});
    return t_unsafe_view(c, t_contiguous(c, self), n, sizes);
}

static Value reshape_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS];
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    return n < 0 ? value_null() : value_obj(t_reshape(c, call_tensor(k, 0), n, sizes));
}
static const OpDef op_reshape = {
    .schema = "reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)",
    .doc = "The same elements under other sizes, copied when the strides ask for it.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = reshape_forward,
};

static Value view_as_forward(Ctx *c, Call *k) {
    const Tensor *other = call_tensor(k, 1);
    return value_obj(t_view(c, call_tensor(k, 0), other->ndim, other->sizes));
}
static const OpDef op_view_as = {
    .schema = "view_as(Tensor(a) self, Tensor other) -> Tensor(a)",
    .doc = "A view with the sizes of other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = view_as_forward,
};

static Value reshape_as_forward(Ctx *c, Call *k) {
    const Tensor *other = call_tensor(k, 1);
    return value_obj(t_reshape(c, call_tensor(k, 0), other->ndim, other->sizes));
}
static const OpDef op_reshape_as = {
    .schema = "reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)",
    .doc = "self reshaped to the sizes of other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = reshape_as_forward,
    .example = "m.reshape_as(m)",
};

/* ---- expand ---- */

static bool expand_fails(Ctx *c, const Tensor *self, int n, const int64_t *sizes,
                         int dim, int64_t have) {
    error_raise(c, RuntimeError,
                "The expanded size of the tensor (%" PRId64
                ") must match the existing size (%" PRId64
                ") at non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s",
                sizes[dim], have, dim, dims_text(c, n, sizes), shape_text(c, self));
    return false;
}

static bool expand_too_few(Ctx *c, const Tensor *self, int n, const int64_t *sizes) {
    /* Below autograd, and for bfloat16, PyTorch has no type of the old kind. */
    bool old =
        c->below_autograd <= 1 && self->dtype != DT_bfloat16 && self->dtype != DT_bool;
    error_raise(
        c, RuntimeError,
        "expand(%s%s%s{%s}, size=%s): the number of sizes provided (%d) must be "
        "greater or equal to the number of dimensions in the tensor (%d)",
        old ? "" : "CPU",
        old ? tensor_cpp_type(self) : dtype_scalar_name((DType)self->dtype),
        old ? "" : "Type", shape_text(c, self), dims_text(c, n, sizes), n, self->ndim);
    return false;
}

/* Replaces the -1 of `sizes` and gives the strides of the expanded view. */
static bool expand_geometry(Ctx *c, const Tensor *self, int n, int64_t *sizes,
                            int64_t *strides) {
    if (n < self->ndim) return expand_too_few(c, self, n, sizes);
    int lead = n - self->ndim;
    for (int i = n - 1; i >= 0; i--) {
        int64_t have = i < lead ? 1 : self->sizes[i - lead];
        if (sizes[i] == -1) {
            if (self->ndim == 0) {
                error_raise(c, RuntimeError, "numel: integer multiplication overflow");
                return false;
            }
            if (i < lead) {
                error_raise(c, RuntimeError,
                            "The expanded size of the tensor (%" PRId64
                            ") isn't allowed in a leading, non-existing dimension %d",
                            sizes[i], i);
                return false;
            }
            sizes[i] = have;
        }
        if (sizes[i] != have && have != 1)
            return expand_fails(c, self, n, sizes, i, have);
        strides[i] = i < lead                            ? 0
                     : sizes[i] == self->sizes[i - lead] ? self->strides[i - lead]
                                                         : 0;
    }
    for (int i = lead - 1; i >= 0; i--) /* size 1 in front steps over what follows */
        if (sizes[i] == 1 && i + 1 < n) strides[i] = sizes[i + 1] * strides[i + 1];
    return true;
}

bool expand_check(Ctx *c, const Tensor *self, int n, const int64_t *sizes) {
    int64_t target[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < n; i++) target[i] = sizes[i];
    return expand_geometry(c, self, n, target, strides);
}

static Value expand_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    if (n < 0 || !expand_geometry(c, self, n, sizes, strides)) return value_null();
    return value_obj(tensor_alias(c, self, n, sizes, strides, self->offset));
}
static void expand_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    grad_set(g, 0, t_sum_to_size(c, g->grad, n, sizes));
}
static const OpDef op_expand = {
    .schema =
        "expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)",
    .doc = "self repeated along dimensions of size 1, without memory.",
    .forms = OP_METHOD,
    .saves = "self.sym_sizes",
    .forward = expand_forward,
    .backward = expand_backward,
    .example = "v.expand([2, 3])",
};
Tensor *t_expand(Ctx *c, Tensor *self, int n, const int64_t *sizes) {
    return op_tensor(
        c, &op_expand,
        (Value[]){arg_tensor(self), arg_ints(c, n, sizes), value_bool(false)});
}

static Value expand_as_forward(Ctx *c, Call *k) {
    const Tensor *other = call_tensor(k, 1);
    return value_obj(t_expand(c, call_tensor(k, 0), other->ndim, other->sizes));
}
static const OpDef op_expand_as = {
    .schema = "expand_as(Tensor(a) self, Tensor other) -> Tensor(a)",
    .doc = "self expanded to the sizes of other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = expand_as_forward,
};

static Value broadcast_to_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS];
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    return n < 0 ? value_null() : value_obj(t_expand(c, call_tensor(k, 0), n, sizes));
}
static const OpDef op_broadcast_to = {
    .schema = "broadcast_to(Tensor(a) self, int[] size) -> Tensor(a)",
    .doc = "self expanded to sizes.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = broadcast_to_forward,
};

/* ---- transpose, permute ---- */

static Value swapped(Ctx *c, Tensor *self, int a, int b) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < self->ndim; i++) {
        int from = i == a ? b : i == b ? a : i;
        sizes[i] = self->sizes[from];
        strides[i] = self->strides[from];
    }
    return value_obj(tensor_alias(c, self, self->ndim, sizes, strides, self->offset));
}

static Value transpose_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int a = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    int b = a < 0 ? -1 : shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (b < 0) return value_null();
    return swapped(c, self, a, b);
}
static void transpose_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_transpose(c, g->grad, saved_int(g, 0), saved_int(g, 1)));
}
const OpDef op_transpose = {
    .schema = "transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)",
    .doc = "self with two dimensions swapped.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim0 dim1",
    .inplace_node = "TransposeBackward1",
    .forward = transpose_forward,
    .backward = transpose_backward,
};
static const OpDef op_transpose_names = NAMES_ROW(
    OP_FUNCTION | OP_METHOD,
    "transpose.Dimname(Tensor(a) self, Dimname dim0, Dimname dim1) -> Tensor(a)");
Tensor *t_transpose_(Ctx *c, Tensor *self, int64_t dim0, int64_t dim1) {
    return value_tensor(
        op_call_inplace(c, &op_transpose,
                        (Value[]){arg_tensor(self), value_int(dim0), value_int(dim1)}));
}
Tensor *t_transpose(Ctx *c, Tensor *self, int64_t dim0, int64_t dim1) {
    return op_tensor(c, &op_transpose,
                     (Value[]){arg_tensor(self), value_int(dim0), value_int(dim1)});
}

static Value t_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim > 2)
        return value_raise(c, RuntimeError,
                           "t%s() expects a tensor with <= 2 dimensions, but self is "
                           "%dD",
                           k->form == CALL_INPLACE ? "_" : "", self->ndim);
    return swapped(c, self, 0, self->ndim == 2 ? 1 : 0);
}
static void t_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_t(c, g->grad));
}
static const OpDef op_t = {
    .schema = "t(Tensor(a) self) -> Tensor(a)",
    .doc = "A matrix transposed; a vector as it is.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .inplace_node = "TBackward1",
    .forward = t_forward,
    .backward = t_backward,
};
Tensor *t_t(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_t, (Value[]){arg_tensor(self)});
}

static Value permute_forward(Ctx *c, Call *k) {
    int64_t dims[MAX_DIMS], sizes[MAX_DIMS], strides[MAX_DIMS];
    bool seen[MAX_DIMS] = {false};
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0) return value_null();
    if (n != self->ndim)
        return value_raise(
            c, RuntimeError,
            "permute(sparse_coo): number of dimensions in the tensor input does not "
            "match the length of the desired ordering of dimensions i.e. input.dim() = "
            "%d is not equal to len(dims) = %d",
            self->ndim, n);
    for (int i = 0; i < n; i++) {
        int d = shape_wrap_dim(c, dims[i], n);
        if (d < 0) return value_null();
        if (seen[d])
            return value_raise(c, RuntimeError,
                               "permute(): duplicate dims are not allowed.");
        seen[d] = true;
        sizes[i] = self->sizes[d];
        strides[i] = self->strides[d];
    }
    return value_obj(tensor_alias(c, self, n, sizes, strides, self->offset));
}
static void permute_backward(Ctx *c, Grad *g) {
    int64_t dims[MAX_DIMS], inverse[MAX_DIMS] = {0};
    int n = saved_ints(g, 0, dims, MAX_DIMS);
    for (int i = 0; i < n; i++) inverse[dims[i] < 0 ? dims[i] + n : dims[i]] = i;
    grad_set(g, 0, t_permute(c, g->grad, n, inverse));
}
static const OpDef op_permute = {
    .schema = "permute(Tensor(a) self, int[] dims) -> Tensor(a)",
    .doc = "self with its dimensions in another order.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "dims",
    .forward = permute_forward,
    .backward = permute_backward,
    .example = "torch.permute(m, [1, 0])",
};
Tensor *t_permute(Ctx *c, Tensor *self, int n, const int64_t *dims) {
    return op_tensor(c, &op_permute, (Value[]){arg_tensor(self), arg_ints(c, n, dims)});
}

/* ---- squeeze, unsqueeze ---- */

static Value squeeze_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int only = -1;
    if (k->op->schema.n == 2) {
        only = shape_wrap_dim(c, call_int(k, 1), self->ndim);
        if (only < 0) return value_null();
    }
    int n = 0;
    for (int i = 0; i < self->ndim; i++) {
        if (self->sizes[i] == 1 && (only < 0 || only == i)) continue;
        sizes[n] = self->sizes[i];
        strides[n++] = self->strides[i];
    }
    return value_obj(tensor_alias(c, self, n, sizes, strides, self->offset));
}
/* Puts the dimensions of size 1 back, one unsqueeze for each. */
static void squeeze_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    Tensor *t = g->grad;
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    for (int i = 0; i < n; i++)
        if (sizes[i] == 1) t = t_unsqueeze(c, t, i);
    grad_set(g, 0, t);
}
static const OpDef op_squeeze = {
    .schema = "squeeze(Tensor(a) self) -> Tensor(a)",
    .doc = "self without its dimensions of size 1.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "self.sizes",
    .inplace_node = "SqueezeBackward2",
    .forward = squeeze_forward,
    .backward = squeeze_backward,
};
Tensor *t_squeeze_all(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_squeeze, (Value[]){arg_tensor(self)});
}
static void squeeze_dim_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS], dim = saved_int(g, 1);
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    if (dim < 0) dim += n;
    bool was_one = n > 0 && sizes[dim] == 1;
    grad_set(g, 0, was_one ? t_unsqueeze(c, g->grad, dim) : g->grad);
}
static const OpDef op_squeeze_dim = {
    .schema = "squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)",
    .doc = "self without one dimension when its size is 1.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "self.sizes dim",
    .node = "SqueezeBackward1",
    .inplace_node = "SqueezeBackward3",
    .forward = squeeze_forward,
    .backward = squeeze_dim_backward,
};
static const OpDef op_squeeze_name = {
    .schema = "squeeze.dimname(Tensor(a) self, Dimname dim) -> Tensor(a)",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
Tensor *t_squeeze_(Ctx *c, Tensor *self, int64_t dim) {
    return value_tensor(op_call_inplace(c, &op_squeeze_dim,
                                        (Value[]){arg_tensor(self), value_int(dim)}));
}
Tensor *t_squeeze(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_squeeze_dim, (Value[]){arg_tensor(self), value_int(dim)});
}

static Value unsqueeze_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim + 1);
    if (dim < 0) return value_null();
    for (int i = 0; i <= self->ndim; i++) {
        int from = i < dim ? i : i - 1;
        if (i == dim) continue;
        sizes[i] = self->sizes[from];
        strides[i] = self->strides[from];
    }
    sizes[dim] = 1;
    strides[dim] = dim < self->ndim ? self->sizes[dim] * self->strides[dim] : 1;
    return value_obj(
        tensor_alias(c, self, self->ndim + 1, sizes, strides, self->offset));
}
static void unsqueeze_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_squeeze(c, g->grad, saved_int(g, 0)));
}
static const OpDef op_unsqueeze = {
    .schema = "unsqueeze(Tensor(a) self, int dim) -> Tensor(a)",
    .doc = "self with a dimension of size 1 put in.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim",
    .inplace_node = "UnsqueezeBackward1",
    .forward = unsqueeze_forward,
    .backward = unsqueeze_backward,
};
Tensor *t_unsqueeze_(Ctx *c, Tensor *self, int64_t dim) {
    return value_tensor(
        op_call_inplace(c, &op_unsqueeze, (Value[]){arg_tensor(self), value_int(dim)}));
}
Tensor *t_unsqueeze(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_unsqueeze, (Value[]){arg_tensor(self), value_int(dim)});
}

/* ---- detach ---- */

static Value detach_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Tensor *r =
        tensor_alias(c, self, self->ndim, self->sizes, self->strides, self->offset);
    if (r && r->unversioned && !tensor_own_version(c, r, 0)) return value_null();
    return value_obj(r);
}
/* Shares memory and version with self, but is no view of it to autograd. */
static const OpDef op_detach = {
    .schema = "detach(Tensor self) -> Tensor",
    .doc = "self's elements outside of the graph; memory is shared.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = detach_forward,
};
Tensor *t_detach(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_detach, (Value[]){arg_tensor(self)});
}

/* x[...]: a view of everything. */
static const OpDef op_alias = {
    .schema = "alias(Tensor(a) self) -> Tensor(a)",
    .doc = "A view of all of self.",
    .forms = OP_INTERNAL,
    .forward = detach_forward,
    .backward = gradient_passes,
};
Tensor *t_alias(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_alias, (Value[]){arg_tensor(self)});
}

/* ---- flatten ---- */

static Value flatten_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS] = {1};
    Tensor *self = call_tensor(k, 0);
    int from = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    int to = from < 0 ? -1 : shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (to < 0) return value_null();
    if (from > to)
        return value_raise(
            c, RuntimeError,
            "flatten() has invalid args: start_dim cannot come after end_dim");
    if (self->ndim == 0) return value_obj(t_reshape(c, self, 1, sizes));
    if (from == to) return value_obj(self);
    int n = 0;
    for (int i = 0; i < self->ndim; i++) {
        if (i > from && i <= to)
            sizes[n - 1] *= self->sizes[i];
        else
            sizes[n++] = self->sizes[i];
    }
    return value_obj(t_reshape(c, self, n, sizes));
}
static const OpDef op_flatten = {
    .schema = "flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> "
              "Tensor(a)",
    .doc = "self with the dimensions from start_dim to end_dim made one.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = flatten_forward,
};

Tensor *t_flatten(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_flatten,
                     (Value[]){arg_tensor(self), value_int(0), value_int(-1)});
}

static Value ravel_forward(Ctx *c, Call *k) {
    int64_t flat = -1;
    return value_obj(t_view(c, t_contiguous(c, call_tensor(k, 0)), 1, &flat));
}
static const OpDef op_ravel = {
    .schema = "ravel(Tensor(a) self) -> Tensor(a)",
    .doc = "self as one dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = ravel_forward,
};

static const OpDef op_flatten_out_name =
    NAMES_ROW(OP_FUNCTION | OP_METHOD,
              "flatten.named_out_dim(Tensor(a) self, int start_dim, int end_dim, "
              "Dimname out_dim) -> Tensor(a)");
static const OpDef op_flatten_names =
    NAMES_ROW(OP_FUNCTION | OP_METHOD,
              "flatten.using_names(Tensor(a) self, Dimname start_dim, Dimname end_dim, "
              "Dimname out_dim) -> Tensor(a)");
static const OpDef op_flatten_dims =
    NAMES_ROW(OP_FUNCTION | OP_METHOD,
              "flatten.DimnameList(Tensor(a) self, Dimname[] dims, Dimname out_dim) -> "
              "Tensor(a)");

const OpDef *const view_ops[] = {
    &op_view,
    &op_reshape_alias,
    &op_unsafe_view,
    &op_reshape,
    &op_view_as,
    &op_reshape_as,
    &op_expand,
    &op_expand_as,
    &op_broadcast_to,
    &op_transpose,
    &op_transpose_names,
    &op_t,
    &op_permute,
    &op_squeeze,
    &op_squeeze_dim,
    &op_squeeze_name,
    &op_unsqueeze,
    &op_detach,
    &op_alias,
    &op_flatten_out_name,
    &op_flatten,
    &op_flatten_names,
    &op_flatten_dims,
    &op_ravel,
    NULL,
};
