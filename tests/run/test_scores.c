// SPDX-License-Identifier: Apache-2.0
// The score file: records, damage, many writers, and writers that are killed.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"
#include "trm/base/file.h"
#include "trm/run/scores.h"

static trm_game_result trm_score_of(const char *kind, bool solved, bool aided, double seconds,
                                    double reward) {
    trm_game_result s = {.solved = solved,
                         .aided = aided,
                         .seconds = seconds,
                         .reward = reward,
                         .steps = 12,
                         .mistakes = 2};
    snprintf(s.kind, sizeof s.kind, "%s", kind);
    return s;
}

static trm_personal_best add(const char *path, trm_game_result s) {
    trm_personal_best r, again;
    trm_error e = {0};
    if (!trm_scores_add(path, &s, &r, &e))
        fail_msg("%s", e.message);
    assert_true(trm_scores_read(path, s.kind, &again, &e));
    assert_string_equal(again.kind, s.kind);
    assert_int_equal(again.games, r.games);
    assert_int_equal(again.solved, r.solved);
    assert_int_equal(again.unaided, r.unaided);
    assert_true(again.seconds == r.seconds && again.reward == r.reward);
    assert_int_equal(again.steps, r.steps);
    assert_int_equal(again.mistakes, r.mistakes);
    return r;
}

static void test_kinds(void **state) {
    (void)state;
    char kind[TRM_SCORE_KIND];
    trm_env_config c = trm_env_config_default();
    trm_score_kind(&c, false, kind);
    assert_string_equal(kind, "maze-open 5");
    c.difficulty = 0.25f;
    trm_score_kind(&c, false, kind);
    assert_string_equal(kind, "maze-open 5 0.25");
    trm_score_kind(&c, true, kind);
    assert_string_equal(kind, "maze-open 5 own");
    c = trm_env_config_default();
    c.obstacles = 0.4f;
    c.path_min = 12;
    trm_score_kind(&c, false, kind);
    assert_string_equal(kind, "maze-open 5 0.4 obstacles 12 steps apart");
}

static void test_records(void **state) {
    (void)state;
    const char *path = temp_path("state/trm/scores.json");
    trm_personal_best r;
    trm_error e = {0};
    assert_true(trm_scores_read(path, "maze 5", &r, &e));
    assert_int_equal(r.games, 0);
    r = add(path, trm_score_of("maze 5", false, false, 1, 99)); // not solved: no record
    assert_int_equal(r.games, 1);
    assert_int_equal(r.solved, 0);
    assert_true(r.seconds == 0 && r.reward == 0);
    r = add(path, trm_score_of("maze 5", true, true, 1, 99)); // aided: none
    assert_int_equal(r.solved, 1);
    assert_int_equal(r.unaided, 0);
    r = add(path, trm_score_of("maze 5", true, false, 20.25, -3.5));
    assert_int_equal(r.unaided, 1);
    assert_true(r.seconds == 20.25 && r.reward == -3.5);
    r = add(path, trm_score_of("maze 5", true, false, 30, 1.1));
    assert_true(r.seconds == 20.25 && r.reward == 1.1);
    assert_int_equal(r.games, 4);
    r = add(path, trm_score_of("other", true, false, 5, 5));
    assert_int_equal(r.games, 1);
    assert_true(trm_scores_read(path, "maze 5", &r, &e));
    assert_int_equal(r.games, 4);
}

// The file is full of kinds; the one that was not played for longest goes.
static void test_only_the_kinds_played_last_are_kept(void **state) {
    (void)state;
    static char text[1 << 16] = "{\"format\":\"trm-scores-1\",\"records\":[";
    const char *path = temp_path("scores.json");
    trm_personal_best r;
    trm_error e = {0};
    for (int i = 0; i < TRM_SCORE_KINDS; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used,
                 "%s{\"kind\":\"kind %d \\\"x\",\"games\":1,\"solved\":0,\"unaided\":0,"
                 "\"seconds\":0,\"reward\":0,\"steps\":0,\"mistakes\":0}",
                 i > 0 ? "," : "", i);
    }
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "]}");
    write_text(path, text);
    r = add(path, trm_score_of("kind 255 \"x", true, false, 1, 1)); // to the front
    assert_int_equal(r.games, 2);
    r = add(path, trm_score_of("new", true, false, 1, 1));
    assert_int_equal(r.games, 1);
    assert_true(trm_scores_read(path, "kind 254 \"x", &r, &e));
    assert_int_equal(r.games, 0);
    assert_true(trm_scores_read(path, "kind 255 \"x", &r, &e));
    assert_int_equal(r.games, 2);
    assert_true(trm_scores_read(path, "kind 0 \"x", &r, &e));
    assert_int_equal(r.games, 1);
}

#define RECORD(kind, games, solved, unaided, rest)                                                 \
    "{\"format\":\"trm-scores-1\",\"records\":[{\"kind\":" kind ",\"games\":" games                \
    ",\"solved\":" solved ",\"unaided\":" unaided rest "}]}"
#define REST ",\"seconds\":1,\"reward\":1,\"steps\":1,\"mistakes\":0"

// Each is refused with a line, and stays as it is.
static void test_damage_is_named_and_left_alone(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "null",
        "[]",
        "{\"format\":\"trm-scores-2\",\"records\":[]}",
        "{\"format\":\"trm-scores-1\"}",
        "{\"format\":\"trm-scores-1\",\"records\":[7]}",
        "{\"format\":\"trm-scores-1\",\"records\":[]} x",
        "\xff\xfe",
        RECORD("\"\"", "1", "1", "1", REST),
        RECORD("7", "1", "1", "1", REST),
        RECORD("\"a\\u0007\"", "1", "1", "1", REST),
        RECORD("\"a\"", "-1", "1", "1", REST),
        RECORD("\"a\"", "1.5", "1", "1", REST),
        RECORD("\"a\"", "1e300", "1", "1", REST),
        RECORD("\"a\"", "1", "2", "1", REST),
        RECORD("\"a\"", "1", "1", "2", REST),
        RECORD("\"a\"", "1", "1", "1", ""),
        RECORD("\"a\"", "1", "1", "1", ",\"seconds\":-1,\"reward\":1,\"steps\":1,\"mistakes\":0"),
        RECORD("\"a\"", "1", "1", "1", ",\"seconds\":1,\"reward\":1,\"steps\":3e9,\"mistakes\":0"),
    };
    const char *path = temp_path("scores.json");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_error e = {0};
        trm_personal_best r;
        size_t size;
        const trm_game_result s = trm_score_of("a", true, false, 1, 1);
        write_text(path, bad[i]);
        assert_false(trm_scores_read(path, "a", &r, &e));
        assert_error(&e, TRM_E_INPUT, "scores.json", "no score file", NULL);
        assert_int_equal(r.games, 0);
        assert_false(trm_scores_add(path, &s, &r, &e));
        char *text = read_bytes(path, &size);
        assert_string_equal(text, bad[i]);
        free(text);
    }
    trm_error e = {0};
    trm_personal_best r;
    write_bytes(path, "{}\0", 3);
    assert_false(trm_scores_read(path, "a", &r, &e));
    char *large = calloc(1, (1 << 20) + 1);
    write_bytes(path, large, (1 << 20) + 1);
    assert_false(trm_scores_read(path, "a", &r, &e));
    assert_error(&e, TRM_E_INPUT, "scores.json", NULL);
    free(large);
}

// Cut off anywhere it is refused, but for the newline at its end.
static void test_cut_at_every_byte(void **state) {
    (void)state;
    const char *path = temp_path("scores.json");
    size_t size;
    trm_personal_best r;
    trm_error e = {0};
    const trm_game_result s = trm_score_of("sudoku 9 \"\u00e9", true, false, 0.1f, -1);
    add(path, trm_score_of("maze 5", true, false, 1, 1));
    add(path, s);
    char *text = read_bytes(path, &size);
    for (size_t cut = 0; cut + 1 < size; cut++) {
        write_bytes(path, text, cut);
        if (trm_scores_read(path, s.kind, &r, &e) || trm_scores_add(path, &s, &r, &e))
            fail_msg("the first %zu of %zu bytes were taken", cut, size);
        assert_error(&e, TRM_E_INPUT, "scores.json", "no score file", NULL);
        size_t left;
        char *bytes = read_bytes(path, &left);
        assert_int_equal(left, cut);
        assert_memory_equal(bytes, text, cut);
        free(bytes);
    }
    write_bytes(path, text, size - 1);
    assert_int_equal(add(path, s).games, 2);
    free(text);
}

// A disk that is full, as a limit on the size of files makes it: the file stays as it was.
static void test_no_room(void **state) {
    (void)state;
    const char *path = temp_path("scores.json");
    size_t size, left;
    const trm_game_result s = trm_score_of("maze 7", true, false, 1, 1);
    add(path, trm_score_of("maze 5", true, false, 1, 1));
    static char *text; // reachable in the child too
    text = read_bytes(path, &size);
    const pid_t pid = fork();
    if (pid == 0) {
        trm_personal_best r;
        trm_error e = {0};
        signal(SIGXFSZ, SIG_IGN);
        for (rlim_t limit = 0; limit <= size; limit += 20) {
            const struct rlimit most = {limit, RLIM_INFINITY};
            if (setrlimit(RLIMIT_FSIZE, &most) != 0 || trm_scores_add(path, &s, &r, &e) ||
                e.code != TRM_E_IO || strstr(e.message, "File too large") == NULL)
                _exit(1);
        }
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    char *bytes = read_bytes(path, &left);
    assert_string_equal(bytes, text);
    free(bytes);
    free(text);
    char rest[512];
    snprintf(rest, sizeof rest, "%s.%ld.tmp", path, (long)pid);
    assert_false(trm_file_exists(rest));
    assert_int_equal(add(path, s).games, 1);
}

static int start_writer(const char *path, int games) {
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    trm_personal_best r;
    for (int i = 0; games < 0 || i < games; i++) {
        const trm_game_result s = trm_score_of("maze 5", true, false, 1, 1);
        if (!trm_scores_add(path, &s, &r, NULL))
            _exit(1);
    }
    _exit(0);
}

static void test_writers_take_turns(void **state) {
    (void)state;
    enum { WRITERS = 3, GAMES = 15 };
    const char *path = temp_path("scores.json");
    trm_personal_best r;
    trm_error e = {0};
    pid_t pids[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        pids[i] = start_writer(path, GAMES);
    for (int i = 0; i < WRITERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_true(trm_scores_read(path, "maze 5", &r, &e));
    assert_int_equal(r.games, WRITERS * GAMES);
}

// At any moment the file is whole, and no game that was counted is lost.
static void test_a_killed_writer_leaves_a_whole_file(void **state) {
    (void)state;
    const char *path = temp_path("scores.json");
    trm_personal_best r;
    trm_error e = {0};
    int64_t games = 0;
    for (int i = 0; i < 8; i++) {
        const pid_t pid = start_writer(path, -1);
        do {
            if (!trm_scores_read(path, "maze 5", &r, &e))
                fail_msg("%s", e.message);
        } while (r.games <= games + i % 4);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        const int64_t seen = r.games;
        if (!trm_scores_read(path, "maze 5", &r, &e))
            fail_msg("%s", e.message);
        assert_true(r.games >= seen);
        games = r.games;
    }
    r = add(path, trm_score_of("maze 5", true, false, 1, 1));
    assert_int_equal(r.games, games + 1);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        WITH_FOLDER(test_records),
        WITH_FOLDER(test_only_the_kinds_played_last_are_kept),
        WITH_FOLDER(test_damage_is_named_and_left_alone),
        WITH_FOLDER(test_cut_at_every_byte),
        WITH_FOLDER(test_no_room),
        WITH_FOLDER(test_writers_take_turns),
        WITH_FOLDER(test_a_killed_writer_leaves_a_whole_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
