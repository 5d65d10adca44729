/* core_test: a context for each test, in which nothing may be left behind.  Included
 * after cmocka.h; the functions are a test's setup and teardown. */
#ifndef TESTS_CORE_TEST_H
#define TESTS_CORE_TEST_H

#include "core/core.h"

static Ctx ctx, *const c = &ctx;

static int open_core(void **state) {
    (void)state;
    return core_open(c) ? 0 : 1;
}

static int close_core(void **state) {
    (void)state;
    core_close(c);
    assert_int_equal(c->mem.live_blocks, 0);
    return 0;
}

#endif
