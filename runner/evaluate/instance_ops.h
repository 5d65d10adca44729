/* instance_ops: how instances of cells' classes answer the protocols: by the special
 * methods of their class, else by their payload, else as plain objects. */
#ifndef RUNNER_INSTANCE_OPS_H
#define RUNNER_INSTANCE_OPS_H

#include "runner/evaluate/state.h"

/* Calls the special method that a cell's class gives v: false when there is none. The
 * answer, VAL_NULL after raising, goes to *out. */
bool special_call(Ctx *c, Value v, SpecialName name, const Value *args, size_t n,
                  Value *out);
/* Whether iter(v) can work. */
bool value_is_iterable(Ctx *c, Value v);
bool value_is_iterator(Ctx *c, Value v);
/* Iterates v by v[0], v[1] ... until IndexError; of the pool. */
Value item_iterator_make(Ctx *c, Value v);
/* What v stands for in arithmetic and containers: its payload, else v itself. */
Value value_payload(Value v);
/* iter(callee, sentinel): calls until it gives the sentinel; of the pool. */
Value call_iterator_make(Ctx *c, Value callee, Value sentinel);
/* v as a dict: itself, the payload of an instance, or the items that its keys() lead
 * to; else NULL, without an error unless keys() raised one. */
Dict *mapping_dict(Ctx *c, Value v);
/* ascii(v), of the pool. */
Str *value_ascii_str(Ctx *c, Value v);
/* "<__main__.Point object at 0x...>" */
void object_repr(Ctx *c, Buf *out, Value v);

#endif
