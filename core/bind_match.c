/* See bind_parts.h.  The order of the checks is that of PyTorch's argument parser,
 * since the first that fails names the error. */
#include "bind_parts.h"

#include <stdio.h>
#include <string.h>

/* ---- kinds of values ---- */

const char *bind_type_name(Ctx *c, Value v) {
    const Tensor *t = value_tensor(v);
    if (t && t->is_parameter) return "Parameter";
    const char *name = c->host.type_name ? c->host.type_name(c, v) : NULL;
    return name ? name : value_type_name(v);
}

static bool is_host_object(Value v) {
    return v.tag == VAL_OBJ && v.as.obj->type->kind >= OBJ_HOST;
}

bool is_big_int(Value v) {
    return is_host_object(v) && strcmp(v.as.obj->type->name, "int") == 0;
}

static bool is_int(Value v) {
    return v.tag == VAL_INT || is_big_int(v);
}

static bool is_number(Value v) {
    return v.tag == VAL_FLOAT || v.tag == VAL_BOOL || is_int(v);
}

bool complex_parts(Ctx *c, Value v, double *real, double *imag) {
    return is_host_object(v) && c->host.complex_parts &&
           c->host.complex_parts(v, real, imag);
}

/* An int, a float or a complex number: what PyTorch calls Number. */
static bool is_scalar(Ctx *c, Value v) {
    double real, imag;
    return is_number(v) || complex_parts(c, v, &real, &imag);
}

static bool is_integer_tensor(const Tensor *t, bool with_bool) {
    return dtype_is_integral((DType)t->dtype, with_bool);
}

/* Without dimensions and history: what a Number or a float may be. */
static bool is_plain_scalar(const Tensor *t) {
    return t && t->ndim == 0 && !tensor_requires_grad(t);
}

bool is_index_tensor(Value v) {
    const Tensor *t = value_tensor(v);
    return t && t->numel == 1 && is_integer_tensor(t, true);
}

static bool is_index(Value v) {
    return is_int(v) || is_index_tensor(v);
}

static bool is_name(Value v) {
    return v.tag == VAL_NONE || value_str(v);
}

/* ---- does a value fit a parameter? ---- */

static bool is_int_list(const Value *items, size_t n) {
    return n == 0 || is_index(items[0]);
}

/* Only the first item is looked at; the others are when they are converted. */
static bool fits_int_list(const Param *p, Value v) {
    const Value *items;
    size_t n;
    if (value_items(v, &items, &n)) return is_int_list(items, n);
    return p->list_size > 0 && is_int(v);
}

static bool fits_float_list(Value v) {
    const Value *items;
    size_t n;
    return value_items(v, &items, &n) && (n == 0 || is_number(items[0]));
}

static bool fits_scalar_list(Value v) {
    const Value *items;
    size_t n;
    if (!value_items(v, &items, &n)) return false;
    for (size_t i = 0; i < n; i++)
        if (!is_number(items[i])) return false;
    return true;
}

static bool fits_names(const Param *p, Value v) {
    const Value *items;
    size_t n;
    if (value_items(v, &items, &n)) return n == 0 || is_name(items[0]);
    return p->list_size == 1 && is_name(v);
}

/* PyTorch raises here even while it only tries overloads. */
static bool fits_tensor_list(Ctx *c, Value v, int slot) {
    const Value *items;
    size_t n;
    if (!value_items(v, &items, &n)) return false;
    for (size_t i = 0; i < n; i++) {
        if (value_tensor(items[i])) continue;
        error_raise(c, TypeError,
                    "expected Tensor as element %zu in argument %d, but got %s", i,
                    slot, bind_type_name(c, items[i]));
        return false;
    }
    return true;
}

static bool fits_tensor(Ctx *c, const Signature *s, Value v) {
    if (value_tensor(v)) return true;
    return (s->op->def->traits & OP_NUMBERS_AS_TENSORS) && is_scalar(c, v);
}

static bool fits_int(const Param *p, Value v) {
    const Tensor *t = value_tensor(v);
    if (is_int(v)) return true;
    if (p->symbolic) return is_index_tensor(v);
    return is_plain_scalar(t) && is_integer_tensor(t, false);
}

static bool fits_dtype(Ctx *c, Value v) {
    DType ignored;
    if (v.tag == VAL_DTYPE) return true;
    return is_host_object(v) && c->host.type_dtype &&
           c->host.type_dtype(c, v, &ignored);
}

static bool fits_param(Ctx *c, const Signature *s, int slot, Value v) {
    const Param *p = signature_param(s, slot);
    switch ((ParamType)p->type) {
    case PARAM_TENSOR: return fits_tensor(c, s, v);
    case PARAM_TENSOR_LIST: return fits_tensor_list(c, v, slot);
    case PARAM_SCALAR: return is_scalar(c, v) || is_plain_scalar(value_tensor(v));
    case PARAM_FLOAT: return is_number(v) || is_plain_scalar(value_tensor(v));
    case PARAM_SCALAR_LIST: return fits_scalar_list(v);
    case PARAM_INT: return fits_int(p, v);
    case PARAM_INT_LIST: return fits_int_list(p, v);
    case PARAM_FLOAT_LIST: return fits_float_list(v);
    case PARAM_BOOL: return v.tag == VAL_BOOL;
    case PARAM_STRING: return value_str(v);
    case PARAM_DTYPE: return fits_dtype(c, v);
    case PARAM_LAYOUT: return v.tag == VAL_LAYOUT;
    case PARAM_DEVICE: return v.tag == VAL_DEVICE || is_int(v) || value_str(v);
    case PARAM_MEMORY_FORMAT: return v.tag == VAL_MEMORY_FORMAT;
    case PARAM_GENERATOR: return value_is_kind(v, OBJ_GENERATOR);
    case PARAM_DIMNAME: return is_name(v);
    case PARAM_DIMNAME_LIST: return fits_names(p, v);
    case PARAM_BOOL_LIST:
    case PARAM_OTHER: break;
    }
    return false;
}

static bool fits(Ctx *c, const Signature *s, int slot, Value v) {
    if (s->slots[slot] == SLOT_REQUIRES_GRAD) return v.tag == VAL_BOOL;
    if (s->slots[slot] != SLOT_OUT) return fits_param(c, s, slot, v);
    return s->op->schema.n_returns > 1 ? fits_tensor_list(c, v, slot)
                                       : fits_tensor(c, s, v);
}

static bool has_default(const Signature *s, int slot) {
    const Param *p = signature_param(s, slot);
    return !p || p->has_default;
}

static bool takes_none(const Signature *s, int slot) {
    const Param *p = signature_param(s, slot);
    return !p || p->optional || p->default_value.tag == VAL_NONE;
}

/* ---- keywords ---- */

/* Names of NumPy's that stand for PyTorch's. */
static const struct Alias {
    const char *name, *alias;
} aliases[] = {{"dim", "axis"}, {"keepdim", "keepdims"}, {"input", "x"},
               {"input", "a"},  {"input", "x1"},         {"other", "x2"}};

static bool is_text(const Str *s, const char *text, size_t n) {
    return s->len == n && memcmp(s->data, text, n) == 0;
}

static const Value *find_keyword(const Args *a, const char *name, size_t n) {
    for (size_t i = 0; i < a->n_named; i++)
        if (is_text(a->named[i].name, name, n)) return &a->named[i].value;
    return NULL;
}

/* The value given by name for a slot, VAL_NULL when there is none. */
static Value keyword(const Signature *s, int slot, const Args *a) {
    if (a->n_named == 0) return value_null();
    Text name = signature_slot_name(s, slot);
    const Value *v = find_keyword(a, name.s, name.n);
    for (size_t i = 0; !v && i < sizeof aliases / sizeof *aliases; i++)
        if (strlen(aliases[i].name) == name.n &&
            memcmp(aliases[i].name, name.s, name.n) == 0)
            v = find_keyword(a, aliases[i].alias, strlen(aliases[i].alias));
    return v ? *v : value_null();
}

static int find_slot(const Signature *s, Text name) {
    for (int i = 0; i < s->n; i++) {
        Text slot = signature_slot_name(s, i);
        if (slot.n == name.n && memcmp(slot.s, name.s, name.n) == 0) return i;
    }
    return -1;
}

int signature_keyword_slot(const Signature *s, const Str *name) {
    int slot = find_slot(s, (Text){name->data, name->len});
    for (size_t i = 0; slot < 0 && i < sizeof aliases / sizeof *aliases; i++)
        if (str_equals(name, aliases[i].alias))
            slot = find_slot(s, (Text){aliases[i].name, strlen(aliases[i].name)});
    return slot;
}

/* ---- the errors of one row ---- */

static void raise_extra_args(Ctx *c, const Signature *s, size_t given) {
    if (s->n_required != s->n_positional)
        error_raise(
            c, TypeError,
            "%.*s%s() takes from %d to %d positional arguments but %zu were given",
            SIGNATURE_NAME(s), s->n_required, s->n_positional, given);
    else
        error_raise(c, TypeError,
                    "%.*s%s() takes %d positional argument%s but %zu %s given",
                    SIGNATURE_NAME(s), s->n_positional, s->n_positional == 1 ? "" : "s",
                    given, given == 1 ? "was" : "were");
}

/* PyTorch counts what is missing from here on, and has its plural the wrong way round.
 */
static void raise_missing(Ctx *c, const Signature *s, int from) {
    Buf b;
    int missing = 0;
    buf_init(&b, &c->mem);
    for (int i = from; i < s->n; i++) {
        if (has_default(s, i)) continue;
        Text name = signature_slot_name(s, i);
        buf_printf(&b, "%s\"%.*s\"", missing++ ? ", " : "", (int)name.n, name.s);
    }
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        error_raise(c, TypeError,
                    "%.*s%s() missing %d required positional argument%s: %s",
                    SIGNATURE_NAME(s), missing, missing == 1 ? "s" : "", buf_text(&b));
    buf_free(&b);
}

static void raise_extra_keyword(Ctx *c, const Signature *s, const Args *a) {
    for (size_t i = 0; i < a->n_named; i++) {
        const Str *name = a->named[i].name;
        int slot = find_slot(s, (Text){name->data, name->len});
        if (slot >= 0 && (size_t)slot >= a->n) continue;
        error_raise(c, TypeError,
                    slot < 0 ? "%.*s%s() got an unexpected keyword argument '%.*s'"
                             : "%.*s%s() got multiple values for argument '%.*s'",
                    SIGNATURE_NAME(s), (int)name->len, name->data);
        return;
    }
    error_raise(c, TypeError, "invalid keyword arguments");
}

static void raise_type(Ctx *c, const Signature *s, int slot, Value v, size_t position) {
    char where[40] = "";
    Text name = signature_slot_name(s, slot);
    if (position) snprintf(where, sizeof where, " (position %zu)", position);
    error_raise(c, TypeError, "%.*s%s(): argument '%.*s'%s must be %s, not %s",
                SIGNATURE_NAME(s), (int)name.n, name.s, where,
                signature_slot_type(s, slot), bind_type_name(c, v));
}

/* ---- one attempt ---- */

typedef struct Attempt {
    Ctx *c;
    const Signature *s;
    const Args *a;
    Given *g;
    bool raising;
    bool varargs_allowed;
    size_t position; /* positional arguments used */
    size_t by_name;  /* keywords used */
} Attempt;

/* A row whose only positional parameter is a list of ints takes them one by one. */
static bool allows_varargs(const Signature *s) {
    const Param *p = s->n_positional == 1 ? signature_param(s, 0) : NULL;
    return p && p->type == PARAM_INT_LIST;
}

static bool take_varargs(Attempt *t, int slot) {
    if (!t->varargs_allowed || t->position > 0 || !is_int_list(t->a->pos, t->a->n))
        return false;
    t->g->varargs = true;
    t->g->values[slot] = t->a->pos[0];
    t->position = t->a->n;
    return true;
}

static bool take_positional(Attempt *t, int slot) {
    if (slot >= t->s->n_positional) {
        if (t->raising) raise_extra_args(t->c, t->s, t->a->n);
        return false;
    }
    Value v = t->a->pos[t->position];
    if ((v.tag != VAL_NONE || !takes_none(t->s, slot)) && !fits(t->c, t->s, slot, v)) {
        if (take_varargs(t, slot)) return true;
        if (t->raising) raise_type(t->c, t->s, slot, v, t->position + 1);
        return false;
    }
    t->g->values[slot] = v;
    t->position++;
    return true;
}

static bool take_keyword(Attempt *t, int slot) {
    Value v = keyword(t->s, slot, t->a);
    t->g->values[slot] = v;
    if (v.tag == VAL_NULL) {
        if (has_default(t->s, slot)) return true;
        if (t->raising) raise_missing(t->c, t->s, slot);
        return false;
    }
    t->by_name++;
    if (v.tag == VAL_NONE && takes_none(t->s, slot)) return true;
    if (fits(t->c, t->s, slot, v)) return true;
    if (t->raising) raise_type(t->c, t->s, slot, v, 0);
    return false;
}

bool signature_match(Ctx *c, const Signature *s, const Args *a, bool raising,
                     Given *g) {
    Attempt t = {.c = c, .s = s, .a = a, .g = g, .raising = raising};
    t.varargs_allowed = allows_varargs(s);
    g->varargs = false;
    if (a->n > s->n_positional && !t.varargs_allowed) {
        if (raising) raise_extra_args(c, s, a->n);
        return false;
    }
    for (int i = 0; i < s->n; i++)
        if (!(t.position < a->n ? take_positional(&t, i) : take_keyword(&t, i)))
            return false;
    if (t.by_name >= a->n_named) return true;
    if (raising) raise_extra_keyword(c, s, a);
    return false;
}
