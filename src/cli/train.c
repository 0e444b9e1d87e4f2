// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/job.h"
#include "cli/common/options.h"
#include "cli/common/pictures.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/clock.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/base/thread.h"
#include "trm/run/export.h"

typedef struct train_options {
    const char *out, *tensorboard;
    bool resume, json;
} train_options;

static const trm_option options[] = {
    TRM_SHARED_OUT(train_options, "runs/PRESET-SEED, with a number if that exists"),
    TRM_SHARED_RESUME(train_options),
    TRM_SHARED_TENSORBOARD(train_options),
    TRM_SHARED_JSON(train_options),
    {0},
};

// Training runs on a thread of its own; the main thread watches for signals and shows how far it
// is.
typedef struct worker {
    trm_trainer *trainer;
    int done_fd; // closed at the end
    bool ok;
    trm_error error;
} worker;

static void *work(void *ctx) {
    worker *w = ctx;
    w->ok = trm_trainer_run(w->trainer, &w->error);
    close(w->done_fd);
    return NULL;
}

// ---- what is told of a training -----------------------------------------------------------------

static void note_episodes(const trm_snapshot *s, char *out, size_t size) {
    char speed[32];
    if (!isnan(s->success50)) {
        trm_text_format(out, size, "success %.0f %%  reward %.2f  %s steps/s",
                        100.0 * (double)s->success50, (double)s->mean50,
                        trm_text_thousands(speed, (int64_t)s->steps_per_second));
    }
}

static void note_epochs(const trm_snapshot *s, char *out, size_t size) {
    size_t used = 0;
    if (s->epoch.epoch >= 0) {
        used = trm_text_format(out, size, "loss %.4f  cells %.2f %%  exact %.2f %%  ",
                               s->epoch.train_loss, 100 * s->epoch.score.cell_accuracy,
                               100 * s->epoch.score.exact_accuracy);
    }
    trm_text_format(out + used, size - used, "epoch at %.0f %%", 100.0 * s->batch / s->batches);
}

// How far a long update is, and, once that can be told, how long it takes.
typedef struct update_clock {
    int64_t updates; // done, at `from`
    double from, share;
} update_clock;

static void note_update(update_clock *k, const trm_snapshot *s, char *out, size_t size) {
    static const double LONG = 5;
    char duration[32];
    const double now = trm_clock_now();
    if (isnan(s->update_share))
        return;
    if (k->updates != s->updates + s->batch || k->from <= 0 || s->update_share < k->share)
        *k = (update_clock){.updates = s->updates + s->batch, .from = now};
    k->share = s->update_share;
    const double each = k->share > 0 ? (now - k->from) / k->share : 0;
    if (now - k->from < LONG)
        return;
    trm_text_add(out, size, "  update at %.0f %%", 100 * k->share);
    if (each > 0)
        trm_text_add(out, size, ", %s each", trm_text_duration(duration, each));
}

static void json_episodes(const trm_snapshot *s) {
    trm_json_member(stdout, false, "episodes", (double)s->done);
    trm_json_member(stdout, false, "success_last_50", (double)s->success50);
    trm_json_member(stdout, false, "reward_last_50", (double)s->mean50);
    trm_json_member(stdout, false, "window", s->window);
    trm_json_member(stdout, false, "seconds", s->seconds);
    trm_json_member(stdout, false, "steps_per_second", s->steps_per_second);
}

static void json_epochs(const trm_snapshot *s) {
    trm_json_member(stdout, false, "epochs", (double)s->done);
    trm_json_member(stdout, false, "cell_accuracy", s->test.cell_accuracy);
    trm_json_member(stdout, false, "exact_accuracy", s->test.exact_accuracy);
    trm_json_member(stdout, false, "path_recall", s->test.path_recall);
    trm_json_member(stdout, false, "loss", s->test.loss);
    trm_json_member(stdout, false, "seconds", s->seconds);
}

static void line_episodes(const trm_snapshot *s) {
    char duration[32];
    char speed[32];
    printf("%lld episodes", (long long)s->done);
    if (!isnan(s->success50)) {
        printf("  success of the last %d: %.0f %%  reward %.2f", s->window,
               100.0 * (double)s->success50, (double)s->mean50);
    }
    printf("  %s  %s steps/s\n", trm_text_duration(duration, s->seconds),
           trm_text_thousands(speed, (int64_t)s->steps_per_second));
}

static void line_epochs(const trm_snapshot *s) {
    char duration[32];
    printf("%lld epochs  test: cells %.2f %%  exact %.2f %%", (long long)s->done,
           100 * s->test.cell_accuracy, 100 * s->test.exact_accuracy);
    if (!isnan(s->test.path_recall))
        printf("  path cells found %.2f %%", 100 * s->test.path_recall);
    printf("  %s\n", trm_text_duration(duration, s->seconds));
}

static const struct {
    void (*note)(const trm_snapshot *s, char *out, size_t size); // beside the progress
    void (*json)(const trm_snapshot *s);
    void (*line)(const trm_snapshot *s);
} tell[] = {
    [TRM_UNIT_EPISODE] = {note_episodes, json_episodes, line_episodes},
    [TRM_UNIT_EPOCH] = {note_epochs, json_epochs, line_epochs},
};

// ---- training -----------------------------------------------------------------------------------

// What TensorBoard is told; all of it NULL where it was not asked for.
typedef struct tensorboard {
    trm_event_file *events;
    trm_pictures *pictures; // NULL: none can be drawn
    bool failed;
} tensorboard;

// TensorBoard is no reason to stop training: what cannot be written is told once.
static void tell_tensorboard(tensorboard *t,
                             bool (*pictures)(trm_pictures *pictures, trm_error *e)) {
    trm_error e;
    if (t->events == NULL || t->failed ||
        (trm_event_file_renew(t->events, &e) &&
         (t->pictures == NULL || pictures == NULL || pictures(t->pictures, &e))))
        return;
    t->failed = true;
    fprintf(stderr, "trm: %s; training goes on without it\n", e.message);
}

static bool open_tensorboard(tensorboard *t, const trm_job *job, const char *folder, trm_error *e) {
    const char *run = trm_rundir_path(job->rundir);
    t->events = trm_event_file_open(run, folder, e);
    if (t->events != NULL)
        t->pictures = trm_pictures_open(run, t->events);
    return t->events != NULL;
}

// After a signal. What takes longer than one notices is told, once.
static void stop(const trm_job *job, trm_progress *progress, double *since) {
    static const double NOTICED = 0.4, TOLD = -1;
    if (*since == 0) {
        trm_trainer_stop(job->trainer);
        *since = trm_clock_now();
    } else if (*since > 0 && trm_clock_now() - *since > NOTICED) {
        *since = TOLD;
        trm_progress_clear(progress);
        fprintf(stderr, "trm: saving what is trained; Ctrl-C again ends at once, and the "
                        "checkpoint before this stays\n");
        trm_interrupt_says_so();
    }
}

static void watch_over(const trm_job *job, tensorboard *t, int done_fd) {
    enum { GLANCE_MS = 100, EVENTS = 10 };
    int64_t glances = 0;
    const trm_unit unit = trm_course_unit(job->course);
    trm_snapshot s;
    trm_trainer_snapshot(job->trainer, &s);
    trm_progress progress;
    trm_progress_init(&progress, trm_unit_plural(unit), s.done);
    update_clock update = {0};
    double stopping = 0; // since when; below 0: the user knows
    do {
        char note[128] = "";
        if (trm_interrupt_asked())
            stop(job, &progress, &stopping);
        if (trm_rundir_asked(job->rundir))
            trm_trainer_checkpoint(job->trainer);
        if (glances++ % EVENTS == 0)
            tell_tensorboard(t, trm_pictures_renew);
        trm_trainer_snapshot(job->trainer, &s);
        tell[unit].note(&s, note, sizeof note);
        note_update(&update, &s, note, sizeof note);
        if (stopping >= 0)
            trm_progress_show(&progress, s.done, s.total, note);
    } while (!trm_interrupt_wait(done_fd, GLANCE_MS));
    trm_progress_clear(&progress);
    tell_tensorboard(t, trm_interrupt_asked() ? NULL : trm_pictures_finish);
}

// Trains to the end or to a signal.
static bool run_training(const trm_job *job, tensorboard *t, trm_error *e) {
    int fds[2];
    if (pipe(fds) != 0)
        return trm_error_set(e, TRM_E_IO, "cannot make a pipe: %s", strerror(errno));
    worker w = {.trainer = job->trainer, .done_fd = fds[1]};
    pthread_t thread;
    int failed = trm_thread_start(&thread, work, &w);
    if (failed != 0) {
        close(fds[0]);
        close(fds[1]);
        return trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
    }
    watch_over(job, t, fds[0]);
    pthread_join(thread, NULL);
    close(fds[0]);
    *e = w.error;
    return w.ok;
}

// Of a training by several processes: what this one did with its time.
static void line_ranks(const trm_snapshot *s) {
    double waiting = 100 * s->waiting / s->seconds, exchanging = 100 * s->exchanging / s->seconds;
    if (s->ranks > 1)
        printf("%d ranks: rank 0 computed %.0f %% of the time, waited %.0f %%, exchanged %.0f %%\n",
               s->ranks, 100 - waiting - exchanging, waiting, exchanging);
}

static int conclude(const trm_job *job, bool ok, const trm_error *e, bool json) {
    const trm_unit unit = trm_course_unit(job->course);
    trm_snapshot s;
    trm_trainer_snapshot(job->trainer, &s);
    if (!ok && e->code == TRM_E_STOPPED) {
        fprintf(stderr, "trm: interrupted after %lld %s; to continue: `trm train %s --resume`\n",
                (long long)s.done, trm_unit_plural(unit), trm_rundir_path(job->rundir));
        return TRM_EXIT_INTERRUPTED;
    }
    if (!ok && e->code == TRM_E_NUMERIC) { // which resuming may not change
        const char *preset = job->config.preset[0] != '\0' ? job->config.preset : "CONFIG";
        fprintf(stderr, "trm: %s; from those weights: `trm train %s train.from=%s train.lr=…`\n",
                e->message, preset, trm_rundir_path(job->rundir));
        return TRM_EXIT_FAILED;
    }
    if (!ok)
        return trm_report_error(e);
    if (json) {
        putchar('{');
        trm_json_text_member(stdout, true, "run", trm_rundir_path(job->rundir));
        tell[unit].json(&s);
        const trm_params *params = trm_model_params_const(trm_course_model_const(job->course));
        trm_json_member(stdout, false, "parameters", (double)params->total);
        puts("}");
    } else {
        tell[unit].line(&s);
        line_ranks(&s);
    }
    return trm_report_finish(TRM_EXIT_DONE);
}

static int run(const trm_words *words, void *given) {
    const train_options *o = given;
    const trm_job_request request = {.source = words->plain[0],
                                     .overrides = words->overrides,
                                     .override_count = words->override_count,
                                     .out = o->out,
                                     .resume = o->resume};
    trm_error e = {0};
    trm_interrupt_catch(false);
    if (o->tensorboard != NULL &&
        (!trm_event_file_possible(&e) || !trm_file_mkdirs(o->tensorboard, &e)))
        return trm_report_input_error(&e);
    trm_job *job = trm_job_open(&request, &e);
    if (job == NULL)
        return trm_report_input_error(&e);
    if (job->note[0] != '\0')
        fprintf(stderr, "trm: %s\n", job->note);
    if (!o->json) {
        printf("recording in %s\n", trm_rundir_path(job->rundir));
        fflush(stdout);
    }
    tensorboard t = {.events = NULL};
    if (o->tensorboard != NULL && !open_tensorboard(&t, job, o->tensorboard, &e)) {
        trm_job_close(job);
        return trm_report_input_error(&e);
    }
    trm_interrupt_saving();
    trm_interrupt_catch(true);
    bool ok = run_training(job, &t, &e);
    int status = conclude(job, ok, &e, o->json);
    trm_pictures_close(t.pictures);
    trm_event_file_close(t.events);
    trm_job_close(job);
    return status;
}

const trm_command trm_command_train = {
    .name = "train",
    .summary = "train without a screen and record the run",
    .words = "PRESET|CONFIG|RUN",
    .about =
        "Trains a model and records its configuration, metrics and checkpoint. A RUN is trained "
        "again from the start with its own configuration, unless --resume continues it. Ctrl-C "
        "saves and stops. A resumed run ends as if it had never stopped, to the bit where the same "
        "BLAS kernel computes (kernels.txt names those that did); only train.episodes, "
        "train.epochs and train.threads may change.",
    .examples = (const char *const[]){"trm train maze seed=3 model.k_cycles=5",
                                      "trm train runs/maze-3 --resume train.episodes=1000",
                                      "trm train maze --tensorboard logs/maze",
                                      "trm train paper-sudoku-4 seed=1", NULL},
    .options = options,
    .options_size = sizeof(train_options),
    .words_min = 1,
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_ALL,
    .run = run,
};
