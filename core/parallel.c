/* See parallel.h.  One job at a time: threads draw the numbers of its parts from a
 * counter.  A thread counts as being in the job from when it has read what the job is
 * until it finds no part left; the caller waits until none is in it. */
#include "parallel.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

enum {
    STACK = 1 << 20,    /* a product of matrices keeps its copies there */
    LOOK_OUT_NS = 20000 /* before sleeping, since waking takes as long */
};

typedef struct Job {
    ParallelPart *f;
    const void *work;
    int64_t parts;
} Job;

static struct {
    pthread_mutex_t taken; /* by the call under way */
    pthread_mutex_t lock;  /* of what follows, but for what is atomic */
    pthread_cond_t begun, ended;
    Job job;
    _Atomic int64_t next;    /* part */
    _Atomic uint64_t number; /* of jobs so far */
    _Atomic int inside;      /* threads in the job, the caller not counted */
    int threads, started;
} pool = {
    .taken = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .begun = PTHREAD_COND_INITIALIZER,
    .ended = PTHREAD_COND_INITIALIZER,
    .threads = 1,
};

void parallel_set_threads(int n) {
    pool.threads = n < 1 ? 1 : n > PARALLEL_MOST ? PARALLEL_MOST : n;
}

int parallel_threads(void) {
    return pool.threads;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_a_little(void) {
#if defined(__x86_64__)
    for (int i = 0; i < 8; i++) __builtin_ia32_pause();
#endif
}

static void do_parts(const Job *job) {
    for (int64_t part; (part = pool.next++) < job->parts;) job->f(job->work, part);
}

/* ---- the other threads ---- */

/* Waits for a job after number `seen`; called with the lock, which it gives up
 * meanwhile. */
static void wait_for_job(uint64_t seen) {
    pthread_mutex_unlock(&pool.lock);
    for (int64_t end = now() + LOOK_OUT_NS; pool.number == seen && now() < end;)
        pause_a_little();
    pthread_mutex_lock(&pool.lock);
    while (pool.number == seen) pthread_cond_wait(&pool.begun, &pool.lock);
}

static void *serve(void *unused) {
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    /* The job for which it was started may be the first it works on. */
    for (uint64_t seen = 0;; wait_for_job(seen)) {
        seen = pool.number;
        Job job = pool.job;
        pool.inside++;
        pthread_mutex_unlock(&pool.lock);
        do_parts(&job);
        pthread_mutex_lock(&pool.lock);
        if (--pool.inside == 0) pthread_cond_signal(&pool.ended);
    }
    return NULL;
}

/* Threads as many as there are to be, or as the system has to give. */
static void start_threads(void) {
    pthread_attr_t attr;
    pthread_t thread;
    if (pthread_attr_init(&attr)) return;
    pthread_attr_setstacksize(&attr, STACK);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    while (pool.started < pool.threads - 1 &&
           pthread_create(&thread, &attr, serve, NULL) == 0)
        pool.started++;
    pthread_attr_destroy(&attr);
    pool.threads = pool.started + 1;
}

/* ---- the caller ---- */

/* A thread that woke too late for the last job may still be looking for a part. */
static void begin(const Job *job) {
    pthread_mutex_lock(&pool.lock);
    while (pool.inside) pthread_cond_wait(&pool.ended, &pool.lock);
    pool.job = *job;
    pool.next = 0;
    pool.number++;
    pthread_cond_broadcast(&pool.begun);
    pthread_mutex_unlock(&pool.lock);
}

/* A thread that wakes late finds a job without parts. */
static void wait_for_end(void) {
    for (int64_t end = now() + LOOK_OUT_NS; pool.inside && now() < end;)
        pause_a_little();
    pthread_mutex_lock(&pool.lock);
    pool.job.parts = 0;
    while (pool.inside) pthread_cond_wait(&pool.ended, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

void parallel_run(ParallelPart *f, const void *work, int64_t parts) {
    const Job job = {f, work, parts};
    bool alone = parts < 2 || pool.threads < 2 || pthread_mutex_trylock(&pool.taken);
    if (alone) {
        for (int64_t part = 0; part < parts; part++) f(work, part);
        return;
    }
    if (pool.started < pool.threads - 1) start_threads();
    begin(&job);
    do_parts(&job);
    wait_for_end();
    pthread_mutex_unlock(&pool.taken);
}
