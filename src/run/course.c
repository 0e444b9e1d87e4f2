// SPDX-License-Identifier: Apache-2.0
#include "trm/run/course.h"

#include "run/rundir/files.h"
#include "trm/agent/evaluate.h"
#include "trm/base/file.h"
#include "trm/run/checkpoint.h"

trm_course *trm_run_course(const trm_config *c, trm_error *e) {
    trm_model_config model = c->model;
    if (!trm_config_check(c, e) || (trm_config_supervised(c) && !trm_config_model(c, &model, e)))
        return NULL;
    const trm_dataset_config data = trm_config_data(c);
    const trm_course_plan plan = {.env = &c->env,
                                  .data = &data,
                                  .model = &model,
                                  .train = &c->train,
                                  .seed = (uint64_t)c->seed};
    return trm_course_new(&plan, e);
}

trm_dataset *trm_run_test_samples(const trm_config *c, int32_t count, trm_error *e) {
    const trm_dataset_config data = trm_config_data(c);
    return trm_course_draw_test(&data, count, (uint64_t)c->seed, e);
}

trm_dataset *trm_run_evaluation_samples(const trm_config *c, int32_t count, trm_error *e) {
    const int32_t all = trm_config_data(c).asked ? INT32_MAX : TRM_EVALUATION_EPISODES;
    return trm_run_test_samples(c, count > 0 ? count : all, e);
}

bool trm_run_begin(trm_course *course, const trm_config *c, trm_error *e) {
    if (!trm_checkpoint_begin(c, trm_course_model(course), e))
        return false;
    trm_course_begin(course);
    return true;
}

trm_course *trm_run_read(const char *run, trm_config *c, trm_error *e) {
    char path[RUN_PATH];
    trm_config config;
    trm_course *course = NULL;
    if (!trm_file_is_folder(run)) {
        trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)", run);
    } else if (!trm_config_load(&config, run, e) || !trm_files_join(path, run, RUN_CHECKPOINT, e)) {
        return NULL;
    } else if (!trm_config_supervised(&config)) {
        trm_error_set(e, TRM_E_INPUT, "%s learned by reinforcement: it has no answers", run);
    } else if (!trm_file_exists(path)) {
        trm_error_set(e, TRM_E_INPUT, "%s: there is no checkpoint yet: try again later", run);
    } else if (!(course = trm_run_course(&config, e))) {
        trm_error_prefix(e, "%s", run);
    } else if (!trm_checkpoint_restore(path, course, &config, e)) {
        trm_course_free(course);
        course = NULL;
    }
    if (course)
        *c = config;
    return course;
}
