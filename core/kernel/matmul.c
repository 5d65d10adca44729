/* See matmul.h.  matmul_tiles.h multiplies, one file for each type and kind of
 * processor. */
#include "core/kernel/cpu.h"
#include "core/kernel/matmul_levels.h"

#include "core/kernel/loops.h"
#include "core/parallel.h"

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

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

static MatmulProduct *product_of(DType d) {
    switch (d) {
    case DT_float32:
        return CHOOSE(matmul_float, matmul_float_avx2, matmul_float_avx512);
    case DT_float64:
        return CHOOSE(matmul_double, matmul_double_avx2, matmul_double_avx512);
    case DT_uint8:
    case DT_int8: return matmul_uint8;
    case DT_int16: return matmul_uint16;
    case DT_int32: return matmul_uint32;
    case DT_int64: return matmul_uint64; NO_OTHERS
    }
    return NULL;
}

void kernel_matmul_laid(DType d, const MatmulLaid *p) {
    product_of(d)(p, true);
}

/* ---- on several threads ---- */

/* A part: rows and columns of c, so many that copies of a and b are used often. */
enum { PART_ROWS = 240, PART_COLS = 256 };

typedef struct Shared {
    DType d;
    const MatmulLaid *whole;
    int64_t across; /* parts side by side */
} Shared;

static Matrix moved(DType d, Matrix m, int64_t row, int64_t col) {
    m.data = (char *)m.data + (row * m.row + col * m.col) * (int64_t)dtype_size(d);
    return m;
}

static void product_part(const void *work, int64_t part) {
    const Shared *s = work;
    MatmulLaid p = *s->whole;
    int64_t row = part / s->across * PART_ROWS, col = part % s->across * PART_COLS;
    p.size.m = least(PART_ROWS, p.size.m - row);
    p.size.n = least(PART_COLS, p.size.n - col);
    p.a = moved(s->d, p.a, row, 0);
    p.b = moved(s->d, p.b, 0, col);
    p.c = moved(s->d, p.c, row, col);
    product_of(s->d)(&p, false);
}

void kernel_matmul(DType d, MatmulSize size, Matrix a, Matrix b, Matrix c) {
    if (d == DT_bfloat16) {
        matmul_bfloat16(size, a, b, c);
        return;
    }
    MatmulLaid p = {size, a, b, c, .fused = false};
    int64_t across = parallel_parts(size.n, PART_COLS);
    int64_t parts = across * parallel_parts(size.m, PART_ROWS);
    p.fused = (double)size.m * (double)size.n * (double)size.k >= MATMUL_LARGE;
    if (!p.fused || parts < 2 || parallel_threads() < 2)
        product_of(d)(&p, false);
    else
        parallel_run(product_part, &(Shared){d, &p, across}, parts);
}
