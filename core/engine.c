/* See engine.h.
 *
 * A pass gives every node it can reach a State, found through node->mark; a pass that a
 * hook starts inside another one takes the marks over and puts them back when it ends.
 * Ready nodes wait in a binary heap; among AccumulateGrad nodes, which all rank first,
 * the heap's own order decides, so sift_up and sift_down follow libstdc++'s push_heap
 * and pop_heap step by step, as PyTorch's queue does.
 */
#include "engine.h"

#include "engine_hooks.h"
#include "engine_leaf.h"
#include "op.h"
#include "ops/ops.h"
#include "pointwise.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct Capture {
    struct Capture *next;
    uint32_t nr;
    size_t result;
} Capture;

typedef struct State {
    Node *node;            /* owned */
    uint32_t outer_mark;   /* node->mark before this pass */
    uint32_t waiting : 31; /* edges whose gradient is still to come */
    bool needed : 1;       /* this node has to run */
    Tensor **grads; /* one for each output of the node, owned; NULL until any came */
    Tensor *only;   /* where grads points when there is one output */
    Capture *captures;
} State;

enum { CHUNK = MEM_SMALL / sizeof(State) };

typedef struct Ready {
    uint64_t sequence;
    uint32_t state;
} Ready;

typedef struct Engine {
    Ctx *c;
    BackwardOptions options;
    State **chunks; /* of CHUNK states each; state i is state_at(e, i) */
    size_t n, n_chunks;
    Ready *heap;
    size_t heap_n, heap_cap;
    bool selective;   /* only what leads to the given inputs runs */
    bool accumulate;  /* backward, not grad */
    Tensor **results; /* of captures, owned */
    size_t n_results;
    Str *layout_warning; /* to be given when the pass is over, or NULL */
} Engine;

/* ---- the set of nodes ---- */

static State *state_at(const Engine *e, size_t i) {
    return &e->chunks[i / CHUNK][i % CHUNK];
}

static State *state_of(const Engine *e, const Node *n) {
    if (n->mark >= e->n) return NULL;
    State *s = state_at(e, n->mark);
    return s->node == n ? s : NULL;
}

static bool chunk_add(Engine *e) {
    size_t n = e->n_chunks;
    if ((n & (n - 1)) == 0) { /* the table is full: double it */
        State **t =
            ctx_resize(e->c, e->chunks, n * sizeof *t, (n ? 2 * n : 1) * sizeof *t);
        if (!t) return false;
        e->chunks = t;
    }
    e->chunks[n] = ctx_alloc(e->c, CHUNK * sizeof(State));
    if (e->chunks[n]) e->n_chunks++;
    return e->chunks[n];
}

static void chunks_free(Engine *e) {
    size_t n = e->n_chunks, room = n ? 1 : 0;
    for (size_t i = 0; i < n; i++) ctx_free(e->c, e->chunks[i], CHUNK * sizeof(State));
    while (room < n) room *= 2;
    ctx_free(e->c, e->chunks, room * sizeof *e->chunks);
}

static State *state_add(Engine *e, Node *n) {
    if (e->n == e->n_chunks * CHUNK && !chunk_add(e)) return NULL;
    State *s = state_at(e, e->n);
    *s = (State){.node = obj_retain(n), .outer_mark = n->mark};
    n->mark = (uint32_t)e->n++;
    return s;
}

/* Every node reachable from those already in the set joins it; counts their edges. */
static bool discover(Engine *e) {
    for (size_t i = 0; i < e->n; i++) {
        const Node *n = state_at(e, i)->node;
        for (uint32_t k = 0; k < n->n_edges; k++) {
            Node *next = node_edges(n)[k].node;
            if (!next) continue;
            State *s = state_of(e, next);
            if (!s) s = state_add(e, next);
            if (!s) return false;
            s->waiting++;
        }
    }
    return true;
}

static void drop_grads(Engine *e, State *s) {
    if (!s->grads) return;
    for (uint32_t i = 0; i < s->node->n_outputs; i++) obj_release(e->c, s->grads[i]);
    if (s->grads != &s->only)
        ctx_free(e->c, s->grads, s->node->n_outputs * sizeof *s->grads);
    s->grads = NULL;
}

/* Room for the gradients of s's outputs, none of which has come yet. */
static bool make_room(Ctx *c, State *s) {
    size_t n = s->node->n_outputs;
    s->grads = n == 1 ? &s->only : ctx_alloc(c, n * sizeof *s->grads);
    for (size_t i = 0; s->grads && i < n; i++) s->grads[i] = NULL;
    return s->grads;
}

static void engine_free(Engine *e) {
    obj_release(e->c, e->layout_warning);
    Ctx *c = e->c;
    for (size_t i = 0; i < e->n; i++) {
        State *s = state_at(e, i);
        s->node->mark = s->outer_mark;
        drop_grads(e, s);
        while (s->captures) {
            Capture *next = s->captures->next;
            ctx_free(c, s->captures, sizeof *s->captures);
            s->captures = next;
        }
    }
    for (size_t i = 0; i < e->n; i++) obj_release(c, state_at(e, i)->node);
    chunks_free(e);
    ctx_free(c, e->heap, e->heap_cap * sizeof *e->heap);
    for (size_t i = 0; i < e->n_results; i++) obj_release(c, e->results[i]);
    ctx_free(c, e->results, e->n_results * sizeof *e->results);
}

/* ---- the queue of ready nodes ---- */

static void sift_up(Ready *h, size_t hole, Ready r) {
    while (hole > 0) {
        size_t parent = (hole - 1) / 2;
        if (h[parent].sequence >= r.sequence) break;
        h[hole] = h[parent];
        hole = parent;
    }
    h[hole] = r;
}

static bool heap_push(Engine *e, State *s) {
    if (e->heap_n == e->heap_cap) {
        size_t cap = e->heap_cap ? e->heap_cap * 2 : 32;
        Ready *h = ctx_resize(e->c, e->heap, e->heap_cap * sizeof *h, cap * sizeof *h);
        if (!h) return false;
        e->heap = h;
        e->heap_cap = cap;
    }
    Ready r = {s->node->sequence, s->node->mark};
    sift_up(e->heap, e->heap_n++, r);
    return true;
}

static State *heap_pop(Engine *e) {
    Ready *h = e->heap;
    State *top = state_at(e, h[0].state);
    size_t n = --e->heap_n;
    if (n == 0) return top;
    Ready last = h[n];
    size_t hole = 0, child = 0;
    while (child < (n - 1) / 2) {
        child = 2 * (child + 1);
        if (h[child].sequence < h[child - 1].sequence) child--;
        h[hole] = h[child];
        hole = child;
    }
    if (n % 2 == 0 && child == (n - 2) / 2) {
        child = 2 * (child + 1);
        h[hole] = h[child - 1];
        hole = child - 1;
    }
    sift_up(h, hole, last);
    return top;
}

/* ---- gradients on their way ---- */

static void raise_bad_gradient(Ctx *c, const Node *from, size_t i, const Tensor *t,
                               const OutputMeta *m) {
    error_raise(c, RuntimeError,
                "Function %s returned an invalid gradient at index %zu - got %s but "
                "expected shape compatible with %s",
                node_name(from), i, dims_text(c, t->ndim, t->sizes),
                dims_text(c, m->ndim, meta_sizes(m)));
}

/* t as a gradient of what m describes: summed to its shape, cast to its dtype. */
static Tensor *fit_gradient(Ctx *c, const Node *from, size_t i, Tensor *t,
                            const OutputMeta *m) {
    if (!shape_equal(t->ndim, t->sizes, m->ndim, meta_sizes(m))) {
        if (!shape_expands_to(m->ndim, meta_sizes(m), t->ndim, t->sizes)) {
            raise_bad_gradient(c, from, i, t, m);
            return NULL;
        }
        t = t_sum_to_size(c, t, m->ndim, meta_sizes(m));
    }
    if (t && t->dtype != m->dtype) t = t_to_dtype(c, t, (DType)m->dtype);
    return t;
}

/* Post hooks see the gradients as the next nodes get them. */
static bool fit_gradients(Ctx *c, const Node *n, Tensor **inputs) {
    for (uint32_t i = 0; i < n->n_edges; i++) {
        Edge edge = node_edges(n)[i];
        if (!edge.node || !inputs[i]) continue;
        inputs[i] = fit_gradient(c, n, i, inputs[i], &node_outputs(edge.node)[edge.nr]);
        if (ctx_failed(c)) return false;
    }
    return true;
}

static bool has_nan(Ctx *c, Tensor *t) {
    if (!dtype_is_floating((DType)t->dtype)) return false;
    Tensor *total = t_sum(c, t_ne(c, t, t));
    Value v = total ? tensor_item(c, total) : value_int(0);
    return v.as.i != 0;
}

static bool check_anomaly(Ctx *c, const Node *from, size_t i, Tensor *t) {
    if (!c->anomaly || !c->anomaly_check_nan) return true;
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    bool bad = has_nan(c, t);
    c->grad_enabled = was;
    if (!bad) return true;
    error_raise(c, RuntimeError,
                "Function '%s' returned nan values in its %zuth output.",
                node_name(from), i);
    return false;
}

/* Whether t, a sum so far, may be added to. */
static bool is_own(const Ctx *c, const Tensor *t) {
    return !c->grad_enabled && grad_is_exclusive(t) && !t->storage->zeros &&
           !t->requires_grad && !t->extra && !t->inference;
}

static bool give(Engine *e, State *s, uint32_t nr, Tensor *t) {
    Ctx *c = e->c;
    if (!s->grads && !make_room(c, s)) return false;
    if (!t) return true;
    Tensor *old = s->grads[nr];
    if (old && is_own(c, old) && !t->storage->zeros && pointwise_add_to(old, t))
        return true;
    Tensor *sum = old ? t_add(c, old, t) : t;
    if (!sum) return false;
    grad_replace(c, &s->grads[nr], sum);
    return true;
}

static bool is_awaited(const State *s) {
    return s && (s->needed || s->captures);
}

/* Hands the gradient of each input to the node it comes from. */
static bool propagate(Engine *e, const State *from, Tensor **inputs) {
    Ctx *c = e->c;
    const Node *n = from->node;
    for (uint32_t i = 0; i < n->n_edges; i++) {
        Edge edge = node_edges(n)[i];
        if (!edge.node) continue;
        Tensor *t = inputs[i];
        if (t && !check_anomaly(c, n, i, t)) return false;
        State *s = state_of(e, edge.node);
        s->waiting--;
        if (e->selective && !is_awaited(s)) continue;
        if (!give(e, s, edge.nr, t)) return false;
        if (s->waiting == 0 && !heap_push(e, s)) return false;
    }
    return true;
}

/* ---- one node ---- */

static bool capture(Engine *e, State *s) {
    for (Capture *k = s->captures; k; k = k->next)
        grad_replace(e->c, &e->results[k->result], s->grads[k->nr]);
    return true;
}

static bool any_grad(const State *s) {
    for (uint32_t i = 0; i < s->node->n_outputs; i++)
        if (s->grads[i]) return true;
    return false;
}

enum { FEW_INPUTS = 16 };

/* Hooks see no gradient of an operator that the pass does not ask for. */
static void drop_unasked(Engine *e, Node *n, Tensor **inputs) {
    for (uint32_t i = 0; i < n->n_edges; i++) {
        const Node *next = node_edges(n)[i].node;
        if (next && !is_awaited(state_of(e, next))) inputs[i] = NULL;
    }
}

static bool run_backward(Engine *e, State *s, Tensor **inputs) {
    Ctx *c = e->c;
    Node *n = s->node;
    Grad g = {.node = n,
              .grad = s->grads[0],
              .grads = s->grads,
              .n = n->n_outputs,
              .inputs = inputs,
              .n_inputs = n->n_edges};
    /* Operators make nothing of nothing; a host's function gets its zeros itself. */
    if (!n->cls->op || any_grad(s)) node_run(c, &g);
    if (ctx_failed(c) || !fit_gradients(c, n, inputs)) return false;
    if (e->selective && n->cls->op && n->hooks) drop_unasked(e, n, inputs);
    if (n->hooks) hooks_after(c, n, s->grads, inputs, n->n_edges);
    if (ctx_failed(c)) return false;
    if (!e->options.keep_graph) node_release_saved(c, n); /* even when nan is found */
    return propagate(e, s, inputs);
}

static bool run_node(Engine *e, State *s) {
    Ctx *c = e->c;
    Node *n = s->node;
    capture(e, s);
    if (e->selective && !s->needed) return true;
    if (n->hooks) hooks_before(c, n, s->grads);
    if (ctx_failed(c)) return false;
    if (n->cls == &accumulate_grad_class) {
        leaf_accumulate(c, value_tensor(node_saved(n)[0].value), s->grads,
                        &e->layout_warning);
        if (n->hooks && !ctx_failed(c)) hooks_after(c, n, s->grads, NULL, 0);
        return !ctx_failed(c);
    }
    Tensor *few[FEW_INPUTS], **inputs = few;
    if (n->n_edges > FEW_INPUTS) {
        inputs = ctx_alloc(c, n->n_edges * sizeof *inputs);
        if (!inputs) return false;
    }
    for (uint32_t i = 0; i < n->n_edges; i++) inputs[i] = NULL;
    bool done = run_backward(e, s, inputs);
    if (inputs != few) ctx_free(c, inputs, n->n_edges * sizeof *inputs);
    return done;
}

/* Tells, in anomaly mode, which node raised; the error stays pending. */
static void warn_of_error(Ctx *c, const Node *n) {
    if (c->error.kind == MemoryError) return;
    Error raised = error_set_aside(c);
    if (n->traced)
        warn(c, UserWarning,
             "Error detected in %s. Traceback of forward call that caused the error:",
             node_name(n));
    else
        warn(c, UserWarning,
             "Error detected in %s. No forward pass information available. Enable "
             "detect anomaly during forward pass for more information.",
             node_name(n));
    error_put_back(c, &raised);
}

static bool run_all(Engine *e) {
    Ctx *c = e->c;
    while (e->heap_n) {
        State *s = heap_pop(e);
        size_t mark = pool_mark(c);
        bool done = run_node(e, s);
        drop_grads(e, s);
        pool_drain(c, mark);
        if (!done && c->anomaly) warn_of_error(c, s->node);
        if (!done) return false;
    }
    return true;
}

/* ---- which nodes have to run ---- */

static int by_sequence(const void *a, const void *b) {
    const Ready *x = a, *y = b;
    return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

/* Marks the nodes that lead to a needed or captured one. Edges lead to nodes with
 * smaller sequence numbers, or to AccumulateGrad, which leads nowhere. */
static bool mark_needed(Engine *e) {
    Ctx *c = e->c;
    Ready *order = ctx_alloc(c, e->n * sizeof *order);
    if (!order) return false;
    for (size_t i = 0; i < e->n; i++)
        order[i] = (Ready){state_at(e, i)->node->sequence, (uint32_t)i};
    qsort(order, e->n, sizeof *order, by_sequence);
    for (size_t i = 0; i < e->n; i++) {
        State *s = state_at(e, order[i].state);
        for (uint32_t k = 0; k < s->node->n_edges && !s->needed; k++) {
            const Node *next = node_edges(s->node)[k].node;
            const State *t = next ? state_of(e, next) : NULL;
            if (t && (t->needed || t->captures)) s->needed = true;
        }
    }
    ctx_free(c, order, e->n * sizeof *order);
    return true;
}

static bool add_capture(Engine *e, State *s, uint32_t nr, size_t result) {
    Capture *k = ctx_alloc(e->c, sizeof *k);
    if (!k) return false;
    *k = (Capture){s->captures, nr, result};
    s->captures = k;
    return true;
}

static bool select_inputs(Engine *e, Tensor *const *inputs, size_t n) {
    Ctx *c = e->c;
    e->selective = true;
    for (size_t i = 0; i < n; i++) {
        if (e->accumulate && !tensor_retain_grad(c, inputs[i])) return false;
        Node *fn = tensor_grad_fn(c, inputs[i]);
        if (!fn && !tensor_requires_grad(inputs[i])) {
            error_raise(c, RuntimeError,
                        "One of the differentiated Tensors does not require grad");
            return false;
        }
        if (!fn && inputs[i]->extra) fn = inputs[i]->extra->accumulator;
        State *s = fn ? state_of(e, fn) : NULL;
        if (!s) continue; /* not reached from the roots */
        if (e->accumulate)
            s->needed = true;
        else if (!add_capture(e, s, inputs[i]->output_nr, i))
            return false;
    }
    return mark_needed(e);
}

/* ---- roots ---- */

static void raise_grad_shape(Ctx *c, size_t i, const Tensor *grad, const Tensor *root) {
    error_raise(c, RuntimeError,
                "Mismatch in shape: grad_output[%zu] has a shape of torch.Size(%s) and "
                "output[%zu] has a shape of torch.Size(%s).",
                i, dims_text(c, grad->ndim, grad->sizes), i,
                dims_text(c, root->ndim, root->sizes));
}

bool engine_check_gradient(Ctx *c, size_t i, Tensor *root, const Tensor *given) {
    if (given && !tensor_same_sizes(given, root))
        raise_grad_shape(c, i, given, root);
    else if (!given && root->numel != 1 &&
             (tensor_grad_fn(c, root) || tensor_requires_grad(root)))
        error_raise(c, RuntimeError,
                    "grad can be implicitly created only for scalar outputs");
    return !ctx_failed(c);
}

bool engine_check_roots(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!engine_check_gradient(c, i, roots[i], grads ? grads[i] : NULL))
            return false;
    for (size_t i = 0; i < n && !ctx_failed(c); i++)
        if (!tensor_edge(c, roots[i]).node && !ctx_failed(c))
            error_raise(
                c, RuntimeError,
                "element %zu of tensors does not require grad and does not have "
                "a grad_fn",
                i);
    return !ctx_failed(c);
}

static bool add_roots(Engine *e, Tensor *const *roots, Tensor *const *grads, size_t n,
                      Tensor **given) {
    Ctx *c = e->c;
    if (!engine_check_roots(c, roots, grads, n)) return false;
    for (size_t i = 0; i < n; i++) {
        given[i] = grads && grads[i] ? grads[i] : t_ones_like(c, roots[i]);
        Node *node = tensor_edge(c, roots[i]).node;
        if (ctx_failed(c) || (!state_of(e, node) && !state_add(e, node))) return false;
    }
    return true;
}

static bool start(Engine *e, Tensor *const *roots, Tensor *const *given, size_t n) {
    Ctx *c = e->c;
    for (size_t i = 0; i < n; i++) {
        Edge edge = tensor_edge(c, roots[i]);
        Tensor *t = given[i];
        if (t) t = fit_gradient(c, edge.node, i, t, &node_outputs(edge.node)[edge.nr]);
        State *s = state_of(e, edge.node);
        if (ctx_failed(c) || !give(e, s, edge.nr, t)) return false;
        bool queued = false;
        for (size_t k = 0; k < i; k++)
            queued |= tensor_edge(c, roots[k]).node == s->node;
        if (s->waiting == 0 && !queued && !heap_push(e, s)) return false;
    }
    return true;
}

static void warn_cycle(const Engine *e) {
    static const char cycle_warned;
    if (!e->accumulate || !e->options.create_graph) return;
    warn_once(e->c, &cycle_warned, UserWarning,
              "Using backward() with create_graph=True will create a reference cycle "
              "between the parameter and its gradient which can cause a memory leak. "
              "We recommend using autograd.grad when creating the graph to avoid "
              "this. If you have to use this function, make sure to reset the .grad "
              "fields of your parameters to None after use to break the cycle and "
              "avoid the leak.");
}

/* Once from sums in place and once from those that are recorded. */
static void warn_layout(const Engine *e) {
    static const char warned[2];
    if (e->layout_warning)
        warn_once(e->c, &warned[e->options.create_graph], UserWarning, "%s",
                  e->layout_warning->data);
}

/* PyTorch shows the warnings of a pass when it is over, after what hooks print and
 * before an error that ended it. That of the cycle is the first: it arises when the
 * pass begins. */
static void warn_of_pass(const Engine *e) {
    Ctx *c = e->c;
    if (c->error.kind == MemoryError) return;
    Error raised = error_set_aside(c);
    warn_cycle(e);
    warn_layout(e);
    error_put_back(c, &raised);
}

static bool run_pass(Engine *e, Tensor *const *roots, Tensor *const *grads,
                     size_t n_roots, Tensor *const *inputs, size_t n_inputs) {
    Ctx *c = e->c;
    Tensor **given = ctx_alloc_zero(c, n_roots * sizeof *given);
    if (!given) return false;
    bool begun = add_roots(e, roots, grads, n_roots, given) && discover(e) &&
                 (n_inputs == 0 || select_inputs(e, inputs, n_inputs)) &&
                 start(e, roots, given, n_roots);
    bool done = begun && run_all(e);
    if (begun) warn_of_pass(e);
    ctx_free(c, given, n_roots * sizeof *given);
    return done && !ctx_failed(c);
}

/* The mode a backward pass runs in; the caller's is put back afterwards. */
static bool run_in_mode(Engine *e, Tensor *const *roots, Tensor *const *grads,
                        size_t n_roots, Tensor *const *inputs, size_t n_inputs) {
    Ctx *c = e->c;
    bool grad_was = c->grad_enabled;
    int below_was = c->below_autograd;
    c->below_autograd = 0;
    c->grad_enabled = e->options.create_graph;
    bool done = run_pass(e, roots, grads, n_roots, inputs, n_inputs);
    c->grad_enabled = grad_was;
    c->below_autograd = below_was;
    return done;
}

bool engine_backward(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n_roots,
                     Tensor *const *inputs, size_t n_inputs, BackwardOptions o) {
    if (ctx_failed(c)) return false;
    Engine e = {.c = c, .options = o, .accumulate = true};
    bool done = run_in_mode(&e, roots, grads, n_roots, inputs, n_inputs);
    engine_free(&e);
    return done && !ctx_failed(c);
}

bool engine_grad(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n_roots,
                 Tensor *const *inputs, size_t n_inputs, BackwardOptions o,
                 Tensor **results) {
    if (ctx_failed(c)) return false;
    Engine e = {.c = c, .options = o, .n_results = n_inputs};
    e.results = ctx_alloc_zero(c, n_inputs * sizeof *e.results);
    if (!e.results) return false;
    bool done = run_in_mode(&e, roots, grads, n_roots, inputs, n_inputs);
    for (size_t i = 0; done && i < n_inputs; i++) {
        results[i] = pool_add(c, obj_retain(e.results[i]));
        if (!results[i] && !o.allow_unused && !ctx_failed(c))
            error_raise(
                c, RuntimeError,
                "One of the differentiated Tensors appears to not have been used "
                "in the graph. Set allow_unused=True if this is the desired "
                "behavior.");
    }
    engine_free(&e);
    return done && !ctx_failed(c);
}
