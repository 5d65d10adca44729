/* targets: assignment to names, attributes, items and sequences of these. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/instance_ops.h"

/* ---- unpacking ---- */

static bool raise_too_few(Frame *f, uint32_t n, bool star, size_t got) {
    error_raise(f->c, ValueError,
                "not enough values to unpack (expected %s%u, got %zu)",
                star ? "at least " : "", star ? n - 1 : n, got);
    return false;
}

static bool raise_too_many(Frame *f, uint32_t n) {
    error_raise(f->c, ValueError, "too many values to unpack (expected %u)", n);
    return false;
}

/* The items of any iterable as a list of the pool, but none behind the first that is
 * too many: an endless iterator has too many values, no more. */
static List *take_items(Frame *f, Value v, size_t limit) {
    Value it = value_iterate(f->c, v);
    List *l = value_is_null(it) ? NULL : pool_add(f->c, list_new(f->c, 0));
    while (l && l->n < limit) {
        Value item = value_next(f->c, it);
        if (value_is_null(item) || !list_push(f->c, l, item)) break;
    }
    return ctx_failed(f->c) ? NULL : l;
}

/* Whether v can be iterated, for the message of unpacking alone. */
static bool check_iterable(Frame *f, Value v) {
    if (value_is_iterable(f->c, v)) return true;
    error_raise(f->c, TypeError, "cannot unpack non-iterable %s object", type_name(v));
    return false;
}

static uint32_t star_position(const SequenceExpr *x) {
    for (uint32_t i = 0; i < x->n; i++)
        if (x->items[i]->kind == E_STARRED) return i;
    return x->n;
}

static bool unpack_star(Frame *f, const SequenceExpr *x, List *l) {
    uint32_t star = star_position(x);
    size_t behind = x->n - star - 1;
    if (l->n + 1 < x->n) return raise_too_few(f, x->n, true, l->n);
    List *rest = pool_add(f->c, list_new(f->c, 0));
    if (!rest) return false;
    size_t middle = l->n - star - behind;
    if (!list_splice(f->c, rest, 0, 0, l->items + star, middle)) return false;
    for (uint32_t i = 0; i < x->n; i++) {
        Expr *target = x->items[i];
        if (i == star) target = ((StarredExpr *)target)->value;
        Value v = i == star  ? value_obj(rest)
                  : i < star ? l->items[i]
                             : l->items[i + middle - 1];
        if (!assign_target(f, target, v)) return false;
    }
    return true;
}

static bool unpack_items(Frame *f, const SequenceExpr *x, const Value *items,
                         size_t n) {
    if (n > x->n) return raise_too_many(f, x->n);
    if (n < x->n) return raise_too_few(f, x->n, false, n);
    for (uint32_t i = 0; i < x->n; i++)
        if (!assign_target(f, x->items[i], items[i])) return false;
    return true;
}

static bool assign_sequence(Frame *f, Expr *target, Value v) {
    const SequenceExpr *x = (SequenceExpr *)target;
    const Tuple *t = value_tuple(v);
    if (t && !x->has_star) return unpack_items(f, x, t->items, t->n);
    if (!check_iterable(f, v)) return false;
    List *l = take_items(f, v, x->has_star ? SIZE_MAX : (size_t)x->n + 1);
    if (!l) return false;
    return x->has_star ? unpack_star(f, x, l) : unpack_items(f, x, l->items, l->n);
}

/* ---- the kinds of targets ---- */

static bool assign_name_target(Frame *f, Expr *target, Value v) {
    return assign_name(f, (NameExpr *)target, v);
}

static bool assign_attribute(Frame *f, Expr *target, Value v) {
    const AttributeExpr *x = (AttributeExpr *)target;
    Value object = eval_expr(f, x->object);
    return !value_is_null(object) && attr_set(f->c, object, x->name, v);
}

static bool assign_item(Frame *f, Expr *target, Value v) {
    const SubscriptExpr *x = (SubscriptExpr *)target;
    Value object = eval_expr(f, x->object);
    if (value_is_null(object)) return false;
    Value key = eval_expr(f, x->index);
    return !value_is_null(key) && value_set_item(f->c, object, key, v);
}

typedef bool (*AssignFn)(Frame *f, Expr *target, Value v);
static const AssignFn assign_table[EXPR_KIND_COUNT] = {
    [E_NAME] = assign_name_target, [E_ATTRIBUTE] = assign_attribute,
    [E_SUBSCRIPT] = assign_item,   [E_TUPLE] = assign_sequence,
    [E_LIST] = assign_sequence,
};

bool assign_target(Frame *f, Expr *target, Value v) {
    return assign_table[target->kind](f, target, v);
}

/* ---- del ---- */

static bool delete_attribute(Frame *f, Expr *target) {
    const AttributeExpr *x = (AttributeExpr *)target;
    Value object = eval_expr(f, x->object);
    return !value_is_null(object) && attr_set(f->c, object, x->name, value_null());
}

static bool delete_item(Frame *f, Expr *target) {
    const SubscriptExpr *x = (SubscriptExpr *)target;
    Value object = eval_expr(f, x->object);
    if (value_is_null(object)) return false;
    Value key = eval_expr(f, x->index);
    return !value_is_null(key) && value_set_item(f->c, object, key, value_null());
}

bool delete_target(Frame *f, Expr *target) {
    const SequenceExpr *x = (SequenceExpr *)target;
    switch (target->kind) {
    case E_NAME: return delete_name(f, (NameExpr *)target);
    case E_ATTRIBUTE: return delete_attribute(f, target);
    case E_SUBSCRIPT: return delete_item(f, target);
    default: break;
    }
    for (uint32_t i = 0; i < x->n; i++)
        if (!delete_target(f, x->items[i])) return false;
    return true;
}
