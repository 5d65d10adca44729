/* matmul_levels: the product of each type, for each kind of processor.
 *
 * matmul.c chooses among them; each is compiled in a file of its own, from the text of
 * matmul_tiles.h.  All levels give the same bits. `laid`: the matrices lie as
 * MatmulLaid says; otherwise they may lie anyhow, and only its sizes, matrices and
 * `fused` count.
 */
#ifndef CORE_KERNEL_MATMUL_LEVELS_H
#define CORE_KERNEL_MATMUL_LEVELS_H

#include "core/kernel/matmul.h"

typedef void MatmulProduct(const MatmulLaid *p, bool laid);

MatmulProduct matmul_float, matmul_float_avx2, matmul_float_avx512;
MatmulProduct matmul_double, matmul_double_avx2, matmul_double_avx512;
MatmulProduct matmul_uint8, matmul_uint16, matmul_uint32, matmul_uint64;

#endif
