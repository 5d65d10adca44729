/* iterator: what iter() gives, for every built-in type and for the builtins.
 *
 * All iterators are one struct with a type of their own, which says what next() does.
 * The fields mean what the type makes of them; `source` becomes None when the end has
 * been reached, and from then on there is nothing more, as in Python.
 */
#ifndef RUNNER_ITERATOR_H
#define RUNNER_ITERATOR_H

#include "runner/values/kinds.h"

typedef struct Iterator {
    Tracked head;
    Value source; /* what is walked over */
    Value extra;
    int64_t at, end, step;
} Iterator;

typedef struct IteratorType {
    ObjType type; /* of kind OBJ_ITERATOR, with iterator_destroy and iterator_clear */
    /* The next value (borrowed or the pool's); VAL_NULL without an error at the end.
     * Not called again after source became None. */
    Value (*next)(Ctx *c, Iterator *it);
} IteratorType;

#define ITERATOR_TYPE(name, next)                                                      \
    { {name, OBJ_ITERATOR, iterator_destroy, iterator_clear}, next }
void iterator_destroy(Ctx *c, Obj *o);
void iterator_clear(Ctx *c, Obj *o);

static inline Iterator *value_iterator(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_ITERATOR) ? (Iterator *)v.as.obj : NULL;
}

/* An iterator of the pool over `source` (retained), other fields zero; NULL on error.
 */
Iterator *iterator_new(Ctx *c, const IteratorType *type, Value source);
/* For `next` functions: source becomes None. Returns VAL_NULL. */
Value iterator_finish(Ctx *c, Iterator *it);

/* The iterate slot of what is an iterator. */
Value iterate_itself(Ctx *c, Value v);
/* The iterate slots of list, tuple and str, and reversed() of whatever has one: list,
 * tuple, str, range, dict and its views. TypeError "'int' object is not reversible". */
Value list_iterate(Ctx *c, Value v);
Value tuple_iterate(Ctx *c, Value v);
Value str_iterate(Ctx *c, Value v);
Value value_reversed(Ctx *c, Value v);

#endif
