/* number_format and format_spec: numbers as text and text as numbers, and format(). */
#include "runner/text/number_format.h"
#include "runner/values/number.h"
#include "value_test.h"

static void check_float(Ctx *c, double x, const char *expected) {
    check_repr(c, F(x), expected);
}

static void a_float_shows_its_shortest_digits(void **state) {
    Ctx *c = *state;
    check_float(c, 0.1, "0.1");
    check_float(c, 0.1 + 0.2, "0.30000000000000004");
    check_float(c, 1e15, "1000000000000000.0");
    check_float(c, 1e16, "1e+16");
    check_float(c, 1e-4, "0.0001");
    check_float(c, 1e-5, "1e-05");
    check_float(c, -0.0, "-0.0");
    check_float(c, 5e-324, "5e-324");
    check_float(c, 1.7976931348623157e308, "1.7976931348623157e+308");
    check_float(c, 1e22, "1e+22");
    check_float(c, 123456789.123, "123456789.123");
}

static void powers_of_two_have_lopsided_neighbours(void **state) {
    Ctx *c = *state;
    check_float(c, 0x1p-24, "5.960464477539063e-08");
    check_float(c, 0x1p-44, "5.684341886080802e-14");
    check_float(c, 0x1p89, "6.189700196426902e+26");
}

static void check_format(Ctx *c, Value v, const char *spec, const char *expected) {
    Buf b;
    buf_init(&b, &c->mem);
    value_format(c, &b, v, value_str(S(c, spec)));
    assert_int_equal(c->error.kind, ERR_NONE);
    assert_string_equal(buf_text(&b), expected);
    buf_free(&b);
}

static void check_refused(Ctx *c, Value v, const char *spec, const char *text) {
    Buf b;
    buf_init(&b, &c->mem);
    value_format(c, &b, v, value_str(S(c, spec)));
    buf_free(&b);
    check_error(c, ValueError, text);
}

static void ints_are_formatted(void **state) {
    Ctx *c = *state;
    check_format(c, I(1234567), ",", "1,234,567");
    check_format(c, I(-1234), "010,", "-0,001,234");
    check_format(c, I(1234), "08,", "0,001,234");
    check_format(c, I(70000), "_x", "1_1170");
    check_format(c, I(-255), "#010x", "-0x00000ff");
    check_format(c, I(255), "#X", "0XFF");
    check_format(c, I(5), "*=+7", "+*****5");
    check_format(c, I(5), "^7", "   5   ");
    check_format(c, I(65), "c", "A");
    check_format(c, I(0x20AC), ">3c", "  \u20ac");
    check_format(c, value_bool(true), "", "True");
    check_format(c, value_bool(true), "5", "    1");
    check_format(c, I(5), ".2f", "5.00");
    check_format(c, I(5), "%", "500.000000%");
}

static void floats_are_formatted(void **state) {
    Ctx *c = *state;
    check_format(c, F(3.14159), ".3", "3.14");
    check_format(c, F(100), ".3", "1e+02");
    check_format(c, F(100), ".4", "100.0");
    check_format(c, F(1e300), "#", "1.e+300");
    check_format(c, F(1234567.891), ",.1f", "1,234,567.9");
    check_format(c, F(1234.5), "012,", "00,001,234.5");
    check_format(c, F(0.12345), ".1%", "12.3%");
    check_format(c, F(-0.4), "z.0f", "0");
    check_format(c, F(-0.0), "+.1f", "-0.0");
    check_format(c, F(strtod("inf", NULL)), "010,", "0000000inf");
    check_format(c, F(strtod("nan", NULL)), "+F", "+NAN");
    check_format(c, F(2.5), "\u00e9^7", "\u00e9\u00e92.5\u00e9\u00e9");
}

static void strs_are_formatted(void **state) {
    Ctx *c = *state;
    check_format(c, S(c, "h\u00e9llo"), ".2", "h\u00e9");
    check_format(c, S(c, "abc"), "*^8", "**abc***");
    check_format(c, S(c, "a"), "05", "a0000");
    check_refused(c, S(c, "a"), "d",
                  "Unknown format code 'd' for object of type 'str'");
    check_refused(c, S(c, "a"), "=5",
                  "'=' alignment not allowed in string format specifier");
    check_refused(c, S(c, "a"), " ", "Space not allowed in string format specifier");
    check_refused(c, S(c, "a"), ",", "Cannot specify ',' with 's'.");
}

static void bad_specs_of_numbers(void **state) {
    Ctx *c = *state;
    check_refused(c, F(1), "d", "Unknown format code 'd' for object of type 'float'");
    check_refused(c, value_bool(true), "s",
                  "Unknown format code 's' for object of type 'bool'");
    check_refused(c, I(1), "\n", "Unknown format code '\\xa' for object of type 'int'");
    check_refused(c, I(1), "+ 5",
                  "Invalid format specifier '+ 5' for object of type 'int'");
    check_refused(c, I(1), ".2d", "Precision not allowed in integer format specifier");
    check_refused(c, I(1), ".", "Format specifier missing precision");
    check_refused(c, I(1), ",_d", "Cannot specify both ',' and '_'.");
    check_refused(c, I(1), ",x", "Cannot specify ',' with 'x'.");
    check_refused(c, I(1), "99999999999999999999",
                  "Too many decimal digits in format string");
}

static void other_types_take_no_spec(void **state) {
    Ctx *c = *state;
    check_format(c, NONE, "", "None");
    Buf b;
    buf_init(&b, &c->mem);
    value_format(c, &b, L(I(1)), value_str(S(c, "5")));
    buf_free(&b);
    check_error(c, TypeError, "unsupported format string passed to list.__format__");
}

static void rounding_is_pythons(void **state) {
    Ctx *c = *state;
    check_repr(c, number_round(c, F(2.5), NONE), "2");
    check_repr(c, number_round(c, F(-1.5), NONE), "-2");
    check_repr(c, number_round(c, F(2.675), I(2)), "2.67");
    check_repr(c, number_round(c, F(1250.0), I(-2)), "1200.0");
    check_repr(c, number_round(c, F(1250.0000001), I(-2)), "1300.0");
    check_repr(c, number_round(c, F(-0.04), I(1)), "-0.0");
    check_repr(c, number_round(c, I(25), I(-1)), "20");
    check_repr(c, number_round(c, I(12350), I(-2)), "12400");
    check_repr(c, number_round(c, I(5), I(-99)), "0");
    check_repr(c, number_round(c, F(1e300), I(INT64_MIN)), "0.0");
    number_round(c, F(1.7e308), I(-308));
    check_error(c, OverflowError, "rounded value too large to represent");
    number_round(c, F(1.5), S(c, "a"));
    check_error(c, TypeError, "'str' object cannot be interpreted as an integer");
}

static void texts_are_read_as_floats(void **state) {
    Ctx *c = *state;
    check_repr(c, number_to_float(c, S(c, " 1_0.5e1 ")), "105.0");
    check_repr(c, number_to_float(c, S(c, "-Infinity")), "-inf");
    check_repr(c, number_to_float(c, S(c, "1e400")), "inf");
    check_repr(c, number_to_float(c, S(c, ".5")), "0.5");
    number_to_float(c, S(c, "0x1p3"));
    check_error(c, ValueError, "could not convert string to float: '0x1p3'");
    number_to_float(c, S(c, "1__0"));
    check_error(c, ValueError, "could not convert string to float: '1__0'");
    number_to_float(c, L(I(1)));
    check_error(c, TypeError,
                "float() argument must be a string or a real number, not 'list'");
}

static void float_arithmetic_is_pythons(void **state) {
    Ctx *c = *state;
    check_repr(c, value_binary(c, BINARY_FLOORDIV, F(-1.5), I(1)), "-2.0");
    check_repr(c, value_binary(c, BINARY_MOD, F(-7.5), I(2)), "0.5");
    check_repr(c, value_binary(c, BINARY_MOD, I(-5), F(strtod("inf", NULL))), "inf");
    check_repr(c, value_binary(c, BINARY_POW, F(0), F(strtod("-inf", NULL))), "inf");
    value_binary(c, BINARY_FLOORDIV, F(1), I(0));
    check_error(c, ZeroDivisionError, "float floor division by zero");
    value_binary(c, BINARY_MOD, F(1), I(0));
    check_error(c, ZeroDivisionError, "float modulo");
    value_binary(c, BINARY_POW, F(2), I(1024));
    check_error(c, OverflowError, "(34, 'Numerical result out of range')");
    value_binary(c, BINARY_OR, F(1.5), I(1));
    check_error(c, TypeError, "unsupported operand type(s) for |: 'float' and 'int'");
    check_repr(c, value_binary(c, BINARY_OR, value_bool(true), value_bool(false)),
               "True");
    check_repr(c, value_binary(c, BINARY_ADD, value_bool(true), value_bool(true)), "2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(a_float_shows_its_shortest_digits),
        ctx_test(powers_of_two_have_lopsided_neighbours),
        ctx_test(ints_are_formatted),
        ctx_test(floats_are_formatted),
        ctx_test(strs_are_formatted),
        ctx_test(bad_specs_of_numbers),
        ctx_test(other_types_take_no_spec),
        ctx_test(rounding_is_pythons),
        ctx_test(texts_are_read_as_floats),
        ctx_test(float_arithmetic_is_pythons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
