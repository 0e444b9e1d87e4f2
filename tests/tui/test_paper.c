// SPDX-License-Identifier: Apache-2.0
// Checkpoints of the paper's own code in the real program: at work on boards, pass by pass,
// changed, and against one of ours.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "saved.h"
#include "screen.h"
#include "trm/run/safetensors.h"
#include "trm/run/weights.h"

enum { PATH = 600 };

static const int sizes[][2] = {{24, 80}, {40, 120}, {60, 200}};

typedef struct foreign {
    const char *folder, *file, *ours;
    const char *puzzles; // a few
    const char *steps;
    bool prefix;
} foreign;

static const foreign models[] = {
    {"sudoku4-attn", "step_4193", "sudoku4", "3421.....3..41.2\n.21..4..2.4..3..\n", "step 4 of 4",
     true},
    {"sudoku6-mlpt", "step_771", "sudoku6",
     "16.....234.6.35..1241.65..6..44.265.\n34.25.5..4.61536..2..3......2...1.63\n", "step 6 of 6",
     false},
};

static void path_of(const foreign *k, char out[PATH]) {
    snprintf(out, PATH, "%s/paper/trained/%s/%s", getenv("TRM_FIXTURES_DEFAULT"), k->folder,
             k->file);
}

static void write_puzzles(void **state, const foreign *k) {
    char path[PATH];
    snprintf(path, sizeof path, "%s/puzzles.txt", (const char *)*state);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(k->puzzles, f);
    fclose(f);
}

static void leave(screen *s) {
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

// Every pass of a step, a channel, another step, another cell.
static void check_passes(screen *s, const foreign *k) {
    screen_keys(s, "z");
    SEE(s, "the latent");
    SEE(s, "H1 L1");
    if (k->prefix)
        SEE(s, "prefix");
    SEE(s, "mean of the channels");
    screen_keys(s, "g");
    SEE(s, "pass 1 of");
    screen_keys(s, "]");
    SEE(s, "pass 2 of");
    screen_keys(s, "[");
    SEE(s, "pass 1 of");
    screen_keys(s, "G");
    SEE(s, "writes z_H");
    screen_keys(s, "v");
    SEE(s, "channel 1 of 64");
    screen_keys(s, "V");
    SEE(s, "mean of the channels");
    screen_keys(s, ",");
    LOSE(s, k->steps);
    screen_keys(s, "....");
    SEE(s, k->steps);
    screen_keys(s, "l");
    SEE(s, "r1c2");
    screen_keys(s, "q");
    SEE(s, "microscope");
}

// Steps, H and L cycles, feedback, carry and the prefix; back as it was.
static void check_what_if(screen *s, const foreign *k) {
    screen_keys(s, "w");
    SEE(s, "as it is");
    SEE(s, "bit for bit");
    screen_keys(s, ">");
    SEE(s, "H cycles 2 to 3");
    screen_keys(s, "<)");
    SEE(s, "L cycles");
    screen_keys(s, "(F");
    SEE(s, "no feedback");
    screen_keys(s, "FC");
    SEE(s, "no carry");
    screen_keys(s, "C+");
    SEE(s, "K ");
    screen_keys(s, "-");
    SEE(s, "bit for bit");
    if (k->prefix) {
        screen_keys(s, "X");
        SEE(s, "no prefix");
    }
    screen_keys(s, "O");
    SEE(s, "bit for bit");
    screen_keys(s, "q");
    SEE(s, "microscope");
}

static void test_at_work(void **state) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
            char path[PATH];
            path_of(&models[i], path);
            write_puzzles(state, &models[i]);
            screen *s = OPEN(*state, sizes[n][0], sizes[n][1], NULL, "watch", path,
                             "env.puzzles=puzzles.txt");
            SEE(s, "held out: 100% exact");
            SEE(s, "/2");
            SEE(s, "p(halt)");
            SEE(s, "all right");
            screen_keys(s, "m");
            SEE(s, "microscope");
            SEE(s, "the target is");
            if (sizes[n][1] >= 120)
                SEE(s, "p stablemax");
            check_passes(s, &models[i]);
            check_what_if(s, &models[i]);
            screen_keys(s, "q");
            SEE(s, "held out");
            leave(s);
        }
}

// The line that what-if gives for what was changed asks the same of the same model: so does one
// typed by hand about the puzzle.
static void test_what_if_is_what_probe_prints(void **state) {
    static const char puzzle[] = "3421.....3..41.2";
    static const struct change {
        const char *keys;
        const char *words[4];
    } changes[] = {
        {"", {NULL}},
        {">", {"--h-cycles", "3", NULL}},
        {"<))", {"--l-cycles", "5", NULL}},
        {"<", {"--h-cycles", "1", "--l-cycles", "5"}},
        {">((((", {"--l-cycles", "1", NULL}},
        {"))X", {"--no-prefix", NULL}},
        {"X/h:12,l:3\r", {"--mask", "h:12,l:3", NULL}},
    };
    char path[PATH];
    path_of(&models[0], path);
    write_puzzles(state, &(foreign){.puzzles = "3421.....3..41.2\n"});
    screen *s = OPEN(*state, 50, 160, NULL, "watch", path, "env.puzzles=puzzles.txt");
    SEE(s, "held out: 100% exact");
    screen_keys(s, "m");
    SEE(s, "the target is");
    screen_keys(s, "w");
    SEE(s, "bit for bit");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *args[12] = {"probe", path, "--board", puzzle, "--json"};
        char folder[32];
        screen_keys(s, changes[i].keys);
        snprintf(folder, sizeof folder, "changed-%zu", i);
        outcome told = saved_probe(*state, s, folder, NULL);
        memcpy(args + 5, changes[i].words, sizeof changes[i].words);
        outcome typed = process_run(*state, NULL, args);
        // cycles and answer; the target is known of the puzzle alone
        char *end = strstr(typed.out, ",\"target\"");
        assert_non_null(end);
        if (strncmp(told.out, typed.out, (size_t)(end - typed.out)) != 0)
            screen_fail(s, changes[i].keys, __LINE__);
        outcome_free(&told);
        outcome_free(&typed);
    }
    screen_keys(s, "qq");
    leave(s);
}

// Its answer is its hint, its game the race's: from watch and alone. The microscope shows the board
// as it stands, as the model reads it.
static void test_played(void **state) {
    char path[PATH];
    path_of(&models[0], path);
    write_puzzles(state, &models[0]);
    screen *s = OPEN(*state, 24, 80, NULL, "watch", path, "env.puzzles=puzzles.txt");
    SEE(s, "held out: 100% exact");
    screen_keys(s, "p");
    SEE(s, "trm play");
    SEE(s, "held-out sample");
    screen_keys(s, "o");
    SEE(s, "the model");
    SEE(s, "decided at step");
    screen_keys(s, "q");
    SEE(s, "held out: 100% exact");
    leave(s);
    s = OPEN(*state, 40, 120, NULL, "play", path, "--puzzle", "3421.....3..41.2");
    SEE(s, "your puzzle");
    screen_keys(s, "m");
    SEE(s, "microscope");
    SEE(s, "the target is");
    screen_keys(s, "z");
    SEE(s, "the latent");
    screen_keys(s, "qq");
    SEE(s, "trm play");
    screen_keys(s, "R");
    SEE(s, "pace 1 move");
    screen_keys(s, "+++++");
    SEE(s, "solved after 8 moves");
    leave(s);
}

// A look that would take hours keeps no key waiting, nor the end.
static void test_keys_while_it_thinks(void **state) {
    char path[PATH];
    path_of(&models[0], path);
    screen *s = OPEN(*state, 40, 120, NULL, "play", path, "--puzzle", "3421.....3..41.2",
                     "model.sup_steps=1024", "model.k_cycles=64", "model.inner_steps=64");
    SEE(s, "your puzzle");
    screen_keys(s, "m");
    SEE(s, "microscope");
    screen_keys(s, "z");
    SEE(s, "running this step");
    SEE(s, "step 1024 of 1024");
    screen_keys(s, ",");
    SEE(s, "step 1023 of 1024");
    screen_keys(s, "q");
    SEE(s, "microscope");
    screen_keys(s, "w");
    SEE(s, "as it is");
    screen_keys(s, "<");
    SEE(s, "63 x 64");
    screen_keys(s, "qq");
    SEE(s, "your puzzle");
    leave(s);
}

// ---- a folder of the paper's data ---------------------------------------------------------------

static void put_array(void **state, const char *name, const char *type, const char *shape,
                      const void *data, size_t bytes) {
    char path[PATH], header[128];
    const int n =
        snprintf(header, sizeof header,
                 "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", type, shape);
    snprintf(path, sizeof path, "%s/data/all__%s.npy", (const char *)*state, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite("\x93NUMPY\1\0", 1, 8, f);
    fputc(n, f);
    fputc(0, f);
    fwrite(header, 1, (size_t)n, f);
    fwrite(data, 1, bytes, f);
    fclose(f);
}

// The trained model with two vectors of puzzles: 1 is the one it was trained with, with 0 it is
// lost.
static void put_two_vectors(void **state) {
    char path[PATH];
    trm_safetensors s;
    trm_error e = {0};
    path_of(&models[0], path);
    assert_true(trm_weights_read(&s, path, &e));
    float *two = NULL;
    for (int32_t i = 0; i < s.count; i++) {
        trm_tensor *t = &s.tensors[i];
        if (strstr(t->name, "puzzle_emb.weights") == NULL)
            continue;
        assert_true(t->shape[0] == 1 && two == NULL);
        two = calloc(2 * (size_t)t->shape[1], sizeof *two);
        for (int32_t k = 0; k < t->shape[1]; k++)
            two[k] = (float)(k % 7 - 3) * 20.0f;
        memcpy(two + t->shape[1], t->data, (size_t)t->shape[1] * sizeof *two);
        t->data = two;
        t->shape[0] = 2;
    }
    assert_non_null(two);
    snprintf(path, sizeof path, "%s/two.safetensors", (const char *)*state);
    assert_true(trm_safetensors_write(path, s.tensors, s.count, NULL, 0, &e));
    trm_safetensors_free(&s);
    free(two);
}

// A game from a sample of a data folder is played with the sample's puzzle number, and the
// microscope on the game reads the same one.
static void test_numbers_of_puzzles(void **state) {
    static const char blanks[] = "3421.....3..41.2", solution[] = "3421124323144132";
    const int32_t one = 1;
    uint8_t inputs[16], labels[16];
    char path[PATH], text[4096];
    for (int i = 0; i < 16; i++) {
        inputs[i] = (uint8_t)(blanks[i] == '.' ? 1 : blanks[i] - '0' + 1);
        labels[i] = (uint8_t)(solution[i] - '0' + 1);
    }
    snprintf(path, sizeof path, "%s/data", (const char *)*state);
    assert_int_equal(mkdir(path, 0777), 0);
    put_array(state, "inputs", "|u1", "1, 16", inputs, sizeof inputs);
    put_array(state, "labels", "|u1", "1, 16", labels, sizeof labels);
    put_array(state, "puzzle_identifiers", "<i4", "1,", &one, sizeof one);
    put_two_vectors(state);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", "two.safetensors", "data.type=sudoku",
                     "data.size=4", "env.puzzles=data", "model.heads=2", "model.k_cycles=2",
                     "model.inner_steps=3", "model.sup_steps=4", "model.prefix=4");
    SEE(s, "held out: 100% exact");
    screen_keys(s, "p");
    SEE(s, "held-out sample");
    screen_keys(s, "mw");
    SEE(s, "what if");
    outcome o = saved_probe(*state, s, "game", NULL);
    outcome_free(&o);
    snprintf(path, sizeof path, "%s/game/state.json", (const char *)*state);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_non_null(strstr(text, ",3,1]"));
    screen_keys(s, "qq");
    SEE(s, "held-out sample");
    screen_keys(s, "R");
    SEE(s, "pace 1 move");
    screen_keys(s, "+++++");
    SEE(s, "solved after 8 moves");
    screen_keys(s, "q");
    SEE(s, "held out: 100% exact");
    leave(s);
}

// From watch a model that reads another encoding is set beside it.
static void test_compared_with_another_encoding(void **state) {
    char path[PATH];
    path_of(&models[0], path);
    write_puzzles(state, &models[0]);
    screen *s = OPEN(*state, 40, 120, NULL, "watch", path, "env.puzzles=puzzles.txt");
    SEE(s, "held out: 100% exact");
    screen_keys(s, "c");
    SEE(s, "compare with the model");
    screen_keys(s, "sudoku4\r");
    SEE(s, "trm versus");
    SEE(s, "for both");
    SEE(s, "blank"); // a class that the other does not have
    screen_keys(s, "q");
    SEE(s, "held out: 100% exact");
    leave(s);
}

static void test_against_ours(void **state) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char path[PATH];
        path_of(&models[i], path);
        write_puzzles(state, &models[i]);
        screen *s =
            OPEN(*state, 40, 120, NULL, "versus", path, models[i].ours, "env.puzzles=puzzles.txt");
        SEE(s, "sample 1 of 2");
        SEE(s, "for both");
        SEE(s, "blank"); // a class that the other does not have
        screen_keys(s, "}");
        SEE(s, "sample 2 of 2");
        SEE(s, "for both");
        screen_keys(s, "M");
        SEE(s, "microscope");
        screen_keys(s, "z"); // it has no such passes
        screen_keys(s, "q");
        SEE(s, "trm versus");
        leave(s);
    }
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_at_work),
        WITH_FOLDER(test_what_if_is_what_probe_prints),
        WITH_FOLDER(test_played),
        WITH_FOLDER(test_compared_with_another_encoding),
        WITH_FOLDER(test_against_ours),
        WITH_FOLDER(test_numbers_of_puzzles),
        WITH_FOLDER(test_keys_while_it_thinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
