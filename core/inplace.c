/* See inplace.h. The rules and texts are those of PyTorch's VariableTypeUtils and
 * autograd/variable.cpp (1.13). */
#include "inplace.h"

#include "op_record.h"
#include "ops/ops.h"

#include <inttypes.h>

/* ---- views ---- */

void view_attach(Ctx *c, Tensor *r, Tensor *t, bool multi) {
    Tensor *base = t->base ? t->base : t;
    CreationMeta made = c->inference       ? CREATION_INFERENCE_MODE
                        : !c->grad_enabled ? CREATION_NO_GRAD_MODE
                        : multi            ? CREATION_MULTI_OUTPUT_NODE
                                           : CREATION_DEFAULT;
    bool inherits = made == CREATION_DEFAULT || t->creation == CREATION_INFERENCE_MODE;
    if (inherits && t->base) made = (CreationMeta)t->creation;
    r->base = obj_retain(base);
    r->creation = (uint8_t)made;
    r->view_version = tensor_version(r);
}

/* Why a view made like this may not be (or become) part of an in-place write. */
static void raise_bad_view(Ctx *c, const Tensor *t, bool indirect) {
    CreationMeta made = (CreationMeta)t->creation;
    const char *modified =
        indirect ? "its base or another view of its base has been" : "is being";
    const char *mode = made == CREATION_INFERENCE_MODE ? "inference" : "no_grad";
    const char *normal = made == CREATION_INFERENCE_MODE
                             ? "modified inplace in normal mode."
                             : "modified inplace with grad mode enabled.";
    bool by_mode = made == CREATION_INFERENCE_MODE || made == CREATION_NO_GRAD_MODE;
    if (t->grad_fn && by_mode) { /* PyTorch does not expect such a view of a view */
        error_raise(c, RuntimeError,
                    "!grad_fn INTERNAL ASSERT FAILED at "
                    "\"./torch/csrc/autograd/variable.cpp\":%d, please report a bug to "
                    "PyTorch. ",
                    made == CREATION_NO_GRAD_MODE ? 792 : 800);
        return;
    }
    Buf b;
    buf_init(&b, &c->mem);
    if (t->grad_fn)
        buf_printf(&b, "Output %" PRIu32 " of %s is a view and %s modified inplace.",
                   t->output_nr, node_name(t->grad_fn), modified);
    else
        buf_printf(&b, "A view was created in %s mode and %s %s", mode, modified,
                   normal);
    if (made == CREATION_MULTI_OUTPUT_NODE)
        buf_puts(&b, " This view is the output of a function that returns multiple "
                     "views. Such functions do not allow the output views to be "
                     "modified inplace. You should replace the inplace operation by an "
                     "out-of-place one.");
    else if (made == CREATION_IN_CUSTOM_FUNCTION)
        buf_puts(&b, " This view was created inside a custom Function (or because an "
                     "input was returned as-is) and the autograd logic to handle "
                     "view+inplace would override the custom backward associated with "
                     "the custom Function, leading to incorrect gradients. This "
                     "behavior is forbidden. You can fix this by cloning the output of "
                     "the custom Function.");
    else
        buf_printf(&b,
                   " Given that this use case is ambiguous and error-prone, it is "
                   "forbidden. You can clarify your code by moving both the view and "
                   "the inplace either both inside the %s block (if you don't want the "
                   "inplace to be tracked) or both outside (if you want the inplace to "
                   "be tracked).",
                   made == CREATION_INFERENCE_MODE ? "inference_mode" : "no_grad");
    error_raise(c, RuntimeError, "%s", buf_text(&b));
    buf_free(&b);
}

/* The history of a view whose base has been written: as_strided of the base. */
static Node *regenerate(Ctx *c, Tensor *t) {
    if (t->creation != CREATION_DEFAULT) {
        raise_bad_view(c, t, true);
        return NULL;
    }
    Value sizes = arg_ints(c, t->ndim, t->sizes);
    Value strides = arg_ints(c, t->ndim, t->strides);
    Value args[4] = {value_obj(t->base), sizes, strides, value_int(t->offset)};
    Node *n = op_make_node(c, &op_as_strided, args, t);
    if (!n) return NULL;
    tensor_set_history(c, t, n, 0);
    t->view_version = tensor_version(t);
    return tensor_move_retained(c, t) ? t->grad_fn : NULL;
}

Node *tensor_grad_fn(Ctx *c, Tensor *t) {
    if (!t->base) return t->grad_fn;
    if (!t->grad_fn && !tensor_requires_grad(t->base)) return NULL;
    if (t->view_version == tensor_version(t)) return t->grad_fn;
    return ctx_failed(c) ? NULL : regenerate(c, t);
}

/* ---- writing ---- */

bool inplace_check(Ctx *c, Tensor *t, bool recording) {
    if (!recording) return true;
    bool needs = tensor_requires_grad(t);
    if (t->base && t->creation != CREATION_DEFAULT) {
        raise_bad_view(c, t, false);
        return false;
    }
    if (t->base && needs && tensor_seems_leaf(t->base)) {
        error_raise(c, RuntimeError,
                    "a view of a leaf Variable that requires grad is being used in "
                    "an in-place operation.");
        return false;
    }
    if (needs && tensor_seems_leaf(t)) {
        error_raise(c, RuntimeError,
                    "a leaf Variable that requires grad is being used in an in-place "
                    "operation.");
        return false;
    }
    return true;
}

/* Saved values of a CopySlices node. */
enum { CS_BASE_SIZES, CS_BASE_STRIDES, CS_SIZES, CS_STRIDES, CS_OFFSET, CS_FN, CS_N };

static bool save_ints(Ctx *c, Node *n, size_t i, int ndim, const int64_t *ints) {
    Tuple *t = size_new(c, ndim, ints);
    node_saved(n)[i].value = value_obj(t);
    return t;
}

/* The node that runs fn on the part of base's gradient that the view t covers. Its
 * edges are base's former place in the graph, then those of fn after the first. */
static Node *copy_slices_new(Ctx *c, Tensor *t, Node *fn) {
    Tensor *base = t->base;
    Node *n = node_new(c, &copy_slices_class, fn->n_edges, 1, CS_N);
    if (!n) return NULL;
    bool made = save_ints(c, n, CS_BASE_SIZES, base->ndim, base->sizes) &&
                save_ints(c, n, CS_BASE_STRIDES, base->ndim, base->strides) &&
                save_ints(c, n, CS_SIZES, t->ndim, t->sizes) &&
                save_ints(c, n, CS_STRIDES, t->ndim, t->strides) &&
                node_set_output(c, n, 0, base) && node_set_edge(c, n, 0, base);
    if (!made) {
        obj_release(c, n);
        return NULL;
    }
    node_saved(n)[CS_OFFSET].value = value_int(t->offset - base->offset);
    node_saved(n)[CS_FN].value = value_obj(obj_retain(fn));
    for (uint32_t i = 1; i < fn->n_edges; i++)
        node_edges(n)[i] = (Edge){.node = obj_retain(node_edges(fn)[i].node),
                                  .nr = node_edges(fn)[i].nr};
    return n;
}

bool inplace_count(Ctx *c, Tensor *t) {
    /* PyTorch notices when it counts the version, after the write. */
    if (t->unversioned && !c->inference) {
        error_raise(c, RuntimeError,
                    "Inplace update to inference tensor outside InferenceMode is not "
                    "allowed.You can make a clone to get a normal tensor before doing "
                    "inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
                    "more details.");
        return false;
    }
    if (!t->unversioned) tensor_bump_version(t);
    return true;
}

static bool set_history(Ctx *c, Tensor *t, Node *node) {
    tensor_set_history(c, t, node, 0);
    return tensor_move_retained(c, t);
}

bool inplace_history(Ctx *c, Tensor *t, Node *node) {
    if (!t->base) return set_history(c, t, node);
    Node *slices = copy_slices_new(c, t, node);
    if (!slices) return false;
    tensor_set_history(c, t->base, slices, 0);
    obj_release(c, slices);
    return tensor_grad_fn(c, t) != NULL; /* the view looks at its base again */
}

bool inplace_done(Ctx *c, Tensor *t, Node *node) {
    if (c->below_autograd) return true; /* the operator that writes counts for it */
    return inplace_count(c, t) && (!node || inplace_history(c, t, node));
}

bool inplace_moved(Ctx *c, Tensor *t, Node *node) {
    if (c->below_autograd) return true;
    if (!inplace_count(c, t)) return false;
    if (!node) return true;
    tensor_set_history(c, t, node, 0);
    t->view_version = tensor_version(t);
    return true;
}

/* ---- CopySlices ---- */

Node *copy_slices_inner(const Node *n) {
    return n->cls == &copy_slices_class ? value_node(node_saved(n)[CS_FN].value) : NULL;
}

static int tuple_ints(const Node *n, size_t i, int64_t *out) {
    const Tuple *t = value_tuple(node_saved(n)[i].value);
    for (size_t k = 0; k < t->n; k++) out[k] = t->items[k].as.i;
    return (int)t->n;
}

static void copy_slices_backward(Ctx *c, Grad *g) {
    const Node *n = g->node;
    if (!g->grad) return;
    if (n->released) { /* whether or not its function had saved anything */
        node_raise_released(c);
        return;
    }
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    int ndim = tuple_ints(n, CS_BASE_SIZES, sizes);
    tuple_ints(n, CS_BASE_STRIDES, strides);
    Tensor *whole = t_empty_strided(c, ndim, sizes, strides, (DType)g->grad->dtype);
    t_copy_(c, whole, g->grad);
    ndim = tuple_ints(n, CS_SIZES, sizes);
    tuple_ints(n, CS_STRIDES, strides);
    Tensor *part = t_as_strided(c, whole, ndim, sizes, strides,
                                node_saved(n)[CS_OFFSET].value.as.i);
    Tensor *given = t_clone(c, part);
    if (!given) return;
    Tensor *inputs_of_fn[MAX_PARAMS] = {NULL};
    Node *fn = value_node(node_saved(n)[CS_FN].value);
    Grad inner = {.node = fn,
                  .grad = given,
                  .grads = &given,
                  .n = 1,
                  .inputs = g->n_inputs <= MAX_PARAMS ? inputs_of_fn : NULL,
                  .n_inputs = fn->n_edges};
    if (!inner.inputs) return;
    node_run(c, &inner);
    if (ctx_failed(c)) return;
    for (size_t i = 1; i < g->n_inputs; i++) grad_set(g, i, inputs_of_fn[i]);
    if (!grad_wanted(g, 0)) return;
    if (inputs_of_fn[0])
        t_copy_(c, part, inputs_of_fn[0]);
    else
        t_zero_(c, part);
    grad_set(g, 0, whole);
}
const NodeClass copy_slices_class = {"CopySlices", "torch::autograd::CopySlices",
                                     copy_slices_backward, NULL};
