/* ops/random, random_create, multinomial, dropout: calls as cells make them. Expected
 * texts are PyTorch's for seed 0. */
#include "core/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct World {
    Ctx c;
    Buf out;
    char warning[200];
} World;

static void keep_warning(Ctx *c, ErrorKind kind, const char *message) {
    (void)kind;
    World *w = c->host_data;
    strncpy(w->warning, message, sizeof w->warning - 1);
}

static int setup(void **state) {
    static World w;
    memset(w.warning, 0, sizeof w.warning);
    if (!core_open(&w.c)) return -1;
    w.c.host.warn = keep_warning;
    w.c.host_data = &w;
    buf_init(&w.out, &w.c.mem);
    *state = &w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    buf_free(&w->out);
    core_close(&w->c);
    return w->c.mem.live_blocks == 0 ? 0 : -1;
}

/* ---- arguments ---- */

static Value ints(World *w, int n, const int64_t *items) {
    return value_obj(pool_add(&w->c, size_new(&w->c, n, items)));
}
#define INTS(w, ...)                                                                   \
    ints(w, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t),                        \
         (const int64_t[]){__VA_ARGS__})

static Value floats(World *w, int64_t n, const float *x) {
    Tensor *t = tensor_make(&w->c, DT_float32, 1, &n);
    if (t) memcpy(tensor_data(t), x, (size_t)n * sizeof *x);
    return value_obj(t);
}
#define FLOATS(w, ...)                                                                 \
    floats(w, sizeof((float[]){__VA_ARGS__}) / sizeof(float),                          \
           (const float[]){__VA_ARGS__})

static Value zeros(World *w, DType d, int ndim, const int64_t *sizes) {
    Tensor *t = tensor_make(&w->c, d, ndim, sizes);
    if (t) memset(tensor_data(t), 0, (size_t)t->numel * dtype_size(d));
    return value_obj(t);
}

static Value transposed_zeros(World *w) {
    Tensor *t = value_tensor(zeros(w, DT_float32, 2, (const int64_t[]){2, 3}));
    return value_obj(
        tensor_alias(&w->c, t, 2, (const int64_t[]){3, 2}, (const int64_t[]){1, 3}, 0));
}

static Value ones_with_grad(World *w) {
    Value v = FLOATS(w, 1, 1, 1, 1);
    value_tensor(v)->requires_grad = true;
    return v;
}

/* ---- calls: torch.name(...), or self.name(...) ---- */

static Value call(World *w, Value self, const char *name, const Value *args, size_t n) {
    unsigned form = value_is_null(self) ? OP_FUNCTION : OP_METHOD;
    const OverloadSet *set = op_find(&w->c, form, name, strlen(name));
    if (!set && ctx_failed(&w->c)) return value_null();
    assert_non_null(set);
    return bind_and_call(&w->c, set, self, &(Args){.pos = args, .n = n});
}
#define TORCH(w, name, ...)                                                            \
    call(w, value_null(), name, (const Value[]){__VA_ARGS__},                          \
         sizeof((Value[]){__VA_ARGS__}) / sizeof(Value))
#define METHOD(w, self, name, ...)                                                     \
    call(w, self, name, (const Value[]){__VA_ARGS__},                                  \
         sizeof((Value[]){__VA_ARGS__}) / sizeof(Value))

static void prints(World *w, Value v, const char *expected) {
    assert_non_null(value_tensor(v));
    buf_clear(&w->out);
    print_tensor(&w->c, &w->out, value_tensor(v));
    assert_string_equal(buf_text(&w->out), expected);
}

static void raises(World *w, Value v, const char *message) {
    assert_true(value_is_null(v));
    assert_string_equal(buf_text(&w->c.error.message), message);
    error_clear(&w->c);
}

/* ---- tests ---- */

static void rand_and_randn(void **state) {
    World *w = *state;
    prints(w, TORCH(w, "rand", value_int(3)), "tensor([0.4963, 0.7682, 0.0885])");
    generator_seed(w->c.generator, 0);
    prints(w, TORCH(w, "randn", INTS(w, 3)), "tensor([ 1.5410, -0.2934, -2.1788])");
}

static void integers_cannot_be_uniform_or_normal(void **state) {
    World *w = *state;
    Value x = zeros(w, DT_int64, 1, (const int64_t[]){2});
    raises(w, TORCH(w, "rand_like", x),
           "\"check_uniform_bounds\" not implemented for 'Long'");
    raises(w, TORCH(w, "randn_like", x),
           "\"normal_kernel_cpu\" not implemented for 'Long'");
}

static void transposed_tensors_are_filled_in_memory_order(void **state) {
    World *w = *state;
    const char *expected = "tensor([[0.4963, 0.1320],\n        [0.7682, 0.3074],\n"
                           "        [0.0885, 0.6341]])";
    prints(w, call(w, transposed_zeros(w), "uniform_", NULL, 0), expected);
    generator_seed(w->c.generator, 0);
    prints(w, TORCH(w, "rand_like", transposed_zeros(w)), expected);
}

static void an_expanded_tensor_cannot_be_filled(void **state) {
    World *w = *state;
    Tensor *one = value_tensor(FLOATS(w, 1));
    Value x = value_obj(
        tensor_alias(&w->c, one, 1, (const int64_t[]){3}, (const int64_t[]){0}, 0));
    raises(w, call(w, x, "exponential_", NULL, 0),
           "unsupported operation: more than one element of the written-to tensor "
           "refers to a single memory location. Please clone() the tensor before "
           "performing the operation.");
}

static void randint_checks_its_range(void **state) {
    World *w = *state;
    raises(w, TORCH(w, "randint", value_int(3), value_int(3), INTS(w, 2)),
           "random_ expects 'from' to be less than 'to', but got from=3 >= to=3");
    Value bytes = zeros(w, DT_uint8, 1, (const int64_t[]){2});
    raises(w, METHOD(w, bytes, "random_", value_int(0), value_int(257)),
           "to - 1 is out of bounds for unsigned char");
}

static void a_range_beyond_the_significand_warns(void **state) {
    World *w = *state;
    Value x = zeros(w, DT_float16, 1, (const int64_t[]){3});
    prints(w, METHOD(w, x, "random_", value_int(0), value_int(65504)),
           "tensor([13104., 42144., 30576.], dtype=torch.float16)");
    assert_non_null(
        strstr(w->warning, "to - 1 is out of bounds [-(2^11), 2^11]. Due "));
}

static void normal_takes_tensors(void **state) {
    World *w = *state;
    prints(w, TORCH(w, "normal", FLOATS(w, 0, 100, 200), FLOATS(w, 1, 0, 2)),
           "tensor([  1.5410, 100.0000, 195.6424])");
    raises(w, TORCH(w, "normal", FLOATS(w, 0), FLOATS(w, -1)),
           "normal expects all elements of std >= 0.0");
}

static void drawn_numbers_have_gradients_of_zero(void **state) {
    World *w = *state;
    Value x = ones_with_grad(w);
    Value y = TORCH(w, "normal", x, value_float(2));
    Tensor *root = value_tensor(y), *grads[1] = {value_tensor(FLOATS(w, 1, 1, 1, 1))};
    assert_string_equal(node_short_name(tensor_grad_fn(&w->c, root)),
                        "NormalBackward1");
    assert_true(engine_backward(&w->c, &root, grads, 1, NULL, 0, (BackwardOptions){0}));
    prints(w, value_obj(value_tensor(x)->extra->grad), "tensor([0., 0., 0., 0.])");
}

static void bernoulli_stops_at_what_is_no_probability(void **state) {
    World *w = *state;
    Value p = FLOATS(w, 0.5f, 1.5f, 0.5f);
    raises(w, TORCH(w, "bernoulli", p),
           "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this "
           "error message be improved?  If so, please report an enhancement request to "
           "PyTorch.)");
    prints(w, TORCH(w, "rand", value_int(1)), "tensor([0.7682])");
}

static void multinomial_fills_up_with_what_has_no_weight(void **state) {
    World *w = *state;
    Value weights = FLOATS(w, 0, 0, 1, 0, 0, 0);
    prints(w, TORCH(w, "multinomial", weights, value_int(5)),
           "tensor([2, 3, 5, 4, 0])");
    raises(w, TORCH(w, "multinomial", weights, value_int(7)),
           "cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    raises(w, TORCH(w, "multinomial", FLOATS(w, 0, 0), value_int(1)),
           "invalid multinomial distribution (sum of probabilities <= 0)");
}

static void dropout_is_a_product(void **state) {
    World *w = *state;
    Value half = value_float(0.5), yes = value_bool(true);
    prints(w, TORCH(w, "dropout", ones_with_grad(w), half, yes),
           "tensor([0., 0., 2., 0.], grad_fn=<MulBackward0>)");
    generator_seed(w->c.generator, 0);
    prints(w, TORCH(w, "alpha_dropout", ones_with_grad(w), half, yes),
           "tensor([-0.7792, -0.7792,  1.6656, -0.7792], grad_fn=<AddBackward0>)");
    Value x = ones_with_grad(w);
    Value same = TORCH(w, "dropout", x, half, value_bool(false));
    assert_ptr_equal(same.as.obj, x.as.obj);
    raises(w, TORCH(w, "dropout", x, value_float(1.5), yes),
           "dropout probability has to be between 0 and 1, but got 1.5");
}

static void feature_dropout_drops_channels(void **state) {
    World *w = *state;
    Value x = zeros(w, DT_float32, 3, (const int64_t[]){2, 3, 2});
    call(w, x, "fill_", (const Value[]){value_int(1)}, 1);
    prints(w, TORCH(w, "feature_dropout", x, value_float(0.5), value_bool(true)),
           "tensor([[[0., 0.],\n         [0., 0.],\n         [2., 2.]],\n\n"
           "        [[0., 0.],\n         [0., 0.],\n         [0., 0.]]])");
    raises(
        w,
        TORCH(w, "feature_dropout", FLOATS(w, 1), value_float(0.5), value_bool(true)),
        "Feature dropout requires at least 2 dimensions in the input");
}

/* Every allocation of a call may fail; nothing may leak (teardown looks). */
static void refused_allocations_leak_nothing(void **state) {
    World *w = *state;
    for (uint64_t n = 1; n < 100; n++) {
        size_t mark = pool_mark(&w->c);
        w->c.mem.fail_at = w->c.mem.requests + n;
        Value x = FLOATS(w, 0, 1, 2, 3);
        if (!value_is_null(x)) {
            TORCH(w, "multinomial", x, value_int(2));
            TORCH(w, "multinomial", x, value_int(2), value_bool(true));
            TORCH(w, "alpha_dropout", x, value_float(0.5), value_bool(true));
            TORCH(w, "normal", x, x);
        }
        bool done = w->c.mem.requests < w->c.mem.fail_at;
        w->c.mem.fail_at = 0;
        error_clear(&w->c);
        pool_drain(&w->c, mark);
        if (done) return;
    }
    fail();
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(rand_and_randn),
        CASE(integers_cannot_be_uniform_or_normal),
        CASE(transposed_tensors_are_filled_in_memory_order),
        CASE(an_expanded_tensor_cannot_be_filled),
        CASE(randint_checks_its_range),
        CASE(a_range_beyond_the_significand_warns),
        CASE(normal_takes_tensors),
        CASE(drawn_numbers_have_gradients_of_zero),
        CASE(bernoulli_stops_at_what_is_no_probability),
        CASE(multinomial_fills_up_with_what_has_no_weight),
        CASE(dropout_is_a_product),
        CASE(feature_dropout_drops_channels),
        CASE(refused_allocations_leak_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
