// SPDX-License-Identifier: Apache-2.0
// What commands that take a MODEL share.
#ifndef TRM_CLI_ENVIRONMENT_H
#define TRM_CLI_ENVIRONMENT_H

#include "trm/base/error.h"
#include "trm/env/env.h"
#include "trm/model/model.h"
#include "trm/run/config.h"

// The environment of the configuration that trm_checkpoint_model filled; fails if the model's
// state and actions are not those of the environment. `path` is what errors call the model. Free
// with trm_env_free.
trm_env *trm_environment_for(const char *path, const trm_model *model, const trm_config *c,
                             trm_error *e);

// The same for a model that only plays: its answers will do, too (trm_agent_plays).
trm_env *trm_environment_played(const char *path, const trm_model *model, const trm_config *c,
                                trm_error *e);

// The same for a board that was chosen apart from the model: how the model is shown it, and whether
// it chooses among legal actions only, is taken over from its own configuration.
trm_env *trm_environment_shared(const char *path, const trm_model *model, const trm_config *trained,
                                const trm_env_config *board, trm_error *e);

#endif
