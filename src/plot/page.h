// SPDX-License-Identifier: Apache-2.0
// A page to draw on with cairo, in points, the origin at the top left; and the looks that all
// pictures share.
#ifndef PLOT_PAGE_H
#define PLOT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "plot/cairo.h"
#include "run/json.h"
#include "trm/base/error.h"

#define PAGE_SCALE 2.0 // pixels of a PNG a point

typedef struct trm_page {
    trm_cairo_functions cairo;
    cairo_t *cr;
    const char *out; // borrowed
    bool svg;
    trm_json_buffer bytes;
} trm_page;

// The colours of a picture. The curves' are of Okabe and Ito, "Color Universal Design", 2008, and
// two of Tol's muted scheme: told apart with any kind of colour vision.
typedef enum trm_page_ink_kind {
    INK_TEXT,
    INK_QUIET, // what explains
    INK_GRID,
    INK_AXIS,
    INK_PAPER,
    INK_SERIES, // the first of INK_SERIES_COUNT
    INK_SERIES_COUNT = 9,
    INK_COUNT = INK_SERIES + INK_SERIES_COUNT
} trm_page_ink_kind;

typedef enum trm_page_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT } trm_page_align;

// How text is set.
typedef struct trm_plot_type {
    double size;
    bool bold;
    trm_page_ink_kind ink;
    trm_page_align align;
    double most; // width; what is longer is cut with an ellipsis; 0: any
} trm_plot_type;

// "svg" or "png" by the name's ending. Fails with one line on others.
bool trm_page_is_svg(const char *out, bool *svg, trm_error *e);

// An empty page; false where cairo is not there. Drawing never fails; trm_page_write ends it.
bool trm_page_begin(trm_page *p, const char *out, bool svg, double width, double height,
                    trm_error *e);

// Writes the file, whole or not at all, and frees the page. `title` and `description` are what an
// SVG says in words.
bool trm_page_write(trm_page *p, const char *title, const char *description, trm_error *e);

// The picture in memory instead; free *bytes with free().
bool trm_page_take(trm_page *p, unsigned char **bytes, size_t *size, trm_error *e);

void trm_page_ink(trm_page *p, trm_page_ink_kind colour, double alpha);
void trm_page_text(trm_page *p, double x, double y, const trm_plot_type *t,
                   const char *text); // y: the baseline
double trm_page_text_width(trm_page *p, const trm_plot_type *t, const char *text);

// One of nine marks that are told apart by shape, with the series' colour.
void trm_page_marker(trm_page *p, int32_t series, double x, double y, double radius);

// A line from (x0, y0) to (x1, y1).
void trm_page_line(trm_page *p, double x0, double y0, double x1, double y1);

#endif
