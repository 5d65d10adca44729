/* See builtins.h. */
#include "runner/evaluate/builtins.h"

#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"

#include <string.h>

static const Native *const tables[] = {builtins_output, builtins_object,
                                       builtins_number, builtins_iterate};

/* Names that exist in Python but not for cells: safe to run means none of these. */
static Value refuse(Ctx *c, const char *name) {
    return value_raise(c, RuntimeError, "%s() is not available in a cell", name);
}

#define REFUSED(name)                                                                  \
    static Value refused_##name(Ctx *c, Value self, const Args *args) {                \
        (void)self, (void)args;                                                        \
        return refuse(c, #name);                                                       \
    }
REFUSED(open)
REFUSED(input)
REFUSED(exec)
REFUSED(eval)
REFUSED(compile)
REFUSED(__import__)
REFUSED(breakpoint)

static const Native refused[] = {
    {"open", NULL, refused_open},
    {"input", NULL, refused_input},
    {"exec", NULL, refused_exec},
    {"eval", NULL, refused_eval},
    {"compile", NULL, refused_compile},
    {"__import__", NULL, refused___import__},
    {"breakpoint", NULL, refused_breakpoint},
    {NULL, NULL, NULL},
};

/* Types that builtins name; others, as NoneType, are met but have no name there. */
static const char *const type_names[] = {
    "object", "type",     "int",    "bool",         "float",       "str",
    "list",   "tuple",    "dict",   "set",          "range",       "frozenset",
    "slice",  "property", "super",  "staticmethod", "classmethod", "enumerate",
    "zip",    "map",      "filter", "complex",
};

static bool is_type_name(const Str *name) {
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (str_equals(name, type_names[i])) return true;
    return false;
}

static Value find_class(Interp *in, const Str *name) {
    bool upper = name->data[0] >= 'A' && name->data[0] <= 'Z';
    if (!upper && !is_type_name(name)) return value_null();
    return value_obj(class_named(in, name->data, name->len));
}

/* native_find for names without a dot: every global name of a program is looked for
 * here once. */
static const Native *find_row(const Native *n, const Str *name) {
    for (; n->name; n++)
        if (str_equals(name, n->name)) return n;
    return NULL;
}

Value builtin_find(Interp *in, const Str *name) {
    if (str_equals(name, "NotImplemented")) return value_not_implemented();
    if (str_equals(name, "Ellipsis")) return (Value){.tag = VAL_ELLIPSIS};
    if (str_equals(name, "__debug__")) return value_bool(true);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const Native *n = find_row(tables[i], name);
        if (n) return builtin_make(in->c, n, value_null(), NULL, false);
    }
    const Native *n = find_row(refused, name);
    if (n) return builtin_make(in->c, n, value_null(), NULL, false);
    return find_class(in, name);
}
