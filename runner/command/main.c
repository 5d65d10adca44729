/* autocell: parses the command line and hands over to a verb. */
#include "runner/command/verb.h"
#include "runner/report/worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* The evaluator recurses as deeply as the stack allows; a cell may call functions some
 * thousand levels deep, as Python does. */
static void raise_stack_limit(void) {
    const rlim_t wanted = 64 * 1024 * 1024;
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= wanted) return;
    bool allowed = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted;
    limit.rlim_cur = allowed ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_STACK, &limit);
}

static int run(char **argv) {
    Ctx c;
    Arena arena;
    Project project;
    Options options;
    Problem p = {.kind = PROBLEM_NONE};
    ctx_open(&c);
    mem_huge_after(&c.mem, SIZE_MAX);
    arena_init(&arena, &c);
    int code;
    if (!project_find(&arena, &project) ||
        !options_parse(&arena, argv + 1, verbs, &project, &options, &p)) {
        code = p.kind ? complain(&p) : complain_memory();
    } else if (options.help && options.verb != &verb_help) {
        options.paths[0] = options.verb->name;
        options.n_paths = 1;
        code = verb_help.run(&c, &options);
    } else {
        code = options.verb->run(&c, &options);
    }
    arena_free(&arena);
    error_clear(&c);
    ctx_close(&c);
    return code;
}

int main(int argc, char **argv) {
    if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        puts("autocell " AUTOCELL_VERSION);
        return fflush(stdout) ? EXIT_SYSTEM : EXIT_AS_EXPECTED;
    }
    raise_stack_limit();
    worker_reserve();
    return run(argv);
}
