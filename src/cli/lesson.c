// SPDX-License-Identifier: Apache-2.0
#include "cli/lesson.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/interrupt.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/text.h"

typedef struct watcher {
    trm_progress progress;
    trm_lesson_trainer *trainer;
} watcher;

// After every batch: shows how far it is; false once a signal has come.
static bool look(void *ctx) {
    watcher *w = ctx;
    trm_lesson_snapshot s;
    char note[128] = "";
    trm_interrupt_wait(-1, 0);
    trm_lesson_trainer_snapshot(w->trainer, &s);
    if (s.epoch.epoch >= 0)
        trm_text_format(note, sizeof note, "loss %.4f  cells %.2f %%  exact %.2f %%  ",
                        s.epoch.train_loss, 100 * s.epoch.score.cell_accuracy,
                        100 * s.epoch.score.exact_accuracy);
    const size_t used = strlen(note);
    trm_text_format(note + used, sizeof note - used, "epoch at %.0f %%",
                    100.0 * s.batch / s.batches);
    trm_progress_show(&w->progress, s.epochs, s.epochs_total, note);
    return !trm_interrupt_asked();
}

static void print_outcome(const trm_job *job, const trm_lesson_snapshot *s, bool json) {
    const trm_params *p = trm_model_params_const(trm_supervised_model(job->lesson.learner));
    const trm_score *score = &s->test;
    char duration[32];
    if (json) {
        putchar('{');
        trm_json_text_member(stdout, true, "run", trm_rundir_path(job->rundir));
        trm_json_member(stdout, false, "epochs", (double)s->epochs);
        trm_json_member(stdout, false, "cell_accuracy", score->cell_accuracy);
        trm_json_member(stdout, false, "exact_accuracy", score->exact_accuracy);
        trm_json_member(stdout, false, "path_recall", score->path_recall);
        trm_json_member(stdout, false, "loss", score->loss);
        trm_json_member(stdout, false, "seconds", s->seconds);
        trm_json_member(stdout, false, "parameters", (double)p->total);
        puts("}");
        return;
    }
    printf("%lld epochs  test: cells %.2f %%  exact %.2f %%", (long long)s->epochs,
           100 * score->cell_accuracy, 100 * score->exact_accuracy);
    if (!isnan(score->path_recall))
        printf("  path cells found %.2f %%", 100 * score->path_recall);
    printf("  %s\n", trm_text_duration(duration, s->seconds));
}

int trm_lesson_train(trm_job *job, bool json) {
    trm_error e = {0};
    watcher w = {.trainer = job->lesson_trainer};
    trm_progress_init(&w.progress, "epochs", trm_supervised_epochs(job->lesson.learner));
    const bool ok = trm_lesson_trainer_run(job->lesson_trainer, look, &w, &e);
    trm_progress_clear(&w.progress);
    if (!ok && e.code == TRM_E_STOPPED) {
        fprintf(
            stderr, "trm: interrupted after %lld epochs; to continue: `trm train %s --resume`\n",
            (long long)trm_supervised_epochs(job->lesson.learner), trm_rundir_path(job->rundir));
        return TRM_EXIT_INTERRUPTED;
    }
    if (!ok)
        return trm_report_error(&e);
    trm_lesson_snapshot s;
    trm_lesson_trainer_snapshot(job->lesson_trainer, &s);
    print_outcome(job, &s, json);
    return trm_report_finish(TRM_EXIT_DONE);
}
