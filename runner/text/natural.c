/* See natural.h.  The parts are those of Python's re.split(r"(\d+)", name): text,
 * digits, text, ..., where a text may be empty; so parts at the same place are always
 * of the same kind. */
#include "runner/text/natural.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* Parts are a few bytes long: a loop is quicker than strcspn and its tables. */
static size_t text_length(const char *s) {
    size_t n = 0;
    while (s[n] && !is_digit(s[n])) n++;
    return n;
}

static size_t digits_length(const char *s) {
    size_t n = 0;
    while (is_digit(s[n])) n++;
    return n;
}

static int compare_texts(const char *a, size_t n, const char *b, size_t m) {
    int order = memcmp(a, b, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

static int compare_digits(const char *a, size_t n, const char *b, size_t m) {
    while (n && *a == '0') a++, n--;
    while (m && *b == '0') b++, m--;
    if (n != m) return n < m ? -1 : 1;
    return memcmp(a, b, n);
}

int natural_compare(const char *a, const char *b) {
    const char *x = a, *y = b;
    while (*x && *y) {
        size_t n = text_length(x), m = text_length(y);
        int order = compare_texts(x, n, y, m);
        if (order) return order;
        x += n, y += m;
        n = digits_length(x), m = digits_length(y);
        if (!n || !m) return n ? 1 : m ? -1 : strcmp(a, b);
        order = compare_digits(x, n, y, m);
        if (order) return order;
        x += n, y += m;
    }
    if (*x || *y) return *x ? 1 : -1;
    return strcmp(a, b);
}

enum { WORD_MAX = 63 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment distance; both at most WORD_MAX long. */
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(change, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last, last = row, row = spare;
    }
    return last[m];
}

const char *natural_nearest(const char *word, const char *const *names, size_t n) {
    size_t length = strlen(word);
    if (length == 0 || length > WORD_MAX) return NULL;
    size_t best = length < 6 ? 2 : length / 3 + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(names[i]);
        if (m > WORD_MAX) continue;
        size_t far = distance(word, length, names[i], m);
        if (far < best && far < length) {
            best = far;
            nearest = names[i];
        }
    }
    return nearest;
}
