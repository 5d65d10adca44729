/* math_module: Python's math. */
#ifndef RUNNER_MATH_MODULE_H
#define RUNNER_MATH_MODULE_H

#include "runner/values/native.h"

/* The functions, ended by a row without a name; called with VAL_NULL as self. */
extern const Native math_functions[];

typedef struct MathConstant {
    const char *name; /* NULL ends the table */
    double value;
} MathConstant;
extern const MathConstant math_constants[]; /* pi, e, tau, inf, nan */

#endif
