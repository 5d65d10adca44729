/* list_sort: the stable sort of list.sort() and sorted().
 *
 * Items are taken out of the list while they are compared, so that a comparison that
 * touches the list meets an empty one and is found out. A list shorter than RUN is
 * sorted as CPython's timsort does it, comparison by comparison: first the run that
 * stands at its start, then the others by binary insertion. So the result is Python's
 * even when the order is none, as with nan. Longer lists are sorted in such runs,
 * which are then merged pairwise. */
#include "runner/values/sequences.h"

#include "runner/values/types.h"

#include <string.h>

enum { RUN = 64 };

typedef struct Item {
    Value key;   /* what is compared: the value itself without a key function */
    Value value; /* VAL_NULL without a key function */
} Item;

typedef struct Sorter {
    Ctx *c;
    Item *items;
    Item *spare; /* room for as many */
    size_t n;
    bool failed;
} Sorter;

/* a < b; false once a comparison has failed. */
static bool less(Sorter *s, Item a, Item b) {
    if (s->failed) return false;
    if (a.key.tag == VAL_INT && b.key.tag == VAL_INT) return a.key.as.i < b.key.as.i;
    size_t mark = pool_mark(s->c);
    int r = value_test(s->c, COMPARE_LT, a.key, b.key);
    pool_drain(s->c, mark);
    if (r < 0) s->failed = true;
    return r == 1;
}

static void reverse_items(Item *items, size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        Item swapped = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = swapped;
    }
}

/* The length of the run at the start; a strictly descending one is turned round. */
static size_t first_run(Sorter *s, Item *items, size_t n) {
    if (n < 2) return n;
    size_t run = 2;
    bool descending = less(s, items[1], items[0]);
    while (run < n && less(s, items[run], items[run - 1]) == descending && !s->failed)
        run++;
    if (descending && !s->failed) reverse_items(items, run);
    return run;
}

/* Puts items[sorted], ... into their places among those before, which are in order. */
static void insert_items(Sorter *s, Item *items, size_t sorted, size_t n) {
    for (; sorted < n; sorted++) {
        Item pivot = items[sorted];
        size_t left = 0, right = sorted;
        while (left < right) {
            size_t middle = (left + right) / 2;
            if (less(s, pivot, items[middle]))
                right = middle;
            else
                left = middle + 1;
        }
        if (s->failed) return;
        memmove(items + left + 1, items + left, (sorted - left) * sizeof *items);
        items[left] = pivot;
    }
}

static void sort_run(Sorter *s, Item *items, size_t n) {
    size_t run = first_run(s, items, n);
    if (!s->failed) insert_items(s, items, run, n);
}

/* Merges [0, middle) and [middle, n); of equals, those on the left come first. After a
 * failure what is left is copied as it stands: the items stay a permutation. */
static void merge(Sorter *s, Item *items, size_t middle, size_t n) {
    if (middle >= n || !less(s, items[middle], items[middle - 1])) return;
    memcpy(s->spare, items, middle * sizeof *items);
    size_t left = 0, right = middle, out = 0;
    while (left < middle && right < n)
        items[out++] =
            less(s, items[right], s->spare[left]) ? items[right++] : s->spare[left++];
    memcpy(items + out, s->spare + left, (middle - left) * sizeof *items);
}

static void sort_items(Sorter *s) {
    for (size_t i = 0; i < s->n && !s->failed; i += RUN)
        sort_run(s, s->items + i, s->n - i < RUN ? s->n - i : RUN);
    for (size_t width = RUN; width < s->n && !s->failed; width *= 2)
        for (size_t i = 0; i < s->n && !s->failed; i += 2 * width)
            merge(s, s->items + i, width < s->n - i ? width : s->n - i,
                  s->n - i < 2 * width ? s->n - i : 2 * width);
}

/* Replaces each key by key(value). */
static bool call_keys(Sorter *s, Value function) {
    Ctx *c = s->c;
    for (size_t i = 0; i < s->n; i++) {
        size_t mark = pool_mark(c);
        Value key = value_retain(value_call(c, function, &s->items[i].key, 1));
        pool_drain(c, mark);
        if (value_is_null(key)) return false;
        s->items[i].value = s->items[i].key;
        s->items[i].key = key;
    }
    return true;
}

/* Gives the list its items back, and says so when something got in meanwhile. */
static bool give_back(Sorter *s, List *l, Value *room, size_t cap) {
    Ctx *c = s->c;
    bool modified = l->n > 0 || l->items;
    Value *intruders = l->items;
    size_t n = l->n, intruders_cap = l->cap;
    for (size_t i = 0; i < s->n; i++) {
        bool keyed = !value_is_null(s->items[i].value);
        room[i] = keyed ? s->items[i].value : s->items[i].key;
    }
    l->items = room;
    l->n = s->n;
    l->cap = cap;
    for (size_t i = 0; i < s->n; i++)
        if (!value_is_null(s->items[i].value)) value_release(c, s->items[i].key);
    for (size_t i = 0; i < n; i++) value_release(c, intruders[i]);
    ctx_free(c, intruders, intruders_cap * sizeof *intruders);
    if (modified) error_raise(c, ValueError, "list modified during sort");
    return !ctx_failed(c);
}

static bool start(Sorter *s, Ctx *c, const List *l) {
    *s = (Sorter){.c = c, .n = l->n};
    s->items = ctx_alloc(c, l->n * sizeof *s->items);
    s->spare = ctx_alloc(c, l->n * sizeof *s->spare);
    for (size_t i = 0; s->items && i < l->n; i++)
        s->items[i] = (Item){.key = l->items[i], .value = value_null()};
    return s->items && s->spare;
}

bool list_sort(Ctx *c, List *l, Value key, bool reverse) {
    if (l->n == 0) return true;
    Sorter s;
    bool sorted = false;
    if (start(&s, c, l)) {
        Value *room = l->items;
        size_t cap = l->cap;
        obj_retain(l);
        l->items = NULL;
        l->n = l->cap = 0;
        bool keyed = value_is_none(key) || call_keys(&s, key);
        /* Reversed before and after, so that equals keep their order. */
        if (reverse) reverse_items(s.items, s.n);
        if (keyed) sort_items(&s);
        if (reverse) reverse_items(s.items, s.n);
        sorted = give_back(&s, l, room, cap);
        obj_release(c, l);
    }
    ctx_free(c, s.items, s.n * sizeof *s.items);
    ctx_free(c, s.spare, s.n * sizeof *s.spare);
    return sorted;
}
