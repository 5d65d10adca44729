/* Cuts text into tokens (token.h). Messages and their places are those of Python's
 * tokenizer; one left bracket too many is left to the parser to tell. */
#include "runner/language/token.h"

#include <string.h>

enum { MAX_BRACKETS = 200, MAX_INDENT = 100, TAB = 8 };

typedef struct Lexer {
    Cursor p;
    const char *end;
    TokenList *out;
    ParseError *e;
    Token brackets[MAX_BRACKETS]; /* those open */
    uint32_t level;
    uint32_t base; /* brackets assumed open from the start */
    int indents[MAX_INDENT], alt_indents[MAX_INDENT]; /* tabs as 8 and as 1 */
    int depth;
    bool line_start;
    bool outline;        /* bodies of functions are passed over */
    uint32_t line_first; /* the token that the line under way begins with */
} Lexer;

static bool fail(Lexer *x, const Cursor *at, const char *message) {
    return parse_error(x->e, at->line, at->col, "%s", message);
}

static char peek(const Lexer *x, size_t ahead) {
    return (size_t)(x->end - x->p.at) > ahead ? x->p.at[ahead] : '\0';
}

static bool emit(Lexer *x, TokenKind kind, const Cursor *from) {
    Token *t = tokens_add(x->out);
    if (!t) return false;
    *t = (Token){.kind = (uint8_t)kind,
                 .level = (uint8_t)(x->level + x->base),
                 .len = (uint32_t)(x->p.at - from->at),
                 .line = from->line,
                 .col = from->col,
                 .span = from->span,
                 .text = from->at};
    return true;
}

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

static bool is_name_start(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' ||
           (unsigned char)ch >= 0x80;
}

static bool is_name_char(char ch) {
    return is_name_start(ch) || is_digit(ch);
}

/* ---- runs of bytes that are passed at once: ASCII on one line ---- */

enum { IN_NAME = 1, IN_STRING = 2, IN_COMMENT = 4, BLANK = 8 };
enum {
    P = IN_STRING | IN_COMMENT,
    W = P | IN_NAME,
    B = P | BLANK,
    Q = IN_COMMENT /* a quote or a backslash */
};
static const uint8_t classes[256] = {
    P, P, P, P, P, P, P, P, P, P, 0, P, P, P, P, P, /* \n */
    P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, /**/
    B, P, Q, P, P, P, P, Q, P, P, P, P, P, P, P, P, /*   ! " # $ % & ' */
    W, W, W, W, W, W, W, W, W, W, P, P, P, P, P, P, /* 0 */
    P, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* @ A */
    W, W, W, W, W, W, W, W, W, W, W, P, Q, P, P, W, /* P, [ \ ] ^ _ */
    P, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* ` a */
    W, W, W, W, W, W, W, W, W, W, W, P, P, P, P, P, /* p, { | } ~ */
};

static inline void skip_run(Lexer *x, unsigned class) {
    const char *at = x->p.at;
    while (at < x->end && classes[(unsigned char)*at] & class) at++;
    cursor_skip(&x->p, (size_t)(at - x->p.at));
}

/* ---- names ---- */

/* Characters beyond ASCII that cannot stand in a name: punctuation, symbols, spaces,
 * what people paste by mistake. All others are taken for letters. */
static bool is_symbol(uint32_t cp) {
    static const uint32_t ranges[][2] = {
        {0x80, 0xA9},       {0xAB, 0xB4},       {0xB6, 0xB6},       {0xB8, 0xB9},
        {0xBB, 0xBF},       {0xD7, 0xD7},       {0xF7, 0xF7},       {0x37E, 0x37E},
        {0x1680, 0x1680},   {0x2000, 0x203E},   {0x2041, 0x2053},   {0x2055, 0x2070},
        {0x2074, 0x207E},   {0x2080, 0x208F},   {0x20A0, 0x20CF},   {0x2140, 0x2144},
        {0x2190, 0x2BFF},   {0x2E00, 0x2E7F},   {0x3000, 0x3004},   {0x3008, 0x3020},
        {0x3030, 0x3030},   {0xE000, 0xF8FF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE32},
        {0xFE35, 0xFE4C},   {0xFE50, 0xFE6F},   {0xFEFF, 0xFEFF},   {0xFF01, 0xFF0F},
        {0xFF1A, 0xFF20},   {0xFF3B, 0xFF3E},   {0xFF40, 0xFF40},   {0xFF5B, 0xFF65},
        {0xFFE0, 0xFFFD},   {0x1D6C1, 0x1D6C1}, {0x1F000, 0x1FAFF}, {0xE0000, 0xE00FF},
        {0xE01F0, 0x10FFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1]) return true;
    return false;
}

static bool is_printable(uint32_t cp) {
    return cp > 0xA0 && cp != 0xAD && cp != 0x1680 && !(cp >= 0x2000 && cp <= 0x200F) &&
           !(cp >= 0x2028 && cp <= 0x202F) && !(cp >= 0x205F && cp <= 0x206F) &&
           cp != 0x3000 && !(cp >= 0xE000 && cp <= 0xF8FF) && cp != 0xFEFF &&
           cp < 0xE0000;
}

static bool check_character(Lexer *x, const Cursor *at) {
    uint32_t cp = 0;
    int n = utf8_decode(at->at, (size_t)(x->end - at->at), &cp);
    if (n == 0) return fail(x, at, "the text is not valid UTF-8");
    if (!is_symbol(cp)) return true;
    if (is_printable(cp))
        return parse_error(x->e, at->line, at->col, "invalid character '%.*s' (U+%04X)",
                           n, at->at, (unsigned)cp);
    return parse_error(x->e, at->line, at->col,
                       "invalid non-printable character U+%04X", (unsigned)cp);
}

typedef struct Word {
    char text[9];
    uint8_t len;
} Word;

/* The first row at or after ch, of a table in the order of first characters. */
static size_t first_row(const Word *words, size_t n, char ch) {
    size_t low = 0;
    while (n > 0) {
        size_t half = n / 2;
        bool before = words[low + half].text[0] < ch;
        if (before) low += half + 1;
        n = before ? n - half - 1 : half;
    }
    return low;
}

static const Word keywords[] = {
#define X(id, text) {text, sizeof text - 1},
    TOKEN_KEYWORDS(X)
#undef X
};

/* The letters that keywords begin with, a bit each. */
static uint32_t keyword_letters(void) {
#define X(id, text) | 1U << (text[0] & 31)
    return 0 TOKEN_KEYWORDS(X);
#undef X
}

static TokenKind name_kind(const char *s, size_t n) {
    enum { COUNT = sizeof keywords / sizeof *keywords };
    if (n < 2 || n > 8 || !(keyword_letters() >> (s[0] & 31) & 1)) return T_NAME;
    size_t i = first_row(keywords, COUNT, s[0]);
    for (; i < COUNT && keywords[i].text[0] == s[0]; i++)
        if (keywords[i].len == n && memcmp(keywords[i].text, s, n) == 0)
            return (TokenKind)(T_FALSE + i);
    return T_NAME;
}

static bool lex_name(Lexer *x) {
    Cursor from = x->p;
    skip_run(x, IN_NAME);
    while (x->p.at < x->end && is_name_char(*x->p.at)) {
        if ((unsigned char)*x->p.at >= 0xC0 || (unsigned char)*x->p.at < 0x80) {
            if ((unsigned char)*x->p.at >= 0x80 && !check_character(x, &x->p))
                return false;
        }
        cursor_step(&x->p);
    }
    return emit(x, name_kind(from.at, (size_t)(x->p.at - from.at)), &from);
}

/* ---- numbers ---- */

typedef bool (*DigitTest)(char);

static bool is_hex(char ch) {
    return is_digit(ch) || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F');
}

static bool is_octal(char ch) {
    return ch >= '0' && ch <= '7';
}

static bool is_binary(char ch) {
    return ch == '0' || ch == '1';
}

/* The error of a number's last character, which is where Python points. */
static bool number_error(Lexer *x, uint32_t back, const char *kind) {
    return parse_error(x->e, x->p.line, x->p.col - back, "invalid %s literal", kind);
}

/* Digits with single underscores between them; `need` at least one. */
static bool digits(Lexer *x, DigitTest test, const char *kind) {
    for (;;) {
        while (x->p.at < x->end && test(*x->p.at)) cursor_step(&x->p);
        if (peek(x, 0) != '_') return true;
        cursor_step(&x->p);
        if (!test(peek(x, 0))) return number_error(x, 1, kind);
    }
}

static bool starts_word(const Lexer *x, const char *word) {
    size_t n = strlen(word);
    if ((size_t)(x->end - x->p.at) < n || memcmp(x->p.at, word, n) != 0) return false;
    return !is_name_char(peek(x, n));
}

/* A number may be followed at once by a keyword that can follow an expression. */
static bool end_of_number(Lexer *x, const char *kind) {
    static const char *const words[] = {"and", "else", "for", "if",
                                        "in",  "is",   "not", "or"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (starts_word(x, words[i])) return true;
    return is_name_start(peek(x, 0)) ? number_error(x, 1, kind) : true;
}

static bool lex_radix(Lexer *x, DigitTest test, const char *kind) {
    cursor_step(&x->p);
    cursor_step(&x->p);
    if (peek(x, 0) == '_') cursor_step(&x->p);
    if (!test(peek(x, 0))) {
        if (is_digit(peek(x, 0)))
            return parse_error(x->e, x->p.line, x->p.col,
                               "invalid digit '%c' in %s literal", peek(x, 0), kind);
        return number_error(x, 1, kind);
    }
    if (!digits(x, test, kind)) return false;
    if (is_digit(peek(x, 0)))
        return parse_error(x->e, x->p.line, x->p.col,
                           "invalid digit '%c' in %s literal", peek(x, 0), kind);
    return end_of_number(x, kind);
}

/* What may follow the whole part: fraction, exponent. */
static bool lex_fraction(Lexer *x, bool *is_float) {
    if (peek(x, 0) == '.') {
        *is_float = true;
        cursor_step(&x->p);
        if (is_digit(peek(x, 0)) && !digits(x, is_digit, "decimal")) return false;
    }
    char ch = peek(x, 0), sign = peek(x, 1);
    if (ch != 'e' && ch != 'E') return true;
    bool has_sign = sign == '+' || sign == '-';
    if (!is_digit(peek(x, has_sign ? 2 : 1))) {
        /* `1else` ends before the e; so does a plain mistake, found by the caller. */
        if (!has_sign) return true;
        cursor_step(&x->p);
        return number_error(x, 0, "decimal");
    }
    *is_float = true;
    cursor_step(&x->p);
    if (has_sign) cursor_step(&x->p);
    return digits(x, is_digit, "decimal");
}

static bool check_leading_zeros(Lexer *x, const Cursor *from) {
    if (from->at[0] != '0') return true;
    for (const char *s = from->at; s < x->p.at; s++)
        if (*s != '0' && *s != '_')
            return fail(x, from,
                        "leading zeros in decimal integer literals are not permitted; "
                        "use an 0o prefix for octal integers");
    return true;
}

static bool lex_decimal(Lexer *x, const Cursor *from) {
    bool is_float = false;
    if (peek(x, 0) != '.' && !digits(x, is_digit, "decimal")) return false;
    if (!lex_fraction(x, &is_float)) return false;
    if ((peek(x, 0) | 0x20) == 'j') {
        cursor_step(&x->p);
        return end_of_number(x, "imaginary");
    }
    if (!is_float && !check_leading_zeros(x, from)) return false;
    return end_of_number(x, "decimal");
}

static bool lex_number(Lexer *x) {
    Cursor from = x->p;
    char next = (char)(peek(x, 1) | 0x20);
    bool ok;
    if (peek(x, 0) == '0' && next == 'x')
        ok = lex_radix(x, is_hex, "hexadecimal");
    else if (peek(x, 0) == '0' && next == 'o')
        ok = lex_radix(x, is_octal, "octal");
    else if (peek(x, 0) == '0' && next == 'b')
        ok = lex_radix(x, is_binary, "binary");
    else
        ok = lex_decimal(x, &from);
    return ok && emit(x, T_NUMBER, &from);
}

/* ---- strings ---- */

/* Length of a string prefix at the cursor, -1 when what stands there is no string. */
static int string_prefix(const Lexer *x) {
    bool r = false, u = false, f = false, b = false;
    for (int i = 0;; i++) {
        char ch = peek(x, (size_t)i), low = (char)(ch | 0x20);
        if (ch == '"' || ch == '\'') return i;
        if (low == 'r' && !r && !u)
            r = true;
        else if (low == 'u' && i == 0)
            u = true;
        else if (low == 'f' && !f && !u && !b)
            f = true;
        else if (low == 'b' && !b && !u && !f)
            b = true;
        else
            return -1;
    }
}

static bool unterminated(Lexer *x, const Cursor *from, bool triple) {
    return parse_error(x->e, from->line, from->col,
                       triple
                           ? "unterminated triple-quoted string literal (detected at "
                             "line %u)"
                           : "unterminated string literal (detected at line %u)",
                       (unsigned)x->p.line);
}

static bool lex_string(Lexer *x, int prefix) {
    Cursor from = x->p;
    for (int i = 0; i < prefix; i++) {
        if ((peek(x, 0) | 0x20) == 'b')
            return fail(x, &from, "bytes literals are left out of the notation");
        cursor_step(&x->p);
    }
    char quote = peek(x, 0);
    int need = peek(x, 1) == quote && peek(x, 2) == quote ? 3 : 1, seen = 0;
    if (need == 1 && peek(x, 1) == quote) { /* empty */
        cursor_step(&x->p);
        cursor_step(&x->p);
        return emit(x, T_STRING, &from);
    }
    for (int i = 0; i < need; i++) cursor_step(&x->p);
    while (seen < need) {
        const char *before = x->p.at;
        skip_run(x, IN_STRING);
        if (x->p.at > before) seen = 0;
        if (x->p.at >= x->end) return unterminated(x, &from, need == 3);
        char ch = *x->p.at;
        if (ch == '\n' && need == 1) return unterminated(x, &from, false);
        seen = ch == quote ? seen + 1 : 0;
        cursor_step(&x->p);
        if (ch == '\\' && x->p.at < x->end) cursor_step(&x->p);
    }
    return emit(x, T_STRING, &from);
}

/* ---- operators and brackets ---- */

static const Word operators[] = {
#define X(id, text) {text, sizeof text - 1},
    TOKEN_OPERATORS(X)
#undef X
};

/* Those that begin no longer one, which are most. */
static TokenKind single_operator(char ch) {
    switch (ch) {
    case '(': return T_LPAREN;
    case ')': return T_RPAREN;
    case '[': return T_LBRACKET;
    case ']': return T_RBRACKET;
    case '{': return T_LBRACE;
    case '}': return T_RBRACE;
    case ',': return T_COMMA;
    default: return T_UNKNOWN;
    }
}

static TokenKind operator_at(const Lexer *x, size_t *len) {
    enum { COUNT = sizeof operators / sizeof *operators };
    *len = 1;
    TokenKind single = single_operator(*x->p.at);
    if (single != T_UNKNOWN) return single;
    size_t left = (size_t)(x->end - x->p.at);
    size_t i = first_row(operators, COUNT, *x->p.at);
    for (; i < COUNT && operators[i].text[0] == *x->p.at; i++) {
        const Word *op = &operators[i];
        if (op->len > left) continue;
        if (op->len > 1 && memcmp(x->p.at, op->text, op->len) != 0) continue;
        *len = op->len;
        return (TokenKind)(T_NOT_EQUAL + i);
    }
    return T_UNKNOWN;
}

static bool open_bracket(Lexer *x, TokenKind kind) {
    if (x->level + x->base >= MAX_BRACKETS)
        return fail(x, &x->p, "too many nested parentheses");
    x->brackets[x->level++] = (Token){.kind = (uint8_t)kind,
                                      .line = x->p.line,
                                      .col = x->p.col,
                                      .span = x->p.span,
                                      .len = 1,
                                      .text = x->p.at};
    return true;
}

static bool close_bracket(Lexer *x, TokenKind kind) {
    char ch = *x->p.at;
    if (x->level == 0)
        return parse_error(x->e, x->p.line, x->p.col, "unmatched '%c'", ch);
    const Token *open = &x->brackets[--x->level];
    TokenKind fits = kind == T_RPAREN     ? T_LPAREN
                     : kind == T_RBRACKET ? T_LBRACKET
                                          : T_LBRACE;
    if (open->kind == fits) return true;
    if (open->line != x->p.line)
        return parse_error(x->e, x->p.line, x->p.col,
                           "closing parenthesis '%c' does not match opening "
                           "parenthesis '%c' on line %u",
                           ch, open->text[0], (unsigned)open->line);
    return parse_error(
        x->e, x->p.line, x->p.col,
        "closing parenthesis '%c' does not match opening parenthesis '%c'", ch,
        open->text[0]);
}

static bool lex_operator(Lexer *x) {
    Cursor from = x->p;
    size_t len;
    TokenKind kind = operator_at(x, &len);
    bool opens = kind == T_LPAREN || kind == T_LBRACKET || kind == T_LBRACE;
    if (kind == T_RPAREN || kind == T_RBRACKET || kind == T_RBRACE)
        if (!close_bracket(x, kind)) return false;
    if (opens && !open_bracket(x, kind)) return false;
    cursor_move(&x->p, x->p.at + len);
    return emit(x, kind, &from);
}

/* ---- lines ---- */

static void skip_comment(Lexer *x) {
    skip_run(x, IN_COMMENT);
    while (x->p.at < x->end && *x->p.at != '\n') cursor_step(&x->p);
}

/* Blanks, comments and joined lines. */
static bool skip_blanks(Lexer *x) {
    for (;;) {
        char ch = peek(x, 0);
        if (x->p.at >= x->end) return true;
        if (ch == ' ') {
            skip_run(x, BLANK);
        } else if (ch == '\t' || ch == '\f' || ch == '\r') {
            cursor_step(&x->p);
        } else if (ch == '#') {
            skip_comment(x);
        } else if (ch == '\\') {
            cursor_step(&x->p);
            if (peek(x, 0) == '\r') cursor_step(&x->p);
            if (x->p.at >= x->end)
                return fail(x, &x->p, "unexpected EOF while parsing");
            if (peek(x, 0) != '\n')
                return fail(x, &x->p,
                            "unexpected character after line continuation character");
            cursor_step(&x->p);
        } else if (ch == '\n' && x->level + x->base > 0) {
            cursor_step(&x->p);
        } else {
            return true;
        }
    }
}

static bool push_indent(Lexer *x, int width, int alt) {
    if (x->depth + 1 >= MAX_INDENT)
        return fail(x, &x->p, "too many levels of indentation");
    x->depth++;
    x->indents[x->depth] = width;
    x->alt_indents[x->depth] = alt;
    return emit(x, T_INDENT, &x->p);
}

static bool pop_indents(Lexer *x, int width, int alt) {
    while (x->depth > 0 && width < x->indents[x->depth]) {
        x->depth--;
        if (!emit(x, T_DEDENT, &x->p)) return false;
    }
    if (width != x->indents[x->depth])
        return fail(x, &x->p, "unindent does not match any outer indentation level");
    if (alt != x->alt_indents[x->depth])
        return fail(x, &x->p, "inconsistent use of tabs and spaces in indentation");
    return true;
}

/* Measures the blanks at a line's start; lines with nothing on them do not count. */
static bool lex_indentation(Lexer *x) {
    const char *from = x->p.at;
    skip_run(x, BLANK);
    int width = (int)(x->p.at - from), alt = width;
    for (;;) {
        char ch = peek(x, 0);
        if (ch == ' ') {
            width++;
            alt++;
        } else if (ch == '\t') {
            width = (width / TAB + 1) * TAB;
            alt++;
        } else if (ch == '\f') {
            width = alt = 0;
        } else {
            break;
        }
        cursor_step(&x->p);
    }
    char ch = peek(x, 0);
    if (x->p.at >= x->end || ch == '\n' || ch == '#' || ch == '\r') return true;
    x->line_start = false;
    bool ok;
    if (width <= x->indents[x->depth])
        ok = pop_indents(x, width, alt);
    else if (alt <= x->alt_indents[x->depth])
        ok = fail(x, &x->p, "inconsistent use of tabs and spaces in indentation");
    else
        ok = push_indent(x, width, alt);
    x->line_first = x->out->n;
    return ok;
}

/* Whether the line that ends here is the header of a def with its body below. */
static bool ends_def(const Lexer *x) {
    const Token *items = x->out->items;
    return items[x->line_first].kind == T_DEF && items[x->out->n - 1].kind == T_COLON;
}

/* Whether a line is blank, or indented beyond `indent`. */
static bool in_body(const char *s, const char *end, int indent) {
    for (int i = 0; i <= indent; i++, s++)
        if (s == end || *s != ' ') return s == end || *s == '\n';
    return true;
}

/* Takes the lines of a body for one token. */
static bool lex_body(Lexer *x) {
    Cursor from = x->p;
    int indent = x->indents[x->depth];
    while (x->p.at < x->end && in_body(x->p.at, x->end, indent)) {
        const char *end = memchr(x->p.at, '\n', (size_t)(x->end - x->p.at));
        x->p.at = end ? end + 1 : x->end;
        x->p.line++;
    }
    return emit(x, T_BODY, &from);
}

static bool lex_newline(Lexer *x) {
    Cursor from = x->p;
    cursor_step(&x->p);
    if (x->line_start) return true;
    x->line_start = true;
    if (x->outline && ends_def(x)) return lex_body(x);
    return emit(x, T_NEWLINE, &from);
}

static bool lex_token(Lexer *x) {
    char ch = *x->p.at;
    if (ch == '\n') return lex_newline(x);
    if (ch == '\0') return fail(x, &x->p, "source code cannot contain null bytes");
    if (is_digit(ch) || (ch == '.' && is_digit(peek(x, 1)))) return lex_number(x);
    if (ch == '"' || ch == '\'') return lex_string(x, 0);
    if (is_name_start(ch)) {
        int prefix = string_prefix(x);
        return prefix >= 0 ? lex_string(x, prefix) : lex_name(x);
    }
    if ((unsigned char)ch < 0x20 || ch == 0x7F)
        return parse_error(x->e, x->p.line, x->p.col,
                           "invalid non-printable character U+%04X", (unsigned)ch);
    return lex_operator(x);
}

static bool lex_all(Lexer *x) {
    for (;;) {
        if (x->line_start && !lex_indentation(x)) return false;
        if (!skip_blanks(x)) return false;
        if (x->p.at >= x->end) return true;
        if (!lex_token(x)) return false;
    }
}

/* The innermost bracket still open, at its own place. */
static bool emit_unclosed(Lexer *x) {
    Token t = x->brackets[x->level - 1];
    t.kind = T_UNCLOSED;
    return tokens_push(x->out, t);
}

static void lexer_init(Lexer *x, TokenList *out, Cursor from, const char *end,
                       ParseError *e) {
    x->p = from;
    x->end = end;
    x->out = out;
    x->e = e;
    x->level = x->base = 0;
    x->depth = 0;
    x->indents[0] = x->alt_indents[0] = 0;
    x->line_start = false;
    x->outline = false;
    x->line_first = out->n;
}

static bool lex_lines(Lexer *x) {
    x->line_start = true;
    if (!lex_all(x)) return false;
    if (x->level) return emit_unclosed(x);
    if (!x->line_start && !emit(x, T_NEWLINE, &x->p)) return false;
    while (x->depth-- > 0)
        if (!emit(x, T_DEDENT, &x->p)) return false;
    return true;
}

bool tokenize(TokenList *out, Cursor from, const char *end, ParseError *e) {
    Lexer x;
    lexer_init(&x, out, from, end, e);
    return lex_lines(&x);
}

bool tokenize_outline(TokenList *out, Cursor from, const char *end, ParseError *e) {
    Lexer x;
    lexer_init(&x, out, from, end, e);
    x.outline = true;
    return lex_lines(&x);
}

bool tokenize_inner(TokenList *out, Cursor from, const char *end, ParseError *e) {
    Lexer x;
    lexer_init(&x, out, from, end, e);
    x.base = 1;
    if (!lex_all(&x)) return false;
    return x.level ? emit_unclosed(&x) : true;
}
