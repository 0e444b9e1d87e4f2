// SPDX-License-Identifier: Apache-2.0
// From the training screen to another one on what is in sight. A decision of an episode is opened
// with the weights that it was made with; everything else with a copy of the weights of now, which
// is waited for.
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "trm/train/sizes.h"
#include "tui/micro/micro.h"
#include "tui/play/state.h"
#include "tui/replay/replay.h"
#include "tui/train/panel.h"
#include "tui/train/state.h"
#include "tui/versus/state.h"

static bool of_samples(const trm_train_screen *w) {
    return w->view.panel == &trm_train_samples;
}

// The environment of what is in sight.
static const trm_env *env_of(const trm_train_screen *w) {
    return of_samples(w) ? w->board : w->view.step.env;
}

const char *trm_train_no_board(const void *self) {
    const trm_train_screen *w = self;
    trm_env_config config;
    trm_error e = {0};
    if (!of_samples(w) || trm_config_board(w->o->config, &config, &e))
        return NULL;
    return w->view.sample.grid
               ? "this data set has no board to act on: its samples are answered at once"
               : "tokens have no board to act on";
}

const char *trm_train_no_time_line(const void *self) {
    const trm_train_screen *w = self;
    if (w->o->rundir == NULL)
        return "nothing was trained here: there is no time line";
    return of_samples(w) ? "the time line shows episodes, and this training has none" : NULL;
}

// ---- what is in sight as a state ----------------------------------------------------------------

static bool make_board(trm_train_screen *w, trm_error *e) {
    trm_env_config config;
    if (w->board == NULL && trm_config_board(w->o->config, &config, e))
        w->board = trm_env_new(&config, e);
    if (w->board == NULL)
        return false;
    return trm_model_fits_env(trm_model_get_config(trm_course_model_const(w->o->course)),
                              w->board) ||
           trm_error_set(e, TRM_E_INPUT, "this sample does not fit the board to act on");
}

static bool start_of_sample(trm_train_screen *w, trm_error *e) {
    const trm_sample *s = trm_show_sample(&w->show);
    trm_train_opening *b = &w->opening;
    int32_t cells[TRM_BOARD_MAX * TRM_BOARD_MAX];
    if (s == NULL)
        return trm_error_set(e, TRM_E_INPUT, "the first sample is still to come");
    if (!make_board(w, e))
        return false;
    for (int32_t i = 0; i < trm_geometry_cells(&s->board.geometry); i++)
        cells[i] = s->board.cells[i].digit;
    b->start = trm_alloc(1, trm_env_state_size(w->board));
    trm_text_format(b->start_name, sizeof b->start_name, "%s sample %d",
                    s->side == TRM_SPLIT_TRAIN ? "training" : "held-out", s->sample + 1);
    return trm_env_set_grid(w->board, b->start, cells, e);
}

static bool start_of_episode(trm_train_screen *w, trm_error *e) {
    const trm_reel *reel = &w->show.reel;
    trm_train_opening *b = &w->opening;
    if (w->show.cursor < 0)
        return trm_error_set(e, TRM_E_INPUT, "the first step is still to come");
    b->start = trm_alloc(1, reel->state_size);
    memcpy(b->start, trm_reel_state(reel, 0), reel->state_size);
    if (reel->episode >= 0)
        trm_text_format(b->start_name, sizeof b->start_name, "the board of episode %lld",
                        (long long)reel->episode + 1);
    else
        trm_text_copy(b->start_name, sizeof b->start_name, "a board of the show");
    return true;
}

// Keeps the board in sight and asks for the weights of now. other: taken, also where it fails.
static void ask(trm_train_screen *w, bool (*open)(trm_train_screen *, trm_error *),
                trm_model *other) {
    trm_train_opening *b = &w->opening;
    trm_error e = {0};
    if (b->copy != NULL) {
        trm_model_free(other);
        trm_app_status(w->app, "the weights of now are still on their way");
        return;
    }
    b->other = other;
    b->open = open;
    if (!(of_samples(w) ? start_of_sample : start_of_episode)(w, &e) ||
        (b->copy = trm_model_new(trm_model_get_config(trm_course_model_const(w->o->course)), &e)) ==
            NULL) {
        trm_app_status(w->app, "%s", e.message);
        trm_train_open_done(w);
        return;
    }
    trm_text_format(b->name, sizeof b->name, "%s after %lld %s", w->o->config->model.type,
                    (long long)w->snap.done, w->view.panel->unit);
    trm_trainer_request_weights(w->o->trainer);
}

void trm_train_open_done(trm_train_screen *w) {
    trm_train_opening *b = &w->opening;
    trm_model_free(b->copy);
    trm_model_free(b->other);
    free(b->start);
    *b = (trm_train_opening){0};
}

bool trm_train_open_poll(trm_train_screen *w) {
    trm_error e = {0};
    if (w->opening.copy == NULL || !trm_trainer_weights(w->o->trainer, w->opening.copy))
        return false;
    if (!w->opening.open(w, &e))
        trm_app_status(w->app, "%s", e.message);
    trm_train_open_done(w);
    return true;
}

// ---- a decision ---------------------------------------------------------------------------------

typedef bool (*push)(trm_app *app, const trm_micro_source *source, trm_error *e);

// The weights that the reel in sight was acted with. Where training has begun another since, that
// one comes in sight.
static bool take_weights(trm_train_screen *w, float *weights) {
    enum { TRIES = 1000 };
    trm_show *s = &w->show;
    for (int32_t i = 0; i < TRIES; i++) {
        if (trm_trainer_reel_weights(w->o->trainer, s->reel.id, weights))
            return true;
        if (trm_trainer_reel(w->o->trainer, &s->reel))
            s->cursor = s->reel.length - 1;
    }
    return false;
}

static void look_at_step(trm_train_screen *w, push screen) {
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
        if (w->show.reel.episode >= 0)
            trm_text_format(title, sizeof title, "episode %lld",
                            (long long)w->show.reel.episode + 1);
        trm_train_sight(w);
        const trm_micro_source source =
            trm_micro_source_of(env_of(w), model, weights, &w->show.reel, w->show.cursor, title);
        if (!screen(w->app, &source, &e))
            trm_app_status(w->app, "%s", e.message);
    }
    free(weights);
}

static bool open_look(trm_train_screen *w, push screen, trm_error *e) {
    const trm_micro_source source = {.env = env_of(w),
                                     .model = w->opening.copy,
                                     .states = w->opening.start,
                                     .title = w->opening.start_name};
    return screen(w->app, &source, e);
}

static bool open_inspector(trm_train_screen *w, trm_error *e) {
    return open_look(w, trm_micro_push, e);
}

static bool open_what_if(trm_train_screen *w, trm_error *e) {
    return open_look(w, trm_what_if_push, e);
}

void trm_train_inspect(void *self, int32_t arg) {
    (void)arg;
    if (of_samples(self))
        ask(self, open_inspector, NULL);
    else
        look_at_step(self, trm_micro_push);
}

void trm_train_what_if(void *self, int32_t arg) {
    (void)arg;
    if (of_samples(self))
        ask(self, open_what_if, NULL);
    else
        look_at_step(self, trm_what_if_push);
}

// ---- a game -------------------------------------------------------------------------------------

// Both open a screen that owns the copies from then on.
static bool open_game(trm_train_screen *w, trm_error *e) {
    trm_train_opening *b = &w->opening;
    trm_play_setup setup = {.env = env_of(w),
                            .model = b->copy,
                            .owned = b->copy,
                            .board = w->o->config->seed,
                            .start = b->start};
    trm_text_copy(setup.model_name, sizeof setup.model_name, b->name);
    trm_text_copy(setup.start_name, sizeof setup.start_name, b->start_name);
    trm_play *p = trm_play_new(&setup);
    b->copy = NULL;
    const bool ok = trm_app_push(w->app, trm_play_screen(p), e);
    if (!ok)
        trm_play_free(p);
    return ok;
}

static bool open_versus(trm_train_screen *w, trm_error *e) {
    trm_train_opening *b = &w->opening;
    trm_versus_setup setup = {.env = env_of(w),
                              .models = {b->copy, b->other},
                              .owned = {b->copy, b->other},
                              .board = w->o->config->seed,
                              .start = b->start};
    trm_text_copy(setup.names[0], sizeof setup.names[0], b->name);
    trm_text_copy(setup.names[1], sizeof setup.names[1], b->other_name);
    trm_text_copy(setup.start_name, sizeof setup.start_name, b->start_name);
    trm_versus *v = trm_versus_new(&setup);
    b->copy = b->other = NULL;
    const bool ok = trm_app_push(w->app, trm_versus_screen(v), e);
    if (!ok)
        trm_versus_free(v);
    return ok;
}

void trm_train_play(void *self, int32_t arg) {
    (void)arg;
    ask(self, open_game, NULL);
}

static trm_model *load_other(trm_train_screen *w, const char *path, trm_error *e) {
    trm_config c;
    if (of_samples(w) && !make_board(w, e))
        return NULL;
    trm_model *m = trm_checkpoint_model(path, NULL, 0, &c, e);
    if (m == NULL)
        return NULL;
    const trm_model_config *k = trm_model_get_config(m);
    if (trm_model_fits_env(k, env_of(w)))
        return m;
    trm_error_set(e, TRM_E_INPUT, "%s takes %d numbers and has %d actions: it is for another board",
                  path, k->state_dim, k->action_dim);
    trm_model_free(m);
    return NULL;
}

static void other_typed(void *ctx, const char *path) {
    trm_train_screen *w = ctx;
    trm_error e = {0};
    trm_model *other = load_other(w, path, &e);
    if (other == NULL) {
        trm_app_status(w->app, "%s", e.message);
        return;
    }
    ask(w, open_versus, other);
    if (w->opening.other == other)
        trm_text_copy(w->opening.other_name, sizeof w->opening.other_name, path);
}

void trm_train_versus(void *self, int32_t arg) {
    trm_train_screen *w = self;
    (void)arg;
    trm_app_prompt(w->app, "compare with the model (a run's folder or a checkpoint)", "",
                   other_typed, w);
}

// ---- the time line ------------------------------------------------------------------------------

void trm_train_time_line(void *self, int32_t arg) {
    const trm_train_screen *w = self;
    trm_error e = {0};
    (void)arg;
    if (w->o->config->record_mib > 0 && w->snap.done == 0)
        trm_app_status(w->app, "nothing is kept before the first episode's end");
    else if (!trm_replay_push(w->app, trm_rundir_path(w->o->rundir), w->o->trainer, &e))
        trm_app_status(w->app, "%s", e.message);
}
