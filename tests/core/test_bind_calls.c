/* bind: calls that PyTorch was asked about, and what it said.
 *
 * The operators and the calls stand in tests/oracle/bind_cases.py, which runs each call
 * under PyTorch and writes bind_cases.inc. A call is Python text; what is read here is
 * the little of Python that the table needs.
 */
#include "core/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct BindCase {
    const char *call, *expected; /* "ok", or the type of the exception and its text */
} BindCase;

static Value no_forward(Ctx *c, Call *k) {
    (void)c;
    (void)k;
    return value_none();
}

#define FORWARD no_forward
#include "bind_cases.inc"

enum { MAX_ARGS = 40 };

typedef struct Reader {
    Ctx *c;
    const char *at;
    Value pos[MAX_ARGS];
    Named named[MAX_ARGS];
    size_t n, n_named;
} Reader;

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

static Value variable(Ctx *c, const char *name) {
    if (strcmp(name, "x") == 0) return make_tensor(c, DT_float32, 2, 2);
    if (strcmp(name, "xi") == 0) return make_tensor(c, DT_int64, 2, 2);
    if (strcmp(name, "one") == 0) return make_tensor(c, DT_int64, 0, 0);
    if (strcmp(name, "onef") == 0) return make_tensor(c, DT_float32, 0, 0);
    if (strcmp(name, "b") == 0) return make_tensor(c, DT_bool, 0, 0);
    if (strcmp(name, "v1") == 0) return make_tensor(c, DT_int64, 1, 1);
    if (strcmp(name, "big") == 0) return make_object(c, &big_type);
    if (strcmp(name, "ran") == 0) return make_object(c, &range_type);
    if (strcmp(name, "None") == 0) return value_none();
    if (strcmp(name, "True") == 0) return value_bool(true);
    if (strcmp(name, "False") == 0) return value_bool(false);
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

/* ---- reading a call ---- */

static bool take(Reader *r, char ch) {
    while (*r->at == ' ') r->at++;
    if (*r->at != ch) return false;
    r->at++;
    return true;
}

static Value read_value(Reader *r, int depth);

static Value read_items(Reader *r, char end, int depth) {
    Value items[MAX_ARGS];
    size_t n = 0;
    while (!take(r, end)) {
        assert_true(n < MAX_ARGS);
        items[n++] = read_value(r, depth + 1);
        take(r, ',');
    }
    if (end == ')') return tuple_of(r->c, n, items);
    List *l = pool_add(r->c, list_new(r->c, n));
    for (size_t i = 0; i < n; i++) list_push(r->c, l, items[i]);
    return value_obj(l);
}

static Value read_string(Reader *r) {
    const char *start = r->at;
    while (*r->at && *r->at != '"') r->at++;
    Str *s = str_new(r->c, start, (size_t)(r->at - start));
    take(r, '"');
    return value_obj(pool_add(r->c, s));
}

static Value read_number(Reader *r) {
    char *int_end, *float_end;
    long i = strtol(r->at, &int_end, 10);
    double f = strtod(r->at, &float_end);
    bool whole = int_end == float_end;
    assert_true(float_end > r->at);
    r->at = float_end;
    return whole ? value_int(i) : value_float(f);
}

static size_t read_name(Reader *r, char name[100]) {
    size_t n = 0;
    while (n < 99 &&
           (strchr("_.", *r->at) || (*r->at >= '0' && *r->at <= '9') ||
            (*r->at >= 'a' && *r->at <= 'z') || (*r->at >= 'A' && *r->at <= 'Z') ||
            (*r->at & 0x80)) &&
           *r->at)
        name[n++] = *r->at++;
    name[n] = '\0';
    return n;
}

static Value read_value(Reader *r, int depth) {
    char name[100];
    assert_true(depth < 8);
    if (take(r, '(')) return read_items(r, ')', depth);
    if (take(r, '[')) return read_items(r, ']', depth);
    if (take(r, '"')) return read_string(r);
    if (strchr("-0123456789", *r->at)) return read_number(r);
    read_name(r, name);
    return variable(r->c, name);
}

static void read_argument(Reader *r) {
    const char *start = r->at;
    char name[100];
    if (read_name(r, name) && take(r, '=')) {
        Str *s = pool_add(r->c, str_from(r->c, name));
        r->named[r->n_named++] = (Named){s, read_value(r, 0)};
    } else {
        r->at = start;
        r->pos[r->n++] = read_value(r, 0);
    }
}

static void read_arguments(Reader *r) {
    assert_true(take(r, '('));
    while (!take(r, ')')) {
        assert_true(r->n + r->n_named < MAX_ARGS);
        while (*r->at == ' ') r->at++;
        read_argument(r);
        take(r, ',');
    }
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
static void find_callee(Callee *f, Reader *r, char name[100]) {
    char full[100] = "";
    read_name(r, full);
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

static void outcome(Ctx *c, const BindCase *t, Buf *out) {
    Reader r = {.c = c, .at = t->call};
    char name[100] = "";
    Callee f;
    find_callee(&f, &r, name);
    if (f.set.n == 0) fail_msg("no operator for %s", t->call);
    Value self =
        f.set.form & (OP_METHOD | OP_INPLACE) ? variable(c, "x") : value_null();
    read_arguments(&r);
    Args a = {r.pos, r.n, r.named, r.n_named};
    Bound b;
    if (bind_call(c, &f.set, self, &a, &b))
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
