// SPDX-License-Identifier: Apache-2.0
#include <locale.h>

#include "trm/base/text.h"
#include "trm/tui/play.h"
#include "tui/play/state.h"

bool trm_play_run(const trm_play_options *o, trm_error *e) {
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); // numbers are written the same for everyone
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
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
    bool ok = trm_app_push(app, trm_play_screen(p), e);
    if (!ok)
        trm_play_free(p);
    ok = ok && trm_app_run(app, e);
    trm_app_close(app);
    return ok;
}
