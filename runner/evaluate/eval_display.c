/* eval_display: tuples, lists, sets, dicts, f-strings, ints beyond 64 bits, imaginary
 * numbers, slices. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/values/bigint.h"
#include "runner/values/complex.h"
#include "runner/values/set.h"
#include "runner/values/slice.h"

#include <string.h>

Value eval_bigint(Frame *f, Expr *e) {
    BigIntExpr *x = (BigIntExpr *)e;
    return bigint_from_digits(f->c, x->digits, strlen(x->digits), x->base);
}

Value eval_imaginary(Frame *f, Expr *e) {
    return complex_new(f->c, 0, ((const ConstantExpr *)e)->value.as.f);
}

/* ---- sequences ---- */

/* The items behind a star; what Python says of a display differs from a call. */
static bool spread(Frame *f, List *into, Expr *e, bool of_set) {
    Value v = eval_expr(f, e);
    if (value_is_null(v)) return false;
    if (!value_is_iterable(f->c, v) && !of_set) {
        error_raise(f->c, TypeError, "Value after * must be an iterable, not %s",
                    type_name(v));
        return false;
    }
    List *l = value_to_list(f->c, v);
    return l && list_splice(f->c, into, into->n, into->n, l->items, l->n);
}

static List *eval_items(Frame *f, const SequenceExpr *x) {
    List *l = pool_add(f->c, list_new(f->c, x->n));
    for (uint32_t i = 0; l && i < x->n; i++) {
        Expr *item = x->items[i];
        bool ok;
        if (item->kind == E_STARRED) {
            ok = spread(f, l, ((StarredExpr *)item)->value, x->head.kind == E_SET);
        } else {
            Value v = eval_expr(f, item);
            ok = !value_is_null(v) && list_push(f->c, l, v);
        }
        if (!ok) return NULL;
    }
    return l;
}

Value eval_list(Frame *f, Expr *e) {
    return value_obj(eval_items(f, (SequenceExpr *)e));
}

Value eval_tuple(Frame *f, Expr *e) {
    const SequenceExpr *x = (SequenceExpr *)e;
    if (x->has_star) {
        const List *l = eval_items(f, x);
        return l ? value_obj(pool_add(f->c, tuple_new(f->c, NULL, l->n, l->items)))
                 : value_null();
    }
    Tuple *t = pool_add(f->c, tuple_new(f->c, NULL, x->n, NULL));
    for (uint32_t i = 0; t && i < x->n; i++) {
        Value v = eval_expr(f, x->items[i]);
        if (value_is_null(v)) return v;
        t->items[i] = value_retain(v);
    }
    return value_obj(t);
}

static bool all_constant(const SequenceExpr *x) {
    for (uint32_t i = 0; i < x->n; i++)
        if (x->items[i]->kind != E_CONSTANT) return false;
    return x->n >= 3;
}

Value eval_set(Frame *f, Expr *e) {
    const SequenceExpr *x = (SequenceExpr *)e;
    const List *l = eval_items(f, x);
    if (!l) return value_null();
    if (all_constant(x)) return value_obj(set_of_constants(f->c, l->items, l->n));
    Set *s = set_new(f->c, &set_type);
    for (size_t i = 0; s && i < l->n; i++)
        if (!set_add(f->c, s, l->items[i])) return value_null();
    return value_obj(s);
}

/* ---- dicts ---- */

static bool merge(Frame *f, Dict *into, Expr *e) {
    Value v = eval_expr(f, e);
    if (value_is_null(v)) return false;
    Dict *from = mapping_dict(f->c, v);
    if (from) return dict_merge(f->c, into, from);
    if (ctx_failed(f->c)) return false;
    error_raise(f->c, TypeError, "'%s' object is not a mapping", type_name(v));
    return false;
}

static bool add_item(Frame *f, Dict *d, const DictItem *item) {
    if (!item->key) return merge(f, d, item->value);
    Value key = eval_expr(f, item->key);
    if (value_is_null(key)) return false;
    Value v = eval_expr(f, item->value);
    return !value_is_null(v) && dict_set(f->c, d, key, v);
}

Value eval_dict(Frame *f, Expr *e) {
    const DictExpr *x = (DictExpr *)e;
    Dict *d = pool_add(f->c, dict_new(f->c));
    for (uint32_t i = 0; d && i < x->n; i++)
        if (!add_item(f, d, &x->items[i])) return value_null();
    return value_obj(d);
}

/* ---- f-strings ---- */

static Str *join_parts(Frame *f, const FStringExpr *x);

static Value converted(Frame *f, const FStringPart *p) {
    Value v = eval_expr(f, p->value);
    if (value_is_null(v)) return v;
    switch (p->conversion) {
    case 'r': return value_obj(value_repr_str(f->c, v));
    case 's': return value_obj(value_text_str(f->c, v));
    case 'a': return value_obj(value_ascii_str(f->c, v));
    default: return v;
    }
}

static void add_part(Frame *f, Buf *out, const FStringPart *p) {
    if (p->literal) buf_add(out, p->literal->data, p->literal->len);
    if (!p->value) return;
    Value v = converted(f, p);
    if (value_is_null(v)) return;
    const Str *spec = p->spec ? join_parts(f, p->spec) : f->in->empty;
    if (spec) value_format(f->c, out, v, spec);
}

static Str *join_parts(Frame *f, const FStringExpr *x) {
    Buf out;
    buf_init(&out, &f->c->mem);
    for (uint32_t i = 0; i < x->n && !ctx_failed(f->c); i++)
        add_part(f, &out, &x->parts[i]);
    return str_take(f->c, &out);
}

Value eval_fstring(Frame *f, Expr *e) {
    return value_obj(join_parts(f, (FStringExpr *)e));
}

/* ---- slices ---- */

static Value slice_part(Frame *f, Expr *e) {
    return e ? eval_expr(f, e) : value_none();
}

Value eval_slice(Frame *f, Expr *e) {
    const SliceExpr *x = (SliceExpr *)e;
    Value lower = slice_part(f, x->lower);
    if (value_is_null(lower)) return lower;
    Value upper = slice_part(f, x->upper);
    if (value_is_null(upper)) return upper;
    Value step = slice_part(f, x->step);
    if (value_is_null(step)) return step;
    return slice_new(f->c, lower, upper, step);
}
