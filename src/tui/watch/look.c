// SPDX-License-Identifier: Apache-2.0
// From the live view into a single decision, and into the training so far.
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/micro/micro.h"
#include "tui/replay/replay.h"
#include "tui/watch/state.h"

// The weights that the reel in sight was acted with. Where training has begun another since, that
// one comes in sight.
static bool take_weights(trm_watch *w, float *weights) {
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

typedef bool (*push)(trm_app *app, const trm_micro_source *source, trm_error *e);

static void look(trm_watch *w, push screen) {
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
        trm_watch_view_step(&w->view, &w->show.reel, w->show.cursor);
        const trm_micro_source source =
            trm_micro_source_of(w->view.env, model, weights, &w->show.reel, w->show.cursor, title);
        if (!screen(w->app, &source, &e))
            trm_app_status(w->app, "%s", e.message);
    }
    free(weights);
}

void trm_watch_microscope(void *self, int32_t arg) {
    (void)arg;
    look(self, trm_micro_push);
}

void trm_watch_what_if(void *self, int32_t arg) {
    (void)arg;
    look(self, trm_what_if_push);
}

void trm_watch_replay(void *self, int32_t arg) {
    const trm_watch *w = self;
    trm_error e = {0};
    (void)arg;
    if (w->o->config->record_mib > 0 && w->snap.done == 0)
        trm_app_status(w->app, "nothing is kept before the first episode's end");
    else if (!trm_replay_push(w->app, trm_rundir_path(w->o->rundir), w->o->trainer, &e))
        trm_app_status(w->app, "%s", e.message);
}
