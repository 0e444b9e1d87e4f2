// SPDX-License-Identifier: Apache-2.0
// What the parts of a diagnosis share.
#ifndef TRM_TRAIN_DIAGNOSE_IMPL_H
#define TRM_TRAIN_DIAGNOSE_IMPL_H

#include "train/learner_impl.h"
#include "trm/base/streams.h"
#include "trm/train/diagnose.h"

enum {
    DIAGNOSE_CHUNK = 64,       // rows that are run together
    DIAGNOSE_ROWS = 2048,      // states that are kept at most
    DIAGNOSE_VALUES = 1 << 24, // … and floats of their observations
};

typedef enum trm_diagnose_how { DIAGNOSE_RANDOM, DIAGNOSE_SAMPLED } trm_diagnose_how;

// What a caller gave to be asked, and whether it said to stop.
typedef struct trm_diagnose_watch {
    bool (*progress)(void *ctx, int64_t done); // NULL: never stops
    void *ctx;
    int64_t done; // what it is told
    bool stopped;
} trm_diagnose_watch;

static inline bool trm_diagnose_goes_on(trm_diagnose_watch *w) {
    w->stopped = w->stopped || (w->progress && !w->progress(w->ctx, w->done));
    return !w->stopped;
}

// States that were visited, in order, episode by episode.
typedef struct trm_diagnose_visits {
    int32_t capacity, rows, episodes, states; // states: S
    float *obs;                               // [capacity, S]
    int32_t *prev, *action;                   // [capacity]
    float *reward;                            // [capacity]
    float *weight;                            // [capacity] what multiplies the log-probability
    bool *legal;     // [capacity, A] what could be done; NULL: nothing is masked
    float *decision; // [A] scratch: a row's logits, masked
    int32_t *first;  // [capacity + 1] first row of each episode; then the end of the last
    trm_arena arena;
    trm_diagnose_watch *watch; // asked before every forward; borrowed
} trm_diagnose_visits;

// What a check comes to.
typedef struct trm_verdict {
    trm_severity severity;
    const char *title, *advice;
} trm_verdict;

static inline trm_verdict fine(const char *title) {
    return (trm_verdict){TRM_SEVERITY_OK, title, ""};
}

static inline trm_verdict note(const char *title, const char *advice) {
    return (trm_verdict){TRM_SEVERITY_NOTE, title, advice};
}

static inline trm_verdict fault(const char *title, const char *advice) {
    return (trm_verdict){TRM_SEVERITY_FAULT, title, advice};
}

// Adds a finding; `format` and what follows make the text of how it was seen.
void trm_diagnose_add(trm_findings *f, const char *check, trm_verdict v, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Plays as an agent does, of what may be done; keeps the states that fit in `keep` (NULL: none). m
// may be NULL for DIAGNOSE_RANDOM. Entropy and certainty are those of the steps that leave a
// choice. False: stopped.
bool trm_diagnose_play(const trm_env *env, const trm_model *m, trm_diagnose_how how,
                       int64_t episodes, uint64_t seed, trm_diagnose_visits *keep,
                       trm_diagnose_watch *watch, trm_play *out);

// Plays sampled episodes until `rows` states (at most DIAGNOSE_ROWS, and fewer where they are
// large) or `episodes` are kept, and weighs them as training would with everything right. Free with
// trm_diagnose_visits_done. False: stopped.
bool trm_diagnose_visit(trm_diagnose_visits *v, const trm_learner *l, int64_t episodes,
                        int32_t rows, uint64_t seed, trm_diagnose_watch *watch);
void trm_diagnose_visits_done(trm_diagnose_visits *v);

// Weights of the log-probabilities from the rewards, as the configuration normalises them.
void trm_diagnose_weigh(trm_diagnose_visits *v, const trm_train_config *c);

// Runs the visits from `row` on, DIAGNOSE_CHUNK or as many as there are, as rows 0 .. of w; returns
// how many: 0 once the visits' watch has said to stop.
int32_t trm_diagnose_forward(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                             int32_t row);

// loss = -mean(log_prob * weight) - entropy * mean(entropy) over the visits, from the last output.
// w: DIAGNOSE_CHUNK rows.
double trm_diagnose_loss(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                         float entropy);

// Its gradient, read from `output`, into grads (overwritten). all: w has all outputs.
void trm_diagnose_differentiate(const trm_model *m, trm_workspace *w, bool all,
                                const trm_diagnose_visits *v, float entropy, int32_t output,
                                float *grads);

// A loss of a model's weights, computed at every call.
typedef struct trm_diagnose_objective {
    double (*loss)(void *ctx);
    void *ctx;
    trm_diagnose_watch *watch; // asked before every call; once it says to stop there is none
} trm_diagnose_objective;

// Compares grads with central differences of a loss; fills the tensors' names, sizes, norms,
// compared, wrong, undecided, error. m's weights are disturbed and put back.
void trm_diagnose_compare(trm_model *m, const trm_diagnose_objective *loss, const float *grads,
                          uint64_t seed, trm_gradient_diagnosis *out);

// The same for trm_diagnose_loss.
void trm_diagnose_differences(trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                              float entropy, const float *grads, uint64_t seed,
                              trm_gradient_diagnosis *out);

// A learner of the same environment, model and weights with other settings. Free with
// trm_learner_free.
trm_learner *trm_diagnose_copy(const trm_learner *l, const trm_train_config *c, trm_error *e);

// Counts the units that take no part in a model's answers to the states; fills all of *out.
void trm_diagnose_count_units(const trm_model *m, const trm_diagnose_visits *v, uint64_t seed,
                              trm_unit_diagnosis *out);

// Asks about the boards that were visited with other previous actions.
void trm_diagnose_ask_choices(const trm_model *m, const trm_diagnose_visits *v,
                              trm_choice_diagnosis *out);

// What the numbers mean.
void trm_diagnose_judge_choice(const trm_choice_diagnosis *d, trm_findings *f);
void trm_diagnose_judge_dead(const trm_unit_diagnosis *d, trm_findings *f);
void trm_diagnose_judge_environment(const trm_environment_diagnosis *d, int32_t max_steps,
                                    trm_findings *f);
void trm_diagnose_judge_gradient(const trm_gradient_diagnosis *d, float clip, trm_findings *f);
void trm_diagnose_judge_signal(const trm_signal_diagnosis *d, trm_findings *f);
void trm_diagnose_judge_training(const trm_training_diagnosis *d, trm_findings *f);

// How surely y [n] goes up with x [n], down if below 0: in standard errors of what chance makes of
// it where it does neither. NaN for fewer than three.
double trm_diagnose_trend(const double *x, const double *y, int64_t n);

double trm_diagnose_norm(const float *x, int64_t n);
double trm_diagnose_cosine(const float *x, const float *y, int64_t n); // NaN where one of them is 0

#endif
