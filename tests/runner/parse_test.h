/* parse_test: what the tests of the parser share. */
#ifndef TESTS_PARSE_TEST_H
#define TESTS_PARSE_TEST_H

#include "ast_dump.h"
#include "runner/language/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Ctx c;
    Symbols symbols;
    GlobalTable globals;
    ParseError e;
    Program *program;
} Fixture;

static inline void fixture_open(Fixture *f) {
    ctx_open(&f->c);
    symbols_init(&f->symbols, &f->c);
    globals_init(&f->globals, &f->c);
    f->program = NULL;
}

/* Everything the parser took is given back. */
static inline void fixture_close(Fixture *f) {
    program_free(f->program);
    globals_close(&f->globals);
    symbols_close(&f->symbols);
    ctx_close(&f->c);
    assert_int_equal(f->c.mem.live_blocks, 0);
}

static inline Names fixture_names(Fixture *f) {
    return (Names){&f->symbols, &f->globals};
}

static inline void parse_text(Fixture *f, const char *text) {
    f->program =
        parse_source(&f->c, fixture_names(f), "test.py", text, strlen(text), &f->e);
}

/* What was parsed reads like this; closes f. */
static inline void expect_dump(Fixture *f, void (*dump)(Buf *b, const Program *p),
                               const char *tree) {
    assert_string_equal(f->e.message, "");
    Buf b;
    buf_init(&b, &f->c.mem);
    dump(&b, f->program);
    assert_string_equal(buf_text(&b), tree);
    buf_free(&b);
    fixture_close(f);
}

/* What was parsed is refused there, with this message; closes f. */
static inline void expect_refused(Fixture *f, unsigned line, unsigned col,
                                  const char *message) {
    assert_null(f->program);
    assert_string_equal(f->e.message, message);
    assert_int_equal(f->e.line, line);
    assert_int_equal(f->e.col, col);
    fixture_close(f);
}

/* The source's tree reads like this. */
static inline void expect_tree(const char *text, const char *tree) {
    Fixture f;
    fixture_open(&f);
    parse_text(&f, text);
    expect_dump(&f, dump_program, tree);
}

/* The same, with the places of names. */
static inline void expect_places(const char *text, const char *tree) {
    Fixture f;
    fixture_open(&f);
    parse_text(&f, text);
    expect_dump(&f, dump_program_places, tree);
}

/* The source is refused there, with this message. */
static inline void expect_error(const char *text, unsigned line, unsigned col,
                                const char *message) {
    Fixture f;
    fixture_open(&f);
    parse_text(&f, text);
    expect_refused(&f, line, col, message);
}

#endif
