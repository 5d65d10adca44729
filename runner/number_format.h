/* number_format: numbers as text, the way Python writes them. */
#ifndef RUNNER_NUMBER_FORMAT_H
#define RUNNER_NUMBER_FORMAT_H

#include "core/core.h"

/* The shortest decimal digits that read back as x, which is finite and not negative:
 * x = 0.d1d2d3... * 10^*point. Returns their number; digits is NUL-terminated. Zero
 * is "0" with point 1. */
enum { SHORTEST_DIGITS = 17 };
int float_shortest(double x, char digits[SHORTEST_DIGITS + 2], int *point);

/* repr(x): "1.0", "1e-05", "inf". */
void float_repr(Buf *out, double x);

#endif
