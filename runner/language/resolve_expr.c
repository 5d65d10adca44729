/* Names in expressions and targets; comprehensions, lambdas and := (resolver.h). */
#define _GNU_SOURCE /* memmem */
#include "runner/language/resolver.h"

#include "runner/language/token.h"

#include <string.h>

bool resolve_fail(Resolver *r, uint32_t line, uint32_t col, const char *message) {
    return parse_error(r->e, line, col, "%s", message);
}

static bool fail_expr(Resolver *r, const Expr *x, const char *message) {
    return resolve_fail(r, x->line, x->col, message);
}

bool resolve_enter(Resolver *r, uint32_t line, uint32_t col) {
    if (r->depth >= AST_MAX_DEPTH)
        return resolve_fail(r, line, col, "the expression is nested too deeply");
    r->depth++;
    return true;
}

bool resolve_optional(Resolver *r, Expr *x) {
    return !x || resolve_expr(r, x);
}

bool resolve_items(Resolver *r, Expr **items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!resolve_expr(r, items[i])) return false;
    return true;
}

/* Items among which a starred one is allowed. */
static bool walk_starred_items(Resolver *r, Expr **items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        Expr *x = items[i];
        if (!resolve_expr(r, x->kind == E_STARRED ? ((StarredExpr *)x)->value : x))
            return false;
    }
    return true;
}

/* ---- targets ---- */

bool resolve_binding(Resolver *r, NameExpr *name, unsigned flags) {
    const Symbol *sym = scope_refer(&r->s, r->scope, name, SYM_BOUND | flags);
    if (!sym) return false;
    if (!(flags & SYM_ITERATION) || !(sym->flags & SYM_WALRUS)) return true;
    return parse_error(r->e, name->head.line, name->head.col,
                       "comprehension inner loop cannot rebind assignment expression "
                       "target '%s'",
                       name->name->data);
}

static bool bind_items(Resolver *r, SequenceExpr *s, unsigned flags) {
    bool starred = false;
    for (uint32_t i = 0; i < s->n; i++) {
        Expr *x = s->items[i];
        if (x->kind == E_STARRED) {
            if (starred)
                return fail_expr(r, &s->head,
                                 "multiple starred expressions in assignment");
            starred = true;
            x = ((StarredExpr *)x)->value;
        }
        if (!resolve_target(r, x, flags)) return false;
    }
    return true;
}

bool resolve_target(Resolver *r, Expr *x, unsigned flags) {
    switch (x->kind) {
    case E_NAME: return resolve_binding(r, (NameExpr *)x, flags);
    case E_TUPLE:
    case E_LIST: return bind_items(r, (SequenceExpr *)x, flags);
    case E_STARRED:
        return fail_expr(r, x, "starred assignment target must be in a list or tuple");
    default: r->storing = true; return resolve_expr(r, x);
    }
}

/* ---- expressions ---- */

static bool walk_leaf(Resolver *r, Expr *x) {
    (void)r, (void)x;
    return true;
}

static bool walk_fstring(Resolver *r, Expr *x) {
    FStringExpr *f = (FStringExpr *)x;
    for (uint32_t i = 0; i < f->n; i++) {
        FStringPart *part = &f->parts[i];
        if (!resolve_optional(r, part->value)) return false;
        if (part->spec && !walk_fstring(r, &part->spec->head)) return false;
    }
    return true;
}

static bool is_function_like(const Scope *scope) {
    return scope->kind != SCOPE_MODULE && scope->kind != SCOPE_CLASS;
}

static bool walk_name(Resolver *r, Expr *x) {
    NameExpr *name = (NameExpr *)x;
    if (!scope_refer(&r->s, r->scope, name, SYM_USED)) return false;
    if (name->name != r->s.super_name || !is_function_like(r->scope)) return true;
    return scope_symbol(&r->s, r->scope, r->s.dunder_class, SYM_USED);
}

static bool walk_sequence(Resolver *r, Expr *x) {
    SequenceExpr *s = (SequenceExpr *)x;
    return walk_starred_items(r, s->items, s->n);
}

static bool walk_dict(Resolver *r, Expr *x) {
    DictExpr *d = (DictExpr *)x;
    for (uint32_t i = 0; i < d->n; i++)
        if (!resolve_optional(r, d->items[i].key) ||
            !resolve_expr(r, d->items[i].value))
            return false;
    return true;
}

static bool walk_starred(Resolver *r, Expr *x) {
    return fail_expr(r, x, "can't use starred expression here");
}

static bool walk_unary(Resolver *r, Expr *x) {
    return resolve_expr(r, ((UnaryExpr *)x)->operand);
}

static bool walk_binary(Resolver *r, Expr *x) {
    BinaryExpr *b = (BinaryExpr *)x;
    bool ok = resolve_expr(r, b->first);
    for (uint32_t i = 0; ok && i < b->n; i++) ok = resolve_expr(r, b->links[i].right);
    return ok;
}

static bool walk_bool(Resolver *r, Expr *x) {
    BoolExpr *b = (BoolExpr *)x;
    return resolve_items(r, b->items, b->n);
}

static bool walk_compare(Resolver *r, Expr *x) {
    CompareExpr *c = (CompareExpr *)x;
    bool ok = note_compare(r, c) && resolve_expr(r, c->first);
    for (uint32_t i = 0; ok && i < c->n; i++) ok = resolve_expr(r, c->links[i].right);
    return ok;
}

static bool walk_conditional(Resolver *r, Expr *x) {
    ConditionalExpr *c = (ConditionalExpr *)x;
    return resolve_expr(r, c->test) && resolve_expr(r, c->then) &&
           resolve_expr(r, c->otherwise);
}

bool resolve_arguments(Resolver *r, Arguments *a) {
    if (!walk_starred_items(r, a->items, a->n)) return false;
    for (uint32_t i = 0; i < a->n_named; i++) {
        KeywordArg *arg = &a->named[i];
        for (uint32_t k = 0; arg->name && k < i; k++)
            if (a->named[k].name == arg->name)
                return parse_error(r->e, arg->line, arg->col,
                                   "keyword argument repeated: %s", arg->name->data);
        if (!resolve_expr(r, arg->value)) return false;
    }
    return true;
}

static bool walk_call(Resolver *r, Expr *x) {
    CallExpr *c = (CallExpr *)x;
    return note_call(r, c) && resolve_expr(r, c->callee) &&
           resolve_arguments(r, &c->args);
}

static bool walk_attribute(Resolver *r, Expr *x) {
    AttributeExpr *a = (AttributeExpr *)x;
    r->storing = false;
    a->name = scope_mangle(&r->s, r->scope, a->name);
    return a->name && resolve_expr(r, a->object);
}

static bool walk_subscript(Resolver *r, Expr *x) {
    SubscriptExpr *s = (SubscriptExpr *)x;
    if (!r->storing && !note_subscript(r, s)) return false;
    r->storing = false;
    return resolve_expr(r, s->object) && resolve_expr(r, s->index);
}

static bool walk_slice(Resolver *r, Expr *x) {
    SliceExpr *s = (SliceExpr *)x;
    return resolve_optional(r, s->lower) && resolve_optional(r, s->upper) &&
           resolve_optional(r, s->step);
}

/* ---- := ---- */

static bool is_comprehension(const Scope *scope) {
    return scope->kind == SCOPE_GENERATOR;
}

/* The scope that := in a comprehension binds in; NULL with an error. */
static Scope *walrus_scope(Resolver *r, const NameExpr *name) {
    Scope *up = r->scope;
    for (; is_comprehension(up); up = up->parent) {
        const Symbol *sym = scope_find(&r->s, up, name->name);
        if (!sym || !(sym->flags & SYM_ITERATION)) continue;
        parse_error(r->e, name->head.line, name->head.col,
                    "assignment expression cannot rebind comprehension iteration "
                    "variable '%s'",
                    name->name->data);
        return NULL;
    }
    if (up->kind != SCOPE_CLASS) return up;
    fail_expr(r, &name->head,
              "assignment expression within a comprehension cannot be used in a class "
              "body");
    return NULL;
}

static bool bind_walrus(Resolver *r, NameExpr *name) {
    if (!is_comprehension(r->scope)) return resolve_binding(r, name, 0);
    name->name = scope_mangle(&r->s, r->scope, name->name);
    Scope *scope = name->name ? walrus_scope(r, name) : NULL;
    if (!scope) return false;
    const Symbol *target = scope_symbol(&r->s, scope, name->name, SYM_BOUND);
    if (!target) return false;
    bool global = scope->kind == SCOPE_MODULE || target->flags & SYM_GLOBAL;
    return scope_refer(&r->s, r->scope, name,
                       SYM_WALRUS | (global ? SYM_GLOBAL : SYM_NONLOCAL));
}

static bool walk_named(Resolver *r, Expr *x) {
    NamedExpr *n = (NamedExpr *)x;
    if (r->scope->in_iter)
        return fail_expr(r, x,
                         "assignment expression cannot be used in a comprehension "
                         "iterable expression");
    return bind_walrus(r, n->target) && resolve_expr(r, n->value);
}

/* ---- functions ---- */

bool resolve_defaults(Resolver *r, const Params *p) {
    if (!resolve_items(r, p->defaults, p->n_defaults)) return false;
    for (uint32_t i = 0; i < p->n_kwonly; i++)
        if (!resolve_optional(r, p->kw_defaults[i])) return false;
    return true;
}

static bool bind_params(Resolver *r, Scope *scope, Params *p) {
    uint32_t n = params_count(p);
    for (uint32_t i = 0; i < n; i++) {
        p->names[i] = scope_mangle(&r->s, scope, p->names[i]);
        if (!p->names[i]) return false;
        if (!scope_symbol(&r->s, scope, p->names[i], SYM_PARAM | SYM_BOUND))
            return false;
    }
    return true;
}

/* Whether a body seems to use the name, and not an attribute of that name. */
static bool mentions(const DeferredBody *d, const char *name) {
    const char *at = d->text, *end = d->text + d->len;
    while ((at = memmem(at, (size_t)(end - at), name, strlen(name)))) {
        if (at[-1] != '.') return true;
        at++;
    }
    return false;
}

/* Of a body that is text no name is known, but it shows whether it needs its class. */
static bool resolve_outline(Resolver *r, DeferredBody *d) {
    const Scope *around = r->scope->parent;
    if (around->kind != SCOPE_CLASS) return true;
    d->class_name = around->class_name;
    d->class_qualname = around->qualname;
    if (!mentions(d, "super(") && !mentions(d, "__class__")) return true;
    return scope_symbol(&r->s, r->scope, r->s.dunder_class, SYM_USED);
}

static bool resolve_body(Resolver *r, Code *code) {
    if (code->result) return resolve_expr(r, code->result);
    if (code->deferred) return resolve_outline(r, code->deferred);
    return resolve_block(r, &code->body);
}

bool resolve_code(Resolver *r, Code *code) {
    Scope *outer = r->scope;
    Scope *scope = scope_new(&r->s, outer, code, NULL, code->name);
    if (!scope) return false;
    code->program = outer->frame->code->program;
    r->scope = scope;
    bool ok = bind_params(r, scope, &code->params) && resolve_body(r, code);
    r->scope = outer;
    return ok;
}

static bool walk_lambda(Resolver *r, Expr *x) {
    Code *code = ((LambdaExpr *)x)->code;
    return resolve_defaults(r, &code->params) && resolve_code(r, code);
}

/* ---- comprehensions ---- */

static Str *comp_name(Resolver *r, const Expr *x) {
    const char *text = x->kind == E_LIST_COMP   ? "<listcomp>"
                       : x->kind == E_SET_COMP  ? "<setcomp>"
                       : x->kind == E_DICT_COMP ? "<dictcomp>"
                                                : "<genexpr>";
    return symbols_from(r->s.names.symbols, text);
}

/* A generator expression runs in a frame of its own, its first iterator being the
 * one parameter. */
static bool make_generator(Resolver *r, CompExpr *x, Str *name) {
    Code *code = arena_alloc(r->s.out, sizeof *code);
    Str **names = arena_alloc(r->s.out, sizeof *names);
    if (!code || !names) return false;
    names[0] = symbols_from(r->s.names.symbols, ".0");
    code->kind = SCOPE_GENERATOR;
    code->line = x->head.line;
    code->col = x->head.col;
    code->name = name;
    code->program = r->scope->frame->code->program;
    code->params = (Params){.n_posonly = 1, .n_pos = 1, .names = names};
    code->comp = x;
    x->code = code;
    return names[0];
}

static bool walk_iter(Resolver *r, Expr *x) {
    r->scope->in_iter++;
    bool ok = resolve_expr(r, x);
    r->scope->in_iter--;
    return ok;
}

static bool walk_clauses(Resolver *r, CompExpr *x) {
    for (uint32_t i = 0; i < x->n_clauses; i++) {
        CompClause *clause = &x->clauses[i];
        if (!resolve_target(r, clause->target, SYM_ITERATION)) return false;
        if (i > 0 && !walk_iter(r, clause->iter)) return false;
        if (!resolve_items(r, clause->conditions, clause->n_conditions)) return false;
    }
    return true;
}

static bool walk_comp(Resolver *r, Expr *head) {
    CompExpr *x = (CompExpr *)head;
    Scope *outer = r->scope;
    Str *name = comp_name(r, head);
    if (!name || !walk_iter(r, x->clauses[0].iter)) return false;
    bool generator = head->kind == E_GENERATOR;
    if (generator && !make_generator(r, x, name)) return false;
    Scope *scope = scope_new(&r->s, outer, x->code, generator ? NULL : x, name);
    if (!scope) return false;
    r->scope = scope;
    bool ok = (!generator || bind_params(r, scope, &x->code->params)) &&
              walk_clauses(r, x) && resolve_expr(r, x->element) &&
              resolve_optional(r, x->value);
    r->scope = outer;
    return ok;
}

typedef bool (*ExprWalk)(Resolver *r, Expr *x);

bool resolve_expr(Resolver *r, Expr *x) {
    static const ExprWalk walks[EXPR_KIND_COUNT] = {
        [E_CONSTANT] = walk_leaf,
        [E_BIGINT] = walk_leaf,
        [E_IMAGINARY] = walk_leaf,
        [E_FSTRING] = walk_fstring,
        [E_NAME] = walk_name,
        [E_TUPLE] = walk_sequence,
        [E_LIST] = walk_sequence,
        [E_SET] = walk_sequence,
        [E_DICT] = walk_dict,
        [E_STARRED] = walk_starred,
        [E_UNARY] = walk_unary,
        [E_BINARY] = walk_binary,
        [E_BOOL] = walk_bool,
        [E_COMPARE] = walk_compare,
        [E_CONDITIONAL] = walk_conditional,
        [E_NAMED] = walk_named,
        [E_LAMBDA] = walk_lambda,
        [E_CALL] = walk_call,
        [E_ATTRIBUTE] = walk_attribute,
        [E_SUBSCRIPT] = walk_subscript,
        [E_SLICE] = walk_slice,
        [E_LIST_COMP] = walk_comp,
        [E_SET_COMP] = walk_comp,
        [E_DICT_COMP] = walk_comp,
        [E_GENERATOR] = walk_comp,
    };
    if (!resolve_enter(r, x->line, x->col)) return false;
    bool ok = walks[x->kind](r, x);
    r->depth--;
    return ok;
}
