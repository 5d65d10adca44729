/* scope: the symbol tables of a program while it is resolved.
 *
 * A scope is what binds names: a module, function, lambda, class body, generator, or a
 * comprehension.  A comprehension has a scope but no frame: its names live in the
 * frame of the nearest scope around it that has one (`frame`).
 *
 * First the walk over the tree declares what each scope binds and uses, and notes
 * every NameExpr (scope_refer); then scopes_finish decides where all of them live.
 */
#ifndef RUNNER_SCOPE_H
#define RUNNER_SCOPE_H

#include "runner/language/parse.h"

enum {
    SYM_USED = 1,
    SYM_BOUND = 2,
    SYM_PARAM = 4,
    SYM_GLOBAL = 8,    /* declared global */
    SYM_NONLOCAL = 16, /* declared nonlocal */
    SYM_ANNOTATED = 32,
    SYM_ITERATION = 64, /* bound by a clause of a comprehension */
    SYM_WALRUS = 128    /* in a comprehension: bound by := in the scope around */
};

typedef struct Scope Scope;

typedef struct Symbol {
    Str *name;
    Scope *scope;
    unsigned flags;
    uint32_t line, col;   /* of the nonlocal declaration */
    struct Symbol *owner; /* the symbol that holds the value; NULL: a global */
    int32_t slot, cell;   /* in the frame, -1: none */
    bool captured;        /* another frame reaches it */
    struct Symbol *next;  /* in the scope, in order of appearance */
} Symbol;

typedef struct Reference {
    NameExpr *name;
    Symbol *symbol;
    struct Reference *next;
} Reference;

/* A cell that a frame takes over from the one around it. */
typedef struct FreeVar {
    Symbol *owner;
    int32_t index; /* in the frame's cells */
    struct FreeVar *next;
} FreeVar;

struct Scope {
    ScopeKind kind;
    Scope *parent, *frame;
    Code *code;      /* of a scope with a frame */
    CompExpr *comp;  /* of a comprehension without one */
    Str *class_name; /* of the nearest class around, for private names */
    Str *qualname;
    Symbol *first, *last;
    FreeVar *free, *last_free;
    uint32_t loops;   /* around the statement under way */
    uint32_t in_iter; /* > 0: inside an iterable of the comprehension */
    Scope *next;      /* in order of making: outer ones first */
};

typedef struct Scopes {
    Ctx *c;
    Arena arena; /* scopes and symbols; gone when the program is resolved */
    Arena *out;  /* the program's */
    Names names;
    ParseError *e;
    Scope *first, *last;
    Reference *references, *last_reference;
    Symbol **table; /* open addressing by scope and name */
    size_t n, cap;
    Str *dunder_class, *super_name; /* "__class__", "super" */
} Scopes;

bool scopes_init(Scopes *s, Ctx *c, Arena *out, Names names, ParseError *e);
void scopes_free(Scopes *s);

/* All of these return NULL when memory ran out. `code` is NULL for a comprehension
 * that runs in the frame around it, `comp` for everything else. */
Scope *scope_new(Scopes *s, Scope *parent, Code *code, CompExpr *comp, Str *name);
Symbol *scope_find(const Scopes *s, const Scope *scope, const Str *name);
Symbol *scope_symbol(Scopes *s, Scope *scope, Str *name, unsigned flags);
/* The name as it is meant within a class: `__x` in class C is `_C__x`. */
Str *scope_mangle(Scopes *s, const Scope *scope, Str *name);
Symbol *scope_refer(Scopes *s, Scope *scope, NameExpr *name, unsigned flags);

/* Decides where every name lives, fills in names and codes. */
bool scopes_finish(Scopes *s);

#endif
