/* See mt19937.h.  Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS
 * 8(1), 1998, with the initialisation of their revision of 2002. */
#include "mt19937.h"

enum { MIDDLE = 397 };

void random_seed(Random *r, uint64_t seed) {
    *r = (Random){.seed = seed, .left = 1};
    r->state[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < MT_WORDS; i++) {
        uint32_t last = r->state[i - 1];
        r->state[i] = 1812433253 * (last ^ last >> 30) + i;
    }
}

/* The word `far`, twisted with the top bit of u and the other bits of v. */
static uint32_t twist(uint32_t far, uint32_t u, uint32_t v) {
    uint32_t mixed = (u & 0x80000000) | (v & 0x7FFFFFFF);
    return far ^ mixed >> 1 ^ ((0 - (v & 1)) & 0x9908B0DF);
}

void random_renew(Random *r) {
    uint32_t *s = r->state;
    int i = 0;
    for (; i < MT_WORDS - MIDDLE; i++) s[i] = twist(s[i + MIDDLE], s[i], s[i + 1]);
    for (; i < MT_WORDS - 1; i++)
        s[i] = twist(s[i + MIDDLE - MT_WORDS], s[i], s[i + 1]);
    s[i] = twist(s[MIDDLE - 1], s[i], s[0]);
    r->left = MT_WORDS;
    r->next = 0;
}

/* The words that are left before the state must be renewed, many at a time. */
static int64_t draw_floats(Random *r, float *out, int64_t n) {
    if (r->left == 1) {
        random_renew(r);
        r->left++;
    }
    int64_t m = r->left - 1 < n ? r->left - 1 : n;
    const uint32_t *words = r->state + r->next;
    for (int64_t i = 0; i < m; i++) {
        uint32_t y = random_temper(words[i]);
        out[i] = (float)(int32_t)(y & 0xFFFFFF) * 0x1p-24f;
    }
    r->left -= (int32_t)m;
    r->next += (uint32_t)m;
    return m;
}

void random_floats(Random *r, float *out, int64_t n) {
    for (int64_t done = 0; done < n;) done += draw_floats(r, out + done, n - done);
}
