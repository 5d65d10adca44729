/* The part of sort.h where equal elements may come in any order.  Comparisons look at
 * keys alone; which of two equal items ends where follows from the steps, so none of
 * them may be simplified. */
#include "sort.h"

enum { SMALL = 16 };

static void swap_items(SortItem *a, SortItem *b) {
    SortItem t = *a;
    *a = *b;
    *b = t;
}

/* How often an interval may be split before a heap takes over. */
static int depth_limit(int64_t n) {
    int depth = 0;
    while (n > 1) {
        n /= 2;
        depth += 2;
    }
    return depth;
}

/* Whether a comes before b. Keys beyond `last` come neither before nor behind any. */
static bool before(SortItem a, SortItem b, uint64_t last) {
    return a.key < b.key && b.key <= last;
}

/* ---- heaps, the largest item first ---- */

/* Moves value up from the hole until its parent is not smaller; never above top. */
static void sift_up(SortItem *heap, int64_t hole, int64_t top, SortItem value,
                    uint64_t last) {
    while (hole > top && before(heap[(hole - 1) / 2], value, last)) {
        heap[hole] = heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap[hole] = value;
}

/* Moves the hole down along the larger children, then value up to its place. */
static void sift_down(SortItem *heap, int64_t hole, int64_t n, SortItem value,
                      uint64_t last) {
    int64_t top = hole, child = hole;
    while (child < (n - 1) / 2) {
        child = 2 * (child + 1);
        if (before(heap[child], heap[child - 1], last)) child--;
        heap[hole] = heap[child];
        hole = child;
    }
    if (n % 2 == 0 && child == (n - 2) / 2) {
        child = 2 * (child + 1);
        heap[hole] = heap[child - 1];
        hole = child - 1;
    }
    sift_up(heap, hole, top, value, last);
}

static void make_heap(SortItem *heap, int64_t n, uint64_t last) {
    for (int64_t i = (n - 2) / 2; n > 1 && i >= 0; i--)
        sift_down(heap, i, n, heap[i], last);
}

/* The largest item of the heap goes to *to, whose value joins the heap. */
static void pop_heap(SortItem *heap, int64_t n, SortItem *to, uint64_t last) {
    SortItem value = *to;
    *to = heap[0];
    sift_down(heap, 0, n, value, last);
}

/* The k smallest of n items to the front, as a heap. */
static void heap_select(SortItem *items, int64_t n, int64_t k, uint64_t last) {
    make_heap(items, k, last);
    for (int64_t i = k; i < n; i++)
        if (before(items[i], items[0], last)) pop_heap(items, k, &items[i], last);
}

static void sort_heap(SortItem *heap, int64_t n, uint64_t last) {
    for (; n > 1; n--) pop_heap(heap, n - 1, &heap[n - 1], last);
}

/* ---- partitions ---- */

/* Swaps the median of a, b and c with *to. */
static void median_to(SortItem *to, SortItem *a, SortItem *b, SortItem *c,
                      uint64_t last) {
    bool ac = before(*a, *c, last), bc = before(*b, *c, last);
    if (before(*a, *b, last))
        swap_items(to, bc ? b : ac ? c : a);
    else
        swap_items(to, ac ? a : bc ? c : b);
}

/* Splits around the median of three; what is before the result is not larger than what
 * is from there on. n >= 4. One of the three stops i, the median itself stops j. */
static int64_t split(SortItem *items, int64_t n, uint64_t last) {
    median_to(items, items + 1, items + n / 2, items + n - 1, last);
    int64_t i = 1, j = n;
    for (;;) {
        while (before(items[i], items[0], last)) i++;
        do j--;
        while (before(items[0], items[j], last));
        if (i >= j) return i;
        swap_items(&items[i++], &items[j]);
    }
}

/* ---- the algorithms ---- */

/* Leaves runs of at most SMALL items unsorted. The deeper half is always taken up by
 * the recursion, depth_limit keeps it shallow. */
static void introsort_loop(SortItem *items, int64_t n, int depth, uint64_t last) {
    while (n > SMALL) {
        if (depth-- == 0) {
            heap_select(items, n, n, last);
            sort_heap(items, n, last);
            return;
        }
        int64_t cut = split(items, n, last);
        introsort_loop(items + cut, n - cut, depth, last);
        n = cut;
    }
}

/* Of the first SMALL items, one that comes before the first goes past all others. */
static void insert_all(SortItem *items, int64_t n, uint64_t last) {
    for (int64_t i = 1; i < n; i++) {
        SortItem moving = items[i];
        bool to_front = i < SMALL && before(moving, items[0], last);
        int64_t j = i;
        for (; j > 0 && (to_front || before(moving, items[j - 1], last)); j--)
            items[j] = items[j - 1];
        items[j] = moving;
    }
}

void introsort_items(SortItem *items, int64_t n, uint64_t last) {
    introsort_loop(items, n, depth_limit(n), last);
    insert_all(items, n, last);
}

/* Item k gets the place it has in sorted order, as by GNU's std::nth_element. */
static void introselect_item(SortItem *items, int64_t n, int64_t k) {
    int depth = depth_limit(n);
    while (n > 3) {
        if (depth-- == 0) {
            heap_select(items, n, k + 1, UINT64_MAX);
            swap_items(&items[0], &items[k]);
            return;
        }
        int64_t cut = split(items, n, UINT64_MAX);
        if (cut <= k) {
            items += cut;
            n -= cut;
            k -= cut;
        } else {
            n = cut;
        }
    }
    insertion_sort_items(items, n);
}

int64_t nth_index(SortItem *items, int64_t n, int64_t k) {
    introselect_item(items, n, k);
    uint64_t key = items[k].key;
    int64_t equal = 0;
    for (int64_t i = 0; i < n; i++) {
        if (items[i].key < key)
            k--;
        else if (items[i].key == key)
            items[equal++] = (SortItem){(uint64_t)items[i].index, items[i].index};
    }
    introselect_item(items, equal, k);
    return items[k].index;
}

void quickselect_item(SortItem *items, int64_t n, int64_t k) {
    int64_t low = 0, high = n - 1;
    while (high > low + 1) {
        swap_items(&items[low + (high - low) / 2], &items[low + 1]);
        if (items[low + 1].key > items[high].key)
            swap_items(&items[low + 1], &items[high]);
        if (items[low].key > items[high].key) swap_items(&items[low], &items[high]);
        if (items[low + 1].key > items[low].key)
            swap_items(&items[low + 1], &items[low]);
        int64_t i = low + 1, j = high;
        uint64_t pivot = items[low].key;
        for (;;) {
            do i++;
            while (pivot > items[i].key);
            do j--;
            while (items[j].key > pivot);
            if (j < i) break;
            swap_items(&items[i], &items[j]);
        }
        swap_items(&items[low], &items[j]);
        if (j <= k) low = i;
        if (j >= k) high = j - 1;
    }
    if (high == low + 1 && items[low].key > items[high].key)
        swap_items(&items[low], &items[high]);
}

void top_items(SortItem *items, int64_t n, int64_t k, bool sorted) {
    if (k * 64 <= n) {
        heap_select(items, n, k, UINT64_MAX);
        sort_heap(items, k, UINT64_MAX);
        return;
    }
    introselect_item(items, n, k - 1);
    if (sorted) introsort_items(items, k - 1, UINT64_MAX);
}
