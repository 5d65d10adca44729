/* stops: the signals by which people and systems ask the program to end: Ctrl-C
 * (SIGINT), SIGTERM and SIGHUP, but for those that it was started to ignore.
 *
 * While they are held none ends the program in the middle of its work.
 */
#ifndef RUNNER_STOPS_H
#define RUNNER_STOPS_H

#include <signal.h>

/* Holds them; the mask as it was goes to *before, they to *held. */
void stops_hold(sigset_t *before, sigset_t *held);
/* Lets them go again. One that came meanwhile is still held, and is the result: the
 * caller finishes and then calls stops_die. 0 when none came. */
int stops_release(const sigset_t *before, const sigset_t *held);
/* Ends the program by that signal, held or not. */
void stops_die(int number);

#endif
