/* classes: the objects, attribute lookup along the resolution order, and the classes of
 * built-in types. See classes.h. */
#include "runner/evaluate/classes.h"

#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/torch_function.h"

#include <string.h>

/* ---- the objects ---- */

static void class_clear(Ctx *c, Obj *o) {
    Class *cls = (Class *)o;
    Dict *attrs = cls->attrs;
    cls->attrs = NULL;
    obj_release(c, attrs);
}

static void class_destroy(Ctx *c, Obj *o) {
    Class *cls = (Class *)o;
    if (c->host_data) classes_changed(interp_of(c)); /* its address may come again */
    class_clear(c, o);
    for (size_t i = 0; i < cls->n_bases; i++) obj_release(c, cls->bases[i]);
    for (size_t i = 1; i < cls->n_mro; i++) obj_release(c, cls->mro[i]);
    ctx_free(c, cls->bases, cls->n_bases * sizeof *cls->bases);
    ctx_free(c, cls->mro, cls->n_mro * sizeof *cls->mro);
    obj_release(c, cls->name);
    obj_release(c, cls->qualname);
    obj_release(c, cls->type_name);
    obj_release(c, cls->full_name);
    obj_release(c, cls->module);
    obj_free_tracked(c, o, sizeof *cls);
}
const ObjType class_type = {"type", OBJ_CLASS, class_destroy, class_clear};

static void instance_clear(Ctx *c, Obj *o) {
    Instance *i = (Instance *)o;
    Dict *attrs = i->attrs;
    i->attrs = NULL;
    obj_release(c, attrs);
    value_set(c, &i->payload, value_null());
}

static void instance_destroy(Ctx *c, Obj *o) {
    Instance *i = (Instance *)o;
    instance_clear(c, o);
    obj_release(c, i->cls);
    obj_free_tracked(c, o, sizeof *i);
}
const ObjType instance_type = {"object", OBJ_INSTANCE, instance_destroy,
                               instance_clear};

/* ---- lookup ---- */

/* Direct-mapped by class and name; an entry counts while its version is current. Only
 * interned names are looked up here, so that equal pointers mean equal names. */
enum { CACHE_ENTRIES = 256 };
struct MethodCache {
    struct {
        const Class *cls;
        const Str *name;
        uint64_t version;
        Value found; /* borrowed; VAL_NULL: nowhere */
    } entries[CACHE_ENTRIES];
};

void classes_changed(Interp *in) {
    in->class_version++;
}

/* The attribute of exactly this class, not of its bases. */
static Value own_attribute(Interp *in, Class *cls, Str *name) {
    Value v = cls->attrs ? dict_get_str(cls->attrs, name) : value_null();
    return value_is_null(v) && cls->def ? type_def_attribute(in, cls, name) : v;
}

static Value find_along(Interp *in, const Class *cls, size_t from, Str *name) {
    for (size_t i = from; i < cls->n_mro; i++) {
        Value v = own_attribute(in, cls->mro[i], name);
        if (!value_is_null(v) || ctx_failed(in->c)) return v;
    }
    return value_null();
}

/* Addresses differ in few bits, which a multiplication spreads over the high ones. */
static size_t cache_place(const Class *cls, const Str *name) {
    uint64_t a = (uintptr_t)cls, b = (uintptr_t)name;
    uint64_t h = (a ^ (b << 20 | b >> 44)) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 32) % CACHE_ENTRIES;
}

Value class_find(Interp *in, Class *cls, Str *name) {
    if (!in->methods) {
        in->methods = ctx_alloc_zero(in->c, sizeof *in->methods);
        if (!in->methods) return value_null();
    }
    size_t at = cache_place(cls, name);
    uint64_t version = in->class_version;
    if (in->methods->entries[at].cls == cls && in->methods->entries[at].name == name &&
        in->methods->entries[at].version == version)
        return in->methods->entries[at].found;
    Value v = find_along(in, cls, 0, name);
    if (ctx_failed(in->c)) return v; /* nothing was found out */
    in->methods->entries[at].cls = cls;
    in->methods->entries[at].name = name;
    in->methods->entries[at].version = version;
    in->methods->entries[at].found = v;
    return v;
}

void methods_close(Interp *in) {
    if (in->methods) ctx_free(in->c, in->methods, sizeof *in->methods);
    in->methods = NULL;
}

Value class_find_after(Interp *in, const Class *cls, const Class *start, Str *name) {
    size_t i = 0;
    while (i < cls->n_mro && cls->mro[i] != start) i++;
    return find_along(in, cls, i + 1, name);
}

Value class_find_own(Interp *in, Class *cls, Str *name) {
    if (!cls || cls->def) return value_null(); /* no class: memory is short */
    Value v = class_find(in, cls, name);
    const Builtin *b = value_builtin(v);
    return b && b->owner ? value_null() : v;
}

bool class_derives(const Class *cls, const Class *base) {
    for (size_t i = 0; i < cls->n_mro; i++)
        if (cls->mro[i] == base) return true;
    return false;
}

const char *class_shown(const Class *cls) {
    if (cls->full_name) return cls->full_name->data;
    bool in_c = cls->def && cls->def->key && cls->def->key != &tensor_type;
    return in_c ? cls->def->name : cls->name->data;
}

const char *class_type_name(const Class *cls) {
    if (cls->type_name) return cls->type_name->data;
    return cls->builtin ? cls->builtin->type_name : NULL;
}

void class_repr(Buf *out, const Class *cls) {
    buf_puts(out, "<class '");
    if (cls->module && !str_equals(cls->module, "builtins"))
        buf_printf(out, "%s.", cls->module->data);
    buf_printf(out, "%s'>", cls->qualname->data);
}

/* ---- the classes of built-in types ---- */

static Class *builtin_class(Interp *in, const TypeDef *def, const char *name,
                            const char *module, Class *base) {
    Ctx *c = in->c;
    Class *cls = obj_new_tracked(c, &class_type, sizeof *cls);
    if (!cls) return NULL;
    cls->def = cls->builtin = def;
    cls->name = str_from(c, name);
    cls->qualname = obj_retain(cls->name);
    cls->module = str_from(c, module);
    size_t n = base ? base->n_mro : 0;
    cls->mro = ctx_alloc(c, (n + 1) * sizeof *cls->mro);
    cls->bases = ctx_alloc(c, sizeof *cls->bases);
    if (cls->mro) cls->n_mro = 1;
    if (!cls->name || !cls->module || !cls->mro || !cls->bases) {
        ctx_free(c, cls->bases, sizeof *cls->bases);
        cls->bases = NULL;
        obj_release(c, cls);
        return NULL;
    }
    cls->mro[0] = cls;
    for (size_t i = 0; i < n; i++) cls->mro[i + 1] = obj_retain(base->mro[i]);
    cls->n_mro = n + 1;
    cls->n_bases = 1; /* the one block, empty for object */
    cls->bases[0] = obj_retain(base);
    return cls;
}

static Class *known_class(const Types *t, const void *key) {
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].key == key) return t->items[i].cls;
    return NULL;
}

/* Takes over the reference to cls. */
static Class *remember(Interp *in, const void *key, Class *cls) {
    Types *t = &in->types;
    if (!cls) return NULL;
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 16;
        struct TypeEntry *items =
            ctx_resize(in->c, t->items, t->cap * sizeof *items, cap * sizeof *items);
        if (!items) {
            obj_release(in->c, cls);
            return NULL;
        }
        t->items = items;
        t->cap = cap;
    }
    t->items[t->n++] = (struct TypeEntry){.key = key, .cls = cls};
    cls->key = key;
    return cls;
}

static Class *class_of_def(Interp *in, const TypeDef *def) {
    const void *key = def->key ? def->key : def;
    Class *cls = known_class(&in->types, key);
    if (cls) return cls;
    Class *base = NULL;
    if (def != type_def_object) {
        const char *name = def->base ? def->base : "object";
        base = class_named(in, name, strlen(name));
        if (!base) return NULL;
    }
    const char *dot = strrchr(def->name, '.'); /* torch.Size is Size of torch */
    return remember(
        in, key, builtin_class(in, def, dot ? dot + 1 : def->name, def->module, base));
}

/* A type that no TypeDef describes: known by its name alone. torch.return_types.max and
 * the like are tuples. */
static Class *plain_class(Interp *in, const void *key, const char *name, Value v) {
    Class *cls = known_class(&in->types, key);
    if (cls) return cls;
    const char *of = value_tuple(v) ? "tuple" : value_class(v) ? "type" : "object";
    Class *base = class_named(in, of, strlen(of));
    if (!base) return NULL;
    const char *dot = strrchr(name, '.');
    Str *module = dot ? str_new(in->c, name, (size_t)(dot - name)) : NULL;
    cls = builtin_class(in, NULL, dot ? dot + 1 : name,
                        module ? module->data : "builtins", base);
    obj_release(in->c, module);
    return remember(in, key, cls);
}

/* Nodes of one name are of one type, whichever overload made them. */
static Class *node_class(Interp *in, Node *n) {
    const Types *t = &in->types;
    const char *name = node_short_name(n);
    for (size_t i = 0; i < t->n; i++)
        if (t->items[i].of_node && strcmp(t->items[i].cls->name->data, name) == 0)
            return t->items[i].cls;
    Class *cls = plain_class(in, n->cls, name, value_obj(n));
    if (cls) in->types.items[in->types.n - 1].of_node = true;
    return cls;
}

Class *class_of_error(Interp *in, ErrorKind kind) {
    if (in->types.exceptions[kind]) return in->types.exceptions[kind];
    Class *base = kind == BaseException ? class_of_def(in, type_def_object)
                                        : class_of_error(in, error_kind_parent(kind));
    if (!base) return NULL;
    const char *module = kind == _LinAlgError ? "torch._C" : "builtins";
    Class *cls =
        builtin_class(in, type_def_exception, error_kind_name(kind), module, base);
    if (cls) cls->error_kind = kind;
    in->types.exceptions[kind] = cls;
    return cls;
}

Class *class_named(Interp *in, const char *name, size_t len) {
    const TypeDef *def = type_def_named(name, len);
    if (def) return class_of_def(in, def);
    if (len == strlen("IOError") && memcmp(name, "IOError", len) == 0)
        return class_of_error(in, OSError);
    for (int kind = BaseException; kind < ERROR_KIND_COUNT; kind++) {
        const char *error = error_kind_name((ErrorKind)kind);
        if (error[0] == name[0] && strlen(error) == len &&
            memcmp(error, name, len) == 0)
            return class_of_error(in, (ErrorKind)kind);
    }
    return NULL;
}

Class *class_of(Interp *in, Value v) {
    if (value_instance(v)) return value_instance(v)->cls;
    if (value_exception(v)) return value_exception(v)->base.cls;
    const Tensor *t = value_tensor(v);
    if (t && tensor_instance(t)) return tensor_instance(t)->cls;
    Node *n = value_node(v);
    if (n && !value_is_null(function_node_ctx(n)))
        return class_of(in, function_node_ctx(n));
    if (n) return node_class(in, n);
    const char *meta = value_class(v) ? class_type_name(value_class(v)) : NULL;
    if (meta) return plain_class(in, meta, meta, v);
    const void *key;
    const TypeDef *def = type_def_of(v, &key);
    if (def) return class_of_def(in, def);
    return plain_class(in, key, type_name(v), v);
}

void types_close(Interp *in) {
    Types *t = &in->types;
    for (size_t i = 0; i < t->n; i++) obj_release(in->c, t->items[i].cls);
    ctx_free(in->c, t->items, t->cap * sizeof *t->items);
    for (int i = 0; i < ERROR_KIND_COUNT; i++) obj_release(in->c, t->exceptions[i]);
    *t = (Types){.n = 0};
}
