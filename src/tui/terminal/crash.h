// SPDX-License-Identifier: Apache-2.0
// A crash gives the terminal back before it says so. While guarded, SIGSEGV, SIGBUS, SIGFPE,
// SIGABRT and every other signal that ends a program and is not caught (SIGQUIT, SIGUSR1, SIGXCPU,
// …) write what leaves the screen, set the terminal's modes, print one line and then do what they
// would have done; so does exit(). Main thread.
#ifndef TUI_CRASH_H
#define TUI_CRASH_H

#include <stddef.h>
#include <termios.h>

// `leave` (size bytes, copied; what does not fit is left out) goes to standard output, `modes` to
// the terminal on standard input.
void trm_crash_guard(const char *leave, size_t size, const struct termios *modes);

// What the line ends with: how the run that is being trained in a folder goes on.
void trm_crash_hint(const char *path);

// The same for an end that is no signal; from any thread, which then ends the program: from here on
// no other can change the modes, or come to its own end first. Unguarded, it only says the line.
void trm_crash_give_back(const char *line);

// Stand around what changes the terminal's modes. Nothing of ours is allocated in between.
void trm_crash_hold(void);
void trm_crash_let_go(void);

void trm_crash_release(void); // as before; fine if not guarded

#endif
