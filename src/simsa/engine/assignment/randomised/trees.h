/* The network of a randomised assignment, as its C files see it: one tree per entry, pairs from its nodes to reviewers.

   The nodes of entry i are root[i] to root[i + 1], in preorder; the subtree of node v is v to end[v]. The root
   stands for the entry, every other node for a kind of reviewer whose limits count there. The pairs of node v
   itself are first[v] to first[v + 1]. Limits of a node (least, most) are for its whole subtree; those of a root
   are both the coverage. */

#ifndef SIMSA_TREES_H
#define SIMSA_TREES_H

#include <stdint.h>

enum { DONE = 0, NO_MEMORY = 1 };

typedef int (*Tell)(int step, double share); /* asks to stop by anything but 0; may be NULL */

#endif
