/* dict_view: d.keys(), d.values() and d.items(), and what walks over dicts. */
#ifndef RUNNER_DICT_VIEW_H
#define RUNNER_DICT_VIEW_H

#include "runner/values/dict.h"
#include "runner/values/native.h"

typedef struct DictView {
    Obj obj;
    Dict *dict;   /* owned */
    bool ordered; /* of an OrderedDict: its type's name begins with an o */
} DictView;

extern const ObjType dict_keys_type, dict_values_type, dict_items_type;

static inline DictView *value_dict_view(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_DICT_VIEW) ? (DictView *)v.as.obj : NULL;
}
/* _collections.ordered(view): the view as one of an OrderedDict. */
extern const Native collections_natives[];
/* A view of the pool. */
Value dict_view_new(Ctx *c, const ObjType *type, Value dict);

/* iter(d) and reversed(d) of a dict, reversed(view). RuntimeError "dictionary changed
 * size during iteration". */
Value dict_iterate(Ctx *c, Value dict);
Value dict_reversed(Ctx *c, Value dict);
Value dict_view_reversed(Ctx *c, Value view);

/* dict.fromkeys(iterable, value) */
Value dict_from_keys(Ctx *c, Value iterable, Value value);

#endif
