// SPDX-License-Identifier: Apache-2.0
// Mazes of files, for the environment and the data sets.
#ifndef TRM_ENV_MAZE_COLLECTION_H
#define TRM_ENV_MAZE_COLLECTION_H

#include "env/files/collection.h"
#include "trm/env/maze.h"

typedef struct trm_maze_form {
    trm_geometry size;
    bool border;
} trm_maze_form;

// Items are trm_maze, the form trm_maze_form.
extern const trm_collection_kind trm_maze_collection;

// Takes every maze of a text, as it stands there. False stops the scan.
typedef bool (*trm_maze_take)(void *ctx, const trm_maze *m, trm_error *e);
bool trm_maze_scan(const char *name, const char *text, size_t size, trm_maze_take take, void *ctx,
                   trm_error *e);

// Is there wall all around?
bool trm_maze_is_bordered(const trm_maze *m);

// Is the path one of the shortest, from start to goal, without a cell to spare?
bool trm_maze_is_shortest(const trm_maze *m);

#endif
