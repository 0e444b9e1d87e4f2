// SPDX-License-Identifier: Apache-2.0
// metrics.jsonl of a run that goes on: what is kept is kept for good.
#include <stdlib.h>

#include "run/rundir/metrics.h"
#include "target.h"

enum { EPISODES = 50 };

static void sift(const void *bytes, size_t size, FILE *out, trm_metrics_report *report) {
    static trm_history history;
    static char nothing[1];
    // Opened to be read only: the bytes are not written.
    FILE *in = fmemopen(size > 0 ? (void *)(uintptr_t)bytes : nothing, size > 0 ? size : 1, "r");
    must(in != NULL);
    if (size == 0)
        (void)getc(in);
    trm_history_init(&history);
    trm_metrics_sift(in, out, EPISODES, &history, report);
    must(report->kept <= EPISODES && history.count <= EPISODES);
    fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_metrics_report first, second;
    if (!now_and_then(data, size)) {
        sift(data, size, NULL, &first);
        return 0;
    }
    char *kept;
    size_t kept_size;
    FILE *out = open_memstream(&kept, &kept_size);
    must(out != NULL);
    sift(data, size, out, &first);
    fclose(out);
    sift(kept, kept_size, NULL, &second);
    must(second.kept == first.kept && second.nonsense == 0 && second.beyond == 0);
    free(kept);
    return 0;
}
