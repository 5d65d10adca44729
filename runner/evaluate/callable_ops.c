/* callable_ops: how functions, methods, classes and modules answer the protocols. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/values/types.h"

#include <string.h>

static void function_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_printf(out, "<function %s at 0x...>", value_function(v)->qualname->data);
}
const TypeOps function_ops = {.repr = function_repr};

/* What stands for a function that Python's `def` made. */
static void def_repr(Ctx *c, Buf *out, const Builtin *b) {
    if (builtin_seen_as(b) == &function_type) {
        buf_printf(out, "<function %s at 0x...>", b->native->name);
        return;
    }
    buf_printf(out, "<bound method %s of ", b->native->name);
    value_repr(c, out, b->self);
    buf_putc(out, '>');
}

static void builtin_repr(Ctx *c, Buf *out, Value v) {
    const Builtin *b = value_builtin(v);
    const char *name = native_name(b->native);
    if (builtin_seen_as(b) != &builtin_type)
        def_repr(c, out, b);
    else if (b->owner)
        buf_printf(out, "<method '%s' of '%s' objects>", name,
                   b->owner->methods_of ? b->owner->methods_of : b->owner->name);
    else if (value_is_null(b->self) || value_module(b->self))
        buf_printf(out, "<built-in function %s>", name);
    else
        buf_printf(out, "<built-in method %s of %s object at 0x...>", name,
                   type_name(b->self));
}

static Value builtin_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    const Builtin *x = value_builtin(a), *y = value_builtin(b);
    return equality_answer(op, x && y && x->native == y->native &&
                                   value_same(x->self, y->self));
}

static bool builtin_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = (uint64_t)(uintptr_t)value_builtin(v)->native >> 4;
    return true;
}
static const char *builtin_type_name(Value v) {
    return builtin_seen_as(value_builtin(v))->name;
}
const TypeOps builtin_ops = {.name = builtin_type_name,
                             .repr = builtin_repr,
                             .compare = builtin_compare,
                             .hash = builtin_hash};

static void bound_repr(Ctx *c, Buf *out, Value v) {
    const BoundMethod *b = value_bound(v);
    const Function *fn = value_function(b->function);
    buf_printf(out, "<bound method %s of ",
               fn ? fn->qualname->data : callable_name(b->function));
    value_repr(c, out, b->self);
    buf_putc(out, '>');
}

static Value bound_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    const BoundMethod *x = value_bound(a), *y = value_bound(b);
    return equality_answer(op, x && y && value_same(x->function, y->function) &&
                                   value_same(x->self, y->self));
}

static bool bound_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = (uint64_t)(uintptr_t)value_bound(v)->function.as.obj >> 4;
    return true;
}
const TypeOps bound_ops = {
    .repr = bound_repr, .compare = bound_compare, .hash = bound_hash};

static const char *type_type_name(Value v) {
    const Class *cls = value_class(v);
    const char *name = class_type_name(cls), *dot = name ? strrchr(name, '.') : NULL;
    /* One that Python's class statement made is named without its module. */
    if (cls->type_name && dot) return dot + 1;
    return name ? name : "type";
}

static void type_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    class_repr(out, value_class(v));
}

/* list[int] in an annotation-like place: the class itself, which nothing looks into. */
static Value type_get_item(Ctx *c, Value v, Value key) {
    Interp *in = interp_of(c);
    Class *cls = value_class(v);
    Value fn = class_find(in, cls, special(in, NAME__class_getitem));
    if (!value_is_null(fn))
        return call_value(c, attr_bind(c, fn, value_null(), cls),
                          &(Args){&key, 1, NULL, 0});
    return value_raise(c, TypeError, "type '%s' is not subscriptable", cls->name->data);
}
const TypeOps class_ops = {
    .name = type_type_name, .repr = type_repr, .get_item = type_get_item};

static void module_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    const Str *name = value_module(v)->name;
    buf_printf(out, "<module '%s'%s>", name->data,
               str_equals(name, "math") ? " (built-in)" : "");
}
const TypeOps module_ops = {.repr = module_repr};
