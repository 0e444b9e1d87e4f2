// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "tui/crash.h"
#include "tui/lesson/state.h"

static char *summarise(const trm_lesson_watch_options *o, const trm_snapshot *s) {
    enum { SIZE = 1024 };
    char score[96] = "";
    char *line = trm_alloc(1, SIZE);
    const trm_score *last = s->tested ? &s->test : &s->epoch.score;
    if (s->epoch.epoch >= 0)
        trm_text_format(score, sizeof score, ", %s: cells %.1f %%, exact %.1f %%",
                        s->tested ? "test" : "held-out", 100.0 * last->cell_accuracy,
                        100.0 * last->exact_accuracy);
    trm_text_format(line, SIZE, "%lld of %lld epochs%s; the run is in %s", (long long)s->done,
                    (long long)s->total, score, trm_rundir_path(o->rundir));
    return line;
}

bool trm_lesson_watch_run(const trm_lesson_watch_options *o, char **summary, trm_error *e) {
    if (summary != NULL)
        *summary = NULL;
    trm_app *app = trm_app_open(o->ascii, o->color, o->mouse, e);
    if (app == NULL)
        return false;
    trm_lesson_watch *w = trm_alloc(1, sizeof *w);
    w->o = o;
    w->told = -1.0;
    trm_director_init(&w->director, o->pace, trm_clock_now());
    trm_lesson_view_init(&w->view, o->config, o->course,
                         trm_app_look(app)->glyphs == TRM_GLYPHS_ASCII);
    w->view.bare = o->rundir == NULL;
    if (o->rundir != NULL)
        trm_crash_hint_run(trm_rundir_path(o->rundir));
    const bool left = trm_app_push(app, trm_lesson_screen(w), e) && trm_app_run(app, e);
    trm_snapshot last;
    trm_trainer_snapshot(o->trainer, &last);
    const bool failed = last.state == TRM_TRAINER_FAILED;
    if (w->started) {
        trm_trainer_stop(o->trainer);
        trm_trainer_join(o->trainer);
    }
    trm_app_close(app);
    trm_trainer_snapshot(o->trainer, &last);
    if (summary != NULL && w->started && o->rundir != NULL)
        *summary = summarise(o, &last);
    trm_lesson_view_done(&w->view);
    free(w);
    if (failed || last.state == TRM_TRAINER_FAILED)
        return trm_error_set(e, last.error.code, "%s", last.error.message);
    return left;
}
