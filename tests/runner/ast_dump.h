/* ast_dump: the tree of a program as text, for tests.
 *
 * Everything is prefix and in parentheses: `a + b * c` is (+ a (* b c)), `f(x, k=1)`
 * is (call f x k=1), statements of a body stand between { and }.
 */
#ifndef TESTS_AST_DUMP_H
#define TESTS_AST_DUMP_H

#include "runner/language/ast.h"

void dump_program(Buf *b, const Program *p);
void dump_expr(Buf *b, const Expr *x);
/* With `true`, names show where they live: x@L0 (slot), x@C1 (cell), x@G, x@K (class).
 */
void dump_program_places(Buf *b, const Program *p);

#endif
