/* op_calls: calls of operators written as Python writes them, for tables of cases.
 *
 *   torch.NAME(...), torch._C._nn.NAME(...), torch.linalg.NAME(...), VARIABLE.NAME(...)
 *
 * with numbers, strings, lists, tuples, dtypes and variables as arguments: the little
 * of Python that the tables need.
 */
#ifndef TESTS_OP_CALLS_H
#define TESTS_OP_CALLS_H

#include "core/core.h"

/* A call and what PyTorch printed for it. */
typedef struct OpCase {
    const char *call, *expected;
} OpCase;

/* The value of the variable of that name, from the test. */
typedef Value OpVariable(Ctx *c, const char *name, size_t len);

/* The value of a call; VAL_NULL while an error is pending. */
Value op_evaluate(Ctx *c, const char *call, OpVariable *variable);
/* Adds the repr of a result to b. */
void op_show(Ctx *c, Buf *b, Value v);

#endif
