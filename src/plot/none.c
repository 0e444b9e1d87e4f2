// SPDX-License-Identifier: Apache-2.0
// Without cairo: what stands here in place of the pictures.
#include "trm/plot/plot.h"

bool trm_plot_possible(trm_error *e) {
    return trm_error_set(
        e, TRM_E_IO,
        "this trm was built without cairo, which draws its pictures: install "
        "cairo's development package (libcairo2-dev, cairo-devel) and build again");
}

bool trm_plot_curves(const trm_curves_request *request, trm_error *e) {
    (void)request;
    return trm_plot_possible(e);
}

bool trm_plot_mazes(const trm_mazes_request *request, trm_error *e) {
    (void)request;
    return trm_plot_possible(e);
}

bool trm_plot_board(const trm_board *board, const uint8_t *signs, trm_plot_png *out, trm_error *e) {
    (void)board;
    (void)signs;
    *out = (trm_plot_png){.bytes = NULL};
    return trm_plot_possible(e);
}
