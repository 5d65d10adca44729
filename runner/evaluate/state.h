/* state: the interpreter's own record, for the files that evaluate.
 *
 * Everything that lives as long as a notebook hangs from here; natives reach it by
 * interp_of.
 */
#ifndef RUNNER_STATE_H
#define RUNNER_STATE_H

#include "runner/evaluate/classes.h"
#include "runner/evaluate/env.h"
#include "runner/evaluate/interp.h"

/* X(id): the special methods that the evaluator looks up, each with its interned
 * name `__id__` in Interp.names. */
#define SPECIAL_NAMES(X)                                                               \
    X(init)                                                                            \
    X(new)                                                                             \
    X(call)                                                                            \
    X(repr)                                                                            \
    X(str)                                                                             \
    X(len)                                                                             \
    X(getitem)                                                                         \
    X(setitem)                                                                         \
    X(delitem)                                                                         \
    X(iter)                                                                            \
    X(next)                                                                            \
    X(contains)                                                                        \
    X(eq)                                                                              \
    X(ne)                                                                              \
    X(lt)                                                                              \
    X(le)                                                                              \
    X(gt)                                                                              \
    X(ge)                                                                              \
    X(hash)                                                                            \
    X(bool)                                                                            \
    X(enter)                                                                           \
    X(exit)                                                                            \
    X(getattr)                                                                         \
    X(setattr)                                                                         \
    X(delattr)                                                                         \
    X(getattribute)                                                                    \
    X(format)                                                                          \
    X(index)                                                                           \
    X(int)                                                                             \
    X(float)                                                                           \
    X(complex)                                                                         \
    X(abs)                                                                             \
    X(neg)                                                                             \
    X(pos)                                                                             \
    X(invert)                                                                          \
    X(round)                                                                           \
    X(divmod)                                                                          \
    X(rdivmod)                                                                         \
    X(reversed)                                                                        \
    X(missing)                                                                         \
    X(dict)                                                                            \
    X(class)                                                                           \
    X(name)                                                                            \
    X(qualname)                                                                        \
    X(module)                                                                          \
    X(doc)                                                                             \
    X(bases)                                                                           \
    X(base)                                                                            \
    X(mro)                                                                             \
    X(traceback)                                                                       \
    X(suppress_context)                                                                \
    X(self)                                                                            \
    X(func)                                                                            \
    X(wrapped)                                                                         \
    X(get)                                                                             \
    X(set)                                                                             \
    X(delete)                                                                          \
    X(set_name)                                                                        \
    X(init_subclass)                                                                   \
    X(class_getitem)                                                                   \
    X(cause)                                                                           \
    X(context)                                                                         \
    X(defaults)                                                                        \
    X(dir)                                                                             \
    X(trunc)                                                                           \
    X(slots)                                                                           \
    X(add)                                                                             \
    X(sub)                                                                             \
    X(mul)                                                                             \
    X(matmul)                                                                          \
    X(truediv)                                                                         \
    X(floordiv)                                                                        \
    X(mod)                                                                             \
    X(pow)                                                                             \
    X(lshift)                                                                          \
    X(rshift)                                                                          \
    X(and)                                                                             \
    X(or)                                                                              \
    X(xor)                                                                             \
    X(radd)                                                                            \
    X(rsub)                                                                            \
    X(rmul)                                                                            \
    X(rmatmul)                                                                         \
    X(rtruediv)                                                                        \
    X(rfloordiv)                                                                       \
    X(rmod)                                                                            \
    X(rpow)                                                                            \
    X(rlshift)                                                                         \
    X(rrshift)                                                                         \
    X(rand)                                                                            \
    X(ror)                                                                             \
    X(rxor)                                                                            \
    X(iadd)                                                                            \
    X(isub)                                                                            \
    X(imul)                                                                            \
    X(imatmul)                                                                         \
    X(itruediv)                                                                        \
    X(ifloordiv)                                                                       \
    X(imod)                                                                            \
    X(ipow)                                                                            \
    X(ilshift)                                                                         \
    X(irshift)                                                                         \
    X(iand)                                                                            \
    X(ior)                                                                             \
    X(ixor)                                                                            \
    X(torch_function)

typedef enum SpecialName {
#define X(id) NAME__##id,
    SPECIAL_NAMES(X)
#undef X
        SPECIAL_COUNT
} SpecialName;

struct Interp {
    Ctx *c;
    Buf *out;
    Symbols symbols;
    Str *names[SPECIAL_COUNT]; /* "__init__" ...; owned by symbols */
    Str *empty;                /* "" */
    ValueStack stack;
    Frame *frame;     /* the innermost; NULL between cells */
    uint64_t rebound; /* how often := has given a local variable a new value */
    Value handled;    /* the exception that `raise` alone raises again; borrowed */
    Types types;      /* the classes of built-in types met so far */
    MethodCache *methods;
    uint64_t class_version; /* of all classes; attributes found are good for one */
    Module *main;
    Dict *modules;         /* name -> module, of those imported */
    Module *warnings;      /* when a cell has imported it; borrowed from modules */
    HostCalls host_before; /* what interp_close puts back */
    void *host_data_before;
    int selective_passes; /* backward passes under way that lead to given inputs only */
    Node *backward_node;  /* whose backward, written in a cell, runs; NULL */
    size_t current_op;
    OpWatch *watch; /* or NULL */
    size_t *op_starts;
    size_t op_starts_cap;
    ErrorKind last_error;
};

static inline Interp *interp_of(const Ctx *c) {
    return c->host_data;
}

static inline Str *special(const Interp *in, SpecialName name) {
    return in->names[name];
}

#endif
