/* native: functions written in C that cells can call.
 *
 * A Native declares its parameters in one string, and native_call checks and binds a
 * call against it, with the TypeError that CPython's own functions raise, before the
 * function runs. The function then gets one value a parameter, in order: args->n is
 * the number of parameters, and one that was left out is VAL_NULL.
 *
 *   NULL           the function gets the arguments as they are
 *   ""             none
 *   "x /"          one, by position:    f() takes exactly one argument (0 given)
 *   "i x /"        by position:         f expected 2 arguments, got 1
 *   "i? /"         the last ones may be left out
 *   "sep? max?"    by position or name: f() takes at most 2 arguments (3 given)
 *   "it * start?"  after the star, by name alone
 *   "*args /"      any number, by position; args is as in the call
 *   "def x y?"     by position or name, with the texts of a function that Python's
 * `def` made: T.f() missing 1 required positional argument: 'x'
 *   "arg x * y?"   by position or name, with the texts of PyTorch's parser of
 * arguments: f() missing 1 required positional arguments: "x". A parameter may name its
 * type there: "x:Tensor", "y:bool?", "z:torch.dtype?", "w:torch.memory_format?"
 */
#ifndef RUNNER_NATIVE_H
#define RUNNER_NATIVE_H

#include "core/core.h"

typedef Value (*NativeFn)(Ctx *c, Value self, const Args *args);

typedef struct Native {
    const char *name;   /* "list.append", "math.sin", "len"; NULL ends a table */
    const char *params; /* as above */
    NativeFn fn;
} Native;

enum { NATIVE_MAX_PARAMS = 12 };

/* The name after the last dot. */
const char *native_name(const Native *n);
/* The row of that name in a table that a row without a name ends, or NULL. */
const Native *native_find(const Native *table, const Str *name);

/* Binds and calls. The result is borrowed or the pool's. */
Value native_call(Ctx *c, const Native *n, Value self, const Args *args);

#endif
