/* See tensor_ops.h.  Operators go to the overloads of the method that PyTorch's Tensor
 * class names for them; a TypeError of the binder means NotImplemented, so that the
 * other operand is asked. */
#include "runner/torch/tensor_ops.h"

#include "runner/evaluate/instance_ops.h"
#include "runner/text/number_format.h"
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/tensor_data.h"
#include "runner/values/types.h"

#include <string.h>

/* ---- text ---- */

static const char *tensor_type_name(Value v) {
    const Instance *i = tensor_instance(value_tensor(v));
    return i ? i->cls->name->data : "Tensor";
}

/* A subclass may have a __repr__ of its own. */
static bool repr_by_subclass(Ctx *c, Buf *out, Value v) {
    Value r;
    if (!tensor_instance(value_tensor(v)) ||
        !special_call(c, v, NAME__repr, NULL, 0, &r))
        return false;
    if (value_str(r)) buf_puts(out, value_str(r)->data);
    return true;
}

static bool repr_by_override(Ctx *c, Buf *out, Value v) {
    Value r;
    if (!override_repr(c, v, &r)) return false;
    if (value_str(r)) buf_puts(out, value_str(r)->data);
    return true;
}

static void tensor_repr(Ctx *c, Buf *out, Value v) {
    Tensor *t = value_tensor(v);
    if (repr_by_subclass(c, out, v) || repr_by_override(c, out, v)) return;
    Node *fn = tensor_grad_fn(c, t);
    if (ctx_failed(c)) return;
    if (t->is_parameter) buf_puts(out, "Parameter containing:\n");
    const Instance *i = tensor_instance(t);
    bool derived = i && !i->cls->def && !str_equals(i->cls->name, "Parameter");
    if (derived && t->is_parameter) buf_puts(out, "Parameter(");
    print_tensor_named(c, out, t, derived ? i->cls->name->data : "tensor",
                       fn ? node_short_name(fn) : NULL);
    if (derived && t->is_parameter) buf_putc(out, ')');
}

/* format(x, ""): the item of a 0-d tensor; any other spec is for the item alone. */
static void tensor_format(Ctx *c, Buf *out, Value v, const Str *spec) {
    Tensor *t = value_tensor(v);
    if (t->ndim == 0 && !t->is_parameter) {
        Value item = tensor_item(c, t);
        if (!ctx_failed(c)) value_format(c, out, item, spec);
    } else if (spec->len == 0) {
        tensor_repr(c, out, v);
    } else {
        error_raise(c, TypeError, "unsupported format string passed to %s.__format__",
                    type_name(v));
    }
}

/* ---- truth, length, iteration ---- */

static int tensor_truth(Ctx *c, Value v) {
    Tensor *t = value_tensor(v);
    if (t->numel != 1) {
        error_raise(c, RuntimeError, "Boolean value of Tensor with %s is ambiguous",
                    t->numel ? "more than one value" : "no values");
        return -1;
    }
    Value item = tensor_item(c, t);
    return item.tag == VAL_FLOAT ? item.as.f != 0
           : item.tag == VAL_INT ? item.as.i != 0
                                 : item.as.b;
}

static int64_t tensor_length(Ctx *c, Value v) {
    Tensor *t = value_tensor(v);
    Value n;
    if (override_method(c, "__len__", v, &(Args){NULL, 0, NULL, 0}, &n))
        return n.tag == VAL_INT ? n.as.i : -1;
    if (t->ndim > 0) return t->sizes[0];
    error_raise(c, TypeError, "len() of a 0-d tensor");
    return -1;
}

static Value method_call(Ctx *c, const char *name, Value self, const Value *args,
                         size_t n);

static Value tensor_iterate(Ctx *c, Value v) {
    if (value_tensor(v)->ndim == 0)
        return value_raise(c, TypeError, "iteration over a 0-d tensor");
    Value parts = method_call(c, "unbind", v, (Value[]){value_int(0)}, 1);
    return value_is_null(parts) ? parts : value_iterate(c, parts);
}

static int tensor_contains(Ctx *c, Value v, Value item) {
    if (!value_tensor(item) && item.tag != VAL_INT && item.tag != VAL_FLOAT &&
        item.tag != VAL_BOOL) {
        error_raise(
            c, RuntimeError,
            "Tensor.__contains__ only supports Tensor or scalar, but you passed in "
            "a <class '%s'>.",
            type_name(item));
        return -1;
    }
    bool turned = value_tensor(item) != NULL; /* item == v */
    Value same = method_call(c, "eq", turned ? item : v, turned ? &v : &item, 1);
    Value any = value_is_null(same) ? same : method_call(c, "any", same, NULL, 0);
    return value_is_null(any) ? -1 : tensor_truth(c, any);
}

/* ---- operators ---- */

static const OverloadSet *method(Ctx *c, const char *name) {
    return op_find(c, OP_METHOD, name, strlen(name));
}

static Value method_call(Ctx *c, const char *name, Value self, const Value *args,
                         size_t n) {
    const OverloadSet *set = method(c, name);
    if (!set)
        return value_raise(c, AttributeError, "'Tensor' object has no attribute '%s'",
                           name);
    return bind_and_call(c, set, self, &(Args){.pos = args, .n = n});
}

static Value function_call(Ctx *c, const char *name, Value a, Value b) {
    const OverloadSet *set = op_find(c, OP_FUNCTION, name, strlen(name));
    if (!set)
        return value_raise(c, AttributeError, "module 'torch' has no attribute '%s'",
                           name);
    return bind_and_call(c, set, value_null(), &(Args){.pos = (Value[]){a, b}, .n = 2});
}

/* A TypeError means that the operands do not go together: NotImplemented. */
static Value or_not_implemented(Ctx *c, Value v) {
    if (c->error.kind != TypeError || c->error.object) return v;
    error_clear(c);
    return value_not_implemented();
}

/* What the operators are called: x.forward(y), torch.reflected(y, x), x.in_place(y). */
typedef struct OperatorNames {
    const char *forward, *reflected, *in_place;
} OperatorNames;

static const OperatorNames operators[BINARY_OP_COUNT] = {
    [BINARY_ADD] = {"add", "add", "add_"},
    [BINARY_SUB] = {"sub", "rsub", "sub_"},
    [BINARY_MUL] = {"mul", "mul", "mul_"},
    [BINARY_MATMUL] = {"matmul", "matmul", NULL},
    [BINARY_DIV] = {"div", "div", "div_"},
    [BINARY_FLOORDIV] = {"floor_divide", "floor_divide", "floor_divide_"},
    [BINARY_MOD] = {"remainder", "remainder", "remainder_"},
    [BINARY_POW] = {"pow", "pow", "pow_"},
    [BINARY_LSHIFT] = {"__lshift__", "bitwise_left_shift", "__ilshift__"},
    [BINARY_RSHIFT] = {"__rshift__", "bitwise_right_shift", "__irshift__"},
    [BINARY_AND] = {"__and__", "bitwise_and", "__iand__"},
    [BINARY_OR] = {"__or__", "bitwise_or", "__ior__"},
    [BINARY_XOR] = {"__xor__", "bitwise_xor", "__ixor__"},
};

const char *tensor_operator_name(BinaryOp op, bool in_place) {
    return in_place ? operators[op].in_place : operators[op].forward;
}

/* number / x is reciprocal(x) * number. */
static Value reflected_div(Ctx *c, Value number, Value x) {
    Value r = method_call(c, "reciprocal", x, NULL, 0);
    return value_is_null(r) ? r : method_call(c, "mul", r, &number, 1);
}

/* number ** x: torch.tensor makes the number a tensor of the result's dtype. */
static Value reflected_pow(Ctx *c, Value number, Value x) {
    if (number.tag != VAL_INT && number.tag != VAL_FLOAT && number.tag != VAL_BOOL)
        return value_not_implemented();
    Tensor *in[2] = {tensor_wrap_number(c, number), value_tensor(x)};
    if (!in[0]) return value_null();
    Tensor *base = tensor_from_data(c, number, result_type(c, 2, in));
    return base ? method_call(c, "pow", value_obj(base), &x, 1) : value_null();
}

static Value reflected(Ctx *c, BinaryOp op, Value a, Value b) {
    if (op == BINARY_DIV) return reflected_div(c, a, b);
    if (op == BINARY_POW) return reflected_pow(c, a, b);
    if (op == BINARY_SUB) return function_call(c, "rsub", b, a);
    if (op == BINARY_ADD || op == BINARY_MUL)
        return method_call(c, operators[op].forward, b, &a, 1);
    return function_call(c, operators[op].reflected, a, b);
}

static Value tensor_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    Value v = value_tensor(a) ? method_call(c, operators[op].forward, a, &b, 1)
                              : reflected(c, op, a, b);
    return or_not_implemented(c, v);
}

static Value tensor_inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    if (!value_tensor(a) || !operators[op].in_place) return value_not_implemented();
    return or_not_implemented(c, method_call(c, operators[op].in_place, a, &b, 1));
}

static Value tensor_unary(Ctx *c, UnaryOp op, Value v) {
    switch (op) {
    case UNARY_NEG: return method_call(c, "neg", v, NULL, 0);
    case UNARY_INVERT:
        if (dtype_is_floating((DType)value_tensor(v)->dtype))
            return value_raise(c, TypeError,
                               "~ (operator.invert) is only implemented on integer and "
                               "Boolean-type tensors");
        return method_call(c, "bitwise_not", v, NULL, 0);
    case UNARY_POS: return method_call(c, "positive", v, NULL, 0);
    default: return value_raise(c, TypeError, "bad operand type for unary operator");
    }
}

static Value tensor_compare(Ctx *c, CompareOp op, Value a, Value b) {
    static const char *const names[] = {
        [COMPARE_EQ] = "eq", [COMPARE_NE] = "ne", [COMPARE_LT] = "lt",
        [COMPARE_LE] = "le", [COMPARE_GT] = "gt", [COMPARE_GE] = "ge"};
    static const CompareOp mirrored[] = {
        [COMPARE_EQ] = COMPARE_EQ, [COMPARE_NE] = COMPARE_NE,
        [COMPARE_LT] = COMPARE_GT, [COMPARE_LE] = COMPARE_GE,
        [COMPARE_GT] = COMPARE_LT, [COMPARE_GE] = COMPARE_LE};
    if (!value_tensor(a)) return tensor_compare(c, mirrored[op], b, a);
    return or_not_implemented(c, method_call(c, names[op], a, &b, 1));
}

/* ---- numbers ---- */

static bool tensor_to_index(Ctx *c, Value v, int64_t *out) {
    Tensor *t = value_tensor(v);
    if (t->numel != 1 || !dtype_is_integral((DType)t->dtype, true)) {
        error_raise(
            c, TypeError,
            "only integer tensors of a single element can be converted to an index");
        return false;
    }
    Value item = tensor_item(c, t);
    *out = item.tag == VAL_BOOL ? item.as.b : item.as.i;
    return true;
}

static bool tensor_to_double(Ctx *c, Value v, double *out) {
    Value item = tensor_item(c, value_tensor(v));
    if (value_is_null(item)) return false;
    *out = item.tag == VAL_FLOAT  ? item.as.f
           : item.tag == VAL_BOOL ? (double)item.as.b
                                  : (double)item.as.i;
    return true;
}

/* hash(x) is id(x). */
static bool tensor_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = (uint64_t)(uintptr_t)v.as.obj;
    return true;
}

const TypeOps tensor_ops = {
    .name = tensor_type_name,
    .hash = tensor_hash,
    .compare = tensor_compare,
    .truth = tensor_truth,
    .repr = tensor_repr,
    .format = tensor_format,
    .iterate = tensor_iterate,
    .length = tensor_length,
    .contains = tensor_contains,
    .get_item = tensor_get_item,
    .set_item = tensor_set_item,
    .get_attr = tensor_attr,
    .binary = tensor_binary,
    .inplace = tensor_inplace,
    .unary = tensor_unary,
    .to_index = tensor_to_index,
    .to_double = tensor_to_double,
    .methods = tensor_methods,
};
