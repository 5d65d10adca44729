/* Functions of torch that are not operators: tensor, manual_seed, set_printoptions,
 * grad modes ... What the prelude builds on stands in torch._C. See torch_module.h. */
#include "runner/torch/torch_module.h"

#include "runner/evaluate/constructors.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/torch/tensor_data.h"
#include "runner/torch/tensor_ops.h"
#include "runner/torch/torch_values.h"
#include "runner/values/bigint.h"
#include "runner/values/number.h"
#include "runner/values/slice.h"
#include "runner/values/types.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NATIVE(name) static Value native_##name(Ctx *c, Value self, const Args *a)

static Value text(Ctx *c, const char *s) {
    return value_obj(pool_add(c, str_from(c, s)));
}
static Value none_unless_failed(const Ctx *c) {
    return ctx_failed(c) ? value_null() : value_none();
}

/* ---- making tensors ---- */

static bool check_device(Ctx *c, Value v) {
    Value device = v;
    const Str *s = value_str(v);
    if (s && !device_parse(c, s->data, s->len, &device)) return false;
    return device_check(c, device);
}

/* torch.tensor(data, *, dtype, device, requires_grad, pin_memory) */
NATIVE(tensor) {
    (void)self;
    DType d = DT_none;
    if (arg_given(a, 1)) {
        d = dtype_from_value(c, a->pos[1]);
        if (d == DT_none) return value_null();
    }
    if (!value_is_null(a->pos[2]) && !check_device(c, a->pos[2])) return value_null();
    if (value_tensor(a->pos[0])) tensor_warn_of_copy(c, "torch.tensor");
    Tensor *t = tensor_from_data(c, a->pos[0], d);
    if (!t) return value_null();
    if (arg_flag(c, a, 3, false) &&
        !tensor_require_grad(
            c, t, true,
            "Only Tensors of floating point and complex dtype can require "
            "gradients"))
        return value_null();
    return value_obj(t);
}

NATIVE(as_tensor) {
    (void)self;
    DType d = arg_given(a, 1) ? dtype_from_value(c, a->pos[1]) : DT_none;
    if (ctx_failed(c)) return value_null();
    Tensor *t = value_tensor(a->pos[0]);
    if (!t) return value_obj(tensor_from_data(c, a->pos[0], d));
    if (d == DT_none || d == (DType)t->dtype) return a->pos[0];
    Value dtype = value_dtype(d);
    return operator_call_named(c, OP_METHOD, "to", a->pos[0],
                               &(Args){.pos = &dtype, .n = 1});
}

NATIVE(is_tensor) {
    (void)c, (void)self;
    return value_bool(value_tensor(a->pos[0]) != NULL);
}

/* ---- dtypes ---- */

NATIVE(promote_types) {
    (void)self;
    return value_dtype(
        dtype_promote(dtype_from_value(c, a->pos[0]), dtype_from_value(c, a->pos[1])));
}
NATIVE(can_cast) {
    (void)self;
    return value_bool(
        dtype_can_cast(dtype_from_value(c, a->pos[0]), dtype_from_value(c, a->pos[1])));
}
NATIVE(result_type) {
    (void)self;
    Tensor *in[2];
    for (int i = 0; i < 2; i++) {
        in[i] = value_tensor(a->pos[i]);
        if (!in[i]) in[i] = tensor_wrap_number(c, a->pos[i]);
        if (!in[i]) return value_null();
    }
    return value_dtype(result_type(c, 2, in));
}
NATIVE(get_default_dtype) {
    (void)self, (void)a;
    return value_dtype(c->default_dtype);
}
NATIVE(set_default_dtype) {
    (void)self;
    Value v = a->pos[0];
    if (v.tag != VAL_DTYPE)
        return value_raise(c, TypeError,
                           "invalid dtype object: only floating-point types are "
                           "supported as the default type");
    if (!dtype_is_floating(v.as.dtype))
        return value_raise(
            c, TypeError,
            "only floating-point types are supported as the default type");
    c->default_dtype = v.as.dtype;
    return value_none();
}

/* ---- random numbers ---- */

static bool seed_of(Ctx *c, Value v, uint64_t *out) {
    if (value_is_kind(v, OBJ_BIGINT)) {
        double f;
        if (!value_to_double(c, v, &f)) return false;
        Value low = bigint_binary(c, BINARY_AND, v, value_int(UINT32_MAX));
        if (f >= 0 && f < 0x1p64 && low.tag == VAL_INT) {
            Value high = bigint_binary(c, BINARY_RSHIFT, v, value_int(32));
            if (high.tag != VAL_INT) return false;
            *out = (uint64_t)high.as.i << 32 | (uint64_t)low.as.i;
            return true;
        }
        error_raise(c, RuntimeError, "Overflow when unpacking long");
        return false;
    }
    int64_t i;
    if (!slice_is_index(v))
        return error_raise(c, RuntimeError, "manual_seed expected a long, but got %s",
                           type_name(v));
    if (!slice_bound(c, v, &i)) return false;
    *out = (uint64_t)i;
    return true;
}
NATIVE(manual_seed) {
    (void)self;
    uint64_t seed = 0;
    Value number = int_make(interp_of(c), NULL, &(Args){a->pos, 1, NULL, 0});
    if (value_is_null(number) || !seed_of(c, number, &seed)) return value_null();
    generator_seed(c->generator, seed);
    return value_obj(c->generator);
}
NATIVE(default_generator) {
    (void)self, (void)a;
    return value_obj(c->generator);
}
NATIVE(initial_seed) {
    (void)self, (void)a;
    return bigint_from_u64(c, generator_initial_seed(c->generator));
}
NATIVE(get_rng_state) {
    (void)self, (void)a;
    return value_obj(generator_state(c, c->generator));
}
NATIVE(set_rng_state) {
    (void)self;
    const Tensor *t = value_tensor(a->pos[0]);
    if (!t)
        return value_raise(c, TypeError, "expected a torch.ByteTensor, but got %s",
                           type_name(a->pos[0]));
    return generator_set_state(c, c->generator, t) ? value_none() : value_null();
}

/* ---- Generator objects ---- */

static Value generator_manual_seed(Ctx *c, Value self, const Args *a) {
    uint64_t seed = 0;
    if (!seed_of(c, a->pos[0], &seed)) return value_null();
    generator_seed(value_generator(self), seed);
    return self;
}
static Value generator_initial(Ctx *c, Value self, const Args *a) {
    (void)a;
    return bigint_from_u64(c, generator_initial_seed(value_generator(self)));
}
static Value generator_get_state(Ctx *c, Value self, const Args *a) {
    (void)a;
    return value_obj(generator_state(c, value_generator(self)));
}
static Value generator_put_state(Ctx *c, Value self, const Args *a) {
    const Tensor *t = value_tensor(a->pos[0]);
    if (!t)
        return value_raise(c, TypeError, "expected a torch.ByteTensor, but got %s",
                           type_name(a->pos[0]));
    return generator_set_state(c, value_generator(self), t) ? self : value_null();
}
static const Native generator_methods[] = {
    {"Generator.manual_seed", "seed /", generator_manual_seed},
    {"Generator.initial_seed", "", generator_initial},
    {"Generator.get_state", "", generator_get_state},
    {"Generator.set_state", "state /", generator_put_state},
    {NULL, NULL, NULL},
};
static void generator_repr(Ctx *c, Buf *out, Value v) {
    (void)c, (void)v;
    buf_puts(out, "<torch._C.Generator object at 0x...>");
}
static Value generator_attr(Ctx *c, Value v, Str *name) {
    (void)c, (void)v;
    return str_equals(name, "device") ? value_device(DEVICE_CPU, -1) : value_null();
}
const TypeOps rng_ops = {
    .repr = generator_repr, .get_attr = generator_attr, .methods = generator_methods};

/* ---- print options ---- */

static bool int_option(Ctx *c, Value v, int64_t *out) {
    if (value_is_null(v) || value_is_none(v)) return true;
    if (v.tag == VAL_FLOAT && v.as.f >= 0x1p63) { /* inf: all of it */
        *out = INT64_MAX;
        return true;
    }
    return slice_bound(c, v, out);
}
NATIVE(set_printoptions) {
    (void)self;
    PrintOptions *p = &c->print;
    const Str *profile = value_str(a->pos[4]);
    if (profile) print_set_profile(p, profile->data);
    if (!int_option(c, a->pos[0], &p->precision) ||
        !int_option(c, a->pos[1], &p->threshold) ||
        !int_option(c, a->pos[2], &p->edgeitems) ||
        !int_option(c, a->pos[3], &p->linewidth))
        return value_null();
    p->sci_mode = arg_given(a, 5) ? value_truth(c, a->pos[5]) : -1; /* never kept */
    return none_unless_failed(c);
}

/* ---- grad modes ---- */

NATIVE(is_grad_enabled) {
    (void)self, (void)a;
    return value_bool(c->grad_enabled);
}
NATIVE(set_grad) {
    (void)self;
    c->grad_enabled = value_truth(c, a->pos[0]) == 1;
    return none_unless_failed(c);
}
NATIVE(is_inference_mode_enabled) {
    (void)self, (void)a;
    return value_bool(c->inference);
}
NATIVE(set_inference) {
    (void)self;
    c->inference = value_truth(c, a->pos[0]) == 1;
    return none_unless_failed(c);
}
NATIVE(is_inference) {
    (void)c, (void)self;
    const Tensor *t = value_tensor(a->pos[0]);
    return value_bool(t && t->inference);
}
NATIVE(is_anomaly_enabled) {
    (void)self, (void)a;
    return value_bool(c->anomaly);
}
NATIVE(is_anomaly_check_nan_enabled) {
    (void)self, (void)a;
    return value_bool(c->anomaly_check_nan);
}
NATIVE(set_anomaly_enabled) {
    (void)self;
    c->anomaly = value_truth(c, a->pos[0]) == 1;
    c->anomaly_check_nan = arg_flag(c, a, 1, true);
    return none_unless_failed(c);
}

/* ---- backward ---- */

NATIVE(backward) {
    (void)self;
    bool create = torch_byte_flag(c, a->pos[3]);
    bool keep = arg_given(a, 2) ? torch_byte_flag(c, a->pos[2]) : create;
    bool done = !ctx_failed(c) &&
                torch_backward(c, &a->pos[0], &a->pos[1], a->pos[4], keep, create);
    return done ? value_none() : value_null();
}
NATIVE(grad) {
    (void)self;
    BackwardOptions o = {.create_graph = torch_byte_flag(c, a->pos[4])};
    o.keep_graph = arg_given(a, 3) ? torch_byte_flag(c, a->pos[3]) : o.create_graph;
    o.allow_unused = torch_byte_flag(c, a->pos[5]);
    if (ctx_failed(c)) return value_null();
    return torch_grad(c, a->pos[0], a->pos[1], a->pos[2], o);
}

/* Functions that are a method's twin. */
NATIVE(numel) {
    (void)c, (void)self;
    return value_int(value_tensor(a->pos[0])->numel);
}
NATIVE(no) {
    (void)c, (void)self, (void)a;
    return value_bool(false);
}
NATIVE(is_floating_point) {
    (void)c, (void)self;
    return value_bool(dtype_is_floating((DType)value_tensor(a->pos[0])->dtype));
}
NATIVE(is_nonzero) {
    (void)self;
    int truth = value_truth(c, a->pos[0]);
    return truth < 0 ? value_null() : value_bool(truth);
}

/* ---- devices ---- */

NATIVE(device) {
    (void)self;
    Value d;
    const Str *s = value_str(a->pos[0]);
    if (a->pos[0].tag == VAL_DEVICE) return a->pos[0];
    if (a->pos[0].tag == VAL_INT)
        return device_from_index(c, a->pos[0].as.i, &d) ? d : value_null();
    if (!s)
        return value_raise(c, TypeError,
                           "device(): argument 'type' (position 1) must be str, not %s",
                           type_name(a->pos[0]));
    if (!device_parse(c, s->data, s->len, &d)) return value_null();
    int64_t index = -1;
    if (!value_is_null(a->pos[1]) && !slice_is_index(a->pos[1]))
        return value_raise(
            c, TypeError, "Device(): argument 'index' (position 2) must be int, not %s",
            type_name(a->pos[1]));
    if (!value_is_null(a->pos[1]) && !slice_bound(c, a->pos[1], &index))
        return value_null();
    if (index >= 0) d.as.device.index = (int32_t)index;
    return d;
}
static const Native new_device = {"device", "type index?", native_device};

Value torch_device_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    if (args->n == 0 && args->n_named == 0)
        return value_raise(in->c, TypeError,
                           "Device() received an invalid combination of arguments - "
                           "got (), but expected one of:\n * (torch.device device)\n * "
                           "(str type, int index)\n");
    return native_call(in->c, &new_device, value_null(), args);
}

NATIVE(new_generator) {
    (void)self;
    Value device = value_is_null(a->pos[0]) ? value_none() : a->pos[0];
    if (!value_is_none(device)) device = native_device(c, value_null(), a);
    if (value_is_null(device)) return device;
    if (device.tag == VAL_DEVICE && device.as.device.kind == DEVICE_CUDA)
        return value_raise(c, RuntimeError,
                           "Device type CUDA is not supported for torch.Generator() "
                           "api.");
    return value_obj(pool_add(c, generator_new(c, GENERATOR_FIRST_SEED)));
}
static const Native new_generator = {"Generator", "arg device?", native_new_generator};

Value torch_generator_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return native_call(in->c, &new_generator, value_null(), args);
}

/* ---- for the prelude ---- */

/* The ranges of a dtype: (bits, min, max, eps, tiny, name). */
NATIVE(dtype_limits) {
    (void)self;
    if (a->pos[0].tag != VAL_DTYPE)
        return value_raise(c, TypeError, "argument 'type' must be torch.dtype, not %s",
                           type_name(a->pos[0]));
    DType d = a->pos[0].as.dtype;
    static const struct {
        double max, eps, tiny;
    } floats[DTYPE_COUNT] = {
        [DT_float16] = {65504, 0x1p-10, 0x1p-14},
        [DT_bfloat16] = {0x1.fep127, 0x1p-7, 0x1p-126},
        [DT_float32] = {0x1.fffffep127, 0x1p-23, 0x1p-126},
        [DT_float64] = {0x1.fffffffffffffp1023, 0x1p-52, 0x1p-1022},
    };
    int64_t bits = (int64_t)dtype_size(d) * 8;
    Value items[6] = {value_int(bits),
                      value_float(-floats[d].max),
                      value_float(floats[d].max),
                      value_float(floats[d].eps),
                      value_float(floats[d].tiny),
                      text(c, dtype_name(d))};
    if (!dtype_is_floating(d)) {
        uint64_t top = (UINT64_C(1) << (bits - 1)) - 1;
        bool is_unsigned = d == DT_uint8;
        items[1] = value_int(is_unsigned ? 0 : -(int64_t)top - 1);
        items[2] = value_int(is_unsigned ? 255 : (int64_t)top);
    }
    return tuple_of(c, 6, items);
}

NATIVE(push_saved_hooks) {
    (void)self;
    if (value_is_null(c->saved_hooks)) c->saved_hooks = value_obj(list_new(c, 1));
    List *l = value_list(c->saved_hooks);
    Value pair = tuple_of(c, 2, a->pos);
    return l && !value_is_null(pair) && list_push(c, l, pair) ? value_none()
                                                              : value_null();
}
NATIVE(pop_saved_hooks) {
    (void)self, (void)a;
    List *l = value_list(c->saved_hooks);
    if (l && l->n) list_splice(c, l, l->n - 1, l->n, NULL, 0);
    return none_unless_failed(c);
}
NATIVE(hook_saved) {
    (void)self;
    Node *n = value_node(a->pos[0]);
    uint64_t entry = a->pos[1].tag == VAL_INT ? (uint64_t)a->pos[1].as.i : UINT64_MAX;
    if (!n || entry >= n->n_saved)
        return value_raise(c, TypeError, "hook_saved(): no saved value of a node");
    bool done = node_hook_saved(c, n, (size_t)entry, a->pos[2], a->pos[3]);
    return done ? value_none() : value_null();
}
NATIVE(next_hook_id) {
    (void)self, (void)a;
    return value_int(c->next_hook++);
}
/* dtype(v): what FloatTensor and the like build: (dtype, data) or (dtype, *sizes). */
NATIVE(tensor_of) {
    (void)self;
    return value_obj(tensor_from_data(c, a->pos[1], dtype_from_value(c, a->pos[0])));
}

/* Those that PyTorch has as static methods of a class of its own. */
const Native torch_type_natives[] = {
    {"tensor",
     "arg data * dtype:torch.dtype? device? requires_grad:bool? pin_memory:bool?",
     native_tensor},
    {"as_tensor", "arg data * dtype:torch.dtype? device?", native_as_tensor},
    {"can_cast", "arg from:torch.dtype to:torch.dtype", native_can_cast},
    {"is_complex", "arg input:Tensor", native_no},
    {"is_conj", "arg input:Tensor", native_no},
    {"is_floating_point", "arg input:Tensor", native_is_floating_point},
    {"is_inference", "arg input:Tensor", native_is_inference},
    {"is_neg", "arg input:Tensor", native_no},
    {"is_nonzero", "arg input:Tensor", native_is_nonzero},
    {"numel", "arg input:Tensor", native_numel},
    {"promote_types", "arg type1:torch.dtype type2:torch.dtype", native_promote_types},
    {"result_type", "tensor1 tensor2", native_result_type},
    {NULL, NULL, NULL},
};

const Native torch_natives[] = {
    {"is_tensor", "def obj", native_is_tensor},
    {"torch.get_default_dtype", "", native_get_default_dtype},
    {"set_default_dtype", "def d", native_set_default_dtype},
    {"manual_seed", "def seed", native_manual_seed},
    {"initial_seed", "def", native_initial_seed},
    {"get_rng_state", "def", native_get_rng_state},
    {"set_rng_state", "def new_state", native_set_rng_state},
    {"set_printoptions",
     "def precision? threshold? edgeitems? linewidth? profile? sci_mode?",
     native_set_printoptions},
    {"torch.is_grad_enabled", "", native_is_grad_enabled},
    {"torch.is_inference_mode_enabled", "", native_is_inference_mode_enabled},
    {"torch.is_anomaly_enabled", "", native_is_anomaly_enabled},
    {"torch.is_anomaly_check_nan_enabled", "", native_is_anomaly_check_nan_enabled},
    {"set_anomaly_enabled", "arg enabled:bool check_nan:bool?",
     native_set_anomaly_enabled},
    {NULL, NULL, NULL},
};

/* Whether a checkpointed forward may run a backward pass of its own: only the whole
 * gradients of leaves come out right then. */
NATIVE(is_checkpoint_valid) {
    (void)self, (void)a;
    return value_bool(interp_of(c)->selective_passes == 0);
}

const Native torch_c_natives[] = {
    {"set_grad", "mode", native_set_grad},
    {"set_inference", "mode", native_set_inference},
    {"backward", "tensors grad_tensors? retain_graph? create_graph? inputs?",
     native_backward},
    {"grad", "outputs inputs grad_outputs? retain_graph? create_graph? allow_unused?",
     native_grad},
    {"default_generator", "", native_default_generator},
    {"dtype_limits", "type", native_dtype_limits},
    {"push_saved_hooks", "pack unpack /", native_push_saved_hooks},
    {"pop_saved_hooks", "", native_pop_saved_hooks},
    {"hook_saved", "node entry pack unpack /", native_hook_saved},
    {"next_hook_id", "", native_next_hook_id},
    {"tensor_of", "dtype data", native_tensor_of},
    {"is_checkpoint_valid", "", native_is_checkpoint_valid},
    {NULL, NULL, NULL},
};
