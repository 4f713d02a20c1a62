/* The transport kernel: reviewers to entries, exactly.

   Maximise the affinity units of the pairs taken, where entry i needs `need[i]` units and reviewer j takes `least[j]` to
   `most[j]` of them. An entry that stays a unit short, and a reviewer that stays one under the least load, cost
   `penalty` each, so there is always an answer.

   Every reviewer has a price, and what a pair is worth to its entry is its affinity less that price. Throughout, every
   entry holds what is worth most to it, without any tolerance (complementary slackness); only some are still short.

   1. Auction (Bertsekas 1979; with slots as in Bertsekas and Castanon 1989), but exact: an entry that is short takes its
      best candidates and offers each as much as leaves it indifferent to the best one that it did not take. A full
      reviewer drops the lowest offer, and its price is the lowest that it holds. Offers that could only tie would go in
      circles; they wait. This is the row reduction of Jonker and Volgenant (1987), extended to coverage and loads.
   2. Shortest augmenting paths (Dijkstra's method on reduced costs) for the units that wait: from an entry that is short
      to the nearest reviewer with room, raising prices on the way.
   3. The same backwards for reviewers under their least load, and for those with room whose price (given at the start)
      is above nothing: prices fall until somebody comes.

   Prices and offers are 64-bit integers; the caller sees to it that sums of a path fit. Of each entry only the best
   candidates are sorted at first, more when they are asked for: most entries never look further. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define PREFETCH(at) __builtin_prefetch(at)
#else
#define PREFETCH(at) ((void)(at))
#endif

#define FIRST 16 /* candidates of an entry that are sorted at the start */
#define EASY 6   /* bids for each unit, beyond which an instance is not easy */
#define ROUNDS 4
#define SMALL 2000 /* units up to which nothing but an exact auction is worth while */

enum { SOLVED = 0, NO_MEMORY = 1, STOPPED = 2, RESTS = 3 };

typedef struct {
    int32_t n, m;            /* entries, reviewers */
    const int64_t *start;    /* pairs of entry i: start[i] to start[i + 1] */
    const int32_t *reviewer; /* by pair, rising within an entry */
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

typedef struct {
    int64_t scans, bids, evictions, waited, paths, popped, relaxed;
} Stats;

static int told(const Problem *p, int step, double share) {
    return p->tell ? p->tell(step, share < 1 ? share : 1) : 0;
}

/* ---- a queue of entries, each at most once ---- */

typedef struct {
    int32_t *item;
    char *in;
    int64_t head, count, size;
} Queue;

static inline void enqueue(Queue *q, int32_t i) {
    if (q->in[i]) return;
    q->in[i] = 1;
    int64_t at = q->head + q->count++;
    q->item[at >= q->size ? at - q->size : at] = i;
}

static inline int32_t peek(const Queue *q, int64_t ahead) {
    int64_t at = q->head + ahead;
    return q->item[at >= q->size ? at - q->size : at];
}

static inline int32_t dequeue(Queue *q) {
    int32_t i = q->item[q->head++];
    if (q->head == q->size) q->head = 0;
    q->count--;
    q->in[i] = 0;
    return i;
}

/* ---- a heap of reviewers by distance, four children a node; outdated ones are left in ---- */

typedef struct {
    int64_t d;
    int32_t j;
} Node;

typedef struct {
    Node *node;
    int64_t n, size;
} Heap;

static inline int push(Heap *h, int64_t d, int32_t j) {
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
        if (h->node[q].d < d || (h->node[q].d == d && h->node[q].j <= j)) break;
        h->node[i] = h->node[q];
        i = q;
    }
    h->node[i] = (Node){d, j};
    return 1;
}

static inline int pop(Heap *h, int64_t *d, int32_t *j) {
    if (!h->n) return 0;
    *d = h->node[0].d;
    *j = h->node[0].j;
    Node x = h->node[--h->n];
    int64_t i = 0;
    for (;;) {
        int64_t c = 4 * i + 1, best = c;
        if (c >= h->n) break;
        for (int64_t z = c + 1; z < c + 4 && z < h->n; z++)
            if (h->node[z].d < h->node[best].d || (h->node[z].d == h->node[best].d && h->node[z].j < h->node[best].j))
                best = z;
        if (x.d < h->node[best].d || (x.d == h->node[best].d && x.j <= h->node[best].j)) break;
        h->node[i] = h->node[best];
        i = best;
    }
    if (h->n) h->node[i] = x;
    return 1;
}

/* ---- state ---- */

/* A candidate of an entry, in its row. A pair that can carry several units stands there as many times. */
typedef struct {
    int64_t c;    /* affinity units */
    int64_t key;  /* what it was worth when the row was last sorted: while prices rise it is worth no more */
    int32_t j;    /* reviewer */
    int32_t used; /* 1: held by the entry */
} Arc;

/* What a reviewer gives to an entry; during the auction, with the price that was offered. */
typedef struct {
    int64_t bid;
    int32_t e;
    int32_t a; /* position of the arc in the entry's row */
} Slot;

/* The best candidates of an entry, sorted by key; the rest stays where it was given until it is asked for. */
typedef struct {
    Arc *arc;
    int32_t len;         /* arcs read */
    int32_t pairs, size; /* pairs read, and all */
    int64_t rest;        /* the least affinity read: no pair that was not read has more ... */
    int32_t rest_j;      /* ... and of equals, those up to this reviewer were read */
    int32_t in_vain;     /* arcs looked at for nothing since the row was sorted */
    int32_t own;         /* whether `arc` is an allocation of its own */
} Row;

typedef struct {
    const Problem *p;
    Row *row;
    Arc *pool;      /* the first arcs of all rows, one allocation */
    Arc *scratch;   /* one row, while it is being sorted */
    int64_t *price; /* of each reviewer */
    int64_t lowest; /* no price is below this (while prices only rise) */
    int64_t extra;  /* what is offered beyond indifference: 0 but in a rough auction */
    int64_t *at;    /* first slot of each reviewer */
    Slot *slot;
    int32_t *load;  /* slots in use by reviewer */
    int32_t *need;  /* units missing by entry */
    int32_t *spent; /* units that an entry stays short of */
    int32_t *later; /* units that wait for a shortest path */
    /* shortest paths */
    Heap heap;
    int64_t *dist, *base;
    int32_t *seen, *done, *entered; /* stamps of the path for which something holds */
    int32_t *by;   /* entry through which a reviewer was reached */
    int32_t *lost; /* reviewer whom that entry gives up for it (-1: none); backwards, for whom it is given up */
    int32_t *via;  /* reviewer through which an entry was reached last */
    int32_t *popped;
    int32_t stamp;
    /* pairs by reviewer, made when a path is sought backwards */
    int64_t *column;
    struct { int32_t entry, pair; } *owner;
    Stats *stats;
} State;

/* ---- rows ---- */

static inline int before(const Arc *x, const Arc *y) { return x->key != y->key ? x->key > y->key : x->j < y->j; }

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

/* Move the best `want` of `n` different ones to the front, in any order. */
static void partition(Arc *a, int64_t n, int64_t want) {
    int64_t low = 0, high = n;
    while (high - low > 8) {
        Arc pivot = a[low + (high - low) / 2];
        int64_t i = low - 1, k = high;
        for (;;) {
            do i++; while (before(&a[i], &pivot));
            do k--; while (before(&pivot, &a[k]));
            if (i >= k) break;
            Arc t = a[i]; a[i] = a[k]; a[k] = t;
        }
        k++;
        if (k == want) return;
        if (k > want) high = k; else low = k;
    }
    sort(a + low, high - low);
}

/* Sort a row by what its arcs are worth now. The slots that point into it follow. */
static void rekey(State *s, int32_t i) {
    Row *row = &s->row[i];
    int32_t z = 0, last = -1;
    row->in_vain = 0;
    for (int32_t q = 0; q < row->len; q++) row->arc[q].key = row->arc[q].c - s->price[row->arc[q].j];
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

/* Read the best `more` of the pairs that were not read yet. 0 if out of memory. */
static int extend(State *s, int32_t i, int32_t more) {
    Row *row = &s->row[i];
    const Problem *p = s->p;
    int64_t from = p->start[i], found = 0, arcs = 0;
    Arc *scratch = s->scratch;
    for (int32_t q = 0; q < row->size; q++) {
        int64_t c = p->units[from + q];
        int32_t j = p->reviewer[from + q];
        if (!row->pairs || c < row->rest || (c == row->rest && j > row->rest_j))
            scratch[found++] = (Arc){.c = c, .key = c, .j = j, .used = p->cap ? p->cap[from + q] : 1};
    }
    if (more > found) more = (int32_t)found;
    if (more < found) partition(scratch, found, more);
    sort(scratch, more);
    for (int32_t q = 0; q < more; q++) arcs += scratch[q].used;
    if (row->pairs || p->cap) {
        Arc *grown = malloc(((size_t)row->len + (size_t)arcs + 1) * sizeof(Arc));
        if (!grown) return 0;
        if (row->len) memcpy(grown, row->arc, (size_t)row->len * sizeof(Arc));
        if (row->own) free(row->arc);
        row->arc = grown;
        row->own = 1;
    }
    row->rest = scratch[more - 1].c;
    row->rest_j = scratch[more - 1].j;
    row->pairs += more;
    for (int32_t q = 0; q < more; q++) {
        int32_t copies = scratch[q].used;
        scratch[q].used = 0;
        while (copies-- > 0) row->arc[row->len++] = scratch[q];
    }
    rekey(s, i);
    return 1;
}

/* Read on in row i unless nothing unread can be worth more than `level`. 1: more was read, and the row is in another
   order now; 0: nothing to read; -1: out of memory. */
static inline int read_on(State *s, int32_t i, int64_t level) {
    Row *row = &s->row[i];
    if (row->pairs == row->size || row->rest - s->lowest <= level) return 0;
    return extend(s, i, 3 * row->pairs) ? 1 : -1;
}

/* An arc of entry e to reviewer j that is not in use. -1 if out of memory. */
static int32_t place(State *s, int32_t e, int32_t j) {
    Row *row = &s->row[e];
    for (;;) {
        for (int32_t q = 0; q < row->len; q++)
            if (row->arc[q].j == j && !row->arc[q].used) return q;
        if (!extend(s, e, 3 * row->pairs)) return -1;
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

/* Along shortest paths bids play no part: prices prove what is held. */
static void take(State *s, int32_t e, int32_t a) {
    Arc *arc = &s->row[e].arc[a];
    s->slot[s->at[arc->j] + s->load[arc->j]++] = (Slot){.e = e, .a = a};
    arc->used = 1;
}

static void give_back(State *s, int32_t e, int32_t j) {
    Slot *h = s->slot + s->at[j];
    int32_t z = 0;
    while (h[z].e != e) z++;
    s->row[e].arc[h[z].a].used = 0;
    h[z] = h[--s->load[j]];
}

/* What the best that entry i does not hold is worth to it, or to stay short. 0 if out of memory. */
static int best_left(State *s, int32_t i, int64_t *level) {
    Row *row = &s->row[i];
    *level = -s->p->penalty;
    for (int32_t q = 0;; q++) {
        if (q == row->len || row->arc[q].key <= *level) {
            int more = read_on(s, i, *level);
            if (more <= 0) return more == 0;
            q = -1;
            continue;
        }
        const Arc *arc = &row->arc[q];
        if (!arc->used && arc->c - s->price[arc->j] > *level) *level = arc->c - s->price[arc->j];
    }
}

/* ---- the auction ---- */

typedef struct {
    int64_t v;
    int32_t a;
} Pick;

/* The best `missing` arcs that entry i does not hold, and one more that says how high to bid. -1 if out of memory. */
static int32_t choose(State *s, int32_t i, int32_t missing, Pick *best) {
    const Problem *p = s->p;
    Row *row = &s->row[i];
    int32_t got = 0;
    for (int32_t q = 0;; q++) {
        if (q == row->len || (got > missing && row->arc[q].key <= best[missing].v)) {
            int more = read_on(s, i, got > missing ? best[missing].v : INT64_MIN);
            if (more < 0) return -1;
            if (!more) return got;
            q = -1;
            got = 0;
            continue;
        }
        Arc *arc = &row->arc[q];
        s->stats->scans++;
        row->in_vain++;
        int64_t v = arc->c - s->price[arc->j];
        if (arc->used || v <= -p->penalty) continue; /* no better than to stay short */
        int room = s->load[arc->j] < p->most[arc->j]; /* of equals, rather one with room */
        if (got > missing && v - !room < best[missing].v) continue;
        int32_t z = got > missing ? missing : got++;
        for (; z && best[z - 1].v < v + room; z--) best[z] = best[z - 1];
        best[z] = (Pick){v, q};
    }
}

/* What is best to entry i, whose row is read in full, after its picks, if reviewer `without` is left out. */
static int64_t beyond(State *s, int32_t i, const Pick *best, int32_t picks, int32_t without) {
    Row *row = &s->row[i];
    int64_t level = -s->p->penalty;
    for (int32_t q = 0; q < row->len; q++) {
        if (row->arc[q].used || row->arc[q].j == without || row->arc[q].c - s->price[row->arc[q].j] <= level) continue;
        int32_t z = 0;
        while (z < picks && best[z].a != q) z++;
        if (z == picks) level = row->arc[q].c - s->price[row->arc[q].j];
    }
    return level;
}

/* Offer `offer` for arc a of entry i. 0: it would only tie, and go in circles. */
static int place_bid(State *s, int32_t i, int32_t a, int64_t offer, Queue *queue) {
    Arc *arc = &s->row[i].arc[a];
    int32_t j = arc->j, most = s->p->most[j];
    Slot *h = s->slot + s->at[j];
    s->stats->bids++;
    if (s->load[j] < most) {
        int32_t z = s->load[j]++;
        h[z] = (Slot){.bid = offer, .e = i, .a = a};
        rise(h, z);
    } else if (most && offer > s->price[j]) {
        Slot out = h[0];
        h[0] = (Slot){.bid = offer, .e = i, .a = a};
        sink(h, most, 0);
        s->row[out.e].arc[out.a].used = 0;
        s->need[out.e]++;
        enqueue(queue, out.e);
        s->stats->evictions++;
    } else {
        return 0;
    }
    arc->used = 1;
    s->need[i]--;
    if (s->load[j] == most && h[0].bid > s->price[j]) s->price[j] = h[0].bid;
    return 1;
}

/* Bid for all that entry i is missing. 0 if out of memory. */
static int bid(State *s, int32_t i, Pick *best, Queue *queue) {
    Row *row = &s->row[i];
    int32_t missing = s->need[i], got = choose(s, i, missing, best);
    if (got < 0) return 0;
    int32_t picks = got > missing ? missing : got;
    int64_t next = got > missing ? best[missing].v : -s->p->penalty, last = next;
    int32_t reviewer = picks ? row->arc[best[picks - 1].a].j : -1;
    /* More of the last pick's own pair is no alternative to it: a price rises for both. */
    if (s->p->cap && got > missing && row->arc[best[missing].a].j == reviewer) {
        if (row->pairs < row->size) { /* the row will be in another order */
            return extend(s, i, row->size) && bid(s, i, best, queue);
        }
        last = beyond(s, i, best, picks, reviewer);
    }
    for (int32_t z = 0; z < picks; z++) PREFETCH(&s->slot[s->at[row->arc[best[z].a].j]]);
    for (int32_t z = 0; z < picks; z++) {
        int32_t j = row->arc[best[z].a].j;
        const Slot *h = &s->slot[s->at[j]];
        if (s->load[j]) PREFETCH(&s->row[h->e].arc[h->a]);
    }
    for (int32_t z = 0; z < picks; z++) {
        const Arc *arc = &row->arc[best[z].a];
        if (place_bid(s, i, best[z].a, arc->c - (arc->j == reviewer ? last : next) + s->extra, queue)) continue;
        s->later[i]++;
        s->need[i]--;
    }
    if (picks < missing) { /* the rest is worth no more than to stay short */
        s->spent[i] += missing - picks;
        s->need[i] -= missing - picks;
    }
    if ((row->in_vain -= picks + 1) > 8 * row->len) rekey(s, i);
    return 1;
}

/* Have an entry whose units wait give up what is worth less to it than what it does not hold. 0 if out of memory.

   An offer is made while the entry holds others; when it loses one of those, and to get it back would be a tie, it is
   left with what it would not have chosen. */
static int settle(State *s, int32_t i) {
    int64_t level;
    if (!best_left(s, i, &level)) return 0;
    Row *row = &s->row[i];
    for (int32_t q = 0; q < row->len; q++) {
        Arc *arc = &row->arc[q];
        if (!arc->used || arc->c - s->price[arc->j] >= level) continue;
        Slot *h = s->slot + s->at[arc->j];
        int32_t z = 0;
        while (h[z].e != i || h[z].a != q) z++;
        h[z] = h[--s->load[arc->j]];
        if (z < s->load[arc->j]) {
            rise(h, z);
            sink(h, s->load[arc->j], z);
        }
        s->later[i]++;
        arc->used = 0;
    }
    return 1;
}

/* Bid until nobody is short, or `each` times for every unit needed; units that tie are tried again in some rounds. */
static int auction(State *s, Pick *best, Queue *queue, int each, int rounds) {
    const Problem *p = s->p;
    int64_t budget = s->stats->bids + each * p->units_needed + 1000;
    for (int round = 0; round < rounds; round++) {
        int64_t before = 0, after = 0;
        for (int32_t i = 0; i < p->n; i++) {
            s->need[i] += s->later[i];
            s->later[i] = 0;
            if (s->need[i]) enqueue(queue, i);
            before += s->need[i];
        }
        if (!before) break;
        for (int64_t step = 0; queue->count; step++) {
            int32_t i = dequeue(queue);
            if (queue->count > 6) { /* rows lie far apart: have the next ones brought near */
                PREFETCH(&s->row[peek(queue, 6)]);
                const char *next = (const char *)s->row[peek(queue, 3)].arc;
                for (int line = 0; line < 6; line++) PREFETCH(next + 64 * line);
            }
            if (s->stats->bids > budget) {
                s->later[i] += s->need[i];
                s->need[i] = 0;
            } else if (s->need[i] && !bid(s, i, best, queue)) {
                return NO_MEMORY;
            }
            if (!(step & 8191) && told(p, 0, (double)s->stats->bids / (double)(budget + p->units_needed))) return STOPPED;
        }
        for (int32_t i = 0; i < p->n; i++) {
            if (s->later[i] && !settle(s, i)) return NO_MEMORY;
            after += s->later[i];
        }
        if (s->stats->bids > budget || (round && after * 10 > before * 9)) break;
    }
    return SOLVED;
}

/* ---- shortest paths from an entry that is short to a reviewer with room ---- */

/* The nearest end of a path so far: a reviewer with room, or an entry that would stay short instead. */
typedef struct {
    int64_t limit;
    int32_t reviewer, entry, lost;
} End;

/* Look at all that entry e, reached at `base`, could take instead. 0 if out of memory. */
static int relax(State *s, int32_t e, int64_t base, End *end) {
    const Problem *p = s->p;
    Row *row = &s->row[e];
    if (base + p->penalty < end->limit)
        *end = (End){.limit = base + p->penalty, .reviewer = -1, .entry = e, .lost = s->via[e]};
    if (row->in_vain > 8 * row->len) rekey(s, e);
    for (int32_t q = 0;; q++) {
        if (q == row->len || base - row->arc[q].key >= end->limit) {
            int more = read_on(s, e, base - end->limit);
            if (more <= 0) return more == 0;
            q = -1;
            continue;
        }
        const Arc *arc = &row->arc[q];
        row->in_vain++;
        s->stats->relaxed++;
        if (arc->used) continue;
        int32_t j = arc->j;
        int64_t d = base - arc->c + s->price[j];
        if (d >= end->limit || (s->seen[j] == s->stamp && d >= s->dist[j])) continue;
        s->seen[j] = s->stamp;
        s->dist[j] = d;
        s->by[j] = e;
        s->lost[j] = s->via[e];
        if (s->load[j] < p->most[j]) *end = (End){.limit = d, .reviewer = j};
        else if (!push(&s->heap, d, j)) return 0;
    }
}

/* The nearest reviewer within the limit whose holders were not looked at yet; -1 if there is none. */
static int32_t nearest(State *s, int64_t limit) {
    int64_t d;
    int32_t j;
    while (pop(&s->heap, &d, &j)) {
        if (d >= limit) return -1;
        if (s->done[j] == s->stamp) continue;
        s->done[j] = s->stamp;
        s->stats->popped++;
        return j;
    }
    return -1;
}

static int forward(State *s, int32_t source) {
    End end = {.limit = INT64_MAX};
    int32_t n_popped = 0, j;
    int64_t base;
    if (!best_left(s, source, &base)) return NO_MEMORY;
    s->stamp++;
    s->heap.n = 0;
    s->base[source] = base;
    s->entered[source] = s->stamp;
    s->via[source] = -1;
    if (!relax(s, source, base, &end)) return NO_MEMORY;
    while ((j = nearest(s, end.limit)) >= 0) {
        s->popped[n_popped++] = j;
        for (int32_t z = 0; z < s->load[j]; z++) {
            Slot slot = s->slot[s->at[j] + z];
            base = s->dist[j] + s->row[slot.e].arc[slot.a].c - s->price[j];
            if (s->entered[slot.e] == s->stamp && s->base[slot.e] <= base) continue;
            s->entered[slot.e] = s->stamp;
            s->base[slot.e] = base;
            s->via[slot.e] = j;
            if (!relax(s, slot.e, base, &end)) return NO_MEMORY;
        }
    }
    for (int32_t q = 0; q < n_popped; q++) s->price[s->popped[q]] += end.limit - s->dist[s->popped[q]];
    int32_t at = end.reviewer, owner = at >= 0 ? s->by[at] : end.entry;
    for (;;) {
        int32_t leaves = at >= 0 ? s->lost[at] : end.lost;
        if (at >= 0) {
            int32_t a = place(s, owner, at);
            if (a < 0) return NO_MEMORY;
            take(s, owner, a);
        } else {
            s->spent[owner]++;
        }
        if (leaves < 0) break;
        give_back(s, owner, leaves);
        at = leaves;
        owner = s->by[at];
    }
    s->later[source]--;
    s->stats->paths++;
    return SOLVED;
}

/* ---- shortest paths to a reviewer who must get one more, from whoever can do without ---- */

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

/* Look at the entries that could come to reviewer j, and whom they would leave. 0 if out of memory. */
static int relax_back(State *s, int32_t j, End *end) {
    const Problem *p = s->p;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t e = s->owner[q].entry, pair = s->owner[q].pair;
        int32_t holding = p->need[e] - s->spent[e], spare = p->cap ? p->cap[pair] : 1;
        const Arc *arc = s->row[e].arc;
        for (int32_t z = 0, left = holding; left > 0; z++) { /* an arc that was never read is not in use */
            left -= arc[z].used;
            spare -= arc[z].used && arc[z].j == j;
        }
        if (spare <= 0) continue;
        int64_t without = s->dist[j] - p->units[pair] + s->price[j]; /* less what the entry has now */
        s->stats->relaxed++;
        if (s->spent[e] && without - p->penalty < end->limit) {
            *end = (End){.limit = without - p->penalty, .reviewer = -1, .entry = e, .lost = j};
        }
        for (int32_t z = 0; holding > 0; z++) {
            if (!arc[z].used) continue;
            holding--;
            int32_t other = arc[z].j;
            int64_t d = without + arc[z].c - s->price[other];
            if (other == j || d >= end->limit || (s->seen[other] == s->stamp && d >= s->dist[other])) continue;
            s->seen[other] = s->stamp;
            s->dist[other] = d;
            s->by[other] = e;
            s->lost[other] = j;
            if (!push(&s->heap, d, other)) return 0;
        }
    }
    return 1;
}

/* Lower the price of `wanting` and of others until somebody comes. RESTS: nobody does, and the price is as low as it
   may be. */
static int backward(State *s, int32_t wanting) {
    const Problem *p = s->p;
    End end = {.limit = INT64_MAX, .reviewer = -1, .entry = -1};
    int32_t n_popped = 0, j;
    s->stamp++;
    s->heap.n = 0;
    s->dist[wanting] = 0;
    s->seen[wanting] = s->stamp;
    if (!push(&s->heap, 0, wanting)) return NO_MEMORY;
    while ((j = nearest(s, end.limit)) >= 0) {
        s->popped[n_popped++] = j;
        /* Who stays at its least load without it can do without once its price is nothing; anyone, at the penalty. */
        int free = s->load[j] - (j != wanting) >= p->least[j];
        int64_t limit = s->dist[j] + s->price[j] + (free ? 0 : p->penalty);
        if (limit < end.limit) end = (End){.limit = limit, .reviewer = j, .entry = -1};
        if (!relax_back(s, j, &end)) return NO_MEMORY;
    }
    for (int32_t q = 0; q < n_popped; q++) s->price[s->popped[q]] -= end.limit - s->dist[s->popped[q]];
    s->stats->paths++;
    if (end.reviewer == wanting) return RESTS;
    int32_t at = end.reviewer;
    if (end.entry >= 0) {
        at = end.lost;
        int32_t a = place(s, end.entry, at);
        if (a < 0) return NO_MEMORY;
        s->spent[end.entry]--;
        take(s, end.entry, a);
    }
    while (at != wanting) {
        int32_t e = s->by[at], to = s->lost[at], a = place(s, e, to);
        if (a < 0) return NO_MEMORY;
        give_back(s, e, at);
        take(s, e, a);
        at = to;
    }
    return SOLVED;
}

/* ---- all together ---- */

static int allocate(State *s, Pick **best, Queue *queue) {
    const Problem *p = s->p;
    size_t n = (size_t)p->n + 1, m = (size_t)p->m + 1;
    int64_t slots = 0, pooled = 0, widest = 0, most_need = 0;
    for (int32_t i = 0; i < p->n; i++) {
        int64_t size = p->start[i + 1] - p->start[i];
        if (size > widest) widest = size;
        if (p->need[i] > most_need) most_need = p->need[i];
        pooled += p->cap ? 0 : size < FIRST ? size : FIRST;
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
    s->row = calloc(n, sizeof(Row));
    s->pool = malloc((size_t)(pooled + 1) * sizeof(Arc));
    s->scratch = malloc((size_t)(widest + 1) * sizeof(Arc));
    s->slot = malloc((size_t)(slots + 1) * sizeof(Slot));
    s->load = calloc(m, 4);
    s->need = malloc(n * 4);
    s->spent = calloc(n, 4);
    s->later = calloc(n, 4);
    s->dist = malloc(m * 8);
    s->base = malloc(n * 8);
    s->seen = calloc(m, 4);
    s->done = calloc(m, 4);
    s->entered = calloc(n, 4);
    s->by = malloc(m * 4);
    s->lost = malloc(m * 4);
    s->via = malloc(n * 4);
    s->popped = malloc(m * 4);
    *best = malloc((size_t)(most_need + 2) * sizeof(Pick));
    *queue = (Queue){.item = malloc(n * 4), .in = calloc(n, 1), .size = p->n ? p->n : 1};
    return s->row && s->pool && s->scratch && s->slot && s->load && s->need && s->spent && s->later && s->dist &&
           s->base && s->seen && s->done && s->entered && s->by && s->lost && s->via && s->popped && *best &&
           queue->item && queue->in;
}

static void release(State *s, Pick *best, Queue *queue) {
    for (int32_t i = 0; s->row && i < s->p->n; i++)
        if (s->row[i].own) free(s->row[i].arc);
    free(s->row); free(s->pool); free(s->scratch); free(s->at); free(s->slot); free(s->load); free(s->need);
    free(s->spent); free(s->later); free(s->dist); free(s->base); free(s->seen); free(s->done); free(s->entered);
    free(s->by); free(s->lost); free(s->via); free(s->popped); free(s->column); free(s->owner); free(s->heap.node);
    free(best); free(queue->item); free(queue->in);
}

static int begin(State *s) {
    const Problem *p = s->p;
    int64_t pooled = 0;
    for (int32_t j = 0; j < p->m; j++) {
        if (s->price[j] < 0) s->price[j] = 0; /* only a reviewer at its least load may be cheaper: see backward */
        if (p->most[j] <= 0) s->price[j] = 2 * p->penalty; /* who takes nobody is dearer than to stay short */
        if (!j || s->price[j] < s->lowest) s->lowest = s->price[j];
    }
    for (int32_t i = 0; i < p->n; i++) {
        Row *row = &s->row[i];
        row->size = (int32_t)(p->start[i + 1] - p->start[i]);
        row->arc = s->pool + pooled;
        int32_t first = row->size < FIRST ? row->size : FIRST;
        pooled += p->cap ? 0 : first;
        if (first && !extend(s, i, first)) return 0;
        s->need[i] = p->need[i];
    }
    return 1;
}

static int shortest_paths(State *s) {
    const Problem *p = s->p;
    int64_t done = 0;
    for (int32_t i = 0; i < p->n; i++) s->stats->waited += s->later[i];
    for (int32_t i = 0; i < p->n; i++)
        while (s->later[i]) {
            int result = forward(s, i);
            if (result != SOLVED) return result;
            if (!(++done & 63) && told(p, 1, (double)done / (double)s->stats->waited)) return STOPPED;
        }
    for (int32_t j = 0; j < p->m; j++)
        while (s->load[j] < p->least[j] || (s->load[j] < p->most[j] && s->price[j] > 0)) {
            if (!columns(s)) return NO_MEMORY;
            int result = backward(s, j);
            if (result == RESTS) break;
            if (result != SOLVED) return result;
            if (!(++done & 63) && told(p, 2, (double)j / (double)p->m)) return STOPPED;
        }
    return SOLVED;
}

/* Write down what is held, and of the prices that prove an entry's choice the highest: what its least is worth. */
static void report(const State *s) {
    const Problem *p = s->p;
    for (int32_t i = 0; i < p->n; i++) {
        int32_t holding = p->need[i] - s->spent[i];
        int64_t price = s->spent[i] ? -p->penalty : INT64_MAX;
        for (const Arc *arc = s->row[i].arc; holding > 0; arc++) {
            if (!arc->used) continue;
            holding--;
            p->taken[given(p, i, arc->j)]++;
            if (arc->c - s->price[arc->j] < price) price = arc->c - s->price[arc->j];
        }
        if (price == INT64_MAX) {
            price = -p->penalty;
            for (int64_t q = p->start[i]; q < p->start[i + 1]; q++)
                if (p->units[q] - s->price[p->reviewer[q]] > price) price = p->units[q] - s->price[p->reviewer[q]];
        }
        p->entry_price[i] = price;
    }
}

static int start_anew(State *s, Pick **best, Queue *queue) {
    State blank = {.p = s->p, .price = s->price, .stats = s->stats};
    release(s, *best, queue);
    *s = blank;
    *best = NULL;
    *queue = (Queue){0};
    return allocate(s, best, queue) && begin(s);
}

static int64_t waiting(const State *s) {
    int64_t units = 0;
    for (int32_t i = 0; i < s->p->n; i++) units += s->later[i];
    return units;
}

static int busy(const State *s) { return s->stats->bids > EASY * s->p->units_needed; }

/* Where reviewers are scarce and many are wanted alike, exact offers rise in small steps or only tie. A rough auction
   first, which offers a little more than indifference, finds about what reviewers are worth; from somewhat below that
   the exact one has little left to do. */
static int in_two_stages(State *s, Pick **best, Queue *queue) {
    const Problem *p = s->p;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (int64_t q = 0; q < p->start[p->n]; q++) {
        if (p->units[q] < least) least = p->units[q];
        if (p->units[q] > most) most = p->units[q];
    }
    int64_t extra = (most - least) / 300;
    if (!extra) return SOLVED;
    memset(s->price, 0, (size_t)p->m * 8);
    if (!start_anew(s, best, queue)) return NO_MEMORY;
    s->extra = extra;
    int result = auction(s, *best, queue, 12, 1);
    if (result != SOLVED) return result;
    for (int32_t j = 0; j < p->m; j++) s->price[j] = s->price[j] > 4 * extra ? s->price[j] - 4 * extra : 0;
    if (!start_anew(s, best, queue)) return NO_MEMORY;
    return auction(s, *best, queue, 32, ROUNDS);
}

/* `price` holds the prices to start from (0 unless they are known better) and receives the ones that prove the result;
   `stats` receives seven counts. Returns 0, or 1 without memory, 2 if `tell` asked to stop. */
int simsa_transport(int64_t n, int64_t m, const int64_t *start, const int32_t *reviewer, const int64_t *units,
                    const int32_t *cap, const int32_t *need, const int32_t *least, const int32_t *most,
                    int64_t penalty, int32_t *taken, int64_t *entry_price, int64_t *price, int64_t *stats,
                    int (*tell)(int, double)) {
    Problem p = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .units = units, .cap = cap,
                 .need = need, .least = least, .most = most, .penalty = penalty, .tell = tell, .taken = taken,
                 .entry_price = entry_price};
    for (int32_t i = 0; i < n; i++) p.units_needed += need[i];
    State s = {.p = &p, .price = price, .stats = (Stats *)stats};
    Pick *best = NULL;
    Queue queue = {0};
    int result = NO_MEMORY;
    if (start_anew(&s, &best, &queue)) {
        result = auction(&s, best, &queue, EASY, ROUNDS);
        if (result == SOLVED && p.units_needed > SMALL && (waiting(&s) > p.units_needed / 20 || busy(&s)))
            result = in_two_stages(&s, &best, &queue);
        if (result == SOLVED) result = shortest_paths(&s);
        if (result == SOLVED) report(&s);
    }
    release(&s, best, &queue);
    return result;
}
