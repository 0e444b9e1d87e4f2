// SPDX-License-Identifier: Apache-2.0
// For tests that run the real binary (TRM_BIN): folders to work in, processes, files.
// What goes wrong in here fails the test at once.
#ifndef TRM_TESTS_PROCESS_H
#define TRM_TESTS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PATH_SIZE = 512 };

// Makes an empty folder and, in it, the one that $HOME and $XDG_STATE_HOME name from now on.
// cmocka setup and teardown; *state is the folder's path.
int scratch_make(void **state);
int scratch_remove(void **state);

// Removes a folder and all in it.
void folder_remove(const char *path);

// How many entries the folder has, "home" not counted.
int folder_entries(const char *path);

// Reads a whole file; malloc'd, 0-terminated.
char *file_text(const char *path, size_t *size);
void file_put(const char *path, const void *bytes, size_t size);
void file_put_text(const char *path, const char *text);
bool file_is_there(const char *path);
int line_count(const char *text);

// Returns when the file is there; fails after the seconds.
void wait_for_file(const char *path, double seconds);

// Seconds on a clock that never goes back.
double now(void);

// The metrics with every "seconds" taken out; malloc'd.
char *metrics_without_seconds(const char *run);

// Two files of two runs have the same bytes; and so have their records: episodes.jsonl, and the
// weights of every moment.
void assert_equal_files(const char *left, const char *right, const char *name);
void assert_equal_records(const char *left, const char *right);

// Two runs below `dir` have the same bytes of weights, the same record, and the same metrics but
// for the time taken. Returns the lines of metrics.
int assert_equal_runs(const char *dir, const char *left, const char *right);

typedef struct process {
    pid_t pid;
    int out, err; // pipes to read
} process;

typedef struct outcome {
    int status; // exit status; 128 + number for a signal
    char *out, *err;
} outcome;

// Starts `trm args…` in folder `dir`; args end with NULL. input NULL: no standard input.
process process_start(const char *dir, const char *input, const char *const *args);
outcome process_finish(process *p, double seconds);
void outcome_free(outcome *o);

outcome process_run(const char *dir, const char *input, const char *const *args);
#define RUN(dir, ...)             process_run(dir, NULL, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_WITH(dir, input, ...) process_run(dir, input, (const char *const[]){__VA_ARGS__, NULL})

// Exit status 2, nothing on standard output, and one line on standard error that holds `part`.
void assert_refused(outcome o, const char *part);

#endif
