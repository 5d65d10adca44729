/* map_wide.h for processors with AVX512; compiled with it. */
#define VECTOR 64
#define MAP_ONE map_one_avx512
#define MAP_TWO map_two_avx512
#include "core/kernel/map_wide_body.h"
