// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/episode.h"
