/* sink: where the bytes of a report go: into a file that appears whole, or not at all;
 * or, for standard output, devices and pipes, out as they come.
 *
 * A file is written beside its place, flushed to the disk and renamed over what was
 * there.  Its directories are made as needed.  Whether it can be written shows when it
 * is opened, before anything has run.
 */
#ifndef RUNNER_SINK_H
#define RUNNER_SINK_H

#include "runner/text/arena.h"
#include "runner/text/problem.h"

typedef struct Sink {
    Buf bytes; /* what reports append to */
    const char *path;
    const char *draft; /* the file's name until it is whole; NULL: it is live */
    int fd;
    int error; /* the first that arose, an errno */
} Sink;

/* Opens a sink; `path` is kept, and "-" is standard output. False with *p set, or with
 * MemoryError pending; then there is nothing to close. */
bool sink_open(Sink *s, Arena *a, const char *path, Problem *p);
/* Writes what has gathered, when it is much, or with `now` in any case. */
void sink_write(Sink *s, bool now);
/* Writes the rest and, with `keep`, puts the file in its place. False with *p set when
 * something could not be written. */
bool sink_close(Sink *s, bool keep, Problem *p);

#endif
