/* patch: a change of one file as `patch -p1` and `git apply` take it.
 *
 * The unified format with three lines of context, below the header that git needs for
 * empty files.  Every byte is kept, unless the patch is to be looked at: then it is
 * shown as any other text (shown.h).
 */
#ifndef RUNNER_PATCH_H
#define RUNNER_PATCH_H

#include "core/core.h"

typedef struct PatchSide {
    const char *text; /* NULL: there is no file */
    size_t len;
} PatchSide;

/* Appends the patch that turns `before` into `after`; nothing when they are the same.
 * out->failed when memory is short. */
void patch_file(Buf *out, const char *path, PatchSide before, PatchSide after,
                bool shown);

#endif
