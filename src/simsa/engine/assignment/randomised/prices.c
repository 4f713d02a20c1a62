/* Prices for randomised assignment: the dual of a separable concave transport problem, one side at a time.

   Pair e is worth c x - curvature x^2 at probability x, 0 <= x <= cap. At price t below its affinity it wants
   x = clip(t * slope, 0, cap), where slope = 1 / (2 curvature). Given the reviewers' prices, each entry's problem is a
   continuous knapsack with nested limits and is solved exactly (Hochbaum and Hong 1995); given what the entries' nodes
   pay, each reviewer's is one root of a falling piecewise linear function. To do these in turn is coordinate descent on
   the convex dual in two blocks. Roots are found by Newton's method, kept inside a bracket. */

#include "trees.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 300
#define CLOSE 1e-13 /* how near a demand must come to its target, relative to the target */

typedef struct {
    const int64_t *end, *first;
    const double *slope, *least, *most;
    const double *below; /* affinity less reviewer's price, by pair; shifted so that pair e is below[e - from] */
    int64_t from;
    double cap;
} Entry;

typedef struct {
    double sum, slope;
} Demand;

/* What pairs want in all at price `at`, and by how much that falls as the price rises. */
static Demand wanted(const double *below, const double *slope, int64_t n, double cap, double at) {
    double sum[4] = {0}, fall[4] = {0};
    int64_t e = 0;
    for (; e + 4 <= n; e += 4)
        for (int k = 0; k < 4; k++) {
            double x = (below[e + k] - at) * slope[e + k];
            fall[k] += (x > 0) & (x < cap) ? slope[e + k] : 0;
            x = x > 0 ? x : 0;
            sum[k] += x < cap ? x : cap;
        }
    for (; e < n; e++) {
        double x = (below[e] - at) * slope[e];
        fall[0] += (x > 0) & (x < cap) ? slope[e] : 0;
        x = x > 0 ? x : 0;
        sum[0] += x < cap ? x : cap;
    }
    return (Demand){(sum[0] + sum[1]) + (sum[2] + sum[3]), (fall[0] + fall[1]) + (fall[2] + fall[3])};
}

/* The same for a node of an entry: its own pairs, and its kinds within their limits. */
static Demand wanted_below(const Entry *t, int64_t v, double at) {
    int64_t e = t->first[v];
    Demand all = wanted(t->below + (e - t->from), t->slope + e, t->first[v + 1] - e, t->cap, at);
    for (int64_t kind = v + 1; kind < t->end[v]; kind = t->end[kind]) {
        Demand part = wanted_below(t, kind, at);
        if (part.sum >= t->most[kind]) part = (Demand){t->most[kind], 0};
        else if (part.sum <= t->least[kind]) part = (Demand){t->least[kind], 0};
        all.sum += part.sum;
        all.slope += part.slope;
    }
    return all;
}

/* A price at which none (or all) of the pairs e to `to` want anything (everything). */
static double extreme(const double *below, const double *slope, int64_t n, double cap, int none) {
    double found = none ? -INFINITY : INFINITY;
    for (int64_t e = 0; e < n; e++) {
        double at = none ? below[e] : below[e] - cap / slope[e];
        if (none ? at > found : at < found) found = at;
    }
    return none ? found + fabs(found) * 1e-12 : found - fabs(found) * 1e-12;
}

typedef Demand (*Wants)(const void *who, int64_t v, double at);
typedef double (*Extreme)(const void *who, int64_t v, int none);

/* The price at which demand is `target`, from a first guess; without an exact one, the nearest. */
static double price_for(Wants wants, Extreme outermost, const void *who, int64_t v, double target, double at) {
    double low = -INFINITY, high = INFINITY, tolerance = CLOSE * (target > 1 ? target : 1);
    for (int step = 0; step < STEPS; step++) {
        Demand now = wants(who, v, at);
        double over = now.sum - target;
        if (fabs(over) <= tolerance) break;
        if (over > 0) low = at; else high = at;
        double next = now.slope > 0 ? at + over / now.slope : over > 0 ? INFINITY : -INFINITY;
        if (!(next > low && next < high) || (step > 30 && step % 3 == 0)) {
            if (low > -INFINITY && high < INFINITY) next = low + (high - low) / 2;
            else next = outermost(who, v, over > 0);
            if (next == low || next == high) break; /* neighbours, or nothing further out */
        }
        at = next;
    }
    return at;
}

static Demand entry_wants(const void *who, int64_t v, double at) { return wanted_below(who, v, at); }

static double entry_extreme(const void *who, int64_t v, int none) {
    const Entry *t = who;
    int64_t e = t->first[v];
    return extreme(t->below + (e - t->from), t->slope + e, t->first[t->end[v]] - e, t->cap, none);
}

/* From the root down: a kind within its limits pays what its parent pays, another what brings it to the limit. */
static void settle(const Entry *t, int64_t v, double paid, double *price, double *x) {
    Demand now = wanted_below(t, v, paid);
    double slack = CLOSE * (now.sum > 1 ? now.sum : 1);
    int over = now.sum > t->most[v] + slack;
    if (over || now.sum < t->least[v] - slack) {
        double guess = (over ? price[v] > paid : price[v] < paid) ? price[v] : paid;
        paid = price_for(entry_wants, entry_extreme, t, v, over ? t->most[v] : t->least[v], guess);
    }
    price[v] = paid;
    for (int64_t e = t->first[v]; e < t->first[v + 1]; e++) {
        double y = (t->below[e - t->from] - paid) * t->slope[e];
        y = y > 0 ? y : 0;
        x[e] = y < t->cap ? y : t->cap;
    }
    for (int64_t kind = v + 1; kind < t->end[v]; kind = t->end[kind]) settle(t, kind, paid, price, x);
}

/* Solve every entry exactly at the reviewers' prices `paid`. `price` (by node) is a guess and becomes what pairs of the
   node pay to the entry's side; `x` becomes the probabilities. */
int simsa_perturbed_entries(int64_t n, const int64_t *root, const int64_t *end, const int64_t *first,
                            const int32_t *reviewer, const double *affinity, const double *slope, double cap,
                            const double *least, const double *most, const double *paid, double *price, double *x,
                            Tell tell) {
    (void)tell;
    int64_t longest = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t length = first[root[i + 1]] - first[root[i]];
        if (length > longest) longest = length;
    }
    double *below = malloc(((size_t)longest + 1) * sizeof(double));
    if (!below) return NO_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        int64_t from = first[root[i]], to = first[root[i + 1]];
        for (int64_t e = from; e < to; e++) below[e - from] = affinity[e] - paid[reviewer[e]];
        Entry entry = {end, first, slope, least, most, below, from, cap};
        if (from < to) settle(&entry, root[i], price[root[i]], price, x);
    }
    free(below);
    return DONE;
}

typedef struct {
    const double *below, *slope;
    int64_t n;
    double cap;
} Column;

static Demand column_wants(const void *who, int64_t v, double at) {
    const Column *t = who;
    (void)v;
    return wanted(t->below, t->slope, t->n, t->cap, at);
}

static double column_extreme(const void *who, int64_t v, int none) {
    const Column *t = who;
    (void)v;
    return extreme(t->below, t->slope, t->n, t->cap, none);
}

/* Solve every reviewer exactly at what the entries' nodes pay. The pairs of reviewer j are at[j] to at[j + 1] of the
   columns' arrays, and `node` is where each stands. `price` is a guess and becomes the reviewers' prices: nothing where
   the load is within its limits, positive where it is held at `most`, negative where it is held at `least`. */
int simsa_perturbed_reviewers(int64_t m, const int64_t *at, const int32_t *node, const double *affinity,
                              const double *slope, double cap, const double *least, const double *most,
                              const double *paid, double *price, Tell tell) {
    (void)tell;
    int64_t longest = 0;
    for (int64_t j = 0; j < m; j++)
        if (at[j + 1] - at[j] > longest) longest = at[j + 1] - at[j];
    double *below = malloc(((size_t)longest + 1) * sizeof(double));
    if (!below) return NO_MEMORY;
    for (int64_t j = 0; j < m; j++) {
        int64_t from = at[j], n = at[j + 1] - from;
        for (int64_t e = 0; e < n; e++) below[e] = affinity[from + e] - paid[node[from + e]];
        Column column = {below, slope + from, n, cap};
        double load = wanted(below, slope + from, n, cap, 0).sum;
        if (load > most[j])
            price[j] = price_for(column_wants, column_extreme, &column, 0, most[j], price[j] > 0 ? price[j] : 0);
        else if (load < least[j])
            price[j] = price_for(column_wants, column_extreme, &column, 0, least[j], price[j] < 0 ? price[j] : 0);
        else
            price[j] = 0;
    }
    free(below);
    return DONE;
}

/* A sum with its rounding errors carried along (Neumaier 1974), and the sum of the sizes of its terms. */
typedef struct {
    double sum, lost, size;
} Total;

static inline void add(Total *t, double term) {
    double sum = t->sum + term;
    t->lost += fabs(t->sum) >= fabs(term) ? (t->sum - sum) + term : (term - sum) + t->sum;
    t->sum = sum;
    t->size += fabs(term);
}

/* The dual value at any prices, out[0]: no probabilities within the limits are worth more. out[1] is the sum of the
   sizes of all that went into it, from which the caller bounds the rounding errors. `curvature` may be 0. */
int simsa_perturbed_bound(int64_t n, const int64_t *root, const int64_t *end, const int64_t *first,
                          const int32_t *reviewer, const double *affinity, const double *curvature, double cap,
                          const double *least, const double *most, const double *price, int64_t m,
                          const double *least_load, const double *most_load, const double *paid, double *out,
                          Tell tell) {
    (void)tell;
    Total total = {0};
    for (int64_t i = 0; i < n; i++) {
        add(&total, most[root[i]] * price[root[i]]);
        for (int64_t v = root[i]; v < root[i + 1]; v++)
            for (int64_t kind = v + 1; kind < end[v]; kind = end[kind]) {
                double own = price[kind] - price[v], limit = own > 0 ? most[kind] : least[kind];
                add(&total, limit * own);
                total.size += limit * (fabs(price[kind]) + fabs(price[v])); /* for the error of the difference */
            }
        for (int64_t v = root[i]; v < root[i + 1]; v++)
            for (int64_t e = first[v]; e < first[v + 1]; e++) {
                double c = affinity[e], p = paid[reviewer[e]], t = c - price[v] - p, bend = curvature[e];
                if (t <= 0) continue;
                double x = t < 2 * bend * cap ? t / (2 * bend) : cap;
                add(&total, (t - bend * x) * x);
                total.size += (fabs(c) + fabs(price[v]) + fabs(p)) * x;
            }
    }
    for (int64_t j = 0; j < m; j++) add(&total, (paid[j] > 0 ? most_load[j] : least_load[j]) * paid[j]);
    out[0] = total.sum + total.lost;
    out[1] = total.size;
    return DONE;
}
