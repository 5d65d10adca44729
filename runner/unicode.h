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

/* False for what repr() escapes. */
bool unicode_is_printable(uint32_t cp);

#endif
