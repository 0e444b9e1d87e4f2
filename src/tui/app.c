// SPDX-License-Identifier: Apache-2.0
#include "tui/app_impl.h"

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/explain/explain.h"
#include "tui/terminal/signals.h"
#include "tui/widgets/overlay.h"

enum { MIN_ROWS = 16, MIN_COLS = 60 };

static const double FRAME = 1.0 / 60.0;
static const double STATUS_SECONDS = 5.0;

static void close_screen(const trm_screen_ops *ops, void *self) {
    if (ops->close != NULL)
        ops->close(self);
}

void trm_app_measure(trm_app *a) {
    int32_t rows = 0, cols = 0;
    trm_terminal_measure(a->terminal, &rows, &cols);
    if (a->canvas.cells == NULL || rows != a->canvas.rows || cols != a->canvas.cols)
        trm_canvas_resize(&a->canvas, rows, cols);
    a->dirty = true;
}

void trm_app_suspend(void *self) {
    trm_app *a = self;
    trm_terminal_leave(a->terminal);
    trm_signals_suspend();
    trm_terminal_enter(a->terminal);
    trm_app_measure(a);
    a->whole = true;
}

static bool open_terminal(trm_app *a, const trm_screen_options *o, trm_error *e) {
    trm_signals_begin(); // before curses, which would install handlers of its own
    a->terminal = trm_terminal_open(o, e);
    if (a->terminal == NULL) {
        trm_signals_end();
        return false;
    }
    trm_canvas_init(&a->canvas, trm_terminal_look(a->terminal));
    trm_app_measure(a);
    return true;
}

static void open_canvas(trm_app *a, const trm_screen_options *o) {
    const trm_look look = {o->ascii ? TRM_GLYPHS_ASCII : TRM_GLYPHS_FULL,
                           o->color ? TRM_DEPTH_256 : TRM_DEPTH_MONO};
    trm_canvas_init(&a->canvas, &look);
    trm_canvas_resize(&a->canvas, o->rows, o->cols);
}

trm_app *trm_app_open(const trm_screen_options *o, trm_error *e) {
    trm_text_set_locale();
    trm_recorder *recorder = o->record != NULL ? trm_recorder_open(o->record, e) : NULL;
    if (o->record != NULL && recorder == NULL)
        return NULL;
    trm_app *a = trm_alloc(1, sizeof *a);
    a->stop = -1;
    a->pointer_y = -1;
    a->recorder = recorder;
    if (o->rows > 0) {
        open_canvas(a, o);
    } else if (!open_terminal(a, o, e)) {
        trm_error unused = {0};
        trm_recorder_close(recorder, 0.0, &unused);
        free(a);
        return NULL;
    }
    trm_canvas_init(&a->picture, &a->canvas.look);
    a->canvas.theme = a->picture.theme = o->theme;
    if (a->canvas.look.glyphs == TRM_GLYPHS_ASCII && !o->ascii)
        trm_app_status(a, "this locale has ASCII only; LC_ALL=C.UTF-8 draws more");
    return a;
}

void trm_app_close(trm_app *a) {
    if (a == NULL)
        return;
    trm_error unused = {0};
    for (; a->depth > 0; a->depth--)
        close_screen(trm_app_top(a)->ops, trm_app_top(a)->self);
    trm_recorder_close(a->recorder, trm_clock_now(), &unused);
    trm_canvas_done(&a->canvas);
    trm_canvas_done(&a->picture);
    if (a->terminal != NULL) {
        trm_terminal_close(a->terminal);
        trm_signals_end();
    }
    free(a);
}

const trm_look *trm_app_look(const trm_app *a) {
    return &a->canvas.look;
}

trm_rect trm_app_area(const trm_app *a) {
    return trm_canvas_area(&a->canvas);
}

bool trm_app_push(trm_app *a, const trm_screen_ops *ops, void *self, trm_error *e) {
    assert(ops->tick != NULL && ops->wait != NULL && ops->draw != NULL && ops->panel != NULL);
    if (a->depth == TRM_APP_STACK) {
        close_screen(ops, self);
        return trm_error_set(e, TRM_E_INPUT, "too many screens are open; leave one first");
    }
    if (a->depth > 0) // what was said is about the screen before
        a->status[0] = 0;
    a->stack[a->depth++] = (trm_app_screen){ops, self};
    a->cover.kind = TRM_COVER_NONE;
    a->dirty = true;
    return true;
}

void trm_app_pop(trm_app *a) {
    a->pop = true;
}

void trm_app_drop(trm_app *a) {
    a->depth--;
    a->dirty = true;
}

void trm_app_status(trm_app *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(a->status, sizeof a->status, format, args);
    va_end(args);
    a->hovers = false;
    a->status_until = trm_clock_now() + STATUS_SECONDS;
    a->dirty = true;
}

void trm_app_ask(trm_app *a, const char *question, void (*yes)(void *ctx), void *ctx) {
    trm_cover_ask(&a->cover, question, yes, ctx);
    a->dirty = true;
}

void trm_app_prompt(trm_app *a, const char *label, const char *initial,
                    void (*done)(void *ctx, const char *text), void *ctx) {
    trm_cover_prompt(&a->cover, label, initial, done, ctx);
    a->dirty = true;
}

void trm_app_prompt_new(trm_app *a, const char *label, const char *name,
                        void (*done)(void *ctx, const char *text), void *ctx) {
    char path[TRM_COVER_TYPED];
    trm_text_copy(path, sizeof path, name);
    for (int32_t i = 2; trm_file_exists(path) && i < 1000; i++)
        trm_text_format(path, sizeof path, "%s-%d", name, i);
    trm_app_prompt(a, label, path, done, ctx);
}

static void number_typed(void *ctx, const char *text) {
    trm_app *a = ctx;
    int64_t number;
    if (trm_text_to_i64(text, &number) && number >= 0)
        a->number_done(a->number_ctx, number);
    else
        trm_app_status(a, "%.40s: %s", text, a->number_wrong);
}

void trm_app_prompt_number(trm_app *a, const char *label, int64_t initial, const char *wrong,
                           void (*done)(void *ctx, int64_t number), void *ctx) {
    char now[32];
    trm_text_format(now, sizeof now, "%lld", (long long)initial);
    a->number_done = done;
    a->number_ctx = ctx;
    a->number_wrong = wrong;
    trm_app_prompt(a, label, now, number_typed, a);
}

static int32_t least_rows(const trm_screen_ops *ops) {
    return ops->least_rows > 0 ? ops->least_rows : MIN_ROWS;
}

static int32_t least_cols(const trm_screen_ops *ops) {
    return ops->least_cols > 0 ? ops->least_cols : MIN_COLS;
}

static void draw_small(trm_app *a, const trm_screen_ops *ops) {
    trm_canvas *c = &a->canvas;
    if (a->cover.kind == TRM_COVER_QUESTION) {
        trm_canvas_print(c, 0, 0, c->cols, TRM_STYLE_STRONG, "%s y/n", a->cover.question);
        return;
    }
    char text[160];
    trm_text_format(text, sizeof text, "%s needs %dx%d; this is %dx%d; %s", ops->name,
                    least_cols(ops), least_rows(ops), c->cols, c->rows, ops->meanwhile);
    const char *rest = text; // broken anywhere: there may be a column only
    for (int32_t y = 0; y < c->rows && *rest != 0; y++)
        for (int32_t n = trm_canvas_text(c, y, 0, c->cols, TRM_STYLE_NORMAL, rest); n > 0; n--)
            trm_utf8_next(&rest);
}

static void draw_bottom(trm_app *a, const trm_app_screen *s) {
    trm_canvas *c = &a->canvas;
    const int32_t y = c->rows - 1;
    if (a->cover.kind == TRM_COVER_PROMPT) {
        trm_overlay_prompt(c, y, a->cover.label, a->cover.typed);
        return;
    }
    int32_t x = 1;
    if (a->status[0] != 0)
        x += trm_canvas_text(c, y, x, c->cols - 2, TRM_STYLE_STATUS, a->status) + 3;
    trm_action_bar(c, y, x, s->ops->actions, s->self, &trm_app_actions[0], &a->spots);
}

// What is explained: of the panel in focus, or the stop of the tour.
static void draw_explanation(trm_app *a, const trm_app_screen *s) {
    char foot[80];
    if (a->explaining) {
        trm_explain_draw(&a->canvas, trm_explain_panel((trm_panel_id)s->ops->panel(s->self)),
                         "Tab: the next panel  Esc closes");
    } else if (a->stop >= 0) {
        trm_text_format(foot, sizeof foot, "%d of %d  Enter: on  Backspace: back  Esc ends",
                        a->stop + 1, TRM_TOUR_STOPS);
        trm_explain_draw(&a->canvas, &trm_tour_at(a->stop)->explanation, foot);
    }
}

static void draw(trm_app *a) {
    const trm_app_screen *s = trm_app_top(a);
    trm_canvas *c = &a->canvas;
    trm_canvas_clear(c);
    a->spots.count = 0;
    if (c->rows < least_rows(s->ops) || c->cols < least_cols(s->ops)) {
        draw_small(a, s->ops);
    } else {
        trm_app_name_hovered(a);
        s->ops->draw(c, s->self);
        draw_explanation(a, s);
        draw_bottom(a, s);
        if (a->cover.kind == TRM_COVER_HELP)
            a->cover.scroll = trm_overlay_help(c, s->ops->name, s->ops->actions, s->self,
                                               trm_app_actions, a->cover.filter, a->cover.scroll);
        else if (a->cover.kind == TRM_COVER_QUESTION)
            trm_overlay_question(c, a->cover.question);
    }
    if (a->terminal != NULL)
        trm_terminal_show(a->terminal, c, a->whole);
    a->whole = a->dirty = false;
    a->drawn = a->terminal != NULL ? trm_clock_now() : a->now;
    if (a->recorder != NULL)
        trm_recorder_frame(a->recorder, c, a->drawn);
}

static bool handle_signals(trm_app *a, trm_error *e) {
    const trm_signals s = trm_signals_take();
    if (s.ended != 0)
        return trm_error_set(e, TRM_E_STOPPED, "stopped by a signal (%s)",
                             s.ended == SIGINT    ? "INT"
                             : s.ended == SIGTERM ? "TERM"
                             : s.ended == SIGUSR1 ? "USR1"
                                                  : "HUP");
    if (s.suspend)
        trm_app_suspend(a);
    if (s.continued) {
        trm_terminal_enter(a->terminal);
        a->whole = true;
    }
    if (s.resized || s.continued) {
        trm_app_measure(a);
        a->whole = true;
    }
    return true;
}

bool trm_app_pending(void *app) {
    const trm_app *a = app;
    return a->terminal != NULL && (trm_terminal_has_keys(a->terminal) || trm_signals_pending());
}

// The screens below go on, too, unseen. True if the top one has something new to draw.
static bool tick_all(trm_app *a) {
    bool news = false;
    for (int32_t i = 0; i < a->depth; i++)
        news = a->stack[i].ops->tick(a->stack[i].self, a->now);
    return news;
}

static double wait_for_all(const trm_app *a) {
    double least = a->stack[0].ops->wait(a->stack[0].self, a->now);
    for (int32_t i = 1; i < a->depth; i++) {
        const double wait = a->stack[i].ops->wait(a->stack[i].self, a->now);
        least = wait < least ? wait : least;
    }
    return least;
}

static void pop_now(trm_app *a) {
    a->pop = false;
    a->status[0] = 0;
    close_screen(trm_app_top(a)->ops, trm_app_top(a)->self);
    a->depth--;
    a->cover.kind = TRM_COVER_NONE;
    a->dirty = true;
}

// What a key does, and a screen that has come, is drawn before a tick that may compute for long.
static bool loop(trm_app *a, trm_error *e) {
    const void *seen = NULL; // the screen of which a frame has been drawn
    while (a->depth > 0) {
        if (!handle_signals(a, e))
            return false;
        const bool typed = trm_app_handle_keys(a);
        a->now = trm_clock_now();
        if (a->status[0] != 0 && !a->hovers && a->now >= a->status_until) {
            a->status[0] = 0;
            a->dirty = true;
        }
        const bool first = typed || seen != trm_app_top(a)->self;
        if (!first && tick_all(a))
            a->dirty = true;
        if (a->pop) {
            pop_now(a);
            continue;
        }
        const double next = a->drawn + FRAME;
        if (a->whole || first || (a->dirty && a->now >= next)) {
            draw(a);
            seen = trm_app_top(a)->self;
        }
        double wait = first ? 0.0 : wait_for_all(a);
        if (a->dirty && next - a->now < wait)
            wait = next - a->now;
        if (!trm_signals_wait(trm_terminal_has_keys(a->terminal) ? 0.0 : wait))
            return trm_error_set(e, TRM_E_STOPPED, "stopped: the terminal is gone");
    }
    return true;
}

static bool end_record(trm_app *a, double now, trm_error *e) {
    trm_recorder *r = a->recorder;
    a->recorder = NULL;
    return trm_recorder_close(r, now, e);
}

bool trm_app_run(trm_app *a, trm_error *e) {
    trm_error unused = {0};
    const bool ok = loop(a, e);
    return end_record(a, trm_clock_now(), ok ? e : &unused) && ok;
}

bool trm_app_film(trm_app *a, double seconds, bool (*over)(const void *self), trm_error *e) {
    static const double TICK = 0.1;
    for (int32_t i = 0; i * TICK < seconds && (i == 0 || !over(trm_app_top(a)->self)); i++) {
        a->now = i * TICK;
        tick_all(a);
        draw(a);
    }
    return end_record(a, a->now, e);
}

bool trm_app_show(const trm_screen_options *o,
                  bool (*push)(trm_app *a, const void *ctx, trm_error *e), const void *ctx,
                  trm_error *e) {
    trm_app *a = trm_app_open(o, e);
    if (a == NULL)
        return false;
    const bool ok = push(a, ctx, e) && trm_app_run(a, e);
    trm_app_close(a);
    return ok;
}
