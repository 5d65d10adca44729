/* What may stand left of `=`, after `for` and after `del`; and an `=` where a
 * comparison was meant. */
#include "runner/language/parser.h"

static const char *constant_name(Value v) {
    switch (v.tag) {
    case VAL_NONE: return "None";
    case VAL_BOOL: return v.as.b ? "True" : "False";
    case VAL_ELLIPSIS: return "ellipsis";
    default: return "literal";
    }
}

const char *expr_error_name(const Expr *x) {
    static const char *const names[EXPR_KIND_COUNT] = {
        [E_BIGINT] = "literal",
        [E_IMAGINARY] = "literal",
        [E_FSTRING] = "f-string expression",
        [E_NAME] = "name",
        [E_TUPLE] = "tuple",
        [E_LIST] = "list",
        [E_SET] = "set display",
        [E_DICT] = "dict literal",
        [E_STARRED] = "starred",
        [E_UNARY] = "expression",
        [E_BINARY] = "expression",
        [E_BOOL] = "expression",
        [E_COMPARE] = "comparison",
        [E_CONDITIONAL] = "conditional expression",
        [E_NAMED] = "named expression",
        [E_LAMBDA] = "lambda",
        [E_CALL] = "function call",
        [E_ATTRIBUTE] = "attribute",
        [E_SUBSCRIPT] = "subscript",
        [E_SLICE] = "slice",
        [E_LIST_COMP] = "list comprehension",
        [E_SET_COMP] = "set comprehension",
        [E_DICT_COMP] = "dict comprehension",
        [E_GENERATOR] = "generator expression",
    };
    if (x->kind == E_CONSTANT) return constant_name(((const ConstantExpr *)x)->value);
    return names[x->kind];
}

/* The first part of x that cannot be a target; NULL when all can. Nesting is bounded
 * by the brackets. */
static const Expr *invalid_target(const Expr *x, TargetUse use) {
    switch (x->kind) {
    case E_NAME:
    case E_ATTRIBUTE:
    case E_SUBSCRIPT: return NULL;
    case E_STARRED:
        return use == TARGET_DELETE
                   ? x
                   : invalid_target(((const StarredExpr *)x)->value, use);
    case E_TUPLE:
    case E_LIST: {
        const SequenceExpr *s = (const SequenceExpr *)x;
        for (uint32_t i = 0; i < s->n; i++) {
            const Expr *bad = invalid_target(s->items[i], use);
            if (bad) return bad;
        }
        return NULL;
    }
    default: return x;
    }
}

bool check_target(Parser *p, Expr *x, TargetUse use) {
    const Expr *bad = invalid_target(x, use);
    if (!bad) return true;
    parser_fail_at(p, bad->line, bad->col,
                   use == TARGET_DELETE ? "cannot delete %s" : "cannot assign to %s",
                   expr_error_name(bad));
    return false;
}

/* Whether x is one operand of Python's bitwise_or rule. */
static bool is_bitwise_or(const Expr *x) {
    if (x->in_parens) return true;
    switch (x->kind) {
    case E_BOOL:
    case E_COMPARE:
    case E_CONDITIONAL:
    case E_NAMED:
    case E_LAMBDA:
    case E_STARRED:
    case E_TUPLE: return false;
    case E_UNARY: return ((const UnaryExpr *)x)->op != UNARY_NOT;
    default: return true;
    }
}

/* Whether a bitwise_or expression follows the `=` at the cursor and no other `=` then.
 * Python takes that for a comparison written with one sign. */
static bool looks_like_comparison(Parser *p) {
    Attempt a;
    attempt_begin(p, &a);
    p->at++;
    bool found =
        parse_bitwise_or(p) && parser_kind(p) != T_EQUAL && parser_kind(p) != T_WALRUS;
    attempt_end(p, &a, false);
    const Token *end = &p->tokens[a.reached];
    if (end->kind == T_UNCLOSED) parser_fail_unclosed(p, end);
    return found && end->kind != T_UNCLOSED;
}

static bool can_be_compared(const Expr *x) {
    bool display = x->kind == E_LIST || x->kind == E_TUPLE || x->kind == E_GENERATOR;
    if (display || !is_bitwise_or(x)) return false;
    if (x->kind != E_CONSTANT || x->in_parens) return true;
    Value v = ((const ConstantExpr *)x)->value;
    return v.tag != VAL_NONE && v.tag != VAL_BOOL;
}

bool fail_equal_sign(Parser *p, const Expr *x) {
    if (!can_be_compared(x)) return false;
    if (!looks_like_comparison(p)) return p->e->message[0];
    if (x->kind == E_NAME && !x->in_parens)
        parser_fail_expr(
            p, x, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    else
        parser_fail_at(p, x->line, x->col,
                       "cannot assign to %s here. Maybe you meant '==' instead of '='?",
                       expr_error_name(x));
    return true;
}
