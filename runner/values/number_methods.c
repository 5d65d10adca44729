/* number_methods: round(), and the methods and attributes of int and float. */
#include "runner/values/number.h"

#include "runner/text/number_format.h"
#include "runner/values/types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- round ---- */

/* Rounds v to a multiple of 10^places, ties to the even one; `above` says that the
 * number meant lies a little above |v|, so that what looks like a tie is none. */
static Value round_to_multiple(Ctx *c, Value v, int64_t places, bool above) {
    if (places > bigint_bits(v)) return value_int(0);
    Value unit = bigint_binary(c, BINARY_POW, value_int(10), value_int(places));
    Value magnitude = bigint_abs(c, v), q, r;
    if (ctx_failed(c) || !bigint_divmod(c, magnitude, unit, &q, &r))
        return value_null();
    Value twice = bigint_binary(c, BINARY_ADD, r, r);
    if (ctx_failed(c)) return value_null();
    int order = bigint_order(twice, unit);
    Value odd = bigint_binary(c, BINARY_AND, q, value_int(1));
    bool up = order > 0 || (order == 0 && (above || bigint_sign(odd)));
    if (up && !ctx_failed(c)) q = bigint_binary(c, BINARY_ADD, q, value_int(1));
    if (!ctx_failed(c)) q = bigint_binary(c, BINARY_MUL, q, unit);
    if (!ctx_failed(c) && bigint_sign(v) < 0) q = bigint_unary(c, UNARY_NEG, q);
    return ctx_failed(c) ? value_null() : q;
}

static Value round_float_up_front(Ctx *c, double x, int64_t places) {
    Value whole = bigint_from_double(c, trunc(x));
    if (ctx_failed(c)) return whole;
    Value rounded = round_to_multiple(c, whole, places, x != trunc(x));
    double r;
    if (ctx_failed(c)) return rounded;
    /* 1.8e308 is no float: said below, in Python's words. */
    if (bigint_bits(rounded) > 1024 || !bigint_to_double(c, rounded, &r)) {
        error_clear(c);
        return value_raise(c, OverflowError, "rounded value too large to represent");
    }
    return value_float(copysign(r, x));
}

/* Through the correctly rounded decimal text, as Python rounds. */
static Value round_decimals(double x, int64_t digits) {
    char text[800];
    snprintf(text, sizeof text, "%.*f", (int)digits, x);
    return value_float(strtod(text, NULL));
}

static Value round_float(Ctx *c, double x, int64_t digits) {
    /* Beyond 323 digits nothing changes, before -308 nothing is left. */
    if (!isfinite(x) || digits > 323) return value_float(x);
    if (digits < -308) return value_float(copysign(0, x));
    return digits >= 0 ? round_decimals(x, digits)
                       : round_float_up_front(c, x, -digits);
}

Value number_round(Ctx *c, Value v, Value digits) {
    if (value_is_null(digits) || value_is_none(digits)) {
        if (v.tag == VAL_FLOAT) return bigint_from_double(c, nearbyint(v.as.f));
        return bigint_unary(c, UNARY_POS, v);
    }
    int64_t n;
    if (!value_to_index(c, digits, &n)) return value_null();
    if (v.tag == VAL_FLOAT) return round_float(c, v.as.f, n);
    if (n >= 0) return bigint_unary(c, UNARY_POS, v);
    return round_to_multiple(c, v, n == INT64_MIN ? INT64_MAX : -n, false);
}

/* ---- int ---- */

static Value int_bit_length(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return value_int(bigint_bits(self));
}

static Value int_bit_count(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return value_int(bigint_ones(self));
}

static Value int_conjugate(Ctx *c, Value self, const Args *args) {
    (void)args;
    return bigint_unary(c, UNARY_POS, self);
}

static Value int_as_integer_ratio(Ctx *c, Value self, const Args *args) {
    (void)args;
    return tuple_of(c, 2, (Value[]){bigint_unary(c, UNARY_POS, self), value_int(1)});
}

const Native int_methods[] = {
    {"int.as_integer_ratio", "", int_as_integer_ratio},
    {"int.bit_count", "", int_bit_count},
    {"int.bit_length", "", int_bit_length},
    {"int.conjugate", "", int_conjugate},
    {NULL, NULL, NULL},
};

Value int_attr(Ctx *c, Value v, Str *name) {
    if (str_equals(name, "real") || str_equals(name, "numerator"))
        return bigint_unary(c, UNARY_POS, v);
    if (str_equals(name, "imag")) return value_int(0);
    if (str_equals(name, "denominator")) return value_int(1);
    return value_null();
}

/* ---- float ---- */

static Value float_is_integer(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return value_bool(isfinite(self.as.f) && floor(self.as.f) == self.as.f);
}

static Value float_conjugate(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return self;
}

static Value float_as_integer_ratio(Ctx *c, Value self, const Args *args) {
    (void)args;
    double x = self.as.f;
    if (isnan(x))
        return value_raise(c, ValueError, "cannot convert NaN to integer ratio");
    if (isinf(x))
        return value_raise(c, OverflowError,
                           "cannot convert Infinity to integer ratio");
    int exponent;
    double m = frexp(x, &exponent);
    while (m != floor(m)) {
        m *= 2;
        exponent--;
    }
    Value top = value_int((int64_t)m), one = value_int(1);
    if (exponent >= 0)
        top = bigint_binary(c, BINARY_LSHIFT, top, value_int(exponent));
    else
        one = bigint_binary(c, BINARY_LSHIFT, one, value_int(-exponent));
    return ctx_failed(c) ? value_null() : tuple_of(c, 2, (Value[]){top, one});
}

static Value float_hex(Ctx *c, Value self, const Args *args) {
    (void)args;
    double x = self.as.f;
    char text[64] = "";
    if (isnan(x) || isinf(x))
        snprintf(text, sizeof text, "%s", isnan(x) ? "nan" : x < 0 ? "-inf" : "inf");
    else if (x == 0)
        snprintf(text, sizeof text, "%s0x0.0p+0", signbit(x) ? "-" : "");
    else
        snprintf(text, sizeof text, "%.13a", x);
    return value_obj(pool_add(c, str_from(c, text)));
}

const Native float_methods[] = {
    {"float.as_integer_ratio", "", float_as_integer_ratio},
    {"float.conjugate", "", float_conjugate},
    {"float.hex", "", float_hex},
    {"float.is_integer", "", float_is_integer},
    {NULL, NULL, NULL},
};

Value float_attr(Ctx *c, Value v, Str *name) {
    (void)c;
    if (str_equals(name, "real")) return v;
    if (str_equals(name, "imag")) return value_float(0);
    return value_null();
}
