/* basic.h for processors with AVX2; compiled with it. */
#define ADD add_avx2
#define SUB sub_avx2
#define MUL mul_avx2
#define DIV div_avx2
#include "core/kernel/basic_body.h"
