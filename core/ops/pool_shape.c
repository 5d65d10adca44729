/* See pool_shape.h.  Source: Pool.h. */
#include "pool_shape.h"

#include "dense.h"
#include "ops.h"

#include <inttypes.h>

/* ---- reading ---- */

static bool read_list(Ctx *c, const Call *k, int i, const PoolWords *w,
                      const char *argument, const char *verb, int64_t *out) {
    int64_t given[MAX_DIMS];
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n < 0) return false;
    if (n != 1 && n != w->dims) {
        error_raise(c, RuntimeError, "%s: %s %s a single int, or a tuple of %s ints",
                    w->name, argument, verb, w->dims == 2 ? "two" : "three");
        return false;
    }
    for (int j = 0; j < w->dims; j++)
        out[POOL_DIMS - w->dims + j] = given[n == 1 ? 0 : j];
    return true;
}

/* No strides stand for those of the kernel. */
static bool read_stride(Ctx *c, const Call *k, int i, const PoolWords *w,
                        PoolShape *s) {
    int64_t given[MAX_DIMS];
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n) return n > 0 && read_list(c, k, i, w, "stride", w->stride, s->stride);
    for (int j = 0; j < POOL_DIMS; j++) s->stride[j] = s->kernel[j];
    return true;
}

PoolShape pool_shape_of_one(int dims) {
    return (PoolShape){dims,      {1, 1, 1}, {1, 1, 1}, {0, 0, 0},
                       {1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
}

bool pool_read(Ctx *c, const Call *k, int i, const PoolWords *w, PoolShape *s) {
    *s = pool_shape_of_one(w->dims);
    return read_list(c, k, i, w, "kernel_size", w->kernel, s->kernel) &&
           read_stride(c, k, i + 1, w, s) &&
           read_list(c, k, i + 2, w, "padding", w->padding, s->pad) &&
           (!w->dilation ||
            read_list(c, k, i + 3, w, "dilation", w->dilation, s->dilation));
}

/* ---- sizes ---- */

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* Places of the result along one dimension; RuntimeErrors for a bad stride or pad. */
static bool pool_places(Ctx *c, int64_t in, int64_t kernel, int64_t stride, int64_t pad,
                        int64_t dilation, bool ceil_mode, int64_t *out) {
    if (stride == 0)
        error_raise(c, RuntimeError, "stride should not be zero");
    else if (pad < 0)
        error_raise(c, RuntimeError, "pad must be non-negative, but got pad: %" PRId64,
                    pad);
    else if (pad > kernel / 2)
        error_raise(c, RuntimeError,
                    "pad should be at most half of kernel size, but got pad=%" PRId64
                    " and kernel_size=%" PRId64,
                    pad, kernel);
    if (ctx_failed(c)) return false;
    int64_t room = in + 2 * pad - dilation * (kernel - 1) - 1;
    *out = floor_div(room + (ceil_mode ? stride - 1 : 0), stride) + 1;
    /* The last window begins within the array or the padding before it. */
    if (ceil_mode && (*out - 1) * stride >= in + pad) --*out;
    return true;
}

bool pool_sizes(Ctx *c, const Tensor *self, bool ceil_mode, PoolShape *s) {
    const int first = POOL_DIMS - s->dims;
    for (int i = first; i < POOL_DIMS; i++) {
        s->in[i] = self->sizes[self->ndim - POOL_DIMS + i];
        if (!pool_places(c, s->in[i], s->kernel[i], s->stride[i], s->pad[i],
                         s->dilation[i], ceil_mode, &s->out[i]))
            return false;
    }
    return true;
}

/* ---- checks ---- */

/* Adds "kT: 1 kH: 1 kW: 1", or without the T. */
static void put_sizes(Buf *b, const char *prefix, const int64_t *sizes, int dims) {
    static const char letters[] = "THW";
    for (int i = POOL_DIMS - dims; i < POOL_DIMS; i++)
        buf_printf(b, "%s%s%c: %" PRId64, i > POOL_DIMS - dims ? " " : "", prefix,
                   letters[i], sizes[i]);
}

static bool all_positive(Ctx *c, const char *what, const char *prefix,
                         const int64_t *sizes, int dims) {
    bool positive = true;
    for (int i = 0; i < POOL_DIMS; i++) positive = positive && sizes[i] > 0;
    if (positive) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, "%s should be greater than zero, but got ", what);
    put_sizes(&b, prefix, sizes, dims);
    return dense_raise(c, &b);
}

/* Adds "(2x3x4)": channels and sizes. */
static void put_volume(Buf *b, int64_t channels, const int64_t *sizes, int dims) {
    buf_printf(b, "(%" PRId64, channels);
    for (int i = POOL_DIMS - dims; i < POOL_DIMS; i++)
        buf_printf(b, "x%" PRId64, sizes[i]);
    buf_putc(b, ')');
}

static bool output_check(Ctx *c, const Tensor *self, const PoolShape *s) {
    bool fits = true;
    for (int i = POOL_DIMS - s->dims; i < POOL_DIMS; i++) fits = fits && s->out[i] >= 1;
    if (fits) return true;
    const int64_t channels = self->sizes[self->ndim - s->dims - 1];
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "Given input size: ");
    put_volume(&b, channels, s->in, s->dims);
    buf_puts(&b, ". Calculated output size: ");
    put_volume(&b, channels, s->out, s->dims);
    buf_puts(&b, ". Output size is too small");
    return dense_raise(c, &b);
}

static bool image_check(Ctx *c, const Tensor *self) {
    bool fits = self->ndim == 3 || self->ndim == 4;
    for (int i = self->ndim == 4; fits && i < self->ndim; i++)
        fits = self->sizes[i] != 0;
    if (!fits)
        error_raise(c, RuntimeError,
                    "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch "
                    "size for input, but got:%s",
                    shape_text(c, self));
    return fits;
}

static bool volume_check(Ctx *c, const Tensor *self, const PoolWords *w,
                         const PoolShape *s) {
    for (int i = self->ndim == 5; i < self->ndim; i++) {
        if (self->sizes[i] > 0) continue;
        error_raise(c, RuntimeError,
                    "%s: Expected input's non-batch dimensions to have positive "
                    "length, but input has a shape of %s and non-batch dimension 0 has "
                    "length zero!",
                    w->checker, shape_text(c, self));
        return false;
    }
    bool fits = true;
    for (int i = 0; i < POOL_DIMS; i++) fits = fits && s->in[i] >= s->kernel[i];
    if (fits || !w->fits_unpadded) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "input image (");
    put_sizes(&b, "", s->in, s->dims);
    buf_puts(&b, ") smaller than kernel size (");
    put_sizes(&b, "k", s->kernel, s->dims);
    buf_putc(&b, ')');
    return dense_raise(c, &b);
}

bool pool_check(Ctx *c, const Tensor *self, const PoolWords *w, const PoolShape *s) {
    return all_positive(c, "kernel size", "k", s->kernel, s->dims) &&
           all_positive(c, "stride", "d", s->stride, s->dims) &&
           all_positive(c, "dilation", "dilation", s->dilation, s->dims) &&
           (w->dims == 2 ? image_check(c, self) : volume_check(c, self, w, s)) &&
           output_check(c, self, s);
}

/* ---- windows ---- */

static PoolWindow window_at(const PoolShape *s, int dim, int64_t place,
                            bool count_pad) {
    const int64_t in = s->in[dim], step = s->dilation[dim];
    int64_t begin = place * s->stride[dim] - s->pad[dim];
    int64_t end = begin + (s->kernel[dim] - 1) * step + 1;
    int64_t padded = end < in + s->pad[dim] ? end : in + s->pad[dim];
    PoolWindow w = {begin, end < in ? end : in, step, padded - begin};
    if (w.begin < 0) w.begin += (-w.begin + step - 1) / step * step;
    if (!count_pad) w.count = w.end - w.begin;
    return w;
}

bool pool_windows(Ctx *c, const Tensor *self, const PoolShape *s, bool count_pad,
                  Pooling *p) {
    *p = (Pooling){.planes = dense_planes(self, s->dims), .rounding = DT_none};
    for (int i = 0; i < POOL_DIMS; i++) {
        p->in[i] = s->in[i];
        p->out[i] = s->out[i];
        PoolWindow *windows = dense_scratch(c, s->out[i], sizeof *windows);
        if (!windows) return false;
        for (int64_t j = 0; j < s->out[i]; j++)
            windows[j] = window_at(s, i, j, count_pad);
        p->windows[i] = windows;
    }
    return true;
}

void pool_result_sizes(const Tensor *self, const PoolShape *s, int64_t *sizes) {
    const int lead = self->ndim - s->dims;
    for (int i = 0; i < self->ndim; i++)
        sizes[i] = i < lead ? self->sizes[i] : s->out[POOL_DIMS - self->ndim + i];
}

bool pool_grad_check(Ctx *c, const Tensor *grad, const Tensor *self, int dims) {
    PoolShape s = pool_shape_of_one(dims);
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < dims; i++)
        s.out[POOL_DIMS - dims + i] = grad->sizes[grad->ndim - dims + i];
    pool_result_sizes(self, &s, sizes);
    return saved_check(c, grad, (DType)grad->dtype, self->ndim, sizes);
}

Tensor *pool_result(Ctx *c, Call *k, int nr, DType d, const Tensor *self,
                    const PoolShape *s) {
    int64_t sizes[MAX_DIMS];
    pool_result_sizes(self, s, sizes);
    return call_result(c, k, nr, d, self->ndim, sizes);
}

/* ---- one dimension ---- */

bool pool_dims_1d(Ctx *c, const Tensor *self, const char *name) {
    if (self->ndim == 2 || self->ndim == 3) return true;
    error_raise(
        c, RuntimeError,
        "Expected 2 to 3 dimensions, but got %d-dimensional tensor for argument "
        "#1 'self' (while checking arguments for %s)",
        self->ndim, name);
    return false;
}

bool pool_one_int(Ctx *c, const Call *k, int i, const char *name, const char *argument,
                  const int64_t *fallback, int64_t *out) {
    int64_t given[MAX_DIMS];
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n < 0) return false;
    if (n == 1 || (n == 0 && fallback)) {
        *out = n ? given[0] : *fallback;
        return true;
    }
    error_raise(c, RuntimeError, "%s() argument '%s' should contain one int (got %d)",
                name, argument, n);
    return false;
}

Value pool_beside(Ctx *c, int64_t one, int64_t n) {
    return arg_ints(c, 2, (int64_t[]){one, n});
}
