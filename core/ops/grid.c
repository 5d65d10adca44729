/* Grids that combine vectors: meshgrid, cartesian_prod, combinations.
 * Sources: TensorShape.cpp, Itertools.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- meshgrid ---- */

static bool meshgrid_check(Ctx *c, Value tensors) {
    const Value *items;
    size_t n;
    if (!value_items(tensors, &items, &n)) return false;
    if (n == 0) {
        error_raise(c, RuntimeError, "meshgrid expects a non-empty TensorList");
        return false;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        if (value_tensor(items[i])->dtype == value_tensor(items[i + 1])->dtype)
            continue;
        error_raise(c, RuntimeError,
                    "meshgrid expects all tensors to have the same dtype");
        return false;
    }
    return true;
}

/* Each vector [n_i] seen along dimension i of [n_0, n_1, ...]. */
static Value grids(Ctx *c, const Value *vectors, size_t n) {
    int64_t shape[MAX_DIMS], view[MAX_DIMS];
    if (n > MAX_DIMS)
        return value_raise(c, RuntimeError, "a grid of more than %d dimensions",
                           MAX_DIMS);
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = value_tensor(vectors[i]);
        if (t->ndim > 1)
            return value_raise(c, RuntimeError,
                               "torch.meshgrid: Expected 0D or 1D tensor in the tensor "
                               "list but got: %s",
                               tensor_stream_text(c, t));
        shape[i] = t->numel;
        view[i] = 1;
    }
    Value all = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++) {
        view[i] = -1;
        Tensor *t = t_view(c, value_tensor(vectors[i]), (int)n, view);
        if (!tensor_tuple_put(c, all, i, t_expand(c, t, (int)n, shape)))
            return value_null();
        view[i] = 1;
    }
    return all;
}

/* By rows first: grid i runs along dimension i. */
static Value meshgrid_ij(Ctx *c, Value tensors) {
    const Value *items;
    size_t n;
    if (!meshgrid_check(c, tensors) || !value_items(tensors, &items, &n))
        return value_null();
    return grids(c, items, n);
}

static void swap_first_two(Tuple *t) {
    Value first = t->items[0];
    t->items[0] = t->items[1];
    t->items[1] = first;
}

/* By columns first: the first two vectors change places, and so do their grids. */
static Value meshgrid_xy(Ctx *c, Value tensors) {
    const Value *items;
    size_t n;
    if (!meshgrid_check(c, tensors) || !value_items(tensors, &items, &n))
        return value_null();
    if (n < 2) return grids(c, items, n);
    Value list = tuple_of(c, n, items);
    if (value_is_null(list)) return list;
    swap_first_two(value_tuple(list));
    list = grids(c, value_tuple(list)->items, n);
    if (!value_is_null(list)) swap_first_two(value_tuple(list));
    return list;
}

static Value meshgrid_indexing_forward(Ctx *c, Call *k) {
    const char *indexing = call_string(k, 1);
    if (strcmp(indexing, "xy") == 0) return meshgrid_xy(c, k->args[0]);
    if (strcmp(indexing, "ij") == 0) return meshgrid_ij(c, k->args[0]);
    if (!meshgrid_check(c, k->args[0])) return value_null();
    return value_raise(c, RuntimeError,
                       "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but "
                       "received: %s",
                       indexing);
}
static const OpDef op_meshgrid_indexing = {
    .schema = "meshgrid.indexing(Tensor[] tensors, *, str indexing) -> Tensor[]",
    .doc = "The coordinates of a grid: each vector along a dimension of its own.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = meshgrid_indexing_forward,
    .example = "torch.meshgrid(v, v[:2], indexing='xy')",
};
static Value meshgrid_forward(Ctx *c, Call *k) {
    static const char key;
    warn_once(c, &key, UserWarning,
              "torch.meshgrid: in an upcoming release, it will be required to pass the "
              "indexing argument.");
    return meshgrid_ij(c, k->args[0]);
}
static const OpDef op_meshgrid = {
    .schema = "meshgrid(Tensor[] tensors) -> Tensor[]",
    .doc = "The coordinates of a grid, by rows first.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = meshgrid_forward,
    .example = "torch.meshgrid(v, v)",
};

/* ---- cartesian_prod, combinations ---- */

static bool is_vector(Ctx *c, const Tensor *t) {
    if (t->ndim == 1) return true;
    error_raise(c, RuntimeError, "Expect a 1D vector, but got shape %s",
                shape_text(c, t));
    return false;
}

/* Every choice of one element from each vector, as the rows of a matrix. */
static Value cartesian_prod_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    for (size_t i = 0; i < n; i++)
        if (!is_vector(c, call_list_tensor(k, 0, i))) return value_null();
    if (n == 1) return value_obj(call_list_tensor(k, 0, 0));
    Value all = meshgrid_ij(c, k->args[0]), columns = tensor_tuple(c, n);
    if (value_is_null(all)) return all;
    int64_t flat = -1;
    for (size_t i = 0; i < n; i++) {
        Tensor *grid = value_tensor(value_tuple(all)->items[i]);
        if (!tensor_tuple_put(c, columns, i, t_reshape(c, grid, 1, &flat)))
            return value_null();
    }
    return value_obj(t_stack(c, columns, 1));
}
static const OpDef op_cartesian_prod = {
    .schema = "cartesian_prod(Tensor[] tensors) -> Tensor",
    .doc = "Every choice of one element from each vector, one a row.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = cartesian_prod_forward,
    .example = "torch.cartesian_prod(v, v[:2])",
};

static Value repeated(Ctx *c, Tensor *t, int64_t n) {
    Value list = tensor_tuple(c, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        if (!tensor_tuple_put(c, list, (size_t)i, t)) return value_null();
    return list;
}

/* True where the r indices into n elements rise; with ties also where they stay. */
static Tensor *rising_indices(Ctx *c, int64_t n, int64_t r, bool ties) {
    Value all = meshgrid_ij(c, repeated(c, t_arange(c, n), r));
    if (value_is_null(all)) return NULL;
    const Value *at = value_tuple(all)->items;
    const Tensor *shape = value_tensor(at[0]);
    Tensor *mask = t_ones(c, shape->ndim, shape->sizes, DT_bool);
    for (int64_t i = 0; i + 1 < r; i++) {
        Tensor *a = value_tensor(at[i]), *b = value_tensor(at[i + 1]);
        mask = t_mul(c, mask, ties ? t_le(c, a, b) : t_lt(c, a, b));
    }
    return mask;
}

/* Every choice of r elements of a vector, in its order, as the rows of a matrix. */
static Value combinations_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t r = call_int(k, 1), none = 0;
    if (!is_vector(c, self)) return value_null();
    if (r < 0)
        return value_raise(c, RuntimeError,
                           "Expect a non-negative number, but got %" PRId64, r);
    if (r == 0) return value_obj(t_zeros(c, 1, &none, (DType)self->dtype));
    Value all = meshgrid_ij(c, repeated(c, self, r));
    Tensor *mask = rising_indices(c, self->numel, r, call_bool(k, 2));
    Value columns = tensor_tuple(c, (size_t)r);
    for (int64_t i = 0; mask && i < r; i++) {
        Tensor *grid = value_tensor(value_tuple(all)->items[i]);
        if (!tensor_tuple_put(c, columns, (size_t)i, t_masked_select(c, grid, mask)))
            return value_null();
    }
    return value_obj(t_stack(c, columns, 1));
}
static const OpDef op_combinations = {
    .schema = "combinations(Tensor self, int r=2, bool with_replacement=False) -> "
              "Tensor",
    .doc = "Every choice of r elements of a vector, one a row.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = combinations_forward,
    .example = "torch.combinations(v)",
};

const OpDef *const grid_ops[] = {
    &op_meshgrid, &op_meshgrid_indexing, &op_cartesian_prod, &op_combinations, NULL,
};
