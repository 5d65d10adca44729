/* New tensors of random numbers: rand, randn, randint, their _like forms, randperm,
 * normal.  Sources: TensorFactories.cpp, Distributions.cpp. */
#include "core/device.h"
#include "ops.h"

#include "core/pointwise.h"
#include "random_fill.h"

#define LONG_OPTIONS                                                                   \
    "ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? "         \
    "pin_memory=None"
#define LIKE_OPTIONS TENSOR_OPTIONS ", MemoryFormat? memory_format=None"

/* ---- shared ---- */

static Value result(Tensor *t, bool ok) {
    return ok ? value_obj(t) : value_null();
}

/* Rows of one function differ in their schema alone. OP_POINTWISE: nothing is read. */
#define FACTORY(text, sentence, f)                                                     \
    {                                                                                  \
        .schema = text " -> Tensor", .doc = sentence, .forms = OP_FUNCTION | OP_OUT,   \
        .traits = OP_NOT_DIFFERENTIABLE | OP_POINTWISE, .forward = f                   \
    }

/* ---- rand ---- */

static Value uniform(Ctx *c, Call *k, Tensor *t, int generator_at) {
    Random *r = generator_at < 0 ? random_default(c) : call_random(c, k, generator_at);
    return result(t, t && fill_uniform(c, t, r, 0, 1));
}
static Value rand_forward(Ctx *c, Call *k) {
    return uniform(c, k, create_sized(c, k, 0, 1, c->default_dtype), -1);
}
static Value rand_generator_forward(Ctx *c, Call *k) {
    return uniform(c, k, create_sized(c, k, 0, 2, c->default_dtype), 1);
}
static const OpDef op_rand_generator_names = NAMES_ROW(
    OP_FUNCTION, "rand.generator_with_names(int[] size, *, Generator? generator, "
                 "Dimname[]? names, " TENSOR_OPTIONS ") -> Tensor");
static const OpDef op_rand_generator =
    FACTORY("rand.generator(int[] size, *, Generator? generator, " TENSOR_OPTIONS ")",
            "Uniform numbers from [0, 1).", rand_generator_forward);
static const OpDef op_rand = FACTORY("rand(int[] size, *, " TENSOR_OPTIONS ")",
                                     "Uniform numbers from [0, 1).", rand_forward);
static const OpDef op_rand_names =
    NAMES_ROW(OP_FUNCTION, "rand.names(int[] size, *, Dimname[]? names, " TENSOR_OPTIONS
                           ") -> Tensor");

static Value rand_like_forward(Ctx *c, Call *k) {
    return uniform(c, k, create_like(c, k, 1), -1);
}
static const OpDef op_rand_like = {
    .schema = "rand_like(Tensor self, *, " LIKE_OPTIONS ") -> Tensor",
    .doc = "Uniform numbers from [0, 1) in the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = rand_like_forward,
};

/* ---- randn ---- */

static Value standard_normal(Ctx *c, Call *k, Tensor *t, int generator_at) {
    Random *r = generator_at < 0 ? random_default(c) : call_random(c, k, generator_at);
    return result(t, t && fill_normal(c, t, r, 0, 1));
}
static Value randn_forward(Ctx *c, Call *k) {
    return standard_normal(c, k, create_sized(c, k, 0, 1, c->default_dtype), -1);
}
static Value randn_generator_forward(Ctx *c, Call *k) {
    return standard_normal(c, k, create_sized(c, k, 0, 2, c->default_dtype), 1);
}
static const OpDef op_randn_generator_names = NAMES_ROW(
    OP_FUNCTION, "randn.generator_with_names(int[] size, *, Generator? generator, "
                 "Dimname[]? names, " TENSOR_OPTIONS ") -> Tensor");
static const OpDef op_randn_generator =
    FACTORY("randn.generator(int[] size, *, Generator? generator, " TENSOR_OPTIONS ")",
            "Normal numbers of mean 0 and deviation 1.", randn_generator_forward);
static const OpDef op_randn =
    FACTORY("randn(int[] size, *, " TENSOR_OPTIONS ")",
            "Normal numbers of mean 0 and deviation 1.", randn_forward);
static const OpDef op_randn_names = NAMES_ROW(
    OP_FUNCTION,
    "randn.names(int[] size, *, Dimname[]? names, " TENSOR_OPTIONS ") -> Tensor");

static Value randn_like_forward(Ctx *c, Call *k) {
    return standard_normal(c, k, create_like(c, k, 1), -1);
}
static const OpDef op_randn_like = {
    .schema = "randn_like(Tensor self, *, " LIKE_OPTIONS ") -> Tensor",
    .doc = "Normal numbers in the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = randn_like_forward,
};

/* ---- randint ---- */

static Value randint_generator_forward(Ctx *c, Call *k) {
    Tensor *t = create_sized(c, k, 1, 3, DT_int64);
    return result(t, t && fill_integers(c, t, call_random(c, k, 2), 0, call_int(k, 0)));
}
static const OpDef op_randint_generator = FACTORY(
    "randint.generator(int high, int[] size, *, Generator? generator, " LONG_OPTIONS
    ")",
    "Whole numbers from [0, high).", randint_generator_forward);

static Value randint_forward(Ctx *c, Call *k) {
    Tensor *t = create_sized(c, k, 1, 2, DT_int64);
    return result(t, t && fill_integers(c, t, random_default(c), 0, call_int(k, 0)));
}
static const OpDef op_randint =
    FACTORY("randint(int high, int[] size, *, " LONG_OPTIONS ")",
            "Whole numbers from [0, high).", randint_forward);

static Value randint_low_generator_forward(Ctx *c, Call *k) {
    Tensor *t = create_sized(c, k, 2, 4, DT_int64);
    return result(t, t && fill_integers(c, t, call_random(c, k, 3), call_int(k, 0),
                                        call_int(k, 1)));
}
static const OpDef op_randint_low_generator =
    FACTORY("randint.low_generator(int low, int high, int[] size, *, Generator? "
            "generator, " LONG_OPTIONS ")",
            "Whole numbers from [low, high).", randint_low_generator_forward);

static Value randint_low_forward(Ctx *c, Call *k) {
    Tensor *t = create_sized(c, k, 2, 3, DT_int64);
    return result(
        t, t && fill_integers(c, t, random_default(c), call_int(k, 0), call_int(k, 1)));
}
static const OpDef op_randint_low =
    FACTORY("randint.low(int low, int high, int[] size, *, " LONG_OPTIONS ")",
            "Whole numbers from [low, high).", randint_low_forward);

static Value randint_like_forward(Ctx *c, Call *k) {
    Tensor *t = create_like(c, k, 2);
    return result(t, t && fill_integers(c, t, random_default(c), 0, call_int(k, 1)));
}
static const OpDef op_randint_like = {
    .schema = "randint_like(Tensor self, int high, *, " LIKE_OPTIONS ") -> Tensor",
    .doc = "Whole numbers from [0, high) in the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = randint_like_forward,
};

static Value randint_like_low_forward(Ctx *c, Call *k) {
    Tensor *t = create_like(c, k, 3);
    return result(
        t, t && fill_integers(c, t, random_default(c), call_int(k, 1), call_int(k, 2)));
}
static const OpDef op_randint_like_low = {
    .schema = "randint_like.low_dtype(Tensor self, int low, int high, *, " LIKE_OPTIONS
              ") -> Tensor",
    .doc = "Whole numbers from [low, high) in the sizes and dtype of self.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = randint_like_low_forward,
    .example = "torch.randint_like(m, 1, 5)",
};

/* ---- randperm ---- */

/* Whether dtype d tells 0 .. n - 1 apart. */
static bool permutation_fits(Ctx *c, int64_t n, DType d) {
    static const struct {
        int64_t most;
        const char *text;
    } limits[DTYPE_COUNT] = {
        [DT_float16] = {(1 << 11) + 1, "2049"},
        [DT_float32] = {(1 << 24) + 1, "2^24+1"},
        [DT_float64] = {(INT64_C(1) << 53) + 1, "2^53+1"},
    };
    if (n > 0 && !scalar_fits(c, value_int(n - 1), d)) return false;
    if (limits[d].most && n > limits[d].most) {
        error_raise(c, RuntimeError, "n cannot be greater than %s for %s type.",
                    limits[d].text, dtype_scalar_name(d));
        return false;
    }
    return !dtype_refused(c, "randperm", DTYPES_BOOL, d);
}

/* 0 .. n - 1 in random order: [n]. */
static Value randperm(Ctx *c, Call *k, int dtype_at, Random *r) {
    int64_t n = call_int(k, 0);
    if (!device_check(c, k->args[dtype_at + 2])) return value_null();
    DType d = k->form == CALL_OUT ? (DType)k->target[0]->dtype
                                  : call_dtype(k, dtype_at, DT_int64);
    Tensor *t = call_result(c, k, 0, d, 1, &n);
    if (!t || !permutation_fits(c, n, d)) return value_null();
    random_permutation(r, d, tensor_data(t), n);
    return value_obj(t);
}
static Value randperm_generator_forward(Ctx *c, Call *k) {
    return randperm(c, k, 2, call_random(c, k, 1));
}
static const OpDef op_randperm_generator = {
    .schema = "randperm.generator(int n, *, Generator? generator, " LONG_OPTIONS
              ") -> Tensor",
    .doc = "0 to n - 1 in random order.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = randperm_generator_forward,
};
static Value randperm_forward(Ctx *c, Call *k) {
    return randperm(c, k, 1, random_default(c));
}
static const OpDef op_randperm = {
    .schema = "randperm(int n, *, " LONG_OPTIONS ") -> Tensor",
    .doc = "0 to n - 1 in random order.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = randperm_forward,
};

/* ---- normal ---- */

/* No element of a tensor of deviations may be negative or nan. */
static bool deviations_check(Ctx *c, Tensor *deviation) {
    Tensor *d = t_to_dtype(c, t_contiguous(c, deviation), DT_float64);
    if (!d) return false;
    const double *x = tensor_data(d);
    bool fine = true;
    for (int64_t i = 0; i < d->numel; i++) fine = fine && x[i] >= 0;
    if (!fine)
        error_raise(c, RuntimeError, "normal expects all elements of std >= 0.0");
    return fine;
}

/* A result of this shape, in the dtype of out= or of `model`. */
static Tensor *result_for(Ctx *c, Call *k, const Tensor *model, const Shape *shape) {
    const Tensor *t = k->form == CALL_OUT ? k->target[0] : model;
    return call_result(c, k, 0, (DType)t->dtype, shape->ndim, shape->dims);
}

/* mean [...], std [...] -> [...], broadcast: mean + std z, z normal. */
static Value normal_tensors_forward(Ctx *c, Call *k) {
    Tensor *mean = call_tensor(k, 0), *deviation = call_tensor(k, 1);
    Shape shape = tensor_shape(mean), other = tensor_shape(deviation);
    if (!deviations_check(c, deviation) || !shape_broadcast(c, &shape, &other, &shape))
        return value_null();
    Tensor *t = result_for(c, k, mean, &shape);
    if (!t || !fill_normal(c, t, call_random(c, k, 2), 0, 1)) return value_null();
    return value_obj(t_add_(c, t_mul_(c, t, deviation), mean));
}
static const OpDef op_normal_tensors = {
    .schema = "normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? "
              "generator=None) -> Tensor",
    .doc = "Normal numbers, each of its own mean and deviation.",
    .forms = OP_FUNCTION | OP_OUT,
    .node = "NormalBackward3",
    .forward = normal_tensors_forward,
    .backward = random_backward,
};

static Value normal_means_forward(Ctx *c, Call *k) {
    Tensor *mean = call_tensor(k, 0);
    Shape shape = tensor_shape(mean);
    Tensor *t = result_for(c, k, mean, &shape);
    if (!t || !fill_normal(c, t, call_random(c, k, 2), 0, call_float(k, 1)))
        return value_null();
    return value_obj(t_add_(c, t, mean));
}
static const OpDef op_normal_means = {
    .schema = "normal.Tensor_float(Tensor mean, float std=1, *, Generator? "
              "generator=None) -> Tensor",
    .doc = "Normal numbers, each of its own mean.",
    .forms = OP_FUNCTION | OP_OUT,
    .node = "NormalBackward1",
    .forward = normal_means_forward,
    .backward = random_backward,
};

static Value normal_deviations_forward(Ctx *c, Call *k) {
    Tensor *deviation = call_tensor(k, 1);
    Shape shape = tensor_shape(deviation);
    if (!deviations_check(c, deviation)) return value_null();
    Tensor *t = result_for(c, k, deviation, &shape);
    if (!t || !scalar_fits(c, call_scalar(k, 0), (DType)t->dtype)) return value_null();
    Tensor *mean = tensor_scalar(c, (DType)t->dtype, call_scalar(k, 0));
    if (!mean || !fill_normal(c, t, call_random(c, k, 2), 0, 1)) return value_null();
    return value_obj(t_add_(c, t_mul_(c, t, deviation), mean));
}
static const OpDef op_normal_deviations = {
    .schema = "normal.float_Tensor(float mean, Tensor std, *, Generator? "
              "generator=None) -> Tensor",
    .doc = "Normal numbers, each of its own deviation.",
    .forms = OP_FUNCTION | OP_OUT,
    .node = "NormalBackward2",
    .forward = normal_deviations_forward,
    .backward = random_backward,
};

static Value normal_sized_forward(Ctx *c, Call *k) {
    Tensor *t = create_sized(c, k, 2, 4, c->default_dtype);
    return result(t, t && fill_normal(c, t, call_random(c, k, 3), call_float(k, 0),
                                      call_float(k, 1)));
}
static const OpDef op_normal_sized =
    FACTORY("normal.float_float(float mean, float std, int[] size, *, Generator? "
            "generator=None, " TENSOR_OPTIONS ")",
            "Normal numbers of one mean and deviation.", normal_sized_forward);

const OpDef *const random_create_ops[] = {
    &op_rand_generator_names,
    &op_rand_generator,
    &op_rand,
    &op_rand_names,
    &op_rand_like,
    &op_randn_generator_names,
    &op_randn_generator,
    &op_randn,
    &op_randn_names,
    &op_randn_like,
    &op_randint_generator,
    &op_randint,
    &op_randint_low_generator,
    &op_randint_low,
    &op_randint_like,
    &op_randint_like_low,
    &op_randperm_generator,
    &op_randperm,
    &op_normal_tensors,
    &op_normal_means,
    &op_normal_deviations,
    &op_normal_sized,
    NULL,
};
