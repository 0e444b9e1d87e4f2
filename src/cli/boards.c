// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"
#include "trm/run/config.h"

enum { COUNT_MAX = 1000000, THREADS_MAX = 64, COUNT = 10 };

typedef struct boards_options {
    int64_t count, threads;
    bool held_out, answers;
} boards_options;

static const trm_option options[] = {
    TRM_COUNT(boards_options, count, "--count", "number of boards", 1, COUNT_MAX, "10"),
    TRM_FLAG(boards_options, held_out, "--held-out",
             "boards of the side that models are tested on, not of the one they learn from"),
    TRM_FLAG(boards_options, answers, "--answers",
             "also a sudoku's solution, behind a comma, or the cells of a maze's path, as o"),
    TRM_SHARED_THREADS(boards_options, THREADS_MAX, "one per processor"),
    {0},
};

static const boards_options defaults = {.count = COUNT};

static trm_split split_of(const boards_options *o) {
    return o->held_out ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN;
}

static int64_t threads_of(const boards_options *o) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return o->threads > 0 ? o->threads : processors > 0 ? processors : 1;
}

// ---- a board as text ----------------------------------------------------------------------------

// A sudoku on a line of its own, a maze on one for each row and an empty one behind it, as
// trm/env/puzzle.h and trm/env/maze.h read them.
static void print_board(const trm_board *b, const trm_dataset *d, const int32_t *answer) {
    const bool sudoku = b->box_rows > 0;
    for (int32_t i = 0; i < b->rows * b->cols; i++) {
        char c = trm_cell_letter(b->cells[i]);
        if (c == '.' && !sudoku && answer != NULL && trm_dataset_on_path(d, answer[i]))
            c = 'o';
        putchar(c);
        if (!sudoku && (i + 1) % b->cols == 0)
            putchar('\n');
    }
    if (sudoku && answer != NULL)
        putchar(',');
    for (int32_t i = 0; sudoku && answer != NULL && i < b->rows * b->cols; i++)
        putchar('0' + trm_dataset_digit(d, answer[i]));
    putchar('\n');
}

// ---- of a data set ------------------------------------------------------------------------------

static bool print_samples(const trm_config *c, const boards_options *o, trm_error *e) {
    trm_dataset_config data = trm_config_data(c);
    trm_board *b = trm_alloc(1, sizeof *b);
    data.encoding = TRM_ENCODING_PLANES;
    data.numbered = false;
    data.threads = (int32_t)threads_of(o);
    trm_dataset *d = trm_dataset_new(&data, split_of(o), (int32_t)o->count, (uint64_t)c->seed, e);
    bool ok = d != NULL;
    if (ok && d->geometry.rows == 0)
        ok = trm_error_set(e, TRM_E_INPUT,
                           "data.type=%s has no boards: choose mazes or sudokus (`trm presets "
                           "--describe` lists them)",
                           c->data.type);
    for (int32_t i = 0; ok && i < d->count; i++) {
        trm_dataset_board(d, i, b);
        print_board(b, d, o->answers ? d->targets + (int64_t)i * d->positions : NULL);
    }
    trm_dataset_free(d);
    free(b);
    return ok;
}

// ---- of an environment --------------------------------------------------------------------------

// A field without walls is nothing that could be read back.
static bool is_text(const trm_board *b) {
    bool wall = b->box_rows > 0;
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        wall |= b->cells[i].kind == TRM_CELL_WALL;
    return wall;
}

static bool print_starts(const trm_config *c, const boards_options *o, trm_error *e) {
    trm_env *env = trm_env_new(&c->env, e);
    if (env == NULL)
        return false;
    trm_board *b = trm_alloc(1, sizeof *b);
    void *state = trm_alloc(1, trm_env_state_size(env));
    bool ok = true;
    for (int64_t i = 0; ok && i < o->count; i++) {
        trm_rng rng;
        trm_rng_seed(&rng, (uint64_t)(c->seed + i), TRM_STREAM_BOARD);
        trm_env_reset(env, state, &rng, split_of(o));
        trm_env_describe(env, state, b);
        if (is_text(b))
            print_board(b, NULL, NULL);
        else
            ok = trm_error_set(e, TRM_E_INPUT,
                               "env.type=%s is no sudoku and has no walls: choose maze or sudoku, "
                               "or a data set with data.type",
                               c->env.type);
    }
    free(state);
    free(b);
    trm_env_free(env);
    return ok;
}

// ---- the command --------------------------------------------------------------------------------

static bool has_samples(const trm_config *c) {
    return strcmp(c->data.type, "none") != 0;
}

static bool load(trm_config *c, const trm_words *words, trm_error *e) {
    const trm_config_asked asked = {c, TRM_USE_BOARD};
    *c = trm_config_default();
    if (words->plain_count == 0)
        trm_text_copy(c->data.type, sizeof c->data.type, "sudoku");
    else if (!trm_config_load(c, words->plain[0], e))
        return false;
    if (!trm_config_override_all(c, words->overrides, words->override_count, e))
        return false;
    if (has_samples(c)) // its settings count, whatever is to learn from them
        trm_text_copy(c->train.algorithm, sizeof c->train.algorithm, "supervised");
    return trm_config_check_words(&asked, 1, words->overrides, words->override_count, e);
}

static int run(const trm_words *words, void *given) {
    const boards_options *o = given;
    trm_config c;
    trm_error e = {0};
    if (!load(&c, words, &e))
        return trm_report_input_error(&e);
    const bool samples = has_samples(&c);
    if (o->answers && !samples)
        return trm_report_no_effect("--answers",
                                    "an environment's boards have none; set data.type");
    if (!(samples ? print_samples : print_starts)(&c, o, &e))
        return trm_report_input_error(&e);
    return trm_report_finish(TRM_EXIT_DONE);
}

const trm_command trm_command_boards = {
    .name = "boards",
    .summary = "print sudokus or mazes as text, to train on or to test with",
    .words = "[PRESET|CONFIG|RUN]",
    .about =
        "Draws boards of a data set (data.type; 9x9 sudokus if nothing is named), or of an "
        "environment, and prints them as env.puzzles and env.mazes read them: a sudoku a line, or "
        "a maze with # for walls, S and G. Equal settings and seeds print equal boards. Sudokus "
        "that are printed to train on are never held out, in whatever file they stand, and the "
        "other way round. data.difficulty=hardest makes 9x9 sudokus about as hard as those of "
        "lists that people collect; each takes some 50 ms of a core.",
    .examples =
        (const char *const[]){"trm boards", "trm boards data.size=4 --held-out --count 100",
                              "trm boards data.minimal=1 data.difficulty=hardest > hard.txt",
                              "trm boards mazes-10-fixed-conv --answers", NULL},
    .options = options,
    .options_size = sizeof(boards_options),
    .defaults = &defaults,
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};
