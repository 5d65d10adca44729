/* exec_def: def, lambda, class, and their decorators. */
#include "runner/evaluate/call_args.h"
#include "runner/evaluate/classes.h"
#include "runner/evaluate/eval.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"

Value eval_lambda(Frame *f, Expr *e) {
    return function_make(f, ((LambdaExpr *)e)->code);
}

/* ---- decorators: evaluated first to last, applied last to first ---- */

static List *eval_decorators(Frame *f, Expr **decorators, uint32_t n) {
    List *l = pool_add(f->c, list_new(f->c, n));
    for (uint32_t i = 0; l && i < n; i++) {
        Value v = eval_expr(f, decorators[i]);
        if (value_is_null(v) || !list_push(f->c, l, v)) return NULL;
    }
    return l;
}

static Value decorate(Frame *f, const List *decorators, Value v) {
    for (size_t i = decorators->n; i-- > 0 && !value_is_null(v);)
        v = call_positional(f->c, decorators->items[i], &v, 1);
    return v;
}

Flow exec_function_def(Frame *f, Stmt *s) {
    const FunctionDefStmt *x = (FunctionDefStmt *)s;
    List *decorators = NULL;
    if (x->n_decorators) {
        decorators = eval_decorators(f, x->decorators, x->n_decorators);
        if (!decorators) return FLOW_RAISE;
    }
    Value v = function_make(f, x->code);
    if (decorators) v = decorate(f, decorators, v);
    return !value_is_null(v) && assign_name(f, x->target, v) ? FLOW_NEXT : FLOW_RAISE;
}

/* ---- class ---- */

static bool set_text(Frame *f, Dict *names, SpecialName name, Str *text) {
    return dict_set_str(f->c, names, special(f->in, name), value_obj(text));
}

static bool begin_namespace(Frame *f, const Code *code) {
    return set_text(f, f->names, NAME__module, f->module->name) &&
           set_text(f, f->names, NAME__qualname, code->qualname) &&
           (!code->doc || set_text(f, f->names, NAME__doc, code->doc));
}

static Class *make_class(Frame *f, const Code *code, const Args *bases) {
    Dict *names = f->names;
    Value qualname = dict_get_str(names, special(f->in, NAME__qualname));
    ClassSpec spec = {
        .name = code->name,
        .qualname = value_str(qualname) ? value_str(qualname) : code->qualname,
        .module = f->module->name,
        .bases = bases->pos,
        .n_bases = bases->n,
        .attrs = names,
        .keywords = bases,
    };
    obj_retain(spec.qualname);
    dict_remove_str(f->c, names, special(f->in, NAME__qualname));
    Class *cls = class_make(f->in, &spec);
    obj_release(f->c, spec.qualname);
    return cls;
}

/* Runs the body in a frame of its own, whose names become the class's attributes. */
static Class *run_class_body(Frame *outer, const Code *code, Value *closure,
                             const Args *bases) {
    Frame f = {.module = outer->module};
    Class *cls = NULL;
    Dict *names = pool_add(outer->c, dict_new(outer->c));
    if (names && frame_begin(&f, outer->in, code, closure)) {
        f.names = names;
        if (begin_namespace(&f, code) && exec_block(&f, &code->body) != FLOW_RAISE)
            cls = make_class(&f, code, bases);
        if (cls && code->class_cell >= 0)
            value_set(f.c, &frame_cell(&f, code->class_cell)->value, value_obj(cls));
    }
    frame_end(&f);
    return cls;
}

static Class *eval_class(Frame *f, const Code *code, const Args *bases) {
    if (!value_enter(f->c, "")) return NULL;
    size_t n = (size_t)code->n_free;
    Class *cls = NULL;
    Value *closure = stack_push(f->c, &f->in->stack, n);
    if (closure) {
        for (size_t i = 0; i < n; i++)
            closure[i] = value_retain(f->cells[code->free[i]]);
        cls = run_class_body(f, code, closure, bases);
        stack_pop(f->c, &f->in->stack, closure, n);
    }
    value_leave(f->c);
    return cls;
}

Flow exec_class_def(Frame *f, Stmt *s) {
    const ClassDefStmt *x = (ClassDefStmt *)s;
    List *decorators = eval_decorators(f, x->decorators, x->n_decorators);
    if (!decorators) return FLOW_RAISE;
    CallArgs bases;
    Value v = value_null();
    if (call_args_eval(f, value_null(), &x->bases, &bases))
        v = value_obj(eval_class(f, x->code, &bases.args));
    call_args_free(f->c, &bases);
    if (!value_is_null(v)) v = decorate(f, decorators, v);
    return !value_is_null(v) && assign_name(f, x->target, v) ? FLOW_NEXT : FLOW_RAISE;
}
