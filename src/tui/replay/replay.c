// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/layout.h"
#include "tui/replay/state.h"

const double trm_replay_speeds[TRM_REPLAY_GEARS] = {1, 2, 4, 8, 16, 30, 60, 120};

const trm_moment *trm_replay_moment(const trm_replay *r) {
    return trm_record_moment(r->record, r->moment);
}

const char *trm_replay_fame(const trm_replay *r) {
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++)
        if (trm_record_marked(r->record, (trm_mark)k) == r->moment)
            return r->kind->fame[k];
    return "";
}

void trm_replay_prepare(trm_replay *r) {
    trm_error e = {0};
    if (!r->compare || r->now_played)
        return;
    if (!r->now_loaded && !trm_record_newest(r->record, r->now.model, &r->now.update, &e)) {
        trm_app_status(r->app, "%s", e.message);
        r->compare = false;
        return;
    }
    r->now_loaded = true;
    r->now_played = r->kind->answer(r);
    r->compare = r->now_played;
    if (r->compare)
        r->kind->show_now(r);
}

static bool load(trm_replay *r, int32_t moment) {
    trm_error e = {0};
    if (!trm_record_weights(r->record, moment, r->then.model, &e)) {
        trm_app_status(r->app, "%s", e.message);
        return false;
    }
    const trm_moment *m = trm_record_moment(r->record, moment);
    r->number = m->number;
    r->steps = r->kind->steps(m);
    r->then.update = m->update;
    r->now_played = false;
    return r->kind->load(r, moment);
}

void trm_replay_step(trm_replay *r, int32_t at) {
    at = trm_clamp(at, 0, r->kind->last(r));
    if (!r->kind->show(r, at))
        return;
    r->at = at;
    trm_replay_prepare(r);
    if (r->compare && r->now_played)
        r->kind->show_now(r);
}

void trm_replay_go(trm_replay *r, int32_t moment, int32_t at) {
    moment = trm_clamp(moment, 0, trm_record_count(r->record) - 1);
    if (trm_record_moment(r->record, moment)->number != r->number && !load(r, moment)) {
        r->playing = false;
        r->looked = 0; // it may have gone when the record was thinned
        return;
    }
    r->moment = moment;
    trm_replay_step(r, at);
}

bool trm_replay_at_end(const trm_replay *r) {
    return r->moment == trm_record_count(r->record) - 1 &&
           (r->kind == &trm_replay_epochs || r->at == r->kind->last(r));
}

// ---- a run that goes on -------------------------------------------------------------------------

static void take_history(trm_replay *r) {
    trm_snapshot snap = {0};
    if (r->trainer != NULL) {
        trm_trainer_history(r->trainer, &r->history);
        trm_trainer_snapshot(r->trainer, &snap);
    } else {
        const double from = trm_clock_now();
        trm_record_history(r->record, &r->history, NULL);
        r->read = trm_clock_now();
        r->cost = r->read - from;
    }
    const trm_config *k = trm_record_config(r->record);
    const bool epochs = trm_record_unit(r->record) == TRM_UNIT_EPOCH;
    const trm_moment *last = trm_record_moment(r->record, trm_record_count(r->record) - 1);
    const int64_t meant = epochs ? k->train.epochs : k->train.episodes;
    r->then.view.snap.total = snap.total > 0 ? snap.total : meant;
    if (epochs)
        r->then.view.snap.batches = (int32_t)(last->update / (last->number + 1));
    r->now.view.snap = r->then.view.snap;
    trm_train_view_history(&r->then.view, &r->history);
}

// Episodes, or what there is of epochs.
static int64_t seen(const trm_history *h) {
    return h->episodes + h->epochs.seen + h->batches.seen;
}

// Reading all metrics again may take at most a share of the time.
static bool renew_history(trm_replay *r, double now, bool more) {
    enum { PATIENCE = 50 };
    const int64_t before = seen(&r->history);
    if (r->trainer == NULL && (!more || now - r->read < 1 + PATIENCE * r->cost))
        return false;
    take_history(r);
    return seen(&r->history) != before;
}

bool trm_replay_renew(trm_replay *r, double now) {
    static const double LOOK = 0.5;
    trm_error e = {0};
    if (now - r->looked < LOOK)
        return false;
    r->looked = now;
    const bool more = trm_record_renew(r->record, &e);
    if (more) {
        r->moment = trm_record_at(r->record, r->number);
        r->now_loaded = false;
    }
    return renew_history(r, now, more) || more;
}

// ---- opening ------------------------------------------------------------------------------------

static bool open_side(trm_replay *r, trm_replay_side *s, trm_error *e) {
    s->model = trm_record_model(r->record, e);
    if (s->model == NULL)
        return false;
    const trm_trace_shape shape = trm_model_trace_shape(s->model);
    trm_train_view_init(&s->view, trm_record_config(r->record), &shape,
                        trm_app_look(r->app)->glyphs == TRM_GLYPHS_ASCII);
    r->kind->open(r, s);
    s->view.focus = TRM_FOCUS_COUNT; // no panel has it
    return true;
}

static void close_side(trm_replay *r, trm_replay_side *s) {
    if (s->model == NULL)
        return;
    trm_train_view_done(&s->view);
    r->kind->close(s);
    trm_agent_done(&s->agent);
    trm_model_free(s->model);
}

// To the first moment, or to the newest of a run that goes on: that may go while it is read, and
// then there is a newer one.
static bool begin(trm_replay *r) {
    enum { TRIES = 20 };
    for (int32_t i = 0; i < TRIES && r->at < 0; i++) {
        trm_error e;
        if (i > 0)
            trm_record_renew(r->record, &e);
        trm_replay_go(r, r->trainer != NULL ? INT32_MAX : 0, 0);
    }
    return r->at >= 0;
}

static bool open_all(trm_replay *r, const char *run, trm_error *e) {
    r->record = trm_record_open(run, e);
    if (r->record == NULL)
        return false;
    if (trm_record_unit(r->record) == TRM_UNIT_EPOCH)
        r->kind = &trm_replay_epochs;
    if (!open_side(r, &r->then, e) || !open_side(r, &r->now, e))
        return false;
    r->kind->begin(r);
    trm_history_init(&r->history);
    take_history(r);
    return begin(r) || trm_error_set(e, TRM_E_INPUT, "%s: its moments cannot be shown", run);
}

void trm_replay_free(trm_replay *r) {
    trm_player_done(&r->player);
    close_side(r, &r->then);
    close_side(r, &r->now);
    trm_record_free(r->record);
    free(r);
}

trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e) {
    trm_replay *r = trm_alloc(1, sizeof *r);
    r->app = app;
    r->trainer = trainer;
    r->kind = &trm_replay_episodes;
    r->differs = -1;
    r->number = r->at = -1;
    r->gear = 3;
    if (open_all(r, run, e))
        return r;
    trm_replay_free(r);
    return NULL;
}
