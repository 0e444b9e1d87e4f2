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

static void pause_or_go(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    set_pause(w, !w->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_watch *)self)->paused ? "go on" : "pause";
}

static void step(void *self, int32_t by) {
    trm_watch *w = self;
    const bool running = !w->paused;
    w->renew = w->renew || by > 0;
    if (running)
        set_pause(w, true);
    if (by < 0) {
        if (trm_show_back(&w->show))
            show_step(w);
    } else if (!running) {
        trm_show_forward(&w->show, &w->director, &w->seen);
        show_step(w);
    }
}

static void go_first(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    if (w->paused && w->show.cursor > 0) {
        w->show.cursor = 0;
        show_step(w);
    }
}

static void go_last(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    if (w->paused && w->show.cursor >= 0) {
        w->show.cursor = w->show.reel.length - 1;
        show_step(w);
    }
}

static void turn_cycle(void *self, int32_t by) {
    trm_watch *w = self;
    trm_watch_view_select(&w->view, w->view.selected + by);
}

static void shift(void *self, int32_t by) {
    trm_watch *w = self;
    trm_director_shift(&w->director, w->view.done, by);
}

static void toggle_free(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
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

static void go_auto(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
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

static void extend(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    const int64_t more = w->o->config->train.episodes;
    trm_trainer_extend(w->o->trainer, more);
    w->seen.total = w->snap.total + more;
    trm_director_begin(&w->director, &w->seen);
    trm_app_status(w->app, "%lld more episodes", (long long)more);
}

static void turn_focus(void *self, int32_t by) {
    trm_watch *w = self;
    const int32_t n = w->view.bare ? TRM_FOCUS_CURVES : TRM_FOCUS_COUNT;
    w->view.focus = (trm_watch_focus)(((int32_t)w->view.focus + by + n) % n);
}

// Arrows do in the focused panel what is nearest to moving.
static void move(void *self, int32_t by) {
    trm_watch *w = self;
    if (w->view.focus == TRM_FOCUS_BOARD)
        step(w, by);
    else if (w->view.focus == TRM_FOCUS_CYCLES)
        turn_cycle(w, by);
    else if (w->view.focus == TRM_FOCUS_CURVES)
        w->view.curve = by > 0 ? 1 : 0;
}

static void turn_axis(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
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

static void save(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
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

static void quit(void *self, int32_t arg) {
    trm_watch *w = self;
    (void)arg;
    const bool shown = w->o->rundir == NULL; // a model that nothing trains
    if (shown || w->view.done || w->snap.state == TRM_TRAINER_FAILED)
        leave(w);
    else
        trm_app_ask(w->app, "Stop training and leave?", leave, w);
}

void trm_watch_click(void *self, int32_t y, int32_t x) {
    trm_watch *w = self;
    const trm_rect area = trm_app_area(w->app);
    const trm_watch_layout l = trm_watch_layout_of(area.h + 1, area.w, w->view.bare);
    if (!w->view.bare && y >= l.numbers.y)
        w->view.focus = x >= l.numbers.x ? TRM_FOCUS_NUMBERS : TRM_FOCUS_CURVES;
    else
        w->view.focus = x >= l.cycles.x ? TRM_FOCUS_CYCLES : TRM_FOCUS_BOARD;
}

const trm_action trm_watch_actions[] = {
    {{' '},
     "pause",
     "pause, go on: training and show",
     1,
     .label_now = pause_label,
     .run = pause_or_go},
    {{','}, "step", "one step back within the episode in sight", 2, .arg = -1, .run = step},
    {{'.'}, "", "one step of the environment; pauses first", .pair = true, .arg = 1, .run = step},
    {{'g', TRM_KEY_HOME}, "first", "to the first step of it, when paused", .run = go_first},
    {{'G', TRM_KEY_END}, "last", "to its last step, when paused", .run = go_last},
    {{'['}, "cycle", "the one before the selected cycle", 3, .arg = -1, .run = turn_cycle},
    {{']'}, "", "select the next reasoning cycle", .pair = true, .arg = 1, .run = turn_cycle},
    {{'+', '='}, "speed", "faster", 4, .arg = 1, .run = shift},
    {{'-', '_'}, "", "slower", .pair = true, .arg = -1, .run = shift},
    {{'f'},
     "free",
     "train at full speed, show samples; again: back",
     5,
     .label_now = free_label,
     .run = toggle_free},
    {{'a'}, "auto", "let the show find its pace again", 7, .usable = not_auto, .run = go_auto},
    {{'e'},
     "extend",
     "train as many episodes again, when done",
     2,
     .usable = can_extend,
     .run = extend},
    {{'p'}, "play", "play the board in sight by hand; training goes on", 9, .run = trm_watch_play},
    {{'c'},
     "compare",
     "set another model beside this one on the board in sight",
     .run = trm_watch_versus},
    {{TRM_KEY_TAB}, "panel", "the next panel", 9, .arg = 1, .run = turn_focus},
    {{TRM_KEY_SHIFT_TAB}, "", "the panel before", .arg = -1, .run = turn_focus},
    {{TRM_KEY_LEFT, 'h'},
     "",
     "in the panel: step back, cycle before, reward",
     .arg = -1,
     .run = move},
    {{TRM_KEY_RIGHT, 'l'}, "", "in the panel: step, next cycle, success", .arg = 1, .run = move},
    {{'x'}, "axis", "curves over episodes or over steps", .run = turn_axis},
    {{'m'},
     "microscope",
     "through this decision, cycle by cycle and unit by unit",
     4,
     .run = trm_watch_microscope},
    {{'w'},
     "what if",
     "change this state or the model, and see what it would do",
     8,
     .run = trm_watch_what_if},
    {{'r'},
     "replay",
     "the time line: moments of this training, weights of then",
     7,
     .usable = has_run,
     .run = trm_watch_replay},
    {{'s'},
     "save",
     "write a checkpoint and copy the run to a directory",
     10,
     .usable = has_run,
     .run = save},
    {{'q', TRM_CTRL('C')},
     "quit",
     "stop training and leave; what is learned is saved",
     5,
     .run = quit},
};
