/* What tensors were called before: the classes torch.FloatTensor, torch.LongTensor ...,
 * the constructor torch.Tensor(...), and torch.autograd.Variable. They make tensors,
 * and isinstance takes tensors for theirs, but no tensor is of such a class. */
#include "runner/evaluate/constructors.h"
#include "runner/evaluate/state.h"
#include "runner/torch/tensor_data.h"
#include "runner/torch/torch_values.h"

#include <string.h>

/* ---- calls that fit no constructor ---- */

static void put_types(Buf *out, const Args *args) {
    for (size_t i = 0; i < args->n; i++)
        buf_printf(out, "%s!%s!", i ? ", " : "", type_name(args->pos[i]));
}

/* name, name=type: the keywords in order of their names, as many as there are. */
static void put_keywords(Buf *out, const Args *args, bool types) {
    const Named *last = NULL;
    for (size_t n = 0; n < args->n_named; n++) {
        const Named *next = NULL;
        for (size_t i = 0; i < args->n_named; i++) {
            const Named *k = &args->named[i];
            if (last && strcmp(k->name->data, last->name->data) <= 0) continue;
            if (!next || strcmp(k->name->data, next->name->data) < 0) next = k;
        }
        buf_printf(out, "%s%s", n ? ", " : "", next->name->data);
        if (types) buf_printf(out, "=%s", type_name(next->value));
        last = next;
    }
}

/* An option says why it does not fit when it has as many parts as there are arguments,
 * its star among them. */
static Value raise_no_constructor(Ctx *c, const Args *args) {
    static const struct {
        const char *text;
        size_t parts;
    } options[] = {{"(*, torch.device device)", 2},
                   {"(torch.Storage storage)", 1},
                   {"(Tensor other)", 1},
                   {"(tuple of ints size, *, torch.device device)", 3},
                   {"(object data, *, torch.device device)", 3}};
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "new() received an invalid combination of arguments - got (");
    for (size_t i = 0; i < args->n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", type_name(args->pos[i]));
    if (args->n && args->n_named) buf_puts(&b, ", ");
    put_keywords(&b, args, true);
    buf_puts(&b, args->n ? "), but expected one of:\n" : ", ), but expected one of:\n");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        buf_printf(&b, " * %s\n", options[i].text);
        if (options[i].parts != args->n + args->n_named) continue;
        buf_printf(&b, "      didn't match because some of the %s: ",
                   args->n_named ? "keywords were incorrect"
                                 : "arguments have invalid types");
        if (args->n_named)
            put_keywords(&b, args, false);
        else {
            buf_putc(&b, '(');
            put_types(&b, args);
            buf_putc(&b, ')');
        }
        buf_putc(&b, '\n');
    }
    Value v = value_raise(c, TypeError, "%s", buf_text(&b));
    buf_free(&b);
    return v;
}

static bool all_ints(Ctx *c, const Args *args) {
    for (size_t i = 0; i < args->n; i++) {
        if (args->pos[i].tag == VAL_INT) continue;
        if (i == 0) {
            raise_no_constructor(c, args);
            return false;
        }
        return error_raise(c, TypeError,
                           "new(): argument 'size' must be tuple of ints, but found "
                           "element of type %s at pos %zu",
                           type_name(args->pos[i]), i + 1);
    }
    return true;
}

/* As the compiler of PyTorch spells a dtype's type. */
static const char *type_spelling(DType d) {
    switch (d) {
    case DT_uint8: return "unsigned char";
    case DT_int8: return "signed char";
    case DT_int16: return "short int";
    case DT_int32: return "int";
    case DT_int64: return "long int";
    default: return dtype_cpp_name(d);
    }
}

static Value raise_other_type(Ctx *c, DType d, const Tensor *t) {
#define OPTIONS                                                                        \
    "TensorOptions(dtype=%s, device=cpu, layout=Strided, requires_grad=false "         \
    "(default), pinned_memory=false (default), memory_format=(nullopt))"
    return value_raise(c, TypeError, "expected " OPTIONS " (got " OPTIONS ")",
                       type_spelling(d), type_spelling((DType)t->dtype));
#undef OPTIONS
}

/* The legacy constructors: sizes, or data, or another tensor, which has to be of dtype
 * d unless any will do. */
static Value legacy_tensor(Interp *in, DType d, bool any, const Args *args) {
    Ctx *c = in->c;
    Value first = args->n ? args->pos[0] : value_none();
    int64_t sizes[MAX_DIMS] = {0};
    int n = args->n == 0 ? 1 : (int)args->n;
    for (size_t i = 0; i < args->n_named; i++)
        if (!str_equals(args->named[i].name, "device"))
            return raise_no_constructor(c, args);
    bool is_size = value_tuple(first) && value_tuple(first)->kind == &size_kind;
    if (args->n > MAX_DIMS) return value_raise(c, RuntimeError, "too many dimensions");
    if (args->n == 1 && !is_size && first.tag != VAL_INT) {
        Tensor *t = value_tensor(first);
        if (t && !any && (DType)t->dtype != d) return raise_other_type(c, d, t);
        if (t)
            return value_obj(
                tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset));
        if (first.tag != VAL_OBJ)
            return value_raise(c, TypeError, "new(): data must be a sequence (got %s)",
                               type_name(first));
        return value_obj(tensor_from_data(c, first, d));
    }
    if (is_size) {
        const Tuple *t = value_tuple(first);
        n = (int)t->n;
        for (int i = 0; i < n; i++) sizes[i] = t->items[i].as.i;
    } else {
        if (!all_ints(c, args)) return value_null();
        for (size_t i = 0; i < args->n; i++) sizes[i] = args->pos[i].as.i;
    }
    Tensor *t = tensor_make(c, d, n, sizes);
    Tensor *zero = t ? tensor_scalar(c, d, value_int(0)) : NULL;
    if (!zero) return value_null();
    tensor_copy(t, zero);
    return value_obj(t);
}

/* The dtype that a class is named after; DT_none for torch.Tensor. */
static DType dtype_of_class(const Class *cls) {
    for (int d = 0; d < DTYPE_COUNT; d++) {
        const char *scalar = dtype_scalar_name((DType)d);
        size_t n = strlen(scalar);
        if (cls->name->len == n + 6 && memcmp(cls->name->data, scalar, n) == 0)
            return (DType)d;
    }
    return DT_none;
}

Value torch_tensor_make(Interp *in, Class *cls, const Args *args) {
    DType d = dtype_of_class(cls);
    if (d != DT_none) return legacy_tensor(in, d, false, args);
    return legacy_tensor(in, in->c->default_dtype, true, args);
}

Value torch_legacy_new(Ctx *c, Value self, const Args *args) {
    return legacy_tensor(interp_of(c), (DType)value_tensor(self)->dtype, false, args);
}

bool torch_legacy_holds(const Class *cls, Value v) {
    const Tensor *t = value_tensor(v);
    return t && (DType)t->dtype == dtype_of_class(cls);
}

/* ---- torch.autograd.Variable ---- */

static Value variable_new(Ctx *c, Value self, const Args *a) {
    (void)self;
    bool grad = !value_is_null(a->pos[1]) && value_truth(c, a->pos[1]) == 1;
    bool is_volatile = !value_is_null(a->pos[2]) && value_truth(c, a->pos[2]) == 1;
    if (is_volatile)
        warn(c, UserWarning,
             "volatile was removed and now has no effect. Use `with torch.no_grad():` "
             "instead.");
    if (is_volatile && grad)
        return value_raise(
            c, ValueError,
            "Variable can't be volatile and require_grad at the same time!");
    if (ctx_failed(c)) return value_null();
    Tensor *t = value_tensor(a->pos[0]), *r;
    if (value_is_null(a->pos[0]) || value_is_none(a->pos[0]))
        r = tensor_make(c, c->default_dtype, 1, (int64_t[]){0});
    else if (t)
        r = tensor_alias(c, t, t->ndim, t->sizes, t->strides, t->offset);
    else
        return value_raise(c, TypeError, "Variable data has to be a tensor, but got %s",
                           type_name(a->pos[0]));
    bool fits =
        r && tensor_require_grad(c, r, grad,
                                 "Only Tensors of floating point and complex dtype can "
                                 "require gradients");
    return fits ? value_obj(r) : value_null();
}

Value torch_variable_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    static const Native make = {"Variable", "data? requires_grad? volatile?",
                                variable_new};
    return native_call(in->c, &make, value_null(), args);
}

bool torch_variable_holds(const Class *cls, Value v) {
    (void)cls;
    return value_tensor(v) != NULL;
}
