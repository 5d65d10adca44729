/* See mem.h.  A block's true size is its size rounded up to MEM_GRAIN; the same
 * rounding on release finds its list again. */
#include "mem.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEM_REUSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_REUSE 0
#endif
#endif
#ifndef MEM_REUSE
#define MEM_REUSE 1
#endif

enum { ALIGN_FROM = 256, WIDE_ALIGN = 64 };

static size_t rounded(size_t size) {
    if (size == 0) size = 1;
    return (size + MEM_GRAIN - 1) & ~(size_t)(MEM_GRAIN - 1);
}

void mem_init(Mem *m) {
    memset(m, 0, sizeof *m);
}

void mem_close(Mem *m) {
    for (size_t i = 0; i < MEM_CLASSES; i++) {
        void *p = m->free_lists[i];
        while (p) {
            void *next = *(void **)p;
            free(p);
            p = next;
        }
        m->free_lists[i] = NULL;
    }
}

static bool beyond_limits(Mem *m, size_t size) {
    m->requests++;
    if (m->fail_at && m->requests == m->fail_at) return true;
    return m->budget && (size > m->budget || m->live_bytes > m->budget - size);
}

static void count(Mem *m, size_t size) {
    m->live_blocks++;
    m->live_bytes += size;
    if (m->live_bytes > m->peak_bytes) m->peak_bytes = m->live_bytes;
}

static void *from_system(size_t size) {
    if (size < ALIGN_FROM) return malloc(size);
    return aligned_alloc(WIDE_ALIGN,
                         (size + WIDE_ALIGN - 1) & ~(size_t)(WIDE_ALIGN - 1));
}

static void *refuse(Mem *m) {
    m->refused = true;
    return NULL;
}

void *mem_alloc(Mem *m, size_t size) {
    if (size > PTRDIFF_MAX / 2) return refuse(m);
    size = rounded(size);
    if (beyond_limits(m, size)) return refuse(m);
    if (MEM_REUSE && size <= MEM_SMALL) {
        void **list = &m->free_lists[size / MEM_GRAIN];
        if (*list) {
            void *p = *list;
            *list = *(void **)p;
            count(m, size);
            return p;
        }
    }
    void *p = from_system(size);
    if (!p) return refuse(m);
    count(m, size);
    return p;
}

void *mem_alloc_zero(Mem *m, size_t size) {
    void *p = mem_alloc(m, size);
    if (p) memset(p, 0, size);
    return p;
}

void *mem_resize(Mem *m, void *p, size_t old, size_t size) {
    if (p && rounded(old) == rounded(size)) return p;
    void *fresh = mem_alloc(m, size);
    if (!fresh) return NULL;
    if (p) {
        memcpy(fresh, p, old < size ? old : size);
        mem_free(m, p, old);
    }
    return fresh;
}

void mem_free(Mem *m, void *p, size_t size) {
    if (!p) return;
    size = rounded(size);
    m->live_blocks--;
    m->live_bytes -= size;
    if (MEM_REUSE && size <= MEM_SMALL) {
        void **list = &m->free_lists[size / MEM_GRAIN];
        *(void **)p = *list;
        *list = p;
        return;
    }
    free(p);
}
