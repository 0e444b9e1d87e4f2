// SPDX-License-Identifier: Apache-2.0
// A game from the inside. What was stepped is a tree of nodes, each with its state; what was done
// is a list of entries, each naming the node it led to. Undo goes back in the list.
#ifndef TRM_AGENT_GAME_IMPL_H
#define TRM_AGENT_GAME_IMPL_H

#include <stddef.h>

#include "trm/agent/game.h"

typedef struct trm_game_node {
    int32_t parent; // -1: the start
    int32_t action; // that led here; -1: the start
    trm_step result;
    float total; // reward since the start
    int32_t steps;
    int32_t left; // steps of the best solution from here; -1: there is none
} trm_game_node;

typedef struct trm_game_entry {
    int32_t node;
    int32_t nodes; // how many there were with it: what came later goes when others follow
} trm_game_entry;

struct trm_game {
    const trm_env *env;
    size_t state_size;
    int32_t cells;      // of the board
    int32_t marked;     // cells that can be marked: all, or 0 where there are no digits
    int32_t digits;     // along a side; 0 where there are none
    int32_t *placement; // [marked, digits] action or -1
    int32_t *cell_of;   // [A] cell or -1
    int32_t moves[TRM_DIRECTIONS];

    trm_game_node *nodes;
    char *states; // [node_capacity] state blocks
    int32_t node_count, node_capacity;

    trm_game_entry *entries;
    uint16_t *marks; // [entry_capacity, marked]
    int32_t entry_count, entry_capacity;
    int32_t now; // entry in sight; those behind it can be redone

    trm_board board; // of the state in sight
    trm_board scratch;
    int32_t *actions; // [action_capacity] scratch for solutions and paths
    int32_t action_capacity;

    trm_game_counts counts;
    double seconds;
    bool paused;
};

static inline const trm_game_node *game_here(const trm_game *g) {
    return &g->nodes[g->entries[g->now].node];
}

static inline char *game_state(const trm_game *g, int32_t node) {
    return g->states + (size_t)node * g->state_size;
}

// Steps of the best solution from a state; -1: there is none.
int32_t trm_game_steps_left(const trm_env *env, const void *state);

#endif
