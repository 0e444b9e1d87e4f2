// SPDX-License-Identifier: Apache-2.0
// The picture of learning curves, looked at: the text of an SVG, the pixels of a PNG.
#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "made.h"
#include "trm/base/file.h"
#include "trm/plot/plot.h"

static trm_curves_request request_of(const char *const *runs, int32_t count, const char *out) {
    return (trm_curves_request){.runs = runs, .count = count, .out = out};
}

static void draw(const trm_curves_request *q) {
    trm_error e = {0};
    if (!trm_plot_curves(q, &e))
        fail_msg("%s", e.message);
}

static int32_t occurrences(const char *text, const char *part) {
    int32_t n = 0;
    for (const char *s = text; (s = strstr(s, part)); s += strlen(part))
        n++;
    return n;
}

// Stroked or filled with the first curves' colours, as cairo writes them.
static const char blue[] = "rgb(0%,44.705882%,69.803922%)";
static const char vermillion[] = "rgb(83.529412%,36.862745%,0%)";
static const char green[] = "rgb(0%,61.960784%,45.098039%)";

static void an_svg_says_what_it_shows(void **state) {
    (void)state;
    const char *runs[] = {made_run("a", "maze", 0, 100, 50), made_run("b", "maze", 1, 100, 50),
                          made_run("c", "maze-mlp", 0, 100, 200)};
    trm_curves_request q = request_of(runs, 3, made_path("x.svg"));
    q.title = "first & <second>";
    draw(&q);
    size_t size;
    char *text = read_bytes(q.out, &size);
    assert_non_null(strstr(text, "<title>first &amp; &lt;second&gt;</title>"));
    assert_non_null(strstr(text, "maze, 2 seeds: reward +7.45 ± 0.00, success 100.0 ± 0.0 %"));
    assert_non_null(strstr(text, "maze-mlp, 1 seed: reward +7.45, success 0.0 %"));
    assert_true(occurrences(text, blue) > 4);
    assert_true(occurrences(text, vermillion) > 4);
    assert_int_equal(occurrences(text, green), 0);
    assert_true(size > 8 && strcmp(text + size - 7, "</svg>\n") == 0);
    free(text);
}

static void the_same_runs_give_the_same_bytes(void **state) {
    (void)state;
    const char *runs[] = {made_run("a", "maze", 0, 1000, 50), made_run("b", "maze-k5", 0, 300, 9)};
    static const char *const names[][2] = {{"1.svg", "2.svg"}, {"1.png", "2.png"}};
    for (int k = 0; k < 2; k++) {
        char *bytes[2];
        size_t sizes[2];
        for (int i = 0; i < 2; i++) {
            const trm_curves_request q = request_of(runs, 2, made_path(names[k][i]));
            draw(&q);
            bytes[i] = read_bytes(q.out, &sizes[i]);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
}

typedef struct picture {
    cairo_surface_t *surface;
    const unsigned char *data;
    int width, height, stride;
} picture;

static picture open_picture(const char *path) {
    picture p = {.surface = cairo_image_surface_create_from_png(path)};
    assert_int_equal(cairo_surface_status(p.surface), CAIRO_STATUS_SUCCESS);
    p.data = cairo_image_surface_get_data(p.surface);
    p.width = cairo_image_surface_get_width(p.surface);
    p.height = cairo_image_surface_get_height(p.surface);
    p.stride = cairo_image_surface_get_stride(p.surface);
    return p;
}

static uint32_t pixel(const picture *p, int x, int y) {
    return *(const uint32_t *)(const void *)(p->data + (ptrdiff_t)y * p->stride + 4 * x) & 0xFFFFFF;
}

static int count_pixels(const picture *p, uint32_t colour) {
    int n = 0;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            n += pixel(p, x, y) == colour;
    return n;
}

static void a_png_has_the_curves_on_white(void **state) {
    (void)state;
    const char *runs[] = {made_run("a", "maze", 0, 100, 10), made_run("b", "maze-mlp", 0, 100, 90)};
    const trm_curves_request q = request_of(runs, 2, made_path("x.png"));
    draw(&q);
    size_t size;
    char *bytes = read_bytes(q.out, &size);
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
    free(bytes);
    picture p = open_picture(q.out);
    assert_true(p.width > 1500 && p.height > 600);
    assert_int_equal(pixel(&p, 0, 0), 0xFFFFFF);
    assert_int_equal(pixel(&p, p.width - 1, p.height - 1), 0xFFFFFF);
    assert_true(count_pixels(&p, 0x0072B2) > 1000);
    assert_true(count_pixels(&p, 0xD55E00) > 1000);
    assert_int_equal(count_pixels(&p, 0x009E73), 0);
    assert_true(count_pixels(&p, 0xFFFFFF) > p.width * p.height / 2);
    cairo_surface_destroy(p.surface);
}

static void every_axis_and_both_kinds_are_drawn(void **state) {
    (void)state;
    const char *maze = made_run("a", "maze", 0, 100, 10);
    const char *samples = made_run("b", "mazes-8-trm", 0, 20, 0);
    trm_error e = {0};
    for (int axis = 0; axis < TRM_PLOT_AXES; axis++) {
        trm_curves_request q = request_of(&maze, 1, made_path("x.svg"));
        q.axis = (trm_plot_axis)axis;
        draw(&q);
        q.runs = &samples;
        q.smooth = 3;
        if (axis != TRM_PLOT_BY_STEP) {
            draw(&q);
            continue;
        }
        assert_false(trm_plot_curves(&q, &e));
        assert_error(&e, TRM_E_INPUT, "no steps", NULL);
    }
    size_t size;
    char *text = read_bytes(made_path("x.svg"), &size);
    assert_non_null(strstr(text, "loss 0.650, cells right 90.0 %, whole answers right 45.0 %"));
    free(text);
}

static void a_single_line_and_a_hostile_file_are_drawn(void **state) {
    (void)state;
    const char *run = made_run("a", "maze", 0, 1, 0);
    const trm_curves_request q = request_of(&run, 1, made_path("x.svg"));
    draw(&q);
    char *huge = malloc(70000);
    memset(huge, '[', 70000);
    memcpy(huge + 70000 - 80,
           "\n\xff\xfe\n{\"episode\":1e15,\"step\":-1e30,\"seconds\":1e30,\"reward\":-1e30,"
           "\"success\":7}\nx",
           strlen("\n\xff\xfe\n{\"episode\":1e15,\"step\":-1e30,\"seconds\":1e30,\"reward\":-1e30,"
                  "\"success\":7}\nx"));
    write_bytes(made_path("a/metrics.jsonl"), huge, 70000);
    free(huge);
    for (int axis = 0; axis < TRM_PLOT_AXES; axis++) {
        trm_curves_request hostile = q;
        hostile.axis = (trm_plot_axis)axis;
        draw(&hostile);
    }
}

static void what_cannot_be_written_is_refused(void **state) {
    (void)state;
    const char *run = made_run("a", "maze", 0, 10, 5);
    trm_error e = {0};
    static const char *const names[] = {"x", "x.gif", "x.svg.gz", "svg", "x.svg/y"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const trm_curves_request q = request_of(&run, 1, made_path(names[i]));
        assert_false(trm_plot_curves(&q, &e));
        assert_error(&e, TRM_E_INPUT, names[i], ".svg or .png", NULL);
        assert_false(trm_file_exists(q.out));
    }
    const trm_curves_request q = request_of(&run, 1, made_path("none/x.svg"));
    assert_false(trm_plot_curves(&q, &e));
    assert_error(&e, TRM_E_IO, "none/x.svg", NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_svg_says_what_it_shows),
        TEST(the_same_runs_give_the_same_bytes),
        TEST(a_png_has_the_curves_on_white),
        TEST(every_axis_and_both_kinds_are_drawn),
        TEST(a_single_line_and_a_hostile_file_are_drawn),
        TEST(what_cannot_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
