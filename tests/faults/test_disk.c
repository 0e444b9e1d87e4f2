// SPDX-License-Identifier: Apache-2.0
// The place a run is written to fails it: a limit on files, a file system that is full or only to
// be read, a folder that goes away, other programs at the same files.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "run.h"

#define TINY                                                                                       \
    "train", "maze-mlp", "env.size=3", "model.hidden=8", "train.episodes=60",                      \
        "run.checkpoint_every=4", "--resume"
// One that does not end by itself.
#define ENDLESS                                                                                    \
    "train", "maze-mlp", "env.size=3", "model.hidden=8", "train.episodes=1000000000",              \
        "run.checkpoint_every=1"

enum { WAIT_SECONDS = 90 };

static const char *in_folder(void **state, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", (const char *)*state, name);
    return out;
}

static void run_whole(void **state, const char *out) {
    outcome o = RUN(*state, TINY, "--out", out);
    if (o.status != 0)
        fail_msg("%s: status %d\n%s", out, o.status, o.err);
    outcome_free(&o);
}

static void assert_ends_as_whole(void **state, const char *out) {
    char whole[PATH_SIZE];
    char run[PATH_SIZE];
    run_whole(state, out);
    assert_same_run(in_folder(state, "whole", whole), in_folder(state, out, run));
}

// Failed or refused, in one line that says why.
static void assert_failed(outcome o, int status, const char *part) {
    if (o.status != status || line_count(o.err) != 1 || strstr(o.err, part) == NULL) {
        fail_msg("expected status %d and one line with \"%s\", got %d:\n%s%s", status, part,
                 o.status, o.out, o.err);
    }
    outcome_free(&o);
}

// No file may grow beyond some bytes, as under a quota.
static void test_limit(void **state) {
    static const rlim_t limits[] = {0, 3, 100, 1000, 2000, 4000, 6000, 9000};
    char run[PATH_SIZE];
    run_whole(state, "whole");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char name[16];
        struct rlimit before;
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        snprintf(name, sizeof name, "r%zu", i);
        const struct rlimit limit = {limits[i], before.rlim_max};
        const char *const args[] = {TINY, "--out", name, NULL};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        process p = process_start(*state, NULL, args);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        outcome o = process_finish(&p, WAIT_SECONDS);
        bool begun = file_is_there(in_folder(state, name, run));
        if (begun)
            assert_sound(run);
        assert_failed(o, begun ? 1 : 2, "File too large");
        assert_ends_as_whole(state, name);
    }
}

// A file system of our own, seen by this process and its children only. False where that is not
// allowed.
static bool mount_small(const char *path, const char *options) {
    uid_t user = getuid();
    assert_int_equal(mkdir(path, 0777), 0);
    if (unshare(CLONE_NEWNS) != 0) {
        char map[64];
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        file_put_text("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %d 1", (int)user);
        file_put_text("/proc/self/uid_map", map);
    }
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", path, "tmpfs", 0, options) == 0;
}

static void test_full(void **state) {
    static const char *const sizes[] = {"size=4k", "size=8k", "size=16k", "size=24k", "size=32k"};
    char path[PATH_SIZE];
    char name[16];
    run_whole(state, "whole");
    if (!mount_small(in_folder(state, "small", path), "size=1m"))
        skip();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(mount("none", path, "tmpfs", MS_REMOUNT, sizes[i]), 0);
        snprintf(name, sizeof name, "small/r%zu", i);
        outcome o = RUN(*state, TINY, "--out", name);
        char run[PATH_SIZE];
        bool begun = file_is_there(in_folder(state, name, run));
        if (begun)
            assert_sound(run);
        assert_failed(o, begun ? 1 : 2, "No space left on device");
        assert_int_equal(mount("none", path, "tmpfs", MS_REMOUNT, "size=1m"), 0);
        assert_ends_as_whole(state, name);
        folder_remove(run);
    }
    assert_int_equal(umount(path), 0);
}

static void test_read_only(void **state) {
    char path[PATH_SIZE];
    if (!mount_small(in_folder(state, "small", path), "size=1m"))
        skip();
    run_whole(state, "small/r");
    assert_int_equal(mount("none", path, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_refused(RUN(*state, TINY, "--out", "small/new"), "Read-only file system");
    assert_refused(RUN(*state, "train", "small/r", "--resume"), "Read-only file system");
    assert_sound(in_folder(state, "small/r", path));
    // What only reads does not mind.
    outcome o = RUN(*state, "eval", "small/r", "--episodes", "3");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    assert_int_equal(umount(in_folder(state, "small", path)), 0);
}

static process start_endless(void **state, const char *out) {
    const char *const args[] = {ENDLESS, "--out", out, NULL};
    char path[PATH_SIZE];
    char name[64];
    process p = process_start(*state, NULL, args);
    snprintf(name, sizeof name, "%s/checkpoint.safetensors", out);
    wait_for_file(in_folder(state, name, path), WAIT_SECONDS);
    return p;
}

static void stop(process *p) {
    kill(p->pid, SIGTERM);
    outcome o = process_finish(p, WAIT_SECONDS);
    assert_int_equal(o.status, 130);
    outcome_free(&o);
}

static void test_folder_renamed(void **state) {
    char from[PATH_SIZE];
    char to[PATH_SIZE];
    process p = start_endless(state, "r");
    assert_int_equal(rename(in_folder(state, "r", from), in_folder(state, "s", to)), 0);
    assert_failed(process_finish(&p, WAIT_SECONDS), 1, "removed or renamed");
    assert_true(assert_sound(to) > 0);
    assert_false(file_is_there(from));
    assert_int_equal(unlink(in_folder(state, "s/lock", from)), 0);
    p = process_start(*state, NULL, (const char *const[]){"train", "s", "--resume", NULL});
    wait_for_file(in_folder(state, "s/lock", from), WAIT_SECONDS);
    stop(&p);
    assert_sound(to);
}

static void test_folder_removed(void **state) {
    char path[PATH_SIZE];
    char away[PATH_SIZE];
    process p = start_endless(state, "r");
    // Out of its sight first: files come faster than they can be removed.
    assert_int_equal(rename(in_folder(state, "r", path), in_folder(state, "s", away)), 0);
    outcome o = process_finish(&p, WAIT_SECONDS);
    folder_remove(away);
    assert_failed(o, 1, "removed or renamed");
    // Another one in its place is another one.
    p = start_endless(state, "r");
    assert_int_equal(mkdir(away, 0777), 0);
    assert_int_equal(renameat2(AT_FDCWD, path, AT_FDCWD, away, RENAME_EXCHANGE), 0);
    assert_failed(process_finish(&p, WAIT_SECONDS), 1, "trm: ");
    assert_true(assert_sound(away) > 0);
}

static void test_files_replaced(void **state) {
    char path[PATH_SIZE];
    char other[PATH_SIZE];
    // The metrics, whose end must be that of the checkpoint.
    process p = start_endless(state, "a");
    file_put_text(in_folder(state, "other", other), "{}\n");
    assert_int_equal(rename(other, in_folder(state, "a/metrics.jsonl", path)), 0);
    assert_failed(process_finish(&p, WAIT_SECONDS), 1, "removed or replaced by another program");
    p = start_endless(state, "b");
    assert_int_equal(truncate(in_folder(state, "b/metrics.jsonl", path), 0), 0);
    assert_failed(process_finish(&p, WAIT_SECONDS), 1, "shortened by another program");
    // What is written whole each time is simply written again.
    p = start_endless(state, "c");
    assert_int_equal(unlink(in_folder(state, "c/config.json", path)), 0);
    wait_for_file(path, WAIT_SECONDS);
    file_put_text(in_folder(state, "other", other), "{}\n");
    assert_int_equal(rename(other, in_folder(state, "c/checkpoint.safetensors", path)), 0);
    // A lock that was removed is taken again.
    assert_int_equal(unlink(in_folder(state, "c/lock", path)), 0);
    wait_for_file(path, WAIT_SECONDS);
    stop(&p);
    assert_sound(in_folder(state, "c", path));
}

static void test_second_writer(void **state) {
    char path[PATH_SIZE];
    char pid[32];
    process p = start_endless(state, "r");
    snprintf(pid, sizeof pid, "process %d is writing", (int)p.pid);
    assert_refused(RUN(*state, "train", "r", "--resume"), pid);
    assert_refused(RUN(*state, ENDLESS, "--out", "r", "--resume"), pid);
    assert_refused(RUN(*state, ENDLESS, "--out", "r"), "not empty");
    stop(&p);
    assert_sound(in_folder(state, "r", path));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_limit),          WITH_FOLDER(test_folder_renamed),
        WITH_FOLDER(test_folder_removed), WITH_FOLDER(test_files_replaced),
        WITH_FOLDER(test_second_writer),  WITH_FOLDER(test_full),
        WITH_FOLDER(test_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
