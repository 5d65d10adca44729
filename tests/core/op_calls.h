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

enum { OP_MAX_ARGS = 40 };
typedef struct OpArguments {
    Value pos[OP_MAX_ARGS];
    Named named[OP_MAX_ARGS];
    size_t n, n_named;
} OpArguments;
/* The arguments that stand at `text`, up to their ")". */
void op_arguments(Ctx *c, const char *text, OpVariable *variable, OpArguments *out);
/* The value of a call; VAL_NULL while an error is pending. */
Value op_evaluate(Ctx *c, const char *call, OpVariable *variable);
/* Adds the repr of a result to b. */
void op_show(Ctx *c, Buf *b, Value v);

/* Whether `run` prints what the case expects, where an error that it leaves pending is
 * printed, too. Says what differs. */
typedef void OpRun(Buf *b, const OpCase *k);
bool op_case_holds(Ctx *c, const OpCase *k, OpRun *run);

#endif
