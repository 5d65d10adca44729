/* list and tuple: items, slices, operators, methods, sorting; against CPython 3.11. */
#include "runner/values/iterator.h"
#include "runner/values/sequences.h"
#include "value_test.h"

static Value slice(Ctx *c, Value start, Value stop, Value step) {
    return slice_new(c, start, stop, step);
}
#define SLICE(a, b, s) slice(c, a, b, s)
#define TRUE value_bool(true)

static Value numbers(Ctx *c, int64_t n) {
    Value l = make_list(c, 0, NULL);
    for (int64_t i = 0; value_list(l) && i < n; i++) list_push(c, value_list(l), I(i));
    return l;
}

static void items_are_counted_from_either_end(void **state) {
    Ctx *c = *state;
    Value l = L(I(1), I(2), I(3));
    check_repr(c, value_get_item(c, l, I(-1)), "3");
    check_repr(c, value_get_item(c, l, TRUE), "2");
    value_get_item(c, l, I(3));
    check_error(c, IndexError, "list index out of range");
    value_get_item(c, T(I(1)), I(-2));
    check_error(c, IndexError, "tuple index out of range");
    value_get_item(c, l, S(c, "a"));
    check_error(c, TypeError, "list indices must be integers or slices, not str");
}

static void slices_are_cut_to_the_length(void **state) {
    Ctx *c = *state;
    Value l = numbers(c, 5);
    check_repr(c, value_get_item(c, l, SLICE(I(-2), I(99), NONE)), "[3, 4]");
    check_repr(c, value_get_item(c, l, SLICE(NONE, NONE, I(-2))), "[4, 2, 0]");
    check_repr(c, value_get_item(c, l, SLICE(I(4), I(1), NONE)), "[]");
    check_repr(c, value_get_item(c, l, SLICE(I(INT64_MIN), I(INT64_MAX), I(INT64_MAX))),
               "[0]");
    value_get_item(c, l, SLICE(NONE, NONE, I(0)));
    check_error(c, ValueError, "slice step cannot be zero");
    value_get_item(c, l, SLICE(S(c, "a"), NONE, NONE));
    check_error(c, TypeError,
                "slice indices must be integers or None or have an __index__ method");
}

static void slices_are_assigned(void **state) {
    Ctx *c = *state;
    Value l = numbers(c, 4);
    assert_true(value_set_item(c, l, SLICE(I(1), I(3), NONE), L(I(9), I(8), I(7))));
    check_repr(c, l, "[0, 9, 8, 7, 3]");
    assert_true(value_set_item(c, l, SLICE(I(3), I(1), NONE), T(S(c, "in"))));
    check_repr(c, l, "[0, 9, 8, 'in', 7, 3]");
    assert_true(value_set_item(c, l, SLICE(NONE, NONE, I(-1)), l));
    check_repr(c, l, "[3, 7, 'in', 8, 9, 0]");
    assert_true(value_set_item(c, l, SLICE(I(0), I(0), NONE), l));
    assert_int_equal(value_list(l)->n, 12);
}

static void slices_refuse_what_does_not_fit(void **state) {
    Ctx *c = *state;
    Value l = numbers(c, 3);
    value_set_item(c, l, SLICE(NONE, NONE, I(2)), L(I(1)));
    check_error(c, ValueError,
                "attempt to assign sequence of size 1 to extended slice of size 2");
    value_set_item(c, l, SLICE(NONE, NONE, NONE), I(5));
    check_error(c, TypeError, "can only assign an iterable");
    value_set_item(c, l, I(3), I(5));
    check_error(c, IndexError, "list assignment index out of range");
}

static void items_and_slices_are_deleted(void **state) {
    Ctx *c = *state;
    Value l = numbers(c, 7);
    assert_true(value_set_item(c, l, I(-1), value_null()));
    assert_true(value_set_item(c, l, SLICE(NONE, NONE, I(-2)), value_null()));
    check_repr(c, l, "[0, 2, 4]");
    assert_true(value_set_item(c, l, SLICE(I(1), NONE, NONE), value_null()));
    check_repr(c, l, "[0]");
}

static void operators(void **state) {
    Ctx *c = *state;
    check_repr(c, value_binary(c, BINARY_ADD, L(I(1)), L(I(2))), "[1, 2]");
    check_repr(c, value_binary(c, BINARY_MUL, I(2), L(I(1))), "[1, 1]");
    check_repr(c, value_binary(c, BINARY_MUL, T(I(1)), I(-1)), "()");
    value_binary(c, BINARY_ADD, L(I(1)), T(I(2)));
    check_error(c, TypeError, "can only concatenate list (not \"tuple\") to list");
    value_binary(c, BINARY_MUL, L(I(1)), F(1.5));
    check_error(c, TypeError, "can't multiply sequence by non-int of type 'float'");
    value_binary(c, BINARY_MUL, L(I(1)), I(INT64_C(1) << 62));
    check_error(c, MemoryError, "");
}

static void in_place_operators_keep_the_list(void **state) {
    Ctx *c = *state;
    Value l = L(I(1)), same = value_inplace(c, BINARY_ADD, l, S(c, "ab"));
    assert_true(value_same(l, same));
    check_repr(c, l, "[1, 'a', 'b']");
    value_inplace(c, BINARY_MUL, l, I(2));
    check_repr(c, l, "[1, 'a', 'b', 1, 'a', 'b']");
    value_inplace(c, BINARY_ADD, l, I(1));
    check_error(c, TypeError, "'int' object is not iterable");
}

static void sizes_stay_sizes_and_named_tuples_do_not(void **state) {
    Ctx *c = *state;
    int64_t dims[] = {2, 3};
    Value size = value_obj(pool_add(c, size_new(c, 2, dims)));
    check_repr(c, value_get_item(c, size, SLICE(NONE, I(1), NONE)), "torch.Size([2])");
    check_repr(c, value_binary(c, BINARY_ADD, size, T(I(4))), "torch.Size([2, 3, 4])");
    check_repr(c, value_binary(c, BINARY_ADD, T(I(4)), size), "(4, 2, 3)");
    check_repr(c, value_binary(c, BINARY_MUL, I(2), size), "torch.Size([2, 3, 2, 3])");
    check_repr(c, CALL0(size, "numel"), "6");
    static const char *const fields[] = {"values", "indices"};
    static const TupleKind kind = {"torch.return_types.max", fields, NULL};
    Value items[] = {I(1), I(2)};
    Value named = value_obj(pool_add(c, tuple_new(c, &kind, 2, items)));
    check_repr(c, value_get_attr(c, named, value_str(S(c, "indices"))), "2");
    check_repr(c, value_get_item(c, named, SLICE(NONE, I(1), NONE)), "(1,)");
}

static void methods_change_the_list(void **state) {
    Ctx *c = *state;
    Value l = L(I(3), I(1));
    CALL(l, "append", I(2));
    CALL(l, "insert", I(-100), I(0));
    CALL(l, "extend", l);
    check_repr(c, l, "[0, 3, 1, 2, 0, 3, 1, 2]");
    check_repr(c, CALL(l, "pop", I(-2)), "1");
    CALL(l, "remove", I(3));
    CALL0(l, "reverse");
    check_repr(c, l, "[2, 3, 0, 2, 1, 0]");
    check_repr(c, CALL(l, "index", I(2), I(1)), "3");
    check_repr(c, CALL(l, "count", F(2)), "2");
    CALL0(l, "clear");
    check_repr(c, l, "[]");
}

static void methods_that_find_nothing(void **state) {
    Ctx *c = *state;
    Value l = L(I(1));
    CALL(l, "index", S(c, "x"));
    check_error(c, ValueError, "'x' is not in list");
    CALL(l, "remove", I(5));
    check_error(c, ValueError, "list.remove(x): x not in list");
    CALL(l, "pop", I(1));
    check_error(c, IndexError, "pop index out of range");
    CALL0(make_list(c, 0, NULL), "pop");
    check_error(c, IndexError, "pop from empty list");
    CALL(T(I(1)), "index", I(2));
    check_error(c, ValueError, "tuple.index(x): x not in tuple");
    CALL(l, "index", I(1), S(c, "a"));
    check_error(c, TypeError,
                "slice indices must be integers or have an __index__ method");
}

/* The host's function in these tests: by name. */
static Value call_named(Ctx *c, Value callee, const Value *args, size_t n) {
    (void)n;
    if (str_equals(value_str(callee), "neg")) return value_unary(c, UNARY_NEG, args[0]);
    if (str_equals(value_str(callee), "mod 3"))
        return value_binary(c, BINARY_MOD, args[0], I(3));
    return value_raise(c, ZeroDivisionError, "division by zero");
}

static void sorting_is_stable(void **state) {
    Ctx *c = *state;
    c->host.call = call_named;
    Value l = numbers(c, 10);
    assert_true(list_sort(c, value_list(l), S(c, "mod 3"), false));
    check_repr(c, l, "[0, 3, 6, 9, 1, 4, 7, 2, 5, 8]");
    assert_true(list_sort(c, value_list(l), S(c, "mod 3"), true));
    check_repr(c, l, "[2, 5, 8, 1, 4, 7, 0, 3, 6, 9]");
}

static void long_lists_are_sorted(void **state) {
    Ctx *c = *state;
    Value l = numbers(c, 1000);
    c->host.call = call_named;
    for (size_t i = 0; i < 1000; i++)
        value_list(l)->items[i] = F((double)(i * 7919 % 1009));
    assert_true(list_sort(c, value_list(l), S(c, "neg"), false));
    for (size_t i = 1; i < 1000; i++)
        assert_true(value_list(l)->items[i - 1].as.f >= value_list(l)->items[i].as.f);
}

static void nan_leaves_what_timsort_leaves(void **state) {
    Ctx *c = *state;
    double nan = strtod("nan", NULL);
    Value l = L(I(5), F(nan), I(3), I(1), I(2), F(nan), I(0), I(9), I(8));
    assert_true(list_sort(c, value_list(l), NONE, false));
    check_repr(c, l, "[5, nan, 0, 1, 2, 3, nan, 8, 9]");
}

static void a_failed_sort_keeps_the_items(void **state) {
    Ctx *c = *state;
    Value l = L(I(9), value_bool(false), S(c, "ab"), I(0));
    assert_false(list_sort(c, value_list(l), NONE, false));
    check_error(c, TypeError,
                "'<' not supported between instances of 'str' and 'bool'");
    check_repr(c, l, "[9, False, 'ab', 0]");
    c->host.call = call_named;
    assert_false(list_sort(c, value_list(l), S(c, "raise"), false));
    check_error(c, ZeroDivisionError, "division by zero");
    check_repr(c, l, "[9, False, 'ab', 0]");
}

static Value append_to_it(Ctx *c, Value callee, const Value *args, size_t n) {
    (void)n;
    list_push(c, value_list(callee), I(1));
    return args[0];
}

static void a_list_modified_during_sort_is_found_out(void **state) {
    Ctx *c = *state;
    Value l = L(I(3), I(1), I(2));
    c->host.call = append_to_it;
    assert_false(list_sort(c, value_list(l), l, false));
    check_error(c, ValueError, "list modified during sort");
    check_repr(c, l, "[1, 2, 3]");
}

static void iterators_see_changes_and_end_for_good(void **state) {
    Ctx *c = *state;
    Value l = L(I(1)), it = value_iterate(c, l);
    check_repr(c, it, "<list_iterator object at 0x...>");
    check_repr(c, value_next(c, it), "1");
    list_push(c, value_list(l), I(2));
    check_repr(c, value_next(c, it), "2");
    assert_true(value_is_null(value_next(c, it)));
    list_push(c, value_list(l), I(3));
    assert_true(value_is_null(value_next(c, it)));
    check_repr(c, value_obj(value_to_list(c, value_reversed(c, l))), "[3, 2, 1]");
    value_reversed(c, I(1));
    check_error(c, TypeError, "'int' object is not reversible");
}

static void everything(Ctx *c) {
    Value l = numbers(c, 6);
    if (ctx_failed(c)) return;
    Value copy = value_binary(c, BINARY_MUL, l, I(20));
    if (!ctx_failed(c)) list_sort(c, value_list(copy), NONE, true);
    Value every_other = ctx_failed(c) ? value_null() : SLICE(NONE, NONE, I(2));
    if (!ctx_failed(c)) value_set_item(c, copy, every_other, value_null());
    if (!ctx_failed(c)) value_set_item(c, l, SLICE(I(1), I(2), NONE), copy);
    if (!ctx_failed(c)) value_to_list(c, value_reversed(c, l));
    if (!ctx_failed(c)) value_repr_str(c, l);
}

static void memory_may_run_out_anywhere(void **state) {
    (void)state;
    sweep_memory(everything);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(items_are_counted_from_either_end),
        ctx_test(slices_are_cut_to_the_length),
        ctx_test(slices_are_assigned),
        ctx_test(slices_refuse_what_does_not_fit),
        ctx_test(items_and_slices_are_deleted),
        ctx_test(operators),
        ctx_test(in_place_operators_keep_the_list),
        ctx_test(sizes_stay_sizes_and_named_tuples_do_not),
        ctx_test(methods_change_the_list),
        ctx_test(methods_that_find_nothing),
        ctx_test(sorting_is_stable),
        ctx_test(long_lists_are_sorted),
        ctx_test(nan_leaves_what_timsort_leaves),
        ctx_test(a_failed_sort_keeps_the_items),
        ctx_test(a_list_modified_during_sort_is_found_out),
        ctx_test(iterators_see_changes_and_end_for_good),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
