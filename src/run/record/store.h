// SPDX-License-Identifier: Apache-2.0
// The files of a record, for the one who writes them. A moment's weights are there before its line
// is, and its line goes before its weights do; neither is ever half written under its name.
#ifndef RUN_RECORD_STORE_H
#define RUN_RECORD_STORE_H

#include "run/record/lines.h"
#include "run/record/retention.h"
#include "run/rundir/files.h"

typedef struct trm_store_moment {
    int64_t number, update;
    int32_t level;
} trm_store_moment;

typedef struct trm_store {
    char episodes[RUN_PATH], weights[RUN_PATH]; // the file and the folder
    trm_store_moment *moments;                  // [capacity] in order
    int32_t count, capacity;
    int32_t lasting; // so many of the first are on disk whatever happens
    int fd;          // of the file, to append; -1: not open
    bool foldered;   // the folder is there
    bool renamed;    // the file or the folder has got its name since the last sync
} trm_store;

// weights/UPDATE.safetensors below the folder.
bool trm_store_weights_path(char out[RUN_PATH], const char *folder, int64_t update, trm_error *e);

// Touches no file.
bool trm_store_init(trm_store *s, const char *run, int32_t capacity, trm_error *e);
void trm_store_done(trm_store *s);

// Adds a moment, later than all others: its line, newline included, and its weights, which are
// written unless another moment of the same update has them.
bool trm_store_add(trm_store *s, const trm_store_moment *m, const char *line, size_t line_size,
                   const void *weights, size_t weights_size, trm_error *e);

// Drops what the rule does not keep.
bool trm_store_thin(trm_store *s, const trm_retention_rule *rule, trm_error *e);

// Makes all that is there durable, so that a checkpoint never names moments that a loss of power
// took. Until then new moments may go with the power, never those that lasted before.
bool trm_store_sync(trm_store *s, trm_error *e);

// Takes over what an earlier writer left: keeps the moments of episodes or epochs before `until`
// that are whole and that the retention keeps, who was offered all before it, and removes all else.
// *lacking: moments that the retention keeps and that are not there.
bool trm_store_rewind(trm_store *s, trm_retention *k, const trm_lines_kind *kind, int64_t until,
                      int64_t *lacking, trm_error *e);

#endif
