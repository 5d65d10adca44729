/* Sampling at the points of a grid, and grids of affine maps.
 *
 * Sources: GridSampler.cpp, AffineGridGenerator.cpp, derivatives.yaml. */
#include "core/kernel/grid_sample.h"
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- grid_sampler ---- */

static bool grid_check(Ctx *c, const Tensor *input, const Tensor *grid) {
    if (shape_size_dim(c, 0, input->ndim) < 0 || shape_size_dim(c, 0, grid->ndim) < 0)
        return false;
    const int dims = input->ndim - 2;
    if (input->sizes[0] != grid->sizes[0])
        error_raise(c, RuntimeError,
                    "grid_sampler(): expected grid and input to have same batch size, "
                    "but got input with sizes %s and grid with sizes %s",
                    shape_text(c, input), shape_text(c, grid));
    else if (grid->sizes[grid->ndim - 1] != dims)
        error_raise(c, RuntimeError,
                    "grid_sampler(): expected grid to have size %d in last dimension, "
                    "but got grid with sizes %s",
                    dims, shape_text(c, grid));
    for (int i = 2; i < input->ndim && !ctx_failed(c); i++)
        if (input->sizes[i] <= 0)
            error_raise(c, RuntimeError,
                        "grid_sampler(): expected input to have non-empty spatial "
                        "dimensions, but input has sizes %s with dimension %d being "
                        "empty",
                        shape_text(c, input), i);
    return !ctx_failed(c);
}

static bool grid_dims_check(Ctx *c, const Tensor *input, const Tensor *grid, int dims,
                            int64_t mode) {
    if (input->ndim != dims + 2 || grid->ndim != dims + 2)
        error_raise(c, RuntimeError,
                    "grid_sampler(): expected %dD input and grid with same number of "
                    "dimensions, but got input with sizes %s and grid with sizes %s",
                    dims + 2, shape_text(c, input), shape_text(c, grid));
    else if (dims == 3 && mode == GRID_CUBIC)
        error_raise(c, RuntimeError,
                    "grid_sampler(): bicubic interpolation only supports 4D input");
    return !ctx_failed(c);
}

static bool grid_types_check(Ctx *c, const Tensor *input, const Tensor *grid,
                             int dims) {
    DType d = (DType)input->dtype;
    if (d != DT_float32 && d != DT_float64)
        error_raise(c, RuntimeError,
                    dims == 2 ? "grid_sampler_2d_cpu not implemented for %s"
                              : "\"grid_sampler3d_cpu\" not implemented for '%s'",
                    dtype_scalar_name(d));
    else
        scalar_type_check(c, d, (DType)grid->dtype);
    return !ctx_failed(c);
}

/* The call by arguments i (interpolation_mode), i + 1 (padding_mode), i + 2. Modes that
 * do not exist count as the last. */
static GridSample sample_of(const Call *k, int i, const Tensor *input,
                            const Tensor *grid) {
    const int dims = input->ndim - 2;
    int64_t mode = call_int(k, i), padding = call_int(k, i + 1);
    GridSample s = {.dims = dims,
                    .mode = mode == 0   ? GRID_LINEAR
                            : mode == 1 ? GRID_NEAREST
                                        : GRID_CUBIC,
                    .padding = padding == 0   ? GRID_ZEROS
                               : padding == 1 ? GRID_BORDER
                                              : GRID_REFLECTION,
                    .align_corners = call_bool(k, i + 2),
                    .images = input->sizes[0],
                    .channels = input->sizes[1],
                    .points = shape_numel(dims, grid->sizes + 1),
                    .in = {1, 1, 1}};
    memcpy(s.in + GRID_DIMS - dims, input->sizes + 2, (size_t)dims * sizeof *s.in);
    if (dims == 3 && s.mode == GRID_CUBIC) s.mode = GRID_NEAREST;
    return s;
}

/* All of these; the sizes of the result. */
static bool sampler_check(Ctx *c, const Tensor *input, const Tensor *grid, int dims,
                          int64_t mode, int64_t *sizes) {
    if (!grid_check(c, input, grid) || !grid_dims_check(c, input, grid, dims, mode) ||
        !grid_types_check(c, input, grid, dims))
        return false;
    sizes[0] = input->sizes[0];
    sizes[1] = input->sizes[1];
    memcpy(sizes + 2, grid->sizes + 1, (size_t)dims * sizeof *sizes);
    return true;
}

static Value sampler_forward(Ctx *c, Call *k, int dims) {
    Tensor *input = call_tensor(k, 0), *grid = call_tensor(k, 1);
    int64_t sizes[MAX_DIMS];
    if (!sampler_check(c, input, grid, dims, call_int(k, 2), sizes))
        return value_null();
    GridSample s = sample_of(k, 2, input, grid);
    DType d = (DType)input->dtype;
    Tensor *r = call_result(c, k, 0, d, dims + 2, sizes);
    Tensor *x = dense_of(c, input, d), *g = dense_of(c, grid, d);
    Tensor *y = dense_for(c, r, d);
    if (!x || !g || !y) return value_null();
    kernel_grid_sample(d, &s, tensor_data(x), tensor_data(g), tensor_data(y));
    return dense_give(r, y);
}

/* Arguments: grad_output, input, grid, interpolation_mode, padding_mode, align_corners,
 * output_mask. */
static Value sampler_back_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *input = call_tensor(k, 1);
    Tensor *grid = call_tensor(k, 2), *to[2] = {NULL, NULL};
    int64_t sizes[MAX_DIMS];
    if (!sampler_check(c, input, grid, grad->ndim - 2, call_int(k, 3), sizes) ||
        !saved_check(c, grad, (DType)input->dtype, grad->ndim, sizes))
        return value_null();
    GridSample s = sample_of(k, 3, input, grid);
    s.gradient = true;
    DType d = (DType)input->dtype;
    Tensor *r[2] = {NULL, NULL}, *like[2] = {input, grid};
    Tensor *in[3] = {dense_of(c, grad, d), dense_of(c, input, d), dense_of(c, grid, d)};
    for (int i = 0; i < 2; i++) {
        if (!dense_masked(k, 6, (size_t)i)) continue;
        r[i] = call_result(c, k, i, d, like[i]->ndim, like[i]->sizes);
        to[i] = dense_zeros_for(c, r[i], d);
    }
    if (ctx_failed(c)) return value_null();
    kernel_grid_sample_backward(d, &s, tensor_data(in[0]), tensor_data(in[1]),
                                tensor_data(in[2]), to[0] ? tensor_data(to[0]) : NULL,
                                to[1] ? tensor_data(to[1]) : NULL);
    Value pair[2];
    for (int i = 0; i < 2; i++) pair[i] = r[i] ? dense_give(r[i], to[i]) : value_none();
    return tuple_of(c, 2, pair);
}

static void sampler_backward(Ctx *c, Grad *g, const OpDef *back) {
    Value wanted[2] = {value_bool(grad_wanted(g, 0)), value_bool(grad_wanted(g, 1))};
    Value args[7] = {arg_tensor(g->grad),
                     arg_tensor(saved_tensor(c, g, 0)),
                     arg_tensor(saved_tensor(c, g, 1)),
                     saved_value(g, 2),
                     saved_value(g, 3),
                     saved_value(g, 4),
                     tuple_of(c, 2, wanted)};
    if (ctx_failed(c)) return;
    const Tuple *t = value_tuple(op_call(c, back, args));
    for (size_t i = 0; t && i < 2; i++) grad_set(g, i, value_tensor(t->items[i]));
}

#define GRID_ARGUMENTS "int interpolation_mode, int padding_mode, bool align_corners"

/* grid_sampler_Nd and its gradient, which has none. */
#define GRID_SAMPLER(n)                                                                \
    static Value grid_sampler_##n##d_forward(Ctx *c, Call *k) {                        \
        return sampler_forward(c, k, n);                                               \
    }                                                                                  \
    static const OpDef op_grid_sampler_##n##d_backward = {                             \
        .schema = "grid_sampler_" #n "d_backward(Tensor grad_output, Tensor input, "   \
                  "Tensor grid, " GRID_ARGUMENTS                                       \
                  ", bool[2] output_mask) -> (Tensor, Tensor)",                        \
        .doc = "The gradients of grid_sampler_" #n "d.",                               \
        .forms = OP_INTERNAL,                                                          \
        .traits = OP_DERIVATIVE_MISSING,                                               \
        .forward = sampler_back_forward,                                               \
    };                                                                                 \
    static void grid_sampler_##n##d_backward(Ctx *c, Grad *g) {                        \
        sampler_backward(c, g, &op_grid_sampler_##n##d_backward);                      \
    }                                                                                  \
    static const OpDef op_grid_sampler_##n##d = {                                      \
        .schema = "grid_sampler_" #n "d(Tensor input, Tensor grid, " GRID_ARGUMENTS    \
                  ") -> Tensor",                                                       \
        .doc = "input at the points of grid, over " #n " dimensions.",                 \
        .forms = OP_FUNCTION,                                                          \
        .saves = "input grid interpolation_mode padding_mode align_corners",           \
        .node = "GridSampler" #n "DBackward0",                                         \
        .forward = grid_sampler_##n##d_forward,                                        \
        .backward = grid_sampler_##n##d_backward,                                      \
    };

GRID_SAMPLER(2)
GRID_SAMPLER(3)

static Value grid_sampler_forward(Ctx *c, Call *k) {
    Tensor *input = call_tensor(k, 0), *grid = call_tensor(k, 1);
    if (!grid_check(c, input, grid)) return value_null();
    return op_call(c, input->ndim == 4 ? &op_grid_sampler_2d : &op_grid_sampler_3d,
                   k->args);
}
static const OpDef op_grid_sampler = {
    .schema = "grid_sampler(Tensor input, Tensor grid, " GRID_ARGUMENTS ") -> Tensor",
    .doc = "input at the points of grid: modes 0 linear, 1 nearest, 2 cubic; outside 0 "
           "zeros, 1 the border, 2 mirrored.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = grid_sampler_forward,
    .example = "torch.grid_sampler(x, x[..., :2], 0, 0, False)",
};

/* ---- affine_grid_generator ---- */

/* n places from -1 to 1; unless corners are aligned, the centers of n equal parts. */
static Tensor *steps(Ctx *c, const Tensor *theta, int64_t n, bool align_corners) {
    const DType d = (DType)theta->dtype;
    if (n <= 1) return tensor_scalar(c, d, value_int(0));
    Tensor *t = t_linspace(c, -1, 1, n, d);
    if (align_corners) return t;
    return t_div_scalar(c, t_mul_scalar(c, t, value_int(n - 1)), value_int(n));
}

/* The points of the output before the map: [n, sizes..., dims + 1], the last all 1. */
static Tensor *base_grid(Ctx *c, const Tensor *theta, int dims, const int64_t *size,
                         bool align_corners) {
    int64_t sizes[MAX_DIMS] = {size[0]};
    for (int d = 0; d < dims; d++) sizes[d + 1] = size[d + 2];
    sizes[dims + 1] = dims + 1;
    Tensor *grid = t_ones(c, dims + 2, sizes, (DType)theta->dtype);
    for (int d = 0; grid && d < dims; d++) {
        int64_t line[MAX_DIMS];
        for (int i = 0; i <= dims; i++) line[i] = i == d + 1 ? sizes[i] : 1;
        Tensor *at = steps(c, theta, sizes[d + 1], align_corners);
        Tensor *part = t_select(c, grid, -1, dims - 1 - d);
        if (at && at->ndim) at = t_reshape(c, at, dims + 1, line);
        if (at && part) tensor_copy(part, at);
    }
    return ctx_failed(c) ? NULL : grid;
}

/* theta [n, dims, dims + 1], size [n, channels, sizes...] -> [n, sizes..., dims]. */
static Value affine_grid_forward(Ctx *c, Call *k) {
    Tensor *theta = call_tensor(k, 0);
    int64_t size[MAX_DIMS], sizes[MAX_DIMS];
    int n = dense_call_ints(c, k, 1, size, MAX_DIMS);
    if (n < 0) return value_null();
    if (n != 4 && n != 5)
        return value_raise(c, RuntimeError,
                           "AffineGridGenerator needs 4d (spatial) or 5d (volumetric) "
                           "inputs.");
    const int dims = n - 2;
    Tensor *grid = base_grid(c, theta, dims, size, call_bool(k, 2));
    if (!grid) return value_null();
    int64_t flat[3] = {size[0], shape_numel(dims, size + 2), dims + 1};
    Tensor *t = t_bmm(c, t_view(c, grid, 3, flat), t_transpose(c, theta, 1, 2));
    sizes[0] = size[0];
    memcpy(sizes + 1, size + 2, (size_t)dims * sizeof *sizes);
    sizes[dims + 1] = dims;
    t = t_view(c, t, dims + 2, sizes);
    Tensor *r = t ? call_result(c, k, 0, (DType)t->dtype, t->ndim, t->sizes) : NULL;
    if (r) tensor_copy(r, t);
    return value_obj(r);
}

/* The map's own gradient: base grid^T grad, transposed. */
static void affine_grid_backward(Ctx *c, Grad *g) {
    int64_t size[MAX_DIMS];
    const int dims = saved_ints(g, 0, size, MAX_DIMS) - 2;
    Tensor *grid = base_grid(c, g->grad, dims, size, saved_bool(g, 1));
    int64_t flat[3] = {size[0], shape_numel(dims, size + 2), dims + 1};
    Tensor *points = t_transpose(c, t_view(c, grid, 3, flat), 1, 2);
    flat[2] = dims;
    Tensor *t = t_bmm(c, points, t_reshape(c, g->grad, 3, flat));
    grad_set(g, 0, t_transpose(c, t, 1, 2));
}
static const OpDef op_affine_grid_generator = {
    .schema = "affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> "
              "Tensor",
    .doc = "The points, mapped by theta, of an output of the size given.",
    .forms = OP_FUNCTION,
    .saves = "size align_corners",
    .forward = affine_grid_forward,
    .backward = affine_grid_backward,
    .example = "torch.affine_grid_generator(x[0, :1, :2, :3], [1, 1, 2, 2], False)",
};

const OpDef *const grid_sample_ops[] = {
    &op_grid_sampler,
    &op_grid_sampler_2d,
    &op_grid_sampler_3d,
    &op_grid_sampler_2d_backward,
    &op_grid_sampler_3d_backward,
    &op_affine_grid_generator,
    NULL,
};
