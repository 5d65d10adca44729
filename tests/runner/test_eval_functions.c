/* def, lambda, calls and their mistakes.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void positions_defaults_and_keywords(void **state) {
    (void)state;
    expect_output(
        "def f(a, b=2, *args, k=0, **kw): return a, b, args, k, kw\n"
        "print(f(1), f(1, 3, 4, k=5, z=6), f(a=1, b=9), f(1, *[2, 3], **{\"k\": 4}))\n",
        "(1, 2, (), 0, {}) (1, 3, (4,), 5, {'z': 6}) (1, 9, (), 0, {}) (1, 2, (3,), 4, "
        "{})\n");
}

static void defaults_are_evaluated_once(void **state) {
    (void)state;
    expect_output("def f(x, y=[]):\n"
                  "    y.append(x)\n"
                  "    return y\n"
                  "f(1)\n"
                  "print(f(2), f.__defaults__)\n",
                  "[1, 2] ([1, 2],)\n");
}

static void lambda(void **state) {
    (void)state;
    expect_output(
        "lam = lambda x, *y, z=3, **w: (x, y, z, w)\n"
        "print(lam(1), lam(1, 2, z=5, q=6), lam)\n",
        "(1, (), 3, {}) (1, (2,), 5, {'q': 6}) <function <lambda> at 0x...>\n");
}

static void closures(void **state) {
    (void)state;
    expect_output("def make(n, *, step=1):\n"
                  "    def tick(times=1):\n"
                  "        nonlocal n\n"
                  "        n += step * times\n"
                  "        return n\n"
                  "    return tick\n"
                  "t = make(10, step=5)\n"
                  "print(t(), t(3), t())\n",
                  "15 30 35\n");
}

static void parameters_that_closures_share(void **state) {
    (void)state;
    expect_output("def f(a, *args, **kw):\n"
                  "    return lambda: (a, args, kw)\n"
                  "print(f(1, 2, k=3)())\n",
                  "(1, (2,), {'k': 3})\n");
}

static void functions_show_their_qualified_names(void **state) {
    (void)state;
    expect_output("def outer():\n"
                  "    def inner(): pass\n"
                  "    return inner\n"
                  "print(outer, outer(), outer().__name__, outer().__qualname__)\n",
                  "<function outer at 0x...> <function outer.<locals>.inner at 0x...> "
                  "inner outer.<locals>.inner\n");
}

static void attributes_of_functions(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    \"docstring\"\n"
                  "f.attr = 5\n"
                  "print(f.__doc__, f.attr, f.__dict__, f.__module__)\n"
                  "f.nope\n",
                  "docstring 5 {'attr': 5} __main__\n"
                  "AttributeError: 'function' object has no attribute 'nope'\n");
}

static void missing_positional_arguments(void **state) {
    (void)state;
    expect_output(
        "def f(a, b, c): pass\n"
        "f()\n",
        "TypeError: f() missing 3 required positional arguments: 'a', 'b', and 'c'\n");
}

static void a_missing_positional_argument(void **state) {
    (void)state;
    expect_output("def f(a, b): pass\n"
                  "f(1)\n",
                  "TypeError: f() missing 1 required positional argument: 'b'\n");
}

static void a_missing_keyword_argument(void **state) {
    (void)state;
    expect_output("def f(*, k): pass\n"
                  "f()\n",
                  "TypeError: f() missing 1 required keyword-only argument: 'k'\n");
}

static void too_many_arguments(void **state) {
    (void)state;
    expect_output("def f(): pass\n"
                  "f(1)\n",
                  "TypeError: f() takes 0 positional arguments but 1 was given\n");
}

static void too_many_arguments_with_defaults(void **state) {
    (void)state;
    expect_output(
        "def f(a, b=1): pass\n"
        "f(1, 2, 3)\n",
        "TypeError: f() takes from 1 to 2 positional arguments but 3 were given\n");
}

static void too_many_arguments_beside_keyword_ones(void **state) {
    (void)state;
    expect_output("def f(a, *, k): pass\n"
                  "f(1, 2, k=3)\n",
                  "TypeError: f() takes 1 positional argument but 2 positional "
                  "arguments (and 1 keyword-only argument) were given\n");
}

static void an_unexpected_keyword(void **state) {
    (void)state;
    expect_output("def f(a): pass\n"
                  "f(1, z=2)\n",
                  "TypeError: f() got an unexpected keyword argument 'z'\n");
}

static void several_values_for_an_argument(void **state) {
    (void)state;
    expect_output("def f(a): pass\n"
                  "f(1, a=2)\n",
                  "TypeError: f() got multiple values for argument 'a'\n");
}

static void positional_only(void **state) {
    (void)state;
    expect_output("def f(a, /, b): return a, b\n"
                  "print(f(1, b=2))\n"
                  "f(a=1, b=2)\n",
                  "(1, 2)\n"
                  "TypeError: f() got some positional-only arguments passed as keyword "
                  "arguments: 'a'\n");
}

static void positional_only_names_may_be_keywords_too(void **state) {
    (void)state;
    expect_output("def f(a, /, **kw): return a, kw\n"
                  "print(f(1, a=2))\n",
                  "(1, {'a': 2})\n");
}

static void a_star_before_what_cannot_be_iterated(void **state) {
    (void)state;
    expect_output(
        "def f(*a): pass\n"
        "f(*5)\n",
        "TypeError: __main__.f() argument after * must be an iterable, not int\n");
}

static void two_stars_before_what_is_no_mapping(void **state) {
    (void)state;
    expect_output(
        "def f(**a): pass\n"
        "f(**5)\n",
        "TypeError: __main__.f() argument after ** must be a mapping, not int\n");
}

static void keywords_must_be_strings(void **state) {
    (void)state;
    expect_output("def f(**a): pass\n"
                  "f(**{1: 2})\n",
                  "TypeError: keywords must be strings\n");
}

static void a_keyword_given_twice(void **state) {
    (void)state;
    expect_output(
        "def f(**a): pass\n"
        "f(x=1, **{\"x\": 2})\n",
        "TypeError: __main__.f() got multiple values for keyword argument 'x'\n");
}

static void an_int_is_not_callable(void **state) {
    (void)state;
    expect_output("x = 5\n"
                  "x()\n",
                  "TypeError: 'int' object is not callable\n");
}

static void decorators(void **state) {
    (void)state;
    expect_output("def deco(f):\n"
                  "    def w(*a, **k):\n"
                  "        print(\"call\", f.__name__)\n"
                  "        return f(*a, **k)\n"
                  "    return w\n"
                  "def times(n):\n"
                  "    return lambda f: lambda *a: f(*a) * n\n"
                  "@deco\n"
                  "@times(3)\n"
                  "def hello(x): return x * 2\n"
                  "print(hello(4))\n",
                  "call <lambda>\n"
                  "24\n");
}

static void recursion(void **state) {
    (void)state;
    expect_output("def fact(n): return 1 if n < 2 else n * fact(n - 1)\n"
                  "print(fact(10), fact(30))\n",
                  "3628800 265252859812191058636308480000000\n");
}

static void recursion_without_end(void **state) {
    (void)state;
    expect_output("def f(n): return f(n + 1)\n"
                  "f(0)\n",
                  "RecursionError: maximum recursion depth exceeded\n");
}

static void recursion_that_ends_in_a_comparison(void **state) {
    (void)state;
    expect_output("def g(n): return n < 0 or g(n + 1)\n"
                  "g(0)\n",
                  "RecursionError: maximum recursion depth exceeded in comparison\n");
}

static void recursion_may_be_caught(void **state) {
    (void)state;
    expect_output("def f(): return f()\n"
                  "try:\n"
                  "    f()\n"
                  "except RecursionError as e:\n"
                  "    print(\"caught\", e)\n",
                  "caught maximum recursion depth exceeded\n");
}

static void deep_but_not_too_deep(void **state) {
    (void)state;
    expect_output("def deep(n):\n"
                  "    if n == 0: return 0\n"
                  "    return 1 + deep(n - 1)\n"
                  "print(deep(900))\n",
                  "900\n");
}

static void return_from_within_loops(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    for i in range(3):\n"
                  "        while True:\n"
                  "            return i\n"
                  "print(f())\n",
                  "0\n");
}

static void arguments_are_evaluated_from_the_left(void **state) {
    (void)state;
    expect_output("def s(v):\n"
                  "    print(v, end=\" \")\n"
                  "    return v\n"
                  "print(s(1), *[s(2)], s(3), sep=s(\"-\"))\n",
                  "1 2 3 - 1-2-3\n");
}

static void builtins_complain_as_CPython_does(void **state) {
    (void)state;
    expect_output("len(1, 2)\n",
                  "TypeError: len() takes exactly one argument (2 given)\n");
}

static void print_refuses_unknown_options(void **state) {
    (void)state;
    expect_output("print(1, foo=2)\n",
                  "TypeError: 'foo' is an invalid keyword argument for print()\n");
}

static void a_separator_must_be_a_str(void **state) {
    (void)state;
    expect_output("print(1, 2, sep=5)\n",
                  "TypeError: sep must be None or a string, not int\n");
}

static void many_arguments(void **state) {
    (void)state;
    expect_output("def f(*a, **k): return len(a), sum(a), len(k)\n"
                  "print(f(1, 2, 3, 4, 5, 6, 7, 8, 9, a=1, b=2, c=3, d=4, e=5, f=6))\n",
                  "(9, 45, 6)\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_defaults_and_keywords),
        cmocka_unit_test(defaults_are_evaluated_once),
        cmocka_unit_test(lambda),
        cmocka_unit_test(closures),
        cmocka_unit_test(parameters_that_closures_share),
        cmocka_unit_test(functions_show_their_qualified_names),
        cmocka_unit_test(attributes_of_functions),
        cmocka_unit_test(missing_positional_arguments),
        cmocka_unit_test(a_missing_positional_argument),
        cmocka_unit_test(a_missing_keyword_argument),
        cmocka_unit_test(too_many_arguments),
        cmocka_unit_test(too_many_arguments_with_defaults),
        cmocka_unit_test(too_many_arguments_beside_keyword_ones),
        cmocka_unit_test(an_unexpected_keyword),
        cmocka_unit_test(several_values_for_an_argument),
        cmocka_unit_test(positional_only),
        cmocka_unit_test(positional_only_names_may_be_keywords_too),
        cmocka_unit_test(a_star_before_what_cannot_be_iterated),
        cmocka_unit_test(two_stars_before_what_is_no_mapping),
        cmocka_unit_test(keywords_must_be_strings),
        cmocka_unit_test(a_keyword_given_twice),
        cmocka_unit_test(an_int_is_not_callable),
        cmocka_unit_test(decorators),
        cmocka_unit_test(recursion),
        cmocka_unit_test(recursion_without_end),
        cmocka_unit_test(recursion_that_ends_in_a_comparison),
        cmocka_unit_test(recursion_may_be_caught),
        cmocka_unit_test(deep_but_not_too_deep),
        cmocka_unit_test(return_from_within_loops),
        cmocka_unit_test(arguments_are_evaluated_from_the_left),
        cmocka_unit_test(builtins_complain_as_CPython_does),
        cmocka_unit_test(print_refuses_unknown_options),
        cmocka_unit_test(a_separator_must_be_a_str),
        cmocka_unit_test(many_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
