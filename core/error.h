/* error: the sticky error of a context.
 *
 * The first error_raise wins; later ones are ignored until error_clear.  While an
 * error is pending the dispatcher makes every operator inert (it returns NULL), so
 * formulas nest without checks: look at a result only before dereferencing it.
 * Kinds carry PyTorch's and Python's exception names.  A MemoryError needs no memory.
 * Once a request for memory has been refused (Mem.refused), whatever is raised is a
 * MemoryError, until one has been cleared: messages may be composed without a look.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include "buf.h"

typedef struct Ctx Ctx;

/* X(name, parent): the part of Python's exception tree that operations can raise. */
#define ERROR_KINDS(X)                                                                 \
    X(BaseException, BaseException)                                                    \
    X(Exception, BaseException)                                                        \
    X(ArithmeticError, Exception)                                                      \
    X(AssertionError, Exception)                                                       \
    X(AttributeError, Exception)                                                       \
    X(BufferError, Exception)                                                          \
    X(ReferenceError, Exception)                                                       \
    X(EOFError, Exception)                                                             \
    X(ImportError, Exception)                                                          \
    X(LookupError, Exception)                                                          \
    X(MemoryError, Exception)                                                          \
    X(NameError, Exception)                                                            \
    X(OSError, Exception)                                                              \
    X(RuntimeError, Exception)                                                         \
    X(StopIteration, Exception)                                                        \
    X(SyntaxError, Exception)                                                          \
    X(TypeError, Exception)                                                            \
    X(ValueError, Exception)                                                           \
    X(Warning, Exception)                                                              \
    X(SystemError, Exception)                                                          \
    X(StopAsyncIteration, Exception)                                                   \
    X(FloatingPointError, ArithmeticError)                                             \
    X(OverflowError, ArithmeticError)                                                  \
    X(ZeroDivisionError, ArithmeticError)                                              \
    X(FileNotFoundError, OSError)                                                      \
    X(PermissionError, OSError)                                                        \
    X(TimeoutError, OSError)                                                           \
    X(ModuleNotFoundError, ImportError)                                                \
    X(IndexError, LookupError)                                                         \
    X(KeyError, LookupError)                                                           \
    X(UnboundLocalError, NameError)                                                    \
    X(NotImplementedError, RuntimeError)                                               \
    X(RecursionError, RuntimeError)                                                    \
    X(_LinAlgError, RuntimeError)                                                      \
    X(UnicodeError, ValueError)                                                        \
    X(IndentationError, SyntaxError)                                                   \
    X(DeprecationWarning, Warning)                                                     \
    X(FutureWarning, Warning)                                                          \
    X(UnicodeWarning, Warning)                                                         \
    X(SyntaxWarning, Warning)                                                          \
    X(ResourceWarning, Warning)                                                        \
    X(PendingDeprecationWarning, Warning)                                              \
    X(ImportWarning, Warning)                                                          \
    X(BytesWarning, Warning)                                                           \
    X(RuntimeWarning, Warning)                                                         \
    X(UserWarning, Warning)                                                            \
    X(KeyboardInterrupt, BaseException)                                                \
    X(GeneratorExit, BaseException)                                                    \
    X(SystemExit, BaseException)

typedef enum ErrorKind {
    ERR_NONE,
#define X(name, parent) name,
    ERROR_KINDS(X)
#undef X
        ERROR_KIND_COUNT
} ErrorKind;

typedef struct Error {
    ErrorKind kind; /* ERR_NONE: nothing pending */
    Buf message;
    struct Obj *object; /* the exception raised, when a cell made one; owned */
} Error;

void error_init(Error *e, Mem *mem);

/* Raises; always returns NULL, for `return error_raise(...)`. */
void *error_raise(Ctx *c, ErrorKind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));
/* The same with a text that may hold NUL or '%'. */
void *error_raise_text(Ctx *c, ErrorKind kind, const char *text, size_t len)
    __attribute__((cold));
/* Drops the pending error and what it owns. */
void error_clear(Ctx *c);
/* Takes the pending error away, for what must run before it is seen; error_put_back
 * makes it pending again, unless that raised an error of its own. */
Error error_set_aside(Ctx *c);
void error_put_back(Ctx *c, Error *aside);

const char *error_kind_name(ErrorKind kind); /* "ValueError" */
ErrorKind error_kind_parent(ErrorKind kind); /* BaseException is its own */

#endif
