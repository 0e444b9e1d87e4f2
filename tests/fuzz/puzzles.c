// SPDX-License-Identifier: Apache-2.0
// Puzzles, one a line: what is read has one solution, and reads back from what is printed.
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "trm/env/puzzle.h"

static void must_be_puzzle(const trm_puzzle *p) {
    char line[TRM_PUZZLE_TEXT];
    trm_puzzle back;
    trm_error e = {0};
    for (int32_t i = 0; i < p->side * p->side; i++)
        must(p->solution[i] >= 1 && p->solution[i] <= p->side &&
             (p->cells[i] == 0 || p->cells[i] == p->solution[i]));
    trm_puzzle_print(p, line);
    must(trm_puzzle_parse(line, &back, &e));
    must(back.side == p->side && back.givens == p->givens);
    must(memcmp(back.solution, p->solution, sizeof back.solution) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int32_t sides[] = {4, 6, 9};
    char *text = text_of(data, size);
    trm_puzzle puzzle;
    trm_puzzle_list list;
    trm_error e = {0};
    if (trm_puzzle_parse(text, &puzzle, &e))
        must_be_puzzle(&puzzle);
    else
        must_tell(&e);
    if (trm_puzzle_list_parse("list", (const char *)data, size, sides[size % 3], &list, &e)) {
        for (int32_t i = 0; i < list.count; i++)
            must_be_puzzle(&list.items[i]);
        trm_puzzle_list_free(&list);
    } else {
        must_tell(&e);
    }
    free(text);
    return 0;
}
