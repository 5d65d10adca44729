/* See ast.h. */
#include "runner/ast.h"

void program_free(Program *p) {
    if (!p) return;
    Arena arena = p->arena; /* p itself lies in it */
    arena_free(&arena);
}

const char *expr_kind_name(ExprKind kind) {
    static const char *const names[] = {
#define X(id, type) #id,
        EXPR_KINDS(X)
#undef X
    };
    return names[kind];
}

const char *stmt_kind_name(StmtKind kind) {
    static const char *const names[] = {
#define X(id, type) #id,
        STMT_KINDS(X)
#undef X
    };
    return names[kind];
}

const char *binary_op_symbol(BinaryOp op) {
    static const char *const symbols[] = {
#define X(id, symbol, stem) symbol,
        BINARY_OPS(X)
#undef X
    };
    return symbols[op];
}

const char *binary_op_stem(BinaryOp op) {
    static const char *const stems[] = {
#define X(id, symbol, stem) stem,
        BINARY_OPS(X)
#undef X
    };
    return stems[op];
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
