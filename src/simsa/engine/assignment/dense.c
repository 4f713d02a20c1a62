/* Sweeps over a matrix of affinities, block by block: the best of every row, and what prices in.

   A block holds `rows` whole rows of `m` float affinities. NaN is no candidate, and no comparison with it holds. Of most
   rows nearly everything is below a threshold, so values are looked at many at a time and passed over together. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SOLVED = 0, NO_MEMORY = 1 };

#define LANES 32

/* On a machine that has wider vectors the same loops use them. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef WIDE
#define WIDE
#endif

typedef struct {
    float v;
    int32_t j;
} Value;

/* The first place from j on (a multiple of LANES further) where one of LANES values may be above, or where fewer are
   left. */
WIDE static int64_t skip(const float *row, int64_t j, int64_t m, float threshold) {
    for (; j + LANES <= m; j += LANES) {
        int32_t above[LANES], any = 0;
        for (int z = 0; z < LANES; z++) above[z] = -(row[j + z] > threshold);
        for (int z = 0; z < LANES; z++) any |= above[z];
        if (any) break;
    }
    return j;
}

WIDE static int64_t skip_priced(const float *row, const float *price, int64_t j, int64_t m, float threshold) {
    for (; j + LANES <= m; j += LANES) {
        int32_t above[LANES], any = 0;
        for (int z = 0; z < LANES; z++) above[z] = -(row[j + z] - price[j + z] > threshold);
        for (int z = 0; z < LANES; z++) any |= above[z];
        if (any) break;
    }
    return j;
}

static int listed(const int32_t *item, int64_t n, int32_t j) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (item[middle] < j) low = middle + 1; else high = middle;
    }
    return low < n && item[low] == j;
}

static int better(const Value *x, const Value *y) { return x->v != y->v ? x->v > y->v : x->j < y->j; }

/* Move the best `want` of `n` to the front and the least of them to the place before `want`. */
static void select_best(Value *a, int64_t n, int64_t want) {
    int64_t low = 0, high = n;
    while (high - low > 1) {
        Value pivot = a[low + (high - low) / 2];
        int64_t i = low - 1, k = high;
        for (;;) {
            do i++; while (better(&a[i], &pivot));
            do k--; while (better(&pivot, &a[k]));
            if (i >= k) break;
            Value t = a[i]; a[i] = a[k]; a[k] = t;
        }
        k += k + 1 < high; /* neither part is empty */
        if (want <= k) high = k; else low = k;
        if (low >= want) break;
    }
    int64_t least = 0;
    for (int64_t i = 1; i < want; i++)
        if (better(&a[least], &a[i])) least = i;
    Value t = a[least]; a[least] = a[want - 1]; a[want - 1] = t;
}

/* The best `keep` candidates of each row that are not forbidden, in any order, and the most that any other can be.

   `start` and `forbidden` list each row's forbidden columns, rising. `column` and `count` receive the candidates (keep a
   row) and how many there are, `rest` the affinity that nothing else is above (-inf: there is nothing else). */
int simsa_best(const float *block, int64_t rows, int64_t m, const int64_t *start, const int32_t *forbidden,
               int64_t keep, int32_t *column, int32_t *count, float *rest, int (*tell)(int, double)) {
    (void)tell;
    int64_t room = 4 * keep + LANES;
    Value *found = malloc((size_t)room * sizeof(Value));
    if (!found) return NO_MEMORY;
    for (int64_t i = 0; i < rows; i++) {
        const float *row = block + i * m;
        const int32_t *never = forbidden + start[i];
        int64_t n = 0, n_never = start[i + 1] - start[i];
        float threshold = -INFINITY;
        int full = 0;
        int64_t checked = 0; /* what is before it may be above the threshold */
        for (int64_t j = 0; j < m; j++) {
            if (full && j >= checked) {
                j = skip(row, j, m, threshold);
                checked = j + LANES;
                if (j == m) break;
            }
            if (!(row[j] > threshold) || listed(never, n_never, (int32_t)j)) continue;
            found[n++] = (Value){row[j], (int32_t)j};
            if (n == room) {
                select_best(found, n, keep);
                n = keep;
                threshold = found[keep - 1].v;
                full = 1;
            }
        }
        if (n > keep) {
            select_best(found, n, keep);
            n = keep;
            threshold = found[keep - 1].v;
            full = 1;
        }
        count[i] = (int32_t)n;
        rest[i] = full ? threshold : -INFINITY;
        for (int64_t z = 0; z < n; z++) column[i * keep + z] = found[z].j;
    }
    free(found);
    return SOLVED;
}

/* What is worth more than its entry's price: of each row the best `most` candidates that are neither kept nor forbidden.

   A candidate's units are its affinity times `scale`, rounded to the nearest whole number, ties to even. `column` and
   `gain` receive the candidates (most a row) and what their units are above both prices, `count` how many are written,
   and `total` how many there are in the block. `rough` is the reviewers' prices in affinity, each no more than it is, and
   `slack` more than rounding to floats and to units can make of them. */
int simsa_price(const float *block, int64_t rows, int64_t m, double scale, const int64_t *entry_price,
                const int64_t *reviewer_price, const float *rough, const int64_t *start, const int32_t *forbidden,
                const int64_t *kept_start, const int32_t *kept, int64_t most, double slack, int32_t *column, int64_t *gain,
                int32_t *count, int64_t *total, int (*tell)(int, double)) {
    (void)tell;
    *total = 0;
    for (int64_t i = 0; i < rows; i++) {
        const float *row = block + i * m;
        double level = (double)entry_price[i] / scale;
        float threshold = (float)(level - slack - 1e-6 * fabs(level));
        int32_t n = 0, *to = column + i * most;
        int64_t *value = gain + i * most;
        int64_t checked = 0;
        for (int64_t j = 0; j < m; j++) {
            if (j >= checked) {
                j = skip_priced(row, rough, j, m, threshold);
                checked = j + LANES;
                if (j == m) break;
            }
            if (!(row[j] - rough[j] > threshold)) continue;
            int64_t above = (int64_t)nearbyint((double)row[j] * scale) - entry_price[i] - reviewer_price[j];
            if (above <= 0) continue;
            if (listed(kept + kept_start[i], kept_start[i + 1] - kept_start[i], (int32_t)j)) continue;
            if (listed(forbidden + start[i], start[i + 1] - start[i], (int32_t)j)) continue;
            ++*total;
            if (n == most && above <= value[n - 1]) continue;
            int32_t z = n < most ? n++ : n - 1;
            for (; z && value[z - 1] < above; z--) { value[z] = value[z - 1]; to[z] = to[z - 1]; }
            value[z] = above;
            to[z] = (int32_t)j;
        }
        count[i] = n;
    }
    return SOLVED;
}
