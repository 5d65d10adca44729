/* Parameters of def and lambda. */
#include "runner/language/parser.h"

#include <string.h>

typedef enum ParamKind { PARAM_POS, PARAM_KWONLY, PARAM_ARGS, PARAM_KWARGS } ParamKind;

typedef struct ParamItem {
    Str *name;
    Expr *value; /* default, or NULL */
    ParamKind kind;
} ParamItem;

typedef struct ParamList {
    Parser *p;
    TokenKind close;
    size_t mark; /* of the Params on the scratch stack */
    uint32_t n_posonly;
    bool slash, star, kwargs, defaults;
} ParamList;

static bool is_lambda(const ParamList *l) {
    return l->close == T_COLON;
}

static bool fail(const ParamList *l, const Token *t, const char *message) {
    return parser_fail_token(l->p, t, message);
}

static void check_duplicate(const ParamList *l, const Token *t, const Str *name) {
    const ParamItem *items = (const ParamItem *)(const void *)(l->p->scratch + l->mark);
    size_t n = (l->p->scratch_n - l->mark) / sizeof *items;
    for (size_t i = 0; i < n; i++)
        if (items[i].name == name)
            parse_error(&l->p->deferred, t->line, t->col,
                        "duplicate argument '%s' in function definition", name->data);
}

static bool skip_annotation(ParamList *l) {
    if (l->close != T_RPAREN || !parser_accept(l->p, T_COLON)) return true;
    return parse_star_expression(l->p);
}

/* NAME [: annotation], added to the list. */
static bool push_param(ParamList *l, ParamKind kind) {
    Parser *p = l->p;
    const Token *t = parser_token(p);
    if (!parser_expect(p, T_NAME)) return false;
    ParamItem item = {.name = parser_intern(p, t), .kind = kind};
    if (!item.name) return false;
    check_duplicate(l, t, item.name);
    return skip_annotation(l) && scratch_push(p, &item, sizeof item);
}

static ParamItem *last_param(const ParamList *l) {
    return (ParamItem *)(void *)(l->p->scratch + l->p->scratch_n - sizeof(ParamItem));
}

static bool parse_default(ParamList *l) {
    Parser *p = l->p;
    const Token *equal = parser_token(p);
    p->at++;
    bool nothing = parser_kind(p) == T_COMMA || parser_kind(p) == l->close;
    if (nothing && !is_lambda(l))
        return fail(l, equal, "expected default value expression");
    Expr *value = parse_expr(p);
    if (value) last_param(l)->value = value;
    return value;
}

static bool parse_plain(ParamList *l) {
    Parser *p = l->p;
    const Token *t = parser_token(p);
    if (!push_param(l, l->star ? PARAM_KWONLY : PARAM_POS)) return false;
    if (parser_kind(p) == T_EQUAL) {
        l->defaults |= !l->star;
        return parse_default(l);
    }
    if (l->defaults && !l->star)
        return fail(l, t, "non-default argument follows default argument");
    return true;
}

static bool parse_slash(ParamList *l) {
    Parser *p = l->p;
    const Token *t = parser_token(p);
    if (l->slash) return fail(l, t, "/ may appear only once");
    if (l->star) return fail(l, t, "/ must be ahead of *");
    if (p->scratch_n == l->mark && is_lambda(l)) return parser_fail(p);
    if (p->scratch_n == l->mark)
        return fail(l, t, "at least one argument must precede /");
    l->slash = true;
    l->n_posonly = (uint32_t)((p->scratch_n - l->mark) / sizeof(ParamItem));
    p->at++;
    return true;
}

/* A bare star needs a named parameter after it. */
static bool check_bare_star(ParamList *l, const Token *star) {
    const Token *t = star + 1;
    bool comma = t->kind == T_COMMA;
    if (comma) t++;
    if (t->kind == l->close || (comma && t->kind == T_POW))
        return fail(l, is_lambda(l) ? t : star, "named arguments must follow bare *");
    return true;
}

static bool parse_star(ParamList *l) {
    Parser *p = l->p;
    const Token *t = parser_token(p);
    TokenKind next = parser_next_kind(p);
    if (l->star && (next == T_NAME || next == T_COMMA))
        return fail(l, t, "* argument may appear only once");
    if (l->star) return parser_fail(p);
    l->star = true;
    p->at++;
    if (parser_kind(p) == T_COMMA || parser_kind(p) == l->close)
        return check_bare_star(l, t);
    if (!push_param(l, PARAM_ARGS)) return false;
    if (parser_kind(p) == T_EQUAL)
        return fail(l, parser_token(p),
                    "var-positional argument cannot have default value");
    return true;
}

static bool parse_kwargs(ParamList *l) {
    Parser *p = l->p;
    p->at++;
    l->kwargs = true;
    if (!push_param(l, PARAM_KWARGS)) return false;
    if (parser_kind(p) == T_EQUAL)
        return fail(l, parser_token(p),
                    "var-keyword argument cannot have default value");
    return true;
}

static bool parse_param(ParamList *l) {
    const Token *t = parser_token(l->p);
    if (l->kwargs && (t->kind == T_NAME || t->kind == T_STAR || t->kind == T_POW ||
                      t->kind == T_SLASH))
        return fail(l, t, "arguments cannot follow var-keyword argument");
    switch (t->kind) {
    case T_SLASH: return parse_slash(l);
    case T_STAR: return parse_star(l);
    case T_POW: return parse_kwargs(l);
    case T_LPAREN:
        return fail(l, t,
                    is_lambda(l)
                        ? "Lambda expression parameters cannot be parenthesized"
                        : "Function parameters cannot be parenthesized");
    default: return parse_plain(l);
    }
}

/* ---- from the list to Params ---- */

static void count_params(const ParamItem *items, size_t n, Params *out) {
    for (size_t i = 0; i < n; i++) {
        out->n_pos += items[i].kind == PARAM_POS;
        out->n_kwonly += items[i].kind == PARAM_KWONLY;
        out->has_args |= items[i].kind == PARAM_ARGS;
        out->has_kwargs |= items[i].kind == PARAM_KWARGS;
        out->n_defaults += items[i].kind == PARAM_POS && items[i].value;
    }
}

static void place_params(const ParamItem *items, size_t n, Params *out) {
    uint32_t pos = 0, kwonly = 0, with_default = 0;
    uint32_t named = out->n_pos + out->n_kwonly;
    for (size_t i = 0; i < n; i++) {
        const ParamItem *item = &items[i];
        switch (item->kind) {
        case PARAM_POS:
            out->names[pos++] = item->name;
            if (item->value) out->defaults[with_default++] = item->value;
            break;
        case PARAM_KWONLY:
            out->kw_defaults[kwonly] = item->value;
            out->names[out->n_pos + kwonly++] = item->name;
            break;
        case PARAM_ARGS: out->names[named] = item->name; break;
        case PARAM_KWARGS: out->names[named + out->has_args] = item->name; break;
        }
    }
}

static bool finish(ParamList *l, Params *out) {
    Parser *p = l->p;
    const ParamItem *items = (const ParamItem *)(const void *)(p->scratch + l->mark);
    size_t n = (p->scratch_n - l->mark) / sizeof *items;
    count_params(items, n, out);
    out->n_posonly = l->n_posonly;
    out->names = arena_alloc(p->arena, n * sizeof *out->names);
    out->defaults = arena_alloc(p->arena, out->n_defaults * sizeof(Expr *));
    out->kw_defaults = arena_alloc(p->arena, out->n_kwonly * sizeof(Expr *));
    if (!out->names || !out->defaults || !out->kw_defaults) return false;
    place_params(items, n, out);
    p->scratch_n = l->mark;
    return true;
}

bool parse_params(Parser *p, TokenKind close, Params *out) {
    ParamList l = {.p = p, .close = close, .mark = p->scratch_n};
    while (parser_kind(p) != close) {
        if (!parse_param(&l)) return false;
        if (!parser_accept(p, T_COMMA)) break;
    }
    if (parser_kind(p) != close) {
        parser_fail(p);
        return false;
    }
    return finish(&l, out);
}
