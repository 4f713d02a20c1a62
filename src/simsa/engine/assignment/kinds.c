/* The transport kernel with kinds: reviewers to entries, at least and at most so many of each kind to an entry, exactly.

   The kinds are groups of reviewers of which any two are nested or apart. What an entry can hold under their limits are
   the independent sets of a matroid: whatever a group is short of counts as if somebody sat there already, and the sum
   that a group then has may not exceed what it may have, nor the sum of all the coverage. The coverage of all entries
   on one side and the loads on the other make a valuated matroid intersection (Frank 1981), for which the steps of
   transport.c stay as they are, with three differences:

   1. In the auction an entry adds to what it holds the greedy choice at the prices of the day. Reviewers are gross
      substitutes to it: while the prices of others rise, what it holds stays in a best choice. It bids for each up to
      the best that could stand in its place.
   2. On a path an entry that loses one reviewer may gain only whom its kinds let in once the other has left.
   3. An entry may be passed more than once on a path. Of the shortest paths one with the fewest steps is taken, so that
      all its exchanges are possible together (Schrijver, "Combinatorial Optimization", 2003, theorem 41.3).

   A pair that can carry several units is as many elements of the matroid, equal in all: limits count units. */

#include "transport_common.h"

typedef struct {
    int64_t c; /* affinity units */
    int32_t j;
} Held;

/* How many of a group the entry at hand has, its empty seats kept for others of the group included. */
typedef struct {
    int64_t stamp; /* of the entry for which `n` holds; else it has nobody there */
    int32_t n;
} Count;

typedef struct {
    int64_t v;
    int64_t c;
    int32_t j;      /* -1: to stay short */
    int32_t vacant; /* whether there is room */
    int32_t n;      /* units */
    int32_t spare;  /* whether it has more units that could be taken */
} Pick;

typedef struct {
    State s;
    Pick *pick;             /* those of the entry that bids */
    int32_t top;            /* number of groups, and of the one above all, which is the whole entry */
    const int32_t *group;   /* deepest group of each reviewer; `top` if it is in none */
    const int32_t *parent;  /* by group */
    const int32_t *low, *high; /* by group; if `own`, by entry and group */
    const int32_t *blank;   /* what the children's least adds up to where nobody sits; by group and top, or as above */
    int own;
    const int64_t *fixed;   /* pinned reviewers of entry i: fixed[i] to fixed[i + 1] ... */
    const int32_t *fixed_group; /* ... in these groups */
    Held *held;             /* by entry, from first[i] */
    int64_t *first;
    int32_t *holding;
    int32_t *hops;          /* steps to each reviewer */
    Count *count;
    int64_t now;            /* stamp of the entry at hand ... */
    const int32_t *my_low, *my_high, *my_blank; /* ... and its limits */
    int32_t full;
    int32_t *reached;       /* by reviewer, where nothing but that is asked */
} Kinds;

/* ---- an entry and its kinds ---- */

static inline int32_t counted(const Kinds *k, int32_t g) {
    return k->count[g].stamp == k->now ? k->count[g].n : k->my_blank[g];
}

/* Count in one more of group g: as far up as nobody's seat was kept for it. */
static void count_in(Kinds *k, int32_t g) {
    for (;; g = k->parent[g]) {
        int32_t n = counted(k, g) + 1;
        k->count[g] = (Count){.stamp = k->now, .n = n};
        if (g == k->top || n <= k->my_low[g]) return;
    }
}

/* Whether one more of group g leaves an independent set. */
static inline int fits(const Kinds *k, int32_t g) {
    for (; g != k->top; g = k->parent[g]) {
        int32_t n = counted(k, g);
        if (n < k->my_low[g]) return 1;
        if (n >= k->my_high[g]) return 0;
    }
    return counted(k, g) < k->full;
}

/* Have entry i at hand, with all that it holds but reviewer `without` (-1: all). */
static void at_hand(Kinds *k, int32_t i, int32_t without) {
    int64_t groups = k->own ? (int64_t)i * k->top : 0;
    k->now++;
    k->my_low = k->low + groups;
    k->my_high = k->high + groups;
    k->my_blank = k->blank + groups + (k->own ? i : 0);
    k->full = k->s.p->need[i] + (int32_t)(k->fixed[i + 1] - k->fixed[i]);
    for (int64_t z = k->fixed[i]; z < k->fixed[i + 1]; z++) count_in(k, k->fixed_group[z]);
    const Held *held = k->held + k->first[i];
    for (int32_t z = 0; z < k->holding[i]; z++)
        if (held[z].j != without) count_in(k, k->group[held[z].j]);
        else without = -1; /* of several units only one is without */
}

static void hold(Kinds *k, int32_t i, int64_t c, int32_t j) {
    k->held[k->first[i] + k->holding[i]++] = (Held){.c = c, .j = j};
}

static void let_go(Kinds *k, int32_t i, int32_t j) {
    Held *held = k->held + k->first[i];
    int32_t z = 0;
    while (held[z].j != j) z++;
    held[z] = held[--k->holding[i]];
}

static inline int better(const Pick *x, const Pick *y) { return x->v != y->v ? x->v > y->v : x->vacant > y->vacant; }

/* The best (`want` 1) or best two (2) that fit what is at hand of entry i and are neither held nor among the picks, but
   for what these have to spare; of equals, rather one with room. 0 if out of memory. */
static int best_fitting(Kinds *k, int32_t i, const Pick *picks, int32_t n, int want, Pick best[2]) {
    State *s = &k->s;
    const Problem *p = s->p;
    Row *row = &s->row[i];
    Pick *last = &best[want - 1];
    best[0] = best[1] = (Pick){.v = -p->penalty, .j = -1, .vacant = 1};
    for (int32_t q = 0;; q++) {
        if (q == row->len || bound(row, q) <= last->v) {
            int more = read_on(s, i, last->v);
            if (more <= 0) return more == 0;
            best[0] = best[1] = (Pick){.v = -p->penalty, .j = -1, .vacant = 1};
            q = -1;
            continue;
        }
        const Arc *arc = &row->arc[q];
        s->stats->scans++;
        row->in_vain++;
        Pick new = {.v = arc->c - s->who[arc->j].price, .c = arc->c, .j = arc->j};
        new.vacant = s->who[arc->j].load < s->who[arc->j].most;
        if (arc->used || !better(&new, last) || !fits(k, k->group[arc->j])) continue;
        int32_t z = 0;
        while (z < n && picks[z].j != arc->j) z++;
        if ((z < n && !picks[z].spare) || best[0].j == arc->j) continue;
        if (better(&new, &best[0])) {
            best[1] = best[0];
            best[0] = new;
        } else {
            best[1] = new;
        }
    }
}

/* What the best is worth that could stand in the place of reviewer j, whom entry i holds. 0 if out of memory. */
static int worth_instead(Kinds *k, int32_t i, int32_t j, int64_t *level) {
    Pick best[2];
    at_hand(k, i, j);
    if (!best_fitting(k, i, NULL, 0, 1, best)) return 0;
    *level = best[0].v;
    return 1;
}

/* ---- the auction ---- */

/* Units of reviewer j, all read, that entry i does not hold. */
static int32_t free_units(const State *s, int32_t i, int32_t j) {
    const Row *row = &s->row[i];
    int32_t n = 0;
    for (int32_t q = 0; q < row->len; q++) n += row->arc[q].j == j && !row->arc[q].used;
    return n;
}

/* What to add to what entry i holds: the greedy choice. Each pick's `v` is then what the best in the place of one unit
   would be worth: another unit of the same reviewer costs the same, and is none. The number of picks; -1 if out of
   memory. */
static int32_t choose(Kinds *k, int32_t i, int32_t missing, Pick *pick) {
    Pick best[2];
    int32_t n = 0, wanted = missing;
    at_hand(k, i, -1);
    for (; wanted; n++) {
        if (!best_fitting(k, i, pick, n, missing == 1 ? 2 : 1, best)) return -1;
        if (best[0].j < 0) break;
        int32_t g = k->group[best[0].j], units = k->s.p->cap ? free_units(&k->s, i, best[0].j) : 1;
        pick[n] = best[0];
        for (pick[n].n = 0; wanted && pick[n].n < units && fits(k, g); pick[n].n++, wanted--) count_in(k, g);
    }
    if (n && missing == 1) {
        pick[0].v = best[1].v;
        return n;
    }
    for (int32_t z = 0; k->s.p->cap && z < n; z++) pick[z].spare = pick[z].n < free_units(&k->s, i, pick[z].j);
    for (int32_t z = 0; z < n; z++) {
        int32_t spare = pick[z].spare;
        at_hand(k, i, -1);
        for (int32_t y = 0; y < n; y++)
            for (int32_t u = y == z; u < pick[y].n; u++) count_in(k, k->group[pick[y].j]);
        pick[z].spare = 0;
        if (!best_fitting(k, i, pick, n, 1, best)) return -1;
        pick[z].spare = spare;
        pick[z].v = best[0].v;
    }
    return n;
}

/* Bid for all that entry i is missing. 0 if out of memory. */
static int bid(State *s, int32_t i) {
    Kinds *k = (Kinds *)s;
    Pick *pick = k->pick;
    int32_t missing = s->row[i].need + s->row[i].later, n = choose(k, i, missing, pick);
    if (n < 0) return 0;
    s->row[i].need = s->row[i].later = 0;
    for (int32_t z = 0; z < n; pick[z].n > 1 ? pick[z].n-- : z++) {
        Slot out = {0};
        int32_t a = place(s, i, pick[z].j);
        if (a < 0) return 0;
        int placed = outbid(s, i, a, pick[z].c - pick[z].v, &out);
        if (placed == 2) {
            let_go(k, out.e, pick[z].j);
            s->row[out.e].need++;
            enqueue(s, out.e);
        }
        if (placed) hold(k, i, pick[z].c, pick[z].j);
        else s->row[i].later++;
        missing--;
    }
    s->row[i].spent += missing; /* the rest is worth no more than to stay short */
    if (s->row[i].in_vain > 8 * s->row[i].len) rekey(s, i);
    return 1;
}

/* Have an entry whose units wait give up what is worth less to it than what could stand in its place: as in
   transport.c, until what it holds is the best that so few can be. 0 if out of memory. */
static int settle(State *s, int32_t i) {
    Kinds *k = (Kinds *)s;
    for (int32_t z = 0; z < k->holding[i];) {
        Held held = k->held[k->first[i] + z++];
        int64_t level;
        if (!worth_instead(k, i, held.j, &level)) return 0;
        if (held.c - s->who[held.j].price >= level) continue;
        int32_t a = 0;
        while (s->row[i].arc[a].j != held.j || !s->row[i].arc[a].used) a++;
        withdraw(s, i, a);
        let_go(k, i, held.j);
        s->row[i].later++;
        z = 0;
    }
    return 1;
}

/* ---- shortest paths from an entry that is short to a reviewer with room ---- */

/* The nearest end of a path so far: a reviewer with room, or an entry that would stay short instead. */
typedef struct {
    int64_t limit;
    int32_t hops, reviewer, entry, lost;
} End;

static inline int beyond(const End *end, int64_t d, int32_t hops) {
    return d > end->limit || (d == end->limit && hops >= end->hops);
}

/* Note that reviewer j can be reached through entry e, which loses `lost` for it. 0 if it was reached as well before. */
static inline int reached(Kinds *k, int32_t j, int64_t d, int32_t hops, int32_t e, int32_t lost) {
    State *s = &k->s;
    s->way[j].seen = s->stamp;
    s->way[j].dist = d;
    k->hops[j] = hops;
    s->by[j] = e;
    s->lost[j] = lost;
    return push(&s->heap, d, hops, j);
}

static inline int as_near(const Kinds *k, int32_t j, int64_t d, int32_t hops) {
    const State *s = &k->s;
    return s->way[j].seen == s->stamp && (s->way[j].dist < d || (s->way[j].dist == d && k->hops[j] <= hops));
}

/* Look at all that entry e, at hand without `lost` and reached at `base`, could take instead. 0 if out of memory. */
static int relax(Kinds *k, int32_t e, int32_t lost, int64_t base, int32_t hops, End *end) {
    State *s = &k->s;
    const Problem *p = s->p;
    Row *row = &s->row[e];
    if (!beyond(end, base + p->penalty, hops))
        *end = (End){.limit = base + p->penalty, .hops = hops, .reviewer = -1, .entry = e, .lost = lost};
    if (row->in_vain > 8 * row->len) rekey(s, e);
    for (int32_t q = 0;; q++) {
        if (q == row->len || beyond(end, base - bound(row, q), hops)) {
            int more = read_on(s, e, base - end->limit - (hops < end->hops));
            if (more <= 0) return more == 0;
            q = -1;
            continue;
        }
        const Arc *arc = &row->arc[q];
        row->in_vain++;
        s->stats->relaxed++;
        int32_t j = arc->j;
        int64_t d = base - arc->c + s->who[j].price;
        if (arc->used || beyond(end, d, hops) || as_near(k, j, d, hops) || !fits(k, k->group[j])) continue;
        if (!reached(k, j, d, hops, e, lost)) return 0;
        if (s->who[j].load < s->who[j].most) *end = (End){.limit = d, .hops = hops, .reviewer = j};
    }
}

/* Exchange along the path that ends there, back to where it began. 0 if out of memory. */
static int exchange(Kinds *k, const End *end) {
    State *s = &k->s;
    int32_t at = end->reviewer, owner = at >= 0 ? s->by[at] : end->entry;
    for (;;) {
        int32_t leaves = at >= 0 ? s->lost[at] : end->lost;
        if (at >= 0) {
            int32_t a = place(s, owner, at);
            if (a < 0) return 0;
            hold(k, owner, s->row[owner].arc[a].c, at);
            take(s, owner, a);
        } else {
            s->row[owner].spent++;
        }
        if (leaves < 0) return 1;
        give_back(s, owner, leaves);
        let_go(k, owner, leaves);
        at = leaves;
        owner = s->by[at];
    }
}

static int forward(State *s, int32_t source, int64_t *raised) {
    Kinds *k = (Kinds *)s;
    End end = {.limit = INT64_MAX};
    int32_t n_popped = 0, j;
    Pick best[2];
    at_hand(k, source, -1);
    if (!best_fitting(k, source, NULL, 0, 1, best)) return NO_MEMORY;
    s->stamp++;
    s->heap.n = 0;
    if (!relax(k, source, -1, best[0].v, 1, &end)) return NO_MEMORY;
    while ((j = nearest(s, end.limit, end.hops)) >= 0) {
        s->popped[n_popped++] = j;
        for (int32_t z = 0; z < s->who[j].load; z++) {
            Slot slot = s->slot[s->at[j] + z];
            if (s->entered[slot.e] == s->stamp && s->via[slot.e] == j) continue; /* another unit of the same pair */
            s->entered[slot.e] = s->stamp;
            s->via[slot.e] = j;
            int64_t base = s->way[j].dist + s->row[slot.e].arc[slot.a].c - s->who[j].price;
            at_hand(k, slot.e, j);
            if (!relax(k, slot.e, j, base, k->hops[j] + 1, &end)) return NO_MEMORY;
        }
    }
    for (int32_t q = 0; q < n_popped; q++) s->who[s->popped[q]].price += end.limit - s->way[s->popped[q]].dist;
    *raised = end.limit;
    if (!exchange(k, &end)) return NO_MEMORY;
    s->row[source].later--;
    s->stats->paths++;
    return SOLVED;
}

/* ---- shortest paths to a reviewer who must get one more, from whoever can do without ---- */

/* Whether entry e holds as many units of a pair, reviewer j, as there are. */
static int holds_all(const Kinds *k, int32_t e, int32_t j, int64_t pair) {
    const Held *held = k->held + k->first[e];
    int32_t missing = k->s.p->cap ? k->s.p->cap[pair] : 1;
    for (int32_t z = 0; missing && z < k->holding[e]; z++) missing -= held[z].j == j;
    return !missing;
}

/* Look at the entries that could come to reviewer j, and whom they would leave. 0 if out of memory. */
static int relax_back(Kinds *k, int32_t j, End *end) {
    State *s = &k->s;
    const Problem *p = s->p;
    int32_t hops = k->hops[j] + 1;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t e = s->owner[q].entry;
        if (holds_all(k, e, j, s->owner[q].pair)) continue;
        int64_t without = s->way[j].dist - p->units[s->owner[q].pair] + s->who[j].price; /* less what the entry has now */
        s->stats->relaxed++;
        if (s->row[e].spent && !beyond(end, without - p->penalty, hops)) {
            at_hand(k, e, -1);
            if (fits(k, k->group[j]))
                *end = (End){.limit = without - p->penalty, .hops = hops, .reviewer = -1, .entry = e, .lost = j};
        }
        const Held *held = k->held + k->first[e];
        for (int32_t z = 0; z < k->holding[e]; z++) {
            int32_t other = held[z].j;
            int64_t d = without + held[z].c - s->who[other].price;
            if (beyond(end, d, hops) || as_near(k, other, d, hops)) continue;
            at_hand(k, e, other);
            if (fits(k, k->group[j]) && !reached(k, other, d, hops, e, j)) return 0;
        }
    }
    return 1;
}

/* Exchange along the path that ends there, forth to where it began. 0 if out of memory. */
static int exchange_back(Kinds *k, const End *end, int32_t wanting) {
    State *s = &k->s;
    int32_t at = end->reviewer, e = end->entry, to = end->lost;
    if (e >= 0) s->row[e].spent--;
    while (e >= 0 || at != wanting) {
        if (e < 0) {
            e = s->by[at];
            to = s->lost[at];
            give_back(s, e, at);
            let_go(k, e, at);
        }
        int32_t a = place(s, e, to);
        if (a < 0) return 0;
        hold(k, e, s->row[e].arc[a].c, to);
        take(s, e, a);
        at = to;
        e = -1;
    }
    return 1;
}

/* Lower the price of `wanting` and of others until somebody comes. RESTS: nobody does, and the price is as low as it
   may be. */
static int backward(Kinds *k, int32_t wanting) {
    State *s = &k->s;
    const Problem *p = s->p;
    End end = {.limit = INT64_MAX, .reviewer = -1, .entry = -1};
    int32_t n_popped = 0, j;
    s->stamp++;
    s->heap.n = 0;
    if (!reached(k, wanting, 0, 0, -1, -1)) return NO_MEMORY;
    while ((j = nearest(s, end.limit, end.hops)) >= 0) {
        s->popped[n_popped++] = j;
        /* Who stays at its least load without it can do without once its price is nothing; anyone, at the penalty. */
        int free = s->who[j].load - (j != wanting) >= p->least[j];
        int64_t limit = s->way[j].dist + s->who[j].price + (free ? 0 : p->penalty);
        if (!beyond(&end, limit, k->hops[j])) end = (End){.limit = limit, .hops = k->hops[j], .reviewer = j, .entry = -1};
        if (!relax_back(k, j, &end)) return NO_MEMORY;
    }
    for (int32_t q = 0; q < n_popped; q++) s->who[s->popped[q]].price -= end.limit - s->way[s->popped[q]].dist;
    s->stats->paths++;
    if (end.reviewer == wanting) return RESTS;
    return exchange_back(k, &end, wanting) ? SOLVED : NO_MEMORY;
}

/* ---- all together ---- */

static int allocate_kinds(Kinds *k) {
    const Problem *p = k->s.p;
    int64_t units = 0, widest = 0;
    k->first = malloc((size_t)(p->n + 1) * 8);
    k->holding = calloc((size_t)(p->n + 1), 4);
    k->hops = calloc((size_t)(p->m + 1), 4);
    k->count = calloc((size_t)k->top + 1, sizeof(Count));
    if (!k->first) return 0;
    for (int32_t i = 0; i < p->n; i++) {
        int64_t pairs = p->start[i + 1] - p->start[i];
        for (int64_t q = p->start[i]; p->cap && q < p->start[i + 1]; q++) pairs += p->cap[q] - 1;
        int64_t most = p->need[i] < pairs ? p->need[i] : pairs;
        k->first[i] = units;
        units += most + 1; /* a path adds before it takes away */
        if (most > widest) widest = most;
    }
    k->held = malloc((size_t)(units + 1) * sizeof(Held));
    k->pick = malloc((size_t)(widest + 1) * sizeof(Pick));
    return k->holding && k->hops && k->count && k->held && k->pick;
}

static void free_kinds(Kinds *k) {
    free(k->first); free(k->holding); free(k->hops); free(k->count); free(k->held); free(k->pick);
}

static int shortest_paths(Kinds *k) {
    State *s = &k->s;
    const Problem *p = s->p;
    int64_t done = 0;
    int result = fill(s, forward, 0);
    if (result != SOLVED) return result;
    for (int32_t j = 0; j < p->m; j++)
        while (wanting(s, j)) {
            if (!columns(s)) return NO_MEMORY;
            result = backward(k, j);
            if (result == RESTS) break;
            if (result != SOLVED) return result;
            if (!(++done & 63) && told(p, 2, (double)j / (double)p->m)) return STOPPED;
        }
    return SOLVED;
}

static void report(const Kinds *k) {
    const Problem *p = k->s.p;
    for (int32_t i = 0; i < p->n; i++)
        for (int32_t z = 0; z < k->holding[i]; z++) p->taken[given(p, i, k->held[k->first[i] + z].j)]++;
}

/* ---- who could still be had, by exchanges alone ---- */

/* Have reviewer j looked at, once. */
static void note(Kinds *k, int32_t j, int32_t *n) {
    State *s = &k->s;
    if (k->reached[j]) return;
    k->reached[j] = 1;
    s->popped[(*n)++] = j;
}

/* Note all whom the entry at hand, e, could take. */
static void note_fitting(Kinds *k, int32_t e, int32_t *n) {
    const Problem *p = k->s.p;
    for (int64_t q = p->start[e]; q < p->start[e + 1]; q++) {
        int32_t j = (int32_t)p->reviewer[q];
        if (!k->reached[j] && !p->taken[q] && fits(k, k->group[j])) note(k, j, n);
    }
}

/* Note whom other entries could leave to come to reviewer j. */
static void note_leaving(Kinds *k, int32_t j, int32_t *n) {
    State *s = &k->s;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t e = s->owner[q].entry;
        if (s->p->taken[s->owner[q].pair]) continue;
        for (int32_t z = 0; z < k->holding[e]; z++) {
            int32_t other = k->held[k->first[e] + z].j;
            if (k->reached[other]) continue;
            at_hand(k, e, other);
            if (fits(k, k->group[j])) note(k, other, n);
        }
    }
}

/* Note whom those who hold reviewer j could take instead. */
static void note_instead(Kinds *k, int32_t j, int32_t *n) {
    State *s = &k->s;
    for (int64_t q = s->column[j]; q < s->column[j + 1]; q++) {
        int32_t e = s->owner[q].entry;
        if (!s->p->taken[s->owner[q].pair]) continue;
        at_hand(k, e, j);
        note_fitting(k, e, n);
    }
}

/* Which reviewers are reached by exchanges from the wanting entries (`back` 0) or reviewers (1): `reached` by reviewer,
   and where the search begins in `wanting`. `taken` says what is held; the rest is as for simsa_kinds. */
int simsa_kinds_reached(int64_t n, int64_t m, const int64_t *start, const int64_t *reviewer, const int32_t *need,
                        int64_t groups, const int32_t *group, const int32_t *parent, const int32_t *low,
                        const int32_t *high, const int32_t *blank, int64_t own, const int64_t *fixed,
                        const int32_t *fixed_group, const int32_t *taken, int64_t back, const int32_t *wanting,
                        int64_t n_wanting, int32_t *reached, int (*tell)(int, double)) {
    (void)tell;
    Problem p = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .need = need,
                 .taken = (int32_t *)taken};
    Kinds k = {.s = {.p = &p}, .reached = reached, .top = (int32_t)groups, .group = group, .parent = parent, .low = low,
               .high = high, .blank = blank, .own = own != 0, .fixed = fixed, .fixed_group = fixed_group};
    int32_t found = 0;
    k.s.popped = malloc((size_t)(m + 1) * 4);
    int ready = allocate_kinds(&k) && k.s.popped && columns(&k.s);
    for (int32_t i = 0; ready && i < n; i++)
        for (int64_t q = start[i]; q < start[i + 1]; q++)
            if (taken[q]) hold(&k, i, 0, (int32_t)reviewer[q]);
    for (int64_t z = 0; ready && z < n_wanting; z++) {
        if (back) {
            note(&k, wanting[z], &found);
        } else {
            at_hand(&k, wanting[z], -1);
            note_fitting(&k, wanting[z], &found);
        }
    }
    for (int32_t q = 0; ready && q < found; q++)
        if (back) note_leaving(&k, k.s.popped[q], &found);
        else note_instead(&k, k.s.popped[q], &found);
    free(k.s.popped); free(k.s.column); free(k.s.owner);
    free_kinds(&k);
    return ready ? SOLVED : NO_MEMORY;
}

/* As simsa_transport, `cap` and all in units, with `groups` kinds: `group` by reviewer and `parent` by group
   (`groups` where there is none), `low`, `high` and `blank` by group, or if `own` by entry and group (`blank` has
   one more: the sum of all), and the deepest groups of the pinned reviewers of each entry. Prices of the entries:
   see simsa_kind_prices. */
int simsa_kinds(int64_t n, int64_t m, const int64_t *start, const int64_t *reviewer, const int64_t *units,
                const int32_t *cap, const int32_t *need, const int32_t *least, const int32_t *most, int64_t penalty,
                int64_t groups,
                const int32_t *group, const int32_t *parent, const int32_t *low, const int32_t *high,
                const int32_t *blank, int64_t own, const int64_t *fixed, const int32_t *fixed_group, int32_t *taken,
                int64_t *price, Stats *stats, int (*tell)(int, double)) {
    Problem p = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .units = units, .cap = cap,
                 .need = need, .least = least, .most = most, .penalty = penalty, .tell = tell, .taken = taken};
    for (int32_t i = 0; i < n; i++) p.units_needed += need[i];
    Kinds k = {.s = {.p = &p, .stats = stats}, .top = (int32_t)groups, .group = group,
               .parent = parent, .low = low, .high = high, .blank = blank, .own = own != 0, .fixed = fixed,
               .fixed_group = fixed_group};
    int result = NO_MEMORY;
    if (allocate(&k.s, price) && allocate_kinds(&k) && begin(&k.s)) {
        result = auction(&k.s, bid, settle, 32, 4);
        if (result == SOLVED) result = shortest_paths(&k);
        if (result == SOLVED) report(&k);
        give_prices(&k.s, price);
    }
    release(&k.s);
    free_kinds(&k);
    return result;
}
