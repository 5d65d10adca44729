/* token: text cut into tokens.
 *
 * A token keeps its bytes (they stay in the text) and its place in the file.  Newlines
 * within brackets are no tokens; indentation gives INDENT and DEDENT as in Python.
 * Where brackets are still open at the end, the list ends with T_UNCLOSED, whose text
 * is the innermost open bracket: the parser decides whether an earlier mistake is the
 * better thing to say.
 */
#ifndef RUNNER_TOKEN_H
#define RUNNER_TOKEN_H

#include "runner/language/parse.h"

/* X(id, text), grouped by first character, longest first within a group. */
#define TOKEN_OPERATORS(X)                                                             \
    X(NOT_EQUAL, "!=")                                                                 \
    X(EXCLAMATION, "!")                                                                \
    X(PERCENT_EQUAL, "%=")                                                             \
    X(PERCENT, "%")                                                                    \
    X(AMPER_EQUAL, "&=")                                                               \
    X(AMPER, "&")                                                                      \
    X(LPAREN, "(")                                                                     \
    X(RPAREN, ")")                                                                     \
    X(POW_EQUAL, "**=")                                                                \
    X(POW, "**")                                                                       \
    X(STAR_EQUAL, "*=")                                                                \
    X(STAR, "*")                                                                       \
    X(PLUS_EQUAL, "+=")                                                                \
    X(PLUS, "+")                                                                       \
    X(COMMA, ",")                                                                      \
    X(MINUS_EQUAL, "-=")                                                               \
    X(ARROW, "->")                                                                     \
    X(MINUS, "-")                                                                      \
    X(ELLIPSIS, "...")                                                                 \
    X(DOT, ".")                                                                        \
    X(FLOORDIV_EQUAL, "//=")                                                           \
    X(FLOORDIV, "//")                                                                  \
    X(SLASH_EQUAL, "/=")                                                               \
    X(SLASH, "/")                                                                      \
    X(WALRUS, ":=")                                                                    \
    X(COLON, ":")                                                                      \
    X(SEMICOLON, ";")                                                                  \
    X(LSHIFT_EQUAL, "<<=")                                                             \
    X(LSHIFT, "<<")                                                                    \
    X(LESS_EQUAL, "<=")                                                                \
    X(LESS, "<")                                                                       \
    X(EQUAL_EQUAL, "==")                                                               \
    X(EQUAL, "=")                                                                      \
    X(RSHIFT_EQUAL, ">>=")                                                             \
    X(RSHIFT, ">>")                                                                    \
    X(GREATER_EQUAL, ">=")                                                             \
    X(GREATER, ">")                                                                    \
    X(AT_EQUAL, "@=")                                                                  \
    X(AT, "@")                                                                         \
    X(LBRACKET, "[")                                                                   \
    X(RBRACKET, "]")                                                                   \
    X(CARET_EQUAL, "^=")                                                               \
    X(CARET, "^")                                                                      \
    X(LBRACE, "{")                                                                     \
    X(PIPE_EQUAL, "|=")                                                                \
    X(PIPE, "|")                                                                       \
    X(RBRACE, "}")                                                                     \
    X(TILDE, "~")

/* X(id, text), grouped by first character. */
#define TOKEN_KEYWORDS(X)                                                              \
    X(FALSE, "False")                                                                  \
    X(NONE, "None")                                                                    \
    X(TRUE, "True")                                                                    \
    X(KW_AND, "and")                                                                   \
    X(AS, "as")                                                                        \
    X(ASSERT, "assert")                                                                \
    X(ASYNC, "async")                                                                  \
    X(AWAIT, "await")                                                                  \
    X(BREAK, "break")                                                                  \
    X(CLASS, "class")                                                                  \
    X(CONTINUE, "continue")                                                            \
    X(DEF, "def")                                                                      \
    X(DEL, "del")                                                                      \
    X(ELIF, "elif")                                                                    \
    X(ELSE, "else")                                                                    \
    X(EXCEPT, "except")                                                                \
    X(FINALLY, "finally")                                                              \
    X(FOR, "for")                                                                      \
    X(FROM, "from")                                                                    \
    X(GLOBAL, "global")                                                                \
    X(IF, "if")                                                                        \
    X(IMPORT, "import")                                                                \
    X(IN, "in")                                                                        \
    X(IS, "is")                                                                        \
    X(LAMBDA, "lambda")                                                                \
    X(NONLOCAL, "nonlocal")                                                            \
    X(NOT, "not")                                                                      \
    X(OR, "or")                                                                        \
    X(PASS, "pass")                                                                    \
    X(RAISE, "raise")                                                                  \
    X(RETURN, "return")                                                                \
    X(TRY, "try")                                                                      \
    X(WHILE, "while")                                                                  \
    X(WITH, "with")                                                                    \
    X(YIELD, "yield")

typedef enum TokenKind {
    T_END,
    T_UNCLOSED,
    T_NEWLINE,
    T_INDENT,
    T_DEDENT,
    T_BODY, /* the lines of a function's body, uncut: tokenize_outline */
    T_NAME,
    T_NUMBER,
    T_STRING,  /* prefix and quotes are part of it */
    T_UNKNOWN, /* a character that begins no token: $ ? ` */
#define X(id, text) T_##id,
    TOKEN_OPERATORS(X) TOKEN_KEYWORDS(X)
#undef X
        TOKEN_KIND_COUNT
} TokenKind;

typedef struct Token {
    uint8_t kind;  /* TokenKind */
    uint8_t level; /* brackets open after it */
    uint32_t len;
    uint32_t line, col;
    uint32_t span; /* of the text's spans, the one it begins in */
    const char *text;
} Token;

typedef struct TokenList {
    Ctx *ctx;
    Token *items;
    uint32_t n, cap;
} TokenList;

void tokens_init(TokenList *l, Ctx *c);
void tokens_free(TokenList *l);
/* Makes room for `cap` tokens in all. */
bool tokens_reserve(TokenList *l, uint32_t cap);
/* The next token, to be filled in; NULL when memory is short. */
static inline Token *tokens_add(TokenList *l) {
    if (l->n == l->cap && !tokens_reserve(l, l->cap ? l->cap * 2 : 64)) return NULL;
    return &l->items[l->n++];
}
static inline bool tokens_push(TokenList *l, Token t) {
    Token *at = tokens_add(l);
    if (at) *at = t;
    return at;
}

/* A text and where it stands: valid UTF-8, followed by a NUL; outlives the tokens. */
typedef struct Text {
    const char *bytes;
    size_t len;
    const TextSpan *spans;
    uint32_t n_spans;
} Text;

/* A point in a text; it moves forward only. */
typedef struct Cursor {
    const Text *text;
    const char *at;
    uint32_t line, col; /* of `at` */
    uint32_t span;
    const char *next_span; /* where the next span begins; NULL: it is the last one */
} Cursor;

Cursor cursor_start(const Text *text);
Cursor cursor_at_token(const Text *text, const Token *t);
/* Takes up the spans that begin at or before the cursor. */
void cursor_enter_spans(Cursor *p);
/* One byte on, counting lines and columns. */
static inline void cursor_step(Cursor *p) {
    if (*p->at++ == '\n') {
        p->line++;
        p->col = 1;
    } else {
        /* A character counts where its last byte has passed. */
        p->col += ((unsigned char)*p->at & 0xC0) != 0x80;
    }
    if (p->at == p->next_span) cursor_enter_spans(p);
}
/* Moves to `to`. */
void cursor_move(Cursor *p, const char *to);
/* n bytes on, all of them ASCII and none a newline: at once where no span begins. */
static inline void cursor_skip(Cursor *p, size_t n) {
    if (p->next_span && (size_t)(p->next_span - p->at) <= n) {
        cursor_move(p, p->at + n);
    } else {
        p->at += n;
        p->col += (uint32_t)n;
    }
}

/* Adds the tokens of [from, end), without a T_END: after a last statement there is a
 * T_NEWLINE, and every T_INDENT has its T_DEDENT. False on an error. */
bool tokenize(TokenList *out, Cursor from, const char *end, ParseError *e);
/* The same of a source whose bodies are left for later: the lines behind the header of
 * a def become one T_BODY, which stands for the header's T_NEWLINE as well. Indented
 * with spaces, and no line of a body, be it in a string or in brackets, begins at the
 * column of its def or before. */
bool tokenize_outline(TokenList *out, Cursor from, const char *end, ParseError *e);
/* Adds the tokens of [from, end), an expression in brackets: no newlines, no
 * indentation. An f-string's replacement fields are read so. */
bool tokenize_inner(TokenList *out, Cursor from, const char *end, ParseError *e);

/* "'=='", "'if'"; "NAME" and the like for the others. */
const char *token_kind_text(TokenKind kind);

/* Fills *e unless it says something already; always false. */
bool parse_error(ParseError *e, uint32_t line, uint32_t col, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Adds a hint to an error that has none. */
void parse_hint(ParseError *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
