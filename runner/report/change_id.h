/* change_id: the short name of a cell's failure, by which it is accepted or rejected.
 *
 *     accept: autocell accept 4f21
 *
 * It is a hash of the place of the expected text, seen from the project's root: the
 * same in every run, on every machine, from whichever directory.
 */
#ifndef RUNNER_CHANGE_ID_H
#define RUNNER_CHANGE_ID_H

#include "runner/read/discover.h"
#include "runner/read/project.h"

enum { CHANGE_ID_DIGITS = 8, CHANGE_ID_SHOWN = 4 };
typedef char ChangeId[CHANGE_ID_DIGITS + 1];

/* Where paths are seen from. */
typedef struct ChangePlace {
    Ctx *c;
    const char *cwd, *root; /* absolute */
} ChangePlace;

/* False when the system does not tell, or memory is short. */
bool change_place(Arena *a, const Project *project, ChangePlace *place);
/* The name for the cell `name` whose text belongs in `dir`, which may be seen from
 * place->cwd. Without memory it is "". */
void change_id(const ChangePlace *place, const ExpectedTree *dir, const char *name,
               ChangeId id);

#endif
