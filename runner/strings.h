/* strings: str, apart from its methods. */
#ifndef RUNNER_STRINGS_H
#define RUNNER_STRINGS_H

#include "core/core.h"

/* Bytes of the first n characters. */
size_t str_prefix(const Str *s, size_t n);

/* repr(s): quoted and escaped the way Python does it. */
void str_repr(Buf *out, const Str *s);

#endif
