// SPDX-License-Identifier: Apache-2.0
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/crash.h"
#include "tui/terminal.h"
#include "tui/train/panel.h"
#include "tui/train/state.h"

bool trm_watch_possible(trm_error *e) {
    trm_error missing;
    return trm_terminal_possible(&missing) ||
           trm_error_set(e, TRM_E_INPUT,
                         "watch needs a terminal: %s; `trm train` trains without one",
                         missing.message);
}

static char *summarise(const trm_train_screen *w, const trm_snapshot *s) {
    enum { SIZE = 1024 };
    char success[96] = "";
    char *line = trm_alloc(1, SIZE);
    w->view.panel->summary(s, success, sizeof success);
    trm_text_format(line, SIZE, "%lld of %lld %s%s; the run is in %s", (long long)s->done,
                    (long long)s->total, w->view.panel->unit, success,
                    trm_rundir_path(w->o->rundir));
    return line;
}

static bool result_of(const trm_train_screen *w, bool left, const trm_snapshot *last,
                      trm_error *e) {
    if (last->state == TRM_TRAINER_FAILED || w->snap.state == TRM_TRAINER_FAILED) {
        const trm_error *from = last->state == TRM_TRAINER_FAILED ? &last->error : &w->snap.error;
        return trm_error_set(e, from->code, "%s", from->message);
    }
    return left;
}

bool trm_watch_run(const trm_watch_options *o, char **summary, trm_error *e) {
    if (summary != NULL)
        *summary = NULL;
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
    trm_train_screen *w = trm_train_screen_new(o, trm_app_look(app)->glyphs == TRM_GLYPHS_ASCII);
    if (o->rundir != NULL)
        trm_crash_hint_run(trm_rundir_path(o->rundir));
    const bool left = trm_app_push(app, trm_train_screen_of(w), e) && trm_app_run(app, e);
    if (w->started) {
        trm_trainer_stop(o->trainer);
        trm_trainer_join(o->trainer);
    }
    trm_app_close(app);
    trm_snapshot last;
    trm_trainer_snapshot(o->trainer, &last);
    const bool ok = result_of(w, left, &last, e);
    if (summary != NULL && w->started && o->rundir != NULL)
        *summary = summarise(w, &last);
    trm_train_screen_free(w);
    return ok;
}
