/* See lapack.h. Fortran takes everything by reference, and the lengths of its strings
 * as further arguments behind all others. */
#include "lapack.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum {
    POTRF,
    POTRI,
    GETRF,
    GETRS,
    GEQRF,
    ORGQR,
    ORMQR,
    SYTRF,
    SYTRS,
    GESDD,
    SYEVD,
    GELS,
    GELSY,
    GELSD,
    GELSS,
    TRSM
};

/* ---- the libraries ---- */

static const char *const names[LAPACK_ROUTINES] = {
    [POTRF] = "potrf_", [POTRI] = "potri_", [GETRF] = "getrf_", [GETRS] = "getrs_",
    [GEQRF] = "geqrf_", [ORGQR] = "orgqr_", [ORMQR] = "ormqr_", [SYTRF] = "sytrf_",
    [SYTRS] = "sytrs_", [GESDD] = "gesdd_", [SYEVD] = "syevd_", [GELS] = "gels_",
    [GELSY] = "gelsy_", [GELSD] = "gelsd_", [GELSS] = "gelss_", [TRSM] = "trsm_",
};

/* The reference implementation of that name; it stays loaded. One that is loaded
 * already is found by its name alone, without a look at files. */
static void *open_reference(const char *name) {
    static const char *const places[] = {"x86_64-linux-gnu", "aarch64-linux-gnu",
                                         "riscv64-linux-gnu", "powerpc64le-linux-gnu"};
    char path[96];
    snprintf(path, sizeof path, "lib%s.so.3", name);
    void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    for (size_t i = 0; !library && i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "/usr/lib/%s/%s/lib%s.so.3", places[i], name, name);
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    }
    if (library) return library;
    snprintf(path, sizeof path, "lib%s.so.3", name);
    return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

bool lapack_open(Lapack *l) {
    static bool missing;
    if (missing) return false;
    /* BLAS first, for LAPACK then takes the one that is loaded. */
    void *blas = open_reference("blas"), *lapack = open_reference("lapack");
    bool good = blas && lapack;
    for (int i = 0; good && i < LAPACK_ROUTINES; i++)
        for (int type = 0; type < 2; type++) {
            char symbol[16];
            snprintf(symbol, sizeof symbol, "%c%s", type ? 'd' : 's', names[i]);
            void *address = dlsym(i == TRSM ? blas : lapack, symbol);
            /* ISO C has no cast from an object pointer to a function pointer. */
            memcpy(&l->routines[i][type], &address, sizeof address);
            good = good && address;
        }
    if (lapack) dlclose(lapack);
    if (blas) dlclose(blas);
    missing = !good;
    return good;
}

static LapackRoutine routine(const Lapack *l, DType d, int which) {
    return l->routines[which][d == DT_float64];
}

/* ---- routines ---- */

static int at_least_one(int n) {
    return n > 0 ? n : 1;
}

int lapack_lwork(DType d, const void *work) {
    double n = d == DT_float64 ? *(const double *)work : (double)*(const float *)work;
    return at_least_one((int)n);
}

typedef void Potrf(const char *uplo, const int *n, void *a, const int *lda, int *info,
                   size_t);

static int triangle(LapackRoutine f, bool upper, int n, void *a) {
    int lda = at_least_one(n), info = 0;
    ((Potrf *)f)(upper ? "U" : "L", &n, a, &lda, &info, 1);
    return info;
}
int lapack_potrf(const Lapack *l, DType d, bool upper, int n, void *a) {
    return triangle(routine(l, d, POTRF), upper, n, a);
}
int lapack_potri(const Lapack *l, DType d, bool upper, int n, void *a) {
    return triangle(routine(l, d, POTRI), upper, n, a);
}

typedef void Getrf(const int *m, const int *n, void *a, const int *lda, int *pivots,
                   int *info);

int lapack_getrf(const Lapack *l, DType d, int m, int n, void *a, int *pivots) {
    int lda = at_least_one(m), info = 0;
    ((Getrf *)routine(l, d, GETRF))(&m, &n, a, &lda, pivots, &info);
    return info;
}

typedef void Getrs(const char *trans, const int *n, const int *nrhs, const void *a,
                   const int *lda, const int *pivots, void *b, const int *ldb,
                   int *info, size_t);

int lapack_getrs(const Lapack *l, DType d, bool transposed, int n, int nrhs,
                 const void *a, const int *pivots, void *b) {
    int lda = at_least_one(n), info = 0;
    ((Getrs *)routine(l, d, GETRS))(transposed ? "T" : "N", &n, &nrhs, a, &lda, pivots,
                                    b, &lda, &info, 1);
    return info;
}

typedef void Geqrf(const int *m, const int *n, void *a, const int *lda, void *tau,
                   void *work, const int *lwork, int *info);

int lapack_geqrf(const Lapack *l, DType d, int m, int n, void *a, void *tau, void *work,
                 int lwork) {
    int lda = at_least_one(m), info = 0;
    ((Geqrf *)routine(l, d, GEQRF))(&m, &n, a, &lda, tau, work, &lwork, &info);
    return info;
}

typedef void Orgqr(const int *m, const int *n, const int *k, void *a, const int *lda,
                   const void *tau, void *work, const int *lwork, int *info);

int lapack_orgqr(const Lapack *l, DType d, int m, int n, int k, void *a,
                 const void *tau, void *work, int lwork) {
    int lda = at_least_one(m), info = 0;
    ((Orgqr *)routine(l, d, ORGQR))(&m, &n, &k, a, &lda, tau, work, &lwork, &info);
    return info;
}

typedef void Ormqr(const char *side, const char *trans, const int *m, const int *n,
                   const int *k, const void *a, const int *lda, const void *tau,
                   void *c, const int *ldc, void *work, const int *lwork, int *info,
                   size_t, size_t);

int lapack_ormqr(const Lapack *l, DType d, const ReflectorProduct *p) {
    int lda = at_least_one(p->left ? p->m : p->n), ldc = at_least_one(p->m), info = 0;
    ((Ormqr *)routine(l, d, ORMQR))(p->left ? "L" : "R", p->transposed ? "T" : "N",
                                    &p->m, &p->n, &p->k, p->a, &lda, p->tau, p->c, &ldc,
                                    p->work, &p->lwork, &info, 1, 1);
    return info;
}

typedef void Sytrf(const char *uplo, const int *n, void *a, const int *lda, int *pivots,
                   void *work, const int *lwork, int *info, size_t);

int lapack_sytrf(const Lapack *l, DType d, int n, void *a, int *pivots, void *work,
                 int lwork) {
    int lda = at_least_one(n), info = 0;
    ((Sytrf *)routine(l, d, SYTRF))("L", &n, a, &lda, pivots, work, &lwork, &info, 1);
    return info;
}

int lapack_sytrs(const Lapack *l, DType d, int n, int nrhs, const void *a,
                 const int *pivots, void *b) {
    int lda = at_least_one(n), info = 0;
    ((Getrs *)routine(l, d, SYTRS))("L", &n, &nrhs, a, &lda, pivots, b, &lda, &info, 1);
    return info;
}

typedef void Gesdd(const char *job, const int *m, const int *n, void *a, const int *lda,
                   void *s, void *u, const int *ldu, void *vt, const int *ldvt,
                   void *work, const int *lwork, int *iwork, int *info, size_t);

int lapack_gesdd(const Lapack *l, DType d, char job, int m, int n, void *a, void *s,
                 void *u, void *vt, void *work, int lwork, int *iwork) {
    int k = m < n ? m : n, lda = at_least_one(m), info = 0;
    int ldvt = at_least_one(job == 'A' ? n : k);
    ((Gesdd *)routine(l, d, GESDD))(&job, &m, &n, a, &lda, s, u, &lda, vt, &ldvt, work,
                                    &lwork, iwork, &info, 1);
    return info;
}

typedef void Syevd(const char *job, const char *uplo, const int *n, void *a,
                   const int *lda, void *w, void *work, const int *lwork, int *iwork,
                   const int *liwork, int *info, size_t, size_t);

int lapack_syevd(const Lapack *l, DType d, bool vectors, bool upper, int n, void *a,
                 void *w, void *work, int lwork, int *iwork, int liwork) {
    int lda = at_least_one(n), info = 0;
    ((Syevd *)routine(l, d, SYEVD))(vectors ? "V" : "N", upper ? "U" : "L", &n, a, &lda,
                                    w, work, &lwork, iwork, &liwork, &info, 1, 1);
    return info;
}

typedef void Gels(const char *trans, const int *m, const int *n, const int *nrhs,
                  void *a, const int *lda, void *b, const int *ldb, void *work,
                  const int *lwork, int *info, size_t);
typedef void Gelsy(const int *m, const int *n, const int *nrhs, void *a, const int *lda,
                   void *b, const int *ldb, int *jpvt, const void *rcond, int *rank,
                   void *work, const int *lwork, int *info);
typedef void Gelsd(const int *m, const int *n, const int *nrhs, void *a, const int *lda,
                   void *b, const int *ldb, void *s, const void *rcond, int *rank,
                   void *work, const int *lwork, int *iwork, int *info);
typedef void Gelss(const int *m, const int *n, const int *nrhs, void *a, const int *lda,
                   void *b, const int *ldb, void *s, const void *rcond, int *rank,
                   void *work, const int *lwork, int *info);

int lapack_lstsq(const Lapack *l, DType d, LeastSquares *j) {
    int lda = at_least_one(j->m), ldb = at_least_one(j->m > j->n ? j->m : j->n);
    int info = 0;
    float single = (float)j->rcond;
    const void *rcond =
        d == DT_float64 ? (const void *)&j->rcond : (const void *)&single;
    switch (j->driver) {
    case LSTSQ_GELS:
        ((Gels *)routine(l, d, GELS))("N", &j->m, &j->n, &j->nrhs, j->a, &lda, j->x,
                                      &ldb, j->work, &j->lwork, &info, 1);
        break;
    case LSTSQ_GELSY:
        ((Gelsy *)routine(l, d, GELSY))(&j->m, &j->n, &j->nrhs, j->a, &lda, j->x, &ldb,
                                        j->ints, rcond, &j->rank, j->work, &j->lwork,
                                        &info);
        break;
    case LSTSQ_GELSD:
        ((Gelsd *)routine(l, d, GELSD))(&j->m, &j->n, &j->nrhs, j->a, &lda, j->x, &ldb,
                                        j->s, rcond, &j->rank, j->work, &j->lwork,
                                        j->ints, &info);
        break;
    case LSTSQ_GELSS:
        ((Gelss *)routine(l, d, GELSS))(&j->m, &j->n, &j->nrhs, j->a, &lda, j->x, &ldb,
                                        j->s, rcond, &j->rank, j->work, &j->lwork,
                                        &info);
        break;
    }
    return info;
}

typedef void Trsm(const char *side, const char *uplo, const char *trans,
                  const char *diag, const int *m, const int *n, const void *alpha,
                  const void *a, const int *lda, void *b, const int *ldb, size_t,
                  size_t, size_t, size_t);

void lapack_trsm(const Lapack *l, DType d, TriangularSolve how, int m, int n,
                 const void *a, void *b) {
    int lda = at_least_one(how.left ? m : n), ldb = at_least_one(m);
    float one_float = 1;
    double one = 1;
    const void *alpha = d == DT_float64 ? (const void *)&one : (const void *)&one_float;
    ((Trsm *)routine(l, d, TRSM))(how.left ? "L" : "R", how.upper ? "U" : "L",
                                  how.transposed ? "T" : "N", how.unit ? "U" : "N", &m,
                                  &n, alpha, a, &lda, b, &ldb, 1, 1, 1, 1);
}
