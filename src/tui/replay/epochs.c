// SPDX-License-Identifier: Apache-2.0
// Moments that are epochs: the kept sample in sight is answered again with the weights of then.
#include <string.h>

#include "trm/agent/subject.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "tui/replay/state.h"

static void open_side(trm_replay *r, trm_replay_side *s) {
    const trm_model_config *m = trm_model_get_config(s->model);
    (void)r;
    trm_agent_init(&s->agent, NULL, s->model);
    trm_train_view_of_samples(&s->view, s->model);
    s->sample.input = trm_alloc((size_t)m->state_dim, sizeof(float));
    s->sample.target = trm_alloc((size_t)m->positions, sizeof(int32_t));
    s->sample.trace = trm_alloc((size_t)trm_trace_size(&s->view.shape), sizeof(float));
}

static void close_side(trm_replay_side *s) {
    trm_sample_done(&s->sample);
}

static void begin(trm_replay *r) {
    (void)r;
}

// ---- answers ------------------------------------------------------------------------------------

static bool load(trm_replay *r, int32_t moment) {
    r->score = trm_record_moment(r->record, moment)->score;
    return true;
}

static int32_t last(const trm_replay *r) {
    return trm_replay_moment(r)->count - 1;
}

static int32_t first(const trm_replay *r) {
    return r->at;
}

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

static bool show(trm_replay *r, int32_t at) {
    r->now_played = false;
    return answer(r, &r->then, at);
}

static bool forward(trm_replay *r) {
    if (trm_replay_at_end(r))
        return false;
    trm_replay_go(r, r->moment + 1, r->at);
    return true;
}

static void step(trm_replay *r, int32_t by) {
    const int32_t to = r->at + by;
    if (to >= 0 && to <= last(r))
        trm_replay_step(r, to);
    else
        trm_app_status(r->app, "this is the %s of the kept samples", by > 0 ? "last" : "first");
}

// ---- now ----------------------------------------------------------------------------------------

// The first cell that two answers have otherwise; -1: none.
static int32_t other_cell(const trm_replay *r, int32_t step) {
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
        if (other_cell(r, i) >= 0)
            r->differs = i;
    return true;
}

static void show_now(trm_replay *r) {
    r->now.view.sample.cell = r->then.view.sample.cell;
}

static void differ(trm_replay *r) {
    trm_train_view_select(&r->then.view, r->differs);
    trm_train_view_select(&r->now.view, r->differs);
    r->then.view.sample.cell = r->now.view.sample.cell = other_cell(r, r->differs);
}

static bool source(trm_replay *r, trm_inspector_source *out, trm_error *e) {
    const trm_dataset *set = trm_record_data(r->record, r->moment, e);
    if (set == NULL)
        return false;
    trm_text_format(r->title, sizeof r->title, "held-out, epoch %lld", (long long)r->number + 1);
    *out = trm_inspector_source_of_samples(r->then.model, NULL, set, 0, set->count,
                                           r->then.sample.sample, r->title);
    out->total = r->then.sample.count;
    out->cell = r->then.view.sample.cell;
    out->config = trm_record_config(r->record);
    return true;
}

// ---- the curve ----------------------------------------------------------------------------------

static int64_t steps(const trm_moment *m) {
    return m->update;
}

static const char *curve(const trm_replay *r, trm_train_curve *out) {
    const trm_train_view *v = &r->then.view;
    v->panel->draw->curve(v, r->second ? 1 : 0, out);
    out->curve.x_name = v->curves.by_steps ? v->panel->rate : v->panel->unit;
    return r->kind->curves[r->second];
}

static void heading(const trm_replay *r, char words[TRM_REPLAY_WORDS][80]) {
    const trm_score *s = &r->score;
    trm_text_format(words[0], sizeof words[0], "epoch %lld/%lld", (long long)r->number + 1,
                    (long long)r->then.view.snap.total);
    if (r->second) {
        trm_text_format(words[1], sizeof words[1], "h held-out %.3f", s->loss);
        return;
    }
    trm_text_format(words[1], sizeof words[1], "c cells %.1f%%", 100.0 * s->cell_accuracy);
    trm_text_format(words[2], sizeof words[2], "e exact %.1f%%", 100.0 * s->exact_accuracy);
}

const trm_replay_kind trm_replay_epochs = {
    .beat = "epoch",
    .then = "weights of then",
    .now = "newest weights",
    .fame = {"the first whole answer", "the best", "the worst", ""},
    .curves = {"accuracy", "loss"},
    .open = open_side,
    .close = close_side,
    .begin = begin,
    .load = load,
    .last = last,
    .first = first,
    .show = show,
    .answer = answer_now,
    .show_now = show_now,
    .forward = forward,
    .step = step,
    .differ = differ,
    .source = source,
    .steps = steps,
    .curve = curve,
    .heading = heading,
};
