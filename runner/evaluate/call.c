/* call: calling any value. See function.h. */
#include "runner/evaluate/attr.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/evaluate/type_defs.h"
#include "runner/torch/torch_values.h"

#include <string.h>

/* ---- arguments with one more in front ---- */

enum { FRONT_INLINE = 8 };

Value call_with_self(Ctx *c, Value callee, Value self, const Args *args) {
    Function *fn = value_function(callee);
    if (fn) return function_call(c, fn, self, args);
    Value few[FRONT_INLINE], *pos = few;
    size_t n = args->n + 1;
    if (n > FRONT_INLINE) pos = ctx_alloc(c, n * sizeof *pos);
    if (!pos) return value_null();
    pos[0] = self;
    if (args->n) memcpy(pos + 1, args->pos, args->n * sizeof *pos);
    Args whole = {pos, n, args->named, args->n_named};
    Value r = call_value(c, callee, &whole);
    if (pos != few) ctx_free(c, pos, n * sizeof *pos);
    return r;
}

Value call_positional(Ctx *c, Value callee, const Value *args, size_t n) {
    return call_value(c, callee, &(Args){.pos = args, .n = n});
}

/* ---- the kinds of callables ---- */

static Value call_function(Ctx *c, Value callee, const Args *args) {
    return function_call(c, (Function *)callee.as.obj, value_null(), args);
}

/* An unbound method of a built-in type, list.append: the first argument is self. */
static Value call_unbound(Ctx *c, const Builtin *b, const Args *args) {
    if (args->n == 0)
        return value_raise(c, TypeError, "unbound method %s() needs an argument",
                           b->native->name);
    Value self = args->pos[0];
    if (!type_def_fits(interp_of(c), b->owner, self))
        return value_raise(c, TypeError,
                           "descriptor '%s' for '%s' objects doesn't apply to a '%s' "
                           "object",
                           native_name(b->native), b->owner->name, type_name(self));
    Args rest = {args->pos + 1, args->n - 1, args->named, args->n_named};
    return native_call(c, b->native, b->on_payload ? value_payload(self) : self, &rest);
}

static Value call_builtin(Ctx *c, Value callee, const Args *args) {
    const Builtin *b = (Builtin *)callee.as.obj;
    if (b->owner) return call_unbound(c, b, args);
    return native_call(c, b->native, b->self, args);
}

static Value call_bound(Ctx *c, Value callee, const Args *args) {
    const BoundMethod *b = (BoundMethod *)callee.as.obj;
    return call_with_self(c, b->function, b->self, args);
}

static Value call_class(Ctx *c, Value callee, const Args *args) {
    return class_call(interp_of(c), (Class *)callee.as.obj, args);
}

static Value not_callable(Ctx *c, Value callee) {
    return value_raise(c, TypeError, "'%s' object is not callable", type_name(callee));
}

static Value call_instance(Ctx *c, Value callee, const Args *args) {
    Interp *in = interp_of(c);
    Class *cls = class_of(in, callee);
    Value fn = class_find(in, cls, special(in, NAME__call));
    if (value_is_null(fn)) return not_callable(c, callee);
    if (!value_enter(c, " while calling a Python object")) return value_null();
    Value r = value_function(fn) ? call_with_self(c, fn, callee, args)
                                 : call_value(c, attr_bind(c, fn, callee, cls), args);
    value_leave(c);
    return r;
}

typedef Value (*CallFn)(Ctx *c, Value callee, const Args *args);
static const CallFn call_table[OBJ_KIND_COUNT] = {
    [OBJ_FUNCTION] = call_function, [OBJ_BUILTIN] = call_builtin,
    [OBJ_BOUND] = call_bound,       [OBJ_CLASS] = call_class,
    [OBJ_INSTANCE] = call_instance, [OBJ_EXCEPTION] = call_instance,
    [OBJ_OPERATOR] = operator_call, [OBJ_NODE] = node_call,
};

Value call_value(Ctx *c, Value callee, const Args *args) {
    if (ctx_failed(c)) return value_null();
    CallFn call = NULL;
    if (callee.tag == VAL_OBJ) call = call_table[callee.as.obj->type->kind];
    return call ? call(c, callee, args) : not_callable(c, callee);
}

bool value_is_callable(Ctx *c, Value v) {
    if (v.tag != VAL_OBJ) return false;
    int kind = v.as.obj->type->kind;
    if (kind != OBJ_INSTANCE && kind != OBJ_EXCEPTION) return call_table[kind] != NULL;
    Interp *in = interp_of(c);
    return !value_is_null(class_find(in, class_of(in, v), special(in, NAME__call)));
}

const char *callable_name(Value v) {
    const Function *fn = value_function(v);
    if (fn) return fn->name->data;
    if (value_builtin(v)) return native_name(value_builtin(v)->native);
    if (value_bound(v)) return callable_name(value_bound(v)->function);
    if (value_class(v)) return value_class(v)->name->data;
    if (value_operator(v)) return value_operator(v)->set->name;
    return type_name(v);
}
