/* eval_comp: comprehensions and generator expressions.
 *
 * Both walk the same clauses: comp_next goes to the next combination of the loop
 * variables.  A comprehension calls it until the end; a generator expression is an
 * iterator that calls it once for each item, in a frame that it keeps.
 */
#include "runner/evaluate/eval.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/values/iterator.h"
#include "runner/values/set.h"
#include "runner/values/types.h"

/* ---- the clauses ---- */

/* The iterators of the clauses entered so far; level is the innermost one. */
typedef struct Loops {
    Value *iterators; /* as many as clauses; owned */
    uint32_t level;
} Loops;

static bool conditions_hold(Frame *f, const CompClause *k, bool *hold) {
    *hold = true;
    for (uint32_t i = 0; i < k->n_conditions && *hold; i++) {
        int truth = eval_truth(f, k->conditions[i]);
        if (truth < 0) return false;
        *hold = truth;
    }
    return true;
}

/* One turn of the clause at loops->level: 1 when its variables are set and its
 * conditions hold, 0 when they do not, 2 at its end, -1 after raising. */
static int turn(Frame *f, const CompExpr *x, const Loops *loops) {
    const CompClause *k = &x->clauses[loops->level];
    size_t mark = pool_mark(f->c);
    uint64_t rebound = f->in->rebound;
    Value item = value_next(f->c, loops->iterators[loops->level]);
    bool hold = false;
    int r = 2;
    if (!value_is_null(item)) {
        bool ok = assign_target(f, k->target, item) && conditions_hold(f, k, &hold);
        r = ok ? hold : -1;
    }
    if (f->in->rebound == rebound) pool_drain(f->c, mark);
    return ctx_failed(f->c) ? -1 : r;
}

static bool enter_loop(Frame *f, const CompExpr *x, Loops *loops) {
    const CompClause *k = &x->clauses[loops->level + 1];
    size_t mark = pool_mark(f->c);
    Value v = eval_expr(f, k->iter);
    if (!value_is_null(v)) v = value_iterate(f->c, v);
    if (!value_is_null(v)) value_set(f->c, &loops->iterators[++loops->level], v);
    pool_drain(f->c, mark);
    return !value_is_null(v);
}

/* Goes on to the next combination: 1, 0 at the end, -1 after raising. */
static int comp_next(Frame *f, const CompExpr *x, Loops *loops) {
    for (;;) {
        int r = turn(f, x, loops);
        if (r < 0) return -1;
        if (r == 1 && loops->level + 1 == x->n_clauses) return 1;
        if (r == 1 && !enter_loop(f, x, loops)) return -1;
        if (r == 2) {
            value_set(f->c, &loops->iterators[loops->level], value_null());
            if (loops->level == 0) return 0;
            loops->level--;
        }
    }
}

/* ---- comprehensions ---- */

static Value first_iterator(Frame *f, const CompExpr *x) {
    Value v = eval_expr(f, x->clauses[0].iter);
    return value_is_null(v) ? v : value_iterate(f->c, v);
}

static bool renew_cells(Frame *f, const CompExpr *x) {
    for (int32_t i = 0; i < x->n_cells; i++) {
        Cell *cell = cell_new(f->c);
        if (!cell) return false;
        value_release(f->c, f->cells[x->cells[i]]);
        f->cells[x->cells[i]] = value_obj(cell);
    }
    return true;
}

/* The variables end with the comprehension; an error in it leaves them to the frame. */
static void clear_variables(Frame *f, const CompExpr *x) {
    for (int32_t i = 0; i < x->n_slots; i++)
        value_set(f->c, &f->slots[x->first_slot + i], value_null());
    renew_cells(f, x);
}

typedef bool (*AddFn)(Frame *f, const CompExpr *x, Obj *into);

static bool add_turns(Frame *f, const CompExpr *x, Loops *loops, AddFn add, Obj *into) {
    for (;;) {
        int r = comp_next(f, x, loops);
        if (r <= 0) return r == 0;
        size_t mark = pool_mark(f->c);
        uint64_t rebound = f->in->rebound;
        bool ok = add(f, x, into);
        if (f->in->rebound == rebound) pool_drain(f->c, mark);
        if (!ok) return false;
    }
}

/* Runs all turns; `into` belongs to the pool. */
static Value run_comp(Frame *f, const CompExpr *x, AddFn add, void *into) {
    Value first = into ? first_iterator(f, x) : value_null();
    if (value_is_null(first) || !renew_cells(f, x)) return value_null();
    Loops loops = {stack_push(f->c, &f->in->stack, x->n_clauses), 0};
    if (!loops.iterators) return value_null();
    loops.iterators[0] = value_retain(first);
    bool ok = add_turns(f, x, &loops, add, into);
    stack_pop(f->c, &f->in->stack, loops.iterators, x->n_clauses);
    clear_variables(f, x);
    return ok && !ctx_failed(f->c) ? value_obj(into) : value_null();
}

static bool add_to_list(Frame *f, const CompExpr *x, Obj *into) {
    Value v = eval_expr(f, x->element);
    return !value_is_null(v) && list_push(f->c, (List *)into, v);
}

static bool add_to_set(Frame *f, const CompExpr *x, Obj *into) {
    Value v = eval_expr(f, x->element);
    return !value_is_null(v) && set_add(f->c, (Set *)into, v);
}

static bool add_to_dict(Frame *f, const CompExpr *x, Obj *into) {
    Value key = eval_expr(f, x->element);
    if (value_is_null(key)) return false;
    Value v = eval_expr(f, x->value);
    return !value_is_null(v) && dict_set(f->c, (Dict *)into, key, v);
}

Value eval_list_comp(Frame *f, Expr *e) {
    List *l = pool_add(f->c, list_new(f->c, 0));
    return run_comp(f, (CompExpr *)e, add_to_list, l);
}

Value eval_set_comp(Frame *f, Expr *e) {
    Set *s = set_new(f->c, &set_type);
    return run_comp(f, (CompExpr *)e, add_to_set, s);
}

Value eval_dict_comp(Frame *f, Expr *e) {
    Dict *d = pool_add(f->c, dict_new(f->c));
    return run_comp(f, (CompExpr *)e, add_to_dict, d);
}

/* ---- generator expressions ---- */

typedef struct GeneratorExp {
    Tracked head;
    const CompExpr *comp;
    Module *module; /* owned */
    Str *qualname;  /* shown by repr; owned */
    Value *values;  /* slots, then cells, then iterators; owned */
    uint32_t n_values;
    Loops loops;
    bool running, done;
} GeneratorExp;

static void generator_clear(Ctx *c, Obj *o) {
    GeneratorExp *g = (GeneratorExp *)o;
    if (g->running) return;
    g->done = true;
    for (uint32_t i = 0; i < g->n_values; i++)
        value_set(c, &g->values[i], value_null());
}

static void generator_destroy(Ctx *c, Obj *o) {
    GeneratorExp *g = (GeneratorExp *)o;
    generator_clear(c, o);
    ctx_free(c, g->values, g->n_values * sizeof *g->values);
    obj_release(c, g->module);
    obj_release(c, g->qualname);
    obj_free_tracked(c, o, sizeof *g);
}
static const ObjType generator_exp_type = {"generator", OBJ_GENERATOR_EXP,
                                           generator_destroy, generator_clear};

static bool generator_cells(Frame *f, GeneratorExp *g, const Code *code) {
    Value *cells = g->values + code->n_slots;
    for (int32_t i = 0; i < code->n_cells; i++) {
        cells[i] = value_obj(cell_new(f->c));
        if (value_is_null(cells[i])) return false;
    }
    for (int32_t i = 0; i < code->n_free; i++)
        cells[code->n_cells + i] = value_retain(f->cells[code->free[i]]);
    return true;
}

Value eval_generator(Frame *f, Expr *e) {
    const CompExpr *x = (CompExpr *)e;
    const Code *code = x->code;
    Value first = first_iterator(f, x);
    if (value_is_null(first)) return first;
    GeneratorExp *g =
        pool_add(f->c, obj_new_tracked(f->c, &generator_exp_type, sizeof *g));
    if (!g) return value_null();
    uint32_t before = (uint32_t)(code->n_slots + code->n_cells + code->n_free);
    g->comp = x;
    g->module = obj_retain(f->module);
    g->qualname = obj_retain(code->qualname);
    g->values = ctx_alloc_zero(f->c, (before + x->n_clauses) * sizeof *g->values);
    if (!g->values) return value_null();
    g->n_values = before + x->n_clauses;
    g->loops.iterators = g->values + before;
    g->loops.iterators[0] = value_retain(first);
    return generator_cells(f, g, code) ? value_obj(g) : value_null();
}

static Value run_turn(Frame *f, GeneratorExp *g) {
    int r = comp_next(f, g->comp, &g->loops);
    Value v = value_null();
    if (r == 1) v = value_keep(f->c, eval_expr(f, g->comp->element));
    if (!error_is(f->c, StopIteration)) return v;
    error_clear(f->c);
    return value_raise(f->c, RuntimeError, "generator raised StopIteration");
}

static Value generator_next(Ctx *c, Value v) {
    GeneratorExp *g = (GeneratorExp *)v.as.obj;
    if (g->running) return value_raise(c, ValueError, "generator already executing");
    if (g->done || !value_enter(c, "")) return value_null();
    Interp *in = interp_of(c);
    const Code *code = g->comp->code;
    Frame f = {.in = in,
               .c = c,
               .slots = g->values,
               .cells = g->values + code->n_slots,
               .module = g->module,
               .code = code,
               .back = in->frame};
    in->frame = &f;
    g->running = true;
    Value r = run_turn(&f, g);
    g->running = false;
    in->frame = f.back;
    value_leave(c);
    if (value_is_null(r)) generator_clear(c, v.as.obj);
    return r;
}

static void generator_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_printf(out, "<generator object %s at 0x...>",
               ((GeneratorExp *)v.as.obj)->qualname->data);
}

bool generator_set_attr(Ctx *c, Value v, Str *name, Value x) {
    GeneratorExp *g = (GeneratorExp *)v.as.obj;
    if (!str_equals(name, "__qualname__")) {
        error_raise(c, AttributeError, "'generator' object has no attribute '%s'",
                    name->data);
        return false;
    }
    if (!value_str(x)) {
        error_raise(c, TypeError, "__qualname__ must be set to a string object");
        return false;
    }
    Str *old = g->qualname;
    g->qualname = obj_retain(value_str(x));
    obj_release(c, old);
    return true;
}

const TypeOps generator_ops = {
    .iterate = iterate_itself, .next = generator_next, .repr = generator_repr};
