/* pointwise: promotion, memory order of results, overlap, and what happens when memory
 * runs out. Values and texts are PyTorch's. */
#include "core/core.h"
#include "core/ops/ops.h"
#include "core/pointwise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core_test.h"

static Tensor *zeros(DType d, int ndim, const int64_t *sizes) {
    return t_zeros(c, ndim, sizes, d);
}

static DType type_of(DType a, int a_dims, DType b, int b_dims) {
    const int64_t sizes[] = {2};
    Tensor *in[] = {zeros(a, a_dims, sizes), zeros(b, b_dims, sizes)};
    return result_type(c, 2, in);
}

static DType type_with_number(DType a, Value number) {
    const int64_t sizes[] = {2};
    Tensor *in[] = {zeros(a, 1, sizes), tensor_wrap_number(c, number)};
    return result_type(c, 2, in);
}

static void dimensions_outrank_single_elements(void **state) {
    (void)state;
    assert_int_equal(type_of(DT_float32, 1, DT_float64, 1), DT_float64);
    assert_int_equal(type_of(DT_float32, 1, DT_float64, 0), DT_float32);
    assert_int_equal(type_of(DT_int32, 1, DT_float64, 0), DT_float64);
    assert_int_equal(type_of(DT_bool, 1, DT_uint8, 0), DT_uint8);
}

static void numbers_rank_last(void **state) {
    (void)state;
    assert_int_equal(type_with_number(DT_uint8, value_int(300)), DT_uint8);
    assert_int_equal(type_with_number(DT_float16, value_float(0.1)), DT_float16);
    assert_int_equal(type_with_number(DT_int64, value_float(0.1)), DT_float32);
    assert_int_equal(type_with_number(DT_bool, value_int(1)), DT_int64);
    c->default_dtype = DT_float64;
    assert_int_equal(type_with_number(DT_int64, value_float(0.1)), DT_float64);
}

/* ---- memory order ---- */

static void assert_strides(const Tensor *t, int n, const int64_t *strides) {
    assert_non_null(t);
    assert_true(shape_equal(t->ndim, t->strides, n, strides));
}

static void results_keep_the_order_of_their_operands(void **state) {
    (void)state;
    const int64_t sizes[] = {2, 3}, three[] = {2, 3, 4}, order[] = {2, 0, 1};
    Tensor *a = zeros(DT_float32, 2, sizes), *turned = t_t(c, a);
    assert_strides(t_add(c, turned, turned), 2, (int64_t[]){1, 3});
    assert_strides(t_exp(c, turned), 2, (int64_t[]){1, 3});
    Tensor *mixed = t_permute(c, zeros(DT_float32, 3, three), 3, order);
    assert_strides(t_neg(c, mixed), 3, (int64_t[]){1, 12, 4});
    Tensor *row = zeros(DT_float32, 1, &sizes[0]);
    assert_strides(t_add(c, turned, row), 2, (int64_t[]){1, 3});
    assert_strides(t_add(c, a, t_t(c, t_contiguous(c, turned))), 2, (int64_t[]){3, 1});
}

static void gaps_are_not_kept(void **state) {
    (void)state;
    const int64_t sizes[] = {4, 6};
    Tensor *part = t_slice(c, zeros(DT_float32, 2, sizes), 1, 0, 6, 2);
    assert_strides(t_neg(c, part), 2, (int64_t[]){3, 1});
}

/* ---- overlap ---- */

static void assert_error(const char *start) {
    assert_int_equal(c->error.kind, RuntimeError);
    assert_memory_equal(buf_text(&c->error.message), start, strlen(start));
    error_clear(c);
}

static void writing_over_a_shifted_operand_is_refused(void **state) {
    (void)state;
    const int64_t size = 4;
    Tensor *a = zeros(DT_float32, 1, &size);
    assert_null(t_add_(c, t_slice(c, a, 0, 0, 3, 1), t_slice(c, a, 0, 1, 4, 1)));
    assert_error("unsupported operation: some elements of the input tensor and the");
    assert_non_null(t_add_(c, t_slice(c, a, 0, 0, 2, 1), t_slice(c, a, 0, 2, 4, 1)));
    assert_non_null(t_add_(c, a, a));
}

static void writing_into_repeated_elements_is_refused(void **state) {
    (void)state;
    const int64_t one = 1, sizes[] = {3};
    Tensor *a = t_expand(c, zeros(DT_float32, 1, &one), 1, sizes);
    assert_null(t_add_(c, a, zeros(DT_float32, 1, sizes)));
    assert_error("unsupported operation: more than one element of the written-to");
}

static void an_operand_with_gaps_may_share_memory(void **state) {
    (void)state;
    const int64_t size = 4;
    Tensor *a = zeros(DT_float32, 1, &size);
    float *x = tensor_data(a);
    for (int i = 0; i < 4; i++) x[i] = (float)i;
    assert_non_null(t_add_(c, t_slice(c, a, 0, 0, 2, 1), t_slice(c, a, 0, 0, 4, 2)));
    assert_true(x[0] == 0 && x[1] == 3 && x[2] == 2 && x[3] == 3);
}

/* ---- memory ---- */

static void some_work(void) {
    const int64_t sizes[] = {2, 3}, row[] = {3}, all[] = {0, 1};
    Tensor *a = t_zeros(c, 2, sizes, DT_float32), *b = t_zeros(c, 1, row, DT_int32);
    if (!a || !b) return;
    a->requires_grad = true;
    Tensor *y = t_mul(c, t_exp(c, a), t_add(c, b, t_t(c, t_t(c, a))));
    y = t_where(c, t_gt(c, y, a), y, t_pow_scalar(c, a, value_float(2.5)));
    y = t_add(c, t_sum_dims(c, y, 1, &all[1], true), t_clamp_min(c, y, value_int(0)));
    Tensor *root = t_sum(c, t_maximum(c, y, t_mean_dims(c, a, 2, all, true)));
    BackwardOptions o = {.keep_graph = true, .create_graph = true};
    Tensor *grad = NULL, *none = NULL;
    if (root) engine_grad(c, &root, &none, 1, &a, 1, o, &grad);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    core_close(c);
    for (uint64_t n = 1;; n++) {
        ctx_open(c); /* core_open asks for memory itself */
        c->mem.fail_at = n;
        some_work();
        bool failed = ctx_failed(c);
        if (failed) assert_int_equal(c->error.kind, MemoryError);
        core_close(c);
        assert_int_equal(c->mem.live_blocks, 0);
        if (!failed) break;
    }
    assert_true(core_open(c));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_core, close_core)
    const struct CMUnitTest tests[] = {
        TEST(dimensions_outrank_single_elements),
        TEST(numbers_rank_last),
        TEST(results_keep_the_order_of_their_operands),
        TEST(gaps_are_not_kept),
        TEST(writing_over_a_shifted_operand_is_refused),
        TEST(writing_into_repeated_elements_is_refused),
        TEST(an_operand_with_gaps_may_share_memory),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
