// SPDX-License-Identifier: Apache-2.0
#include "env/sudoku/list/scan.h"

#include <ctype.h>
#include <string.h>

#include "env/files/lines.h"
#include "trm/env/puzzle.h"

enum { LONG = 10, SHORT = 4, TITLE = 64, QUOTED = 32 }; // characters

typedef struct scan {
    int32_t side;               // preferred; 0: none
    int32_t line;               // where the record stands that is read
    bool json;                  // records end with brackets, not with lines
    bool dashes;                // a line of dashes alone is a row of blanks
    bool section;               // inside a section other than [Puzzle]
    int32_t boards;             // handed over so far
    int32_t rows, width, first; // of the grid that is being read; the line of its first row
    uint8_t cells[TRM_PUZZLE_CELLS];
    trm_scan_take take;
    void *ctx;
} scan;

// ---- characters ---------------------------------------------------------------------------------

typedef enum kind { OTHER, DIGIT, BLANK, DASH, SEPARATOR } kind;

// Borders may be drawn with characters beyond ASCII.
static kind kind_of(char c) {
    if (c >= '1' && c <= '9')
        return DIGIT;
    switch (c) {
    case '-':
        return DASH;
    // clang-format off
    case '0': case '.': case '*': case '_': case 'x': case 'X': case '?':
        return BLANK;
    case '\0': case ' ': case '\t': case '\r': case '\n': case '|': case '+': case '=': case ',':
    case ';': case ':': case '\'': case '"': case '(': case ')': case '[': case ']': case '{':
    case '}':
        // clang-format on
        return SEPARATOR;
    default:
        return (unsigned char)c >= 0x80 ? SEPARATOR : OTHER;
    }
}

static int32_t side_of(size_t cells) {
    return cells == 16 ? 4 : cells == 36 ? 6 : cells == 81 ? 9 : 0;
}

static bool is_side(size_t cells) {
    return cells == 4 || cells == 6 || cells == 9;
}

static size_t trim(const char **text, size_t size) {
    while (size > 0 && strchr(" \t\r\n", **text))
        ++*text, size--;
    while (size > 0 && strchr(" \t\r\n", (*text)[size - 1]))
        size--;
    return size;
}

// What a record is made of.
typedef struct tally {
    size_t cells, digits, dashes, others;
    bool ruled;                     // with '+' or '=': a border
    uint8_t read[TRM_PUZZLE_CELLS]; // the first cells
} tally;

static tally tally_of(const char *text, size_t size) {
    tally t = {0};
    for (size_t i = 0; i < size; i++) {
        const kind k = kind_of(text[i]);
        t.ruled = t.ruled || text[i] == '+' || text[i] == '=';
        t.others += k == OTHER;
        t.digits += k == DIGIT;
        t.dashes += k == DASH;
        if (k != DIGIT && k != BLANK && k != DASH)
            continue;
        if (t.cells < TRM_PUZZLE_CELLS)
            t.read[t.cells] = k == DIGIT ? (uint8_t)(text[i] - '0') : 0;
        t.cells++;
    }
    return t;
}

// ---- boards -------------------------------------------------------------------------------------

static bool wrong_cell(size_t i, char c, int32_t side, trm_error *e) {
    return trm_error_set(e, TRM_E_INPUT,
                         "character %zu is '%c', expected 1 to %d, or one of .0*_x?- for a blank",
                         i + 1, c, side);
}

static bool unfinished(const scan *s, trm_error *e) {
    return trm_error_set(e, TRM_E_INPUT,
                         "the grid that begins in line %d has %d row%s of %d cells, expected %d: "
                         "write one row a line",
                         s->first, s->rows, s->rows == 1 ? "" : "s", s->width, s->width);
}

static bool hand_over(scan *s, int32_t side, const uint8_t *cells, trm_error *e) {
    if (s->rows > 0)
        return unfinished(s, e);
    for (int32_t i = 0; i < side * side; i++)
        if (cells[i] > side)
            return wrong_cell((size_t)i, (char)('0' + cells[i]), side, e);
    s->boards++;
    return s->take(s->ctx, side, cells, e);
}

static bool take_row(scan *s, const tally *t, trm_error *e) {
    const int32_t width = (int32_t)t->cells;
    if (s->rows == 0) {
        s->width = width;
        s->first = s->line;
    } else if (width != s->width) {
        return trm_error_set(e, TRM_E_INPUT, "a row of %d cells, expected %d as in line %d", width,
                             s->width, s->first);
    }
    for (int32_t i = 0; i < width; i++)
        if (t->read[i] > width)
            return wrong_cell((size_t)i, (char)('0' + t->read[i]), width, e);
    memcpy(s->cells + s->rows * width, t->read, (size_t)width);
    if (++s->rows < width)
        return true;
    s->rows = 0;
    s->line = s->first;
    return hand_over(s, width, s->cells, e);
}

// ---- records ------------------------------------------------------------------------------------

// The next field at or after *at: what stands between separators.
static bool next_field(const char *text, size_t size, size_t *at, const char **field,
                       size_t *length) {
    size_t i = *at;
    while (i < size && kind_of(text[i]) == SEPARATOR)
        i++;
    *field = text + i;
    for (*length = 0; i < size && kind_of(text[i]) != SEPARATOR; i++)
        ++*length;
    *at = i;
    return *length > 0;
}

// The side of a field that is a whole board; 0: it is none.
static int32_t board_of(const char *field, size_t length, tally *t) {
    const int32_t side = side_of(length);
    if (side == 0)
        return 0;
    *t = tally_of(field, length);
    if (t->digits == 0 && t->dashes > 0)
        return 0;
    for (size_t i = 0; i < length; i++)
        if (t->others > 0 || t->read[i] > side)
            return 0;
    return side;
}

static bool is_full(const tally *t) {
    return t->digits == t->cells;
}

// Hands over the record's fields that are boards: the first, full ones behind it, and of a list
// all. *found: there are such.
static bool take_fields(scan *s, const char *text, size_t size, int32_t side, bool *found,
                        trm_error *e) {
    const char *field;
    size_t at = 0, length;
    tally t;
    while (next_field(text, size, &at, &field, &length)) {
        const int32_t is = board_of(field, length, &t);
        if (is == 0 || (side && is != side) || (*found && !s->json && !is_full(&t)))
            continue;
        *found = true;
        if (!hand_over(s, is, t.read, e))
            return false;
    }
    return true;
}

// Of a line without digits that has a dash; see the rule.
static bool is_border(const scan *s, const tally *t) {
    return t->digits == 0 && t->dashes > 0 &&
           (t->ruled || t->dashes < t->cells || !s->dashes || !is_side(t->cells));
}

// A record of nothing but cells and what stands between them.
static bool take_cells(scan *s, const tally *t, trm_error *e) {
    const int32_t side = t->cells <= TRM_PUZZLE_CELLS ? side_of(t->cells) : 0;
    if (t->cells == 0 || is_border(s, t))
        return true;
    if (side > 0)
        return hand_over(s, side, t->read, e);
    if (is_side(t->cells) || (s->rows > 0 && t->cells <= LONG))
        return take_row(s, t, e);
    if (s->boards == 0 && s->rows == 0 && t->cells < SHORT) // how many there are, or their size
        return true;
    return trm_error_set(e, TRM_E_INPUT,
                         "a puzzle has 16, 36 or 81 characters (4x4, 6x6, 9x9) or as many rows of "
                         "4, 6 or 9, found %zu",
                         t->cells);
}

// A field that was meant as a board: nothing but cells, or the length of one and mostly cells.
static bool refuse_meant(const char *text, size_t size, trm_error *e) {
    const char *field;
    size_t at = 0, length;
    while (next_field(text, size, &at, &field, &length)) {
        if (length < LONG)
            continue;
        const tally t = tally_of(field, length);
        const int32_t side = side_of(length);
        if (t.others > (side ? length / 4 : 0) || (t.dashes && !t.digits))
            continue;
        if (side == 0)
            return trm_error_set(e, TRM_E_INPUT,
                                 "a puzzle has 16, 36 or 81 characters (4x4, 6x6, 9x9), found %zu",
                                 length);
        for (size_t i = 0; i < length; i++)
            if (kind_of(field[i]) == OTHER || (kind_of(field[i]) == DIGIT && field[i] > '0' + side))
                return wrong_cell(i, field[i], side, e);
    }
    return true;
}

// "Grid 01", "Puzzle #3:"
static bool is_title(const char *text, size_t size) {
    bool number = false;
    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr(" #:.-_()", text[i]))
            return false;
        number = number || isdigit((unsigned char)text[i]);
    }
    return number && size <= TITLE && isalpha((unsigned char)text[0]);
}

static bool take_words(scan *s, const char *text, size_t size, trm_error *e) {
    if (s->rows > 0)
        return unfinished(s, e);
    return s->boards == 0 || is_title(text, size) ||
           trm_error_set(e, TRM_E_INPUT, "found \"%.*s\", expected a puzzle: put # before a remark",
                         (int)(size < QUOTED ? size : QUOTED), text);
}

// `list`: a JSON list, or a line.
static bool take_record(scan *s, const char *text, size_t size, bool list, trm_error *e) {
    bool found = false;
    size = trim(&text, size);
    if (size == 0)
        return true;
    if ((s->side && !take_fields(s, text, size, s->side, &found, e)) ||
        (!found && !take_fields(s, text, size, 0, &found, e)))
        return false;
    if (found)
        return true;
    const tally t = tally_of(text, size);
    if (!refuse_meant(text, size, e))
        return false;
    if (t.others == 0 && list)
        return take_cells(s, &t, e);
    return s->json || take_words(s, text, size, e);
}

// ---- lines --------------------------------------------------------------------------------------

// "[Puzzle]", "[State]"
static bool is_section(const char *text, size_t size) {
    return size > 2 && text[0] == '[' && text[size - 1] == ']' && isalpha((unsigned char)text[1]) &&
           kind_of(text[1]) == OTHER;
}

static bool take_line(scan *s, const char *text, size_t size, trm_error *e) {
    size = trim(&text, size);
    if (size > 0 && is_section(text, size)) {
        s->section = strncasecmp(text, "[puzzle]", size) != 0;
        return s->rows == 0 || unfinished(s, e);
    }
    return size == 0 || s->section || text[0] == '#' || take_record(s, text, size, true, e);
}

// Is there a row with a dash among its digits, and no other blank?
static bool writes_dashes(trm_lines lines) {
    const char *text;
    size_t size;
    while (trm_lines_next(&lines, &text, &size)) {
        const tally t = tally_of(text, size);
        if (t.others == 0 && is_side(t.cells) && t.digits > 0 && t.dashes > 0 &&
            t.digits + t.dashes == t.cells)
            return true;
    }
    return false;
}

static bool scan_lines(scan *s, trm_lines lines, trm_error *e) {
    const char *text;
    size_t size;
    s->dashes = writes_dashes(lines);
    while (trm_lines_next(&lines, &text, &size)) {
        s->line = lines.number;
        if (!take_line(s, text, size, e))
            return false;
    }
    return s->rows == 0 || unfinished(s, e);
}

// ---- JSON ---------------------------------------------------------------------------------------

static bool is_json(const trm_lines *lines) {
    const char *text = lines->at;
    size_t size = trim(&text, (size_t)(lines->end - lines->at));
    if (size < 2 || (*text != '[' && *text != '{'))
        return false;
    const bool object = *text == '{';
    text++;
    size = trim(&text, size - 1);
    return size > 0 && (object || kind_of(*text) != OTHER);
}

// Records stand between brackets of any kind.
static bool scan_json(scan *s, const trm_lines *lines, trm_error *e) {
    const char *begin = lines->at;
    char open = '\0';
    int32_t line = 1;
    bool ends_cr = false;
    for (const char *at = begin; at <= lines->end; at++) {
        const char c = at < lines->end ? *at : '\0';
        if (c == '\0' || strchr("[]{}", c)) {
            s->line = line;
            if (!take_record(s, begin, (size_t)(at - begin), open == '[' && c == ']', e))
                return false;
            begin = at + 1;
            open = c;
        }
        line += c == '\r' || (c == '\n' && !ends_cr);
        ends_cr = c == '\r';
    }
    s->line = line;
    return s->rows == 0 || unfinished(s, e);
}

bool trm_sudoku_scan(const char *name, const char *text, size_t size, int32_t side,
                     trm_scan_take take, void *ctx, trm_error *e) {
    scan s = {.side = side, .take = take, .ctx = ctx};
    trm_lines lines;
    if (!trm_lines_open(&lines, text, size, e))
        return trm_error_prefix(e, "%s", name);
    s.json = is_json(&lines);
    if (s.json ? scan_json(&s, &lines, e) : scan_lines(&s, lines, e))
        return true;
    return e && e->code == TRM_OK ? false : trm_error_prefix(e, "%s:%d", name, s.line);
}
