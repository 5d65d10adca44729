/* autocell init: a first notebook and what goes with it.
 *
 * Notebook and expected texts must be new, or nothing is written.  The other files are
 * left alone where a project has them, with a note of what they might hold.
 */
#include "runner/command/verb.h"
#include "runner/read/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Template {
    const char *path;
    bool kept; /* one that is there already may stay */
    const char *text;
} Template;

static const char workflow[] =
    "# Runs the notebooks in cells/ on every push, and fails when they print anything\n"
    "# else than stands in expected/.\n"
    "#\n"
    "# It needs the program. A runner that has `autocell` on its PATH is ready; "
    "others\n"
    "# build it (Debian and Ubuntu, two minutes) from a git repository with its "
    "sources,\n"
    "# which the repository variable AUTOCELL_SOURCES names: Settings, Secrets and\n"
    "# variables, Actions, Variables.\n"
    "name: autocell\n"
    "on: [push, pull_request]\n"
    "permissions:\n"
    "  contents: read\n"
    "jobs:\n"
    "  notebooks:\n"
    "    runs-on: ubuntu-latest\n"
    "    env:\n"
    "      AUTOCELL_SOURCES: ${{ vars.AUTOCELL_SOURCES }}\n"
    "    steps:\n"
    "      - uses: actions/checkout@v4\n"
    "      - name: Get autocell\n"
    "        run: |\n"
    "          command -v autocell && exit\n"
    "          if [ -z \"$AUTOCELL_SOURCES\" ]; then\n"
    "            echo \"::error::autocell is not on the PATH; see the head of"
    " .github/workflows/autocell.yml\"\n"
    "            exit 1\n"
    "          fi\n"
    "          git clone --depth 1 \"$AUTOCELL_SOURCES\" \"$RUNNER_TEMP/autocell\"\n"
    "          \"$RUNNER_TEMP/autocell/dev\" build\n"
    "          echo \"$RUNNER_TEMP/autocell/build/runner\" >> \"$GITHUB_PATH\"\n"
    "      - name: Run the notebooks\n"
    "        run: autocell run\n";

static const Template templates[] = {
    {"cells/first/01-a-gradient.yaml", false,
     "title: A gradient\n"
     "text: The derivative of x squared is 2 x.\n"
     "ops:\n"
     "  - import torch\n"
     "  - x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
     "  - y = (x ** 2).sum()\n"
     "  - y.backward()\n"
     "  - print(y)\n"
     "  - x.grad\n"},
    {"cells/first/02-a-step.yaml", false,
     "title: One step downhill\n"
     "text: A cell sees what the cells before it have left, here x and its gradient.\n"
     "ops:\n"
     "  - with torch.no_grad():\n"
     "      - x -= 0.1 * x.grad\n"
     "  - x\n"},
    {"expected/first/01-a-gradient.txt", false,
     "tensor(14., grad_fn=<SumBackward0>)\n"
     "tensor([2., 4., 6.])\n"},
    {"expected/first/02-a-step.txt", false,
     "tensor([0.8000, 1.6000, 2.4000], requires_grad=True)\n"},
    {"autocell.yaml", true,
     "# Flags that always hold here, as on the command line but without the dashes.\n"
     "timeout: 60s\n"
     "max-memory: 2GiB\n"},
    {".gitattributes", true,
     "# What cells print is compared byte for byte.\n"
     "**/expected/** -text\n"},
    {".github/workflows/autocell.yml", true, workflow},
};
enum { COUNT = sizeof templates / sizeof *templates };

typedef struct Init {
    Arena arena;
    const char *dir;
    Problem problem;
} Init;

static const char *place(Init *in, const Template *t) {
    return path_join(&in->arena, in->dir, t->path);
}

static bool is_there(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* Nothing that would be written over is there. */
static bool is_free(Init *in) {
    for (size_t i = 0; i < COUNT; i++) {
        const char *path = place(in, &templates[i]);
        if (!path) return false;
        if (templates[i].kept || !is_there(path)) continue;
        problem_set(&in->problem, PROBLEM_INPUT,
                    "it is there already; nothing is"
                    " written over");
        problem_hint(&in->problem, "autocell init DIR begins in another directory");
        return problem_at(&in->problem, path, 0, 0);
    }
    return true;
}

/* The directories above the file; an errno. */
static int make_parents(char *path) {
    for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
        *s = '\0';
        int error = mkdir(path, 0777) && errno != EEXIST ? errno : 0;
        *s = '/';
        if (error) return error;
    }
    return 0;
}

static int create(char *path, const char *text) {
    int error = make_parents(path);
    if (error) return error;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    size_t n = strlen(text);
    ssize_t written = write(fd, text, n);
    if (written < 0) error = errno;
    if (!error && (size_t)written < n) error = ENOSPC;
    if (close(fd) && !error) error = errno;
    if (error) unlink(path);
    return error;
}

static bool write_template(Init *in, const Template *t) {
    const char *path = place(in, t);
    char *copy = path ? arena_text(&in->arena, path, strlen(path)) : NULL;
    if (!copy) return false;
    if (t->kept && is_there(path)) {
        printf("keep  %s  is there already\n", path);
        return true;
    }
    int error = create(copy, t->text);
    if (error) return problem_io(&in->problem, path, "cannot write", error);
    printf("new   %s\n", path);
    return true;
}

static int write_all(Init *in) {
    bool done = is_free(in);
    for (size_t i = 0; i < COUNT && done; i++) done = write_template(in, &templates[i]);
    if (!done) return in->problem.kind ? complain(&in->problem) : complain_memory();
    bool here = strcmp(in->dir, ".") == 0;
    printf("next: %s%s%sautocell run\n", here ? "" : "cd ", here ? "" : in->dir,
           here ? "" : " && ");
    return fflush(stdout) || ferror(stdout) ? EXIT_SYSTEM : EXIT_AS_EXPECTED;
}

static int init(Ctx *c, const Options *o) {
    Init in = {.dir = o->n_paths ? o->paths[0] : ".",
               .problem = {.kind = PROBLEM_NONE}};
    if (o->n_paths > 1) {
        problem_set(&in.problem, PROBLEM_INPUT, "`init` takes one DIR");
        return complain(&in.problem);
    }
    arena_init(&in.arena, c);
    int code = write_all(&in);
    arena_free(&in.arena);
    return code;
}

const Verb verb_init = {
    .name = "init",
    .arguments = "[DIR]",
    .summary = "begin with a first notebook, its expected texts and a CI workflow",
    .details = "Writes cells/first and expected/first, and, unless they are there,\n"
               "autocell.yaml, .gitattributes and .github/workflows/autocell.yml. "
               "Nothing that\n"
               "is there is written over.\n",
    .run = init,
};
