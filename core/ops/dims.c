/* Dimensions in other places or numbers: movedim, swapdims, atleast_1d to 3d,
 * unflatten, tile, broadcast_tensors.  All are made of the views in view.c. Sources:
 * TensorShape.cpp, TensorTransformations.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- movedim ---- */

typedef struct DimList {
    int n;
    int64_t given[MAX_DIMS]; /* as written */
    int64_t dims[MAX_DIMS];  /* counted from the front */
} DimList;

static bool wrap_dims(Ctx *c, const Tensor *self, DimList *l) {
    for (int i = 0; i < l->n; i++)
        if ((l->dims[i] = shape_wrap_dim(c, l->given[i], self->ndim)) < 0) return false;
    return true;
}

static bool dims_differ(Ctx *c, const DimList *l, const char *name) {
    for (int i = 0; i < l->n; i++)
        for (int j = 0; j < i; j++) {
            if (l->dims[i] != l->dims[j]) continue;
            error_raise(c, RuntimeError, "movedim: repeated dim in `%s` (%s)", name,
                        dims_text(c, l->n, l->given));
            return false;
        }
    return true;
}

/* The order for permute: dimension from->dims[i] comes to place to->dims[i], the others
 * keep their order in the places left. */
static void moved_order(int ndim, const DimList *from, const DimList *to,
                        int64_t *order) {
    bool moved[MAX_DIMS] = {false}, taken[MAX_DIMS] = {false};
    for (int i = 0; i < from->n; i++) {
        order[to->dims[i]] = from->dims[i];
        moved[from->dims[i]] = taken[to->dims[i]] = true;
    }
    int next = 0;
    for (int d = 0; d < ndim; d++) {
        if (taken[d]) continue;
        while (moved[next]) next++;
        order[d] = next++;
    }
}

static Tensor *movedims(Ctx *c, Tensor *self, DimList *from, DimList *to) {
    if (from->n != to->n)
        return error_raise(c, RuntimeError,
                           "movedim: Invalid source or destination dims: source (%s "
                           "dims) should contain the same number of dims as "
                           "destination (%s dims)",
                           dims_text(c, from->n, from->given),
                           dims_text(c, to->n, to->given));
    if (!wrap_dims(c, self, from) || !wrap_dims(c, self, to)) return NULL;
    if (!dims_differ(c, from, "source") || !dims_differ(c, to, "destination"))
        return NULL;
    if (self->ndim == 0) return t_alias(c, self);
    int64_t order[MAX_DIMS];
    moved_order(self->ndim, from, to, order);
    return t_permute(c, self, self->ndim, order);
}

Tensor *t_movedim(Ctx *c, Tensor *self, int64_t source, int64_t destination) {
    if (!self || ctx_failed(c)) return NULL;
    DimList from = {.n = 1, .given = {source}}, to = {.n = 1, .given = {destination}};
    return movedims(c, self, &from, &to);
}

Tensor *t_movedims(Ctx *c, Tensor *self, int n, const int64_t *source,
                   const int64_t *destination) {
    DimList from = {.n = n}, to = {.n = n};
    if (!self || ctx_failed(c)) return NULL;
    memcpy(from.given, source, (size_t)n * sizeof *source);
    memcpy(to.given, destination, (size_t)n * sizeof *destination);
    return movedims(c, self, &from, &to);
}

static Value movedim_list_forward(Ctx *c, Call *k) {
    DimList from, to;
    from.n = call_ints(c, k, 1, from.given, MAX_DIMS);
    to.n = call_ints(c, k, 2, to.given, MAX_DIMS);
    if (from.n < 0 || to.n < 0) return value_null();
    return value_obj(movedims(c, call_tensor(k, 0), &from, &to));
}
static Value movedim_forward(Ctx *c, Call *k) {
    return value_obj(t_movedim(c, call_tensor(k, 0), call_int(k, 1), call_int(k, 2)));
}

static const OpDef op_movedim = {
    .schema = "movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a)",
    .doc = "self with one dimension moved to another place.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = movedim_forward,
    .example = "torch.movedim(m, 0, 1)",
};
static const OpDef op_movedim_list = {
    .schema = "movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> "
              "Tensor(a)",
    .doc = "self with dimensions moved to other places.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = movedim_list_forward,
    .example = "torch.movedim(m, [0], [1])",
};
static const OpDef op_moveaxis = {
    .schema = "moveaxis.int(Tensor(a) self, int source, int destination) -> Tensor(a)",
    .doc = "Another name of movedim.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_movedim,
    .example = "torch.moveaxis(m, 0, 1)",
};
static const OpDef op_moveaxis_list = {
    .schema = "moveaxis.intlist(Tensor(a) self, int[] source, int[] destination) -> "
              "Tensor(a)",
    .doc = "Another name of movedim.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_movedim_list,
    .example = "torch.moveaxis(m, [0], [1])",
};

/* ---- swapdims ---- */

static const OpDef op_swapdims = {
    .schema = "swapdims(Tensor(a) self, int dim0, int dim1) -> Tensor(a)",
    .doc = "Another name of transpose.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_transpose,
};
static const OpDef op_swapaxes = {
    .schema = "swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)",
    .doc = "Another name of transpose.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_transpose,
};

/* ---- atleast_1d, atleast_2d, atleast_3d ---- */

/* A number becomes [1], [1, 1] or [1, 1, 1]; a vector a row; a matrix gets a third
 * dimension behind. */
Tensor *t_atleast(Ctx *c, Tensor *self, int ndim) {
    static const int64_t ones[3] = {1, 1, 1};
    if (!self || ctx_failed(c)) return NULL;
    if (self->ndim == 0) return t_reshape(c, self, ndim, ones);
    Tensor *t = self;
    if (self->ndim == 1 && ndim > 1) t = t_unsqueeze(c, t, 0);
    if (self->ndim <= 2 && ndim == 3) t = t_unsqueeze(c, t, -1);
    return t;
}

/* "atleast_2d" names its number. */
static int atleast_ndim(const Call *k) {
    return k->op->def->schema[sizeof "atleast_" - 1] - '0';
}
static Value atleast_forward(Ctx *c, Call *k) {
    return value_obj(t_atleast(c, call_tensor(k, 0), atleast_ndim(k)));
}
static Value atleast_list_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    Value list = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++)
        if (!tensor_tuple_put(c, list, i,
                              t_atleast(c, call_list_tensor(k, 0, i), atleast_ndim(k))))
            return value_null();
    return list;
}

#define ATLEAST(name, n)                                                               \
    {                                                                                  \
        .schema = name "(Tensor self) -> Tensor", .doc = "self with at least " n ".",  \
        .forms = OP_FUNCTION, .traits = OP_COMPOSITE, .forward = atleast_forward       \
    }
#define ATLEAST_LIST(name, n)                                                          \
    {                                                                                  \
        .schema = name ".Sequence(Tensor[] tensors) -> Tensor[]",                      \
        .doc = "The tensors, each with at least " n ".", .forms = OP_FUNCTION,         \
        .traits = OP_COMPOSITE, .forward = atleast_list_forward                        \
    }

static const OpDef op_atleast_1d = ATLEAST("atleast_1d", "1 dimension");
static const OpDef op_atleast_1d_list = ATLEAST_LIST("atleast_1d", "1 dimension");
static const OpDef op_atleast_2d = ATLEAST("atleast_2d", "2 dimensions");
static const OpDef op_atleast_2d_list = ATLEAST_LIST("atleast_2d", "2 dimensions");
static const OpDef op_atleast_3d = ATLEAST("atleast_3d", "3 dimensions");
static const OpDef op_atleast_3d_list = ATLEAST_LIST("atleast_3d", "3 dimensions");

/* ---- unflatten ---- */

/* Replaces one -1 among the sizes that dimension dim is to be split into. */
static bool unflatten_sizes(Ctx *c, const Tensor *self, int dim, int n,
                            int64_t *sizes) {
    DimList given = {.n = n};
    memcpy(given.given, sizes, (size_t)n * sizeof *sizes);
    if (shape_infer(c, self->sizes[dim], n, sizes)) return true;
    const char *why = buf_text(&c->error.message);
    if (strstr(why, "is invalid for input of size")) {
        error_clear(c);
        error_raise(c, RuntimeError,
                    "unflatten: Provided sizes %s don't multiply up to the size of dim "
                    "%d (%" PRId64 ") in the input tensor",
                    dims_text(c, given.n, given.given), dim, self->sizes[dim]);
    } else if (strstr(why, "only one dimension can be inferred")) {
        error_clear(c);
        error_raise(c, RuntimeError,
                    "unflatten got an unexpected error:\nonly one dimension can be "
                    "inferred");
    }
    return false;
}

static Value unflatten_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t sizes[MAX_DIMS], shape[2 * MAX_DIMS];
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    int n = dim < 0 ? -1 : call_ints(c, k, 2, sizes, MAX_DIMS);
    if (n < 0) return value_null();
    if (n == 0)
        return value_raise(c, RuntimeError, "unflatten: sizes must be non-empty");
    if (self->ndim == 0)
        return value_raise(c, IndexError,
                           "Dimension specified as %d but tensor has no dimensions",
                           dim);
    if (!unflatten_sizes(c, self, dim, n, sizes)) return value_null();
    int rest = self->ndim - dim - 1;
    memcpy(shape, self->sizes, (size_t)dim * sizeof *shape);
    memcpy(shape + dim, sizes, (size_t)n * sizeof *shape);
    memcpy(shape + dim + n, self->sizes + dim + 1, (size_t)rest * sizeof *shape);
    return value_obj(t_view(c, self, dim + n + rest, shape));
}
static const OpDef op_unflatten = {
    .schema = "unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a)",
    .doc = "A view with one dimension split into several.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = unflatten_forward,
    .example = "torch.unflatten(torch.arange(4), 0, [2, 2])",
};
static const OpDef op_unflatten_name = {
    .schema = "unflatten.Dimname(Tensor(a) self, Dimname dim, int[] sizes, Dimname[] "
              "names) -> Tensor(a)",
    .forms = OP_FUNCTION | OP_METHOD,
};

/* ---- tile ---- */

static Value tile_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t given[MAX_DIMS], repeats[MAX_DIMS];
    int n = call_ints(c, k, 1, given, MAX_DIMS);
    if (n < 0) return value_null();
    int lead = self->ndim > n ? self->ndim - n : 0;
    for (int i = 0; i < lead; i++) repeats[i] = 1;
    memcpy(repeats + lead, given, (size_t)n * sizeof *given);
    return value_obj(t_repeat(c, self, lead + n, repeats));
}
static const OpDef op_tile = {
    .schema = "tile(Tensor self, int[] dims) -> Tensor",
    .doc = "Copies of self side by side; missing counts in front are 1.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = tile_forward,
};

/* ---- broadcast_tensors ---- */

static Value broadcast_tensors_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    Shape shape = {.ndim = 0};
    for (size_t i = 0; i < n; i++) {
        Shape s = tensor_shape(call_list_tensor(k, 0, i));
        if (!shape_broadcast(c, &shape, &s, &shape)) return value_null();
    }
    Value all = tensor_tuple(c, n);
    for (size_t i = 0; i < n; i++) {
        Tensor *t = call_list_tensor(k, 0, i);
        if (!shape_equal(t->ndim, t->sizes, shape.ndim, shape.dims))
            t = t_expand(c, t, shape.ndim, shape.dims);
        if (!tensor_tuple_put(c, all, i, t)) return value_null();
    }
    return all;
}
static const OpDef op_broadcast_tensors = {
    .schema = "broadcast_tensors(Tensor[] tensors) -> Tensor[]",
    .doc = "The tensors, expanded to the shape they broadcast to.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = broadcast_tensors_forward,
    .example = "torch.broadcast_tensors(m, v[:2])",
};

const OpDef *const dims_ops[] = {
    &op_movedim,
    &op_movedim_list,
    &op_moveaxis,
    &op_moveaxis_list,
    &op_swapdims,
    &op_swapaxes,
    &op_atleast_1d,
    &op_atleast_1d_list,
    &op_atleast_2d,
    &op_atleast_2d_list,
    &op_atleast_3d,
    &op_atleast_3d_list,
    &op_unflatten_name,
    &op_unflatten,
    &op_tile,
    &op_broadcast_tensors,
    NULL,
};
