/* compare, classify and tensor_text: whether outputs match, and how they differ. */
#include "fixtures.h"
#include "runner/run/classify.h"
#include "runner/run/tensor_diff.h"

#include <math.h>

typedef struct Fixture {
    ArenaFixture base;
    CompareUse use;
    Sides sides;
    Difference difference;
} Fixture;

static int setup(void **state) {
    return arena_setup(state, sizeof(Fixture));
}

static bool compare(void **state, const CompareRule *rule, const char *expected,
                    const char *actual) {
    Fixture *f = *state;
    Sides *s = &f->sides;
    f->use = (CompareUse){0, 0};
    *s = (Sides){.rule = rule};
    assert_true(compare_mask(&f->base.arena, rule, expected, strlen(expected),
                             &s->expected, &f->use));
    assert_true(compare_mask(&f->base.arena, rule, actual, strlen(actual), &s->actual,
                             &f->use));
    s->comparison = compare_texts(rule, &s->expected, &s->actual, &f->use);
    return s->comparison.equal;
}

static const CompareRule exact = {.given = false};

/* ---- exact ---- */

static void exact_means_every_byte(void **state) {
    Fixture *f = *state;
    assert_true(compare(state, &exact, "a\n", "a\n"));
    assert_true(compare(state, &exact, "", ""));
    assert_false(compare(state, &exact, "a\n", "a"));
    assert_int_equal(f->sides.comparison.actual_at, 1);
    assert_false(compare(state, &exact, "1.0", "1.00"));
}

/* ---- tolerance ---- */

static const CompareRule near = {.given = true, .tolerant = true, .atol = 1e-4};

static void numbers_may_move_within_the_tolerance(void **state) {
    Fixture *f = *state;
    assert_true(compare(state, &near, "tensor([0.1234, 2.0000])\n",
                        "tensor([0.1235, 2.0000])\n"));
    assert_int_equal(f->use.numbers, 2);
    assert_int_equal(f->sides.comparison.moved, 1);
    assert_true(f->sides.comparison.most > 0.9e-4);
    assert_false(compare(state, &near, "tensor([0.1234])", "tensor([0.1236])"));
    assert_int_equal(f->sides.comparison.actual_at, 8);
}

static void the_relative_part_scales_with_what_is_expected(void **state) {
    CompareRule rule = {.given = true, .tolerant = true, .rtol = 1e-2};
    assert_true(compare(state, &rule, "100.0", "101.0"));
    assert_false(compare(state, &rule, "0.0", "0.001"));
    assert_true(compare(state, &rule, "1e3", "1.005e3"));
}

static void widths_follow_the_digits_in_tensors_only(void **state) {
    CompareRule rule = {.given = true, .tolerant = true, .atol = 1};
    assert_true(compare(state, &rule, "tensor([ 9.9000, -1.0000])",
                        "tensor([10.0000, -1.0000])"));
    assert_true(compare(state, &rule, "tensor([1.0, 2.0],\n       grad_fn=<A>)",
                        "tensor([1.0, 2.0], grad_fn=<A>)"));
    assert_false(compare(state, &rule, "a  1.0", "a 1.0"));
}

static void what_is_no_float_must_be_equal(void **state) {
    CompareRule rule = {.given = true, .tolerant = true, .atol = 10};
    assert_false(compare(state, &rule, "tensor([1, 2])", "tensor([1, 3])"));
    assert_false(compare(state, &rule, "tensor([[1.]])", "tensor([1.])"));
    assert_false(compare(state, &rule, "tensor([1., 2.])", "tensor([1.])"));
    assert_false(compare(state, &rule, "<AddBackward0>", "<AddBackward1>"));
    assert_false(compare(state, &rule, "1.0", "1"));
    assert_false(compare(state, &rule, "step 1.5", "stop 1.5"));
}

static void nan_and_inf_equal_themselves(void **state) {
    assert_true(
        compare(state, &near, "tensor([nan, inf, -inf])", "tensor([nan, inf, -inf])"));
    assert_false(compare(state, &near, "inf", "-inf"));
    assert_false(compare(state, &near, "nan", "1.0"));
}

static void a_tolerance_without_numbers_is_unused(void **state) {
    Fixture *f = *state;
    assert_true(compare(state, &near, "done 3\n", "done 3\n"));
    assert_int_equal(f->use.numbers, 0);
}

/* ---- masks ---- */

static void masks_are_cut_from_both_sides(void **state) {
    Fixture *f = *state;
    static const Mask masks[] = {{"[0-9]+ ms", 1, 1}, {"^#.*$", 1, 1}, {"never", 1, 1}};
    CompareRule rule = {.given = true, .n_masks = 3, .masks = masks};
    assert_true(compare(state, &rule, "took 12 ms\n# a\n", "took 7 ms\n# b\n"));
    assert_int_equal(f->use.masks, 3);
    assert_string_equal(f->sides.actual.text, "took \n\n");
    assert_false(compare(state, &rule, "took 1 ms, a", "took 22 ms, b"));
    size_t at = f->sides.comparison.actual_at;
    assert_int_equal(at, 7);
    assert_int_equal(compare_unmasked(&f->sides.actual, at), 12);
}

static void a_mask_sees_lines_and_passes_nul(void **state) {
    Fixture *f = *state;
    static const Mask masks[] = {{"^x", 1, 1}};
    CompareRule rule = {.given = true, .n_masks = 1, .masks = masks};
    MaskedText m;
    assert_true(compare_mask(&f->base.arena, &rule, "xx\nxa\0xb", 8, &m, &f->use));
    assert_int_equal(m.len, 6);
    assert_memory_equal(m.text, "x\na\0xb", 6);
}

static void an_empty_match_cuts_nothing(void **state) {
    static const Mask masks[] = {{"z*", 1, 1}};
    CompareRule rule = {.given = true, .n_masks = 1, .masks = masks};
    Fixture *f = *state;
    assert_true(compare(state, &rule, "ab", "ab"));
    assert_int_equal(f->use.masks, 0);
    assert_true(compare(state, &rule, "azzb", "ab"));
    assert_int_equal(f->use.masks, 1);
}

/* ---- tensors read back ---- */

static TensorText tensor(void **state, const char *text) {
    Fixture *f = *state;
    TensorText t;
    if (!tensor_text_read(&f->base.arena, text, text + strlen(text), &t))
        fail_msg("%s", text);
    return t;
}

static void a_tensor_is_read_back(void **state) {
    TensorText t = tensor(state, "tensor([[ 1.0000e+00, -2.5000e-01, nan],\n"
                                 "        [inf, 0., 3.]], dtype=torch.float64, "
                                 "grad_fn=<AddBackward0>) tail");
    assert_int_equal(t.ndim, 2);
    assert_int_equal(t.dims[0], 2);
    assert_int_equal(t.dims[1], 3);
    assert_int_equal(t.n, 6);
    assert_true(t.elements[1].value == -0.25);
    assert_string_equal(t.dtype, "float64");
    assert_string_equal(t.grad, "grad_fn=<AddBackward0>");
    assert_string_equal(t.text + t.len, " tail");
}

static void dtypes_that_are_not_printed_are_known(void **state) {
    assert_string_equal(tensor(state, "tensor(1)").dtype, "int64");
    assert_string_equal(tensor(state, "tensor(1.)").dtype, "float32");
    assert_string_equal(tensor(state, "tensor([True, False])").dtype, "bool");
    assert_string_equal(tensor(state, "tensor([])").dtype, "float32");
    assert_int_equal(tensor(state, "tensor(1)").ndim, 0);
}

static void empty_and_summarized_tensors_are_read(void **state) {
    TensorText t = tensor(state, "tensor([], size=(0, 3), dtype=torch.int64)");
    assert_int_equal(t.ndim, 2);
    assert_int_equal(t.dims[1], 3);
    t = tensor(state, "tensor([1, 2,  ..., 8, 9])");
    assert_true(t.summarized);
    assert_int_equal(t.n, 4);
    t = tensor(state, "tensor([[1, 2],\n        ...,\n        [8, 9]])");
    assert_true(t.summarized);
}

static void what_is_no_tensor_is_refused(void **state) {
    Fixture *f = *state;
    static const char *const texts[] = {
        "tensor(",   "tensor([1, [2]]", "tensor([1, 2)",   "tensor([[1], [2, 3]])",
        "tensor(x)", "Tensor(1)",       "tensor(1, what)", "tensor(+1)"};
    TensorText t;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(tensor_text_read(&f->base.arena, texts[i],
                                      texts[i] + strlen(texts[i]), &t));
    assert_false(tensor_text_read(&f->base.arena, "tensor(12)", &"tensor(12)"[8], &t));
}

static void indices_count_from_the_last_dimension(void **state) {
    TensorText t = tensor(state, "tensor([[1, 2, 3], [4, 5, 6]])");
    int64_t index[TENSOR_TEXT_DIMS];
    tensor_text_index(&t, 5, index);
    assert_int_equal(t.ndim, 2);
    assert_int_equal(index[0], 1);
    assert_int_equal(index[1], 2);
}

/* ---- classes ---- */

static const Difference *judge(void **state, const char *expected, const char *actual,
                               bool raised) {
    Fixture *f = *state;
    assert_false(compare(state, &exact, expected, actual));
    f->sides.raised = raised;
    classify(&f->base.arena, &f->sides, &f->difference);
    return &f->difference;
}

static void assert_class(void **state, FailureClass kind, const char *expected,
                         const char *actual) {
    bool raised = strstr(actual, "Error") != NULL;
    assert_string_equal(failure_name(judge(state, expected, actual, raised)->kind),
                        failure_name(kind));
}

static void tensors_differ_in_one_respect(void **state) {
    assert_class(state, FAILURE_VALUES, "tensor([1., 2.])\n", "tensor([1., 3.])\n");
    assert_class(state, FAILURE_SHAPE, "tensor([1., 2.])\n", "tensor([[1., 2.]])\n");
    assert_class(state, FAILURE_DTYPE, "tensor([1, 2])\n", "tensor([1., 2.])\n");
    assert_class(state, FAILURE_DTYPE, "tensor(1)\n", "tensor(1, dtype=torch.int32)\n");
    assert_class(state, FAILURE_GRAD_FN, "tensor(1., grad_fn=<AddBackward0>)\n",
                 "tensor(1., grad_fn=<SubBackward0>)\n");
    assert_class(state, FAILURE_GRAD_FN, "tensor(1.)\n",
                 "tensor(1., requires_grad=True)\n");
    assert_class(state, FAILURE_FORMAT, "tensor([1.0, 2.0])\n", "tensor([1., 2.])\n");
}

static void lines_come_and_go(void **state) {
    assert_class(state, FAILURE_NEW_OUTPUT, "a\n", "a\nb\n");
    assert_class(state, FAILURE_NEW_OUTPUT, "", "tensor(1.)\n");
    assert_class(state, FAILURE_NEW_OUTPUT, "tensor(1.)\n", "tensor(2.)\ntensor(1.)\n");
    assert_class(state, FAILURE_MISSING_OUTPUT, "a\nb\n", "a\n");
    assert_class(state, FAILURE_MISSING_OUTPUT, "a\nb\n", "");
}

static void errors_come_and_go(void **state) {
    assert_class(state, FAILURE_UNEXPECTED_ERROR, "a\n", "a\nNameError: x\n");
    assert_class(state, FAILURE_NO_ERROR, "a\nNameError: x\n", "a\nb\n");
    assert_class(state, FAILURE_ERROR_TYPE, "NameError: x\n", "TypeError: x\n");
    assert_class(state, FAILURE_ERROR_MESSAGE, "NameError: x\n", "NameError: y\n");
    assert_class(state, FAILURE_ERROR_MESSAGE, "NameError\n", "NameError: y\n");
    assert_class(state, FAILURE_ERROR_TYPE, "MyError: x\n", "ValueError: x\n");
    assert_class(state, FAILURE_VALUES, "1\nNameError: x\n", "2\nNameError: x\n");
}

static void a_printed_word_error_is_no_exception(void **state) {
    const Difference *d = judge(state, "ok\n", "ValueError: text\n", false);
    assert_int_equal(d->kind, FAILURE_VALUES);
    d = judge(state, "1\nValueError: text\n", "2\nValueError: text\n", false);
    assert_int_equal(d->kind, FAILURE_VALUES);
}

static void words_tell_what_a_line_is_about(void **state) {
    assert_class(state, FAILURE_SHAPE, "torch.Size([2, 3])\n", "torch.Size([3, 3])\n");
    assert_class(state, FAILURE_DTYPE, "torch.float32\n", "torch.float64\n");
    assert_class(state, FAILURE_GRAD_FN, "<AddBackward0 object>\n",
                 "<MulBackward0 object>\n");
    assert_class(state, FAILURE_FORMAT, "a b\n", "a  b\n");
    assert_class(state, FAILURE_FORMAT, "a\n", "a");
    assert_class(state, FAILURE_VALUES, "0.5\n", "0.25\n");
}

static void the_note_says_which_element_and_how_far(void **state) {
    const Difference *d =
        judge(state, "x\ntensor([[0.1, 0.2],\n        [0.3, -0.5000]])\n",
              "x\ntensor([[0.1, 0.2],\n        [0.3, -0.4999]])\n", false);
    assert_string_equal(d->note,
                        "1 of 4 elements moved, at most 1e-04, 2e-04 relative, 3355 "
                        "ulp (element [1, 1]: -0.5000 to -0.4999); shape (2, 2), "
                        "dtype float32, grad_fn: same");
    assert_string_equal(d->advice, "would match with: compare: {atol: 1e-4}");
    const Movement *m = &d->movement;
    assert_int_equal(m->moved, 1);
    assert_int_equal(m->of, 4);
    assert_int_equal(m->ndim, 2);
    assert_int_equal(m->index[0], 1);
    assert_int_equal(m->index[1], 1);
    assert_string_equal(m->from, "-0.5000");
    assert_string_equal(m->to, "-0.4999");
    assert_true(m->absolute > 9.9e-5 && m->absolute < 1.01e-4);
    assert_true(m->relative > 1.9e-4 && m->relative < 2.1e-4);
    assert_int_equal((int)m->ulps, 3355);
}

static void assert_note(void **state, const char *expected, const char *actual,
                        const char *note) {
    assert_string_equal(judge(state, expected, actual, false)->note, note);
}

static void integers_have_no_units_in_the_last_place(void **state) {
    assert_note(state, "tensor([1, 2])\n", "tensor([1, 5])\n",
                "1 of 2 elements moved, at most 3 (element [1]: 2 to 5); shape (2,), "
                "dtype int64, grad_fn: same");
    assert_note(state, "tensor(True)\n", "tensor(False)\n",
                "1 of 1 element moved, at most 1 (True to False); shape (), dtype "
                "bool, grad_fn: same");
}

static void from_zero_nothing_is_relative(void **state) {
    assert_note(state, "tensor(0.)\n", "tensor(1.)\n",
                "1 of 1 element moved, at most 1, 1.1e+09 ulp (0. to 1.); shape (), "
                "dtype float32, grad_fn: same");
}

static void the_note_tells_of_all_respects(void **state) {
    assert_note(state, "tensor([1, 2])\n", "tensor([[1., 2.]])\n",
                "shape (2,) expected, (1, 2) printed; dtype float32, not int64, "
                "grad_fn: same");
    assert_note(state, "tensor([1, 2])\n", "tensor([1., 3.])\n",
                "dtype int64 expected, float32 printed; 1 of 2 elements moved; shape "
                "(2,), grad_fn: same");
    assert_note(state, "tensor(1., grad_fn=<AddBackward0>)\n",
                "tensor(1., grad_fn=<SubBackward0>)\n",
                "grad_fn=<AddBackward0> expected, grad_fn=<SubBackward0> printed; "
                "values, shape (), dtype float32: same");
    assert_note(state, "tensor(1., grad_fn=<AddBackward0>)\n", "tensor(2.)\n",
                "1 of 1 element moved, at most 1, 1 relative, 8.4e+06 ulp (1. to 2.); "
                "shape (), dtype float32, grad_fn: none, not grad_fn=<AddBackward0>");
    assert_note(state, "tensor([1.0, 2.0])\n", "tensor([1., 2.])\n",
                "the same values, shape, dtype and grad_fn, printed in another way");
}

static void numbers_outside_of_tensors_are_told_too(void **state) {
    assert_note(state, "loss 0.25\n", "loss 0.2500000000000001\n",
                "0.25 to 0.2500000000000001, by 1.1e-16, 4.4e-16 relative, 2 ulp");
    assert_note(state, "-7\n", "-9\n", "-7 to -9, by 2");
    assert_note(state, "nan\n", "1.5\n", "nan to 1.5");
    assert_note(state, "a1\n", "a2\n", "");
}

static void units_in_the_last_place_are_those_of_the_dtype(void **state) {
    (void)state;
    assert_true(tensor_text_ulps("float32", 1, 1 + 0x1p-23) == 1);
    assert_true(tensor_text_ulps("float64", 1, 1 + 0x1p-52) == 1);
    assert_true(tensor_text_ulps("float16", 1, 1 + 0x1p-10) == 1);
    assert_true(tensor_text_ulps("bfloat16", 1, 1 + 0x1p-7) == 1);
    assert_true(tensor_text_ulps("float32", 2 - 0x1p-23, 2) == 1);
    assert_true(tensor_text_ulps("float32", -0x1p-149, 0x1p-149) == 2);
    assert_true(tensor_text_ulps("float32", 0x1p-126, 0x1p-126 - 0x1p-149) == 1);
    assert_true(tensor_text_ulps("float32", 0.1, 0.1f) == 0);
    assert_true(isnan(tensor_text_ulps("int64", 1, 2)));
    assert_true(isnan(tensor_text_ulps("float32", 1, INFINITY)));
}

static void the_note_knows_what_is_not_finite(void **state) {
    const Difference *d =
        judge(state, "tensor([1., 2.])\n", "tensor([nan, 2.])\n", false);
    assert_string_equal(d->note,
                        "1 of 2 elements moved (element [0]: 1. to nan); shape "
                        "(2,), dtype float32, grad_fn: same");
    assert_string_equal(d->advice, "");
}

static void advice_is_given_only_for_digits_that_moved_a_little(void **state) {
    assert_string_equal(judge(state, "tensor(1.)\n", "tensor(2.)\n", false)->advice,
                        "");
    assert_string_equal(judge(state, "0.25\n", "0.2537\n", false)->advice,
                        "would match with: compare: {atol: 4e-3}");
    assert_string_equal(judge(state, "0.25 a\n", "0.2537 b\n", false)->advice, "");
}

static void differences_print_with_few_digits(void **state) {
    (void)state;
    char out[24];
    print_difference(1e-4, out);
    assert_string_equal(out, "1e-04");
    print_difference(0.00035, out);
    assert_string_equal(out, "3.5e-04");
    print_difference(0.25, out);
    assert_string_equal(out, "0.25");
    print_difference(0, out);
    assert_string_equal(out, "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(exact_means_every_byte),
        TEST(numbers_may_move_within_the_tolerance),
        TEST(the_relative_part_scales_with_what_is_expected),
        TEST(widths_follow_the_digits_in_tensors_only),
        TEST(what_is_no_float_must_be_equal),
        TEST(nan_and_inf_equal_themselves),
        TEST(a_tolerance_without_numbers_is_unused),
        TEST(masks_are_cut_from_both_sides),
        TEST(a_mask_sees_lines_and_passes_nul),
        TEST(an_empty_match_cuts_nothing),
        TEST(a_tensor_is_read_back),
        TEST(dtypes_that_are_not_printed_are_known),
        TEST(empty_and_summarized_tensors_are_read),
        TEST(what_is_no_tensor_is_refused),
        TEST(indices_count_from_the_last_dimension),
        TEST(tensors_differ_in_one_respect),
        TEST(lines_come_and_go),
        TEST(errors_come_and_go),
        TEST(a_printed_word_error_is_no_exception),
        TEST(words_tell_what_a_line_is_about),
        TEST(the_note_says_which_element_and_how_far),
        TEST(integers_have_no_units_in_the_last_place),
        TEST(from_zero_nothing_is_relative),
        TEST(the_note_tells_of_all_respects),
        TEST(numbers_outside_of_tensors_are_told_too),
        TEST(units_in_the_last_place_are_those_of_the_dtype),
        TEST(the_note_knows_what_is_not_finite),
        TEST(advice_is_given_only_for_digits_that_moved_a_little),
        TEST(differences_print_with_few_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
