/* value_test: what the tests of the runner's values share.
 *
 * Each test runs in a fresh context (open_ctx, close_ctx as cmocka's setup and
 * teardown), and the teardown checks that nothing is left alive.
 */
#ifndef TESTS_VALUE_TEST_H
#define TESTS_VALUE_TEST_H

#include "runner/values/dict.h"
#include "runner/values/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNUSED __attribute__((unused))

static UNUSED int open_ctx(void **state) {
    Ctx *c = calloc(1, sizeof *c);
    ctx_open(c);
    *state = c;
    return 0;
}

static UNUSED int close_ctx(void **state) {
    Ctx *c = *state;
    ctx_close(c);
    size_t left = c->mem.live_blocks;
    free(c);
    return left == 0 ? 0 : -1;
}

#define ctx_test(f) cmocka_unit_test_setup_teardown(f, open_ctx, close_ctx)

/* ---- short names for making values; the pool owns them ---- */

#define I(n) value_int(n)
#define F(x) value_float(x)
#define NONE value_none()

static UNUSED Value S(Ctx *c, const char *text) {
    return value_obj(pool_add(c, str_from(c, text)));
}
static UNUSED Value make_list(Ctx *c, size_t n, const Value *items) {
    List *l = pool_add(c, list_new(c, n));
    for (size_t i = 0; l && i < n; i++) list_push(c, l, items[i]);
    return value_obj(l);
}
static UNUSED Value make_tuple(Ctx *c, size_t n, const Value *items) {
    return tuple_of(c, n, items);
}
#define VALUES(...)                                                                    \
    (sizeof((Value[]){__VA_ARGS__}) / sizeof(Value)), (Value[]) {                      \
        __VA_ARGS__                                                                    \
    }
#define L(...) make_list(c, VALUES(__VA_ARGS__))
#define T(...) make_tuple(c, VALUES(__VA_ARGS__))

/* ---- what came out ---- */

static UNUSED void check_repr(Ctx *c, Value v, const char *expected) {
    if (ctx_failed(c)) {
        fail_msg("%s: %s, expected %s", error_kind_name(c->error.kind),
                 buf_text(&c->error.message), expected);
    }
    size_t mark = pool_mark(c);
    Str *got = value_repr_str(c, v);
    assert_non_null(got);
    assert_string_equal(got->data, expected);
    pool_drain(c, mark);
}

/* An error of that kind and text is pending; clears it. */
static UNUSED void check_error(Ctx *c, ErrorKind kind, const char *text) {
    assert_string_equal(error_kind_name(c->error.kind), error_kind_name(kind));
    assert_string_equal(buf_text(&c->error.message), text);
    error_clear(c);
}

/* self.name(*args), or the pending error. */
static UNUSED Value call_method(Ctx *c, Value self, const char *name, size_t n,
                                const Value *args) {
    Str *s = pool_add(c, str_from(c, name));
    const Native *method = s ? type_method(self, s) : NULL;
    if (!method) return value_raise(c, AttributeError, "%s", name);
    return native_call(c, method, self, &(Args){.pos = args, .n = n});
}
#define CALL0(self, name) call_method(c, self, name, 0, NULL)
#define CALL(self, name, ...) call_method(c, self, name, VALUES(__VA_ARGS__))

/* Runs f with the first, second, ... request for memory refused, until it is through;
 * each time it must end with MemoryError and leave nothing behind. */
static UNUSED void sweep_memory(void (*f)(Ctx *c)) {
    for (uint64_t n = 1;; n++) {
        Ctx c;
        ctx_open(&c);
        c.mem.fail_at = n;
        f(&c);
        bool through = c.mem.requests < n;
        if (!through) assert_int_equal(c.error.kind, MemoryError);
        if (through) assert_int_equal(c.error.kind, ERR_NONE);
        assert_int_equal(c.depth, 0);
        ctx_close(&c);
        assert_int_equal(c.mem.live_blocks, 0);
        if (through) break;
    }
}

#endif
