// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "trm/base/text.h"
#include "tui/watch/layout.h"
#include "tui/watch/state.h"

static void show_step(trm_watch *w) {
    trm_watch_view_step(&w->view, &w->show.reel, w->show.cursor);
}

static void set_pause(trm_watch *w, bool pause) {
    w->paused = w->view.paused = pause;
    w->renew = true;
    trm_show_pause(&w->show, pause, &w->director, w->view.done);
}

static void pause_or_go(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    set_pause(w, !w->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_watch *)self)->paused ? "go on" : "pause";
}

static void step_forward(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    w->renew = true;
    if (!w->paused) {
        set_pause(w, true);
        return;
    }
    trm_show_forward(&w->show, &w->director, &w->seen);
    show_step(w);
}

static void step_back(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    if (!w->paused)
        set_pause(w, true);
    if (trm_show_back(&w->show))
        show_step(w);
}

static void go_first(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    if (w->paused && w->show.cursor > 0) {
        w->show.cursor = 0;
        show_step(w);
    }
}

static void go_last(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    if (w->paused && w->show.cursor >= 0) {
        w->show.cursor = w->show.reel.length - 1;
        show_step(w);
    }
}

static void next_cycle(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_watch_view_select(&w->view, w->view.selected + 1);
}

static void previous_cycle(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_watch_view_select(&w->view, w->view.selected - 1);
}

static void faster(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_director_shift(&w->director, w->view.done, 1);
}

static void slower(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_director_shift(&w->director, w->view.done, -1);
}

static void toggle_free(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_director_toggle_free(&w->director);
    if (w->director.pace == TRM_PACE_AUTO)
        trm_director_auto(&w->director, &w->seen);
    trm_show_cut(&w->show, w->snap.state);
}

static const char *free_label(const void *self) {
    return ((const trm_watch *)self)->director.pace == TRM_PACE_FREE ? "leave free" : "free";
}

static bool not_auto(const void *self) {
    return ((const trm_watch *)self)->director.pace != TRM_PACE_AUTO;
}

static void go_auto(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    trm_director_auto(&w->director, &w->seen);
    trm_show_cut(&w->show, w->snap.state);
}

// A model that is only shown has no run.
static bool has_run(const void *self) {
    return ((const trm_watch *)self)->o->rundir != NULL;
}

static bool can_extend(const void *self) {
    const trm_watch *w = self;
    return has_run(self) && w->view.done && w->snap.state != TRM_TRAINER_FAILED;
}

static void extend(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    const int64_t more = w->o->config->train.episodes;
    trm_trainer_extend(w->o->trainer, more);
    w->seen.total = w->snap.total + more;
    trm_director_begin(&w->director, &w->seen);
    trm_app_status(w->app, "%lld more episodes", (long long)more);
}

static void turn_focus(trm_watch *w, int32_t by) {
    const int32_t n = w->view.bare ? TRM_FOCUS_CURVES : TRM_FOCUS_COUNT;
    w->view.focus = (trm_watch_focus)(((int32_t)w->view.focus + by + n) % n);
}

static void next_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, 1);
}

static void previous_panel(void *self, uint32_t key) {
    (void)key;
    turn_focus(self, -1);
}

// Arrows do in the focused panel what is nearest to moving.
static void move(trm_watch *w, bool forward) {
    switch (w->view.focus) {
    case TRM_FOCUS_BOARD:
        (forward ? step_forward : step_back)(w, 0);
        break;
    case TRM_FOCUS_CYCLES:
        (forward ? next_cycle : previous_cycle)(w, 0);
        break;
    case TRM_FOCUS_CURVES:
        w->view.curve = forward ? 1 : 0;
        break;
    case TRM_FOCUS_NUMBERS:
    case TRM_FOCUS_COUNT:
        break;
    }
}

static void move_left(void *self, uint32_t key) {
    (void)key;
    move(self, false);
}

static void move_right(void *self, uint32_t key) {
    (void)key;
    move(self, true);
}

static void turn_axis(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    w->view.curves.by_steps = !w->view.curves.by_steps;
    trm_watch_view_history(&w->view, &w->history);
}

static void save_to(void *ctx, const char *text) {
    trm_watch *w = ctx;
    const char *home = getenv("HOME");
    if (text[0] == '~' && text[1] == '/' && home != NULL)
        trm_text_format(w->save_path, sizeof w->save_path, "%s%s", home, text + 1);
    else
        trm_text_copy(w->save_path, sizeof w->save_path, text);
    w->saving = true;
    w->save_after = w->snap.checkpoints;
    trm_trainer_checkpoint(w->o->trainer);
    trm_app_status(w->app, "saving …");
}

static void save(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    char path[TRM_CONFIG_NAME + 64];
    trm_text_format(path, sizeof path, "runs/%s-%lld",
                    w->o->config->preset[0] != 0 ? w->o->config->preset : "run",
                    (long long)w->o->config->seed);
    trm_app_prompt(w->app, "copy this run to the new directory", path, save_to, w);
}

static void leave(void *ctx) {
    trm_watch *w = ctx;
    trm_app_pop(w->app);
}

static void quit(void *self, uint32_t key) {
    trm_watch *w = self;
    (void)key;
    const bool shown = w->o->rundir == NULL; // a model that nothing trains
    if (shown || w->view.done || w->snap.state == TRM_TRAINER_FAILED)
        leave(w);
    else
        trm_app_ask(w->app, "Stop training and leave?", leave, w);
}

void trm_watch_click(void *self, int32_t y, int32_t x) {
    trm_watch *w = self;
    int32_t rows = 0, cols = 0;
    trm_app_size(w->app, &rows, &cols);
    const trm_watch_layout l = trm_watch_layout_of(rows, cols, w->view.bare);
    if (!w->view.bare && y >= l.numbers.y)
        w->view.focus = x >= l.numbers.x ? TRM_FOCUS_NUMBERS : TRM_FOCUS_CURVES;
    else
        w->view.focus = x >= l.cycles.x ? TRM_FOCUS_CYCLES : TRM_FOCUS_BOARD;
}

const trm_action trm_watch_actions[] = {
    {"pause", {' '}, "pause", "pause, go on: training and show", 1, NULL, pause_label, pause_or_go},
    {"step",
     {'.'},
     "step",
     "one step of the environment; pauses first",
     2,
     NULL,
     NULL,
     step_forward},
    {"back", {','}, "back", "one step back within the episode in sight", 8, NULL, NULL, step_back},
    {"first",
     {'g', TRM_KEY_HOME},
     "first",
     "to the first step of it, when paused",
     0,
     NULL,
     NULL,
     go_first},
    {"last", {'G', TRM_KEY_END}, "last", "to its last step, when paused", 0, NULL, NULL, go_last},
    {"next-cycle", {']'}, "cycle", "select the next reasoning cycle", 3, NULL, NULL, next_cycle},
    {"previous-cycle", {'['}, "cycle", "select the one before", 0, NULL, NULL, previous_cycle},
    {"faster", {'+', '='}, "faster", "faster", 4, NULL, NULL, faster},
    {"slower", {'-', '_'}, "slower", "slower", 6, NULL, NULL, slower},
    {"free",
     {'f'},
     "free",
     "train at full speed, show samples; again: back",
     5,
     NULL,
     free_label,
     toggle_free},
    {"auto", {'a'}, "auto", "let the show find its pace again", 7, not_auto, NULL, go_auto},
    {"extend",
     {'e'},
     "extend",
     "train as many episodes again, when done",
     2,
     can_extend,
     NULL,
     extend},
    {"play",
     {'p'},
     "play",
     "play the board in sight by hand; training goes on",
     9,
     NULL,
     NULL,
     trm_watch_play},
    {"versus",
     {'c'},
     "compare",
     "set another model beside this one on the board in sight",
     0,
     NULL,
     NULL,
     trm_watch_versus},
    {"next-panel", {TRM_KEY_TAB}, "panel", "the next panel", 9, NULL, NULL, next_panel},
    {"previous-panel",
     {TRM_KEY_SHIFT_TAB},
     "panel",
     "the panel before",
     0,
     NULL,
     NULL,
     previous_panel},
    {"left",
     {TRM_KEY_LEFT, 'h'},
     "left",
     "in the panel: step back, cycle before, reward",
     0,
     NULL,
     NULL,
     move_left},
    {"right",
     {TRM_KEY_RIGHT, 'l'},
     "right",
     "in the panel: step, next cycle, success",
     0,
     NULL,
     NULL,
     move_right},
    {"axis", {'x'}, "axis", "curves over episodes or over steps", 0, NULL, NULL, turn_axis},
    {"microscope",
     {'m'},
     "microscope",
     "through this decision, cycle by cycle and unit by unit",
     4,
     NULL,
     NULL,
     trm_watch_microscope},
    {"what-if",
     {'w'},
     "what if",
     "change this state or the model, and see what it would do",
     8,
     NULL,
     NULL,
     trm_watch_what_if},
    {"replay",
     {'r'},
     "replay",
     "the time line: moments of this training, weights of then",
     7,
     has_run,
     NULL,
     trm_watch_replay},
    {"save",
     {'s'},
     "save",
     "write a checkpoint and copy the run to a directory",
     10,
     has_run,
     NULL,
     save},
    {"quit",
     {'q', TRM_CTRL('C')},
     "quit",
     "stop training and leave; what is learned is saved",
     5,
     NULL,
     NULL,
     quit},
};
