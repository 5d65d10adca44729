/* Parts of a tensor: select, slice, narrow, diagonal, unfold.
 *
 * Each has a *_backward operator that puts the gradient of the part back into zeros; it
 * is an operator of its own, so that it has a derivative too. */
#include "ops.h"

#include <inttypes.h>

#define PART_BACKWARD_SIZES(n, sizes)                                                  \
    int64_t sizes[MAX_DIMS];                                                           \
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);                                       \
    if (n < 0) return value_null();                                                    \
    Tensor *whole = t_zeros(c, n, sizes, (DType)call_tensor(k, 0)->dtype);             \
    if (!whole) return value_null()

/* ---- select ---- */

static Tensor *select_alias(Ctx *c, Tensor *self, int64_t dim_given, int64_t index) {
    if (self->ndim == 0)
        return error_raise(c, IndexError,
                           "select() cannot be applied to a 0-dim tensor.");
    int dim = shape_wrap_dim(c, dim_given, self->ndim);
    if (dim < 0) return NULL;
    int64_t size = self->sizes[dim];
    if (index < -size || index >= size)
        return error_raise(c, IndexError,
                           "select(): index %" PRId64
                           " out of range for tensor of size %s at dimension %d",
                           index, shape_text(c, self), dim);
    if (index < 0) index += size;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    int n = 0;
    for (int i = 0; i < self->ndim; i++) {
        if (i == dim) continue;
        sizes[n] = self->sizes[i];
        strides[n++] = self->strides[i];
    }
    return tensor_alias(c, self, n, sizes, strides,
                        self->offset + index * self->strides[dim]);
}

const char *shape_text(Ctx *c, const Tensor *t) {
    return dims_text(c, t->ndim, t->sizes);
}

static Value select_forward(Ctx *c, Call *k) {
    return value_obj(
        select_alias(c, call_tensor(k, 0), call_int(k, 1), call_int(k, 2)));
}

static Value select_back_forward(Ctx *c, Call *k) {
    PART_BACKWARD_SIZES(n, sizes);
    Tensor *part = select_alias(c, whole, call_int(k, 2), call_int(k, 3));
    if (!part) return value_null();
    tensor_copy(part, call_tensor(k, 0));
    return value_obj(whole);
}
static void select_back_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_select(c, g->grad, saved_int(g, 0), saved_int(g, 1)));
}
static const OpDef op_select_backward = {
    .schema = "select_backward(Tensor grad_output, SymInt[] input_sizes, int dim, int "
              "index) -> Tensor",
    .doc = "Zeros with the gradient of a selected part in its place.",
    .forms = OP_INTERNAL,
    .saves = "dim index",
    .node = "SelectBackwardBackward0",
    .forward = select_back_forward,
    .backward = select_back_backward,
};
static void select_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, &op_select_backward,
                       (Value[]){arg_tensor(g->grad), saved_value(g, 0),
                                 saved_value(g, 1), saved_value(g, 2)}));
}
static const OpDef op_select_name = {
    .schema = "select.Dimname(Tensor(a) self, Dimname dim, int index) -> Tensor(a)",
    .forms = OP_FUNCTION | OP_METHOD,
};
static const OpDef op_select = {
    .schema = "select.int(Tensor(a) self, int dim, int index) -> Tensor(a)",
    .doc = "The part of self at one index of a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sizes dim index",
    .forward = select_forward,
    .backward = select_backward,
};
Tensor *t_select(Ctx *c, Tensor *self, int64_t dim, int64_t index) {
    return op_tensor(c, &op_select,
                     (Value[]){arg_tensor(self), value_int(dim), value_int(index)});
}

/* ---- slice ---- */

static int64_t clamp_index(int64_t i, int64_t low, int64_t size) {
    if (i < 0) i += size;
    return i < low ? low : i > size ? size : i;
}

static Tensor *slice_alias(Ctx *c, Tensor *self, int64_t dim_given, Value start_given,
                           Value end_given, int64_t step) {
    if (self->ndim == 0)
        return error_raise(c, IndexError,
                           "slice() cannot be applied to a 0-dim tensor.");
    int dim = shape_wrap_dim(c, dim_given, self->ndim);
    if (dim < 0) return NULL;
    if (step <= 0) return error_raise(c, RuntimeError, "slice step must be positive");
    int64_t size = self->sizes[dim];
    int64_t start = value_is_none(start_given) ? 0 : start_given.as.i;
    int64_t end = value_is_none(end_given) ? INT64_MAX : end_given.as.i;
    start = clamp_index(start, 0, size);
    end = clamp_index(end, start, size);
    if (end < start) end = start;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < self->ndim; i++) {
        sizes[i] = self->sizes[i];
        strides[i] = self->strides[i];
    }
    sizes[dim] = (end - start) / step + ((end - start) % step != 0);
    int64_t offset = self->offset + start * strides[dim];
    /* A step beyond the end leaves one element, whose stride may wrap around. */
    strides[dim] = (int64_t)((uint64_t)strides[dim] * (uint64_t)step);
    return tensor_alias(c, self, self->ndim, sizes, strides, offset);
}

static Value slice_forward(Ctx *c, Call *k) {
    return value_obj(slice_alias(c, call_tensor(k, 0), call_int(k, 1), k->args[2],
                                 k->args[3], call_int(k, 4)));
}
static Value slice_back_forward(Ctx *c, Call *k) {
    PART_BACKWARD_SIZES(n, sizes);
    Tensor *part =
        slice_alias(c, whole, call_int(k, 2), k->args[3], k->args[4], call_int(k, 5));
    if (!part) return value_null();
    tensor_copy(part, call_tensor(k, 0));
    return value_obj(whole);
}
static void slice_back_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_slice,
                  (Value[]){arg_tensor(g->grad), saved_value(g, 0), saved_value(g, 1),
                            saved_value(g, 2), saved_value(g, 3)}));
}
static const OpDef op_slice_backward = {
    .schema = "slice_backward(Tensor grad_output, SymInt[] input_sizes, int dim, "
              "SymInt? start, SymInt? end, SymInt step) -> Tensor",
    .doc = "Zeros with the gradient of a slice in its place.",
    .forms = OP_INTERNAL,
    .saves = "dim start end step",
    .node = "SliceBackwardBackward0",
    .forward = slice_back_forward,
    .backward = slice_back_backward,
};
static void slice_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_slice_backward,
                  (Value[]){arg_tensor(g->grad), saved_value(g, 0), saved_value(g, 1),
                            saved_value(g, 2), saved_value(g, 3), saved_value(g, 4)}));
}
const OpDef op_slice = {
    .schema = "slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? "
              "end=None, SymInt step=1) -> Tensor(a)",
    .doc = "Every step-th part of self from start up to end.",
    .forms = OP_INTERNAL,
    .saves = "self.sym_sizes dim start end step",
    .forward = slice_forward,
    .backward = slice_backward,
};
Tensor *t_slice(Ctx *c, Tensor *self, int64_t dim, int64_t start, int64_t end,
                int64_t step) {
    return op_tensor(c, &op_slice,
                     (Value[]){arg_tensor(self), value_int(dim), value_int(start),
                               value_int(end), value_int(step)});
}

/* ---- narrow ---- */

/* A negative start counts from the end of size parts; IndexError outside of them. */
static bool start_wrap(Ctx *c, int64_t *start, int64_t size) {
    int64_t parts = size > 0 ? size : 1;
    if (*start < -parts || *start >= parts) {
        error_raise(c, IndexError,
                    "Dimension out of range (expected to be in range of [%" PRId64
                    ", %" PRId64 "], but got %" PRId64 ")",
                    -parts, parts - 1, *start);
        return false;
    }
    if (*start < 0) *start += parts;
    return true;
}

static bool narrow_check(Ctx *c, int64_t start, int64_t length, int64_t size) {
    if (length >= 0 && start <= size - length) return true;
    error_raise(c, RuntimeError,
                "start (%" PRId64 ") + length (%" PRId64
                ") exceeds dimension size (%" PRId64 ").",
                start, length, size);
    return false;
}

static Value narrow_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "narrow() cannot be applied to a 0-dim tensor.");
    int64_t start = call_int(k, 2), length = call_int(k, 3);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    int64_t size = self->sizes[dim];
    if ((start < 0 || start > size) && !start_wrap(c, &start, size))
        return value_null();
    if (!narrow_check(c, start, length, size)) return value_null();
    return value_obj(t_slice(c, self, dim, start, start + length, 1));
}
static const OpDef op_narrow = {
    .schema = "narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)",
    .doc = "length parts of a dimension, from start on.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = narrow_forward,
    .example = "torch.narrow(v, 0, 1, 2)",
};
static Value narrow_tensor_forward(Ctx *c, Call *k) {
    Tensor *start = call_tensor(k, 2);
    if (start->ndim != 0 || dtype_is_floating((DType)start->dtype) ||
        start->dtype == DT_bool)
        return value_raise(c, RuntimeError, "start must be an 0-dim integral Tensor.");
    return narrow_forward(c, k);
}
static const OpDef op_narrow_tensor = {
    .schema =
        "narrow.Tensor(Tensor(a) self, int dim, Tensor start, int length) -> Tensor(a)",
    .doc = "narrow with its start in a 0-d tensor.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = narrow_tensor_forward,
    .example = "torch.narrow(v, 0, torch.tensor(1), 2)",
};

Tensor *t_narrow(Ctx *c, Tensor *self, int64_t dim, int64_t start, int64_t length) {
    return op_tensor(c, &op_narrow,
                     (Value[]){arg_tensor(self), value_int(dim), value_int(start),
                               value_int(length)});
}
/* The same copied; PyTorch checks it in words of its own. */
static Value narrow_copy_forward(Ctx *c, Call *k) {
    static const char failed[] =
        "Expected %s to be true, but got false.  (Could this error message be "
        "improved?  If so, please report an enhancement request to PyTorch.)";
    Tensor *self = call_tensor(k, 0);
    int64_t dim = call_int(k, 1), start = call_int(k, 2), length = call_int(k, 3);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "narrow() cannot be applied to a 0-dim tensor.");
    if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype)
        return value_raise(c, RuntimeError, failed, "self.dtype() == output.dtype()");
    if (dim >= self->ndim)
        return value_raise(c, RuntimeError, failed,
                           "dim < static_cast<int64_t>(self_sizes.size())");
    int at = shape_wrap_dim(c, dim, self->ndim);
    if (at < 0) return value_null();
    int64_t size = self->sizes[at];
    if (start < 0 && !start_wrap(c, &start, size)) return value_null();
    if (!narrow_check(c, start, length, size)) return value_null();
    Tensor *part = t_slice(c, self, at, start, start + length, 1);
    Tensor *r =
        part ? call_result(c, k, 0, (DType)self->dtype, part->ndim, part->sizes) : NULL;
    tensor_copy(r, part);
    return value_obj(r);
}
static const OpDef op_narrow_copy = {
    .schema = "narrow_copy(Tensor self, int dim, SymInt start, SymInt length) -> "
              "Tensor",
    .doc = "length parts of a dimension, from start on, copied.",
    .forms = OP_USUAL,
    .traits = OP_DERIVATIVE_MISSING | OP_OUT_QUIET,
    .forward = narrow_copy_forward,
};

/* ---- diagonal ---- */

static Tensor *diagonal_alias(Ctx *c, Tensor *self, int64_t offset, int64_t d1,
                              int64_t d2) {
    int dim1 = shape_wrap_dim(c, d1, self->ndim);
    int dim2 = dim1 < 0 ? -1 : shape_wrap_dim(c, d2, self->ndim);
    if (dim2 < 0) return NULL;
    if (dim1 == dim2)
        return error_raise(
            c, RuntimeError,
            "diagonal dimensions cannot be identical %" PRId64 ", %" PRId64, d1, d2);
    int64_t rows = self->sizes[dim1], cols = self->sizes[dim2];
    int64_t length = offset >= 0 ? (rows < cols - offset ? rows : cols - offset)
                                 : (rows + offset < cols ? rows + offset : cols);
    if (length < 0) length = 0;
    int64_t at = self->offset;
    if (length)
        at +=
            offset >= 0 ? offset * self->strides[dim2] : -offset * self->strides[dim1];
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    int n = 0;
    for (int i = 0; i < self->ndim; i++) {
        if (i == dim1 || i == dim2) continue;
        sizes[n] = self->sizes[i];
        strides[n++] = self->strides[i];
    }
    sizes[n] = length;
    strides[n++] = self->strides[dim1] + self->strides[dim2];
    return tensor_alias(c, self, n, sizes, strides, at);
}

static Value diagonal_forward(Ctx *c, Call *k) {
    return value_obj(diagonal_alias(c, call_tensor(k, 0), call_int(k, 1),
                                    call_int(k, 2), call_int(k, 3)));
}
static Value diagonal_back_forward(Ctx *c, Call *k) {
    PART_BACKWARD_SIZES(n, sizes);
    Tensor *part =
        diagonal_alias(c, whole, call_int(k, 2), call_int(k, 3), call_int(k, 4));
    if (!part) return value_null();
    tensor_copy(part, call_tensor(k, 0));
    return value_obj(whole);
}
static void diagonal_back_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_diagonal(c, g->grad, saved_int(g, 0), saved_int(g, 1), saved_int(g, 2)));
}
static const OpDef op_diagonal_backward = {
    .schema = "diagonal_backward(Tensor grad_output, SymInt[] input_sizes, int offset, "
              "int dim1, int dim2) -> Tensor",
    .doc = "Zeros with the gradient of a diagonal in its place.",
    .forms = OP_INTERNAL,
    .saves = "offset dim1 dim2",
    .node = "DiagonalBackwardBackward0",
    .forward = diagonal_back_forward,
    .backward = diagonal_back_backward,
};
Tensor *t_diagonal_backward(Ctx *c, Tensor *grad, Value sizes, int64_t offset) {
    return op_tensor(c, &op_diagonal_backward,
                     (Value[]){arg_tensor(grad), sizes, value_int(offset), value_int(0),
                               value_int(1)});
}
static void diagonal_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_diagonal_backward,
                  (Value[]){arg_tensor(g->grad), saved_value(g, 0), saved_value(g, 1),
                            saved_value(g, 2), saved_value(g, 3)}));
}
static const OpDef op_diagonal = {
    .schema =
        "diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)",
    .doc = "The diagonal of two dimensions, as the last dimension of the view.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sym_sizes offset dim1 dim2",
    .forward = diagonal_forward,
    .backward = diagonal_backward,
};
static const OpDef op_diagonal_name = {
    .schema = "diagonal.Dimname(Tensor(a) self, *, Dimname outdim, Dimname dim1, "
              "Dimname dim2, int offset=0) -> Tensor(a)",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_diagonal(Ctx *c, Tensor *self, int64_t offset, int64_t dim1, int64_t dim2) {
    return op_tensor(c, &op_diagonal,
                     (Value[]){arg_tensor(self), value_int(offset), value_int(dim1),
                               value_int(dim2)});
}

/* ---- unfold ---- */

static void *raise_negative_view(Ctx *c, int n, const int64_t *sizes,
                                 const int64_t *strides) {
    return error_raise(
        c, RuntimeError,
        "Storage size calculation overflowed with sizes=%s and strides=%s",
        dims_text(c, n, sizes), dims_text(c, n, strides));
}

static Tensor *unfold_alias(Ctx *c, Tensor *self, int64_t dim_given, int64_t size,
                            int64_t step) {
    int dim = shape_wrap_dim(c, dim_given, self->ndim);
    if (dim < 0) return NULL;
    int64_t extent = self->ndim ? self->sizes[dim] : 1;
    if (size > extent)
        return error_raise(c, RuntimeError,
                           "maximum size for tensor at dimension %d is %" PRId64
                           " but size is %" PRId64,
                           dim, extent, size);
    if (step <= 0)
        return error_raise(c, RuntimeError, "step is %" PRId64 " but must be > 0",
                           step);
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < self->ndim; i++) {
        sizes[i] = self->sizes[i];
        strides[i] = self->strides[i];
    }
    int n = self->ndim;
    sizes[n] = size;
    strides[n] = n ? strides[dim] : 1;
    if (n) {
        int64_t rest = (int64_t)((uint64_t)extent - (uint64_t)size);
        sizes[dim] = (int64_t)((uint64_t)(rest / step) + 1);
        strides[dim] = (int64_t)((uint64_t)strides[dim] * (uint64_t)step);
    }
    if (size < 0) return raise_negative_view(c, n + 1, sizes, strides);
    return tensor_alias(c, self, n + 1, sizes, strides, self->offset);
}

static Value unfold_forward(Ctx *c, Call *k) {
    return value_obj(unfold_alias(c, call_tensor(k, 0), call_int(k, 1), call_int(k, 2),
                                  call_int(k, 3)));
}
/* Windows may overlap, so they are added one position of the window at a time. */
static Value unfold_back_forward(Ctx *c, Call *k) {
    PART_BACKWARD_SIZES(n, sizes);
    Tensor *grad = call_tensor(k, 0);
    Tensor *windows =
        unfold_alias(c, whole, call_int(k, 2), call_int(k, 3), call_int(k, 4));
    for (int64_t i = 0; windows && i < call_int(k, 3); i++) {
        Tensor *part = select_alias(c, windows, -1, i);
        t_add_(c, part, select_alias(c, grad, -1, i));
    }
    return ctx_failed(c) ? value_null() : value_obj(whole);
}
static void unfold_back_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, &op_unfold,
                       (Value[]){arg_tensor(g->grad), saved_value(g, 0),
                                 saved_value(g, 1), saved_value(g, 2)}));
}
static const OpDef op_unfold_backward = {
    .schema = "unfold_backward(Tensor grad_in, SymInt[] input_sizes, int dim, int "
              "size, int step) -> Tensor",
    .doc = "The gradients of windows added up where they came from.",
    .forms = OP_INTERNAL,
    .saves = "dim size step",
    .node = "UnfoldBackwardBackward0",
    .forward = unfold_back_forward,
    .backward = unfold_back_backward,
};
static void unfold_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_unfold_backward,
                  (Value[]){arg_tensor(g->grad), saved_value(g, 0), saved_value(g, 1),
                            saved_value(g, 2), saved_value(g, 3)}));
}
const OpDef op_unfold = {
    .schema = "unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)",
    .doc = "Windows of a dimension, as the last dimension of the view.",
    .forms = OP_METHOD,
    .saves = "self.sizes dimension size step",
    .forward = unfold_forward,
    .backward = unfold_backward,
    .example = "v.unfold(0, 2, 1)",
};

const OpDef *const slicing_ops[] = {
    &op_select,
    &op_select_name,
    &op_select_backward,
    &op_slice,
    &op_slice_backward,
    &op_narrow_tensor,
    &op_narrow,
    &op_narrow_copy,
    &op_diagonal_name,
    &op_diagonal,
    &op_diagonal_backward,
    &op_unfold,
    &op_unfold_backward,
    NULL,
};
