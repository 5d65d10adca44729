/* See expected.h.  A directory is reached from its root with one openat for each part,
 * none of which follows a link, and everything is done relative to it. */
#ifdef __linux__
#define _GNU_SOURCE /* syncfs */
#endif
#include "runner/read/expected.h"

#include "runner/read/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int expected_read(const char *path, Buf *out) {
    return file_read(path, EXPECTED_MAX_BYTES, out);
}

/* ---- conflicts ---- */

static bool starts_with(const char *s, const char *end, char ch) {
    if (end - s < 7) return false;
    for (int i = 0; i < 7; i++)
        if (s[i] != ch) return false;
    return end - s == 7 || s[7] == ' ' || s[7] == '\n' || s[7] == '\r';
}

uint32_t expected_conflict(const char *text, size_t len) {
    static const char marks[] = {'<', '=', '>'};
    const char *end = text + len;
    if (!memchr(text, '<', len)) return 0;
    uint32_t line = 1, first = 0;
    int seen = 0;
    for (const char *s = text; s < end; line++) {
        if (starts_with(s, end, marks[seen])) {
            if (seen == 0) first = line;
            if (++seen == 3) return first;
        }
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        s = nl ? nl + 1 : end;
    }
    return 0;
}

/* ---- directories ---- */

enum { PATH_ROOM = 4096 };
enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static bool is_link(int dir, const char *name) {
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* Opens one part of a path, which is made first when it is missing. -1 with errno set,
 * to ELOOP for a link. */
static int enter(int at, const char *name, bool make) {
    int fd = openat(at, name, DIR_FLAGS);
    if (fd < 0 && errno == ENOENT && make &&
        (mkdirat(at, name, 0777) == 0 || errno == EEXIST))
        fd = openat(at, name, DIR_FLAGS);
    if (fd < 0 && errno == ENOTDIR && is_link(at, name)) errno = ELOOP;
    return fd;
}

/* The directories above the root may be links; the user chose them. */
static bool make_parents(const char *root) {
    char path[PATH_ROOM];
    for (const char *s = strchr(root + 1, '/'); s; s = strchr(s + 1, '/')) {
        size_t n = (size_t)(s - root);
        if (n >= sizeof path) errno = ENAMETOOLONG;
        if (n >= sizeof path) return false;
        memcpy(path, root, n);
        path[n] = '\0';
        if (mkdir(path, 0777) && errno != EEXIST) return false;
    }
    return true;
}

/* Opens the directory below `fd` that the first part of *rel names, moves *rel on, and
 * closes fd. */
static int descend(int fd, const char **rel, bool make) {
    char name[256];
    size_t n = strcspn(*rel, "/");
    int inner = -1;
    if (n < sizeof name) {
        memcpy(name, *rel, n);
        name[n] = '\0';
        inner = enter(fd, name, make);
    } else {
        errno = ENAMETOOLONG;
    }
    int error = errno;
    close(fd);
    errno = error;
    *rel += n + ((*rel)[n] == '/');
    return inner;
}

/* A descriptor of root/rel; -1 with errno set. */
static int open_dir(const ExpectedTree *dir, bool make) {
    int fd = enter(AT_FDCWD, dir->root, false);
    if (fd < 0 && errno == ENOENT && make && make_parents(dir->root))
        fd = enter(AT_FDCWD, dir->root, true);
    for (const char *rel = dir->rel; fd >= 0 && *rel;) fd = descend(fd, &rel, make);
    return fd;
}

/* ---- writing ---- */

/* The name that a text has until it is whole. */
static bool draft_name(const char *name, char out[256]) {
    int n = snprintf(out, 256, ".%s.%ld", name, (long)getpid());
    return n > 0 && n < 256;
}

static int write_bytes(int fd, const char *text, size_t len) {
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

static int create(int dir, const char *draft) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(dir, draft, flags, 0644);
    if (fd < 0 && errno == EEXIST && unlinkat(dir, draft, 0) == 0)
        fd = openat(dir, draft, flags, 0644);
    return fd;
}

/* An errno; ELOOP when a link has the file's place. */
static int write_draft(int dir, const ExpectedFile *file, bool flush) {
    char draft[256];
    if (!draft_name(file->name, draft)) return ENAMETOOLONG;
    if (is_link(dir, file->name)) return ELOOP;
    int fd = create(dir, draft);
    if (fd < 0) return errno;
    int error = write_bytes(fd, file->text, file->len);
    if (!error && flush && fsync(fd)) error = errno;
    if (close(fd) && !error) error = errno;
    if (error) unlinkat(dir, draft, 0);
    return error;
}

static int rename_draft(int dir, const ExpectedFile *file, bool flush) {
    char draft[256];
    (void)flush;
    draft_name(file->name, draft);
    if (renameat(dir, draft, dir, file->name) == 0) return 0;
    int error = errno;
    unlinkat(dir, draft, 0);
    return error;
}

/* One step of the work for every file that has come so far. With `flush` each file, and
 * each directory at its end, goes to the disk at once. */
static void each_file(ExpectedFile *files, size_t n, bool flush,
                      int (*step)(int dir, const ExpectedFile *file, bool flush)) {
    for (size_t i = 0; i < n;) {
        const ExpectedTree *dir = &files[i].dir;
        int fd = open_dir(dir, true), error = fd < 0 ? errno : 0;
        for (; i < n && strcmp(files[i].dir.rel, dir->rel) == 0 &&
               strcmp(files[i].dir.root, dir->root) == 0;
             i++)
            if (!files[i].error)
                files[i].error = error ? error : step(fd, &files[i], flush);
        if (fd >= 0 && flush) fsync(fd);
        if (fd >= 0) close(fd);
    }
}

/* From so many files on, flushing the whole file system once takes less time than
 * flushing each; only Linux can. */
#ifdef __linux__
enum { MANY = 16 };
#else
enum { MANY = INT_MAX };
#define syncfs(fd) fsync(fd)
#endif

/* Flushes what was written below the roots, with everything else there. An errno. */
static int flush_roots(const ExpectedFile *files, size_t n) {
    int error = 0;
    for (size_t i = 0; i < n && !error; i++) {
        if (i && strcmp(files[i].dir.root, files[i - 1].dir.root) == 0) continue;
        int fd = open_dir(&(ExpectedTree){files[i].dir.root, ""}, false);
        if (fd < 0) continue;
        if (syncfs(fd)) error = errno;
        close(fd);
    }
    return error;
}

static int drop_draft(int dir, const ExpectedFile *file, bool flush) {
    char draft[256];
    (void)flush;
    draft_name(file->name, draft);
    unlinkat(dir, draft, 0);
    return EIO;
}

void expected_write(ExpectedFile *files, size_t n) {
    bool many = n >= MANY;
    for (size_t i = 0; i < n; i++) files[i].error = 0;
    each_file(files, n, !many, write_draft);
    bool safe = !many || flush_roots(files, n) == 0;
    each_file(files, n, !many, safe ? rename_draft : drop_draft);
    if (many) flush_roots(files, n);
}

int expected_remove(const ExpectedTree *dir, const char *name) {
    int fd = open_dir(dir, false);
    if (fd < 0) return errno;
    int error = is_link(fd, name) ? ELOOP : unlinkat(fd, name, 0) ? errno : 0;
    close(fd);
    return error;
}

/* The draft of a process that is no more. */
static bool is_left(const char *name) {
    const char *pid = strrchr(name, '.');
    char *end;
    if (name[0] != '.' || !pid || pid - name < 5 || strncmp(pid - 4, ".txt", 4) != 0)
        return false;
    long number = strtol(pid + 1, &end, 10);
    return *end == '\0' && number > 0 && number <= INT_MAX &&
           kill((pid_t)number, 0) != 0 && errno == ESRCH;
}

void expected_clean(const Collection *found) {
    for (uint32_t i = 0; i < found->n; i++) {
        const NotebookFiles *nb = &found->notebooks[i];
        int fd = open_dir(&(ExpectedTree){nb->expected_root, nb->expected_rel}, false);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir && fd >= 0) close(fd);
        if (!dir) continue;
        for (struct dirent *entry; (entry = readdir(dir));)
            if (is_left(entry->d_name)) unlinkat(fd, entry->d_name, 0);
        closedir(dir);
    }
}

void expected_problem(Problem *p, const char *path, int error) {
    if (error == ELOOP) {
        problem_set(p, PROBLEM_IO,
                    "a symbolic link is in the way; nothing is written through one");
        problem_hint(p, "put a real file or directory in its place");
        problem_at(p, path, 0, 0);
    } else {
        problem_io(p, path, "cannot write", error);
    }
}
