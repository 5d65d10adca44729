/* See op_record.h. */
#include "op_record.h"

#include "op_plan.h"
#include "ops/ops.h"

static size_t count_edges(const Op *op, const Value *args) {
    size_t edges = op->n_edges;
    const Value *items;
    for (int i = 0; op->any_list && i < op->n_tensors; i++)
        if (op->tensors[i].has_edges && op->tensors[i].is_list)
            edges += tensors_of(&op->tensors[i], args, &items);
    return edges;
}

static bool set_edges(Ctx *c, Node *n, const Op *op, const Value *args) {
    size_t edge = 0;
    const Value *items;
    for (int i = 0; i < op->n_tensors; i++) {
        if (!op->tensors[i].has_edges) continue;
        size_t count = tensors_of(&op->tensors[i], args, &items);
        for (size_t j = 0; j < count; j++)
            if (requires_grad(value_tensor(items[j])) &&
                !node_set_edge(c, n, edge + j, value_tensor(items[j])))
                return false;
        edge += count;
    }
    return true;
}

/* Whether the tensor of that parameter has a place in the graph. A view made without
 * recording may require grad and have none. */
static bool has_place(const Node *n, const Op *op, const Value *args,
                      const SaveEntry *e) {
    if (e->edge >= 0) return node_edges(n)[e->edge].node;
    size_t edge = 0;
    const Value *items;
    for (int i = 0; i < op->n_tensors && op->tensors[i].at < e->only_if; i++)
        if (op->tensors[i].has_edges) edge += tensors_of(&op->tensors[i], args, &items);
    return edge < n->n_edges && node_edges(n)[edge].node;
}

/* (sizes, strides, offset) of t; no strides where nobody wants a gradient of that
 * layout. */
static Value geometry(Ctx *c, const Tensor *t) {
    int n_strides = requires_grad(t) ? t->ndim : 0;
    Value items[3] = {arg_ints(c, t->ndim, t->sizes),
                      arg_ints(c, n_strides, t->strides), value_int(t->offset)};
    if (ctx_failed(c)) return value_null();
    return value_obj(pool_add(c, tuple_new(c, NULL, 3, items)));
}

/* t's sizes; for a list of tensors the tuple of their sizes. */
static Value sizes_of(Ctx *c, Value v) {
    const Tensor *t = value_tensor(v);
    if (t) return arg_ints(c, t->ndim, t->sizes);
    const Value *items;
    size_t n;
    if (!value_items(v, &items, &n)) return v;
    Tuple *all = pool_add(c, tuple_new(c, NULL, n, NULL));
    for (size_t i = 0; all && i < n; i++) {
        t = value_tensor(items[i]);
        if (t) value_set(c, &all->items[i], arg_ints(c, t->ndim, t->sizes));
        if (ctx_failed(c)) return value_null();
    }
    return value_obj(all);
}

static size_t list_length(Value v) {
    const Value *items;
    size_t n;
    return value_items(v, &items, &n) ? n : 0;
}

static bool save_args(Ctx *c, Node *n, const Op *op, const Value *args, bool in_place) {
    size_t next_item = op->n_saves;
    for (size_t i = 0; i < op->n_saves; i++) {
        const SaveEntry *e = &op->saves->entries[i];
        if (e->kind == SAVE_RESULT) continue;
        if (e->only_if >= 0 && !has_place(n, op, args, e)) continue;
        Value v = args[e->param];
        Tensor *t = value_tensor(v);
        if (e->kind == SAVE_SIZES) v = sizes_of(c, v);
        if (e->kind == SAVE_GEOMETRY && t) v = geometry(c, t);
        /* Writing in place changes self: what backward needs is its former value, with
         * its history for second derivatives. */
        if (e->kind == SAVE_ARG && t && in_place && e->param == 0) {
            v = value_obj(t_clone(c, t));
        }
        if (ctx_failed(c)) return false;
        if (op->saves_lists && op_saves_list(op, i)) {
            if (!node_save_list(c, n, i, next_item, v)) return false;
            next_item += list_length(v);
        } else if (!node_save(c, n, i, v, false, 0)) {
            return false;
        }
    }
    return true;
}

/* The saved entries of a node: one for each name, then those of the items of lists. */
static size_t count_saved(const Op *op, const Value *args) {
    size_t n = op->n_saves;
    for (size_t i = 0; op->saves_lists && i < op->n_saves; i++)
        if (op_saves_list(op, i)) n += list_length(args[op->saves->entries[i].param]);
    return n;
}

/* The node of an operator without a derivative only knows what its message names. */
static Str *missing_name(Ctx *c, const Op *op, bool in_place) {
    if (op->def->node) return str_from(c, op->def->node);
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, "aten::%.*s%s", (int)op->schema.base_len, op->schema.text,
               in_place && !op->schema.params[0].written ? "_" : "");
    Str *s = str_from_buf(c, &b);
    buf_free(&b);
    return s;
}

/* How many arguments require grad; with a node, the first edges lead to them. */
static size_t edges_requiring(Ctx *c, Node *n, const Op *op, const Value *args) {
    size_t edge = 0;
    const Value *items;
    for (int i = 0; i < op->n_tensors; i++) {
        if (!op->tensors[i].has_edges) continue;
        size_t count = tensors_of(&op->tensors[i], args, &items);
        for (size_t j = 0; j < count; j++) {
            Tensor *t = value_tensor(items[j]);
            if (!requires_grad(t)) continue;
            if (n && !node_set_edge(c, n, edge, t)) return edge;
            edge++;
        }
    }
    return edge;
}

Node *op_record_missing(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                        bool in_place) {
    Node *n = pool_add(c, node_new(c, &not_implemented_class,
                                   edges_requiring(c, NULL, op, args), n_outputs, 1));
    if (!n) return NULL;
    node_saved(n)[0].value = value_obj(missing_name(c, op, in_place));
    edges_requiring(c, n, op, args);
    return ctx_failed(c) ? NULL : n;
}

/* The node of a call, without its outputs; the pool owns it. */
Node *op_record(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                bool in_place) {
    if (op->def->traits & OP_DERIVATIVE_MISSING)
        return op_record_missing(c, op, args, n_outputs, in_place);
    const NodeClass *cls = in_place ? &op->inplace_class : &op->node_class;
    Node *n = pool_add(
        c, node_new(c, cls, count_edges(op, args), n_outputs, count_saved(op, args)));
    if (!n) return NULL;
    if (!set_edges(c, n, op, args)) return NULL;
    return save_args(c, n, op, args, in_place) ? n : NULL;
}

Node *op_make_node(Ctx *c, const OpDef *def, const Value *args, const Tensor *result) {
    const Op *op = op_get(c, def);
    Node *n = op ? op_record(c, op, args, 1, false) : NULL;
    return n && node_set_output(c, n, 0, result) ? n : NULL;
}

bool op_save_results(Ctx *c, Node *n, const Op *op, const Value *results,
                     size_t count) {
    for (size_t i = 0; i < op->n_saves; i++) {
        const SaveEntry *e = &op->saves->entries[i];
        if (e->kind != SAVE_RESULT || (size_t)e->param >= count) continue;
        /* Indices and the like have no history to be put back. */
        const Tensor *t = value_tensor(results[e->param]);
        bool is_output = t && t->grad_fn == n;
        if (!node_save(c, n, i, results[e->param], is_output, (uint32_t)e->param))
            return false;
    }
    return true;
}

/* Integers that an operator with a derivative was asked for. */
static bool no_history(Ctx *c) {
    error_raise(
        c, RuntimeError,
        "isDifferentiableType(variable.scalar_type()) INTERNAL ASSERT FAILED at "
        "\"./torch/csrc/autograd/functions/utils.h\":75, please report a bug to "
        "PyTorch. ");
    return false;
}

bool op_record_results(Ctx *c, const Op *op, Node *n, const Value *results,
                       size_t count) {
    bool first_only = op->def->traits & OP_FIRST_RESULT_ONLY;
    for (size_t i = 0; i < count; i++) {
        Tensor *t = value_tensor(results[i]);
        if (!t) continue; /* a result that was not asked for */
        if (!node_set_output(c, n, i, t)) return false;
        bool floating = dtype_is_floating((DType)t->dtype);
        if (!floating && op->def->traits & OP_ASSERTS_FLOATING) return no_history(c);
        if (!floating || (first_only && i > 0)) continue;
        tensor_set_history(c, t, n, (uint32_t)i);
    }
    return op_save_results(c, n, op, results, count);
}
