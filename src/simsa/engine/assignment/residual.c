/* Shortest ways through the residual network of an assignment.

   What can be done differently, and what it costs: an entry takes a pair that it does not hold, a pair that is held is
   given back, a slot stays empty or an empty one is filled, a reviewer takes one more or one fewer. Nodes are the
   entries, the reviewers and, last, the rest of the world (the sink), where slots are empty and reviewers have room.
   The prices that prove the assignment make every arc cost nothing or more, so that Dijkstra's method applies (Ahuja,
   Magnanti and Orlin, "Network Flows", 1993, section 9.7); costs are 64-bit integers, and nothing is rounded. */

#include <stdint.h>
#include <stdlib.h>

enum { FREE = 0, TAKEN = 1 }; /* anything else is fixed: neither taken nor given back */

typedef struct {
    int32_t n, m;            /* entries, reviewers */
    const int64_t *start;    /* pairs of entry i: start[i] to start[i + 1] */
    const int32_t *reviewer; /* by pair */
    const int64_t *slack;    /* what both prices exceed the affinity by, by pair */
    const int8_t *state;     /* by pair */
    const int64_t *leave;    /* by entry, then reviewer: the cost of the arc to the sink, -1 where there is none */
    const int64_t *come;     /* and of the arc from it */
    int reverse;             /* walk against the arcs */
    const int64_t *limit;    /* no node so far away, or further, is of interest */
    /* of each reviewer, the pairs over which it is left: those taken, or in reverse those free */
    int64_t *column;
    int32_t *entry, *pair;
    /* a binary heap of nodes by distance, then number */
    int64_t *dist;
    int32_t *parent, *heap, *place, size; /* place in the heap; -1: not in it */
} Search;

static int nearer(const Search *s, int32_t a, int32_t b) {
    return s->dist[a] != s->dist[b] ? s->dist[a] < s->dist[b] : a < b;
}

static void put(Search *s, int32_t at, int32_t node) {
    s->heap[at] = node;
    s->place[node] = at;
}

static void rise(Search *s, int32_t at, int32_t node) {
    for (int32_t up; at && nearer(s, node, s->heap[up = (at - 1) / 2]); at = up) put(s, at, s->heap[up]);
    put(s, at, node);
}

static int32_t nearest(Search *s) {
    int32_t first = s->heap[0], last = s->heap[--s->size], at = 0;
    for (int32_t c; s->size && (c = 2 * at + 1) < s->size; at = c) {
        if (c + 1 < s->size && nearer(s, s->heap[c + 1], s->heap[c])) c++;
        if (nearer(s, last, s->heap[c])) break;
        put(s, at, s->heap[c]);
    }
    if (s->size) put(s, at, last);
    s->place[first] = -1;
    return first;
}

static inline void reach(Search *s, int32_t from, int32_t node, int64_t cost) {
    if (cost < 0 || s->dist[from] + cost >= s->dist[node] || s->dist[from] + cost >= *s->limit) return;
    s->dist[node] = s->dist[from] + cost;
    s->parent[node] = from;
    rise(s, s->place[node] < 0 ? s->size++ : s->place[node], node);
}

static void spread(Search *s, int32_t node) {
    int32_t sink = s->n + s->m, way_in = s->reverse ? TAKEN : FREE, sign = s->reverse ? -1 : 1;
    const int64_t *out = s->reverse ? s->come : s->leave, *in = s->reverse ? s->leave : s->come;
    if (node == sink) {
        for (int32_t k = 0; k < sink; k++) reach(s, sink, k, in[k]);
        return;
    }
    reach(s, node, sink, out[node]);
    if (node < s->n) {
        for (int64_t q = s->start[node]; q < s->start[node + 1]; q++)
            if (s->state[q] == way_in) reach(s, node, s->n + s->reviewer[q], sign * s->slack[q]);
    } else {
        for (int64_t k = s->column[node - s->n]; k < s->column[node - s->n + 1]; k++)
            reach(s, node, s->entry[k], -sign * s->slack[s->pair[k]]);
    }
}

/* List the pairs over which each reviewer is left. 0 if out of memory. */
static int columns(Search *s) {
    int8_t wanted = s->reverse ? FREE : TAKEN;
    int64_t pairs = s->start[s->n], count = 0;
    s->column = calloc((size_t)s->m + 2, 8);
    if (!s->column) return 0;
    for (int64_t q = 0; q < pairs; q++)
        if (s->state[q] == wanted) s->column[s->reviewer[q] + 2]++, count++;
    for (int32_t j = 0; j < s->m; j++) s->column[j + 2] += s->column[j + 1];
    s->entry = malloc((size_t)(count + 1) * 4);
    s->pair = malloc((size_t)(count + 1) * 4);
    if (!s->entry || !s->pair) return 0;
    for (int32_t i = 0; i < s->n; i++)
        for (int64_t q = s->start[i]; q < s->start[i + 1]; q++) {
            if (s->state[q] != wanted) continue;
            int64_t at = s->column[s->reviewer[q] + 1]++;
            s->entry[at] = i;
            s->pair[at] = (int32_t)q;
        }
    return 1;
}

/* `dist` (INT64_MAX where there is no way) and `parent` (-1) of every node, from `source`, or to it in reverse. With a
   `target`, which may be -1, only its own are certain. Returns 0, or 1 without memory. */
int simsa_residual(int64_t n, int64_t m, const int64_t *start, const int32_t *reviewer, const int64_t *slack,
                   const int8_t *state, const int64_t *leave, const int64_t *come, int64_t source, int64_t target,
                   int64_t reverse, int64_t *dist, int32_t *parent) {
    size_t nodes = (size_t)(n + m + 1);
    int64_t none = INT64_MAX;
    Search s = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .slack = slack, .state = state,
                .leave = leave, .come = come, .reverse = (int)reverse, .dist = dist, .parent = parent,
                .limit = target < 0 ? &none : &dist[target]};
    s.heap = malloc(nodes * 4);
    s.place = malloc(nodes * 4);
    int ready = s.heap && s.place && columns(&s);
    if (ready) {
        for (size_t k = 0; k < nodes; k++) {
            dist[k] = INT64_MAX;
            parent[k] = -1;
            s.place[k] = -1;
        }
        dist[source] = 0;
        rise(&s, s.size++, (int32_t)source);
        while (s.size) {
            int32_t node = nearest(&s);
            if (node == target) break;
            spread(&s, node);
        }
    }
    free(s.heap); free(s.place); free(s.column); free(s.entry); free(s.pair);
    return !ready;
}
