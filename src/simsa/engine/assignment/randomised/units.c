/* Exact marginals: probabilities as whole units, with every limit met exactly.

   Rounding within an entry keeps its total, its kinds and each of its pairs within one unit of what they were. What
   reviewers then have too much or too little of is moved along shortest paths of the residual network, in phases
   (Dinic 1970): from a reviewer through an entry to another reviewer, up and down the entry's kinds where their limits
   allow it. */

#include "trees.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const int64_t *end, *first, *least, *most;
    int32_t cap, *units;
    int64_t *held; /* units of each node's subtree */
} Forest;

/* Move up to `amount` units (taken away if negative) into the subtree of v, within the limits of what is below it;
   `inner`: only into pairs that are neither at nothing nor at the cap. What was moved. */
static int64_t push(const Forest *t, int64_t v, int64_t amount, int inner) {
    int64_t left = amount;
    for (int64_t e = t->first[v]; left && e < t->first[v + 1]; e++) {
        int32_t had = t->units[e];
        if (inner && (had == 0 || had == t->cap)) continue;
        int64_t move = left > t->cap - had ? t->cap - had : left < -had ? -had : left;
        t->units[e] = (int32_t)(had + move);
        left -= move;
    }
    for (int64_t kind = v + 1; left && kind < t->end[v]; kind = t->end[kind]) {
        int64_t up = t->most[kind] - t->held[kind], down = t->least[kind] - t->held[kind];
        int64_t move = left > up ? up : left < down ? down : left;
        left -= move ? push(t, kind, move, inner) : 0;
    }
    t->held[v] += amount - left;
    return amount - left;
}

static void bring(const Forest *t, int64_t v, int64_t held) {
    int64_t missing = held - t->held[v];
    missing -= push(t, v, missing, 1);
    push(t, v, missing, 0);
}

/* Round x times `parts` to units, carrying what is left over from pair to pair. Subtrees are runs of pairs, so each
   ends within one unit of its share; the limits of all nodes then hold exactly, or `off` is the number of entries where
   they cannot. Limits and cap are in units. */
int simsa_units_round(int64_t n, const int64_t *root, const int64_t *end, const int64_t *first, const double *x,
                      int64_t parts, int64_t cap, const int64_t *least, const int64_t *most, int32_t *units,
                      int64_t *held, int64_t *off, Tell tell) {
    (void)tell;
    Forest forest = {end, first, least, most, (int32_t)cap, units, held};
    *off = 0;
    for (int64_t i = 0; i < n; i++) {
        double share = 0;
        int64_t given = 0;
        for (int64_t e = first[root[i]]; e < first[root[i + 1]]; e++) {
            share += x[e] * (double)parts;
            int64_t unit = x[e] > 0 ? (int64_t)floor(share + 0.5) - given : 0;
            unit = unit < 0 ? 0 : unit > cap ? cap : unit;
            units[e] = (int32_t)unit;
            given += unit;
        }
        for (int64_t v = root[i + 1] - 1; v >= root[i]; v--) {
            held[v] = 0;
            for (int64_t e = first[v]; e < first[v + 1]; e++) held[v] += units[e];
            for (int64_t kind = v + 1; kind < end[v]; kind = end[kind]) held[v] += held[kind];
            if (held[v] > most[v]) bring(&forest, v, most[v]);
            if (held[v] < least[v]) bring(&forest, v, least[v]);
        }
        *off += held[root[i]] != most[root[i]];
    }
    return DONE;
}

typedef struct {
    Forest forest;
    const int64_t *parent; /* by node; -1: a root */
    const int32_t *reviewer, *node, *pair; /* a pair's reviewer; its node and place, by column */
    const int64_t *at;
    int64_t m;       /* reviewers come first among the vertices, then nodes */
    int inner;
    int64_t *supply, *room;
    int32_t *level, *queue;
    int64_t *arc;    /* the next one to look at, by vertex */
    int32_t *vertex; /* the path, */
    int64_t *taken;  /* the pair at each step of it (or -1), */
    int64_t *most_of; /* and how much could go along to there */
} Search;

/* The next arc of u with room in the residual network, from position *k on: where it leads, with its pair (or -1) and
   its room. -1 if there is none. */
static int64_t next_arc(const Search *s, int64_t u, int64_t *k, int64_t *pair, int64_t *room) {
    const Forest *t = &s->forest;
    if (u < s->m) {
        for (; s->at[u] + *k < s->at[u + 1]; ++*k) {
            int64_t e = s->pair[s->at[u] + *k];
            if (t->units[e] == 0 || (s->inner && t->units[e] == t->cap)) continue;
            *pair = e;
            *room = t->units[e];
            return s->m + s->node[s->at[u] + *k];
        }
        return -1;
    }
    int64_t v = u - s->m, pairs = t->first[v + 1] - t->first[v];
    for (; *k < pairs; ++*k) {
        int64_t e = t->first[v] + *k;
        if (t->units[e] == t->cap || (s->inner && t->units[e] == 0)) continue;
        *pair = e;
        *room = t->cap - t->units[e];
        return s->reviewer[e];
    }
    *pair = -1;
    if (*k == pairs) {
        if (s->parent[v] >= 0 && t->held[v] > t->least[v]) {
            *room = t->held[v] - t->least[v];
            return s->m + s->parent[v];
        }
        ++*k;
    }
    for (int64_t kind; (kind = v + *k - pairs) < t->end[v]; *k += t->end[kind] - kind)
        if (t->held[kind] < t->most[kind]) {
            *room = t->most[kind] - t->held[kind];
            return s->m + kind;
        }
    return -1;
}

/* Levels from all reviewers with supply. Whether one with room is reached. */
static int layer(Search *s, int64_t vertices) {
    int64_t head = 0, count = 0, pair, room;
    int found = 0;
    for (int64_t u = 0; u < vertices; u++) {
        s->level[u] = -1;
        s->arc[u] = 0;
        if (u < s->m && s->supply[u] > 0) {
            s->level[u] = 0;
            s->queue[count++] = (int32_t)u;
        }
    }
    while (head < count) {
        int64_t u = s->queue[head++];
        for (int64_t k = 0, to; (to = next_arc(s, u, &k, &pair, &room)) >= 0;) {
            if (s->level[to] < 0) {
                s->level[to] = s->level[u] + 1;
                s->queue[count++] = (int32_t)to;
                found |= to < s->m && s->room[to] > 0;
            }
            k += u >= s->m && pair < 0 && to > u ? s->forest.end[to - s->m] - (to - s->m) : 1;
        }
    }
    return found;
}

static void step_past(Search *s, int64_t u, int64_t to, int64_t pair) {
    s->arc[u] += u >= s->m && pair < 0 && to > u ? s->forest.end[to - s->m] - (to - s->m) : 1;
}

static void move_along(Search *s, int64_t steps, int64_t amount) {
    Forest *t = &s->forest;
    for (int64_t z = 1; z <= steps; z++) {
        int64_t from = s->vertex[z - 1], to = s->vertex[z], e = s->taken[z];
        if (e >= 0) {
            t->units[e] += (int32_t)(from < s->m ? -amount : amount);
        } else if (to < from) {
            t->held[from - s->m] -= amount;
        } else {
            t->held[to - s->m] += amount;
        }
    }
    s->supply[s->vertex[0]] -= amount;
    s->room[s->vertex[steps]] -= amount;
}

/* Move as much as can go from j along rising levels. */
static void drain(Search *s, int64_t j) {
    int64_t z = 0, pair, room;
    s->vertex[0] = (int32_t)j;
    s->most_of[0] = INT64_MAX;
    while (s->supply[j] > 0) {
        int64_t u = s->vertex[z];
        if (z && u < s->m && s->room[u] > 0) {
            int64_t amount = s->most_of[z];
            amount = amount < s->supply[j] ? amount : s->supply[j];
            amount = amount < s->room[u] ? amount : s->room[u];
            move_along(s, z, amount);
            z = 0;
            continue;
        }
        int64_t to = next_arc(s, u, &s->arc[u], &pair, &room);
        if (to < 0) {
            s->level[u] = -1; /* a dead end */
            if (!z) return;
            z--;
        } else if (s->level[to] == s->level[u] + 1) {
            s->vertex[++z] = (int32_t)to;
            s->taken[z] = pair;
            s->most_of[z] = room < s->most_of[z - 1] ? room : s->most_of[z - 1];
        } else {
            step_past(s, u, to, pair);
        }
    }
}

/* Move what reviewers have too much of (`supply`) to reviewers with room, both in units and used up as far as possible.
   `inner`: only through pairs that are neither at nothing nor at the cap, which near the optimum costs next to
   nothing. */
int simsa_units_move(int64_t nodes, const int64_t *end, const int64_t *first, const int64_t *parent,
                     const int32_t *reviewer, int64_t m, const int64_t *at, const int32_t *node, const int32_t *pair,
                     int64_t cap, const int64_t *least, const int64_t *most, int32_t *units, int64_t *held,
                     int64_t *supply, int64_t *room, int64_t inner, Tell tell) {
    size_t vertices = (size_t)(m + nodes);
    Search s = {.forest = {end, first, least, most, (int32_t)cap, units, held}, .parent = parent, .reviewer = reviewer,
                .node = node, .pair = pair, .at = at, .m = m, .inner = (int)inner, .supply = supply, .room = room};
    int result = NO_MEMORY;
    s.level = malloc((vertices + 1) * sizeof(int32_t));
    s.queue = malloc((vertices + 1) * sizeof(int32_t));
    s.arc = malloc((vertices + 1) * sizeof(int64_t));
    s.vertex = malloc((vertices + 2) * sizeof(int32_t));
    s.taken = malloc((vertices + 2) * sizeof(int64_t));
    s.most_of = malloc((vertices + 2) * sizeof(int64_t));
    if (s.level && s.queue && s.arc && s.vertex && s.taken && s.most_of) {
        while (layer(&s, (int64_t)vertices) && !(tell && tell(0, 0)))
            for (int64_t j = 0; j < m; j++)
                if (supply[j] > 0) drain(&s, j);
        result = DONE;
    }
    free(s.level); free(s.queue); free(s.arc); free(s.vertex); free(s.taken); free(s.most_of);
    return result;
}

/* ---- the proof of a linear optimum ---- */

typedef struct {
    int64_t *level;
    int32_t *queue, *rounds;
    char *in;
    int64_t head, count, size, limit;
    int failed;
} Relax;

static void lower(Relax *r, int64_t to, int64_t level) {
    if (level >= r->level[to]) return;
    r->level[to] = level;
    if (r->in[to]) return;
    if (++r->rounds[to] > r->limit) { r->failed = 1; return; }
    r->in[to] = 1;
    r->queue[(r->head + r->count++) % r->size] = (int32_t)to;
}

/* Prices that prove units optimal for affinities alone (no curvature), if they are: a solution of the difference
   constraints of complementary slackness, by Bellman and Ford's method with a queue. level[v] is the price of node v,
   level[nodes + j] less that of reviewer j, both against level[nodes + m]; it may hold a guess. `found` is 0 if there
   is no solution: the units are not optimal. */
int simsa_units_prices(int64_t nodes, const int64_t *end, const int64_t *first, const int64_t *parent,
                       const int32_t *reviewer, const int64_t *affinity, int64_t m, const int64_t *at,
                       const int32_t *node, const int32_t *pair, int64_t cap, const int64_t *least,
                       const int64_t *most, const int32_t *units, const int64_t *held, const int64_t *least_load,
                       const int64_t *most_load, const int64_t *load, int64_t *level, int64_t *found, Tell tell) {
    int64_t size = nodes + m + 1, z = nodes + m, told = 0;
    Relax r = {.level = level, .size = size, .limit = size + 1};
    int result = NO_MEMORY;
    r.queue = malloc((size_t)size * sizeof(int32_t));
    r.rounds = calloc((size_t)size, sizeof(int32_t));
    r.in = malloc((size_t)size);
    if (!r.queue || !r.rounds || !r.in) goto out;
    for (int64_t v = 0; v < size; v++) {
        r.queue[v] = (int32_t)v;
        r.in[v] = 1;
    }
    r.count = size;
    while (r.count && !r.failed) {
        if (!(++told & 0xFFFF) && tell && tell(0, 0)) break;
        int64_t u = r.queue[r.head];
        r.head = (r.head + 1) % size;
        r.count--;
        r.in[u] = 0;
        int64_t here = level[u];
        if (u == z) {
            for (int64_t j = 0; j < m; j++)
                if (load[j] > least_load[j]) lower(&r, nodes + j, here); /* price not below nothing */
        } else if (u >= nodes) {
            int64_t j = u - nodes;
            if (load[j] < most_load[j]) lower(&r, z, here); /* price not above nothing */
            for (int64_t k = at[j]; k < at[j + 1]; k++)
                if (units[pair[k]] > 0) lower(&r, node[k], here + affinity[pair[k]]);
        } else {
            for (int64_t e = first[u]; e < first[u + 1]; e++)
                if (units[e] < cap) lower(&r, nodes + reviewer[e], here - affinity[e]);
            if (parent[u] >= 0 && held[u] > least[u]) lower(&r, parent[u], here);
            for (int64_t kind = u + 1; kind < end[u]; kind = end[kind])
                if (held[kind] < most[kind]) lower(&r, kind, here);
        }
    }
    *found = !r.failed && !r.count;
    result = DONE;
out:
    free(r.queue); free(r.rounds); free(r.in);
    return result;
}
