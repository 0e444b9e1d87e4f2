// SPDX-License-Identifier: Apache-2.0
// result.json: what a training came to.
#include <math.h>
#include <stdlib.h>

#include "run/json.h"
#include "run/rundir/impl.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

static double rounded(double seconds) {
    return round(seconds * 1e6) / 1e6;
}

static void of_episodes(json_text *out, const trm_history *h, const trm_course_counts *n,
                        double seconds) {
    char success[32], reward[32], spent[32], rate[32];
    trm_text_from_f32(success, trm_history_success50(h));
    trm_text_from_f32(reward, trm_history_mean50(h));
    trm_text_from_f64(spent, rounded(seconds));
    trm_text_from_f64(rate,
                      seconds > 0 ? round((double)n->steps / seconds * 10) / 10 : (double)NAN);
    json_append(out,
                "{\n  \"episodes\": %lld,\n  \"success_last_50\": %s,\n  \"reward_last_50\": %s,\n"
                "  \"window\": %d,\n  \"seconds\": %s,\n  \"steps_per_second\": %s,\n"
                "  \"parameters\": ",
                (long long)n->done, success, reward, trm_history_window(h), spent, rate);
}

static void of_epochs(json_text *out, const trm_score *score, const trm_course_counts *n,
                      double seconds) {
    json_append(out, "{\"epochs\":%lld", (long long)n->done);
    json_append_member(out, "cell_accuracy", score->cell_accuracy);
    json_append_member(out, "exact_accuracy", score->exact_accuracy);
    json_append_member(out, "path_recall", score->path_recall);
    json_append_member(out, "loss", score->loss);
    json_append_member(out, "seconds", rounded(seconds));
    json_append(out, ",\"parameters\":");
}

bool rundir_write_result(const trm_rundir *r, const trm_course *c, const trm_saving *how,
                         trm_error *e) {
    char path[RUN_PATH];
    json_text out = {0};
    const trm_course_counts n = trm_course_count(c);
    const bool epochs = trm_course_unit(c) == TRM_UNIT_EPOCH;
    if (epochs && !how->score)
        return true; // there is nothing to tell before the end
    if (epochs)
        of_epochs(&out, how->score, &n, how->seconds);
    else
        of_episodes(&out, &r->history, &n, how->seconds);
    json_append(&out, epochs ? "%lld}\n" : "%lld\n}\n",
                (long long)trm_model_params_const(trm_course_model_const(c))->total);
    bool ok =
        files_join(path, r->path, RUN_RESULT, e) && trm_file_write(path, out.data, out.size, e);
    free(out.data);
    return ok;
}
