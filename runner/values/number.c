/* See number.h; also what bool, int and float answer to the questions of protocol.h. */
#include "runner/values/number.h"

#include "runner/text/number_format.h"
#include "runner/values/complex.h"
#include "runner/values/format_spec.h"
#include "runner/values/types.h"

#include <math.h>

/* ---- hash ---- */

/* Multiplies by 2^n modulo the prime 2^61 - 1: a rotation of 61 bits. */
static uint64_t rotate(uint64_t h, int n) {
    return ((h << n) & ((UINT64_C(1) << 61) - 1)) | h >> (61 - n);
}

static uint64_t signed_hash(uint64_t h, bool negative) {
    if (negative) h = UINT64_C(0) - h;
    return h == UINT64_MAX ? UINT64_MAX - 1 : h; /* -1 means an error in CPython */
}

/* The value modulo 2^61 - 1, as for ints. */
static uint64_t hash_double(double x) {
    const uint64_t prime = (UINT64_C(1) << 61) - 1;
    if (isnan(x)) return 0;
    if (isinf(x)) return signed_hash(314159, x < 0);
    int exponent;
    double m = frexp(fabs(x), &exponent);
    uint64_t h = 0;
    while (m != 0) {
        h = rotate(h, 28);
        m *= 0x1p28;
        exponent -= 28;
        uint64_t word = (uint64_t)m;
        m -= (double)word;
        h += word;
        if (h >= prime) h -= prime;
    }
    exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
    return signed_hash(rotate(h, exponent), x < 0);
}

static bool int_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = bigint_hash(v);
    return true;
}

static bool float_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = hash_double(v.as.f);
    return true;
}

/* ---- order ---- */

static int order_doubles(double a, double b) {
    if (isnan(a) || isnan(b)) return ORDER_NONE;
    return (a > b) - (a < b);
}

static int order_numbers(Value a, Value b) {
    bool a_float = a.tag == VAL_FLOAT, b_float = b.tag == VAL_FLOAT;
    if (a_float && b_float) return order_doubles(a.as.f, b.as.f);
    if (b_float) return bigint_order_double(a, b.as.f);
    if (!a_float) return bigint_order(a, b);
    int order = bigint_order_double(b, a.as.f);
    return order == ORDER_NONE ? order : -order;
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    if (!value_is_number(a) || !value_is_number(b)) return value_not_implemented();
    return compare_answer(op, order_numbers(a, b));
}

/* ---- arithmetic of floats ---- */

/* The quotient rounded down, and a rest of b's sign. */
static void divide_floats(double a, double b, double *quotient, double *rest) {
    double r = fmod(a, b);
    double q = (a - r) / b;
    if (r != 0) {
        if ((b < 0) != (r < 0)) {
            r += b;
            q -= 1;
        }
    } else {
        r = copysign(0, b);
    }
    if (q != 0) {
        double whole = floor(q);
        *quotient = q - whole > 0.5 ? whole + 1 : whole;
    } else {
        *quotient = copysign(0, a / b);
    }
    *rest = r;
}

static Value float_pow(Ctx *c, double a, double b) {
    if (a == 0 && b < 0 && isfinite(b))
        return value_raise(c, ZeroDivisionError,
                           "0.0 cannot be raised to a negative power");
    if (a < 0 && isfinite(a) && isfinite(b) && b != floor(b))
        return complex_pow(c, (Complex){a, 0}, (Complex){b, 0});
    double r = pow(a, b);
    if (isinf(r) && isfinite(a) && isfinite(b))
        return value_raise(c, OverflowError, "(34, 'Numerical result out of range')");
    return value_float(r);
}

static Value divide_by_zero(Ctx *c, BinaryOp op) {
    const char *text = op == BINARY_DIV        ? "float division by zero"
                       : op == BINARY_FLOORDIV ? "float floor division by zero"
                                               : "float modulo";
    return value_raise(c, ZeroDivisionError, "%s", text);
}

static Value float_binary(Ctx *c, BinaryOp op, double a, double b) {
    double q, r;
    bool divides = op == BINARY_DIV || op == BINARY_FLOORDIV || op == BINARY_MOD;
    if (divides && b == 0) return divide_by_zero(c, op);
    switch (op) {
    case BINARY_ADD: return value_float(a + b);
    case BINARY_SUB: return value_float(a - b);
    case BINARY_MUL: return value_float(a * b);
    case BINARY_DIV: return value_float(a / b);
    case BINARY_FLOORDIV: divide_floats(a, b, &q, &r); return value_float(q);
    case BINARY_MOD: divide_floats(a, b, &q, &r); return value_float(r);
    case BINARY_POW: return float_pow(c, a, b);
    default: return value_not_implemented();
    }
}

/* ---- arithmetic ---- */

static bool to_double(Ctx *c, Value v, double *out) {
    if (v.tag != VAL_FLOAT) return bigint_to_double(c, v, out);
    *out = v.as.f;
    return true;
}

static bool is_logical(BinaryOp op) {
    return op == BINARY_AND || op == BINARY_OR || op == BINARY_XOR;
}

static bool takes_floats(BinaryOp op) {
    return op != BINARY_LSHIFT && op != BINARY_RSHIFT && op != BINARY_MATMUL &&
           !is_logical(op);
}

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    if (!value_is_number(a) || !value_is_number(b)) return value_not_implemented();
    if (value_is_int(a) && value_is_int(b)) {
        Value r = bigint_binary(c, op, a, b);
        bool bools = a.tag == VAL_BOOL && b.tag == VAL_BOOL && is_logical(op);
        return bools ? value_bool(r.as.i != 0) : r;
    }
    double x, y;
    if (!takes_floats(op)) return value_not_implemented();
    if (!to_double(c, a, &x) || !to_double(c, b, &y)) return value_null();
    return float_binary(c, op, x, y);
}

static Value int_unary(Ctx *c, UnaryOp op, Value v) {
    return bigint_unary(c, op, v);
}

static Value float_unary(Ctx *c, UnaryOp op, Value v) {
    if (op == UNARY_NEG) return value_float(-v.as.f);
    if (op == UNARY_POS) return v;
    return value_raise(c, TypeError, "bad operand type for unary ~: 'float'");
}

Value number_divmod(Ctx *c, Value a, Value b) {
    if (!value_is_number(a) || !value_is_number(b)) return value_not_implemented();
    Value quotient, rest;
    if (value_is_int(a) && value_is_int(b))
        return bigint_divmod(c, a, b, &quotient, &rest)
                   ? tuple_of(c, 2, (Value[]){quotient, rest})
                   : value_null();
    double x, y, q, r;
    if (!to_double(c, a, &x) || !to_double(c, b, &y)) return value_null();
    if (y == 0) return value_raise(c, ZeroDivisionError, "float divmod()");
    divide_floats(x, y, &q, &r);
    return tuple_of(c, 2, (Value[]){value_float(q), value_float(r)});
}

Value number_pow(Ctx *c, Value a, Value b, Value modulus) {
    if (value_complex(a) || value_complex(b))
        return value_raise(c, ValueError, "complex modulo");
    if (!value_is_number(a) || !value_is_number(b)) return value_not_implemented();
    if (value_is_none(modulus)) return binary(c, BINARY_POW, a, b);
    if (!value_is_number(modulus)) return value_not_implemented();
    if (value_is_int(a) && value_is_int(b) && value_is_int(modulus))
        return bigint_pow_mod(c, a, b, modulus);
    return value_raise(c, TypeError,
                       "pow() 3rd argument not allowed unless all arguments "
                       "are integers");
}

Value number_abs(Ctx *c, Value v) {
    if (v.tag == VAL_FLOAT) return value_float(fabs(v.as.f));
    if (value_complex(v)) return complex_abs(c, *value_complex(v));
    return value_is_int(v) ? bigint_abs(c, v) : value_not_implemented();
}

/* ---- text and conversions ---- */

static void bool_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_puts(out, v.as.b ? "True" : "False");
}

static void float_value_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    float_repr(out, v.as.f);
}

static bool big_to_index(Ctx *c, Value v, int64_t *out) {
    (void)v;
    (void)out;
    return error_raise(c, OverflowError,
                       "Python int too large to convert to C ssize_t");
}

static int big_truth(Ctx *c, Value v) {
    (void)c;
    (void)v;
    return 1;
}

/* __int__ of what is no number of Python's: exact where __index__ works, else the float
 * cut off. */
static Value int_of_object(Ctx *c, Value v) {
    const TypeOps *ops = type_ops(v);
    int64_t i;
    double x;
    if (ops->to_index && ops->to_index(c, v, &i)) return value_int(i);
    if (ctx_failed(c) && (c->error.kind != TypeError || !ops->to_double))
        return value_null();
    error_clear(c);
    if (ops->to_double)
        return ops->to_double(c, v, &x) ? bigint_from_double(c, x) : value_null();
    return value_raise(c, TypeError,
                       "int() argument must be a string, a bytes-like object or a real "
                       "number, not '%s'",
                       type_name(v));
}

Value number_to_int(Ctx *c, Value v) {
    if (ctx_failed(c)) return value_null();
    if (v.tag == VAL_FLOAT) return bigint_from_double(c, v.as.f);
    if (value_is_int(v)) return bigint_unary(c, UNARY_POS, v);
    if (value_str(v)) return bigint_parse(c, value_str(v), 10);
    return int_of_object(c, v);
}

Value number_to_int_base(Ctx *c, Value v, Value base) {
    int64_t b;
    if (!value_to_index(c, base, &b)) return value_null();
    if (!value_str(v))
        return value_raise(c, TypeError,
                           "int() can't convert non-string with explicit base");
    return bigint_parse(c, value_str(v), b < 0 || b > 36 ? 1 : (int)b);
}

static Value parse_float(Ctx *c, Str *text) {
    double x;
    if (float_parse(c, text, &x)) return value_float(x);
    Str *shown = value_repr_str(c, value_obj(text));
    if (!shown) return value_null();
    return value_raise(c, ValueError, "could not convert string to float: %s",
                       shown->data);
}

Value number_to_float(Ctx *c, Value v) {
    double x;
    if (value_str(v)) return parse_float(c, value_str(v));
    if (type_ops(v)->to_double)
        return type_ops(v)->to_double(c, v, &x) ? value_float(x) : value_null();
    return value_raise(c, TypeError,
                       "float() argument must be a string or a real number, not '%s'",
                       type_name(v));
}

/* ---- the rows of the table of types ---- */

const TypeOps bool_ops = {
    .hash = int_hash,
    .compare = compare,
    .repr = bool_repr,
    .format = format_int,
    .binary = binary,
    .unary = int_unary,
    .to_double = to_double,
    .get_attr = int_attr,
    .methods = int_methods,
};
const TypeOps int_ops = {
    .hash = int_hash,
    .compare = compare,
    .repr = bigint_repr,
    .format = format_int,
    .binary = binary,
    .unary = int_unary,
    .to_double = to_double,
    .get_attr = int_attr,
    .methods = int_methods,
};
const TypeOps bigint_ops = {
    .hash = int_hash,
    .compare = compare,
    .truth = big_truth,
    .repr = bigint_repr,
    .format = format_int,
    .binary = binary,
    .unary = int_unary,
    .to_index = big_to_index,
    .to_double = to_double,
    .get_attr = int_attr,
    .methods = int_methods,
};
const TypeOps float_ops = {
    .hash = float_hash,
    .compare = compare,
    .repr = float_value_repr,
    .format = format_float,
    .binary = binary,
    .unary = float_unary,
    .to_double = to_double,
    .get_attr = float_attr,
    .methods = float_methods,
};
