/* Atoms, displays, comprehensions; and what follows an atom: attribute, call,
 * subscript. */
#include "runner/language/parser.h"

#include <string.h>

/* ---- comprehensions ---- */

static bool parse_conditions(Parser *p, CompClause *clause) {
    size_t mark = p->scratch_n;
    while (parser_accept(p, T_IF)) {
        Expr *x = parse_disjunction(p);
        if (!x || !scratch_push(p, &x, sizeof x)) return false;
    }
    clause->conditions = scratch_take(p, mark, sizeof(Expr *), &clause->n_conditions);
    return clause->conditions;
}

static bool parse_clause(Parser *p, CompClause *clause) {
    if (parser_kind(p) == T_ASYNC) {
        parser_refuse(p, parser_token(p), "async");
        return false;
    }
    p->at++;
    clause->target = parse_for_target(p);
    if (!clause->target) return false;
    clause->iter = parse_disjunction(p);
    return clause->iter && parse_conditions(p, clause);
}

static void *check_element(Parser *p, Expr *element) {
    if (element->kind == E_STARRED)
        return parser_fail_expr(p, element,
                                "iterable unpacking cannot be used in comprehension");
    return element;
}

static Expr *parse_comprehension(Parser *p, ExprKind kind, const Token *open,
                                 Expr *element, Expr *value) {
    CompExpr *x = expr_new(p, kind, sizeof *x, open);
    if (!x || !check_element(p, element)) return NULL;
    x->element = element;
    x->value = value;
    size_t mark = p->scratch_n;
    while (parser_kind(p) == T_FOR || parser_kind(p) == T_ASYNC) {
        CompClause clause = {0};
        if (!parse_clause(p, &clause) || !scratch_push(p, &clause, sizeof clause))
            return NULL;
    }
    x->clauses = scratch_take(p, mark, sizeof(CompClause), &x->n_clauses);
    return x->clauses ? &x->head : NULL;
}

/* ---- displays ---- */

static bool starts_clause(const Parser *p) {
    return parser_kind(p) == T_FOR || parser_kind(p) == T_ASYNC;
}

static Expr *parse_star_named(Parser *p) {
    return parser_kind(p) == T_STAR ? parse_star_expression(p) : parse_named(p);
}

/* Items up to `close`, the first being there already or NULL. */
static Expr *parse_sequence(Parser *p, ExprKind kind, const Token *open, Expr *first,
                            TokenKind close) {
    SequenceExpr *x = expr_new(p, kind, sizeof *x, open);
    size_t mark = p->scratch_n;
    if (!x) return NULL;
    for (Expr *item = first; item;) {
        if (!scratch_push(p, &item, sizeof item)) return NULL;
        x->has_star |= item->kind == E_STARRED;
        if (!parser_accept(p, T_COMMA)) break;
        if (parser_kind(p) == close || starts_clause(p)) break;
        item = parse_star_named(p);
        if (!item) return NULL;
    }
    x->items = scratch_take(p, mark, sizeof(Expr *), &x->n);
    return x->items ? &x->head : NULL;
}

/* `[a, b for ...]`: the message that Python gives when clauses follow a tuple. */
static Expr *check_no_clause(Parser *p, const Expr *first, Expr *sequence) {
    if (!sequence || !starts_clause(p)) return sequence;
    return parser_fail_expr(
        p, first, "did you forget parentheses around the comprehension target?");
}

/* `(*a)` alone. */
static void *fail_lone_star(Parser *p, const Expr *x) {
    return parser_fail_expr(p, x, "cannot use starred expression here");
}

Expr *parse_group(Parser *p, const Token *open, TokenKind close) {
    if (parser_kind(p) == close) return parse_sequence(p, E_TUPLE, open, NULL, close);
    if (parser_kind(p) == T_POW && starts_expr(parser_next_kind(p)))
        return parser_fail_token(p, parser_token(p),
                                 "cannot use double starred expression here");
    Expr *first = parse_star_named(p);
    if (!first) return NULL;
    if (starts_clause(p)) return parse_comprehension(p, E_GENERATOR, open, first, NULL);
    if (parser_kind(p) == T_COMMA)
        return parse_sequence(p, E_TUPLE, open, first, close);
    if (first->kind == E_STARRED && parser_kind(p) == close)
        return fail_lone_star(p, first);
    return first;
}

static Expr *parse_paren(Parser *p) {
    const Token *open = parser_token(p);
    p->at++;
    Expr *x = parse_group(p, open, T_RPAREN);
    if (!x || !parser_expect(p, T_RPAREN)) return NULL;
    x->in_parens = true;
    return x;
}

static Expr *parse_list(Parser *p) {
    const Token *open = parser_token(p);
    p->at++;
    Expr *first = NULL, *x;
    if (parser_kind(p) != T_RBRACKET && !(first = parse_star_named(p))) return NULL;
    if (first && starts_clause(p))
        x = parse_comprehension(p, E_LIST_COMP, open, first, NULL);
    else
        x = check_no_clause(p, first,
                            parse_sequence(p, E_LIST, open, first, T_RBRACKET));
    return x && parser_expect(p, T_RBRACKET) ? x : NULL;
}

/* The value behind the key of a dict display. */
static Expr *parse_dict_value(Parser *p) {
    const Token *colon = parser_token(p);
    if (!parser_expect(p, T_COLON)) return NULL;
    if (parser_kind(p) == T_RBRACE || parser_kind(p) == T_COMMA)
        return parser_fail_token(p, colon,
                                 "expression expected after dictionary key and ':'");
    if (parser_kind(p) == T_STAR)
        return parser_fail_token(
            p, parser_token(p),
            "cannot use a starred expression in a dictionary value");
    return parse_expr(p);
}

/* Points at the last character of the token before the cursor. */
static bool fail_behind_key(Parser *p) {
    const Token *last = parser_token(p) - 1;
    uint32_t width = (uint32_t)utf8_count(last->text, last->len);
    parser_fail_at(p, last->line, last->col + width - 1,
                   "':' expected after dictionary key");
    return false;
}

static bool parse_dict_item(Parser *p, DictItem *item) {
    if (parser_accept(p, T_POW)) {
        item->key = NULL;
        return (item->value = parse_bitwise_or(p));
    }
    item->key = parse_expr(p);
    if (!item->key) return false;
    if (parser_kind(p) != T_COLON && parser_kind(p) != T_UNCLOSED)
        return fail_behind_key(p);
    return (item->value = parse_dict_value(p));
}

/* The rest of a dict display whose first item is there. */
static Expr *parse_dict_tail(Parser *p, const Token *open, DictItem item) {
    DictExpr *x = expr_new(p, E_DICT, sizeof *x, open);
    size_t mark = p->scratch_n;
    if (!x || !scratch_push(p, &item, sizeof item)) return NULL;
    while (parser_accept(p, T_COMMA) && parser_kind(p) != T_RBRACE) {
        if (!parse_dict_item(p, &item) || !scratch_push(p, &item, sizeof item))
            return NULL;
    }
    if (starts_clause(p) && !item.key)
        return parser_fail_token(p, open + 1,
                                 "dict unpacking cannot be used in dict comprehension");
    x->items = scratch_take(p, mark, sizeof(DictItem), &x->n);
    return x->items ? &x->head : NULL;
}

static Expr *parse_dict(Parser *p, const Token *open, Expr *key) {
    DictItem item = {.key = key};
    if (key)
        item.value = parse_dict_value(p);
    else if (!parse_dict_item(p, &item))
        return NULL;
    if (!item.value) return NULL;
    if (starts_clause(p) && item.key)
        return parse_comprehension(p, E_DICT_COMP, open, item.key, item.value);
    return parse_dict_tail(p, open, item);
}

static Expr *parse_set(Parser *p, const Token *open, Expr *first) {
    if (starts_clause(p)) return parse_comprehension(p, E_SET_COMP, open, first, NULL);
    return check_no_clause(p, first, parse_sequence(p, E_SET, open, first, T_RBRACE));
}

static Expr *parse_brace(Parser *p) {
    const Token *open = parser_token(p);
    p->at++;
    Expr *x = NULL, *first = NULL;
    if (parser_kind(p) == T_RBRACE)
        x = expr_new(p, E_DICT, sizeof(DictExpr), open);
    else if (parser_kind(p) == T_POW)
        x = parse_dict(p, open, NULL);
    else if ((first = parse_star_named(p)))
        x = parser_kind(p) == T_COLON && first->kind != E_STARRED &&
                    first->kind != E_NAMED
                ? parse_dict(p, open, first)
                : parse_set(p, open, first);
    return x && parser_expect(p, T_RBRACE) ? x : NULL;
}

/* ---- atoms ---- */

static Expr *make_constant(Parser *p, Value value) {
    ConstantExpr *x = expr_new(p, E_CONSTANT, sizeof *x, parser_token(p));
    if (!x) return NULL;
    p->at++;
    x->value = value;
    return &x->head;
}

static Expr *parse_name(Parser *p) {
    NameExpr *x = name_new(p, parser_token(p));
    p->at++;
    return x ? &x->head : NULL;
}

Expr *parse_atom(Parser *p) {
    const Token *t = parser_token(p);
    switch (t->kind) {
    case T_NAME: return parse_name(p);
    case T_NUMBER: return parse_number(p);
    case T_STRING: return parse_strings(p);
    case T_LPAREN: return parse_paren(p);
    case T_LBRACKET: return parse_list(p);
    case T_LBRACE: return parse_brace(p);
    case T_NONE: return make_constant(p, value_none());
    case T_TRUE: return make_constant(p, value_bool(true));
    case T_FALSE: return make_constant(p, value_bool(false));
    case T_ELLIPSIS: return make_constant(p, (Value){.tag = VAL_ELLIPSIS});
    case T_YIELD: return parser_refuse(p, t, "yield");
    case T_AWAIT: return parser_refuse(p, t, "await");
    default: return parser_fail(p);
    }
}

/* ---- arguments ---- */

static bool parse_keyword_value(Parser *p, KeywordArg *arg, const Token *name) {
    arg->value = parse_expr(p);
    if (!arg->value) return false;
    if (!starts_clause(p)) return true;
    parser_fail_token(p, name,
                      "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    return false;
}

/* name=value or **value; `*is` tells whether the argument at the cursor is one. */
static bool parse_keyword(Parser *p, KeywordArg *arg, bool *is) {
    const Token *t = parser_token(p);
    *is = true;
    arg->line = t->line;
    arg->col = t->col;
    if (parser_accept(p, T_POW)) return (arg->value = parse_expr(p));
    *is = parser_next_kind(p) == T_EQUAL;
    if (!*is) return true;
    if (t->kind == T_TRUE || t->kind == T_FALSE || t->kind == T_NONE) {
        parser_fail_at(p, t->line, t->col, "cannot assign to %.*s", (int)t->len,
                       t->text);
        return false;
    }
    *is = t->kind == T_NAME;
    if (!*is) return true;
    p->at += 2;
    arg->name = parser_intern(p, t);
    return arg->name && parse_keyword_value(p, arg, t);
}

/* An argument list under way. */
typedef struct ArgList {
    Parser *p;
    const Token *open;
    Arguments *out;
    Buf named;             /* KeywordArgs; positional ones are on the scratch stack */
    const char *misplaced; /* what to say of a positional one behind a keyword */
} ArgList;

static Expr *parse_plain_argument(Parser *p) {
    if (parser_kind(p) == T_STAR) return parse_star_expression(p);
    Expr *x = parse_expr(p);
    return x && parser_kind(p) == T_WALRUS ? make_named(p, x) : x;
}

/* A positional argument; a generator may stand bare when it is the only one. */
static Expr *parse_positional(ArgList *l, bool first) {
    Parser *p = l->p;
    Expr *x = parse_plain_argument(p);
    if (!x) return NULL;
    if (parser_kind(p) == T_EQUAL && x->kind != E_STARRED)
        return parser_fail_expr(p, x,
                                "expression cannot contain assignment, perhaps you "
                                "meant \"==\"?");
    if (!starts_clause(p)) return x;
    Expr *comp = parse_comprehension(p, E_GENERATOR, l->open, x, NULL);
    if (comp && (!first || parser_kind(p) == T_COMMA))
        return parser_fail_expr(p, x, "Generator expression must be parenthesized");
    return comp;
}

/* Python says this also of a star with nothing to unpack. */
static bool check_star(ArgList *l) {
    Parser *p = l->p;
    const Token *t = parser_token(p);
    bool empty = t != l->open + 1 && !starts_expr(parser_next_kind(p));
    if (t->kind != T_STAR || (!l->out->has_star_star && !empty)) return true;
    parser_fail_token(p, l->open + 1,
                      "iterable argument unpacking follows keyword argument unpacking");
    return false;
}

static void check_order(ArgList *l, const Expr *x) {
    if (x->kind == E_STARRED || !l->named.len || l->misplaced) return;
    l->misplaced = l->out->has_star_star
                       ? "positional argument follows keyword argument unpacking"
                       : "positional argument follows keyword argument";
}

static bool parse_argument(ArgList *l) {
    Parser *p = l->p;
    KeywordArg arg = {0};
    bool is_keyword;
    const Token *t = parser_token(p);
    if (!parse_keyword(p, &arg, &is_keyword)) return false;
    if (is_keyword) {
        l->out->has_star_star |= !arg.name;
        buf_add(&l->named, (const char *)&arg, sizeof arg);
        return true;
    }
    if (!check_star(l)) return false;
    Expr *x = parse_positional(l, t == l->open + 1);
    if (!x || !scratch_push(p, &x, sizeof x)) return false;
    l->out->has_star |= x->kind == E_STARRED;
    check_order(l, x);
    return true;
}

static bool parse_argument_list(ArgList *l) {
    Parser *p = l->p;
    while (parser_kind(p) != T_RPAREN) {
        if (!parse_argument(l)) return false;
        if (!parser_accept(p, T_COMMA)) break;
    }
    if (parser_kind(p) == T_RPAREN && l->misplaced) {
        parser_fail_token(p, parser_token(p), l->misplaced);
        return false;
    }
    return parser_expect(p, T_RPAREN);
}

static bool finish_arguments(ArgList *l, size_t mark) {
    Arguments *out = l->out;
    if (l->named.failed) return error_raise(l->p->c, MemoryError, "%s", "");
    out->items = scratch_take(l->p, mark, sizeof(Expr *), &out->n);
    out->n_named = (uint32_t)(l->named.len / sizeof(KeywordArg));
    out->named =
        arena_copy(l->p->arena, l->named.data, out->n_named, sizeof(KeywordArg));
    return out->items && out->named;
}

bool parse_arguments(Parser *p, Arguments *out) {
    size_t mark = p->scratch_n;
    ArgList l = {.p = p, .open = parser_token(p) - 1, .out = out};
    buf_init(&l.named, &p->c->mem);
    bool ok = parse_argument_list(&l) && finish_arguments(&l, mark);
    buf_free(&l.named);
    return ok;
}

/* ---- trailers ---- */

static Expr *parse_attribute(Parser *p, const Token *start, Expr *object) {
    AttributeExpr *x = expr_new(p, E_ATTRIBUTE, sizeof *x, start);
    if (!x) return NULL;
    p->at++;
    const Token *t = parser_token(p);
    x->object = object;
    x->name_line = t->line;
    x->name_col = t->col;
    if (!parser_expect(p, T_NAME)) return NULL;
    x->name = parser_intern(p, t);
    return x->name ? &x->head : NULL;
}

static Expr *parse_call(Parser *p, const Token *start, Expr *callee) {
    CallExpr *x = expr_new(p, E_CALL, sizeof *x, start);
    if (!x) return NULL;
    p->at++;
    x->callee = callee;
    return parse_arguments(p, &x->args) ? &x->head : NULL;
}

/* A bound of a slice, NULL in *out when there is none. */
static bool parse_bound(Parser *p, Expr **out) {
    if (!starts_expr(parser_kind(p))) return true;
    return (*out = parse_expr(p));
}

static Expr *parse_slice_tail(Parser *p, const Token *t, Expr *lower) {
    SliceExpr *x = expr_new(p, E_SLICE, sizeof *x, t);
    if (!x) return NULL;
    x->lower = lower;
    p->at++;
    if (!parse_bound(p, &x->upper)) return NULL;
    if (parser_accept(p, T_COLON) && !parse_bound(p, &x->step)) return NULL;
    return &x->head;
}

static Expr *parse_slice(Parser *p) {
    const Token *t = parser_token(p);
    if (t->kind == T_COLON) return parse_slice_tail(p, t, NULL);
    Expr *x = parse_star_named(p);
    if (!x || parser_kind(p) != T_COLON || x->kind == E_STARRED) return x;
    return parse_slice_tail(p, t, x);
}

static Expr *parse_index(Parser *p) {
    const Token *t = parser_token(p);
    Expr *first = parse_slice(p);
    if (!first) return NULL;
    if (parser_kind(p) != T_COMMA && first->kind != E_STARRED) return first;
    SequenceExpr *x = expr_new(p, E_TUPLE, sizeof *x, t);
    size_t mark = p->scratch_n;
    if (!x || !scratch_push(p, &first, sizeof first)) return NULL;
    x->has_star = first->kind == E_STARRED;
    while (parser_accept(p, T_COMMA) && parser_kind(p) != T_RBRACKET) {
        Expr *item = parse_slice(p);
        if (!item || !scratch_push(p, &item, sizeof item)) return NULL;
        x->has_star |= item->kind == E_STARRED;
    }
    x->items = scratch_take(p, mark, sizeof(Expr *), &x->n);
    return x->items ? &x->head : NULL;
}

static Expr *parse_subscript(Parser *p, const Token *start, Expr *object) {
    SubscriptExpr *x = expr_new(p, E_SUBSCRIPT, sizeof *x, start);
    if (!x) return NULL;
    p->at++;
    x->object = object;
    x->index = parse_index(p);
    return x->index && parser_expect(p, T_RBRACKET) ? &x->head : NULL;
}

Expr *parse_primary(Parser *p) {
    const Token *start = parser_token(p);
    Expr *x = parse_atom(p);
    for (uint32_t n = 0; x; n++) {
        TokenKind kind = parser_kind(p);
        if (kind != T_DOT && kind != T_LPAREN && kind != T_LBRACKET) break;
        if (n >= PARSER_MAX_TRAILERS)
            return parser_fail_token(p, parser_token(p), "the expression is too long");
        x = kind == T_DOT      ? parse_attribute(p, start, x)
            : kind == T_LPAREN ? parse_call(p, start, x)
                               : parse_subscript(p, start, x);
    }
    return x;
}
