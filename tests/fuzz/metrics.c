// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl of a run that goes on: what is kept is kept for good, and can be added to.
#include <stdlib.h>
#include <string.h>

#include "run/rundir/metrics.h"
#include "target.h"

enum { EPISODES = 50 };

static void rewind_once(const char *path, metrics_report *report) {
    static trm_history history;
    metrics m;
    trm_error e = {0};
    trm_history_init(&history);
    must(metrics_open(&m, path, &e));
    must(metrics_rewind(&m, EPISODES, &history, NULL, report, &e));
    must(report->kept <= EPISODES && history.count <= EPISODES);
    metrics_close(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = file_of(data, size);
    metrics_report first, second;
    rewind_once(path, &first);
    rewind_once(path, &second);
    must(second.kept == first.kept && second.nonsense == 0 && second.beyond == 0);
    return 0;
}
