/* The transport kernel: reviewers to entries, exactly.

   Maximise the affinity units of the pairs taken, where entry i needs `need[i]` units and reviewer j takes `least[j]`
   to `most[j]` of them. An entry that stays a unit short, and a reviewer that stays one under the least load, cost
   `penalty` each, so there is always an answer.

   Every reviewer has a price, and what a pair is worth to its entry is its affinity less that price. Throughout, every
   entry holds what is worth most to it, without any tolerance (complementary slackness); only some are still short.

   1. Auction (Bertsekas 1979; with slots as in Bertsekas and Castanon 1989), but exact: an entry that is short takes
      its best candidates and offers each as much as leaves it indifferent to the best one that it did not take. A
      full reviewer drops the lowest offer, and its price is the lowest that it holds. Offers that could only tie
      would go in circles; they wait. This is the row reduction of Jonker and Volgenant (1987), extended to coverage
      and loads. Where it goes on for long, offers are a little too high for a while, then all prices are lowered
      again.
   2. Shortest augmenting paths (Dijkstra's method on reduced costs) for the units that wait: from an entry that is
      short to the nearest reviewer with room, raising prices on the way.
   3. The other way round for reviewers under their least load, and for those with room whose price is above nothing:
      an auction in which reviewers offer themselves for ever less, and paths backwards for what only ties there.

   Where there are fewer slots than needs, all prices begin so high that nobody is assigned, and 3 does everything;
   where least loads are as much as needs or more, prices begin at the penalty and loads end at the least.

   Prices and offers are 64-bit integers; the caller sees to it that sums of a path fit. Of each entry only the best
   candidates are read at first, more when they are asked for: most entries never look further. */

#include "transport_common.h"

#define EASY 3     /* bids for each unit, beyond which an instance is not easy ... */
#define FEW 100    /* ... while more than one unit in so many waits */
#define SMALL 2000 /* units up to which nothing but an exact auction is worth while */
#define STEPS 200  /* of all that affinities differ by; a rough offer is one of them too high, ... */
#define BELOW 3    /* ... and the prices that it leads to are lowered by so many */
#define LONG 32    /* bids for each unit, after which those left wait for paths */
#define ROUNDS 4   /* times that units which tied are tried again */
#define MANY 64    /* units that reviewers want, above which these make offers ... */
#define OFFERS 30  /* ... so many for each */
#define JUMPS 8    /* times that an auction goes on where paths made prices jump */

/* What the best that entry i does not hold is worth to it, or to stay short. 0 if out of memory. */
static int best_left(State *s, int32_t i, int64_t *level) {
    Row *row = &s->row[i];
    *level = -s->p->penalty;
    for (int32_t q = 0;; q++) {
        if (q == row->len || bound(row, q) <= *level) {
            int more = read_on(s, i, *level);
            if (more <= 0) return more == 0;
            q = -1;
            continue;
        }
        const Arc *arc = &row->arc[q];
        if (!arc->used && arc->c - s->who[arc->j].price > *level) *level = arc->c - s->who[arc->j].price;
    }
}

/* ---- the auction ---- */

typedef struct {
    int64_t v;
    int32_t a;
} Pick;

typedef struct {
    State s;
    Pick *best; /* those of the entry that bids */
} Plain;

/* The best `missing` arcs that entry i does not hold, and one more that says how high to bid. -1 if out of memory. */
static int32_t choose(State *s, int32_t i, int32_t missing, Pick *best) {
    const Problem *p = s->p;
    Row *row = &s->row[i];
    int32_t got = 0;
    for (int32_t q = 0;; q++) {
        if (q == row->len || (got > missing && bound(row, q) <= best[missing].v)) {
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
        int64_t v = arc->c - s->who[arc->j].price;
        if (arc->used || v <= -p->penalty) continue; /* no better than to stay short */
        int room = s->who[arc->j].load < s->who[arc->j].most; /* of equals, rather one with room */
        if (got > missing && v - !room < best[missing].v) continue;
        int32_t z = got > missing ? missing : got++;
        for (; z && best[z - 1].v < v + room; z--) best[z] = best[z - 1];
        best[z] = (Pick){v, q};
    }
}

/* The best arc that entry i does not hold, and what the second best is worth to it or to stay short: as `choose` for
   one unit, without a comparison that cannot be foretold. The arc is -1 if it is better to stay short, -2 if out of
   memory. */
static Pick choose_one(State *s, int32_t i) {
    Row *row = &s->row[i];
    /* Twice the worth, and one for room: of equals, rather one with room. */
    int64_t none = 1 - 2 * s->p->penalty, first = none, second = none;
    int32_t at = -1;
    for (;;) {
        int32_t q = 0;
        for (; q < row->len && 2 * bound(row, q) >= second; q++) {
            const Arc *arc = &row->arc[q];
            const Reviewer *who = &s->who[arc->j];
            int64_t v = 2 * (arc->c - who->price) + (who->load < who->most);
            v = arc->used ? none : v;
            int64_t lower = v < first ? v : first;
            at = v > first ? q : at;
            first = v > first ? v : first;
            second = lower > second ? lower : second;
        }
        s->stats->scans += q;
        row->in_vain += q;
        int more = read_on(s, i, second >> 1);
        if (more < 0) return (Pick){.a = -2};
        if (!more) return (Pick){.v = second >> 1, .a = at};
        first = second = none;
        at = -1;
    }
}

/* What is best to entry i, whose row is read in full, after its picks, if reviewer `without` is left out. */
static int64_t beyond(State *s, int32_t i, const Pick *best, int32_t picks, int32_t without) {
    Row *row = &s->row[i];
    int64_t level = -s->p->penalty;
    for (int32_t q = 0; q < row->len; q++) {
        const Arc *arc = &row->arc[q];
        if (arc->used || (int32_t)arc->j == without || arc->c - s->who[arc->j].price <= level) continue;
        int32_t z = 0;
        while (z < picks && best[z].a != q) z++;
        if (z == picks) level = arc->c - s->who[arc->j].price;
    }
    return level;
}

/* Offer `offer` for arc a of entry i. 0: it would only tie. */
static int place_bid(State *s, int32_t i, int32_t a, int64_t offer) {
    Slot out = {0};
    int placed = outbid(s, i, a, offer, &out);
    if (placed == 2) {
        s->row[out.e].need++;
        enqueue(s, out.e);
    }
    s->row[i].need -= placed > 0;
    return placed;
}

/* Bid for all that entry i is missing. 0 if out of memory. */
static int bid(State *s, int32_t i) {
    Row *row = &s->row[i];
    Pick *best = ((Plain *)s)->best;
    int32_t missing = s->row[i].need, got, picks;
    int64_t next;
    if (missing == 1 && !s->p->cap) {
        best[0] = choose_one(s, i);
        got = picks = best[0].a == -1 ? 0 : best[0].a == -2 ? -1 : 1;
        next = best[0].v;
    } else {
        got = choose(s, i, missing, best);
        picks = got > missing ? missing : got;
        next = got > missing ? best[missing].v : -s->p->penalty;
    }
    if (got < 0) return 0;
    int64_t last = next;
    int32_t reviewer = picks ? row->arc[best[picks - 1].a].j : -1;
    /* More of the last pick's own pair is no alternative to it: a price rises for both. */
    if (s->p->cap && got > missing && row->arc[best[missing].a].j == reviewer) {
        if (row->want < row->pairs) { /* the row will be in another order */
            return read_row(s, i, row->pairs) && bid(s, i);
        }
        last = beyond(s, i, best, picks, reviewer);
    }
    for (int32_t z = 0; z < picks; z++) PREFETCH(&s->slot[s->at[row->arc[best[z].a].j]]);
    for (int32_t z = 0; z < picks; z++) {
        int32_t j = row->arc[best[z].a].j;
        const Slot *h = &s->slot[s->at[j]];
        if (s->who[j].load) PREFETCH(&s->row[h->e].arc[h->a]);
    }
    for (int32_t z = 0; z < picks; z++) {
        const Arc *arc = &row->arc[best[z].a];
        if (place_bid(s, i, best[z].a, arc->c - (arc->j == reviewer ? last : next) + s->extra)) continue;
        s->row[i].later++;
        s->row[i].need--;
    }
    if (picks < missing) { /* the rest is worth no more than to stay short */
        s->row[i].spent += missing - picks;
        s->row[i].need -= missing - picks;
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
        if (!arc->used || arc->c - s->who[arc->j].price >= level) continue;
        withdraw(s, i, q);
        s->row[i].later++;
    }
    return 1;
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
        if (q == row->len || base - bound(row, q) >= end->limit) {
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
        int64_t d = base - arc->c + s->who[j].price;
        if (d >= end->limit || (s->way[j].seen == s->stamp && d >= s->way[j].dist)) continue;
        s->way[j].seen = s->stamp;
        s->way[j].dist = d;
        s->by[j] = e;
        s->lost[j] = s->via[e];
        const Reviewer *who = &s->who[j];
        if (who->load < who->most) {
            *end = (End){.limit = d, .reviewer = j};
            continue;
        }
        if (!push(&s->heap, d, 0, j)) return 0;
        if (who->price < 0 && who->most < p->most[j] && d - who->price < end->limit)
            *end = (End){.limit = d - who->price, .reviewer = j}; /* takes more once its price is nothing */
    }
}

static int forward(State *s, int32_t source, int64_t *raised) {
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
    while ((j = nearest(s, end.limit, 0)) >= 0) {
        s->popped[n_popped++] = j;
        for (int32_t z = 0; z < s->who[j].load; z++) {
            Slot slot = s->slot[s->at[j] + z];
            base = s->way[j].dist + s->row[slot.e].arc[slot.a].c - s->who[j].price;
            if (s->entered[slot.e] == s->stamp && s->base[slot.e] <= base) continue;
            s->entered[slot.e] = s->stamp;
            s->base[slot.e] = base;
            s->via[slot.e] = j;
            if (!relax(s, slot.e, base, &end)) return NO_MEMORY;
        }
    }
    for (int32_t q = 0; q < n_popped; q++) {
        s->who[s->popped[q]].price += end.limit - s->way[s->popped[q]].dist;
        open_up(s, s->popped[q]);
    }
    *raised = end.limit;
    int32_t at = end.reviewer, owner = at >= 0 ? s->by[at] : end.entry;
    for (;;) {
        int32_t leaves = at >= 0 ? s->lost[at] : end.lost;
        if (at >= 0) {
            int32_t a = place(s, owner, at);
            if (a < 0) return NO_MEMORY;
            take(s, owner, a);
        } else {
            s->row[owner].spent++;
        }
        if (leaves < 0) break;
        give_back(s, owner, leaves);
        at = leaves;
        owner = s->by[at];
    }
    s->row[source].later--;
    s->stats->paths++;
    return SOLVED;
}

/* ---- shortest paths to a reviewer who must get one more, from whoever can do without ---- */

/* The arc that entry e would give up first (-1: a slot that is empty), and in `base` what it is worth. */
static int32_t worst(State *s, int32_t e) {
    Row *row = &s->row[e];
    int32_t holding = s->p->need[e] - row->spent, at = -1;
    s->base[e] = row->spent ? -s->p->penalty : INT64_MAX;
    for (int32_t q = 0; holding > 0 && !row->spent; q++) {
        if (!row->arc[q].used) continue;
        holding--;
        int64_t worth = row->arc[q].c - s->who[row->arc[q].j].price;
        if (worth >= s->base[e]) continue;
        s->base[e] = worth;
        at = q;
    }
    return at;
}

/* Look at the entries that could come to reviewer j, and whom they would leave. 0 if out of memory. */
static int relax_back(State *s, int32_t j, End *end) {
    const Problem *p = s->p;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t e = s->owner[q].entry, pair = s->owner[q].pair;
        int64_t without = s->way[j].dist - p->units[pair] + s->who[j].price; /* less what the entry has now */
        s->stats->relaxed++;
        if (s->base[e] == INT64_MAX || without + s->base[e] >= end->limit) continue;
        int32_t holding = p->need[e] - s->row[e].spent, spare = p->cap ? p->cap[pair] : 1;
        const Arc *arc = s->row[e].arc;
        for (int32_t z = 0, left = holding; left > 0; z++) { /* an arc that was never read is not in use */
            left -= arc[z].used;
            spare -= arc[z].used && arc[z].j == j;
        }
        if (spare <= 0) continue;
        if (s->row[e].spent && without - p->penalty < end->limit) {
            *end = (End){.limit = without - p->penalty, .reviewer = -1, .entry = e, .lost = j};
        }
        for (int32_t z = 0; holding > 0; z++) {
            if (!arc[z].used) continue;
            holding--;
            int32_t other = arc[z].j;
            int64_t d = without + arc[z].c - s->who[other].price;
            if (other == j || d >= end->limit || (s->way[other].seen == s->stamp && d >= s->way[other].dist)) continue;
            s->way[other].seen = s->stamp;
            s->way[other].dist = d;
            s->by[other] = e;
            s->lost[other] = j;
            if (!push(&s->heap, d, 0, other)) return 0;
        }
    }
    return 1;
}

/* Exchange along the path that ends there, forth to where it began. 0 if out of memory. */
static int come(State *s, const End *end, int32_t wanting) {
    int32_t at = end->reviewer;
    if (end->entry >= 0) {
        at = end->lost;
        int32_t a = place(s, end->entry, at);
        if (a < 0) return 0;
        s->row[end->entry].spent--;
        take(s, end->entry, a);
    }
    while (at != wanting) {
        int32_t e = s->by[at], to = s->lost[at], a = place(s, e, to);
        if (a < 0) return 0;
        give_back(s, e, at);
        take(s, e, a);
        at = to;
    }
    return 1;
}

/* Lower the price of `wanting` and of others until somebody comes. RESTS: nobody does, and the price is as low as it
   may be. */
static int backward(State *s, int32_t wanting, int64_t *fallen) {
    const Problem *p = s->p;
    End end = {.limit = INT64_MAX, .reviewer = -1, .entry = -1};
    int32_t n_popped = 0, j;
    s->stamp++;
    s->heap.n = 0;
    s->way[wanting].dist = 0;
    s->way[wanting].seen = s->stamp;
    if (!push(&s->heap, 0, 0, wanting)) return NO_MEMORY;
    while ((j = nearest(s, end.limit, 0)) >= 0) {
        s->popped[n_popped++] = j;
        /* Who stays at its least load without it can do without once its price is nothing; anyone, at the penalty. */
        int free = s->who[j].load - (j != wanting) >= p->least[j];
        int64_t limit = s->way[j].dist + s->who[j].price + (free ? 0 : p->penalty);
        if (limit < end.limit) end = (End){.limit = limit, .reviewer = j, .entry = -1};
        if (!relax_back(s, j, &end)) return NO_MEMORY;
    }
    for (int32_t q = 0; q < n_popped; q++) s->who[s->popped[q]].price -= end.limit - s->way[s->popped[q]].dist;
    s->stats->paths++;
    *fallen = end.limit;
    int result = end.reviewer == wanting ? RESTS : come(s, &end, wanting) ? SOLVED : NO_MEMORY;
    for (int32_t q = 0; q < n_popped; q++)
        for (int32_t z = 0; z < s->who[s->popped[q]].load; z++) worst(s, s->slot[s->at[s->popped[q]] + z].e);
    return result;
}

/* ---- the auction the other way round: reviewers who want units offer ever less ---- */

static int holds(const State *s, int32_t e, int32_t j) {
    const Row *row = &s->row[e];
    for (int32_t q = 0, left = s->p->need[e] - row->spent; left > 0; q++) {
        if (row->arc[q].used && (int32_t)row->arc[q].j == j) return 1;
        left -= row->arc[q].used;
    }
    return 0;
}

/* Have reviewer j offer itself for as much as leaves the second best entry where it is, and the best one come.
   `left` receives the reviewer whom that leaves (-1: none). 1: done; 0: nobody comes, or it would only tie; -1: out
   of memory. */
static int offer(State *s, int32_t j, int32_t *left) {
    const Problem *p = s->p;
    Reviewer *who = &s->who[j];
    int64_t lowest = who->load < p->least[j] ? -p->penalty : 0, first = INT64_MIN, second = lowest;
    int32_t e = -1;
    s->stats->bids++;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t other = s->owner[q].entry;
        if (s->base[other] == INT64_MAX) continue;
        int64_t price = p->units[s->owner[q].pair] - s->base[other];
        if (price <= second || holds(s, other, j)) continue;
        if (price > first) {
            if (first > second) second = first;
            first = price;
            e = other;
        } else {
            second = price;
        }
    }
    if (e >= 0 && second >= who->price) return 0;
    who->price = second;
    for (int32_t z = 0; z < who->load; z++) worst(s, s->slot[s->at[j] + z].e);
    *left = -1;
    if (e < 0) return 0;
    int32_t a = place(s, e, j), out = worst(s, e);
    if (a < 0) return -1;
    if (out < 0) {
        s->row[e].spent--;
    } else {
        *left = s->row[e].arc[out].j;
        give_back(s, e, *left);
    }
    take(s, e, a);
    worst(s, e);
    return 1;
}

/* Offers of all who want units, as many in all as `each` for every unit that is wanted now. */
static int offers(State *s, int64_t each, int step) {
    const Problem *p = s->p;
    int64_t budget = 0, done = 0;
    Queue queue = {.item = malloc((size_t)p->m * 4 + 4), .size = p->m + 1};
    char *in = calloc((size_t)p->m + 1, 1);
    int result = queue.item && in ? SOLVED : NO_MEMORY;
    for (int32_t j = 0; result == SOLVED && j < p->m; j++) {
        if (!wanting(s, j)) continue;
        budget += each * wanting(s, j);
        in[j] = 1;
        queue.item[queue.count++] = j;
    }
    while (result == SOLVED && queue.count && done < budget) {
        int32_t j = queue.item[queue.head], left = -1, came = 1;
        queue.head = queue.head + 1 == queue.size ? 0 : queue.head + 1;
        queue.count--;
        in[j] = 0;
        while (came == 1 && wanting(s, j)) {
            came = offer(s, j, &left);
            if (came == 1 && left >= 0 && !in[left] && wanting(s, left)) {
                in[left] = 1;
                queue.item[(queue.head + queue.count++) % queue.size] = left;
            }
            if (!(++done & 1023) && told(p, step, (double)done / (double)budget / 2)) result = STOPPED;
        }
        if (came < 0) result = NO_MEMORY;
    }
    free(queue.item);
    free(in);
    return result;
}

/* ---- all together ---- */

/* Order slots for an auction after paths, which do not look at offers: nobody holds below the price. */
static void reorder(State *s) {
    for (int32_t j = 0; j < s->p->m; j++) {
        Slot *h = s->slot + s->at[j];
        for (int32_t z = 0; z < s->who[j].load; z++)
            if (h[z].bid < s->who[j].price) h[z].bid = s->who[j].price;
        for (int32_t z = s->who[j].load / 2; z-- > 0;) sink(h, s->who[j].load, z);
    }
}

/* Until reviewers want nothing more. Told as `step`. Where prices jumped (a part of the reviewers cannot all have their
   least load) and many still want, offers go on from there. */
static int empty(State *s, int step) {
    const Problem *p = s->p;
    for (int jump = 0;; jump++) {
        int64_t left = 0, fallen = 0;
        for (int32_t j = 0; j < p->m; j++) left += wanting(s, j);
        if (!left) return SOLVED;
        if (!columns(s)) return NO_MEMORY;
        for (int32_t i = 0; i < p->n; i++) worst(s, i);
        int result = left > MANY && !p->cap ? offers(s, OFFERS, step) : SOLVED;
        for (int32_t j = 0; result == SOLVED && j < p->m && (jump >= JUMPS || fallen <= p->penalty / 2); j++)
            while (result == SOLVED && wanting(s, j) && (jump >= JUMPS || fallen <= p->penalty / 2)) {
                result = backward(s, j, &fallen);
                if (result == RESTS) result = SOLVED; /* and wants nothing more */
                if (result == SOLVED && !(s->stats->paths & 63) && told(p, step, 0.5 + (double)j / (double)p->m / 2))
                    result = STOPPED;
            }
        if (result != SOLVED) return result;
    }
}

static int shortest_paths(State *s) {
    for (int jump = 0;; jump++) {
        int result = fill(s, forward, jump < JUMPS);
        if (result == SOLVED) return empty(s, 2);
        if (result != RESTS) return result;
        reorder(s);
        if ((result = auction(s, bid, settle, LONG, ROUNDS)) != SOLVED) return result;
    }
}

/* Write down what is held, and of the prices that prove an entry's choice the highest: what its least is worth. */
static void report(const State *s) {
    const Problem *p = s->p;
    for (int32_t i = 0; i < p->n; i++) {
        int32_t holding = p->need[i] - s->row[i].spent;
        int64_t price = s->row[i].spent ? -p->penalty : INT64_MAX;
        for (const Arc *arc = s->row[i].arc; holding > 0; arc++) {
            if (!arc->used) continue;
            holding--;
            p->taken[given(p, i, arc->j)]++;
            if (arc->c - s->who[arc->j].price < price) price = arc->c - s->who[arc->j].price;
        }
        if (price == INT64_MAX) {
            price = -p->penalty;
            for (int64_t q = p->start[i]; q < p->start[i + 1]; q++)
                if (p->units[q] - s->who[p->reviewer[q]].price > price)
                    price = p->units[q] - s->who[p->reviewer[q]].price;
        }
        p->entry_price[i] = price;
    }
}

/* Whether bidding goes on for long, and not for want of room: then no prices will help. */
static int hard(const State *s) {
    int64_t units = s->p->units_needed, left = waiting(s), room = 0;
    if (units <= SMALL || left <= units / FEW) return 0;
    for (int32_t j = 0; j < s->p->m; j++) room += s->who[j].most - s->who[j].load;
    return left <= room;
}

/* Lower all prices, and have every entry give up what is no longer among the best. 0 if out of memory. */
static int lower(State *s, int64_t by) {
    const Problem *p = s->p;
    for (int32_t j = 0; j < p->m; j++) {
        Reviewer *who = &s->who[j];
        int64_t lowest = who->price < 0 ? -p->penalty : 0;
        if (who->most > 0) who->price = who->price - by > lowest ? who->price - by : lowest;
        for (int32_t z = 0; z < who->load; z++) s->slot[s->at[j] + z].bid = who->price;
    }
    for (int32_t i = 0; i < p->n; i++) {
        if (s->row[i].rest > INT64_MIN) s->row[i].rest += by;
        rekey(s, i);
        s->row[i].later += s->row[i].spent;
        s->row[i].spent = 0;
        if (!settle(s, i)) return 0;
    }
    return 1;
}

/* Where least loads add up to all that entries need or more, begin with what that comes to: nobody takes more than the
   least load unless its price rises from the penalty to nothing. */
static void ask_for_least(State *s) {
    const Problem *p = s->p;
    int64_t least = 0;
    for (int32_t j = 0; j < p->m; j++) least += p->least[j];
    for (int32_t j = 0; least >= p->units_needed && j < p->m; j++)
        if (p->least[j]) s->who[j] = (Reviewer){.price = -p->penalty, .most = p->least[j]};
}

/* Where there are fewer slots than entries need: begin with nobody assigned, as is right while all reviewers are
   dearer than to stay short, and leave it to them to come down. 0 where there are enough. */
static int from_above(State *s) {
    const Problem *p = s->p;
    int64_t slots = 0, highest = 0;
    for (int32_t j = 0; j < p->m; j++) slots += p->most[j];
    if (slots >= p->units_needed || p->cap) return 0;
    for (int64_t q = 0; q < p->start[p->n]; q++) highest = p->units[q] > highest ? p->units[q] : highest;
    for (int32_t j = 0; j < p->m; j++) s->who[j].price = highest + p->penalty + 1;
    for (int32_t i = 0; i < p->n; i++) {
        s->row[i].spent = p->need[i];
        s->row[i].need = 0;
    }
    return 1;
}

/* Where reviewers are scarce and many are wanted alike, exact offers rise in small steps or only tie. Offers of a
   little more than indifference soon find about what reviewers are worth; from somewhat below that exact ones have
   little left to do. */
static int in_two_stages(State *s) {
    const Problem *p = s->p;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (int64_t q = 0; q < p->start[p->n]; q++) {
        if (p->units[q] < least) least = p->units[q];
        if (p->units[q] > most) most = p->units[q];
    }
    int64_t extra = (most - least) / STEPS;
    if (!extra) return SOLVED;
    s->extra = extra;
    int result = auction(s, bid, settle, 12, 1);
    s->extra = 0;
    if (result != SOLVED) return result;
    return lower(s, BELOW * extra) ? SOLVED : NO_MEMORY;
}

static int from_below(State *s) {
    int result = auction(s, bid, settle, EASY, 1);
    if (result == SOLVED && hard(s)) result = in_two_stages(s);
    if (result == SOLVED) result = auction(s, bid, settle, LONG, ROUNDS);
    return result == SOLVED ? shortest_paths(s) : result;
}

/* `price` holds the prices to start from (0 unless they are known better) and receives the ones that prove the result;
   `stats` receives what it took. Returns 0, or 1 without memory, 2 if `tell` asked to stop. */
int simsa_transport(int64_t n, int64_t m, const int64_t *start, const int64_t *reviewer, const int64_t *units,
                    const int32_t *cap, const int32_t *need, const int32_t *least, const int32_t *most,
                    int64_t penalty, int32_t *taken, int64_t *entry_price, int64_t *price, Stats *stats,
                    int (*tell)(int, double)) {
    Problem p = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .units = units, .cap = cap,
                 .need = need, .least = least, .most = most, .penalty = penalty, .tell = tell, .taken = taken,
                 .entry_price = entry_price};
    for (int32_t i = 0; i < n; i++) p.units_needed += need[i];
    Plain k = {.s = {.p = &p, .stats = stats}};
    int64_t widest = 0;
    for (int32_t i = 0; i < n; i++) { /* an entry may need far more than it has candidates */
        int64_t arcs = start[i + 1] - start[i];
        for (int64_t q = start[i]; cap && q < start[i + 1]; q++) arcs += cap[q] - 1;
        int64_t most_picks = need[i] < arcs ? need[i] : arcs;
        if (most_picks > widest) widest = most_picks;
    }
    k.best = malloc((size_t)(widest + 2) * sizeof(Pick));
    int result = NO_MEMORY;
    if (k.best && allocate(&k.s, price) && (ask_for_least(&k.s), begin(&k.s))) {
        result = from_above(&k.s) ? empty(&k.s, 0) : from_below(&k.s);
        if (result == SOLVED) report(&k.s);
        give_prices(&k.s, price);
    }
    release(&k.s);
    free(k.best);
    return result;
}
