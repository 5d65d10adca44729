/* parse: from text to a resolved Program.
 *
 * One parser reads the operations of a cell and whole sources.  The notation is the
 * part of Python 3.11 that cells may use; what is left out (yield, async, await, match)
 * is refused by name.  A program that parses is resolved: every name knows its slot.
 *
 * Errors.  On failure the result is NULL.  When the text is at fault `*e` says where
 * and what, with Python's own message where Python has one, and nothing is pending in
 * the context; when memory ran out MemoryError is pending and e->message is empty.
 */
#ifndef RUNNER_PARSE_H
#define RUNNER_PARSE_H

#include "runner/language/ast.h"

typedef struct ParseError {
    uint32_t line, col; /* in the file, from 1; columns in characters */
    char message[256];  /* "invalid syntax" */
    char hint[160];     /* "" when there is none */
} ParseError;

/* Where a program's names live: interned strings, and the globals of its module. */
typedef struct Names {
    Symbols *symbols;
    GlobalTable *globals;
} Names;

/* Where text stands in its file: from byte `offset` on at line:col. Spans are in the
 * order of offsets; the first has offset 0. Within a span columns count on, and a
 * newline begins the next line at column 1. */
typedef struct TextSpan {
    uint32_t offset, line, col;
} TextSpan;

/* One operation as the YAML loader found it.  A block's text is its header without
 * the colon.  `key: value` that YAML split is the joined text with two spans; the
 * explicit form is written out as its call, `w = torch.ones([2])`, with a span for
 * each piece that stands in the file. */
typedef struct OpSource {
    const char *text;
    size_t len;
    const TextSpan *spans;
    uint32_t n_spans; /* at least 1 */
    bool is_block;
    const struct OpSource *children; /* of a block; none means `pass` */
    uint32_t n_children;
} OpSource;

/* A cell.  `elif`, `else`, `except` and `finally` follow their block as siblings, and
 * decorators stand as operations before theirs.  The texts are copied. */
Program *parse_cell(Ctx *c, Names names, const char *file, const OpSource *ops,
                    uint32_t n, ParseError *e);
/* An indented source. The text is copied. */
Program *parse_source(Ctx *c, Names names, const char *file, const char *text,
                      size_t len, ParseError *e);
/* The same of a source of ours (UTF-8, written as tokenize_outline asks), whose text
 * outlives the program and is followed by a NUL: the bodies of its functions stay text
 * (Code.deferred) until they are called, as most never are. */
Program *parse_outline(Ctx *c, Names names, const char *file, const char *text,
                       size_t len, ParseError *e);
/* Parses and resolves the deferred body of a function; code->deferred stays for the
 * caller to clear. On failure the code is as before. */
bool parse_deferred(Ctx *c, Names names, Code *code, ParseError *e);

#endif
