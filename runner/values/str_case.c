/* str_case: methods of str about the case and class of characters. */
#include "runner/text/unicode.h"
#include "runner/values/protocol.h"
#include "runner/values/str.h"
#include "runner/values/str_methods.h"

/* The character at *at, which moves behind it; false at the end. */
static bool next_char(const Str *s, size_t *at, uint32_t *cp) {
    if (*at >= s->len) return false;
    int n = utf8_decode(s->data + *at, s->len - *at, cp);
    *at += n ? (size_t)n : 1;
    return true;
}

static void put_char(Buf *out, uint32_t cp) {
    char bytes[4];
    buf_add(out, bytes, (size_t)utf8_write(cp, bytes));
}

static void put_mapped(Buf *out, uint32_t cp, UnicodeMap map) {
    uint32_t mapped[UNICODE_EXPANDED];
    size_t n = map(cp, mapped);
    for (size_t i = 0; i < n; i++) put_char(out, mapped[i]);
}

static bool is_cased(uint32_t cp) {
    return unicode_is_upper(cp) || unicode_is_lower(cp) || unicode_is_title(cp);
}

/* Whether cp is passed over in the search for a letter's neighbours: apostrophes, full
 * stops, accents. */
static bool is_ignorable(uint32_t cp) {
    static const uint32_t alone[] = {'\'', '.',    ':',    '^',    '`',
                                     0xA8, 0xAD,   0xAF,   0xB4,   0xB7,
                                     0xB8, 0x2018, 0x2019, 0x2024, 0x2027};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (cp == alone[i]) return true;
    return (cp >= 0x2B0 && cp <= 0x36F) || (cp >= 0x200B && cp <= 0x200F);
}

/* Capital sigma at the end of a word: there is a letter with case before it, and none
 * behind it. `end` is where the sigma ends. */
static bool is_final_sigma(const Str *s, size_t end, bool after_cased) {
    uint32_t next;
    if (!after_cased) return false;
    while (next_char(s, &end, &next))
        if (!is_ignorable(next)) return !is_cased(next);
    return true;
}

static void put_lower(Buf *out, const Str *s, size_t end, uint32_t cp,
                      bool after_cased) {
    if (cp == 0x3A3)
        put_char(out, is_final_sigma(s, end, after_cased) ? 0x3C2 : 0x3C3);
    else
        put_mapped(out, cp, unicode_lower);
}

/* Every character through one map. */
static Value mapped(Ctx *c, Value self, UnicodeMap map) {
    const Str *s = value_str(self);
    Buf out;
    uint32_t cp;
    buf_init(&out, &c->mem);
    for (size_t at = 0; next_char(s, &at, &cp) && !out.failed;)
        put_mapped(&out, cp, map);
    return value_obj(str_take(c, &out));
}

/* Characters in lower case, but the first of them (`words`: of each word) in title
 * case; `none` leaves no exception. */
enum Titles { NO_TITLE, FIRST_TITLE, WORD_TITLES };

static Value lowered(Ctx *c, Value self, enum Titles titles) {
    const Str *s = value_str(self);
    Buf out;
    uint32_t cp;
    bool in_word = false, after_cased = false;
    buf_init(&out, &c->mem);
    for (size_t at = 0, start = 0; next_char(s, &at, &cp) && !out.failed; start = at) {
        bool first = titles == WORD_TITLES ? !in_word : start == 0;
        if (titles != NO_TITLE && first)
            put_mapped(&out, cp, unicode_title);
        else
            put_lower(&out, s, at, cp, after_cased);
        in_word = is_cased(cp);
        if (!is_ignorable(cp)) after_cased = in_word;
    }
    return value_obj(str_take(c, &out));
}

Value str_upper(Ctx *c, Value self, const Args *args) {
    (void)args;
    return mapped(c, self, unicode_upper);
}
Value str_casefold(Ctx *c, Value self, const Args *args) {
    (void)args;
    return mapped(c, self, unicode_fold);
}
Value str_swapcase(Ctx *c, Value self, const Args *args) {
    (void)args;
    const Str *s = value_str(self);
    Buf out;
    uint32_t cp;
    bool after_cased = false;
    buf_init(&out, &c->mem);
    for (size_t at = 0; next_char(s, &at, &cp) && !out.failed;) {
        if (unicode_is_upper(cp))
            put_lower(&out, s, at, cp, after_cased);
        else if (unicode_is_lower(cp))
            put_mapped(&out, cp, unicode_upper);
        else
            put_char(&out, cp);
        if (!is_ignorable(cp)) after_cased = is_cased(cp);
    }
    return value_obj(str_take(c, &out));
}
Value str_lower(Ctx *c, Value self, const Args *args) {
    (void)args;
    return lowered(c, self, NO_TITLE);
}
Value str_capitalize(Ctx *c, Value self, const Args *args) {
    (void)args;
    return lowered(c, self, FIRST_TITLE);
}
Value str_title(Ctx *c, Value self, const Args *args) {
    (void)args;
    return lowered(c, self, WORD_TITLES);
}

/* ---- classes ---- */

/* Whether there is a character and all are of the class. */
static Value all_are(Value self, bool (*is)(uint32_t cp)) {
    const Str *s = value_str(self);
    uint32_t cp;
    for (size_t at = 0; next_char(s, &at, &cp);)
        if (!is(cp)) return value_bool(false);
    return value_bool(s->len > 0);
}

static bool is_decimal(uint32_t cp) {
    return unicode_decimal(cp) >= 0;
}
static bool is_alnum(uint32_t cp) {
    return unicode_is_alpha(cp) || unicode_is_numeric(cp) || unicode_is_digit(cp);
}

#define CLASS_METHOD(name, is)                                                         \
    Value str_##name(Ctx *c, Value self, const Args *args) {                           \
        (void)c;                                                                       \
        (void)args;                                                                    \
        return all_are(self, is);                                                      \
    }
CLASS_METHOD(isalnum, is_alnum)
CLASS_METHOD(isalpha, unicode_is_alpha)
CLASS_METHOD(isdecimal, is_decimal)
CLASS_METHOD(isdigit, unicode_is_digit)
CLASS_METHOD(isnumeric, unicode_is_numeric)
CLASS_METHOD(isspace, unicode_is_space)

Value str_isascii(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return value_bool(str_is_ascii(value_str(self)));
}

Value str_isprintable(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    const Str *s = value_str(self);
    uint32_t cp;
    for (size_t at = 0; next_char(s, &at, &cp);)
        if (!unicode_is_printable(cp)) return value_bool(false);
    return value_bool(true);
}

Value str_isidentifier(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    const Str *s = value_str(self);
    uint32_t cp;
    size_t at = 0;
    if (!next_char(s, &at, &cp) || !unicode_starts_identifier(cp))
        return value_bool(false);
    while (next_char(s, &at, &cp))
        if (!unicode_in_identifier(cp)) return value_bool(false);
    return value_bool(true);
}

/* Whether some character has the case and none another. */
static Value one_case(Value self, bool (*is)(uint32_t cp), bool (*other)(uint32_t cp)) {
    const Str *s = value_str(self);
    uint32_t cp;
    bool any = false;
    for (size_t at = 0; next_char(s, &at, &cp);) {
        if (other(cp) || unicode_is_title(cp)) return value_bool(false);
        any = any || is(cp);
    }
    return value_bool(any);
}

Value str_isupper(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return one_case(self, unicode_is_upper, unicode_is_lower);
}

Value str_islower(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    return one_case(self, unicode_is_lower, unicode_is_upper);
}

Value str_istitle(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)args;
    const Str *s = value_str(self);
    uint32_t cp;
    bool any = false, in_word = false;
    for (size_t at = 0; next_char(s, &at, &cp);) {
        bool capital = unicode_is_upper(cp) || unicode_is_title(cp);
        bool small = unicode_is_lower(cp);
        if ((capital && in_word) || (small && !in_word)) return value_bool(false);
        in_word = capital || small;
        any = any || in_word;
    }
    return value_bool(any);
}
