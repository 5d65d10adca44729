/* eval_tables: which function serves which kind of node. */
#include "runner/evaluate/eval.h"

static Value eval_constant(Frame *f, Expr *e) {
    (void)f;
    return ((ConstantExpr *)e)->value;
}

/* A starred item is taken apart by the display or call around it. */
static Value eval_starred(Frame *f, Expr *e) {
    return eval_expr(f, ((StarredExpr *)e)->value);
}

static Flow exec_nothing(Frame *f, Stmt *s) {
    (void)f, (void)s;
    return FLOW_NEXT;
}

static Flow exec_break(Frame *f, Stmt *s) {
    (void)f, (void)s;
    return FLOW_BREAK;
}

static Flow exec_continue(Frame *f, Stmt *s) {
    (void)f, (void)s;
    return FLOW_CONTINUE;
}

const EvalFn eval_table[EXPR_KIND_COUNT] = {
    [E_CONSTANT] = eval_constant,
    [E_BIGINT] = eval_bigint,
    [E_IMAGINARY] = eval_imaginary,
    [E_FSTRING] = eval_fstring,
    [E_NAME] = eval_name,
    [E_TUPLE] = eval_tuple,
    [E_LIST] = eval_list,
    [E_SET] = eval_set,
    [E_DICT] = eval_dict,
    [E_STARRED] = eval_starred,
    [E_UNARY] = eval_unary,
    [E_BINARY] = eval_binary,
    [E_BOOL] = eval_bool,
    [E_COMPARE] = eval_compare,
    [E_CONDITIONAL] = eval_conditional,
    [E_NAMED] = eval_named,
    [E_LAMBDA] = eval_lambda,
    [E_CALL] = eval_call,
    [E_ATTRIBUTE] = eval_attribute,
    [E_SUBSCRIPT] = eval_subscript,
    [E_SLICE] = eval_slice,
    [E_LIST_COMP] = eval_list_comp,
    [E_SET_COMP] = eval_set_comp,
    [E_DICT_COMP] = eval_dict_comp,
    [E_GENERATOR] = eval_generator,
};

const ExecFn exec_table[STMT_KIND_COUNT] = {
    [S_EXPR] = exec_expr,
    [S_ASSIGN] = exec_assign,
    [S_AUG_ASSIGN] = exec_aug_assign,
    [S_ANN_ASSIGN] = exec_ann_assign,
    [S_DELETE] = exec_delete,
    [S_PASS] = exec_nothing,
    [S_BREAK] = exec_break,
    [S_CONTINUE] = exec_continue,
    [S_RETURN] = exec_return,
    [S_RAISE] = exec_raise,
    [S_ASSERT] = exec_assert,
    [S_GLOBAL] = exec_nothing,
    [S_NONLOCAL] = exec_nothing,
    [S_IMPORT] = exec_import,
    [S_IMPORT_FROM] = exec_import_from,
    [S_IF] = exec_if,
    [S_WHILE] = exec_while,
    [S_FOR] = exec_for,
    [S_TRY] = exec_try,
    [S_WITH] = exec_with,
    [S_FUNCTION_DEF] = exec_function_def,
    [S_CLASS_DEF] = exec_class_def,
};

Flow exec_block(Frame *f, const Block *b) {
    for (uint32_t i = 0; i < b->n; i++) {
        Flow flow = exec_stmt(f, b->items[i]);
        if (flow != FLOW_NEXT) return flow;
    }
    return FLOW_NEXT;
}
