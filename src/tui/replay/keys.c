// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "trm/agent/subject.h"
#include "trm/base/text.h"
#include "trm/tui/replay.h"
#include "tui/canvas/layout.h"
#include "tui/explain/explain.h"
#include "tui/inspector/inspector.h"
#include "tui/play/open.h"
#include "tui/replay/replay.h"
#include "tui/replay/state.h"

static const double LINGER = 0.7; // seconds that an episode's end stays
static const double LOOK = 0.5;   // between looks at the files
static const double FILM = 30.0;  // how long a recording without a terminal may be

static bool of_epochs(const void *self) {
    return ((const trm_replay *)self)->epochs;
}

// Another moment is begun with its first step; of epochs the same sample stays in sight.
static void go_to(trm_replay *r, int32_t moment) {
    trm_replay_go(r, moment, r->epochs ? r->at : 0);
}

// One step or epoch on, over the edges of moments; false at the end of all.
static bool forward(trm_replay *r) {
    if (trm_replay_at_end(r))
        return false;
    if (!r->epochs && r->at < trm_replay_last(r))
        trm_replay_step(r, r->at + 1);
    else
        go_to(r, r->moment + 1);
    return true;
}

// A key of one's own hand stops the show.
static trm_replay *by_hand(void *self) {
    trm_replay *r = self;
    r->playing = false;
    return r;
}

static void play_or_pause(void *self) {
    trm_replay *r = self;
    r->playing = !r->playing;
    r->due = 0;
    if (r->playing && trm_replay_at_end(r))
        go_to(r, 0);
}

static const char *play_label(const void *self) {
    return ((const trm_replay *)self)->playing ? "pause" : "play";
}

static void go(void *self, int32_t moment) {
    go_to(by_hand(self), moment);
}

static void turn_moment(void *self, int32_t by) {
    trm_replay *r = self;
    go(r, r->moment + by);
}

static void step(void *self, int32_t by) {
    trm_replay *r = by_hand(self);
    const bool inside = r->at + by >= 0 && r->at + by <= trm_replay_last(r);
    if (inside)
        trm_replay_step(r, r->at + by);
    else if (r->epochs)
        trm_app_status(r->app, "this is the %s of the kept samples", by > 0 ? "last" : "first");
    else if (by > 0)
        forward(r);
    else if (r->moment > 0)
        trm_replay_go(r, r->moment - 1, INT32_MAX);
}

// A tenth of the training, and at least one moment.
static void leap(void *self, int32_t sign) {
    enum { PARTS = 10 };
    trm_replay *r = self;
    const int64_t tenth = r->then.view.snap.total / PARTS;
    int32_t to = trm_record_at(r->record, r->number + sign * tenth);
    if (sign > 0 ? to <= r->moment : to >= r->moment)
        to = r->moment + sign;
    go(r, to);
}

static const char *no_first_success(const void *self) {
    const trm_replay *r = self;
    if (trm_record_marked(r->record, TRM_MARK_FIRST_SUCCESS) >= 0)
        return NULL;
    return of_epochs(r) ? "no kept epoch answers a sample right in every cell"
                        : "no kept episode is a success";
}

static const char *no_longest(const void *self) {
    return of_epochs(self) ? "epochs are all of one length: there is no longest" : NULL;
}

static void go_marked(void *self, int32_t mark) {
    trm_replay *r = self;
    go(r, trm_record_marked(r->record, (trm_mark)mark));
}

static void turn_compare(void *self) {
    trm_replay *r = self;
    r->compare = !r->compare;
    trm_replay_step(r, r->at);
}

static const char *compare_label(const void *self) {
    return ((const trm_replay *)self)->compare ? "then only" : "then and now";
}

static bool comparing(const void *self) {
    return ((const trm_replay *)self)->compare;
}

static void select_cycle(trm_replay *r, int32_t cycle) {
    trm_train_view_select(&r->then.view, cycle);
    trm_train_view_select(&r->now.view, r->then.view.selected);
}

static void go_difference(void *self) {
    trm_replay *r = by_hand(self);
    if (r->differs < 0) {
        trm_app_status(r->app, "the newest model %s the same, step by step",
                       r->epochs ? "answers" : "does");
    } else if (r->epochs) {
        select_cycle(r, r->differs);
        r->then.view.sample.cell = r->now.view.sample.cell = trm_replay_other_cell(r, r->differs);
    } else {
        trm_replay_step(r, r->differs);
    }
}

static void turn_cycle(void *self, int32_t by) {
    trm_replay *r = self;
    select_cycle(r, r->then.view.selected + by);
}

static void shift(void *self, int32_t by) {
    trm_replay *r = self;
    r->gear = trm_clamp(r->gear + by, 0, TRM_REPLAY_GEARS - 1);
}

static void turn_curve(void *self) {
    trm_replay *r = self;
    r->second = !r->second;
}

static const char *curve_label(const void *self) {
    static const char *const curves[2][2] = {{"reward", "success"}, {"accuracy", "loss"}};
    const trm_replay *r = self;
    return curves[r->epochs][!r->second];
}

static void turn_axis(void *self) {
    trm_replay *r = self;
    r->then.view.curves.by_steps = !r->then.view.curves.by_steps;
    trm_train_view_history(&r->then.view, &r->history);
}

// What is in sight, for another screen. title: size bytes that must last as long as *out.
static bool source_of(trm_replay *r, char *title, size_t size, trm_inspector_source *out,
                      trm_error *e) {
    const long long number = (long long)r->number + 1;
    if (!r->epochs) {
        trm_text_format(title, size, "episode %lld", number);
        *out = trm_inspector_source_of(trm_record_env(r->record), r->then.model, NULL,
                                       &r->then.episode_trace, r->at, title);
        return true;
    }
    const trm_dataset *set = trm_record_data(r->record, r->moment, e);
    if (set == NULL)
        return false;
    trm_text_format(title, size, "held-out, epoch %lld", number);
    *out = trm_inspector_source_of_samples(r->then.model, NULL, set, 0, set->count,
                                           r->then.sample.sample, title);
    out->total = r->then.sample.count;
    out->cell = r->then.view.sample.cell;
    out->config = trm_record_config(r->record);
    return true;
}

// what_if: 0, 1.
static void look(void *self, int32_t what_if) {
    trm_replay *r = by_hand(self);
    trm_inspector_source source;
    char title[64];
    trm_error e = {0};
    if (!source_of(r, title, sizeof title, &source, &e) ||
        !trm_inspector_push_either(r->app, &source, what_if, &e))
        trm_app_status(r->app, "%s", e.message);
}

static const char *no_board(const void *self) {
    const trm_replay *r = self;
    if (!of_epochs(r))
        return "the board of a sample is played from here; of episodes, trm play and p in the live "
               "view play boards";
    return r->then.sample.board.rows > 0 ? NULL : "tokens are no board that could be played";
}

static trm_model *weights_of_then(const trm_replay *r, trm_error *e) {
    const trm_params *p = trm_model_params_const(r->then.model);
    trm_model *copy = trm_record_model(r->record, e);
    if (copy != NULL)
        memcpy(trm_model_params(copy)->values, p->values, (size_t)p->size * sizeof *p->values);
    return copy;
}

static void play_board(void *self) {
    trm_replay *r = by_hand(self);
    const trm_config *k = trm_record_config(r->record);
    trm_error e = {0};
    char name[96], start[64];
    const trm_dataset *set = trm_record_data(r->record, r->moment, &e);
    trm_model *copy = set != NULL ? weights_of_then(r, &e) : NULL;
    trm_text_format(name, sizeof name, "%s after %lld epochs", k->model.type,
                    (long long)r->number + 1);
    trm_text_format(start, sizeof start, "held-out sample %d", r->then.sample.sample + 1);
    bool ok = copy != NULL;
    if (ok) {
        const trm_subject subject = trm_subject_of_sample(set, r->then.sample.sample);
        ok = trm_play_push(r->app, &subject, copy, k, name, start, k->seed, &e);
    }
    if (!ok)
        trm_app_status(r->app, "%s", e.message);
}

static const char *place_label(const void *self) {
    return of_epochs(self) ? "sample" : ((const trm_replay *)self)->then.view.words->move;
}

static const char *cycle_label(const void *self) {
    return ((const trm_replay *)self)->then.view.words->cycle;
}

static void click(void *self, int32_t y, int32_t x) {
    trm_replay *r = self;
    const int32_t moment = trm_replay_moment_at(r, trm_app_area(r->app), y, x);
    if (moment >= 0)
        go(r, moment);
    else
        r->playing = false;
}

const trm_action trm_replay_actions[] = {
    {TRM_KEYS(' '), "play", "play through the training; pause", 1, .label_now = play_label,
     .act = play_or_pause},
    {TRM_KEYS(TRM_KEY_LEFT, 'h', '{'), "moment", "the kept moment before", 2, .arg = -1,
     .run = turn_moment},
    {TRM_KEYS(TRM_KEY_RIGHT, 'l', '}'), "", "the next kept moment", .pair = true, .arg = 1,
     .run = turn_moment},
    {TRM_KEYS(','), "step", "one step back; the kept sample before", 3, .arg = -1,
     .label_now = place_label, .run = step},
    {TRM_KEYS('.'), "", "one step forward, into the next episode; the next sample", .pair = true,
     .arg = 1, .run = step},
    {TRM_KEYS('d'), "differ", "the first step at which now and then differ", 2, .usable = comparing,
     .act = go_difference},
    {TRM_KEYS('c'), "then and now", "show what the newest model does with the same start", 4,
     .label_now = compare_label, .act = turn_compare},
    {TRM_KEYS(TRM_KEY_PAGE_DOWN), "later", "a tenth of the training forward", .arg = 1,
     .run = leap},
    {TRM_KEYS(TRM_KEY_PAGE_UP), "earlier", "a tenth of the training back", .arg = -1, .run = leap},
    {TRM_KEYS(TRM_KEY_HOME, 'g'), "start", "the first kept moment", .run = go},
    {TRM_KEYS(TRM_KEY_END, 'G'), "end", "the last kept moment", .arg = INT32_MAX, .run = go},
    {TRM_KEYS('F'), "success", "the first success, or the first whole answer", 5,
     .arg = TRM_MARK_FIRST_SUCCESS, .why_not = no_first_success, .run = go_marked},
    {TRM_KEYS('B'), "best", "the best episode or epoch", 6, .arg = TRM_MARK_BEST, .run = go_marked},
    {TRM_KEYS('W'), "worst", "the worst episode or epoch", 7, .arg = TRM_MARK_WORST,
     .run = go_marked},
    {TRM_KEYS('L'), "longest", "the longest episode", 8, .arg = TRM_MARK_LONGEST,
     .why_not = no_longest, .run = go_marked},
    {TRM_KEYS('['), "cycle", "the reasoning cycle before", 10, .arg = -1, .label_now = cycle_label,
     .run = turn_cycle},
    {TRM_KEYS(']'), "", "the next reasoning cycle", .pair = true, .arg = 1, .run = turn_cycle},
    {TRM_KEYS('+', '='), "speed", "play faster", 11, .arg = 1, .run = shift},
    {TRM_KEYS('-', '_'), "", "play slower", .pair = true, .arg = -1, .run = shift},
    {TRM_KEYS(TRM_KEY_TAB, TRM_KEY_SHIFT_TAB), "curve",
     "reward or success, accuracy or loss, above the time line", 9, .label_now = curve_label,
     .act = turn_curve},
    {TRM_KEYS('x'), "axis", "x axis: episodes or epochs, or steps or batches", .act = turn_axis},
    {TRM_KEYS('m'), "microscope", "look at this decision with the weights of that time", 9,
     .run = look},
    {TRM_KEYS('w'), "what if", "change this state or model, and see what it would do", 14, .arg = 1,
     .run = look},
    {TRM_KEYS('p'), "play it", "play this board, with the weights of that time to ask", 14,
     .why_not = no_board, .act = play_board},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "leave the time line", 4, .leaves = true},
    {.keys = {0}},
};

// ---- the screen ---------------------------------------------------------------------------------

// Seconds that the step or epoch in sight stays: an episode's end longer, where single steps can be
// seen.
static double period(const trm_replay *r) {
    const double step = 1.0 / trm_replay_speeds[r->gear];
    const bool end = !r->epochs && r->at == trm_replay_last(r) && r->then.episode_trace.finished;
    return end ? fmax(step, fmin(LINGER, 4.0 * step)) : step;
}

static bool play(trm_replay *r, double now) {
    if (!r->playing)
        return false;
    if (r->due <= 0.0 || now - r->due > 0.5) // just begun, or after a stall
        r->due = now + period(r);
    if (now < r->due)
        return false;
    while (r->playing && r->due <= now) {
        if (!forward(r))
            r->playing = false;
        r->due += period(r);
    }
    return true;
}

static bool tick(void *self, double now) {
    trm_replay *r = self;
    const bool moved = play(r, now);
    return trm_replay_renew(r, now) || moved;
}

static double wait_time(const void *self, double now) {
    const trm_replay *r = self;
    return r->playing ? fmin(LOOK, fmax(0.0, r->due - now)) : LOOK;
}

static int32_t panel_of(const void *self) {
    (void)self;
    return TRM_PANEL_REPLAY;
}

static const trm_screen_ops ops = {
    .name = "trm replay",
    .meanwhile = "nothing is lost",
    .actions = trm_replay_actions,
    .tick = tick,
    .wait = wait_time,
    .draw = trm_replay_draw,
    .panel = panel_of,
    .click = click,
    .close = trm_replay_free,
    .wheel = {TRM_KEY_LEFT, TRM_KEY_RIGHT},
};

bool trm_replay_push(trm_app *app, const char *run, trm_trainer *trainer, trm_error *e) {
    trm_replay *r = trm_replay_new(app, run, trainer, e);
    return r != NULL && trm_app_push(app, &ops, r, e);
}

static bool push(trm_app *app, const void *run, trm_error *e) {
    return trm_replay_push(app, run, NULL, e);
}

static bool is_over(const void *self) {
    return !((const trm_replay *)self)->playing;
}

// Plays on from the first moment, as slowly as the whole fits into the time.
static bool push_playing(trm_app *app, const void *run, trm_error *e) {
    trm_replay *r = trm_replay_new(app, run, NULL, e);
    if (r == NULL)
        return false;
    const double places = r->epochs ? trm_record_count(r->record) : trm_record_steps(r->record);
    r->playing = true;
    for (r->gear = 0;
         r->gear < TRM_REPLAY_GEARS - 1 && !(places < FILM * trm_replay_speeds[r->gear]);)
        r->gear++;
    return trm_app_push(app, &ops, r, e);
}

static bool film(const trm_replay_options *o, trm_error *e) {
    trm_app *app = trm_app_open(&o->screen, e);
    const bool ok =
        app != NULL && push_playing(app, o->run, e) && trm_app_film(app, FILM, is_over, e);
    trm_app_close(app);
    return ok;
}

bool trm_replay_run(const trm_replay_options *o, trm_error *e) {
    if (o->screen.rows > 0)
        return film(o, e);
    return trm_app_show(&o->screen, push, o->run, e);
}
