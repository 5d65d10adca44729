/* See host.h. */
#include "runner/evaluate/host.h"

#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/modules.h"
#include "runner/torch/overrides.h"
#include "runner/torch/torch_values.h"
#include "runner/values/complex.h"
#include "runner/values/number.h"

#include <string.h>

static Value host_call(Ctx *c, Value callee, const Value *args, size_t n) {
    return call_positional(c, callee, args, n);
}

static const char *host_callable_name(Ctx *c, Value callee) {
    (void)c;
    return callable_name(callee);
}

/* The filters live in the module `warnings`, in the notation; as long as no cell has
 * touched it, every warning is shown. */
void host_warn_class(Ctx *c, Class *category, Value message) {
    Interp *in = interp_of(c);
    if (in->warnings) {
        Value filter = module_get(in->warnings, symbols_from(&in->symbols, "_verdict"));
        Value args[2] = {message, value_obj(category)};
        Value verdict = call_positional(c, filter, args, 2);
        int wanted = value_truth(c, verdict);
        if (wanted <= 0) return;
    }
    const Str *text = value_text_str(c, message);
    if (text) message_show(in->out, category, text);
}

static void host_warn(Ctx *c, ErrorKind kind, const char *message) {
    size_t mark = pool_mark(c);
    Class *category = class_of_error(interp_of(c), kind);
    Value text = value_obj(pool_add(c, str_from(c, message)));
    if (category && !value_is_null(text)) host_warn_class(c, category, text);
    pool_drain(c, mark);
}

static void host_raise_about(Ctx *c, ErrorKind kind, Value about) {
    exception_raise_with(interp_of(c), kind, about);
}

static const char *host_type_name(Ctx *c, Value v) {
    (void)c;
    return type_name(v);
}

static bool host_big_int_to_double(Ctx *c, Value v, double *out) {
    return value_to_double(c, v, out);
}

static bool host_complex_parts(Value v, double *real, double *imag) {
    const Complex *z = value_complex(v);
    if (!z) return false;
    *real = z->real;
    *imag = z->imag;
    return true;
}

static bool host_type_dtype(Ctx *c, Value v, DType *out) {
    (void)c;
    return dtype_of_type(v, out);
}

void host_install(Ctx *c) {
    c->host = (HostCalls){.call = host_call,
                          .warn = host_warn,
                          .raise_about = host_raise_about,
                          .type_name = host_type_name,
                          .type_dtype = host_type_dtype,
                          .big_int_to_double = host_big_int_to_double,
                          .complex_parts = host_complex_parts,
                          .override = override_operator,
                          .callable_name = host_callable_name};
}

void host_reset(Ctx *c, uint64_t seed) {
    c->grad_enabled = true;
    c->inference = false;
    c->anomaly = false;
    c->overriding = false;
    c->anomaly_check_nan = true;
    c->default_dtype = DT_float32;
    c->print = print_options_default;
    c->warned_n = 0;
    if (c->generator) generator_seed(c->generator, seed);
}

void host_begin_cell(Ctx *c) {
    Interp *in = interp_of(c);
    if (!in->warnings) return;
    Value reset = module_get(in->warnings, symbols_from(&in->symbols, "_begin_cell"));
    if (!value_is_null(reset)) call_positional(c, reset, NULL, 0);
    error_clear(c);
}

/* ---- for the module `warnings` ---- */

/* From now on the module that calls decides about warnings. */
static Value warnings_install(Ctx *c, Value self, const Args *args) {
    (void)self, (void)args;
    Interp *in = interp_of(c);
    in->warnings = in->frame->module;
    return value_none();
}

static Value warnings_show(Ctx *c, Value self, const Args *args) {
    (void)self;
    Class *category = value_class(args->pos[1]);
    if (category) host_warn_class(c, category, args->pos[0]);
    return ctx_failed(c) ? value_null() : value_none();
}

const Native warnings_natives[] = {
    {"install", "", warnings_install},
    {"show", "message category /", warnings_show},
    {NULL, NULL, NULL},
};
