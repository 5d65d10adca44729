/* The out-of-memory sweep: runs whole notebooks with the n-th request for memory
 * refused, for n = 1, 2, 3 ... until a run needs fewer requests than n.
 *
 * usage: oom DENSE COARSE DIRECTORY...   speaks TAP, one test a notebook below
 *        oom at N NOTEBOOK               prints what the run without request N prints
 *
 * Each run must come to its end, leave no block behind, and either say MemoryError or
 * print what the undisturbed run prints.  Every n up to DENSE is tried; beyond it the
 * step grows with n (one part in DENSE), so that a notebook of N requests costs some
 * DENSE * (1 + ln(N / DENSE)) runs; DENSE is less where N is so large that each of
 * these takes long. The many small notebooks of single operators, those
 * below a directory ops-*, and the notebooks below a topic take COARSE in its place.
 */
#include "runner/read/file.h"
#include "runner/read/load_yaml.h"
#include "runner/run/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct CellText {
    char *path, *text;
    size_t len;
} CellText;

typedef struct Notebook {
    CellText *cells;
    size_t n;
    bool catches; /* some cell has an `except`, which may take the MemoryError */
} Notebook;

typedef struct Paths {
    char **items;
    size_t n;
} Paths;

typedef struct Outcome {
    char *text; /* what all cells printed */
    size_t len;
    uint64_t requests;  /* since the session was open */
    size_t live_blocks; /* after its end */
    bool said_so;       /* something reported the lack of memory */
} Outcome;

static void *must(void *p) {
    if (!p) {
        puts("Bail out! no memory for the test itself");
        exit(1);
    }
    return p;
}

static char *copied(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(must(malloc(size)), text, size);
}

/* ---- notebooks ---- */

static void add_path(Paths *p, const char *path) {
    p->items = must(realloc(p->items, (p->n + 1) * sizeof *p->items));
    p->items[p->n++] = copied(path);
}

static void read_cell(Notebook *nb, const char *path) {
    Mem mem;
    Buf text;
    mem_init(&mem);
    buf_init(&text, &mem);
    if (file_read(path, SIZE_MAX / 4, &text) != 0) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    nb->cells = must(realloc(nb->cells, (nb->n + 1) * sizeof *nb->cells));
    CellText *cell = &nb->cells[nb->n++];
    cell->len = text.len;
    cell->path = copied(path);
    cell->text = memcpy(must(malloc(text.len + 1)), buf_text(&text), text.len + 1);
    if (strstr(cell->text, "except")) nb->catches = true;
    buf_free(&text);
    mem_close(&mem);
}

/* The cells that lie directly in `dir`; in `deeper`, when it is not NULL, the paths of
 * its directories. */
static Notebook notebook_read(const char *dir, Paths *deeper) {
    Notebook nb = {0};
    Ctx c;
    Arena arena;
    DirNames names = {0};
    ctx_open(&c);
    arena_init(&arena, &c);
    file_list(&arena, dir, &names);
    for (uint32_t i = 0; i < names.n_files; i++)
        if (strcmp(names.files[i], "notebook.yaml") != 0)
            read_cell(&nb, path_join(&arena, dir, names.files[i]));
    for (uint32_t i = 0; deeper && i < names.n_dirs; i++)
        add_path(deeper, path_join(&arena, dir, names.dirs[i]));
    arena_free(&arena);
    ctx_close(&c);
    return nb;
}

static void notebook_free(Notebook *nb) {
    for (size_t i = 0; i < nb->n; i++) {
        free(nb->cells[i].path);
        free(nb->cells[i].text);
    }
    free(nb->cells);
}

/* ---- one run ---- */

static void keep(Outcome *o, const char *text, size_t len) {
    o->text = must(realloc(o->text, o->len + len + 1));
    memcpy(o->text + o->len, text, len);
    o->len += len;
    o->text[o->len] = '\0';
}

static void run_cell(Session *s, const CellText *text, Outcome *o) {
    Arena arena;
    CellSource cell;
    Problem problem;
    SessionRun run;
    arena_init(&arena, &s->ctx);
    if (load_cell(&arena, text->path, text->text, text->len, &cell, &problem)) {
        session_run(s, text->path, &cell, UINT32_MAX, &run);
        keep(o, run.out, run.len);
        if (run.end == SESSION_MEMORY || run.error == MemoryError) o->said_so = true;
    } else {
        if (s->ctx.error.kind == MemoryError) o->said_so = true;
        error_clear(&s->ctx);
    }
    arena_free(&arena);
}

/* Runs the notebook with request number `fail_at` refused; 0 refuses none. */
static Outcome run_notebook(const Notebook *nb, uint64_t fail_at) {
    Outcome o = {0};
    Session s;
    Buf out;
    keep(&o, "", 0);
    buf_init(&out, &s.ctx.mem);
    if (!session_open(&s, 0, (SessionView){&out, NULL})) must(NULL);
    Mem *mem = &s.ctx.mem;
    uint64_t before = mem->requests;
    mem->fail_at = fail_at ? before + fail_at : 0;
    for (size_t i = 0; i < nb->n; i++) run_cell(&s, &nb->cells[i], &o);
    buf_free(&out);
    session_close(&s);
    o.requests = mem->requests - before;
    o.live_blocks = mem->live_blocks;
    if (strstr(o.text, "MemoryError")) o.said_so = true;
    return o;
}

/* ---- the sweep ---- */

/* Why the run is wrong, or NULL. */
static const char *judge(const Notebook *nb, const Outcome *whole, const Outcome *o) {
    bool same = o->len == whole->len && memcmp(o->text, whole->text, o->len) == 0;
    if (o->live_blocks != 0) return "leaves memory behind";
    if (!o->said_so && !same && !nb->catches)
        return "prints something else without a MemoryError";
    return NULL;
}

static bool sweep(const Notebook *nb, uint64_t dense, int number, const char *name) {
    enum { MOST = 400000 }; /* of dense * requests */
    Outcome whole = run_notebook(nb, 0);
    if (dense > 1 && dense * whole.requests > MOST) dense = 1 + MOST / whole.requests;
    const char *wrong = whole.live_blocks ? "leaves memory behind" : NULL;
    uint64_t n = 0, runs = 1;
    bool reached = true;
    while (!wrong && reached) {
        n += n < dense ? 1 : 1 + n / dense;
        Outcome o = run_notebook(nb, n);
        reached = o.requests >= n;
        wrong = judge(nb, &whole, &o);
        runs++;
        free(o.text);
    }
    printf("%s %d - %s: %llu requests, %llu runs\n", wrong ? "not ok" : "ok", number,
           name, (unsigned long long)whole.requests, (unsigned long long)runs);
    if (wrong) printf("#   without request %llu it %s\n", (unsigned long long)n, wrong);
    free(whole.text);
    return !wrong;
}

static int show(const char *dir, uint64_t n) {
    Notebook nb = notebook_read(dir, NULL);
    Outcome o = run_notebook(&nb, n);
    fwrite(o.text, 1, o.len, stdout);
    printf("-- %zu blocks left\n", o.live_blocks);
    free(o.text);
    notebook_free(&nb);
    return 0;
}

/* A notebook of one operator, or one that stands below a topic. */
static bool is_one_of_many(const char *path) {
    const char *cells = strstr(path, "/conformance/cells/");
    return strstr(path, "/ops-") ||
           (cells && strchr(cells + strlen("/conformance/cells/"), '/'));
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "at") == 0)
        return show(argv[3], strtoull(argv[2], NULL, 10));
    uint64_t dense = argc > 3 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t coarse = argc > 3 ? strtoull(argv[2], NULL, 10) : 1;
    Paths paths = {0};
    for (int i = 3; i < argc; i++) add_path(&paths, argv[i]);
    int number = 0, failed = 0;
    for (size_t i = 0; i < paths.n; i++) { /* paths.n grows */
        Notebook nb = notebook_read(paths.items[i], &paths);
        const char *name = strrchr(paths.items[i], '/');
        name = name ? name + 1 : paths.items[i];
        uint64_t step = is_one_of_many(paths.items[i]) ? coarse : dense;
        if (nb.n > 0 && !sweep(&nb, step, ++number, name)) failed++;
        notebook_free(&nb);
        fflush(stdout);
    }
    for (size_t i = 0; i < paths.n; i++) free(paths.items[i]);
    free(paths.items);
    printf("1..%d\n", number);
    return failed || !number ? 1 : 0;
}
