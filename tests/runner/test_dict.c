/* dict: order, lookup, deletion, mutation under way, memory. */
#include "value_test.h"

static Value new_dict(Ctx *c) {
    return value_obj(pool_add(c, dict_new(c)));
}

static void items_keep_the_order_of_insertion(void **state) {
    Ctx *c = *state;
    Value v = new_dict(c);
    Dict *d = value_dict(v);
    assert_true(dict_set(c, d, S(c, "b"), I(1)));
    assert_true(dict_set(c, d, S(c, "a"), I(2)));
    assert_true(dict_set(c, d, S(c, "b"), I(3)));
    check_repr(c, v, "{'b': 3, 'a': 2}");
    assert_int_equal(dict_remove(c, d, S(c, "b"), NULL), 1);
    assert_true(dict_set(c, d, S(c, "b"), I(4)));
    check_repr(c, v, "{'a': 2, 'b': 4}");
}

static void equal_numbers_are_one_key(void **state) {
    Ctx *c = *state;
    Value v = new_dict(c);
    Dict *d = value_dict(v);
    dict_set(c, d, I(1), S(c, "int"));
    dict_set(c, d, F(1.0), S(c, "float"));
    dict_set(c, d, value_bool(true), S(c, "bool"));
    check_repr(c, v, "{1: 'bool'}");
}

static void tuples_are_keys_and_lists_are_not(void **state) {
    Ctx *c = *state;
    Value v = new_dict(c);
    dict_set(c, value_dict(v), T(I(1), S(c, "x")), NONE);
    check_repr(c, dict_get(c, value_dict(v), T(I(1), S(c, "x"))), "None");
    assert_false(dict_set(c, value_dict(v), T(I(1), L(I(2))), NONE));
    check_error(c, TypeError, "unhashable type: 'list'");
}

static void many_keys_are_found_again(void **state) {
    Ctx *c = *state;
    Dict *d = value_dict(new_dict(c));
    for (int64_t i = 0; i < 3000; i++) assert_true(dict_set(c, d, I(i << 20), I(i)));
    for (int64_t i = 0; i < 3000; i += 2)
        assert_int_equal(dict_remove(c, d, I(i << 20), NULL), 1);
    assert_int_equal(d->used, 1500);
    for (int64_t i = 0; i < 3000; i++) {
        Value found = dict_get(c, d, I(i << 20));
        assert_int_equal(found.tag, i % 2 ? VAL_INT : VAL_NULL);
    }
}

static void popping_from_the_end_reuses_the_room(void **state) {
    Ctx *c = *state;
    Dict *d = value_dict(new_dict(c));
    for (int64_t i = 0; i < 20000; i++) {
        dict_set(c, d, I(i), I(i));
        dict_set(c, d, S(c, "last"), I(i));
        assert_int_equal(dict_remove(c, d, S(c, "last"), NULL), 1);
        if (i % 3) assert_int_equal(dict_remove(c, d, I(i), NULL), 1);
        pool_drain(c, 1);
    }
    assert_int_equal(d->used, 6667);
    assert_int_equal(dict_get(c, d, I(19998)).as.i, 19998);
}

static void str_keys_work_without_the_general_path(void **state) {
    Ctx *c = *state;
    Dict *d = value_dict(new_dict(c));
    dict_set(c, d, I(7), I(0));
    dict_set_str(c, d, value_str(S(c, "lr")), I(1));
    assert_int_equal(dict_get_text(d, "lr").as.i, 1);
    assert_int_equal(dict_get_str(d, value_str(S(c, "lr"))).as.i, 1);
    assert_true(value_is_null(dict_get_text(d, "l")));
    assert_true(dict_remove_str(c, d, value_str(S(c, "lr"))));
    assert_false(dict_remove_str(c, d, value_str(S(c, "lr"))));
}

static void walking_survives_changes(void **state) {
    Ctx *c = *state;
    Dict *d = value_dict(new_dict(c));
    for (int64_t i = 0; i < 10; i++) dict_set(c, d, I(i), I(i));
    DictEntry e;
    size_t at = 0, seen = 0;
    while (dict_next(d, &at, &e)) {
        seen++;
        dict_clear(c, d);
    }
    assert_int_equal(seen, 1);
}

static void equality_ignores_order(void **state) {
    Ctx *c = *state;
    Value a = new_dict(c), b = new_dict(c);
    dict_set(c, value_dict(a), I(1), L(I(2)));
    dict_set(c, value_dict(a), I(2), NONE);
    dict_set(c, value_dict(b), I(2), NONE);
    dict_set(c, value_dict(b), F(1), L(F(2)));
    assert_int_equal(value_equals(c, a, b), 1);
    dict_set(c, value_dict(b), I(2), I(0));
    assert_int_equal(value_equals(c, a, b), 0);
    assert_int_equal(value_test(c, COMPARE_LT, a, b), -1);
    check_error(c, TypeError,
                "'<' not supported between instances of 'dict' and 'dict'");
}

static void a_missing_key_reads_as_its_repr(void **state) {
    Ctx *c = *state;
    Value v = new_dict(c);
    assert_true(value_is_null(value_get_item(c, v, S(c, "a"))));
    check_error(c, KeyError, "'a'");
    assert_false(value_set_item(c, v, I(1), value_null()));
    check_error(c, KeyError, "1");
}

static void fill_and_copy(Ctx *c) {
    Dict *d = pool_add(c, dict_new(c));
    for (int64_t i = 0; d && i < 20 && !ctx_failed(c); i++) {
        Value key = S(c, "key");
        if (!ctx_failed(c)) key = T(key, I(i));
        if (!ctx_failed(c)) dict_set(c, d, key, I(i));
    }
    if (ctx_failed(c)) return;
    Dict *copy = pool_add(c, dict_copy(c, d));
    if (copy) value_repr_str(c, value_obj(copy));
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep_memory(fill_and_copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(items_keep_the_order_of_insertion),
        ctx_test(equal_numbers_are_one_key),
        ctx_test(tuples_are_keys_and_lists_are_not),
        ctx_test(many_keys_are_found_again),
        ctx_test(popping_from_the_end_reuses_the_room),
        ctx_test(str_keys_work_without_the_general_path),
        ctx_test(walking_survives_changes),
        ctx_test(equality_ignores_order),
        ctx_test(a_missing_key_reads_as_its_repr),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
