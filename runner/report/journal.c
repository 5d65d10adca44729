/* See journal.h. */
#include "runner/report/journal.h"

#include "runner/read/expected.h"
#include "runner/report/wire.h"
#include "runner/text/units.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PENDING_MOST = 16 * 1024,
    /* Longer texts have no place in an expected file. */
    PRINTED_MOST = EXPECTED_MAX_BYTES + 1,
    PRINTED_KEPT = 256 * 1024 /* more than that goes back to the system */
};
static const double SEND_AFTER = 0.02; /* seconds that a result may wait */

struct Journal {
    Moment now;
    sem_t go_on;             /* 0: the worker is held */
    _Atomic double deadline; /* 0: none */
    _Atomic double known; /* when the parent will look at it next; 0: not by itself */
    double sent;          /* when something was sent last */
    size_t most;          /* printed by any cell */
    int fd;
    Mem nothing; /* what `printed` would grow from */
    Buf printed;
    size_t n_pending;
    char pending[PENDING_MOST];
    char text[PRINTED_MOST];
};

Journal *journal_open(void) {
    int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    void *memory = mmap(NULL, sizeof(Journal), PROT_READ | PROT_WRITE, flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void journal_close(Journal *j) {
    if (j) munmap(j, sizeof *j);
}

/* ---- the worker's side ---- */

void journal_begin(Journal *j, int fd) {
    j->now.running = false;
    j->deadline = j->known = 0;
    j->most = 0;
    j->sent = run_clock();
    j->fd = fd;
    j->n_pending = 0;
    mem_init(&j->nothing);
    j->nothing.budget = 1;
    j->printed = (Buf){.mem = &j->nothing, .data = j->text, .cap = PRINTED_MOST};
    buf_clear(&j->printed);
}

void journal_wait(Journal *j) {
    while (sem_wait(&j->go_on) && errno == EINTR) {
    }
}

Buf *journal_output(Journal *j) {
    return &j->printed;
}

OpWatch *journal_watch(Journal *j) {
    return &j->now.op;
}

void journal_begin_cell(Journal *j, uint32_t cell) {
    j->now.cell = cell;
    j->now.title[0] = '\0';
    j->now.op.op = 0;
    j->now.limit = 0;
    j->now.started = run_clock();
    buf_clear(&j->printed);
    j->now.running = true;
}

void journal_title(Journal *j, const char *title) {
    enum { MOST = sizeof j->now.title - 1 };
    memcpy(j->now.title, title, strnlen(title, MOST) + 1);
    j->now.title[MOST] = '\0';
}

void journal_end_cell(Journal *j) {
    if (j->printed.len > j->most) j->most = j->printed.len;
    j->deadline = 0;
    j->now.running = false;
}

static bool send_all(int fd, const char *bytes, size_t n) {
    while (n && fd >= 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

bool journal_flush(Journal *j) {
    bool sent = send_all(j->fd, j->pending, j->n_pending);
    j->n_pending = 0;
    j->sent = run_clock();
    return sent;
}

bool journal_put(Journal *j, const char *records, size_t n) {
    if (n > PENDING_MOST - j->n_pending) {
        if (!journal_flush(j)) return false;
        if (n > PENDING_MOST / 2) return send_all(j->fd, records, n);
    }
    memcpy(j->pending + j->n_pending, records, n);
    j->n_pending += n;
    return run_clock() - j->sent < SEND_AFTER || journal_flush(j);
}

/* The parent looks at the deadline it knows and finds the one that counts then, so it
 * must hear only of one that is sooner.  The order of stores and loads, here and in
 * journal_deadline, is what makes sure that it does: when the parent missed the new
 * deadline, what it knows is 0 here. */
void journal_limit(Journal *j, double seconds) {
    if (seconds <= 0) return;
    double now = run_clock(), deadline = now + seconds;
    j->now.limit = seconds;
    j->deadline = deadline;
    double known = j->known;
    if (known > now && known <= deadline) return;
    j->known = deadline;
    char record[16];
    Mem none;
    Buf wake = {.mem = &none, .data = record, .cap = sizeof record};
    mem_init(&none);
    wire_put(&wake, WIRE_WAKE);
    journal_put(j, record, wake.len);
    journal_flush(j);
}

/* ---- the parent's side ---- */

void journal_hold(Journal *j, bool held) {
    /* All of it becomes zero, so this must not wait until the worker is there. */
    if (j->most > PRINTED_KEPT) madvise(j, sizeof *j, MADV_REMOVE);
    sem_init(&j->go_on, 1, !held);
}

void journal_go_on(Journal *j) {
    sem_post(&j->go_on);
}

const char *journal_printed(const Journal *j, size_t *len) {
    size_t n = j->printed.len;
    *len = n < PRINTED_MOST ? n : 0;
    return j->text;
}

const char *journal_pending(const Journal *j, size_t *len) {
    size_t n = j->n_pending;
    *len = n <= PENDING_MOST ? n : 0;
    return j->pending;
}

void journal_moment(const Journal *j, Moment *m) {
    memcpy(m, &j->now, sizeof *m);
    m->title[sizeof m->title - 1] = '\0';
    m->op.text[sizeof m->op.text - 1] = '\0';
}

double journal_deadline(Journal *j) {
    j->known = 0;
    double deadline = j->deadline;
    if (deadline > 0) j->known = deadline;
    return deadline;
}
