/* if, while, for, comprehensions, generator expressions.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void elif_arms(void **state) {
    (void)state;
    expect_output("def f(x):\n"
                  "    if x < 0: return \"neg\"\n"
                  "    elif x == 0: return \"zero\"\n"
                  "    elif x < 10: return \"small\"\n"
                  "    else: return \"big\"\n"
                  "print(f(-1), f(0), f(5), f(50))\n",
                  "neg zero small big\n");
}

static void while_with_else(void **state) {
    (void)state;
    expect_output("k = 3\n"
                  "while k:\n"
                  "    k -= 1\n"
                  "else:\n"
                  "    print(\"end\", k)\n",
                  "end 0\n");
}

static void break_skips_else(void **state) {
    (void)state;
    expect_output("for i in range(5):\n"
                  "    if i == 2: break\n"
                  "else:\n"
                  "    print(\"never\")\n"
                  "print(i)\n",
                  "2\n");
}

static void continue_goes_on(void **state) {
    (void)state;
    expect_output("print([i for i in range(6) if i % 2])\n"
                  "for i in range(3):\n"
                  "    if i == 1: continue\n"
                  "    print(i)\n",
                  "[1, 3, 5]\n"
                  "0\n"
                  "2\n");
}

static void for_unpacks(void **state) {
    (void)state;
    expect_output("for i, (a, b) in enumerate([(1, 2), (3, 4)]):\n"
                  "    print(i, a + b)\n",
                  "0 3\n"
                  "1 7\n");
}

static void for_over_an_int(void **state) {
    (void)state;
    expect_output("for x in 5: pass\n", "TypeError: 'int' object is not iterable\n");
}

static void the_body_may_rebind_the_iterable(void **state) {
    (void)state;
    expect_output("it = iter([1, 2, 3])\n"
                  "for v in it:\n"
                  "    it = None\n"
                  "    print(v)\n",
                  "1\n"
                  "2\n"
                  "3\n");
}

static void for_over_what_has_getitem_alone(void **state) {
    (void)state;
    expect_output("class S:\n"
                  "    def __getitem__(self, i):\n"
                  "        if i >= 3: raise IndexError\n"
                  "        return i * 10\n"
                  "print(list(S()), 20 in S())\n",
                  "[0, 10, 20] True\n");
}

static void for_over_an_iterator_class(void **state) {
    (void)state;
    expect_output("class It:\n"
                  "    def __init__(self): self.n = 0\n"
                  "    def __iter__(self): return self\n"
                  "    def __next__(self):\n"
                  "        self.n += 1\n"
                  "        if self.n > 3: raise StopIteration\n"
                  "        return self.n\n"
                  "for x in It(): print(x, end=\" \")\n"
                  "print(list(It()), sum(It()), 2 in It(), max(It()))\n",
                  "1 2 3 [1, 2, 3] 6 True 3\n");
}

static void iter_gives_something_else(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __iter__(self): return 5\n"
                  "for x in A(): pass\n",
                  "TypeError: iter() returned non-iterator of type 'int'\n");
}

static void a_dict_that_changes_under_way(void **state) {
    (void)state;
    expect_output("d = {\"a\": 1}\n"
                  "for k in d:\n"
                  "    d[k + \"x\"] = 1\n",
                  "RuntimeError: dictionary changed size during iteration\n");
}

static void list_set_and_dict_comprehensions(void **state) {
    (void)state;
    expect_output("print([i * j for i in range(3) for j in range(i)], {i % 2 for i in "
                  "range(5)}, {i: i * i for i in range(3)})\n",
                  "[0, 0, 2] {0, 1} {0: 0, 1: 1, 2: 4}\n");
}

static void comprehension_variables_end_with_it(void **state) {
    (void)state;
    expect_output("i = \"outer\"\n"
                  "print([i for i in range(3)], i)\n",
                  "[0, 1, 2] outer\n");
}

static void lambdas_of_a_comprehension_share_its_variable(void **state) {
    (void)state;
    expect_output("print([f() for f in [lambda: i for i in range(3)]], [f() for f in "
                  "[lambda i=i: i for i in range(3)]])\n",
                  "[2, 2, 2] [0, 1, 2]\n");
}

static void comprehensions_see_the_names_around(void **state) {
    (void)state;
    expect_output(
        "def f(n):\n"
        "    k = 10\n"
        "    return [k + v for v in range(n)], {k: [v + k for v in range(n)]}\n"
        "print(f(3))\n",
        "([10, 11, 12], {10: [10, 11, 12]})\n");
}

static void nested_comprehensions(void **state) {
    (void)state;
    expect_output("print([[r * c for c in range(3)] for r in range(2)])\n",
                  "[[0, 0, 0], [0, 1, 2]]\n");
}

static void an_error_in_a_comprehension(void **state) {
    (void)state;
    expect_output("[1 // v for v in (1, 0)]\n",
                  "ZeroDivisionError: integer division or modulo by zero\n");
}

static void a_generator_expression_is_lazy(void **state) {
    (void)state;
    expect_output("def show(v):\n"
                  "    print(\"show\", v)\n"
                  "    return v\n"
                  "g = (show(v) for v in range(3))\n"
                  "print(\"made\")\n"
                  "print(next(g), next(g))\n",
                  "made\n"
                  "show 0\n"
                  "show 1\n"
                  "0 1\n");
}

static void the_end_of_a_generator_expression(void **state) {
    (void)state;
    expect_output("g = (v for v in [1])\n"
                  "print(next(g), next(g, \"end\"))\n"
                  "next(g)\n",
                  "1 end\n"
                  "StopIteration\n");
}

static void the_first_iterable_is_evaluated_at_once(void **state) {
    (void)state;
    expect_output("g = (v for v in 5)\n", "TypeError: 'int' object is not iterable\n");
}

static void generator_expressions_as_arguments(void **state) {
    (void)state;
    expect_output("print(sum(x for x in range(5)), any(x > 3 for x in (1, 2)), list(x "
                  "for x in \"ab\"))\n",
                  "10 False ['a', 'b']\n");
}

static void a_generator_expression_keeps_its_closure(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    k = 10\n"
                  "    g = (k + v for v in range(3))\n"
                  "    k = 20\n"
                  "    return g\n"
                  "print(list(f()))\n",
                  "[20, 21, 22]\n");
}

static void a_generator_shows_its_name(void **state) {
    (void)state;
    expect_output("def f(): return (x for x in [1])\n"
                  "print(f(), (x for x in []))\n",
                  "<generator object f.<locals>.<genexpr> at 0x...> <generator object "
                  "<genexpr> at 0x...>\n");
}

static void stop_iteration_does_not_leave_a_generator(void **state) {
    (void)state;
    expect_output("list(next(iter([])) for _ in [1])\n",
                  "RuntimeError: generator raised StopIteration\n");
}

static void conditions_and_clauses(void **state) {
    (void)state;
    expect_output(
        "print([(x, y) for x in range(4) if x % 2 for y in range(3) if y != x])\n",
        "[(1, 0), (1, 2), (3, 0), (3, 1), (3, 2)]\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elif_arms),
        cmocka_unit_test(while_with_else),
        cmocka_unit_test(break_skips_else),
        cmocka_unit_test(continue_goes_on),
        cmocka_unit_test(for_unpacks),
        cmocka_unit_test(for_over_an_int),
        cmocka_unit_test(the_body_may_rebind_the_iterable),
        cmocka_unit_test(for_over_what_has_getitem_alone),
        cmocka_unit_test(for_over_an_iterator_class),
        cmocka_unit_test(iter_gives_something_else),
        cmocka_unit_test(a_dict_that_changes_under_way),
        cmocka_unit_test(list_set_and_dict_comprehensions),
        cmocka_unit_test(comprehension_variables_end_with_it),
        cmocka_unit_test(lambdas_of_a_comprehension_share_its_variable),
        cmocka_unit_test(comprehensions_see_the_names_around),
        cmocka_unit_test(nested_comprehensions),
        cmocka_unit_test(an_error_in_a_comprehension),
        cmocka_unit_test(a_generator_expression_is_lazy),
        cmocka_unit_test(the_end_of_a_generator_expression),
        cmocka_unit_test(the_first_iterable_is_evaluated_at_once),
        cmocka_unit_test(generator_expressions_as_arguments),
        cmocka_unit_test(a_generator_expression_keeps_its_closure),
        cmocka_unit_test(a_generator_shows_its_name),
        cmocka_unit_test(stop_iteration_does_not_leave_a_generator),
        cmocka_unit_test(conditions_and_clauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
