/* shown, term_diff, units: what people see. */
#include "fixtures.h"
#include "runner/report/shown.h"
#include "runner/report/term_diff.h"
#include "runner/text/units.h"

#include <stdio.h>

static const char *shown(void **state, const char *text, size_t n) {
    BufFixture *f = *state;
    buf_clear(&f->out);
    show_text(&f->out, text, n);
    return buf_text(&f->out);
}

static void text_that_is_safe_stays(void **state) {
    assert_string_equal(shown(state, "é ≈ 漢 \"x\"", 14), "é ≈ 漢 \"x\"");
}

static void control_bytes_are_shown(void **state) {
    assert_string_equal(shown(state, "\x1b[31m\n\t\0\x7f", 9),
                        "\\x1b[31m\\x0a\\x09\\x00\\x7f");
    assert_string_equal(shown(state, "\xc2\x9b", 2), "\\x9b");
    assert_string_equal(shown(state, "a\xff\xc3", 3), "a\\xff\\xc3");
    assert_string_equal(shown(state, "\xe2\x80\xae", 3), "\\u202e");
}

static void a_start_says_that_more_follows(void **state) {
    BufFixture *f = *state;
    show_start(&f->out, "abcdef", 6, 3);
    show_start(&f->out, "abc", 3, 3);
    assert_string_equal(buf_text(&f->out), "abc…abc");
}

static const char *diff(void **state, const char *expected, const char *actual) {
    BufFixture *f = *state;
    buf_clear(&f->out);
    term_diff(&f->out, (DiffStyle){false, false}, expected, strlen(expected), actual,
              strlen(actual));
    return buf_text(&f->out);
}

#define LEGEND "    - expected   + actual\n"

static void changed_words_have_carets(void **state) {
    assert_string_equal(diff(state, "tensor([[ 0.2, -0.5],\n        [ 0.1,  0.3]])\n",
                             "tensor([[ 0.2, -0.5],\n        [ 0.1,  0.4]])\n"),
                        LEGEND "      tensor([[ 0.2, -0.5],\n"
                               "    -         [ 0.1,  0.3]])\n"
                               "    +         [ 0.1,  0.4]])\n"
                               "                      ^^^\n");
}

static void lines_that_come_and_go_are_marked(void **state) {
    assert_string_equal(diff(state, "a\nb\n", "a\n"), LEGEND "      a\n    - b\n");
    assert_string_equal(diff(state, "", "x\n"), LEGEND "    + x\n");
}

static void white_space_is_visible_where_it_differs(void **state) {
    assert_string_equal(diff(state, "a b\n", "a  b\n"),
                        LEGEND "    - a·b\n    + a··b\n");
    assert_string_equal(diff(state, "a\n", "a \n"), LEGEND "    - a\n    + a·\n");
    assert_string_equal(diff(state, "a\n", "a"),
                        LEGEND "    - a\n    + a (no newline at the end)\n");
}

static void what_is_the_same_is_counted(void **state) {
    assert_string_equal(diff(state, "1\n2\n3\n4\n5\n6\nx\n1\n2\n3\n4\n",
                             "1\n2\n3\n4\n5\n6\ny\n1\n2\n3\n4\n"),
                        LEGEND
                        "      … 4 lines the same\n      5\n      6\n    - x\n    + y\n"
                        "      ^\n      1\n      2\n      … 2 lines the same\n");
}

static void long_differences_are_cut_with_a_count(void **state) {
    char expected[512] = "", actual[512] = "";
    for (int i = 0; i < 50; i++) {
        snprintf(expected + strlen(expected), 16, "a%d\n", i);
        snprintf(actual + strlen(actual), 16, "b%d x\n", i);
    }
    const char *text = diff(state, expected, actual);
    assert_non_null(strstr(text, "+ b39 x\n"));
    assert_null(strstr(text, "b40"));
    assert_non_null(strstr(text, "… 10 lines more differ (--full shows all)\n"));
}

static void long_lines_show_where_they_differ(void **state) {
    char expected[1001], actual[1001];
    memset(expected, 'a', 1000);
    expected[1000] = '\0';
    memcpy(actual, expected, 1001);
    actual[500] = 'b';
    const char *text = diff(state, expected, actual);
    assert_non_null(strstr(text, "+ …aaaa"));
    assert_non_null(strstr(text, "ab"));
    assert_non_null(strstr(text, "more bytes)"));
}

static void cells_cannot_colour_the_report(void **state) {
    assert_null(strchr(diff(state, "a\n", "\x1b[32mok\x1b[0m\n"), '\x1b'));
}

static void sizes_and_durations_are_read(void **state) {
    (void)state;
    uint64_t bytes;
    double seconds;
    assert_true(units_bytes("512MiB", &bytes) && bytes == UINT64_C(512) << 20);
    assert_true(units_bytes("1.5 kB", &bytes) && bytes == 1500);
    assert_true(units_bytes("77", &bytes) && bytes == 77);
    assert_false(units_bytes("0", &bytes));
    assert_false(units_bytes("-1", &bytes));
    assert_false(units_bytes("1XB", &bytes));
    assert_false(units_bytes("", &bytes));
    assert_false(units_bytes("1e30", &bytes));
    assert_false(units_bytes("nan", &bytes));
    assert_true(units_seconds("250ms", &seconds) && seconds == 0.25);
    assert_true(units_seconds("2min", &seconds) && seconds == 120);
    assert_true(units_seconds("3", &seconds) && seconds == 3);
    assert_false(units_seconds("0s", &seconds));
    assert_false(units_seconds("0x10", &seconds));
    assert_false(units_seconds("10 apples", &seconds));
}

static void durations_are_printed_to_their_size(void **state) {
    BufFixture *f = *state;
    units_print_seconds(&f->out, 41e-6);
    buf_putc(&f->out, ' ');
    units_print_seconds(&f->out, 0.0031);
    buf_putc(&f->out, ' ');
    units_print_seconds(&f->out, 2.25);
    buf_putc(&f->out, ' ');
    units_print_seconds(&f->out, 200);
    assert_string_equal(buf_text(&f->out), "41 us 3.1 ms 2.25 s 3 min 20 s");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, buf_setup, buf_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(text_that_is_safe_stays),
        TEST(control_bytes_are_shown),
        TEST(a_start_says_that_more_follows),
        TEST(changed_words_have_carets),
        TEST(lines_that_come_and_go_are_marked),
        TEST(white_space_is_visible_where_it_differs),
        TEST(what_is_the_same_is_counted),
        TEST(long_differences_are_cut_with_a_count),
        TEST(long_lines_show_where_they_differ),
        TEST(cells_cannot_colour_the_report),
        TEST(sizes_and_durations_are_read),
        TEST(durations_are_printed_to_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
