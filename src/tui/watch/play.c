// SPDX-License-Identifier: Apache-2.0
// From watching to playing: the start of the episode in sight, and the model as it is now.
#include "trm/base/text.h"
#include "tui/watch/state.h"

void trm_watch_play(trm_watch *w) {
    const trm_reel *reel = &w->show.reel;
    const trm_model *model = trm_learner_model(w->o->learner);
    trm_error e = {0};
    if (w->play != NULL)
        return;
    if (w->show.cursor < 0) {
        trm_app_status(w->app, "the first step has yet to come");
        return;
    }
    trm_play_setup setup = {
        .env = w->view.env, .board = w->o->config->seed, .start = trm_reel_state(reel, 0)};
    setup.model = setup.owned = trm_model_new(trm_model_get_config(model), &e);
    if (setup.owned == NULL) {
        trm_app_status(w->app, "%s", e.message);
        return;
    }
    trm_text_format(setup.model_name, sizeof setup.model_name, "%s after %lld episodes",
                    w->o->config->model.type, (long long)w->snap.episodes);
    if (reel->episode >= 0)
        trm_text_format(setup.start_name, sizeof setup.start_name, "the board of episode %lld",
                        (long long)reel->episode + 1);
    else
        trm_text_copy(setup.start_name, sizeof setup.start_name, "a board of the show");
    w->play = trm_play_new(&setup);
    trm_trainer_request_weights(w->o->trainer);
}

bool trm_watch_play_poll(trm_watch *w) {
    trm_error e = {0};
    if (w->play == NULL || !trm_trainer_weights(w->o->trainer, w->play->setup.owned))
        return false;
    trm_play *p = w->play;
    w->play = NULL;
    if (!trm_app_push(w->app, trm_play_screen(p), &e)) {
        trm_app_status(w->app, "%s", e.message);
        trm_play_free(p);
    }
    return true;
}
