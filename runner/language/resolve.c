/* See resolve.h; here are the statements. */
#include "runner/language/resolve.h"

#include "runner/language/resolver.h"
#include "runner/language/token.h"

/* ---- simple statements ---- */

static bool walk_expr_stmt(Resolver *r, Stmt *s) {
    return resolve_expr(r, ((ExprStmt *)s)->value);
}

static bool walk_assign(Resolver *r, Stmt *s) {
    AssignStmt *a = (AssignStmt *)s;
    for (uint32_t i = 0; i < a->n; i++)
        if (!resolve_target(r, a->targets[i], 0)) return false;
    return resolve_expr(r, a->value);
}

static bool walk_aug_assign(Resolver *r, Stmt *s) {
    AugAssignStmt *a = (AugAssignStmt *)s;
    return resolve_target(r, a->target, 0) && resolve_expr(r, a->value);
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
    if (simple) return resolve_binding(r, name, SYM_ANNOTATED);
    return !a->value || resolve_binding(r, name, 0);
}

static bool walk_ann_assign(Resolver *r, Stmt *s) {
    AnnAssignStmt *a = (AnnAssignStmt *)s;
    bool ok =
        a->target->kind == E_NAME ? bind_annotated(r, a) : resolve_expr(r, a->target);
    return ok && resolve_optional(r, a->value);
}

static bool walk_delete(Resolver *r, Stmt *s) {
    DeleteStmt *d = (DeleteStmt *)s;
    for (uint32_t i = 0; i < d->n; i++)
        if (!resolve_target(r, d->targets[i], 0)) return false;
    return true;
}

static bool walk_pass(Resolver *r, Stmt *s) {
    (void)r, (void)s;
    return true;
}

static bool walk_break(Resolver *r, Stmt *s) {
    return r->scope->loops || resolve_fail(r, s->line, s->col, "'break' outside loop");
}

static bool walk_continue(Resolver *r, Stmt *s) {
    return r->scope->loops ||
           resolve_fail(r, s->line, s->col, "'continue' not properly in loop");
}

static bool walk_return(Resolver *r, Stmt *s) {
    if (r->scope->kind != SCOPE_FUNCTION)
        return resolve_fail(r, s->line, s->col, "'return' outside function");
    return resolve_optional(r, ((ReturnStmt *)s)->value);
}

static bool walk_raise(Resolver *r, Stmt *s) {
    RaiseStmt *a = (RaiseStmt *)s;
    return resolve_optional(r, a->exception) && resolve_optional(r, a->cause);
}

static bool walk_assert(Resolver *r, Stmt *s) {
    AssertStmt *a = (AssertStmt *)s;
    return note_assert(r, a) && resolve_expr(r, a->test) &&
           resolve_optional(r, a->message);
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
        return resolve_fail(r, s->line, s->col,
                            "nonlocal declaration not allowed at module level");
    for (uint32_t i = 0; i < d->n; i++)
        if (!declare(r, s, d->names[i])) return false;
    return true;
}

static bool walk_import(Resolver *r, Stmt *s) {
    ImportStmt *m = (ImportStmt *)s;
    for (uint32_t i = 0; i < m->n; i++)
        if (!resolve_binding(r, m->items[i].target, 0)) return false;
    return true;
}

static bool walk_import_from(Resolver *r, Stmt *s) {
    ImportFromStmt *m = (ImportFromStmt *)s;
    if (m->n == 0 && r->scope->kind != SCOPE_MODULE)
        return resolve_fail(r, s->line, s->col,
                            "import * only allowed at module level");
    for (uint32_t i = 0; i < m->n; i++)
        if (!resolve_binding(r, m->items[i].target, 0)) return false;
    return true;
}

/* ---- compound statements ---- */

static bool walk_if(Resolver *r, Stmt *s) {
    IfStmt *f = (IfStmt *)s;
    for (uint32_t i = 0; i < f->n; i++)
        if (!resolve_expr(r, f->arms[i].test) || !resolve_block(r, &f->arms[i].body))
            return false;
    return resolve_block(r, &f->orelse);
}

static bool walk_loop(Resolver *r, const Block *body, const Block *orelse) {
    r->scope->loops++;
    bool ok = resolve_block(r, body);
    r->scope->loops--;
    return ok && resolve_block(r, orelse);
}

static bool walk_while(Resolver *r, Stmt *s) {
    WhileStmt *w = (WhileStmt *)s;
    return resolve_expr(r, w->test) && walk_loop(r, &w->body, &w->orelse);
}

static bool walk_for(Resolver *r, Stmt *s) {
    ForStmt *f = (ForStmt *)s;
    return resolve_target(r, f->target, 0) && resolve_expr(r, f->iter) &&
           walk_loop(r, &f->body, &f->orelse);
}

static bool walk_handler(Resolver *r, ExceptHandler *h, bool last) {
    if (!h->type && !last)
        return resolve_fail(r, h->line, h->col, "default 'except:' must be last");
    if (!resolve_optional(r, h->type)) return false;
    if (h->target && !resolve_binding(r, h->target, 0)) return false;
    return resolve_block(r, &h->body);
}

static bool walk_try(Resolver *r, Stmt *s) {
    TryStmt *t = (TryStmt *)s;
    bool ok = resolve_block(r, &t->body);
    for (uint32_t i = 0; ok && i < t->n; i++)
        ok = walk_handler(r, &t->handlers[i], i + 1 == t->n);
    return ok && resolve_block(r, &t->orelse) && resolve_block(r, &t->finally);
}

static bool walk_with(Resolver *r, Stmt *s) {
    WithStmt *w = (WithStmt *)s;
    for (uint32_t i = 0; i < w->n; i++) {
        WithItem *item = &w->items[i];
        if (!resolve_expr(r, item->context)) return false;
        if (item->target && !resolve_target(r, item->target, 0)) return false;
    }
    return resolve_block(r, &w->body);
}

static bool walk_function_def(Resolver *r, Stmt *s) {
    FunctionDefStmt *f = (FunctionDefStmt *)s;
    return resolve_binding(r, f->target, 0) && resolve_defaults(r, &f->code->params) &&
           resolve_items(r, f->decorators, f->n_decorators) && resolve_code(r, f->code);
}

static bool walk_class_def(Resolver *r, Stmt *s) {
    ClassDefStmt *d = (ClassDefStmt *)s;
    return resolve_binding(r, d->target, 0) && resolve_arguments(r, &d->bases) &&
           resolve_items(r, d->decorators, d->n_decorators) && resolve_code(r, d->code);
}

typedef bool (*StmtWalk)(Resolver *r, Stmt *s);

static bool resolve_stmt(Resolver *r, Stmt *s) {
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
    if (!resolve_enter(r, s->line, s->col)) return false;
    bool ok = walks[s->kind](r, s);
    r->depth--;
    return ok;
}

bool resolve_block(Resolver *r, const Block *b) {
    for (uint32_t i = 0; i < b->n; i++)
        if (!resolve_stmt(r, b->items[i])) return false;
    return true;
}

/* Notes from here on come with the displayed expression. */
static void mark_display(Program *p, SyntaxNote *last) {
    for (SyntaxNote *n = last ? last->next : p->notes; n; n = n->next)
        n->of_display = true;
}

static bool resolve_module(Resolver *r, Program *program) {
    Code *code = program->code;
    Block body = code->body;
    code->program = program;
    r->scope = scope_new(&r->s, NULL, code, NULL, code->name);
    if (!r->scope) return false;
    bool display = program->n_ops && body.items[body.n - 1]->kind == S_EXPR;
    if (display) body.n--;
    if (!resolve_block(r, &body)) return false;
    SyntaxNote *last = program->last_note;
    if (display && !resolve_stmt(r, body.items[body.n])) return false;
    mark_display(program, display ? last : program->last_note);
    return scopes_finish(&r->s);
}

/* The scopes around a deferred body stand for those that resolved its outline: the
 * class has no names but __class__ for what is below it. */
static bool resolve_function(Resolver *r, Code *module, Code *class, Code *code) {
    const DeferredBody *d = code->deferred;
    r->scope = scope_new(&r->s, NULL, module, NULL, code->name);
    if (r->scope && d->class_name) {
        r->scope = scope_new(&r->s, r->scope, class, NULL, d->class_name);
        if (r->scope) r->scope->qualname = d->class_qualname;
    }
    code->deferred = NULL;
    code->n_slots = code->n_cells = code->n_free = code->n_param_cells = 0;
    return r->scope && resolve_code(r, code) && scopes_finish(&r->s);
}

bool resolve_deferred(Ctx *c, Program *program, Code *code, Names names,
                      ParseError *e) {
    Resolver r = {.program = program, .e = e};
    Code module = {.kind = SCOPE_MODULE, .program = program};
    Code class = {.kind = SCOPE_CLASS, .program = program};
    bool ok = scopes_init(&r.s, c, &program->arena, names, e) &&
              resolve_function(&r, &module, &class, code);
    scopes_free(&r.s);
    return ok;
}

bool resolve(Ctx *c, Program *program, Names names, ParseError *e) {
    Resolver r = {.program = program, .e = e};
    bool ok =
        scopes_init(&r.s, c, &program->arena, names, e) && resolve_module(&r, program);
    scopes_free(&r.s);
    return ok;
}
