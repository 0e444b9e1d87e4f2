// SPDX-License-Identifier: Apache-2.0
// Boards played by keys in the real program: a whole maze, a whole sudoku, what helps, what counts.
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "screen.h"

#define CTRL_R "\x12"
#define CTRL_U "\x15"
#define ESC    "\x1b"
#define UP     "\x1bOA"
#define DOWN   "\x1bOB"
#define RIGHT  "\x1bOC"
#define LEFT   "\x1bOD"

// Two digits are missing beside the four that are said: r1c3=3, r1c4=4 and r4c3=2.
#define PUZZLE "12..3412214343.1"

static void train(void **state, const char *out, const char *seed, const char *episodes) {
    outcome o = RUN(*state, "train", "maze", seed, episodes, "--out", out);
    assert_int_equal(o.status, 0);
    outcome_free(&o);
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void test_a_maze_is_solved_by_keys(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play", "maze-open");
    SEE(s, "trm play");
    SEE(s, "board 0");
    SEE(s, "model maze");
    SEE(s, "the start");
    screen_keys(s, UP);
    SEE(s, "-0.50 off the grid");
    SEE(s, "mistakes 1");
    screen_keys(s, RIGHT);
    SEE(s, "+0.19 towards the goal");
    screen_keys(s, "h");
    SEE(s, "-0.21 away from the goal");
    screen_keys(s, "jjjjlll");
    SEE(s, "move 10");
    screen_keys(s, RIGHT);
    SEE(s, "+10.19 reached the goal");
    SEE(s, "solved");
    SEE(s, "optimum");
    SEE(s, "maze-open 5");
    SEE(s, "games 1, solved 1, unaided 1");
    SEE(s, "11 moves, 2 mistakes");
    screen_keys(s, "l");
    SEE(s, "this game is over");
    leave(s);
}

// Keys of terminals that the program has no name for, Alt and a key, a paste: none of them plays.
static void test_unknown_keys_do_nothing(void **state) {
    static const char *const sequences[] = {
        "\x1b[25~",   "\x1b[1;5A", "\x1b[113;5u", "\x1bq", "\x1b[200~123\x1b[201~",
        "\x1b[?1;2c", "\x1b[3~"};
    screen *s = OPEN(*state, 24, 80, NULL, "play", "sudoku9", "seed=1");
    SEE(s, "trm play");
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        screen_keys(s, sequences[i]);
    screen_keys(s, "b");
    SEE(s, "number of the board: 1");
    screen_keys(s, CTRL_U "\x1b[200~12\x1b[201~3");
    SEE(s, "number of the board: 123");
    LOSE(s, "breaks a rule");
    screen_keys(s, "\r");
    SEE(s, "board 123");
    SEE(s, "the start");
    SEE(s, "mistakes 0");
    leave(s);
}

enum { ROWS = 24 };

typedef struct sight {
    char lines[ROWS][SCREEN_LINE];
} sight;

// The board, line by line, looks as it did.
static bool same_board(screen *s, const void *was) {
    char line[SCREEN_LINE];
    for (int row = 1; row < ROWS - 1; row++) {
        screen_line(s, row, line);
        line[strcspn(line, "-+1234567890")] = '\0'; // what stands beside it
        if (strcmp(line, ((const sight *)was)->lines[row]) != 0)
            return false;
    }
    return true;
}

// Undo leads to the very start, redo to the very end.
static void test_undo_to_the_start(void **state) {
    static sight start;
    screen *s = OPEN(*state, ROWS, 80, NULL, "play", "maze-open");
    SEE(s, "? help");
    for (int row = 1; row < ROWS - 1; row++) {
        screen_line(s, row, start.lines[row]);
        start.lines[row][strcspn(start.lines[row], "-+1234567890")] = '\0';
    }
    screen_keys(s, "jkllj");
    SEE(s, "move 5");
    SEE(s, "total +0.55");
    assert_false(same_board(s, &start));
    screen_keys(s, "uuuuu");
    SEE(s, "the start");
    SEE(s, "undone 5");
    if (!screen_wait(s, same_board, &start, SCREEN_SECONDS))
        screen_fail(s, "this is not the start", __LINE__);
    screen_keys(s, "u");
    SEE(s, "this is the start");
    screen_keys(s, CTRL_R CTRL_R CTRL_R CTRL_R CTRL_R);
    SEE(s, "move 5");
    SEE(s, "total +0.55");
    screen_keys(s, CTRL_R);
    SEE(s, "nothing was undone");
    screen_keys(s, "a");
    SEE(s, "the start");
    SEE(s, "undone 0");
    leave(s);
}

static void test_a_sudoku_is_solved_by_keys(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play", "sudoku-medium", "--puzzle", PUZZLE);
    SEE(s, "your puzzle");
    screen_keys(s, "1"); // the cursor stands in the first blank cell
    SEE(s, "-1.00 breaks a rule");
    SEE(s, "1!");
    screen_keys(s, "!");
    LOSE(s, "1!");
    screen_keys(s, "!");
    SEE(s, "1!");
    screen_keys(s, LEFT "2");
    SEE(s, "-0.50 a given cell");
    screen_keys(s, "x");
    SEE(s, "a given digit stays");
    screen_keys(s, RIGHT "n34");
    SEE(s, "pencil marks");
    SEE(s, "marks 3 4");
    screen_keys(s, "4");
    LOSE(s, "marks 3 4");
    screen_keys(s, "n3");
    SEE(s, "+1.00 the right digit");
    screen_keys(s, "4");
    SEE(s, "-0.30 the cell is filled already");
    screen_keys(s, "0"); // as if that placement had never been
    SEE(s, "undone 1");
    SEE(s, "total -2.50");
    screen_keys(s, "3l4");
    SEE(s, "r1c4=4");
    screen_keys(s, "jjjh2");
    SEE(s, "+11.00 solved");
    SEE(s, "sudoku-medium 4 own");
    SEE(s, "3 mistakes");
    leave(s);
}

static void test_hints_explain(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play", "sudoku-easy", "--puzzle=" PUZZLE);
    screen_keys(s, "H");
    SEE(s, "r1c3=3: the only digit that fits");
    screen_keys(s, "3");
    LOSE(s, "r1c3=3: the only");
    screen_keys(s, "l4jjjh2");
    SEE(s, "solved");
    SEE(s, "games 1, solved 1, unaided 0"); // helped: no record
    SEE(s, "solve one without help");
    leave(s);
}

static void test_boards_by_number(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play", "sudoku-medium", "seed=7");
    char rows[2][SCREEN_LINE];
    SEE(s, "board 7");
    SEE(s, "? help");
    screen_line(s, 3, rows[0]);
    screen_keys(s, "}");
    SEE(s, "board 8");
    screen_keys(s, "{");
    SEE(s, "board 7");
    SEE(s, "? help");
    screen_line(s, 3, rows[1]);
    assert_string_equal(rows[0], rows[1]);
    screen_keys(s, "b");
    SEE(s, "number of the board: 7");
    screen_keys(s, CTRL_U "123\r");
    SEE(s, "board 123");
    screen_keys(s, "b");
    SEE(s, "number of the board");
    screen_keys(s, CTRL_U "-4\r");
    SEE(s, "a board has a number from 0 on");
    screen_keys(s, " ");
    SEE(s, "paused; Space goes on");
    LOSE(s, "\xc2\xb7"); // the board is out of sight
    screen_keys(s, "1");
    SEE(s, "the start");
    screen_keys(s, " ");
    LOSE(s, "paused");
    leave(s);
}

// ---- the model's numbers are those of trm probe

enum { SIDE = 5, CELLS = SIDE * SIDE, ACTIONS = 4, CYCLES = 3 };

typedef struct reading {
    float probs[CYCLES][ACTIONS];
} reading;

static const char *const names[ACTIONS] = {"up", "down", "left", "right"};

static void read_probs(const char *json, reading *r) {
    const char *at = json;
    for (int c = 0; c < CYCLES; c++) {
        at = strstr(at, "\"probs\":[");
        assert_non_null(at);
        at += strlen("\"probs\":[");
        for (int a = 0; a < ACTIONS; a++) {
            char *end;
            r->probs[c][a] = strtof(at, &end);
            assert_ptr_not_equal(end, at);
            at = end + 1;
        }
    }
}

static void probe(void **state, const char *model, int cell, int prev, reading *r) {
    char json[256] = "[", text[16];
    for (int i = 0; i < CELLS; i++) {
        size_t used = strlen(json);
        snprintf(json + used, sizeof json - used, "%s%s", i > 0 ? "," : "",
                 i == CELLS - 1 ? "0.5"
                 : i == cell    ? "1"
                                : "0");
    }
    size_t used = strlen(json);
    snprintf(json + used, sizeof json - used, "]");
    snprintf(text, sizeof text, "%d", prev);
    const char *const args[] = {"probe",  model,           "--state", "-",
                                "--json", "--prev-action", text,      NULL};
    const char *const first[] = {"probe", model, "--state", "-", "--json", NULL};
    outcome o = process_run(*state, json, prev >= 0 ? args : first);
    assert_int_equal(o.status, 0);
    read_probs(o.out, r);
    outcome_free(&o);
}

// The row of an action holds the numbers, cycle by cycle.
static bool row_holds(const char *line, const reading *r, int action) {
    char word[16];
    snprintf(word, sizeof word, "%-5s ", names[action]);
    const char *at = strstr(line, word);
    for (int c = 0; c < CYCLES && at != NULL; c++) {
        char number[16] = "1.0";
        if (r->probs[c][action] < 0.995f)
            snprintf(number, sizeof number, ".%02d", (int)lrintf(100 * r->probs[c][action]));
        at = strstr(at, number);
        at = at != NULL ? at + strlen(number) : NULL;
    }
    return at != NULL;
}

static bool table_holds(screen *s, const void *expected) {
    char line[SCREEN_LINE];
    int found = 0;
    for (int row = 0; row < screen_rows(s); row++) {
        screen_line(s, row, line);
        for (int a = 0; a < ACTIONS; a++)
            found += row_holds(line, expected, a);
    }
    return found == ACTIONS;
}

static void test_the_models_numbers_are_those_of_probe(void **state) {
    static const char path[] = "lljhjkjjlkjllj"; // into a wall, too
    static const char *const keys = "kjhl";      // in the order of actions
    static const int dy[] = {-1, 1, 0, 0}, dx[] = {0, 0, -1, 1};
    train(state, "run", "seed=3", "train.episodes=40");
    screen *s = OPEN(*state, 24, 100, NULL, "play", "run");
    SEE(s, "model run");
    screen_keys(s, "o");
    int row = 0, col = 0, prev = -1;
    for (const char *k = path;; k++) {
        reading r;
        probe(state, "run", row * SIDE + col, prev, &r);
        if (!screen_wait(s, table_holds, &r, SCREEN_SECONDS))
            screen_fail(s, "these are not the numbers of trm probe", __LINE__);
        if (k[1] == '\0')
            break;
        prev = (int)(strchr(keys, *k) - keys);
        int y = row + dy[prev], x = col + dx[prev];
        row = y >= 0 && y < SIDE && x >= 0 && x < SIDE ? y : row;
        col = y >= 0 && y < SIDE && x >= 0 && x < SIDE ? x : col;
        screen_keys(s, (const char[]){*k, '\0'});
    }
    SEE(s, "asked 14");
    leave(s);
}

static void test_race(void **state) {
    train(state, "run", "seed=3", "train.episodes=200");
    screen *s = OPEN(*state, 24, 80, NULL, "play", "--model", "run", "--race");
    SEE(s, "the model");
    SEE(s, "pace 1 move a second");
    screen_keys(s, "-");
    SEE(s, "pace 0.5 moves a second");
    screen_keys(s, "+++++");
    SEE(s, "the model was");
    screen_keys(s, "jjjjllll");
    SEE(s, "optimum");
    screen_keys(s, "a");
    SEE(s, "the start");
    screen_keys(s, "R");
    LOSE(s, "a second");
    leave(s);
}

static void test_from_watch(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "maze", "--out", "run", "--pace", "paced");
    SEE(s, "total ");
    screen_keys(s, "p");
    SEE(s, "the board of episode");
    SEE(s, "trm-full after");
    screen_keys(s, "oj");
    SEE(s, "down");
    screen_keys(s, "q");
    SEE(s, "training");
    screen_keys(s, "q");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

// What was recorded is on disk at once: a kill takes nothing away.
static void test_scores_survive_a_kill(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/home/trm/scores.json", (const char *)*state);
    for (int game = 1; game <= 3; game++) {
        char text[64];
        screen *s = OPEN(*state, 24, 80, NULL, "play", "maze-open");
        SEE(s, "the start");
        screen_keys(s, "jjjjllll");
        snprintf(text, sizeof text, "games %d, solved %d", game, game);
        SEE(s, text);
        screen_signal(s, SIGKILL);
        screen_abandon(s);
        size_t size;
        char *file = file_text(path, &size);
        snprintf(text, sizeof text, "\"games\":%d,\"solved\":%d", game, game);
        assert_non_null(strstr(file, text));
        free(file);
    }
    file_put_text(path, "{");
    screen *s = OPEN(*state, 24, 80, NULL, "play", "maze-open");
    SEE(s, "the start");
    screen_keys(s, "jjjjllll");
    SEE(s, "not recorded");
    leave(s);
    size_t size;
    char *file = file_text(path, &size);
    assert_string_equal(file, "{");
    free(file);
}

// A puzzle alone is a sudoku of its size: 81 characters, from standard input's file.
static void test_a_puzzle_from_a_file(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/puzzles.txt", (const char *)*state);
    file_put_text(
        path, "# the first one counts\n\n"
              "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
              " easy\n");
    screen *s = OPEN(*state, 24, 80, NULL, "play", "--puzzle", "puzzles.txt");
    SEE(s, "trm play");
    SEE(s, "your puzzle");
    SEE(s, "the start");
    screen_keys(s, "n124n");
    SEE(s, "marks 1 2 4");
    SEE(s, "124");
    screen_keys(s, "1");
    SEE(s, "move 1");
    screen_keys(s, "H");
    SEE(s, "hint");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "play", "--puzzle", // several lines in one word
             "53..7....\n6..195...\n.98....6.\n8...6...3\n4..8.3..1\n7...2...6\n.6....28.\n"
             "...419..5\n....8..79");
    SEE(s, "your puzzle");
    leave(s);
}

static void test_microscope_and_what_if(void **state) {
    train(state, "run", "seed=3", "train.episodes=5");
    screen *s = OPEN(*state, 24, 80, NULL, "play", "run");
    SEE(s, "the start");
    screen_keys(s, "jl");
    SEE(s, "move 2");
    screen_keys(s, "m");
    SEE(s, "your game");
    screen_keys(s, "q");
    SEE(s, "trm play");
    SEE(s, "asked 1");
    screen_keys(s, "w");
    LOSE(s, "trm play");
    screen_keys(s, "q");
    SEE(s, "trm play");
    leave(s);
}

static void test_help_and_sizes(void **state) {
    static const int sizes[][2] = {{5, 20}, {16, 60}, {24, 80}, {50, 160}, {100, 300}};
    screen *s = OPEN(*state, 40, 100, NULL, "play", "sudoku-medium", "seed=3");
    screen_keys(s, "?");
    SEE(s, "trm play: keys");
    static const char *const parts[] = {"Arrows  hjkl",    "1-9",
                                        "x  0  Backspace", "pencil marks",
                                        "undo, without",   "Ctrl-R",
                                        "solver's next",   "cycle by cycle",
                                        "that conflict",   "stop the clock",
                                        "again, from",     "the next board",
                                        "by its number",   "leave the game"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        SEE(s, parts[i]);
    screen_keys(s, ESC);
    LOSE(s, "trm play: keys");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        screen_resize(s, sizes[i][0], sizes[i][1]);
        SEE(s, i == 0 ? "needs 60x16" : "help");
    }
    screen_resize(s, 24, 80);
    SEE(s, "? help");
    screen_keys(s, ESC "[M !!"); // a button goes down in the corner: no cell
    screen_keys(s, "o");
    SEE(s, "no model");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "play", "--puzzle", // several lines as one word
             "53..7....\n6..195...\n.98....6.\n8...6...3\n4..8.3..1\n7...2...6\n.6....28.\n"
             "...419..5\n....8..79");
    SEE(s, "your puzzle");
    leave(s);
}

// A maze of one's own is a board of its size.
static void test_a_maze_from_a_file(void **state) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/m.txt", (const char *)*state);
    file_put_text(path, "#########\n#S..#...#\n#.#.#.#.#\n#.#...#.#\n#.#####.#\n#.....#G#\n"
                        "#########\n");
    screen *s = OPEN(*state, 24, 80, NULL, "play", "maze", "--puzzle", "m.txt");
    SEE(s, "your puzzle");
    SEE(s, "move 0");
    SEE(s, "model maze33"); // which reads any size
    screen_keys(s, "o");
    SEE(s, "decided at");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "play", "--puzzle", "+--+--+\n|S  G|\n+--+--+");
    SEE(s, "your puzzle");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "play", "maze33", "--puzzle", "m.txt"); // named, and resized
    SEE(s, "model maze33");
    leave(s);
    assert_refused(RUN(*state, "play", "sudoku9", "--puzzle", "m.txt"), "sudoku has no walls");
    assert_refused(RUN(*state, "play", "maze11", "--puzzle", "m.txt", "env.size=9"),
                   "a maze of 7 x 9 cells, and the board has 9 x 9: set env.size=7 env.width=9");
    assert_refused(RUN(*state, "play", "--puzzle", "####\n#S.#\n####"), "the maze has no goal");
}

static void test_what_cannot_be_played_is_refused(void **state) {
    assert_refused(RUN(*state, "play", "sudoku-easi"), "sudoku-easy");
    assert_refused(RUN(*state, "play", "sudoku-easy", "--race"), "--race needs a model");
    assert_refused(RUN(*state, "play", "maze", "--model", "nowhere"), "nowhere");
    assert_refused(RUN(*state, "play", "maze", "--puzzle", "12..34....4..321"), "has no digits");
    assert_refused(RUN(*state, "play", "sudoku-easy", "--puzzle", "1234"),
                   "the grid that begins in line 1 has 1 row of 4 cells");
    assert_refused(RUN(*state, "play", "sudoku-easy", "--puzzle", "12..3412214343.9"),
                   "character 16");
    assert_refused(RUN(*state, "play", "sudoku-easy", "--puzzle", "nofile"), "nor a file");
    assert_refused(RUN_WITH(*state, "# nothing\n\n", "play", "sudoku-easy", "--puzzle", "-"),
                   "no puzzle");
    assert_int_equal(folder_entries(*state), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_maze_is_solved_by_keys),
        WITH_FOLDER(test_unknown_keys_do_nothing),
        WITH_FOLDER(test_undo_to_the_start),
        WITH_FOLDER(test_a_sudoku_is_solved_by_keys),
        WITH_FOLDER(test_hints_explain),
        WITH_FOLDER(test_boards_by_number),
        WITH_FOLDER(test_the_models_numbers_are_those_of_probe),
        WITH_FOLDER(test_race),
        WITH_FOLDER(test_from_watch),
        WITH_FOLDER(test_scores_survive_a_kill),
        WITH_FOLDER(test_a_puzzle_from_a_file),
        WITH_FOLDER(test_a_maze_from_a_file),
        WITH_FOLDER(test_microscope_and_what_if),
        WITH_FOLDER(test_help_and_sizes),
        WITH_FOLDER(test_what_cannot_be_played_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
