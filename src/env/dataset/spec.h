// SPDX-License-Identifier: Apache-2.0
// What a data set must provide.
#ifndef TRM_ENV_DATASET_SPEC_H
#define TRM_ENV_DATASET_SPEC_H

#include "env/files/collection.h"
#include "trm/env/dataset.h"

typedef struct trm_dataset_spec {
    const char *name, *summary;
    int32_t size, size_min, size_max; // size: its own
    int32_t channels;                 // floats a position
    // The fields of trm_dataset_config that it reads beside those that all do (type, size, fresh
    // and the counts); ends with NULL. NULL: no other. The settings data.* apply where their field
    // stands here, and env.puzzles or env.mazes where "puzzles" or "mazes" does.
    const char *const *reads;
    int32_t classes;
    bool grid;
    bool split; // drawn from one side of a hash of the input
    bool odd;   // an even side leaves nothing to find; only its own is drawn all the same

    // Writes one sample [S], [P]. `size` is in range.
    void (*draw)(int32_t size, trm_rng *rng, float *input, int32_t *target);

    // Instead of draw: knows the side of the split by itself.
    void (*draw_split)(const trm_dataset_config *c, int32_t size, trm_split split, trm_rng *rng,
                       float *input, int32_t *target);

    // Optional: does every sample have a generator of its own, so that several threads draw?
    bool (*apart)(const trm_dataset_config *c);

    // Optional, both or none: samples of files instead of drawn ones, where the configuration names
    // such; copy writes one of the collection's items.
    trm_collection *(*open)(const trm_dataset_config *c, int32_t size, trm_error *e);
    void (*copy)(const void *item, float *input, int32_t *target);

    // Optional: what the range of sizes does not tell, and what else of the configuration is read.
    bool (*check)(const trm_dataset_config *c, int32_t size, trm_error *e);

    // Optional: what of the shape depends on the size in its own way.
    void (*shape)(int32_t size, trm_dataset *out);
} trm_dataset_spec;

// Writes an image of sample i as sample `at` of `to`, drawn at random from the boards that are the
// same. Sudokus: digits renamed, bands, rows in a band, stacks and columns in a stack in another
// order, and, where boxes are square, transposed or not. Mazes: turned and mirrored.
void trm_dataset_image(const trm_dataset *from, int32_t i, trm_dataset *to, int32_t at,
                       trm_rng *rng);

// One row a data set, in order of listing: ROW(id) is trm_dataset_ID, defined in its own file.
#define TRM_DATASETS(ROW)                                                                          \
    ROW(tokens)                                                                                    \
    ROW(mazes_8)                                                                                   \
    ROW(mazes_8_fixed)                                                                             \
    ROW(mazes_10)                                                                                  \
    ROW(mazes_10_fixed)                                                                            \
    ROW(sudoku)

#define TRM_DATASET_DECLARE(id) extern const trm_dataset_spec trm_dataset_##id;
TRM_DATASETS(TRM_DATASET_DECLARE)
#undef TRM_DATASET_DECLARE

#endif
