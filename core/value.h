/* value: what operators take and give, and the counted objects behind it.
 *
 * A Value is 16 bytes: a tag and a payload.  Small things are immediate (None, bool,
 * 64-bit int, float, dtype, device, layout ...); everything else is an Obj with a
 * reference count.  Tag VAL_NULL is no value: "an error is pending", or "absent".
 *
 * Ownership.  `x_new` gives the caller one reference.  Functions that compute a value
 * give one that the pool owns (see pool.h): keep it past the statement with retain.
 * Getters borrow.  Containers own their items.
 *
 * Release never recurses: an object whose count reaches 0 joins the list c->dying,
 * and the outermost release empties it (a list nested a million deep, or a graph of
 * a million nodes, is freed in constant stack).  Objects that can be part of a
 * reference cycle are tracked; what cycles keep is freed by ctx_close.
 */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "dtype.h"
#include "error.h"

#include <string.h>

typedef struct Obj Obj;

typedef enum ObjKind {
    OBJ_STR,
    OBJ_LIST,
    OBJ_TUPLE,
    OBJ_STORAGE,
    OBJ_TENSOR,
    OBJ_NODE,
    OBJ_GENERATOR,
    OBJ_HOST /* kinds from here on belong to the runner */
} ObjKind;

typedef struct ObjType {
    const char *name;                /* Python's name of the type */
    int kind;                        /* ObjKind, or the runner's own */
    void (*destroy)(Ctx *c, Obj *o); /* releases what o owns, then frees o */
    void (*clear)(Ctx *c, Obj *o);   /* tracked types: drops references, o lives on */
} ObjType;

struct Obj {
    union {
        int64_t refs;
        Obj *next_dying;
    } u;
    const ObjType *type;
};

/* An object that can be part of a cycle starts with this instead of Obj. */
typedef struct Tracked {
    Obj obj;
    struct Tracked *prev, *next;
} Tracked;

typedef enum ValueTag {
    VAL_NULL,
    VAL_NONE,
    VAL_BOOL,
    VAL_INT,
    VAL_FLOAT,
    VAL_OBJ,
    VAL_DTYPE,
    VAL_DEVICE,
    VAL_LAYOUT,
    VAL_MEMORY_FORMAT,
    VAL_ELLIPSIS,
    VAL_NOT_IMPLEMENTED
} ValueTag;

typedef enum DeviceKind { DEVICE_CPU, DEVICE_CUDA, DEVICE_META } DeviceKind;
typedef enum MemoryFormat {
    FORMAT_CONTIGUOUS,
    FORMAT_PRESERVE,
    FORMAT_CHANNELS_LAST,
    FORMAT_CHANNELS_LAST_3D
} MemoryFormat;

typedef struct Device {
    DeviceKind kind;
    int32_t index; /* -1 when none */
} Device;

typedef struct Value {
    uint64_t tag; /* a ValueTag, as wide as a register: values travel in two of them */
    union {
        bool b;
        int64_t i;
        double f;
        DType dtype;
        Device device;
        MemoryFormat format;
        Obj *obj;
    } as;
} Value;

/* A str: immutable UTF-8, NUL-terminated (and it may hold NUL). */
typedef struct Str {
    Obj obj;
    size_t len;    /* bytes */
    size_t chars;  /* characters */
    uint64_t hash; /* 0 until first asked for */
    char data[];
} Str;

typedef struct List {
    Tracked head;
    size_t n, cap;
    Value *items;
} List;

/* A tuple, or one of its named kinds: torch.Size, torch.return_types.max. */
typedef struct TupleKind {
    const char *name;            /* "torch.Size", "torch.return_types.max" */
    const char *const *fields;   /* names of its items, NULL for torch.Size */
    const struct TupleKind *out; /* with out= the kind is another, or NULL */
} TupleKind;

typedef struct Tuple {
    Obj obj;
    const TupleKind *kind; /* NULL: a plain tuple */
    size_t n;
    Value items[];
} Tuple;

extern const ObjType str_type, list_type, tuple_type;
extern const TupleKind size_kind; /* torch.Size */

/* ---- reference counts ---- */
void obj_dispose(Ctx *c, Obj *o); /* o's count has reached 0 */
static inline void *obj_retain(void *o) {
    if (o) ((Obj *)o)->u.refs++;
    return o;
}
static inline void obj_release(Ctx *c, void *o) {
    if (o && --((Obj *)o)->u.refs == 0) obj_dispose(c, o);
}
static inline Value value_retain(Value v) {
    if (v.tag == VAL_OBJ) v.as.obj->u.refs++;
    return v;
}
static inline void value_release(Ctx *c, Value v) {
    if (v.tag == VAL_OBJ) obj_release(c, v.as.obj);
}
/* *slot = v with one more reference; the old value loses one. */
static inline void value_set(Ctx *c, Value *slot, Value v) {
    Value old = *slot;
    *slot = value_retain(v);
    value_release(c, old);
}

/* Allocates an object of `size` bytes, zero-filled, with one reference. */
void *obj_new(Ctx *c, const ObjType *type, size_t size);
/* The same for a type that starts with Tracked. */
void *obj_new_tracked(Ctx *c, const ObjType *type, size_t size);
/* The end of every destroy: unlinks (tracked) and frees. `size` as given to *_new. */
void obj_free(Ctx *c, void *o, size_t size);
void obj_free_tracked(Ctx *c, void *o, size_t size);

/* ---- making values (immediates own nothing) ---- */
static inline Value value_null(void) {
    return (Value){.tag = VAL_NULL};
}
static inline Value value_none(void) {
    return (Value){.tag = VAL_NONE};
}
static inline Value value_bool(bool b) {
    return (Value){.tag = VAL_BOOL, .as.b = b};
}
static inline Value value_int(int64_t i) {
    return (Value){.tag = VAL_INT, .as.i = i};
}
static inline Value value_float(double f) {
    return (Value){.tag = VAL_FLOAT, .as.f = f};
}
static inline Value value_dtype(DType d) {
    return (Value){.tag = VAL_DTYPE, .as.dtype = d};
}
static inline Value value_device(DeviceKind kind, int32_t index) {
    return (Value){.tag = VAL_DEVICE, .as.device = {kind, index}};
}
/* NULL gives VAL_NULL: an object that could not be made is an error value. */
static inline Value value_obj(void *o) {
    return o ? (Value){.tag = VAL_OBJ, .as.obj = o} : value_null();
}
static inline Value value_not_implemented(void) {
    return (Value){.tag = VAL_NOT_IMPLEMENTED};
}
static inline bool value_is_not_implemented(Value v) {
    return v.tag == VAL_NOT_IMPLEMENTED;
}
static inline bool value_is_null(Value v) {
    return v.tag == VAL_NULL;
}
/* A bool, int or float as a double. */
static inline double value_as_double(Value v) {
    return v.tag == VAL_FLOAT ? v.as.f : v.tag == VAL_INT ? (double)v.as.i : v.as.b;
}
static inline bool value_is_none(Value v) {
    return v.tag == VAL_NONE;
}
static inline bool value_is_kind(Value v, int kind) {
    return v.tag == VAL_OBJ && v.as.obj->type->kind == kind;
}
/* The arguments of one call, as written: positional ones, then keywords. Borrowed. */
typedef struct Named {
    const struct Str *name;
    Value value;
} Named;
typedef struct Args {
    const Value *pos;
    size_t n;
    const Named *named;
    size_t n_named;
} Args;

/* `return value_raise(c, TypeError, ...)` from functions that give a Value. */
#define value_raise(...) (error_raise(__VA_ARGS__), value_null())

/* Python's name of v's type: "int", "NoneType", "Tensor", "torch.dtype" ... */
const char *value_type_name(Value v);

/* ---- str, list, tuple ---- */
Str *str_new(Ctx *c, const char *bytes, size_t n); /* n bytes of valid UTF-8 */
Str *str_from(Ctx *c, const char *text);
Str *str_from_buf(Ctx *c, const Buf *b); /* MemoryError when b failed */
/* What b holds as a str of the pool; frees b. NULL when an error is pending or b
 * failed.
 */
Str *str_take(Ctx *c, Buf *b);
const char *text_take(Ctx *c, Buf *b);  /* the same for messages, "" for NULL */
static inline Str *value_str(Value v) { /* NULL when v is no str */
    return value_is_kind(v, OBJ_STR) ? (Str *)v.as.obj : NULL;
}
/* What names are looked up with in tables: the first letter tells most of them apart.
 */
static inline bool str_equals(const Str *s, const char *text) {
    return s->data[0] == text[0] && s->len == strlen(text) &&
           memcmp(s->data, text, s->len) == 0;
}

List *list_new(Ctx *c, size_t cap);
bool list_push(Ctx *c, List *l, Value v); /* retains v */
bool list_insert(Ctx *c, List *l, size_t at, Value v);
/* Replaces items [from, to) by n values, which are retained. The old ones lose a
 * reference only after the list is whole again. */
bool list_splice(Ctx *c, List *l, size_t from, size_t to, const Value *v, size_t n);
static inline List *value_list(Value v) {
    return value_is_kind(v, OBJ_LIST) ? (List *)v.as.obj : NULL;
}

/* Items NONE; fill them with value_set, or give `items` to be copied and retained. */
Tuple *tuple_new(Ctx *c, const TupleKind *kind, size_t n, const Value *items);
/* A plain tuple of the pool; items as above. */
Value tuple_of(Ctx *c, size_t n, const Value *items);
Tuple *size_new(Ctx *c, int n, const int64_t *dims); /* a torch.Size */
static inline Tuple *value_tuple(Value v) {
    return value_is_kind(v, OBJ_TUPLE) ? (Tuple *)v.as.obj : NULL;
}
/* The items of a list or tuple, borrowed; false when v is neither. */
bool value_items(Value v, const Value **items, size_t *n);

#endif
