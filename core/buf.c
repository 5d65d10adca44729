/* See buf.h. */
#include "buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void buf_init(Buf *b, Mem *mem) {
    *b = (Buf){.mem = mem};
}

void buf_free(Buf *b) {
    mem_free(b->mem, b->data, b->cap);
    *b = (Buf){.mem = b->mem};
}

void buf_clear(Buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->data) b->data[0] = '\0';
}

const char *buf_text(const Buf *b) {
    return b->data ? b->data : "";
}

static bool reserve(Buf *b, size_t more) {
    if (b->failed) return false;
    if (b->cap - b->len > more) return true;
    size_t cap = b->cap ? b->cap * 2 : 64;
    if (cap < b->len + more + 1) cap = b->len + more + 1;
    char *data = mem_resize(b->mem, b->data, b->cap, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void buf_add(Buf *b, const char *bytes, size_t n) {
    if (!reserve(b, n)) return;
    if (n) memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_puts(Buf *b, const char *text) {
    buf_add(b, text, strlen(text));
}

void buf_putc(Buf *b, char ch) {
    buf_add(b, &ch, 1);
}

void buf_repeat(Buf *b, char ch, size_t n) {
    buf_add_times(b, &ch, 1, n);
}

/* What is there is copied behind itself, twice as much each time. */
void buf_add_times(Buf *b, const char *bytes, size_t n, size_t times) {
    size_t all;
    if (__builtin_mul_overflow(n, times, &all) || all > PTRDIFF_MAX / 2) {
        b->failed = true;
        return;
    }
    if (!reserve(b, all)) return;
    char *to = b->data + b->len;
    for (size_t done = 0, part = n; done < all; done += part, part = done) {
        if (part > all - done) part = all - done;
        memcpy(to + done, done ? to : bytes, part);
    }
    b->len += all;
    b->data[b->len] = '\0';
}

void buf_vprintf(Buf *b, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, ap);
    if (n < 0) {
        b->failed = true; /* longer than an int can say */
    } else if ((size_t)n < sizeof small) {
        buf_add(b, small, (size_t)n);
    } else if (reserve(b, (size_t)n)) {
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_printf(Buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_dims(Buf *b, int n, const int64_t *dims) {
    buf_putc(b, '[');
    for (int i = 0; i < n; i++) buf_printf(b, "%s%" PRId64, i ? ", " : "", dims[i]);
    buf_putc(b, ']');
}

int utf8_decode(const char *s, size_t n, uint32_t *cp) {
    const unsigned char *u = (const unsigned char *)s;
    if (n == 0) return 0;
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    int len = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (u[0] < 0xC2 || u[0] > 0xF4 || n < (size_t)len) return 0;
    uint32_t value = u[0] & (0xFFu >> (len + 1));
    for (int i = 1; i < len; i++) {
        if ((u[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (u[i] & 0x3F);
    }
    if (value < least[len] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 0;
    *cp = value;
    return len;
}

int utf8_write(uint32_t cp, char out[4]) {
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000)) return 0;
    int len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (int i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)(lead[len] | cp);
    return len;
}

size_t utf8_count(const char *s, size_t n) {
    size_t count = 0, i = 0;
    for (uint64_t word; i + 8 <= n; i += 8) {
        memcpy(&word, s + i, 8);
        if (word & 0x8080808080808080U) break;
        count += 8;
    }
    for (; i < n; i++) count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}
