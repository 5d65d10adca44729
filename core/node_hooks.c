/* The hooks of tensors and nodes: see node.h.  A tensor's hooks run before the node
 * that made it, a leaf's with its AccumulateGrad; engine_hooks.h calls them. */
#include "node.h"

#include <string.h>

static void hook_list_clear(Ctx *c, Obj *o) {
    HookList *l = (HookList *)o;
    struct Hook *items = l->items;
    size_t n = l->n, cap = l->cap;
    l->items = NULL;
    l->n = l->cap = 0;
    for (size_t i = 0; i < n; i++) value_release(c, items[i].fn);
    ctx_free(c, items, cap * sizeof *items);
}

static void hook_list_destroy(Ctx *c, Obj *o) {
    hook_list_clear(c, o);
    obj_release(c, ((HookList *)o)->retain);
    obj_free_tracked(c, o, sizeof(HookList));
}
static const ObjType hook_list_type = {"hooks", OBJ_NODE, hook_list_destroy,
                                       hook_list_clear};

static HookList *hook_list_new(Ctx *c) {
    return obj_new_tracked(c, &hook_list_type, sizeof(HookList));
}

static bool hook_list_add(Ctx *c, HookList *l, Value fn, int64_t id) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 2;
        struct Hook *items =
            ctx_resize(c, l->items, l->cap * sizeof *items, cap * sizeof *items);
        if (!items) return false;
        l->items = items;
        l->cap = cap;
    }
    l->items[l->n++] = (struct Hook){value_retain(fn), id};
    return true;
}

void hook_list_remove(Ctx *c, HookList *l, int64_t id) {
    for (size_t i = 0; i < l->n; i++) {
        if (l->items[i].id != id) continue;
        Value fn = l->items[i].fn;
        memmove(l->items + i, l->items + i + 1, (--l->n - i) * sizeof *l->items);
        value_release(c, fn);
        return;
    }
}

static NodeHooks *node_hooks(Ctx *c, Node *n) {
    if (!n->hooks) n->hooks = ctx_alloc_zero(c, sizeof *n->hooks);
    return n->hooks;
}

static bool add_pre_hook(Ctx *c, Node *n, HookList *l, uint32_t nr) {
    NodeHooks *h = node_hooks(c, n);
    if (!h) return false;
    if (h->n_pre == h->cap_pre) {
        size_t cap = h->cap_pre ? h->cap_pre * 2 : 2;
        PreHook *pre =
            ctx_resize(c, h->pre, h->cap_pre * sizeof *pre, cap * sizeof *pre);
        if (!pre) return false;
        h->pre = pre;
        h->cap_pre = cap;
    }
    h->pre[h->n_pre++] = (PreHook){obj_retain(l), nr};
    return true;
}

bool tensor_register_hook(Ctx *c, Tensor *t, Value fn, int64_t *id) {
    Node *made_by = tensor_grad_fn(c, t);
    if (ctx_failed(c)) return false;
    if (!made_by && !tensor_requires_grad(t)) {
        error_raise(c, RuntimeError,
                    "cannot register a hook on a tensor that doesn't require gradient");
        return false;
    }
    TensorExtra *x = tensor_extra(c, t);
    if (!x) return false;
    if (!x->hooks) { /* a leaf's hooks run with its AccumulateGrad */
        HookList *l = hook_list_new(c);
        if (!l) return false;
        if (made_by && !add_pre_hook(c, made_by, l, t->output_nr)) {
            obj_release(c, l);
            return false;
        }
        x->hooks = l;
    }
    *id = c->next_hook++;
    return hook_list_add(c, x->hooks, fn, *id);
}

bool tensor_retain_grad(Ctx *c, Tensor *t) {
    if (!tensor_requires_grad(t)) {
        error_raise(c, RuntimeError,
                    "can't retain_grad on Tensor that has requires_grad=False");
        return false;
    }
    if (tensor_seems_leaf(t) || t->retains_grad) return true;
    Node *made_by = tensor_grad_fn(c, t);
    if (!made_by) return false;
    HookList *l = tensor_weak(c, t) ? hook_list_new(c) : NULL;
    if (!l) return false;
    l->retain = obj_retain(t->extra->weak);
    t->retains_grad = add_pre_hook(c, made_by, l, t->output_nr);
    if (t->retains_grad)
        t->extra->retained = l;
    else
        obj_release(c, l);
    return t->retains_grad;
}

bool tensor_move_retained(Ctx *c, Tensor *t) {
    if (!t->retains_grad || !t->grad_fn) return true;
    HookList *old = t->extra->retained;
    obj_release(c, old->retain);
    old->retain = NULL; /* its node keeps a list without hooks */
    t->extra->retained = NULL;
    obj_release(c, old);
    t->retains_grad = false;
    return tensor_retain_grad(c, t);
}

bool node_register_hook(Ctx *c, Node *n, Value fn, int64_t *id) {
    NodeHooks *h = node_hooks(c, n);
    if (!h) return false;
    if (!h->post) h->post = hook_list_new(c);
    if (!h->post) return false;
    *id = c->next_hook++;
    return hook_list_add(c, h->post, fn, *id);
}

HookList *node_register_prehook(Ctx *c, Node *n, Value fn, int64_t *id) {
    NodeHooks *h = node_hooks(c, n);
    if (!h) return NULL;
    HookList *l = NULL;
    for (size_t i = 0; i < h->n_pre && !l; i++)
        if (h->pre[i].output_nr == ALL_OUTPUTS) l = h->pre[i].list;
    if (!l) {
        l = pool_add(c, hook_list_new(c));
        if (!l || !add_pre_hook(c, n, l, ALL_OUTPUTS)) return NULL;
    }
    *id = c->next_hook++;
    return hook_list_add(c, l, fn, *id) ? l : NULL;
}
