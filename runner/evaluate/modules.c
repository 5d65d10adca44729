/* See modules.h. */
#include "runner/evaluate/modules.h"

#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/host.h"
#include "runner/evaluate/prelude.h"
#include "runner/evaluate/special_attrs.h"
#include "runner/evaluate/state.h"
#include "runner/torch/torch_function.h"
#include "runner/torch/torch_module.h"
#include "runner/values/dict_view.h"
#include "runner/values/math_module.h"

#include <string.h>

/* Modules with a part in C. Others consist of their prelude source. */
static const ModuleDef defs[] = {
    {"torch", torch_find, torch_natives, NULL},
    {"torch._C", NULL, torch_c_natives, NULL},
    {"torch.autograd", torch_autograd_find, NULL, NULL},
    {"torch.autograd.variable", torch_variable_find, NULL, NULL},
    {"torch._C._function", NULL, function_natives, NULL},
    {"torch._C._nn", torch_nn_find, NULL, NULL},
    {"torch._C._VariableFunctions", torch_functions_find, NULL, NULL},
    {"torch.linalg", torch_linalg_find, NULL, NULL},
    {"torch.special", torch_special_find, NULL, NULL},
    {"_warnings", NULL, warnings_natives, NULL},
    {"_collections", NULL, collections_natives, NULL},
    {"math", NULL, math_functions, math_constants},
};

static const ModuleDef *find_def(const char *name, size_t len) {
    for (size_t i = 0; i < sizeof defs / sizeof *defs; i++)
        if (strlen(defs[i].name) == len && memcmp(defs[i].name, name, len) == 0)
            return &defs[i];
    return NULL;
}

static bool is_package(const char *name, size_t len) {
    if (find_def(name, len)) return true;
    for (const PreludeSource *s = prelude_sources; s->module; s++)
        if (strncmp(s->module, name, len) == 0 &&
            (s->module[len] == '\0' || s->module[len] == '.'))
            return true;
    return false;
}

Module *module_import(Interp *in, const char *name, size_t len) {
    Ctx *c = in->c;
    Str *s = symbols_intern(&in->symbols, name, len);
    if (!s) return NULL;
    Module *known = value_module(dict_get_str(in->modules, s));
    if (known) return known;
    if (!is_package(name, len))
        return error_raise(c, ModuleNotFoundError, "No module named '%s'", s->data);
    Module *m = pool_add(c, module_new(in, find_def(name, len), s));
    return m && dict_set_str(c, in->modules, s, value_obj(m)) ? m : NULL;
}

/* ---- attributes ---- */

static Value find_submodule(Module *m, const Str *name) {
    Interp *in = m->in;
    Buf dotted;
    buf_init(&dotted, &in->c->mem);
    buf_printf(&dotted, "%s.%s", m->name->data, name->data);
    Value v = value_null();
    if (!dotted.failed && is_package(buf_text(&dotted), dotted.len))
        v = value_obj(module_import(in, buf_text(&dotted), dotted.len));
    buf_free(&dotted);
    return v;
}

static Value find_in_c(const Module *m, const Str *name) {
    const Native *n = native_find(m->def->natives, name);
    if (n) return builtin_make(m->in->c, n, value_null(), NULL, false);
    for (const MathConstant *k = m->def->numbers; k && k->name; k++)
        if (str_equals(name, k->name)) return value_float(k->value);
    if (!m->def->find) return value_null();
    return m->def->find(m->in, name->data, name->len);
}

/* What a function __getattr__ of the module's source gives for a name that the source
 * does not define; its AttributeError means that there is none. */
static Value ask_getattr(Module *m, Str *name) {
    Ctx *c = m->in->c;
    Value fn = module_get(m, special(m->in, NAME__getattr)), arg = value_obj(name);
    if (value_is_null(fn)) return fn;
    Value v = call_positional(c, fn, &arg, 1);
    if (value_is_null(v) && error_is(c, AttributeError)) error_clear(c);
    return v;
}

static Value find_in_source(Module *m, Str *name) {
    if (!prelude_run(m)) return value_null();
    Value v = module_get(m, name);
    return value_is_null(v) ? ask_getattr(m, name) : v;
}

/* What is found becomes a variable of the module; its source is run only when neither
 * C nor a submodule has the name. */
Value module_find(Module *m, Str *name) {
    Ctx *c = m->in->c;
    Value v = module_get(m, name);
    if (!value_is_null(v) || m == m->in->main) return v;
    if (m->def) v = find_in_c(m, name);
    if (value_is_null(v) && !ctx_failed(c)) v = find_submodule(m, name);
    if (value_is_null(v) && !ctx_failed(c)) v = find_in_source(m, name);
    return !value_is_null(v) && module_set(m, name, v) ? v : value_null();
}

Value module_call(Ctx *c, const char *module, const char *name, const Args *args) {
    Interp *in = interp_of(c);
    Module *m = module_import(in, module, strlen(module));
    Str *s = symbols_from(&in->symbols, name);
    Value fn = m && s ? module_find(m, s) : value_null();
    return value_is_null(fn) ? fn : call_value(c, fn, args);
}

Value module_get_attr(Ctx *c, Value v, Str *name) {
    Module *m = value_module(v);
    Value r = module_find(m, name);
    if (!value_is_null(r)) return value_keep(c, r);
    if (ctx_failed(c)) return value_null();
    r = special_attr(c, v, name);
    if (!value_is_null(r) || ctx_failed(c)) return r;
    return value_raise(c, AttributeError, "module '%s' has no attribute '%s'",
                       m->name->data, name->data);
}

bool module_set_attr(Ctx *c, Value v, Str *name, Value x) {
    Module *m = value_module(v);
    if (!value_is_null(x)) return module_set(m, name, x);
    if (!value_is_null(module_get(m, name))) return module_set(m, name, x);
    error_raise(c, AttributeError, "module '%s' has no attribute '%s'", m->name->data,
                name->data);
    return false;
}

static bool load_name(Module *m, const char *text) {
    Str *name = symbols_from(&m->in->symbols, text);
    return name && (!value_is_null(module_find(m, name)) || !ctx_failed(m->in->c));
}

bool module_load_all(Module *m) {
    const Native *n = m->def ? m->def->natives : NULL;
    const MathConstant *k = m->def ? m->def->numbers : NULL;
    for (; n && n->name; n++)
        if (!load_name(m, native_name(n))) return false;
    for (; k && k->name; k++)
        if (!load_name(m, k->name)) return false;
    return true;
}
