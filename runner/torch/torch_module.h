/* torch_module: what torch.<name> finds in C: operators, dtypes, constants, classes,
 * and the natives of torch_natives.c. Everything else is in prelude/torch.py. */
#ifndef RUNNER_TORCH_MODULE_H
#define RUNNER_TORCH_MODULE_H

#include "runner/evaluate/env.h"
#include "runner/values/native.h"

/* ModuleDef.find of torch, torch._C._nn, torch._C._VariableFunctions, torch.linalg and
 * torch.special. */
Value torch_find(Interp *in, const char *name, size_t len);
Value torch_variable_find(Interp *in, const char *name, size_t len);
Value torch_autograd_find(Interp *in, const char *name, size_t len);
Value torch_nn_find(Interp *in, const char *name, size_t len);
Value torch_functions_find(Interp *in, const char *name, size_t len);
Value torch_linalg_find(Interp *in, const char *name, size_t len);
Value torch_special_find(Interp *in, const char *name, size_t len);

extern const Native torch_natives[];      /* of torch itself */
extern const Native torch_type_natives[]; /* the same, shown as methods of type */
extern const Native torch_c_natives[];    /* of torch._C, for the prelude */

#endif
