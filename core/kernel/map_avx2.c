/* map_wide.h for processors with AVX2; compiled with it. */
#define VECTOR 32
#define MAP_ONE map_one_avx2
#define MAP_TWO map_two_avx2
#include "core/kernel/map_wide_body.h"
