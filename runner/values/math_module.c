/* See math_module.h. What is an error follows mathmodule.c of CPython 3.11: a nan out
 * of no nan is "math domain error", an inf out of finite numbers "math range error". */
#include "runner/values/math_module.h"

#include "runner/values/math_special.h"
#include "runner/values/number.h"
#include "runner/values/protocol.h"

#include <limits.h>
#include <math.h>

static Value domain_error(Ctx *c) {
    return value_raise(c, ValueError, "math domain error");
}

static Value range_error(Ctx *c) {
    return value_raise(c, OverflowError, "math range error");
}

/* ---- one float to one float ---- */

typedef double (*Function)(double x);

/* `overflows`: an inf out of a finite number is too large a number, not a pole. */
static Value apply(Ctx *c, const Args *args, Function f, bool overflows) {
    double x;
    if (!value_to_double(c, args->pos[0], &x)) return value_null();
    double r = f(x);
    if (isnan(r) && !isnan(x)) return domain_error(c);
    if (isinf(r) && isfinite(x)) return overflows ? range_error(c) : domain_error(c);
    return value_float(r);
}

#define FUNCTION(name, f, overflows)                                                   \
    static Value math_##name(Ctx *c, Value self, const Args *args) {                   \
        (void)self;                                                                    \
        return apply(c, args, f, overflows);                                           \
    }
FUNCTION(acos, acos, false)
FUNCTION(acosh, libm_acosh, false)
FUNCTION(asin, asin, false)
FUNCTION(asinh, asinh, false)
FUNCTION(atan, atan, false)
FUNCTION(atanh, atanh, false)
FUNCTION(cbrt, libm_cbrt, false)
FUNCTION(cos, cos, false)
FUNCTION(cosh, cosh, true)
FUNCTION(erf, libm_erf, false)
FUNCTION(erfc, libm_erfc, false)
FUNCTION(exp, exp, true)
FUNCTION(exp2, libm_exp2, true)
FUNCTION(expm1, expm1, true)
FUNCTION(fabs, fabs, false)
FUNCTION(lgamma_of, math_lgamma, true)
FUNCTION(log1p, log1p, false)
FUNCTION(sin, sin, false)
FUNCTION(sinh, sinh, true)
FUNCTION(sqrt, sqrt, false)
FUNCTION(tan, tan, false)
FUNCTION(tanh, tanh, false)

static Value math_gamma_of(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x;
    if (!value_to_double(c, args->pos[0], &x)) return value_null();
    return x == 0 ? domain_error(c) : apply(c, args, math_gamma, true);
}

static double to_degrees(double x) {
    return x * (180.0 / 3.141592653589793238462643383279502884197);
}
static double to_radians(double x) {
    return x * (3.141592653589793238462643383279502884197 / 180.0);
}

static double unit_in_last_place(double x) {
    x = fabs(x);
    if (!isfinite(x)) return x;
    double above = nextafter(x, HUGE_VAL);
    return isinf(above) ? x - nextafter(x, -HUGE_VAL) : above - x;
}

/* The same without a look at the result. */
#define PLAIN_FUNCTION(name, type, f)                                                  \
    static Value math_##name(Ctx *c, Value self, const Args *args) {                   \
        (void)self;                                                                    \
        double x;                                                                      \
        return value_to_double(c, args->pos[0], &x) ? value_##type(f(x))               \
                                                    : value_null();                    \
    }
PLAIN_FUNCTION(degrees, float, to_degrees)
PLAIN_FUNCTION(radians, float, to_radians)
PLAIN_FUNCTION(ulp, float, unit_in_last_place)
PLAIN_FUNCTION(isfinite, bool, isfinite)
PLAIN_FUNCTION(isinf, bool, isinf)
PLAIN_FUNCTION(isnan, bool, isnan)

/* ---- two floats ---- */

static bool two_doubles(Ctx *c, const Args *args, double *x, double *y) {
    return value_to_double(c, args->pos[0], x) && value_to_double(c, args->pos[1], y);
}

static Value apply_two(Ctx *c, const Args *args, double (*f)(double, double)) {
    double x, y;
    if (!two_doubles(c, args, &x, &y)) return value_null();
    double r = f(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) return domain_error(c);
    return value_float(r);
}

#define FUNCTION_OF_TWO(name, f)                                                       \
    static Value math_##name(Ctx *c, Value self, const Args *args) {                   \
        (void)self;                                                                    \
        return apply_two(c, args, f);                                                  \
    }
FUNCTION_OF_TWO(atan2, atan2)
FUNCTION_OF_TWO(copysign, copysign)
FUNCTION_OF_TWO(fmod, fmod)
FUNCTION_OF_TWO(nextafter, nextafter)
FUNCTION_OF_TWO(remainder, remainder)

static Value math_pow(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x, y;
    if (!two_doubles(c, args, &x, &y)) return value_null();
    double r = pow(x, y);
    bool finite = isfinite(x) && isfinite(y);
    if (finite && (isnan(r) || (isinf(r) && x == 0))) return domain_error(c);
    return finite && isinf(r) ? range_error(c) : value_float(r);
}

static Value math_isclose(Ctx *c, Value self, const Args *args) {
    (void)self;
    double a, b, relative = 1e-9, absolute = 0;
    if (!two_doubles(c, args, &a, &b)) return value_null();
    if (!value_is_null(args->pos[2]) && !value_to_double(c, args->pos[2], &relative))
        return value_null();
    if (!value_is_null(args->pos[3]) && !value_to_double(c, args->pos[3], &absolute))
        return value_null();
    if (relative < 0 || absolute < 0)
        return value_raise(c, ValueError, "tolerances must be non-negative");
    if (a == b) return value_bool(true);
    if (isinf(a) || isinf(b)) return value_bool(false);
    double apart = fabs(b - a);
    return value_bool(apart <= fabs(relative * b) || apart <= fabs(relative * a) ||
                      apart <= absolute);
}

/* ---- floats in parts ---- */

static Value math_frexp(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x;
    int exponent = 0;
    if (!value_to_double(c, args->pos[0], &x)) return value_null();
    if (isfinite(x)) x = frexp(x, &exponent);
    return tuple_of(c, 2, (Value[]){value_float(x), value_int(exponent)});
}

static Value math_modf(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x, whole;
    if (!value_to_double(c, args->pos[0], &x)) return value_null();
    double rest = modf(x, &whole);
    return tuple_of(c, 2, (Value[]){value_float(rest), value_float(whole)});
}

static Value math_ldexp(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x;
    Value by = args->pos[1];
    if (!value_to_double(c, args->pos[0], &x)) return value_null();
    if (!value_is_int(by))
        return value_raise(c, TypeError,
                           "Expected an int as second argument to ldexp.");
    if (x == 0 || !isfinite(x)) return value_float(x);
    /* Beyond 5000 either way every float has become inf or 0. */
    int64_t n = bigint_sign(by) * INT64_C(5000);
    if (bigint_bits(by) < 13 && !value_to_index(c, by, &n)) return value_null();
    double r = ldexp(x, (int)n);
    return isinf(r) ? range_error(c) : value_float(r);
}

/* ceil and floor and trunc of what is no float. */
static Value round_by(Ctx *c, Value v, double (*f)(double)) {
    double x;
    if (value_is_int(v)) return bigint_unary(c, UNARY_POS, v);
    return value_to_double(c, v, &x) ? bigint_from_double(c, f(x)) : value_null();
}

static Value math_ceil(Ctx *c, Value self, const Args *args) {
    (void)self;
    return round_by(c, args->pos[0], ceil);
}

static Value math_floor(Ctx *c, Value self, const Args *args) {
    (void)self;
    return round_by(c, args->pos[0], floor);
}

static Value math_trunc(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (!type_ops(args->pos[0])->to_double)
        return value_raise(c, TypeError, "type %s doesn't define __trunc__ method",
                           type_name(args->pos[0]));
    return round_by(c, args->pos[0], trunc);
}

/* ---- logarithms, also of ints that are no floats ---- */

/* False when an error is pending. */
static bool logarithm(Ctx *c, Value v, Function f, double *out) {
    double x;
    if (value_is_int(v) && bigint_sign(v) <= 0)
        return error_raise(c, ValueError, "math domain error");
    if (value_is_int(v) && bigint_bits(v) > 1023) {
        int64_t exponent;
        x = bigint_frexp(v, &exponent);
        /* A number that does fit is taken as it is, for that is more exact. */
        if (exponent > 1024) {
            *out = f(x) + f(2) * (double)exponent;
            return true;
        }
    }
    if (!value_to_double(c, v, &x)) return false;
    *out = f(x);
    bool pole = isinf(*out) && isfinite(x);
    if (!pole && (isnan(x) || !isnan(*out))) return true;
    return error_raise(c, ValueError, "math domain error");
}

static Value math_log(Ctx *c, Value self, const Args *args) {
    (void)self;
    double x = 0, base = 0;
    if (args->n_named)
        return value_raise(c, TypeError, "log() takes no keyword arguments");
    if (args->n < 1 || args->n > 2)
        return value_raise(c, TypeError, "math.log requires 1 to 2 arguments");
    if (!logarithm(c, args->pos[0], log, &x)) return value_null();
    if (args->n == 1) return value_float(x);
    if (!logarithm(c, args->pos[1], log, &base)) return value_null();
    return value_binary(c, BINARY_DIV, value_float(x), value_float(base));
}

static Value math_log2(Ctx *c, Value self, const Args *args) {
    (void)self;
    double r = 0;
    return logarithm(c, args->pos[0], log2, &r) ? value_float(r) : value_null();
}

static Value math_log10(Ctx *c, Value self, const Args *args) {
    (void)self;
    double r = 0;
    return logarithm(c, args->pos[0], log10, &r) ? value_float(r) : value_null();
}

/* ---- whole numbers ---- */

/* v as an int of any size; VAL_NULL when it is none. */
static Value whole(Ctx *c, Value v) {
    int64_t i;
    if (value_is_int(v)) return bigint_unary(c, UNARY_POS, v);
    return value_to_index(c, v, &i) ? value_int(i) : value_null();
}

static Value math_factorial(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value n = whole(c, args->pos[0]);
    if (value_is_null(n)) return n;
    if (bigint_sign(n) < 0)
        return value_raise(c, ValueError,
                           "factorial() not defined for negative values");
    if (value_bigint(n))
        return value_raise(c, OverflowError,
                           "factorial() argument should not exceed %lld",
                           (long long)INT64_MAX);
    return bigint_factorial(c, n.as.i);
}

static Value fold_ints(Ctx *c, const Args *args, Value start,
                       Value (*f)(Ctx *, Value, Value)) {
    Value r = start;
    for (size_t i = 0; i < args->n && !value_is_null(r); i++) {
        Value v = whole(c, args->pos[i]);
        r = value_is_null(v) ? v : f(c, r, v);
    }
    return r;
}

static Value least_common_multiple(Ctx *c, Value a, Value b) {
    if (bigint_sign(a) == 0 || bigint_sign(b) == 0) return value_int(0);
    Value divisor = bigint_gcd(c, a, b);
    Value r = ctx_failed(c) ? divisor : bigint_binary(c, BINARY_FLOORDIV, a, divisor);
    if (!ctx_failed(c)) r = bigint_binary(c, BINARY_MUL, r, b);
    return ctx_failed(c) ? value_null() : bigint_abs(c, r);
}

static Value math_gcd(Ctx *c, Value self, const Args *args) {
    (void)self;
    return fold_ints(c, args, value_int(0), bigint_gcd);
}

static Value math_lcm(Ctx *c, Value self, const Args *args) {
    (void)self;
    return fold_ints(c, args, value_int(1), least_common_multiple);
}

static Value math_isqrt(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value n = whole(c, args->pos[0]);
    return value_is_null(n) ? n : bigint_isqrt(c, n);
}

static bool check_not_negative(Ctx *c, const char *name, Value v) {
    if (bigint_sign(v) >= 0) return true;
    return error_raise(c, ValueError, "%s must be a non-negative integer", name);
}

static Value choose(Ctx *c, Value n, Value k, bool unordered) {
    if (!check_not_negative(c, "n", n) || !check_not_negative(c, "k", k))
        return value_null();
    if (bigint_order(k, n) > 0) return value_int(0);
    if (unordered) {
        Value rest = bigint_binary(c, BINARY_SUB, n, k);
        if (value_is_null(rest)) return rest;
        if (bigint_order(rest, k) < 0) k = rest;
    }
    if (value_bigint(k))
        return value_raise(c, OverflowError, "%s must not exceed %lld",
                           unordered ? "min(n - k, k)" : "k", (long long)INT64_MAX);
    return bigint_choose(c, n, k.as.i, unordered);
}

static Value math_comb(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value n = whole(c, args->pos[0]);
    Value k = value_is_null(n) ? n : whole(c, args->pos[1]);
    return value_is_null(k) ? k : choose(c, n, k, true);
}

static Value math_perm(Ctx *c, Value self, const Args *args) {
    if (value_is_null(args->pos[1]) || value_is_none(args->pos[1]))
        return math_factorial(c, self, args);
    Value n = whole(c, args->pos[0]);
    Value k = value_is_null(n) ? n : whole(c, args->pos[1]);
    return value_is_null(k) ? k : choose(c, n, k, false);
}

/* ---- many numbers ---- */

/* The items of a list as floats, to be freed; NULL on error. */
static double *to_doubles(Ctx *c, const Value *items, size_t n) {
    double *x = ctx_alloc(c, n * sizeof *x);
    for (size_t i = 0; x && i < n; i++)
        if (!value_to_double(c, items[i], &x[i])) {
            ctx_free(c, x, n * sizeof *x);
            return NULL;
        }
    return x;
}

static Value math_hypot(Ctx *c, Value self, const Args *args) {
    (void)self;
    double *x = to_doubles(c, args->pos, args->n);
    if (!x) return value_null();
    double r = math_norm(x, args->n);
    ctx_free(c, x, args->n * sizeof *x);
    return value_float(r);
}

static Value distance(Ctx *c, const List *p, const List *q) {
    if (p->n != q->n)
        return value_raise(c, ValueError,
                           "both points must have the same number of dimensions");
    double *x = to_doubles(c, p->items, p->n);
    double *y = x ? to_doubles(c, q->items, q->n) : NULL;
    double r = 0;
    for (size_t i = 0; y && i < p->n; i++) x[i] -= y[i];
    if (y) r = math_norm(x, p->n);
    ctx_free(c, x, p->n * sizeof *x);
    ctx_free(c, y, q->n * sizeof *y);
    return ctx_failed(c) ? value_null() : value_float(r);
}

static Value math_dist(Ctx *c, Value self, const Args *args) {
    (void)self;
    const List *p = value_to_list(c, args->pos[0]);
    const List *q = p ? value_to_list(c, args->pos[1]) : NULL;
    return q ? distance(c, p, q) : value_null();
}

static Value math_fsum(Ctx *c, Value self, const Args *args) {
    (void)self;
    ExactSum sum = {.n = 0};
    Value iterator = value_iterate(c, args->pos[0]);
    while (!value_is_null(iterator)) {
        double x;
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        bool more = !value_is_null(item) && value_to_double(c, item, &x);
        pool_drain(c, mark);
        if (!more) break;
        if (!exact_sum_add(&sum, x))
            return value_raise(c, OverflowError, "intermediate overflow in fsum");
    }
    if (ctx_failed(c)) return value_null();
    if (isnan(sum.infinite)) return value_raise(c, ValueError, "-inf + inf in fsum");
    return value_float(exact_sum_total(&sum));
}

static Value math_prod(Ctx *c, Value self, const Args *args) {
    (void)self;
    size_t outer = pool_mark(c);
    Value r = value_is_null(args->pos[1]) ? value_int(1) : args->pos[1];
    Value iterator = value_iterate(c, args->pos[0]);
    while (!value_is_null(iterator) && !value_is_null(r)) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        if (value_is_null(item)) break;
        r = pool_drain_keep(c, mark, value_binary(c, BINARY_MUL, r, item));
    }
    return pool_drain_keep(c, outer, ctx_failed(c) ? value_null() : r);
}

/* ---- the tables ---- */

const Native math_functions[] = {
    {"math.acos", "x /", math_acos},
    {"math.acosh", "x /", math_acosh},
    {"math.asin", "x /", math_asin},
    {"math.asinh", "x /", math_asinh},
    {"math.atan", "x /", math_atan},
    {"math.atan2", "y x /", math_atan2},
    {"math.atanh", "x /", math_atanh},
    {"math.cbrt", "x /", math_cbrt},
    {"math.ceil", "x /", math_ceil},
    {"math.comb", "n k /", math_comb},
    {"math.copysign", "x y /", math_copysign},
    {"math.cos", "x /", math_cos},
    {"math.cosh", "x /", math_cosh},
    {"math.degrees", "x /", math_degrees},
    {"math.dist", "p q /", math_dist},
    {"math.erf", "x /", math_erf},
    {"math.erfc", "x /", math_erfc},
    {"math.exp", "x /", math_exp},
    {"math.exp2", "x /", math_exp2},
    {"math.expm1", "x /", math_expm1},
    {"math.fabs", "x /", math_fabs},
    {"math.factorial", "n /", math_factorial},
    {"math.floor", "x /", math_floor},
    {"math.fmod", "x y /", math_fmod},
    {"math.frexp", "x /", math_frexp},
    {"math.fsum", "seq /", math_fsum},
    {"math.gamma", "x /", math_gamma_of},
    {"math.gcd", "*integers /", math_gcd},
    {"math.hypot", "*coordinates /", math_hypot},
    {"math.isclose", "a b * rel_tol? abs_tol?", math_isclose},
    {"math.isfinite", "x /", math_isfinite},
    {"math.isinf", "x /", math_isinf},
    {"math.isnan", "x /", math_isnan},
    {"math.isqrt", "n /", math_isqrt},
    {"math.lcm", "*integers /", math_lcm},
    {"math.ldexp", "x i /", math_ldexp},
    {"math.lgamma", "x /", math_lgamma_of},
    {"math.log", NULL, math_log},
    {"math.log10", "x /", math_log10},
    {"math.log1p", "x /", math_log1p},
    {"math.log2", "x /", math_log2},
    {"math.modf", "x /", math_modf},
    {"math.nextafter", "x y /", math_nextafter},
    {"math.perm", "n k? /", math_perm},
    {"math.pow", "x y /", math_pow},
    {"math.prod", "iterable / * start?", math_prod},
    {"math.radians", "x /", math_radians},
    {"math.remainder", "x y /", math_remainder},
    {"math.sin", "x /", math_sin},
    {"math.sinh", "x /", math_sinh},
    {"math.sqrt", "x /", math_sqrt},
    {"math.tan", "x /", math_tan},
    {"math.tanh", "x /", math_tanh},
    {"math.trunc", "x /", math_trunc},
    {"math.ulp", "x /", math_ulp},
    {NULL, NULL, NULL},
};

const MathConstant math_constants[] = {
    {"e", 2.718281828459045235360287471352662498},
    {"inf", HUGE_VAL},
    {"nan", NAN},
    {"pi", 3.141592653589793238462643383279502884197},
    {"tau", 6.283185307179586476925286766559005768394},
    {NULL, 0},
};
