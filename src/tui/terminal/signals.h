// SPDX-License-Identifier: Apache-2.0
// Signals as flags. Between begin and end the calling thread, and threads it starts, take the
// signals of a terminal program only while trm_signals_wait waits: none is lost, none interrupts.
#ifndef TUI_SIGNALS_H
#define TUI_SIGNALS_H

#include <stdbool.h>

typedef struct trm_signals {
    int ended;      // INT, TERM, HUP or USR1: its number; else 0
    bool resized;   // WINCH
    bool continued; // CONT
    bool suspend;   // TSTP
} trm_signals;

void trm_signals_begin(void);
void trm_signals_end(void); // as before begin

// Waits until standard input has something, a signal comes, or the time is over. False if standard
// input is gone.
bool trm_signals_wait(double seconds);

// Is there something that trm_signals_wait would not wait for: a key, a signal? For what computes
// long between two frames.
bool trm_signals_pending(void);

// What has come since the last call.
trm_signals trm_signals_take(void);

// Stops the process group as Ctrl-Z does; returns when it is continued.
void trm_signals_suspend(void);

#endif
