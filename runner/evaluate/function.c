/* See function.h. */
#include "runner/evaluate/function.h"

#include "runner/evaluate/eval.h"
#include "runner/evaluate/prelude.h"
#include "runner/evaluate/state.h"

#include <string.h>

/* ---- Function ---- */

static void function_clear(Ctx *c, Obj *o) {
    Function *fn = (Function *)o;
    for (uint32_t i = 0; i < fn->n_values; i++)
        value_set(c, &fn->values[i], value_null());
    for (uint32_t i = 0; i < fn->n_closure; i++)
        value_set(c, &fn->closure[i], value_none());
    Dict *attrs = fn->attrs;
    fn->attrs = NULL;
    obj_release(c, attrs);
}

static void function_destroy(Ctx *c, Obj *o) {
    Function *fn = (Function *)o;
    function_clear(c, o);
    ctx_free(c, fn->values, fn->n_values * sizeof *fn->values);
    ctx_free(c, fn->closure, fn->n_closure * sizeof *fn->closure);
    obj_release(c, fn->module);
    obj_release(c, fn->name);
    obj_release(c, fn->qualname);
    value_release(c, fn->doc);
    obj_free_tracked(c, o, sizeof *fn);
}
const ObjType function_type = {"function", OBJ_FUNCTION, function_destroy,
                               function_clear};

static Value *new_values(Ctx *c, uint32_t n) {
    return n ? ctx_alloc_zero(c, n * sizeof(Value)) : NULL;
}

static Function *function_new(Frame *f, Code *code) {
    Function *fn = obj_new_tracked(f->c, &function_type, sizeof *fn);
    if (!fn) return NULL;
    const Params *p = &code->params;
    fn->code = code;
    fn->module = obj_retain(f->module);
    fn->name = obj_retain(code->name);
    fn->qualname = obj_retain(code->qualname);
    fn->doc = code->doc ? value_retain(value_obj(code->doc)) : value_none();
    fn->values = new_values(f->c, p->n_defaults + p->n_kwonly);
    if (fn->values) fn->n_values = p->n_defaults + p->n_kwonly;
    fn->n_defaults = p->n_defaults;
    fn->closure = new_values(f->c, (uint32_t)code->n_free);
    if (fn->closure) fn->n_closure = (uint32_t)code->n_free;
    return pool_add(f->c, fn);
}

static bool eval_default(Frame *f, Expr *e, Value *out) {
    if (!e) return true;
    Value v = eval_expr(f, e);
    *out = value_retain(v);
    return !value_is_null(v);
}

static bool eval_defaults(Frame *f, const Params *p, Function *fn) {
    for (uint32_t i = 0; i < p->n_defaults; i++)
        if (!eval_default(f, p->defaults[i], &fn->values[i])) return false;
    for (uint32_t i = 0; i < p->n_kwonly; i++)
        if (!eval_default(f, p->kw_defaults[i], &fn->values[p->n_defaults + i]))
            return false;
    return true;
}

Value function_make(Frame *f, Code *code) {
    Function *fn = function_new(f, code);
    if (!fn || ctx_failed(f->c) || !eval_defaults(f, &code->params, fn))
        return value_null();
    for (int32_t i = 0; i < code->n_free; i++)
        fn->closure[i] = value_retain(f->cells[code->free[i]]);
    return value_obj(fn);
}

/* ---- Builtin and BoundMethod ---- */

static void builtin_clear(Ctx *c, Obj *o) {
    value_set(c, &((Builtin *)o)->self, value_none());
}

static void builtin_destroy(Ctx *c, Obj *o) {
    builtin_clear(c, o);
    obj_free_tracked(c, o, sizeof(Builtin));
}
const ObjType builtin_type = {"builtin_function_or_method", OBJ_BUILTIN,
                              builtin_destroy, builtin_clear};

Value builtin_make(Ctx *c, const Native *n, Value self, const struct TypeDef *owner,
                   bool on_payload) {
    Builtin *b = obj_new_tracked(c, &builtin_type, sizeof *b);
    if (!b) return value_null();
    b->native = n;
    b->self = value_retain(self);
    b->owner = owner;
    b->on_payload = on_payload;
    return value_obj(pool_add(c, b));
}

const ObjType *builtin_seen_as(const Builtin *b) {
    const char *params = b->native->params;
    if (!params || strncmp(params, "def", 3)) return &builtin_type;
    bool bound = !value_is_null(b->self) && !value_module(b->self);
    return bound ? &bound_type : &function_type;
}

static void bound_clear(Ctx *c, Obj *o) {
    BoundMethod *b = (BoundMethod *)o;
    value_set(c, &b->self, value_none());
    value_set(c, &b->function, value_none());
}

static void bound_destroy(Ctx *c, Obj *o) {
    bound_clear(c, o);
    obj_free_tracked(c, o, sizeof(BoundMethod));
}
const ObjType bound_type = {"method", OBJ_BOUND, bound_destroy, bound_clear};

Value bound_make(Ctx *c, Value function, Value self) {
    BoundMethod *b = obj_new_tracked(c, &bound_type, sizeof *b);
    if (!b) return value_null();
    b->function = value_retain(function);
    b->self = value_retain(self);
    return value_obj(pool_add(c, b));
}

/* ---- frames ---- */

static bool make_cells(Frame *f, const Code *code, Value *closure) {
    int32_t n = code->n_cells;
    f->cells = stack_push(f->c, &f->in->stack, (size_t)(n + code->n_free));
    if (!f->cells) return false;
    for (int32_t i = 0; i < n; i++) {
        f->cells[i] = value_obj(cell_new(f->c));
        if (value_is_null(f->cells[i])) return false;
    }
    for (int32_t i = 0; i < code->n_free; i++)
        f->cells[n + i] = value_retain(closure[i]);
    return true;
}

bool frame_begin(Frame *f, Interp *in, const Code *code, Value *closure) {
    f->in = in;
    f->c = in->c;
    f->code = code;
    f->names = NULL;
    f->result = value_null();
    f->cells = closure;
    f->slots = stack_push(f->c, &in->stack, (size_t)code->n_slots);
    f->back = in->frame;
    if (!f->slots) return false;
    in->frame = f;
    return code->n_cells == 0 || make_cells(f, code, closure);
}

void frame_end(Frame *f) {
    const Code *code = f->code;
    value_release(f->c, f->result);
    if (!f->slots) return;
    if (code->n_cells && f->cells)
        stack_pop(f->c, &f->in->stack, f->cells,
                  (size_t)(code->n_cells + code->n_free));
    stack_pop(f->c, &f->in->stack, f->slots, (size_t)code->n_slots);
    f->in->frame = f->back;
}

static void move_params_to_cells(Frame *f, const Code *code) {
    for (int32_t i = 0; i < code->n_param_cells; i++) {
        const ParamCell *p = &code->param_cells[i];
        Cell *cell = (Cell *)f->cells[p->cell].as.obj;
        cell->value = f->slots[p->slot];
        f->slots[p->slot] = value_null();
    }
}

/* The value of the body, with a reference for the caller. */
static Value run_body(Frame *f, const Code *code) {
    if (code->n_param_cells) move_params_to_cells(f, code);
    if (code->result) return value_retain(eval_expr(f, code->result));
    Flow flow = exec_block(f, &code->body);
    if (flow != FLOW_RETURN) return flow == FLOW_RAISE ? value_null() : value_none();
    Value v = f->result;
    f->result = value_null();
    return v;
}

Value function_call(Ctx *c, Function *fn, Value self, const Args *args) {
    if (!value_enter(c, "")) return value_null();
    Interp *in = interp_of(c);
    const Code *code = fn->code;
    Frame f = {.module = fn->module, .function = fn};
    Value r = value_null();
    size_t mark = pool_mark(c);
    obj_retain(fn);
    if ((!code->deferred || prelude_complete(fn)) &&
        frame_begin(&f, in, code, fn->closure) && bind_params(&f, fn, self, args))
        r = run_body(&f, code);
    frame_end(&f);
    pool_drain(c, mark);
    obj_release(c, fn);
    value_leave(c);
    return pool_value(c, r);
}
