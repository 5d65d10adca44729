/* See torch_module.h.  A name of torch is looked for among dtypes and constants, the
 * operators of core, and the classes of built-in types; then among the natives of
 * torch_natives.c, and in the prelude. */
#include "runner/torch/torch_module.h"

#include "runner/evaluate/classes.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/modules.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"

#include <math.h>
#include <string.h>

static bool is(const char *name, size_t len, const char *text) {
    return strlen(text) == len && memcmp(name, text, len) == 0;
}

static Value find_dtype(const char *name, size_t len) {
    static const struct {
        const char *name;
        DType dtype;
    } aliases[] = {
        {"float", DT_float32}, {"double", DT_float64}, {"half", DT_float16},
        {"long", DT_int64},    {"int", DT_int32},      {"short", DT_int16},
    };
    for (int d = 0; d < DTYPE_COUNT; d++)
        if (is(name, len, dtype_name((DType)d))) return value_dtype((DType)d);
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (is(name, len, aliases[i].name)) return value_dtype(aliases[i].dtype);
    return value_null();
}

static Value find_constant(const char *name, size_t len) {
    if (is(name, len, "strided")) return (Value){.tag = VAL_LAYOUT};
    if (is(name, len, "pi")) return value_float(3.141592653589793);
    if (is(name, len, "e")) return value_float(2.718281828459045);
    if (is(name, len, "inf")) return value_float(INFINITY);
    if (is(name, len, "nan")) return value_float(NAN);
    static const struct {
        const char *name;
        MemoryFormat format;
    } formats[] = {
        {"contiguous_format", FORMAT_CONTIGUOUS},
        {"legacy_contiguous_format", FORMAT_CONTIGUOUS},
        {"preserve_format", FORMAT_PRESERVE},
        {"channels_last", FORMAT_CHANNELS_LAST},
        {"channels_last_3d", FORMAT_CHANNELS_LAST_3D},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (is(name, len, formats[i].name))
            return (Value){.tag = VAL_MEMORY_FORMAT, .as.format = formats[i].format};
    return value_null();
}

static Value find_class(Interp *in, const char *name, size_t len) {
    char full[48] = "torch.";
    if (len >= sizeof full - 6) return value_null();
    memcpy(full + 6, name, len);
    if (!type_def_named(full, len + 6)) return value_null();
    return value_obj(class_named(in, full, len + 6));
}

/* Names that PyTorch defines in Python, most on top of an operator of the same name. */
static const char functional_names[] =
    "atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors "
    "cartesian_prod cdist chain_matmul einsum lu meshgrid norm split tensordot "
    "unique unique_consecutive unique_dim ";

static bool is_functional(const char *name, size_t len) {
    for (const char *s = functional_names; *s; s += strcspn(s, " ") + 1)
        if (strcspn(s, " ") == len && memcmp(s, name, len) == 0) return true;
    return false;
}

static Value find_in_module(Interp *in, const char *module, const char *name,
                            size_t len) {
    Module *m = module_import(in, module, strlen(module));
    Str *s = symbols_intern(&in->symbols, name, len);
    return m && s ? module_find(m, s) : value_null();
}

/* Names that another module defines, which is loaded without the rest of the package:
 * what cells use most costs least. */
static Value find_elsewhere(Interp *in, bool in_torch, const char *name, size_t len) {
    static const struct {
        const char *name, *module;
        bool in_torch; /* torch.X as well as torch.autograd.X */
    } rows[] = {
        {"no_grad", "torch.autograd.grad_mode", true},
        {"enable_grad", "torch.autograd.grad_mode", true},
        {"set_grad_enabled", "torch.autograd.grad_mode", true},
        {"inference_mode", "torch.autograd.grad_mode", true},
        {"svd_lowrank", "torch._lowrank", true},
        {"pca_lowrank", "torch._lowrank", true},
        {"matrix_rank", "torch._linalg_utils", true},
        {"solve", "torch._linalg_utils", true},
        {"lstsq", "torch._linalg_utils", true},
        {"Function", "torch.autograd.function", false},
        {"detect_anomaly", "torch.autograd.anomaly_mode", false},
        {"set_detect_anomaly", "torch.autograd.anomaly_mode", false},
        {"gradcheck", "torch.autograd.gradcheck", false},
        {"gradgradcheck", "torch.autograd.gradcheck", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!is(name, len, rows[i].name) || in_torch > rows[i].in_torch) continue;
        return find_in_module(in, rows[i].module, name, len);
    }
    return value_null();
}

Value torch_variable_find(Interp *in, const char *name, size_t len) {
    static const char cls[] = "torch.autograd.variable.Variable";
    if (!is(name, len, "Variable")) return value_null();
    return value_obj(class_named(in, cls, sizeof cls - 1));
}

Value torch_autograd_find(Interp *in, const char *name, size_t len) {
    Value v = torch_variable_find(in, name, len);
    if (!value_is_null(v) || ctx_failed(in->c)) return v;
    return find_elsewhere(in, false, name, len);
}

static Value find_method_of_type(Interp *in, const char *name, size_t len) {
    for (const Native *n = torch_type_natives; n->name; n++)
        if (is(name, len, n->name))
            return builtin_make(in->c, n, value_obj(class_named(in, "type", 4)), NULL,
                                false);
    return value_null();
}

/* ---- torch.__all__ ---- */

static bool add_name(Ctx *c, List *names, const char *text, size_t len) {
    if (text[0] == '_') return true;
    Str *name = pool_add(c, str_new(c, text, len));
    return name && list_push(c, names, value_obj(name));
}

static bool add_words(Ctx *c, List *names, const char *words) {
    for (const char *s = words; *s; s += strcspn(s, " ") + 1)
        if (!add_name(c, names, s, strcspn(s, " "))) return false;
    return true;
}

static bool add_natives(Ctx *c, List *names, const Native *n) {
    for (; n->name; n++)
        if (!add_name(c, names, native_name(n), strlen(native_name(n)))) return false;
    return true;
}

static bool add_operators(Ctx *c, List *names) {
    for (const OpDef *const *const *family = op_families; *family; family++)
        for (const OpDef *const *def = *family; *def; def++) {
            const char *s = (*def)->schema;
            if ((*def)->forms & OP_FUNCTION &&
                !add_name(c, names, s, schema_base_name(s)))
                return false;
        }
    return true;
}

/* What `from torch import *` names: all but dtypes and submodules. Operators are there
 * once for each overload. */
static Value all_names(Interp *in) {
    static const char others[] =
        "Tensor Size device dtype layout memory_format Generator FloatTensor "
        "DoubleTensor HalfTensor BFloat16Tensor LongTensor IntTensor ShortTensor "
        "CharTensor ByteTensor BoolTensor no_grad enable_grad set_grad_enabled "
        "inference_mode svd_lowrank pca_lowrank inf nan pi e ";
    Ctx *c = in->c;
    List *names = pool_add(c, list_new(c, 0));
    bool whole = names && add_operators(c, names) &&
                 add_natives(c, names, torch_natives) &&
                 add_natives(c, names, torch_type_natives) &&
                 add_words(c, names, functional_names) && add_words(c, names, others);
    return whole ? value_obj(names) : value_null();
}

Value torch_find(Interp *in, const char *name, size_t len) {
    if (is(name, len, "__all__")) return all_names(in);
    Value v = find_dtype(name, len);
    if (value_is_null(v)) v = find_constant(name, len);
    if (value_is_null(v)) v = find_method_of_type(in, name, len);
    if (!value_is_null(v) || ctx_failed(in->c)) return v;
    if (is_functional(name, len)) {
        v = find_in_module(in, "torch.functional", name, len);
        if (!value_is_null(v)) return v;
    } else {
        const OverloadSet *set = op_find(in->c, OP_FUNCTION, name, len);
        if (set) return operator_make(in->c, set, value_null(), false);
    }
    if (!ctx_failed(in->c)) v = find_elsewhere(in, true, name, len);
    if (!value_is_null(v) || ctx_failed(in->c)) return v;
    return find_class(in, name, len);
}

static Value find_in(Interp *in, unsigned form, const char *name, size_t len) {
    const OverloadSet *set = op_find(in->c, form, name, len);
    return set ? operator_make(in->c, set, value_null(), false) : value_null();
}

/* torch._C._nn and torch._C._VariableFunctions: operators without their wrappers. */
Value torch_nn_find(Interp *in, const char *name, size_t len) {
    return find_in(in, OP_NN, name, len);
}
Value torch_functions_find(Interp *in, const char *name, size_t len) {
    return find_in(in, OP_FUNCTION, name, len);
}
Value torch_linalg_find(Interp *in, const char *name, size_t len) {
    if (is(name, len, "LinAlgError"))
        return value_obj(class_of_error(in, _LinAlgError));
    return find_in(in, OP_LINALG, name, len);
}
Value torch_special_find(Interp *in, const char *name, size_t len) {
    return find_in(in, OP_SPECIAL, name, len);
}
