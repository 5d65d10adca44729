/* matmul_tiles: the text of the product of one type, for one kind of processor.
 *
 * Included with T (the type; integers are unsigned, so that they wrap), BYTES (of a
 * vector), TILE (rows of a register tile), FUSED(x, v, sum) = sum + x v, rounded once,
 * for a number and two vectors, and PRODUCT (the function's name) defined. `fused` is a
 * constant wherever a loop sees it.
 *
 * The product goes in blocks of BLOCK rows, PANEL columns and DEPTH steps of k; a tile
 * of TILE rows and PANEL columns stays in registers for all steps of a block.  Panels
 * of b, and for wide products blocks of a, are copied to where a tile reads them in
 * order, unless they lie so. Between two blocks of k the sums rest in c, so that each
 * stays one chain.
 */
#include "core/kernel/copy.h"
#include "core/kernel/cpu.h"
#include "core/kernel/matmul_levels.h"

#include <string.h>

enum {
    LANES = BYTES / sizeof(T),
    VECTORS = 2,
    PANEL = VECTORS * LANES,
    DEPTH = 256,
    BLOCK = 960 / sizeof(T), /* a multiple of every TILE */
    WIDE = 4 * PANEL         /* columns from which on a block of a is worth a copy */
};

/* A dtype of T's size. */
#define SAME_SIZE                                                                      \
    (sizeof(T) == 1   ? DT_uint8                                                       \
     : sizeof(T) == 2 ? DT_int16                                                       \
     : sizeof(T) == 4 ? DT_float32                                                     \
                      : DT_float64)

typedef T Vector __attribute__((vector_size(BYTES)));
typedef T AnyVector __attribute__((vector_size(BYTES), aligned(sizeof(T)), may_alias));
typedef uint64_t Bits __attribute__((vector_size(BYTES)));
typedef uint64_t AnyBits
    __attribute__((vector_size(BYTES), aligned(sizeof(T)), may_alias));

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* ---- one tile ---- */

typedef struct Tile {
    int64_t depth;
    const T *a; /* [rows, depth] */
    int64_t a_row, a_col, a_run, a_gap;
    const T *b; /* [depth, vectors] */
    const int64_t *b_rows;
    T *c; /* [rows, vectors] */
    int64_t c_row;
    const T *mask;
    MatmulStart start;
    bool fused;
} Tile;

typedef Vector Sums[TILE][VECTORS];

/* Row i, vector v of chains that have ended; the next ones begin with zero. */
INLINE void put(const Tile *t, int i, int v, Sums sum, bool added, bool masked) {
    AnyVector *c = (AnyVector *)(t->c + i * t->c_row + v * LANES);
    const Vector old = *c, now = added ? old + sum[i][v] : sum[i][v];
    if (masked) {
        const Bits where = *(const AnyBits *)(t->mask + v * LANES);
        *c = (Vector)(((Bits)now & where) | ((Bits)old & ~where));
    } else
        *c = now;
    sum[i][v] = (Vector){0};
}

INLINE void put_all(const Tile *t, int rows, int vectors, Sums sum, bool added,
                    bool masked) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) put(t, i, v, sum, added, masked);
}

/* The numbers of rows and vectors are constants wherever this is used. */
INLINE void tile(const Tile *t, int rows, int vectors, int64_t a_row, bool fused) {
    Sums sum;
    Vector x[VECTORS];
    const T *a = t->a, *b = t->b;
    const int64_t a_col = t->a_col, c_row = t->c_row, *b_row = t->b_rows;
    const bool added = t->start == MATMUL_ADDED;
    T *c = t->c;
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
            sum[i][v] = t->start == MATMUL_AT_C
                            ? (Vector) * (const AnyVector *)(c + i * c_row + v * LANES)
                            : (Vector){0};
    for (int64_t left = t->depth; left > 0; left -= t->a_run, a += t->a_gap) {
        for (int64_t k = least(left, t->a_run); k > 0; k--) {
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++)
                x[v] = *(const AnyVector *)(b + *b_row + v * LANES);
#pragma GCC unroll 16
            for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
                for (int v = 0; v < vectors; v++)
                    sum[i][v] = fused ? (Vector)FUSED(a[i * a_row], x[v], sum[i][v])
                                      : sum[i][v] + a[i * a_row] * x[v];
            a += a_col;
            b_row++;
        }
        if (left > t->a_run && !added) continue;
        if (t->mask)
            put_all(t, rows, vectors, sum, added, true);
        else if (added)
            put_all(t, rows, vectors, sum, true, false);
        else
            put_all(t, rows, vectors, sum, false, false);
    }
}

/* How many of `left` rows the next tile takes; there is code for these numbers. */
static int tile_rows(int64_t left) {
    if (left >= TILE) return TILE;
    return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

INLINE void tile_of_rows(const Tile *t, int rows, int vectors, bool fused) {
    if (rows == TILE && t->a_row == 1)
        tile(t, TILE, vectors, 1, fused);
    else if (rows == TILE)
        tile(t, TILE, vectors, t->a_row, fused);
    else if (rows == 8 && TILE > 8)
        tile(t, TILE > 8 ? 8 : 1, vectors, t->a_row, fused);
    else if (rows == 4)
        tile(t, 4, vectors, t->a_row, fused);
    else if (rows == 2)
        tile(t, 2, vectors, t->a_row, fused);
    else
        tile(t, 1, vectors, t->a_row, fused);
}

static void wide_tile(const Tile *t, int rows) {
    tile_of_rows(t, rows, VECTORS, true);
}
static void narrow_tile(const Tile *t, int rows) {
    tile_of_rows(t, rows, 1, true);
}
static void wide_tile_apart(const Tile *t, int rows) {
    tile_of_rows(t, rows, VECTORS, false);
}
static void narrow_tile_apart(const Tile *t, int rows) {
    tile_of_rows(t, rows, 1, false);
}

static void run_tile(const Tile *t, int rows, int64_t width) {
    if (t->fused)
        (width > LANES ? wide_tile : narrow_tile)(t, rows);
    else
        (width > LANES ? wide_tile_apart : narrow_tile_apart)(t, rows);
}

/* A tile of c that is not whole, or whose columns lie apart, is computed elsewhere. */
static void spare_tile(Tile t, int rows, int64_t width, int64_t c_col) {
    _Alignas(64) T spare[TILE * PANEL] = {0};
    T *c = t.c;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < width; j++)
            spare[i * PANEL + j] = c[i * t.c_row + j * c_col];
    int64_t c_row = t.c_row;
    t.c = spare;
    t.c_row = PANEL;
    run_tile(&t, rows, width);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < width; j++)
            c[i * c_row + j * c_col] = spare[i * PANEL + j];
}

/* ---- copies ---- */

static const T *at(Matrix m, int64_t row, int64_t col) {
    return (const T *)m.data + row * m.row + col * m.col;
}

/* b [depth, width] at (k, j), its rows filled up with zeros to PANEL columns. */
static void pack_panel(Matrix b, int64_t k, int64_t j, int64_t depth, int64_t width,
                       T *to) {
    const T *from = at(b, k, j);
    if (width == PANEL && b.col == 1) {
        for (int64_t r = 0; r < depth; r++)
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++)
                *(Vector *)(to + r * PANEL + v * LANES) =
                    *(const AnyVector *)(from + r * b.row + v * LANES);
        return;
    }
    if (width < PANEL) memset(to, 0, (size_t)(depth * PANEL) * sizeof(T));
    if (b.col == 1) {
        for (int64_t r = 0; r < depth; r++)
            memcpy(to + r * PANEL, from + r * b.row, (size_t)width * sizeof(T));
        return;
    }
    if (b.row == 1) {
        kernel_transpose(SAME_SIZE, (char *)to, PANEL * (int64_t)sizeof(T),
                         (const char *)from, b.col * (int64_t)sizeof(T), width, depth);
        return;
    }
    for (int64_t col = 0; col < width; col++)
        for (int64_t r = 0; r < depth; r++)
            to[r * PANEL + col] = from[r * b.row + col * b.col];
}

/* a [rows, depth] at (i, k), tile after tile, each in the order of k. */
static void pack_block(Matrix a, int64_t i, int64_t k, int64_t rows, int64_t depth,
                       T *to) {
    for (int64_t done = 0; done < rows;) {
        int n = tile_rows(rows - done);
        const T *from = at(a, i + done, k);
        if (a.col == 1)
            kernel_transpose(SAME_SIZE, (char *)to, n * (int64_t)sizeof(T),
                             (const char *)from, a.row * (int64_t)sizeof(T), n, depth);
        for (int64_t r = 0; r < depth && a.col != 1; r++)
            for (int64_t row = 0; row < n; row++)
                to[r * n + row] = from[row * a.row + r * a.col];
        to += n * depth;
        done += n;
    }
}

/* ---- the product ---- */

typedef struct Part {
    const MatmulLaid *p;
    bool laid;                                /* as the tiles read it */
    int64_t i, k;                             /* where the block begins */
    int64_t rows, depth;                      /* of it */
    const T *block;                           /* the copy of a; NULL: a itself */
    T *panel;                                 /* room for a copy of b */
    int64_t panel_rows[DEPTH], b_rows[DEPTH]; /* where rows begin in it, and in b */
} Part;

/* Has b's columns j ... of a block where the tile reads them. */
static void lay_panel(const Part *part, int64_t j, int64_t width, Tile *t) {
    const MatmulLaid *p = part->p;
    if (part->laid) {
        t->b = at(p->b, 0, j);
        t->b_rows = p->b_rows + part->k;
    } else if ((width == PANEL || width == LANES) && p->b.col == 1 &&
               part->rows <= 2 * TILE) {
        t->b = at(p->b, part->k, j);
        t->b_rows = part->b_rows;
    } else {
        pack_panel(p->b, part->k, j, part->depth, width, part->panel);
        t->b = part->panel;
        t->b_rows = part->panel_rows;
    }
}

/* Columns j ... of a block. */
static void panel_product(const Part *part, int64_t j) {
    const MatmulLaid *p = part->p;
    int64_t width = least(PANEL, p->size.n - j);
    bool whole = (width == PANEL || width == LANES) && p->c.col == 1;
    Tile t = {.depth = part->depth,
              .a_run = p->a_run ? p->a_run : part->depth,
              .a_gap = p->a_gap,
              .c_row = p->c.row,
              .mask = p->mask ? (const T *)p->mask + j : NULL,
              .start = part->k ? MATMUL_AT_C : p->start,
              .fused = p->fused};
    lay_panel(part, j, width, &t);
    for (int64_t done = 0; done < part->rows;) {
        int rows = tile_rows(part->rows - done);
        t.a = part->block ? part->block + done * part->depth
                          : at(p->a, part->i + done, part->k);
        t.a_row = part->block ? 1 : p->a.row;
        t.a_col = part->block ? rows : p->a.col;
        t.c = (T *)p->c.data + (part->i + done) * p->c.row + j * p->c.col;
        if (whole)
            run_tile(&t, rows, width);
        else
            spare_tile(t, rows, width, p->c.col);
        done += rows;
    }
}

static void block_product(const Part *part) {
    for (int64_t j = 0; j < part->p->size.n; j += PANEL) panel_product(part, j);
}

/* A product of its own, since the copy takes a quarter of a megabyte of the stack. */
static __attribute__((noinline)) void copied_block_product(Part *part) {
    _Alignas(64) T block[BLOCK * DEPTH];
    pack_block(part->p->a, part->i, part->k, part->rows, part->depth, block);
    part->block = block;
    block_product(part);
    part->block = NULL;
}

void PRODUCT(const MatmulLaid *p, bool laid) {
    _Alignas(64) T panel[DEPTH * PANEL];
    const int64_t step = p->start == MATMUL_ADDED ? p->size.k : DEPTH;
    Part part;
    part.p = p;
    part.laid = laid;
    part.block = NULL;
    part.panel = panel;
    for (int64_t k = 0; k < least(DEPTH, p->size.k) && !laid; k++) {
        part.panel_rows[k] = k * PANEL;
        part.b_rows[k] = k * p->b.row;
    }
    for (part.k = 0; part.k < p->size.k; part.k += step) {
        part.depth = least(step, p->size.k - part.k);
        for (part.i = 0; part.i < p->size.m; part.i += BLOCK) {
            part.rows = least(BLOCK, p->size.m - part.i);
            if (!laid && p->size.n >= WIDE && part.rows >= TILE)
                copied_block_product(&part);
            else
                block_product(&part);
        }
    }
}
