// SPDX-License-Identifier: Apache-2.0
// The application: the event loop over a stack of screens. It owns the terminal, the frame's
// timing, resizing, suspending, the bottom row, and what lies over a screen: help, a question, a
// line to type.
#ifndef TUI_APP_H
#define TUI_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/tui/screens.h"
#include "tui/screen.h"
#include "tui/terminal/terminal.h"

typedef struct trm_app trm_app;

// The keys that work on every screen.
extern const trm_action trm_app_actions[];

// Takes over terminal and signals. Free with trm_app_close, which gives both back.
trm_app *trm_app_open(const trm_screen_options *o, trm_error *e);
void trm_app_close(trm_app *a); // NULL is fine

const trm_look *trm_app_look(const trm_app *a);
trm_rect trm_app_area(const trm_app *a); // what a screen has: all but the bottom row

// Puts a screen on top. Where that cannot be, it is closed.
bool trm_app_push(trm_app *a, const trm_screen_ops *ops, void *self, trm_error *e);

// The top screen leaves at the end of this round; with the last one the loop ends.
void trm_app_pop(trm_app *a);

// Takes the top screen off the stack at once. It is not closed: it may be doing this itself.
void trm_app_drop(trm_app *a);

// Runs until the stack is empty (true) or a signal asks to end (false, TRM_E_STOPPED).
bool trm_app_run(trm_app *a, trm_error *e);

// In place of running, where there is no terminal: records so many seconds of the top screen, ten
// frames each, or until it is over.
bool trm_app_film(trm_app *a, double seconds, bool (*over)(const void *self), trm_error *e);

// All of the above for one screen: opens, lets `push` put it on top, runs, and closes.
bool trm_app_show(const trm_screen_options *o,
                  bool (*push)(trm_app *a, const void *ctx, trm_error *e), const void *ctx,
                  trm_error *e);

// A line in the bottom row for a few seconds. Control characters must not be in it.
void trm_app_status(trm_app *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Asks a question; `yes` is called if the answer is y.
void trm_app_ask(trm_app *a, const char *question, void (*yes)(void *ctx), void *ctx);

// Starts the tour; `at` is told of every stop when it is reached, -1 at the end. The tour stays
// over whatever screen is on top, and all keys but its own do what they always do.
void trm_app_tour(trm_app *a, void (*at)(void *ctx, int32_t stop), void *ctx);
bool trm_app_touring(const trm_app *a);

// Lets a line be typed; `done` is called with it unless it was cancelled or empty.
void trm_app_prompt(trm_app *a, const char *label, const char *initial,
                    void (*done)(void *ctx, const char *text), void *ctx);

// The same for a file or folder that is to be made: offers a name that is free, NAME, NAME-2 …
void trm_app_prompt_new(trm_app *a, const char *label, const char *name,
                        void (*done)(void *ctx, const char *text), void *ctx);

// The same for a number from 0 on. wrong: what is said of anything else; a literal.
// Does something wait to be handled, a key or a signal? What computes long in a tick asks this, and
// ends when it is so. A trm_app.
bool trm_app_pending(void *app);

void trm_app_prompt_number(trm_app *a, const char *label, int64_t initial, const char *wrong,
                           void (*done)(void *ctx, int64_t number), void *ctx);

#endif
