/* Sampling: whole assignments whose expectation is exactly the marginals; see sampling.py for the proof.

   The network has an edge for each pair (from its node to its reviewer) and one from each kind's node to its parent;
   both carry units, and at every node as much comes in as goes out. While the whole is an even number of units, the
   edges with odd units are taken apart into trails, each of which goes up or down by one with a fair coin, and all
   units are halved. Where the whole is odd, cycles (and paths between reviewers) of edges that are still fractional are
   moved as far as they go one way or the other, with the probabilities that leave the expectation as it is (Gandhi,
   Khuller, Parthasarathy and Srinivasan 2006). */

#include "trees.h"

#include <stdlib.h>
#include <string.h>

/* ---- random bits: the ChaCha20 key stream (RFC 8439) with a block counter of 64 bits and a nonce of nothing ---- */

typedef struct {
    uint32_t state[16], block[16], bits;
    int next, left;
} Stream;

#define TURN(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define QUARTER(a, b, c, d) \
    (a += b, d ^= a, d = TURN(d, 16), c += d, b ^= c, b = TURN(b, 12), a += b, d ^= a, d = TURN(d, 8), c += d, b ^= c, \
     b = TURN(b, 7))

static void open_stream(Stream *s, const uint8_t *key) {
    static const uint32_t constant[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    memset(s, 0, sizeof *s);
    memcpy(s->state, constant, sizeof constant);
    for (int k = 0; k < 8; k++)
        s->state[4 + k] = (uint32_t)key[4 * k] | (uint32_t)key[4 * k + 1] << 8 | (uint32_t)key[4 * k + 2] << 16 |
                          (uint32_t)key[4 * k + 3] << 24;
    s->next = 16;
}

static uint32_t word(Stream *s) {
    if (s->next == 16) {
        uint32_t *x = s->block;
        memcpy(x, s->state, sizeof s->block);
        for (int round = 0; round < 10; round++) {
            QUARTER(x[0], x[4], x[8], x[12]);
            QUARTER(x[1], x[5], x[9], x[13]);
            QUARTER(x[2], x[6], x[10], x[14]);
            QUARTER(x[3], x[7], x[11], x[15]);
            QUARTER(x[0], x[5], x[10], x[15]);
            QUARTER(x[1], x[6], x[11], x[12]);
            QUARTER(x[2], x[7], x[8], x[13]);
            QUARTER(x[3], x[4], x[9], x[14]);
        }
        for (int k = 0; k < 16; k++) x[k] += s->state[k];
        if (!++s->state[12]) s->state[13]++;
        s->next = 0;
    }
    return s->block[s->next++];
}

static int coin(Stream *s) {
    if (!s->left) {
        s->bits = word(s);
        s->left = 32;
    }
    s->left--;
    int side = (int)(s->bits & 1);
    s->bits >>= 1;
    return side;
}

/* A number below n, each with the same probability (Lemire 2019). */
static uint32_t below(Stream *s, uint32_t n) {
    uint64_t wide = (uint64_t)word(s) * n;
    if ((uint32_t)wide < n) {
        uint32_t least = (uint32_t)-n % n;
        while ((uint32_t)wide < least) wide = (uint64_t)word(s) * n;
    }
    return (uint32_t)(wide >> 32);
}

/* ---- the network ---- */

typedef struct {
    int64_t edges, vertices;
    const int32_t *tail, *head; /* by edge; units flow from tail to head */
    int32_t *units;
    int32_t *mate;    /* by half edge (2e: the tail's, 2e + 1: the head's): the one it goes on with, or -1 */
    int32_t *waiting; /* by vertex: a half edge without a mate, or -1 */
    int32_t *odd;
    char *seen;
    Stream stream;
} Net;

static void meet(Net *t, int32_t vertex, int32_t half) {
    int32_t other = t->waiting[vertex];
    t->mate[half] = other;
    if (other >= 0) {
        t->mate[other] = half;
        t->waiting[vertex] = -1;
    } else {
        t->waiting[vertex] = half;
    }
}

/* From a half edge at which the trail leaves its edge, to the end of the trail or back to where it began. */
static void walk(Net *t, int32_t leaving, int32_t along) {
    for (int32_t entering; (entering = t->mate[leaving]) >= 0; leaving = entering ^ 1) {
        int32_t e = entering >> 1;
        if (t->seen[e]) return;
        t->seen[e] = 1;
        t->units[e] += entering & 1 ? -along : along;
    }
}

/* Halve all units: the odd ones go up or down by one first. */
static void halve(Net *t) {
    int64_t odd = 0;
    for (int64_t e = 0; e < t->edges; e++)
        if (t->units[e] & 1) {
            t->odd[odd++] = (int32_t)e;
            t->seen[e] = 0;
        }
    for (int64_t k = odd - 1; k > 0; k--) { /* in random order, so that edges meet at random */
        uint32_t other = below(&t->stream, (uint32_t)k + 1);
        int32_t e = t->odd[k];
        t->odd[k] = t->odd[other];
        t->odd[other] = e;
    }
    for (int64_t v = 0; v < t->vertices; v++) t->waiting[v] = -1;
    for (int64_t k = 0; k < odd; k++) {
        meet(t, t->tail[t->odd[k]], 2 * t->odd[k]);
        meet(t, t->head[t->odd[k]], 2 * t->odd[k] + 1);
    }
    for (int64_t k = 0; k < odd; k++) {
        int32_t e = t->odd[k];
        if (t->seen[e]) continue;
        int32_t along = coin(&t->stream) ? 1 : -1;
        t->seen[e] = 1;
        t->units[e] += along;
        walk(t, 2 * e + 1, along);
        walk(t, 2 * e, -along);
    }
    for (int64_t e = 0; e < t->edges; e++) t->units[e] >>= 1;
}

/* ---- an odd whole ---- */

typedef struct {
    Net *net;
    int32_t whole;
    int64_t *at;     /* the half edges of vertex v are half[at[v]] to half[at[v] + live[v]] */
    int32_t *half;
    int32_t *live;
    int32_t *place;  /* of a vertex on the path, or -1 */
    int32_t *vertex; /* the path, */
    int32_t *leave;  /* and the half edge by which it leaves each vertex */
} Rounding;

/* A half edge of v that is still fractional and not of edge `but`, at random; -1 if there is none. */
static int32_t choose(Rounding *r, int32_t v, int32_t but) {
    int32_t *half = r->half + r->at[v];
    for (int32_t k = 0; k < r->live[v];) { /* forget those that are settled */
        if (r->net->units[half[k] >> 1] % r->whole) k++;
        else half[k] = half[--r->live[v]];
    }
    int32_t others = r->live[v];
    for (int32_t k = 0; k < r->live[v]; k++)
        if (half[k] >> 1 == but) {
            int32_t last = half[--others];
            half[others] = half[k];
            half[k] = last;
            break;
        }
    return others > 0 ? half[below(&r->net->stream, (uint32_t)others)] : -1;
}

/* Move the edges from position `from` of the path to its last one, one way or the other. */
static void shift(Rounding *r, int64_t from, int64_t last) {
    int32_t up = r->whole, down = r->whole, *units = r->net->units;
    for (int64_t z = from; z <= last; z++) {
        int32_t part = units[r->leave[z] >> 1] % r->whole, more = r->whole - part;
        if (r->leave[z] & 1) {
            int32_t swap = part;
            part = more;
            more = swap;
        }
        up = more < up ? more : up;
        down = part < down ? part : down;
    }
    int32_t by = below(&r->net->stream, (uint32_t)up + (uint32_t)down) < (uint32_t)down ? up : -down;
    for (int64_t z = from; z <= last; z++) units[r->leave[z] >> 1] += r->leave[z] & 1 ? -by : by;
}

/* Walk from v until one of its paths is settled, or it turns out that another vertex is an end to start from. */
static int32_t settle(Rounding *r, int32_t v, int is_end) {
    int64_t z = 0;
    int32_t arrived = -1;
    r->vertex[0] = v;
    r->place[v] = 0;
    for (;;) {
        int32_t u = r->vertex[z], half = choose(r, u, arrived);
        if (half < 0) {
            if (is_end && z) shift(r, 0, z - 1);
            for (int64_t k = 0; k <= z; k++) r->place[r->vertex[k]] = -1;
            return z && !is_end ? u : -1;
        }
        r->leave[z] = half;
        int32_t to = half & 1 ? r->net->tail[half >> 1] : r->net->head[half >> 1];
        if (r->place[to] < 0) {
            arrived = half >> 1;
            r->vertex[++z] = to;
            r->place[to] = (int32_t)z;
            continue;
        }
        int64_t from = r->place[to];
        shift(r, from, z);
        while (z > from) r->place[r->vertex[z--]] = -1;
        arrived = z ? r->leave[z - 1] >> 1 : -1;
    }
}

static int round_odd(Net *t, int32_t whole, Tell tell) {
    Rounding r = {.net = t, .whole = whole};
    size_t vertices = (size_t)t->vertices;
    int result = NO_MEMORY;
    r.at = calloc(vertices + 1, sizeof(int64_t));
    r.live = calloc(vertices + 1, sizeof(int32_t));
    r.half = malloc((2 * (size_t)t->edges + 1) * sizeof(int32_t));
    r.place = malloc((vertices + 1) * sizeof(int32_t));
    r.vertex = malloc((vertices + 2) * sizeof(int32_t));
    r.leave = malloc((vertices + 2) * sizeof(int32_t));
    if (!r.at || !r.live || !r.half || !r.place || !r.vertex || !r.leave) goto out;
    for (int64_t e = 0; e < t->edges; e++)
        if (t->units[e] % whole) {
            r.at[t->tail[e] + 1]++;
            r.at[t->head[e] + 1]++;
        }
    for (size_t v = 0; v < vertices; v++) {
        r.at[v + 1] += r.at[v];
        r.place[v] = -1;
    }
    for (int64_t e = 0; e < t->edges; e++)
        if (t->units[e] % whole) {
            r.half[r.at[t->tail[e]] + r.live[t->tail[e]]++] = (int32_t)(2 * e);
            r.half[r.at[t->head[e]] + r.live[t->head[e]]++] = (int32_t)(2 * e + 1);
        }
    for (int64_t v = 0; v < t->vertices; v++) {
        if (!(v & 1023) && tell && tell(1, (double)v / (double)t->vertices)) break;
        while (choose(&r, (int32_t)v, -1) >= 0) {
            int32_t end = settle(&r, (int32_t)v, r.live[v] == 1);
            if (end >= 0) settle(&r, end, 1);
        }
    }
    result = DONE;
out:
    free(r.at); free(r.live); free(r.half); free(r.place); free(r.vertex); free(r.leave);
    return result;
}

/* Draw: `units` of `whole`, by edge, become 0 or 1 (kinds' edges: a count). Vertices are numbered from 0. `key` has 32
   bytes. Edges and half edges must be fewer than 2**31. */
int simsa_sample(int64_t edges, int64_t vertices, const int32_t *tail, const int32_t *head, int64_t whole,
                 const uint8_t *key, int32_t *units, Tell tell) {
    Net t = {.edges = edges, .vertices = vertices, .tail = tail, .head = head, .units = units};
    int result = NO_MEMORY, stopped = 0;
    t.mate = malloc((2 * (size_t)edges + 1) * sizeof(int32_t));
    t.waiting = malloc(((size_t)vertices + 1) * sizeof(int32_t));
    t.odd = malloc(((size_t)edges + 1) * sizeof(int32_t));
    t.seen = malloc((size_t)edges + 1);
    if (t.mate && t.waiting && t.odd && t.seen) {
        open_stream(&t.stream, key);
        result = DONE;
        for (int64_t all = whole; !stopped && !(whole & 1); whole >>= 1) {
            stopped = tell && tell(0, 1 - (double)whole / (double)all);
            halve(&t);
        }
        if (whole > 1 && !stopped) {
            result = round_odd(&t, (int32_t)whole, tell);
            for (int64_t e = 0; e < edges; e++) units[e] /= (int32_t)whole;
        }
    }
    free(t.mate); free(t.waiting); free(t.odd); free(t.seen);
    return result;
}
