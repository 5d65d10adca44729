/* See notebook_text.h. */
#include "runner/report/notebook_text.h"

#include "runner/read/expected.h"
#include "runner/read/file.h"
#include "runner/text/hash.h"
#include "runner/text/yaml_tree.h"

#include <errno.h>

/* The text is known by its offset until all are read, since `bytes` may move. */
typedef struct Offset {
    size_t at, len;
} Offset;

static Offset read_cell(FileText *file, Buf *bytes) {
    size_t at = bytes->len;
    file->error = file_read(file->path, YAML_MAX_BYTES, bytes);
    size_t len = bytes->len - at;
    if (file->error == EFBIG) len = YAML_MAX_BYTES + 1;
    if (file->error == EFBIG) file->error = 0;
    buf_putc(bytes, '\0');
    return (Offset){at, len};
}

static Offset read_expected(FileText *file, Buf *bytes) {
    size_t at = bytes->len;
    file->error = expected_read(file->path, bytes);
    size_t len = bytes->len - at;
    buf_putc(bytes, '\0');
    return (Offset){at, len};
}

static void settle(FileText *file, const Buf *bytes, Offset offset) {
    file->text = buf_text(bytes) + offset.at;
    file->len = offset.len;
}

bool notebook_text_read(Arena *a, const NotebookFiles *nb, Buf *bytes,
                        NotebookText *text) {
    uint32_t n = nb->n_run;
    Offset config = {0, 0};
    Offset *offsets = arena_alloc(a, (2 * (size_t)n + 1) * sizeof *offsets);
    *text = (NotebookText){.files = nb,
                           .cells = arena_alloc(a, (n + 1) * sizeof(FileText)),
                           .expected = arena_alloc(a, (n + 1) * sizeof(FileText))};
    if (!offsets || !text->cells || !text->expected) return false;
    buf_clear(bytes);
    if (nb->has_config) {
        text->config.path = path_join(a, nb->dir, "notebook.yaml");
        if (!text->config.path) return false;
        config = read_cell(&text->config, bytes);
    }
    for (uint32_t i = 0; i < n; i++) {
        text->cells[i].path = cell_path(a, nb, i);
        text->expected[i].path = cell_expected_path(a, nb, i);
        if (!text->cells[i].path || !text->expected[i].path) return false;
        offsets[2 * i] = read_cell(&text->cells[i], bytes);
        offsets[2 * i + 1] = read_expected(&text->expected[i], bytes);
    }
    settle(&text->config, bytes, config);
    for (uint32_t i = 0; i < n; i++) {
        settle(&text->cells[i], bytes, offsets[2 * i]);
        settle(&text->expected[i], bytes, offsets[2 * i + 1]);
    }
    return !bytes->failed;
}

/* A file that is longer than it may be is not there whole. */
static uint64_t hash_file(uint64_t before, const FileText *file, size_t most) {
    uint64_t n = file->error ? UINT64_MAX - (uint64_t)file->error : file->len;
    uint64_t hash = hash_more(before, (const char *)&n, sizeof n);
    bool whole = !file->error && file->text && file->len <= most;
    return whole ? hash_more(hash, file->text, file->len) : hash;
}

uint64_t source_hash(uint64_t before, const FileText *file) {
    return hash_file(before, file, YAML_MAX_BYTES);
}

uint64_t expected_hash(const FileText *file) {
    return hash_file(HASH_EMPTY, file, EXPECTED_MAX_BYTES);
}

uint64_t notebook_hash(const NotebookText *text) {
    uint64_t hash = source_hash(HASH_EMPTY, &text->config);
    for (uint32_t i = 0; i < text->files->n_run; i++)
        hash = source_hash(hash, &text->cells[i]);
    return hash;
}
