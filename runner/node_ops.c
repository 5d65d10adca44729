/* grad_fn objects: their names, edges and saved values. See tensor_ops.h. */
#include "runner/tensor_ops.h"

#include "runner/attr.h"
#include "runner/torch_function.h"
#include "runner/torch_values.h"
#include "runner/types.h"

#include <string.h>

static Value edge_pair(Ctx *c, const Edge *e) {
    Value pair[2] = {e->node ? value_obj(e->node) : value_none(), value_int(e->nr)};
    return value_obj(pool_add(c, tuple_new(c, NULL, 2, pair)));
}

static Value next_functions(Ctx *c, const Node *n) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, n->n_edges, NULL));
    for (uint32_t i = 0; t && i < n->n_edges; i++) {
        Value pair = edge_pair(c, &n->edges[i]);
        if (value_is_null(pair)) return pair;
        value_set(c, &t->items[i], pair);
    }
    return value_obj(t);
}

/* grad_fn._saved_self: the entry of that name in what the operator saves. */
static Value saved_attribute(Ctx *c, Node *n, const Str *name) {
    enum { PREFIX = sizeof "_saved_" - 1 };
    if (!n->cls->op || strncmp(name->data, "_saved_", PREFIX) != 0) return value_null();
    int i = op_saved_index(n->cls->op, name->data + PREFIX, name->len - PREFIX);
    Value v = i < 0 ? value_null() : node_unpack(c, n, (size_t)i);
    if (i >= 0 && value_is_null(v) && !ctx_failed(c))
        return value_none();         /* not needed */
    const Tuple *t = value_tuple(v); /* sizes are shown as plain tuples */
    return t ? value_obj(pool_add(c, tuple_new(c, NULL, t->n, t->items))) : v;
}

static Value node_attr(Ctx *c, Value v, Str *name) {
    Node *n = value_node(v);
    if (str_equals(name, "next_functions")) return next_functions(c, n);
    if (str_equals(name, "variable") && n->cls == &accumulate_grad_class)
        return n->saved[0].value;
    if (str_equals(name, "metadata")) return node_metadata(c, n);
    Value ctx = function_node_ctx(n);
    if (!value_is_null(ctx) && str_equals(name, "saved_tensors"))
        return function_node_saved(c, n);
    if (!value_is_null(ctx)) return attr_get(c, ctx, name);
    if (str_equals(name, "saved_tensors") || str_equals(name, "requires_grad"))
        return value_null();
    return saved_attribute(c, n, name);
}

static Value node_name_method(Ctx *c, Value self, const Args *a) {
    (void)a;
    return value_obj(pool_add(c, str_from(c, node_name(value_node(self)))));
}

static Value node_hook_method(Ctx *c, Value self, const Args *a) {
    int64_t id;
    Node *n = value_node(self);
    if (!node_register_hook(c, n, a->pos[0], &id)) return value_null();
    return hook_handle(c, n->hooks->post, id);
}

Value node_call(Ctx *c, Value self, const Args *args) {
    Node *n = value_node(self);
    size_t room = n->n_outputs + n->n_edges + args->n;
    Tensor **grads = ctx_alloc_zero(c, (room + 1) * sizeof(Tensor *));
    if (!grads) return value_null();
    for (size_t i = 0; i < args->n; i++) grads[i] = value_tensor(args->pos[i]);
    Grad g = {.node = n,
              .grad = grads[0],
              .grads = grads,
              .n = n->n_outputs,
              .inputs = grads + n->n_outputs + args->n,
              .n_inputs = n->n_edges};
    node_run(c, &g);
    Tuple *t = ctx_failed(c) ? NULL : pool_add(c, tuple_new(c, NULL, n->n_edges, NULL));
    for (size_t i = 0; t && i < t->n; i++)
        value_set(c, &t->items[i], arg_tensor(g.inputs[i]));
    ctx_free(c, grads, (room + 1) * sizeof(Tensor *));
    return t && t->n == 1 ? t->items[0] : value_obj(t);
}

static const char *node_type_name(Value v) {
    return node_short_name(value_node(v));
}

static void node_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    const Node *n = value_node(v);
    const char *module =
        value_is_null(function_node_ctx(n)) ? "" : "torch.autograd.function.";
    buf_printf(out, "<%s%s object at 0x...>", module, node_short_name(n));
}

static const Native node_methods[] = {
    {"Node.name", "", node_name_method},
    {"Node.register_hook", "fn /", node_hook_method},
    {NULL, NULL, NULL},
};
const TypeOps node_ops = {
    .name = node_type_name,
    .repr = node_repr,
    .get_attr = node_attr,
    .methods = node_methods,
};
