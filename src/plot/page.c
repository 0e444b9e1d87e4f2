// SPDX-License-Identifier: Apache-2.0
#include "plot/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

static const double TURN = 6.283185307179586;

static const char FONT[] = "sans-serif";

static const uint32_t inks[INK_COUNT] = {
    [INK_TEXT] = 0x222222,       [INK_QUIET] = 0x6B6B6B,      [INK_GRID] = 0xE4E4E4,
    [INK_AXIS] = 0x8A8A8A,       [INK_PAPER] = 0xFFFFFF,      [INK_SERIES] = 0x0072B2,
    [INK_SERIES + 1] = 0xD55E00, [INK_SERIES + 2] = 0x009E73, [INK_SERIES + 3] = 0xCC79A7,
    [INK_SERIES + 4] = 0xE69F00, [INK_SERIES + 5] = 0x56B4E9, [INK_SERIES + 6] = 0x444444,
    [INK_SERIES + 7] = 0x882255, [INK_SERIES + 8] = 0x999933,
};

bool trm_page_is_svg(const char *out, bool *svg, trm_error *e) {
    const char *slash = strrchr(out, '/');
    const char *dot = strrchr(slash ? slash : out, '.');
    *svg = dot && strcasecmp(dot, ".svg") == 0;
    return *svg || (dot && strcasecmp(dot, ".png") == 0) ||
           trm_error_set(e, TRM_E_INPUT, "%s: expected a name that ends in .svg or .png", out);
}

static cairo_status_t take_bytes(void *ctx, const unsigned char *bytes, unsigned int size) {
    trm_json_append_bytes(ctx, bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

bool trm_page_begin(trm_page *p, const char *out, bool svg, double width, double height,
                    trm_error *e) {
    *p = (trm_page){.out = out, .svg = svg};
    if (!trm_cairo_functions_load(&p->cairo, e))
        return false;
    cairo_surface_t *s =
        svg ? p->cairo.svg_surface_create_for_stream(take_bytes, &p->bytes, width, height)
            : p->cairo.image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * PAGE_SCALE),
                                            (int)ceil(height * PAGE_SCALE));
    p->cr = p->cairo.create(s);
    p->cairo.surface_destroy(s); // the context holds it
    if (!svg)
        p->cairo.scale(p->cr, PAGE_SCALE, PAGE_SCALE);
    trm_page_ink(p, INK_PAPER, 1);
    p->cairo.paint(p->cr);
    p->cairo.set_line_join(p->cr, CAIRO_LINE_JOIN_ROUND);
    p->cairo.set_line_cap(p->cr, CAIRO_LINE_CAP_BUTT);
    return true;
}

// ---- writing ------------------------------------------------------------------------------------

static void append_escaped(trm_json_buffer *t, const char *text) {
    for (const char *s = text; *s != '\0'; s++) {
        const char *escaped = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : NULL;
        trm_json_append_bytes(t, escaped ? escaped : s, escaped ? strlen(escaped) : 1);
    }
}

// Appends without the ids of surfaces, which cairo counts over the whole process: no one refers to
// them, and the same picture is to be the same bytes.
static void append_without_ids(trm_json_buffer *out, const char *svg) {
    static const char id[] = " id=\"surface";
    for (const char *at; (at = strstr(svg, id)) != NULL;) {
        trm_json_append_bytes(out, svg, (size_t)(at - svg));
        svg = at + sizeof id - 1;
        svg += strspn(svg, "0123456789\"");
    }
    trm_json_append(out, "%s", svg);
}

// Puts title and description where an SVG has them: before everything else in it.
static void add_words(trm_json_buffer *svg, const char *title, const char *description) {
    trm_json_buffer out = {0};
    const char *tag = strstr(svg->data, "<svg");
    const char *end = tag ? strchr(tag, '>') : NULL;
    if (!end)
        return;
    trm_json_append_bytes(&out, svg->data, (size_t)(end + 1 - svg->data));
    trm_json_append(&out, "\n<title>");
    append_escaped(&out, title);
    trm_json_append(&out, "</title>\n<desc>");
    append_escaped(&out, description);
    trm_json_append(&out, "</desc>");
    append_without_ids(&out, end + 1);
    free(svg->data);
    *svg = out;
}

// The picture's bytes are whole; false where cairo failed.
static bool finish(trm_page *p, trm_error *e) {
    cairo_surface_t *s = p->cairo.surface_reference(p->cairo.get_target(p->cr));
    cairo_status_t status = p->cairo.status(p->cr);
    p->cairo.destroy(p->cr);
    if (status == CAIRO_STATUS_SUCCESS && !p->svg)
        status = p->cairo.surface_write_to_png_stream(s, take_bytes, &p->bytes);
    p->cairo.surface_finish(s); // an SVG is written now
    if (status == CAIRO_STATUS_SUCCESS)
        status = p->cairo.surface_status(s);
    p->cairo.surface_destroy(s);
    return status == CAIRO_STATUS_SUCCESS ||
           trm_error_set(e, TRM_E_IO, "%s cannot be drawn: %s", p->out,
                         p->cairo.status_to_string(status));
}

bool trm_page_write(trm_page *p, const char *title, const char *description, trm_error *e) {
    bool ok = finish(p, e);
    if (p->svg && ok)
        add_words(&p->bytes, title, description);
    ok = ok && trm_file_write(p->out, p->bytes.data, p->bytes.size, e);
    free(p->bytes.data);
    *p = (trm_page){0};
    return ok;
}

bool trm_page_take(trm_page *p, unsigned char **bytes, size_t *size, trm_error *e) {
    const bool ok = finish(p, e);
    *bytes = ok ? (unsigned char *)p->bytes.data : NULL;
    *size = p->bytes.size;
    if (!ok)
        free(p->bytes.data);
    *p = (trm_page){0};
    return ok;
}

// ---- drawing ------------------------------------------------------------------------------------

void trm_page_ink(trm_page *p, trm_page_ink_kind colour, double alpha) {
    const uint32_t c = inks[colour];
    p->cairo.set_source_rgba(p->cr, (c >> 16) / 255.0, (c >> 8 & 0xFF) / 255.0, (c & 0xFF) / 255.0,
                             alpha);
}

static void set_font(trm_page *p, const trm_plot_type *t) {
    p->cairo.select_font_face(p->cr, FONT, CAIRO_FONT_SLANT_NORMAL,
                              t->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    p->cairo.set_font_size(p->cr, t->size);
}

double trm_page_text_width(trm_page *p, const trm_plot_type *t, const char *text) {
    cairo_text_extents_t extents;
    set_font(p, t);
    p->cairo.text_extents(p->cr, text, &extents);
    return extents.x_advance;
}

// The longest start of the text that fits with an ellipsis.
static void cut_to_fit(trm_page *p, const trm_plot_type *t, const char *text, char *out,
                       size_t size) {
    size_t n = strlen(text);
    trm_text_copy(out, size, text);
    while (trm_page_text_width(p, t, out) > t->most && n > 0) {
        n = trm_utf8_cut(text, n - 1);
        trm_text_format(out, size, "%.*s…", (int)n, text);
    }
}

void trm_page_text(trm_page *p, double x, double y, const trm_plot_type *t, const char *text) {
    char cut[512];
    if (t->most > 0) {
        cut_to_fit(p, t, text, cut, sizeof cut);
        text = cut;
    }
    const double width = t->align == ALIGN_LEFT ? 0 : trm_page_text_width(p, t, text);
    set_font(p, t);
    trm_page_ink(p, t->ink, 1);
    p->cairo.move_to(p->cr, t->align == ALIGN_RIGHT ? x - width : x - width / 2, y);
    p->cairo.show_text(p->cr, text);
    p->cairo.new_path(p->cr);
}

void trm_page_line(trm_page *p, double x0, double y0, double x1, double y1) {
    p->cairo.move_to(p->cr, x0, y0);
    p->cairo.line_to(p->cr, x1, y1);
    p->cairo.stroke(p->cr);
}

static void polygon(trm_page *p, int corners, double from, double x, double y, double radius) {
    for (int i = 0; i < corners; i++) {
        const double a = TURN * (from + (double)i / corners);
        p->cairo.line_to(p->cr, x + radius * cos(a), y + radius * sin(a));
    }
    p->cairo.close_path(p->cr);
}

void trm_page_marker(trm_page *p, int32_t series, double x, double y, double radius) {
    enum { SHAPES = 5 };
    p->cairo.new_path(p->cr);
    switch (series % SHAPES) {
    case 0:
        p->cairo.arc(p->cr, x, y, radius, 0, TURN);
        break;
    case 1:
        polygon(p, 4, 0.125, x, y, radius * 1.25);
        break;
    case 2:
        polygon(p, 3, 0.75, x, y, radius * 1.3);
        break;
    case 3:
        polygon(p, 4, 0, x, y, radius * 1.3);
        break;
    default:
        polygon(p, 3, 0.25, x, y, radius * 1.3);
        break;
    }
    const bool hollow = series >= SHAPES;
    trm_page_ink(p, hollow ? INK_PAPER : (trm_page_ink_kind)(INK_SERIES + series), 1);
    p->cairo.fill_preserve(p->cr);
    trm_page_ink(p, hollow ? (trm_page_ink_kind)(INK_SERIES + series) : INK_PAPER, 1);
    p->cairo.set_line_width(p->cr, hollow ? 1.4 : 0.9);
    p->cairo.stroke(p->cr);
}
