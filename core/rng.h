/* rng: torch.Generator: random numbers with a state that can be saved and restored.
 *
 * Operators draw from c->generator unless a call names another one.  The numbers
 * themselves come from kernel/mt19937 and kernel/random.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include "kernel/mt19937.h"
#include "tensor.h"

typedef struct Generator {
    Obj obj;
    Random random;
} Generator;

/* torch.Generator(): starts with this seed until it is given another. */
#define GENERATOR_FIRST_SEED UINT64_C(67280421310721)

extern const ObjType generator_type;

/* The caller owns it. */
Generator *generator_new(Ctx *c, uint64_t seed);
static inline Generator *value_generator(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_GENERATOR) ? (Generator *)v.as.obj : NULL;
}

/* manual_seed. Of the seed, the low 32 bits count; a negative one of Python stands for
 * itself + 2^64. A spare normal number is forgotten. */
void generator_seed(Generator *g, uint64_t seed);
uint64_t generator_initial_seed(const Generator *g);

/* get_state: 5056 bytes, uint8, in the layout of PyTorch's CPU generator. Pool. */
Tensor *generator_state(Ctx *c, const Generator *g);
/* set_state: takes 5056 bytes, or 5048 of the older layout. TypeError "RNG state must
 * be a torch.ByteTensor"; RuntimeError "RNG state must be contiguous", "Expected either
 * a CPUGeneratorImplStateLegacy of size 5048 or ...", "Invalid mt19937 state"; then the
 * generator stays as it was. */
bool generator_set_state(Ctx *c, Generator *g, const Tensor *state);

#endif
