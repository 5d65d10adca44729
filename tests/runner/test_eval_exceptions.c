/* raise, try, with, assert.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void an_exception_ends_the_cell(void **state) {
    (void)state;
    expect_output("print(\"before\")\n"
                  "raise RuntimeError(\"the end\")\n"
                  "print(\"after\")\n",
                  "before\n"
                  "RuntimeError: the end\n");
}

static void an_exception_without_a_message(void **state) {
    (void)state;
    expect_output("raise Exception\n", "Exception\n");
}

static void an_empty_message(void **state) {
    (void)state;
    expect_output("raise ValueError(\"\")\n", "ValueError\n");
}

static void several_arguments(void **state) {
    (void)state;
    expect_output("raise ValueError(\"a\", 1)\n", "ValueError: ('a', 1)\n");
}

static void a_message_with_blanks_around(void **state) {
    (void)state;
    expect_output("raise ValueError(\"  hi  \")\n", "ValueError: hi\n");
}

static void catching_by_class(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    1 / 0\n"
                  "except ZeroDivisionError as e:\n"
                  "    print(\"zde\", e, repr(e), type(e), e.args)\n",
                  "zde division by zero ZeroDivisionError('division by zero') <class "
                  "'ZeroDivisionError'> ('division by zero',)\n");
}

static void catching_by_a_base_class(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    {}[\"k\"]\n"
                  "except LookupError as e:\n"
                  "    print(type(e).__name__, e, e.args)\n",
                  "KeyError 'k' ('k',)\n");
}

static void catching_by_a_tuple(void **state) {
    (void)state;
    expect_output("for x in (ValueError(\"v\"), TypeError(\"t\")):\n"
                  "    try:\n"
                  "        raise x\n"
                  "    except (TypeError, ValueError) as e:\n"
                  "        print(repr(e))\n",
                  "ValueError('v')\n"
                  "TypeError('t')\n");
}

static void the_name_is_unbound_after_its_handler(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    raise ValueError\n"
                  "except ValueError as e:\n"
                  "    pass\n"
                  "e\n",
                  "NameError: name 'e' is not defined\n");
}

static void else_and_finally(void **state) {
    (void)state;
    expect_output("def f(x):\n"
                  "    try:\n"
                  "        r = 10 / x\n"
                  "    except ZeroDivisionError:\n"
                  "        r = \"zero\"\n"
                  "    else:\n"
                  "        r = (\"else\", r)\n"
                  "    finally:\n"
                  "        print(\"done\", x)\n"
                  "    return r\n"
                  "print(f(4), f(0))\n",
                  "done 4\n"
                  "done 0\n"
                  "('else', 2.5) zero\n");
}

static void finally_runs_on_the_way_out(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    for i in range(3):\n"
                  "        try:\n"
                  "            if i == 0: continue\n"
                  "            if i == 1: break\n"
                  "        finally:\n"
                  "            print(\"f\", i)\n"
                  "    return \"end\"\n"
                  "print(f())\n",
                  "f 0\n"
                  "f 1\n"
                  "end\n");
}

static void finally_may_overrule(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    try:\n"
                  "        return 1\n"
                  "    finally:\n"
                  "        return 2\n"
                  "def g():\n"
                  "    try:\n"
                  "        1 / 0\n"
                  "    finally:\n"
                  "        return \"swallowed\"\n"
                  "print(f(), g())\n",
                  "2 swallowed\n");
}

static void an_error_within_finally(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    try:\n"
                  "        1 / 0\n"
                  "    finally:\n"
                  "        {}[\"k\"]\n"
                  "except KeyError as e:\n"
                  "    print(repr(e), repr(e.__context__))\n",
                  "KeyError('k') ZeroDivisionError('division by zero')\n");
}

static void raising_again(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    try:\n"
                  "        raise KeyError(\"a\")\n"
                  "    except KeyError:\n"
                  "        print(\"first\")\n"
                  "        raise\n"
                  "except KeyError as e:\n"
                  "    print(\"again\", e)\n",
                  "first\n"
                  "again 'a'\n");
}

static void nothing_to_raise_again(void **state) {
    (void)state;
    expect_output("raise\n", "RuntimeError: No active exception to reraise\n");
}

static void raising_from(void **state) {
    (void)state;
    expect_output(
        "try:\n"
        "    try:\n"
        "        1 / 0\n"
        "    except ZeroDivisionError as e:\n"
        "        raise ValueError(\"outer\") from e\n"
        "except ValueError as e:\n"
        "    print(repr(e.__cause__), repr(e.__context__), e.__suppress_context__)\n",
        "ZeroDivisionError('division by zero') ZeroDivisionError('division by zero') "
        "True\n");
}

static void the_context_of_an_exception(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    try:\n"
                  "        1 / 0\n"
                  "    except ZeroDivisionError:\n"
                  "        raise ValueError(\"x\")\n"
                  "except ValueError as e:\n"
                  "    print(repr(e.__context__), e.__cause__)\n",
                  "ZeroDivisionError('division by zero') None\n");
}

static void raising_what_is_no_exception(void **state) {
    (void)state;
    expect_output("raise 5\n",
                  "TypeError: exceptions must derive from BaseException\n");
}

static void catching_what_is_no_exception(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    1 / 0\n"
                  "except 5:\n"
                  "    pass\n",
                  "TypeError: catching classes that do not inherit from BaseException "
                  "is not allowed\n");
}

static void a_cause_that_is_no_exception(void **state) {
    (void)state;
    expect_output("raise ValueError from 5\n",
                  "TypeError: exception causes must derive from BaseException\n");
}

static void classes_of_a_cell(void **state) {
    (void)state;
    expect_output("class MyErr(Exception):\n"
                  "    def __init__(self, code):\n"
                  "        super().__init__(f\"code {code}\")\n"
                  "        self.code = code\n"
                  "try:\n"
                  "    raise MyErr(3)\n"
                  "except Exception as e:\n"
                  "    print(e, e.code, repr(e), e.args)\n"
                  "raise MyErr(7)\n",
                  "code 3 3 MyErr('code 3') ('code 3',)\n"
                  "MyErr: code 7\n");
}

static void the_text_of_such_a_class(void **state) {
    (void)state;
    expect_output("class E(ValueError):\n"
                  "    def __str__(self): return \"shown\"\n"
                  "raise E(1, 2)\n",
                  "E: shown\n");
}

static void arguments_without_super(void **state) {
    (void)state;
    expect_output("class E(Exception):\n"
                  "    def __init__(self, a, b): self.a = a\n"
                  "e = E(1, 2)\n"
                  "print(e.args, repr(e), e)\n",
                  "(1, 2) E(1, 2) (1, 2)\n");
}

static void a_key_error_shows_its_key(void **state) {
    (void)state;
    expect_output("{}[\"missing\"]\n", "KeyError: 'missing'\n");
}

static void exceptions_compare_by_identity(void **state) {
    (void)state;
    expect_output(
        "print(ValueError(\"a\") == ValueError(\"a\"), ValueError is ValueError)\n",
        "False True\n");
}

static void the_tree_of_exceptions(void **state) {
    (void)state;
    expect_output(
        "print(ZeroDivisionError.__mro__, issubclass(KeyError, LookupError), OSError "
        "is IOError)\n",
        "(<class 'ZeroDivisionError'>, <class 'ArithmeticError'>, <class 'Exception'>, "
        "<class 'BaseException'>, <class 'object'>) True True\n");
}

static void assertions(void **state) {
    (void)state;
    expect_output("assert 1 == 1\n"
                  "assert 1 == 2, \"message\"\n",
                  "AssertionError: message\n");
}

static void an_assertion_without_a_message(void **state) {
    (void)state;
    expect_output("assert not True\n", "AssertionError\n");
}

static void an_assertion_with_a_value(void **state) {
    (void)state;
    expect_output("assert False, [1, 2]\n", "AssertionError: [1, 2]\n");
}

static void with_enters_and_leaves(void **state) {
    (void)state;
    expect_output("class CM:\n"
                  "    def __init__(self, n): self.n = n\n"
                  "    def __enter__(self):\n"
                  "        print(\"enter\", self.n)\n"
                  "        return self\n"
                  "    def __exit__(self, t, v, tb):\n"
                  "        print(\"exit\", self.n, t, v)\n"
                  "with CM(1) as a, CM(2) as b:\n"
                  "    print(a.n, b.n)\n"
                  "with CM(3):\n"
                  "    raise KeyError(\"k\")\n",
                  "enter 1\n"
                  "enter 2\n"
                  "1 2\n"
                  "exit 2 None None\n"
                  "exit 1 None None\n"
                  "enter 3\n"
                  "exit 3 <class 'KeyError'> 'k'\n"
                  "KeyError: 'k'\n");
}

static void with_may_swallow(void **state) {
    (void)state;
    expect_output("class CM:\n"
                  "    def __enter__(self): return 5\n"
                  "    def __exit__(self, t, v, tb): return True\n"
                  "with CM() as x:\n"
                  "    raise ValueError(\"boo\")\n"
                  "print(\"after\", x)\n",
                  "after 5\n");
}

static void with_and_return(void **state) {
    (void)state;
    expect_output("class CM:\n"
                  "    def __enter__(self): pass\n"
                  "    def __exit__(self, *a): print(\"exit\", a)\n"
                  "def f():\n"
                  "    with CM():\n"
                  "        return 1\n"
                  "print(f())\n",
                  "exit (None, None, None)\n"
                  "1\n");
}

static void with_on_what_is_no_manager(void **state) {
    (void)state;
    expect_output(
        "with 5: pass\n",
        "TypeError: 'int' object does not support the context manager protocol\n");
}

static void a_manager_without_exit(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __enter__(self): pass\n"
                  "with A(): pass\n",
                  "TypeError: 'A' object does not support the context manager protocol "
                  "(missed __exit__ method)\n");
}

static void an_error_while_leaving(void **state) {
    (void)state;
    expect_output("class CM:\n"
                  "    def __enter__(self): pass\n"
                  "    def __exit__(self, *a): raise KeyError(\"leaving\")\n"
                  "with CM():\n"
                  "    1 / 0\n",
                  "KeyError: 'leaving'\n");
}

static void the_second_manager_fails_to_enter(void **state) {
    (void)state;
    expect_output("class CM:\n"
                  "    def __init__(self, n): self.n = n\n"
                  "    def __enter__(self):\n"
                  "        if self.n == 2: raise ValueError(\"no\")\n"
                  "    def __exit__(self, *a): print(\"exit\", self.n, a[0])\n"
                  "with CM(1), CM(2): pass\n",
                  "exit 1 <class 'ValueError'>\n"
                  "ValueError: no\n");
}

static void exceptions_in_functions_unwind_frames(void **state) {
    (void)state;
    expect_output("def f(n):\n"
                  "    if n == 0: raise ValueError(\"deep\")\n"
                  "    f(n - 1)\n"
                  "try:\n"
                  "    f(50)\n"
                  "except ValueError as e:\n"
                  "    print(e)\n"
                  "print([n for n in range(3)])\n",
                  "deep\n"
                  "[0, 1, 2]\n");
}

static void next_at_the_end(void **state) {
    (void)state;
    expect_output("next(iter([]))\n", "StopIteration\n");
}

static void user_stop_iteration(void **state) {
    (void)state;
    expect_output("try:\n"
                  "    raise StopIteration(5)\n"
                  "except StopIteration as e:\n"
                  "    print(e.args)\n",
                  "(5,)\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exception_ends_the_cell),
        cmocka_unit_test(an_exception_without_a_message),
        cmocka_unit_test(an_empty_message),
        cmocka_unit_test(several_arguments),
        cmocka_unit_test(a_message_with_blanks_around),
        cmocka_unit_test(catching_by_class),
        cmocka_unit_test(catching_by_a_base_class),
        cmocka_unit_test(catching_by_a_tuple),
        cmocka_unit_test(the_name_is_unbound_after_its_handler),
        cmocka_unit_test(else_and_finally),
        cmocka_unit_test(finally_runs_on_the_way_out),
        cmocka_unit_test(finally_may_overrule),
        cmocka_unit_test(an_error_within_finally),
        cmocka_unit_test(raising_again),
        cmocka_unit_test(nothing_to_raise_again),
        cmocka_unit_test(raising_from),
        cmocka_unit_test(the_context_of_an_exception),
        cmocka_unit_test(raising_what_is_no_exception),
        cmocka_unit_test(catching_what_is_no_exception),
        cmocka_unit_test(a_cause_that_is_no_exception),
        cmocka_unit_test(classes_of_a_cell),
        cmocka_unit_test(the_text_of_such_a_class),
        cmocka_unit_test(arguments_without_super),
        cmocka_unit_test(a_key_error_shows_its_key),
        cmocka_unit_test(exceptions_compare_by_identity),
        cmocka_unit_test(the_tree_of_exceptions),
        cmocka_unit_test(assertions),
        cmocka_unit_test(an_assertion_without_a_message),
        cmocka_unit_test(an_assertion_with_a_value),
        cmocka_unit_test(with_enters_and_leaves),
        cmocka_unit_test(with_may_swallow),
        cmocka_unit_test(with_and_return),
        cmocka_unit_test(with_on_what_is_no_manager),
        cmocka_unit_test(a_manager_without_exit),
        cmocka_unit_test(an_error_while_leaving),
        cmocka_unit_test(the_second_manager_fails_to_enter),
        cmocka_unit_test(exceptions_in_functions_unwind_frames),
        cmocka_unit_test(next_at_the_end),
        cmocka_unit_test(user_stop_iteration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
