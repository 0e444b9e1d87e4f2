// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "tui/inspector/inspector.h"
#include "tui/layout.h"
#include "tui/replay/draw.h"

// A key of one's own hand stops the show.
static trm_replay *by_hand(void *self) {
    trm_replay *r = self;
    r->playing = false;
    return r;
}

static void play_or_pause(void *self, int32_t arg) {
    trm_replay *r = self;
    (void)arg;
    r->playing = !r->playing;
    r->due = 0;
    const bool end = r->moment == trm_record_count(r->record) - 1 &&
                     r->then.view.step.cursor == r->then.episode_trace.length - 1;
    if (r->playing && end)
        trm_replay_go(r, 0, 0);
}

static const char *play_label(const void *self) {
    return ((const trm_replay *)self)->playing ? "pause" : "play";
}

static void go(void *self, int32_t moment) {
    trm_replay_go(by_hand(self), moment, 0);
}

static void turn_moment(void *self, int32_t by) {
    trm_replay *r = self;
    go(r, r->moment + by);
}

static void step(void *self, int32_t by) {
    (by > 0 ? trm_replay_forward : trm_replay_back)(by_hand(self));
}

// A tenth of the training, and at least one moment.
static void leap(void *self, int32_t sign) {
    enum { PARTS = 10 };
    trm_replay *r = self;
    const int64_t tenth = r->then.view.snap.total / PARTS;
    int32_t to = trm_record_at(r->record, r->then.episode_trace.episode + sign * tenth);
    if (sign > 0 ? to <= r->moment : to >= r->moment)
        to = r->moment + sign;
    go(r, to);
}

static bool has_first_success(const void *self) {
    const trm_replay *r = self;
    return trm_record_marked(r->record, TRM_MARK_FIRST_SUCCESS) >= 0;
}

static void go_marked(void *self, int32_t mark) {
    trm_replay *r = self;
    go(r, trm_record_marked(r->record, (trm_mark)mark));
}

static void turn_compare(void *self, int32_t arg) {
    trm_replay *r = self;
    (void)arg;
    r->compare = !r->compare;
    trm_replay_step(r, r->then.view.step.cursor);
}

static const char *compare_label(const void *self) {
    return ((const trm_replay *)self)->compare ? "then only" : "then and now";
}

static bool comparing(const void *self) {
    return ((const trm_replay *)self)->compare;
}

static void go_difference(void *self, int32_t arg) {
    trm_replay *r = by_hand(self);
    (void)arg;
    if (r->differs >= 0)
        trm_replay_step(r, r->differs);
    else
        trm_app_status(r->app, "the model of now does the same, step by step");
}

static void turn_cycle(void *self, int32_t by) {
    trm_replay *r = self;
    trm_train_view_select(&r->then.view, r->then.view.selected + by);
    trm_train_view_select(&r->now.view, r->then.view.selected);
}

static void shift(void *self, int32_t by) {
    trm_replay *r = self;
    r->gear = trm_clamp(r->gear + by, 0, TRM_REPLAY_GEARS - 1);
}

static void turn_curve(void *self, int32_t arg) {
    trm_replay *r = self;
    (void)arg;
    r->success = !r->success;
}

static const char *curve_label(const void *self) {
    return ((const trm_replay *)self)->success ? "reward" : "success";
}

static void turn_axis(void *self, int32_t arg) {
    trm_replay *r = self;
    (void)arg;
    r->then.view.curves.by_steps = !r->then.view.curves.by_steps;
    trm_train_view_history(&r->then.view, &r->history);
}

// what_if: 0, 1.
static void look(void *self, int32_t what_if) {
    trm_replay *r = by_hand(self);
    char title[64];
    trm_error e = {0};
    trm_text_format(title, sizeof title, "episode %lld",
                    (long long)r->then.episode_trace.episode + 1);
    const trm_inspector_source source =
        trm_inspector_source_of(trm_record_env(r->record), r->then.model, NULL,
                                &r->then.episode_trace, r->then.view.step.cursor, title);
    if (!(what_if ? trm_what_if_push : trm_inspector_push)(r->app, &source, &e))
        trm_app_status(r->app, "%s", e.message);
}

static void leave(void *self, int32_t arg) {
    (void)arg;
    trm_app_pop(((trm_replay *)self)->app);
}

void trm_replay_click(void *self, int32_t y, int32_t x) {
    trm_replay *r = self;
    const trm_replay_layout l = trm_replay_layout_of(trm_app_area(r->app), r->compare);
    const int32_t moment = trm_replay_moment_at(&l, r, y, x);
    if (moment >= 0)
        go(r, moment);
    else
        r->playing = false;
}

const trm_action trm_replay_actions[TRM_REPLAY_ACTIONS] = {
    {{' '},
     "play",
     "play on through the training, pause",
     1,
     .label_now = play_label,
     .run = play_or_pause},
    {{TRM_KEY_LEFT, 'h', '{'},
     "moment",
     "the kept moment before",
     2,
     .arg = -1,
     .run = turn_moment},
    {{TRM_KEY_RIGHT, 'l', '}'},
     "",
     "the next kept moment",
     .pair = true,
     .arg = 1,
     .run = turn_moment},
    {{','}, "step", "one step back", 3, .arg = -1, .run = step},
    {{'.'}, "", "one step on, over the ends of episodes", .pair = true, .arg = 1, .run = step},
    {{'d'},
     "differ",
     "to the first step at which now does otherwise",
     2,
     .usable = comparing,
     .run = go_difference},
    {{'c'},
     "then and now",
     "the same start with the model of now beside it",
     4,
     .label_now = compare_label,
     .run = turn_compare},
    {{TRM_KEY_PAGE_DOWN}, "later", "a tenth of the training on", .arg = 1, .run = leap},
    {{TRM_KEY_PAGE_UP}, "earlier", "a tenth of the training back", .arg = -1, .run = leap},
    {{TRM_KEY_HOME, 'g'}, "start", "the first kept moment", .run = go},
    {{TRM_KEY_END, 'G'}, "end", "the last kept moment", .arg = INT32_MAX, .run = go},
    {{'F'},
     "success",
     "the first success",
     5,
     .arg = TRM_MARK_FIRST_SUCCESS,
     .usable = has_first_success,
     .run = go_marked},
    {{'B'}, "best", "the best episode", 6, .arg = TRM_MARK_BEST, .run = go_marked},
    {{'W'}, "worst", "the worst episode", 7, .arg = TRM_MARK_WORST, .run = go_marked},
    {{'L'}, "longest", "the longest episode", 8, .arg = TRM_MARK_LONGEST, .run = go_marked},
    {{'['}, "cycle", "the reasoning cycle before", 10, .arg = -1, .run = turn_cycle},
    {{']'}, "", "the next reasoning cycle", .pair = true, .arg = 1, .run = turn_cycle},
    {{'+', '='}, "speed", "play faster", 11, .arg = 1, .run = shift},
    {{'-', '_'}, "", "play slower", .pair = true, .arg = -1, .run = shift},
    {{TRM_KEY_TAB, TRM_KEY_SHIFT_TAB},
     "curve",
     "reward or success above the time line",
     9,
     .label_now = curve_label,
     .run = turn_curve},
    {{'x'}, "axis", "the time line over episodes or over steps", .run = turn_axis},
    {{'m'}, "microscope", "through this decision, with the weights of then", 9, .run = look},
    {{'w'}, "what if", "change this state or that model, and see", 14, .arg = 1, .run = look},
    {{'q', TRM_CTRL('C')}, "quit", "leave the time line", 4, .run = leave},
};
