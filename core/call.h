/* call: one call of an operator, as its forward sees it.
 *
 * A forward reads its arguments by their index in the schema, asks call_result for
 * where its result goes, and need not know whether that is new, self or an out= tensor:
 * the dispatcher (op.h) copies it there where it is not the same memory.
 */
#ifndef CORE_CALL_H
#define CORE_CALL_H

#include "tensor.h"

struct Op;
struct OpDef;

enum { MAX_RESULTS = 4 };
typedef enum CallForm { CALL_NEW, CALL_INPLACE, CALL_OUT } CallForm;

typedef struct Call {
    const struct Op *op;
    const Value *args; /* in schema order, defaults filled in, None as VAL_NONE */
    CallForm form;
    /* PyTorch computes in a tensor of another dtype than out=, and resizes that one,
     * too: it warns twice. */
    bool buffered;
    int n_targets;
    Tensor *target[MAX_RESULTS]; /* self in place, or the out= tensors */
    Tensor *result[MAX_RESULTS]; /* what call_result gave, to be copied to target */
} Call;

/* ---- arguments ---- */

/* Argument i. Tensors are NULL for None. The others are defined for arguments that
 * the binder (or the C caller) has checked; int accepts bool and 0-d int tensors. */
static inline Tensor *call_tensor(const Call *k, int i) {
    return value_tensor(k->args[i]);
}
static inline bool call_is_none(const Call *k, int i) {
    return value_is_none(k->args[i]);
}
int64_t call_int(const Call *k, int i);
double call_float(const Call *k, int i);
bool call_bool(const Call *k, int i);
Value call_scalar(const Call *k, int i);                /* BOOL, INT or FLOAT */
const char *call_string(const Call *k, int i);          /* NULL for None */
DType call_dtype(const Call *k, int i, DType fallback); /* fallback for None */
/* An int list (or one int standing for list_size of them) into out[0..max); how many,
 * or -1 after raising. None gives 0. */
int call_ints(Ctx *c, const Call *k, int i, int64_t *out, int max);
/* The tensors of a Tensor[] argument, borrowed: item j is NULL for None. */
size_t call_list_len(const Call *k, int i);
Tensor *call_list_tensor(const Call *k, int i, size_t j);

static inline Value arg_tensor(Tensor *t) { /* NULL: None */
    return t ? (Value){.tag = VAL_OBJ, .as.obj = (Obj *)t} : value_none();
}
/* A tuple of ints for an int[] parameter, owned by the pool. */
Value arg_ints(Ctx *c, int n, const int64_t *ints);

/* ---- results ---- */

/* Result number nr, uninitialised: a new tensor; or in place self; or the out= tensor,
 * resized. In place and with out= the dtype must be castable ("result type Float can't
 * be cast to the desired output type Long") and the shape must fit ("output with shape
 * [1, 3] doesn't match the broadcast shape [2, 3]"). What comes back has exactly this
 * dtype and shape; the dispatcher copies it into the target where they differ. NULL
 * after raising. */
Tensor *call_result(Ctx *c, Call *k, int nr, DType dtype, int ndim,
                    const int64_t *sizes);

/* Does to out= number nr what call_result will: for operators that look at more after
 * PyTorch has resized out=. False after raising; true in other forms. */
bool out_prepare(Ctx *c, Call *k, int nr, DType dtype, int ndim, const int64_t *sizes);

/* Gives out= number nr these sizes, with PyTorch's warning where it held elements. */
bool out_resize(Ctx *c, const Call *k, int nr, int ndim, const int64_t *sizes);
/* That warning. */
void warn_resized(Ctx *c, int from, const int64_t *from_sizes, int ndim,
                  const int64_t *sizes);
/* "output with shape [1, 3] doesn't match the broadcast shape [2, 3]" */
void raise_output_shape(Ctx *c, int own, const int64_t *own_sizes, int ndim,
                        const int64_t *sizes);

/* False after raising when result nr would go into an out= tensor of another dtype than
 * d: for checks that come before others; OP_OUT_EXACT makes call_result do it. */
bool out_dtype_check(Ctx *c, const Call *k, int nr, DType d);

/* The same when the traits of the operator ask for the very dtype. */
bool out_is_exact(Ctx *c, const Call *k, int nr, DType d);

/* The warning of an operator `name` that writes to t in place when elements of t share
 * memory; `instead` is how an index assignment that ends here is written. */
void warn_expanded(Ctx *c, const Tensor *t, const char *name, const char *instead);

/* ---- the call made of another operator ---- */

/* The call k made of another operator with the same parameters, in the same form. */
Value call_as(Ctx *c, Call *k, const struct OpDef *def);
/* The call k made of `def`, which has n results, more than k: out= takes the first, new
 * tensors of dtype d the others. */
Value call_wider(Ctx *c, const Call *k, const struct OpDef *def, const Value *args,
                 int n, DType d);
/* The first of the results of such a call; VAL_NULL while an error is pending. */
Value first_result(Value results);
/* The forward of an operator that is another name for the one in its `alias`. A hidden
 * one has the parameters in another order, or fewer of them. */
Value call_alias(Ctx *c, Call *k);

#endif
