/* See options.h. */
#include "runner/command/options.h"

#include "runner/command/config.h"
#include "runner/command/verb.h"
#include "runner/text/natural.h"
#include "runner/text/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- flags ---- */

static bool take_help(Options *o, const char *value) {
    (void)value;
    return o->help = true;
}

static bool take_expected(Options *o, const char *value) {
    o->expected = value;
    return *value != '\0';
}

static bool take_quiet(Options *o, const char *value) {
    (void)value;
    o->verbosity--;
    return true;
}

static bool take_verbose(Options *o, const char *value) {
    (void)value;
    o->verbosity++;
    return true;
}

/* The index of the word among the n; n when it is none of them. */
static size_t find_word(const char *const *words, size_t n, const char *word) {
    size_t i = 0;
    while (i < n && strcmp(words[i], word) != 0) i++;
    return i;
}

static bool take_color(Options *o, const char *value) {
    static const char *const words[] = {"auto", "always", "never"};
    size_t i = find_word(words, 3, value);
    *(o->configuring ? &o->configured_colour : &o->colour) = (ColourMode)i;
    return i < 3;
}

static bool take_full(Options *o, const char *value) {
    (void)value;
    return o->full = true;
}

static bool take_exit_first(Options *o, const char *value) {
    (void)value;
    o->max_failures = 1;
    return true;
}

static bool take_count(const char *value, uint32_t *count) {
    char *end;
    errno = 0;
    unsigned long n = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || n > UINT32_MAX) return false;
    *count = (uint32_t)n;
    return true;
}

static bool take_max_failures(Options *o, const char *value) {
    return take_count(value, &o->max_failures);
}

static bool take_workers(Options *o, const char *value) {
    return take_count(value, &o->workers) && o->workers > 0 && o->workers <= 1024;
}

static bool take_threads(Options *o, const char *value) {
    return take_count(value, &o->threads) && o->threads > 0 &&
           o->threads <= PARALLEL_MOST;
}

static bool take_repeat(Options *o, const char *value) {
    return take_count(value, &o->repeat) && o->repeat > 0;
}

static bool take_timeout(Options *o, const char *value) {
    return units_seconds(value, &o->timeout);
}

static bool take_max_memory(Options *o, const char *value) {
    return units_bytes(value, &o->max_memory);
}

static bool take_unreferenced(Options *o, const char *value) {
    static const char *const words[] = {"warn", "fail", "delete", "ignore"};
    size_t i = find_word(words, 4, value);
    o->unreferenced = (UnreferencedMode)(i + UNREFERENCED_WARN);
    return i < 4;
}

static bool take_force(Options *o, const char *value) {
    (void)value;
    return o->force = true;
}

static bool take_dry_run(Options *o, const char *value) {
    (void)value;
    return o->dry_run = true;
}

static bool take_json(Options *o, const char *value) {
    (void)value;
    return o->json = true;
}

static bool take_json_file(Options *o, const char *value) {
    o->json_file = value;
    return *value != '\0';
}

static bool take_junit_xml(Options *o, const char *value) {
    o->junit_xml = value;
    return *value != '\0';
}

static bool take_tap(Options *o, const char *value) {
    (void)value;
    return o->tap = true;
}

static bool take_github(Options *o, const char *value) {
    (void)value;
    return o->github = true;
}

static bool take_names(Options *o, const char *value) {
    o->names = value;
    return true;
}

static bool take_last_failed(Options *o, const char *value) {
    (void)value;
    return o->last_failed = true;
}

static bool take_failed_first(Options *o, const char *value) {
    (void)value;
    return o->failed_first = true;
}

/* "2/3" */
static bool take_shard(Options *o, const char *value) {
    char first[16];
    size_t n = strcspn(value, "/");
    if (value[n] != '/' || n >= sizeof first) return false;
    memcpy(first, value, n);
    first[n] = '\0';
    return take_count(first, &o->shard) && take_count(value + n + 1, &o->shards) &&
           o->shard >= 1 && o->shard <= o->shards;
}

static bool take_shuffle(Options *o, const char *value) {
    (void)value;
    return o->shuffle = true;
}

static bool take_seed(Options *o, const char *value) {
    char *end;
    errno = 0;
    o->seed = strtoull(value, &end, 10);
    o->shuffle = o->seeded = true;
    return *value >= '0' && *value <= '9' && !*end && !errno;
}

static bool take_list(Options *o, const char *value) {
    (void)value;
    return o->list = true;
}

static bool take_durations(Options *o, const char *value) {
    return take_count(value, &o->durations);
}

const Flag flags[] = {
    {"expected", 0, "DIR", "run update list", "where the expected texts are",
     take_expected},
    {"names", 'k', "EXPR", "run update list",
     "cells by their names: and, or, not, parentheses", take_names},
    {"lf", 0, NULL, "run update list", "only the cells that failed last",
     take_last_failed},
    {"ff", 0, NULL, "run", "notebooks that failed last come first", take_failed_first},
    {"shard", 0, "I/N", "run update list", "the I-th of N parts of the notebooks",
     take_shard},
    {"list", 0, NULL, "run", "name the cells, run nothing", take_list},
    {"maxfail", 0, "N", "run", "stop after N failures (whole notebooks)",
     take_max_failures},
    {"exitfirst", 'x', NULL, "run", "the same as --maxfail 1", take_exit_first},
    {"jobs", 'j', "N", "run update", "worker processes at once; as many as processors",
     take_workers},
    {"threads", 0, "N", "run update",
     "threads that share large tensors; processors by jobs", take_threads},
    {"timeout", 0, "TIME", "run update", "what a cell may take, as 10s or 250ms",
     take_timeout},
    {"max-memory", 0, "SIZE", "run update", "what a notebook may take, as 512MiB",
     take_max_memory},
    {"repeat", 0, "N", "run", "run notebooks N times; all must print the same",
     take_repeat},
    {"shuffle", 0, NULL, "run", "begin notebooks in a random order", take_shuffle},
    {"seed", 0, "N", "run", "the order that N stands for (0 to 2**64 - 1)", take_seed},
    {"durations", 0, "N", "run", "name the N slowest cells", take_durations},
    {"unreferenced", 0, "warn|fail|delete|ignore", "run update",
     "expected texts without a cell; delete them: `update`", take_unreferenced},
    {"junit-xml", 0, "FILE", "run", "write a report as JUnit's XML", take_junit_xml},
    {"json", 0, "FILE", "run", "write a report as lines of JSON; - is standard output",
     take_json_file},
    {"tap", 0, NULL, "run", "report as TAP 14 instead", take_tap},
    {"github", 0, NULL, "run", "annotations and step summary; on under GITHUB_ACTIONS",
     take_github},
    {"dry-run", 0, NULL, "update", "print the patch, write nothing", take_dry_run},
    {"force", 0, NULL, "update accept", "write also under CI", take_force},
    {"json", 0, NULL, "list", "as JSON", take_json},
    {"quiet", 'q', NULL, "run update accept reject list",
     "one line a failure; list: paths alone", take_quiet},
    {"verbose", 'v', NULL, "run update", "a line for every cell", take_verbose},
    {"full", 0, NULL, "run update review", "show differences whole", take_full},
    {"color", 0, "auto|always|never", "run update review accept reject",
     "whether to colour", take_color},
    {"help", 'h', NULL, "run update review accept reject list ops init help",
     "this text", take_help},
};
const size_t n_flags = sizeof flags / sizeof *flags;

bool flag_has_verb(const Flag *flag, const char *name) {
    size_t n = strlen(name);
    for (const char *s = flag->verbs; (s = strstr(s, name)); s += n)
        if ((s == flag->verbs || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\0'))
            return true;
    return false;
}

const Flag *flag_find(const char *name, size_t len) {
    for (size_t i = 0; i < n_flags; i++)
        if (strlen(flags[i].name) == len && strncmp(flags[i].name, name, len) == 0)
            return &flags[i];
    return NULL;
}

/* ---- parsing ---- */

typedef struct Parser {
    Options *options;
    Problem *problem;
    char *const *at; /* the next argument; a NULL ends them */
} Parser;

static bool knows(const Parser *p, const Flag *flag) {
    return flag_has_verb(flag, p->options->verb->name);
}

static bool refuse_flag(const Parser *p, const char *name) {
    const char *names[32];
    size_t n = 0;
    for (size_t i = 0; i < n_flags; i++)
        if (knows(p, &flags[i])) names[n++] = flags[i].name;
    const char *nearest = natural_nearest(name, names, n);
    problem_set(p->problem, PROBLEM_INPUT, "unknown flag --%.60s", name);
    if (nearest) return problem_hint(p->problem, "did you mean --%s?", nearest);
    return problem_hint(p->problem, "autocell help %s lists the flags",
                        p->options->verb->name);
}

/* "--maxfail N: stop after N failures" */
static bool hint_value(Problem *p, const Flag *flag) {
    return problem_hint(p, "--%s %s: %s", flag->name, flag->value ? flag->value : "",
                        flag->help);
}

static bool take(const Parser *p, const Flag *flag, const char *value) {
    if (flag->take(p->options, value)) return true;
    problem_set(p->problem, PROBLEM_INPUT, "--%s does not take `%.60s`", flag->name,
                value ? value : "");
    return hint_value(p->problem, flag);
}

/* The next argument as the value of a flag. */
static const char *next_value(Parser *p, const Flag *flag) {
    if (*p->at) return *p->at++;
    problem_set(p->problem, PROBLEM_INPUT, "--%s needs a value", flag->name);
    hint_value(p->problem, flag);
    return NULL;
}

/* The flag of that name that the verb knows; two verbs may share a name. */
static const Flag *find_known(const Parser *p, const char *name, size_t len) {
    for (size_t i = 0; i < n_flags; i++)
        if (knows(p, &flags[i]) && strlen(flags[i].name) == len &&
            strncmp(flags[i].name, name, len) == 0)
            return &flags[i];
    return NULL;
}

static bool parse_long(Parser *p, const char *text) {
    size_t len = strcspn(text, "=");
    const char *value = text[len] ? text + len + 1 : NULL;
    const Flag *flag = find_known(p, text, len);
    if (flag) {
        if (!flag->value && value) {
            problem_set(p->problem, PROBLEM_INPUT, "--%s takes no value", flag->name);
            return problem_hint(p->problem, "write --%s", flag->name);
        }
        if (flag->value && !value && !(value = next_value(p, flag))) return false;
        return take(p, flag, value);
    }
    char name[64];
    size_t n = len < sizeof name ? len : sizeof name - 1;
    memcpy(name, text, n);
    name[n] = '\0';
    return refuse_flag(p, name);
}

static const Flag *find_letter(const Parser *p, char letter) {
    for (size_t i = 0; i < n_flags; i++)
        if (flags[i].letter == letter && knows(p, &flags[i])) return &flags[i];
    return NULL;
}

static bool parse_short(Parser *p, const char *letters) {
    for (const char *s = letters; *s; s++) {
        const Flag *flag = find_letter(p, *s);
        if (!flag) {
            problem_set(p->problem, PROBLEM_INPUT, "unknown flag -%c", *s);
            return problem_hint(p->problem, "autocell help %s lists the flags",
                                p->options->verb->name);
        }
        if (!flag->value) {
            if (!take(p, flag, NULL)) return false;
            continue;
        }
        const char *value = s[1] ? s + 1 : next_value(p, flag);
        return value && take(p, flag, value);
    }
    return true;
}

static bool parse_verb(Parser *p, const Verb *const *known) {
    const char *word = *p->at, *names[16];
    size_t n = 0;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) word = "help";
    p->at++;
    for (; known[n]; n++) {
        names[n] = known[n]->name;
        if (strcmp(names[n], word) != 0) continue;
        p->options->verb = known[n];
        return true;
    }
    const char *nearest = natural_nearest(word, names, n);
    problem_set(p->problem, PROBLEM_INPUT, "`%.60s` is no command", word);
    if (nearest) return problem_hint(p->problem, "did you mean `%s`?", nearest);
    if (access(word, F_OK) == 0)
        return problem_hint(p->problem, "autocell run %.60s", word);
    return problem_hint(p->problem, "autocell help lists the commands");
}

/* Bazel divides a test by its environment, and wants a report. */
static void take_environment(Options *o) {
    const char *xml = getenv("XML_OUTPUT_FILE"), *github = getenv("GITHUB_ACTIONS");
    if (xml && *xml) o->junit_xml = xml;
    if (github && strcmp(github, "true") == 0) o->github = true;
    const char *total = getenv("TEST_TOTAL_SHARDS"),
               *index = getenv("TEST_SHARD_INDEX");
    uint32_t shards, shard;
    if (!total || !index || !take_count(total, &shards) || !take_count(index, &shard) ||
        shard >= shards)
        return;
    o->shard = shard + 1;
    o->shards = shards;
}

bool options_parse(Arena *a, char *const *argv, const Verb *const *known,
                   const Project *project, Options *o, Problem *problem) {
    *o = (Options){.project = project};
    Parser p = {o, problem, argv};
    size_t n = 0;
    while (argv[n]) n++;
    o->paths = arena_alloc(a, (n + 1) * sizeof *o->paths);
    if (!o->paths) return false;
    if (!*p.at) {
        problem_set(problem, PROBLEM_INPUT, "a command is missing");
        return problem_hint(problem, "autocell run, or autocell help");
    }
    if (!parse_verb(&p, known)) return false;
    bool configured = project && project->config && o->verb != &verb_help;
    if (configured && !config_apply(a, o, problem)) return false;
    take_environment(o);
    bool only_paths = false;
    while (*p.at) {
        const char *word = *p.at++;
        bool parsed = true;
        if (only_paths || word[0] != '-' || word[1] == '\0')
            o->paths[o->n_paths++] = word;
        else if (strcmp(word, "--") == 0)
            only_paths = true;
        else
            parsed =
                word[1] == '-' ? parse_long(&p, word + 2) : parse_short(&p, word + 1);
        if (!parsed) return false;
    }
    return true;
}

/* ---- environment ---- */

/* Set, and not empty, 0 or false. */
static bool is_on(const char *name) {
    const char *value = getenv(name);
    return value && *value && strcmp(value, "0") != 0 && strcmp(value, "false") != 0;
}

bool under_ci(void) {
    return is_on("CI");
}

bool use_colour(const Options *o, int fd) {
    if (o->colour != COLOUR_AUTO) return o->colour == COLOUR_ALWAYS;
    const char *no = getenv("NO_COLOR"), *colour = getenv("CLICOLOR");
    const char *terminal = getenv("TERM");
    if (no && *no) return false;
    if (is_on("FORCE_COLOR") || is_on("CLICOLOR_FORCE")) return true;
    if (colour && strcmp(colour, "0") == 0) return false;
    if (o->configured_colour != COLOUR_AUTO)
        return o->configured_colour == COLOUR_ALWAYS;
    return isatty(fd) && (!terminal || strcmp(terminal, "dumb") != 0);
}
