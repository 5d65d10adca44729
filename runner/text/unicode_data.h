/* unicode_data: tables of Unicode, each in ascending order; see unicode.h for what to
 * ask.
 */
#ifndef RUNNER_UNICODE_DATA_H
#define RUNNER_UNICODE_DATA_H

#include <stddef.h>
#include <stdint.h>

typedef struct UnicodeRange {
    uint32_t first, last;
} UnicodeRange;

/* first, first + step, ... last change case by adding delta. */
typedef struct UnicodeCase {
    uint32_t first, last;
    int32_t delta;
    uint32_t step;
} UnicodeCase;

#define UNICODE_TABLE(type, name)                                                      \
    extern const type unicode_##name[];                                                \
    extern const size_t unicode_##name##_n

UNICODE_TABLE(UnicodeCase, upper_cases);
UNICODE_TABLE(UnicodeCase, lower_cases);
UNICODE_TABLE(UnicodeRange, alpha);
/* Of lower or upper case without a counterpart. */
UNICODE_TABLE(UnicodeRange, lower_only);
UNICODE_TABLE(UnicodeRange, upper_only);
/* Besides the decimal digits. */
UNICODE_TABLE(UnicodeRange, numeric);
UNICODE_TABLE(UnicodeRange, digit);
/* May follow in an identifier, besides letters, decimal digits and '_'. */
UNICODE_TABLE(UnicodeRange, mark);

#endif
