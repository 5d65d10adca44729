/* resolve: where each name of a program lives.
 *
 * Follows Python 3.11's rules of scopes: a name bound in a function is local to it, one
 * bound in an enclosing function is reached through a cell, class bodies are seen by
 * nobody below them, `global` and `nonlocal` as usual.  Fills in every NameExpr, the
 * slots and cells of every Code, makes the Codes of generator expressions, and mangles
 * `__private` names.  What Python finds only when it compiles is reported here:
 * 'return' outside function, no binding for nonlocal 'x' found, and the like.
 */
#ifndef RUNNER_RESOLVE_H
#define RUNNER_RESOLVE_H

#include "runner/language/parse.h"

/* False with *e filled, or with MemoryError pending. */
bool resolve(Ctx *c, Program *program, Names names, ParseError *e);
/* The body of a function of that program's outline, parsed by now. What it can see
 * around it is its class, by __class__, and the module. */
bool resolve_deferred(Ctx *c, Program *program, Code *code, Names names, ParseError *e);

#endif
