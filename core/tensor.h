/* tensor: an array seen through sizes and strides, and its place in the graph.
 *
 *   Storage   the bytes, with the version counter its views share
 *   Tensor    storage + offset + sizes + strides + dtype, and the autograd state
 *
 * A tensor is a leaf when it has no grad_fn.  A view knows its base: the tensor, not
 * itself a view, whose storage and history it shares; writing into either changes the
 * version of both.  `extra` holds what few tensors have: .grad, hooks, the
 * AccumulateGrad node, an own version counter (x.data, x after `x.data = y`).
 *
 * Offsets, sizes and strides count elements.  Tensors are made by tensor_new (owned)
 * and tensor_make (pool); operators make theirs with call_result (op.h).
 */
#ifndef CORE_TENSOR_H
#define CORE_TENSOR_H

#include "ctx.h"
#include "shape.h"

enum { INLINE_DIMS = 4, STORAGE_INLINE = 64 };

typedef struct Storage {
    Obj obj;
    char *data; /* inline_data, or a block of nbytes */
    size_t nbytes;
    uint32_t version;
    uint32_t inline_bytes; /* room behind the struct, used or not */
    bool zeros;            /* nothing but zeros, for ever; see ops/zeros.h */
    _Alignas(16) char inline_data[];
} Storage;

/* The counter of a tensor that shares its storage but not its version. */
typedef struct VersionCounter {
    Obj obj;
    uint32_t version;
} VersionCounter;

/* A reference that does not keep its tensor alive: t is NULL once it has died. */
typedef struct TensorRef {
    Obj obj;
    struct Tensor *t;
} TensorRef;

/* How a view came about, which decides whether it may be written in place. */
typedef enum CreationMeta {
    CREATION_DEFAULT,
    CREATION_IN_CUSTOM_FUNCTION,
    CREATION_MULTI_OUTPUT_NODE,
    CREATION_NO_GRAD_MODE,
    CREATION_INFERENCE_MODE
} CreationMeta;

typedef struct TensorExtra {
    struct Tensor *grad;
    struct Node *accumulator;  /* weak: AccumulateGrad clears it when it dies */
    VersionCounter *version;   /* NULL: the storage's */
    struct HookList *hooks;    /* register_hook; shared with the node that runs it */
    struct HookList *retained; /* of retain_grad; shared in the same way */
    TensorRef *weak;           /* see tensor_weak */
    Value attributes;          /* subclass and x.anything: of the host, or NULL */
} TensorExtra;

typedef struct Tensor {
    Obj obj;
    Storage *storage;
    int64_t offset;
    int64_t numel;
    int64_t *sizes; /* inline_dims, or a block of 2 * ndim; strides follow */
    int64_t *strides;
    uint8_t ndim; /* at most TENSOR_DIMS */
    int8_t dtype; /* a DType */
    bool contiguous;
    bool requires_grad; /* set by the user; a result with grad_fn requires it anyway */
    bool retains_grad;
    bool inference;        /* made in inference mode */
    bool unversioned;      /* an inference tensor that counts no writes */
    bool wrapped_number;   /* a Python number on its way into an operator */
    bool is_parameter;     /* torch.nn.Parameter */
    uint8_t creation;      /* a CreationMeta, of views */
    uint32_t output_nr;    /* which output of grad_fn */
    uint32_t view_version; /* version at which a view's grad_fn was made */
    struct Node *grad_fn;
    struct Tensor *base; /* of a view, else NULL */
    TensorExtra *extra;  /* NULL until needed */
    int64_t inline_dims[2 * INLINE_DIMS];
} Tensor;

extern const ObjType tensor_type;

/* ---- making ---- */

/* A contiguous tensor with uninitialised elements; the caller owns it. RuntimeError
 * for a negative size or more elements than can be addressed. */
Tensor *tensor_new(Ctx *c, DType dtype, int ndim, const int64_t *sizes);
/* The same, owned by the pool. */
Tensor *tensor_make(Ctx *c, DType dtype, int ndim, const int64_t *sizes);
/* Same elements, other geometry: shares t's storage and version, knows nothing of the
 * graph; base is not set (the dispatcher does that for view operators). Pool. */
Tensor *tensor_alias(Ctx *c, Tensor *t, int ndim, const int64_t *sizes,
                     const int64_t *strides, int64_t offset);
/* A 0-d tensor that holds v (bool, int or float), converted to dtype. Pool. */
Tensor *tensor_scalar(Ctx *c, DType dtype, Value v);
/* A Python number as an operand: 0-d int64 / default float dtype / bool, marked
 * wrapped_number (float64 inside, so that no digits are lost). Pool. */
Tensor *tensor_wrap_number(Ctx *c, Value v);
/* New geometry for an existing tensor (unsqueeze_, t_, resize_); strides NULL means
 * contiguous. The storage must be large enough. */
bool tensor_set_geometry(Ctx *c, Tensor *t, int ndim, const int64_t *sizes,
                         const int64_t *strides, int64_t offset);
/* resize_: new contiguous sizes; the storage grows when it must, keeping its bytes. */
bool tensor_resize(Ctx *c, Tensor *t, int ndim, const int64_t *sizes);
/* t takes over src's storage, geometry and dtype (x.data = y, module.to). t keeps its
 * version counter. */
bool tensor_set_data(Ctx *c, Tensor *t, Tensor *src);

/* Copies src, broadcast and converted, into dst's elements; they must not overlap.
 * Does nothing when either is NULL, for then an error is pending. (Stands in copy.c,
 * since it needs kernels.) */
void tensor_copy(Tensor *dst, const Tensor *src);

/* ---- looking ---- */

static inline Tensor *value_tensor(Value v) { /* NULL when v is no tensor */
    return value_is_kind(v, OBJ_TENSOR) ? (Tensor *)v.as.obj : NULL;
}
static inline void *tensor_data(const Tensor *t) { /* address of element 0 */
    return t->storage->data + t->offset * (int64_t)dtype_size((DType)t->dtype);
}
/* A view of a tensor that requires grad does too, even when nothing was recorded. */
static inline bool tensor_requires_grad(const Tensor *t) {
    const Tensor *base = t->base;
    return t->requires_grad || t->grad_fn ||
           (base && (base->requires_grad || base->grad_fn));
}
static inline Tensor *tensor_grad(const Tensor *t) {
    return t->extra ? t->extra->grad : NULL;
}
Shape tensor_shape(const Tensor *t);
uint32_t tensor_version(const Tensor *t);
void tensor_bump_version(Tensor *t);
/* t gets a version counter of its own, starting at `version`. */
bool tensor_own_version(Ctx *c, Tensor *t, uint32_t version);
bool tensor_same_sizes(const Tensor *a, const Tensor *b);
/* Whether t's elements fill one block of memory, in whatever order. */
bool tensor_is_dense(const Tensor *t);
/* "torch.FloatTensor", as x.type() and messages name it. */
const char *tensor_type_text(const Tensor *t);
/* What C++ calls t's type: "torch.FloatTensor", "CPUBoolType". */
const char *tensor_cpp_type(const Tensor *t);

/* Element at address p of dtype d as a Value: bool, int or float (exact). */
Value element_load(DType d, const void *p);
/* Whether v is within the range of d, as c10::overflows has it; what is no int or
 * float always is. */
bool element_fits(DType d, Value v);
/* The same, raising "value cannot be converted to type int8_t without overflow". */
bool scalar_fits(Ctx *c, Value v, DType d);
/* Converts v (bool, int, float) as a C cast would, wrapping integers. */
void element_store(DType d, void *p, Value v);
/* x.item(): ValueError "only one element tensors can be converted to Python scalars" */
Value tensor_item(Ctx *c, const Tensor *t);
/* Address of the element at these indices. */
void *tensor_at(const Tensor *t, const int64_t *index);

/* ---- keeping ---- */

/* t->extra, made when missing; NULL when memory is short. */
TensorExtra *tensor_extra(Ctx *c, Tensor *t);
/* The tensor's weak reference, borrowed; NULL when memory is short. */
TensorRef *tensor_weak(Ctx *c, Tensor *t);
void tensor_set_grad(Ctx *c, Tensor *t, Tensor *grad); /* retains grad; NULL clears */
/* t->grad_fn = node, output nr; retains node. Only op.c and engine.c call this. */
void tensor_set_history(Ctx *c, Tensor *t, struct Node *node, uint32_t nr);

#endif
