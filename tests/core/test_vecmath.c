/* vecmath and its kernels: the same bits at every width, and PyTorch's. */
#include "core/kernel/cpu.h"
#include "core/kernel/pointwise.h"
#include "core/kernel/vecmath.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { N = 101, STEP = 2 };

typedef struct Named {
    const char *name;
    const MathFunction *f;
} Named;

static size_t all_functions(const VecMath *v, Named *out) {
    size_t n = 0;
#define X(member, of_double, of_float, sleef, accuracy, by_blocks)                     \
    out[n++] = (Named){#member, &v->member};
    VECMATH_ONE(X)
#undef X
    return n;
}

static float sample(int i) {
    return 0.013f + (float)i * 0.0097f;
}

/* f of N samples that lie `step` elements apart. */
static void map_floats(const MathFunction *f, int64_t step, float *out) {
    float x[N * STEP];
    for (int i = 0; i < N; i++) x[i * step] = sample(i);
    char *p[] = {(char *)out, (char *)x};
    kernel_map1(DT_float32, p, (int64_t[]){4, 4 * step}, N, f);
}

static void map_doubles(const MathFunction *f, double *out) {
    double x[N];
    for (int i = 0; i < N; i++) x[i] = (double)sample(i);
    char *p[] = {(char *)out, (char *)x};
    kernel_map1(DT_float64, p, (int64_t[]){8, 8}, N, f);
}

static void single_elements_have_the_bits_of_vectors(void **state) {
    (void)state;
    VecMath v;
    Named functions[40];
    assert_true(vecmath_open(&v));
    size_t n = all_functions(&v, functions);
    for (size_t i = 0; i < n; i++) {
        float together[N], apart[N];
        if (functions[i].f->blocks) continue;
        map_floats(functions[i].f, 1, together);
        map_floats(functions[i].f, STEP, apart);
        assert_memory_equal(together, apart, sizeof together);
    }
    vecmath_close(&v);
}

static void every_width_has_the_same_bits(void **state) {
    (void)state;
    float floats[40][N];
    double doubles[40][N];
    for (int level = CPU_BASELINE; level <= CPU_AVX512; level++) {
        VecMath v;
        Named functions[40];
        cpu_limit((CpuLevel)level);
        assert_true(vecmath_open(&v));
        size_t n = all_functions(&v, functions);
        for (size_t i = 0; i < n; i++) {
            float f[N];
            double d[N];
            map_floats(functions[i].f, 1, f);
            map_doubles(functions[i].f, d);
            if (level > 0) {
                assert_memory_equal(f, floats[i], sizeof f);
                assert_memory_equal(d, doubles[i], sizeof d);
            }
            memcpy(floats[i], f, sizeof f);
            memcpy(doubles[i], d, sizeof d);
        }
        vecmath_close(&v);
    }
}

static void powers_have_the_same_bits_at_every_width(void **state) {
    (void)state;
    float first[N] = {0};
    for (int level = CPU_BASELINE; level <= CPU_AVX512; level++) {
        VecMath v;
        float x[N], r[N], exponent = 2.5f;
        cpu_limit((CpuLevel)level);
        assert_true(vecmath_open(&v));
        for (int i = 0; i < N; i++) x[i] = sample(i);
        char *p[] = {(char *)r, (char *)x, (char *)&exponent};
        kernel_map2(DT_float32, p, (int64_t[]){4, 4, 0}, N, &v.pow);
        if (level > 0) assert_memory_equal(r, first, sizeof r);
        memcpy(first, r, sizeof r);
        vecmath_close(&v);
    }
}

static void results_may_stand_where_the_operands_stood(void **state) {
    (void)state;
    VecMath v;
    float x[N], r[N];
    assert_true(vecmath_open(&v));
    map_floats(&v.exp, 1, r);
    for (int i = 0; i < N; i++) x[i] = sample(i);
    char *p[] = {(char *)x, (char *)x};
    kernel_map1(DT_float32, p, (int64_t[]){4, 4}, N, &v.exp);
    assert_memory_equal(x, r, sizeof x);
    vecmath_close(&v);
}

static void exact_values_stay_exact(void **state) {
    (void)state;
    VecMath v;
    assert_true(vecmath_open(&v));
    assert_true(v.exp.one(0) == 1 && v.log.one(1) == 0 && v.cos.one(0) == 1);
    assert_true(v.log2.one(8) == 3 && v.log10.one(1000) == 3);
    assert_true(isnan(v.log.one(-1)) && v.log.one(0) == -INFINITY);
    assert_true(v.exp.one_float(-INFINITY) == 0 && v.tanh.one_float(INFINITY) == 1);
    assert_true(v.pow.one(3, 4) == 81 && v.pow.block(3, 4) == 81);
    vecmath_close(&v);
}

/* From PyTorch 1.13.1 on a processor with fused multiply-add. */
static void bits_are_pytorchs(void **state) {
    (void)state;
    VecMath v;
    assert_true(vecmath_open(&v));
    if (v.exp.width) {
        assert_true(v.exp.one_float(4.0f) == 54.59815216064453f);
        assert_true(v.exp.one_float(1.0f) == 2.7182817459106445f);
        assert_true(v.tanh.one_float(0.5f) == 0.46211716532707214f);
    }
    vecmath_close(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_elements_have_the_bits_of_vectors),
        cmocka_unit_test(every_width_has_the_same_bits),
        cmocka_unit_test(powers_have_the_same_bits_at_every_width),
        cmocka_unit_test(results_may_stand_where_the_operands_stood),
        cmocka_unit_test(exact_values_stay_exact),
        cmocka_unit_test(bits_are_pytorchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
