/* op: operators: their declaration, the registry, and the one dispatcher.
 *
 * An operator is one block in a family file under ops/: a doc comment, the forward,
 * the backward, and a `static const OpDef` that carries the ATen schema.  Each family
 * ends with a NULL-terminated list of its OpDefs, in the order in which PyTorch tries
 * overloads; ops/registry.c lists the families.  Nothing else names an operator: the
 * pointer to its OpDef is its identity.
 *
 * The dispatcher (op_call) runs a forward, then records the graph node, bumps versions
 * and marks views.  While an error is pending it does nothing and gives VAL_NULL, so
 * formulas nest without checks.  Results belong to the pool.
 *
 * A forward checks (raising, in PyTorch's order), computes the shape and dtype of its
 * result, gets the result from call_result and runs a kernel, which cannot fail.
 */
#ifndef CORE_OP_H
#define CORE_OP_H

#include "call.h"
#include "node.h"
#include "schema.h"
#include "tensor.h"

/* Where users find the operator. */
enum {
    OP_FUNCTION = 1,           /* torch.X */
    OP_METHOD = 2,             /* Tensor.X */
    OP_INPLACE = 4,            /* Tensor.X_ (and torch.X_ when OP_FUNCTION_INPLACE) */
    OP_OUT = 8,                /* torch.X(..., out=) */
    OP_NN = 16,                /* torch._C._nn.X: what torch.nn.functional builds on */
    OP_LINALG = 32,            /* torch.linalg.X, its schema named linalg_X */
    OP_SPECIAL = 64,           /* torch.special.X, its schema named special_X */
    OP_FUNCTION_INPLACE = 128, /* torch.X_ */
    OP_NN_INPLACE = 256,       /* torch._C._nn.X_ */
    OP_INTERNAL = 0,           /* for formulas only */
    OP_USUAL = OP_FUNCTION | OP_METHOD | OP_OUT,
    OP_USUAL_INPLACE = OP_USUAL | OP_INPLACE,
    OP_ANY_INPLACE = OP_INPLACE | OP_FUNCTION_INPLACE | OP_NN_INPLACE,
};

/* What the dispatcher must know. */
enum {
    /* The forward calls other operators, which record themselves; no node of its own.
     * (CompositeImplicitAutograd.) */
    OP_COMPOSITE = 1,
    /* The kernel reads each element of its inputs before it writes the same element of
     * the result: in place needs no copy. */
    OP_POINTWISE = 2,
    /* The result never requires grad (comparisons, argmax, integer results); with a
     * backward, what is written in place does. */
    OP_NOT_DIFFERENTIABLE = 4,
    /* PyTorch has no derivative: the result's grad_fn is <NotImplemented>, and
     * backward through it raises, naming .node or else the operator. */
    OP_DERIVATIVE_MISSING = 8,
    /* Python numbers are taken where the schema says Tensor (add, mul, div ...). */
    OP_NUMBERS_AS_TENSORS = 16,
    /* A deprecated overload: tried, but not listed in messages. */
    OP_HIDDEN = 32,
    /* Several results that are views of the input (split, unbind): they cannot be
     * written in place while gradients are recorded. */
    OP_MULTI_VIEW = 64,
    /* Only the first n results are differentiable (max with indices). */
    OP_FIRST_RESULT_ONLY = 128,
    /* In place it takes a target whose elements share memory, with a warning. */
    OP_EXPANDED_TARGET = 256,
    /* In place nothing is recorded when the target is of integers. */
    OP_FLOATING_TARGET = 512,
    /* out= must have the dtype of the result: "Expected out tensor to have dtype long
     * int, but got float instead"; or "Found dtype Float but expected Long". */
    OP_OUT_EXACT = 1024,
    OP_OUT_SAME = 2048,
    /* out= of another shape is resized without a warning. */
    OP_OUT_QUIET = 4096,
    /* A composite operator that PyTorch has no kernel for that writes to out=: what was
     * computed is copied into it, and the copy is recorded. */
    OP_OUT_COPIED = 8192,
    /* A pointwise operator that PyTorch has not among its structured ones: see
     * `buffered` in Call. */
    OP_UNSTRUCTURED = 16384,
    /* A composite operator whose form with out= PyTorch has no derivative for: it is
     * run as a whole, like an operator with OP_DERIVATIVE_MISSING. */
    OP_OUT_MISSING = 32768,
    /* Writes in place without counting a version (resize_). */
    OP_UNCOUNTED = 65536,
    /* An integer result where a derivative is wanted fails an assertion of PyTorch's.
     */
    OP_ASSERTS_FLOATING = 131072,
};

typedef struct OpDef {
    const char *schema;
    const char *doc; /* one sentence, shown by `autocell ops` */
    unsigned forms;
    unsigned traits;
    /* What backward needs, in the order of saved_*(g, 0), (g, 1) ...: names of
     * parameters, `result`, `result1`, `self.sizes`, or `self.geometry` (sizes,
     * strides, offset as a tuple), separated by spaces. `self.sym_sizes` and the like
     * differ in how grad_fn shows them (`derived` in op_registry.c), `self.shape` it
     * does not. "self?other": only when `other` requires grad. Only what stands here is
     * checked for in-place writes, in this order, which is PyTorch's: by the names of
     * the inputs whose formulas need it; save what PyTorch saves. */
    const char *saves;
    /* Tensor parameters that never get a gradient (index, mask), separated by spaces:
     * they have no edge and are not counted among the inputs of backward. One that
     * may not even require grad has a '!' behind it ("weight!"). */
    const char *constants;
    /* Name of the node; NULL: CamelCase of the schema's name + "Backward0". */
    const char *node;
    const char *inplace_node;          /* of the in-place form, where it differs */
    const char *long_node;             /* what name() gives, where it differs */
    Value (*forward)(Ctx *c, Call *k); /* NULL: only listed in messages */
    void (*backward)(Ctx *c, Grad *g);
    const struct OpDef *alias; /* see call_alias */
    /* Of a composite operator: the one that PyTorch gives out= to, which refuses to be
     * recorded before anything else is looked at; NULL: known from the result. */
    const char *out_name;
    /* A call that `autocell ops` shows, of the variables in
     * runner/command/op_example.h; NULL where the schema tells which call runs. */
    const char *example;
} OpDef;

/* ---- the registry ---- */

/* A parameter that takes tensors. It has edges when they can get a gradient. */
typedef struct TensorParam {
    uint8_t at; /* its index */
    bool is_list;
    bool has_edges;
} TensorParam;

/* An operator in use in a context: its declaration, parsed. */
typedef struct Op {
    const OpDef *def;
    Schema schema;
    TensorParam tensors[MAX_PARAMS]; /* in order */
    uint8_t n_tensors;
    uint8_t n_edges; /* of its calls; when any_list, those of its single tensors */
    bool any_list;
    NodeClass node_class;
    NodeClass inplace_class;
    struct SavePlan *saves;
    size_t n_saves;
    bool saves_lists; /* some entry is a list of tensors */
} Op;

extern const OpDef *const *const op_families[]; /* NULL-terminated; ops/registry.c */

/* The parsed form of def, made at the first call; NULL when memory is short. */
const Op *op_get(Ctx *c, const OpDef *def);
/* Writes what PyTorch calls entry i of the saves of op after grad_fn._saved_: "self",
 * "self_sym_sizes", "indices"; part 1 is a second name of the same entry
 * ("self_numel"). Nothing for what it does not show. */
void op_saved_name(const Op *op, size_t i, int part, Buf *out);
/* Whether entry i of the saves is a tensor. */
bool op_saves_tensor(const Op *op, size_t i);
/* Whether it is a list of tensors. */
bool op_saves_list(const Op *op, size_t i);
/* Index in the saves of op of the entry of that name, and the part; -1 when there is
 * none. */
int op_saved_index(Ctx *c, const Op *op, const char *name, size_t len, int *part);
/* Whether entry i is an int or a list of ints by the schema; a Scalar is none. */
bool op_saves_ints(const Op *op, size_t i);
/* What PyTorch shows for part of entry i, whose saved value is v. */
Value op_saved_shown(Ctx *c, const Op *op, size_t i, int part, Value v);
/* Frees all parsed operators of c. */
void op_table_close(Ctx *c);

/* The overloads of one name in one form, in the order in which PyTorch tries them. */
typedef struct OverloadSet {
    const char
        *name;     /* "add_" for the in-place form, "linalg_det" for torch.linalg.det */
    unsigned form; /* OP_FUNCTION, OP_METHOD, OP_INPLACE, OP_NN ... */
    size_t n;
    const OpDef *const *defs;
} OverloadSet;

/* The overloads that users reach as torch.<name> (OP_FUNCTION), Tensor.<name>
 * (OP_METHOD, also "add_"), torch.linalg.<name> ...; NULL, without an error, when there
 * are none. The set lives as long as the context. */
const OverloadSet *op_find(Ctx *c, unsigned form, const char *name, size_t len);

/* ---- the dispatcher ---- */

/* Calls with arguments in schema order. */
Value op_call(Ctx *c, const OpDef *def, const Value *args);
/* The same, of an operator that has been found, while no error is pending. */
Value op_run(Ctx *c, const Op *op, const Value *args);
/* The same in place (args[0] is self) or into out[0..n_out). Gives self / out. */
Value op_call_inplace(Ctx *c, const OpDef *def, const Value *args);
Value op_call_out(Ctx *c, const OpDef *def, const Value *args, Tensor *const *out,
                  int n_out);
/* "mul(): functions with out=... arguments don't support automatic differentiation ..."
 */
Value raise_out(Ctx *c, const OpDef *def);
/* op_call for an operator with one tensor as its result; NULL while an error is
 * pending. */
Tensor *op_tensor(Ctx *c, const OpDef *def, const Value *args);

#endif
