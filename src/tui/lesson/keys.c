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

static void pause_or_go(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    set_pause(w, !w->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_lesson_watch *)self)->paused ? "go on" : "pause";
}

static bool is_training(const void *self) {
    const trm_lesson_watch *w = self;
    return !w->view.done && w->snap.state != TRM_TRAINER_FAILED;
}

static void learn_batch(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    w->renew = true;
    if (!w->paused) {
        set_pause(w, true);
        return;
    }
    trm_trainer_step(w->o->trainer, 1);
    w->ask = true; // answered after the batch
}

static void next_step(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_lesson_view_select(&w->view, w->view.selected + 1);
}

static void previous_step(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_lesson_view_select(&w->view, w->view.selected - 1);
}

static void first_step(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_lesson_view_select(&w->view, 0);
}

static void last_step(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_lesson_view_select(&w->view, w->view.shape.cycles - 1);
}

void trm_lesson_turn(trm_lesson_watch *w, int32_t by) {
    const int32_t n = w->view.peek.count > 0 ? w->view.peek.count : 1;
    w->view.sample = (int32_t)(((int64_t)w->view.sample + by + n) % n);
    w->ask = true;
}

static void next_sample(void *self, uint32_t key) {
    (void)key;
    trm_lesson_turn(self, 1);
}

static void previous_sample(void *self, uint32_t key) {
    (void)key;
    trm_lesson_turn(self, -1);
}

static void other_side(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    w->view.side = w->view.side == TRM_SPLIT_TRAIN ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
    w->view.sample = 0;
    w->ask = true;
}

static const char *side_label(const void *self) {
    const trm_lesson_watch *w = self;
    return w->view.side == TRM_SPLIT_TRAIN ? "held-out" : "training set";
}

static void faster(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_director_shift(&w->director, w->view.done, 1);
}

static void slower(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    trm_director_shift(&w->director, w->view.done, -1);
}

static void toggle_free(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
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

static void go_auto(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
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

static void extend(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    const int32_t more = w->o->config->train.epochs;
    trm_trainer_extend(w->o->trainer, more);
    w->view.selected = w->view.shape.cycles - 1;
    trm_director_begin(&w->director, &w->seen);
    trm_app_status(w->app, "%d more epochs", more);
}

static void turn_focus(trm_lesson_watch *w, int32_t by) {
    const int32_t n = w->view.bare ? TRM_LESSON_FOCUS_CURVES : TRM_LESSON_FOCUS_COUNT;
    w->view.focus = (trm_lesson_focus)(((int32_t)w->view.focus + by + n) % n);
}

static void next_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, 1);
}

static void previous_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, -1);
}

// Arrows move the cursor over the cells; where the curves have the focus, from one to the other.
static void move(trm_lesson_watch *w, int32_t rows, int32_t cols) {
    if (w->view.focus == TRM_LESSON_FOCUS_CURVES && cols != 0)
        w->view.curve = cols > 0 ? 1 : 0;
    else
        trm_lesson_view_move(&w->view, rows, cols);
}

static void move_left(void *self, uint32_t key) {
    (void)key;
    move(self, 0, -1);
}

static void move_right(void *self, uint32_t key) {
    (void)key;
    move(self, 0, 1);
}

static void move_up(void *self, uint32_t key) {
    (void)key;
    move(self, -1, 0);
}

static void move_down(void *self, uint32_t key) {
    (void)key;
    move(self, 1, 0);
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

static void save(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
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

static void quit(void *self, uint32_t key) {
    trm_lesson_watch *w = self;
    (void)key;
    if (is_training(w))
        trm_app_ask(w->app, "Stop training and leave?", leave, w);
    else
        leave(w);
}

void trm_lesson_click(void *self, int32_t y, int32_t x) {
    trm_lesson_watch *w = self;
    int32_t rows = 0, cols = 0;
    trm_app_size(w->app, &rows, &cols);
    const trm_watch_layout l = trm_watch_layout_of(rows, cols, w->view.bare);
    if (!w->view.bare && y >= l.numbers.y)
        w->view.focus = x >= l.numbers.x ? TRM_LESSON_FOCUS_NUMBERS : TRM_LESSON_FOCUS_CURVES;
    else
        w->view.focus = x >= l.cycles.x ? TRM_LESSON_FOCUS_ANSWERS : TRM_LESSON_FOCUS_SAMPLE;
}

const trm_action trm_lesson_actions[] = {
    {.id = "pause",
     .keys = {' '},
     .label = "pause",
     .help = "pause, go on: training and show",
     .priority = 1,
     .label_now = pause_label,
     .run = pause_or_go},
    {.id = "batch",
     .keys = {'.'},
     .label = "batch",
     .help = "learn one batch; pauses first",
     .priority = 2,
     .usable = is_training,
     .run = learn_batch},
    {.id = "extend",
     .keys = {'e'},
     .label = "extend",
     .help = "learn as many epochs again, when done",
     .priority = 2,
     .usable = can_extend,
     .run = extend},
    {.id = "next-step",
     .keys = {']'},
     .label = "step",
     .help = "select the model's next step, or layer",
     .priority = 3,
     .run = next_step},
    {.id = "previous-step",
     .keys = {'['},
     .label = "step",
     .help = "select the one before",
     .run = previous_step},
    {.id = "first-step",
     .keys = {'g', TRM_KEY_HOME},
     .label = "first",
     .help = "the first step",
     .run = first_step},
    {.id = "last-step",
     .keys = {'G', TRM_KEY_END},
     .label = "last",
     .help = "the last step",
     .run = last_step},
    {.id = "next-sample",
     .keys = {'}'},
     .label = "sample",
     .help = "the next sample",
     .priority = 4,
     .run = next_sample},
    {.id = "previous-sample",
     .keys = {'{'},
     .label = "sample",
     .help = "the sample before",
     .run = previous_sample},
    {.id = "side",
     .keys = {'n'},
     .label = "training set",
     .help = "samples of the training set, or held-out ones",
     .priority = 6,
     .label_now = side_label,
     .run = other_side},
    {.id = "faster",
     .keys = {'+', '='},
     .label = "faster",
     .help = "faster",
     .priority = 7,
     .run = faster},
    {.id = "slower",
     .keys = {'-', '_'},
     .label = "slower",
     .help = "slower",
     .priority = 9,
     .run = slower},
    {.id = "free",
     .keys = {'f'},
     .label = "free",
     .help = "train at full speed; again: back",
     .priority = 5,
     .usable = is_training,
     .label_now = free_label,
     .run = toggle_free},
    {.id = "auto",
     .keys = {'a'},
     .label = "auto",
     .help = "let the show find its pace again",
     .priority = 8,
     .usable = not_auto,
     .run = go_auto},
    {.id = "left",
     .keys = {TRM_KEY_LEFT, 'h'},
     .label = "left",
     .help = "the cell to the left; in the curves: accuracy",
     .run = move_left},
    {.id = "right",
     .keys = {TRM_KEY_RIGHT, 'l'},
     .label = "right",
     .help = "the cell to the right; in the curves: loss",
     .run = move_right},
    {.id = "up",
     .keys = {TRM_KEY_UP, 'k'},
     .label = "up",
     .help = "the cell above",
     .run = move_up},
    {.id = "down",
     .keys = {TRM_KEY_DOWN, 'j'},
     .label = "down",
     .help = "the cell below",
     .run = move_down},
    {.id = "next-panel",
     .keys = {TRM_KEY_TAB},
     .label = "panel",
     .help = "the next panel",
     .priority = 11,
     .run = next_panel},
    {.id = "previous-panel",
     .keys = {TRM_KEY_SHIFT_TAB},
     .label = "panel",
     .help = "the panel before",
     .run = previous_panel},
    {.id = "save",
     .keys = {'s'},
     .label = "save",
     .help = "write a checkpoint and copy the run to a directory",
     .priority = 10,
     .usable = has_run,
     .run = save},
    {.id = "quit",
     .keys = {'q', TRM_CTRL('C')},
     .label = "quit",
     .help = "stop training and leave; whole epochs are saved",
     .priority = 5,
     .run = quit},
};
