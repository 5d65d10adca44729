/* mt19937: the Mersenne Twister of Matsumoto and Nishimura, and uniform numbers.
 *
 * 624 words of state are renewed together; each draw takes one.  Only the low 32 bits
 * of a seed count.  Words become numbers as PyTorch makes them: the low bits, as many
 * as the significand of the type has, divided by their range.
 */
#ifndef CORE_KERNEL_MT19937_H
#define CORE_KERNEL_MT19937_H

#include <stdbool.h>
#include <stdint.h>

enum { MT_WORDS = 624 };

typedef struct Random {
    uint64_t seed;
    uint32_t state[MT_WORDS];
    int32_t left;  /* draws until the state is renewed, counting the one that does it */
    uint32_t next; /* index of the next word */
    bool has_spare; /* normal numbers come in pairs; the second one waits here */
    double spare;
    bool has_float_spare; /* never drawn from, but a part of saved states */
    float float_spare;
} Random;

/* Starts anew; spares are dropped. */
void random_seed(Random *r, uint64_t seed);
/* Renews the state: what random_u32 does every 624 draws. */
void random_renew(Random *r);

/* What a word of the state is scrambled into before anyone sees it. */
static inline uint32_t random_temper(uint32_t y) {
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680;
    y ^= y << 15 & 0xEFC60000;
    return y ^ y >> 18;
}

static inline uint32_t random_u32(Random *r) {
    if (--r->left == 0) random_renew(r);
    return random_temper(r->state[r->next++]);
}

/* The first draw is the high half. */
static inline uint64_t random_u64(Random *r) {
    uint64_t high = random_u32(r);
    return high << 32 | random_u32(r);
}

/* [0, 1) */
static inline double random_double(Random *r) {
    return (double)(random_u64(r) & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}
static inline float random_float(Random *r) {
    return (float)(random_u32(r) & 0xFFFFFF) * 0x1p-24f;
}
/* n draws of random_float. */
void random_floats(Random *r, float *out, int64_t n);

#endif
