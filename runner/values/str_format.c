/* See str_format.h; this file is str.format(). The grammar, the order of the checks and
 * the texts follow Objects/stringlib/unicode_format.h of CPython 3.11. */
#include "runner/values/str_format.h"

#include "runner/values/protocol.h"
#include "runner/values/str.h"

#include <string.h>

enum { MAX_NESTING = 2 };

typedef enum Numbering { UNDECIDED, AUTOMATIC, MANUAL } Numbering;

typedef struct Formatter {
    Ctx *c;
    const Args *args; /* NULL: format_map */
    Value mapping;    /* of format_map */
    Numbering numbering;
    int64_t next; /* the next automatic field */
} Formatter;

typedef struct Span {
    const char *at, *end;
} Span;

/* A replacement field as written: {name!conversion:spec} */
typedef struct Field {
    Span name, spec;
    uint32_t conversion; /* 0: none */
    bool nested;         /* the spec has fields of its own */
} Field;

static bool refuse(Formatter *f, const char *text) {
    return error_raise(f->c, ValueError, "%s", text);
}

/* ---- taking a format string apart ---- */

/* Moves in->at to the end of the field's name and gives the character there. */
static char read_name(Formatter *f, Span *in, Span *name) {
    name->at = in->at;
    for (; in->at < in->end; in->at++) {
        char ch = *in->at;
        if (ch == '{') return refuse(f, "unexpected '{' in field name"), 0;
        if (ch == '[') {
            while (in->at < in->end && *in->at != ']') in->at++;
            if (in->at == in->end) break;
        }
        if (ch == '}' || ch == ':' || ch == '!') {
            name->end = in->at++;
            return ch;
        }
    }
    refuse(f, "expected '}' before end of string");
    return 0;
}

/* Behind a '!'. The field ends here when *closed; else a spec follows. */
static bool read_conversion(Formatter *f, Span *in, Field *field, bool *closed) {
    *closed = false;
    if (in->at == in->end)
        return refuse(f, "end of string while looking for conversion specifier");
    in->at += utf8_decode(in->at, (size_t)(in->end - in->at), &field->conversion);
    if (in->at == in->end) return true;
    char ch = *in->at++;
    *closed = ch == '}';
    return *closed || ch == ':' || refuse(f, "expected ':' after conversion specifier");
}

static bool read_spec(Formatter *f, Span *in, Field *field) {
    field->spec.at = in->at;
    for (int open = 1; in->at < in->end; in->at++) {
        if (*in->at == '{') {
            field->nested = true;
            open++;
        }
        if (*in->at != '}' || --open > 0) continue;
        field->spec.end = in->at++;
        return true;
    }
    return refuse(f, "unmatched '{' in format spec");
}

static bool read_field(Formatter *f, Span *in, Field *field) {
    *field = (Field){.conversion = 0};
    char ch = read_name(f, in, &field->name);
    bool closed = false;
    if (ch == 0 || ch == '}') return ch != 0;
    if (ch == '!' && !read_conversion(f, in, field, &closed)) return false;
    return closed || read_spec(f, in, field);
}

/* Copies text up to the next field. 1: a field starts, 0: the end, -1: error. */
static int copy_literal(Formatter *f, Span *in, Buf *out) {
    while (in->at < in->end) {
        const char *start = in->at;
        while (in->at < in->end && *in->at != '{' && *in->at != '}') in->at++;
        buf_add(out, start, (size_t)(in->at - start));
        if (in->at == in->end) return 0;
        char brace = *in->at++;
        bool doubled = in->at < in->end && *in->at == brace;
        if (!doubled && brace == '}')
            return refuse(f, "Single '}' encountered in format string"), -1;
        if (!doubled && in->at == in->end)
            return refuse(f, "Single '{' encountered in format string"), -1;
        if (!doubled) return 1;
        buf_putc(out, brace);
        in->at++;
    }
    return 0;
}

/* ---- the value of a field ---- */

/* A whole number, or -1 when s is none; -2 on error. */
static int64_t read_index(Formatter *f, Span s) {
    int64_t n = 0;
    if (s.at == s.end) return -1;
    for (; s.at < s.end; s.at++) {
        if (*s.at < '0' || *s.at > '9') return -1;
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, *s.at - '0', &n)) {
            refuse(f, "Too many decimal digits in format string");
            return -2;
        }
    }
    return n;
}

static Str *span_str(Formatter *f, Span s) {
    return pool_add(f->c, str_new(f->c, s.at, (size_t)(s.end - s.at)));
}

static bool check_numbering(Formatter *f, Numbering wanted) {
    if (f->numbering == UNDECIDED) f->numbering = wanted;
    if (f->numbering == wanted) return true;
    return refuse(f, wanted == MANUAL
                         ? "cannot switch from automatic field numbering to manual "
                           "field specification"
                         : "cannot switch from manual field specification to automatic "
                           "field numbering");
}

static Value positional(Formatter *f, int64_t index) {
    if (!f->args)
        return value_raise(f->c, ValueError,
                           "Format string contains positional fields");
    if ((uint64_t)index < f->args->n) return f->args->pos[index];
    return value_raise(f->c, IndexError,
                       "Replacement index %lld out of range for positional args tuple",
                       (long long)index);
}

static Value named(Formatter *f, Span name) {
    Str *key = span_str(f, name);
    if (!key) return value_null();
    if (!f->args) return value_get_item(f->c, f->mapping, value_obj(key));
    for (size_t i = 0; i < f->args->n_named; i++) {
        const Str *given = f->args->named[i].name;
        if (given->len == key->len && memcmp(given->data, key->data, key->len) == 0)
            return f->args->named[i].value;
    }
    return value_key_error(f->c, value_obj(key));
}

static Value first_part(Formatter *f, Span name) {
    int64_t index = read_index(f, name);
    if (index == -2) return value_null();
    if (name.at == name.end) {
        if (!check_numbering(f, AUTOMATIC)) return value_null();
        return positional(f, f->next++);
    }
    if (index < 0) return named(f, name);
    return check_numbering(f, MANUAL) ? positional(f, index) : value_null();
}

static Value next_attribute(Formatter *f, Span *rest, Value v) {
    Span name = {rest->at, rest->at};
    while (name.end < rest->end && *name.end != '.' && *name.end != '[') name.end++;
    rest->at = name.end;
    if (name.at == name.end)
        return refuse(f, "Empty attribute in format string"), value_null();
    Str *key = span_str(f, name);
    return key ? value_get_attr(f->c, v, key) : value_null();
}

static Value next_item(Formatter *f, Span *rest, Value v) {
    Span name = {rest->at, rest->at};
    while (name.end < rest->end && *name.end != ']') name.end++;
    if (name.end == rest->end)
        return refuse(f, "Missing ']' in format string"), value_null();
    rest->at = name.end + 1;
    if (name.at == name.end)
        return refuse(f, "Empty attribute in format string"), value_null();
    int64_t index = read_index(f, name);
    if (index == -2) return value_null();
    if (index >= 0) return value_get_item(f->c, v, value_int(index));
    Str *key = span_str(f, name);
    return key ? value_get_item(f->c, v, value_obj(key)) : value_null();
}

/* name, then any number of .attribute and [item]. */
static Value field_value(Formatter *f, Span name) {
    Span first = {name.at, name.at};
    while (first.end < name.end && *first.end != '.' && *first.end != '[') first.end++;
    Value v = first_part(f, first);
    Span rest = {first.end, name.end};
    while (rest.at < rest.end && !value_is_null(v)) {
        char ch = *rest.at++;
        if (ch == '.') {
            v = next_attribute(f, &rest, v);
        } else if (ch == '[') {
            v = next_item(f, &rest, v);
        } else {
            refuse(f, "Only '.' or '[' may follow ']' in format field specifier");
            v = value_null();
        }
    }
    return v;
}

/* ---- putting it together ---- */

static Value convert(Formatter *f, Value v, uint32_t conversion) {
    Str *s;
    Buf b;
    switch (conversion) {
    case 0: return v;
    case 's': return value_obj(value_text_str(f->c, v));
    case 'r': return value_obj(value_repr_str(f->c, v));
    case 'a':
        s = value_repr_str(f->c, v);
        buf_init(&b, &f->c->mem);
        if (s) str_escape(&b, s);
        return value_obj(str_take(f->c, &b));
    default:
        return value_raise(f->c, ValueError,
                           conversion > 32 && conversion < 127
                               ? "Unknown conversion specifier %c"
                               : "Unknown conversion specifier \\x%x",
                           (int)conversion);
    }
}

static bool put_text(Formatter *f, Buf *out, Span in, int nesting);

/* The spec of a field, its own fields replaced; NULL on error. */
static const Str *expanded_spec(Formatter *f, const Field *field, int nesting) {
    if (!field->nested) return span_str(f, field->spec);
    Buf b;
    buf_init(&b, &f->c->mem);
    put_text(f, &b, field->spec, nesting + 1);
    return str_take(f->c, &b);
}

static bool put_field(Formatter *f, Buf *out, const Field *field, int nesting) {
    size_t mark = pool_mark(f->c);
    Value v = field_value(f, field->name);
    if (!value_is_null(v)) v = convert(f, v, field->conversion);
    const Str *spec = value_is_null(v) ? NULL : expanded_spec(f, field, nesting);
    if (spec) value_format(f->c, out, v, spec);
    pool_drain(f->c, mark);
    return !ctx_failed(f->c);
}

static bool put_text(Formatter *f, Buf *out, Span in, int nesting) {
    if (nesting >= MAX_NESTING) return refuse(f, "Max string recursion exceeded");
    for (;;) {
        Field field;
        int more = copy_literal(f, &in, out);
        if (more <= 0) return more == 0;
        if (!read_field(f, &in, &field) || !put_field(f, out, &field, nesting))
            return false;
        if (out->failed) return error_raise(f->c, MemoryError, "%s", "");
    }
}

static Value format(Formatter *f, const Str *s) {
    Buf out;
    buf_init(&out, &f->c->mem);
    put_text(f, &out, (Span){s->data, s->data + s->len}, 0);
    return value_obj(str_take(f->c, &out));
}

Value str_format(Ctx *c, Value self, const Args *args) {
    Formatter f = {.c = c, .args = args};
    return format(&f, value_str(self));
}

Value str_format_map(Ctx *c, Value self, const Args *args) {
    Formatter f = {.c = c, .mapping = args->pos[0]};
    return format(&f, value_str(self));
}
