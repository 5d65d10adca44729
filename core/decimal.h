/* decimal: numbers as decimal text, right-aligned.
 *
 * The text of a double is that of Python's format(x, "W.Pf") and format(x, "W.Pe"):
 * the exact value rounded to P digits after the point, ties to the even digit; "nan"
 * without a sign, "inf" and "-inf", "-0.00" for what rounds to zero from below.
 * Most numbers take a short path in integer arithmetic that proves its rounding; the
 * others go through the C library, which rounds exactly too.
 *
 * `width` is the least number of characters: shorter text gets spaces in front.
 * `precision` must not be negative.
 */
#ifndef CORE_DECIMAL_H
#define CORE_DECIMAL_H

#include "buf.h"

void decimal_fixed(Buf *b, double x, int precision, int64_t width);
/* At least two digits of exponent: "1.0000e+08", "-2.5e-101". */
void decimal_scientific(Buf *b, double x, int precision, int64_t width);
void decimal_integer(Buf *b, int64_t i, int64_t width);
/* Any text, aligned in the same way. */
void decimal_aligned(Buf *b, const char *text, size_t n, int64_t width);

#endif
