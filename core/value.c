/* See value.h. */
#include "ctx.h"

#include <string.h>

/* ---- reference counts ---- */

void obj_dispose(Ctx *c, Obj *o) {
    if (c->disposing) {
        o->u.next_dying = c->dying;
        c->dying = o;
        return;
    }
    c->disposing = true;
    o->type->destroy(c, o);
    while ((o = c->dying)) {
        c->dying = o->u.next_dying;
        o->type->destroy(c, o);
    }
    c->disposing = false;
}

void *obj_new(Ctx *c, const ObjType *type, size_t size) {
    Obj *o = ctx_alloc_zero(c, size);
    if (!o) return NULL;
    o->u.refs = 1;
    o->type = type;
    return o;
}

void *obj_new_tracked(Ctx *c, const ObjType *type, size_t size) {
    Tracked *t = obj_new(c, type, size);
    if (!t) return NULL;
    t->prev = &c->tracked;
    t->next = c->tracked.next;
    t->next->prev = t;
    c->tracked.next = t;
    return t;
}

void obj_free(Ctx *c, void *o, size_t size) {
    ctx_free(c, o, size);
}

void obj_free_tracked(Ctx *c, void *o, size_t size) {
    Tracked *t = o;
    t->prev->next = t->next;
    t->next->prev = t->prev;
    ctx_free(c, o, size);
}

const char *value_type_name(Value v) {
    switch (v.tag) {
    case VAL_NULL: return "NULL";
    case VAL_NONE: return "NoneType";
    case VAL_BOOL: return "bool";
    case VAL_INT: return "int";
    case VAL_FLOAT: return "float";
    case VAL_DTYPE: return "torch.dtype";
    case VAL_DEVICE: return "torch.device";
    case VAL_LAYOUT: return "torch.layout";
    case VAL_MEMORY_FORMAT: return "torch.memory_format";
    case VAL_ELLIPSIS: return "ellipsis";
    case VAL_NOT_IMPLEMENTED: return "NotImplementedType";
    case VAL_OBJ: break;
    }
    const Tuple *t = value_tuple(v);
    if (t && t->kind) return t->kind->name;
    return v.as.obj->type->name;
}

/* ---- str ---- */

static void str_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(Str) + ((Str *)o)->len + 1);
}
const ObjType str_type = {"str", OBJ_STR, str_destroy, NULL};

Str *str_new(Ctx *c, const char *bytes, size_t n) {
    Str *s = obj_new(c, &str_type, sizeof(Str) + n + 1);
    if (!s) return NULL;
    s->len = n;
    s->chars = utf8_count(bytes, n);
    if (n) memcpy(s->data, bytes, n);
    return s;
}

Str *str_from(Ctx *c, const char *text) {
    return str_new(c, text, strlen(text));
}

Str *str_from_buf(Ctx *c, const Buf *b) {
    if (b->failed) return error_raise(c, MemoryError, "%s", "");
    return str_new(c, buf_text(b), b->len);
}

Str *str_take(Ctx *c, Buf *b) {
    Str *s = ctx_failed(c) ? NULL : pool_add(c, str_from_buf(c, b));
    buf_free(b);
    return s;
}

const char *text_take(Ctx *c, Buf *b) {
    const Str *s = str_take(c, b);
    return s ? s->data : "";
}

/* The bytes of n values behind `head` others; of more values than memory can hold, more
 * than it can be asked for. */
static size_t bytes_of(size_t head, size_t n) {
    return n < SIZE_MAX / 4 / sizeof(Value) ? head + n * sizeof(Value) : SIZE_MAX;
}

/* ---- list ---- */

static void list_clear(Ctx *c, Obj *o) {
    List *l = (List *)o;
    Value *items = l->items;
    size_t n = l->n, cap = l->cap;
    l->items = NULL;
    l->n = l->cap = 0;
    for (size_t i = 0; i < n; i++) value_release(c, items[i]);
    ctx_free(c, items, cap * sizeof *items);
}

static void list_destroy(Ctx *c, Obj *o) {
    list_clear(c, o);
    obj_free_tracked(c, o, sizeof(List));
}
const ObjType list_type = {"list", OBJ_LIST, list_destroy, list_clear};

List *list_new(Ctx *c, size_t cap) {
    List *l = obj_new_tracked(c, &list_type, sizeof *l);
    if (!l || cap == 0) return l;
    l->items = ctx_alloc(c, bytes_of(0, cap));
    if (!l->items) {
        obj_release(c, l);
        return NULL;
    }
    l->cap = cap;
    return l;
}

static bool list_reserve(Ctx *c, List *l, size_t n) {
    if (n <= l->cap) return true;
    size_t cap = l->cap * 2 > n ? l->cap * 2 : n + 3;
    Value *items = ctx_resize(c, l->items, l->cap * sizeof *items, cap * sizeof *items);
    if (!items) return false;
    l->items = items;
    l->cap = cap;
    return true;
}

bool list_push(Ctx *c, List *l, Value v) {
    if (!list_reserve(c, l, l->n + 1)) return false;
    l->items[l->n++] = value_retain(v);
    return true;
}

bool list_insert(Ctx *c, List *l, size_t at, Value v) {
    return list_splice(c, l, at, at, &v, 1);
}

bool list_splice(Ctx *c, List *l, size_t from, size_t to, const Value *v, size_t n) {
    size_t gone = to - from;
    if (!list_reserve(c, l, l->n - gone + n)) return false;
    Value *old = NULL;
    if (gone) {
        old = ctx_alloc(c, gone * sizeof *old);
        if (!old) return false;
        memcpy(old, l->items + from, gone * sizeof *old);
    }
    for (size_t i = 0; i < n; i++) value_retain(v[i]);
    if (l->n > to)
        memmove(l->items + from + n, l->items + to, (l->n - to) * sizeof *l->items);
    if (n) memcpy(l->items + from, v, n * sizeof *v);
    l->n = l->n - gone + n;
    for (size_t i = 0; i < gone; i++) value_release(c, old[i]);
    ctx_free(c, old, gone * sizeof *old);
    return true;
}

/* ---- tuple ---- */

static void tuple_destroy(Ctx *c, Obj *o) {
    Tuple *t = (Tuple *)o;
    for (size_t i = 0; i < t->n; i++) value_release(c, t->items[i]);
    obj_free(c, o, sizeof(Tuple) + t->n * sizeof(Value));
}
const ObjType tuple_type = {"tuple", OBJ_TUPLE, tuple_destroy, NULL};
const TupleKind size_kind = {"torch.Size", NULL, NULL};

Tuple *tuple_new(Ctx *c, const TupleKind *kind, size_t n, const Value *items) {
    Tuple *t = obj_new(c, &tuple_type, bytes_of(sizeof(Tuple), n));
    if (!t) return NULL;
    t->kind = kind;
    t->n = n;
    for (size_t i = 0; i < n; i++)
        t->items[i] = items ? value_retain(items[i]) : value_none();
    return t;
}

Value tuple_of(Ctx *c, size_t n, const Value *items) {
    return value_obj(pool_add(c, tuple_new(c, NULL, n, items)));
}

Tuple *size_new(Ctx *c, int n, const int64_t *dims) {
    Tuple *t = tuple_new(c, &size_kind, (size_t)n, NULL);
    if (!t) return NULL;
    for (int i = 0; i < n; i++) t->items[i] = value_int(dims[i]);
    return t;
}

bool value_items(Value v, const Value **items, size_t *n) {
    const List *l = value_list(v);
    const Tuple *t = value_tuple(v);
    if (!l && !t) return false;
    *items = l ? l->items : t->items;
    *n = l ? l->n : t->n;
    return true;
}
