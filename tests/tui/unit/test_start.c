// SPDX-License-Identifier: Apache-2.0
// The start screen's boards: what is said of them is counted from the trace, and how soon a board
// is solved follows from the program's own steps, on a clock that the test turns. And the texts of
// the panels and of the tour.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "legible.h"
#include "trm/base/arena.h"
#include "tui/canvas/layout.h"
#include "tui/canvas/pen.h"
#include "tui/demo/act.h"
#include "tui/demo/demo.h"
#include "tui/explain/explain.h"

static void open_act(trm_act *a, bool maze) {
    trm_error e = {0};
    if (!trm_act_open(a, maze, &e))
        fail_msg("%s", e.message);
    trm_act_board(a, 0, 0.0);
    while (trm_act_work(a))
        continue;
    assert_true(a->known);
}

// Counted once more, from what the model answers.
static void check_counts(const trm_act *a) {
    for (int32_t k = 0; k < a->shape.cycles; k++) {
        int32_t wrong = 0;
        for (int32_t i = 0; i < a->cells; i++)
            wrong += a->asked[i] && !a->right[k][i];
        assert_int_equal(wrong, a->steps[k].wrong);
    }
}

// Seconds until the board in sight first moves, and until it is solved; -1: it never is.
static void play(trm_act *a, double *moved, double *solved) {
    const int32_t number = a->number;
    *moved = *solved = -1.0;
    for (double now = 0.0; now < 60.0 && a->number == number; now += 0.01) {
        if (trm_act_play(a, now) && *moved < 0.0)
            *moved = now;
        const bool right = a->step >= 0 && a->steps[a->step].wrong == 0;
        if (right && *solved < 0.0)
            *solved = now;
    }
}

static void test_first_boards_are_solved_soon(void **state) {
    (void)state;
    for (int maze = 0; maze < 2; maze++) {
        trm_act a;
        double moved, solved;
        open_act(&a, maze);
        assert_true(a.steps[0].wrong > 5); // thinking once is not enough
        play(&a, &moved, &solved);
        assert_true(moved > 0.0 && moved <= 1.0);
        assert_true(solved > moved && solved <= 10.0);
        trm_act_close(&a);
    }
}

static void test_every_board(void **state) {
    (void)state;
    for (int maze = 0; maze < 2; maze++) {
        trm_act a;
        open_act(&a, maze);
        for (int32_t n = 0; n < a.boards; n++) {
            char first[160], last[160];
            trm_act_board(&a, n, 0.0);
            while (trm_act_work(&a))
                continue;
            check_counts(&a);
            assert_true(a.steps[0].wrong > a.steps[a.last].wrong);
            trm_act_go(&a, 0);
            trm_act_caption(&a, first, sizeof first);
            assert_non_null(strstr(first, "step 1"));
            trm_act_go(&a, a.last);
            trm_act_caption(&a, last, sizeof last);
            assert_non_null(strstr(last, maze ? "every cell points the right way" : "all right"));
        }
        trm_act_close(&a);
    }
}

static void test_captions_name_the_clash(void **state) {
    (void)state;
    trm_act a;
    char text[160];
    open_act(&a, false);
    trm_act_go(&a, 1);
    trm_act_caption(&a, text, sizeof text);
    assert_string_equal(text, "step 2 sees the clash in row 5: 19 wrong");
    assert_string_equal(a.steps[1].clash, "row 5");
    trm_act_close(&a);
}

static void test_own_boards(void **state) {
    (void)state;
    trm_error e = {0};
    trm_act a;
    open_act(&a, false);
    assert_false(trm_act_own(&a, "12..3412214343.1", 0.0, &e));
    assert_non_null(strstr(e.message, "81 cells"));
    assert_true(trm_act_own(&a,
                            "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419"
                            "..5....8..79",
                            0.0, &e));
    assert_int_equal(a.asked_count, 51);
    trm_act_close(&a);
}

// A maze of any size and kind, by a model that reads them; afterwards the act's own boards come
// again. What cannot be walked changes nothing.
static void test_own_mazes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t rows, cols, steps;
    } mazes[] = {
        {"#####\n#S G#\n#####\n", 7, 7, 2},
        {"..#.....#\nG#..#....\n...#.#..S\n....#.#.#\n...#....#\n", 7, 11, 13},
        {"+--+--+--+--+--+\n|S |        |  |\n+  +  +--+  +  +\n|     |  |     |\n"
         "+--+--+  +  +  +\n|           | G|\n+--+--+--+--+--+\n",
         7, 11, 16},
    };
    trm_error e = {0};
    trm_act *a = trm_alloc(1, sizeof *a);
    open_act(a, true);
    for (size_t i = 0; i < sizeof mazes / sizeof *mazes; i++) {
        if (!trm_act_own(a, mazes[i].text, 0.0, &e))
            fail_msg("%s", e.message);
        while (trm_act_work(a))
            continue;
        check_counts(a);
        assert_true(a->board.rows == mazes[i].rows && a->board.cols == mazes[i].cols);
        assert_string_equal(a->name, "maze33");
        if (!a->arrives)
            fail_msg("%s", mazes[i].text);
        assert_int_equal(a->distance[a->start], mazes[i].steps);
        assert_int_equal(a->way_length, mazes[i].steps + 1);
        assert_false(trm_act_own(a, "####\n#S##\n##G#\n####\n", 0.0, &e));
        assert_non_null(strstr(e.message, "no way from the start to the goal"));
        assert_true(a->board.rows == mazes[i].rows && a->known);
    }
    static const int32_t too_large[] = {36, TRM_BOARD_MAX}; // more than the screen, than a board
    for (size_t k = 0; k < sizeof too_large / sizeof *too_large; k++) {
        static char text[TRM_BOARD_MAX * (TRM_BOARD_MAX + 1) + 1];
        const int32_t side = too_large[k], line = side + 1;
        for (int32_t i = 0; i < side * line; i++)
            text[i] = i % line == side ? '\n' : i == line ? 'S' : i == line + 4 ? 'G' : '.';
        text[side * line] = 0;
        assert_false(trm_act_own(a, text, 0.0, &e));
        assert_non_null(strstr(e.message, k == 0 ? "39 x 39 cells with a border of wall, and at "
                                                   "most 33 x 33"
                                                 : "67 x 67 cells"));
    }
    assert_true(trm_act_own(a, "S\n\n", 0.0, &e) == false && a->known);
    assert_true(trm_act_own(a,
                            "###########\n#S.......G#\n#####.#.###\n#.....#...#\n#.#######.#\n"
                            "#.........#\n###########\n###########\n###########\n"
                            "###########\n###########\n",
                            0.0, &e)); // the size of its own
    assert_string_equal(a->name, "maze11");
    assert_string_equal(a->title, "yours");
    assert_true(trm_act_own(a, mazes[0].text, 0.0, &e));
    assert_string_equal(a->name, "maze33");
    trm_act_board(a, 1, 0.0);
    while (trm_act_work(a))
        continue;
    assert_string_equal(a->name, "maze11");
    assert_true(a->board.rows == 11 && a->number == 1 && a->arrives);
    trm_act_close(a);
    free(a);
}

// A board of which the model is not sure after its steps it thinks about for longer, with all its
// passes a step, and from another start where it is stuck; the next one is looked at as ever.
static void test_a_hard_board_of_ones_own(void **state) {
    (void)state;
    trm_error e = {0};
    trm_act a;
    char text[160];
    open_act(&a, false);
    const int32_t steps = a.shape.cycles;
    const int32_t passes = trm_model_get_config(a.model)->inner_steps;
    assert_true(trm_act_own(&a,
                            ".6.5.1.9.1...9..539....7....4.8...7......"
                            ".5.8.817.5.3.....5.2............76..8...",
                            0.0, &e));
    while (trm_act_work(&a))
        continue;
    check_counts(&a);
    const int32_t again = a.shape.restart;
    assert_true(a.shape.cycles > again + 1 && a.shape.cycles < TRM_ACT_STEPS);
    assert_true(trm_model_get_config(a.model)->inner_steps > passes);
    assert_int_equal(a.steps[a.last].wrong, 0);
    assert_true(again > 0 && a.steps[again].restarts);
    trm_act_go(&a, again);
    trm_act_caption(&a, text, sizeof text);
    assert_non_null(strstr(text, "begins again from another start"));
    trm_act_board(&a, 0, 0.0);
    assert_int_equal(a.shape.cycles, steps);
    assert_int_equal(trm_model_get_config(a.model)->inner_steps, passes);
    trm_act_close(&a);
}

// ---- drawing ------------------------------------------------------------------------------------

static bool shows(const trm_canvas *c, const char *text) {
    const size_t n = strlen(text);
    for (int32_t i = 0; i + (int32_t)n <= c->rows * c->cols; i++) {
        size_t k = 0;
        while (k < n && c->cells[i + (int32_t)k].ch == (uint32_t)(unsigned char)text[k])
            k++;
        if (k == n)
            return true;
    }
    return false;
}

static void test_every_size(void **state) {
    (void)state;
    static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                     {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
    static const int32_t sizes[][2] = {{5, 20},  {8, 30},   {12, 40},  {16, 60},
                                       {24, 80}, {40, 120}, {60, 200}, {100, 300}};
    trm_demo d = {0};
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++) {
        open_act(&d.acts[i], i == 1);
        trm_act_go(&d.acts[i], d.acts[i].last);
    }
    for (size_t l = 0; l < sizeof looks / sizeof *looks; l++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            trm_canvas c;
            trm_canvas_init(&c, &looks[l]);
            trm_canvas_resize(&c, sizes[i][0], sizes[i][1]);
            trm_demo_draw(&c, &d);
            assert_true(shows(&c, "step 5: all right"));
            assert_true(sizes[i][0] < 24 || shows(&c, "step 5: every cell points the right"));
            assert_true(sizes[i][0] < 24 || shows(&c, "train one from nothing"));
            assert_legible(&c);
            trm_canvas_done(&c);
        }
    for (int32_t i = 0; i < TRM_DEMO_ACTS; i++)
        trm_act_close(&d.acts[i]);
}

static void check_text(const trm_explanation *e) {
    const trm_look look = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
    trm_canvas c;
    assert_non_null(e->title);
    assert_non_null(e->text);
    assert_true(e->part <= TRM_PART_ALL);
    trm_canvas_init(&c, &look);
    trm_canvas_resize(&c, 24, 80);
    trm_pen pen = trm_pen_on(&c, (trm_rect){0, 0, 24, TRM_EXPLAIN_WIDTH});
    trm_pen_wrap(&pen, TRM_STYLE_NORMAL, e->text);
    if (24 - pen.r.h > TRM_EXPLAIN_LINES)
        fail_msg("%s takes %d lines", e->title, 24 - pen.r.h);
    trm_canvas_clear(&c);
    trm_explain_draw(&c, e, "Esc closes");
    assert_true(shows(&c, "feedback"));
    assert_true(shows(&c, strrchr(e->text, ' ') + 1));
    assert_legible(&c);
    trm_canvas_done(&c);
}

static void test_explanations_fit(void **state) {
    (void)state;
    for (int32_t i = 0; i < TRM_PANELS; i++)
        check_text(trm_explain_panel((trm_panel_id)i));
    for (int32_t i = 0; i < TRM_TOUR_STOPS; i++)
        check_text(&trm_tour_at(i)->explanation);
    assert_null(trm_tour_at(TRM_TOUR_STOPS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_boards_are_solved_soon),
        cmocka_unit_test(test_every_board),
        cmocka_unit_test(test_captions_name_the_clash),
        cmocka_unit_test(test_own_boards),
        cmocka_unit_test(test_own_mazes),
        cmocka_unit_test(test_a_hard_board_of_ones_own),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_explanations_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
