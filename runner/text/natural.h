/* natural: the order of file names, and the nearest of some names.
 *
 * Natural order compares runs of digits by their value and the text between them by
 * its bytes, part by part: "2-x" < "10-x", "a1" < "ab".  Names that differ only in
 * leading zeros are ordered by their bytes, so that the order is total.
 */
#ifndef RUNNER_NATURAL_H
#define RUNNER_NATURAL_H

#include <stddef.h>

/* < 0, 0, > 0 as strcmp. */
int natural_compare(const char *a, const char *b);

/* The one of n names that a mistyped `word` most likely means: fewest letters
 * inserted, deleted, changed or swapped, at most a third of its length (at least 1).
 * NULL when none is near. */
const char *natural_nearest(const char *word, const char *const *names, size_t n);

#endif
