/* constants: None, Ellipsis and NotImplemented. */
#include "runner/values/types.h"

static void none_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    (void)v;
    buf_puts(out, "None");
}
const TypeOps none_ops = {.repr = none_repr};

static void ellipsis_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    (void)v;
    buf_puts(out, "Ellipsis");
}
const TypeOps ellipsis_ops = {.repr = ellipsis_repr};

static void not_implemented_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    (void)v;
    buf_puts(out, "NotImplemented");
}
const TypeOps not_implemented_ops = {.repr = not_implemented_repr};
