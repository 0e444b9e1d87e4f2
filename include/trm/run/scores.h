// SPDX-License-Identifier: Apache-2.0
// What was played by hand, kept between games: a record for each kind of board, in one small JSON
// file that is written whole. Reading treats the file as hostile; one that is damaged is named and
// left as it is.
#ifndef TRM_RUN_SCORES_H
#define TRM_RUN_SCORES_H

#include <stdbool.h>
#include <stdint.h>

#include "trm/base/api.h"
#include "trm/base/error.h"
#include "trm/env/env.h"

TRM_BEGIN_DECLS

enum { TRM_SCORE_KIND = 64, TRM_SCORE_KINDS = 256 };

// One game that has ended.
typedef struct trm_game_result {
    char kind[TRM_SCORE_KIND]; // games of one kind are compared
    bool solved;
    bool aided; // by hints or by the model: it counts, but makes no record
    double seconds, reward;
    int32_t steps, mistakes;
} trm_game_result;

// All games of a kind. The bests are of those solved without aid, each by itself.
typedef struct trm_personal_best {
    char kind[TRM_SCORE_KIND];
    int64_t games, solved;
    int64_t unaided; // solved without aid; 0: the four below are 0
    double seconds, reward;
    int32_t steps, mistakes;
} trm_personal_best;

// "sudoku-easy 4 0.25", "sudoku 9 30 givens": the environment's type, size, and what makes it hard
// where that was set. own: a puzzle of one's own.
void trm_score_kind(const trm_env_config *c, bool own, char out[TRM_SCORE_KIND]);

// $XDG_STATE_HOME/trm/scores.json or ~/.local/state/trm/scores.json.
bool trm_scores_path(char *out, int size, trm_error *e);

// The record of a kind; all 0 where there is none yet, in a missing file too.
bool trm_scores_read(const char *path, const char *kind, trm_personal_best *out, trm_error *e);

// Adds a game; *out is the record with it. The file (made with its folder if need be) is either as
// before or whole with the game in it, whatever happens; programs that add at once take turns. The
// TRM_SCORE_KINDS kinds that were played last are kept.
bool trm_scores_add(const char *path, const trm_game_result *s, trm_personal_best *out,
                    trm_error *e);

TRM_END_DECLS

#endif
