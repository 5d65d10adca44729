/* shown: text from cells and files made safe to show, and colours.
 *
 * What a cell prints may try to look like something else.  Control characters, bytes
 * that are no UTF-8 and the characters that turn the direction of text are shown as
 * \xNN (\uNNNN beyond bytes), so that no terminal sequence gets through; so is the
 * start of "##[", which logs of build machines take for a command.
 */
#ifndef RUNNER_SHOWN_H
#define RUNNER_SHOWN_H

#include "core/core.h"

/* Appends n bytes of text; line ends, too, are shown as \x0a. */
void show_text(Buf *out, const char *text, size_t n);
/* At most `most` characters of it, with "…" behind when that is not all. */
void show_start(Buf *out, const char *text, size_t n, size_t most);
/* Appends the character or escape for the bytes at `text`, moves *text behind them,
 * and gives the columns it takes. */
size_t show_char(Buf *out, const char **text, const char *end);

typedef enum Colour {
    COLOUR_NONE,
    COLOUR_FAIL,
    COLOUR_PASS,
    COLOUR_SKIP,
    COLOUR_EXPECTED,
    COLOUR_ACTUAL,
    COLOUR_DIM,
    COLOUR_BOLD
} Colour;

/* Switches to the colour, or back with COLOUR_NONE; nothing when `on` is false. */
void show_colour(Buf *out, bool on, Colour colour);

#endif
