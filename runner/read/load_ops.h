/* load_ops: the operations of a cell, from their YAML nodes to texts in notation.
 *
 *   - a string is one statement;
 *   - a mapping of one key to a list is a block, its key the header;
 *   - a mapping of one key to a scalar is the statement `key: value` that YAML split;
 *   - a mapping with the key `op` is the explicit form, written out as its call:
 *     {op: torch.ones, args: [[2, 3]], requires_grad: true, out: w} is
 *     `w = torch.ones([2, 3], requires_grad=true)` with True for true.
 * Each text knows where its pieces stand in the file (TextSpan).
 */
#ifndef RUNNER_LOAD_OPS_H
#define RUNNER_LOAD_OPS_H

#include "runner/language/parse.h"
#include "runner/text/yaml_tree.h"

/* A file that is being read: where its texts go, and what is wrong with it. */
typedef struct Loader {
    Arena *arena;
    const char *file;
    Problem *problem;
} Loader;

/* The problem is `message`, at a node; false. */
bool load_refuse(const Loader *l, const YamlNode *at, const char *message,
                 const char *hint);
/* The items of `list`, from the arena, into *ops and *n. False with the problem set, or
 * with MemoryError pending. */
bool load_ops(const Loader *l, const YamlNode *list, const OpSource **ops, uint32_t *n);

#endif
