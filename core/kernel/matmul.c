/* See matmul.h.  Floats and doubles: matmul_tiles.h, one file for each kind of
 * processor. For integers b is packed into panels of PANEL columns and DEPTH rows; the
 * running sums of a block are carried through c from one panel to the next. */
#include "core/kernel/cpu.h"
#include "core/kernel/matmul_levels.h"

#include "core/kernel/loops.h"
#include "core/parallel.h"

enum { PANEL = 16, DEPTH = 256, ROWS = 4 };

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* One function a type: the bodies are the same text, matmul_body.h. */
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

/* Small products of bfloat16: every product and every sum is rounded. */
static void matmul_bfloat16(MatmulSize size, Matrix ma, Matrix mb, Matrix mc) {
    const float *a = ma.data;
    const BFloat16 *b = mb.data;
    BFloat16 *c = mc.data;
    for (int64_t i = 0; i < size.m; i++)
        for (int64_t j = 0; j < size.n; j++) {
            BFloat16 *to = &c[i * mc.row + j * mc.col];
            float sum = bfloat16_to_float(*to);
            for (int64_t k = 0; k < size.k; k++) {
                float product = a[i * ma.row + k * ma.col] *
                                bfloat16_to_float(b[k * mb.row + j * mb.col]);
                sum += bfloat16_to_float(bfloat16_from_float(product));
                sum = bfloat16_to_float(bfloat16_from_float(sum));
            }
            *to = bfloat16_from_float(sum);
        }
}

#if defined(__x86_64__)
#define CHOOSE(baseline, avx2, avx512)                                                 \
    (cpu_level() == CPU_AVX512 ? (avx512)                                              \
     : cpu_level() == CPU_AVX2 ? (avx2)                                                \
                               : (baseline))
#else
#define CHOOSE(baseline, avx2, avx512) (baseline)
#endif

static MatmulProduct *float_product(void) {
    return CHOOSE(matmul_float, matmul_float_avx2, matmul_float_avx512);
}
static MatmulProduct *double_product(void) {
    return CHOOSE(matmul_double, matmul_double_avx2, matmul_double_avx512);
}

static void product(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c,
                    bool fused) {
    switch (d) {
    case DT_float32: float_product()(size, a, b, c, fused); break;
    case DT_float64: double_product()(size, a, b, c, fused); break;
    case DT_bfloat16: matmul_bfloat16(size, a, b, c); break;
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

/* ---- on several threads ---- */

/* A part: rows and columns of c, so many that copies of a and b are used often. */
enum { PART_ROWS = 240, PART_COLS = 256 };

typedef struct Shared {
    DType d;
    MatmulSize size;
    Matrix a, b, c;
    int64_t across; /* parts side by side */
} Shared;

static Matrix moved(DType d, Matrix m, int64_t row, int64_t col) {
    m.data = (char *)m.data + (row * m.row + col * m.col) * (int64_t)dtype_size(d);
    return m;
}

static void product_part(const void *work, int64_t part) {
    const Shared *s = work;
    int64_t row = part / s->across * PART_ROWS, col = part % s->across * PART_COLS;
    MatmulSize size = {least(PART_ROWS, s->size.m - row),
                       least(PART_COLS, s->size.n - col), s->size.k};
    product(s->d, size, moved(s->d, s->a, row, 0), moved(s->d, s->b, 0, col),
            moved(s->d, s->c, row, col), true);
}

void kernel_matmul(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c) {
    kernel_matmul_part(d, size, size, a, b, c);
}

void kernel_matmul_part(DType d, MatmulSize size, MatmulSize whole, Matrix a, Matrix b,
                        Matrix c) {
    int64_t across = parallel_parts(size.n, PART_COLS);
    int64_t parts = across * parallel_parts(size.m, PART_ROWS);
    bool large = (double)whole.m * (double)whole.n * (double)whole.k >= MATMUL_LARGE;
    if (!large || parts < 2 || parallel_threads() < 2) {
        product(d, size, a, b, c, large);
        return;
    }
    const Shared shared = {d, size, a, b, c, across};
    parallel_run(product_part, &shared, parts);
}

void kernel_matmul_fused(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c) {
    kernel_matmul_part(d, size, (MatmulSize){MATMUL_LARGE, 1, 1}, a, b, c);
}
