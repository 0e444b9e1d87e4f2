// SPDX-License-Identifier: Apache-2.0
// The keys that every screen has, and how a key finds what it does: the tour, what lies over the
// screen, the application, the screen.
#include <stdlib.h>
#include <string.h>

#include "trm/base/file.h"
#include "trm/base/text.h"
#include "tui/app_impl.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/picture.h"
#include "tui/explain/explain.h"

enum { KEYS_A_ROUND = 64, TOLD = 200 };

static void show_help(void *self);
static void explain(void *self);
static void redraw(void *self);
static void dismiss(void *self);
static void save_picture(void *self);
static void copy_screen(void *self);
static void copy_value(void *self);

const trm_action trm_app_actions[] = {
    {TRM_KEYS('?', TRM_KEY_F1), "help", "the keys of this screen", .act = show_help},
    {TRM_KEYS('i'), "", "explain the panel in focus; again, or Esc: close", .act = explain},
    {TRM_KEYS(TRM_KEY_ESC), "", "close what lies over the screen", .act = dismiss},
    {TRM_KEYS('S'), "picture", "save this screen: .svg a picture, .txt text", .act = save_picture},
    {TRM_KEYS('y'), "", "copy the value at the cursor to the clipboard", .act = copy_value},
    {TRM_KEYS('Y'), "copy", "copy this screen as text to the clipboard", .act = copy_screen},
    {TRM_KEYS(TRM_CTRL('L')), "", "draw everything again", .act = redraw},
    {TRM_KEYS(TRM_CTRL('Z')), "", "suspend; the shell's fg comes back", .act = trm_app_suspend},
    {.keys = {0}},
};

static void show_help(void *self) {
    trm_app *a = self;
    trm_cover_help(&a->cover);
}

static void explain(void *self) {
    trm_app *a = self;
    a->explaining = !a->explaining;
}

static void redraw(void *self) {
    trm_app *a = self;
    a->whole = true;
}

static void tour_go(trm_app *a, int32_t stop) {
    a->stop = stop < TRM_TOUR_STOPS ? stop : -1;
    a->explaining = false;
    a->tour_at(a->tour_ctx, a->stop);
}

void trm_app_tour(trm_app *a, void (*at)(void *ctx, int32_t stop), void *ctx) {
    a->tour_at = at;
    a->tour_ctx = ctx;
    tour_go(a, 0);
}

bool trm_app_touring(const trm_app *a) {
    return a->stop >= 0;
}

static void dismiss(void *self) {
    trm_app *a = self;
    if (a->explaining)
        a->explaining = false;
    else if (a->stop >= 0)
        tour_go(a, -1);
    else
        a->status[0] = 0;
}

static void picture_named(void *ctx, const char *path) {
    trm_app *a = ctx;
    trm_error e = {0};
    if (trm_picture_save(&a->picture, path, &e))
        trm_app_status(a, "saved in %s", path);
    else
        trm_app_status(a, "not saved: %s", e.message);
}

// What was last drawn, before the line to type the name in lies over it.
static void save_picture(void *self) {
    trm_app *a = self;
    char name[32];
    int32_t i = 1;
    do
        trm_text_format(name, sizeof name, "trm-%d.svg", i);
    while (trm_file_exists(name) && i++ < 9999);
    trm_canvas_resize(&a->picture, a->canvas.rows, a->canvas.cols);
    memcpy(a->picture.cells, a->canvas.cells,
           (size_t)a->canvas.rows * (size_t)a->canvas.cols * sizeof *a->canvas.cells);
    trm_app_prompt(a, "save the screen as (.svg or .txt)", name, picture_named, a);
}

static void copy_screen(void *self) {
    trm_app *a = self;
    trm_json_buffer text = {0};
    trm_picture_text(&text, &a->canvas);
    trm_terminal_copy(a->terminal, text.data, text.size);
    free(text.data);
    trm_app_status(a, "copied, if this terminal lets programs copy");
}

static void copy_value(void *self) {
    trm_app *a = self;
    const trm_app_screen *s = trm_app_top(a);
    char text[TOLD];
    if (s->ops->tell == NULL || !s->ops->tell(s->self, -1, -1, text, sizeof text)) {
        trm_app_status(a, "there is no value at the cursor here; Y copies the screen");
        return;
    }
    trm_terminal_copy(a->terminal, text, strlen(text));
    trm_app_status(a, "copied: %s", text);
}

// over: it may replace a message that is being read. True if the bottom row changed.
static bool name_hovered(trm_app *a, bool over) {
    const trm_app_screen *s = trm_app_top(a);
    char text[TOLD];
    if (a->status[0] != 0 && !a->hovers && !over)
        return false;
    const bool any = a->cover.kind == TRM_COVER_NONE && s->ops->tell != NULL && a->pointer_y >= 0 &&
                     s->ops->tell(s->self, a->pointer_y, a->pointer_x, text, sizeof text);
    const bool changed = any ? strcmp(a->status, text) != 0 : a->hovers && a->status[0] != 0;
    if (any && changed)
        trm_app_status(a, "%s", text);
    else if (changed)
        a->status[0] = 0;
    a->hovers = any;
    return changed;
}

static bool hover(trm_app *a, int32_t y, int32_t x) {
    a->pointer_y = y;
    a->pointer_x = x;
    return name_hovered(a, true);
}

void trm_app_name_hovered(trm_app *a) {
    name_hovered(a, false);
}

// Whoever types reads the bottom row; the mouse may lie anywhere.
static void forget_pointer(trm_app *a) {
    a->pointer_y = -1;
    trm_app_name_hovered(a);
}

static void run(trm_app *a, const trm_action *action, void *self, int32_t arg) {
    if (action->leaves)
        trm_app_pop(a);
    else if (action->act != NULL)
        action->act(self);
    else
        action->run(self, arg);
}

// The tour has two keys; the others do what they always do.
static bool tour_key(trm_app *a, uint32_t key) {
    const bool on = key == TRM_KEY_ENTER, back = key == TRM_KEY_BACKSPACE;
    if (a->stop < 0 || a->cover.kind != TRM_COVER_NONE || (!on && !back))
        return false;
    tour_go(a, on ? a->stop + 1 : trm_clamp(a->stop - 1, 0, a->stop));
    return true;
}

static void handle_key(trm_app *a, uint32_t key, int32_t y, int32_t x) {
    const trm_app_screen *s = trm_app_top(a);
    int32_t arg;
    if (a->cover.kind == TRM_COVER_NONE && (key == TRM_KEY_WHEEL_UP || key == TRM_KEY_WHEEL_DOWN))
        key = s->ops->wheel[key == TRM_KEY_WHEEL_DOWN];
    if (key == TRM_KEY_MOUSE && a->cover.kind == TRM_COVER_NONE && y == a->canvas.rows - 1)
        key = trm_action_spot(&a->spots, x);
    if (tour_key(a, key))
        return;
    const trm_action *of_app = trm_action_find(trm_app_actions, a, key, &arg);
    if (a->cover.kind != TRM_COVER_NONE &&
        (of_app == NULL || of_app->act == show_help || of_app->act == dismiss ||
         of_app->act == explain ||
         ((of_app->act == save_picture || of_app->act == copy_screen ||
           of_app->act == copy_value) &&
          (a->cover.kind != TRM_COVER_HELP || a->cover.filtering)))) {
        trm_cover_key(&a->cover, key, a->canvas.rows / 2);
        return;
    }
    if (of_app != NULL) {
        run(a, of_app, a, arg);
        return;
    }
    if (key == TRM_KEY_MOUSE) {
        if (s->ops->click != NULL)
            s->ops->click(s->self, y, x);
        return;
    }
    const trm_action *found = trm_action_find(s->ops->actions, s->self, key, &arg);
    const char *refusal = trm_action_refusal(s->ops->actions, s->self, key);
    if (found != NULL)
        run(a, found, s->self, arg);
    else if (refusal != NULL)
        trm_app_status(a, "%s", refusal);
}

bool trm_app_handle_keys(trm_app *a) {
    bool any = false;
    int32_t y = 0, x = 0;
    // Bounded: what is pasted, or a terminal that has gone, must not keep the loop from its
    // signals.
    for (int32_t i = 0; i < KEYS_A_ROUND && !a->pop; i++) {
        const uint32_t key = trm_terminal_key(a->terminal, &y, &x);
        if (key == TRM_KEY_NONE)
            break;
        if (key == TRM_KEY_HOVER) {
            a->dirty |= hover(a, y, x);
            continue;
        }
        if (key != TRM_KEY_MOUSE && key != TRM_KEY_WHEEL_UP && key != TRM_KEY_WHEEL_DOWN)
            forget_pointer(a);
        if (key & TRM_KEY_PASTED)
            trm_cover_paste(&a->cover, key & ~(uint32_t)TRM_KEY_PASTED);
        else
            handle_key(a, key, y, x);
        a->dirty = any = true;
    }
    return any;
}
