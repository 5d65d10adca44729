/* See record.h. */
#include "runner/report/record.h"

#include "runner/read/file.h"
#include "runner/report/wire.h"
#include "runner/text/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char HEAD[] = "autocell record 2\n";
enum { WRITE_AT = 64 * 1024 };
static const size_t RECORD_MOST = (size_t)1 << 30;

/* ---- where it is ---- */

typedef struct Place {
    const char *root; /* of the project */
    const char *dir, *path;
} Place;

/* False when there is no place for it. */
static bool find_place(Arena *a, const Project *project, Place *place) {
    char name[24];
    place->root = project_root(a, project);
    place->dir = project_cache(a);
    if (!place->root || !place->dir) return false;
    uint64_t hash = hash_text(place->root, strlen(place->root));
    snprintf(name, sizeof name, "%016llx", (unsigned long long)hash);
    place->path = path_join(a, place->dir, name);
    return place->path;
}

/* ---- entries ---- */

static void entry_fields(Wire *w, RecordEntry *e) {
    wire_text(w, &e->cwd);
    wire_text(w, &e->dir);
    wire_text(w, &e->name);
    wire_text(w, &e->tree.root);
    wire_text(w, &e->tree.rel);
    wire_bool(w, &e->rejected);
    wire_text(w, &e->cell.path);
    wire_text(w, &e->cell.expected_path);
    const char *path = e->cell.path, *expected_path = e->cell.expected_path;
    wire_cell_fields(w, &e->cell);
    e->cell.path = path;
    e->cell.expected_path = expected_path;
}

static void put_entry(Buf *out, const RecordEntry *entry) {
    Wire w = {.out = out};
    RecordEntry copy = *entry;
    size_t start = wire_begin(out, WIRE_ENTRY);
    entry_fields(&w, &copy);
    wire_finish(out, start);
}

static bool is_cell_name(const char *name) {
    size_t n = strlen(name);
    return n > strlen(".yaml") && strcmp(name + n - strlen(".yaml"), ".yaml") == 0 &&
           !strchr(name, '/');
}

static bool take_entry(const WireRecord *record, RecordEntry *e) {
    Wire w = record->fields;
    *e = (RecordEntry){.cwd = NULL};
    entry_fields(&w, e);
    return record->kind == WIRE_ENTRY && !w.bad && w.at == w.end && e->cwd && e->dir &&
           e->name && is_cell_name(e->name) && e->tree.root && e->tree.rel &&
           e->cell.path && e->cell.expected_path && e->cell.file;
}

/* ---- reading ---- */

static int order_entries(const void *x, const void *y) {
    const RecordEntry *a = *(RecordEntry *const *)x, *b = *(RecordEntry *const *)y;
    int order = strcmp(a->dir, b->dir);
    return order ? order : strcmp(a->name, b->name);
}

/* Names the entries and puts them in order. */
static bool settle_entries(Arena *a, const Project *project, Record *record) {
    ChangePlace place;
    record->sorted = arena_alloc(a, (record->n + 1) * sizeof *record->sorted);
    if (!record->sorted || !change_place(a, project, &place)) return false;
    for (uint32_t i = 0; i < record->n; i++) {
        RecordEntry *e = record->sorted[i] = &record->entries[i];
        change_id(&place, &e->tree, e->name, e->id);
    }
    qsort(record->sorted, record->n, sizeof *record->sorted, order_entries);
    return true;
}

static bool take_entries(Arena *a, const char *bytes, size_t n, Record *record) {
    WireRecord next;
    uint32_t count = 0;
    for (size_t at = 0; at < n; at += next.size, count++)
        if (!wire_next(bytes + at, n - at, &next) || !next.size) return true;
    RecordEntry *entries = arena_alloc(a, (count + 1) * sizeof *entries);
    if (!entries) return false;
    for (uint32_t i = 0; i < count; i++, bytes += next.size, n -= next.size) {
        wire_next(bytes, n, &next);
        if (!take_entry(&next, &entries[i])) return true;
    }
    *record = (Record){.entries = entries, .n = count};
    return true;
}

bool record_read(Arena *a, const Project *project, Record *record) {
    Place place;
    *record = (Record){.n = 0};
    if (!find_place(a, project, &place)) return !ctx_failed(a->ctx);
    Buf bytes;
    buf_init(&bytes, &a->ctx->mem);
    const char *text = NULL;
    size_t n = 0, head = sizeof HEAD - 1, root = strlen(place.root) + 1;
    if (file_read(place.path, RECORD_MOST, &bytes) == 0 && bytes.len >= head + root) {
        text = arena_text(a, bytes.data, bytes.len);
        n = bytes.len;
    }
    buf_free(&bytes);
    if (!text) return !ctx_failed(a->ctx);
    bool ours = memcmp(text, HEAD, head) == 0 &&
                memcmp(text + head, place.root, root - 1) == 0 &&
                text[head + root - 1] == '\n';
    if (ours && !take_entries(a, text + head + root, n - head - root, record))
        return false;
    return settle_entries(a, project, record);
}

RecordEntry *record_find(const Record *record, const char *dir, const char *name) {
    RecordEntry wanted = {.dir = dir, .name = name}, *key = &wanted;
    RecordEntry **found = record->n ? bsearch(&key, record->sorted, record->n,
                                              sizeof *record->sorted, order_entries)
                                    : NULL;
    return found ? *found : NULL;
}

/* ---- writing ---- */

/* A record being written, to a file that takes the place of the old one in the end. */
typedef struct Writer {
    Place place;
    Buf bytes; /* not written yet */
    char *temp;
    int fd;    /* -1: not opened yet */
    int error; /* the first that arose */
} Writer;

static void open_temp(Arena *a, Writer *w) {
    char name[48];
    snprintf(name, sizeof name, ".%ld", (long)getpid());
    size_t n = strlen(w->place.path), m = strlen(name) + 1;
    w->temp = arena_alloc(a, n + m);
    char *parent = arena_text(a, w->place.dir, strlen(w->place.dir));
    if (!w->temp || !parent) {
        w->error = ENOMEM;
        return;
    }
    memcpy(w->temp, w->place.path, n);
    memcpy(w->temp + n, name, m);
    *strrchr(parent, '/') = '\0';
    mkdir(parent, 0700);
    mkdir(w->place.dir, 0700);
    unlink(w->temp);
    w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (w->fd < 0) w->error = errno;
}

static void write_bytes(Arena *a, Writer *w) {
    if (w->fd < 0 && !w->error) open_temp(a, w);
    const char *s = buf_text(&w->bytes);
    for (size_t left = w->bytes.len; left && !w->error;) {
        ssize_t n = write(w->fd, s, left);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) w->error = errno;
        if (n < 0) break;
        s += n;
        left -= (size_t)n;
    }
    if (w->bytes.failed) w->error = ENOMEM;
    buf_clear(&w->bytes);
}

/* False when there is no place for a record. */
static bool open_writer(Arena *a, const Project *project, Writer *w) {
    *w = (Writer){.fd = -1};
    buf_init(&w->bytes, &a->ctx->mem);
    if (!find_place(a, project, &w->place)) return false;
    buf_puts(&w->bytes, HEAD);
    buf_puts(&w->bytes, w->place.root);
    buf_putc(&w->bytes, '\n');
    return true;
}

static void write_entry(Arena *a, Writer *w, const RecordEntry *entry) {
    put_entry(&w->bytes, entry);
    if (w->bytes.len >= WRITE_AT) write_bytes(a, w);
}

/* Puts it in place; without entries there is no file. */
static int close_writer(Arena *a, Writer *w, bool any) {
    if (any) write_bytes(a, w);
    buf_free(&w->bytes);
    if (w->fd >= 0 && close(w->fd) && !w->error) w->error = errno;
    if (!any && unlink(w->place.path) && errno != ENOENT) w->error = errno;
    if (any && !w->error && rename(w->temp, w->place.path)) w->error = errno;
    if (w->fd >= 0 && w->error) unlink(w->temp);
    return w->error;
}

int record_save(Arena *a, const Project *project, const Record *record) {
    Writer w;
    bool any = false;
    if (!open_writer(a, project, &w)) return ENOENT;
    for (uint32_t i = 0; i < record->n; i++) {
        if (record->entries[i].settled) continue;
        write_entry(a, &w, &record->entries[i]);
        any = true;
    }
    return close_writer(a, &w, any);
}

/* ---- the report ---- */

struct Recorder {
    Report report;
    Arena *arena;
    const Project *project;
    const Collection *found;
    const char *cwd;
    Writer writer;
    bool *ran; /* one a notebook */
    bool any;
    bool broken; /* there is no place for a record */
};

static void open_once(Recorder *r) {
    if (r->cwd || r->broken) return;
    r->cwd = project_cwd(r->arena);
    r->broken = !r->cwd || !open_writer(r->arena, r->project, &r->writer);
}

static void on_cell(Report *report, const CellResult *cell) {
    Recorder *r = (Recorder *)report;
    if (cell->state != CELL_FAILED) return;
    open_once(r);
    if (r->broken) return;
    const NotebookFiles *nb = cell->notebook;
    Arena scratch;
    arena_init(&scratch, r->arena->ctx);
    RecordEntry entry = {
        .cell = *cell,
        .cwd = r->cwd,
        .dir = path_absolute(&scratch, r->cwd, nb->dir),
        .name = nb->cells[cell->index].name,
        .tree = {path_absolute(&scratch, r->cwd, nb->expected_root), nb->expected_rel}};
    if (entry.dir && entry.tree.root) {
        write_entry(r->arena, &r->writer, &entry);
        r->any = true;
    }
    arena_free(&scratch);
}

static void on_notebook_end(Report *report, const NotebookFiles *nb) {
    Recorder *r = (Recorder *)report;
    r->ran[nb - r->found->notebooks] = true;
}

/* Settles what the old record holds of cells that this run has had. */
static bool settle_old(const Recorder *r, Record *old) {
    for (uint32_t i = 0; i < r->found->n; i++) {
        const NotebookFiles *nb = &r->found->notebooks[i];
        if (!r->ran[i]) continue;
        const char *dir = path_absolute(r->arena, r->cwd, nb->dir);
        if (!dir) return false;
        for (uint32_t k = 0; k < nb->n_run; k++) {
            RecordEntry *e = record_find(old, dir, nb->cells[k].name);
            if (e) e->settled = true;
        }
    }
    return true;
}

static bool is_gone(Arena *a, const RecordEntry *e) {
    const char *path = path_join(a, e->dir, e->name);
    return path && access(path, F_OK) && errno == ENOENT;
}

static void on_end(Report *report, const RunSummary *sum) {
    Recorder *r = (Recorder *)report;
    Record old;
    (void)sum;
    if (!record_read(r->arena, r->project, &old) || (!r->any && !old.n)) return;
    open_once(r);
    if (r->broken || (old.n && !settle_old(r, &old))) return;
    for (uint32_t i = 0; i < old.n; i++)
        if (!old.entries[i].settled && !is_gone(r->arena, &old.entries[i])) {
            write_entry(r->arena, &r->writer, &old.entries[i]);
            r->any = true;
        }
    close_writer(r->arena, &r->writer, r->any);
}

Report *recorder_open(Arena *a, const Project *project, const Collection *found) {
    static const ReportType type = {
        .cell = on_cell, .notebook_end = on_notebook_end, .end = on_end};
    Recorder *r = arena_alloc(a, sizeof *r);
    if (!r) return NULL;
    *r = (Recorder){
        .report = {.type = &type}, .arena = a, .project = project, .found = found};
    r->ran = arena_alloc(a, (found->n + 1) * sizeof *r->ran);
    return r->ran ? &r->report : NULL;
}
