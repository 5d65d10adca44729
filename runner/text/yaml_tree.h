/* yaml_tree: a YAML file as a tree of its own nodes.
 *
 * Read through libyaml's event interface.  Scalars are the text as written, untyped.
 * Refused, with the place and a hint: what is no UTF-8, control characters, files over
 * YAML_MAX_BYTES, nesting over YAML_MAX_DEPTH, anchors, aliases, tags, directives, a
 * second document, keys that are no scalars, a key twice.
 */
#ifndef RUNNER_YAML_TREE_H
#define RUNNER_YAML_TREE_H

#include "runner/text/arena.h"
#include "runner/text/problem.h"

enum { YAML_MAX_BYTES = 256 * 1024, YAML_MAX_DEPTH = 64 };

typedef enum YamlKind { YAML_SCALAR, YAML_LIST, YAML_MAP } YamlKind;

/* Children stand in a chain from `first` over `next`; those of a map are key, value,
 * key, value ... */
typedef struct YamlNode YamlNode;
struct YamlNode {
    YamlKind kind;
    bool plain;         /* a scalar written without quotes */
    bool literal;       /* a scalar written as a block, line for line, behind `|` */
    uint32_t line, col; /* of the first character, behind an opening quote */
    const char *text;   /* of a scalar, NUL-terminated */
    size_t len;
    uint32_t n; /* items of a list, pairs of a map */
    YamlNode *first, *next;
};

/* The root of the document in `text`, from the arena; `file` is for messages, a NUL
 * follows the text. NULL
 * with *p set, or without it when MemoryError is pending in the arena's context. An
 * empty document is a problem, too. */
YamlNode *yaml_tree(Arena *a, const char *file, const char *text, size_t len,
                    Problem *p);
/* Only blanks and comments: no document at all. */
bool yaml_is_blank(const char *text, size_t len);

#endif
