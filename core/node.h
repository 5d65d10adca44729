/* node: the nodes of the autograd graph, and what they save.
 *
 * A node stands for one recorded call.  Its edges lead to the nodes that made its
 * inputs (AccumulateGrad for leaves); it knows the shape and dtype of each of its
 * outputs, and keeps what its backward needs.  Nodes never point forward: a saved
 * result is kept without its history, which is put back when it is unpacked.
 *
 * One allocation holds a node: edges, output metadata and saved values follow the
 * struct (node_edges, node_outputs, node_saved). Graphs are what fills memory: every
 * byte of these counts a million times.
 */
#ifndef CORE_NODE_H
#define CORE_NODE_H

#include "tensor.h"

typedef struct Node Node;
typedef struct Grad Grad;

typedef struct NodeClass {
    const char *name;      /* what grad_fn=<...> shows: "MulBackward0" */
    const char *long_name; /* what name() gives where it differs, else NULL */
    void (*backward)(Ctx *c, Grad *g);
    const struct Op *op; /* NULL for AccumulateGrad, CopySlices, host nodes ... */
} NodeClass;

typedef struct Edge {
    Node *node; /* NULL: no gradient wanted; owned */
    uint32_t nr;
} Edge;

/* Shape and dtype of one output of the forward call. */
enum { META_DIMS = 2 };
typedef struct OutputMeta {
    uint8_t ndim;
    int8_t dtype;
    union {
        int64_t within[META_DIMS];
        int64_t *block; /* when ndim > META_DIMS */
    } sizes;            /* see meta_sizes */
} OutputMeta;

enum { OUTPUT_NR_BITS = 27, MAX_OUTPUT_NR = (1 << OUTPUT_NR_BITS) - 1 };
typedef struct Saved {
    Value value;      /* owned; after release VAL_NULL */
    uint32_t version; /* of a tensor, when it was saved */
    uint32_t output_nr : OUTPUT_NR_BITS;
    bool is_output : 1; /* a result of this node: history is put back on unpack */
    bool
        is_tensor : 1; /* of a tensor that wraps a Python number, value is the number */
    bool was_leaf : 1; /* when it was saved */
    bool hooked : 1;   /* value is what a saved-tensor pack hook returned */
    bool is_list : 1;  /* value is a tuple: the first entry of its items, how many */
} Saved;

/* Hooks of one tensor. The tensor and the node that runs them share the list. */
typedef struct HookList {
    Tracked head;
    size_t n, cap;
    struct Hook {
        Value fn;
        int64_t id;
    } * items;
    TensorRef *retain; /* retain_grad: the tensor whose .grad is filled; owned */
} HookList;

enum { ALL_OUTPUTS = MAX_OUTPUT_NR }; /* of grad_fn.register_prehook */
typedef struct PreHook {
    HookList *list;
    uint32_t output_nr;
} PreHook;

typedef struct NodeHooks {
    PreHook *pre; /* what runs before the node, in order of registration */
    size_t n_pre, cap_pre;
    HookList *post; /* grad_fn.register_hook */
    Value metadata; /* grad_fn.metadata, a dict of the runner, or NULL */
} NodeHooks;

enum { SAVED_BITS = 29, MAX_SAVED = (1 << SAVED_BITS) - 1 }; /* gigabytes of them */
struct Node {
    Tracked head; /* host nodes and AccumulateGrad can be part of cycles */
    const NodeClass *cls;
    uint64_t sequence; /* later nodes have larger numbers; the engine goes backwards */
    uint32_t n_edges, n_outputs;
    uint32_t n_saved : SAVED_BITS;
    bool released : 1; /* of CopySlices: its function's saved tensors have been freed */
    bool hooked : 1;   /* saved under saved_tensors_hooks: unpacking calls the host */
    bool traced : 1;   /* recorded in anomaly mode */
    uint32_t mark;     /* scratch of the engine */
    NodeHooks *hooks;  /* NULL until a hook is registered */
};

static inline Edge *node_edges(const Node *n) {
    return (Edge *)(n + 1);
}
static inline OutputMeta *node_outputs(const Node *n) {
    return (OutputMeta *)(node_edges(n) + n->n_edges);
}
static inline Saved *node_saved(const Node *n) {
    return (Saved *)(node_outputs(n) + n->n_outputs);
}
static inline const int64_t *meta_sizes(const OutputMeta *m) {
    return m->ndim > META_DIMS ? m->sizes.block : m->sizes.within;
}

extern const NodeClass accumulate_grad_class, copy_slices_class;
/* Stands where PyTorch has no derivative; backward through it raises. */
extern const NodeClass not_implemented_class;

static inline Node *value_node(Value v) {
    return value_is_kind(v, OBJ_NODE) ? (Node *)v.as.obj : NULL;
}

/* The caller owns it. Edges are empty, saved values NULL, outputs unset. */
Node *node_new(Ctx *c, const NodeClass *cls, size_t n_edges, size_t n_outputs,
               size_t n_saved);
/* Describes output nr by t's shape and dtype. */
bool node_set_output(Ctx *c, Node *n, size_t nr, const Tensor *t);
/* Edge i leads to where t's gradient goes (empty when t is NULL or needs none). */
bool node_set_edge(Ctx *c, Node *n, size_t i, Tensor *t);
/* Saves v as entry i; is_output: v is result output_nr of this node. RuntimeError for
 * inference tensors. */
bool node_save(Ctx *c, Node *n, size_t i, Value v, bool is_output, uint32_t output_nr);
/* Saves a list of tensors as entry i: its items get the entries from `first` on. */
bool node_save_list(Ctx *c, Node *n, size_t i, size_t first, Value v);
/* Gives saved entry i a pair of hooks, and pack the tensor that is there. RuntimeError
 * when it has a pair, was freed, or there is no tensor. */
bool node_hook_saved(Ctx *c, Node *n, size_t i, Value pack, Value unpack);
/* Runs the backward of g->node. Under saved_tensors_hooks each saved tensor is unpacked
 * once, in the order of saving, before it begins. */
void node_run(Ctx *c, Grad *g);
/* Raises what a second walk through freed values does. */
void node_raise_released(Ctx *c);
/* Frees the saved tensors, as a backward pass without retain_graph does. */
void node_release_saved(Ctx *c, Node *n);
/* The node a CopySlices node applies to its slice; NULL for any other node. */
Node *copy_slices_inner(const Node *n);
/* "MulBackward0"; "torch::autograd::CopySlices" where name() is longer. */
const char *node_name(const Node *n);
const char *node_short_name(const Node *n);

/* t's place in the graph, computed: for a view whose base was written since, a new
 * AsStridedBackward0 (RuntimeError when such a view may not exist). Borrowed. */
Node *tensor_grad_fn(Ctx *c, Tensor *t);
bool tensor_is_leaf(Ctx *c, Tensor *t);
/* The same without a look at the base: a view made before its base got a history still
 * seems to be a leaf. What PyTorch checks in C++ it checks so. */
static inline bool tensor_seems_leaf(const Tensor *t) {
    return !t->grad_fn;
}
/* Where t's gradient goes: (grad_fn, nr), or (accumulator, 0), or (NULL, 0). The node
 * is borrowed from t or the pool. */
Edge tensor_edge(Ctx *c, Tensor *t);

/* ---- what a backward sees ---- */

struct Grad {
    Node *node;
    Tensor *grad;    /* gradient of output 0 */
    Tensor **grads;  /* of each output; NULL where undefined */
    size_t n;        /* outputs */
    Tensor **inputs; /* to be set: gradient of each edge, NULL for none */
    size_t n_inputs;
};

/* Whether the gradient of input i is wanted. Inputs count the Tensor parameters of the
 * schema, those of a Tensor[] one by one; `constants` and Tensor?[] do not count. */
bool grad_wanted(const Grad *g, size_t i);
/* Gives the gradient of input i; it may still have the broadcast shape: the engine sums
 * it to the input's own. NULL: no gradient. */
void grad_set(Grad *g, size_t i, Tensor *t);

/* Entry i of the saves list. A tensor comes with its history and is checked for
 * in-place writes; NULL for None, or after raising. */
Tensor *saved_tensor(Ctx *c, const Grad *g, size_t i);
/* Entry i that is a list of tensors, each checked like saved_tensor. */
Value saved_list(Ctx *c, const Grad *g, size_t i);
Value saved_value(const Grad *g, size_t i);
int64_t saved_int(const Grad *g, size_t i);
double saved_float(const Grad *g, size_t i);
bool saved_bool(const Grad *g, size_t i);
bool saved_is_none(const Grad *g, size_t i);
/* Ints of a list or of `self.sizes`; how many. */
int saved_ints(const Grad *g, size_t i, int64_t *out, int max);
/* The sizes of input i, as its producer recorded them; ndim. */
int grad_input_sizes(const Grad *g, size_t i, int64_t *out);
/* unpack for attribute access (grad_fn._saved_self): the same, by node. */
Value node_unpack(Ctx *c, Node *n, size_t i);

/* ---- hooks ---- */

/* x.register_hook(fn): RuntimeError when x requires no grad. The id removes it. */
bool tensor_register_hook(Ctx *c, Tensor *t, Value fn, int64_t *id);
void hook_list_remove(Ctx *c, HookList *l, int64_t id);
bool tensor_retain_grad(Ctx *c, Tensor *t);
/* After t got another node by a write in place: its .grad is filled there. */
bool tensor_move_retained(Ctx *c, Tensor *t);
/* grad_fn.register_hook(fn): fn(grad_inputs, grad_outputs) after the node has run. */
bool node_register_hook(Ctx *c, Node *n, Value fn, int64_t *id);
/* grad_fn.register_prehook(fn): fn(grad_outputs) before the node runs. The list that
 * holds it; NULL after raising. */
HookList *node_register_prehook(Ctx *c, Node *n, Value fn, int64_t *id);

#endif
