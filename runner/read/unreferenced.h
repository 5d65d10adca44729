/* unreferenced: expected texts that belong to no cell.
 *
 * The search goes through the directories of expected texts in steps of some tens of
 * names, so that it can be made while notebooks run; it holds little more than what it
 * has found, however many texts there are.
 */
#ifndef RUNNER_UNREFERENCED_H
#define RUNNER_UNREFERENCED_H

#include "runner/read/discover.h"

typedef struct Unreferenced {
    ExpectedTree dir;
    const char *name;
    const char *path; /* of the whole */
} Unreferenced;

typedef struct TextSearch TextSearch;

/* A search through the collection's trees, all from the arena; it is to be closed.
 * NULL when memory is short. */
TextSearch *text_search_open(Arena *a, const Collection *found);
/* One step. False when no more is to be looked at. */
bool text_search_step(TextSearch *s);
/* The texts (*.txt) below the trees that belong to no cell, by their paths in natural
 * order; searches on to the end first. False with *p set or memory short. */
bool text_search_end(TextSearch *s, const Unreferenced **items, uint32_t *n,
                     Problem *p);
/* Nothing happens for NULL. */
void text_search_close(TextSearch *s);

#endif
