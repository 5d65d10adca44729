/* strings: str, apart from its methods. */
#ifndef RUNNER_STRINGS_H
#define RUNNER_STRINGS_H

#include "core/core.h"

/* repr(s): quoted and escaped the way Python does it. */
void str_repr(Buf *out, const Str *s);

#endif
