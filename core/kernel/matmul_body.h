/* The body of one product; matmul.c includes it once for each type T.  Integers are
 * unsigned, so that they wrap. */

static void MATMUL(MatmulSize size, Matrix ma, Matrix mb, Matrix mc) {
    const T *a = ma.data, *b = mb.data;
    T *c = mc.data;
    T panel[DEPTH][PANEL];
    for (int64_t j0 = 0; j0 < size.n; j0 += PANEL) {
        int64_t width = least(PANEL, size.n - j0);
        for (int64_t k0 = 0; k0 < size.k; k0 += DEPTH) {
            int64_t depth = least(DEPTH, size.k - k0);
            for (int64_t k = 0; k < depth; k++)
                for (int64_t j = 0; j < PANEL; j++)
                    panel[k][j] =
                        j < width ? b[(k0 + k) * mb.row + (j0 + j) * mb.col] : (T)0;
            for (int64_t i0 = 0; i0 < size.m; i0 += ROWS) {
                int64_t rows = least(ROWS, size.m - i0);
                T sum[ROWS][PANEL] = {{0}};
                for (int64_t i = 0; i < rows; i++)
                    for (int64_t j = 0; j < width; j++)
                        sum[i][j] = c[(i0 + i) * mc.row + (j0 + j) * mc.col];
                for (int64_t k = 0; k < depth; k++)
                    for (int64_t i = 0; i < rows; i++) {
                        T x = a[(i0 + i) * ma.row + (k0 + k) * ma.col];
                        for (int64_t j = 0; j < PANEL; j++)
                            sum[i][j] = (T)(sum[i][j] + (T)(x * panel[k][j]));
                    }
                for (int64_t i = 0; i < rows; i++)
                    for (int64_t j = 0; j < width; j++)
                        c[(i0 + i) * mc.row + (j0 + j) * mc.col] = sum[i][j];
            }
        }
    }
}
#undef T
#undef MATMUL
