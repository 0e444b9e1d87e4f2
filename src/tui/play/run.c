// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "trm/tui/play.h"
#include "tui/play/state.h"

static bool push(trm_app *app, const void *ctx, trm_error *e) {
    const trm_play_options *o = ctx;
    trm_play_setup setup = {.env = o->env,
                            .model = o->model,
                            .board = o->board,
                            .start = o->start,
                            .start_name = "your puzzle",
                            .own = o->start != NULL,
                            .race = o->race,
                            .note = o->note};
    if (o->model_name != NULL)
        trm_text_copy(setup.model_name, sizeof setup.model_name, o->model_name);
    trm_play *p = trm_play_new(&setup);
    if (trm_app_push(app, trm_play_screen(p), e))
        return true;
    trm_play_free(p);
    return false;
}

bool trm_play_run(const trm_play_options *o, trm_error *e) {
    return trm_app_show(&(trm_app_options){o->ascii, o->color, o->mouse}, push, o, e);
}
