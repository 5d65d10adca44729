/* See parser.h. */
#include "runner/language/parser.h"

#include <stdio.h>
#include <string.h>

bool token_is(const Token *t, const char *text) {
    return t->len == strlen(text) && memcmp(t->text, text, t->len) == 0;
}

bool parser_expect(Parser *p, TokenKind kind) {
    if (parser_accept(p, kind)) return true;
    parser_fail(p);
    return false;
}

/* ---- errors ---- */

void *parser_fail_at(Parser *p, uint32_t line, uint32_t col, const char *fmt, ...) {
    char text[sizeof p->e->message];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    parse_error(p->e, line, col, "%s%s", p->fstring ? "f-string: " : "", text);
    return NULL;
}

void *parser_fail_token(Parser *p, const Token *t, const char *message) {
    return parser_fail_at(p, t->line, t->col, "%s", message);
}

void *parser_fail_expr(Parser *p, const Expr *x, const char *message) {
    return parser_fail_at(p, x->line, x->col, "%s", message);
}

void *parser_refuse(Parser *p, const Token *t, const char *what) {
    return parser_fail_at(p, t->line, t->col, "%s is left out of the notation", what);
}

bool parser_enter(Parser *p) {
    if (p->depth < PARSER_MAX_DEPTH) {
        p->depth++;
        return true;
    }
    parser_fail_token(p, parser_token(p), "too many nested parentheses");
    return false;
}

bool parser_note(Parser *p, const char *category, const Token *t, const char *what,
                 const char *detail) {
    if (p->trial) return true;
    return program_note(p->program, category, t->line, t->col, "%s%s", what, detail);
}

void attempt_begin(Parser *p, Attempt *a) {
    *a = (Attempt){.e = p->e,
                   .at = p->at,
                   .depth = p->depth,
                   .scratch = p->scratch_n,
                   .operand_from = p->operand_from,
                   .operand_to = p->operand_to};
    p->e = &a->unseen;
    p->trial++;
}

void attempt_end(Parser *p, Attempt *a, bool keep) {
    p->e = a->e;
    p->trial--;
    a->reached = p->at;
    if (keep) return;
    p->at = a->at;
    p->depth = a->depth;
    p->scratch_n = a->scratch;
    p->operand_from = a->operand_from;
    p->operand_to = a->operand_to;
}

/* The bracket that the text ends without closing, when it stands on an earlier line
 * than the mistake or the mistake is the end itself. */
static const Token *unclosed_before(const Token *t) {
    const Token *u = t;
    while (u->kind != T_END && u->kind != T_UNCLOSED) u++;
    bool found = u->kind == T_UNCLOSED && (u == t || u->line < t->line);
    return found ? u : NULL;
}

static bool is_legacy_word(const Token *t) {
    return t->kind == T_NAME && (token_is(t, "print") || token_is(t, "exec"));
}

static bool is_soft_keyword(const Token *t) {
    return t->kind == T_NAME &&
           (token_is(t, "_") || token_is(t, "match") || token_is(t, "case"));
}

void *parser_fail_unclosed(Parser *p, const Token *open) {
    return parser_fail_at(p, open->line, open->col, "'%c' was never closed",
                          open->text[0]);
}

/* Tries a rule at the cursor; *last is the last token it took. */
static bool try_rule(Parser *p, Expr *(*rule)(Parser *), const Token **last) {
    Attempt a;
    attempt_begin(p, &a);
    bool found = rule(p);
    attempt_end(p, &a, false);
    *last = &p->tokens[a.reached - 1];
    /* At the end of the text it has met the bracket that is open there. */
    if (p->tokens[a.reached].kind == T_UNCLOSED)
        parser_fail_unclosed(p, &p->tokens[a.reached]);
    return found && !p->e->message[0];
}

/* Whether an expression, or the beginning of one, stands at the cursor. */
static bool try_expression(Parser *p, Expr *(*rule)(Parser *), const Token **last) {
    if (try_rule(p, rule, last)) return true;
    return !p->e->message[0] && try_rule(p, parse_atom, last);
}

/* `print x`: the operand before the mistake is one word. */
static bool fail_legacy(Parser *p, const Token *word) {
    const Token *last;
    if (p->operand_to != p->operand_from + 1 || !is_legacy_word(word)) return false;
    if (!try_expression(p, parse_star_expressions, &last)) return false;
    parser_fail_at(p, word->line, word->col,
                   "Missing parentheses in call to '%.*s'. Did you mean %.*s(...)?",
                   (int)word->len, word->text, (int)word->len, word->text);
    return true;
}

/* Two expressions side by side within brackets. */
static bool fail_comma(Parser *p, const Token *from) {
    const Token *last;
    if (is_soft_keyword(from)) return false;
    if (from->kind == T_NAME && from[1].kind == T_STRING) return false;
    if (!try_expression(p, parse_expr, &last) || last->level == 0) return false;
    parser_fail_token(p, from, "invalid syntax. Perhaps you forgot a comma?");
    return true;
}

/* What the words of a left-out statement would have been. */
static bool fail_left_out(Parser *p) {
    const Token *first = &p->tokens[p->first];
    if (first->kind != T_NAME || !token_is(first, "match")) return false;
    const Token *t = first;
    while (t->kind != T_NEWLINE && t->kind != T_END) t++;
    if (t[-1].kind != T_COLON) return false;
    parser_refuse(p, first, "the match statement");
    return true;
}

void *parser_fail(Parser *p) {
    const Token *t = parser_token(p);
    if (p->e->message[0] || ctx_failed(p->c)) return NULL;
    if (p->trial) return parser_fail_token(p, t, "invalid syntax");
    const Token *open = unclosed_before(t);
    if (open) return parser_fail_unclosed(p, open);
    if (fail_left_out(p)) return NULL;
    if (p->operand_to == p->at && p->operand_to > p->operand_from) {
        const Token *from = &p->tokens[p->operand_from];
        if (fail_legacy(p, from) || fail_comma(p, from)) return NULL;
    }
    if (p->e->message[0] || ctx_failed(p->c)) return NULL;
    if (t->kind == T_INDENT) return parser_fail_token(p, t, "unexpected indent");
    if (t->kind == T_DEDENT) return parser_fail_token(p, t, "unexpected unindent");
    if (t->kind == T_NOT && p->operand_to == p->at) t++; /* `in` was to follow */
    return parser_fail_token(p, t, "invalid syntax");
}

/* ---- nodes ---- */

void *expr_new(Parser *p, ExprKind kind, size_t size, const Token *t) {
    Expr *x = arena_alloc(p->arena, size);
    if (!x) return NULL;
    x->kind = (uint8_t)kind;
    x->line = t->line;
    x->col = t->col;
    return x;
}

void *stmt_new(Parser *p, StmtKind kind, size_t size, const Token *t) {
    Stmt *s = arena_alloc(p->arena, size);
    if (!s) return NULL;
    s->kind = (uint8_t)kind;
    s->line = t->line;
    s->col = t->col;
    return s;
}

Str *parser_intern(Parser *p, const Token *t) {
    return symbols_intern(p->names.symbols, t->text, t->len);
}

NameExpr *name_new(Parser *p, const Token *t) {
    NameExpr *x = expr_new(p, E_NAME, sizeof *x, t);
    if (!x) return NULL;
    x->name = parser_intern(p, t);
    return x->name ? x : NULL;
}

bool scratch_push(Parser *p, const void *item, size_t size) {
    if (p->scratch_n + size > p->scratch_cap) {
        size_t cap = p->scratch_cap ? p->scratch_cap * 2 : 1024;
        char *scratch = ctx_resize(p->c, p->scratch, p->scratch_cap, cap);
        if (!scratch) return false;
        p->scratch = scratch;
        p->scratch_cap = cap;
    }
    memcpy(p->scratch + p->scratch_n, item, size);
    p->scratch_n += size;
    return true;
}

void *scratch_take(Parser *p, size_t mark, size_t size, uint32_t *n) {
    size_t count = (p->scratch_n - mark) / size;
    void *items =
        arena_copy(p->arena, p->scratch ? p->scratch + mark : NULL, count, size);
    p->scratch_n = mark;
    *n = (uint32_t)count;
    return items;
}
