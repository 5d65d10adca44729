/* See torch_function.h. The checks and texts are those of PyTorch's
 * autograd/python_function.cpp (1.13). */
#include "runner/torch/torch_function.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/classes.h"
#include "runner/evaluate/function.h"

/* Saved values of the node; the tensors that the forward saved follow. */
enum { SAVED_CTX, SAVED_NAME, SAVED_IS_TENSOR, SAVED_FIRST };

static void function_backward(Ctx *c, Grad *g);
static const NodeClass function_class = {.backward = function_backward};

/* One call of apply. */
typedef struct Application {
    Interp *in;
    Value ctx;
    const Value *args;
    size_t n_args;
    Value is_tensor; /* tuple of bools, one an argument */
    List *tensors;   /* those among the arguments */
    Tensor **inputs; /* the same as an array */
    bool recorded;
    Node *begun; /* of a recorded call */
} Application;

Value function_node_ctx(const Node *n) {
    return n->cls == &function_class ? node_saved(n)[SAVED_CTX].value : value_null();
}

static Value get(Ctx *c, Value v, const char *name) {
    return attr_get_text(c, v, name);
}

static bool put(Ctx *c, Value v, const char *name, Value x) {
    Str *s = symbols_from(&interp_of(c)->symbols, name);
    return s && attr_set(c, v, s, x);
}

/* The items of a tuple, or v as the one item there is. */
static void items_of(const Value *v, const Value **items, size_t *n) {
    const Tuple *t = value_tuple(*v);
    *items = t ? t->items : v;
    *n = t ? t->n : 1;
}

static Tuple *bool_tuple(Ctx *c, size_t n) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, n, NULL));
    for (size_t i = 0; t && i < n; i++) t->items[i] = value_bool(false);
    return t;
}

/* Looks through the arguments; sets ctx.needs_input_grad. */
static bool read_inputs(Application *a) {
    Ctx *c = a->in->c;
    Tuple *is_tensor = bool_tuple(c, a->n_args), *needs = bool_tuple(c, a->n_args);
    a->tensors = pool_add(c, list_new(c, a->n_args));
    if (!is_tensor || !needs || !a->tensors) return false;
    for (size_t i = 0; i < a->n_args; i++) {
        Tensor *t = value_tensor(a->args[i]);
        if (!t) continue;
        is_tensor->items[i] = value_bool(true);
        bool wanted = tensor_requires_grad(t);
        needs->items[i] = value_bool(wanted);
        a->recorded = a->recorded || (wanted && c->grad_enabled && !c->inference);
        if (ctx_failed(c) || !list_push(c, a->tensors, a->args[i])) return false;
    }
    a->is_tensor = value_obj(is_tensor);
    return put(c, a->ctx, "needs_input_grad", value_obj(needs));
}

static Value run_forward(const Application *a, Value cls) {
    Ctx *c = a->in->c;
    Value forward = get(c, cls, "forward");
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    Args args = {a->args, a->n_args, NULL, 0};
    Value v = value_null();
    if (!value_is_null(forward)) v = call_with_self(c, forward, a->ctx, &args);
    c->grad_enabled = was;
    return v;
}

/* The tensors of a tuple that ctx keeps under that name; NULL where there is none. */
static List *marked(Ctx *c, Value ctx, const char *name) {
    Value v = get(c, ctx, name);
    List *l = value_is_null(v) ? NULL : pool_add(c, list_new(c, 0));
    if (!l || value_is_none(v)) return l;
    const Tuple *t = value_tuple(v);
    if (!t)
        return error_raise(c, RuntimeError,
                           "autograd internal error: %s attribute is expected to be a "
                           "tuple but is %s",
                           name, type_name(v));
    return list_splice(c, l, 0, 0, t->items, t->n) ? l : NULL;
}

static bool check_saved(Ctx *c, const List *to_save) {
    for (size_t i = 0; i < to_save->n; i++) {
        Value v = to_save->items[i];
        if (value_is_none(v) || value_tensor(v)) continue;
        error_raise(c, TypeError,
                    "save_for_backward can only save variables, but argument %zu is of "
                    "type %s",
                    i, type_name(v));
        return false;
    }
    return true;
}

/* An array of the tensors in l, NULL for other values; of `size` places. */
static Tensor **tensor_array(Ctx *c, const List *l) {
    Tensor **t = ctx_alloc(c, (l->n + 1) * sizeof *t);
    for (size_t i = 0; t && i < l->n; i++) t[i] = value_tensor(l->items[i]);
    return t;
}

static void free_array(Ctx *c, Tensor **t, const List *l) {
    ctx_free(c, t, (l->n + 1) * sizeof *t);
}

static Node *make_node(const Application *a, size_t n_outputs, size_t n_save) {
    Ctx *c = a->in->c;
    const Class *cls = class_of(a->in, a->ctx);
    Node *n = custom_node(c, a->begun, n_outputs, SAVED_FIRST + n_save);
    if (!n || !cls) return NULL;
    node_saved(n)[SAVED_CTX].value = value_retain(a->ctx);
    node_saved(n)[SAVED_NAME].value = value_retain(value_obj(cls->name));
    node_saved(n)[SAVED_IS_TENSOR].value = value_retain(a->is_tensor);
    return n;
}

static bool save_tensors(Ctx *c, Node *n, const List *to_save) {
    for (size_t i = 0; i < to_save->n; i++) {
        const Tensor *t = value_tensor(to_save->items[i]);
        bool is_output = t && t->grad_fn == n;
        if (!node_save(c, n, SAVED_FIRST + i, to_save->items[i], is_output,
                       is_output ? t->output_nr : 0))
            return false;
    }
    return true;
}

typedef struct Marks {
    List *to_save, *dirty, *plain, *outputs;
    Tensor **dirty_tensors, **plain_tensors, **output_tensors;
} Marks;

/* The first value among those marked that is no tensor; NULL when all are. */
static const Value *no_tensor(const List *l, size_t *at) {
    for (*at = 0; *at < l->n; (*at)++)
        if (!value_tensor(l->items[*at])) return &l->items[*at];
    return NULL;
}

static bool check_marked(Ctx *c, const Marks *m) {
    size_t at;
    const Value *plain = no_tensor(m->plain, &at);
    const Value *dirty = plain ? NULL : no_tensor(m->dirty, &at);
    if (plain)
        error_raise(c, RuntimeError,
                    "mark_non_differentiable only accepts variable arguments, but got "
                    "%s",
                    type_name(*plain));
    else if (dirty)
        error_raise(c, RuntimeError,
                    "mark_dirty can only accept variables, but argument %zu is of type "
                    "%s",
                    at, type_name(*dirty));
    return !ctx_failed(c);
}

static bool attach(const Application *a, const Marks *m) {
    Ctx *c = a->in->c;
    Node *n = NULL;
    if (a->recorded) {
        n = make_node(a, m->outputs->n, m->to_save->n);
        if (!n) return false;
    }
    CustomResults r = {
        .node = n,
        .inputs = a->inputs,
        .n_inputs = a->tensors->n,
        .outputs = m->output_tensors,
        .n_outputs = m->outputs->n,
        .dirty = m->dirty_tensors,
        .n_dirty = m->dirty->n,
        .plain = m->plain_tensors,
        .n_plain = m->plain->n,
    };
    if (!custom_attach(c, &r)) return false;
    return !n || (check_saved(c, m->to_save) && save_tensors(c, n, m->to_save));
}

/* What apply gives: the forward's result, its tensors with their place in the graph. */
static Value results(Ctx *c, Value v, const Marks *m) {
    const Tuple *given = value_tuple(v);
    if (!given) return m->output_tensors[0] ? value_obj(m->output_tensors[0]) : v;
    Tuple *t = pool_add(c, tuple_new(c, NULL, given->n, given->items));
    for (size_t i = 0; t && i < t->n; i++)
        if (m->output_tensors[i])
            value_set(c, &t->items[i], value_obj(m->output_tensors[i]));
    return value_obj(t);
}

static Value finish(const Application *a, Value v) {
    Ctx *c = a->in->c;
    Marks m = {.to_save = marked(c, a->ctx, "to_save"),
               .dirty = marked(c, a->ctx, "dirty_tensors"),
               .plain = marked(c, a->ctx, "non_differentiable"),
               .outputs = pool_add(c, list_new(c, 0))};
    const Value *items;
    size_t n;
    items_of(&v, &items, &n);
    if (!m.to_save || !m.dirty || !m.plain || !m.outputs) return value_null();
    if (!check_marked(c, &m)) return value_null();
    if (!list_splice(c, m.outputs, 0, 0, items, n)) return value_null();
    m.dirty_tensors = tensor_array(c, m.dirty);
    m.plain_tensors = tensor_array(c, m.plain);
    m.output_tensors = tensor_array(c, m.outputs);
    bool ok = m.dirty_tensors && m.plain_tensors && m.output_tensors;
    Value r = ok && attach(a, &m) ? results(c, v, &m) : value_null();
    free_array(c, m.dirty_tensors, m.dirty);
    free_array(c, m.plain_tensors, m.plain);
    free_array(c, m.output_tensors, m.outputs);
    return r;
}

/* cls.apply(*args) */
static Value native_apply(Ctx *c, Value cls, const Args *args) {
    Value backward_class = get(c, cls, "_backward_cls");
    Application a = {.in = interp_of(c), .args = args->pos, .n_args = args->n};
    if (!value_is_null(backward_class))
        a.ctx = call_positional(c, backward_class, NULL, 0);
    if (value_is_null(a.ctx) || !read_inputs(&a)) return value_null();
    a.inputs = tensor_array(c, a.tensors);
    if (a.recorded && a.inputs)
        a.begun = custom_begin(c, &function_class, a.inputs, a.tensors->n);
    Value v = ctx_failed(c) ? value_null() : run_forward(&a, cls);
    if (!value_is_null(v)) v = finish(&a, v);
    free_array(c, a.inputs, a.tensors);
    return v;
}

/* ---- saved tensors ---- */

Value function_node_saved(Ctx *c, Node *n) {
    Tuple *t = pool_add(c, tuple_new(c, NULL, n->n_saved - SAVED_FIRST, NULL));
    for (size_t i = 0; t && i < t->n; i++) {
        Value v = node_unpack(c, n, SAVED_FIRST + i);
        if (ctx_failed(c)) return value_null();
        value_set(c, &t->items[i], value_is_null(v) ? value_none() : v);
    }
    return value_obj(t);
}

/* saved_tensors(ctx): of the node whose backward runs. Within the forward there is no
 * node yet. */
static Value native_saved(Ctx *c, Value self, const Args *args) {
    (void)self;
    Node *n = interp_of(c)->backward_node;
    if (n && value_same(function_node_ctx(n), args->pos[0]))
        return function_node_saved(c, n);
    return tuple_of(c, 0, NULL);
}

/* name_type(cls, name): what the class of cls and of those derived from it is called.
 */
static Value native_name_type(Ctx *c, Value self, const Args *args) {
    (void)self;
    Class *cls = value_class(args->pos[0]);
    Str *name = value_str(args->pos[1]);
    if (!cls || !name)
        return value_raise(c, TypeError, "name_type() takes a class and its name");
    obj_release(c, cls->type_name);
    cls->type_name = obj_retain(name);
    return value_none();
}

/* written_in_c(cls): cls stands for a class that Python or PyTorch wrote in C, which
 * messages name with its module; cls. */
static Value native_written_in_c(Ctx *c, Value self, const Args *args) {
    (void)self;
    Class *cls = value_class(args->pos[0]);
    if (!cls || !cls->module || !cls->qualname)
        return value_raise(c, TypeError, "written_in_c() takes a class of a module");
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, "%s.%s", cls->module->data, cls->qualname->data);
    obj_release(c, cls->full_name);
    cls->full_name = str_from(c, buf_text(&b));
    buf_free(&b);
    return args->pos[0];
}

const Native function_natives[] = {
    {"apply", "*args /", native_apply},
    {"name_type", "cls name /", native_name_type},
    {"saved_tensors", "ctx /", native_saved},
    {"written_in_c", "cls /", native_written_in_c},
    {NULL, NULL, NULL},
};

/* ---- backward ---- */

/* The gradient of output i as backward gets it: zeros for one that is not used, unless
 * the function does not want them. */
static Value gradient(Ctx *c, const Grad *g, size_t i, bool materialize) {
    if (g->grads[i]) return value_obj(g->grads[i]);
    bool is_tensor = node_outputs(g->node)[i].dtype != DT_none;
    if (!materialize || !is_tensor) return value_none();
    return value_obj(custom_zeros(c, g->node, i));
}

static Value call_backward(Ctx *c, Grad *g, Value ctx) {
    Interp *in = interp_of(c);
    Value fn = get(c, ctx, "_backward_fn");
    Value wanted = value_is_null(fn) ? fn : get(c, ctx, "materialize_grads");
    List *args = value_is_null(wanted) ? NULL : pool_add(c, list_new(c, g->n));
    int materialize = args ? value_truth(c, wanted) : -1;
    for (size_t i = 0; args && materialize >= 0 && i < g->n; i++) {
        Value v = gradient(c, g, i, materialize);
        if (value_is_null(v) || !list_push(c, args, v)) return value_null();
    }
    if (!args || materialize < 0) return value_null();
    Node *before = in->backward_node;
    in->backward_node = g->node;
    Value r = call_with_self(c, fn, ctx, &(Args){args->items, args->n, NULL, 0});
    in->backward_node = before;
    return r;
}

/* Whether backward gave as many gradients as there are arguments; more are fine when
 * they are None. */
static bool check_count(Ctx *c, const Node *n, const Value *items, size_t got,
                        size_t expected) {
    bool fits = got >= expected;
    for (size_t i = expected; i < got; i++) fits = fits && value_is_none(items[i]);
    if (fits) return true;
    error_raise(c, RuntimeError,
                "function %s returned an incorrect number of gradients (expected %zu, "
                "got %zu)",
                node_name(n), expected, got);
    return false;
}

static void set_gradients(Ctx *c, Grad *g, const Value *items, const Tuple *is_tensor) {
    size_t input = 0;
    for (size_t i = 0; i < is_tensor->n; i++) {
        Value v = items[i];
        bool wanted = is_tensor->items[i].as.b;
        if (!wanted && !value_is_none(v)) {
            error_raise(
                c, RuntimeError,
                "function %s returned a gradient different than None at position "
                "%zu, but the corresponding forward input was not a Variable",
                node_name(g->node), i + 1);
            return;
        }
        if (!wanted) continue;
        if (!value_is_none(v) && !value_tensor(v)) {
            error_raise(c, RuntimeError, "expected Variable or None (got %s)",
                        type_name(v));
            return;
        }
        grad_set(g, input++, value_tensor(v));
    }
}

static void function_backward(Ctx *c, Grad *g) {
    Value ctx = value_retain(node_saved(g->node)[SAVED_CTX].value);
    const Tuple *is_tensor = value_tuple(node_saved(g->node)[SAVED_IS_TENSOR].value);
    Value v = call_backward(c, g, ctx);
    const Value *items;
    size_t n;
    items_of(&v, &items, &n);
    if (!ctx_failed(c) && is_tensor && check_count(c, g->node, items, n, is_tensor->n))
        set_gradients(c, g, items, is_tensor);
    value_release(c, ctx);
}
