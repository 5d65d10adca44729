/* number_format: floats from and as text, the way Python reads and writes them. */
#ifndef RUNNER_NUMBER_FORMAT_H
#define RUNNER_NUMBER_FORMAT_H

#include "core/core.h"

/* repr(x): "1.0", "1e-05", "inf". */
void float_repr(Buf *out, double x);

/* |x| as printf would show it with that precision: e E f F g G; 'r' is repr and leaves
 * precision aside. `alternate` keeps the point and, for g, trailing zeros. 'h' is the
 * way of format(x, ".3"): g, but with ".0" where no point would be. Never a sign. */
void float_put(Buf *out, double x, char type, int precision, bool alternate);

/* The text as ASCII, for parsers of numbers: decimal digits of any script as 0 to 9,
 * blanks as ' ' (dropped at either end), other characters beyond ASCII as '?'. */
void number_normalize(Buf *out, const Str *text);

/* float(text): blanks around, underscores between digits, inf, nan. False when text is
 * no float, or with MemoryError pending. */
bool float_parse(Ctx *c, const Str *text, double *out);

#endif
