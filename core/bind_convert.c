/* See bind_parts.h.
 *
 * PyTorch converts a factory's device first, then the arguments from the last to the
 * first (as its compiler evaluates them); the order decides which of two mistakes is
 * reported.
 */
#include "bind_parts.h"
#include "device.h"

#include <string.h>

typedef struct Conversion {
    Ctx *c;
    const Signature *s;
    const Args *a;
    const Given *g;
    Value self; /* before the dot of a method */
    int slot;
    Bound *b;
} Conversion;

/* ---- numbers ---- */

static bool overflow(Ctx *c) {
    error_raise(c, RuntimeError, "Overflow when unpacking long");
    return false;
}

/* The one element of t. */
static Value element(const Tensor *t) {
    return element_load((DType)t->dtype, tensor_data(t));
}

static bool to_int(Ctx *c, Value v, Value *out) {
    const Tensor *t = value_tensor(v);
    if (is_big_int(v)) return overflow(c);
    if (t) v = element(t);
    *out = v.tag == VAL_BOOL ? value_int(v.as.b) : v;
    return true;
}

static bool to_scalar(Ctx *c, Value v, Value *out) {
    const Tensor *t = value_tensor(v);
    if (is_big_int(v)) return overflow(c);
    *out = t ? element(t) : v;
    return true;
}

static void raise_complex_result(Ctx *c) {
    error_raise(c, NotImplementedError, "complex tensors are not available in a cell");
}

static const Tensor *first_tensor(const Conversion *k) {
    const Tensor *t = NULL;
    if (form_is_method(k->s->form)) t = value_tensor(k->self);
    for (int i = 0; i < k->s->n && !t; i++) t = value_tensor(k->g->values[i]);
    return t;
}

/* The dtype that a call computes in, as far as its arguments tell. A dtype= stands
 * behind every number, and so is converted by now. */
static DType dtype_of_call(const Conversion *k) {
    int i = schema_find(&k->s->op->schema, "dtype", 5);
    const Tensor *t = first_tensor(k);
    if (i >= 0 && k->b->args[i].tag == VAL_DTYPE) return k->b->args[i].as.dtype;
    return t ? (DType)t->dtype : DT_none;
}

/* Whether the number of such a call has a say in the dtype that is computed in. */
static bool number_promotes(const Op *op) {
    static const char *const names[] = {"eq", "ne",  "lt",   "le",        "gt",
                                        "ge", "pow", "fmod", "remainder", "rsub"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == op->schema.base_len &&
            memcmp(names[i], op->schema.text, op->schema.base_len) == 0)
            return true;
    return false;
}

/* A number with an imaginary part fits no real type; results of complex dtypes are not
 * there. */
static bool refuse_complex(const Conversion *k) {
    bool is_alpha = k->s->op->def->traits & OP_NUMBERS_AS_TENSORS;
    DType dtype = dtype_of_call(k);
    if (dtype == DT_none || (number_promotes(k->s->op) && !is_alpha))
        raise_complex_result(k->c);
    else if (is_alpha)
        error_raise(k->c, RuntimeError,
                    "For non-complex input tensors, argument alpha must not be a "
                    "complex number.");
    else
        error_raise(k->c, RuntimeError,
                    "value cannot be converted to type %s without overflow",
                    dtype_cpp_name(dtype));
    return false;
}

static bool convert_scalar(const Conversion *k, Value v, Value *out) {
    double real, imag;
    if (!complex_parts(k->c, v, &real, &imag)) return to_scalar(k->c, v, out);
    *out = value_float(real);
    return imag == 0 || refuse_complex(k);
}

/* A number in the place of a tensor makes the result complex. */
static bool refuse_complex_operand(const Conversion *k) {
    const Tensor *t = first_tensor(k);
    if (t && *form_suffix(k->s->form))
        return error_raise(k->c, RuntimeError,
                           "result type %s can't be cast to the desired output type %s",
                           t->dtype == DT_float64 ? "ComplexDouble" : "ComplexFloat",
                           dtype_scalar_name((DType)t->dtype));
    raise_complex_result(k->c);
    return false;
}

static bool to_float(Ctx *c, Value v, Value *out) {
    double d = 0;
    if (is_big_int(v)) {
        if (!c->host.big_int_to_double) return overflow(c);
        if (!c->host.big_int_to_double(c, v, &d)) return false;
        *out = value_float(d);
        return true;
    }
    const Tensor *t = value_tensor(v);
    if (t) v = element(t);
    if (v.tag == VAL_BOOL) v = value_int(v.as.b);
    *out = v.tag == VAL_INT ? value_float((double)v.as.i) : v;
    return true;
}

/* ---- lists ---- */

typedef bool ConvertItem(Ctx *c, Value v, Value *out);

/* Items are looked at one by one only here; big ints do not fit either. */
static bool int_item(Ctx *c, Value v, Value *out) {
    bool fits = v.tag == VAL_INT || v.tag == VAL_BOOL || is_index_tensor(v);
    return fits && to_int(c, v, out);
}

static bool float_item(Ctx *c, Value v, Value *out) {
    const Tensor *t = value_tensor(v);
    bool number = v.tag == VAL_FLOAT || v.tag == VAL_INT || v.tag == VAL_BOOL;
    return (number || is_big_int(v) || (t && t->numel == 1)) && to_float(c, v, out);
}

static void raise_item(const Conversion *k, Value item, size_t i) {
    Text name = signature_slot_name(k->s, k->slot);
    error_raise(k->c, TypeError,
                "%.*s%s(): argument '%.*s' must be %s, but found element of type %s at "
                "pos %zu",
                SIGNATURE_NAME(k->s), (int)name.n, name.s,
                signature_slot_type(k->s, k->slot), bind_type_name(k->c, item), i + 1);
}

/* A tuple, so that a list that changes later does not change what was saved. */
static bool convert_items(const Conversion *k, const Value *items, size_t n,
                          ConvertItem *item, Value *out) {
    Tuple *t = tuple_new(k->c, NULL, n, NULL);
    if (!pool_add(k->c, t)) return false;
    for (size_t i = 0; i < n; i++) {
        if (item(k->c, items[i], &t->items[i])) continue;
        raise_item(k, items[i], i);
        return false;
    }
    *out = value_obj(t);
    return true;
}

static bool all_ints(const Value *items, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (items[i].tag != VAL_INT) return false;
    return true;
}

/* One int for a sized list: int[1] takes it as it is. */
static bool repeat_int(const Conversion *k, const Param *p, Value v, Value *out) {
    Value items[UINT8_MAX];
    if (!to_int(k->c, v, out)) return false;
    if (p->list_size == 1) return true;
    for (size_t i = 0; i < p->list_size; i++) items[i] = *out;
    return convert_items(k, items, p->list_size, int_item, out);
}

static bool convert_ints(const Conversion *k, const Param *p, Value v, Value *out) {
    const Value *items;
    size_t n;
    if (k->g->varargs && k->slot == 0)
        return convert_items(k, k->a->pos, k->a->n, int_item, out);
    if (!value_items(v, &items, &n)) return repeat_int(k, p, v, out);
    *out = v;
    if (value_tuple(v) && all_ints(items, n)) return true;
    return convert_items(k, items, n, int_item, out);
}

static bool convert_list(const Conversion *k, Value v, ConvertItem *item, Value *out) {
    const Value *items;
    size_t n;
    return value_items(v, &items, &n) && convert_items(k, items, n, item, out);
}

/* ---- the rest ---- */

static bool convert_tensor(const Conversion *k, Value v, Value *out) {
    Ctx *c = k->c;
    double real, imag;
    if (complex_parts(c, v, &real, &imag)) return refuse_complex_operand(k);
    if (is_big_int(v)) return overflow(c);
    *out = value_tensor(v) ? v : value_obj(tensor_wrap_number(c, v));
    return out->tag != VAL_NULL;
}

static bool convert_dtype(Ctx *c, Value v, Value *out) {
    DType d;
    if (v.tag == VAL_OBJ) {
        if (!c->host.type_dtype(c, v, &d)) return false;
        v = value_dtype(d);
    }
    *out = v;
    return true;
}

static bool device_of(Ctx *c, Value v, Value *out) {
    const Str *s = value_str(v);
    if (is_big_int(v)) return overflow(c);
    if (s) return device_parse(c, s->data, s->len, out);
    if (v.tag == VAL_INT) return device_from_index(c, v.as.i, out);
    *out = v;
    return true;
}

/* Of a factory with out=, the device is compared with that of the tensor first. */
static bool convert_device(const Conversion *k, Value v, Value *out) {
    return device_of(k->c, v, out) && (k->b->n_out || device_check(k->c, *out));
}

static bool convert_param(const Conversion *k, const Param *p, Value v, Value *out) {
    switch ((ParamType)p->type) {
    case PARAM_TENSOR: return convert_tensor(k, v, out);
    case PARAM_INT: return to_int(k->c, v, out);
    case PARAM_SCALAR: return convert_scalar(k, v, out);
    case PARAM_FLOAT: return to_float(k->c, v, out);
    case PARAM_INT_LIST: return convert_ints(k, p, v, out);
    case PARAM_FLOAT_LIST: return convert_list(k, v, float_item, out);
    case PARAM_SCALAR_LIST: return convert_list(k, v, to_scalar, out);
    case PARAM_DTYPE: return convert_dtype(k->c, v, out);
    case PARAM_DEVICE: return convert_device(k, v, out);
    case PARAM_DIMNAME:
    case PARAM_DIMNAME_LIST: *out = v; return names_check(k->c, v);
    default: *out = v; return true;
    }
}

/* ---- out= ---- */

static bool convert_out(const Conversion *k, Value v) {
    const Value *items = &v;
    size_t n = 1, wanted = k->s->op->schema.n_returns;
    if (wanted > 1 && value_items(v, &items, &n) && n != wanted) {
        error_raise(k->c, TypeError, "expected tuple of %zu elements but got %zu",
                    wanted, n);
        return false;
    }
    for (size_t i = 0; i < n && i < MAX_RESULTS; i++) {
        Value t;
        if (!convert_tensor(k, items[i], &t)) return false;
        k->b->out[i] = value_tensor(t);
    }
    k->b->n_out = (int)n;
    return true;
}

/* ---- factories ---- */

static bool raise_pinned(Ctx *c) {
    error_raise(
        c, RuntimeError,
        "Pinned memory requires CUDA. PyTorch splits its backend into two shared "
        "libraries: a CPU library and a CUDA library; this error has occurred because "
        "you are trying to use some CUDA functionality, but the CUDA library has not "
        "been loaded by the dynamic linker for some reason.  The CUDA library MUST be "
        "loaded, EVEN IF you don't directly use any symbols from the CUDA library! One "
        "common culprit is a lack of -Wl,--no-as-needed in your link arguments; many "
        "dynamic linkers will delete dynamic library dependencies if you don't depend "
        "on "
        "any of their symbols.  You can check if this has occurred by using ldd on "
        "your "
        "binary to see if there is a dependency on *_cuda.so library.");
    return false;
}

static Value option(const Conversion *k, const char *name) {
    int i = schema_find(&k->s->op->schema, name, strlen(name));
    return i < 0 ? value_none() : k->b->args[i];
}

static const char *device_name(Value v) {
    return v.as.device.kind == DEVICE_CUDA   ? "cuda"
           : v.as.device.kind == DEVICE_META ? "meta"
                                             : "cpu";
}

/* With out=, the options must be what the tensor has already. */
static bool check_out(const Conversion *k) {
    const Tensor *out = k->b->out[0];
    Value dtype = option(k, "dtype"), device = option(k, "device");
    if (dtype.tag == VAL_DTYPE && dtype.as.dtype != (DType)out->dtype)
        error_raise(
            k->c, RuntimeError, "dtype %s does not match dtype of out parameter (%s)",
            dtype_scalar_name(dtype.as.dtype), dtype_scalar_name((DType)out->dtype));
    if (device.tag == VAL_DEVICE && device.as.device.kind != DEVICE_CPU)
        error_raise(k->c, RuntimeError,
                    "device type %s does not match device type of out parameter (cpu)",
                    device_name(device));
    return !ctx_failed(k->c);
}

static bool check_pinned(const Conversion *k) {
    Value v = option(k, "pin_memory");
    return v.tag != VAL_BOOL || !v.as.b || raise_pinned(k->c);
}

/* ---- all arguments ---- */

static bool convert_slot(Conversion *k, int slot) {
    const Param *p = signature_param(k->s, slot);
    Value v = k->g->values[slot];
    k->slot = slot;
    if (!p) {
        if (k->s->slots[slot] == SLOT_REQUIRES_GRAD)
            k->b->requires_grad = v.tag == VAL_BOOL && v.as.b;
        return true;
    }
    Value *out = &k->b->args[k->s->slots[slot]];
    *out = v.tag == VAL_NULL ? p->default_value : v;
    return v.tag == VAL_NULL || v.tag == VAL_NONE || convert_param(k, p, v, out);
}

static bool convert_out_slot(Conversion *k) {
    k->b->n_out = 0;
    for (int i = 0; i < k->s->n; i++) {
        Value v = k->g->values[i];
        if (k->s->slots[i] == SLOT_OUT && v.tag != VAL_NULL && v.tag != VAL_NONE)
            return convert_out(k, v);
    }
    return true;
}

static bool convert_factory(Conversion *k) {
    for (int i = k->s->n - 1; i >= k->s->n_positional; i--)
        if (!convert_slot(k, i)) return false;
    return k->b->n_out == 0 || check_out(k);
}

static void set_self(Conversion *k, Value self) {
    int i = schema_find(&k->s->op->schema, "self", 4);
    if (i >= 0) k->b->args[i] = self;
}

bool given_convert(Ctx *c, const Signature *s, const Args *a, Value self,
                   const Given *g, Bound *b) {
    Conversion k = {.c = c, .s = s, .a = a, .g = g, .self = self, .b = b};
    bool factory = signature_is_factory(s->op);
    b->op = s->op;
    b->requires_grad = false;
    if (form_is_method(s->form)) set_self(&k, self);
    if (!convert_out_slot(&k)) return false;
    if (factory && !convert_factory(&k)) return false;
    for (int i = (factory ? s->n_positional : s->n) - 1; i >= 0; i--)
        if (!convert_slot(&k, i)) return false;
    return !factory || b->n_out || check_pinned(&k);
}
