/* match: expressions over names. */
#include "runner/text/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 1 and 0: what the expression says of the name; -1: it is refused. */
static int test(const char *expression, const char *name) {
    Ctx c;
    Arena arena;
    Match match;
    Problem p = {.kind = PROBLEM_NONE};
    ctx_open(&c);
    arena_init(&arena, &c);
    int result = -1;
    if (match_parse(&arena, expression, &match, &p)) result = match_test(&match, name);
    assert_int_equal(result < 0, p.kind != PROBLEM_NONE);
    arena_free(&arena);
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
    return result;
}

static void a_word_is_a_part_in_any_case(void **state) {
    (void)state;
    assert_int_equal(test("soft", "cells/04-Softmax.yaml"), 1);
    assert_int_equal(test("SOFTMAX", "cells/04-softmax.yaml"), 1);
    assert_int_equal(test("hard", "cells/04-softmax.yaml"), 0);
    assert_int_equal(test("cells/04-softmax.yaml/", "cells/04-softmax.yaml"), 0);
}

static void nothing_is_true_of_all(void **state) {
    (void)state;
    assert_int_equal(test("", "x"), 1);
    assert_int_equal(test("  ", "x"), 1);
}

static void not_binds_closer_than_and_and_that_than_or(void **state) {
    (void)state;
    assert_int_equal(test("a or b and c", "a"), 1);
    assert_int_equal(test("(a or b) and c", "a"), 0);
    assert_int_equal(test("not a or b", "ab"), 1);
    assert_int_equal(test("not (a or b)", "ab"), 0);
    assert_int_equal(test("not a and b", "b"), 1);
    assert_int_equal(test("not not a", "a"), 1);
    assert_int_equal(test("a and not b and c", "ac"), 1);
    assert_int_equal(test("a AND NOT b", "ab"), 0);
}

static void operators_inside_words_are_letters(void **state) {
    (void)state;
    assert_int_equal(test("normal", "normal"), 1);
    assert_int_equal(test("order and android", "android-order"), 1);
}

static void what_is_no_expression_is_refused(void **state) {
    static const char *const wrong[] = {"a b",   "and",     "a and", "or a",     "not",
                                        "(",     ")",       "()",    "(a",       "a)",
                                        "a (b)", "a not b", "not)",  "a or or b"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(test(wrong[i], "a"), -1);
}

static void depth_needs_no_stack(void **state) {
    enum { DEEP = 200000 };
    (void)state;
    char *text = malloc(2 * DEEP + 2);
    memset(text, '(', DEEP);
    text[DEEP] = 'a';
    memset(text + DEEP + 1, ')', DEEP);
    text[2 * DEEP + 1] = '\0';
    assert_int_equal(test(text, "a"), 1);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_a_part_in_any_case),
        cmocka_unit_test(nothing_is_true_of_all),
        cmocka_unit_test(not_binds_closer_than_and_and_that_than_or),
        cmocka_unit_test(operators_inside_words_are_letters),
        cmocka_unit_test(what_is_no_expression_is_refused),
        cmocka_unit_test(depth_needs_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
