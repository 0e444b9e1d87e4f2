// SPDX-License-Identifier: Apache-2.0
// The words for a step's reason: screens draw them and recorded episodes hold them.
#ifndef TRM_RUN_REASON_H
#define TRM_RUN_REASON_H

#include "trm/base/api.h"
#include "trm/env/env.h"

TRM_BEGIN_DECLS

// "towards the goal", "breaks a rule"; "" for TRM_REASON_NONE. No two are alike. Static.
const char *trm_reason_text(trm_reason reason);

// The reason with that text; TRM_REASON_NONE for words that no environment here gives.
trm_reason trm_reason_of_text(const char *text);

TRM_END_DECLS

#endif
