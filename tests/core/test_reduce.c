/* Kernels of reductions, order and selection, on arrays alone. */
#include "core/kernel/norms.h"
#include "core/kernel/reduce.h"
#include "core/kernel/sort.h"
#include "core/kernel/sum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static float *random_floats(int64_t n) {
    float *x = malloc((size_t)n * sizeof *x);
    uint32_t seed = 1;
    for (int64_t i = 0; x && i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        x[i] = (float)(seed >> 8) / 16777216 - 0.3f;
    }
    return x;
}

static float sum_row(const float *x, int64_t n) {
    const int64_t one = 1;
    const bool reduced = true;
    float sum;
    kernel_sum(DT_float32, (SumShape){1, &n, &one, &reduced, DT_float32}, x, &sum);
    return sum;
}

static void a_long_sum_is_nearly_exact(void **state) {
    (void)state;
    enum { N = 1000003 };
    float *x = random_floats(N);
    double exact = 0;
    for (int i = 0; i < N; i++) exact += (double)x[i];
    assert_true(fabs((double)sum_row(x, N) - exact) <= fabs(exact) * 3e-7);
    free(x);
}

/* A sequence that PyTorch makes of the same operations. */
static void fill(float *x, int n) {
    for (int i = 0; i < n; i++) x[i] = (float)(i * 37 % 101) * 0.37f - 7.3f;
}

static void sums_have_pytorchs_bits(void **state) {
    (void)state;
    static const struct {
        int n;
        float sum;
    } known[] = {
        {3, 0x1.32b854p+4f},     {9, 0x1.6b3d7p+6f},      {100, 0x1.16b47cp+10f},
        {1000, 0x1.5e1d9cp+13f}, {5000, 0x1.b5736cp+15f},
    };
    static float x[5000];
    fill(x, 5000);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(sum_row(x, known[i].n) == known[i].sum);
}

static void sums_over_either_dimension_have_pytorchs_bits(void **state) {
    (void)state;
    const int64_t sizes[] = {7, 45}, strides[] = {45, 1};
    const bool first[] = {true, false}, second[] = {false, true};
    float x[7 * 45], columns[45], rows[7];
    fill(x, 7 * 45);
    kernel_sum(DT_float32, (SumShape){2, sizes, strides, first, DT_float32}, x,
               columns);
    kernel_sum(DT_float32, (SumShape){2, sizes, strides, second, DT_float32}, x, rows);
    assert_true(columns[0] == 0x1.a5a3dcp+6f && columns[33] == 0x1.09c29p+4f &&
                columns[44] == 0x1.86147cp+4f);
    assert_true(rows[0] == 0x1.e16e14p+8f && rows[1] == 0x1.004148p+9f);
}

static void the_sum_of_nothing_is_zero(void **state) {
    (void)state;
    const int64_t sizes[] = {0, 2}, strides[] = {2, 1};
    const bool first[] = {true, false};
    double product = 0;
    int64_t sums[2] = {7, 7};
    kernel_sum(DT_int64, (SumShape){2, sizes, strides, first, DT_int64}, sums, sums);
    kernel_prod(DT_float64, NULL, 1, 0, true, &product);
    assert_true(sum_row(NULL, 0) == 0 && product == 1 && sums[0] == 0 && sums[1] == 0);
}

static void zeros_sum_to_positive_zero(void **state) {
    (void)state;
    float zeros[3] = {-0.0f, -0.0f, -0.0f};
    assert_false(signbit(sum_row(zeros, 3)));
}

static void sums_of_integers_wrap(void **state) {
    (void)state;
    const int64_t n = 2, one = 1;
    const bool reduced = true;
    int64_t x[] = {INT64_MAX, 1}, sum;
    kernel_sum(DT_int64, (SumShape){1, &n, &one, &reduced, DT_int64}, x, &sum);
    assert_true(sum == INT64_MIN);
}

static void nan_is_the_largest_and_the_smallest(void **state) {
    (void)state;
    float x[40], value;
    int64_t at;
    for (int i = 0; i < 40; i++) x[i] = (float)i;
    kernel_max(DT_float32, x, 1, 40, &value, NULL);
    assert_true(value == 39);
    kernel_min(DT_float32, x, 1, 40, &value, NULL);
    assert_true(value == 0);
    x[7] = x[20] = NAN;
    kernel_max(DT_float32, x, 1, 40, &value, &at);
    assert_true(isnan(value) && at == 7);
    kernel_min(DT_float32, x, 1, 40, &value, NULL);
    assert_true(isnan(value));
}

static void the_first_of_equal_extremes_gives_the_index(void **state) {
    (void)state;
    int32_t x[] = {3, 9, 9, 1, 1};
    int64_t at;
    kernel_max(DT_int32, x, 1, 5, NULL, &at);
    assert_int_equal(at, 1);
    kernel_min(DT_int32, x, 1, 5, NULL, &at);
    assert_int_equal(at, 3);
}

static void moments_are_taken_around_the_mean(void **state) {
    (void)state;
    double x[] = {1e9 + 1, 1e9 + 2, 1e9 + 4}, mean, squares;
    kernel_welford(DT_float64, x, 1, 3, true, &mean, &squares);
    assert_true(fabs(squares - 14.0 / 3) < 1e-6);
    assert_true(fabs(squared_distances(DT_float64, x, 3, mean) - 14.0 / 3) < 1e-6);
}

static void norms_have_pytorchs_bits(void **state) {
    (void)state;
    float x[100], norm;
    fill(x, 100);
    kernel_norm(DT_float32, x, 1, 100, 2, true, &norm);
    assert_true(norm == 0x1.36d4c6p+7f);
    kernel_norm(DT_float32, x, 1, 100, 1, true, &norm);
    assert_true(norm == 0x1.3c8e12p+10f);
    kernel_norm(DT_float32, x, 1, 100, 3, true, &norm);
    assert_true(norm == 0x1.450d62p+6f);
}

static void products_have_pytorchs_bits(void **state) {
    (void)state;
    float x[100], product;
    fill(x, 100);
    kernel_prod(DT_float32, x, 1, 20, true, &product);
    assert_true(product == 0x1.3e8382p+59f);
}

static void running_extremes_keep_the_last_index(void **state) {
    (void)state;
    float x[] = {1, 3, 3, NAN, 5}, out[5];
    int64_t at[5];
    kernel_cummax(DT_float32, x, 1, 5, out, at);
    assert_true(out[2] == 3 && at[2] == 2 && isnan(out[4]) && at[4] == 3);
}

/* ---- order ---- */

static void sorting_is_stable_in_both_directions(void **state) {
    (void)state;
    float x[100];
    SortItem items[100], scratch[100];
    for (int i = 0; i < 100; i++) x[i] = (float)(i * 37 % 10);
    for (int descending = 0; descending < 2; descending++) {
        sort_items_from(DT_float32, x, sizeof *x, 100, descending, items);
        sort_items(items, scratch, 100);
        for (int i = 1; i < 100; i++) {
            float a = x[items[i - 1].index], b = x[items[i].index];
            assert_true(descending ? a >= b : a <= b);
            if (a == b) assert_true(items[i - 1].index < items[i].index);
        }
    }
}

static void nan_sorts_behind_infinity(void **state) {
    (void)state;
    double x[] = {NAN, INFINITY, -0.0, -INFINITY, 0, -3};
    const int64_t order[] = {3, 5, 2, 4, 1, 0};
    SortItem items[6], scratch[6];
    sort_items_from(DT_float64, x, sizeof *x, 6, false, items);
    sort_items(items, scratch, 6);
    for (int i = 0; i < 6; i++) assert_int_equal(items[i].index, order[i]);
}

static void integers_sort_with_their_sign(void **state) {
    (void)state;
    int8_t x[] = {5, -128, 127, -1, 0};
    const int64_t order[] = {1, 3, 4, 0, 2};
    SortItem items[5], scratch[5];
    sort_items_from(DT_int8, x, sizeof *x, 5, false, items);
    sort_items(items, scratch, 5);
    for (int i = 0; i < 5; i++) assert_int_equal(items[i].index, order[i]);
}

/* What PyTorch's median, kthvalue and topk report for equal elements. */
static void equal_elements_are_chosen_as_pytorch_chooses(void **state) {
    (void)state;
    float x[] = {2, 2, 1, 1, 1, 2, 0};
    SortItem items[7];
    sort_items_from(DT_float32, x, sizeof *x, 7, false, items);
    assert_int_equal(nth_index(items, 7, 3), 4);
    float y[] = {3, 1, 1, 2};
    sort_items_from(DT_float32, y, sizeof *y, 4, false, items);
    assert_int_equal(nth_index(items, 4, 1), 2);
}

static void selection_agrees_with_sorting(void **state) {
    (void)state;
    enum { N = 300 };
    float *x = random_floats(N);
    SortItem items[N], sorted[N], scratch[N];
    sort_items_from(DT_float32, x, sizeof *x, N, false, sorted);
    sort_items(sorted, scratch, N);
    for (int64_t k = 0; k < N; k += 7) {
        sort_items_from(DT_float32, x, sizeof *x, N, false, items);
        assert_int_equal(nth_index(items, N, k), sorted[k].index);
        sort_items_from(DT_float32, x, sizeof *x, N, false, items);
        quickselect_item(items, N, k);
        assert_int_equal(items[k].index, sorted[k].index);
        sort_items_from(DT_float32, x, sizeof *x, N, false, items);
        top_items(items, N, k + 1, true);
        for (int64_t i = 0; i <= k; i++)
            assert_int_equal(items[i].index, sorted[i].index);
    }
    sort_items_from(DT_float32, x, sizeof *x, N, false, items);
    introsort_items(items, N, UINT64_MAX);
    assert_memory_equal(items, sorted, sizeof items);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_sum_is_nearly_exact),
        cmocka_unit_test(sums_have_pytorchs_bits),
        cmocka_unit_test(sums_over_either_dimension_have_pytorchs_bits),
        cmocka_unit_test(the_sum_of_nothing_is_zero),
        cmocka_unit_test(zeros_sum_to_positive_zero),
        cmocka_unit_test(sums_of_integers_wrap),
        cmocka_unit_test(nan_is_the_largest_and_the_smallest),
        cmocka_unit_test(the_first_of_equal_extremes_gives_the_index),
        cmocka_unit_test(moments_are_taken_around_the_mean),
        cmocka_unit_test(norms_have_pytorchs_bits),
        cmocka_unit_test(products_have_pytorchs_bits),
        cmocka_unit_test(running_extremes_keep_the_last_index),
        cmocka_unit_test(sorting_is_stable_in_both_directions),
        cmocka_unit_test(nan_sorts_behind_infinity),
        cmocka_unit_test(integers_sort_with_their_sign),
        cmocka_unit_test(equal_elements_are_chosen_as_pytorch_chooses),
        cmocka_unit_test(selection_agrees_with_sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
