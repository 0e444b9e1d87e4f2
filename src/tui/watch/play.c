// SPDX-License-Identifier: Apache-2.0
// From watching to the board in sight: to play it by hand, or to set the model beside another one.
// Either way the model is a copy of the weights of now; what is opened waits until they are there.
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "trm/train/sizes.h"
#include "tui/play/open.h"
#include "tui/watch/state.h"

void trm_watch_board_done(trm_watch *w) {
    trm_watch_board *b = &w->board;
    trm_model_free(b->copy);
    trm_model_free(b->other);
    free(b->start);
    *b = (trm_watch_board){0};
}

// Asks for the weights of now, and keeps the start of the episode in sight. False: it cannot be.
static bool ask(trm_watch *w) {
    const trm_reel *reel = &w->show.reel;
    trm_watch_board *b = &w->board;
    trm_error e = {0};
    if (b->copy != NULL)
        return false;
    if (w->show.cursor < 0) {
        trm_app_status(w->app, "the first step has yet to come");
        return false;
    }
    b->copy = trm_model_new(trm_model_get_config(trm_course_model_const(w->o->course)), &e);
    if (b->copy == NULL) {
        trm_app_status(w->app, "%s", e.message);
        return false;
    }
    b->start = trm_alloc(1, reel->state_size);
    memcpy(b->start, trm_reel_state(reel, 0), reel->state_size);
    if (reel->episode >= 0)
        trm_text_format(b->start_name, sizeof b->start_name, "the board of episode %lld",
                        (long long)reel->episode + 1);
    else
        trm_text_copy(b->start_name, sizeof b->start_name, "a board of the show");
    trm_text_format(b->name, sizeof b->name, "%s after %lld episodes", w->o->config->model.type,
                    (long long)w->snap.done);
    trm_trainer_request_weights(w->o->trainer);
    return true;
}

void trm_watch_play(void *self, int32_t arg) {
    (void)arg;
    ask(self);
}

static trm_model *load_other(trm_watch *w, const char *path, trm_error *e) {
    trm_config c;
    trm_model *m = trm_checkpoint_model(path, NULL, 0, &c, e);
    if (m == NULL)
        return NULL;
    const trm_model_config *k = trm_model_get_config(m);
    if (trm_model_fits_env(k, w->view.env))
        return m;
    trm_error_set(e, TRM_E_INPUT, "%s takes %d numbers and has %d actions: it is for another board",
                  path, k->state_dim, k->action_dim);
    trm_model_free(m);
    return NULL;
}

static void other_typed(void *ctx, const char *path) {
    trm_watch *w = ctx;
    trm_error e = {0};
    trm_model *other = load_other(w, path, &e);
    if (other == NULL) {
        trm_app_status(w->app, "%s", e.message);
    } else if (ask(w)) {
        w->board.other = other;
        trm_text_copy(w->board.other_name, sizeof w->board.other_name, path);
    } else {
        trm_model_free(other);
    }
}

void trm_watch_versus(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    trm_app_prompt(w->app, "compare with the model (a run's folder or a checkpoint)", "",
                   other_typed, w);
}

// Both open a screen that owns the copies from then on.
static bool open_board(trm_watch *w, trm_error *e) {
    trm_watch_board *b = &w->board;
    trm_model *const models[2] = {b->copy, b->other};
    const char *const names[2] = {b->name, b->other_name};
    const trm_subject s = trm_subject_of_state(w->view.env, b->start, -1);
    const int64_t board = w->o->config->seed;
    b->copy = b->other = NULL;
    return models[1] != NULL
               ? trm_versus_push(w->app, &s, models, names, b->start_name, board, e)
               : trm_play_push(w->app, &s, models[0], names[0], b->start_name, board, e);
}

bool trm_watch_board_poll(trm_watch *w) {
    trm_watch_board *b = &w->board;
    trm_error e = {0};
    if (b->copy == NULL || !trm_trainer_weights(w->o->trainer, b->copy))
        return false;
    if (!open_board(w, &e))
        trm_app_status(w->app, "%s", e.message);
    trm_watch_board_done(w);
    return true;
}
