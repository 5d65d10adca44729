/* See escape.h. */
#include "runner/report/escape.h"

#include "runner/report/shown.h"

#include <string.h>

typedef struct Replacement {
    char ch;
    const char *text;
} Replacement;

enum { REPLACEMENTS = 6 };

static const Replacement tables[][REPLACEMENTS + 1] = {
    [ESCAPE_XML] = {{'&', "&amp;"},
                    {'<', "&lt;"},
                    {'>', "&gt;"},
                    {'"', "&quot;"},
                    {'\'', "&#39;"}},
    [ESCAPE_HTML] = {{'&', "&amp;"},
                     {'<', "&lt;"},
                     {'>', "&gt;"},
                     {'"', "&quot;"},
                     {'\'', "&#39;"},
                     {'\n', "&#10;"}},
    [ESCAPE_YAML] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\t', "\\t"}},
    /* Not every reader knows "\\#", and takes what follows for a directive. */
    [ESCAPE_TAP] = {{'#', "\\\\x23"}, {'\\', "\\\\"}},
    [ESCAPE_GITHUB] = {{'%', "%25"}, {'\n', "%0A"}},
    [ESCAPE_GITHUB_PROPERTY] = {{'%', "%25"}, {':', "%3A"}, {',', "%2C"}},
};

static const char *replacement(const Replacement *table, char ch) {
    for (; table->ch; table++)
        if (table->ch == ch) return table->text;
    return NULL;
}

/* One character, or the escape for what is unsafe; only its first byte can mean
 * anything in a format. */
static void put_char(Buf *out, const Replacement *table, const char **s,
                     const char *end) {
    char rest[16];
    size_t start = out->len;
    show_char(out, s, end);
    size_t n = out->len - start;
    if (n == 0 || n > sizeof rest) return;
    const char *text = replacement(table, out->data[start]);
    if (!text) return;
    memcpy(rest, out->data + start + 1, n - 1);
    out->len = start;
    buf_puts(out, text);
    buf_add(out, rest, n - 1);
}

void escape(Buf *out, unsigned format, const char *text, size_t n) {
    const Replacement *table = tables[format & ~(unsigned)ESCAPE_LINES];
    bool lines = format & ESCAPE_LINES;
    for (const char *s = text, *end = text + n; s < end;) {
        if (lines && (*s == '\n' || *s == '\t')) {
            const char *line_end = replacement(table, *s);
            if (line_end)
                buf_puts(out, line_end);
            else
                buf_putc(out, *s);
            s++;
        } else {
            put_char(out, table, &s, end);
        }
    }
}

void escape_text(Buf *out, unsigned format, const char *text) {
    escape(out, format, text, strlen(text));
}
