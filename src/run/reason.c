// SPDX-License-Identifier: Apache-2.0
#include "trm/run/reason.h"

#include <assert.h>
#include <string.h>

// Recorded episodes hold these words: changing one makes old records fail to check.
static const char *const texts[TRM_REASONS] = {
    [TRM_REASON_NONE] = "",
    [TRM_REASON_TOWARDS_GOAL] = "towards the goal",
    [TRM_REASON_AWAY_FROM_GOAL] = "away from the goal",
    [TRM_REASON_REACHED_GOAL] = "reached the goal",
    [TRM_REASON_OFF_GRID] = "off the grid",
    [TRM_REASON_INTO_WALL] = "into a wall",
    [TRM_REASON_OUT_OF_STEPS] = "out of steps",
    [TRM_REASON_RIGHT_DIGIT] = "the right digit",
    [TRM_REASON_WRONG_DIGIT] = "the wrong digit",
    [TRM_REASON_LEGAL_PLACEMENT] = "a legal placement",
    [TRM_REASON_NOT_THE_ANSWER] = "legal, but not the answer",
    [TRM_REASON_GIVEN_CELL] = "a given cell",
    [TRM_REASON_FILLED_CELL] = "the cell is filled already",
    [TRM_REASON_BREAKS_RULE] = "breaks a rule",
    [TRM_REASON_GRID_FULL] = "the grid is full",
    [TRM_REASON_SOLVED] = "solved",
    [TRM_REASON_FULL_BUT_WRONG] = "full, but wrong",
    [TRM_REASON_DEAD_END] = "no digit fits any more",
};

const char *trm_reason_text(trm_reason reason) {
    assert(reason < TRM_REASONS && texts[reason]);
    return texts[reason];
}

trm_reason trm_reason_of_text(const char *text) {
    for (trm_reason r = TRM_REASON_NONE; r < TRM_REASONS; r++)
        if (strcmp(texts[r], text) == 0)
            return r;
    return TRM_REASON_NONE;
}
