/* protocol: what the language asks of a value, whatever its type.
 *
 * Each question has one function here; it answers for immediates and looks up the
 * TypeOps of every other type (type_ops). A slot that is NULL means Python's default
 * for plain objects. Slots get values of which the first (for compare and binary: at
 * least one) is of the type they belong to. Arguments are borrowed; a Value returned
 * is borrowed or the pool's; VAL_NULL (or -1, or false) means an error is pending.
 *
 * Walks into nested values count against the limit of 1000 that Python has for calls,
 * and raise RecursionError beyond it, so that no C stack overflows.
 */
#ifndef RUNNER_PROTOCOL_H
#define RUNNER_PROTOCOL_H

#include "runner/language/ast.h" /* BinaryOp, UnaryOp, CompareOp */
#include "runner/values/kinds.h"
#include "runner/values/native.h"

/* A container whose repr is under way; lies on the C stack. */
typedef struct ReprFrame {
    struct ReprFrame *up;
    const Obj *object;
} ReprFrame;

typedef struct TypeOps {
    /* The name in messages; NULL: value_type_name. */
    const char *(*name)(Value v);
    /* NULL: by identity. */
    bool (*hash)(Ctx *c, Value v, uint64_t *out);
    /* a OP b, one of the first six, where a or b is of this type; NotImplemented when
     * it cannot tell. NULL: identity for == and !=. */
    Value (*compare)(Ctx *c, CompareOp op, Value a, Value b);
    /* 1, 0, -1. NULL: whether length is not 0; true without a length. */
    int (*truth)(Ctx *c, Value v);
    /* NULL: <name object at 0x...>. */
    void (*repr)(Ctx *c, Buf *out, Value v);
    /* str(v); NULL: repr. */
    void (*text)(Ctx *c, Buf *out, Value v);
    /* format(v, spec); NULL: str(v), refusing every spec but "". */
    void (*format)(Ctx *c, Buf *out, Value v, const Str *spec);
    Value (*iterate)(Ctx *c, Value v);
    /* VAL_NULL without an error at the end. */
    Value (*next)(Ctx *c, Value iterator);
    int64_t (*length)(Ctx *c, Value v); /* -1: error */
    int (*contains)(Ctx *c, Value v, Value item);
    Value (*get_item)(Ctx *c, Value v, Value key);
    /* VAL_NULL as the value deletes. */
    bool (*set_item)(Ctx *c, Value v, Value key, Value value);
    /* Attributes besides methods; VAL_NULL without an error when there is none. */
    Value (*get_attr)(Ctx *c, Value v, Str *name);
    /* a OP b, where a or b is of this type; NotImplemented when it cannot. */
    Value (*binary)(Ctx *c, BinaryOp op, Value a, Value b);
    /* a OP= b; NULL, or NotImplemented: a OP b. */
    Value (*inplace)(Ctx *c, BinaryOp op, Value a, Value b);
    Value (*unary)(Ctx *c, UnaryOp op, Value v);     /* not UNARY_NOT */
    bool (*to_index)(Ctx *c, Value v, int64_t *out); /* __index__ */
    /* Whether it has an __index__; NULL: when to_index is there. */
    bool (*is_index)(Value v);
    bool (*to_double)(Ctx *c, Value v, double *out); /* __float__ */
    /* The items of a mapping that is no dict itself; NULL when it is none. */
    struct Dict *(*items)(Ctx *c, Value v);
    /* Methods, ended by a row without a name; NULL: none. */
    const Native *methods;
} TypeOps;

/* The slots of v's type; never NULL. */
const TypeOps *type_ops(Value v);
/* The name of v's type in messages: "int", "torch.Size", a cell's own class. */
const char *type_name(Value v);
/* The method of a built-in type; NULL when there is none of that name. */
const Native *type_method(Value self, const Str *name);

/* hash(v). TypeError "unhashable type: 'list'". Equal numbers have equal hashes, and
 * numbers and tuples of them have Python's. */
bool value_hash(Ctx *c, Value v, uint64_t *out);
uint64_t str_hash(Str *s);
uint64_t text_hash(const char *bytes, size_t n); /* that of an equal str */
/* a is b or a == b: 1, 0, -1. */
int value_equals(Ctx *c, Value a, Value b);
/* v with a reference that the pool owns, so that it outlives changes of its container.
 */
static inline Value value_share(Ctx *c, Value v) {
    return pool_value(c, value_retain(v));
}
/* a is b. */
bool value_same(Value a, Value b);
/* a OP b with reflection. TypeError "'<' not supported between instances of 'int' and
 * 'str'". Not always a bool: tensors answer with tensors. */
Value value_compare(Ctx *c, CompareOp op, Value a, Value b);
/* The same with NotImplemented instead of the TypeError. */
Value value_try_compare(Ctx *c, CompareOp op, Value a, Value b);
/* What a compare slot answers that knows only equality: `same` to ==, the opposite to
 * !=, NotImplemented to the others. */
Value equality_answer(CompareOp op, bool same);
/* bool(a OP b): 1, 0, -1. */
int value_test(Ctx *c, CompareOp op, Value a, Value b);
int value_truth(Ctx *c, Value v);

/* repr(v), str(v) and format(v, spec), appended to out. */
void value_repr(Ctx *c, Buf *out, Value v);
void value_text(Ctx *c, Buf *out, Value v);
void value_format(Ctx *c, Buf *out, Value v, const Str *spec);
/* The same as a str of the pool; NULL on error. */
Str *value_repr_str(Ctx *c, Value v);
Str *value_text_str(Ctx *c, Value v);

/* iter(v). TypeError "'int' object is not iterable". */
Value value_iterate(Ctx *c, Value v);
/* next(iterator); VAL_NULL without an error at the end. TypeError "'int' object is not
 * an iterator". */
Value value_next(Ctx *c, Value iterator);
/* list(v): a new list of the pool with the items of any iterable; NULL on error. Items
 * of the pool that the iteration makes are given up item by item. */
List *value_to_list(Ctx *c, Value v);
/* len(v), -1 on error. TypeError "object of type 'int' has no len()". */
int64_t value_length(Ctx *c, Value v);
/* item in v: 1, 0, -1. */
int value_contains(Ctx *c, Value v, Value item);
/* v[key]. TypeError "'int' object is not subscriptable". */
Value value_get_item(Ctx *c, Value v, Value key);
/* v[key] = value; del v[key] when value is VAL_NULL. */
bool value_set_item(Ctx *c, Value v, Value key, Value value);
/* v.name (attr.c). AttributeError "'int' object has no attribute 'x'". */
Value value_get_attr(Ctx *c, Value v, Str *name);
/* a OP b with reflection. TypeError "unsupported operand type(s) for +: 'int' and
 * 'str'" */
Value value_binary(Ctx *c, BinaryOp op, Value a, Value b);
/* The same with NotImplemented instead of the TypeError. */
Value value_try_binary(Ctx *c, BinaryOp op, Value a, Value b);
/* The value of a after a OP= b. */
Value value_inplace(Ctx *c, BinaryOp op, Value a, Value b);
/* TypeError "bad operand type for unary -: 'str'". */
Value value_unary(Ctx *c, UnaryOp op, Value v);
/* callee(*args), through c->host.call. */
Value value_call(Ctx *c, Value callee, const Value *args, size_t n);

/* Counts one level of nesting; RecursionError "maximum recursion depth exceeded" +
 * where (" in comparison") beyond the limit. Each true needs a value_leave. */
bool value_enter(Ctx *c, const char *where);
void value_leave(Ctx *c);
/* The same for the repr of a container: false also when v is being shown already,
 * after writing `again` ("[...]"). Each true needs a repr_leave. */
bool repr_enter(Ctx *c, Buf *out, ReprFrame *frame, Value v, const char *again);
void repr_leave(Ctx *c, ReprFrame *frame);

/* v.__index__() as 64 bits. TypeError "'str' object cannot be interpreted as an
 * integer"; OverflowError "Python int too large to convert to C ssize_t". */
bool value_to_index(Ctx *c, Value v, int64_t *out);
/* v.__float__(). TypeError "must be real number, not str". */
bool value_to_double(Ctx *c, Value v, double *out);
/* KeyError with key as its argument, so that it reads as repr(key). */
Value value_key_error(Ctx *c, Value key);
Value value_key_error_text(Ctx *c, const char *text);

#endif
