/* str_methods: the methods of str, a file for each of their groups; str_methods.c holds
 * the table that names them and says what parameters they take.
 */
#ifndef RUNNER_STR_METHODS_H
#define RUNNER_STR_METHODS_H

#include "runner/values/native.h"

/* clang-format off */
/* X(name): the method str.name is the function str_name (count is str_count_of). */
#define STR_CASE_METHODS(X)                                                            \
    X(capitalize)                                                                      \
    X(casefold) X(lower) X(swapcase) X(title) X(upper) X(isalnum) X(isalpha)           \
        X(isascii) X(isdecimal) X(isdigit) X(isidentifier) X(islower) X(isnumeric)     \
            X(isprintable) X(isspace) X(istitle) X(isupper)
#define STR_SEARCH_METHODS(X)                                                          \
    X(count_of)                                                                        \
    X(endswith) X(find) X(index) X(removeprefix) X(removesuffix) X(replace) X(rfind)   \
        X(rindex) X(startswith)
#define STR_SPLIT_METHODS(X)                                                           \
    X(join)                                                                            \
    X(lstrip) X(partition) X(rpartition) X(rsplit) X(rstrip) X(split) X(splitlines)    \
        X(strip)
#define STR_PAD_METHODS(X)                                                             \
    X(center)                                                                          \
    X(encode) X(expandtabs) X(ljust) X(maketrans) X(rjust) X(translate) X(zfill)

/* clang-format on */

#define X(name) Value str_##name(Ctx *c, Value self, const Args *args);
STR_CASE_METHODS(X)   /* str_case.c */
STR_SEARCH_METHODS(X) /* str_search.c */
STR_SPLIT_METHODS(X)  /* str_split.c */
STR_PAD_METHODS(X)    /* str_pad.c */
#undef X

#endif
