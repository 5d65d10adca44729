/* grad_fn objects: their names, edges and saved values. See tensor_ops.h. */
#include "runner/torch/tensor_ops.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/modules.h"
#include "runner/torch/torch_function.h"
#include "runner/torch/torch_values.h"
#include "runner/values/bigint.h"
#include "runner/values/types.h"

#include <string.h>

static Value edge_pair(Ctx *c, const Edge *e) {
    Value pair[2] = {e->node ? value_obj(e->node) : value_none(), value_int(e->nr)};
    return tuple_of(c, 2, pair);
}

static Value next_functions(Ctx *c, const Node *n) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, n->n_edges, NULL));
    for (uint32_t i = 0; t && i < n->n_edges; i++) {
        Value pair = edge_pair(c, &node_edges(n)[i]);
        if (value_is_null(pair)) return pair;
        value_set(c, &t->items[i], pair);
    }
    return value_obj(t);
}

/* The index of the saved entry that a name with that prefix means, or -1. */
static int saved_entry(Ctx *c, const Node *n, const Str *name, const char *prefix,
                       int *part) {
    size_t skip = strlen(prefix);
    if (!n->cls->op || strncmp(name->data, prefix, skip) != 0) return -1;
    return op_saved_index(c, n->cls->op, name->data + skip, name->len - skip, part);
}

/* PyTorch makes Python's integers of saved ones as if they had no sign. */
static Value without_sign(Ctx *c, Value v) {
    return v.tag == VAL_INT && v.as.i < 0 ? bigint_from_u64(c, (uint64_t)v.as.i) : v;
}

/* Sizes, too, are shown as plain tuples. */
static Value plain_tuple(Ctx *c, const Tuple *from, bool ints) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, from->n, from->items));
    for (size_t i = 0; t && ints && i < t->n; i++)
        value_set(c, &t->items[i], without_sign(c, t->items[i]));
    return value_obj(t);
}

/* grad_fn._saved_self: the entry of that name in what the operator saves. */
static Value saved_attribute(Ctx *c, Node *n, const Str *name) {
    int part;
    int i = saved_entry(c, n, name, "_saved_", &part);
    Value v = i < 0 ? value_null() : node_unpack(c, n, (size_t)i);
    if (i < 0 || ctx_failed(c)) return value_null();
    if (value_is_null(v)) return value_none(); /* not needed */
    v = op_saved_shown(c, n->cls->op, (size_t)i, part, v);
    bool ints = op_saves_ints(n->cls->op, (size_t)i);
    const Tuple *t = value_tuple(v);
    if (t) return plain_tuple(c, t, ints);
    return ints ? without_sign(c, v) : v;
}

static Value raw_saved(Ctx *c, Node *n, int64_t i) {
    Value args[2] = {value_obj(n), value_int(i)};
    return module_call(c, "torch._C._autograd", "SavedTensor",
                       &(Args){args, 2, NULL, 0});
}

static Value raw_list(Ctx *c, Node *n, size_t i) {
    const Tuple *items = value_tuple(node_unpack(c, n, i));
    if (!items) return value_null();
    int64_t first = value_tuple(node_saved(n)[i].value)->items[0].as.i;
    Tuple *t = pool_add(c, tuple_new(c, NULL, items->n, NULL));
    for (size_t k = 0; t && k < items->n; k++) {
        Value v = raw_saved(c, n, first + (int64_t)k);
        if (value_is_null(v)) return v;
        value_set(c, &t->items[k], v);
    }
    return value_obj(t);
}

/* grad_fn._raw_saved_self: a torch._C._autograd.SavedTensor. */
static Value raw_attribute(Ctx *c, Node *n, const Str *name) {
    int part;
    int i = saved_entry(c, n, name, "_raw_saved_", &part);
    if (i < 0) return value_null();
    if (op_saves_list(n->cls->op, (size_t)i)) return raw_list(c, n, (size_t)i);
    return op_saves_tensor(n->cls->op, (size_t)i) ? raw_saved(c, n, i) : value_null();
}

static Value node_attr(Ctx *c, Value v, Str *name) {
    Node *n = value_node(v);
    if (str_equals(name, "next_functions")) return next_functions(c, n);
    if (str_equals(name, "variable") && n->cls == &accumulate_grad_class)
        return node_saved(n)[0].value;
    if (str_equals(name, "metadata")) return node_metadata(c, n);
    Value ctx = function_node_ctx(n);
    if (!value_is_null(ctx) && str_equals(name, "saved_tensors"))
        return function_node_saved(c, n);
    if (!value_is_null(ctx)) return attr_get(c, ctx, name);
    if (str_equals(name, "requires_grad")) return value_bool(true);
    Value saved = saved_attribute(c, n, name);
    if (!value_is_null(saved) || ctx_failed(c)) return saved;
    return raw_attribute(c, n, name);
}

static bool add_name(Ctx *c, List *l, const char *name, size_t len) {
    Str *s = pool_add(c, str_new(c, name, len));
    return s && list_push(c, l, value_obj(s));
}

static bool add_saved_names(Ctx *c, List *l, const Op *op) {
    Buf b;
    buf_init(&b, &c->mem);
    for (size_t i = 0; i < 2 * op->n_saves && !ctx_failed(c); i++) {
        buf_clear(&b);
        buf_puts(&b, "_raw_saved_");
        op_saved_name(op, i / 2, i % 2, &b);
        enum { RAW = sizeof "_raw" - 1, EMPTY = sizeof "_raw_saved_" - 1 };
        if (b.failed) error_raise(c, MemoryError, "%s", "");
        if (b.failed || b.len == EMPTY) continue;
        add_name(c, l, buf_text(&b) + RAW, b.len - RAW);
        if (op_saves_tensor(op, i / 2) || op_saves_list(op, i / 2))
            add_name(c, l, buf_text(&b), b.len);
    }
    buf_free(&b);
    return !ctx_failed(c);
}

/* dir(grad_fn). */
static Value node_dir(Ctx *c, Value self, const Args *a) {
    (void)a;
    static const char names[] =
        "__call__ __class__ __delattr__ __dir__ __doc__ __eq__ __format__ __ge__ "
        "__getattribute__ __getstate__ __gt__ __hash__ __init__ __init_subclass__ "
        "__le__ __lt__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ __setattr__ "
        "__sizeof__ __str__ __subclasshook__ _register_hook_dict metadata name "
        "next_functions register_hook register_prehook requires_grad ";
    const Node *n = value_node(self);
    List *l = pool_add(c, list_new(c, 40));
    if (!l) return value_null();
    for (const char *s = names; *s; s += strcspn(s, " ") + 1)
        if (!add_name(c, l, s, strcspn(s, " "))) return value_null();
    if (n->cls == &accumulate_grad_class) add_name(c, l, "variable", 8);
    if (n->cls->op && !add_saved_names(c, l, n->cls->op)) return value_null();
    return ctx_failed(c) ? value_null() : value_obj(l);
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

static Value node_prehook_method(Ctx *c, Value self, const Args *a) {
    int64_t id;
    HookList *l = node_register_prehook(c, value_node(self), a->pos[0], &id);
    return l ? hook_handle(c, l, id) : value_null();
}

Value node_call(Ctx *c, Value self, const Args *args) {
    Node *n = value_node(self);
    if (!value_is_null(function_node_ctx(n)))
        return value_raise(c, TypeError, "'%s' object is not callable",
                           type_name(self));
    if (args->n_named)
        return value_raise(c, TypeError, "keyword arguments are not supported");
    if (args->n != n->n_outputs)
        return value_raise(c, TypeError, "expected %u arguments, got %zu instead",
                           (unsigned)n->n_outputs, args->n);
    for (size_t i = 0; i < args->n; i++)
        if (!value_tensor(args->pos[i]) && !value_is_none(args->pos[i]))
            return value_raise(c, TypeError, "argument %zu is not a Variable", i);
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
    bool any = false;
    for (size_t i = 0; i < args->n; i++) any = any || grads[i];
    if (any) node_run(c, &g); /* nothing is made of nothing */
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
    {"Node.register_prehook", "fn /", node_prehook_method},
    {"Node.__dir__", "", node_dir},
    {NULL, NULL, NULL},
};
const TypeOps node_ops = {
    .name = node_type_name,
    .repr = node_repr,
    .get_attr = node_attr,
    .methods = node_methods,
};
