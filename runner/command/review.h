/* review: the failures that are on record, and what becomes of them without another
 * run: `review`, `accept` and `reject`.
 *
 * Accepting writes what the cell printed to its expected file, by the rules of
 * expected.h, unless the cell, one before it or the expected file is not what it was in
 * that run.  Rejecting writes nothing; the failure stays on record, but is not asked
 * for again until the cell runs again.
 */
#ifndef RUNNER_REVIEW_H
#define RUNNER_REVIEW_H

#include "runner/command/verb.h"
#include "runner/report/record.h"
#include "runner/report/term.h"

typedef struct Review {
    Ctx *c;
    const Options *options;
    Arena arena;
    Record record;
    Term term;
    uint32_t accepted, rejected;
    uint32_t refused; /* could not be accepted */
    bool broken;      /* a file could not be read or written */
} Review;

/* False when memory is short; nothing is open then. */
bool review_open(Review *r, Ctx *c, const Options *o);
/* Whether it waits to be accepted or rejected. */
bool review_is_pending(const RecordEntry *entry);
/* Accepts or rejects those of the n entries that are not NULL, says so, and keeps the
 * record. */
void review_accept(Review *r, RecordEntry *const *entries, uint32_t n);
void review_reject(Review *r, RecordEntry *const *entries, uint32_t n);
/* Shows the difference, whole or cut. */
void review_show(Review *r, const RecordEntry *entry, bool full);
/* Writes what is still to be said. Gives the exit code. */
int review_close(Review *r);

#endif
