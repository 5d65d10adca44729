/* See resolve.h.  One walk over the tree, a function for each kind of node; it tells
 * the scopes (scope.h) what is bound and used, in Python's order. */
#include "runner/resolve.h"

#include "runner/scope.h"
#include "runner/token.h"

typedef struct Resolver {
    Scopes s;
    Scope *scope;
    ParseError *e;
    uint32_t depth;
} Resolver;

static bool walk(Resolver *r, Expr *x);
static bool walk_block(Resolver *r, const Block *b);

static bool fail(Resolver *r, uint32_t line, uint32_t col, const char *message) {
    return parse_error(r->e, line, col, "%s", message);
}

static bool fail_expr(Resolver *r, const Expr *x, const char *message) {
    return fail(r, x->line, x->col, message);
}

static bool enter(Resolver *r, uint32_t line, uint32_t col) {
    if (r->depth >= AST_MAX_DEPTH)
        return fail(r, line, col, "the expression is nested too deeply");
    r->depth++;
    return true;
}

static bool walk_optional(Resolver *r, Expr *x) {
    return !x || walk(r, x);
}

static bool walk_items(Resolver *r, Expr **items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!walk(r, items[i])) return false;
    return true;
}

/* Items among which a starred one is allowed. */
static bool walk_starred_items(Resolver *r, Expr **items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        Expr *x = items[i];
        if (!walk(r, x->kind == E_STARRED ? ((StarredExpr *)x)->value : x))
            return false;
    }
    return true;
}

/* ---- targets ---- */

static bool bind_name(Resolver *r, NameExpr *name, unsigned flags) {
    const Symbol *sym = scope_refer(&r->s, r->scope, name, SYM_BOUND | flags);
    if (!sym) return false;
    if (!(flags & SYM_ITERATION) || !(sym->flags & SYM_WALRUS)) return true;
    return parse_error(r->e, name->head.line, name->head.col,
                       "comprehension inner loop cannot rebind assignment expression "
                       "target '%s'",
                       name->name->data);
}

static bool bind_target(Resolver *r, Expr *x, unsigned flags);

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
        if (!bind_target(r, x, flags)) return false;
    }
    return true;
}

static bool bind_target(Resolver *r, Expr *x, unsigned flags) {
    switch (x->kind) {
    case E_NAME: return bind_name(r, (NameExpr *)x, flags);
    case E_TUPLE:
    case E_LIST: return bind_items(r, (SequenceExpr *)x, flags);
    case E_STARRED:
        return fail_expr(r, x, "starred assignment target must be in a list or tuple");
    default: return walk(r, x);
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
        if (!walk_optional(r, part->value)) return false;
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
        if (!walk_optional(r, d->items[i].key) || !walk(r, d->items[i].value))
            return false;
    return true;
}

static bool walk_starred(Resolver *r, Expr *x) {
    return fail_expr(r, x, "can't use starred expression here");
}

static bool walk_unary(Resolver *r, Expr *x) {
    return walk(r, ((UnaryExpr *)x)->operand);
}

static bool walk_binary(Resolver *r, Expr *x) {
    BinaryExpr *b = (BinaryExpr *)x;
    bool ok = walk(r, b->first);
    for (uint32_t i = 0; ok && i < b->n; i++) ok = walk(r, b->links[i].right);
    return ok;
}

static bool walk_bool(Resolver *r, Expr *x) {
    BoolExpr *b = (BoolExpr *)x;
    return walk_items(r, b->items, b->n);
}

static bool walk_compare(Resolver *r, Expr *x) {
    CompareExpr *c = (CompareExpr *)x;
    bool ok = walk(r, c->first);
    for (uint32_t i = 0; ok && i < c->n; i++) ok = walk(r, c->links[i].right);
    return ok;
}

static bool walk_conditional(Resolver *r, Expr *x) {
    ConditionalExpr *c = (ConditionalExpr *)x;
    return walk(r, c->test) && walk(r, c->then) && walk(r, c->otherwise);
}

static bool walk_arguments(Resolver *r, Arguments *a) {
    if (!walk_starred_items(r, a->items, a->n)) return false;
    for (uint32_t i = 0; i < a->n_named; i++) {
        KeywordArg *arg = &a->named[i];
        for (uint32_t k = 0; arg->name && k < i; k++)
            if (a->named[k].name == arg->name)
                return parse_error(r->e, arg->line, arg->col,
                                   "keyword argument repeated: %s", arg->name->data);
        if (!walk(r, arg->value)) return false;
    }
    return true;
}

static bool walk_call(Resolver *r, Expr *x) {
    CallExpr *c = (CallExpr *)x;
    return walk(r, c->callee) && walk_arguments(r, &c->args);
}

static bool walk_attribute(Resolver *r, Expr *x) {
    AttributeExpr *a = (AttributeExpr *)x;
    a->name = scope_mangle(&r->s, r->scope, a->name);
    return a->name && walk(r, a->object);
}

static bool walk_subscript(Resolver *r, Expr *x) {
    SubscriptExpr *s = (SubscriptExpr *)x;
    return walk(r, s->object) && walk(r, s->index);
}

static bool walk_slice(Resolver *r, Expr *x) {
    SliceExpr *s = (SliceExpr *)x;
    return walk_optional(r, s->lower) && walk_optional(r, s->upper) &&
           walk_optional(r, s->step);
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
    if (!is_comprehension(r->scope)) return bind_name(r, name, 0);
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
    return bind_walrus(r, n->target) && walk(r, n->value);
}

/* ---- functions ---- */

static bool walk_defaults(Resolver *r, const Params *p) {
    if (!walk_items(r, p->defaults, p->n_defaults)) return false;
    for (uint32_t i = 0; i < p->n_kwonly; i++)
        if (!walk_optional(r, p->kw_defaults[i])) return false;
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

static bool walk_code(Resolver *r, Code *code) {
    Scope *outer = r->scope;
    Scope *scope = scope_new(&r->s, outer, code, NULL, code->name);
    if (!scope) return false;
    code->program = outer->frame->code->program;
    r->scope = scope;
    bool ok = bind_params(r, scope, &code->params) &&
              (code->result ? walk(r, code->result) : walk_block(r, &code->body));
    r->scope = outer;
    return ok;
}

static bool walk_lambda(Resolver *r, Expr *x) {
    Code *code = ((LambdaExpr *)x)->code;
    return walk_defaults(r, &code->params) && walk_code(r, code);
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
    bool ok = walk(r, x);
    r->scope->in_iter--;
    return ok;
}

static bool walk_clauses(Resolver *r, CompExpr *x) {
    for (uint32_t i = 0; i < x->n_clauses; i++) {
        CompClause *clause = &x->clauses[i];
        if (!bind_target(r, clause->target, SYM_ITERATION)) return false;
        if (i > 0 && !walk_iter(r, clause->iter)) return false;
        if (!walk_items(r, clause->conditions, clause->n_conditions)) return false;
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
              walk_clauses(r, x) && walk(r, x->element) && walk_optional(r, x->value);
    r->scope = outer;
    return ok;
}

typedef bool (*ExprWalk)(Resolver *r, Expr *x);

static bool walk(Resolver *r, Expr *x) {
    static const ExprWalk walks[EXPR_KIND_COUNT] = {
        [E_CONSTANT] = walk_leaf,       [E_BIGINT] = walk_leaf,
        [E_FSTRING] = walk_fstring,     [E_NAME] = walk_name,
        [E_TUPLE] = walk_sequence,      [E_LIST] = walk_sequence,
        [E_SET] = walk_sequence,        [E_DICT] = walk_dict,
        [E_STARRED] = walk_starred,     [E_UNARY] = walk_unary,
        [E_BINARY] = walk_binary,       [E_BOOL] = walk_bool,
        [E_COMPARE] = walk_compare,     [E_CONDITIONAL] = walk_conditional,
        [E_NAMED] = walk_named,         [E_LAMBDA] = walk_lambda,
        [E_CALL] = walk_call,           [E_ATTRIBUTE] = walk_attribute,
        [E_SUBSCRIPT] = walk_subscript, [E_SLICE] = walk_slice,
        [E_LIST_COMP] = walk_comp,      [E_SET_COMP] = walk_comp,
        [E_DICT_COMP] = walk_comp,      [E_GENERATOR] = walk_comp,
    };
    if (!enter(r, x->line, x->col)) return false;
    bool ok = walks[x->kind](r, x);
    r->depth--;
    return ok;
}

/* ---- simple statements ---- */

static bool walk_expr_stmt(Resolver *r, Stmt *s) {
    return walk(r, ((ExprStmt *)s)->value);
}

static bool walk_assign(Resolver *r, Stmt *s) {
    AssignStmt *a = (AssignStmt *)s;
    for (uint32_t i = 0; i < a->n; i++)
        if (!bind_target(r, a->targets[i], 0)) return false;
    return walk(r, a->value);
}

static bool walk_aug_assign(Resolver *r, Stmt *s) {
    AugAssignStmt *a = (AugAssignStmt *)s;
    return bind_target(r, a->target, 0) && walk(r, a->value);
}

/* A name alone is local from here on, with or without a value. */
static bool bind_annotated(Resolver *r, AnnAssignStmt *a) {
    NameExpr *name = (NameExpr *)a->target;
    Str *meant = scope_mangle(&r->s, r->scope, name->name);
    if (!meant) return false;
    const Symbol *sym = scope_find(&r->s, r->scope, meant);
    unsigned declared = sym ? sym->flags & (SYM_GLOBAL | SYM_NONLOCAL) : 0;
    bool simple = !a->target->in_parens;
    if (declared && simple && r->scope->kind != SCOPE_MODULE)
        return parse_error(r->e, a->head.line, a->head.col,
                           "annotated name '%s' can't be %s", name->name->data,
                           declared & SYM_GLOBAL ? "global" : "nonlocal");
    if (simple) return bind_name(r, name, SYM_ANNOTATED);
    return !a->value || bind_name(r, name, 0);
}

static bool walk_ann_assign(Resolver *r, Stmt *s) {
    AnnAssignStmt *a = (AnnAssignStmt *)s;
    bool ok = a->target->kind == E_NAME ? bind_annotated(r, a) : walk(r, a->target);
    return ok && walk_optional(r, a->value);
}

static bool walk_delete(Resolver *r, Stmt *s) {
    DeleteStmt *d = (DeleteStmt *)s;
    for (uint32_t i = 0; i < d->n; i++)
        if (!bind_target(r, d->targets[i], 0)) return false;
    return true;
}

static bool walk_pass(Resolver *r, Stmt *s) {
    (void)r, (void)s;
    return true;
}

static bool walk_break(Resolver *r, Stmt *s) {
    return r->scope->loops || fail(r, s->line, s->col, "'break' outside loop");
}

static bool walk_continue(Resolver *r, Stmt *s) {
    return r->scope->loops ||
           fail(r, s->line, s->col, "'continue' not properly in loop");
}

static bool walk_return(Resolver *r, Stmt *s) {
    if (r->scope->kind != SCOPE_FUNCTION)
        return fail(r, s->line, s->col, "'return' outside function");
    return walk_optional(r, ((ReturnStmt *)s)->value);
}

static bool walk_raise(Resolver *r, Stmt *s) {
    RaiseStmt *a = (RaiseStmt *)s;
    return walk_optional(r, a->exception) && walk_optional(r, a->cause);
}

static bool walk_assert(Resolver *r, Stmt *s) {
    AssertStmt *a = (AssertStmt *)s;
    return walk(r, a->test) && walk_optional(r, a->message);
}

/* What the scope has already done with a name that it now declares. */
static bool check_declaration(Resolver *r, const Stmt *s, const Str *name,
                              const char *word) {
    const Symbol *sym = scope_find(&r->s, r->scope, name);
    unsigned flags = sym ? sym->flags : 0;
    const char *d = name->data;
    if (flags & SYM_PARAM)
        return parse_error(r->e, s->line, s->col, "name '%s' is parameter and %s", d,
                           word);
    if (flags & SYM_USED)
        return parse_error(r->e, s->line, s->col,
                           "name '%s' is used prior to %s declaration", d, word);
    if (flags & SYM_ANNOTATED)
        return parse_error(r->e, s->line, s->col, "annotated name '%s' can't be %s", d,
                           word);
    if (flags & SYM_BOUND)
        return parse_error(r->e, s->line, s->col,
                           "name '%s' is assigned to before %s declaration", d, word);
    return true;
}

static bool declare(Resolver *r, const Stmt *s, Str *name) {
    bool global = s->kind == S_GLOBAL;
    name = scope_mangle(&r->s, r->scope, name);
    if (!name) return false;
    if (!check_declaration(r, s, name, global ? "global" : "nonlocal")) return false;
    Symbol *sym =
        scope_symbol(&r->s, r->scope, name, global ? SYM_GLOBAL : SYM_NONLOCAL);
    if (!sym) return false;
    sym->line = s->line;
    sym->col = s->col;
    if (sym->flags & SYM_GLOBAL && sym->flags & SYM_NONLOCAL)
        return parse_error(r->e, s->line, s->col, "name '%s' is nonlocal and global",
                           name->data);
    return true;
}

static bool walk_scope(Resolver *r, Stmt *s) {
    ScopeStmt *d = (ScopeStmt *)s;
    if (s->kind == S_NONLOCAL && r->scope->kind == SCOPE_MODULE)
        return fail(r, s->line, s->col,
                    "nonlocal declaration not allowed at module level");
    for (uint32_t i = 0; i < d->n; i++)
        if (!declare(r, s, d->names[i])) return false;
    return true;
}

static bool walk_import(Resolver *r, Stmt *s) {
    ImportStmt *m = (ImportStmt *)s;
    for (uint32_t i = 0; i < m->n; i++)
        if (!bind_name(r, m->items[i].target, 0)) return false;
    return true;
}

static bool walk_import_from(Resolver *r, Stmt *s) {
    ImportFromStmt *m = (ImportFromStmt *)s;
    if (m->n == 0 && r->scope->kind != SCOPE_MODULE)
        return fail(r, s->line, s->col, "import * only allowed at module level");
    for (uint32_t i = 0; i < m->n; i++)
        if (!bind_name(r, m->items[i].target, 0)) return false;
    return true;
}

/* ---- compound statements ---- */

static bool walk_if(Resolver *r, Stmt *s) {
    IfStmt *f = (IfStmt *)s;
    for (uint32_t i = 0; i < f->n; i++)
        if (!walk(r, f->arms[i].test) || !walk_block(r, &f->arms[i].body)) return false;
    return walk_block(r, &f->orelse);
}

static bool walk_loop(Resolver *r, const Block *body, const Block *orelse) {
    r->scope->loops++;
    bool ok = walk_block(r, body);
    r->scope->loops--;
    return ok && walk_block(r, orelse);
}

static bool walk_while(Resolver *r, Stmt *s) {
    WhileStmt *w = (WhileStmt *)s;
    return walk(r, w->test) && walk_loop(r, &w->body, &w->orelse);
}

static bool walk_for(Resolver *r, Stmt *s) {
    ForStmt *f = (ForStmt *)s;
    return bind_target(r, f->target, 0) && walk(r, f->iter) &&
           walk_loop(r, &f->body, &f->orelse);
}

static bool walk_handler(Resolver *r, ExceptHandler *h, bool last) {
    if (!h->type && !last)
        return fail(r, h->line, h->col, "default 'except:' must be last");
    if (!walk_optional(r, h->type)) return false;
    if (h->target && !bind_name(r, h->target, 0)) return false;
    return walk_block(r, &h->body);
}

static bool walk_try(Resolver *r, Stmt *s) {
    TryStmt *t = (TryStmt *)s;
    bool ok = walk_block(r, &t->body);
    for (uint32_t i = 0; ok && i < t->n; i++)
        ok = walk_handler(r, &t->handlers[i], i + 1 == t->n);
    return ok && walk_block(r, &t->orelse) && walk_block(r, &t->finally);
}

static bool walk_with(Resolver *r, Stmt *s) {
    WithStmt *w = (WithStmt *)s;
    for (uint32_t i = 0; i < w->n; i++) {
        WithItem *item = &w->items[i];
        if (!walk(r, item->context)) return false;
        if (item->target && !bind_target(r, item->target, 0)) return false;
    }
    return walk_block(r, &w->body);
}

static bool walk_function_def(Resolver *r, Stmt *s) {
    FunctionDefStmt *f = (FunctionDefStmt *)s;
    return bind_name(r, f->target, 0) && walk_defaults(r, &f->code->params) &&
           walk_items(r, f->decorators, f->n_decorators) && walk_code(r, f->code);
}

static bool walk_class_def(Resolver *r, Stmt *s) {
    ClassDefStmt *d = (ClassDefStmt *)s;
    return bind_name(r, d->target, 0) && walk_arguments(r, &d->bases) &&
           walk_items(r, d->decorators, d->n_decorators) && walk_code(r, d->code);
}

typedef bool (*StmtWalk)(Resolver *r, Stmt *s);

static bool walk_stmt(Resolver *r, Stmt *s) {
    static const StmtWalk walks[STMT_KIND_COUNT] = {
        [S_EXPR] = walk_expr_stmt,
        [S_ASSIGN] = walk_assign,
        [S_AUG_ASSIGN] = walk_aug_assign,
        [S_ANN_ASSIGN] = walk_ann_assign,
        [S_DELETE] = walk_delete,
        [S_PASS] = walk_pass,
        [S_BREAK] = walk_break,
        [S_CONTINUE] = walk_continue,
        [S_RETURN] = walk_return,
        [S_RAISE] = walk_raise,
        [S_ASSERT] = walk_assert,
        [S_GLOBAL] = walk_scope,
        [S_NONLOCAL] = walk_scope,
        [S_IMPORT] = walk_import,
        [S_IMPORT_FROM] = walk_import_from,
        [S_IF] = walk_if,
        [S_WHILE] = walk_while,
        [S_FOR] = walk_for,
        [S_TRY] = walk_try,
        [S_WITH] = walk_with,
        [S_FUNCTION_DEF] = walk_function_def,
        [S_CLASS_DEF] = walk_class_def,
    };
    if (!enter(r, s->line, s->col)) return false;
    bool ok = walks[s->kind](r, s);
    r->depth--;
    return ok;
}

static bool walk_block(Resolver *r, const Block *b) {
    for (uint32_t i = 0; i < b->n; i++)
        if (!walk_stmt(r, b->items[i])) return false;
    return true;
}

static bool resolve_module(Resolver *r, Program *program) {
    Code *code = program->code;
    code->program = program;
    r->scope = scope_new(&r->s, NULL, code, NULL, code->name);
    return r->scope && walk_block(r, &code->body) && scopes_finish(&r->s);
}

bool resolve(Ctx *c, Program *program, Names names, ParseError *e) {
    Resolver r = {.e = e};
    bool ok =
        scopes_init(&r.s, c, &program->arena, names, e) && resolve_module(&r, program);
    scopes_free(&r.s);
    return ok;
}
