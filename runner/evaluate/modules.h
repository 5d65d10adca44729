/* modules: what `import` finds: torch and its parts, math, warnings. */
#ifndef RUNNER_MODULES_H
#define RUNNER_MODULES_H

#include "runner/evaluate/env.h"

/* The module of a dotted name, loaded at first need; borrowed. ModuleNotFoundError
 * "No module named 'os'". */
Module *module_import(Interp *in, const char *name, size_t len);

/* module.name: a variable, what the module's definition finds, or a submodule.
 * AttributeError "module 'torch' has no attribute 'x'". */
Value module_get_attr(Ctx *c, Value v, Str *name);
bool module_set_attr(Ctx *c, Value v, Str *name, Value x);
/* The same without an error: VAL_NULL when there is none. */
Value module_find(Module *m, Str *name);
/* module.name(*args): for what is written in the notation. */
Value module_call(Ctx *c, const char *module, const char *name, const Args *args);
/* Makes variables of all that the module has in C, for `from m import *`. */
bool module_load_all(Module *m);

#endif
