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

/* Parts: at most so many rows and columns of c, so that copies of a and b are used
 * often, and at least so many parts where each is still large. */
enum { PART_ROWS = 240, PART_COLS = 256, PARTS = 4 };

typedef struct Shared {
    DType d;
    const MatmulLaid *whole;
    int64_t down, across; /* parts */
} Shared;

/* Where part i begins when n rows or columns are cut into `parts`, in whole vectors. */
static int64_t border(int64_t n, int64_t i, int64_t parts) {
    enum { VECTOR = 16 };
    int64_t vectors = (n + VECTOR - 1) / VECTOR;
    return least(n, vectors * i / parts * VECTOR);
}

static Matrix moved(DType d, Matrix m, int64_t row, int64_t col) {
    m.data = (char *)m.data + (row * m.row + col * m.col) * (int64_t)dtype_size(d);
    return m;
}

static void product_part(const void *work, int64_t part) {
    const Shared *s = work;
    MatmulLaid p = *s->whole;
    const int64_t i = part / s->across, j = part % s->across;
    int64_t row = border(p.size.m, i, s->down), col = border(p.size.n, j, s->across);
    p.size.m = border(p.size.m, i + 1, s->down) - row;
    p.size.n = border(p.size.n, j + 1, s->across) - col;
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
    const double multiplications = (double)size.m * (double)size.n * (double)size.k;
    const MatmulLaid p = {size, a, b, c, .fused = multiplications >= MATMUL_LARGE};
    if (!p.fused || parallel_threads() < 2) {
        product_of(d)(&p, false);
        return;
    }
    Shared shared = {d, &p, parallel_parts(size.m, PART_ROWS),
                     parallel_parts(size.n, PART_COLS)};
    int64_t parts = shared.down * shared.across;
    for (; parts < PARTS && multiplications >= 2.0 * MATMUL_LARGE * (double)parts;
         parts *= 2)
        *(size.m / shared.down > size.n / shared.across ? &shared.down
                                                        : &shared.across) *= 2;
    parallel_run(product_part, &shared, parts);
}
