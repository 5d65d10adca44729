/* See protocol.h. The table of types stands at the end of the file's first part; a
 * type of another module is one row. */
#include "runner/values/protocol.h"

#include "runner/values/dict_view.h"
#include "runner/values/set.h"
#include "runner/values/types.h"

#include <string.h>

/* ---- the table of types ---- */

static const TypeOps plain_ops = {0};

static const TypeOps *const by_tag[] = {
    [VAL_NONE] = &none_ops,         [VAL_BOOL] = &bool_ops,
    [VAL_INT] = &int_ops,           [VAL_FLOAT] = &float_ops,
    [VAL_ELLIPSIS] = &ellipsis_ops, [VAL_NOT_IMPLEMENTED] = &not_implemented_ops,
    [VAL_DTYPE] = &dtype_ops,       [VAL_DEVICE] = &device_ops,
    [VAL_LAYOUT] = &layout_ops,     [VAL_MEMORY_FORMAT] = &memory_format_ops,
};

static const TypeOps *const by_kind[OBJ_KIND_COUNT] = {
    [OBJ_STR] = &str_ops,
    [OBJ_LIST] = &list_ops,
    [OBJ_TUPLE] = &tuple_ops,
    [OBJ_DICT] = &dict_ops,
    [OBJ_SET] = &set_ops,
    [OBJ_DICT_VIEW] = &dict_view_ops,
    [OBJ_RANGE] = &range_ops,
    [OBJ_SLICE] = &slice_ops,
    [OBJ_BIGINT] = &bigint_ops,
    [OBJ_COMPLEX] = &complex_ops,
    [OBJ_ITERATOR] = &iterator_ops,
    /* What cells make. */
    [OBJ_FUNCTION] = &function_ops,
    [OBJ_BUILTIN] = &builtin_ops,
    [OBJ_BOUND] = &bound_ops,
    [OBJ_CLASS] = &class_ops,
    [OBJ_INSTANCE] = &instance_ops,
    [OBJ_MODULE] = &module_ops,
    [OBJ_EXCEPTION] = &instance_ops,
    [OBJ_PROPERTY] = &property_ops,
    [OBJ_WRAPPED] = &wrapped_ops,
    [OBJ_SUPER] = &super_ops,
    [OBJ_GENERATOR_EXP] = &generator_ops,
    [OBJ_ITEM_ITERATOR] = &item_iterator_ops,
    [OBJ_COMBINER] = &combiner_ops,
    [OBJ_OPERATOR] = &operator_ops,
    [OBJ_TENSOR] = &tensor_ops,
    [OBJ_NODE] = &node_ops,
    [OBJ_GENERATOR] = &rng_ops,
    [OBJ_HANDLE] = &handle_ops,
};

/* Kinds of which a variant has a row of its own. */
static const TypeOps *ops_of_variant(const Obj *o) {
    if (o->type == &frozenset_type) return &frozenset_ops;
    if (o->type == &dict_values_type) return &dict_values_ops;
    if (o->type == &tuple_type && ((const Tuple *)o)->kind == &size_kind)
        return &size_ops;
    return NULL;
}

const TypeOps *type_ops(Value v) {
    const TypeOps *ops = NULL;
    if (v.tag == VAL_OBJ) {
        ops = ops_of_variant(v.as.obj);
        if (!ops) ops = by_kind[v.as.obj->type->kind];
    } else if ((size_t)v.tag < sizeof by_tag / sizeof *by_tag) {
        ops = by_tag[v.tag];
    }
    return ops ? ops : &plain_ops;
}

const char *type_name(Value v) {
    const TypeOps *ops = type_ops(v);
    return ops->name ? ops->name(v) : value_type_name(v);
}

const Native *type_method(Value self, const Str *name) {
    return native_find(type_ops(self)->methods, name);
}

/* ---- nesting ---- */

/* Python's limit; a level costs less than 1 KiB of C stack in the walks here. */
enum { MAX_DEPTH = 1000 };

/* Whether less room is left on the C stack than a level may need. The comparison with
 * its whole size leaves alone what does not run on that stack. */
static bool stack_is_used_up(const Ctx *c) {
    char here;
    uintptr_t used = c->stack_base - (uintptr_t)&here;
    return used > c->stack_room && used <= c->stack_size;
}

bool value_enter(Ctx *c, const char *where) {
    if (c->depth >= MAX_DEPTH || stack_is_used_up(c)) {
        error_raise(c, RecursionError, "maximum recursion depth exceeded%s", where);
        return false;
    }
    c->depth++;
    return true;
}

void value_leave(Ctx *c) {
    c->depth--;
}

bool repr_enter(Ctx *c, Buf *out, ReprFrame *frame, Value v, const char *again) {
    for (const ReprFrame *f = c->printing; f; f = f->up)
        if (f->object == v.as.obj) {
            buf_puts(out, again);
            return false;
        }
    if (!value_enter(c, " while getting the repr of an object")) return false;
    *frame = (ReprFrame){.up = c->printing, .object = v.as.obj};
    c->printing = frame;
    return true;
}

void repr_leave(Ctx *c, ReprFrame *frame) {
    c->printing = frame->up;
    value_leave(c);
}

/* ---- hash, equality, order, truth ---- */

bool value_same(Value a, Value b) {
    if (a.tag != b.tag) return false;
    switch (a.tag) {
    case VAL_BOOL: return a.as.b == b.as.b;
    case VAL_INT: return a.as.i == b.as.i;
    case VAL_FLOAT: return memcmp(&a.as.f, &b.as.f, sizeof a.as.f) == 0;
    case VAL_OBJ: return a.as.obj == b.as.obj;
    case VAL_DTYPE: return a.as.dtype == b.as.dtype;
    case VAL_DEVICE:
        return a.as.device.kind == b.as.device.kind &&
               a.as.device.index == b.as.device.index;
    case VAL_MEMORY_FORMAT: return a.as.format == b.as.format;
    default: return true;
    }
}

static uint64_t identity_hash(Value v) {
    uint64_t base = (uint64_t)v.tag * 1000003;
    uint64_t address;
    switch (v.tag) {
    /* Where CPython, as Debian builds it, has these three. */
    case VAL_NONE: return 612812;
    case VAL_ELLIPSIS: return 608122;
    case VAL_NOT_IMPLEMENTED: return 608123;
    case VAL_DTYPE: return base + (uint64_t)v.as.dtype;
    case VAL_DEVICE:
        return base + (uint64_t)v.as.device.kind + ((uint64_t)v.as.device.index << 8);
    case VAL_MEMORY_FORMAT: return base + (uint64_t)v.as.format;
    case VAL_OBJ:
        address = (uint64_t)(uintptr_t)v.as.obj;
        return address >> 4 | address << 60;
    default: return base;
    }
}

bool value_hash(Ctx *c, Value v, uint64_t *out) {
    Str *s = value_str(v);
    if (s) {
        *out = str_hash(s);
        return true;
    }
    const TypeOps *ops = type_ops(v);
    if (ops->hash) return ops->hash(c, v, out);
    *out = identity_hash(v);
    return true;
}

bool hash_refused(Ctx *c, Value v, uint64_t *out) {
    (void)out;
    error_raise(c, TypeError, "unhashable type: '%s'", type_name(v));
    return false;
}

/* Eight bytes at a time, each mixed in by a multiplication whose halves are folded. */
uint64_t text_hash(const char *bytes, size_t n) {
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ n;
    while (n > 0) {
        uint64_t word = 0;
        size_t take = n < 8 ? n : 8;
        memcpy(&word, bytes, take);
        h = (h ^ word) * UINT64_C(0xD6E8FEB86659FD93);
        h ^= h >> 32;
        bytes += take;
        n -= take;
    }
    h *= UINT64_C(0xD6E8FEB86659FD93);
    h ^= h >> 32;
    return h ? h : 1;
}

uint64_t str_hash(Str *s) {
    if (!s->hash) s->hash = text_hash(s->data, s->len);
    return s->hash;
}

Value compare_answer(CompareOp op, int order) {
    switch (op) {
    case COMPARE_LT: return value_bool(order == -1);
    case COMPARE_LE: return value_bool(order == -1 || order == 0);
    case COMPARE_EQ: return value_bool(order == 0);
    case COMPARE_NE: return value_bool(order != 0);
    case COMPARE_GT: return value_bool(order == 1);
    case COMPARE_GE: return value_bool(order == 1 || order == 0);
    default: return value_not_implemented();
    }
}

Value equality_answer(CompareOp op, bool same) {
    if (op != COMPARE_EQ && op != COMPARE_NE) return value_not_implemented();
    return value_bool(same == (op == COMPARE_EQ));
}

Value value_try_compare(Ctx *c, CompareOp op, Value a, Value b) {
    const TypeOps *ops = type_ops(a), *other = type_ops(b);
    Value r = value_not_implemented();
    if (ops->compare) r = ops->compare(c, op, a, b);
    if (value_is_not_implemented(r) && other->compare && other->compare != ops->compare)
        r = other->compare(c, op, a, b);
    return r;
}

Value value_compare(Ctx *c, CompareOp op, Value a, Value b) {
    if (ctx_failed(c)) return value_null();
    Value r = value_try_compare(c, op, a, b);
    if (!value_is_not_implemented(r)) return r;
    if (op == COMPARE_EQ) return value_bool(value_same(a, b));
    if (op == COMPARE_NE) return value_bool(!value_same(a, b));
    return value_raise(c, TypeError,
                       "'%s' not supported between instances of '%s' and '%s'",
                       compare_op_symbol(op), type_name(a), type_name(b));
}

int value_test(Ctx *c, CompareOp op, Value a, Value b) {
    return value_truth(c, value_compare(c, op, a, b));
}

int value_equals(Ctx *c, Value a, Value b) {
    if (value_same(a, b)) return 1;
    const Str *s = value_str(a), *t = value_str(b);
    if (s && t) return s->len == t->len && memcmp(s->data, t->data, s->len) == 0;
    return value_test(c, COMPARE_EQ, a, b);
}

int value_truth(Ctx *c, Value v) {
    switch (v.tag) {
    case VAL_NULL: return -1;
    case VAL_NONE: return 0;
    case VAL_BOOL: return v.as.b;
    case VAL_INT: return v.as.i != 0;
    case VAL_FLOAT: return v.as.f != 0;
    default: break;
    }
    const TypeOps *ops = type_ops(v);
    if (ops->truth) return ops->truth(c, v);
    if (!ops->length) return 1;
    int64_t n = ops->length(c, v);
    return n < 0 ? -1 : n > 0;
}

/* ---- text ---- */

void value_repr(Ctx *c, Buf *out, Value v) {
    if (ctx_failed(c)) return;
    const TypeOps *ops = type_ops(v);
    if (ops->repr)
        ops->repr(c, out, v);
    else
        buf_printf(out, "<%s object at 0x...>", type_name(v));
}

void value_text(Ctx *c, Buf *out, Value v) {
    const TypeOps *ops = type_ops(v);
    if (ops->text && !ctx_failed(c))
        ops->text(c, out, v);
    else
        value_repr(c, out, v);
}

void value_format(Ctx *c, Buf *out, Value v, const Str *spec) {
    const TypeOps *ops = type_ops(v);
    if (ops->format && !ctx_failed(c))
        ops->format(c, out, v, spec);
    else if (spec->len == 0)
        value_text(c, out, v);
    else
        error_raise(c, TypeError, "unsupported format string passed to %s.__format__",
                    type_name(v));
}

Str *value_repr_str(Ctx *c, Value v) {
    Buf b;
    buf_init(&b, &c->mem);
    value_repr(c, &b, v);
    return str_take(c, &b);
}

Str *value_text_str(Ctx *c, Value v) {
    if (value_str(v)) return value_str(v);
    Buf b;
    buf_init(&b, &c->mem);
    value_text(c, &b, v);
    return str_take(c, &b);
}

/* ---- iteration ---- */

Value value_iterate(Ctx *c, Value v) {
    if (ctx_failed(c)) return value_null();
    const TypeOps *ops = type_ops(v);
    if (ops->iterate) return ops->iterate(c, v);
    return value_raise(c, TypeError, "'%s' object is not iterable", type_name(v));
}

Value value_next(Ctx *c, Value iterator) {
    if (ctx_failed(c)) return value_null();
    const TypeOps *ops = type_ops(iterator);
    if (ops->next) return ops->next(c, iterator);
    return value_raise(c, TypeError, "'%s' object is not an iterator",
                       type_name(iterator));
}

static List *copy_items(Ctx *c, const Value *items, size_t n) {
    List *l = pool_add(c, list_new(c, n));
    return l && list_splice(c, l, 0, 0, items, n) ? l : NULL;
}

List *value_to_list(Ctx *c, Value v) {
    const Value *items;
    size_t n;
    if (value_items(v, &items, &n)) return copy_items(c, items, n);
    Value iterator = value_iterate(c, v);
    if (value_is_null(iterator)) return NULL;
    /* All the room a range needs is asked for at once: a refusal comes at once, too. */
    int64_t length = value_is_kind(v, OBJ_RANGE) ? value_length(c, v) : 0;
    List *l = length < 0 ? NULL : pool_add(c, list_new(c, (size_t)length));
    while (l) {
        size_t mark = pool_mark(c);
        Value item = value_next(c, iterator);
        bool more = !value_is_null(item) && list_push(c, l, item);
        pool_drain(c, mark);
        if (!more) break;
    }
    return ctx_failed(c) ? NULL : l;
}

/* ---- containers and calls ---- */

int64_t value_length(Ctx *c, Value v) {
    const TypeOps *ops = type_ops(v);
    if (ctx_failed(c)) return -1;
    if (ops->length) return ops->length(c, v);
    error_raise(c, TypeError, "object of type '%s' has no len()", type_name(v));
    return -1;
}

static int search(Ctx *c, Value v, Value item) {
    if (!type_ops(v)->iterate) {
        error_raise(c, TypeError, "argument of type '%s' is not iterable",
                    type_name(v));
        return -1;
    }
    Value iterator = value_iterate(c, v);
    int found = 0;
    while (found == 0 && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value got = value_retain(value_next(c, iterator));
        if (value_is_null(got)) break;
        found = value_equals(c, got, item);
        value_release(c, got);
        pool_drain(c, mark);
    }
    return ctx_failed(c) ? -1 : found;
}

int value_contains(Ctx *c, Value v, Value item) {
    if (ctx_failed(c)) return -1;
    const TypeOps *ops = type_ops(v);
    return ops->contains ? ops->contains(c, v, item) : search(c, v, item);
}

Value value_get_item(Ctx *c, Value v, Value key) {
    if (ctx_failed(c)) return value_null();
    const TypeOps *ops = type_ops(v);
    if (ops->get_item) return ops->get_item(c, v, key);
    return value_raise(c, TypeError, "'%s' object is not subscriptable", type_name(v));
}

bool value_set_item(Ctx *c, Value v, Value key, Value value) {
    if (ctx_failed(c)) return false;
    const TypeOps *ops = type_ops(v);
    if (ops->set_item) return ops->set_item(c, v, key, value);
    const char *what = "does not support item assignment";
    /* CPython's words differ for what may be a sequence, asked with a number. */
    bool sequence = ops->length || (ops->get_item && !value_is_kind(v, OBJ_CLASS));
    if (value_is_null(value))
        what = sequence && (key.tag == VAL_INT || key.tag == VAL_BOOL ||
                            type_ops(key)->to_index)
                   ? "doesn't support item deletion"
                   : "does not support item deletion";
    error_raise(c, TypeError, "'%s' object %s", type_name(v), what);
    return false;
}

Value value_call(Ctx *c, Value callee, const Value *args, size_t n) {
    if (ctx_failed(c)) return value_null();
    if (c->host.call) return c->host.call(c, callee, args, n);
    return value_raise(c, TypeError, "'%s' object is not callable", type_name(callee));
}

/* ---- operators ---- */

Value value_try_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    const TypeOps *ops = type_ops(a), *other = type_ops(b);
    Value r = value_not_implemented();
    if (ops->binary) r = ops->binary(c, op, a, b);
    if (value_is_not_implemented(r) && other->binary && other->binary != ops->binary)
        r = other->binary(c, op, a, b);
    return r;
}

static bool is_sequence(Value v) {
    return value_str(v) || value_list(v) || value_tuple(v);
}

/* The texts of a sequence's own + and *, which Python asks last. */
static Value binary_refused(Ctx *c, BinaryOp op, const char *suffix, Value a, Value b) {
    const char *left = type_name(a), *right = type_name(b);
    if (op == BINARY_ADD && is_sequence(a)) {
        const char *self = value_tuple(a) ? "tuple" : left;
        return value_raise(c, TypeError, "can only concatenate %s (not \"%s\") to %s",
                           self, right, self);
    }
    bool own_class = *suffix && value_is_kind(a, OBJ_INSTANCE);
    if (op == BINARY_MUL && !own_class && (is_sequence(a) || is_sequence(b)))
        return value_raise(c, TypeError,
                           "can't multiply sequence by non-int of type '%s'",
                           is_sequence(a) ? right : left);
    const char *symbol = binary_op_symbol(op);
    if (op == BINARY_POW && !*suffix) symbol = "** or pow()";
    return value_raise(c, TypeError,
                       "unsupported operand type(s) for %s%s: '%s' and '%s'", symbol,
                       suffix, left, right);
}

Value value_binary(Ctx *c, BinaryOp op, Value a, Value b) {
    if (ctx_failed(c)) return value_null();
    Value r = value_try_binary(c, op, a, b);
    return value_is_not_implemented(r) ? binary_refused(c, op, "", a, b) : r;
}

Value value_inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    if (ctx_failed(c)) return value_null();
    const TypeOps *ops = type_ops(a);
    Value r = value_not_implemented();
    if (ops->inplace) r = ops->inplace(c, op, a, b);
    if (value_is_not_implemented(r)) r = value_try_binary(c, op, a, b);
    return value_is_not_implemented(r) ? binary_refused(c, op, "=", a, b) : r;
}

Value value_unary(Ctx *c, UnaryOp op, Value v) {
    if (ctx_failed(c)) return value_null();
    if (op == UNARY_NOT) {
        int truth = value_truth(c, v);
        return truth < 0 ? value_null() : value_bool(!truth);
    }
    const TypeOps *ops = type_ops(v);
    if (ops->unary) return ops->unary(c, op, v);
    return value_raise(c, TypeError, "bad operand type for unary %s: '%s'",
                       unary_op_symbol(op), type_name(v));
}

/* ---- conversions ---- */

bool value_to_index(Ctx *c, Value v, int64_t *out) {
    if (ctx_failed(c)) return false;
    if (v.tag == VAL_INT || v.tag == VAL_BOOL) {
        *out = v.tag == VAL_INT ? v.as.i : v.as.b;
        return true;
    }
    const TypeOps *ops = type_ops(v);
    if (ops->to_index) return ops->to_index(c, v, out);
    error_raise(c, TypeError, "'%s' object cannot be interpreted as an integer",
                type_name(v));
    return false;
}

bool value_to_double(Ctx *c, Value v, double *out) {
    if (ctx_failed(c)) return false;
    const TypeOps *ops = type_ops(v);
    if (ops->to_double) return ops->to_double(c, v, out);
    error_raise(c, TypeError, "must be real number, not %s", type_name(v));
    return false;
}

Value value_key_error(Ctx *c, Value key) {
    if (c->host.raise_about) {
        c->host.raise_about(c, KeyError, key);
        return value_null();
    }
    Str *text = value_repr_str(c, key);
    if (text) error_raise_text(c, KeyError, text->data, text->len);
    return value_null();
}

Value value_key_error_text(Ctx *c, const char *text) {
    Value key = value_obj(pool_add(c, str_from(c, text)));
    return value_is_null(key) ? key : value_key_error(c, key);
}
