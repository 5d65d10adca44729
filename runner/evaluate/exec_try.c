/* exec_try: raise, try, with.
 *
 * While a handler or a finally block runs the exception is an object of the pool and
 * nothing is pending; afterwards it is made pending again where it must go on.
 */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"

/* ---- raise ---- */

/* An exception from what stands behind `raise` or `from`: an instance, or a class to
 * be called. */
static Value make_exception(Frame *f, Value v, const char *what) {
    if (value_exception(v)) return v;
    const Class *cls = value_class(v);
    if (cls && cls->error_kind) {
        v = call_positional(f->c, v, NULL, 0);
        if (value_is_null(v) || value_exception(v)) return v;
    }
    return value_raise(f->c, TypeError, "%s must derive from BaseException", what);
}

static bool set_cause(Frame *f, Value exception, Expr *e) {
    Value cause = eval_expr(f, e);
    if (value_is_null(cause)) return false;
    if (!value_is_none(cause)) cause = make_exception(f, cause, "exception causes");
    if (value_is_null(cause)) return false;
    value_set(f->c, &value_exception(exception)->cause, cause);
    value_exception(exception)->suppress_context = true;
    return true;
}

Flow exec_raise(Frame *f, Stmt *s) {
    const RaiseStmt *x = (RaiseStmt *)s;
    Interp *in = f->in;
    if (!x->exception) {
        if (value_is_null(in->handled))
            error_raise(f->c, RuntimeError, "No active exception to reraise");
        else
            exception_raise(in, in->handled);
        return FLOW_RAISE;
    }
    Value v = eval_expr(f, x->exception);
    if (value_is_null(v)) return FLOW_RAISE;
    v = make_exception(f, v, "exceptions");
    if (value_is_null(v)) return FLOW_RAISE;
    if (!x->cause || set_cause(f, v, x->cause)) exception_raise(in, v);
    return FLOW_RAISE;
}

/* ---- try ---- */

static Flow run_handler(Frame *f, const ExceptHandler *h, Value exception) {
    Value before = f->in->handled;
    if (h->target && !assign_name(f, h->target, exception)) return FLOW_RAISE;
    f->in->handled = exception;
    Flow flow = exec_block(f, &h->body);
    f->in->handled = before;
    if (h->target) unbind_name(f, h->target);
    return flow;
}

/* Which handler takes the exception: its index, n when none does, -1 after raising. */
static int64_t find_handler(Frame *f, const TryStmt *x, Value exception) {
    for (uint32_t i = 0; i < x->n; i++) {
        if (!x->handlers[i].type) return i;
        Value type = eval_expr(f, x->handlers[i].type);
        if (value_is_null(type)) return -1;
        int matches = exception_matches(f->in, exception, type);
        if (matches < 0) return -1;
        if (matches) return i;
    }
    return x->n;
}

static Flow handle(Frame *f, const TryStmt *x) {
    if (x->n == 0) return FLOW_RAISE;
    Value exception = exception_take(f->in);
    if (value_is_null(exception)) return FLOW_RAISE;
    int64_t i = find_handler(f, x, exception);
    if (i < 0) return FLOW_RAISE;
    if (i < x->n) return run_handler(f, &x->handlers[i], exception);
    exception_raise(f->in, exception);
    return FLOW_RAISE;
}

/* `flow` is how the statement goes on unless the finally block decides otherwise. */
static Flow run_finally(Frame *f, const Block *finally, Flow flow) {
    Value exception = value_null(), before = f->in->handled;
    Value result = f->result;
    f->result = value_null();
    if (flow == FLOW_RAISE) {
        exception = exception_take(f->in);
        f->in->handled = exception;
    }
    bool lost = flow == FLOW_RAISE && value_is_null(exception);
    Flow after = lost ? FLOW_RAISE : exec_block(f, finally);
    f->in->handled = before;
    if (after != FLOW_NEXT) {
        value_release(f->c, result);
        return after;
    }
    f->result = result;
    if (flow == FLOW_RAISE) exception_raise(f->in, exception);
    return flow;
}

Flow exec_try(Frame *f, Stmt *s) {
    const TryStmt *x = (TryStmt *)s;
    Flow flow = exec_block(f, &x->body);
    if (flow == FLOW_RAISE)
        flow = handle(f, x);
    else if (flow == FLOW_NEXT)
        flow = exec_block(f, &x->orelse);
    return x->finally.n ? run_finally(f, &x->finally, flow) : flow;
}

/* ---- with ---- */

/* A method of the manager's class, bound; VAL_NULL after raising. */
static Value manager_method(Frame *f, Value manager, SpecialName name) {
    Interp *in = f->in;
    Class *cls = class_of(in, manager);
    Value fn = class_find(in, cls, special(in, name));
    if (!value_is_null(fn)) return attr_bind(f->c, fn, manager, cls);
    return value_raise(
        f->c, TypeError, "'%s' object does not support the context manager protocol%s",
        type_name(manager), name == NAME__exit ? " (missed __exit__ method)" : "");
}

/* Enters one manager and puts its __exit__ on the list. */
static bool enter(Frame *f, const WithItem *item, List *exits) {
    Value manager = value_keep(f->c, eval_expr(f, item->context));
    if (value_is_null(manager)) return false;
    Value go_in = manager_method(f, manager, NAME__enter);
    if (value_is_null(go_in)) return false;
    Value go_out = manager_method(f, manager, NAME__exit);
    if (value_is_null(go_out)) return false;
    Value v = call_positional(f->c, go_in, NULL, 0);
    if (value_is_null(v) || !list_push(f->c, exits, go_out)) return false;
    return !item->target || assign_target(f, item->target, v);
}

/* Calls __exit__ with the pending exception, which it may swallow, or with Nones. */
static Flow leave(Frame *f, Value go_out, Flow flow) {
    Ctx *c = f->c;
    Value args[3] = {value_none(), value_none(), value_none()};
    Value before = f->in->handled;
    if (flow == FLOW_RAISE) {
        args[1] = exception_take(f->in);
        if (value_is_null(args[1])) return FLOW_RAISE;
        args[0] = value_obj(class_of(f->in, args[1]));
        f->in->handled = args[1];
    }
    Value r = call_positional(c, go_out, args, 3);
    f->in->handled = before;
    if (value_is_null(r)) return FLOW_RAISE;
    if (flow != FLOW_RAISE) return flow;
    int swallowed = value_truth(c, r);
    if (swallowed == 0) exception_raise(f->in, args[1]);
    return swallowed > 0 ? FLOW_NEXT : FLOW_RAISE;
}

Flow exec_with(Frame *f, Stmt *s) {
    const WithStmt *x = (WithStmt *)s;
    List *exits = pool_add(f->c, list_new(f->c, x->n));
    if (!exits) return FLOW_RAISE;
    Flow flow = FLOW_NEXT;
    for (uint32_t i = 0; i < x->n && flow == FLOW_NEXT; i++)
        if (!enter(f, &x->items[i], exits)) flow = FLOW_RAISE;
    if (flow == FLOW_NEXT) flow = exec_block(f, &x->body);
    for (size_t i = exits->n; i-- > 0;) flow = leave(f, exits->items[i], flow);
    return flow;
}
