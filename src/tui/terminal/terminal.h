// SPDX-License-Identifier: Apache-2.0
// The terminal: the only module that knows curses. Opens it, reads keys, puts a canvas on the
// glass in one refresh, gives it back as it was. One at a time; main thread only.
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/error.h"
#include "trm/tui/screens.h"
#include "tui/canvas/canvas.h"
#include "tui/terminal/keys.h"

typedef struct trm_terminal trm_terminal;

bool trm_terminal_possible(trm_error *e);

// Takes the terminal over: raw keys, no echo, no cursor, the other screen.
trm_terminal *trm_terminal_open(const trm_screen_options *o, trm_error *e);
void trm_terminal_close(trm_terminal *t); // gives it back; NULL is fine

const trm_look *trm_terminal_look(const trm_terminal *t);

// The size of the window as the system has it now; tells curses.
void trm_terminal_measure(trm_terminal *t, int32_t *rows, int32_t *cols);

// The next key that has been typed, TRM_KEY_NONE if there is none (tui/input.h). Waits for nothing
// but what belongs to an Esc. For TRM_KEY_MOUSE and the wheel the place is written to *y, *x.
uint32_t trm_terminal_key(trm_terminal *t, int32_t *y, int32_t *x);

// Keys have been read from standard input and not been asked for yet.
bool trm_terminal_has_keys(const trm_terminal *t);

// Puts the canvas on the glass with one refresh. whole: everything is sent again.
void trm_terminal_show(trm_terminal *t, const trm_canvas *c, bool whole);

// Asks the terminal to put a text into the clipboard (OSC 52); many do, some after a question, some
// never.
void trm_terminal_copy(trm_terminal *t, const char *text, size_t size);

// Gives the terminal back for a while, and takes it again.
void trm_terminal_leave(trm_terminal *t);
void trm_terminal_enter(trm_terminal *t);

#endif
