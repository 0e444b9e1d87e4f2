// SPDX-License-Identifier: Apache-2.0
// Held-out samples in order of difficulty: sudokus with the fewest givens first, mazes with the
// longest way, of equally long ones that with the fewest walls: there is more to choose from. On
// those the steps of the model matter.
#include <stdlib.h>

#include "trm/base/arena.h"
#include "tui/train/state.h"

typedef struct rank {
    int32_t sample, ease, walls;
} rank;

static int by_ease(const void *a, const void *b) {
    const rank *x = a, *y = b;
    return x->ease != y->ease     ? (x->ease > y->ease) - (x->ease < y->ease)
           : x->walls != y->walls ? (x->walls > y->walls) - (x->walls < y->walls)
                                  : (x->sample > y->sample) - (x->sample < y->sample);
}

// Givens of a sudoku; of a maze the cells beside the way.
static int32_t ease_of(const trm_dataset *d, int32_t i) {
    const float *input = d->inputs + (int64_t)i * d->state_dim;
    const int32_t *target = d->targets + (int64_t)i * d->positions;
    int32_t n = 0;
    for (int32_t p = 0; p < d->positions; p++)
        n += trm_dataset_is_sudoku(d) ? trm_dataset_given(d, input, p) >= 0
                                      : !trm_dataset_on_path(d, target[p]);
    return n;
}

static int32_t walls_of(const trm_dataset *d, int32_t i) {
    const float *input = d->inputs + (int64_t)i * d->state_dim;
    int32_t n = 0;
    for (int32_t p = 0; p < d->positions; p++)
        n += trm_dataset_cell(d, input, p).kind == TRM_CELL_WALL;
    return n;
}

static int32_t *sort(const trm_dataset *d) {
    int32_t *order = trm_alloc((size_t)d->count, sizeof *order);
    rank *ranks = trm_alloc((size_t)d->count, sizeof *ranks);
    for (int32_t i = 0; i < d->count; i++)
        ranks[i] = (rank){i, ease_of(d, i), walls_of(d, i)};
    qsort(ranks, (size_t)d->count, sizeof *ranks, by_ease);
    for (int32_t i = 0; i < d->count; i++)
        order[i] = ranks[i].sample;
    free(ranks);
    return order;
}

void trm_train_hardest(void *self) {
    trm_train_screen *w = self;
    const trm_dataset *d = trm_course_data(w->o->course, TRM_SET_VALIDATION);
    if (w->order == NULL)
        w->order = sort(d);
    w->hardest = !w->hardest;
    trm_playback_order(&w->show, w->hardest ? w->order : NULL, d->count);
    if (!w->hardest)
        trm_app_status(w->app, "held-out samples as they were drawn");
    else if (trm_dataset_is_sudoku(d))
        trm_app_status(w->app, "the hardest first: %d givens", ease_of(d, w->order[0]));
    else
        trm_app_status(w->app, "the hardest first: a path of %d cells, %d %% walls",
                       d->positions - ease_of(d, w->order[0]),
                       100 * walls_of(d, w->order[0]) / d->positions);
    trm_train_sight(w);
}
