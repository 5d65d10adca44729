/* See overrides.h. */
#include "runner/torch/overrides.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/descriptors.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/torch/tensor_class.h"
#include "runner/values/dict.h"

#include <string.h>

enum { MAX_TYPES = 16, MAX_NAMED = 16 };

/* The classes that are asked, in order. */
typedef struct Asked {
    Class *types[MAX_TYPES];
    size_t n;
} Asked;

/* The __torch_function__ of a cell's class; VAL_NULL when it has none of its own. */
static Value own_function(Interp *in, const Class *cls) {
    for (size_t i = 0; i < cls->n_mro && !cls->mro[i]->def; i++) {
        const Dict *attrs = cls->mro[i]->attrs;
        Value v = attrs ? dict_get_str(attrs, special(in, NAME__torch_function))
                        : value_null();
        if (!value_is_null(v)) return v;
    }
    return value_null();
}

static bool is_tensor_class(const Class *cls) {
    for (size_t i = 0; i < cls->n_mro; i++)
        if (cls->mro[i]->def && str_equals(cls->mro[i]->name, "Tensor")) return true;
    return false;
}

static bool takes_part(Interp *in, const Class *cls) {
    if (cls->def) return false;
    if (!value_is_null(own_function(in, cls))) return true;
    return is_tensor_class(cls) && !tensor_class_is_parameter(cls);
}

void overrides_class_made(Interp *in, const Class *cls) {
    if (takes_part(in, cls)) in->c->overriding = true;
}

Class *override_class(Ctx *c, const Tensor *t) {
    const Instance *i = c->overriding ? tensor_instance(t) : NULL;
    return i && takes_part(interp_of(c), i->cls) ? i->cls : NULL;
}

/* ---- who is asked ---- */

static void ask_class(Asked *q, Class *cls) {
    size_t at = q->n;
    for (size_t i = 0; i < q->n; i++) {
        if (q->types[i] == cls) return;
        if (at == q->n && class_derives(cls, q->types[i])) at = i;
    }
    if (q->n == MAX_TYPES) return;
    memmove(q->types + at + 1, q->types + at, (q->n - at) * sizeof *q->types);
    q->types[at] = cls;
    q->n++;
}

static void ask_value(Interp *in, Asked *q, Value v) {
    const Tensor *t = value_tensor(v);
    const Instance *i = t ? tensor_instance(t) : value_instance(v);
    if (i && takes_part(in, i->cls)) ask_class(q, i->cls);
}

static void ask_argument(Interp *in, Asked *q, Value v) {
    const Tuple *t = value_tuple(v);
    const List *l = value_list(v);
    ask_value(in, q, v);
    for (size_t i = 0; t && i < t->n; i++) ask_value(in, q, t->items[i]);
    for (size_t i = 0; l && i < l->n; i++) ask_value(in, q, l->items[i]);
}

/* ---- torch.Tensor's own answer ---- */

static List *convert_items(Ctx *c, const Value *items, size_t n, Class *cls) {
    if (!value_enter(c, " while calling a Python object")) return NULL;
    List *l = pool_add(c, list_new(c, n));
    for (size_t i = 0; l && i < n; i++) {
        Value v = override_convert(c, items[i], cls);
        if (value_is_null(v) || !list_push(c, l, v)) l = NULL;
    }
    value_leave(c);
    return l;
}

Value override_convert(Ctx *c, Value v, Class *cls) {
    Tensor *t = value_tensor(v);
    const Tuple *tuple = value_tuple(v);
    const List *l = value_list(v);
    if (tuple) {
        List *items = convert_items(c, tuple->items, tuple->n, cls);
        if (!items) return value_null();
        return value_obj(
            pool_add(c, tuple_new(c, tuple->kind, tuple->n, items->items)));
    }
    if (l) return value_obj(convert_items(c, l->items, l->n, cls));
    if (!t) return v;
    const Instance *i = tensor_instance(t);
    if (i && class_derives(i->cls, cls)) return v;
    Tensor *r = tensor_getitem(c, t, &(IndexKey){.n = 0});
    return r && tensor_set_class(c, r, cls) ? value_obj(r) : value_null();
}

/* func(*args, **kwargs), where kwargs may be None. */
static Value call_with_dict(Ctx *c, Value func, const Tuple *args, Value kwargs) {
    const Dict *d = value_dict(kwargs);
    Named named[MAX_NAMED];
    if (d && d->used > MAX_NAMED)
        return value_raise(c, TypeError, "more than %d keyword arguments", MAX_NAMED);
    Args a = {args->items, args->n, named, 0};
    DictEntry e;
    for (size_t at = 0; d && dict_next(d, &at, &e);)
        if (value_str(e.key)) named[a.n_named++] = (Named){value_str(e.key), e.value};
    if (a.n_named == 1 && str_equals(named[0].name, "tensor_contents"))
        a.n_named = 0; /* which a repr has nothing to do with */
    return call_value(c, func, &a);
}

static Value plain_answer(Ctx *c, Class *cls, Value func, const Tuple *types,
                          const Tuple *args, Value kwargs) {
    for (size_t i = 0; i < types->n; i++) {
        const Class *other = value_class(types->items[i]);
        if (!other || !class_derives(cls, other))
            return (Value){.tag = VAL_NOT_IMPLEMENTED};
    }
    bool was = c->overriding;
    c->overriding = false;
    Value v = call_with_dict(c, func, args, kwargs);
    if (!value_is_null(v)) v = override_convert(c, v, cls);
    c->overriding = was;
    return v;
}

/* Tensor.__torch_function__(cls, func, types, args=(), kwargs=None) */
static Value tensor_torch_function(Ctx *c, Value cls, const Args *a) {
    const Tuple *types = value_tuple(a->pos[1]);
    Tuple *args = value_is_null(a->pos[2]) ? pool_add(c, tuple_new(c, NULL, 0, NULL))
                                           : value_tuple(a->pos[2]);
    if (!types || !args || !value_class(cls))
        return value_raise(c, TypeError,
                           "__torch_function__(): types and args must be tuples");
    return plain_answer(c, value_class(cls), a->pos[0], types, args, a->pos[3]);
}
static const Native torch_function = {
    "Tensor.__torch_function__", "func types args? kwargs?", tensor_torch_function};

Value override_find(Ctx *c, const Str *name) {
    if (!str_equals(name, "__torch_function__")) return tensor_class_find(c, name);
    Value fn = builtin_make(c, &torch_function, value_null(), NULL, false);
    if (value_is_null(fn)) return fn;
    return classmethod_make(interp_of(c), NULL, &(Args){&fn, 1, NULL, 0});
}

/* ---- asking ---- */

static Value raise_none(Ctx *c, const Asked *q, const char *name) {
    Buf b;
    buf_init(&b, &c->mem);
    for (size_t i = 0; i < q->n; i++) {
        if (i) buf_puts(&b, ", ");
        class_repr(&b, q->types[i]);
    }
    Value v = value_raise(c, TypeError,
                          "no implementation found for '%s' on types that implement "
                          "__torch_function__: [%s]",
                          name, buf_text(&b));
    buf_free(&b);
    return v;
}

static Value ask(Ctx *c, const Asked *q, Value func, const char *name, Value args,
                 Value kwargs) {
    Interp *in = interp_of(c);
    Value classes[MAX_TYPES];
    for (size_t i = 0; i < q->n; i++) classes[i] = value_obj(q->types[i]);
    Value types = tuple_of(c, q->n, classes);
    if (value_is_null(func) || value_is_null(args) || value_is_null(types))
        return value_null();
    for (size_t i = 0; i < q->n; i++) {
        Value own = own_function(in, q->types[i]), r;
        if (value_is_null(own))
            r = plain_answer(c, q->types[i], func, value_tuple(types),
                             value_tuple(args), kwargs);
        else
            r = call_positional(c, attr_bind(c, own, value_null(), q->types[i]),
                                (Value[]){func, types, args, kwargs}, 4);
        if (r.tag != VAL_NOT_IMPLEMENTED) return r;
    }
    return raise_none(c, q, name);
}

static Value named_dict(Ctx *c, const Args *a) {
    if (a->n_named == 0) return value_none();
    Dict *d = pool_add(c, dict_new(c));
    for (size_t i = 0; d && i < a->n_named; i++)
        if (!dict_set_str(c, d, (Str *)a->named[i].name, a->named[i].value))
            return value_null();
    return value_obj(d);
}

/* torch.Tensor.<name> or torch.<name>, the very object that cells see under that name.
 */
static Value func_of(Ctx *c, const char *name, bool method) {
    Interp *in = interp_of(c);
    Str *key = symbols_intern(&in->symbols, name, strlen(name));
    if (!key) return value_null();
    if (method) {
        Class *cls = tensor_class(in);
        return cls ? class_find(in, cls, key) : value_null();
    }
    Module *m = module_import(in, "torch", strlen("torch"));
    return m ? module_find(m, key) : value_null();
}

static bool override_call(Ctx *c, const OverloadSet *set, const char *name, Value self,
                          const Args *a, Value *out) {
    Interp *in = interp_of(c);
    Asked q = {.n = 0};
    bool method = !value_is_null(self);
    if (method) ask_argument(in, &q, self);
    for (size_t i = 0; i < a->n; i++) ask_argument(in, &q, a->pos[i]);
    for (size_t i = 0; i < a->n_named; i++) ask_argument(in, &q, a->named[i].value);
    if (q.n == 0) return false;
    *out = value_null();
    Value func = set && set->form != OP_FUNCTION && !method
                     ? operator_make(c, set, value_null(), false)
                     : func_of(c, name, method);
    List *args = pool_add(c, list_new(c, a->n + 1));
    if (ctx_failed(c) || !args || (method && !list_push(c, args, self)) ||
        !list_splice(c, args, args->n, args->n, a->pos, a->n))
        return true;
    Value kwargs = named_dict(c, a);
    if (value_is_null(kwargs)) return true;
    Buf shown;
    buf_init(&shown, &c->mem);
    buf_printf(&shown, "torch.%s%s", method ? "Tensor." : "", name);
    *out =
        ask(c, &q, func, buf_text(&shown), tuple_of(c, args->n, args->items), kwargs);
    buf_free(&shown);
    return true;
}

bool override_operator(Ctx *c, const OverloadSet *set, Value self, const Args *a,
                       Value *out) {
    return override_call(c, set, set->name, self, a, out);
}

bool override_method(Ctx *c, const char *name, Value self, const Args *a, Value *out) {
    if (!c->overriding || !value_tensor(self) || strcmp(name, "as_subclass") == 0)
        return false;
    return override_call(c, NULL, name, self, a, out);
}

bool override_repr(Ctx *c, Value v, Value *out) {
    static const char contents[] = "tensor_contents";
    if (!c->overriding) return false;
    Str *key = symbols_intern(&interp_of(c)->symbols, contents, strlen(contents));
    Named named = {key, value_none()};
    *out = value_null();
    return !key || override_method(c, "__repr__", v, &(Args){NULL, 0, &named, 1}, out);
}
