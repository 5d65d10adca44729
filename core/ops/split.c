/* Taking tensors apart along a dimension: unbind, split, chunk and relatives.
 *
 * The parts are views of self.  Those of unbind, split and split_with_sizes come from
 * one node and cannot be written in place; tensor_split and its relatives slice part by
 * part. Sources: TensorShape.cpp, derivatives.yaml. */
#include "ops.h"

#include <inttypes.h>

Value tensor_tuple(Ctx *c, size_t n) {
    return tuple_of(c, n, NULL);
}

bool tensor_tuple_put(Ctx *c, Value tuple, size_t i, Tensor *t) {
    if (!t || value_is_null(tuple)) return false;
    value_set(c, &value_tuple(tuple)->items[i], arg_tensor(t));
    return true;
}

/* ---- unbind ---- */

static Value unbind_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || shape_size_dim(c, dim, self->ndim) < 0) return value_null();
    Value parts = tensor_tuple(c, (size_t)self->sizes[dim]);
    for (int64_t i = 0; i < self->sizes[dim]; i++)
        if (!tensor_tuple_put(c, parts, (size_t)i, t_select(c, self, dim, i)))
            return value_null();
    return parts;
}

/* The gradients of all parts; zeros of the shape of part i where there is none. */
static Value whole_grads(Ctx *c, Grad *g) {
    Value list = tensor_tuple(c, g->n);
    for (size_t i = 0; i < g->n; i++) {
        const OutputMeta *m = &node_outputs(g->node)[i];
        Tensor *t = g->grads[i] ? g->grads[i]
                                : t_zeros(c, m->ndim, meta_sizes(m), (DType)m->dtype);
        if (!tensor_tuple_put(c, list, i, t)) return value_null();
    }
    return list;
}

static void unbind_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_stack(c, whole_grads(c, g), saved_int(g, 0)));
}
static const OpDef op_unbind = {
    .schema = "unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]",
    .doc = "The parts of self along a dimension, as a tuple of views.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "dim",
    .forward = unbind_forward,
    .backward = unbind_backward,
};
static const OpDef op_unbind_name = {
    .schema = "unbind.Dimname(Tensor(a -> *) self, Dimname dim) -> Tensor(a)[]",
    .forms = OP_FUNCTION | OP_METHOD,
};
Value t_unbind(Ctx *c, Tensor *self, int64_t dim) {
    return op_call(c, &op_unbind, (Value[]){arg_tensor(self), value_int(dim)});
}

/* ---- split, split_with_sizes, chunk ---- */

/* Views of self from each start to the next along dim. */
static Value slices_at(Ctx *c, Tensor *self, int dim, const int64_t *lengths,
                       size_t n) {
    Value parts = tensor_tuple(c, n);
    int64_t at = 0;
    for (size_t i = 0; i < n; at += lengths[i++])
        if (!tensor_tuple_put(c, parts, i,
                              t_slice(c, self, dim, at, at + lengths[i], 1)))
            return value_null();
    return parts;
}

static void split_backward_at(Ctx *c, Grad *g, int64_t dim) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    grad_set(g, 0, t_cat(c, whole_grads(c, g), dim < 0 ? dim + n : dim));
}

static Value split_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t size = call_int(k, 1);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "split expects at least a 1-dimensional tensor");
    if (size < 0)
        return value_raise(
            c, RuntimeError,
            "split expects split_size be non-negative, but got split_size=%" PRId64,
            size);
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0) return value_null();
    int64_t extent = self->sizes[dim];
    if (size == 0 && extent != 0)
        return value_raise(c, RuntimeError,
                           "split_size can only be 0 if dimension size is 0, but got "
                           "dimension size of %" PRId64,
                           extent);
    int64_t n = size && extent ? (extent - 1) / size + 1 : 1;
    int64_t *lengths = ctx_alloc(c, (size_t)n * sizeof *lengths);
    if (!lengths) return value_null();
    for (int64_t i = 0; i < n; i++)
        lengths[i] = i < n - 1 ? size : extent - size * (n - 1);
    Value parts = slices_at(c, self, dim, lengths, (size_t)n);
    ctx_free(c, lengths, (size_t)n * sizeof *lengths);
    return parts;
}
static void split_backward(Ctx *c, Grad *g) {
    split_backward_at(c, g, saved_int(g, 1));
}
static const OpDef op_split = {
    .schema =
        "split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[]",
    .doc = "Views of self of one size along a dimension, the last one smaller.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "self.sizes dim split_size",
    .forward = split_forward,
    .backward = split_backward,
};
/* Whether the sizes make up `size`, that of the dimension which the call named dim. */
static bool split_sizes_fit(Ctx *c, int64_t size, int64_t dim, const int64_t *sizes,
                            size_t n) {
    int64_t total = 0;
    bool overflow = false;
    for (size_t i = 0; i < n; i++) {
        if (sizes[i] < 0) {
            error_raise(c, RuntimeError,
                        "split_with_sizes expects split_sizes have only non-negative "
                        "entries, but got split_sizes=%s",
                        dims_text(c, (int)n, sizes));
            return false;
        }
        overflow |= __builtin_add_overflow(total, sizes[i], &total);
    }
    if (total == size && !overflow) return true;
    error_raise(c, RuntimeError,
                "split_with_sizes expects split_sizes to sum exactly to %" PRId64
                " (input tensor's size at dimension %" PRId64
                "), but got split_sizes=%s",
                size, dim, dims_text(c, (int)n, sizes));
    return false;
}

static Value split_with_sizes_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    const Value *items;
    size_t n;
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "split expects at least a 1-dimensional tensor");
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0 || !value_items(k->args[1], &items, &n)) return value_null();
    int64_t *lengths = ctx_alloc(c, n * sizeof *lengths);
    if (!lengths) return value_null();
    for (size_t i = 0; i < n; i++) lengths[i] = items[i].as.i;
    Value parts = value_null();
    if (split_sizes_fit(c, self->sizes[dim], call_int(k, 2), lengths, n))
        parts = slices_at(c, self, dim, lengths, n);
    ctx_free(c, lengths, n * sizeof *lengths);
    return parts;
}
static const OpDef op_split_with_sizes = {
    .schema = "split_with_sizes(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> "
              "Tensor(a)[]",
    .doc = "Views of self of the given sizes along a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_MULTI_VIEW,
    .saves = "self.sizes dim split_sizes",
    .forward = split_with_sizes_forward,
    .backward = split_backward,
    .example = "torch.split_with_sizes(v, [1, 2])",
};
static Value split_list_forward(Ctx *c, Call *k) {
    return op_call(c, &op_split_with_sizes, k->args);
}
static const OpDef op_split_sizes = {
    .schema =
        "split.sizes(Tensor(a -> *) self, int[] split_size, int dim=0) -> Tensor(a)[]",
    .doc = "split_with_sizes under the name split.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = split_list_forward,
    .example = "torch.split(v, [1, 2])",
};

/* ---- unsafe_split, unsafe_split_with_sizes ---- */

/* The parts as tensors that share memory with self, but are views of nothing, so that
 * they can be written in place: it is on the caller that self is not used again. */
static Value unsafe_parts(Ctx *c, Value parts) {
    Tuple *all = value_tuple(parts);
    for (size_t i = 0; all && i < all->n; i++) {
        Tensor *t = value_tensor(all->items[i]);
        t = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
        if (!t || !tensor_own_version(c, t, 0)) return value_null();
        value_set(c, &all->items[i], arg_tensor(t));
    }
    return parts;
}

static Value unsafe_split_forward(Ctx *c, Call *k) {
    return unsafe_parts(c, split_forward(c, k));
}
static const OpDef op_unsafe_split = {
    .schema = "unsafe_split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]",
    .doc = "split whose parts may be written in place.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sizes dim split_size",
    .forward = unsafe_split_forward,
    .backward = split_backward,
};

static Value unsafe_split_with_sizes_forward(Ctx *c, Call *k) {
    return unsafe_parts(c, split_with_sizes_forward(c, k));
}
static const OpDef op_unsafe_split_with_sizes = {
    .schema = "unsafe_split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> "
              "Tensor[]",
    .doc = "split_with_sizes whose parts may be written in place.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sizes dim split_sizes",
    .forward = unsafe_split_with_sizes_forward,
    .backward = split_backward,
    .example = "torch.unsafe_split_with_sizes(v, [1, 2])",
};

/* ---- chunk, unsafe_chunk ---- */

/* About `chunks` parts of equal size, by these operators. */
static Value chunks(Ctx *c, Call *k, const OpDef *by_size, const OpDef *by_sizes) {
    Tensor *self = call_tensor(k, 0);
    int64_t chunks = call_int(k, 1);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "chunk expects at least a 1-dimensional tensor");
    if (chunks <= 0)
        return value_raise(c, RuntimeError,
                           "chunk expects `chunks` to be greater than 0, got: %" PRId64,
                           chunks);
    int dim = shape_wrap_dim(c, call_int(k, 2), self->ndim);
    if (dim < 0) return value_null();
    int64_t extent = self->sizes[dim],
            sum = (int64_t)((uint64_t)extent + (uint64_t)chunks - 1),
            size = sum / chunks;
    if (size == 0 && extent == 0) {
        Value zeros = tensor_tuple(c, (size_t)chunks);
        for (int64_t i = 0; !value_is_null(zeros) && i < chunks; i++)
            value_tuple(zeros)->items[i] = value_int(0);
        return op_call(c, by_sizes, (Value[]){k->args[0], zeros, k->args[2]});
    }
    return op_call(c, by_size, (Value[]){k->args[0], value_int(size), value_int(dim)});
}
static Value chunk_forward(Ctx *c, Call *k) {
    return chunks(c, k, &op_split, &op_split_with_sizes);
}
static const OpDef op_chunk = {
    .schema = "chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]",
    .doc = "About so many views of self of equal size along a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = chunk_forward,
};

static Value unsafe_chunk_forward(Ctx *c, Call *k) {
    return chunks(c, k, &op_unsafe_split, &op_unsafe_split_with_sizes);
}
static const OpDef op_unsafe_chunk = {
    .schema = "unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]",
    .doc = "chunk whose parts may be written in place.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = unsafe_chunk_forward,
};

/* ---- tensor_split, hsplit, vsplit, dsplit ---- */

/* The dimension that tensor_split goes along; -1 after raising. */
static int split_dim(Ctx *c, const Tensor *self, int64_t dim) {
    if (self->ndim) return shape_wrap_dim(c, dim, self->ndim);
    error_raise(c, RuntimeError,
                "tensor_split expected at least a 1-dimensional tensor, but got a "
                "tensor with %d dims",
                self->ndim);
    return -1;
}

/* So many slices of self, the first ones longer by one where it does not come out. */
static Value split_in_sections(Ctx *c, Tensor *self, int64_t sections, int64_t along) {
    int dim = split_dim(c, self, along);
    if (dim < 0) return value_null();
    if (sections <= 0)
        return value_raise(c, RuntimeError,
                           "number of sections must be larger than 0, got %" PRId64,
                           sections);
    int64_t least = self->sizes[dim] / sections, longer = self->sizes[dim] % sections;
    Value parts = tensor_tuple(c, (size_t)sections);
    int64_t at = 0;
    for (int64_t i = 0; i < sections; i++) {
        int64_t end = at + least + (i < longer);
        if (!tensor_tuple_put(c, parts, (size_t)i, t_slice(c, self, dim, at, end, 1)))
            return value_null();
        at = end;
    }
    return parts;
}

/* Slices of self that end where each index says, and what is left. */
static Value split_at_indices(Ctx *c, Tensor *self, Value indices, int64_t along) {
    int dim = split_dim(c, self, along);
    const Value *ends;
    size_t n;
    if (dim < 0 || !value_items(indices, &ends, &n)) return value_null();
    Value parts = tensor_tuple(c, n + 1);
    int64_t at = 0;
    for (size_t i = 0; i <= n; i++) {
        int64_t end = i < n ? ends[i].as.i : self->sizes[dim];
        if (!tensor_tuple_put(c, parts, i, t_slice(c, self, dim, at, end, 1)))
            return value_null();
        at = end;
    }
    return parts;
}

static Value tensor_split_sections_forward(Ctx *c, Call *k) {
    return split_in_sections(c, call_tensor(k, 0), call_int(k, 1), call_int(k, 2));
}
static const OpDef op_tensor_split_sections = {
    .schema = "tensor_split.sections(Tensor(a -> *) self, int sections, int dim=0) -> "
              "Tensor(a)[]",
    .doc = "So many views of self along a dimension, of nearly equal size.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = tensor_split_sections_forward,
};
static Value tensor_split_indices_forward(Ctx *c, Call *k) {
    return split_at_indices(c, call_tensor(k, 0), k->args[1], call_int(k, 2));
}
static const OpDef op_tensor_split_indices = {
    .schema = "tensor_split.indices(Tensor(a -> *) self, int[] indices, int dim=0) -> "
              "Tensor(a)[]",
    .doc = "Views of self along a dimension, split at indices.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = tensor_split_indices_forward,
};

/* The elements of an int64 vector as a tuple. */
static Value ints_of_vector(Ctx *c, const Tensor *t) {
    Value ints = tensor_tuple(c, (size_t)t->numel);
    for (int64_t i = 0; !value_is_null(ints) && i < t->numel; i++)
        value_tuple(ints)->items[i] = element_load(DT_int64, tensor_at(t, &i));
    return ints;
}

static Value tensor_split_tensor_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *where = call_tensor(k, 1);
    if (split_dim(c, self, 0) < 0) return value_null();
    if (where->dtype != DT_int64)
        return value_raise(c, RuntimeError,
                           "tensor_split expected tensor_indices_or_sections to have "
                           "dtype of long, but got %s",
                           dtype_scalar_name((DType)where->dtype));
    if (where->ndim > 1)
        return value_raise(c, RuntimeError,
                           "tensor_split expected tensor_indices_or_sections to be a "
                           "zero-dimensional or one-dimensional tensor, but got a "
                           "tensor with %d dims",
                           where->ndim);
    if (where->ndim == 0)
        return split_in_sections(c, self, call_int(k, 1), call_int(k, 2));
    return split_at_indices(c, self, ints_of_vector(c, where), call_int(k, 2));
}
static const OpDef op_tensor_split_tensor = {
    .schema = "tensor_split.tensor_indices_or_sections(Tensor(a -> *) self, Tensor "
              "tensor_indices_or_sections, int dim=0) -> Tensor(a)[]",
    .doc = "tensor_split with its sections or indices in a tensor.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = tensor_split_tensor_forward,
    .example = "torch.tensor_split(v, torch.tensor(2))",
};

/* hsplit, vsplit and dsplit: tensor_split along a dimension that the name says. */
typedef struct NamedSplit {
    char letter;
    int min_ndim;
    int dim;
} NamedSplit;

static NamedSplit named_split(const Call *k) {
    switch (k->op->def->schema[0]) {
    case 'h': return (NamedSplit){'h', 1, call_tensor(k, 0)->ndim == 1 ? 0 : 1};
    case 'v': return (NamedSplit){'v', 2, 0};
    default: return (NamedSplit){'d', 3, 2};
    }
}

static bool named_split_fits(Ctx *c, const Tensor *self, NamedSplit s) {
    if (self->ndim >= s.min_ndim) return true;
    error_raise(c, RuntimeError,
                "torch.%csplit requires a tensor with at least %d dimension, but got "
                "a tensor with %d dimensions!",
                s.letter, s.min_ndim, self->ndim);
    return false;
}

static Value named_split_sections_forward(Ctx *c, Call *k) {
    NamedSplit s = named_split(k);
    Tensor *self = call_tensor(k, 0);
    int64_t n = call_int(k, 1);
    if (!named_split_fits(c, self, s)) return value_null();
    if (n == 0 || self->sizes[s.dim] % n != 0)
        return value_raise(c, RuntimeError,
                           "torch.%csplit attempted to split along dimension %d, but "
                           "the size of the dimension %" PRId64
                           " is not divisible by the split_size %" PRId64 "!",
                           s.letter, s.dim, self->sizes[s.dim], n);
    return split_in_sections(c, self, n, s.dim);
}
static Value named_split_indices_forward(Ctx *c, Call *k) {
    NamedSplit s = named_split(k);
    Tensor *self = call_tensor(k, 0);
    if (!named_split_fits(c, self, s)) return value_null();
    return split_at_indices(c, self, k->args[1], s.dim);
}

#define NAMED_SPLIT_SECTIONS(name, what)                                               \
    {                                                                                  \
        .schema = name ".int(Tensor(a -> *) self, int sections) -> Tensor(a)[]",       \
        .doc = "So many views of self of equal size along " what ".",                  \
        .forms = OP_FUNCTION | OP_METHOD, .traits = OP_COMPOSITE,                      \
        .forward = named_split_sections_forward,                                       \
        .example = "torch." name "(x.reshape(2, 2, 4), 2)"                             \
    }
#define NAMED_SPLIT_INDICES(name, what)                                                \
    {                                                                                  \
        .schema = name ".array(Tensor(a -> *) self, int[] indices) -> Tensor(a)[]",    \
        .doc = "Views of self along " what ", split at indices.",                      \
        .forms = OP_FUNCTION | OP_METHOD, .traits = OP_COMPOSITE,                      \
        .forward = named_split_indices_forward,                                        \
        .example = "torch." name "(x.reshape(2, 2, 4), [1])"                           \
    }

static const OpDef op_hsplit = NAMED_SPLIT_SECTIONS("hsplit", "its columns");
static const OpDef op_hsplit_indices = NAMED_SPLIT_INDICES("hsplit", "its columns");
static const OpDef op_vsplit = NAMED_SPLIT_SECTIONS("vsplit", "its rows");
static const OpDef op_vsplit_indices = NAMED_SPLIT_INDICES("vsplit", "its rows");
static const OpDef op_dsplit = NAMED_SPLIT_SECTIONS("dsplit", "the third dimension");
static const OpDef op_dsplit_indices =
    NAMED_SPLIT_INDICES("dsplit", "the third dimension");

const OpDef *const split_ops[] = {
    &op_unbind,
    &op_unbind_name,
    &op_split,
    &op_split_with_sizes,
    &op_split_sizes,
    &op_chunk,
    &op_unsafe_split,
    &op_unsafe_split_with_sizes,
    &op_unsafe_chunk,
    &op_tensor_split_tensor,
    &op_tensor_split_sections,
    &op_tensor_split_indices,
    &op_hsplit,
    &op_hsplit_indices,
    &op_vsplit,
    &op_vsplit_indices,
    &op_dsplit,
    &op_dsplit_indices,
    NULL,
};
