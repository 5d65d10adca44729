/* See ast.h. */
#include "runner/language/ast.h"

#include <stdio.h>
#include <string.h>

void program_free(Program *p) {
    if (!p) return;
    Arena arena = p->arena; /* p itself lies in it */
    arena_free(&arena);
}

bool program_note(Program *p, const char *category, uint32_t line, uint32_t col,
                  const char *fmt, ...) {
    char text[160];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    SyntaxNote *note = arena_alloc(&p->arena, sizeof *note);
    char *message = note ? arena_text(&p->arena, text, strlen(text)) : NULL;
    if (!message) return false;
    *note = (SyntaxNote){
        .category = category, .message = message, .line = line, .col = col};
    if (p->last_note)
        p->last_note->next = note;
    else
        p->notes = note;
    p->last_note = note;
    return true;
}

const char *binary_op_symbol(BinaryOp op) {
    static const char *const symbols[] = {
#define X(id, symbol, stem) symbol,
        BINARY_OPS(X)
#undef X
    };
    return symbols[op];
}

const char *unary_op_symbol(UnaryOp op) {
    static const char *const symbols[] = {
#define X(id, symbol) symbol,
        UNARY_OPS(X)
#undef X
    };
    return symbols[op];
}

const char *compare_op_symbol(CompareOp op) {
    static const char *const symbols[] = {
#define X(id, symbol) symbol,
        COMPARE_OPS(X)
#undef X
    };
    return symbols[op];
}
