// SPDX-License-Identifier: Apache-2.0
#include "cli/lesson.h"

#include <math.h>
#include <stdio.h>

#include "cli/common/interrupt.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"

typedef struct watcher {
    trm_progress progress;
    const trm_job *job;
    char note[96];
} watcher;

// After every batch: shows how far it is; false once a signal has come.
static bool look(void *ctx, double share) {
    watcher *w = ctx;
    char note[128];
    trm_interrupt_wait(-1, 0);
    trm_text_format(note, sizeof note, "%s  epoch at %.0f %%", w->note, 100 * share);
    trm_progress_show(&w->progress, trm_supervised_epochs(w->job->lesson.learner),
                      w->job->config.train.epochs, note);
    return !trm_interrupt_asked();
}

static bool save(trm_job *job, const trm_score *score, trm_error *e) {
    return trm_lesson_save(job->rundir, &job->lesson, &job->config, score, job->seconds, e);
}

// One epoch, recorded, with a checkpoint where one is due.
static trm_outcome advance(trm_job *job, watcher *w, trm_error *e) {
    trm_epoch epoch;
    double from = trm_clock_now();
    trm_outcome outcome = trm_lesson_epoch(&job->lesson, look, w, &epoch, e);
    if (outcome != TRM_UPDATE_DONE)
        return outcome;
    job->seconds += trm_clock_now() - from;
    trm_text_format(w->note, sizeof w->note, "loss %.4f  cells %.2f %%  exact %.2f %%",
                    epoch.train_loss, 100 * epoch.score.cell_accuracy,
                    100 * epoch.score.exact_accuracy);
    int64_t every = job->config.checkpoint_every;
    if (!trm_lesson_record(job->rundir, &epoch, job->seconds, e) ||
        (every > 0 && (epoch.epoch + 1) % every == 0 && !save(job, NULL, e)))
        return TRM_UPDATE_FAILED;
    return TRM_UPDATE_DONE;
}

static void print_outcome(const trm_job *job, const trm_score *score, bool json) {
    const trm_params *p = trm_model_params_const(trm_supervised_model(job->lesson.learner));
    int64_t epochs = trm_supervised_epochs(job->lesson.learner);
    char duration[32];
    if (json) {
        putchar('{');
        trm_json_text_member(stdout, true, "run", trm_rundir_path(job->rundir));
        trm_json_member(stdout, false, "epochs", (double)epochs);
        trm_json_member(stdout, false, "cell_accuracy", score->cell_accuracy);
        trm_json_member(stdout, false, "exact_accuracy", score->exact_accuracy);
        trm_json_member(stdout, false, "path_recall", score->path_recall);
        trm_json_member(stdout, false, "loss", score->loss);
        trm_json_member(stdout, false, "seconds", job->seconds);
        trm_json_member(stdout, false, "parameters", (double)p->total);
        puts("}");
        return;
    }
    printf("%lld epochs  test: cells %.2f %%  exact %.2f %%", (long long)epochs,
           100 * score->cell_accuracy, 100 * score->exact_accuracy);
    if (!isnan(score->path_recall))
        printf("  path cells found %.2f %%", 100 * score->path_recall);
    printf("  %s\n", trm_text_duration(duration, job->seconds));
}

int trm_lesson_train(trm_job *job, bool json) {
    trm_error e = {0};
    watcher w = {.job = job};
    trm_outcome outcome = TRM_UPDATE_DONE;
    trm_progress_init(&w.progress, "epochs", trm_supervised_epochs(job->lesson.learner));
    while (outcome == TRM_UPDATE_DONE &&
           trm_supervised_epochs(job->lesson.learner) < job->config.train.epochs)
        outcome = advance(job, &w, &e);
    trm_progress_clear(&w.progress);
    if (outcome == TRM_UPDATE_FAILED)
        return trm_report_error(&e);
    if (outcome == TRM_UPDATE_ABANDONED) {
        if (!save(job, NULL, &e))
            return trm_report_error(&e);
        fprintf(stderr, "trm: interrupted after %lld epochs; `trm train %s --resume` goes on\n",
                (long long)trm_supervised_epochs(job->lesson.learner),
                trm_rundir_path(job->rundir));
        return TRM_EXIT_INTERRUPTED;
    }
    const trm_samples test = trm_lesson_samples(job->lesson.test);
    trm_score score;
    trm_supervised_score(job->lesson.learner, &test, &score);
    if (!save(job, &score, &e))
        return trm_report_error(&e);
    print_outcome(job, &score, json);
    return trm_report_finish(TRM_EXIT_DONE);
}
