/* Builtins and modules.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void zip_enumerate_map_filter_reversed(void **state) {
    (void)state;
    expect_output(
        "print(list(zip([1, 2], \"ab\")), list(enumerate(\"xy\", 1)), list(map(str, "
        "[1, 2])), list(filter(None, [0, 1])), list(reversed([1, 2])))\n",
        "[(1, 'a'), (2, 'b')] [(1, 'x'), (2, 'y')] ['1', '2'] [1] [2, 1]\n");
}

static void they_are_lazy(void **state) {
    (void)state;
    expect_output(
        "m = map(lambda v: print(\"m\", v), [1, 2])\n"
        "print(\"made\")\n"
        "next(m)\n"
        "print(type(m), type(zip()), type(enumerate([])), type(filter(None, [])))\n",
        "made\n"
        "m 1\n"
        "<class 'map'> <class 'zip'> <class 'enumerate'> <class 'filter'>\n");
}

static void zip_strict(void **state) {
    (void)state;
    expect_output("list(zip([1], [1, 2], strict=True))\n",
                  "ValueError: zip() argument 2 is longer than argument 1\n");
}

static void zip_strict_with_a_short_second(void **state) {
    (void)state;
    expect_output("list(zip([1, 2], [1], strict=True))\n",
                  "ValueError: zip() argument 2 is shorter than argument 1\n");
}

static void map_with_several(void **state) {
    (void)state;
    expect_output("print(list(map(lambda a, b: a * b, [1, 2, 3], [4, 5])))\n",
                  "[4, 10]\n");
}

static void min_max_sum(void **state) {
    (void)state;
    expect_output("print(min(3, 1), max([4, 9]), sum([1, 2], 10), max([1, 5, 3], "
                  "key=lambda v: -v), min([], default=7), sum([[1], [2]], []))\n",
                  "1 9 13 1 7 [1, 2]\n");
}

static void max_of_nothing(void **state) {
    (void)state;
    expect_output("max([])\n", "ValueError: max() arg is an empty sequence\n");
}

static void sum_of_strings(void **state) {
    (void)state;
    expect_output("sum([\"a\"], \"\")\n",
                  "TypeError: sum() can't sum strings [use ''.join(seq) instead]\n");
}

static void sorted(void **state) {
    (void)state;
    expect_output("print(sorted([3, 1, 2]), sorted(\"hello\", reverse=True), "
                  "sorted([\"bb\", \"a\"], key=len), sorted({\"b\": 1, \"a\": 2}))\n",
                  "[1, 2, 3] ['o', 'l', 'l', 'h', 'e'] ['a', 'bb'] ['a', 'b']\n");
}

static void any_and_all(void **state) {
    (void)state;
    expect_output("print(any([]), all([]), any([0, 1]), all([1, 0]))\n",
                  "False True True False\n");
}

static void numbers(void **state) {
    (void)state;
    expect_output("print(abs(-4), round(2.5), round(2.675, 2), divmod(17, 5), "
                  "divmod(-7.5, 2), pow(3, 4, 5), pow(2, -1), hash(1) == hash(1.0))\n",
                  "4 2 2.67 (3, 2) (-4.0, 0.5) 1 0.5 True\n");
}

static void abs_of_a_str(void **state) {
    (void)state;
    expect_output("abs(\"a\")\n", "TypeError: bad operand type for abs(): 'str'\n");
}

static void round_of_a_str(void **state) {
    (void)state;
    expect_output("round(\"a\")\n",
                  "TypeError: type str doesn't define __round__ method\n");
}

static void divmod_of_strs(void **state) {
    (void)state;
    expect_output(
        "divmod(\"a\", 1)\n",
        "TypeError: unsupported operand type(s) for divmod(): 'str' and 'int'\n");
}

static void characters_and_bases(void **state) {
    (void)state;
    expect_output("print(chr(65), ord(\"a\"), hex(255), hex(-255), bin(5), oct(8), "
                  "ascii(\"é☃\"), chr(9731))\n",
                  "A 97 0xff -0xff 0b101 0o10 '\\xe9\\u2603' ☃\n");
}

static void ord_of_two_characters(void **state) {
    (void)state;
    expect_output(
        "ord(\"ab\")\n",
        "TypeError: ord() expected a character, but string of length 2 found\n");
}

static void chr_out_of_range(void **state) {
    (void)state;
    expect_output("chr(-1)\n", "ValueError: chr() arg not in range(0x...)\n");
}

static void repr_and_format(void **state) {
    (void)state;
    expect_output("print(repr(\"a\"), format(3.14159, \".2f\"), format(5), "
                  "format(\"x\", \">5\"), repr([1, \"b\"]))\n",
                  "'a' 3.14 5     x [1, 'b']\n");
}

static void constructors(void **state) {
    (void)state;
    expect_output(
        "print(int(\"42\"), int(3.9), int(\"ff\", 16), float(\"1e3\"), bool([]), "
        "str(1.5), tuple([1]), set([2, 2]), list(\"ab\"), dict(a=1), dict([(1, 2)], "
        "b=3), frozenset([1]), int(), float(), str(), range(3), slice(1, 2))\n",
        "42 3 255 1000.0 False 1.5 (1,) {2} ['a', 'b'] {'a': 1} {1: 2, 'b': 3} "
        "frozenset({1}) 0 0.0  range(0, 3) slice(1, 2, None)\n");
}

static void int_of_a_word(void **state) {
    (void)state;
    expect_output("int(\"x\")\n",
                  "ValueError: invalid literal for int() with base 10: 'x'\n");
}

static void int_of_a_list(void **state) {
    (void)state;
    expect_output("int([])\n", "TypeError: int() argument must be a string, a "
                               "bytes-like object or a real number, not 'list'\n");
}

static void float_of_a_word(void **state) {
    (void)state;
    expect_output("float(\"x\")\n",
                  "ValueError: could not convert string to float: 'x'\n");
}

static void a_dict_from_something_else(void **state) {
    (void)state;
    expect_output("dict([1])\n", "TypeError: cannot convert dictionary update sequence "
                                 "element #0 to a sequence\n");
}

static void a_dict_from_longer_items(void **state) {
    (void)state;
    expect_output("dict([(1, 2, 3)])\n", "ValueError: dictionary update sequence "
                                         "element #0 has length 3; 2 is required\n");
}

static void types(void **state) {
    (void)state;
    expect_output(
        "print(type(1), type(\"s\"), type([]), type(None), type(len), type(print), "
        "type(int), type(...), type(1.5), type({}), type(set()), type(range(1)), "
        "type(lambda: 0))\n",
        "<class 'int'> <class 'str'> <class 'list'> <class 'NoneType'> <class "
        "'builtin_function_or_method'> <class 'builtin_function_or_method'> <class "
        "'type'> <class 'ellipsis'> <class 'float'> <class 'dict'> <class 'set'> "
        "<class 'range'> <class 'function'>\n");
}

static void isinstance_and_issubclass(void **state) {
    (void)state;
    expect_output(
        "print(isinstance(True, int), isinstance(1, (str, int)), issubclass(bool, "
        "int), isinstance([], (list, tuple)), isinstance(None, type(None)))\n",
        "True True True True True\n");
}

static void attributes_by_name(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "a = A()\n"
                  "setattr(a, \"x\", 5)\n"
                  "print(getattr(a, \"x\"), getattr(a, \"y\", \"no\"), hasattr(a, "
                  "\"x\"), hasattr(a, \"y\"))\n"
                  "delattr(a, \"x\")\n"
                  "getattr(a, \"x\")\n",
                  "5 no True False\n"
                  "AttributeError: 'A' object has no attribute 'x'\n");
}

static void attribute_names_are_strs(void **state) {
    (void)state;
    expect_output("getattr(1, 5)\n",
                  "TypeError: attribute name must be string, not 'int'\n");
}

static void methods_of_built_in_values_are_values(void **state) {
    (void)state;
    expect_output("l = []\n"
                  "add = l.append\n"
                  "add(1)\n"
                  "print(l, add.__name__, callable(add), [].sort == [].sort, l.append "
                  "== l.append)\n",
                  "[1] append True False True\n");
}

static void an_unknown_method(void **state) {
    (void)state;
    expect_output("[].nope\n",
                  "AttributeError: 'list' object has no attribute 'nope'\n");
}

static void setting_an_attribute_of_an_int(void **state) {
    (void)state;
    expect_output("(5).x = 1\n", "AttributeError: 'int' object has no attribute 'x'\n");
}

static void iter_with_a_sentinel(void **state) {
    (void)state;
    expect_output("it = iter([1, 2, 0, 3].pop, 0)\n"
                  "print(list(it))\n",
                  "[3]\n");
}

static void next_wants_an_iterator(void **state) {
    (void)state;
    expect_output("next([1])\n", "TypeError: 'list' object is not an iterator\n");
}

static void vars_and_locals(void **state) {
    (void)state;
    expect_output("def f(a):\n"
                  "    b = 2\n"
                  "    return locals()\n"
                  "print(f(1))\n",
                  "{'a': 1, 'b': 2}\n");
}

static void globals(void **state) {
    (void)state;
    expect_output("x = 1\n"
                  "print(globals()[\"x\"], \"x\" in globals())\n",
                  "1 True\n");
}

static void dir_is_sorted(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    b = 1\n"
                  "    a = 2\n"
                  "print([n for n in dir(A()) if not n.startswith(\"_\")])\n",
                  "['a', 'b']\n");
}

static void print_options(void **state) {
    (void)state;
    expect_output("print(1, 2, sep=\"-\", end=\"!\\n\")\n"
                  "print(*\"abc\", sep=\"\")\n"
                  "print()\n"
                  "print(\"a\", end=\"\")\n",
                  "1-2!\n"
                  "abc\n"
                  "\n"
                  "a");
}

static void the_str_of_containers_is_the_repr_of_items(void **state) {
    (void)state;
    expect_output(
        "print([\"a\", 1.0, None], (\"b\",), {\"k\": \"v\"}, {1}, [print], "
        "str([\"x\"]))\n",
        "['a', 1.0, None] ('b',) {'k': 'v'} {1} [<built-in function print>] ['x']\n");
}

static void id_is_stable(void **state) {
    (void)state;
    expect_output("x = []\n"
                  "print(id(x) == id(x), id(x) == id([]))\n",
                  "True False\n");
}

static void a_large_hexadecimal_number_reads_like_an_address(void **state) {
    (void)state;
    expect_output("print(0xabcdef1234, hex(0xabcdef1234), hex(65535))\n",
                  "737894404660 0x... 0xffff\n");
}

static void the_callable_builtins_show_themselves(void **state) {
    (void)state;
    expect_output("print(len, print, sorted)\n",
                  "<built-in function len> <built-in function print> <built-in "
                  "function sorted>\n");
}

static void warnings_are_shown_each_time(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "for _ in range(2): warnings.warn(\"careful\")\n"
                  "warnings.warn(\"old\", DeprecationWarning)\n",
                  "UserWarning: careful\n"
                  "UserWarning: careful\n"
                  "DeprecationWarning: old\n");
}

static void warnings_may_be_ignored(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "warnings.simplefilter(\"ignore\")\n"
                  "warnings.warn(\"careful\")\n"
                  "print(\"quiet\")\n",
                  "quiet\n");
}

static void warnings_by_message(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "warnings.filterwarnings(\"ignore\", message=\"care\")\n"
                  "warnings.warn(\"careful\")\n"
                  "warnings.warn(\"other\")\n",
                  "UserWarning: other\n");
}

static void warnings_may_be_errors(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "warnings.simplefilter(\"error\")\n"
                  "try:\n"
                  "    warnings.warn(\"careful\")\n"
                  "except UserWarning as e:\n"
                  "    print(\"caught\", e)\n",
                  "caught careful\n");
}

static void filters_end_with_their_block(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "with warnings.catch_warnings():\n"
                  "    warnings.simplefilter(\"ignore\")\n"
                  "    warnings.warn(\"hidden\")\n"
                  "warnings.warn(\"shown\")\n",
                  "UserWarning: shown\n");
}

static void warnings_may_be_recorded(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "with warnings.catch_warnings(record=True) as w:\n"
                  "    warnings.simplefilter(\"always\")\n"
                  "    warnings.warn(\"one\")\n"
                  "    warnings.warn(\"two\", RuntimeWarning)\n"
                  "print(len(w), w[0].message, w[1].category)\n",
                  "2 one <class 'RuntimeWarning'>\n");
}

static void a_warning_of_another_kind(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "class MyWarning(UserWarning): pass\n"
                  "warnings.warn(\"mine\", MyWarning)\n"
                  "warnings.warn(MyWarning(\"object\"))\n",
                  "MyWarning: mine\n"
                  "MyWarning: object\n");
}

static void a_category_that_is_none(void **state) {
    (void)state;
    expect_output("import warnings\n"
                  "warnings.warn(\"x\", 5)\n",
                  "TypeError: category must be a Warning subclass, not 'int'\n");
}

static void a_module_that_is_not_there(void **state) {
    (void)state;
    expect_output("import nosuch.mod\n",
                  "ModuleNotFoundError: No module named 'nosuch'\n");
}

/* Files, clocks and random numbers of the machine are not for cells; each is refused by
 * its name. */
static void modules_that_cells_leave_out(void **state) {
    (void)state;
    expect_output("import numpy as np\n",
                  "ModuleNotFoundError: No module named 'numpy'\n");
    expect_output("import random\n", "ModuleNotFoundError: No module named 'random'\n");
    expect_output("from time import time\n",
                  "ModuleNotFoundError: No module named 'time'\n");
    expect_output("import torch\ntorch.save(1, 'x')\n",
                  "RuntimeError: torch.save() is not available in a cell\n");
    expect_output("import torch\ntorch.load('x')\n",
                  "RuntimeError: torch.load() is not available in a cell\n");
    expect_output(
        "import torch.nn as nn\nnn.Transformer\n",
        "NotImplementedError: torch.nn.Transformer is not available in a cell\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zip_enumerate_map_filter_reversed),
        cmocka_unit_test(they_are_lazy),
        cmocka_unit_test(zip_strict),
        cmocka_unit_test(zip_strict_with_a_short_second),
        cmocka_unit_test(map_with_several),
        cmocka_unit_test(min_max_sum),
        cmocka_unit_test(max_of_nothing),
        cmocka_unit_test(sum_of_strings),
        cmocka_unit_test(sorted),
        cmocka_unit_test(any_and_all),
        cmocka_unit_test(numbers),
        cmocka_unit_test(abs_of_a_str),
        cmocka_unit_test(round_of_a_str),
        cmocka_unit_test(divmod_of_strs),
        cmocka_unit_test(characters_and_bases),
        cmocka_unit_test(ord_of_two_characters),
        cmocka_unit_test(chr_out_of_range),
        cmocka_unit_test(repr_and_format),
        cmocka_unit_test(constructors),
        cmocka_unit_test(int_of_a_word),
        cmocka_unit_test(int_of_a_list),
        cmocka_unit_test(float_of_a_word),
        cmocka_unit_test(a_dict_from_something_else),
        cmocka_unit_test(a_dict_from_longer_items),
        cmocka_unit_test(types),
        cmocka_unit_test(isinstance_and_issubclass),
        cmocka_unit_test(attributes_by_name),
        cmocka_unit_test(attribute_names_are_strs),
        cmocka_unit_test(methods_of_built_in_values_are_values),
        cmocka_unit_test(an_unknown_method),
        cmocka_unit_test(setting_an_attribute_of_an_int),
        cmocka_unit_test(iter_with_a_sentinel),
        cmocka_unit_test(next_wants_an_iterator),
        cmocka_unit_test(vars_and_locals),
        cmocka_unit_test(globals),
        cmocka_unit_test(dir_is_sorted),
        cmocka_unit_test(print_options),
        cmocka_unit_test(the_str_of_containers_is_the_repr_of_items),
        cmocka_unit_test(id_is_stable),
        cmocka_unit_test(a_large_hexadecimal_number_reads_like_an_address),
        cmocka_unit_test(the_callable_builtins_show_themselves),
        cmocka_unit_test(warnings_are_shown_each_time),
        cmocka_unit_test(warnings_may_be_ignored),
        cmocka_unit_test(warnings_by_message),
        cmocka_unit_test(warnings_may_be_errors),
        cmocka_unit_test(filters_end_with_their_block),
        cmocka_unit_test(warnings_may_be_recorded),
        cmocka_unit_test(a_warning_of_another_kind),
        cmocka_unit_test(a_category_that_is_none),
        cmocka_unit_test(a_module_that_is_not_there),
        cmocka_unit_test(modules_that_cells_leave_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
