// SPDX-License-Identifier: Apache-2.0
// Small trained models of the paper's kin, read as they were saved: their answers are PyTorch's,
// cell for cell, and so are the shares of boards that are right after each step, and what q says of
// them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"
#include "trm/run/checkpoint.h"

static const char *fixture(const char *name) {
    char below[1024];
    trm_text_format(below, sizeof below, "paper/%s", name);
    return fixture_path(below);
}

static trm_model *load(const char *path) {
    trm_config c = trm_config_default();
    trm_error e = {0};
    trm_model *m = trm_checkpoint_model(path, NULL, 0, &c, &e);
    if (!m)
        fail_msg("%s", e.message);
    return m;
}

typedef struct trained {
    const char *folder, *weights;
    int32_t side, wrong_givens; // answers that change a given
} trained;

static char *read_text(const char *folder, const char *name) {
    char path[1024], *text;
    size_t size;
    trm_error e = {0};
    trm_text_format(path, sizeof path, "trained/%s/%s", folder, name);
    if (!trm_file_read(fixture(path), 1 << 20, &text, &size, &e))
        fail_msg("%s", e.message);
    return text;
}

static int32_t token_of(char c) {
    return c == '.' ? 1 : c - '0' + 1;
}

// The number behind "key" in the text from `at` on, which moves behind it.
static double next_number(const char **at, const char *key) {
    const char *found = strstr(*at, key);
    assert_non_null(found);
    *at = found + strlen(key);
    return strtod(*at + strspn(*at, "\": "), NULL);
}

#ifdef __has_feature // what clang has for __SANITIZE_ADDRESS__
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

// The shares are over all boards; with sanitizers, which are slow, some will do.
enum { ALL_BOARDS = 300, MOST_CELLS = 36 };
#ifdef __SANITIZE_ADDRESS__
enum { USUAL_BOARDS = 60 };
#else
enum { USUAL_BOARDS = ALL_BOARDS };
#endif

static int32_t boards(void) {
    return USUAL_BOARDS / less();
}

// One answer a line, as the files of puzzles and answers are.
static const char *line_of(const char *text, int32_t i, int32_t cells) {
    return text + (int64_t)i * (cells + 1);
}

static void check_answers(const trained *t, const trm_model *m, trm_workspace *w,
                          const char *puzzles, const char *answers) {
    const trm_model_config *c = trm_model_get_config(m);
    int32_t cells = c->positions, last = trm_model_outputs(m) - 1, changed = 0;
    for (int32_t i = 0; i < boards(); i++) {
        const float *logits = trm_mat_row(trm_workspace_logits(w, last), i);
        bool changes = false;
        for (int32_t k = 0; k < cells; k++) {
            int32_t found = trm_categorical_argmax(logits + k * c->action_dim, c->action_dim);
            int32_t given = token_of(line_of(puzzles, i, cells)[k]);
            if (found != token_of(line_of(answers, i, cells)[k]))
                fail_msg("%s: board %d, cell %d: another answer", t->folder, i, k);
            changes |= given > 1 && given != found;
        }
        changed += changes;
    }
    assert_true(changed <= t->wrong_givens &&
                (changed == t->wrong_givens || boards() < ALL_BOARDS));
}

// A group of cells whose numbers are rows, columns or boxes of the grid, by kind.
static int32_t cell_of(int32_t side, int kind, int32_t group, int32_t k) {
    int32_t height = 2, width = side / 2; // of a box
    if (kind == 0)
        return group * side + k;
    if (kind == 1)
        return k * side + group;
    int32_t row = group / (side / width) * height + k / width;
    return row * side + group % (side / width) * width + k % width;
}

// Every puzzle has one solution: a full grid that keeps its givens and all rules.
static bool is_right(const char *puzzle, int32_t side, const float *logits, int32_t classes) {
    int32_t digits[MOST_CELLS];
    for (int32_t k = 0; k < side * side; k++) {
        int32_t token = trm_categorical_argmax(logits + k * classes, classes);
        int32_t given = token_of(puzzle[k]);
        digits[k] = token - 1;
        if (token < 2 || (given > 1 && given != token))
            return false;
    }
    for (int kind = 0; kind < 3; kind++)
        for (int32_t group = 0; group < side; group++) {
            unsigned seen = 0;
            for (int32_t k = 0; k < side; k++)
                seen |= 1u << digits[cell_of(side, kind, group, k)];
            if (seen != (1u << (side + 1)) - 2)
                return false;
        }
    return true;
}

// Shares after each step: boards that are right, and what q says of them.
static void check_steps(const trained *t, const trm_model *m, trm_workspace *w, const char *puzzles,
                        const char *by_step) {
    const trm_model_config *c = trm_model_get_config(m);
    const char *right = strstr(by_step, "\"right\": \"") + strlen("\"right\": \"");
    const char *at = strstr(by_step, "\"by_step\"");
    for (int32_t o = 0; o < trm_model_outputs(m); o++) {
        int32_t exact = 0, says = 0, agrees = 0;
        double q = 0;
        assert_int_equal((int32_t)next_number(&at, "\"step\""), o + 1);
        for (int32_t i = 0; i < boards(); i++) {
            float halt = trm_workspace_halt(w, o)[i];
            bool is = is_right(line_of(puzzles, i, c->positions), t->side,
                               trm_mat_row(trm_workspace_logits(w, o), i), c->action_dim);
            if (o == trm_model_outputs(m) - 1)
                assert_int_equal(is, right[i] == '1');
            exact += is;
            says += halt >= 0;
            agrees += is == (halt >= 0);
            q += (double)halt / boards();
        }
        if (boards() < ALL_BOARDS)
            continue;
        assert_true(fabs(exact - next_number(&at, "\"exact\"") * boards()) < 0.5);
        assert_true(fabs(q - next_number(&at, "\"mean_q_halt\"")) < 1e-3);
        assert_true(fabs(says - next_number(&at, "\"q_says_right\"") * boards()) < 0.5);
        assert_true(fabs(agrees - next_number(&at, "\"q_agrees\"") * boards()) < 0.5);
    }
}

static void check_trained(const trained *t) {
    char path[1024];
    trm_text_format(path, sizeof path, "trained/%s/%s", t->folder, t->weights);
    trm_model *m = load(fixture(path)); // all_config.yaml tells the rest
    const trm_model_config *c = trm_model_get_config(m);
    int32_t cells = t->side * t->side;
    assert_int_equal(c->positions, cells);
    char *puzzles = read_text(t->folder, "puzzles.txt");
    char *answers = read_text(t->folder, "answers.txt");
    char *by_step = read_text(t->folder, "by_step.json");
    float *x = trm_alloc((size_t)boards() * (size_t)c->state_dim, sizeof *x);
    for (int32_t i = 0; i < boards(); i++)
        for (int32_t k = 0; k < cells; k++)
            x[i * c->state_dim + k] = (float)token_of(line_of(puzzles, i, cells)[k]);
    trm_workspace *w = trm_workspace_new(m, boards(), true);
    trm_model_forward(m, w, 0, trm_mat_of(x, boards(), c->state_dim), NULL);
    check_answers(t, m, w, puzzles, answers);
    check_steps(t, m, w, puzzles, by_step);
    trm_workspace_free(w);
    free(x);
    free(puzzles);
    free(answers);
    free(by_step);
    trm_model_free(m);
}

static void test_trained(void **state) {
    (void)state;
    static const trained all[] = {
        {"sudoku4-attn", "step_4193", 4, 0},
        {"sudoku6-mlpt", "step_771", 6, 16},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check_trained(&all[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trained),
    };
    return cmocka_run_group_tests_name("trained", tests, NULL, NULL);
}
