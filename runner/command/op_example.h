/* op_example: a call of an operator that runs.
 *
 * It is the `.example` of the OpDef or, without one, what its schema asks for: the
 * arguments that have no default, each of its type.  An example may use
 *
 *     v   a vector of 3                  m   a matrix, symmetric and positive definite
 *     x   an image [1, 1, 4, 4]          s   a number in a 0-d tensor
 *     i   indices [0, 1]                 b   a bool mask [2, 2]
 *
 * All but i and b are of one dtype: running the example in every dtype tells which ones
 * the operator takes. */
#ifndef RUNNER_OP_EXAMPLE_H
#define RUNNER_OP_EXAMPLE_H

#include "runner/evaluate/interp.h"

/* The call, as users write it: "torch.add(m, m)". */
void example_call(Buf *out, const Op *op);
/* Appends the assignments of the variables that `call` uses, in dtype d. */
void example_variables(Buf *out, const char *call, DType d);
/* Runs `call` in dtype d; what it printed is in the buffer of `in`. False when it
 * ended with an exception. */
bool example_runs(Ctx *c, Interp *in, const char *call, DType d);

#endif
