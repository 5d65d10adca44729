/* select: which of the cells that were found a command is about, and in which order.
 *
 * The collection stays whole, so that texts without a cell are known; notebooks that
 * are not asked for have n_run 0.  A notebook runs up to its last cell that is asked
 * for, since cells share its state.
 */
#ifndef RUNNER_SELECT_H
#define RUNNER_SELECT_H

#include "runner/command/options.h"
#include "runner/report/record.h"
#include "runner/report/schedule.h"

/* Leaves the cells that -k, --lf and the shard select. False with *p set, or with
 * MemoryError pending. */
bool select_cells(Arena *a, const Options *o, const Record *record, Collection *found,
                  Problem *p);

/* Natural order, but what failed comes first with --ff; with --shuffle notebooks begin
 * in an order of their own. False: memory is short. */
bool select_order(Arena *a, const Options *o, const Record *record,
                  const Collection *found, Order *order);

#endif
