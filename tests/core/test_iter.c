/* iter: broadcasting, order and merging of dimensions. */
#include "core/iter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef struct Seen {
    int calls;
    int64_t n;
    int64_t strides[3];
} Seen;

/* Operand 0 += operand 1 * 10 + operand 2, in floats; counts its calls. */
static void combine(DType d, char *const *p, const int64_t *s, int64_t n,
                    const void *arg) {
    Seen *seen = (Seen *)(uintptr_t)arg;
    assert_int_equal(d, DT_float32);
    seen->calls++;
    seen->n = n;
    for (int j = 0; j < 3; j++) seen->strides[j] = s[j];
    for (int64_t i = 0; i < n; i++)
        *(float *)(p[0] + i * s[0]) =
            *(const float *)(p[1] + i * s[1]) * 10 + *(const float *)(p[2] + i * s[2]);
}

static Seen run(int ndim, const int64_t *sizes, const int64_t *r_strides, float *r,
                int an, const int64_t *a_sizes, const int64_t *a_strides, float *a,
                int bn, const int64_t *b_sizes, const int64_t *b_strides, float *b) {
    Iter it;
    Seen seen = {0};
    iter_begin(&it, ndim, sizes);
    iter_add(&it, r, DT_float32, ndim, sizes, r_strides);
    iter_add(&it, a, DT_float32, an, a_sizes, a_strides);
    iter_add(&it, b, DT_float32, bn, b_sizes, b_strides);
    iter_run(&it, combine, DT_float32, &seen);
    return seen;
}

static void contiguous_arrays_take_one_call(void **state) {
    (void)state;
    int64_t sizes[] = {2, 1, 3}, strides[] = {3, 3, 1};
    float a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {6, 5, 4, 3, 2, 1}, r[6];
    Seen seen = run(3, sizes, strides, r, 3, sizes, strides, a, 3, sizes, strides, b);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.n, 6);
    assert_float_equal(r[0], 16, 0);
    assert_float_equal(r[5], 61, 0);
}

static void operands_broadcast_from_the_last_dimension(void **state) {
    (void)state;
    int64_t sizes[] = {2, 3}, strides[] = {3, 1}, column[] = {2, 1}, row[] = {3},
            one[] = {1, 1};
    float a[2] = {1, 2}, b[3] = {3, 4, 5}, r[6];
    run(2, sizes, strides, r, 2, column, one, a, 1, row, one, b);
    float expected[] = {13, 14, 15, 23, 24, 25};
    for (int i = 0; i < 6; i++) assert_float_equal(r[i], expected[i], 0);
}

static void a_scalar_stands_still(void **state) {
    (void)state;
    int64_t sizes[] = {2, 2}, strides[] = {2, 1};
    float a[4] = {1, 2, 3, 4}, b = 7, r[4];
    Seen seen = run(2, sizes, strides, r, 2, sizes, strides, a, 0, NULL, NULL, &b);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.strides[2], 0);
    assert_float_equal(r[3], 47, 0);
}

static void transposed_arrays_are_walked_in_memory_order(void **state) {
    (void)state;
    int64_t sizes[] = {3, 2}, strides[] = {1, 3};
    float a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {0}, r[6];
    Seen seen = run(2, sizes, strides, r, 2, sizes, strides, a, 2, sizes, strides, b);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.strides[0], 4);
}

static void mixed_orders_follow_the_result(void **state) {
    (void)state;
    int64_t sizes[] = {2, 3}, strides[] = {3, 1}, turned[] = {1, 2};
    float a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {0}, r[6];
    Seen seen = run(2, sizes, strides, r, 2, sizes, turned, a, 2, sizes, strides, b);
    assert_int_equal(seen.calls, 2);
    float expected[] = {10, 30, 50, 20, 40, 60};
    for (int i = 0; i < 6; i++) assert_float_equal(r[i], expected[i], 0);
}

static void nothing_runs_over_an_empty_shape(void **state) {
    (void)state;
    int64_t sizes[] = {2, 0}, strides[] = {1, 1};
    float a[1] = {1}, r[1];
    Seen seen = run(2, sizes, strides, r, 2, sizes, strides, a, 0, NULL, NULL, a);
    assert_int_equal(seen.calls, 0);
}

static void no_dimension_is_one_element(void **state) {
    (void)state;
    float a = 2, b = 3, r;
    Seen seen = run(0, NULL, NULL, &r, 0, NULL, NULL, &a, 0, NULL, NULL, &b);
    assert_int_equal(seen.calls, 1);
    assert_float_equal(r, 23, 0);
}

static void three_dimensions_of_unequal_order(void **state) {
    (void)state;
    /* r[i][j][k] = 10 a[k][j][i] + b[j] */
    int64_t sizes[] = {2, 3, 4}, strides[] = {12, 4, 1}, turned[] = {1, 2, 6};
    int64_t bs[] = {3, 1}, bst[] = {1, 1};
    float a[24], b[3] = {1, 2, 3}, r[24];
    for (int i = 0; i < 24; i++) a[i] = (float)i;
    run(3, sizes, strides, r, 3, sizes, turned, a, 2, bs, bst, b);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 4; k++)
                assert_float_equal(r[i * 12 + j * 4 + k],
                                   10 * a[i + 2 * j + 6 * k] + b[j], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contiguous_arrays_take_one_call),
        cmocka_unit_test(operands_broadcast_from_the_last_dimension),
        cmocka_unit_test(a_scalar_stands_still),
        cmocka_unit_test(transposed_arrays_are_walked_in_memory_order),
        cmocka_unit_test(mixed_orders_follow_the_result),
        cmocka_unit_test(nothing_runs_over_an_empty_shape),
        cmocka_unit_test(no_dimension_is_one_element),
        cmocka_unit_test(three_dimensions_of_unequal_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
