/* See custom.h. The rules are those of PyTorch's autograd/custom_function.cpp (1.13).
 */
#include "custom.h"

#include "inplace.h"
#include "ops/ops.h"

static bool is_among(const Tensor *t, Tensor *const *all, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (all[i] == t) return true;
    return false;
}

Node *custom_begin(Ctx *c, const NodeClass *cls, Tensor *const *inputs,
                   size_t n_inputs) {
    Node *n = pool_add(c, node_new(c, cls, n_inputs, 0, 0));
    for (size_t i = 0; n && i < n_inputs; i++)
        if (!node_set_edge(c, n, i, inputs[i])) return NULL;
    return n;
}

Node *custom_node(Ctx *c, Node *begun, size_t n_outputs, size_t n_saved) {
    size_t n_edges = begun->n_edges;
    Node *n = pool_add(c, node_new(c, begun->cls, n_edges, n_outputs, n_saved));
    if (!n) return NULL;
    n->sequence = begun->sequence;
    for (size_t i = 0; i < n_edges; i++) {
        node_edges(n)[i] = node_edges(begun)[i];
        node_edges(begun)[i] = (Edge){NULL, 0};
    }
    /* Until it is known to be a tensor. */
    for (size_t i = 0; n && i < n_outputs; i++) node_outputs(n)[i].dtype = DT_none;
    return n;
}

/* The same elements as another tensor, known as a view of t that must not be written.
 */
static Tensor *view_of(Ctx *c, Tensor *t) {
    Tensor *v = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
    if (!v) return NULL;
    view_attach(c, v, t, false);
    return v;
}

/* PyTorch expects no view of another making here: an operator would have refused it. */
static bool may_rebase(Ctx *c, const Tensor *t) {
    if (!t->base || t->creation == CREATION_DEFAULT) return true;
    error_raise(c, RuntimeError,
                "creation_meta == CreationMeta::DEFAULT INTERNAL ASSERT FAILED at "
                "\"./torch/csrc/autograd/variable.cpp\":201, please report a bug to "
                "PyTorch. ");
    return false;
}

static bool attach_dirty(Ctx *c, const CustomResults *r, Tensor *t, bool is_input) {
    if (tensor_seems_leaf(t) && tensor_requires_grad(t)) {
        error_raise(c, RuntimeError,
                    "a leaf Variable that requires grad has been used in an in-place "
                    "operation.");
        return false;
    }
    if (!is_input)
        warn(c, UserWarning,
             "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is "
             "not "
             "an input, there is no need to pass it to mark_dirty().");
    if (is_input && t->base && r->n_outputs > 1) {
        error_raise(
            c, RuntimeError,
            "If your Function modifies inplace an input that is a view of another "
            "Tensor, your Function cannot return more than one Tensor. This is not "
            "supported by the current autograd engine. You should either make "
            "sure the input is not a view (using .clone() for example) or make "
            "your Function only return one Tensor (potentially splitting it into "
            "two Functions: one doing the inplace that returns a single Tensor and "
            "a second one that does the other operations). You can ask on the "
            "forum https://discuss.pytorch.org/ if you need help to do this "
            "change.");
        return false;
    }
    if (ctx_failed(c) || !may_rebase(c, t)) return false;
    return inplace_history(c, t, r->node);
}

/* Whether output t gets a place in the graph. */
static bool follows(const CustomResults *r, const Tensor *t) {
    return r->node && dtype_is_floating((DType)t->dtype) &&
           !is_among(t, r->plain, r->n_plain);
}

/* Views among several outputs that have gradients must not be written. */
static void forbid_writing(const CustomResults *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_outputs; i++)
        n += r->outputs[i] && follows(r, r->outputs[i]);
    for (size_t i = 0; n > 1 && i < r->n_outputs; i++)
        if (r->outputs[i] && r->outputs[i]->base)
            r->outputs[i]->creation = CREATION_MULTI_OUTPUT_NODE;
}

/* Output number nr; its place in the list may get another tensor. */
static bool attach_one(Ctx *c, CustomResults *r, size_t nr) {
    Tensor *t = r->outputs[nr];
    bool is_input = is_among(t, r->inputs, r->n_inputs);
    bool is_dirty = is_among(t, r->dirty, r->n_dirty);
    bool recorded = follows(r, t);
    if (recorded && is_dirty) {
        if (!attach_dirty(c, r, t, is_input)) return false;
        return node_set_output(c, r->node, nr, t);
    }
    bool detached = !recorded && tensor_requires_grad(t);
    if (is_input) { /* what is not recorded is a view even when it was written */
        t = detached ? tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset)
                     : view_of(c, t);
        if (!t) return false;
        r->outputs[nr] = t;
    }
    if (t->base)
        t->creation =
            recorded || !is_dirty ? CREATION_IN_CUSTOM_FUNCTION : CREATION_NO_GRAD_MODE;
    if (recorded) tensor_set_history(c, t, r->node, (uint32_t)nr);
    return !r->node || node_set_output(c, r->node, nr, t);
}

static bool dirty_returned(const CustomResults *r) {
    for (size_t i = 0; i < r->n_dirty; i++)
        if (!is_among(r->dirty[i], r->outputs, r->n_outputs)) return false;
    return true;
}

bool custom_attach(Ctx *c, CustomResults *r) {
    for (size_t i = 0; i < r->n_dirty; i++)
        if (!inplace_count(c, r->dirty[i])) return false;
    bool complete = dirty_returned(r); /* before outputs get other tensors */
    for (size_t i = 0; i < r->n_outputs; i++)
        if (r->outputs[i] && !attach_one(c, r, i)) return false;
    forbid_writing(r);
    if (!complete)
        error_raise(c, RuntimeError,
                    "Some elements marked as dirty during the forward method were not "
                    "returned as output. The inputs that are modified inplace must all "
                    "be outputs of the Function.");
    return complete;
}

Tensor *custom_zeros(Ctx *c, const Node *n, size_t nr) {
    const OutputMeta *m = &node_outputs(n)[nr];
    return t_zeros(c, m->ndim, meta_sizes(m), (DType)m->dtype);
}
