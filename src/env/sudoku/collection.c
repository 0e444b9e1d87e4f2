// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku/collection.h"

#include <stdlib.h>

#include "trm/base/arena.h"

static void divide(trm_sudoku_collection *c) {
    int32_t held_out = c->list.count;
    c->order = trm_alloc((size_t)c->list.count, sizeof *c->order);
    for (int32_t i = 0; i < c->list.count; i++)
        if (trm_puzzle_side(&c->list.items[i]) == TRM_SPLIT_TRAIN)
            c->order[c->train++] = i;
        else
            c->order[--held_out] = i;
}

trm_sudoku_collection *trm_sudoku_collection_open(const char *path, int32_t side, trm_error *e) {
    trm_puzzle_list list;
    if (!trm_puzzle_list_read(path, side, &list, e)) {
        trm_error_prefix(e, "env.puzzles");
        return NULL;
    }
    trm_sudoku_collection *c = trm_alloc(1, sizeof *c);
    c->list = list;
    divide(c);
    return c;
}

void trm_sudoku_collection_close(trm_sudoku_collection *c) {
    if (!c)
        return;
    trm_puzzle_list_free(&c->list);
    free(c->order);
    free(c);
}

const int32_t *trm_sudoku_collection_side(const trm_sudoku_collection *c, trm_split split,
                                          int32_t *count) {
    *count = split == TRM_SPLIT_TRAIN ? c->train : c->list.count - c->train;
    return c->order + (split == TRM_SPLIT_TRAIN ? 0 : c->train);
}
