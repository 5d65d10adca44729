/* max_unpool: puts the largest elements that max pooling took back to where they were.
 *
 * Sources: MaxUnpooling.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "dense.h"
#include "max_pool.h"
#include "ops.h"

#include <inttypes.h>

enum { NOT_FULL_FLOATING = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16 };

static bool unpool_check(Ctx *c, const Tensor *self, const Tensor *index, int dims) {
    if (index->dtype != DT_int64) {
        error_raise(c, RuntimeError, "elements in indices should be type int64%s%s",
                    dims == 2 ? " but got: " : "",
                    dims == 2 ? dtype_scalar_name((DType)index->dtype) : "");
        return false;
    }
    if (self->ndim != dims + 1 && self->ndim != dims + 2) {
        error_raise(
            c, RuntimeError,
            "Input to max_unpooling%dd should be a %dd or %dd Tensor, but got a "
            "tensor with %d dimensions.",
            dims, dims + 1, dims + 2, self->ndim);
        return false;
    }
    if (!tensor_same_sizes(self, index)) {
        error_raise(c, RuntimeError,
                    "Expected shape of indices to be same as that of the input tensor "
                    "(%s) but got indices tensor with shape: %s",
                    shape_text(c, self), shape_text(c, index));
        return false;
    }
    for (int i = 1; i < self->ndim; i++) {
        if (self->sizes[i] > 0) continue;
        error_raise(
            c, RuntimeError,
            "max_unpooling%dd_forward_out_cpu(): Expected input to have non-zero "
            "size for non-batch dimensions, but got %s with dimension %d being "
            "empty.",
            dims, shape_text(c, self), i);
        return false;
    }
    return true;
}

static bool unpool_places_check(Ctx *c, const Tensor *index, int dims,
                                const int64_t *out) {
    const int64_t *places = tensor_data(index), n = shape_numel(dims, out);
    for (int64_t i = 0; i < index->numel; i++) {
        if (places[i] >= 0 && places[i] < n) continue;
        Buf b;
        buf_init(&b, &c->mem);
        buf_printf(&b,
                   "Found an invalid max index: %" PRId64 " (output volumes are of "
                   "size ",
                   places[i]);
        for (int d = 0; d < dims; d++)
            buf_printf(&b, "%s%" PRId64, d ? "x" : "", out[d]);
        return dense_raise(c, &b);
    }
    return true;
}

/* self's elements at the places that index names in each plane of [..., out...]; zeros
 * elsewhere; the last one written stays. */
static Value unpool(Ctx *c, Call *k, int dims, const int64_t *out) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    static const char *const kernels[] = {"max_unpool2d", "max_unpool3d"};
    int64_t sizes[MAX_DIMS];
    const int lead = self->ndim - dims;
    DType d = (DType)self->dtype;
    for (int i = 0; i < self->ndim; i++)
        sizes[i] = i < lead ? self->sizes[i] : out[i - lead];
    Tensor *r = call_result(c, k, 0, d, self->ndim, sizes);
    if (!r || dtype_refused(c, kernels[dims - 2], NOT_FULL_FLOATING, d))
        return value_null();
    Tensor *places = dense_of(c, index, DT_int64), *in = dense_of(c, self, d);
    Tensor *to = dense_zeros_for(c, r, d);
    if (to && to->numel == 0) return dense_give(r, to);
    if (!places || !in || !to || !unpool_places_check(c, places, dims, out))
        return value_null();
    kernel_unpool(d, dense_planes(self, dims), shape_numel(dims, self->sizes + lead),
                  shape_numel(dims, out), tensor_data(places), tensor_data(in),
                  tensor_data(to));
    return dense_give(r, to);
}

static Value max_unpool2d_forward(Ctx *c, Call *k) {
    int64_t out[MAX_DIMS];
    int n = dense_call_ints(c, k, 2, out, MAX_DIMS);
    if (n < 0) return value_null();
    const Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    if (index->dtype == DT_int64 && n != 2)
        return value_raise(c, RuntimeError,
                           "There should be exactly two elements (height, width) in "
                           "output_size, but got %d elements.",
                           n);
    return unpool_check(c, self, index, 2) ? unpool(c, k, 2, out) : value_null();
}
static void max_unpool2d_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, pool_gather(c, g->grad, saved_tensor(c, g, 0), 2));
}
static const OpDef op_max_unpool2d = {
    .schema = "max_unpool2d(Tensor self, Tensor indices, int[2] output_size) -> Tensor",
    .doc = "self's elements at the places that max_pool2d_with_indices gave.",
    .forms = OP_NN | OP_OUT,
    .saves = "indices",
    .constants = "indices",
    .node = "MaxUnpool2DBackward0",
    .forward = max_unpool2d_forward,
    .backward = max_unpool2d_backward,
    .example = "torch._C._nn.max_unpool2d(*torch._C._nn.max_pool2d_with_indices(x, [2, "
               "2]), [4, 4])",
};

static bool three_ints(Ctx *c, const Call *k, int i, const char *text, int64_t *out) {
    int n = dense_call_ints(c, k, i, out, MAX_DIMS);
    if (n == 3 || n < 0) return n == 3;
    error_raise(
        c, RuntimeError,
        "There should be exactly three elements (depth, height, width) in %s %d "
        "elements.",
        text, n);
    return false;
}

static Value max_unpool3d_forward(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    int64_t out[MAX_DIMS], stride[MAX_DIMS], pad[MAX_DIMS];
    bool fits = self->ndim == 4 || self->ndim == 5;
    if (index->dtype == DT_int64 && fits &&
        (!three_ints(c, k, 2, "output_size, but got", out) ||
         !three_ints(c, k, 3, "stride, but got:", stride) ||
         !three_ints(c, k, 4, "padding, but got:", pad)))
        return value_null();
    if (!unpool_check(c, self, index, 3)) return value_null();
    if (stride[0] < 1 || stride[1] < 1 || stride[2] < 1)
        return value_raise(c, RuntimeError,
                           "strides should be greater than zero, but got stride: "
                           "[%" PRId64 ", %" PRId64 ", %" PRId64 "]",
                           stride[0], stride[1], stride[2]);
    return unpool(c, k, 3, out);
}
static void max_unpool3d_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, pool_gather(c, g->grad, saved_tensor(c, g, 0), 3));
}
static const OpDef op_max_unpool3d = {
    .schema = "max_unpool3d(Tensor self, Tensor indices, int[3] output_size, int[3] "
              "stride, int[3] padding) -> Tensor",
    .doc = "self's elements at the places that max_pool3d_with_indices gave.",
    .forms = OP_NN | OP_OUT,
    .saves = "indices",
    .constants = "indices",
    .node = "MaxUnpool3DBackward0",
    .forward = max_unpool3d_forward,
    .backward = max_unpool3d_backward,
    .example = "torch._C._nn.max_unpool3d(*torch._C._nn.max_pool3d_with_indices(x, [1, "
               "2, 2]), [1, 4, 4], [1, 2, 2], [0, 0, 0])",
};

const OpDef *const max_unpool_ops[] = {&op_max_unpool2d, &op_max_unpool3d, NULL};
