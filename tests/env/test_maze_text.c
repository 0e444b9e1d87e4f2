// SPDX-License-Identifier: Apache-2.0
// Mazes as people write them, for the environment and the data sets.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/check.h"
#include "env/maze/collection.h"
#include "env/maze/walls.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/dataset.h"

enum { TEXT = 8192 };

// ---- there and back

static trm_maze drawn(int32_t rows, int32_t cols, trm_rng *rng) {
    trm_maze m = {.geometry = {.rows = rows, .cols = cols}, .bordered = true};
    trm_maze_walls walls;
    trm_maze_draw(&m.geometry, 0.3f, rng, &walls);
    for (int32_t i = 0; i < rows * cols; i++)
        m.wall[i] = maze_is_wall(&walls, i);
    m.start = trm_maze_draw_free(&m.geometry, &walls, rng);
    do
        m.goal = trm_maze_draw_free(&m.geometry, &walls, rng);
    while (m.goal == m.start);
    return m;
}

static void write_cells(char *out, const trm_maze *m, const char *chars, const char *end) {
    for (int32_t i = 0; i < trm_geometry_cells(&m->geometry); i++) {
        *out++ = i == m->start ? chars[2] : i == m->goal ? chars[3] : chars[!m->wall[i]];
        if ((i + 1) % m->geometry.cols == 0)
            for (const char *c = end; *c; c++)
                *out++ = *c;
    }
    *out = '\0';
}

// Rooms are `width` characters wide.
static void write_art(char *out, const trm_maze *m, int32_t width) {
    const int32_t cols = m->geometry.cols;
    for (int32_t row = 0; row < m->geometry.rows; row++) {
        for (int32_t col = 0; col < cols; col++) {
            const int32_t cell = row * cols + col;
            const bool corner = row % 2 == 0 && col % 2 == 0;
            const char c = cell == m->start  ? 'S'
                           : cell == m->goal ? 'G'
                           : !m->wall[cell]  ? ' '
                           : corner          ? '+'
                           : row % 2         ? '|'
                                             : '-';
            for (int32_t k = 0; k < (col % 2 ? width : 1); k++)
                *out++ = k > 0 && c != '-' ? ' ' : c;
        }
        *out++ = '\n';
    }
    *out = '\0';
}

static void assert_read(const char *text, const trm_maze *m) {
    static trm_maze back;
    trm_error e = {0};
    if (!trm_maze_first("text", text, strlen(text), &back, &e))
        fail_msg("%s\n%s", e.message, text);
    assert_true(back.geometry.rows == m->geometry.rows && back.geometry.cols == m->geometry.cols);
    assert_true(back.start == m->start && back.goal == m->goal && back.bordered == m->bordered);
    assert_memory_equal(back.wall, m->wall, (size_t)trm_geometry_cells(&m->geometry));
}

static void test_every_form_there_and_back(void **state) {
    (void)state;
    static char text[4 * TEXT];
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    for (int i = 0; i < 60; i++) {
        const trm_maze m = drawn(7 + 2 * (i % 9), 7 + 2 * (i % 7), &rng);
        write_cells(text, &m, "# SG", "\n");
        assert_read(text, &m);
        write_cells(text, &m, "#.sE", "\r\n");
        assert_read(text, &m);
        write_cells(text, &m, "#oSg", "\r");
        assert_read(text, &m);
        for (int32_t width = 1; width <= 4; width++) {
            write_art(text, &m, width);
            assert_read(text, &m);
        }
    }
}

// ---- what else is told

static void test_what_is_wrong_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "text: no maze in it, expected rows of #"},
        {"####\n#Sx#\n#G##\n", "text:1: row 2, column 3 is 'x', expected # for wall"},
        {"\n####\n#S #\n####\n", "text:2: the maze has no goal: write G into a free cell"},
        {"####\n#SS#\n####\n", "text:1: a second start in row 2, column 3"},
        {"#\n", "text:1: a maze of 1 x 1 cells, expected 2 to 64 a side"},
        {"+--+\n|SG|\n", "text:1: line art has an odd number of lines"},
        {"+--+---+\n|S   G |\n+--+---+\n", "text:1: line art has an odd number of lines"},
        {"\xff\xfe#\0", "text: a UTF-16 text"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static trm_maze m;
        trm_error e = {0};
        const size_t size = bad[i].text[0] == '\xff' ? 4 : strlen(bad[i].text);
        assert_false(trm_maze_first("text", bad[i].text, size, &m, &e));
        if (e.code != TRM_E_INPUT || strncmp(e.message, bad[i].says, strlen(bad[i].says)) != 0)
            fail_msg("%s: %s", bad[i].text, e.message);
    }
}

// ---- sizes

static const char ringed[] = "#####\n#S..#\n#.#.#\n#..G#\n#####\n"; // 5 x 5
static const char open_one[] = "S..\n.#.\n..G\n";

static trm_maze maze_of(const char *text) {
    trm_maze m;
    trm_error e = {0};
    assert_true(trm_maze_first("text", text, strlen(text), &m, &e));
    return m;
}

static void test_borders_come_and_go(void **state) {
    (void)state;
    static char text[TEXT];
    static trm_maze fitted;
    const trm_geometry three = {.rows = 3, .cols = 3}, five = {.rows = 5, .cols = 5};
    const trm_geometry seven = {.rows = 7, .cols = 7};
    const trm_maze with = maze_of(ringed), without = maze_of(open_one);
    assert_true(with.bordered && !without.bordered);
    assert_true(trm_maze_fit(&with, &three, false, &fitted)); // a data set of side 3
    write_cells(text, &fitted, "#.SG", "\n");
    assert_string_equal(text, open_one);
    assert_true(trm_maze_fit(&without, &five, false, &fitted));
    write_cells(text, &fitted, "#.SG", "\n");
    assert_string_equal(text, ringed);
    assert_true(trm_maze_fit(&without, &three, false, &fitted));
    assert_false(trm_maze_fit(&without, &seven, false, &fitted));
    const trm_geometry room = trm_maze_room_for(&without);
    assert_true(room.rows == 7 && room.cols == 7); // the smallest board there is
    assert_true(trm_maze_fit(&without, &seven, true, &fitted));
    write_cells(text, &fitted, "#.SG", "\n");
    assert_string_equal(text, "#######\n#S..###\n#.#.###\n#..G###\n#######\n#######\n#######\n");
    assert_false(trm_maze_fit(&without, &five, true, &fitted));
}

// ---- the environment and the data sets

typedef struct file {
    char path[64];
} file;

static file written(const char *text) {
    file f = {.path = "/tmp/trm-mazes-XXXXXX"};
    trm_error e = {0};
    close(mkstemp(f.path));
    assert_true(trm_file_write(f.path, text, strlen(text), &e));
    return f;
}

static void test_the_environment_starts_from_them(void **state) {
    (void)state;
    enum { N = 12 };
    static char text[TEXT];
    static trm_maze mazes[N];
    static trm_board board;
    size_t used = 0;
    trm_rng rng;
    trm_error e = {0};
    trm_rng_seed(&rng, 6, 0);
    for (int i = 0; i < N; i++) {
        mazes[i] = drawn(7, 9, &rng);
        if (i > 0)
            text[used++] = '\n';
        write_cells(text + used, &mazes[i], "# SG", "\n");
        used = strlen(text);
    }
    const file f = written(text);
    trm_env_config c = trm_env_config_default();
    trm_text_copy(c.type, sizeof c.type, "maze");
    trm_text_copy(c.mazes, sizeof c.mazes, f.path);
    c.size = 7;
    c.width = 9;
    trm_env *env = trm_env_new(&c, &e);
    if (!env)
        fail_msg("%s", e.message);
    char *s = malloc(trm_env_state_size(env));
    int seen[2][N] = {{0}};
    for (int i = 0; i < 400; i++) {
        trm_env_reset(env, s, &rng, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT);
        trm_env_describe(env, s, &board);
        for (int k = 0; k < N; k++)
            seen[i % 2][k] += board.cells[mazes[k].start].kind == TRM_CELL_AGENT &&
                              board.cells[mazes[k].goal].kind == TRM_CELL_GOAL;
        float total;
        int32_t length;
        assert_true(trm_env_optimum(env, s, &total, &length) && trm_env_success(env, total));
    }
    for (int k = 0; k < N; k++)
        assert_true(seen[0][k] + seen[1][k] > 0);
    free(s);
    trm_env_free(env);
    c.width = 7;
    assert_null(trm_env_new(&c, &e));
    assert_non_null(strstr(e.message, ":1: a maze of 7 x 9 cells, 7 x 9 as a board, expected 7 x "
                                      "7: set env.size=7 env.width=9"));
    unlink(f.path);
}

static void test_samples_of_a_data_set(void **state) {
    (void)state;
    char text[256];
    trm_error e = {0};
    trm_text_format(text, sizeof text, "%s\n%s", ringed, open_one);
    const file f = written(text);
    trm_dataset_config c = {.type = "mazes-8-fixed", .size = 4, .asked = true};
    trm_text_copy(c.files, sizeof c.files, f.path);
    assert_null(trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 10, 1, &e));
    assert_non_null(strstr(e.message, "env.mazes: "));
    assert_non_null(
        strstr(e.message, ":1: a maze of 5 x 5 cells, expected 4 x 4: set data.size=5"));
    c.size = 5;
    trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, 10, 1, &e);
    assert_true(d && d->count == 2);
    for (int32_t i = 0; i < 2; i++) {
        assert_true(d->inputs[i * 75] > 0 && d->inputs[i * 75 + 25 + 6] > 0); // wall, start
        assert_true(trm_dataset_is_path(d, i, d->targets + i * 25));
    }
    trm_dataset_free(d);
    unlink(f.path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_there_and_back),
        cmocka_unit_test(test_what_is_wrong_is_told),
        cmocka_unit_test(test_borders_come_and_go),
        cmocka_unit_test(test_the_environment_starts_from_them),
        cmocka_unit_test(test_samples_of_a_data_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
