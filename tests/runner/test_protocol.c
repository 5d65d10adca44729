/* protocol: hash, equality, order, truth and text of values of every type. */
#include "value_test.h"

static uint64_t hash_of(Ctx *c, Value v) {
    uint64_t h = 0;
    assert_true(value_hash(c, v, &h));
    return h;
}

static void hashes_of_numbers_are_pythons(void **state) {
    Ctx *c = *state;
    assert_int_equal(hash_of(c, I(-1)), (uint64_t)-2);
    assert_int_equal(hash_of(c, I(INT64_MAX)), 3);
    assert_int_equal(hash_of(c, I(INT64_MIN)), (uint64_t)-4);
    assert_int_equal(hash_of(c, F(1)), 1);
    assert_int_equal(hash_of(c, F(0.1)), 230584300921369408);
    assert_int_equal(hash_of(c, F(-1e300)), (uint64_t)-1224995262755759164);
    assert_int_equal(hash_of(c, F(5e-324)), 16777216);
    assert_int_equal(hash_of(c, F(strtod("-inf", NULL))), (uint64_t)-314159);
    assert_int_equal(hash_of(c, T(I(1), I(2))), (uint64_t)-3550055125485641917);
    assert_int_equal(hash_of(c, make_tuple(c, 0, NULL)), 5740354900026072187);
}

static void ints_and_floats_compare_exactly(void **state) {
    Ctx *c = *state;
    int64_t big = (INT64_C(1) << 53) + 1;
    assert_int_equal(value_equals(c, I(big), F(0x1p53)), 0);
    assert_int_equal(value_test(c, COMPARE_GT, I(big), F(0x1p53)), 1);
    assert_int_equal(value_test(c, COMPARE_LT, I(INT64_MAX), F(0x1p63)), 1);
    assert_int_equal(value_test(c, COMPARE_LT, F(-0.5), I(0)), 1);
    double nan = strtod("nan", NULL);
    assert_int_equal(value_test(c, COMPARE_EQ, F(nan), F(nan)), 0);
    assert_int_equal(value_test(c, COMPARE_NE, F(nan), I(1)), 1);
    assert_int_equal(value_test(c, COMPARE_GE, F(nan), I(1)), 0);
}

static void types_that_have_no_order_say_so(void **state) {
    Ctx *c = *state;
    value_compare(c, COMPARE_LT, I(1), S(c, "a"));
    check_error(c, TypeError, "'<' not supported between instances of 'int' and 'str'");
    value_compare(c, COMPARE_GE, L(I(1)), T(I(1)));
    check_error(c, TypeError,
                "'>=' not supported between instances of 'list' and 'tuple'");
    assert_int_equal(value_equals(c, L(I(1)), T(I(1))), 0);
}

static void sequences_compare_by_their_first_difference(void **state) {
    Ctx *c = *state;
    assert_int_equal(value_test(c, COMPARE_LT, L(I(1), I(2)), L(I(1), I(3))), 1);
    assert_int_equal(value_test(c, COMPARE_LT, L(I(1)), L(I(1), I(3))), 1);
    assert_int_equal(value_test(c, COMPARE_GT, T(S(c, "b")), T(S(c, "a"), I(0))), 1);
    value_compare(c, COMPARE_LT, L(I(1)), L(S(c, "a")));
    check_error(c, TypeError, "'<' not supported between instances of 'int' and 'str'");
}

static void reprs(void **state) {
    Ctx *c = *state;
    check_repr(c, L(NONE, value_bool(true), I(-5), F(1e16), S(c, "it's\n")),
               "[None, True, -5, 1e+16, \"it's\\n\"]");
    check_repr(c, T(I(1)), "(1,)");
    check_repr(c, make_tuple(c, 0, NULL), "()");
    int64_t dims[] = {2, 3};
    check_repr(c, value_obj(pool_add(c, size_new(c, 2, dims))), "torch.Size([2, 3])");
    static const char *const fields[] = {"values", "indices"};
    static const TupleKind kind = {"torch.return_types.max", fields, NULL};
    Value items[] = {I(1), I(2)};
    check_repr(c, value_obj(pool_add(c, tuple_new(c, &kind, 2, items))),
               "torch.return_types.max(\nvalues=1,\nindices=2)");
}

static void strs_are_quoted_and_escaped(void **state) {
    Ctx *c = *state;
    check_repr(c, S(c, "'\""), "'\\'\"'");
    check_repr(c, S(c, "\x01\x7f\\\t"), "'\\x01\\x7f\\\\\\t'");
    check_repr(c, S(c, "é\u00a0\u200b😀"), "'é\\xa0\\u200b😀'");
}

static void a_value_inside_itself_is_shown_as_dots(void **state) {
    Ctx *c = *state;
    Value l = L(I(1));
    list_push(c, value_list(l), l);
    check_repr(c, l, "[1, [...]]");
    Value d = value_obj(pool_add(c, dict_new(c)));
    dict_set(c, value_dict(d), I(0), d);
    check_repr(c, d, "{0: {...}}");
    check_repr(c, L(l, l), "[[1, [...]], [1, [...]]]");
}

static Value nested(Ctx *c, int depth) {
    Value v = L(I(0));
    for (int i = 0; i < depth; i++) v = L(v);
    return v;
}

static void deep_values_raise_instead_of_overflowing(void **state) {
    Ctx *c = *state;
    Value a = nested(c, 20000), b = nested(c, 20000);
    assert_null(value_repr_str(c, a));
    check_error(c, RecursionError,
                "maximum recursion depth exceeded while getting the repr of an object");
    assert_int_equal(value_equals(c, a, b), -1);
    check_error(c, RecursionError, "maximum recursion depth exceeded in comparison");
    assert_int_equal(c->depth, 0);
}

static void emptiness_is_false(void **state) {
    Ctx *c = *state;
    assert_int_equal(value_truth(c, make_list(c, 0, NULL)), 0);
    assert_int_equal(value_truth(c, L(NONE)), 1);
    assert_int_equal(value_truth(c, S(c, "")), 0);
    assert_int_equal(value_truth(c, F(-0.0)), 0);
    assert_int_equal(value_truth(c, value_obj(pool_add(c, dict_new(c)))), 0);
}

static void what_a_type_cannot_do_is_a_type_error(void **state) {
    Ctx *c = *state;
    value_iterate(c, I(1));
    check_error(c, TypeError, "'int' object is not iterable");
    value_next(c, L(I(1)));
    check_error(c, TypeError, "'list' object is not an iterator");
    value_length(c, I(1));
    check_error(c, TypeError, "object of type 'int' has no len()");
    value_contains(c, I(1), I(1));
    check_error(c, TypeError, "argument of type 'int' is not iterable");
    value_get_item(c, I(1), I(1));
    check_error(c, TypeError, "'int' object is not subscriptable");
    value_set_item(c, I(1), I(1), I(1));
    check_error(c, TypeError, "'int' object does not support item assignment");
    value_set_item(c, I(1), I(1), value_null());
    check_error(c, TypeError, "'int' object does not support item deletion");
}

static void operators_refuse_operands(void **state) {
    Ctx *c = *state;
    value_binary(c, BINARY_POW, NONE, I(1));
    check_error(c, TypeError,
                "unsupported operand type(s) for ** or pow(): 'NoneType' and 'int'");
    value_binary(c, BINARY_ADD, S(c, "a"), I(1));
    check_error(c, TypeError, "can only concatenate str (not \"int\") to str");
    value_inplace(c, BINARY_SUB, NONE, I(1));
    check_error(c, TypeError,
                "unsupported operand type(s) for -=: 'NoneType' and 'int'");
    value_unary(c, UNARY_NEG, S(c, "a"));
    check_error(c, TypeError, "bad operand type for unary -: 'str'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(hashes_of_numbers_are_pythons),
        ctx_test(ints_and_floats_compare_exactly),
        ctx_test(types_that_have_no_order_say_so),
        ctx_test(sequences_compare_by_their_first_difference),
        ctx_test(reprs),
        ctx_test(strs_are_quoted_and_escaped),
        ctx_test(a_value_inside_itself_is_shown_as_dots),
        ctx_test(deep_values_raise_instead_of_overflowing),
        ctx_test(emptiness_is_false),
        ctx_test(what_a_type_cannot_do_is_a_type_error),
        ctx_test(operators_refuse_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
