/* eval: from syntax trees to values.
 *
 * eval_expr and exec_block dispatch through a table by node kind, one function a kind.
 * An expression gives a value that is borrowed from a local variable or constant or
 * belongs to the pool, and VAL_NULL when an error is pending.  A statement gives how
 * control goes on.  Each statement ends with the pool as it found it.
 */
#ifndef RUNNER_EVAL_H
#define RUNNER_EVAL_H

#include "runner/evaluate/env.h"
#include "runner/language/ast.h"
#include "runner/values/protocol.h"

typedef enum Flow {
    FLOW_NEXT,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_RETURN,
    FLOW_RAISE
} Flow;

typedef Value (*EvalFn)(Frame *f, Expr *e);
typedef Flow (*ExecFn)(Frame *f, Stmt *s);

extern const EvalFn eval_table[EXPR_KIND_COUNT];
extern const ExecFn exec_table[STMT_KIND_COUNT];

static inline Value eval_expr(Frame *f, Expr *e) {
    return eval_table[e->kind](f, e);
}
/* bool(e): 1, 0, or -1. */
int eval_truth(Frame *f, Expr *e);

/* Runs the statements in order; each has a pool mark of its own. FLOW_RETURN leaves
 * the value in f->result. */
Flow exec_block(Frame *f, const Block *b);
static inline Flow exec_stmt(Frame *f, Stmt *s) {
    size_t mark = pool_mark(f->c);
    Flow flow = exec_table[s->kind](f, s);
    if (pool_mark(f->c) != mark) pool_drain(f->c, mark);
    return flow;
}

/* target = v, for every kind of target. */
bool assign_target(Frame *f, Expr *target, Value v);
bool assign_name(Frame *f, NameExpr *target, Value v);
bool delete_target(Frame *f, Expr *target);
bool delete_name(Frame *f, NameExpr *target);
/* Unbinds without complaint: what `except ... as e` does at its end. */
void unbind_name(Frame *f, NameExpr *target);

/* What a name stands for, or VAL_NULL and NameError. */
Value eval_name(Frame *f, Expr *e);

/* ---- one function a kind, by file ---- */

/* eval_ops.c */
Value eval_unary(Frame *f, Expr *e);
Value eval_binary(Frame *f, Expr *e);
Value eval_bool(Frame *f, Expr *e);
Value eval_compare(Frame *f, Expr *e);
Value eval_conditional(Frame *f, Expr *e);
/* eval_display.c */
Value eval_tuple(Frame *f, Expr *e);
Value eval_list(Frame *f, Expr *e);
Value eval_set(Frame *f, Expr *e);
Value eval_dict(Frame *f, Expr *e);
Value eval_fstring(Frame *f, Expr *e);
Value eval_bigint(Frame *f, Expr *e);
Value eval_imaginary(Frame *f, Expr *e);
Value eval_slice(Frame *f, Expr *e);
/* eval_comp.c */
Value eval_list_comp(Frame *f, Expr *e);
Value eval_set_comp(Frame *f, Expr *e);
Value eval_dict_comp(Frame *f, Expr *e);
Value eval_generator(Frame *f, Expr *e);
/* generator.__qualname__ = text; nothing else can be set. */
bool generator_set_attr(Ctx *c, Value v, Str *name, Value x);
/* eval_call.c */
Value eval_call(Frame *f, Expr *e);
/* eval_access.c */
Value eval_attribute(Frame *f, Expr *e);
Value eval_subscript(Frame *f, Expr *e);
/* exec_def.c */
Value eval_lambda(Frame *f, Expr *e);

/* eval_names.c */
Value eval_named(Frame *f, Expr *e);

/* exec_simple.c */
Flow exec_expr(Frame *f, Stmt *s);
Flow exec_assign(Frame *f, Stmt *s);
Flow exec_aug_assign(Frame *f, Stmt *s);
Flow exec_ann_assign(Frame *f, Stmt *s);
Flow exec_delete(Frame *f, Stmt *s);
Flow exec_return(Frame *f, Stmt *s);
Flow exec_assert(Frame *f, Stmt *s);
/* exec_loop.c */
Flow exec_if(Frame *f, Stmt *s);
Flow exec_while(Frame *f, Stmt *s);
Flow exec_for(Frame *f, Stmt *s);
/* exec_try.c */
Flow exec_raise(Frame *f, Stmt *s);
Flow exec_try(Frame *f, Stmt *s);
Flow exec_with(Frame *f, Stmt *s);
/* exec_def.c */
Flow exec_function_def(Frame *f, Stmt *s);
Flow exec_class_def(Frame *f, Stmt *s);
/* exec_import.c */
Flow exec_import(Frame *f, Stmt *s);
Flow exec_import_from(Frame *f, Stmt *s);

#endif
