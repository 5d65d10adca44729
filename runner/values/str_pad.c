/* str_pad: methods of str that pad it, and that translate its characters. */
#include "runner/values/bigint.h"
#include "runner/values/dict.h"
#include "runner/values/protocol.h"
#include "runner/values/str.h"
#include "runner/values/str_methods.h"

#include <string.h>

/* ---- center, ljust, rjust, zfill ---- */

static void put_fill(Buf *out, const Str *fill, int64_t n) {
    if (fill && fill->len > 1) {
        for (; n > 0 && !out->failed; n--) buf_add(out, fill->data, fill->len);
    } else if (n > 0) {
        buf_repeat(out, fill ? fill->data[0] : ' ', (size_t)n);
    }
}

/* The number of characters that s lacks of args[0]; false on error. */
static bool read_width(Ctx *c, const Str *s, const Args *args, int64_t *missing) {
    int64_t width;
    if (!value_to_index(c, args->pos[0], &width)) return false;
    *missing = width > (int64_t)s->chars ? width - (int64_t)s->chars : 0;
    if (*missing > PTRDIFF_MAX / 8) return error_raise(c, MemoryError, "%s", "");
    return true;
}

static bool check_fill(Ctx *c, Value fill) {
    if (value_is_null(fill)) return true;
    if (!value_str(fill))
        return error_raise(c, TypeError,
                           "The fill character must be a unicode character, not %s",
                           type_name(fill));
    if (value_str(fill)->chars == 1) return true;
    return error_raise(c, TypeError,
                       "The fill character must be exactly one character long");
}

enum Side { LEFT, RIGHT, CENTER };

static Value justify(Ctx *c, Value self, const Args *args, enum Side side) {
    Str *s = value_str(self);
    int64_t missing;
    if (!read_width(c, s, args, &missing) || !check_fill(c, args->pos[1]))
        return value_null();
    if (missing == 0) return str_part(c, s, 0, s->len);
    int64_t width = missing + (int64_t)s->chars;
    /* An odd blank goes to the right, but to the left when the width is odd too. */
    int64_t center = missing / 2 + (missing & width & 1);
    int64_t before = side == LEFT ? 0 : side == RIGHT ? missing : center;
    Buf out;
    buf_init(&out, &c->mem);
    put_fill(&out, value_str(args->pos[1]), before);
    buf_add(&out, s->data, s->len);
    put_fill(&out, value_str(args->pos[1]), missing - before);
    return value_obj(str_take(c, &out));
}

Value str_ljust(Ctx *c, Value self, const Args *args) {
    return justify(c, self, args, LEFT);
}
Value str_rjust(Ctx *c, Value self, const Args *args) {
    return justify(c, self, args, RIGHT);
}
Value str_center(Ctx *c, Value self, const Args *args) {
    return justify(c, self, args, CENTER);
}

Value str_zfill(Ctx *c, Value self, const Args *args) {
    Str *s = value_str(self);
    int64_t missing;
    if (!read_width(c, s, args, &missing)) return value_null();
    if (missing == 0) return str_part(c, s, 0, s->len);
    bool sign = s->len > 0 && (s->data[0] == '+' || s->data[0] == '-');
    Buf out;
    buf_init(&out, &c->mem);
    if (sign) buf_putc(&out, s->data[0]);
    buf_repeat(&out, '0', (size_t)missing);
    buf_add(&out, s->data + sign, s->len - sign);
    return value_obj(str_take(c, &out));
}

/* ---- expandtabs ---- */

Value str_expandtabs(Ctx *c, Value self, const Args *args) {
    const Str *s = value_str(self);
    int64_t size = 8, column = 0;
    if (!value_is_null(args->pos[0]) && !value_to_index(c, args->pos[0], &size))
        return value_null();
    Buf out;
    buf_init(&out, &c->mem);
    for (size_t i = 0; i < s->len && !out.failed; i++) {
        char ch = s->data[i];
        if (ch == '\t') {
            int64_t blanks = size > 0 ? size - column % size : 0;
            if (blanks > 0) buf_repeat(&out, ' ', (size_t)blanks);
            column += blanks;
            continue;
        }
        buf_putc(&out, ch);
        if (((unsigned char)ch & 0xC0) != 0x80) column++;
        if (ch == '\n' || ch == '\r') column = 0;
    }
    return value_obj(str_take(c, &out));
}

/* ---- translate ---- */

static bool put_code(Ctx *c, Buf *out, Value code) {
    int64_t cp = code.tag == VAL_INT    ? code.as.i
                 : code.tag == VAL_BOOL ? code.as.b
                                        : -1;
    char bytes[4];
    int n = cp >= 0 && cp < 0x110000 ? utf8_write((uint32_t)cp, bytes) : 0;
    if (n == 0)
        return error_raise(c, ValueError,
                           "character mapping must be in range(0x110000)");
    buf_add(out, bytes, (size_t)n);
    return true;
}

/* What the table has for a character; a missing key leaves it as it is. */
static bool translate_char(Ctx *c, Buf *out, Value table, uint32_t cp) {
    Value to = value_get_item(c, table, value_int(cp));
    if (ctx_failed(c)) {
        ErrorKind kind = c->error.kind;
        if (kind != KeyError && kind != IndexError && kind != LookupError) return false;
        error_clear(c);
        return put_code(c, out, value_int(cp));
    }
    if (value_is_none(to)) return true;
    if (value_is_int(to)) return put_code(c, out, to);
    if (!value_str(to))
        return error_raise(c, TypeError,
                           "character mapping must return integer, None or str");
    buf_add(out, value_str(to)->data, value_str(to)->len);
    return true;
}

Value str_translate(Ctx *c, Value self, const Args *args) {
    const Str *s = value_str(self);
    Buf out;
    buf_init(&out, &c->mem);
    for (size_t at = 0; at < s->len && !out.failed;) {
        uint32_t cp;
        size_t mark = pool_mark(c);
        at += (size_t)utf8_decode(s->data + at, s->len - at, &cp);
        bool went = translate_char(c, &out, args->pos[0], cp);
        pool_drain(c, mark);
        if (!went) break;
    }
    return value_obj(str_take(c, &out));
}

/* ---- maketrans ---- */

static uint32_t first_char(const Str *s) {
    uint32_t cp = 0;
    utf8_decode(s->data, s->len, &cp);
    return cp;
}

static bool copy_entry(Ctx *c, Dict *table, DictEntry e) {
    const Str *s = value_str(e.key);
    if (s && s->chars != 1)
        return error_raise(c, ValueError,
                           "string keys in translate table must be of length 1");
    if (s) return dict_set(c, table, value_int(first_char(s)), e.value);
    if (value_is_int(e.key)) return dict_set(c, table, e.key, e.value);
    return error_raise(c, TypeError,
                       "keys in translate table must be strings or integers");
}

static bool copy_table(Ctx *c, Dict *table, Value from) {
    if (!value_dict(from))
        return error_raise(
            c, TypeError,
            "if you give only one argument to maketrans it must be a dict");
    DictEntry e;
    for (size_t at = 0; dict_next(value_dict(from), &at, &e);)
        if (!copy_entry(c, table, e)) return false;
    return true;
}

static bool pair_up(Ctx *c, Dict *table, const Str *from, const Str *to) {
    if (from->chars != to->chars)
        return error_raise(c, ValueError,
                           "the first two maketrans arguments must have equal length");
    uint32_t a, b;
    for (size_t i = 0, k = 0; i < from->len;) {
        i += (size_t)utf8_decode(from->data + i, from->len - i, &a);
        k += (size_t)utf8_decode(to->data + k, to->len - k, &b);
        if (!dict_set(c, table, value_int(a), value_int(b))) return false;
    }
    return true;
}

static bool drop_all(Ctx *c, Dict *table, const Str *gone) {
    uint32_t cp;
    for (size_t i = 0; i < gone->len;) {
        i += (size_t)utf8_decode(gone->data + i, gone->len - i, &cp);
        if (!dict_set(c, table, value_int(cp), value_none())) return false;
    }
    return true;
}

static bool fill_table(Ctx *c, Dict *table, const Args *args) {
    if (value_is_null(args->pos[1])) return copy_table(c, table, args->pos[0]);
    for (size_t i = 1; i <= 2; i++)
        if (!value_is_null(args->pos[i]) && !value_str(args->pos[i]))
            return error_raise(c, TypeError,
                               "maketrans() argument %zu must be str, not %s", i + 1,
                               type_name(args->pos[i]));
    if (!value_str(args->pos[0]))
        return error_raise(c, TypeError,
                           "first maketrans argument must be a string if "
                           "there is a second argument");
    if (!pair_up(c, table, value_str(args->pos[0]), value_str(args->pos[1])))
        return false;
    return value_is_null(args->pos[2]) || drop_all(c, table, value_str(args->pos[2]));
}

Value str_maketrans(Ctx *c, Value self, const Args *args) {
    (void)self;
    Dict *table = pool_add(c, dict_new(c));
    return table && fill_table(c, table, args) ? value_obj(table) : value_null();
}

/* ---- what is left out ---- */

Value str_encode(Ctx *c, Value self, const Args *args) {
    (void)self;
    (void)args;
    return value_raise(c, NotImplementedError,
                       "str.encode() gives bytes, which the notation does not have");
}
