/* See torch_values.h. */
#include "runner/torch/torch_values.h"

#include "runner/evaluate/classes.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/values/types.h"

#include <string.h>

/* ---- dtypes ---- */

/* "torch.FloatTensor"; without "torch." when it is the name of the class. */
static DType dtype_from_text(const char *s, size_t skip) {
    static const char *const texts[DTYPE_COUNT] = {
#define X(id, ctype, scalar, cpp, category) "torch." #scalar "Tensor",
        DTYPES(X)
#undef X
    };
    for (int d = 0; d < DTYPE_COUNT; d++)
        if (strcmp(s, texts[d] + skip) == 0) return (DType)d;
    return DT_none;
}

bool dtype_of_type(Value v, DType *out) {
    const Class *cls = value_class(v);
    if (!cls || !cls->def) return false;
    if (str_equals(cls->name, "float"))
        *out = DT_float64;
    else if (str_equals(cls->name, "int"))
        *out = DT_int64;
    else if (str_equals(cls->name, "bool"))
        *out = DT_bool;
    else
        return false;
    return true;
}

DType dtype_from_value(Ctx *c, Value v) {
    if (v.tag == VAL_DTYPE) return v.as.dtype;
    const Str *s = value_str(v);
    if (s) {
        DType d = dtype_from_text(s->data, 0);
        if (d == DT_none) error_raise(c, ValueError, "invalid type: '%s'", s->data);
        return d;
    }
    DType of_type;
    if (dtype_of_type(v, &of_type)) return of_type;
    const Class *cls = value_class(v);
    if (cls) { /* torch.FloatTensor and the like */
        DType d = dtype_from_text(cls->name->data, strlen("torch."));
        if (d != DT_none) return d;
    }
    error_raise(c, RuntimeError, "invalid type object");
    return DT_none;
}

/* ---- lists of tensors ---- */

/* v as an array of values: a tensor itself, else the items of an iterable. */
static bool as_items(Ctx *c, const Value *v, const Value **items, size_t *n) {
    *items = v;
    *n = 1;
    if (value_tensor(*v) || value_items(*v, items, n)) return true;
    const List *l = value_to_list(c, *v);
    if (!l) return false;
    *items = l->items;
    *n = l->n;
    return true;
}

static Tensor **tensor_array(Ctx *c, size_t n) {
    return ctx_alloc_zero(c, (n ? n : 1) * sizeof(Tensor *));
}

/* PyTorch names a gradient that does not fit by list.index, which compares it with
 * those before it: that raises for most tensors. */
static bool compare_earlier(Ctx *c, const Value *items, size_t i) {
    int equal = 0;
    for (size_t k = 0; k < i && equal == 0; k++)
        equal =
            value_same(items[k], items[i]) ? 1 : value_equals(c, items[k], items[i]);
    return equal >= 0;
}

/* Root number i, with the gradient that is given for it or NULL. */
static bool read_root(Ctx *c, Value root, const Value *grads, size_t i, Tensor **all,
                      size_t n) {
    const Value *grad = grads ? &grads[i] : NULL;
    Tensor *given = grad ? value_tensor(*grad) : NULL;
    all[i] = value_tensor(root);
    all[n + i] = given;
    if (!given && grad && !value_is_none(*grad))
        return error_raise(c, TypeError,
                           "gradients can be either Tensors or None, but got %s",
                           type_name(*grad));
    if (!all[i] && given)
        return error_raise(c, TypeError,
                           "is_same_size(): argument 'input' (position 1) must be "
                           "Tensor, not %s",
                           type_name(root));
    if (!all[i])
        return error_raise(c, AttributeError,
                           "'%s' object has no attribute 'requires_grad'",
                           type_name(root));
    if (given && !tensor_same_sizes(given, all[i]) && !compare_earlier(c, grads, i))
        return false;
    return engine_check_gradient(c, i, all[i], given);
}

/* The roots into all, and behind them their gradients, NULL where none is given; more
 * than n are ignored. */
static bool read_roots(Ctx *c, const Value *roots, Value grads, size_t n,
                       Tensor **all) {
    const Value *items = NULL;
    size_t count = n;
    bool given = !value_is_null(grads) && !value_is_none(grads);
    if (given && !as_items(c, &grads, &items, &count)) return false;
    for (size_t i = 0; i < n && i < count; i++)
        if (!read_root(c, roots[i], items, i, all, n)) return false;
    if (count < n)
        error_raise(c, RuntimeError, "got %zu tensors and %zu gradients", n, count);
    return count >= n;
}

/* Into all, which holds the roots and their gradients: PyTorch looks at those first. */
static bool read_inputs(Ctx *c, const Value *items, size_t n, Tensor **all,
                        size_t n_roots) {
    for (size_t i = 0; i < n; i++) {
        all[2 * n_roots + i] = value_tensor(items[i]);
        if (value_tensor(items[i])) continue;
        if (engine_check_roots(c, all, all + n_roots, n_roots))
            error_raise(c, RuntimeError, "all inputs have to be Tensors, but got %s",
                        type_name(items[i]));
        return false;
    }
    return true;
}

/* ---- backward ---- */

bool arg_flag(Ctx *c, const Args *a, size_t i, bool absent) {
    return value_is_null(a->pos[i]) ? absent : value_truth(c, a->pos[i]) == 1;
}

bool torch_byte_flag(Ctx *c, Value v) {
    int64_t i;
    if (value_is_null(v)) return false;
    if (!value_to_index(c, v, &i)) return false;
    if (i < 0 || i > UINT8_MAX)
        error_raise(c, OverflowError, "unsigned byte integer is %s",
                    i < 0 ? "less than minimum" : "greater than maximum");
    return i != 0;
}

bool torch_backward(Ctx *c, const Value *roots, const Value *grads, Value inputs,
                    bool keep_graph, bool create_graph) {
    const Value *items, *in = NULL;
    size_t n, n_in = 0;
    if (!as_items(c, roots, &items, &n)) return false;
    if (!value_is_null(inputs) && !value_is_none(inputs)) {
        if (value_length(c, inputs) < 0) return false;
        if (!as_items(c, &inputs, &in, &n_in)) return false;
        if (n_in == 0) {
            error_raise(c, RuntimeError,
                        "'inputs' argument to backward() cannot be empty.");
            return false;
        }
    }
    Tensor **all = tensor_array(c, 2 * n + n_in);
    if (!all) return false;
    interp_of(c)->selective_passes += n_in > 0;
    bool done = read_roots(c, items, *grads, n, all) &&
                read_inputs(c, in, n_in, all, n) &&
                engine_backward(c, all, all + n, n, all + 2 * n, n_in,
                                (BackwardOptions){.keep_graph = keep_graph,
                                                  .create_graph = create_graph});
    interp_of(c)->selective_passes -= n_in > 0;
    ctx_free(c, all, (2 * n + n_in ? 2 * n + n_in : 1) * sizeof *all);
    return done;
}

Value torch_grad(Ctx *c, Value outputs, Value inputs, Value grads, BackwardOptions o) {
    const Value *items, *in;
    size_t n, n_in;
    if (!as_items(c, &outputs, &items, &n) || !as_items(c, &inputs, &in, &n_in))
        return value_null();
    size_t room = 2 * n + 2 * n_in;
    Tensor **all = tensor_array(c, room);
    if (!all) return value_null();
    Tensor **results = all + 2 * n + n_in;
    interp_of(c)->selective_passes++;
    bool done = read_roots(c, items, grads, n, all);
    if (done && n_in == 0 && engine_check_roots(c, all, all + n, n))
        error_raise(c, ValueError, "grad requires non-empty inputs.");
    done = done && n_in;
    done = done && read_inputs(c, in, n_in, all, n) &&
           engine_grad(c, all, all + n, n, all + 2 * n, n_in, o, results);
    interp_of(c)->selective_passes--;
    Tuple *t = done ? pool_add(c, tuple_new(c, NULL, n_in, NULL)) : NULL;
    for (size_t i = 0; t && i < n_in; i++)
        value_set(c, &t->items[i], arg_tensor(results[i]));
    ctx_free(c, all, room * sizeof *all);
    return value_obj(t);
}

Value node_metadata(Ctx *c, Node *n) {
    if (!n->hooks) n->hooks = ctx_alloc_zero(c, sizeof *n->hooks);
    if (!n->hooks) return value_null();
    if (value_is_null(n->hooks->metadata)) n->hooks->metadata = value_obj(dict_new(c));
    return n->hooks->metadata;
}

/* ---- handles of hooks ---- */

typedef struct Handle {
    Obj obj;
    HookList *list;
    int64_t id;
} Handle;

static void handle_destroy(Ctx *c, Obj *o) {
    obj_release(c, ((Handle *)o)->list);
    obj_free(c, o, sizeof(Handle));
}
const ObjType handle_type = {"RemovableHandle", OBJ_HANDLE, handle_destroy, NULL};

Value hook_handle(Ctx *c, HookList *l, int64_t id) {
    Handle *h = obj_new(c, &handle_type, sizeof *h);
    if (!h) return value_null();
    h->list = obj_retain(l);
    h->id = id;
    return value_obj(pool_add(c, h));
}

static Value handle_remove(Ctx *c, Value self, const Args *a) {
    (void)a;
    const Handle *h = (Handle *)self.as.obj;
    hook_list_remove(c, h->list, h->id);
    return value_none();
}
static Value handle_enter(Ctx *c, Value self, const Args *a) {
    (void)c, (void)a;
    return self;
}
static Value handle_exit(Ctx *c, Value self, const Args *a) {
    Value r = handle_remove(c, self, a);
    return value_is_null(r) ? r : value_none();
}
static const Native handle_methods[] = {
    {"RemovableHandle.remove", "def", handle_remove},
    {"RemovableHandle.__enter__", "def", handle_enter},
    {"RemovableHandle.__exit__", "def type value tb", handle_exit},
    {NULL, NULL, NULL},
};
static Value handle_attr(Ctx *c, Value v, Str *name) {
    (void)c;
    return str_equals(name, "id") ? value_int(((Handle *)v.as.obj)->id) : value_null();
}
static void handle_repr(Ctx *c, Buf *out, Value v) {
    (void)c, (void)v;
    buf_puts(out, "<torch.utils.hooks.RemovableHandle object at 0x...>");
}
const TypeOps handle_ops = {
    .repr = handle_repr, .get_attr = handle_attr, .methods = handle_methods};
