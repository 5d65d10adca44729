/* str_format: str.format(), str.format_map() and s % args. */
#ifndef RUNNER_STR_FORMAT_H
#define RUNNER_STR_FORMAT_H

#include "runner/values/native.h"

Value str_format(Ctx *c, Value self, const Args *args);
Value str_format_map(Ctx *c, Value self, const Args *args);
/* s % args: args is a tuple, a mapping for %(name)s, or one value. */
Value str_percent(Ctx *c, Str *s, Value args);

#endif
