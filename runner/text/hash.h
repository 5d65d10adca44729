/* hash: FNV-1a, for telling texts apart that nobody chose to collide. */
#ifndef RUNNER_HASH_H
#define RUNNER_HASH_H

#include <stddef.h>
#include <stdint.h>

static const uint64_t HASH_EMPTY = UINT64_C(14695981039346656037);

/* The hash of what has the hash `hash` with n more bytes behind it. */
static inline uint64_t hash_more(uint64_t hash, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash;
}

static inline uint64_t hash_text(const char *text, size_t n) {
    return hash_more(HASH_EMPTY, text, n);
}

#endif
