/* set, frozenset, the methods and views of dict, range: against CPython 3.11. */
#include "runner/values/dict_view.h"
#include "runner/values/range.h"
#include "runner/values/set.h"
#include "runner/values/slice.h"
#include "value_test.h"

static Value make_set(Ctx *c, Value items) {
    return value_obj(set_from(c, &set_type, items));
}
#define SET(...) make_set(c, L(__VA_ARGS__))
#define FROZEN(...) value_obj(set_from(c, &frozenset_type, L(__VA_ARGS__)))
#define EMPTY make_list(c, 0, NULL)

static Value make_dict(Ctx *c, size_t n, const Value *items) {
    Value d = value_obj(pool_add(c, dict_new(c)));
    for (size_t i = 0; i < n; i += 2)
        dict_set(c, value_dict(d), items[i], items[i + 1]);
    return d;
}
#define DICT(...) make_dict(c, VALUES(__VA_ARGS__))

/* ---- sets ---- */

static void numbers_stand_in_pythons_order(void **state) {
    Ctx *c = *state;
    check_repr(c, SET(I(3), I(1), I(2)), "{1, 2, 3}");
    check_repr(c, SET(I(10), I(-1), I(8), I(0), I(7)), "{0, 7, 8, 10, -1}");
    check_repr(c, SET(F(0.5), F(1.5), I(100), I(33), I(17)), "{0.5, 1.5, 33, 100, 17}");
    check_repr(c, SET(T(I(1), I(2)), T(I(3)), NONE), "{(1, 2), (3,), None}");
    check_repr(c, SET(I(1), F(1), value_bool(true)), "{1}");
}

static void a_display_of_constants_is_filled_twice(void **state) {
    Ctx *c = *state;
    Value items[] = {I(17), I(1), I(33), I(100), I(49)};
    check_repr(c, make_set(c, make_list(c, 5, items)), "{1, 33, 100, 17, 49}");
    check_repr(c, value_obj(set_of_constants(c, items, 5)), "{1, 33, 49, 100, 17}");
}

static void strs_stand_in_the_order_of_insertion(void **state) {
    Ctx *c = *state;
    Value s = SET(S(c, "b"), S(c, "a"), I(1));
    check_repr(c, s, "{'b', 'a', 1}");
    CALL(s, "discard", S(c, "b"));
    CALL(s, "add", S(c, "b"));
    check_repr(c, s, "{'a', 1, 'b'}");
    check_repr(c, CALL0(s, "pop"), "'a'");
}

static void empty_and_frozen_sets(void **state) {
    Ctx *c = *state;
    check_repr(c, make_set(c, EMPTY), "set()");
    check_repr(c, FROZEN(I(1)), "frozenset({1})");
    uint64_t h;
    assert_true(value_hash(c, FROZEN(I(1), I(2), I(3)), &h));
    assert_int_equal((int64_t)h, -272375401224217160);
    assert_false(value_hash(c, SET(I(1)), &h));
    check_error(c, TypeError, "unhashable type: 'set'");
    assert_int_equal(value_contains(c, SET(FROZEN(I(1))), SET(I(1))), 1);
}

static void operators_on_sets(void **state) {
    Ctx *c = *state;
    Value a = SET(I(1), I(2), I(3)), b = FROZEN(I(3), I(4));
    check_repr(c, value_binary(c, BINARY_OR, a, b), "{1, 2, 3, 4}");
    check_repr(c, value_binary(c, BINARY_AND, b, a), "frozenset({3})");
    check_repr(c, value_binary(c, BINARY_SUB, a, b), "{1, 2}");
    check_repr(c, value_binary(c, BINARY_XOR, a, b), "{1, 2, 4}");
    value_binary(c, BINARY_OR, a, L(I(1)));
    check_error(c, TypeError, "unsupported operand type(s) for |: 'set' and 'list'");
    assert_int_equal(value_test(c, COMPARE_LT, SET(I(1)), a), 1);
    assert_int_equal(value_test(c, COMPARE_GE, a, b), 0);
    value_inplace(c, BINARY_SUB, a, a);
    check_repr(c, a, "set()");
}

static Value nested(Ctx *c, int depth) {
    Value v = FROZEN(I(1));
    for (int i = 0; i < depth; i++) v = FROZEN(v);
    return v;
}

static void deep_sets_raise_instead_of_overflowing(void **state) {
    Ctx *c = *state;
    assert_int_equal(value_equals(c, nested(c, 5000), nested(c, 5000)), -1);
    check_error(c, RecursionError, "maximum recursion depth exceeded in comparison");
    assert_int_equal(value_equals(c, nested(c, 500), nested(c, 500)), 1);
}

static void methods_of_sets(void **state) {
    Ctx *c = *state;
    Value s = SET(I(1), I(2));
    check_repr(c, CALL(s, "union", L(I(3)), T(I(4))), "{1, 2, 3, 4}");
    check_repr(c, CALL(s, "intersection", S(c, "a")), "set()");
    check_repr(c, CALL(s, "issubset", L(I(1), I(2), I(3))), "True");
    check_repr(c, CALL(s, "isdisjoint", L(I(3))), "True");
    CALL(s, "update", L(I(5)), L(I(6)));
    CALL(s, "symmetric_difference_update", L(I(1), I(7)));
    check_repr(c, s, "{2, 5, 6, 7}");
    CALL(s, "remove", I(9));
    check_error(c, KeyError, "9");
    CALL(s, "add", L(I(1)));
    check_error(c, TypeError, "unhashable type: 'list'");
    CALL0(make_set(c, EMPTY), "pop");
    check_error(c, KeyError, "'pop from an empty set'");
    CALL(FROZEN(I(1)), "add", I(1));
    check_error(c, AttributeError, "add");
}

static void a_set_must_not_grow_under_its_iterator(void **state) {
    Ctx *c = *state;
    Value s = SET(I(1), I(2)), it = value_iterate(c, s);
    check_repr(c, value_next(c, it), "1");
    CALL(s, "add", I(3));
    value_next(c, it);
    check_error(c, RuntimeError, "Set changed size during iteration");
}

static void adding_and_discarding_for_long_takes_no_room(void **state) {
    Ctx *c = *state;
    Value s = SET(I(-1));
    for (int64_t i = 0; i < 20000; i++) {
        assert_true(set_add(c, value_set_object(s), I(i)));
        assert_int_equal(set_discard(c, value_set_object(s), I(i)), 1);
    }
    assert_true(value_set_object(s)->cap < 100);
    check_repr(c, s, "{-1}");
}

/* ---- dicts ---- */

static void views_show_and_follow_their_dict(void **state) {
    Ctx *c = *state;
    Value d = DICT(S(c, "a"), I(1));
    Value keys = CALL0(d, "keys"), items = CALL0(d, "items");
    dict_set(c, value_dict(d), S(c, "b"), I(2));
    check_repr(c, keys, "dict_keys(['a', 'b'])");
    check_repr(c, CALL0(d, "values"), "dict_values([1, 2])");
    check_repr(c, items, "dict_items([('a', 1), ('b', 2)])");
    assert_int_equal(value_contains(c, items, T(S(c, "b"), I(2))), 1);
    check_repr(c, value_binary(c, BINARY_SUB, keys, L(S(c, "a"))), "{'b'}");
}

static void methods_of_dicts(void **state) {
    Ctx *c = *state;
    Value d = DICT(S(c, "a"), I(1));
    check_repr(c, CALL(d, "get", S(c, "z")), "None");
    check_repr(c, CALL(d, "setdefault", S(c, "b"), I(2)), "2");
    CALL(d, "update", L(T(I(1), I(2)), S(c, "xy")));
    check_repr(c, d, "{'a': 1, 'b': 2, 1: 2, 'x': 'y'}");
    check_repr(c, CALL(d, "pop", I(1)), "2");
    check_repr(c, CALL0(d, "popitem"), "('x', 'y')");
    check_repr(c, CALL0(d, "copy"), "{'a': 1, 'b': 2}");
    check_repr(c, CALL(d, "fromkeys", S(c, "ab"), I(0)), "{'a': 0, 'b': 0}");
    check_repr(c, value_binary(c, BINARY_OR, d, DICT(S(c, "a"), I(9))),
               "{'a': 9, 'b': 2}");
}

static void dicts_refuse_what_is_no_pair(void **state) {
    Ctx *c = *state;
    Value d = DICT(I(1), I(2));
    CALL(d, "update", L(T(I(1), I(2), I(3))));
    check_error(c, ValueError,
                "dictionary update sequence element #0 has length 3; 2 is required");
    CALL(d, "update", L(I(1)));
    check_error(c, TypeError,
                "cannot convert dictionary update sequence element #0 to a sequence");
    CALL(d, "update", I(1), I(2));
    check_error(c, TypeError, "update expected at most 1 argument, got 2");
    CALL(d, "pop", I(5));
    check_error(c, KeyError, "5");
}

static void a_dict_must_not_grow_under_its_iterator(void **state) {
    Ctx *c = *state;
    Value d = DICT(I(1), I(2)), it = value_iterate(c, d);
    check_repr(c, it, "<dict_keyiterator object at 0x...>");
    dict_set(c, value_dict(d), I(3), I(4));
    value_next(c, it);
    check_error(c, RuntimeError, "dictionary changed size during iteration");
}

/* ---- ranges and slices ---- */

static Value range(Ctx *c, int64_t start, int64_t stop, int64_t step) {
    return range_new(c, start, stop, step);
}

static void ranges(void **state) {
    Ctx *c = *state;
    Value r = range(c, 0, 10, 3);
    check_repr(c, r, "range(0, 10, 3)");
    check_repr(c, value_get_item(c, r, I(-1)), "9");
    check_repr(c, value_get_item(c, r, slice_new(c, NONE, NONE, I(-2))),
               "range(9, -3, -6)");
    assert_int_equal(value_contains(c, r, F(9)), 1);
    assert_int_equal(value_contains(c, r, I(8)), 0);
    assert_int_equal(value_equals(c, r, range(c, 0, 12, 3)), 1);
    check_repr(c, CALL(r, "index", I(6)), "2");
    check_repr(c, value_obj(value_to_list(c, r)), "[0, 3, 6, 9]");
    CALL(r, "index", I(7));
    check_error(c, ValueError, "7 is not in range");
    range(c, 0, 1, 0);
    check_error(c, ValueError, "range() arg 3 must not be zero");
    value_get_item(c, r, I(4));
    check_error(c, IndexError, "range object index out of range");
}

static void ranges_reach_to_the_ends_of_64_bits(void **state) {
    Ctx *c = *state;
    Value r = range(c, INT64_MIN, INT64_MAX, INT64_MAX);
    check_repr(c, value_obj(value_to_list(c, r)),
               "[-9223372036854775808, -1, "
               "9223372036854775806]");
    assert_int_equal(value_length(c, range(c, INT64_MIN, INT64_MAX, 1)), -1);
    check_error(c, OverflowError, "Python int too large to convert to C ssize_t");
    assert_int_equal(value_contains(c, r, I(-1)), 1);
    assert_int_equal(value_length(c, range(c, INT64_MAX, INT64_MIN, INT64_MIN)), 2);
}

static void slices(void **state) {
    Ctx *c = *state;
    Value s = slice_new(c, NONE, I(5), I(2));
    check_repr(c, s, "slice(None, 5, 2)");
    check_repr(c, CALL(s, "indices", I(3)), "(0, 3, 2)");
    check_repr(c, value_get_attr(c, s, value_str(S(c, "stop"))), "5");
    uint64_t h;
    value_hash(c, s, &h);
    check_error(c, TypeError, "unhashable type: 'slice'");
}

static void everything(Ctx *c) {
    Set *s = set_new(c, &set_type);
    for (int64_t i = 0; s && i < 30 && !ctx_failed(c); i++) set_add(c, s, I(i * 5));
    if (ctx_failed(c)) return;
    Value t = value_binary(c, BINARY_SUB, value_obj(s), value_obj(s));
    if (!ctx_failed(c)) t = value_binary(c, BINARY_XOR, value_obj(s), t);
    if (!ctx_failed(c)) t = CALL0(t, "pop");
    Value d = ctx_failed(c) ? t : dict_from_keys(c, value_obj(s), t);
    if (!ctx_failed(c)) d = dict_view_new(c, &dict_items_type, d);
    if (!ctx_failed(c)) t = value_binary(c, BINARY_AND, d, value_obj(s));
    if (!ctx_failed(c)) value_repr_str(c, d);
    if (!ctx_failed(c)) set_update(c, s, d);
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep_memory(everything);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(numbers_stand_in_pythons_order),
        ctx_test(a_display_of_constants_is_filled_twice),
        ctx_test(strs_stand_in_the_order_of_insertion),
        ctx_test(empty_and_frozen_sets),
        ctx_test(operators_on_sets),
        ctx_test(deep_sets_raise_instead_of_overflowing),
        ctx_test(methods_of_sets),
        ctx_test(a_set_must_not_grow_under_its_iterator),
        ctx_test(adding_and_discarding_for_long_takes_no_room),
        ctx_test(views_show_and_follow_their_dict),
        ctx_test(methods_of_dicts),
        ctx_test(dicts_refuse_what_is_no_pair),
        ctx_test(a_dict_must_not_grow_under_its_iterator),
        ctx_test(ranges),
        ctx_test(ranges_reach_to_the_ends_of_64_bits),
        ctx_test(slices),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
