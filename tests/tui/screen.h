// SPDX-License-Identifier: Apache-2.0
// The real binary (TRM_BIN) in a pseudo-terminal whose screen is read as a terminal would show it.
// Nothing sleeps: every wait polls the terminal against a deadline. What goes wrong in here shows
// the screen and fails the test at once.
#ifndef TRM_TESTS_SCREEN_H
#define TRM_TESTS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct screen screen;

enum { SCREEN_LINE = 4 * 512 }; // bytes that hold a line of the widest screen

// Starts `trm args…` in folder dir. env: "NAME=value" words on top of TERM=xterm-256color and
// LC_ALL=C.UTF-8, ending with NULL; may be NULL.
screen *screen_open(const char *dir, int rows, int cols, const char *const *env,
                    const char *const *args);
#define OPEN(dir, rows, cols, env, ...)                                                            \
    screen_open(dir, rows, cols, env, (const char *const[]){__VA_ARGS__, NULL})
#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

// The same below a process that does what a shell does for its jobs, so that Ctrl-Z stops it.
screen *screen_open_as_job(const char *dir, int rows, int cols, const char *const *env,
                           const char *const *args);

// Waits for the job to stop, and checks that the terminal is as it was; fg.
void screen_wait_stopped(screen *s);
void screen_foreground(screen *s);

// Something else writes to the terminal.
void screen_scribble(screen *s, const char *text);

// Wipes the screen that is read, as if nothing had ever come.
void screen_wipe(screen *s);

// Types; the bytes are sent as they are.
void screen_keys(screen *s, const char *bytes);

// Types so many bytes, as fast as they are taken and whatever the program makes of them. False if
// it has ended.
bool screen_pour(screen *s, const char *bytes, size_t n);

// Tells the program of another size of its window.
void screen_resize(screen *s, int rows, int cols);

// Reads what comes until `done` says so of a whole frame; false when the seconds are over.
bool screen_wait(screen *s, bool (*done)(screen *s, const void *ctx), const void *ctx,
                 double seconds);

// Waits for a text to stand in one line of the screen, or to stand nowhere; fails after
// SCREEN_SECONDS, naming the line of the test.
enum { SCREEN_SECONDS = 60 };
void screen_see(screen *s, const char *text, int line);
void screen_lose(screen *s, const char *text, int line);
#define SEE(s, text)  screen_see(s, text, __LINE__)
#define LOSE(s, text) screen_lose(s, text, __LINE__)

bool screen_has(screen *s, const char *text);
bool screen_shows(screen *s, const void *text); // the same for screen_wait

// Line `row` from 0, in UTF-8, without blanks at its end.
void screen_line(screen *s, int row, char out[SCREEN_LINE]);
int screen_rows(const screen *s);
int screen_cols(const screen *s);

// Tells the program of another size, but goes on reading it on the screen there is, which must be
// at least as large: libvterm's own is not to be shrunk while output for a larger one is on its
// way.
void screen_window(screen *s, int rows, int cols);

// The number after the first such word that has one behind it; -1 if there is none.
double screen_number(screen *s, const char *word);

// All bytes that came so far.
const char *screen_bytes(const screen *s, size_t *size);

// Some cell has a colour of its own.
bool screen_has_color(screen *s);

// Seconds of processor time that the program has taken.
double screen_cpu_seconds(const screen *s);

// Sends a signal to the program.
void screen_signal(screen *s, int number);

// Waits for the program to end, checks that the terminal is as it was (modes, cursor, mouse, the
// other screen left) and frees. Returns the exit status, 128 + number for a signal.
int screen_close(screen *s);

// The terminal goes away. Waits for the program to end and frees; the exit status as screen_close.
int screen_hang_up(screen *s);

// Waits for the program to end, however it left the terminal, and frees.
void screen_abandon(screen *s);

// Shows the screen and fails.
void screen_fail(screen *s, const char *message, int line) __attribute__((noreturn));

#endif
