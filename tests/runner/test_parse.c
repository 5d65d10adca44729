/* parse: texts become trees (written out as ast_dump.h says), cells become programs,
 * and what is wrong is said in Python's words, at its place. */
#include "parse_test.h"

/* ---- expressions ---- */

static void operators_bind_as_in_python(void **state) {
    (void)state;
    expect_tree("a + b * c - d", "(- (+ a (* b c)) d)");
    expect_tree("-a ** -b", "(- (** a (- b)))");
    expect_tree("a ** b ** c", "(** a (** b c))");
    expect_tree("a | b ^ c & d << e", "(| a (^ b (& c (<< d e))))");
    expect_tree("~a @ b // c % d", "(% (// (@ (~ a) b) c) d)");
    expect_tree("(a + b) * c", "(* (+ a b) c)");
}

static void comparisons_chain(void **state) {
    (void)state;
    expect_tree("a < b <= c != d", "(cmp a < b <= c != d)");
    expect_tree("a is not b not in c", "(cmp a is not b not in c)");
    expect_tree("(a < b) < c", "(cmp (cmp a < b) < c)");
}

static void logic_binds_loosely(void **state) {
    (void)state;
    expect_tree("not a and b or c", "(or (and (not a) b) c)");
    expect_tree("a or b or c", "(or a b c)");
    expect_tree("a if b else c if d else e", "(if b a (if d c e))");
}

static void a_long_sum_is_one_node(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_text(&f, "a + b - c * d + e");
    const ExprStmt *s = (const ExprStmt *)f.program->code->body.items[0];
    assert_int_equal(s->value->kind, E_BINARY);
    assert_int_equal(((const BinaryExpr *)s->value)->n, 3);
    fixture_close(&f);
}

static void numbers_keep_their_value(void **state) {
    (void)state;
    expect_tree("0xFF, 0b101, 0o17, 1_000", "(tuple 255 5 15 1000)");
    expect_tree("1e3, .5, 1_0.2_5", "(tuple f1000 f0.5 f10.25)");
    expect_tree("9223372036854775807, 9223372036854775808",
                "(tuple 9223372036854775807 big10:9223372036854775808)");
    expect_tree("0x1_0000_0000_0000_0000", "big16:10000000000000000");
}

static void strings_are_joined_and_unescaped(void **state) {
    (void)state;
    expect_tree("'a' \"b\" '''c'''", "\"abc\"");
    expect_tree("'\\n\\t\\\\\\'\\x41\\u0041\\101\\\n'", "\"\\x0a\\x09\\x5c'AAA\"");
    expect_tree("'\\d' r'\\n'", "\"\\x5cd\\x5cn\"");
    expect_tree("'\\u00e9'", "\"\\xc3\\xa9\"");
}

static void fstrings_have_parts(void **state) {
    (void)state;
    expect_tree("f'a{x}b'", "(f \"a\" {x} \"b\")");
    expect_tree("f'{x!r:>{w}.2f}'", "(f {x!r:(f \">\" {w} \".2f\")})");
    expect_tree("f'{x=} {y = :x}'", "(f \"x=\" {x!r} \" y = \" {y:(f \"x\")})");
    expect_tree("f'{{}} {a[\"b\"]}' 'c'", "(f \"{} \" {([] a \"b\")} \"c\")");
    expect_tree("f'{a != b}'", "(f {(cmp a != b)})");
    expect_tree("f'{a, b}{ {1: 2}[1] }'", "(f {(tuple a b)} {([] (dict 1:2) 1)})");
    expect_tree("f'{f\"{x}\"}'", "(f {(f {x})})");
    expect_tree("rf'\\n{x}'", "(f \"\\x5cn\" {x})");
    expect_tree("f''", "(f)");
}

static void displays_and_slices(void **state) {
    (void)state;
    expect_tree("(), (a,), [], [a, *b], {a, b}, {}, {a: b, **c}",
                "(tuple (tuple) (tuple a) (list) (list a *b) (set a b) (dict) "
                "(dict a:b **c))");
    expect_tree("x[a:b:c, ::2, ..., :]",
                "([] x (tuple (: a b c) (: - - 2) ... (: - - -)))");
    expect_tree("x[1], x[1,], x[:1]",
                "(tuple ([] x 1) ([] x (tuple 1)) ([] x (: - 1 -)))");
}

static void comprehensions(void **state) {
    (void)state;
    expect_tree("[x for x in y if a if b for z in x]",
                "(listcomp x for x y if a if b for z x)");
    expect_tree("{k: v for k, v in y}", "(dictcomp k v for (tuple k v) y)");
    expect_tree("{x for x in y}", "(setcomp x for x y)");
    expect_tree("f(x for x in y)", "(call f (genexp x for x y))");
    expect_tree("(x for x, in y)", "(genexp x for (tuple x) y)");
}

static void calls_take_every_argument(void **state) {
    (void)state;
    expect_tree("f(a, *b, c=1, *d, **e)", "(call f a *b *d c=1 **e)");
    expect_tree("a.b(c)[d].e", "(. ([] (call (. a b) c) d) e)");
    expect_tree("f(a := 1, b)", "(call f (:= a 1) b)");
}

static void lambdas_take_every_parameter(void **state) {
    (void)state;
    expect_tree("lambda: 1", "(lambda () 1)");
    expect_tree("lambda a, /, b=1, *c, d, e=2, **f: a",
                "(lambda (a / b=1 * d e=2 *c **f) a)");
    expect_tree("lambda *, a: a", "(lambda (* a) a)");
    expect_tree("lambda x: lambda y: x, 1", "(tuple (lambda (x) (lambda (y) x)) 1)");
}

/* ---- statements ---- */

static void assignments(void **state) {
    (void)state;
    expect_tree("a = b = c", "(= a b c)");
    expect_tree("(a, b), *c = d[0], e.f = g",
                "(= (tuple (tuple a b) *c) (tuple ([] d 0) (. e f)) g)");
    expect_tree("[a, b] = c", "(= (list a b) c)");
    expect_tree("a += 1; b.c **= 2; d[0] //= 3", "(+= a 1)\n(**= (. b c) 2)\n"
                                                 "(//= ([] d 0) 3)");
    expect_tree("a: int = 1; b: x; (c): y = 2", "(ann a 1)\n(ann b -)\n(ann c 2)");
    expect_tree("a = *b, c", "(= a (tuple *b c))");
}

static void simple_statements(void **state) {
    (void)state;
    expect_tree("del a, b[0], (c, d)", "(del a ([] b 0) (tuple c d))");
    expect_tree("assert a, 'b'", "(assert a \"b\")");
    expect_tree("raise; raise a; raise a from b",
                "(raise - -)\n(raise a -)\n(raise a b)");
    expect_tree("pass", "(pass)");
    expect_tree("import a.b as c, d", "(import a.b as c d)");
    expect_tree("from a.b import (c, d as e,)", "(from a.b c d as e)");
    expect_tree("from a import *", "(from a *)");
}

static void blocks(void **state) {
    (void)state;
    expect_tree("if a:\n  b\nelif c: d; e\nelse:\n  f",
                "(if a {b} elif c {d e} else {f})");
    expect_tree("while a:\n  break\nelse:\n  b", "(while a {(break)} else {b})");
    expect_tree("for a, *b in c, d:\n  continue",
                "(for (tuple a *b) (tuple c d) {(continue)})");
    expect_tree(
        "try:\n  a\nexcept b as c:\n  d\nexcept:\n  e\nelse:\n  f\nfinally:\n  g",
        "(try {a} except b c {d} except - - {e} else {f} finally {g})");
    expect_tree("with a as b, c, d as (e, f):\n  g",
                "(with a b c - d (tuple e f) {g})");
    expect_tree("with (a as b, c as d,): e", "(with a b c d {e})");
    expect_tree("with (a, b) as c: d", "(with (tuple a b) c {d})");
}

static void definitions(void **state) {
    (void)state;
    expect_tree("@a.b(c)\n@d\ndef f(x: int, *y, z: str = 'a') -> int:\n  'doc'\n"
                "  return x",
                "(def @(call (. a b) c) @d f(x * z=\"a\" *y) {\"doc\" (return x)})");
    expect_tree("class A(B, metaclass=C): pass", "(class A( B metaclass=C) {(pass)})");
    expect_tree("class A:\n  x = 1\n  def f(self): pass",
                "(class A() {(= x 1) (def f(self) {(pass)})})");
}

static void a_docstring_is_known(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_text(&f, "def f():\n    'what it does'\n");
    const Stmt *s = f.program->code->body.items[0];
    const Code *code = ((const FunctionDefStmt *)s)->code;
    assert_string_equal(code->doc->data, "what it does");
    fixture_close(&f);
}

/* ---- cells ---- */

typedef struct TestOp {
    const char *text;
    uint32_t line, col;
    const struct TestOp *children; /* ends with a NULL text */
} TestOp;

static uint32_t count_ops(const TestOp *ops) {
    uint32_t n = 0;
    while (ops[n].text) n++;
    return n;
}

static const OpSource *make_ops(Arena *a, const TestOp *ops) {
    uint32_t n = count_ops(ops);
    OpSource *out = arena_alloc(a, (n + 1) * sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        TextSpan span = {0, ops[i].line, ops[i].col};
        out[i] = (OpSource){.text = ops[i].text,
                            .len = strlen(ops[i].text),
                            .spans = arena_copy(a, &span, 1, sizeof span),
                            .n_spans = 1,
                            .is_block = ops[i].children};
        if (!ops[i].children) continue;
        out[i].children = make_ops(a, ops[i].children);
        out[i].n_children = count_ops(ops[i].children);
    }
    return out;
}

static void parse_ops(Fixture *f, const TestOp *ops) {
    Arena a;
    arena_init(&a, &f->c);
    f->program = parse_cell(&f->c, fixture_names(f), "a.yaml", make_ops(&a, ops),
                            count_ops(ops), &f->e);
    arena_free(&a);
}

static void expect_cell(const TestOp *ops, const char *tree) {
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, ops);
    expect_dump(&f, dump_program, tree);
}

static void expect_cell_error(const TestOp *ops, unsigned line, unsigned col,
                              const char *message) {
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, ops);
    expect_refused(&f, line, col, message);
}

#define OPS(...)                                                                       \
    (const TestOp[]) {                                                                 \
        __VA_ARGS__, {                                                                 \
            0                                                                          \
        }                                                                              \
    }

static void operations_are_statements(void **state) {
    (void)state;
    expect_cell(OPS({"x = 1", 2, 5, NULL}, {"print(x)", 3, 5, NULL}),
                "(= x 1)\n(call print x)");
}

static void nested_operations_are_blocks(void **state) {
    (void)state;
    expect_cell(OPS({"for i in r", 2, 5,
                     OPS({"if i", 3, 9, OPS({"a", 4, 13, NULL})},
                         {"else", 5, 9, OPS({"b", 6, 13, NULL})})},
                    {"c", 7, 5, NULL}),
                "(for i r {(if i {a} else {b})})\nc");
}

static void a_block_without_operations_passes(void **state) {
    (void)state;
    expect_cell(OPS({"if a", 2, 5, OPS({0})}), "(if a {(pass)})");
}

static void decorators_stand_before_their_block(void **state) {
    (void)state;
    expect_cell(OPS({"class A", 2, 5,
                     OPS({"@staticmethod", 3, 9, NULL},
                         {"def f(x)", 4, 9, OPS({"return x", 5, 13, NULL})})}),
                "(class A() {(def @staticmethod f(x) {(return x)})})");
}

static void a_text_may_hold_its_own_body(void **state) {
    (void)state;
    expect_cell(OPS({"if x: y = 1", 2, 5, NULL}, {"else: y = 2", 3, 5, NULL}),
                "(if x {(= y 1)} else {(= y 2)})");
}

static void top_statements_know_their_operations(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, OPS({"a", 2, 5, NULL}, {"if b", 3, 5, OPS({"c", 4, 9, NULL})},
                      {"else", 5, 5, OPS({"d", 6, 9, NULL})}, {"e", 7, 5, NULL}));
    const Program *p = f.program;
    assert_int_equal(p->n_top, 3);
    assert_int_equal(p->n_ops, 4);
    assert_int_equal(p->top[1].first_op, 1);
    assert_int_equal(p->top[1].last_op, 2);
    assert_int_equal(p->top[2].first_op, 3);
    assert_string_equal(p->ops[2].text, "else");
    assert_int_equal(p->ops[3].line, 7);
    assert_ptr_equal(p->display, p->top[2].stmt);
    fixture_close(&f);
}

static void only_an_expression_is_displayed(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, OPS({"a", 2, 5, NULL}, {"b = 1", 3, 5, NULL}));
    assert_null(f.program->display);
    fixture_close(&f);
}

static void nodes_stand_where_the_file_has_them(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, OPS({"x = 1", 2, 5, NULL}, {"print(y)", 9, 7, NULL}));
    const CallExpr *call = (const CallExpr *)f.program->display->value;
    assert_int_equal(call->head.line, 9);
    assert_int_equal(call->args.items[0]->col, 13);
    fixture_close(&f);
}

static void notes_know_whether_they_are_of_the_display(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, OPS({"y = x is 1", 2, 5, NULL}, {"x is 2", 3, 5, NULL}));
    const SyntaxNote *note = f.program->notes;
    assert_false(note->of_display);
    assert_true(note->next->of_display);
    assert_int_equal(note->next->line, 3);
    fixture_close(&f);
}

/* Every allocation fails once. */
static void a_cell_out_of_memory_leaks_nothing(void **state) {
    (void)state;
    for (uint64_t n = 1;; n++) {
        Fixture f;
        fixture_open(&f);
        Arena a;
        arena_init(&a, &f.c);
        const TestOp *ops = OPS({"with a as b", 2, 5, OPS({"x is 1", 3, 9, NULL})},
                                {"f'{x}' '\\d'", 4, 5, NULL});
        const OpSource *sources = make_ops(&a, ops);
        f.c.mem.fail_at = f.c.mem.requests + n;
        f.program = parse_cell(&f.c, fixture_names(&f), "a.yaml", sources, 2, &f.e);
        bool done = f.program;
        assert_true(done || f.c.error.kind == MemoryError);
        assert_string_equal(f.e.message, "");
        arena_free(&a);
        error_clear(&f.c);
        fixture_close(&f);
        if (done) break;
    }
}

static void mistakes_in_cells_have_places_in_the_file(void **state) {
    (void)state;
    expect_cell_error(OPS({"x = 1", 2, 5, NULL}, {"y = (1", 3, 5, NULL}), 3, 9,
                      "'(' was never closed");
    expect_cell_error(OPS({"for i in r", 2, 5, OPS({"x = = 1", 3, 9, NULL})}), 3, 13,
                      "invalid syntax");
    expect_cell_error(OPS({"else", 4, 5, OPS({"x", 5, 9, NULL})}), 4, 5,
                      "invalid syntax");
    expect_cell_error(OPS({"if x", 2, 5, NULL}), 2, 9, "expected ':'");
    expect_cell_error(OPS({"return 1", 2, 5, NULL}), 2, 5, "'return' outside function");
    expect_cell_error(OPS({"x = 1", 2, 5, OPS({"y", 3, 9, NULL})}), 2, 5,
                      "invalid syntax");
}

static void an_operation_is_one_statement(void **state) {
    (void)state;
    expect_cell_error(OPS({"a; b", 2, 5, NULL}), 2, 6, "an operation is one statement");
    expect_cell_error(OPS({"a\nb", 2, 5, NULL}), 3, 1, "an operation is one statement");
    expect_cell_error(OPS({"", 2, 5, NULL}), 2, 5, "the operation is empty");
}

static void hints_say_what_to_do(void **state) {
    (void)state;
    Fixture f;
    fixture_open(&f);
    parse_ops(&f, OPS({"if x", 2, 5, NULL}));
    assert_string_equal(f.e.hint, "a block is a mapping: the header, a colon, then the "
                                  "list of its operations");
    parse_ops(&f, OPS({"a; b", 2, 5, NULL}));
    assert_string_equal(f.e.hint,
                        "write the next statement as an operation of its own");
    parse_ops(&f, OPS({"x = 1", 2, 5, NULL}));
    assert_string_equal(f.e.hint, "");
    fixture_close(&f);
}

/* ---- mistakes ---- */

static void what_python_says_of_syntax(void **state) {
    (void)state;
    expect_error("x y", 1, 3, "invalid syntax");
    expect_error("f(a b)", 1, 3, "invalid syntax. Perhaps you forgot a comma?");
    expect_error("print x", 1, 1,
                 "Missing parentheses in call to 'print'. Did you mean print(...)?");
    expect_error("x = 1 if y", 1, 5, "expected 'else' after 'if' expression");
    expect_error("if x = 1: pass", 1, 4,
                 "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    expect_error("for x in y\n  pass", 1, 11, "expected ':'");
    expect_error("try: x\ny", 2, 1, "expected 'except' or 'finally' block");
    expect_error("{'a': 1, 'b'}", 1, 12, "':' expected after dictionary key");
    expect_error("from a import b,", 1, 17,
                 "trailing comma not allowed without surrounding parentheses");
}

static void what_python_says_of_targets(void **state) {
    (void)state;
    expect_error("1 = x", 1, 1,
                 "cannot assign to literal here. Maybe you meant '==' instead of '='?");
    expect_error("f() = 1", 1, 1,
                 "cannot assign to function call here. Maybe you meant '==' instead of "
                 "'='?");
    expect_error("a = f() = 1", 1, 5, "cannot assign to function call");
    expect_error("None = 1", 1, 1, "cannot assign to None");
    expect_error("[a, 1] = b", 1, 5, "cannot assign to literal");
    expect_error("del f()", 1, 5, "cannot delete function call");
    expect_error("for 1 in x: pass", 1, 5, "cannot assign to literal");
    expect_error("a + b += 1", 1, 1,
                 "'expression' is an illegal expression for augmented assignment");
    expect_error("a, b: int", 1, 1, "only single target (not tuple) can be annotated");
    expect_error("(a() := 1)", 1, 2,
                 "cannot use assignment expressions with function call");
}

static void what_python_says_of_arguments(void **state) {
    (void)state;
    expect_error("f(a=1, b)", 1, 9, "positional argument follows keyword argument");
    expect_error("f(**a, b)", 1, 9,
                 "positional argument follows keyword argument unpacking");
    expect_error("f(a.b=1)", 1, 3,
                 "expression cannot contain assignment, perhaps you meant \"==\"?");
    expect_error("f(a, b for b in c)", 1, 6,
                 "Generator expression must be parenthesized");
    expect_error("def f(a=1, b): pass", 1, 12,
                 "non-default argument follows default argument");
    expect_error("def f(a, a): pass", 1, 10,
                 "duplicate argument 'a' in function definition");
    expect_error("def f(*): pass", 1, 7, "named arguments must follow bare *");
    expect_error("lambda **a, b: 1", 1, 13,
                 "arguments cannot follow var-keyword argument");
}

static void what_python_says_of_fstrings(void **state) {
    (void)state;
    expect_error("f'{a'", 1, 5, "f-string: expecting '}'");
    expect_error("f'{}'", 1, 4, "f-string: empty expression not allowed");
    expect_error("f'a}'", 1, 4, "f-string: single '}' is not allowed");
    expect_error("f'{a!x}'", 1, 6,
                 "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    expect_error("f'{a b}'", 1, 4,
                 "f-string: invalid syntax. Perhaps you forgot a comma?");
    expect_error("f'{a\\n}'", 1, 5,
                 "f-string expression part cannot include a backslash");
    expect_error("f'{a:{b:{c}}}'", 1, 10, "f-string: expressions nested too deeply");
    expect_error("f'{(a}'", 1, 6,
                 "f-string: closing parenthesis '}' does not match opening parenthesis "
                 "'('");
}

static void what_python_says_of_escapes(void **state) {
    (void)state;
    expect_error("'ab\\x1'", 1, 1,
                 "(unicode error) 'unicodeescape' codec can't decode bytes in position "
                 "2-4: truncated \\xXX escape");
}

static void what_is_left_out_is_refused_by_name(void **state) {
    (void)state;
    expect_error("x = yield 1", 1, 5, "yield is left out of the notation");
    expect_error("await x", 1, 1, "await is left out of the notation");
    expect_error("async def f(): pass", 1, 1, "async is left out of the notation");
    expect_error("match x:\n    case 1: pass", 1, 1,
                 "the match statement is left out of the notation");
    expect_error("try: x\nexcept* E: y", 2, 7, "except* is left out of the notation");
    expect_error("'\\N{DASH}'", 1, 1,
                 "the escape \\N{...} is left out of the notation");
    expect_error("from . import a", 1, 6,
                 "an import relative to a package is left out of the notation");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_python),
        cmocka_unit_test(comparisons_chain),
        cmocka_unit_test(logic_binds_loosely),
        cmocka_unit_test(a_long_sum_is_one_node),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(strings_are_joined_and_unescaped),
        cmocka_unit_test(fstrings_have_parts),
        cmocka_unit_test(displays_and_slices),
        cmocka_unit_test(comprehensions),
        cmocka_unit_test(calls_take_every_argument),
        cmocka_unit_test(lambdas_take_every_parameter),
        cmocka_unit_test(assignments),
        cmocka_unit_test(simple_statements),
        cmocka_unit_test(blocks),
        cmocka_unit_test(definitions),
        cmocka_unit_test(a_docstring_is_known),
        cmocka_unit_test(operations_are_statements),
        cmocka_unit_test(nested_operations_are_blocks),
        cmocka_unit_test(a_block_without_operations_passes),
        cmocka_unit_test(decorators_stand_before_their_block),
        cmocka_unit_test(a_text_may_hold_its_own_body),
        cmocka_unit_test(top_statements_know_their_operations),
        cmocka_unit_test(only_an_expression_is_displayed),
        cmocka_unit_test(nodes_stand_where_the_file_has_them),
        cmocka_unit_test(notes_know_whether_they_are_of_the_display),
        cmocka_unit_test(a_cell_out_of_memory_leaks_nothing),
        cmocka_unit_test(mistakes_in_cells_have_places_in_the_file),
        cmocka_unit_test(an_operation_is_one_statement),
        cmocka_unit_test(hints_say_what_to_do),
        cmocka_unit_test(what_python_says_of_syntax),
        cmocka_unit_test(what_python_says_of_targets),
        cmocka_unit_test(what_python_says_of_arguments),
        cmocka_unit_test(what_python_says_of_fstrings),
        cmocka_unit_test(what_python_says_of_escapes),
        cmocka_unit_test(what_is_left_out_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
