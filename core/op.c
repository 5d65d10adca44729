/* See op.h.  This file is the dispatcher; op_registry.c finds and parses operators. */
#include "op.h"

#include "inplace.h"
#include "op_plan.h"
#include "ops/ops.h"
#include "pointwise.h"

#include <string.h>

/* ---- arguments ---- */

static int64_t int_of(Value v) {
    const Tensor *t = value_tensor(v);
    if (t) v = element_load((DType)t->dtype, tensor_data(t));
    if (v.tag == VAL_FLOAT) return (int64_t)v.as.f;
    return v.tag == VAL_BOOL ? v.as.b : v.as.i;
}
int64_t call_int(const Call *k, int i) {
    return int_of(k->args[i]);
}

double call_float(const Call *k, int i) {
    Value v = call_scalar(k, i);
    return v.tag == VAL_FLOAT ? v.as.f : (double)int_of(v);
}

bool call_bool(const Call *k, int i) {
    return int_of(k->args[i]) != 0;
}

Value call_scalar(const Call *k, int i) {
    Value v = k->args[i];
    const Tensor *t = value_tensor(v);
    return t ? element_load((DType)t->dtype, tensor_data(t)) : v;
}

const char *call_string(const Call *k, int i) {
    const Str *s = value_str(k->args[i]);
    return s ? s->data : NULL;
}

DType call_dtype(const Call *k, int i, DType fallback) {
    return k->args[i].tag == VAL_DTYPE ? k->args[i].as.dtype : fallback;
}

int call_ints(Ctx *c, const Call *k, int i, int64_t *out, int max) {
    Value v = k->args[i];
    if (value_is_none(v)) return 0;
    const Value *items;
    size_t n;
    if (!value_items(v, &items, &n)) {
        int size = k->op->schema.params[i].list_size;
        if (size < 1) size = 1;
        for (int j = 0; j < size && j < max; j++) out[j] = int_of(v);
        return size;
    }
    if (n > (size_t)max) {
        error_raise(c, RuntimeError,
                    "a list of %zu ints where at most %d are supported", n, max);
        return -1;
    }
    for (size_t j = 0; j < n; j++) out[j] = int_of(items[j]);
    return (int)n;
}

size_t call_list_len(const Call *k, int i) {
    const Value *items;
    size_t n;
    return value_items(k->args[i], &items, &n) ? n : 0;
}

Tensor *call_list_tensor(const Call *k, int i, size_t j) {
    const Value *items;
    size_t n;
    return value_items(k->args[i], &items, &n) && j < n ? value_tensor(items[j]) : NULL;
}

Value arg_ints(Ctx *c, int n, const int64_t *ints) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, (size_t)n, NULL));
    for (int i = 0; t && i < n; i++) t->items[i] = value_int(ints[i]);
    return value_obj(t);
}

/* ---- results ---- */

void raise_output_shape(Ctx *c, int own, const int64_t *own_sizes, int ndim,
                        const int64_t *sizes) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "output with shape ");
    buf_dims(&b, own, own_sizes);
    buf_puts(&b, " doesn't match the broadcast shape ");
    buf_dims(&b, ndim, sizes);
    error_raise(c, RuntimeError, "%s", buf_text(&b));
    buf_free(&b);
}

void warn_resized(Ctx *c, int from, const int64_t *from_sizes, int ndim,
                  const int64_t *sizes) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "An output with one or more elements was resized since it had shape ");
    buf_dims(&b, from, from_sizes);
    buf_puts(&b, ", which does not match the required output shape ");
    buf_dims(&b, ndim, sizes);
    warn(c, UserWarning,
         "%s. This behavior is deprecated, and in a future PyTorch release outputs "
         "will not be resized unless they have zero elements. You can explicitly "
         "reuse an out tensor t by resizing it, inplace, to zero elements with "
         "t.resize_(0).",
         buf_text(&b));
    buf_free(&b);
}

bool out_resize(Ctx *c, const Call *k, int nr, int ndim, const int64_t *sizes) {
    Tensor *t = k->target[nr];
    if (shape_equal(ndim, sizes, t->ndim, t->sizes)) return true;
    int warnings = !t->numel || k->op->def->traits & OP_OUT_QUIET ? 0 : 1 + k->buffered;
    for (int i = 0; i < warnings; i++) warn_resized(c, t->ndim, t->sizes, ndim, sizes);
    if (ctx_failed(c)) return false;
    return tensor_resize(c, t, ndim, sizes);
}

void warn_expanded(Ctx *c, const Tensor *t, const char *name, const char *instead) {
    if (shape_overlaps(t->ndim, t->sizes, t->strides))
        warn(c, UserWarning,
             "Use of %s on expanded tensors is deprecated. Please clone() the tensor "
             "before performing this operation. This also applies to advanced indexing "
             "e.g. %s",
             name, instead);
}

bool out_dtype_check(Ctx *c, const Call *k, int nr, DType d) {
    if (k->form != CALL_OUT || (DType)k->target[nr]->dtype == d) return true;
    error_raise(c, RuntimeError,
                "Expected out tensor to have dtype %s, but got %s instead",
                dtype_type_name(d), dtype_type_name((DType)k->target[nr]->dtype));
    return false;
}

/* Raises when out= of a call whose traits ask for the very dtype has another one. */
static bool out_is_exact(Ctx *c, const Call *k, int nr, DType d) {
    unsigned traits = k->op->def->traits;
    if (k->form != CALL_OUT || (DType)k->target[nr]->dtype == d) return true;
    if (traits & OP_OUT_EXACT) return out_dtype_check(c, k, nr, d);
    return !(traits & OP_OUT_SAME) ||
           found_dtype_check(c, (DType)k->target[nr]->dtype, d);
}

/* Whether result nr may be written to its target, which out= resizes. */
static bool target_fits(Ctx *c, const Call *k, int nr, DType dtype, int ndim,
                        const int64_t *sizes) {
    Tensor *t = k->target[nr];
    if (!out_is_exact(c, k, nr, dtype)) return false;
    unsigned traits = k->op->def->traits;
    bool same = shape_equal(ndim, sizes, t->ndim, t->sizes);
    if (!(traits & OP_EXPANDED_TARGET) && !self_overlap_check(c, t)) return false;
    if (!same && k->form == CALL_INPLACE) {
        raise_output_shape(c, t->ndim, t->sizes, ndim, sizes);
        return false;
    }
    if (!cast_check(c, dtype, (DType)t->dtype)) return false;
    return same ? !ctx_failed(c) : out_resize(c, k, nr, ndim, sizes);
}

bool out_prepare(Ctx *c, Call *k, int nr, DType dtype, int ndim, const int64_t *sizes) {
    if (k->form != CALL_OUT || nr >= k->n_targets) return !ctx_failed(c);
    return target_fits(c, k, nr, dtype, ndim, sizes);
}

Tensor *call_result(Ctx *c, Call *k, int nr, DType dtype, int ndim,
                    const int64_t *sizes) {
    if (ctx_failed(c)) return NULL;
    Tensor *t = nr < k->n_targets ? k->target[nr] : NULL;
    if (!t) return k->result[nr] = tensor_make(c, dtype, ndim, sizes);
    if (!target_fits(c, k, nr, dtype, ndim, sizes)) return NULL;
    bool direct = dtype == (DType)t->dtype && (k->op->def->traits & OP_POINTWISE);
    return k->result[nr] = direct ? t : tensor_make(c, dtype, ndim, sizes);
}

/* What call_result gave in place of a target goes into the target. */
static void fill_targets(Call *k) {
    for (int i = 0; i < k->n_targets; i++)
        if (k->result[i] && k->result[i] != k->target[i])
            tensor_copy(k->target[i], k->result[i]);
}

/* ---- recording ---- */

static bool requires_grad(const Tensor *t) {
    return t && tensor_requires_grad(t);
}

/* The tensors of one argument: itself, or the items of a list. */
static inline size_t tensors_of(const TensorParam *p, const Value *args,
                                const Value **items) {
    size_t n;
    *items = &args[p->at];
    if (!p->is_list) return 1;
    return value_items(args[p->at], items, &n) ? n : 0;
}

static bool list_requires_grad(Value list) {
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

static Node *record_missing(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                            bool in_place) {
    Node *n = pool_add(c, node_new(c, &not_implemented_class,
                                   edges_requiring(c, NULL, op, args), n_outputs, 1));
    if (!n) return NULL;
    node_saved(n)[0].value = value_obj(missing_name(c, op, in_place));
    edges_requiring(c, n, op, args);
    return ctx_failed(c) ? NULL : n;
}

/* The node of a call, without its outputs; the pool owns it. */
static Node *record(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                    bool in_place) {
    if (op->def->traits & OP_DERIVATIVE_MISSING)
        return record_missing(c, op, args, n_outputs, in_place);
    const NodeClass *cls = in_place ? &op->inplace_class : &op->node_class;
    Node *n = pool_add(
        c, node_new(c, cls, count_edges(op, args), n_outputs, count_saved(op, args)));
    if (!n) return NULL;
    if (!set_edges(c, n, op, args)) return NULL;
    return save_args(c, n, op, args, in_place) ? n : NULL;
}

Node *op_make_node(Ctx *c, const OpDef *def, const Value *args, const Tensor *result) {
    const Op *op = op_get(c, def);
    Node *n = op ? record(c, op, args, 1, false) : NULL;
    return n && node_set_output(c, n, 0, result) ? n : NULL;
}

/* The results of a call as an array: a tensor, or the tensors of a tuple. */
static size_t result_list(const Value *result, const Value **items) {
    size_t n;
    if (value_items(*result, items, &n)) return n;
    *items = result;
    return value_tensor(*result) ? 1 : 0;
}

static bool save_results(Ctx *c, Node *n, const Op *op, const Value *results,
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

static bool set_history(Ctx *c, const Op *op, Node *n, const Value *results,
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
    return save_results(c, n, op, results, count);
}

/* ---- one call ---- */

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
    Node *n = record(c, op, k->args, count, false);
    return n && set_history(c, op, n, results, count) ? v : value_null();
}

/* A view operator in place (t_, unsqueeze_) gives self the geometry of the view. */
static bool take_geometry(Ctx *c, Tensor *self, const Tensor *view) {
    return tensor_set_geometry(c, self, view->ndim, view->sizes, view->strides,
                               view->offset);
}

static Value call_in_place(Ctx *c, Call *k, bool recording) {
    const Op *op = k->op;
    Tensor *self = k->target[0];
    if (!inplace_check(c, self, recording)) return value_null();
    Node *n = recording ? record(c, op, k->args, 1, true) : NULL;
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
    return n && !save_results(c, n, op, &v, 1) ? value_null() : v;
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
    Node *node = recording ? record_missing(c, k->op, k->args, n, false) : NULL;
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

static Value call_out(Ctx *c, Call *k, bool recording) {
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
static Value call_composite(Ctx *c, Call *k) {
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

Value call_as(Ctx *c, Call *k, const OpDef *def) {
    switch (k->form) {
    case CALL_INPLACE: return op_call_inplace(c, def, k->args);
    case CALL_OUT: return op_call_out(c, def, k->args, k->target, k->n_targets);
    case CALL_NEW: break;
    }
    return op_call(c, def, k->args);
}

Value call_wider(Ctx *c, const Call *k, const OpDef *def, const Value *args, int n,
                 DType d) {
    if (k->form != CALL_OUT) return op_call(c, def, args);
    const int64_t none = 0;
    Tensor *out[MAX_RESULTS];
    for (int i = 0; i < n; i++)
        out[i] = i < k->n_targets ? k->target[i] : tensor_make(c, d, 1, &none);
    return op_call_out(c, def, args, out, n);
}

/* The arguments of k as its alias has them, by their names. */
static Value call_renamed(Ctx *c, Call *k, const OpDef *def) {
    const Op *op = op_get(c, def);
    if (!op) return value_null();
    Value args[MAX_PARAMS];
    for (int i = 0; i < op->schema.n; i++) {
        const Param *p = &op->schema.params[i];
        int own = schema_find(&k->op->schema, p->name, p->name_len);
        args[i] = own < 0 ? p->default_value : k->args[own];
    }
    Call renamed = *k;
    renamed.args = args;
    return call_as(c, &renamed, def);
}

Value call_alias(Ctx *c, Call *k) {
    const OpDef *def = k->op->def;
    return def->traits & OP_HIDDEN ? call_renamed(c, k, def->alias)
                                   : call_as(c, k, def->alias);
}
