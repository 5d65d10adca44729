/* print, decimal: the text of tensors. Expected texts are PyTorch's. */
#include "core/decimal.h"
#include "core/print.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct World {
    Ctx c;
    Buf out;
} World;

static int setup(void **state) {
    static World w;
    ctx_open(&w.c);
    buf_init(&w.out, &w.c.mem);
    *state = &w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    buf_free(&w->out);
    ctx_close(&w->c);
    return w->c.mem.live_blocks == 0 ? 0 : -1;
}

/* What t prints; valid until the next call. */
static const char *text_of(World *w, const Tensor *t, const char *grad_fn) {
    buf_clear(&w->out);
    print_tensor_named(&w->c, &w->out, t, "tensor", grad_fn);
    return buf_text(&w->out);
}

static Tensor *vector(World *w, DType d, int64_t n, const double *values) {
    Tensor *t = tensor_make(&w->c, d, 1, &n);
    for (int64_t i = 0; i < n; i++)
        element_store(d, tensor_at(t, &i), value_float(values[i]));
    return t;
}

/* 0, 1, 2 ... in this shape. */
static Tensor *range(World *w, DType d, int ndim, const int64_t *sizes) {
    Tensor *t = tensor_make(&w->c, d, ndim, sizes);
    size_t size = dtype_size(d);
    for (int64_t i = 0; i < t->numel; i++)
        element_store(d, (char *)tensor_data(t) + (size_t)i * size, value_int(i));
    return t;
}

static Tensor *constant(World *w, DType d, int64_t n, double value) {
    Tensor *t = tensor_make(&w->c, d, 1, &n);
    for (int64_t i = 0; i < n; i++)
        element_store(d, tensor_at(t, &i), value_float(value));
    return t;
}

#define VECTOR(w, dtype, ...)                                                          \
    vector(w, dtype, sizeof((double[]){__VA_ARGS__}) / sizeof(double),                 \
           (const double[]){__VA_ARGS__})
#define SHAPE(...)                                                                     \
    (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]) {           \
        __VA_ARGS__                                                                    \
    }
#define PRINTS(w, tensor, expected)                                                    \
    assert_string_equal(text_of(w, tensor, NULL), expected)
#define PRINTS_FLOATS(w, expected, ...)                                                \
    PRINTS(w, VECTOR(w, DT_float32, __VA_ARGS__), expected)

static void floats_print_four_digits(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([ 1.0000,  2.5000, -3.2500])", 1, 2.5, -3.25);
}

static void ties_round_to_the_even_digit(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([0.0312, 0.0938, 1.0000])", 0.03125, 0.09375, 1);
}

static void whole_numbers_print_a_point(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([-1., 20.])", -1, 20);
    PRINTS_FLOATS(w, "tensor([100000000.,   1000000.])", 1e8, 1e6);
}

static void whole_numbers_that_differ_much_are_scientific(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([1.0000e+00, 9.9999e+04])", 1, 99999);
}

static void the_ratio_must_exceed_a_thousand(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([1500.0000,    1.5000])", 1500, 1.5);
    PRINTS_FLOATS(w, "tensor([1.5010e+03, 1.5000e+00])", 1501, 1.5);
}

static void small_fractions_are_scientific(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([9.0000e-05, 5.0000e-05])", 0.00009, 0.00005);
}

static void a_three_digit_exponent_widens_the_column(void **state) {
    World *w = *state;
    PRINTS(w, VECTOR(w, DT_float64, 1e-101, -1e100),
           "tensor([ 1.0000e-101, -1.0000e+100], dtype=torch.float64)");
}

static void nan_and_infinities_do_not_choose_the_format(void **state) {
    World *w = *state;
    PRINTS_FLOATS(w, "tensor([1.5000,    nan,   -inf, -0.0000])", 1.5, (double)-NAN,
                  (double)-INFINITY, -0.0);
    PRINTS_FLOATS(w, "tensor([nan, inf])", (double)NAN, (double)INFINITY);
}

static void scalars(void **state) {
    World *w = *state;
    PRINTS(w, tensor_scalar(&w->c, DT_float32, value_float(1e10)),
           "tensor(1.0000e+10)");
    PRINTS(w, tensor_scalar(&w->c, DT_float32, value_float(16777216)),
           "tensor(16777216.)");
    PRINTS(w, tensor_scalar(&w->c, DT_bool, value_bool(true)), "tensor(True)");
}

static void integers_are_right_aligned(void **state) {
    World *w = *state;
    PRINTS(w, VECTOR(w, DT_int8, 1, -20), "tensor([  1, -20], dtype=torch.int8)");
    PRINTS(w, VECTOR(w, DT_int64, (double)INT64_MIN, 5),
           "tensor([-9223372036854775808,                    5])");
}

static void booleans_are_as_wide_as_the_widest_shown(void **state) {
    World *w = *state;
    PRINTS(w, VECTOR(w, DT_bool, 1, 0), "tensor([ True, False])");
    PRINTS(w, VECTOR(w, DT_bool, 1, 1), "tensor([True, True])");
}

static void halves_print_their_rounded_value(void **state) {
    World *w = *state;
    PRINTS(w, VECTOR(w, DT_float16, 0.1, 1000),
           "tensor([9.9976e-02, 1.0000e+03], dtype=torch.float16)");
    PRINTS(w, VECTOR(w, DT_bfloat16, 0.1, 1000),
           "tensor([1.0010e-01, 1.0000e+03], dtype=torch.bfloat16)");
}

static void blank_lines_separate_matrices(void **state) {
    World *w = *state;
    PRINTS(w, range(w, DT_float32, SHAPE(2, 2, 2)),
           "tensor([[[0., 1.],\n         [2., 3.]],\n\n"
           "        [[4., 5.],\n         [6., 7.]]])");
}

static void views_print_through_their_strides(void **state) {
    World *w = *state;
    Tensor *t = range(w, DT_int64, SHAPE(2, 3));
    Tensor *turned = tensor_alias(&w->c, t, 2, (int64_t[]){3, 2}, (int64_t[]){1, 3}, 0);
    PRINTS(w, turned, "tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
}

static void rows_wrap_by_whole_elements(void **state) {
    World *w = *state;
    w->c.print.linewidth = 20;
    PRINTS(w, range(w, DT_int64, SHAPE(7)), "tensor([0, 1, 2, 3,\n        4, 5, 6])");
}

static void more_than_the_threshold_is_summarised(void **state) {
    World *w = *state;
    PRINTS(w, range(w, DT_float32, SHAPE(1001)),
           "tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])");
    assert_null(strstr(text_of(w, range(w, DT_int64, SHAPE(1000)), NULL), "..."));
}

static void only_what_is_shown_chooses_the_format(void **state) {
    World *w = *state;
    Tensor *t = constant(w, DT_float32, 1001, 1);
    element_store(DT_float32, tensor_at(t, (int64_t[]){500}), value_float(1e9));
    PRINTS(w, t, "tensor([1., 1., 1.,  ..., 1., 1., 1.])");
}

static void each_dimension_is_summarised(void **state) {
    World *w = *state;
    w->c.print.threshold = 4;
    w->c.print.edgeitems = 1;
    PRINTS(w, range(w, DT_int64, SHAPE(3, 3)),
           "tensor([[0,  ..., 2],\n        ...,\n        [6,  ..., 8]])");
    PRINTS(w, range(w, DT_int64, SHAPE(2, 3)),
           "tensor([[0,  ..., 2],\n        [3,  ..., 5]])");
}

static void edge_items_count_as_python_slices_do(void **state) {
    World *w = *state;
    w->c.print.threshold = 3;
    w->c.print.edgeitems = 0;
    PRINTS(w, range(w, DT_int64, SHAPE(4)), "tensor([ ..., 0, 1, 2, 3])");
    w->c.print.edgeitems = -2;
    PRINTS(w, range(w, DT_int64, SHAPE(4)), "tensor([0, 1,  ..., 2, 3])");
}

static void no_edge_items_of_a_matrix_is_an_error(void **state) {
    World *w = *state;
    w->c.print.threshold = 3;
    w->c.print.edgeitems = 0;
    text_of(w, range(w, DT_int64, SHAPE(2, 3)), NULL);
    assert_string_equal(buf_text(&w->c.error.message),
                        "stack expects a non-empty TensorList");
}

static void a_negative_precision_fails_where_digits_are_needed(void **state) {
    World *w = *state;
    w->c.print.precision = -1;
    PRINTS_FLOATS(w, "tensor([1., 2.])", 1, 2);
    text_of(w, VECTOR(w, DT_float32, 0.5), NULL);
    assert_int_equal(w->c.error.kind, ValueError);
    assert_string_equal(buf_text(&w->c.error.message),
                        "Format specifier missing precision");
}

static void precision_zero_prints_no_point(void **state) {
    World *w = *state;
    w->c.print.precision = 0;
    PRINTS_FLOATS(w, "tensor([2, 3])", 2.5, 3.25);
}

static void many_digits_are_exact(void **state) {
    World *w = *state;
    w->c.print.precision = 25;
    PRINTS_FLOATS(w, "tensor([0.1000000014901161193847656])", 0.1);
}

static void sci_mode_can_be_forced(void **state) {
    World *w = *state;
    w->c.print.sci_mode = 1;
    PRINTS_FLOATS(w, "tensor([1.0000e+00, 2.0000e+01])", 1, 20);
    PRINTS_FLOATS(w, "tensor([0., 0.])", 0, 0);
    w->c.print.sci_mode = 0;
    PRINTS_FLOATS(w, "tensor([    0.0000,     1.0000])", 1e-6, 1);
}

static void empty_tensors_show_their_size_and_dtype(void **state) {
    World *w = *state;
    PRINTS(w, range(w, DT_float32, SHAPE(0)), "tensor([])");
    PRINTS(w, range(w, DT_float32, SHAPE(2, 0, 3)), "tensor([], size=(2, 0, 3))");
    PRINTS(w, range(w, DT_int64, SHAPE(0)), "tensor([], dtype=torch.int64)");
}

static void the_default_dtype_is_not_named(void **state) {
    World *w = *state;
    w->c.default_dtype = DT_float64;
    PRINTS(w, VECTOR(w, DT_float64, 1), "tensor([1.])");
    PRINTS(w, VECTOR(w, DT_float32, 1), "tensor([1.], dtype=torch.float32)");
}

static void gradients_are_named_last(void **state) {
    World *w = *state;
    Tensor *t = VECTOR(w, DT_float32, 1);
    t->requires_grad = true;
    PRINTS(w, t, "tensor([1.], requires_grad=True)");
    assert_string_equal(text_of(w, t, "MulBackward0"),
                        "tensor([1.], grad_fn=<MulBackward0>)");
}

/* PyTorch counts two characters more than the line has. */
static void suffixes_wrap_one_by_one(void **state) {
    World *w = *state;
    Tensor *t = constant(w, DT_float64, 12, 0);
    t->requires_grad = true;
    PRINTS(w, t,
           "tensor([0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.], "
           "dtype=torch.float64,\n       requires_grad=True)");
}

static void profiles_set_all_but_sci_mode(void **state) {
    (void)state;
    PrintOptions o = {9, 9, 9, 9, 1};
    assert_true(print_set_profile(&o, "short"));
    assert_int_equal(o.precision, 2);
    assert_int_equal(o.edgeitems, 2);
    assert_int_equal(o.sci_mode, 1);
    assert_true(print_set_profile(&o, "full"));
    assert_true(o.threshold == INT64_MAX);
    assert_false(print_set_profile(&o, "tiny"));
    assert_true(print_set_profile(&o, "default"));
    assert_int_equal(o.threshold, 1000);
}

static void printing_survives_every_refused_allocation(void **state) {
    World *w = *state;
    Tensor *t = range(w, DT_float64, SHAPE(2, 0));
    for (uint64_t n = 1; n < 8; n++) {
        buf_free(&w->out);
        w->c.mem.fail_at = w->c.mem.requests + n;
        text_of(w, t, "MulBackward0");
        if (w->c.mem.requests < w->c.mem.fail_at) break;
        assert_true(w->out.failed);
    }
}

/* The short paths agree with the C library wherever they do not hand over to it. */
static void decimal_rounds_as_the_library_does(void **state) {
    World *w = *state;
    static const double values[] = {0.5,     1.5,       0.00005,   0.99995, 9.99995,
                                    99999.5, 123456789, 1e22,      1e23,    0.1,
                                    1e-30,   5e-324,    0.0000125, 4.35,    2.675};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (int precision = 0; precision < 12; precision++) {
            char fixed[400], scientific[400];
            snprintf(fixed, sizeof fixed, "%14.*f", precision, -values[i]);
            snprintf(scientific, sizeof scientific, "%.*e", precision, values[i]);
            buf_clear(&w->out);
            decimal_fixed(&w->out, -values[i], precision, 14);
            assert_string_equal(buf_text(&w->out), fixed);
            buf_clear(&w->out);
            decimal_scientific(&w->out, values[i], precision, 0);
            assert_string_equal(buf_text(&w->out), scientific);
        }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(floats_print_four_digits),
        CASE(ties_round_to_the_even_digit),
        CASE(whole_numbers_print_a_point),
        CASE(whole_numbers_that_differ_much_are_scientific),
        CASE(the_ratio_must_exceed_a_thousand),
        CASE(small_fractions_are_scientific),
        CASE(a_three_digit_exponent_widens_the_column),
        CASE(nan_and_infinities_do_not_choose_the_format),
        CASE(scalars),
        CASE(integers_are_right_aligned),
        CASE(booleans_are_as_wide_as_the_widest_shown),
        CASE(halves_print_their_rounded_value),
        CASE(blank_lines_separate_matrices),
        CASE(views_print_through_their_strides),
        CASE(rows_wrap_by_whole_elements),
        CASE(more_than_the_threshold_is_summarised),
        CASE(only_what_is_shown_chooses_the_format),
        CASE(each_dimension_is_summarised),
        CASE(edge_items_count_as_python_slices_do),
        CASE(no_edge_items_of_a_matrix_is_an_error),
        CASE(a_negative_precision_fails_where_digits_are_needed),
        CASE(precision_zero_prints_no_point),
        CASE(many_digits_are_exact),
        CASE(sci_mode_can_be_forced),
        CASE(empty_tensors_show_their_size_and_dtype),
        CASE(the_default_dtype_is_not_named),
        CASE(gradients_are_named_last),
        CASE(suffixes_wrap_one_by_one),
        CASE(profiles_set_all_but_sci_mode),
        CASE(printing_survives_every_refused_allocation),
        CASE(decimal_rounds_as_the_library_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
