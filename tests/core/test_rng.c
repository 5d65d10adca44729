/* rng, kernel/random: numbers and states. Expected values are PyTorch's. */
#include "core/kernel/random.h"
#include "core/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct World {
    Ctx c;
    Generator *g;
} World;

static int setup(void **state) {
    static World w;
    ctx_open(&w.c);
    w.g = generator_new(&w.c, 0);
    *state = &w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    pool_drain(&w->c, 0);
    obj_release(&w->c, w->g);
    ctx_close(&w->c);
    return w->c.mem.live_blocks == 0 ? 0 : -1;
}

/* n numbers of dtype d, one behind the other. */
typedef void Fill(DType d, char *const *p, const int64_t *s, int64_t n,
                  const void *arg);
static void draw(World *w, Fill *f, DType d, void *out, int64_t n, Draw parameters) {
    char *p[1] = {out};
    int64_t s[1] = {(int64_t)dtype_size(d)};
    parameters.random = &w->g->random;
    f(d, p, s, n, &parameters);
}

#define DRAWS(w, f, dtype, type, parameters, ...)                                      \
    {                                                                                  \
        const type want[] = {__VA_ARGS__};                                             \
        type got[sizeof want / sizeof *want];                                          \
        draw(w, f, dtype, got, sizeof want / sizeof *want, parameters);                \
        assert_memory_equal(got, want, sizeof want);                                   \
    }

#define DRAWS_FLOATS(w, f, parameters, ...)                                            \
    DRAWS(w, f, DT_float32, float, parameters, __VA_ARGS__)

static void words_are_those_of_the_twister(void **state) {
    World *w = *state;
    assert_int_equal(random_u32(&w->g->random), 0x8c7f0aac);
    assert_int_equal(random_u32(&w->g->random), 0x97c4aa2f);
    for (int i = 0; i < 700; i++) random_u32(&w->g->random);
    generator_seed(w->g, 0);
    assert_true(random_u64(&w->g->random) == UINT64_C(0x8c7f0aac97c4aa2f));
}

static void only_the_low_half_of_a_seed_counts(void **state) {
    World *w = *state;
    generator_seed(w->g, UINT64_C(1) << 40);
    assert_int_equal(random_u32(&w->g->random), 0x8c7f0aac);
    assert_true(generator_initial_seed(w->g) == UINT64_C(1) << 40);
}

static void uniform_numbers(void **state) {
    World *w = *state;
    DRAWS_FLOATS(w, random_uniform, ((Draw){.b = 1}), 0x1.fc2abp-2f, 0x1.89545ep-1f,
                 0x1.6a675p-4f);
    generator_seed(w->g, 0);
    DRAWS_FLOATS(w, random_uniform, ((Draw){.a = -3, .b = 11.7}), 0x1.12e0d2p+2f,
                 0x1.095f1cp+3f);
    generator_seed(w->g, 0);
    DRAWS(w, random_uniform, DT_float64, double, ((Draw){.b = 1}), 0x1.f0aac97c4aa2fp-1,
          0x1.6a675d821ccc0p-1);
}

static void normal_numbers_come_in_pairs(void **state) {
    World *w = *state;
    DRAWS_FLOATS(w, random_normal, ((Draw){.b = 1}), 0x1.8a7eb8p+0f, -0x1.2c78ap-2f,
                 -0x1.16e292p+1f);
    assert_true(w->g->random.has_spare);
    generator_seed(w->g, 0);
    assert_false(w->g->random.has_spare);
}

static void a_spare_normal_number_outlives_other_draws(void **state) {
    World *w = *state;
    Draw draw_16 = {.random = &w->g->random, .b = 1};
    float block[16];
    DRAWS_FLOATS(w, random_normal, ((Draw){.b = 1}), 0x1.8a7eb8p+0f);
    random_normal_blocks(DT_float32, block, 16, &draw_16);
    DRAWS_FLOATS(w, random_normal, ((Draw){.b = 1}), -0x1.2c78ap-2f);
}

static void the_last_block_of_normal_numbers_is_drawn_anew(void **state) {
    World *w = *state;
    const float want[17] = {
        -0x1.20370ap+0f, -0x1.b2288cp+0f, 0x1.222008p-1f,  0x1.9646bap-1f,
        0x1.329b16p-1f,  -0x1.8e1ab6p+0f, -0x1.5d8d94p-2f, 0x1.da5e9cp+0f,
        0x1.df54aap-2f,  -0x1.2bc656p-1f, -0x1.631dd6p-3f, 0x1.77c348p-3f,
        0x1.63ad8p+0f,   0x1.961ap+0f,    0x1.e48138p-1f,  -0x1.aff666p-1f,
        0x1.dd186p-1f,
    };
    float got[17];
    random_normal_blocks(DT_float32, got, 17, &(Draw){.random = &w->g->random, .b = 1});
    assert_memory_equal(got, want, sizeof want);
}

static void narrow_normal_numbers_round_on_the_way(void **state) {
    World *w = *state;
    BFloat16 wide[16];
    Half half[16];
    Draw d = {.random = &w->g->random, .b = 1};
    random_normal_blocks(DT_bfloat16, wide, 16, &d);
    assert_true(bfloat16_to_float(wide[0]) == 0x1.76p+0f);
    assert_true(bfloat16_to_float(wide[5]) == -0x1.84p+0f);
    generator_seed(w->g, 0);
    random_normal_blocks(DT_float16, half, 16, &d);
    assert_true(half_to_float(half[0]) == -0x1.cd4p-1f);
    assert_true(half_to_float(half[6]) == -0x1.e34p+0f);
}

static void whole_numbers_reach_to_the_end_of_their_dtype(void **state) {
    World *w = *state;
    DRAWS(w, random_whole, DT_int8, int8_t, (Draw){0}, 44, 47, 117);
    generator_seed(w->g, 0);
    DRAWS_FLOATS(w, random_whole, (Draw){0}, 0x1.fc288p+22f, 0x1.89533p+23f,
                 0x1.6a5bep+20f);
}

static void large_ranges_take_two_words(void **state) {
    World *w = *state;
    DRAWS(w, random_integers, DT_int64, int64_t,
          ((Draw){.from = -5, .range = (UINT64_C(1) << 40) + 5}), INT64_C(741234585336),
          INT64_C(506077272957));
}

static void permutations(void **state) {
    World *w = *state;
    const int64_t want[8] = {4, 0, 7, 3, 2, 5, 1, 6};
    int64_t got[8];
    random_permutation(&w->g->random, DT_int64, got, 8);
    assert_memory_equal(got, want, sizeof want);
}

static void exponential_geometric_log_normal_cauchy(void **state) {
    World *w = *state;
    DRAWS_FLOATS(w, random_exponential, ((Draw){.a = 2}), 0x1.c110d6p+0f,
                 0x1.3afa7ep-1f, 0x1.3ae71p-2f);
    generator_seed(w->g, 0);
    DRAWS(w, random_geometric, DT_int64, int64_t, ((Draw){.a = 0.3}), 1, 1, 3, 1, 2);
    generator_seed(w->g, 0);
    DRAWS_FLOATS(w, random_log_normal, ((Draw){.a = 1, .b = 2}), 0x1.da1b7ap+5f,
                 0x1.82f598p+0f, 0x1.1d3db4p-5f);
    generator_seed(w->g, 0);
    DRAWS_FLOATS(w, random_cauchy, ((Draw){.a = 1.5, .b = 0.3}), 0x1.2b79f6p+2f,
                 0x1.babbfp+0f, 0x1.762588p+0f);
}

static void bernoulli_takes_53_bits_for_a_number(void **state) {
    World *w = *state;
    DRAWS(w, random_bernoulli, DT_uint8, uint8_t, ((Draw){.a = 0.3}), 0, 0, 0, 0, 0, 0,
          1, 0);
}

static void bernoulli_takes_24_bits_for_float_tensors(void **state) {
    World *w = *state;
    float p = 0.5f, got[8];
    const float want[8] = {1, 0, 1, 1, 1, 0, 1, 0};
    char *operands[2] = {(char *)got, (char *)&p};
    bool failed = false;
    Draw d = {.random = &w->g->random, .other = DT_float32, .failed = &failed};
    random_bernoulli_each(DT_float32, operands, (int64_t[]){sizeof p, 0}, 8, &d);
    assert_memory_equal(got, want, sizeof want);
}

static void poisson_numbers_of_small_and_large_rates(void **state) {
    World *w = *state;
    float rates[4] = {0, 3, 30, 300}, got[4];
    const float want[4] = {0, 6, 27, 289};
    char *operands[2] = {(char *)got, (char *)rates};
    bool failed = false;
    Draw d = {.random = &w->g->random, .failed = &failed};
    random_poisson(DT_float32, operands, (int64_t[]){4, 4}, 4, &d);
    assert_memory_equal(got, want, sizeof want);
}

static void picks_follow_the_weights(void **state) {
    World *w = *state;
    float weights[4] = {0, 10, 3, 1};
    double sums[4];
    int64_t got[8];
    const int64_t want[8] = {3, 1, 1, 2, 1, 2, 1, 1};
    assert_int_equal(random_picks(&w->g->random, DT_float32, (const char *)weights, 4,
                                  4, sums, got, 8),
                     PICKS_FINE);
    assert_memory_equal(got, want, sizeof want);
    weights[0] = -1;
    assert_int_equal(random_picks(&w->g->random, DT_float32, (const char *)weights, 4,
                                  4, sums, got, 8),
                     PICKS_NEGATIVE);
}

static void a_state_brings_back_the_numbers(void **state) {
    World *w = *state;
    Draw one = {.b = 1};
    float before[5], after[5];
    draw(w, random_normal, DT_float32, before, 1, one);
    Tensor *saved = generator_state(&w->c, w->g);
    draw(w, random_normal, DT_float32, before, 5, one);
    assert_true(generator_set_state(&w->c, w->g, saved));
    draw(w, random_normal, DT_float32, after, 5, one);
    assert_memory_equal(before, after, sizeof before);
}

/* get_state of seed 5 after one normal number, at chosen places. */
static void a_state_is_laid_out_as_pytorch_has_it(void **state) {
    World *w = *state;
    generator_seed(w->g, 5);
    float x;
    draw(w, random_normal, DT_float32, &x, 1, (Draw){.b = 1});
    Tensor *saved = generator_state(&w->c, w->g);
    const uint8_t *bytes = tensor_data(saved);
    const uint8_t head[20] = {5, 0, 0, 0, 0, 0, 0, 0, 109, 2, 0, 0, 1, 0, 0, 0, 4};
    const uint8_t spare[8] = {42, 148, 146, 166, 129, 82, 227, 191};
    assert_int_equal(saved->numel, 5056);
    assert_memory_equal(bytes, head, sizeof head);
    assert_memory_equal(bytes + 5025, spare + 1, sizeof spare - 1);
    assert_int_equal(bytes[5040], 1);
}

static void the_older_layout_is_read(void **state) {
    World *w = *state;
    Tensor *saved = generator_state(&w->c, w->g);
    Tensor *old = tensor_alias(&w->c, saved, 1, (int64_t[]){5048}, (int64_t[]){1}, 0);
    random_u32(&w->g->random);
    assert_true(generator_set_state(&w->c, w->g, old));
    assert_int_equal(random_u32(&w->g->random), 0x8c7f0aac);
}

static void refuses(World *w, const Tensor *t, ErrorKind kind, const char *message) {
    assert_false(generator_set_state(&w->c, w->g, t));
    assert_int_equal(w->c.error.kind, kind);
    assert_string_equal(buf_text(&w->c.error.message), message);
    error_clear(&w->c);
}

static void what_is_no_state_is_refused(void **state) {
    World *w = *state;
    Tensor *saved = generator_state(&w->c, w->g);
    uint8_t *bytes = tensor_data(saved);
    refuses(w, tensor_make(&w->c, DT_float32, 1, (int64_t[]){3}), TypeError,
            "RNG state must be a torch.ByteTensor");
    refuses(w, tensor_make(&w->c, DT_uint8, 1, (int64_t[]){3}), RuntimeError,
            "Expected either a CPUGeneratorImplStateLegacy of size 5048 or a "
            "CPUGeneratorImplState of size 5056 but found the input RNG state size to "
            "be 3");
    bytes[8] = 0; /* no draw left */
    refuses(w, saved, RuntimeError, "Invalid mt19937 state");
    bytes[8] = 100; /* 100 draws left, but the next word is the last */
    bytes[16] = 111;
    bytes[17] = 2;
    refuses(w, saved, RuntimeError, "Invalid mt19937 state");
    assert_int_equal(random_u32(&w->g->random), 0x8c7f0aac);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(words_are_those_of_the_twister),
        CASE(only_the_low_half_of_a_seed_counts),
        CASE(uniform_numbers),
        CASE(normal_numbers_come_in_pairs),
        CASE(a_spare_normal_number_outlives_other_draws),
        CASE(the_last_block_of_normal_numbers_is_drawn_anew),
        CASE(narrow_normal_numbers_round_on_the_way),
        CASE(whole_numbers_reach_to_the_end_of_their_dtype),
        CASE(large_ranges_take_two_words),
        CASE(permutations),
        CASE(exponential_geometric_log_normal_cauchy),
        CASE(bernoulli_takes_53_bits_for_a_number),
        CASE(bernoulli_takes_24_bits_for_float_tensors),
        CASE(poisson_numbers_of_small_and_large_rates),
        CASE(picks_follow_the_weights),
        CASE(a_state_brings_back_the_numbers),
        CASE(a_state_is_laid_out_as_pytorch_has_it),
        CASE(the_older_layout_is_read),
        CASE(what_is_no_state_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
