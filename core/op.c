/* See op.h.  This file is the dispatcher; op_record.c makes the nodes of calls, call.c
 * is what forwards see of them, op_registry.c finds and parses operators. */
#include "op.h"

#include "inplace.h"
#include "op_record.h"
#include "ops/ops.h"
#include "pointwise.h"

#include <string.h>

/* Not inlined: a call that is neither recorded nor in place should keep no registers
 * for what it does not do. */
#define RARE __attribute__((noinline))

/* ---- is it recorded? ---- */

static RARE bool list_requires_grad(Value list) {
    const Value *items;
    size_t n;
    if (!value_items(list, &items, &n)) return false;
    for (size_t i = 0; i < n; i++)
        if (requires_grad(value_tensor(items[i]))) return true;
    return false;
}

/* Whether an argument requires grad; those that may not count only when `all`. */
static bool any_requires_grad(const Op *op, const Value *args, bool all) {
    for (int i = 0; i < op->n_tensors; i++) {
        const TensorParam *p = &op->tensors[i];
        if (!p->has_edges && !(all && op->schema.params[p->at].detached)) continue;
        Value v = args[p->at];
        if (p->is_list ? list_requires_grad(v) : requires_grad(value_tensor(v)))
            return true;
    }
    return false;
}

/* Whether all tensors that are given were made in inference mode: then autograd, which
 * they are hidden from, does not see the call. */
static bool all_inference(const Call *k) {
    const Op *op = k->op;
    const Value *items;
    for (int i = 0; i < k->n_targets; i++)
        if (k->target[i] && !k->target[i]->inference) return false;
    for (int i = 0; i < op->n_tensors; i++) {
        size_t n = tensors_of(&op->tensors[i], k->args, &items);
        for (size_t j = 0; j < n; j++) {
            const Tensor *t = value_tensor(items[j]);
            if (t && !t->inference) return false;
        }
    }
    return true;
}

/* ---- one call ---- */

/* The results of a call as an array: a tensor, or the tensors of a tuple. */
static size_t result_list(const Value *result, const Value **items) {
    size_t n;
    if (value_items(*result, items, &n)) return n;
    *items = result;
    return value_tensor(*result) ? 1 : 0;
}

/* What call_result gave in place of a target goes into the target. */
static void fill_targets(Call *k) {
    for (int i = 0; i < k->n_targets; i++)
        if (k->result[i] && k->result[i] != k->target[i])
            tensor_copy(k->target[i], k->result[i]);
}

static void attach_views(Ctx *c, const Op *op, const Value *args, const Value *results,
                         size_t count) {
    Tensor *self = value_tensor(args[0]);
    if (!self || self->inference) return;
    for (size_t i = 0; i < count; i++) {
        Tensor *t = value_tensor(results[i]);
        if (t && t != self && t->storage == self->storage && !t->base)
            view_attach(c, t, self, op->def->traits & OP_MULTI_VIEW);
    }
}

/* Nobody writes into zeros that are known as such; a view may change its geometry. */
static bool targets_writable(Ctx *c, const Call *k) {
    for (int i = 0; i < k->n_targets && !k->op->schema.is_view; i++) {
        if (!k->target[i]->storage->zeros) continue;
        error_raise(c, RuntimeError,
                    "ZeroTensors are immutable. Please use the materialized zero "
                    "tensor obtained using .clone() if you want a mutable tensor.");
        return false;
    }
    return true;
}

static Value run_forward(Ctx *c, Call *k) {
    if (!targets_writable(c, k)) return value_null();
    c->below_autograd++;
    Value v = k->op->def->forward(c, k);
    c->below_autograd--;
    return ctx_failed(c) ? value_null() : v;
}

/* A view whose base was written must have its history before the forward runs: whether
 * it may have one is PyTorch's first question. */
static bool refresh_views(Ctx *c, const Op *op, const Value *args) {
    const Value *items;
    for (int i = 0; i < op->n_tensors; i++) {
        if (!op->tensors[i].has_edges) continue;
        size_t n = tensors_of(&op->tensors[i], args, &items);
        for (size_t j = 0; j < n; j++) {
            Tensor *t = value_tensor(items[j]);
            if (t && t->base) tensor_grad_fn(c, t);
        }
    }
    return !ctx_failed(c);
}

/* A constant parameter, unlike an index, may be given a tensor that requires grad. */
static bool check_constants(Ctx *c, const Op *op, const Value *args) {
    const Schema *s = &op->schema;
    for (int i = 0; op->def->constants && i < s->n; i++) {
        if (!s->params[i].detached || !requires_grad(value_tensor(args[i]))) continue;
        error_raise(c, RuntimeError,
                    "The function '%.*s' is not differentiable with respect to "
                    "argument '%.*s'. This input cannot have requires_grad True.",
                    s->base_len, s->text, s->params[i].name_len, s->params[i].name);
    }
    return !ctx_failed(c);
}

static Value call_new(Ctx *c, Call *k, bool recording) {
    const Op *op = k->op;
    if (recording && !refresh_views(c, op, k->args)) return value_null();
    Value v = run_forward(c, k);
    if (value_is_null(v)) return v;
    const Value *results;
    size_t count = result_list(&v, &results);
    /* Only the operator that was called makes views, not those its forward calls. */
    if (op->schema.is_view && !c->below_autograd)
        attach_views(c, op, k->args, results, count);
    if (!recording) return v;
    Node *n = op_record(c, op, k->args, count, false);
    return n && op_record_results(c, op, n, results, count) ? v : value_null();
}

/* A view operator in place (t_, unsqueeze_) gives self the geometry of the view. */
static bool take_geometry(Ctx *c, Tensor *self, const Tensor *view) {
    return tensor_set_geometry(c, self, view->ndim, view->sizes, view->strides,
                               view->offset);
}

static RARE Value call_in_place(Ctx *c, Call *k, bool recording) {
    const Op *op = k->op;
    Tensor *self = k->target[0];
    if (!inplace_check(c, self, recording)) return value_null();
    Node *n = recording ? op_record(c, op, k->args, 1, true) : NULL;
    if (recording && !n) return value_null();
    Value v = run_forward(c, k);
    if (value_is_null(v)) return v;
    if (op->schema.is_view) {
        if (!take_geometry(c, self, value_tensor(v))) return value_null();
    } else {
        fill_targets(k);
    }
    if (n && !node_set_output(c, n, 0, self)) return value_null();
    bool counted = !(op->def->traits & OP_UNCOUNTED);
    bool (*done)(Ctx *, Tensor *, Node *) =
        op->schema.is_view ? inplace_moved : inplace_done;
    if (counted && !done(c, self, n)) return value_null();
    v = value_obj(self);
    return n && !op_save_results(c, n, op, &v, 1) ? value_null() : v;
}

static Value raise_out_named(Ctx *c, const char *name, size_t len) {
    return value_raise(c, RuntimeError,
                       "%.*s(): functions with out=... arguments don't support "
                       "automatic differentiation, but one of the arguments requires "
                       "grad.",
                       (int)len, name);
}
Value raise_out(Ctx *c, const OpDef *def) {
    return raise_out_named(c, def->schema, schema_base_name(def->schema));
}

/* What out= holds now has no history, or that of an operator without a derivative. */
static bool out_done(Ctx *c, Call *k, bool recording) {
    size_t n = (size_t)k->n_targets;
    Node *node = recording ? op_record_missing(c, k->op, k->args, n, false) : NULL;
    for (int i = 0; i < k->n_targets && !ctx_failed(c); i++) {
        Tensor *t = k->target[i];
        bool kept = node && dtype_is_floating((DType)t->dtype);
        inplace_done(c, t, NULL);
        if (!kept || !node_set_output(c, node, (size_t)i, t)) continue;
        tensor_set_history(c, t, node, (uint32_t)i);
    }
    return !ctx_failed(c);
}

/* The out= tensors as the tuple that the operator gives. */
static Value targets(Ctx *c, const Call *k, Value result) {
    if (k->n_targets == 1) return value_obj(k->target[0]);
    Value items[MAX_RESULTS];
    for (int i = 0; i < k->n_targets; i++) items[i] = value_obj(k->target[i]);
    const Tuple *t = value_tuple(result);
    const TupleKind *kind = t && t->kind && t->kind->out ? t->kind->out : NULL;
    return value_obj(pool_add(c, tuple_new(c, kind, (size_t)k->n_targets, items)));
}

static RARE Value call_out(Ctx *c, Call *k, bool recording) {
    if (recording && !(k->op->def->traits & (OP_DERIVATIVE_MISSING | OP_OUT_MISSING)))
        return raise_out(c, k->op->def);
    for (int i = 0; i < k->n_targets; i++)
        if (!inplace_check(c, k->target[i], recording)) return value_null();
    Value v = run_forward(c, k);
    if (value_is_null(v)) return v;
    fill_targets(k);
    if (!out_done(c, k, recording)) return value_null();
    return targets(c, k, v);
}

static bool targets_require_grad(const Call *k) {
    for (int i = 0; i < k->n_targets; i++)
        if (requires_grad(k->target[i])) return true;
    return false;
}

/* Raises when the operator that is to compute out= is known and would be recorded. */
static bool may_compute_out(Ctx *c, const Call *k) {
    const char *name = k->op->def->out_name;
    if (k->form == CALL_OUT && name && c->grad_enabled && !c->below_autograd &&
        (any_requires_grad(k->op, k->args, true) || targets_require_grad(k)))
        raise_out_named(c, name, strlen(name));
    return !ctx_failed(c);
}

/* A resized out= lies in memory as the result of the operator that computes it. */
static bool take_order(Ctx *c, Tensor *out, const Tensor *t) {
    if (t->contiguous || !tensor_is_dense(t)) return true;
    return tensor_set_geometry(c, out, t->ndim, t->sizes, t->strides, out->offset);
}

/* Makes out= tensor nr ready for what a composite operator computed. PyTorch hands
 * out= on to the operator that computes it, which refuses to be recorded. */
static bool composite_out(Ctx *c, const Call *k, int nr, const Tensor *t) {
    Tensor *out = k->target[nr];
    const Op *last = t->grad_fn ? t->grad_fn->cls->op : NULL;
    bool copied = k->op->def->traits & OP_OUT_COPIED;
    if (c->grad_enabled && last && !last->schema.is_view && !copied)
        raise_out(c, last->def);
    else if (out_is_exact(c, k, nr, (DType)t->dtype) &&
             !shape_equal(t->ndim, t->sizes, out->ndim, out->sizes))
        return out_resize(c, k, nr, t->ndim, t->sizes) &&
               (copied || take_order(c, out, t));
    return !ctx_failed(c);
}

/* A composite operator records itself; in place and with out= its results are copied.
 */
static RARE Value call_composite(Ctx *c, Call *k) {
    if (!may_compute_out(c, k)) return value_null();
    Value v = k->op->def->forward(c, k);
    if (ctx_failed(c)) return value_null();
    const Value *items;
    if (k->form == CALL_NEW || result_list(&v, &items) < (size_t)k->n_targets) return v;
    if (value_tensor(items[0]) == k->target[0]) return targets(c, k, v);
    for (int i = 0; i < k->n_targets; i++) {
        Tensor *t = value_tensor(items[i]);
        if (!t || (k->form == CALL_OUT && !composite_out(c, k, i, t)) ||
            !t_copy_(c, k->target[i], t))
            return value_null();
    }
    return targets(c, k, v);
}

/* Whether results of the call may have a history. */
static bool is_differentiable(const Call *k) {
    const OpDef *def = k->op->def;
    if (k->form != CALL_INPLACE) return !(def->traits & OP_NOT_DIFFERENTIABLE);
    if (def->traits & OP_FLOATING_TARGET)
        return dtype_is_floating((DType)k->target[0]->dtype);
    return !(def->traits & OP_NOT_DIFFERENTIABLE) || def->backward;
}

static Value dispatch(Ctx *c, Call *k) {
    const OpDef *def = k->op->def;
    bool whole = k->form == CALL_OUT && def->traits & OP_OUT_MISSING;
    if (def->traits & OP_COMPOSITE && !whole) return call_composite(c, k);
    bool watching =
        c->grad_enabled && !c->inference && !c->below_autograd && is_differentiable(k);
    bool out = k->form == CALL_OUT;
    bool recording =
        watching &&
        (any_requires_grad(k->op, k->args, out) || (out && targets_require_grad(k))) &&
        !all_inference(k);
    if (watching && !out && def->constants) check_constants(c, k->op, k->args);
    if (ctx_failed(c)) return value_null();
    switch (k->form) {
    case CALL_INPLACE: return call_in_place(c, k, recording);
    case CALL_OUT: return call_out(c, k, recording);
    case CALL_NEW: break;
    }
    return call_new(c, k, recording);
}

Value op_call(Ctx *c, const OpDef *def, const Value *args) {
    if (ctx_failed(c)) return value_null();
    const Op *op = op_get(c, def);
    return op ? op_run(c, op, args) : value_null();
}

Value op_run(Ctx *c, const Op *op, const Value *args) {
    if (op->schema.n && op->schema.params[0].written)
        return op_call_inplace(c, op->def, args);
    Call k;
    k.op = op;
    k.args = args;
    k.form = CALL_NEW;
    k.buffered = false;
    k.n_targets = 0;
    return dispatch(c, &k);
}

Value op_call_inplace(Ctx *c, const OpDef *def, const Value *args) {
    if (ctx_failed(c)) return value_null();
    const Op *op = op_get(c, def);
    if (!op) return value_null();
    Call k = {.op = op, .args = args, .form = CALL_INPLACE, .n_targets = 1};
    k.target[0] = value_tensor(args[op->schema.self]);
    return dispatch(c, &k);
}

Value op_call_out(Ctx *c, const OpDef *def, const Value *args, Tensor *const *out,
                  int n_out) {
    if (ctx_failed(c)) return value_null();
    const Op *op = op_get(c, def);
    if (!op) return value_null();
    Call k = {.op = op, .args = args, .form = CALL_OUT, .n_targets = n_out};
    for (int i = 0; i < n_out && i < MAX_RESULTS; i++) k.target[i] = out[i];
    return dispatch(c, &k);
}

Tensor *op_tensor(Ctx *c, const OpDef *def, const Value *args) {
    return value_tensor(op_call(c, def, args));
}
