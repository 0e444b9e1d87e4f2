// SPDX-License-Identifier: Apache-2.0
#include "cli/common/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/common/interrupt.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"

enum { BAR = 24, LINE = 256 };

static const double bar_seconds = 0.1;   // between two draws of the bar
static const double line_seconds = 10.0; // between two lines

void trm_progress_init(trm_progress *p, const char *unit, int64_t done) {
    const char *term = getenv("TERM");
    bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
    double now = trm_clock_now();
    *p = (trm_progress){.unit = unit, .terminal = isatty(STDERR_FILENO) && !dumb, .started = now};
    p->first = done;
    p->next = now + (p->terminal ? bar_seconds : line_seconds);
}

static int terminal_columns(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

// "12s left", or "" while that cannot be told.
static void time_left(const trm_progress *p, double now, int64_t done, int64_t total, char *out,
                      size_t size) {
    out[0] = '\0';
    if (done > p->first && done < total) {
        char duration[32];
        double each = (now - p->started) / (double)(done - p->first);
        trm_text_duration(duration, each * (double)(total - done));
        trm_text_format(out, size, "  %s left", duration);
    }
}

static void draw_bar(double share, char bar[BAR + 1]) {
    int full = (int)(share * BAR + 0.5);
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR] = '\0';
}

void trm_progress_show(trm_progress *p, int64_t done, int64_t total, const char *note) {
    double now = trm_clock_now();
    if (now < p->next || total <= 0)
        return;
    p->next = now + (p->terminal ? bar_seconds : line_seconds);
    double share = (double)done / (double)total;
    char left[48];
    time_left(p, now, done, total, left, sizeof left);
    const char *gap = note[0] != '\0' ? "  " : "";
    char line[LINE];
    if (!p->terminal) {
        trm_text_format(line, sizeof line, "%lld of %lld %s%s%s%s", (long long)done,
                        (long long)total, p->unit, gap, note, left);
        fprintf(stderr, "%s\n", line);
        return;
    }
    char bar[BAR + 1];
    draw_bar(share < 1 ? share : 1, bar);
    trm_text_format(line, sizeof line, "[%s] %3d %%  %lld/%lld %s%s%s%s", bar, (int)(share * 100),
                    (long long)done, (long long)total, p->unit, gap, note, left);
    fprintf(stderr, "\r%.*s\033[K", terminal_columns() - 1, line);
    fflush(stderr);
    p->drawn = true;
}

bool trm_progress_go_on(void *watch, int64_t done) {
    trm_progress_watch *w = watch;
    trm_progress_show(&w->progress, done, w->total, "");
    return !trm_interrupt_asked();
}

void trm_progress_clear(trm_progress *p) {
    if (p->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->drawn = false;
    }
}
