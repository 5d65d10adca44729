/* hash_order: the order in which a hash set lists its elements.
 *
 * torch.unique collects elements in a std::unordered_set, and with sorted=False gives
 * them as the set lists them.  These are the hashes, the growth and the insertion of
 * GNU's library, step by step, since that order depends on them: a list of all
 * elements, of which each bucket knows the one before its first.  Sets of more than
 * 50 million elements are listed as if they no longer grew.
 *
 * Nothing here allocates; memory comes from the caller.
 */
#ifndef CORE_KERNEL_HASH_ORDER_H
#define CORE_KERNEL_HASH_ORDER_H

#include "core/dtype.h"

typedef struct HashNode {
    uint64_t hash, key; /* elements are equal when their keys are */
    int64_t next;       /* the following node, -1 at the end */
    int64_t first;      /* index of the element that came first */
} HashNode;

typedef struct HashSet { /* starts with no elements and no buckets */
    HashNode *nodes;     /* room for all elements */
    int64_t *buckets;    /* room for hash_buckets of them */
    int64_t n, n_buckets;
    int64_t head; /* the first node listed, -1: none */
} HashSet;

/* The most buckets that a set of n elements comes to have. */
int64_t hash_buckets(int64_t n);
/* hash[i] = the hash of element i of x. */
void hash_elements(DType d, const void *x, int64_t n, uint64_t *hash);
/* The node of an element, made when it is new; `unequal`: it is equal to none, as nan.
 */
int64_t hash_insert(HashSet *s, uint64_t hash, uint64_t key, int64_t index,
                    bool unequal);

#endif
