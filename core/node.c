/* See node.h. */
#include "node.h"

#include "op.h"

#include <inttypes.h>

/* ---- making and ending ---- */

static size_t node_bytes(size_t n_edges, size_t n_outputs, size_t n_saved) {
    return sizeof(Node) + n_edges * sizeof(Edge) + n_outputs * sizeof(OutputMeta) +
           n_saved * sizeof(Saved);
}

static void free_hooks(Ctx *c, Node *n) {
    NodeHooks *h = n->hooks;
    if (!h) return;
    n->hooks = NULL;
    for (size_t i = 0; i < h->n_pre; i++) obj_release(c, h->pre[i].list);
    ctx_free(c, h->pre, h->cap_pre * sizeof *h->pre);
    obj_release(c, h->post);
    value_release(c, h->metadata);
    ctx_free(c, h, sizeof *h);
}

static void drop_saved(Ctx *c, Saved *s) {
    Value v = s->value;
    s->value = value_null();
    value_release(c, v);
}

static void free_sizes(Ctx *c, OutputMeta *m) {
    if (m->ndim > META_DIMS)
        ctx_free(c, m->sizes.block, (size_t)m->ndim * sizeof *m->sizes.block);
    m->ndim = 0;
}

static void node_clear(Ctx *c, Obj *o) {
    Node *n = (Node *)o;
    if (n->cls == &accumulate_grad_class) {
        Tensor *t = value_tensor(node_saved(n)[0].value);
        if (t && t->extra && t->extra->accumulator == n) t->extra->accumulator = NULL;
        if (t) tensor_set_grad(c, t, NULL);
    }
    for (size_t i = 0; i < n->n_saved; i++) drop_saved(c, &node_saved(n)[i]);
    for (size_t i = 0; i < n->n_edges; i++) {
        Node *next = node_edges(n)[i].node;
        node_edges(n)[i].node = NULL;
        obj_release(c, next);
    }
    free_hooks(c, n);
}

static void node_destroy(Ctx *c, Obj *o) {
    Node *n = (Node *)o;
    if (n->cls == &accumulate_grad_class) {
        Tensor *t = value_tensor(node_saved(n)[0].value);
        if (t && t->extra && t->extra->accumulator == n) t->extra->accumulator = NULL;
    }
    const Saved *saved = node_saved(n);
    for (size_t i = 0; i < n->n_saved; i++) value_release(c, saved[i].value);
    for (size_t i = 0; i < n->n_edges; i++) obj_release(c, node_edges(n)[i].node);
    for (size_t i = 0; i < n->n_outputs; i++) free_sizes(c, &node_outputs(n)[i]);
    free_hooks(c, n);
    obj_free_tracked(c, n, node_bytes(n->n_edges, n->n_outputs, n->n_saved));
}
static const ObjType node_type = {"Node", OBJ_NODE, node_destroy, node_clear};

Node *node_new(Ctx *c, const NodeClass *cls, size_t n_edges, size_t n_outputs,
               size_t n_saved) {
    Node *n = obj_new_tracked(c, &node_type, node_bytes(n_edges, n_outputs, n_saved));
    if (!n) return NULL;
    n->cls = cls;
    n->sequence = c->next_sequence++;
    n->n_edges = (uint32_t)n_edges;
    n->n_outputs = (uint32_t)n_outputs;
    n->n_saved = (uint32_t)n_saved & MAX_SAVED;
    if (c->anomaly) n->traced = true;
    return n;
}

bool node_set_output(Ctx *c, Node *n, size_t nr, const Tensor *t) {
    OutputMeta *m = &node_outputs(n)[nr];
    free_sizes(c, m);
    int64_t *sizes = m->sizes.within;
    if (t->ndim > META_DIMS) {
        sizes = ctx_alloc(c, (size_t)t->ndim * sizeof *sizes);
        if (!sizes) return false;
        m->sizes.block = sizes;
    }
    m->ndim = t->ndim;
    m->dtype = t->dtype;
    for (int i = 0; i < t->ndim; i++) sizes[i] = t->sizes[i];
    return true;
}

bool node_set_edge(Ctx *c, Node *n, size_t i, Tensor *t) {
    if (!t) return true;
    Edge e = tensor_edge(c, t);
    node_edges(n)[i] = (Edge){.node = obj_retain(e.node), .nr = e.nr};
    /* A view whose base was written gets its new history only now, after n was
     * numbered; the engine relies on edges that lead to smaller numbers. */
    if (e.node && e.node->cls != &accumulate_grad_class &&
        e.node->sequence > n->sequence)
        n->sequence = c->next_sequence++;
    return !ctx_failed(c);
}

const char *node_short_name(const Node *n) {
    if (n->cls->name) return n->cls->name;
    /* A host node names itself: its class's name is its second saved value. */
    const Str *s = n->n_saved > 1 ? value_str(node_saved(n)[1].value) : NULL;
    return s ? s->data : "Node";
}

const char *node_name(const Node *n) {
    return n->cls->long_name ? n->cls->long_name : node_short_name(n);
}

/* ---- saving ---- */

/* The innermost (pack, unpack) pair of saved_tensors_hooks, or NULL. */
static Tuple *active_hooks(const Ctx *c) {
    const List *l = value_list(c->saved_hooks);
    return l && l->n ? value_tuple(l->items[l->n - 1]) : NULL;
}

/* t's elements without its history. */
static Tensor *bare(Ctx *c, Tensor *t) {
    Tensor *r = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
    if (r) r->is_parameter = t->is_parameter;
    return r;
}

static Value call_pack(Ctx *c, Value pack, Tensor *t) {
    Value given = value_obj(t);
    uint32_t version = tensor_version(t);
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    Value packed = c->host.call(c, pack, &given, 1);
    c->grad_enabled = was;
    if (!ctx_failed(c) && tensor_version(t) != version)
        error_raise(
            c, RuntimeError,
            "A saved tensor pack hook is modifying its input in place. Tensors "
            "provided "
            "as input to pack hook can not be modified by in-place operations as this "
            "can lead to unexpected side-effects. Please open an issue if you need to "
            "perform in-place operations on the input to a pack hook.");
    return packed;
}

/* Places in the tuple that stands for a packed tensor. */
enum { PACK_UNPACK, PACK_VALUE, PACK_NODE, PACK_CURRENT, PACK_N };

/* What pack makes of `shown`, which is t or its elements alone, with all that unpacking
 * needs: the unpack hook, the node that t leads to, and room for what it was unpacked
 * to. */
static bool save_packed(Ctx *c, Node *n, Saved *s, Tensor *t, Tensor *shown,
                        const Value *hooks) {
    if (!c->host.call) return false;
    Value packed = call_pack(c, hooks[0], shown);
    if (ctx_failed(c)) return false;
    Edge e = s->is_output ? (Edge){.node = NULL} : tensor_edge(c, t);
    Value items[PACK_N] = {hooks[1], packed, e.node ? value_obj(e.node) : value_none(),
                           value_none()};
    Value before = s->value;
    s->value = value_obj(tuple_new(c, NULL, PACK_N, items));
    value_release(c, before);
    s->hooked = n->hooked = true;
    return !value_is_null(s->value);
}

bool node_save(Ctx *c, Node *n, size_t i, Value v, bool is_output, uint32_t output_nr) {
    Saved *s = &node_saved(n)[i];
    Tensor *t = value_tensor(v);
    if (!t) {
        s->value = value_retain(v);
        return true;
    }
    const Tuple *hooks = active_hooks(c);
    if (t->inference && !c->inference) {
        error_raise(
            c, RuntimeError,
            "Inference tensors cannot be saved for backward. To work around you "
            "can make a clone to get a normal tensor and use it in autograd.");
        return false;
    }
    /* In one go: reading back a word of which a byte has just been written stalls. */
    *s = (Saved){.is_tensor = true,
                 .is_output = is_output,
                 .output_nr = (is_output ? output_nr : t->output_nr) & MAX_OUTPUT_NR,
                 .version = tensor_version(t),
                 .was_leaf = tensor_seems_leaf(t)};
    if (hooks) return save_packed(c, n, s, t, t, hooks->items);
    s->value = t->wrapped_number ? tensor_item(c, t)
                                 : value_obj(obj_retain(is_output ? bare(c, t) : t));
    return !value_is_null(s->value);
}

/* A saved tensor that no hook has packed. NULL after raising. */
static Tensor *held(Ctx *c, const Saved *s) {
    Tensor *t = value_tensor(s->value);
    return t ? t : tensor_wrap_number(c, s->value);
}

bool node_save_list(Ctx *c, Node *n, size_t i, size_t first, Value v) {
    const Value *items;
    size_t count = value_items(v, &items, &count) ? count : 0;
    for (size_t k = 0; k < count; k++)
        if (!node_save(c, n, first + k, items[k], false, 0)) return false;
    Value range[2] = {value_int((int64_t)first), value_int((int64_t)count)};
    node_saved(n)[i].value = value_obj(tuple_new(c, NULL, 2, range));
    node_saved(n)[i].is_list = true;
    return !ctx_failed(c);
}

bool node_hook_saved(Ctx *c, Node *n, size_t i, Value pack, Value unpack) {
    Saved *s = &node_saved(n)[i];
    const char *problem = NULL;
    if (s->hooked)
        problem = "a saved tensor whose hooks have already been set. Hint: only one "
                  "pair of hooks is allowed at a time.";
    else if (!s->is_tensor)
        problem = "a saved tensor with value None is forbidden.";
    else if (value_is_null(s->value))
        problem = "a saved tensor after it has been freed. Saved intermediate values "
                  "of the graph are freed when you call .backward() or "
                  "autograd.grad(). Specify retain_graph=True if you need to backward "
                  "through the graph a second time or if you need to access saved "
                  "variables after calling backward.";
    if (problem) {
        error_raise(c, RuntimeError, "Calling register_hooks on %s", problem);
        return false;
    }
    Tensor *t = held(c, s), *shown = t ? bare(c, t) : NULL;
    return shown && save_packed(c, n, s, t, shown, (Value[]){pack, unpack});
}

void node_release_saved(Ctx *c, Node *n) {
    Node *inner = copy_slices_inner(n);
    if (inner) {
        n->released = true;
        n = inner;
    }
    for (size_t i = 0; i < n->n_saved; i++)
        if (node_saved(n)[i].is_tensor) {
            node_saved(n)[i].hooked = false;
            drop_saved(c, &node_saved(n)[i]);
        }
}

/* ---- unpacking ---- */

static void raise_modified(Ctx *c, const Tensor *t, const Saved *s, const Node *from) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b,
               "one of the variables needed for gradient computation has been modified "
               "by an inplace operation: [%s ",
               tensor_cpp_type(t));
    buf_dims(&b, t->ndim, t->sizes);
    buf_putc(&b, ']');
    if (from)
        buf_printf(&b, ", which is output %" PRIu32 " of %s,", s->output_nr,
                   node_name(from));
    buf_printf(&b, " is at version %" PRIu32 "; expected version %" PRIu32 " instead.",
               tensor_version(t), s->version);
    buf_puts(&b, c->anomaly
                     ? " Hint: the backtrace further above shows the operation that "
                       "failed to compute its gradient. The variable in question was "
                       "changed in there or anywhere later. Good luck!"
                     : " Hint: enable anomaly detection to find the operation that "
                       "failed to compute its gradient, with "
                       "torch.autograd.set_detect_anomaly(True).");
    error_raise(c, RuntimeError, "%s", buf_text(&b));
    buf_free(&b);
}

/* Gives data the place in the graph that the saved tensor had. */
static Tensor *with_history(Ctx *c, Tensor *data, Node *from, uint32_t nr) {
    Tensor *r = bare(c, data);
    if (!r || !from) return r;
    if (from->cls == &accumulate_grad_class) {
        TensorExtra *x = tensor_extra(c, r);
        if (!x) return NULL;
        r->requires_grad = true;
        x->accumulator = from;
    } else {
        tensor_set_history(c, r, from, nr);
    }
    return r;
}

static Value unpack_hooked(Ctx *c, Node *n, const Saved *s) {
    const Tuple *parts = value_tuple(s->value);
    if (value_tensor(parts->items[PACK_CURRENT])) return parts->items[PACK_CURRENT];
    Value v = c->host.call(c, parts->items[PACK_UNPACK], &parts->items[PACK_VALUE], 1);
    if (ctx_failed(c)) return value_null();
    Tensor *t = value_tensor(v);
    if (!t)
        return value_raise(c, TypeError,
                           "Output of saved tensor unpack_hook expected to be a Tensor "
                           "but got result of type %s",
                           value_type_name(v));
    Node *from = s->is_output ? n : value_node(parts->items[PACK_NODE]);
    return value_obj(with_history(c, t, from, s->output_nr));
}

void node_raise_released(Ctx *c) {
    error_raise(
        c, RuntimeError,
        "Trying to backward through the graph a second time (or directly access "
        "saved tensors after they have already been freed). Saved intermediate "
        "values of the graph are freed when you call .backward() or "
        "autograd.grad(). Specify retain_graph=True if you need to backward "
        "through the graph a second time or if you need to access saved tensors "
        "after calling backward.");
}

/* Raises when the saved tensor was freed or written. */
static bool is_intact(Ctx *c, Node *n, const Saved *s) {
    if (value_is_null(s->value)) {
        node_raise_released(c);
        return false;
    }
    Tensor *t = s->hooked ? NULL : value_tensor(s->value);
    if (!t || tensor_version(t) == s->version) return true;
    Node *from = s->is_output ? n : tensor_grad_fn(c, t);
    if (!ctx_failed(c)) raise_modified(c, t, s, from);
    return false;
}

static Value unpack_list(Ctx *c, Node *n, const Saved *s) {
    const Tuple *range = value_tuple(s->value);
    size_t first = (size_t)range->items[0].as.i, count = (size_t)range->items[1].as.i;
    Tuple *t = pool_add(c, tuple_new(c, NULL, count, NULL));
    for (size_t k = 0; t && k < count; k++) {
        Value v = node_unpack(c, n, first + k);
        if (ctx_failed(c)) return value_null();
        value_set(c, &t->items[k], v);
    }
    return value_obj(t);
}

Value node_unpack(Ctx *c, Node *n, size_t i) {
    if (ctx_failed(c)) return value_null();
    Saved *s = &node_saved(n)[i];
    if (s->is_list) return unpack_list(c, n, s);
    if (!s->is_tensor) return s->value;
    if (!is_intact(c, n, s)) return value_null();
    if (s->hooked) return unpack_hooked(c, n, s);
    Tensor *t = held(c, s);
    return value_obj(s->is_output ? with_history(c, t, n, s->output_nr) : t);
}

/* Keeps what each packed tensor is unpacked to, or drops it. */
static void keep_unpacked(Ctx *c, Node *n, bool keep) {
    for (size_t i = 0; i < n->n_saved; i++) {
        if (!node_saved(n)[i].hooked || value_is_null(node_saved(n)[i].value)) continue;
        Value v = keep ? node_unpack(c, n, i) : value_none();
        if (value_is_null(v)) return;
        value_set(c, &value_tuple(node_saved(n)[i].value)->items[PACK_CURRENT], v);
    }
}

/* A saved argument that was cut from the graph since; PyTorch does not expect it. */
static bool keeps_history(Ctx *c, const Saved *s) {
    const Tensor *t = s->hooked || s->is_output ? NULL : value_tensor(s->value);
    if (!t || s->was_leaf || !tensor_seems_leaf(t)) return true;
    error_raise(c, RuntimeError,
                "saved_for INTERNAL ASSERT FAILED at "
                "\"./torch/csrc/autograd/saved_variable.cpp\":146, please report a bug "
                "to PyTorch. No grad_fn for non-leaf saved tensor");
    return false;
}

/* An operator's saved tensors are looked at before its formulas are, needed or not. */
static bool all_intact(Ctx *c, Node *n) {
    const Saved *s = node_saved(n);
    for (size_t i = 0; n->cls->op && i < n->n_saved; i++)
        if (s[i].is_tensor && (!keeps_history(c, &s[i]) || !is_intact(c, n, &s[i])))
            return false;
    return true;
}

static bool any_wanted(const Grad *g) {
    bool any = false;
    for (size_t i = 0; i < g->n_inputs; i++) any = any || grad_wanted(g, i);
    return any;
}

void node_run(Ctx *c, Grad *g) {
    Node *n = g->node;
    if (!all_intact(c, n)) return;
    /* A view of what was detached since leads nowhere. */
    if (n->cls->op && !any_wanted(g)) return;
    /* A host's function unpacks by itself, when it asks for its tensors. */
    bool keep = n->hooked && n->cls->op;
    if (keep) keep_unpacked(c, n, true);
    if (!ctx_failed(c)) n->cls->backward(c, g);
    if (keep) keep_unpacked(c, n, false);
}

Tensor *saved_tensor(Ctx *c, const Grad *g, size_t i) {
    return value_tensor(node_unpack(c, g->node, i));
}
Value saved_list(Ctx *c, const Grad *g, size_t i) {
    return node_unpack(c, g->node, i);
}
Value saved_value(const Grad *g, size_t i) {
    return node_saved(g->node)[i].value;
}
int64_t saved_int(const Grad *g, size_t i) {
    Value v = saved_value(g, i);
    return v.tag == VAL_BOOL ? v.as.b : v.as.i;
}
double saved_float(const Grad *g, size_t i) {
    Value v = saved_value(g, i);
    return v.tag == VAL_FLOAT ? v.as.f : v.tag == VAL_BOOL ? v.as.b : (double)v.as.i;
}
bool saved_bool(const Grad *g, size_t i) {
    return saved_int(g, i) != 0;
}
bool saved_is_none(const Grad *g, size_t i) {
    Value v = saved_value(g, i);
    return value_is_none(v) || (value_is_null(v) && !node_saved(g->node)[i].is_tensor);
}

int saved_ints(const Grad *g, size_t i, int64_t *out, int max) {
    const Value *items;
    size_t n;
    Value v = saved_value(g, i);
    if (v.tag == VAL_INT) {
        out[0] = v.as.i;
        return 1;
    }
    if (!value_items(v, &items, &n)) return 0;
    for (size_t k = 0; k < n && (int)k < max; k++) out[k] = items[k].as.i;
    return (int)n;
}

bool grad_wanted(const Grad *g, size_t i) {
    return i < g->n_inputs && node_edges(g->node)[i].node;
}

void grad_set(Grad *g, size_t i, Tensor *t) {
    g->inputs[i] = t;
}

int grad_input_sizes(const Grad *g, size_t i, int64_t *out) {
    Edge e = node_edges(g->node)[i];
    const OutputMeta *m = &node_outputs(e.node)[e.nr];
    for (int k = 0; k < m->ndim; k++) out[k] = meta_sizes(m)[k];
    return m->ndim;
}

/* ---- a tensor's place in the graph ---- */

static void nothing_to_do(Ctx *c, Grad *g) {
    (void)c;
    (void)g; /* the engine itself accumulates */
}
const NodeClass accumulate_grad_class = {
    "AccumulateGrad", "torch::autograd::AccumulateGrad", nothing_to_do, NULL};

static void no_derivative(Ctx *c, Grad *g) {
    const Str *name = value_str(saved_value(g, 0));
    error_raise(c, RuntimeError, "derivative for %s is not implemented",
                name ? name->data : "");
}
const NodeClass not_implemented_class = {
    "NotImplemented", "torch::autograd::NotImplemented", no_derivative, NULL};

/* The shape of a leaf can have changed since (x.data = y). */
static bool describe_leaf(Ctx *c, Node *n, const Tensor *t) {
    const OutputMeta *m = &node_outputs(n)[0];
    if (m->dtype == t->dtype && shape_equal(m->ndim, meta_sizes(m), t->ndim, t->sizes))
        return true;
    return node_set_output(c, n, 0, t);
}

/* The AccumulateGrad node of a leaf, made at first need. Pool. */
static Node *tensor_accumulator(Ctx *c, Tensor *t) {
    TensorExtra *x = tensor_extra(c, t);
    if (!x) return NULL;
    if (x->accumulator)
        return describe_leaf(c, x->accumulator, t) ? x->accumulator : NULL;
    Node *n = node_new(c, &accumulate_grad_class, 0, 1, 1);
    if (!n) return NULL;
    c->next_sequence--; /* these nodes are not numbered among the recorded ones */
    n->sequence = UINT64_MAX;
    node_saved(n)[0].value = value_obj(obj_retain(t));
    if (!node_set_output(c, n, 0, t)) {
        obj_release(c, n);
        return NULL;
    }
    x->accumulator = n;
    return pool_add(c, n);
}

Edge tensor_edge(Ctx *c, Tensor *t) {
    Node *fn = tensor_grad_fn(c, t);
    if (fn) return (Edge){.node = fn, .nr = t->output_nr};
    if (t->requires_grad) return (Edge){.node = tensor_accumulator(c, t)};
    return (Edge){.node = NULL};
}

bool tensor_is_leaf(Ctx *c, Tensor *t) {
    return !tensor_grad_fn(c, t);
}
