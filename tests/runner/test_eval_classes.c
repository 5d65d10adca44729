/* Classes, inheritance, special methods, descriptors.
 * What is expected is what CPython 3.11 prints. */
#include "eval_helper.h"

static void instances_have_attributes(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    x = 1\n"
                  "    def __init__(self, y): self.y = y\n"
                  "a = A(2)\n"
                  "print(a.x, a.y, A.x, vars(a), a.__dict__)\n"
                  "a.x = 5\n"
                  "print(a.x, A.x)\n",
                  "1 2 1 {'y': 2} {'y': 2}\n"
                  "5 1\n");
}

static void a_missing_attribute(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A().z\n",
                  "AttributeError: 'A' object has no attribute 'z'\n");
}

static void a_missing_attribute_of_a_class(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A.z\n",
                  "AttributeError: type object 'A' has no attribute 'z'\n");
}

static void an_attribute_that_cannot_be_deleted(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "del A().x\n",
                  "AttributeError: 'A' object has no attribute 'x'\n");
}

static void classes_and_instances_show_themselves(void **state) {
    (void)state;
    expect_output(
        "class A:\n"
        "    class B: pass\n"
        "def f():\n"
        "    class C: pass\n"
        "    return C\n"
        "print(A, A.B, f(), A(), [A.B()], type(A()), type(A), A.__name__, "
        "A.B.__qualname__)\n",
        "<class '__main__.A'> <class '__main__.A.B'> <class '__main__.f.<locals>.C'> "
        "<__main__.A object at 0x...> [<__main__.A.B object at 0x...>] <class "
        "'__main__.A'> <class 'type'> A A.B\n");
}

static void arguments_without_init(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A(1)\n",
                  "TypeError: A() takes no arguments\n");
}

static void a_missing_argument_of_init(void **state) {
    (void)state;
    expect_output(
        "class A:\n"
        "    def __init__(self, x): pass\n"
        "A()\n",
        "TypeError: A.__init__() missing 1 required positional argument: 'x'\n");
}

static void init_must_give_None(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __init__(self): return 5\n"
                  "A()\n",
                  "TypeError: __init__() should return None, not 'int'\n");
}

static void methods_are_bound(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def m(self, x): return self, x\n"
                  "    def __repr__(self): return \"A\"\n"
                  "a = A()\n"
                  "f = a.m\n"
                  "print(f(1), A.m(a, 2), f, f.__self__, f.__name__)\n",
                  "(A, 1) (A, 2) <bound method A.m of A> A m\n");
}

static void a_method_without_its_argument(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def m(self, x): pass\n"
                  "A().m()\n",
                  "TypeError: A.m() missing 1 required positional argument: 'x'\n");
}

static void inheritance_and_super(void **state) {
    (void)state;
    expect_output(
        "class P:\n"
        "    def __init__(self, x): self.x = x\n"
        "    def who(self): return \"P\"\n"
        "class Q(P):\n"
        "    def __init__(self, x):\n"
        "        super().__init__(x * 2)\n"
        "        self.k = 1\n"
        "    def who(self): return \"Q\" + super().who() + super(Q, self).who()\n"
        "q = Q(3)\n"
        "print(q.x, q.k, q.who(), isinstance(q, P), issubclass(Q, P), Q.__bases__, "
        "Q.__mro__)\n",
        "6 1 QPP True True (<class '__main__.P'>,) (<class '__main__.Q'>, <class "
        "'__main__.P'>, <class 'object'>)\n");
}

static void the_diamond(void **state) {
    (void)state;
    expect_output("class X1:\n"
                  "    def who(self): return \"1\"\n"
                  "class X2(X1):\n"
                  "    def who(self): return \"2\" + super().who()\n"
                  "class X3(X1):\n"
                  "    def who(self): return \"3\" + super().who()\n"
                  "class X4(X2, X3):\n"
                  "    def who(self): return \"4\" + super().who()\n"
                  "print(X4().who(), [c.__name__ for c in X4.mro()])\n",
                  "4231 ['X4', 'X2', 'X3', 'X1', 'object']\n");
}

static void bases_that_do_not_fit(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "class B(A): pass\n"
                  "class C(A, B): pass\n",
                  "TypeError: Cannot create a consistent method resolution\n"
                  "order (MRO) for bases A, B\n");
}

static void a_base_that_is_no_class(void **state) {
    (void)state;
    expect_output("class A(5.5): pass\n",
                  "TypeError: float expected at most 1 argument, got 3\n");
}

static void a_base_that_is_final(void **state) {
    (void)state;
    expect_output("class A(bool): pass\n",
                  "TypeError: type 'bool' is not an acceptable base type\n");
}

static void super_outside_of_a_method(void **state) {
    (void)state;
    expect_output("super()\n", "RuntimeError: super(): no arguments\n");
}

static void super_in_a_function_of_no_class(void **state) {
    (void)state;
    expect_output("def f(self): return super()\n"
                  "f(1)\n",
                  "RuntimeError: super(): __class__ cell not found\n");
}

static void super_in_class_methods(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    @classmethod\n"
                  "    def make(cls): return cls.__name__\n"
                  "class B(A):\n"
                  "    @classmethod\n"
                  "    def make(cls): return \"B\" + super().make()\n"
                  "print(B.make(), B().make())\n",
                  "BB BB\n");
}

static void properties(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __init__(self): self._x = 1\n"
                  "    @property\n"
                  "    def x(self): return self._x\n"
                  "    @x.setter\n"
                  "    def x(self, v): self._x = v * 2\n"
                  "    @x.deleter\n"
                  "    def x(self): print(\"deleted\")\n"
                  "a = A()\n"
                  "a.x = 5\n"
                  "print(a.x)\n"
                  "del a.x\n",
                  "10\n"
                  "deleted\n");
}

static void a_property_without_a_setter(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    @property\n"
                  "    def x(self): return 1\n"
                  "A().x = 5\n",
                  "AttributeError: property 'x' of 'A' object has no setter\n");
}

static void a_property_made_by_hand(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def g(self): return 7\n"
                  "    x = property(g)\n"
                  "print(A().x, A.x)\n",
                  "7 <property object at 0x...>\n");
}

static void static_and_class_methods(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    @staticmethod\n"
                  "    def s(a): return a * 2\n"
                  "    @classmethod\n"
                  "    def c(cls, a): return cls, a\n"
                  "print(A.s(4), A().s(2), A.c(8), A().c(9))\n",
                  "8 4 (<class '__main__.A'>, 8) (<class '__main__.A'>, 9)\n");
}

static void arithmetic_methods(void **state) {
    (void)state;
    expect_output("class N:\n"
                  "    def __init__(self, v): self.v = v\n"
                  "    def __repr__(self): return f\"N{self.v}\"\n"
                  "    def __add__(self, o): return N(self.v + (o.v if isinstance(o, "
                  "N) else o))\n"
                  "    def __radd__(self, o): return (\"radd\", o)\n"
                  "    def __iadd__(self, o):\n"
                  "        self.v += o\n"
                  "        return self\n"
                  "    def __neg__(self): return N(-self.v)\n"
                  "    def __matmul__(self, o): return \"mm\"\n"
                  "    def __rpow__(self, o): return \"rpow\"\n"
                  "    def __floordiv__(self, o): return NotImplemented\n"
                  "n = N(3)\n"
                  "n += 5\n"
                  "print(n, n + 1, n + n, 5 + n, -n, n @ 1, 2 ** n)\n"
                  "n // 2\n",
                  "N8 N9 N16 ('radd', 5) N-8 mm rpow\n"
                  "TypeError: unsupported operand type(s) for //: 'N' and 'int'\n");
}

static void operands_without_a_method(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A() + 1\n",
                  "TypeError: unsupported operand type(s) for +: 'A' and 'int'\n");
}

static void in_place_without_a_method(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "a = A()\n"
                  "a -= 1\n",
                  "TypeError: unsupported operand type(s) for -=: 'A' and 'int'\n");
}

static void a_subclass_is_asked_first(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __add__(self, o): return \"A\"\n"
                  "class B(A):\n"
                  "    def __radd__(self, o): return \"B\"\n"
                  "print(A() + B(), B() + A(), A() + A())\n",
                  "B A A\n");
}

static void comparisons(void **state) {
    (void)state;
    expect_output("class N:\n"
                  "    def __init__(self, v): self.v = v\n"
                  "    def __lt__(self, o): return self.v < o.v\n"
                  "    def __eq__(self, o): return self.v == o.v\n"
                  "    def __repr__(self): return f\"N{self.v}\"\n"
                  "print(sorted([N(3), N(1), N(2)]), N(1) == N(1), N(1) != N(2), N(1) "
                  "> N(2), min(N(4), N(2)))\n"
                  "N(1) <= N(2)\n",
                  "[N1, N2, N3] True True False N2\n"
                  "TypeError: '<=' not supported between instances of 'N' and 'N'\n");
}

static void eq_without_hash(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __eq__(self, o): return True\n"
                  "hash(A())\n",
                  "TypeError: unhashable type: 'A'\n");
}

static void hash_and_eq_make_keys(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __init__(self, v): self.v = v\n"
                  "    def __eq__(self, o): return self.v == o.v\n"
                  "    def __hash__(self): return hash(self.v)\n"
                  "print({A(1): \"x\"}[A(1)], len({A(1), A(1), A(2)}))\n",
                  "x 2\n");
}

static void truth_and_length(void **state) {
    (void)state;
    expect_output("class L:\n"
                  "    def __init__(self, n): self.n = n\n"
                  "    def __len__(self): return self.n\n"
                  "class B:\n"
                  "    def __bool__(self): return False\n"
                  "print(bool(L(0)), bool(L(2)), len(L(5)), bool(B()), not B())\n"
                  "len(L(-1))\n",
                  "False True 5 False True\n"
                  "ValueError: __len__() should return >= 0\n");
}

static void len_must_give_an_int(void **state) {
    (void)state;
    expect_output("class L:\n"
                  "    def __len__(self): return \"x\"\n"
                  "len(L())\n",
                  "TypeError: 'str' object cannot be interpreted as an integer\n");
}

static void bool_must_give_a_bool(void **state) {
    (void)state;
    expect_output("class B:\n"
                  "    def __bool__(self): return 1\n"
                  "if B(): pass\n",
                  "TypeError: __bool__ should return bool, returned int\n");
}

static void repr_must_give_a_str(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __repr__(self): return 5\n"
                  "A()\n",
                  "TypeError: __repr__ returned non-string (type int)\n");
}

static void containers(void **state) {
    (void)state;
    expect_output("class C:\n"
                  "    def __init__(self): self.d = {}\n"
                  "    def __getitem__(self, k): return self.d[k]\n"
                  "    def __setitem__(self, k, v): self.d[k] = v\n"
                  "    def __delitem__(self, k): del self.d[k]\n"
                  "    def __contains__(self, k): return k == \"magic\"\n"
                  "c = C()\n"
                  "c[\"a\"] = 1\n"
                  "print(c[\"a\"], \"magic\" in c, \"a\" in c)\n"
                  "del c[\"a\"]\n"
                  "print(c.d)\n",
                  "1 True False\n"
                  "{}\n");
}

static void instances_without_item_methods(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A()[0]\n",
                  "TypeError: 'A' object is not subscriptable\n");
}

static void conversions(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __int__(self): return 7\n"
                  "    def __float__(self): return 7.5\n"
                  "    def __index__(self): return 2\n"
                  "    def __abs__(self): return \"abs\"\n"
                  "    def __round__(self, n=None): return (\"round\", n)\n"
                  "    def __str__(self): return \"str\"\n"
                  "a = A()\n"
                  "print(int(a), float(a), [1, 2, 3][a], abs(a), round(a), round(a, "
                  "2), str(a), hex(a), range(a))\n",
                  "7 7.5 3 abs ('round', None) ('round', 2) str 0x2 range(0, 2)\n");
}

static void call(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __call__(self, *a, **k): return a, k\n"
                  "print(A()(1, b=2), callable(A()), callable(A))\n",
                  "((1,), {'b': 2}) True True\n");
}

static void getattr_comes_last(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    x = 1\n"
                  "    def __getattr__(self, n):\n"
                  "        if n == \"magic\": return 42\n"
                  "        raise AttributeError(n)\n"
                  "a = A()\n"
                  "print(a.x, a.magic, hasattr(a, \"q\"))\n"
                  "a.nothing\n",
                  "1 42 False\n"
                  "AttributeError: nothing\n");
}

static void setattr_and_delattr(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __setattr__(self, n, v):\n"
                  "        print(\"set\", n)\n"
                  "        super().__setattr__(n, v)\n"
                  "    def __delattr__(self, n):\n"
                  "        print(\"del\", n)\n"
                  "        object.__delattr__(self, n)\n"
                  "a = A()\n"
                  "a.x = 1\n"
                  "print(a.x)\n"
                  "del a.x\n",
                  "set x\n"
                  "1\n"
                  "del x\n");
}

static void getattribute(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    y = 1\n"
                  "    def __getattribute__(self, n):\n"
                  "        if n == \"x\": return \"hooked\"\n"
                  "        return super().__getattribute__(n)\n"
                  "print(A().x, A().y)\n",
                  "hooked 1\n");
}

static void new (void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __new__(cls, *a):\n"
                  "        o = super().__new__(cls)\n"
                  "        o.made = a\n"
                  "        return o\n"
                  "    def __init__(self, *a): self.init = a\n"
                  "a = A(1, 2)\n"
                  "print(a.made, a.init)\n",
                  "(1, 2) (1, 2)\n");
}

static void new_may_give_something_else(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def __new__(cls): return 5\n"
                  "    def __init__(self): print(\"never\")\n"
                  "print(A())\n",
                  "5\n");
}

static void class_bodies_have_their_own_names(void **state) {
    (void)state;
    expect_output("x = 1\n"
                  "class A:\n"
                  "    x = x + 1\n"
                  "    y = [x, 10]\n"
                  "    def m(self): return x\n"
                  "print(A.x, A.y, A().m())\n",
                  "2 [2, 10] 1\n");
}

static void names_of_a_function_in_a_class_body(void **state) {
    (void)state;
    expect_output("def f():\n"
                  "    v = 7\n"
                  "    class A:\n"
                  "        w = v\n"
                  "        def m(self): return v\n"
                  "    return A\n"
                  "print(f().w, f()().m())\n",
                  "7 7\n");
}

static void class_attributes_can_be_set(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "A.x = 1\n"
                  "a = A()\n"
                  "print(a.x)\n"
                  "A.m = lambda self: self.x + 1\n"
                  "print(a.m())\n"
                  "del A.x\n"
                  "a.x\n",
                  "1\n"
                  "2\n"
                  "AttributeError: 'A' object has no attribute 'x'\n");
}

static void methods_changed_after_use(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def m(self): return 1\n"
                  "a = A()\n"
                  "r = []\n"
                  "for i in range(3):\n"
                  "    r.append(a.m())\n"
                  "    if i == 0: A.m = lambda self: 2\n"
                  "    if i == 1: a.m = lambda: 3\n"
                  "print(r)\n",
                  "[1, 2, 3]\n");
}

static void built_in_types_cannot_be_changed(void **state) {
    (void)state;
    expect_output("int.x = 5\n",
                  "TypeError: cannot set 'x' attribute of immutable type 'int'\n");
}

static void descriptors(void **state) {
    (void)state;
    expect_output("class D:\n"
                  "    def __set_name__(self, o, n): self.n = n\n"
                  "    def __get__(self, o, t=None): return self.n, o is None\n"
                  "    def __set__(self, o, v): print(\"set\", v)\n"
                  "class H:\n"
                  "    d = D()\n"
                  "h = H()\n"
                  "h.d = 5\n"
                  "print(h.d, H.d)\n",
                  "set 5\n"
                  "('d', False) ('d', True)\n");
}

static void init_subclass(void **state) {
    (void)state;
    expect_output("class Base:\n"
                  "    def __init_subclass__(cls, **kw):\n"
                  "        super().__init_subclass__()\n"
                  "        print(\"sub\", cls.__name__, kw)\n"
                  "class Sub(Base, tag=1): pass\n",
                  "sub Sub {'tag': 1}\n");
}

static void a_keyword_that_no_init_subclass_takes(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "class B(A, tag=1): pass\n",
                  "TypeError: B.__init_subclass__() takes no keyword arguments\n");
}

static void type_makes_classes(void **state) {
    (void)state;
    expect_output("T = type(\"T\", (object,), {\"a\": 1, \"m\": lambda self: self.a})\n"
                  "print(T, T().m())\n",
                  "<class '__main__.T'> 1\n");
}

static void a_list_of_a_class_of_its_own(void **state) {
    (void)state;
    expect_output("class L(list):\n"
                  "    def total(self): return sum(self)\n"
                  "l = L([1, 2])\n"
                  "l.append(5)\n"
                  "print(l.total(), l, len(l), l[0], l == [1, 2, 5], isinstance(l, "
                  "list), [*l], l + [1], 5 in l)\n",
                  "8 [1, 2, 5] 3 1 True True [1, 2, 5] [1, 2, 5, 1] True\n");
}

static void a_dict_with_missing(void **state) {
    (void)state;
    expect_output("class D(dict):\n"
                  "    def __missing__(self, k): return k * 2\n"
                  "d = D(a=1)\n"
                  "print(d[\"a\"], d[\"zz\"], d, d.get(\"q\"), len(d))\n",
                  "1 zzzz {'a': 1} None 1\n");
}

static void a_dict_that_overrides_methods(void **state) {
    (void)state;
    expect_output("class D(dict):\n"
                  "    def __setitem__(self, k, v): super().__setitem__(k, v * 2)\n"
                  "    def __getattr__(self, k): return self[k]\n"
                  "d = D()\n"
                  "d[\"x\"] = 4\n"
                  "print(d, d.x, list(d.items()))\n",
                  "{'x': 8} 8 [('x', 8)]\n");
}

static void a_str_of_a_class_of_its_own(void **state) {
    (void)state;
    expect_output("class S(str):\n"
                  "    def shout(self): return self.upper() + \"!\"\n"
                  "s = S(\"hi\")\n"
                  "print(s.shout(), s, s + \"x\", len(s))\n",
                  "HI! hi hix 2\n");
}

static void an_int_of_a_class_of_its_own(void **state) {
    (void)state;
    expect_output("class I(int):\n"
                  "    def dbl(self): return self * 2\n"
                  "print(I(5).dbl(), I(5) + 1, I(5))\n",
                  "10 6 5\n");
}

static void a_tuple_with_new(void **state) {
    (void)state;
    expect_output("class T(tuple):\n"
                  "    def __new__(cls, *a): return super().__new__(cls, a)\n"
                  "print(T(1, 2), len(T(1, 2)), T(1, 2)[0])\n",
                  "(1, 2) 2 1\n");
}

static void unbound_methods_of_built_in_types(void **state) {
    (void)state;
    expect_output(
        "print(list.append, str.upper(\"a\"), list(map(str.strip, [\" a \", \"b \"])), "
        "dict.fromkeys(\"ab\"))\n"
        "list.append(5, 1)\n",
        "<method 'append' of 'list' objects> A ['a', 'b'] {'a': None, 'b': None}\n"
        "TypeError: descriptor 'append' for 'list' objects doesn't apply to a 'int' "
        "object\n");
}

static void special_methods_of_built_in_values(void **state) {
    (void)state;
    expect_output("print([1, 2].__len__(), (5).__add__(3), \"a\".__class__, "
                  "(1).__class__.__name__, {}.__contains__(1), [3].__getitem__(0))\n",
                  "2 8 <class 'str'> int False 3\n");
}

static void isinstance_wants_types(void **state) {
    (void)state;
    expect_output(
        "isinstance(1, 5)\n",
        "TypeError: isinstance() arg 2 must be a type, a tuple of types, or a union\n");
}

static void class_can_be_assigned(void **state) {
    (void)state;
    expect_output("class A: pass\n"
                  "class B:\n"
                  "    def m(self): return \"B\"\n"
                  "a = A()\n"
                  "a.__class__ = B\n"
                  "print(a.m(), type(a))\n",
                  "B <class '__main__.B'>\n");
}

static void a_class_of_two_layouts(void **state) {
    (void)state;
    expect_output("class A(int, str): pass\n",
                  "TypeError: multiple bases have instance lay-out conflict\n");
}

static void abstract_use_of_NotImplementedError(void **state) {
    (void)state;
    expect_output("class A:\n"
                  "    def area(self): raise NotImplementedError\n"
                  "class B(A):\n"
                  "    def area(self): return 4\n"
                  "print(B().area())\n"
                  "A().area()\n",
                  "4\n"
                  "NotImplementedError\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_have_attributes),
        cmocka_unit_test(a_missing_attribute),
        cmocka_unit_test(a_missing_attribute_of_a_class),
        cmocka_unit_test(an_attribute_that_cannot_be_deleted),
        cmocka_unit_test(classes_and_instances_show_themselves),
        cmocka_unit_test(arguments_without_init),
        cmocka_unit_test(a_missing_argument_of_init),
        cmocka_unit_test(init_must_give_None),
        cmocka_unit_test(methods_are_bound),
        cmocka_unit_test(a_method_without_its_argument),
        cmocka_unit_test(inheritance_and_super),
        cmocka_unit_test(the_diamond),
        cmocka_unit_test(bases_that_do_not_fit),
        cmocka_unit_test(a_base_that_is_no_class),
        cmocka_unit_test(a_base_that_is_final),
        cmocka_unit_test(super_outside_of_a_method),
        cmocka_unit_test(super_in_a_function_of_no_class),
        cmocka_unit_test(super_in_class_methods),
        cmocka_unit_test(properties),
        cmocka_unit_test(a_property_without_a_setter),
        cmocka_unit_test(a_property_made_by_hand),
        cmocka_unit_test(static_and_class_methods),
        cmocka_unit_test(arithmetic_methods),
        cmocka_unit_test(operands_without_a_method),
        cmocka_unit_test(in_place_without_a_method),
        cmocka_unit_test(a_subclass_is_asked_first),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(eq_without_hash),
        cmocka_unit_test(hash_and_eq_make_keys),
        cmocka_unit_test(truth_and_length),
        cmocka_unit_test(len_must_give_an_int),
        cmocka_unit_test(bool_must_give_a_bool),
        cmocka_unit_test(repr_must_give_a_str),
        cmocka_unit_test(containers),
        cmocka_unit_test(instances_without_item_methods),
        cmocka_unit_test(conversions),
        cmocka_unit_test(call),
        cmocka_unit_test(getattr_comes_last),
        cmocka_unit_test(setattr_and_delattr),
        cmocka_unit_test(getattribute),
        cmocka_unit_test(new),
        cmocka_unit_test(new_may_give_something_else),
        cmocka_unit_test(class_bodies_have_their_own_names),
        cmocka_unit_test(names_of_a_function_in_a_class_body),
        cmocka_unit_test(class_attributes_can_be_set),
        cmocka_unit_test(methods_changed_after_use),
        cmocka_unit_test(built_in_types_cannot_be_changed),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(init_subclass),
        cmocka_unit_test(a_keyword_that_no_init_subclass_takes),
        cmocka_unit_test(type_makes_classes),
        cmocka_unit_test(a_list_of_a_class_of_its_own),
        cmocka_unit_test(a_dict_with_missing),
        cmocka_unit_test(a_dict_that_overrides_methods),
        cmocka_unit_test(a_str_of_a_class_of_its_own),
        cmocka_unit_test(an_int_of_a_class_of_its_own),
        cmocka_unit_test(a_tuple_with_new),
        cmocka_unit_test(unbound_methods_of_built_in_types),
        cmocka_unit_test(special_methods_of_built_in_values),
        cmocka_unit_test(isinstance_wants_types),
        cmocka_unit_test(class_can_be_assigned),
        cmocka_unit_test(a_class_of_two_layouts),
        cmocka_unit_test(abstract_use_of_NotImplementedError),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
