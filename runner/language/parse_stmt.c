/* Simple statements. */
#include "runner/language/parser.h"

#include <string.h>

/* ---- assignment ---- */

static bool augmented_op(TokenKind kind, uint8_t *op) {
    static const uint8_t ops[TOKEN_KIND_COUNT] = {
        [T_PLUS_EQUAL] = BINARY_ADD + 1,      [T_MINUS_EQUAL] = BINARY_SUB + 1,
        [T_STAR_EQUAL] = BINARY_MUL + 1,      [T_AT_EQUAL] = BINARY_MATMUL + 1,
        [T_SLASH_EQUAL] = BINARY_DIV + 1,     [T_FLOORDIV_EQUAL] = BINARY_FLOORDIV + 1,
        [T_PERCENT_EQUAL] = BINARY_MOD + 1,   [T_POW_EQUAL] = BINARY_POW + 1,
        [T_LSHIFT_EQUAL] = BINARY_LSHIFT + 1, [T_RSHIFT_EQUAL] = BINARY_RSHIFT + 1,
        [T_AMPER_EQUAL] = BINARY_AND + 1,     [T_PIPE_EQUAL] = BINARY_OR + 1,
        [T_CARET_EQUAL] = BINARY_XOR + 1};
    if (!ops[kind]) return false;
    *op = (uint8_t)(ops[kind] - 1);
    return true;
}

static bool is_single_target(const Expr *x) {
    return x->kind == E_NAME || x->kind == E_ATTRIBUTE || x->kind == E_SUBSCRIPT;
}

static Stmt *parse_augmented(Parser *p, const Token *t, Expr *target, uint8_t op) {
    if (!is_single_target(target))
        return parser_fail_at(p, target->line, target->col,
                              "'%s' is an illegal expression for augmented assignment",
                              expr_error_name(target));
    AugAssignStmt *s = stmt_new(p, S_AUG_ASSIGN, sizeof *s, t);
    if (!s) return NULL;
    p->at++;
    if (parser_kind(p) == T_YIELD) return parser_refuse(p, parser_token(p), "yield");
    s->op = op;
    s->target = target;
    s->value = parse_star_expressions(p);
    return s->value ? &s->head : NULL;
}

static const char *annotation_error(const Expr *target) {
    if (target->kind == E_TUPLE)
        return "only single target (not tuple) can be annotated";
    if (target->kind == E_LIST) return "only single target (not list) can be annotated";
    return "illegal target for annotation";
}

static Stmt *parse_annotated(Parser *p, const Token *t, Expr *target) {
    AnnAssignStmt *s = stmt_new(p, S_ANN_ASSIGN, sizeof *s, t);
    if (!s) return NULL;
    p->at++;
    if (!parse_expr(p)) return NULL;
    if (!is_single_target(target))
        return parser_fail_expr(p, target, annotation_error(target));
    s->target = target;
    if (!parser_accept(p, T_EQUAL)) return &s->head;
    s->value = parse_star_expressions(p);
    return s->value ? &s->head : NULL;
}

/* The last item of a bare tuple, else x itself. */
static const Expr *last_item(const Expr *x) {
    const SequenceExpr *s = (const SequenceExpr *)x;
    return x->kind == E_TUPLE && !x->in_parens ? s->items[s->n - 1] : x;
}

/* For the first target of a statement; the cursor is at its `=`. */
static bool check_first_target(Parser *p, Expr *x) {
    Attempt a;
    attempt_begin(p, &a);
    bool valid = check_target(p, x, TARGET_ASSIGN);
    attempt_end(p, &a, false);
    if (valid) return true;
    if (fail_equal_sign(p, last_item(x))) return false;
    return check_target(p, x, TARGET_ASSIGN);
}

static Stmt *parse_assign(Parser *p, const Token *t, Expr *first) {
    AssignStmt *s = stmt_new(p, S_ASSIGN, sizeof *s, t);
    size_t mark = p->scratch_n;
    if (!s || !check_first_target(p, first)) return NULL;
    Expr *x = first;
    while (parser_kind(p) == T_EQUAL) {
        if (x != first && !check_target(p, x, TARGET_ASSIGN)) return NULL;
        if (!scratch_push(p, &x, sizeof x)) return NULL;
        p->at++;
        if (!(x = parse_star_expressions(p))) return NULL;
    }
    s->value = x;
    s->targets = scratch_take(p, mark, sizeof(Expr *), &s->n);
    return s->targets ? &s->head : NULL;
}

static Stmt *parse_expression_statement(Parser *p) {
    const Token *t = parser_token(p);
    Expr *x = parse_star_expressions(p);
    if (!x) return NULL;
    uint8_t op;
    if (parser_kind(p) == T_EQUAL) return parse_assign(p, t, x);
    if (augmented_op(parser_kind(p), &op)) return parse_augmented(p, t, x, op);
    if (parser_kind(p) == T_COLON) return parse_annotated(p, t, x);
    if (parser_kind(p) == T_WALRUS && x->in_parens)
        return parser_fail_at(p, x->line, x->col,
                              "cannot use assignment expressions with %s",
                              expr_error_name(x));
    ExprStmt *s = stmt_new(p, S_EXPR, sizeof *s, t);
    if (!s) return NULL;
    s->value = x;
    return &s->head;
}

/* ---- statements that begin with a word ---- */

static bool at_statement_end(const Parser *p) {
    TokenKind kind = parser_kind(p);
    return kind == T_NEWLINE || kind == T_SEMICOLON || kind == T_END;
}

static Stmt *parse_word(Parser *p, StmtKind kind) {
    Stmt *s = stmt_new(p, kind, sizeof *s, parser_token(p));
    p->at++;
    return s;
}

static Stmt *parse_return(Parser *p) {
    ReturnStmt *s = stmt_new(p, S_RETURN, sizeof *s, parser_token(p));
    p->at++;
    if (!s || at_statement_end(p)) return s ? &s->head : NULL;
    s->value = parse_star_expressions(p);
    return s->value ? &s->head : NULL;
}

static Stmt *parse_raise(Parser *p) {
    RaiseStmt *s = stmt_new(p, S_RAISE, sizeof *s, parser_token(p));
    p->at++;
    if (!s || at_statement_end(p)) return s ? &s->head : NULL;
    s->exception = parse_expr(p);
    if (!s->exception) return NULL;
    if (!parser_accept(p, T_FROM)) return &s->head;
    s->cause = parse_expr(p);
    return s->cause ? &s->head : NULL;
}

static Stmt *parse_assert(Parser *p) {
    AssertStmt *s = stmt_new(p, S_ASSERT, sizeof *s, parser_token(p));
    p->at++;
    if (!s || !(s->test = parse_expr(p))) return NULL;
    if (!parser_accept(p, T_COMMA)) return &s->head;
    s->message = parse_expr(p);
    return s->message ? &s->head : NULL;
}

/* del a, (b, c), d[0] */
static Stmt *parse_del(Parser *p) {
    DeleteStmt *s = stmt_new(p, S_DELETE, sizeof *s, parser_token(p));
    p->at++;
    if (!s) return NULL;
    Expr *x = parse_star_expressions(p);
    if (!x) return NULL;
    if (!at_statement_end(p)) return parser_fail(p);
    if (!check_target(p, x, TARGET_DELETE)) return NULL;
    SequenceExpr *many = (SequenceExpr *)x;
    if (x->kind == E_TUPLE && !x->in_parens) {
        s->n = many->n;
        s->targets = many->items;
        return &s->head;
    }
    s->n = 1;
    s->targets = arena_copy(p->arena, &x, 1, sizeof x);
    return s->targets ? &s->head : NULL;
}

static Stmt *parse_scope(Parser *p, StmtKind kind) {
    ScopeStmt *s = stmt_new(p, kind, sizeof *s, parser_token(p));
    size_t mark = p->scratch_n;
    p->at++;
    if (!s) return NULL;
    do {
        const Token *t = parser_token(p);
        if (!parser_expect(p, T_NAME)) return NULL;
        Str *name = parser_intern(p, t);
        if (!name || !scratch_push(p, &name, sizeof name)) return NULL;
    } while (parser_accept(p, T_COMMA));
    s->names = scratch_take(p, mark, sizeof(Str *), &s->n);
    return s->names ? &s->head : NULL;
}

/* ---- imports ---- */

/* a.b.c as one name. */
static Str *parse_dotted(Parser *p, const Token **first) {
    *first = parser_token(p);
    Buf b;
    buf_init(&b, &p->c->mem);
    bool ok;
    do {
        const Token *t = parser_token(p);
        ok = parser_expect(p, T_NAME);
        if (ok) buf_add(&b, t->text, t->len);
        if (ok && parser_kind(p) == T_DOT) buf_putc(&b, '.');
    } while (ok && parser_accept(p, T_DOT));
    if (b.failed) error_raise(p->c, MemoryError, "%s", "");
    Str *name =
        ok && !b.failed ? symbols_intern(p->names.symbols, buf_text(&b), b.len) : NULL;
    buf_free(&b);
    return name;
}

static NameExpr *parse_as(Parser *p) {
    const Token *t = parser_token(p);
    return parser_expect(p, T_NAME) ? name_new(p, t) : NULL;
}

static bool parse_import_item(Parser *p, ImportItem *item) {
    const Token *first;
    *item = (ImportItem){.module = parse_dotted(p, &first)};
    if (!item->module) return false;
    item->has_as = parser_accept(p, T_AS);
    item->target = item->has_as ? parse_as(p) : name_new(p, first);
    return item->target;
}

static Stmt *parse_import(Parser *p) {
    ImportStmt *s = stmt_new(p, S_IMPORT, sizeof *s, parser_token(p));
    size_t mark = p->scratch_n;
    p->at++;
    if (!s) return NULL;
    do {
        ImportItem item;
        if (!parse_import_item(p, &item) || !scratch_push(p, &item, sizeof item))
            return NULL;
    } while (parser_accept(p, T_COMMA));
    s->items = scratch_take(p, mark, sizeof(ImportItem), &s->n);
    return s->items ? &s->head : NULL;
}

static bool push_from_item(Parser *p) {
    const Token *t = parser_token(p);
    ImportFromItem item = {.line = t->line, .col = t->col};
    if (!parser_expect(p, T_NAME) || !(item.name = parser_intern(p, t))) return false;
    item.target = parser_accept(p, T_AS) ? parse_as(p) : name_new(p, t);
    return item.target && scratch_push(p, &item, sizeof item);
}

static bool parse_from_items(Parser *p) {
    bool parens = parser_accept(p, T_LPAREN);
    for (;;) {
        if (!push_from_item(p)) return false;
        bool comma = parser_accept(p, T_COMMA);
        if (parens && parser_kind(p) == T_RPAREN) break;
        if (!parens && comma && at_statement_end(p)) {
            parser_fail_token(
                p, parser_token(p),
                "trailing comma not allowed without surrounding parentheses");
            return false;
        }
        if (!comma) break;
    }
    return !parens || parser_expect(p, T_RPAREN);
}

static Stmt *parse_import_from(Parser *p) {
    ImportFromStmt *s = stmt_new(p, S_IMPORT_FROM, sizeof *s, parser_token(p));
    size_t mark = p->scratch_n;
    const Token *first;
    p->at++;
    if (!s) return NULL;
    if (parser_kind(p) == T_DOT || parser_kind(p) == T_ELLIPSIS)
        return parser_refuse(p, parser_token(p), "an import relative to a package");
    if (!(s->module = parse_dotted(p, &first))) return NULL;
    if (!parser_expect(p, T_IMPORT)) return NULL;
    if (parser_accept(p, T_STAR)) return &s->head;
    if (!parse_from_items(p)) return NULL;
    s->items = scratch_take(p, mark, sizeof(ImportFromItem), &s->n);
    return s->items ? &s->head : NULL;
}

static Stmt *parse_simple(Parser *p) {
    const Token *t = parser_token(p);
    switch (t->kind) {
    case T_PASS: return parse_word(p, S_PASS);
    case T_BREAK: return parse_word(p, S_BREAK);
    case T_CONTINUE: return parse_word(p, S_CONTINUE);
    case T_RETURN: return parse_return(p);
    case T_RAISE: return parse_raise(p);
    case T_ASSERT: return parse_assert(p);
    case T_DEL: return parse_del(p);
    case T_GLOBAL: return parse_scope(p, S_GLOBAL);
    case T_NONLOCAL: return parse_scope(p, S_NONLOCAL);
    case T_IMPORT: return parse_import(p);
    case T_FROM: return parse_import_from(p);
    default: return parse_expression_statement(p);
    }
}

bool parse_simple_line(Parser *p) {
    for (;;) {
        p->first = p->at;
        Stmt *s = parse_simple(p);
        if (!s || !scratch_push(p, &s, sizeof s)) return false;
        const Token *t = parser_token(p);
        if (p->in_cell && t->kind == T_SEMICOLON) {
            parse_hint(p->e, "write the next statement as an operation of its own");
            parser_fail_token(p, t, "an operation is one statement");
            return false;
        }
        if (!parser_accept(p, T_SEMICOLON)) break;
        if (parser_kind(p) == T_NEWLINE) break;
    }
    return parser_expect(p, T_NEWLINE);
}
