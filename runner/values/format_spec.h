/* format_spec: format(value, spec) of str, int, bool, float and complex.
 *
 * The mini-language: [[fill]align][sign][z][#][0][width][, or _][.precision][type].
 * Every misuse is the ValueError that Python raises, such as "Unknown format code 'd'
 * for object of type 'float'".
 */
#ifndef RUNNER_FORMAT_SPEC_H
#define RUNNER_FORMAT_SPEC_H

#include "runner/values/complex.h"

typedef struct FormatSpec {
    uint32_t fill;     /* a code point */
    char align;        /* < > ^ = */
    char sign;         /* + - blank, or 0 */
    bool no_neg_zero;  /* z */
    bool alternate;    /* # */
    int64_t width;     /* -1: none */
    char separator;    /* , _ or 0 */
    int64_t precision; /* -1: none */
    uint32_t type;     /* a code point, 0: none */
} FormatSpec;

void format_str(Ctx *c, Buf *out, Value v, const Str *spec);
void format_int(Ctx *c, Buf *out, Value v, const Str *spec); /* of bools too */
void format_float(Ctx *c, Buf *out, Value v, const Str *spec);
void format_complex(Ctx *c, Buf *out, Value v, const Str *spec);
void format_complex_repr(Ctx *c, Buf *out, Complex z);

#endif
