/* Operators, comparisons, displays, subscripts, f-strings.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void ints_and_floats(void **state) {
    (void)state;
    expect_output("print(2 ** 100, 7 // -2, -7 % 3, 7.5 // 2, 1e16, 0.1 + 0.2, 10 ** "
                  "20 // 3, 7 / 2)\n",
                  "1267650600228229401496703205376 -4 2 3.0 1e+16 0.30000000000000004 "
                  "33333333333333333333 3.5\n");
}

static void int_arithmetic_goes_beyond_64_bits(void **state) {
    (void)state;
    expect_output("a = 2 ** 62\n"
                  "print(a + a, a * 4, -a - a - 1, a - -a, 3037000500 * 3037000500)\n",
                  "9223372036854775808 18446744073709551616 -9223372036854775809 "
                  "9223372036854775808 9223372037000250000\n");
}

static void chains_of_one_precedence_go_from_the_left(void **state) {
    (void)state;
    expect_output("print(100 - 10 - 5, 2 * 3 % 4, 1 - 2 + 3, 8 // 2 * 3)\n",
                  "85 2 2 12\n");
}

static void unary_operators(void **state) {
    (void)state;
    expect_output("print(-5, +5, ~5, not 5, -True, not [])\n",
                  "-5 5 -6 False -1 True\n");
}

static void dividing_by_zero(void **state) {
    (void)state;
    expect_output("1 / 0\n", "ZeroDivisionError: division by zero\n");
}

static void floor_division_by_zero(void **state) {
    (void)state;
    expect_output("1 // 0\n",
                  "ZeroDivisionError: integer division or modulo by zero\n");
}

static void modulo_zero(void **state) {
    (void)state;
    expect_output("5 % 0\n", "ZeroDivisionError: integer modulo by zero\n");
}

static void unsupported_operands(void **state) {
    (void)state;
    expect_output("1 + \"a\"\n",
                  "TypeError: unsupported operand type(s) for +: 'int' and 'str'\n");
}

static void str_and_int_do_not_concatenate(void **state) {
    (void)state;
    expect_output("\"a\" + 1\n",
                  "TypeError: can only concatenate str (not \"int\") to str\n");
}

static void a_bad_operand_of_minus(void **state) {
    (void)state;
    expect_output("-\"a\"\n", "TypeError: bad operand type for unary -: 'str'\n");
}

static void unordered_types(void **state) {
    (void)state;
    expect_output(
        "1 < \"a\"\n",
        "TypeError: '<' not supported between instances of 'int' and 'str'\n");
}

static void chained_comparisons(void **state) {
    (void)state;
    expect_output("print(1 < 2 < 3, 1 < 3 < 2, 1 == 1.0 == True, 3 > 2 > 1 > 0)\n",
                  "True False True True\n");
}

static void a_chain_evaluates_each_operand_once_and_stops(void **state) {
    (void)state;
    expect_output("def f(v):\n"
                  "    print(\"f\", v)\n"
                  "    return v\n"
                  "print(f(3) < f(2) < f(1))\n",
                  "f 3\n"
                  "f 2\n"
                  "False\n");
}

static void and_and_or_give_operands(void **state) {
    (void)state;
    expect_output(
        "print([] or [1], \"a\" and \"b\", 0 or None, None and 1, 1 and 0 or 2)\n",
        "[1] b None None 2\n");
}

static void membership_and_identity(void **state) {
    (void)state;
    expect_output("print(1 in [1], 2 not in (1,), \"b\" in \"abc\", None is None, 1 is "
                  "not None)\n",
                  "SyntaxWarning: \"is not\" with a literal. Did you mean \"!=\"?\n"
                  "True True True True True\n");
}

static void membership_in_an_int(void **state) {
    (void)state;
    expect_output("1 in 5\n", "TypeError: argument of type 'int' is not iterable\n");
}

static void the_conditional_expression(void **state) {
    (void)state;
    expect_output("x = 5\n"
                  "print(\"big\" if x > 9 else \"small\", x if x else -x)\n",
                  "small 5\n");
}

static void displays_with_stars(void **state) {
    (void)state;
    expect_output("a = [1, 2]\n"
                  "print([*a, 3, *a], (*a,), {*a, 3}, {**{\"k\": 1}, \"z\": 2})\n",
                  "[1, 2, 3, 1, 2] (1, 2) {1, 2, 3} {'k': 1, 'z': 2}\n");
}

static void a_star_before_an_int(void **state) {
    (void)state;
    expect_output("[*5]\n", "TypeError: Value after * must be an iterable, not int\n");
}

static void a_star_before_an_int_in_a_set(void **state) {
    (void)state;
    expect_output("{*5}\n", "TypeError: 'int' object is not iterable\n");
}

static void two_stars_before_an_int(void **state) {
    (void)state;
    expect_output("{**5}\n", "TypeError: 'int' object is not a mapping\n");
}

static void indexing_and_slicing(void **state) {
    (void)state;
    expect_output(
        "x = [1, 2, 3, 4, 5]\n"
        "print(x[1:3], x[::2], x[-1], x[::-1], x[:2], \"hello\"[1:3], (1, 2, 3)[1:])\n",
        "[2, 3] [1, 3, 5] 5 [5, 4, 3, 2, 1] [1, 2] el (2, 3)\n");
}

static void slice_assignment(void **state) {
    (void)state;
    expect_output("x = [1, 2, 3, 4]\n"
                  "x[1:3] = [9]\n"
                  "del x[0]\n"
                  "print(x)\n",
                  "[9, 4]\n");
}

static void list_index_out_of_range(void **state) {
    (void)state;
    expect_output("[1][5]\n", "IndexError: list index out of range\n");
}

static void an_int_is_not_subscriptable(void **state) {
    (void)state;
    expect_output("x = 5\n"
                  "x[0]\n",
                  "TypeError: 'int' object is not subscriptable\n");
}

static void an_int_takes_no_item_assignment(void **state) {
    (void)state;
    expect_output("x = 5\n"
                  "x[0] = 1\n",
                  "TypeError: 'int' object does not support item assignment\n");
}

static void an_int_does_not_delete_items(void **state) {
    (void)state;
    expect_output("x = 5\n"
                  "del x[0]\n",
                  "TypeError: 'int' object does not support item deletion\n");
}

static void slices_of_a_user_class(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __getitem__(self, k): return k\n"
                  "a = A()\n"
                  "print(a[1:2], a[:, 1], a[...], a[1:2:3, ::4])\n",
                  "slice(1, 2, None) (slice(None, None, None), 1) Ellipsis (slice(1, "
                  "2, 3), slice(None, None, 4))\n");
}

static void f_strings(void **state) {
    (void)state;
    expect_output("x, w, p = 3.14159, 10, 2\n"
                  "print(f\"{x:{w}.{p}f}|{x!r}|{x:<8.1f}|{w=} {x=:.2f} "
                  "{w*2=}|{'a'!r:>5}|{{}}\")\n",
                  "      3.14|3.14159|3.1     |w=10 x=3.14 w*2=20|  'a'|{}\n");
}

static void f_strings_ask_format(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __format__(self, spec): return f\"<{spec}>\"\n"
                  "    def __repr__(self): return \"repr\"\n"
                  "print(f\"{A()}\", f\"{A():x}\", f\"{A()!r}\", f\"{A()!s:>8}\")\n",
                  "<> <x> repr     repr\n");
}

static void a_format_that_is_none(void **state) {
    (void)state;
    expect_output("f\"{[]:x}\"\n",
                  "TypeError: unsupported format string passed to list.__format__\n");
}

static void very_long_sums_are_flat(void **state) {
    (void)state;
    expect_output(
        "print(eval_free := sum([1] * 3) + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1)\n",
        "13\n");
}

static void a_constant_that_Python_warns_of(void **state) {
    (void)state;
    expect_output("x = 1 is 1\n"
                  "print(x)\n",
                  "SyntaxWarning: \"is\" with a literal. Did you mean \"==\"?\n"
                  "True\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ints_and_floats),
        cmocka_unit_test(int_arithmetic_goes_beyond_64_bits),
        cmocka_unit_test(chains_of_one_precedence_go_from_the_left),
        cmocka_unit_test(unary_operators),
        cmocka_unit_test(dividing_by_zero),
        cmocka_unit_test(floor_division_by_zero),
        cmocka_unit_test(modulo_zero),
        cmocka_unit_test(unsupported_operands),
        cmocka_unit_test(str_and_int_do_not_concatenate),
        cmocka_unit_test(a_bad_operand_of_minus),
        cmocka_unit_test(unordered_types),
        cmocka_unit_test(chained_comparisons),
        cmocka_unit_test(a_chain_evaluates_each_operand_once_and_stops),
        cmocka_unit_test(and_and_or_give_operands),
        cmocka_unit_test(membership_and_identity),
        cmocka_unit_test(membership_in_an_int),
        cmocka_unit_test(the_conditional_expression),
        cmocka_unit_test(displays_with_stars),
        cmocka_unit_test(a_star_before_an_int),
        cmocka_unit_test(a_star_before_an_int_in_a_set),
        cmocka_unit_test(two_stars_before_an_int),
        cmocka_unit_test(indexing_and_slicing),
        cmocka_unit_test(slice_assignment),
        cmocka_unit_test(list_index_out_of_range),
        cmocka_unit_test(an_int_is_not_subscriptable),
        cmocka_unit_test(an_int_takes_no_item_assignment),
        cmocka_unit_test(an_int_does_not_delete_items),
        cmocka_unit_test(slices_of_a_user_class),
        cmocka_unit_test(f_strings),
        cmocka_unit_test(f_strings_ask_format),
        cmocka_unit_test(a_format_that_is_none),
        cmocka_unit_test(very_long_sums_are_flat),
        cmocka_unit_test(a_constant_that_Python_warns_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
