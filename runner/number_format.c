/* See number_format.h. */
#include "runner/number_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Splits the "d.ddde+dd" of printf; drops trailing zeros. */
static int split_exponent(const char *text, char *digits, int *point) {
    int n = 0;
    for (; *text != 'e'; text++)
        if (*text != '.') digits[n++] = *text;
    while (n > 1 && digits[n - 1] == '0') n--;
    digits[n] = '\0';
    *point = (int)strtol(text + 1, NULL, 10) + 1;
    return n;
}

/* Adds one to the last digit; "999" becomes "1" with the point moved. */
static int add_one(char *digits, int n, int *point) {
    while (n > 0 && digits[n - 1] == '9') n--;
    if (n == 0) {
        digits[n++] = '0';
        ++*point;
    }
    digits[n - 1]++;
    digits[n] = '\0';
    return n;
}

static double read_digits(const char *digits, int point) {
    char text[SHORTEST_DIGITS + 16];
    snprintf(text, sizeof text, "0.%se%d", digits, point);
    return strtod(text, NULL);
}

int float_shortest(double x, char digits[SHORTEST_DIGITS + 2], int *point) {
    char text[SHORTEST_DIGITS + 16];
    int exponent;
    /* Below a power of two doubles lie twice as dense as above it, so that there the
     * nearest decimal may read back as the neighbour while the next above is right. */
    bool power = frexp(x, &exponent) == 0.5;
    /* 15 digits always survive the way through a normal double; fewer only need to be
     * tried one by one among the subnormal ones. */
    for (int n = x < 2.3e-308 ? 1 : 15; n < SHORTEST_DIGITS; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, x);
        int got = split_exponent(text, digits, point);
        if (read_digits(digits, *point) == x) return got;
        if (!power) continue;
        /* The full n digits again, zeros and all, to count up from. */
        size_t len = strlen(digits);
        while (len < (size_t)n) digits[len++] = '0';
        digits[len] = '\0';
        got = add_one(digits, n, point);
        if (read_digits(digits, *point) == x) return got;
    }
    snprintf(text, sizeof text, "%.*e", SHORTEST_DIGITS - 1, x);
    return split_exponent(text, digits, point);
}

static void put_exponent(Buf *out, const char *digits, int n, int exponent) {
    buf_putc(out, digits[0]);
    if (n > 1) {
        buf_putc(out, '.');
        buf_add(out, digits + 1, (size_t)n - 1);
    }
    buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void put_plain(Buf *out, const char *digits, int n, int point) {
    if (point <= 0) {
        buf_puts(out, "0.");
        buf_repeat(out, '0', (size_t)-point);
        buf_add(out, digits, (size_t)n);
    } else if (point >= n) {
        buf_add(out, digits, (size_t)n);
        buf_repeat(out, '0', (size_t)(point - n));
        buf_puts(out, ".0");
    } else {
        buf_add(out, digits, (size_t)point);
        buf_putc(out, '.');
        buf_add(out, digits + point, (size_t)(n - point));
    }
}

void float_repr(Buf *out, double x) {
    if (isnan(x)) {
        buf_puts(out, "nan");
        return;
    }
    if (signbit(x)) buf_putc(out, '-');
    if (isinf(x)) {
        buf_puts(out, "inf");
        return;
    }
    char digits[SHORTEST_DIGITS + 2];
    int point;
    int n = float_shortest(fabs(x), digits, &point);
    if (point > 16 || point < -3)
        put_exponent(out, digits, n, point - 1);
    else
        put_plain(out, digits, n, point);
}
