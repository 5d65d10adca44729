/* basic: addition, subtraction, multiplication and division (pointwise.h tells what
 * they do), compiled twice, since what everybody does all day is worth vectors as wide
 * as the processor has them; the bits are the same.
 */
#ifndef CORE_KERNEL_BASIC_H
#define CORE_KERNEL_BASIC_H

#include "core/kernel/pointwise.h"

KERNEL(add_baseline);
KERNEL(sub_baseline);
KERNEL(mul_baseline);
KERNEL(div_baseline);

KERNEL(add_avx2);
KERNEL(sub_avx2);
KERNEL(mul_avx2);
KERNEL(div_avx2);

#endif
