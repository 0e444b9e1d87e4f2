// SPDX-License-Identifier: Apache-2.0
// Finds what keeps a training from learning, by measuring it: each part plays, differentiates or
// trains, gives its numbers, and adds what it found to a list. Nothing here prints.
//
// The subject is a learner, whose environment, weights and settings are looked at and never
// changed; what has to be trained or disturbed is a copy. Equal subjects and seeds give equal
// numbers. One thread at a time.
//
// What takes long asks whether to go on: `progress` (NULL: always) gets ctx and how much is done of
// what the function names, else 0. Where it returns false the function ends, at most one pass of
// the model or one update later, and returns false. *out is then of no use, but is freed as always,
// and nothing is judged.
#ifndef TRM_TRAIN_DIAGNOSE_H
#define TRM_TRAIN_DIAGNOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/agent/evaluate.h"
#include "trm/agent/evaluate_steps.h"
#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/dataset.h"
#include "trm/train/learner.h"

TRM_BEGIN_DECLS

enum { TRM_FINDINGS = 32, TRM_FINDING_SEEN = 512, TRM_DIAGNOSE_PATH = 128 };

typedef enum trm_severity { TRM_SEVERITY_OK, TRM_SEVERITY_NOTE, TRM_SEVERITY_FAULT } trm_severity;

// One check's outcome. Every check adds exactly one.
typedef struct trm_finding {
    trm_severity severity;
    const char *check;           // its name, "policy-gradient"; static
    const char *title;           // what was found, a few words; static
    const char *advice;          // what to do, a sentence or more; "" where all is well; static
    char seen[TRM_FINDING_SEEN]; // how it was seen: sentences with the numbers
} trm_finding;

typedef struct trm_findings { // empty when zeroed
    int32_t count;            // at most TRM_FINDINGS; more are a programmer's error (asserted)
    trm_finding items[TRM_FINDINGS];
} trm_findings;

const char *trm_severity_name(trm_severity severity); // "ok", "note", "fault"
int32_t trm_findings_count(const trm_findings *f, trm_severity severity);

// Episodes played one way. Rewards are undiscounted totals.
typedef struct trm_play {
    int64_t episodes;
    double success;           // share of episodes
    double reward, reward_sd; // mean; sample deviation over episodes, NaN for one
    double length;            // mean, steps
    double idle;              // share of steps whose action changed nothing on the board
    double entropy;           // of the policy, mean over steps, share of the maximum; chance: 1
    double certain;           // share of steps at which one action had more than 0.999
} trm_play;

// ---- the environment ----------------------------------------------------------------------------

typedef struct trm_environment_diagnosis {
    trm_play random; // actions uniform
    bool solvable;   // the first start has a solution
    int32_t optimal_length;
    float optimal_reward;
    bool optimum_succeeds; // that reward counts as a success
    int32_t path_count;    // actions in path: the solver's, cut at TRM_DIAGNOSE_PATH
    int32_t path[TRM_DIAGNOSE_PATH];
} trm_environment_diagnosis;

// Checks "solution" and "chance". episodes >= 1.
bool trm_diagnose_environment(const trm_learner *l, int64_t episodes, uint64_t seed,
                              bool (*progress)(void *ctx, int64_t done), void *ctx,
                              trm_environment_diagnosis *out, trm_findings *f);

// ---- the policy ---------------------------------------------------------------------------------

typedef struct trm_policy_diagnosis {
    trm_play sampled; // on boards of the training side, where it explores
    trm_play greedy;  // trm_evaluate's, of TRM_EVALUATION_EPISODES held-out ones
    trm_trace_shape shape;
    float *first; // [trm_trace_size(shape)] what is thought of the first state
    bool *legal;  // [A] what may be done there; NULL: nothing is masked
} trm_policy_diagnosis;

// Checks "collapse", "wall" and, for weights that were trained, "chance-beaten", beside what random
// play does. progress: the held-out episodes, as by trm_evaluate. Free with
// trm_policy_diagnosis_done.
bool trm_diagnose_policy(const trm_learner *l, int64_t episodes, uint64_t seed,
                         const trm_play *random, bool trained,
                         bool (*progress)(void *ctx, int64_t done), void *ctx,
                         trm_policy_diagnosis *out, trm_findings *f);
void trm_policy_diagnosis_done(trm_policy_diagnosis *d);

// Units of one level of one cycle, or behind one Linear, over the states that were visited.
typedef struct trm_unit_count {
    char name[TRM_TENSOR_NAME]; // "cycle 2 H", "net.0"
    int32_t units;
    int32_t dead; // of a level: its value never changes; of a Linear: no gradient comes through it
                  // at any state, as behind a ReLU that is never on
} trm_unit_count;

// What the greedy choice depends on: boards that were visited, asked about with each of the
// previous actions that came before one.
typedef struct trm_choice_diagnosis {
    int32_t boards, previous; // different ones, at most 256 and 8
    double by_board;    // share of the boards at which it is not the commonest choice after the
                        // same previous action, mean over those
    double by_previous; // share of the boards at which it depends on the previous action
} trm_choice_diagnosis;

typedef struct trm_unit_diagnosis {
    trm_choice_diagnosis choice; // not of models that answer
    int32_t states;              // visited, not all different
    bool varied;                 // at least two of them differ, so that constants mean something
    double logits_range;         // largest range of an action's logit over the states
    bool blind;                  // no logit depends on the state
    int32_t level_count, linear_count;
    trm_unit_count *levels, *linears; // [level_count], [linear_count]
} trm_unit_diagnosis;

// Checks "dead-units", "blind" and "reads-board" over the states of `episodes` sampled episodes.
// Free with trm_unit_diagnosis_done.
bool trm_diagnose_units(const trm_learner *l, int64_t episodes, uint64_t seed,
                        bool (*progress)(void *ctx, int64_t done), void *ctx,
                        trm_unit_diagnosis *out, trm_findings *f);
void trm_unit_diagnosis_done(trm_unit_diagnosis *d);

// ---- the gradient -------------------------------------------------------------------------------

typedef struct trm_gradient_tensor {
    char name[TRM_PARAM_NAME];
    int64_t size;
    double norm, weight_norm;
    double largest;          // largest magnitude of a derivative
    int32_t compared, wrong; // derivatives compared with finite differences, and those that differ
    int32_t undecided;       // … and those where the differences contradict one another
    double error;            // largest difference, of those decided
} trm_gradient_tensor;

// The same loss read from one output.
typedef struct trm_gradient_output {
    double norm;   // of its gradient, over all parameters
    double cosine; // with the last output's
} trm_gradient_output;

typedef struct trm_gradient_diagnosis {
    int32_t states; // the loss is a mean over these
    double loss;    // policy loss with the configured entropy bonus
    double norm;    // of the gradient, before clipping
    int32_t compared, wrong, undecided;
    double error; // largest difference, relative to its tensor's largest derivative, over the
                  // tensors whose derivatives stand clear of rounding
    int32_t tensor_count, output_count;
    trm_gradient_tensor *tensors; // [tensor_count]
    trm_gradient_output *outputs; // [output_count], trm_model_outputs of them
} trm_gradient_diagnosis;

// Checks "finite-differences" (at the largest and at three random derivatives of every tensor:
// central differences, and one-sided and smaller ones where a ReLU bends within the step) and
// "gradient-size". Free with trm_gradient_diagnosis_done.
bool trm_diagnose_gradient(const trm_learner *l, uint64_t seed,
                           bool (*progress)(void *ctx, int64_t done), void *ctx,
                           trm_gradient_diagnosis *out, trm_findings *f);
void trm_gradient_diagnosis_done(trm_gradient_diagnosis *d);

// The learner's own gradient without entropy bonus and without clipping, over updates that move
// nothing, beside the one that its episodes' returns ask for. Means over the updates.
typedef struct trm_signal_diagnosis {
    int32_t updates;
    double returns_sd; // deviation of the discounted returns over all steps
    double applied;    // norm of the gradient that the learner makes
    double weighted;   // … with every step weighted by its own return
    double scale;      // … with weights +1 and -1 at random: what weights of size 1 can do
    double cosine;     // of applied and weighted
    double one_weight; // share of episodes in which all steps got one and the same weight though
                       // their returns differ
} trm_signal_diagnosis;

// Check "policy-gradient": is the gradient nearly zero, or turned away, while returns vary? Fails
// where no such learner can be made, and with TRM_E_STOPPED where progress (updates) stops it.
bool trm_diagnose_signal(const trm_learner *l, int32_t updates,
                         bool (*progress)(void *ctx, int64_t done), void *ctx,
                         trm_signal_diagnosis *out, trm_findings *f, trm_error *e);

// ---- a short training ---------------------------------------------------------------------------

// Means over the first and the last fifth of the updates.
typedef struct trm_trend {
    double first, last;
} trm_trend;

typedef struct trm_training_diagnosis {
    int64_t episodes, updates; // done
    trm_trend reward, success, grad_norm;
    trm_trend entropy; // share of its maximum
    trm_trend idle;    // share of environment 0's steps that change nothing
    // How surely the reward rises over the episodes, by rank: in standard errors of no trend at
    // all. Below 0 it falls; NaN for fewer than three.
    double reward_rise;
    bool failed; // training stopped: the error says why
    trm_error error;
} trm_training_diagnosis;

// Trains a copy from the subject's weights for at least `episodes` and checks "training",
// "reward-rise", "entropy-trend", "wall-trend" and "gradient-trend". progress: episodes,
// after each update; stopped, it returns true, with what was trained in *out, and judges nothing.
// Fails where no copy can be made.
bool trm_diagnose_training(const trm_learner *l, int64_t episodes,
                           bool (*progress)(void *ctx, int64_t done), void *ctx,
                           trm_training_diagnosis *out, trm_findings *f, trm_error *e);

// ---- answers ------------------------------------------------------------------------------------

typedef struct trm_answer_diagnosis {
    trm_step_evaluation evaluation; // of the held-out samples
    trm_unit_diagnosis units;       // "states" are samples
    // The derivatives compared are those of one supervision step and one cycle, differentiated
    // whole; norms are those of the whole model, by cross entropy.
    trm_gradient_diagnosis gradient;
} trm_answer_diagnosis;

// Checks "constant-answer", "dead-units", "input-blind", "finite-differences" and "gradient-size",
// and for weights that were trained "majority" and, where there are several steps, "steps-improve",
// "keeps-givens" of boards, "halting-calibrated" with a halting head, "state-settles" with a state.
// clip: of the training; progress: held-out samples, as for trm_evaluate_steps. Free with
// trm_answer_diagnosis_done.
bool trm_diagnose_answers(const trm_model *m, float clip, const trm_dataset *held_out, bool trained,
                          uint64_t seed, bool (*progress)(void *ctx, int64_t done), void *ctx,
                          trm_answer_diagnosis *out, trm_findings *f);
void trm_answer_diagnosis_done(trm_answer_diagnosis *d);

// ---- data ---------------------------------------------------------------------------------------

typedef struct trm_data_diagnosis {
    trm_dataset_stats stats; // of the training samples
    double ambiguous;        // share of them whose input occurs with another target, too
    double met;              // share of held-out samples whose input is a training sample's, too;
                             // NaN without held-out samples
} trm_data_diagnosis;

// Checks "targets-constant", "targets-empty", "targets-ambiguous" and, with held-out samples (NULL:
// none), "held-out". `train` has at least one sample.
void trm_diagnose_data(const trm_dataset *train, const trm_dataset *held_out,
                       trm_data_diagnosis *out, trm_findings *f);

TRM_END_DECLS

#endif
