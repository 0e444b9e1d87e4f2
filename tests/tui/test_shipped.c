// SPDX-License-Identifier: Apache-2.0
// The models that come along, by their names, with every command that takes one; and whole boards
// of the largest kinds played by keys.
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>

#include "../cli/process.h"
#include "screen.h"

#define ESC    "\x1b"
#define DOWN   "\x1bOB"
#define RIGHT  "\x1bOC"
#define CTRL_R "\x12"

enum { MODELS = 64, NAME = 64, ENDING = sizeof ".safetensors" - 1 };

// What `ls assets/models` shows; the folder lies above the binary.
static int list_models(char names[MODELS][NAME], char folder[PATH_SIZE]) {
    char path[PATH_SIZE - 32];
    const char *bin = getenv("TRM_BIN");
    assert_non_null(bin);
    snprintf(path, sizeof path, "%s", bin);
    DIR *d = NULL;
    while (d == NULL) {
        char *slash = strrchr(path, '/');
        assert_non_null(slash);
        *slash = '\0';
        snprintf(folder, PATH_SIZE, "%s/assets/models", path);
        d = opendir(folder);
    }
    int n = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL && n < MODELS;) {
        size_t length = strlen(e->d_name);
        if (length > ENDING && strcmp(e->d_name + length - ENDING, ".safetensors") == 0)
            snprintf(names[n++], NAME, "%.*s", (int)(length - ENDING), e->d_name);
    }
    closedir(d);
    assert_true(n > 0);
    return n;
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static bool acts(const char *name) {
    return strncmp(name, "mazes", 5) != 0; // those answer with the whole path
}

static void check_done(outcome o, const char *part) {
    if (o.status != 0 || strstr(o.out, part) == NULL)
        fail_msg("status %d, \"%s\", \"%s\"", o.status, o.out, o.err);
    outcome_free(&o);
}

static void check_on_board(void **state, const char *name) {
    char label[NAME + 16];
    screen *s = OPEN(*state, 24, 80, NULL, "play", name);
    snprintf(label, sizeof label, "model %.*s", NAME - 1, name);
    SEE(s, label);
    screen_keys(s, "o");
    SEE(s, "decided at");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "versus", name, name);
    SEE(s, "alike");
    leave(s);
}

// Shows the model at work, where a preset has its name, too.
static void check_watched(void **state, const char *name) {
    bool answers = !acts(name) || strncmp(name, "sudoku", 6) == 0;
    screen *s = OPEN(*state, 24, 80, NULL, "watch", name);
    SEE(s, name);
    SEE(s, answers ? "held out" : "playing, not trained on");
    screen_keys(s, "sre"); // there is no run to save, to go through or to extend
    leave(s);
}

static void test_every_model_by_name(void **state) {
    char names[MODELS][NAME];
    char folder[PATH_SIZE];
    int n = list_models(names, folder);
    for (int i = 0; i < n; i++) {
        check_done(RUN(*state, "eval", names[i], "--episodes", "2", "--json"), names[i]);
        check_watched(state, names[i]);
        check_on_board(state, names[i]);
    }
    assert_int_equal(folder_entries(*state), 0);
}

// A board without a model's name has the one that plays on such boards.
static void test_the_boards_own_model(void **state) {
    static const struct {
        const char *args[3], *shown;
    } cases[] = {
        {{"sudoku", "env.size=6"}, "model sudoku6"},
        {{"sudoku-9-peer"}, "model sudoku9"},
        {{"--puzzle", "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5"
                      "....8..79"},
         "model sudoku9"},
        {{"maze"}, "model maze11"}, // walled; the open field has a name of its own
        {{"maze11"}, "model maze11"},
        {{"maze-open"}, "model maze-open"},
        {{"maze-open", "env.size=6"}, "no model"},
        {{"sudoku-medium"}, "no model"},
        {{"sudoku"}, "model sudoku9"},
        {{"sudoku", "env.size=4"}, "model sudoku4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        screen *s = OPEN(*state, 24, 80, NULL, "play", cases[i].args[0], cases[i].args[1]);
        SEE(s, cases[i].shown);
        leave(s);
    }
    assert_refused(RUN(*state, "train", "sudoku9"), "unknown preset");
    assert_refused(RUN(*state, "play", "sudoku8"), "there is no board called sudoku8");
}

// A name means the bundled model, --train what the preset of that name trains; a finished run opens
// as it ended.
static void test_what_a_name_means(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "watch", "maze11");
    SEE(s, "playing, not trained on");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "watch", "maze11", "--train", "--out", "new");
    SEE(s, "episode");
    screen_keys(s, "qy");
    assert_int_equal(screen_close(s), 0);
    check_done(RUN(*state, "train", "maze-mlp", "train.episodes=5", "--out", "over"), "");
    s = OPEN(*state, 24, 80, NULL, "watch", "over");
    SEE(s, "done at");
    SEE(s, "5/5");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "watch", "over", "--train", "--out", "again");
    SEE(s, "episode");
    screen_keys(s, "qy");
    assert_int_equal(screen_close(s), 0);
}

static void test_a_choice_of_boards(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play");
    SEE(s, "maze11");
    SEE(s, "Which board");
    screen_keys(s, "sudoku6\r");
    SEE(s, "model sudoku6");
    leave(s);
    s = OPEN(*state, 24, 80, NULL, "play");
    SEE(s, "Which board");
    screen_keys(s, "99\r");
    assert_int_equal(screen_close(s), 2);
}

// ---- its numbers

static cJSON *probe(void **state, const char *const *args) {
    outcome o = process_run(*state, NULL, args);
    assert_int_equal(o.status, 0);
    cJSON *json = cJSON_Parse(o.out);
    assert_non_null(json);
    outcome_free(&o);
    return json;
}
#define PROBE(state, ...) probe(state, (const char *const[]){"probe", __VA_ARGS__, "--json", NULL})

static void save(screen *s, const char *folder) {
    char text[64];
    screen_keys(s, "s");
    SEE(s, "directory");
    snprintf(text, sizeof text, "\x15%s\r", folder);
    screen_keys(s, text);
    snprintf(text, sizeof text, "trm probe %s/", folder); // not the prompt, which names it, too
    SEE(s, text);
}

// What is saved is asked with the saved model and with the one that comes along: the same numbers.
static void test_what_is_saved_is_what_probe_prints(void **state) {
    screen *s = OPEN(*state, 24, 80, NULL, "play", "sudoku4");
    SEE(s, "the start");
    screen_keys(s, "H");
    SEE(s, "r1c2=4");
    screen_keys(s, "4"); // the state is one that comes after an action
    SEE(s, "the right digit");
    screen_keys(s, "m");
    SEE(s, "policy");
    SEE(s, "norm ");
    save(s, "a");
    cJSON *own = PROBE(state, "a/model.safetensors", "--state", "a/state.json");
    cJSON *shipped = PROBE(state, "sudoku4", "--state", "a/state.json");
    assert_true(cJSON_Compare(own, shipped, true));
    const cJSON *last = cJSON_GetArrayItem(cJSON_GetObjectItem(own, "cycles"), 5);
    const cJSON *z = cJSON_GetObjectItem(last, "h"), *x = NULL;
    double square = 0;
    char norm[32];
    cJSON_ArrayForEach(x, z) {
        square += x->valuedouble * x->valuedouble;
    }
    snprintf(norm, sizeof norm, "norm %.2f", sqrt(square));
    SEE(s, norm);
    cJSON_Delete(own);
    cJSON_Delete(shipped);

    screen_keys(s, "w");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "--");
    SEE(s, "K         4");
    save(s, "b");
    own = PROBE(state, "b/model.safetensors", "--state", "b/state.json", "--k", "4");
    shipped = PROBE(state, "sudoku4", "--state", "b/state.json", "model.sup_steps=4");
    assert_true(cJSON_Compare(own, shipped, true));
    cJSON_Delete(own);
    cJSON_Delete(shipped);
    screen_keys(s, "qqq");
    assert_int_equal(screen_close(s), 0);
}

// ---- whole boards

static const char puzzle[] =
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
static const char solution[] =
    "534678912672195348198342567859761423426853791713924856961537284287419635345286179";
enum { SIDE = 9, BLANKS = 51, ROWS = 24 };

// Fills a row from its left end, and goes to the beginning of the next.
static void fill_row(screen *s, int row) {
    char keys[128];
    size_t used = 0;
    for (int col = 0; col < SIDE; col++) {
        int cell = row * SIDE + col;
        used += (size_t)snprintf(keys + used, sizeof keys - used, "%.*s%s", puzzle[cell] == '.',
                                 solution + cell, col + 1 < SIDE ? "l" : "jhhhhhhhh");
    }
    screen_keys(s, keys);
}

typedef struct sight {
    char lines[ROWS][SCREEN_LINE];
} sight;

// The left half, where the board is.
static void take_board(screen *s, sight *out) {
    for (int row = 1; row < ROWS - 1; row++) {
        screen_line(s, row, out->lines[row]);
        char *side = strstr(out->lines[row], "     "); // the gap beside the board
        if (side != NULL)
            *side = '\0';
    }
}

static bool same_board(screen *s, const void *was) {
    static sight is;
    const sight *before = was;
    take_board(s, &is);
    for (int row = 1; row < ROWS - 1; row++)
        if (strcmp(is.lines[row], before->lines[row]) != 0)
            return false;
    return true;
}

static void test_a_whole_sudoku(void **state) {
    static sight start;
    char us[BLANKS + 1];
    screen *s = OPEN(*state, ROWS, 80, NULL, "play", "--puzzle", puzzle);
    SEE(s, "? help");
    screen_keys(s, "hh"); // the corner, whose digit is marked wherever it stands
    SEE(s, "5'");
    take_board(s, &start);
    int filled = 0;
    for (int row = 0; row < SIDE; row++) {
        fill_row(s, row);
        for (int col = 0; col < SIDE; col++)
            filled += puzzle[row * SIDE + col] == '.';
        if (row + 1 < SIDE) {
            char text[32];
            snprintf(text, sizeof text, "move %d", filled);
            SEE(s, text);
            SEE(s, "mistakes 0");
        }
    }
    SEE(s, "+10.08 solved"); // 4 / 51 for the digit, 10 for the grid
    SEE(s, "total +14.00");
    SEE(s, "sudoku 9 own");
    SEE(s, "games 1, solved 1, unaided 1");
    SEE(s, "51 moves, 0 mistakes");
    // You, the model and the optimum, side by side.
    SEE(s, "moves          51      51      51");
    SEE(s, "solved        yes     yes     yes");
    memset(us, 'u', BLANKS);
    us[BLANKS] = '\0';
    screen_keys(s, us);
    SEE(s, "the start");
    SEE(s, "undone 51");
    screen_keys(s, "kkkkkkkkkhhhhhhhh");
    if (!screen_wait(s, same_board, &start, SCREEN_SECONDS))
        screen_fail(s, "this is not the start", __LINE__);
    leave(s);
}

// The key of the move that the hint advises.
static char advised(screen *s) {
    static const struct {
        const char *word;
        char key;
    } moves[] = {{"up: the shortest", 'k'},
                 {"down: the shortest", 'j'},
                 {"left: the shortest", 'h'},
                 {"right: the shortest", 'l'}};
    screen_keys(s, "H");
    SEE(s, "the shortest");
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (screen_has(s, moves[i].word))
            return moves[i].key;
    screen_fail(s, "no move is advised", __LINE__);
}

// A maze with walls, by the solver's moves.
static void test_a_whole_maze(void **state) {
    enum { MOST = 200 };
    screen *s = OPEN(*state, ROWS, 80, NULL, "play", "maze11", "seed=5");
    SEE(s, "the start");
    int steps = 0;
    for (; steps < MOST && !screen_has(s, "optimum"); steps++) {
        char text[32];
        const char key = advised(s);
        screen_keys(s, (const char[]){key, '\0'});
        LOSE(s, "the shortest");
        snprintf(text, sizeof text, "move %d", steps + 1);
        SEE(s, text);
    }
    SEE(s, "reached the goal");
    SEE(s, "unaided 0");
    assert_in_range(steps, 5, MOST - 1);
    assert_int_equal((int)screen_number(s, "moves "),
                     steps); // the optimum's, as it is the solver's
    leave(s);
}

// A click puts the cursor into a cell, and what is typed right behind it goes there.
static void test_the_mouse(void **state) {
    screen *s = OPEN(*state, ROWS, 80, NULL, "play", "--puzzle", puzzle);
    SEE(s, "? help");
    screen_keys(s, ESC "[<0;31;19M" ESC "[<0;31;19m6");
    SEE(s, "r8c7=6");
    screen_keys(s, ESC "[<0;11;24M" ESC "[<0;11;24m"); // "u undo" in the bottom line
    SEE(s, "undone 1");
    screen_keys(s, ESC "[<0;5;3M" ESC "[<0;5;3mx");
    SEE(s, "a given digit stays");
    leave(s);
    s = OPEN(*state, ROWS, 80, NULL, "play",
             "maze-open"); // a click beside the agent moves it there
    SEE(s, "? help");
    screen_keys(s, ESC "[<0;14;4M" ESC "[<0;14;4m");
    SEE(s, "+0.19 towards the goal");
    SEE(s, "move 1   right");
    leave(s);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_every_model_by_name),
        WITH_FOLDER(test_the_boards_own_model),
        WITH_FOLDER(test_what_a_name_means),
        WITH_FOLDER(test_a_choice_of_boards),
        WITH_FOLDER(test_what_is_saved_is_what_probe_prints),
        WITH_FOLDER(test_a_whole_sudoku),
        WITH_FOLDER(test_a_whole_maze),
        WITH_FOLDER(test_the_mouse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
