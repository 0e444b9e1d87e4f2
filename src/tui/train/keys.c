// SPDX-License-Identifier: Apache-2.0
// The keys of the training screen. Each does the same for episodes and for samples, or says why it
// can do nothing.
#include <stdlib.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/train/draw.h"
#include "tui/train/state.h"

static bool of_samples(const trm_train_screen *w) {
    return w->view.samples;
}

// Something else is in sight now, or nothing was done, for that reason.
static void follow(trm_train_screen *w, const char *why_not) {
    if (why_not != NULL)
        trm_app_status(w->app, "%s", why_not);
    else
        trm_train_sight(w);
}

static const char edge[] = "it goes no further this way";

// ---- time ---------------------------------------------------------------------------------------

static void set_pause(trm_train_screen *w, bool pause) {
    if (pause != w->paused)
        trm_playback_pause(&w->show, pause, &w->pacing, w->view.done);
    w->paused = w->view.paused = pause;
    w->renew = true;
}

static void pause_or_go(void *self) {
    trm_train_screen *w = self;
    set_pause(w, !w->paused);
}

static const char *pause_label(const void *self) {
    return ((const trm_train_screen *)self)->paused ? "go on" : "pause";
}

static void step(void *self, int32_t by) {
    trm_train_screen *w = self;
    const bool running = !w->paused;
    set_pause(w, true);
    if (by < 0)
        follow(w, trm_playback_back(&w->show, &w->seen));
    else if (!running)
        follow(w, trm_playback_forward(&w->show, &w->pacing, &w->seen));
}

static const char *step_label(const void *self) {
    const trm_train_screen *w = self;
    return !of_samples(w) ? w->view.words->move : w->view.done ? "step" : "batch";
}

static void go_edge(void *self, int32_t last) {
    trm_train_screen *w = self;
    if (!of_samples(w))
        set_pause(w, true);
    trm_playback_edge(&w->show, last != 0);
    follow(w, w->show.cursor < 0 ? "the first step is still to come" : NULL);
}

static void turn(void *self, int32_t by) {
    trm_train_screen *w = self;
    if (by < 0 && !of_samples(w))
        set_pause(w, true);
    follow(w, trm_playback_turn(&w->show, &w->pacing, &w->seen, w->paused, by));
}

static const char *turn_label(const void *self) {
    return of_samples(self) ? "sample" : "episode";
}

static const char *no_order(const void *self) {
    const trm_train_screen *w = self;
    return !of_samples(w)         ? "episodes have no order of difficulty"
           : !w->view.sample.grid ? "vectors have no order of difficulty"
                                  : NULL;
}

static const char *plan_label(const void *self) {
    return ((const trm_train_screen *)self)->view.step.planned ? "board" : "plan";
}

static const char *order_label(const void *self) {
    return ((const trm_train_screen *)self)->hardest ? "as drawn" : "hardest";
}

static const char *no_sides(const void *self) {
    return of_samples(self) ? NULL : "episodes are not split: every one starts on a new board";
}

static void other_side(void *self) {
    trm_train_screen *w = self;
    follow(w, trm_playback_side(&w->show));
}

static const char *side_label(const void *self) {
    const trm_train_screen *w = self;
    return w->show.side == TRM_SPLIT_TRAIN ? "held-out" : "training set";
}

// ---- pace ---------------------------------------------------------------------------------------

static void shift(void *self, int32_t by) {
    trm_train_screen *w = self;
    trm_pacing *d = &w->pacing;
    const trm_pacing before = *d;
    trm_pacing_shift(d, w->view.done, by);
    if (d->pace == before.pace && d->gear == before.gear && d->play_gear == before.play_gear)
        trm_app_status(w->app, by > 0 ? "it goes no faster (f trains at full speed)"
                                      : "it goes no slower (Space pauses)");
}

static void toggle_free(void *self) {
    trm_train_screen *w = self;
    trm_pacing_toggle_free(&w->pacing);
    if (w->pacing.pace == TRM_PACE_AUTO)
        trm_pacing_auto(&w->pacing, &w->seen);
    trm_playback_cut(&w->show);
}

static const char *free_label(const void *self) {
    return ((const trm_train_screen *)self)->pacing.pace == TRM_PACE_FREE ? "leave free" : "free";
}

static const char *auto_already(const void *self) {
    const trm_train_screen *w = self;
    return w->pacing.pace == TRM_PACE_AUTO ? "the pace is auto already" : NULL;
}

static void go_auto(void *self) {
    trm_train_screen *w = self;
    trm_pacing_auto(&w->pacing, &w->seen);
    trm_playback_cut(&w->show);
}

static const char *cannot_extend(const void *self) {
    const trm_train_screen *w = self;
    return w->view.follows
               ? "another process trains this run: `trm watch RUN --resume` after its end"
           : w->o->rundir == NULL                ? "nothing was trained here: there is no run"
           : w->snap.state == TRM_TRAINER_FAILED ? "training has failed: it cannot go on"
           : !w->view.done                       ? "training is not over yet"
                                                 : NULL;
}

static void extend(void *self) {
    trm_train_screen *w = self;
    const trm_train_config *k = &w->o->config->train;
    const int64_t more = of_samples(w) ? k->epochs : k->episodes;
    trm_snapshot longer = w->snap;
    trm_trainer_extend(w->o->trainer, more);
    longer.total += more;
    trm_playback_tell(&w->show, &longer, &w->seen);
    trm_pacing_begin(&w->pacing, &w->seen);
    trm_app_status(w->app, "%lld more %s", (long long)more, w->view.units->unit);
}

// ---- panels -------------------------------------------------------------------------------------

static void turn_cycle(void *self, int32_t by) {
    trm_train_screen *w = self;
    const int32_t before = w->view.selected, known = trm_train_view_known(&w->view);
    if (before + by >= known && known < w->view.shape.cycles) {
        trm_app_status(w->app, "the model is still thinking about it");
        return;
    }
    trm_train_view_select(&w->view, before + by);
    if (of_samples(w))
        w->show.cursor = w->view.selected;
    if (w->view.selected == before)
        trm_app_status(w->app, "this is the %s %s", by < 0 ? "first" : "last",
                       w->view.words->cycle);
}

static const char *cycle_label(const void *self) {
    return ((const trm_train_screen *)self)->view.words->cycle;
}

static void turn_focus(void *self, int32_t by) {
    trm_train_screen *w = self;
    const int32_t n = w->view.bare ? TRM_FOCUS_CURVES : TRM_FOCUS_COUNT;
    w->view.focus = (trm_train_focus)(((int32_t)w->view.focus + by + n) % n);
}

// Arrows do in the focused panel what is nearest to moving: over the cells of a sample, else back
// and on.
static void move(void *self, int32_t way) {
    trm_train_screen *w = self;
    trm_train_view *v = &w->view;
    const int32_t by = trm_way_rows(way) + trm_way_cols(way);
    const int32_t cell = v->sample.cell;
    if (v->focus == TRM_FOCUS_CURVES) {
        if (v->curve == (by > 0))
            trm_app_status(w->app, "%s", edge);
        v->curve = by > 0;
    } else if (of_samples(w)) {
        trm_train_view_move(v, trm_way_rows(way), trm_way_cols(way));
        if (v->sample.cell == cell)
            trm_app_status(w->app, "%s", edge);
    } else if (v->focus == TRM_FOCUS_THINKING) {
        turn_cycle(w, by);
    } else {
        step(w, by);
    }
}

static void turn_axis(void *self) {
    trm_train_screen *w = self;
    w->view.curves.by_steps = !w->view.curves.by_steps;
    trm_train_view_history(&w->view, &w->history);
}

void trm_train_click(void *self, int32_t y, int32_t x) {
    trm_train_screen *w = self;
    const trm_train_layout l = trm_train_layout_of(trm_app_area(w->app), w->view.bare);
    if (!w->view.bare && y >= l.numbers.y)
        w->view.focus = x >= l.numbers.x ? TRM_FOCUS_NUMBERS : TRM_FOCUS_CURVES;
    else
        w->view.focus = x >= l.thinking.x ? TRM_FOCUS_THINKING : TRM_FOCUS_SUBJECT;
}

// ---- saving and leaving -------------------------------------------------------------------------

static const char *no_run(const void *self) {
    return trm_train_run_path(self) != NULL ? NULL
                                            : "nothing was trained here: there is no run to copy";
}

static const char *no_time_line(const void *self) {
    const trm_train_screen *w = self;
    if (w->o->follower != NULL && trm_follower_of_files(trm_follower_path(w->o->follower)))
        return "there are only checkpoints: no moments were recorded";
    return trm_train_run_path(w) != NULL ? NULL : "nothing was trained here: there is no time line";
}

static void save_to(void *ctx, const char *text) {
    trm_train_screen *w = ctx;
    const char *home = getenv("HOME");
    if (text[0] == '~' && text[1] == '/' && home != NULL)
        trm_text_format(w->save_path, sizeof w->save_path, "%s%s", home, text + 1);
    else
        trm_text_copy(w->save_path, sizeof w->save_path, text);
    w->saving = true;
    w->save_after = w->snap.checkpoints;
    trm_trainer_checkpoint(w->o->trainer);
    if (w->paused)
        trm_app_status(w->app, "saving …");
    else
        trm_app_status(w->app, "saving after this %s …", w->view.units->advance);
}

static const char *save_label(const void *self) {
    return ((const trm_train_screen *)self)->view.follows ? "checkpoint" : "save";
}

static void save(void *self) {
    trm_train_screen *w = self;
    trm_error e = {0};
    if (w->view.follows) {
        if (trm_follower_ask(w->o->follower, &e))
            trm_app_status(w->app, "the training process is asked for a checkpoint now");
        else
            trm_app_status(w->app, "%s", e.message);
        return;
    }
    const trm_config *k = w->o->config;
    char path[TRM_CONFIG_NAME + 64];
    trm_text_format(path, sizeof path, "runs/%s-%lld", k->preset[0] != 0 ? k->preset : "run",
                    (long long)k->seed);
    trm_app_prompt_new(w->app, "copy this run to the new directory", path, save_to, w);
}

static void leave(void *ctx) {
    trm_app_pop(((trm_train_screen *)ctx)->app);
}

static void quit(void *self) {
    trm_train_screen *w = self;
    if (w->o->rundir == NULL || w->view.follows || w->view.done ||
        w->snap.state == TRM_TRAINER_FAILED)
        leave(w);
    else
        trm_app_ask(w->app, "Stop training and leave?", leave, w);
}

const trm_action trm_train_actions[] = {
    {TRM_KEYS(' '), "pause", "pause, go on: training and show", 1, .label_now = pause_label,
     .act = pause_or_go},
    {TRM_KEYS(','), "step", "one step back in the episode, or one answer; pauses", 2, .arg = -1,
     .label_now = step_label, .run = step},
    {TRM_KEYS('.'), "", "one step of the environment, or one batch; pauses", .pair = true, .arg = 1,
     .run = step},
    {TRM_KEYS('g', TRM_KEY_HOME), "first", "the first step: of the episode, or on the sample",
     .run = go_edge},
    {TRM_KEYS('G', TRM_KEY_END), "last", "the last step of it", .arg = 1, .run = go_edge},
    {TRM_KEYS('['), "cycle", "select the cycle before", 3, .arg = -1, .label_now = cycle_label,
     .run = turn_cycle},
    {TRM_KEYS(']'), "", "select the next cycle", .pair = true, .arg = 1, .run = turn_cycle},
    {TRM_KEYS('{'), "episode", "the start of the episode, or the sample before", 6, .arg = -1,
     .label_now = turn_label, .run = turn},
    {TRM_KEYS('}'), "", "the next episode or sample", .pair = true, .arg = 1, .run = turn},
    {TRM_KEYS('d'), "hardest", "held-out samples: the hardest first, or as drawn", 6,
     .label_now = order_label, .why_not = no_order, .act = trm_train_hardest},
    {TRM_KEYS('n'), "training set", "samples of the training set, or held-out ones", 6,
     .label_now = side_label, .why_not = no_sides, .act = other_side},
    {TRM_KEYS('b'), "plan", "what it would do from every cell, or the board as it is", 8,
     .label_now = plan_label, .why_not = trm_train_no_plan, .act = trm_train_plan_turn},
    {TRM_KEYS('+', '='), "speed", "faster", 6, .arg = 1, .run = shift},
    {TRM_KEYS('-', '_'), "", "slower", .pair = true, .arg = -1, .run = shift},
    {TRM_KEYS('f'), "free", "train at full speed and show samples; again: back", 6,
     .label_now = free_label, .act = toggle_free},
    {TRM_KEYS('a'), "auto", "choose the speed automatically again", 7, .why_not = auto_already,
     .act = go_auto},
    {TRM_KEYS('e'), "extend", "when done: train for as many episodes or epochs again", 2,
     .why_not = cannot_extend, .act = extend},
    {TRM_KEYS('m'), "microscope", "look at this decision cycle by cycle and unit by unit", 4,
     .run = trm_train_look},
    {TRM_KEYS('w'), "what if", "change this state or the model, and see what it would do", 4,
     .arg = 1, .run = trm_train_look},
    {TRM_KEYS('p'), "play", "play the board in sight by hand; training goes on", 5,
     .act = trm_train_play},
    {TRM_KEYS('c'), "compare", "compare with another model on this board", .act = trm_train_versus},
    {TRM_KEYS('r'), "replay", "time line: earlier moments, with the weights of that time", 7,
     .why_not = no_time_line, .act = trm_train_time_line},
    {TRM_KEYS(TRM_KEY_TAB), "panel", "the next panel", 9, .arg = 1, .run = turn_focus},
    {TRM_KEYS(TRM_KEY_SHIFT_TAB), "", "the panel before", .arg = -1, .run = turn_focus},
    {TRM_KEYS_MOVE, "", "in the panel: move over steps, cycles, cells or curves", .step = 1,
     .run = move},
    {TRM_KEYS('x'), "axis", "x axis: episodes or epochs, or steps or batches", .act = turn_axis},
    {TRM_KEYS('s'), "save", "copy the run to a folder; following: write a checkpoint now", 10,
     .label_now = save_label, .why_not = no_run, .act = save},
    {TRM_KEYS('q', TRM_CTRL('C')), "quit", "stop training and leave; what was learned is saved", 5,
     .act = quit},
    {.keys = {0}},
};
