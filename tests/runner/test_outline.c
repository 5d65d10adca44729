/* outline: bodies of functions that are parsed when they are called give the same
 * program as a source parsed whole. */
#include "parse_test.h"
#include "runner/evaluate/prelude.h"

static void expect_whole(Fixture *f, bool ok) {
    if (!ok) print_error("%u:%u: %s\n", f->e.line, f->e.col, f->e.message);
    assert_true(ok);
}

/* Parses what a block leaves deferred; the number of bodies. */
static size_t complete(Fixture *f, const Block *b) {
    size_t n = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        Stmt *s = b->items[i];
        if (s->kind == S_CLASS_DEF) n += complete(f, &((ClassDefStmt *)s)->code->body);
        if (s->kind != S_FUNCTION_DEF) continue;
        Code *code = ((FunctionDefStmt *)s)->code;
        assert_non_null(code->deferred);
        expect_whole(f, parse_deferred(&f->c, fixture_names(f), code, &f->e));
        code->deferred = NULL;
        n++;
    }
    return n;
}

/* The tree of a source with the places of its names, by either way. */
static void dump(Buf *out, const char *text, size_t len, bool outline, size_t *bodies) {
    Fixture f;
    fixture_open(&f);
    f.program = outline ? parse_outline(&f.c, fixture_names(&f), "a", text, len, &f.e)
                        : parse_source(&f.c, fixture_names(&f), "a", text, len, &f.e);
    expect_whole(&f, f.program);
    if (outline) *bodies += complete(&f, &f.program->code->body);
    Buf b;
    buf_init(&b, &f.c.mem);
    dump_program_places(&b, f.program);
    buf_puts(out, buf_text(&b));
    buf_free(&b);
    fixture_close(&f);
}

static void expect_equal(const char *a, const char *b) {
    size_t at = 0;
    while (a[at] && a[at] == b[at]) at++;
    size_t from = at > 100 ? at - 100 : 0;
    if (a[at] != b[at])
        print_error("whole   %.200s\noutline %.200s\n", a + from, b + from);
    assert_true(a[at] == b[at]);
}

static size_t expect_same(const char *text, size_t len) {
    Ctx c;
    Buf now, later;
    size_t bodies = 0;
    ctx_open(&c);
    buf_init(&now, &c.mem);
    buf_init(&later, &c.mem);
    dump(&now, text, len, false, &bodies);
    dump(&later, text, len, true, &bodies);
    expect_equal(buf_text(&now), buf_text(&later));
    buf_free(&now);
    buf_free(&later);
    ctx_close(&c);
    return bodies;
}

static void the_prelude_is_the_same_parsed_late(void **state) {
    (void)state;
    size_t bodies = 0;
    for (const PreludeSource *s = prelude_sources; s->module; s++)
        bodies += expect_same((const char *)s->text, s->len);
    assert_true(bodies > 1000);
}

static void a_body_sees_its_class_and_the_module(void **state) {
    (void)state;
    static const char source[] = "class A(B):\n"
                                 "    def f(self, __x):\n"
                                 "        \"text\"\n"
                                 "\n"
                                 "        def g():\n"
                                 "            return super().f(self.__y, __x, C)\n"
                                 "        return [g for i in __class__.all if i]\n"
                                 "    # of the class\n"
                                 "    @h\n"
                                 "    def k(self):\n"
                                 "        return self\n"
                                 "\n"
                                 "    class D:\n"
                                 "        def m(self):\n"
                                 "            return super().m(lambda: self)\n"
                                 "\n"
                                 "def n(\n"
                                 "        a=1,\n"
                                 "        b=2):\n"
                                 "    global p\n"
                                 "    p = a if b else q\n"
                                 "r = 1\n";
    assert_int_equal(expect_same(source, sizeof source - 1), 4);
}

static void what_is_wrong_in_a_body_is_told_with_its_line(void **state) {
    (void)state;
    static const char source[] =
        "def f():\n    return 1\ndef g():\n    x = 1\n    (2\n";
    Fixture f;
    fixture_open(&f);
    f.program =
        parse_outline(&f.c, fixture_names(&f), "a", source, sizeof source - 1, &f.e);
    expect_whole(&f, f.program);
    const Block *top = &f.program->code->body;
    Code *good = ((FunctionDefStmt *)top->items[0])->code;
    Code *bad = ((FunctionDefStmt *)top->items[1])->code;
    assert_true(parse_deferred(&f.c, fixture_names(&f), good, &f.e));
    assert_false(parse_deferred(&f.c, fixture_names(&f), bad, &f.e));
    assert_int_equal(f.e.line, 5);
    assert_string_equal(f.e.message, "'(' was never closed");
    assert_non_null(bad->deferred);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prelude_is_the_same_parsed_late),
        cmocka_unit_test(a_body_sees_its_class_and_the_module),
        cmocka_unit_test(what_is_wrong_in_a_body_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
