/* See tensor_site.h. */
#include "runner/torch/tensor_site.h"

#include "runner/evaluate/operator.h"
#include "runner/torch/tensor_class.h"

#include <string.h>

/* ---- names: p[0] marks the cache as a tensor's, p[1] is what n says ---- */

enum { SITE_GETTER = 1, SITE_NATIVE, SITE_OPERATOR };

static bool look_up(Ctx *c, const Str *name, Cache *cache) {
    const void *found = native_find(tensor_methods, name);
    cache->n = SITE_NATIVE;
    if (!found) {
        found = tensor_getter(name);
        cache->n = SITE_GETTER;
    }
    if (!found) {
        found = tensor_overloads(c, name);
        cache->n = SITE_OPERATOR;
    }
    cache->p[0] = found ? (void *)&tensor_type : NULL;
    cache->p[1] = (void *)found;
    return found;
}

bool tensor_name(Ctx *c, const Tensor *t, Str *name, Cache *cache, TensorName *out) {
    if (tensor_instance(t) && (!value_is_null(tensor_own_attribute(t, name)) ||
                               !value_is_null(tensor_subclass_find(t, name))))
        return false;
    if (cache->p[0] != &tensor_type && !look_up(c, name, cache)) return false;
    *out = (TensorName){NULL, NULL, NULL};
    if (cache->n == SITE_GETTER)
        out->getter = cache->p[1];
    else if (cache->n == SITE_NATIVE)
        out->native = cache->p[1];
    else
        out->set = cache->p[1];
    return true;
}

/* ---- operators ---- */

/* What x.method(y) gives; NotImplemented when the operands do not go together. */
static Value call_method(Frame *f, Cache *site, const char *name, Value self,
                         Value other) {
    Ctx *c = f->c;
    BindCache *cache = site_cache(f, site);
    const OverloadSet *set = cache ? cache->set : NULL;
    if (!set) set = op_find(c, OP_METHOD, name, strlen(name));
    if (!set) set = op_find(c, OP_INPLACE, name, strlen(name));
    if (!set || !cache) return value_not_implemented();
    Args args = {&other, 1, NULL, 0};
    Value v = bind_and_call_cached(c, cache, set, self, &args);
    if (c->error.kind != TypeError || c->error.object) return v;
    error_clear(c);
    return value_not_implemented();
}

static bool is_number(Value v) {
    return v.tag == VAL_INT || v.tag == VAL_FLOAT;
}

Value tensor_site_binary(Frame *f, Cache *site, BinaryOp op, Value a, Value b) {
    const char *name = tensor_operator_name(op, false);
    Value v = value_not_implemented();
    bool commutes = op == BINARY_ADD || op == BINARY_MUL;
    if (value_tensor(a) && (value_tensor(b) || is_number(b)))
        v = call_method(f, site, name, a, b);
    else if (commutes && is_number(a))
        v = call_method(f, site, name, b, a);
    return value_is_not_implemented(v) ? value_binary(f->c, op, a, b) : v;
}

Value tensor_site_inplace(Frame *f, Cache *site, BinaryOp op, Value a, Value b) {
    const char *name = tensor_operator_name(op, true);
    Value v = value_not_implemented();
    if (name && value_tensor(a) && (value_tensor(b) || is_number(b)))
        v = call_method(f, site, name, a, b);
    return value_is_not_implemented(v) ? value_inplace(f->c, op, a, b) : v;
}
