/* exec_loop: if, while, for. */
#include "runner/evaluate/eval.h"

Flow exec_if(Frame *f, Stmt *s) {
    const IfStmt *x = (IfStmt *)s;
    for (uint32_t i = 0; i < x->n; i++) {
        int truth = eval_truth(f, x->arms[i].test);
        if (truth < 0) return FLOW_RAISE;
        if (truth) return exec_block(f, &x->arms[i].body);
    }
    return exec_block(f, &x->orelse);
}

Flow exec_while(Frame *f, Stmt *s) {
    const WhileStmt *x = (WhileStmt *)s;
    for (;;) {
        size_t mark = pool_mark(f->c);
        int truth = eval_truth(f, x->test);
        pool_drain(f->c, mark);
        if (truth < 0) return FLOW_RAISE;
        if (!truth) break;
        Flow flow = exec_block(f, &x->body);
        if (flow == FLOW_BREAK) return FLOW_NEXT;
        if (flow >= FLOW_RETURN) return flow;
    }
    return exec_block(f, &x->orelse);
}

/* The loop owns its iterator; each turn gives up what it added to the pool. */
Flow exec_for(Frame *f, Stmt *s) {
    const ForStmt *x = (ForStmt *)s;
    Value sequence = eval_expr(f, x->iter);
    if (value_is_null(sequence)) return FLOW_RAISE;
    /* Kept: the body may rebind the name that held it. */
    Value iterator = value_keep(f->c, value_iterate(f->c, sequence));
    if (value_is_null(iterator)) return FLOW_RAISE;
    for (;;) {
        size_t mark = pool_mark(f->c);
        Value item = value_next(f->c, iterator);
        bool got = !value_is_null(item) && assign_target(f, x->target, item);
        pool_drain(f->c, mark);
        if (ctx_failed(f->c)) return FLOW_RAISE;
        if (!got) break;
        Flow flow = exec_block(f, &x->body);
        if (flow == FLOW_BREAK) return FLOW_NEXT;
        if (flow >= FLOW_RETURN) return flow;
    }
    return exec_block(f, &x->orelse);
}
