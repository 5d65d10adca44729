/* Names, assignment, unpacking, deletion.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void an_unknown_name(void **state) {
    (void)state;
    expect_output("undefined\n", "NameError: name 'undefined' is not defined\n");
}

static void a_local_name_before_its_assignment(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    print(zz)\n"
                  "    zz = 1\n"
                  "f()\n",
                  "UnboundLocalError: cannot access local variable 'zz' where it is "
                  "not associated with a value\n");
}

static void a_free_name_before_its_assignment(void **state) {
    (void)state;
    expect_output("def g():\n"
                  "    def h(): return q\n"
                  "    h()\n"
                  "    q = 1\n"
                  "g()\n",
                  "NameError: cannot access free variable 'q' where it is not "
                  "associated with a value in enclosing scope\n");
}

static void several_targets_share_one_value(void **state) {
    (void)state;
    expect_output("x = y = [1]\n"
                  "y += [2]\n"
                  "print(x, x is y)\n",
                  "[1, 2] True\n");
}

static void swapping(void **state) {
    (void)state;
    expect_output("a, b = 1, 2\n"
                  "a, b = b, a + 1\n"
                  "print(a, b)\n",
                  "2 2\n");
}

static void nested_targets(void **state) {
    (void)state;
    expect_output("(a, b), [c, (d, e)] = (1, 2), (3, \"xy\")\n"
                  "print(a, b, c, d, e)\n",
                  "1 2 3 x y\n");
}

static void a_star_takes_the_middle(void **state) {
    (void)state;
    expect_output("first, *mid, last = range(6)\n"
                  "a, *b = \"hello\"\n"
                  "print(first, mid, last, a, b)\n",
                  "0 [1, 2, 3, 4] 5 h ['e', 'l', 'l', 'o']\n");
}

static void unpacking_something_that_cannot_be_iterated(void **state) {
    (void)state;
    expect_output("a, b = 5\n", "TypeError: cannot unpack non-iterable int object\n");
}

static void unpacking_too_few(void **state) {
    (void)state;
    expect_output("a, b = (1,)\n",
                  "ValueError: not enough values to unpack (expected 2, got 1)\n");
}

static void unpacking_too_many(void **state) {
    (void)state;
    expect_output("a, b = 1, 2, 3\n",
                  "ValueError: too many values to unpack (expected 2)\n");
}

static void unpacking_too_few_with_a_star(void **state) {
    (void)state;
    expect_output(
        "a, *b, c = (1,)\n",
        "ValueError: not enough values to unpack (expected at least 2, got 1)\n");
}

static void unpacking_an_instance_that_cannot_be_iterated(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "a, b = A()\n",
                  "TypeError: cannot unpack non-iterable A object\n");
}

static void an_endless_iterator_has_too_many_values(void **state) {
    (void)state;
    expect_output("a, b = iter(int, 1)\n",
                  "ValueError: too many values to unpack (expected 2)\n");
}

static void deletion(void **state) {
    (void)state;
    expect_output("x, y = 1, [1, 2, 3]\n"
                  "del x, y[0]\n"
                  "print(y)\n"
                  "del (y)\n"
                  "y\n",
                  "[2, 3]\n"
                  "NameError: name 'y' is not defined\n");
}

static void deleting_an_unknown_name(void **state) {
    (void)state;
    expect_output("del nosuch\n", "NameError: name 'nosuch' is not defined\n");
}

static void augmented_assignment_evaluates_its_target_once(void **state) {
    (void)state;
    expect_output("n = 0\n"
                  "def at():\n"
                  "    global n\n"
                  "    n += 1\n"
                  "    return 0\n"
                  "l = [5]\n"
                  "l[at()] += 1\n"
                  "print(l, n)\n",
                  "[6] 1\n");
}

static void an_assignment_expression(void **state) {
    (void)state;
    expect_output("print([y := 5, y ** 2], y)\n"
                  "if (k := 10) > 5:\n"
                  "    print(k)\n",
                  "[5, 25] 5\n"
                  "10\n");
}

static void an_assignment_expression_within_a_comprehension(void **state) {
    (void)state;
    expect_output("total = 0\n"
                  "print([total := total + v for v in range(5)], total)\n",
                  "[0, 1, 3, 6, 10] 10\n");
}

static void a_value_borrowed_before_its_name_gets_another(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    x = [1]\n"
                  "    return [x, (x := [2]), x]\n"
                  "f()\n",
                  "[[1], [2], [2]]\n");
}

static void global_declares(void **state) {
    (void)state;
    expect_output("def setg():\n"
                  "    global g\n"
                  "    g = 2\n"
                  "setg()\n"
                  "print(g)\n",
                  "2\n");
}

static void nonlocal_declares(void **state) {
    (void)state;
    expect_output("def outer():\n"
                  "    n = 0\n"
                  "    def inc():\n"
                  "        nonlocal n\n"
                  "        n += 1\n"
                  "        return n\n"
                  "    return inc\n"
                  "i = outer()\n"
                  "print(i(), i(), outer()())\n",
                  "1 2 1\n");
}

static void names_starts_as_main(void **state) {
    (void)state;
    expect_output("__name__\n", "'__main__'\n");
}

static void annotations_are_dropped(void **state) {
    (void)state;
    expect_output("x: int = 5\n"
                  "y: float\n"
                  "print(x)\n",
                  "5\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_name),
        cmocka_unit_test(a_local_name_before_its_assignment),
        cmocka_unit_test(a_free_name_before_its_assignment),
        cmocka_unit_test(several_targets_share_one_value),
        cmocka_unit_test(swapping),
        cmocka_unit_test(nested_targets),
        cmocka_unit_test(a_star_takes_the_middle),
        cmocka_unit_test(unpacking_something_that_cannot_be_iterated),
        cmocka_unit_test(unpacking_too_few),
        cmocka_unit_test(unpacking_too_many),
        cmocka_unit_test(unpacking_too_few_with_a_star),
        cmocka_unit_test(unpacking_an_instance_that_cannot_be_iterated),
        cmocka_unit_test(an_endless_iterator_has_too_many_values),
        cmocka_unit_test(deletion),
        cmocka_unit_test(deleting_an_unknown_name),
        cmocka_unit_test(augmented_assignment_evaluates_its_target_once),
        cmocka_unit_test(an_assignment_expression),
        cmocka_unit_test(an_assignment_expression_within_a_comprehension),
        cmocka_unit_test(a_value_borrowed_before_its_name_gets_another),
        cmocka_unit_test(global_declares),
        cmocka_unit_test(nonlocal_declares),
        cmocka_unit_test(names_starts_as_main),
        cmocka_unit_test(annotations_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
