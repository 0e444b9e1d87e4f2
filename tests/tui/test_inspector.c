// SPDX-License-Identifier: Apache-2.0
// The microscope and what-if on the real screen: their numbers are those of `trm probe` for the
// same state, and every key does what the help says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>

#include "../cli/process.h"
#include "saved.h"
#include "screen.h"

#define CTRL_R    "\x12"
#define CTRL_U    "\x15"
#define ESC       "\x1b"
#define LEFT      "\x1bOD"
#define RIGHT     "\x1bOC"
#define UP        "\x1bOA"
#define DOWN      "\x1bOB"
#define HOME      "\x1bOH"
#define END       "\x1bOF"
#define PAGE_UP   "\x1b[5~"
#define PAGE_DOWN "\x1b[6~"
#define SHIFT_TAB "\x1b[Z"

enum { STEPS = 6, CYCLES = 3, ACTIONS = 4 };

// A paused training with an episode of several steps in sight.
static screen *pause_at(void **state, int rows, int cols, const char *preset, int steps) {
    char text[32];
    screen *s = OPEN(*state, rows, cols, NULL, "watch", preset, "seed=1", "--out", "run", "--pace",
                     "paced");
    SEE(s, "cycle 3"); // there is a step in sight
    screen_keys(s, " ");
    SEE(s, "paused");
    for (int i = 0; i < steps && screen_number(s, "step ") < steps; i++) {
        double now = screen_number(s, "step ");
        screen_keys(s, ".");
        snprintf(text, sizeof text, "step %d", (int)now + 1);
        SEE(s, text);
    }
    return s;
}

static void leave(screen *s) {
    screen_keys(s, "qq");
    SEE(s, "leave?");
    screen_keys(s, "y");
    assert_int_equal(screen_close(s), 0);
}

static double of(const cJSON *cycles, int cycle, const char *name, int i) {
    const cJSON *array = cJSON_GetObjectItem(cJSON_GetArrayItem(cycles, cycle), name);
    return cJSON_GetArrayItem(array, i)->valuedouble;
}

// The texts stand in the line in this order.
static void assert_in_order(const char *line, char texts[][24], int n) {
    const char *at = line;
    for (int i = 0; i < n; i++) {
        at = strstr(at, texts[i]);
        if (at == NULL)
            fail_msg("\"%s\" is not in its place in \"%s\"", texts[i], line);
        at += strlen(texts[i]);
    }
}

static void check_norms(screen *s, const cJSON *cycles) {
    char line[SCREEN_LINE];
    char norms[CYCLES][24];
    char changes[2 * CYCLES][24];
    for (int c = 0; c < CYCLES; c++) {
        double square = 0, before = 0, both = 0, change = 0;
        for (int i = 0; i < 64; i++) {
            double x = of(cycles, c, "h", i), y = c > 0 ? of(cycles, c - 1, "h", i) : 0;
            square += x * x;
            before += y * y;
            both += x * y;
            change += (x - y) * (x - y);
        }
        snprintf(norms[c], sizeof norms[c], "norm %.2f", sqrt(square));
        if (c > 0) {
            snprintf(changes[2 * c - 2], sizeof changes[0], " %.2f", sqrt(change));
            snprintf(changes[2 * c - 1], sizeof changes[0], "cos %.3f",
                     both / sqrt(square * before));
        }
    }
    assert_true(saved_line_with(s, "norm ", line));
    assert_in_order(line, norms, CYCLES);
    assert_true(saved_line_with(s, "cos ", line));
    assert_in_order(line, changes, 2 * CYCLES - 2);
}

static void check_probabilities(screen *s, const cJSON *cycles) {
    static const char *const names[ACTIONS] = {"\xe2\x86\x91 up", "\xe2\x86\x93 down",
                                               "\xe2\x86\x90 left", "\xe2\x86\x92 right"};
    for (int a = 0; a < ACTIONS; a++) {
        char line[SCREEN_LINE];
        char texts[CYCLES][24];
        for (int c = 0; c < CYCLES; c++) {
            double p = of(cycles, c, "probs", a);
            if (p >= 0.995)
                snprintf(texts[c], sizeof texts[c], "1.0");
            else
                snprintf(texts[c], sizeof texts[c], ".%02d", (int)lrint(100 * p));
        }
        bool found = false;
        for (int row = 0; row < screen_rows(s) && !found; row++) {
            screen_line(s, row, line);
            const char *first = strstr(line, names[a]);
            found = first != NULL && strstr(first + 1, names[a]) != NULL;
        }
        assert_true(found);
        assert_in_order(strstr(line, names[a]), texts, CYCLES);
    }
}

// The unit under the cursor: H#0, over the cycles and to the actions.
static void check_unit(screen *s, const cJSON *json, const cJSON *cycles) {
    static const char *const names[ACTIONS] = {"up ", "down ", "left ", "right "};
    char line[SCREEN_LINE];
    char text[24];
    for (int c = 0; c < CYCLES; c++) {
        char name[24];
        snprintf(text, sizeof text, "%+.3f", of(cycles, c, "h", 0));
        snprintf(name, sizeof name, " cycle %d ", c + 1);
        bool found = false;
        for (int row = 0; row < screen_rows(s) && !found; row++) {
            screen_line(s, row, line);
            found = strstr(line, name) != NULL && strstr(line, text) != NULL;
        }
        if (!found)
            screen_fail(s, text, __LINE__);
    }
    for (int a = 0; a < ACTIONS; a++) {
        const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "gradient"), a);
        snprintf(text, sizeof text, "%+.3f", cJSON_GetArrayItem(row, 0)->valuedouble);
        bool found = false;
        for (int y = 0; y < screen_rows(s) && !found; y++) {
            screen_line(s, y, line);
            found = strstr(line, names[a]) != NULL && strstr(line, text) != NULL;
        }
        if (!found)
            screen_fail(s, text, __LINE__);
    }
}

static cJSON *probe_saved(void **state, screen *s, const char *folder) {
    outcome o = saved_probe(*state, s, folder, "--gradient");
    cJSON *json = cJSON_Parse(o.out);
    outcome_free(&o);
    assert_non_null(json);
    return json;
}

static void test_numbers_are_those_of_probe(void **state) {
    screen *s = pause_at(state, 50, 160, "maze", STEPS);
    screen_keys(s, "mg");
    SEE(s, "microscope");
    for (int i = 0; i < STEPS; i++) {
        char text[48];
        snprintf(text, sizeof text, "step %d of %d", i + 1, STEPS + 1);
        SEE(s, text);
        SEE(s, "of the spread"); // all is computed
        snprintf(text, sizeof text, "saved-%d", i);
        cJSON *json = probe_saved(state, s, text);
        const cJSON *cycles = cJSON_GetObjectItem(json, "cycles");
        check_norms(s, cycles);
        check_probabilities(s, cycles);
        check_unit(s, json, cycles);
        cJSON_Delete(json);
        screen_keys(s, ".");
    }
    screen_keys(s, "s");
    SEE(s, "new directory");
    screen_keys(s, CTRL_U "saved-0\r");
    SEE(s, "not saved: saved-0 exists");
    leave(s);
}

// What if, with everything changed at once: the numbers of `trm probe` with the same words.
static void test_what_if_is_what_probe_prints(void **state) {
    screen *s = pause_at(state, 50, 160, "maze", 3);
    screen_keys(s, "wg,,");
    SEE(s, "what if");
    SEE(s, "the same, bit for bit");
    static const char *const keys[] = {"", "++", "F", "C", "/h:12,l:3\r", LEFT DOWN DOWN "\r"};
    for (int i = 0; i < 6; i++) {
        char folder[32];
        screen_keys(s, keys[i]);
        if (i > 0)
            LOSE(s, "the same, bit for bit");
        snprintf(folder, sizeof folder, "changed-%d", i);
        cJSON *json = probe_saved(state, s, folder);
        const cJSON *cycles = cJSON_GetObjectItem(json, "cycles");
        int n = cJSON_GetArraySize(cycles);
        assert_int_equal(n, i > 0 ? 5 : 3);
        for (int c = 0; c < n; c++) { // the right one of the two columns
            char line[SCREEN_LINE];
            char name[24];
            char text[24];
            double best = 0;
            for (int a = 0; a < ACTIONS; a++)
                best = fmax(best, of(cycles, c, "probs", a));
            snprintf(name, sizeof name, "cycle %-2d ", c + 1);
            snprintf(text, sizeof text, ".%02d", (int)lrint(100 * best));
            SEE(s, name); // what was changed may still be computed
            assert_true(saved_line_with(s, name, line));
            char *right = strstr(line, name);
            char *second = strstr(right + 1, name);
            right = second != NULL ? second : right;
            if (best < 0.995 && strstr(right, text) == NULL)
                screen_fail(s, text, __LINE__);
        }
        cJSON_Delete(json);
    }
    SEE(s, "K 3 to 5, no feedback, no carry, 2 units held");
    screen_keys(s, "O");
    SEE(s, "the same, bit for bit");
    leave(s);
}

static void test_keys_of_the_microscope(void **state) {
    screen *s = pause_at(state, 24, 80, "maze", 4);
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "step 4 of 5");
    screen_keys(s, ",");
    SEE(s, "step 3 of 5");
    screen_keys(s, ".");
    SEE(s, "step 4 of 5");
    screen_keys(s, "g");
    SEE(s, "step 1 of 5");
    screen_keys(s, "G");
    SEE(s, "step 5 of 5");
    SEE(s, "not acted yet");
    screen_keys(s, HOME);
    SEE(s, "step 1 of 5");
    screen_keys(s, END);
    SEE(s, "step 5 of 5");
    screen_keys(s, PAGE_UP);
    SEE(s, "step 3 of 5");
    screen_keys(s, PAGE_DOWN);
    SEE(s, "step 5 of 5");
    SEE(s, "\xe2\x94\x80 cycle 3");
    screen_keys(s, "[");
    SEE(s, "\xe2\x94\x80 cycle 2");
    screen_keys(s, "]");
    SEE(s, "\xe2\x94\x80 cycle 3");
    screen_keys(s, "3");
    SEE(s, "unit H#0 of 64");
    screen_keys(s, RIGHT);
    SEE(s, "unit H#1 of 64");
    screen_keys(s, "h");
    SEE(s, "unit H#0 of 64");
    screen_keys(s, "v");
    SEE(s, "unit h#0 of 64");
    screen_keys(s, "v");
    SEE(s, "unit L#0 of 32");
    screen_keys(s, "v");
    SEE(s, "unit H#0 of 64");
    screen_keys(s, "/");
    SEE(s, "unit (12, h:12, l:3)");
    screen_keys(s, "l:31\r");
    SEE(s, "unit L#31 of 32");
    screen_keys(s, "/99\r");
    SEE(s, "no such unit");
    screen_keys(s, "/h:7\r");
    SEE(s, "unit H#7 of 64");
    screen_keys(s, "a");
    SEE(s, "weights to");
    screen_keys(s, "A");
    SEE(s, "weights to");
    screen_keys(s, "o");
    SEE(s, "units by activity");
    screen_keys(s, "o");
    SEE(s, "by their weight");
    screen_keys(s, "o");
    SEE(s, "units by number");
    screen_keys(s, "2");
    SEE(s, "norm ");
    screen_keys(s, DOWN);
    LOSE(s, "unit H#7");
    screen_keys(s, "4");
    SEE(s, "of the spread");
    screen_keys(s, LEFT LEFT);
    SEE(s, "cycle 1 at");
    screen_keys(s, LEFT);
    SEE(s, "step 4 of 5");
    screen_keys(s, "k");
    SEE(s, "step 3 of 5");
    screen_keys(s, "c");
    SEE(s, "against step 3");
    screen_keys(s, "j");
    SEE(s, "step 4 of 5");
    SEE(s, "against step 3");
    screen_keys(s, ",c");
    LOSE(s, "against step 3");
    screen_keys(s, "1");
    SEE(s, "\xe2\x96\xb8 policy");
    screen_keys(s, RIGHT RIGHT RIGHT RIGHT RIGHT UP UP UP UP UP);
    SEE(s, "r1c5");
    screen_keys(s, LEFT DOWN);
    SEE(s, "r2c4");
    screen_keys(s, "\t");
    SEE(s, "\xe2\x96\xb8 cycles");
    screen_keys(s, SHIFT_TAB);
    SEE(s, "\xe2\x96\xb8 policy");
    screen_keys(s, "w");
    SEE(s, "as it is");
    screen_keys(s, "q");
    SEE(s, "microscope");
    leave(s);
}

static void test_the_mouse(void **state) {
    screen *s = pause_at(state, 24, 80, "maze", 4);
    screen_keys(s, "m");
    SEE(s, "step 4 of 5");
    screen_keys(s, ESC "[<0;8;2M" ESC "[<0;8;2m"); // the first step
    SEE(s, "step 1 of 5");
    screen_keys(s, ESC "[<0;4;13M" ESC "[<0;4;13m"); // a cell of the first column
    SEE(s, "r5c1");
    SEE(s, "\xe2\x96\xb8 policy");
    screen_keys(s, ESC "[<0;30;6M" ESC "[<0;30;6m");
    SEE(s, "\xe2\x96\xb8 cycles");
    // moved over without a button: named, and nothing is chosen
    screen_keys(s, ESC "[<35;30;6M");
    SEE(s, " by magnitude");
    screen_keys(s, ESC "[<35;4;13M");
    SEE(s, "r5c1: ");
    SEE(s, "\xe2\x96\xb8 cycles");
    screen_keys(s, ESC "[<35;8;2M");
    LOSE(s, "r5c1: ");
    // copied: the unit that is selected
    screen_keys(s, "y");
    SEE(s, "copied: ");
    SEE(s, " by magnitude");
    size_t size;
    assert_non_null(strstr(screen_bytes(s, &size), "\x1b]52;c;"));
    leave(s);
}

static void test_keys_of_what_if(void **state) {
    screen *s = pause_at(state, 24, 80, "maze", 2);
    screen_keys(s, "w");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "+");
    SEE(s, "K 3 to 4");
    screen_keys(s, "=");
    SEE(s, "K 3 to 5");
    screen_keys(s, "-");
    SEE(s, "K 3 to 4");
    screen_keys(s, "___");
    SEE(s, "K 3 to 1");
    screen_keys(s, "-");
    SEE(s, "1 to 16 cycles");
    screen_keys(s, "u");
    SEE(s, "K 3 to 2");
    screen_keys(s, CTRL_R);
    SEE(s, "K 3 to 1");
    screen_keys(s, CTRL_R);
    SEE(s, "nothing to do again");
    screen_keys(s, "O");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "F");
    SEE(s, "no feedback");
    screen_keys(s, "F");
    LOSE(s, "no feedback");
    screen_keys(s, "C");
    SEE(s, "no carry");
    screen_keys(s, "C");
    LOSE(s, "no carry");
    screen_keys(s, "/");
    SEE(s, "hold units at 0");
    screen_keys(s, "h:64\r");
    SEE(s, "h:0 to h:63");
    screen_keys(s, "/h:1,l:2\r");
    SEE(s, "2 units held");
    screen_keys(s, "\t\r");
    SEE(s, "3 units held");
    screen_keys(s, RIGHT LEFT "\r");
    SEE(s, "2 units held");
    screen_keys(s, "O");
    SEE(s, "the same, bit for bit");
    screen_keys(s, SHIFT_TAB);
    SEE(s, "\xe2\x96\xb8 board");
    screen_keys(s, DOWN DOWN RIGHT "\r");
    LOSE(s, "the same, bit for bit");
    screen_keys(s, DOWN DOWN DOWN DOWN RIGHT RIGHT RIGHT RIGHT "\r");
    SEE(s, "the episode is over");
    screen_keys(s, "u");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "u");
    for (int i = 0; i < 40; i++)
        screen_keys(s, "u");
    SEE(s, "nothing to undo");
    screen_keys(s, ",");
    SEE(s, "step 1 of");
    screen_keys(s, ".");
    SEE(s, "step 2 of");
    leave(s);
}

static void test_a_sudoku(void **state) {
    screen *s = pause_at(state, 24, 80, "updated-3-sudoku-easy", 2);
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "norm ");
    screen_keys(s, "1" LEFT LEFT LEFT LEFT UP UP UP UP);
    SEE(s, "r1c1");
    screen_keys(s, "w" LEFT LEFT LEFT LEFT UP UP UP UP);
    SEE(s, "the same, bit for bit");
    SEE(s, "r1c1");
    screen_keys(s, "x");
    LOSE(s, "the same, bit for bit");
    screen_keys(s, "2");
    SEE(s, "row, column or box");
    screen_keys(s, "9");
    SEE(s, "not a digit");
    screen_keys(s, "1");
    screen_keys(s, "0");
    LOSE(s, "not a digit");
    screen_keys(s, "O");
    SEE(s, "the same, bit for bit");
    screen_keys(s, "q");
    SEE(s, "microscope");
    leave(s);
}

static void test_help(void **state) {
    static const char *const micro[] = {"microscope: keys",     "the next step of the episode",
                                        "sort units by number", "pin this step",
                                        "find a unit",          "write model and state"};
    static const char *const what_if[] = {"what if: keys", "one cycle more", "undo the last change",
                                          "undo every change", "the feedback from L"};
    screen *s = pause_at(state, 40, 100, "maze", 1);
    screen_keys(s, "m?");
    for (size_t i = 0; i < sizeof micro / sizeof *micro; i++)
        SEE(s, micro[i]);
    screen_keys(s, ESC);
    LOSE(s, "microscope: keys");
    screen_keys(s, "w?");
    for (size_t i = 0; i < sizeof what_if / sizeof *what_if; i++)
        SEE(s, what_if[i]);
    screen_keys(s, "q");
    LOSE(s, "what if: keys");
    screen_keys(s, "q");
    SEE(s, "microscope");
    screen_resize(s, 10, 40);
    SEE(s, "microscope needs 60x16");
    screen_resize(s, 24, 80);
    SEE(s, "norm ");
    leave(s);
}

// The sentence about the step in sight, up to where something else stands in its line.
static void sentence_of(screen *s, char sentence[SCREEN_LINE]) {
    if (!saved_line_with(s, "decided at cycle 1:", sentence) &&
        !saved_line_with(s, " turned", sentence))
        screen_fail(s, "there is no sentence", __LINE__);
    char *end = strstr(sentence, "  ");
    if (end != NULL)
        *end = 0;
}

// What probe says of the state in sight, which is saved from the microscope.
static cJSON *probe_in_sight(void **state, screen *s, const char *folder) {
    char text[96], line[SCREEN_LINE], model[64], board[64], action[16] = "";
    snprintf(text, sizeof text, "s" CTRL_U "%s\r", folder);
    screen_keys(s, text);
    snprintf(text, sizeof text, "trm probe %s/model.safetensors", folder);
    SEE(s, text);
    assert_true(saved_line_with(s, text, line));
    const char *before = strstr(line, "--prev-action");
    if (before != NULL)
        sscanf(before, "--prev-action %15s", action);
    snprintf(model, sizeof model, "%s/model.safetensors", folder);
    snprintf(board, sizeof board, "%s/state.json", folder);
    outcome o = before != NULL ? RUN(*state, "probe", model, "--state", board, "--json",
                                     "--prev-action", action)
                               : RUN(*state, "probe", model, "--state", board, "--json");
    cJSON *root = cJSON_Parse(o.out);
    assert_non_null(root);
    outcome_free(&o);
    return root;
}

// Watching, the microscope and probe tell the same of a step, also where actions are masked.
static void check_sentence(void **state, const char *preset, bool masked) {
    char watched[SCREEN_LINE], seen[SCREEN_LINE], text[32];
    screen *s = pause_at(state, 40, 160, preset, 4);
    sentence_of(s, watched);
    screen_keys(s, "m");
    SEE(s, "cos ");
    sentence_of(s, seen);
    assert_string_equal(watched, seen);
    cJSON *root = probe_in_sight(state, s, "saved");
    assert_int_equal(cJSON_GetObjectItem(root, "legal") != NULL, masked);
    snprintf(text, sizeof text, "%.2f",
             of(cJSON_GetObjectItem(root, "cycles"), CYCLES - 1, masked ? "masked" : "probs",
                cJSON_GetObjectItem(root, "action")->valueint));
    if (strstr(seen, text) == NULL)
        fail_msg("probe says %s, the screen says \"%s\"", text, seen);
    cJSON_Delete(root);
    leave(s);
}

static void test_one_sentence_everywhere(void **state) {
    check_sentence(state, "maze", false);
}

static void test_one_sentence_everywhere_masked(void **state) {
    check_sentence(state, "sudoku-medium", true);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_numbers_are_those_of_probe),
        WITH_FOLDER(test_what_if_is_what_probe_prints),
        WITH_FOLDER(test_keys_of_the_microscope),
        WITH_FOLDER(test_the_mouse),
        WITH_FOLDER(test_keys_of_what_if),
        WITH_FOLDER(test_a_sudoku),
        WITH_FOLDER(test_help),
        WITH_FOLDER(test_one_sentence_everywhere),
        WITH_FOLDER(test_one_sentence_everywhere_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
