/* See term_diff.h. */
#include "runner/report/term_diff.h"

#include "runner/report/shown.h"

#include <string.h>

enum {
    CONTEXT = 2,     /* lines shown before and after a difference */
    MOST_LINES = 40, /* of differences */
    MOST_COLUMNS = 160,
    LEAD_COLUMNS = 40 /* of what is the same, shown before the difference */
};

typedef struct Painter {
    Buf *out;
    DiffStyle style;
    const Diff *diff;
    size_t shown, hidden; /* lines that differ */
} Painter;

/* How one line is shown. */
typedef struct LineStyle {
    char marker;
    size_t skip; /* bytes left out at the start, the same on both sides */
    bool spaces; /* show all of them */
} LineStyle;

static size_t bare_length(const Line *line) {
    return line->len - (line->len && line->text[line->len - 1] == '\n');
}

static bool is_blank(char ch) {
    return ch == ' ' || ch == '\t';
}

static size_t content_length(const Line *line) {
    size_t n = bare_length(line);
    while (n && is_blank(line->text[n - 1])) n--;
    return n;
}

/* ---- one line ---- */

static void paint_text(const Painter *p, const Line *line, LineStyle style) {
    const char *s = line->text + style.skip, *end = line->text + bare_length(line);
    const char *content = line->text + content_length(line);
    if (style.skip) buf_puts(p->out, "…");
    for (size_t columns = 0; s < end;) {
        if (columns >= MOST_COLUMNS && !p->style.full) {
            buf_printf(p->out, "… (%zu more bytes)", (size_t)(end - s));
            return;
        }
        bool visible = style.marker != ' ' && (style.spaces || s >= content);
        if (visible && is_blank(*s)) {
            buf_puts(p->out, *s == ' ' ? "·" : "→");
            s++;
            columns++;
        } else {
            columns += show_char(p->out, &s, end);
        }
    }
}

static void paint_line(const Painter *p, const Line *line, LineStyle style) {
    Colour colour = style.marker == '-'   ? COLOUR_EXPECTED
                    : style.marker == '+' ? COLOUR_ACTUAL
                                          : COLOUR_NONE;
    bool colours = p->style.colour && colour != COLOUR_NONE;
    buf_puts(p->out, "    ");
    show_colour(p->out, colours, colour);
    buf_putc(p->out, style.marker);
    buf_putc(p->out, ' ');
    paint_text(p, line, style);
    if (style.marker != ' ' && bare_length(line) == line->len)
        buf_puts(p->out, " (no newline at the end)");
    show_colour(p->out, colours, COLOUR_NONE);
    buf_putc(p->out, '\n');
}

/* ---- a pair of lines ---- */

static bool is_token_end(char ch) {
    return is_blank(ch) || ch == ',' || ch == '[' || ch == ']' || ch == '(' ||
           ch == ')';
}

/* The next word of a line, from *at on; an empty one at the line's end. */
static Line next_token(const Line *line, size_t *at) {
    size_t n = bare_length(line);
    while (*at < n && is_token_end(line->text[*at])) (*at)++;
    size_t start = *at;
    while (*at < n && !is_token_end(line->text[*at])) (*at)++;
    return (Line){line->text + start, *at - start};
}

static size_t count_tokens(const Line *line) {
    size_t n = 0, at = 0;
    while (next_token(line, &at).len) n++;
    return n;
}

static size_t columns_of(Buf *scratch, const char *s, const char *end) {
    size_t columns = 0;
    buf_clear(scratch);
    while (s < end) columns += show_char(scratch, &s, end);
    return columns;
}

/* Carets under the words of b that differ from those of a, when words pair up. */
static void paint_carets(const Painter *p, const Line *a, const Line *b, size_t skip) {
    if (count_tokens(a) != count_tokens(b) || bare_length(b) > MOST_COLUMNS * 2) return;
    Buf carets, scratch;
    buf_init(&carets, p->out->mem);
    buf_init(&scratch, p->out->mem);
    size_t i = 0, k = 0, from = skip;
    bool any = false;
    for (;;) {
        Line x = next_token(a, &i), y = next_token(b, &k);
        if (y.len == 0) break;
        size_t start = (size_t)(y.text - b->text);
        bool same = x.len == y.len && memcmp(x.text, y.text, x.len) == 0;
        if (same || start < skip) continue;
        buf_repeat(&carets, ' ', columns_of(&scratch, b->text + from, y.text));
        buf_repeat(&carets, '^', columns_of(&scratch, y.text, y.text + y.len));
        from = start + y.len;
        any = true;
    }
    if (any && carets.len < MOST_COLUMNS) {
        show_colour(p->out, p->style.colour, COLOUR_DIM);
        buf_printf(p->out, "      %s%s", skip ? " " : "", buf_text(&carets));
        show_colour(p->out, p->style.colour, COLOUR_NONE);
        buf_putc(p->out, '\n');
    }
    buf_free(&carets);
    buf_free(&scratch);
}

static bool same_but_space(const Line *a, const Line *b) {
    size_t i = 0, k = 0, n = bare_length(a), m = bare_length(b);
    for (;;) {
        while (i < n && is_blank(a->text[i])) i++;
        while (k < m && is_blank(b->text[k])) k++;
        if (i == n || k == m) return i == n && k == m;
        if (a->text[i++] != b->text[k++]) return false;
    }
}

/* How much of a long common start is left out; a whole number of characters. */
static size_t common_skip(const Painter *p, const Line *a, const Line *b) {
    size_t i = 0;
    while (i < bare_length(a) && i < bare_length(b) && a->text[i] == b->text[i]) i++;
    if (p->style.full || i < MOST_COLUMNS / 2) return 0;
    i -= LEAD_COLUMNS;
    while (i && ((unsigned char)a->text[i] & 0xC0) == 0x80) i--;
    return i;
}

static void paint_pair(const Painter *p, const Line *a, const Line *b) {
    bool spaces = same_but_space(a, b);
    size_t skip = common_skip(p, a, b);
    paint_line(p, a, (LineStyle){'-', skip, spaces});
    paint_line(p, b, (LineStyle){'+', skip, spaces});
    if (!spaces) paint_carets(p, a, b, skip);
}

/* ---- hunks ---- */

/* True when another line that differs may be shown; counts it either way. */
static bool admit(Painter *p) {
    bool room = p->style.full || p->shown < MOST_LINES;
    ++*(room ? &p->shown : &p->hidden);
    return room;
}

static void paint_hunk(Painter *p, const Hunk *h) {
    const Line *a = p->diff->a.items + h->a, *b = p->diff->b.items + h->b;
    if (h->a_n == h->b_n) {
        for (size_t i = 0; i < h->a_n; i++)
            if (admit(p)) paint_pair(p, &a[i], &b[i]);
        return;
    }
    for (size_t i = 0; i < h->a_n; i++)
        if (admit(p)) paint_line(p, &a[i], (LineStyle){'-', 0, false});
    for (size_t i = 0; i < h->b_n; i++)
        if (admit(p)) paint_line(p, &b[i], (LineStyle){'+', 0, false});
}

static void paint_count(const Painter *p, size_t n, const char *what) {
    show_colour(p->out, p->style.colour, COLOUR_DIM);
    buf_printf(p->out, "      … %zu line%s %s", n, n == 1 ? "" : "s", what);
    show_colour(p->out, p->style.colour, COLOUR_NONE);
    buf_putc(p->out, '\n');
}

/* The same lines [from, to) of b between two differences; the ends of the text have no
 * difference on their other side. */
static void paint_same(const Painter *p, size_t from, size_t to, bool first,
                       bool last) {
    if (p->hidden) return;
    const Line *lines = p->diff->b.items;
    size_t n = to - from, head = first ? 0 : CONTEXT, tail = last ? 0 : CONTEXT;
    if (n <= head + tail + 1 || p->style.full) head = n, tail = 0;
    for (size_t i = 0; i < head; i++)
        paint_line(p, &lines[from + i], (LineStyle){' ', 0, false});
    if (n > head + tail) paint_count(p, n - head - tail, "the same");
    for (size_t i = n > head + tail ? to - tail : to; i < to; i++)
        paint_line(p, &lines[i], (LineStyle){' ', 0, false});
}

static void paint_legend(const Painter *p) {
    bool on = p->style.colour;
    buf_puts(p->out, "    ");
    show_colour(p->out, on, COLOUR_EXPECTED);
    buf_puts(p->out, "- expected");
    show_colour(p->out, on, COLOUR_NONE);
    buf_puts(p->out, "   ");
    show_colour(p->out, on, COLOUR_ACTUAL);
    buf_puts(p->out, "+ actual");
    show_colour(p->out, on, COLOUR_NONE);
    buf_putc(p->out, '\n');
}

void term_diff(Buf *out, DiffStyle style, const char *expected, size_t expected_len,
               const char *actual, size_t actual_len) {
    Diff diff;
    Painter p = {.out = out, .style = style, .diff = &diff};
    if (!diff_texts(&diff, out->mem, expected, expected_len, actual, actual_len)) {
        out->failed = true;
        diff_free(&diff);
        return;
    }
    paint_legend(&p);
    size_t at = 0;
    for (size_t i = 0; i < diff.n; i++) {
        paint_same(&p, at, diff.hunks[i].b, i == 0, false);
        paint_hunk(&p, &diff.hunks[i]);
        at = diff.hunks[i].b + diff.hunks[i].b_n;
    }
    paint_same(&p, at, diff.b.n, diff.n == 0, true);
    if (p.hidden) paint_count(&p, p.hidden, "more differ (--full shows all)");
    diff_free(&diff);
}

void term_lines(Buf *out, DiffStyle style, char marker, const char *text, size_t len) {
    Painter p = {.out = out, .style = style};
    for (const char *end = text + len; text < end;) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        Line line = {text, nl ? (size_t)(nl - text) + 1 : (size_t)(end - text)};
        if (admit(&p)) paint_line(&p, &line, (LineStyle){marker, 0, false});
        text += line.len;
    }
    if (p.hidden) paint_count(&p, p.hidden, "more (--full shows all)");
}
