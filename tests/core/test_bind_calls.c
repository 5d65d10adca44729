/* bind: calls that PyTorch was asked about, and what it said.
 *
 * The operators and the calls stand in tests/oracle/bind_cases.py, which runs each call
 * under PyTorch and writes bind_cases.inc: "ok", or the exception's type and text.
 */
#include "op_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static Value no_forward(Ctx *c, Call *k) {
    (void)c;
    (void)k;
    return value_none();
}

#define FORWARD no_forward
#include "bind_cases.inc"

/* ---- the variables of the calls ---- */

static void big_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof *o);
}
static const ObjType big_type = {"int", OBJ_HOST, big_destroy, NULL};
static const ObjType range_type = {"range", OBJ_HOST, big_destroy, NULL};

static Value make_tensor(Ctx *c, DType dtype, int ndim, int64_t size) {
    int64_t sizes[2] = {size, 3};
    Tensor *t = tensor_make(c, dtype, ndim, sizes);
    assert_non_null(t);
    memset(tensor_data(t), 0, (size_t)t->numel * dtype_size(dtype));
    return value_obj(t);
}

static Value make_object(Ctx *c, const ObjType *type) {
    return value_obj(pool_add(c, obj_new(c, type, sizeof(Obj))));
}

static Value variable(Ctx *c, const char *text, size_t len) {
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)len, text);
    if (strcmp(name, "x") == 0) return make_tensor(c, DT_float32, 2, 2);
    if (strcmp(name, "xi") == 0) return make_tensor(c, DT_int64, 2, 2);
    if (strcmp(name, "one") == 0) return make_tensor(c, DT_int64, 0, 0);
    if (strcmp(name, "onef") == 0) return make_tensor(c, DT_float32, 0, 0);
    if (strcmp(name, "b") == 0) return make_tensor(c, DT_bool, 0, 0);
    if (strcmp(name, "v1") == 0) return make_tensor(c, DT_int64, 1, 1);
    if (strcmp(name, "big") == 0) return make_object(c, &big_type);
    if (strcmp(name, "ran") == 0) return make_object(c, &range_type);
    if (strcmp(name, "f32") == 0) return value_dtype(DT_float32);
    if (strcmp(name, "f64") == 0) return value_dtype(DT_float64);
    if (strcmp(name, "cpu") == 0) return value_device(DEVICE_CPU, -1);
    if (strcmp(name, "strided") == 0) return (Value){.tag = VAL_LAYOUT};
    if (strcmp(name, "contiguous") == 0) return (Value){.tag = VAL_MEMORY_FORMAT};
    if (strcmp(name, "dots") == 0) return (Value){.tag = VAL_ELLIPSIS};
    Value v = make_tensor(c, DT_float32, strcmp(name, "p") == 0, 2);
    Tensor *t = value_tensor(v);
    t->requires_grad = true;
    t->is_parameter = strcmp(name, "p") == 0;
    if (!t->is_parameter && strcmp(name, "og") != 0) fail_msg("no variable %s", name);
    return v;
}

/* ---- the overloads of a name ---- */

static const struct {
    const char *prefix;
    unsigned form;
} prefixes[] = {{"torch._C._nn.", OP_NN},
                {"torch.linalg.", OP_LINALG},
                {"torch.special.", OP_SPECIAL},
                {"torch.", OP_FUNCTION},
                {"x.", OP_METHOD}};

typedef struct Callee {
    const OpDef *defs[24];
    OverloadSet set;
} Callee;

static bool is_overload(const OpDef *def, const char *name, unsigned form) {
    size_t n = schema_base_name(def->schema);
    return (def->forms & form) && strlen(name) == n &&
           strncmp(def->schema, name, n) == 0;
}

static void find_overloads(Callee *f, const char *name, unsigned form) {
    f->set = (OverloadSet){.name = name, .form = form, .defs = f->defs};
    for (size_t i = 0; i < sizeof bind_ops / sizeof *bind_ops; i++)
        if (is_overload(&bind_ops[i], name, form)) f->defs[f->set.n++] = &bind_ops[i];
}

/* "torch.linalg.det" names linalg_det; "x.add_" the in-place form of add. */
static void find_callee(Callee *f, const char *call, char name[100]) {
    char full[100];
    snprintf(full, sizeof full, "%.*s", (int)strcspn(call, "("), call);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t n = strlen(prefixes[i].prefix);
        if (strncmp(full, prefixes[i].prefix, n) != 0) continue;
        unsigned form = prefixes[i].form;
        snprintf(name, 100, "%s%s",
                 form == OP_LINALG    ? "linalg_"
                 : form == OP_SPECIAL ? "special_"
                                      : "",
                 full + n);
        find_overloads(f, name, form);
        size_t len = strlen(name);
        if (f->set.n || name[len - 1] != '_') return;
        name[len - 1] = '\0';
        find_overloads(f, name, form == OP_METHOD ? OP_INPLACE : OP_FUNCTION_INPLACE);
        return;
    }
}

/* ---- one case ---- */

static bool big_to_double(Ctx *c, Value v, double *out) {
    (void)c;
    (void)v;
    *out = 0x1p70;
    return true;
}

static void outcome(Ctx *c, const OpCase *t, Buf *out) {
    char name[100] = "";
    Callee f;
    find_callee(&f, t->call, name);
    if (f.set.n == 0) fail_msg("no operator for %s", t->call);
    Value self =
        f.set.form & (OP_METHOD | OP_INPLACE) ? variable(c, "x", 1) : value_null();
    OpArguments a;
    op_arguments(c, strchr(t->call, '(') + 1, variable, &a);
    Args args = {a.pos, a.n, a.named, a.n_named};
    Bound b;
    if (bind_call(c, &f.set, self, &args, &b))
        buf_puts(out, "ok");
    else
        buf_printf(out, "%s: %s", error_kind_name(c->error.kind),
                   buf_text(&c->error.message));
}

static void calls_bind_as_pytorch_binds_them(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof bind_cases / sizeof *bind_cases; i++) {
        Ctx c;
        Buf out;
        assert_true(core_open(&c));
        c.host.big_int_to_double = big_to_double;
        buf_init(&out, &c.mem);
        outcome(&c, &bind_cases[i], &out);
        if (strcmp(buf_text(&out), bind_cases[i].expected) != 0) {
            print_message("%s\n--- PyTorch\n%s\n--- here\n%s\n", bind_cases[i].call,
                          bind_cases[i].expected, buf_text(&out));
            wrong++;
        }
        buf_free(&out);
        core_close(&c);
        assert_int_equal(c.mem.live_blocks, 0);
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_bind_as_pytorch_binds_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
