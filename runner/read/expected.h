/* expected: reading, writing and keeping in order the texts that cells should print.
 *
 * Writing.  Only below an expected directory, never through a symbolic link: every
 * directory on the way from the root down, the root itself and the file must be real
 * ones.  A text is written to a new file beside the old, which is flushed to the disk
 * and renamed over it; then the directory is flushed.  Stopped at any moment, each
 * file is old or new, never in part.  Directories are made as needed.
 */
#ifndef RUNNER_EXPECTED_H
#define RUNNER_EXPECTED_H

#include "runner/read/discover.h"

enum { EXPECTED_MAX_BYTES = 64 * 1024 * 1024 };

/* Reads the text at `path` into `out`, whose memory must not be short. 0, ENOENT when
 * there is none, or another errno. */
int expected_read(const char *path, Buf *out);

/* The line (from 1) of the first conflict marker of a merge: a line that begins with
 * seven '<', followed by one of seven '=' and one that begins with seven '>'. 0 when
 * there is no such conflict. */
uint32_t expected_conflict(const char *text, size_t len);

typedef struct ExpectedFile {
    ExpectedTree dir;
    const char *name; /* "04-softmax.txt" */
    const char *text;
    size_t len;
    int error; /* what became of it: 0, or an errno, and then the old file is there */
} ExpectedFile;

/* Writes n files. Those of one directory stand together. Many at once cost little more
 * than a few: they are flushed together. */
void expected_write(ExpectedFile *files, size_t n);
/* Removes root/rel/name under the same rules: 0 or an errno. */
int expected_remove(const ExpectedTree *dir, const char *name);
/* Removes what an update that was killed has left half done in the places of these
 * notebooks' texts: its drafts. */
void expected_clean(const Collection *found);
/* Says why the file at `path` was not written or removed. */
void expected_problem(Problem *p, const char *path, int error);

#endif
