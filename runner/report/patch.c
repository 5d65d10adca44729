/* See patch.h. */
#include "runner/report/patch.h"

#include "runner/report/shown.h"
#include "runner/text/diff.h"

#include <string.h>

enum { CONTEXT = 3 };

typedef struct Patch {
    Buf *out;
    const Diff *diff;
    bool shown;
} Patch;

/* ---- names ---- */

static bool is_plain(const char *path) {
    for (const unsigned char *s = (const unsigned char *)path; *s; s++)
        if (*s < ' ' || *s == '"' || *s == '\\' || *s >= 0x7F) return false;
    return true;
}

/* "a/path", in quotes as in C when it holds what ends a name. */
static void put_name(Buf *out, const char *side, const char *path) {
    bool plain = is_plain(path);
    if (!plain) buf_putc(out, '"');
    buf_puts(out, side);
    if (*path == '/') path++;
    if (plain) {
        buf_puts(out, path);
        return;
    }
    for (const unsigned char *s = (const unsigned char *)path; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_printf(out, "\\%c", *s);
        else if (*s < ' ' || *s >= 0x7F)
            buf_printf(out, "\\%03o", *s);
        else
            buf_putc(out, (char)*s);
    }
    buf_putc(out, '"');
}

/* A name with a blank ends with a tab, or what is behind the blank is taken for a time.
 */
static void put_side(Buf *out, const char *marker, const char *side, const char *path,
                     const PatchSide *file) {
    buf_puts(out, marker);
    if (file->text)
        put_name(out, side, path);
    else
        buf_puts(out, "/dev/null");
    buf_puts(out, file->text && strchr(path, ' ') ? "\t\n" : "\n");
}

/* Empty files have no hunks; patch(1) then wants git's name of what is empty. */
static void put_header(Buf *out, const char *path, const PatchSide *before,
                       const PatchSide *after) {
    buf_puts(out, "diff --git ");
    put_name(out, "a/", path);
    buf_putc(out, ' ');
    put_name(out, "b/", path);
    buf_putc(out, '\n');
    if (!before->text) buf_puts(out, "new file mode 100644\n");
    if (!after->text) buf_puts(out, "deleted file mode 100644\n");
    if (before->len == 0 && after->len == 0)
        buf_puts(out,
                 after->text ? "index 0000000..e69de29\n" : "index e69de29..0000000\n");
}

/* ---- hunks ---- */

static void put_lines(const Patch *p, char marker, const Lines *lines, size_t from,
                      size_t to) {
    for (size_t i = from; i < to; i++) {
        const Line *line = &lines->items[i];
        bool whole = line->text[line->len - 1] == '\n';
        buf_putc(p->out, marker);
        if (p->shown)
            show_text(p->out, line->text, line->len - whole);
        else
            buf_add(p->out, line->text, line->len - whole);
        buf_puts(p->out, whole ? "\n" : "\n\\ No newline at end of file\n");
    }
}

/* "@@ -1,2 +1,3 @@" counts lines from 1; an empty side stands behind the line before.
 */
static void put_range(Buf *out, char marker, size_t from, size_t to) {
    buf_printf(out, " %c%zu,%zu", marker, from + (to > from), to - from);
}

/* How many lines before the hunks [i, last] and behind them are their context. */
static size_t lines_before(const Hunk *first) {
    return first->a < CONTEXT ? first->a : CONTEXT;
}

static size_t lines_behind(const Diff *d, const Hunk *last) {
    size_t left = d->a.n - (last->a + last->a_n);
    return left < CONTEXT ? left : CONTEXT;
}

/* The hunks from `i` whose contexts touch, as one; gives the next. */
static size_t put_hunks(const Patch *p, size_t i) {
    const Diff *d = p->diff;
    const Hunk *first = &d->hunks[i], *last = first, *end = d->hunks + d->n;
    while (last + 1 < end && last[1].a - (last->a + last->a_n) <= 2 * CONTEXT) last++;
    size_t before = lines_before(first), behind = lines_behind(d, last);
    buf_puts(p->out, "@@");
    put_range(p->out, '-', first->a - before, last->a + last->a_n + behind);
    put_range(p->out, '+', first->b - before, last->b + last->b_n + behind);
    buf_puts(p->out, " @@\n");
    size_t at = first->a - before;
    for (const Hunk *h = first; h <= last; h++) {
        put_lines(p, ' ', &d->a, at, h->a);
        put_lines(p, '-', &d->a, h->a, h->a + h->a_n);
        put_lines(p, '+', &d->b, h->b, h->b + h->b_n);
        at = h->a + h->a_n;
    }
    put_lines(p, ' ', &d->a, at, at + behind);
    return (size_t)(last - d->hunks) + 1;
}

void patch_file(Buf *out, const char *path, PatchSide before, PatchSide after,
                bool shown) {
    Diff diff;
    Patch p = {out, &diff, shown};
    const char *old = before.text ? before.text : "",
               *new = after.text ? after.text : "";
    bool same_kind = !before.text == !after.text;
    if (!diff_texts(&diff, out->mem, old, before.len, new, after.len)) {
        out->failed = true;
    } else if (diff.n || !same_kind) {
        put_header(out, path, &before, &after);
        if (diff.n) {
            put_side(out, "--- ", "a/", path, &before);
            put_side(out, "+++ ", "b/", path, &after);
        }
        for (size_t i = 0; i < diff.n;) i = put_hunks(&p, i);
    }
    diff_free(&diff);
}
