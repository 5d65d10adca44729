/* bind_parts: what the files of the binder share; everybody else includes bind.h.
 *
 *   bind_signature.c  a row of the overloads as Python sees it, and its text
 *   bind_match.c      one attempt: do these arguments fit this row?
 *   bind_convert.c    from fitting arguments to the arguments of the schema
 *   bind_error.c      the text when no row fits
 *   bind_names.c      the errors of dimension names, which no tensor here has
 *   bind_cache.c      calls like the last one at the same place
 *   bind.c            the search and the call
 *
 * A slot is a parameter as Python sees it.  Rows of methods leave self out, functions
 * call it `input`; behind the keyword-only parameters come `out` and, for factories,
 * dtype ... pin_memory and `requires_grad`, which no schema has.
 */
#ifndef CORE_BIND_PARTS_H
#define CORE_BIND_PARTS_H

#include "bind.h"

enum { SLOT_OUT = -1, SLOT_REQUIRES_GRAD = -2, MAX_SLOTS = MAX_PARAMS + 2 };

typedef struct Signature {
    const Op *op;
    unsigned form;
    uint8_t n;
    uint8_t n_positional;    /* the first of them may be given by position */
    uint8_t n_required;      /* slots without a default */
    int8_t slots[MAX_SLOTS]; /* index in the schema, or SLOT_* */
} Signature;

/* The arguments of a call, sorted into the slots of a row they fit. Borrowed. */
typedef struct Given {
    Value values[MAX_SLOTS]; /* VAL_NULL: not given */
    bool varargs;            /* all positional arguments are items of slot 0 */
} Given;

typedef struct Text {
    const char *s;
    size_t n;
} Text;

/* ---- bind_signature.c ---- */

void signature_make(Signature *s, const Op *op, unsigned form);
/* The parameter of slot i; NULL for out and requires_grad. */
const Param *signature_param(const Signature *s, int i);
Text signature_slot_name(const Signature *s, int i);
/* "tuple of ints" */
const char *signature_slot_type(const Signature *s, int i);
/* "(Tensor input, int dim, *, Tensor out)" */
void signature_print(Buf *out, const Signature *s);
/* A factory: its results take requires_grad. */
bool signature_is_factory(const Op *op);
bool form_is_method(unsigned form);
/* "add", or "add_" in place, for "%.*s%s". */
#define SIGNATURE_NAME(s)                                                              \
    (int)(s)->op->schema.base_len, (s)->op->schema.text, form_suffix((s)->form)
const char *form_suffix(unsigned form);

/* ---- bind_match.c ---- */

/* Whether a fits s, which then is sorted into g. When it does not, and `raising`,
 * TypeError says why. An error may be pending in either case: a list of tensors with
 * another item in it raises at once, as in PyTorch. */
bool signature_match(Ctx *c, const Signature *s, const Args *a, bool raising, Given *g);
/* The slot that a keyword gives a value to, by its name or NumPy's; -1 for none. */
int signature_keyword_slot(const Signature *s, const Str *name);
/* The name of v's type in messages, "int". */
const char *bind_type_name(Ctx *c, Value v);
/* An int beyond 64 bits, which is an object of the runner. */
bool is_big_int(Value v);
/* Whether v is a complex number, which is an object of the runner; its parts. */
bool complex_parts(Ctx *c, Value v, double *real, double *imag);
/* A tensor that counts as an int in lists and SymInts: one element, integer or bool. */
bool is_index_tensor(Value v);

/* ---- bind_convert.c ---- */

/* From g to the arguments of the schema. False after raising. */
bool given_convert(Ctx *c, const Signature *s, const Args *a, Value self,
                   const Given *g, Bound *b);

/* ---- bind_cache.c ---- */

/* Remembers in `cache` that the call fitted s in this way, where that can be
 * remembered.
 */
void cache_remember(BindCache *cache, const OverloadSet *set, const Signature *s,
                    const Args *a, const Given *g);
/* Binds a call of the kinds that `cache` remembers. False without an error when it does
 * not know them. */
bool cache_bind(Ctx *c, const BindCache *cache, const OverloadSet *set, Value self,
                const Args *a, Bound *b);

/* ---- bind_error.c ---- */

/* TypeError "add() received an invalid combination of arguments - got ...". */
void raise_no_match(Ctx *c, const OverloadSet *set, const Args *a);
/* UserWarning "This overload of add is deprecated: ...". */
void warn_deprecated(Ctx *c, const OverloadSet *set, const Signature *s);

/* ---- bind_names.c ---- */

/* A Dimname or a list of them: whether they are names at all. */
bool names_check(Ctx *c, Value v);
/* What PyTorch raises for a row without a forward: no tensor has names. */
void names_raise(Ctx *c, const Signature *s, const Bound *b);

#endif
