/* op_written: what cells call like an operator, but is no row of the registry:
 * functions of the prelude, written with other operators, natives such as Tensor.float,
 * and other names of operators. */
#ifndef RUNNER_OP_WRITTEN_H
#define RUNNER_OP_WRITTEN_H

#include "runner/evaluate/interp.h"

/* Appends what is known of `name` ("softsign", without a module): how it is called,
 * where cells find it, of a function its definition and its place. False when there is
 * none, or with MemoryError pending. */
bool written_details(Buf *out, Interp *in, const char *name);

#endif
