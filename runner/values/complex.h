/* complex: Python's complex numbers, two doubles.
 *
 * Arithmetic is CPython's, formula by formula, so that the last digits agree; a real
 * operand counts as one with the imaginary part 0. No tensor holds complex numbers:
 * as an argument of an operator one is a Number, which PyTorch converts to a real type
 * where it can (core/bind.h).
 */
#ifndef RUNNER_COMPLEX_H
#define RUNNER_COMPLEX_H

#include "runner/values/protocol.h"

typedef struct Complex {
    double real, imag;
} Complex;

typedef struct ComplexObject {
    Obj obj;
    Complex z;
} ComplexObject;

extern const ObjType complex_type; /* "complex" */

static inline const Complex *value_complex(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_COMPLEX) ? &((const ComplexObject *)v.as.obj)->z : NULL;
}

Value complex_new(Ctx *c, double real, double imag);

/* a ** b. ZeroDivisionError "0.0 to a negative or complex power"; OverflowError
 * "complex exponentiation". */
Value complex_pow(Ctx *c, Complex a, Complex b);
/* abs(z). OverflowError "absolute value too large". */
Value complex_abs(Ctx *c, Complex z);

/* complex(real, imag), either of which may be absent (VAL_NULL); a str is read.
 * ValueError "complex() arg is a malformed string". */
Value complex_from(Ctx *c, Value real, Value imag);

#endif
