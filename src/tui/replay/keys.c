// SPDX-License-Identifier: Apache-2.0
#include "trm/base/text.h"
#include "tui/micro/micro.h"
#include "tui/replay/draw.h"

// A key of one's own hand stops the show.
static trm_replay *by_hand(void *self) {
    trm_replay *r = self;
    r->playing = false;
    return r;
}

static void play_or_pause(void *self, uint32_t key) {
    trm_replay *r = self;
    (void)key;
    r->playing = !r->playing;
    r->due = 0;
    const bool end = r->moment == trm_record_count(r->record) - 1 &&
                     r->then.view.cursor == r->then.reel.length - 1;
    if (r->playing && end)
        trm_replay_go(r, 0, 0);
}

static const char *play_label(const void *self) {
    return ((const trm_replay *)self)->playing ? "pause" : "play";
}

static void next_moment(void *self, uint32_t key) {
    trm_replay *r = by_hand(self);
    (void)key;
    trm_replay_go(r, r->moment + 1, 0);
}

static void previous_moment(void *self, uint32_t key) {
    trm_replay *r = by_hand(self);
    (void)key;
    trm_replay_go(r, r->moment - 1, 0);
}

static void step_forward(void *self, uint32_t key) {
    (void)key;
    trm_replay_forward(by_hand(self));
}

static void step_back(void *self, uint32_t key) {
    (void)key;
    trm_replay_back(by_hand(self));
}

static void go_first(void *self, uint32_t key) {
    (void)key;
    trm_replay_go(by_hand(self), 0, 0);
}

static void go_last(void *self, uint32_t key) {
    (void)key;
    trm_replay_go(by_hand(self), INT32_MAX, 0);
}

// A tenth of the training, and at least one moment.
static void leap(trm_replay *r, int32_t sign) {
    enum { PARTS = 10 };
    const int64_t tenth = r->then.view.snap.total / PARTS;
    int32_t to = trm_record_at(r->record, r->then.reel.episode + sign * tenth);
    if (sign > 0 ? to <= r->moment : to >= r->moment)
        to = r->moment + sign;
    trm_replay_go(r, to, 0);
}

static void leap_forward(void *self, uint32_t key) {
    (void)key;
    leap(by_hand(self), 1);
}

static void leap_back(void *self, uint32_t key) {
    (void)key;
    leap(by_hand(self), -1);
}

static bool has_first_success(const void *self) {
    const trm_replay *r = self;
    return trm_record_marked(r->record, TRM_MARK_FIRST_SUCCESS) >= 0;
}

static void go_marked(void *self, uint32_t key) {
    trm_replay *r = by_hand(self);
    const trm_mark mark = key == 'F'   ? TRM_MARK_FIRST_SUCCESS
                          : key == 'B' ? TRM_MARK_BEST
                          : key == 'W' ? TRM_MARK_WORST
                                       : TRM_MARK_LONGEST;
    trm_replay_go(r, trm_record_marked(r->record, mark), 0);
}

static void turn_compare(void *self, uint32_t key) {
    trm_replay *r = self;
    (void)key;
    r->compare = !r->compare;
    trm_replay_step(r, r->then.view.cursor);
}

static const char *compare_label(const void *self) {
    return ((const trm_replay *)self)->compare ? "then only" : "then and now";
}

static bool comparing(const void *self) {
    return ((const trm_replay *)self)->compare;
}

static void go_difference(void *self, uint32_t key) {
    trm_replay *r = by_hand(self);
    (void)key;
    if (r->differs >= 0)
        trm_replay_step(r, r->differs);
    else
        trm_app_status(r->app, "the model of now does the same, step by step");
}

static void select_cycle(trm_replay *r, int32_t by) {
    trm_watch_view_select(&r->then.view, r->then.view.selected + by);
    trm_watch_view_select(&r->now.view, r->then.view.selected);
}

static void next_cycle(void *self, uint32_t key) {
    (void)key;
    select_cycle(self, 1);
}

static void previous_cycle(void *self, uint32_t key) {
    (void)key;
    select_cycle(self, -1);
}

static void shift(trm_replay *r, int32_t by) {
    const int32_t gear = r->gear + by;
    r->gear = gear < 0 ? 0 : gear >= TRM_REPLAY_GEARS ? TRM_REPLAY_GEARS - 1 : gear;
}

static void faster(void *self, uint32_t key) {
    (void)key;
    shift(self, 1);
}

static void slower(void *self, uint32_t key) {
    (void)key;
    shift(self, -1);
}

static void turn_curve(void *self, uint32_t key) {
    trm_replay *r = self;
    (void)key;
    r->success = !r->success;
}

static const char *curve_label(const void *self) {
    return ((const trm_replay *)self)->success ? "reward" : "success";
}

static void turn_axis(void *self, uint32_t key) {
    trm_replay *r = self;
    (void)key;
    r->then.view.curves.by_steps = !r->then.view.curves.by_steps;
    trm_watch_view_history(&r->then.view, &r->history);
}

typedef bool (*push)(trm_app *app, const trm_micro_source *source, trm_error *e);

static void look(trm_replay *r, push screen) {
    char title[64];
    trm_error e = {0};
    trm_text_format(title, sizeof title, "episode %lld", (long long)r->then.reel.episode + 1);
    const trm_micro_source source = trm_micro_source_of(
        trm_record_env(r->record), r->then.model, NULL, &r->then.reel, r->then.view.cursor, title);
    if (!screen(r->app, &source, &e))
        trm_app_status(r->app, "%s", e.message);
}

static void microscope(void *self, uint32_t key) {
    (void)key;
    look(by_hand(self), trm_micro_push);
}

static void what_if(void *self, uint32_t key) {
    (void)key;
    look(by_hand(self), trm_what_if_push);
}

static void leave(void *self, uint32_t key) {
    trm_replay *r = self;
    (void)key;
    trm_app_pop(r->app);
}

void trm_replay_click(void *self, int32_t y, int32_t x) {
    trm_replay *r = by_hand(self);
    int32_t rows = 0, cols = 0;
    trm_app_size(r->app, &rows, &cols);
    const trm_replay_layout l = trm_replay_layout_of(rows, cols, r->compare);
    const int32_t moment = trm_replay_moment_at(&l, r, y, x);
    if (moment >= 0)
        trm_replay_go(r, moment, 0);
}

#define ACTION(i, k, l, h, p, r) .id = i, .keys = k, .label = l, .help = h, .priority = p, .run = r
#define KEYS(...)                                                                                  \
    { __VA_ARGS__ }

const trm_action trm_replay_actions[TRM_REPLAY_ACTIONS] = {
    {ACTION("play", KEYS(' '), "play", "play on through the training, pause", 1, play_or_pause),
     .label_now = play_label},
    {ACTION("next-moment", KEYS(TRM_KEY_RIGHT, 'l', '}'), "moment", "the next kept moment", 2,
            next_moment)},
    {ACTION("previous-moment", KEYS(TRM_KEY_LEFT, 'h', '{'), "moment", "the kept moment before", 0,
            previous_moment)},
    {ACTION("step", KEYS('.'), "step", "one step on, over the ends of episodes", 3, step_forward)},
    {ACTION("back", KEYS(','), "back", "one step back", 12, step_back)},
    {ACTION("difference", KEYS('d'), "differ", "to the first step at which now does otherwise", 2,
            go_difference),
     .usable = comparing},
    {ACTION("compare", KEYS('c'), "then and now", "the same start with the model of now beside it",
            4, turn_compare),
     .label_now = compare_label},
    {ACTION("later", KEYS(TRM_KEY_PAGE_DOWN), "later", "a tenth of the training on", 0,
            leap_forward)},
    {ACTION("earlier", KEYS(TRM_KEY_PAGE_UP), "earlier", "a tenth of the training back", 0,
            leap_back)},
    {ACTION("first", KEYS(TRM_KEY_HOME, 'g'), "start", "the first kept moment", 0, go_first)},
    {ACTION("last", KEYS(TRM_KEY_END, 'G'), "end", "the last kept moment", 0, go_last)},
    {ACTION("first-success", KEYS('F'), "success", "the first success", 5, go_marked),
     .usable = has_first_success},
    {ACTION("best", KEYS('B'), "best", "the best episode", 6, go_marked)},
    {ACTION("worst", KEYS('W'), "worst", "the worst episode", 7, go_marked)},
    {ACTION("longest", KEYS('L'), "longest", "the longest episode", 8, go_marked)},
    {ACTION("next-cycle", KEYS(']'), "cycle", "select the next reasoning cycle", 10, next_cycle)},
    {ACTION("previous-cycle", KEYS('['), "cycle", "select the one before", 0, previous_cycle)},
    {ACTION("faster", KEYS('+', '='), "faster", "play faster", 11, faster)},
    {ACTION("slower", KEYS('-', '_'), "slower", "play slower", 13, slower)},
    {ACTION("curve", KEYS(TRM_KEY_TAB, TRM_KEY_SHIFT_TAB), "curve",
            "reward or success above the time line", 9, turn_curve),
     .label_now = curve_label},
    {ACTION("axis", KEYS('x'), "axis", "the time line over episodes or over steps", 0, turn_axis)},
    {ACTION("microscope", KEYS('m'), "microscope",
            "through this decision, with the weights of then", 9, microscope)},
    {ACTION("what-if", KEYS('w'), "what if", "change this state or that model, and see", 14,
            what_if)},
    {ACTION("quit", KEYS('q', TRM_CTRL('C')), "quit", "leave the time line", 4, leave)},
};
