/* See operator.h. */
#include "runner/evaluate/operator.h"

#include "runner/values/types.h"

#include <string.h>

static void operator_destroy(Ctx *c, Obj *o) {
    value_release(c, ((Operator *)o)->self);
    obj_free(c, o, sizeof(Operator));
}
static const ObjType operator_type = {"builtin_function_or_method", OBJ_OPERATOR,
                                      operator_destroy, NULL};

Value operator_make(Ctx *c, const OverloadSet *set, Value self, bool unbound) {
    Operator *o = obj_new(c, &operator_type, sizeof *o);
    if (!o) return value_null();
    o->set = set;
    o->self = value_retain(self);
    o->unbound = unbound;
    return value_obj(pool_add(c, o));
}

static Value call_unbound(Ctx *c, const Operator *o, const Args *args) {
    if (args->n == 0)
        return value_raise(c, TypeError,
                           "unbound method _TensorBase.%s() needs an argument",
                           o->set->name);
    if (!value_tensor(args->pos[0]))
        return value_raise(c, TypeError,
                           "descriptor '%s' for 'torch._C._TensorBase' objects doesn't "
                           "apply to a '%s' object",
                           o->set->name, type_name(args->pos[0]));
    Args rest = {args->pos + 1, args->n - 1, args->named, args->n_named};
    return bind_and_call(c, o->set, args->pos[0], &rest);
}

Value operator_call(Ctx *c, Value callee, const Args *args) {
    const Operator *o = (Operator *)callee.as.obj;
    if (o->unbound) return call_unbound(c, o, args);
    return bind_and_call(c, o->set, o->self, args);
}

const OverloadSet *tensor_overloads(Ctx *c, const Str *name) {
    const OverloadSet *set = op_find(c, OP_METHOD, name->data, name->len);
    return set ? set : op_find(c, OP_INPLACE, name->data, name->len);
}

Value tensor_class_find(Ctx *c, const Str *name) {
    const OverloadSet *set = tensor_overloads(c, name);
    return set ? operator_make(c, set, value_null(), true) : value_null();
}

Value operator_call_named(Ctx *c, unsigned form, const char *name, Value self,
                          const Args *args) {
    const OverloadSet *set = op_find(c, form, name, strlen(name));
    if (set) return bind_and_call(c, set, self, args);
    return value_raise(c, NotImplementedError, "the operator '%s' is not implemented",
                       name);
}

BindCache *site_cache(const Frame *f, Cache *site) {
    if (site->p[0]) return site->p[0];
    Arena *arena = (Arena *)&f->code->program->arena;
    site->p[0] = arena_alloc(arena, sizeof(BindCache));
    if (!site->p[0]) error_clear(f->c);
    return site->p[0];
}

static void operator_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    const Operator *o = (Operator *)v.as.obj;
    if (o->unbound)
        buf_printf(out, "<method '%s' of 'torch._C._TensorBase' objects>",
                   o->set->name);
    else if (!value_is_null(o->self))
        buf_printf(out, "<built-in method %s of Tensor object at 0x...>", o->set->name);
    else if (o->set->form == OP_FUNCTION || o->set->form == OP_FUNCTION_INPLACE)
        buf_printf(out, "<built-in method %s of type object at 0x...>", o->set->name);
    else
        buf_printf(out, "<built-in function %s>", o->set->name);
}
const TypeOps operator_ops = {.repr = operator_repr};
