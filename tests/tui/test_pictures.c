// SPDX-License-Identifier: Apache-2.0
// Screens as files: what is read back from them is what stood on the screen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <vterm.h>

#include "../cli/process.h"
#include "screen.h"

#define CTRL_U "\x15"

enum { ROWS = 30, COLS = 100, CELL_W = 8, CELL_H = 16 };

// A screen as code points.
typedef struct glass {
    uint32_t at[ROWS][COLS];
} glass;

static int train_once(void **state) {
    if (scratch_make(state) != 0)
        return 1;
    outcome o = RUN(*state, "train", "maze", "seed=3", "train.episodes=60", "model.h_dim=16",
                    "--out", "run");
    const int status = o.status;
    outcome_free(&o);
    return status;
}

static uint32_t next(const char **text) {
    const unsigned char *t = (const unsigned char *)*text;
    const int size = *t >= 0xF0 ? 4 : *t >= 0xE0 ? 3 : *t >= 0xC0 ? 2 : 1;
    uint32_t ch = size == 1 ? *t : *t & (0x7Fu >> size);
    for (int i = 1; i < size; i++)
        ch = ch << 6 | (t[i] & 0x3F);
    *text += size;
    return ch;
}

static void blank(glass *g) {
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLS; x++)
            g->at[y][x] = ' ';
}

static void put_line(glass *g, int y, const char *line, size_t size) {
    const char *end = line + size;
    for (int x = 0; line < end; x++) {
        assert_true(x < COLS);
        g->at[y][x] = next(&line);
    }
}

static void see(screen *s, glass *g) {
    char line[SCREEN_LINE];
    blank(g);
    for (int y = 0; y < ROWS; y++) {
        screen_line(s, y, line);
        put_line(g, y, line, strlen(line));
    }
}

// Lines, bars and dots, which an SVG has as shapes.
static bool is_shape(uint32_t ch) {
    return (ch >= 0x2500 && ch < 0x25A0) || (ch >= 0x2800 && ch < 0x2900);
}

static void assert_same(const glass *want, const glass *is, bool shapes) {
    int letters = 0;
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLS; x++) {
            const uint32_t a = want->at[y][x];
            const uint32_t expected = !shapes && is_shape(a) ? ' ' : a;
            letters += expected > ' ';
            if (is->at[y][x] != expected)
                fail_msg("row %d column %d: U+%04X, not U+%04X", y, x, is->at[y][x], expected);
        }
    assert_true(letters > 200);
}

static void unescape(char *text) {
    static const char *const names[][2] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
    for (int i = 0; i < 3; i++)
        for (char *at; (at = strstr(text, names[i][0])) != NULL;) {
            *at = names[i][1][0];
            memmove(at + 1, at + strlen(names[i][0]), strlen(at + strlen(names[i][0])) + 1);
        }
}

static int attribute(const char *element, const char *name) {
    char word[32];
    snprintf(word, sizeof word, " %s=\"", name);
    const char *at = strstr(element, word);
    assert_non_null(at);
    return (int)strtol(at + strlen(word), NULL, 10);
}

// Every text of an SVG at its place; of rows that change only what is visible where nothing moves.
static void read_svg(const char *path, glass *g) {
    char *svg = file_text(path, NULL);
    assert_non_null(svg);
    assert_non_null(strstr(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_non_null(strstr(svg, "</svg>"));
    blank(g);
    int row = -1;
    for (char *line = strtok(svg, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "<g transform=\"translate(0,", 26) != 0)
            continue;
        row = (int)strtol(line + 26, NULL, 10) / CELL_H;
        if (strstr(line, "visibility=\"hidden\"") != NULL)
            continue;
        for (char *at = strstr(line, "<text "); at != NULL; at = strstr(at, "<text ")) {
            const int x = attribute(at, "x") / CELL_W, w = attribute(at, "textLength") / CELL_W;
            char *text = strchr(at, '>') + 1;
            at = strstr(text, "</text>");
            *at++ = '\0';
            unescape(text);
            const char *rest = text;
            int n = 0;
            for (; *rest != '\0'; n++)
                g->at[row][x + n] = next(&rest);
            assert_int_equal(n, w);
        }
    }
    assert_true(row == ROWS - 1);
    free(svg);
}

static void read_text(const char *path, glass *g) {
    char *text = file_text(path, NULL);
    int y = 0;
    blank(g);
    for (char *at = text; *at != '\0'; y++) {
        const size_t n = strcspn(at, "\n");
        assert_true(y < ROWS);
        put_line(g, y, at, n);
        at += n + 1;
    }
    assert_int_equal(y, ROWS);
    free(text);
}

static void path_in(void **state, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", (const char *)*state, name);
}

static screen *open_replay(void **state, const char *option, const char *value) {
    screen *s = OPEN(*state, ROWS, COLS, NULL, "replay", "run", option, value);
    SEE(s, "moment 1/");
    SEE(s, "help");
    return s;
}

static void save(screen *s, const char *name) {
    screen_keys(s, "S");
    SEE(s, "save the screen as");
    screen_keys(s, CTRL_U);
    screen_keys(s, name);
    screen_keys(s, "\r");
}

static void test_a_screen_is_saved(void **state) {
    char path[PATH_SIZE];
    glass want, is;
    screen *s = open_replay(state, NULL, NULL);
    see(s, &want);
    screen_keys(s, "S");
    SEE(s, "save the screen as (.svg or .txt): trm-1.svg");
    screen_keys(s, "\r");
    SEE(s, "saved in trm-1.svg");
    path_in(state, "trm-1.svg", path);
    read_svg(path, &is);
    assert_same(&want, &is, false);
    screen_keys(s, "\x1b");
    LOSE(s, "saved in");
    save(s, "screen.txt");
    SEE(s, "saved in screen.txt");
    path_in(state, "screen.txt", path);
    read_text(path, &is);
    assert_same(&want, &is, true);
    save(s, "screen.jpg");
    SEE(s, "not saved: screen.jpg: expected a name that ends in .svg or .txt");
    save(s, "no/such/folder.svg");
    SEE(s, "not saved: cannot");
    screen_keys(s, "?"); // the help is a screen to save, too
    SEE(s, "keys");
    save(s, "help.svg");
    SEE(s, "saved in help.svg");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static int digit_of(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);
    return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

// What the terminal was asked to put into the clipboard is the screen.
static void test_a_screen_is_copied(void **state) {
    char path[PATH_SIZE];
    glass want, is;
    size_t size;
    screen *s = open_replay(state, NULL, NULL);
    see(s, &want);
    screen_keys(s, "Y");
    SEE(s, "copied");
    const char *at = strstr(screen_bytes(s, &size), "\x1b]52;c;");
    assert_non_null(at);
    char *text = calloc(size + 1, 1);
    int n = 0;
    uint32_t bits = 0;
    at += strlen("\x1b]52;c;");
    for (int i = 0; digit_of(at[i]) >= 0; i++) {
        bits = bits << 6 | (uint32_t)digit_of(at[i]);
        if (i % 4 > 0)
            text[n++] = (char)(bits >> (6 - 2 * (i % 4)) & 255);
    }
    assert_non_null(strchr(at, '\a'));
    path_in(state, "copied.txt", path);
    file_put(path, text, (size_t)n);
    read_text(path, &is);
    assert_same(&want, &is, true);
    free(text);
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static void save_with(void **state, const char *settings, const char *option, const char *theme,
                      const char *name) {
    char path[PATH_SIZE], env[PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/config/trm", (const char *)*state);
    char command[2 * PATH_SIZE];
    snprintf(command, sizeof command, "mkdir -p %s", path);
    assert_int_equal(system(command), 0);
    path_in(state, "config/trm/settings.json", path);
    file_put_text(path, settings);
    snprintf(env, sizeof env, "XDG_CONFIG_HOME=%s/config", (const char *)*state);
    screen *s = OPEN(*state, ROWS, COLS, ENV(env), "replay", "run", option, theme);
    SEE(s, "moment 1/");
    SEE(s, "help");
    save(s, name);
    SEE(s, "saved in");
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
}

static bool has(void **state, const char *name, const char *part) {
    char path[PATH_SIZE];
    path_in(state, name, path);
    char *text = file_text(path, NULL);
    const bool found = strstr(text, part) != NULL;
    free(text);
    return found;
}

// The settings are kept in a file; what the command line says goes before.
static void test_themes(void **state) {
    static const char white[] = "fill=\"#ffffff\"/>";
    save_with(state, "{}", NULL, NULL, "dark.svg");
    assert_false(has(state, "dark.svg", white));
    save_with(state, "{\"theme\": \"light\"}", NULL, NULL, "light.svg");
    assert_true(has(state, "light.svg", white));
    save_with(state, "{\"theme\": \"light\"}", "--theme", "dark", "again.svg");
    assert_false(has(state, "again.svg", white));
    save_with(state, "{}", "--theme", "light", "asked.svg");
    assert_true(has(state, "asked.svg", white));
    save_with(state, "{\"color\": false, \"ascii\": true, \"nonsense\": 1}", NULL, NULL,
              "plain.svg");
    assert_true(has(state, "plain.svg", "fill=\"#d4d7dd\""));
    assert_false(has(state, "plain.svg", "fill=\"#0087d7\""));
    assert_refused(RUN(*state, "replay", "run", "--theme", "pink"), "dark, light, contrast");
}

// What a terminal shows at the end of a cast, and whether its times rise.
static void play_cast(const char *path, glass *g) {
    char *cast = file_text(path, NULL);
    assert_non_null(cast);
    VTerm *vt = vterm_new(ROWS, COLS);
    vterm_set_utf8(vt, 1);
    VTermScreen *glass_of = vterm_obtain_screen(vt);
    vterm_screen_reset(glass_of, 1);
    double before = -1;
    for (char *line = strtok(cast, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        cJSON *event = cJSON_Parse(line);
        assert_non_null(event);
        if (before < 0) {
            assert_int_equal(cJSON_GetObjectItem(event, "version")->valueint, 2);
            assert_int_equal(cJSON_GetObjectItem(event, "width")->valueint, COLS);
            assert_int_equal(cJSON_GetObjectItem(event, "height")->valueint, ROWS);
            before = 0;
        } else {
            const double time = cJSON_GetArrayItem(event, 0)->valuedouble;
            const char *bytes = cJSON_GetArrayItem(event, 2)->valuestring;
            assert_true(time >= before);
            assert_string_equal(cJSON_GetArrayItem(event, 1)->valuestring, "o");
            vterm_input_write(vt, bytes, strlen(bytes));
            before = time;
        }
        cJSON_Delete(event);
    }
    blank(g);
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLS; x++) {
            VTermScreenCell cell;
            vterm_screen_get_cell(glass_of, (VTermPos){y, x}, &cell);
            g->at[y][x] = cell.chars[0] != 0 ? cell.chars[0] : ' ';
        }
    vterm_free(vt);
    free(cast);
}

static void record(void **state, const char *name, glass *want, char path[PATH_SIZE]) {
    screen *s = open_replay(state, "--record", name);
    screen_keys(s, "}");
    SEE(s, "moment 2/");
    screen_keys(s, "c");
    SEE(s, "then only");
    see(s, want);
    screen_keys(s, "q");
    assert_int_equal(screen_close(s), 0);
    path_in(state, name, path);
}

static void test_a_cast_shows_what_was_drawn(void **state) {
    char path[PATH_SIZE];
    glass want, is;
    record(state, "session.cast", &want, path);
    play_cast(path, &is);
    assert_same(&want, &is, true);
}

static void test_a_moving_picture(void **state) {
    char path[PATH_SIZE];
    glass want, is;
    record(state, "session.svg", &want, path);
    read_svg(path, &is); // where nothing moves, the last frame
    assert_same(&want, &is, false);
    char *svg = file_text(path, NULL);
    assert_non_null(strstr(svg, ">moment 1/"));
    assert_non_null(strstr(svg, "<animate attributeName=\"visibility\" calcMode=\"discrete\""));
    assert_non_null(strstr(svg, ">moment 2/"));
    free(svg);
}

// Without a terminal: the whole training, played once.
static void test_a_training_as_a_picture(void **state) {
    char path[PATH_SIZE];
    outcome o = RUN(*state, "replay", "run", "--svg", "training.svg");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    path_in(state, "training.svg", path);
    char *svg = file_text(path, NULL);
    assert_non_null(svg);
    assert_non_null(strstr(svg, "moment 1/"));
    assert_non_null(strstr(svg, "moment 2/"));
    assert_non_null(strstr(svg, "</svg>"));
    free(svg);
    assert_refused(RUN(*state, "replay", "run", "--svg", "training.png"), ".svg");
    assert_refused(RUN(*state, "replay", "run", "--svg", "a.svg", "--json"), "--svg");
    assert_refused(RUN(*state, "replay", "run", "--json", "--record", "a.cast"), "--record");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_screen_is_saved),
        cmocka_unit_test(test_a_screen_is_copied),
        cmocka_unit_test(test_themes),
        cmocka_unit_test(test_a_cast_shows_what_was_drawn),
        cmocka_unit_test(test_a_moving_picture),
        cmocka_unit_test(test_a_training_as_a_picture),
    };
    return cmocka_run_group_tests(tests, train_once, scratch_remove);
}
