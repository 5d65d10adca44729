/* mem: the one door to the C allocator.
 *
 * Every block is given back with its size, so that blocks need no header and the
 * exact number of live blocks and bytes is known at any time.
 *
 * Blocks up to MEM_SMALL bytes are cut from slabs and kept in free lists by size class;
 * they cost no call to malloc and lie close together, which is what a short run is made
 * of: every page it touches costs more than a thousand instructions.  Freed blocks of
 * MEM_LARGE bytes and more wait for the next request of the same size, because fresh
 * pages are dearer than what is computed in them.  (None of this under
 * AddressSanitizer, where every block must be malloc's own.)
 *
 * A request fails, returning NULL, when malloc fails, when `live_bytes` would pass
 * `budget` (0: no budget), or when it is request number `fail_at` counted from
 * mem_init (0: never); a failed request changes nothing.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether freed blocks wait in lists. */
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

enum {
    MEM_GRAIN = 16,
    MEM_FINE = 512,   /* up to here one class for each multiple of MEM_GRAIN ... */
    MEM_SMALL = 8192, /* ... and from there on one for each power of two */
    MEM_CLASSES = MEM_FINE / MEM_GRAIN + 5,
    MEM_LARGE = 128 * 1024,
    MEM_HUGE_AFTER = 200 * 1024, /* bytes that are live before slabs are huge pages */
    MEM_KEPT = 8                 /* freed large blocks that wait */
};
static const size_t MEM_KEPT_BYTES = (size_t)128 << 20;

typedef struct MemSlab MemSlab;

typedef struct Mem {
    size_t live_blocks;
    size_t live_bytes;
    size_t budget;
    size_t huge_from;  /* slabs are huge pages once so much is live */
    uint64_t requests; /* allocations asked for since mem_init */
    uint64_t fail_at;
    bool refused; /* some request has failed; whoever reports that clears it */
    void *free_lists[MEM_CLASSES];
    MemSlab *slabs; /* the first is being cut: between `fresh` and `fresh_end` */
    char *fresh, *fresh_end;
    struct MemKept {
        void *block;
        size_t size;
    } kept[MEM_KEPT]; /* oldest first */
    size_t n_kept, kept_bytes;
} Mem;

void mem_init(Mem *m);
/* Slabs are huge pages once `more` bytes are live beyond those that are, in place of
 * MEM_HUGE_AFTER beyond none: for a process that others are forked from, and for those,
 * which would take a whole one for what is left of theirs. */
void mem_huge_after(Mem *m, size_t more);
/* Gives everything that is free back to the system, and the slabs: small blocks that
 * are live end with it. */
void mem_close(Mem *m);

/* mem_alloc and mem_free for what is not nearly always so. */
void *mem_alloc_any(Mem *m, size_t size);
void mem_free_any(Mem *m, void *p, size_t size);

/* `size` 0 is a valid request of one byte. The block is aligned to 16 bytes, blocks
 * of 256 bytes and more to 64. */
static inline void *mem_alloc(Mem *m, size_t size) {
    /* Nearly every request is for a block of the fine classes that waits in its list,
     * and far from the budget, of which 0 is none. */
    if (size - 1 < MEM_FINE && !m->fail_at &&
        m->live_bytes + MEM_FINE <= m->budget - 1) {
        size_t class = (size + MEM_GRAIN - 1) / MEM_GRAIN;
        void *p = m->free_lists[class];
        if (p) {
            m->free_lists[class] = *(void **)p;
            m->requests++;
            m->live_blocks++;
            m->live_bytes += class * MEM_GRAIN;
            return p;
        }
    }
    return mem_alloc_any(m, size);
}
/* Zero-filled. */
void *mem_alloc_zero(Mem *m, size_t size);
/* `p` NULL with old 0 allocates. On failure the old block is untouched. */
void *mem_resize(Mem *m, void *p, size_t old, size_t size);
/* `size` as it was asked for; NULL is ignored. */
static inline void mem_free(Mem *m, void *p, size_t size) {
    if (!p || !MEM_REUSE || size - 1 >= MEM_FINE) {
        mem_free_any(m, p, size);
        return;
    }
    size_t class = (size + MEM_GRAIN - 1) / MEM_GRAIN;
    m->live_blocks--;
    m->live_bytes -= class * MEM_GRAIN;
    *(void **)p = m->free_lists[class];
    m->free_lists[class] = p;
}

#endif
