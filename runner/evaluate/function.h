/* function: what `def`, `lambda` and natives are as values, and how they are called.
 *
 * A Function refers to Code within a Program, which outlives it.  A Builtin is a
 * Native, bound to its self or not.  A BoundMethod is any callable with its self.
 */
#ifndef RUNNER_FUNCTION_H
#define RUNNER_FUNCTION_H

#include "runner/evaluate/env.h"
#include "runner/values/native.h"

struct Function {
    Tracked head;
    Code *code;
    Module *module; /* whose globals it sees; owned */
    Str *name, *qualname;
    Value doc;
    Dict *attrs;         /* NULL until the first */
    uint32_t n_values;   /* defaults of positional, then of keyword-only
                            parameters (VAL_NULL: none) */
    uint32_t n_defaults; /* of positional ones */
    Value *values;
    uint32_t n_closure;
    Value *closure; /* cells */
};

typedef struct Builtin {
    Tracked head;
    const Native *native;
    Value self;                  /* VAL_NULL: a function, or not bound */
    const struct TypeDef *owner; /* of an unbound method, list.append; NULL: none */
    bool on_payload;             /* self is the built-in value within an instance */
} Builtin;

typedef struct BoundMethod {
    Tracked head;
    Value function, self;
} BoundMethod;

extern const ObjType function_type, builtin_type, bound_type;

static inline Function *value_function(Value v) {
    return value_is_kind(v, OBJ_FUNCTION) ? (Function *)v.as.obj : NULL;
}
static inline Builtin *value_builtin(Value v) {
    return value_is_kind(v, OBJ_BUILTIN) ? (Builtin *)v.as.obj : NULL;
}
static inline BoundMethod *value_bound(Value v) {
    return value_is_kind(v, OBJ_BOUND) ? (BoundMethod *)v.as.obj : NULL;
}

/* The type that cells see: of what stands for a function that Python's `def` made it is
 * function_type, or bound_type for a method. */
const ObjType *builtin_seen_as(const Builtin *b);

/* The closure of `code` over frame f, its defaults evaluated there; of the pool. */
Value function_make(Frame *f, Code *code);
/* fn(self, *args), or fn(*args) when self is VAL_NULL. */
Value function_call(Ctx *c, Function *fn, Value self, const Args *args);
/* Builtin and BoundMethod; of the pool. */
Value builtin_make(Ctx *c, const Native *n, Value self, const struct TypeDef *owner,
                   bool on_payload);
Value bound_make(Ctx *c, Value function, Value self);

/* Sets up the cells of a frame for `code`, over the closure given; false: MemoryError.
 * frame_end takes them away, with the slots. */
bool frame_begin(Frame *f, Interp *in, const Code *code, Value *closure);
void frame_end(Frame *f);
/* Puts the arguments of a call into the first slots of f; TypeError as CPython. */
bool bind_params(Frame *f, const Function *fn, Value self, const Args *args);

/* callee(*args), whatever it is. TypeError "'int' object is not callable". */
Value call_value(Ctx *c, Value callee, const Args *args);
/* callee(self, *args). */
Value call_with_self(Ctx *c, Value callee, Value self, const Args *args);
/* For natives: a call with n positional arguments. */
Value call_positional(Ctx *c, Value callee, const Value *args, size_t n);
bool value_is_callable(Ctx *c, Value v);
/* "f", "<lambda>", "Point.__init__": what messages of the callee begin with. */
const char *callable_name(Value v);

#endif
