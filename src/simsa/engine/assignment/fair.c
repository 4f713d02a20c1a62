/* Exchanges along chains, under floors: the heavy loops of the assignment that looks after the worst-off first.

   In an exchange an entry gives up a reviewer and takes another; one who held that reviewer gives it up and takes a
   third; and so on, until somebody takes a reviewer with room, or the reviewer that the first entry gave up. Every
   entry on the way stays at its floor, or, if it is below, where it is. So a chain can raise the entry at its start, or
   gain in total, and never harms an entry that is in want.

   The shortest chain is found by Dijkstra's method over reviewers, whose distance is the affinity lost so far. With
   reviewers' prices that prove an optimum, every step from that optimum costs at least nothing; where earlier exchanges
   have left it, a step that would gain counts as nothing, and the entry that could make it starts a search of its own.

   An entry can be met twice on a chain. Whether both of its steps together leave it at its floor is checked when the
   chain is complete; with kinds each step keeps them by itself, and a chain that meets an entry twice is refused. As
   the problem is NP-hard, not to find a chain proves nothing: for bounds, see worst_bound.py. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SOLVED = 0, NO_MEMORY = 1, STOPPED = 2 };

/* What a call took: `Searched` in chains.py has the same names. */
typedef struct {
    int64_t searches, chains;
    int64_t refused; /* chains that were not allowed */
    int64_t looked;  /* pairs looked at */
} Stats;

typedef struct {
    int32_t n, m;            /* entries, reviewers */
    const int64_t *start;    /* pairs of entry i: start[i] to start[i + 1] */
    const int32_t *reviewer; /* by pair */
    const int64_t *units;    /* affinity by pair */
    const int32_t *need;     /* by entry */
    const int32_t *least, *most;
    int64_t *price;       /* of each reviewer; rises */
    const int64_t *floor; /* by entry */
    int64_t work;         /* pairs that may still be looked at */
    int32_t *taken;       /* in and out: by pair */
    int64_t *welfare;     /* in and out: units of each entry */
    Stats *stats;
    int32_t top;          /* number of groups of kinds, and of the one above all; -1: there are none */
    const int32_t *group, *parent, *low, *high, *blank; /* as in kinds.c; `blank` is of top as well */
    int own;                                            /* whether each entry has its own limits */
    const int64_t *fixed;                               /* pinned reviewers of entry i: fixed[i] to fixed[i + 1] ... */
    const int32_t *fixed_group;                         /* ... in these groups */
    const int32_t *coverage;                            /* by entry, pinned ones included */
    int (*tell)(int, double); /* told the share that is done; asks to stop by anything but 0; may be NULL */
} Fair;

typedef struct {
    int64_t d;
    int32_t j; /* reviewer; ~reviewer where the chain would end with it */
} Step;

typedef struct {
    int64_t d;                 /* units lost up to here, and the price of what was taken last */
    int64_t took, left, first; /* pairs: by which the reviewer was reached, given up for it, given up first */
    int32_t by;                /* entry that takes it */
    int32_t seen, done;        /* stamps */
} Label;

typedef struct {
    int64_t pair;
    int32_t entry;
} Slot;

/* How many of a group the entry at hand has, its empty seats kept for others of the group included. */
typedef struct {
    int64_t stamp; /* of the entry for which `n` holds; else it has nobody there */
    int32_t n;
} Count;

typedef struct {
    Fair *f;
    Count *count; /* by group */
    int64_t now;
    const int32_t *my_low, *my_high, *my_blank; /* limits of the entry at hand */
    int32_t full;
    int64_t *hold_at, *held; /* by entry: pairs taken */
    int32_t *holds;
    int64_t *slot_at; /* by reviewer: its entries */
    Slot *slot;
    int32_t *load;
    Label *label;
    Step *heap;
    int64_t heaped, heap_size;
    int64_t *change; /* of an entry's welfare by a chain */
    int32_t *met;    /* stamps */
    int32_t stamp, walk;
    int credit; /* whether who gives a reviewer up first is credited its price */
} State;

/* ---- a heap of steps, four children a node; outdated ones are left in ---- */

static inline int before(Step x, Step y) { return x.d != y.d ? x.d < y.d : x.j < y.j; }

static int push(State *s, int64_t d, int32_t j) {
    if (s->heaped == s->heap_size) {
        int64_t size = s->heap_size ? 2 * s->heap_size : 1024;
        Step *grown = realloc(s->heap, (size_t)size * sizeof(Step));
        if (!grown) return 0;
        s->heap = grown;
        s->heap_size = size;
    }
    Step x = {d, j};
    int64_t i = s->heaped++;
    for (; i && before(x, s->heap[(i - 1) / 4]); i = (i - 1) / 4) s->heap[i] = s->heap[(i - 1) / 4];
    s->heap[i] = x;
    return 1;
}

static int pop(State *s, Step *out) {
    if (!s->heaped) return 0;
    Step *h = s->heap;
    *out = h[0];
    Step x = h[--s->heaped];
    int64_t i = 0;
    for (;;) {
        int64_t best = 4 * i + 1, end = 4 * i + 5 < s->heaped ? 4 * i + 5 : s->heaped;
        if (best >= end) break;
        for (int64_t z = best + 1; z < end; z++)
            if (before(h[z], h[best])) best = z;
        if (!before(h[best], x)) break;
        h[i] = h[best];
        i = best;
    }
    if (s->heaped) h[i] = x;
    return 1;
}

/* ---- who holds whom ---- */

static void take(State *s, int32_t e, int64_t pair) {
    int32_t j = s->f->reviewer[pair];
    s->held[s->hold_at[e] + s->holds[e]++] = pair;
    s->slot[s->slot_at[j] + s->load[j]++] = (Slot){pair, e};
    s->f->taken[pair] = 1;
}

static void give_up(State *s, int32_t e, int64_t pair) {
    int32_t j = s->f->reviewer[pair];
    int64_t *held = s->held + s->hold_at[e];
    Slot *slot = s->slot + s->slot_at[j];
    int32_t z = 0;
    while (held[z] != pair) z++;
    held[z] = held[--s->holds[e]];
    for (z = 0; slot[z].pair != pair;) z++;
    slot[z] = slot[--s->load[j]];
    s->f->taken[pair] = 0;
}

static inline int64_t worth(const Fair *f, int64_t pair) { return f->units[pair] - f->price[f->reviewer[pair]]; }

/* Below this an entry must not come. */
static inline int64_t keeps(const Fair *f, int32_t e) {
    return f->welfare[e] < f->floor[e] ? f->welfare[e] : f->floor[e];
}

/* ---- kinds: whom an entry can take, as in kinds.c ---- */

static inline int32_t counted(const State *s, int32_t g) {
    return s->count[g].stamp == s->now ? s->count[g].n : s->my_blank[g];
}

static void count_in(State *s, int32_t g) {
    for (;; g = s->f->parent[g]) {
        int32_t n = counted(s, g) + 1;
        s->count[g] = (Count){.stamp = s->now, .n = n};
        if (g == s->f->top || n <= s->my_low[g]) return;
    }
}

/* Have entry e at hand, with all that it holds but the pair `left`. */
static void at_hand(State *s, int32_t e, int64_t left) {
    const Fair *f = s->f;
    if (f->top < 0) return;
    int64_t groups = f->own ? (int64_t)e * f->top : 0;
    s->now++;
    s->my_low = f->low + groups;
    s->my_high = f->high + groups;
    s->my_blank = f->blank + groups + (f->own ? e : 0);
    s->full = f->coverage[e];
    for (int64_t z = f->fixed[e]; z < f->fixed[e + 1]; z++) count_in(s, f->fixed_group[z]);
    for (int32_t z = 0; z < s->holds[e]; z++) {
        int64_t pair = s->held[s->hold_at[e] + z];
        if (pair != left) count_in(s, f->group[f->reviewer[pair]]);
    }
}

/* Whether the kinds of the entry at hand let the reviewer of a pair in. */
static inline int fits(const State *s, int64_t pair) {
    const Fair *f = s->f;
    if (f->top < 0) return 1;
    int32_t g = f->group[f->reviewer[pair]];
    for (; g != f->top; g = f->parent[g]) {
        int32_t n = counted(s, g);
        if (n < s->my_low[g]) return 1;
        if (n >= s->my_high[g]) return 0;
    }
    return counted(s, g) < s->full;
}

/* ---- a search for the shortest chain ---- */

/* Whether the chain can end with reviewer j, and what that adds to its cost: along a chain prices cancel out, but for
   that of what is taken last and of what was given up first. The latter is left out where somebody is to be raised:
   with it, every reviewer nearer than that price would have to be looked at before a chain could end elsewhere. */
static int ends(const State *s, int32_t j, int64_t *added) {
    const Fair *f = s->f;
    int32_t loser = f->reviewer[s->label[j].first];
    if (!s->credit) *added = -f->price[j];
    else *added = loser == j ? 0 : f->price[loser] - f->price[j];
    return loser == j || (s->load[j] < f->most[j] && s->load[loser] > f->least[loser]);
}

/* Entry e could give up the pair `left` and take the pair `took`, at a cost of d in all. 0 if out of memory. */
static inline int reach(State *s, int64_t d, int32_t e, int64_t took, int64_t left, int64_t first) {
    int32_t j = s->f->reviewer[took];
    Label *label = &s->label[j];
    if (label->done == s->stamp || (label->seen == s->stamp && label->d <= d)) return 1;
    int32_t done = label->done;
    *label = (Label){.d = d, .took = took, .left = left, .first = first, .by = e, .seen = s->stamp, .done = done};
    int64_t added;
    return push(s, d, j) && (!ends(s, j, &added) || push(s, d + added, ~j));
}

/* Whether every entry on the chain that ends with j stays where it must, the first at `want`. */
static int allowed(State *s, int32_t j, int32_t i, int64_t want) {
    const Fair *f = s->f;
    int32_t walk = ++s->walk;
    for (;; j = f->reviewer[s->label[j].left]) {
        const Label *label = &s->label[j];
        int32_t e = label->by;
        if (s->met[e] != walk) s->change[e] = 0;
        else if (f->top >= 0) return 0; /* two exchanges at once may break a kind that each of them keeps */
        s->met[e] = walk;
        s->change[e] += f->units[label->took] - f->units[label->left];
        if (f->welfare[e] + s->change[e] < (e == i ? want : keeps(f, e))) return 0;
        if (e == i) return 1;
    }
}

static void exchange(State *s, int32_t j, int32_t i) {
    Fair *f = s->f;
    for (;;) {
        Label label = s->label[j];
        give_up(s, label.by, label.left);
        take(s, label.by, label.took);
        f->welfare[label.by] += f->units[label.took] - f->units[label.left];
        if (label.by == i) break;
        j = f->reviewer[label.left];
    }
    f->stats->chains++;
}

/* Every first step of entry i that leaves it `want` at least. */
static int set_out(State *s, int32_t i, int64_t want) {
    Fair *f = s->f;
    for (int32_t z = 0; z < s->holds[i]; z++) {
        int64_t left = s->held[s->hold_at[i] + z], least = want - f->welfare[i] + f->units[left];
        int64_t had = s->credit ? worth(f, left) : f->units[left];
        at_hand(s, i, left);
        for (int64_t q = f->start[i]; q < f->start[i + 1]; q++)
            if (f->units[q] >= least && !f->taken[q] && fits(s, q) && !reach(s, had - worth(f, q), i, q, left, left))
                return 0;
    }
    f->stats->looked += s->holds[i] * (f->start[i + 1] - f->start[i]);
    return 1;
}

/* Every step of those who hold reviewer j, but of entry i. */
static int go_on(State *s, int32_t j, int32_t i) {
    Fair *f = s->f;
    Label at = s->label[j];
    for (int32_t z = 0; z < s->load[j]; z++) {
        Slot slot = s->slot[s->slot_at[j] + z];
        int32_t e = slot.entry;
        if (e == i) continue;
        int64_t least = keeps(f, e) - f->welfare[e] + f->units[slot.pair], had = worth(f, slot.pair);
        at_hand(s, e, slot.pair);
        for (int64_t q = f->start[e]; q < f->start[e + 1]; q++) {
            if (f->units[q] < least || f->taken[q] || !fits(s, q)) continue;
            int64_t lost = had - worth(f, q);
            if (!reach(s, at.d + (lost > 0 ? lost : 0), e, q, slot.pair, at.first)) return 0;
        }
        f->stats->looked += f->start[e + 1] - f->start[e];
    }
    return 1;
}

/* Reviewers who are nearer than the chain is long become dearer, as in shortest augmenting paths: later searches then
   look elsewhere first. */
static void reprice(State *s, int64_t length) {
    for (int32_t j = 0; j < s->f->m; j++)
        if (s->label[j].done == s->stamp && s->label[j].d < length) s->f->price[j] += length - s->label[j].d;
}

/* Make the shortest chain that leaves entry i `want` at least and costs less than `limit`, and say if one was found. */
static int search(State *s, int32_t i, int64_t want, int64_t limit, int *found) {
    s->stamp++;
    s->heaped = 0;
    s->f->stats->searches++;
    *found = 0;
    if (!set_out(s, i, want)) return NO_MEMORY;
    Step at;
    while (pop(s, &at) && s->f->stats->looked < s->f->work) {
        if (at.j < 0) {
            int64_t added;
            if (at.d >= limit || !ends(s, ~at.j, &added)) continue;
            if (!allowed(s, ~at.j, i, want)) { s->f->stats->refused++; continue; }
            reprice(s, at.d);
            exchange(s, ~at.j, i);
            *found = 1;
            return SOLVED;
        }
        Label *label = &s->label[at.j];
        if (label->done == s->stamp || at.d > label->d) continue;
        label->done = s->stamp;
        if (at.d < limit && !go_on(s, at.j, i)) return NO_MEMORY;
    }
    return SOLVED;
}

/* ---- what is done with it ---- */

/* Raise entry i to its floor: at one go if possible, or by smaller and smaller steps. */
static int raise(State *s, int32_t i, int *done) {
    Fair *f = s->f;
    for (*done = 1; f->welfare[i] < f->floor[i] && *done;) {
        *done = 0;
        for (int64_t gap = f->floor[i] - f->welfare[i]; gap && !*done; gap = gap > 64 ? gap / 8 : gap > 1 ? 1 : 0)
            if (search(s, i, f->welfare[i] + gap, INT64_MAX, done) != SOLVED) return NO_MEMORY;
    }
    return SOLVED;
}

typedef struct {
    int64_t gap;
    int32_t i;
} Want;

static int by_want(const void *x, const void *y) {
    const Want *a = x, *b = y;
    return a->gap != b->gap ? (a->gap > b->gap ? -1 : 1) : a->i < b->i ? -1 : a->i > b->i;
}

/* All entries to their floors, those furthest below first; up to the first that cannot be. */
static int raise_all(State *s, int64_t *below) {
    Fair *f = s->f;
    Want *want = malloc(((size_t)f->n + 1) * sizeof(Want));
    if (!want) return NO_MEMORY;
    int32_t wanting = 0, z = 0;
    for (int32_t i = 0; i < f->n; i++)
        if (f->welfare[i] < f->floor[i]) want[wanting++] = (Want){f->floor[i] - f->welfare[i], i};
    qsort(want, (size_t)wanting, sizeof(Want), by_want);
    int done = 1, result = SOLVED;
    for (; z < wanting && done && result == SOLVED; z++) {
        result = raise(s, want[z].i, &done);
        if (f->tell && !(z & 63) && f->tell(0, (double)z / wanting)) result = STOPPED;
    }
    *below = done ? 0 : 1;
    free(want);
    return result;
}

/* Whether entry i would gain, at the prices, by giving up one of its reviewers for another. */
static int tempted(State *s, int32_t i) {
    const Fair *f = s->f;
    int64_t lowest = INT64_MAX;
    for (int32_t z = 0; f->top >= 0 && z < s->holds[i]; z++) {
        int64_t left = s->held[s->hold_at[i] + z], has = worth(f, left);
        at_hand(s, i, left);
        for (int64_t q = f->start[i]; q < f->start[i + 1]; q++)
            if (worth(f, q) > has && !f->taken[q] && fits(s, q)) return 1;
    }
    if (f->top >= 0) return 0;
    for (int32_t z = 0; z < s->holds[i]; z++) {
        int64_t has = worth(f, s->held[s->hold_at[i] + z]);
        if (has < lowest) lowest = has;
    }
    for (int64_t q = f->start[i]; q < f->start[i + 1]; q++)
        if (worth(f, q) > lowest && !f->taken[q]) return 1;
    return 0;
}

/* Chains that gain in total, until there are none. */
static int gain_all(State *s) {
    Fair *f = s->f;
    for (int again = 1; again && f->stats->looked < f->work;) {
        again = 0;
        for (int32_t i = 0; i < f->n; i++) {
            if (f->tell && !(i & 1023) && f->tell(1, (double)i / f->n)) return STOPPED;
            for (int found = 1; found && tempted(s, i);) {
                if (search(s, i, keeps(f, i), 0, &found) != SOLVED) return NO_MEMORY;
                again |= found;
            }
        }
    }
    return SOLVED;
}

static int set_up(State *s) {
    const Fair *f = s->f;
    size_t n = (size_t)f->n + 1, m = (size_t)f->m + 1;
    int64_t slots = 0, holds = 0;
    s->hold_at = malloc(n * 8);
    s->slot_at = malloc(m * 8);
    s->holds = calloc(n, 4);
    s->load = calloc(m, 4);
    s->label = calloc(m, sizeof(Label));
    s->change = malloc(n * 8);
    s->met = calloc(n, 4);
    s->count = calloc((size_t)(f->top > 0 ? f->top : 0) + 1, sizeof(Count));
    if (!s->hold_at || !s->slot_at || !s->holds || !s->load || !s->label || !s->change || !s->met || !s->count)
        return NO_MEMORY;
    for (int64_t q = 0; q < f->start[f->n]; q++) s->load[f->reviewer[q]]++;
    for (int32_t j = 0; j < f->m; j++) {
        s->slot_at[j] = slots;
        slots += s->load[j] < f->most[j] ? s->load[j] : f->most[j];
        slots++; /* an entry takes before the next one gives up */
        s->load[j] = 0;
    }
    for (int32_t i = 0; i < f->n; i++) {
        s->hold_at[i] = holds;
        holds += f->need[i] + 1;
    }
    s->held = malloc((size_t)(holds + 1) * 8);
    s->slot = malloc((size_t)(slots + 1) * sizeof(Slot));
    if (!s->held || !s->slot) return NO_MEMORY;
    for (int32_t i = 0; i < f->n; i++)
        for (int64_t q = f->start[i]; q < f->start[i + 1]; q++)
            if (f->taken[q]) take(s, i, q);
    return SOLVED;
}

static void tear_down(State *s) {
    free(s->hold_at); free(s->held); free(s->holds); free(s->slot_at); free(s->slot); free(s->load);
    free(s->label); free(s->heap); free(s->change); free(s->met);
    free(s->count);
}

/* Raise the entries below `floor` (`gain` 0), or gain in total under it (1); look at no more than about `work` pairs.
   `taken` and `welfare` hold an assignment within the limits and become another. `below` receives 1 if an entry stayed
   below its floor. Kinds are as for simsa_kinds; `groups` -1: none. Returns 0, or 1 without memory, 2 if `tell` asked
   to stop. */
int simsa_fair(int64_t n, int64_t m, const int64_t *start, const int32_t *reviewer, const int64_t *units,
               const int32_t *need, const int32_t *least, const int32_t *most, int64_t *price,
               const int64_t *floor, int64_t gain, int64_t work, int32_t *taken, int64_t *welfare, int64_t *below,
               Stats *stats, int64_t groups, const int32_t *group, const int32_t *parent, const int32_t *low,
               const int32_t *high, const int32_t *blank, int64_t own, const int64_t *fixed, const int32_t *fixed_group,
               const int32_t *coverage, int (*tell)(int, double)) {
    Fair f = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .reviewer = reviewer, .units = units, .need = need,
              .least = least, .most = most, .price = price, .floor = floor, .work = work, .taken = taken,
              .welfare = welfare, .stats = stats, .tell = tell, .top = (int32_t)groups, .group = group,
              .parent = parent, .low = low, .high = high, .blank = blank, .own = (int)own, .fixed = fixed,
              .fixed_group = fixed_group, .coverage = coverage};
    State s = {.f = &f, .credit = (int)gain};
    int result = set_up(&s);
    *below = 0;
    if (result == SOLVED) result = gain ? gain_all(&s) : raise_all(&s, below);
    tear_down(&s);
    return result;
}

/* Of each entry, the sum of its best `need` candidates and the units of the least of them (0 if there are none). */
int simsa_best_of(int64_t n, const int64_t *start, const int64_t *units, const int32_t *need, int64_t *sum,
                  int64_t *last, int (*tell)(int, double)) {
    (void)tell;
    int32_t most = 0;
    for (int64_t i = 0; i < n; i++) most = need[i] > most ? need[i] : most;
    int64_t *best = malloc(((size_t)most + 1) * 8);
    if (!best) return NO_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        int32_t got = 0;
        sum[i] = last[i] = 0;
        for (int64_t q = start[i]; q < start[i + 1]; q++) {
            if (got == need[i] && (!got || units[q] <= best[got - 1])) continue;
            int32_t z = got < need[i] ? got++ : got - 1;
            for (; z && best[z - 1] < units[q]; z--) best[z] = best[z - 1];
            best[z] = units[q];
        }
        for (int32_t z = 0; z < got; z++) sum[i] += last[i] = best[z];
    }
    free(best);
    return SOLVED;
}
