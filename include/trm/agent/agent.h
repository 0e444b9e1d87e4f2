// SPDX-License-Identifier: Apache-2.0
// An agent: a model that meets the states of an environment. It observes a state, runs the model,
// takes out the actions that may not be taken, and says what the model would do and what it thought
// on the way. Everything that asks a model about a board asks an agent, so that the same question
// has the same answer everywhere. The mask lives here and nowhere else: logits stay as the model
// gave them, and beside them stands which actions are legal.
//
// An agent borrows a model, whose weights must stand still while it is asked, or owns a snapshot:
// a copy of a model at one moment, which can also be run otherwise (trm_agent_intervene). Training
// may then go on with the model it was copied from. One thread at a time.
#ifndef TRM_AGENT_AGENT_H
#define TRM_AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/rng.h"
#include "trm/env/dataset.h"
#include "trm/env/env.h"
#include "trm/model/inspect.h"
#include "trm/model/model.h"
#include "trm/model/paper.h"
#include "trm/model/reading.h"

TRM_BEGIN_DECLS

// The logit of an action that may not be taken: neither softmax nor argmax takes it.
#define TRM_MASKED (-1e30f)

// A model acts in an environment where it reads its observations and has its actions. One that
// answers whole boards in its own encoding plays by its answers (trm_agent_init): it is asked about
// the board as the episode began, and goes by that answer as long as the board follows it, else it
// is asked about the board as it stands. It writes the digit that it is surest of, or takes the
// path that it sees, and its traces are over the environment's actions, without levels.

// S, A: what an observation has in floats, and how many actions there are.
typedef struct trm_agent {
    const trm_env *env;       // borrowed; NULL: it is asked about inputs, and nothing is masked
    const trm_model *model;   // borrowed, or the snapshot's own
    trm_workspace *workspace; // `rows` rows
    struct trm_answering *answering; // NULL: the model acts by itself
    trm_trace_shape shape;           // of its traces, as it is run now
    int32_t rows, outputs;
    bool *legal;         // [rows, A] what may be taken in the states asked about last; NULL: the
                         // environment masks nothing
    float *trace;        // of the last trm_agent_think; NULL for snapshots
    float *obs;          // [S] scratch
    float *decision;     // [A] scratch
    float *probs;        // [A] scratch
    trm_model *snapshot; // NULL: the model is borrowed
    bool replaces_before;
    int32_t before; // what takes the place of the previous action
} trm_agent;

// Does the model play in the environment, by itself or by its answers?
bool trm_agent_plays(const trm_env *env, const trm_model *model);

// An agent that is asked about one state at a time. The model plays in the environment (asserted);
// those below take only models that act by themselves (asserted).
void trm_agent_init(trm_agent *a, const trm_env *env, const trm_model *model);

// The same for `rows` states side by side. all_outputs: as for trm_workspace_new.
void trm_agent_init_rows(trm_agent *a, const trm_env *env, const trm_model *model, int32_t rows,
                         bool all_outputs);

// The same with a borrowed model that can be run otherwise. max_cycles: as for
// trm_workspace_new_inspect.
void trm_agent_init_inspect(trm_agent *a, const trm_env *env, const trm_model *model,
                            int32_t max_cycles);

// A snapshot, which can be run otherwise. `weights`: a slab laid out as the model's parameters,
// copied; those of the model are not read then, and may be changing. NULL: the model's own. env
// NULL: it is asked about inputs. False, with nothing to free: the model does not take the
// environment's observations, or has other actions.
bool trm_agent_init_snapshot(trm_agent *a, const trm_env *env, const trm_model *model,
                             const float *weights, int32_t max_cycles, trm_error *e);
void trm_agent_done(trm_agent *a); // fine on a zeroed one

// ---- what may be done

// Does the environment's configuration ask for it?
bool trm_agent_masks(const trm_env *env);

// Actions that may be taken: legal [A]. Where the environment masks, those that change the board;
// where none does, and where nothing is masked, all. Returns whether the environment masks.
bool trm_agent_legal(const trm_env *env, const void *state, bool *legal);

// Logits [n] as they decide: with TRM_MASKED in place of what is not legal, in `scratch` [n]. Where
// nothing is masked (legal NULL) they are `logits` themselves.
const float *trm_agent_mask(const bool *legal, const float *logits, int32_t n, float *scratch);

// ---- one state

// What the model would do in this state, of what may be done. prev_action: the one before, -1 on a
// first step. -1: the workspace was stopped (trm_workspace_set_stop).
int32_t trm_agent_ask(trm_agent *a, const void *state, int32_t prev_action);

// The same, and every cycle goes to a->trace. Not for agents that can be run otherwise.
int32_t trm_agent_think(trm_agent *a, const void *state, int32_t prev_action);

// What it thinks there: trace, trm_trace_size floats of a->shape; a->legal is of this state. The
// same for an input [S] in place of a state, of which nothing is masked.
void trm_agent_inspect(trm_agent *a, const void *state, int32_t prev_action, float *trace);
void trm_agent_inspect_input(trm_agent *a, const float *input, int32_t prev_action, float *trace);

// A trace with the mask of the state asked about last.
trm_reading trm_agent_reading(const trm_agent *a, float *trace);

// How the logits of such a trace depend on its units: as trm_model_head_gradient. The same for an
// input [S] in place of a state.
bool trm_agent_gradient(trm_agent *a, const void *state, float *trace, int32_t action0,
                        int32_t actions, int32_t unit0, int32_t units, float *out);
bool trm_agent_gradient_at(trm_agent *a, const float *input, float *trace, int32_t action0,
                           int32_t actions, int32_t unit0, int32_t units, float *out);

// The previous action as the model is told of it: models that answer position by position are told
// of none, -1.
int32_t trm_agent_before(const trm_model *model, int32_t prev_action);

// Runs supervision step `step` of a sample [S] once more, from where the trace of it, made by this
// agent, has it begin, and hands out every pass (trm_model_visit_passes). w: a carried workspace of
// the model's, of one row. Where its stop is asked for (trm_workspace_set_stop), passes are
// missing. For models that have passes to show.
void trm_agent_visit_passes(const trm_agent *a, trm_workspace *w, const float *input, float *trace,
                            int32_t step, trm_pass_visitor *see, void *ctx);

// ---- a model that plays by its answers (a->answering is not NULL, asserted)

// The number of the puzzle that it is told, where it has vectors for such; 0 at first.
void trm_agent_set_puzzle(trm_agent *a, int32_t puzzle);

// States as samples of what the model reads, with what is right: n packed state blocks. Free with
// trm_dataset_free.
trm_dataset *trm_agent_samples(trm_agent *a, const void *states, int32_t n);

// ---- states side by side

// Runs the model on n states as rows row0 .. row0 + n - 1, and keeps their masks. states: their
// blocks, packed (NULL: inputs of no environment). x [n, S]: their observations, or the inputs.
// prev [n]: the actions before (NULL: none).
void trm_agent_run(trm_agent *a, int32_t row0, int32_t n, const void *states, const float *x,
                   const int32_t *prev);

// Of a row that was run: what may be taken [A] (NULL: all), the logits as they decide, the
// probabilities that actions are sampled with. Borrowed until the next call of any.
const bool *trm_agent_row_legal(const trm_agent *a, int32_t row);
const float *trm_agent_row_decision(trm_agent *a, int32_t row);
const float *trm_agent_row_probs(trm_agent *a, int32_t row); // of models with one position

// How undecided a row is: the entropy of those probabilities as a share of the greatest there can
// be, 0 to 1; NaN where the mask leaves no choice, and for models with several positions or of
// values.
double trm_agent_row_entropy(trm_agent *a, int32_t row);

// The likeliest action that may be taken, and one drawn with one float of the generator; of a model
// of values (q_values) the best one in either case.
int32_t trm_agent_best(trm_agent *a, int32_t row);
int32_t trm_agent_sample(trm_agent *a, int32_t row, trm_rng *rng);

// Any of n actions that may be taken, all alike likely, drawn with one number below how many there
// are. legal: [n], NULL: all; where none may be, any.
int32_t trm_agent_any(const bool *legal, int32_t n, trm_rng *rng);

// The best action, or with the chance `epsilon` any that may be taken (*random, which may be NULL):
// draws one double of the generator, then as trm_agent_any.
int32_t trm_agent_explore(trm_agent *a, int32_t row, double epsilon, trm_rng *rng, bool *random);

// ---- otherwise

// What an agent does otherwise; all fields 0 is nothing.
typedef struct trm_agent_intervention {
    trm_intervention model; // how the model is run
    bool replaces_before;   // the model is told of another previous action …
    int32_t before;         // … of this one; -1: of none
} trm_agent_intervention;

// The states to come are thought of so; NULL: as the model is. Only for agents of
// trm_agent_init_inspect and trm_agent_init_snapshot. Fails, and changes nothing, where the
// architecture cannot do it, or there is no such action.
bool trm_agent_intervene(trm_agent *a, const trm_agent_intervention *i, trm_error *e);

TRM_END_DECLS

#endif
