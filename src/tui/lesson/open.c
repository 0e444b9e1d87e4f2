// SPDX-License-Identifier: Apache-2.0
// From the sample in sight into what the model thinks of it, or onto its board. The model is a copy
// of the weights of now; what is opened waits until they are there.
#include "tui/play/open.h"
#include "trm/agent/subject.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "tui/layout.h"
#include "tui/lesson/state.h"
#include "tui/micro/micro.h"

void trm_lesson_open_done(trm_lesson_watch *w) {
    trm_model_free(w->open.copy);
    trm_model_free(w->open.other);
    w->open = (trm_lesson_open){0};
}

// False: it cannot be now.
static bool ask(trm_lesson_watch *w, trm_lesson_screen_kind kind) {
    trm_error e = {0};
    if (w->open.copy != NULL)
        return false;
    if (w->view.peek.id == 0) {
        trm_app_status(w->app, "the first sample has yet to come");
        return false;
    }
    w->open.kind = kind;
    w->open.copy = trm_model_new(trm_model_get_config(trm_course_model_const(w->o->course)), &e);
    if (w->open.copy == NULL) {
        trm_app_status(w->app, "%s", e.message);
        return false;
    }
    trm_trainer_request_weights(w->o->trainer);
    return true;
}

void trm_lesson_open_kind(void *self, int32_t kind) {
    ask(self, (trm_lesson_screen_kind)kind);
}

static void other_typed(void *ctx, const char *path) {
    trm_lesson_watch *w = ctx;
    trm_error e = {0};
    trm_config c;
    trm_model *other = trm_checkpoint_model(path, NULL, 0, &c, &e);
    if (other == NULL) {
        trm_app_status(w->app, "%s", e.message);
    } else if (ask(w, TRM_LESSON_VERSUS)) {
        w->open.other = other;
        trm_text_copy(w->open.other_name, sizeof w->open.other_name, path);
    } else {
        trm_model_free(other);
    }
}

void trm_lesson_open_versus(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    trm_app_prompt(w->app, "compare with the model (a run's folder or a checkpoint)", "",
                   other_typed, w);
}

// The sample in sight as a set of one: training samples may be others by now.
static trm_dataset sample_alone(const trm_lesson_watch *w) {
    trm_dataset one = *trm_course_data(w->o->course, TRM_SET_VALIDATION);
    one.count = 1;
    one.inputs = w->view.peek.input;
    one.targets = w->view.peek.target;
    return one;
}

static bool open_samples(trm_lesson_watch *w, trm_error *e) {
    enum { MOST = 64 };
    const trm_sample *k = &w->view.peek;
    const bool train = k->side == TRM_SPLIT_TRAIN;
    const trm_dataset *held_out = trm_course_data(w->o->course, TRM_SET_VALIDATION);
    const trm_dataset one = sample_alone(w);
    const int32_t n = train ? 1 : held_out->count < MOST ? held_out->count : MOST;
    const int32_t first = train ? 0 : trm_window(held_out->count, n, k->sample);
    trm_micro_source source =
        trm_micro_source_of_samples(w->open.copy, NULL, train ? &one : held_out, first, n,
                                    train ? 0 : k->sample - first, train ? "training" : "held-out");
    source.cell = w->view.cell;
    source.config = w->o->config;
    if (train) {
        source.number = k->sample;
        source.total = k->count;
    }
    return (w->open.kind == TRM_LESSON_WHAT_IF ? trm_what_if_push : trm_micro_push)(w->app, &source,
                                                                                    e);
}

// The screen owns the models from then on.
static bool open_board(trm_lesson_watch *w, trm_error *e) {
    char name[96], board[96];
    const trm_sample *k = &w->view.peek;
    const trm_dataset one = sample_alone(w);
    const trm_subject s = trm_subject_of_sample(&one, 0);
    trm_model *const models[2] = {w->open.copy, w->open.other};
    const char *const names[2] = {name, w->open.other_name};
    const int64_t seed = w->o->config->seed;
    if (w->view.bare)
        trm_text_copy(name, sizeof name, w->o->config->model.type);
    else
        trm_text_format(name, sizeof name, "%s after %lld epochs", w->o->config->model.type,
                        (long long)w->snap.done);
    trm_text_format(board, sizeof board, "%s sample %d",
                    k->side == TRM_SPLIT_TRAIN ? "training" : "held-out", k->sample + 1);
    w->open.copy = w->open.other = NULL;
    return models[1] != NULL ? trm_versus_push(w->app, &s, models, names, board, seed, e)
                             : trm_play_push(w->app, &s, models[0], name, board, seed, e);
}

bool trm_lesson_open_poll(trm_lesson_watch *w) {
    trm_error e = {0};
    if (w->open.copy == NULL || !trm_trainer_weights(w->o->trainer, w->open.copy))
        return false;
    const bool boards = w->open.kind == TRM_LESSON_PLAY || w->open.kind == TRM_LESSON_VERSUS;
    if (!(boards ? open_board : open_samples)(w, &e))
        trm_app_status(w->app, "%s", e.message);
    trm_lesson_open_done(w);
    return true;
}
