/* torch_module: what torch.<name> finds in C: operators, dtypes, settings, classes. */
#ifndef RUNNER_TORCH_MODULE_H
#define RUNNER_TORCH_MODULE_H

#include "runner/env.h"

Value torch_find(Interp *in, const char *name, size_t len);

#endif
