// SPDX-License-Identifier: Apache-2.0
#include "trm/run/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "run/follow/beside.h"
#include "run/follow/files.h"
#include "run/rundir/files.h"
#include "run/rundir/lock.h"
#include "run/rundir/metrics.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"
#include "trm/run/course.h"
#include "trm/run/record.h"

enum {
    SAMPLES = 100,  // held-out ones that are shown, and judged by
    ASKED = 1000000 // … of puzzles that were named: all of them
};

struct trm_follower {
    trm_follow_files *files; // not NULL: there are only checkpoints
    char run[RUN_PATH], checkpoint[RUN_PATH], config_path[RUN_PATH], episodes[RUN_PATH];
    trm_config config;
    struct stat config_file;

    trm_metrics_tail *tail;
    trm_history history;
    int64_t rate_done;   // episodes' steps, or epochs, …
    double rate_seconds; // … and seconds of training, since when the rate is counted

    trm_record *record; // NULL: there is none yet
    int64_t shown;      // number of the moment that was given last; -1
    trm_model *model;   // that weights are read into
    struct stat file;   // the checkpoint that was read last
    int64_t update;     // of the newest weights read; -1: none
    bool fresh;         // … and they were not given yet
    trm_following told; // last
    bool lost;          // the folder is not there
    bool keeps_off;
    trm_beside beside;
};

int64_t trm_run_writer(const char *run) {
    return trm_lock_holder(run);
}

static bool same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// ---- opening ------------------------------------------------------------------------------------

static bool open_files(trm_follower *f, const char *run, trm_error *e) {
    char metrics[RUN_PATH];
    if (strlen(run) >= RUN_PATH || !trm_file_is_folder(run))
        return trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)",
                             run);
    trm_text_copy(f->run, sizeof f->run, run);
    if (!trm_files_join(f->config_path, run, RUN_CONFIG, e) ||
        !trm_files_join(f->checkpoint, run, RUN_CHECKPOINT, e) ||
        !trm_files_join(f->episodes, run, RUN_EPISODES, e) ||
        !trm_files_join(metrics, run, RUN_METRICS, e) || !trm_config_load(&f->config, run, e))
        return false;
    if (stat(f->config_path, &f->config_file) != 0)
        return trm_file_errno(e, "read", f->config_path);
    f->tail = trm_metrics_tail_new(metrics, trm_config_supervised(&f->config) ? TRM_UNIT_EPOCH
                                                                              : TRM_UNIT_EPISODE);
    return true;
}

bool trm_follower_of_files(const char *path) {
    char config[RUN_PATH];
    return trm_file_is_folder(path) && trm_files_join(config, path, RUN_CONFIG, NULL) &&
           !trm_file_exists(config);
}

bool trm_follower_waits(const char *path) {
    return trm_follow_files_waits(path);
}

trm_follower *trm_follower_open(const char *path, char *const *overrides, int n, trm_config *c,
                                trm_error *e) {
    trm_follower *f = trm_alloc(1, sizeof *f);
    f->shown = f->update = -1;
    f->told.age = (double)NAN;
    bool ok;
    if (trm_follower_of_files(path)) {
        f->files = trm_follow_files_open(path, overrides, n, &f->config, e);
        trm_text_copy(f->run, sizeof f->run, path);
        ok = f->files != NULL;
    } else {
        ok = open_files(f, path, e);
    }
    if (!ok) {
        trm_follower_free(f);
        return NULL;
    }
    *c = f->config;
    return f;
}

void trm_follower_free(trm_follower *f) {
    if (!f)
        return;
    trm_beside_end(&f->beside);
    trm_follow_files_free(f->files);
    trm_metrics_tail_free(f->tail);
    trm_record_free(f->record);
    trm_model_free(f->model);
    free(f);
}

void trm_follower_keep_off(trm_follower *f) {
    f->keeps_off = true;
}

const char *trm_follower_path(const trm_follower *f) {
    return f->run;
}

trm_course *trm_follow_course(const trm_config *config, trm_error *e) {
    trm_config c = *config;
    const int32_t most = c.data.asked ? ASKED : SAMPLES;
    if (trm_config_supervised(&c)) {
        c.data.train = c.train.batch;
        c.data.validation = c.data.asked || c.data.validation > most ? most : c.data.validation;
        c.data.test = most;
        c.train.ema = 0; // what is read are the weights that answer
    } else {
        c.train.envs = 1;
        c.train.threads = 1;
    }
    return trm_run_course(&c, e);
}

trm_course *trm_follower_course(const trm_follower *f, trm_error *e) {
    trm_error ignored;
    trm_course *course = trm_follow_course(&f->config, e);
    if (course && !f->files)
        trm_run_begin(course, &f->config, &ignored); // train.from may be gone
    return course;
}

bool trm_follower_ask(const trm_follower *f, trm_error *e) {
    char path[RUN_PATH];
    if (f->files)
        return trm_error_set(e, TRM_E_INPUT,
                             "only a training by trm can be asked for a checkpoint");
    if (trm_lock_holder(f->run) == 0)
        return trm_error_set(
            e, TRM_E_INPUT,
            "no process trains this run now: `trm train RUN --resume` goes on with it");
    if (!trm_files_join(path, f->run, RUN_REQUEST, e))
        return false;
    const int fd = trm_file_open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, e);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

// ---- numbers ------------------------------------------------------------------------------------

// It may have been extended.
static bool renew_config(trm_follower *f) {
    struct stat now;
    trm_config c;
    if (stat(f->config_path, &now) != 0 || same_file(&now, &f->config_file) ||
        !trm_config_load(&c, f->run, NULL))
        return false;
    f->config_file = now;
    f->config.train.episodes = c.train.episodes;
    f->config.train.epochs = c.train.epochs;
    return true;
}

// Seconds since the last line was written, in whole ones.
static double age_of(const trm_follower *f) {
    char path[RUN_PATH];
    struct stat st;
    struct timespec now;
    if (!trm_files_join(path, f->run, RUN_METRICS, NULL) || stat(path, &st) != 0 ||
        st.st_size == 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return (double)NAN;
    return floor(fmax(0, (double)(now.tv_sec - st.st_mtim.tv_sec)));
}

// Per second of training, over the last second of it or more.
static double rate(trm_follower *f, int64_t done, double seconds, double before) {
    const double span = seconds - f->rate_seconds;
    if (span < 0) {
        f->rate_done = done;
        f->rate_seconds = seconds;
        return 0;
    }
    if (span < 0.5)
        return before;
    const double r = (double)(done - f->rate_done) / span;
    f->rate_done = done;
    f->rate_seconds = seconds;
    return r;
}

static void take_episode(trm_follower *f, const trm_metrics_entry *x, trm_snapshot *s) {
    const trm_history *h = &f->history;
    s->updates = x->episode.episode.update + 1;
    s->steps = x->episode.episode.step;
    s->loss = x->episode.loss;
    s->entropy = x->episode.entropy;
    s->grad_norm = x->episode.grad_norm;
    s->lr = x->episode.lr;
    s->reward = x->episode.episode.reward;
    s->mean50 = trm_history_mean50(h);
    s->success50 = trm_history_success50(h);
    s->window = trm_history_window(h);
    s->best_reward = h->best_reward;
    s->best_episode = h->best_episode;
    s->first_success = h->first_success;
    s->steps_per_second = rate(f, s->steps, x->seconds, s->steps_per_second);
}

static void take_epoch(trm_follower *f, const trm_metrics_entry *x, trm_snapshot *s) {
    const trm_config *c = &f->config;
    const trm_history_epochs *k = &f->history.epochs;
    s->batches = (c->data.train + c->train.batch - 1) / c->train.batch;
    s->epoch = x->epoch.epoch;
    s->loss = (float)x->epoch.epoch.train_loss;
    s->grad_norm = x->epoch.epoch.grad_norm;
    s->lr = x->epoch.epoch.lr;
    s->best_exact = (double)NAN;
    s->best_epoch = -1;
    for (int32_t i = 0; i < k->count; i++)
        if (!((double)k->exact[i] <= s->best_exact)) {
            s->best_exact = (double)k->exact[i];
            s->best_epoch = (int64_t)k->x[i] - 1;
        }
    const double before = s->samples_per_second / c->data.train;
    const double epochs = rate(f, x->number + 1, x->seconds, before);
    s->samples_per_second = epochs * c->data.train;
    s->steps_per_second = epochs * s->batches;
}

static bool renew_numbers(trm_follower *f, trm_snapshot *s, trm_error *e) {
    trm_metrics_change change = TRM_METRICS_SAME;
    if (!trm_metrics_tail_read(f->tail, &change, NULL, NULL, e) || change == TRM_METRICS_SAME)
        return false;
    const trm_metrics_entry *x = trm_metrics_tail_last(f->tail);
    trm_metrics_tail_history(f->tail, &f->history);
    if (change ==
        TRM_METRICS_REWRITTEN) { // resumed from a checkpoint before: older weights may be new
        f->update = -1;
        f->file = (struct stat){0};
        f->rate_seconds = x ? x->seconds : 0;
    }
    if (x == NULL)
        return true;
    s->done = x->number + 1;
    s->seconds = x->seconds;
    (trm_config_supervised(&f->config) ? take_epoch : take_episode)(f, x, s);
    return true;
}

// ---- weights and moments ------------------------------------------------------------------------

static bool renew_record(trm_follower *f) {
    trm_error ignored;
    if (f->record)
        return trm_record_renew(f->record, &ignored);
    if (!trm_file_exists(f->episodes))
        return false;
    f->record = trm_record_open(f->run, &ignored);
    return f->record != NULL;
}

static bool make_model(trm_follower *f) {
    trm_model_config c;
    if (!f->model && trm_config_model(&f->config, &c, NULL))
        f->model = trm_model_new(&c, NULL);
    return f->model != NULL;
}

static bool renew_weights(trm_follower *f) {
    struct stat st;
    int64_t update;
    const int32_t last = f->record ? trm_record_count(f->record) - 1 : -1;
    const int64_t before = f->update;
    if (!make_model(f))
        return false;
    if (stat(f->checkpoint, &st) == 0 && !same_file(&st, &f->file)) {
        f->file = st;
        const bool read = trm_checkpoint_weights(f->checkpoint, f->model, &update, NULL);
        // What is in the model now may be older than the newest moment, or nothing.
        f->update = read && update >= f->update ? update : -1;
    }
    if (last >= 0 && trm_record_moment(f->record, last)->update > f->update)
        f->update = trm_record_weights(f->record, last, f->model, NULL)
                        ? trm_record_moment(f->record, last)->update
                        : -1;
    if (f->update == before || f->update < 0)
        return false;
    f->fresh = true;
    return true;
}

// ---- a trainer's source -------------------------------------------------------------------------

// What it says of the run, beside its numbers. True if that is not what was said before.
static bool renew_following(trm_follower *f, int64_t writer, const trm_error *why,
                            trm_following *now) {
    *now = (trm_following){.writer = writer, .age = age_of(f), .weights = f->update};
    f->lost = !trm_file_is_folder(f->run);
    if (f->lost)
        trm_text_copy(now->trouble, sizeof now->trouble, "the run's folder is gone");
    else if (why->code != TRM_OK && trm_file_exists(f->config_path) && !isnan(now->age))
        trm_text_copy(now->trouble, sizeof now->trouble, why->message);
    const bool same = now->writer == f->told.writer && now->weights == f->told.weights &&
                      !(now->age < f->told.age) && !(now->age > f->told.age) &&
                      isnan(now->age) == isnan(f->told.age) &&
                      strcmp(now->trouble, f->told.trouble) == 0;
    f->told = *now;
    return !same;
}

static bool renew(void *ctx, trm_snapshot *s, const trm_history **history) {
    trm_follower *f = ctx;
    trm_error e = {0};
    trm_following now;
    if (f->files)
        return trm_follow_files_renew(f->files, &f->config, s, history);
    const int64_t writer = trm_lock_holder(f->run);
    if (f->keeps_off) // before the numbers: those of a long run are read for a second at first
        trm_beside_keep_off(&f->beside, writer, f->config.train.threads);
    const bool longer = renew_config(f);
    const bool lines = renew_numbers(f, s, &e);
    renew_record(f);
    const bool weights = renew_weights(f);
    const bool told = renew_following(f, writer, &e, &now);
    if (lines)
        *history = &f->history;
    const bool supervised = trm_config_supervised(&f->config);
    s->total = supervised ? f->config.train.epochs : f->config.train.episodes;
    s->following = now;
    s->last_checkpoint = f->update;
    s->checkpoints += weights;
    if (supervised)
        s->updates = f->update > 0 ? f->update : 0; // samples are answered again after each
    return longer || lines || weights || told;
}

static bool give_weights(void *ctx, trm_model *m) {
    trm_follower *f = ctx;
    if (f->files)
        return trm_follow_files_weights(f->files, m);
    if (!f->fresh)
        return false;
    f->fresh = false;
    trm_model_set_weights(m, trm_model_params_const(f->model)->values);
    return true;
}

static bool give_moment(void *ctx, trm_episode_trace *out, float *weights) {
    trm_follower *f = ctx;
    trm_error ignored;
    const int32_t last = f->record ? trm_record_count(f->record) - 1 : -1;
    if (last < 0 || !make_model(f) || trm_record_moment(f->record, last)->number == f->shown)
        return false;
    f->shown = trm_record_moment(f->record, last)->number;
    trm_model *m = trm_record_model(f->record, &ignored);
    if (m == NULL || !trm_record_weights(f->record, last, m, &ignored)) {
        trm_model_free(m);
        return false;
    }
    trm_agent agent;
    trm_agent_init(&agent, trm_record_env(f->record), m);
    trm_record_play(f->record, last, &agent, out, &ignored);
    memcpy(weights, trm_model_params_const(m)->values,
           (size_t)trm_model_params_const(m)->size * sizeof *weights);
    trm_agent_done(&agent);
    trm_model_free(m);
    return out->length > 0;
}

trm_trainer_source trm_follower_source(trm_follower *f) {
    return (trm_trainer_source){
        .ctx = f, .folder = f->run, .renew = renew, .weights = give_weights, .moment = give_moment};
}
