// SPDX-License-Identifier: Apache-2.0
// The title, the curves and the numbers: how training goes.
#include <math.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/train/draw.h"
#include "tui/widgets/table.h"
#include "tui/widgets/title.h"

enum { NUMBERS = TRM_TRAIN_NUMBERS, RANK_NUMBERS = 2 };

// ---- the title ----------------------------------------------------------------------------------

static void episode_state(const trm_train_view *v, char *out, int32_t size) {
    const trm_snapshot *s = &v->snap;
    const bool again = v->mode == TRM_PLAYBACK_REPLAY || v->mode == TRM_PLAYBACK_LINGER;
    if (v->bare)
        trm_text_copy(out, (size_t)size, "playing, not trained on");
    else if (v->done)
        trm_text_format(out, (size_t)size, "done at %.0f%%, playing", 100.0 * (double)s->success50);
    else if (again)
        trm_text_copy(out, (size_t)size,
                      v->pace == TRM_PACE_FREE ? "free, sampling" : "a notable episode");
    else
        trm_text_copy(out, (size_t)size, s->state == TRM_TRAINER_READY ? "starting" : "training");
}

static void epoch_state(const trm_train_view *v, char *out, int32_t size) {
    const trm_snapshot *s = &v->snap;
    if (v->done && s->tested)
        trm_text_format(out, (size_t)size, "%s: %.0f%% exact", v->bare ? "held out" : "done, test",
                        floor(100.0 * s->test.exact_accuracy));
    else
        trm_text_copy(out, (size_t)size,
                      v->done                         ? "scoring"
                      : s->state == TRM_TRAINER_READY ? "starting"
                                                      : "training");
}

// Who trains, and how old the newest line is.
static void following_state(const trm_train_view *v, char *out, int32_t size) {
    const trm_following *f = &v->snap.following;
    char age[48] = "no line yet", time[32];
    if (f->age < 60.0)
        trm_text_format(time, sizeof time, "%.0fs", f->age);
    else
        trm_text_duration(time, f->age);
    if (f->writer == TRM_FOLLOWING_FILES)
        trm_text_copy(age, sizeof age, time);
    else if (!isnan(f->age))
        trm_text_format(age, sizeof age, "last line %s ago", time);
    if (f->trouble[0] != 0)
        trm_text_copy(out, (size_t)size, f->trouble);
    else if (f->writer == TRM_FOLLOWING_FILES)
        trm_text_format(out, (size_t)size, "newest: %s, %s old", f->name, age);
    else if (f->writer > 0)
        trm_text_format(out, (size_t)size, "follows process %lld, %s", (long long)f->writer, age);
    else if (f->writer < 0)
        trm_text_format(out, (size_t)size, "follows a process, %s", age);
    else
        trm_text_format(out, (size_t)size, "%s, %s",
                        v->snap.done > 0 && v->snap.done >= v->snap.total ? "followed to its end"
                                                                          : "nobody trains it",
                        age);
}

static void state_words(const trm_train_view *v, char *out, int32_t size) {
    if (v->follows && !v->paused)
        following_state(v, out, size);
    else if (v->follows)
        trm_text_copy(out, (size_t)size, "show paused, following");
    else if (v->snap.state == TRM_TRAINER_FAILED)
        trm_text_copy(out, (size_t)size, "failed");
    else if (v->paused)
        trm_text_copy(out, (size_t)size, trm_train_view_pausing(v) ? "pausing" : "paused");
    else
        (v->samples ? epoch_state : episode_state)(v, out, size);
}

static void speed_words(const trm_train_view *v, char *out, int32_t size) {
    static const char *const paces[] = {"auto", "paced", "free"};
    const bool steps = v->done && v->samples; // what is shown are cycles then
    char rate[24];
    trm_text_format(rate, sizeof rate, "%ss", v->words->cycle);
    if (v->speed > 0.0)
        trm_text_format(out, (size_t)size, v->speed < 10.0 ? "%s  %.3g %s/s" : "%s  %.0f %s/s",
                        paces[v->pace], v->speed, steps ? rate : v->units->rate);
    else
        trm_text_format(out, (size_t)size, "%s  full speed", paces[v->pace]);
}

static void draw_title(trm_canvas *c, const trm_train_view *v) {
    const trm_config *k = v->config;
    const bool stands = v->paused || v->snap.state == TRM_TRAINER_FAILED;
    char state[80], speed[48], cycles[24] = "", size[48] = "", seed[32], count[32];
    state_words(v, state, sizeof state);
    speed_words(v, speed, sizeof speed);
    trm_text_format(seed, sizeof seed, "seed %lld", (long long)k->seed);
    if (v->parameters > 0)
        trm_text_format(size, sizeof size, "%s parameters",
                        trm_text_thousands(count, v->parameters));
    else if (v->shape.l > 0)
        trm_text_format(cycles, sizeof cycles, "K=%d", v->shape.cycles);
    const char *kind = trm_config_supervised(k) ? k->data.type : k->env.type;
    trm_title_draw(c,
                   &(trm_title){.name = "trm",
                                .about = {{k->preset[0] != 0 ? k->preset : kind, TRM_STYLE_STRONG},
                                          {k->model.type, TRM_STYLE_DIM},
                                          {cycles, TRM_STYLE_DIM},
                                          {seed, TRM_STYLE_DIM},
                                          {size, TRM_STYLE_DIM}},
                                .state = {{state, stands ? TRM_STYLE_SELECTED : TRM_STYLE_STRONG},
                                          {speed, TRM_STYLE_NORMAL}}});
}

// ---- the curves ---------------------------------------------------------------------------------

// Episodes that success and mean are taken over: fewer at the start.
static int32_t window_of(const trm_train_view *v) {
    return v->snap.window > 0 ? v->snap.window : TRM_HISTORY_WINDOW;
}

static void reward_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    trm_curve *q = &out->curve;
    q->n = k->n;
    q->x = k->x;
    trm_text_copy(out->name, sizeof out->name, "reward");
    if (k->n > 0) {
        trm_text_format(out->words[0], sizeof out->words[0], "last %+.2f", (double)v->snap.reward);
        trm_text_format(out->words[1], sizeof out->words[1], "best %+.2f",
                        (double)v->snap.best_reward);
        trm_text_format(out->words[2], sizeof out->words[2], "mean %+.2f",
                        (double)k->mean50[k->n - 1]);
    }
    q->raw = k->reward;
    q->low = k->low;
    q->high = k->high;
    q->line = k->mean50;
    q->y0 = k->n > 0 ? k->low_y : -1.0f;
    q->y1 = k->n > 0 ? k->high_y : 1.0f;
}

static void success_curve(const trm_train_view *v, trm_train_curve *out) {
    trm_text_format(out->name, sizeof out->name, "success of the last %d", window_of(v));
    if (v->curves.n > 0)
        trm_text_format(out->words[0], sizeof out->words[0], "%.0f%%",
                        100.0 * (double)v->snap.success50);
    if (v->curves.n > 0 && v->snap.first_success >= 0)
        trm_text_format(out->words[1], sizeof out->words[1], "first: episode %lld",
                        (long long)v->snap.first_success + 1);
    out->curve.n = v->curves.n;
    out->curve.x = v->curves.x;
    out->curve.line = v->curves.success50;
    out->curve.y1 = 100.0f;
    out->curve.unit = "%";
}

static trm_curve_series series(const trm_train_curves *k, const float *line, int32_t style,
                               char mark) {
    return (trm_curve_series){.n = k->epochs,
                              .x = k->epoch_x,
                              .line = line,
                              .style = TRM_STYLE_SERIES + style,
                              .mark = (uint32_t)mark};
}

static void accuracy_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    const int32_t last = k->epochs - 1;
    trm_text_copy(out->name, sizeof out->name, "accuracy");
    if (last >= 0) {
        trm_text_format(out->words[0], sizeof out->words[0], "c cells %.1f%%",
                        (double)k->cells[last]);
        trm_text_format(out->words[1], sizeof out->words[1], "e exact %.1f%%",
                        (double)k->exact[last]);
        if (v->snap.best_epoch >= 0)
            trm_text_format(out->words[2], sizeof out->words[2], "best %.1f%%",
                            100.0 * v->snap.best_exact);
    }
    out->series[0] = series(k, k->cells, 0, 'c');
    out->series[1] = series(k, k->exact, 1, 'e');
    out->series_count = 2;
    out->curve.y1 = 100.0f;
    out->curve.unit = "%";
    float share;
    out->curve.mark_name = trm_preset_yardstick(v->config->preset, &share);
    if (out->curve.mark_name != NULL)
        out->curve.mark = 100.0f * share;
}

static float highest(float y, const float *values, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        y = isfinite(values[i]) ? fmaxf(y, values[i]) : y;
    return y;
}

static void loss_curve(const trm_train_view *v, trm_train_curve *out) {
    const trm_train_curves *k = &v->curves;
    trm_text_copy(out->name, sizeof out->name, "loss");
    if (k->batches > 0)
        trm_text_format(out->words[0], sizeof out->words[0], "· batches %.3f",
                        (double)v->snap.loss);
    if (k->batches > 0 && k->epochs > 0)
        trm_text_format(out->words[1], sizeof out->words[1], "h held-out %.3f",
                        (double)k->held_out[k->epochs - 1]);
    out->curve.n = k->batches;
    out->curve.x = k->batch_x;
    out->curve.line = k->loss;
    out->curve.y1 = highest(highest(0.0f, k->loss, k->batches), k->held_out, k->epochs);
    out->series[0] = series(k, k->held_out, 1, 'h');
    out->series_count = 1;
}

void trm_train_curve_of(const trm_train_view *v, int32_t which, trm_train_curve *out) {
    static void (*const curves[2][TRM_TRAIN_CURVES])(const trm_train_view *, trm_train_curve *) = {
        {reward_curve, success_curve}, {accuracy_curve, loss_curve}};
    *out = (trm_train_curve){.curve = {.mark = NAN, .unit = "", .x1 = v->curves.x1}};
    curves[v->samples][which](v, out);
    out->curve.series = out->series;
    out->curve.series_count = out->series_count;
    out->curve.x_name = v->curves.by_steps ? v->units->rate : v->units->unit;
}

static void draw_curve(trm_canvas *c, trm_rect r, const trm_train_view *v, int32_t which) {
    trm_train_curve k;
    const char *words[TRM_TRAIN_HEADING + 1] = {NULL};
    trm_train_curve_of(v, which, &k);
    for (int32_t i = 0; i < TRM_TRAIN_HEADING && k.words[i][0] != 0; i++)
        words[i] = k.words[i];
    if (which == 0 && !isnan(v->step.optimum_mean)) {
        k.curve.mark = v->step.optimum_mean;
        k.curve.mark_name = "optimum";
        k.curve.y0 = fminf(k.curve.y0, k.curve.mark);
        k.curve.y1 = fmaxf(k.curve.y1, k.curve.mark);
    }
    trm_curve_range(&k.curve.y0, &k.curve.y1);
    r = trm_panel(c, r, k.name, v->focus == TRM_FOCUS_CURVES && which == v->curve, words);
    trm_curve_draw(c, r, &k.curve);
}

// ---- the numbers --------------------------------------------------------------------------------

// A number that is not there yet is a dash.
static trm_row reward(const char *label, double value) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%+.2f", value);
    return r;
}

static trm_row episode_row(const trm_snapshot *s) {
    trm_row r = {.label = "episode", .style = TRM_STYLE_STRONG};
    trm_text_format(r.value, sizeof r.value, "%lld/%lld", (long long)s->done, (long long)s->total);
    if (trm_text_columns(r.value) > TRM_NUMBER_WIDTH - 8)
        r.label = "ep";
    if (trm_text_columns(r.value) > TRM_NUMBER_WIDTH - 3)
        trm_text_format(r.value, sizeof r.value, "%lldk/%lldk", (long long)(s->done / 1000),
                        (long long)(s->total / 1000));
    return r;
}

static void episode_numbers(const trm_train_view *v, trm_row *rows) {
    const trm_snapshot *s = &v->snap;
    *rows++ = episode_row(s);
    *rows = trm_row_number("success", 100.0 * (double)s->success50, 0, "%");
    (rows++)->style = TRM_STYLE_STRONG;
    *rows++ =
        reward(window_of(v) < TRM_HISTORY_WINDOW ? "mean so far" : "mean of 50", (double)s->mean50);
    *rows++ = reward("best", s->best_episode < 0 ? (double)NAN : (double)s->best_reward);
    *rows++ = trm_row_number("loss", (double)s->loss, 4, "");
    *rows++ = trm_row_number("entropy", (double)s->entropy, 3, "");
    *rows++ = trm_row_number("grad norm", (double)s->grad_norm, 3, "");
    *rows++ = trm_row_rate("lr", (double)s->lr);
    *rows++ = trm_row_count("update", s->updates);
    *rows++ = trm_row_count(v->units->rate, s->steps);
    *rows = trm_row_number(v->units->speed, s->steps_per_second,
                           s->steps_per_second < 100.0 ? 1 : 0, "");
}

static trm_row share(const char *label, double value) {
    trm_row r = trm_row_number(label, 100.0 * value, 1, "%");
    r.style = TRM_STYLE_STRONG;
    return r;
}

static trm_row of_all(const char *label, int64_t value, int64_t all) {
    trm_row r = {.label = label};
    trm_text_format(r.value, sizeof r.value, "%lld/%lld", (long long)value, (long long)all);
    if (trm_text_columns(r.value) + trm_text_columns(label) + 1 > TRM_NUMBER_WIDTH)
        r.label = "";
    return r;
}

static void epoch_numbers(const trm_train_view *v, trm_row *rows) {
    const trm_snapshot *s = &v->snap;
    const double nan = (double)NAN;
    const trm_score none = {nan, nan, nan, nan};
    const trm_score *score = s->tested ? &s->test : s->epoch.epoch >= 0 ? &s->epoch.score : &none;
    *rows++ = of_all(v->units->one, s->done, s->total);
    *rows++ = of_all("batch", s->batch, s->batches);
    *rows++ = share(s->tested ? "test cells" : "cells", score->cell_accuracy);
    *rows++ = share(s->tested ? "test exact" : "exact", score->exact_accuracy);
    *rows++ = trm_row_number("loss", (double)s->loss, 4, "");
    *rows++ = trm_row_number("held-out", score->loss, 4, "");
    *rows++ = trm_row_number("grad norm", (double)s->grad_norm, 3, "");
    *rows++ = trm_row_rate("lr", (double)s->lr);
    *rows++ = trm_row_number(v->units->speed, s->samples_per_second,
                             s->samples_per_second < 100.0 ? 1 : 0, "");
    *rows++ = trm_row_number("path", 100.0 * score->path_recall, 1, "%");
    *rows = trm_row_number("best exact", 100.0 * s->best_exact, 1, "%");
}

// Of a training by several processes: this one's time, in place of the seconds and behind the rest,
// where there may be no room. Returns how many rows there are.
static int32_t rank_numbers(const trm_snapshot *s, trm_row *rows) {
    if (s->ranks < 2)
        return NUMBERS;
    const double waiting = s->waiting / s->seconds, exchanging = s->exchanging / s->seconds;
    rows[NUMBERS - 3] = trm_row_count("ranks", s->ranks);
    if (s->seconds > 0)
        trm_text_add(rows[NUMBERS - 3].value, sizeof rows->value, " at %.0f%%",
                     100 * (1 - waiting - exchanging));
    rows[NUMBERS] = trm_row_number("waiting", 100 * waiting, 0, "%");
    rows[NUMBERS + 1] = trm_row_number("exchanging", 100 * exchanging, 0, "%");
    return NUMBERS + RANK_NUMBERS;
}

void trm_train_draw(trm_canvas *c, const trm_train_view *v) {
    const trm_train_layout l = trm_train_layout_of(trm_canvas_area(c), v->bare);
    draw_title(c, v);
    trm_train_draw_subject(c, l.subject, v);
    trm_train_draw_thinking(c, &l, v);
    if (v->bare)
        return;
    const bool both = l.curves[1].w > 0;
    for (int32_t i = 0; i < (both ? TRM_TRAIN_CURVES : 1); i++)
        draw_curve(c, l.curves[i], v, both ? i : v->curve);
    trm_row rows[NUMBERS + RANK_NUMBERS];
    (v->samples ? epoch_numbers : episode_numbers)(v, rows);
    rows[NUMBERS - 3] = trm_row_duration("computing", v->snap.seconds);
    rows[NUMBERS - 2] = trm_row_duration("elapsed", v->elapsed);
    rows[NUMBERS - 1] = trm_row_duration("left", v->left);
    const trm_rect r = trm_panel(c, l.numbers, "numbers", v->focus == TRM_FOCUS_NUMBERS, NULL);
    trm_numbers_draw(c, r, rows, rank_numbers(&v->snap, rows), TRM_NUMBER_WIDTH, TRM_NUMBER_GAP);
}
