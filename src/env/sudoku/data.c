// SPDX-License-Identifier: Apache-2.0
// Sudokus as samples: the puzzle as the environment shows it, its solution as the answer.
#include <string.h>

#include "env/dataset/spec.h"
#include "env/sudoku/list/collection.h"
#include "env/sudoku/solver.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"

enum { SIDE = 9 };

// Of trm_dataset_difficulty. Those between ANY and MIXED are grades.
enum { ANY, MIXED = TRM_GRADES + 1, HARDEST };

static void shape(int32_t size, trm_dataset *out) {
    out->state_dim = out->positions * (size + 1);
    out->classes = size;
    out->geometry = trm_sudoku_geometry(trm_sudoku_shape_of(size));
}

// The range of givens asked for; 0: the size's own, or as many as the other end says.
static void range_of(const trm_dataset_config *c, int32_t usual, int32_t *fewest, int32_t *most) {
    *fewest = c->givens_min ? c->givens_min : c->givens_max ? c->givens_max : usual;
    *most = c->givens_max ? c->givens_max : *fewest;
}

static bool check(const trm_dataset_config *c, int32_t size, trm_error *e) {
    const trm_puzzle_size *s = trm_puzzle_size_of(size);
    int32_t fewest, most;
    if (!s)
        return trm_error_set(e, TRM_E_INPUT, "data.size: a sudoku has size 4, 6 or 9, found %d",
                             size);
    range_of(c, s->usual, &fewest, &most);
    if (fewest < s->fewest || fewest > s->most || most > s->most)
        return trm_error_set(e, TRM_E_INPUT,
                             "data.givens_min, data.givens_max: %d..%d is out of range %d..%d for "
                             "sudokus of size %d",
                             fewest, most, s->fewest, s->most, size);
    if (size == 4 && trm_text_index(trm_dataset_difficulty, c->difficulty) > 1)
        return trm_error_set(e, TRM_E_INPUT,
                             "data.difficulty: every 4x4 sudoku can be solved by singles: leave "
                             "\"%s\" out, or set data.size to 6 or 9",
                             c->difficulty);
    if (size < SIDE && trm_text_index(trm_dataset_difficulty, c->difficulty) == HARDEST)
        return trm_error_set(e, TRM_E_INPUT,
                             "data.difficulty: only 9x9 sudokus are made \"%s\": set data.size to "
                             "9, or leave it out",
                             c->difficulty);
    return fewest <= most ||
           trm_error_set(e, TRM_E_INPUT, "data.givens_min: %d is above data.givens_max, %d", fewest,
                         most);
}

static void show(const trm_puzzle *p, float *input, int32_t *target) {
    int32_t side = p->side, cells = side * side;
    memset(input, 0, (size_t)(cells * (side + 1)) * sizeof *input);
    for (int32_t i = 0; i < cells; i++) {
        target[i] = p->solution[i] - 1;
        if (p->cells[i])
            input[(p->cells[i] - 1) * cells + i] = input[side * cells + i] = 1;
    }
}

const char *trm_dataset_difficulty(int32_t i) {
    return i == ANY       ? "any"
           : i == MIXED   ? "mixed"
           : i == HARDEST ? "hardest"
           : i > 0        ? trm_puzzle_grade_name(i - 1)
                          : NULL;
}

static bool apart(const trm_dataset_config *c) {
    return c->minimal > 0 || c->curriculum;
}

static void draw_minimal(const trm_dataset_config *c, int32_t size, trm_split split, trm_rng *rng,
                         trm_puzzle *out) {
    const int32_t asked = trm_text_index(trm_dataset_difficulty, c->difficulty);
    const int32_t grade = asked == MIXED ? (int32_t)trm_rng_below(rng, TRM_GRADES) : asked - 1;
    if (asked == HARDEST)
        trm_puzzle_draw_hardest(split, rng, out);
    else
        trm_puzzle_draw_minimal(size, grade, split, rng, out);
}

static void draw(const trm_dataset_config *c, int32_t size, trm_split split, trm_rng *rng,
                 float *input, int32_t *target) {
    int32_t fewest, most;
    trm_puzzle p;
    if (apart(c) && trm_rng_double(rng) < (double)c->minimal) {
        draw_minimal(c, size, split, rng, &p);
        show(&p, input, target);
        return;
    }
    range_of(c, trm_puzzle_size_of(size)->usual, &fewest, &most);
    int32_t givens = fewest + (int32_t)trm_rng_below(rng, (uint32_t)(most - fewest + 1));
    trm_puzzle_draw(size, givens, split, rng, &p);
    show(&p, input, target);
}

// ---- puzzles of files

static trm_collection *open_puzzles(const trm_dataset_config *c, int32_t size, trm_error *e) {
    return trm_collection_open(&trm_sudoku_collection, &size, c->files, c->asked, e);
}

static void copy_puzzle(const void *item, float *input, int32_t *target) {
    show(item, input, target);
}

const trm_dataset_spec trm_dataset_sudoku = {
    .name = "sudoku",
    .summary = "4x4, 6x6 or 9x9 sudokus with one solution, from all grids",
    .reads = (const char *const[]){"givens_min", "givens_max", "minimal", "difficulty",
                                   "curriculum", "generated", "puzzles", "augment", NULL},
    .size = SIDE,
    .size_min = 4,
    .size_max = SIDE,
    .grid = true,
    .shape = shape,
    .check = check,
    .draw_split = draw,
    .apart = apart,
    .open = open_puzzles,
    .copy = copy_puzzle,
};
