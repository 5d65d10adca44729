/* file: whole files in, and directories as sorted names. */
#ifndef RUNNER_FILE_H
#define RUNNER_FILE_H

#include "runner/text/arena.h"

#include <dirent.h>

/* Appends the file's bytes to `out`. 0, or an errno: EFBIG when it holds more than
 * `limit` bytes, ENOMEM when `out` failed. Never waits (a pipe reads as empty). */
int file_read(const char *path, size_t limit, Buf *out);

/* What a directory's entry is; a link is what it leads to, but never a directory. */
typedef enum FileKind { FILE_REGULAR, FILE_DIRECTORY, FILE_OTHER } FileKind;
FileKind file_kind(DIR *dir, const struct dirent *entry);

typedef struct DirNames {
    const char **files; /* regular files, and links to them */
    const char **dirs;  /* real directories; links are not followed */
    uint32_t n_files, n_dirs;
} DirNames;

/* The names in a directory that do not begin with '.', each list in natural order,
 * from the arena. 0, or an errno (ENOMEM: MemoryError is pending). */
int file_list(Arena *a, const char *dir, DirNames *names);

/* "dir/name"; just name when dir is "." or "". */
const char *path_join(Arena *a, const char *dir, const char *name);
/* The path seen from the absolute directory `cwd`, without "." and "..", as text: links
 * are not looked at. */
const char *path_absolute(Arena *a, const char *cwd, const char *path);

#endif
