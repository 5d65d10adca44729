/* eval_names: reading, binding and unbinding names. */
#include "runner/evaluate/eval.h"
#include "runner/evaluate/state.h"

/* ---- reading ---- */

static Value raise_unbound(Frame *f, const NameExpr *x) {
    if (x->outer)
        return value_raise(
            f->c, NameError,
            "cannot access free variable '%s' where it is not associated "
            "with a value in enclosing scope",
            x->name->data);
    return value_raise(f->c, UnboundLocalError,
                       "cannot access local variable '%s' where it is not associated "
                       "with a value",
                       x->name->data);
}

static Value read_global(Frame *f, const NameExpr *x) {
    const GlobalSlot *slot = &f->module->slots[x->index];
    Value v = slot->value;
    if (value_is_null(v)) v = slot->builtin;
    if (value_is_null(v))
        return value_raise(f->c, NameError, "name '%s' is not defined", x->name->data);
    return value_keep(f->c, v);
}

static Value read_class_name(Frame *f, const NameExpr *x) {
    Value v = dict_get_str(f->names, x->name);
    return value_is_null(v) ? read_global(f, x) : value_keep(f->c, v);
}

Value eval_name(Frame *f, Expr *e) {
    const NameExpr *x = (NameExpr *)e;
    Value v;
    switch (x->scope) {
    case NAME_LOCAL: v = f->slots[x->index]; break;
    case NAME_CELL: v = value_keep(f->c, frame_cell(f, x->index)->value); break;
    case NAME_CLASS: return read_class_name(f, x);
    default: return read_global(f, x);
    }
    return value_is_null(v) ? raise_unbound(f, x) : v;
}

/* ---- binding ---- */

static Value *name_place(Frame *f, const NameExpr *x) {
    switch (x->scope) {
    case NAME_LOCAL: return &f->slots[x->index];
    case NAME_CELL: return &frame_cell(f, x->index)->value;
    default: return &f->module->slots[x->index].value;
    }
}

bool assign_name(Frame *f, NameExpr *target, Value v) {
    if (target->scope == NAME_CLASS)
        return dict_set_str(f->c, f->names, target->name, v);
    value_set(f->c, name_place(f, target), v);
    return true;
}

void unbind_name(Frame *f, NameExpr *target) {
    if (target->scope == NAME_CLASS)
        dict_remove_str(f->c, f->names, target->name);
    else
        value_set(f->c, name_place(f, target), value_null());
}

static bool is_bound(Frame *f, NameExpr *x) {
    if (x->scope == NAME_CLASS) return !value_is_null(dict_get_str(f->names, x->name));
    return !value_is_null(*name_place(f, x));
}

/* An expression around may have borrowed the value that the name had: it is kept. */
Value eval_named(Frame *f, Expr *e) {
    const NamedExpr *x = (NamedExpr *)e;
    Value v = eval_expr(f, x->value);
    if (value_is_null(v)) return v;
    if (x->target->scope == NAME_LOCAL) {
        value_keep(f->c, f->slots[x->target->index]);
        f->in->rebound++;
    }
    return assign_name(f, x->target, v) ? v : value_null();
}

bool delete_name(Frame *f, NameExpr *x) {
    if (is_bound(f, x)) {
        unbind_name(f, x);
        return true;
    }
    if (x->scope == NAME_LOCAL || x->scope == NAME_CELL)
        raise_unbound(f, x);
    else
        error_raise(f->c, NameError, "name '%s' is not defined", x->name->data);
    return false;
}
