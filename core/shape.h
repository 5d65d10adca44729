/* shape: sizes and strides as plain arrays: broadcasting, contiguity, dimensions.
 *
 * Sizes and strides count elements, never bytes.  The functions that can fail raise
 * PyTorch's text and return false (or -1).
 */
#ifndef CORE_SHAPE_H
#define CORE_SHAPE_H

#include "value.h"

/* Arrays of MAX_DIMS have room for the dimensions of any tensor and for two more, which
 * operators add before they ask for the tensor of that shape, and are refused. */
enum { MAX_DIMS = 128, TENSOR_DIMS = MAX_DIMS - 2 };

/* A shape by value; what is behind ndim is undefined. */
typedef struct Shape {
    int ndim;
    int64_t dims[MAX_DIMS];
} Shape;

static inline void shape_set(Shape *s, int ndim, const int64_t *sizes) {
    s->ndim = ndim;
    for (int i = 0; i < ndim; i++) s->dims[i] = sizes[i];
}
/* RuntimeError for more dimensions than tensors have; false. */
bool shape_refuse_ndim(Ctx *c, int ndim);
static inline bool shape_ndim_check(Ctx *c, int ndim) {
    return ndim <= TENSOR_DIMS || shape_refuse_ndim(c, ndim);
}
/* The product of the sizes; any number where it overflows. */
int64_t shape_numel(int ndim, const int64_t *sizes);
/* Whether the product of the sizes is more than int64 holds. */
bool shape_overflows(int ndim, const int64_t *sizes);
/* Whether there is no tensor of these sizes: one is negative (as_strided allows that
 * beside a 0), or their product, a 0 counting as 1, is beyond all memory. So what
 * operators compute of the sizes and strides of tensors does not overflow, be they
 * empty or expanded. */
bool shape_refused(int ndim, const int64_t *sizes);
/* The strides of a contiguous tensor of these sizes (a size 0 counts as 1). */
void shape_contiguous_strides(int ndim, const int64_t *sizes, int64_t *strides);
bool shape_is_contiguous(int ndim, const int64_t *sizes, const int64_t *strides);
static inline bool shape_equal(int an, const int64_t *a, int bn, const int64_t *b) {
    if (an != bn) return false;
    for (int i = 0; i < an; i++)
        if (a[i] != b[i]) return false;
    return true;
}
/* More than one index of this shape reaches the same element. */
bool shape_overlaps(int ndim, const int64_t *sizes, const int64_t *strides);

/* "[2, 3]" for messages, owned by the pool; "" with MemoryError. */
const char *dims_text(Ctx *c, int n, const int64_t *dims);

/* *out = the broadcast of a and b; "The size of tensor a (3) must match the size of
 * tensor b (4) at non-singleton dimension 1". `out` may be `a`. */
bool shape_broadcast(Ctx *c, const Shape *a, const Shape *b, Shape *out);
/* Whether `from` can be broadcast to `to`. */
bool shape_expands_to(int fn, const int64_t *from, int tn, const int64_t *to);

/* The strides of a dense tensor in a format; contiguous for FORMAT_PRESERVE. False
 * after raising "required rank 4 tensor to use channels_last format". */
bool shape_format_strides(Ctx *c, MemoryFormat f, int ndim, const int64_t *sizes,
                          int64_t *strides);
/* Whether strides are those, but for dimensions of size 1. */
bool shape_in_format(MemoryFormat f, int ndim, const int64_t *sizes,
                     const int64_t *strides);

/* dim counted from the front: 0 <= result < ndim (a 0-d tensor counts as 1-d).
 * IndexError "Dimension out of range (expected to be in range of [-2, 1], but got 2)";
 * -1 on error. */
int shape_wrap_dim(Ctx *c, int64_t dim, int ndim);
/* The same as where PyTorch asks for a size, which a 0-d tensor does not have:
 * "Dimension specified as 0 but tensor has no dimensions". */
int shape_size_dim(Ctx *c, int64_t dim, int ndim);

/* Replaces one -1 among `sizes` so that they multiply to numel; "shape '[4, 2]' is
 * invalid for input of size 6", "only one dimension can be inferred". */
bool shape_infer(Ctx *c, int64_t numel, int ndim, int64_t *sizes);
/* Strides with which a tensor (sizes, strides) can be seen with new sizes without a
 * copy; false, without an error, when that is impossible. */
bool shape_view_strides(int ndim, const int64_t *sizes, const int64_t *strides,
                        int new_ndim, const int64_t *new_sizes, int64_t *new_strides);

#endif
