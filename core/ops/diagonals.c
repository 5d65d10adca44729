/* Matrices and their diagonals: diag, diag_embed, diagflat, trace, fill_diagonal_.
 * Sources: TensorShape.cpp, ReduceOps.cpp, Fill.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>

/* How long diagonal number `diagonal` of rows x cols is; negative when outside. */
static int64_t diagonal_length(int64_t rows, int64_t cols, int64_t diagonal) {
    if (diagonal < 0) rows += diagonal;
    if (diagonal > 0) cols -= diagonal;
    return rows < cols ? rows : cols;
}

/* Elements [at + i * step] of a contiguous t, for i < n. */
static Tensor *stepped(Ctx *c, Tensor *t, int64_t at, int64_t n, int64_t step) {
    return t ? tensor_alias(c, t, 1, &n, &step, t->offset + at) : NULL;
}

/* Where diagonal number `diagonal` starts in a matrix of these strides. */
static int64_t diagonal_start(const Tensor *t, int64_t diagonal) {
    return diagonal >= 0 ? diagonal * t->strides[1] : -diagonal * t->strides[0];
}

/* ---- diag, diagflat ---- */

/* out= is resized before its dtype is looked at. */
static bool diag_prepare(Ctx *c, const Call *k, int ndim, const int64_t *sizes) {
    if (k->form != CALL_OUT) return true;
    DType d = (DType)call_tensor(k, 0)->dtype;
    return out_resize(c, k, 0, ndim, sizes) &&
           scalar_type_check(c, d, (DType)k->target[0]->dtype);
}

/* A vector [n] on a diagonal of zeros [n + |diagonal|, n + |diagonal|]. */
static Tensor *diag_of_vector(Ctx *c, Call *k, Tensor *self, int64_t diagonal) {
    int64_t n = self->numel;
    if (diagonal < n - INT64_MAX || diagonal > INT64_MAX - n)
        return error_raise(c, RuntimeError, "numel: integer multiplication overflow");
    int64_t size = n + (diagonal < 0 ? -diagonal : diagonal);
    DType d = (DType)self->dtype;
    if (!diag_prepare(c, k, 2, (int64_t[]){size, size})) return NULL;
    Tensor *r = call_result(c, k, 0, d, 2, (int64_t[]){size, size});
    Tensor *zeros = r ? t_zeros(c, 2, r->sizes, d) : NULL;
    if (!zeros) return NULL;
    int64_t at = diagonal_start(zeros, diagonal);
    if (n) tensor_copy(stepped(c, zeros, at, n, size + 1), self);
    tensor_copy(r, zeros);
    return ctx_failed(c) ? NULL : r;
}

/* Diagonal number `diagonal` of a matrix, copied. */
static Tensor *diag_of_matrix(Ctx *c, Call *k, Tensor *self, int64_t diagonal) {
    int64_t n = diagonal_length(self->sizes[0], self->sizes[1], diagonal);
    if (n < 0)
        return error_raise(c, RuntimeError, "numel: integer multiplication overflow");
    if (!diag_prepare(c, k, 1, &n)) return NULL;
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, 1, &n);
    if (r && n)
        tensor_copy(r, stepped(c, self, diagonal_start(self, diagonal), n,
                               self->strides[0] + self->strides[1]));
    return ctx_failed(c) ? NULL : r;
}

static Value diag_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (dtype_refused(c, "diag", DTYPES_HALF, (DType)self->dtype)) return value_null();
    if (self->ndim != 1 && self->ndim != 2)
        return value_raise(c, RuntimeError, "matrix or a vector expected");
    int64_t diagonal = call_int(k, 1);
    return value_obj(self->ndim == 1 ? diag_of_vector(c, k, self, diagonal)
                                     : diag_of_matrix(c, k, self, diagonal));
}

static Tensor *t_diag(Ctx *c, Tensor *self, int64_t diagonal);

static void diag_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS], diagonal = saved_int(g, 1);
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    if (n == 1 || sizes[0] == sizes[1]) {
        grad_set(g, 0, t_diag(c, g->grad, diagonal));
        return;
    }
    grad_set(g, 0, t_diagonal_backward(c, g->grad, saved_value(g, 0), diagonal));
}
static const OpDef op_diag = {
    .schema = "diag(Tensor self, int diagonal=0) -> Tensor",
    .doc = "The diagonal of a matrix, or a matrix with a vector as its diagonal.",
    .forms = OP_USUAL,
    .saves = "self.sym_sizes diagonal",
    .forward = diag_forward,
    .backward = diag_backward,
};
static Tensor *t_diag(Ctx *c, Tensor *self, int64_t diagonal) {
    return op_tensor(c, &op_diag, (Value[]){arg_tensor(self), value_int(diagonal)});
}

static Value diagflat_forward(Ctx *c, Call *k) {
    int64_t flat = -1;
    Tensor *t = t_view(c, t_contiguous(c, call_tensor(k, 0)), 1, &flat);
    return value_obj(t_diag(c, t, call_int(k, 1)));
}
static const OpDef op_diagflat = {
    .schema = "diagflat(Tensor self, int offset=0) -> Tensor",
    .doc = "A matrix with the elements of self as its diagonal.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = diagflat_forward,
};

/* ---- diag_embed ---- */

/* self [..., n] -> [..., m, ..., m, ...], m = n + |offset| at dim1 and dim2: zeros with
 * the last dimension of self as diagonals. */
static Value diag_embed_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t offset = call_int(k, 1), sizes[MAX_DIMS];
    int ndim = self->ndim + 1;
    int dim1 = shape_wrap_dim(c, call_int(k, 2), ndim);
    int dim2 = dim1 < 0 ? -1 : shape_wrap_dim(c, call_int(k, 3), ndim);
    if (dim2 < 0) return value_null();
    if (dim1 == dim2)
        return value_raise(c, RuntimeError,
                           "diagonal dimensions cannot be identical %" PRId64
                           ", %" PRId64,
                           call_int(k, 2), call_int(k, 3));
    if (shape_size_dim(c, -1, self->ndim) < 0) return value_null();
    int64_t side = self->sizes[self->ndim - 1];
    if (offset == INT64_MIN ||
        __builtin_add_overflow(side, offset < 0 ? -offset : offset, &side))
        return value_raise(c, RuntimeError, "numel: integer multiplication overflow");
    for (int d = 0, from = 0; d < ndim; d++)
        sizes[d] = d == dim1 || d == dim2 ? side : self->sizes[from++];
    Tensor *r = t_zeros(c, ndim, sizes, (DType)self->dtype);
    tensor_copy(t_diagonal(c, r, offset, dim1, dim2), self);
    return value_obj(ctx_failed(c) ? NULL : r);
}
static void diag_embed_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_diagonal(c, g->grad, saved_int(g, 0), saved_int(g, 1), saved_int(g, 2)));
}
static const OpDef op_diag_embed = {
    .schema = "diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> "
              "Tensor",
    .doc = "Matrices with the last dimension of self as their diagonals.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "offset dim1 dim2",
    .forward = diag_embed_forward,
    .backward = diag_embed_backward,
};

/* ---- trace ---- */

/* The sum of the diagonal; floats add up in double. */
static Value trace_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim != 2)
        return value_raise(c, RuntimeError,
                           "trace: expected a matrix, but got tensor with dim %d",
                           self->ndim);
    DType d = (DType)self->dtype;
    bool integral = dtype_is_integral(d, true);
    if (dtype_refused(c, "trace", DTYPES_HALF | 1 << DT_bfloat16 | DTYPES_BOOL, d))
        return value_null();
    int64_t n = diagonal_length(self->sizes[0], self->sizes[1], 0);
    Tensor *r = call_result(c, k, 0, integral ? DT_int64 : d, 0, NULL);
    Tensor *from = stepped(c, self, 0, n, self->strides[0] + self->strides[1]);
    Tensor *row = r ? tensor_make(c, integral ? DT_int64 : DT_float64, 1, &n) : NULL;
    if (!row || !from) return value_null();
    tensor_copy(row, from);
    int64_t whole = 0;
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        if (integral)
            whole =
                (int64_t)((uint64_t)whole + (uint64_t)((int64_t *)tensor_data(row))[i]);
        else
            sum += ((double *)tensor_data(row))[i];
    element_store((DType)r->dtype, tensor_data(r),
                  integral ? value_int(whole) : value_float(sum));
    return value_obj(r);
}
/* The elements of the gradient lie size + 1 apart, down to the last row. */
static void trace_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    int64_t numel = sizes[0] * sizes[1], step = sizes[1] + 1;
    Tensor *whole = t_zeros(c, 1, &numel, (DType)g->grad->dtype);
    Tensor *index =
        t_mul_scalar(c, t_arange(c, (numel + step - 1) / step), value_int(step));
    whole = t_index_fill_(c, whole, 0, index, g->grad);
    grad_set(g, 0, t_view(c, whole, n, sizes));
}
static const OpDef op_trace = {
    .schema = "trace(Tensor self) -> Tensor",
    .doc = "The sum of the diagonal of a matrix.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sizes",
    .forward = trace_forward,
    .backward = trace_backward,
};

/* ---- fill_diagonal_ ---- */

static bool fill_diagonal_check(Ctx *c, const Tensor *self) {
    if (self->ndim < 2) {
        error_raise(c, RuntimeError, "dimensions must larger than 1");
        return false;
    }
    for (int d = 1; self->ndim > 2 && d < self->ndim; d++)
        if (self->sizes[d] != self->sizes[0]) {
            error_raise(c, RuntimeError,
                        "all dimensions of input must be of equal length");
            return false;
        }
    return true;
}

/* With wrap, the diagonal of a tall matrix begins again below each square. */
static Value fill_diagonal_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (!fill_diagonal_check(c, self)) return value_null();
    int64_t rows = self->sizes[0], cols = self->sizes[1], step = 0;
    int64_t n = diagonal_length(rows, cols, 0);
    for (int d = 0; d < self->ndim; d++) step += self->strides[d];
    Tensor *value = tensor_wrap_number(c, call_scalar(k, 1));
    t_fill_(c, t_as_strided(c, self, 1, &n, &step, self->offset), value);
    if (call_bool(k, 2) && self->ndim == 2 && rows > cols + 1) {
        int64_t more = (self->numel + cols) / (cols + 1) - n;
        int64_t at = self->offset + self->strides[0] * (cols + 1);
        t_fill_(c, t_as_strided(c, self, 1, &more, &step, at), value);
    }
    return value_obj(ctx_failed(c) ? NULL : self);
}
static const OpDef op_fill_diagonal_ = {
    .schema = "fill_diagonal_(Tensor(a!) self, Scalar fill_value, bool wrap=False) -> "
              "Tensor(a!)",
    .doc = "Writes a number to the main diagonal.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = fill_diagonal_forward,
};

const OpDef *const diagonals_ops[] = {
    &op_diag, &op_diagflat, &op_diag_embed, &op_trace, &op_fill_diagonal_, NULL,
};
