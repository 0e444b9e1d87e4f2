// SPDX-License-Identifier: Apache-2.0
// From the training screen to another one on what is in sight. A decision of an episode is opened
// with the weights that it was made with; everything else with a copy of the weights of now, which
// is waited for, as is the first sample or step where none is in sight yet.
#include <stdlib.h>
#include <string.h>

#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "tui/canvas/layout.h"
#include "tui/inspector/inspector.h"
#include "tui/play/open.h"
#include "tui/replay/replay.h"
#include "tui/train/state.h"

// ---- what is in sight ---------------------------------------------------------------------------

static bool keep_sample(trm_train_screen *w) {
    const trm_sample *s = trm_playback_sample(&w->show);
    trm_train_opening *b = &w->opening;
    if (s == NULL)
        return false;
    trm_sample_init(&b->sample, w->o->course);
    trm_sample_copy(&b->sample, s, trm_course_model_const(w->o->course));
    trm_text_format(b->start_name, sizeof b->start_name, "%s sample %d",
                    s->side == TRM_SPLIT_TRAIN ? "training" : "held-out", s->sample + 1);
    return true;
}

static bool keep_start(trm_train_screen *w) {
    const trm_episode_trace *episode_trace = &w->show.episode_trace;
    trm_train_opening *b = &w->opening;
    if (w->show.cursor < 0)
        return false;
    b->start = trm_alloc(1, episode_trace->state_size);
    memcpy(b->start, trm_episode_trace_state(episode_trace, 0), episode_trace->state_size);
    if (episode_trace->episode >= 0)
        trm_text_format(b->start_name, sizeof b->start_name, "the board of episode %lld",
                        (long long)episode_trace->episode + 1);
    else
        trm_text_copy(b->start_name, sizeof b->start_name, "a board of the show");
    return true;
}

// False: nothing has come in sight yet.
static bool keep(trm_train_screen *w) {
    trm_train_opening *b = &w->opening;
    if (!b->kept)
        b->kept = w->view.samples ? keep_sample(w) : keep_start(w);
    return b->kept;
}

// The sample that was kept, as a set of one: training samples may be others by now.
static trm_dataset sample_alone(const trm_train_screen *w) {
    trm_dataset one = *trm_course_data(w->o->course, TRM_SET_VALIDATION);
    one.count = 1;
    one.inputs = w->opening.sample.input;
    one.targets = w->opening.sample.target;
    return one;
}

// Keeps what is in sight and asks for the weights of now; false, and the status line says why: it
// cannot. other: taken, also then.
static bool ask(trm_train_screen *w, bool (*open)(trm_train_screen *, trm_error *),
                trm_model *other) {
    trm_train_opening *b = &w->opening;
    trm_error e = {0};
    if (b->copy != NULL) {
        trm_model_free(other);
        trm_app_status(w->app, "the newest weights are still on their way");
        return false;
    }
    b->other = other;
    b->open = open;
    b->copy = trm_model_new(trm_model_get_config(trm_course_model_const(w->o->course)), &e);
    if (b->copy == NULL) {
        trm_app_status(w->app, "%s", e.message);
        trm_train_open_done(w);
        return false;
    }
    if (trm_train_run_path(w) == NULL)
        trm_text_copy(b->name, sizeof b->name, w->o->config->model.type);
    else
        trm_text_format(b->name, sizeof b->name, "%s after %lld %s", w->o->config->model.type,
                        (long long)w->snap.done, w->view.units->unit);
    if (!keep(w))
        trm_app_status(w->app, "this opens with the first %s", w->view.samples ? "sample" : "step");
    trm_trainer_request_weights(w->o->trainer);
    return true;
}

void trm_train_open_done(trm_train_screen *w) {
    trm_train_opening *b = &w->opening;
    trm_model_free(b->copy);
    trm_model_free(b->other);
    free(b->start);
    trm_sample_done(&b->sample);
    *b = (trm_train_opening){0};
}

bool trm_train_open_poll(trm_train_screen *w) {
    trm_error e = {0};
    if (w->opening.copy == NULL || !keep(w) || !trm_trainer_weights(w->o->trainer, w->opening.copy))
        return false;
    if (!w->opening.open(w, &e))
        trm_app_status(w->app, "%s", e.message);
    trm_train_open_done(w);
    return true;
}

// ---- a decision ---------------------------------------------------------------------------------

// The weights that the episode trace in sight was acted with. Where training has begun another
// since, that one comes in sight.
static bool take_weights(trm_train_screen *w, float *weights) {
    enum { TRIES = 1000 };
    trm_playback *s = &w->show;
    for (int32_t i = 0; i < TRIES; i++) {
        if (trm_trainer_episode_weights(w->o->trainer, s->episode_trace.id, weights))
            return true;
        if (trm_trainer_episode(w->o->trainer, &s->episode_trace))
            s->cursor = s->episode_trace.length - 1;
    }
    return false;
}

static void look_at_step(trm_train_screen *w, int32_t what_if) {
    const trm_model *model = trm_course_model_const(w->o->course);
    trm_error e = {0};
    if (w->show.cursor < 0) {
        trm_app_status(w->app, "there is no step to look at yet");
        return;
    }
    float *weights = trm_alloc((size_t)trm_model_params_const(model)->size, sizeof *weights);
    char title[64] = "greedy play";
    if (!take_weights(w, weights)) {
        trm_app_status(w->app, "training is too fast to catch a step: pause it first");
    } else {
        if (w->show.episode_trace.episode >= 0)
            trm_text_format(title, sizeof title, "episode %lld",
                            (long long)w->show.episode_trace.episode + 1);
        trm_train_sight(w);
        const trm_inspector_source source = trm_inspector_source_of(
            w->view.step.env, model, weights, &w->show.episode_trace, w->show.cursor, title);
        if (!trm_inspector_push_either(w->app, &source, what_if, &e))
            trm_app_status(w->app, "%s", e.message);
    }
    free(weights);
}

// Held-out samples around the one in sight, or a training sample alone.
static trm_inspector_source samples_in_sight(const trm_train_screen *w, const trm_dataset *one) {
    const trm_sample *k = &w->opening.sample;
    const bool train = k->side == TRM_SPLIT_TRAIN;
    const trm_dataset *set = train ? one : trm_course_data(w->o->course, TRM_SET_VALIDATION);
    trm_inspector_source source = trm_inspector_source_around(
        w->opening.copy, set, train ? 0 : k->sample, train ? "training" : "held-out");
    source.cell = w->view.sample.cell;
    source.config = w->o->config;
    if (train) {
        source.number = k->sample;
        source.total = k->count;
    }
    return source;
}

static bool look_at_samples(trm_train_screen *w, trm_error *e) {
    const trm_dataset one = sample_alone(w);
    const trm_inspector_source source = samples_in_sight(w, &one);
    return trm_inspector_push_either(w->app, &source, w->opening.what_if, e);
}

void trm_train_look(void *self, int32_t what_if) {
    trm_train_screen *w = self;
    if (!w->view.samples)
        look_at_step(w, what_if);
    else if (ask(w, look_at_samples, NULL))
        w->opening.what_if = what_if;
}

// ---- a game -------------------------------------------------------------------------------------

// The screen owns the models from then on.
static bool open_board(trm_train_screen *w, trm_error *e) {
    trm_train_opening *b = &w->opening;
    const trm_dataset one = w->view.samples ? sample_alone(w) : (trm_dataset){0};
    const trm_subject s = w->view.samples ? trm_subject_of_sample(&one, 0)
                                          : trm_subject_of_state(w->view.step.env, b->start, -1);
    trm_model *const models[2] = {b->copy, b->other};
    const char *const names[2] = {b->name, b->other_name};
    const int64_t board = w->o->config->seed;
    const trm_inspector_source samples =
        w->view.samples ? samples_in_sight(w, &one) : (trm_inspector_source){0};
    trm_dataset *read =
        w->view.samples && models[1] ? trm_subject_samples_for(models[1], &one, e) : NULL;
    const bool answer = read != NULL;
    trm_dataset_free(read);
    b->copy = b->other = NULL;
    if (answer)
        return trm_versus_push_samples(w->app, &samples, models, names, e);
    return models[1] != NULL ? trm_versus_push(w->app, &s, models, names, b->start_name, board, e)
                             : trm_play_push(w->app, &s, models[0], w->o->config, names[0],
                                             b->start_name, board, e);
}

void trm_train_play(void *self) {
    ask(self, open_board, NULL);
}

static void other_typed(void *ctx, const char *path) {
    trm_train_screen *w = ctx;
    trm_error e = {0};
    trm_config c;
    trm_model *other = trm_checkpoint_model(path, NULL, 0, &c, &e);
    if (other == NULL) {
        trm_app_status(w->app, "%s", e.message);
        return;
    }
    if (ask(w, open_board, other))
        trm_text_copy(w->opening.other_name, sizeof w->opening.other_name, path);
}

void trm_train_versus(void *self) {
    trm_train_screen *w = self;
    trm_app_prompt(w->app, "compare with the model (a run's folder or a checkpoint)", "",
                   other_typed, w);
}

// ---- the time line ------------------------------------------------------------------------------

void trm_train_time_line(void *self) {
    const trm_train_screen *w = self;
    trm_error e = {0};
    if (w->o->config->record_mib > 0 && w->snap.done == 0)
        trm_app_status(w->app, "nothing is kept before the first %s's end",
                       w->view.samples ? "epoch" : "episode");
    else if (!trm_replay_push(w->app, trm_train_run_path(w), w->o->trainer, &e))
        trm_app_status(w->app, "%s", e.message);
}
