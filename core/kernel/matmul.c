/* See matmul.h.  b is packed into panels of PANEL columns and DEPTH rows; the running
 * sums of a block are carried through c from one panel to the next. */
#include "core/kernel/matmul.h"

#include "core/kernel/loops.h"

enum { PANEL = 16, DEPTH = 256, ROWS = 4 };

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* One function a type: the bodies are the same text, matmul_body.h. */
#define T float
#define MATMUL matmul_float
#include "core/kernel/matmul_body.h"
#define T double
#define MATMUL matmul_double
#include "core/kernel/matmul_body.h"
#define T uint8_t
#define MATMUL matmul_uint8
#include "core/kernel/matmul_body.h"
#define T uint16_t
#define MATMUL matmul_uint16
#include "core/kernel/matmul_body.h"
#define T uint32_t
#define MATMUL matmul_uint32
#include "core/kernel/matmul_body.h"
#define T uint64_t
#define MATMUL matmul_uint64
#include "core/kernel/matmul_body.h"

void kernel_matmul(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c) {
    switch (d) {
    case DT_float32: matmul_float(size, a, b, c); break;
    case DT_float64: matmul_double(size, a, b, c); break;
    case DT_uint8:
    case DT_int8: matmul_uint8(size, a, b, c); break;
    case DT_int16: matmul_uint16(size, a, b, c); break;
    case DT_int32: matmul_uint32(size, a, b, c); break;
    case DT_int64:
        matmul_uint64(size, a, b, c);
        break;
        NO_OTHERS
    }
}
