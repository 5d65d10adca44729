/* term_diff: how two texts differ, shown in lines.
 *
 *     - expected   + actual
 *       tensor([[ 0.2119, -0.5000,  0.2881],
 *     -         [ 0.1042,  0.3958, -0.5000]])
 *     +         [ 0.1042,  0.3957, -0.4999]])
 *                          ^^^^^^   ^^^^^^^
 *
 * Lines that are the same are shown around a difference and counted elsewhere.  Where
 * white space is all that differs it is made visible; so is white space at the end of
 * a line that differs, and a missing newline.
 */
#ifndef RUNNER_TERM_DIFF_H
#define RUNNER_TERM_DIFF_H

#include "runner/text/diff.h"

typedef struct DiffStyle {
    bool colour;
    bool full; /* every line, whole */
} DiffStyle;

/* Appends the legend and the lines, each indented by four. */
void term_diff(Buf *out, DiffStyle style, const char *expected, size_t expected_len,
               const char *actual, size_t actual_len);
/* Appends a text of which there is only the one side, each line behind `marker`. */
void term_lines(Buf *out, DiffStyle style, char marker, const char *text, size_t len);

#endif
