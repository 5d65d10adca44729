/* native: the TypeErrors of calls that do not fit, as CPython 3.11 words them. */
#include "value_test.h"

static Value count_given(Ctx *c, Value self, const Args *args) {
    (void)c;
    (void)self;
    int64_t given = 0;
    for (size_t i = 0; i < args->n; i++) given += !value_is_null(args->pos[i]);
    return value_int(given);
}

static Value call(Ctx *c, const char *name, const char *params, size_t n,
                  const char *keyword) {
    Native f = {name, params, count_given};
    Value pos[4] = {I(0), I(1), I(2), I(3)};
    Named named = {keyword ? value_str(S(c, keyword)) : NULL, I(9)};
    Args args = {.pos = pos, .n = n, .named = &named, .n_named = keyword != NULL};
    return native_call(c, &f, value_null(), &args);
}

static void a_call_that_fits_is_bound(void **state) {
    Ctx *c = *state;
    assert_int_equal(call(c, "f", "", 0, NULL).as.i, 0);
    assert_int_equal(call(c, "f", "a /", 1, NULL).as.i, 1);
    assert_int_equal(call(c, "f", "a b? c? /", 2, NULL).as.i, 2);
    assert_int_equal(call(c, "f", "a? b?", 1, "b").as.i, 2);
    assert_int_equal(call(c, "f", "a / b?", 1, "b").as.i, 2);
    assert_int_equal(call(c, "f", "*args /", 4, NULL).as.i, 4);
}

static void no_arguments_or_one(void **state) {
    Ctx *c = *state;
    call(c, "list.clear", "", 1, NULL);
    check_error(c, TypeError, "list.clear() takes no arguments (1 given)");
    call(c, "list.append", "object /", 0, NULL);
    check_error(c, TypeError, "list.append() takes exactly one argument (0 given)");
    call(c, "len", "object /", 2, NULL);
    check_error(c, TypeError, "len() takes exactly one argument (2 given)");
    call(c, "list.append", "object /", 0, "object");
    check_error(c, TypeError, "list.append() takes no keyword arguments");
}

static void positional_ones(void **state) {
    Ctx *c = *state;
    call(c, "list.insert", "i x /", 1, NULL);
    check_error(c, TypeError, "insert expected 2 arguments, got 1");
    call(c, "list.pop", "i? /", 2, NULL);
    check_error(c, TypeError, "pop expected at most 1 argument, got 2");
    call(c, "dict.get", "key default? /", 0, NULL);
    check_error(c, TypeError, "get expected at least 1 argument, got 0");
}

static void ones_with_names(void **state) {
    Ctx *c = *state;
    call(c, "str.split", "sep? maxsplit?", 3, NULL);
    check_error(c, TypeError, "split() takes at most 2 arguments (3 given)");
    call(c, "str.split", "sep? maxsplit?", 1, "x");
    check_error(c, TypeError, "'x' is an invalid keyword argument for split()");
    call(c, "str.split", "sep? maxsplit?", 1, "sep");
    check_error(c, TypeError,
                "argument for split() given by name ('sep') and position (1)");
    call(c, "pow", "base exp mod?", 1, NULL);
    check_error(c, TypeError, "pow() missing required argument 'exp' (pos 2)");
    call(c, "sum", "iterable / start?", 0, NULL);
    check_error(c, TypeError, "sum() takes at least 1 positional argument (0 given)");
}

static void ones_with_names_alone(void **state) {
    Ctx *c = *state;
    call(c, "list.sort", "* key? reverse?", 1, NULL);
    check_error(c, TypeError, "sort() takes no positional arguments");
    call(c, "math.isclose", "a b * rel_tol? abs_tol?", 3, NULL);
    check_error(c, TypeError,
                "isclose() takes exactly 2 positional arguments (3 given)");
    call(c, "math.prod", "iterable / * start?", 2, NULL);
    check_error(c, TypeError, "prod() takes exactly 1 positional argument (2 given)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ctx_test(a_call_that_fits_is_bound), ctx_test(no_arguments_or_one),
        ctx_test(positional_ones),           ctx_test(ones_with_names),
        ctx_test(ones_with_names_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
