// SPDX-License-Identifier: Apache-2.0
// Several configurations trained side by side, each with several seeds, in memory. Every run is
// that of `trm train` bit for bit: a few threads take the runs in turn, seed by seed and for a
// moment each, so that all configurations come forward together, and none of that is seen by what
// is computed. Where there are several processes each thread of each takes a run to its end. Only
// figures of time differ from one comparison to the next.
#ifndef TRM_RUN_COMPARE_H
#define TRM_RUN_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/peers.h"
#include "trm/run/config.h"
#include "trm/train/history.h"

TRM_BEGIN_DECLS

enum {
    TRM_COMPARE_CONFIGS = 9,  // at most
    TRM_COMPARE_SEEDS = 100,  // at most
    TRM_COMPARE_THREADS = 64, // at most
    TRM_COMPARE_LABEL = 48,
    TRM_COMPARE_REACHED = 49 // successes among the last 50: 98 %
};

typedef struct trm_compare_request {
    int32_t count;             // configurations, 1 .. TRM_COMPARE_CONFIGS
    const trm_config *configs; // [count] train.threads is taken as 1
    const char *const *labels; // [count] what listings call them; cut at the front if too long
    int32_t seeds;             // 1 .. TRM_COMPARE_SEEDS, rising by one
    int64_t seed_first;        // -1: each configuration's own
    int32_t threads;           // of each process; 0: one a processor, or one where there are peers
    trm_peers *peers;          // that take runs, too; NULL: none
} trm_compare_request;

typedef enum trm_compare_state {
    TRM_COMPARE_WAITING,
    TRM_COMPARE_RUNNING,
    TRM_COMPARE_DONE,
    TRM_COMPARE_STOPPED, // by command, before its end
    TRM_COMPARE_FAILED,  // error tells why
} trm_compare_state;

// A run's numbers.
typedef struct trm_compare_run {
    int32_t config; // which one
    int64_t seed;
    trm_compare_state state;
    int64_t episodes, episodes_total, updates, steps;
    double seconds;          // spent in updates; waiting for its turn is not counted
    float success50, mean50; // of the last `window` episodes; NaN before the first
    int32_t window;          // TRM_HISTORY_WINDOW, or as many as there are
    float best_reward;       // -inf before the first
    int64_t first_success;   // episode, -1: none
    int64_t reached_episode; // episodes done when TRM_COMPARE_REACHED of the last 50 succeeded, or
                             // epochs done when 98 % of the validation samples were answered, for
                             // the first time; -1: not yet
    double reached_seconds;  // … and its seconds; NaN: not yet
    // Of a supervised run (its episodes are epochs; the rewards and successes above are empty), NaN
    // before: on the validation samples after the last epoch, and on the test samples at the end.
    double validation_cells, validation_exact, test_cells, test_exact, test_recall;
    trm_error error; // code TRM_OK unless state is FAILED
} trm_compare_run;

// A run's course. seconds[i] is the clock at the end of history.points[i], or of the i-th epoch
// that history.epochs has.
typedef struct trm_compare_course {
    trm_history history;
    float seconds[TRM_HISTORY_POINTS];
} trm_compare_course;

// A configuration over its seeds. Means and sample standard deviations; a mean is NaN over nothing,
// a deviation NaN over fewer than two.
typedef struct trm_compare_summary {
    int32_t runs, done, failed;
    int32_t begun;   // runs with an episode: what success, reward and steps/s are taken over
    int32_t reached; // runs that came to 98 %: what the times to it are taken over
    int64_t episodes, episodes_total; // of all runs
    double success, success_sd;       // shares, 0..1
    double reward, reward_sd;
    double steps_per_second;
    double reached_seconds, reached_seconds_sd;
    double reached_episode;
    // Of supervised runs: shares of the test samples, over the runs that are done; and seconds.
    double cells, cells_sd, exact, exact_sd, recall, recall_sd, seconds;
    // … and of the validation samples after the last epoch, over the runs that are begun.
    double validation_cells, validation_cells_sd, validation_exact, validation_exact_sd;
} trm_compare_summary;

typedef struct trm_compare trm_compare;

// Checks everything, each configuration by making its course once. All learn by reinforcement, or
// all are supervised. Errors name the label. Nothing runs yet. Free with trm_compare_free.
trm_compare *trm_compare_new(const trm_compare_request *request, trm_error *e);

// The same for runs that are recorded already, or that other processes train (paths of `count`
// folders): nothing is trained, their metrics are read as they grow. They have no figures on test
// samples.
trm_compare *trm_compare_follow(const char *const *runs, int32_t count, trm_error *e);
bool trm_compare_follows(const trm_compare *c);

void trm_compare_free(trm_compare *c); // stops and joins first; NULL is fine

// Starts the threads, which block all signals. Once.
bool trm_compare_start(trm_compare *c, trm_error *e);
void trm_compare_pause(trm_compare *c, bool pause);
void trm_compare_stop(trm_compare *c); // abandons the updates under way; answered within a step
void trm_compare_join(trm_compare *c); // waits until nothing runs any more

// True when all runs have ended, or all threads have after a stop.
bool trm_compare_over(trm_compare *c);

bool trm_compare_supervised(const trm_compare *c);
int32_t trm_compare_configs(const trm_compare *c);
int32_t trm_compare_seeds(const trm_compare *c);
int32_t trm_compare_threads(const trm_compare *c);
const char *trm_compare_label(const trm_compare *c, int32_t config); // no control characters
int64_t trm_compare_parameters(const trm_compare *c, int32_t config);

// Copies under a lock that is held for microseconds; from any thread. seed: 0 .. seeds - 1.
void trm_compare_get(const trm_compare *c, int32_t config, int32_t seed, trm_compare_run *out);
void trm_compare_get_course(const trm_compare *c, int32_t config, int32_t seed,
                            trm_compare_course *out);
void trm_compare_summarise(const trm_compare *c, int32_t config, trm_compare_summary *out);

// "waiting", "running", "done", "stopped", "failed".
const char *trm_compare_state_name(trm_compare_state state);

TRM_END_DECLS

#endif
