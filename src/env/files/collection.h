// SPDX-License-Identifier: Apache-2.0
// Boards of files, in the order of the split: what environments start from and data sets have as
// samples.
#ifndef TRM_ENV_FILES_COLLECTION_H
#define TRM_ENV_FILES_COLLECTION_H

#include "trm/base/error.h"
#include "trm/env/env.h"

typedef struct trm_collection_kind trm_collection_kind;

typedef struct trm_collection {
    const trm_collection_kind *kind;
    const void *form; // which boards are allowed (a side, a geometry); while it is read
    void *items;      // [count]
    int32_t *numbers; // [capacity] of puzzles, 0 where a file tells none; NULL: none does
    int32_t count, capacity;
    int32_t *order; // [count]: those to train on, then those that are held out
    int32_t train;  // how many are to train on
} trm_collection;

// A kind of board.
struct trm_collection_kind {
    const char *key;    // "env.puzzles"
    const char *many;   // "puzzles"
    const char *wanted; // of a file that has none: "lines of 81 digits and dots"
    size_t item_size;
    int32_t most;

    // Adds the boards of a text; errors begin with "name:line".
    bool (*text)(trm_collection *c, const char *name, const char *text, size_t size, trm_error *e);

    // Adds the board that the paper's tokens [cells] give, with its answer.
    bool (*tokens)(trm_collection *c, const uint8_t *input, const uint8_t *label, int32_t cells,
                   trm_error *e);

    // Which side of the split it stands on where files do not say.
    bool (*held_out)(const void *item);
};

// Room for one more, which is item `count`. NULL: there are as many as are allowed.
void *trm_collection_room(trm_collection *c, trm_error *e);

static inline const void *trm_collection_at(const trm_collection *c, int32_t i) {
    return (const char *)c->items + (size_t)i * c->kind->item_size;
}

void trm_collection_set_number(trm_collection *c, int32_t i, int32_t number);
static inline int32_t trm_collection_number(const trm_collection *c, int32_t i) {
    return c->numbers ? c->numbers[i] : 0;
}

// Adds the boards of such a folder of arrays (paper_folder.c), checked against its dataset.json.
bool trm_collection_is_arrays(const char *folder);
bool trm_collection_read_arrays(trm_collection *c, const char *folder, trm_error *e);

// Reads a file, all files of a folder in order of their names, or a data folder of the paper's code
// (all__inputs.npy and all__labels.npy). Where a folder has train and test, which may be folders or
// .csv files, these are the two sides of the split; `asked` reads test alone. Errors begin with the
// kind's key.
trm_collection *trm_collection_open(const trm_collection_kind *kind, const void *form,
                                    const char *path, bool asked, trm_error *e);
void trm_collection_close(trm_collection *c); // NULL is fine

// The same without a split, into what the caller has. On failure nothing is left.
bool trm_collection_read(trm_collection *c, const char *path, trm_error *e);

// The boards of one side, or all of them (split NULL) as they stand there: fills order, where that
// is not NULL, and returns how many.
int32_t trm_collection_order(const trm_collection *c, const trm_split *split, int32_t *order);

// One of a side, or of all where that side has none.
const void *trm_collection_draw(const trm_collection *c, trm_split split, trm_rng *rng);

#endif
