/* See error.h. */
#include "ctx.h"

#include <string.h>

static const struct {
    const char *name;
    ErrorKind parent;
} kinds[ERROR_KIND_COUNT] = {[ERR_NONE] = {"", ERR_NONE},
#define X(name, parent) [name] = {#name, parent},
                             ERROR_KINDS(X)
#undef X
};

void error_init(Error *e, Mem *mem) {
    *e = (Error){.kind = ERR_NONE};
    buf_init(&e->message, mem);
}

/* Without memory for a request, what follows from it is no other error: the message
 * may be in pieces, or the error itself be due to a value that could not be made. */
static void note_refusal(Ctx *c) {
    if (!c->mem.refused) return;
    c->error.kind = MemoryError;
    buf_clear(&c->error.message);
}

void *error_raise(Ctx *c, ErrorKind kind, const char *fmt, ...) {
    if (ctx_failed(c)) return NULL;
    c->error.kind = kind;
    buf_clear(&c->error.message);
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&c->error.message, fmt, ap);
    va_end(ap);
    note_refusal(c);
    return NULL;
}

void *error_raise_text(Ctx *c, ErrorKind kind, const char *text, size_t len) {
    if (ctx_failed(c)) return NULL;
    c->error.kind = kind;
    buf_clear(&c->error.message);
    buf_add(&c->error.message, text, len);
    note_refusal(c);
    return NULL;
}

void error_clear(Ctx *c) {
    Obj *object = c->error.object;
    if (c->error.kind == MemoryError) c->mem.refused = false;
    c->error.kind = ERR_NONE;
    c->error.object = NULL;
    buf_clear(&c->error.message);
    obj_release(c, object);
}

Error error_set_aside(Ctx *c) {
    Error aside = c->error;
    error_init(&c->error, &c->mem);
    return aside;
}

void error_put_back(Ctx *c, Error *aside) {
    Error *dropped = ctx_failed(c) ? aside : &c->error;
    obj_release(c, dropped->object);
    buf_free(&dropped->message);
    if (dropped == &c->error) c->error = *aside;
}

const char *error_kind_name(ErrorKind kind) {
    return kinds[kind].name;
}
ErrorKind error_kind_parent(ErrorKind kind) {
    return kinds[kind].parent;
}
