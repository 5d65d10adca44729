/* resolve: names find their slots, cells and globals. In the trees L is a slot of the
 * frame, C a cell, G a global, K a name of a class body; o marks a name of an
 * enclosing scope. */
#include "parse_test.h"

static void a_name_of_the_module_is_a_global(void **state) {
    (void)state;
    expect_places("x = y", "(= x@G y@G)");
}

static void what_a_function_binds_is_a_slot(void **state) {
    (void)state;
    expect_places("def f(a, b=d):\n    c = a\n    return c, g\n",
                  "(def f@G(a b=d@G) [f slots=3 cells=0 free=] "
                  "{(= c@L2 a@L0) (return (tuple c@L2 g@G))})");
}

static void parameters_come_first_whatever_their_kind(void **state) {
    (void)state;
    expect_places("def f(a, /, b, *args, c, **kw):\n    x = kw\n    return args\n",
                  "(def f@G(a / b * c *args **kw) [f slots=6 cells=0 free=] "
                  "{(= x@L5 kw@L4) (return args@L3)})");
}

static void a_closure_takes_the_cell_of_the_function_around(void **state) {
    (void)state;
    expect_places("def f():\n    n = 1\n    def g():\n        return n\n    return g\n",
                  "(def f@G() [f slots=1 cells=1 free=] {(= n@C0 1) "
                  "(def g@L0() [f.<locals>.g slots=0 cells=0 free=0] "
                  "{(return n@oC0)}) (return g@L0)})");
}

static void a_captured_parameter_moves_to_its_cell(void **state) {
    (void)state;
    expect_places("f = lambda a, b: lambda: b",
                  "(= f@G (lambda (a b) [<lambda> slots=2 cells=1 free= 1->0] "
                  "(lambda () [<lambda>.<locals>.<lambda> slots=0 cells=0 free=0] "
                  "b@oC0)))");
}

static void a_cell_passes_through_the_functions_between(void **state) {
    (void)state;
    expect_places("def f(x):\n    return lambda: lambda: x\n",
                  "(def f@G(x) [f slots=1 cells=1 free= 0->0] {(return "
                  "(lambda () [f.<locals>.<lambda> slots=0 cells=0 free=0] "
                  "(lambda () [f.<locals>.<lambda>.<locals>.<lambda> slots=0 cells=0 "
                  "free=0] x@oC0)))})");
}

static void own_cells_stand_before_those_taken_over(void **state) {
    (void)state;
    expect_places("def f(x):\n    def g(y):\n        return lambda: x + y\n",
                  "(def f@G(x) [f slots=2 cells=1 free= 0->0] {"
                  "(def g@L1(y) [f.<locals>.g slots=1 cells=1 free=0 0->0] {(return "
                  "(lambda () [f.<locals>.g.<locals>.<lambda> slots=0 cells=0 "
                  "free=1,0] (+ x@oC0 y@oC1)))})})");
}

static void global_reaches_the_module(void **state) {
    (void)state;
    expect_places("def f():\n    global n\n    n = 1\n",
                  "(def f@G() [f slots=0 cells=0 free=] {(global n) (= n@G 1)})");
}

static void global_hides_the_name_from_inner_functions(void **state) {
    (void)state;
    expect_places("def f():\n    n = 1\n    def g():\n        global n\n        return "
                  "lambda: n\n",
                  "(def f@G() [f slots=2 cells=0 free=] {(= n@L0 1) "
                  "(def g@L1() [f.<locals>.g slots=0 cells=0 free=] {(global n) "
                  "(return (lambda () [f.<locals>.g.<locals>.<lambda> slots=0 cells=0 "
                  "free=] n@G))})})");
}

static void nonlocal_writes_the_cell_around(void **state) {
    (void)state;
    expect_places(
        "def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 2\n",
        "(def f@G() [f slots=1 cells=1 free=] {(= n@C0 1) "
        "(def g@L0() [f.<locals>.g slots=0 cells=0 free=0] "
        "{(nonlocal n) (= n@oC0 2)})})");
}

static void class_names_are_seen_by_the_body_alone(void **state) {
    (void)state;
    expect_places("class C(B):\n    x = 1\n    y = x, z\n    def m(self):\n        "
                  "return x\n",
                  "(class C@G( B@G) [C slots=0 cells=0 free=] {(= x@K 1) "
                  "(= y@K (tuple x@K z@G)) (def m@K(self) [C.m slots=1 cells=0 free=] "
                  "{(return x@G)})})");
}

static void super_brings_the_class_cell(void **state) {
    (void)state;
    expect_places("class C:\n    def m(self):\n        super().m()\n",
                  "(class C@G() [C slots=0 cells=1 free= class=0] "
                  "{(def m@K(self) [C.m slots=1 cells=0 free=0 class=0] "
                  "{(call (. (call super@G) m))})})");
}

static void a_class_body_passes_cells_on(void **state) {
    (void)state;
    expect_places("def f(k):\n    class C:\n        a = k\n        def m(self):\n"
                  "            return k\n",
                  "(def f@G(k) [f slots=2 cells=1 free= 0->0] "
                  "{(class C@L1() [f.<locals>.C slots=0 cells=0 free=0] {(= a@K k@oC0) "
                  "(def m@K(self) [f.<locals>.C.m slots=1 cells=0 free=0] "
                  "{(return k@oC0)})})})");
}

static void private_names_carry_their_class(void **state) {
    (void)state;
    expect_tree(
        "class _C:\n    __a = 1\n    def m(self, __p):\n        self.__b = __p\n"
        "        self.__init__()\n",
        "(class _C() {(= _C__a 1) (def m(self _C__p) "
        "{(= (. self _C__b) _C__p) (call (. self __init__))})})");
}

static void a_comprehension_has_slots_of_its_own(void **state) {
    (void)state;
    expect_places("def f(x):\n    return [x * y for x in x for y in x]\n",
                  "(def f@G(x) [f slots=3 cells=0 free=] {(return (listcomp "
                  "(* x@L1 y@L2) for x@L1 x@L0 for y@L2 x@L1))})");
}

static void a_comprehension_at_the_top_uses_slots_of_the_module(void **state) {
    (void)state;
    expect_places("i = [i for i in i]", "(= i@G (listcomp i@L0 for i@L0 i@G))");
}

static void names_captured_in_a_comprehension_get_fresh_cells(void **state) {
    (void)state;
    expect_places("[lambda: i for i in r]",
                  "(listcomp [fresh=1] (lambda () [<listcomp>.<lambda> slots=0 "
                  "cells=0 free=0] i@oC0) for i@C0 r@G)");
}

static void a_comprehension_does_not_see_the_class_around(void **state) {
    (void)state;
    expect_places("class C:\n    n = 1\n    l = [n for _ in n]\n",
                  "(class C@G() [C slots=1 cells=0 free=] {(= n@K 1) "
                  "(= l@K (listcomp n@G for _@L0 n@K))})");
}

static void a_generator_is_a_closure(void **state) {
    (void)state;
    expect_places("def f(k):\n    return (k * i for i in g if i)\n",
                  "(def f@G(k) [f slots=1 cells=1 free= 0->0] {(return "
                  "(genexp [f.<locals>.<genexpr> slots=2 cells=0 free=0] "
                  "(* k@oC0 i@L1) for i@L1 g@G if i@L1))})");
}

static void walrus_in_a_comprehension_binds_outside(void **state) {
    (void)state;
    expect_places(
        "def f(r):\n    [y := x for x in r]\n    return y\n",
        "(def f@G(r) [f slots=3 cells=0 free=] {(listcomp (:= y@oL1 x@L2) for "
        "x@L2 r@L0) (return y@L1)})");
    expect_places("[y := x for x in r]", "(listcomp (:= y@G x@L0) for x@L0 r@G)");
}

static void walrus_in_a_generator_writes_a_cell(void **state) {
    (void)state;
    expect_places("def f(r):\n    any(y := x for x in r)\n    return y\n",
                  "(def f@G(r) [f slots=1 cells=1 free=] {(call any@G (genexp "
                  "[f.<locals>.<genexpr> slots=2 cells=0 free=0] (:= y@oC0 x@L1) for "
                  "x@L1 r@L0)) (return y@C0)})");
}

static void handlers_and_imports_bind(void **state) {
    (void)state;
    expect_places("def f():\n    import a.b, c as d\n    from e import g\n    try:\n"
                  "        pass\n    except E as x:\n        return a, d, g, x\n",
                  "(def f@G() [f slots=4 cells=0 free=] {(import a.b c as d@L1) "
                  "(from e g) (try {(pass)} except E@G x@L3 "
                  "{(return (tuple a@L0 d@L1 g@L2 x@L3))})})");
}

static void a_name_keeps_its_slot_from_program_to_program(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_text(&f, "x = 1\ny = 2");
    Program *first = f.program;
    parse_text(&f, "y");
    const NameExpr *y = (const NameExpr *)f.program->display;
    assert_null(y); /* only cells display */
    const ExprStmt *s = (const ExprStmt *)f.program->code->body.items[0];
    y = (const NameExpr *)s->value;
    assert_int_equal(y->index, globals_find(&f.globals, y->name));
    const AssignStmt *a = (const AssignStmt *)first->code->body.items[1];
    assert_int_equal(((const NameExpr *)a->targets[0])->index, y->index);
    assert_ptr_equal(((const NameExpr *)a->targets[0])->name, y->name);
    program_free(first);
    fixture_close(&f);
}

static void what_is_declared_too_late_is_an_error(void **state) {
    (void)state;
    expect_error("def f():\n    x = 1\n    global x\n", 3, 5,
                 "name 'x' is assigned to before global declaration");
    expect_error("def f():\n    x\n    global x\n", 3, 5,
                 "name 'x' is used prior to global declaration");
    expect_error("def f(x):\n    global x\n", 2, 5, "name 'x' is parameter and global");
    expect_error("def f():\n    def g():\n        nonlocal x\n", 3, 9,
                 "no binding for nonlocal 'x' found");
    expect_error("nonlocal x", 1, 1,
                 "nonlocal declaration not allowed at module level");
    expect_error("def f():\n    def g():\n        global x\n        nonlocal x\n", 4, 9,
                 "name 'x' is nonlocal and global");
}

static void statements_out_of_place_are_errors(void **state) {
    (void)state;
    expect_error("return 1", 1, 1, "'return' outside function");
    expect_error("class C:\n    return\n", 2, 5, "'return' outside function");
    expect_error("if x:\n    break\n", 2, 5, "'break' outside loop");
    expect_error("continue", 1, 1, "'continue' not properly in loop");
    expect_error("for i in x:\n    def f():\n        break\n", 3, 9,
                 "'break' outside loop");
    expect_error("for i in x:\n    pass\nelse:\n    break\n", 4, 5,
                 "'break' outside loop");
    expect_error("def f():\n    from m import *\n", 2, 5,
                 "import * only allowed at module level");
    expect_error("try:\n    pass\nexcept:\n    pass\nexcept E:\n    pass\n", 3, 1,
                 "default 'except:' must be last");
}

static void stars_out_of_place_are_errors(void **state) {
    (void)state;
    expect_error("*a", 1, 1, "can't use starred expression here");
    expect_error("x = *a", 1, 5, "can't use starred expression here");
    expect_error("*a = x", 1, 1,
                 "starred assignment target must be in a list or tuple");
    expect_error("*a, *b = x", 1, 1, "multiple starred expressions in assignment");
}

static void walrus_out_of_place_is_an_error(void **state) {
    (void)state;
    expect_error("[x := 1 for x in y]", 1, 2,
                 "assignment expression cannot rebind comprehension iteration variable "
                 "'x'");
    expect_error("[x for x in (y := z)]", 1, 14,
                 "assignment expression cannot be used in a comprehension iterable "
                 "expression");
    expect_error("class C:\n    [y := x for x in z]\n", 2, 6,
                 "assignment expression within a comprehension cannot be used in a "
                 "class body");
    expect_error("[j for i in x if (j := i) for j in y]", 1, 31,
                 "comprehension inner loop cannot rebind assignment expression target "
                 "'j'");
}

static void a_keyword_stands_once(void **state) {
    (void)state;
    expect_error("f(a=1, b=2, a=3)", 1, 13, "keyword argument repeated: a");
}

/* Python warns of the source like this. */
static void expect_note(const char *text, const char *category, const char *message) {
    Fixture f;
    fixture_open(&f);
    parse_text(&f, text);
    assert_non_null(f.program);
    if (!message) {
        assert_null(f.program->notes);
    } else {
        assert_string_equal(f.program->notes->category, category);
        assert_string_equal(f.program->notes->message, message);
    }
    fixture_close(&f);
}

static void probable_slips_are_noted(void **state) {
    (void)state;
    static const char warning[] = "SyntaxWarning";
    expect_note("x is 5", warning, "\"is\" with a literal. Did you mean \"==\"?");
    expect_note("x is not 'a'", warning,
                "\"is not\" with a literal. Did you mean \"!=\"?");
    expect_note("x is -1", warning, "\"is\" with a literal. Did you mean \"==\"?");
    expect_note("x is None", NULL, NULL);
    expect_note("x is []", NULL, NULL);
    expect_note("assert (x, 'a')", warning,
                "assertion is always true, perhaps remove parentheses?");
    expect_note(
        "[[1, 2] [3, 4]]", warning,
        "list indices must be integers or slices, not tuple; perhaps you missed "
        "a comma?");
    expect_note("(1, 2) (3)", warning,
                "'tuple' object is not callable; perhaps you missed a comma?");
    expect_note("1[0]", warning,
                "'int' object is not subscriptable; perhaps you missed a comma?");
    expect_note("[1]['a'] = 2", NULL, NULL);
    expect_note("1if x else 2", warning, "invalid decimal literal");
    expect_note("'a\\d\\q'", "DeprecationWarning", "invalid escape sequence '\\d'");
    expect_note("'\\777'", "DeprecationWarning",
                "invalid octal escape sequence '\\777'");
}

/* `text` repeated n times between `before` and `after`. */
static void parse_repeated(Fixture *f, const char *before, const char *text, int n,
                           const char *after) {
    Buf b;
    buf_init(&b, &f->c.mem);
    buf_puts(&b, before);
    for (int i = 0; i < n; i++) buf_puts(&b, text);
    buf_puts(&b, after);
    parse_text(f, buf_text(&b));
    buf_free(&b);
}

static void long_chains_take_no_stack(void **state) {
    (void)state;
    static const char *const chains[][3] = {
        {"a", " + b", ""},
        {"a", " * b - c", ""},
        {"a", " and b", ""},
        {"x = a", " < b", ""},
        {"if a: pass\n", "elif b: pass\n", "else: pass"},
        {"f(", "a, ", "b)"},
        {"'a'", " 'b'", ""},
        {"a", " = b", ""},
        {"x = [", "[], ", "]"},
    };
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        Fixture f;
        fixture_open(&f);
        parse_repeated(&f, chains[i][0], chains[i][1], 10000, chains[i][2]);
        assert_string_equal(f.e.message, "");
        fixture_close(&f);
    }
}

static void what_nests_too_deeply_is_refused(void **state) {
    (void)state;
    static const char *const nests[][3] = {
        {"x = ", "(", ""},
        {"x = ", "-", "1"},
        {"x = ", "not ", "1"},
        {"x = ", "lambda: ", "1"},
        {"x = ", "a if b else ", "1"},
        {"x = a", " ** a", ""},
        {"x = a", ".b", ""},
        {"x = a", "()", ""},
        {"x = ", "f(", ""},
        {"x = ", "[x for x in ", ""},
    };
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        Fixture f;
        fixture_open(&f);
        parse_repeated(&f, nests[i][0], nests[i][1], 10000, nests[i][2]);
        assert_null(f.program);
        assert_false(ctx_failed(&f.c));
        assert_true(f.e.message[0]);
        fixture_close(&f);
    }
}

static void blocks_end_at_a_hundred_levels(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    Buf b;
    buf_init(&b, &f.c.mem);
    for (size_t i = 0; i < 200; i++) {
        buf_repeat(&b, ' ', i);
        buf_puts(&b, "if x:\n");
    }
    parse_text(&f, buf_text(&b));
    assert_string_equal(f.e.message, "too many levels of indentation");
    buf_free(&b);
    fixture_close(&f);
}

/* Every allocation fails once; nothing is kept, and MemoryError is what is said. */
static void running_out_of_memory_leaks_nothing(void **state) {
    (void)state;
    static const char text[] =
        "import a.b as c\nclass C(D, k=1):\n    def m(self, *a, b=1, **k):\n"
        "        x = [lambda: i for i in a if i]\n        super().m(f'{x!r:>{b}}')\n"
        "        return (x for x in y), 12345678901234567890, {'a': 1, **k}\n";
    for (uint64_t n = 1;; n++) {
        Fixture f;
        fixture_open(&f);
        f.c.mem.fail_at = f.c.mem.requests + n;
        parse_text(&f, text);
        bool done = f.program;
        if (!done) {
            assert_int_equal(f.c.error.kind, MemoryError);
            assert_string_equal(f.e.message, "");
        }
        error_clear(&f.c);
        fixture_close(&f);
        if (done) break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_the_module_is_a_global),
        cmocka_unit_test(what_a_function_binds_is_a_slot),
        cmocka_unit_test(parameters_come_first_whatever_their_kind),
        cmocka_unit_test(a_closure_takes_the_cell_of_the_function_around),
        cmocka_unit_test(a_captured_parameter_moves_to_its_cell),
        cmocka_unit_test(a_cell_passes_through_the_functions_between),
        cmocka_unit_test(own_cells_stand_before_those_taken_over),
        cmocka_unit_test(global_reaches_the_module),
        cmocka_unit_test(global_hides_the_name_from_inner_functions),
        cmocka_unit_test(nonlocal_writes_the_cell_around),
        cmocka_unit_test(class_names_are_seen_by_the_body_alone),
        cmocka_unit_test(super_brings_the_class_cell),
        cmocka_unit_test(a_class_body_passes_cells_on),
        cmocka_unit_test(private_names_carry_their_class),
        cmocka_unit_test(a_comprehension_has_slots_of_its_own),
        cmocka_unit_test(a_comprehension_at_the_top_uses_slots_of_the_module),
        cmocka_unit_test(names_captured_in_a_comprehension_get_fresh_cells),
        cmocka_unit_test(a_comprehension_does_not_see_the_class_around),
        cmocka_unit_test(a_generator_is_a_closure),
        cmocka_unit_test(walrus_in_a_comprehension_binds_outside),
        cmocka_unit_test(walrus_in_a_generator_writes_a_cell),
        cmocka_unit_test(handlers_and_imports_bind),
        cmocka_unit_test(a_name_keeps_its_slot_from_program_to_program),
        cmocka_unit_test(what_is_declared_too_late_is_an_error),
        cmocka_unit_test(statements_out_of_place_are_errors),
        cmocka_unit_test(stars_out_of_place_are_errors),
        cmocka_unit_test(walrus_out_of_place_is_an_error),
        cmocka_unit_test(a_keyword_stands_once),
        cmocka_unit_test(probable_slips_are_noted),
        cmocka_unit_test(long_chains_take_no_stack),
        cmocka_unit_test(what_nests_too_deeply_is_refused),
        cmocka_unit_test(blocks_end_at_a_hundred_levels),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
