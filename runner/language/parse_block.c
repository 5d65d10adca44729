/* Compound statements. A nested one is counted, so that blocks end at a depth that
 * the resolver and the evaluator can recurse through. */
#include "runner/language/parser.h"

#include <string.h>

/* ---- blocks ---- */

static Stmt *parse_compound(Parser *p);

/* A word that continues a block and has none before it. */
static void hint_continuation(Parser *p) {
    TokenKind kind = parser_kind(p);
    if (kind == T_ELIF || kind == T_ELSE || kind == T_EXCEPT || kind == T_FINALLY)
        parse_hint(p->e, "%s comes directly after the block it belongs to",
                   token_kind_text(kind));
}

bool parse_statement(Parser *p) {
    p->first = p->at;
    if (!is_compound_start(parser_kind(p))) {
        hint_continuation(p);
        return parse_simple_line(p);
    }
    Stmt *s = parse_compound(p);
    return s && scratch_push(p, &s, sizeof s);
}

static bool parse_indented(Parser *p) {
    while (parser_kind(p) != T_DEDENT && parser_kind(p) != T_END)
        if (!parse_statement(p)) return false;
    return parser_expect(p, T_DEDENT);
}

/* The statement or block behind a header's colon. `what` and its line are for the
 * message "expected an indented block after ...". */
static bool parse_body(Parser *p, const Token *head, const char *what, Block *out) {
    size_t mark = p->scratch_n;
    if (!parser_enter(p)) return false;
    bool ok;
    if (!parser_accept(p, T_NEWLINE)) {
        ok = parse_simple_line(p);
    } else if (parser_accept(p, T_INDENT)) {
        ok = parse_indented(p);
    } else {
        const Token *t = parser_token(p);
        return parser_fail_at(p, t->line, t->col,
                              "expected an indented block after %s on line %u", what,
                              (unsigned)head->line);
    }
    parser_leave(p);
    if (!ok) return false;
    out->items = scratch_take(p, mark, sizeof(Stmt *), &out->n);
    return out->items;
}

/* The colon of a header. */
static bool expect_colon(Parser *p) {
    if (parser_accept(p, T_COLON)) return true;
    const Token *t = parser_token(p);
    if (t->kind != T_NEWLINE) {
        parser_fail(p);
        return false;
    }
    parser_fail_token(p, t, "expected ':'");
    if (p->in_cell && !p->trial)
        parse_hint(p->e, "a block is a mapping: the header, a colon, then the list of "
                         "its operations");
    return false;
}

/* The same where Python says "expected ':'" whatever stands there. */
static bool force_colon(Parser *p) {
    if (parser_accept(p, T_COLON)) return true;
    if (parser_kind(p) == T_UNCLOSED || parser_kind(p) == T_NEWLINE)
        return expect_colon(p);
    parser_fail_token(p, parser_token(p), "expected ':'");
    return false;
}

static bool parse_else(Parser *p, Block *out) {
    const Token *t = parser_token(p);
    if (!parser_accept(p, T_ELSE)) return true;
    return force_colon(p) && parse_body(p, t, "'else' statement", out);
}

/* ---- if, while, for ---- */

static bool parse_arm(Parser *p, const char *what) {
    const Token *t = parser_token(p);
    IfArm arm = {0};
    p->at++;
    if (!(arm.test = parse_named(p)) || !expect_colon(p)) return false;
    return parse_body(p, t, what, &arm.body) && scratch_push(p, &arm, sizeof arm);
}

static Stmt *parse_if(Parser *p) {
    IfStmt *s = stmt_new(p, S_IF, sizeof *s, parser_token(p));
    size_t mark = p->scratch_n;
    if (!s || !parse_arm(p, "'if' statement")) return NULL;
    while (parser_kind(p) == T_ELIF)
        if (!parse_arm(p, "'elif' statement")) return NULL;
    s->arms = scratch_take(p, mark, sizeof(IfArm), &s->n);
    return s->arms && parse_else(p, &s->orelse) ? &s->head : NULL;
}

static Stmt *parse_while(Parser *p) {
    const Token *t = parser_token(p);
    WhileStmt *s = stmt_new(p, S_WHILE, sizeof *s, t);
    p->at++;
    if (!s || !(s->test = parse_named(p)) || !expect_colon(p)) return NULL;
    if (!parse_body(p, t, "'while' statement", &s->body)) return NULL;
    return parse_else(p, &s->orelse) ? &s->head : NULL;
}

static Stmt *parse_for(Parser *p) {
    const Token *t = parser_token(p);
    ForStmt *s = stmt_new(p, S_FOR, sizeof *s, t);
    p->at++;
    if (!s || !(s->target = parse_for_target(p))) return NULL;
    if (!(s->iter = parse_star_expressions(p)) || !expect_colon(p)) return NULL;
    if (!parse_body(p, t, "'for' statement", &s->body)) return NULL;
    return parse_else(p, &s->orelse) ? &s->head : NULL;
}

/* ---- try ---- */

static bool check_handler_type(Parser *p, const Expr *type) {
    if (parser_kind(p) != T_COMMA) return true;
    return parser_fail_expr(p, type, "multiple exception types must be parenthesized");
}

static bool parse_handler_head(Parser *p, ExceptHandler *h) {
    if (parser_kind(p) == T_STAR) return parser_refuse(p, parser_token(p), "except*");
    if (parser_kind(p) == T_COLON || parser_kind(p) == T_NEWLINE) return true;
    if (!(h->type = parse_expr(p)) || !check_handler_type(p, h->type)) return false;
    if (!parser_accept(p, T_AS)) return true;
    const Token *t = parser_token(p);
    return parser_expect(p, T_NAME) && (h->target = name_new(p, t));
}

static bool parse_handler(Parser *p) {
    const Token *t = parser_token(p);
    ExceptHandler h = {.line = t->line, .col = t->col};
    p->at++;
    if (!parse_handler_head(p, &h) || !expect_colon(p)) return false;
    return parse_body(p, t, "'except' statement", &h.body) &&
           scratch_push(p, &h, sizeof h);
}

static bool parse_finally(Parser *p, Block *out) {
    const Token *t = parser_token(p);
    if (!parser_accept(p, T_FINALLY)) return true;
    return force_colon(p) && parse_body(p, t, "'finally' statement", out);
}

static Stmt *parse_try(Parser *p) {
    const Token *t = parser_token(p);
    TryStmt *s = stmt_new(p, S_TRY, sizeof *s, t);
    size_t mark = p->scratch_n;
    p->at++;
    if (!s || !force_colon(p)) return NULL;
    if (!parse_body(p, t, "'try' statement", &s->body)) return NULL;
    if (parser_kind(p) != T_EXCEPT && parser_kind(p) != T_FINALLY)
        return parser_fail_token(p, parser_token(p),
                                 "expected 'except' or 'finally' block");
    while (parser_kind(p) == T_EXCEPT)
        if (!parse_handler(p)) return NULL;
    s->handlers = scratch_take(p, mark, sizeof(ExceptHandler), &s->n);
    if (!s->handlers) return NULL;
    if (s->n && !parse_else(p, &s->orelse)) return NULL;
    return parse_finally(p, &s->finally) ? &s->head : NULL;
}

/* ---- with ---- */

static bool push_with_item(Parser *p) {
    WithItem item = {0};
    if (!(item.context = parse_expr(p))) return false;
    if (parser_accept(p, T_AS)) {
        const Token *t = parser_token(p);
        item.target = t->kind == T_STAR ? NULL : parse_primary(p);
        if (!item.target) return parser_fail(p);
        if (!check_target(p, item.target, TARGET_ASSIGN)) return false;
    }
    return scratch_push(p, &item, sizeof item);
}

static bool push_with_parens(Parser *p) {
    bool ok = parser_accept(p, T_LPAREN);
    while (ok) {
        ok = push_with_item(p);
        bool comma = ok && parser_accept(p, T_COMMA);
        if (!comma || parser_kind(p) == T_RPAREN) break;
    }
    return ok && parser_expect(p, T_RPAREN);
}

/* Whether the bracket at the cursor holds an `as`, and so the items themselves. */
static bool parens_hold_as(const Parser *p) {
    const Token *open = parser_token(p), *t = open + 1;
    for (; t->kind != T_END && t->kind != T_UNCLOSED && t->level >= open->level; t++)
        if (t->kind == T_AS && t->level == open->level) return true;
    return false;
}

/* with (a, b): the items in parentheses, up to the header's colon. */
static bool parse_with_parens(Parser *p) {
    Attempt a;
    attempt_begin(p, &a);
    bool ok = push_with_parens(p) && parser_kind(p) == T_COLON;
    attempt_end(p, &a, ok);
    return ok;
}

static bool parse_with_items(Parser *p) {
    if (parser_kind(p) == T_LPAREN) {
        if (parens_hold_as(p)) return push_with_parens(p);
        if (parse_with_parens(p)) return true;
    }
    do {
        if (!push_with_item(p)) return false;
    } while (parser_accept(p, T_COMMA));
    return true;
}

static Stmt *parse_with(Parser *p) {
    const Token *t = parser_token(p);
    WithStmt *s = stmt_new(p, S_WITH, sizeof *s, t);
    size_t mark = p->scratch_n;
    p->at++;
    if (!s || !parse_with_items(p)) return NULL;
    s->items = scratch_take(p, mark, sizeof(WithItem), &s->n);
    if (!s->items || !expect_colon(p)) return NULL;
    return parse_body(p, t, "'with' statement", &s->body) ? &s->head : NULL;
}

/* ---- def, class ---- */

static Code *code_new(Parser *p, ScopeKind kind, const Token *t, Str *name) {
    Code *code = arena_alloc(p->arena, sizeof *code);
    if (!code) return NULL;
    code->kind = (uint8_t)kind;
    code->line = t->line;
    code->col = t->col;
    code->name = name;
    return code;
}

static void set_doc(Code *code) {
    if (code->body.n == 0 || code->body.items[0]->kind != S_EXPR) return;
    const Expr *x = ((const ExprStmt *)code->body.items[0])->value;
    if (x->kind == E_CONSTANT) code->doc = value_str(((const ConstantExpr *)x)->value);
}

static NameExpr *parse_def_name(Parser *p) {
    const Token *t = parser_token(p);
    return parser_expect(p, T_NAME) ? name_new(p, t) : NULL;
}

static bool parse_signature(Parser *p, Code *code) {
    if (parser_kind(p) != T_LPAREN) {
        parser_fail_token(p, parser_token(p), "expected '('");
        return false;
    }
    p->at++;
    if (!parse_params(p, T_RPAREN, &code->params)) return false;
    if (!parser_expect(p, T_RPAREN)) return false;
    if (parser_accept(p, T_ARROW) && !parse_expr(p)) return false;
    return force_colon(p);
}

/* The body that the outline of a source left as text. */
static bool defer_body(Parser *p, Code *code) {
    const Token *t = parser_token(p);
    code->deferred = arena_alloc(p->arena, sizeof *code->deferred);
    if (!code->deferred) return false;
    *code->deferred = (DeferredBody){.text = t->text, .len = t->len, .line = t->line};
    p->at++;
    return true;
}

static bool parse_def_body(Parser *p, const Token *head, Code *code) {
    if (parser_kind(p) == T_BODY) return defer_body(p, code);
    if (!parse_body(p, head, "function definition", &code->body)) return false;
    set_doc(code);
    return true;
}

bool parse_deferred_body(Parser *p, Code *code) {
    size_t mark = p->scratch_n;
    if (!parser_expect(p, T_INDENT) || !parse_indented(p)) return false;
    code->body.items = scratch_take(p, mark, sizeof(Stmt *), &code->body.n);
    if (!code->body.items) return false;
    set_doc(code);
    return true;
}

static Stmt *parse_def(Parser *p) {
    const Token *t = parser_token(p);
    FunctionDefStmt *s = stmt_new(p, S_FUNCTION_DEF, sizeof *s, t);
    p->at++;
    if (!s || !(s->target = parse_def_name(p))) return NULL;
    s->code = code_new(p, SCOPE_FUNCTION, t, s->target->name);
    if (!s->code || !parse_signature(p, s->code)) return NULL;
    return parse_def_body(p, t, s->code) ? &s->head : NULL;
}

static bool is_bare_generator(const Arguments *a) {
    return a->n == 1 && a->items[0]->kind == E_GENERATOR && !a->items[0]->in_parens;
}

static Stmt *parse_class(Parser *p) {
    const Token *t = parser_token(p);
    ClassDefStmt *s = stmt_new(p, S_CLASS_DEF, sizeof *s, t);
    p->at++;
    if (!s || !(s->target = parse_def_name(p))) return NULL;
    if (parser_accept(p, T_LPAREN) && !parse_arguments(p, &s->bases)) return NULL;
    if (!expect_colon(p)) return NULL;
    if (is_bare_generator(&s->bases))
        return parser_fail_expr(p, s->bases.items[0], "invalid syntax");
    s->code = code_new(p, SCOPE_CLASS, t, s->target->name);
    if (!s->code || !parse_body(p, t, "class definition", &s->code->body)) return NULL;
    set_doc(s->code);
    return &s->head;
}

static bool push_decorators(Parser *p) {
    while (parser_accept(p, T_AT)) {
        Expr *x = parse_named(p);
        if (!x || !scratch_push(p, &x, sizeof x)) return false;
        if (!parser_expect(p, T_NEWLINE)) return false;
    }
    return true;
}

static Stmt *parse_decorated(Parser *p) {
    size_t mark = p->scratch_n;
    uint32_t n;
    if (!push_decorators(p)) return NULL;
    Expr **decorators = scratch_take(p, mark, sizeof(Expr *), &n);
    if (!decorators) return NULL;
    TokenKind kind = parser_kind(p);
    if (kind == T_ASYNC) return parser_refuse(p, parser_token(p), "async");
    if (kind != T_DEF && kind != T_CLASS) {
        parser_fail(p);
        parse_hint(p->e, "a decorator stands before def or class");
        return NULL;
    }
    Stmt *s = kind == T_DEF ? parse_def(p) : parse_class(p);
    if (!s) return NULL;
    if (kind == T_DEF) {
        ((FunctionDefStmt *)s)->n_decorators = n;
        ((FunctionDefStmt *)s)->decorators = decorators;
    } else {
        ((ClassDefStmt *)s)->n_decorators = n;
        ((ClassDefStmt *)s)->decorators = decorators;
    }
    return s;
}

/* ---- statements ---- */

bool is_compound_start(TokenKind kind) {
    switch (kind) {
    case T_IF:
    case T_WHILE:
    case T_FOR:
    case T_TRY:
    case T_WITH:
    case T_DEF:
    case T_CLASS:
    case T_AT:
    case T_ASYNC: return true;
    default: return false;
    }
}

static Stmt *parse_compound(Parser *p) {
    const Token *t = parser_token(p);
    switch (t->kind) {
    case T_IF: return parse_if(p);
    case T_WHILE: return parse_while(p);
    case T_FOR: return parse_for(p);
    case T_TRY: return parse_try(p);
    case T_WITH: return parse_with(p);
    case T_DEF: return parse_def(p);
    case T_CLASS: return parse_class(p);
    case T_AT: return parse_decorated(p);
    default: return parser_refuse(p, t, "async");
    }
}

bool parse_statements(Parser *p, Block *out) {
    size_t mark = p->scratch_n;
    while (parser_kind(p) != T_END)
        if (!parse_statement(p)) return false;
    out->items = scratch_take(p, mark, sizeof(Stmt *), &out->n);
    return out->items;
}
