/* as_strided: any sizes and strides over the elements of a storage.
 *
 * Source: FunctionsManual.cpp, as_strided_backward. */
#include "ops.h"

#include <inttypes.h>

static bool strides_are_natural(Ctx *c, int n, const int64_t *strides) {
    for (int i = 0; i < n; i++) {
        if (strides[i] >= 0) continue;
        error_raise(c, RuntimeError,
                    "as_strided: Negative strides are not supported at the moment, got "
                    "strides: %s",
                    dims_text(c, n, strides));
        return false;
    }
    return true;
}

/* Elements `offset + sum(index * stride)` of self's storage.
 * RuntimeError when that leaves the storage. */
static Value as_strided_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    int m = call_ints(c, k, 2, strides, MAX_DIMS);
    if (n < 0 || m < 0) return value_null();
    if (n != m)
        return value_raise(c, RuntimeError, "mismatch in length of strides and shape");
    if (!strides_are_natural(c, m, strides)) return value_null();
    int64_t offset = call_is_none(k, 3) ? self->offset : call_int(k, 3);
    if (offset < 0)
        return value_raise(c, RuntimeError, "Tensor: invalid storage offset %" PRId64,
                           offset);
    return value_obj(tensor_alias(c, self, n, sizes, strides, offset));
}

/* One past the largest element reached, relative to the storage. */
static int64_t reach(int n, const int64_t *sizes, const int64_t *strides,
                     int64_t offset) {
    int64_t last = offset;
    for (int i = 0; i < n; i++) {
        if (sizes[i] == 0) return 0;
        last += (sizes[i] - 1) * strides[i];
    }
    return last + 1;
}

typedef struct Geometry {
    int n;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS], offset;
} Geometry;

static Geometry saved_geometry(const Grad *g, size_t i) {
    Geometry r = {0};
    const Tuple *t = value_tuple(saved_value(g, i));
    const Tuple *sizes = value_tuple(t->items[0]), *strides = value_tuple(t->items[1]);
    r.n = (int)sizes->n;
    r.offset = t->items[2].as.i;
    for (int d = 0; d < r.n; d++) {
        r.sizes[d] = sizes->items[d].as.i;
        r.strides[d] = strides->items[d].as.i;
    }
    return r;
}

/* storage[geometry] += grad, elements that geometry reaches twice adding up. */
static Tensor *add_strided(Ctx *c, Tensor *storage, const Geometry *o, Tensor *grad) {
    if (!shape_overlaps(o->n, o->sizes, o->strides)) {
        t_copy_(c, t_as_strided(c, storage, o->n, o->sizes, o->strides, o->offset),
                grad);
        return storage;
    }
    Tensor *index = t_arange(c, storage ? storage->numel : 0);
    index = t_as_strided(c, index, o->n, o->sizes, o->strides, o->offset);
    int64_t flat = -1;
    return t_index_add(c, storage, 0, t_reshape(c, index, 1, &flat),
                       t_reshape(c, grad, 1, &flat));
}

/* The gradient is written where the view read, in a tensor as large as both reach. */
static void as_strided_backward(Ctx *c, Grad *g) {
    Geometry in = saved_geometry(g, 0), out = {0};
    out.n = saved_ints(g, 1, out.sizes, MAX_DIMS);
    saved_ints(g, 2, out.strides, MAX_DIMS);
    out.offset = saved_is_none(g, 3) ? in.offset : saved_int(g, 3);
    int64_t base = in.offset < out.offset ? in.offset : out.offset;
    in.offset -= base;
    out.offset -= base;
    int64_t a = reach(in.n, in.sizes, in.strides, in.offset);
    int64_t b = reach(out.n, out.sizes, out.strides, out.offset);
    int64_t size = a > b ? a : b;
    Tensor *storage = t_zeros(c, 1, &size, (DType)g->grad->dtype);
    storage = add_strided(c, storage, &out, g->grad);
    grad_set(g, 0, t_as_strided(c, storage, in.n, in.sizes, in.strides, in.offset));
}

const OpDef op_as_strided = {
    .schema = "as_strided(Tensor(a) self, SymInt[] size, SymInt[] stride, SymInt? "
              "storage_offset=None) -> Tensor(a)",
    .doc = "A view with the given sizes, strides and offset.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE | OP_FUNCTION_INPLACE,
    .saves = "self.geometry size stride storage_offset",
    .inplace_node = "AsStridedBackward1",
    .forward = as_strided_forward,
    .backward = as_strided_backward,
    .example = "torch.as_strided(v, [2, 2], [1, 1])",
};

Tensor *t_as_strided(Ctx *c, Tensor *self, int n, const int64_t *sizes,
                     const int64_t *strides, int64_t offset) {
    return op_tensor(c, &op_as_strided,
                     (Value[]){arg_tensor(self), arg_ints(c, n, sizes),
                               arg_ints(c, n, strides), value_int(offset)});
}

const OpDef *const as_strided_ops[] = {
    &op_as_strided,
    NULL,
};
