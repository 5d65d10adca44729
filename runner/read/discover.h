/* discover: which notebooks and cells a command is about, and where their expected
 * texts are.
 *
 * A directory that directly holds *.yaml cells is a notebook; directories nest.  A
 * directory comes before those inside it, both in natural order; what was named first
 * on the command line comes first.  Names that begin with '.' and links to
 * directories are passed over.
 *
 * FILE::OP and FILE:LINE ask for a part of a cell: up to the operation of that number
 * (from 1), or the one on that line.  A column behind the line is passed over, so that
 * places can be taken from reports.
 *
 * Expected texts: the last part of the notebook's path that is named `cells` is
 * replaced by `expected` (the absolute path is looked at when the path as given has
 * none).  With an expected directory given, a notebook's texts are there under the
 * path that it has below `cells` in the argument, or below the argument.
 */
#ifndef RUNNER_DISCOVER_H
#define RUNNER_DISCOVER_H

#include "runner/text/arena.h"
#include "runner/text/problem.h"

typedef struct CellFile {
    const char *name; /* "04-softmax.yaml" */
    bool selected;    /* asked for; not just run for the sake of a later cell */
    /* How far it is to run: up to the operation of this number (from 1), or on this
     * line; 0: to its end. */
    uint32_t last_op, last_line;
} CellFile;

typedef struct NotebookFiles {
    const char *dir;           /* "cells/backward" */
    const char *expected_root; /* "expected" */
    const char *expected_rel;  /* "backward", "" when the root itself */
    CellFile *cells;           /* in natural order */
    uint32_t n;
    uint32_t n_run;  /* cells up to the last that was asked for */
    bool has_config; /* there is a notebook.yaml */
} NotebookFiles;

/* A directory of expected texts all of whose cells have been found. */
typedef struct ExpectedTree {
    const char *root, *rel; /* as in NotebookFiles */
} ExpectedTree;

typedef struct Collection {
    NotebookFiles *notebooks;
    ExpectedTree *trees;
    uint32_t n, n_trees;
    size_t cap, trees_cap;
} Collection;

/* What the n paths name; everything lies in the arena, and the paths are kept.
 * `expected` may be NULL. False with *p set (a path that cannot be read or is no cell;
 * two notebooks with one place for their texts), or with MemoryError pending. */
bool discover(Arena *a, const char *const *paths, size_t n, const char *expected,
              Collection *found, Problem *p);

/* "cells/backward/04-softmax.yaml" */
const char *cell_path(Arena *a, const NotebookFiles *nb, uint32_t cell);
/* "expected/backward/04-softmax.txt" */
const char *cell_expected_path(Arena *a, const NotebookFiles *nb, uint32_t cell);
/* "04-softmax.txt", of that cell and of "04-softmax.yaml" */
const char *cell_expected_name(Arena *a, const NotebookFiles *nb, uint32_t cell);
const char *expected_name(Arena *a, const char *name);

#endif
