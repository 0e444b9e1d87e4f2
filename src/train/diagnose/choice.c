// SPDX-License-Identifier: Apache-2.0
// Does a policy read the board, or only what it did last? A model that is told of its previous
// action may learn a sequence that is right on one board: every episode succeeds, and the board is
// not looked at. Asked about other boards with the same previous action it then chooses alike.
#include <stdlib.h>
#include <string.h>

#include "train/diagnose/impl.h"
#include "trm/base/arena.h"
#include "trm/nn/categorical.h"

enum { BOARDS = 256, PREVIOUS = 8 };

static const float *board_of(const trm_diagnose_visits *v, int32_t row) {
    return v->obs + (int64_t)row * v->states;
}

// The first rows with boards that differ.
static int32_t different_boards(const trm_diagnose_visits *v, int32_t rows[BOARDS]) {
    int32_t n = 0;
    for (int32_t r = 0; r < v->rows && n < BOARDS; r++) {
        int32_t i = 0;
        while (i < n && memcmp(board_of(v, rows[i]), board_of(v, r),
                               (size_t)v->states * sizeof *v->obs) != 0)
            i++;
        if (i == n)
            rows[n++] = r;
    }
    return n;
}

// Without "none": a first step is asked about in another way.
static int32_t different_previous(const trm_diagnose_visits *v, int32_t previous[PREVIOUS]) {
    int32_t n = 0;
    for (int32_t r = 0; r < v->rows && n < PREVIOUS; r++) {
        int32_t i = 0;
        while (i < n && previous[i] != v->prev[r])
            i++;
        if (i == n && v->prev[r] >= 0)
            previous[n++] = v->prev[r];
    }
    return n;
}

// The likeliest action at each board after one and the same previous action. Nothing is masked:
// a mask tells of the board by itself.
static void choose(const trm_model *m, trm_workspace *w, const trm_diagnose_visits *v,
                   const int32_t *rows, int32_t n, int32_t previous, int32_t *choice) {
    trm_mat logits = trm_workspace_logits(w, trm_model_outputs(m) - 1);
    int32_t told[DIAGNOSE_CHUNK];
    float *obs = trm_alloc((size_t)DIAGNOSE_CHUNK * (size_t)v->states, sizeof *obs);
    for (int32_t i = 0; i < n && trm_diagnose_goes_on(v->watch); i += DIAGNOSE_CHUNK) {
        const int32_t count = n - i < DIAGNOSE_CHUNK ? n - i : DIAGNOSE_CHUNK;
        for (int32_t k = 0; k < count; k++) {
            told[k] = previous;
            memcpy(obs + (int64_t)k * v->states, board_of(v, rows[i + k]),
                   (size_t)v->states * sizeof *obs);
        }
        trm_model_forward(m, w, 0, trm_mat_of(obs, count, v->states), told);
        for (int32_t k = 0; k < count; k++)
            choice[i + k] = trm_categorical_argmax(trm_mat_row(logits, k), logits.cols);
    }
    free(obs);
}

// Share that is not the commonest.
static double others(const int32_t *choice, int32_t n) {
    int32_t most = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t same = 0;
        for (int32_t k = 0; k < n; k++)
            same += choice[k] == choice[i];
        most = same > most ? same : most;
    }
    return 1.0 - (double)most / n;
}

void trm_diagnose_ask_choices(const trm_model *m, const trm_diagnose_visits *v,
                              trm_choice_diagnosis *out) {
    int32_t rows[BOARDS], previous[PREVIOUS], choices[PREVIOUS][BOARDS] = {0};
    trm_workspace *w = trm_workspace_new(m, DIAGNOSE_CHUNK, false);
    const int32_t n = different_boards(v, rows), k = different_previous(v, previous);
    int32_t turned = 0;
    *out = (trm_choice_diagnosis){.boards = n, .previous = k};
    for (int32_t p = 0; p < k; p++) {
        choose(m, w, v, rows, n, previous[p], choices[p]);
        out->by_board += others(choices[p], n) / k;
    }
    for (int32_t i = 0; i < n; i++) {
        bool differs = false;
        for (int32_t p = 1; p < k; p++)
            differs |= choices[p][i] != choices[0][i];
        turned += differs;
    }
    out->by_previous = n > 0 ? (double)turned / n : 0;
    trm_workspace_free(w);
}

void trm_diagnose_judge_choice(const trm_choice_diagnosis *d, trm_findings *f) {
    static const char check[] = "reads-board";
    static const char seen[] = "Over %d different boards, with the same previous action it chooses "
                               "otherwise at %.1f %% of them; at %.1f %% the previous action (of "
                               "%d) changes the choice.";
    trm_verdict verdict = fine("the choice depends on the board");
    if (d->boards < 2 || d->previous < 1)
        verdict =
            note("whether it reads the board cannot be told", "Let it play where boards differ.");
    else if (d->by_board < 0.05 && d->by_board <= d->by_previous)
        verdict =
            note("the choice hardly depends on the board",
                 "It may know one sequence of actions and no more: evaluate it on boards that "
                 "differ, and train on such, or with model.action_conditioning=false.");
    trm_diagnose_add(f, check, verdict, seen, d->boards, 100 * d->by_board, 100 * d->by_previous,
                     d->previous);
}
