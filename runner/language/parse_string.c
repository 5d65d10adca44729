/* String literals: escapes, implicit joining, f-strings.
 *
 * An f-string is read as Python 3.11 reads it: the token ends at its quote, the end of
 * each replacement field is then found by scanning, and the text of the field is
 * parsed as an expression in parentheses.
 */
#include "runner/language/parser.h"

#include <stdio.h>
#include <string.h>

enum { MAX_FIELD_BRACKETS = 200, MAX_SPEC_DEPTH = 2 };

/* ---- escapes ---- */

/* A stretch of literal text under way. */
typedef struct Decoding {
    Parser *p;
    const Token *t;
    const char *start, *end;
    Buf *b;
    bool noted; /* an invalid escape; Python tells the first one only */
} Decoding;

/* Python counts positions in a text where other characters than ASCII have become
 * escapes of ten bytes. */
static size_t decoder_position(const char *start, const char *at) {
    size_t n = 0;
    for (; start < at; start++) {
        unsigned char ch = (unsigned char)*start;
        n += ch < 0x80 ? 1 : ch >= 0xC0 ? 10 : 0;
    }
    return n;
}

/* [from, to) is the escape as far as it could be read. */
static void *fail_escape(const Decoding *d, const char *from, const char *to,
                         const char *message) {
    size_t first = decoder_position(d->start, from);
    return parser_fail_at(d->p, d->t->line, d->t->col,
                          "(unicode error) 'unicodeescape' codec can't decode bytes in "
                          "position %zu-%zu: %s",
                          first, first + (size_t)(to - from) - 1, message);
}

static int hex_value(char ch) {
    if (ch >= '0' && ch <= '9') return ch - '0';
    ch = (char)(ch | 0x20);
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* \x41 \u0041 \U00000041: `n` hex digits behind the letter at s. */
static const char *decode_hex(const Decoding *d, const char *s, int n) {
    const char *from = s - 1;
    uint32_t cp = 0;
    s++;
    for (int i = 0; i < n; i++, s++) {
        int digit = s < d->end ? hex_value(*s) : -1;
        if (digit < 0)
            return fail_escape(d, from, s,
                               n == 2   ? "truncated \\xXX escape"
                               : n == 4 ? "truncated \\uXXXX escape"
                                        : "truncated \\UXXXXXXXX escape");
        cp = cp << 4 | (uint32_t)digit;
    }
    char utf8[4];
    int len = utf8_write(cp, utf8);
    if (!len && cp > 0x10FFFF)
        return fail_escape(d, from, s, "illegal Unicode character");
    if (!len) return parser_refuse(d->p, d->t, "a lone surrogate");
    buf_add(d->b, utf8, (size_t)len);
    return s;
}

/* n bytes at s are no escape, or will not be one for long. */
static bool note_escape(Decoding *d, const char *what, const char *s, size_t n) {
    if (d->noted) return true;
    d->noted = true;
    char quoted[16];
    snprintf(quoted, sizeof quoted, "'\\%.*s'", (int)n, s);
    return parser_note(d->p, "DeprecationWarning", d->t, what, quoted);
}

static const char *decode_octal(Decoding *d, const char *s) {
    const char *from = s;
    uint32_t cp = 0;
    for (int i = 0; i < 3 && s < d->end && *s >= '0' && *s <= '7'; i++)
        cp = cp << 3 | (uint32_t)(*s++ - '0');
    if (cp > 0377 && !note_escape(d, "invalid octal escape sequence ", from, 3))
        return NULL;
    char utf8[4];
    int len = utf8_write(cp, utf8);
    buf_add(d->b, utf8, (size_t)len);
    return s;
}

/* A backslash before anything else stays. */
static const char *decode_nothing(Decoding *d, const char *s) {
    uint32_t cp;
    int n = utf8_decode(s, (size_t)(d->end - s), &cp);
    if (!note_escape(d, "invalid escape sequence ", s, (size_t)n)) return NULL;
    buf_putc(d->b, '\\');
    return s;
}

/* The escape whose letter is at s; what is behind it. NULL on an error. */
static const char *decode_escape(Decoding *d, const char *s) {
    static const char letters[] = "\\'\"abfnrtv", meanings[] = "\\'\"\a\b\f\n\r\t\v";
    char ch = *s;
    const char *simple = ch ? strchr(letters, ch) : NULL;
    if (simple) {
        buf_putc(d->b, meanings[simple - letters]);
        return s + 1;
    }
    if (ch >= '0' && ch <= '7') return decode_octal(d, s);
    switch (ch) {
    case '\n': return s + 1;
    case 'x': return decode_hex(d, s, 2);
    case 'u': return decode_hex(d, s, 4);
    case 'U': return decode_hex(d, s, 8);
    case 'N': return parser_refuse(d->p, d->t, "the escape \\N{...}");
    default: return decode_nothing(d, s);
    }
}

/* Adds the bytes [s, end) of a string to b, escapes decoded unless raw. */
static bool string_decode(Parser *p, const Token *t, const char *s, const char *end,
                          bool raw, Buf *b) {
    Decoding d = {p, t, s, end, b, false};
    while (s && s < end) {
        const char *stop = raw ? NULL : memchr(s, '\\', (size_t)(end - s));
        if (!stop) stop = end;
        buf_add(b, s, (size_t)(stop - s));
        s = stop;
        if (s == end) break;
        if (s + 1 == end) buf_putc(b, '\\'); /* before a field of an f-string */
        s = s + 1 < end ? decode_escape(&d, s + 1) : end;
    }
    return s;
}

/* ---- f-strings ---- */

/* The parts found so far; literal text waits in `text` until a field follows. */
typedef struct FString {
    Parser *p;
    const Token *t; /* the string token under way */
    Buf *text;
    bool raw;
} FString;

static bool push_part(Parser *p, const FStringPart *part) {
    return scratch_push(p, part, sizeof *part);
}

static bool flush_literal(FString *f) {
    if (f->text->failed) return error_raise(f->p->c, MemoryError, "%s", "");
    if (f->text->len == 0) return true;
    FStringPart part = {0};
    part.literal = symbols_intern(f->p->names.symbols, f->text->data, f->text->len);
    buf_clear(f->text);
    return part.literal && push_part(f->p, &part);
}

/* An error at a byte of the token; the message continues "f-string". */
static void *fail_inside(FString *f, const char *at, const char *message) {
    Cursor place = cursor_at_token(f->p->text, f->t);
    cursor_move(&place, at);
    return parser_fail_at(f->p, place.line, place.col, "f-string%s", message);
}

static void *fail_bracket(FString *f, const char *at, const char *before, char ch,
                          const char *after, char other) {
    char message[96] = {0};
    Buf b;
    buf_init(&b, &f->p->c->mem);
    buf_printf(&b, "%s'%c'%s", before, ch, after);
    if (other) buf_printf(&b, "'%c'", other);
    size_t n = b.len < sizeof message - 1 ? b.len : sizeof message - 1;
    memcpy(message, buf_text(&b), n);
    buf_free(&b);
    return fail_inside(f, at, message);
}

/* Where a replacement field's expression ends: at its `!`, `:`, `=` or `}`. */
typedef struct FieldScan {
    char open[MAX_FIELD_BRACKETS];
    int depth;
    char quote; /* of the string it is in, 0 when in none */
    int quotes;
} FieldScan;

static const char *scan_quote(FieldScan *scan, const char *s, const char *end) {
    char ch = *s;
    bool triple = end - s >= 3 && s[1] == ch && s[2] == ch;
    if (scan->quote) {
        if (ch != scan->quote || (scan->quotes == 3 && !triple)) return s + 1;
        scan->quote = 0;
        return s + scan->quotes;
    }
    scan->quote = ch;
    scan->quotes = triple ? 3 : 1;
    return s + scan->quotes;
}

static bool scan_close(FString *f, FieldScan *scan, const char *s) {
    if (scan->depth == 0) return fail_bracket(f, s, ": unmatched ", *s, "", 0);
    char open = scan->open[--scan->depth];
    if ((open == '(' && *s == ')') || (open == '[' && *s == ']') ||
        (open == '{' && *s == '}'))
        return true;
    return fail_bracket(f, s, ": closing parenthesis ", *s,
                        " does not match opening parenthesis ", open);
}

static bool scan_open(FString *f, FieldScan *scan, const char *s) {
    if (scan->depth == MAX_FIELD_BRACKETS)
        return fail_inside(f, s, ": too many nested parenthesis");
    scan->open[scan->depth++] = *s;
    return true;
}

/* Whether the expression ends at s, outside brackets. `==`, `!=`, `<=`, `>=` are
 * stepped over as a whole. */
static bool ends_field(const char **s, const char *end) {
    char ch = **s;
    bool compare = ch == '!' || ch == '=' || ch == '<' || ch == '>';
    if (compare && end - *s > 1 && (*s)[1] == '=') {
        *s += 2;
        return false;
    }
    if (ch == '!' || ch == ':' || ch == '}' || ch == '=') return true;
    ++*s;
    return false;
}

static const char *scan_char(FString *f, FieldScan *scan, const char *s,
                             const char *end, bool *ended) {
    char ch = *s;
    if (ch == '\\')
        return fail_inside(f, s, " expression part cannot include a backslash");
    if (ch == '\'' || ch == '"') return scan_quote(scan, s, end);
    if (scan->quote) return s + 1;
    if (ch == '(' || ch == '[' || ch == '{')
        return scan_open(f, scan, s) ? s + 1 : NULL;
    if (ch == '#') return fail_inside(f, s, " expression part cannot include '#'");
    bool outside = scan->depth == 0;
    if (outside && strchr("!:}=<>", ch)) {
        *ended = ends_field(&s, end);
        return s;
    }
    if (ch == ')' || ch == ']' || ch == '}')
        return scan_close(f, scan, s) ? s + 1 : NULL;
    return s + 1;
}

/* The end of the expression that begins at s, NULL on an error. */
static const char *scan_field(FString *f, const char *s, const char *end) {
    FieldScan scan = {.depth = 0};
    bool ended = false;
    while (s && s < end && !ended) s = scan_char(f, &scan, s, end, &ended);
    if (!s) return NULL;
    if (scan.quote) return fail_inside(f, s, ": unterminated string");
    if (scan.depth)
        return fail_bracket(f, s, ": unmatched ", scan.open[scan.depth - 1], "", 0);
    if (!ended) return fail_inside(f, s, ": expecting '}'");
    return s;
}

/* Parses [s, end) as the inside of parentheses. */
static Expr *parse_field_tokens(Parser *p, const TokenList *list) {
    const Token *tokens = p->tokens;
    uint32_t at = p->at, from = p->operand_from, to = p->operand_to, first = p->first;
    p->tokens = list->items;
    p->at = p->operand_from = p->operand_to = p->first = 0;
    p->fstring++;
    Expr *x = parser_enter(p) ? parse_group(p, &p->tokens[0], T_END) : NULL;
    if (x && parser_kind(p) != T_END) x = parser_fail(p);
    if (x) parser_leave(p);
    p->fstring--;
    p->tokens = tokens;
    p->at = at;
    p->operand_from = from;
    p->operand_to = to;
    p->first = first;
    return x;
}

static bool is_blank(const char *s, const char *end) {
    while (s < end && strchr(" \t\n\r\f", *s)) s++;
    return s == end;
}

static void *fail_empty(FString *f, const char *at, char next) {
    if (next == '}') return fail_inside(f, at, ": empty expression not allowed");
    return fail_bracket(f, at, ": expression required before ", next, "", 0);
}

static Expr *parse_field_expr(FString *f, const char *s, const char *end) {
    Parser *p = f->p;
    if (is_blank(s, end)) return fail_empty(f, s, *end);
    Cursor place = cursor_at_token(p->text, f->t);
    cursor_move(&place, s);
    TokenList list;
    tokens_init(&list, p->c);
    Expr *x = NULL;
    if (tokenize_inner(&list, place, end, p->e)) {
        cursor_move(&place, end);
        Token last = {.kind = T_END,
                      .line = place.line,
                      .col = place.col,
                      .span = place.span,
                      .text = end};
        if (tokens_push(&list, last)) x = parse_field_tokens(p, &list);
    }
    tokens_free(&list);
    return x;
}

static const char *parse_parts(FString *f, const char *s, const char *end, int depth);

static FStringExpr *take_parts(Parser *p, const Token *t, size_t mark) {
    FStringExpr *x = expr_new(p, E_FSTRING, sizeof *x, t);
    if (!x) return NULL;
    x->parts = scratch_take(p, mark, sizeof(FStringPart), &x->n);
    return x->parts ? x : NULL;
}

/* `:spec` up to its `}`. */
static const char *parse_spec(FString *f, const char *s, const char *end, int depth,
                              FStringExpr **out) {
    size_t mark = f->p->scratch_n;
    Buf text, *outer = f->text;
    buf_init(&text, &f->p->c->mem);
    f->text = &text;
    s = parse_parts(f, s, end, depth + 1);
    if (s && !flush_literal(f)) s = NULL;
    f->text = outer;
    buf_free(&text);
    if (!s) return NULL;
    *out = take_parts(f->p, f->t, mark);
    return *out ? s : NULL;
}

/* `=`: the text of the field up to here is shown before its value. */
static const char *parse_debug(FString *f, const char *from, const char *s,
                               const char *end) {
    s++;
    while (s < end && strchr(" \t\n\r\f", *s)) s++;
    buf_add(f->text, from, (size_t)(s - from));
    return s;
}

static const char *parse_conversion(FString *f, const char *s, const char *end,
                                    FStringPart *part) {
    if (++s >= end) return fail_inside(f, s, ": expecting '}'");
    if (*s != 'r' && *s != 's' && *s != 'a')
        return fail_inside(f, s,
                           ": invalid conversion character: expected 's', 'r', or 'a'");
    part->conversion = *s;
    return s + 1;
}

/* A replacement field; s is behind its `{`, the result behind its `}`. */
static const char *parse_field(FString *f, const char *s, const char *end, int depth) {
    if (depth >= MAX_SPEC_DEPTH)
        return fail_inside(f, s, ": expressions nested too deeply");
    FStringPart part = {0};
    const char *from = s;
    s = scan_field(f, s, end);
    if (!s) return NULL;
    part.value = parse_field_expr(f, from, s);
    if (!part.value) return NULL;
    bool debug = *s == '=';
    if (debug) s = parse_debug(f, from, s, end);
    if (!flush_literal(f)) return NULL;
    if (s < end && *s == '!' && !(s = parse_conversion(f, s, end, &part))) return NULL;
    if (s < end && *s == ':' && !(s = parse_spec(f, s + 1, end, depth, &part.spec)))
        return NULL;
    if (s >= end || *s != '}') return fail_inside(f, s, ": expecting '}'");
    if (debug && !part.conversion && !part.spec) part.conversion = 'r';
    return push_part(f->p, &part) ? s + 1 : NULL;
}

/* The end of the literal text at s: a brace, or the end. */
static const char *literal_end(const FString *f, const char *s, const char *end) {
    while (s < end && *s != '{' && *s != '}') {
        bool escape = !f->raw && *s == '\\' && s + 1 < end;
        s += escape && s[1] != '{' && s[1] != '}' ? 2 : 1;
    }
    return s < end ? s : end;
}

/* Literal text and fields in turn. In a spec (depth > 0) a `}` ends it, at the result;
 * else the result is `end`. */
static const char *parse_parts(FString *f, const char *s, const char *end, int depth) {
    while (s && s < end) {
        const char *stop = literal_end(f, s, end);
        if (!string_decode(f->p, f->t, s, stop, f->raw, f->text)) return NULL;
        s = stop;
        if (s == end || (depth > 0 && *s == '}')) return s;
        if (depth == 0 && s + 1 < end && s[1] == *s) {
            buf_putc(f->text, *s);
            s += 2;
        } else if (*s == '}') {
            return fail_inside(f, s, ": single '}' is not allowed");
        } else {
            s = parse_field(f, s + 1, end, depth);
        }
    }
    return s;
}

/* ---- literals ---- */

/* Reads one string token into f; *is_f when it is an f-string. */
static bool parse_string_token(FString *f, bool *is_f) {
    const char *s = f->t->text, *end = s + f->t->len;
    bool formatted = false;
    f->raw = false;
    for (; *s != '\'' && *s != '"'; s++) {
        f->raw |= (*s | 0x20) == 'r';
        formatted |= (*s | 0x20) == 'f';
    }
    int quotes = end - s >= 6 && s[1] == *s && s[2] == *s ? 3 : 1;
    s += quotes;
    end -= quotes;
    *is_f |= formatted;
    if (formatted) return parse_parts(f, s, end, 0);
    return string_decode(f->p, f->t, s, end, f->raw, f->text);
}

static Expr *make_string(Parser *p, const Token *t, const Buf *text) {
    if (text->failed) return error_raise(p->c, MemoryError, "%s", "");
    ConstantExpr *x = expr_new(p, E_CONSTANT, sizeof *x, t);
    if (!x) return NULL;
    x->value = value_obj(symbols_intern(p->names.symbols, buf_text(text), text->len));
    return value_is_null(x->value) ? NULL : &x->head;
}

static Expr *finish_strings(FString *f, const Token *t, size_t mark, bool is_f) {
    if (!is_f) return make_string(f->p, t, f->text);
    if (!flush_literal(f)) return NULL;
    FStringExpr *x = take_parts(f->p, t, mark);
    return x ? &x->head : NULL;
}

Expr *parse_strings(Parser *p) {
    const Token *t = parser_token(p);
    size_t mark = p->scratch_n;
    Buf text;
    buf_init(&text, &p->c->mem);
    FString f = {.p = p, .text = &text};
    bool ok = true, is_f = false;
    while (ok && parser_kind(p) == T_STRING) {
        f.t = parser_token(p);
        ok = parse_string_token(&f, &is_f);
        p->at++;
    }
    Expr *x = ok ? finish_strings(&f, t, mark, is_f) : NULL;
    buf_free(&text);
    return x;
}
