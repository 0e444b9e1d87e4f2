// SPDX-License-Identifier: Apache-2.0
// The texts. The names are the paper's (z_H, z_L, supervision step, carry) and the original's
// (H, L, cycle, feedback).
#include <stddef.h>

#include "tui/explain/explain.h"

static const trm_explanation panels[TRM_PANELS] = {
    [TRM_PANEL_START_SUDOKU] =
        {"the sudoku", TRM_PART_HEAD,
         "A bundled model fills all blank cells at once, reads its own answer, and fills them "
         "again: one supervision step after the other. Bold digits are given. The brighter a cell, "
         "or the fuller its shade, the surer the answer. × is wrong, ' has just changed. Below: "
         "wrong cells after each step."},
    [TRM_PANEL_START_MAZE] =
        {"the maze", TRM_PART_CARRY,
         "For every cell, the move the model would make if the agent ● stood there; ◆ is the goal. "
         "× leads away from the goal, ' has just turned. What a cell knows it passes on to its "
         "neighbours at each step, so the plan grows from the goal outwards. Then the agent "
         "follows it."},
    [TRM_PANEL_TRAIN_BOARD] =
        {"the board", TRM_PART_BOARD,
         "What the model sees: the agent ●, the goal ◆, walls, and • where the agent has been, or "
         "digits. Below it: what the last move brought, the move, the total reward, and the "
         "optimum, the most that any way of playing can get from this start. b shows the plan: "
         "what the model would do from every cell, at the selected cycle."},
    [TRM_PANEL_TRAIN_SAMPLE] =
        {"the sample", TRM_PART_BOARD,
         "The puzzle as the model sees it: what is given, or the walls, start ● and goal ◆. "
         "Held-out samples were never trained on; d shows the hardest first, n samples that were "
         "trained on. Below: how much of the selected step's answer is right, among blank cells "
         "and in all, and p(halt), the probability of stopping there. At a restart thinking "
         "begins again."},
    [TRM_PANEL_TRAIN_CYCLES] =
        {"the cycles", TRM_PART_ALL,
         "The K cycles of one decision. H (z_H) holds the answer so far, L (z_L) the working out "
         "(z and y in models with steps): a square is a unit, blue below 0, orange above; on a "
         "maze, how far a cell's units moved since the step before. Bars: what it would do if it "
         "stopped there, or Q, an action's worth; ▸ best, * done, × not allowed; ! changed its "
         "mind."},
    [TRM_PANEL_TRAIN_ANSWERS] =
        {"the steps", TRM_PART_HEAD,
         "The answer after every supervision step: × is wrong, ! changes a given, ' differs from "
         "the step before. The brighter a cell, the surer. Below the answers: the latent of the "
         "cell under the cursor, or one value for every cell. Arrows move the cursor, [ ] choose "
         "the step."},
    [TRM_PANEL_TRAIN_REWARD] =
        {"reward", TRM_PART_LOSS,
         "The reward of every episode so far: dots are single episodes, the line is the mean of "
         "the last 50, and the dashes are the optimum. It rises as the policy learns; noise is the "
         "price of trying things out."},
    [TRM_PANEL_TRAIN_SUCCESS] =
        {"success", TRM_PART_LOSS,
         "The share of the last 50 episodes that reached the goal, or filled the grid. Actions are "
         "sampled while training, so it may stay below what the model does when it always takes "
         "its best action; trm eval measures that."},
    [TRM_PANEL_TRAIN_ACCURACY] =
        {"accuracy", TRM_PART_LOSS,
         "Held-out samples after every epoch: c is the share of cells that are right, e the share "
         "of whole answers without a mistake. A dashed line with K = 1 is what the same model "
         "reaches when it may think only once."},
    [TRM_PANEL_TRAIN_LOSS] =
        {"loss", TRM_PART_LOSS,
         "What training makes smaller: how little probability the right answers had. The line is "
         "of the batches trained on, h of held-out samples. If h rises while the line falls, the "
         "model is learning its training samples by heart."},
    [TRM_PANEL_TRAIN_NUMBERS] =
        {"numbers", TRM_PART_LOSS,
         "How training goes. lr is the learning rate, grad norm the length of the gradient before "
         "clipping, entropy how undecided the policy is (0 to 1). \"computing\" is time spent "
         "training, without pauses and waiting for the view; with several ranks, their number and "
         "the share of its time that rank 0 computes. \"left\" is what remains at this pace."},
    [TRM_PANEL_MICROSCOPE_BOARD] =
        {"the policy, or the answer", TRM_PART_HEAD,
         "What the selected cycle would do in every cell: a move for each place of the agent, or a "
         "digit for each cell, with its probability, or Q value, where there is room. ' turned at "
         "this cycle, * is what the model would do first, × is wrong or not allowed. The lower "
         "board has one value for every cell (b: change, norm, a unit, sureness)."},
    [TRM_PANEL_MICROSCOPE_CYCLES] =
        {"the cycles", TRM_PART_ALL,
         "Each cycle's state, unit by unit: L (z_L, the working out), H (z_H, after L's feedback; "
         "h is H before it), Δ what changed since the cycle before; z and y in models with steps. "
         "norm is H's length, cos how alike two cycles point, stop what the halting head says. "
         "Bars: ▸ best, * done or right, × not allowed. At a restart thinking begins again."},
    [TRM_PANEL_MICROSCOPE_UNIT] =
        {"one unit", TRM_PART_H,
         "The unit under the cursor: its value at every cycle, its value over the steps of the "
         "episode, and how much each action's logit would rise if the unit rose by one (the "
         "gradient through the head). Arrows choose unit and action; / finds a unit by its "
         "number."},
    [TRM_PANEL_MICROSCOPE_PATH] =
        {"the path of H", TRM_PART_CARRY,
         "H has many units; this is its way through the two directions in which it moves most "
         "(principal components), cycle 1, 2, 3 … of this step, with other steps as faint lines. A "
         "path that stops moving has settled; one that jumps has changed its mind."},
    [TRM_PANEL_PASSES] = {"passes", TRM_PART_L,
                          "Every pass of one supervision step: L cycles write z_L, then one pass "
                          "writes z_H, H cycles times. Each cell shows one channel, or the mean. "
                          "\"change\" is how far a pass moved its state, q the halting logit as a "
                          "probability. The strip beside the board are the prefix tokens."},
    [TRM_PANEL_WHAT_IF_BOARD] =
        {"what if: the board", TRM_PART_BOARD,
         "Change the board here (> marks what you changed) or the model: K, feedback from L to H "
         "(F), the carry from cycle to cycle (C), single units. Left is the model as it is, right "
         "as you changed it, on the same question. u takes a change back, O all of them."},
    [TRM_PANEL_WHAT_IF_H] =
        {"what if: units of H", TRM_PART_H,
         "The last cycle's H (z_H) in the changed run, and Δ, what differs from the original. "
         "Enter holds the unit under the cursor at 0 in every cycle: what changes then depended on "
         "it. A cos near 1 says the change did not matter."},
    [TRM_PANEL_WHAT_IF_L] = {"what if: units of L", TRM_PART_L,
                             "The last cycle's L (z_L), where the working out is kept. Enter holds "
                             "the unit under the cursor at 0 in every cycle; F cuts all of L's "
                             "feedback to H at once, so that H has to decide alone."},
    [TRM_PANEL_REPLAY] =
        {"the time line", TRM_PART_LOSS,
         "A training, moment by moment: each board is played again with the weights of that time. "
         "The curve is the whole run, the cursor where you are; F, B, W and L jump to the first "
         "success, the best, the worst and the longest. c shows what the newest weights do beside "
         "it, d goes to where they differ."},
    [TRM_PANEL_PLAY_MAZE] =
        {"your board", TRM_PART_BOARD,
         "You are ●, the goal is ◆. Every move is a step of the environment, with the reward the "
         "model gets for it. H is a hint from the exact solver, o what the model would do, R a "
         "race against it. m looks inside the model at this position."},
    [TRM_PANEL_PLAY_SUDOKU] =
        {"your board", TRM_PART_BOARD,
         "Bold digits are given. ! breaks a rule or was refused, ' holds the digit under the "
         "cursor, * is where the model would play, < is a hint. H asks the exact solver, o the "
         "model, R races it. n writes pencil marks, u takes back."},
    [TRM_PANEL_RACE] = {"the race", TRM_PART_HEAD,
                        "The same board twice: you on the left, the model on the right, which "
                        "makes a move at its pace ( + - change it). It knows no more than the "
                        "board, as you do. The first to get there is named below."},
    [TRM_PANEL_VERSUS_GAME] =
        {"two models", TRM_PART_HEAD,
         "Two models on one board from the same start, step by step, with what each cycle of each "
         "would do. d goes to the first step at which they choose otherwise, n to the next; t asks "
         "both about the states the left one goes through."},
    [TRM_PANEL_VERSUS_SAMPLE] =
        {"two models", TRM_PART_HEAD,
         "Two models answer one sample, their supervision steps side by side: > marks cells where "
         "the answers differ, × wrong ones. d goes to the first step that differs. m and w look "
         "inside the left one, M and W the right one."},
    [TRM_PANEL_COMPARE_REWARD] =
        {"reward", TRM_PART_LOSS,
         "The mean reward of each configuration, one line each, smoothed over a window ( + - ). "
         "The band is the spread over random seeds: lines whose bands overlap are not told apart "
         "by these runs."},
    [TRM_PANEL_COMPARE_SUCCESS] =
        {"success", TRM_PART_LOSS,
         "The share of the last 50 episodes that succeeded, one line for each configuration, the "
         "mean over its seeds. x changes the axis: episodes, steps or seconds. The last is what "
         "you wait for; the first two are what was learned from."},
    [TRM_PANEL_COMPARE_TABLE] =
        {"the table", TRM_PART_ALL,
         "A row for each configuration: parameters, success and reward of the last 50 episodes as "
         "mean ± deviation over seeds (of supervised runs whole answers and cells right on "
         "validation samples, and on test samples at the end), how many seeds came to 98 % and "
         "when. Enter or the number hides a row's lines."},
    [TRM_PANEL_COMPARE_CELLS] =
        {"cells", TRM_PART_LOSS,
         "The share of cells that are right on the validation samples after each epoch, one line "
         "for each configuration, the mean over its seeds. + - smooth it. The band is the spread "
         "over random seeds: lines whose bands overlap are not told apart by these runs."},
    [TRM_PANEL_COMPARE_EXACT] =
        {"whole answers", TRM_PART_LOSS,
         "The share of validation samples of which every cell is right, after each epoch, one line "
         "for each configuration. x changes the axis: epochs, or seconds of training. It stays low "
         "long after most cells are right: one wrong cell spoils an answer."},
    [TRM_PANEL_RUNS] =
        {"the runs", TRM_PART_LOSS,
         "A row for each recorded training. Running: a process trains it now. Stopped: it can be "
         "resumed. Progress counts episodes, or epochs of supervised runs. Best is the highest "
         "reward, last the success of the last 50 episodes; of supervised runs both are whole "
         "validation answers."},
};

const trm_explanation *trm_explain_panel(trm_panel_id panel) {
    return &panels[panel];
}

static const trm_tour_stop tour[TRM_TOUR_STOPS] = {
    {{"the question", TRM_PART_BOARD,
      "This puzzle is all that the model gets: 27 digits and 54 blank cells. It was trained on "
      "other sudokus, hard ones among them. It knows no rules and searches nothing: it is one "
      "small network."},
     0,
     0},
    {{"a first answer", TRM_PART_HEAD,
      "One supervision step later every blank has a digit. The head reads it off the state H "
      "(z_H), with a probability for each: the brighter or fuller, the surer. × marks what is "
      "wrong; the model is not told."},
     0,
     1},
    {{"it reads its own answer", TRM_PART_CARRY,
      "The state is carried into the next step: the same weights see the board and the answer so "
      "far. Cells marked ' have changed their mind. This is recursion: thinking longer without a "
      "larger network."},
     0,
     2},
    {{"until it is right", TRM_PART_CARRY,
      "A few steps on, the clashes are gone. Below the board you see how many cells were wrong "
      "after each step. Every number on these screens is counted from what the model computed."},
     0,
     -1},
    {{"when to stop", TRM_PART_HALT,
      "A second head says how likely the answer is already right: the halt probability, p(halt). "
      "Easy boards stop after one step, hard ones go on. The microscope (m) shows it for every "
      "step."},
     0,
     -1},
    {{"a maze is the same", TRM_PART_L,
      "Here the answer is a move for every cell. Inside a step, L (z_L) works several times on "
      "board, answer and itself; then H (z_H), the answer, is written once from it. At first only "
      "cells near the goal point the right way."},
     1,
     1},
    {{"the plan grows", TRM_PART_FEEDBACK,
      "Each pass lets a cell hear its neighbours, so what is known spreads from the goal. In the "
      "end the arrows lead all the way, and the agent only has to follow them."},
     1,
     -1},
    {{"look inside", TRM_PART_H,
      "Press m: the microscope shows the units of H and L at every cycle, what changed (Δ), and "
      "what the head makes of it. q comes back here; the tour waits."},
     0,
     2},
    {{"what if", TRM_PART_FEEDBACK,
      "Press w and change something: C cuts the carry between steps, F the feedback from L to H, "
      "- takes a step away; or edit the board. Both answers stand side by side. q comes back."},
     0,
     2},
    {{"now you", TRM_PART_LOSS,
      "End the tour with Enter. Then Enter trains a model of 685 parameters from nothing; it needs "
      "to think more than once to get there. p plays the board, o takes your own, i explains the "
      "panel in focus on every screen."},
     0,
     -1},
};

const trm_tour_stop *trm_tour_at(int32_t i) {
    return i >= 0 && i < TRM_TOUR_STOPS ? &tour[i] : NULL;
}
