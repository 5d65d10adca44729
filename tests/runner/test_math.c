/* math: results and errors of CPython 3.11's math module, to the last bit. */
#include "runner/values/math_module.h"
#include "runner/values/number.h"
#include "value_test.h"

static Value call(Ctx *c, const char *name, size_t n, const Value *args) {
    Str *s = value_str(S(c, name));
    const Native *f = s ? native_find(math_functions, s) : NULL;
    if (!f) return value_raise(c, AttributeError, "%s", name);
    return native_call(c, f, value_null(), &(Args){.pos = args, .n = n});
}
#define MATH(name, ...) call(c, name, VALUES(__VA_ARGS__))

static void functions_of_floats(void **state) {
    Ctx *c = *state;
    check_repr(c, MATH("sqrt", I(2)), "1.4142135623730951");
    check_repr(c, MATH("gamma", F(0.5)), "1.7724538509055159");
    check_repr(c, MATH("gamma", F(-0.5)), "-3.544907701811032");
    check_repr(c, MATH("lgamma", F(100.5)), "361.4355404677776");
    check_repr(c, MATH("degrees", F(1)), "57.29577951308232");
    check_repr(c, MATH("ulp", I(1)), "2.220446049250313e-16");
    check_repr(c, MATH("copysign", I(1), F(-0.0)), "-1.0");
    check_repr(c, MATH("remainder", I(7), I(4)), "-1.0");
    check_repr(c, MATH("frexp", F(-3.5)), "(-0.875, 2)");
    check_repr(c, MATH("modf", F(-3.5)), "(-0.5, -3.0)");
    check_repr(c, MATH("hypot", I(1), I(1), I(1)), "1.7320508075688772");
    check_repr(c, MATH("dist", T(I(1), I(2)), L(I(4), I(6))), "5.0");
    check_repr(c, MATH("isclose", I(1), F(1 + 1e-10)), "True");
}

static void what_is_undefined_or_too_large(void **state) {
    Ctx *c = *state;
    MATH("sqrt", I(-1));
    check_error(c, ValueError, "math domain error");
    MATH("log", I(0));
    check_error(c, ValueError, "math domain error");
    MATH("gamma", I(0));
    check_error(c, ValueError, "math domain error");
    MATH("sin", F(strtod("inf", NULL)));
    check_error(c, ValueError, "math domain error");
    MATH("pow", I(0), I(-1));
    check_error(c, ValueError, "math domain error");
    MATH("exp", I(1000));
    check_error(c, OverflowError, "math range error");
    MATH("ldexp", I(1), I(INT64_MAX));
    check_error(c, OverflowError, "math range error");
    check_repr(c, MATH("ldexp", I(1), I(INT64_MIN)), "0.0");
}

static void arguments_are_real_numbers(void **state) {
    Ctx *c = *state;
    MATH("sin", S(c, "a"));
    check_error(c, TypeError, "must be real number, not str");
    MATH("sin", I(1), I(2));
    check_error(c, TypeError, "math.sin() takes exactly one argument (2 given)");
    MATH("pow", I(1));
    check_error(c, TypeError, "pow expected 2 arguments, got 1");
    call(c, "log", 0, NULL);
    check_error(c, TypeError, "math.log requires 1 to 2 arguments");
    MATH("ldexp", F(1), F(2));
    check_error(c, TypeError, "Expected an int as second argument to ldexp.");
    MATH("factorial", F(5));
    check_error(c, TypeError, "'float' object cannot be interpreted as an integer");
    MATH("trunc", S(c, "a"));
    check_error(c, TypeError, "type str doesn't define __trunc__ method");
}

static void whole_numbers_of_any_size(void **state) {
    Ctx *c = *state;
    check_repr(c, MATH("floor", F(-1e20)), "-100000000000000000000");
    check_repr(c, MATH("ceil", F(1.5)), "2");
    check_repr(c, MATH("factorial", I(25)), "15511210043330985984000000");
    check_repr(c, MATH("comb", I(100), I(50)), "100891344545564193334812497256");
    check_repr(c, MATH("comb", I(3), I(5)), "0");
    check_repr(c, MATH("perm", I(5), I(2)), "20");
    check_repr(c, MATH("perm", I(4)), "24");
    check_repr(c, MATH("gcd", I(-12), I(18), I(9)), "3");
    check_repr(c, MATH("lcm", I(4), I(6)), "12");
    check_repr(c, call(c, "lcm", 0, NULL), "1");
    Value huge = value_binary(c, BINARY_POW, I(10), I(400));
    check_repr(c, MATH("log10", huge), "400.0");
    check_repr(c, MATH("log", huge), "921.0340371976182");
    MATH("sqrt", huge);
    check_error(c, OverflowError, "int too large to convert to float");
    MATH("factorial", I(-1));
    check_error(c, ValueError, "factorial() not defined for negative values");
    MATH("comb", I(5), I(-1));
    check_error(c, ValueError, "k must be a non-negative integer");
}

static void sums_are_exact(void **state) {
    Ctx *c = *state;
    Value tenths = value_binary(c, BINARY_MUL, L(F(0.1)), I(10));
    check_repr(c, MATH("fsum", tenths), "1.0");
    check_repr(c, MATH("fsum", L(F(1e100), F(1), F(-1e100))), "1.0");
    check_repr(c, MATH("fsum", L(F(1), F(0x1p-53), F(0x1p-106))), "1.0000000000000002");
    check_repr(c, MATH("prod", L(I(2), F(1.5))), "3.0");
    double inf = strtod("inf", NULL);
    MATH("fsum", L(F(inf), F(-inf)));
    check_error(c, ValueError, "-inf + inf in fsum");
    MATH("fsum", L(F(1e308), F(1e308)));
    check_error(c, OverflowError, "intermediate overflow in fsum");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(functions_of_floats),
        ctx_test(what_is_undefined_or_too_large),
        ctx_test(arguments_are_real_numbers),
        ctx_test(whole_numbers_of_any_size),
        ctx_test(sums_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
