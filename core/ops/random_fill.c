/* See random_fill.h.  Checks and texts: PyTorch's DistributionTemplates.h; the ranges
 * of whole numbers that a float dtype can hold are narrowed as it narrows them. */
#include "random_fill.h"

#include "core/pointwise.h"
#include "core/rng.h"
#include "ops.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

Random *random_default(Ctx *c) {
    return &c->generator->random;
}

Random *call_random(Ctx *c, const Call *k, int i) {
    Generator *g = value_generator(k->args[i]);
    return g ? &g->random : random_default(c);
}

void random_backward(Ctx *c, Grad *g) {
    for (size_t i = 0; i < g->n_inputs; i++) {
        int64_t sizes[MAX_DIMS];
        if (!grad_wanted(g, i)) continue;
        int n = grad_input_sizes(g, i, sizes);
        grad_set(g, i, t_zeros(c, n, sizes, (DType)g->grad->dtype));
    }
}

/* ---- running ---- */

static void run(Tensor *t, Tensor *operand, Kernel f, const Draw *draw) {
    Iter it;
    if (!operand && t->contiguous) { /* as nearly all fresh tensors are */
        const int64_t step = (int64_t)dtype_size((DType)t->dtype);
        f((DType)t->dtype, (char *const[]){tensor_data(t)}, &step, t->numel, draw);
        return;
    }
    iter_begin(&it, t->ndim, t->sizes);
    iter_add(&it, tensor_data(t), (DType)t->dtype, t->ndim, t->sizes, t->strides);
    if (operand)
        iter_add(&it, tensor_data(operand), (DType)operand->dtype, operand->ndim,
                 operand->sizes, operand->strides);
    iter_run(&it, f, (DType)t->dtype, draw);
}

/* What kernels of one or two parameters share. */
typedef struct Fill {
    Kernel kernel;
    const char *name; /* PyTorch's name of the kernel, for messages */
    unsigned refused;
} Fill;

static bool fill(Ctx *c, Tensor *t, const Fill *f, const Draw *draw) {
    if (!t->contiguous && !self_overlap_check(c, t)) return false;
    if (dtype_refused(c, f->name, f->refused, (DType)t->dtype)) return false;
    run(t, NULL, f->kernel, draw);
    return true;
}

/* ---- real numbers ---- */

static bool out_of_bounds(Ctx *c, const char *what, DType d) {
    error_raise(c, RuntimeError, "%s is out of bounds for %s", what,
                dtype_type_name(d));
    return false;
}

bool fill_uniform(Ctx *c, Tensor *t, Random *r, double from, double to) {
    static const Fill f = {random_uniform, "uniform_kernel_cpu", DTYPES_INTEGRAL};
    DType d = (DType)t->dtype;
    if (dtype_refused(c, "check_uniform_bounds", DTYPES_INTEGRAL, d)) return false;
    double most = dtype_largest(d);
    if (!(fabs(from) <= most)) return out_of_bounds(c, "from", d);
    if (!(fabs(to) <= most)) return out_of_bounds(c, "to", d);
    if (from > to) {
        error_raise(c, RuntimeError,
                    "uniform_ expects to return a [from, to) range, but found from=%g "
                    "> to=%g",
                    from, to);
        return false;
    }
    if (to - from > most) {
        error_raise(c, RuntimeError,
                    "uniform_ expects to-from <= std::numeric_limits<%s>::max(), but "
                    "found to=%g and from=%g which result in to-from to exceed the "
                    "limit",
                    dtype_scalar_name(d), to, from);
        return false;
    }
    return fill(c, t, &f, &(Draw){.random = r, .a = from, .b = to});
}

bool fill_normal(Ctx *c, Tensor *t, Random *r, double mean, double deviation) {
    static const Fill f = {random_normal, "normal_kernel_cpu", DTYPES_INTEGRAL};
    const Draw draw = {.random = r, .a = mean, .b = deviation};
    if (!(deviation >= 0)) {
        error_raise(c, RuntimeError, "normal expects std >= 0.0, but found std %g",
                    deviation);
        return false;
    }
    if (dtype_refused(c, f.name, f.refused, (DType)t->dtype)) return false;
    if (t->numel < 16 || !t->contiguous) return fill(c, t, &f, &draw);
    random_normal_blocks((DType)t->dtype, tensor_data(t), t->numel, &draw);
    return true;
}

bool fill_exponential(Ctx *c, Tensor *t, Random *r, double rate) {
    static const Fill f = {random_exponential, "exponential_cpu", DTYPES_INTEGRAL};
    if (rate >= 0) return fill(c, t, &f, &(Draw){.random = r, .a = rate});
    error_raise(c, RuntimeError,
                "exponential_ expects lambda >= 0.0, but found lambda=%g", rate);
    return false;
}

bool fill_geometric(Ctx *c, Tensor *t, Random *r, double p) {
    static const Fill f = {random_geometric, "geometric_cpu", DTYPES_BOOL};
    if (p > 0 && p < 1) return fill(c, t, &f, &(Draw){.random = r, .a = p});
    error_raise(c, RuntimeError, "geometric_ expects p to be in (0, 1), but got p=%g",
                p);
    return false;
}

bool fill_log_normal(Ctx *c, Tensor *t, Random *r, double mean, double deviation) {
    static const Fill f = {random_log_normal, "log_normal_cpu", DTYPES_INTEGRAL};
    if (deviation > 0)
        return fill(c, t, &f, &(Draw){.random = r, .a = mean, .b = deviation});
    error_raise(c, RuntimeError, "log_normal_ expects std > 0.0, but found std=%g",
                deviation);
    return false;
}

bool fill_cauchy(Ctx *c, Tensor *t, Random *r, double median, double scale) {
    static const Fill f = {random_cauchy, "cauchy_cpu", DTYPES_INTEGRAL};
    return fill(c, t, &f, &(Draw){.random = r, .a = median, .b = scale});
}

bool fill_bernoulli(Ctx *c, Tensor *t, Random *r, double p) {
    static const Fill f = {random_bernoulli, "bernoulli_scalar_cpu_", DTYPES_HALF};
    if (p >= 0 && p <= 1) return fill(c, t, &f, &(Draw){.random = r, .a = p});
    error_raise(c, RuntimeError, "bernoulli_ expects p to be in [0, 1], but got p=%g",
                p);
    return false;
}

bool fill_bernoulli_each(Ctx *c, Tensor *t, Random *r, Tensor *p) {
    DType d = (DType)p->dtype;
    bool failed = false;
    const Draw draw = {.random = r, .other = d, .failed = &failed};
    if (!self_overlap_check(c, t)) return false;
    if (dtype_refused(c, "bernoulli_tensor_cpu_self_", DTYPES_HALF, (DType)t->dtype))
        return false;
    if (!expand_check(c, p, t->ndim, t->sizes)) return false;
    if (dtype_refused(c, "bernoulli_tensor_cpu_p_", DTYPES_INTEGRAL | DTYPES_HALF, d))
        return false;
    run(t, p, random_bernoulli_each, &draw);
    if (failed)
        error_raise(
            c, RuntimeError,
            "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could "
            "this error message be improved?  If so, please report an "
            "enhancement request to PyTorch.)");
    return !failed;
}

bool fill_poisson(Ctx *c, Tensor *t, Random *r, Tensor *rate) {
    enum { REFUSED = DTYPES_INTEGRAL | DTYPES_HALF };
    bool failed = false;
    const Draw draw = {.random = r, .failed = &failed};
    if (dtype_refused(c, "poisson_cpu", REFUSED, (DType)t->dtype)) return false;
    run(t, rate, random_poisson, &draw);
    if (failed)
        error_raise(c, RuntimeError,
                    "invalid Poisson rate, expected rate to be non-negative");
    return !failed;
}

/* ---- whole numbers ---- */

/* Bits of the significand. */
static int digits_of(DType d) {
    switch (d) {
    case DT_float16: return 11;
    case DT_bfloat16: return 8;
    case DT_float32: return 24;
    default: return 53;
    }
}

/* i rounded to dtype d; what int64 cannot hold gives its minimum. */
static int64_t through(DType d, int64_t i) {
    union {
        double f;
        char bytes[8];
    } place;
    element_store(d, place.bytes, value_int(i));
    double f = element_load(d, place.bytes).as.f;
    return f >= -0x1p63 && f < 0x1p63 ? (int64_t)f : INT64_MIN;
}

/* The distance of neighbouring numbers of dtype d near i. */
static int64_t spacing(DType d, int64_t i) {
    uint64_t size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    int log2 = 0;
    while (size >>= 1) log2++;
    int shift = log2 - digits_of(d) + 1;
    return shift > 0 ? (int64_t)1 << shift : 1;
}

static int64_t plus(int64_t a, int64_t b) { /* wraps */
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* The first number of dtype d that is not below `from`, where from + 1 is rounded
 * below it. */
static int64_t narrow_from(DType d, int64_t from) {
    int64_t next = through(d, plus(from, 1));
    return next < from ? plus(next, spacing(d, plus(from, 1))) : from;
}
static int64_t narrow_to(DType d, int64_t to) {
    int64_t last = through(d, plus(to, -1));
    return last >= to ? plus(last, -spacing(d, plus(to, -1))) : to;
}

static bool check_bound(Ctx *c, const char *what, int64_t bound, DType d) {
    if (dtype_is_floating(d)) {
        int64_t exact = (int64_t)1 << digits_of(d);
        if (fabs((double)bound) > dtype_largest(d)) return out_of_bounds(c, what, d);
        if (bound >= -exact && bound <= exact) return true;
        warn(c, UserWarning,
             "%s is out of bounds [-(2^%d), 2^%d]. Due to precision limitations %s can "
             "support discrete uniform distribution only within this range. This "
             "warning will become an error in version 1.7 release, please fix the code "
             "in advance",
             what, digits_of(d), digits_of(d), dtype_type_name(d));
        return !ctx_failed(c);
    }
    if (d == DT_int64) return true;
    int bits = 8 * (int)dtype_size(d) - (d != DT_uint8);
    int64_t most = d == DT_bool ? 1 : ((int64_t)1 << bits) - 1;
    int64_t least = d == DT_bool || d == DT_uint8 ? 0 : -most - 1;
    return bound >= least && bound <= most ? true : out_of_bounds(c, what, d);
}

/* from .. from + range - 1; range 0 is all of 2^64. */
static bool fill_range(Ctx *c, Tensor *t, Random *r, int64_t from, uint64_t range) {
    static const Fill f = {random_integers, NULL, 0};
    return fill(c, t, &f, &(Draw){.random = r, .from = from, .range = range});
}

bool fill_integers(Ctx *c, Tensor *t, Random *r, int64_t from, int64_t to) {
    DType d = (DType)t->dtype;
    const char *casted = "";
    if (!self_overlap_check(c, t)) return false;
    if (from < to && dtype_is_floating(d)) {
        casted = " casted to dtype";
        from = narrow_from(d, from);
        to = narrow_to(d, to);
    }
    if (from >= to) {
        error_raise(c, RuntimeError,
                    "random_ expects 'from'%s to be less than 'to'%s, but got "
                    "from=%" PRId64 " >= to=%" PRId64,
                    casted, casted, from, to);
        return false;
    }
    if (!check_bound(c, "from", from, d) || !check_bound(c, "to - 1", to - 1, d))
        return false;
    return fill_range(c, t, r, from, (uint64_t)to - (uint64_t)from);
}

/* The largest whole number up to which dtype d holds all. */
static int64_t last_whole(DType d) {
    if (d == DT_bool) return 1;
    if (dtype_is_floating(d)) return (int64_t)1 << digits_of(d);
    int bits = 8 * (int)dtype_size(d) - (d != DT_uint8);
    return (int64_t)((UINT64_C(1) << bits) - 1);
}

static bool fill_all_64_bits(Ctx *c, Tensor *t, Random *r) {
    static const char name[] = "random_full_64_bits_range_kernel_cpu";
    DType d = (DType)t->dtype;
    if (dtype_refused(c, name, DTYPES_BOOL | DTYPES_HALF, d)) return false;
    if (d != DT_int64 && !dtype_is_floating(d)) {
        error_raise(c, RuntimeError,
                    "%s handles only int64, double, float and bfloat16", name);
        return false;
    }
    return fill_range(c, t, r, 0, 0);
}

bool fill_integers_from(Ctx *c, Tensor *t, Random *r, int64_t from) {
    DType d = (DType)t->dtype;
    int64_t last = last_whole(d);
    if (!self_overlap_check(c, t)) return false;
    if (from == INT64_MIN) return fill_all_64_bits(c, t, r);
    if (dtype_is_floating(d)) from = narrow_from(d, from);
    if (dtype_is_floating(d) && from >= last) {
        error_raise(c, RuntimeError,
                    "random_ expects 'from' casted to dtype to be less than or equal "
                    "to 'to_inc' casted to dtype, but got from=%" PRId64
                    " > to_inc=%" PRId64,
                    from, last);
        return false;
    }
    if (!check_bound(c, "from", from, d) || !check_bound(c, "to - 1", last, d))
        return false;
    return fill_range(c, t, r, from, (uint64_t)last - (uint64_t)from + 1);
}

bool fill_whole(Ctx *c, Tensor *t, Random *r) {
    static const Fill f = {random_whole, NULL, 0};
    return fill(c, t, &f, &(Draw){.random = r});
}
