/* Tensors from sizes: zeros, ones, full, empty and their _like and new_ forms. */
#include "core/device.h"
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

/* ---- shared ---- */

/* 1 when dimension b of t belongs inside a, -1 when outside, 0 when that is open. */
static int inner_first(const Tensor *t, int a, int b) {
    int64_t sa = t->strides[a], sb = t->strides[b];
    if (sa == 0 || sb == 0) return 0;
    if (sa != sb) return sa > sb ? 1 : -1;
    return t->sizes[a] > t->sizes[b] ? 1 : 0;
}

/* The dimensions of t from the innermost on: a stable sort in which dimensions of
 * stride 0 keep their places, as PyTorch's TensorIterator has it. */
static void inner_order(const Tensor *t, int *order) {
    for (int i = 0; i < t->ndim; i++) order[i] = t->ndim - 1 - i;
    for (int i = 1; i < t->ndim; i++)
        for (int j = i - 1, at = i; j >= 0; j--) {
            int swap = inner_first(t, order[j], order[at]);
            if (swap < 0) break;
            if (swap == 0) continue;
            int d = order[j];
            order[j] = order[at];
            order[at] = d;
            at = j;
        }
}

void dense_strides_like(const Tensor *t, int64_t *strides) {
    int order[MAX_DIMS];
    int64_t step = 1;
    bool dense = tensor_is_dense(t);
    if (!dense) inner_order(t, order);
    for (int i = 0; i < t->ndim; i++) {
        int d = dense ? i : order[i];
        strides[d] = dense ? t->strides[d] : step;
        if (t->sizes[d] > 1) step *= t->sizes[d];
    }
}

static Tensor *filled(Ctx *c, Tensor *t, Value v) {
    if (!t || !scalar_fits(c, v, (DType)t->dtype)) return NULL;
    Tensor *one = tensor_scalar(c, (DType)t->dtype, v);
    if (!one) return NULL;
    tensor_copy(t, one);
    return t;
}

Tensor *make_in_format(Ctx *c, const Tensor *self, DType dtype, Value format) {
    int64_t strides[MAX_DIMS];
    MemoryFormat f =
        format.tag == VAL_MEMORY_FORMAT ? format.as.format : FORMAT_PRESERVE;
    if (f == FORMAT_PRESERVE)
        dense_strides_like(self, strides);
    else if (!shape_format_strides(c, f, self->ndim, self->sizes, strides))
        return NULL;
    Tensor *t = tensor_make(c, dtype, self->ndim, self->sizes);
    if (!t || !tensor_set_geometry(c, t, self->ndim, self->sizes, strides, 0))
        return NULL;
    return t;
}

DType create_dtype(const Call *k, int i, DType fallback) {
    return k->form == CALL_OUT ? (DType)k->target[0]->dtype
                               : call_dtype(k, i, fallback);
}

Tensor *create_sized(Ctx *c, Call *k, int at, int dtype_at, DType fallback) {
    int64_t sizes[MAX_DIMS];
    int n = call_ints(c, k, at, sizes, MAX_DIMS);
    if (n < 0 || !device_check(c, k->args[dtype_at + 2])) return NULL;
    return call_result(c, k, 0, create_dtype(k, dtype_at, fallback), n, sizes);
}

Tensor *create_like(Ctx *c, Call *k, int dtype_at) {
    const Tensor *self = call_tensor(k, 0);
    if (!device_check(c, k->args[dtype_at + 2])) return NULL;
    DType d = call_dtype(k, dtype_at, (DType)self->dtype);
    return make_in_format(c, self, d, k->args[dtype_at + 4]);
}

#define NAMED_ROW(name, params)                                                        \
    {                                                                                  \
        .schema = name ".names(int[] size, " params                                    \
                       "*, Dimname[]? names, " TENSOR_OPTIONS ") -> Tensor",           \
        .forms = OP_FUNCTION                                                           \
    }

/* ---- empty, zeros, ones, full ---- */

/* Memory as it comes would differ from run to run, so it holds zeros. */
static Value zeros_forward(Ctx *c, Call *k) {
    return value_obj(
        filled(c, create_sized(c, k, 0, 1, c->default_dtype), value_int(0)));
}
static const OpDef op_zeros_names = NAMED_ROW("zeros", "");
static const OpDef op_zeros = {
    .schema = "zeros(SymInt[] size, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A tensor of zeros.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = zeros_forward,
};
static const OpDef op_empty_names = {
    .schema = "empty.names(int[] size, *, Dimname[]? names, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .forms = OP_FUNCTION,
};
static Value empty_forward(Ctx *c, Call *k) {
    Value format = k->args[5];
    if (k->form == CALL_OUT && format.tag == VAL_MEMORY_FORMAT)
        return value_raise(
            c, RuntimeError,
            "'memory_format' argument is incompatible with 'out' tensor argument");
    Tensor *t = value_tensor(zeros_forward(c, k));
    if (!t || format.tag != VAL_MEMORY_FORMAT) return value_obj(t);
    if (format.as.format == FORMAT_PRESERVE)
        return value_raise(c, RuntimeError, "unsupported memory format Preserve");
    int64_t strides[MAX_DIMS];
    if (!shape_format_strides(c, format.as.format, t->ndim, t->sizes, strides) ||
        !tensor_set_geometry(c, t, t->ndim, t->sizes, strides, t->offset))
        return value_null();
    return value_obj(t);
}
static const OpDef op_empty = {
    .schema = "empty.memory_format(SymInt[] size, *, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .doc = "A tensor whose elements are to be written; here they start as zeros.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = empty_forward,
};

static Value ones_forward(Ctx *c, Call *k) {
    return value_obj(
        filled(c, create_sized(c, k, 0, 1, c->default_dtype), value_int(1)));
}
static const OpDef op_ones_names = NAMED_ROW("ones", "");
static const OpDef op_ones = {
    .schema = "ones(SymInt[] size, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A tensor of ones.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = ones_forward,
};

/* The dtype of a Python number: bool, int64, or the default float dtype. */
static DType number_dtype(const Ctx *c, Value v) {
    return v.tag == VAL_BOOL ? DT_bool : v.tag == VAL_INT ? DT_int64 : c->default_dtype;
}

static Value full_forward(Ctx *c, Call *k) {
    Value v = call_scalar(k, 1);
    return value_obj(filled(c, create_sized(c, k, 0, 2, number_dtype(c, v)), v));
}
static const OpDef op_full_names = NAMED_ROW("full", "Scalar fill_value, ");
static const OpDef op_full = {
    .schema = "full(SymInt[] size, Scalar fill_value, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A tensor filled with one number, whose type gives the dtype.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = full_forward,
};

/* How many elements lie between the first and the last, both counted. */
static bool strided_extent(Ctx *c, int n, const int64_t *sizes, const int64_t *strides,
                           int64_t *extent) {
    const char *wrong = NULL;
    int64_t step, count = 1;
    for (int j = 0; j < n && !wrong; j++) {
        if (sizes[j] < 0) wrong = "Trying to create tensor with negative dimension";
        if (sizes[j] == 0) count = 0;
    }
    *extent = count;
    for (int j = 0; j < n && count && !wrong; j++)
        if (strides[j] < 0 || __builtin_mul_overflow(sizes[j] - 1, strides[j], &step) ||
            __builtin_add_overflow(*extent, step, extent))
            wrong = "Storage size calculation overflowed";
    if (!wrong) return true;
    const char *shown = dims_text(c, n, sizes);
    if (wrong[0] == 'S') {
        error_raise(c, RuntimeError, "%s with sizes=%s and strides=%s", wrong, shown,
                    dims_text(c, n, strides));
    } else {
        int j = 0;
        while (sizes[j] >= 0) j++;
        error_raise(c, RuntimeError, "%s %" PRId64 ": %s", wrong, sizes[j], shown);
    }
    return false;
}

/* Zeros with the sizes and strides in arguments i and i + 1. */
static Value strided_zeros(Ctx *c, const Call *k, int i, DType d) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS], extent = 1;
    int n = call_ints(c, k, i, sizes, MAX_DIMS);
    int m = n < 0 ? -1 : call_ints(c, k, i + 1, strides, MAX_DIMS);
    if (m < 0) return value_null();
    if (n != m)
        return value_raise(
            c, RuntimeError,
            "dimensionality of sizes (%d) must match dimensionality of strides (%d)", n,
            m);
    if (!strided_extent(c, n, sizes, strides, &extent)) return value_null();
    Tensor *t = filled(c, tensor_make(c, d, 1, &extent), value_int(0));
    if (!t || !tensor_set_geometry(c, t, n, sizes, strides, 0)) return value_null();
    return value_obj(t);
}
static Value empty_strided_forward(Ctx *c, Call *k) {
    return strided_zeros(c, k, 0, call_dtype(k, 2, c->default_dtype));
}
static const OpDef op_empty_strided = {
    .schema = "empty_strided(SymInt[] size, SymInt[] stride, *, " TENSOR_OPTIONS
              ") -> Tensor",
    .doc = "A tensor of zeros with the given strides.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = empty_strided_forward,
};

Tensor *t_empty_strided(Ctx *c, int ndim, const int64_t *sizes, const int64_t *strides,
                        DType dtype) {
    Value none = value_none();
    return op_tensor(c, &op_empty_strided,
                     (Value[]){arg_ints(c, ndim, sizes), arg_ints(c, ndim, strides),
                               value_dtype(dtype), none, none, none});
}

Tensor *t_zeros(Ctx *c, int ndim, const int64_t *sizes, DType dtype) {
    Value none = value_none();
    return op_tensor(
        c, &op_zeros,
        (Value[]){arg_ints(c, ndim, sizes), value_dtype(dtype), none, none, none});
}

Tensor *t_ones(Ctx *c, int ndim, const int64_t *sizes, DType dtype) {
    Value none = value_none();
    return op_tensor(
        c, &op_ones,
        (Value[]){arg_ints(c, ndim, sizes), value_dtype(dtype), none, none, none});
}

/* ---- _like ---- */

static Value zeros_like_forward(Ctx *c, Call *k) {
    return value_obj(filled(c, create_like(c, k, 1), value_int(0)));
}
static const OpDef op_zeros_like = {
    .schema = "zeros_like(Tensor self, *, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .doc = "Zeros with the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = zeros_like_forward,
};
static const OpDef op_empty_like = {
    .schema = "empty_like(Tensor self, *, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .doc = "A tensor like self whose elements are to be written; they start as zeros.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = zeros_like_forward,
};
static Value ones_like_forward(Ctx *c, Call *k) {
    return value_obj(filled(c, create_like(c, k, 1), value_int(1)));
}
static const OpDef op_ones_like = {
    .schema = "ones_like(Tensor self, *, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .doc = "Ones with the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = ones_like_forward,
};
static Value full_like_forward(Ctx *c, Call *k) {
    return value_obj(filled(c, create_like(c, k, 2), call_scalar(k, 1)));
}
static const OpDef op_full_like = {
    .schema = "full_like(Tensor self, Scalar fill_value, *, " TENSOR_OPTIONS
              ", MemoryFormat? memory_format=None) -> Tensor",
    .doc = "One number with the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = full_like_forward,
};

static Tensor *call_like(Ctx *c, const OpDef *def, Tensor *self) {
    Value none = value_none();
    if (!self) return NULL;
    return op_tensor(c, def, (Value[]){arg_tensor(self), none, none, none, none, none});
}
Tensor *t_full_like(Ctx *c, Tensor *self, Value number) {
    Value none = value_none();
    if (!self) return NULL;
    return op_tensor(c, &op_full_like,
                     (Value[]){arg_tensor(self), number, none, none, none, none, none});
}
Tensor *t_zeros_like(Ctx *c, Tensor *self) {
    return call_like(c, &op_zeros_like, self);
}
Tensor *t_ones_like(Ctx *c, Tensor *self) {
    return call_like(c, &op_ones_like, self);
}
Tensor *t_empty_like(Ctx *c, Tensor *self) {
    if (!self) return NULL;
    return make_in_format(c, self, (DType)self->dtype, value_none());
}

/* ---- new_ ---- */

static Value new_zeros_forward(Ctx *c, Call *k) {
    DType own = (DType)call_tensor(k, 0)->dtype;
    return value_obj(filled(c, create_sized(c, k, 1, 2, own), value_int(0)));
}
static const OpDef op_new_zeros = {
    .schema = "new_zeros(Tensor self, SymInt[] size, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "Zeros with the dtype of self.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = new_zeros_forward,
};
static const OpDef op_new_empty = {
    .schema = "new_empty(Tensor self, SymInt[] size, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A tensor with the dtype of self whose elements start as zeros.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = new_zeros_forward,
};
static Value new_empty_strided_forward(Ctx *c, Call *k) {
    DType own = (DType)call_tensor(k, 0)->dtype;
    return strided_zeros(c, k, 1, call_dtype(k, 3, own));
}
static const OpDef op_new_empty_strided = {
    .schema = "new_empty_strided(Tensor self, SymInt[] size, SymInt[] stride, "
              "*, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A tensor of zeros with the given strides and the dtype of self.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = new_empty_strided_forward,
    .example = "m.new_empty_strided([2, 2], [1, 2])",
};
static Value new_ones_forward(Ctx *c, Call *k) {
    DType own = (DType)call_tensor(k, 0)->dtype;
    return value_obj(filled(c, create_sized(c, k, 1, 2, own), value_int(1)));
}
static const OpDef op_new_ones = {
    .schema = "new_ones(Tensor self, SymInt[] size, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "Ones with the dtype of self.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = new_ones_forward,
};
static Value new_full_forward(Ctx *c, Call *k) {
    DType own = (DType)call_tensor(k, 0)->dtype;
    return value_obj(filled(c, create_sized(c, k, 1, 3, own), call_scalar(k, 2)));
}
static const OpDef op_new_full = {
    .schema =
        "new_full(Tensor self, SymInt[] size, Scalar fill_value, *, " TENSOR_OPTIONS
        ") -> Tensor",
    .doc = "One number with the dtype of self.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = new_full_forward,
};

const OpDef *const create_ops[] = {
    &op_zeros_names,
    &op_zeros,
    &op_empty_names,
    &op_empty,
    &op_ones_names,
    &op_ones,
    &op_full_names,
    &op_full,
    &op_empty_strided,
    &op_zeros_like,
    &op_empty_like,
    &op_ones_like,
    &op_full_like,
    &op_new_zeros,
    &op_new_empty,
    &op_new_ones,
    &op_new_full,
    &op_new_empty_strided,
    NULL,
};
