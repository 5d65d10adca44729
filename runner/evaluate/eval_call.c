/* eval_call: calls: their arguments, and methods without making bound methods. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/call_args.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/torch/overrides.h"

#include <string.h>

/* ---- positions ---- */

static bool eval_plain_args(Frame *f, const Arguments *a, CallArgs *out) {
    Value *pos = out->few;
    if (a->n > CALL_ARGS_INLINE) {
        pos = out->more = ctx_alloc(f->c, a->n * sizeof *pos);
        if (!pos) return false;
        out->more_n = a->n;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        pos[i] = eval_expr(f, a->items[i]);
        if (value_is_null(pos[i])) return false;
    }
    out->args.pos = pos;
    out->args.n = a->n;
    return true;
}

static void put_builtin(Buf *out, const Builtin *b) {
    const char *name = b->native->name;
    const char *dot = strrchr(name, '.');
    if (dot && value_node(b->self))
        buf_printf(out, "%s%s", type_name(b->self), dot);
    else if (dot && value_tensor(b->self))
        buf_printf(out, "%sTensor%s",
                   builtin_seen_as(b) == &bound_type ? "torch._tensor." : "", dot);
    else
        buf_puts(out, name);
}

/* "__main__.f()": how messages of the call itself name the callee. What has no name of
 * its own is shown as it prints. */
static const char *shown_callee(Ctx *c, Value callee) {
    Buf b;
    buf_init(&b, &c->mem);
    const BoundMethod *bound = value_bound(callee);
    if (bound) callee = bound->function;
    const Function *fn = value_function(callee);
    const Class *cls = value_class(callee);
    const Operator *o = value_operator(callee);
    if (fn)
        buf_printf(&b, "%s.%s()", fn->module->name->data, fn->qualname->data);
    else if (cls && !str_equals(cls->module, "builtins"))
        buf_printf(&b, "%s.%s()", cls->module->data, cls->qualname->data);
    else if (cls)
        buf_printf(&b, "%s()", cls->qualname->data);
    else if (o && (o->unbound || !value_is_null(o->self)))
        buf_printf(&b, "Tensor.%s()", o->set->name);
    else if (o)
        buf_printf(&b, "torch._VariableFunctionsClass.%s()", o->set->name);
    else if (value_builtin(callee)) {
        put_builtin(&b, value_builtin(callee));
        buf_puts(&b, "()");
    } else {
        value_text(c, &b, callee);
    }
    return text_take(c, &b);
}

/* `alone`: f(*item), where the error can name what is called. */
static bool spread_star(Frame *f, Value callee, Expr *item, bool alone, List *into) {
    Value v = eval_expr(f, item);
    if (value_is_null(v)) return false;
    if (!value_is_iterable(f->c, v)) {
        if (!alone)
            return error_raise(f->c, TypeError,
                               "Value after * must be an iterable, not %s",
                               type_name(v));
        error_raise(f->c, TypeError, "%s argument after * must be an iterable, not %s",
                    shown_callee(f->c, callee), type_name(v));
        return false;
    }
    List *l = value_to_list(f->c, v);
    return l && list_splice(f->c, into, into->n, into->n, l->items, l->n);
}

static bool eval_star_args(Frame *f, Value callee, const Arguments *a, CallArgs *out) {
    List *all = pool_add(f->c, list_new(f->c, a->n));
    if (!all) return false;
    for (uint32_t i = 0; i < a->n; i++) {
        Expr *item = a->items[i];
        if (item->kind == E_STARRED) {
            if (!spread_star(f, callee, ((StarredExpr *)item)->value, a->n == 1, all))
                return false;
            continue;
        }
        Value v = eval_expr(f, item);
        if (value_is_null(v) || !list_push(f->c, all, v)) return false;
    }
    out->args.pos = all->items;
    out->args.n = all->n;
    return true;
}

/* ---- keywords ---- */

static bool eval_plain_named(Frame *f, const Arguments *a, CallArgs *out) {
    Named *named = out->few_named;
    if (a->n_named > CALL_NAMED_INLINE) {
        named = out->more_named = ctx_alloc(f->c, a->n_named * sizeof *named);
        if (!named) return false;
        out->more_named_n = a->n_named;
    }
    for (uint32_t i = 0; i < a->n_named; i++) {
        named[i].name = a->named[i].name;
        named[i].value = eval_expr(f, a->named[i].value);
        if (value_is_null(named[i].value)) return false;
    }
    out->args.named = named;
    out->args.n_named = a->n_named;
    return true;
}

static bool add_keyword(Frame *f, Value callee, Dict *all, Value name, Value v) {
    Str *s = value_str(name);
    if (!s) {
        error_raise(f->c, TypeError, "keywords must be strings");
        return false;
    }
    if (!value_is_null(dict_get_str(all, s))) {
        error_raise(f->c, TypeError, "%s got multiple values for keyword argument '%s'",
                    shown_callee(f->c, callee), s->data);
        return false;
    }
    return dict_set_str(f->c, all, s, v);
}

static bool spread_mapping(Frame *f, Value callee, Expr *e, Dict *all) {
    Value v = eval_expr(f, e);
    if (value_is_null(v)) return false;
    Dict *d = mapping_dict(f->c, v);
    if (!d && ctx_failed(f->c)) return false;
    if (!d) {
        error_raise(f->c, TypeError, "%s argument after ** must be a mapping, not %s",
                    shown_callee(f->c, callee), type_name(v));
        return false;
    }
    DictEntry entry;
    for (size_t at = 0; dict_next(d, &at, &entry);)
        if (!add_keyword(f, callee, all, entry.key, entry.value)) return false;
    return true;
}

static bool named_from_dict(Ctx *c, const Dict *all, CallArgs *out) {
    Named *named = out->more_named = ctx_alloc(c, all->used * sizeof *named);
    if (!named) return false;
    out->more_named_n = all->used;
    DictEntry entry;
    size_t n = 0;
    for (size_t at = 0; dict_next(all, &at, &entry);)
        named[n++] = (Named){value_str(entry.key), entry.value};
    out->args.named = named;
    out->args.n_named = n;
    return true;
}

static bool eval_star_named(Frame *f, Value callee, const Arguments *a, CallArgs *out) {
    Dict *all = pool_add(f->c, dict_new(f->c));
    if (!all) return false;
    for (uint32_t i = 0; i < a->n_named; i++) {
        const KeywordArg *k = &a->named[i];
        if (!k->name) {
            if (!spread_mapping(f, callee, k->value, all)) return false;
            continue;
        }
        Value v = eval_expr(f, k->value);
        if (value_is_null(v) || !add_keyword(f, callee, all, value_obj(k->name), v))
            return false;
    }
    return named_from_dict(f->c, all, out);
}

/* ---- both ---- */

bool call_args_eval(Frame *f, Value callee, const Arguments *a, CallArgs *out) {
    out->args = (Args){NULL, 0, NULL, 0};
    out->more = NULL;
    out->more_named = NULL;
    out->more_n = out->more_named_n = 0;
    bool ok =
        a->has_star ? eval_star_args(f, callee, a, out) : eval_plain_args(f, a, out);
    if (!ok || a->n_named == 0) return ok;
    return a->has_star_star ? eval_star_named(f, callee, a, out)
                            : eval_plain_named(f, a, out);
}

void call_args_free(Ctx *c, CallArgs *a) {
    if (a->more) ctx_free(c, a->more, a->more_n * sizeof *a->more);
    if (a->more_named)
        ctx_free(c, a->more_named, a->more_named_n * sizeof *a->more_named);
}

/* ---- calls ---- */

/* An operator of core, with what this call site remembers of its arguments. */
static Value call_operator(Frame *f, CallExpr *x, const OverloadSet *set, Value self,
                           const Args *args) {
    BindCache *cache = site_cache(f, &x->cache);
    if (!cache) return bind_and_call(f->c, set, self, args);
    return bind_and_call_cached(f->c, cache, set, self, args);
}

static Value call_any(Frame *f, CallExpr *x, Value callee, const Args *args) {
    const Operator *o = value_operator(callee);
    if (o && !o->unbound) return call_operator(f, x, o->set, o->self, args);
    return call_value(f->c, callee, args);
}

static Value call_native(Frame *f, const Native *n, Value self, const Args *args) {
    Ctx *c = f->c;
    Value r;
    if (c->overriding && override_method(c, native_name(n), self, args, &r)) return r;
    return native_call(c, n, self, args);
}

static Value call_method(Frame *f, CallExpr *x) {
    AttributeExpr *callee = (AttributeExpr *)x->callee;
    Value object = eval_expr(f, callee->object);
    if (value_is_null(object)) return object;
    Method m = attr_method(f->c, object, callee->name, &callee->cache);
    if (value_is_null(m.function) && !m.native && !m.set) return value_null();
    CallArgs a;
    Value r = value_null(), named = m.function;
    if (value_is_null(named) && (x->args.has_star || x->args.has_star_star))
        named = attr_find(f->c, object, callee->name); /* for messages */
    if (call_args_eval(f, named, &x->args, &a)) {
        if (m.set)
            r = call_operator(f, x, m.set, object, &a.args);
        else if (m.native)
            r = call_native(f, m.native, object, &a.args);
        else if (m.bound)
            r = call_with_self(f->c, m.function, object, &a.args);
        else
            r = call_any(f, x, m.function, &a.args);
    }
    call_args_free(f->c, &a);
    return r;
}

Value eval_call(Frame *f, Expr *e) {
    CallExpr *x = (CallExpr *)e;
    if (x->callee->kind == E_ATTRIBUTE) return call_method(f, x);
    Value callee = eval_expr(f, x->callee);
    if (value_is_null(callee)) return callee;
    CallArgs a;
    Value r = value_null();
    if (call_args_eval(f, callee, &x->args, &a)) r = call_any(f, x, callee, &a.args);
    call_args_free(f->c, &a);
    return r;
}
