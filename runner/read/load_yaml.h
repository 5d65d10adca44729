/* load_yaml: cell files and notebook.yaml, from bytes to CellSource and NotebookConfig.
 *
 * Whatever is wrong with a file is a Problem with file:line:col and a hint; an unknown
 * key names the nearest known one.  Nothing of the file's text is referred to
 * afterwards.
 */
#ifndef RUNNER_LOAD_YAML_H
#define RUNNER_LOAD_YAML_H

#include "runner/read/cell.h"
#include "runner/text/problem.h"

/* Reads a file for the functions below; *len is over their limit when the file is.
 * False with *p set. */
bool load_text(const char *path, Buf *text, size_t *len, Problem *p);

/* `file` (kept, for messages) holds `len` bytes followed by a NUL. False with *p set,
 * or with MemoryError pending in the arena's context. */
bool load_cell(Arena *a, const char *file, const char *text, size_t len,
               CellSource *cell, Problem *p);
/* An empty notebook.yaml, or one of comments, is one without keys. */
bool load_notebook(Arena *a, const char *file, const char *text, size_t len,
                   NotebookConfig *config, Problem *p);

#endif
