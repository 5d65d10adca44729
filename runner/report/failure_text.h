/* failure_text: what every report says of a failure, in lines; shown.h has made all of
 * it safe, and each report escapes it for its own format.
 *
 *         - expected   + actual
 *         - tensor([1., 2.])
 *         + tensor([1., 3.])
 *                       ^^
 *         1 of 2 elements moved, at most 1, ...
 */
#ifndef RUNNER_FAILURE_TEXT_H
#define RUNNER_FAILURE_TEXT_H

#include "runner/report/report.h"
#include "runner/report/term_diff.h"

/* "cells/a/1.yaml:5:5", where it is. */
void failure_place(Buf *out, const CellResult *cell);
/* "values changed: 1 of 2 elements moved, ...", in one line without its end. */
void failure_message(Buf *out, const CellResult *cell);
/* How what was printed differs from what was expected, or what was printed where there
 * is nothing to hold against it; nothing when neither is known. */
void failure_change(Buf *out, DiffStyle style, const CellResult *cell);
/* What is known of the failure, and what can be done about it. */
void failure_advice(Buf *out, DiffStyle style, const CellResult *cell);
/* A line of these: indented by four, `label` as it is, `text` made safe; nothing when
 * there is no text. */
void failure_line(Buf *out, DiffStyle style, bool dim, const char *label,
                  const char *text);

#endif
