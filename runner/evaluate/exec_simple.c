/* exec_simple: expression statements, assignments, del, return, assert. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/exceptions.h"
#include "runner/torch/tensor_site.h"

Flow exec_expr(Frame *f, Stmt *s) {
    Value v = eval_expr(f, ((ExprStmt *)s)->value);
    return value_is_null(v) ? FLOW_RAISE : FLOW_NEXT;
}

Flow exec_assign(Frame *f, Stmt *s) {
    const AssignStmt *x = (AssignStmt *)s;
    Value v = eval_expr(f, x->value);
    if (value_is_null(v)) return FLOW_RAISE;
    for (uint32_t i = 0; i < x->n; i++)
        if (!assign_target(f, x->targets[i], v)) return FLOW_RAISE;
    return FLOW_NEXT;
}

Flow exec_ann_assign(Frame *f, Stmt *s) {
    const AnnAssignStmt *x = (AnnAssignStmt *)s;
    if (!x->value) return FLOW_NEXT;
    Value v = eval_expr(f, x->value);
    if (value_is_null(v) || !assign_target(f, x->target, v)) return FLOW_RAISE;
    return FLOW_NEXT;
}

/* ---- target OP= value: object and key are evaluated once ---- */

static Value updated(Frame *f, AugAssignStmt *x, Value old) {
    if (value_is_null(old)) return old;
    Value v = eval_expr(f, x->value);
    if (value_is_null(v)) return v;
    if (old.tag == VAL_FLOAT && v.tag == VAL_FLOAT && x->op == BINARY_ADD)
        return value_float(old.as.f + v.as.f);
    if (value_tensor(old))
        return tensor_site_inplace(f, &x->cache, (BinaryOp)x->op, old, v);
    return value_inplace(f->c, (BinaryOp)x->op, old, v);
}

static bool update_attribute(Frame *f, AugAssignStmt *x) {
    AttributeExpr *target = (AttributeExpr *)x->target;
    Value object = eval_expr(f, target->object);
    if (value_is_null(object)) return false;
    Value old = attr_get_cached(f->c, object, target->name, &target->cache);
    Value v = updated(f, x, old);
    return !value_is_null(v) && attr_set(f->c, object, target->name, v);
}

static bool update_item(Frame *f, AugAssignStmt *x) {
    const SubscriptExpr *target = (SubscriptExpr *)x->target;
    Value object = eval_expr(f, target->object);
    if (value_is_null(object)) return false;
    Value key = eval_expr(f, target->index);
    if (value_is_null(key)) return false;
    Value v = updated(f, x, value_get_item(f->c, object, key));
    return !value_is_null(v) && value_set_item(f->c, object, key, v);
}

Flow exec_aug_assign(Frame *f, Stmt *s) {
    AugAssignStmt *x = (AugAssignStmt *)s;
    bool ok;
    if (x->target->kind == E_NAME) {
        Value v = updated(f, x, eval_name(f, x->target));
        ok = !value_is_null(v) && assign_name(f, (NameExpr *)x->target, v);
    } else if (x->target->kind == E_ATTRIBUTE) {
        ok = update_attribute(f, x);
    } else {
        ok = update_item(f, x);
    }
    return ok ? FLOW_NEXT : FLOW_RAISE;
}

/* ---- del, return, assert ---- */

Flow exec_delete(Frame *f, Stmt *s) {
    const DeleteStmt *x = (DeleteStmt *)s;
    for (uint32_t i = 0; i < x->n; i++)
        if (!delete_target(f, x->targets[i])) return FLOW_RAISE;
    return FLOW_NEXT;
}

Flow exec_return(Frame *f, Stmt *s) {
    const ReturnStmt *x = (ReturnStmt *)s;
    Value v = x->value ? eval_expr(f, x->value) : value_none();
    if (value_is_null(v)) return FLOW_RAISE;
    value_set(f->c, &f->result, v);
    return FLOW_RETURN;
}

Flow exec_assert(Frame *f, Stmt *s) {
    const AssertStmt *x = (AssertStmt *)s;
    int truth = eval_truth(f, x->test);
    if (truth > 0) return FLOW_NEXT;
    if (truth < 0) return FLOW_RAISE;
    if (!x->message) {
        error_raise(f->c, AssertionError, "%s", "");
        return FLOW_RAISE;
    }
    Value message = eval_expr(f, x->message);
    if (!value_is_null(message)) exception_raise_with(f->in, AssertionError, message);
    return FLOW_RAISE;
}
