/* item_iterator: iterates what has __getitem__ alone, v[0], v[1] ..., and what is
 * called until it gives a sentinel. */
#include "runner/evaluate/exceptions.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/values/iterator.h"
#include "runner/values/types.h"

typedef struct ItemIterator {
    Tracked head;
    Value of; /* VAL_NONE at the end */
    int64_t at;
    Value sentinel; /* of iter(f, sentinel) */
} ItemIterator;

static void item_iterator_clear(Ctx *c, Obj *o) {
    value_set(c, &((ItemIterator *)o)->of, value_none());
    value_set(c, &((ItemIterator *)o)->sentinel, value_none());
}

static void item_iterator_destroy(Ctx *c, Obj *o) {
    item_iterator_clear(c, o);
    obj_free_tracked(c, o, sizeof(ItemIterator));
}
static const ObjType item_iterator_type = {"iterator", OBJ_ITEM_ITERATOR,
                                           item_iterator_destroy, item_iterator_clear};

static const ObjType call_iterator_type = {"callable_iterator", OBJ_ITEM_ITERATOR,
                                           item_iterator_destroy, item_iterator_clear};

static Value make(Ctx *c, const ObjType *type, Value of, Value sentinel) {
    ItemIterator *it = obj_new_tracked(c, type, sizeof *it);
    if (!it) return value_null();
    it->of = value_retain(of);
    it->sentinel = value_retain(sentinel);
    return value_obj(pool_add(c, it));
}

Value item_iterator_make(Ctx *c, Value v) {
    return make(c, &item_iterator_type, v, value_none());
}

Value call_iterator_make(Ctx *c, Value callee, Value sentinel) {
    return make(c, &call_iterator_type, callee, sentinel);
}

static Value call_next(Ctx *c, ItemIterator *it) {
    Value v = call_positional(c, it->of, NULL, 0);
    if (value_is_null(v)) {
        if (error_is(c, StopIteration)) error_clear(c);
        return v;
    }
    int end = value_equals(c, v, it->sentinel);
    if (end == 0) return v;
    if (end > 0) item_iterator_clear(c, &it->head.obj);
    return value_null();
}

static Value item_next(Ctx *c, Value v) {
    ItemIterator *it = (ItemIterator *)v.as.obj;
    if (value_is_none(it->of)) return value_null();
    if (v.as.obj->type == &call_iterator_type) return call_next(c, it);
    Value item = value_get_item(c, it->of, value_int(it->at++));
    if (!value_is_null(item)) return item;
    if (error_is(c, IndexError) || error_is(c, StopIteration)) {
        error_clear(c);
        item_iterator_clear(c, v.as.obj);
    }
    return value_null();
}
const TypeOps item_iterator_ops = {.iterate = iterate_itself, .next = item_next};
