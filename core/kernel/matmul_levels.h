/* matmul_levels: products of floats and doubles for each kind of processor.
 *
 * kernel_matmul chooses among them; each is compiled in a file of its own, from the
 * text of matmul_tiles.h.  All give the same bits. `fused`: each multiply-add is
 * rounded once, not twice.
 */
#ifndef CORE_KERNEL_MATMUL_LEVELS_H
#define CORE_KERNEL_MATMUL_LEVELS_H

#include "core/kernel/matmul.h"

typedef void MatmulProduct(MatmulSize size, Matrix a, Matrix b, Matrix c, bool fused);

MatmulProduct matmul_float, matmul_float_avx2, matmul_float_avx512;
MatmulProduct matmul_double, matmul_double_avx2, matmul_double_avx512;

#endif
