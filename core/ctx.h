/* ctx: all state of one engine; there are no mutable globals.
 *
 * A context belongs to one thread.  ctx_open gives a fresh engine: default dtype
 * float32, gradients on, the generator seeded with 0, default print options.
 */
#ifndef CORE_CTX_H
#define CORE_CTX_H

#include "pool.h"

/* torch.set_printoptions. sci_mode: -1 None, 0 False, 1 True. What is beyond int64 is
 * its end. */
typedef struct PrintOptions {
    int64_t precision;
    int64_t threshold;
    int64_t edgeitems;
    int64_t linewidth;
    int sci_mode;
} PrintOptions;
static const PrintOptions print_options_default = {4, 1000, 3, 80, -1};

struct OverloadSet; /* op.h */

/* What core asks of the program around it. Each may be NULL. */
typedef struct HostCalls {
    /* Calls a callable value (a hook); the result belongs to the pool. */
    Value (*call)(Ctx *c, Value callee, const Value *args, size_t n);
    /* A warning arose; kind is UserWarning or another Warning kind. The host may
     * raise it as an error. */
    void (*warn)(Ctx *c, ErrorKind kind, const char *message);
    /* Raises an error that holds a value, as KeyError holds its key. */
    void (*raise_about)(Ctx *c, ErrorKind kind, Value about);
    /* The name a callable shows in "hook '<lambda>' has changed ...", borrowed. */
    const char *(*callable_name)(Ctx *c, Value callee);
    /* Python's name of v's type where value_type_name cannot know it (a cell's own
     * classes), borrowed. */
    const char *(*type_name)(Ctx *c, Value v);
    /* Whether v is the type float, int or bool, which stand for dtypes; which one. */
    bool (*type_dtype)(Ctx *c, Value v, DType *out);
    /* float(v) of an int beyond 64 bits; OverflowError "int too large to convert to
     * float". */
    bool (*big_int_to_double)(Ctx *c, Value v, double *out);
    /* Whether v is a complex number; its parts. */
    bool (*complex_parts)(Value v, double *real, double *imag);
    /* Whether an argument of the call says itself what the operator gives; then *out
     * is that. Asked only while `overriding`. */
    bool (*override)(Ctx *c, const struct OverloadSet *set, Value self, const Args *a,
                     Value *out);
} HostCalls;

struct Ctx {
    Mem mem;
    Error error;
    Pool pool;
    Obj *dying;      /* objects with no reference left, not yet destroyed */
    bool disposing;  /* a release further up the stack is emptying `dying` */
    Tracked tracked; /* ring of the objects that can be part of a cycle */

    bool grad_enabled; /* torch.is_grad_enabled() */
    bool inference;    /* torch.is_inference_mode_enabled() */
    bool anomaly;      /* torch.is_anomaly_enabled() */
    bool anomaly_check_nan;
    bool overriding;    /* arguments of operators may have a __torch_function__ */
    int below_autograd; /* > 0 inside a forward: nothing is recorded */
    DType default_dtype;
    PrintOptions print;
    uint64_t next_sequence;      /* number of the next graph node */
    int64_t next_hook;           /* the id of the next hook */
    struct Generator *generator; /* the default generator */
    struct OpTable *ops;         /* operators parsed so far */
    struct VecMath *vecmath;     /* functions of mathematics, opened at first use */
    struct Engine *engine;       /* the backward passes under way, innermost first */
    Value saved_hooks;           /* list of (pack, unpack), or NULL */
    const void **warned;         /* keys of warn_once that have fired */
    size_t warned_n, warned_cap;
    HostCalls host;
    void *host_data; /* the runner's interpreter */
    int depth;       /* calls and walks into nested values under way */
    /* Where the C stack began when the host took it, and in bytes from there how much
     * may be used and how much there is; 0: not known. */
    uintptr_t stack_base, stack_room, stack_size;
    struct ReprFrame
        *printing; /* containers whose repr is under way, innermost first */
};

/* Initialises the ground layer; core_open (core.h) goes on from there. */
void ctx_open(Ctx *c);
/* Empties the pool, breaks cycles and gives the memory back; what is live afterwards
 * (c->mem.live_blocks) has been leaked or belongs to others. */
void ctx_close(Ctx *c);
/* Clears every tracked object, so that cycles fall apart. Values kept elsewhere stay
 * valid but empty. */
void ctx_break_cycles(Ctx *c);

static inline bool ctx_failed(const Ctx *c) {
    return c->error.kind != ERR_NONE;
}

/* mem_alloc and friends; a refusal raises MemoryError. */
static inline void *ctx_alloc(Ctx *c, size_t size) {
    void *p = mem_alloc(&c->mem, size);
    return p ? p : error_raise(c, MemoryError, "%s", "");
}
void *ctx_alloc_zero(Ctx *c, size_t size);
void *ctx_resize(Ctx *c, void *p, size_t old, size_t size);
static inline void ctx_free(Ctx *c, void *p, size_t size) {
    mem_free(&c->mem, p, size);
}

/* Takes over one reference and returns o; NULL for NULL. When the pool cannot grow,
 * o is released, MemoryError is pending, and the result is NULL. */
static inline void *pool_add(Ctx *c, void *o) {
    if (!o) return NULL;
    if (c->pool.n == c->pool.cap && !pool_grow(c)) {
        obj_release(c, o);
        return NULL;
    }
    return c->pool.items[c->pool.n++] = o;
}
/* pool_add for a value; immediates pass through. */
static inline Value pool_value(Ctx *c, Value v) {
    return v.tag == VAL_OBJ ? value_obj(pool_add(c, v.as.obj)) : v;
}
static inline size_t pool_mark(const Ctx *c) {
    return c->pool.n;
}
/* Gives up all references added since the mark. */
static inline void pool_drain(Ctx *c, size_t mark) {
    while (c->pool.n > mark) obj_release(c, c->pool.items[--c->pool.n]);
}

/* Hands a warning to the host. */
void warn(Ctx *c, ErrorKind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), cold));
/* The same, but once in a context for each `key` (any static address). */
void warn_once(Ctx *c, const void *key, ErrorKind kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5), cold));

#endif
