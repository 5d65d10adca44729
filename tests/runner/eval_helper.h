/* eval_helper: runs source text as a cell and compares what it prints. */
#ifndef TESTS_EVAL_HELPER_H
#define TESTS_EVAL_HELPER_H

#include "runner/evaluate/interp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What the source prints as one cell of a fresh notebook; the last expression is shown
 * as the notebook rule has it. */
static inline void run_source(const char *source, char *text, size_t room) {
    Ctx c;
    Buf out;
    assert_true(core_open(&c));
    buf_init(&out, &c.mem);
    Interp *in = interp_open(&c, &out);
    assert_non_null(in);
    assert_true(interp_start(in, 0));
    ParseError e;
    Program *p = parse_source(&c, interp_names(in), "cell", source, strlen(source), &e);
    if (!p)
        snprintf(text, room, "%u:%u: %s", (unsigned)e.line, (unsigned)e.col, e.message);
    else {
        const Block *body = &p->code->body;
        if (body->n && body->items[body->n - 1]->kind == S_EXPR)
            p->display = (ExprStmt *)body->items[body->n - 1];
        interp_run_cell(in, p);
        snprintf(text, room, "%s", buf_text(&out));
    }
    interp_close(in);
    program_free(p);
    buf_free(&out);
    core_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

typedef struct EvalCase {
    const char *source, *expected;
} EvalCase;

static inline void expect_output(const char *source, const char *expected) {
    static char text[1 << 16];
    run_source(source, text, sizeof text);
    if (strcmp(text, expected) != 0) {
        print_error("--- source\n%s\n--- expected\n%s\n--- actual\n%s\n", source,
                    expected, text);
        fail();
    }
}

#endif
