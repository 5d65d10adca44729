/* parser: what the files of the parser share (parse.h is what others see).
 *
 * One function for each grammar rule, named after Python's grammar.  A rule returns
 * its node, or NULL when it failed; then either p->e has a message or MemoryError is
 * pending, and every caller passes NULL on.  Recursion is counted (parser_enter).
 *
 * Lists grow on the scratch stack: a rule notes the mark, pushes items (inner rules
 * push and pop above it), and moves them to the arena at its end.
 */
#ifndef RUNNER_PARSER_H
#define RUNNER_PARSER_H

#include "runner/language/token.h"

enum { PARSER_MAX_DEPTH = 400, PARSER_MAX_TRAILERS = 900 };

typedef struct Parser {
    Ctx *c;
    Program *program;
    Arena *arena; /* the program's */
    Names names;
    ParseError *e;
    const Text *text;
    const Token *tokens; /* ends with T_END */
    uint32_t at;
    uint32_t first;        /* token the statement under way begins with */
    uint32_t depth;        /* rules under way that can nest */
    uint32_t trial;        /* > 0: attempts under way whose errors nobody sees */
    uint32_t fstring;      /* > 0: inside a replacement field */
    uint32_t operand_from; /* the last disjunction: [operand_from, operand_to) */
    uint32_t operand_to;
    ParseError deferred; /* reported when nothing else is wrong */
    bool in_cell;        /* one statement an operation: `;` is refused */
    char *scratch;
    size_t scratch_n, scratch_cap;
} Parser;

/* ---- tokens ---- */
static inline const Token *parser_token(const Parser *p) {
    return &p->tokens[p->at];
}
static inline TokenKind parser_kind(const Parser *p) {
    return (TokenKind)p->tokens[p->at].kind;
}
static inline TokenKind parser_next_kind(const Parser *p) {
    return parser_kind(p) == T_END ? T_END : (TokenKind)p->tokens[p->at + 1].kind;
}
/* Steps over a token of this kind, or stays and says false. */
static inline bool parser_accept(Parser *p, TokenKind kind) {
    if (parser_kind(p) != kind) return false;
    p->at++;
    return true;
}
/* The same, but "invalid syntax" when it is not there. */
bool parser_expect(Parser *p, TokenKind kind);
bool token_is(const Token *t, const char *text);

/* ---- errors: all return NULL ---- */
/* "invalid syntax" at the current token, or what is known to be behind it. */
void *parser_fail(Parser *p);
void *parser_fail_at(Parser *p, uint32_t line, uint32_t col, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void *parser_fail_token(Parser *p, const Token *t, const char *message);
/* "'(' was never closed" */
void *parser_fail_unclosed(Parser *p, const Token *open);
void *parser_fail_expr(Parser *p, const Expr *x, const char *message);
/* "<what> is left out of the notation" */
void *parser_refuse(Parser *p, const Token *t, const char *what);
/* Counts one more level of nesting; false (with an error) when it is too deep. Every
 * true is paired with parser_leave. */
bool parser_enter(Parser *p);
static inline void parser_leave(Parser *p) {
    p->depth--;
}

/* Notes what Python warns of; not during an attempt. */
bool parser_note(Parser *p, const char *category, const Token *t, const char *what,
                 const char *detail);

/* An attempt: begin, try a rule, then end; `keep` false goes back to where it began. */
typedef struct Attempt {
    ParseError unseen;
    ParseError *e;
    uint32_t at, depth, operand_from, operand_to;
    uint32_t reached; /* by attempt_end: the token it came to */
    size_t scratch;
} Attempt;
void attempt_begin(Parser *p, Attempt *a);
void attempt_end(Parser *p, Attempt *a, bool keep);

/* ---- making nodes ---- */
/* Zero-filled, placed at token t. */
void *expr_new(Parser *p, ExprKind kind, size_t size, const Token *t);
void *stmt_new(Parser *p, StmtKind kind, size_t size, const Token *t);
NameExpr *name_new(Parser *p, const Token *t);
Str *parser_intern(Parser *p, const Token *t);
bool scratch_push(Parser *p, const void *item, size_t size);
/* What was pushed since the mark goes to the arena; *n is the number of items. */
void *scratch_take(Parser *p, size_t mark, size_t size, uint32_t *n);

/* ---- expressions (parse_expr.c) ---- */
Expr *parse_star_expressions(Parser *p);
Expr *parse_star_expression(Parser *p);
Expr *parse_named(Parser *p);
Expr *make_named(Parser *p, Expr *target); /* the cursor is at its := */
Expr *parse_expr(Parser *p);
Expr *parse_disjunction(Parser *p);
Expr *parse_bitwise_or(Parser *p);
Expr *parse_for_target(Parser *p); /* and its `in` */
/* Whether this kind of token can begin an expression. */
bool starts_expr(TokenKind kind);

/* ---- atoms, displays, calls (parse_atom.c) ---- */
Expr *parse_atom(Parser *p);
Expr *parse_primary(Parser *p);
/* Behind '(' up to, not over, `close`: a group, a tuple or a generator. */
Expr *parse_group(Parser *p, const Token *open, TokenKind close);
bool parse_arguments(Parser *p, Arguments *out); /* behind '(' and over ')' */

/* ---- parameters (parse_params.c) ---- */
/* Up to, not over, `close`; annotations only when that is ')'. */
bool parse_params(Parser *p, TokenKind close, Params *out);

/* ---- literals (literal.c), strings (parse_string.c) ---- */
Expr *parse_number(Parser *p);
Expr *parse_strings(Parser *p); /* one or more string tokens, joined */

/* ---- targets (parse_target.c) ---- */
typedef enum TargetUse { TARGET_ASSIGN, TARGET_FOR, TARGET_DELETE } TargetUse;
/* "cannot assign to literal"; true when x can be a target. */
bool check_target(Parser *p, Expr *x, TargetUse use);
const char *expr_error_name(const Expr *x); /* "function call" */
/* x stands before the `=` at the cursor, where no assignment is possible: says that
 * `==` may be meant, and true, when the two sides look like a comparison. */
bool fail_equal_sign(Parser *p, const Expr *x);

/* ---- statements (parse_stmt.c, parse_block.c) ---- */
/* Up to T_END; the statements of a whole source. */
bool parse_statements(Parser *p, Block *out);
/* A compound statement or a line of simple ones, over its end; pushed onto the
 * scratch stack. */
bool parse_statement(Parser *p);
bool parse_simple_line(Parser *p);
/* The tokens of a body that was deferred. */
bool parse_deferred_body(Parser *p, Code *code);
bool is_compound_start(TokenKind kind);

#endif
