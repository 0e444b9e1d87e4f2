// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/picture.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/file.h"
#include "trm/base/text.h"

enum { W = TRM_PICTURE_CELL_W, H = TRM_PICTURE_CELL_H, BASELINE = 12, MARGIN = 8 };

// The terminal's own background and text, which nobody can ask for.
static int32_t paper_of(trm_colors colors) {
    static const int32_t papers[TRM_THEMES] = {0x16191f, 0xffffff, 0x000000, 0x16191f};
    return papers[colors.theme];
}

static int32_t text_of(trm_colors colors) {
    static const int32_t texts[TRM_THEMES] = {0xd4d7dd, 0x24292f, 0xffffff, 0xd4d7dd};
    return texts[colors.theme];
}

// ---- what a cell looks like ---------------------------------------------------------------------

typedef struct ink {
    int32_t color; // 0xRRGGBB; of a background -1: none
    uint8_t attr;
} ink;

static int32_t color_of(trm_colors colors, int32_t i, int32_t otherwise) {
    const trm_colors rgb = {TRM_DEPTH_RGB, colors.theme};
    const int32_t color = colors.depth > TRM_DEPTH_MONO ? trm_ink_color(rgb, i) : -1;
    return color < 0 ? otherwise : color;
}

static ink front_of(trm_colors colors, const trm_canvas_cell *c) {
    const bool reverse = (c->attr & TRM_ATTR_REVERSE) != 0;
    return (ink){reverse ? color_of(colors, c->bg, paper_of(colors))
                         : color_of(colors, c->fg, text_of(colors)),
                 (uint8_t)(c->attr & ~TRM_ATTR_REVERSE)};
}

static int32_t back_of(trm_colors colors, const trm_canvas_cell *c) {
    const bool reverse = (c->attr & TRM_ATTR_REVERSE) != 0;
    return reverse ? color_of(colors, c->fg, text_of(colors)) : color_of(colors, c->bg, -1);
}

// ---- shapes -------------------------------------------------------------------------------------

static bool is_braille(uint32_t ch) {
    return ch > 0x2800 && ch <= 0x28FF;
}

// Which of left, right, up and down a line goes to from the middle: 1, 2, 4, 8.
static int32_t lines_of(uint32_t ch) {
    static const struct {
        uint32_t ch;
        int32_t to;
    } table[] = {{0x2500, 3},  {0x2502, 12}, {0x250C, 10}, {0x2510, 9}, {0x2514, 6}, {0x2518, 5},
                 {0x251C, 14}, {0x2524, 13}, {0x252C, 11}, {0x2534, 7}, {0x253C, 15}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].ch == ch)
            return table[i].to;
    return 0;
}

static bool is_shape(uint32_t ch) {
    return is_braille(ch) || lines_of(ch) != 0 || (ch >= 0x2588 && ch <= 0x2593) || ch == 0x2580 ||
           ch == 0x2584;
}

static void rect(trm_json_buffer *out, int32_t x, int32_t y, int32_t w, int32_t h) {
    trm_json_append(out, "M%d %dh%dv%dh%dz", x, y, w, h, -w);
}

static void lines(trm_json_buffer *out, int32_t x, int32_t to) {
    const int32_t cx = x + W / 2, cy = H / 2;
    if ((to & 3) != 0)
        rect(out, (to & 1) != 0 ? x : cx, cy, ((to & 1) != 0) * W / 2 + ((to & 2) != 0) * W / 2, 1);
    if ((to & 12) != 0)
        rect(out, cx, (to & 4) != 0 ? 0 : cy, 1, ((to & 4) != 0) * H / 2 + ((to & 8) != 0) * H / 2);
}

static void braille(trm_json_buffer *out, int32_t x, uint32_t ch) {
    static const int32_t places[8][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 0},
                                         {1, 1}, {1, 2}, {0, 3}, {1, 3}};
    for (int32_t i = 0; i < 8; i++)
        if ((ch >> i & 1) != 0)
            rect(out, x + 1 + places[i][0] * W / 2, 1 + places[i][1] * H / 4, 2, 2);
}

static void shape(trm_json_buffer *out, int32_t x, uint32_t ch) {
    if (is_braille(ch))
        braille(out, x, ch);
    else if (lines_of(ch) != 0)
        lines(out, x, lines_of(ch));
    else if (ch == 0x2580)
        rect(out, x, 0, W, H / 2);
    else if (ch == 0x2584)
        rect(out, x, H / 2, W, H / 2);
    else if (ch > 0x2588 && ch <= 0x258F) // eighths from the left
        rect(out, x, 0, (int32_t)(0x2590 - ch) * W / 8, H);
    else
        rect(out, x, 0, W, H);
}

// Shades are a full cell seen through.
static int32_t percent_of(uint32_t ch) {
    return ch >= 0x2591 && ch <= 0x2593 ? (int32_t)(ch - 0x2590) * 25 : 100;
}

// ---- a row --------------------------------------------------------------------------------------

static bool same_ink(trm_colors colors, const trm_canvas_cell *a, const trm_canvas_cell *b) {
    const ink x = front_of(colors, a), y = front_of(colors, b);
    return x.color == y.color && x.attr == y.attr;
}

static void backgrounds(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *cells,
                        int32_t cols) {
    for (int32_t x = 0, end; x < cols; x = end) {
        const int32_t color = back_of(colors, &cells[x]);
        for (end = x + 1; end < cols && back_of(colors, &cells[end]) == color;)
            end++;
        if (color >= 0)
            trm_json_append(out, "<path fill=\"#%06x\" d=\"M%d 0h%dv%dh%dz\"/>", (unsigned)color,
                            x * W, (end - x) * W, H, (x - end) * W);
    }
}

static void shapes(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *cells,
                   int32_t cols) {
    for (int32_t x = 0, end; x < cols; x = end) {
        end = x + 1;
        if (!is_shape(cells[x].ch))
            continue;
        const int32_t percent = percent_of(cells[x].ch);
        const ink k = front_of(colors, &cells[x]);
        trm_json_append(out, "<path fill=\"#%06x\"", (unsigned)k.color);
        if (percent < 100 || (k.attr & TRM_ATTR_DIM) != 0)
            trm_json_append(out, " opacity=\".%02d\"", percent < 100 ? percent : 60);
        trm_json_append(out, " d=\"");
        shape(out, x * W, cells[x].ch);
        for (; end < cols && is_shape(cells[end].ch) && percent_of(cells[end].ch) == percent &&
               same_ink(colors, &cells[x], &cells[end]);
             end++)
            shape(out, end * W, cells[end].ch);
        trm_json_append(out, "\"/>");
    }
}

static bool is_blank(const trm_canvas_cell *c) {
    return c->ch == ' ' && (c->attr & TRM_ATTR_UNDERLINE) == 0;
}

static void character(trm_json_buffer *out, uint32_t ch) {
    char utf8[5] = {0};
    trm_utf8_put(utf8, ch);
    trm_json_append(out, "%s",
                    ch == '<'   ? "&lt;"
                    : ch == '>' ? "&gt;"
                    : ch == '&' ? "&amp;"
                                : utf8);
}

// Text from x up to where another ink, a shape or two blanks begin. Returns its end.
static int32_t text_end(trm_colors colors, const trm_canvas_cell *cells, int32_t cols, int32_t x) {
    int32_t end = x + 1;
    for (int32_t i = end; i < cols && !is_shape(cells[i].ch); i++) {
        if (is_blank(&cells[i])) {
            if (is_blank(&cells[i - 1]))
                break;
            continue;
        }
        if (!same_ink(colors, &cells[x], &cells[i]))
            break;
        end = i + 1;
    }
    return end;
}

static void texts(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *cells,
                  int32_t cols) {
    for (int32_t x = 0, end; x < cols; x = end) {
        end = x + 1;
        if (is_blank(&cells[x]) || is_shape(cells[x].ch) || cells[x].ch == 0)
            continue;
        end = text_end(colors, cells, cols, x);
        const ink k = front_of(colors, &cells[x]);
        trm_json_append(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\"", x * W, BASELINE,
                        (end - x) * W);
        if (k.color != text_of(colors))
            trm_json_append(out, " fill=\"#%06x\"", (unsigned)k.color);
        trm_json_append(out, "%s%s%s>", (k.attr & TRM_ATTR_BOLD) ? " font-weight=\"bold\"" : "",
                        (k.attr & TRM_ATTR_DIM) ? " opacity=\".6\"" : "",
                        (k.attr & TRM_ATTR_UNDERLINE) ? " text-decoration=\"underline\"" : "");
        for (int32_t i = x; i < end; i++)
            if (cells[i].ch != 0)
                character(out, cells[i].ch);
        trm_json_append(out, "</text>");
    }
}

void trm_picture_row(trm_json_buffer *out, trm_colors colors, const trm_canvas_cell *cells,
                     int32_t cols) {
    backgrounds(out, colors, cells, cols);
    shapes(out, colors, cells, cols);
    texts(out, colors, cells, cols);
}

// ---- the whole ----------------------------------------------------------------------------------

void trm_picture_begin(trm_json_buffer *out, trm_colors colors, int32_t rows, int32_t cols) {
    const int32_t w = cols * W + 2 * MARGIN, h = rows * H + 2 * MARGIN;
    trm_json_append(out,
                    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                    "height=\"%d\" font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,"
                    "monospace\" font-size=\"13.3\" fill=\"#%06x\" xml:space=\"preserve\">\n",
                    w, h, w, h, (unsigned)text_of(colors));
    trm_json_append(out, "<title>trm</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                    w, h, (unsigned)paper_of(colors));
    trm_json_append(out, "<g transform=\"translate(%d,%d)\" shape-rendering=\"crispEdges\">\n",
                    MARGIN, MARGIN);
}

void trm_picture_end(trm_json_buffer *out) {
    trm_json_append(out, "</g>\n</svg>\n");
}

static void draw_svg(trm_json_buffer *out, const trm_canvas *c) {
    trm_picture_begin(out, (trm_colors){c->look.depth, c->theme}, c->rows, c->cols);
    for (int32_t y = 0; y < c->rows; y++) {
        trm_json_append(out, "<g transform=\"translate(0,%d)\">", y * H);
        trm_picture_row(out, (trm_colors){c->look.depth, c->theme},
                        &c->cells[(size_t)y * (size_t)c->cols], c->cols);
        trm_json_append(out, "</g>\n");
    }
    trm_picture_end(out);
}

void trm_picture_text(trm_json_buffer *out, const trm_canvas *c) {
    for (int32_t y = 0; y < c->rows; y++) {
        const trm_canvas_cell *cells = &c->cells[(size_t)y * (size_t)c->cols];
        int32_t end = c->cols;
        while (end > 0 && cells[end - 1].ch == ' ')
            end--;
        for (int32_t x = 0; x < end; x++) {
            char utf8[4];
            if (cells[x].ch != 0)
                trm_json_append_bytes(out, utf8, trm_utf8_put(utf8, cells[x].ch));
        }
        trm_json_append(out, "\n");
    }
}

bool trm_picture_save(const trm_canvas *c, const char *path, trm_error *e) {
    static const struct {
        const char *ending;
        void (*draw)(trm_json_buffer *out, const trm_canvas *c);
    } kinds[] = {{".svg", draw_svg}, {".txt", trm_picture_text}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!trm_text_ends(path, kinds[i].ending))
            continue;
        trm_json_buffer out = {0};
        kinds[i].draw(&out, c);
        const bool ok = trm_file_write(path, out.data, out.size, e);
        free(out.data);
        return ok;
    }
    return trm_error_set(e, TRM_E_INPUT, "%s: expected a name that ends in .svg or .txt", path);
}
