/* What Python's compiler warns of (SyntaxWarning): comparisons, calls and subscripts of
 * literals, which are slips more often than not. */
#include "runner/language/resolver.h"

/* The type that an expression has by its form, NULL when only running it can tell. */
static const char *type_by_form(const Expr *x) {
    static const char *const types[EXPR_KIND_COUNT] = {
        [E_BIGINT] = "int",   [E_IMAGINARY] = "complex",   [E_FSTRING] = "str",
        [E_TUPLE] = "tuple",  [E_LIST] = "list",           [E_LIST_COMP] = "list",
        [E_DICT] = "dict",    [E_DICT_COMP] = "dict",      [E_SET] = "set",
        [E_SET_COMP] = "set", [E_GENERATOR] = "generator", [E_LAMBDA] = "function"};
    if (x->kind == E_CONSTANT) return value_type_name(((const ConstantExpr *)x)->value);
    return types[x->kind];
}

static bool is_number(const Expr *x) {
    if (x->kind == E_BIGINT || x->kind == E_IMAGINARY) return true;
    if (x->kind != E_CONSTANT) return false;
    uint64_t tag = ((const ConstantExpr *)x)->value.tag;
    return tag == VAL_INT || tag == VAL_FLOAT;
}

/* Made of numbers by operators: Python has computed it by then. */
static bool is_folded(const Expr *x) {
    if (x->kind == E_UNARY) {
        const UnaryExpr *u = (const UnaryExpr *)x;
        return u->op != UNARY_NOT && is_number(u->operand);
    }
    if (x->kind != E_BINARY) return is_number(x);
    const BinaryExpr *b = (const BinaryExpr *)x;
    bool all = is_number(b->first);
    for (uint32_t i = 0; all && i < b->n; i++) all = is_number(b->links[i].right);
    return all;
}

static bool is_constant(const Expr *x) {
    return x->kind == E_CONSTANT || is_folded(x);
}

/* What `is` should not be asked about: all constants but None, True, False and `...`,
 * which are one object each. */
static bool is_literal(const Expr *x) {
    if (x->kind == E_TUPLE) {
        const SequenceExpr *s = (const SequenceExpr *)x;
        for (uint32_t i = 0; i < s->n; i++)
            if (!is_constant(s->items[i])) return false;
        return true;
    }
    if (x->kind != E_CONSTANT) return is_folded(x);
    return is_number(x) || ((const ConstantExpr *)x)->value.tag == VAL_OBJ;
}

bool note_compare(Resolver *r, const CompareExpr *x) {
    const Expr *left = x->first;
    for (uint32_t i = 0; i < x->n; i++) {
        const CompareLink *link = &x->links[i];
        bool is = link->op == COMPARE_IS, is_not = link->op == COMPARE_IS_NOT;
        if ((is || is_not) && (is_literal(left) || is_literal(link->right)))
            return program_note(r->program, "SyntaxWarning", x->head.line, x->head.col,
                                "\"%s\" with a literal. Did you mean \"%s\"?",
                                is ? "is" : "is not", is ? "==" : "!=");
        left = link->right;
    }
    return true;
}

bool note_call(Resolver *r, const CallExpr *x) {
    const char *type = type_by_form(x->callee);
    if (!type || x->callee->kind == E_LAMBDA) return true;
    return program_note(r->program, "SyntaxWarning", x->head.line, x->head.col,
                        "'%s' object is not callable; perhaps you missed a comma?",
                        type);
}

static bool is_unsubscriptable(const Expr *x) {
    switch (x->kind) {
    case E_SET:
    case E_SET_COMP:
    case E_GENERATOR:
    case E_LAMBDA: return true;
    case E_CONSTANT: break;
    default: return is_number(x);
    }
    uint64_t tag = ((const ConstantExpr *)x)->value.tag;
    return tag != VAL_OBJ;
}

static bool takes_only_ints(const Expr *x) {
    switch (x->kind) {
    case E_CONSTANT: return ((const ConstantExpr *)x)->value.tag == VAL_OBJ;
    case E_TUPLE:
    case E_LIST:
    case E_LIST_COMP:
    case E_FSTRING: return true;
    default: return false;
    }
}

static bool is_int(const Expr *x) {
    if (x->kind == E_BIGINT) return true;
    if (x->kind != E_CONSTANT) return false;
    uint64_t tag = ((const ConstantExpr *)x)->value.tag;
    return tag == VAL_INT || tag == VAL_BOOL;
}

bool note_subscript(Resolver *r, const SubscriptExpr *x) {
    const char *type = type_by_form(x->object), *index = type_by_form(x->index);
    uint32_t line = x->head.line, col = x->head.col;
    if (is_unsubscriptable(x->object) &&
        !program_note(r->program, "SyntaxWarning", line, col,
                      "'%s' object is not subscriptable; perhaps you missed a comma?",
                      type))
        return false;
    if (!takes_only_ints(x->object) || !index || is_int(x->index)) return true;
    return program_note(r->program, "SyntaxWarning", line, col,
                        "%s indices must be integers or slices, not %s; perhaps you "
                        "missed a comma?",
                        type, index);
}

bool note_assert(Resolver *r, const AssertStmt *s) {
    const SequenceExpr *tuple = (const SequenceExpr *)s->test;
    if (s->test->kind != E_TUPLE || tuple->n == 0) return true;
    return program_note(r->program, "SyntaxWarning", s->head.line, s->head.col,
                        "assertion is always true, perhaps remove parentheses?");
}
