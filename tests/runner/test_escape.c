/* escape: what texts become in the formats of reports. */
#include "fixtures.h"
#include "runner/report/escape.h"

/* What n bytes become. */
static const char *escaped(void **state, unsigned format, const char *text, size_t n) {
    BufFixture *f = *state;
    buf_clear(&f->out);
    escape(&f->out, format, text, n);
    return buf_text(&f->out);
}

static void assert_escaped(void **state, unsigned format, const char *text,
                           const char *wanted) {
    assert_string_equal(escaped(state, format, text, strlen(text)), wanted);
}

static void each_format_replaces_its_own(void **state) {
    assert_escaped(state, ESCAPE_XML, "a<b> & \"c\" 'd' ]]>",
                   "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; ]]&gt;");
    assert_escaped(state, ESCAPE_HTML, "</script>", "&lt;/script&gt;");
    assert_escaped(state, ESCAPE_YAML, "say \"\\n\"", "say \\\"\\\\n\\\"");
    assert_escaped(state, ESCAPE_TAP, "x # TODO \\", "x \\\\x23 TODO \\\\");
    assert_escaped(state, ESCAPE_GITHUB, "50% a:b,c", "50%25 a:b,c");
    assert_escaped(state, ESCAPE_GITHUB_PROPERTY, "50% a:b,c", "50%25 a%3Ab%2Cc");
}

static void line_ends_stay_only_when_asked_for(void **state) {
    assert_escaped(state, ESCAPE_XML, "a\n\tb", "a\\x0a\\x09b");
    assert_escaped(state, ESCAPE_XML | ESCAPE_LINES, "a\n\tb", "a\n\tb");
    assert_escaped(state, ESCAPE_HTML | ESCAPE_LINES, "a\n\nb", "a&#10;&#10;b");
    assert_escaped(state, ESCAPE_YAML | ESCAPE_LINES, "a\n\tb", "a\\n\\tb");
    assert_escaped(state, ESCAPE_GITHUB | ESCAPE_LINES, "a\nb", "a%0Ab");
    assert_escaped(state, ESCAPE_GITHUB, "a\r\nb", "a\\x0d\\x0ab");
}

static void what_is_unsafe_is_shown_in_every_format(void **state) {
    assert_string_equal(escaped(state, ESCAPE_XML, "\0\x1b\xff\xe2\x80\xae\x7f", 7),
                        "\\x00\\x1b\\xff\\u202e\\x7f");
    assert_escaped(state, ESCAPE_XML, "\xef\xbf\xbe\xef\xbb\xbf", "\\ufffe\\ufeff");
    assert_escaped(state, ESCAPE_GITHUB, "##[group]a ##vso[x] ## [1]",
                   "\\x23#[group]a \\x23#vso[x] ## [1]");
}

/* A reader that undoes its format's escapes gets what a terminal would show. */
static void backslashes_of_escapes_are_escaped_too(void **state) {
    assert_escaped(state, ESCAPE_YAML, "\x1b", "\\\\x1b");
    assert_escaped(state, ESCAPE_TAP, "\x1b", "\\\\x1b");
}

static void what_is_no_ascii_stays(void **state) {
    assert_escaped(state, ESCAPE_XML, "é 漢 😀", "é 漢 😀");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, buf_setup, buf_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_format_replaces_its_own),
        TEST(line_ends_stay_only_when_asked_for),
        TEST(what_is_unsafe_is_shown_in_every_format),
        TEST(backslashes_of_escapes_are_escaped_too),
        TEST(what_is_no_ascii_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
