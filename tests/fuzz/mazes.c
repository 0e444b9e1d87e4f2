// SPDX-License-Identifier: Apache-2.0
// Mazes: what is read has a start, a goal and cells enough, and fits on the board that it asks for.
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "trm/env/maze.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static trm_maze m, fitted;
    trm_error e = {0};
    if (!trm_maze_first("text", (const char *)data, size, &m, &e)) {
        must_tell(&e);
        return 0;
    }
    const trm_geometry room = trm_maze_room_for(&m);
    must(m.geometry.rows <= TRM_BOARD_MAX && m.geometry.cols <= TRM_BOARD_MAX);
    must(!m.wall[m.start] && !m.wall[m.goal] && m.start != m.goal);
    if (room.rows <= TRM_BOARD_MAX && room.cols <= TRM_BOARD_MAX) {
        must(trm_maze_fit(&m, &room, true, &fitted));
        must(!fitted.wall[fitted.start] && !fitted.wall[fitted.goal] && fitted.wall[0]);
    }
    return 0;
}
