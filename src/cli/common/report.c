// SPDX-License-Identifier: Apache-2.0
#include "cli/common/report.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/json.h"

static int status_of(trm_errc code) {
    switch (code) {
    case TRM_OK:
        return TRM_EXIT_DONE;
    case TRM_E_INPUT:
        return TRM_EXIT_USAGE;
    case TRM_E_STOPPED:
        return TRM_EXIT_INTERRUPTED;
    case TRM_E_IO:
    case TRM_E_NUMERIC:
        break;
    }
    return TRM_EXIT_FAILED;
}

int trm_report_error(const trm_error *e) {
    fprintf(stderr, "trm: %s\n", e->message);
    return status_of(e->code);
}

int trm_report_input_error(const trm_error *e) {
    int status = trm_report_error(e);
    return e->code == TRM_E_IO ? TRM_EXIT_USAGE : status;
}

int trm_report_usage(const char *format, ...) {
    trm_error e;
    char text[sizeof e.message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    trm_error_set(&e, TRM_E_INPUT, "%s", text); // control characters become '?'
    return trm_report_error(&e);
}

// The reader of a pipe has gone.
static bool reader_gone(void) {
    struct pollfd p = {.fd = STDOUT_FILENO};
    return poll(&p, 1, 0) > 0 && (p.revents & POLLERR) != 0;
}

int trm_report_no_effect(const char *option, const char *why) {
    return trm_report_usage("%s has no effect: %s", option, why);
}

int trm_report_finish(int status) {
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) != 0 || failed) {
        if (errno == EPIPE || reader_gone())
            return status == TRM_EXIT_DONE ? TRM_EXIT_PIPE : status;
        fprintf(stderr, "trm: standard output cannot be written%s%s\n", errno ? ": " : "",
                errno ? strerror(errno) : "");
        return status == TRM_EXIT_DONE ? TRM_EXIT_FAILED : status;
    }
    return status;
}

void trm_report_wrapped(FILE *out, const char *text, int indent) {
    enum { COLUMNS = 79 };
    int column = indent;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    putc('\n', out);
}

// ---- JSON, as run/json.h writes it --------------------------------------------------------------

static void put(FILE *out, bool first, const trm_json_buffer *t) {
    if (!first)
        putc(',', out);
    fwrite(t->data, 1, t->size, out);
    free(t->data);
}

void trm_json_text(FILE *out, const char *text) {
    trm_json_buffer t = {0};
    trm_json_append_string(&t, text);
    put(out, true, &t);
}

void trm_json_number(FILE *out, double value) {
    trm_json_buffer t = {0};
    trm_json_append_number(&t, value);
    put(out, true, &t);
}

void trm_json_member(FILE *out, bool first, const char *name, double value) {
    trm_json_buffer t = {0};
    trm_json_append_member(&t, name, value);
    put(out, first, &t);
}

void trm_json_text_member(FILE *out, bool first, const char *name, const char *text) {
    trm_json_buffer t = {0};
    trm_json_append_text_member(&t, name, text);
    put(out, first, &t);
}
