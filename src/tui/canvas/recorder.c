// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "tui/canvas/picture.h"

static const double FRAME = 0.1, LINGER = 2.0; // between frames of an SVG, and its last one

// A row as it is for a while.
typedef struct version {
    double from;
    trm_canvas_cell *cells;
} version;

typedef struct row {
    version *versions;
    int32_t count, capacity;
} row;

struct trm_recorder {
    bool moving_picture; // else a cast
    const char *path;    // borrowed
    FILE *cast;
    trm_json_buffer text; // of an event, or of the SVG
    trm_colors colors;
    trm_canvas_cell *last; // the frame before
    int32_t rows, cols;
    double began, kept; // kept: when an SVG's last frame was taken
    row *film;          // [rows]
};

static size_t size_of(const trm_recorder *r) {
    return (size_t)r->rows * (size_t)r->cols;
}

trm_recorder *trm_recorder_open(const char *path, trm_error *e) {
    const bool svg = trm_text_ends(path, ".svg");
    if (!svg && !trm_text_ends(path, ".cast")) {
        trm_error_set(e, TRM_E_INPUT, "%s: expected a name that ends in .cast or .svg", path);
        return NULL;
    }
    FILE *stream = fopen(path, "we"); // of an SVG, too: to know early that it can be written
    if (stream == NULL) {
        trm_file_errno(e, "write", path);
        return NULL;
    }
    trm_recorder *r = trm_alloc(1, sizeof *r);
    r->moving_picture = svg;
    r->path = path;
    r->cast = svg ? NULL : stream;
    if (svg)
        fclose(stream);
    return r;
}

// ---- asciinema ----------------------------------------------------------------------------------

static void event(trm_recorder *r, double time, char kind, const char *text) {
    trm_json_buffer line = {0};
    trm_json_append(&line, "[%.6f,\"%c\",", time, kind);
    trm_json_append_string(&line, text);
    fprintf(r->cast, "%s]\n", line.data);
    free(line.data);
}

static void say_color(trm_json_buffer *out, trm_colors colors, int32_t i, bool front) {
    const int32_t color = trm_ink_color(colors, i);
    if (color < 0)
        return;
    if (colors.depth == TRM_DEPTH_RGB)
        trm_json_append(out, ";%d;2;%d;%d;%d", front ? 38 : 48, color >> 16, color >> 8 & 255,
                        color & 255);
    else if (colors.depth == TRM_DEPTH_256)
        trm_json_append(out, ";%d;5;%d", front ? 38 : 48, color);
    else
        trm_json_append(out, ";%d", (front ? 30 : 40) + color + (color >= 8 ? 52 : 0));
}

static void say_ink(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *c) {
    trm_json_append(out, "\033[0%s%s%s%s", (c->attr & TRM_ATTR_BOLD) ? ";1" : "",
                    (c->attr & TRM_ATTR_DIM) ? ";2" : "",
                    (c->attr & TRM_ATTR_UNDERLINE) ? ";4" : "",
                    (c->attr & TRM_ATTR_REVERSE) ? ";7" : "");
    say_color(out, colors, c->fg, true);
    if (colors.depth >= TRM_DEPTH_256 && c->bg >= TRM_INK_HEAT)
        say_color(out, colors, c->bg, false);
    trm_json_append(out, "m");
}

static void cast_header(trm_recorder *r, const trm_canvas *c) {
    fprintf(r->cast,
            "{\"version\":2,\"width\":%d,\"height\":%d,\"env\":{\"TERM\":\"xterm-256color\"}}\n",
            c->cols, c->rows);
}

static void cast_frame(trm_recorder *r, const trm_canvas *c, double time, bool whole) {
    const trm_canvas_cell *ink = NULL;
    r->text.size = 0;
    if (whole)
        trm_json_append(&r->text, "\033[?25l\033[0m\033[2J");
    for (int32_t y = 0; y < c->rows; y++) {
        bool follows = false; // the cursor is where the next cell goes
        for (int32_t x = 0; x < c->cols; x++) {
            const trm_canvas_cell *cell = &c->cells[(size_t)y * (size_t)c->cols + (size_t)x];
            char utf8[4];
            if (cell->ch == 0)
                continue;
            if (memcmp(cell, &r->last[cell - c->cells], sizeof *cell) == 0) {
                follows = false;
                continue;
            }
            if (!follows)
                trm_json_append(&r->text, "\033[%d;%dH", y + 1, x + 1);
            if (ink == NULL || ink->fg != cell->fg || ink->bg != cell->bg ||
                ink->attr != cell->attr)
                say_ink(&r->text, r->colors, cell);
            ink = cell;
            trm_json_append_bytes(&r->text, utf8, trm_utf8_put(utf8, cell->ch));
            follows = true;
        }
    }
    if (r->text.size > 0)
        event(r, time, 'o', r->text.data);
}

// ---- a moving picture ---------------------------------------------------------------------------

static void film_row(row *film, const trm_canvas_cell *cells, int32_t cols, double time) {
    const size_t size = (size_t)cols * sizeof *cells;
    version *last = film->count > 0 ? &film->versions[film->count - 1] : NULL;
    if (last != NULL && memcmp(last->cells, cells, size) == 0)
        return;
    if (last != NULL && last->from >= time) { // it was never seen
        memcpy(last->cells, cells, size);
        return;
    }
    film->versions = trm_grow(film->versions, film->count, &film->capacity, sizeof *film->versions);
    version *v = &film->versions[film->count++];
    *v = (version){time, trm_alloc((size_t)cols, sizeof *cells)};
    memcpy(v->cells, cells, size);
}

static void film_frame(trm_recorder *r, const trm_canvas_cell *cells, double time) {
    for (int32_t y = 0; y < r->rows; y++)
        film_row(&r->film[y], &cells[(size_t)y * (size_t)r->cols], r->cols, time);
    r->kept = time;
}

static bool same(const row *film, int32_t a, int32_t b, int32_t cols) {
    return memcmp(film->versions[a].cells, film->versions[b].cells,
                  (size_t)cols * sizeof *film->versions[a].cells) == 0;
}

// When a version of a row is there: "visible" from each time on at which it or its like begins.
static void animate(trm_json_buffer *out, const row *film, int32_t i, int32_t cols, double length) {
    trm_json_buffer times = {0}, values = {0};
    bool now = false;
    for (int32_t k = 0; k < film->count; k++) {
        const bool seen = same(film, i, k, cols);
        if (k > 0 && seen == now)
            continue;
        trm_json_append(&times, "%s%.4g", k > 0 ? ";" : "", film->versions[k].from / length);
        trm_json_append(&values, "%s%s", k > 0 ? ";" : "", seen ? "visible" : "hidden");
        now = seen;
    }
    trm_json_append(out,
                    "<animate attributeName=\"visibility\" calcMode=\"discrete\" "
                    "dur=\"%.2fs\" repeatCount=\"indefinite\" keyTimes=\"%s\" values=\"%s\"/>",
                    length, times.data, values.data);
    free(times.data);
    free(values.data);
}

static bool is_new(const row *film, int32_t i, int32_t cols) {
    for (int32_t k = 0; k < i; k++)
        if (same(film, k, i, cols))
            return false;
    return true;
}

// Where nothing moves, the last frame is seen.
static void write_film(trm_recorder *r, double length) {
    trm_picture_begin(&r->text, r->colors, r->rows, r->cols);
    for (int32_t y = 0; y < r->rows; y++)
        for (int32_t i = 0; i < r->film[y].count; i++) {
            if (!is_new(&r->film[y], i, r->cols))
                continue;
            trm_json_append(&r->text, "<g transform=\"translate(0,%d)\"%s>", y * TRM_PICTURE_CELL_H,
                            same(&r->film[y], i, r->film[y].count - 1, r->cols)
                                ? ""
                                : " visibility=\"hidden\"");
            if (r->film[y].count > 1)
                animate(&r->text, &r->film[y], i, r->cols, length);
            trm_picture_row(&r->text, r->colors, r->film[y].versions[i].cells, r->cols);
            trm_json_append(&r->text, "</g>\n");
        }
    trm_picture_end(&r->text);
}

// ---- both ---------------------------------------------------------------------------------------

// Cells that no canvas has.
static void forget(trm_recorder *r) {
    memset(r->last, 0xFF, size_of(r) * sizeof *r->last);
}

static void begin(trm_recorder *r, const trm_canvas *c, double now) {
    r->began = now;
    r->colors = (trm_colors){c->look.depth, c->theme};
    r->rows = c->rows;
    r->cols = c->cols;
    r->last = trm_alloc(size_of(r), sizeof *r->last);
    if (r->moving_picture)
        r->film = trm_alloc((size_t)r->rows, sizeof *r->film);
    else
        cast_header(r, c);
    forget(r);
}

static void resize(trm_recorder *r, const trm_canvas *c, double time) {
    char size[32];
    free(r->last);
    r->rows = c->rows;
    r->cols = c->cols;
    r->last = trm_alloc(size_of(r), sizeof *r->last);
    forget(r);
    trm_text_format(size, sizeof size, "%dx%d", c->cols, c->rows);
    event(r, time, 'r', size);
}

// What of a canvas of another size the picture, which keeps its own, has.
static void take(trm_recorder *r, const trm_canvas *c) {
    const trm_canvas_cell blank = {.ch = ' '};
    for (int32_t y = 0; y < r->rows; y++)
        for (int32_t x = 0; x < r->cols; x++)
            r->last[y * r->cols + x] =
                y < c->rows && x < c->cols ? c->cells[y * c->cols + x] : blank;
}

void trm_recorder_frame(trm_recorder *r, const trm_canvas *c, double now) {
    const bool first = r->last == NULL;
    if (first)
        begin(r, c, now);
    const double time = now - r->began;
    if (r->moving_picture) {
        // The frame before, which was held back, stood until now.
        if (!first && time - r->kept >= FRAME)
            film_frame(r, r->last, r->kept + FRAME);
        take(r, c);
        if (first || time - r->kept >= FRAME)
            film_frame(r, r->last, time);
        return;
    }
    const bool other = r->rows != c->rows || r->cols != c->cols;
    if (other)
        resize(r, c, time);
    cast_frame(r, c, time, first || other);
    memcpy(r->last, c->cells, size_of(r) * sizeof *r->last);
}

static bool finish(trm_recorder *r, double time, trm_error *e) {
    if (r->cast != NULL) {
        const bool bad = ferror(r->cast) != 0;
        return (fclose(r->cast) == 0 && !bad) || trm_file_errno(e, "write", r->path);
    }
    if (r->last == NULL)
        return true;
    if (time > r->kept)
        film_frame(r, r->last, r->kept + FRAME);
    write_film(r, (time > r->kept ? time : r->kept) + LINGER);
    return trm_file_write(r->path, r->text.data, r->text.size, e);
}

bool trm_recorder_close(trm_recorder *r, double now, trm_error *e) {
    if (r == NULL)
        return true;
    const bool ok = finish(r, now - r->began, e);
    for (int32_t y = 0; r->film != NULL && y < r->rows; y++) {
        for (int32_t i = 0; i < r->film[y].count; i++)
            free(r->film[y].versions[i].cells);
        free(r->film[y].versions);
    }
    free(r->film);
    free(r->last);
    free(r->text.data);
    free(r);
    return ok;
}
