/* See rng.h.  A saved state holds, in the byte order of x86-64:
 *
 *   0     seed, 8 bytes          5016  cosine, sine and radius of the spare normal
 *   8     left, 4                      number, 8 bytes each; the newer layout keeps
 *   12    seeded, 4: 1                 the number itself at 5024 and zeros beside it
 *   16    next, 8                5040  4 bytes, 1: there is a spare
 *   24    624 words, 8 each      5048  spare float, 4 bytes; 5052  1: there is one
 */
#include "rng.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    AT_SEED = 0,
    AT_LEFT = 8,
    AT_SEEDED = 12,
    AT_NEXT = 16,
    AT_WORDS = 24,
    AT_ANGLE = 5016,
    AT_SPARE = 5024,
    AT_RADIUS = 5032,
    AT_HAS_SPARE = 5040,
    OLD_SIZE = 5048,
    AT_FLOAT = 5048,
    AT_HAS_FLOAT = 5052,
    STATE_SIZE = 5056
};

static void generator_destroy(Ctx *c, Obj *o) {
    obj_free(c, o, sizeof(Generator));
}
const ObjType generator_type = {"torch._C.Generator", OBJ_GENERATOR, generator_destroy,
                                NULL};

Generator *generator_new(Ctx *c, uint64_t seed) {
    Generator *g = obj_new(c, &generator_type, sizeof *g);
    if (g) random_seed(&g->random, seed);
    return g;
}

void generator_seed(Generator *g, uint64_t seed) {
    random_seed(&g->random, seed);
}

uint64_t generator_initial_seed(const Generator *g) {
    return g->random.seed;
}

/* ---- the state as bytes ---- */

static void put(uint8_t *bytes, uint64_t v, int n) {
    for (int i = 0; i < n; i++) bytes[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *bytes, int n) {
    uint64_t v = 0;
    for (int i = n - 1; i >= 0; i--) v = v << 8 | bytes[i];
    return v;
}

static uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double get_double(const uint8_t *bytes) {
    uint64_t bits = get(bytes, 8);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

Tensor *generator_state(Ctx *c, const Generator *g) {
    const Random *r = &g->random;
    Tensor *t = tensor_make(c, DT_uint8, 1, (const int64_t[]){STATE_SIZE});
    if (!t) return NULL;
    uint8_t *bytes = tensor_data(t);
    memset(bytes, 0, STATE_SIZE);
    put(bytes + AT_SEED, r->seed, 8);
    put(bytes + AT_LEFT, (uint64_t)r->left, 4);
    put(bytes + AT_SEEDED, 1, 4);
    put(bytes + AT_NEXT, r->next, 8);
    for (size_t i = 0; i < MT_WORDS; i++) put(bytes + AT_WORDS + 8 * i, r->state[i], 8);
    if (r->has_spare) {
        put(bytes + AT_SPARE, bits_of(r->spare), 8);
        put(bytes + AT_HAS_SPARE, 1, 4);
    }
    if (r->has_float_spare) {
        uint32_t bits;
        memcpy(&bits, &r->float_spare, sizeof bits);
        put(bytes + AT_FLOAT, bits, 4);
        bytes[AT_HAS_FLOAT] = 1;
    }
    return t;
}

static void read_spares(Random *r, const uint8_t *bytes, bool old) {
    r->has_spare = get(bytes + AT_HAS_SPARE, 4) != 0;
    if (r->has_spare) {
        double turn = get_double(bytes + AT_ANGLE);
        double radius = get_double(bytes + AT_RADIUS);
        r->spare = old ? radius * sin(2 * 3.14159265358979323846 * turn)
                       : get_double(bytes + AT_SPARE);
    }
    if (old) return;
    r->has_float_spare = bytes[AT_HAS_FLOAT] != 0;
    uint32_t bits = (uint32_t)get(bytes + AT_FLOAT, 4);
    memcpy(&r->float_spare, &bits, sizeof bits);
}

/* false: not a state of the generator. */
static bool read_state(Random *r, const uint8_t *bytes, bool old) {
    uint64_t left = get(bytes + AT_LEFT, 4), next = get(bytes + AT_NEXT, 8);
    next = (uint32_t)next; /* PyTorch keeps no more of it */
    if (!get(bytes + AT_SEEDED, 4) || left < 1 || left > MT_WORDS) return false;
    /* PyTorch would read past its words here. */
    if (next + left - 1 > MT_WORDS) return false;
    *r = (Random){.seed = get(bytes + AT_SEED, 8), .left = (int32_t)left};
    r->next = (uint32_t)next;
    for (size_t i = 0; i < MT_WORDS; i++)
        r->state[i] = (uint32_t)get(bytes + AT_WORDS + 8 * i, 4);
    read_spares(r, bytes, old);
    return true;
}

bool generator_set_state(Ctx *c, Generator *g, const Tensor *state) {
    Random r;
    bool old = state->numel == OLD_SIZE;
    if (state->dtype != DT_uint8)
        error_raise(c, TypeError, "RNG state must be a torch.ByteTensor");
    else if (!state->contiguous)
        error_raise(c, RuntimeError, "RNG state must be contiguous");
    else if (!old && state->numel != STATE_SIZE)
        error_raise(c, RuntimeError,
                    "Expected either a CPUGeneratorImplStateLegacy of size %d or a "
                    "CPUGeneratorImplState of size %d but found the input RNG state "
                    "size to be %" PRId64,
                    OLD_SIZE, STATE_SIZE, state->numel);
    else if (!read_state(&r, tensor_data(state), old))
        error_raise(c, RuntimeError, "Invalid mt19937 state");
    if (ctx_failed(c)) return false;
    g->random = r;
    return true;
}
