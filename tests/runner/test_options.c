/* options: flags, values, verbs and what is wrong with them. */
#include "fixtures.h"
#include "runner/command/verb.h"

#include <unistd.h>

static const Verb test_run = {.name = "run"}, test_update = {.name = "update"},
                  test_list = {.name = "list"}, test_help = {.name = "help"};
static const Verb *const test_verbs[] = {&test_run, &test_update, &test_list,
                                         &test_help, NULL};

typedef struct Fixture {
    ArenaFixture base;
    Options options;
    Problem problem;
} Fixture;

static int setup(void **state) {
    unsetenv("CI");
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    unsetenv("CLICOLOR_FORCE");
    unsetenv("CLICOLOR");
    return arena_setup(state, sizeof(Fixture));
}

/* Parses words separated by spaces. */
static bool parse(void **state, const char *line) {
    Fixture *f = *state;
    char *argv[16], *text = arena_text(&f->base.arena, line, strlen(line));
    size_t n = 0;
    while (*text) {
        argv[n++] = text;
        text += strcspn(text, " ");
        if (*text) *text++ = '\0';
    }
    argv[n] = NULL;
    f->problem = (Problem){.kind = PROBLEM_NONE};
    return options_parse(&f->base.arena, argv, test_verbs, NULL, &f->options,
                         &f->problem);
}

static const Options *good(void **state, const char *line) {
    Fixture *f = *state;
    if (!parse(state, line)) fail_msg("%s: %s", line, f->problem.message);
    return &f->options;
}

static void bad(void **state, const char *line, const char *message, const char *hint) {
    Fixture *f = *state;
    assert_false(parse(state, line));
    assert_string_equal(f->problem.message, message);
    if (!strstr(f->problem.hint, hint)) assert_string_equal(f->problem.hint, hint);
}

static void paths_and_flags_mix(void **state) {
    const Options *o = good(state, "run cells/a --full cells/b -q");
    assert_string_equal(o->verb->name, "run");
    assert_int_equal(o->n_paths, 2);
    assert_string_equal(o->paths[1], "cells/b");
    assert_true(o->full);
    assert_int_equal(o->verbosity, -1);
}

static void a_value_follows_or_is_joined(void **state) {
    assert_string_equal(good(state, "run --expected out")->expected, "out");
    assert_string_equal(good(state, "run --expected=out=2")->expected, "out=2");
    assert_int_equal(good(state, "run --maxfail 3")->max_failures, 3);
    assert_int_equal(good(state, "run --maxfail=0")->max_failures, 0);
    assert_int_equal(good(state, "run -x")->max_failures, 1);
}

static void short_flags_join(void **state) {
    const Options *o = good(state, "run -xvv");
    assert_int_equal(o->verbosity, 2);
    assert_int_equal(o->max_failures, 1);
}

static void two_dashes_end_the_flags(void **state) {
    const Options *o = good(state, "run -- -q --what");
    assert_int_equal(o->n_paths, 2);
    assert_string_equal(o->paths[0], "-q");
    assert_int_equal(good(state, "run -")->n_paths, 1);
}

static void modes_are_words(void **state) {
    assert_int_equal(good(state, "run --color never")->colour, COLOUR_NEVER);
    assert_int_equal(good(state, "run --unreferenced fail")->unreferenced,
                     UNREFERENCED_FAIL);
    bad(state, "run --color blue", "--color does not take `blue`", "always");
    bad(state, "run --unreferenced all", "--unreferenced does not take `all`", "warn");
}

static void numbers_are_whole(void **state) {
    bad(state, "run --maxfail many", "--maxfail does not take `many`", "N");
    bad(state, "run --maxfail -1", "--maxfail does not take `-1`", "N");
    bad(state, "run --maxfail 99999999999", "--maxfail does not take `99999999999`",
        "N");
}

static void unknown_flags_name_the_nearest(void **state) {
    bad(state, "run --ful", "unknown flag --ful", "--full");
    bad(state, "run --maxfial=2", "unknown flag --maxfial", "--maxfail");
    bad(state, "run --banana", "unknown flag --banana", "autocell help run");
    bad(state, "run -qz", "unknown flag -z", "autocell help run");
}

static void a_flag_belongs_to_its_verbs(void **state) {
    assert_true(good(state, "list --json")->json);
    bad(state, "run --force", "unknown flag --force", "help run");
    assert_true(good(state, "update --dry-run")->dry_run);
    bad(state, "list --force", "unknown flag --force", "help list");
}

static void two_verbs_may_share_a_name(void **state) {
    assert_string_equal(good(state, "run --json x")->json_file, "x");
    assert_null(good(state, "list --json x")->json_file);
    bad(state, "run --json", "--json needs a value", "FILE");
    bad(state, "update --json x", "unknown flag --json", "help update");
}

static void values_are_missing_or_too_many(void **state) {
    bad(state, "run --expected", "--expected needs a value", "DIR");
    bad(state, "run --full=yes", "--full takes no value", "--full");
    bad(state, "run --expected=", "--expected does not take ``", "DIR");
}

static void verbs_are_known(void **state) {
    bad(state, "", "a command is missing", "autocell run");
    bad(state, "rnu", "`rnu` is no command", "`run`");
    bad(state, "banana", "`banana` is no command", "help");
    bad(state, "/", "`/` is no command", "autocell run /");
    assert_string_equal(good(state, "--help")->verb->name, "help");
    assert_true(good(state, "run --help")->help);
    assert_true(good(state, "run -h")->help);
}

static void ci_is_a_word_that_is_set(void **state) {
    (void)state;
    assert_false(under_ci());
    setenv("CI", "false", 1);
    assert_false(under_ci());
    setenv("CI", "0", 1);
    assert_false(under_ci());
    setenv("CI", "true", 1);
    assert_true(under_ci());
}

static void flags_beat_the_environment_in_colours(void **state) {
    int pipe_end = 99; /* no terminal */
    assert_false(use_colour(good(state, "run"), pipe_end));
    assert_true(use_colour(good(state, "run --color always"), pipe_end));
    setenv("FORCE_COLOR", "1", 1);
    assert_true(use_colour(good(state, "run"), pipe_end));
    assert_false(use_colour(good(state, "run --color never"), pipe_end));
    setenv("NO_COLOR", "1", 1);
    assert_false(use_colour(good(state, "run"), pipe_end));
    assert_true(use_colour(good(state, "run --color=always"), pipe_end));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(paths_and_flags_mix),
        TEST(a_value_follows_or_is_joined),
        TEST(short_flags_join),
        TEST(two_dashes_end_the_flags),
        TEST(modes_are_words),
        TEST(numbers_are_whole),
        TEST(unknown_flags_name_the_nearest),
        TEST(a_flag_belongs_to_its_verbs),
        TEST(two_verbs_may_share_a_name),
        TEST(values_are_missing_or_too_many),
        TEST(verbs_are_known),
        TEST(ci_is_a_word_that_is_set),
        TEST(flags_beat_the_environment_in_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
