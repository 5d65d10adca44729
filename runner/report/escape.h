/* escape: text from cells and files in the formats of reports for machines.
 *
 * First everything is made safe as shown.h does: control bytes, bytes that are no
 * UTF-8, bidirectional controls become visible escapes.  Then what means something in
 * the format is replaced, a backslash of such an escape included.  With ESCAPE_LINES
 * line ends and tabs stay what they are, as the format writes them.
 */
#ifndef RUNNER_ESCAPE_H
#define RUNNER_ESCAPE_H

#include "core/core.h"

typedef enum EscapeFormat {
    ESCAPE_XML,             /* content and quoted attributes */
    ESCAPE_HTML,            /* the same, in lines that never are blank: line ends are
                               &#10;, so that no Markdown begins within */
    ESCAPE_YAML,            /* inside double quotes */
    ESCAPE_TAP,             /* the description of a test point */
    ESCAPE_GITHUB,          /* the message of a workflow command */
    ESCAPE_GITHUB_PROPERTY, /* one of its properties */
} EscapeFormat;

/* One of these with a format keeps its line ends and tabs. */
enum { ESCAPE_LINES = 0x100 };

/* Appends n bytes of text; `format` is an EscapeFormat, with ESCAPE_LINES or without.
 */
void escape(Buf *out, unsigned format, const char *text, size_t n);
/* The same for a text that a NUL ends. */
void escape_text(Buf *out, unsigned format, const char *text);

#endif
