/* See sink.h. */
#include "runner/read/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_AT = 64 * 1024 };

/* ---- places ---- */

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* Whether bytes go out as they come. A link below /dev or /proc may lead to a file that
 * somebody else writes to, whose place is not ours to take. */
static bool is_live(const char *path) {
    struct stat st;
    if (starts_with(path, "/dev/") || starts_with(path, "/proc/")) return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* The path behind links, so that a file is replaced and not the link to it. */
static const char *resolve(Arena *a, const char *path) {
    char real[PATH_MAX];
    return realpath(path, real) ? arena_text(a, real, strlen(real)) : path;
}

/* ".name.pid" beside the file. */
static const char *draft_path(Arena *a, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *draft = arena_alloc(a, strlen(path) + 32);
    if (draft)
        snprintf(draft, strlen(path) + 32, "%.*s.%s.%ld", (int)(name - path), path,
                 name, (long)getpid());
    return draft;
}

static void make_parents(Arena *a, const char *path) {
    char *dir = arena_text(a, path, strlen(path));
    for (char *s = dir ? strchr(dir + 1, '/') : NULL; s; s = strchr(s + 1, '/')) {
        *s = '\0';
        mkdir(dir, 0777);
        *s = '/';
    }
}

/* A descriptor, or -1 with errno set. */
static int open_file(Sink *s, Arena *a) {
    struct stat st;
    bool is_there = stat(s->path, &st) == 0;
    if (is_there && S_ISDIR(st.st_mode)) errno = EISDIR;
    if (is_there && (S_ISDIR(st.st_mode) || access(s->path, W_OK))) return -1;
    make_parents(a, s->path);
    unlink(s->draft);
    return open(s->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

bool sink_open(Sink *s, Arena *a, const char *path, Problem *p) {
    *s = (Sink){.path = path};
    if (strcmp(path, "-") == 0) {
        s->path = "standard output";
        s->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    } else if (is_live(path)) {
        s->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    } else {
        s->path = resolve(a, path);
        s->draft = s->path ? draft_path(a, s->path) : NULL;
        if (!s->draft) return false;
        s->fd = open_file(s, a);
    }
    buf_init(&s->bytes, &a->ctx->mem);
    return s->fd >= 0 || problem_io(p, path, "cannot write", errno);
}

/* ---- writing ---- */

void sink_write(Sink *s, bool now) {
    if (s->bytes.len < WRITE_AT && !now) return;
    const char *bytes = buf_text(&s->bytes);
    for (size_t left = s->bytes.len; left && !s->error;) {
        ssize_t n = write(s->fd, bytes, left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            s->error = errno;
        } else {
            bytes += n;
            left -= (size_t)n;
        }
    }
    if (s->bytes.failed) s->error = ENOMEM;
    buf_clear(&s->bytes);
}

/* The file in its place; an errno. */
static int put_in_place(const Sink *s) {
    return fsync(s->fd) || rename(s->draft, s->path) ? errno : 0;
}

bool sink_close(Sink *s, bool keep, Problem *p) {
    sink_write(s, true);
    if (s->draft && keep && !s->error) s->error = put_in_place(s);
    if (s->draft && (s->error || !keep)) unlink(s->draft);
    if (close(s->fd) && !s->error && !s->draft) s->error = errno;
    buf_free(&s->bytes);
    return !s->error || problem_io(p, s->path, "cannot write", s->error);
}
