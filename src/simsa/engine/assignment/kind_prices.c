/* The prices of entries and kinds that prove a choice the best at given prices of the reviewers.

   What an entry may hold is a flow down the tree of its kinds, from the entry through the groups to the reviewers; each
   group carries its least to its most. The optimum of such a flow is proven by a level for each group: who is taken
   is worth the level of its deepest group or more, who is not is worth that or less, and a group's level may be above
   that of the group around it only where it has its most, and below only where it has its least. Seats that stay empty
   are worth -penalty, whatever group they are kept for. The difference of the two levels is the price of the group.

   Bounds on each level are carried up the tree, then levels are chosen on the way down. */

#include <stdint.h>
#include <stdlib.h>

typedef struct {
    int64_t stamp; /* entry for which the others hold */
    int64_t level, lowest, highest;
    int32_t n; /* seats: taken, or kept for others within */
} Group;

typedef struct {
    int32_t top;
    const int32_t *group, *parent, *depth, *low, *high, *blank;
    Group *at;
    int32_t *touched;
    int32_t n_touched;
    const int32_t *my_low, *my_high, *my_blank;
    int64_t penalty;
} Tree;

/* Have group g and all above it among those that are looked at. */
static void touch(Tree *t, int64_t stamp, int32_t g) {
    for (; t->at[g].stamp != stamp; g = t->parent[g]) {
        t->at[g] = (Group){.stamp = stamp, .lowest = -t->penalty, .highest = INT64_MAX, .n = t->my_blank[g]};
        t->touched[t->n_touched++] = g;
        if (g == t->top) return;
    }
}

static void seat(Tree *t, int32_t g) {
    for (;; g = t->parent[g]) {
        int32_t n = ++t->at[g].n;
        if (g == t->top || n <= t->my_low[g]) return;
    }
}

static void at_most(Group *g, int64_t level) {
    if (level < g->highest) g->highest = level;
}

static void at_least(Group *g, int64_t level) {
    if (level > g->lowest) g->lowest = level;
}

/* Bounds on the level of each group, from its own reviewers and empty seats and from the groups within. */
static void carry_up(Tree *t, int32_t coverage, int32_t deepest) {
    for (int32_t depth = deepest; depth > 0; depth--)
        for (int32_t z = 0; z < t->n_touched; z++) {
            int32_t g = t->touched[z];
            if (t->depth[g] != depth) continue;
            Group *in = &t->at[g], *around = &t->at[t->parent[g]];
            int32_t n = in->n;
            if (n < t->my_low[g]) {
                at_most(in, -t->penalty);
                n = t->my_low[g];
            }
            if (n > t->my_low[g]) at_most(around, in->highest);
            if (n < t->my_high[g]) at_least(around, in->lowest);
        }
    Group *top = &t->at[t->top];
    if (top->n < coverage) at_most(top, -t->penalty);
    top->level = top->highest < INT64_MAX ? top->highest : top->lowest;
}

/* Choose levels as near to those around as may be. Counts the groups with a price in `found`; notes them in `out` while
   it has room. */
static void carry_down(Tree *t, int64_t entry, int32_t deepest, int64_t *out, int64_t room, int64_t *found) {
    for (int32_t depth = 1; depth <= deepest; depth++)
        for (int32_t z = 0; z < t->n_touched; z++) {
            int32_t g = t->touched[z];
            if (t->depth[g] != depth) continue;
            Group *in = &t->at[g];
            int64_t around = t->at[t->parent[g]].level;
            in->level = around < in->lowest ? in->lowest : around > in->highest ? in->highest : around;
            if (in->level == around) continue;
            if (*found < room) {
                int64_t *row = out + 3 * *found;
                row[0] = entry;
                row[1] = g;
                row[2] = in->level - around;
            }
            ++*found;
        }
}

/* `state` by pair: 0 not taken, 1 taken, 2 pinned; `kept`: the groups of which some entry needs somebody; the rest as
   for simsa_kinds, `depth` 0 for the top. Receives the entries' prices, the number of priced groups, and in `priced` (entry,
   group, price) of as many of them as it has room for. */
int simsa_kind_prices(int64_t n, const int64_t *start, const int64_t *reviewer, const int64_t *units,
                      const int32_t *state, const int32_t *coverage, int64_t penalty, int64_t groups,
                      const int32_t *group, const int32_t *parent, const int32_t *depth, const int32_t *low,
                      const int32_t *high, const int32_t *blank, int64_t own, const int32_t *kept, int64_t n_kept,
                      const int64_t *price, int64_t *entry_price, int64_t *n_priced, int64_t *priced,
                      int64_t room, int (*tell)(int, double)) {
    (void)tell;
    Tree t = {.top = (int32_t)groups, .group = group, .parent = parent, .depth = depth, .low = low, .high = high,
              .blank = blank, .penalty = penalty};
    int32_t deepest = 0;
    t.at = calloc((size_t)groups + 1, sizeof(Group));
    t.touched = malloc(((size_t)groups + 1) * 4);
    for (int32_t g = 0; g < groups; g++) deepest = depth[g] > deepest ? depth[g] : deepest;
    *n_priced = 0;
    for (int64_t i = 0; t.at && t.touched && i < n; i++) {
        t.my_low = low + (own ? i * groups : 0);
        t.my_high = high + (own ? i * groups : 0);
        t.my_blank = blank + (own ? i * (groups + 1) : 0);
        t.n_touched = 0;
        touch(&t, i + 1, t.top);
        for (int64_t z = 0; z < n_kept; z++) touch(&t, i + 1, kept[z]);
        for (int64_t q = start[i]; q < start[i + 1]; q++) {
            int32_t g = group[reviewer[q]];
            int64_t v = units[q] - price[reviewer[q]];
            touch(&t, i + 1, g);
            if (state[q]) seat(&t, g);
            if (state[q] == 1) at_most(&t.at[g], v);
            if (state[q] == 0) at_least(&t.at[g], v);
        }
        carry_up(&t, coverage[i], deepest);
        entry_price[i] = t.at[t.top].level;
        carry_down(&t, i, deepest, priced, room, n_priced);
    }
    int result = !t.at || !t.touched;
    free(t.at);
    free(t.touched);
    return result;
}
