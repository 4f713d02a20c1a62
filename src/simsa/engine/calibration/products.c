/* Products of sparse rows (`start`, `column`, `value`; columns of a row rise) that no library makes without writing
   down, or looking twice for, what is not wanted. */

#include <stdint.h>
#include <stdlib.h>

/* result += sum over rows of weight[r] x row x row', (width, width); the lower triangle alone. */
int simsa_gram(int64_t rows, int64_t width, const int32_t *start, const int32_t *column, const double *value,
               const double *weight, double *result, int (*tell)(int, double)) {
    (void)tell;
    for (int64_t r = 0; r < rows; r++) {
        for (int32_t a = start[r]; a < start[r + 1]; a++) {
            double *line = result + column[a] * width, times = weight[r] * value[a];
            for (int32_t b = start[r]; b <= a; b++) line[column[b]] += times * value[b];
        }
    }
    return 0;
}

/* (row x matrix) at the places of the row's own values; `matrix` (width, width) is symmetric. */
int simsa_at_pairs(int64_t rows, int64_t width, const int32_t *start, const int32_t *column, const double *value,
                   const double *matrix, double *result, int (*tell)(int, double)) {
    (void)tell;
    for (int64_t r = 0; r < rows; r++) {
        for (int32_t a = start[r]; a < start[r + 1]; a++) {
            const double *line = matrix + column[a] * width;
            double sum = line[column[a]] * value[a] + result[a];
            for (int32_t b = start[r]; b < a; b++) {
                sum += line[column[b]] * value[b];
                result[b] += line[column[b]] * value[a];
            }
            result[a] = sum;
        }
    }
    return 0;
}

/* row x matrix x row', of every row; as above. */
int simsa_forms(int64_t rows, int64_t width, const int32_t *start, const int32_t *column, const double *value,
                const double *matrix, double *result, int (*tell)(int, double)) {
    (void)tell;
    for (int64_t r = 0; r < rows; r++) {
        double all = 0;
        for (int32_t a = start[r]; a < start[r + 1]; a++) {
            const double *line = matrix + column[a] * width;
            double sum = 0;
            for (int32_t b = start[r]; b < a; b++) sum += line[column[b]] * value[b];
            all += value[a] * (2 * sum + line[column[a]] * value[a]);
        }
        result[r] = all;
    }
    return 0;
}

/* Sums over the rows of each group (`first`, `member`) of factor[r] x row, as sparse rows. `to_column` and `sum` have
   room for what the groups may hold, `to_start` (groups + 1) comes in as zeros. */
int simsa_group_sums(int64_t groups, int64_t width, const int32_t *first, const int32_t *member, const int32_t *start,
                     const int32_t *column, const double *value, const double *factor, int32_t *to_start,
                     int32_t *to_column, double *sum, int (*tell)(int, double)) {
    (void)tell;
    double *total = calloc((size_t)width, sizeof(double));
    int32_t *seen = calloc((size_t)width, sizeof(int32_t)); /* the group, from 1, that saw the column last */
    int32_t end = 0;
    for (int64_t g = 0; total && seen && g < groups; g++) {
        for (int32_t k = first[g]; k < first[g + 1]; k++) {
            int32_t r = member[k];
            for (int32_t a = start[r]; a < start[r + 1]; a++) {
                int32_t j = column[a];
                if (seen[j] != g + 1) seen[j] = (int32_t)g + 1, to_column[end++] = j;
                total[j] += factor[r] * value[a];
            }
        }
        for (int32_t k = to_start[g]; k < end; k++) {
            sum[k] = total[to_column[k]];
            total[to_column[k]] = 0;
        }
        to_start[g + 1] = end;
    }
    int short_of_memory = !total || !seen;
    free(total);
    free(seen);
    return short_of_memory;
}

/* Of every value of the rows, where its column stands among the columns of its group's sums. */
int simsa_places(int64_t groups, int64_t width, const int32_t *first, const int32_t *member, const int32_t *start,
                 const int32_t *column, const int32_t *to_start, const int32_t *to_column, int32_t *result,
                 int (*tell)(int, double)) {
    (void)tell;
    int32_t *place = malloc(sizeof(int32_t) * (size_t)width);
    if (!place) return 1;
    for (int64_t g = 0; g < groups; g++) {
        for (int32_t k = to_start[g]; k < to_start[g + 1]; k++) place[to_column[k]] = k;
        for (int32_t k = first[g]; k < first[g + 1]; k++) {
            int32_t r = member[k];
            for (int32_t a = start[r]; a < start[r + 1]; a++) result[a] = place[column[a]];
        }
    }
    free(place);
    return 0;
}

/* Of every pair, count x (mean - level of its row - effect of its column)**2, summed over all. */
int simsa_squares(int64_t rows, const int32_t *start, const int32_t *column, const double *count, const double *mean,
                  const double *level, const double *effect, double *sum, int (*tell)(int, double)) {
    (void)tell;
    double all = 0;
    for (int64_t r = 0; r < rows; r++) {
        double of_row = 0;
        for (int32_t a = start[r]; a < start[r + 1]; a++) {
            double off = mean[a] - level[r] - effect[column[a]];
            of_row += count[a] * off * off;
        }
        all += of_row;
    }
    *sum = all;
    return 0;
}

/* Every row times the line of `matrix` (lines, width) that `line` names; other rows' results stay. */
int simsa_row_products(int64_t rows, int64_t width, const int32_t *start, const int32_t *column, const double *value,
                       const int64_t *line, int64_t lines, const double *matrix, double *result,
                       int (*tell)(int, double)) {
    (void)tell;
    for (int64_t r = 0; r < rows; r++) {
        if (line[r] < 0 || line[r] >= lines) continue;
        const double *with = matrix + line[r] * width;
        double sum = 0;
        for (int32_t a = start[r]; a < start[r + 1]; a++) sum += value[a] * with[column[a]];
        result[r] = sum;
    }
    return 0;
}
