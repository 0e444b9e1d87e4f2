// SPDX-License-Identifier: Apache-2.0
#include "cli/common/environment.h"

trm_env *trm_environment_for(const char *path, const trm_model *model, const trm_config *c,
                             trm_error *e) {
    trm_env *env = trm_env_new(&c->env, e);
    if (env == NULL) {
        return NULL;
    }
    const trm_model_config *m = trm_model_get_config(model);
    int32_t states = trm_env_state_dim(env);
    int32_t actions = trm_env_action_dim(env);
    if (states == m->state_dim && actions == m->action_dim) {
        return env;
    }
    trm_env_free(env);
    trm_error_set(e, TRM_E_INPUT,
                  "%s takes %d numbers and has %d actions, but %s of size %d gives %d and has %d: "
                  "set env.type and env.size",
                  path, m->state_dim, m->action_dim, c->env.type, c->env.size, states, actions);
    return NULL;
}
