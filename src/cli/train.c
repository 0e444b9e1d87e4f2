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
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "cli/lesson.h"
#include "trm/base/text.h"

typedef struct train_options {
    const char *out;
    bool resume, json;
} train_options;

static const trm_option options[] = {
    TRM_SHARED_OUT(train_options, "runs/PRESET-SEED, with a number if that exists"),
    TRM_SHARED_RESUME(train_options),
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

static void show_progress(trm_progress *p, const trm_snapshot *s) {
    char note[96] = "";
    if (!isnan(s->success50)) {
        char speed[32];
        trm_text_format(note, sizeof note, "success %.0f %%  reward %.2f  %s steps/s",
                        100.0 * (double)s->success50, (double)s->mean50,
                        trm_text_thousands(speed, (int64_t)s->steps_per_second));
    }
    trm_progress_show(p, s->episodes, s->episodes_total, note);
}

static void watch_over(trm_trainer *trainer, int done_fd) {
    enum { GLANCE_MS = 100 };
    trm_snapshot s;
    trm_trainer_snapshot(trainer, &s);
    trm_progress progress;
    trm_progress_init(&progress, "episodes", s.episodes);
    bool stopping = false;
    do {
        if (trm_interrupt_asked() && !stopping) {
            stopping = true;
            trm_trainer_stop(trainer);
        }
        trm_trainer_snapshot(trainer, &s);
        show_progress(&progress, &s);
    } while (!trm_interrupt_wait(done_fd, GLANCE_MS));
    trm_progress_clear(&progress);
}

// Trains to the end or to a signal.
static bool run_training(trm_trainer *trainer, trm_error *e) {
    int fds[2];
    if (pipe(fds) != 0) {
        return trm_error_set(e, TRM_E_IO, "cannot make a pipe: %s", strerror(errno));
    }
    worker w = {.trainer = trainer, .done_fd = fds[1]};
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, work, &w);
    if (failed != 0) {
        close(fds[0]);
        close(fds[1]);
        return trm_error_set(e, TRM_E_IO, "cannot start a thread: %s", strerror(failed));
    }
    watch_over(trainer, fds[0]);
    pthread_join(thread, NULL);
    close(fds[0]);
    *e = w.error;
    return w.ok;
}

static double steps_per_second(const trm_snapshot *s) {
    return s->seconds > 0 ? (double)s->steps / s->seconds : 0;
}

static void print_json(const trm_job *job, const trm_snapshot *s) {
    putchar('{');
    trm_json_text_member(stdout, true, "run", trm_rundir_path(job->rundir));
    trm_json_member(stdout, false, "episodes", (double)s->episodes);
    trm_json_member(stdout, false, "success_last_50", (double)s->success50);
    trm_json_member(stdout, false, "reward_last_50", (double)s->mean50);
    trm_json_member(stdout, false, "seconds", s->seconds);
    trm_json_member(stdout, false, "steps_per_second", steps_per_second(s));
    const trm_params *params = trm_model_params_const(trm_learner_model(job->learner));
    trm_json_member(stdout, false, "parameters", (double)params->total);
    puts("}");
}

static void print_line(const trm_snapshot *s) {
    char duration[32];
    char speed[32];
    printf("%lld episodes", (long long)s->episodes);
    if (!isnan(s->success50)) {
        printf("  success of the last 50: %.0f %%  reward %.2f", 100.0 * (double)s->success50,
               (double)s->mean50);
    }
    printf("  %s  %s steps/s\n", trm_text_duration(duration, s->seconds),
           trm_text_thousands(speed, (int64_t)steps_per_second(s)));
}

static int conclude(const trm_job *job, bool ok, const trm_error *e, bool json) {
    trm_snapshot s;
    trm_trainer_snapshot(job->trainer, &s);
    if (!ok && e->code == TRM_E_STOPPED) {
        fprintf(stderr,
                "trm: interrupted after %lld episodes; to continue: `trm train %s --resume`\n",
                (long long)s.episodes, trm_rundir_path(job->rundir));
        return TRM_EXIT_INTERRUPTED;
    }
    if (!ok) {
        return trm_report_error(e);
    }
    if (json) {
        print_json(job, &s);
    } else {
        print_line(&s);
    }
    return trm_report_finish(TRM_EXIT_DONE);
}

static int train(const trm_job_request *request, bool json) {
    trm_error e = {0};
    trm_interrupt_catch(true);
    trm_job *job = trm_job_open(request, &e);
    if (job == NULL) {
        return trm_report_input_error(&e);
    }
    if (job->note[0] != '\0') {
        fprintf(stderr, "trm: %s\n", job->note);
    }
    if (!json) {
        printf("recording in %s\n", trm_rundir_path(job->rundir));
        fflush(stdout);
    }
    int status;
    if (trm_config_supervised(&job->config)) {
        status = trm_lesson_train(job, json);
    } else {
        bool ok = run_training(job->trainer, &e);
        status = conclude(job, ok, &e, json);
    }
    trm_job_close(job);
    return status;
}

static int run(const trm_command *command, int argc, char **argv) {
    train_options o = {0};
    trm_words words;
    int status = trm_options_parse(command, argc, argv, &o, &words);
    if (status != TRM_OPTIONS_GO) {
        return status;
    }
    trm_job_request request = {.source = words.plain[0],
                               .overrides = words.overrides,
                               .override_count = words.override_count,
                               .out = o.out,
                               .resume = o.resume};
    status = train(&request, o.json);
    trm_words_free(&words);
    return status;
}

const trm_command trm_command_train = {
    .name = "train",
    .summary = "train without a screen and record the run",
    .words = "PRESET|CONFIG|RUN",
    .about =
        "Trains a model and records its configuration, metrics and checkpoint. A RUN is trained "
        "again from the start with its own configuration, unless --resume continues it. Ctrl-C "
        "saves and stops. A resumed run ends as if it had never stopped; only train.episodes, "
        "train.epochs and train.threads may change.",
    .examples = (const char *const[]){"trm train maze seed=3 model.k_cycles=5",
                                      "trm train runs/maze-3 --resume train.episodes=1000", NULL},
    .options = options,
    .words_min = 1,
    .words_max = 1,
    .overrides = true,
    .run = run,
};
