/* See sort.h.  The sort is a bottom-up merge sort over runs that insertion sort made.
 * select.c holds the rest. */
#include "sort.h"

#include <string.h>

enum { RUN = 16 };

/* ---- keys ---- */

static const uint64_t sign_bit = UINT64_C(1) << 63;

static uint64_t key_of_int(int64_t i) {
    return (uint64_t)i ^ sign_bit;
}

static uint64_t key_of_float(double f) {
    if (f != f) return UINT64_MAX;
    if (f == 0) return sign_bit;
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits & sign_bit ? ~bits : bits | sign_bit;
}

#define KEYS(T, KEY)                                                                   \
    for (int64_t i = 0; i < n; i++) {                                                  \
        T element;                                                                     \
        memcpy(&element, (const char *)x + i * stride, sizeof element);                \
        items[i] = (SortItem){(KEY) ^ flip, i};                                        \
    }                                                                                  \
    break;

void sort_items_from(DType d, const void *x, int64_t stride, int64_t n, bool descending,
                     SortItem *items) {
    uint64_t flip = descending ? UINT64_MAX : 0;
    switch (d) {
    case DT_uint8: KEYS(uint8_t, key_of_int(element))
    case DT_int8: KEYS(int8_t, key_of_int(element))
    case DT_int16: KEYS(int16_t, key_of_int(element))
    case DT_int32: KEYS(int32_t, key_of_int(element))
    case DT_int64: KEYS(int64_t, key_of_int(element))
    case DT_bool: KEYS(bool, key_of_int(element))
    case DT_float16: KEYS(Half, key_of_float((double)half_to_float(element)))
    case DT_bfloat16: KEYS(BFloat16, key_of_float((double)bfloat16_to_float(element)))
    case DT_float32: KEYS(float, key_of_float((double)element))
    case DT_float64: KEYS(double, key_of_float(element))
    case DTYPE_COUNT:
    case DT_none: break;
    }
}

/* ---- sorting ---- */

void insertion_sort_items(SortItem *items, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        SortItem moving = items[i];
        int64_t j = i;
        for (; j > 0 && items[j - 1].key > moving.key; j--) items[j] = items[j - 1];
        items[j] = moving;
    }
}

static void merge(const SortItem *a, int64_t an, const SortItem *b, int64_t bn,
                  SortItem *out) {
    int64_t i = 0, j = 0;
    while (i < an && j < bn) *out++ = b[j].key < a[i].key ? b[j++] : a[i++];
    memcpy(out, a + i, (size_t)(an - i) * sizeof *a);
    memcpy(out + (an - i), b + j, (size_t)(bn - j) * sizeof *b);
}

void sort_items(SortItem *items, SortItem *scratch, int64_t n) {
    for (int64_t at = 0; at < n; at += RUN)
        insertion_sort_items(items + at, n - at < RUN ? n - at : RUN);
    SortItem *from = items, *to = scratch;
    for (int64_t width = RUN; width < n; width *= 2) {
        for (int64_t at = 0; at < n; at += 2 * width) {
            int64_t an = n - at < width ? n - at : width;
            int64_t left = n - at - an, bn = left < width ? left : width;
            merge(from + at, an, from + at + an, bn, to + at);
        }
        SortItem *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) memcpy(items, from, (size_t)n * sizeof *items);
}
