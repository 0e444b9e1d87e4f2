// SPDX-License-Identifier: Apache-2.0
// A course from the inside: a table of functions and the state of the kind it is.
#ifndef TRM_TRAIN_COURSE_IMPL_H
#define TRM_TRAIN_COURSE_IMPL_H

#include "trm/train/course.h"

// What a kind of course does. Members are as the functions of trm/train/course.h; those of samples
// are NULL where there are none.
typedef struct trm_course_ops {
    trm_unit unit;
    bool (*make)(trm_course *c, const trm_course_plan *plan, trm_error *e);
    void (*done)(trm_course *c);
    void (*join)(trm_course *c, trm_peers *peers);
    trm_course_counts (*count)(const trm_course *c);
    void (*set_total)(trm_course *c, int64_t total);
    trm_outcome (*advance)(trm_course *c, const trm_step_callback *callback, trm_advance *out,
                           trm_error *e);
    trm_model *(*model)(const trm_course *c);
    void (*weights)(const trm_course *c, float *out);
    void (*begin)(trm_course *c);
    int32_t (*tensors)(trm_course *c, trm_tensor *out, int32_t capacity);
    bool (*restored)(trm_course *c, trm_error *e);
    const trm_train_config *(*config)(const trm_course *c);
    bool (*score)(trm_course *c, bool (*go_on)(void *ctx), void *ctx, trm_score *out);
    void (*answer)(trm_course *c, const float *input, int32_t *classes);
    void (*sample)(trm_course *c, trm_split side, int32_t sample, trm_steps_seen *seen, void *ctx,
                   trm_sample *out);
} trm_course_ops;

extern const trm_course_ops trm_course_of_episodes, trm_course_of_epochs;

struct trm_course {
    const trm_course_ops *ops;
    uint64_t seed;
    trm_peers *peers;     // NULL: works alone
    bool shared;          // its state has gone to the peers
    trm_learner *learner; // of episodes

    // Of epochs.
    trm_supervised *supervised;
    trm_train_config train;
    trm_dataset_config data;
    trm_dataset_source *source; // that the samples are drawn from
    trm_dataset *sets[TRM_SETS];
    trm_dataset *originals; // that the training samples are images of; NULL: they are themselves
    double solved;          // share of validation samples, of the newest epoch
    int64_t drawn;          // the epoch that the training samples are of, where each has its own
};

// Rank 0 tells its peers what comes.
void trm_course_lead(trm_course *c);
void trm_course_lead_no_more(trm_course *c);

#endif
