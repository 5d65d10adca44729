/* unicode: what str's methods ask of a character.
 *
 * Classes and case are those of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic;
 * characters beyond count as letters without case, or as unprintable where Unicode has
 * no visible character for them.
 */
#ifndef RUNNER_UNICODE_H
#define RUNNER_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* str.isspace() of one character. */
bool unicode_is_space(uint32_t cp);
/* The value of a decimal digit of any script, or -1. */
int unicode_decimal(uint32_t cp);
/* False for what repr() escapes. */
bool unicode_is_printable(uint32_t cp);

#endif
