// SPDX-License-Identifier: Apache-2.0
// The moments of a record. An episode is played again, step by step; of an epoch the kept sample in
// sight is answered again.
#include <stdlib.h>
#include <string.h>

#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "tui/canvas/layout.h"
#include "tui/replay/state.h"

const double trm_replay_speeds[TRM_REPLAY_GEARS] = {1, 2, 4, 8, 16, 30, 60, 120};

const trm_moment *trm_replay_moment(const trm_replay *r) {
    return trm_record_moment(r->record, r->moment);
}

int64_t trm_replay_steps(const trm_replay *r, const trm_moment *m) {
    return r->epochs ? m->update : m->episode.step;
}

int32_t trm_replay_last(const trm_replay *r) {
    return r->epochs ? trm_replay_moment(r)->count - 1 : r->then.episode_trace.length - 1;
}

bool trm_replay_at_end(const trm_replay *r) {
    return r->moment == trm_record_count(r->record) - 1 &&
           (r->epochs || r->at == trm_replay_last(r));
}

// ---- samples ------------------------------------------------------------------------------------

// How many epochs, and batches of the next, make so many updates. Epochs can differ in batches.
static void count_epochs(const trm_replay *r, int64_t update, trm_sample *out) {
    int32_t i = trm_record_count(r->record) - 1;
    while (i > 0 && trm_record_moment(r->record, i)->update > update)
        i--;
    const trm_moment *m = trm_record_moment(r->record, i);
    out->epochs = m->number + 1;
    out->batch = (int32_t)(update - m->update);
}

// Answers a kept sample of the moment in sight with a side's weights.
static bool answer(trm_replay *r, trm_replay_side *s, int32_t at) {
    const trm_model_config *m = trm_model_get_config(s->model);
    trm_sample *k = &s->sample;
    trm_record_answer kept;
    trm_error e = {0};
    const trm_dataset *set = trm_record_data(r->record, r->moment, &e);
    if (set == NULL || !trm_record_sample(r->record, r->moment, at, &kept, &e)) {
        trm_app_status(r->app, "%s", e.message);
        return false;
    }
    const trm_subject subject = trm_subject_of_sample(set, kept.sample);
    k->id++;
    k->side = TRM_SPLIT_HELD_OUT;
    k->sample = kept.sample;
    k->count = trm_record_config(r->record)->data.validation;
    count_epochs(r, s->update, k);
    k->board = kept.board;
    memcpy(k->input, kept.input, (size_t)m->state_dim * sizeof *k->input);
    memcpy(k->target, kept.target, (size_t)m->positions * sizeof *k->target);
    trm_subject_look(&subject, &s->agent, k->trace);
    trm_train_view_sample(&s->view, k);
    return true;
}

int32_t trm_replay_other_cell(const trm_replay *r, int32_t step) {
    const trm_sample_sight *a = &r->then.view.sample, *b = &r->now.view.sample;
    for (int32_t p = 0; p < a->positions; p++)
        if (a->answers[step].classes[p] != b->answers[step].classes[p])
            return p;
    return -1;
}

static bool answer_now(trm_replay *r) {
    const trm_trace_shape *shape = &r->then.view.shape;
    if (!answer(r, &r->now, r->at))
        return false;
    r->differs = -1;
    for (int32_t i = shape->first_logits; i < shape->cycles && r->differs < 0; i++)
        if (trm_replay_other_cell(r, i) >= 0)
            r->differs = i;
    return true;
}

// ---- episodes -----------------------------------------------------------------------------------

static int32_t first_difference(const trm_episode_trace *a, const trm_episode_trace *b) {
    const int32_t n = a->length < b->length ? a->length : b->length;
    for (int32_t t = 0; t < n; t++)
        if (a->steps[t].action != b->steps[t].action)
            return t;
    return a->length == b->length ? -1 : n;
}

static void play_now(trm_replay *r) {
    const trm_env *env = trm_record_env(r->record);
    trm_episode_trace_begin(&r->now.episode_trace, r->now.episode_trace.id + 1, -1);
    trm_player_start(&r->player, trm_episode_trace_state(&r->then.episode_trace, 0));
    while (!r->player.finished) {
        trm_player_step(&r->player);
        const trm_step_view view = trm_player_view(&r->player, -1);
        trm_episode_trace_append(&r->now.episode_trace, env, &view);
    }
    r->differs = first_difference(&r->then.episode_trace, &r->now.episode_trace);
}

// ---- what is in sight ---------------------------------------------------------------------------

static void show_now(trm_replay *r) {
    const int32_t end = r->now.episode_trace.length - 1;
    if (r->epochs)
        r->now.view.sample.cell = r->then.view.sample.cell;
    else
        trm_train_view_step(&r->now.view, &r->now.episode_trace, r->at < end ? r->at : end);
}

// Plays the start, or answers the sample, in sight with the newest weights, if that has to be done.
static bool prepare_now(trm_replay *r) {
    trm_error e = {0};
    if (r->now_played)
        return true;
    if (!r->now_loaded && !trm_record_newest(r->record, r->now.model, &r->now.update, &e)) {
        trm_app_status(r->app, "%s", e.message);
        return false;
    }
    r->now_loaded = true;
    if (r->epochs)
        return answer_now(r);
    play_now(r);
    return true;
}

static bool load(trm_replay *r, int32_t moment) {
    const trm_moment *m = trm_record_moment(r->record, moment);
    trm_error e = {0};
    if (!trm_record_weights(r->record, moment, r->then.model, &e)) {
        trm_app_status(r->app, "%s", e.message);
        return false;
    }
    r->number = m->number;
    r->steps = trm_replay_steps(r, m);
    r->score = m->score;
    r->then.update = m->update;
    r->now_played = false;
    if (r->epochs)
        return true;
    if (!trm_record_play(r->record, moment, &r->then.agent, &r->then.episode_trace, &e))
        trm_app_status(r->app, "%s", e.message);
    return r->then.episode_trace.length > 0;
}

void trm_replay_step(trm_replay *r, int32_t at) {
    at = trm_clamp(at, 0, trm_replay_last(r));
    if (!r->epochs)
        trm_train_view_step(&r->then.view, &r->then.episode_trace, at);
    else if (answer(r, &r->then, at))
        r->now_played = false;
    else
        return;
    r->at = at;
    if (r->compare)
        r->compare = r->now_played = prepare_now(r);
    if (r->compare)
        show_now(r);
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
    const trm_train_config *k = &trm_record_config(r->record)->train;
    const trm_moment *last = trm_record_moment(r->record, trm_record_count(r->record) - 1);
    r->then.view.snap.total = snap.total > 0 ? snap.total : r->epochs ? k->epochs : k->episodes;
    if (r->epochs)
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

static void open_sample(trm_sample *s, const trm_model *model, const trm_trace_shape *shape) {
    const trm_model_config *m = trm_model_get_config(model);
    s->input = trm_alloc((size_t)m->state_dim, sizeof *s->input);
    s->target = trm_alloc((size_t)m->positions, sizeof *s->target);
    s->trace = trm_alloc((size_t)trm_trace_size(shape), sizeof *s->trace);
    s->known = shape->cycles; // answered in one go
}

static bool open_side(trm_replay *r, trm_replay_side *s, trm_error *e) {
    const trm_env *env = trm_record_env(r->record);
    s->model = trm_record_model(r->record, e);
    if (s->model == NULL)
        return false;
    const trm_trace_shape shape = trm_model_trace_shape(s->model);
    trm_agent_init(&s->agent, env, s->model);
    trm_train_view_init(&s->view, trm_record_config(r->record), &shape,
                        trm_app_look(r->app)->glyphs == TRM_GLYPHS_ASCII);
    if (r->epochs) {
        trm_train_view_of_samples(&s->view, s->model);
        open_sample(&s->sample, s->model, &shape);
    } else {
        trm_train_view_of_episodes(&s->view, env);
        trm_episode_trace_init(&s->episode_trace, env, s->model);
    }
    s->view.focus = TRM_FOCUS_COUNT; // no panel has it
    return true;
}

static void close_side(trm_replay_side *s) {
    if (s->model == NULL)
        return;
    trm_train_view_done(&s->view);
    trm_episode_trace_done(&s->episode_trace);
    trm_sample_done(&s->sample);
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
    r->epochs = trm_record_unit(r->record) == TRM_UNIT_EPOCH;
    if (!open_side(r, &r->then, e) || !open_side(r, &r->now, e))
        return false;
    if (!r->epochs)
        trm_player_init(&r->player, trm_record_env(r->record), r->now.model);
    trm_history_init(&r->history);
    take_history(r);
    // What is being trained may just have thinned away what was to be shown first.
    return begin(r) || (trm_record_renew(r->record, NULL) && begin(r)) ||
           trm_error_set(e, TRM_E_INPUT, "%s: its moments cannot be shown", run);
}

void trm_replay_free(void *replay) {
    trm_replay *r = replay;
    trm_player_done(&r->player);
    close_side(&r->then);
    close_side(&r->now);
    trm_record_free(r->record);
    free(r);
}

trm_replay *trm_replay_new(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e) {
    trm_replay *r = trm_alloc(1, sizeof *r);
    r->app = app;
    r->trainer = trainer;
    r->differs = r->at = -1;
    r->number = -1;
    r->gear = 3;
    if (open_all(r, run, e))
        return r;
    trm_replay_free(r);
    return NULL;
}
