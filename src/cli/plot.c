// SPDX-License-Identifier: Apache-2.0
#include "trm/plot/plot.h"

#include <stddef.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/run/metrics.h"
#include "trm/run/runs.h"

typedef struct plot_options {
    const char *out, *title;
    int64_t smooth, samples;
    int axis, log;
    bool panels, fields, watch;
} plot_options;

enum { SAMPLES = 4 };

enum { LOG_X, LOG_Y, LOG_XY };
static const char *const logs[] = {[LOG_X] = "x", [LOG_Y] = "y", [LOG_XY] = "xy", NULL};

static const char *const axes[] = {
    [TRM_PLOT_BY_EPISODE] = "episodes",
    [TRM_PLOT_BY_STEP] = "steps",
    [TRM_PLOT_BY_SECOND] = "seconds",
    [TRM_PLOT_AXES] = NULL,
};

static const trm_option options[] = {
    {.name = "--out",
     .alias = "-o",
     .value = "PICTURE",
     .help = "the file to write, SVG or PNG by its name",
     .kind = TRM_OPTION_TEXT,
     .offset = offsetof(plot_options, out)},
    TRM_FLAG(plot_options, panels, "--panels",
             "draw mazes with the answers of supervised runs instead of curves"),
    TRM_COUNT(plot_options, samples, "--samples", "number of mazes with --panels", 1,
              TRM_PLOT_SAMPLES, "4"),
    {.name = "--axis",
     .value = "AXIS",
     .help = "what the horizontal axis counts",
     .fallback = "episodes, which are epochs for supervised runs",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(plot_options, axis),
     .choices = axes},
    {.name = "--log",
     .value = "AXES",
     .help = "axes by powers of ten; y is the loss of supervised runs",
     .kind = TRM_OPTION_CHOICE,
     .offset = offsetof(plot_options, log),
     .choices = logs},
    TRM_FLAG(plot_options, watch, "--watch",
             "draw again as the runs grow, until nobody trains them any more"),
    TRM_COUNT(plot_options, smooth, "--smooth", "draw the mean of the last N", 1, TRM_PLOT_SMOOTH,
              "50 episodes, 1 epoch"),
    TRM_FLAG(plot_options, fields, "--fields",
             "list what a run's files hold, with unit and meaning, instead"),
    TRM_TEXT(plot_options, title, "--title", "TEXT", "a line above the picture", NULL),
    {0},
};

static bool draw(const trm_words *words, const plot_options *o, trm_error *e) {
    const char *const *runs = (const char *const *)words->plain;
    if (!o->panels) {
        const trm_curves_request request = {.runs = runs,
                                            .count = words->plain_count,
                                            .out = o->out,
                                            .title = o->title,
                                            .axis = o->axis < 0 ? TRM_PLOT_BY_EPISODE
                                                                : (trm_plot_axis)o->axis,
                                            .log_x = o->log == LOG_X || o->log == LOG_XY,
                                            .log_y = o->log == LOG_Y || o->log == LOG_XY,
                                            .smooth = (int32_t)o->smooth};
        return trm_plot_curves(&request, e);
    }
    if (words->plain_count > TRM_PLOT_MODELS)
        return trm_error_set(e, TRM_E_INPUT, "--panels takes up to %d runs, found %d",
                             (int)TRM_PLOT_MODELS, words->plain_count);
    const trm_mazes_request request = {.runs = runs,
                                       .count = words->plain_count,
                                       .out = o->out,
                                       .title = o->title,
                                       .samples = o->samples > 0 ? (int32_t)o->samples : SAMPLES};
    return trm_plot_mazes(&request, e);
}

// ---- as the runs grow ---------------------------------------------------------------------------

// When any of the runs was written last, and whether anybody trains one.
static int64_t newest(const trm_words *words, bool *trained) {
    int64_t latest = 0;
    *trained = false;
    for (int i = 0; i < words->plain_count; i++) {
        trm_run_entry x = {.path = words->plain[i]};
        trm_runs_renew(&x);
        *trained |= x.state == TRM_RUN_RUNNING;
        const int64_t stamp = x.changed + x.done;
        latest = stamp > latest ? stamp : latest;
    }
    return latest;
}

// A run may be resumed while it is read: what cannot be drawn now is drawn the next time.
static int watch(const trm_words *words, const plot_options *o) {
    enum { PAUSE_MS = 1000 };
    trm_error e = {0};
    bool trained = true, ok = true;
    int64_t drawn = -1;
    int pipes[2];
    if (pipe(pipes) != 0)
        return trm_report_finish(TRM_EXIT_FAILED);
    trm_interrupt_catch(true);
    while (trained && !trm_interrupt_asked()) {
        const int64_t now = newest(words, &trained);
        if (now == drawn && trained) {
            trm_interrupt_wait(pipes[0], PAUSE_MS);
            continue;
        }
        ok = draw(words, o, &e);
        if (!ok && drawn < 0)
            break;
        drawn = now;
        if (trained)
            trm_interrupt_wait(pipes[0], PAUSE_MS);
    }
    close(pipes[0]);
    close(pipes[1]);
    return ok ? trm_report_finish(TRM_EXIT_DONE) : trm_report_input_error(&e);
}

static int run(const trm_words *words, void *given) {
    const plot_options *o = given;
    trm_error e = {0};
    char usage[TRM_USAGE];
    const char *idle = !o->panels && o->samples > 0 ? "--samples"
                       : o->panels && o->axis >= 0  ? "--axis"
                       : o->panels && o->smooth > 0 ? "--smooth"
                       : o->panels && o->log >= 0   ? "--log"
                       : o->panels && o->watch      ? "--watch"
                                                    : NULL;
    if (o->fields && (words->plain_count > 0 || o->out != NULL))
        return trm_report_usage("--fields stands alone: it lists what every run's files hold");
    if (o->fields) {
        trm_run_fields_describe(stdout);
        return trm_report_finish(TRM_EXIT_DONE);
    }
    if (words->plain_count == 0)
        return trm_report_usage("plot needs a run; usage: trm %s",
                                trm_command_usage(&trm_command_plot, usage));
    if (idle != NULL)
        return trm_report_no_effect(idle, o->panels ? "it is for curves, and --panels draws mazes"
                                                    : "it is for --panels");
    if (o->out == NULL)
        return trm_report_usage("plot needs a file to draw to: -o FILE.svg or -o FILE.png");
    if (!trm_plot_possible(&e))
        return trm_report_error(&e);
    if (o->watch)
        return watch(words, o);
    return draw(words, o, &e) ? trm_report_finish(TRM_EXIT_DONE) : trm_report_input_error(&e);
}

const trm_command trm_command_plot = {
    .name = "plot",
    .summary = "draw learning curves, or mazes with the models' answers",
    .words = "RUN... -o PICTURE",
    .about =
        "Draws the learning curves of recorded runs over each other: reward and success, or for "
        "supervised runs the loss and the shares of cells and of whole answers that are right. "
        "Runs that differ only in the seed become one curve, their mean in a band of one standard "
        "deviation; a single run is drawn raw and smoothed. --panels draws held-out mazes with "
        "their true paths and the answers of supervised runs. The same runs give the same bytes.",
    .examples =
        (const char *const[]){
            "trm plot runs/maze-* -o curves.svg",
            "trm plot runs/maze-3 -o live.svg --watch --log x",
            "trm plot --panels runs/mazes-8-fixed-cnn-0 runs/mazes-8-fixed-trm-0 -o mazes.png",
            NULL},
    .options = options,
    .options_size = sizeof(plot_options),
    .defaults = &(plot_options){.axis = -1, .log = -1},
    .words_max = TRM_PLOT_RUNS,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
