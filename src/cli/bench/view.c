// SPDX-License-Identifier: Apache-2.0
// What watching costs, measured on the program itself: from exec to the first frame, memory, and
// training with the view open and closed in turn. The trainings are the same to the last bit, so
// their speeds can be compared.
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench/child.h"
#include "cli/bench/impl.h"
#include "run/rundir/files.h"
#include "trm/base/clock.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/tui/screens.h"
#include "trm/tui/watch.h"

enum { COLS = 160, ROWS = 50, PROBE_EPISODES = 100, FEWEST_EPISODES = 20 };

#define PATIENCE 120.0 // seconds after which a child is given up

// The label of the help key ends every frame.
#define LAST_OF_A_FRAME "help"

typedef struct folder {
    char path[RUN_PATH], run[RUN_PATH];
} folder;

static bool make_folder(folder *f, trm_error *e) {
    const char *base = getenv("TMPDIR");
    char path[RUN_PATH];
    trm_text_format(path, sizeof path, "%s/trm-bench-XXXXXX",
                    base != NULL && base[0] == '/' ? base : "/tmp");
    if (mkdtemp(path) == NULL) {
        return trm_error_set(e, TRM_E_IO, "cannot make a folder like %s: %s", path,
                             strerror(errno));
    }
    memcpy(f->path, path, sizeof path);
    setenv("XDG_STATE_HOME", path, 1);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("COLUMNS");
    unsetenv("LINES");
    unsetenv("NO_COLOR");
    return trm_files_join(f->run, path, "run", e);
}

static void remove_folder(folder *f) {
    trm_files_remove_run(f->run);
    rmdir(f->path);
}

static bool too_early(const bench_child *c, trm_error *e) {
    int status = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status);
    return trm_error_set(e, TRM_E_IO, "the program ended with status %d when started again",
                         status);
}

// ---- first frame and memory ---------------------------------------------------------------------

static bool wait_for_frame(bench_child *c, double *when, trm_error *e) {
    bool found = false;
    while (!found && trm_clock_now() < c->started + PATIENCE) {
        *when = bench_child_read(c, 0.1, LAST_OF_A_FRAME, &found);
        if (!found && bench_child_ended(c))
            return too_early(c, e);
    }
    return found || trm_error_set(e, TRM_E_IO, "the view draws nothing");
}

static bool measure_start(bench *b, folder *f, trm_error *e) {
    char *args[] = {(char[]){"watch"}, (char[]){"maze"}, (char[]){"--out"}, f->run, NULL};
    bench_child c;
    double when = 0;
    bool ok = bench_child_start(&c, args, COLS, ROWS, e) && wait_for_frame(&c, &when, e);
    if (ok) {
        bench_metric_add(bench_metric_of(&b->metrics, BENCH_MACHINE, "first_frame_ms"),
                         1e3 * (when - c.started), NAN);
    }
    bench_child_stop(&c);
    trm_files_remove_run(f->run);
    return ok;
}

static bool measure_memory(bench *b, folder *f, trm_error *e) {
    char *args[] = {(char[]){"watch"},
                    (char[]){"maze"},
                    (char[]){"--pace"},
                    (char[]){"free"},
                    (char[]){"--out"},
                    f->run,
                    (char[]){"train.episodes=1000000"},
                    NULL};
    bench_child c;
    bool ok = bench_child_start(&c, args, COLS, ROWS, e);
    double end = trm_clock_now() + b->plan.settle;
    while (ok && trm_clock_now() < end) {
        bench_child_read(&c, 0.05, NULL, NULL);
        ok = !bench_child_ended(&c) || too_early(&c, e);
    }
    if (ok) {
        bench_metric_add(bench_metric_of(&b->metrics, BENCH_MACHINE, "resident_mib"),
                         bench_child_resident(&c), NAN);
    }
    bench_child_stop(&c);
    trm_files_remove_run(f->run);
    return ok;
}

// ---- open and closed ----------------------------------------------------------------------------

static bool read_speed(const char *path, double *speed, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, 1 << 20, &text, &size, e))
        return false;
    cJSON *json = cJSON_Parse(text);
    const cJSON *value = cJSON_GetObjectItem(json, "steps_per_second");
    bool ok = cJSON_IsNumber(value);
    *speed = ok ? value->valuedouble : NAN;
    cJSON_Delete(json);
    free(text);
    return ok || trm_error_set(e, TRM_E_IO, "%s has no steps_per_second", path);
}

// Until the child's result is written.
static bool wait_for_result(bench_child *c, const char *result, trm_error *e) {
    while (!trm_file_exists(result)) {
        bench_child_read(c, 0.01, NULL, NULL);
        if (bench_child_ended(c) && !trm_file_exists(result))
            return too_early(c, e);
        if (trm_clock_now() > c->started + PATIENCE)
            return trm_error_set(
                e, TRM_E_IO,
                "a training took too long: measure on a machine that does nothing else");
    }
    return true;
}

static bool train_once(bench *b, folder *f, bool open, int64_t episodes, double *speed,
                       trm_error *e) {
    char count[64];
    char result[RUN_PATH];
    trm_text_format(count, sizeof count, "train.episodes=%lld", (long long)episodes);
    char *args[] = {open ? (char[]){"watch"} : (char[]){"train"},
                    (char[]){"maze"},
                    (char[]){"model.k_cycles=5"},
                    (char[]){"model.h_dim=128"},
                    count,
                    (char[]){"--out"},
                    f->run,
                    open ? (char[]){"--pace"} : NULL,
                    (char[]){"free"},
                    NULL};
    bench_child c;
    bool ok =
        trm_files_join(result, f->run, RUN_RESULT, e) && bench_child_start(&c, args, COLS, ROWS, e);
    if (!ok)
        return false;
    ok = wait_for_result(&c, result, e);
    if (ok && open) {
        bench_metric_add(bench_metric_of(&b->metrics, BENCH_MACHINE, "resident_k5_mib"),
                         bench_child_resident(&c), NAN);
    }
    bench_child_stop(&c);
    ok = ok && read_speed(result, speed, e);
    trm_files_remove_run(f->run);
    return ok;
}

// Episodes that take about so long.
static bool find_episodes(bench *b, folder *f, double seconds, int64_t *episodes, trm_error *e) {
    double speed;
    double started = trm_clock_now();
    if (!train_once(b, f, false, PROBE_EPISODES, &speed, e))
        return false;
    double spent = trm_clock_now() - started;
    int64_t n = (int64_t)(PROBE_EPISODES * seconds / spent);
    *episodes = n > FEWEST_EPISODES ? n : FEWEST_EPISODES;
    return true;
}

static bool measure_pair(bench *b, folder *f, bool open_first, int64_t episodes, trm_error *e) {
    double speed[2] = {0}; // closed, open
    if (!train_once(b, f, open_first, episodes, &speed[open_first], e) || !bench_go_on(b, e) ||
        !train_once(b, f, !open_first, episodes, &speed[!open_first], e))
        return false;
    bench_metrics *m = &b->metrics;
    bench_metric_add(bench_metric_of(m, BENCH_MACHINE, "view_closed_steps_s"), speed[0], NAN);
    bench_metric_add(bench_metric_of(m, BENCH_MACHINE, "view_open_steps_s"), speed[1], NAN);
    bench_metric_add(bench_metric_of(m, BENCH_MACHINE, "watch_overhead"), 1 - speed[1] / speed[0],
                     NAN);
    return bench_go_on(b, e);
}

static bool measure_all(bench *b, folder *f, trm_error *e) {
    for (int32_t i = 0; i < b->plan.starts; i++)
        if (!measure_start(b, f, e) || !bench_go_on(b, e))
            return false;
    int64_t episodes;
    if (!measure_memory(b, f, e) || !find_episodes(b, f, b->plan.view_seconds, &episodes, e) ||
        !bench_go_on(b, e))
        return false;
    for (int32_t i = 0; i < b->plan.pairs; i++)
        if (!measure_pair(b, f, i % 2 == 0, episodes, e))
            return false;
    return true;
}

// So that they stand in the table, measured or not.
static void name_metrics(bench_metrics *m) {
    static const struct {
        const char *key, *what, *unit;
        int32_t decimals;
        double at_most; // NaN: no aim
    } rows[] = {{"first_frame_ms", "exec to first frame", "ms", 1, 50},
                {"resident_mib", "resident while watching", "MiB", 1, 30},
                {"resident_k5_mib", "... K=5, h 128", "MiB", 1, NAN},
                {"view_closed_steps_s", "K=5, h 128: view closed", "steps/s", 0, NAN},
                {"view_open_steps_s", "... view open", "steps/s", 0, NAN},
                {"watch_overhead", "... lost by watching", "", 4, 0.01}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench_metric *metric = bench_metric_listed(m, BENCH_MACHINE, rows[i].key, rows[i].what,
                                                   rows[i].unit, rows[i].decimals);
        if (!isnan(rows[i].at_most))
            bench_metric_aim(metric, BENCH_AT_MOST, rows[i].at_most);
    }
}

bool bench_view(bench *b, trm_error *e) {
    if (!trm_screens_built())
        return trm_error_set(e, TRM_E_INPUT, "this build has no screens: build with -Dtui=enabled");
    folder f = {0};
    name_metrics(&b->metrics);
    if (!make_folder(&f, e))
        return false;
    bool ok = measure_all(b, &f, e);
    remove_folder(&f);
    return ok;
}

int64_t bench_view_pieces(const bench *b) {
    return b->plan.starts + 1 + 2 * (int64_t)b->plan.pairs;
}
