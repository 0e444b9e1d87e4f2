// SPDX-License-Identifier: Apache-2.0
// The functions of cairo that pictures need, found when the first picture is drawn and not at every
// start: cairo brings some twenty libraries with it. The only header that brings in cairo.
#ifndef PLOT_CAIRO_H
#define PLOT_CAIRO_H

#include <cairo-svg.h>
#include <stdbool.h>

#include "trm/base/error.h"

// clang-format off
#define CAIRO_FUNCTIONS(X) \
    X(arc) X(clip) X(close_path) X(create) \
    X(destroy) X(fill) X(fill_preserve) X(get_target) \
    X(image_surface_create) X(line_to) X(move_to) X(new_path) \
    X(paint) X(rectangle) X(restore) X(save) \
    X(scale) X(select_font_face) X(set_dash) X(set_font_size) \
    X(set_line_cap) X(set_line_join) X(set_line_width) X(set_source_rgba) \
    X(show_text) X(status) X(status_to_string) X(stroke) \
    X(surface_destroy) X(surface_finish) X(surface_reference) X(surface_status) \
    X(surface_write_to_png_stream) X(svg_surface_create_for_stream) X(text_extents)
// clang-format on

typedef struct trm_cairo_functions {
#define CAIRO_MEMBER(name) __typeof__(cairo_##name) *name;
    CAIRO_FUNCTIONS(CAIRO_MEMBER)
#undef CAIRO_MEMBER
} trm_cairo_functions;

// False with one line where the library is not there. It stays until the process ends.
bool trm_cairo_functions_load(trm_cairo_functions *f, trm_error *e);

#endif
