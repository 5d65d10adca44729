/* dropout and its kin: products with noise, as PyTorch composes them, so that their
 * nodes are those of mul and add.  Source: Dropout.cpp. */
#include "ops.h"

#include "random_fill.h"

#include <math.h>

typedef struct Kind {
    bool feature; /* one decision for each channel: noise [n, channels, 1, ...] */
    bool alpha;   /* keeps mean and variance of what selu gives */
    bool in_place;
} Kind;

/* ---- arithmetic with numbers, in place on noise ---- */

static Tensor *with_number(Ctx *c, const OpDef *op, Tensor *t, double x) {
    Tensor *number = tensor_wrap_number(c, value_float(x));
    if (!t || !number) return NULL;
    Value args[3] = {arg_tensor(t), arg_tensor(number), value_int(1)};
    return value_tensor(op_call_inplace(c, op, args));
}

/* ---- noise ---- */

static Tensor *feature_noise(Ctx *c, const Tensor *input) {
    int64_t sizes[MAX_DIMS];
    if (input->ndim < 2)
        return error_raise(c, RuntimeError,
                           "Feature dropout requires at least 2 dimensions in the "
                           "input");
    for (int i = 0; i < input->ndim; i++) sizes[i] = i < 2 ? input->sizes[i] : 1;
    return tensor_make(c, (DType)input->dtype, input->ndim, sizes);
}

static Tensor *noise_for(Ctx *c, const Tensor *input, Kind kind, double p) {
    Tensor *noise =
        kind.feature ? feature_noise(c, input)
                     : tensor_make(c, (DType)input->dtype, input->ndim, input->sizes);
    return noise && fill_bernoulli(c, noise, random_default(c), 1 - p) ? noise : NULL;
}

static Tensor *multiply(Ctx *c, Tensor *input, Tensor *noise, Kind kind) {
    return kind.in_place ? t_mul_(c, input, noise) : t_mul(c, input, noise);
}

/* input * noise / (1 - p). */
static Tensor *plain(Ctx *c, Tensor *input, Tensor *noise, Kind kind, double p) {
    return multiply(c, input, with_number(c, &op_div, noise, 1 - p), kind);
}

/* a (input * noise + alpha' (noise - 1)) + a alpha' p, alpha' the value that selu tends
 * to below zero, a such that the variance stays. */
static Tensor *alpha(Ctx *c, Tensor *input, Tensor *noise, Kind kind, double p) {
    const double selu = 1.7580993408473766;
    double a = 1 / sqrt((selu * selu * p + 1) * (1 - p));
    Tensor *shift = t_add_scalar(c, noise, value_int(-1));
    shift = with_number(c, &op_mul, shift, selu * a);
    shift = with_number(c, &op_add, shift, selu * a * p);
    noise = with_number(c, &op_mul, noise, a);
    return t_add_(c, multiply(c, input, noise, kind), shift);
}

static Value dropout(Ctx *c, Call *k, Kind kind) {
    Tensor *input = call_tensor(k, 0);
    double p = call_float(k, 1);
    if (!(p >= 0 && p <= 1))
        return value_raise(c, RuntimeError,
                           "dropout probability has to be between 0 and 1, but got %g",
                           p);
    if (p == 0 || !call_bool(k, 2) || input->numel == 0) return value_obj(input);
    if (p == 1) {
        Tensor *zero = t_zeros(c, 0, NULL, (DType)input->dtype);
        return value_obj(multiply(c, input, zero, kind));
    }
    Tensor *noise = noise_for(c, input, kind, p);
    if (!noise) return value_null();
    return value_obj(kind.alpha ? alpha(c, input, noise, kind, p)
                                : plain(c, input, noise, kind, p));
}

/* ---- operators ---- */

#define DROPOUT(name, sentence, ...)                                                   \
    static Value name##_forward(Ctx *c, Call *k) {                                     \
        return dropout(c, k, (Kind){__VA_ARGS__});                                     \
    }                                                                                  \
    static const OpDef op_##name = {                                                   \
        .schema = #name "(Tensor input, float p, bool train) -> Tensor",               \
        .doc = sentence,                                                               \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = name##_forward,                                                     \
    };                                                                                 \
    static Value name##_in_place_forward(Ctx *c, Call *k) {                            \
        return dropout(c, k, (Kind){__VA_ARGS__, .in_place = true});                   \
    }                                                                                  \
    static const OpDef op_##name##_ = {                                                \
        .schema = #name "_(Tensor(a!) self, float p, bool train) -> Tensor(a!)",       \
        .doc = sentence,                                                               \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = name##_in_place_forward,                                            \
    };

DROPOUT(dropout, "Zeroes elements with probability p and divides the rest by 1 - p.",
        .feature = false)
DROPOUT(feature_dropout, "Zeroes channels with probability p.", .feature = true)
DROPOUT(alpha_dropout, "Dropout that keeps mean and variance of selu's results.",
        .alpha = true)
DROPOUT(feature_alpha_dropout, "alpha_dropout of whole channels.", .feature = true,
        .alpha = true)

Tensor *t_dropout(Ctx *c, Tensor *input, double p, bool train) {
    return op_tensor(c, &op_dropout,
                     (Value[]){arg_tensor(input), value_float(p), value_bool(train)});
}

const OpDef *const dropout_ops[] = {
    &op_dropout,
    &op_dropout_,
    &op_feature_dropout,
    &op_feature_dropout_,
    &op_alpha_dropout,
    &op_alpha_dropout_,
    &op_feature_alpha_dropout,
    &op_feature_alpha_dropout_,
    NULL,
};
