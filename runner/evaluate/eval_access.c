/* eval_access: attributes and items. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/eval.h"

Value eval_attribute(Frame *f, Expr *e) {
    AttributeExpr *x = (AttributeExpr *)e;
    Value object = eval_expr(f, x->object);
    if (value_is_null(object)) return object;
    return attr_get_cached(f->c, object, x->name, &x->cache);
}

/* The item of a list or tuple at a small index, without a call. */
static Value *item_at(Value object, Value key) {
    if (key.tag != VAL_INT) return NULL;
    const Value *items;
    size_t n;
    if (!value_items(object, &items, &n)) return NULL;
    int64_t i = key.as.i < 0 ? key.as.i + (int64_t)n : key.as.i;
    return i >= 0 && i < (int64_t)n ? (Value *)&items[i] : NULL;
}

Value eval_subscript(Frame *f, Expr *e) {
    const SubscriptExpr *x = (SubscriptExpr *)e;
    Value object = eval_expr(f, x->object);
    if (value_is_null(object)) return object;
    Value key = eval_expr(f, x->index);
    if (value_is_null(key)) return key;
    const Value *item = item_at(object, key);
    return value_keep(f->c, item ? *item : value_get_item(f->c, object, key));
}
