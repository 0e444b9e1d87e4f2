// SPDX-License-Identifier: Apache-2.0
// What an environment must provide. Each is one constant trm_env_spec, listed in TRM_ENVS, which
// does all argument checking and calls these; nothing else in the program knows how many there are.
#ifndef TRM_ENV_SPEC_H
#define TRM_ENV_SPEC_H

#include "trm/env/env.h"

enum {
    TRM_ENV_STATE_MAX = 8192,                            // bytes of a state block, at most
    TRM_ENV_ACTIONS_MAX = 1024,                          // actions, at most
    TRM_ENV_SOLUTION_MAX = TRM_BOARD_MAX * TRM_BOARD_MAX // actions of a solution, at most
};

#define TRM_ENV_READS(...)                                                                         \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

typedef struct trm_env_spec {
    const char *name;    // config's type
    const char *summary; // one line, for listings
    const char *task;    // "maze", "sudoku"
    // The fields of trm_env_config that it reads beside type, size and mask_actions, which all do;
    // ends with NULL. NULL: no other. The settings env.* apply where their field stands here.
    const char *const *reads;
    int32_t size_min, size_max;
    int32_t size_usual; // trm_env_usual_size
    size_t state_size;  // bytes
    bool moves;         // actions are the directions

    // Optional: what the range of sizes does not tell, and what else of the configuration is read.
    bool (*check)(const trm_env_config *config, trm_error *e);

    // Fills the fields of env below `config`, which is in range by now.
    void (*configure)(struct trm_env *env);

    // Optional: what the environment has beside its description, and gives back.
    bool (*open)(struct trm_env *env, trm_error *e);
    void (*close)(struct trm_env *env);

    // As the functions of the same names in env.h. `state` has any alignment. reset sets every byte
    // of it, so that equal states are equal blocks. describe finds the geometry written already.
    void (*reset)(const trm_env *env, void *state, trm_rng *rng, trm_split split);
    trm_step (*step)(const trm_env *env, void *state, int32_t action);
    bool (*finished)(const trm_env *env, const void *state);
    void (*observe)(const trm_env *env, const void *state, float *obs);
    bool (*restore)(const trm_env *env, const float *obs, void *state); // env.c checks the result
    int32_t (*legal)(const trm_env *env, const void *state, bool *mask);
    int32_t (*solve)(const trm_env *env, const void *state, int32_t *actions, int32_t capacity);
    void (*describe)(const trm_env *env, const void *state, trm_board *board);
    int32_t (*start_cell)(const void *state); // of the agent; optional
    void (*action_name)(const trm_env *env, int32_t action, char out[16]);
    const char *(*action_glyph)(const trm_env *env, int32_t action, bool ascii);

    // Optional: where it is NULL, only the solver's first action is best.
    int32_t (*best)(const trm_env *env, const void *state, bool *mask);

    // Optional: starts an episode from digits; NULL where there are none.
    bool (*set_grid)(const trm_env *env, void *state, const int32_t *cells, trm_error *e);

    // Optional: starts an episode from a board of its size; NULL where there are no walls to set.
    bool (*set_board)(const trm_env *env, void *state, const trm_board *board, trm_error *e);

    // Optional, with the kinds that it knows (bits 1 << trm_edit_kind). The cell is on the board
    // and the episode goes on.
    uint32_t edits;
    bool (*edit)(const trm_env *env, void *state, const trm_edit *edit, trm_error *e);

    // Optional: where it is NULL, no action places anything.
    trm_placement (*placement)(const trm_env *env, const void *state, int32_t action);

    // Optional: where it is NULL, every state is stepped and its whole observation written.
    void (*step_batch)(const trm_env *env, void *states, int32_t n, const int32_t *actions,
                       float *obs, trm_step *out);

    const void *rules; // what differs between entries that share these functions
} trm_env_spec;

struct trm_env {
    const trm_env_spec *spec;
    trm_env_config given;  // as it was asked for
    trm_env_config config; // with the type's own values where none was asked for
    trm_geometry geometry;
    int32_t channels;  // of an observation
    int32_t state_dim; // channels * cells; set by env.c
    int32_t action_dim;
    int32_t action_cells; // 0 is 1
    int32_t step_limit;   // an episode ends on the step that makes the count exceed it
    float success_above;  // total rewards above it are successes
    void *data;           // what open made
};

// One row an environment, in order of listing: ROW(id) is trm_env_ID, defined in its own file.
#define TRM_ENVS(ROW)                                                                              \
    ROW(maze_open)                                                                                 \
    ROW(maze_plain)                                                                                \
    ROW(sudoku_empty)                                                                              \
    ROW(sudoku_one)                                                                                \
    ROW(sudoku_easy)                                                                               \
    ROW(sudoku_medium)                                                                             \
    ROW(sudoku)                                                                                    \
    ROW(maze)

#define TRM_ENV_DECLARE(id) extern const trm_env_spec trm_env_##id;
TRM_ENVS(TRM_ENV_DECLARE)
#undef TRM_ENV_DECLARE

#endif
