// SPDX-License-Identifier: Apache-2.0
#include "cli/common/job.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/common/cluster.h"
#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/assets.h"
#include "trm/run/checkpoint.h"
#include "trm/run/cluster.h"
#include "trm/run/course.h"

enum { KEPT_RUNS = 10 };

static bool check_words(const trm_job_request *q, const trm_config *c, unsigned uses,
                        trm_error *e) {
    const trm_config_asked asked = {c, uses};
    return trm_config_check_words(&asked, 1, q->overrides, q->override_count, e);
}

static bool read_config(const trm_job_request *q, trm_config *c, trm_error *e) {
    if (!trm_config_load(c, q->source, e))
        return false;
    return trm_config_override_all(c, q->overrides, q->override_count, e) &&
           trm_config_check(c, e) && check_words(q, c, TRM_USE_TRAIN, e);
}

// The keys that may differ when a run goes on: how long, on how many threads.
static bool may_change(const char *word) {
    static const char *const keys[] = {"train.episodes=", "train.epochs=", "train.threads="};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strncmp(word, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

// The rest must be the run's own.
static bool same_run(const trm_config *asked, const trm_config *run) {
    trm_config a = *asked;
    memcpy(a.preset, run->preset, sizeof a.preset);
    a.train.episodes = run->train.episodes;
    a.train.epochs = run->train.epochs;
    a.train.threads = run->train.threads;
    char *left = trm_config_print(&a);
    char *right = trm_config_print(run);
    bool same = strcmp(left, right) == 0;
    free(left);
    free(right);
    return same;
}

// Opens the run at `path`. `asked`: the configuration given beside it, NULL if the run was named
// itself.
static bool open_run(trm_job *job, const trm_job_request *q, const char *path,
                     const trm_config *asked, trm_error *e) {
    job->rundir = trm_rundir_open(&job->config, path, e);
    if (job->rundir == NULL)
        return false;
    trm_config before = job->config;
    if (asked != NULL) {
        if (!same_run(asked, &before)) {
            return trm_error_set(e, TRM_E_INPUT,
                                 "%s holds a run with another configuration (see its config.json); "
                                 "to continue that one: `trm train %s --resume`",
                                 path, path);
        }
        job->config.train.episodes = asked->train.episodes;
        job->config.train.epochs = asked->train.epochs;
        job->config.train.threads = asked->train.threads;
    }
    for (int i = 0; i < q->override_count && asked == NULL; i++) {
        if (!may_change(q->overrides[i])) {
            return trm_error_set(
                e, TRM_E_INPUT,
                "%s: a resumed run keeps its configuration but for train.episodes, "
                "train.epochs and train.threads; to go on from its weights: `trm "
                "train %s train.from=%s %s`",
                q->overrides[i], before.preset[0] ? before.preset : "CONFIG", path,
                q->overrides[i]);
        }
        if (!trm_config_override(&job->config, q->overrides[i], e))
            return false;
    }
    return trm_config_check(&job->config, e) &&
           (asked != NULL || check_words(q, &job->config, TRM_USE_TRAIN, e));
}

static bool make_course(trm_job *job, trm_error *e) {
    trm_peers *peers = trm_cluster_peers();
    job->course =
        peers ? trm_cluster_course(peers, &job->config, e) : trm_run_course(&job->config, e);
    return job->course != NULL;
}

static bool go_on(trm_job *job, const trm_job_request *q, const char *path, const trm_config *asked,
                  trm_error *e) {
    return open_run(job, q, path, asked, e) && make_course(job, e) &&
           trm_rundir_resume(job->rundir, job->course, &job->history, &job->seconds, job->note,
                             sizeof job->note, e);
}

// A home that cannot be written is no reason not to watch.
static void record_in_state(trm_job *job) {
    char path[PATH_MAX];
    trm_error e = {0};
    if (trm_rundir_state_path(&job->config, KEPT_RUNS, path, sizeof path, &e))
        job->rundir = trm_rundir_create(&job->config, path, &e);
    if (job->rundir == NULL)
        trm_text_format(job->note, sizeof job->note, "not recorded, --out FOLDER would: %s",
                        e.message);
}

static bool begin(trm_job *job, const trm_job_request *q, trm_error *e) {
    if (!make_course(job, e) || !trm_run_begin(job->course, &job->config, e))
        return false;
    if (q->out == NULL && q->state_folder) {
        record_in_state(job);
        if (job->rundir == NULL)
            return true;
    } else {
        job->rundir = trm_rundir_create(&job->config, q->out, e);
    }
    return job->rundir != NULL &&
           trm_rundir_begin(job->rundir, job->course, job->note, sizeof job->note, e);
}

// ---- a model to look at -------------------------------------------------------------------------

enum {
    LOOK_SAMPLES = 100,     // of a data set; `trm eval` answers more
    ASKED_SAMPLES = 1000000 // of puzzles that were named: all of them
};

static void keep_small(trm_config *c) {
    c->data.train = c->train.batch;
    c->data.validation = c->data.test = c->data.asked ? ASKED_SAMPLES : LOOK_SAMPLES;
}

// The course of a training that is over, with these weights.
static bool look_at(trm_job *job, const trm_model *model, trm_error *e) {
    trm_config *c = &job->config;
    if (trm_config_supervised(c)) {
        keep_small(c);
        c->train.ema = 0; // there is one set of weights
    }
    job->course = trm_run_course(c, e);
    if (job->course == NULL)
        return false;
    trm_course_set_total(job->course, 0);
    trm_model_set_weights(trm_course_model(job->course), trm_model_params_const(model)->values);
    return true;
}

static bool open_model(trm_job *job, const trm_job_request *q, trm_error *e) {
    if (q->out != NULL || q->resume) {
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: %s is a model, which is shown, not trained; nothing is recorded",
                             q->resume ? "--resume" : "--out", q->source);
    }
    trm_model *model =
        trm_checkpoint_model(q->source, q->overrides, q->override_count, &job->config, e);
    if (model == NULL)
        return false;
    const char *slash = strrchr(q->source, '/');
    trm_text_copy(job->config.preset, sizeof job->config.preset, slash ? slash + 1 : q->source);
    bool ok = trm_config_check(&job->config, e) &&
              check_words(q, &job->config, TRM_USE_EVAL | TRM_USE_MODEL, e) &&
              look_at(job, model, e);
    trm_model_free(model);
    return ok;
}

// Is a model meant? A bundled one's name also means it where a preset has the same name, unless a
// training is asked for.
static bool means_model(const trm_job_request *q) {
    char path[PATH_MAX];
    if (!q->models || q->train || !trm_model_named(q->source))
        return false;
    const bool bundled = trm_model_asset_path(q->source, path, sizeof path) &&
                         strcmp(q->source, "maze") != 0; // the preset, as ever
    return !trm_preset_exists(q->source) || (bundled && q->out == NULL && !q->resume);
}

static bool is_finished_run(const char *source) {
    char path[RUN_PATH];
    return trm_file_is_folder(source) && trm_files_join(path, source, RUN_RESULT, NULL) &&
           trm_file_exists(path);
}

static bool open_job(trm_job *job, const trm_job_request *q, trm_error *e) {
    if (means_model(q))
        return open_model(job, q, e);
    const bool finished = q->models && !q->train && q->out == NULL && q->override_count == 0 &&
                          is_finished_run(q->source);
    if (finished || (q->resume && trm_file_is_folder(q->source))) {
        if (q->out != NULL) {
            return trm_error_set(e, TRM_E_INPUT,
                                 "--out %s: %s is resumed in its own folder; remove --out", q->out,
                                 q->source);
        }
        return go_on(job, q, q->source, NULL, e);
    }
    if (q->resume && q->out == NULL) {
        return trm_error_set(
            e, TRM_E_INPUT, "--resume continues a run, and %s is not the folder of one", q->source);
    }
    trm_config asked;
    if (!read_config(q, &asked, e))
        return false;
    if (q->resume && trm_file_exists(q->out) && !trm_files_is_vacant(q->out))
        return go_on(job, q, q->out, &asked, e);
    job->config = asked;
    return begin(job, q, e);
}

bool trm_job_check(const trm_job_request *q, trm_error *e) {
    trm_config unused;
    const bool model = q->models && !trm_preset_exists(q->source) && trm_model_named(q->source);
    return model || q->resume || read_config(q, &unused, e);
}

trm_job *trm_job_open(const trm_job_request *request, trm_error *e) {
    trm_job *job = trm_alloc(1, sizeof *job);
    trm_history_init(&job->history);
    if (!open_job(job, request, e)) {
        trm_job_close(job);
        return NULL;
    }
    if (job->rundir != NULL)
        job->hooks = trm_rundir_hooks(job->rundir, &job->config);
    job->trainer = trm_trainer_new(job->course, &job->hooks, &job->history, job->seconds);
    return job;
}

void trm_job_close(trm_job *job) {
    if (job == NULL)
        return;
    trm_trainer_free(job->trainer);
    trm_rundir_close(job->rundir);
    trm_course_free(job->course);
    free(job);
}
