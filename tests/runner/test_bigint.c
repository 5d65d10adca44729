/* bigint: ints across the border of 64 bits, against CPython 3.11. */
#include "runner/values/number.h"
#include "value_test.h"

static Value N(Ctx *c, const char *digits) {
    return bigint_parse(c, value_str(S(c, digits)), 0);
}

static void check_binary(Ctx *c, const char *a, BinaryOp op, const char *b,
                         const char *expected) {
    check_repr(c, value_binary(c, op, N(c, a), N(c, b)), expected);
}

#define TWO_63 "9223372036854775808"

static void results_leave_64_bits_and_come_back(void **state) {
    Ctx *c = *state;
    check_binary(c, "9223372036854775807", BINARY_ADD, "1", TWO_63);
    check_binary(c, TWO_63, BINARY_SUB, "1", "9223372036854775807");
    check_binary(c, "-9223372036854775807", BINARY_SUB, "2", "-9223372036854775809");
    check_binary(c, "4294967296", BINARY_MUL, "4294967296", "18446744073709551616");
    Value v = value_binary(c, BINARY_SUB, N(c, TWO_63), N(c, "1"));
    assert_int_equal(v.tag, VAL_INT);
}

static void the_least_int_does_not_overflow(void **state) {
    Ctx *c = *state;
    check_repr(c, value_unary(c, UNARY_NEG, I(INT64_MIN)), TWO_63);
    check_repr(c, number_abs(c, I(INT64_MIN)), TWO_63);
    check_repr(c, value_binary(c, BINARY_FLOORDIV, I(INT64_MIN), I(-1)), TWO_63);
    check_repr(c, value_binary(c, BINARY_MOD, I(INT64_MIN), I(-1)), "0");
    check_repr(c, value_binary(c, BINARY_MUL, I(INT64_MIN), I(-1)), TWO_63);
    check_repr(c, number_divmod(c, I(INT64_MIN), I(-1)), "(" TWO_63 ", 0)");
}

static void division_rounds_down(void **state) {
    Ctx *c = *state;
    check_repr(c, number_divmod(c, I(-7), I(2)), "(-4, 1)");
    check_repr(c, number_divmod(c, I(7), I(-2)), "(-4, -1)");
    check_repr(c, number_divmod(c, N(c, "1180591620717411303424"), I(-3)),
               "(-393530540239137101142, -2)");
    check_binary(c, "-1267650600228229401496703205376", BINARY_FLOORDIV, "3",
                 "-422550200076076467165567735126");
}

static void division_by_zero_names_the_operator(void **state) {
    Ctx *c = *state;
    value_binary(c, BINARY_FLOORDIV, I(1), I(0));
    check_error(c, ZeroDivisionError, "integer division or modulo by zero");
    value_binary(c, BINARY_MOD, I(1), value_bool(false));
    check_error(c, ZeroDivisionError, "integer modulo by zero");
    value_binary(c, BINARY_DIV, I(1), I(0));
    check_error(c, ZeroDivisionError, "division by zero");
    value_binary(c, BINARY_POW, I(0), I(-1));
    check_error(c, ZeroDivisionError, "0.0 cannot be raised to a negative power");
}

static void bits_are_those_of_twos_complement(void **state) {
    Ctx *c = *state;
    check_binary(c, "-1180591620717411303424", BINARY_OR, "1",
                 "-1180591620717411303423");
    check_binary(c, "-1180591620717411303424", BINARY_AND, "12345", "0");
    check_binary(c, "-1180591620717411303424", BINARY_XOR, "1180591620717411303424",
                 "-2361183241434822606848");
    check_repr(c, value_unary(c, UNARY_INVERT, N(c, "1180591620717411303424")),
               "-1180591620717411303425");
    check_binary(c, "-5", BINARY_RSHIFT, "1180591620717411303424", "-1");
    check_binary(c, "-5", BINARY_RSHIFT, "1", "-3");
    check_binary(c, "1", BINARY_LSHIFT, "70", "1180591620717411303424");
}

static void shifts_refuse_absurd_counts(void **state) {
    Ctx *c = *state;
    value_binary(c, BINARY_LSHIFT, I(1), I(-1));
    check_error(c, ValueError, "negative shift count");
    value_binary(c, BINARY_LSHIFT, I(1), I(INT64_MAX));
    check_error(c, MemoryError, "");
    value_binary(c, BINARY_LSHIFT, I(1), N(c, "1180591620717411303424"));
    check_error(c, OverflowError, "too many digits in integer");
    check_repr(c, value_binary(c, BINARY_LSHIFT, I(0), I(INT64_MAX)), "0");
}

static void powers(void **state) {
    Ctx *c = *state;
    check_binary(c, "2", BINARY_POW, "100", "1267650600228229401496703205376");
    check_binary(c, "-3", BINARY_POW, "41", "-36472996377170786403");
    check_binary(c, "2", BINARY_POW, "-1", "0.5");
    check_binary(c, "-1", BINARY_POW, "1180591620717411303425", "-1");
    value_binary(c, BINARY_POW, I(10), I(INT64_MAX));
    check_error(c, MemoryError, "");
    check_repr(c, number_pow(c, I(3), I(4), I(5)), "1");
    check_repr(c, number_pow(c, I(3), I(5), I(-7)), "-2");
    check_repr(c, number_pow(c, I(2), I(-1), I(5)), "3");
    number_pow(c, I(2), I(-1), I(4));
    check_error(c, ValueError, "base is not invertible for the given modulus");
    number_pow(c, I(2), I(1), I(0));
    check_error(c, ValueError, "pow() 3rd argument cannot be 0");
}

static void true_division_is_correctly_rounded(void **state) {
    Ctx *c = *state;
    check_binary(c, "1267650600228229401496703205376", BINARY_DIV, "3",
                 "4.2255020007607644e+29");
    check_binary(c, "9007199254740993", BINARY_DIV, "9007199254740992", "1.0");
    check_repr(c, value_binary(c, BINARY_DIV, I(0), I(-3)), "-0.0");
    /* 3 * 2**-1076 rounds up to the least subnormal. */
    Value big = value_binary(c, BINARY_LSHIFT, I(1), I(1076));
    check_repr(c, value_binary(c, BINARY_DIV, I(3), big), "5e-324");
    check_repr(c, value_binary(c, BINARY_DIV, I(1), big), "0.0");
    value_binary(c, BINARY_DIV, value_binary(c, BINARY_LSHIFT, I(1), I(2000)), I(3));
    check_error(c, OverflowError, "integer division result too large for a float");
}

static void floats_of_big_ints(void **state) {
    Ctx *c = *state;
    check_repr(c, number_to_float(c, N(c, "1180591620717411434496")),
               "1.1805916207174113e+21");
    number_to_float(c, value_binary(c, BINARY_LSHIFT, I(1), I(1024)));
    check_error(c, OverflowError, "int too large to convert to float");
    Value big = value_binary(c, BINARY_LSHIFT, I(1), I(1024));
    assert_int_equal(value_test(c, COMPARE_GT, big, F(1e308)), 1);
    assert_int_equal(value_test(c, COMPARE_LT, big, F(strtod("inf", NULL))), 1);
    assert_int_equal(value_equals(c, N(c, "18446744073709551616"), F(0x1p64)), 1);
    assert_int_equal(value_equals(c, N(c, "18446744073709551617"), F(0x1p64)), 0);
    check_repr(c, number_to_int(c, F(-1e20)), "-100000000000000000000");
    number_to_int(c, F(strtod("nan", NULL)));
    check_error(c, ValueError, "cannot convert float NaN to integer");
    number_to_int(c, F(strtod("inf", NULL)));
    check_error(c, OverflowError, "cannot convert float infinity to integer");
}

static void equal_ints_hash_alike(void **state) {
    Ctx *c = *state;
    uint64_t a, b;
    assert_true(value_hash(c, N(c, "18446744073709551616"), &a));
    assert_true(value_hash(c, F(0x1p64), &b));
    assert_int_equal(a, b);
    assert_true(value_hash(c, N(c, "-1267650600228229401496703205376"), &a));
    assert_int_equal(a, (uint64_t)-549755813888);
}

static void texts_are_read_in_any_base(void **state) {
    Ctx *c = *state;
    struct {
        const char *text;
        int base;
        const char *expected;
    } cases[] = {{" 12 ", 10, "12"},        {"1_000", 10, "1000"}, {"0x_1F", 16, "31"},
                 {"-0b11", 0, "-3"},        {"0_0", 0, "0"},       {"zz", 36, "1295"},
                 {"\u0661\u0662", 10, "12"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_repr(c, number_to_int_base(c, S(c, cases[i].text), I(cases[i].base)),
                   cases[i].expected);
    check_repr(c, N(c, "0xffffffffffffffffffffffff"), "79228162514264337593543950335");
}

static void texts_that_are_no_ints(void **state) {
    Ctx *c = *state;
    number_to_int(c, S(c, "1__0"));
    check_error(c, ValueError, "invalid literal for int() with base 10: '1__0'");
    number_to_int_base(c, S(c, "010"), I(0));
    check_error(c, ValueError, "invalid literal for int() with base 0: '010'");
    number_to_int_base(c, S(c, "1"), I(37));
    check_error(c, ValueError, "int() base must be >= 2 and <= 36, or 0");
    number_to_int_base(c, I(1), I(2));
    check_error(c, TypeError, "int() can't convert non-string with explicit base");
    number_to_int(c, NONE);
    check_error(c, TypeError,
                "int() argument must be a string, a bytes-like object or a real "
                "number, not 'NoneType'");
}

static void decimal_texts_have_at_most_4300_digits(void **state) {
    Ctx *c = *state;
    Value v = value_binary(c, BINARY_POW, I(10), I(4299));
    assert_int_equal(value_repr_str(c, v)->len, 4300);
    assert_null(value_repr_str(c, value_binary(c, BINARY_MUL, v, I(10))));
    check_error(c, ValueError,
                "Exceeds the limit (4300 digits) for integer string conversion; use "
                "sys.set_int_max_str_digits() to increase the limit");
    Value digits = S(c, "");
    Buf b;
    buf_init(&b, &c->mem);
    buf_repeat(&b, '1', 4301);
    digits = value_obj(pool_add(c, str_from_buf(c, &b)));
    buf_free(&b);
    number_to_int(c, digits);
    check_error(c, ValueError,
                "Exceeds the limit (4300 digits) for integer string conversion: value "
                "has 4301 digits; use sys.set_int_max_str_digits() to increase the "
                "limit");
}

static void whole_number_functions(void **state) {
    Ctx *c = *state;
    check_repr(c, bigint_factorial(c, 30), "265252859812191058636308480000000");
    check_repr(c, bigint_factorial(c, 0), "1");
    check_repr(c, bigint_gcd(c, I(INT64_MIN), I(12)), "4");
    check_repr(c, bigint_isqrt(c, N(c, "1267650600228229401496703205375")),
               "1125899906842623");
    check_repr(c, bigint_choose(c, I(100), 50, true), "100891344545564193334812497256");
    check_repr(c, bigint_choose(c, I(5), 2, false), "20");
    bigint_isqrt(c, I(-1));
    check_error(c, ValueError, "isqrt() argument must be nonnegative");
}

static void everything(Ctx *c) {
    Value text = S(c, "123456789012345678901234567890");
    if (ctx_failed(c)) return;
    Value v = bigint_parse(c, value_str(text), 10);
    if (!ctx_failed(c)) v = value_binary(c, BINARY_POW, v, I(3));
    if (!ctx_failed(c)) v = value_binary(c, BINARY_FLOORDIV, v, I(-7));
    if (!ctx_failed(c)) v = value_unary(c, UNARY_INVERT, v);
    if (!ctx_failed(c)) value_repr_str(c, v);
    if (!ctx_failed(c)) number_round(c, v, I(-20));
    if (!ctx_failed(c)) bigint_factorial(c, 40);
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep_memory(everything);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(results_leave_64_bits_and_come_back),
        ctx_test(the_least_int_does_not_overflow),
        ctx_test(division_rounds_down),
        ctx_test(division_by_zero_names_the_operator),
        ctx_test(bits_are_those_of_twos_complement),
        ctx_test(shifts_refuse_absurd_counts),
        ctx_test(powers),
        ctx_test(true_division_is_correctly_rounded),
        ctx_test(floats_of_big_ints),
        ctx_test(equal_ints_hash_alike),
        ctx_test(texts_are_read_in_any_base),
        ctx_test(texts_that_are_no_ints),
        ctx_test(decimal_texts_have_at_most_4300_digits),
        ctx_test(whole_number_functions),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
