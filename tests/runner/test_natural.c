/* natural: the order of names, and the nearest one. */
#include "runner/text/natural.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void digits_compare_by_value(void **state) {
    (void)state;
    assert_true(natural_compare("2-x", "10-x") < 0);
    assert_true(natural_compare("a-10.yaml", "a-9.yaml") > 0);
    assert_true(natural_compare("99999999999999999999", "100000000000000000000") < 0);
}

static void text_compares_by_bytes(void **state) {
    (void)state;
    assert_true(natural_compare("a", "b") < 0);
    assert_true(natural_compare("B", "a") < 0);
    assert_int_equal(natural_compare("same-1", "same-1"), 0);
}

static void a_part_of_text_ends_where_digits_begin(void **state) {
    (void)state;
    assert_true(natural_compare("a1", "a!") < 0);
    assert_true(natural_compare("a1", "ab") < 0);
    assert_true(natural_compare("1", "a") < 0);
    assert_true(natural_compare("a", "a1") < 0);
    assert_true(natural_compare("a1", "a1b") < 0);
}

static void leading_zeros_only_break_ties(void **state) {
    (void)state;
    assert_true(natural_compare("01", "1") < 0);
    assert_true(natural_compare("01-b", "1-a") > 0);
    assert_true(natural_compare("0", "00") != 0);
}

static void the_nearest_name_has_few_edits(void **state) {
    (void)state;
    static const char *const names[] = {"title", "text", "ops", "max_memory"};
    assert_string_equal(natural_nearest("titel", names, 4), "title");
    assert_string_equal(natural_nearest("op", names, 4), "ops");
    assert_string_equal(natural_nearest("maxmemory", names, 4), "max_memory");
    assert_null(natural_nearest("banana", names, 4));
    assert_null(natural_nearest("", names, 4));
    assert_null(natural_nearest("x", names, 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_compare_by_value),
        cmocka_unit_test(text_compares_by_bytes),
        cmocka_unit_test(a_part_of_text_ends_where_digits_begin),
        cmocka_unit_test(leading_zeros_only_break_ties),
        cmocka_unit_test(the_nearest_name_has_few_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
