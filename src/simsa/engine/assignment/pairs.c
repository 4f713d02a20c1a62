/* What is to be known of every pair: read once, where arrays would be made and thrown away for each question. */

#include <math.h>
#include <stdint.h>
#include <stddef.h>

/* Whether pairs are in order (by entry, then reviewer, each once), all of entries from 0 to n - 1 and reviewers from
   0 to m - 1, with finite affinities (`affinity` NULL: whole numbers, which are): `sound` receives 1 or 0. */
int simsa_pairs_sound(int64_t pairs, int64_t n, int64_t m, const int64_t *entry, const int64_t *reviewer,
                      const double *affinity, int64_t *sound, int (*tell)(int, double)) {
    (void)tell;
    int64_t last_entry = -1, last_reviewer = -1, wrong = 0;
    for (int64_t q = 0; q < pairs; q++) {
        int64_t e = entry[q], j = reviewer[q];
        wrong |= (j < 0) | (j >= m) | (e < last_entry) | ((e == last_entry) & (j <= last_reviewer));
        last_entry = e;
        last_reviewer = j;
    }
    if (pairs) wrong |= entry[0] < 0 || last_entry >= n; /* they rise, or something was wrong already */
    for (int64_t q = 0; affinity && q < pairs; q++) wrong |= !isfinite(affinity[q]);
    *sound = !wrong;
    return 0;
}

/* What the pairs are worth beyond the prices of their two sides, where that is more than nothing or the pair is pinned,
   as 2^32 times the first of `gain` and the second: the sum itself may not fit. At most 2^31 pairs. */
int simsa_pairs_gain(int64_t pairs, const int64_t *entry, const int64_t *reviewer, const int64_t *units,
                     const uint8_t *pinned, const int64_t *entry_price, const int64_t *price, int64_t *gain,
                     int (*tell)(int, double)) {
    (void)tell;
    int64_t high = 0, low = 0;
    for (int64_t q = 0; q < pairs; q++) {
        int64_t more = units[q] - entry_price[entry[q]] - price[reviewer[q]];
        more = more > 0 || pinned[q] ? more : 0;
        low += more & 0xFFFFFFFF;
        high += (more - (more & 0xFFFFFFFF)) / 4294967296;
    }
    gain[0] = high;
    gain[1] = low;
    return 0;
}
