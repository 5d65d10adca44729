/* See units.h. */
#include "runner/text/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Unit {
    const char *name;
    double factor;
} Unit;

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* The number that text starts with; NULL when it starts with none, else its end. */
static const char *read_number(const char *text, double *number) {
    if (!is_digit(text[0]) && !(text[0] == '.' && is_digit(text[1]))) return NULL;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) return NULL;
    char *end;
    *number = strtod(text, &end);
    return isfinite(*number) ? end : NULL;
}

static bool read_unit(const char *text, const Unit *units, size_t n, double *value) {
    double number;
    const char *rest = read_number(text, &number);
    if (!rest) return false;
    rest += strspn(rest, " ");
    for (size_t i = 0; i < n; i++)
        if (strcmp(rest, units[i].name) == 0) {
            *value = number * units[i].factor;
            return true;
        }
    return false;
}

bool units_bytes(const char *text, uint64_t *bytes) {
    static const Unit units[] = {{"", 1},         {"B", 1},        {"KiB", 0x1p10},
                                 {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
                                 {"kB", 1e3},     {"KB", 1e3},     {"MB", 1e6},
                                 {"GB", 1e9},     {"TB", 1e12},    {"K", 0x1p10},
                                 {"M", 0x1p20},   {"G", 0x1p30},   {"T", 0x1p40}};
    double value;
    if (!read_unit(text, units, sizeof units / sizeof *units, &value)) return false;
    if (value < 1 || value >= 0x1p63) return false;
    *bytes = (uint64_t)value;
    return true;
}

bool units_seconds(const char *text, double *seconds) {
    static const Unit units[] = {{"", 1},   {"s", 1},    {"ms", 1e-3}, {"us", 1e-6},
                                 {"m", 60}, {"min", 60}, {"h", 3600}};
    return read_unit(text, units, sizeof units / sizeof *units, seconds) &&
           *seconds > 0;
}

bool units_number(const char *text, double *number) {
    const char *end = read_number(text, number);
    return end && *end == '\0';
}

double run_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void units_print_seconds(Buf *out, double seconds) {
    if (seconds >= 60)
        buf_printf(out, "%d min %d s", (int)(seconds / 60), (int)fmod(seconds, 60));
    else if (seconds >= 1)
        buf_printf(out, "%.2f s", seconds);
    else if (seconds >= 1e-3)
        buf_printf(out, "%.1f ms", seconds * 1e3);
    else
        buf_printf(out, "%.0f us", seconds * 1e6);
}
