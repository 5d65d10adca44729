/* See stops.h. */
#include "runner/run/stops.h"

#include <stddef.h>

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
enum { COUNT = sizeof stops / sizeof *stops };

void stops_hold(sigset_t *before, sigset_t *held) {
    sigemptyset(held);
    for (size_t i = 0; i < COUNT; i++) {
        struct sigaction now;
        if (sigaction(stops[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaddset(held, stops[i]);
    }
    sigprocmask(SIG_BLOCK, held, before);
}

int stops_release(const sigset_t *before, const sigset_t *held) {
    sigset_t waiting;
    sigpending(&waiting);
    for (size_t i = 0; i < COUNT; i++)
        if (sigismember(held, stops[i]) == 1 && sigismember(before, stops[i]) == 0 &&
            sigismember(&waiting, stops[i]) == 1)
            return stops[i];
    sigprocmask(SIG_SETMASK, before, NULL);
    return 0;
}

void stops_die(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
