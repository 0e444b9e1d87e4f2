// SPDX-License-Identifier: Apache-2.0
// kill -9 at random moments of a run that writes checkpoints all the time. Whatever the moment, the
// files are whole, the same words go on, and the run ends as if nothing had been.
//
// The model is so large that the record of its course, held to 1 MiB, is thinned on the way.
//
// TRM_FAULTS_KILLS and TRM_FAULTS_SEED set how many and which; ./bootstrap faults sets 200.
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

enum { KILLS = 40, SEED = 1, MOST_EVENTS = 60, MOST_MICROSECONDS = 3000 };

static const char *const episodes[] = {"train",
                                       "maze-mlp",
                                       "env.size=3",
                                       "model.hidden=120",
                                       "train.episodes=60",
                                       "run.checkpoint_every=2",
                                       "run.record_mib=1",
                                       NULL};
static const char *const epochs[] = {"train",
                                     "sudoku-4-mlp",
                                     "model.hidden=120",
                                     "data.train=24",
                                     "data.validation=12",
                                     "data.test=12",
                                     "train.batch=12",
                                     "train.epochs=24",
                                     "run.checkpoint_every=2",
                                     "run.record_mib=1",
                                     NULL};

// The words of a training with those of where it goes.
typedef struct command {
    const char *args[16];
} command;

static command command_of(const char *const *training, const char *out, bool resume) {
    command c = {0};
    int n = 0;
    for (; training[n] != NULL; n++)
        c.args[n] = training[n];
    c.args[n++] = "--out";
    c.args[n++] = out;
    c.args[n] = resume ? "--resume" : NULL;
    return c;
}

// Something happens to a file of the run: what moments are counted by.
enum { EVENTS = IN_CREATE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE };

// Reads what has happened in the folder; returns how many things. 0 when `fd` of the process ends.
static int events_come(int watch, const process *p) {
    char buffer[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
    struct pollfd fds[2] = {{.fd = watch, .events = POLLIN}, {.fd = p->err, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0 || (fds[0].revents == 0 && fds[1].revents != 0))
        return 0;
    ssize_t n = read(watch, buffer, sizeof buffer);
    int count = 0;
    for (ssize_t at = 0; at < n; count++) {
        struct inotify_event event;
        memcpy(&event, buffer + at, sizeof event);
        at += (ssize_t)(sizeof event + event.len);
    }
    return count;
}

// Goes on with the run in `folder` and kills it after so many events in it and so many microseconds
// more. Returns whether it was killed; else it had come to its end.
static bool go_on_until(const char *scratch, const char *const *training, const char *folder,
                        uint64_t events, uint64_t microseconds) {
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    assert_true(inotify_add_watch(watch, folder, EVENTS) >= 0);
    const command c = command_of(training, "cut", true);
    process p = process_start(scratch, NULL, c.args);
    for (uint64_t seen = 0; seen < events;) {
        int n = events_come(watch, &p);
        if (n == 0)
            break;
        seen += (uint64_t)n;
    }
    for (double until = now() + 1e-6 * (double)microseconds; now() < until;) {
    }
    kill(p.pid, SIGKILL);
    close(watch);
    outcome o = process_finish(&p, 100);
    if (o.status != 128 + SIGKILL && o.status != 0)
        fail_msg("going on failed with status %d:\n%s", o.status, o.err);
    bool killed = o.status != 0;
    outcome_free(&o);
    return killed;
}

static void run_to_the_end(const char *scratch, const char *const *training, const char *out) {
    const command c = command_of(training, out, true);
    outcome o = process_run(scratch, NULL, c.args);
    if (o.status != 0)
        fail_msg("%s failed with status %d:\n%s", out, o.status, o.err);
    outcome_free(&o);
}

static void kill_at_random_moments(void **state, const char *const *training) {
    char whole[PATH_SIZE];
    char cut[PATH_SIZE];
    const int64_t kills = setting("TRM_FAULTS_KILLS", KILLS);
    const int64_t seed = setting("TRM_FAULTS_SEED", SEED);
    uint64_t random = (uint64_t)seed;
    int64_t done = 0;
    int64_t runs = 0;
    print_message("seed %lld\n", (long long)seed);
    snprintf(whole, sizeof whole, "%s/whole", (const char *)*state);
    run_to_the_end(*state, training, "whole");
    while (done < kills) {
        runs++;
        snprintf(cut, sizeof cut, "%s/cut", (const char *)*state);
        assert_int_equal(mkdir(cut, 0777), 0);
        while (done < kills &&
               go_on_until(*state, training, cut, random_below(&random, MOST_EVENTS),
                           random_below(&random, MOST_MICROSECONDS))) {
            assert_sound(cut);
            done++;
        }
        run_to_the_end(*state, training, "cut");
        assert_sound(cut);
        assert_same_run(whole, cut);
        folder_remove(cut);
    }
    print_message("%lld of %lld killed runs went on; %lld ended as the one that was not killed\n",
                  (long long)done, (long long)kills, (long long)runs);
}

static void test_killed_at_random_moments(void **state) {
    kill_at_random_moments(state, episodes);
}

static void test_supervised_killed_at_random_moments(void **state) {
    kill_at_random_moments(state, epochs);
}

// Before anything was recorded, there is nothing to go on with: that is said, or it begins.
static void test_killed_before_it_began(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/r", (const char *)*state);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/r/lock", (const char *)*state);
    file_put_text(path, "4000000\n");
    snprintf(path, sizeof path, "%s/r/config.json.4000000.tmp", (const char *)*state);
    file_put_text(path, "{\"pres");
    assert_refused(RUN(*state, "train", "r", "--resume"), "config.json");
    const command c = command_of(episodes, "r", false);
    outcome o = process_run(*state, NULL, c.args);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_false(file_is_there(path));
    run_to_the_end(*state, episodes, "whole");
    char whole[PATH_SIZE];
    snprintf(path, sizeof path, "%s/r", (const char *)*state);
    snprintf(whole, sizeof whole, "%s/whole", (const char *)*state);
    assert_same_run(whole, path);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_killed_at_random_moments),
        WITH_FOLDER(test_supervised_killed_at_random_moments),
        WITH_FOLDER(test_killed_before_it_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
