/* load_yaml: cells and notebook.yaml from YAML, and all that is refused. */
#include "fixtures.h"
#include "runner/read/load_yaml.h"

#include "runner/text/yaml_tree.h"

typedef struct Fixture {
    ArenaFixture base;
    CellSource cell;
    NotebookConfig config;
    Problem problem;
} Fixture;

static int setup(void **state) {
    return arena_setup(state, sizeof(Fixture));
}

static const CellSource *cell(void **state, const char *text) {
    Fixture *f = *state;
    f->problem = (Problem){.kind = PROBLEM_NONE};
    if (!load_cell(&f->base.arena, "c.yaml", text, strlen(text), &f->cell, &f->problem))
        fail_msg("%u:%u %s", f->problem.line, f->problem.col, f->problem.message);
    return &f->cell;
}

static const NotebookConfig *notebook(void **state, const char *text) {
    Fixture *f = *state;
    f->problem = (Problem){.kind = PROBLEM_NONE};
    if (!load_notebook(&f->base.arena, "n.yaml", text, strlen(text), &f->config,
                       &f->problem))
        fail_msg("%u:%u %s", f->problem.line, f->problem.col, f->problem.message);
    return &f->config;
}

static void check_problem(const Problem *p, unsigned line, unsigned col,
                          const char *message, const char *hint) {
    assert_int_equal(p->kind, PROBLEM_INPUT);
    if (!strstr(p->message, message)) assert_string_equal(p->message, message);
    if (!strstr(p->hint, hint)) assert_string_equal(p->hint, hint);
    assert_true(p->hint[0]);
    assert_int_equal(p->line, line);
    assert_int_equal(p->col, col);
    assert_non_null(p->file);
}

static void refused_bytes(void **state, const char *text, size_t len, unsigned line,
                          unsigned col, const char *message, const char *hint) {
    Fixture *f = *state;
    f->problem = (Problem){.kind = PROBLEM_NONE};
    assert_false(load_cell(&f->base.arena, "c.yaml", text, len, &f->cell, &f->problem));
    check_problem(&f->problem, line, col, message, hint);
}

static void refused(void **state, const char *text, unsigned line, unsigned col,
                    const char *message, const char *hint) {
    refused_bytes(state, text, strlen(text), line, col, message, hint);
}

static void refused_notebook(void **state, const char *text, unsigned line,
                             unsigned col, const char *message, const char *hint) {
    Fixture *f = *state;
    f->problem = (Problem){.kind = PROBLEM_NONE};
    assert_false(load_notebook(&f->base.arena, "n.yaml", text, strlen(text), &f->config,
                               &f->problem));
    check_problem(&f->problem, line, col, message, hint);
}

/* ---- operations ---- */

static void a_string_is_a_statement_with_its_place(void **state) {
    const CellSource *c = cell(state, "title: t\nops:\n  - x = 1\n  -   print(x)\n");
    assert_string_equal(c->title, "t");
    assert_int_equal(c->n_ops, 2);
    assert_string_equal(c->ops[0].text, "x = 1");
    assert_int_equal(c->ops[1].len, 8);
    assert_int_equal(c->ops[1].n_spans, 1);
    assert_int_equal(c->ops[1].spans[0].line, 4);
    assert_int_equal(c->ops[1].spans[0].col, 7);
    assert_false(c->ops[0].is_block);
}

static void columns_count_characters_behind_the_quote(void **state) {
    const CellSource *c = cell(state, "ops: [é, \"@f\"]\n");
    assert_string_equal(c->ops[1].text, "@f");
    assert_int_equal(c->ops[1].spans[0].col, 11);
}

static void a_mapping_to_a_list_is_a_block(void **state) {
    const CellSource *c = cell(state, "ops:\n- with torch.no_grad():\n    - y = 1\n"
                                      "    - for i in r:\n      - print(i)\n");
    assert_int_equal(c->n_ops, 1);
    assert_true(c->ops[0].is_block);
    assert_string_equal(c->ops[0].text, "with torch.no_grad()");
    assert_int_equal(c->ops[0].n_children, 2);
    const OpSource *inner = &c->ops[0].children[1];
    assert_true(inner->is_block);
    assert_string_equal(inner->children[0].text, "print(i)");
    assert_int_equal(inner->children[0].spans[0].line, 5);
    assert_int_equal(inner->children[0].spans[0].col, 9);
}

static void a_block_may_be_empty_or_on_one_line(void **state) {
    const CellSource *c =
        cell(state, "ops:\n- for i in r: []\n- for i in r: [print(i)]\n");
    assert_true(c->ops[0].is_block);
    assert_int_equal(c->ops[0].n_children, 0);
    assert_string_equal(c->ops[1].children[0].text, "print(i)");
}

static void a_split_statement_is_joined(void **state) {
    const CellSource *c = cell(state, "ops:\n- f = lambda t:   t * 2\n");
    const OpSource *op = &c->ops[0];
    assert_string_equal(op->text, "f = lambda t: t * 2");
    assert_false(op->is_block);
    assert_int_equal(op->n_spans, 2);
    assert_int_equal(op->spans[0].col, 3);
    assert_int_equal(op->spans[1].offset, 14);
    assert_int_equal(op->spans[1].col, 19);
}

static void a_dict_with_one_colon_needs_no_quotes(void **state) {
    assert_string_equal(cell(state, "ops:\n- d = {\"a\": 1}\n")->ops[0].text,
                        "d = {\"a\": 1}");
}

static void the_explicit_form_is_a_call(void **state) {
    const CellSource *c = cell(state, "ops:\n- {op: torch.ones, args: [[2, 3]], "
                                      "requires_grad: true, out: w}\n");
    const OpSource *op = &c->ops[0];
    assert_string_equal(op->text, "w = torch.ones([2, 3], requires_grad=True)");
    assert_int_equal(op->spans[0].col, 62);
    assert_int_equal(op->spans[1].offset, 4);
    assert_int_equal(op->spans[1].col, 8);
}

static void the_explicit_form_in_lines(void **state) {
    const CellSource *c =
        cell(state, "ops:\n- op: print\n  args: [m, null, ~, \"'a'\"]\n"
                    "  sep: '\"/\"'\n  end: []\n- op: z.backward\n");
    assert_string_equal(c->ops[0].text, "print(m, None, None, 'a', sep=\"/\", end=[])");
    assert_string_equal(c->ops[1].text, "z.backward()");
    assert_int_equal(c->ops[1].spans[0].line, 6);
    assert_int_equal(c->ops[1].spans[0].col, 7);
}

static void a_block_scalar_keeps_the_places_of_its_lines(void **state) {
    const CellSource *c = cell(state, "ops:\n- |\n  f(1,\n    2)\n- y\n");
    const OpSource *op = &c->ops[0];
    assert_string_equal(op->text, "f(1,\n  2)");
    assert_int_equal(op->n_spans, 2);
    assert_int_equal(op->spans[0].line, 3);
    assert_int_equal(op->spans[0].col, 3);
    assert_int_equal(op->spans[1].line, 4);
    assert_int_equal(op->spans[1].offset, 5);
}

static void malformed_operations_are_refused(void **state) {
    refused(state, "ops:\n- [a, b]\n", 2, 3, "not a list", "quote");
    refused(state, "ops:\n- {1, 2}\n", 2, 3, "several keys", "quote");
    refused(state, "ops:\n- {}\n", 2, 3, "several keys", "quote");
    refused(state, "ops:\n- x = 1\n-\n", 3, 2, "operation is missing", "delete");
    refused(state, "ops:\n- if a:\n  - b\n  else:\n  - c\n", 4, 3, "one key", "`- `");
    refused(state, "ops:\n- if a:\n", 2, 3, "nothing follows", "pass");
    refused(state, "ops:\n- if a:\n    b: 1\n", 3, 5, "not a mapping", "`- `");
    refused(state, "ops:\n- {op: f, args: 1}\n", 2, 17, "takes a list", "args");
    refused(state, "ops:\n- {op: [f]}\n", 2, 8, "the name", "op:");
    refused(state, "ops:\n- {op: f, out: }\n", 2, 16, "assigned to", "out:");
    refused(state, "ops:\n- {op: f, dim: }\n", 2, 16, "value is missing", "null");
    refused(state, "ops:\n- {op: f, d: {a: 1}}\n", 2, 14, "mapping is no value",
            "quote");
    refused(state, "ops:\n- with a:\n  - b\n  - [c]\n", 4, 5, "not a list", "quote");
}

/* ---- keys ---- */

static void a_cell_knows_its_keys(void **state) {
    const CellSource *c =
        cell(state, "title: A\ntext: |\n  two\n  lines\nskip: why\n"
                    "xfail: because\ntimeout: 250ms\nmax_memory: 2MiB\n"
                    "ops: []\n");
    assert_string_equal(c->text, "two\nlines\n");
    assert_string_equal(c->skip, "why");
    assert_string_equal(c->xfail, "because");
    assert_true(c->limits.timeout == 0.25);
    assert_int_equal(c->limits.max_memory, 2 << 20);
    assert_int_equal(c->n_ops, 0);
    assert_false(c->compare.given);
}

static void an_unknown_key_names_the_nearest(void **state) {
    refused(state, "titel: a\nops: []\n", 1, 1, "unknown key `titel`", "`title`");
    refused(state, "ops: []\nbanana: 1\n", 2, 1, "unknown key `banana`", "title, text");
    refused(state, "ops: []\ncompare: {rtoll: 1}\n", 2, 11, "in `compare`", "`rtol`");
    refused_notebook(state, "sed: 1\n", 1, 1, "notebook.yaml", "`seed`");
}

static void a_wrong_type_is_refused(void **state) {
    refused(state, "[1]\n", 1, 1, "a cell is a mapping", "ops");
    refused(state, "ops: 1\n", 1, 6, "takes a list", "- ");
    refused(state, "ops: {a: 1}\n", 1, 6, "takes a list", "- ");
    refused(state, "title: a\n", 1, 1, "`ops` is missing", "ops:");
    refused(state, "title: [a]\nops: []\n", 1, 8, "takes text", "quote");
    refused(state, "title: \"a\\nb\"\nops: []\n", 1, 9, "one line", "text");
    refused(state, "skip: true\nops: []\n", 1, 7, "takes the reason", "skip:");
    refused(state, "skip:\nops: []\n", 1, 6, "takes the reason", "skip:");
    refused(state, "timeout: soon\nops: []\n", 1, 10, "duration", "10s");
    refused(state, "max_memory: -1\nops: []\n", 1, 13, "size", "MiB");
    refused(state, "", 1, 1, "empty", "");
}

static void compare_takes_tolerances_and_masks(void **state) {
    const CellSource *c =
        cell(state, "compare: {rtol: 1e-5, mask: ['[0-9]+', b]}\nops: []\n");
    assert_true(c->compare.given);
    assert_true(c->compare.tolerant);
    assert_true(c->compare.rtol == 1e-5);
    assert_true(c->compare.atol == 0);
    assert_int_equal(c->compare.n_masks, 2);
    assert_string_equal(c->compare.masks[1].pattern, "b");
    assert_int_equal(c->compare.masks[0].col, 31);
    assert_true(cell(state, "compare: exact\nops: []\n")->compare.given);
    assert_false(cell(state, "compare: exact\nops: []\n")->compare.tolerant);
}

static void compare_refuses_what_would_do_nothing(void **state) {
    refused(state, "compare: close\nops: []\n", 1, 10, "`exact` or a mapping", "rtol");
    refused(state, "compare: {}\nops: []\n", 1, 10, "`exact` or a mapping", "rtol");
    refused(state, "compare: {rtol: 0}\nops: []\n", 1, 10, "tolerance of 0", "exact");
    refused(state, "compare: {rtol: -1}\nops: []\n", 1, 17, "is a number", "1e-4");
    refused(state, "compare: {mask: []}\nops: []\n", 1, 17, "list", "mask");
    refused(state, "compare: {mask: ['(']}\nops: []\n", 1, 19, "not a regular",
            "POSIX");
    refused(state, "compare: {mask: ['(a)\\1']}\nops: []\n", 1, 19, "refer back", "");
    refused(state, "compare: {mask: ['(a{99}){99}']}\nops: []\n", 1, 19, "too high",
            "");
}

static void a_notebook_knows_its_keys(void **state) {
    const NotebookConfig *n = notebook(state, "title: N\nseed: 7\ntimeout: 1min\n"
                                              "compare: {atol: 0.5}\n");
    assert_string_equal(n->title, "N");
    assert_int_equal(n->seed, 7);
    assert_true(n->limits.timeout == 60);
    assert_true(n->compare.atol == 0.5);
    assert_string_equal(n->compare.file, "n.yaml");
    assert_int_equal(notebook(state, "# nothing\n")->seed, 0);
    assert_true(notebook(state, "seed: -1\n")->seed == UINT64_MAX);
    assert_true(notebook(state, "seed: 18446744073709551615\n")->seed == UINT64_MAX);
    refused_notebook(state, "seed: 1.5\n", 1, 7, "integer", "seed");
    refused_notebook(state, "seed: 18446744073709551616\n", 1, 7, "integer", "seed");
    refused_notebook(state, "- a\n", 1, 1, "mapping", "seed");
}

/* ---- guards ---- */

static void yaml_beyond_cells_is_refused(void **state) {
    refused(state, "ops:\n- &a x\n", 2, 3, "anchor", "quote");
    refused(state, "ops:\n- *a\n", 2, 3, "alias", "quote");
    refused(state, "ops:\n- !!str x\n", 2, 3, "tag", "quote");
    refused(state, "ops:\n- ! x\n", 2, 3, "tag", "quote");
    refused(state, "ops: !a [x]\n", 1, 6, "tag", "quote");
    refused(state, "ops: &a [x]\n", 1, 6, "anchor", "quote");
    refused(state, "%YAML 1.1\n---\nops: []\n", 1, 1, "directive", "delete");
    refused(state, "ops: []\n---\nops: []\n", 2, 1, "second document", "---");
    refused(state, "ops: []\ntitle: a\nops: []\n", 3, 1, "key `ops` twice", "line 1");
    refused(state, "? [a]\n: 1\n", 1, 3, "key must be text", "quote");
    assert_int_equal(cell(state, "---\nops: [a]\n...\n")->n_ops, 1);
}

static void nesting_has_an_end(void **state) {
    char text[512] = "ops: ";
    memset(text + 5, '[', 63);
    memset(text + 68, ']', 63);
    refused(state, text, 1, 7, "not a list", "quote");
    memset(text + 5, '[', 64);
    memset(text + 69, ']', 64);
    refused(state, text, 1, 69, "nested more than 64", "function");
}

static void bytes_that_are_no_text_are_refused(void **state) {
    refused(state, "ops:\n- \"\xC3\x28\"\n", 2, 4, "0xC3 is not valid UTF-8", "UTF-8");
    refused(state, "ops: []\n# \xE9\xFF\n", 2, 3, "0xE9", "UTF-8");
    refused_bytes(state, "ops: []\nt\0\n", 11, 2, 2, "NUL", "escape");
    refused(state, "ops: [a\x1B]\n", 1, 8, "control character U+001B", "escape");
    refused(state, "ops: [\"\\0\"]\n", 1, 7, "NUL", "\\\\0");
    assert_int_equal(cell(state, "\xEF\xBB\xBFops: [a, é]\r\n")->n_ops, 2);
}

static void a_large_file_is_refused(void **state) {
    size_t len = YAML_MAX_BYTES + 1;
    char *text = malloc(len + 1);
    memset(text, '#', len);
    text[len] = '\0';
    refused_bytes(state, text, len, 1, 1, "over 256 KiB", "split");
    memcpy(text, "ops: []\n", 8);
    text[len - 1] = '\0';
    cell(state, text);
    free(text);
}

static void broken_yaml_says_where(void **state) {
    refused(state, "ops:\n- d = {\"a\": 1, \"b\": 2}\n", 2, 19, "mapping values",
            "quote");
    refused(state, "ops:\n- @static\n", 2, 3, "cannot start any token", "quote");
    refused(state, "ops:\n\t- x\n", 2, 1, "cannot start any token", "tabs");
    refused(state, "ops:\n- \"abc\n", 2, 3, "end of stream", "quote");
    refused(state, "ops:\n- \"a\" + b\n", 2, 7, "not valid YAML", "quote");
    refused(state, "ops:\n- [1, 2\n", 3, 1, "not valid YAML", "quote");
}

static void a_deep_chain_of_empty_brackets_is_no_danger(void **state) {
    char *text = malloc(200001);
    memset(text, '[', 200000);
    text[200000] = '\0';
    refused(state, text, 1, 65, "nested more than 64", "");
    free(text);
}

static void running_out_of_memory_leaks_nothing(void **state) {
    (void)state;
    static const char text[] = "title: a\nops:\n- f = lambda t: t\n- with a:\n  - b\n"
                               "- {op: f, args: [1, [2]], out: y}\n"
                               "compare: {mask: [a]}\nbanana: 1\n";
    for (uint64_t i = 1; i < 20; i++) {
        Ctx c;
        Arena a;
        CellSource cell;
        Problem p = {.kind = PROBLEM_NONE};
        ctx_open(&c);
        arena_init(&a, &c);
        c.mem.fail_at = i;
        assert_false(load_cell(&a, "c.yaml", text, sizeof text - 1, &cell, &p));
        assert_true(p.kind != PROBLEM_NONE || c.error.kind == MemoryError);
        arena_free(&a);
        error_clear(&c);
        ctx_close(&c);
        assert_int_equal(c.mem.live_blocks, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, arena_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_string_is_a_statement_with_its_place),
        TEST(columns_count_characters_behind_the_quote),
        TEST(a_mapping_to_a_list_is_a_block),
        TEST(a_block_may_be_empty_or_on_one_line),
        TEST(a_split_statement_is_joined),
        TEST(a_dict_with_one_colon_needs_no_quotes),
        TEST(the_explicit_form_is_a_call),
        TEST(the_explicit_form_in_lines),
        TEST(a_block_scalar_keeps_the_places_of_its_lines),
        TEST(malformed_operations_are_refused),
        TEST(a_cell_knows_its_keys),
        TEST(an_unknown_key_names_the_nearest),
        TEST(a_wrong_type_is_refused),
        TEST(compare_takes_tolerances_and_masks),
        TEST(compare_refuses_what_would_do_nothing),
        TEST(a_notebook_knows_its_keys),
        TEST(yaml_beyond_cells_is_refused),
        TEST(nesting_has_an_end),
        TEST(bytes_that_are_no_text_are_refused),
        TEST(a_large_file_is_refused),
        TEST(broken_yaml_says_where),
        TEST(a_deep_chain_of_empty_brackets_is_no_danger),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
