/* Sliding blocks as columns (im2col, col2im: unfold and fold of images), and elements
 * moved between channels and space (pixel_shuffle, pixel_unshuffle, channel_shuffle).
 *
 * Sources: Im2Col.cpp, Col2Im.cpp, im2col_shape_check.h, PixelShuffle.cpp,
 * ChanelShuffle.cpp, derivatives.yaml. */
#include "core/kernel/columns.h"
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

static const OpDef op_im2col, op_col2im, op_pixel_shuffle, op_pixel_unshuffle;

#define PAIR "(%" PRId64 ", %" PRId64 ")"

/* ---- blocks ---- */

typedef struct Blocks {
    int64_t kernel[2], dilation[2], pad[2], stride[2];
} Blocks;

static bool read_pair(Ctx *c, const Call *k, int i, const char *name, int64_t *out) {
    int64_t given[MAX_DIMS];
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n < 0) return false;
    if (n != 2) {
        error_raise(c, RuntimeError, "It is expected %s equals to 2, but got size %d",
                    name, n);
        return false;
    }
    memcpy(out, given, 2 * sizeof *out);
    return true;
}

static bool read_blocks(Ctx *c, const Call *k, int i, Blocks *b) {
    return read_pair(c, k, i, "kernel_size", b->kernel) &&
           read_pair(c, k, i + 1, "dilation", b->dilation) &&
           read_pair(c, k, i + 2, "padding", b->pad) &&
           read_pair(c, k, i + 3, "stride", b->stride);
}

static bool at_least(Ctx *c, const int64_t *pair, int64_t least, const char *what,
                     const char *name) {
    if (pair[0] >= least && pair[1] >= least) return true;
    error_raise(c, RuntimeError,
                "%s should be %s, but got %s_height: %" PRId64 " %s_width: %" PRId64,
                what, least ? "greater than zero" : "non-negative", name, pair[0], name,
                pair[1]);
    return false;
}

static bool stride_check(Ctx *c, const Blocks *b) {
    return at_least(c, b->stride, 1, "stride", "stride");
}
static bool dilation_check(Ctx *c, const Blocks *b) {
    return at_least(c, b->dilation, 1, "dilation", "dilation");
}
static bool pad_check(Ctx *c, const Blocks *b) {
    return at_least(c, b->pad, 0, "padding", "pad");
}
static bool kernel_check(Ctx *c, const Blocks *b) {
    return at_least(c, b->kernel, 1, "kernel size", "kernel");
}

/* How often the window fits along dimension i of n elements. */
static int64_t block_count(const Blocks *b, int i, int64_t n) {
    int64_t room = n + 2 * b->pad[i] - b->dilation[i] * (b->kernel[i] - 1) - 1;
    int64_t s = b->stride[i];
    return (room >= 0 ? room / s : -((s - 1 - room) / s)) + 1;
}

/* Whether the elements of the columns of an image [channels, size] can be counted. */
static bool count_check(Ctx *c, const Blocks *b, int64_t channels,
                        const int64_t *size) {
    const int64_t factors[] = {b->kernel[0], b->kernel[1], block_count(b, 0, size[0]),
                               block_count(b, 1, size[1]), channels};
    if (!shape_overflows(5, factors)) return true;
    error_raise(c, RuntimeError, "numel: integer multiplication overflow");
    return false;
}

/* The window over an image [channels, size]. */
static Columns columns_of(const Blocks *b, int64_t channels, const int64_t *size) {
    Columns s = {channels, {slide_of_one}};
    for (int i = 0; i < 2; i++)
        s.dims[i + 1] = (Slide){size[i],      block_count(b, i, size[i]),
                                b->kernel[i], b->stride[i],
                                b->pad[i],    b->dilation[i]};
    return s;
}

/* Moves between `images` images and as many blocks of columns. */
static void move_images(DType d, const Columns *s, int64_t images, char *x,
                        char *columns, bool back) {
    const int64_t size = (int64_t)dtype_size(d);
    const int64_t image = s->channels * columns_in(s) * size;
    const int64_t block = s->channels * columns_kernel(s) * columns_out(s) * size;
    for (int64_t i = 0; i < images; i++, x += image, columns += block) {
        if (back)
            kernel_col2im(d, s, columns, x);
        else
            kernel_im2col(d, s, x, columns);
    }
}

/* ---- im2col ---- */

static bool image_check(Ctx *c, const Tensor *self) {
    if (shape_size_dim(c, 1, self->ndim) < 0 || shape_size_dim(c, 2, self->ndim) < 0)
        return false;
    bool fits = self->ndim == 3 || self->ndim == 4;
    for (int i = self->ndim == 4; fits && i < self->ndim; i++)
        fits = self->sizes[i] != 0;
    if (fits) return true;
    error_raise(c, RuntimeError,
                "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and "
                "other non-zero dimensions for input, but got: %s",
                shape_text(c, self));
    return false;
}

/* The message has the height twice, as PyTorch's has. */
static bool block_count_check(Ctx *c, const Blocks *b, const int64_t *size) {
    int64_t high = block_count(b, 0, size[0]), wide = block_count(b, 1, size[1]);
    if (high >= 1 && wide >= 1) return true;
    error_raise(c, RuntimeError,
                "Given input with spatial size " PAIR ", kernel_size=" PAIR
                ", dilation=" PAIR ", padding=" PAIR
                ", calculated shape of the array of sliding blocks as " PAIR
                ", but its components must be at least one.",
                size[0], size[0], b->kernel[0], b->kernel[1], b->dilation[0],
                b->dilation[1], b->pad[0], b->pad[1], high, wide);
    return false;
}

/* A kernel of PyTorch's writes to out= in the dtype of the input. */
static bool columns_out_check(Ctx *c, const Call *k, DType d) {
    return k->form != CALL_OUT || dtype_is_integral(d, true) ||
           scalar_type_check(c, d, (DType)k->target[0]->dtype);
}

/* self [n, channels, h, w] -> [n, channels * kernel, blocks]; n may be missing. */
static Value im2col_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Blocks b;
    DType d = (DType)self->dtype;
    if (!read_blocks(c, k, 1, &b) || !kernel_check(c, &b) || !dilation_check(c, &b) ||
        !pad_check(c, &b) || !stride_check(c, &b) || !image_check(c, self))
        return value_null();
    const int64_t *size = self->sizes + self->ndim - 2;
    if (!block_count_check(c, &b, size) || !count_check(c, &b, size[-1], size))
        return value_null();
    Columns s = columns_of(&b, size[-1], size);
    int64_t sizes[3] = {self->sizes[0], size[-1] * columns_kernel(&s), columns_out(&s)};
    int batch = self->ndim - 3;
    if (!columns_out_check(c, k, d)) return value_null();
    Tensor *r = call_result(c, k, 0, d, 2 + batch, sizes + 1 - batch);
    if (!r || dtype_refused(c, "im2col_out_cpu", DTYPES_INTEGRAL, d))
        return value_null();
    Tensor *in = dense_of(c, self, d), *out = dense_for(c, r, d);
    if (in && out)
        move_images(d, &s, dense_planes(self, 3), tensor_data(in), tensor_data(out),
                    false);
    return in ? dense_give(r, out) : value_null();
}
static void im2col_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    if (!self) return;
    grad_set(g, 0,
             op_tensor(c, &op_col2im,
                       (Value[]){arg_tensor(g->grad),
                                 arg_ints(c, 2, self->sizes + self->ndim - 2),
                                 saved_value(g, 1), saved_value(g, 2),
                                 saved_value(g, 3), saved_value(g, 4)}));
}
static const OpDef op_im2col = {
    .schema =
        "im2col(Tensor self, int[2] kernel_size, int[2] dilation, int[2] padding, "
        "int[2] stride) -> Tensor",
    .doc = "The blocks that a sliding window sees, each as a column.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_QUIET,
    .saves = "self kernel_size dilation padding stride",
    .node = "Im2ColBackward0",
    .forward = im2col_forward,
    .backward = im2col_backward,
    .example = "torch._C._nn.im2col(x, [2, 2], [1, 1], [0, 0], [2, 2])",
};

/* ---- col2im ---- */

static bool blocks_input_check(Ctx *c, const Tensor *self) {
    bool batch = self->ndim == 3;
    bool fits = batch || self->ndim == 2;
    for (int i = batch; fits && i < self->ndim; i++) fits = self->sizes[i] != 0;
    if (fits) return true;
    error_raise(c, RuntimeError,
                "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch "
                "size and non-zero dimensions for input, but got: %s",
                shape_text(c, self));
    return false;
}

/* rows and blocks: the last two sizes of the input. */
static bool blocks_fit_check(Ctx *c, const Blocks *b, const int64_t *size, int64_t rows,
                             int64_t blocks) {
    int64_t high = block_count(b, 0, size[0]), wide = block_count(b, 1, size[1]);
    if (rows % (b->kernel[0] * b->kernel[1]))
        error_raise(c, RuntimeError,
                    "Expected size of input's dimension 1 to be divisible by the "
                    "product of kernel_size, but got input.size(1)=%" PRId64
                    " and kernel_size=" PAIR ".",
                    rows, b->kernel[0], b->kernel[1]);
    else if (blocks != high * wide)
        error_raise(c, RuntimeError,
                    "Given output_size=" PAIR ", kernel_size=" PAIR ", dilation=" PAIR
                    ", padding=" PAIR ", stride=" PAIR
                    ", expected size of input's dimension 2 to match the calculated "
                    "number of sliding blocks %" PRId64 " * %" PRId64 " = %" PRId64
                    ", but got input.size(2)=%" PRId64 ".",
                    size[0], size[1], b->kernel[0], b->kernel[1], b->dilation[0],
                    b->dilation[1], b->pad[0], b->pad[1], b->stride[0], b->stride[1],
                    high, wide, high * wide, blocks);
    else if (size[0] < 1 || size[1] < 1)
        error_raise(
            c, RuntimeError,
            "Expected output spatial size to be positive, but got: output_size=" PAIR
            ".",
            size[0], size[1]);
    return !ctx_failed(c);
}

/* self [n, channels * kernel, blocks] -> [n, channels, output_size]: each element the
 * sum of what the blocks hold of it; n may be missing. */
static Value col2im_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Blocks b;
    int64_t sizes[4];
    DType d = (DType)self->dtype;
    if (!read_pair(c, k, 1, "output_size", sizes + 2) || !read_blocks(c, k, 2, &b) ||
        !kernel_check(c, &b) || !stride_check(c, &b) || !dilation_check(c, &b) ||
        !pad_check(c, &b) || !blocks_input_check(c, self))
        return value_null();
    int batch = self->ndim - 2;
    int64_t rows = self->sizes[batch], blocks = self->sizes[batch + 1];
    if (!count_check(c, &b, 1, sizes + 2) ||
        !blocks_fit_check(c, &b, sizes + 2, rows, blocks))
        return value_null();
    sizes[0] = self->sizes[0];
    sizes[1] = rows / (b.kernel[0] * b.kernel[1]);
    Columns s = columns_of(&b, sizes[1], sizes + 2);
    if (!columns_out_check(c, k, d)) return value_null();
    Tensor *r = call_result(c, k, 0, d, 3 + batch, sizes + 1 - batch);
    if (!r || dtype_refused(c, "col2im_out_cpu", DTYPES_INTEGRAL, d))
        return value_null();
    Tensor *in = dense_of(c, self, d), *out = dense_zeros_for(c, r, d);
    if (in && out)
        move_images(d, &s, batch ? sizes[0] : 1, tensor_data(out), tensor_data(in),
                    true);
    return in ? dense_give(r, out) : value_null();
}
static void col2im_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_im2col,
                  (Value[]){arg_tensor(g->grad), saved_value(g, 0), saved_value(g, 1),
                            saved_value(g, 2), saved_value(g, 3)}));
}
static const OpDef op_col2im = {
    .schema = "col2im(Tensor self, SymInt[2] output_size, int[2] kernel_size, int[2] "
              "dilation, int[2] padding, int[2] stride) -> Tensor",
    .doc = "Images whose elements are the sums of the blocks that hold them.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_QUIET,
    .saves = "kernel_size dilation padding stride",
    .node = "Col2ImBackward0",
    .forward = col2im_forward,
    .backward = col2im_backward,
    .example = "torch._C._nn.col2im(x[0], [3, 3], [2, 2], [1, 1], [0, 0], [1, 1])",
};

/* ---- pixel_shuffle, pixel_unshuffle ---- */

/* Result 0 of k: t's elements in t's order, as `sizes`. */
static Value give_as(Ctx *c, Call *k, Tensor *t, int ndim, const int64_t *sizes) {
    Tensor *r = t ? call_result(c, k, 0, (DType)t->dtype, ndim, sizes) : NULL;
    Tensor *shaped = r ? t_reshape(c, t, ndim, sizes) : NULL;
    if (!shaped) return value_null();
    tensor_copy(r, shaped);
    return value_obj(r);
}

/* self with its last three dimensions split into five, these brought into another
 * order, and merged to three. */
static Value shuffled(Ctx *c, Call *k, const int64_t *split, const int *order,
                      const int64_t *merged) {
    Tensor *self = call_tensor(k, 0);
    const int lead = self->ndim - 3;
    int64_t from[MAX_DIMS], to[MAX_DIMS], dims[MAX_DIMS];
    for (int i = 0; i < lead; i++) {
        from[i] = to[i] = self->sizes[i];
        dims[i] = i;
    }
    for (int i = 0; i < 5; i++) {
        from[lead + i] = split[i];
        dims[lead + i] = lead + order[i];
    }
    for (int i = 0; i < 3; i++) to[lead + i] = merged[i];
    Tensor *t = t_permute(c, t_reshape(c, self, lead + 5, from), lead + 5, dims);
    return give_as(c, k, t, self->ndim, to);
}

static bool shuffle_check(Ctx *c, const Tensor *self, const char *name, int64_t factor,
                          const char *factor_name) {
    if (self->ndim < 3)
        error_raise(c, RuntimeError,
                    "%s expects input to have at least 3 dimensions, but got input "
                    "with %d dimension(s)",
                    name, self->ndim);
    else if (factor <= 0)
        error_raise(c, RuntimeError, "%s expects a positive %s, but got %" PRId64, name,
                    factor_name, factor);
    return !ctx_failed(c);
}

/* self [..., channels * r * r, h, w] -> [..., channels, h * r, w * r]. */
static Value pixel_shuffle_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t r = call_int(k, 1);
    if (!shuffle_check(c, self, "pixel_shuffle", r, "upscale_factor"))
        return value_null();
    const int64_t *last = self->sizes + self->ndim - 3;
    if (r > INT32_MAX || last[0] % (r * r))
        return value_raise(c, RuntimeError,
                           "pixel_shuffle expects its input's 'channel' dimension to "
                           "be divisible by the square of upscale_factor, but "
                           "input.size(-3)=%" PRId64 " is not divisible by %" PRId64,
                           last[0], (int64_t)((uint64_t)r * (uint64_t)r));
    const int64_t channels = last[0] / (r * r), h = last[1], w = last[2];
    const int64_t split[5] = {channels, r, r, h, w};
    const int64_t merged[3] = {channels, h * r, w * r};
    return shuffled(c, k, split, (const int[5]){0, 3, 1, 4, 2}, merged);
}
static void pixel_shuffle_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, &op_pixel_unshuffle,
                       (Value[]){arg_tensor(g->grad), saved_value(g, 0)}));
}
static const OpDef op_pixel_shuffle = {
    .schema = "pixel_shuffle(Tensor self, int upscale_factor) -> Tensor",
    .doc = "Channels spread over space: each r * r of them make blocks of r by r.",
    .forms = OP_FUNCTION,
    .saves = "upscale_factor",
    .forward = pixel_shuffle_forward,
    .backward = pixel_shuffle_backward,
    .example = "torch.pixel_shuffle(x.reshape(4, 2, 2), 2)",
};

static bool unshuffle_check(Ctx *c, int64_t size, int64_t r, const char *name,
                            int dim) {
    if (size % r == 0) return true;
    error_raise(c, RuntimeError,
                "pixel_unshuffle expects %s to be divisible by downscale_factor, but "
                "input.size(%d)=%" PRId64 " is not divisible by %" PRId64,
                name, dim, size, r);
    return false;
}

/* self [..., channels, h * r, w * r] -> [..., channels * r * r, h, w]. */
static Value pixel_unshuffle_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t r = call_int(k, 1);
    if (!shuffle_check(c, self, "pixel_unshuffle", r, "downscale_factor"))
        return value_null();
    const int64_t *last = self->sizes + self->ndim - 3;
    if (!unshuffle_check(c, last[1], r, "height", -2) ||
        !unshuffle_check(c, last[2], r, "width", -1))
        return value_null();
    if (self->numel == 0) /* keeps its shape in PyTorch */
        return give_as(c, k, self, self->ndim, self->sizes);
    const int64_t channels = last[0], h = last[1] / r, w = last[2] / r;
    const int64_t split[5] = {channels, h, r, w, r};
    const int64_t merged[3] = {channels * r * r, h, w};
    return shuffled(c, k, split, (const int[5]){0, 2, 4, 1, 3}, merged);
}
static void pixel_unshuffle_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, &op_pixel_shuffle,
                       (Value[]){arg_tensor(g->grad), saved_value(g, 0)}));
}
static const OpDef op_pixel_unshuffle = {
    .schema = "pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor",
    .doc = "Blocks of r by r elements gathered in r * r channels.",
    .forms = OP_FUNCTION,
    .saves = "downscale_factor",
    .forward = pixel_unshuffle_forward,
    .backward = pixel_unshuffle_backward,
    .example = "torch.pixel_unshuffle(x, 2)",
};

/* ---- channel_shuffle ---- */

/* The kernel by itself takes channels without anything behind them. */
static bool channel_check(Ctx *c, const Tensor *self, int64_t groups, bool native) {
    if (native && self->ndim < 2)
        shape_size_dim(c, self->ndim, self->ndim);
    else if (!native && self->ndim <= 2)
        error_raise(c, RuntimeError,
                    "channel_shuffle expects input with > 2 dims, but got input with "
                    "sizes %s",
                    shape_text(c, self));
    else if (groups <= 0)
        error_raise(c, RuntimeError,
                    "Number of groups to divide channels in must be positive. Value of "
                    "groups:%" PRId64,
                    groups);
    else if (native ? self->sizes[1] < groups : self->sizes[1] % groups)
        error_raise(c, RuntimeError,
                    "Number of channels must be divisible by groups. Got %" PRId64
                    " channels and %" PRId64 " groups.",
                    self->sizes[1], groups);
    return !ctx_failed(c);
}

/* self [n, c, rest], where c is no multiple of groups: PyTorch's kernel leaves out the
 * last channels and begins again at the end. */
static Tensor *shuffle_cyclic(Ctx *c, Tensor *self, int64_t groups, int64_t rest) {
    int64_t sizes[3] = {self->sizes[0], self->sizes[1], rest}, each = sizes[1] / groups;
    int64_t flat[2] = {-1, rest}, planes = sizes[0] * sizes[1];
    Tensor *t = t_narrow(c, t_reshape(c, self, 3, sizes), 1, 0, groups * each);
    t = t_reshape(c, t, 4, (int64_t[]){sizes[0], groups, each, rest});
    t = t_reshape(c, t_transpose(c, t, 1, 2), 2, flat);
    if (!t || t->numel == 0) return t;
    while (t && t->sizes[0] < planes) t = t_cat_pair(c, t, t, 0);
    return t_narrow(c, t, 0, 0, planes);
}

/* self [n, groups * each, ...] -> [n, each * groups, ...]: the first of every group,
 * then the second ... */
static Value channel_shuffle(Ctx *c, Call *k, bool native) {
    Tensor *self = call_tensor(k, 0);
    int64_t groups = call_int(k, 1);
    if (!channel_check(c, self, groups, native)) return value_null();
    int64_t rest = shape_numel(self->ndim - 2, self->sizes + 2);
    int64_t sizes[4] = {self->sizes[0], groups, self->sizes[1] / groups, rest};
    if (self->numel && self->sizes[1] % groups)
        return give_as(c, k, shuffle_cyclic(c, self, groups, rest), self->ndim,
                       self->sizes);
    Tensor *t = t_transpose(c, t_reshape(c, self, 4, sizes), 1, 2);
    return give_as(c, k, t, self->ndim, self->sizes);
}
static Value channel_shuffle_forward(Ctx *c, Call *k) {
    return channel_shuffle(c, k, false);
}
static Value native_channel_shuffle_forward(Ctx *c, Call *k) {
    return channel_shuffle(c, k, true);
}
static const OpDef op_channel_shuffle = {
    .schema = "channel_shuffle(Tensor self, int groups) -> Tensor",
    .doc = "Channels of groups, interleaved.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .node = "channel_shuffle",
    .forward = channel_shuffle_forward,
    .example = "torch.channel_shuffle(x.reshape(1, 4, 2, 2), 2)",
};
static const OpDef op_native_channel_shuffle = {
    .schema = "native_channel_shuffle(Tensor self, int groups) -> Tensor",
    .doc = "Another name of channel_shuffle.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = native_channel_shuffle_forward,
    .example = "torch.native_channel_shuffle(x.reshape(1, 4, 2, 2), 2)",
};

const OpDef *const fold_ops[] = {
    &op_im2col,
    &op_col2im,
    &op_pixel_shuffle,
    &op_pixel_unshuffle,
    &op_channel_shuffle,
    &op_native_channel_shuffle,
    NULL,
};
