/* env: where variables live: modules, frames, cells, and the stack of values.
 *
 * A module holds the global variables of its code in slots; the parser has already
 * turned each name into its slot.  A frame is one call under way: its local variables
 * stand on the value stack of the interpreter, those that closures share in cells.
 *
 * Slots and cells own what they hold.  A local variable may be read without a
 * reference of one's own (only its own frame can rebind it, between expressions);
 * what is read from a global slot or a cell is kept by the pool, since any call may
 * rebind it.
 */
#ifndef RUNNER_ENV_H
#define RUNNER_ENV_H

#include "runner/language/ast.h"
#include "runner/values/dict.h"

struct Native;
typedef struct Interp Interp;
typedef struct Function Function;

typedef struct GlobalSlot {
    Value value;   /* VAL_NULL: not bound */
    Value builtin; /* the builtin of that name, VAL_NULL when there is none */
} GlobalSlot;

/* What a module written in C has beside variables. */
typedef struct ModuleDef {
    const char *name; /* "torch.nn.functional" */
    /* The attribute of that name, to be kept as a variable of the module; VAL_NULL,
     * without an error, when there is none. NULL: variables only. */
    Value (*find)(Interp *in, const char *name, size_t len);
    /* Functions, ended by a row without a name; NULL: none. */
    const struct Native *natives;
    /* Numbers, ended by a row without a name; NULL: none. */
    const struct MathConstant *numbers;
} ModuleDef;

typedef struct Module {
    Tracked head;
    Interp *in;
    const ModuleDef *def; /* NULL: the cells' module */
    Str *name;            /* "__main__"; owned by the Symbols */
    GlobalTable table;
    GlobalSlot *slots;
    int32_t made; /* slots in use; names beyond have none yet */
    int32_t cap;
    Program *program; /* of a prelude module; owned */
    bool ready;       /* its source has run, or is running */
} Module;

/* A variable that closures share. */
typedef struct Cell {
    Tracked head;
    Value value; /* VAL_NULL: not bound */
} Cell;

typedef struct Frame {
    Interp *in;
    Ctx *c;
    Value *slots;
    Value *cells; /* Cell objects */
    Module *module;
    const Code *code;
    Function *function; /* NULL: the frame of a module or class body */
    Dict *names;        /* the namespace of a class body, else NULL */
    Value result;       /* what `return` gave; owned */
    struct Frame *back; /* the caller's */
} Frame;

/* Values in last-in-first-out order, in chunks that stay where they are. */
typedef struct StackChunk {
    struct StackChunk *below;
    size_t used, cap;
    Value items[];
} StackChunk;

typedef struct ValueStack {
    StackChunk *top;
    StackChunk *spare; /* an empty one, kept to avoid trips to the allocator */
} ValueStack;

/* n values, all VAL_NULL; NULL when memory is short. n may be 0. */
Value *stack_push(Ctx *c, ValueStack *s, size_t n);
/* Releases the last n values pushed and takes them off. */
void stack_pop(Ctx *c, ValueStack *s, Value *values, size_t n);
void stack_close(Ctx *c, ValueStack *s);

extern const ObjType module_type;

Cell *cell_new(Ctx *c);
static inline Cell *frame_cell(const Frame *f, int32_t i) {
    return (Cell *)f->cells[i].as.obj;
}

/* A module without variables; one reference for the caller. */
Module *module_new(Interp *in, const ModuleDef *def, Str *name);
/* Makes the slots that the table has grown by since, with their builtins. */
bool module_grow(Module *m);
/* A variable of that name, borrowed; VAL_NULL when it is not bound. */
Value module_get(const Module *m, const Str *name);
/* VAL_NULL as v unbinds. */
bool module_set(Module *m, const Str *name, Value v);
bool module_set_text(Module *m, const char *name, Value v);

static inline Module *value_module(Value v) {
    return value_is_kind(v, OBJ_MODULE) ? (Module *)v.as.obj : NULL;
}

/* v with a reference that the pool owns: what was read from a place that others may
 * overwrite before the statement ends. */
static inline Value value_keep(Ctx *c, Value v) {
    if (v.tag != VAL_OBJ) return v;
    obj_retain(v.as.obj);
    return pool_value(c, v);
}

#endif
