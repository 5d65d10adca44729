/* diff: hunks between two texts. */
#include "runner/text/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Case {
    Mem mem;
    Diff diff;
} Case;

static Diff *run(Case *t, const char *a, const char *b) {
    mem_init(&t->mem);
    assert_true(diff_texts(&t->diff, &t->mem, a, strlen(a), b, strlen(b)));
    return &t->diff;
}

static void end(Case *t) {
    diff_free(&t->diff);
    assert_int_equal(t->mem.live_blocks, 0);
    mem_close(&t->mem);
}

static void assert_hunk(const Hunk *h, size_t a, size_t a_n, size_t b, size_t b_n) {
    assert_int_equal(h->a, a);
    assert_int_equal(h->a_n, a_n);
    assert_int_equal(h->b, b);
    assert_int_equal(h->b_n, b_n);
}

static void equal_texts_have_no_hunk(void **state) {
    (void)state;
    Case t;
    assert_int_equal(run(&t, "a\nb\n", "a\nb\n")->n, 0);
    end(&t);
    assert_int_equal(run(&t, "", "")->n, 0);
    end(&t);
}

static void a_changed_line_is_one_hunk(void **state) {
    (void)state;
    Case t;
    Diff *d = run(&t, "a\nb\nc\n", "a\nx\nc\n");
    assert_int_equal(d->n, 1);
    assert_hunk(&d->hunks[0], 1, 1, 1, 1);
    end(&t);
}

static void lines_are_added_to_nothing(void **state) {
    (void)state;
    Case t;
    Diff *d = run(&t, "", "a\nb");
    assert_int_equal(d->n, 1);
    assert_hunk(&d->hunks[0], 0, 0, 0, 2);
    end(&t);
}

static void a_missing_newline_at_the_end_counts(void **state) {
    (void)state;
    Case t;
    Diff *d = run(&t, "a\nb\n", "a\nb");
    assert_int_equal(d->n, 1);
    assert_hunk(&d->hunks[0], 1, 1, 1, 1);
    end(&t);
}

static void the_script_is_the_shortest(void **state) {
    (void)state;
    Case t;
    Diff *d = run(&t, "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n");
    size_t edits = 0;
    for (size_t i = 0; i < d->n; i++) edits += d->hunks[i].a_n + d->hunks[i].b_n;
    assert_int_equal(edits, 5);
    end(&t);
}

/* What lies between the hunks is the same, and the hunks cover the rest. */
static void assert_valid(const Diff *d) {
    size_t x = 0, y = 0;
    for (size_t i = 0; i <= d->n; i++) {
        Hunk h = i < d->n ? d->hunks[i] : (Hunk){d->a.n, 0, d->b.n, 0};
        assert_int_equal(h.a - x, h.b - y);
        for (; x < h.a; x++, y++) {
            assert_int_equal(d->a.items[x].len, d->b.items[y].len);
            assert_memory_equal(d->a.items[x].text, d->b.items[y].text,
                                d->a.items[x].len);
        }
        x += h.a_n, y += h.b_n;
    }
}

static char *random_text(unsigned *seed, size_t lines, size_t kinds) {
    char *text = malloc(lines * 2 + 1);
    for (size_t i = 0; i < lines; i++) {
        *seed = *seed * 1103515245u + 12345u;
        text[2 * i] = (char)('a' + (*seed >> 16) % kinds);
        text[2 * i + 1] = '\n';
    }
    text[2 * lines] = '\0';
    return text;
}

static void random_texts_have_valid_hunks(void **state) {
    (void)state;
    unsigned seed = 7;
    for (size_t i = 0; i < 300; i++) {
        char *a = random_text(&seed, i % 23, 2 + i % 3);
        char *b = random_text(&seed, (i * 7) % 19, 2 + i % 3);
        Case t;
        assert_valid(run(&t, a, b));
        end(&t);
        free(a);
        free(b);
    }
}

static void texts_beyond_the_reach_have_valid_hunks(void **state) {
    (void)state;
    unsigned seed = 3;
    for (size_t kinds = 2; kinds < 26; kinds += 11) {
        char *a = random_text(&seed, 4000, kinds), *b = random_text(&seed, 3000, kinds);
        Case t;
        assert_valid(run(&t, a, b));
        end(&t);
        free(a);
        free(b);
    }
}

static void nothing_in_common_is_one_hunk(void **state) {
    (void)state;
    Case t;
    char *a = malloc(2001), *b = malloc(2001);
    for (size_t i = 0; i < 2000; i++) {
        a[i] = i % 2 ? '\n' : 'a';
        b[i] = i % 2 ? '\n' : 'b';
    }
    a[2000] = b[2000] = '\0';
    Diff *d = run(&t, a, b);
    assert_int_equal(d->n, 1);
    assert_hunk(&d->hunks[0], 0, 1000, 0, 1000);
    end(&t);
    free(a);
    free(b);
}

static void running_out_of_memory_leaks_nothing(void **state) {
    (void)state;
    for (uint64_t i = 1; i < 12; i++) {
        Mem mem;
        Diff d;
        mem_init(&mem);
        mem.fail_at = i;
        diff_texts(&d, &mem, "a\nb\nc\n", 6, "x\nb\ny\n", 6);
        diff_free(&d);
        assert_int_equal(mem.live_blocks, 0);
        mem_close(&mem);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_no_hunk),
        cmocka_unit_test(a_changed_line_is_one_hunk),
        cmocka_unit_test(lines_are_added_to_nothing),
        cmocka_unit_test(a_missing_newline_at_the_end_counts),
        cmocka_unit_test(the_script_is_the_shortest),
        cmocka_unit_test(random_texts_have_valid_hunks),
        cmocka_unit_test(texts_beyond_the_reach_have_valid_hunks),
        cmocka_unit_test(nothing_in_common_is_one_hunk),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
