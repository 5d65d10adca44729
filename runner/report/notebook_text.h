/* notebook_text: the bytes of all files of one notebook, read before it runs.
 *
 * Whoever runs the cells needs no file any more.  Nothing is looked into here; what
 * could not be read is an errno, for which the cell fails when its turn comes.
 */
#ifndef RUNNER_NOTEBOOK_TEXT_H
#define RUNNER_NOTEBOOK_TEXT_H

#include "runner/read/discover.h"

typedef struct FileText {
    const char *path;
    const char *text; /* a NUL follows */
    size_t len;       /* more than YAML_MAX_BYTES for a cell that is too long */
    int error;        /* 0, or an errno */
} FileText;

typedef struct NotebookText {
    const NotebookFiles *files;
    FileText config;            /* of notebook.yaml; path NULL when there is none */
    FileText *cells, *expected; /* n_run of each */
} NotebookText;

/* Reads the files of the cells that are to run; everything lies in the arena, the bytes
 * in `bytes`, which is cleared first. False: memory is short. */
bool notebook_text_read(Arena *a, const NotebookFiles *nb, Buf *bytes,
                        NotebookText *text);

/* The hash of what cells come from, a notebook.yaml or cell behind files with the hash
 * `before`; that of an expected text; that of notebook.yaml and all cells. */
uint64_t source_hash(uint64_t before, const FileText *file);
uint64_t expected_hash(const FileText *file);
uint64_t notebook_hash(const NotebookText *text);

#endif
