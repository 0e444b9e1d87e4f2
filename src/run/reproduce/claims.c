// SPDX-License-Identifier: Apache-2.0
#include "trm/run/reproduce.h"

#include <stddef.h>

static const trm_claim claims[] = {
    {TRM_CLAIM_SUCCESS, "rl-mlp", "RL on the maze: MLP", "36 %", "original-maze-mlp",
     "original-maze-mlp-fixed", "maze-mlp",
     .reason = "(T,1) times (T) log-probabilities and returns: no policy gradient is left"},
    {TRM_CLAIM_SUCCESS, "rl-k5", "RL on the maze: TRM K=5", "34 %", "original-maze-k5",
     "original-maze-k5-fixed", "maze-k5",
     .reason = "the same bug; with the shapes right the recipe mostly collapses, a running "
               "baseline does not"},
    {TRM_CLAIM_SUCCESS, "rl-k3", "RL on the maze: TRM K=3", "22 %", "original-maze",
     "original-maze-fixed", "maze", .reason = "the same"},
    {TRM_CLAIM_SUCCESS, "rl-sudoku", "RL on the empty sudoku: TRM K=3", "0-6 %", "original-sudoku",
     "original-sudoku-fixed", .reason = "64 actions of which ever fewer are legal, and the bug"},
    {TRM_CLAIM_SUCCESS, "rl-sudoku-one", "RL on one blank cell", "0-6 %", "updated-2-sudoku-one",
     NULL, "sudoku-one",
     .reason = "one step an episode, so the bug has no hold; its schedule ends too early"},
    {TRM_CLAIM_SUCCESS, "rl-sudoku-easy", "RL on the easy sudoku", "0-6 %", "updated-3-sudoku-easy",
     "updated-3-sudoku-easy-fixed", .quick_seeds = 1,
     .reason = "not learned; every puzzle is made from one grid"},
    {TRM_CLAIM_SUCCESS, "rl-sudoku-medium", "RL on the medium sudoku", "0-6 %",
     "updated-4-sudoku-medium", "updated-4-sudoku-medium-fixed", .quick_seeds = 1,
     .reason = "the same"},
    {TRM_CLAIM_ACCURACY, "mazes-8-cnn", "8x8 mazes: CNN", "100 %", "mazes-8-cnn",
     "mazes-8-fixed-cnn", .quick_seeds = 1,
     .reason = "obstacles never touch the border, so all targets are one"},
    {TRM_CLAIM_ACCURACY, "mazes-8-trm", "8x8 mazes: TRM", "100 %", "mazes-8-trm",
     "mazes-8-fixed-trm", .quick_seeds = 1,
     .reason = "the same; no cell sees further than two away"},
    {TRM_CLAIM_ACCURACY, "mazes-10-transformer", "10x10 mazes: transformer", "~100 %",
     "mazes-10-transformer", "mazes-10-fixed-transformer", .quick_seeds = 1, .quick_epochs = 3,
     .reason = "on an even side the goal is walled off, so all targets are empty"},
    {TRM_CLAIM_ACCURACY, "mazes-10-trm", "10x10 mazes: TRM", "~100 %", "mazes-10-trm",
     "mazes-10-fixed-trm", .quick_seeds = 1, .quick_epochs = 5,
     .reason = "the same; its cells never see one another"},
    {TRM_CLAIM_ACCURACY, "baseline", "Baseline on tokens learns", "", "baseline",
     .reason = "chance is 10 %; a label depends on the position, of which the model is not "
               "told: 12.5 % is the most there is to learn"},
    {TRM_CLAIM_PARAMETERS, "parameters-cnn", "parameters: CNN", "74,850", "mazes-8-cnn",
     .reason = "counted"},
    {TRM_CLAIM_PARAMETERS, "parameters-trm-8", "parameters: TRM, 8x8", "9,922", "mazes-8-trm",
     .reason = "counted"},
    {TRM_CLAIM_PARAMETERS, "parameters-transformer", "parameters: transformer", "~150,000",
     "mazes-10-transformer", .reason = "counted, not estimated"},
    {TRM_CLAIM_PARAMETERS, "parameters-trm-10", "parameters: TRM, 10x10", "~50,000", "mazes-10-trm",
     .reason = "counted, not estimated"},
    {TRM_CLAIM_PARAMETERS, "parameters-mlp", "parameters: MLP", "20,356", "original-maze-mlp",
     .reason = "counted"},
    {TRM_CLAIM_PARAMETERS, "parameters-trm", "parameters: TRM Full", "69,038", "original-maze",
     .reason = "counted; K shares its weights"},
    {TRM_CLAIM_DATA, "data-8", "8x8 mazes vary", "", "mazes-8-trm", "mazes-8-fixed-trm",
     .reason = "obstacles never touch the border: one answer for all"},
    {TRM_CLAIM_DATA, "data-10", "10x10 mazes have a path", "", "mazes-10-trm", "mazes-10-fixed-trm",
     .reason = "on an even side the goal is walled off: no answer at all"},
    {TRM_CLAIM_READ, "deep-supervision", "deep supervision in RL", "every cycle",
     .found = "the last cycle only",
     .reason = "every cycle's logits are computed, only the last is in the loss"},
    {TRM_CLAIM_READ, "halting", "adaptive halting", "yes", .found = "none",
     .reason = "in a docstring only, not in the code"},
};

enum { CLAIMS = sizeof claims / sizeof *claims };

const trm_claim *trm_claim_at(int32_t i) {
    return i >= 0 && i < CLAIMS ? &claims[i] : NULL;
}
