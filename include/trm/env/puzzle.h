// SPDX-License-Identifier: Apache-2.0
// Sudoku puzzles apart from any environment: reading texts, drawing, solving, and which side of
// the split between training and evaluation they stand on. Sides 4 (boxes of 2x2), 6 (2 rows by 3
// columns) and 9 (3x3). Pure; thread safe.
#ifndef TRM_ENV_PUZZLE_H
#define TRM_ENV_PUZZLE_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/base/rng.h"
#include "trm/env/env.h"

TRM_BEGIN_DECLS

enum { TRM_PUZZLE_CELLS = 81, TRM_PUZZLE_TEXT = TRM_PUZZLE_CELLS + 1 };

typedef struct trm_puzzle {
    int32_t side;                       // 4, 6 or 9
    int32_t givens;                     // cells with a digit
    uint8_t cells[TRM_PUZZLE_CELLS];    // row by row; 0: blank
    uint8_t solution[TRM_PUZZLE_CELLS]; // the only one
} trm_puzzle;

// Digits that puzzles of a side may start with.
typedef struct trm_puzzle_size {
    int32_t side;
    int32_t fewest; // no puzzle with one solution has fewer
    int32_t most;
    int32_t usual;
} trm_puzzle_size;

// NULL for a side that is not 4, 6 or 9.
const trm_puzzle_size *trm_puzzle_size_of(int32_t side);

// Reads 16, 36 or 81 characters, a digit or one of .0*_xX?- for a blank, row by row; white space
// around them is passed over. Fails, saying where, on another length, another character, no blank,
// no solution or more than one.
bool trm_puzzle_parse(const char *text, trm_puzzle *out, trm_error *e);

// Checks cells [side * side], 0 blank, and finds the solution. As above.
bool trm_puzzle_of_cells(int32_t side, const int32_t *cells, trm_puzzle *out, trm_error *e);

// The same with an answer [side * side] that is only checked, not found: it is a solution. Whether
// there are others is not asked.
bool trm_puzzle_of_answer(int32_t side, const uint8_t *cells, const uint8_t *answer,
                          trm_puzzle *out, trm_error *e);

// The cells as such a line, '.' for a blank, ended by 0.
void trm_puzzle_print(const trm_puzzle *p, char out[TRM_PUZZLE_TEXT]);

// Draws a puzzle with one solution and `givens` digits; where that cannot be reached within a few
// tries, with as few as could be (a 9x9 comes down to 24 or 25 most of the time, a 6x6 to 9 or 10,
// a 4x4 to 4). The solved grid comes from all grids: a 4x4 is any of the 288 alike often; a 6x6 or
// 9x9 is found by a search with random digits and then replaced by any of its twins. The puzzle
// stands on the asked side of the split. `side` is 4, 6 or 9, givens at most the side's (asserted).
// 9x9 with 36 givens: about 0.1 ms.
void trm_puzzle_draw(int32_t side, int32_t givens, trm_split split, trm_rng *rng, trm_puzzle *out);

// How hard a puzzle is for a solver that keeps the candidates of every cell.
typedef enum trm_puzzle_grade {
    TRM_GRADE_SINGLES, // there is always a cell with one candidate or a digit with one place
    TRM_GRADE_LOCKED,  // … or candidates of a box that lie in one line, or of a line in one box
    TRM_GRADE_GUESSES, // … or a guess, after which this is enough, right or wrong
    TRM_GRADE_DEEP,    // guesses within guesses
    TRM_GRADES
} trm_puzzle_grade;

typedef struct trm_puzzle_rating {
    trm_puzzle_grade grade;
    int32_t guesses; // digits tried, each in the first cell with the fewest candidates
    int32_t depth;   // guesses that stood at once, at most
} trm_puzzle_rating;

// "singles", "locked", "guesses", "deep"; NULL past the last.
const char *trm_puzzle_grade_name(int32_t grade);

// Twins (below) nearly always have the same rating: only which of the cells with the fewest
// candidates comes first can differ. About 20 us for a 9x9 of singles, 1 ms for the hardest.
trm_puzzle_rating trm_puzzle_rate(const trm_puzzle *p);

// Draws a minimal puzzle: digits were taken out of a solved grid in random order, each if there
// remained one solution, so that none of those left can go. grade: of this grade; -1: of any.
// Grids and split as above. 4x4 puzzles are all singles (asserted), a 6x6 is seldom more, and of
// the minimal 9x9 every grade is common enough.
void trm_puzzle_draw_minimal(int32_t side, int32_t grade, trm_split split, trm_rng *rng,
                             trm_puzzle *out);

// Draws a minimal 9x9 that is harder than those that come by chance: one of grade "deep" is changed
// a few givens at a time, its solved grid staying what it is, as long as the solver of
// trm_puzzle_rate then needs more guesses: 16 to 64, mean of four twins, where a "deep" one mostly
// takes 4 to 16. Split as above. About 50 ms.
void trm_puzzle_draw_hardest(trm_split split, trm_rng *rng, trm_puzzle *out);

// The side of the split: twins, which are the same puzzle with digits renamed, bands, stacks, rows
// in a band or columns in a stack in another order, or (4x4, 9x9) transposed, always stand on the
// same side. Of 9x9, so do all puzzles with the same solved grid.
trm_split trm_puzzle_side(const trm_puzzle *p);

// Puzzles as people write them, from a file, or from all files of a folder, in order of their
// names. Only puzzles of `side` are allowed. Fails with file and line, and what was expected there.
//
// - A line with a field of 16, 36 or 81 cells is a puzzle, whatever the other columns are: CSV,
// TSV,
//   quotes, JSON lines. The first such field counts, those of `side` before others. A line of that
//   many cells with spaces, commas or bars between them is one, too.
// - N lines of N cells each are a puzzle of N rows, with |, +, -, = and spaces for borders.
// - A text that begins with { or [ is JSON; its lists may be rows, puzzles, or lists of strings.
// - Blanks are . 0 * _ x X ? and -.
// - A full board behind a puzzle, in its line or after its rows, is its answer. It is checked.
// - Passed over: empty lines, lines that begin with #, titles ("Grid 01"), lines of =, sections
//   other than [Puzzle], and whatever words stand before the first puzzle (a header).
// - A line without digits that holds dashes is a border, unless it has 4, 6 or 9 dashes and nothing
//   but spaces and bars beside them, and some row of the file has dashes among its digits and no
//   other blank: then it is a row of blanks.
// - A byte order mark is passed over; lines end with LF, CRLF or CR; UTF-16 is refused.
typedef struct trm_puzzle_list {
    int32_t count;
    trm_puzzle *items;
} trm_puzzle_list;
bool trm_puzzle_list_read(const char *path, int32_t side, trm_puzzle_list *out, trm_error *e);

// The same from a text of `size` bytes; errors call it `name`.
bool trm_puzzle_list_parse(const char *name, const char *text, size_t size, int32_t side,
                           trm_puzzle_list *out, trm_error *e);

// The first board of a text, of any size, full or with any number of solutions. Returns its side,
// 0 on failure.
int32_t trm_puzzle_first(const char *name, const char *text, size_t size,
                         uint8_t cells[TRM_PUZZLE_CELLS], trm_error *e);

void trm_puzzle_list_free(trm_puzzle_list *list);

TRM_END_DECLS

#endif
