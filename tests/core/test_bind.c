/* bind: what arguments become, which overload gets them, what a call site remembers.
 * The texts of errors are the concern of test_bind_calls. */
#include "core/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* ---- operators that note how they were called ---- */

typedef struct Noted {
    const OpDef *def;
    Value args[MAX_PARAMS];
    CallForm form;
    Tensor *target;
    int calls;
} Noted;

static Value note(Ctx *c, Call *k) {
    Noted *n = c->host_data;
    n->def = k->op->def;
    memcpy(n->args, k->args, k->op->schema.n * sizeof *k->args);
    n->form = k->form;
    n->target = k->n_targets ? k->target[0] : NULL;
    n->calls++;
    int64_t size = 2;
    return value_obj(tensor_make(c, c->default_dtype, 1, &size));
}

#define DEF(text, f, t)                                                                \
    {                                                                                  \
        .schema = text, .forms = f, .traits = (t) | OP_NOT_DIFFERENTIABLE,             \
        .forward = note                                                                \
    }
#define OPTIONS                                                                        \
    "ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? "         \
    "pin_memory=None"

static const OpDef add =
    DEF("add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> "
        "Tensor",
        OP_USUAL_INPLACE, OP_NUMBERS_AS_TENSORS);
static const OpDef add_alpha =
    DEF("add.alpha(Tensor self, Scalar alpha, Tensor other) -> "
        "Tensor",
        OP_USUAL, OP_NUMBERS_AS_TENSORS | OP_HIDDEN);
static const OpDef sum = DEF("sum(Tensor self, *, ScalarType? dtype=None) -> Tensor",
                             OP_FUNCTION | OP_METHOD, 0);
static const OpDef sum_dim = DEF("sum.dim_IntList(Tensor self, int[1]? dim, bool "
                                 "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
                                 OP_USUAL, 0);
static const OpDef pool = DEF("pool(Tensor self, int[2] kernel_size, int[2] stride=[], "
                              "float eps=1, float[]? scales=None) -> Tensor",
                              OP_NN, 0);
static const OpDef view =
    DEF("view(Tensor self, SymInt[] size) -> Tensor", OP_METHOD, 0);
static const OpDef where =
    DEF("where.self(Tensor condition, Tensor self, Tensor other) -> "
        "Tensor",
        OP_METHOD, 0);
static const OpDef zeros_names = {
    .schema = "zeros.names(int[] size, *, Dimname[]? names, " OPTIONS ") -> Tensor",
    .forms = OP_FUNCTION};
static const OpDef zeros =
    DEF("zeros(SymInt[] size, *, " OPTIONS ") -> Tensor", OP_FUNCTION | OP_OUT, 0);
static const OpDef fill =
    DEF("fill.Scalar(Tensor self, Scalar value, int? n=3) -> Tensor", OP_METHOD, 0);

static const OpDef *const add_defs[] = {&add, &add_alpha};
static const OpDef *const sum_defs[] = {&sum, &sum_dim};
static const OpDef *const pool_defs[] = {&pool};
static const OpDef *const view_defs[] = {&view};
static const OpDef *const where_defs[] = {&where};
static const OpDef *const zeros_defs[] = {&zeros_names, &zeros};
static const OpDef *const fill_defs[] = {&fill};

static const OverloadSet add_set = {"add", OP_METHOD, 2, add_defs};
static const OverloadSet add_function = {"add", OP_FUNCTION, 2, add_defs};
static const OverloadSet add_inplace = {"add_", OP_INPLACE, 1, add_defs};
static const OverloadSet sum_set = {"sum", OP_METHOD, 2, sum_defs};
static const OverloadSet sum_function = {"sum", OP_FUNCTION, 2, sum_defs};
static const OverloadSet pool_set = {"pool", OP_NN, 1, pool_defs};
static const OverloadSet view_set = {"view", OP_METHOD, 1, view_defs};
static const OverloadSet where_set = {"where", OP_METHOD, 1, where_defs};
static const OverloadSet zeros_set = {"zeros", OP_FUNCTION, 2, zeros_defs};
static const OverloadSet fill_set = {"fill", OP_METHOD, 1, fill_defs};

/* ---- fixture ---- */

typedef struct Fixture {
    Ctx c;
    Noted noted;
    Buf warnings;
    Value x;
} Fixture;

static void keep_warning(Ctx *c, ErrorKind kind, const char *message) {
    Fixture *f = (Fixture *)c;
    buf_printf(&f->warnings, "%s: %s\n", error_kind_name(kind), message);
}

static Value tensor_of(Ctx *c, DType dtype, int ndim, Value item) {
    int64_t sizes[2] = {1, 1};
    Tensor *t = tensor_make(c, dtype, ndim, sizes);
    if (t) element_store(dtype, tensor_data(t), item);
    return value_obj(t);
}

static int set_up(void **state) {
    static Fixture f;
    assert_true(core_open(&f.c));
    f.noted = (Noted){0};
    f.c.host_data = &f.noted;
    f.c.host.warn = keep_warning;
    buf_init(&f.warnings, &f.c.mem);
    int64_t sizes[2] = {2, 3};
    f.x = value_obj(tensor_make(&f.c, DT_float32, 2, sizes));
    *state = &f;
    return 0;
}

static int tear_down(void **state) {
    Fixture *f = *state;
    buf_free(&f->warnings);
    core_close(&f->c);
    assert_int_equal(f->c.mem.live_blocks, 0);
    return 0;
}

static Named named(Ctx *c, const char *name, Value v) {
    return (Named){pool_add(c, str_from(c, name)), v};
}

/* Calls with up to two positional arguments, VAL_NULL for none, and one by name. */
static const Noted *call(Fixture *f, const OverloadSet *set, Value a, Value b,
                         const char *name, Value v) {
    Value pos[] = {a, b};
    Named by_name = name ? named(&f->c, name, v) : (Named){0};
    Args args = {pos, (size_t)!value_is_null(a) + !value_is_null(b), &by_name,
                 name != NULL};
    Value self = set->form & (OP_METHOD | OP_INPLACE) ? f->x : value_null();
    f->noted.calls = 0;
    bind_and_call(&f->c, set, self, &args);
    return &f->noted;
}

static const Noted *called(Fixture *f, const OverloadSet *set, Value a, Value b,
                           const char *name, Value v) {
    const Noted *n = call(f, set, a, b, name, v);
    if (ctx_failed(&f->c)) fail_msg("%s", buf_text(&f->c.error.message));
    assert_int_equal(n->calls, 1);
    return n;
}

static void assert_ints(Value v, size_t n, const int64_t *ints) {
    const Tuple *t = value_tuple(v);
    assert_non_null(t);
    assert_int_equal(t->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(t->items[i].tag, VAL_INT);
        assert_int_equal(t->items[i].as.i, ints[i]);
    }
}

#define NONE_GIVEN value_null()

/* ---- which overload, which place ---- */

static void defaults_fill_what_is_not_given(void **state) {
    Fixture *f = *state;
    const Noted *n = called(f, &add_set, f->x, NONE_GIVEN, NULL, NONE_GIVEN);
    assert_ptr_equal(n->def, &add);
    assert_ptr_equal(n->args[0].as.obj, f->x.as.obj);
    assert_int_equal(n->args[2].tag, VAL_INT);
    assert_int_equal(n->args[2].as.i, 1);
}

static void the_first_overload_that_fits_is_taken(void **state) {
    Fixture *f = *state;
    assert_ptr_equal(called(f, &sum_set, NONE_GIVEN, NONE_GIVEN, NULL, NONE_GIVEN)->def,
                     &sum);
    assert_ptr_equal(
        called(f, &sum_set, value_int(1), NONE_GIVEN, NULL, NONE_GIVEN)->def, &sum_dim);
    assert_ptr_equal(
        called(f, &sum_set, NONE_GIVEN, NONE_GIVEN, "axis", value_int(1))->def,
        &sum_dim);
}

static void functions_call_self_input(void **state) {
    Fixture *f = *state;
    const Noted *n = called(f, &sum_function, NONE_GIVEN, NONE_GIVEN, "input", f->x);
    assert_ptr_equal(n->args[0].as.obj, f->x.as.obj);
    n = called(f, &sum_function, NONE_GIVEN, NONE_GIVEN, "x", f->x);
    assert_ptr_equal(n->args[0].as.obj, f->x.as.obj);
}

static void self_may_stand_behind_other_parameters(void **state) {
    Fixture *f = *state;
    Value condition = tensor_of(&f->c, DT_bool, 0, value_bool(true));
    Value other = tensor_of(&f->c, DT_float32, 0, value_float(1));
    const Noted *n = called(f, &where_set, condition, other, NULL, NONE_GIVEN);
    assert_ptr_equal(n->args[0].as.obj, condition.as.obj);
    assert_ptr_equal(n->args[1].as.obj, f->x.as.obj);
    assert_ptr_equal(n->args[2].as.obj, other.as.obj);
}

static void a_deprecated_overload_comes_last_and_warns_once(void **state) {
    Fixture *f = *state;
    for (int i = 0; i < 2; i++)
        assert_ptr_equal(called(f, &add_set, value_int(2), f->x, NULL, NONE_GIVEN)->def,
                         &add_alpha);
    assert_string_equal(buf_text(&f->warnings),
                        "UserWarning: This overload of add is deprecated:\n"
                        "\tadd(Number alpha, Tensor other)\n"
                        "Consider using one of the following signatures instead:\n"
                        "\tadd(Tensor other, *, Number alpha)\n");
}

static void names_none_is_the_factory_without_names(void **state) {
    Fixture *f = *state;
    const Noted *n =
        called(f, &zeros_set, value_int(2), value_int(3), "names", value_none());
    assert_ptr_equal(n->def, &zeros);
    assert_ints(n->args[0], 2, (int64_t[]){2, 3});
}

static void an_overload_without_a_forward_cannot_be_called(void **state) {
    Fixture *f = *state;
    Str *a = pool_add(&f->c, str_from(&f->c, "a"));
    call(f, &zeros_set, tuple_of(&f->c, 2, (Value[]){value_int(1), value_int(2)}),
         NONE_GIVEN, "names",
         tuple_of(&f->c, 2, (Value[]){value_obj(a), value_none()}));
    assert_int_equal(f->c.error.kind, NotImplementedError);
}

/* ---- in place and out= ---- */

static void in_place_writes_self(void **state) {
    Fixture *f = *state;
    const Noted *n = call(f, &add_inplace, f->x, NONE_GIVEN, NULL, NONE_GIVEN);
    assert_int_equal(n->form, CALL_INPLACE);
    assert_ptr_equal(n->target, f->x.as.obj);
}

static void out_is_handed_to_the_dispatcher(void **state) {
    Fixture *f = *state;
    Value out = tensor_of(&f->c, DT_float32, 0, value_float(0));
    const Noted *n = call(f, &add_function, f->x, f->x, "out", out);
    assert_int_equal(n->form, CALL_OUT);
    assert_ptr_equal(n->target, out.as.obj);
}

static void out_none_is_no_out(void **state) {
    Fixture *f = *state;
    const Noted *n = called(f, &add_function, f->x, f->x, "out", value_none());
    assert_int_equal(n->form, CALL_NEW);
}

/* ---- what values become ---- */

static void a_number_becomes_a_wrapped_tensor(void **state) {
    Fixture *f = *state;
    const Noted *n =
        called(f, &add_set, value_float(1.5), NONE_GIVEN, NULL, NONE_GIVEN);
    assert_true(value_tensor(n->args[1])->wrapped_number);
}

static void a_0d_tensor_becomes_a_number(void **state) {
    Fixture *f = *state;
    Value half = tensor_of(&f->c, DT_float32, 0, value_float(0.5));
    const Noted *n = called(f, &fill_set, half, NONE_GIVEN, NULL, NONE_GIVEN);
    assert_int_equal(n->args[1].tag, VAL_FLOAT);
    assert_true(n->args[1].as.f == 0.5);
    Value seven = tensor_of(&f->c, DT_int32, 0, value_int(7));
    n = called(f, &fill_set, seven, seven, NULL, NONE_GIVEN);
    assert_int_equal(n->args[2].tag, VAL_INT);
    assert_int_equal(n->args[2].as.i, 7);
}

static void none_for_an_optional_parameter_stays_none(void **state) {
    Fixture *f = *state;
    const Noted *n = called(f, &fill_set, value_int(1), value_none(), NULL, NONE_GIVEN);
    assert_int_equal(n->args[2].tag, VAL_NONE);
}

static void one_int_stands_for_a_sized_list(void **state) {
    Fixture *f = *state;
    const Noted *n = called(f, &pool_set, f->x, value_int(3), NULL, NONE_GIVEN);
    assert_ints(n->args[1], 2, (int64_t[]){3, 3});
    n = called(f, &sum_set, value_int(1), NONE_GIVEN, NULL, NONE_GIVEN);
    assert_int_equal(n->args[1].tag, VAL_INT);
}

static void ints_given_one_by_one_are_a_list(void **state) {
    Fixture *f = *state;
    Value two = tensor_of(&f->c, DT_int64, 1, value_int(2));
    const Noted *n = called(f, &view_set, value_int(3), two, NULL, NONE_GIVEN);
    assert_ints(n->args[1], 2, (int64_t[]){3, 2});
}

static void a_list_is_copied(void **state) {
    Fixture *f = *state;
    List *l = pool_add(&f->c, list_new(&f->c, 2));
    list_push(&f->c, l, value_int(0));
    list_push(&f->c, l, value_bool(true));
    const Noted *n = called(f, &sum_set, value_obj(l), NONE_GIVEN, NULL, NONE_GIVEN);
    assert_ints(n->args[1], 2, (int64_t[]){0, 1});
}

static void ints_become_floats(void **state) {
    Fixture *f = *state;
    Value kernel = tuple_of(&f->c, 2, (Value[]){value_int(1), value_int(2)});
    const Noted *n = called(f, &pool_set, f->x, kernel, "eps", value_int(2));
    assert_int_equal(n->args[3].tag, VAL_FLOAT);
    Value scales = tuple_of(&f->c, 2, (Value[]){value_int(1), value_float(2.5)});
    n = called(f, &pool_set, f->x, kernel, "scales", scales);
    assert_int_equal(value_tuple(n->args[4])->items[0].tag, VAL_FLOAT);
}

static void a_device_is_read_from_its_text(void **state) {
    Fixture *f = *state;
    Str *cpu = pool_add(&f->c, str_from(&f->c, "cpu:0"));
    const Noted *n =
        called(f, &zeros_set, value_int(1), NONE_GIVEN, "device", value_obj(cpu));
    assert_int_equal(n->args[3].tag, VAL_DEVICE);
    assert_int_equal(n->args[3].as.device.kind, DEVICE_CPU);
    assert_int_equal(n->args[3].as.device.index, 0);
}

static bool float_is_float64(Ctx *c, Value v, DType *out) {
    (void)c;
    (void)v;
    *out = DT_float64;
    return true;
}

static void type_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof *o);
}

static void pythons_float_is_a_dtype(void **state) {
    static const ObjType type_type = {"type", OBJ_HOST, type_destroy, NULL};
    Fixture *f = *state;
    f->c.host.type_dtype = float_is_float64;
    Value v = value_obj(pool_add(&f->c, obj_new(&f->c, &type_type, sizeof(Obj))));
    const Noted *n = called(f, &zeros_set, value_int(1), NONE_GIVEN, "dtype", v);
    assert_int_equal(n->args[1].tag, VAL_DTYPE);
    assert_int_equal(n->args[1].as.dtype, DT_float64);
}

static void requires_grad_is_set_on_the_result(void **state) {
    Fixture *f = *state;
    Value pos[] = {value_int(2)};
    Named by_name = named(&f->c, "requires_grad", value_bool(true));
    Args a = {pos, 1, &by_name, 1};
    Value v = bind_and_call(&f->c, &zeros_set, value_null(), &a);
    assert_true(value_tensor(v)->requires_grad);
    f->c.default_dtype = DT_int64;
    assert_true(value_is_null(bind_and_call(&f->c, &zeros_set, value_null(), &a)));
    assert_string_equal(buf_text(&f->c.error.message),
                        "Only Tensors of floating point and complex dtype can require "
                        "gradients");
}

/* ---- the memory of a call site ---- */

static const OpDef *cached(Fixture *f, BindCache *cache, const OverloadSet *set,
                           Args a) {
    f->noted.def = NULL;
    bind_and_call_cached(&f->c, cache, set, f->x, &a);
    return f->noted.def;
}

static void a_call_site_remembers_the_overload(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    Value pos[] = {value_int(1)};
    for (int i = 0; i < 3; i++) {
        pos[0] = value_int(i);
        assert_ptr_equal(cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0}),
                         &sum_dim);
        assert_int_equal(f->noted.args[1].as.i, i);
        assert_int_equal(f->noted.args[2].tag, VAL_BOOL);
        assert_ptr_equal(cache.op->def, &sum_dim);
        assert_true(cache.kinds);
    }
}

static void other_kinds_of_arguments_are_searched_anew(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    Value pos[] = {value_int(1)};
    assert_ptr_equal(cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0}), &sum_dim);
    assert_ptr_equal(cached(f, &cache, &sum_set, (Args){pos, 0, NULL, 0}), &sum);
    pos[0] = value_float(1);
    assert_null(cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0}));
    assert_int_equal(f->c.error.kind, TypeError);
    error_clear(&f->c);
    pos[0] = value_int(1);
    assert_ptr_equal(cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0}), &sum_dim);
}

static void a_remembered_call_converts_as_the_first_did(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    for (int i = 0; i < 2; i++) {
        Value pos[] = {value_float(2)};
        Named by_name = named(&f->c, "alpha", value_int(i));
        cached(f, &cache, &add_set, (Args){pos, 1, &by_name, 1});
        assert_true(value_tensor(f->noted.args[1])->wrapped_number);
        assert_int_equal(f->noted.args[2].as.i, i);
    }
    assert_ptr_equal(cache.set, &add_set);
}

static void remembered_ints_one_by_one(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    for (int64_t i = 0; i < 2; i++) {
        Value pos[] = {value_int(i), value_int(4)};
        cached(f, &cache, &view_set, (Args){pos, 2, NULL, 0});
        assert_ints(f->noted.args[1], 2, (int64_t[]){i, 4});
    }
    assert_true(cache.varargs);
}

static void a_remembered_list_is_copied_too(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    for (int i = 0; i < 2; i++) {
        List *l = pool_add(&f->c, list_new(&f->c, 1));
        list_push(&f->c, l, value_int(1));
        Value pos[] = {value_obj(l)};
        cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0});
        assert_ints(f->noted.args[1], 1, (int64_t[]){1});
    }
}

static void a_0d_tensor_is_not_taken_for_another_tensor(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    Value pos[] = {tensor_of(&f->c, DT_float32, 0, value_float(2))};
    cached(f, &cache, &fill_set, (Args){pos, 1, NULL, 0});
    assert_int_equal(f->noted.args[1].tag, VAL_FLOAT);
    pos[0] = f->x;
    assert_null(cached(f, &cache, &fill_set, (Args){pos, 1, NULL, 0}));
    assert_int_equal(f->c.error.kind, TypeError);
}

static void a_cell_may_not_reach_another_overload_set(void **state) {
    Fixture *f = *state;
    BindCache cache = {0};
    Value pos[] = {value_int(1)};
    cached(f, &cache, &sum_set, (Args){pos, 1, NULL, 0});
    assert_ptr_equal(cached(f, &cache, &view_set, (Args){pos, 1, NULL, 0}), &view);
}

/* ---- short of memory ---- */

typedef void Action(Fixture *f);

static void fits_after_conversions(Fixture *f) {
    Value kernel = tuple_of(&f->c, 2, (Value[]){value_int(2), value_bool(true)});
    if (!ctx_failed(&f->c)) call(f, &pool_set, f->x, kernel, NULL, NONE_GIVEN);
}

static void fits_nothing(Fixture *f) {
    Value pos[] = {value_float(1), value_float(2)};
    Args a = {pos, 2, NULL, 0};
    bind_and_call(&f->c, &sum_set, f->x, &a);
    if (f->c.error.kind == TypeError) error_clear(&f->c);
}

static void fits_the_deprecated_row(Fixture *f) {
    Value pos[] = {value_float(1), value_float(2)};
    Args a = {pos, 2, NULL, 0};
    bind_and_call(&f->c, &add_set, f->x, &a);
}

static void every_failed_allocation_is_survived(void **state) {
    static Action *const actions[] = {fits_after_conversions, fits_nothing,
                                      fits_the_deprecated_row};
    Fixture *f = *state;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        bool failed = true;
        for (uint64_t n = 1; failed; n++) {
            f->c.mem.fail_at = f->c.mem.requests + n;
            actions[i](f);
            f->c.mem.fail_at = 0;
            failed = ctx_failed(&f->c);
            if (failed) assert_int_equal(f->c.error.kind, MemoryError);
            error_clear(&f->c);
        }
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(defaults_fill_what_is_not_given),
        TEST(the_first_overload_that_fits_is_taken),
        TEST(functions_call_self_input),
        TEST(self_may_stand_behind_other_parameters),
        TEST(a_deprecated_overload_comes_last_and_warns_once),
        TEST(names_none_is_the_factory_without_names),
        TEST(an_overload_without_a_forward_cannot_be_called),
        TEST(in_place_writes_self),
        TEST(out_is_handed_to_the_dispatcher),
        TEST(out_none_is_no_out),
        TEST(a_number_becomes_a_wrapped_tensor),
        TEST(a_0d_tensor_becomes_a_number),
        TEST(none_for_an_optional_parameter_stays_none),
        TEST(one_int_stands_for_a_sized_list),
        TEST(ints_given_one_by_one_are_a_list),
        TEST(a_list_is_copied),
        TEST(ints_become_floats),
        TEST(a_device_is_read_from_its_text),
        TEST(pythons_float_is_a_dtype),
        TEST(requires_grad_is_set_on_the_result),
        TEST(a_call_site_remembers_the_overload),
        TEST(other_kinds_of_arguments_are_searched_anew),
        TEST(a_remembered_call_converts_as_the_first_did),
        TEST(remembered_ints_one_by_one),
        TEST(a_remembered_list_is_copied_too),
        TEST(a_0d_tensor_is_not_taken_for_another_tensor),
        TEST(a_cell_may_not_reach_another_overload_set),
        TEST(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
