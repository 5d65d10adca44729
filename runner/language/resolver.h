/* resolver: what the two halves of the walk share; resolve.h is what others see.
 *
 * A function for each kind of node tells the scopes what is bound and used, in
 * Python's order.  All return false with an error told or MemoryError pending.
 */
#ifndef RUNNER_RESOLVER_H
#define RUNNER_RESOLVER_H

#include "runner/language/scope.h"

typedef struct Resolver {
    Scopes s;
    Program *program;
    Scope *scope;
    ParseError *e;
    uint32_t depth;
    bool storing; /* the next attribute or subscript is a target */
} Resolver;

bool resolve_fail(Resolver *r, uint32_t line, uint32_t col, const char *message);
/* Counts one more level of nesting; every true is paired with r->depth--. */
bool resolve_enter(Resolver *r, uint32_t line, uint32_t col);

/* ---- expressions (resolve_expr.c) ---- */
bool resolve_expr(Resolver *r, Expr *x);
bool resolve_optional(Resolver *r, Expr *x); /* x may be NULL */
bool resolve_items(Resolver *r, Expr **items, uint32_t n);
bool resolve_arguments(Resolver *r, Arguments *a);
bool resolve_defaults(Resolver *r, const Params *p);
/* The body of a function, lambda or class, in a scope of its own. */
bool resolve_code(Resolver *r, Code *code);
/* `flags` (SYM_...) beside SYM_BOUND. */
bool resolve_binding(Resolver *r, NameExpr *name, unsigned flags);
bool resolve_target(Resolver *r, Expr *x, unsigned flags);

/* ---- what Python warns of (resolve_notes.c): false when memory ran out ---- */
bool note_compare(Resolver *r, const CompareExpr *x);     /* x is 5 */
bool note_call(Resolver *r, const CallExpr *x);           /* [1, 2] (3, 4) */
bool note_subscript(Resolver *r, const SubscriptExpr *x); /* [1, 2] [3, 4] */
bool note_assert(Resolver *r, const AssertStmt *s);       /* assert (x, "text") */

/* ---- statements (resolve.c) ---- */
bool resolve_block(Resolver *r, const Block *b);

#endif
