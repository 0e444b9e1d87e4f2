// SPDX-License-Identifier: Apache-2.0
#include "tui/play/open.h"

#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/play/state.h"
#include "tui/versus/state.h"

static const char DOES_NOT_PLAY[] = "this model does not play on such boards";

// A board and the environment that it is played in.
typedef struct start {
    const trm_env *env;
    trm_env *owned; // NULL: borrowed
    char *state;
} start;

static bool begin(const trm_subject *s, start *out, trm_error *e) {
    trm_env_config c;
    *out = (start){.env = s->env};
    if (s->env == NULL) {
        if (!trm_subject_env(s, &c, e))
            return false;
        out->env = out->owned = trm_env_new(&c, e);
        if (out->env == NULL)
            return false;
    }
    out->state = trm_alloc(1, trm_env_state_size(out->env));
    if (trm_subject_state(s, out->env, out->state, e))
        return true;
    free(out->state);
    trm_env_free(out->owned);
    *out = (start){0};
    return false;
}

bool trm_play_push(trm_app *app, const trm_subject *s, trm_model *model, const trm_config *config,
                   const char *name, const char *start_name, int64_t board, trm_error *e) {
    start k;
    if (!begin(s, &k, e)) {
        trm_model_free(model);
        return false;
    }
    const bool plays = model != NULL && trm_agent_plays(k.env, model);
    trm_play_setup setup = {.env = k.env,
                            .owned_env = k.owned,
                            .model = plays ? model : NULL,
                            .owned = model,
                            .no_model = plays ? NULL : DOES_NOT_PLAY,
                            .config = config,
                            .board = board,
                            .start = k.state,
                            .puzzle =
                                trm_subject_is_sample(s) ? trm_dataset_puzzle(s->set, s->input) : 0,
                            .own = k.owned != NULL};
    trm_text_copy(setup.model_name, sizeof setup.model_name, name);
    trm_text_copy(setup.start_name, sizeof setup.start_name, start_name);
    const bool ok = trm_play_open(app, &setup, e);
    free(k.state);
    return ok;
}

static bool both_play(trm_model *const models[2], const trm_env *env, trm_error *e) {
    return (trm_agent_plays(env, models[0]) && trm_agent_plays(env, models[1])) ||
           trm_error_set(
               e, TRM_E_INPUT,
               "one of the models does not play on this board: choose one for boards of its size");
}

bool trm_versus_push(trm_app *app, const trm_subject *s, trm_model *const models[2],
                     const char *const names[2], const char *start_name, int64_t board,
                     trm_error *e) {
    start k = {0};
    if (!begin(s, &k, e) || !both_play(models, k.env, e)) {
        free(k.state);
        trm_env_free(k.owned);
        trm_model_free(models[0]);
        trm_model_free(models[1]);
        return false;
    }
    trm_versus_setup setup = {.env = k.env,
                              .owned_env = k.owned,
                              .models = {models[0], models[1]},
                              .owned = {models[0], models[1]},
                              .board = board,
                              .start = k.state};
    for (int32_t i = 0; i < 2; i++)
        trm_text_copy(setup.names[i], sizeof setup.names[i], names[i]);
    trm_text_copy(setup.start_name, sizeof setup.start_name, start_name);
    const bool ok = trm_versus_open(app, &setup, e);
    free(k.state);
    return ok;
}

bool trm_versus_push_samples(trm_app *app, const trm_inspector_source *source,
                             trm_model *const models[2], const char *const names[2], trm_error *e) {
    trm_dataset *set = trm_dataset_part(source->set, source->first, source->count);
    trm_dataset *other = trm_subject_samples_for(models[1], set, e);
    if (other == NULL) {
        trm_dataset_free(set);
        trm_model_free(models[0]);
        trm_model_free(models[1]);
        return false;
    }
    trm_versus_setup setup = {.models = {models[0], models[1]},
                              .owned = {models[0], models[1]},
                              .board = source->at,
                              .sets = {set, other},
                              .owned_sets = {set, other},
                              .before = source->number,
                              .total = source->total,
                              .configs = {source->config, NULL}};
    for (int32_t i = 0; i < 2; i++)
        trm_text_copy(setup.names[i], sizeof setup.names[i], names[i]);
    trm_text_copy(setup.start_name, sizeof setup.start_name, source->title);
    return trm_versus_open(app, &setup, e);
}
