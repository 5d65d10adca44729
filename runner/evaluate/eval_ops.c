/* eval_ops: operators, comparisons, and, or, not, if-else.
 *
 * Arithmetic on two small ints or two floats, which loops are full of, is done here;
 * everything else goes through the protocols.
 */
#include "runner/evaluate/eval.h"
#include "runner/torch/tensor_site.h"

Value eval_unary(Frame *f, Expr *e) {
    const UnaryExpr *x = (UnaryExpr *)e;
    if (x->op == UNARY_NOT) {
        int truth = eval_truth(f, x->operand);
        return truth < 0 ? value_null() : value_bool(!truth);
    }
    Value v = eval_expr(f, x->operand);
    return value_is_null(v) ? v : value_unary(f->c, (UnaryOp)x->op, v);
}

/* ---- binary operators ---- */

/* Whether sums of two such ints stay within 64 bits. */
static bool sum_fits(int64_t a, int64_t b) {
    const int64_t half = INT64_C(1) << 62;
    return a > -half && a < half && b > -half && b < half;
}

static bool product_fits(int64_t a, int64_t b) {
    return a == (int32_t)a && b == (int32_t)b;
}

/* a OP b of ints; false: not done, ask the protocol. */
static bool int_binary(BinaryOp op, int64_t a, int64_t b, Value *out) {
    switch (op) {
    case BINARY_ADD:
        if (!sum_fits(a, b)) return false;
        *out = value_int(a + b);
        return true;
    case BINARY_SUB:
        if (!sum_fits(a, b)) return false;
        *out = value_int(a - b);
        return true;
    case BINARY_MUL:
        if (!product_fits(a, b)) return false;
        *out = value_int(a * b);
        return true;
    case BINARY_MOD:
        if (a < 0 || b <= 0) return false;
        *out = value_int(a % b);
        return true;
    default: return false;
    }
}

static bool float_binary(BinaryOp op, double a, double b, Value *out) {
    switch (op) {
    case BINARY_ADD: *out = value_float(a + b); return true;
    case BINARY_SUB: *out = value_float(a - b); return true;
    case BINARY_MUL: *out = value_float(a * b); return true;
    case BINARY_DIV:
        if (b == 0) return false;
        *out = value_float(a / b);
        return true;
    default: return false;
    }
}

static Value apply(Frame *f, BinaryLink *link, Value a, Value b) {
    BinaryOp op = (BinaryOp)link->op;
    Value r;
    if (a.tag == VAL_INT && b.tag == VAL_INT && int_binary(op, a.as.i, b.as.i, &r))
        return r;
    if (a.tag == VAL_FLOAT && b.tag == VAL_FLOAT &&
        float_binary(op, a.as.f, b.as.f, &r))
        return r;
    if (value_tensor(a) || value_tensor(b))
        return tensor_site_binary(f, &link->cache, op, a, b);
    return value_binary(f->c, op, a, b);
}

Value eval_binary(Frame *f, Expr *e) {
    const BinaryExpr *x = (BinaryExpr *)e;
    Value left = eval_expr(f, x->first);
    for (uint32_t i = 0; i < x->n; i++) {
        if (value_is_null(left)) return left;
        Value right = eval_expr(f, x->links[i].right);
        if (value_is_null(right)) return right;
        left = apply(f, &x->links[i], left, right);
    }
    return left;
}

/* ---- comparisons ---- */

static bool int_compare(CompareOp op, int64_t a, int64_t b) {
    switch (op) {
    case COMPARE_LT: return a < b;
    case COMPARE_LE: return a <= b;
    case COMPARE_GT: return a > b;
    case COMPARE_GE: return a >= b;
    case COMPARE_EQ: return a == b;
    default: return a != b;
    }
}

static Value membership(Ctx *c, bool wanted, Value item, Value container) {
    int found = value_contains(c, container, item);
    return found < 0 ? value_null() : value_bool(found == wanted);
}

/* What CPython compares within its loop, when only the truth matters. */
static bool is_quick(Value a, Value b) {
    return a.tag == b.tag && (a.tag != VAL_OBJ || (value_str(a) && value_str(b)));
}

/* Other comparisons count as a level of nesting, as one that fails at the limit shows:
 * "maximum recursion depth exceeded in comparison". */
static Value compare_values(Ctx *c, CompareOp op, Value a, Value b, bool test) {
    bool counted = !test || !is_quick(a, b);
    if (counted && !value_enter(c, " in comparison")) return value_null();
    bool ints = a.tag == VAL_INT && b.tag == VAL_INT;
    Value r =
        ints ? value_bool(int_compare(op, a.as.i, b.as.i)) : value_compare(c, op, a, b);
    if (counted) value_leave(c);
    return r;
}

static Value compare(Frame *f, CompareOp op, Value a, Value b, bool test) {
    switch (op) {
    case COMPARE_IS: return value_bool(value_same(a, b));
    case COMPARE_IS_NOT: return value_bool(!value_same(a, b));
    case COMPARE_IN: return membership(f->c, true, a, b);
    case COMPARE_NOT_IN: return membership(f->c, false, a, b);
    default: return compare_values(f->c, op, a, b, test);
    }
}

/* a < b < c: each operand is evaluated once, and none behind the first that fails. */
static Value compare_chain(Frame *f, const CompareExpr *x, bool test) {
    Value left = eval_expr(f, x->first), r = left;
    for (uint32_t i = 0; i < x->n; i++) {
        if (value_is_null(left)) return left;
        Value right = eval_expr(f, x->links[i].right);
        if (value_is_null(right)) return right;
        r = compare(f, (CompareOp)x->links[i].op, left, right, test);
        if (i + 1 == x->n) break;
        int truth = value_truth(f->c, r);
        if (truth < 0) return value_null();
        if (!truth) return r;
        left = right;
    }
    return r;
}

Value eval_compare(Frame *f, Expr *e) {
    return compare_chain(f, (CompareExpr *)e, false);
}

int eval_truth(Frame *f, Expr *e) {
    Value v = e->kind == E_COMPARE ? compare_chain(f, (CompareExpr *)e, true)
                                   : eval_expr(f, e);
    return v.tag == VAL_BOOL ? v.as.b : value_truth(f->c, v);
}

/* ---- and, or, if-else ---- */

Value eval_bool(Frame *f, Expr *e) {
    const BoolExpr *x = (BoolExpr *)e;
    Value v = value_null();
    for (uint32_t i = 0; i < x->n; i++) {
        v = eval_expr(f, x->items[i]);
        if (i + 1 == x->n) break;
        int truth = value_truth(f->c, v);
        if (truth < 0) return value_null();
        if (truth == x->is_or) break;
    }
    return v;
}

Value eval_conditional(Frame *f, Expr *e) {
    const ConditionalExpr *x = (ConditionalExpr *)e;
    int truth = eval_truth(f, x->test);
    if (truth < 0) return value_null();
    return eval_expr(f, truth ? x->then : x->otherwise);
}
