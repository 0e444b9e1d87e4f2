// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/text.h"
#include "tui/lesson/state.h"
#include "tui/watch/layout.h"

static void set_pause(trm_lesson_watch *w, bool pause) {
    w->paused = w->view.paused = pause;
    w->renew = true;
    if (pause)
        trm_trainer_pause(w->o->trainer);
    else
        trm_trainer_resume(w->o->trainer);
}

static void pause_or_go(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    set_pause(w, !w->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_lesson_watch *)self)->paused ? "go on" : "pause";
}

static bool is_training(const void *self) {
    const trm_lesson_watch *w = self;
    return !w->view.done && w->snap.state != TRM_TRAINER_FAILED;
}

static void learn_batch(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    w->renew = true;
    if (!w->paused) {
        set_pause(w, true);
        return;
    }
    trm_trainer_step(w->o->trainer, 1);
    w->ask = true; // answered after the batch
}

static void turn_step(void *self, int32_t by) {
    trm_lesson_watch *w = self;
    trm_lesson_view_select(&w->view, w->view.selected + by);
}

static void go_step(void *self, int32_t step) {
    trm_lesson_watch *w = self;
    trm_lesson_view_select(&w->view, step);
}

void trm_lesson_turn(trm_lesson_watch *w, int32_t by) {
    const int32_t n = w->view.peek.count > 0 ? w->view.peek.count : 1;
    w->view.sample = (int32_t)(((int64_t)w->view.sample + by + n) % n);
    w->ask = true;
}

static void turn_sample(void *self, int32_t by) {
    trm_lesson_turn(self, by);
}

static void other_side(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    w->view.side = w->view.side == TRM_SPLIT_TRAIN ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
    w->view.sample = 0;
    w->ask = true;
}

static const char *side_label(const void *self) {
    const trm_lesson_watch *w = self;
    return w->view.side == TRM_SPLIT_TRAIN ? "held-out" : "training set";
}

static void shift(void *self, int32_t by) {
    trm_lesson_watch *w = self;
    trm_director_shift(&w->director, w->view.done, by);
}

static void toggle_free(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    trm_director_toggle_free(&w->director);
    if (w->director.pace == TRM_PACE_AUTO)
        trm_director_auto(&w->director, &w->seen);
}

static const char *free_label(const void *self) {
    const trm_lesson_watch *w = self;
    return w->director.pace == TRM_PACE_FREE ? "leave free" : "free";
}

static bool not_auto(const void *self) {
    return is_training(self) && ((const trm_lesson_watch *)self)->director.pace != TRM_PACE_AUTO;
}

static void go_auto(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    trm_director_auto(&w->director, &w->seen);
}

// A model that is only shown has no run.
static bool has_run(const void *self) {
    return ((const trm_lesson_watch *)self)->o->rundir != NULL;
}

static bool can_extend(const void *self) {
    const trm_lesson_watch *w = self;
    return has_run(self) && w->view.done && w->snap.state == TRM_TRAINER_SHOWING;
}

static void extend(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    const int32_t more = w->o->config->train.epochs;
    trm_trainer_extend(w->o->trainer, more);
    w->view.selected = w->view.shape.cycles - 1;
    trm_director_begin(&w->director, &w->seen);
    trm_app_status(w->app, "%d more epochs", more);
}

static void turn_focus(void *self, int32_t by) {
    trm_lesson_watch *w = self;
    const int32_t n = w->view.bare ? TRM_LESSON_FOCUS_CURVES : TRM_LESSON_FOCUS_COUNT;
    w->view.focus = (trm_lesson_focus)(((int32_t)w->view.focus + by + n) % n);
}

// Arrows move the cursor over the cells; where the curves have the focus, from one to the other.
static void move(void *self, int32_t way) {
    trm_lesson_watch *w = self;
    if (w->view.focus == TRM_LESSON_FOCUS_CURVES && trm_way_cols(way) != 0)
        w->view.curve = trm_way_cols(way) > 0 ? 1 : 0;
    else
        trm_lesson_view_move(&w->view, trm_way_rows(way), trm_way_cols(way));
}

static void save_to(void *ctx, const char *text) {
    trm_lesson_watch *w = ctx;
    const char *home = getenv("HOME");
    if (text[0] == '~' && text[1] == '/' && home != NULL)
        trm_text_format(w->save_path, sizeof w->save_path, "%s%s", home, text + 1);
    else
        trm_text_copy(w->save_path, sizeof w->save_path, text);
    w->saving = true;
    w->save_after = w->snap.checkpoints;
    trm_trainer_checkpoint(w->o->trainer);
    trm_app_status(w->app, w->paused ? "saving …" : "saving when this epoch is learned …");
}

static void save(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    char path[TRM_CONFIG_NAME + 64];
    trm_text_format(path, sizeof path, "runs/%s-%lld",
                    w->o->config->preset[0] != 0 ? w->o->config->preset : "run",
                    (long long)w->o->config->seed);
    trm_app_prompt(w->app, "copy this run to the new directory", path, save_to, w);
}

static void leave(void *ctx) {
    trm_lesson_watch *w = ctx;
    trm_app_pop(w->app);
}

static void quit(void *self, int32_t arg) {
    trm_lesson_watch *w = self;
    (void)arg;
    if (is_training(w))
        trm_app_ask(w->app, "Stop training and leave?", leave, w);
    else
        leave(w);
}

void trm_lesson_click(void *self, int32_t y, int32_t x) {
    trm_lesson_watch *w = self;
    const trm_rect area = trm_app_area(w->app);
    const trm_watch_layout l = trm_watch_layout_of(area.h + 1, area.w, w->view.bare);
    if (!w->view.bare && y >= l.numbers.y)
        w->view.focus = x >= l.numbers.x ? TRM_LESSON_FOCUS_NUMBERS : TRM_LESSON_FOCUS_CURVES;
    else
        w->view.focus = x >= l.cycles.x ? TRM_LESSON_FOCUS_ANSWERS : TRM_LESSON_FOCUS_SAMPLE;
}

const trm_action trm_lesson_actions[] = {
    {{' '},
     "pause",
     "pause, go on: training and show",
     1,
     .label_now = pause_label,
     .run = pause_or_go},
    {{'.'}, "batch", "learn one batch; pauses first", 2, .usable = is_training, .run = learn_batch},
    {{'e'},
     "extend",
     "learn as many epochs again, when done",
     2,
     .usable = can_extend,
     .run = extend},
    {{'['}, "step", "select the step before", 3, .arg = -1, .run = turn_step},
    {{']'}, "", "select the model's next step, or layer", .pair = true, .arg = 1, .run = turn_step},
    {{'g', TRM_KEY_HOME}, "first", "the first step", .run = go_step},
    {{'G', TRM_KEY_END}, "last", "the last step", .arg = INT32_MAX, .run = go_step},
    {{'{'}, "sample", "the sample before", 4, .arg = -1, .run = turn_sample},
    {{'}'}, "", "the next sample", .pair = true, .arg = 1, .run = turn_sample},
    {{'n'},
     "training set",
     "samples of the training set, or held-out ones",
     6,
     .label_now = side_label,
     .run = other_side},
    {{'m'},
     "microscope",
     "through this sample, step by step and unit by unit",
     4,
     .arg = TRM_LESSON_MICROSCOPE,
     .run = trm_lesson_open_kind},
    {{'w'},
     "what if",
     "change this sample or the model, and see what it would answer",
     8,
     .arg = TRM_LESSON_WHAT_IF,
     .run = trm_lesson_open_kind},
    {{'p'},
     "play",
     "play the board of this sample by hand; training goes on",
     9,
     .arg = TRM_LESSON_PLAY,
     .run = trm_lesson_open_kind},
    {{'c'},
     "compare",
     "set another model beside this one on the board of this sample",
     .run = trm_lesson_open_versus},
    {{'+', '='}, "speed", "faster", 7, .arg = 1, .run = shift},
    {{'-', '_'}, "", "slower", .pair = true, .arg = -1, .run = shift},
    {{'f'},
     "free",
     "train at full speed; again: back",
     5,
     .usable = is_training,
     .label_now = free_label,
     .run = toggle_free},
    {{'a'}, "auto", "let the show find its pace again", 8, .usable = not_auto, .run = go_auto},
    {TRM_KEYS_MOVE, "", "from cell to cell; in the curves: accuracy, loss", .step = 1, .run = move},
    {{TRM_KEY_TAB}, "panel", "the next panel", 11, .arg = 1, .run = turn_focus},
    {{TRM_KEY_SHIFT_TAB}, "", "the panel before", .arg = -1, .run = turn_focus},
    {{'s'},
     "save",
     "write a checkpoint and copy the run to a directory",
     10,
     .usable = has_run,
     .run = save},
    {{'q', TRM_CTRL('C')},
     "quit",
     "stop training and leave; whole epochs are saved",
     5,
     .run = quit},
};
