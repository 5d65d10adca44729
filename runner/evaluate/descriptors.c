/* descriptors: property, staticmethod, classmethod and super() as objects. */
#include "runner/evaluate/descriptors.h"

#include "runner/evaluate/attr.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/state.h"
#include "runner/values/types.h"

/* ---- property ---- */

static void property_clear(Ctx *c, Obj *o) {
    Property *p = (Property *)o;
    value_set(c, &p->get, value_none());
    value_set(c, &p->set, value_none());
    value_set(c, &p->del, value_none());
    value_set(c, &p->doc, value_none());
}

static void property_destroy(Ctx *c, Obj *o) {
    property_clear(c, o);
    obj_free_tracked(c, o, sizeof(Property));
}
const ObjType property_type = {"property", OBJ_PROPERTY, property_destroy,
                               property_clear};

static Value or_none(Value v) {
    return value_is_null(v) ? value_none() : value_retain(v);
}

static Value make_property(Ctx *c, Value get, Value set, Value del, Value doc) {
    Property *p = obj_new_tracked(c, &property_type, sizeof *p);
    if (!p) return value_null();
    p->get = or_none(get);
    p->set = or_none(set);
    p->del = or_none(del);
    p->doc = or_none(doc);
    const Function *fn = value_function(get);
    if (fn && value_is_none(p->doc)) p->doc = value_retain(fn->doc);
    return value_obj(pool_add(c, p));
}

static Value property_new(Ctx *c, Value self, const Args *args) {
    (void)self;
    return make_property(c, args->pos[0], args->pos[1], args->pos[2], args->pos[3]);
}
static const Native property_call = {"property", "fget? fset? fdel? doc?",
                                     property_new};

Value property_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return native_call(in->c, &property_call, value_null(), args);
}

static Value property_getter(Ctx *c, Value self, const Args *args) {
    const Property *p = (Property *)self.as.obj;
    return make_property(c, args->pos[0], p->set, p->del, p->doc);
}

static Value property_setter(Ctx *c, Value self, const Args *args) {
    const Property *p = (Property *)self.as.obj;
    return make_property(c, p->get, args->pos[0], p->del, p->doc);
}

static Value property_deleter(Ctx *c, Value self, const Args *args) {
    const Property *p = (Property *)self.as.obj;
    return make_property(c, p->get, p->set, args->pos[0], p->doc);
}

static const Native property_methods[] = {
    {"property.getter", "fget /", property_getter},
    {"property.setter", "fset /", property_setter},
    {"property.deleter", "fdel /", property_deleter},
    {NULL, NULL, NULL},
};
const TypeOps property_ops = {.methods = property_methods};

/* ---- staticmethod, classmethod ---- */

static void wrapped_clear(Ctx *c, Obj *o) {
    value_set(c, &((Wrapped *)o)->function, value_none());
}

static void wrapped_destroy(Ctx *c, Obj *o) {
    wrapped_clear(c, o);
    obj_free_tracked(c, o, sizeof(Wrapped));
}
const ObjType staticmethod_type = {"staticmethod", OBJ_WRAPPED, wrapped_destroy,
                                   wrapped_clear};
const ObjType classmethod_type = {"classmethod", OBJ_WRAPPED, wrapped_destroy,
                                  wrapped_clear};

static Value wrap(Interp *in, const ObjType *type, const Args *args) {
    Ctx *c = in->c;
    if (args->n_named)
        return value_raise(c, TypeError, "%s() takes no keyword arguments", type->name);
    if (args->n != 1)
        return value_raise(c, TypeError, "%s expected 1 argument, got %zu", type->name,
                           args->n);
    Wrapped *w = obj_new_tracked(c, type, sizeof *w);
    if (!w) return value_null();
    w->function = value_retain(args->pos[0]);
    return value_obj(pool_add(c, w));
}

Value staticmethod_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return wrap(in, &staticmethod_type, args);
}

Value classmethod_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return wrap(in, &classmethod_type, args);
}

static void wrapped_repr(Ctx *c, Buf *out, Value v) {
    buf_printf(out, "<%s(", v.as.obj->type->name);
    value_repr(c, out, ((Wrapped *)v.as.obj)->function);
    buf_puts(out, ")>");
}
const TypeOps wrapped_ops = {.repr = wrapped_repr};

/* ---- super ---- */

static void super_clear(Ctx *c, Obj *o) {
    value_set(c, &((Super *)o)->self, value_none());
}

static void super_destroy(Ctx *c, Obj *o) {
    Super *s = (Super *)o;
    super_clear(c, o);
    obj_release(c, s->start);
    obj_release(c, s->of);
    obj_free_tracked(c, o, sizeof *s);
}
const ObjType super_type = {"super", OBJ_SUPER, super_destroy, super_clear};

/* The first argument of the method whose frame f is. */
static Value first_argument(const Frame *f) {
    const Code *code = f->code;
    if (code->params.n_pos == 0) return value_null();
    for (int32_t i = 0; i < code->n_param_cells; i++)
        if (code->param_cells[i].slot == 0)
            return frame_cell(f, code->param_cells[i].cell)->value;
    return f->slots[0];
}

/* super() within a method: the class it was defined in, and its first argument. */
static bool from_frame(Interp *in, Value *cls, Value *self) {
    const Frame *f = in->frame;
    if (!f || !f->function) {
        error_raise(in->c, RuntimeError, "super(): no arguments");
        return false;
    }
    *self = first_argument(f);
    if (value_is_null(*self)) {
        error_raise(in->c, RuntimeError,
                    f->code->params.n_pos ? "super(): arg[0] deleted"
                                          : "super(): no arguments");
        return false;
    }
    int32_t cell = f->code->class_cell;
    *cls = cell >= 0 ? frame_cell(f, cell)->value : value_null();
    if (!value_is_null(*cls)) return true;
    error_raise(in->c, RuntimeError,
                cell >= 0 ? "super(): empty __class__ cell"
                          : "super(): __class__ cell not found");
    return false;
}

static Value super_new(Interp *in, Value start, Value self) {
    Ctx *c = in->c;
    Class *cls = value_class(start);
    if (!cls)
        return value_raise(c, TypeError, "super() argument 1 must be a type, not %s",
                           type_name(start));
    Class *of = value_class(self);
    if (!of || !class_derives(of, cls)) of = class_of(in, self);
    if (!of || !class_derives(of, cls))
        return value_raise(
            c, TypeError,
            "super(type, obj): obj must be an instance or subtype of type");
    Super *s = obj_new_tracked(c, &super_type, sizeof *s);
    if (!s) return value_null();
    s->start = obj_retain(cls);
    s->of = obj_retain(of);
    s->self = value_retain(self);
    return value_obj(pool_add(c, s));
}

Value super_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    Value start, self;
    if (args->n_named)
        return value_raise(in->c, TypeError, "super() takes no keyword arguments");
    if (args->n == 2) return super_new(in, args->pos[0], args->pos[1]);
    if (args->n == 0)
        return from_frame(in, &start, &self) ? super_new(in, start, self)
                                             : value_null();
    return value_raise(in->c, TypeError, "super() takes 0 or 2 arguments, not %zu",
                       args->n);
}

static void super_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    const Super *s = (Super *)v.as.obj;
    buf_puts(out, "<super: ");
    class_repr(out, s->start);
    buf_printf(out, ", <%s object>>", s->of->name->data);
}
const TypeOps super_ops = {.repr = super_repr};
