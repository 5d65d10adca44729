/* See parse.h.  A cell becomes one token list, as if its operations were the lines of
 * a source: a block's header gets its colon, its operations an INDENT and a DEDENT.
 * So decorators and `else` need no rules of their own. */
#include "runner/language/parser.h"
#include "runner/language/resolve.h"

#include <string.h>

/* Fewer bytes than a token of a module takes with what lies around it. */
enum { MAX_BLOCKS = 100, BYTES_PER_TOKEN = 4 };

/* What is under way while a text becomes a Program. */
typedef struct Build {
    Ctx *c;
    Names names;
    ParseError *e;
    Program *program;
    Text text;
    TokenList tokens;
    uint32_t *op_ends; /* by operation of the top level: where its tokens end */
} Build;

static Program *program_new(Ctx *c, const char *file) {
    Arena arena;
    arena_init(&arena, c);
    Program *p = arena_alloc(&arena, sizeof *p);
    char *name = p ? arena_text(&arena, file, strlen(file)) : NULL;
    if (!name) {
        arena_free(&arena);
        return NULL;
    }
    p->arena = arena;
    p->file = name;
    return p;
}

static bool build_begin(Build *b, Ctx *c, Names names, const char *file,
                        ParseError *e) {
    *e = (ParseError){0};
    *b = (Build){.c = c, .names = names, .e = e, .program = program_new(c, file)};
    tokens_init(&b->tokens, c);
    return b->program;
}

/* The program when all went well; frees the rest. */
static Program *build_end(Build *b, bool ok) {
    Program *p = b->program;
    tokens_free(&b->tokens);
    if (ok) return p;
    /* An attempt that ran out of memory tells nothing about the text. */
    if (ctx_failed(b->c)) *b->e = (ParseError){0};
    program_free(p);
    return NULL;
}

static bool check_utf8(Build *b, Cursor place, const char *end) {
    const char *s = place.at;
    while (s < end) {
        uint32_t cp;
        int n = (unsigned char)*s < 0x80 ? 1 : utf8_decode(s, (size_t)(end - s), &cp);
        if (n == 0) {
            cursor_move(&place, s);
            return parse_error(b->e, place.line, place.col,
                               "the text is not valid UTF-8");
        }
        s += n;
    }
    return true;
}

static bool push_mark(Build *b, TokenKind kind, const Token *at) {
    Token t = *at;
    t.kind = (uint8_t)kind;
    t.len = 0;
    return tokens_push(&b->tokens, t);
}

static bool push_end(Build *b) {
    Token t = {.kind = T_END, .line = 1, .col = 1, .text = b->text.bytes};
    if (b->tokens.n) {
        t = b->tokens.items[b->tokens.n - 1];
        t.kind = T_END;
        t.len = 0;
    }
    return tokens_push(&b->tokens, t);
}

static Parser parser_over(Build *b) {
    return (Parser){.c = b->c,
                    .program = b->program,
                    .arena = &b->program->arena,
                    .names = b->names,
                    .e = b->e,
                    .text = &b->text,
                    .tokens = b->tokens.items};
}

static bool make_module(Build *b, Parser *p, Block body) {
    if (p->deferred.message[0]) {
        *b->e = p->deferred;
        return false;
    }
    Code *code = arena_alloc(&b->program->arena, sizeof *code);
    if (!code) return false;
    code->kind = SCOPE_MODULE;
    code->line = code->col = 1;
    code->name = symbols_from(b->names.symbols, "<module>");
    code->body = body;
    b->program->code = code;
    return code->name && resolve(b->c, b->program, b->names, b->e);
}

/* ---- sources ---- */

static bool parse_module(Build *b) {
    Parser p = parser_over(b);
    Block body = {0};
    bool ok = parse_statements(&p, &body);
    ctx_free(b->c, p.scratch, p.scratch_cap);
    return ok && make_module(b, &p, body);
}

static const TextSpan source_start = {0, 1, 1};

static bool set_source(Build *b, const char *bytes, size_t len) {
    if (len >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3)) {
        bytes += 3;
        len -= 3;
    }
    char *copy = arena_text(&b->program->arena, bytes, len);
    if (!copy) return false;
    b->text = (Text){copy, len, &source_start, 1};
    return check_utf8(b, cursor_start(&b->text), copy + len);
}

static bool build_source(Build *b, const char *bytes, size_t len) {
    if (!set_source(b, bytes, len)) return false;
    Cursor from = cursor_start(&b->text);
    uint32_t guess = (uint32_t)(len / BYTES_PER_TOKEN) + 1;
    if (!tokens_reserve(&b->tokens, guess)) return false;
    if (!tokenize(&b->tokens, from, b->text.bytes + len, b->e)) return false;
    return push_end(b) && parse_module(b);
}

Program *parse_source(Ctx *c, Names names, const char *file, const char *text,
                      size_t len, ParseError *e) {
    Build b;
    if (!build_begin(&b, c, names, file, e)) return NULL;
    return build_end(&b, build_source(&b, text, len));
}

/* ---- sources whose bodies wait ---- */

static bool build_outline(Build *b, const char *text, size_t len) {
    b->text = (Text){text, len, &source_start, 1};
    Cursor from = cursor_start(&b->text);
    return tokenize_outline(&b->tokens, from, text + len, b->e) && push_end(b) &&
           parse_module(b);
}

Program *parse_outline(Ctx *c, Names names, const char *file, const char *text,
                       size_t len, ParseError *e) {
    Build b;
    if (!build_begin(&b, c, names, file, e)) return NULL;
    return build_end(&b, build_outline(&b, text, len));
}

static bool build_body(Build *b, Code *code) {
    const DeferredBody *d = code->deferred;
    if (!tokenize(&b->tokens, cursor_start(&b->text), d->text + d->len, b->e))
        return false;
    if (!push_end(b)) return false;
    Parser p = parser_over(b);
    bool ok = parse_deferred_body(&p, code);
    ctx_free(b->c, p.scratch, p.scratch_cap);
    return ok && resolve_deferred(b->c, b->program, code, b->names, b->e);
}

bool parse_deferred(Ctx *c, Names names, Code *code, ParseError *e) {
    const DeferredBody *d = code->deferred;
    TextSpan start = {0, d->line, 1};
    Build b = {.c = c, .names = names, .e = e, .program = (Program *)code->program};
    Code whole = *code;
    *e = (ParseError){0};
    b.text = (Text){d->text, d->len, &start, 1};
    tokens_init(&b.tokens, c);
    bool ok = build_body(&b, &whole);
    tokens_free(&b.tokens);
    if (ok) *code = whole;
    return ok;
}

/* ---- the text of a cell ---- */

typedef struct Size {
    size_t bytes, spans;
} Size;

static bool measure(Build *b, const OpSource *ops, uint32_t n, uint32_t depth,
                    Size *size) {
    for (uint32_t i = 0; i < n; i++) {
        const TextSpan *at = ops[i].spans;
        if (depth >= MAX_BLOCKS)
            return parse_error(b->e, at->line, at->col,
                               "too many levels of indentation");
        size->bytes += ops[i].len + 1;
        size->spans += ops[i].n_spans;
        if (!measure(b, ops[i].children, ops[i].n_children, depth + 1, size))
            return false;
    }
    return true;
}

typedef struct Filling {
    char *bytes;
    TextSpan *spans;
    Size done;
} Filling;

static void fill(Filling *f, const OpSource *ops, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const OpSource *op = &ops[i];
        for (uint32_t k = 0; k < op->n_spans; k++) {
            TextSpan span = op->spans[k];
            span.offset += (uint32_t)f->done.bytes;
            f->spans[f->done.spans++] = span;
        }
        if (op->len) memcpy(f->bytes + f->done.bytes, op->text, op->len);
        f->done.bytes += op->len + 1;
        fill(f, op->children, op->n_children);
    }
}

/* All texts in one, each followed by a NUL, with their spans. */
static bool set_cell_text(Build *b, const OpSource *ops, uint32_t n) {
    Size size = {0};
    if (!measure(b, ops, n, 0, &size)) return false;
    Arena *arena = &b->program->arena;
    Filling f = {.bytes = arena_alloc(arena, size.bytes + 1),
                 .spans = arena_alloc(arena, size.spans * sizeof(TextSpan))};
    if (!f.bytes || !f.spans) return false;
    fill(&f, ops, n);
    b->text = (Text){f.bytes, size.bytes, f.spans, (uint32_t)size.spans};
    return true;
}

/* ---- the tokens of a cell ---- */

static bool is_header_start(const Token *t) {
    switch (t->kind) {
    case T_ELIF:
    case T_ELSE:
    case T_EXCEPT:
    case T_FINALLY: return true;
    case T_NAME: return token_is(t, "match");
    default: return is_compound_start((TokenKind)t->kind) && t->kind != T_AT;
    }
}

/* One operation's tokens: one line. */
static bool check_line(Build *b, const Cursor *from, uint32_t first, bool is_block) {
    const Token *t = b->tokens.items + first, *end = b->tokens.items + b->tokens.n;
    if (t == end)
        return parse_error(b->e, from->line, from->col, "the operation is empty");
    if (t->kind == T_INDENT)
        return parse_error(b->e, t->line, t->col, "unexpected indent");
    if (is_block && !is_header_start(t)) {
        parse_hint(b->e, "if, for, while, with, try, def and class take nested "
                         "operations");
        return parse_error(b->e, t->line, t->col, "invalid syntax");
    }
    while (t < end && t->kind != T_NEWLINE) t++;
    if (end - t <= 1) return true;
    parse_hint(b->e, "write the next statement as an operation of its own");
    return parse_error(b->e, t[1].line, t[1].col, "an operation is one statement");
}

static bool tokenize_ops(Build *b, Cursor *at, const OpSource *ops, uint32_t n);

/* The colon and the nested operations behind a header; `end` is its T_NEWLINE. */
static bool tokenize_body(Build *b, Cursor *at, const OpSource *op, Token end) {
    b->tokens.n--;
    if (!push_mark(b, T_COLON, &end) || !push_mark(b, T_NEWLINE, &end) ||
        !push_mark(b, T_INDENT, &end))
        return false;
    if (op->n_children == 0) {
        if (!push_mark(b, T_PASS, &end) || !push_mark(b, T_NEWLINE, &end)) return false;
    } else if (!tokenize_ops(b, at, op->children, op->n_children)) {
        return false;
    }
    return push_mark(b, T_DEDENT, &b->tokens.items[b->tokens.n - 1]);
}

static bool tokenize_op(Build *b, Cursor *at, const OpSource *op) {
    uint32_t first = b->tokens.n;
    const char *end = at->at + op->len;
    if (!check_utf8(b, *at, end)) return false;
    if (!tokenize(&b->tokens, *at, end, b->e)) return false;
    if (!check_line(b, at, first, op->is_block)) return false;
    cursor_move(at, end + 1);
    Token last = b->tokens.items[b->tokens.n - 1];
    if (!op->is_block || last.kind == T_UNCLOSED) return true;
    return tokenize_body(b, at, op, last);
}

static bool tokenize_ops(Build *b, Cursor *at, const OpSource *ops, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!tokenize_op(b, at, &ops[i])) return false;
    return true;
}

/* The same for the top level, noting where each operation stands. */
static bool tokenize_cell(Build *b, const OpSource *ops, uint32_t n) {
    Program *p = b->program;
    p->ops = arena_alloc(&p->arena, n * sizeof *p->ops);
    b->op_ends = arena_alloc(&p->arena, n * sizeof *b->op_ends);
    if (!p->ops || !b->op_ends) return false;
    p->n_ops = n;
    Cursor at = cursor_start(&b->text);
    for (uint32_t i = 0; i < n; i++) {
        p->ops[i] = (OpText){at.at, ops[i].spans->line, ops[i].spans->col};
        if (!tokenize_op(b, &at, &ops[i])) return false;
        b->op_ends[i] = b->tokens.n;
    }
    return push_end(b);
}

/* ---- the statements of a cell ---- */

/* Parses the next statement, which began in operation *op; *op moves on behind it. */
static bool parse_top(Build *b, Parser *p, TopStmt *top, uint32_t *op) {
    size_t mark = p->scratch_n;
    top->first_op = *op;
    if (!parse_statement(p)) return false;
    memcpy(&top->stmt, p->scratch + mark, sizeof top->stmt);
    p->scratch_n = mark;
    while (*op < b->program->n_ops && b->op_ends[*op] <= p->at) ++*op;
    top->last_op = *op - 1;
    return true;
}

static bool parse_tops(Build *b, Parser *p, Block *body) {
    Program *program = b->program;
    size_t n = program->n_ops;
    program->top = arena_alloc(&program->arena, n * sizeof *program->top);
    body->items = arena_alloc(&program->arena, n * sizeof *body->items);
    if (!program->top || !body->items) return false;
    uint32_t op = 0;
    while (parser_kind(p) != T_END) {
        TopStmt *top = &program->top[program->n_top];
        if (!parse_top(b, p, top, &op)) return false;
        body->items[program->n_top++] = top->stmt;
    }
    body->n = program->n_top;
    return true;
}

static void set_display(Program *p) {
    if (p->code->body.n == 0) return;
    Stmt *last = p->code->body.items[p->code->body.n - 1];
    if (last->kind == S_EXPR) p->display = (ExprStmt *)last;
}

static bool parse_cell_tokens(Build *b) {
    Parser p = parser_over(b);
    p.in_cell = true;
    Block body = {0};
    bool ok = parse_tops(b, &p, &body);
    ctx_free(b->c, p.scratch, p.scratch_cap);
    if (!ok || !make_module(b, &p, body)) return false;
    set_display(b->program);
    return true;
}

Program *parse_cell(Ctx *c, Names names, const char *file, const OpSource *ops,
                    uint32_t n, ParseError *e) {
    Build b;
    if (!build_begin(&b, c, names, file, e)) return NULL;
    bool ok =
        set_cell_text(&b, ops, n) && tokenize_cell(&b, ops, n) && parse_cell_tokens(&b);
    return build_end(&b, ok);
}
