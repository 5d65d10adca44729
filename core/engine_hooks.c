/* See engine_hooks.h. */
#include "engine_hooks.h"

#include "op.h"
#include "ops/ops.h"

static const char *hook_name(Ctx *c, Value fn) {
    return c->host.callable_name ? c->host.callable_name(c, fn) : "";
}

/* What a hook returned in place of grad: a tensor of the same size, or NULL. */
static Tensor *hook_result(Ctx *c, Value fn, const Tensor *grad, Value v) {
    Tensor *t = value_tensor(v);
    if (!t)
        return error_raise(c, TypeError, "expected Variable, but hook returned '%s'",
                           value_type_name(v));
    if (!grad)
        return error_raise(c, RuntimeError,
                           "can't replace a None gradient with a non-None value");
    if (t->dtype != grad->dtype)
        return error_raise(c, RuntimeError,
                           "hook '%s' has changed the type of value (was %s got %s)",
                           hook_name(c, fn), tensor_cpp_type(grad), tensor_cpp_type(t));
    if (!tensor_same_sizes(t, grad))
        return error_raise(c, RuntimeError, "hook '%s' has changed the size of value",
                           hook_name(c, fn));
    return t;
}

Tensor *hooks_of_tensor(Ctx *c, HookList *l, Tensor *grad) {
    if (l->retain) {
        Tensor *t = l->retain->t;
        if (!grad)
            return error_raise(c, RuntimeError,
                               "Expected a proper Tensor but got None (or an undefined "
                               "Tensor in C++) for argument #0 'self'");
        if (t) {
            Tensor *old = tensor_grad(t);
            tensor_set_grad(c, t, old ? t_add(c, old, grad) : t_clone(c, grad));
        }
        return grad;
    }
    for (size_t i = 0; i < l->n && !ctx_failed(c); i++) {
        Value fn = value_retain(l->items[i].fn);
        Value given = grad ? value_obj(grad) : value_none();
        Value v = c->host.call(c, fn, &given, 1);
        if (!ctx_failed(c) && !value_is_none(v)) grad = hook_result(c, fn, grad, v);
        value_release(c, fn);
    }
    return grad;
}

static Value grads_tuple(Ctx *c, Tensor *const *grads, size_t n) {
    Tuple *t = tuple_new(c, NULL, n, NULL);
    for (size_t i = 0; t && i < n; i++)
        value_set(c, &t->items[i], arg_tensor(grads[i]));
    return value_obj(pool_add(c, t));
}

/* The tuple that a hook of a node returned; NULL when it returned None, or raised. */
static const Tuple *hook_tuple(Ctx *c, Value fn, Value v, size_t expected) {
    const Tuple *t = value_tuple(v);
    if (ctx_failed(c) || value_is_none(v)) return NULL;
    if (!t)
        return error_raise(c, TypeError, "expected tuple, but hook returned '%s'",
                           value_type_name(v));
    if (t->n != expected)
        return error_raise(c, RuntimeError,
                           "hook '%s' has returned an incorrect number of values (got "
                           "%zu, but expected %zu)",
                           hook_name(c, fn), t->n, expected);
    return t;
}

/* grad_fn.register_prehook: may replace the gradients of the outputs. */
static void run_node_prehooks(Ctx *c, HookList *l, Tensor **grads, size_t n) {
    for (size_t i = 0; i < l->n && !ctx_failed(c); i++) {
        Value given = grads_tuple(c, grads, n);
        if (ctx_failed(c)) return;
        Value fn = value_retain(l->items[i].fn);
        const Tuple *t = hook_tuple(c, fn, c->host.call(c, fn, &given, 1), n);
        for (size_t k = 0; t && k < n && !ctx_failed(c); k++) {
            if (value_is_none(t->items[k])) continue;
            Tensor *grad = hook_result(c, fn, grads[k], t->items[k]);
            if (grad) grad_replace(c, &grads[k], grad);
        }
        value_release(c, fn);
    }
}

void hooks_before(Ctx *c, const Node *n, Tensor **grads) {
    const NodeHooks *h = n->hooks;
    for (size_t i = 0; h && i < h->n_pre && !ctx_failed(c); i++) {
        HookList *l = obj_retain(h->pre[i].list);
        if (h->pre[i].output_nr == ALL_OUTPUTS) {
            run_node_prehooks(c, l, grads, n->n_outputs);
        } else {
            Tensor **slot = &grads[h->pre[i].output_nr];
            Tensor *t = hooks_of_tensor(c, l, *slot);
            if (!ctx_failed(c)) grad_replace(c, slot, t);
        }
        obj_release(c, l);
    }
}

void hooks_after(Ctx *c, const Node *node, Tensor *const *grads, Tensor **inputs,
                 size_t n) {
    HookList *l = node->hooks ? obj_retain(node->hooks->post) : NULL;
    for (size_t i = 0; l && i < l->n && !ctx_failed(c); i++) {
        Value args[2] = {grads_tuple(c, inputs, n),
                         grads_tuple(c, grads, node->n_outputs)};
        if (ctx_failed(c)) break;
        Value fn = value_retain(l->items[i].fn);
        const Tuple *t = hook_tuple(c, fn, c->host.call(c, fn, args, 2), n);
        for (size_t k = 0; t && k < n && !ctx_failed(c); k++)
            if (!value_is_none(t->items[k]))
                inputs[k] = hook_result(c, fn, inputs[k], t->items[k]);
        value_release(c, fn);
    }
    obj_release(c, l);
}
