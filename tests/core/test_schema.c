/* schema: what is read from an ATen schema string. */
#include "core/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
    Ctx c;
    Schema s;
} Fixture;

static int set_up(void **state) {
    static Fixture f;
    ctx_open(&f.c);
    f.s = (Schema){0};
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    Fixture *f = *state;
    schema_free(&f->c, &f->s);
    ctx_close(&f->c);
    assert_int_equal(f->c.mem.live_blocks, 0);
    return 0;
}

static const Schema *parse(void **state, const char *text) {
    Fixture *f = *state;
    assert_true(schema_parse(&f->c, text, &f->s));
    return &f->s;
}

static void assert_name(const Param *p, const char *name) {
    assert_int_equal(p->name_len, strlen(name));
    assert_memory_equal(p->name, name, p->name_len);
}

static void names_and_kinds_of_parameters(void **state) {
    const Schema *s = parse(state, "add.Tensor(Tensor self, Tensor other, *, Scalar "
                                   "alpha=1) -> Tensor");
    assert_int_equal(s->base_len, 3);
    assert_int_equal(s->n, 3);
    assert_int_equal(s->n_tensors, 2);
    assert_name(&s->params[1], "other");
    assert_false(s->params[1].keyword_only);
    assert_int_equal(s->params[2].type, PARAM_SCALAR);
    assert_true(s->params[2].keyword_only);
    assert_int_equal(s->params[2].default_value.tag, VAL_INT);
    assert_int_equal(s->params[2].default_value.as.i, 1);
    assert_int_equal(s->n_returns, 1);
}

static void an_optional_sized_list(void **state) {
    const Schema *s =
        parse(state, "sum.dim_IntList(Tensor self, int[1]? dim, bool "
                     "keepdim=False, *, ScalarType? dtype=None) -> Tensor");
    assert_int_equal(s->params[1].type, PARAM_INT_LIST);
    assert_int_equal(s->params[1].list_size, 1);
    assert_true(s->params[1].optional);
    assert_false(s->params[1].has_default);
    assert_int_equal(s->params[2].default_value.tag, VAL_BOOL);
    assert_int_equal(s->params[3].type, PARAM_DTYPE);
    assert_int_equal(s->params[3].default_value.tag, VAL_NONE);
}

static void a_default_of_one_number_fills_a_sized_list(void **state) {
    const Schema *s = parse(state, "f(Tensor self, int[2] stride=[], SymInt[2] pad=0, "
                                   "int[] dims=[-2,-1]) -> Tensor");
    assert_int_equal(value_tuple(s->params[1].default_value)->n, 0);
    assert_int_equal(value_tuple(s->params[2].default_value)->n, 2);
    assert_true(s->params[2].symbolic);
    const Tuple *dims = value_tuple(s->params[3].default_value);
    assert_int_equal(dims->n, 2);
    assert_int_equal(dims->items[0].as.i, -2);
}

static void numbers_words_and_strings_as_defaults(void **state) {
    const Schema *s =
        parse(state, "f(float eps=1e-05, float p=2, Scalar beta=1., Scalar lambd=0.5, "
                     "int reduction=Mean, str approximate='none', str mode=\"x, y\", "
                     "ScalarType? dtype=long, int? n=None) -> Tensor");
    assert_true(s->params[0].default_value.as.f == 1e-05);
    assert_int_equal(s->params[1].default_value.tag, VAL_FLOAT);
    assert_int_equal(s->params[2].default_value.tag, VAL_FLOAT);
    assert_true(s->params[3].default_value.as.f == 0.5);
    assert_int_equal(s->params[4].default_value.as.i, 0);
    assert_true(str_equals(value_str(s->params[5].default_value), "none"));
    assert_true(str_equals(value_str(s->params[6].default_value), "x, y"));
    assert_int_equal(s->params[7].default_value.as.dtype, DT_int64);
    assert_int_equal(s->params[8].type, PARAM_INT);
}

static void dtypes_as_their_numbers(void **state) {
    const Schema *s = parse(state, "f(ScalarType a=4, ScalarType? b=6) -> Tensor");
    assert_int_equal(s->params[0].default_value.as.dtype, DT_int64);
    assert_int_equal(s->params[1].default_value.as.dtype, DT_float32);
}

static void aliases_tell_views_from_writes(void **state) {
    const Schema *s = parse(state, "relu_(Tensor(a!) self) -> Tensor(a!)");
    assert_true(s->params[0].written);
    assert_false(s->is_view);
}

static void a_view(void **state) {
    const Schema *s = parse(state, "split.Tensor(Tensor(a -> *) self, int split_size, "
                                   "int dim=0) -> Tensor(a)[]");
    assert_true(s->is_view);
    assert_true(s->returns_list);
    assert_int_equal(s->params[0].type, PARAM_TENSOR);
}

static void several_results(void **state) {
    const Schema *s =
        parse(state, "max.dim(Tensor self, int dim, bool keepdim=False) -> "
                     "(Tensor values, Tensor indices)");
    assert_int_equal(s->n_returns, 2);
}

static void no_parameters_and_no_results(void **state) {
    const Schema *s = parse(state, "f() -> ()");
    assert_int_equal(s->n, 0);
    assert_int_equal(s->n_returns, 0);
}

static void lists_of_tensors_and_names(void **state) {
    const Schema *s =
        parse(state, "f(Tensor[] tensors, Tensor?[] indices, Dimname dim, "
                     "Dimname[1] dims, Storage s) -> bool");
    assert_int_equal(s->params[0].type, PARAM_TENSOR_LIST);
    assert_true(s->params[1].optional_items);
    assert_false(s->params[1].optional);
    assert_int_equal(s->params[2].type, PARAM_DIMNAME);
    assert_int_equal(s->params[3].type, PARAM_DIMNAME_LIST);
    assert_int_equal(s->params[4].type, PARAM_OTHER);
    assert_int_equal(s->n_tensors, 2);
}

static void factories_are_known_by_their_options(void **state) {
    const Schema *s = parse(state, "ones(SymInt[] size, *, ScalarType? dtype=None, "
                                   "Layout? layout=None, Device? device=None, bool? "
                                   "pin_memory=None) -> Tensor");
    assert_true(s->is_factory);
}

static void finding_a_parameter(void **state) {
    const Schema *s = parse(state, "mm(Tensor self, Tensor mat2) -> Tensor");
    assert_int_equal(schema_find(s, "mat2", 4), 1);
    assert_int_equal(schema_find(s, "mat", 3), -1);
    assert_int_equal(schema_base_name("max.dim(Tensor self)"), 3);
    assert_int_equal(schema_base_name("mm(Tensor self)"), 2);
}

static void mistakes_are_named(void **state) {
    static const char *const wrong[] = {
        "f",
        "f(",
        "f(Tensor)",
        "f(Tensor self",
        "f(Tensor self) -> ",
        "f(Tensor self) -> Tensor x y",
        "f(int x=abc) -> Tensor",
        "f(int[2 x) -> Tensor",
        "f(str x='a) -> Tensor",
        "f(int x=99999999999999999999) -> Tensor",
    };
    Fixture *f = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(schema_parse(&f->c, wrong[i], &f->s));
        assert_int_equal(f->c.error.kind, RuntimeError);
        error_clear(&f->c);
    }
}

static void every_failed_allocation_is_survived(void **state) {
    Fixture *f = *state;
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        f->c.mem.fail_at = f->c.mem.requests + n;
        done = schema_parse(&f->c, "f(str a='x', int[2] b=1, int[] c=[0,1]) -> Tensor",
                            &f->s);
        f->c.mem.fail_at = 0;
        if (!done) assert_int_equal(f->c.error.kind, MemoryError);
        error_clear(&f->c);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(names_and_kinds_of_parameters),
        TEST(an_optional_sized_list),
        TEST(a_default_of_one_number_fills_a_sized_list),
        TEST(numbers_words_and_strings_as_defaults),
        TEST(dtypes_as_their_numbers),
        TEST(aliases_tell_views_from_writes),
        TEST(a_view),
        TEST(several_results),
        TEST(no_parameters_and_no_results),
        TEST(lists_of_tensors_and_names),
        TEST(factories_are_known_by_their_options),
        TEST(finding_a_parameter),
        TEST(mistakes_are_named),
        TEST(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
