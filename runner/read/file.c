/* See file.h. */
#include "runner/read/file.h"

#include "runner/text/natural.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t limit, Buf *out) {
    char block[16 * 1024];
    for (size_t total = 0;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN ? 0 : errno;
        total += (size_t)n;
        if (total > limit) return EFBIG;
        buf_add(out, block, (size_t)n);
        if (out->failed) return ENOMEM;
        /* A regular file gives less than asked for only at its end. */
        if ((size_t)n < sizeof block) return 0;
    }
}

int file_read(const char *path, size_t limit, Buf *out) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return errno;
    int error = read_all(fd, limit, out);
    close(fd);
    return error;
}

typedef struct Names {
    const char **items;
    uint32_t n;
    size_t cap;
} Names;

static bool add_name(Arena *a, Names *names, const char *name) {
    void *items = names->items;
    if (!arena_grow(a, &items, names->n, &names->cap, sizeof *names->items))
        return false;
    names->items = items;
    return (names->items[names->n++] = arena_text(a, name, strlen(name))) != NULL;
}

FileKind file_kind(DIR *dir, const struct dirent *entry) {
    struct stat st;
    if (entry->d_type == DT_REG) return FILE_REGULAR;
    if (entry->d_type == DT_DIR) return FILE_DIRECTORY;
    if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW)) return FILE_OTHER;
    if (S_ISDIR(st.st_mode)) return FILE_DIRECTORY;
    /* A link that leads nowhere: whoever opens it says so. */
    if (S_ISLNK(st.st_mode) && fstatat(dirfd(dir), entry->d_name, &st, 0))
        return FILE_REGULAR;
    return S_ISREG(st.st_mode) ? FILE_REGULAR : FILE_OTHER;
}

static int compare_names(const void *x, const void *y) {
    return natural_compare(*(const char *const *)x, *(const char *const *)y);
}

int file_list(Arena *a, const char *path, DirNames *names) {
    DIR *dir = opendir(*path ? path : ".");
    if (!dir) return errno;
    Names files = {.n = 0}, dirs = {.n = 0};
    bool stored = true;
    errno = 0;
    for (struct dirent *entry; stored && (entry = readdir(dir)); errno = 0) {
        if (entry->d_name[0] == '.') continue;
        FileKind kind = file_kind(dir, entry);
        if (kind != FILE_OTHER)
            stored = add_name(a, kind == FILE_REGULAR ? &files : &dirs, entry->d_name);
    }
    int error = stored ? errno : ENOMEM;
    closedir(dir);
    if (files.n) qsort(files.items, files.n, sizeof *files.items, compare_names);
    if (dirs.n) qsort(dirs.items, dirs.n, sizeof *dirs.items, compare_names);
    *names = (DirNames){files.items, dirs.items, files.n, dirs.n};
    return error;
}

const char *path_join(Arena *a, const char *dir, const char *name) {
    if (dir[0] == '\0' || strcmp(dir, ".") == 0)
        return arena_text(a, name, strlen(name));
    if (name[0] == '\0') return arena_text(a, dir, strlen(dir));
    size_t n = strlen(dir), m = strlen(name);
    bool slash = dir[n - 1] != '/';
    char *path = arena_alloc(a, n + slash + m + 1);
    if (!path) return NULL;
    memcpy(path, dir, n);
    if (slash) path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

/* Goes from the absolute path, which has room, along the parts of `path`. */
static void follow(char *whole, const char *path) {
    for (size_t n; *path; path += n + (path[n] == '/')) {
        char *end = whole + strlen(whole);
        n = strcspn(path, "/");
        if (n == 0 || (n == 1 && *path == '.')) continue;
        if (n == 2 && memcmp(path, "..", 2) == 0) {
            *strrchr(whole, '/') = '\0';
            if (!*whole) memcpy(whole, "/", 2);
            continue;
        }
        if (end[-1] != '/') *end++ = '/';
        memcpy(end, path, n);
        end[n] = '\0';
    }
}

const char *path_absolute(Arena *a, const char *cwd, const char *path) {
    char *whole = arena_alloc(a, strlen(cwd) + strlen(path) + 3);
    if (!whole) return NULL;
    memcpy(whole, "/", 2);
    if (*path != '/') follow(whole, cwd);
    follow(whole, path);
    return whole;
}
