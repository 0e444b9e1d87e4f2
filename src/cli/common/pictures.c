// SPDX-License-Identifier: Apache-2.0
#include "cli/common/pictures.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/thread.h"
#include "trm/plot/plot.h"
#include "trm/run/record.h"

enum { MOMENTS = 64 };

// A record, and of supervised runs a model to answer with.
typedef struct source {
    trm_record *record;
    trm_model *model;
    trm_agent agent;
    trm_board board;
    uint8_t signs[TRM_BOARD_MAX * TRM_BOARD_MAX];
    trm_plot_png png;
    int64_t number; // of the moment in the picture
} source;

static bool open_source(source *s, const char *run, trm_error *e) {
    s->record = trm_record_open(run, e);
    if (s->record == NULL || trm_record_env(s->record) != NULL)
        return s->record != NULL;
    s->model = trm_record_model(s->record, e);
    if (s->model != NULL)
        trm_agent_init(&s->agent, NULL, s->model);
    return s->model != NULL;
}

static void close_source(source *s) {
    if (s->model != NULL)
        trm_agent_done(&s->agent);
    trm_model_free(s->model);
    trm_record_free(s->record);
    free(s->png.bytes);
    *s = (source){.record = NULL};
}

// Draws moment i; png.bytes stays NULL where it is no board.
static bool draw(source *s, int32_t i, trm_error *e) {
    const bool answers = s->model != NULL;
    free(s->png.bytes);
    s->png = (trm_plot_png){.bytes = NULL};
    s->number = trm_record_moment(s->record, i)->number;
    if (answers && !trm_record_weights(s->record, i, s->model, e))
        return false;
    return trm_record_board(s->record, i, &s->agent, &s->board, s->signs, e) &&
           (s->board.rows == 0 || trm_plot_board(&s->board, answers ? s->signs : NULL, &s->png, e));
}

static bool hand_over(const source *s, trm_event_file *f, trm_error *e) {
    const trm_event_picture p = {.tag = s->model != NULL ? "sample" : "board",
                                 .number = s->number,
                                 .png = s->png.bytes,
                                 .size = s->png.size,
                                 .width = s->png.width,
                                 .height = s->png.height};
    return p.png == NULL || trm_event_file_picture(f, &p, e);
}

static void say_none(const char *why) {
    fprintf(stderr, "trm: the event file has no pictures of boards: %s\n", why);
}

// ---- of a recorded run --------------------------------------------------------------------------

bool trm_pictures_export(const char *run, trm_event_file *f, trm_error *e) {
    int32_t chosen[MOMENTS], missing = 0;
    trm_error why = {0};
    source *s = trm_alloc(1, sizeof *s);
    bool ok = true;
    if (!trm_plot_possible(&why) || !open_source(s, run, &why)) {
        say_none(why.message);
    } else {
        const int32_t n = trm_record_spread(s->record, MOMENTS, chosen);
        for (int32_t k = 0; k < n && ok; k++) {
            const bool drawn = draw(s, chosen[k], &why);
            missing += !drawn;
            ok = !drawn || hand_over(s, f, e);
        }
        if (missing > 0)
            fprintf(stderr, "trm: the event file lacks %d of %d pictures of boards: %s\n", missing,
                    n, why.message);
    }
    close_source(s);
    free(s);
    return ok;
}

// ---- of a run that is trained -------------------------------------------------------------------

struct trm_pictures {
    const char *run;
    trm_event_file *file;
    source source;
    pthread_t thread;
    bool drawing;           // the thread is there
    atomic_bool done, stop; // it has ended; it is to end
    int64_t until;          // what the newest moment may be: that of the last line in the file
    bool fresh;             // the source has a picture that is not in the file
    int64_t newest;         // moment that was drawn, or could not be; -1: none
    double begun, spent, last;
    trm_error error;
};

static bool is_stopped(void *ctx) {
    trm_pictures *p = ctx;
    return atomic_load_explicit(&p->stop, memory_order_relaxed);
}

static bool ready(trm_pictures *p) {
    source *s = &p->source;
    if (s->record == NULL) {
        if (!open_source(s, p->run, &p->error)) {
            close_source(s);
            return false;
        }
        if (s->model != NULL)
            trm_workspace_set_stop(s->agent.workspace, is_stopped, p);
    }
    return trm_record_renew(s->record, &p->error) || p->error.code == TRM_OK;
}

// The newest moment whose line is in the file, unless it was drawn.
static void *work(void *ctx) {
    trm_pictures *p = ctx;
    const double from = trm_clock_now();
    p->fresh = false;
    p->error.code = TRM_OK;
    if (ready(p)) {
        const int32_t i = trm_record_at(p->source.record, p->until);
        const int64_t number = trm_record_moment(p->source.record, i)->number;
        if (number != p->newest && number <= p->until) {
            p->newest = number;
            p->fresh = draw(&p->source, i, &p->error);
            p->last = trm_clock_now() - from;
        }
    }
    p->spent += trm_clock_now() - from;
    atomic_store(&p->done, true);
    return NULL;
}

trm_pictures *trm_pictures_open(const char *run, trm_event_file *f) {
    trm_error e;
    if (!trm_plot_possible(&e)) {
        say_none(e.message);
        return NULL;
    }
    trm_pictures *p = trm_alloc(1, sizeof *p);
    p->run = run;
    p->file = f;
    p->newest = -1;
    p->begun = trm_clock_now();
    atomic_init(&p->done, false);
    atomic_init(&p->stop, false);
    return p;
}

static bool collect(trm_pictures *p, trm_error *e) {
    if (p->drawing)
        pthread_join(p->thread, NULL);
    p->drawing = false;
    const bool fresh = p->fresh;
    p->fresh = false;
    return !fresh || hand_over(&p->source, p->file, e);
}

// The next one may take as long as the last.
static bool affordable(const trm_pictures *p) {
    static const double SHARE = 0.02;
    return p->spent + p->last <= SHARE * (trm_clock_now() - p->begun);
}

bool trm_pictures_renew(trm_pictures *p, trm_error *e) {
    if (p->drawing && !atomic_load(&p->done))
        return true;
    if (!collect(p, e))
        return false;
    p->until = trm_event_file_number(p->file);
    if (p->until < 0 || p->until == p->newest || (p->last > 0 && !affordable(p)))
        return true;
    atomic_store(&p->done, false);
    p->drawing = trm_thread_start(&p->thread, work, p) == 0;
    return true;
}

bool trm_pictures_finish(trm_pictures *p, trm_error *e) {
    if (!collect(p, e))
        return false;
    p->until = trm_event_file_number(p->file);
    if (p->until >= 0)
        work(p);
    if (p->error.code != TRM_OK && p->newest < 0)
        say_none(p->error.message);
    return collect(p, e);
}

void trm_pictures_close(trm_pictures *p) {
    if (p == NULL)
        return;
    atomic_store(&p->stop, true);
    if (p->drawing)
        pthread_join(p->thread, NULL);
    close_source(&p->source);
    free(p);
}
