// SPDX-License-Identifier: Apache-2.0
#include "tui/canvas/layout.h"

int32_t trm_clamp(int32_t x, int32_t low, int32_t high) {
    x = x > high ? high : x;
    return x < low ? low : x;
}

int32_t trm_window(int32_t n, int32_t shown, int32_t focus) {
    return trm_clamp(focus - shown / 2, 0, n > shown ? n - shown : 0);
}

trm_rect trm_canvas_area(const trm_canvas *c) {
    return (trm_rect){0, 0, c->rows - 1, c->cols};
}

trm_rect trm_rect_top(trm_rect *r, int32_t rows, int32_t gap) {
    const int32_t h = trm_clamp(rows, 0, r->h), used = trm_clamp(h + gap, 0, r->h);
    const trm_rect out = {r->y, r->x, h, r->w};
    r->y += used;
    r->h -= used;
    return out;
}

trm_rect trm_rect_bottom(trm_rect *r, int32_t rows, int32_t gap) {
    const int32_t h = trm_clamp(rows, 0, r->h);
    const trm_rect out = {r->y + r->h - h, r->x, h, r->w};
    r->h -= trm_clamp(h + gap, 0, r->h);
    return out;
}

trm_rect trm_rect_left(trm_rect *r, int32_t cols, int32_t gap) {
    const int32_t w = trm_clamp(cols, 0, r->w), used = trm_clamp(w + gap, 0, r->w);
    const trm_rect out = {r->y, r->x, r->h, w};
    r->x += used;
    r->w -= used;
    return out;
}

trm_rect trm_rect_right(trm_rect *r, int32_t cols, int32_t gap) {
    const int32_t w = trm_clamp(cols, 0, r->w);
    const trm_rect out = {r->y, r->x + r->w - w, r->h, w};
    r->w -= trm_clamp(w + gap, 0, r->w);
    return out;
}

trm_rect trm_rect_inset(trm_rect r, int32_t rows, int32_t cols) {
    rows = trm_clamp(rows, 0, r.h / 2);
    cols = trm_clamp(cols, 0, r.w / 2);
    return (trm_rect){r.y + rows, r.x + cols, r.h - 2 * rows, r.w - 2 * cols};
}

trm_rect trm_rect_centre(trm_rect r, int32_t h, int32_t w) {
    h = trm_clamp(h, 0, r.h);
    w = trm_clamp(w, 0, r.w);
    return (trm_rect){r.y + (r.h - h) / 2, r.x + (r.w - w) / 2, h, w};
}

bool trm_rect_has(trm_rect r, int32_t y, int32_t x) {
    return y >= r.y && y < r.y + r.h && x >= r.x && x < r.x + r.w;
}

// What the parts that are there (size >= 0) leave of the room.
static int32_t left_over(const int32_t *sizes, int32_t n, int32_t room, int32_t gap) {
    int32_t left = room + gap;
    for (int32_t i = 0; i < n; i++)
        left -= sizes[i] >= 0 ? sizes[i] + gap : 0;
    return left;
}

static int32_t next_to_drop(const trm_part *parts, const int32_t *sizes, int32_t n) {
    int32_t worst = -1;
    for (int32_t i = 0; i < n; i++)
        if (sizes[i] >= 0 && parts[i].drop > 0 && (worst < 0 || parts[i].drop > parts[worst].drop))
            worst = i;
    return worst;
}

static bool may_grow(const trm_part *part, int32_t size) {
    return size >= 0 && part->share > 0 && (part->most == 0 || size < part->most);
}

// Gives what is left to the parts that may grow, by their shares; false: to none.
static bool share_out(const trm_part *parts, int32_t n, int32_t *left, int32_t *sizes) {
    int64_t shares = 0;
    const int32_t all = *left;
    for (int32_t i = 0; i < n; i++)
        shares += may_grow(&parts[i], sizes[i]) ? parts[i].share : 0;
    for (int32_t i = 0; i<n && * left> 0; i++) {
        if (!may_grow(&parts[i], sizes[i]))
            continue;
        int32_t more = trm_clamp((int32_t)(all * (int64_t)parts[i].share / shares), 1, *left);
        if (parts[i].most > 0)
            more = trm_clamp(more, 0, parts[i].most - sizes[i]);
        sizes[i] += more;
        *left -= more;
    }
    return shares > 0;
}

void trm_parts_fit(const trm_part *parts, int32_t n, int32_t room, int32_t gap, int32_t *sizes) {
    for (int32_t i = 0; i < n; i++)
        sizes[i] = parts[i].least > 0 || parts[i].share > 0 ? parts[i].least : -1;
    int32_t left;
    for (int32_t k; (left = left_over(sizes, n, room, gap)) < 0;) {
        if ((k = next_to_drop(parts, sizes, n)) < 0)
            break;
        sizes[k] = -1;
    }
    while (left > 0 && share_out(parts, n, &left, sizes))
        ;
    for (int32_t i = n - 1; i >= 0; i--) {
        const int32_t less = left < 0 ? trm_clamp(-left, 0, sizes[i]) : 0;
        sizes[i] = trm_clamp(sizes[i] - less, 0, room > 0 ? room : 0);
        left += less;
    }
}

enum { MOST_PARTS = 16 };

void trm_rect_rows(trm_rect r, const trm_part *parts, int32_t n, int32_t gap, trm_rect *out) {
    int32_t sizes[MOST_PARTS];
    trm_parts_fit(parts, n, r.h, gap, sizes);
    for (int32_t i = 0; i < n; i++)
        out[i] = trm_rect_top(&r, sizes[i], sizes[i] > 0 ? gap : 0);
}

void trm_rect_cols(trm_rect r, const trm_part *parts, int32_t n, int32_t gap, trm_rect *out) {
    int32_t sizes[MOST_PARTS];
    trm_parts_fit(parts, n, r.w, gap, sizes);
    for (int32_t i = 0; i < n; i++)
        out[i] = trm_rect_left(&r, sizes[i], sizes[i] > 0 ? gap : 0);
}
