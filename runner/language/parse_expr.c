/* Expressions above the atoms, one function a rule, loosest first:
 *
 *   star_expressions   a, *b, c            named        n := x
 *   expr               x if c else y, lambda
 *   disjunction        or                  conjunction  and
 *   inversion          not                 comparison   < == in is ...
 *   bitwise_or         | ^ & << >> + - * / // % @ by precedence
 *   factor             - + ~               power        **
 */
#include "runner/language/parser.h"

bool starts_expr(TokenKind kind) {
    switch (kind) {
    case T_NAME:
    case T_NUMBER:
    case T_STRING:
    case T_LPAREN:
    case T_LBRACKET:
    case T_LBRACE:
    case T_MINUS:
    case T_PLUS:
    case T_TILDE:
    case T_NOT:
    case T_LAMBDA:
    case T_ELLIPSIS:
    case T_NONE:
    case T_TRUE:
    case T_FALSE:
    case T_AWAIT:
    case T_YIELD: return true;
    default: return false;
    }
}

/* ---- arithmetic ---- */

typedef struct BinaryRule {
    uint8_t level; /* binds tighter when greater; 0: no binary operator */
    uint8_t op;
} BinaryRule;

enum { LEVEL_OR = 1, LEVEL_XOR, LEVEL_AND, LEVEL_SHIFT, LEVEL_SUM, LEVEL_TERM };

static BinaryRule binary_rule(TokenKind kind) {
    static const BinaryRule rules[TOKEN_KIND_COUNT] = {
        [T_PIPE] = {LEVEL_OR, BINARY_OR},
        [T_CARET] = {LEVEL_XOR, BINARY_XOR},
        [T_AMPER] = {LEVEL_AND, BINARY_AND},
        [T_LSHIFT] = {LEVEL_SHIFT, BINARY_LSHIFT},
        [T_RSHIFT] = {LEVEL_SHIFT, BINARY_RSHIFT},
        [T_PLUS] = {LEVEL_SUM, BINARY_ADD},
        [T_MINUS] = {LEVEL_SUM, BINARY_SUB},
        [T_STAR] = {LEVEL_TERM, BINARY_MUL},
        [T_SLASH] = {LEVEL_TERM, BINARY_DIV},
        [T_FLOORDIV] = {LEVEL_TERM, BINARY_FLOORDIV},
        [T_PERCENT] = {LEVEL_TERM, BINARY_MOD},
        [T_AT] = {LEVEL_TERM, BINARY_MATMUL},
    };
    return rules[kind];
}

static Expr *parse_factor(Parser *p);

static Expr *make_binary(Parser *p, const Token *t, Expr *first, size_t mark) {
    BinaryExpr *x = expr_new(p, E_BINARY, sizeof *x, t);
    if (!x) return NULL;
    x->first = first;
    x->links = scratch_take(p, mark, sizeof(BinaryLink), &x->n);
    return x->links ? &x->head : NULL;
}

static Expr *parse_power(Parser *p) {
    const Token *t = parser_token(p);
    Expr *base = parse_primary(p);
    if (!base || parser_kind(p) != T_POW) return base;
    BinaryLink link = {
        .op = BINARY_POW, .line = parser_token(p)->line, .col = parser_token(p)->col};
    p->at++;
    size_t mark = p->scratch_n;
    link.right = parse_factor(p);
    if (!link.right || !scratch_push(p, &link, sizeof link)) return NULL;
    return make_binary(p, t, base, mark);
}

static Expr *parse_unary(Parser *p, UnaryOp op, Expr *(*rule)(Parser *)) {
    const Token *t = parser_token(p);
    p->at++;
    if (!parser_enter(p)) return NULL;
    Expr *operand = rule(p);
    parser_leave(p);
    if (!operand) return NULL;
    UnaryExpr *x = expr_new(p, E_UNARY, sizeof *x, t);
    if (!x) return NULL;
    x->op = (uint8_t)op;
    x->operand = operand;
    return &x->head;
}

static Expr *parse_factor(Parser *p) {
    switch (parser_kind(p)) {
    case T_MINUS: return parse_unary(p, UNARY_NEG, parse_factor);
    case T_PLUS: return parse_unary(p, UNARY_POS, parse_factor);
    case T_TILDE: return parse_unary(p, UNARY_INVERT, parse_factor);
    default: break;
    }
    if (!parser_enter(p)) return NULL;
    Expr *x = parse_power(p);
    parser_leave(p);
    return x;
}

/* Operators of this level and tighter ones. All of them lie on one left spine, so
 * they become links of one node whatever their levels. */
static Expr *parse_binary(Parser *p, uint8_t level) {
    const Token *t = parser_token(p);
    Expr *first = parse_factor(p);
    size_t mark = p->scratch_n;
    while (first) {
        BinaryRule rule = binary_rule(parser_kind(p));
        if (rule.level < level) break;
        BinaryLink link = {
            .op = rule.op, .line = parser_token(p)->line, .col = parser_token(p)->col};
        p->at++;
        link.right = parse_binary(p, (uint8_t)(rule.level + 1));
        if (!link.right || !scratch_push(p, &link, sizeof link)) return NULL;
    }
    if (!first || p->scratch_n == mark) return first;
    return make_binary(p, t, first, mark);
}

Expr *parse_bitwise_or(Parser *p) {
    return parse_binary(p, LEVEL_OR);
}

/* ---- comparison and logic ---- */

/* Steps over a comparison operator; false when there is none. */
static bool accept_compare_op(Parser *p, uint8_t *op) {
    static const uint8_t simple[TOKEN_KIND_COUNT] = {
        [T_LESS] = COMPARE_LT + 1,        [T_LESS_EQUAL] = COMPARE_LE + 1,
        [T_GREATER] = COMPARE_GT + 1,     [T_GREATER_EQUAL] = COMPARE_GE + 1,
        [T_EQUAL_EQUAL] = COMPARE_EQ + 1, [T_NOT_EQUAL] = COMPARE_NE + 1,
        [T_IN] = COMPARE_IN + 1,          [T_IS] = COMPARE_IS + 1};
    TokenKind kind = parser_kind(p);
    if (kind == T_NOT && parser_next_kind(p) == T_IN) {
        p->at += 2;
        *op = COMPARE_NOT_IN;
        return true;
    }
    if (!simple[kind]) return false;
    p->at++;
    *op = (uint8_t)(simple[kind] - 1);
    if (kind == T_IS && parser_accept(p, T_NOT)) *op = COMPARE_IS_NOT;
    return true;
}

static Expr *parse_comparison(Parser *p) {
    const Token *start = parser_token(p);
    Expr *first = parse_bitwise_or(p);
    if (!first) return NULL;
    size_t mark = p->scratch_n;
    for (;;) {
        const Token *t = parser_token(p);
        CompareLink link = {.line = t->line, .col = t->col};
        if (!accept_compare_op(p, &link.op)) break;
        link.right = parse_bitwise_or(p);
        if (!link.right || !scratch_push(p, &link, sizeof link)) return NULL;
    }
    if (p->scratch_n == mark) return first;
    CompareExpr *x = expr_new(p, E_COMPARE, sizeof *x, start);
    if (!x) return NULL;
    x->first = first;
    x->links = scratch_take(p, mark, sizeof(CompareLink), &x->n);
    return x->links ? &x->head : NULL;
}

static Expr *parse_inversion(Parser *p) {
    if (parser_kind(p) == T_NOT) return parse_unary(p, UNARY_NOT, parse_inversion);
    return parse_comparison(p);
}

/* `rule` joined by `word`, as one node. */
static Expr *parse_logic(Parser *p, TokenKind word, Expr *(*rule)(Parser *)) {
    const Token *t = parser_token(p);
    Expr *first = rule(p);
    if (!first || parser_kind(p) != word) return first;
    size_t mark = p->scratch_n;
    if (!scratch_push(p, &first, sizeof first)) return NULL;
    while (parser_accept(p, word)) {
        Expr *next = rule(p);
        if (!next || !scratch_push(p, &next, sizeof next)) return NULL;
    }
    BoolExpr *x = expr_new(p, E_BOOL, sizeof *x, t);
    if (!x) return NULL;
    x->is_or = word == T_OR;
    x->items = scratch_take(p, mark, sizeof(Expr *), &x->n);
    return x->items ? &x->head : NULL;
}

static Expr *parse_conjunction(Parser *p) {
    return parse_logic(p, T_KW_AND, parse_inversion);
}

Expr *parse_disjunction(Parser *p) {
    return parse_logic(p, T_OR, parse_conjunction);
}

/* ---- expressions ---- */

static Expr *parse_lambda(Parser *p) {
    const Token *t = parser_token(p);
    LambdaExpr *x = expr_new(p, E_LAMBDA, sizeof *x, t);
    Code *code = arena_alloc(p->arena, sizeof *code);
    if (!x || !code) return NULL;
    p->at++;
    code->kind = SCOPE_LAMBDA;
    code->line = t->line;
    code->col = t->col;
    code->name = symbols_from(p->names.symbols, "<lambda>");
    if (!code->name || !parse_params(p, T_COLON, &code->params)) return NULL;
    if (!parser_expect(p, T_COLON)) return NULL;
    code->result = parse_expr(p);
    x->code = code;
    return code->result ? &x->head : NULL;
}

static Expr *parse_conditional(Parser *p, const Token *t, Expr *then) {
    ConditionalExpr *x = expr_new(p, E_CONDITIONAL, sizeof *x, t);
    if (!x) return NULL;
    p->at++;
    x->then = then;
    x->test = parse_disjunction(p);
    if (!x->test) return NULL;
    TokenKind kind = parser_kind(p);
    if (kind != T_ELSE && kind != T_COLON && kind != T_UNCLOSED)
        return parser_fail_token(p, t, "expected 'else' after 'if' expression");
    if (!parser_expect(p, T_ELSE)) return NULL;
    x->otherwise = parse_expr(p);
    return x->otherwise ? &x->head : NULL;
}

static Expr *parse_ternary(Parser *p) {
    uint32_t from = p->at;
    Expr *x = parse_disjunction(p);
    p->operand_from = from;
    p->operand_to = p->at;
    if (!x || parser_kind(p) != T_IF) return x;
    return parse_conditional(p, &p->tokens[from], x);
}

Expr *parse_expr(Parser *p) {
    if (!parser_enter(p)) return NULL;
    Expr *x = parser_kind(p) == T_LAMBDA ? parse_lambda(p) : parse_ternary(p);
    parser_leave(p);
    return x;
}

Expr *make_named(Parser *p, Expr *target) {
    if (target->kind != E_NAME || target->in_parens)
        return parser_fail_at(p, target->line, target->col,
                              "cannot use assignment expressions with %s",
                              expr_error_name(target));
    NamedExpr *x = expr_new(p, E_NAMED, sizeof *x, parser_token(p) - 1);
    if (!x) return NULL;
    p->at++;
    x->target = (NameExpr *)target;
    x->value = parse_expr(p);
    return x->value ? &x->head : NULL;
}

Expr *parse_named(Parser *p) {
    Expr *x = parse_expr(p);
    if (!x || parser_kind(p) == T_WALRUS) return x ? make_named(p, x) : NULL;
    if (parser_kind(p) == T_EQUAL && fail_equal_sign(p, x)) return NULL;
    return x;
}

static Expr *make_starred(Parser *p, const Token *star) {
    StarredExpr *x = expr_new(p, E_STARRED, sizeof *x, star);
    if (!x) return NULL;
    x->value = parse_bitwise_or(p);
    return x->value ? &x->head : NULL;
}

Expr *parse_star_expression(Parser *p) {
    const Token *t = parser_token(p);
    return parser_accept(p, T_STAR) ? make_starred(p, t) : parse_expr(p);
}

/* More items of a tuple that began with `first`, a comma being next. */
static Expr *parse_tuple_tail(Parser *p, const Token *t, Expr *first,
                              Expr *(*rule)(Parser *)) {
    SequenceExpr *x = expr_new(p, E_TUPLE, sizeof *x, t);
    size_t mark = p->scratch_n;
    if (!x || !scratch_push(p, &first, sizeof first)) return NULL;
    x->has_star = first->kind == E_STARRED;
    while (parser_accept(p, T_COMMA)) {
        TokenKind kind = parser_kind(p);
        if (!starts_expr(kind) && kind != T_STAR) break;
        Expr *next = rule(p);
        if (!next || !scratch_push(p, &next, sizeof next)) return NULL;
        x->has_star |= next->kind == E_STARRED;
    }
    x->items = scratch_take(p, mark, sizeof(Expr *), &x->n);
    return x->items ? &x->head : NULL;
}

Expr *parse_star_expressions(Parser *p) {
    const Token *t = parser_token(p);
    Expr *first = parse_star_expression(p);
    if (!first || parser_kind(p) != T_COMMA) return first;
    return parse_tuple_tail(p, t, first, parse_star_expression);
}

static Expr *parse_star_target(Parser *p) {
    const Token *t = parser_token(p);
    uint32_t from = p->at;
    Expr *x = parser_accept(p, T_STAR) ? make_starred(p, t) : parse_bitwise_or(p);
    p->operand_from = from;
    return x;
}

static Expr *parse_star_targets(Parser *p) {
    const Token *t = parser_token(p);
    Expr *first = parse_star_target(p);
    if (!first || parser_kind(p) != T_COMMA) return first;
    return parse_tuple_tail(p, t, first, parse_star_target);
}

Expr *parse_for_target(Parser *p) {
    Expr *x = parse_star_targets(p);
    p->operand_to = p->at;
    if (!x || !check_target(p, x, TARGET_FOR)) return NULL;
    return parser_expect(p, T_IN) ? x : NULL;
}
