/* token: texts become tokens with kinds and places. */
#include "parse_test.h"
#include "runner/language/token.h"

/* Writes the tokens as "kind:text@line:col", blanks between. */
static void describe(Buf *b, const TokenList *l) {
    for (uint32_t i = 0; i < l->n; i++) {
        const Token *t = &l->items[i];
        if (i) buf_putc(b, ' ');
        bool plain = t->kind >= T_NAME && t->kind != T_UNKNOWN;
        if (plain)
            buf_add(b, t->text, t->len);
        else
            buf_puts(b, token_kind_text((TokenKind)t->kind));
        buf_printf(b, "@%u:%u", (unsigned)t->line, (unsigned)t->col);
    }
}

static void expect_tokens(const char *bytes, const char *expected) {
    Ctx c;
    ctx_open(&c);
    TokenList l;
    tokens_init(&l, &c);
    static const TextSpan start = {0, 1, 1};
    Text text = {bytes, strlen(bytes), &start, 1};
    ParseError e = {0};
    assert_true(tokenize(&l, cursor_start(&text), bytes + text.len, &e));
    Buf b;
    buf_init(&b, &c.mem);
    describe(&b, &l);
    assert_string_equal(buf_text(&b), expected);
    buf_free(&b);
    tokens_free(&l);
    ctx_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
}

static void tokens_have_places(void **state) {
    (void)state;
    expect_tokens("x = f(1)", "x@1:1 =@1:3 f@1:5 (@1:6 1@1:7 )@1:8 NEWLINE@1:9");
}

static void the_longest_operator_is_taken(void **state) {
    (void)state;
    expect_tokens("a**=b//c>>=d!=e", "a@1:1 **=@1:2 b@1:5 //@1:6 c@1:8 >>=@1:9 d@1:12 "
                                     "!=@1:13 e@1:15 NEWLINE@1:16");
    expect_tokens("...x.y->z:=w", "...@1:1 x@1:4 .@1:5 y@1:6 ->@1:7 z@1:9 :=@1:10 "
                                  "w@1:12 NEWLINE@1:13");
}

static void columns_count_characters(void **state) {
    (void)state;
    expect_tokens("é = 'ü' + x", "é@1:1 =@1:3 'ü'@1:5 +@1:9 x@1:11 NEWLINE@1:12");
}

static void newlines_in_brackets_are_no_tokens(void **state) {
    (void)state;
    expect_tokens("f(a,\n  b)\nc",
                  "f@1:1 (@1:2 a@1:3 ,@1:4 b@2:3 )@2:4 NEWLINE@2:5 c@3:1 "
                  "NEWLINE@3:2");
}

static void indentation_opens_and_closes_blocks(void **state) {
    (void)state;
    expect_tokens("if x:\n  a\n\n  # note\n  b\nc",
                  "if@1:1 x@1:4 :@1:5 NEWLINE@1:6 INDENT@2:3 a@2:3 NEWLINE@2:4 b@5:3 "
                  "NEWLINE@5:4 DEDENT@6:1 c@6:1 NEWLINE@6:2");
}

static void a_backslash_joins_lines(void **state) {
    (void)state;
    expect_tokens("a = \\\n  b", "a@1:1 =@1:3 b@2:3 NEWLINE@2:4");
}

static void comments_are_skipped(void **state) {
    (void)state;
    expect_tokens("# head\na # tail", "a@2:1 NEWLINE@2:9");
}

static void every_quote_form_is_one_token(void **state) {
    (void)state;
    expect_tokens("'a' \"b\" '''c\nd''' rb", "'a'@1:1 \"b\"@1:5 '''c\nd'''@1:9 rb@2:6 "
                                             "NEWLINE@2:8");
    expect_tokens("rF'{x}' Rf\"\" u'' r'\\''", "rF'{x}'@1:1 Rf\"\"@1:9 u''@1:14 "
                                               "r'\\''@1:18 NEWLINE@1:23");
}

static void numbers_have_many_forms(void **state) {
    (void)state;
    expect_tokens("0x_fF 0b1_0 0o17 1_000 .5 1. 1e5 1.5E-3 00",
                  "0x_fF@1:1 0b1_0@1:7 0o17@1:13 1_000@1:18 .5@1:24 1.@1:27 1e5@1:30 "
                  "1.5E-3@1:34 00@1:41 NEWLINE@1:43");
    expect_tokens("1if x else 2", "1@1:1 if@1:2 x@1:5 else@1:7 2@1:12 NEWLINE@1:13");
}

static void an_open_bracket_is_marked_at_the_end(void **state) {
    (void)state;
    expect_tokens("f(a, [b", "f@1:1 (@1:2 a@1:3 ,@1:4 [@1:6 b@1:7 '('@1:6");
}

static void spans_place_each_piece_of_a_text(void **state) {
    (void)state;
    Ctx c;
    ctx_open(&c);
    TokenList l;
    tokens_init(&l, &c);
    /* `f = lambda t` and `t * 2` stand apart in the file. */
    const TextSpan spans[] = {{0, 3, 5}, {14, 7, 9}};
    const char *bytes = "f = lambda t: t * 2";
    Text text = {bytes, strlen(bytes), spans, 2};
    ParseError e = {0};
    assert_true(tokenize(&l, cursor_start(&text), bytes + text.len, &e));
    Buf b;
    buf_init(&b, &c.mem);
    describe(&b, &l);
    assert_string_equal(buf_text(&b),
                        "f@3:5 =@3:7 lambda@3:9 t@3:16 :@3:17 t@7:9 *@7:11 "
                        "2@7:13 NEWLINE@7:14");
    buf_free(&b);
    tokens_free(&l);
    ctx_close(&c);
}

static void bad_numbers_are_refused(void **state) {
    (void)state;
    expect_error("x = 1abc", 1, 5, "invalid decimal literal");
    expect_error("1__0", 1, 2, "invalid decimal literal");
    expect_error("0xg", 1, 2, "invalid hexadecimal literal");
    expect_error("0b12", 1, 4, "invalid digit '2' in binary literal");
    expect_error("0o8", 1, 3, "invalid digit '8' in octal literal");
    expect_error("1e+", 1, 3, "invalid decimal literal");
    expect_error(
        "012", 1, 1,
        "leading zeros in decimal integer literals are not permitted; use an 0o "
        "prefix for octal integers");
    expect_error("1jx", 1, 2, "invalid imaginary literal");
}

static void bad_strings_are_refused(void **state) {
    (void)state;
    expect_error("x = 'abc", 1, 5, "unterminated string literal (detected at line 1)");
    expect_error("'''a\nb", 1, 1,
                 "unterminated triple-quoted string literal (detected at line 2)");
    expect_error("b'a'", 1, 1, "bytes literals are left out of the notation");
}

static void bad_brackets_are_refused(void **state) {
    (void)state;
    expect_error("f(a))", 1, 5, "unmatched ')'");
    expect_error("(a]", 1, 3,
                 "closing parenthesis ']' does not match opening parenthesis '('");
    expect_error(
        "(a,\nb]", 2, 2,
        "closing parenthesis ']' does not match opening parenthesis '(' on line "
        "1");
    expect_error("f(a, (b", 1, 6, "'(' was never closed");
}

static void bad_characters_are_refused(void **state) {
    (void)state;
    expect_error("x = “a”", 1, 5, "invalid character '“' (U+201C)");
    expect_error("a\xC2\xA0= 1", 1, 2, "invalid non-printable character U+00A0");
    expect_error("x = $", 1, 5, "invalid syntax");
    expect_error("x\\ = 1", 1, 3,
                 "unexpected character after line continuation character");
    expect_error("x = '\xFF'", 1, 6, "the text is not valid UTF-8");
}

static void bad_indentation_is_refused(void **state) {
    (void)state;
    expect_error("  x", 1, 3, "unexpected indent");
    expect_error("if x:\n    a\n  b", 3, 3,
                 "unindent does not match any outer indentation level");
    expect_error("if x:\n\ta\n        b", 3, 9,
                 "inconsistent use of tabs and spaces in indentation");
    expect_error("if x:\ny", 2, 1,
                 "expected an indented block after 'if' statement on line 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_have_places),
        cmocka_unit_test(the_longest_operator_is_taken),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(newlines_in_brackets_are_no_tokens),
        cmocka_unit_test(indentation_opens_and_closes_blocks),
        cmocka_unit_test(a_backslash_joins_lines),
        cmocka_unit_test(comments_are_skipped),
        cmocka_unit_test(every_quote_form_is_one_token),
        cmocka_unit_test(numbers_have_many_forms),
        cmocka_unit_test(an_open_bracket_is_marked_at_the_end),
        cmocka_unit_test(spans_place_each_piece_of_a_text),
        cmocka_unit_test(bad_numbers_are_refused),
        cmocka_unit_test(bad_strings_are_refused),
        cmocka_unit_test(bad_brackets_are_refused),
        cmocka_unit_test(bad_characters_are_refused),
        cmocka_unit_test(bad_indentation_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
