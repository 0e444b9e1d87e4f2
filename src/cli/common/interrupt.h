// SPDX-License-Identifier: Apache-2.0
// Signals: handlers only set a flag. For the main thread.
#ifndef TRM_CLI_INTERRUPT_H
#define TRM_CLI_INTERRUPT_H

#include <stdbool.h>

// Writing to where no one is, or past a limit, must fail and not kill: SIGPIPE and SIGXFSZ are
// ignored, and standard input, output and error are opened (to fail) where they were closed. First
// thing in main.
void trm_interrupt_prepare(void);

// From here SIGINT, SIGTERM, SIGHUP (unless ignored, as under nohup) and, where several processes
// train together, SIGUSR1 are noted. `blocked`: they
// are let through only within trm_interrupt_wait, and not in threads started after this call.
//
// A command that has not ended 0.8 s after the signal, or that gets a second one, is ended where it
// is: "trm: interrupted", exit status 130. Unless it has something to save: trm_interrupt_saving.
void trm_interrupt_catch(bool blocked);

// From here the command ends by itself, however long that takes.
void trm_interrupt_saving(void);

// The user has been told that it is saving: another Ctrl-C ends it where it is. Not before, because
// some programs pass one Ctrl-C on twice; and no other signal, because job systems send several.
void trm_interrupt_says_so(void);

// Waits until fd can be read, a signal comes, or the time is over. True if fd can be read.
bool trm_interrupt_wait(int fd, int milliseconds);

// A signal has come.
bool trm_interrupt_asked(void);

#endif
