/* classes: types as objects, the classes that cells define, and their instances.
 *
 * Every type that a cell can name is a Class.  Those of built-in types are made when
 * first asked for, from a TypeDef; `class` statements make the others.  A class finds
 * attributes along its method resolution order (C3); what it finds is remembered in
 * the MethodCache until any class changes.
 *
 * An Instance of a cell's class has its attributes in a dict.  A class that derives
 * from a built-in container or number keeps the built-in value as `payload`, and what
 * the class does not define itself is asked of the payload.  Exceptions have `args`.
 */
#ifndef RUNNER_CLASSES_H
#define RUNNER_CLASSES_H

#include "runner/evaluate/env.h"
#include "runner/values/protocol.h"

typedef struct Class Class;

/* A built-in type as cells see it. */
typedef struct TypeDef {
    const char *name;   /* "int" */
    const char *module; /* "builtins": printed without; "torch" */
    /* What marks its values: a key of the tag of immediates, the kind of a named tuple,
     * else the ObjType; NULL: no value is of the very type. */
    const void *key;
    const char *base; /* name of the built-in base, NULL: object */
    /* TypeName(*args); NULL: "cannot create 'X' instances". */
    Value (*make)(Interp *in, Class *cls, const Args *args);
    const TypeOps *ops;    /* its slots and methods, or NULL */
    const Native *methods; /* more of them, which get an instance as it is */
    const Native *statics; /* called without self */
    /* Other attributes, or VAL_NULL without an error; NULL: none. */
    Value (*find)(Ctx *c, const Str *name);
    /* isinstance for values of other classes; NULL: false. */
    bool (*holds)(const Class *cls, Value v);
    bool final;             /* cannot be a base class */
    const char *methods_of; /* whose PyTorch's methods are, where that is a base */
    const char *type_name;  /* what the class of this type is called; NULL: type */
} TypeDef;

struct Class {
    Tracked head;
    const TypeDef *def; /* NULL: made by a class statement */
    Str *name, *qualname;
    Str *module;
    Dict *attrs;
    size_t n_bases, n_mro;
    Class **bases; /* owned */
    Class **mro;   /* mro[0] is the class itself, unowned; the others are owned */
    const TypeDef *builtin; /* the nearest built-in type it derives from, or NULL */
    ErrorKind error_kind;   /* of exceptions: the nearest built-in one; ERR_NONE */
    const void *key;        /* of built-in types */
    bool slots_only;        /* its instances take no attributes but __slots__ */
    Str *type_name;         /* what the class of this class is called; NULL: type */
    Str *full_name; /* with its module, for messages, where Python's or PyTorch's
                     * class is written in C; else NULL */
};

typedef struct Instance {
    Tracked head;
    Class *cls;
    Dict *attrs;   /* NULL until the first */
    Value payload; /* of subclasses of built-in types, else VAL_NULL */
} Instance;

/* ---- kinds of attributes that do something when they are looked up ---- */

typedef struct Property {
    Tracked head;
    Value get, set, del; /* VAL_NONE when there is none */
    Value doc;
} Property;

/* staticmethod, classmethod: an attribute around a function. */
typedef struct Wrapped {
    Tracked head;
    Value function;
} Wrapped;

/* super(): looks along the class of `self` behind `start`. */
typedef struct Super {
    Tracked head;
    Class *start;
    Class *of;  /* whose order is searched */
    Value self; /* an instance, or a class within class methods */
} Super;

extern const ObjType class_type, instance_type, property_type, staticmethod_type,
    classmethod_type, super_type;

static inline Class *value_class(Value v) {
    return value_is_kind(v, OBJ_CLASS) ? (Class *)v.as.obj : NULL;
}
static inline Instance *value_instance(Value v) {
    return value_is_kind(v, OBJ_INSTANCE) ? (Instance *)v.as.obj : NULL;
}

/* ---- built-in types ---- */

/* Classes made so far, found by the key that marks their values. */
typedef struct Types {
    size_t n, cap;
    struct TypeEntry {
        const void *key;
        Class *cls;   /* owned */
        bool of_node; /* of graph nodes, which are told apart by name */
    } * items;
    Class *exceptions[ERROR_KIND_COUNT]; /* owned */
} Types;

/* type(v), borrowed; NULL when memory is short. */
Class *class_of(Interp *in, Value v);
/* The built-in type of that name ("int", "torch.Size"), borrowed; NULL, without an
 * error, when there is none. */
Class *class_named(Interp *in, const char *name, size_t len);
Class *class_of_error(Interp *in, ErrorKind kind);
void types_close(Interp *in);
void methods_close(Interp *in);

/* ---- making classes and instances ---- */

typedef struct ClassSpec {
    Str *name, *qualname, *module;
    const Value *bases; /* n_bases classes; none: object */
    size_t n_bases;
    Dict *attrs;          /* becomes the class's own; retained */
    const Args *keywords; /* of the class statement, for __init_subclass__; or NULL */
} ClassSpec;

/* The class of the pool; TypeError for bases that do not fit together. Calls
 * __set_name__ and __init_subclass__. */
Class *class_make(Interp *in, const ClassSpec *spec);
/* An instance without attributes; of the pool. */
Value instance_make(Interp *in, Class *cls);
/* object.__new__(cls, ...): an instance, with the payload that its built-in type makes
 * of the arguments. */
Value object_new(Interp *in, Class *cls, const Args *args);
/* What calling a class does: __new__, then __init__. */
Value class_call(Interp *in, Class *cls, const Args *args);

/* ---- looking ---- */

bool class_derives(const Class *cls, const Class *base);
/* The attribute of the class or a base, borrowed; VAL_NULL when there is none. */
Value class_find(Interp *in, Class *cls, Str *name);
/* The same, looking behind `start` in the order of cls. */
Value class_find_after(Interp *in, const Class *cls, const Class *start, Str *name);
/* Whether an attribute of that name is found in a class that a cell or prelude module
 * made, before any built-in type. */
Value class_find_own(Interp *in, Class *cls, Str *name);
/* To be called whenever the attributes of a class change. */
void classes_changed(Interp *in);
/* The name in messages: that of a class written in C has its module. */
const char *class_shown(const Class *cls);
/* What the class of a class is called, with its module: "torch._C._TensorMeta"; NULL:
 * type. */
const char *class_type_name(const Class *cls);
/* "<class '__main__.Point'>" */
void class_repr(Buf *out, const Class *cls);

/* Remembers where attributes of classes were found. */
typedef struct MethodCache MethodCache;

#endif
