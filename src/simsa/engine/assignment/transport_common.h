/* What the kernels of the assignment share: rows of candidates, slots of reviewers, a queue, a heap, and the state.

   Included by each kernel (transport.c, kinds.c); everything is local to the file that includes it. */

#ifndef SIMSA_TRANSPORT_COMMON_H
#define SIMSA_TRANSPORT_COMMON_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define PREFETCH(at) __builtin_prefetch(at)
#else
#define PREFETCH(at) ((void)(at))
#endif

#define FIRST 12 /* candidates of an entry that are read at the start */

enum { SOLVED = 0, NO_MEMORY = 1, STOPPED = 2, RESTS = 3 };

typedef struct {
    int32_t n, m;            /* entries, reviewers */
    const int64_t *start;    /* pairs of entry i: start[i] to start[i + 1] */
    const int64_t *reviewer; /* by pair, rising within an entry */
    const int64_t *units;    /* affinity by pair */
    const int32_t *cap;      /* units that a pair can carry (few); NULL: one */
    const int32_t *need;     /* by entry */
    const int32_t *least, *most;
    int64_t penalty;
    int (*tell)(int, double); /* told the step and its share; asks to stop by anything but 0; may be NULL */
    int32_t *taken;           /* out: units by pair */
    int64_t *entry_price;     /* out */
    int64_t units_needed;
} Problem;

/* What a call took: `Work` in transport.py has the same names. */
typedef struct {
    int64_t scans;     /* candidates looked at by those who bid */
    int64_t bids;      /* offers of entries, and of reviewers */
    int64_t evictions; /* offers that gave way to others */
    int64_t waited;    /* units for which a path was sought */
    int64_t paths;     /* paths found */
    int64_t popped;    /* reviewers looked at on paths */
    int64_t relaxed;   /* candidates looked at on paths */
} Stats;

static int told(const Problem *p, int step, double share) {
    return p->tell ? p->tell(step, share < 1 ? share : 1) : 0;
}

/* ---- a heap of reviewers by distance, then steps; four children a node; outdated ones are left in ---- */

typedef struct {
    int64_t d;
    int32_t hops; /* where equal distances are told apart by the steps of the path; else 0 */
    int32_t j;
} Node;

typedef struct {
    Node *node;
    int64_t n, size;
} Heap;

static inline int nearer(const Node *x, const Node *y) {
    return x->d != y->d ? x->d < y->d : x->hops != y->hops ? x->hops < y->hops : x->j < y->j;
}

static inline int push(Heap *h, int64_t d, int32_t hops, int32_t j) {
    Node x = {.d = d, .hops = hops, .j = j};
    if (h->n == h->size) {
        int64_t size = h->size ? 2 * h->size : 1024;
        Node *grown = realloc(h->node, (size_t)size * sizeof(Node));
        if (!grown) return 0;
        h->node = grown;
        h->size = size;
    }
    int64_t i = h->n++;
    while (i) {
        int64_t q = (i - 1) / 4;
        if (!nearer(&x, &h->node[q])) break;
        h->node[i] = h->node[q];
        i = q;
    }
    h->node[i] = x;
    return 1;
}

static inline int pop(Heap *h, Node *first) {
    if (!h->n) return 0;
    *first = h->node[0];
    Node x = h->node[--h->n];
    int64_t i = 0;
    for (;;) {
        int64_t c = 4 * i + 1, best = c;
        if (c >= h->n) break;
        for (int64_t z = c + 1; z < c + 4 && z < h->n; z++)
            if (nearer(&h->node[z], &h->node[best])) best = z;
        if (!nearer(&h->node[best], &x)) break;
        h->node[i] = h->node[best];
        i = best;
    }
    if (h->n) h->node[i] = x;
    return 1;
}

/* ---- state ---- */

/* A candidate of an entry, in its row. A pair that can carry several units stands there as many times. Small, as nearly
   all time goes into fetching them. */
typedef struct {
    int64_t c;         /* affinity units */
    unsigned j : 31;   /* reviewer */
    unsigned used : 1; /* 1: held by the entry */
    uint32_t below;    /* how much less it was worth than the row's `top` when that was last sorted, or less */
} Arc;

/* What a reviewer gives to an entry; during the auction, with the price that was offered. */
typedef struct {
    int64_t bid;
    int32_t e;
    int32_t a; /* position of the arc in the entry's row */
} Slot;

/* What is looked up of a reviewer for every candidate, side by side in memory; and the same along paths. */
typedef struct {
    int64_t price;
    int32_t load, most; /* slots in use, and all */
} Reviewer;

typedef struct {
    int64_t dist;
    int32_t seen, done; /* stamps of the path for which it was reached, and looked at */
} Way;

/* An entry: its best candidates at some prices, sorted; others are read when they are asked for. One line of memory. */
typedef struct {
    Arc *arc;
    int64_t top;     /* nothing in the row is worth more than this less its `below` while prices rise */
    int64_t rest;    /* nor anything that was not read more than this */
    int32_t len;     /* arcs read */
    int32_t room;    /* arcs that there is memory for */
    int32_t pairs;   /* pairs of the entry, all */
    int32_t want;    /* how many are read at a time */
    int32_t in_vain; /* arcs looked at for nothing since the row was sorted */
    int32_t own;     /* whether `arc` is an allocation of its own */
    int32_t need;    /* units missing ... */
    int32_t later;   /* ... that wait for a shortest path ... */
    int32_t spent;   /* ... and that the entry stays short of */
    int32_t queued;
} Row;

/* Entries that are to bid, each at most once. */
typedef struct {
    int32_t *item;
    int64_t head, count, size;
} Queue;

typedef struct {
    const Problem *p;
    Row *row;        /* by entry ... */
    void *rows;      /* ... within this allocation, at the beginning of a line of memory */
    Arc *pool;       /* the first arcs of all rows, one allocation */
    Arc *before;     /* one row as it was, while it is read anew */
    int64_t *key;    /* what each pair of one entry is worth ... */
    int32_t *found;  /* ... the best of them ... */
    int32_t *ranked; /* ... and in order */
    int32_t *units;  /* of each reviewer, held by the entry whose row is read anew; else 0 */
    Reviewer *who;
    int64_t extra;   /* what is offered beyond indifference: 0 but in a rough auction */
    int64_t *at;     /* first slot of each reviewer */
    Slot *slot;
    /* shortest paths */
    Heap heap;
    Way *way;
    int64_t *base;
    int32_t *entered; /* stamp of the path on which an entry was */
    int32_t *by;      /* entry through which a reviewer was reached */
    int32_t *lost;    /* reviewer whom that entry gives up for it (-1: none); backwards, for whom it is given up */
    int32_t *via;     /* reviewer through which an entry was reached last */
    int32_t *popped;
    int32_t stamp;
    /* pairs by reviewer, made when a path is sought backwards */
    int64_t *column;
    struct { int32_t entry, pair; } *owner;
    Queue queue;
    Stats *stats;
} State;

/* ---- the queue ---- */

static inline void enqueue(State *s, int32_t i) {
    Queue *q = &s->queue;
    if (s->row[i].queued) return;
    s->row[i].queued = 1;
    int64_t at = q->head + q->count++;
    q->item[at >= q->size ? at - q->size : at] = i;
}

static inline int32_t peek(const Queue *q, int64_t ahead) {
    int64_t at = q->head + ahead;
    return q->item[at >= q->size ? at - q->size : at];
}

static inline int32_t dequeue(State *s) {
    Queue *q = &s->queue;
    int32_t i = q->item[q->head++];
    if (q->head == q->size) q->head = 0;
    q->count--;
    s->row[i].queued = 0;
    return i;
}

/* ---- rows ---- */

/* What the q-th arc of a row is worth at most. */
static inline int64_t bound(const Row *row, int32_t q) { return row->top - row->arc[q].below; }

static inline int before(const Arc *x, const Arc *y) {
    return ((uint64_t)x->below << 32 | x->j) < ((uint64_t)y->below << 32 | y->j);
}

static void sort(Arc *a, int64_t n) {
    while (n > 24) { /* quicksort by the middle of three, the smaller part first */
        Arc pivot = a[n / 2];
        if (before(&a[0], &pivot) != before(&pivot, &a[n - 1]))
            pivot = before(&a[0], &pivot) == before(&a[n - 1], &a[0]) ? a[0] : a[n - 1];
        int64_t i = -1, k = n;
        for (;;) {
            do i++; while (before(&a[i], &pivot));
            do k--; while (before(&pivot, &a[k]));
            if (i >= k) break;
            Arc t = a[i]; a[i] = a[k]; a[k] = t;
        }
        k += k + 1 < n; /* neither part is empty, even where all are equal */
        if (k < n - k) { sort(a, k); a += k; n -= k; }
        else { sort(a + k, n - k); n = k; }
    }
    for (int64_t i = 1; i < n; i++) {
        Arc x = a[i];
        int64_t k = i;
        for (; k && before(&x, &a[k - 1]); k--) a[k] = a[k - 1];
        a[k] = x;
    }
}

/* Find the best pairs of entry i at the prices of the day, from half of `want` to twice as many, and name them in
   `ranked`, nearly in order; how many there are. `rest` receives what nothing else is worth more than.

   Counted in 64 steps between the least and the most that a pair is worth, and where too many share a step, in steps of
   that: no comparison that cannot be foretold. */
static int32_t best_pairs(State *s, int32_t i, int32_t want, int64_t *rest) {
    const Problem *p = s->p;
    const int64_t *units = p->units + p->start[i], *reviewer = p->reviewer + p->start[i];
    int32_t size = (int32_t)(p->start[i + 1] - p->start[i]), above = 0, equal = INT32_MAX, n = 0, shift, step;
    int32_t count[64];
    int64_t *key = s->key, low = INT64_MAX, high = INT64_MIN, floor;
    for (int32_t q = 0; q < size; q++) {
        key[q] = units[q] - s->who[reviewer[q]].price;
        low = key[q] < low ? key[q] : low;
        high = key[q] > high ? key[q] : high;
    }
    for (;;) {
        int32_t within = above, share = 0;
        memset(count, 0, sizeof count);
        shift = 0;
        while (size && (uint64_t)(high - low) >> shift > 63) shift++;
        for (int32_t q = 0; q < size; q++)
            if (key[q] >= low && key[q] <= high) count[(key[q] - low) >> shift]++;
        step = 64;
        floor = low;
        *rest = INT64_MIN;
        if (want >= size) break;
        while (within < want) within += share = count[--step];
        floor = low + ((int64_t)step << shift);
        *rest = floor - 1;
        if (within <= 2 * want) break;
        above = within - share;
        if (2 * above > want) { /* without the step that so many share */
            above = 0;
            floor += (int64_t)1 << shift;
            *rest = floor - 1;
            break;
        }
        if (!shift) { /* all are worth the same: of these the first */
            equal = want - above;
            *rest = floor;
            break;
        }
        if (high > *rest + ((int64_t)1 << shift)) high = *rest + ((int64_t)1 << shift);
        low = floor;
    }
    for (int32_t q = 0; q < size; q++) {
        s->found[n] = q;
        n += key[q] >= floor && (key[q] > floor || equal-- > 0);
    }
    int32_t next[65], at = 0;
    next[64] = 0; /* those above all steps */
    for (int32_t z = 0; z < n; z++) at += key[s->found[z]] > high;
    for (step = 64; step-- > 0; at += count[step]) next[step] = at;
    for (int32_t z = 0; z < n; z++) {
        int64_t worth = key[s->found[z]];
        s->ranked[next[worth > high ? 64 : (worth - low) >> shift]++] = s->found[z];
    }
    return n;
}

/* Sort a row by what its arcs are worth now. The slots that point into it follow. */
static void rekey(State *s, int32_t i) {
    Row *row = &s->row[i];
    int32_t z = 0, last = -1;
    row->in_vain = 0;
    row->top = INT64_MIN;
    for (int32_t q = 0; q < row->len; q++) {
        int64_t worth = row->arc[q].c - s->who[row->arc[q].j].price;
        if (worth > row->top) row->top = worth;
    }
    for (int32_t q = 0; q < row->len; q++) {
        int64_t below = row->top - (row->arc[q].c - s->who[row->arc[q].j].price);
        row->arc[q].below = below < UINT32_MAX ? (uint32_t)below : UINT32_MAX;
    }
    sort(row->arc, row->len);
    for (int32_t q = 0; q < row->len; q++) {
        if (!row->arc[q].used) continue;
        int32_t j = row->arc[q].j;
        Slot *h = s->slot + s->at[j];
        z = j == last ? z + 1 : 0; /* arcs of one pair stand together, and any of its slots will do */
        while (h[z].e != i) z++;
        h[z].a = q;
        last = j;
    }
}

/* Have memory for some arcs in a row, what was there lost. 0 if out of memory. */
static int widen(Row *row, int64_t arcs) {
    if (arcs <= row->room) return 1;
    Arc *wider = malloc((size_t)arcs * sizeof(Arc));
    if (!wider) return 0;
    if (row->own) free(row->arc);
    row->arc = wider;
    row->own = 1;
    row->room = (int32_t)arcs;
    return 1;
}

/* Read row i anew: about the best `want` pairs at the prices of the day, and what is held. 0 if out of memory. */
static int read_row(State *s, int32_t i, int32_t want) {
    Row *row = &s->row[i];
    const Problem *p = s->p;
    int64_t first = p->start[i], arcs = 0;
    int32_t held = 0, n = best_pairs(s, i, want, &row->rest);
    for (int32_t q = 0; q < row->len; q++) {
        if (!row->arc[q].used) continue;
        s->before[held++] = row->arc[q];
        s->units[row->arc[q].j]++;
    }
    for (int32_t z = 0; z < n; z++) arcs += p->cap ? p->cap[first + s->ranked[z]] : 1;
    if (!widen(row, arcs + held)) return 0;
    row->want = want;
    row->len = 0;
    for (int32_t z = 0; z < n; z++) {
        int64_t pair = first + s->ranked[z];
        Arc arc = {.c = p->units[pair], .j = (unsigned)p->reviewer[pair]};
        for (int32_t copies = p->cap ? p->cap[pair] : 1; copies > 0; copies--) {
            arc.used = s->units[arc.j] > 0;
            s->units[arc.j] -= arc.used;
            row->arc[row->len++] = arc;
        }
    }
    for (int32_t z = 0; z < held; z++) {
        if (!s->units[s->before[z].j]) continue;
        s->units[s->before[z].j]--;
        row->arc[row->len++] = s->before[z];
    }
    rekey(s, i);
    return 1;
}

/* Read on in row i unless nothing unread can be worth more than `level`. 1: the row was read anew; 0: nothing to read;
   -1: out of memory. */
static inline int read_on(State *s, int32_t i, int64_t level) {
    Row *row = &s->row[i];
    if (row->rest <= level) return 0;
    int32_t more = row->want + row->want / 2 + 1;
    return read_row(s, i, more < row->pairs ? more : row->pairs) ? 1 : -1;
}

/* An arc of entry e to reviewer j that is not in use. -1 if out of memory. */
static int32_t place(State *s, int32_t e, int32_t j) {
    Row *row = &s->row[e];
    for (int tried = 0;;) {
        for (int32_t q = 0; q < row->len; q++)
            if (row->arc[q].j == j && !row->arc[q].used) return q;
        if (!read_row(s, e, tried++ ? row->pairs : row->want)) return -1;
    }
}

/* The pair of entry e and reviewer j, as given. */
static int64_t given(const Problem *p, int32_t e, int32_t j) {
    int64_t low = p->start[e], high = p->start[e + 1];
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (p->reviewer[middle] <= j) low = middle; else high = middle;
    }
    return low;
}

/* ---- slots: a heap by bid for each reviewer ---- */

static void sink(Slot *h, int32_t n, int32_t i) {
    Slot x = h[i];
    for (;;) {
        int32_t c = 2 * i + 1;
        if (c >= n) break;
        if (c + 1 < n && h[c + 1].bid < h[c].bid) c++;
        if (h[c].bid >= x.bid) break;
        h[i] = h[c];
        i = c;
    }
    h[i] = x;
}

static void rise(Slot *h, int32_t i) {
    Slot x = h[i];
    while (i) {
        int32_t q = (i - 1) / 2;
        if (h[q].bid <= x.bid) break;
        h[i] = h[q];
        i = q;
    }
    h[i] = x;
}

/* Who has a price below nothing takes its least load and no more; from nothing on, all that it can. */
static inline void open_up(State *s, int32_t j) {
    Reviewer *who = &s->who[j];
    if (who->price < 0 || who->most >= s->p->most[j]) return;
    who->price = 0;
    who->most = s->p->most[j];
}

/* Have entry e offer `offer` for its arc a. 1: a slot was free; 2: the lowest offer gave way, and is `out`; 0: it would
   only tie, and go in circles. */
static int outbid(State *s, int32_t e, int32_t a, int64_t offer, Slot *out) {
    Arc *arc = &s->row[e].arc[a];
    int32_t j = arc->j, most = s->who[j].most;
    Slot *h = s->slot + s->at[j];
    int full = s->who[j].load >= most;
    s->stats->bids++;
    if (!full) {
        int32_t z = s->who[j].load++;
        h[z] = (Slot){.bid = offer, .e = e, .a = a};
        rise(h, z);
    } else if (most && offer > s->who[j].price) {
        *out = h[0];
        h[0] = (Slot){.bid = offer, .e = e, .a = a};
        sink(h, most, 0);
        s->row[out->e].arc[out->a].used = 0;
        s->stats->evictions++;
    } else {
        return 0;
    }
    arc->used = 1;
    if (s->who[j].load == most && h[0].bid > s->who[j].price) {
        s->who[j].price = h[0].bid;
        open_up(s, j);
    }
    return 1 + full;
}

/* Take an arc of the entry out of its slot while bids still count. */
static void withdraw(State *s, int32_t e, int32_t a) {
    Arc *arc = &s->row[e].arc[a];
    Slot *h = s->slot + s->at[arc->j];
    int32_t z = 0;
    while (h[z].e != e || h[z].a != a) z++;
    h[z] = h[--s->who[arc->j].load];
    if (z < s->who[arc->j].load) {
        rise(h, z);
        sink(h, s->who[arc->j].load, z);
    }
    arc->used = 0;
}

/* Along shortest paths bids play no part: prices prove what is held. Whoever comes so has offered nothing beyond. */
static void take(State *s, int32_t e, int32_t a) {
    Arc *arc = &s->row[e].arc[a];
    s->slot[s->at[arc->j] + s->who[arc->j].load++] = (Slot){.bid = INT64_MIN, .e = e, .a = a};
    arc->used = 1;
}

static void give_back(State *s, int32_t e, int32_t j) {
    Slot *h = s->slot + s->at[j];
    int32_t z = 0;
    while (h[z].e != e) z++;
    s->row[e].arc[h[z].a].used = 0;
    h[z] = h[--s->who[j].load];
}

/* ---- the auction ---- */

/* How an entry bids for all that it is short of, and how it gives up what it would not choose: each kernel has its own.
   0 if out of memory. */
typedef int (*Choice)(State *s, int32_t i);

/* Bid until nobody is short, or `each` times for every unit needed; units that tie are tried again in some rounds. */
static inline int auction(State *s, Choice bid, Choice settle, int each, int rounds) {
    const Problem *p = s->p;
    int64_t budget = s->stats->bids + each * p->units_needed + 1000;
    for (int round = 0; round < rounds; round++) {
        int64_t before = 0, after = 0;
        for (int32_t i = 0; i < p->n; i++) {
            s->row[i].need += s->row[i].later;
            s->row[i].later = 0;
            if (s->row[i].need) enqueue(s, i);
            before += s->row[i].need;
        }
        if (!before) break;
        for (int64_t step = 0; s->queue.count; step++) {
            int32_t i = dequeue(s);
            if (s->queue.count > 6) { /* rows lie far apart: have the next ones brought near */
                PREFETCH(&s->row[peek(&s->queue, 6)]);
                const char *next = (const char *)s->row[peek(&s->queue, 3)].arc;
                for (int line = 0; line < 6; line++) PREFETCH(next + 64 * line);
            }
            if (s->stats->bids > budget) {
                s->row[i].later += s->row[i].need;
                s->row[i].need = 0;
            } else if (s->row[i].need && !bid(s, i)) {
                return NO_MEMORY;
            }
            if (!(step & 8191) && told(p, 0, (double)s->stats->bids / (double)(budget + p->units_needed)))
                return STOPPED;
        }
        for (int32_t i = 0; i < p->n; i++) {
            if (s->row[i].later && !settle(s, i)) return NO_MEMORY;
            after += s->row[i].later;
        }
        if (s->stats->bids > budget || (round && after * 10 > before * 9)) break;
    }
    return SOLVED;
}

/* ---- shortest paths ---- */

static int columns(State *s) {
    const Problem *p = s->p;
    if (s->column) return 1;
    int64_t pairs = p->start[p->n];
    s->column = calloc((size_t)p->m + 2, 8);
    s->owner = malloc((size_t)(pairs ? pairs : 1) * sizeof(*s->owner));
    if (!s->column || !s->owner) return 0;
    for (int64_t q = 0; q < pairs; q++) s->column[p->reviewer[q] + 2]++;
    for (int32_t j = 0; j < p->m; j++) s->column[j + 2] += s->column[j + 1];
    for (int32_t i = 0; i < p->n; i++)
        for (int64_t q = p->start[i]; q < p->start[i + 1]; q++) {
            int64_t at = s->column[p->reviewer[q] + 1]++;
            s->owner[at].entry = i;
            s->owner[at].pair = (int32_t)q;
        }
    return 1;
}

/* The nearest reviewer within the limit whose holders were not looked at yet; -1 if there is none. */
static int32_t nearest(State *s, int64_t limit, int32_t hops) {
    Node x;
    while (pop(&s->heap, &x)) {
        if (x.d > limit || (x.d == limit && x.hops >= hops)) return -1;
        if (s->way[x.j].done == s->stamp) continue;
        s->way[x.j].done = s->stamp;
        s->stats->popped++;
        return x.j;
    }
    return -1;
}

/* How a shortest path is found from an entry, or to a reviewer, and what prices moved by: each kernel has its own. */
typedef int (*Search)(State *s, int32_t from, int64_t *moved);

static int64_t waiting(const State *s) {
    int64_t units = 0;
    for (int32_t i = 0; i < s->p->n; i++) units += s->row[i].later;
    return units;
}

/* Shortest paths for all that wait. RESTS: prices jumped on the way (a part of the entries has fewer slots within reach
   than it needs, and somebody there stays short), many still wait, and an auction will now go further. */
static inline int fill(State *s, Search forward, int may_rest) {
    const Problem *p = s->p;
    int64_t done = 0, left = waiting(s);
    s->stats->waited += left;
    for (int32_t i = 0; i < p->n; i++)
        while (s->row[i].later) {
            int64_t raised = 0;
            int result = forward(s, i, &raised);
            if (result != SOLVED) return result;
            if (!(++done & 63) && told(p, 1, (double)done / (double)left)) return STOPPED;
            if (may_rest && raised > p->penalty / 2 && left - done > 64) return RESTS;
        }
    return SOLVED;
}

/* How many units reviewer j has too few for its price. */
static inline int64_t wanting(const State *s, int32_t j) {
    const Problem *p = s->p;
    const Reviewer *who = &s->who[j];
    if (who->price > 0) return who->most > who->load ? who->most - who->load : 0;
    return who->price > -p->penalty && who->load < p->least[j] ? p->least[j] - who->load : 0;
}

/* ---- beginning and end ---- */

/* Memory for everything, and the prices to start from. 0 if there is none. */
static int allocate(State *s, const int64_t *price) {
    const Problem *p = s->p;
    size_t n = (size_t)p->n + 1, m = (size_t)p->m + 1;
    int64_t slots = 0, pooled = 0, widest = 0, held = 0;
    for (int32_t i = 0; i < p->n; i++) {
        int64_t size = p->start[i + 1] - p->start[i], arcs = size;
        for (int64_t q = p->start[i]; p->cap && q < p->start[i + 1]; q++) arcs += p->cap[q] - 1;
        if (size > widest) widest = size;
        if (p->need[i] < arcs) arcs = p->need[i];
        if (arcs > held) held = arcs;
        pooled += p->cap ? 0 : size < 2 * FIRST ? size : 2 * FIRST;
    }
    int64_t *degree = calloc(m, 8);
    s->at = malloc(m * 8);
    if (!degree || !s->at) { free(degree); return 0; }
    for (int64_t q = 0; q < p->start[p->n]; q++) degree[p->reviewer[q]] += p->cap ? p->cap[q] : 1;
    for (int32_t j = 0; j < p->m; j++) {
        s->at[j] = slots;
        slots += (p->most[j] < degree[j] ? p->most[j] : degree[j]) + 1; /* a path adds before it takes away */
    }
    free(degree);
    s->rows = calloc(n + 1, sizeof(Row));
    s->row = (Row *)(((uintptr_t)s->rows + 63) / 64 * 64);
    s->pool = malloc((size_t)(pooled + 1) * sizeof(Arc));
    s->before = malloc((size_t)(held + 2) * sizeof(Arc));
    s->key = malloc((size_t)(widest + 1) * 8);
    s->found = malloc((size_t)(widest + 1) * 4);
    s->ranked = malloc((size_t)(widest + 1) * 4);
    s->units = calloc(m, 4);
    s->slot = malloc((size_t)(slots + 1) * sizeof(Slot));
    s->who = malloc(m * sizeof(Reviewer));
    s->way = calloc(m, sizeof(Way));
    s->base = malloc(n * 8);
    s->entered = calloc(n, 4);
    s->by = malloc(m * 4);
    s->lost = malloc(m * 4);
    s->via = malloc(n * 4);
    s->popped = malloc(m * 4);
    s->queue = (Queue){.item = malloc(n * 4), .size = p->n ? p->n : 1};
    if (!(s->rows && s->pool && s->before && s->key && s->found && s->ranked && s->units && s->slot && s->who &&
          s->way && s->base && s->entered && s->by && s->lost && s->via && s->popped &&
          s->queue.item)) return 0;
    for (int32_t j = 0; j < p->m; j++) {
        /* Only a reviewer at its least load may be cheaper than nothing (see backward); who takes nobody is dearer than
           to stay short. */
        int64_t fair = p->most[j] <= 0 ? 2 * p->penalty : price[j] > 0 ? price[j] : 0;
        s->who[j] = (Reviewer){.price = fair, .most = p->most[j]};
    }
    return 1;
}

static void release(State *s) {
    for (int32_t i = 0; s->rows && i < s->p->n; i++)
        if (s->row[i].own) free(s->row[i].arc);
    free(s->rows); free(s->pool); free(s->before); free(s->key); free(s->found); free(s->ranked); free(s->units);
    free(s->at); free(s->slot);
    free(s->who); free(s->way); free(s->base); free(s->entered);
    free(s->by); free(s->lost); free(s->via); free(s->popped); free(s->column); free(s->owner); free(s->heap.node);
    free(s->queue.item);
}

/* Begin with every entry short of all that it needs. 0 if out of memory. */
static int begin(State *s) {
    const Problem *p = s->p;
    int64_t pooled = 0;
    for (int32_t i = 0; i < p->n; i++) {
        Row *row = &s->row[i];
        int32_t pairs = (int32_t)(p->start[i + 1] - p->start[i]), most = pairs < 2 * FIRST ? pairs : 2 * FIRST;
        *row = (Row){.pairs = pairs, .arc = s->pool + pooled, .room = p->cap ? 0 : most, .need = p->need[i]};
        if (!read_row(s, i, pairs < FIRST ? pairs : FIRST)) return 0;
        if (!row->own) pooled += row->room = row->len; /* one after the other, without gaps */
    }
    return 1;
}

static void give_prices(const State *s, int64_t *price) {
    for (int32_t j = 0; j < s->p->m; j++) price[j] = s->who[j].price;
}

#endif
