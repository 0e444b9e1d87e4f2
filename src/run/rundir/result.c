// SPDX-License-Identifier: Apache-2.0
// result.json: what a training came to.
#include <math.h>
#include <stdlib.h>

#include "run/rundir/fields.h"
#include "run/rundir/impl.h"
#include "trm/base/file.h"

static void print_episodes(trm_json_buffer *out, const trm_history *h, const trm_course_counts *n,
                           double seconds, int64_t parameters) {
    const double rate = seconds > 0 ? round((double)n->steps / seconds * 10) / 10 : (double)NAN;
    const trm_run_result result = {.episodes = n->done,
                                   .success50 = trm_history_success50(h),
                                   .mean50 = trm_history_mean50(h),
                                   .window = trm_history_window(h),
                                   .seconds = seconds,
                                   .steps_per_second = rate,
                                   .parameters = parameters};
    trm_fields_print_lines(&trm_fields_of_result, &result, out);
}

static void print_epochs(trm_json_buffer *out, const trm_score *score, const trm_course_counts *n,
                         double seconds, int64_t parameters) {
    const trm_run_answers_result result = {
        .epochs = n->done, .test = *score, .seconds = seconds, .parameters = parameters};
    trm_json_append(out, "{");
    trm_fields_print(&trm_fields_of_answers_result, &result, out);
    trm_json_append(out, "}\n");
}

bool trm_rundir_write_result(const trm_rundir *r, const trm_course *c, const trm_saving *how,
                             trm_error *e) {
    char path[RUN_PATH];
    trm_json_buffer out = {0};
    const trm_course_counts n = trm_course_count(c);
    const int64_t parameters = trm_model_params_const(trm_course_model_const(c))->total;
    if (trm_course_unit(c) == TRM_UNIT_EPISODE)
        print_episodes(&out, &r->history, &n, how->seconds, parameters);
    else if (how->score)
        print_epochs(&out, how->score, &n, how->seconds, parameters);
    else
        return true; // there is nothing to tell before the end
    bool ok =
        trm_files_join(path, r->path, RUN_RESULT, e) && trm_file_write(path, out.data, out.size, e);
    free(out.data);
    return ok;
}
