/* Mistakes, and what Python says of them.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void expect_all(const EvalCase *cases, size_t n) {
    for (size_t i = 0; i < n; i++) expect_output(cases[i].source, cases[i].expected);
}

static void operands(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"None + 1\n",
         "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'\n"},
        {"[] < {}\n",
         "TypeError: '<' not supported between instances of 'list' and 'dict'\n"},
        {"\"a\" * \"b\"\n",
         "TypeError: can't multiply sequence by non-int of type 'str'\n"},
        {"\"a\" * 1.5\n",
         "TypeError: can't multiply sequence by non-int of type 'float'\n"},
        {"[1] + (2,)\n",
         "TypeError: can only concatenate list (not \"tuple\") to list\n"},
        {"[1] * \"a\"\n",
         "TypeError: can't multiply sequence by non-int of type 'str'\n"},
        {"\"a\" - \"b\"\n",
         "TypeError: unsupported operand type(s) for -: 'str' and 'str'\n"},
        {"{} + {}\n",
         "TypeError: unsupported operand type(s) for +: 'dict' and 'dict'\n"},
        {"1 << -1\n", "ValueError: negative shift count\n"},
        {"1.5 << 1\n",
         "TypeError: unsupported operand type(s) for <<: 'float' and 'int'\n"},
        {"1.5 // 0\n", "ZeroDivisionError: float floor division by zero\n"},
        {"1.5 % 0\n", "ZeroDivisionError: float modulo\n"},
        {"0 ** -1\n", "ZeroDivisionError: 0.0 cannot be raised to a negative power\n"},
        {"2.0 ** 1024\n", "OverflowError: (34, 'Numerical result out of range')\n"},
        {"~1.5\n", "TypeError: bad operand type for unary ~: 'float'\n"},
        {"10 ** 1000 * 1.0\n", "OverflowError: int too large to convert to float\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void items(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"None[0]\n",
         "SyntaxWarning: 'NoneType' object is not subscriptable; perhaps you missed a "
         "comma?\nTypeError: 'NoneType' object is not subscriptable\n"},
        {"[1, 2, 3][\"a\"]\n",
         "SyntaxWarning: list indices must be integers or slices, not str; perhaps you "
         "missed a comma?\nTypeError: list indices must be integers or slices, not "
         "str\n"},
        {"[1, 2, 3][1.0]\n", "SyntaxWarning: list indices must be integers or slices, "
                             "not float; perhaps you missed a comma?\nTypeError: list "
                             "indices must be integers or slices, not float\n"},
        {"{}[[]]\n", "TypeError: unhashable type: 'list'\n"},
        {"(1, 2)[0] = 5\n",
         "TypeError: 'tuple' object does not support item assignment\n"},
        {"\"abc\"[0] = \"x\"\n",
         "TypeError: 'str' object does not support item assignment\n"},
        {"[1][5] = 1\n", "IndexError: list assignment index out of range\n"},
        {"x = [1, 2, 3]; x[::2] = [1, 2, 3]\n",
         "ValueError: attempt to assign sequence of size 3 to extended slice of size "
         "2\n"},
        {"[1][::0]\n", "ValueError: slice step cannot be zero\n"},
        {"{[]: 1}\n", "TypeError: unhashable type: 'list'\n"},
        {"{{1}: 1}\n", "TypeError: unhashable type: 'set'\n"},
        {"d = {}; del d[\"q\"]\n", "KeyError: 'q'\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void attributes(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"None.x\n", "AttributeError: 'NoneType' object has no attribute 'x'\n"},
        {"\"abc\".nope()\n", "AttributeError: 'str' object has no attribute 'nope'\n"},
        {"{}.nope\n", "AttributeError: 'dict' object has no attribute 'nope'\n"},
        {"(5).x = 1\n", "AttributeError: 'int' object has no attribute 'x'\n"},
        {"[].append = 5\n",
         "AttributeError: 'list' object attribute 'append' is read-only\n"},
        {"del [].append\n",
         "AttributeError: 'list' object attribute 'append' is read-only\n"},
        {"print.x\n",
         "AttributeError: 'builtin_function_or_method' object has no attribute 'x'\n"},
        {"print.x = 1\n",
         "AttributeError: 'builtin_function_or_method' object has no attribute 'x'\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void iteration(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"for i in None: pass\n", "TypeError: 'NoneType' object is not iterable\n"},
        {"list(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"tuple(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"set(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"dict(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"sum([1, \"a\"])\n",
         "TypeError: unsupported operand type(s) for +: 'int' and 'str'\n"},
        {"max(1, \"a\")\n",
         "TypeError: '>' not supported between instances of 'str' and 'int'\n"},
        {"sorted([1, \"a\"])\n",
         "TypeError: '<' not supported between instances of 'str' and 'int'\n"},
        {"next([1])\n", "TypeError: 'list' object is not an iterator\n"},
        {"iter(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"len(None)\n", "TypeError: object of type 'NoneType' has no len()\n"},
        {"reversed(5)\n", "TypeError: 'int' object is not reversible\n"},
        {"enumerate(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"zip(5)\n", "TypeError: 'int' object is not iterable\n"},
        {"map(len)\n", "TypeError: map() must have at least two arguments.\n"},
        {"a, b = None\n", "TypeError: cannot unpack non-iterable NoneType object\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void builtins(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"int(None)\n", "TypeError: int() argument must be a string, a bytes-like "
                        "object or a real number, not 'NoneType'\n"},
        {"int(\"1.5\")\n",
         "ValueError: invalid literal for int() with base 10: '1.5'\n"},
        {"float([])\n",
         "TypeError: float() argument must be a string or a real number, not 'list'\n"},
        {"str(1, 2, 3, 4)\n", "TypeError: str() takes at most 3 arguments (4 given)\n"},
        {"range(1.5)\n",
         "TypeError: 'float' object cannot be interpreted as an integer\n"},
        {"range()\n", "TypeError: range expected at least 1 argument, got 0\n"},
        {"range(1, 2, 0)\n", "ValueError: range() arg 3 must not be zero\n"},
        {"chr(\"a\")\n",
         "TypeError: 'str' object cannot be interpreted as an integer\n"},
        {"ord(5)\n", "TypeError: ord() expected string of length 1, but int found\n"},
        {"abs(\"x\")\n", "TypeError: bad operand type for abs(): 'str'\n"},
        {"round(\"x\")\n", "TypeError: type str doesn't define __round__ method\n"},
        {"isinstance(1)\n", "TypeError: isinstance expected 2 arguments, got 1\n"},
        {"isinstance(1, \"x\")\n", "TypeError: isinstance() arg 2 must be a type, a "
                                   "tuple of types, or a union\n"},
        {"issubclass(1, int)\n", "TypeError: issubclass() arg 1 must be a class\n"},
        {"len()\n", "TypeError: len() takes exactly one argument (0 given)\n"},
        {"getattr(1)\n", "TypeError: getattr expected at least 2 arguments, got 1\n"},
        {"print(1, sep=1)\n", "TypeError: sep must be None or a string, not int\n"},
        {"hash([])\n", "TypeError: unhashable type: 'list'\n"},
        {"divmod(1, \"a\")\n",
         "TypeError: unsupported operand type(s) for divmod(): 'int' and 'str'\n"},
        {"pow(\"a\", 2)\n",
         "TypeError: unsupported operand type(s) for ** or pow(): 'str' and 'int'\n"},
        {"type(1, 2)\n", "TypeError: type() takes 1 or 3 arguments\n"},
        {"super(1, 2)\n", "TypeError: super() argument 1 must be a type, not int\n"},
        {"property(1, 2, 3, 4, 5)\n",
         "TypeError: property() takes at most 4 arguments (5 given)\n"},
        {"staticmethod()\n", "TypeError: staticmethod expected 1 argument, got 0\n"},
        {"callable()\n",
         "TypeError: callable() takes exactly one argument (0 given)\n"},
        {"id()\n", "TypeError: id() takes exactly one argument (0 given)\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void methods(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"[1, 2, 3].index(4)\n", "ValueError: 4 is not in list\n"},
        {"[1, 2].insert(1)\n", "TypeError: insert expected 2 arguments, got 1\n"},
        {"[].pop()\n", "IndexError: pop from empty list\n"},
        {"[1].remove(5)\n", "ValueError: list.remove(x): x not in list\n"},
        {"{}.popitem()\n", "KeyError: 'popitem(): dictionary is empty'\n"},
        {"{}.pop(\"a\")\n", "KeyError: 'a'\n"},
        {"{}.get()\n", "TypeError: get expected at least 1 argument, got 0\n"},
        {"set().remove(1)\n", "KeyError: 1\n"},
        {"\"abc\".index(\"z\")\n", "ValueError: substring not found\n"},
        {"\"{} {}\".format(1)\n",
         "IndexError: Replacement index 1 out of range for positional args tuple\n"},
        {"\"%d\" % \"x\"\n",
         "TypeError: %d format: a real number is required, not str\n"},
        {"\"%s %s\" % (1,)\n", "TypeError: not enough arguments for format string\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void calls(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"(lambda x, y: 0)(1)\n",
         "TypeError: <lambda>() missing 1 required positional argument: 'y'\n"},
        {"(lambda: 0)(1, 2)\n",
         "TypeError: <lambda>() takes 0 positional arguments but 2 were given\n"},
        {"(lambda *, k: 0)()\n",
         "TypeError: <lambda>() missing 1 required keyword-only argument: 'k'\n"},
        {"(lambda a: 0)(b=1)\n",
         "TypeError: <lambda>() got an unexpected keyword argument 'b'\n"},
        {"(lambda **k: 0)(**{1: 2})\n", "TypeError: keywords must be strings\n"},
        {"x = 5; x()\n", "TypeError: 'int' object is not callable\n"},
        {"undefined_function()\n",
         "NameError: name 'undefined_function' is not defined\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void exceptions(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"raise \"string\"\n",
         "TypeError: exceptions must derive from BaseException\n"},
        {"raise int\n", "TypeError: exceptions must derive from BaseException\n"},
        {"raise\n", "RuntimeError: No active exception to reraise\n"},
        {"assert 0, \"why\"\n", "AssertionError: why\n"},
        {"raise ValueError from \"x\"\n",
         "TypeError: exception causes must derive from BaseException\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void user_objects(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"class A: pass\nA(1)\n", "TypeError: A() takes no arguments\n"},
        {"class A: pass\nA()()\n", "TypeError: 'A' object is not callable\n"},
        {"class A: pass\nA()[0]\n", "TypeError: 'A' object is not subscriptable\n"},
        {"class A: pass\nA()[0] = 1\n",
         "TypeError: 'A' object does not support item assignment\n"},
        {"class A: pass\ndel A()[0]\n",
         "TypeError: 'A' object doesn't support item deletion\n"},
        {"class A: pass\nlen(A())\n", "TypeError: object of type 'A' has no len()\n"},
        {"class A: pass\niter(A())\n", "TypeError: 'A' object is not iterable\n"},
        {"class A: pass\nnext(A())\n", "TypeError: 'A' object is not an iterator\n"},
        {"class A: pass\nA() + 1\n",
         "TypeError: unsupported operand type(s) for +: 'A' and 'int'\n"},
        {"class A: pass\n1 + A()\n",
         "TypeError: unsupported operand type(s) for +: 'int' and 'A'\n"},
        {"class A: pass\n-A()\n", "TypeError: bad operand type for unary -: 'A'\n"},
        {"class A: pass\nA() < A()\n",
         "TypeError: '<' not supported between instances of 'A' and 'A'\n"},
        {"class A: pass\n1 in A()\n",
         "TypeError: argument of type 'A' is not iterable\n"},
        {"class A: pass\nint(A())\n", "TypeError: int() argument must be a string, a "
                                      "bytes-like object or a real number, not 'A'\n"},
        {"class A: pass\nfloat(A())\n",
         "TypeError: float() argument must be a string or a real number, not 'A'\n"},
        {"class A: pass\nrange(A())\n",
         "TypeError: 'A' object cannot be interpreted as an integer\n"},
        {"class A: pass\nf\"{A():x}\"\n",
         "TypeError: unsupported format string passed to A.__format__\n"},
        {"class A: pass\nabs(A())\n", "TypeError: bad operand type for abs(): 'A'\n"},
        {"class A: pass\nround(A())\n",
         "TypeError: type A doesn't define __round__ method\n"},
        {"class A: pass\nA().x\n", "AttributeError: 'A' object has no attribute 'x'\n"},
        {"class A: pass\nA.x\n",
         "AttributeError: type object 'A' has no attribute 'x'\n"},
        {"class A: pass\ndel A().x\n",
         "AttributeError: 'A' object has no attribute 'x'\n"},
        {"class A: pass\ndel A.x\n",
         "AttributeError: type object 'A' has no attribute 'x'\n"},
        {"class A: pass\nraise A\n",
         "TypeError: exceptions must derive from BaseException\n"},
        {"class A: pass\n[1][A()]\n",
         "TypeError: list indices must be integers or slices, not A\n"},
        {"class A: pass\nfor x in A(): pass\n",
         "TypeError: 'A' object is not iterable\n"},
        {"class A: pass\nwith A(): pass\n",
         "TypeError: 'A' object does not support the context manager protocol\n"},
        {"class A: pass\n{**A()}\n", "TypeError: 'A' object is not a mapping\n"},
        {"class A: pass\nprint(*A())\n",
         "TypeError: print() argument after * must be an iterable, not A\n"},
        {"class A:\n    __slots__ = (\"x\",)\na = A()\na.x = 1\na.y = 2\n",
         "AttributeError: 'A' object has no attribute 'y'\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

static void wrong_answers_of_special_methods(void **state) {
    (void)state;
    static const EvalCase cases[] = {
        {"class A:\n    def __str__(self): return 1\nprint(A())\n",
         "TypeError: __str__ returned non-string (type int)\n"},
        {"class A:\n    def __repr__(self): return 1\nprint(A())\n",
         "TypeError: __str__ returned non-string (type int)\n"},
        {"class A:\n    def __repr__(self): return 1\nrepr(A())\n",
         "TypeError: __repr__ returned non-string (type int)\n"},
        {"class A:\n    def __len__(self): return -1\nlen(A())\n",
         "ValueError: __len__() should return >= 0\n"},
        {"class A:\n    def __len__(self): return 1.5\nlen(A())\n",
         "TypeError: 'float' object cannot be interpreted as an integer\n"},
        {"class A:\n    def __iter__(self): return 1\nlist(A())\n",
         "TypeError: iter() returned non-iterator of type 'int'\n"},
        {"class A:\n    def __bool__(self): return \"x\"\nnot A()\n",
         "TypeError: __bool__ should return bool, returned str\n"},
        {"class A:\n    def __hash__(self): return \"x\"\n{A(): 1}\n",
         "TypeError: __hash__ method should return an integer\n"},
        {"class A:\n    def __int__(self): return \"x\"\nint(A())\n",
         "TypeError: __int__ returned non-int (type str)\n"},
        {"class A:\n    def __float__(self): return \"x\"\nfloat(A())\n",
         "TypeError: A.__float__ returned non-float (type str)\n"},
        {"class A:\n    def __init__(self): return 1\nA()\n",
         "TypeError: __init__() should return None, not 'int'\n"},
        {"class A:\n    def __getitem__(self, i): raise ValueError(i)\nlist(A())\n",
         "ValueError: 0\n"},
        {"class A:\n    def __next__(self): return 1\nfor z in A(): pass\n",
         "TypeError: 'A' object is not iterable\n"},
        {"class A:\n    def __format__(self, s): return 1\nf\"{A()}\"\n",
         "TypeError: __format__ must return a str, not int\n"},
    };
    expect_all(cases, sizeof cases / sizeof *cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operands),
        cmocka_unit_test(items),
        cmocka_unit_test(attributes),
        cmocka_unit_test(iteration),
        cmocka_unit_test(builtins),
        cmocka_unit_test(methods),
        cmocka_unit_test(calls),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(user_objects),
        cmocka_unit_test(wrong_answers_of_special_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
