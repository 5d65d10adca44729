/* See token.h; lexer.c does the cutting. */
#include "runner/language/token.h"

#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

bool parse_error(ParseError *e, uint32_t line, uint32_t col, const char *fmt, ...) {
    if (e->message[0]) return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    va_end(ap);
    e->line = line;
    e->col = col;
    return false;
}

void parse_hint(ParseError *e, const char *fmt, ...) {
    if (e->hint[0]) return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
}

/* ---- lists ---- */

void tokens_init(TokenList *l, Ctx *c) {
    *l = (TokenList){.ctx = c};
}

void tokens_free(TokenList *l) {
    ctx_free(l->ctx, l->items, l->cap * sizeof *l->items);
    *l = (TokenList){.ctx = l->ctx};
}

bool tokens_reserve(TokenList *l, uint32_t cap) {
    if (cap <= l->cap) return true;
    Token *items =
        ctx_resize(l->ctx, l->items, l->cap * sizeof *items, cap * sizeof *items);
    if (!items) return false;
    l->items = items;
    l->cap = cap;
    return true;
}

const char *token_kind_text(TokenKind kind) {
    static const char *const texts[] = {
        "end",
        "'('",
        "NEWLINE",
        "INDENT",
        "DEDENT",
        "BODY",
        "NAME",
        "NUMBER",
        "STRING",
        "UNKNOWN",
#define X(id, text) "'" text "'",
        TOKEN_OPERATORS(X) TOKEN_KEYWORDS(X)
#undef X
    };
    return texts[kind];
}

/* ---- places ---- */

/* The cursor is in span `index`. */
static void set_span(Cursor *p, uint32_t index) {
    const Text *t = p->text;
    p->span = index;
    p->next_span =
        index + 1 < t->n_spans ? t->bytes + t->spans[index + 1].offset : NULL;
}

void cursor_enter_spans(Cursor *p) {
    while (p->next_span && p->at >= p->next_span) {
        set_span(p, p->span + 1);
        p->line = p->text->spans[p->span].line;
        p->col = p->text->spans[p->span].col;
    }
}

Cursor cursor_start(const Text *text) {
    Cursor p = {.text = text,
                .at = text->bytes,
                .line = text->spans[0].line,
                .col = text->spans[0].col};
    set_span(&p, 0);
    return p;
}

Cursor cursor_at_token(const Text *text, const Token *t) {
    Cursor p = {.text = text, .at = t->text, .line = t->line, .col = t->col};
    set_span(&p, t->span);
    return p;
}

void cursor_move(Cursor *p, const char *to) {
    while (p->at < to) cursor_step(p);
}
