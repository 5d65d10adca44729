/* See bind_parts.h.
 *
 * A call site sees the same kinds of arguments again and again.  Which overload fits
 * depends only on what the digest here covers: how many arguments, their names, their
 * types, and for tensors of one element what else a parser looks at.  The digest picks
 * the overload; the type of each value is checked all the same, so that a digest that
 * happens to be equal can do no harm.  What is rare is not remembered.
 */
#include "bind_parts.h"

#include <string.h>

/* ---- the digest ---- */

enum { KIND_NONE = 0, KIND_TENSOR = 16, KIND_STR = 32, KIND_GENERATOR, KIND_LIST = 64 };

static uint64_t tensor_kind(const Tensor *t) {
    if (t->numel != 1) return KIND_TENSOR;
    bool integral = dtype_is_integral((DType)t->dtype, true);
    bool boolean = t->dtype == DT_bool;
    bool plain = t->ndim == 0 && !tensor_requires_grad(t);
    return KIND_TENSOR + 1u + integral + 2u * boolean + 4u * plain;
}

/* 0 for what is not remembered: objects of the runner, lists in lists. */
static uint64_t item_kind(Value v) {
    if (v.tag != VAL_OBJ) return v.tag;
    switch (v.as.obj->type->kind) {
    case OBJ_TENSOR: return tensor_kind((const Tensor *)v.as.obj);
    case OBJ_STR: return KIND_STR;
    case OBJ_GENERATOR: return KIND_GENERATOR;
    default: return KIND_NONE;
    }
}

/* Lists whose items are of the same kind. */
static uint64_t list_kind(const Value *items, size_t n) {
    if (n == 0) return KIND_LIST;
    uint64_t first = item_kind(items[0]);
    for (size_t i = 1; i < n; i++)
        if (item_kind(items[i]) != first) return KIND_NONE;
    return first ? KIND_LIST + first : KIND_NONE;
}

static uint64_t value_kind(Value v) {
    uint64_t kind = item_kind(v);
    const Value *items;
    size_t n;
    if (kind != KIND_NONE || !value_items(v, &items, &n)) return kind;
    return list_kind(items, n);
}

static uint64_t mix(uint64_t h, uint64_t k) {
    h = (h ^ k) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 29);
}

static uint64_t name_digest(uint64_t h, const Str *name) {
    for (size_t i = 0; i < name->len; i += 8) {
        uint64_t word = 0;
        size_t left = name->len - i;
        memcpy(&word, name->data + i, left < 8 ? left : 8);
        h = mix(h, word);
    }
    return h;
}

/* 0: not to be remembered. */
static uint64_t digest(const Args *a) {
    uint64_t h = mix(a->n, a->n_named + 1);
    for (size_t i = 0; i < a->n; i++) {
        uint64_t kind = value_kind(a->pos[i]);
        if (!kind) return 0;
        h = mix(h, kind);
    }
    for (size_t i = 0; i < a->n_named; i++) {
        uint64_t kind = value_kind(a->named[i].value);
        if (!kind) return 0;
        h = mix(name_digest(h, a->named[i].name), kind);
    }
    return h;
}

/* ---- remembering ---- */

/* A factory checks its device, memory and out= in ways that only the full bind knows.
 */
static bool is_plain_slot(const Signature *s, int slot) {
    const Param *p = slot >= 0 ? signature_param(s, slot) : NULL;
    if (!signature_is_factory(s->op)) return slot >= 0;
    if (slot >= 0 && s->slots[slot] == SLOT_REQUIRES_GRAD) return true;
    return p && p->type != PARAM_DEVICE && (p->type != PARAM_BOOL || !p->keyword_only);
}

void cache_remember(BindCache *cache, const OverloadSet *set, const Signature *s,
                    const Args *a, const Given *g) {
    *cache = (BindCache){.self = -1, .varargs = s->n > 0 && g->varargs};
    size_t used = cache->varargs ? 1 : a->n;
    if (used > s->n_positional || used + a->n_named > BIND_CACHED_ARGS) return;
    size_t n = 0;
    for (; n < used; n++) cache->slots[n] = s->slots[n];
    for (size_t i = 0; i < a->n_named; i++) {
        int slot = signature_keyword_slot(s, a->named[i].name);
        if (!is_plain_slot(s, slot)) return;
        cache->slots[n++] = s->slots[slot];
    }
    if (form_is_method(s->form))
        cache->self = (int8_t)schema_find(&s->op->schema, "self", 4);
    cache->n = (uint8_t)a->n;
    cache->n_named = (uint8_t)a->n_named;
    cache->set = set;
    cache->op = s->op;
    cache->kinds = digest(a);
    if (a->n == 1 && a->n_named == 0) cache->kind = (uint8_t)item_kind(a->pos[0]);
}

/* ---- recalling ---- */

static bool take_list(const Value *items, size_t n, bool (*fits)(Value v)) {
    for (size_t i = 0; i < n; i++)
        if (!fits(items[i])) return false;
    return true;
}

static bool is_plain_int(Value v) {
    return v.tag == VAL_INT;
}

static bool is_tensor(Value v) {
    return value_tensor(v);
}

static bool take_ints(Ctx *c, const Value *items, size_t n, Value *out) {
    if (!take_list(items, n, is_plain_int)) return false;
    *out = tuple_of(c, n, items);
    return out->tag != VAL_NULL;
}

static bool take_int_list(Ctx *c, const Param *p, Value v, Value *out) {
    const Value *items;
    size_t n;
    if (v.tag == VAL_INT) return p->list_size == 1;
    if (!value_items(v, &items, &n)) return false;
    if (value_tuple(v)) return take_list(items, n, is_plain_int);
    return take_ints(c, items, n, out);
}

static bool take_tensor_list(Value v) {
    const Value *items;
    size_t n;
    return value_items(v, &items, &n) && take_list(items, n, is_tensor);
}

static bool take_tensor(Ctx *c, const Op *op, Value v, Value *out) {
    if (value_tensor(v)) return true;
    bool number = v.tag == VAL_INT || v.tag == VAL_FLOAT || v.tag == VAL_BOOL;
    if (!number || !(op->def->traits & OP_NUMBERS_AS_TENSORS)) return false;
    *out = value_obj(tensor_wrap_number(c, v));
    return out->tag != VAL_NULL;
}

static bool take_float(Value v, Value *out) {
    if (v.tag == VAL_INT) *out = value_float((double)v.as.i);
    return v.tag == VAL_FLOAT || v.tag == VAL_INT;
}

static bool take(Ctx *c, const Op *op, const Param *p, Value v, Value *out) {
    *out = v;
    if (v.tag == VAL_NONE) return p->optional || p->default_value.tag == VAL_NONE;
    switch ((ParamType)p->type) {
    case PARAM_TENSOR: return take_tensor(c, op, v, out);
    case PARAM_TENSOR_LIST: return take_tensor_list(v);
    case PARAM_SCALAR:
        return v.tag == VAL_INT || v.tag == VAL_FLOAT || v.tag == VAL_BOOL;
    case PARAM_INT: return v.tag == VAL_INT;
    case PARAM_INT_LIST: return take_int_list(c, p, v, out);
    case PARAM_FLOAT: return take_float(v, out);
    case PARAM_BOOL: return v.tag == VAL_BOOL;
    case PARAM_STRING: return value_str(v);
    case PARAM_DTYPE: return v.tag == VAL_DTYPE;
    case PARAM_LAYOUT: return v.tag == VAL_LAYOUT;
    case PARAM_MEMORY_FORMAT: return v.tag == VAL_MEMORY_FORMAT;
    case PARAM_GENERATOR: return value_is_kind(v, OBJ_GENERATOR);
    default: return false;
    }
}

static bool take_out(const Op *op, Value v, Bound *b) {
    Tensor *t = value_tensor(v);
    if (v.tag == VAL_NONE) return true;
    if (op->schema.n_returns != 1 || !t) return false;
    b->out[0] = t;
    b->n_out = 1;
    return true;
}

static bool take_slot(Ctx *c, const Op *op, int slot, Value v, Bound *b) {
    if (slot >= 0) return take(c, op, &op->schema.params[slot], v, &b->args[slot]);
    if (slot == SLOT_OUT) return take_out(op, v, b);
    b->requires_grad = v.tag == VAL_BOOL && v.as.b;
    return v.tag == VAL_BOOL || v.tag == VAL_NONE;
}

static void take_defaults(const BindCache *cache, Value self, Bound *b) {
    const Schema *s = &cache->op->schema;
    b->op = cache->op;
    b->n_out = 0;
    b->requires_grad = false;
    for (int i = 0; i < s->n; i++) b->args[i] = s->params[i].default_value;
    if (cache->self >= 0) b->args[cache->self] = self;
}

static bool knows(const BindCache *cache, const OverloadSet *set, const Args *a) {
    if (cache->set != set || !cache->kinds || a->n_named != cache->n_named)
        return false;
    if (cache->kind && a->n == 1) return cache->kind == item_kind(a->pos[0]);
    return (cache->varargs || a->n == cache->n) && cache->kinds == digest(a);
}

bool cache_bind(Ctx *c, const BindCache *cache, const OverloadSet *set, Value self,
                const Args *a, Bound *b) {
    if (!knows(cache, set, a)) return false;
    take_defaults(cache, self, b);
    size_t n = 0;
    if (cache->varargs) {
        if (!take_ints(c, a->pos, a->n, &b->args[cache->slots[n++]])) return false;
    } else {
        for (; n < a->n; n++)
            if (!take_slot(c, cache->op, cache->slots[n], a->pos[n], b)) return false;
    }
    for (size_t i = 0; i < a->n_named; i++)
        if (!take_slot(c, cache->op, cache->slots[n++], a->named[i].value, b))
            return false;
    return true;
}
