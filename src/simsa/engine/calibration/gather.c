/* Sheets by entrant and reviewer, and who hangs together with whom: each sheet is read a few times, none is compared. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    int32_t with; /* whom it is not sorted by */
    double score;
} Sheet;

static void running(int64_t size, int32_t *start) {
    for (int64_t k = 0; k < size; k++) start[k + 1] += start[k];
}

/* Sheets of one pair become one; the number of pairs is left in start[entrants]. */
static void merge(int64_t entrants, const Sheet *sheet, double scale, int32_t *start, int32_t *column, double *count,
                  double *mean, double *within_by, double *widest) {
    int32_t pair = 0;
    for (int64_t e = 0, from = 0; e < entrants; e++) {
        int64_t to = start[e + 1];
        start[e] = pair;
        while (from < to) {
            int32_t j = sheet[from].with;
            double first = sheet[from].score, more = 0, square = 0;
            int64_t end = from + 1;
            for (; end < to && sheet[end].with == j; end++) more += sheet[end].score - first;
            double middle = end - from > 1 ? first + more / (double)(end - from) : first;
            for (int64_t q = from; end - from > 1 && q < end; q++) {
                double off = fabs(sheet[q].score - middle);
                square += off * scale * (off * scale);
                *widest = off > *widest ? off : *widest;
            }
            within_by[j] += square;
            column[pair] = j;
            count[pair] = (double)(end - from);
            mean[pair++] = middle;
            from = end;
        }
    }
    start[entrants] = pair;
}

/* Pairs in order of entrant, then reviewer, from sheets in any order: two stable counting sorts. `start`
   (entrants + 1) comes in as zeros; `column`, `count`, `mean` have room for every sheet, `work` for twice as many
   `Sheet`. `within_by` (reviewers), zeros, receives sums of squares within pairs, times scale**2, `widest` the largest
   distance from the mean of a pair. */
int simsa_gather(int64_t sheets, int64_t entrants, int64_t reviewers, const int64_t *entrant, const int64_t *reviewer,
                 const double *score, double scale, Sheet *work, int32_t *start, int32_t *column, double *count,
                 double *mean, double *within_by, double *widest, int (*tell)(int, double)) {
    (void)tell;
    Sheet *by_reviewer = work, *by_entrant = work + sheets;
    int32_t *place = calloc((size_t)reviewers + 1, sizeof(int32_t));
    int32_t *next = malloc(sizeof(int32_t) * (size_t)entrants);
    int short_of_memory = !place || !next;
    if (!short_of_memory) {
        for (int64_t q = 0; q < sheets; q++) {
            place[reviewer[q] + 1]++;
            start[entrant[q] + 1]++;
        }
        running(reviewers, place);
        running(entrants, start);
        for (int64_t e = 0; e < entrants; e++) next[e] = start[e];
        for (int64_t q = 0; q < sheets; q++) by_reviewer[place[reviewer[q]]++] = (Sheet){(int32_t)entrant[q], score[q]};
        for (int64_t j = 0, q = 0; j < reviewers; j++) { /* place[j] is now where those of the next begin */
            for (; q < place[j]; q++) by_entrant[next[by_reviewer[q].with]++] = (Sheet){(int32_t)j, by_reviewer[q].score};
        }
        merge(entrants, by_entrant, scale, start, column, count, mean, within_by, widest);
    }
    free(place);
    free(next);
    return short_of_memory;
}

/* Means of pairs less the level of their entrant; `sum` (entrants) receives count x what is left, `widest` the largest
   distance from nothing. */
int simsa_centre(int64_t entrants, const int32_t *start, const double *count, const double *level, double *mean,
                 double *sum, double *widest, int (*tell)(int, double)) {
    (void)tell;
    *widest = 0;
    for (int64_t e = 0; e < entrants; e++) {
        sum[e] = 0;
        for (int32_t q = start[e]; q < start[e + 1]; q++) {
            double off = mean[q] -= level[e];
            sum[e] += count[q] * off;
            *widest = fabs(off) > *widest ? fabs(off) : *widest;
        }
    }
    return 0;
}

static int32_t root_of(int32_t *parent, int32_t j) {
    while (parent[j] != j) j = parent[j] = parent[parent[j]];
    return j;
}

/* Connected components, numbered in the order of their first entrant; every entrant and every reviewer has a pair. */
int simsa_blocks(int64_t entrants, int64_t reviewers, const int32_t *start, const int32_t *column, int64_t *of_entrant,
                 int64_t *of_reviewer, int64_t *blocks, int (*tell)(int, double)) {
    (void)tell;
    int32_t *parent = malloc(sizeof(int32_t) * (size_t)reviewers);
    if (!parent) return 1;
    for (int64_t j = 0; j < reviewers; j++) parent[j] = (int32_t)j, of_reviewer[j] = -1;
    for (int64_t e = 0; e < entrants; e++) {
        for (int32_t q = start[e] + 1; q < start[e + 1]; q++)
            parent[root_of(parent, column[q])] = root_of(parent, column[start[e]]);
    }
    int64_t found = 0;
    for (int64_t e = 0; e < entrants; e++) {
        int32_t root = root_of(parent, column[start[e]]);
        if (of_reviewer[root] < 0) of_reviewer[root] = found++;
        of_entrant[e] = of_reviewer[root];
    }
    for (int64_t j = 0; j < reviewers; j++) of_reviewer[j] = of_reviewer[root_of(parent, (int32_t)j)];
    *blocks = found;
    free(parent);
    return 0;
}
