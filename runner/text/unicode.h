/* unicode: what str's methods ask of a character, after Unicode 14.
 *
 * Case is mapped character by character, and a few characters become several (ß, the
 * ligatures). Left out: Greek letters with an iota or breathing that have no single
 * upper-case character, which stay as they are.
 */
#ifndef RUNNER_UNICODE_H
#define RUNNER_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What str.isspace(), isalpha() ... say of one character. */
bool unicode_is_space(uint32_t cp);
bool unicode_is_alpha(uint32_t cp);
bool unicode_is_upper(uint32_t cp);
bool unicode_is_lower(uint32_t cp);
bool unicode_is_title(uint32_t cp); /* titlecase: U+01C5 and its like */
bool unicode_is_digit(uint32_t cp);
bool unicode_is_numeric(uint32_t cp);
/* The value of a decimal digit of any script, or -1. */
int unicode_decimal(uint32_t cp);
/* Whether an identifier may begin with cp, or go on with it. */
bool unicode_starts_identifier(uint32_t cp);
bool unicode_in_identifier(uint32_t cp);
/* False for what repr() escapes; code points without a character count as printable. */
bool unicode_is_printable(uint32_t cp);

/* cp in the other case, into out; how many characters that is, 3 at most. */
enum { UNICODE_EXPANDED = 3 };
typedef size_t (*UnicodeMap)(uint32_t cp, uint32_t out[UNICODE_EXPANDED]);
size_t unicode_upper(uint32_t cp, uint32_t out[UNICODE_EXPANDED]);
size_t unicode_lower(uint32_t cp, uint32_t out[UNICODE_EXPANDED]);
size_t unicode_title(uint32_t cp, uint32_t out[UNICODE_EXPANDED]);
size_t unicode_fold(uint32_t cp, uint32_t out[UNICODE_EXPANDED]);

#endif
