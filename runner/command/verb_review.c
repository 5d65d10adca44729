/* autocell review: one failure of the last run after the other, and a key for each. */
#include "runner/command/review.h"

#include <ctype.h>
#include <errno.h>
#include <termios.h>
#include <unistd.h>

/* ---- keys ---- */

enum { KEY_END = -1, KEY_CTRL_C = 3, KEY_CTRL_D = 4 };

/* The next key, without a line end behind it. */
static int read_key(void) {
    struct termios before, raw;
    unsigned char key;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        raw = before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
    ssize_t n;
    do n = read(STDIN_FILENO, &key, 1);
    while (n < 0 && errno == EINTR);
    if (terminal) tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return n == 1 && key != KEY_CTRL_C && key != KEY_CTRL_D ? key : KEY_END;
}

/* ---- questions ---- */

typedef struct Walk {
    Review review;
    RecordEntry **entries; /* what waits for an answer */
    uint32_t n, at;
} Walk;

static void put_help(Buf *out) {
    buf_puts(out, "  a  accept: write what was printed to the expected file\n"
                  "  r  reject: leave the expected file, and ask no more\n"
                  "  s  skip: decide later\n"
                  "  A, R, S  the same for this one and all behind it\n"
                  "  d  show the whole difference\n"
                  "  q  quit; what is decided stays\n");
}

static void ask(Walk *w) {
    Term *t = &w->review.term;
    show_colour(&t->out, t->style.colour, COLOUR_BOLD);
    buf_printf(&t->out, "%u of %u", (unsigned)w->at + 1, (unsigned)w->n);
    show_colour(&t->out, t->style.colour, COLOUR_NONE);
    buf_puts(&t->out, "  accept, reject, skip, A R S all, diff, quit [a r s d q ?] ");
    term_flush(t);
}

/* Does what a lower-case key asks for to the next `count` entries. False when the key
 * means nothing. */
static bool answer(Walk *w, int key, uint32_t count) {
    switch (key) {
    case 'a': review_accept(&w->review, w->entries + w->at, count); break;
    case 'r': review_reject(&w->review, w->entries + w->at, count); break;
    case 's': break;
    default: return false;
    }
    w->at += count;
    return true;
}

/* One question. False: the review is to end. */
static bool step(Walk *w) {
    Review *r = &w->review;
    ask(w);
    int key = read_key();
    buf_printf(&r->term.out, "%c\n", key > ' ' && key < 0x7F ? key : ' ');
    if (key == KEY_END || key == 'q') return false;
    uint32_t before = w->at;
    if (key == 'd')
        review_show(r, w->entries[w->at], true);
    else if (!answer(w, tolower(key), isupper(key) ? w->n - w->at : 1))
        put_help(&r->term.out);
    if (w->at > before && w->at < w->n) review_show(r, w->entries[w->at], false);
    return w->at < w->n;
}

/* ---- the verb ---- */

static bool is_interactive(void) {
    Problem p = {.kind = PROBLEM_NONE};
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !under_ci()) return true;
    problem_set(&p, PROBLEM_INPUT, "`review` asks questions, which needs a terminal%s",
                under_ci() ? " and is not done under CI" : "");
    problem_hint(&p, "autocell accept [ID...], autocell reject [ID...]");
    return complain(&p) == EXIT_AS_EXPECTED;
}

static bool collect(Walk *w) {
    const Record *record = &w->review.record;
    w->entries = arena_alloc(&w->review.arena, (record->n + 1) * sizeof *w->entries);
    for (uint32_t i = 0; i < record->n && w->entries; i++)
        if (review_is_pending(&record->entries[i]))
            w->entries[w->n++] = &record->entries[i];
    return w->entries;
}

static void put_summary(Walk *w) {
    const Review *r = &w->review;
    Buf *out = &w->review.term.out;
    uint32_t others = 0;
    for (uint32_t i = 0; i < r->record.n; i++)
        others += !result_can_accept(&r->record.entries[i].cell);
    buf_printf(out, "%u change%s: %u accepted, %u rejected, %u left", (unsigned)w->n,
               w->n == 1 ? "" : "s", (unsigned)r->accepted, (unsigned)r->rejected,
               (unsigned)(w->n - r->accepted - r->rejected));
    if (others)
        buf_printf(out, "; %u cell%s failed without a text to accept (run --lf)",
                   (unsigned)others, others == 1 ? "" : "s");
    buf_putc(out, '\n');
}

static int review(Ctx *c, const Options *o) {
    Walk w = {.n = 0};
    if (!is_interactive()) return EXIT_USAGE;
    if (!review_open(&w.review, c, o)) return complain_memory();
    if (collect(&w) && w.n) {
        review_show(&w.review, w.entries[0], false);
        while (step(&w)) {
        }
    }
    put_summary(&w);
    return review_close(&w.review);
}

const Verb verb_review = {
    .name = "review",
    .arguments = "",
    .summary = "step through the failures of the last run",
    .details =
        "Shows each text that differs, and takes a key: a accept, r reject, s skip; A, "
        "R,\n"
        "S for all that follow; d shows the whole difference, q quits. Nothing is "
        "run:\n"
        "what the last run printed is on record. Without a terminal there are `accept` "
        "and\n"
        "`reject`.\n",
    .run = review,
};
