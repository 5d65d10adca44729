/* str: indexing, methods, str.format and %; against CPython 3.11. */
#include "runner/values/slice.h"
#include "runner/values/str_format.h"
#include "value_test.h"

static void indexing_counts_characters(void **state) {
    Ctx *c = *state;
    Value s = S(c, "aé中😀z");
    check_repr(c, value_get_item(c, s, I(2)), "'中'");
    check_repr(c, value_get_item(c, s, I(-1)), "'z'");
    check_repr(c, value_get_item(c, s, slice_new(c, I(1), I(-1), NONE)), "'é中😀'");
    check_repr(c, value_get_item(c, s, slice_new(c, NONE, NONE, I(-2))), "'z中a'");
    assert_int_equal(value_length(c, s), 5);
    value_get_item(c, s, I(5));
    check_error(c, IndexError, "string index out of range");
    value_get_item(c, s, F(1));
    check_error(c, TypeError, "string indices must be integers, not 'float'");
}

static void operators(void **state) {
    Ctx *c = *state;
    check_repr(c, value_binary(c, BINARY_ADD, S(c, "a"), S(c, "é")), "'aé'");
    check_repr(c, value_binary(c, BINARY_MUL, I(3), S(c, "aé")), "'aéaéaé'");
    check_repr(c, value_binary(c, BINARY_MUL, S(c, "a"), I(-1)), "''");
    check_repr(c, value_binary(c, BINARY_MUL, S(c, "abc"), I(7)),
               "'abcabcabcabcabcabcabc'");
    check_repr(c, value_binary(c, BINARY_MUL, S(c, ""), I(INT64_MAX)), "''");
    assert_int_equal(value_contains(c, S(c, "cab"), S(c, "ab")), 1);
    assert_int_equal(value_test(c, COMPARE_LT, S(c, "é"), S(c, "中")), 1);
    value_contains(c, S(c, "a"), I(1));
    check_error(c, TypeError, "'in <string>' requires string as left operand, not int");
    value_binary(c, BINARY_MUL, S(c, "ab"), I(INT64_MAX));
    check_error(c, OverflowError, "repeated string is too long");
    value_binary(c, BINARY_MUL, S(c, "ab"), I(INT64_MAX / 3));
    check_error(c, MemoryError, "");
}

static void case_follows_unicode(void **state) {
    Ctx *c = *state;
    check_repr(c, CALL0(S(c, "straße ÿ я"), "upper"), "'STRASSE Ÿ Я'");
    check_repr(c, CALL0(S(c, "ΑΣ ΣΑ"), "lower"), "'ας σα'");
    check_repr(c, CALL0(S(c, "ΑΣ.Β ΑΣ'"), "lower"), "\"ασ.β ας'\"");
    check_repr(c, CALL0(S(c, "they're hERE 1st"), "title"), "\"They'Re Here 1St\"");
    check_repr(c, CALL0(S(c, "éCOLE"), "capitalize"), "'École'");
    check_repr(c, CALL0(S(c, "aB ß"), "swapcase"), "'Ab SS'");
    check_repr(c, CALL0(S(c, "Maß ς"), "casefold"), "'mass σ'");
}

static void classes_of_characters(void **state) {
    Ctx *c = *state;
    static const struct {
        const char *text, *method, *expected;
    } cases[] = {
        {"12", "isdigit", "True"},        {"²", "isdigit", "True"},
        {"²", "isdecimal", "False"},      {"½", "isnumeric", "True"},
        {"", "isalpha", "False"},         {"aé", "isalpha", "True"},
        {"a_1", "isidentifier", "True"},  {"1a", "isidentifier", "False"},
        {"A1", "isupper", "True"},        {"aB", "islower", "False"},
        {"Ab Cd", "istitle", "True"},     {"Ab cd", "istitle", "False"},
        {" \t\u2003", "isspace", "True"}, {"a\n", "isprintable", "False"},
        {"é", "isascii", "False"},        {"a1", "isalnum", "True"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_repr(c, CALL0(S(c, cases[i].text), cases[i].method), cases[i].expected);
}

static void searching_counts_characters(void **state) {
    Ctx *c = *state;
    Value s = S(c, "ébébé");
    check_repr(c, CALL(s, "find", S(c, "b")), "1");
    check_repr(c, CALL(s, "rfind", S(c, "b")), "3");
    check_repr(c, CALL(s, "find", S(c, "b"), I(2)), "3");
    check_repr(c, CALL(s, "find", S(c, "é"), I(1), I(2)), "-1");
    check_repr(c, CALL(s, "find", S(c, ""), I(5)), "5");
    check_repr(c, CALL(s, "find", S(c, ""), I(6)), "-1");
    check_repr(c, CALL(s, "count", S(c, "éb")), "2");
    check_repr(c, CALL(s, "count", S(c, "")), "6");
    CALL(s, "index", S(c, "x"));
    check_error(c, ValueError, "substring not found");
    CALL(s, "find", I(1));
    check_error(c, TypeError, "must be str, not int");
    CALL0(s, "find");
    check_error(c, TypeError, "find() takes at least 1 argument (0 given)");
}

static void beginnings_and_ends(void **state) {
    Ctx *c = *state;
    Value s = S(c, "héllo");
    check_repr(c, CALL(s, "startswith", T(S(c, "x"), S(c, "hé"))), "True");
    check_repr(c, CALL(s, "endswith", S(c, "l"), I(0), I(-1)), "True");
    check_repr(c, CALL(s, "removeprefix", S(c, "hé")), "'llo'");
    check_repr(c, CALL(s, "removesuffix", S(c, "x")), "'héllo'");
    CALL(s, "startswith", I(1));
    check_error(c, TypeError,
                "startswith first arg must be str or a tuple of str, not int");
}

static void replacing(void **state) {
    Ctx *c = *state;
    check_repr(c, CALL(S(c, "aaa"), "replace", S(c, "a"), S(c, "bé"), I(2)), "'bébéa'");
    check_repr(c, CALL(S(c, "éa"), "replace", S(c, ""), S(c, "-")), "'-é-a-'");
    check_repr(c, CALL(S(c, "ab"), "replace", S(c, ""), S(c, "-"), I(2)), "'-a-b'");
    CALL(S(c, "a"), "replace", I(1), S(c, "b"));
    check_error(c, TypeError, "replace() argument 1 must be str, not int");
}

static void splitting(void **state) {
    Ctx *c = *state;
    check_repr(c, CALL0(S(c, " a  b\u2003c "), "split"), "['a', 'b', 'c']");
    check_repr(c, CALL(S(c, " a  b c "), "split", NONE, I(1)), "['a', 'b c ']");
    check_repr(c, CALL(S(c, " a  b c "), "rsplit", NONE, I(1)), "[' a  b', 'c']");
    check_repr(c, CALL(S(c, "a,,b"), "split", S(c, ",")), "['a', '', 'b']");
    check_repr(c, CALL(S(c, "a,b,c"), "rsplit", S(c, ","), I(1)), "['a,b', 'c']");
    check_repr(c, CALL0(S(c, "a\r\nb\n\nc\x0b"), "splitlines"), "['a', 'b', '', 'c']");
    check_repr(c, CALL(S(c, "a\nb"), "splitlines", I(1)), "['a\\n', 'b']");
    check_repr(c, CALL(S(c, "a.b.c"), "partition", S(c, ".")), "('a', '.', 'b.c')");
    check_repr(c, CALL(S(c, "abc"), "rpartition", S(c, ".")), "('', '', 'abc')");
    CALL(S(c, "a"), "split", S(c, ""));
    check_error(c, ValueError, "empty separator");
}

static void stripping_and_joining(void **state) {
    Ctx *c = *state;
    check_repr(c, CALL0(S(c, "\u2003 a \n"), "strip"), "'a'");
    check_repr(c, CALL(S(c, "éxé"), "lstrip", S(c, "éa")), "'xé'");
    check_repr(c, CALL(S(c, ", "), "join", L(S(c, "a"), S(c, "b"))), "'a, b'");
    CALL(S(c, ""), "join", L(S(c, "a"), I(1)));
    check_error(c, TypeError, "sequence item 1: expected str instance, int found");
    CALL(S(c, ""), "join", I(1));
    check_error(c, TypeError, "can only join an iterable");
    CALL(S(c, ""), "strip", I(1));
    check_error(c, TypeError, "strip arg must be None or str");
}

static void padding(void **state) {
    Ctx *c = *state;
    check_repr(c, CALL(S(c, "ab"), "center", I(5), S(c, "é")), "'ééabé'");
    check_repr(c, CALL(S(c, "abc"), "center", I(6)), "' abc  '");
    check_repr(c, CALL(S(c, "-7"), "zfill", I(5)), "'-0007'");
    check_repr(c, CALL(S(c, "é"), "ljust", I(3), S(c, "*")), "'é**'");
    check_repr(c, CALL(S(c, "a\tb\n\tc"), "expandtabs", I(4)), "'a   b\\n    c'");
    CALL(S(c, "a"), "rjust", I(4), S(c, "xy"));
    check_error(c, TypeError, "The fill character must be exactly one character long");
}

static void translating(void **state) {
    Ctx *c = *state;
    Value table = CALL(S(c, ""), "maketrans", S(c, "aé"), S(c, "xy"), S(c, "z"));
    check_repr(c, table, "{97: 120, 233: 121, 122: None}");
    check_repr(c, CALL(S(c, "zaéb"), "translate", table), "'xyb'");
    CALL(S(c, ""), "maketrans", S(c, "a"), S(c, "bc"));
    check_error(c, ValueError,
                "the first two maketrans arguments must have equal length");
}

/* ---- str.format ---- */

static Value format(Ctx *c, const char *text, size_t n, const Value *args) {
    Named a = {value_str(S(c, "a")), I(9)};
    if (ctx_failed(c)) return value_null();
    Args all = {.pos = args, .n = n, .named = &a, .n_named = 1};
    Value s = S(c, text);
    return ctx_failed(c) ? s : str_format(c, s, &all);
}
#define FORMAT(text, ...) format(c, text, VALUES(__VA_ARGS__))

static void fields_are_replaced(void **state) {
    Ctx *c = *state;
    check_repr(c, FORMAT("{}-{}{{}}", I(1), S(c, "é")), "'1-é{}'");
    check_repr(c, FORMAT("{1!r:>5}|{0:^{2}}", I(7), S(c, "x"), I(3)), "\"  'x'| 7 \"");
    check_repr(c, FORMAT("{a} {0[1]}", L(I(1), I(2))), "'9 2'");
    check_repr(c, FORMAT("{0.real:+.1f}{1!a}", F(2), S(c, "é")), "\"+2.0'\\\\xe9'\"");
}

static void bad_format_strings(void **state) {
    Ctx *c = *state;
    static const struct {
        const char *text;
        ErrorKind kind;
        const char *message;
    } cases[] = {
        {"{", ValueError, "Single '{' encountered in format string"},
        {"}", ValueError, "Single '}' encountered in format string"},
        {"{0", ValueError, "expected '}' before end of string"},
        {"{0:", ValueError, "unmatched '{' in format spec"},
        {"{0!x}", ValueError, "Unknown conversion specifier x"},
        {"{0!rr}", ValueError, "expected ':' after conversion specifier"},
        {"{0.}", ValueError, "Empty attribute in format string"},
        {"{0[1]x}", ValueError,
         "Only '.' or '[' may follow ']' in format field specifier"},
        {"{} {0}", ValueError,
         "cannot switch from automatic field numbering to manual field specification"},
        {"{:{:{}}}", ValueError, "Max string recursion exceeded"},
        {"{5}", IndexError,
         "Replacement index 5 out of range for positional args tuple"},
        {"{x}", KeyError, "'x'"},
        {"{0:d}", TypeError, "unsupported format string passed to list.__format__"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FORMAT(cases[i].text, L(I(0), I(1)), I(1), I(2));
        check_error(c, cases[i].kind, cases[i].message);
    }
}

static void fields_of_a_mapping(void **state) {
    Ctx *c = *state;
    Value d = value_obj(pool_add(c, dict_new(c)));
    dict_set(c, value_dict(d), S(c, "k"), I(5));
    check_repr(c, CALL(S(c, "{k:03}"), "format_map", d), "'005'");
    CALL(S(c, "{}"), "format_map", d);
    check_error(c, ValueError, "Format string contains positional fields");
}

/* ---- % ---- */

static Value percent(Ctx *c, const char *text, Value args) {
    Value s = S(c, text);
    return ctx_failed(c) ? s : value_binary(c, BINARY_MOD, s, args);
}

static void conversions(void **state) {
    Ctx *c = *state;
    check_repr(c, percent(c, "%d%%|%5s|%-5s|", T(F(5.9), S(c, "é"), I(1))),
               "'5%|    é|1    |'");
    check_repr(c, percent(c, "%05d|%+d|% d", T(I(-3), I(3), I(3))), "'-0003|+3| 3'");
    check_repr(c, percent(c, "%#8.3x|%X|%o", T(I(7), I(255), I(-8))),
               "'   0x007|FF|-10'");
    check_repr(c, percent(c, "%.2f|%e|%g", T(F(1.005), F(12345.678), F(1e10))),
               "'1.00|1.234568e+04|1e+10'");
    check_repr(c, percent(c, "%-*d|%.*f", T(I(4), I(3), I(1), F(2.25))), "'3   |2.2'");
    check_repr(c,
               percent(c, "%r %a %c%c %.2s",
                       T(S(c, "é"), S(c, "é"), I(65), S(c, "z"), S(c, "éab"))),
               "\"'é' '\\\\xe9' Az éa\"");
    check_repr(c, percent(c, "%s", L(I(1))), "'[1]'");
}

static void conversions_of_a_mapping(void **state) {
    Ctx *c = *state;
    Value d = value_obj(pool_add(c, dict_new(c)));
    dict_set(c, value_dict(d), S(c, "a"), I(5));
    check_repr(c, percent(c, "%(a)03d %(a)s", d), "'005 5'");
    percent(c, "%(b)s", d);
    check_error(c, KeyError, "'b'");
    percent(c, "%(a)s", I(1));
    check_error(c, TypeError, "format requires a mapping");
}

static void bad_conversions(void **state) {
    Ctx *c = *state;
    percent(c, "%d", S(c, "x"));
    check_error(c, TypeError, "%d format: a real number is required, not str");
    percent(c, "%x", F(1));
    check_error(c, TypeError, "%x format: an integer is required, not float");
    percent(c, "%f", NONE);
    check_error(c, TypeError, "must be real number, not NoneType");
    percent(c, "%c", S(c, "ab"));
    check_error(c, TypeError, "%c requires int or char");
    percent(c, "%s %s", T(I(1)));
    check_error(c, TypeError, "not enough arguments for format string");
    percent(c, "%s", T(I(1), I(2)));
    check_error(c, TypeError, "not all arguments converted during string formatting");
    percent(c, "é%y", I(1));
    check_error(c, ValueError, "unsupported format character 'y' (0x79) at index 2");
    percent(c, "%", make_tuple(c, 0, NULL));
    check_error(c, ValueError, "incomplete format");
    percent(c, "%*d", T(S(c, "a"), I(1)));
    check_error(c, TypeError, "* wants int");
}

static void everything(Ctx *c) {
    Value s = S(c, "the quick brown fox");
    Value parts = ctx_failed(c) ? s : CALL0(s, "split");
    Value dash = ctx_failed(c) ? s : S(c, "-é-");
    if (!ctx_failed(c)) s = CALL(dash, "join", parts);
    if (!ctx_failed(c)) s = CALL0(s, "title");
    if (!ctx_failed(c)) s = CALL(s, "replace", dash, dash);
    if (!ctx_failed(c)) percent(c, "%60s", parts);
    if (!ctx_failed(c)) FORMAT("{!r:>50} {:{}}", dash, I(1), I(30));
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep_memory(everything);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(indexing_counts_characters),
        ctx_test(operators),
        ctx_test(case_follows_unicode),
        ctx_test(classes_of_characters),
        ctx_test(searching_counts_characters),
        ctx_test(beginnings_and_ends),
        ctx_test(replacing),
        ctx_test(splitting),
        ctx_test(stripping_and_joining),
        ctx_test(padding),
        ctx_test(translating),
        ctx_test(fields_are_replaced),
        ctx_test(bad_format_strings),
        ctx_test(fields_of_a_mapping),
        ctx_test(conversions),
        ctx_test(conversions_of_a_mapping),
        ctx_test(bad_conversions),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
