// SPDX-License-Identifier: Apache-2.0
// The runs in a folder: what each is, how far it is, and what became of it. Reading takes no lock
// and writes nothing; what cannot be read is listed as what it is.
#ifndef TRM_RUN_RUNS_H
#define TRM_RUN_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"

TRM_BEGIN_DECLS

enum { TRM_RUN_NAME = 64, TRM_RUN_TROUBLE = 160 };

typedef enum trm_run_state {
    TRM_RUN_RUNNING,  // a process trains it
    TRM_RUN_FINISHED, // as many episodes or epochs as it was to have
    TRM_RUN_STOPPED,  // left before its end
    TRM_RUN_FAILED,   // its process ended without leaving it: killed, or a machine that went down
    TRM_RUN_BROKEN,   // its configuration cannot be read
    TRM_RUN_STATES
} trm_run_state;

typedef struct trm_run_entry {
    char *path; // of its folder; owned by the list
    trm_run_state state;
    bool resumable; // stopped or failed, with a checkpoint to go on from
    char preset[TRM_RUN_NAME], model[TRM_RUN_NAME];
    bool supervised;
    int64_t seed;
    int64_t done, total; // episodes or epochs
    double last;         // share of successes among the last 50 episodes, or of whole answers that
                         // are right after the last epoch; NaN: none yet
    double seconds;      // of training
    int64_t changed;     // when its newest line, or else its folder, was written; Unix time
    char trouble[TRM_RUN_TROUBLE]; // broken: why

    // After trm_runs_measure.
    bool measured;
    double best;   // highest reward of an episode, or share of whole answers of an epoch; NaN
    int64_t bytes; // on disk, the record's weights included
} trm_run_entry;

typedef struct trm_runs {
    trm_run_entry *items;
    int32_t count, capacity;
} trm_runs;

// Adds the runs in a folder, in order of their names; folders that are no runs are passed over.
// Fails if it cannot be read. Free with trm_runs_free.
bool trm_runs_add(trm_runs *r, const char *folder, trm_error *e);
void trm_runs_free(trm_runs *r);

// The folders where runs are recorded unless another is named: ./runs and the one in the state
// folder; NULL past the last, and for one that is not there. out: `size` bytes that hold it.
const char *trm_runs_folder(int32_t i, char *out, int size);

// Looks again at one that may have changed.
void trm_runs_renew(trm_run_entry *x);

// What takes longer: reads the metrics or the record through, and adds up the files.
void trm_runs_measure(trm_run_entry *x);
void trm_runs_measure_all(trm_runs *r); // on as many threads as there are processors

const char *trm_run_state_name(trm_run_state s); // "running"

// What a list is put in order by; each with the order that is most useful first.
typedef enum trm_runs_order {
    TRM_RUNS_BY_AGE, // newest first
    TRM_RUNS_BY_NAME,
    TRM_RUNS_BY_PRESET,
    TRM_RUNS_BY_STATE,
    TRM_RUNS_BY_PROGRESS, // furthest first, as the next two
    TRM_RUNS_BY_LAST,
    TRM_RUNS_BY_BEST, // measured
    TRM_RUNS_BY_SIZE, // … too
    TRM_RUNS_ORDERS
} trm_runs_order;

const char *trm_runs_order_name(int32_t i); // "age"; NULL past the last

// Puts them in that order; `reverse`: the other way round. What is equal stays by name. By what is
// measured those come last that were not measured yet.
void trm_runs_sort(trm_runs *r, trm_runs_order order, bool reverse);

// Does every word of the text stand in the run's path, preset, model or state?
bool trm_runs_match(const trm_run_entry *x, const char *text);
void trm_runs_filter(trm_runs *r, const char *text); // drops those that do not match

// Moves a run to the folder "trash" in the state folder; *to (size): where it is now. Fails while a
// process trains it.
bool trm_runs_trash(const char *path, char *to, int size, trm_error *e);

TRM_END_DECLS

#endif
