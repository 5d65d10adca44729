/* See hash_order.h. Sources: bits/hashtable.h, hash_bytes.cc, hashtable_c++0x.cc. */
#include "hash_order.h"

#include <string.h>

/* A set has one bucket, then the first prime of the library's list that is at least
 * twice the last one. */
static const int64_t growth[] = {13,      29,       59,       127,     257,     541,
                                 1109,    2357,     5087,     10273,   20753,   42043,
                                 85229,   172933,   351061,   712697,  1447153, 2938679,
                                 5967347, 12117689, 24607243, 49969847};
enum { GROWTHS = sizeof growth / sizeof *growth };

int64_t hash_buckets(int64_t n) {
    int i = 0;
    while (i < GROWTHS - 1 && growth[i] < n) i++;
    return growth[i];
}

/* ---- hashes ---- */

static uint64_t shift_mix(uint64_t v) {
    return v ^ (v >> 47);
}

/* Murmur's hash of at most 8 bytes, given as a number. */
static uint64_t hash_bytes(uint64_t bytes, uint64_t len) {
    static const uint64_t mul = (UINT64_C(0xc6a4a793) << 32) + UINT64_C(0x5bd1e995);
    uint64_t hash = UINT64_C(0xc70f6907) ^ (len * mul);
    hash ^= len == 8 ? shift_mix(bytes * mul) * mul : bytes;
    hash *= mul;
    return shift_mix(shift_mix(hash) * mul);
}

static uint64_t hash_float(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return f == 0 ? 0 : hash_bytes(bits, sizeof bits);
}

static uint64_t hash_double(double f) {
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return f == 0 ? 0 : hash_bytes(bits, sizeof bits);
}

#define HASHES(T, HASH)                                                                \
    for (int64_t i = 0; i < n; i++) {                                                  \
        const T a = ((const T *)x)[i];                                                 \
        hash[i] = HASH;                                                                \
    }                                                                                  \
    break;

void hash_elements(DType d, const void *x, int64_t n, uint64_t *hash) {
    switch (d) {
    case DT_uint8: HASHES(uint8_t, a)
    case DT_int8: HASHES(int8_t, (uint64_t)(int64_t)a)
    case DT_int16: HASHES(int16_t, (uint64_t)(int64_t)a)
    case DT_int32: HASHES(int32_t, (uint64_t)(int64_t)a)
    case DT_int64: HASHES(int64_t, (uint64_t)a)
    case DT_bool: HASHES(bool, a)
    case DT_float16: HASHES(Half, a.bits)
    case DT_bfloat16: HASHES(BFloat16, a.bits)
    case DT_float32: HASHES(float, hash_float(a))
    case DT_float64: HASHES(double, hash_double(a))
    case DTYPE_COUNT:
    case DT_none: break;
    }
}

/* ---- the set ---- */

/* What a bucket holds: the node before its first one, or one of these. */
enum { EMPTY = -2, BEFORE_HEAD = -1 };

static int64_t bucket_of(const HashSet *s, int64_t node) {
    return (int64_t)(s->nodes[node].hash % (uint64_t)s->n_buckets);
}

static int64_t *next_of(HashSet *s, int64_t before) {
    return before == BEFORE_HEAD ? &s->head : &s->nodes[before].next;
}

/* In front of its bucket, or of everything when that is empty. */
static void link_node(HashSet *s, int64_t node) {
    int64_t bucket = bucket_of(s, node), before = s->buckets[bucket];
    if (before != EMPTY) {
        s->nodes[node].next = *next_of(s, before);
        *next_of(s, before) = node;
        return;
    }
    s->nodes[node].next = s->head;
    if (s->head >= 0) s->buckets[bucket_of(s, s->head)] = node;
    s->head = node;
    s->buckets[bucket] = BEFORE_HEAD;
}

static void rehash(HashSet *s, int64_t n_buckets) {
    int64_t node = s->head;
    s->n_buckets = n_buckets;
    s->head = -1;
    for (int64_t i = 0; i < n_buckets; i++) s->buckets[i] = EMPTY;
    while (node >= 0) {
        int64_t next = s->nodes[node].next;
        link_node(s, node);
        node = next;
    }
}

static int64_t find(HashSet *s, uint64_t hash, uint64_t key) {
    if (s->n == 0) return -1;
    int64_t bucket = (int64_t)(hash % (uint64_t)s->n_buckets);
    if (s->buckets[bucket] == EMPTY) return -1;
    int64_t node = *next_of(s, s->buckets[bucket]);
    for (; node >= 0 && bucket_of(s, node) == bucket; node = s->nodes[node].next)
        if (s->nodes[node].key == key) return node;
    return -1;
}

int64_t hash_insert(HashSet *s, uint64_t hash, uint64_t key, int64_t index,
                    bool unequal) {
    int64_t node = unequal ? -1 : find(s, hash, key);
    if (node >= 0) return node;
    if (s->n == 0) s->head = -1;
    if (s->n >= s->n_buckets && hash_buckets(s->n + 1) > s->n_buckets)
        rehash(s, hash_buckets(s->n + 1));
    node = s->n++;
    s->nodes[node] = (HashNode){.hash = hash, .key = key, .first = index};
    link_node(s, node);
    return node;
}
