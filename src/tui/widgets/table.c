// SPDX-License-Identifier: Apache-2.0
#include "tui/widgets/table.h"

#include <math.h>

#include "trm/base/text.h"

trm_row trm_row_number(const char *label, double value, int32_t digits, const char *unit) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%.*f%s", digits, value, unit);
    return r;
}

trm_row trm_row_rate(const char *label, double value) {
    trm_row r = {.label = label, .value = "-"};
    if (isfinite(value))
        trm_text_format(r.value, sizeof r.value, "%.3g", value);
    return r;
}

trm_row trm_row_count(const char *label, int64_t value) {
    trm_row r = {.label = label};
    char text[32];
    trm_text_copy(r.value, sizeof r.value, trm_text_thousands(text, value));
    return r;
}

trm_row trm_row_duration(const char *label, double seconds) {
    trm_row r = {.label = label, .value = "-"};
    char text[32];
    if (isfinite(seconds))
        trm_text_copy(r.value, sizeof r.value,
                      trm_text_duration(text, seconds < 1.0 ? seconds : floor(seconds)));
    return r;
}

void trm_table_draw(trm_canvas *c, trm_rect r, const trm_row *rows, int32_t n, int32_t width,
                    int32_t gap) {
    const int32_t columns = (r.w + gap) / (width + gap);
    if (r.h < 1 || columns < 1)
        return;
    const int32_t even = (n + columns - 1) / columns;
    const int32_t rows_each = even < r.h ? even : r.h;
    for (int32_t i = 0; i < n && i < columns * rows_each; i++) {
        const int32_t x = i / rows_each * (width + gap);
        const int32_t y = r.y + i % rows_each;
        const int32_t used = trm_canvas_text(c, y, r.x + x, width, TRM_STYLE_DIM, rows[i].label);
        trm_canvas_print_right(c, y, r.x + x + used + 1, width - used - 1, rows[i].style, "%s",
                               rows[i].value);
    }
}
