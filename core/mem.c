/* See mem.h.  A block's true size is its size rounded up to MEM_GRAIN; the same
 * rounding on release finds its list again. */
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ALIGN_FROM = 256,
    WIDE_ALIGN = 64,
    SLAB = 120 * 1024,           /* less than what malloc has mapped for itself */
    HUGE_PAGE = 2 * 1024 * 1024, /* taken by one fault */
    HUGE_FROM = 3 * 1024 * 1024, /* from here on whole ones, at most a quarter unused */
    LARGE_SLABS_FROM = 4 * HUGE_PAGE, /* from here on slabs are two of them */
};

struct MemSlab {
    _Alignas(WIDE_ALIGN) MemSlab *next;
};

static size_t round_up(size_t size, size_t to) {
    return (size + to - 1) & ~(to - 1);
}

static size_t rounded(size_t size) {
    return size ? round_up(size, MEM_GRAIN) : MEM_GRAIN;
}

void mem_init(Mem *m) {
    memset(m, 0, sizeof *m);
    m->huge_from = MEM_HUGE_AFTER;
}

void mem_huge_after(Mem *m, size_t more) {
    m->huge_from = more < SIZE_MAX - m->live_bytes ? m->live_bytes + more : SIZE_MAX;
}

/* ---- small blocks ---- */

/* The class of a rounded size, and the bytes of its blocks. */
static size_t class_of(size_t size, size_t *bytes) {
    *bytes = size;
    if (size <= MEM_FINE) return size / MEM_GRAIN;
    size_t i = MEM_FINE / MEM_GRAIN;
    for (*bytes = MEM_FINE; *bytes < size; *bytes *= 2) i++;
    return i;
}

/* Fresh pages are cheaper by the two megabytes. */
static void *from_system(size_t size) {
    if (size < ALIGN_FROM) return malloc(size);
    if (size < HUGE_FROM && size != HUGE_PAGE)
        return aligned_alloc(WIDE_ALIGN, round_up(size, WIDE_ALIGN));
    size = round_up(size, HUGE_PAGE);
    void *p = aligned_alloc(HUGE_PAGE, size);
#ifdef MADV_HUGEPAGE
    if (p) madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
}

static size_t slab_size(const Mem *m) {
    if (m->live_bytes < m->huge_from) return SLAB;
    return m->live_bytes < LARGE_SLABS_FROM ? HUGE_PAGE : 2 * HUGE_PAGE;
}

static bool add_slab(Mem *m) {
    size_t size = slab_size(m);
    MemSlab *slab = from_system(size);
    if (!slab) return false;
    slab->next = m->slabs;
    m->slabs = slab;
    m->fresh = (char *)(slab + 1);
    m->fresh_end = (char *)slab + size;
    return true;
}

static size_t padding(const Mem *m, size_t bytes) {
    return bytes < ALIGN_FROM ? 0 : -(uintptr_t)m->fresh & (WIDE_ALIGN - 1);
}

static void *cut(Mem *m, size_t bytes) {
    if ((size_t)(m->fresh_end - m->fresh) < padding(m, bytes) + bytes && !add_slab(m))
        return NULL;
    char *p = m->fresh + padding(m, bytes);
    m->fresh = p + bytes;
    return p;
}

static void *small_alloc(Mem *m, size_t size) {
    size_t bytes;
    void **list = &m->free_lists[class_of(size, &bytes)];
    void *p = *list;
    if (!p) return cut(m, bytes);
    *list = *(void **)p;
    return p;
}

static void small_free(Mem *m, void *p, size_t size) {
    size_t bytes;
    void **list = &m->free_lists[class_of(size, &bytes)];
    *(void **)p = *list;
    *list = p;
}

/* ---- large blocks ---- */

static void *take_kept(Mem *m, size_t i) {
    void *p = m->kept[i].block;
    m->kept_bytes -= m->kept[i].size;
    m->n_kept--;
    memmove(&m->kept[i], &m->kept[i + 1], (m->n_kept - i) * sizeof *m->kept);
    return p;
}

static void *find_kept(Mem *m, size_t size) {
    for (size_t i = m->n_kept; i-- > 0;)
        if (m->kept[i].size == size) return take_kept(m, i);
    return NULL;
}

static void drop_kept(Mem *m) {
    while (m->n_kept) free(take_kept(m, 0));
}

static void *large_alloc(Mem *m, size_t size) {
    void *p = find_kept(m, size);
    if (!p) p = from_system(size);
    if (p || !m->n_kept) return p;
    drop_kept(m);
    return from_system(size);
}

static void large_free(Mem *m, void *p, size_t size) {
    if (size < MEM_LARGE || size > MEM_KEPT_BYTES) {
        free(p);
        return;
    }
    while (m->n_kept == MEM_KEPT || m->kept_bytes > MEM_KEPT_BYTES - size)
        free(take_kept(m, 0));
    m->kept[m->n_kept++] = (struct MemKept){p, size};
    m->kept_bytes += size;
}

/* ---- the door ---- */

static bool beyond_limits(Mem *m, size_t size) {
    m->requests++;
    if (m->fail_at && m->requests == m->fail_at) return true;
    return m->budget && (size > m->budget || m->live_bytes > m->budget - size);
}

static void *refuse(Mem *m) {
    m->refused = true;
    return NULL;
}

static void count(Mem *m, size_t size) {
    m->live_blocks++;
    m->live_bytes += size;
}

void *mem_alloc_any(Mem *m, size_t size) {
    if (size > PTRDIFF_MAX / 2) return refuse(m);
    size = rounded(size);
    if (beyond_limits(m, size)) return refuse(m);
    bool small = MEM_REUSE && size <= MEM_SMALL;
    void *p = small ? small_alloc(m, size) : large_alloc(m, size);
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

void mem_free_any(Mem *m, void *p, size_t size) {
    if (!p) return;
    size = rounded(size);
    m->live_blocks--;
    m->live_bytes -= size;
    if (!MEM_REUSE)
        free(p);
    else if (size <= MEM_SMALL)
        small_free(m, p, size);
    else
        large_free(m, p, size);
}

void mem_close(Mem *m) {
    drop_kept(m);
    while (m->slabs) {
        MemSlab *next = m->slabs->next;
        free(m->slabs);
        m->slabs = next;
    }
    memset(m->free_lists, 0, sizeof m->free_lists);
    m->fresh = m->fresh_end = NULL;
}
