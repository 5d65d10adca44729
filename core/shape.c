/* See shape.h. */
#include "shape.h"

#include "ctx.h"

#include <inttypes.h>
#include <string.h>

bool shape_refuse_ndim(Ctx *c, int ndim) {
    error_raise(c, RuntimeError,
                "tensors of more than %d dimensions are not supported (got %d)",
                TENSOR_DIMS, ndim);
    return false;
}

int64_t shape_numel(int ndim, const int64_t *sizes) {
    uint64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= (uint64_t)sizes[i];
    return (int64_t)n;
}

bool shape_overflows(int ndim, const int64_t *sizes) {
    int64_t n = 1;
    for (int i = 0; i < ndim; i++)
        if (__builtin_mul_overflow(n, sizes[i], &n)) return true;
    return false;
}

bool shape_refused(int ndim, const int64_t *sizes) {
    const int64_t most = (int64_t)1 << 48;
    int64_t n = 1;
    bool negative = false, empty = false;
    for (int i = 0; i < ndim; i++) {
        negative |= sizes[i] < 0;
        empty |= sizes[i] == 0;
        if (__builtin_mul_overflow(n, sizes[i] ? sizes[i] : 1, &n)) return true;
        if (n > most || n < -most) return true;
    }
    return negative && !empty;
}

/* Sizes that nobody has checked yet may wrap. */
void shape_contiguous_strides(int ndim, const int64_t *sizes, int64_t *strides) {
    uint64_t step = 1;
    for (int i = ndim - 1; i >= 0; i--) {
        strides[i] = (int64_t)step;
        if (sizes[i] > 1) step *= (uint64_t)sizes[i];
    }
}

bool shape_is_contiguous(int ndim, const int64_t *sizes, const int64_t *strides) {
    int64_t step = 1;
    for (int i = 0; i < ndim; i++)
        if (sizes[i] == 0) return true;
    for (int i = ndim - 1; i >= 0; i--) {
        if (sizes[i] == 1) continue;
        if (strides[i] != step) return false;
        step *= sizes[i];
    }
    return true;
}

bool shape_overlaps(int ndim, const int64_t *sizes, const int64_t *strides) {
    /* Dimensions by growing stride: each must step over all that the former reach. */
    int order[MAX_DIMS], n = 0;
    for (int i = 0; i < ndim; i++) {
        if (sizes[i] == 0) return false;
        if (sizes[i] == 1) continue;
        int at = n++;
        for (; at > 0 && strides[order[at - 1]] > strides[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    int64_t reach = 0;
    for (int k = 0; k < n; k++) {
        int64_t stride = strides[order[k]];
        if (stride <= reach) return true;
        reach += stride * (sizes[order[k]] - 1);
    }
    return false;
}

bool shape_broadcast(Ctx *c, const Shape *a, const Shape *b, Shape *out) {
    int an = a->ndim, bn = b->ndim, n = out->ndim = an > bn ? an : bn;
    /* From the last on, so that a size is read before out, which may be a, has it. */
    for (int i = n - 1; i >= 0; i--) {
        int ia = i - (n - an), ib = i - (n - bn);
        int64_t da = ia >= 0 ? a->dims[ia] : 1, db = ib >= 0 ? b->dims[ib] : 1;
        if (da != db && da != 1 && db != 1) {
            error_raise(c, RuntimeError,
                        "The size of tensor a (%" PRId64 ") must match the size of "
                        "tensor b (%" PRId64 ") at non-singleton dimension %d",
                        da, db, i);
            return false;
        }
        out->dims[i] = da == 1 ? db : da;
    }
    return true;
}

bool shape_expands_to(int fn, const int64_t *from, int tn, const int64_t *to) {
    if (fn > tn) return false;
    for (int i = 0; i < fn; i++) {
        int64_t target = to[tn - fn + i];
        if (from[i] != target && from[i] != 1) return false;
    }
    return true;
}

static int wrap(Ctx *c, int64_t dim, int ndim) {
    if (dim < -ndim || dim >= ndim) {
        error_raise(c, IndexError,
                    "Dimension out of range (expected to be in range of [%d, %d], but "
                    "got %" PRId64 ")",
                    -ndim, ndim - 1, dim);
        return -1;
    }
    return (int)(dim < 0 ? dim + ndim : dim);
}

int shape_wrap_dim(Ctx *c, int64_t dim, int ndim) {
    return wrap(c, dim, ndim > 0 ? ndim : 1);
}

int shape_size_dim(Ctx *c, int64_t dim, int ndim) {
    if (ndim > 0) return wrap(c, dim, ndim);
    error_raise(c, IndexError,
                "Dimension specified as %" PRId64 " but tensor has no dimensions", dim);
    return -1;
}

const char *dims_text(Ctx *c, int n, const int64_t *dims) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_dims(&b, n, dims);
    return text_take(c, &b);
}

static bool invalid_shape(Ctx *c, int64_t numel, int ndim, const int64_t *sizes) {
    error_raise(c, RuntimeError, "shape '%s' is invalid for input of size %" PRId64,
                dims_text(c, ndim, sizes), numel);
    return false;
}

bool shape_infer(Ctx *c, int64_t numel, int ndim, int64_t *sizes) {
    int unknown = -1;
    int64_t product = 1;
    for (int i = 0; i < ndim; i++) {
        if (sizes[i] == -1) {
            if (unknown >= 0) {
                error_raise(c, RuntimeError, "only one dimension can be inferred");
                return false;
            }
            unknown = i;
        } else if (sizes[i] < 0) {
            error_raise(c, RuntimeError, "invalid shape dimension %" PRId64, sizes[i]);
            return false;
        } else if (__builtin_mul_overflow(product, sizes[i], &product)) {
            return invalid_shape(c, numel, ndim, sizes);
        }
    }
    if (unknown < 0) return numel == product || invalid_shape(c, numel, ndim, sizes);
    if (product == 0 && numel == 0) {
        error_raise(c, RuntimeError,
                    "cannot reshape tensor of 0 elements into shape %s because the "
                    "unspecified dimension size -1 can be any value and is ambiguous",
                    dims_text(c, ndim, sizes));
        return false;
    }
    if (product == 0 || numel % product) return invalid_shape(c, numel, ndim, sizes);
    sizes[unknown] = numel / product;
    return true;
}

/* The dimensions of a format from the innermost on: channels before what is spatial. */
static int format_dim(MemoryFormat f, int ndim, int i) {
    if (f == FORMAT_CONTIGUOUS || f == FORMAT_PRESERVE) return ndim - 1 - i;
    return i == 0 ? 1 : i == ndim - 1 ? 0 : ndim - i;
}
static int format_rank(MemoryFormat f) {
    return f == FORMAT_CHANNELS_LAST ? 4 : f == FORMAT_CHANNELS_LAST_3D ? 5 : -1;
}

bool shape_format_strides(Ctx *c, MemoryFormat f, int ndim, const int64_t *sizes,
                          int64_t *strides) {
    int rank = format_rank(f);
    if (rank < 0) {
        shape_contiguous_strides(ndim, sizes, strides);
        return true;
    }
    if (ndim != rank) {
        error_raise(c, RuntimeError, "required rank %d tensor to use %s format", rank,
                    rank == 4 ? "channels_last" : "channels_last_3d");
        return false;
    }
    int64_t step = 1;
    for (int i = 0; i < ndim; i++) {
        int d = format_dim(f, ndim, i);
        strides[d] = step;
        step *= sizes[d];
    }
    return true;
}

bool shape_in_format(MemoryFormat f, int ndim, const int64_t *sizes,
                     const int64_t *strides) {
    int64_t step = 1;
    int rank = format_rank(f);
    if (rank >= 0 && ndim != rank) return false;
    if (rank < 0 && shape_numel(ndim, sizes) == 0) return true;
    for (int i = 0; i < ndim; i++) {
        int d = format_dim(f, ndim, i);
        if (sizes[d] != 1 && strides[d] != step) return false;
        step *= sizes[d];
    }
    return true;
}

bool shape_view_strides(int ndim, const int64_t *sizes, const int64_t *strides,
                        int new_ndim, const int64_t *new_sizes, int64_t *new_strides) {
    int64_t numel = shape_numel(ndim, sizes);
    if (numel == 0) {
        if (shape_equal(ndim, sizes, new_ndim, new_sizes))
            memcpy(new_strides, strides, (size_t)ndim * sizeof *strides);
        else
            shape_contiguous_strides(new_ndim, new_sizes, new_strides);
        return true;
    }
    if (ndim == 0) {
        for (int i = 0; i < new_ndim; i++) new_strides[i] = 1;
        return true;
    }
    /* Walk both shapes from the back in chunks of the old one that lie evenly spaced;
     * every such chunk must be a product of new dimensions. */
    int at = new_ndim - 1;
    int64_t base = strides[ndim - 1], chunk = 1, taken = 1;
    for (int i = ndim - 1; i >= 0; i--) {
        chunk *= sizes[i];
        bool chunk_ends =
            i == 0 || (sizes[i - 1] != 1 && strides[i - 1] != chunk * base);
        if (!chunk_ends) continue;
        while (at >= 0 && (taken < chunk || new_sizes[at] == 1)) {
            new_strides[at] = taken * base;
            taken *= new_sizes[at--];
        }
        if (taken != chunk) return false;
        if (i > 0) {
            base = strides[i - 1];
            chunk = taken = 1;
        }
    }
    return at == -1;
}
