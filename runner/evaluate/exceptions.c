/* See exceptions.h. */
#include "runner/evaluate/exceptions.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/values/types.h"

#include <assert.h>
#include <string.h>

/* ---- the object ---- */

static void exception_clear(Ctx *c, Obj *o) {
    Raised *e = (Raised *)o;
    Dict *attrs = e->base.attrs;
    e->base.attrs = NULL;
    obj_release(c, attrs);
    value_set(c, &e->args, value_none());
    value_set(c, &e->cause, value_none());
    value_set(c, &e->context, value_none());
}

static void exception_destroy(Ctx *c, Obj *o) {
    exception_clear(c, o);
    obj_release(c, ((Raised *)o)->base.cls);
    obj_free_tracked(c, o, sizeof(Raised));
}
static const ObjType exception_type = {"Exception", OBJ_EXCEPTION, exception_destroy,
                                       exception_clear};

Value exception_new(Interp *in, Class *cls, const Value *args, size_t n) {
    Raised *e = cls ? obj_new_tracked(in->c, &exception_type, sizeof *e) : NULL;
    if (!e) return value_null();
    pool_add(in->c, e);
    e->base.cls = obj_retain(cls);
    e->cause = e->context = value_none();
    e->args = value_obj(tuple_new(in->c, NULL, n, args));
    return value_is_null(e->args) ? value_null() : value_obj(e);
}

/* ---- between objects and the pending error ---- */

bool error_is(const Ctx *c, ErrorKind kind) {
    ErrorKind k = c->error.kind;
    if (k == ERR_NONE) return false;
    while (k != kind && k != BaseException) k = error_kind_parent(k);
    return k == kind;
}

static Value take_object(Interp *in) {
    Value v = value_keep(in->c, value_obj(in->c->error.object));
    error_clear(in->c);
    return v;
}

/* The exception being handled while e arises. */
static void set_context(Interp *in, Raised *e) {
    if (!value_is_null(in->handled) && in->handled.as.obj != (Obj *)e)
        value_set(in->c, &e->context, in->handled);
}

Value exception_take(Interp *in) {
    Ctx *c = in->c;
    assert(ctx_failed(c));
    if (c->error.object) return take_object(in);
    ErrorKind kind = c->error.kind;
    Buf text = c->error.message;
    buf_init(&c->error.message, &c->mem);
    error_clear(c);
    Value message = value_none();
    if (text.len) message = value_obj(pool_add(c, str_from_buf(c, &text)));
    buf_free(&text);
    Value v = value_null();
    if (!value_is_null(message)) {
        Class *cls = class_of_error(in, kind);
        v = exception_new(in, cls, &message, !value_is_none(message));
    }
    if (!value_is_null(v)) set_context(in, value_exception(v));
    return v;
}

void exception_raise(Interp *in, Value exception) {
    Ctx *c = in->c;
    if (ctx_failed(c)) return;
    Raised *e = value_exception(exception);
    c->error.kind = e->base.cls->error_kind;
    c->error.object = obj_retain(e);
    set_context(in, e);
}

void exception_raise_with(Interp *in, ErrorKind kind, Value arg) {
    Value v = exception_new(in, class_of_error(in, kind), &arg, 1);
    if (!value_is_null(v)) exception_raise(in, v);
}

/* ---- except ---- */

static int matches_one(Interp *in, const Class *cls, Value type) {
    const Class *wanted = value_class(type);
    if (wanted && wanted->error_kind) return class_derives(cls, wanted);
    error_raise(
        in->c, TypeError,
        "catching classes that do not inherit from BaseException is not allowed");
    return -1;
}

int exception_matches(Interp *in, Value exception, Value type) {
    const Class *cls = value_exception(exception)->base.cls;
    const Tuple *t = value_tuple(type);
    if (!t) return matches_one(in, cls, type);
    int found = 0;
    for (size_t i = 0; i < t->n && found == 0; i++)
        found = matches_one(in, cls, t->items[i]);
    return found;
}

/* ---- text ---- */

void exception_repr(Ctx *c, Buf *out, Value v) {
    const Raised *e = value_exception(v);
    const Tuple *args = value_tuple(e->args);
    buf_puts(out, e->base.cls->name->data);
    if (args && args->n == 1) {
        buf_putc(out, '(');
        value_repr(c, out, args->items[0]);
        buf_putc(out, ')');
    } else {
        value_repr(c, out, e->args);
    }
}

/* str() of an exception whose class defines none: KeyError shows its key. */
void exception_text(Ctx *c, Buf *out, Value v) {
    const Raised *e = value_exception(v);
    const Tuple *args = value_tuple(e->args);
    if (!args || args->n == 0) return;
    if (args->n > 1)
        value_repr(c, out, e->args);
    else if (e->base.cls->error_kind == KeyError)
        value_repr(c, out, args->items[0]);
    else
        value_text(c, out, args->items[0]);
}

static bool is_blank(char ch) {
    return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

void message_show(Buf *out, const Class *cls, const Str *message) {
    const char *from = message ? message->data : "";
    const char *to = from + (message ? message->len : 0);
    while (from < to && is_blank(*from)) from++;
    while (to > from && is_blank(to[-1])) to--;
    buf_puts(out, cls->name->data);
    if (from < to) buf_puts(out, ": ");
    buf_add(out, from, (size_t)(to - from));
    buf_putc(out, '\n');
}

ErrorKind exception_show(Interp *in, Buf *out, Value exception) {
    Ctx *c = in->c;
    const Class *cls = value_exception(exception)->base.cls;
    const Str *s = value_text_str(c, exception);
    if (c->error.kind == MemoryError) {
        error_clear(c);
        buf_puts(out, "MemoryError\n");
        return MemoryError;
    }
    error_clear(c);
    message_show(out, cls, s);
    return cls->error_kind;
}
