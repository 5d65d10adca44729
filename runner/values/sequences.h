/* sequences: what list and tuple have in common, for the files that make them up. */
#ifndef RUNNER_SEQUENCES_H
#define RUNNER_SEQUENCES_H

#include "runner/values/protocol.h"
#include "runner/values/slice.h"

/* The most items of a sequence: what 64-bit sizes in bytes allow for. */
#define SEQUENCE_MAX ((int64_t)(PTRDIFF_MAX / 2 / (int64_t)sizeof(Value)))

/* The place of an item equal to v in [from, to): -1 absent, -2 error. The sequence may
 * change under way. */
int64_t sequence_find(Ctx *c, Value sequence, Value v, int64_t from, int64_t to);
int64_t sequence_count(Ctx *c, Value sequence, Value v); /* -1: error */
int64_t sequence_length(Ctx *c, Value sequence);

/* The bounds of x.index(v, start, stop): like a slice's, but without None. TypeError
 * "slice indices must be integers or have an __index__ method". */
bool sequence_bounds(Ctx *c, const Args *args, int64_t n, int64_t *from, int64_t *to);

/* l[key] = value, del l[key] (list_items.c). */
bool list_set_item(Ctx *c, Value v, Value key, Value value);
Value list_get_item(Ctx *c, Value v, Value key);
extern const Native list_methods[]; /* list_methods.c */

/* Sorts as list.sort(key=key, reverse=reverse) does; key may be None (list_sort.c). */
bool list_sort(Ctx *c, List *l, Value key, bool reverse);
/* l.extend(iterable). */
bool list_extend(Ctx *c, List *l, Value iterable);

#endif
