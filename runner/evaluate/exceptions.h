/* exceptions: exceptions as objects, and how they and the sticky error of the context
 * turn into each other.
 *
 * What core raises is a kind and a message; it becomes an object only when a cell
 * catches it.  What a cell raises is an object from the start, and stays the same
 * object however often it is raised again.
 */
#ifndef RUNNER_EXCEPTIONS_H
#define RUNNER_EXCEPTIONS_H

#include "runner/evaluate/classes.h"

typedef struct Raised {
    Instance base;
    Value args;           /* a tuple */
    Value cause, context; /* VAL_NONE when there is none */
    bool suppress_context;
} Raised;

static inline Raised *value_exception(Value v) {
    return value_is_kind(v, OBJ_EXCEPTION) ? (Raised *)v.as.obj : NULL;
}

/* Whether v has a class of cells or is an exception: it may have special methods. */
static inline bool value_is_object(Value v) {
    return value_instance(v) || value_exception(v);
}

/* An exception of the pool with these args. */
Value exception_new(Interp *in, Class *cls, const Value *args, size_t n);
/* The pending error as an object of the pool; nothing is pending afterwards. VAL_NULL
 * when memory is short: MemoryError is then pending. */
Value exception_take(Interp *in);
/* Makes the exception the pending error. */
void exception_raise(Interp *in, Value exception);
/* Raises a new exception of this kind with one argument. */
void exception_raise_with(Interp *in, ErrorKind kind, Value arg);
/* Whether `except type` catches it: 1, 0, or -1 after raising. */
int exception_matches(Interp *in, Value exception, Value type);
/* Whether the pending error is of this kind or derives from it. */
bool error_is(const Ctx *c, ErrorKind kind);
/* repr() and str() as BaseException defines them. */
void exception_repr(Ctx *c, Buf *out, Value v);
void exception_text(Ctx *c, Buf *out, Value v);
/* What a cell prints for an exception or a warning: "ValueError: message", without
 * blanks around the message; the name alone when nothing is left. */
void message_show(Buf *out, const Class *cls, const Str *message);
/* The same for the exception that ends a cell, and its
 * kind; MemoryError when there is no memory to show any other. */
ErrorKind exception_show(Interp *in, Buf *out, Value exception);

#endif
