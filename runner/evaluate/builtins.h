/* builtins: the names that every module sees: print, len, int, ValueError ... */
#ifndef RUNNER_BUILTINS_H
#define RUNNER_BUILTINS_H

#include "runner/evaluate/env.h"
#include "runner/values/native.h"

/* The builtin of that name, of the pool or borrowed; VAL_NULL, without an error, when
 * there is none. */
Value builtin_find(Interp *in, const Str *name);

/* Tables of natives by file, each ended by a row without a name. */
extern const Native builtins_output[]; /* builtins_output.c: print, repr, format ... */
extern const Native builtins_object[]; /* builtins_object.c: getattr, isinstance ... */
extern const Native builtins_number[]; /* builtins_number.c: abs, round, sum, hex ... */
extern const Native builtins_iterate[]; /* builtins_iterate.c: len, iter, sorted ... */

#endif
