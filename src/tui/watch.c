// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/crash.h"
#include "tui/terminal.h"
#include "tui/watch/state.h"

bool trm_watch_possible(trm_error *e) {
    trm_error missing;
    return trm_terminal_possible(&missing) ||
           trm_error_set(e, TRM_E_INPUT,
                         "watch needs a terminal: %s; `trm train` trains without one",
                         missing.message);
}

static char *summarise(const trm_watch_options *o, const trm_snapshot *s) {
    char text[1024], success[64] = "";
    if (s->done > 0)
        trm_text_format(success, sizeof success, ", %.0f%% of the last %d succeeded",
                        100.0 * (double)s->success50, s->window);
    trm_text_format(text, sizeof text, "%lld of %lld episodes%s; the run is in %s",
                    (long long)s->done, (long long)s->total, success, trm_rundir_path(o->rundir));
    const size_t size = 1024;
    char *line = trm_alloc(1, size);
    trm_text_copy(line, size, text);
    return line;
}

static bool result_of(const trm_watch *w, bool left, const trm_snapshot *last, trm_error *e) {
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
    trm_watch *w = trm_alloc(1, sizeof *w);
    w->o = o;
    const trm_env *env = trm_course_env(o->course);
    const trm_model *model = trm_course_model_const(o->course);
    const trm_trace_shape shape = trm_model_trace_shape(model);
    trm_director_init(&w->director, o->pace, trm_clock_now());
    trm_show_init(&w->show, o->trainer, env, model);
    trm_watch_view_init(&w->view, o->config, env, &shape,
                        trm_app_look(app)->glyphs == TRM_GLYPHS_ASCII);
    w->view.bare = o->rundir == NULL;
    if (o->rundir != NULL)
        trm_crash_hint_run(trm_rundir_path(o->rundir));
    const bool left = trm_app_push(app, trm_watch_screen(w), e) && trm_app_run(app, e);
    if (w->started) {
        trm_trainer_stop(o->trainer);
        trm_trainer_join(o->trainer);
    }
    trm_app_close(app);
    trm_snapshot last;
    trm_trainer_snapshot(o->trainer, &last);
    const bool ok = result_of(w, left, &last, e);
    if (summary != NULL && w->started && o->rundir != NULL)
        *summary = summarise(o, &last);
    trm_watch_board_done(w);
    trm_watch_view_done(&w->view);
    trm_show_done(&w->show);
    free(w);
    return ok;
}
