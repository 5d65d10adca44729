/* See verb.h. */
#include "runner/command/verb.h"

#include "runner/report/shown.h"

#include <stdio.h>
#include <string.h>

const Verb *const verbs[] = {&verb_run,    &verb_update, &verb_review, &verb_accept,
                             &verb_reject, &verb_list,   &verb_ops,    &verb_init,
                             &verb_help,   NULL};

const Verb *verb_find(const char *name) {
    for (size_t i = 0; verbs[i]; i++)
        if (strcmp(verbs[i]->name, name) == 0) return verbs[i];
    return NULL;
}

bool may_write(const Options *o) {
    Problem p = {.kind = PROBLEM_NONE};
    if (o->dry_run || o->force || !under_ci()) return true;
    problem_set(&p, PROBLEM_INPUT, "under CI nothing is written");
    problem_hint(&p, "run it where you can look at the changes, or add --force");
    return complain(&p) == EXIT_AS_EXPECTED;
}

int complain(const Problem *p) {
    Mem mem;
    Buf text;
    mem_init(&mem);
    buf_init(&text, &mem);
    buf_puts(&text, "autocell: ");
    if (p->file) show_text(&text, p->file, strlen(p->file));
    if (p->line) buf_printf(&text, ":%u:%u", (unsigned)p->line, (unsigned)p->col);
    if (p->file) buf_puts(&text, ": ");
    show_text(&text, p->message, strlen(p->message));
    if (*p->hint) {
        buf_puts(&text, "\n  hint: ");
        show_text(&text, p->hint, strlen(p->hint));
    }
    fprintf(stderr, "%s\n", buf_text(&text));
    buf_free(&text);
    mem_close(&mem);
    switch (p->kind) {
    case PROBLEM_IO: return EXIT_SYSTEM;
    case PROBLEM_BUG: return EXIT_BUG;
    default: return EXIT_USAGE;
    }
}

int complain_memory(void) {
    fputs("autocell: out of memory\n", stderr);
    return EXIT_SYSTEM;
}
