/* number: arithmetic and conversion of bool, int (of any size) and float. */
#ifndef RUNNER_NUMBER_H
#define RUNNER_NUMBER_H

#include "runner/values/bigint.h"

static inline bool value_is_number(Value v) {
    return v.tag == VAL_FLOAT || value_is_int(v);
}

/* divmod(a, b), pow(a, b, modulus), abs(v); NotImplemented when an argument is no
 * number. `modulus` may be None. */
Value number_divmod(Ctx *c, Value a, Value b);
Value number_pow(Ctx *c, Value a, Value b, Value modulus);
Value number_abs(Ctx *c, Value v);
/* round(v, digits), digits None or absent (VAL_NULL) giving an int; v is a number. */
Value number_round(Ctx *c, Value v, Value digits);
/* int(v) and float(v) of numbers and strs, and of what has a to_index or to_double of
 * its own. TypeError "int() argument must be a string, a bytes-like object or a real
 * number, not 'list'". */
Value number_to_int(Ctx *c, Value v);
Value number_to_float(Ctx *c, Value v);
/* int(v, base). */
Value number_to_int_base(Ctx *c, Value v, Value base);

#endif
