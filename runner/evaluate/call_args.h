/* call_args: the arguments of a call as written, evaluated. */
#ifndef RUNNER_CALL_ARGS_H
#define RUNNER_CALL_ARGS_H

#include "runner/evaluate/env.h"

enum { CALL_ARGS_INLINE = 6, CALL_NAMED_INLINE = 4 };

/* `args` points into the inline room, the blocks beside it, or lists of the pool. */
typedef struct CallArgs {
    Args args;
    Value few[CALL_ARGS_INLINE];
    Named few_named[CALL_NAMED_INLINE];
    Value *more;
    size_t more_n;
    Named *more_named;
    size_t more_named_n;
} CallArgs;

/* Positions first, then keywords, each from the left, as CPython does. `callee` is for
 * messages. call_args_free in any case. */
bool call_args_eval(Frame *f, Value callee, const Arguments *a, CallArgs *out);
void call_args_free(Ctx *c, CallArgs *a);

#endif
