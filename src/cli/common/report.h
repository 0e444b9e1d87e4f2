// SPDX-License-Identifier: Apache-2.0
// What the program says: complaints of one line, exit statuses, and JSON on standard output.
#ifndef TRM_CLI_REPORT_H
#define TRM_CLI_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "trm/base/error.h"

// Every exit status: name, number, a few words, a sentence.
#define TRM_EXITS(ROW)                                                                             \
    ROW(DONE, 0, "done", "Done.")                                                                  \
    ROW(FAILED, 1, "failed", "Failed.")                                                            \
    ROW(USAGE, 2, "bad usage or input", "Bad usage or input; nothing was written.")                \
    ROW(INTERRUPTED, 130, "interrupted",                                                           \
        "Interrupted by SIGINT, SIGTERM or SIGHUP; what a training has learned is saved.")         \
    ROW(PIPE, 141, "output cut short",                                                             \
        "Whoever read standard output stopped reading, as in `trm presets | head -1`.")

#define ROW(name, number, text, more) TRM_EXIT_##name = (number),
enum { TRM_EXITS(ROW) };
#undef ROW

// Prints "trm: message" on standard error and returns the exit status of the error's code.
int trm_report_error(const trm_error *e);

// The same where what failed is a file or folder that the user named: TRM_E_IO is then bad input.
int trm_report_input_error(const trm_error *e);

// Prints "trm: …" with a newline and returns TRM_EXIT_USAGE.
int trm_report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same for an option that has no effect on what was asked: "trm: --fill has no effect: WHY".
int trm_report_no_effect(const char *option, const char *why);

// Flushes standard output. `status`, or TRM_EXIT_FAILED with a line if anything could not be
// written; if that is because its reader has gone, TRM_EXIT_PIPE without a word.
int trm_report_finish(int status);

// Words from column `indent` on, wrapped, with a newline at the end; the cursor stands there
// already.
void trm_report_wrapped(FILE *out, const char *text, int indent);

// JSON pieces of run/json.h to a stream. Numbers read back exactly; what is not finite becomes
// null.
void trm_json_text(FILE *out, const char *text);
void trm_json_number(FILE *out, double value);

// "name": value, with a comma before it unless it is the first. A member of an object.
void trm_json_member(FILE *out, bool first, const char *name, double value);
void trm_json_text_member(FILE *out, bool first, const char *name, const char *text);

#endif
