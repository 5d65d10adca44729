/* combine: zip, map, filter and enumerate: iterators over other iterators.
 *
 * One kind of object; its ObjType says which of them it is.
 */
#ifndef RUNNER_COMBINE_H
#define RUNNER_COMBINE_H

#include "runner/evaluate/classes.h"

typedef struct Combiner {
    Tracked head;
    Value fn;      /* map, filter: the function */
    int64_t count; /* enumerate: the next number */
    bool strict;   /* zip */
    bool done;
    size_t n;
    Value sources[]; /* iterators */
} Combiner;

extern const ObjType zip_type, map_type, filter_type, enumerate_type;

Value zip_make(Interp *in, Class *cls, const Args *args);
Value map_make(Interp *in, Class *cls, const Args *args);
Value filter_make(Interp *in, Class *cls, const Args *args);
Value enumerate_make(Interp *in, Class *cls, const Args *args);

#endif
