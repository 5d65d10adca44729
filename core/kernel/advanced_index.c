/* See advanced_index.h. */
#include "core/kernel/advanced_index.h"

#include "core/kernel/copy.h"
#include "core/kernel/pointwise.h"

#include <string.h>

static int64_t offset_at(char *const *p, const int64_t *s, int64_t i) {
    return *(const int64_t *)(p[2] + i * s[2]);
}

/* Whether the steps are those of one part, in different places. */
static bool is_part(const int64_t *s) {
    return s[2] == 0 && s[0] != 0;
}

void kernel_index_get(DType d, char *const *p, const int64_t *s, int64_t n,
                      const void *arg) {
    (void)arg;
    if (is_part(s)) {
        char *part[2] = {p[0], p[1] + offset_at(p, s, 0)};
        kernel_copy(d, part, s, n, NULL);
        return;
    }
    size_t size = dtype_size(d);
    for (int64_t i = 0; i < n; i++)
        memcpy(p[0] + i * s[0], p[1] + i * s[1] + offset_at(p, s, i), size);
}

void kernel_index_put(DType d, char *const *p, const int64_t *s, int64_t n,
                      const void *arg) {
    (void)arg;
    if (is_part(s)) {
        char *part[2] = {p[0] + offset_at(p, s, 0), p[1]};
        kernel_copy(d, part, s, n, NULL);
        return;
    }
    size_t size = dtype_size(d);
    for (int64_t i = 0; i < n; i++)
        memcpy(p[0] + i * s[0] + offset_at(p, s, i), p[1] + i * s[1], size);
}

/* Applies f(to, to, x) at each place, in order. */
static void update(Kernel f, DType d, char *const *p, const int64_t *s, int64_t n,
                   const void *arg) {
    if (is_part(s)) {
        char *to = p[0] + offset_at(p, s, 0), *operands[3] = {to, to, p[1]};
        f(d, operands, (const int64_t[3]){s[0], s[0], s[1]}, n, arg);
        return;
    }
    const int64_t still[3] = {0, 0, 0};
    for (int64_t i = 0; i < n; i++) {
        char *to = p[0] + i * s[0] + offset_at(p, s, i);
        char *operands[3] = {to, to, p[1] + i * s[1]};
        f(d, operands, still, 1, arg);
    }
}

void kernel_index_accumulate(DType d, char *const *p, const int64_t *s, int64_t n,
                             const void *arg) {
    (void)arg;
    update(kernel_add, d, p, s, n, NULL);
}

void kernel_index_accumulate_scaled(DType d, char *const *p, const int64_t *s,
                                    int64_t n, const void *arg) {
    update(kernel_add_scaled, d, p, s, n, arg);
}

void kernel_index_multiply(DType d, char *const *p, const int64_t *s, int64_t n,
                           const void *arg) {
    (void)arg;
    update(kernel_mul, d, p, s, n, NULL);
}

void kernel_index_maximum(DType d, char *const *p, const int64_t *s, int64_t n,
                          const void *arg) {
    (void)arg;
    update(kernel_maximum, d, p, s, n, NULL);
}

void kernel_index_minimum(DType d, char *const *p, const int64_t *s, int64_t n,
                          const void *arg) {
    (void)arg;
    update(kernel_minimum, d, p, s, n, NULL);
}
