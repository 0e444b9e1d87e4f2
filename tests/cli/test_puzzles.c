// SPDX-License-Identifier: Apache-2.0
// Boards of files: every form that people have them in, for every command that takes one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "process.h"

// Of the fuzz targets' corpora.
static void path_of(char out[PATH_SIZE], const char *name) {
    snprintf(out, PATH_SIZE, "env.puzzles=%s/../fuzz/corpus/puzzles/%s",
             getenv("TRM_FIXTURES_DEFAULT"), name);
}

static void done(outcome o) {
    if (o.status != 0)
        fail_msg("%s%s", o.out, o.err);
    outcome_free(&o);
}

static void put(const char *folder, const char *name, const char *text) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file_put_text(path, text);
}

static void test_sudokus_in_every_form(void **state) {
    static const struct {
        const char *name;
        int count;
    } files[] = {
        {"kaggle.csv", 1},      {"kaggle2.csv", 1},  {"hf_extreme.csv", 1},   {"quoted.csv", 1},
        {"jsonl.jsonl", 2},     {"rows9.sdk", 1},    {"sadman.sdk", 1},       {"hash.sdk", 1},
        {"simple.ss", 1},       {"box.txt", 1},      {"forum.txt", 1},        {"unicode.txt", 1},
        {"spaces_rows.txt", 1}, {"euler96.txt", 2},  {"spaced_line.txt", 1},  {"list.json", 1},
        {"norvig_sep.txt", 3},  {"strings.json", 2}, {"list_indent.json", 1}, {"star.txt", 1},
        {"under.txt", 1},       {"x.txt", 1},        {"dash.txt", 1},         {"q.txt", 1},
        {"dash_rows.txt", 1},   {"dash_box.txt", 1}, {"bom.txt", 1},          {"id_first.txt", 1},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char word[PATH_SIZE], count[32];
        path_of(word, files[i].name);
        snprintf(count, sizeof count, "\"samples\":%d,", files[i].count);
        outcome o = RUN(*state, "eval", "sudoku9", word, "--json");
        if (o.status != 0 || !strstr(o.out, count))
            fail_msg("%s: %s%s", files[i].name, o.out, o.err);
        outcome_free(&o);
    }
}

static void test_what_is_no_sudoku_is_told(void **state) {
    static const char *const files[][2] = {
        {"utf16.txt", "utf16.txt: a UTF-16 text, expected UTF-8: save it as UTF-8"},
        {"cr_only_silent.txt", "cr_only_silent.txt:2: found \"this is no puzzle\""},
        {"rows8.txt", "rows8.txt:8: the grid that begins in line 1 has 8 rows"},
        {"letter.txt", "letter.txt:1: character 81 is 'a'"},
        {"wrongsol.csv", "wrongsol.csv:2: the answer has 4 in row 1"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char word[PATH_SIZE];
        path_of(word, files[i][0]);
        assert_refused(RUN(*state, "eval", "sudoku9", word), files[i][1]);
        assert_refused(RUN(*state, "train", "sudoku-easy", "env.type=sudoku", "env.size=9", word,
                           "train.episodes=1"),
                       files[i][1]);
    }
}

static const char maze[] = "#########\n#S..#...#\n#.#.#.#.#\n#.#...#.#\n"
                           "#.#####.#\n#.....#G#\n#########\n";

static void test_mazes(void **state) {
    put(*state, "m.txt", maze);
    done(RUN(*state, "train", "maze11", "env.mazes=m.txt", "env.size=7", "env.width=9",
             "train.episodes=4", "--out", "run"));
    done(RUN(*state, "eval", "run", "--episodes", "2"));
    assert_refused(RUN(*state, "eval", "maze11", "env.mazes=m.txt"),
                   "env.mazes: m.txt:1: a maze of 7 x 9 cells, 7 x 9 as a board, expected 11 x 11");
    assert_refused(RUN(*state, "eval", "maze11", "env.mazes=nowhere.txt"), "nowhere.txt");
    assert_refused(RUN(*state, "eval", "maze", "env.mazes=m.txt"), "env.mazes=m.txt has no effect");
    assert_refused(RUN(*state, "eval", "sudoku9", "env.mazes=m.txt"), "has no effect");
    put(*state, "open.txt",
        "S.......\n........\n...##...\n........\n........\n........\n"
        "........\n.......G\n");
    outcome o = RUN(*state, "eval", "mazes8", "env.mazes=open.txt", "--json");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "\"samples\":1,"));
    outcome_free(&o);
    assert_refused(RUN(*state, "eval", "mazes8", "env.mazes=m.txt"),
                   "m.txt:1: a maze of 7 x 9 cells, expected 8 x 8: a data set has square mazes");
}

// What a model that plays thinks at the start of a board of one's own.
static void test_probed_boards(void **state) {
    put(*state, "m.txt", maze);
    outcome o = RUN(*state, "probe", "maze11", "--board", "m.txt", "env.size=7", "env.width=9");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "step 4"));
    outcome_free(&o);
    assert_refused(RUN(*state, "probe", "maze11", "--board", "m.txt"),
                   "--board: a maze of 7 x 9 cells, and the board has 11 x 11: set env.size=7 "
                   "env.width=9");
    assert_refused(RUN(*state, "probe", "maze11", "--sample", "3"),
                   "maze11 plays in an environment; use --board FILE or --state FILE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sudokus_in_every_form, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_what_is_no_sudoku_is_told, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(test_mazes, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_probed_boards, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
