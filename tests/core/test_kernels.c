/* Pointwise kernels and copies, on arrays alone. Values are PyTorch's. */
#include "core/kernel/copy.h"
#include "core/kernel/cpu.h"
#include "core/kernel/matmul.h"
#include "core/kernel/pointwise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Runs f over contiguous operands of n elements of dtype d, result of dtype r. */
static void run(Kernel f, DType d, DType r, int64_t n, void *out, void *a, void *b,
                void *c, const void *arg) {
    int64_t item = (int64_t)dtype_size(d);
    char *p[] = {out, a, b, c};
    int64_t s[] = {(int64_t)dtype_size(r), item, item, item};
    f(d, p, s, n, arg);
}

static void check_ints(Kernel f, const int64_t *a, const int64_t *b, const int64_t *r,
                       int n) {
    int64_t x[16], y[16], out[16];
    memcpy(x, a, (size_t)n * sizeof *x);
    memcpy(y, b ? b : a, (size_t)n * sizeof *y);
    run(f, DT_int64, DT_int64, n, out, x, y, y, NULL);
    for (int i = 0; i < n; i++) assert_int_equal(out[i], r[i]);
}

static void check_floats(Kernel f, const double *a, const double *b, const double *r,
                         int n) {
    double x[16], y[16], out[16];
    memcpy(x, a, (size_t)n * sizeof *x);
    memcpy(y, b ? b : a, (size_t)n * sizeof *y);
    run(f, DT_float64, DT_float64, n, out, x, y, y, NULL);
    for (int i = 0; i < n; i++) {
        if (isnan(r[i])) {
            assert_true(isnan(out[i]));
            continue;
        }
        assert_true(out[i] == r[i]);
        assert_int_equal(signbit(out[i]) != 0, signbit(r[i]) != 0);
    }
}

static void integers_wrap(void **state) {
    (void)state;
    uint8_t a[] = {200, 3}, b[] = {100, 4}, r[2];
    run(kernel_add, DT_uint8, DT_uint8, 2, r, a, b, NULL, NULL);
    assert_int_equal(r[0], 44);
    run(kernel_mul, DT_uint8, DT_uint8, 2, r, a, b, NULL, NULL);
    assert_int_equal(r[0], 32);
    check_ints(kernel_neg, (int64_t[]){INT64_MIN}, NULL, (int64_t[]){INT64_MIN}, 1);
    check_ints(kernel_abs, (int64_t[]){INT64_MIN, -3}, NULL, (int64_t[]){INT64_MIN, 3},
               2);
}

static void every_path_of_a_loop_agrees(void **state) {
    (void)state;
    float a[40], b[40], fast[40], slow[80];
    for (int i = 0; i < 40; i++) {
        a[i] = (float)i * 0.37f;
        b[i] = 5 - (float)i;
    }
    run(kernel_mul, DT_float32, DT_float32, 40, fast, a, b, NULL, NULL);
    char *p[] = {(char *)slow, (char *)a, (char *)b};
    kernel_mul(DT_float32, p, (int64_t[]){8, 4, 4}, 40, NULL);
    for (int i = 0; i < 40; i++) assert_true(fast[i] == slow[2 * i]);
    char *q[] = {(char *)fast, (char *)a, (char *)&b[3]};
    kernel_mul(DT_float32, q, (int64_t[]){4, 4, 0}, 40, NULL);
    for (int i = 0; i < 40; i++) assert_true(fast[i] == a[i] * b[3]);
    char *t[] = {(char *)fast, (char *)&b[3], (char *)a};
    kernel_sub(DT_float32, t, (int64_t[]){4, 0, 4}, 40, NULL);
    for (int i = 0; i < 40; i++) assert_true(fast[i] == b[3] - a[i]);
}

static void the_result_may_be_an_operand(void **state) {
    (void)state;
    float a[40];
    for (int i = 0; i < 40; i++) a[i] = (float)i;
    run(kernel_add, DT_float32, DT_float32, 40, a, a, a, NULL, NULL);
    for (int i = 0; i < 40; i++) assert_true(a[i] == 2 * (float)i);
}

static void half_is_rounded_once_but_scaled_addition_twice(void **state) {
    (void)state;
    Half a = half_from_float(1), b = half_from_float(0.3332519531f), r;
    run(kernel_add, DT_float16, DT_float16, 1, &r, &a, &b, NULL, NULL);
    assert_int_equal(r.bits, half_from_float(1.333251953f).bits);
    KernelNumbers x = {.f = {0.1}};
    run(kernel_add_scaled, DT_float16, DT_float16, 1, &r, &a, &b, NULL, &x);
    Half product = half_from_float(0.1f * half_to_float(b));
    assert_int_equal(r.bits, half_from_float(1 + half_to_float(product)).bits);
}

static void division_rounds_as_python_does(void **state) {
    (void)state;
    check_ints(kernel_div_floor, (int64_t[]){5, -5, 7, INT64_MIN},
               (int64_t[]){-2, 2, 2, -1}, (int64_t[]){-3, -3, 3, INT64_MIN}, 4);
    check_ints(kernel_div_trunc, (int64_t[]){5, -5, 7}, (int64_t[]){-2, 2, 2},
               (int64_t[]){-2, -2, 3}, 3);
    check_ints(kernel_remainder, (int64_t[]){5, -5, 7, INT64_MIN},
               (int64_t[]){-2, 2, 2, -1}, (int64_t[]){-1, 1, 1, 0}, 4);
    check_ints(kernel_fmod, (int64_t[]){5, -5}, (int64_t[]){-2, 2}, (int64_t[]){1, -1},
               2);
    double a[] = {5, -5, 0, NAN, INFINITY, -0.0, 1}, z[7] = {0};
    double two[] = {-2, -2, -2, -2, -2, -2, -2};
    check_floats(kernel_div_floor, a, z,
                 (double[]){INFINITY, -INFINITY, NAN, NAN, INFINITY, NAN, INFINITY}, 7);
    check_floats(kernel_div_floor, a, two, (double[]){-3, 2, -0.0, NAN, NAN, 0, -1}, 7);
    check_floats(kernel_div_trunc, a, two,
                 (double[]){-2, 2, -0.0, NAN, -INFINITY, 0, -0.0}, 7);
}

static void float_remainders_take_the_sign_of_the_divisor(void **state) {
    (void)state;
    check_floats(kernel_remainder, (double[]){5, -5, NAN, INFINITY, -5, 0, -0.0, 6},
                 (double[]){-3, -3, 3, 3, INFINITY, INFINITY, INFINITY, 3},
                 (double[]){-1, -2, NAN, NAN, INFINITY, 0, -0.0, 0}, 8);
    check_floats(kernel_fmod, (double[]){5, -5, NAN, INFINITY}, (double[]){3, 3, 3, 3},
                 (double[]){2, -2, NAN, NAN}, 4);
}

static void integer_powers(void **state) {
    (void)state;
    check_ints(kernel_pow, (int64_t[]){3, 3, 1, -1, 0, -1, 2},
               (int64_t[]){41, -1, -2, -3, -1, -4, 64},
               (int64_t[]){-420491770248316829, 0, 1, -1, 0, 1, 0}, 7);
}

static void nan_wins_in_maximum_and_loses_in_fmax(void **state) {
    (void)state;
    double a[] = {0, -0.0, NAN, 1, NAN}, b[] = {-0.0, 0, 1, NAN, NAN};
    check_floats(kernel_maximum, a, b, (double[]){0, -0.0, NAN, NAN, NAN}, 5);
    check_floats(kernel_minimum, a, b, (double[]){0, -0.0, NAN, NAN, NAN}, 5);
    check_floats(kernel_fmax, a, b, (double[]){0, -0.0, 1, 1, NAN}, 5);
    check_floats(kernel_fmin, a, b, (double[]){0, -0.0, 1, 1, NAN}, 5);
}

static void clamp_keeps_nan_and_prefers_the_upper_limit(void **state) {
    (void)state;
    float a[] = {1, NAN, 3}, lo[] = {2, 0, NAN}, hi[] = {1, 5, 5}, r[3];
    run(kernel_clamp, DT_float32, DT_float32, 3, r, a, lo, hi, NULL);
    assert_true(r[0] == 1 && isnan(r[1]) && isnan(r[2]));
    KernelNumbers x = {.f = {2, 1}};
    run(kernel_clamp_numbers, DT_float32, DT_float32, 3, r, a, NULL, NULL, &x);
    assert_true(r[0] == 1 && isnan(r[1]) && r[2] == 1);
}

static void signs_and_rounding(void **state) {
    (void)state;
    double a[] = {NAN, INFINITY, -0.0, 1.5, -1.5, 2.5};
    check_floats(kernel_sign, a, NULL, (double[]){0, 1, 0, 1, -1, 1}, 6);
    check_floats(kernel_round, a, NULL, (double[]){NAN, INFINITY, -0.0, 2, -2, 2}, 6);
    check_floats(kernel_frac, a, NULL, (double[]){NAN, NAN, 0, .5, -.5, .5}, 6);
    check_ints(kernel_sign, (int64_t[]){-7, 0, 9}, NULL, (int64_t[]){-1, 0, 1}, 3);
}

static void number_theory_has_no_sign(void **state) {
    (void)state;
    check_ints(kernel_gcd, (int64_t[]){INT64_MIN, 12, -12, 0},
               (int64_t[]){0, 18, -18, 0}, (int64_t[]){INT64_MIN, 6, 6, 0}, 4);
    check_ints(kernel_lcm, (int64_t[]){4, -4, 0, INT64_MIN}, (int64_t[]){6, 6, 5, 3},
               (int64_t[]){12, 12, 0, INT64_MIN}, 4);
}

static void shifts_count_modulo_the_width(void **state) {
    (void)state;
    check_ints(kernel_shift_left, (int64_t[]){1, 5, 1, -100},
               (int64_t[]){70, 64, -1, 1}, (int64_t[]){64, 5, INT64_MIN, -200}, 4);
    check_ints(kernel_shift_right, (int64_t[]){-100, -100, 100}, (int64_t[]){1, 70, 64},
               (int64_t[]){-50, -2, 100}, 3);
    int8_t a[] = {-100, -100}, b[] = {32, 9}, r[2];
    run(kernel_shift_right, DT_int8, DT_int8, 2, r, a, b, NULL, NULL);
    assert_int_equal(r[0], -100);
    assert_int_equal(r[1], -1);
}

static void comparisons_give_bool(void **state) {
    (void)state;
    float a[] = {1, NAN, 3}, b[] = {1, NAN, 4};
    bool r[3];
    run(kernel_eq, DT_float32, DT_bool, 3, r, a, b, NULL, NULL);
    assert_true(r[0] && !r[1] && !r[2]);
    run(kernel_ne, DT_float32, DT_bool, 3, r, a, b, NULL, NULL);
    assert_true(!r[0] && r[1] && r[2]);
    run(kernel_isnan, DT_float32, DT_bool, 3, r, a, b, NULL, NULL);
    assert_true(!r[0] && r[1] && !r[2]);
}

static void where_picks_by_its_condition(void **state) {
    (void)state;
    bool cond[] = {true, false, true};
    int64_t a[] = {1, 2, 3}, b = 9, r[3];
    char *p[] = {(char *)r, (char *)cond, (char *)a, (char *)&b};
    kernel_where(DT_int64, p, (int64_t[]){8, 1, 8, 0}, 3, NULL);
    assert_true(r[0] == 1 && r[1] == 9 && r[2] == 3);
}

/* What PyTorch makes of these floats on x86-64. */
static void floats_out_of_range_become_what_the_machine_gives(void **state) {
    (void)state;
    double v[] = {1e10, 300.7, -1.5, -300, NAN, INFINITY, 4294967297.0, 9.3e18, -3e9};
    const int64_t bytes[] = {0, 44, 255, 212, 0, 0, 1, 0, 0};
    const int64_t words[] = {INT32_MIN, 300,       -1,        -300,     INT32_MIN,
                             INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
    const int64_t longs[] = {10000000000, 300,        -1,        -300,       INT64_MIN,
                             INT64_MIN,   4294967297, INT64_MIN, -3000000000};
    for (int i = 0; i < 9; i++) {
        uint8_t b;
        int32_t w;
        int64_t l;
        bool t;
        cast_element(DT_uint8, &b, DT_float64, &v[i]);
        cast_element(DT_int32, &w, DT_float64, &v[i]);
        cast_element(DT_int64, &l, DT_float64, &v[i]);
        cast_element(DT_bool, &t, DT_float64, &v[i]);
        assert_int_equal(b, bytes[i]);
        assert_int_equal(w, words[i]);
        assert_int_equal(l, longs[i]);
        assert_true(t);
    }
}

static void casts_between_all_dtypes_keep_small_integers(void **state) {
    (void)state;
    for (DType from = 0; from < DTYPE_COUNT; from++) {
        for (DType to = 0; to < DTYPE_COUNT; to++) {
            int64_t start = 1, there = 0, back = 0;
            cast_element(from, &there, DT_int64, &start);
            cast_element(to, &back, from, &there);
            int64_t end = 0;
            cast_element(DT_int64, &end, to, &back);
            assert_int_equal(end, 1);
        }
    }
}

static void copy_and_fill_are_strided(void **state) {
    (void)state;
    int16_t a[] = {1, 2, 3, 4, 5, 6}, r[6] = {0}, seven = 7;
    char *p[] = {(char *)r, (char *)a};
    kernel_copy(DT_int16, p, (int64_t[]){2, 4}, 3, NULL);
    assert_true(r[0] == 1 && r[1] == 3 && r[2] == 5 && r[3] == 0);
    kernel_fill(DT_int16, p, (int64_t[]){4}, 3, &seven);
    assert_true(r[0] == 7 && r[1] == 3 && r[2] == 7 && r[4] == 7 && r[5] == 0);
}

/* ---- products ---- */

enum { MOST = 70, DEEPEST = 460 };

static float noise(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return (float)(*seed >> 8) * 0x1p-24f - 0.5f;
}

/* m x n x k, each operand transposed or not; c begins with other numbers. */
static void check_product(MatmulSize s, int turned, uint32_t *seed) {
    static float a[MOST * DEEPEST], b[MOST * DEEPEST], c[MOST * MOST],
        wanted[MOST * MOST];
    Matrix ma = {a, turned & 1 ? 1 : s.k, turned & 1 ? s.m : 1};
    Matrix mb = {b, turned & 2 ? 1 : s.n, turned & 2 ? s.k : 1};
    Matrix mc = {c, turned & 4 ? 1 : s.n, turned & 4 ? s.m : 1};
    bool large = s.m * s.n * s.k >= 1 << 21;
    for (int64_t i = 0; i < s.m * s.k; i++) a[i] = noise(seed);
    for (int64_t i = 0; i < s.k * s.n; i++) b[i] = noise(seed);
    for (int64_t i = 0; i < s.m * s.n; i++) wanted[i] = c[i] = noise(seed);
    for (int64_t i = 0; i < s.m; i++)
        for (int64_t j = 0; j < s.n; j++) {
            float *sum = &wanted[i * mc.row + j * mc.col];
            for (int64_t k = 0; k < s.k; k++) {
                float x = a[i * ma.row + k * ma.col], y = b[k * mb.row + j * mb.col];
                *sum = large ? fmaf(x, y, *sum) : *sum + x * y;
            }
        }
    kernel_matmul(DT_float32, s, ma, mb, mc);
    assert_memory_equal(c, wanted, (size_t)(s.m * s.n) * sizeof *c);
}

static void products_are_chains_of_multiply_adds_fused_when_large(void **state) {
    (void)state;
    const MatmulSize sizes[] = {
        {1, 1, 300},  {1, 65, 7},   {65, 1, 7},    {13, 17, 0},   {12, 32, 1},
        {23, 33, 64}, {70, 70, 70}, {30, 66, 257}, {70, 69, 440}, {70, 66, 454}};
    uint32_t seed = 1;
    for (int level = CPU_BASELINE; level <= CPU_AVX512; level++) {
        cpu_limit((CpuLevel)level);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int turned = 0; turned < 8; turned++)
                check_product(sizes[i], turned, &seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_wrap),
        cmocka_unit_test(every_path_of_a_loop_agrees),
        cmocka_unit_test(the_result_may_be_an_operand),
        cmocka_unit_test(half_is_rounded_once_but_scaled_addition_twice),
        cmocka_unit_test(division_rounds_as_python_does),
        cmocka_unit_test(float_remainders_take_the_sign_of_the_divisor),
        cmocka_unit_test(integer_powers),
        cmocka_unit_test(nan_wins_in_maximum_and_loses_in_fmax),
        cmocka_unit_test(clamp_keeps_nan_and_prefers_the_upper_limit),
        cmocka_unit_test(signs_and_rounding),
        cmocka_unit_test(number_theory_has_no_sign),
        cmocka_unit_test(shifts_count_modulo_the_width),
        cmocka_unit_test(comparisons_give_bool),
        cmocka_unit_test(where_picks_by_its_condition),
        cmocka_unit_test(floats_out_of_range_become_what_the_machine_gives),
        cmocka_unit_test(casts_between_all_dtypes_keep_small_integers),
        cmocka_unit_test(copy_and_fill_are_strided),
        cmocka_unit_test(products_are_chains_of_multiply_adds_fused_when_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
