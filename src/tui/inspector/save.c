// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/save.h"

#include <stdlib.h>
#include <string.h>

#include "trm/agent/agent.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"

bool trm_inspector_saves(const trm_inspection *s) {
    return !trm_inspection_samples(s) || s->config != NULL;
}

// state: a state block, or an input.
static bool write_state(const trm_inspection *s, const void *state, const char *path,
                        trm_error *e) {
    const int32_t n = trm_model_get_config(s->agent.model)->state_dim;
    float *obs = trm_alloc((size_t)n, sizeof *obs);
    char *text = trm_alloc((size_t)n + 2, 34); // a number, a comma, brackets
    size_t used = 0;
    if (trm_inspection_samples(s))
        memcpy(obs, state, (size_t)n * sizeof *obs);
    else
        trm_env_observe(s->env, state, obs);
    for (int32_t i = 0; i < n; i++) {
        text[used++] = i == 0 ? '[' : ',';
        used += trm_text_from_f32(text + used, obs[i]);
    }
    text[used++] = ']';
    text[used++] = '\n';
    const bool ok = trm_file_write(path, text, used, e);
    free(text);
    free(obs);
    return ok;
}

static bool write_model(const trm_inspection *s, const char *path, trm_error *e) {
    const trm_model *m = s->agent.model;
    const trm_config c = trm_inspection_samples(s) ? *s->config : trm_config_of_player(s->env, m);
    return trm_checkpoint_export(path, m, &c, e);
}

bool trm_inspector_save(const trm_inspection *s, const void *state, int32_t prev_action,
                        const char *directory, char *line, size_t size, trm_error *e) {
    char model[600], file[600], prev[32] = "";
    if (trm_file_exists(directory))
        return trm_error_set(e, TRM_E_INPUT, "%s exists: move it away first", directory);
    trm_text_format(model, sizeof model, "%s/model.safetensors", directory);
    trm_text_format(file, sizeof file, "%s/state.json", directory);
    if (!trm_file_mkdirs(directory, e) || !write_model(s, model, e) ||
        !write_state(s, state, file, e))
        return false;
    const int32_t before = trm_agent_before(s->agent.model, prev_action);
    if (before >= 0)
        trm_text_format(prev, sizeof prev, " --prev-action %d", before);
    trm_text_format(line, size, "trm probe %s --state %s%s", model, file, prev);
    return true;
}
