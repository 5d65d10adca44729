/* See wire.h. */
#include "runner/report/wire.h"

#include <string.h>

enum { LENGTH_SIZE = sizeof(uint32_t) };
/* Several texts of the longest kind; more than that is no record. */
static const uint32_t LENGTH_MAX = 1u << 30;

/* ---- fields ---- */

static void wire_raw(Wire *w, void *data, size_t size) {
    if (w->out) {
        buf_add(w->out, data, size);
    } else if (!w->bad && size <= (size_t)(w->end - w->at)) {
        memcpy(data, w->at, size);
        w->at += size;
    } else {
        w->bad = true;
        memset(data, 0, size);
    }
}

static void wire_u8(Wire *w, uint8_t *number) {
    wire_raw(w, number, sizeof *number);
}

static void wire_u32(Wire *w, uint32_t *number) {
    wire_raw(w, number, sizeof *number);
}

static void wire_u64(Wire *w, uint64_t *number) {
    wire_raw(w, number, sizeof *number);
}

static void wire_double(Wire *w, double *number) {
    wire_raw(w, number, sizeof *number);
}

/* A number below `count`. */
static void wire_enum(Wire *w, int *number, int count) {
    uint8_t byte = w->out ? (uint8_t)*number : 0;
    wire_u8(w, &byte);
    if (byte >= count) w->bad = true;
    *number = w->bad ? 0 : byte;
}

void wire_bool(Wire *w, bool *flag) {
    int number = w->out ? *flag : 0;
    wire_enum(w, &number, 2);
    *flag = number;
}

/* The n bytes at `at`, and the NUL behind them, are there. */
static bool has_text(const Wire *w, size_t n) {
    return !w->bad && n < (size_t)(w->end - w->at) && w->at[n] == '\0';
}

static void wire_bytes(Wire *w, const char **bytes, size_t *len) {
    bool some = w->out && *bytes;
    uint64_t n = some ? *len : 0;
    wire_bool(w, &some);
    if (!some) {
        *bytes = NULL;
        *len = 0;
        return;
    }
    wire_u64(w, &n);
    if (w->out) {
        buf_add(w->out, *bytes, (size_t)n);
        buf_putc(w->out, '\0');
        return;
    }
    w->bad |= n > LENGTH_MAX || !has_text(w, (size_t)n);
    *bytes = w->bad ? NULL : w->at;
    *len = w->bad ? 0 : (size_t)n;
    if (!w->bad) w->at += n + 1;
}

void wire_text(Wire *w, const char **text) {
    size_t len = w->out && *text ? strlen(*text) : 0;
    wire_bytes(w, text, &len);
    if (!w->out && *text && strlen(*text) != len) w->bad = true;
}

/* A text in an array of `size`. */
static void wire_array(Wire *w, char *text, size_t size) {
    const char *whole = text;
    wire_text(w, &whole);
    if (w->out) return;
    size_t len = whole ? strlen(whole) : 0;
    if (len >= size) w->bad = true;
    if (w->bad || !whole) len = 0;
    if (len) memcpy(text, whole, len);
    text[len] = '\0';
}

/* ---- what records hold ---- */

static void wire_problem(Wire *w, Problem *p) {
    int kind = (int)p->kind;
    wire_enum(w, &kind, PROBLEM_BUG + 1);
    p->kind = (ProblemKind)kind;
    if (kind == PROBLEM_NONE) return;
    wire_text(w, &p->file);
    wire_u32(w, &p->line);
    wire_u32(w, &p->col);
    wire_array(w, p->message, sizeof p->message);
    wire_array(w, p->hint, sizeof p->hint);
}

static void wire_movement(Wire *w, Movement *m) {
    wire_u32(w, &m->moved);
    wire_u32(w, &m->of);
    if (!m->moved) return;
    wire_enum(w, &m->ndim, TENSOR_TEXT_DIMS + 1);
    for (int i = 0; i < m->ndim; i++) {
        uint64_t at = (uint64_t)m->index[i];
        wire_u64(w, &at);
        m->index[i] = (int64_t)at;
    }
    wire_array(w, m->from, sizeof m->from);
    wire_array(w, m->to, sizeof m->to);
    wire_double(w, &m->absolute);
    wire_double(w, &m->relative);
    wire_double(w, &m->ulps);
}

static void wire_difference(Wire *w, Difference *d) {
    int kind = (int)d->kind;
    wire_enum(w, &kind, FAILURE_CLASS_COUNT);
    d->kind = (FailureClass)kind;
    wire_movement(w, &d->movement);
    wire_array(w, d->note, sizeof d->note);
    wire_array(w, d->advice, sizeof d->advice);
}

/* What was printed is mostly what was compared, too. */
static void wire_outputs(Wire *w, CellResult *cell) {
    bool same = w->out && cell->printed == cell->actual;
    wire_bytes(w, &cell->expected, &cell->expected_len);
    wire_bytes(w, &cell->actual, &cell->actual_len);
    wire_bool(w, &same);
    if (!same) {
        wire_bytes(w, &cell->printed, &cell->printed_len);
    } else if (!w->out) {
        cell->printed = cell->actual;
        cell->printed_len = cell->actual_len;
    }
}

static void wire_failure(Wire *w, CellResult *cell) {
    wire_difference(w, &cell->difference);
    wire_problem(w, &cell->problem);
    wire_outputs(w, cell);
    wire_u64(w, &cell->source_hash);
    wire_u64(w, &cell->expected_hash);
    wire_u32(w, &cell->op);
    wire_text(w, &cell->op_text);
    wire_bool(w, &cell->unsound);
    wire_bool(w, &cell->cut_off);
}

void wire_cell_fields(Wire *w, CellResult *cell) {
    int state = (int)cell->state;
    wire_u32(w, &cell->index);
    wire_enum(w, &state, CELL_XFAILED + 1);
    cell->state = (CellState)state;
    wire_text(w, &cell->title);
    wire_text(w, &cell->reason);
    wire_text(w, &cell->file);
    wire_u32(w, &cell->line);
    wire_u32(w, &cell->col);
    wire_u32(w, &cell->moved);
    wire_double(w, &cell->most);
    wire_double(w, &cell->seconds);
    if (state == CELL_FAILED || state == CELL_XFAILED) wire_failure(w, cell);
}

static void wire_trouble(Wire *w, Trouble *trouble) {
    wire_problem(w, &trouble->problem);
    wire_bool(w, &trouble->fails);
    wire_u32(w, &trouble->lost_cells);
}

/* ---- records ---- */

size_t wire_begin(Buf *out, WireKind kind) {
    size_t start = out->len;
    buf_repeat(out, '\0', LENGTH_SIZE);
    buf_putc(out, (char)kind);
    return start;
}

void wire_finish(Buf *out, size_t start) {
    size_t length = out->len - start - LENGTH_SIZE;
    uint32_t number = (uint32_t)length;
    if (length > LENGTH_MAX) out->failed = true;
    if (!out->failed) memcpy(out->data + start, &number, sizeof number);
}

void wire_put(Buf *out, WireKind kind) {
    wire_finish(out, wire_begin(out, kind));
}

void wire_put_cell(Buf *out, const CellResult *cell) {
    Wire w = {.out = out};
    CellResult copy = *cell;
    size_t start = wire_begin(out, WIRE_CELL);
    wire_cell_fields(&w, &copy);
    wire_finish(out, start);
}

void wire_put_trouble(Buf *out, const Trouble *trouble) {
    Wire w = {.out = out};
    Trouble copy = *trouble;
    size_t start = wire_begin(out, WIRE_TROUBLE);
    wire_trouble(&w, &copy);
    wire_finish(out, start);
}

bool wire_next(const char *bytes, size_t n, WireRecord *record) {
    uint32_t length;
    *record = (WireRecord){.size = 0};
    if (n < LENGTH_SIZE) return true;
    memcpy(&length, bytes, sizeof length);
    if (length == 0 || length > LENGTH_MAX) return false;
    if (length > n - LENGTH_SIZE) return true;
    const char *kind = bytes + LENGTH_SIZE;
    record->kind = (WireKind)*kind;
    record->fields = (Wire){.at = kind + 1, .end = kind + length};
    record->size = LENGTH_SIZE + (size_t)length;
    return true;
}

/* All fields were there, and nothing behind them. */
static bool taken(const Wire *w) {
    return !w->bad && w->at == w->end;
}

bool wire_take_cell(const WireRecord *record, CellResult *cell) {
    Wire w = record->fields;
    *cell = (CellResult){.index = 0};
    wire_cell_fields(&w, cell);
    return taken(&w) && cell->file;
}

bool wire_take_trouble(const WireRecord *record, Trouble *trouble) {
    Wire w = record->fields;
    *trouble = (Trouble){.fails = false};
    wire_trouble(&w, trouble);
    return taken(&w);
}
