/* autocell help */
#include "runner/command/verb.h"

#include <stdio.h>
#include <string.h>

static void print_flag(const Flag *flag) {
    char text[64];
    int n = flag->letter ? snprintf(text, sizeof text, "-%c, ", flag->letter)
                         : snprintf(text, sizeof text, "    ");
    snprintf(text + n, sizeof text - (size_t)n, "--%s%s%s", flag->name,
             flag->value ? " " : "", flag->value ? flag->value : "");
    bool wide = strlen(text) > 24;
    printf("  %-24s%s  %s\n", text, wide ? "\n                          " : "",
           flag->help);
}

static void print_verb(const Verb *verb) {
    printf("usage: autocell %s %s\n\n%s\n", verb->name, verb->arguments, verb->summary);
    if (verb->details) printf("\n%s", verb->details);
    printf("\n");
    for (size_t i = 0; i < n_flags; i++)
        if (flag_has_verb(&flags[i], verb->name)) print_flag(&flags[i]);
}

static void print_overview(void) {
    printf("usage: autocell COMMAND [FLAGS] [PATH...]\n\n"
           "Runs notebooks of YAML cells and compares what they print with the texts\n"
           "under expected/.\n\n");
    for (size_t i = 0; verbs[i]; i++)
        printf("  %-7s%-11s  %s\n", verbs[i]->name, verbs[i]->arguments,
               verbs[i]->summary);
    printf(
        "\nautocell help COMMAND tells more; autocell --version names the version.\n");
}

static int help(Ctx *c, const Options *o) {
    (void)c;
    const Verb *verb = o->n_paths ? verb_find(o->paths[0]) : NULL;
    if (o->n_paths && !verb) {
        Problem p = {.kind = PROBLEM_NONE};
        problem_set(&p, PROBLEM_INPUT, "`%.60s` is no command", o->paths[0]);
        problem_hint(&p, "autocell help lists the commands");
        return complain(&p);
    }
    if (verb)
        print_verb(verb);
    else
        print_overview();
    return fflush(stdout) || ferror(stdout) ? EXIT_SYSTEM : EXIT_AS_EXPECTED;
}

const Verb verb_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "tell what a command does and which flags it takes",
    .run = help,
};
