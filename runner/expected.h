/* expected: reading, writing and keeping in order the texts that cells should print.
 *
 * Writing.  Only below an expected directory, never through a symbolic link: every
 * directory on the way from the root down, the root itself and the file must be real
 * ones.  A text is written to a new file beside the old, which is flushed and renamed
 * over it; then the directory is flushed.  Stopped at any moment, each file is old or
 * new, never in part.  Directories are made as needed.
 */
#ifndef RUNNER_EXPECTED_H
#define RUNNER_EXPECTED_H

#include "runner/discover.h"

enum { EXPECTED_MAX_BYTES = 64 * 1024 * 1024 };

/* Reads the text at `path` into `out`, whose memory must not be short. 0, ENOENT when
 * there is none, or another errno. */
int expected_read(const char *path, Buf *out);

/* The line (from 1) of the first conflict marker of a merge: a line that begins with
 * seven '<', followed by one of seven '=' and one that begins with seven '>'. 0 when
 * there is no such conflict. */
uint32_t expected_conflict(const char *text, size_t len);

typedef struct ExpectedFile {
    const char *name; /* "04-softmax.txt" */
    const char *text;
    size_t len;
} ExpectedFile;

/* Writes n files into root/rel. On failure *p is set and the files that were not
 * renamed yet are as before; `written` counts those that were. */
bool expected_write(const ExpectedTree *dir, const ExpectedFile *files, size_t n,
                    size_t *written, Problem *p);
/* Removes root/rel/name under the same rules. */
bool expected_remove(const ExpectedTree *dir, const char *name, Problem *p);

typedef struct Unreferenced {
    ExpectedTree dir;
    const char *name;
    const char *path; /* of the whole */
} Unreferenced;

/* The texts (*.txt) below the collection's trees that belong to no cell, by their
 * paths in natural order, from the arena. False with *p set or memory short. */
bool expected_unreferenced(Arena *a, const Collection *found,
                           const Unreferenced **items, uint32_t *n, Problem *p);

#endif
