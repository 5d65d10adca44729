/* slot_methods: the special methods of built-in types, list.__len__ and (5).__add__.
 * See object_methods.h. */
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/object_methods.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/type_defs.h"
#include "runner/values/number.h"
#include "runner/values/types.h"

#define SLOT(name) static Value slot_##name(Ctx *c, Value self, const Args *args)

SLOT(len) {
    (void)args;
    int64_t n = value_length(c, value_payload(self));
    return n < 0 ? value_null() : value_int(n);
}

SLOT(getitem) {
    return value_get_item(c, value_payload(self), args->pos[0]);
}

SLOT(setitem) {
    return value_set_item(c, value_payload(self), args->pos[0], args->pos[1])
               ? value_none()
               : value_null();
}

SLOT(delitem) {
    return value_set_item(c, value_payload(self), args->pos[0], value_null())
               ? value_none()
               : value_null();
}

SLOT(iter) {
    (void)args;
    return value_iterate(c, value_payload(self));
}

SLOT(next) {
    (void)args;
    Value v = value_next(c, self);
    if (!value_is_null(v) || ctx_failed(c)) return v;
    return value_raise(c, StopIteration, "%s", "");
}

SLOT(contains) {
    int found = value_contains(c, value_payload(self), args->pos[0]);
    return found < 0 ? value_null() : value_bool(found);
}

SLOT(bool) {
    (void)args;
    int truth = value_truth(c, value_payload(self));
    return truth < 0 ? value_null() : value_bool(truth);
}

SLOT(repr) {
    (void)args;
    return value_obj(value_repr_str(c, value_payload(self)));
}

SLOT(str) {
    (void)args;
    return value_obj(value_text_str(c, value_payload(self)));
}

SLOT(hash) {
    (void)args;
    uint64_t h;
    if (!value_hash(c, value_payload(self), &h)) return value_null();
    return value_int((int64_t)h);
}

SLOT(int) {
    (void)args;
    return number_to_int(c, value_payload(self));
}

SLOT(float) {
    (void)args;
    return number_to_float(c, value_payload(self));
}

SLOT(index) {
    (void)args;
    int64_t i;
    return value_to_index(c, value_payload(self), &i) ? value_int(i) : value_null();
}

SLOT(abs) {
    if (value_tensor(self)) return operator_call_named(c, OP_METHOD, "abs", self, args);
    return number_abs(c, value_payload(self));
}

SLOT(pos) {
    (void)args;
    return value_unary(c, UNARY_POS, value_payload(self));
}

SLOT(invert) {
    (void)args;
    return value_unary(c, UNARY_INVERT, value_payload(self));
}

SLOT(neg) {
    (void)args;
    return value_unary(c, UNARY_NEG, value_payload(self));
}

/* list.__init__(self, items): what the class of a cell calls to fill itself. */
SLOT(init) {
    Instance *i = value_instance(self);
    if (!i || value_is_null(i->payload)) return value_none();
    const TypeDef *def = i->cls->builtin;
    if (!type_def_is_mutable(def)) return value_none();
    Value payload = def->make(interp_of(c), i->cls, args);
    if (value_is_null(payload)) return payload;
    value_set(c, &i->payload, payload);
    return value_none();
}

/* ---- operators ---- */

/* a OP b as the type of `self`, one of them, has it. */
static Value binary(Ctx *c, BinaryOp op, Value self, Value a, Value b) {
    const TypeOps *ops = type_ops(self);
    if (ops->binary) return ops->binary(c, op, a, b);
    return value_not_implemented();
}

#define X(id, symbol, stem)                                                            \
    SLOT(left_##id) {                                                                  \
        Value v = value_payload(self);                                                 \
        return binary(c, BINARY_##id, v, v, value_payload(args->pos[0]));              \
    }                                                                                  \
    SLOT(right_##id) {                                                                 \
        Value v = value_payload(self);                                                 \
        return binary(c, BINARY_##id, v, value_payload(args->pos[0]), v);              \
    }
BINARY_OPS(X)
#undef X

#define X(id, symbol, stem)                                                            \
    SLOT(inplace_##id) {                                                               \
        const TypeOps *ops = type_ops(self);                                           \
        return ops->inplace(c, BINARY_##id, self, args->pos[0]);                       \
    }
BINARY_OPS(X)
#undef X

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    const TypeOps *ops = type_ops(a);
    if (ops->compare) return ops->compare(c, op, a, b);
    return value_not_implemented();
}

#define COMPARE_SLOT(id)                                                               \
    SLOT(compare_##id) {                                                               \
        return compare(c, COMPARE_##id, value_payload(self),                           \
                       value_payload(args->pos[0]));                                   \
    }
COMPARE_SLOT(LT)
COMPARE_SLOT(LE)
COMPARE_SLOT(GT)
COMPARE_SLOT(GE)
COMPARE_SLOT(EQ)
COMPARE_SLOT(NE)

/* ---- which types have which ---- */

#define HAS(name, condition)                                                           \
    static bool has_##name(const TypeOps *ops) {                                       \
        return condition;                                                              \
    }
HAS(anything, ops != NULL)
HAS(length, ops->length)
HAS(get_item, ops->get_item)
HAS(set_item, ops->set_item)
HAS(iterate, ops->iterate)
HAS(next, ops->next)
HAS(contains, ops->contains || ops->iterate)
HAS(truth, ops->truth || ops->to_double)
HAS(number, ops->to_double && ops->unary)
HAS(index, ops->to_index)
HAS(hash, ops->hash && ops->hash != hash_refused)
HAS(order, ops->compare || ops->binary)
HAS(binary, ops->binary)
HAS(inplace, ops->inplace)
HAS(unary, ops->unary)

static const struct {
    Native native;
    bool (*has)(const TypeOps *ops);
} slots[] = {{{"__len__", "", slot_len}, has_length},
             {{"__getitem__", "key /", slot_getitem}, has_get_item},
             {{"__setitem__", "key value /", slot_setitem}, has_set_item},
             {{"__delitem__", "key /", slot_delitem}, has_set_item},
             {{"__iter__", "", slot_iter}, has_iterate},
             {{"__next__", "", slot_next}, has_next},
             {{"__contains__", "key /", slot_contains}, has_contains},
             {{"__bool__", "", slot_bool}, has_truth},
             {{"__repr__", "", slot_repr}, has_anything},
             {{"__str__", "", slot_str}, has_anything},
             {{"__hash__", "", slot_hash}, has_hash},
             {{"__int__", "", slot_int}, has_number},
             {{"__float__", "", slot_float}, has_number},
             {{"__index__", "", slot_index}, has_index},
             {{"__abs__", "", slot_abs}, has_number},
             {{"__neg__", "", slot_neg}, has_number},
             {{"__pos__", "", slot_pos}, has_unary},
             {{"__invert__", "", slot_invert}, has_unary},
             {{"__init__", NULL, slot_init}, has_anything},
             {{"__lt__", "value /", slot_compare_LT}, has_order},
             {{"__le__", "value /", slot_compare_LE}, has_order},
             {{"__gt__", "value /", slot_compare_GT}, has_order},
             {{"__ge__", "value /", slot_compare_GE}, has_order},
             {{"__eq__", "value /", slot_compare_EQ}, has_order},
             {{"__ne__", "value /", slot_compare_NE}, has_order},
#define X(id, symbol, stem)                                                            \
    {{"__" stem "__", "value /", slot_left_##id}, has_binary},                         \
        {{"__r" stem "__", "value /", slot_right_##id}, has_binary},                   \
        {{"__i" stem "__", "value /", slot_inplace_##id}, has_inplace},
             BINARY_OPS(X)
#undef X
};

const Native *slot_method(const TypeDef *def, const Str *name) {
    if (!def->ops || name->len < sizeof "__x__" || name->data[0] != '_') return NULL;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (str_equals(name, slots[i].native.name))
            return slots[i].has(def->ops) ? &slots[i].native : NULL;
    return NULL;
}
