// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "run/rundir/metrics.h"

enum { EPISODES = 7, CHECKPOINT = 5 };

static trm_history recorded; // since the file was opened

// Episode i, as a run would give it: one an update, the same whenever it is asked for.
static void append_episode(trm_metrics_file *m, int64_t i) {
    trm_episode ep = {.episode = i,
                      .update = i,
                      .step = (i + 1) * 9,
                      .reward = 0.1f * (float)i - 0.5f,
                      .success = i % 3 == 0,
                      .length = 9};
    trm_update u = {.update = i,
                    .loss = 1.0f / (float)(i + 3),
                    .entropy = 1.25f,
                    .grad_norm = 0.3f,
                    .lr = 1e-3f,
                    .count = 1,
                    .episodes = &ep};
    trm_error e;
    if (!trm_metrics_append(m, &u, &recorded, 0.25 * (double)i, &e))
        fail_msg("%s", e.message);
}

static void open_metrics(trm_metrics_file *m, const char *path) {
    trm_error e;
    trm_history_init(&recorded);
    if (!trm_metrics_open(m, path, &e))
        fail_msg("%s", e.message);
}

static void write_episodes(const char *path, int64_t from, int64_t to) {
    trm_metrics_file m;
    open_metrics(&m, path);
    for (int64_t i = from; i < to; i++)
        append_episode(&m, i);
    assert_true(trm_metrics_flush(&m, true, NULL));
    trm_metrics_close(&m);
}

// Rewinds to CHECKPOINT episodes, checks the report, and goes on from there to the end.
static trm_metrics_report rewind_and_go_on(const char *path) {
    trm_metrics_file m;
    trm_metrics_report report;
    trm_error e;
    trm_history *history = malloc(sizeof *history);
    trm_history_init(history);
    open_metrics(&m, path);
    if (!trm_metrics_rewind(&m, TRM_UNIT_EPISODE, CHECKPOINT, history, NULL, &report, &e))
        fail_msg("%s", e.message);
    assert_int_equal(history->episodes, report.kept);
    assert_int_equal(count_lines(path), report.kept);
    for (int64_t i = CHECKPOINT; i < EPISODES; i++)
        append_episode(&m, i);
    trm_metrics_close(&m);
    free(history);
    return report;
}

static void a_line_is_one_object(void **state) {
    (void)state;
    const char *path = temp_path("m");
    size_t size;
    write_episodes(path, 2, 3);
    char *text = read_bytes(path, &size);
    assert_string_equal(text,
                        "{\"episode\":2,\"update\":2,\"step\":27,\"seconds\":0.5,\"reward\":-0.3,"
                        "\"success\":0,\"length\":9,\"loss\":0.2,\"entropy\":1.25,"
                        "\"grad_norm\":0.3,\"lr\":0.001}\n");
    free(text);
}

static void rewinding_after_any_cut_repeats_nothing_and_misses_nothing(void **state) {
    (void)state;
    const char *whole = temp_path("whole"), *path = temp_path("cut");
    size_t size, after;
    write_episodes(whole, 0, EPISODES);
    char *bytes = read_bytes(whole, &size);
    for (size_t n = 0; n <= size; n++) {
        int64_t lines = 0;
        for (size_t i = 0; i < n; i++)
            lines += bytes[i] == '\n';
        write_bytes(path, bytes, n);
        trm_metrics_report report = rewind_and_go_on(path);
        assert_int_equal(report.nonsense, 0);
        assert_int_equal(report.kept, lines < CHECKPOINT ? lines : CHECKPOINT);
        assert_int_equal(report.beyond, lines > CHECKPOINT ? lines - CHECKPOINT : 0);
        char *now = read_bytes(path, &after);
        if (lines >= CHECKPOINT) {
            assert_int_equal(after, size);
            assert_memory_equal(now, bytes, size);
        }
        free(now);
    }
    free(bytes);
}

static void opening_drops_part_of_a_line(void **state) {
    (void)state;
    const char *path = temp_path("m");
    trm_metrics_file m;
    size_t size;
    write_text(path, "whole\npart");
    open_metrics(&m, path);
    assert_true(m.cut);
    assert_int_equal(m.size, strlen("whole\n"));
    char *text = read_bytes(path, &size);
    assert_string_equal(text, "whole\n");
    free(text);
    trm_metrics_close(&m);
    open_metrics(&m, path);
    assert_false(m.cut);
    trm_metrics_close(&m);
}

static void seconds_are_those_of_the_last_line_kept(void **state) {
    (void)state;
    const char *path = temp_path("m");
    write_episodes(path, 0, EPISODES);
    trm_metrics_report report = rewind_and_go_on(path);
    assert_true(report.seconds == 0.25 * (CHECKPOINT - 1));
}

static void nonsense_is_dropped_and_told(void **state) {
    (void)state;
    static const char *const nonsense[] = {
        "\n",
        "null\n",
        "[]\n",
        "{}\n",
        "{\"episode\":3\n",
        "\xff\xfe\n",
        "{\"episode\":-1,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":1,"
        "\"length\":1}\n",
        "{\"episode\":1e300,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":1,"
        "\"length\":1}\n",
        "{\"episode\":2.5,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":1,"
        "\"length\":1}\n",
        "{\"episode\":3,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":\"1\",\"success\":1,"
        "\"length\":1}\n",
        "{\"episode\":3,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":null,\"success\":1,"
        "\"length\":1}\n",
        "{\"episode\":3,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":2,"
        "\"length\":1}\n",
        "{\"episode\":3,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":1,"
        "\"length\":1e10}\n",
        // An episode that had been.
        "{\"episode\":1,\"update\":1,\"step\":1,\"seconds\":1,\"reward\":1,\"success\":1,"
        "\"length\":1}\n",
    };
    const char *whole = temp_path("whole"), *path = temp_path("m");
    size_t size, after;
    write_episodes(whole, 0, EPISODES);
    char *bytes = read_bytes(whole, &size), *third = bytes;
    for (int i = 0; i < 3; i++)
        third = strchr(third, '\n') + 1;
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        FILE *f = fopen(path, "w");
        fwrite(bytes, 1, (size_t)(third - bytes), f);
        fputs(nonsense[i], f);
        fputs(third, f);
        fclose(f);
        trm_metrics_report report = rewind_and_go_on(path);
        assert_int_equal(report.nonsense, 1);
        assert_int_equal(report.first_nonsense, 4);
        assert_int_equal(report.kept, CHECKPOINT);
        char *now = read_bytes(path, &after);
        assert_int_equal(after, size);
        assert_memory_equal(now, bytes, size);
        free(now);
    }
    free(bytes);
}

static void zero_bytes_and_endless_lines_are_survived(void **state) {
    (void)state;
    enum { HUGE_LINE = 1 << 20 };
    const char *path = temp_path("m");
    char *junk = malloc(HUGE_LINE);
    memset(junk, 'x', HUGE_LINE);
    write_episodes(path, 0, 3);
    FILE *f = fopen(path, "a");
    fwrite("a\0b\n", 1, 4, f);
    fwrite(junk, 1, HUGE_LINE, f);
    fputc('\n', f);
    fwrite(junk, 1, HUGE_LINE, f); // no end: dropped when the file is opened
    fclose(f);
    free(junk);
    trm_metrics_report report = rewind_and_go_on(path);
    assert_int_equal(report.kept, 3);
    assert_int_equal(report.nonsense, 2);
    assert_int_equal(report.first_nonsense, 4);
}

static void missing_episodes_show_in_the_report(void **state) {
    (void)state;
    const char *path = temp_path("m");
    write_episodes(path, 0, 2);
    write_episodes(path, 4, EPISODES);
    trm_metrics_report report = rewind_and_go_on(path);
    assert_int_equal(report.kept, 3);
    assert_int_equal(report.nonsense, 0);
}

// A full disk, played by a limit on the size of files: part of the data is written, then none.
static void a_full_disk_leaves_whole_lines(void **state) {
    (void)state;
    const char *path = temp_path("m");
    struct rlimit old, small;
    trm_metrics_file m;
    trm_error e = {.code = TRM_OK};
    write_episodes(path, 0, 2);
    open_metrics(&m, path);
    for (int64_t i = 2; i < EPISODES; i++)
        append_episode(&m, i);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = (rlim_t)m.size + 100;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = trm_metrics_flush(&m, true, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(ok);
    assert_error(&e, TRM_E_IO, "cannot write", path, NULL);
    assert_int_equal(count_lines(path), 2);
    size_t size;
    char *text = read_bytes(path, &size);
    assert_int_equal(text[size - 1], '\n');
    free(text);
    // With room again nothing has been lost.
    assert_true(trm_metrics_flush(&m, true, &e));
    trm_metrics_close(&m);
    assert_int_equal(count_lines(path), EPISODES);
}

static void unwritable_paths_are_refused(void **state) {
    (void)state;
    trm_metrics_file m;
    trm_error e;
    const char *path = temp_path("no/such/folder");
    assert_false(trm_metrics_open(&m, path, &e));
    assert_error(&e, TRM_E_IO, path, NULL);
    trm_metrics_close(&m);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

// From METRICS_FULL on fewer and fewer episodes have a line, but the best of all always has.
static void long_runs_are_thinned(void **state) {
    (void)state;
    enum {
        FULL = METRICS_FULL,
        FROM = FULL - 8,
        FAR = 4 * FULL - 8,
        MORE = 40,
        BEST = 4 * FULL + 3
    };
    const char *path = temp_path("m");
    trm_metrics_file m;
    trm_metrics_report report;
    trm_error e;
    trm_history *history = malloc(sizeof *history);
    open_metrics(&m, path);
    recorded.best_reward = 1e9f;
    recorded.first_success = 0;
    for (int64_t i = FROM; i < FROM + MORE; i++)
        append_episode(&m, i);
    for (int64_t i = FAR; i < FAR + MORE; i++) {
        recorded.best_reward = i == BEST ? 0 : 1e9f;
        append_episode(&m, i);
    }
    assert_true(trm_metrics_flush(&m, true, NULL));
    // 8 and every second of 32; every fourth of 8, every eighth of 32 and the best
    assert_int_equal(count_lines(path), 8 + 16 + 2 + 4 + 1);

    trm_history_init(history);
    if (!trm_metrics_rewind(&m, TRM_UNIT_EPISODE, FAR + MORE, history, NULL, &report, &e))
        fail_msg("%s", e.message);
    assert_int_equal(report.kept, 8 + 16 + 2 + 4 + 1);
    assert_int_equal(report.nonsense + report.beyond, 0);
    assert_int_equal(report.lacking, (int64_t)FULL + FULL / 2 + FULL / 2 + 4 - (8 + 16 + 2 + 4));
    // Each line stands for those up to the next one due.
    assert_int_equal(history->episodes, MORE + MORE);
    assert_int_equal(history->points[history->count - 1].episode, FAR + MORE - 1);
    trm_metrics_close(&m);
    free(history);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(a_line_is_one_object),
        TEMP(rewinding_after_any_cut_repeats_nothing_and_misses_nothing),
        TEMP(opening_drops_part_of_a_line),
        TEMP(seconds_are_those_of_the_last_line_kept),
        TEMP(long_runs_are_thinned),
        TEMP(nonsense_is_dropped_and_told),
        TEMP(zero_bytes_and_endless_lines_are_survived),
        TEMP(missing_episodes_show_in_the_report),
        TEMP(a_full_disk_leaves_whole_lines),
        TEMP(unwritable_paths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
