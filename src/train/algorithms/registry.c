// SPDX-License-Identifier: Apache-2.0
// How a model can learn, a row each: in an environment, by an algorithm of a learner's, or from the
// answers of a data set.
#include <string.h>

#include "train/learner_impl.h"
#include "trm/base/text.h"

#define READS(...)                                                                                 \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

typedef struct row {
    const trm_algorithm *algorithm; // NULL: supervised
    // The fields of trm_train_config that it reads beside those that all rows of its kind do. The
    // settings train.* apply where their field stands here.
    const char *const *reads;
} row;

// In order of listing.
static const row rows[] = {
    {&trm_algorithm_reinforce,
     READS("gamma", "entropy", "baseline", "baseline_rate", "broadcast_bug")},
    {&trm_algorithm_actor_critic, READS("gamma", "entropy", "gae", "value")},
    {&trm_algorithm_ppo,
     READS("gamma", "entropy", "gae", "value", "ratio_clip", "passes", "minibatches")},
    {&trm_algorithm_imitation, READS("batch")},
    {&trm_algorithm_dqn,
     READS("gamma", "batch", "memory", "replays", "epsilon", "epsilon_min", "epsilon_episodes",
           "n_step", "target_every", "priority", "importance", "dueling", "double_q")},
    {NULL, READS("epochs", "batch", "ema", "ema_warmup", "cosine", "lr_min_ratio", "optimizer",
                 "puzzle_lr", "puzzle_decay", "explore", "explore_each", "loss", "supervision")},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const read_by_all[] = {"threads", "lr",    "clip",         "warmup",
                                          "decay",   "beta2", "weight_decay", NULL};
static const char *const read_in_environments[] = {"episodes",    "envs",    "deep_supervision",
                                                   "supervision", "halting", NULL};

const char *trm_algorithm_name(int32_t i) {
    if (i < 0 || i >= ROWS)
        return NULL;
    return rows[i].algorithm ? rows[i].algorithm->name : "supervised";
}

const char *trm_algorithm_summary(int32_t i) {
    if (i < 0 || i >= ROWS)
        return NULL;
    return rows[i].algorithm ? rows[i].algorithm->summary
                             : "the answers of a data set, every step of the model's judged";
}

static const row *find(const char *name) {
    const int32_t i = trm_text_index(trm_algorithm_name, name);
    return i < 0 ? NULL : &rows[i];
}

const trm_algorithm *trm_algorithm_find(const char *name, trm_error *e) {
    const row *r = find(name);
    if (!r)
        trm_error_set(e, TRM_E_INPUT, "train.algorithm: there is no \"%s\"", name);
    else if (!r->algorithm)
        trm_error_set(e, TRM_E_INPUT, "train.algorithm: %s learns from a data set, not in play",
                      name);
    return r ? r->algorithm : NULL;
}

bool trm_algorithm_values(const char *name) {
    const row *r = find(name);
    return r && r->algorithm && r->algorithm->values;
}

bool trm_algorithm_learns_q(const char *name) {
    const row *r = find(name);
    return r && r->algorithm && r->algorithm->q;
}

bool trm_algorithm_reads(const char *name, const char *field) {
    const row *r = find(name);
    return r && (strcmp(field, "algorithm") == 0 || trm_text_among(r->reads, field) ||
                 trm_text_among(read_by_all, field) ||
                 (r->algorithm && trm_text_among(read_in_environments, field)));
}
