/* A minimal core of those whose wants cannot all be met (a minimal Hall violator).

   Members want slots, others have room for some, and a pair carries one. Members come in one after another and
   augmenting paths find slots for them; the first for whom that fails belongs to every contradiction so far, and what
   its residual paths reach is one. If it lacks a single slot, there is no other among them: what it reaches is the least
   of all minimum cuts, and each contradiction is a minimum cut. If it lacks more, each other member is taken away in
   turn: either all the rest can be satisfied, and it is needed, too; or they cannot, and it is done without. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int32_t n, m;          /* members, others */
    const int64_t *start;  /* pairs of member i: start[i] to start[i + 1] */
    const int32_t *near;   /* by pair */
    const int32_t *far;
    const int32_t *wanted; /* by member */
    const int32_t *room;   /* by other */
    char *taken;           /* by pair */
    int32_t *lack;         /* by member */
    int64_t *at, *held;    /* pairs taken of other j: held[at[j]], load[j] of them */
    int32_t *load;
    int32_t *queue, *seen_near, *seen_far, stamp; /* stamps of the search that reached it */
    int64_t *via, *give;   /* pair over which an other was reached; pair that a member gives up */
    int64_t work;          /* pairs looked at */
} Core;

static void take(Core *c, int64_t pair) {
    int32_t j = c->far[pair];
    c->held[c->at[j] + c->load[j]++] = pair;
    c->taken[pair] = 1;
}

static void leave(Core *c, int64_t pair) {
    int32_t j = c->far[pair];
    int64_t z = c->at[j];
    while (c->held[z] != pair) z++;
    c->held[z] = c->held[c->at[j] + --c->load[j]];
    c->taken[pair] = 0;
}

/* Find member i one more slot. 0 if there is none: `seen_near` then says what its residual paths reach. */
static int augment(Core *c, int32_t i) {
    int32_t head = 0, tail = 0;
    c->stamp++;
    c->queue[tail++] = i;
    c->seen_near[i] = c->stamp;
    while (head < tail) {
        int32_t e = c->queue[head++];
        for (int64_t q = c->start[e]; q < c->start[e + 1]; q++, c->work++) {
            int32_t j = c->far[q];
            if (c->taken[q] || c->seen_far[j] == c->stamp) continue;
            c->seen_far[j] = c->stamp;
            c->via[j] = q;
            if (c->load[j] < c->room[j]) {
                for (;;) {
                    int32_t owner = c->near[c->via[j]];
                    if (owner != i) leave(c, c->give[owner]);
                    take(c, c->via[j]);
                    if (owner == i) break;
                    j = c->far[c->give[owner]];
                }
                c->lack[i]--;
                return 1;
            }
            for (int64_t z = c->at[j]; z < c->at[j] + c->load[j]; z++) {
                int32_t other = c->near[c->held[z]];
                if (c->seen_near[other] == c->stamp) continue;
                c->seen_near[other] = c->stamp;
                c->give[other] = c->held[z];
                c->queue[tail++] = other;
            }
        }
    }
    return 0;
}

static int satisfy(Core *c, int32_t i) {
    while (c->lack[i] && augment(c, i)) {}
    return !c->lack[i];
}

static void take_away(Core *c, int32_t i) {
    for (int64_t q = c->start[i]; q < c->start[i + 1]; q++)
        if (c->taken[q]) leave(c, q);
    c->lack[i] = c->wanted[i];
}

static void keep_reached(const Core *c, int8_t *member) {
    for (int32_t i = 0; i < c->n; i++) member[i] = member[i] && c->seen_near[i] == c->stamp;
}

/* 1 if the core that is left is minimal, 0 if that would take more work. */
static int shrink(Core *c, const int32_t *order, int32_t count, int8_t *member, int64_t budget) {
    int32_t k = 0, last;
    while (k < count && satisfy(c, order[k])) member[order[k++]] = 1;
    if (k == count) { /* they can all be satisfied */
        memset(member, 0, (size_t)c->n);
        return 1;
    }
    last = order[k];
    member[last] = 1;
    keep_reached(c, member);
    while (k-- && c->lack[last] > 1) {
        int32_t e = order[k];
        if (!member[e]) continue;
        if (c->work > budget) return 0;
        take_away(c, e);
        if (satisfy(c, last)) {
            satisfy(c, e); /* as far as can be: now it is the one that lacks slots */
            last = e;
        } else {
            keep_reached(c, member);
        }
    }
    return 1;
}

static int allocate(Core *c) {
    size_t n = (size_t)c->n + 1, m = (size_t)c->m + 1;
    int64_t pairs = c->start[c->n], slots = 0;
    c->taken = calloc((size_t)pairs + 1, 1);
    c->lack = malloc(n * 4);
    c->at = calloc(m + 1, 8);
    c->load = calloc(m, 4);
    c->queue = malloc(n * 4);
    c->seen_near = calloc(n, 4);
    c->seen_far = calloc(m, 4);
    c->via = malloc(m * 8);
    c->give = malloc(n * 8);
    if (!(c->taken && c->lack && c->at && c->load && c->queue && c->seen_near && c->seen_far && c->via && c->give))
        return 0;
    for (int64_t q = 0; q < pairs; q++) c->at[c->far[q]]++;
    for (int32_t j = 0; j < c->m; j++) {
        int64_t degree = c->at[j];
        c->at[j] = slots;
        slots += degree < c->room[j] ? degree : c->room[j];
    }
    c->held = malloc((size_t)(slots + 1) * 8);
    memcpy(c->lack, c->wanted, (size_t)c->n * 4);
    return c->held != NULL;
}

/* `order`: the `count` members that cannot all be satisfied, as they come in; `member` (all 0): receives 1 for those of
   the core; `minimal`: whether it is proven to be. Returns 0, or 1 without memory. */
int simsa_core(int64_t n, int64_t m, const int64_t *start, const int32_t *near, const int32_t *far,
               const int32_t *wanted, const int32_t *room, const int32_t *order, int64_t count, int64_t budget,
               int8_t *member, int8_t *minimal) {
    Core c = {.n = (int32_t)n, .m = (int32_t)m, .start = start, .near = near, .far = far, .wanted = wanted,
              .room = room};
    int ready = allocate(&c);
    if (ready) *minimal = (int8_t)shrink(&c, order, (int32_t)count, member, budget);
    free(c.taken); free(c.lack); free(c.at); free(c.held); free(c.load); free(c.queue); free(c.seen_near);
    free(c.seen_far); free(c.via); free(c.give);
    return !ready;
}
