/* lapack: the routines of linear algebra that the engine takes from LAPACK and BLAS.
 *
 * Matrices lie column by column without gaps: element (i, j) of [m, n] at i + j m.  d
 * is DT_float32 or DT_float64.  A result of int is LAPACK's info: 0, or where it
 * failed. Sizes beyond an int do not occur: nothing of that size fits memory twice.
 *
 * The libraries are opened at first use and stay open.  Of several that a machine may
 * have, the reference implementation is taken where Debian keeps it, whichever the
 * system is set to, so that results are the same everywhere; else liblapack.so.3.
 */
#ifndef CORE_KERNEL_LAPACK_H
#define CORE_KERNEL_LAPACK_H

#include "core/dtype.h"

typedef void (*LapackRoutine)(void);

enum { LAPACK_ROUTINES = 16 };

typedef struct Lapack {
    LapackRoutine routines[LAPACK_ROUTINES][2]; /* for floats, for doubles */
} Lapack;

/* Fills *l; false when the libraries are not there. What has been looked for in vain is
 * not looked for again: a process that runs cells could not. */
bool lapack_open(Lapack *l);

/* Where a routine needs scratch space: with lwork -1 it only writes how much into
 * work[0], a float or double; lapack_lwork reads that. */
int lapack_lwork(DType d, const void *work);

/* a [n, n] -> its Cholesky factor, in the triangle named. */
int lapack_potrf(const Lapack *l, DType d, bool upper, int n, void *a);
/* a [n, n], a Cholesky factor -> the inverse of what it is a factor of, in its
 * triangle. */
int lapack_potri(const Lapack *l, DType d, bool upper, int n, void *a);
/* a [m, n] -> L below the diagonal, U from it on; pivots [min(m, n)], from 1. */
int lapack_getrf(const Lapack *l, DType d, int m, int n, void *a, int *pivots);
/* b [n, nrhs] -> the solution of A x = b, or A^T x = b, from getrf's results. */
int lapack_getrs(const Lapack *l, DType d, bool transposed, int n, int nrhs,
                 const void *a, const int *pivots, void *b);
/* a [m, n] -> R from the diagonal on, below it the reflectors; tau [min(m, n)]. */
int lapack_geqrf(const Lapack *l, DType d, int m, int n, void *a, void *tau, void *work,
                 int lwork);
/* a [m, k], k reflectors of geqrf's -> the first n columns of their product. */
int lapack_orgqr(const Lapack *l, DType d, int m, int n, int k, void *a,
                 const void *tau, void *work, int lwork);
/* c [m, n] -> Q c, or c Q when not `left`, Q (transposed) the product of the k
 * reflectors of geqrf's in a [m or n, k]. */
typedef struct ReflectorProduct {
    bool left, transposed;
    int m, n, k;
    const void *a, *tau;
    void *c, *work;
    int lwork;
} ReflectorProduct;
int lapack_ormqr(const Lapack *l, DType d, const ReflectorProduct *p);
/* a [n, n] symmetric, its lower triangle read -> L and D in that triangle; pivots [n],
 * negative for blocks of two. */
int lapack_sytrf(const Lapack *l, DType d, int n, void *a, int *pivots, void *work,
                 int lwork);
/* b [n, nrhs] -> the solution of A x = b, from sytrf's results. */
int lapack_sytrs(const Lapack *l, DType d, int n, int nrhs, const void *a,
                 const int *pivots, void *b);
/* a [m, n] (used up) -> singular values s [min(m, n)]; with job 'S' u [m, k] and vt
 * [k, n], k = min(m, n), with 'A' square ones, with 'N' none. iwork: 8 k. */
int lapack_gesdd(const Lapack *l, DType d, char job, int m, int n, void *a, void *s,
                 void *u, void *vt, void *work, int lwork, int *iwork);
/* a [n, n] symmetric, the triangle named read -> eigenvalues w [n], eigenvectors in a
 * when `vectors`. With lwork -1 iwork[0] tells liwork. */
int lapack_syevd(const Lapack *l, DType d, bool vectors, bool upper, int n, void *a,
                 void *w, void *work, int lwork, int *iwork, int liwork);
/* x [max(m, n), nrhs], b in its first m rows -> the least squares solution in its first
 * n: with a of full rank (gels); or by orthogonal factors with column pivoting (gelsy)
 * or singular values s [min(m, n)] (gelsd, gelss), rank being what singular values
 * above rcond times the largest leave. ints: zeros [n] for gelsy, scratch space for
 * gelsd. a is used up. With lwork -1 work[0], and gelsd's ints[0], tell how much space
 * is needed. */
typedef enum LeastSquaresDriver {
    LSTSQ_GELS,
    LSTSQ_GELSY,
    LSTSQ_GELSD,
    LSTSQ_GELSS
} LeastSquaresDriver;
typedef struct LeastSquares {
    LeastSquaresDriver driver;
    int m, n, nrhs;
    double rcond;
    void *a, *x, *s, *work;
    int lwork, *ints, rank;
} LeastSquares;
int lapack_lstsq(const Lapack *l, DType d, LeastSquares *j);
/* b [m, n] -> the solution of op(A) x = b, or x op(A) = b when not `left`, A triangular
 * [k, k], k = m or n. */
typedef struct TriangularSolve {
    bool left, upper, transposed, unit; /* unit: ones on the diagonal, unread */
} TriangularSolve;
void lapack_trsm(const Lapack *l, DType d, TriangularSolve how, int m, int n,
                 const void *a, void *b);

#endif
