// SPDX-License-Identifier: Apache-2.0
#include "trm/run/record.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/run/rundir.h"
#include "trm/tui/replay.h"

typedef struct replay_options {
    bool check, json;
    const char *svg;
    trm_display display;
} replay_options;

static const trm_option options[] = {
    TRM_FLAG(replay_options, check, "--check",
             "play or answer every moment again, compare it with the record, and print one line"),
    TRM_SHARED_JSON(replay_options),
    TRM_TEXT(replay_options, svg, "--svg", "FILE",
             "write the time line, played once, as a moving picture; needs no terminal", NULL),
    TRM_SHARED_DISPLAY(replay_options),
    {0},
};

// ---- listing ------------------------------------------------------------------------------------

static void print_episode(const trm_moment *m) {
    const trm_episode *ep = &m->episode;
    trm_json_member(stdout, true, "episode", (double)m->number);
    trm_json_member(stdout, false, "update", (double)m->update);
    trm_json_member(stdout, false, "step", (double)ep->step);
    trm_json_member(stdout, false, "reward", (double)ep->reward);
    trm_json_member(stdout, false, "success", ep->success);
    trm_json_member(stdout, false, "length", ep->length);
}

static void print_epoch(const trm_moment *m) {
    trm_json_member(stdout, true, "epoch", (double)m->number);
    trm_json_member(stdout, false, "update", (double)m->update);
    trm_json_member(stdout, false, "validation_loss", m->score.loss);
    trm_json_member(stdout, false, "cell_accuracy", m->score.cell_accuracy);
    trm_json_member(stdout, false, "exact_accuracy", m->score.exact_accuracy);
    trm_json_member(stdout, false, "path_recall", m->score.path_recall);
    fputs(",\"samples\":[", stdout);
    for (int32_t k = 0; k < m->count; k++) {
        fputs(k > 0 ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "sample", m->samples[k]);
        trm_json_member(stdout, false, "right", m->right[k]);
        trm_json_member(stdout, false, "exact", m->exact[k]);
        putchar('}');
    }
    putchar(']');
}

static void print_moment(const trm_record *r, int32_t i) {
    static const char *const names[][TRM_MARK_COUNT] = {
        [TRM_UNIT_EPISODE] = {"first_success", "best", "worst", "longest"},
        [TRM_UNIT_EPOCH] = {"first_exact", "best", "worst", ""}};
    const trm_unit unit = trm_record_unit(r);
    printf("%s{", i > 0 ? "," : "");
    (unit == TRM_UNIT_EPISODE ? print_episode : print_epoch)(trm_record_moment(r, i));
    fputs(",\"marks\":[", stdout);
    bool any = false;
    for (int32_t k = 0; k < TRM_MARK_COUNT; k++) {
        if (trm_record_marked(r, (trm_mark)k) != i)
            continue;
        fputs(any ? "," : "", stdout);
        trm_json_text(stdout, names[unit][k]);
        any = true;
    }
    fputs("]}", stdout);
}

// What a moment has several of.
static const char *steps_name(const trm_record *r) {
    return trm_record_unit(r) == TRM_UNIT_EPISODE ? "steps" : "answers";
}

static int list(const trm_record *r) {
    putchar('{');
    trm_json_text_member(stdout, true, "run", trm_record_path(r));
    trm_json_member(stdout, false, "count", trm_record_count(r));
    trm_json_member(stdout, false, steps_name(r), (double)trm_record_steps(r));
    trm_json_member(stdout, false, "bytes", (double)trm_record_bytes(r));
    fputs(",\"moments\":[", stdout);
    for (int32_t i = 0; i < trm_record_count(r); i++)
        print_moment(r, i);
    puts("]}");
    return trm_report_finish(TRM_EXIT_DONE);
}

// ---- checking -----------------------------------------------------------------------------------

// The first moment after that one.
static int32_t after(const trm_record *r, int64_t number) {
    const int32_t i = trm_record_at(r, number);
    return trm_record_moment(r, i)->number > number ? i : i + 1;
}

// A run that is being trained drops moments, and their weights with them. True if it has dropped
// that one, and is read again.
static bool was_thinned(trm_record *r, int64_t number) {
    trm_error e = {0};
    return trm_record_renew(r, &e) &&
           trm_record_moment(r, trm_record_at(r, number))->number != number;
}

static int check_with(trm_record *r, trm_model *m) {
    trm_error e = {0};
    trm_progress progress;
    const bool plays = trm_record_env(r) != NULL;
    trm_agent agent;
    int32_t i = 0, count = 0;
    bool ok = true;
    trm_agent_init(&agent, trm_record_env(r), m);
    trm_interrupt_catch(false);
    trm_progress_init(&progress, "moments", 0);
    while (ok && i < trm_record_count(r) && !trm_interrupt_asked()) {
        const int64_t number = trm_record_moment(r, i)->number;
        trm_progress_show(&progress, i, trm_record_count(r), "");
        if (trm_record_weights(r, i, m, &e)) {
            ok = trm_record_check(r, i, &agent, &e);
            count++;
        } else if (!(ok = was_thinned(r, number))) {
            break;
        }
        i = after(r, number);
    }
    trm_progress_clear(&progress);
    trm_agent_done(&agent);
    if (!ok) {
        e.code = TRM_E_IO; // the record is not what it says: failed, not misused
        return trm_report_error(&e);
    }
    if (i < trm_record_count(r)) {
        fprintf(stderr, "trm: interrupted after %" PRId32 " of %" PRId32 " moments\n", i,
                trm_record_count(r));
        return TRM_EXIT_INTERRUPTED;
    }
    char steps[32];
    printf("%" PRId32 " moments, %s %s: %s are as recorded\n", count,
           trm_text_thousands(steps, trm_record_steps(r)), steps_name(r),
           plays ? "actions and rewards" : "right cells");
    return trm_report_finish(TRM_EXIT_DONE);
}

static int check(trm_record *r) {
    trm_error e = {0};
    char other[160];
    if (trm_rundir_kernels_differ(trm_record_path(r), other, sizeof other))
        fprintf(stderr, "trm: %s\n", other);
    trm_model *m = trm_record_model(r, &e);
    int status = m != NULL ? check_with(r, m) : trm_report_input_error(&e);
    trm_model_free(m);
    return status;
}

static int show(const trm_record *r, const replay_options *o) {
    trm_error e = {0};
    if (!trm_options_terminal(&trm_command_replay, &e))
        return trm_report_usage("%s; --json and --check do not", e.message);
    const trm_replay_options view = {.run = trm_record_path(r), TRM_DISPLAY_FIELDS(o->display)};
    return trm_replay_run(&view, &e) ? TRM_EXIT_DONE : trm_report_error(&e);
}

static int film(const trm_record *r, const replay_options *o) {
    trm_error e = {0};
    trm_replay_options view = {.run = trm_record_path(r), TRM_DISPLAY_FIELDS(o->display)};
    view.screen.record = o->svg;
    view.screen.rows = 40;
    view.screen.cols = 120;
    if (!trm_text_ends(o->svg, ".svg"))
        return trm_report_usage("--svg %s: expected a name that ends in .svg", o->svg);
    if (o->display.record != NULL)
        return trm_report_no_effect("--record", "--svg is the record");
    return trm_replay_run(&view, &e) ? TRM_EXIT_DONE : trm_report_error(&e);
}

static int run(const trm_words *words, void *given) {
    const replay_options *o = given;
    trm_error e = {0};
    if (o->check && o->json)
        return trm_report_no_effect("--json", "--check prints one line");
    if (o->svg != NULL && (o->check || o->json))
        return trm_report_no_effect("--svg", "no screen is drawn");
    if ((o->check || o->json) && trm_display_given(&o->display))
        return trm_report_no_effect(trm_display_given(&o->display), "no screen is opened");
    trm_record *r =
        trm_record_open(words->plain[0], &e); // to say what is wrong before the screen is taken
    if (r == NULL)
        return trm_report_input_error(&e);
    const int status = o->check         ? check(r)
                       : o->json        ? list(r)
                       : o->svg != NULL ? film(r, o)
                                        : show(r, o);
    trm_record_free(r);
    return status;
}

const trm_command trm_command_replay = {
    .name = "replay",
    .summary = "go through a recorded training, with the weights of that time",
    .words = "RUN",
    .about =
        "A run keeps moments of its training: episodes with the weights that played them, spread "
        "over the whole training, and always the first success, the best, the worst and the "
        "longest episode. A supervised run keeps epochs with their weights and how those answer "
        "the same few held-out samples, and always the first epoch with a whole answer right, the "
        "best, the worst and the last. run.record_mib limits how much disk they take. This opens a "
        "time line over them, on which you can move, play, and compare the model as it was with "
        "the newest one; ? shows the keys. --check plays or answers every moment again and fails "
        "unless actions and rewards, or the cells that are right, are those recorded. --json lists "
        "the moments.",
    .examples = (const char *const[]){"trm replay runs/maze-3", "trm replay runs/maze-3 --check",
                                      "trm replay runs/maze-3 --json",
                                      "trm replay runs/maze-3 --svg training.svg", NULL},
    .options = options,
    .options_size = sizeof(replay_options),
    .words_min = 1,
    .words_max = 1,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
