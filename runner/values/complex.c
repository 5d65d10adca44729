/* See complex.h; also what complex answers to the questions of protocol.h. */
#include "runner/values/complex.h"

#include "runner/text/number_format.h"
#include "runner/values/format_spec.h"
#include "runner/values/number.h"
#include "runner/values/types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the object ---- */

static void destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(ComplexObject));
}
const ObjType complex_type = {"complex", OBJ_COMPLEX, destroy, NULL};

Value complex_new(Ctx *c, double real, double imag) {
    ComplexObject *o = obj_new(c, &complex_type, sizeof *o);
    if (!o) return value_null();
    o->z = (Complex){real, imag};
    return pool_value(c, value_obj(o));
}

static Value make(Ctx *c, Complex z) {
    return complex_new(c, z.real, z.imag);
}

/* v as a complex number; false without an error when it is no number. */
static bool to_complex(Ctx *c, Value v, Complex *out) {
    const Complex *z = value_complex(v);
    *out = z ? *z : (Complex){0, 0};
    if (z) return true;
    return value_is_number(v) && value_to_double(c, v, &out->real);
}

/* ---- arithmetic ---- */

static Complex product(Complex a, Complex b) {
    return (Complex){a.real * b.real - a.imag * b.imag,
                     a.real * b.imag + a.imag * b.real};
}

/* Scaled by the larger part of b, so that no square of it overflows. */
static Complex quotient(Complex a, Complex b) {
    if (fabs(b.real) >= fabs(b.imag)) {
        double ratio = b.imag / b.real, denominator = b.real + b.imag * ratio;
        return (Complex){(a.real + a.imag * ratio) / denominator,
                         (a.imag - a.real * ratio) / denominator};
    }
    if (!(fabs(b.imag) >= fabs(b.real))) return (Complex){NAN, NAN};
    double ratio = b.real / b.imag, denominator = b.real * ratio + b.imag;
    return (Complex){(a.real * ratio + a.imag) / denominator,
                     (a.imag * ratio - a.real) / denominator};
}

static Complex power_of_count(Complex a, int64_t n) {
    Complex r = {1, 0};
    for (; n > 0; n >>= 1, a = product(a, a))
        if (n & 1) r = product(r, a);
    return r;
}

static Complex power_of_whole(Complex a, int64_t n) {
    if (n > 0) return power_of_count(a, n);
    return quotient((Complex){1, 0}, power_of_count(a, -n));
}

static Complex power_by_logarithm(Complex a, Complex b) {
    double size = libm_hypot(a.real, a.imag), angle = atan2(a.imag, a.real);
    double length = pow(size, b.real), phase = angle * b.real;
    if (b.imag != 0) {
        length /= exp(angle * b.imag);
        phase += b.imag * log(size);
    }
    double real = length * cos(phase), imaginary = length * sin(phase);
    return (Complex){real, imaginary};
}

static bool is_zero(Complex z) {
    return z.real == 0 && z.imag == 0;
}

Value complex_pow(Ctx *c, Complex a, Complex b) {
    bool whole = b.imag == 0 && b.real == floor(b.real) && fabs(b.real) <= 100;
    if (is_zero(a) && (b.real < 0 || b.imag != 0))
        return value_raise(c, ZeroDivisionError, "0.0 to a negative or complex power");
    Complex r = whole        ? power_of_whole(a, (int64_t)b.real)
                : is_zero(a) ? (Complex){0, 0}
                             : power_by_logarithm(a, b);
    if (isinf(r.real) || isinf(r.imag))
        return value_raise(c, OverflowError, "complex exponentiation");
    return make(c, r);
}

static Value divide(Ctx *c, Complex a, Complex b) {
    if (is_zero(b))
        return value_raise(c, ZeroDivisionError, "complex division by zero");
    return make(c, quotient(a, b));
}

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    Complex x, y;
    if (!to_complex(c, a, &x) || !to_complex(c, b, &y))
        return ctx_failed(c) ? value_null() : value_not_implemented();
    switch (op) {
    case BINARY_ADD: return complex_new(c, x.real + y.real, x.imag + y.imag);
    case BINARY_SUB: return complex_new(c, x.real - y.real, x.imag - y.imag);
    case BINARY_MUL: return make(c, product(x, y));
    case BINARY_DIV: return divide(c, x, y);
    case BINARY_POW: return complex_pow(c, x, y);
    default: return value_not_implemented();
    }
}

static Value unary(Ctx *c, UnaryOp op, Value v) {
    Complex z = *value_complex(v);
    if (op == UNARY_NEG) return complex_new(c, -z.real, -z.imag);
    if (op == UNARY_POS) return v;
    return value_raise(c, TypeError, "bad operand type for unary ~: 'complex'");
}

Value complex_abs(Ctx *c, Complex z) {
    double size = libm_hypot(z.real, z.imag);
    if (isinf(size) && isfinite(z.real) && isfinite(z.imag))
        return value_raise(c, OverflowError, "absolute value too large");
    return value_float(size);
}

/* ---- comparison, hash, truth ---- */

/* Whether the parts of a number are those of z; exact for ints of any size. */
static bool equals(Ctx *c, Complex z, Value v) {
    const Complex *w = value_complex(v);
    if (w) return z.real == w->real && z.imag == w->imag;
    return z.imag == 0 && value_equals(c, value_float(z.real), v) == 1;
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    const Complex *z = value_complex(a);
    Value other = z ? b : a;
    if (!z) z = value_complex(b);
    if (op != COMPARE_EQ && op != COMPARE_NE) return value_not_implemented();
    if (!value_complex(other) && !value_is_number(other))
        return value_not_implemented();
    return value_bool(equals(c, *z, other) == (op == COMPARE_EQ));
}

static bool hash(Ctx *c, Value v, uint64_t *out) {
    const Complex *z = value_complex(v);
    uint64_t real, imag;
    if (!value_hash(c, value_float(z->real), &real) ||
        !value_hash(c, value_float(z->imag), &imag))
        return false;
    *out = real + UINT64_C(1000003) * imag;
    if (*out == UINT64_MAX) --*out; /* -1 means an error in CPython */
    return true;
}

static int truth(Ctx *c, Value v) {
    (void)c;
    return !is_zero(*value_complex(v));
}

static void repr(Ctx *c, Buf *out, Value v) {
    format_complex_repr(c, out, *value_complex(v));
}

/* ---- from other values ---- */

/* Where a number ends that begins at s, s itself when there is none: what strtod takes
 * but hexadecimal digits and nan(...). */
static char *end_of_number(char *s, double *out) {
    char *end, *digits = s + (*s == '+' || *s == '-');
    if (digits[0] == '0' && (digits[1] | 0x20) == 'x') return s;
    *out = strtod(s, &end);
    char *paren = memchr(s, '(', (size_t)(end - s));
    return paren ? paren : end;
}

/* "+j" and "-j" behind a real part, or "j" alone: one. */
static char *lone_sign(char *s, double *out) {
    *out = *s == '-' ? -1 : 1;
    return s + (*s == '+' || *s == '-');
}

/* real, imaginary "j", or both; blanks around and parentheses are gone. */
static bool parse_parts(char *s, Complex *z) {
    double first = 0;
    char *end = end_of_number(s, &first);
    if (end == s) end = lone_sign(s, &first);
    if ((*end | 0x20) == 'j') {
        z->imag = first;
        return end[1] == '\0';
    }
    z->real = first;
    if (end == s || (*end != '+' && *end != '-')) return end != s && *end == '\0';
    char *rest = end_of_number(end, &z->imag);
    if (rest == end) rest = lone_sign(end, &z->imag);
    return (*rest | 0x20) == 'j' && rest[1] == '\0';
}

static void trim(char **s, char **end) {
    while (**s == ' ') ++*s;
    while (*end > *s && (*end)[-1] == ' ') --*end;
    **end = '\0';
}

/* The text between blanks, and once more between parentheses. */
static bool parse_text(Buf *b, Complex *z) {
    char *s = b->data, *end = s + b->len;
    if (strlen(s) != b->len) return false;
    trim(&s, &end);
    if (*s == '(') {
        if (end[-1] != ')') return false;
        s++;
        end--;
        trim(&s, &end);
    }
    return *s && parse_parts(s, z);
}

static Value parse(Ctx *c, const Str *text) {
    Complex z = {0, 0};
    Buf b;
    buf_init(&b, &c->mem);
    number_normalize(&b, text);
    bool fits = !b.failed && b.len > 0 && parse_text(&b, &z);
    if (b.failed) error_raise(c, MemoryError, "%s", "");
    buf_free(&b);
    if (fits || ctx_failed(c)) return fits ? make(c, z) : value_null();
    return value_raise(c, ValueError, "complex() arg is a malformed string");
}

/* An argument of complex(), which need not be a number of Python's. */
static bool part(Ctx *c, Value v, Complex *out, const char *error) {
    const Complex *z = value_complex(v);
    *out = z ? *z : (Complex){0, 0};
    if (z || value_is_null(v)) return true;
    if (type_ops(v)->to_double) return value_to_double(c, v, &out->real);
    return error_raise(c, TypeError, error, type_name(v));
}

Value complex_from(Ctx *c, Value real, Value imag) {
    Complex x, y;
    if (value_complex(real) && value_is_null(imag)) return real;
    if (!value_is_null(real) && value_str(real)) {
        if (value_is_null(imag)) return parse(c, value_str(real));
        return value_raise(c, TypeError,
                           "complex() can't take second arg if first is a string");
    }
    if (!value_is_null(imag) && value_str(imag))
        return value_raise(c, TypeError, "complex() second arg can't be a string");
    if (!part(c, real, &x,
              "complex() first argument must be a string or a number, not '%s'") ||
        !part(c, imag, &y, "complex() second argument must be a number, not '%s'"))
        return value_null();
    return complex_new(c, x.real - y.imag, x.imag + y.real);
}

/* ---- attributes ---- */

static Value get_attr(Ctx *c, Value v, Str *name) {
    (void)c;
    if (str_equals(name, "real")) return value_float(value_complex(v)->real);
    if (str_equals(name, "imag")) return value_float(value_complex(v)->imag);
    return value_null();
}

static Value conjugate(Ctx *c, Value self, const Args *args) {
    (void)args;
    const Complex *z = value_complex(self);
    return complex_new(c, z->real, -z->imag);
}

static Value itself(Ctx *c, Value self, const Args *args) {
    (void)c, (void)args;
    return self;
}

static const Native methods[] = {
    {"complex.__complex__", "", itself},
    {"complex.conjugate", "", conjugate},
    {NULL, NULL, NULL},
};

const TypeOps complex_ops = {
    .hash = hash,
    .compare = compare,
    .truth = truth,
    .repr = repr,
    .format = format_complex,
    .binary = binary,
    .unary = unary,
    .get_attr = get_attr,
    .methods = methods,
};
