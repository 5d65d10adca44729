/* See type_defs.h. */
#include "runner/evaluate/type_defs.h"

#include "runner/evaluate/combine.h"
#include "runner/evaluate/constructors.h"
#include "runner/evaluate/descriptors.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/object_methods.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/torch/overrides.h"
#include "runner/torch/tensor_class.h"
#include "runner/torch/torch_values.h"
#include "runner/values/bigint.h"
#include "runner/values/complex.h"
#include "runner/values/range.h"
#include "runner/values/set.h"
#include "runner/values/slice.h"
#include "runner/values/types.h"

#include <string.h>

/* Immediates have no ObjType: these bytes stand for their types. */
static const char tag_keys[VAL_NOT_IMPLEMENTED + 1];

/* torch.FloatTensor and the like are no type of any value. */
static const char legacy_keys[DTYPE_COUNT];

static const TypeDef defs[] = {
    {.name = "object",
     .module = "builtins",
     .key = &instance_type,
     .make = object_make,
     .methods = object_methods,
     .statics = object_statics},
    {.name = "type",
     .module = "builtins",
     .key = &class_type,
     .make = type_make,
     .ops = &class_ops,
     .methods = type_methods,
     .final = true},
    {.name = "int",
     .module = "builtins",
     .key = &tag_keys[VAL_INT],
     .make = int_make,
     .ops = &int_ops},
    {.name = "bool",
     .module = "builtins",
     .key = &tag_keys[VAL_BOOL],
     .base = "int",
     .make = bool_make,
     .ops = &bool_ops,
     .final = true},
    {.name = "float",
     .module = "builtins",
     .key = &tag_keys[VAL_FLOAT],
     .make = float_make,
     .ops = &float_ops},
    {.name = "complex",
     .module = "builtins",
     .key = &complex_type,
     .make = complex_make,
     .ops = &complex_ops},
    {.name = "str",
     .module = "builtins",
     .key = &str_type,
     .make = str_make,
     .ops = &str_ops,
     .statics = str_statics},
    {.name = "list",
     .module = "builtins",
     .key = &list_type,
     .make = list_make,
     .ops = &list_ops},
    {.name = "tuple",
     .module = "builtins",
     .key = &tuple_type,
     .make = tuple_make,
     .ops = &tuple_ops},
    {.name = "dict",
     .module = "builtins",
     .key = &dict_type,
     .make = dict_make,
     .ops = &dict_ops,
     .statics = dict_statics},
    {.name = "set",
     .module = "builtins",
     .key = &set_type,
     .make = set_make,
     .ops = &set_ops},
    {.name = "frozenset",
     .module = "builtins",
     .key = &frozenset_type,
     .make = frozenset_make,
     .ops = &frozenset_ops},
    {.name = "range",
     .module = "builtins",
     .key = &range_type,
     .make = range_make,
     .ops = &range_ops,
     .final = true},
    {.name = "slice",
     .module = "builtins",
     .key = &slice_type,
     .make = slice_make,
     .ops = &slice_ops,
     .final = true},
    {.name = "zip",
     .module = "builtins",
     .key = &zip_type,
     .make = zip_make,
     .ops = &combiner_ops,
     .final = true},
    {.name = "map",
     .module = "builtins",
     .key = &map_type,
     .make = map_make,
     .ops = &combiner_ops,
     .final = true},
    {.name = "filter",
     .module = "builtins",
     .key = &filter_type,
     .make = filter_make,
     .ops = &combiner_ops,
     .final = true},
    {.name = "enumerate",
     .module = "builtins",
     .key = &enumerate_type,
     .make = enumerate_make,
     .ops = &combiner_ops,
     .final = true},
    {.name = "NoneType",
     .module = "builtins",
     .key = &tag_keys[VAL_NONE],
     .ops = &none_ops,
     .final = true},
    {.name = "ellipsis",
     .module = "builtins",
     .key = &tag_keys[VAL_ELLIPSIS],
     .final = true},
    {.name = "NotImplementedType",
     .module = "builtins",
     .key = &tag_keys[VAL_NOT_IMPLEMENTED],
     .final = true},
    {.name = "function", .module = "builtins", .key = &function_type, .final = true},
    {.name = "builtin_function_or_method",
     .module = "builtins",
     .key = &builtin_type,
     .final = true},
    {.name = "method", .module = "builtins", .key = &bound_type, .final = true},
    {.name = "module", .module = "builtins", .key = &module_type, .final = true},
    {.name = "property",
     .module = "builtins",
     .key = &property_type,
     .make = property_make,
     .ops = &property_ops},
    {.name = "staticmethod",
     .module = "builtins",
     .key = &staticmethod_type,
     .make = staticmethod_make,
     .final = true},
    {.name = "classmethod",
     .module = "builtins",
     .key = &classmethod_type,
     .make = classmethod_make,
     .final = true},
    {.name = "super",
     .module = "builtins",
     .key = &super_type,
     .make = super_make,
     .ops = &super_ops,
     .final = true},
    {.name = "torch.Tensor",
     .module = "torch",
     .key = &tensor_type,
     .make = torch_tensor_make,
     .ops = &tensor_ops,
     .statics = tensor_statics,
     .find = override_find,
     .type_name = "torch._C._TensorMeta",
     .methods_of = "torch._C._TensorBase"},
    {.name = "torch.Size",
     .module = "torch",
     .key = &size_kind,
     .base = "tuple",
     .make = torch_size_make,
     .ops = &tuple_ops},
    {.name = "torch.utils.hooks.RemovableHandle",
     .module = "torch.utils.hooks",
     .key = &handle_type,
     .ops = &handle_ops,
     .final = true},
    {.name = "torch.dtype",
     .module = "torch",
     .key = &tag_keys[VAL_DTYPE],
     .ops = &dtype_ops,
     .final = true},
    {.name = "torch.device",
     .module = "torch",
     .key = &tag_keys[VAL_DEVICE],
     .make = torch_device_make,
     .ops = &device_ops,
     .final = true},
    {.name = "torch.Generator",
     .module = "torch._C",
     .key = &generator_type,
     .make = torch_generator_make,
     .ops = &rng_ops,
     .final = true},
    {.name = "torch.layout",
     .module = "torch",
     .key = &tag_keys[VAL_LAYOUT],
     .ops = &layout_ops,
     .final = true},
    {.name = "torch.memory_format",
     .module = "torch",
     .key = &tag_keys[VAL_MEMORY_FORMAT],
     .ops = &memory_format_ops,
     .final = true},
    {.name = "torch.FloatTensor",
     .module = "torch",
     .key = &legacy_keys[DT_float32],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.DoubleTensor",
     .module = "torch",
     .key = &legacy_keys[DT_float64],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.HalfTensor",
     .module = "torch",
     .key = &legacy_keys[DT_float16],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.BFloat16Tensor",
     .module = "torch",
     .key = &legacy_keys[DT_bfloat16],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.LongTensor",
     .module = "torch",
     .key = &legacy_keys[DT_int64],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.IntTensor",
     .module = "torch",
     .key = &legacy_keys[DT_int32],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.ShortTensor",
     .module = "torch",
     .key = &legacy_keys[DT_int16],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.CharTensor",
     .module = "torch",
     .key = &legacy_keys[DT_int8],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.ByteTensor",
     .module = "torch",
     .key = &legacy_keys[DT_uint8],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.BoolTensor",
     .module = "torch",
     .key = &legacy_keys[DT_bool],
     .make = torch_tensor_make,
     .holds = torch_legacy_holds,
     .type_name = "torch.tensortype",
     .final = true},
    {.name = "torch.autograd.variable.Variable",
     .module = "torch.autograd.variable",
     .make = torch_variable_make,
     .holds = torch_variable_holds},
};
enum { DEF_COUNT = sizeof defs / sizeof *defs };

const TypeDef *const type_def_object = &defs[0];

/* Behind the class of every built-in exception stands this one row. */
static const TypeDef exception_def = {
    .name = "BaseException", .module = "builtins", .methods = exception_methods};
const TypeDef *const type_def_exception = &exception_def;

const TypeDef *type_def_named(const char *name, size_t len) {
    for (size_t i = 0; i < DEF_COUNT; i++)
        if (defs[i].name[0] == name[0] && strlen(defs[i].name) == len &&
            memcmp(defs[i].name, name, len) == 0)
            return &defs[i];
    return NULL;
}

static const void *key_of(Value v) {
    if (v.tag != VAL_OBJ) return &tag_keys[v.tag];
    if (value_bigint(v)) return &tag_keys[VAL_INT];
    if (value_builtin(v)) return builtin_seen_as(value_builtin(v));
    const Tuple *t = value_tuple(v);
    if (t && t->kind) return t->kind;
    return v.as.obj->type;
}

const TypeDef *type_def_of(Value v, const void **key) {
    *key = key_of(v);
    for (size_t i = 0; i < DEF_COUNT; i++)
        if (defs[i].key == *key) return &defs[i];
    return NULL;
}

bool type_def_is_mutable(const TypeDef *def) {
    return def->key == &list_type || def->key == &dict_type || def->key == &set_type;
}

/* ---- attributes of their classes ---- */

static Value make_attribute(Interp *in, const TypeDef *def, const Str *name) {
    const Native *n = native_find(def->statics, name);
    if (n) return builtin_make(in->c, n, value_null(), NULL, false);
    n = native_find(def->methods, name);
    if (n) return builtin_make(in->c, n, value_null(), def, false);
    n = def->ops ? native_find(def->ops->methods, name) : NULL;
    if (n) return builtin_make(in->c, n, value_null(), def, true);
    Value v = def->find ? def->find(in->c, name) : value_null();
    if (!value_is_null(v) || ctx_failed(in->c)) return v;
    n = slot_method(def, name);
    return n ? builtin_make(in->c, n, value_null(), def, false) : value_null();
}

Value type_def_attribute(Interp *in, Class *cls, Str *name) {
    Value v = make_attribute(in, cls->def, name);
    if (value_is_null(v)) return v;
    if (!cls->attrs) cls->attrs = dict_new(in->c);
    return cls->attrs && dict_set_str(in->c, cls->attrs, name, v) ? v : value_null();
}

bool type_def_fits(Interp *in, const TypeDef *def, Value self) {
    if (def == type_def_object) return true;
    if (def == type_def_exception) return value_exception(self) != NULL;
    const Class *cls = class_of(in, self);
    for (size_t i = 0; cls && i < cls->n_mro; i++)
        if (cls->mro[i]->def == def) return true;
    return false;
}
